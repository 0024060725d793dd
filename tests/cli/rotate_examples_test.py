"""What an operator writes: a recipe that needs a second token, and a program like the worked example."""
import json
import os
import shutil
import sys
from pathlib import Path

from harness import MARKER, SKIP, run_all, tests_of

if not os.path.exists(sys.argv[3]):
    print('skipped: tokenvault-recipe was not built')
    sys.exit(SKIP)

from recipe_home import FIRST, NAME, fails, installed, line, phase, where

import http_fake

EXAMPLES, SERVICE = (Path(word) for word in sys.argv[5:7])
sys.path.insert(0, str(SERVICE))
from token_service import TokenService

ADMIN = f'{MARKER}-admin'
RECIPE = {'tvp': 1, 'name': 'own', 'issue': 'once', 'old': 'kept', 'base': '{set.url}',
          'issue_call': {'send': 'POST /tokens', 'headers': {'Authorization': 'Bearer {secret.admin}'},
                         'json': {'name': '{name}'}, 'done': [201], 'refused': [403], 'take': {'token': '/token', 'id': '/id'}},
          'probe': {'send': 'GET /me', 'headers': {'Authorization': 'Bearer {token}'}, 'valid': [200], 'invalid': [401],
                    'take': {'id': '/id'}},
          'revoke': {'send': 'DELETE /tokens/{id}', 'headers': {'Authorization': 'Bearer {secret.admin}'},
                     'done': [204, 404], 'refused': [403]}}


class Office(http_fake.Fake):
    """Makes and ends tokens for its administrator alone."""

    def __init__(self):
        super().__init__(Handler)
        self.tokens = {FIRST: '1'}
        self.admin = ADMIN
        self.made = 1


class Handler(http_fake.Handler):
    def respond(self, method, path, headers, body):
        tokens, bearer = self.server.tokens, headers['Authorization'].removeprefix('Bearer ')
        if (method, path) == ('GET', '/me'):
            return (200, {'id': tokens[bearer]}) if bearer in tokens else (401, {})
        if bearer != self.server.admin:
            return 403, {}
        if method == 'POST':
            self.server.made += 1
            number = str(self.server.made)
            tokens[f'{MARKER}-{number}'] = number
            return 201, {'token': f'{MARKER}-{number}', 'id': number}
        for token in [token for token, number in tokens.items() if path == f'/tokens/{number}']:
            del tokens[token]
        return 204, None


def with_recipe(home, office, recipe=RECIPE):
    installed(home).put('acme/admin', ADMIN)
    path = home.file('own.json', json.dumps(recipe).encode())
    home.run('policy', NAME, '--provider', f'recipe:{path}', '--set', f'url={office.url}', '--secret', 'admin=acme/admin')
    return path


def test_a_second_token_is_needed(home):
    with Office() as office:
        with_recipe(home, office)
        home.run('rotate', NAME)
        new = home.value(NAME)
        assert office.tokens == {FIRST: '1', new: '2'} and phase(home) == 'done'
        home.run('rotate', 'retire', NAME, '--theirs')
        # No rotation made the first, so its number is asked for.
        assert list(office.tokens) == [new] and where(home)['obligations'] == [], len(office.tokens)
        home.run('rotate', NAME)
        home.run('rotate', 'resume', NAME)
        # What a rotation made is ended by its number.
        assert list(office.tokens) == [home.value(NAME)] != [new]


def test_an_end_that_is_refused_for_ever(home):
    with Office() as office:
        with_recipe(home, office)
        home.run('rotate', NAME)
        office.admin = f'{MARKER}-other'
        home.run('rotate', 'retire', NAME, '--theirs', expect=19)
        assert f'`tokenvault rotate waive {NAME} --version 1`' in line(home)
        home.run('rotate', 'waive', NAME, '--version', '1')
        assert phase(home) == 'done' and 'next: nothing' in line(home)


def test_a_second_token_that_is_not_there(home):
    with Office() as office:
        with_recipe(home, office)
        home.run('rm', 'acme/admin')
        message = fails(home, 14, 'not_found', 'rotate', NAME)
        assert 'acme/admin' in message and NAME in message, message
        assert phase(home) == 'idle' and office.log == []
        home.run('undelete', 'acme/admin')
        home.run('rotate', NAME)
        assert FIRST != home.value(NAME) in office.tokens


def test_a_second_token_that_vanishes_in_the_middle(home):
    with Office() as office:
        with_recipe(home, office)
        home.run('rotate', 'start', NAME)
        home.run('rotate', 'stage', NAME)
        home.run('rm', 'acme/admin')
        fails(home, 14, 'not_found', 'rotate', 'resume', NAME)
        home.run('rotate', 'status', NAME)
        home.run('rotate', 'abort', NAME)
        assert home.value(NAME) == FIRST and where(home)['obligations'][0]['version'] == 2
        home.run('rotate', 'waive', NAME, '--version', '2')


def test_a_second_token_that_is_refused(home):
    with Office() as office:
        with_recipe(home, office)
        office.admin = f'{MARKER}-other'
        message = fails(home, 19, 'unreachable', 'rotate', NAME)
        assert '403' in message and phase(home) == 'intent', message
        assert f'`tokenvault rotate resume {NAME}`' in line(home)
        home.put('acme/admin', f'{MARKER}-other')
        home.run('rotate', 'resume', NAME)
        assert home.value(NAME) in office.tokens and home.value(NAME) != FIRST


def test_a_recipe_that_breaks_in_the_middle(home):
    with Office() as office:
        path = with_recipe(home, office)
        home.run('rotate', 'start', NAME)
        Path(path).write_text('{"tvp": 1, "nmae": "own"}')
        for words in (('rotate', NAME), ('rotate', 'resume', NAME), ('probe', NAME)):
            message = fails(home, 19, 'unreachable', *words)
            assert 'nmae' in message, message
        os.unlink(path)
        message = fails(home, 19, 'unreachable', 'rotate', NAME)
        assert 'own.json' in message and office.log == [], message
        home.run('rotate', 'abort', NAME)
        assert phase(home) == 'aborted'


class Marked(TokenService):
    def make(self, rotation=None):
        token = super().make(rotation)
        token['token'] = f'{MARKER}-{self.made}'
        return token


def test_the_worked_example(home):
    service = Marked()
    first = service.make()['token']
    home.init().put(NAME, first)
    program = home.path / 'provider.py'
    shutil.copyfile(EXAMPLES / 'provider.py', program)
    program.chmod(0o700)
    home.run('policy', NAME, '--provider', f'exec:{program}', '--set', f'url={service.url}', '--grace', '1h')
    assert home.run('probe', NAME).stdout == b'valid\n'
    # The answer is lost once: what it made is found by the rotation's id, ended, and another is asked for.
    service.fault = 'lost'
    home.run('rotate', NAME, expect=19)
    service.fault = None
    home.run('rotate', 'resume', NAME)
    new = home.value(NAME)
    alive = [token['token'] for token in service.tokens.values()]
    assert alive == [first, new] and phase(home) == 'promoted', len(alive)
    assert home.document('show', NAME)['expires'] is not None
    home.run('rotate', 'retire', NAME, '--theirs')
    assert [token['token'] for token in service.tokens.values()] == [new] and where(home)['obligations'] == []
    home.failure(18, 'rejected', 'probe', NAME, '--version', '1')
    service.fault = 'busy'
    home.run('rotate', NAME, expect=19)
    service.close()


run_all(tests_of(globals()))
