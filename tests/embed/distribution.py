"""The tarball of `meson dist` builds and passes tests of its own, and gives bit for bit the library that the repository
gives elsewhere. Arguments: meson, the compiler's kind, compiler..."""
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import sources
from steps import run

# Optimising more would tell nothing more of places, and many pieces would take longer.
OPTIONS = ['-Dbuildtype=release', '-Doptimization=1', '-Ddefault_library=both', '-Dunity=on', '-Dunity_size=200',
           '-Dcli=disabled', '-Drecipe=disabled', '-Dexec=disabled']
# Debug information is where paths would be. Of a build in one piece, clang 14 names the whole place of a lambda.
DEBUG = {'gcc': '-Ddebug=true', 'clang': '-Ddebug=false'}
LIBRARIES = ['libtokenvault.a', f'libtokenvault.so.{sources.version()}']
TESTS = {'core': 'tests/unit/unit_core', 'layering': None, 'layout': None}


def unpack(repository):
    """The one folder that the tarball holds, and faults of what is in it."""
    run(['meson', 'dist', '--no-tests', '--formats', 'gztar', '-C', 'build'], repository)
    made = list((repository / 'build' / 'meson-dist').glob('*.tar.gz'))
    with tarfile.open(made[0]) as archive:
        archive.extractall(repository.parents[2])
    return repository.parents[2] / made[0].name.removesuffix('.tar.gz')


def build(folders):
    """Both at the same time: each is one long step."""
    running = [subprocess.Popen(['ninja', '-C', folder / 'build', *targets], stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True) for folder, targets in folders.items()]
    for process in running:
        said, _ = process.communicate()
        if process.returncode != 0:
            sys.exit(said)


def main(meson, kind, *compiler):
    sources.need('git')
    environment, options = {'CXX': ' '.join(compiler)}, [*OPTIONS, DEBUG[kind]]
    with tempfile.TemporaryDirectory() as name:
        repository = sources.repository(Path(name).resolve() / 'a' / 'deeper' / 'repository')
        run([meson, 'setup', '-Dtests=disabled', *options, 'build'], repository, **environment)
        unpacked = unpack(repository)
        run([meson, 'setup', '-Dtests=enabled', *options, 'build'], unpacked, **environment)
        build({repository: LIBRARIES, unpacked: [*LIBRARIES, *filter(None, TESTS.values())]})
        run([meson, 'test', '--no-rebuild', '-C', 'build', *TESTS], unpacked)
        faults = [f'{library} differs' for library in LIBRARIES
                  if (repository / 'build' / library).read_bytes() != (unpacked / 'build' / library).read_bytes()]
        print(*faults, f'{unpacked.name}: {len(TESTS)} tests of its own, {len(faults)} faults', sep='\n')
        return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
