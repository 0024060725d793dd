"""run: the command gets the tokens and, but for them, just what it would have had without us."""
import json
import os
import resource
import signal
import subprocess

from harness import KEY_A, MARKER, Skipped, run_all, tests_of
from run_home import FIRST, SECOND, not_started, output, with_tokens

STRANGER = 65534
# What a process inherits and a program can look at: signals, limits, rights, the mask, the place.
PROBE = r'''grep -E "^(Sig[BICP]|Shd|Cap|NoNewPrivs|Seccomp|Uid|Gid|Groups)" /proc/self/status
cat /proc/self/limits; umask; pwd; nice; ps -o pgid=,sid= $$ 2>/dev/null; exit 0'''


def environment(listing):
    return dict(entry.split(b'=', 1) for entry in listing.split(b'\0') if entry)


def test_the_value_arrives_exactly(home):
    home.init()
    for value in (FIRST.encode(), b' = $HOME `x` "\' \\ ', b'line\nline\n', b'\xff\x01\x7f\r\n', b'=', b'v' * 32768):
        home.run('put', 'a/one', '--stdin', '--binary', stdin=value + b'\n')
        listing = output(home, '--env', 'TOKEN=a/one', '--', '/usr/bin/env', '-0')
        assert environment(listing)[b'TOKEN'] == value, value[:40]


def test_several_variables(home):
    with_tokens(home)
    words = ('--env', 'ONE=a/one', '--env=TWO=a/two', '--env', 'AGAIN=a/one', '--env', 'lower.odd-name=a/two')
    got = environment(output(home, *words, '--', '/usr/bin/env', '-0'))
    wanted = {'ONE': FIRST, 'TWO': SECOND, 'AGAIN': FIRST, 'lower.odd-name': SECOND}
    before = {name.encode(): text.encode() for name, text in home.variables.items()}
    assert got == before | {name.encode(): text.encode() for name, text in wanted.items()}, got


def test_a_variable_of_that_name_is_replaced(home):
    with_tokens(home)
    variables = {'TOKEN': 'before', 'TOKEN2': 'kept', 'TOKE': 'kept', 'EMPTY': ''}
    listing = output(home, '--env', 'TOKEN=a/one', '--', '/usr/bin/env', '-0', variables=variables)
    assert listing.count(b'\0TOKEN=') + listing.startswith(b'TOKEN=') == 1
    got = environment(listing)
    assert got[b'TOKEN'] == FIRST.encode()
    assert (got[b'TOKEN2'], got[b'TOKE'], got[b'EMPTY']) == (b'kept', b'kept', b'')


def test_without_tokens_no_vault_is_needed(home):
    assert output(home, '--', 'echo', 'here') == b'here\n'
    assert home.tree() == []


def test_a_name_may_have_an_equals_sign(home):
    home.init().put('a/b=c', FIRST)
    assert output(home, '--env', 'T=a/b=c', '--', 'printenv', 'T').decode() == FIRST + '\n'


def test_the_process_is_replaced(home):
    with_tokens(home)
    child = subprocess.Popen([home.command, 'run', '--env', 'T=a/one', '--', 'sh', '-c', 'echo $$'],
                             stdout=subprocess.PIPE, env=home.variables, stdin=subprocess.DEVNULL)
    told = child.communicate(timeout=60)[0]
    assert int(told) == child.pid


def test_exit_codes_pass_through(home):
    with_tokens(home)
    for code in (0, 1, 2, 13, 125, 126, 127, 255):
        result = home.run('run', '--env', 'T=a/one', '--', 'sh', '-c', f'exit {code}', expect=code, reveals=True)
        assert result.stderr == b'' == result.stdout


def test_death_by_a_signal_passes_through(home):
    with_tokens(home)
    for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGPIPE, signal.SIGINT):
        home.run('run', '--env', 'T=a/one', '--', 'sh', '-c', f'kill -{int(number)} $$', expect=-number, reveals=True)


