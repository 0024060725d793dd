"""What is sent, byte for byte: how words are written where they stand, and what may not be sent at all."""
import datetime
import json
import sys

from fake_echo import Echo
from program import ENVIRONMENT, MARKER, run_all, want

NAMES = {'token': '/token'}


def recipe(call, base='{set.url}', **members):
    return {'tvp': 1, 'name': 'words', 'issue': 'once', 'old': 'dies', 'base': base,
            'issue_call': dict({'done': [200], 'take': NAMES}, **call), **members}


def issue(program, provider, call, token=MARKER.encode(), base='{set.url}', settings=None, secrets=(), **members):
    path = program.file('words.json', recipe(call, base))
    given = [('token', token)] if token is not None else []
    return program.ask('issue', path, given + list(secrets), dict(settings or {}, url=provider.url), **members)


def percent_encoding(program):
    """Every byte but the unreserved ones; a value cannot end its segment, its query, or the address."""
    hostile = bytes(range(1, 256))
    plain = b'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~'
    written = ''.join(chr(byte) if byte in plain else f'%{byte:02X}' for byte in hostile)
    with Echo({'token': 'new'}) as provider:
        want(issue(program, provider, {'send': 'POST /a%2Fb/{secret.s}/c?x={secret.s}&y=1'},
                   secrets=[('s', hostile)]), 0)
        assert provider.log[0][1] == f'/a%2Fb/{written}/c?x={written}&y=1', provider.log[0][1]
        want(issue(program, provider, {'send': 'POST /{name}/{id}'}, id='\u00e9/..?#'), 0)
        assert provider.log[1][1] == '/acme%2Fclaimr/%C3%A9%2F..%3F%23', provider.log[1][1]


def dot_steps(program):
    with Echo({'token': 'new'}) as provider:
        for value in ('.', '..'):
            for send in ('POST /tokens/{id}/rotate', 'POST /{id}', 'POST /{id}?x=1'):
                assert 'step' in want(issue(program, provider, {'send': send}, id=value), 3).stderr
        want(issue(program, provider, {'send': 'POST /x{id}'}, id='.'), 0)
        assert 'step' in want(issue(program, provider, {'send': 'POST /.{id}/a'}, id='.'), 3).stderr
        assert [entry[1] for entry in provider.log] == ['/x.']


def header_injection(program):
    with Echo({'token': 'new'}) as provider:
        call = {'send': 'POST /x', 'headers': {'Authorization': 'Bearer {token}', 'X-Set': 'a {set.s} b'}}
        for byte in [*range(0x20), 0x7f]:
            bad = MARKER.encode() + bytes([byte]) + b'X-Evil: 1'
            answer = issue(program, provider, call, token=bad, settings={'s': 'fine'})
            assert '{token}' in want(answer, 3).stderr
        for bad in ('a\r\nX-Evil: 1', 'a\nb', 'a\x00b', '\t'):
            assert '{set.s}' in want(issue(program, provider, call, settings={'s': bad}), 3).stderr
        assert provider.log == []
        want(issue(program, provider, call, settings={'s': '{token} "\\ \u00fc'}), 0)
        headers = provider.log[0][2]
        assert headers['Authorization'] == f'Bearer {MARKER}'
        assert headers['X-Set'].encode('latin-1').decode() == 'a {token} "\\ \u00fc b', headers['X-Set']
    return '37 bytes'


