"""Tokens of our own form: a damaged one is caught before it is stored, and none is quoted in a message. Those of
others stay what they are, any bytes."""
import json

from harness import MARKER, Home, run_all, tests_of
from org_token import damaged, is_token, made, secret_of, shown, with_secret
from provider_program import rotated_by
from terminal import Terminal

GOOD = made()
BAD = damaged(GOOD)
# The last two have the shape but for one character.
FOREIGN = ('ghp_' + 'a' * 36, 'x' * 66, GOOD[:-1], GOOD + 'a', GOOD.upper(), 'sha_' + '0' * 64, 'o-g_' + 'a' * 60)


def test_the_oracle(home):
    known = 'claimr_7Hq2LmX0tRbEJc5vW1nYkQ8sGd3ZpUa9oIxMfTh4eNl6yCrB0wKjSVt1FnOj7'
    assert is_token(known) and is_token(with_secret(known, 'a' * 43)) and is_token(GOOD)
    assert not is_token(damaged(known)) and not is_token(known[:-1]) and shown(known) == 'claimr_7Hq2LmX0tRbE\u2026'


def test_put(home):
    home.init()
    message = home.failure(21, 'refused', 'put', 'a/b', '--stdin', stdin=BAD.encode() + b'\n')['message']
    assert 'the checksum does not fit' in message and '--binary' in message and secret_of(BAD) not in message, message
    home.failure(14, 'not_found', 'get', 'a/b')
    home.run('put', 'a/b', '--stdin', '--binary', stdin=BAD.encode())
    assert home.run('get', 'a/b').stdout == BAD.encode()
    for value in (GOOD, *FOREIGN):
        home.run('put', 'a/b', '--stdin', stdin=value.encode())
        assert home.run('get', 'a/b').stdout == value.encode()


def test_at_a_terminal(home):
    home.init()
    seen = Terminal(home, 'put', 'a/b').expect(b'(hidden): ').type(BAD.encode() + b'\r').ended(21)
    assert b'copy it again' in seen and secret_of(BAD).encode() not in seen, seen


def test_import_names_the_line(home):
    home.init()
    for form, text in (('tsv', f'a\t{GOOD}\nb\t{BAD}\n'), ('dotenv', f'A={GOOD}\nB={BAD}\n'),
                       ('json', json.dumps({'tokens': [{'name': 'a', 'value': GOOD}]})[:-2]
                        + ',\n' + json.dumps({'name': 'b', 'value': BAD}) + ']}')):
        message = home.failure(21, 'refused', 'import', '--format', form, '--stdin', stdin=text.encode())['message']
        assert 'line 2' in message and 'checksum' in message and secret_of(BAD) not in message, (form, message)
        assert home.run('list').stdout == b''
        home.run('import', '--format', form, '--stdin', '--binary', stdin=text.encode())
        assert len(home.run('list').stdout.split()) == 2
        home = Home(home.command).init()


def test_a_rotation_seals_it_first(home):
    home.init().put('a/b', f'{MARKER}-old')
    home.run('policy', 'a/b', '--provider', 'human')
    for words in (('rotate', 'stage', 'a/b'), ('rotate', 'a/b', '--unverified')):
        message = home.failure(21, 'refused', *words, '--stdin', stdin=BAD.encode())['message']
        assert 'checksum' in message and 'sealed' in message and 'rotate abort a/b' in message, message
        assert home.value('a/b') == f'{MARKER}-old'
        home.run('rotate', 'abort', 'a/b')
    home.run('rotate', 'a/b', '--unverified', '--stdin', stdin=GOOD.encode())
    assert home.run('get', 'a/b').stdout == GOOD.encode()


def test_what_a_provider_says_of_any_token(home):
    """One that it was never given, so that it cannot be known by its value."""
    for said in (GOOD, BAD):
        each = Home(home.command)
        service = rotated_by(each, issue='once', old='kept')
        with open(service.program) as file:
            text = file.read()
        for old, new in (("message='asked the service'", f"message='not {said}, this one'"),
                         ("'message': 'not today'", f"'message': 'not {said}'")):
            assert old in text
            text = text.replace(old, new)
        each.file('service/program', text.encode(), 0o700)
        probed = each.document('probe', 'a/b')
        assert probed['message'] == f'not {shown(said)}, this one', probed
        service.turn(issue='refuse')
        message = each.failure(19, 'unreachable', 'rotate', 'a/b')['message']
        assert f'not {shown(said)}' in message and secret_of(said) not in message, message
        assert shown(said) in each.document('rotate', 'status', 'a/b')['note']


def test_a_token_in_the_place_of_a_name(home):
    home.init()
    for words in (('get', GOOD), ('show', BAD), ('rotate', GOOD)):
        message = home.failure(14, 'not_found', *words)['message']
        assert secret_of(words[1]) not in message and shown(words[1]) in message, message
        assert secret_of(words[1]).encode() not in home.run(*words, expect=14).stderr


run_all(tests_of(globals()))
