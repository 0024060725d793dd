"""The programs in docs/clients.md, run as they stand against a server that wants the token. Arguments: the command,
the library, a folder to install koffi into."""
import http.server
import os
import re
import shutil
import subprocess
import sys
import threading

import node_home
import rust_home
from client_home import CLIENTS, HERE, LIBRARY, OTHER, VALUE
from harness import MARKER, Skipped, run_all, tests_of

BUILD = sys.argv[3]
ROOT = HERE.parents[1]
PROGRAMS = {(language, name): text for language, name, text in re.findall(
    r'^```(\w+) (\w+)\n(.*?)^```$', (ROOT / 'docs/clients.md').read_text(encoding='utf-8'), re.M | re.S)}
GREETING = 'welcome'


class Server:
    """Answers those who bring the token."""

    def __init__(self, token):
        self.token = b'Bearer ' + token
        wanted = self

        class Answer(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                good = self.headers.get('Authorization', '').encode() == wanted.token
                self.send_response(200 if good else 401)
                self.end_headers()
                self.wfile.write(GREETING.encode() if good else b'')

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Answer)

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return f'http://127.0.0.1:{self.server.server_port}/'

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def said(home, url, *words, folder=None):
    variables = {**home.variables, 'URL': url, 'TOKENVAULT_LIBRARY': LIBRARY, 'PYTHONPATH': str(CLIENTS / 'python'),
                 'PATH': f'{os.path.dirname(home.command)}:{home.variables["PATH"]}'}
    told = subprocess.run(words, env=variables, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert told.returncode == 0 and MARKER not in told.stdout + told.stderr, told.stderr.replace(MARKER, '...')
    return told.stdout.strip()


def python(home, url, name):
    return said(home, url, sys.executable, '-B', '-c', PROGRAMS['python', name])


def node(home, url, name):
    folder = node_home.installed(BUILD)
    script = folder / f'page-{name}.mjs'
    script.write_text(PROGRAMS['js', name], encoding='utf-8')
    return said(home, url, node_home.node(), script, folder=folder)


def test_all_programs_are_known(_):
    assert set(PROGRAMS) == {('sh', 'get'), ('c', 'fetch'), ('rust', 'fetch'), ('python', 'fetch'), ('python', 'service'),
                             ('python', 'rotation'), ('js', 'fetch'), ('js', 'service')}, sorted(PROGRAMS)


def test_those_that_are_compiled_elsewhere_are_these(_):
    """shared_test.py runs them."""
    assert PROGRAMS['c', 'fetch'] == (HERE / 'fetch.c').read_text(encoding='utf-8')
    assert PROGRAMS['rust', 'fetch'] == (rust_home.CRATE / 'examples/fetch.rs').read_text(encoding='utf-8')


def test_one_token(home):
    home.init().put('acme/api', VALUE.decode())
    with Server(VALUE) as url:
        assert python(home, url, 'fetch') == GREETING
        if shutil.which('curl'):
            assert said(home, url, 'sh', '-c', PROGRAMS['sh', 'get']) == GREETING
        try:
            assert node(home, url, 'fetch') == GREETING
        except Skipped as reason:
            print(f'  without Node: {reason}')


def services(home, url, expected):
    assert python(home, url, 'service') == expected
    try:
        assert node(home, url, 'service') == expected
    except Skipped as reason:
        print(f'  without Node: {reason}')


def test_a_service_tries_the_previous_one(home):
    home.init().put('acme/api', VALUE.decode())
    home.put('acme/api', OTHER.decode())
    with Server(OTHER) as url:
        services(home, url, f'version 2: {GREETING}\nOK')
    with Server(VALUE) as url:
        services(home, url, f'version 2: 401\nversion 1: {GREETING}\nOK')
    assert 'rejected' not in home.run('show', 'acme/api').stdout.decode()
    with Server(b'neither') as url:
        services(home, url, 'version 2: 401\nversion 1: 401\nREJECTED')


def test_a_rotation(home):
    home.init().put('acme/api', VALUE.decode())
    assert python(home, 'none', 'rotation') == 'PROMOTED 2'


if __name__ == '__main__':
    run_all(tests_of(globals()))
