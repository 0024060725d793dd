"""Vaults as an attacker, a bad disk or a careless copy leaves them: a clear end, and never a wrong value."""
import os
import socket
import sqlite3
import subprocess

from harness import MARKER, Skipped, run_all, tests_of

TOKEN = f'{MARKER}-1'
ENDS = {1, 10, 12, 14, 16, 21, 22}
PASSES, MEMORY = 16, 20  # of a passphrase slot's params: salt 16, passes u32, memory u32
SLOT = 37                # where the header's first slot begins: type u8, length u16, id 8, body


def filled(home):
    home.init()
    home.put('a/b', TOKEN)
    home.put('a/c', f'{MARKER}-2')
    return home


def change(home, statement, *values):
    with sqlite3.connect(home.vault) as database:
        database.execute(statement, values)
    database.close()


def root_of(home):
    database = sqlite3.connect(home.vault)
    root = bytearray(database.execute('SELECT bytes FROM root').fetchone()[0])
    database.close()
    return root


def set_root(home, root):
    change(home, 'UPDATE root SET bytes = ?', bytes(root))


def copy_of(home):
    return {path: path.read_bytes() for path in home.vault.parent.iterdir()}


def put_back(files):
    for path in list(next(iter(files)).parent.iterdir()):
        path.unlink()
    for path, content in files.items():
        path.write_bytes(content)
        path.chmod(0o600)


def test_no_vault(home):
    for words in (('get', 'a/b'), ('list',), ('verify',), ('key', 'list'), ('put', 'a/b', '--stdin')):
        home.failure(10, 'no_vault', *words, stdin=b'x')
        home.failure(10, 'no_vault', *words, '--key-file', str(home.path / 'none.key'), stdin=b'x')
    assert home.tree() == [], home.tree()


def test_odd_things_in_the_vaults_place(home):
    filled(home)
    good = str(home.vault)
    link, fifo, listener = (str(home.path / name) for name in ('link.db', 'fifo.db', 'socket.db'))
    os.symlink(good, link)
    os.mkfifo(fifo, 0o600)
    server = socket.socket(socket.AF_UNIX)
    server.bind(listener)
    for place in (link, fifo, listener, str(home.path)):
        home.failure(21, 'refused', 'get', 'a/b', '--vault', place)
        home.failure(21, 'refused', 'put', 'a/b', '--stdin', '--vault', place, stdin=b'x')
        home.failure(21, 'refused', 'init', '--vault', place)
    server.close()
    for mode in (0o620, 0o602, 0o666):
        home.vault.chmod(mode)
        assert 'chmod' in home.failure(21, 'refused', 'get', 'a/b')['message']
    home.vault.chmod(0o600)
    assert home.value('a/b') == TOKEN


def test_another_users_vault(home):
    if os.geteuid() != 0:
        raise Skipped('only root can give a file away')
    filled(home)
    os.chown(home.vault, 12345, 12345)
    home.failure(21, 'refused', 'get', 'a/b')


