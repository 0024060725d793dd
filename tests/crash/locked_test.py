"""Every verb that changes something, where others have the database or died over it: COMMAND LOOK CONDITION.

writer:    another process holds the write lock and does not give it back. Who has to write gives up, and has changed
           nothing.
exclusive: another process holds everything, so that nobody can even read.
waiting:   the holder of the write lock is killed while the verb waits for it. The verb goes on as if nobody had been
           there.
reader:    another process reads an old state all the while, so that the log cannot be emptied.
log:       a writer was killed and left its log, and the log's index is gone, as after a restart of the machine.
torn:      likewise, and the log ends in the middle of a commit.
journal:   a writer in SQLite's older mode was killed, and left a rollback journal to be played back.
"""
import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parent.parent / 'cli'),
                str(Path(__file__).resolve().parent.parent / 'support')]
import calls  # noqa: E402
from calls import KILL, Broken, Point  # noqa: E402
from disk import Folder  # noqa: E402
from harness import Home  # noqa: E402
from proof import full, left_out, sample, tried  # noqa: E402
from vaults import Place  # noqa: E402
from verbs import all_verbs, left_by, ordinary  # noqa: E402

UNAVAILABLE = 11
WANTED = {'writer': 3, 'exclusive': 3}  # verbs in an ordinary run: each waits out the command's patience
HOLDER = '''
import os, signal, sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
for line in sys.argv[2:]:
    database.execute(line).fetchall()
os.write(1, b'held')
signal.pause()
'''
HOLDS = {
    'writer': ('BEGIN IMMEDIATE',),
    'waiting': ('BEGIN IMMEDIATE',),
    'exclusive': ('PRAGMA locking_mode = EXCLUSIVE', 'BEGIN EXCLUSIVE'),
    'reader': ('BEGIN', 'SELECT * FROM root'),
    # One page of cache, so that pages go into the file before the commit, and the journal has what they were.
    'journal': ('PRAGMA journal_mode = DELETE', 'PRAGMA cache_size = 1', 'BEGIN IMMEDIATE',
                'UPDATE root SET bytes = zeroblob(90000)', 'DELETE FROM blobs',
                'WITH RECURSIVE some(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM some WHERE n < 99) '
                'INSERT INTO blobs SELECT randomblob(24), zeroblob(9000) FROM some'),
}


@contextlib.contextmanager
def held(place, condition):
    """While another process has done what the condition says; it ends by SIGKILL."""
    words = [sys.executable, '-c', HOLDER, database_of(place), *HOLDS[condition]]
    holder = subprocess.Popen(words, stdout=subprocess.PIPE)
    try:
        assert holder.stdout.read(4) == b'held', condition
        yield holder
    finally:
        holder.kill()
        holder.wait()
        holder.stdout.close()


def database_of(place):
    return place.uri.split(':', 1)[1]


