"""Each verb on a vault in etcd, by real processes, and what is said of such a vault that is not said of others."""
import subprocess

from machine import COMMAND, KEY_B, MARKER, run_all, tests_of

FIRST, SECOND = f'{MARKER}-1', f'{MARKER}-2'


def test_where_there_is_none(home):
    for words in (('get', 'a/b'), ('put', 'a/b', '--stdin'), ('list',), ('status',), ('verify',), ('doctor',), ('key', 'list'),
                  ('rotate', 'a/b'), ('backup', str(home.path / 'backup')), ('restore', '--accept-stale')):
        # Said before a key is read: there is none of that name.
        failure = home.failure(10, 'no_vault', *words, '--key-file', str(home.path / 'absent.key'), stdin=b'x')
        assert home.cluster.address in failure['message'], failure
    assert home.keys() == {} and home.tree() == ['a.key'], 'something was made'


def test_init_and_once_more(home):
    made = home.document('init')
    before = home.keys()
    assert before and home.prefix.encode() + b'/root' in before, before.keys()
    failure = home.failure(15, 'already_exists', 'init', '--key-file', str(home.path / 'other.key'))
    assert 'already' in failure['message'] and home.keys() == before and not (home.path / 'other.key').exists()
    assert home.document('status')['vault_id'] == made['vault_id']


def test_values(home):
    home.init().put('a/b', FIRST)
    home.put('a/b', SECOND)
    assert (home.value('a/b'), home.value('a/b', '--previous')) == (SECOND, FIRST)
    largest = (MARKER * 4000)[:32768].encode()
    home.run('put', 'a/large', '--stdin', '--label', 'large', stdin=largest)
    assert home.run('get', 'a/large', reveals=True).stdout == largest
    home.failure(15, 'conflict', 'put', 'a/b', '--stdin', '--if-version', '1', stdin=b'x')
    home.failure(14, 'not_found', 'get', 'a/c')
    home.failure(12, 'wrong_key', 'get', 'a/b', '--key-file', home.file('b.key', KEY_B))
    home.run('rm', 'a/b')
    home.failure(14, 'not_found', 'get', 'a/b')
    home.run('undelete', 'a/b')
    home.run('rollback', 'a/b', '--to', '1')
    home.run('destroy', 'a/large', '--yes')
    assert home.run('list').stdout == b'a/b\n' and home.value('a/b') == FIRST
    report = home.document('verify')
    assert (report['faults'], report['orphans']) == ([], 0), report


def test_an_import_larger_than_a_transaction(home):
    """More operations than etcd takes at once, and more bytes."""
    home.init()
    lines = ''.join(f'a/{number}\t{MARKER}-{number}-{"x" * 8000}\n' for number in range(300))
    home.run('import', '--format', 'tsv', '--stdin', stdin=lines.encode())
    assert len(home.run('list').stdout.splitlines()) == 300
    assert home.value('a/299') == f'{MARKER}-299-{"x" * 8000}'
    report = home.document('verify')
    assert (report['faults'], report['orphans']) == ([], 0), report
    assert not [key for key in home.keys() if b'/upload/' in key], 'the upload is still there'
    home.failure(15, 'already_exists', 'import', '--format', 'tsv', '--stdin', stdin=lines.encode())


def test_keys(home):
    home.init().put('a/b', FIRST)
    second = home.file('second.key', KEY_B)
    slot = home.document('key', 'add', '--new-key-file', second)['slot']
    assert home.value('a/b', '--key-file', second) == FIRST
    home.run('key', 'verify')
    home.run('key', 'rotate', '--keep-key-file', second)
    assert home.value('a/b', '--key-file', second) == FIRST and home.value('a/b') == FIRST
    home.run('key', 'remove', slot)
    home.failure(12, 'wrong_key', 'get', 'a/b', '--key-file', second)
    assert len(home.document('key', 'list')['slots']) == 1


def test_what_is_said_of_it(home):
    home.init().put('a/b')
    status = home.document('status')
    assert status['vault'] == home.variables['TOKENVAULT'] and status['persistence'] == 'etcd', status
    assert status['endpoints'] == [home.cluster.address] and status['encrypted_at_rest'], status
    text = home.run('status').stdout.decode()
    assert f'endpoint {home.cluster.address}\n' in text and 'etcd' in text.split('persistence')[1].splitlines()[0], text
    found = [one for one in home.document('doctor')['findings'] if one['subject'] == 'etcd']
    assert [one['level'] for one in found] == ['ok'], found
    elsewhere = ('--vault', str(home.path / 'v.db'))
    home.run('init', '--quiet', *elsewhere)
    status = home.document('status', *elsewhere)
    assert status['endpoints'] is None and status['persistence'] == 'durable', status


def test_run_and_helpers(home):
    home.init().put('a/b', FIRST)
    home.run('run', '--env', 'T=a/b', '--', 'sh', '-c', f'test "$T" = {FIRST} && exit 7', expect=7, reveals=True)
    home.run('run', '--env', 'T=a/c', '--', 'true', expect=14)
    link = home.path / 'git-credential-tokenvault'
    link.symlink_to(COMMAND)
    given = subprocess.run([link, '--name', 'a/b', 'get'], input=b'protocol=https\nhost=h\n\n', env=home.variables,
                           capture_output=True, timeout=60)
    assert f'password={FIRST}\n'.encode() in given.stdout, given
    assert FIRST.encode() in home.run('helper', 'curl', '--name', 'a/b', reveals=True).stdout


run_all(tests_of(globals()))
