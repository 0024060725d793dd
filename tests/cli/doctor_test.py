"""What doctor finds, what it says to do, and what it never says."""
import os

from harness import KEY_B, MARKER, run_all, tests_of

FIRST = f'{MARKER}-1'


def findings(home, *words, expect=0, **more):
    document = home.document('doctor', *words, expect=expect, reveals=True, **more)
    return {(finding['level'], finding['subject']): finding for finding in document['findings']}


def test_a_vault_in_order(home):
    home.init()
    home.run('key', 'add', '--recovery', '--recovery-file', str(home.path / 'code'))
    home.put('a/b', FIRST)
    found = findings(home)
    assert not [level for level, _ in found if level == 'problem'], found
    assert ('ok', 'slots') in found and ('ok', 'contents') in found and ('notice', 'slots') not in found, found
    assert 'encrypted' not in found['ok', 'vault']['what']
    page = home.run('doctor').stdout.decode()
    for word in ('program', 'place', 'key source', 'anchors', 'memory', 'vault', 'slots', 'tokens', 'contents'):
        assert word in page, page


def test_one_key_alone(home):
    home.init()
    found = findings(home)
    assert 'key add' in found['notice', 'slots']['advice'], found


def test_names_only_when_asked(home):
    home.init()
    home.run('put', 'hidden/name', '--stdin', '--expires', '2001-01-01', stdin=FIRST.encode())
    home.run('put', 'hidden/soon', '--stdin', '--expires', '3d', stdin=FIRST.encode())
    for words in ((), ('--json',)):
        assert b'hidden' not in home.run('doctor', *words).stdout
    assert findings(home)['problem', 'tokens']['what'] == '1 expired'
    page = home.run('doctor', '--names').stdout.decode()
    assert 'hidden/name' in page and 'hidden/soon' in page, page


def test_what_does_not_open(home):
    home.init()
    home.put('a/b', FIRST)
    found = findings(home, '--key-file', home.file('b.key', KEY_B), expect=12)
    assert 'wrong_key' in found['problem', 'vault']['what'], found
    found = findings(home, '--vault', str(home.path / 'none.db'), expect=10)
    assert 'init' in found['problem', 'vault']['advice'], found
    home.vault.write_bytes(os.urandom(9000))
    found = findings(home, expect=16)
    assert 'tampered' in found['problem', 'vault']['what'], found


def test_memory_that_is_not_locked(home):
    home.init()
    found = findings(home)
    level = next(level for level, subject in found if subject == 'memory')
    assert level in ('ok', 'notice')
    assert 'limit' in found[level, 'memory']['what'], found


def test_plain_variables_are_a_problem(home):
    found = findings(home, '--vault', 'env-plain:a/b=TOKEN', variables={'TOKEN': FIRST})
    problem = found['problem', 'vault']
    assert 'not encrypted at rest' in problem['what'] and 'migrate' in problem['advice'], problem


run_all(tests_of(globals()))
