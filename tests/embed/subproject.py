"""As a guest of a C++ project, taken from a repository by a wrap file, we add one library and change nothing of our
host's. Arguments: meson, kind of library, compiler..."""
import re
import sys
import tempfile
from pathlib import Path

import sources
from host import Host

GLOBAL = re.compile(r'\badd_(?:global|project)_(?:link_)?arguments\b')
# All at once: each alone would be one more build of the library.
HARD = ['-Dbuildtype=release', '-Doptimization=1', '-Db_lto=true', '-Db_ndebug=true', '-Dunity=on', '-Dunity_size=200',
        '-Dcpp_std=gnu++20', '-Dtokenvault:werror=true']


def words_of(target):
    """Of what compiles a target, but for its own folders."""
    return [word for source in target['target_sources'] for word in source['parameters'] if not word.startswith('-I')]


def neighbour(host, build):
    return next(target for target in host.targets(False, build)
                if (target['name'], target['type']) == ('tokenvault', 'executable'))


def faults_of(host, kind):
    ours = host.targets(True)
    if [(target['name'], target['type']) for target in ours] != [('tokenvault', f'{kind} library')]:
        yield f'targets: {[(target["name"], target["type"]) for target in ours]}'
    if '-std=c++20' not in words_of(ours[0]):
        yield f'the host chose our language: {words_of(ours[0])}'
    if host.introspect('--tests'):
        yield f'tests: {[test["name"] for test in host.introspect("--tests")]}'
    alone, together = words_of(neighbour(host, 'alone')), words_of(neighbour(host, 'build'))
    if alone != together:
        yield f'the host compiles with {together}, without us with {alone}'
    rooms = [sources.ROOT / room for room in ['src', 'backends', 'tests']]
    for file in [sources.ROOT / 'meson.build', *(path for room in rooms for path in room.rglob('meson.build'))]:
        if GLOBAL.search(file.read_text(encoding='utf-8')):
            yield f'{file} sets arguments for more than its targets'


def main(meson, kind, *compiler):
    sources.need('git')
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        host = Host(meson, folder / 'host', 'cpp', compiler)
        host.add_neighbours()
        host.take_from_repository(sources.repository(folder / 'repository'))
        host.setup(*HARD, f'-Dtokenvault:default_library={kind}')
        page = (host.folder / 'meson.build').read_text(encoding='utf-8')
        host.write('meson.build', page.replace("dependency('tokenvault')", '[]'))
        host.setup(*HARD[:-1], '-Dguest=false', build='alone')
        host.write('meson.build', page)
        faults = list(faults_of(host, kind))
        host.build()
        for program, expected in {'app': 'kept and read back\n', 'neighbours/strict': 'kept and read back\n',
                                  'neighbours/tokenvault': 'the host has one, too\n'}.items():
            said = host.start(program)
            if said != expected:
                faults.append(f'{program} said {said!r}')
        print(*faults, f'{kind}: {len(faults)} faults', sep='\n')
        return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
