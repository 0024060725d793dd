"""A model of claimr, written from its public documentation, never seen a real one: one organisation's token,
which a person makes anew by a click, and the route that reads a user's balance."""
import urllib.parse

import http_fake


class Claimr(http_fake.Fake):
    def __init__(self, token):
        super().__init__(Handler)
        self.token = token
        self.polite = False  # says 200 to a dead token, and `success` false: nothing public rules it out

    def click(self, token):
        self.token = token


class Handler(http_fake.Handler):
    def respond(self, method, path, headers, body):
        parts = urllib.parse.urlsplit(path)
        if (method, parts.path) != ('GET', '/api/v1/user/balance'):
            return 404, {'success': False}
        if headers.get('Authorization') != 'Bearer ' + self.server.token:
            return (200 if self.server.polite else 401), {'success': False}
        query = urllib.parse.parse_qs(parts.query)
        assert query['account'] and query['platform']
        return 200, {'success': True, 'data': {'xp': 0, 'ref_xp': 0, 'ugc_xp': 0, 'rank': 1}}


if __name__ == '__main__':
    http_fake.main(Claimr('example'))
