"""A server of a test's own on this machine, for as long as a `with` lasts."""
import threading
from http.server import ThreadingHTTPServer


class LoopbackServer(ThreadingHTTPServer):
    """`ended` is set when it is over: for handlers that hold an answer back."""
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, handler):
        super().__init__(('127.0.0.1', 0), handler)
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
