"""claimr as it is: a person clicks, the old token dies at that moment, the new one is shown once, and there is no API.
Whatever happens then, the token that was entered is in the vault, and one line says what to do."""
import os
import signal
import sys

from harness import MARKER, SKIP, run_all, tests_of

if not os.path.exists(sys.argv[3]):
    print('skipped: tokenvault-recipe was not built')
    sys.exit(SKIP)

from recipe_home import FIRST, NAME, fails, installed, issued_by, line, phase, where
from rotation_state import until
from terminal import Terminal

from fake_claimr import Claimr

NEW = f'{MARKER}-new'
PROMPT = f'value for {NAME} (hidden): '.encode()


def rotated_by_hand(home, provider):
    return issued_by(installed(home), provider, 'claimr', '--set', 'account=ops', '--set', 'platform=wallet', path='/api/v1')


def asking(home):
    terminal = Terminal(home, 'rotate', NAME).expect(PROMPT)
    assert b'Press Generate Token' in terminal.seen and not terminal.echoes
    return terminal


def held_safe(home, version='2'):
    """Sealed under a number of its own, while what is served is what it was."""
    assert home.value(NAME, '--version', version) == NEW and home.value(NAME) == FIRST


def test_from_click_to_use(home):
    with Claimr(FIRST) as provider:
        rotated_by_hand(home, provider)
        terminal = asking(home)
        provider.click(NEW)  # from here on nothing else is good
        seen = terminal.type(NEW.encode() + b'\r').ended(0)
        assert MARKER.encode() not in seen and home.value(NAME) == NEW and phase(home) == 'done', seen
        assert home.run('probe', NAME).stdout == b'valid\n'


def test_the_tool_is_interrupted_after_the_click(home):
    with Claimr(FIRST) as provider:
        rotated_by_hand(home, provider)
        terminal = asking(home)
        provider.click(NEW)
        terminal.type(b'\x03').ended(-signal.SIGINT)
        shown = line(home)
        assert f'`tokenvault rotate stage {NAME}`' in shown and phase(home) == 'intent', shown
        # The page still shows the token: the same question again, and it goes on.
        asking(home).type(NEW.encode() + b'\r').ended(0)
        assert home.value(NAME) == NEW and phase(home) == 'done'


def test_saved_before_it_is_checked(home):
    with Claimr(FIRST) as provider:
        rotated_by_hand(home, provider)
        terminal = asking(home)
        provider.click(NEW)
        provider.fault, before = 'hang', len(provider.log)
        terminal.type(NEW.encode() + b'\r')
        until(lambda: len(provider.log) > before)
        terminal.send(signal.SIGKILL).ended(-signal.SIGKILL)
        held_safe(home)
        provider.fault = None
        home.run('rotate', 'resume', NAME)
        assert home.value(NAME) == NEW and phase(home) == 'done'


def test_a_wrong_paste(home):
    """It is caught by claimr's own answer; the old value stays, and the right one still has a place."""
    with Claimr(FIRST) as provider:
        rotated_by_hand(home, provider)
        terminal = asking(home)
        provider.click(NEW)
        seen = terminal.type(f'{MARKER}-clipboard'.encode() + b'\r').ended(20)
        assert MARKER.encode() not in seen and f'rotate abort {NAME}`'.encode() in seen.replace(b'\r\n', b''), seen
        assert home.value(NAME) == FIRST and where(home)['asks'] is True
        home.run('rotate', 'abort', NAME)
        asking(home).type(NEW.encode() + b'\r').ended(0)
        assert home.value(NAME) == NEW


def test_nobody_is_told_that_all_is_well(home):
    """claimr cannot be reached just then: the token waits, and the next look settles it."""
    with Claimr(FIRST) as provider:
        rotated_by_hand(home, provider)
        provider.click(NEW)
        provider.fault = 'drop'
        fails(home, 19, 'unreachable', 'rotate', NAME, '--stdin', stdin=NEW.encode())
        held_safe(home)
        provider.fault = None
        home.run('rotate', 'resume', NAME)
        assert home.value(NAME) == NEW and phase(home) == 'done'


run_all(tests_of(globals()))
