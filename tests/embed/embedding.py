"""The programs in docs/embedding.md compile and run as they stand. Arguments: as for installed.py."""
import sys
import tempfile
from pathlib import Path

from page import blocks
from steps import Stage

WARNINGS = ['-Wall', '-Wextra', '-Wpedantic', '-Werror']
SAID = {
    'service': 'version 1: 200\nserved\nversion 2: 200\nserved\nversion 2: 401\nversion 1: 200\nserved\n'
               'version 2: 401\nversion 1: 401\nnot served\nsuspect: yes, versions kept: 2\n',
    'test': '',
    'rotation': '',
    'backend': '200 tokens, 0 faults\n',
}


def build(stage, folder, name, text):
    source = folder / f'{name}.cpp'
    source.write_text(text, encoding='utf-8')
    return stage.compile(source, folder / name, *WARNINGS)


def main(meson, outer, kind, *compiler):
    found = blocks('cpp')
    if set(found) != {'tool', *SAID}:
        print(f'the page has the programs {sorted(found)}')
        return 1
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        stage = Stage(meson, outer, kind, compiler, folder)
        for program, expected in SAID.items():
            home = folder / f'{program}-home'
            home.mkdir()
            said = stage.start(build(stage, folder, program, found[program]), home)
            if said != expected:
                print(f'{program} said {said!r}')
                return 1
        # The tool reads what the service left.
        said = stage.start(build(stage, folder, 'tool', found['tool']), folder / 'service-home', 'vault.db', 'vault.key',
                           'acme/api')
        if said != 'used a token of 3 bytes\n':
            print(f'tool said {said!r}')
            return 1
    print(f'{len(found)} programs compiled and ran')
    return 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
