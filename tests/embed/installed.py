"""Installed, we are found through pkg-config alone. Arguments: meson, build folder, kind of library, compiler..."""
import sys
import tempfile
from pathlib import Path

from steps import Stage, run

CONSUMER = Path(__file__).parent / 'consumer' / 'main.cpp'


def faults_of(stage):
    said = stage.compile_and_run(CONSUMER)
    if said != 'kept and read back\n':
        yield f'the consumer said {said!r}'
    needed = 'libtokenvault' in run(['readelf', '-d', stage.folder / 'program'], stage.folder)
    if needed != (stage.kind == 'shared'):
        yield f'the {stage.kind} library was not the one linked'
    headers = {path.name for path in stage.root.rglob('*.hpp')}
    expected = {path.name for path in Path(__file__).parents[2].glob('include/tokenvault/*.hpp')}
    if headers != expected:
        yield f'headers: {sorted(headers ^ expected)}'


def main(meson, build, kind, *compiler):
    with tempfile.TemporaryDirectory() as folder:
        faults = list(faults_of(Stage(meson, build, kind, compiler, folder)))
        print(*faults, f'{kind}: {len(faults)} faults', sep='\n')
        return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
