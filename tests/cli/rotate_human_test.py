"""A rotation whose token a person brings: told what to do, sealed first, from every source that put has."""
import os

from harness import MARKER, pipe_of, run_all, tests_of
from terminal import Terminal

OLD, NEW, OTHER = (f'{MARKER}-{word}' for word in ('old', 'new', 'other'))
NAME = 'acme/claimr'
PROMPT = b'value for acme/claimr (hidden): '
QUESTION = b'Does it work? [y/N] '


def ready(home, *settings):
    home.init().put(NAME, OLD)
    home.run('policy', NAME, '--provider', 'human', *(word for pair in settings for word in ('--set', pair)))
    return home


def where(home):
    return home.document('rotate', 'status', NAME)


def phase(home):
    return where(home)['phase']


def stages(home):
    return [(version['version'], version['stage']) for version in home.document('history', NAME)['versions']]


def bring(home, value, *words, **more):
    return home.run('rotate', NAME, '--stdin', *words, stdin=value.encode(), **more)


def test_no_input_is_possible(home):
    ready(home, 'url=https://claimr.example/admin')
    for words in ((), ('--no-input',)):
        done = home.run('rotate', NAME, *words, expect=20)
        assert b'step 1: open https://claimr.example/admin\n' in done.stderr and done.stdout == b'', done
        assert f'rotate {NAME} --stdin'.encode() in done.stderr, done
    failure = home.failure(20, 'needs_human', 'rotate', NAME)
    assert NAME in failure['message'], failure
    assert phase(home) == 'idle' and stages(home) == [(1, 'current')]


def test_the_steps_of_the_policy(home):
    ready(home, 'step1=click Generate', 'step2=close the page', 'step4=never told', 'url=https://claimr.example')
    told = home.run('rotate', NAME, expect=20).stderr.decode()
    assert 'step 1: click Generate\n' in told and 'step 2: close the page\n' in told and 'never told' not in told, told
    assert 'claimr.example' not in told


def test_sealed_then_promoted_on_a_word(home):
    ready(home)
    done = bring(home, NEW + '\n', expect=20)
    assert b'stripped the line end (LF)' in done.stderr and f'promote --unverified {NAME}'.encode() in done.stderr, done
    state = where(home)
    assert (state['phase'], state['asks'], state['new_version']) == ('staged', True, 2), state
    assert stages(home) == [(1, 'current'), (2, 'pending')] and home.value(NAME) == OLD
    assert home.value(NAME, '--version', '2') == NEW
    for step in ((NAME,), ('verify', NAME), ('resume', NAME)):
        home.failure(20, 'needs_human', 'rotate', *step)
    home.failure(15, 'conflict', 'rotate', 'promote', NAME)
    promoted = home.document('rotate', 'promote', NAME, '--unverified')
    assert (promoted['phase'], promoted['overridden'], promoted['asks']) == ('done', True, False), promoted
    assert (home.value(NAME), home.value(NAME, '--previous')) == (NEW, OLD)


def test_the_whole_in_one_call(home):
    ready(home)
    state = home.document('rotate', NAME, '--stdin', '--unverified', stdin=NEW.encode())
    assert (state['phase'], state['overridden'], state['old_version'], state['new_version']) == ('done', True, 1, 2), state
    assert home.value(NAME) == NEW


def test_every_source(home):
    ready(home)
    sources = ((('--stdin',), {'stdin': f'{MARKER}-1'.encode()}), (('--from-file', home.file('t', f'{MARKER}-2'.encode())), {}))
    for verb in (('rotate', NAME, '--unverified'), ('rotate', 'stage', NAME)):
        for words, more in sources:
            home.run(*verb, *words, **more)
            if 'stage' in verb:
                home.run('rotate', 'promote', NAME, '--unverified')
            assert home.value(NAME) == more.get('stdin', f'{MARKER}-2'.encode()).decode(), (verb, words)
    reading = pipe_of(f'{MARKER}-3'.encode())
    home.run('rotate', NAME, '--unverified', '--from-fd', str(reading), fds=(reading,))
    os.close(reading)
    assert home.value(NAME) == f'{MARKER}-3' and stages(home)[-1] == (6, 'current')


def test_a_source_that_gives_nothing_leaves_nothing_open(home):
    ready(home)
    big = home.file('big', b'x' * (32 * 1024 + 1))
    for words, code, kind in ((('--from-file', str(home.path / 'none')), 13, 'no_key'), (('--from-fd', '9'), 13, 'no_key'),
                              (('--from-file', big), 21, 'refused'), (('--stdin',), 21, 'refused')):
        home.failure(code, kind, 'rotate', NAME, *words, stdin=b'' if '--stdin' in words else None)
        home.failure(code, kind, 'rotate', 'stage', NAME, *words, stdin=b'' if '--stdin' in words else None)
    home.failure(13, 'no_key', 'rotate', 'stage', NAME)
    assert phase(home) == 'idle' and stages(home) == [(1, 'current')]