def json_escaping(program):
    """The body is JSON whatever the values hold, and a value never becomes structure."""
    hostile = ''.join(map(chr, range(1, 0x80))) + '","admin":true,"x":"\u00fc\u20ac\U0001f600'
    body = {'text': 'a{secret.s}b', 'list': ['{rotation}', 1, None, True, 1.5], 'set': '{set.s}', 'o': {}}
    with Echo({'token': 'new'}) as provider:
        want(issue(program, provider, {'send': 'POST /x', 'json': body}, settings={'s': hostile},
                   secrets=[('s', hostile.encode())]), 0)
        method, _, headers, sent = provider.log[0]
        assert (method, headers['Content-Type']) == ('POST', 'application/json')
        assert json.loads(sent) == {'text': f'a{hostile}b', 'list': ['r0t4t10nr0t4t10nabcdef', 1, None, True, 1.5],
                                    'set': hostile, 'o': {}}
        for bad in (b'\xff', b'\xc3', b'\xc3a', b'\xc0\x80', b'\xf5\x80\x80\x80', b'a\x80'):
            answer = issue(program, provider, {'send': 'POST /x', 'json': body}, settings={'s': 'a'},
                           secrets=[('s', bad)])
            assert 'not UTF-8' in want(answer, 3).stderr
        assert len(provider.log) == 1


def what_is_left_out(program):
    """A text that is one word without a value goes with its member; elsewhere it is a clear refusal."""
    body = {'id': '{id}', 'overlap': '{overlap}', 'at': '{expires}', 'on': '{expires_date}',
            'list': ['{id}', '{overlap}'], 'text': 'for {name}'}
    with Echo({'token': 'new'}) as provider:
        want(issue(program, provider, {'send': 'POST /x', 'json': body}, overlap=0), 0)
        assert json.loads(provider.log[0][3]) == {'list': [], 'text': 'for acme/claimr'}, provider.log[0]
        before = datetime.datetime.now(datetime.timezone.utc)
        want(issue(program, provider, {'send': 'POST /x', 'json': body}, id='7', overlap=60, lifetime=86400), 0)
        after = datetime.datetime.now(datetime.timezone.utc)
        sent = json.loads(provider.log[1][3])
        assert (sent['id'], sent['overlap'], sent['list']) == ('7', 60, ['7', 60])
        at = datetime.datetime.strptime(sent['at'], '%Y-%m-%dT%H:%M:%S%z')
        day = datetime.timedelta(days=1)
        assert before - datetime.timedelta(seconds=1) <= at - day <= after and sent['on'] == sent['at'][:10], sent
        for place in ({'send': 'POST /{id}'}, {'send': 'POST /?o={overlap}'}, {'send': 'POST /x', 'json': {'a': 'x{id}'}},
                      {'send': 'POST /x', 'headers': {'A': '{expires}'}}, {'send': 'POST /x', 'json': {'a': '{secret.s}'}}):
            assert 'nothing for' in want(issue(program, provider, place), 3).stderr
        assert 'nothing for {token}' in want(issue(program, provider, {'send': 'POST /{token}'}, token=None), 3).stderr
        assert 'nothing for {token}' in want(issue(program, provider, {'send': 'POST /{token}'}, token=b''), 3).stderr
        assert len(provider.log) == 2


def own_headers(program):
    with Echo({'token': 'new'}) as provider:
        want(issue(program, provider, {'send': 'POST /x'}), 0)
        headers = provider.log[0][2]
        assert sorted(headers) == ['Accept', 'Content-Length', 'Host', 'User-Agent'], sorted(headers)
        want(issue(program, provider, {'send': 'PUT /x', 'json': {}, 'headers': {
            'accept': 'a/b', 'USER-AGENT': 'me', 'content-type': 'application/merge+json'}}), 0)
        method, _, headers, body = provider.log[1]
        assert (method, body, headers['accept'], headers['user-agent'], headers['content-type']) == (
            'PUT', b'{}', 'a/b', 'me', 'application/merge+json')
        assert len(headers.get_all('content-type')) == len(headers.get_all('accept')) == 1
        want(issue(program, provider, {'send': 'DELETE /x'}), 0)
        assert provider.log[2][0] == 'DELETE' and 'Content-Type' not in provider.log[2][2]


