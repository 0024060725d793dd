"""Installed below a prefix that was moved, we are found by CMake, from C++ and from C; its project file is the one in
docs/embedding.md. Arguments: meson, build folder, kind of library, C compiler, compiler..."""
import shutil
import sys
import tempfile
from pathlib import Path

import sources
from page import block
from steps import Stage, run

CONSUMER = Path(__file__).parent / 'consumer'
# Of each version asked for: whether 0.1.0 fits.
FITS = {'0.1': True, '0.1.0': True, '0.1.1': False, '0.0.9': False, '0.2': False, '1.0': False}
PROBE = '''set(PACKAGE_FIND_VERSION {asked})
include({file})
message("fits: ${{PACKAGE_VERSION_COMPATIBLE}}")
'''


def consumer(stage, c_compiler, language, project):
    folder = stage.folder / language
    folder.mkdir()
    shutil.copy(CONSUMER / f'main.{language}', folder)
    (folder / 'CMakeLists.txt').write_text(project, encoding='utf-8')
    run(['cmake', '-S', folder, '-B', folder / 'build', '-G', 'Ninja', f'-DCMAKE_PREFIX_PATH={stage.root}/usr/local'], folder,
        CXX=stage.compiler[-1], CC=c_compiler)
    run(['cmake', '--build', folder / 'build'], folder)
    return stage.start(folder / 'build' / 'app', folder)


def faults_of(stage, c_compiler):
    project = block('cmake', 'CMakeLists.txt')
    projects = {'cpp': project, 'c': project.replace('app CXX', 'app C').replace('main.cpp', 'main.c')}
    for language, text in projects.items():
        said = consumer(stage, c_compiler, language, text)
        if said != 'kept and read back\n':
            yield f'{language}: the consumer said {said!r}'
    probe = stage.folder / 'probe.cmake'
    for asked, fits in FITS.items():
        probe.write_text(PROBE.format(asked=asked, file=next(stage.root.rglob('tokenvaultConfigVersion.cmake'))))
        if (run(['cmake', '-P', probe], stage.folder) == 'fits: TRUE\n') != fits:
            yield f'version {asked}: fits is not {fits}'


def main(meson, build, kind, c_compiler, *compiler):
    sources.need('cmake')
    with tempfile.TemporaryDirectory() as folder:
        faults = list(faults_of(Stage(meson, build, kind, compiler, folder), c_compiler))
        print(*faults, f'{kind}: {len(faults)} faults', sep='\n')
        return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