def test_what_put_would_refuse_is_sealed_and_told(home):
    ready(home)
    for verb in (('rotate', NAME, '--unverified'), ('rotate', 'stage', NAME)):
        failure = home.failure(21, 'refused', *verb, '--stdin', stdin=f'{MARKER} with spaces'.encode())
        assert f'rotate abort {NAME}' in failure['message'] and 'sealed' in failure['message'], failure
        state = where(home)
        assert state['phase'] == 'staged' and home.value(NAME) == OLD, state
        assert home.value(NAME, '--version', str(state['new_version'])) == f'{MARKER} with spaces'
        home.run('rotate', 'abort', NAME)
    home.run('rotate', 'stage', NAME, '--stdin', '--binary', stdin=f'{MARKER} with spaces'.encode())
    message = home.failure(21, 'refused', 'rotate', 'promote', NAME, '--unverified')['message']
    assert 'space' in message and home.value(NAME) == OLD, message


def test_the_same_value_again(home):
    ready(home)
    bring(home, OLD, '--unverified', expect=21)
    assert home.value(NAME) == OLD and where(home)['asks'] is True
    home.run('rotate', 'abort', NAME)
    assert where(home)['obligations'] == [] and stages(home) == [(1, 'current'), (2, 'retired')]


def test_a_second_token_is_kept_aside(home):
    ready(home)
    bring(home, NEW, expect=20)
    failure = home.failure(15, 'conflict', 'rotate', NAME, '--stdin', stdin=OTHER.encode())
    assert 'kept aside' in failure['message'], failure
    assert home.value(NAME, '--version', '3') == OTHER and where(home)['obligations'][0]['version'] == 3
    home.run('rotate', 'promote', NAME, '--unverified')
    assert home.value(NAME) == NEW


def test_old_tokens_that_are_kept(home):
    ready(home, 'old=kept')
    bring(home, NEW, '--unverified')
    state = where(home)
    assert state['phase'] == 'done' and [(owed['version'], owed['ours']) for owed in state['obligations']] == [(1, False)]
    line = home.run('rotate', 'status').stdout.decode()
    assert line.startswith(f'{NAME}: done, may still be good: version 1; next: ') and 'waive acme/claimr --version 1' in line
    assert home.document('status')['obligations'] == 1
    home.failure(14, 'not_found', 'rotate', 'waive', NAME, '--version', '2')
    home.run('rotate', 'waive', NAME, '--version', '1')
    assert home.run('rotate', 'status').stdout == b'' and home.document('status')['obligations'] == 0


def test_the_grace_of_a_person(home):
    ready(home, 'old=kept')
    home.run('policy', NAME, '--grace', '1h')
    bring(home, NEW, '--unverified')
    assert phase(home) == 'promoted' and home.value(NAME, '--previous') == OLD
    home.failure(15, 'conflict', 'rotate', 'stage', NAME, '--stdin', stdin=OTHER.encode())
    assert home.document('rotate', 'retire', NAME)['phase'] == 'done'


def test_a_dry_run(home):
    ready(home)
    plan = home.document('rotate', NAME, '--dry-run', '--stdin', stdin=NEW.encode())
    assert plan['next'] == 'a person gets a new token and brings it' and phase(home) == 'idle', plan


def rotating(home, *words):
    terminal = Terminal(home, 'rotate', NAME, *words).expect(PROMPT)
    assert not terminal.echoes and b'step 1: open https://claimr.example\r\n' in terminal.seen, terminal.seen
    return terminal


def test_at_a_terminal(home):
    ready(home, 'url=https://claimr.example')
    seen = rotating(home).type(NEW.encode() + b'\r').expect(QUESTION).type(b'y\r').ended(0)
    assert MARKER.encode() not in seen and home.value(NAME) == NEW and where(home)['overridden'] is True, seen


def test_at_a_terminal_it_does_not_work(home):
    ready(home, 'url=https://claimr.example')
    for answer in (b'n\r', b'\r', b'\x04'):
        seen = rotating(home).type(NEW.encode() + b'\r').expect(QUESTION).type(answer).ended(20)
        assert MARKER.encode() not in seen and home.value(NAME) == OLD and phase(home) == 'staged', seen
        home.run('rotate', 'abort', NAME)


def test_at_a_terminal_the_person_goes_away(home):
    ready(home, 'url=https://claimr.example')
    rotating(home).type(b'\x04').ended(13)
    state = where(home)
    assert (state['phase'], state['asks']) == ('intent', True) and 'rotate stage' in state['note'], state
    seen = Terminal(home, 'rotate', 'stage', NAME).expect(PROMPT).type(NEW.encode() + b'\r').ended(0)
    assert MARKER.encode() not in seen and phase(home) == 'staged', seen


run_all(tests_of(globals()))
