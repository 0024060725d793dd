"""Whatever a rotation has come to: the line about it is true, names commands that there are, and one of them leads out."""
import os
import re

from harness import MARKER, Home, run_all, tests_of
from provider_program import FIRST, Service, rotated_by
from rotation_state import NAME, where
from terminal import Terminal

BROUGHT = f'{MARKER}-brought'


def line(home, name=NAME):
    text = home.run('rotate', 'status', name).stdout.decode()
    assert text.endswith('\n') and text.count('\n') == 1, text
    check_commands(home, text)
    return text


def check_commands(home, text):
    """Every command that is named is one that is typed like that."""
    for command in re.findall('`([^`]*)`', text):
        words = command.split()
        assert words[0] == 'tokenvault', f'{command!r} in {text!r}'
        flags = [word for word in words if word.startswith('--')]
        verb = words[1:3] if words[1] == 'rotate' and words[2] in STEPS else words[1:2]
        told = home.run(*verb, '--help').stdout.decode()
        assert all(re.search(rf'{flag}\b', told) for flag in flags), f'{command!r} in {text!r}'


STEPS = ('start', 'stage', 'verify', 'promote', 'retire', 'abort', 'resume', 'waive', 'status', 'due')


def fails(home, code, kind, *words, **more):
    message = home.failure(code, kind, *words, **more)['message']
    assert '\n' not in message and not message.endswith((': ', ':')), message
    check_commands(home, message)
    return message


def to_phase(home, service, phase):
    """Takes the rotation there, as an operator meets it."""
    if phase == 'refused':
        service.turn(issue='refuse')
    if phase == 'uncertain':
        service.turn(issue='lost', probe='unknown')
    if phase in ('refused', 'uncertain'):
        home.run('rotate', NAME, expect=19)
    for step in {'intent': ('start',), 'staged': ('start', 'stage'), 'verified': ('start', 'stage', 'verify')}.get(phase, ()):
        home.run('rotate', step, NAME)
    if phase in ('promoted', 'retiring'):
        home.run('policy', NAME, '--grace', '1h')
        home.run('rotate', NAME)
    if phase == 'retiring':
        service.turn(revoke='refuse')
        home.run('rotate', 'retire', NAME, '--theirs', expect=19)
    service.turn(issue=None, probe=None, revoke=None)
    assert phase in ('refused', where(home)['phase'])


PHASES = ('intent', 'refused', 'uncertain', 'staged', 'verified', 'promoted', 'retiring')
FATES = {'no policy': lambda home, service: home.run('policy', NAME, '--none'),
         'no program': lambda home, service: os.unlink(service.program),
         'a person': lambda home, service: home.run('policy', NAME, '--provider', 'human')}


def test_a_provider_that_is_gone_in_the_middle(home):
    """Nothing is tried for ever, and to give up and to waive always leads out."""
    for phase in PHASES:
        for fate, befalls in FATES.items():
            each = Home(home.command)
            service = rotated_by(each, issue='once', old='kept')
            to_phase(each, service, phase)
            served = each.value(NAME)
            befalls(each, service)
            check_commands(each, line(each))
            done = each.run('rotate', 'resume', NAME, expect=None)
            assert done.returncode in {'no policy': (21,), 'no program': (14,), 'a person': (0, 20)}[fate], (phase, done)
            check_commands(each, done.stderr.decode().splitlines()[0])
            line(each)
            each.run('rotate', 'abort', NAME)
            for owed in where(each)['obligations']:
                which = ('--version', str(owed['version'])) if owed['version'] else ('--rotation', owed['id'])
                each.run('rotate', 'waive', NAME, *which)
            told = line(each)
            assert 'waits' not in told and 'needs' not in told and 'next: nothing' in told, told
            assert fate == 'a person' or each.value(NAME) == served
            each.put(NAME, BROUGHT)
            assert each.value(NAME) == BROUGHT


def test_a_word_needs_no_provider(home):
    for fate, befalls in FATES.items():
        each = Home(home.command)
        service = rotated_by(each, issue='once', old='kept')
        to_phase(each, service, 'staged')
        befalls(each, service)
        each.run('rotate', 'promote', NAME, '--unverified')
        assert each.value(NAME) == service.live[-1], fate
        # Nobody said that the old one is dead.
        assert fate == 'a person' or [owed['version'] for owed in where(each)['obligations']] == [1], fate


def test_begun_by_a_person_ended_by_a_program(home):
    service = rotated_by(home)
    home.run('policy', NAME, '--provider', 'human')
    home.run('rotate', 'start', NAME)
    home.run('policy', NAME, '--provider', service.word)
    assert 'needs a person' in line(home)
    message = fails(home, 20, 'needs_human', 'rotate', NAME)
    assert f'`tokenvault rotate abort {NAME}`' in message, message
    home.run('rotate', 'abort', NAME)
    home.run('rotate', NAME)
    assert home.value(NAME) == service.live[-1]


def test_brought_by_a_person_verified_by_a_program(home):
    service = rotated_by(home)
    home.run('policy', NAME, '--provider', 'human')
    home.run('rotate', NAME, '--stdin', stdin=BROUGHT.encode(), expect=20)
    service.write({**service.read(), 'live': [FIRST, BROUGHT]})
    home.run('policy', NAME, '--provider', service.word)
    home.run('rotate', 'verify', NAME)
    home.run('rotate', 'resume', NAME)
    assert home.value(NAME) == BROUGHT and where(home)['overridden'] is False