def test_a_command_that_cannot_start(home):
    with_tokens(home)
    plain = home.file('plain', b'#!/bin/sh\necho started\n', 0o644)
    for command, code in (('no-such-command-here', 127), (str(home.path / 'none'), 127), ('', 127), (plain, 126),
                          (str(home.path), 126), (home.file('lost', b'#!/no/such/interpreter\n', 0o755), 127)):
        for flags in ((), ('--env', 'T=a/one')):
            result = home.run('run', *flags, '--', command, expect=code)
            assert result.stdout == b'' and result.stderr.startswith(b'tokenvault: '), result
    for command, code in (('no-such-command-here', 127), (plain, 126)):
        line = json.loads(home.run('run', '--json', '--', command, expect=code).stderr)
        assert (line['type'], line['code']) == ('error', code), line


def test_arguments_stay_as_they_are(home):
    with_tokens(home)
    words = ('$HOME', '*', '~', '', 'two words', '`id`', '$(id)', '--', '--json', '-h', '--env', 'X=a/one', '\\', "'",
             '%s', 'gr\u00fcn', '\n')
    told = output(home, '--env', 'T=a/one', '--', 'printf', '%s\\0', *words)
    assert told.decode().split('\0')[:-1] == list(words), told


def test_no_shell_reads_the_command(home):
    with_tokens(home)
    home.run('run', '--env', 'T=a/one', '--', 'echo started', expect=127)
    home.run('run', '--env', 'T=a/one', '--', 'T=1', expect=127)
    assert b'started' not in home.run('run', '--', 'true; echo started', expect=127).stdout


def test_what_follows_the_dashes_is_the_commands(home):
    with_tokens(home)
    assert output(home, '--', 'echo', '--json', '--no-input', '--help') == b'--json --no-input --help\n'
    assert output(home, '--env', 'T=a/one', '--', 'echo', '--', '--env') == b'-- --env\n'
    failed = home.run('run', '--env', 'T=a/none', '--', 'echo', '--json', expect=14)
    assert failed.stderr.startswith(b'tokenvault: ')


def test_absent_tokens_start_nothing(home):
    with_tokens(home)
    not_started(home, 14, 'not_found', '--env', 'T=a/none')
    not_started(home, 14, 'not_found', '--env', 'ONE=a/one', '--env', 'T=a/none')
    not_started(home, 14, 'not_found', '--env', 'T=a/none', '--env', 'ONE=a/one')


def test_expired_tokens_start_nothing(home):
    with_tokens(home)
    home.run('put', 'a/old', '--stdin', '--expires', '2001-01-01', stdin=FIRST.encode())
    not_started(home, 17, 'expired', '--env', 'T=a/old')
    not_started(home, 17, 'expired', '--env', 'ONE=a/one', '--env', 'T=a/old')
    assert output(home, '--expired-ok', '--env', 'T=a/old', '--', 'printenv', 'T').decode() == FIRST + '\n'
    home.run('put', 'a/late', '--stdin', '--expires', '9d', stdin=SECOND.encode())
    assert output(home, '--env', 'T=a/late', '--', 'printenv', 'T').decode() == SECOND + '\n'


def test_no_key_and_no_vault_start_nothing(home):
    not_started(home, 10, 'no_vault', '--env', 'T=a/one')
    with_tokens(home)
    not_started(home, 12, 'wrong_key', '--env', 'T=a/one', '--key-file', home.file('b.key', bytes(32)))
    not_started(home, 13, 'no_key', '--env', 'T=a/one', '--passphrase')


def test_nul_cannot_be_in_a_variable(home):
    with_tokens(home)
    for value in (b'\0', b'x\0y', b'x\0'):
        home.run('put', 'a/nul', '--stdin', '--binary', stdin=value)
        not_started(home, 21, 'refused', '--env', 'T=a/nul')
        not_started(home, 21, 'refused', '--env', 'ONE=a/one', '--env', 'T=a/nul')


def test_a_full_value_fits_a_variable(home):
    home.init()
    home.run('put', 'a/big', '--stdin', stdin=b'v' * 32768)
    assert output(home, '--env', 'V' * 62 + '=a/big', '--', 'printenv', 'V' * 62) == b'v' * 32768 + b'\n'
    not_started(home, 21, 'refused', '--env', 'V' * 63 + '=a/big')
    home.put('a/one')
    assert output(home, '--env', 'V' * 5000 + '=a/one', '--', 'printenv', 'V' * 5000)


