"""docs/dependencies.md tells what is linked: its tables against the linker's work, meson's, the installed packages, and
docs/packages.sh. Arguments: build folder, readelf, what we ship..."""
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / 'tests' / 'support'))
from proof import left_out, tried  # noqa: E402

# How the page's licences are called in Debian's copyright files.
IN_DEBIAN = {'MIT': 'Expat', 'public domain': 'public-domain|public domain', 'LGPL-2.1+': 'LGPL-2.1',
             'GPL-3+ with the GCC Runtime Library Exception': 'GCC RUNTIME LIBRARY EXCEPTION'}
# Not libraries of ours to ask for: the toolchain's, by the compiler itself.
TOOLCHAIN = {'g++', 'libc6'}
MESON_NAMES = {'libsodium-dev': 'libsodium', 'libfmt-dev': 'fmt', 'libsqlite3-dev': 'sqlite3', 'libcli11-dev': 'CLI11',
               'nlohmann-json3-dev': 'nlohmann_json', 'libcurl4-openssl-dev': 'libcurl',
               'libmicrohttpd-dev': 'libmicrohttpd'}


def said(*words):
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def words(cell):
    return re.findall(r'`([^`]+)`', cell)


def tables(text):
    """Rows of each table as dicts by its head."""
    for block in re.findall(r'(?:^\|.*\n)+', text, re.M):
        head, _, *rows = [[cell.strip() for cell in line.strip('|').split('|')] for line in block.strip().split('\n')]
        yield [dict(zip(head, row, strict=True)) for row in rows]


def needed(readelf, file):
    return [name for name in re.findall(r'NEEDED.*\[(.*)\]', said(readelf, '-dW', file)) if 'libtokenvault' not in name]


def against_the_linker(libraries, needs):
    known = {name for row in libraries for name in words(row['shared library'])}
    for file, names in needs.items():
        for name in names:
            yield f'{file} needs {name}, which is not listed', name not in known
    if not needs:
        return
    everything = {name for names in needs.values() for name in names}
    for row in libraries:
        if row['asked for by'] == 'core' and row['Debian package'] != '`libc6`':
            yield f'{row["library"]} is core, and nothing needs it', not everything & set(words(row['shared library']))


def against_meson(libraries, build, source):
    rows = {MESON_NAMES.get(package): row for row in libraries for package in words(row['Debian package'])}
    asked = re.findall(r"(?<!_)dependency\('(\w+)'(?:, version: '>=([\d.]+)')?", source)
    for name, least in asked:
        if name != 'threads':
            yield f'{name} is not listed', name not in rows
            yield f'{name}: the build asks for {least}', name in rows and rows[name]['at least'] != least
    yield 'the build asks for nothing', not asked
    for found in json.loads((build / 'meson-info' / 'intro-dependencies.json').read_text(encoding='utf-8')):
        name, version = found['name'], found['version']
        if name in rows and is_debian_12():
            yield f'{name} is {version} here', rows[name]['Debian 12'] != version


def is_debian_12():
    release = Path('/etc/os-release')
    text = release.read_text(encoding='utf-8') if release.exists() else ''
    return bool(shutil.which('dpkg-query')) and re.search('^ID=debian', text, re.M) and 'VERSION_ID="12"' in text


def upstream(package):
    """Its version without what Debian adds; none where it is not installed."""
    told = subprocess.run(['dpkg-query', '-W', '-f', '${Version}', package], capture_output=True, text=True)
    return re.split(r'[+~-]', told.stdout.split(':')[-1])[0] if told.returncode == 0 else None


def against_the_packages(libraries):
    for row in libraries:
        package = words(row['Debian package'])[0]
        version = upstream(package)
        if version is None:
            continue
        yield f'{package} is {version} here', version != row['Debian 12']
        path = Path('/usr/share/doc', 'libstdc++6' if package == 'g++' else package, 'copyright')
        licence = IN_DEBIAN.get(row['licence'], re.escape(row['licence']))
        yield f'{package}: {row["licence"]} is not in {path}', not (
            path.exists() and re.search(licence, path.read_text(encoding='utf-8', errors='replace'), re.I))


def against_the_lists(text, script):
    """Both name the same packages, but for the toolchain's own."""
    listed = set(words(text.split('## In what ships')[1])) - TOOLCHAIN
    lists = ' '.join(re.findall(r"^(?:\w+_packages|command -v npm.*?test_packages)='?\"?([^'\"]*)", script, re.M))
    installed = {name for name in lists.split() if not name.startswith('$')} | {'npm'}
    rows = [row for table in tables(text) for row in table]
    packages = {name for row in rows for name in words(row.get('package') or row['Debian package'])}
    for name in sorted(installed - TOOLCHAIN):
        yield f'{name} is installed by packages.sh, and not listed', name not in listed
    for name in sorted(packages - TOOLCHAIN):
        yield f'{name} is listed, and no package that packages.sh installs', name not in installed


def faults_of(text, needs, build):
    libraries = next(tables(text))
    checks = [*against_the_linker(libraries, needs),
              *against_meson(libraries, build, (ROOT / 'meson.build').read_text(encoding='utf-8')),
              *against_the_lists(text, (ROOT / 'docs' / 'packages.sh').read_text(encoding='utf-8'))]
    if is_debian_12():
        checks += against_the_packages(libraries)
    return len(checks), [what for what, wrong in checks if wrong]


def main(build, readelf, *shipped):
    text = (ROOT / 'docs' / 'dependencies.md').read_text(encoding='utf-8')
    needs = {Path(file).name: needed(readelf, file) for file in shipped if not file.endswith('.a')}
    tries, faults = faults_of(text, needs, Path(build))
    if not is_debian_12():
        left_out('versions and licences of packages: this is not Debian 12')
    # Each of these is a page that went stale.
    changes = [('libsodium.so.23', 'libsodium.so.22'), ('| 7.85 |', '| 7.84 |'), ('`strace`', 'strace'),
               ('| 9.1.0 |', '| 9.1.1 |'), ('BSD-3-Clause | the command', 'GPL-3+ | the command'),
               ('`wrk`', '`wrk` `wrk2`')]
    unseen = [old for old, new in changes if old not in text or
              set(faults_of(text.replace(old, new), needs, Path(build))[1]) <= set(faults)]
    if not is_debian_12():
        unseen = [old for old in unseen if old not in ('| 9.1.0 |', 'BSD-3-Clause | the command')]
    faults += [f'a page that went stale at {old!r} would not be seen' for old in unseen]
    tried('what docs/dependencies.md says', tries + len(changes), len(faults))
    print(*faults, *(f'{file}: {" ".join(names) or "nothing"}' for file, names in needs.items()), sep='\n')
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
