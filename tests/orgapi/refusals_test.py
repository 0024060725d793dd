"""The bytes of every refusal, the headers of every answer, and what is refused before anything else."""
import json
import sys

from service import SECURITY_HEADERS, Service, id_of, run_all, secret_of, status_of, tests_of
from org_token import check_of  # its folder is known by then

BEARER = 'Bearer realm="orgapi"'
INVALID = BEARER + ', error="invalid_token", error_description="{}"'
CUT = 'This is not a token of this service; it may have been cut short.'
ROTATE = '/api/v1/token/rotate'


def problem(slug, title, status):
    return json.dumps({'type': f'/problems#{slug}', 'title': title, 'status': status}, separators=(',', ':')).encode()


def check(answer, status, slug, title, challenge=None):
    assert (answer.status, answer.body) == (status, problem(slug, title, status)), answer.status
    assert answer['content-type'] == 'application/problem+json', answer.fields
    assert answer['www-authenticate'] == challenge, answer
    check_headers(answer)


def check_headers(answer, cache='no-store'):
    for name, value in {**SECURITY_HEADERS, 'cache-control': cache}.items():
        assert [v for k, v in answer.fields if k == name] == [value], (name, answer.fields)
    assert not [name for name, _ in answer.fields if name.startswith('access-control-')], answer.fields


def with_check(body):
    """A token of our form from what comes before its check."""
    return body + check_of(body)


def test_golden_bytes(program):
    service = Service(program)
    token = service.generate('points:read')
    check(service.request('GET', '/api/v1/token'), 401, 'missing', 'An API token is required.', BEARER)
    check(service.request('GET', '/api/v1/token', Authorization='Basic YTpi'), 401, 'missing',
          'An API token is required.', BEARER)
    check(service.bearer(token[:-1]), 401, 'malformed', CUT, INVALID.format(CUT))
    unknown = 'This token is not known.'
    other_secret = 'B' if token[20] == 'A' else 'A'
    for wrong in (with_check(token[:20] + other_secret + token[21:-6]), with_check('org_' + 55 * '0')):
        check(service.bearer(wrong), 401, 'unknown', unknown, INVALID.format(unknown))
    check(service.bearer(token, 'POST', '/api/v1/user/reward', {}), 403, 'scope', 'This token may not do that.',
          BEARER + ', error="insufficient_scope", scope="points:write"')
    two = service.raw(service.head('GET', '/api/v1/token', f'Authorization: Bearer {token}', 'authorization: Bearer x'))
    head, body = two.split(b'\r\n\r\n', 1)
    assert status_of(two) == 400 and body == problem('ambiguous', 'More than one Authorization field was sent.', 400)
    assert f'WWW-Authenticate: {BEARER}, error="invalid_request"'.encode() in head.split(b'\r\n'), head
    assert service.bearer(token, 'DELETE').status == 204
    revoked = 'This token was revoked.'
    check(service.bearer(token), 401, 'revoked', revoked, INVALID.format(revoked))
    service.stop()


def test_expired_by_an_overlap_of_nothing(program):
    service = Service(program)
    old = service.generate()
    answer = service.bearer(old, 'POST', ROTATE, {'rotation': 'r1', 'overlap': 0})
    assert answer.status == 201 and answer['token-expires'] is None, answer
    made = answer.json
    assert (made['predecessor'], made['id'], made['overlap']) == (id_of(old), id_of(made['token']), 0)
    assert service.bearer(old).status == 200
    assert service.bearer(made['token']).status == 200
    expired = 'This token has expired.'
    check(service.bearer(old), 401, 'expired', expired, INVALID.format(expired))
    rows = {row['id']: row for row in service.admin('GET', '/admin/tokens').json['tokens']}
    assert rows[id_of(old)]['refused'] and rows[id_of(old)]['state'] == 'expired', rows[id_of(old)]
    service.stop()


