"""unlock and lock: the vault's key in the kernel, for whom, how long, and what it is."""
import errno
import functools
import os
import re
import subprocess
import sys
from pathlib import Path

import kernel_keys
from harness import KEY_A, KEY_B, MARKER, PASSPHRASE, Home, Skipped, run_all, tests_of

CHEAP = ('--kdf-memory', '64')
OTHER = 54321  # a user that nobody is


def need_keyrings(home):
    try:
        kernel_keys.keyctl(kernel_keys.GET_ID, kernel_keys.USER, 1)
    except OSError as error:
        raise Skipped(f'no kernel keyrings here: {error.strerror}')
    if 'libkeyutils' in kernel_keyring_row(home.command):
        raise Skipped('the command was built without libkeyutils')


@functools.cache
def kernel_keyring_row(command):
    home = Home(command).init()
    return next(line for line in home.run('status').stdout.decode().splitlines() if 'kernel keyring' in line)


class Vault:
    """A vault that a passphrase opens, with one token in it. What is kept of it goes with the test."""

    def __init__(self, home, name='v', keys=()):
        self.home, self.place = home, str(home.path / name)
        self.opened = keys or ('--passphrase-file', home.file('pw', PASSPHRASE.encode()))
        self.value = f'{MARKER}-{name}'
        self.run('init', *self.opened, *CHEAP)
        self.run('put', 'a/b', '--stdin', *self.opened, stdin=self.value.encode())
        status = home.document('status', *self.opened, variables=self.variables)
        self.id = status['vault_id']
        self.slot = status['slots'][0]['id']

    @property
    def variables(self):
        return {'TOKENVAULT': self.place}

    @property
    def description(self):
        return f'tokenvault:{self.id}'

    @property
    def serial(self):
        return kernel_keys.search(self.description)

    def run(self, *words, **more):
        return self.home.run(*words, variables=self.variables, **more)

    def unlock(self, *words, **more):
        return self.run('unlock', *self.opened, *words, **more)

    def get(self, **more):
        return self.run('get', 'a/b', '--no-input', reveals=True, **more).stdout.decode()

    def is_locked(self, **more):
        done = self.run('get', 'a/b', '--no-input', expect=13, **more)
        assert done.stdout == b'', done
        return done

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.run('lock', '--quiet', expect=None)


def vault_in(home, *words, **more):
    need_keyrings(home)
    return Vault(home, *words, **more)


def trace(vault, *words, calls='execve,write,writev,add_key,openat', expect=0, inject=(), reveals=False):
    """Runs the command below strace, with system calls failed as told; gives the trace and the end of it."""
    path = vault.home.path / 'trace'
    command = ['strace', '-f', '-s', '400', '-o', str(path), '-e', f'trace={calls}']
    for fault in inject:
        command += ['-e', f'inject={fault}']
    try:
        done = subprocess.run([*command, vault.home.command, *words], capture_output=True, timeout=120,
                              stdin=subprocess.DEVNULL, env={**vault.home.variables, **vault.variables})
    except FileNotFoundError:
        raise Skipped('strace is not installed')
    assert expect is None or done.returncode == expect, (words, done.returncode, done.stderr)
    assert MARKER.encode() not in done.stderr and (reveals or MARKER.encode() not in done.stdout)
    return path.read_text(encoding='utf-8', errors='replace'), done


def large_maps(text):
    return [size for size in map(int, re.findall(r'mmap2?\(NULL, (\d+)', text)) if size >= 60 << 20]


def test_unlocked_needs_no_passphrase_and_no_argon2(home):
    with vault_in(home) as vault:
        vault.is_locked()
        vault.unlock('--for', '8h')
        assert vault.get() == vault.value
        text, _ = trace(vault, 'get', 'a/b', '--no-input', calls='mmap', reveals=True)
        assert 'mmap(' in text and not large_maps(text), large_maps(text)
        text, _ = trace(vault, 'get', 'a/b', *vault.opened, calls='mmap', reveals=True)
        assert large_maps(text), 'an Argon2 would not be seen'


