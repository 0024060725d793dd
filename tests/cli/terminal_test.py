"""What happens at a terminal: hidden prompts, their editing, signals in the middle, what is shown."""
import os
import re
import signal
import termios

from harness import MARKER, PASSPHRASE, run_all, tests_of
from terminal import Terminal

CHEAP = ('--kdf-memory', '64')
PROMPT = b'value for a/b (hidden): '
VALUE = f'{MARKER}-typed'
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP, signal.SIGALRM, signal.SIGUSR1, signal.SIGUSR2)


def prompting(home, *words, **more):
    """`put a/b`, waiting at its prompt with the echo off."""
    terminal = Terminal(home, 'put', 'a/b', *words, **more).expect(PROMPT)
    assert not terminal.echoes
    return terminal


def nothing_secret(seen):
    assert MARKER.encode() not in seen, seen


def stores(home, typed, value, *words):
    seen = prompting(home, *words).type(typed).ended(0)
    nothing_secret(seen)
    assert home.run('get', 'a/b', reveals=True).stdout == value
    return seen


def fails(terminal, code):
    seen = terminal.ended(code)
    nothing_secret(seen)
    assert b'\r\ntokenvault: ' in b'\r\n' + seen, seen
    return seen


def test_a_hidden_value(home):
    seen = stores(home.init(), VALUE.encode() + b'\r', VALUE.encode())
    assert f'{len(VALUE)} bytes read'.encode() in seen
    stores(home, VALUE.encode() + b'\n', VALUE.encode())


def test_the_prompt_is_not_on_stdout(home):
    home.init()
    reading, writing = os.pipe()
    seen = prompting(home, '--json', stdout=writing).type(VALUE.encode() + b'\r').ended(0)
    os.close(writing)
    nothing_secret(seen)
    document = os.read(reading, 65536)
    assert document.startswith(b'{"schema":1') and PROMPT not in document, document
    nothing_secret(document)
    os.close(reading)


def test_signals_end_the_prompt(home):
    home.init()
    for number in ENDING:
        nothing_secret(prompting(home).type(VALUE.encode()).send(number).ended(-number))
    for key, number in ((b'\x03', signal.SIGINT), (b'\x1c', signal.SIGQUIT)):
        nothing_secret(prompting(home).type(VALUE.encode() + key).ended(-number))
    home.failure(14, 'not_found', 'get', 'a/b')


def test_ignored_signals_stay_ignored(home):
    home.init()
    terminal = prompting(home, ignored=ENDING)
    for number in ENDING:
        terminal.send(number)
    nothing_secret(terminal.type(VALUE.encode() + b'\r').ended(0))
    assert home.value('a/b') == VALUE


def check_stop(home, stop):
    terminal = prompting(home).type(VALUE.encode()[:4])
    stop(terminal)
    terminal.stopped()
    assert terminal.now_modes() == terminal.modes, 'stopped with other modes'
    terminal.resume().expect(PROMPT)
    assert not terminal.echoes
    terminal.type(VALUE.encode() + b'\r')
    nothing_secret(terminal.ended(0))
    assert home.value('a/b') == VALUE


def test_stop_and_continue(home):
    home.init()
    check_stop(home, lambda terminal: terminal.send(signal.SIGTSTP))
    check_stop(home, lambda terminal: terminal.type(b'\x1a'))


def test_stop_twice_then_interrupt(home):
    home.init()
    terminal = prompting(home)
    for _ in range(2):
        terminal.send(signal.SIGTSTP).stopped().resume().expect(PROMPT)
    nothing_secret(terminal.send(signal.SIGINT).ended(-signal.SIGINT))


def test_a_stop_that_nobody_can_catch(home):
    """The shell turns the echo on for itself meanwhile, and does not turn it off again."""
    home.init()
    terminal = prompting(home).send(signal.SIGSTOP).stopped(signal.SIGSTOP)
    termios.tcsetattr(terminal.slave, termios.TCSANOW, terminal.modes)
    terminal.resume().expect(PROMPT)
    assert not terminal.echoes
    nothing_secret(terminal.type(VALUE.encode() + b'\r').ended(0))
    assert home.value('a/b') == VALUE


