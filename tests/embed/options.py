"""What a host turns on is there, in each kind of library, and nothing but that. Configures only.
Arguments: meson, compiler..."""
import sys
import tempfile
from pathlib import Path

import sources
from host import Host

LIBRARIES = {'static': ['static library'], 'shared': ['shared library'], 'both': ['shared library', 'static library']}
# Of each: options, programs of ours, whether there are tests of ours.
WISHES = [
    ('static', [], [], False),
    ('shared', ['-Dtokenvault:cli=enabled', '-Dcommand=true'], ['tokenvault'], False),
    ('both', ['-Dtokenvault:tests=enabled', '-Dtokenvault:sqlite=disabled', '-Dunity=on'], None, True),
]


def faults_of(host, number, kind, wishes, programs, tests):
    build = f'build-{number}'
    host.setup(*wishes, f'-Dtokenvault:default_library={kind}', build=build)
    ours = host.targets(True, build)
    libraries = sorted(target['type'] for target in ours if target['name'] == 'tokenvault' and 'library' in target['type'])
    if libraries != LIBRARIES[kind]:
        yield f'{wishes}: {libraries}'
    found = [target['name'] for target in ours if target['type'] == 'executable']
    if programs is not None and found != programs:
        yield f'{wishes}: programs {found}'
    if bool(host.introspect('--tests', build)) != tests:
        yield f'{wishes}: tests {[test["name"] for test in host.introspect("--tests", build)]}'


def main(meson, *compiler):
    with tempfile.TemporaryDirectory() as name:
        host = Host(meson, Path(name) / 'host', 'cpp', compiler)
        host.add_neighbours()
        sources.copy(host.folder / 'subprojects' / 'tokenvault')
        host.take_from_repository('/nonexistent')  # what is there already needs no download
        faults = [fault for number, wish in enumerate(WISHES) for fault in faults_of(host, number, *wish)]
        print(*faults, f'{len(WISHES)} hosts, {len(faults)} faults', sep='\n')
        return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
