"""What the fake providers share: a server on this machine, a log, and faults to order for the next request."""
import json
import sys
from http.server import BaseHTTPRequestHandler
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / 'support'))
from loopback_server import LoopbackServer  # noqa: E402


class Faults:
    """How one answer goes wrong. The handler did what was asked, where the name says `after`."""

    @staticmethod
    def status(handler, code, headers=()):
        handler.answer(code, {'message': 'fault to order'}, headers)

    @staticmethod
    def cut(handler, code, body):
        """The first bytes of the answer alone."""
        Faults.shortened(handler, code, body, 5)

    @staticmethod
    def cut_at_end(handler, code, body):
        """All but the last byte: a token before them has arrived."""
        Faults.shortened(handler, code, body, len(body) - 1)

    @staticmethod
    def shortened(handler, code, body, size):
        handler.send_response(code)
        handler.send_header('Content-Length', str(len(body)))
        handler.end_headers()
        handler.wfile.write(body[:size])
        handler.wfile.flush()
        handler.close_connection = True


class Fake(LoopbackServer):
    """`fault` holds for every request of the methods `faulty` until it is taken back; `log` has what arrived."""

    def __init__(self, handler):
        super().__init__(handler)
        self.fault = None
        self.faulty = ('GET', 'POST', 'DELETE', 'PUT', 'PATCH')
        self.retry_after = 7
        self.log = []


class Handler(BaseHTTPRequestHandler):
    """Subclasses have `respond(method, path, headers, body) -> status, JSON`, which does what is asked."""
    protocol_version = 'HTTP/1.1'
    # Done what was asked, or not even looked at it, before the answer goes wrong.
    BEFORE = {'401': 401, '403': 403, '408': 408, '429': 429, '500': 500, '503': 503}

    def log_message(self, *_):
        pass

    def answer(self, code, document, headers=()):
        self.raw(code, json.dumps(document).encode(), headers)

    def raw(self, code, body, headers=()):
        self.send_response(code)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def serve(self):
        size = int(self.headers.get('Content-Length') or 0)
        text = self.rfile.read(size)
        self.server.log.append((self.command, self.path, dict(self.headers), text))
        fault = self.server.fault if self.command in self.server.faulty else None
        if fault in self.BEFORE:
            return Faults.status(self, self.BEFORE[fault], [('Retry-After', str(self.server.retry_after))])
        code, document = self.respond(self.command, self.path, self.headers, json.loads(text) if text else {})
        return self.reply(fault, code, document)

    def reply(self, fault, code, document):
        body = b'' if document is None else json.dumps(document).encode()
        if fault is None:
            self.raw(code, body)
        elif fault == 'hang':
            self.server.ended.wait()
        elif fault == 'drop':
            self.close_connection = True
        elif fault == '502 after':
            Faults.status(self, 502)
        elif fault == 'redirect':
            Faults.status(self, 302, [('Location', self.server.url + '/elsewhere')])
        elif fault == 'garbage':
            self.raw(code, b'<html>' + b'x' * 100)
        elif fault == 'empty':
            self.raw(code, b'')
        elif fault == 'token missing':
            self.answer(code, {})
        elif fault == 'id missing':
            self.answer(code, {name: value for name, value in document.items() if name != 'id'})
        elif fault == 'token null':
            self.answer(code, dict(document, token=None))
        elif fault == 'token number':
            self.answer(code, dict(document, token=12345))
        elif fault == 'token empty':
            self.answer(code, dict(document, token=''))
        elif fault == 'large':
            self.raw(200, b'{"padding":"' + b'x' * (10 << 20) + b'"}')
        elif fault == 'large head':
            self.raw(code, body, [(f'X-Padding-{count}', 'x' * 1000) for count in range(90)])
        else:
            getattr(Faults, fault.replace(' ', '_'))(self, code, body)

    do_GET = do_POST = do_DELETE = do_PUT = do_PATCH = serve


def main(fake):
    """For use by hand: prints the port and serves until it is ended."""
    print(fake.server_address[1], flush=True)
    fake.serve_forever()
