"""Vaults and keys in places that are not what they should be: each refused by name, nothing lost."""
import os
import shutil
import socket
import subprocess

from harness import KEY_A, MARKER, Skipped, run_all, tests_of

NOBODY = 65534


def as_nobody(home):
    """How to start the command as a user whom file modes stop; the home becomes theirs."""
    if os.geteuid() != 0:
        return {}
    if subprocess.run([home.command, '--version'], user=NOBODY, group=NOBODY, extra_groups=(), cwd='/',
                      capture_output=True).returncode != 0:
        raise Skipped('the build folder is closed to the user nobody')
    for path in [home.path, *home.path.rglob('*')]:
        os.lchown(path, NOBODY, NOBODY)
    return {'user': NOBODY, 'group': NOBODY, 'extra_groups': (), 'cwd': '/'}


def is_refused(home, *words, **more):
    for verb in (('get', 'a/b'), ('put', 'a/b', '--stdin'), ('list',), ('verify',), ('status',), ('init',)):
        home.failure(21, 'refused', *words, *verb, stdin=b'x', **more)


def test_places_that_are_no_file(home):
    home.init()
    fifo, plug, link = home.path / 'fifo', home.path / 'socket', home.path / 'link'
    os.mkfifo(fifo, 0o600)
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(plug))
        plug.chmod(0o600)
        link.symlink_to(home.vault)
        for place in (fifo, plug, link, home.path):
            is_refused(home, '--vault', str(place))
            for flag in ('--key-file', '--passphrase-file', '--identity-file', '--unlock-recovery-file'):
                home.failure(21, 'refused', 'list', flag, str(place))
    (home.path / 'dangling').symlink_to('nothing')
    is_refused(home, '--vault', str(home.path / 'dangling'))
    assert not (home.path / 'nothing').exists()
    home.run('list')


def test_files_beside_the_vault(home):
    home.init().put('a/b')
    for suffix in ('-wal', '-shm', '-journal'):
        beside = home.vault.with_name('vault.db' + suffix)
        kept = beside.read_bytes() if beside.exists() else None
        beside.unlink(missing_ok=True)
        beside.symlink_to(home.file('elsewhere'))
        is_refused(home)
        beside.unlink()
        if kept is not None:
            beside.write_bytes(kept)
            beside.chmod(0o600)
    assert home.value('a/b') == f'{MARKER}-1' and open(home.path / 'elsewhere', 'rb').read() == b''


def test_a_vault_that_others_can_write(home):
    home.init().put('a/b')
    for mode in (0o620, 0o602, 0o666):
        home.vault.chmod(mode)
        is_refused(home)
    home.vault.chmod(0o644)
    assert home.value('a/b') == f'{MARKER}-1'


def test_a_vault_in_no_folder(home):
    home.file('plain')
    for place in ('none/none.db', 'plain/none.db'):
        home.failure(10, 'no_vault', 'list', '--vault', str(home.path / place))
    home.failure(10, 'no_vault', 'list', '--vault', str(home.path / 'a:b'))
    for uri in ('bad:x', 'sqlite:', 'sqlite:/', str(home.path) + '/', 'memory:x'):
        home.failure(2, 'invalid_argument', 'list', '--vault', uri)
    home.run('init', '--vault', str(home.path / 'new/folder/v.db'))
    assert (home.path / 'new/folder').stat().st_mode & 0o777 == 0o700


def test_what_may_not_be_read(home):
    home.init().put('a/b')
    how = as_nobody(home)
    home.vault.chmod(0)
    home.failure(1, 'permission_denied', 'get', 'a/b', **how)
    home.failure(1, 'permission_denied', 'init', **how)
    home.vault.chmod(0o600)
    home.vault.parent.chmod(0)
    home.failure(1, 'permission_denied', 'get', 'a/b', **how)
    home.vault.parent.chmod(0o700)
    (home.path / 'a.key').chmod(0)
    home.failure(1, 'permission_denied', 'get', 'a/b', **how)
    (home.path / 'a.key').chmod(0o600)
    assert home.value('a/b', **how) == f'{MARKER}-1'


def test_a_vault_that_may_only_be_read(home):
    home.init().put('a/b')
    how = as_nobody(home)
    files = list(home.vault.parent.iterdir())
    for file in files:
        file.chmod(0o400)
    home.vault.parent.chmod(0o500)
    try:
        assert home.value('a/b', **how) == f'{MARKER}-1'
        home.failure(21, 'read_only', 'put', 'a/b', '--stdin', stdin=b'x', **how)
        home.failure(21, 'read_only', 'key', 'add', '--new-key-file', str(home.path / 'second.key'), **how)
        assert not (home.path / 'second.key').exists()
    finally:
        home.vault.parent.chmod(0o700)
    assert home.value('a/b', **how) == f'{MARKER}-1'


def test_folders_that_may_not_be_written(home):
    how = as_nobody(home)
    home.path.chmod(0o500)
    home.failure(1, 'permission_denied', 'init', **how)
    assert home.tree() == []
    home.path.chmod(0o700)
    home.run('init', **how)
    (home.path / '.local/state/tokenvault').chmod(0o500)
    (home.path / '.local/state/tokenvault/anchors').chmod(0o400)
    # The value is stored; that nobody can remember how new the vault is, is said.
    assert b'would not be noticed' in home.put('a/b', **how).stderr
    assert home.value('a/b', **how) == f'{MARKER}-1'
    (home.path / '.local/state/tokenvault/anchors').chmod(0)
    assert b'cannot be used' in home.run('get', 'a/b', reveals=True, **how).stderr
    home.path.joinpath('.local/state/tokenvault').chmod(0o700)


def full_disk(home, vault):
    home.init()
    home.run('init', '--vault', vault)
    kept = 0
    value = (MARKER * 3000)[:32768].encode()
    while True:
        stored = subprocess.run([home.command, 'put', f'a/{kept}', '--stdin', '--vault', vault], input=value,
                                capture_output=True, env=home.variables, timeout=60)
        if stored.returncode != 0:
            break
        kept += 1
    assert stored.returncode == 1 and b'full' in stored.stderr, stored.stderr
    assert 0 < kept < 16
    home.failure(1, 'io', 'put', 'a/0', '--stdin', '--vault', vault, stdin=value)
    home.failure(1, 'io', 'key', 'add', '--new-key-file', vault + '.key', '--vault', vault)
    assert not any('.key' in name for name in os.listdir(os.path.dirname(vault)))
    assert home.run('list', '--vault', vault).stdout.decode().split() == sorted(f'a/{n}' for n in range(kept))
    for number in range(kept):
        assert home.run('get', f'a/{number}', '--vault', vault, reveals=True).stdout == value
    assert home.document('verify', '--vault', vault)['faults'] == []
    home.failure(1, 'io', 'init', '--vault', vault + '.second')
    assert not os.path.exists(vault + '.second')


def test_a_vault_moved_away_and_back(home):
    home.init().put('a/b')
    away = home.path / 'away.db'
    shutil.move(home.vault, away)
    home.failure(10, 'no_vault', 'get', 'a/b')
    assert home.value('a/b', '--vault', str(away)) == f'{MARKER}-1'
    shutil.move(away, home.vault)
    assert home.value('a/b') == f'{MARKER}-1'


run_all(tests_of(globals()))
