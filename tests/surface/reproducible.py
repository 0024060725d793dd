"""Whoever builds the same sources elsewhere gets the same bytes: in folders of other names and another depth, with
another time, zone, umask, home and, where we may, user. An ordinary run compiles a few objects again, a full one all that
ships. Arguments: meson, build folder, what we ship below it...; compiler words after `--`."""
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / 'tests' / 'support'), str(ROOT / 'tests' / 'embed')]
from proof import full, left_out, sample, tried  # noqa: E402
import sources  # noqa: E402

NOBODY = 65534
WANTED = 4


class Elsewhere:
    """Another place, and another one who builds."""

    def __init__(self, folder, compiler):
        self.sources = sources.copy(folder / 'a name with spaces' / 'deeper' / 'and deeper')
        self.build = folder / 'made'
        self.environment = {'PATH': '/usr/local/bin:/usr/bin:/bin', 'HOME': str(folder / 'home'), 'USER': 'somebody',
                            'TZ': 'Pacific/Chatham', 'CCACHE_DISABLE': '1', 'CXX': shlex.join(compiler)}
        self.who = {'umask': 0o077}
        if os.geteuid() == 0:
            self.who |= {'user': NOBODY, 'group': NOBODY, 'extra_groups': []}
            for path in [folder, *folder.rglob('*')]:
                os.chown(path, NOBODY, NOBODY, follow_symlinks=False)

    def run(self, *words):
        answer = subprocess.run([str(word) for word in words], cwd=self.sources, env=self.environment, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **self.who)
        if answer.returncode != 0:
            sys.exit(f'{" ".join(map(str, words))}\n{answer.stdout[-4000:]}ended with {answer.returncode}')


def options(build, folder):
    """Those that the build was set up with; the tests are not built again, and what it embeds lies elsewhere too."""
    text = (build / 'meson-private' / 'cmd_line.txt').read_text(encoding='utf-8')
    given = dict(re.findall(r'^(\w[\w.:]*) = (.*)$', text.split('[options]')[1].split('[properties]')[0], re.M))
    given['tests'] = 'disabled'
    if given.get('swagger_ui'):
        given['swagger_ui'] = shutil.copytree(given['swagger_ui'], folder / 'swagger')
    return [f'-D{name}={value}' for name, value in given.items()]


def commands(build, shipped):
    """The command of each object of what ships, by its name."""
    folders = tuple(f'{file}.p/' for file in shipped)
    listed = json.loads((build / 'compile_commands.json').read_text(encoding='utf-8'))
    return {entry['output']: entry['command'] for entry in listed if entry['output'].startswith(folders)}


def differing(here, there, names):
    return [name for name in names if (here / name).read_bytes() != (there / name).read_bytes()]


def names_place(elsewhere, command, hidden):
    """Whether an object with what a debugger reads names the folder that it was compiled in."""
    output = 'control.o'
    words = [word for word in shlex.split(command) if hidden or not re.match('-ffile-(prefix-map|compilation-dir)=', word)]
    words[words.index('-o') + 1] = output
    elsewhere.run('env', '-C', elsewhere.build, *words, '-g')
    return bytes(elsewhere.build) in (elsewhere.build / output).read_bytes()


def main(meson, build, *words):
    here, shipped = Path(build), [os.path.relpath(word, build) for word in words[:words.index('--')]]
    compiler = [word for word in words[words.index('--') + 1:] if Path(word).name != 'ccache']
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        chosen = options(here, folder)
        elsewhere = Elsewhere(folder, compiler)
        elsewhere.run(meson, 'setup', elsewhere.build, *chosen)
        there = commands(elsewhere.build, shipped)
        objects = sorted(commands(here, shipped))
        faults = [] if sorted(there) == objects else ['the objects have other names there']
        targets = list(shipped) if full() else sample(objects, WANTED)
        if not full():
            left_out(f'all but {len(targets)} of {len(objects)} objects, and every program, compiled again elsewhere')
        elsewhere.run('ninja', '-C', elsewhere.build, *targets)
        names = [*targets, *(objects if full() else [])]
        faults += [f'{name} differs' for name in differing(here, elsewhere.build, names)]
        if names_place(elsewhere, there[objects[0]], hidden=True):
            faults.append('an object names its place')
        if not names_place(elsewhere, there[objects[0]], hidden=False):
            faults.append('control: a place in an object would not be seen')
        tried('files built again elsewhere, and compared byte for byte', len(names), len(faults))
        print(*faults, f'{len(names)} files, {len(faults)} faults', sep='\n')
        return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
