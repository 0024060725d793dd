"""What goes wrong between a rotation and its provider: each has its exit code, and what is served stays."""
import os
import subprocess

from harness import MARKER, run_all, tests_of
from provider_program import FIRST, rotated_by
from rotation_state import NAME, fails, phase, where


def stages(home):
    return [(version['version'], version['stage']) for version in home.document('history', NAME)['versions']]


def test_the_provider_refuses(home):
    service = rotated_by(home).turn(issue='refuse')
    message = fails(home, 19, 'unreachable', 'rotate', NAME)
    assert 'refused' in message, message
    state = where(home)
    assert state['phase'] == 'intent' and state['attempts'] > 0 and state['next_try'] > state['changed'], state
    line = home.run('rotate', 'status', NAME).stdout.decode()
    assert line.startswith(f'{NAME}: intent, waits for the provider until {state["next_try"]}; next: '), line
    service.turn(issue=None)
    home.run('rotate', NAME)
    assert home.value(NAME) == service.live[-1]


def test_a_lost_answer(home):
    service = rotated_by(home).turn(issue='lost')
    fails(home, 19, 'unreachable', 'rotate', NAME)
    state = where(home)
    assert state['attempts'] > 0 and state['new_version'] == 0 and len(service.live) == 2, state
    service.turn(issue=None)
    home.run('rotate', 'resume', NAME)
    assert home.value(NAME) == service.live[-1] and len(service.live) == 2


def test_a_doubt_that_the_provider_settles(home):
    service = rotated_by(home, issue='once', old='dies').turn(issue='gone')
    fails(home, 19, 'unreachable', 'rotate', NAME)
    assert phase(home) == 'uncertain' and service.calls('issue') == 1
    service.turn(issue=None, probe=None)
    home.run('rotate', 'resume', NAME)
    assert service.live == [home.value(NAME)] != [FIRST] and service.calls('issue') == 2


def test_a_lost_answer_that_a_person_has_to_settle(home):
    service = rotated_by(home, issue='once', old='kept').turn(issue='lost')
    fails(home, 20, 'needs_human', 'rotate', NAME)
    state = where(home)
    assert (state['phase'], state['asks']) == ('uncertain', True), state
    line = home.run('rotate', 'status', NAME).stdout.decode()
    assert line.startswith(f'{NAME}: uncertain, needs a person; next: {state["note"]}') and '--discard' in line, line
    fails(home, 20, 'needs_human', 'rotate', 'resume', NAME)
    assert service.calls('issue') == 1
    service.turn(issue=None)
    assert home.document('rotate', 'resume', NAME, '--discard')['phase'] == 'intent'
    home.run('rotate', NAME)
    assert home.value(NAME) == service.live[-1] and service.calls('issue') == 2


def test_the_new_token_is_rejected(home):
    service = rotated_by(home)
    home.run('rotate', 'start', NAME)
    home.run('rotate', 'stage', NAME)
    content = service.read()
    service.write({**content, 'live': [FIRST]})
    fails(home, 18, 'rejected', 'rotate', 'verify', NAME)
    fails(home, 18, 'rejected', 'rotate', 'verify', NAME)
    assert where(home)['asks'] is True
    fails(home, 20, 'needs_human', 'rotate', NAME)
    assert service.calls('issue') == 1
    aborted = home.document('rotate', 'abort', NAME)
    assert aborted['phase'] == 'aborted' and [owed['version'] for owed in aborted['obligations']] == [2], aborted
    assert stages(home) == [(1, 'current'), (2, 'retired')]


def test_abort_where_only_the_new_one_is_good(home):
    service = rotated_by(home, old='dies')
    home.run('rotate', 'start', NAME)
    home.run('rotate', 'stage', NAME)
    new = service.live[-1]
    assert service.live == [new]
    message = fails(home, 20, 'needs_human', 'rotate', 'abort', NAME)
    assert '--force' in message and phase(home) == 'staged', message
    assert home.document('rotate', 'abort', NAME, '--force')['phase'] == 'aborted'
    assert home.value(NAME) == FIRST and home.value(NAME, '--version', '2') == new


