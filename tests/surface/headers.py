"""Every public header compiles alone, twice in a row, without exceptions or RTTI. Arguments: include folder, compiler."""
import sys
from pathlib import Path

from compiling import compiler_is_there, diagnostics


def main(include, compiler):
    if not compiler_is_there(compiler):
        print(f'{compiler} is not installed')
        return 77
    if diagnostics(compiler, include, 'int f() { throw 1; }') is None:
        print('a throw would not be seen')
        return 1
    headers = sorted(Path(include, 'tokenvault').glob('*.hpp'))
    red = 0
    for header in headers:
        said = diagnostics(compiler, include, f'#include <tokenvault/{header.name}>\n' * 2)
        if said is not None:
            red += 1
            print(f'{header.name} does not compile alone:\n{said}')
    print(f'{compiler}: {len(headers)} headers, {red} do not compile')
    return 1 if red or not headers else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