def test_end_of_input(home):
    home.init()
    fails(prompting(home).type(b'\x04'), 13)
    fails(prompting(home).type(b'\r'), 13)
    fails(prompting(home).type(b'x\x7f\r'), 13)
    home.failure(14, 'not_found', 'get', 'a/b')


def test_editing(home):
    home.init()
    value = VALUE.encode()
    for typed in (b'wrong\x15' + value, value + b'xy\x7f\x7f', value + b'z\x08', b'\x7f\x08\x15' + value,
                  value + '\u00fc'.encode() + b'\x7f'):
        stores(home, typed + b'\r', value)


def test_keys_that_move_are_left_out(home):
    home.init()
    value = VALUE.encode()
    for typed in (b'\x1b[D' + value + b'\x1b[3~', b'\x1bOD' + value + b'\x1bOP', value + b'\x1b[1;5C', value + b'\x1b',
                  b'\x1b\x1b[A' + value, b'wrong\x1b\x15' + value):
        stores(home, typed + b'\r', value)


def test_paste_marks_are_left_out(home):
    value = VALUE.encode()
    stores(home.init(), b'\x1b[200~' + value + b'\x1b[201~\r', value)


def test_a_long_paste_arrives_whole(home):
    home.init()
    value = (VALUE.encode() + b'0123456789abcdef' * 2048)[:32768]
    stores(home, value + b'\r', value)
    stores(home, b'\x1b[200~' + value + b'\x1b[201~\r', value)
    seen = fails(prompting(home).type(value + b'z'), 21)
    assert b'32 KiB' in seen


def test_odd_bytes_need_binary_here_too(home):
    home.init()
    value = f'two {MARKER} words'.encode()
    fails(prompting(home).type(value + b'\r'), 21)
    stores(home, value + b'\r', value, '--binary')


def test_get_to_a_terminal(home):
    home.init().put('a/b')
    seen = fails(Terminal(home, 'get', 'a/b'), 21)
    assert b'--reveal' in seen
    nothing_secret(Terminal(home, 'get', 'a/b', '--json').ended(0))
    assert Terminal(home, 'get', 'a/b', '--reveal').ended(0) == f'{MARKER}-1\r\n'.encode()
    reading, writing = os.pipe()
    assert Terminal(home, 'get', 'a/b', stdout=writing).ended(0) == b''
    os.close(writing)
    assert os.read(reading, 100) == f'{MARKER}-1'.encode()
    os.close(reading)


def test_no_input_never_prompts(home):
    home.init()
    for words, variables in ((('--no-input',), {}), ((), {'TOKENVAULT_NO_INPUT': '1'})):
        seen = fails(Terminal(home, 'put', 'a/b', *words, variables=variables), 13)
        assert PROMPT not in seen
        seen = fails(Terminal(home, 'list', '--passphrase', *words, variables=variables), 13)
        assert b'passphrase: ' not in seen


def test_init_without_input_warns(home):
    seen = Terminal(home, 'init', '--no-input').ended(0)
    assert b'[Y/n]' not in seen and seen.count(b'no recovery code') == 1


def test_init_offers_a_recovery_code(home):
    terminal = Terminal(home, 'init').expect(b'[Y/n] ').type(b'y\r')
    seen = terminal.ended(0)
    assert b'no recovery code' not in seen
    code = re.search(rb'shown only now\.\r\n\r\n  (\S+)\r\n\r\n', seen).group(1)
    home.put('a/b')
    home.key.unlink()
    recovering = Terminal(home, 'get', 'a/b', '--unlock-recovery', '--reveal').expect(b'recovery code: ')
    seen = recovering.type(code + b'\r').ended(0)
    assert f'{MARKER}-1'.encode() in seen and code not in seen


