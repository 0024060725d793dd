"""A small service on this machine that wants a token: 200 with the right one, 401 with any other.

Reads the token it expects from standard input, never from its arguments, and writes the port it
listens on to the file named by its only argument.
"""
import hmac
import os
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

EXPECTED = b'Bearer ' + sys.stdin.buffer.read()


class Service(BaseHTTPRequestHandler):
    def do_GET(self):
        given = self.headers.get('Authorization', '').encode('latin-1', 'replace')
        if hmac.compare_digest(given, EXPECTED):
            self.answer(200, b'hello, acme\n')
        else:
            self.answer(401, b'wrong token\n')

    def answer(self, status, body):
        self.send_response(status)
        if status == 401:
            self.send_header('WWW-Authenticate', 'Bearer')
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def main():
    if EXPECTED == b'Bearer ':
        sys.exit('no token on standard input')
    server = HTTPServer(('127.0.0.1', 0), Service)
    # Renamed into place, so that whoever waits for the file never reads half a number.
    with open(sys.argv[1] + '.new', 'w', encoding='ascii') as file:
        file.write(str(server.server_port))
    os.rename(sys.argv[1] + '.new', sys.argv[1])
    server.serve_forever()


if __name__ == '__main__':
    main()
