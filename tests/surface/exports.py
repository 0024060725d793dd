"""The shared library exports what the public headers declare. Arguments: include folder, nm, library."""
import re
import subprocess
import sys
from pathlib import Path

NAME = re.compile(r'^(?:(?:typeinfo|typeinfo name|vtable) for )?tokenvault::(\w+)')


def exported(nm, library):
    """Kind and demangled name of each symbol that others can link to."""
    answer = subprocess.run([nm, '-DC', '--defined-only', library], capture_output=True, text=True, check=True)
    return [line.split(maxsplit=2)[1:] for line in answer.stdout.splitlines()]


def main(include, nm, library):
    if '.so' not in Path(library).name:
        print('a static library exports everything: configure with -Ddefault_library=shared')
        return 77
    public = set(re.findall(r'\w+', ''.join(path.read_text() for path in Path(include, 'tokenvault').glob('*.hpp'))))
    symbols = exported(nm, library)
    faults = []
    for kind, name in symbols:
        match = NAME.match(name)
        if kind != 'A' and (match is None or match[1] not in public or '::Impl::' in name.split('(')[0]):
            faults.append(f'{kind} {name}')
    if not any('tokenvault::Vault::open(' in name for _, name in symbols):
        faults.append('tokenvault::Vault::open is not among them')
    print(*faults, f'{len(symbols)} symbols, {len(faults)} faults', sep='\n')
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
