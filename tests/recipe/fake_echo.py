"""A provider that answers one document to everything, for tests of what is sent and of what is taken."""
import http_fake


class Echo(http_fake.Fake):
    def __init__(self, document=None, body=None, status=200):
        super().__init__(Handler)
        self.document, self.body, self.status = document, body, status


class Handler(http_fake.Handler):
    def serve(self):
        size = int(self.headers.get('Content-Length') or 0)
        self.server.log.append((self.command, self.path, self.headers, self.rfile.read(size)))
        if self.server.body is not None:
            return self.raw(self.server.status, self.server.body)
        return self.answer(self.server.status, self.server.document)

    do_GET = do_POST = do_DELETE = do_PUT = do_PATCH = serve
