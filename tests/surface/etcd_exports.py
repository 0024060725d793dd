"""The shared library for etcd exports what etcd.hpp declares, and beside it only what the public headers have inline.
Arguments: include folder, nm, readelf, that library, libtokenvault."""
import re
import sys
from pathlib import Path

from exports import C, CXX, CXX_NAME, check_archive, exported, judge, said, words_of

SONAME = 'libtokenvault-etcd.so.0'


def declared(include):
    """Functions, by their unqualified names."""
    text = Path(include, 'tokenvault', 'etcd.hpp').read_text(encoding='utf-8')
    return set(re.findall(r'^TOKENVAULT_API [^;{]*?\b(\w+)\(', text, re.M))


def is_inline(nm, library):
    """Of each exported name: whether another library may have it too."""
    lines = (line.split(maxsplit=2)[1:] for line in said(nm, '-DC', '--defined-only', library).splitlines())
    return {symbol.partition('@@')[0]: kind in 'VWu' for kind, symbol in lines}


def faults_of(symbols, weak, functions, public):
    for name, version in symbols:
        match = CXX_NAME.match(name)
        ours = match and (match[1] in functions or (weak[name] and match[1] in public))
        if not ours:
            yield f'not declared: {name}'
        elif version != (C if name.startswith('tv_') else CXX):
            yield f'{name} has version {version or "none"}'
    for function in functions:
        if not any((match := CXX_NAME.match(name)) and match[1] == function for name, _ in symbols):
            yield f'declared, and not there: {function}'


def main(include, nm, readelf, library, core):
    if '.so' not in Path(library).name:
        return check_archive(nm, library, set())
    functions = declared(include)
    public = words_of(Path(include, 'tokenvault').glob('*.hpp'), r'\w+')
    symbols = list(exported(nm, library))
    faults = list(faults_of(symbols, is_inline(nm, library), functions, public))
    faults += [f'the core exports {name}' for name, _ in exported(nm, core)
               if (match := CXX_NAME.match(name)) and match[1] in functions]
    if not functions:
        faults.append('etcd.hpp declares nothing')
    return judge(readelf, library, SONAME, len(symbols), faults)


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
