"""The admin page's routes: who may call them, from where, how often; and how bad tokens are slowed down."""
import re
import subprocess
import sys

from service import PASSWORD, Service, id_of, run_all, tests_of

UNKNOWN = 'org_00000000000000000000000000000000000000000000000000000004BOQ1z'


def slug(answer):
    return answer.json['type'].partition('#')[2]


def test_no_session_no_change(program):
    service = Service(program).log_in()
    token = service.generate()
    routes = [('POST', '/admin/tokens', {'name': 'x', 'scopes': '', 'expires': None}),
              ('POST', f'/admin/tokens/{id_of(token)}/rotate', {'overlap': 0}),
              ('DELETE', f'/admin/tokens/{id_of(token)}', None), ('GET', '/admin/tokens', None)]
    name = service.cookie.partition('=')[0]
    for method, path, body in routes:
        for cookie in ('', f'{name}=', f'{name}={"0" * 64}', service.cookie[:-1], 'other=' + service.cookie.partition('=')[2]):
            answer = service.request(method, path, body, Origin=service.origin, Cookie=cookie)
            assert (answer.status, slug(answer)) == (401, 'session'), (method, path, answer)
            assert answer['www-authenticate'] == 'Session realm="orgapi admin"', answer
        # A token is no session.
        assert service.request(method, path, body, Origin=service.origin, Authorization=f'Bearer {token}').status == 401
    assert service.bearer(token).status == 200
    service.stop()


def test_only_our_own_page_changes_anything(program):
    service = Service(program).log_in()
    token = service.generate()
    foreign = ['https://evil.example', 'null', f'http://127.0.0.1:{service.port + 1}', f'http://localhost:{service.port}',
               f'https://127.0.0.1:{service.port}', service.origin + '/', service.origin.upper(), '']
    for method, path, body in (('POST', '/admin/tokens', {'name': 'x', 'scopes': '', 'expires': None}),
                               ('DELETE', f'/admin/tokens/{id_of(token)}', None),
                               ('POST', f'/admin/tokens/{id_of(token)}/rotate', {'overlap': 0}),
                               ('POST', '/admin/session', {'password': PASSWORD}), ('DELETE', '/admin/session', None)):
        for origin in foreign:
            answer = service.request(method, path, body, Origin=origin, Cookie=service.cookie)
            assert (answer.status, slug(answer)) == (403, 'origin'), (method, path, origin, answer)
        assert service.request(method, path, body, Cookie=service.cookie).status == 403, 'without any Origin'
    form = service.request('POST', '/admin/tokens', b'{"name":"x","scopes":"","expires":null}', Origin=service.origin,
                           Cookie=service.cookie, Content_Type='text/plain')
    assert (form.status, slug(form)) == (415, 'content-type')
    assert len(service.admin('GET', '/admin/tokens').json['tokens']) == 1
    service.stop()


def test_the_cookie_and_its_end(program):
    service = Service(program)
    answer = service.request('POST', '/admin/session', {'password': PASSWORD}, Origin=service.origin)
    value, *attributes = answer['set-cookie'].split('; ')
    assert sorted(attributes) == ['HttpOnly', 'Path=/admin', 'SameSite=Strict'] and len(value.partition('=')[2]) == 64
    other = Service(program).log_in()
    assert other.cookie.partition('=')[0] != value.partition('=')[0], 'cookies know no ports'
    other.stop()
    service.cookie = value
    assert service.admin('GET', '/admin/tokens').status == 200
    assert service.admin('DELETE', '/admin/session').status == 204
    assert service.request('GET', '/admin/tokens', Cookie=value).status == 401
    service.log_in()
    service.stop()
    kept = service.cookie
    service.start()
    assert service.request('GET', '/admin/tokens', Cookie=kept).status == 401, 'a session outlived the service'
    service.stop()


def test_rows_tell_a_token_s_life(program):
    service = Service(program)
    first = service.generate('points:read', 'ci')
    listed = service.admin('GET', '/admin/tokens').json
    assert (listed['org'], listed['prefix']) == ('acme', 'org')
    row = listed['tokens'][0]
    assert row == {'id': id_of(first), 'shown': f'org_{id_of(first)}…', 'lineage': id_of(first), 'name': 'ci',
                   'scopes': 'points:read', 'created': row['created'], 'expires': None, 'first_used': None,
                   'last_used': None, 'refused': None, 'revoked': None, 'state': 'active', 'predecessor': None,
                   'successor': None}, row
    made = service.admin('POST', f'/admin/tokens/{id_of(first)}/rotate', {'overlap': 60})
    assert made.status == 201 and made.json['predecessor'] == id_of(first), made
    second = made.json['token']
    assert service.admin('POST', f'/admin/tokens/{id_of(first)}/rotate', {'overlap': 60}).status == 409
    assert service.bearer(second).status == service.bearer(first).status == 200
    rows = {row['id']: row for row in service.admin('GET', '/admin/tokens').json['tokens']}
    assert rows[id_of(first)]['expires'] and rows[id_of(first)]['successor'] == id_of(second)
    for wrong in ('linage=1', 'lineage', 'lineage=0', 'lineage=1&lineage=0', 'lineage=1&x', 'Lineage=1'):
        answer = service.admin('DELETE', f'/admin/tokens/{id_of(second)}?{wrong}')
        assert (answer.status, slug(answer)) == (400, 'field'), (wrong, answer)
    assert service.admin('DELETE', f'/admin/tokens/{id_of(second)}?lineage=1').status == 204
    assert [slug(service.bearer(token)) for token in (first, second)] == ['revoked', 'revoked']
    assert service.admin('DELETE', f'/admin/tokens/{id_of(second)}').status == 204, 'again is fine'
    gone = service.admin('DELETE', '/admin/tokens/000000000000')
    assert (gone.status, slug(gone)) == (404, 'no-token')
    for body in ({'name': '', 'scopes': '', 'expires': None}, {'name': 'x' * 101, 'scopes': '', 'expires': None},
                 {'name': 'x', 'scopes': '', 'expires': '2001-01-01T00:00:00Z'}, {'name': 'x', 'scopes': '', 'expires': 'soon'},
                 {'name': 'x', 'expires': None}):
        assert slug(service.admin('POST', '/admin/tokens', body)) == 'field', body
    assert slug(service.admin('POST', '/admin/tokens', {'name': 'x', 'scopes': '', 'expire': None})) == 'body'
    service.stop()


