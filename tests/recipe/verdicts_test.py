"""What each answer, or the lack of one, means: every row of the table, for every verb."""
import shutil
import socket
import ssl
import subprocess
import sys

from fake_echo import Echo
from fake_gitlab import GitLab
from fake_orgapi import OrgApi
from program import MARKER, run_all, want

TOKEN = MARKER + '-1'
PROVIDERS = [('orgapi', OrgApi), ('gitlab-pat', GitLab)]
# The fault, and how `issue` ends; whether the token arrives is said where it does.
ISSUE = {
    None: (0, True), '401': (4, False), '403': (3, False), '408': (4, False), '429': (3, False), '500': (4, False),
    '503': (4, False), '502 after': (4, False), 'redirect': (4, False), 'hang': (4, False), 'drop': (4, False),
    'cut': (4, False), 'cut at end': (4, True), 'garbage': (4, False), 'empty': (4, False),
    'id missing': (4, True), 'token missing': (4, False), 'token null': (4, False), 'token number': (4, False), 'token empty': (4, False),
    'large': (4, False), 'large head': (4, False),
}
PROBE = {
    None: 'valid', '401': 'invalid', '403': 'unknown', '408': 'unknown', '429': 'unknown', '500': 'unknown',
    '503': 'unknown', '502 after': 'unknown', 'redirect': 'unknown', 'hang': 'unknown', 'drop': 'unknown',
    'cut': 'unknown', 'cut at end': 'unknown', 'garbage': 'unknown', 'empty': 'unknown', 'id missing': 'unknown',
    'large': 'unknown', 'large head': 'unknown',
}
REVOKE = {
    None: 0, '401': 0, '403': 3, '408': 4, '429': 3, '500': 4, '503': 4, '502 after': 4, 'redirect': 4, 'hang': 4,
    'drop': 4, 'large': 4, 'large head': 4,
}


def ask(program, name, verb, provider, fault, **members):
    """The shipped recipe, with a short patience where the provider has none to give."""
    recipe = program.shipped(name)
    if fault == 'hang':
        recipe['timeout'] = 1
    provider.fault = fault
    return program.ask(verb, program.file('recipe.json', recipe), [('token', TOKEN.encode())],
                       {'url': provider.url}, **members)


def issue_rows(program):
    for name, model in PROVIDERS:
        for fault, (code, arrives) in ISSUE.items():
            with model(TOKEN) as provider:
                answer = want(ask(program, name, 'issue', provider, fault), code)
                assert bool(answer.token) == arrives, (name, fault, answer)
                assert len(provider.log) == 1, f'{name}, {fault}: {len(provider.log)} requests'
                if fault == 'cut at end':
                    assert answer.token in [made.encode() for made in provider.tokens], answer.token
                assert answer.json.get('retry_after') == (7 if code == 3 else None), answer.json
    return f'{2 * len(ISSUE)} rows'


def probe_rows(program):
    for name, model in PROVIDERS:
        for fault, state in PROBE.items():
            with model(TOKEN) as provider:
                answer = want(ask(program, name, 'probe', provider, fault), 0, state=state)
                assert answer.token == b'' and len(provider.log) == 1, (name, fault)
                assert ('message' in answer.json) == (state == 'unknown'), answer.json
                assert fault != '429' or answer.json['retry_after'] == 7
    return f'{2 * len(PROBE)} rows'


def revoke_rows(program):
    for name, model in PROVIDERS:
        for fault, code in REVOKE.items():
            with model(TOKEN) as provider:
                answer = want(ask(program, name, 'revoke', provider, fault), code)
                assert len(provider.log) == 1, (name, fault)
                assert fault != '429' or answer.json['retry_after'] == 7
    return f'{2 * len(REVOKE)} rows'


def closed_port():
    with socket.socket() as taken:
        taken.bind(('127.0.0.1', 0))
        return taken.getsockname()[1]


