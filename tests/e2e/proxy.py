"""A proxy between tool and service that loses one answer: each request is carried whole, on a connection of its own."""
import http.client
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Proxy(ThreadingHTTPServer):
    """`way` is how the next answer to a POST goes wrong; None carries it over. `doomed`: another port for POST alone."""
    daemon_threads = True

    def __init__(self, port):
        super().__init__(('127.0.0.1', 0), Handler)
        self.port, self.doomed, self.way, self.posts = port, None, None, 0
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def url(self):
        return f'http://127.0.0.1:{self.server_address[1]}'

    def handle_error(self, request, client_address):
        pass  # a client that was killed

    def close(self):
        self.shutdown()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def log_message(self, *_):
        pass

    def carry(self):
        port = self.server.doomed if self.server.doomed and self.command == 'POST' else self.server.port
        body = self.rfile.read(int(self.headers.get('Content-Length') or 0))
        headers = dict(self.headers, Host=f'127.0.0.1:{port}')
        connection = http.client.HTTPConnection('127.0.0.1', port, timeout=20)
        try:
            connection.request(self.command, self.path, body or None, headers)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def serve(self):
        self.close_connection = True
        way = self.server.way if self.command == 'POST' else None
        self.server.posts += self.command == 'POST'
        try:
            status, headers, body = self.carry()
        except (OSError, http.client.HTTPException):
            way = 'drop'
        if way == 'drop':
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        if way == '502':
            status, headers, body = 502, {}, b'<html>bad gateway</html>'
        self.send_response(status)
        for name in ('Content-Type', 'WWW-Authenticate', 'Retry-After', 'Token-Expires'):
            if headers.get(name):
                self.send_header(name, headers[name])
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_DELETE = serve
