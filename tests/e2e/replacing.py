"""Steps 9 to 11: the token is replaced under the clients' feet, by a recipe and by a program."""
import re

from curl import curl, reason
from org_token import secret_of
from stage import NAME, Skipped, until

OVERLAP = 5


def set_provider(stage, word, url):
    stage.home.run('policy', NAME, '--provider', word, '--set', f'url={url}', '--grace', f'{OVERLAP}s')


def id_of(token):
    return token[:-49].partition('_')[2]


def rotate(stage):
    """With both tokens as they then are: the old one, good until the overlap ends, and the new one."""
    old, before = stage.token(), len(stage.versions())
    stage.home.run('rotate', NAME)
    new = stage.token()
    assert new != old and len(stage.versions()) == before + 1, stage.versions()
    status, headers, _ = stage.service.balance(old)
    assert status == 200, f'the old token is answered {status} within its overlap'
    assert re.fullmatch(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ', headers['Token-Expires'] or ''), headers['Token-Expires']
    assert stage.service.balance(new)[0] == 200
    stage.loop.wait_for(3)
    return old, new


def expired(stage, old):
    until(lambda: stage.service.balance(old)[0] == 401, 'the old token ends', OVERLAP + 20)
    assert reason(curl(stage, '/api/v1/token', token=old)) == (401, 'expired')


def by_recipe(stage):
    if not stage.programs.recipe.exists():
        raise Skipped('tokenvault-recipe was not built')
    set_provider(stage, 'recipe:orgapi', stage.service.url)
    assert stage.home.run('probe', NAME).stdout == b'valid\n'
    stage.old, stage.new = rotate(stage)
    assert stage.rotation()['owner'] == 'acme', stage.rotation()


def old_ends(stage):
    if not hasattr(stage, 'old'):
        raise Skipped('step 9 was')
    expired(stage, stage.old)
    assert stage.service.balance(stage.new)[0] == 200
    row = stage.service.rows()[id_of(stage.old)]
    assert row['state'] == 'expired' and row['refused'] and row['successor'] == id_of(stage.new), row
    if stage.browser:
        stage.browser.open(stage.service.url + '/admin')
        row = stage.browser.row(id_of(stage.old))
        assert 'expired' in row['state'] and 'someone still uses this' in row['state'], row
        stage.picture('7-still-used')


RECORDER = '''#!/bin/sh
{ tr '\\0' '\\n' < /proc/$$/cmdline; tr '\\0' '\\n' < /proc/$$/environ; } >> '%s'
exec '%s' "$@"
'''


def by_program(stage):
    program = stage.home.file('provider/orgapi-provider', stage.programs.provider.read_bytes(), 0o700)
    record = stage.folder / 'started'
    recorder = stage.home.file('provider/recorder', (RECORDER % (record, program)).encode(), 0o700)
    set_provider(stage, f'exec:{recorder}', stage.service.url)
    assert stage.home.run('probe', NAME).stdout == b'valid\n'
    old, new = rotate(stage)
    started = record.read_text(encoding='utf-8')
    assert 'TVP=1' in started and '\nissue\n' in started and stage.arguments.clean()
    assert not any(secret_of(token) in started for token in (old, new)), 'the program was started with a token'
    expired(stage, old)


STEPS = [
    (9, 'the recipe replaces the token; for the overlap both are good', by_recipe),
    (10, 'then the old one has expired, and the page says that someone still uses it', old_ends),
    (11, 'a program replaces it, and neither its arguments nor its environment has a token', by_program),
]
