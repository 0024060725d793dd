"""A vault for the verbs of the command to be broken on: how it stood before each verb, and what is left of it after."""
import json
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / 'cli'))
from calls import Breaker  # noqa: E402
from disk import Folder  # noqa: E402
from harness import KEY_B, MARKER  # noqa: E402
from provider_program import FIRST as ISSUED, Service  # noqa: E402

FIRST, SECOND = f'{MARKER}-1', f'{MARKER}-2'
TURNED = 'a/turned'  # the token that is rotated
STEPS = ('start', 'stage', 'verify', 'promote')


class Place:
    """A home with a vault of one scheme. `ground` holds all that a verb can change, and is put back before each. The
    provider's tokens lie elsewhere, since they outlive any trouble of ours."""

    def __init__(self, home, ground, uri, look, shorten=None, new=None):
        self.home, self.ground, self.uri, self.look_program = home, ground, uri, look
        self.shorten, self.trace = shorten, str(home.path / 'trace')
        home.variables |= {'TOKENVAULT': uri, 'XDG_STATE_HOME': self.path('state')}
        home.init()
        self.key = home.variables['TOKENVAULT_KEY_FILE']
        self.new = new or self.path('new')  # where no vault is yet
        self.states, self.elsewhere = {}, Folder(str(home.path / 'elsewhere'))
        self.fill()

    def path(self, name):
        return str(Path(self.ground.path) / name)

    def fill(self):
        home = self.home
        for name, value in (('one', FIRST), ('two', FIRST), ('two', SECOND), ('removed', FIRST), (TURNED[2:], ISSUED)):
            home.put(f'a/{name}', value)
        home.run('rm', 'a/removed')
        home.run('backup', self.path('backup.tv'))
        home.put('a/late', SECOND)
        self.second = home.file('second.key', KEY_B)
        self.slot = home.document('key', 'add', '--new-key-file', self.second)['slot']
        self.keep('plain')
        self.service = Service(home, 'elsewhere/in', old='kept')
        program = Path(self.service.program)
        program.write_text(program.read_text().replace('python3', 'python3 -IS', 1))  # it is started thousands of times
        home.run('policy', TURNED, '--provider', self.service.word)
        self.keep('policy')
        for step in STEPS:
            home.run('rotate', step, TURNED)
            self.keep(step)

    def keep(self, base):
        self.states[base] = self.look()
        self.ground.keep(base)
        self.elsewhere.keep(base)

    def breaker(self, follow=True):
        return Breaker(self.trace, self.shorten, self.home.variables, follow)

    def put_back(self, base):
        self.ground.put_back(base)
        self.elsewhere.put_back(base)

    def look(self, uri=None, *more):
        """What is left, in one line; with "on" a second one, whether the work goes on."""
        done = subprocess.run([self.look_program, uri or self.uri, self.key, *more], capture_output=True, text=True,
                              timeout=120, check=False)
        told = done.stdout.strip()
        return told if done.returncode == 0 else f'broken: {done.returncode} {done.stderr.strip()[-200:]}'

    def state_of(self, base):
        """How the vault itself looked there."""
        return self.states[base]

    def command(self, *words, stdin=None):
        return self.home.run(*words, stdin=stdin, expect=None, reveals=True)

    def verified(self, uri):
        """Nothing, or what the command finds wrong."""
        done = self.command('--vault', uri or self.uri, 'verify', '--json')
        if done.returncode == 0 and json.loads(done.stdout)['faults'] == []:
            return None
        return f'verify: {done.returncode} {(done.stdout + done.stderr).decode()[-300:]}'


def digest(value):
    """As look.cpp prints a value."""
    total = 2166136261
    for byte in value.encode():
        total = (total ^ byte) * 16777619 & 0xFFFFFFFF
    return f'{total:08x}'
