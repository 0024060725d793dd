"""What the tests of the helpers share: links by the names that clients look for, and a server that demands a token."""
import base64
import os
import shutil
import ssl
import subprocess
import sys
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from harness import MARKER, Skipped

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'recipe'))
from http_fake import Fake  # noqa: E402  the server of the recipes' tests

TOKEN, OTHER = f'{MARKER}-1', f'{MARKER}-2'


def helpers(home):
    """A vault with a token, and this build's helpers on PATH. Programs that ask at a terminal are told not to."""
    home.init()
    home.put('a/one', TOKEN)
    folder = home.path / 'bin'
    folder.mkdir()
    for name in ('tokenvault', 'git-credential-tokenvault', 'docker-credential-tokenvault'):
        os.symlink(home.command, folder / name)
    home.variables['PATH'] = f'{folder}:{home.variables["PATH"]}'
    home.variables['GIT_TERMINAL_PROMPT'] = '0'
    return home


def helpers_file(home, *lines):
    return home.file('.config/tokenvault/helpers', '\n'.join(('# which token is for whom', *lines, '')).encode())


def need(program):
    """Its path. Looked for where the caller of the tests has it, which a home's own PATH does not say."""
    path = shutil.which(program)
    if path is None:
        raise Skipped(f'{program} is not installed')
    return path


def start(home, *words, stdin=None, variables=None, **more):
    """A client, as its user starts it. No secret may be seen of it, whatever it does."""
    done = subprocess.run(words, env={**home.variables, **(variables or {})}, cwd=home.path, input=stdin,
                          stdin=subprocess.DEVNULL if stdin is None else None, capture_output=True, timeout=120,
                          start_new_session=True, **more)
    assert MARKER.encode() not in done.stdout + done.stderr, f'{words[0]} shows the token'
    return done


def suspects(home):
    """What `doctor` says of tokens: nothing, or that one was rejected."""
    told = home.run('doctor', '--names', expect=None).stdout.decode()
    return [line for line in told.splitlines() if 'rejected' in line]


def basic(user, password):
    return 'Basic ' + base64.b64encode(f'{user}:{password}'.encode()).decode()


class Guard(BaseHTTPRequestHandler):
    """Answers 401 to whoever does not show one of `server.accepted`; else what `allowed` gives. Logs all that is shown."""
    protocol_version = 'HTTP/1.1'
    challenge = 'Basic realm="here"'

    def log_message(self, *_):
        pass

    def allowed(self):
        return 200, 'application/json', b'{}'

    def serve(self):
        self.rfile.read(int(self.headers.get('Content-Length') or 0))
        shown = self.headers.get('Authorization')
        self.server.log.append((self.command, self.path, shown, dict(self.headers)))
        if shown in self.server.accepted:
            return self.give(*self.allowed())
        self.give(401, 'text/plain', b'no', [('WWW-Authenticate', self.challenge)])

    def give(self, code, kind, body, headers=()):
        self.send_response(code)
        for name, value in (('Content-Type', kind), ('Content-Length', str(len(body))), *headers):
            self.send_header(name, value)
        self.end_headers()
        if self.command != 'HEAD':
            self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_HEAD = serve


def guarded(handler, *accepted):
    server = Fake(handler)
    server.accepted = accepted
    return server


def shown_to(server):
    return {shown for _, _, shown, _ in server.log if shown is not None}


def with_certificate(home, server):
    """Turns `server` into one of https and returns the file that vouches for it."""
    certificate, key = str(home.path / 'cert.pem'), str(home.path / 'key.pem')
    subprocess.run([need('openssl'), 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes',
                    '-days', '1', '-keyout', key, '-out', certificate, '-subj', '/CN=127.0.0.1',
                    '-addext', 'subjectAltName=IP:127.0.0.1'], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    return certificate
