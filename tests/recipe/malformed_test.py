"""A recipe with a fault: its clear line, exit 3 at every verb, and nothing is sent."""
import copy
import os
import sys

from fake_gitlab import GitLab
from program import MARKER, run_all, want

TOKEN = MARKER + '-1'
SOUND = {
    'tvp': 1, 'name': 'sound', 'issue': 'once', 'old': 'kept', 'overlap': 0, 'propagation': 5, 'one_previous': True,
    'timeout': 20, 'base': '{set.url}/api/v4',
    'issue_call': {'send': 'POST /personal_access_tokens/self/rotate', 'headers': {'PRIVATE-TOKEN': '{token}'},
                   'json': {'expires_at': '{expires_date}'}, 'done': [200], 'refused': [400, 429],
                   'take': {'token': '/token', 'id': '/id'}},
    'probe': {'send': 'GET /personal_access_tokens/self', 'headers': {'PRIVATE-TOKEN': '{token}'}, 'valid': [200],
              'invalid': [401], 'where': {'/active': True}},
    'revoke': {'send': 'DELETE /personal_access_tokens/self', 'headers': {'PRIVATE-TOKEN': '{token}'},
               'done': [204, 404], 'refused': [403]},
    'find': {'send': 'GET /personal_access_tokens?search=tv-{rotation}', 'headers': {'PRIVATE-TOKEN': '{current}'},
             'done': [200], 'list': '', 'id': '/id', 'where': {'/name': 'tv-{rotation}', '/active': True}},
}
GONE = object()

