"""etcd's JSON gateway over a FakeEtcd, with faults to order.

A fault is for requests whose path ends in some words, after so many of them, for so many of them; see Handler for
what can go wrong. What arrived is counted.
"""
import json
import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from control import key_words
from fake_etcd import MAX_REQUEST, FakeEtcd, Wrong
from gateway import Gateway

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / 'support'))
from loopback_server import LoopbackServer  # noqa: E402

STREAMS = ('watch', 'lease/keepalive', 'maintenance/snapshot')
CHUNKED = 2048  # bytes: from there on the gateway does not know the length beforehand


class Fault:
    def __init__(self, path, skip, count, kind, rest):
        self.path, self.skip, self.count, self.kind, self.rest = path, int(skip), int(count), kind, rest

    def meets(self, path):
        """Whether it is this request's turn to go wrong."""
        if self.path not in ('any', path) or self.count == 0:
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        self.count -= 1
        return True


class FakeGateway(LoopbackServer):
    request_queue_size = 128

    def __init__(self):
        super().__init__(Handler)
        self.etcd = FakeEtcd()
        self.faults, self.arrived, self.accepted = [], [], 0
        self.lock = threading.Lock()

    def environment(self):
        return {'TOKENVAULT_TEST_ETCD': self.url}

    def words(self):
        """For control.py."""
        return {
            **key_words(lambda: Direct(self.etcd)),
            'fault': lambda *words: self.order(words),
            'right': lambda: self.faults.clear(),
            'arrived': lambda path: sum(1 for one in self.arrived if one == path or path == 'any'),
            'left': lambda: sum(fault.count for fault in self.faults),
            'connections': lambda: self.accepted,
            'compact': lambda: self.etcd.answer('kv/compaction', {'revision': self.etcd.revision}) and None,
        }

    def order(self, words):
        path, skip, count, kind, *rest = words
        with self.lock:
            self.faults.append(Fault(path, skip, count, kind, rest))

    def fault_of(self, path):
        with self.lock:
            self.arrived.append(path)
            return next((fault for fault in self.faults if fault.meets(path)), None)


class Direct(Gateway):
    """The test's own way to the keys, which no fault is on and nothing counts."""

    def __init__(self, etcd):
        super().__init__('')
        self.etcd = etcd

    def ask(self, path, document=None, patience=None):
        return self.etcd.answer(path, document or {})


