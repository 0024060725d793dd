"""The program in README.md compiles and runs as it stands. Arguments: as for installed.py."""
import re
import sys
import tempfile
from pathlib import Path

from steps import Stage

README = Path(__file__).parents[2] / 'README.md'
LONGEST = 10
WARNINGS = ['-Wall', '-Wextra', '-Wpedantic', '-Werror']
TOKEN = 'an example, not a token'
HISTORY = 'version 1, previous\nversion 2, current\n'


def main(meson, build, kind, *compiler):
    blocks = re.findall(r'^```cpp\n(.*?)^```$', README.read_text(encoding='utf-8'), re.M | re.S)
    program = blocks[0] if blocks else ''
    body = re.search(r'^int main\(\) \{\n(.*?)^\}$', program, re.M | re.S)
    if not program.startswith('#include <tokenvault/vault.hpp>\n') or not body or body[1].count('\n') > LONGEST:
        print(f'the first C++ block is no program whose main has at most {LONGEST} lines and that begins with the header')
        return 1
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, 'readme.cpp')
        source.write_text(program, encoding='utf-8')
        said = Stage(meson, build, kind, compiler, folder).compile_and_run(source, *WARNINGS, stdin=TOKEN)
    if said != HISTORY + TOKEN:
        print(f'the program said {said!r}')
        return 1
    print(f'{body[1].count(chr(10))} lines stored, fetched and renewed a token')
    return 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
