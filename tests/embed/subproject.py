"""As a subproject we add one library and no test to our host. Arguments: meson, source folder, compiler..."""
import json
import shutil
import sys
import tempfile
from pathlib import Path

from steps import run

PARTS = ['meson.build', 'meson_options.txt', 'include', 'src', 'backends']


def make_host(source, host):
    shutil.copytree(Path(__file__).parent / 'consumer', host)
    guest = host / 'subprojects' / 'tokenvault'
    guest.mkdir(parents=True)
    for part in PARTS:
        copy = shutil.copytree if (source / part).is_dir() else shutil.copy
        copy(source / part, guest / part)
    return guest


def faults_of(meson, host, guest):
    ask = lambda what: json.loads(run([meson, 'introspect', what, 'build'], host))
    targets = [target for target in ask('--targets') if Path(target['defined_in']).is_relative_to(guest)]
    if [(target['name'], target['type']) for target in targets] != [('tokenvault', 'static library')]:
        yield f'targets: {[(target["name"], target["type"]) for target in targets]}'
    if ask('--tests'):
        yield f'tests: {[test["name"] for test in ask("--tests")]}'


def main(meson, source, *compiler):
    with tempfile.TemporaryDirectory() as folder:
        host = Path(folder).resolve() / 'host'
        guest = make_host(Path(source), host)
        run([meson, 'setup', '--wrap-mode=nodownload', '--buildtype=debug', '-Dwerror=true', 'build'], host,
            CXX=' '.join(compiler))
        faults = list(faults_of(meson, host, guest))
        run(['ninja', '-C', 'build'], host)
        said = run([host / 'build' / 'consumer'], host)
        if said != 'kept and read back\n':
            faults.append(f'the consumer said {said!r}')
        print(*faults, f'{len(faults)} faults', sep='\n')
        return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