# Where, what is put there, and a part of the line that must say so.
FAULTS = [
    ('tvp', 2, 'tvp'), ('tvp', GONE, 'tvp'), ('tvp', True, 'tvp'),
    ('name', 'No Spaces', 'name'), ('name', GONE, 'name'),
    ('issue', 'twice', 'replay_safe, once, human'), ('issue', GONE, 'issue'),
    ('old', 'lives', 'kept, expires, dies'), ('old', 5, 'old'),
    ('overlap', -1, 'overlap'), ('overlap', '3600', 'overlap'), ('overlap', 1e30, 'overlap'),
    ('propagation', 1.5, 'propagation'), ('one_previous', 'yes', 'one_previous'),
    ('timeout', 21, 'timeout'), ('timeout', 0, 'timeout'),
    ('extra', 1, '"extra"'), ('verify', {}, '"verify"'),
    ('steps', ['Open it.'], 'steps'), ('steps', 'Open it.', 'steps'), ('steps', ['a\nb'], 'steps'),
    ('steps', ['x' * 201], 'steps'), ('steps', ['x'] * 21, 'steps'),
    ('issue', 'human', 'issue_call'), ('issue', 'replay_safe', '{rotation}'),
    ('base', GONE, 'base'), ('base', 'ftp://example.com', 'https'), ('base', 'http://example.com', 'http'),
    ('base', 'https://', 'base'), ('base', 'https://me@example.com', 'base'), ('base', 'https://a.example/?q=1', 'base'),
    ('base', 'https://a.example/#f', 'base'), ('base', 'https://{set.host}/api', 'scheme and host'),
    ('base', '{set.url}.example.com', 'only a path'), ('base', '{token}', 'scheme and host'),
    ('base', 'http://127.0.0.1.example.com', 'http'), ('base', 'http://128.0.0.1', 'http'),
    ('base', 'https://a.example/../b', 'base'), ('base', 'example.com', 'base'), ('base', 'https://a b.example', 'base'),
    ('base', 7, 'base'),
    ('issue_call', GONE, 'issue_call'), ('issue_call', [], 'issue_call'), ('issue_call', 'POST /', 'issue_call'),
    ('issue_call.send', GONE, 'send'), ('issue_call.send', 'FETCH /x', 'GET, POST'), ('issue_call.send', 'POST', 'begin with /'),
    ('issue_call.send', 'POST x', 'begin with /'), ('issue_call.send', 'POST /a b', 'character'),
    ('issue_call.send', 'POST /a#b', 'character'), ('issue_call.send', 'POST /%zz', 'character'),
    ('issue_call.send', 'POST https://other.example/', 'begin with /'), ('issue_call.send', 'post /x', 'GET, POST'),
    ('issue_call.send', 'POST {id}', 'begin with /'), ('issue_call.send', 'POST /{current}', '{current}'),
    ('issue_call.send', 'POST /{nonsense}', '{nonsense}'), ('issue_call.send', 'POST /{token', 'brace'),
    ('issue_call.send', 'POST /token}', 'brace'), ('issue_call.send', 'POST /{{token}}', 'there is no word'),
    ('issue_call.send', 'POST /{set.}', 'there is no word'), ('issue_call.send', 'POST /{set.a b}', 'there is no word'),
    ('issue_call.headers', ['a'], 'headers'), ('issue_call.headers', {'Host': 'x'}, 'Host'),
    ('issue_call.headers', {'content-length': '0'}, 'content-length'), ('issue_call.headers', {'Cookie': 'a'}, 'Cookie'),
    ('issue_call.headers', {'A b': 'x'}, 'A b'), ('issue_call.headers', {'A': 'x\r\nB: y'}, 'character'),
    ('issue_call.headers', {'A\r\nB': 'y'}, 'no name'), ('issue_call.headers', {'A': ''}, 'empty'),
    ('issue_call.headers', {'A': 'x', 'a': 'y'}, 'twice'), ('issue_call.headers', {'A': 5}, 'not a string'),
    ('issue_call.headers', {'A': '{Token}'}, '{Token}'),
    ('issue_call.json', 'text', 'neither an object'), ('issue_call.json', {'a': ['{nope}']}, '{nope}'),
    ('issue_call.json', {'a': {'b': '{'}}, 'brace'),
    ('probe.json', {'a': 1}, 'GET has no body'),
    ('issue_call.done', GONE, 'done is missing'), ('issue_call.done', [], 'list'), ('issue_call.done', ['200'], 'status'),
    ('issue_call.done', [302], '302'), ('issue_call.done', [99], 'status'), ('issue_call.done', [400], '400'),
    ('issue_call.refused', [500], '500'), ('issue_call.refused', [401], '401'), ('issue_call.refused', [408], '408'),
    ('issue_call.refused', [200], '200'), ('revoke.refused', [404], 'both'), ('revoke.done', [403], '403'),
    ('issue_call.take', GONE, 'token is missing'), ('issue_call.take', {'id': '/id'}, 'token is missing'),
    ('issue_call.take', {'token': 'token'}, 'pointer'), ('issue_call.take', {'token': '/a~2'}, 'pointer'),
    ('issue_call.take', {'token': 3}, 'not a string'), ('issue_call.take', {'token': '/t', 'secret': '/s'}, '"secret"'),
    ('issue_call.take', {'token': '/a' * 17}, 'pointer'), ('issue_call.valid', [200], '"valid"'),
    ('probe.send', 'DELETE /x', 'question'), ('probe.valid', GONE, 'valid is missing'),
    ('probe.invalid', GONE, 'invalid is missing'), ('probe.valid', [401], '401'), ('probe.invalid', [429], '429'),
    ('probe.invalid', [500], '500'), ('probe.take', {'token': '/token'}, '"token"'), ('probe.send', 'GET /{overlap}', '{overlap}'),
    ('probe.where', {'active': True}, 'pointer'), ('probe.where', {'/a': '{token}'}, '{token}'),
    ('probe.where', [], 'where'), ('probe.where', {'/a': 5}, 'not a string'),
    ('revoke', GONE, 'revoke'), ('revoke.take', {'id': '/id'}, '"take"'), ('revoke', True, 'revoke'),
    ('find.where', GONE, '{rotation}'), ('find.where', {'/name': 'tv-'}, '{rotation}'), ('find.list', GONE, 'list'),
    ('find.id', GONE, 'id'), ('find.list', 'tokens', 'pointer'), ('find.send', 'GET /{token}', '{token}'),
]
TEXTS = [
    ('', 'not JSON'), ('{', 'not JSON'), ('[]', 'not a JSON object'), ('null', 'not a JSON object'),
    ('{"tvp":1,"tvp":1}', 'twice'), ('{"tvp":1} x', 'not JSON'), ('{"tvp":1,"name":"\xff"}', 'not JSON'),
    ('[' * 30 + ']' * 30, '24 levels'), ('[' * 60000, 'not JSON'), (' ' * 65537, '64 KiB'),
    ('{"\\u0085\\u009b[2J":1,"tvp":1}', '"??[2J"'), ('{"a\\n\\u0007b":1,"tvp":1}', '"a??b"'),
]


def changed(place, value):
    recipe = copy.deepcopy(SOUND)
    *outer, last = place.split('.')
    inner = recipe
    for step in outer:
        inner = inner[step]
    if value is GONE:
        del inner[last]
    else:
        inner[last] = value
    return recipe


def ask_all(program, path, part, url):
    for verb in ('describe', 'issue', 'probe', 'revoke', 'find'):
        answer = want(program.ask(verb, path, [('token', TOKEN.encode())], {'url': url}), 3)
        assert part in answer.stderr, f'{part!r} is not in {answer.stderr!r}'
        assert 'nothing was changed' in answer.stderr and answer.token == b''


def sound_one_is_taken(program):
    """Else every fault below would be seen for the wrong reason."""
    with GitLab(TOKEN) as provider:
        path = program.file('sound.json', SOUND)
        settings = {'url': provider.url}
        want(program.ask('describe', path, settings=settings), 0, find=True, one_previous=True, propagation=5)
        want(program.ask('probe', path, [('token', TOKEN.encode())], settings), 0, state='valid')


