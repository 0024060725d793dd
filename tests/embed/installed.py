"""Installed, we are found through pkg-config alone, from C++ and from C, by the lines of docs/embedding.md; and what is
installed is what a packager reads of here. Arguments: meson, build folder, kind of library, the programs and
further libraries that were built in one word, C compiler, compiler..."""
import shutil
import sys
import tempfile
from pathlib import Path

from page import block
from steps import Stage, run

ROOT = Path(__file__).parents[2]
CONSUMER = Path(__file__).parent / 'consumer'
HEADERS = ['tokenvault.h', *(f'tokenvault/{path.name}' for path in ROOT.glob('include/tokenvault/*'))]
LIBRARY = {
    'static': {'devel': ['lib/libtokenvault.a'], 'runtime': []},
    'shared': {'devel': ['lib/libtokenvault.so'], 'runtime': ['lib/libtokenvault.so.0', 'lib/libtokenvault.so.0.1.0']},
}
DEVEL = ['lib/pkgconfig/tokenvault.pc', 'lib/cmake/tokenvault/tokenvaultConfig.cmake',
         'lib/cmake/tokenvault/tokenvaultConfigVersion.cmake', *(f'include/{header}' for header in HEADERS)]
ETCD = {
    'static': {'devel': ['lib/libtokenvault-etcd.a', 'lib/pkgconfig/tokenvault-etcd.pc'], 'runtime': []},
    'shared': {'devel': ['lib/libtokenvault-etcd.so', 'lib/pkgconfig/tokenvault-etcd.pc'],
               'runtime': ['lib/libtokenvault-etcd.so.0', 'lib/libtokenvault-etcd.so.0.1.0']},
}
PROGRAMS = {
    'tokenvault': {'runtime': ['bin/tokenvault', 'bin/docker-credential-tokenvault', 'bin/git-credential-tokenvault',
                               'share/bash-completion/completions/tokenvault',
                               'share/fish/vendor_completions.d/tokenvault.fish',
                               'share/zsh/site-functions/_tokenvault'], 'man': ['share/man/man1/tokenvault.1']},
    'tokenvault-etcd': {'runtime': ['bin/tokenvault-etcd']},
    'tokenvault-recipe': {'runtime': ['bin/tokenvault-recipe', *(
        f'share/tokenvault/recipes/{path.name}' for path in ROOT.glob('src/recipe/recipes/*.json'))]},
}


def expected(kind, programs):
    """Paths below the prefix by install tag."""
    files = {'devel': [*DEVEL, *LIBRARY[kind]['devel']], 'runtime': LIBRARY[kind]['runtime'], 'man': []}
    parts = {**PROGRAMS, 'libtokenvault-etcd': ETCD[kind]}
    for part in programs:
        for tag, paths in parts[part].items():
            files[tag] = files[tag] + paths
    return {tag: sorted(paths) for tag, paths in files.items()}


def present(stage, root):
    """Paths below the prefix, the library folder called lib."""
    prefix, libraries = root / 'usr/local', root / stage.libraries.relative_to(stage.root)
    return sorted(f'lib/{path.relative_to(libraries)}' if path.is_relative_to(libraries) else str(path.relative_to(prefix))
                  for path in root.rglob('*') if not path.is_dir())


def misplaced(stage, programs):
    files = expected(stage.kind, programs)
    for tag, paths in files.items():
        found = present(stage, stage.install(tag, '--tags', tag))
        if found != paths:
            yield f'{tag}: {sorted(set(found) ^ set(paths))}'
    surplus = set(present(stage, stage.root)).symmetric_difference(path for paths in files.values() for path in paths)
    if surplus:
        yield f'whole: {sorted(surplus)}'


def unusable(stage, c_compiler):
    for source in ['main.cpp', 'main.c']:
        shutil.copy(CONSUMER / source, stage.folder)
    lines = block('sh', stage.kind).splitlines()
    for program, line, compiler in zip(['app', 'c-app'], lines, [stage.compiler, [c_compiler]], strict=True):
        stage.shell(line, compiler)
        home = stage.folder / f'{program}-home'
        home.mkdir()
        said = stage.start(stage.folder / program, home)
        if said != 'kept and read back\n':
            yield f'{program} said {said!r}'
        needed = 'libtokenvault' in run(['readelf', '-d', stage.folder / program], stage.folder)
        if needed != (stage.kind == 'shared'):
            yield f'{program}: the {stage.kind} library was not the one linked'


def main(meson, build, kind, programs, c_compiler, *compiler):
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(meson, build, kind, compiler, folder)
        faults = [*misplaced(stage, programs.split()), *unusable(stage, c_compiler)]
        print(*faults, f'{kind}: {len(faults)} faults', sep='\n')
        return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
