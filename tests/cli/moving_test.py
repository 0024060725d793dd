"""A vault that moves: to another backend, into a variable, into a backup and back, over what is there."""
import os
import subprocess

from harness import KEY_B, MARKER, run_all, tests_of

FIRST, SECOND, THIRD = (f'{MARKER}-{number}' for number in (1, 2, 3))
BINARY = bytes(range(256))


def filled(home):
    home.init()
    home.put('a/one', FIRST)
    home.put('a/two', FIRST)
    home.put('a/two', SECOND)
    home.run('put', 'a/bytes', '--stdin', '--binary', '--label', 'all of them', stdin=BINARY)
    home.put('a/removed', FIRST)
    home.run('rm', 'a/removed')
    return home


def is_whole(home, *where, **more):
    assert home.value(*where, 'a/one', **more) == FIRST
    assert home.value(*where, 'a/two', **more) == SECOND
    assert home.value(*where, 'a/two', '--version', '1', **more) == FIRST
    assert home.run(*where, 'get', 'a/bytes', reveals=True, **more).stdout == BINARY
    assert home.document(*where, 'show', 'a/bytes', **more)['label'] == 'all of them'
    report = home.document(*where, 'verify', **more)
    assert (report['tokens'], report['records'], report['faults']) == (3, 5, []), report


def at(home, name):
    return str(home.path / name)


def test_from_backend_to_backend_and_back(home):
    """sqlite, file, environment, sqlite: the same tokens, versions, labels and keys, the same vault id."""
    filled(home)
    first = home.document('status')
    file, last = 'file:' + at(home, 'v.tv'), 'sqlite:' + at(home, 'last.db')
    home.run('migrate', '--from', str(home.vault), '--to', file)
    is_whole(home, '--vault', file)
    line = home.run('migrate', '--from', file, '--to', 'env:ACME_VAULT').stdout.decode()
    name, value = line.rstrip('\n').split('=')
    assert name == 'ACME_VAULT' and len(line.splitlines()) == 1
    sealed = {'ACME_VAULT': value}
    is_whole(home, '--vault', 'env:ACME_VAULT', variables=sealed)
    home.run('migrate', '--from', 'env:ACME_VAULT', '--to', last, variables=sealed)
    is_whole(home, '--vault', last)
    home.run('--vault', last, 'undelete', 'a/removed')
    status = home.document('--vault', last, 'status')
    assert status['vault_id'] == first['vault_id'] and status['tokens'] == 4
    assert status['generation'] > first['generation'] + 2**32
    home.run('--vault', last, 'put', 'a/one', '--stdin', stdin=THIRD.encode())


def test_the_source_is_an_older_copy_afterwards(home):
    filled(home)
    home.run('migrate', '--from', str(home.vault), '--to', 'file:' + at(home, 'v.tv'))
    home.failure(16, 'stale', 'get', 'a/one')
    home.failure(16, 'stale', 'put', 'a/one', '--stdin', stdin=b'x')


def test_places_that_are_taken(home):
    filled(home)
    other = at(home, 'other.db')
    home.run('--vault', other, 'init', '--quiet')
    before = open(other, 'rb').read()
    home.failure(15, 'already_exists', 'migrate', '--from', str(home.vault), '--to', other)
    assert open(other, 'rb').read() == before
    home.failure(15, 'already_exists', 'migrate', '--from', str(home.vault), '--to', str(home.vault))
    assert home.value('a/one') == FIRST
    home.failure(10, 'no_vault', 'migrate', '--from', at(home, 'none.db'), '--to', at(home, 'new.db'))
    assert not os.path.exists(at(home, 'new.db'))
    for words in (('--from', str(home.vault)), ('--to', 'x'), ('--from', 'odd:x', '--to', 'y'), ()):
        home.failure(2, 'invalid_argument', 'migrate', *words)
    home.failure(21, 'refused', 'migrate', '--from', 'env-plain:a/b=X', '--to', at(home, 'new.db'), variables={'X': FIRST})


def test_a_vault_too_large_for_its_new_place(home):
    home.init()
    for number in range(6):
        home.run('put', f'a/{number}', '--stdin', stdin=b'x' * 32768)
    failure = home.failure(21, 'refused', 'migrate', '--from', str(home.vault), '--to', 'env:V')
    assert 'variable' in failure['message'], failure
    assert home.run('get', 'a/5').stdout == b'x' * 32768


def test_a_vault_shipped_in_a_variable(home):
    """A copy for a container: the vault here goes on, and the copy can be verified and restored from."""
    filled(home)
    line = home.run('backup', 'env:ACME').stdout.decode()
    sealed = dict([line.rstrip('\n').split('=', 1)])
    is_whole(home, '--vault', 'env:ACME', variables=sealed)
    home.put('a/one', FIRST)
    home.run('backup', 'verify', 'env:ACME', variables=sealed)
    document = home.document('backup', 'env:ACME')
    assert document['value'] != sealed['ACME'] and document['place'] == 'env:ACME', document
    home.run('--vault', at(home, 'new.db'), 'restore', 'env:ACME', variables=sealed)
    is_whole(home, '--vault', at(home, 'new.db'))
    with open('/dev/full', 'wb') as full:
        done = subprocess.run([home.command, 'migrate', '--from', str(home.vault), '--to', 'env:V'], stdout=full,
                              stderr=subprocess.DEVNULL, env=home.variables)
    assert done.returncode == 1, done