def test_wrong_passwords_are_slowed_down(program):
    service = Service(program)
    kept = service.log_in().cookie
    for _ in range(5):
        answer = service.request('POST', '/admin/session', {'password': 'wrong'}, Origin=service.origin)
        assert (answer.status, slug(answer)) == (401, 'password') and answer['set-cookie'] is None
    answer = service.request('POST', '/admin/session', {'password': PASSWORD}, Origin=service.origin)
    assert (answer.status, slug(answer)) == (429, 'throttled') and 1 <= int(answer['retry-after']) <= 60
    assert service.request('GET', '/admin/tokens', Cookie=kept).status == 200, 'who is logged in stays so'
    service.stop()


def test_another_password(program):
    service = Service(program)
    short = subprocess.run([program, 'password', str(service.home), '--password-fd', '0'], input=b'short', capture_output=True)
    assert (short.returncode, short.stdout) == (1, b'') and b'8 to 1024' in short.stderr, short.stderr
    made = subprocess.run([program, 'password', str(service.home)], capture_output=True, check=True).stdout.decode()
    fresh = re.fullmatch(r'admin password, shown this once: ([a-z2-9]{5}(?:-[a-z2-9]{5}){3})\n', made)[1]
    service.stop()
    service.start()
    answers = [service.request('POST', '/admin/session', {'password': word}, Origin=service.origin).status
               for word in (PASSWORD, fresh)]
    assert answers == [401, 204], answers
    service.stop()


def test_the_folder_is_made_once(program):
    service = Service(program)
    assert service.home.stat().st_mode & 0o777 == 0o700
    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in service.home.iterdir()}
    assert set(modes.values()) == {'0o600'}, modes
    before = {path.name: path.read_bytes() for path in service.home.iterdir() if path.name in ('vault.key', 'orgapi.json')}
    again = subprocess.run([program, 'init', str(service.home), '--password-fd', '0'], input=PASSWORD.encode(), capture_output=True)
    assert again.returncode == 1 and b'choose another folder' in again.stderr, again.stderr
    assert all((service.home / name).read_bytes() == data for name, data in before.items())
    taken = subprocess.run([program, 'serve', str(service.home), '--port', str(service.port)], capture_output=True)
    assert taken.returncode == 1 and b'another program has it' in taken.stderr, taken.stderr
    absent = subprocess.run([program, 'serve', str(service.home / 'nowhere')], capture_output=True)
    assert absent.returncode == 1 and absent.stderr.startswith(b'orgapi: open ') and b'orgapi init' in absent.stderr, absent.stderr
    # Every token would be refused for it later.
    for org in ('a\nb', b'a\xff', b'a\xc2\x85b', ''):
        named = subprocess.run([program, 'init', str(service.home / 'new'), '--org', org, '--password-fd', '0'],
                               input=PASSWORD.encode(), capture_output=True)
        assert named.returncode == 2 and not (service.home / 'new').exists(), (org, named.stderr)
    for words in (['serve'], ['fly'], ['serve', 'a', 'b'], ['serve', 'a', '--port', '70000'], []):
        usage = subprocess.run([program, *words], capture_output=True)
        assert usage.returncode == 2 and usage.stderr.count(b'\n') == 1, (words, usage)
    assert service.stop() == 0


def test_bad_tokens_are_slowed_down_and_good_ones_are_not(program):
    service = Service(program)
    good, dead = service.generate(), service.generate()
    service.bearer(dead, 'DELETE')
    statuses = [service.bearer(UNKNOWN if turn % 2 else UNKNOWN[:-1]).status for turn in range(25)]
    assert statuses == 20 * [401] + 5 * [429], statuses
    answer = service.bearer(UNKNOWN)
    assert slug(answer) == 'throttled' and 1 <= int(answer['retry-after']) <= 60 and answer['www-authenticate'] is None
    assert all(service.bearer(good).status == 200 for _ in range(30))
    assert service.request('GET', '/api/v1/token').status == 401, 'who presents nothing guesses nothing'
    # Whoever holds a dead token is told why, whatever others of the same machine do, until that very token is a nuisance.
    assert [slug(service.bearer(dead)) for _ in range(22)] == 20 * ['revoked'] + 2 * ['throttled']
    assert service.bearer(good).status == 200
    service.stop()


if __name__ == '__main__':
    sys.dont_write_bytecode = True
    run_all(tests_of(globals()))
