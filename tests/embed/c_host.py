"""As a guest of a project that is all C, taken from a tarball by a wrap file: it links, runs, and installs nothing of
ours unless it wants to. Arguments: meson, kind of library, compiler..."""
import sys
import tempfile
from pathlib import Path

import sources
from host import Host
from steps import run


def installed(host, *words):
    stage = host.folder / ('stage' + ''.join(words))
    run([host.meson, 'install', '--quiet', '--no-rebuild', '-C', 'build', '--destdir', stage, *words], host.folder)
    return sorted(str(path.relative_to(stage)) for path in stage.rglob('*') if not path.is_dir())


def main(meson, kind, *compiler):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        host = Host(meson, folder / 'host', 'c', compiler)
        host.take_from_tarball(sources.tarball(folder))
        host.setup('-Dunity=on', '-Dunity_size=200', '-Dtokenvault:werror=true', f'-Dtokenvault:default_library={kind}')
        host.build()
        faults = []
        said = host.start('app')
        if said != 'kept and read back\n':
            faults.append(f'app said {said!r}')
        left = installed(host, '--skip-subprojects')
        if left:
            faults.append(f'installed although the host skips its subprojects: {left}')
        if not any(path.endswith('tokenvault.pc') for path in installed(host)):
            faults.append('a host that does not skip us installs no tokenvault.pc')
        print(*faults, f'{kind}: {len(faults)} faults', sep='\n')
        return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