def test_sealed_variables_that_are_no_vault(home):
    filled(home)
    line = home.run('migrate', '--from', str(home.vault), '--to', 'env:V').stdout.decode()
    value = line.rstrip('\n').split('=', 1)[1]
    for broken in ('', value[:-1], value[:-8], value + '=', value + ' ', value[:40] + '\n' + value[40:], '*' + value[1:],
                   value + value, value.swapcase(), 'x'):
        home.run('--vault', 'env:V', 'get', 'a/one', variables={'V': broken}, expect=16)
    home.failure(10, 'no_vault', '--vault', 'env:V', 'get', 'a/one')
    home.failure(21, 'read_only', '--vault', 'env:V', 'put', 'a/one', '--stdin', stdin=b'x', variables={'V': value})
    home.failure(21, 'read_only', '--vault', 'env:V', 'init', variables={'V': value})
    home.failure(12, 'wrong_key', '--vault', 'env:V', '--key-file', home.file('b.key', KEY_B), 'get', 'a/one',
                 variables={'V': value})


def test_plain_variables(home):
    plain = {'TOKEN_ONE': FIRST, 'TOKEN_TWO': SECOND}
    where = ('--vault', 'env-plain:a/one=TOKEN_ONE,a/two=TOKEN_TWO')
    assert home.value(*where, 'a/one', variables=plain) == FIRST
    assert home.value(*where, 'a/two', variables=plain) == SECOND
    status = home.document(*where, 'status', variables=plain)
    assert (status['encrypted_at_rest'], status['persistence'], status['tokens']) == (False, 'volatile', 2), status
    assert 'not encrypted' in home.run(*where, 'status', variables=plain).stdout.decode()
    home.failure(14, 'not_found', *where, 'get', 'a/three', variables=plain)
    home.failure(21, 'read_only', *where, 'put', 'a/one', '--stdin', stdin=b'x', variables=plain)
    home.failure(13, 'no_key', '--vault', 'env-plain:a/one=ABSENT', 'get', 'a/one')
    for text in ('', 'a/one', '=X', 'a/one=', 'a/one=A,a/one=B', 'a//b=X', 'a/one=A,'):
        home.failure(2, 'invalid_argument', '--vault', 'env-plain:' + text, 'get', 'a/one', variables={'A': 'x', 'B': 'x'})
    seen = home.run(*where, 'run', '--env', 'GOT=a/one', '--', 'env', variables=plain, reveals=True).stdout.decode()
    assert f'GOT={FIRST}\n' in seen and 'TOKEN_ONE' not in seen and 'TOKEN_TWO' not in seen, 'a variable was left'


def test_backup_and_restore_into_an_empty_place(home):
    filled(home)
    backup = at(home, 'b.tv')
    done = home.document('backup', backup)
    assert (done['event'], done['place'], done['tokens']) == ('backed_up', backup, 3), done
    assert os.stat(backup).st_mode & 0o777 == 0o600
    assert done['generation'] == home.document('status')['generation']
    home.put('a/two', THIRD)
    home.vault.rename(at(home, 'lost.db'))
    for suffix in ('-wal', '-shm'):
        home.vault.with_name('vault.db' + suffix).unlink(missing_ok=True)
    done = home.document('restore', backup)
    assert done['event'] == 'restored' and done['generation'] > 2**32, done
    is_whole(home)
    # Version 3 was given out and is lost: it must not be given out again.
    assert home.document('put', 'a/two', '--stdin', stdin=FIRST.encode())['version'] > 3


def test_restore_over_a_newer_vault(home):
    filled(home)
    backup = at(home, 'b.tv')
    home.run('backup', backup)
    home.put('a/two', THIRD)
    home.put('a/new', FIRST)
    newer = home.document('status')
    home.failure(15, 'conflict', 'restore', backup)
    assert home.value('a/two') == THIRD and home.document('status')['generation'] == newer['generation']
    done = home.document('restore', backup, '--replace')
    assert done['dropped'] == ['a/new'] and done['generation'] >= newer['generation'] + 2**32, done
    is_whole(home)
    home.failure(14, 'not_found', 'get', 'a/new')
    assert home.document('put', 'a/two', '--stdin', stdin=FIRST.encode())['version'] == 4
    assert home.document('put', 'a/new', '--stdin', stdin=FIRST.encode())['version'] == 2


def test_a_backup_of_another_vault(home):
    filled(home)
    other = at(home, 'other.db')
    home.run('--vault', other, 'init', '--quiet')
    home.run('--vault', other, 'backup', at(home, 'o.tv'))
    home.failure(21, 'refused', 'restore', at(home, 'o.tv'), '--replace')
    is_whole(home)


