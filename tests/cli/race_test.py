"""Several processes at once: one wins where only one may, and nothing of the others is lost."""
import os
import sqlite3
import subprocess

from harness import MARKER, Home, Skipped, run_all, tests_of

MANY = 8


def start(home, *words, fds=(), **variables):
    return subprocess.Popen([home.command, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, env={**home.variables, **variables}, pass_fds=fds)


def codes_of(processes, value=b''):
    """All get their input before any is waited for."""
    for process in processes:
        process.stdin.write(value)
        process.stdin.close()
        process.stdin = None
    told = [process.communicate(timeout=120) for process in processes]
    assert not any(MARKER.encode() in errors for _, errors in told)
    return sorted(process.returncode for process in processes)


def only_one(code):
    return [0] + [code] * (MANY - 1)


def test_first_runs(home):
    for _ in range(10):
        there = Home(home.command)
        assert codes_of([start(there, 'init') for _ in range(MANY)]) == only_one(15)
        assert len(there.document('key', 'list')['slots']) == 1
        there.put('a/b')
        assert there.document('verify')['faults'] == []


def test_first_runs_that_all_found_no_vault(home):
    """Each looks for a vault, then waits for its key; then all of them get one."""
    keys = [bytes([65 + n]) * 32 for n in range(MANY)]
    pipes = [os.pipe() for _ in keys]
    inits = [start(home, 'init', '--key-fd', str(reading), fds=(reading,)) for reading, _ in pipes]
    for (reading, writing), key in zip(pipes, keys):
        os.write(writing, key)
        os.close(reading)
        os.close(writing)
    assert codes_of(inits) == only_one(15)
    opened = [home.run('list', '--key-file', home.file(f'{n}.key', key), expect=None) for n, key in enumerate(keys)]
    assert sorted(run.returncode for run in opened) == only_one(12)


def test_puts_of_one_token(home):
    home.init()
    puts = [start(home, 'put', 'a/b', '--stdin') for _ in range(MANY)]
    for number, put in enumerate(puts):
        put.stdin.write(f'{MARKER}-{number}'.encode())
        put.stdin.flush()
    assert codes_of(puts) == [0] * MANY
    versions = [version['version'] for version in home.document('history', 'a/b')['versions']]
    assert versions == list(range(1, MANY + 1))
    values = {home.value('a/b', '--version', str(number)) for number in versions}
    assert values == {f'{MARKER}-{number}' for number in range(MANY)}


def test_puts_of_many_tokens(home):
    home.init()
    assert codes_of([start(home, 'put', f'a/{n}', '--stdin') for n in range(MANY)], MARKER.encode()) == [0] * MANY
    for number in range(MANY):
        assert home.value(f'a/{number}') == MARKER
    assert home.document('verify')['faults'] == []


def test_puts_that_compare(home):
    home.init()
    for version in range(3):
        puts = [start(home, 'put', 'a/b', '--stdin', '--if-version', str(version)) for _ in range(MANY)]
        assert codes_of(puts, MARKER.encode()) == only_one(15)
    assert len(home.document('history', 'a/b')['versions']) == 3


def test_keys_added_at_once(home):
    home.init()
    paths = [str(home.path / f'{n}.key') for n in range(4)]
    assert codes_of([start(home, 'key', 'add', '--new-key-file', path) for path in paths]) == [0] * 4
    assert len({home.run('key', 'verify', '--key-file', path).stdout for path in paths}) == 4


def test_a_lock_that_is_never_given_back(home):
    if 'TOKENVAULT' in home.variables:
        raise Skipped('it is a lock of SQLite that is held')
    home.init().put('a/b')
    holder = sqlite3.connect(home.vault, isolation_level=None)
    holder.execute('BEGIN IMMEDIATE')
    home.failure(11, 'unavailable', 'put', 'a/b', '--stdin', stdin=b'x')
    assert home.value('a/b') == f'{MARKER}-1'
    holder.execute('ROLLBACK')
    holder.close()
    home.put('a/b', f'{MARKER}-2')


def test_reading_while_others_write(home):
    home.init().put('a/b', f'{MARKER}-0')
    for number in range(1, 6):
        put = start(home, 'put', 'a/b', '--stdin')
        put.stdin.write(f'{MARKER}-{number}'.encode())
        put.stdin.close()
        put.stdin = None
        while put.poll() is None:
            assert home.value('a/b') in (f'{MARKER}-{number - 1}', f'{MARKER}-{number}')
        put.communicate()
        assert put.returncode == 0 and home.value('a/b') == f'{MARKER}-{number}'


run_all(tests_of(globals()))