def test_status_and_doctor_say_how_long(home):
    with vault_in(home) as vault:
        assert home.document('status', *vault.opened, variables=vault.variables)['unlocked_until'] is None
        told = home.document('unlock', '--for', '2h', *vault.opened, variables=vault.variables)
        assert (told['event'], told['vault_id'], told['keyring']) == ('unlocked', vault.id, 'user'), told
        status = home.document('status', variables=vault.variables)
        assert (status['unlocked_by'], status['unlocked_until']) == ('kernel keyring', told['until']), status
        for verb in ('status', 'doctor'):
            assert f'until {told["until"]}' in vault.run(verb).stdout.decode()
        assert '  >  kernel keyring' in vault.run('status').stdout.decode()
        # A flag, the environment and nothing else come before it.
        assert home.document('status', *vault.opened, variables=vault.variables)['unlocked_by'] == '--passphrase-file'
        home.file('.config/tokenvault/vault.key', KEY_A)
        assert home.document('status', variables=vault.variables)['unlocked_by'] == 'kernel keyring'


def test_lock_ends_it_and_can_be_said_twice(home):
    with vault_in(home) as vault:
        vault.unlock()
        serial = vault.serial
        done = vault.run('lock')
        assert done.stdout == b'' and b'locked: 1 kept key wiped' in done.stderr, done
        assert vault.serial is None and kernel_keys.is_wiped(serial)
        vault.is_locked()
        assert b'nothing was unlocked' in vault.run('lock').stderr
        assert home.document('lock', variables=vault.variables) == {'schema': 1, 'event': 'locked', 'keys_wiped': 0}


def test_it_ends_by_itself(home):
    with vault_in(home) as vault:
        vault.unlock('--for', '1m')
        assert re.search(r' (1m|\d+s) ', kernel_keys.line_of(vault.serial)), kernel_keys.line_of(vault.serial)
        kernel_keys.end_soon(vault.serial)
        vault.is_locked()
        assert home.document('status', *vault.opened, variables=vault.variables)['unlocked_until'] is None
        vault.unlock()
        assert vault.get() == vault.value


def test_what_is_kept_is_the_slot_key_for_the_owner_alone(home):
    with vault_in(home) as vault:
        vault.unlock()
        content = kernel_keys.read(vault.serial)
        assert MARKER.encode() not in content and bytes.fromhex(vault.id) in content and len(content) == 72
        kind, user, group, rights, description = kernel_keys.describe(vault.serial).split(';')
        assert (kind, user, description) == ('user', str(os.geteuid()), vault.description)
        # View, read, search, link and setattr for the owner; nothing by possession, for the group, for others.
        assert int(rights, 16) == 0x003b0000, rights
        vault.unlock('--for', '1h')
        assert kernel_keys.read(vault.serial)[-32:] == content[-32:]


def test_no_secret_in_arguments_output_or_description(home):
    with vault_in(home) as vault:
        for words in (('unlock', *vault.opened), ('status',), ('doctor',), ('list',)):
            text, done = trace(vault, *words)
            assert MARKER not in text and MARKER.encode() not in done.stdout + done.stderr, words
            assert 'add_key("user"' in text or words[0] != 'unlock', 'the trace does not show what is kept'
        for shown in (kernel_keys.line_of(vault.serial), kernel_keys.describe(vault.serial)):
            assert vault.id in shown and MARKER not in shown
        assert subprocess.run(['grep', '-r', '-l', '-a', MARKER, str(home.path)], capture_output=True,
                              text=True).stdout.split() == [str(home.path / 'pw')]


def test_another_user_sees_and_reads_nothing(home):
    if os.geteuid() != 0:
        raise Skipped('needs root to become another user')
    with vault_in(home) as vault:
        kernel_keys.join_new_session()
        vault.unlock('--session')
        serials = [kernel_keys.search(vault.description, kernel_keys.SESSION)]
        vault.unlock('--user')
        serials.append(vault.serial)
        assert None not in serials and len(set(serials)) == 2
        # The other user inherits this very session keyring, as below su.
        code = ('import sys; sys.path.insert(0, sys.argv[1]); import kernel_keys as k\n'
                'for serial in map(int, sys.argv[3:]):\n'
                '  print(k.line_of(serial), end=" ")\n'
                '  for act in (k.read, k.describe):\n'
                '    try: print(act(serial), end=" ")\n'
                '    except OSError as error: print(error.errno, end=" ")\n'
                'for ring in (k.SESSION, k.USER):\n'
                '  try: print(k.search(sys.argv[2], ring), end=" ")\n'
                '  except OSError as error: print(error.errno, end=" ")\n')
        words = [sys.executable, '-c', code, str(Path(__file__).parent), vault.description, *map(str, serials)]
        mine = subprocess.run(words, capture_output=True, text=True, check=True).stdout
        assert 'tvk1' in mine and str(errno.EACCES) not in mine.split(), mine
        theirs = subprocess.run(words, capture_output=True, text=True, check=True, user=OTHER, group=OTHER).stdout
        assert theirs.split() == [*('None', '13', '13') * 2, '13', 'None'] or \
            theirs.split() == [*('None', '13', '13') * 2, 'None', 'None'], theirs


