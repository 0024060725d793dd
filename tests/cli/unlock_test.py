"""Every way to come by the key, their order, and what is wrong with each."""
import os

from harness import KEY_A, KEY_B, MARKER, PASSPHRASE, Skipped, pipe_of, run_all, tests_of

CHEAP = ('--kdf-memory', '64')


def with_passphrase(home):
    home.run('init', '--passphrase-file', home.file('pw', PASSPHRASE.encode() + b'\n'), *CHEAP)
    return home


def test_key_file_and_descriptor(home):
    home.init()
    del home.variables['TOKENVAULT_KEY_FILE']
    home.run('list', '--key-file', home.file('a.key', KEY_A))
    fd = pipe_of(KEY_A)
    home.run('list', '--key-fd', str(fd), fds=(fd,))
    fd = pipe_of(KEY_B)
    home.failure(12, 'wrong_key', 'list', '--key-fd', str(fd), fds=(fd,))
    home.failure(13, 'no_key', 'list', '--key-fd', '99')


def test_wrong_and_short_keys(home):
    home.init()
    home.failure(12, 'wrong_key', 'list', '--key-file', home.file('b.key', KEY_B))
    for content in (b'', KEY_A[:31], KEY_A + b'\n', KEY_A * 100):
        home.failure(12, 'wrong_key', 'list', '--key-file', home.file('odd.key', content))
        fd = pipe_of(content)
        home.failure(12, 'wrong_key', 'list', '--key-fd', str(fd), fds=(fd,))
    home.failure(13, 'no_key', 'list', '--key-file', str(home.path / 'none.key'))


def test_any_32_bytes_are_a_key(home):
    home.run('init', '--key-file', home.file('zero.key', bytes(32)))
    home.run('list', '--key-file', str(home.path / 'zero.key'))


def test_passphrase_from_file_descriptor_and_command(home):
    with_passphrase(home)
    for end in (b'', b'\n', b'\r\n'):
        path = home.file('pw', PASSPHRASE.encode() + end)
        home.run('list', '--passphrase-file', path)
        home.run('list', '--passphrase-command', f'cat {path}')
        fd = pipe_of(PASSPHRASE.encode() + end)
        home.run('list', '--passphrase-fd', str(fd), fds=(fd,))
    path = home.file('pw', PASSPHRASE.encode() + b'\n\n')
    home.failure(12, 'wrong_key', 'list', '--passphrase-file', path)
    home.failure(21, 'refused', 'list', '--passphrase-file', home.file('pw', b'\n'))
    home.failure(21, 'refused', 'list', '--passphrase-file', home.file('pw', b'x' * 1025))


def test_passphrase_command_that_fails(home):
    with_passphrase(home)
    home.failure(13, 'no_key', 'list', '--passphrase-command', 'exit 3')
    home.failure(13, 'no_key', 'list', '--passphrase-command', f'cat {home.path}/pw; exit 1')
    home.failure(21, 'refused', 'list', '--passphrase-command', 'yes')
    result = home.run('status', '--json', '--passphrase-command', f'echo {MARKER}', expect=12)
    assert b'echo' not in result.stdout


def test_passphrase_command_leaves_stdin_alone(home):
    with_passphrase(home)
    home.run('put', 'a/b', '--stdin', '--passphrase-command', f'cat; cat {home.path}/pw', stdin=MARKER.encode())
    assert home.value('a/b', '--passphrase-file', str(home.path / 'pw')) == MARKER


def test_credential_of_the_service_manager(home):
    home.init()
    del home.variables['TOKENVAULT_KEY_FILE']
    home.file('credentials/tokenvault.key', KEY_A)
    home.variables['CREDENTIALS_DIRECTORY'] = str(home.path / 'credentials')
    assert 'CREDENTIALS_DIRECTORY' in home.document('status')['unlocked_by']
    home.file('credentials/tokenvault.key', KEY_B)
    home.failure(12, 'wrong_key', 'list')
    home.run('list', '--key-file', str(home.path / 'a.key'))
    home.run('list', variables={'TOKENVAULT_KEY_FILE': str(home.path / 'a.key')})


def test_order_of_defaults(home):
    home.run('init')
    assert home.document('status')['unlocked_by'] == 'default key file'
    wrong = home.file('b.key', KEY_B)
    home.failure(12, 'wrong_key', 'list', variables={'TOKENVAULT_KEY_FILE': wrong})
    home.run('list', '--key-file', str(home.key), variables={'TOKENVAULT_KEY_FILE': wrong})
    # An empty credentials folder is no source; the default file is next.
    home.run('list', variables={'CREDENTIALS_DIRECTORY': str(home.path)})
    home.key.unlink()
    home.failure(13, 'no_key', 'list')
    home.failure(13, 'no_key', 'list', '--no-input')
    home.failure(13, 'no_key', 'list', '--passphrase')


