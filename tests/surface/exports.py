"""The shared library exports what the public headers declare, each with the version of its kind, under the name
that programs ask for. Arguments: include folder, nm, readelf, library."""
import re
import subprocess
import sys
from pathlib import Path

SONAME = 'libtokenvault.so.0'
C, CXX = 'TOKENVAULT_0', 'TOKENVAULT_CXX_0'
CXX_NAME = re.compile(r'^(?:(?:typeinfo|typeinfo name|vtable) for )?tokenvault::(\w+)')


def said(*words):
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def exported(nm, library):
    """Demangled name and version of each symbol that others can link to; the versions themselves are none."""
    for line in said(nm, '-DC', '--defined-only', library).splitlines():
        kind, symbol = line.split(maxsplit=2)[1:]
        if kind != 'A':
            name, _, version = symbol.partition('@@')
            yield name, version


def words_of(headers, pattern):
    return set(re.findall(pattern, ''.join(header.read_text(encoding='utf-8') for header in headers)))


def faults_of(symbols, c_names, cxx_names):
    for name, version in symbols:
        match = CXX_NAME.match(name)
        if name in c_names:
            expected = C
        elif match and match[1] in cxx_names and '::Impl::' not in name.split('(')[0]:
            expected = CXX
        else:
            yield f'not declared: {name}'
            continue
        if version != expected:
            yield f'{name} has version {version or "none"}, not {expected}'
    names = [name for name, _ in symbols]
    for name in sorted(c_names.difference(names)):
        yield f'declared, and not there: {name}'
    if not any(name.startswith('tokenvault::Vault::open(') for name in names):
        yield 'tokenvault::Vault::open is not among them'


def main(include, nm, readelf, library):
    if '.so' not in Path(library).name:
        print('a static library exports everything: configure with -Ddefault_library=shared')
        return 77
    c_names = words_of(Path(include).glob('tokenvault.h'), r'\b(tv_\w+)\(')
    cxx_names = words_of(Path(include, 'tokenvault').glob('*.hpp'), r'\w+')
    symbols = list(exported(nm, library))
    faults = list(faults_of(symbols, c_names, cxx_names))
    if f'soname: [{SONAME}]' not in said(readelf, '-d', library):
        faults.append(f'it is not called {SONAME}')
    print(*faults, f'{len(symbols)} symbols, {len(faults)} faults', sep='\n')
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