def test_a_session_of_its_own(home):
    with vault_in(home) as vault:
        if not kernel_keys.has_own_session():
            done = vault.unlock('--session', expect=21)
            assert b'pam_keyinit' in done.stderr, done
        kernel_keys.join_new_session()
        assert home.document('unlock', '--session', *vault.opened, variables=vault.variables)['keyring'] == 'session'
        assert vault.get() == vault.value and vault.serial is None
        vault.is_locked(preexec_fn=kernel_keys.join_new_session)
        vault.run('lock', preexec_fn=kernel_keys.join_new_session)
        assert vault.get() == vault.value
        vault.run('lock')
        vault.is_locked()
        # The user's key opens to every session, also to one that does not link the user keyring.
        vault.unlock('--user')
        assert vault.get(preexec_fn=kernel_keys.join_new_session) == vault.value
        # What nobody can use lies nearer, and does not hide it.
        for rights in (0x3f3f0000, 0x01010000):
            kernel_keys.plant(vault.description, b'x', kernel_keys.SESSION, rights)
            assert vault.get() == vault.value
        vault.run('lock')
        assert b'no key of this vault' not in vault.is_locked().stderr


def test_a_new_master_key_changes_nothing(home):
    with vault_in(home) as vault:
        vault.unlock()
        for _ in range(2):
            vault.run('key', 'rotate')
            assert vault.get() == vault.value
        assert vault.run('get', 'a/b', *vault.opened, reveals=True).stdout.decode() == vault.value


def test_a_removed_slot_gives_way_to_the_next_source(home):
    with vault_in(home) as vault:
        vault.unlock()
        key = home.file('.config/tokenvault/vault.key', KEY_A)
        vault.run('key', 'add', '--new-key-file', key)
        vault.run('key', 'remove', vault.slot)
        done = vault.run('get', 'a/b', '--no-input', reveals=True)
        assert done.stdout.decode() == vault.value and done.stderr.count(b'\n') == 1, done
        assert b'going on without the kernel keyring' in done.stderr and b'`tokenvault lock`' in done.stderr
        status = home.document('status', variables=vault.variables)
        assert (status['unlocked_by'], status['unlocked_until']) == ('default key file', None)
        assert 'was removed from the vault' in vault.run('doctor').stdout.decode()
        os.unlink(key)
        assert b'was removed' in vault.is_locked().stderr
        vault.run('lock')
        assert b'was removed' not in vault.is_locked().stderr


def test_two_vaults(home):
    with vault_in(home) as one, Vault(home, 'w') as two:
        one.unlock()
        two.is_locked()
        two.unlock()
        assert (one.get(), two.get()) == (one.value, two.value)
        one.run('lock')
        one.is_locked()
        assert two.get() == two.value


def test_lock_all_needs_no_vault(home):
    if os.geteuid() != 0:
        raise Skipped('needs root to become a user without other keys')
    need_keyrings(home)
    with Vault(home, 'one', keys=('--key-file', home.file('a.key', KEY_A))) as one, \
            Vault(home, 'two', keys=('--key-file', home.file('a.key', KEY_A))) as two:
        for path in (home.path, *home.path.rglob('*')):
            os.chown(path, OTHER, OTHER)
        user = {'user': OTHER, 'group': OTHER}
        for vault in (one, two):
            vault.unlock(**user)
            os.unlink(vault.place)
        told = home.run('lock', '--all', '--json', variables=one.variables, **user).stdout
        assert b'"keys_wiped": 2' in told or b'"keys_wiped":2' in told, told


def test_a_raw_key_is_kept_too_but_no_private_key_and_no_code(home):
    need_keyrings(home)
    with Vault(home, keys=('--key-file', home.file('a.key', KEY_A))) as vault:
        vault.unlock()
        os.unlink(home.path / 'a.key')
        assert vault.get() == vault.value
        code, private = str(home.path / 'code'), str(home.path / 'private')
        vault.run('key', 'add', '--recovery', '--recovery-file', code)
        vault.run('key', 'add', '--new-identity-file', private)
        vault.run('lock')
        for source in (('--unlock-recovery-file', code), ('--identity-file', private)):
            done = vault.run('unlock', *source, expect=21)
            assert b'more than this vault' in done.stderr and vault.serial is None, done


