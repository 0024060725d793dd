"""What happens to a token after it was put: rolled back, removed, back again, destroyed, expiring."""
from datetime import datetime, timedelta, timezone

from harness import MARKER, run_all, tests_of

FIRST, SECOND, THIRD = (f'{MARKER}-{number}' for number in (1, 2, 3))


def three_versions(home):
    home.init()
    for value in (FIRST, SECOND, THIRD):
        home.put('a/b', value)
    return home


def stages(home, name='a/b'):
    return [(version['version'], version['stage']) for version in home.document('history', name)['versions']]


def test_rollback_is_a_new_version(home):
    three_versions(home)
    done = home.document('rollback', 'a/b', '--to', '1')
    assert (done['name'], done['version'], done['stage']) == ('a/b', 4, 'current'), done
    assert (home.value('a/b'), home.value('a/b', '--previous')) == (FIRST, THIRD)
    assert stages(home) == [(1, 'retired'), (2, 'retired'), (3, 'previous'), (4, 'current')]
    home.run('rollback', 'a/b', '--to', '3')
    assert home.value('a/b') == THIRD


def test_rollback_to_nothing(home):
    three_versions(home)
    for name, to in (('a/b', '9'), ('a/c', '1')):
        home.failure(14, 'not_found', 'rollback', name, '--to', to)
    for words in (('rollback', 'a/b'), ('rollback', 'a/b', '--to', '0'), ('rollback', 'a/b', '--to', 'x'), ('rollback',)):
        home.failure(2, 'invalid_argument', *words)
    assert home.value('a/b') == THIRD and len(stages(home)) == 3


def test_rollback_loses_the_old_expiry(home):
    home.init()
    home.run('put', 'a/b', '--stdin', '--expires', '2001-01-01', stdin=FIRST.encode())
    home.put('a/b', SECOND)
    home.run('rollback', 'a/b', '--to', '1')
    assert home.value('a/b') == FIRST


def test_removed_and_back(home):
    three_versions(home)
    assert home.document('rm', 'a/b') == {'schema': 1, 'event': 'removed', 'name': 'a/b'}
    for verb in ('get', 'show', 'history', 'rm'):
        home.failure(14, 'not_found', verb, 'a/b')
    home.failure(14, 'not_found', 'rollback', 'a/b', '--to', '1')
    home.run('run', '--env', 'T=a/b', '--', 'true', expect=14)
    assert home.document('list')['tokens'] == [] and home.document('status')['tokens'] == 0
    home.run('undelete', 'a/b')
    assert home.value('a/b') == THIRD and len(stages(home)) == 3
    assert home.document('status')['tokens'] == 1


def test_undelete_of_what_is_not_removed(home):
    three_versions(home)
    home.failure(15, 'conflict', 'undelete', 'a/b')
    home.failure(14, 'not_found', 'undelete', 'a/c')


def test_put_revives_and_goes_on_counting(home):
    three_versions(home).run('rm', 'a/b')
    home.run('put', 'a/b', '--stdin', '--if-version', '3', stdin=b'x', expect=15)
    assert home.document('put', 'a/b', '--stdin', '--if-version', '0', stdin=FIRST.encode())['version'] == 4
    assert (home.value('a/b'), home.value('a/b', '--previous')) == (FIRST, THIRD)


def test_destroyed_for_good(home):
    three_versions(home)
    assert home.document('destroy', 'a/b') == {'schema': 1, 'event': 'destroyed', 'name': 'a/b'}
    for words in (('get', 'a/b'), ('get', 'a/b', '--version', '1'), ('undelete', 'a/b'), ('destroy', 'a/b'), ('rm', 'a/b')):
        home.failure(14, 'not_found', *words)
    report = home.document('verify')
    assert (report['records'], report['orphans'], report['faults']) == (0, 0, []), report
    assert home.document('put', 'a/b', '--stdin', stdin=FIRST.encode())['version'] == 4
    assert stages(home) == [(4, 'current')]


def test_destroy_of_what_is_removed(home):
    three_versions(home).run('rm', 'a/b')
    home.run('destroy', 'a/b', '--yes')
    home.failure(14, 'not_found', 'undelete', 'a/b')
    home.failure(14, 'not_found', 'destroy', 'never/there')


def test_expiring(home):
    home.init()
    now = datetime.now(timezone.utc)
    for days, name in ((40, 'a/late'), (10, 'a/soon'), (-1, 'a/gone')):
        home.run('put', name, '--stdin', '--expires', (now + timedelta(days=days)).strftime('%Y-%m-%dT%H:%M:%SZ'),
                 stdin=FIRST.encode())
    home.put('a/never')
    for within, names in (('14d', ['a/gone', 'a/soon']), ('60d', ['a/gone', 'a/soon', 'a/late']), ('1s', ['a/gone']),
                          ('2000-01-01', [])):
        result = home.document('expiring', '--within', within, expect=17 if names else 0, reveals=True)
        assert [token['name'] for token in result['tokens']] == names, (within, result)
    lines = home.run('expiring', '--within', '14d', expect=17).stdout.decode().splitlines()
    assert [line.split()[1] for line in lines] == ['a/gone', 'a/soon'], lines
    home.run('rm', 'a/gone')
    home.put('a/soon')
    home.run('expiring', '--within', '14d')
    for words in ((), ('--within', ''), ('--within', 'soon'), ('--within', '-3d')):
        home.failure(2, 'invalid_argument', 'expiring', *words)


def test_names_are_checked_before_anything_is_read(home):
    for verb in ('rm', 'undelete', 'destroy'):
        home.failure(2, 'invalid_argument', verb, 'a//b')
        home.failure(10, 'no_vault', verb, 'a/b')
    home.failure(2, 'invalid_argument', 'rollback', 'a//b', '--to', '1')
    assert home.tree() == []


run_all(tests_of(globals()))
