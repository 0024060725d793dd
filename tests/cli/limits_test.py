"""A machine that gives less than expected: no locked memory, no descriptors, no room, no permission, no time."""
import os
import resource
import shutil
import subprocess

from faults import KILLED, KINDS, traced
from harness import MARKER, Home, Skipped, run_all, tests_of

NOBODY = 65534
TOKEN = f'{MARKER}-1'


def unprivileged(home):
    """Arguments that make a run an ordinary user's; limits and file modes do not bind root."""
    if os.geteuid() != 0:
        return {}
    for path in (home.path, *home.path.rglob('*')):
        os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
    return {'user': NOBODY, 'group': NOBODY, 'extra_groups': []}


def copy_command(home):
    """Where an ordinary user can run it, whatever folder it was built in."""
    command = home.path / 'tokenvault'
    shutil.copy(home.command, command)
    home.path.chmod(0o755)
    home.command = str(command)


def test_locked_memory(home):
    copy_command(home)
    home.init()
    user = unprivileged(home)
    for limit, backings in ((64 * 1024, ('memfd_secret', 'locked')), (0, ('plain',))):
        def lower(limit=limit):
            resource.setrlimit(resource.RLIMIT_MEMLOCK, (limit, limit))
        more = {**user, 'preexec_fn': lower}
        home.put('a/b', TOKEN, **more)
        assert home.value('a/b', **more) == TOKEN
        protection = home.document('status', **more)['protection']
        assert protection['backing'] in backings and protection['lock_limit'] == limit, protection
        assert (protection['plain_bytes'] > 0) == (protection['backing'] == 'plain'), protection
        large = b'y' * 32768
        home.run('put', 'a/large', '--stdin', stdin=large, **more)
        assert home.run('get', 'a/large', **more).stdout == large


def test_locales(home):
    home.init()
    for locale in ('C', 'POSIX', 'C.UTF-8', 'no_SUCH.locale'):
        home.put('\u00e4/\u65e5\u672c', TOKEN, variables={'LC_ALL': locale})
        assert home.value('\u00e4/\u65e5\u672c', variables={'LC_ALL': locale}) == TOKEN
        assert '\u00e4/\u65e5\u672c' in home.run('list', variables={'LC_ALL': locale}).stdout.decode()


def closed(*descriptors):
    return lambda: [os.close(fd) for fd in descriptors]


def test_closed_descriptors(home):
    home.init()
    home.put('a/b', TOKEN)
    home.failure(13, 'no_key', 'put', 'a/b', '--stdin', preexec_fn=closed(0))
    words = [home.command, 'get', 'a/b']
    for descriptors, code in (((1,), 1), ((2,), 0), ((0,), 0), ((0, 1, 2), 1)):
        done = subprocess.run(words, env=home.variables, stdin=subprocess.DEVNULL, capture_output=True,
                              preexec_fn=closed(*descriptors))
        assert done.returncode == code, (descriptors, done.returncode)
        assert done.stdout == (TOKEN.encode() if code == 0 else b'')
    assert home.value('a/b') == TOKEN
    assert len(home.document('history', 'a/b')['versions']) == 1


def test_nobody_reads_the_output(home):
    home.init()
    home.put('a/b', TOKEN)
    with open('/dev/full', 'wb') as full:
        for words in (('get', 'a/b'), ('list',), ('status',), ('--help',)):
            done = subprocess.run([home.command, *words], env=home.variables, stdout=full, stderr=subprocess.PIPE)
            assert done.returncode == 1 and b'standard output' in done.stderr, (words, done)
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([home.command, 'get', 'a/b'], env=home.variables, stdout=writing, stderr=subprocess.PIPE)
    os.close(writing)
    assert done.returncode == 1 and MARKER.encode() not in done.stderr, done


def test_read_only_places(home):
    copy_command(home)
    home.init()
    home.put('a/b', TOKEN)
    user = unprivileged(home)
    folder = home.vault.parent
    for vault_mode, folder_mode in ((0o400, 0o700), (0o600, 0o500), (0o400, 0o500)):
        home.vault.chmod(vault_mode)
        folder.chmod(folder_mode)
        assert home.value('a/b', **user) == TOKEN
        if vault_mode == 0o400:
            assert 'read-only' in home.failure(21, 'read_only', 'put', 'a/b', '--stdin', stdin=b'x', **user)['message']
        folder.chmod(0o700)
        home.vault.chmod(0o600)
    folder.chmod(0o500)
    home.failure(1, 'permission_denied', 'init', '--vault', str(folder / 'other.db'), **user)
    home.vault.chmod(0)
    home.failure(1, 'permission_denied', 'get', 'a/b', **user)
    folder.chmod(0o700)
    home.vault.chmod(0o600)
    assert home.value('a/b', **user) == TOKEN