def faults_are_named(program):
    with GitLab(TOKEN) as provider:
        for place, value, part in FAULTS:
            ask_all(program, program.file('r.json', changed(place, value)), part, provider.url)
        assert provider.log == []
    return f'{len(FAULTS)} faults at 5 verbs'


def texts_are_refused(program):
    for text, part in TEXTS:
        path = program.file('r.json', '')
        with open(path, 'w', encoding='latin-1') as stream:
            stream.write(text)
        ask_all(program, path, part, 'https://a.example')
    return f'{len(TEXTS)} texts at 5 verbs'


def files_are_not_trusted(program):
    with GitLab(TOKEN) as provider:
        for mode in (0o620, 0o602, 0o666):
            ask_all(program, program.file('open.json', SOUND, mode), 'others can write it', provider.url)
        folder = program.folder.name
        os.mkfifo(folder + '/pipe')
        for name, part in (('pipe', 'no plain file'), ('', 'no plain file'), ('absent.json', 'cannot be opened')):
            ask_all(program, f'{folder}/{name}', part, provider.url)
        for name in ('../orgapi', 'orgapi.json', 'a/b', '', 'Orgapi', 'no-such-recipe', 'x' * 65):
            ask_all(program, name, 'cannot be opened' if name == 'no-such-recipe' else 'plain word', provider.url)
        assert provider.log == []


def settings_are_checked(program):
    path = program.file('r.json', SOUND)
    for url, part in (('http://example.com', 'http'), ('file:///etc/passwd', 'https'), ('https://a@b.example', 'base'),
                      ('https://a.example/\r\nX: y', 'base'), ('https://a.example?x=', 'base'), ('nonsense', 'base'),
                      ('', 'url'), ('gopher://127.0.0.1', 'https'), ('http://2130706434.example', 'http'),
                      ('http://[::2]', 'http'), ('http://localhost.example', 'http'), ('https://a.example\\@b.example', 'base')):
        ask_all(program, path, part, url)
    for url in ('http://localhost:1', 'http://127.9.9.9:1', 'http://[::1]:1', 'https://a.example/deep/er/'):
        want(program.ask('describe', path, settings={'url': url}), 0)


def requests_are_checked(program):
    """What is no request of this protocol is refused, and nothing is sent."""
    cases = [(b'', 'not a JSON object'), (b'[]', 'not a JSON object'), (b'{"tvp":2,"verb":"issue"}', 'version 1'),
             (b'{"tvp":1,"verb":"probe"}', 'not the one called'), (b'{"tvp":1}', 'verb'),
             (b'{"tvp":1,"verb":"issue"}', 'setting recipe'), (b' ' * 70000, '64 KiB'),
             (b'{"tvp":1,"verb":"issue","settings":{"a":1}}', 'not a string'),
             (b'{"tvp":1,"verb":"issue","settings":[]}', 'settings'),
             (b'{"tvp":1,"verb":"issue","overlap":-1}', 'overlap'), (b'{"tvp":1,"verb":"issue","lifetime":1e9}', 'lifetime'),
             (b'{"tvp":1,"verb":"issue","lifetime":99999999999999999999}', 'lifetime'),
             (b'{"tvp":1,"verb":"issue","id":5}', 'id'), (b'{"tvp":1,"verb":"issue","tokens":{}}', 'tokens'),
             (b'{"tvp":1,"verb":"issue","tokens":[{"name":"token","size":40000}]}', 'size'),
             (b'{"tvp":1,"verb":"issue","tokens":[{"size":4}]}', 'name'),
             (b'{"tvp":1,"verb":"issue","tokens":[5]}', 'object')]
    for text, part in cases:
        assert part in want(program.start('issue', text), 3).stderr, (text, part)
    sizes = (b'{"tvp":1,"verb":"issue","settings":{"recipe":"orgapi","url":"http://127.0.0.1:1"},'
             b'"tokens":[{"name":"token","size":5},{"name":"%s","size":4}]}')
    for name, secrets, part in ((b'a', b'12345678', 'as many bytes'), (b'a', b'1234567890', 'as many bytes'),
                                (b'token', b'123456789', 'twice')):
        assert part in want(program.start('issue', sizes % name, secrets), 3).stderr, secrets
    for words in ([], ['mint'], ['issue', 'x'], ['describe', MARKER]):
        want(program.start('issue', b'{}', arguments=words), 3)
    assert program.start('', b'', arguments=['--help']).code == 0
    return f'{len(cases) + 7} requests'


if __name__ == '__main__':
    sys.exit(run_all([sound_one_is_taken, faults_are_named, texts_are_refused, files_are_not_trusted,
                      settings_are_checked, requests_are_checked]))
