"""A model of GitLab's personal access tokens, written from its public documentation, never seen a real one:
the routes /personal_access_tokens/self of API version 4, and the rule that rotating with a token that was
rotated already revokes the whole family."""
import datetime
import itertools

import http_fake

PREFIX = '/api/v4/personal_access_tokens/self'


class GitLab(http_fake.Fake):
    def __init__(self, token):
        super().__init__(Handler)
        self.counter = itertools.count(2)
        self.tokens = {token: self.record(1, '2027-01-01')}
        self.rotations = 0

    @staticmethod
    def record(number, expires):
        return {'id': number, 'user_id': 4711, 'name': 'ci', 'active': True, 'expires_at': expires, 'rotated': False}

    def rotate(self, token, expires):
        self.rotations += 1
        record = self.tokens[token]
        record.update(active=False, rotated=True)
        number = next(self.counter)
        made = token.split('~')[0] + f'~{number}'
        self.tokens[made] = self.record(number, expires)
        return 200, dict(self.shown(made), token=made)

    def shown(self, token):
        return {name: value for name, value in self.tokens[token].items() if name != 'rotated'}


class Handler(http_fake.Handler):
    def respond(self, method, path, headers, body):
        token = headers.get('PRIVATE-TOKEN')
        record = self.server.tokens.get(token)
        if record and record['rotated'] and (method, path) == ('POST', PREFIX + '/rotate'):
            for member in self.server.tokens.values():
                member['active'] = False
        if not record or not record['active']:
            return 401, {'message': '401 Unauthorized'}
        if (method, path) == ('POST', PREFIX + '/rotate'):
            default = (datetime.date(2026, 1, 1) + datetime.timedelta(days=7)).isoformat()
            return self.server.rotate(token, body.get('expires_at', default))
        if (method, path) == ('GET', PREFIX):
            return 200, self.server.shown(token)
        if (method, path) == ('DELETE', PREFIX):
            record['active'] = False
            return 204, None
        return 404, {'message': '404 Not Found'}


if __name__ == '__main__':
    http_fake.main(GitLab('glpat-example'))