def not_sent(program):
    """Nobody listens; a name that is none; no TLS where https is spoken: nothing went out, so nothing changed."""
    with OrgApi(TOKEN) as provider:
        places = [f'http://127.0.0.1:{closed_port()}', 'https://nowhere.invalid',
                  provider.url.replace('http:', 'https:')]
        for place in places:
            for verb, code in (('issue', 3), ('probe', 0), ('revoke', 3)):
                answer = want(program.ask(verb, 'orgapi', [('token', TOKEN.encode())], {'url': place}), code)
                assert 'not sent' in answer.json['message'], answer
        assert provider.log == []
    return f'{len(places)} places'


def certificate_is_checked(program):
    """A certificate that nobody vouches for: the connection ends before the token is sent."""
    openssl = shutil.which('openssl')
    if openssl is None:
        return 'left out, openssl is not here'
    key, certificate = (f'{program.folder.name}/{name}.pem' for name in ('key', 'certificate'))
    subprocess.run([openssl, 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', certificate,
                    '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'],
                   check=True, capture_output=True)
    with OrgApi(TOKEN) as provider:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        provider.socket = context.wrap_socket(provider.socket, server_side=True)
        place = f'https://localhost:{provider.server_address[1]}'
        answer = want(program.ask('issue', 'orgapi', [('token', TOKEN.encode())], {'url': place}), 3)
        assert 'not sent' in answer.stderr and 'ertificate' in answer.stderr and provider.log == [], answer
    return ''


def same_token_again(program):
    """A provider that gives back what we have: it is handed over, and is no success."""
    recipe = {'tvp': 1, 'name': 'same', 'issue': 'once', 'old': 'dies', 'base': '{set.url}',
              'issue_call': {'send': 'GET /api/v4/personal_access_tokens/self', 'done': [200],
                             'headers': {'PRIVATE-TOKEN': '{token}'}, 'take': {'token': '/name'}}}
    with GitLab('ci') as provider:
        answer = want(program.ask('issue', program.file('r.json', recipe), [('token', b'ci')],
                                  {'url': provider.url}), 4)
        assert answer.token == b'ci' and 'in use' in answer.stderr


def token_as_its_own_id(program):
    recipe = program.shipped('gitlab-pat')
    recipe['issue_call']['take']['id'] = '/token'
    with GitLab(TOKEN) as provider:
        answer = want(program.ask('issue', program.file('r.json', recipe), [('token', TOKEN.encode())],
                                  {'url': provider.url}), 4)
        assert answer.token and 'id' not in answer.json


def token_of_another_status(program):
    """An answer of success hands its token over though the recipe did not expect it; a failure's is none."""
    for status, code, token in ((202, 4, b'new'), (403, 3, b''), (404, 3, b''), (500, 4, b''), (302, 4, b'')):
        with Echo({'token': 'new', 'id': 1}, status=status) as provider:
            answer = want(program.ask('issue', 'orgapi', [('token', TOKEN.encode())], {'url': provider.url}), code)
            assert answer.token == token, (status, answer)


def no_way_out(program):
    """Without descriptor 4 a token would be lost, so none is asked for; nor is one written elsewhere."""
    request = (b'{"tvp":1,"verb":"issue","tokens":[{"name":"token","size":%d}],"settings":{"recipe":"orgapi",'
               b'"url":"%s"}}')
    with OrgApi(TOKEN) as provider:
        text = request % (len(TOKEN), provider.url.encode())
        answer = program.start('issue', text, TOKEN.encode(), token_out=False)
        assert 'descriptor 4' in want(answer, 3).stderr and provider.log == []
        answer = program.start('issue', text, close=(3,))
        assert 'descriptor 3' in want(answer, 3).stderr and provider.log == []


if __name__ == '__main__':
    sys.exit(run_all([issue_rows, probe_rows, revoke_rows, not_sent, certificate_is_checked, same_token_again,
                      token_as_its_own_id, token_of_another_status, no_way_out]))