def test_what_a_token_may_do(program):
    service = Service(program)
    token = service.generate(expires='2099-01-01T00:00:00Z')
    answer = service.bearer(token)
    assert answer.json == {'id': id_of(token), 'org': 'acme', 'name': 'test', 'expires': '2099-01-01T00:00:00Z',
                           'scopes': 'points:read points:write token:rotate'}, answer.json
    assert answer['token-expires'] == '2099-01-01T00:00:00Z' and answer['content-type'] == 'application/json'
    check_headers(answer)
    for repeated in range(2):
        reward = {'account': 'ann', 'xp': 5, 'id': 'once'}
        assert service.bearer(token, 'POST', '/api/v1/user/reward', reward).json['data']['xp'] == 5, repeated
    balance = service.bearer(token, path='/api/v1/user/balance?account=ann')
    assert balance.json == {'success': True, 'data': {'account': 'ann', 'xp': 5, 'ref_xp': 0, 'ugc_xp': 0, 'rank': 0}}
    first = service.bearer(token, 'POST', ROTATE, {'rotation': 'a', 'overlap': 60}).json['token']
    again = service.bearer(token, 'POST', ROTATE, {'rotation': 'a', 'overlap': 60}).json['token']
    assert service.bearer(first).status == 401 and service.bearer(again).status == 200
    check(service.bearer(token, 'POST', ROTATE, {'rotation': 'b', 'overlap': 60}), 409, 'conflict',
          'Another rotation of this token is open, or was finished.')
    service.stop()


def test_bodies_that_are_refused(program):
    service = Service(program)
    token = service.generate()
    title = 'The body is not the JSON object that is expected here.'
    for body in (b'', b'[]', b'{', b'null', b'[' * 60000, b'{"rotation":"a","overlap":1,"more":1}', b'\xff',
                 b'{"rotation":"a","overlap":1,"overlap":2}', b'{"rotation":"a","overlap":1}\0',
                 b'{"rotation":"a","overlap":1}\0x'):
        answer = service.bearer(token, 'POST', ROTATE, body, Content_Type='application/json')
        check(answer, 400, 'body', title)
    field = 'A field is missing, unknown, or has a value it cannot have.'
    for body in ({}, {'rotation': 'a'}, {'rotation': 1, 'overlap': 1}, {'rotation': 'a', 'overlap': '1'},
                 {'rotation': 'a', 'overlap': -1}, {'rotation': 'a', 'overlap': 1.5}, {'rotation': '', 'overlap': 1},
                 {'rotation': 'a', 'overlap': 604801}, {'rotation': 'a', 'overlap': 2**64 - 1},
                 {'rotation': 'a' * 65, 'overlap': 1}, {'rotation': 'a b', 'overlap': 1}):
        check(service.bearer(token, 'POST', ROTATE, body), 400, 'field', field)
    for body in ({'account': 'a', 'xp': 0, 'id': 'i'}, {'account': '', 'xp': 1, 'id': 'i'},
                 {'account': 'a', 'xp': 10**9, 'id': 'i'}, {'account': 'a', 'xp': 1, 'id': 'i' * 101}):
        check(service.bearer(token, 'POST', '/api/v1/user/reward', body), 400, 'field', field)
    check(service.bearer(token, path='/api/v1/user/balance'), 400, 'field', field)
    for kind in ('text/plain', 'application/x-www-form-urlencoded', 'application/jsonx', ''):
        check(service.bearer(token, 'POST', ROTATE, b'{}', Content_Type=kind), 415, 'content-type',
              'The body must be application/json.')
    service.stop()


def test_hosts(program):
    service = Service(program)
    for name in ('127.0.0.1', 'localhost', 'LocalHost', '[::1]'):
        assert service.request('GET', '/problems', Host=f'{name}:{service.port}').status == 200, name
    wrong = ['evil.example', f'evil.example:{service.port}', '127.0.0.1', f'127.0.0.1:{service.port + 1}',
             f'127.0.0.1:{service.port}.', f'127.0.0.2:{service.port}', '']
    for host in wrong:
        for method, path in (('GET', '/admin'), ('GET', '/nowhere'), ('PUT', '/api/v1/token'), ('POST', ROTATE)):
            check(service.request(method, path, Host=host), 421, 'host',
                  'This service is not reached by that host name.')
    twice = service.raw(service.head('GET', '/admin', f'Host: 127.0.0.1:{service.port}'))
    assert status_of(twice) == 421, twice[:60]
    assert status_of(service.raw(b'GET /admin HTTP/1.0\r\n\r\n')) == 421
    assert status_of(service.raw(b'GET /admin HTTP/1.1\r\n\r\n')) == 400
    service.stop()