def test_backups_that_are_none(home):
    filled(home)
    backup = at(home, 'b.tv')
    home.run('backup', backup)
    home.failure(15, 'already_exists', 'backup', backup)
    whole = open(backup, 'rb').read()
    for number, content in enumerate((b'', b'x', whole[:-1], whole + b'x', whole[:len(whole) // 2], whole[:200], os.urandom(9000),
                                      whole[:900] + b'x' + whole[901:])):
        broken = home.file(f'broken-{number}', content)
        for words in (('restore', broken, '--replace'), ('backup', 'verify', broken)):
            done = home.run(*words, expect=None)
            assert done.returncode in (12, 16), (number, words, done)
    home.failure(10, 'no_vault', 'restore', at(home, 'absent'))
    home.failure(10, 'no_vault', 'backup', 'verify', at(home, 'absent'))
    home.failure(2, 'invalid_argument', 'restore')
    home.failure(2, 'invalid_argument', 'backup')
    is_whole(home)


def test_restore_that_the_key_does_not_open_leaves_nothing(home):
    filled(home)
    backup = at(home, 'b.tv')
    home.run('backup', backup)
    wrong = home.file('b.key', KEY_B)
    home.failure(12, 'wrong_key', '--vault', at(home, 'new.db'), '--key-file', wrong, 'restore', backup)
    assert not os.path.exists(at(home, 'new.db'))


def test_an_older_copy_made_the_newest(home):
    filled(home)
    home.run('put', 'a/one', '--stdin', stdin=FIRST.encode())
    older = {suffix: path.read_bytes() for suffix in ('', '-wal')
             if (path := home.vault.with_name('vault.db' + suffix)).exists()}
    home.put('a/one', SECOND)
    for suffix in ('-wal', '-shm'):
        home.vault.with_name('vault.db' + suffix).unlink(missing_ok=True)
    for suffix, content in older.items():
        home.vault.with_name('vault.db' + suffix).write_bytes(content)
    home.failure(16, 'stale', 'get', 'a/one')
    home.failure(2, 'invalid_argument', 'restore', 'x', '--accept-stale')
    home.run('restore', '--accept-stale')
    assert home.value('a/one') == FIRST
    assert home.document('put', 'a/one', '--stdin', stdin=THIRD.encode())['version'] > 3


def test_every_way_into_a_backup(home):
    """The drill: every slot that the backup lists is really opened."""
    filled(home)
    home.run('key', 'add', '--new-key-file', at(home, 'more.key'))
    home.run('key', 'add', '--new-identity-file', at(home, 'me.id'))
    home.run('key', 'add', '--recovery', '--recovery-file', at(home, 'code.txt'))
    reading, writing = os.pipe()
    os.write(writing, MARKER.encode())
    os.close(writing)
    home.run('key', 'add', '--new-passphrase-fd', str(reading), '--kdf-memory', '64', fds=(reading,))
    os.close(reading)
    backup = at(home, 'b.tv')
    home.run('backup', backup)
    slots = home.document('backup', 'verify', backup)['slots']
    assert sorted(slot['opened'] for slot in slots) == [False] * 4 + [True], slots
    home.failure(12, 'wrong_key', 'backup', 'verify', backup, '--all')
    phrase = home.file('phrase', MARKER.encode())
    with open(phrase, 'rb') as secret:
        every = ('--try-key-file', at(home, 'more.key'), '--try-identity-file', at(home, 'me.id'),
                 '--try-recovery-file', at(home, 'code.txt'), '--try-passphrase-fd', str(secret.fileno()))
        for words in (('backup', 'verify', backup), ('key', 'verify')):
            secret.seek(0)
            slots = home.document(*words, *every, '--all', fds=(secret.fileno(),))['slots']
            assert all(slot['opened'] for slot in slots), slots
    failure = home.failure(12, 'wrong_key', 'key', 'verify', '--try-key-file', home.file('b.key', KEY_B))
    assert '--try-key-file' in failure['message'], failure


def test_the_recovery_drill(home):
    """Everything is lost but the code: a backup, the code, and nothing else."""
    filled(home)
    home.run('key', 'add', '--recovery', '--recovery-file', at(home, 'code.txt'))
    home.run('backup', at(home, 'b.tv'))
    alone = home.path / 'elsewhere'
    alone.mkdir()
    variables = {'HOME': str(alone), 'TOKENVAULT_KEY_FILE': ''}
    code = ('--unlock-recovery-file', at(home, 'code.txt'))
    home.run(*code, 'restore', at(home, 'b.tv'), variables=variables)
    is_whole(home, *code, variables=variables)
    home.run(*code, 'key', 'add', '--new-key-file', str(alone / '.config/tokenvault/vault.key'), variables=variables)
    is_whole(home, variables=variables)


run_all(tests_of(globals()))