def test_files_that_are_no_vault(home):
    filled(home)
    whole = home.vault.read_bytes()
    for content in (b'', b'x', b'not a database' * 1000, bytes(4096), whole[:1], whole[:100], whole[:4096], whole[:-4096],
                    whole[:len(whole) // 2]):
        for path in home.vault.parent.glob('vault.db*'):
            path.unlink()
        home.file('.local/share/tokenvault/vault.db', content)
        for words in (('get', 'a/b'), ('put', 'a/b', '--stdin'), ('verify',), ('list',)):
            home.failure(16, 'tampered', *words, stdin=b'x')
        assert home.run('init', expect=16).stdout == b''
        assert home.vault.read_bytes() == content, 'nothing is written over what is not understood'


def test_some_other_database(home):
    filled(home)
    change(home, 'PRAGMA application_id = 1')
    home.failure(16, 'tampered', 'get', 'a/b')


def test_newer_formats(home):
    filled(home)
    root = root_of(home)
    set_root(home, root[:7] + b'\x02' + root[8:])
    home.failure(22, 'unsupported', 'get', 'a/b')
    home.failure(22, 'unsupported', 'put', 'a/b', '--stdin', stdin=b'x')
    assert root_of(home)[7] == 2, 'nothing is written to a newer vault'
    set_root(home, root)
    change(home, 'PRAGMA user_version = 2')
    home.failure(22, 'unsupported', 'get', 'a/b')


def test_planted_cost_is_refused_before_it_costs(home):
    passphrase = home.file('pw', b'correct horse')
    home.run('init', '--passphrase-file', passphrase, '--kdf-memory', '64')
    root = root_of(home)
    for place in (PASSES, MEMORY):
        for value in (2**31, 2**32 - 1, 0):
            at = SLOT + 11 + place
            set_root(home, root[:at] + value.to_bytes(4, 'little') + root[at + 4:])
            home.failure(21, 'refused', 'list', '--passphrase-file', passphrase)
    set_root(home, root)
    home.run('list', '--passphrase-file', passphrase)


def test_an_older_copy(home):
    filled(home)
    older = copy_of(home)
    home.put('a/b', f'{MARKER}-3')
    put_back(older)
    for words in (('get', 'a/b'), ('put', 'a/b', '--stdin'), ('list',)):
        home.failure(16, 'stale', *words, stdin=b'x')
    (home.path / '.local/state/tokenvault/anchors').unlink()
    assert home.value('a/b') == TOKEN, 'without its anchor no machine can tell, as the threat model says'


def test_a_fork_of_the_vault(home):
    filled(home)
    older = copy_of(home)
    home.put('a/b', f'{MARKER}-3')
    anchors = (home.path / '.local/state/tokenvault/anchors').read_bytes()
    put_back(older)
    (home.path / '.local/state/tokenvault/anchors').unlink()
    home.put('a/b', f'{MARKER}-4')
    home.file('.local/state/tokenvault/anchors', anchors)
    home.failure(16, 'stale', 'get', 'a/b')


def test_swapped_lost_and_planted_records(home):
    filled(home)
    whole = copy_of(home)
    first, second = (row[0] for row in sqlite3.connect(home.vault).execute('SELECT id FROM blobs ORDER BY rowid'))
    change(home, 'UPDATE blobs SET bytes = (SELECT bytes FROM blobs WHERE id = ?) WHERE id = ?', second, first)
    home.failure(16, 'tampered', 'get', 'a/b', '--reveal')
    assert home.value('a/c') == f'{MARKER}-2', 'what is whole is still handed out'
    result = home.run('verify', expect=16)
    assert b'a/b' in result.stdout and b'a/c' not in result.stdout
    put_back(whole)
    change(home, 'DELETE FROM blobs WHERE id = ?', first)
    home.failure(16, 'tampered', 'get', 'a/b', '--reveal')
    assert len(home.document('verify', expect=16)['faults']) == 1
    put_back(whole)
    change(home, 'INSERT INTO blobs VALUES (?, ?)', os.urandom(24), b'left by a crash')
    document = home.document('verify')
    assert document['orphans'] == 1 and document['faults'] == []
    assert home.value('a/b') == TOKEN


def test_damaged_anchors(home):
    filled(home)
    anchors = home.path / '.local/state/tokenvault/anchors'
    for content in (b'rubbish\n', b'\0' * 100, anchors.read_bytes()[:-5]):
        anchors.write_bytes(content)
        assert 'anchors' in home.failure(16, 'tampered', 'get', 'a/b')['message']
    anchors.unlink()
    assert home.value('a/b') == TOKEN


def sealed_places(home):
    """Where the root and the blobs lie in the database file: every byte of them counts."""
    database = sqlite3.connect(home.vault)
    parts = [row[0] for row in database.execute('SELECT bytes FROM root UNION ALL SELECT bytes FROM blobs')]
    database.close()
    content = home.vault.read_bytes()
    places = set()
    for part in parts:
        at = content.find(part)
        assert at >= 0, 'a small vault has no part that spans pages'
        places.update(range(at, at + len(part)))
    return content, places


def test_every_byte_flipped(home):
    home.init()
    home.put('a/b', TOKEN)
    content, sealed = sealed_places(home)
    places = sorted(sealed | set(range(0, len(content), 16)) | set(range(100)))
    words = [home.command, 'get', 'a/b', '--key-file', str(home.path / 'a.key')]
    ends, beside = {}, [home.vault.with_name('vault.db' + suffix) for suffix in ('-wal', '-shm', '-journal')]
    for at in places:
        for path in beside:
            path.unlink(missing_ok=True)
        home.vault.write_bytes(content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1:])
        done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, env=home.variables, timeout=60)
        right = done.returncode == 0 and done.stdout == TOKEN.encode()
        refused = done.returncode in ENDS and done.stdout == b''
        assert right or refused, f'byte {at}: ended {done.returncode} with {len(done.stdout)} bytes'
        assert not (right and at in sealed), f'byte {at} of what is sealed may be changed unnoticed'
        ends[done.returncode] = ends.get(done.returncode, 0) + 1
    print(f'        {len(places)} bytes flipped, {len(sealed)} of them sealed; ends: {dict(sorted(ends.items()))}')
    home.vault.write_bytes(content)
    assert home.value('a/b') == TOKEN


run_all(tests_of(globals()))