def test_paths_and_methods(program):
    service = Service(program)
    for path in ('/nowhere', '/admin//', '/api-docs//', '/admin/%2f', '//evil.example/', '/admin/tokens/', '/admin/tokens/a/b', '/admin/tokens//rotate',
                 '/api/v1/token%00', '/admin/../admin', '//admin', '/admin/page.css/'):
        check(service.request('GET', path), 404, 'not-found', 'There is nothing here.')
    for path, allowed in (('/api/v1/token', 'GET, DELETE, HEAD'), (ROTATE, 'POST'), ('/admin', 'GET, HEAD'),
                          ('/admin/tokens', 'GET, POST, HEAD'), ('/admin/tokens/x', 'DELETE')):
        for method in ('PUT', 'PATCH', 'OPTIONS', 'PROPFIND'):
            answer = service.request(method, path)
            check(answer, 405, 'method', 'This path does not take that method.')
            assert answer['allow'] == allowed, (path, answer['allow'])
    assert service.request('HEAD', ROTATE).status == 405
    for path, kind in (('/admin', 'text/html; charset=utf-8'), ('/admin/page.css', 'text/css; charset=utf-8'),
                       ('/openapi.json', 'application/json'), ('/problems', 'text/html; charset=utf-8'),
                       ('/api-docs/', 'text/html; charset=utf-8')):
        answer, head = service.request('GET', path), service.request('HEAD', path)
        assert answer.status == head.status == 200 and answer['content-type'] == kind, (path, answer)
        assert head.body == b'' and int(head['content-length']) == len(answer.body) > 0, path
        check_headers(answer, 'no-cache')
        check_headers(head, 'no-cache')
    head = service.request('HEAD', '/api/v1/token')
    assert (head.status, head.body, head['www-authenticate']) == (401, b'', BEARER), head
    service.stop()


def test_addresses_as_they_are_typed(program):
    service = Service(program)
    for path, meant in (('/', '/admin'), ('/admin/', '/admin'), ('/api-docs', '/api-docs/')):
        for tail in ('', '?x=//evil.example', '?%0d%0aX: y'):
            answer = service.request('GET', path + tail.replace(' ', '%20'))
            assert (answer.status, answer['location'], answer.body) == (308, meant, b''), (path, answer.fields)
            check_headers(answer)
        assert service.request('HEAD', path)['location'] == meant
        assert service.request('POST', path)['allow'] == 'GET, HEAD'
    assert service.request('GET', '/', Host='evil.example')['location'] is None
    service.stop()


def test_each_problem_is_explained(program):
    service = Service(program)
    page = service.request('GET', '/problems').body.decode()
    slugs = ('missing ambiguous malformed unknown expired revoked scope host framing length too-large not-found method '
             'content-type body field origin session password throttled no-token conflict ended full busy internal')
    absent = [slug for slug in slugs.split() if f'id="{slug}"' not in page]
    assert not absent, absent
    service.stop()


def test_the_log_names_tokens_by_id_alone(program):
    service = Service(program)
    token = service.generate('points:read')
    service.bearer(token)
    service.bearer(token, path='/api/v1/user/balance?account=hidden')
    service.request('GET', f'/nowhere/{token}?{token}')
    service.request('GET', f'/{secret_of(token)}')
    service.request('GET', '/a%0Ab%1b')
    service.bearer(token, 'DELETE')
    service.bearer(token)
    service.stop()
    log = service.log.read_text()
    assert log.splitlines()[2:] == [
        f'GET /api/v1/token 200 {id_of(token)}', f'GET /api/v1/user/balance 200 {id_of(token)}',
        f'GET /nowhere/{token[:12]}... 404 -', f'GET /{secret_of(token)[:12]}... 404 -', 'GET /a?b? 404 -',
        f'DELETE /api/v1/token 204 {id_of(token)}', f'GET /api/v1/token 401 {id_of(token)}'], log


if __name__ == '__main__':
    sys.dont_write_bytecode = True
    run_all(tests_of(globals()))