def no_proxy_from_outside(program):
    """Variables that other programs obey would send the token to whoever set them."""
    kept = dict(ENVIRONMENT)
    with Echo({'token': 'new'}) as provider, Echo({'token': 'stolen'}) as thief:
        ENVIRONMENT.update({name: thief.url for name in ('http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY')})
        try:
            answer = want(issue(program, provider, {'send': 'POST /x'}), 0)
        finally:
            ENVIRONMENT.clear()
            ENVIRONMENT.update(kept)
        assert answer.token == b'new' and thief.log == []


def large_values(program):
    """A token of 32 KiB, the most there is, in a body and as an answer; a larger one is handed over to nobody."""
    most = MARKER.encode() + b'x' * (32768 - len(MARKER))
    with Echo({'token': most.decode()}) as provider:
        answer = issue(program, provider, {'send': 'POST /x', 'headers': {'A': '{token}'}}, token=b'a' * 32768)
        assert 'longer than 32 KiB' in want(answer, 3).stderr and provider.log == []
        answer = want(issue(program, provider, {'send': 'POST /x', 'json': {'t': '{token}'}}, token=b'a' * 32000), 0)
        assert answer.token == most and json.loads(provider.log[0][3]) == {'t': 'a' * 32000}
        provider.document = {'token': most.decode() + 'y'}
        assert want(issue(program, provider, {'send': 'POST /x'}), 4).token == b''


def answers_are_decoded(program):
    """The token is what the JSON means, wherever it lies, and never what merely looks like it."""
    cases = [(b'{"token":"a\\"\\\\\\/\\b\\f\\n\\r\\tb"}', b'a"\\/\b\f\n\r\tb'), (b' {\n"token" : "x" } \n', b'x'),
             (b'{"a":"\\"token\\":\\"no\\"","token":"yes"}', b'yes'), (b'{"b":{"token":"no"},"token":"yes"}', b'yes'),
             (b'{"token":"\\u00fc\\u20ac\\ud83d\\ude00\\u0041"}', '\u00fc\u20ac\U0001f600A'.encode()),
             (b'{"tok\\u0065n":"yes"}', b'yes'), (b'{"a":[1,-2.5e+3,true,false,null,[],{}],"token":"t"}', b't'),
             (b'{"token":"first","token":"second"}', b'first'), (b'{"token":"\xff\xfe"}', b'\xff\xfe')]
    for body, token in cases:
        with Echo(body=body) as provider:
            answer = want(issue(program, provider, {'send': 'POST /x'}), 0)
            assert answer.token == token, (body, answer.token)
    unsound = [(b'{"token":"t"', b't'), (b'{"token":"t"} x', b't'), (b'{"token":"t","a":01}', b't'),
               (b'{"token":"t","a":"\\x"}', b't'), (b'{"token":"t",}', b't'), (b'{"a":tru,"token":"t"}', b''),
               (b'{"token":"a\nb"}', b''), (b'{token:"t"}', b''), (b'["t"]', b''), (b'"t"', b''), (b'{"token":["t"]}', b''),
               (b'{"a":' + b'[' * 70 + b']' * 70 + b',"token":"t"}', b''), (b'{"a":1 "token":"t"}', b''),
               (b'{"token":"\\u12"}', b''), (b'{"token":"\\', b''), (b'[' * 60000, b'')]
    for body, token in unsound:
        with Echo(body=body) as provider:
            answer = want(issue(program, provider, {'send': 'POST /x'}), 4)
            assert answer.token == token, (body[:40], answer.token)
    return f'{len(cases)} sound, {len(unsound)} unsound'


def takes_by_pointer(program):
    document = {'data': [{'x': 0}, {'a/b': {'~': 'deep'}}], '': 'nameless', 'n': 12, 'at': 1767225600}
    for pointer, token in (('/data/1/a~1b/~0', b'deep'), ('/', b'nameless'), ('/data/2', b''), ('/data/x', b''),
                           ('/n/0', b''), ('', b''), ('/data/1/a', b'')):
        with Echo(document) as provider:
            answer = issue(program, provider, {'send': 'POST /x', 'take': {'token': pointer, 'id': '/n',
                                                                         'expires': '/at'}})
            want(answer, 0 if token else 4)
            assert answer.token == token, (pointer, answer)
            assert not token or answer.json == {'id': '12', 'expires': '2026-01-01T00:00:00Z'}, answer.json


