"""The command with the real tokenvault-recipe beside it, as an installation has them, and a provider to talk to."""
import shutil
import sys
from pathlib import Path

from harness import MARKER

RECIPE_PROGRAM, FAKES = (Path(word) for word in sys.argv[3:5])
sys.path.insert(0, str(FAKES))

NAME = 'acme/claimr'
FIRST = f'{MARKER}-first'


def installed(home, name=NAME, value=FIRST):
    """A vault with one token, and the programs in a folder of the home."""
    place = home.path / 'prefix' / 'lib' / 'bin'
    place.mkdir(parents=True)
    # Where the programs look for a shared library as they were built: a provider's environment names no place for it.
    for library in RECIPE_PROGRAM.parents[2].glob('libtokenvault.so.?'):
        shutil.copy2(library, place.parents[1] / library.name)
    for program in (Path(home.command), RECIPE_PROGRAM):
        shutil.copy2(program, place / program.name)
    (place / 'recipes').mkdir(mode=0o755)
    for recipe in (RECIPE_PROGRAM.parent / 'recipes').glob('*.json'):
        shutil.copy2(recipe, place / 'recipes' / recipe.name)
        (place / 'recipes' / recipe.name).chmod(0o644)
    home.command = str(place / 'tokenvault')
    return with_token(home.init(), name, value)


def with_token(home, name=NAME, value=FIRST):
    home.put(name, value)
    return home


def issued_by(home, provider, recipe, *words, name=NAME, path=''):
    home.run('policy', name, '--provider', f'recipe:{recipe}', '--set', f'url={provider.url}{path}', *words)
    return home


def where(home, name=NAME):
    return home.document('rotate', 'status', name)


def phase(home, name=NAME):
    return where(home, name)['phase']


def line(home, name=NAME):
    """What an operator is shown: one line."""
    text = home.run('rotate', 'status', name).stdout.decode()
    assert text.endswith('\n') and text.count('\n') == 1, text
    return text


def fails(home, code, kind, *words, **more):
    """Ends so, in one line, and what is served stays as it was."""
    before = home.value(NAME)
    message = home.failure(code, kind, *words, **more)['message']
    assert home.value(NAME) == before and '\n' not in message, message
    return message


def asked(provider, method):
    return [entry for entry in provider.log if entry[0] == method]
