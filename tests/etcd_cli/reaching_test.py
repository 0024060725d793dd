"""Who cannot get at the vault in etcd is told why, in one line and with the right code, and nothing happens."""
import os

from machine import MARKER, run_all, tests_of

NOBODY = 'http://127.0.0.1:1'


def told(home, code, *words, **more):
    """What it says, in one line, with at most a hint below."""
    lines = home.run(*words, expect=code, **more).stderr.decode().splitlines()
    assert lines[0].startswith('tokenvault: ') and len(lines) <= 2, lines
    assert len(lines) == 1 or lines[1].startswith('hint: '), lines
    return lines[0]


def test_nobody_is_there(home):
    message = told(home, 19, 'init', '--vault', f'etcd:{NOBODY},127.0.0.1:2/x')
    assert '127.0.0.1:1' in message and '127.0.0.1:2' in message, message
    failure = home.failure(19, 'unreachable', 'put', 'a/b', '--stdin', '--vault', f'etcd:{NOBODY}/x', stdin=b'x')
    assert NOBODY in failure['message'] and 'reached' in failure['hint'], failure


def test_addresses_that_are_none(home):
    for uri in ('', 'x', '//x', 'ftp://h:1/x', 'http://h/x', 'http://h:0/x', 'http://h:99999/x', 'http://h:1', 'http://h:1/',
                'http://:1/x', 'http://h:1,/x', 'http://u:p@h:1/x', 'http://h:1/x?y', 'http://h:1/x\ny'):
        message = told(home, 2, 'list', '--vault', f'etcd:{uri}')
        assert 'u:p' not in message, message


def test_the_flags_beat_the_environment(home):
    home.init().put('a/b')
    wrong = {'TOKENVAULT_ETCD_CA_FILE': '/nonexistent/ca.pem', 'TOKENVAULT_ETCD_USER': 'nobody'}
    told(home, 13, 'list', variables=wrong)
    given = ('--etcd-ca-file', home.variables['TOKENVAULT_ETCD_CA_FILE'], '--etcd-user', 'vault')
    assert home.run(*given, 'list', variables=wrong).stdout == b'a/b\n'
    assert home.run('list', *given, variables=wrong).stdout == b'a/b\n'


def test_servers_that_nobody_vouches_for(home):
    home.init()
    other = home.cluster.certificates.unknown()
    for words in (('--etcd-ca-file', other.pem('other_ca')), ('--etcd-ca-file', '')):
        message = told(home, 19, 'list', *words)
        assert 'certificate' in message, message


def test_certificates_that_are_not_taken(home):
    home.init()
    made = home.cluster.certificates.expired().unknown()
    for certificate, key in ((made.pem('expired'), made.key('expired')), (made.pem('unknown'), made.key('unknown')), ('', '')):
        message = told(home, 1, 'list', '--etcd-cert-file', certificate, '--etcd-key-file', key)
        assert home.cluster.address in message and 'certificate' in message, message
    assert 'go together' in told(home, 2, 'list', '--etcd-key-file', '')


def test_a_key_that_others_can_read(home):
    home.init()
    loose = home.file('loose.key', open(home.variables['TOKENVAULT_ETCD_KEY_FILE'], 'rb').read(), mode=0o644)
    told(home, 21, 'list', '--etcd-key-file', loose)


def test_users_that_may_not(home):
    home.init().put('a/b')
    for words in (('--etcd-password-file', home.file('wrong', b'wrong')), ('--etcd-user', 'nobody')):
        message = told(home, 1, 'get', 'a/b', *words)
        assert 'user' in message or 'password' in message, message
    elsewhere = f'etcd:{home.cluster.address}/elsewhere'
    for words in (('init',), ('list',), ('get', 'a/b')):
        message = told(home, 1, *words, '--vault', elsewhere)
        assert MARKER not in message, message
    assert home.value('a/b') == f'{MARKER}-1'


def test_nobody_logs_in(home):
    home.init()
    told(home, 1, 'list', '--etcd-user', '', '--etcd-password-file', '')


def test_password_files(home):
    home.init().put('a/b')
    password = open(home.variables['TOKENVAULT_ETCD_PASSWORD_FILE'], 'rb').read()
    for end in (b'', b'\n', b'\r\n'):
        assert home.value('a/b', '--etcd-password-file', home.file('ended', password + end)) == f'{MARKER}-1'
    told(home, 1, 'list', '--etcd-password-file', home.file('twice', password + b'\n\n'))
    told(home, 21, 'list', '--etcd-password-file', home.file('loose', password, mode=0o666))
    os.symlink(home.path / 'ended', home.path / 'link')
    told(home, 21, 'list', '--etcd-password-file', str(home.path / 'link'))
    told(home, 21, 'list', '--etcd-password-file', str(home.path))
    told(home, 21, 'list', '--etcd-password-file', home.file('long', b'x' * 5000))
    told(home, 13, 'list', '--etcd-password-file', str(home.path / 'absent'))
    message = told(home, 2, 'list', '--etcd-user', '')
    assert '--etcd-user' in message, message
    told(home, 2, 'list', '--etcd-password-file', '')


def test_what_goes_without_tls(home):
    """Every address of this machine but its loopback: nothing listens there, and it is said all the same."""
    def notices(uri):
        found = home.document('doctor', '--vault', uri, expect=19)['findings']
        return [one for one in found if one['subject'] == 'etcd' and one['level'] == 'notice']
    assert notices('etcd:http://127.0.0.1:1,localhost:1/x') == []
    assert notices('etcd:https://0.0.0.0:1/x') == []
    found = notices('etcd:http://127.0.0.1:1,0.0.0.0:1/x')
    assert len(found) == 1 and 'http://0.0.0.0:1 ' in found[0]['what'] and 'password' in found[0]['what'], found
    assert 'https' in found[0]['advice'], found


def test_a_role_that_is_taken_away(home):
    """Last: it is not given back."""
    home.init().put('a/b')
    home.cluster.gateway().ask('auth/user/revoke', {'name': 'vault', 'role': 'vault'})
    message = told(home, 1, 'get', 'a/b')
    assert 'etcd' in message, message


run_all(tests_of(globals()), tls=True, auth=True)