def test_two_sources_are_a_usage_error(home):
    home.init()
    flags = (('--key-file', 'x'), ('--key-fd', '3'), ('--passphrase-fd', '3'), ('--passphrase-file', 'x'),
             ('--passphrase-command', 'x'), ('--passphrase',), ('--identity-file', 'x'),
             ('--unlock-recovery-file', 'x'), ('--unlock-recovery',))
    for first in flags:
        for second in flags:
            if first is not second:
                home.failure(2, 'invalid_argument', *first, 'list', *second)
    home.failure(2, 'invalid_argument', 'list', '--key-file', 'x', '--key-file', 'y')


def test_guarded_files(home):
    home.init()
    for mode in (0o640, 0o604, 0o620, 0o602, 0o666):
        home.failure(21, 'refused', 'list', '--key-file', home.file('odd.key', KEY_A, mode))
    home.run('list', '--key-file', home.file('odd.key', KEY_A, 0o400))
    with_odd_places(home, '--key-file', home.file('a.key', KEY_A))


def test_guarded_passphrase_files(home):
    with_passphrase(home)
    for mode in (0o620, 0o602, 0o666):
        home.failure(21, 'refused', 'list', '--passphrase-file', home.file('odd', PASSPHRASE.encode(), mode))
    home.run('list', '--passphrase-file', home.file('odd', PASSPHRASE.encode(), 0o644))
    with_odd_places(home, '--passphrase-file', home.file('pw', PASSPHRASE.encode()))


def with_odd_places(home, flag, good):
    link = home.path / 'link'
    link.symlink_to(good)
    fifo = home.path / 'fifo'
    os.mkfifo(fifo, 0o600)
    for path in (link, fifo, home.path):
        home.failure(21, 'refused', 'list', flag, str(path))
    if os.geteuid() == 0:
        os.chown(good, 12345, 12345)
        home.failure(21, 'refused', 'list', flag, good)


def test_another_users_key_needs_root_to_play(home):
    if os.geteuid() != 0:
        raise Skipped('only root can give a file away')
    home.init()
    path = home.file('theirs.key', KEY_A)
    os.chown(path, 12345, 12345)
    home.failure(21, 'refused', 'list', '--key-file', path)


def test_more_keys(home):
    home.init()
    home.put('a/b')
    path = str(home.path / 'new/second.key')
    second = home.run('key', 'add', '--new-key-file', path, '--label', 'ci').stdout.decode().strip()
    assert home.run('key', 'verify', '--key-file', path).stdout.decode().strip() == second
    assert home.value('a/b', '--key-file', path) == f'{MARKER}-1'
    home.failure(15, 'already_exists', 'key', 'add', '--new-key-file', path)
    slots = home.document('key', 'list')['slots']
    assert [slot['label'] for slot in slots] == ['', 'ci'] and slots[0]['opened']
    home.run('key', 'remove', second)
    home.failure(12, 'wrong_key', 'list', '--key-file', path)
    home.failure(14, 'not_found', 'key', 'remove', second)
    home.failure(21, 'refused', 'key', 'remove', slots[0]['id'])
    home.failure(2, 'invalid_argument', 'key', 'remove', 'no-slot')


def test_removal_says_what_stays_open(home):
    home.init()
    path = str(home.path / 'second.key')
    slot = home.document('key', 'add', '--new-key-file', path)['slot']
    assert b'key rotate' in home.run('key', 'remove', slot).stderr


def test_removal_with_rotation(home):
    home.init()
    path = str(home.path / 'second.key')
    slot = home.document('key', 'add', '--new-key-file', path)['slot']
    assert home.document('key', 'remove', slot, '--rotate')['epoch'] == 2
    home.failure(12, 'wrong_key', 'list', '--key-file', path)


def test_rotation_names_what_it_would_lose(home):
    home.init()
    home.put('a/b')
    path = str(home.path / 'second.key')
    slot = home.document('key', 'add', '--new-key-file', path)['slot']
    assert slot in home.failure(21, 'refused', 'key', 'rotate')['message']
    assert home.document('key', 'rotate', '--keep-key-file', path)['epoch'] == 2
    assert home.value('a/b', '--key-file', path) == f'{MARKER}-1'
    assert home.document('key', 'rotate', '--drop', slot)['epoch'] == 3
    home.failure(12, 'wrong_key', 'list', '--key-file', path)
    assert home.value('a/b') == f'{MARKER}-1'