class Handler(BaseHTTPRequestHandler):
    """A fault's name, with - for _, is its method here; it is given what the fault's order had besides."""
    protocol_version = 'HTTP/1.1'
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def setup(self):
        super().setup()
        with self.server.lock:
            self.server.accepted += 1

    def do_GET(self):
        self.send(200, json.dumps({'health': 'true'}).encode())

    def do_POST(self):
        self.path_words = self.path.removeprefix('/v3/')
        self.text = self.rfile.read(int(self.headers.get('Content-Length') or 0))
        fault = self.server.fault_of(self.path_words)
        if fault is None:
            return self.respond()
        return getattr(self, 'fault_' + fault.kind.replace('-', '_'))(*fault.rest)

    def respond(self):
        if self.path_words == 'watch':
            return self.stream(json.loads(self.text))
        return self.send(*self.done())

    def done(self, dense=False):
        """Does what is asked; the status and the body that tell of it."""
        try:
            if len(self.text) * 3 // 4 > MAX_REQUEST:
                raise Wrong(400, 3, 'etcdserver: request is too large')
            document = json.loads(self.text)
            answer = self.server.etcd.answer(self.path_words, document)
        except Wrong as wrong:
            return wrong.status, json.dumps(wrong.document()).encode()
        return 200, json.dumps(explicit(self.path_words, answer) if dense else answer).encode()

    def send(self, status, body, headers=(), pace=None):
        chunked = len(body) > CHUNKED and pace is None
        self.send_response_only(status)
        for name, value in [('Content-Type', 'application/json'), *headers]:
            self.send_header(name, value)
        self.send_header(*(('Transfer-Encoding', 'chunked') if chunked else ('Content-Length', str(len(body)))))
        self.end_headers_with(b'' if pace else chunk(body) + chunk(b'') if chunked else body)
        for count in range(len(body) if pace else 0):
            self.wfile.write(body[count:count + 1])
            if self.server.ended.wait(pace):
                break

    def end_headers_with(self, body):
        """In one piece: two small ones would wait for each other's acknowledgement."""
        self._headers_buffer.append(b'\r\n' + body)
        self.flush_headers()

    def stream(self, document):
        self.send_response_only(200)
        self.send_header('Content-Type', 'application/json')
        self.send_header('Transfer-Encoding', 'chunked')
        self.end_headers()
        for said in self.server.etcd.events(document, self.hung_up):
            if said:
                self.wfile.write(chunk(json.dumps(said).encode() + b'\n'))
        self.wfile.write(chunk(b''))

    def hung_up(self):
        self.connection.setblocking(False)
        try:
            return self.server.ended.is_set() or self.connection.recv(1, socket.MSG_PEEK) == b''
        except BlockingIOError:
            return False
        finally:
            self.connection.setblocking(True)

    # What can go wrong.

    def fault_say(self, status, body='', *headers):
        """Answers that, and does nothing."""
        self.send(int(status), bytes.fromhex(body), [tuple(header.split('=', 1)) for header in headers])

    def fault_say_after(self, status, body='', *headers):
        self.done()
        self.fault_say(status, body, *headers)

    def fault_cut(self):
        """Hangs up without a word, and does nothing."""
        self.close_connection = True

    def fault_cut_after(self):
        self.done()
        self.close_connection = True

    def fault_cut_within(self):
        """Half of the answer."""
        _, body = self.done()
        self.send_response_only(200)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers_with(body[:len(body) // 2])
        self.close_connection = True

    def fault_reset_after(self):
        """Done, and a connection that ends by a reset."""
        self.done()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b'\1\0\0\0\0\0\0\0')
        self.close_connection = True

    def fault_explicit(self):
        """Zeros and falsehoods written out, numbers as numbers."""
        self.send(*self.done(dense=True))

    def fault_drip(self, pace='1'):
        status, body = self.done()
        self.send(status, body, pace=float(pace))

    def fault_hang(self):
        """Done, and never a word of it."""
        self.done()
        self.server.ended.wait()

    def fault_mute(self):
        """A stream that begins, and says nothing."""
        self.send_response_only(200)
        self.send_header('Transfer-Encoding', 'chunked')
        self.end_headers()
        until_hung_up(self)
        self.close_connection = True

    def fault_large(self, size):
        """So many MiB of what may be JSON, and no length beforehand."""
        self.send_response_only(200)
        self.send_header('Transfer-Encoding', 'chunked')
        self.end_headers()
        piece = b' ' * (1 << 20)
        for _ in range(int(size)):
            self.wfile.write(chunk(piece))
        self.wfile.write(chunk(b'{}') + chunk(b''))

    def fault_deep(self, depth):
        self.send(200, b'{"kvs":' + b'[' * int(depth))

    def fault_old(self):
        """HTTP/1.0: no length, the end of the connection is the end of the answer."""
        status, body = self.done()
        self.wfile.write(f'HTTP/1.0 {status} Whatever\r\n\r\n'.encode() + body)
        self.close_connection = True

    def fault_close_after(self):
        """A right answer, and the connection ends though nobody said so."""
        self.send(*self.done())
        self.close_connection = True


def chunk(data):
    return b'%x\r\n%s\r\n' % (len(data), data)


def until_hung_up(handler):
    while not handler.hung_up():
        time.sleep(0.02)


def explicit(path, answer):
    """With what sparse() left out, and numbers as numbers."""
    zeros = {'kv/txn': {'succeeded': False, 'responses': []}, 'kv/range': {'kvs': [], 'more': False, 'count': 0},
             'lease/grant': {'error': '', 'ID': 0, 'TTL': 0}}
    whole = {**zeros.get(path, {}), **answer}
    for response in whole.get('responses', []):
        for kind, document in response.items():
            if kind == 'response_range':
                response[kind] = {**zeros['kv/range'], **document}
            if kind == 'response_delete_range':
                response[kind] = {'deleted': 0, 'prev_kvs': [], **document}
    return whole