def test_init_takes_return_for_yes_and_n_for_no(home):
    seen = Terminal(home, 'init').expect(b'[Y/n] ').type(b'\r').ended(0)
    assert b'shown only now' in seen
    for answer in (b'n\r', b'No\r', b'\x04'):
        uri = str(home.path / f'{len(home.tree())}.db')
        seen = Terminal(home, 'init', '--vault', uri).expect(b'[Y/n] ').type(answer).ended(0)
        assert seen.count(b'no recovery code') == 1 and b'shown only now' not in seen
        assert len(home.document('key', 'list', '--vault', uri)['slots']) == 1


def test_init_interrupted_at_its_question_makes_no_vault(home):
    Terminal(home, 'init').expect(b'[Y/n] ').type(b'\x03').ended(-signal.SIGINT)
    assert not home.vault.exists()
    assert b'shown only now' in Terminal(home, 'init').expect(b'[Y/n] ').type(b'\r').ended(0)


def test_a_new_passphrase_is_asked_twice(home):
    terminal = Terminal(home, 'init', '--passphrase', *CHEAP).expect(b'new passphrase: ')
    terminal.type(PASSPHRASE.encode() + b'\r').expect(b'again: ').type(b'other' + PASSPHRASE.encode() + b'\r')
    fails(terminal, 21)
    assert not home.vault.exists()
    terminal = Terminal(home, 'init', '--passphrase', *CHEAP).expect(b'new passphrase: ')
    terminal.type(PASSPHRASE.encode() + b'\r').expect(b'again: ').type(PASSPHRASE.encode() + b'\r')
    nothing_secret(terminal.expect(b'[Y/n] ').type(b'n\r').ended(0))
    terminal = Terminal(home, 'list').expect(b'passphrase: ').type(PASSPHRASE.encode() + b'\r')
    nothing_secret(terminal.ended(0))
    terminal = Terminal(home, 'list').expect(b'passphrase: ').type(b'wrong' + PASSPHRASE.encode() + b'\r')
    fails(terminal, 12)


def test_a_passphrase_prompt_ends_with_a_signal(home):
    terminal = Terminal(home, 'init', '--passphrase', *CHEAP).expect(b'new passphrase: ')
    terminal.type(PASSPHRASE.encode() + b'\r').expect(b'again: ').type(PASSPHRASE.encode())
    nothing_secret(terminal.send(signal.SIGTERM).ended(-signal.SIGTERM))
    assert not home.vault.exists()


def test_helpers_show_no_token_to_a_terminal(home):
    home.init()
    home.put('a/b', VALUE)
    for words in (('kubectl', '--name', 'a/b'), ('curl', '--name', 'a/b'), ('aws', '--name', 'a/b', '--access-key-id', 'x')):
        fails(Terminal(home, 'helper', *words), 21)
        assert VALUE.encode() in Terminal(home, 'helper', *words, '--reveal').ended(0)


def test_helpers_ask_at_the_terminal_alone(home):
    """As git has them: the request is on stdin, the answer goes to stdout, and the passphrase is typed."""
    passphrase = home.file('pw', PASSPHRASE.encode())
    home.run('init', '--passphrase-file', passphrase, *CHEAP)
    home.run('put', 'a/b', '--stdin', '--passphrase-file', passphrase, stdin=VALUE.encode())
    out = home.path / 'out'
    line = f"printf 'protocol=https\\nhost=h\\n' | {home.command} helper git --name a/b get >{out}"
    terminal = Terminal(home, 'run', '--', 'sh', '-c', line).expect(b'passphrase: ')
    assert not terminal.echoes
    nothing_secret(terminal.type(PASSPHRASE.encode() + b'\r').ended(0))
    assert out.read_text().endswith(f'password={VALUE}\n')
    seen = Terminal(home, 'run', '--', 'sh', '-c', line.replace('git --name', 'git --no-input --name')).ended(13)
    assert b'passphrase: ' not in seen and out.read_bytes() == b''


run_all(tests_of(globals()))