def test_it_is_not_made_longer_by_itself(home):
    with vault_in(home) as vault:
        vault.unlock('--for', '1m')
        vault.run('unlock', '--for', '7d', '--no-input', expect=13)
        assert vault.get() == vault.value


def test_what_others_put_there_keeps_nobody_out(home):
    with vault_in(home) as vault:
        vault.unlock()
        good = kernel_keys.read(vault.serial)
        home.file('.config/tokenvault/vault.key', KEY_A)
        vault.run('key', 'add', '--new-key-file', str(home.key))
        for content in (b'x', good[:-1], good + b'x', good * 3, b'tvk2' + good[4:], good[:8] + bytes(16) + good[24:]):
            kernel_keys.plant(vault.description, content)
            done = vault.run('get', 'a/b', '--no-input', reveals=True)
            assert done.stdout.decode() == vault.value and b'no key of this vault' in done.stderr, (content, done)
        ended = good[:32] + (1).to_bytes(8, sys.byteorder) + good[40:]
        kernel_keys.plant(vault.description, ended)
        assert vault.get() == vault.value and home.document('status', variables=vault.variables)['unlocked_until'] is None
        kernel_keys.plant(vault.description, good, rights=0x3f010000)  # for whoever possesses it alone
        assert vault.get(preexec_fn=kernel_keys.join_new_session) == vault.value
        kernel_keys.plant(vault.description, good[:-1] + bytes([good[-1] ^ 1]))
        done = vault.run('get', 'a/b', '--no-input', expect=12)
        assert b'kept' in done.stderr, done
        assert vault.run('lock').returncode == 0 and vault.get() == vault.value


def test_where_the_kernel_says_no(home):
    need_keyrings(home)
    with Vault(home, keys=('--key-file', home.file('b.key', KEY_B))) as vault:
        words = {'EPERM': (1, 'forbidden'), 'EACCES': (1, 'forbidden'), 'ENOSYS': (22, 'no keyrings'),
                 'EDQUOT': (1, 'no room'), 'EKEYREVOKED': (1, 'logout')}
        for error, (code, word) in words.items():
            for call in ('add_key', 'keyctl'):
                _, done = trace(vault, 'unlock', *vault.opened, calls='add_key,keyctl', expect=code,
                                inject=[f'{call}:error={error}'])
                lines = done.stderr.decode().splitlines()
                told = [line for line in lines if line.startswith('tokenvault: ')]
                assert len(told) == 1 and word in told[0], (error, call, lines)
                assert vault.serial is None, (error, call)
        home.file('.config/tokenvault/vault.key', KEY_A)
        vault.run('key', 'add', '--new-key-file', str(home.key), *vault.opened)
        for error in words:
            _, done = trace(vault, 'get', 'a/b', calls='keyctl', inject=[f'keyctl:error={error}'], reveals=True)
            assert done.stdout.decode() == vault.value and done.stderr == b'', (error, done)


def test_killed_anywhere_it_leaves_no_key_without_an_end(home):
    need_keyrings(home)
    with Vault(home, keys=('--key-file', home.file('a.key', KEY_A))) as vault:
        for call in ('add_key', 'keyctl'):
            for when in range(1, 20):
                _, done = trace(vault, 'unlock', '--for', '1m', *vault.opened, calls='add_key,keyctl', expect=None,
                                inject=[f'{call}:signal=KILL:when={when}'])
                line = kernel_keys.line_of(vault.serial) if vault.serial else None
                assert line is None or ' perm ' not in line, (call, when, line)
                if done.returncode == 0:
                    break
                vault.run('lock')
            assert when > 1 and done.returncode == 0 and line, (call, when, done)


def test_bad_lengths_and_places(home):
    need_keyrings(home)
    vault = Vault(home)
    for span in ('59s', '0s', '8d', '169h', '', '8', 'h', '-1h', '1y', '4294967295w', MARKER):
        done = vault.run('unlock', *vault.opened, '--for', span, expect=2)
        assert span == '' or span.encode() not in done.stderr or len(span) < 4, done
    vault.run('unlock', *vault.opened, '--session', '--user', expect=2)
    assert vault.serial is None
    for verb in ('unlock', 'lock'):
        home.run(verb, '--vault', 'env-plain:a=A', variables={'A': 'x'}, expect=21)
        home.run(verb, '--vault', str(home.path / 'none'), expect=10)
    home.run('unlock', '--vault', vault.place, '--no-input', expect=13)


run_all(tests_of(globals()))