def times_are_read(program):
    for written, read in (('2027-03-01', '2027-03-01T00:00:00Z'), ('2027-03-01T10:20:30Z', '2027-03-01T10:20:30Z'),
                          ('2027-03-01T00:20:30.123456+02:00', '2027-02-28T22:20:30Z'), (0, '1970-01-01T00:00:00Z'),
                          ('2028-02-29T23:59:59-01:30', '2028-03-01T01:29:59Z'), (None, None), ('2027-02-29', False),
                          ('2027-13-01', False), ('soon', False), ('2027-03-01T10:20Z', False), (-1, False), (True, False),
                          ('2027-03-01T10:20:30', False), ('2027-03-01T24:00:00Z', False), (1.5, False), ({}, False),
                          ('2027-03-01T10:20:30.Z', False), (10 ** 15, False), ('', False)):
        with Echo({'token': 'new', 'at': written}) as provider:
            answer = issue(program, provider, {'send': 'POST /x', 'take': {'token': '/token', 'expires': '/at'}})
            want(answer, 4 if read is False else 0, expires=read or None)
            assert answer.token == b'new'


def finds_by_name_alone(program):
    """Only what this rotation made: what is found is revoked by its id."""
    wanted = 'tv-r0t4t10nr0t4t10nabcdef'
    tokens = [{'id': 1, 'name': wanted, 'live': True}, {'id': 2, 'name': wanted + 'x', 'live': True},
              {'id': 'three', 'name': wanted, 'live': True}, {'id': 4, 'name': wanted, 'live': False},
              {'id': 5, 'name': wanted.upper(), 'live': True}, {'id': 6, 'live': True}, 'text', None]
    path = program.file('find.json', recipe(
        {'send': 'POST /x'}, revoke={'send': 'DELETE /tokens/{id}', 'headers': {'A': '{current}'}, 'done': [200]},
        find={'send': 'GET /tokens?name=tv-{rotation}', 'headers': {'A': 'Bearer {current}'}, 'done': [200],
              'refused': [403], 'list': '/tokens', 'id': '/id',
              'where': {'/name': 'tv-{rotation}', '/live': True}}))
    current = [('current', MARKER.encode())]
    with Echo({'tokens': tokens}) as provider:
        settings = {'url': provider.url}
        want(program.ask('find', path, current, settings), 0, ids=['1', 'three'])
        assert provider.log[0][:2] == ('GET', '/tokens?name=' + wanted)
        want(program.ask('revoke', path, [('token', b'')] + current, settings, id='three'), 0, state='gone')
        assert provider.log[1][:2] == ('DELETE', '/tokens/three')
        for document in ({'tokens': []}, {'tokens': tokens[1:2]}):
            provider.document = document
            want(program.ask('find', path, current, settings), 0, ids=[])
        for document in ({}, {'tokens': {}}, {'tokens': [{'name': wanted, 'live': True}]}, {'tokens': tokens[:1] * 21},
                         {'tokens': [{'id': 'i' * 600, 'name': wanted, 'live': True}]}):
            provider.document = document
            assert 'ids' not in want(program.ask('find', path, current, settings), 4).json
        provider.status = 403
        want(program.ask('find', path, current, settings), 3)
        provider.status = 500
        want(program.ask('find', path, current, settings), 4)


if __name__ == '__main__':
    sys.exit(run_all([percent_encoding, dot_steps, header_injection, json_escaping, what_is_left_out, own_headers,
                      no_proxy_from_outside, large_values, answers_are_decoded, takes_by_pointer, times_are_read,
                      finds_by_name_alone]))
