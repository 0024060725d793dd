"""The shared library exports what the public headers declare, each with the version of its kind, under the name
that programs ask for; the static one has no name that could be its host's. Arguments: include folder, nm, readelf,
library."""
import re
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))
from proof import tried  # noqa: E402

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


# A weak name is that of a template or of an inline function, which every library that uses it has.
OURS = re.compile(r'_Z(?:T[A-Z]|GV)?N[KVRO]*10tokenvault|tv_')


def is_strange(kind, name):
    return not OURS.match(name) and not (kind in 'VWu' and name.startswith(('_Z', 'DW.ref.')))


def names_of(nm, archive):
    """Kind and mangled name of all that an archive gives to who links it."""
    lines = (line.split() for line in said(nm, '-g', '--defined-only', archive).splitlines())
    return [(words[1], words[2]) for words in lines if len(words) == 3]


def check_archive(nm, archive, c_names):
    names = names_of(nm, archive)
    faults = [f'anybody could have {name}' for kind, name in names if is_strange(kind, name)]
    faults += [f'declared, and not there: {name}' for name in sorted(c_names.difference(name for _, name in names))]
    if not names or is_strange('W', '_ZNSt6vectorE') or not all(is_strange('T', name) for name in ['to_hex', '_Z3runv']):
        faults.append('nothing would be seen')
    tried('names of ' + Path(archive).name, len(names), len(faults))
    print(*faults, sep='\n')
    return 1 if faults else 0


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


def judge(readelf, library, soname, count, faults):
    """The verdict on a shared library of so many symbols, whose name is looked at besides."""
    if f'soname: [{soname}]' not in said(readelf, '-d', library):
        faults.append(f'it is not called {soname}')
    tried('symbols of ' + Path(library).name, count, len(faults))
    print(*faults, f'{count} symbols, {len(faults)} faults', sep='\n')
    return 1 if faults else 0


def main(include, nm, readelf, library):
    c_names = words_of(Path(include).glob('tokenvault.h'), r'\b(tv_\w+)\(')
    if '.so' not in Path(library).name:
        return check_archive(nm, library, c_names)
    cxx_names = words_of(Path(include, 'tokenvault').glob('*.hpp'), r'\w+')
    symbols = list(exported(nm, library))
    faults = list(faults_of(symbols, c_names, cxx_names))
    return judge(readelf, library, SONAME, len(symbols), faults)


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