def leave_log(place, torn):
    """One more change that is in the log alone, and with `torn` half of another after it."""
    place.put_back('plain')
    log = database_of(place) + '-wal'
    before = killed_in_log(place, log, 0, 'put', 'a/logged', '--stdin')
    if torn:
        after = killed_in_log(place, log, before, 'rm', 'a/logged')
        os.truncate(log, (before + after) // 2)
    os.unlink(database_of(place) + '-shm')


def killed_in_log(place, log, before, *words):
    """Kills the change where the log has grown by it and is to be synced; its size."""
    place.ground.keep(f'log-{before}')
    for n in range(1, 9):
        place.ground.put_back(f'log-{before}')
        done = place.breaker().break_at(Point(KILL, 'fdatasync', n), [place.home.command, *words], b'x')
        assert done.hit, (words, n, done)
        if (size := os.path.getsize(log)) > before + 4096:
            return size
    raise AssertionError(f'{words} left nothing in the log')


def prepare(place, condition):
    """Where the condition is one of the files it becomes the base of every verb."""
    if condition in ('log', 'torn'):
        leave_log(place, condition == 'torn')
    elif condition == 'journal':
        place.put_back('plain')
        with held(place, 'journal'):
            pass
        assert os.path.getsize(database_of(place) + '-journal') > 4096
        assert not is_whole(database_of(place)), 'nothing is to be played back'
    else:
        return all_verbs(place)
    place.ground.keep(condition)
    place.elsewhere.put_back('plain')
    place.elsewhere.keep(condition)
    place.states[condition] = place.look()
    assert condition == 'journal' or '[a/logged ' in place.states[condition], 'the log is not read'
    return [each._replace(base=condition) for each in ordinary(place)]


def wait_and_kill(place, each, holder):
    """Kills the holder once the verb sleeps for the lock, which strace tells through a pipe."""
    pipe = place.home.path / 'sleeps'
    pipe.unlink(missing_ok=True)
    os.mkfifo(pipe)
    with open(place.home.path / 'said', 'w+b') as said, open(place.home.path / 'complaint', 'w+b') as complaint:
        words = ['strace', '-f', '-qq', '-o', pipe, '-e', 'trace=clock_nanosleep,nanosleep', place.home.command]
        process = subprocess.Popen([*words, *each.words], stdin=subprocess.PIPE, stdout=said, stderr=complaint,
                                   env=place.home.variables)
        process.stdin.write(each.stdin or b'')
        process.stdin.close()
        with open(pipe, 'rb') as lines:
            slept = bool(lines.readline())
            holder.send_signal(signal.SIGKILL)
            lines.read()
        code = process.wait()
        said.seek(0)
        complaint.seek(0)
        return Broken(code, said.read(), complaint.read(), slept)


def is_whole(path):
    """Whether the file alone, without its journal, still holds a vault's root."""
    alone = sqlite3.connect(f'file:{path}?immutable=1', uri=True)
    with contextlib.closing(alone), contextlib.suppress(sqlite3.DatabaseError):
        return alone.execute('SELECT length(bytes) < 90000 FROM root').fetchone() == (1,)
    return False


def run_under(place, each, condition):
    """How the verb ends, and what another sees meanwhile."""
    words = [place.home.command, *each.words]
    place.put_back(each.base)
    if condition not in HOLDS or condition == 'journal':
        return Broken(*place.breaker().unbroken(words, each.stdin), True)
    with held(place, condition) as holder:
        if condition == 'waiting':
            return wait_and_kill(place, each, holder)
        done = Broken(*place.breaker().unbroken(words, each.stdin), True)
        return done._replace(hit=done.code == UNAVAILABLE or condition == 'reader')


def one_verb(place, each, condition):
    place.put_back(each.base)
    before = place.look(each.watch)
    assert place.command(*each.words, stdin=each.stdin).returncode == 0, each
    after = place.look(each.watch)
    done = run_under(place, each, condition)
    where, told = f'{each.name}, {condition}', done.complaint.decode(errors='replace').strip()[-200:]
    if done.code not in ((0, UNAVAILABLE) if condition in WANTED else (0,)):
        return done.hit, f'{where}: ended {done.code} ({told})'
    wrong = left_by(place, each, done, before, after)
    return done.hit, f'{where}: ended {done.code} ({told}): {wrong}' if wrong else None


def main():
    command, look, condition = sys.argv[1:]
    if missing := calls.why_not():
        print(f'skipped: {missing}')
        return 77
    home = Home(os.path.abspath(command))
    with Folder(str(home.path)) as ground:
        place = Place(home, ground, f'sqlite:{ground.path}/v', look)
        verbs = prepare(place, condition)
        chosen = verbs if full() or condition not in WANTED else sample([each for each in verbs if not each.watch],
                                                                        WANTED[condition])
        results = [one_verb(place, each, condition) for each in chosen]
    losses = [wrong for _, wrong in results if wrong]
    met = sum(hit for hit, _ in results)
    print(*losses, f'{met} of {len(results)} were held up or found it so', sep='\n')
    if not full() and len(chosen) < len(verbs):
        left_out(f'{len(verbs) - len(chosen)} of {len(verbs)} verbs where a lock is never given back ({condition})')
    tried(f'the verbs on sqlite, {condition}', len(results), len(losses))
    return 1 if losses or met < len(results) // 2 else 0


if __name__ == '__main__':
    sys.exit(main())
