"""A recipe is run by the program tokenvault-recipe beside the command, which is told which one."""
import os
import shutil

from harness import Skipped, run_all, tests_of
from provider_program import FIRST, Service, rotated_by

NAME = 'a/b'


def moved(home):
    """The command in a folder of its own, with nothing beside it."""
    place = home.path / 'bin' / 'tokenvault'
    place.parent.mkdir()
    try:
        os.link(home.command, place)
    except OSError:
        shutil.copy2(home.command, place)
    home.command = str(place)
    return home


def beside(home):
    """The service's program under the name of the one that runs recipes."""
    service = Service(home, 'bin')
    service.program = str(home.path / 'bin' / 'tokenvault-recipe')
    os.rename(home.path / 'bin' / 'program', service.program)
    return service


def test_beside_the_command(home):
    rotated_by(moved(home))
    service = beside(home)
    for word in ('orgapi', '/etc/recipes/own.json'):
        home.run('policy', NAME, '--provider', f'recipe:{word}', '--set', 'url=https://a.example')
        home.run('probe', NAME, expect=None)
        request = service.read()['calls'][-1][3]
        assert request['settings'] == {'recipe': word, 'url': 'https://a.example'}, request
    home.run('rotate', NAME)
    assert home.value(NAME) == service.live[-1] != FIRST and service.calls('issue') == 1
    assert all(call[3]['settings'].get('recipe') for call in service.read()['calls'] if call[0] != 'describe')


def test_not_there(home):
    if any(os.path.exists(f'{folder}/tokenvault-recipe') for folder in ('/usr/bin', '/usr/local/bin', '/usr/local/libexec')):
        raise Skipped('tokenvault-recipe is installed')
    rotated_by(moved(home))
    home.run('policy', NAME, '--provider', 'recipe:orgapi')
    failure = home.failure(22, 'unsupported', 'rotate', NAME)
    assert 'tokenvault-recipe' in failure['message'], failure
    assert home.document('rotate', 'status', NAME)['phase'] == 'idle'


run_all(tests_of(globals()))
