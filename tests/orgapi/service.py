"""What every test of orgapi shares: a service in a folder of its own, and two ways to talk to it."""
import atexit
import http.client
import json
import os
import re
import signal
import socket
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / 'support'))
import orgapi_process  # noqa: E402
from cases import Skipped, run_each, tests_of  # noqa: E402,F401
from orgapi_process import PATIENCE  # noqa: E402

PASSWORD = 'correct horse battery'
ALL_SCOPES = 'points:read points:write token:rotate'
SECURITY_HEADERS = {
    'content-security-policy': "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
                               "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
}


class Answer:
    def __init__(self, status, fields, body):
        self.status, self.fields, self.body = status, [(name.lower(), value) for name, value in fields], body

    def __getitem__(self, name):
        return next((value for key, value in self.fields if key == name.lower()), None)

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        # Never the body: it may hold a token.
        return f'<{self.status} {self["www-authenticate"] or ""}>'


class Service:
    """An orgapi of its own in a temporary folder. It is started anew by start() after stop() or kill()."""

    def __init__(self, program, *words, timeout=1):
        self.program, self.words = program, ('--timeout', str(timeout), *words)
        self.folder = tempfile.TemporaryDirectory(prefix='orgapi-test-')
        self.home = Path(self.folder.name) / 'home'
        self.log = Path(self.folder.name) / 'log'
        self.cookie = self.process = None
        orgapi_process.init(program, self.home, PASSWORD)
        self.start()
        atexit.register(self.end)

    def end(self):
        """What a test that failed left running."""
        if self.process.poll() is None:
            self.kill()

    def start(self):
        self.process, self.port = orgapi_process.serve([self.program, 'serve', str(self.home), *self.words], self.log)
        self.origin, self.cookie = f'http://127.0.0.1:{self.port}', None

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        return self.reap()

    def reap(self):
        code = self.process.wait(PATIENCE)
        self.process.stdout.close()
        return code

    def kill(self):
        self.stop(signal.SIGKILL)

    def connection(self):
        return http.client.HTTPConnection('127.0.0.1', self.port, timeout=PATIENCE)

    def request(self, method, path, body=None, connection=None, **fields):
        """`fields` in Python's spelling: Content_Type. A body that is no bytes is sent as JSON."""
        fields = {name.replace('_', '-'): value for name, value in fields.items()}
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            fields.setdefault('Content-Type', 'application/json')
        on = connection or self.connection()
        on.request(method, path, body, fields)
        answer = on.getresponse()
        result = Answer(answer.status, answer.getheaders(), answer.read())
        if connection is None:
            on.close()
        return result

    def bearer(self, token, method='GET', path='/api/v1/token', body=None, **more):
        return self.request(method, path, body, Authorization=f'Bearer {token}', **more)

    def log_in(self):
        answer = self.request('POST', '/admin/session', {'password': PASSWORD}, Origin=self.origin)
        assert answer.status == 204, answer
        self.cookie = answer['set-cookie'].split(';')[0]
        return self

    def admin(self, method, path, body=None, **more):
        if self.cookie is None:
            self.log_in()
        return self.request(method, path, body, Origin=self.origin, Cookie=self.cookie, **more)

    def generate(self, scopes=ALL_SCOPES, name='test', expires=None):
        answer = self.admin('POST', '/admin/tokens', {'name': name, 'scopes': scopes, 'expires': expires})
        assert answer.status == 201, answer
        return answer.json['token']

    def raw(self, data, half_close=True):
        """All that comes back for these bytes, whatever they are."""
        with socket.create_connection(('127.0.0.1', self.port), timeout=PATIENCE) as connection:
            got = b''
            try:
                connection.sendall(data)
                if half_close:
                    connection.shutdown(socket.SHUT_WR)
                for piece in iter(lambda: connection.recv(65536), b''):
                    got += piece
            except OSError:
                pass  # it may close before it has read everything
            return got

    def head(self, method='GET', path='/api/v1/token', *lines):
        """A request's head for raw(), with our Host."""
        words = [f'{method} {path} HTTP/1.1'.encode(), f'Host: 127.0.0.1:{self.port}'.encode(),
                 *(line if isinstance(line, bytes) else line.encode() for line in lines), b'', b'']
        return b'\r\n'.join(words)

    def is_alive(self):
        return self.process.poll() is None and self.request('GET', '/problems').status == 200


def status_of(data):
    """The status line's number; None where nothing came."""
    match = re.match(rb'HTTP/1\.1 (\d{3}) ', data)
    return int(match[1]) if match else None


def id_of(token):
    return token.split('_')[1][:12]


def secret_of(token):
    return token.split('_')[1][12:55]


def run_all(tests):
    """Runs each test with the program, as run_each() does."""
    program = os.path.abspath(sys.argv[1])
    run_each(tests, lambda: program)
