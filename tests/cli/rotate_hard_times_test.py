"""A rotation while the machine, the network or the operator stands in its way."""
import os
import signal
import subprocess
import sys

from harness import MARKER, Home, run_all, tests_of
from provider_program import FIRST, Service, rotated_by
from rotation_state import NAME, until, where
from terminal import Terminal

AGED_PUT = sys.argv[2]
BEGINNING = "knob = service['knobs'].get(verb)"
DAY = 24 * 3600


def changed(home, service, old, new):
    """The service's program with one place of its text made another."""
    with open(service.program) as file:
        text = file.read()
    assert old in text
    os.unlink(service.program)
    home.file(os.path.relpath(service.program, home.path), text.replace(old, new, 1).encode(), 0o700)
    return service


def hangs(home, service, verb='issue', seconds=600):
    return changed(home, service, BEGINNING,
                   f'if verb == {verb!r}:\n    open(PLACE + ".hangs", "w").close()\n    import time\n'
                   f'    time.sleep({seconds})\n{BEGINNING}')


def begun(home, *words):
    return subprocess.Popen([home.command, *words], env=home.variables, stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def ended(command):
    said = b''.join(command.communicate(timeout=60))
    assert MARKER.encode() not in said, said
    return command.returncode, said.decode()


def full_when_the_token_comes(home, scheme):
    """From then on the command can write no file any more: the limit on its files' size is 0."""
    home.variables['TOKENVAULT'] = f'{scheme}:{home.path}/there'
    service = rotated_by(home, issue='once', old='dies')
    return changed(home, service, 'os.write(4, made.encode())',
                   'import resource\nresource.prlimit(os.getppid(), resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))\n'
                   'open(PLACE + ".full", "w").write(str(os.getppid()))\nos.write(4, made.encode())')


def start_where_files_end(home):
    """A write past the limit fails as on a full disk, and is no signal."""
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    command = subprocess.Popen([home.command, 'rotate', NAME], env=home.variables, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, restore_signals=False)
    signal.signal(signal.SIGXFSZ, before)
    return command


def test_no_room_for_the_new_token_for_a_while(home):
    import resource
    for scheme in ('sqlite', 'file'):
        each = Home(home.command)
        service = full_when_the_token_comes(each, scheme)
        command = start_where_files_end(each)
        told = b''
        while b'do not end this' not in told:
            line = command.stderr.readline()
            assert line, (scheme, told)
            told += line
        resource.prlimit(command.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        code, said = ended(command)
        assert code == 0 and each.value(NAME) == service.live[-1] != FIRST, (scheme, said)


def test_no_room_for_the_new_token_at_all(home):
    service = full_when_the_token_comes(home, 'file')
    code, said = ended(start_where_files_end(home))
    assert code == 1 and 'is lost' in said and f'`tokenvault rotate resume {NAME}`' in said, said
    assert home.value(NAME) == FIRST
    # The old one died: a person is needed, and nobody asks with a dead token.
    message = home.failure(20, 'needs_human', 'rotate', 'resume', NAME)['message']
    assert f'`tokenvault rotate stage {NAME}`' in message and service.calls('issue') == 1, message


def test_an_answer_that_comes_too_late(home):
    for issue, old, code in (('replay_safe', 'expires', 19), ('once', 'dies', 19), ('once', 'kept', 20)):
        each = Home(home.command)
        service = hangs(each, rotated_by(each, issue=issue, old=old), seconds=1.1)
        each.run('policy', NAME, '--timeout', '1s')
        each.run('rotate', NAME, expect=code)
        assert each.value(NAME) == FIRST and where(each)['phase'] == 'uncertain'
        each.run('policy', NAME, '--timeout', '30s')
        if code == 20:
            each.run('rotate', 'resume', NAME, '--discard')
        each.run('rotate', 'resume', NAME)
        assert each.value(NAME) == service.live[-1] != FIRST, (issue, old)


def test_a_program_that_hangs_after_the_token(home):
    service = changed(home, rotated_by(home, issue='once', old='dies'), 'os.close(4)\n',
                      'os.close(4)\nimport time\ntime.sleep(600)\n')
    home.run('policy', NAME, '--timeout', '1s')
    home.run('rotate', NAME)
    assert home.value(NAME) == service.live[-1] != FIRST and service.calls('issue') == 1


def test_one_of_three_hangs(home):
    home.init()
    services = {}
    for name in ('a/1', 'a/2', 'a/3'):
        subprocess.run([AGED_PUT, str(home.vault), str(home.path / 'a.key'), name, str(11 * DAY)], input=FIRST.encode(),
                       check=True, capture_output=True)
        services[name] = Service(home, name.replace('/', '-'))
        home.run('policy', name, '--provider', services[name].word, '--rotate-after', '10d', '--timeout', '1s')
    hangs(home, services['a/2'])
    found = [line.split('\t') for line in home.run('rotate', 'due', expect=3).stdout.decode().splitlines()]
    assert [line[:2] for line in found] == [['a/1', 'done'], ['a/2', 'waits'], ['a/3', 'done']], found
    assert 'did not end within 1 s' in found[1][2], found
    assert [home.value(name) == FIRST for name in services] == [False, True, False]
    assert home.run('rotate', 'due').stdout == b''


def test_ctrl_c_during_the_call(home):
    service = hangs(home, rotated_by(home, issue='once', old='dies'))
    terminal = Terminal(home, 'rotate', NAME).expect(b'asking the provider for a new token')
    until(lambda: os.path.exists(f'{service.place}.hangs'))
    terminal.type(b'\x03').ended(-signal.SIGINT)
    shown = home.run('rotate', 'status', NAME).stdout.decode()
    assert shown.startswith(f'{NAME}: issuing; ') and f'`tokenvault rotate resume {NAME}`' in shown, shown
    changed(home, service, 'time.sleep(600)', 'pass')
    home.run('rotate', 'resume', NAME)
    assert service.live == [home.value(NAME)] and service.calls('issue') == 1


def test_many_at_once(home):
    service = hangs(home, rotated_by(home, issue='once', old='kept'))
    first = begun(home, 'rotate', NAME)
    until(lambda: os.path.exists(f'{service.place}.hangs'))
    # The program of the first waits outside its service, which the others so have for themselves.
    for words in (('rotate', NAME), ('rotate', 'resume', NAME), ('rotate', 'abort', NAME), ('rotate', 'stage', NAME)):
        message = home.failure(11, 'unavailable', *words)['message']
        assert f'pid {first.pid}' in message, message
    assert home.run('rotate', 'due').stdout == b''
    home.failure(20, 'needs_human', 'put', NAME, '--stdin', stdin=b'x')
    first.kill()
    ended(first)
    changed(home, service, 'time.sleep(600)', 'pass')
    home.run('rotate', 'resume', NAME, expect=20)
    home.run('rotate', 'resume', NAME, '--discard')
    home.run('rotate', NAME)
    assert home.value(NAME) == service.live[-1] and service.calls('issue') == 1


run_all(tests_of(globals()))