def test_begun_by_a_program_ended_by_a_person(home):
    service = rotated_by(home)
    to_phase(home, service, 'refused')
    home.run('policy', NAME, '--provider', 'human')
    message = fails(home, 20, 'needs_human', 'rotate', 'resume', NAME)
    assert f'`tokenvault rotate stage {NAME}`' in message and 'needs a person' in line(home), message
    home.run('rotate', NAME, '--stdin', '--unverified', stdin=BROUGHT.encode())
    assert home.value(NAME) == BROUGHT


def test_a_note_is_not_written_over(home):
    service = rotated_by(home)
    to_phase(home, service, 'staged')
    service.write({**service.read(), 'live': [FIRST]})
    for _ in range(2):
        home.run('rotate', 'verify', NAME, expect=18)
    told = line(home)
    assert f'`tokenvault rotate verify {NAME}` asks again' in told and '--unverified' not in told, told
    for words in ((NAME,), ('resume', NAME), ('start', NAME)):
        home.run('rotate', *words, expect=None)
        assert line(home) == told
    home.run('rotate', 'abort', NAME)
    assert home.value(NAME) == FIRST


def test_stage_asks_where_a_program_cannot_get_on(home):
    service = rotated_by(home, issue='once', old='kept').turn(issue='lost')
    message = fails(home, 20, 'needs_human', 'rotate', NAME)
    assert f'`tokenvault rotate stage {NAME}`' in message, message
    assert home.run('rotate', 'stage', NAME, expect=13) and service.calls('issue') == 1
    terminal = Terminal(home, 'rotate', 'stage', NAME).expect(b'(hidden): ')
    terminal.type(service.live[-1].encode() + b'\n').ended(0)
    home.run('rotate', 'resume', NAME)
    assert home.value(NAME) == service.live[-1] and len(service.live) == 2


def test_no_old_one_is_ended_while_the_current_one_is_dead(home):
    service = rotated_by(home, old='kept')
    to_phase(home, service, 'promoted')
    content = service.read()
    service.write({**content, 'live': [FIRST]})
    message = fails(home, 20, 'needs_human', 'rotate', 'retire', NAME, '--theirs')
    assert 'takes the current token no more' in message and service.calls('revoke') == 0, message
    fails(home, 20, 'needs_human', 'rotate', 'retire', NAME)
    service.write({**service.read(), 'live': content['live']})
    home.run('rotate', 'retire', NAME)
    assert service.live == [home.value(NAME)] and 'next: nothing' in line(home)


def test_a_refusal_is_counted_once(home):
    service = rotated_by(home).turn(issue='refuse')
    for count in (1, 2, 3):
        home.run('rotate', NAME, expect=19)
        assert where(home)['attempts'] == count
    assert 'not today' in line(home)
    service.turn(issue=None)
    home.run('rotate', NAME)
    assert where(home)['attempts'] == 0


def test_a_refusal_for_ever_is_a_persons_business(home):
    rotated_by(home).turn(issue='refuse')
    home.run('policy', NAME, '--rotate-after', '90d')
    for _ in range(9):
        home.run('rotate', NAME, expect=19)
    assert 'in a row' not in line(home)
    home.run('rotate', NAME, expect=19)
    assert 'came to nothing 10 times in a row' in line(home)


def test_a_chatty_provider_says_nothing_of_use(home):
    service = rotated_by(home)
    to_phase(home, service, 'verified')
    assert line(home) == f'{NAME}: verified; next: make version 2 the current one: `tokenvault rotate resume {NAME}`\n'


def test_promote_where_there_is_nothing_to_promote(home):
    service = rotated_by(home)
    for step in (None, 'start'):
        if step:
            home.run('rotate', step, NAME)
        for words in ((), ('--unverified',)):
            assert 'has no new token' in fails(home, 15, 'conflict', 'rotate', 'promote', NAME, *words)
    home.run('policy', NAME, '--grace', '1h')
    home.run('rotate', NAME)
    # It was, and to say so again is no fault while the rotation lasts.
    for words in ((), ('--unverified',)):
        home.run('rotate', 'promote', NAME, *words)
    home.run('rotate', 'retire', NAME)
    assert 'has no new token' in fails(home, 15, 'conflict', 'rotate', 'promote', NAME)
    assert home.value(NAME) == service.live[-1] and where(home)['overridden'] is False


def test_a_name_that_a_shell_would_take_apart(home):
    name = "it's $(x) b"
    service = rotated_by(home, name=name, issue='once', old='kept').turn(issue='lost')
    message = fails(home, 20, 'needs_human', 'rotate', name)
    assert '`tokenvault rotate stage NAME`' in message and service.calls('issue') == 1, message


def test_a_name_that_leaves_no_room(home):
    name = 'a/' + 'n' * 250
    home.init().put(name, FIRST)
    service = Service(home, issue='once', old='kept').turn(issue='lost')
    home.run('policy', name, '--provider', service.word)
    message = fails(home, 20, 'needs_human', 'rotate', name)
    assert '`tokenvault rotate stage NAME`' in message and '`tokenvault rotate resume --discard NAME`' in message, message
    assert '--discard NAME`' in line(home, name)


run_all(tests_of(globals()))
