"""What every test of the command shares: a home of its own, one way to run, one way to complain."""
import json
import os
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / 'support'))
from cases import SKIP, Skipped, run_each, tests_of  # noqa: E402,F401

# Every value, key and passphrase of these tests holds one of these, in this or another coding.
MARKER = 'S3CRETmarker'
KEY_A = b'A-key-' + MARKER.encode() + b'-' * 14
KEY_B = b'B-key-' + MARKER.encode() + b'-' * 14
PASSPHRASE = f'correct {MARKER} horse'
PLAIN_VARIABLES = {'PATH': '/usr/local/bin:/usr/bin:/bin', 'LC_ALL': 'C'}
# What tests/etcd/with_etcd.py tells, by what the command is told of it.
ETCD = {'TOKENVAULT': 'TOKENVAULT_TEST_ETCD', 'TOKENVAULT_ETCD_CA_FILE': 'TOKENVAULT_TEST_ETCD_CA',
        'TOKENVAULT_ETCD_CERT_FILE': 'TOKENVAULT_TEST_ETCD_CERT', 'TOKENVAULT_ETCD_KEY_FILE': 'TOKENVAULT_TEST_ETCD_KEY',
        'TOKENVAULT_ETCD_USER': 'TOKENVAULT_TEST_ETCD_USER',
        'TOKENVAULT_ETCD_PASSWORD_FILE': 'TOKENVAULT_TEST_ETCD_PASSWORD_FILE'}


def place_in_etcd():
    """A new vault's place in the etcd that the test was started beside, and how to get there; nothing without one."""
    given = {word: os.environ[name] for word, name in ETCD.items() if name in os.environ}
    if given:
        given['TOKENVAULT'] = f'etcd:{given["TOKENVAULT"]}/t-{secrets.token_hex(8)}'
    return given


class Home:
    """A temporary HOME. Nothing of the caller's environment gets in."""

    def __init__(self, command):
        self.command = command
        self.folder = tempfile.TemporaryDirectory(prefix='tokenvault-test-')
        self.path = Path(self.folder.name)
        self.variables = dict(PLAIN_VARIABLES, HOME=str(self.path), **place_in_etcd())

    @property
    def vault(self):
        return self.path / '.local/share/tokenvault/vault.db'

    @property
    def key(self):
        return self.path / '.config/tokenvault/vault.key'

    def file(self, name, content=b'', mode=0o600):
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(mode)
        return str(path)

    def tree(self):
        return sorted(str(p.relative_to(self.path)) for p in self.path.rglob('*'))

    def run(self, *words, stdin=None, expect=0, reveals=False, variables=None, fds=(), **more):
        """Runs the command away from any terminal; stdin is /dev/null unless bytes are given."""
        result = subprocess.run(
            [self.command, *words], input=stdin, stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True, env={**self.variables, **(variables or {})}, start_new_session=True,
            timeout=60, pass_fds=fds, **more)
        check_output(result, words, expect, reveals)
        return result

    def init(self):
        self.run('init', '--key-file', self.file('a.key', KEY_A), '--quiet')
        self.variables['TOKENVAULT_KEY_FILE'] = str(self.path / 'a.key')
        return self

    def put(self, name, value=f'{MARKER}-1', **more):
        return self.run('put', name, '--stdin', stdin=value.encode(), **more)

    def value(self, *words, **more):
        return self.run('get', *words, reveals=True, **more).stdout.decode()

    def document(self, *words, **more):
        document = json.loads(self.run(*words, '--json', **more).stdout)
        assert document['schema'] == 1, document
        return document

    def failure(self, code, kind, *words, **more):
        """The failure as --json tells it: one line, the last on stderr."""
        result = self.run(*words, '--json', expect=code, **more)
        line = json.loads(result.stderr.decode().splitlines()[-1])
        assert (line['type'], line['code'], line['kind']) == ('error', code, kind), line
        assert set(line) == {'type', 'code', 'kind', 'message', 'hint'}, line
        return line


def check_output(result, words, expect, reveals):
    told = f'{words} ended {result.returncode}: {result.stderr.decode(errors="replace")}'
    assert expect is None or result.returncode == expect, f'expected {expect}: {told}'
    assert MARKER.encode() not in result.stderr, f'a secret on stderr: {words}'
    assert reveals or MARKER.encode() not in result.stdout, f'a secret on stdout: {words}'
    if expect not in (None, 0, 126, 127) and not reveals:
        assert result.stderr.startswith((b'tokenvault: ', b'{')), told


def pipe_of(content):
    """The reading end of a pipe that holds `content`."""
    reading, writing = os.pipe()
    os.write(writing, content)
    os.close(writing)
    return reading


def run_all(tests):
    """Runs each test in a home of its own, as run_each() does."""
    command = os.path.abspath(sys.argv[1])
    run_each(tests, lambda: Home(command))