def test_usage(home):
    with_tokens(home)
    kind = 'invalid_argument'
    for bad in ('T', '=a/one', '=', '', 'T=', 'T=/a', 'T=a//b', 'T=a/../b', 'T=a/'):
        not_started(home, 2, kind, '--env', bad)
    not_started(home, 2, kind, '--env', 'T=a/one', '--env', 'T=a/two')
    not_started(home, 2, kind, '--env', 'T=a/one', '--env', 'T=a/one')
    not_started(home, 2, kind, '--env')
    not_started(home, 2, kind, f'--no-such={MARKER}')
    for words in ((), ('--',), ('--env', 'T=a/one'), ('--env', 'T=a/one', '--'), ('true',), ('true', '--'),
                  ('--env', 'T=a/one', 'true')):
        home.run('run', *words, expect=2)


def test_usage_is_told_before_the_vault_is_looked_at(home):
    not_started(home, 2, 'invalid_argument', '--env', 'T=a/one', '--env', 'T=a/two')
    home.failure(2, 'invalid_argument', 'run', '--env', 'T=a/one')


def inherited_as_before(home, settle, **more):
    """The probe started by us says what it says when it is started directly."""
    def probe(*before):
        words = [*before, 'sh', '-c', PROBE]
        result = subprocess.run(words, capture_output=True, env=home.variables, stdin=subprocess.DEVNULL, timeout=60,
                                preexec_fn=settle, restore_signals=False, cwd=home.path, **more)
        assert result.returncode == 0 and result.stderr == b'', result
        return result.stdout.decode().splitlines()
    direct = probe()
    assert len(direct) > 20, direct
    for flags in ((), ('--env', 'T=a/one')):
        ours = probe(home.command, 'run', *flags, '--')
        changed = [pair for pair in zip(direct, ours) if pair[0] != pair[1]]
        assert ours == direct, changed


def test_signals_and_limits_are_as_before(home):
    with_tokens(home)

    def usual():
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)

    def unusual():
        for number in (signal.SIGPIPE, signal.SIGHUP, signal.SIGUSR1):
            signal.signal(number, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGUSR2, signal.SIGPIPE})
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
        os.umask(0o027)

    inherited_as_before(home, usual)
    inherited_as_before(home, unusual)


def test_the_core_limit_is_as_before_for_any_user(home):
    """A hard limit that was lowered is for root alone to raise."""
    with_tokens(home)
    more = {}
    if os.geteuid() == 0:
        for path in (home.path, *home.path.rglob('*')):
            os.chown(path, STRANGER, STRANGER)
        more = {'user': STRANGER, 'group': STRANGER, 'extra_groups': []}
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    hard = 4096 if hard < 0 else min(hard, 4096)
    try:
        inherited_as_before(home, lambda: resource.setrlimit(resource.RLIMIT_CORE, (hard // 2, hard)), **more)
    except PermissionError:
        raise Skipped('no other user can start the command here') from None


def test_no_descriptor_leaks(home):
    with_tokens(home)
    key = os.open(home.file('a.key', KEY_A), os.O_RDONLY)

    def listing(*words):
        return subprocess.run([*words, 'ls', '/proc/self/fd'], capture_output=True, env=home.variables, timeout=60,
                              pass_fds=(key,), check=True).stdout

    ours = (home.command, 'run', '--env', 'T=a/one')
    assert output(home, '--env', 'T=a/one', '--', 'ls', '/proc/self/fd') == b'0\n1\n2\n3\n'
    assert listing(*ours, '--') == listing()
    assert listing(*ours, '--key-fd', str(key), '--') == b'0\n1\n2\n3\n'
    os.close(key)


def test_closed_descriptors_stay_closed(home):
    with_tokens(home)
    look = 'for n in 0 1 2; do [ ! -e /proc/$$/fd/$n ] || echo $n >&2; done'
    started = '"$0" run --env T=a/one -- sh -c "$1"'
    for closed, left in (('<&-', [b'1', b'2']), ('>&-', [b'0', b'2']), ('<&- >&-', [b'2'])):
        told = subprocess.run(['sh', '-c', f'exec {started} {closed}', home.command, look], capture_output=True,
                              stdin=subprocess.DEVNULL, env=home.variables, timeout=60)
        assert (told.returncode, told.stdout, told.stderr.split()) == (0, b'', left), told


run_all(tests_of(globals()))
