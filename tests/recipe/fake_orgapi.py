"""A model of the reference service orgapi, written from its route table: a rotation is replay-safe, and the
old token ends after the successor's first use plus the overlap, of which this model has no clock."""
import itertools

import http_fake


class OrgApi(http_fake.Fake):
    def __init__(self, token):
        super().__init__(Handler)
        self.counter = itertools.count(2)
        self.tokens = {token: self.record('id000000001a')}
        self.rotations = 0

    @staticmethod
    def record(identifier):
        return {'id': identifier, 'org': 'acme', 'name': 'ci', 'scopes': 'token:rotate', 'expires': None,
                'live': True, 'used': False, 'successor': None, 'rotation': None}

    def rotate(self, token, rotation, overlap):
        self.rotations += 1
        record = self.tokens[token]
        open_one = self.tokens.get(record['successor'])
        if open_one and open_one['live']:
            if open_one['used'] or open_one['rotation'] != rotation:
                return 409, {'title': 'A rotation is open.'}
            open_one['live'] = False
        number = next(self.counter)
        made = token.split('~')[0] + f'~{number}'
        self.tokens[made] = dict(self.record(f'id{number:09}b'), rotation=rotation)
        record['successor'] = made
        return 201, {'token': made, 'id': self.tokens[made]['id'], 'predecessor': record['id'], 'overlap': overlap,
                     'expires': None}


class Handler(http_fake.Handler):
    def respond(self, method, path, headers, body):
        token = headers.get('Authorization', '').removeprefix('Bearer ')
        record = self.server.tokens.get(token)
        if not record or not record['live']:
            return 401, {'type': '/problems#unknown', 'title': 'This token is not known.', 'status': 401}
        record['used'] = True
        if (method, path) == ('POST', '/api/v1/token/rotate'):
            return self.server.rotate(token, body['rotation'], body.get('overlap', 0))
        if (method, path) == ('GET', '/api/v1/token'):
            return 200, {name: record[name] for name in ('id', 'org', 'name', 'scopes', 'expires')}
        if (method, path) == ('DELETE', '/api/v1/token'):
            record['live'] = False
            return 204, None
        return 404, {'title': 'There is no such route.'}


if __name__ == '__main__':
    http_fake.main(OrgApi('org_example'))
