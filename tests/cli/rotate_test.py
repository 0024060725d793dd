"""A rotation against a provider that makes its tokens: as a whole and step by step, and where it is shown."""
import json
from datetime import datetime

from harness import run_all, tests_of
from provider_program import FIRST, rotated_by
from rotation_state import NAME, fails, phase, where

MEMBERS = {'schema', 'name', 'phase', 'rotation', 'old_version', 'new_version', 'started', 'changed', 'next_try',
           'attempts', 'asks', 'overridden', 'owner', 'note', 'next', 'obligations'}


def generation(home):
    return home.document('status')['generation']


def test_the_whole(home):
    service = rotated_by(home)
    done = home.document('rotate', NAME)
    assert set(done) == MEMBERS and (done['name'], done['owner'], done['phase']) == (NAME, 'acme', 'done'), done
    assert (done['old_version'], done['new_version'], done['asks'], done['attempts']) == (1, 2, False, 0), done
    for member in ('started', 'changed'):
        assert datetime.strptime(done[member], '%Y-%m-%dT%H:%M:%SZ'), done
    assert len(done['rotation']) == 22 and done['rotation'].isalnum(), done
    assert (home.value(NAME), home.value(NAME, '--previous')) == (service.live[-1], FIRST)
    assert service.calls('issue') == 1 and service.calls('probe') == 2


def test_steps_are_told_on_stderr(home):
    rotated_by(home)
    done = home.run('rotate', NAME)
    told = done.stderr.decode().splitlines()
    assert done.stdout == b'' and all(line.startswith('tokenvault: a/b: ') for line in told) and len(told) > 3, told
    assert told[-1].startswith('tokenvault: a/b: done'), told
    assert home.run('rotate', NAME, '--quiet').stderr == b''


def test_step_by_step(home):
    service = rotated_by(home, old='kept')
    home.run('policy', NAME, '--grace', '1h')
    seen = []
    for step in ('start', 'stage', 'verify', 'promote', 'retire'):
        done = home.document('rotate', step, NAME)
        assert set(done) == MEMBERS, done
        seen.append((done['phase'], service.calls('issue'), service.calls('revoke'), home.value(NAME) == FIRST))
    assert seen == [('intent', 0, 0, True), ('staged', 1, 0, True), ('verified', 1, 0, True), ('promoted', 1, 0, False),
                    ('done', 1, 0, False)], seen
    assert [(owed['version'], owed['ours']) for owed in where(home)['obligations']] == [(1, False)]
    done = home.document('rotate', 'retire', NAME, '--theirs')
    assert done['obligations'] == [] and service.live == [home.value(NAME)], done


def test_a_step_twice(home):
    service = rotated_by(home)
    home.run('policy', NAME, '--grace', '1h')
    for step, phase_then in (('start', 'intent'), ('stage', 'staged'), ('verify', 'verified'), ('promote', 'promoted')):
        first = home.document('rotate', step, NAME)
        assert home.document('rotate', step, NAME) == first and first['phase'] == phase_then, (step, first)
    assert service.calls('issue') == 1


def test_steps_out_of_order(home):
    service = rotated_by(home)
    for words in (('stage',), ('verify',), ('promote',), ('promote', '--unverified'), ('resume', '--discard')):
        fails(home, 15, 'conflict', 'rotate', words[0], NAME, *words[1:])
    assert phase(home) == 'idle' and service.calls('issue') == 0
    home.run('rotate', 'start', NAME)
    for step in ('promote', 'retire'):
        fails(home, 15, 'conflict', 'rotate', step, NAME)
    assert phase(home) == 'intent' and service.calls('issue') == 0


def test_to_verify_what_has_not_come_begins_nothing(home):
    service = rotated_by(home)
    home.run('rotate', 'start', NAME)
    fails(home, 15, 'conflict', 'rotate', 'verify', NAME)
    assert phase(home) == 'intent' and service.calls('issue') == 0


