"""What the provider says of a token: valid, invalid or unknown, each with its exit code; nothing changes."""
import os

from harness import MARKER, run_all, tests_of
from provider_program import FIRST, rotated_by

NAME = 'a/b'


def probed(home, code, *words):
    result = home.run('probe', NAME, *words, expect=code)
    return result.stdout.decode()


def test_valid_invalid_unknown(home):
    service = rotated_by(home)
    assert probed(home, 0) == 'valid\n'
    for knob, code, kind in (('invalid', 18, 'rejected'), ('unknown', 19, 'unreachable')):
        service.turn(probe=knob)
        assert probed(home, code) == knob + '\n'
        home.failure(code, kind, 'probe', NAME)
    assert service.calls('issue') == service.calls('revoke') == 0 and service.calls('probe') == 5


def test_what_is_no_answer_is_unknown(home):
    service = rotated_by(home)
    for knob in ('refuse', 'doubt', 'garbage'):
        service.turn(probe=knob)
        home.failure(19, 'unreachable', 'probe', NAME)
    assert service.calls('probe') == 3


def test_of_a_version(home):
    service = rotated_by(home)
    home.put(NAME, f'{MARKER}-other')
    assert (probed(home, 18), probed(home, 0, '--previous'), probed(home, 0, '--version', '1')) == (
        'invalid\n', 'valid\n', 'valid\n')
    before = service.calls('probe')
    home.failure(14, 'not_found', 'probe', NAME, '--version', '7')
    home.failure(14, 'not_found', 'probe', 'a/c')
    assert service.calls('probe') == before == 3


def test_the_document(home):
    rotated_by(home)
    assert home.document('probe', NAME) == {
        'schema': 1, 'name': NAME, 'state': 'valid', 'id': 'id-of-it', 'owner': 'acme', 'expires': None,
        'message': 'asked the service'}


def test_an_expired_token_is_asked_about(home):
    rotated_by(home)
    home.run('put', NAME, '--stdin', '--expires', '2001-01-01', stdin=FIRST.encode())
    assert probed(home, 0) == 'valid\n'


def test_without_a_provider(home):
    home.init().put(NAME)
    home.failure(21, 'refused', 'probe', NAME)
    home.run('policy', NAME, '--provider', 'human')
    assert probed(home, 19) == 'unknown\n'


def test_a_program_that_is_not_there(home):
    rotated_by(home)
    home.run('policy', NAME, '--provider', f'exec:{home.path}/none')
    home.failure(14, 'not_found', 'probe', NAME)


def test_nothing_changes(home):
    service = rotated_by(home)
    before = home.document('status')['generation']
    for knob in ('invalid', 'unknown', None):
        service.turn(probe=knob)
        home.run('probe', NAME, expect=None)
    assert home.document('status')['generation'] == before and home.value(NAME) == FIRST


def test_a_program_that_others_can_write(home):
    service = rotated_by(home)
    os.chmod(service.program, 0o777)
    home.failure(21, 'refused', 'probe', NAME)
    assert service.calls('probe') == 0


run_all(tests_of(globals()))
