"""A line to one member of etcd that carries bytes as they are, until it is to break at a change: etcd makes the change,
its answer never arrives, and nobody can connect any more until the line is mended."""
import contextlib
import socket
import threading

from cluster import free_port

CHANGE = b'POST /v3/kv/txn'


class Wire:
    def __init__(self, url):
        host, port = url.split('//')[1].split(':')
        self.far, self.port = (host, int(port)), free_port()
        self.url = f'http://127.0.0.1:{self.port}'
        self.armed, self.broken = threading.Event(), threading.Event()
        self.mend()

    def mend(self):
        self.broken.clear()
        self.listener = socket.create_server(('127.0.0.1', self.port))
        self.begin(self.listen, self.listener)

    def close(self):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)  # a thread that waits for a connection would not see a close
        self.listener.close()

    @staticmethod
    def begin(work, *what):
        threading.Thread(target=work, args=what, daemon=True).start()

    def listen(self, listener):
        with contextlib.suppress(OSError):
            while True:
                self.begin(self.carry, listener.accept()[0])

    def carry(self, near):
        last = threading.Event()
        with near, socket.create_connection(self.far) as far, contextlib.suppress(OSError):
            self.begin(self.bring_back, far, near, last)
            while data := near.recv(1 << 16):
                if self.armed.is_set() and CHANGE in data:
                    self.armed.clear()
                    last.set()
                far.sendall(data)

    def bring_back(self, far, near, last):
        with contextlib.suppress(OSError):
            while data := far.recv(1 << 16):
                if last.is_set():
                    self.close()
                    near.shutdown(socket.SHUT_RDWR)
                    self.broken.set()
                    return
                near.sendall(data)
