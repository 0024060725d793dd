"""A token service on 127.0.0.1, as docs/examples/provider.* expects one, with faults to be switched on."""
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

FAULTS = {
    'error': (500, {}, b'{"error":"oops"}'),
    'forbidden': (403, {}, b'{"error":"no"}'),
    'busy': (429, {'Retry-After': '60'}, b'{"error":"slow down"}'),
    'timeout': (408, {}, b'{"error":"too slow"}'),
    'garbage': (200, {}, b'<html>Welcome to the hotel</html>'),
    'redirect': (307, {'Location': '/elsewhere'}, b''),
}


class Handler(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def log_message(self, *_):
        pass

    def handle_any(self):
        service = self.server.service
        body = self.rfile.read(int(self.headers.get('Content-Length') or 0))
        service.seen.append((self.command, self.path, body.decode()))
        if service.fault in FAULTS:
            return self.answer(*FAULTS[service.fault])
        status, answer = service.handle(self.command, self.path, self.headers.get('Authorization', ''), body)
        if service.fault == 'lost':
            self.close_connection = True
            return None
        return self.answer(status, {'Content-Type': 'application/json'}, json.dumps(answer).encode() if answer else b'')

    def answer(self, status, headers, body):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 204:
            self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_DELETE = handle_any


class TokenService:
    """`tokens`: id -> {"token", "owner", "rotation", "expires"}."""

    def __init__(self):
        self.fault, self.seen, self.tokens, self.made = None, [], {}, 0
        self.server = ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.server.service = self
        self.url = f'http://127.0.0.1:{self.server.server_port}/v1'
        threading.Thread(target=self.server.serve_forever, args=[0.01], daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def make(self, rotation=None):
        self.made += 1
        name = f'tok_{self.made}'
        self.tokens[name] = {'id': name, 'token': f'MARKER-{self.made}-abcdefghijklmnopqrstuvwxyz', 'owner': 'acme',
                             'rotation': rotation, 'expires': '2026-12-01T00:00:00Z'}
        return self.tokens[name]

    def handle(self, method, path, authorization, body):
        place = urlsplit(path)
        asking = next((token for token in self.tokens.values() if authorization == f'Bearer {token["token"]}'), None)
        if asking is None:
            return 401, {'error': 'who are you'}
        show = lambda token, *more: {name: token[name] for name in ('id', 'owner', 'expires', *more)}
        match method, place.path.removeprefix('/v1').split('/')[1:]:
            case 'POST', ['tokens']:
                return 201, show(self.make(json.loads(body)['rotation']), 'token')
            case 'GET', ['token']:
                return 200, show(asking)
            case 'GET', ['tokens']:
                rotation = parse_qs(place.query)['rotation'][0]
                return 200, {'ids': [name for name, token in self.tokens.items() if token['rotation'] == rotation]}
            case 'DELETE', ['tokens', name]:
                return (204, None) if self.tokens.pop(name, None) else (404, {'error': 'none'})
        return 404, {'error': 'no such place'}
