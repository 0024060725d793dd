"""A vault that moves into etcd and out of it, is backed up there, lost, restored, and put back to an older state."""
import secrets

from machine import MARKER, PREFIX, run_all, tests_of

FIRST, SECOND = f'{MARKER}-1', f'{MARKER}-2'


def filled(home, *where):
    home.run('init', '--quiet', *where)
    for value in (FIRST, SECOND):
        home.run('put', 'a/two', '--stdin', '--label', 'kept', *where, stdin=value.encode())
    home.run('put', 'a/gone', '--stdin', *where, stdin=b'x')
    home.run('rm', 'a/gone', *where)
    return home


def is_whole(home, *where):
    assert (home.value('a/two', *where), home.value('a/two', '--previous', *where)) == (SECOND, FIRST)
    assert home.document('show', 'a/two', *where)['label'] == 'kept'
    report = home.document('verify', *where)
    assert (report['tokens'], report['faults'], report['orphans']) == (1, [], 0), report


def another_place(home):
    return f'etcd:{home.cluster.address}{PREFIX}{secrets.token_hex(6)}'


def test_into_it_and_out(home):
    here, there = str(home.path / 'v.db'), home.variables['TOKENVAULT']
    filled(home, '--vault', here)
    first = home.document('status', '--vault', here)
    home.run('migrate', '--from', here, '--to', there)
    is_whole(home)
    home.failure(16, 'stale', 'get', 'a/two', '--vault', here)
    status = home.document('status')
    assert status['vault_id'] == first['vault_id'] and status['generation'] >= first['generation'] + 2**32
    further = another_place(home)
    home.run('migrate', '--from', there, '--to', further)
    is_whole(home, '--vault', further)
    home.failure(16, 'stale', 'get', 'a/two')
    for last in (f'file:{home.path}/v.tv', f'sqlite:{home.path}/last.db'):
        home.run('migrate', '--from', further, '--to', last)
        is_whole(home, '--vault', last)
        further = last


def test_many_tokens_at_once(home):
    here = str(home.path / 'v.db')
    home.run('init', '--quiet', '--vault', here)
    lines = ''.join(f'a/{number}\t{MARKER}-{number}\n' for number in range(500))
    home.run('import', '--format', 'tsv', '--stdin', '--vault', here, stdin=lines.encode())
    home.run('migrate', '--from', here, '--to', home.variables['TOKENVAULT'])
    report = home.document('verify')
    assert (report['tokens'], report['faults'], report['orphans']) == (500, [], 0), report
    assert home.value('a/499') == f'{MARKER}-499'


def test_a_place_that_is_taken_or_empty(home):
    filled(home)
    before, other = home.keys(), str(home.path / 'v.db')
    home.run('init', '--quiet', '--vault', other)
    home.failure(15, 'already_exists', 'migrate', '--from', other, '--to', home.variables['TOKENVAULT'])
    assert home.keys() == before
    home.failure(10, 'no_vault', 'migrate', '--from', another_place(home), '--to', str(home.path / 'new.db'))
    assert not (home.path / 'new.db').exists()
    is_whole(home)


def test_backup_loss_and_restore(home):
    filled(home)
    backup = str(home.path / 'backup.tv')
    home.run('backup', backup)
    home.run('backup', 'verify', backup, '--all')
    home.put('a/two', f'{MARKER}-3')
    home.failure(15, 'conflict', 'restore', backup)
    for key in home.keys():
        home.cluster.gateway().erase(key)
    home.failure(10, 'no_vault', 'get', 'a/two')
    home.run('restore', backup)
    is_whole(home)
    home.put('a/two', f'{MARKER}-4')
    versions = [version['version'] for version in home.document('history', 'a/two')['versions']]
    assert versions[-1] > 3, 'a number is used again'


def test_records_without_a_root(home):
    filled(home)
    home.cluster.gateway().erase(f'{home.prefix}/root')
    home.failure(16, 'tampered', 'get', 'a/two')
    home.failure(15, 'already_exists', 'init')
    home.cluster.gateway().erase(f'{home.prefix}/revision')
    for words in (('get', 'a/two'), ('init',)):
        home.failure(16, 'tampered', *words)


def test_a_cluster_put_back(home):
    """What anchors are for: the machine that saw the newer state notices, and heals it for all."""
    filled(home)
    copy = home.cluster.save()
    home.put('a/two', f'{MARKER}-3')
    home.cluster.put_back(copy)
    home.failure(16, 'stale', 'get', 'a/two')
    home.failure(16, 'stale', 'put', 'a/two', '--stdin', stdin=b'x')
    home.run('restore', '--accept-stale')
    is_whole(home)
    home.put('a/two', f'{MARKER}-4')
    assert home.value('a/two') == f'{MARKER}-4'


run_all(tests_of(globals()))