def test_giving_up_needs_no_provider(home):
    service = rotated_by(home).turn(issue='lost', probe='unknown')
    home.run('rotate', NAME, expect=19)
    os.unlink(service.program)
    fails(home, 14, 'not_found', 'rotate', NAME)
    done = home.run('rotate', 'abort', NAME)
    assert b'going on without the provider' in done.stderr, done
    owed = where(home)['obligations']
    assert [(each['version'], each['ours']) for each in owed] == [(0, True)] and owed[0]['id'], owed
    home.failure(14, 'not_found', 'rotate', 'waive', NAME, '--version', '9')
    home.failure(14, 'not_found', 'rotate', 'waive', NAME, '--rotation', 'none')
    home.run('rotate', 'waive', NAME, '--rotation', owed[0]['id'])
    assert where(home)['obligations'] == []


def test_another_owners_token(home):
    service = rotated_by(home)
    home.run('policy', NAME, '--owner', 'someone-else')
    message = fails(home, 20, 'needs_human', 'rotate', NAME)
    assert 'acme' in message and phase(home) == 'staged' and service.calls('issue') == 1, message
    fails(home, 21, 'refused', 'rotate', 'promote', NAME, '--unverified')
    home.run('policy', NAME, '--owner', 'acme')
    home.run('rotate', 'promote', NAME, '--unverified')
    assert where(home)['overridden'] is True and home.value(NAME) == service.live[-1]


def test_while_another_process_asks(home):
    service = rotated_by(home)
    gate = service.place.parent / 'gate'
    os.mkfifo(gate)
    waits = f"if verb == 'issue':\n    open({str(gate)!r}).read()\n"
    with open(service.program) as file:
        text = file.read().replace("if verb == 'find':", waits + "if verb == 'find':")
    home.file('service/program', text.encode(), 0o700)
    first = subprocess.Popen([home.command, 'rotate', NAME], env=home.variables, stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    with open(gate, 'w'):  # opens when the program waits at the other end
        fails(home, 11, 'unavailable', 'rotate', NAME)
        fails(home, 11, 'unavailable', 'rotate', 'resume', NAME)
        assert phase(home) == 'issuing'
    said = b''.join(first.communicate(timeout=60))
    assert first.returncode == 0 and MARKER.encode() not in said, said
    assert home.value(NAME) == service.live[-1] and service.calls('issue') == 1


def test_a_provider_that_is_not_there(home):
    rotated_by(home)
    for word, code, kind in ((f'exec:{home.path}/none', 14, 'not_found'), (f'exec:{home.path}', 21, 'refused')):
        home.run('policy', NAME, '--provider', word)
        fails(home, code, kind, 'rotate', NAME)
    assert phase(home) == 'idle'


def test_a_provider_that_talks_nonsense(home):
    service = rotated_by(home).turn(describe='garbage')
    fails(home, 19, 'unreachable', 'rotate', NAME)
    assert phase(home) == 'idle' and service.calls('issue') == 0
    service.turn(describe=None, probe='garbage', issue='garbage')
    fails(home, 19, 'unreachable', 'rotate', NAME)
    assert phase(home) == 'uncertain'


def test_a_provider_that_tells_tokens(home):
    service = rotated_by(home, old='kept').turn(issue='tells', probe='tells', revoke='garbage')
    for _ in range(2):
        assert home.document('rotate', NAME)['owner'] is None
    home.run('probe', NAME)
    assert home.document('probe', NAME) == {'schema': 1, 'name': NAME, 'state': 'valid', 'id': None, 'owner': None,
                                            'expires': None, 'message': 'it is [redacted]'}
    home.run('rotate', 'resume', NAME, expect=19)
    # What is shown is searched for tokens wherever it is shown.
    for words in (('rotate', 'status'), ('rotate', 'status', NAME), ('show', NAME), ('history', NAME), ('status',),
                  ('doctor', '--names')):
        home.run(*words)
        home.document(*words)
    assert home.value(NAME) == service.live[-1] and service.calls('issue') == 2


run_all(tests_of(globals()))
