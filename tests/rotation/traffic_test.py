#!/usr/bin/env python3
"""Ten processes use a token against a provider on loopback while others rotate it 200 times and are killed.

Which requests of a rotation its process does not survive is drawn from a fixed seed, and it dies while the request is
being served: no clock decides. Where the old token lives on for a while, no use may end in a 401. Where it ends at
once, a use in between may: it is counted, and each such use was tried twice, as documented.
"""
import http.server
import json
import os
import random
import secrets
import signal
import socketserver
import subprocess
import sys
import tempfile
import threading
import time

ROTATIONS = int(os.environ.get('TOKENVAULT_TEST_ROTATIONS', '200'))
READERS = 10
OVERLAP = 20  # seconds; a reader that the machine keeps waiting for longer is not the vault's fault


class Provider:
    """Tokens as a provider keeps them: which are good, and which rotation made which."""

    def __init__(self, old):
        self.old, self.lock = old, threading.Lock()
        self.ends, self.by_rotation, self.made = {}, {}, 0
        self.current = self.new_token()

    def new_token(self):
        token = 'traffic-' + secrets.token_hex(8)
        self.ends[token] = float('inf')
        return token

    def accepts(self, token):
        with self.lock:
            return self.ends.get(token, 0) > time.monotonic()

    def rotate(self, token, rotation):
        with self.lock:
            if rotation in self.by_rotation:
                return self.by_rotation[rotation]
            if self.ends.get(token, 0) <= time.monotonic():
                return None
            fresh = self.by_rotation[rotation] = self.new_token()
            self.ends[token] = 0 if self.old == 'dies' else time.monotonic() + OVERLAP
            self.made += 1
            return fresh


class Executioner:
    """Kills the rotating process in one of eight of its requests, before or after it is served."""

    def __init__(self):
        self.random, self.process, self.kills = random.Random(20261125), None, 0
        self.lock = threading.Lock()

    def strike(self):
        with self.lock:
            if self.process is None or self.random.randrange(16):
                return
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None
            self.kills += 1


def serve(provider, executioner):
    class Handler(http.server.BaseHTTPRequestHandler):
        def answer(self, status, body=b''):
            try:
                self.send_response(status)
                self.end_headers()
                self.wfile.write(body)
            except OSError:
                pass  # whoever asked is dead

        def token(self):
            return self.headers.get('Authorization', '').removeprefix('Bearer ')

        def do_GET(self):
            if self.path == '/probe':
                executioner.strike()
            self.answer(200 if provider.accepts(self.token()) else 401)

        def do_POST(self):
            executioner.strike()
            fresh = provider.rotate(self.token(), self.headers['X-Rotation'])
            executioner.strike()
            self.answer(200 if fresh else 401, (fresh or '').encode())

        def log_message(self, *words):
            pass

    class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
        daemon_threads = True
        request_queue_size = 128

    server = Server(('127.0.0.1', 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def rotate_all(traffic, uri, port, provider, executioner):
    """Processes one after another, each taking up what the one before left."""
    while provider.made < ROTATIONS:
        process = subprocess.Popen([traffic, 'rotate', uri, str(port), provider.old,
                                    str(min(20, ROTATIONS - provider.made))])
        with executioner.lock:
            executioner.process = process
        status = process.wait()
        with executioner.lock:
            executioner.process = None
        if status not in (0, -signal.SIGKILL):
            raise SystemExit(f'a rotation ended with {status}')


def play(traffic, backend, old):
    provider, executioner = Provider(old), Executioner()
    server = serve(provider, executioner)
    port = server.server_address[1]
    with tempfile.TemporaryDirectory(prefix='tokenvault-traffic.') as folder:
        uri = f'{backend}:{folder}/vault'
        subprocess.run([traffic, 'init', uri, provider.current], check=True)
        readers = [subprocess.Popen([traffic, 'read', uri, str(port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
                   for _ in range(READERS)]
        try:
            rotate_all(traffic, uri, port, provider, executioner)
        finally:
            results = [json.loads(reader.communicate()[0]) for reader in readers]
            server.shutdown()
    total = {key: sum(result[key] for result in results) for key in results[0]}
    total['gap_ms'] = max(result['gap_ms'] for result in results)
    print(f'{backend}, the old one {old}: {provider.made} rotations, {executioner.kills} kills, {total}', flush=True)
    return total, executioner.kills


def check(what, good):
    if not good:
        raise SystemExit(f'FAILED: {what}')


def main(traffic):
    for backend in ('sqlite', 'file'):
        total, kills = play(traffic, backend, 'expires')
        check('processes were killed', kills >= ROTATIONS // 20)
        check('no use ends in a 401 while the old token lives on', total['rejected'] == 0)
        check('no use fails otherwise', total['failed'] == 0)
        check('the readers did something', total['uses'] > ROTATIONS)
        total, kills = play(traffic, backend, 'dies')
        check('processes were killed', kills >= ROTATIONS // 20)
        check('no use fails otherwise', total['failed'] == 0)
        check('what was rejected had been tried twice', total['retried'] >= total['rejected'])


if __name__ == '__main__':
    main(os.path.abspath(sys.argv[1]))