def test_full_disk(home):
    folder = home.path / 'small'
    folder.mkdir()
    mounted = subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=256k,mode=700', 'tmpfs', folder], capture_output=True)
    if mounted.returncode != 0:
        raise Skipped('only root can mount a small file system')
    try:
        home.init()
        vault = ('--vault', str(folder / 'v.db'))
        home.run('init', *vault)
        kept = 0
        for number in range(100):
            value = f'{MARKER}-{number}-'.ljust(16000, 'x').encode()
            done = subprocess.run([home.command, *vault, 'put', f'a/{number}', '--stdin', '--json'], input=value,
                                  env=home.variables, capture_output=True)
            if done.returncode != 0:
                break
            kept += 1
        assert done.returncode == 1 and b'"kind":"io"' in done.stderr, done
        for number in range(kept):
            assert home.value(f'a/{number}', *vault).startswith(f'{MARKER}-{number}-')
        assert home.document('verify', *vault)['faults'] == []
        print(f'        full after {kept} tokens; all of them are there')
    finally:
        subprocess.run(['umount', folder], check=True)


def test_disk_that_does_not_sync(home):
    home.init()
    home.put('a/b', TOKEN)
    for kind in ('fdatasync', 'fsync'):
        for error in ('EIO', 'ENOSPC'):
            done = traced(home, f'{kind}:error={error}', 'put', 'a/b', '--stdin', input=b'new')
            assert done.returncode in (0, 1, 19), done
            value = home.run('get', 'a/b', reveals=True).stdout.decode()
            assert value == 'new' if done.returncode == 0 else value in ('new', TOKEN)
            assert home.document('verify')['faults'] == []
            home.put('a/b', TOKEN)


def killed_everywhere(home, prepare, words, check, **more):
    """Kills `words` at every call of every kind that changes something; gives the number of points."""
    points = 0
    for kind in ('openat', *KINDS):
        for at in range(1, 100):
            prepare()
            done = traced(home, f'{kind}:signal=SIGKILL:when={at}', *words, **more)
            check(done.returncode == 0)
            if done.returncode == 0:
                break
            assert done.returncode in KILLED, done
            points += 1
    return points


def test_killed_put(home):
    home.init()
    home.put('a/b', TOKEN)

    def check(acknowledged):
        value = home.run('get', 'a/b', reveals=True).stdout.decode()
        assert value == 'new' if acknowledged else value in ('new', TOKEN)
        assert home.document('verify')['faults'] == []
    points = killed_everywhere(home, lambda: home.put('a/b', TOKEN), ('put', 'a/b', '--stdin'), check, input=b'new')
    assert points > 10, points
    print(f'        {points} points, 0 losses')


def test_killed_init(home):
    inner = None

    def prepare():
        nonlocal inner
        inner = Home(home.command)
        home.variables = inner.variables

    def check(acknowledged):
        again = subprocess.run([home.command, 'init', '--quiet'], env=inner.variables, capture_output=True)
        assert again.returncode == (15 if acknowledged else again.returncode) and again.returncode in (0, 15), again
        inner.put('a/b', TOKEN)
        assert inner.value('a/b') == TOKEN
    points = killed_everywhere(home, prepare, ('init', '--quiet'), check)
    assert points > 10, points
    print(f'        {points} points, 0 places that could not be used')


def at_once(home, count, words, inputs=None):
    running = [subprocess.Popen([home.command, *words(i)], env=home.variables, stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE) for i in range(count)]
    for i, process in enumerate(running):
        process.stdin.write(inputs(i) if inputs else b'')
        process.stdin.close()
        process.stdin = None
    return [(process.communicate(timeout=60), process.returncode)[1] for process in running]


def test_eight_at_once_make_one_vault(home):
    codes = at_once(home, 8, lambda i: ('init', '--quiet'))
    assert sorted(codes) == [0] + [15] * 7, codes
    home.put('a/b', TOKEN)
    assert home.value('a/b') == TOKEN


def test_eight_at_once_store_eight(home):
    home.init()
    same = at_once(home, 8, lambda i: ('put', 'a/same', '--stdin'), lambda i: f'{MARKER}-{i}'.encode())
    other = at_once(home, 8, lambda i: ('put', f'a/{i}', '--stdin'), lambda i: f'{MARKER}-{i}'.encode())
    assert same + other == [0] * 16, (same, other)
    assert [v['version'] for v in home.document('history', 'a/same')['versions']] == list(range(1, 9))
    values = {home.value('a/same', '--version', str(n)) for n in range(1, 9)}
    assert values == {f'{MARKER}-{i}' for i in range(8)}
    assert all(home.value(f'a/{i}') == f'{MARKER}-{i}' for i in range(8))
    assert home.document('verify')['records'] == 16


run_all(tests_of(globals()))
