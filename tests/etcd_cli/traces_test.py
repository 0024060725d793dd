"""What others can see of a vault in etcd: neither token, name, key nor passphrase is in what goes to the cluster, in its
data, in arguments or in what is said; the password for etcd is in the request that logs in, and in no other."""
import base64
import socket
import subprocess
import threading

from machine import COMMAND, MARKER, Skipped, run_all, tests_of
from marker_search import can_trace

WORD = 'nameless-zebra-7391'
NAME = f'acme/{WORD}'
KEY = bytes(range(200, 232))
PASSPHRASE = f'phrase-{MARKER}'
PLANTED = f'{MARKER}-planted'


class Tap:
    """Stands between the command and one member, and keeps all that goes through."""

    def __init__(self, url):
        host, port = url.split('://')[1].split(':')
        self.there, self.seen, self.lock = (host, int(port)), bytearray(), threading.Lock()
        self.listening = socket.create_server(('127.0.0.1', 0))
        threading.Thread(target=self.serve, daemon=True).start()

    @property
    def url(self):
        return f'http://127.0.0.1:{self.listening.getsockname()[1]}'

    def serve(self):
        while True:
            try:
                near, _ = self.listening.accept()
            except OSError:
                return
            far = socket.create_connection(self.there)
            for source, target in ((near, far), (far, near)):
                threading.Thread(target=self.pass_on, args=(source, target), daemon=True).start()

    def pass_on(self, source, target):
        try:
            while piece := source.recv(65536):
                with self.lock:
                    self.seen += piece
                target.sendall(piece)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def close(self):
        self.listening.close()


def forms_of(secret):
    """As it is, in hex, and in base64 at each alignment."""
    raw = secret if isinstance(secret, bytes) else secret.encode()
    forms = [raw, raw.hex().encode()]
    for before in range(3):
        digits = base64.b64encode(b'x' * before + raw)
        forms.append(digits[(before * 8 + 5) // 6:(before + len(raw)) * 8 // 6])
    return forms


def found_in(content, *secrets):
    return [form for secret in secrets for form in forms_of(secret) if form in content]


def data_of(cluster):
    return b''.join(path.read_bytes() for path in cluster.folder.rglob('*')
                    if path.is_file() and 'password' != path.name)


def use(home):
    """The vault's life, by every kind of verb."""
    home.run('init', '--key-file', home.file('k.key', KEY), '--quiet')
    home.variables['TOKENVAULT_KEY_FILE'] = str(home.path / 'k.key')
    home.put(NAME, PLANTED)
    home.put(NAME, PLANTED + '-2')
    home.run('key', 'add', '--new-passphrase-fd', '0', '--kdf-memory', '64', stdin=PASSPHRASE.encode())
    home.run('policy', NAME, '--provider', 'human', '--owner', PLANTED, expect=None, reveals=True)
    home.run('rotate', NAME, '--stdin', stdin=(PLANTED + '-3').encode(), expect=None, reveals=True)
    home.run('rotate', 'promote', NAME, '--unverified', expect=None, reveals=True)
    home.run('list', reveals=True)
    home.run('show', NAME, reveals=True)
    assert home.value(NAME) == PLANTED + '-3'
    home.run('run', '--env', f'T={NAME}', '--', 'true')
    home.run('rm', NAME)
    home.run('doctor', expect=None)


def test_what_the_cluster_and_the_network_see(home):
    tap = Tap(home.cluster.nodes[0].url)
    home.variables['TOKENVAULT'] = f'etcd:{tap.url}{home.prefix}'
    use(home)
    tap.close()
    password = home.cluster.password.encode()
    assert found_in(tap.seen, home.prefix), 'nothing went through'
    assert found_in(data_of(home.cluster), home.prefix), 'the data are elsewhere'
    for content in (tap.seen, data_of(home.cluster)):
        assert found_in(content, MARKER, WORD, KEY, PASSPHRASE) == []
    told = [line for line in bytes(tap.seen).split(b'POST ') if found_in(line, password)]
    assert told and all(line.startswith(b'/v3/auth/authenticate') for line in told), 'the password is in other requests'


def test_what_other_processes_see(home):
    home.init()
    why_not = can_trace()
    if why_not:
        raise Skipped(why_not)
    trace = home.path / 'trace'
    password = home.cluster.password
    for words, value in ((('put', 'a/b', '--stdin'), PLANTED), (('get', 'a/b'), None), (('status',), None)):
        done = subprocess.run(['strace', '-f', '-v', '-s', '65536', '-o', trace, '-e', 'trace=execve', COMMAND, *words],
                              env=home.variables, input=(value or '').encode(), capture_output=True, timeout=60)
        calls = trace.read_bytes()
        assert done.returncode == 0, done.stderr
        assert calls.count(b'execve(') == 2 and b'tokenvault-etcd' in calls, calls
        assert found_in(calls + done.stderr, MARKER, password) == []


run_all(tests_of(globals()), auth=True)
