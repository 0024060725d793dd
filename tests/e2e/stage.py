"""Where the life of a token is played: a folder, the programs, and every secret that was seen on the way."""
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
for folder in ('support', 'cli', 'recipe', 'browser'):
    sys.path.insert(0, str(TESTS / folder))

from harness import Home, Skipped  # noqa: E402  the homes of the command's own tests
from org_token import is_token, secret_of  # noqa: E402

NAME = 'claimr/prod'
ACCOUNT = 'ops'


def until(reached, what, seconds=30):
    """Asks again until it has come about; its answer."""
    end = time.monotonic() + seconds
    while not (answer := reached()):
        assert time.monotonic() < end, f'within {seconds} s it did not come about that {what}'
        time.sleep(0.02)
    return answer


class Stage:
    def __init__(self, programs, folder, screenshots):
        self.programs, self.folder, self.screenshots = programs, Path(folder), screenshots
        self.folder.chmod(0o700)
        self.home = Home(str(programs.tokenvault))
        self.home.path = self.folder / 'home'
        self.home.path.mkdir()
        self.home.variables['HOME'] = str(self.home.path)
        self.secrets, self.skipped = {}, []
        self.service = self.browser = self.loop = None
        self.no_browser = 'no browser was asked for yet'

    def saw(self, token):
        """Remembers its secret for the searches, and gives it back."""
        assert is_token(token), 'what was given out is no token'
        self.secrets[token] = secret_of(token)
        return token

    def skip(self, what):
        """A part that cannot be done on this machine; the rest goes on."""
        self.skipped.append(what)
        print(f'         skipped: {what}', flush=True)

    def need_browser(self):
        if not self.browser:
            raise Skipped(self.no_browser)
        return self.browser

    def token(self, *words):
        """From the vault, as any client gets it."""
        return self.saw(self.home.run('get', NAME, *words).stdout.decode())

    def versions(self):
        return self.home.document('history', NAME)['versions']

    def rotation(self):
        return self.home.document('rotate', 'status', NAME)

    def picture(self, name):
        if self.browser and self.screenshots:
            self.browser.screenshot(self.screenshots / f'{name}.png')

    def install_recipes(self):
        """The command finds the program that runs recipes beside itself, as an installation has them."""
        if not self.programs.recipe.exists():
            return
        place = self.home.path / 'prefix/lib/bin'
        place.mkdir(parents=True)
        for library in self.programs.recipe.parents[2].glob('libtokenvault.so.?'):
            shutil.copy2(library, place.parents[1] / library.name)
        for program in (self.programs.tokenvault, self.programs.recipe):
            shutil.copy2(program, place / program.name)
        shutil.copytree(self.programs.recipe.parent / 'recipes', place / 'recipes',
                        ignore=lambda _, names: [name for name in names if not name.endswith('.json')])
        for path in [place / 'recipes', *(place / 'recipes').iterdir()]:
            path.chmod(0o755 if path.is_dir() else 0o644)
        self.home.command = str(place / 'tokenvault')

    def close(self):
        for part in (self.loop, self.browser, self.service):
            if part:
                part.close()


def new_folder(keep):
    if keep:
        os.makedirs(keep, mode=0o700)
        return keep, lambda: None
    folder = tempfile.mkdtemp(prefix='tokenvault-life-')
    return folder, lambda: shutil.rmtree(folder, ignore_errors=True)
