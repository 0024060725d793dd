"""Whole rotations with the command, the program that runs recipes, and models of the three providers."""
import os
import signal
import subprocess
import sys
from datetime import datetime, timedelta

from harness import MARKER, SKIP, run_all, tests_of

if not os.path.exists(sys.argv[3]):
    print('skipped: tokenvault-recipe was not built')
    sys.exit(SKIP)

from recipe_home import FIRST, NAME, asked, fails, installed, issued_by, line, phase, where
from rotation_state import until

from fake_claimr import Claimr
from fake_gitlab import GitLab
from fake_orgapi import OrgApi


def orgapi(home, provider, *words):
    return issued_by(installed(home), provider, 'orgapi', *words)


def gitlab(home, provider, *words):
    return issued_by(installed(home), provider, 'gitlab-pat', *words)


def claimr(home, provider, *words):
    return issued_by(installed(home), provider, 'claimr', '--set', 'account=ops', '--set', 'platform=wallet', *words,
                     path='/api/v1')


def taken(provider, value):
    record = provider.tokens.get(value)
    return bool(record and record.get('live', record.get('active')))


def owed(home):
    return [(each['version'], each['ours']) for each in where(home)['obligations']]


def killed_while_asked(home, provider, method):
    """kill -9 of the command while the provider holds its answer back."""
    provider.fault, provider.faulty = 'hang', (method,)
    before = len(asked(provider, method))
    command = subprocess.Popen([home.command, 'rotate', NAME], env=home.variables, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
    until(lambda: len(asked(provider, method)) > before)
    os.kill(command.pid, signal.SIGKILL)
    said = b''.join(command.communicate(timeout=60))
    assert MARKER.encode() not in said, said
    provider.fault = None


def test_orgapi_whole(home):
    with OrgApi(FIRST) as provider:
        orgapi(home, provider)
        state = home.document('rotate', NAME)
        new = home.value(NAME)
        assert (state['phase'], state['note'].count('\n')) == ('promoted', 0) and new != FIRST, state
        assert taken(provider, new) and taken(provider, FIRST) and provider.rotations == 1
        assert home.value(NAME, '--previous') == FIRST and owed(home) == [(1, False)]
        shown = line(home)
        assert 'waits for the end of the grace until' in shown and f'tokenvault rotate retire {NAME}`' in shown, shown
        assert home.run('probe', NAME).stdout == b'valid\n'
        # Nothing is due before the grace ends, and to go on changes nothing.
        assert home.run('rotate', 'due').stdout == b'' and home.document('rotate', 'resume', NAME)['phase'] == 'promoted'


def test_orgapi_overlap_then_expiry(home):
    with OrgApi(FIRST) as provider:
        orgapi(home, provider, '--grace', '1s')
        home.run('rotate', NAME)
        assert asked(provider, 'POST')[-1][3].endswith(b'"overlap":1}')
        until(lambda: home.document('rotate', 'resume', NAME)['phase'] == 'done')
        assert owed(home) == [] and asked(provider, 'DELETE') == []
        assert home.failure(14, 'not_found', 'get', NAME, '--previous')
        assert home.run('rotate', 'due').stdout == b'' and line(home).startswith(f'{NAME}: done; next: nothing')


def test_orgapi_retired_by_hand(home):
    with OrgApi(FIRST) as provider:
        orgapi(home, provider)
        home.run('rotate', NAME)
        home.run('rotate', 'retire', NAME, '--theirs')
        assert not taken(provider, FIRST) and taken(provider, home.value(NAME)) and owed(home) == []


def test_orgapi_lost_answer(home):
    for fault in ('cut', 'drop', '502 after'):
        with OrgApi(FIRST) as provider:
            if not (home.path / 'prefix').exists():
                installed(home)
            home.put(NAME, FIRST)
            issued_by(home, provider, 'orgapi')
            provider.fault, provider.faulty = fault, ('POST',)
            fails(home, 19, 'unreachable', 'rotate', NAME)
            assert phase(home) == 'uncertain' and 'next: ' in line(home)
            provider.fault = None
            home.run('rotate', 'resume', NAME)
            new = home.value(NAME)
            alive = [token for token in provider.tokens if taken(provider, token)]
            assert sorted(alive) == sorted([FIRST, new]), (fault, len(alive))
            home.run('rotate', 'waive', NAME, '--version', str(owed(home)[0][0]))
            home.run('rotate', 'abort', NAME)


def test_orgapi_an_answer_cut_behind_the_token(home):
    with OrgApi(FIRST) as provider:
        orgapi(home, provider)
        provider.fault, provider.faulty = 'cut at end', ('POST',)
        home.run('rotate', NAME)
        assert taken(provider, home.value(NAME)) and provider.rotations == 1


def test_orgapi_out_of_order(home):
    with OrgApi(FIRST) as provider:
        orgapi(home, provider)
        provider.fault, provider.faulty = '500', ('POST',)
        fails(home, 19, 'unreachable', 'rotate', NAME)
        assert phase(home) == 'uncertain' and provider.rotations == 0
        provider.fault = None
        home.run('rotate', 'resume', NAME)
        assert taken(provider, home.value(NAME)) and provider.rotations == 1


def test_orgapi_too_many_requests(home):
    with OrgApi(FIRST) as provider:
        orgapi(home, provider, '--rotate-after', '1s')
        provider.fault, provider.faulty, provider.retry_after = '429', ('POST',), 5000
        message = fails(home, 19, 'unreachable', 'rotate', NAME)
        assert '429' in message, message
        state = where(home)
        # Counted from the refusal, which the look at the old token came after.
        begun, told, ended = (datetime.fromisoformat(state[member]) for member in ('started', 'next_try', 'changed'))
        assert state['phase'] == 'intent' and begun <= told - timedelta(seconds=5000) <= ended, state
        assert f'waits for the provider until {state["next_try"]}' in line(home)
        # A timer waits, a person need not.
        before = len(provider.log)
        assert home.run('rotate', 'due').stdout == b'' and len(provider.log) == before
        provider.fault = None
        home.run('rotate', NAME)
        assert taken(provider, home.value(NAME)) and provider.rotations == 1


def test_orgapi_another_organisation(home):
    with OrgApi(FIRST) as provider:
        orgapi(home, provider)
        made = provider.rotate

        def astray(*words):
            status, answer = made(*words)
            provider.tokens[answer['token']]['org'] = 'other'
            return status, answer
        provider.rotate = astray
        message = fails(home, 20, 'needs_human', 'rotate', NAME)
        assert 'it belongs to other, not to acme' in message and 'it says' not in message, message
        assert f'tokenvault rotate abort {NAME}`' in message, message
        fails(home, 20, 'needs_human', 'rotate', 'resume', NAME)
        fails(home, 21, 'refused', 'rotate', 'promote', NAME, '--unverified')
        home.run('rotate', 'abort', NAME)
        assert home.value(NAME) == FIRST and owed(home) == [(2, True)]
        home.run('rotate', 'resume', NAME)
        assert owed(home) == [] and taken(provider, FIRST) and provider.rotations == 1


def test_orgapi_killed_during_the_call(home):
    with OrgApi(FIRST) as provider:
        orgapi(home, provider)
        killed_while_asked(home, provider, 'POST')
        assert phase(home) == 'issuing' and home.value(NAME) == FIRST
        home.run('rotate', 'resume', NAME)
        alive = [token for token in provider.tokens if taken(provider, token)]
        assert sorted(alive) == sorted([FIRST, home.value(NAME)]), len(alive)


def test_orgapi_by_the_timer(home):
    with OrgApi(FIRST) as provider:
        orgapi(home, provider, '--rotate-after', '1s')
        until(lambda: home.run('rotate', 'due', '--dry-run', expect=None).returncode == 17)
        assert home.run('rotate', 'due').stdout.decode().startswith(f'{NAME}\tdone\t')
        assert taken(provider, home.value(NAME)) and provider.rotations == 1


def test_gitlab_whole(home):
    with GitLab(FIRST) as provider:
        gitlab(home, provider, '--lifetime', '30d')
        state = home.document('rotate', NAME)
        new = home.value(NAME)
        assert (state['phase'], state['owner'], owed(home)) == ('done', '4711', []), state
        assert taken(provider, new) and not taken(provider, FIRST) and provider.rotations == 1
        assert home.document('show', NAME)['expires'] is not None
        home.run('rotate', NAME)
        assert taken(provider, home.value(NAME)) and provider.rotations == 2


def punished(provider):
    return sum(1 for method, path, headers, _ in asked(provider, 'POST')
               if provider.tokens.get(headers.get('PRIVATE-TOKEN'), {}).get('rotated')) - provider.rotations


def test_gitlab_is_never_asked_with_a_dead_token(home):
    """Whatever fails, the rule that ends the whole family is not set off: every POST came with a live token."""
    installed(home)
    for fault in ('cut', 'drop', '502 after', 'garbage', 'token missing', 'hang'):
        with GitLab(FIRST) as provider:
            home.put(NAME, FIRST)
            issued_by(home, provider, 'gitlab-pat', '--timeout', '1s')
            provider.fault, provider.faulty = fault, ('POST',)
            home.run('rotate', NAME, expect=20 if fault != 'hang' else None)
            provider.fault = None
            for words in (('rotate', NAME), ('rotate', 'resume', NAME), ('rotate', 'due'), ('rotate', NAME)):
                home.run(*words, expect=None)
            assert provider.rotations == len(asked(provider, 'POST')) == 1, (fault, len(asked(provider, 'POST')))
            shown = line(home)
            assert 'needs a person' in shown and f'tokenvault rotate stage {NAME}`' in shown, shown
            # The person gets one at the provider's page, and the line's command takes it.
            made = f'{MARKER}-by-hand'
            provider.tokens[made] = provider.record(99, '2027-01-01')
            home.run('rotate', 'stage', NAME, '--stdin', stdin=made.encode())
            home.run('rotate', 'resume', NAME)
            assert home.value(NAME) == made and phase(home) == 'done', (fault, line(home))


def test_gitlab_refuses_and_recovers(home):
    with GitLab(FIRST) as provider:
        gitlab(home, provider)
        for fault, code in (('429', 19), ('403', 19), ('500', 19)):
            provider.fault, provider.faulty = fault, ('POST',)
            fails(home, code, 'unreachable', 'rotate', NAME)
        provider.fault = None
        home.run('rotate', NAME)
        assert taken(provider, home.value(NAME)) and provider.rotations == 1


def test_gitlab_killed_during_the_call(home):
    with GitLab(FIRST) as provider:
        gitlab(home, provider)
        killed_while_asked(home, provider, 'POST')
        assert phase(home) == 'issuing'
        fails(home, 20, 'needs_human', 'rotate', 'resume', NAME)
        assert provider.rotations == 1 and len(asked(provider, 'POST')) == 1


def test_gitlab_killed_before_the_call(home):
    with GitLab(FIRST) as provider:
        gitlab(home, provider)
        killed_while_asked(home, provider, 'GET')
        home.run('rotate', 'resume', NAME)
        assert taken(provider, home.value(NAME)) and provider.rotations == 1


def test_gitlab_with_a_dead_token(home):
    with GitLab(f'{MARKER}-another') as provider:
        gitlab(home, provider)
        fails(home, 20, 'needs_human', 'rotate', NAME)
        assert asked(provider, 'POST') == [] and f'tokenvault rotate stage {NAME}`' in line(home)
        home.failure(18, 'rejected', 'probe', NAME)
        home.run('rotate', 'stage', NAME, '--stdin', stdin=f'{MARKER}-another'.encode())
        home.run('rotate', 'resume', NAME)
        assert home.value(NAME) == f'{MARKER}-another' and home.run('probe', NAME).stdout == b'valid\n'


def test_claimr_by_hand(home):
    new = f'{MARKER}-new'
    with Claimr(FIRST) as provider:
        claimr(home, provider)
        assert home.run('probe', NAME).stdout == b'valid\n'
        told = home.run('rotate', NAME, expect=20).stderr.decode()
        assert 'step 3: Press Generate Token.' in told and f'rotate {NAME} --stdin' in told, told
        provider.click(new)
        home.failure(18, 'rejected', 'probe', NAME)
        state = home.document('rotate', NAME, '--stdin', stdin=new.encode() + b'\n')
        assert (state['phase'], state['overridden']) == ('done', False) and home.value(NAME) == new, state
        assert home.run('probe', NAME).stdout == b'valid\n' and home.run('probe', NAME, '--previous', expect=18)


def test_claimr_a_token_that_was_copied_wrong(home):
    with Claimr(FIRST) as provider:
        claimr(home, provider)
        provider.click(f'{MARKER}-new')
        message = fails(home, 20, 'needs_human', 'rotate', NAME, '--stdin', stdin=f'{MARKER}-ne'.encode())
        assert f'tokenvault rotate abort {NAME}`' in message, message
        home.run('rotate', 'abort', NAME)
        home.run('rotate', NAME, '--stdin', stdin=f'{MARKER}-new'.encode())
        assert home.value(NAME) == f'{MARKER}-new'


def test_claimr_out_of_order(home):
    new = f'{MARKER}-new'
    with Claimr(FIRST) as provider:
        claimr(home, provider)
        provider.click(new)
        provider.fault = '500'
        home.failure(19, 'unreachable', 'probe', NAME)
        fails(home, 19, 'unreachable', 'rotate', NAME, '--stdin', stdin=new.encode())
        assert phase(home) == 'staged' and home.value(NAME, '--version', '2') == new
        provider.fault = None
        home.run('rotate', 'resume', NAME)
        assert home.value(NAME) == new


run_all(tests_of(globals()))
