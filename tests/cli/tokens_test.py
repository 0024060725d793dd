"""init, put, get, list, show, history, verify: what goes in comes out, and how it is told."""
import base64
import re

from harness import KEY_A, KEY_B, MARKER, pipe_of, run_all, tests_of

UTC = re.compile(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ')


def test_init_makes_the_default_key_file(home):
    result = home.run('init')
    assert home.key.stat().st_size == 32 and home.key.stat().st_mode & 0o777 == 0o600
    assert home.vault.stat().st_mode & 0o777 == 0o600
    assert result.stderr.count(b'no recovery code') == 1
    assert result.stdout == b''


def test_init_makes_the_key_file_asked_for(home):
    home.run('init', '--key-file', str(home.path / 'my/own.key'))
    assert (home.path / 'my/own.key').stat().st_size == 32
    assert not home.key.exists()
    home.run('list', '--key-file', str(home.path / 'my/own.key'))


def test_init_uses_a_key_file_that_is_there(home):
    path = home.file('a.key', KEY_A)
    home.run('init', '--key-file', path)
    assert open(path, 'rb').read() == KEY_A


def test_init_leaves_a_vault_alone(home):
    home.init().put('a/b')
    home.failure(15, 'already_exists', 'init')
    home.failure(15, 'already_exists', 'init', '--key-file', str(home.path / 'fresh.key'))
    assert not (home.path / 'fresh.key').exists()
    assert home.value('a/b') == f'{MARKER}-1'


def test_init_tells_of_the_vault(home):
    document = home.document('init')
    assert re.fullmatch('[0-9a-f]{32}', document['vault_id'])


def test_bytes_come_back_exactly(home):
    home.init()
    home.put('a/b')
    result = home.run('get', 'a/b', reveals=True)
    assert result.stdout == f'{MARKER}-1'.encode() and result.stderr == b''


def test_stdin_strips_one_line_end(home):
    home.init()
    for end, told in ((b'\n', b'(LF)'), (b'\r\n', b'(CRLF)')):
        result = home.run('put', 'a/b', '--stdin', stdin=MARKER.encode() + end)
        assert told in result.stderr
        assert home.value('a/b') == MARKER
    assert b'stripped' not in home.put('a/b', MARKER).stderr
    home.run('put', 'a/b', '--stdin', '--binary', stdin=b'x\n\n')
    assert home.value('a/b') == 'x\n'


def test_file_and_descriptor_are_verbatim(home):
    home.init()
    path = home.file('value', b'two\nlines\n')
    home.run('put', 'a/b', '--from-file', path, '--binary')
    assert home.value('a/b') == 'two\nlines\n'
    home.failure(21, 'refused', 'put', 'a/b', '--from-file', path)
    fd = pipe_of(b'x\0y')
    home.run('put', 'a/b', '--from-fd', str(fd), '--binary', fds=(fd,))
    assert home.run('get', 'a/b').stdout == b'x\0y'


def test_stdin_is_read_only_when_asked(home):
    home.init()
    home.run('put', 'a/b', stdin=b'never-read', expect=13)
    home.failure(13, 'no_key', 'put', 'a/b')


def test_size_limits(home):
    home.init()
    home.failure(21, 'refused', 'put', 'a/b', '--stdin', stdin=b'')
    home.failure(21, 'refused', 'put', 'a/b', '--stdin', stdin=b'\n')
    home.failure(21, 'refused', 'put', 'a/b', '--stdin', stdin=b'x' * 32769)
    home.failure(21, 'refused', 'put', 'a/b', '--stdin', stdin=b'x' * 100000)
    home.run('put', 'a/b', '--stdin', stdin=b'y' * 32768 + b'\r\n')
    assert home.run('get', 'a/b').stdout == b'y' * 32768
    document = home.document('get', 'a/b', '--reveal')
    assert base64.b64decode(document['value_b64'], validate=True) == b'y' * 32768


def test_odd_bytes_need_binary(home):
    home.init()
    for value in (b'a b', b'tab\there', 'gr\u00fcn'.encode(), b'nul\0', b'\x7f', b'\xff\xfe'):
        home.failure(21, 'refused', 'put', 'a/b', '--stdin', stdin=value)
        home.run('put', 'a/b', '--stdin', '--binary', stdin=value)
        assert home.run('get', 'a/b').stdout == value


def test_versions(home):
    home.init()
    home.failure(14, 'not_found', 'get', 'a/b')
    home.put('a/b', f'{MARKER}-1')
    home.failure(14, 'not_found', 'get', 'a/b', '--previous')
    assert home.document('put', 'a/b', '--stdin', stdin=f'{MARKER}-2'.encode())['version'] == 2
    assert home.value('a/b') == f'{MARKER}-2'
    assert home.value('a/b', '--previous') == f'{MARKER}-1'
    assert home.value('a/b', '--version', '1') == f'{MARKER}-1'
    home.failure(14, 'not_found', 'get', 'a/b', '--version', '9')
    stages = [(v['version'], v['stage']) for v in home.document('history', 'a/b')['versions']]
    assert stages == [(1, 'previous'), (2, 'current')]
    assert b'previous' in home.run('history', 'a/b').stdout


def test_if_version(home):
    home.init()
    home.put('a/b')
    home.failure(15, 'conflict', 'put', 'a/b', '--stdin', '--if-version', '7', stdin=b'x')
    home.failure(15, 'conflict', 'put', 'a/b', '--stdin', '--if-version', '0', stdin=b'x')
    home.run('put', 'a/b', '--stdin', '--if-version', '1', stdin=b'x')
    home.run('put', 'a/new', '--stdin', '--if-version', '0', stdin=b'x')
    assert home.value('a/b') == 'x'


def test_expiry(home):
    home.init()
    for text, shown in (('2020-01-02', '2020-01-02T00:00:00Z'), ('2020-01-02T03:04:05Z', '2020-01-02T03:04:05Z'),
                        ('2020-01-02T03:04:05.5+01:30', '2020-01-02T01:34:05Z')):
        home.put('a/b')
        home.run('put', 'a/b', '--stdin', '--expires', text, stdin=MARKER.encode())
        assert home.document('show', 'a/b')['expires'] == shown
        assert home.failure(17, 'expired', 'get', 'a/b')['hint']
        home.failure(17, 'expired', 'get', 'a/b', '--reveal')
        assert home.run('get', 'a/b', expect=17).stdout == b''
        assert home.value('a/b', '--expired-ok') == MARKER
        assert home.document('get', 'a/b', '--expired-ok')['stage'] == 'current'
    for text in ('90d', '12h', '30m', '45s', '2w', '9999-12-31'):
        home.run('put', 'a/b', '--stdin', '--expires', text, stdin=MARKER.encode())
        assert UTC.fullmatch(home.document('show', 'a/b')['expires'])
        assert home.value('a/b') == MARKER
    for text in ('soon', '90', 'd', '2020-13-01', '2020-02-30', '2020-01-02T25:00:00Z', '2020-01-02T03:04:05', '-1d',
                 '99999999999d', '4294967295w', ''):
        home.failure(2, 'invalid_argument', 'put', 'a/b', '--stdin', '--expires=' + text, stdin=b'x')


def test_list(home):
    home.init()
    assert home.run('list').stdout == b''
    assert home.document('list')['tokens'] == []
    names = ['b/two', 'a/one', 'a/one/dev', 'Z/upper', '\u00e4/umlaut']
    for name in names:
        home.put(name)
    assert home.run('list').stdout.decode().splitlines() == sorted(names, key=str.encode)
    assert home.run('list', 'a/').stdout == b'a/one\na/one/dev\n'
    assert home.run('list', 'nothing').stdout == b''
    token = home.document('list', 'b/')['tokens'][0]
    assert token['name'] == 'b/two' and token['version'] == 1 and token['expires'] is None
    assert UTC.fullmatch(token['created'])


def test_show(home):
    home.init()
    home.run('put', 'a/b', '--stdin', '--label', 'for the build', stdin=MARKER.encode())
    document = home.document('show', 'a/b')
    assert {'name', 'version', 'created', 'expires', 'versions', 'policy', 'rotation'} <= set(document)
    assert document['label'] == 'for the build'
    assert set(document['versions'][0]) >= {'version', 'stage', 'created', 'expires'}
    assert b'for the build' in home.run('show', 'a/b').stdout
    home.failure(14, 'not_found', 'show', 'a/c')
    home.failure(14, 'not_found', 'history', 'a/c')


def test_json_get_has_no_value_unless_revealed(home):
    home.init()
    home.put('a/b')
    document = home.document('get', 'a/b')
    assert 'value_b64' not in document and document['stage'] == 'current'
    document = home.document('get', 'a/b', '--reveal')
    assert set(document) == {'schema', 'name', 'version', 'stage', 'value_b64'}
    assert base64.b64decode(document['value_b64']).decode() == f'{MARKER}-1'
    home.put('a/b', f'{MARKER}-2')
    document = home.document('get', 'a/b', '--reveal', '--previous')
    assert (document['version'], document['stage']) == (1, 'previous')
    assert base64.b64decode(document['value_b64']).decode() == f'{MARKER}-1'
    home.failure(14, 'not_found', 'get', 'a/b', '--version', '3')


def test_status(home):
    home.init()
    home.put('a/b')
    document = home.document('status')
    assert {'vault', 'vault_id', 'generation', 'tokens', 'persistence', 'encrypted_at_rest', 'protection',
            'unlocked_by', 'slots', 'pending_rotations', 'obligations'} <= set(document)
    assert document['tokens'] == 1 and document['encrypted_at_rest'] is True
    assert document['persistence'] == 'durable' and document['unlocked_by'] == 'TOKENVAULT_KEY_FILE'
    assert document['protection']['hardened'] is True
    text = home.run('status').stdout.decode()
    assert document['vault_id'] in text and str(home.vault) in text


def test_status_with_a_wrong_key_tells_what_it_can(home):
    home.init()
    wrong = home.file('b.key', KEY_B)
    result = home.run('status', '--key-file', wrong, expect=12)
    assert str(home.vault).encode() in result.stdout and b'--key-file' in result.stdout
    assert home.failure(12, 'wrong_key', 'status', '--key-file', wrong)
    home.failure(10, 'no_vault', 'status', '--vault', str(home.path / 'none.db'))


def test_verify(home):
    home.init()
    home.put('a/b')
    assert home.document('verify')['faults'] == []
    assert b'faults   0' in home.run('verify').stdout


def test_quiet(home):
    assert home.run('init', '--quiet').stderr == b''
    assert home.run('--quiet', 'put', 'a/b', '--stdin', stdin=b'x\n').stderr == b''


def test_globals_stand_anywhere(home):
    home.init()
    home.put('a/b')
    uri = f'sqlite:{home.vault}'
    for words in (('--vault', uri, 'get', 'a/b'), ('get', '--vault', uri, 'a/b'), ('get', 'a/b', f'--vault={uri}'),
                  ('--no-input', f'--vault={home.vault}', 'get', 'a/b', '--quiet')):
        assert home.run(*words, reveals=True).stdout.decode() == f'{MARKER}-1'
    elsewhere = {'TOKENVAULT': str(home.path / 'none.db')}
    home.run('get', 'a/b', variables=elsewhere, expect=10)
    assert home.run('get', 'a/b', '--vault', uri, variables=elsewhere, reveals=True).stdout


def test_xdg_folders(home):
    for name in ('DATA', 'CONFIG', 'STATE'):
        home.variables[f'XDG_{name}_HOME'] = str(home.path / name)
    home.run('init')
    tree = home.tree()
    for path in ('DATA/tokenvault/vault.db', 'CONFIG/tokenvault/vault.key', 'STATE/tokenvault/anchors'):
        assert path in tree, tree
    assert not any(path.startswith('.') for path in tree), tree


def test_help_and_version(home):
    assert b'key rotate' in home.run('--help').stdout
    assert home.run('--version').stdout.startswith(b'tokenvault ')
    for verb in ('init', 'status', 'put', 'get', 'list', 'show', 'history', 'run', 'verify', 'key list', 'key add',
                 'key remove', 'key verify', 'key rotate'):
        assert b'Example: ' in home.run(*verb.split(), '--help').stdout
    assert home.tree() == []


run_all(tests_of(globals()))
