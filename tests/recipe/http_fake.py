"""What the fake providers share: a server on this machine, a log, and faults to order for the next request."""
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


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


class Fake(ThreadingHTTPServer):
    """`fault` holds for every request of the methods `faulty` until it is taken back; `log` has what arrived."""
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, handler):
        super().__init__(('127.0.0.1', 0), handler)
        self.fault = None
        self.faulty = ('GET', 'POST', 'DELETE', 'PUT', 'PATCH')
        self.retry_after = 7
        self.log = []
        self.ended = threading.Event()

    @property
    def url(self):
        return f'http://127.0.0.1:{self.server_address[1]}'

    def __enter__(self):
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.shutdown()
        self.server_close()

    def handle_error(self, request, client_address):
        pass  # a client that hangs up is what some tests are about


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