def test_passphrase_slot_beside_a_key(home):
    home.init()
    fd = pipe_of(PASSPHRASE.encode() + b'\n')
    home.run('key', 'add', '--new-passphrase-fd', str(fd), *CHEAP, fds=(fd,))
    kdf = home.document('key', 'list')['slots'][1]['kdf']
    assert kdf == {'passes': 3, 'memory_kib': 64 * 1024}
    home.run('list', '--passphrase-file', home.file('pw', PASSPHRASE.encode()))
    fd = pipe_of(PASSPHRASE.encode())
    home.run('key', 'rotate', '--keep-passphrase-fd', str(fd), fds=(fd,))
    home.run('list', '--passphrase-file', str(home.path / 'pw'))
    for cost in (('--kdf-memory', '32'), ('--kdf-memory', '2048'), ('--kdf-passes', '1'), ('--kdf-passes', '99')):
        home.failure(2, 'invalid_argument', 'key', 'add', '--new-passphrase-fd', '3', *cost)


def test_recipients(home):
    home.init()
    home.put('a/b')
    identity = str(home.path / 'me.identity')
    added = home.document('key', 'add', '--new-identity-file', identity, '--label', 'me')
    assert os.stat(identity).st_mode & 0o777 == 0o600
    assert home.value('a/b', '--identity-file', identity) == f'{MARKER}-1'
    home.failure(21, 'refused', 'key', 'add', '--new-identity-file', identity)
    home.run('key', 'remove', added['slot'])
    home.failure(12, 'wrong_key', 'list', '--identity-file', identity)
    again = home.document('key', 'add', '--recipient', added['public_key'].upper())
    home.run('list', '--identity-file', identity)
    home.run('key', 'remove', again['slot'])
    home.run('key', 'add', '--recipient', home.file('me.pub', added['public_key'].encode() + b'\n'))
    home.run('key', 'rotate')
    assert home.value('a/b', '--identity-file', identity) == f'{MARKER}-1'
    home.failure(2, 'invalid_argument', 'key', 'add', '--recipient', '00ff')
    home.failure(2, 'invalid_argument', 'key', 'add', '--recipient', home.file('bad.pub', b'hello'))


def test_recovery(home):
    code = home.path / 'code.txt'
    home.run('init', '--recovery-file', str(code))
    assert code.stat().st_mode & 0o777 == 0o600
    home.put('a/b')
    home.run('key', 'rotate')
    assert home.value('a/b', '--unlock-recovery-file', str(code)) == f'{MARKER}-1'
    home.file('code.txt', code.read_bytes().lower().replace(b'-', b' '))
    assert home.value('a/b', '--unlock-recovery-file', str(code)) == f'{MARKER}-1'
    home.file('code.txt', b'A' * 56)
    home.failure(12, 'wrong_key', 'list', '--unlock-recovery-file', str(code))


def test_recovery_added_later(home):
    home.init()
    code = home.path / 'code.txt'
    slot = home.document('key', 'add', '--recovery', '--recovery-file', str(code))['slot']
    assert home.run('key', 'verify', '--unlock-recovery-file', str(code)).stdout.decode().strip() == slot
    home.failure(21, 'refused', 'key', 'add', '--recovery', '--recovery-file', str(code))
    home.failure(13, 'no_key', 'key', 'add', '--recovery')
    assert len(home.document('key', 'list')['slots']) == 2


def test_recovery_file_is_never_overwritten(home):
    code = home.file('code.txt', b'precious')
    home.failure(21, 'refused', 'init', '--recovery-file', code)
    assert open(code, 'rb').read() == b'precious'
    assert not home.vault.exists() and not home.key.exists()


def test_key_add_takes_exactly_one(home):
    home.init()
    home.failure(2, 'invalid_argument', 'key', 'add')
    home.failure(2, 'invalid_argument', 'key', 'add', '--recovery', '--new-passphrase')
    home.failure(2, 'invalid_argument', 'key', 'add', '--new-key-file', 'x', '--recovery-file', 'y')


def test_a_vault_does_not_begin_with_a_recipient(home):
    for flags in (('--identity-file', 'x'), ('--unlock-recovery',), ('--unlock-recovery-file', 'x')):
        home.failure(2, 'invalid_argument', 'init', *flags)
    assert home.tree() == []


run_all(tests_of(globals()))