def test_put_during_a_rotation(home):
    rotated_by(home)
    home.run('rotate', 'start', NAME)
    message = fails(home, 20, 'needs_human', 'put', NAME, '--stdin', stdin=b'x')
    assert f'rotate abort {NAME}' in message, message
    home.run('rotate', 'abort', NAME)
    home.put(NAME)


def test_a_token_named_like_a_step(home):
    service = rotated_by(home, name='start')
    home.run('rotate', 'start', 'start')
    assert home.document('rotate', 'status', 'start')['phase'] == 'intent'
    for step in ('stage', 'verify', 'promote'):
        home.run('rotate', step, 'start')
    assert home.value('start') == service.live[-1] != FIRST


def test_dry_runs_ask_nobody_and_change_nothing(home):
    service = rotated_by(home)
    before = generation(home)
    for words, next_step in (((NAME,), 'ask the provider for a new token'), (('resume', NAME), 'nothing')):
        plan = home.document('rotate', *words, '--dry-run')
        assert set(plan) == MEMBERS | {'dry_run'} and plan['dry_run'] is True and plan['next'] == next_step, plan
        assert home.run('rotate', *words, '--dry-run').stdout.decode() == f'{NAME}: next: {next_step}\n'
    assert generation(home) == before and service.calls('describe') == service.calls() > 0
    home.run('rotate', 'start', NAME)
    home.run('rotate', 'stage', NAME)
    before = generation(home), service.calls('issue'), service.calls('probe')
    for words in ((NAME,), ('resume', NAME)):
        assert 'version 2' in home.document('rotate', *words, '--dry-run')['next']
    assert (generation(home), service.calls('issue'), service.calls('probe')) == before


def test_without_a_policy(home):
    home.init().put(NAME, FIRST)
    for step in ((NAME,), ('start', NAME), ('verify', NAME), ('promote', NAME), ('retire', NAME), ('resume', NAME)):
        assert 'tokenvault policy a/b' in fails(home, 21, 'refused', 'rotate', *step)
    fails(home, 2, 'invalid_argument', 'rotate', 'a//b')
    for step in ('start', 'stage', 'verify', 'promote', 'retire', 'abort', 'resume', 'status'):
        home.failure(14, 'not_found', 'rotate', step, 'a/c')
    assert phase(home) == 'idle'


def test_a_value_is_not_taken_where_the_provider_makes_it(home):
    rotated_by(home)
    message = fails(home, 2, 'invalid_argument', 'rotate', NAME, '--stdin', stdin=b'x')
    assert 'makes this token itself' in message and phase(home) == 'idle'


def test_where_it_is_shown(home):
    service = rotated_by(home, issue='once', old='kept').turn(issue='lost')
    assert home.document('show', NAME)['rotation'] is None
    assert home.document('rotate', 'status')['rotations'] == [] and home.run('rotate', 'status').stdout == b''
    home.run('rotate', NAME, expect=20)
    shown = home.document('show', NAME)
    assert shown['rotation'] == {key: value for key, value in where(home).items() if key != 'schema'}, shown
    assert shown['policy']['provider'] == service.word
    assert [each['name'] for each in home.document('rotate', 'status')['rotations']] == [NAME]
    document = home.document('status')
    assert (document['pending_rotations'], document['obligations']) == (1, 0), document
    rows = home.run('status').stdout.decode(), home.run('doctor').stdout.decode()
    for text in rows:
        line = next(line for line in text.splitlines() if 'rotations' in line)
        assert '1 open, 1 need a person, 0 old tokens' in line and 'tokenvault rotate status' in line, line
        assert NAME not in line
    assert NAME in home.run('doctor', '--names').stdout.decode()
    home.run('rotate', 'abort', NAME)
    document = home.document('status')
    assert (document['pending_rotations'], document['obligations']) == (0, 1), document
    assert json.dumps(home.document('doctor')).count('1 old tokens may still be good') == 1


run_all(tests_of(globals()))
