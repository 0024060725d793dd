"""The programs that files are exported for, as they read them: POSIX shells, docker, npm's dotenv."""
import base64
import http.server
import json
import os
import shutil
import socketserver
import subprocess
import tempfile
import threading
from pathlib import Path

from harness import PLAIN_VARIABLES, Skipped

DOTENV_VERSIONS = ('16', '17', '18')
READ_DOTENV = r"""
const texts = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const parse = require(process.argv[1]).parse;
const encode = value => Buffer.from(value, 'utf8').toString('base64');
const read = text => Object.entries(parse(Buffer.from(text, 'base64'))).map(pair => pair.map(encode));
console.log(JSON.stringify(texts.map(read)));
"""


def shells():
    found = [shell for shell in ('dash', 'bash') if shutil.which(shell)]
    return found or ['sh']


def shell_reads(shell, text, folder):
    """The environment of a program that `shell` starts after sourcing `text`, as bytes."""
    script = Path(folder) / 'exported.sh'
    script.write_bytes(text)
    done = subprocess.run([shell, '-c', '. "$1" && exec env -0', shell, str(script)], capture_output=True,
                          env=PLAIN_VARIABLES)
    assert done.returncode == 0, done
    return dict(entry.split(b'=', 1) for entry in done.stdout.split(b'\0') if entry)


class Daemon(http.server.BaseHTTPRequestHandler):
    """As much of docker's engine as `docker create` talks to; keeps the environment it is told."""
    told = None
    protocol_version = 'HTTP/1.1'

    def answer(self, code, document):
        body = json.dumps(document).encode()
        self.send_response(code)
        for name, value in (('Api-Version', '1.43'), ('Content-Type', 'application/json'),
                            ('Content-Length', str(len(body)))):
            self.send_header(name, value)
        self.end_headers()
        if self.command != 'HEAD':
            self.wfile.write(body)

    def do_GET(self):
        self.answer(200, {})
    do_HEAD = do_GET

    def do_POST(self):
        document = json.loads(self.rfile.read(int(self.headers['Content-Length'])))
        Daemon.told = [entry.encode() for entry in document['Env']]
        self.answer(201, {'Id': '0' * 64, 'Warnings': []})

    def address_string(self):
        return 'unix'

    def log_message(self, *unused):
        pass


def docker_itself_reads(text):
    with tempfile.TemporaryDirectory(prefix='tokenvault-test-') as folder:
        file, socket = Path(folder) / 'exported.env', Path(folder) / 'socket'
        file.write_bytes(text)
        with socketserver.UnixStreamServer(str(socket), Daemon) as server:
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            done = subprocess.run(['docker', '-H', f'unix://{socket}', 'create', '--env-file', str(file), 'image'],
                                  capture_output=True, env={**PLAIN_VARIABLES, 'HOME': folder}, timeout=60)
            server.shutdown()
            thread.join()
    assert done.returncode == 0, done
    return dict(entry.split(b'=', 1) for entry in Daemon.told)


def docker_rule_reads(text, takes_quotes):
    """The rule of docker's own parser of --env-file, written again: with `takes_quotes` that of newer versions."""
    read = {}
    for line in text.removeprefix(b'\xef\xbb\xbf').split(b'\n'):
        line.decode()
        line = line.removesuffix(b'\r').lstrip()
        if not line or line.startswith(b'#'):
            continue
        assert len(line) < 65536
        key, equals, value = line.partition(b'=')
        assert key and equals and not set(key) & set(b' \t'), line[:20]
        if takes_quotes and len(value) > 1 and value[:1] in (b'"', b"'") and value[:1] == value[-1:]:
            value = value[1:-1]
        read[key] = value
    return read


class NpmDotenv:
    """npm's dotenv in several versions, installed into a folder of its own; skips where that cannot be."""

    def __init__(self):
        if not shutil.which('npm') or not shutil.which('node'):
            raise Skipped("npm's dotenv reads nothing here: there is no npm")
        self.folder = tempfile.TemporaryDirectory(prefix='tokenvault-test-')
        packages = [f'dotenv{version}@npm:dotenv@{version}' for version in DOTENV_VERSIONS]
        try:
            subprocess.run(['npm', 'install', '--no-audit', '--no-fund', '--ignore-scripts', '--fetch-retries=0',
                            '--prefix', self.folder.name, *packages], check=True, capture_output=True, timeout=120,
                           cwd=self.folder.name)
        except (subprocess.SubprocessError, OSError):
            raise Skipped("npm's dotenv reads nothing here: it could not be installed") from None

    def read(self, version, texts):
        """What each text comes to: a dictionary of bytes."""
        module = f'{self.folder.name}/node_modules/dotenv{version}'
        done = subprocess.run(['node', '-e', READ_DOTENV, module], capture_output=True, check=True,
                              input=json.dumps([base64.b64encode(text).decode() for text in texts]).encode())
        return [{base64.b64decode(name): base64.b64decode(value) for name, value in read}
                for read in json.loads(done.stdout)]


def has_docker():
    return shutil.which('docker') is not None and os.access(shutil.which('docker'), os.X_OK)
