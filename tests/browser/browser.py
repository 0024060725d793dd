"""A Chromium that a test drives: one node process, told by lines of JSON, so that no token is in an argument."""
import fcntl
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROGRAMS = ('chromium-headless-shell', 'chromium')
OLDEST_NODE = 18


class Unavailable(Exception):
    """This machine has no browser, or nothing to drive one; the text says what, on one line."""


class Failed(AssertionError):
    """The page was not as a person would have expected it."""


def install(folder):
    """playwright-core by the lock file in `folder`, which is the build's; once, whoever else comes at the same time."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / '.lock', 'w', encoding='utf-8') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = (HERE / 'package-lock.json').read_bytes()
        mark = folder / 'installed'
        if not mark.exists() or mark.read_bytes() != wanted:
            for name in ('package.json', 'package-lock.json'):
                shutil.copyfile(HERE / name, folder / name)
            run_npm(folder)
            mark.write_bytes(wanted)
        # Beside what it imports.
        shutil.copyfile(HERE / 'browser.mjs', folder / 'browser.new')
        os.replace(folder / 'browser.new', folder / 'browser.mjs')
    return folder / 'browser.mjs'


def run_npm(folder):
    npm = shutil.which('npm')
    if not npm:
        raise Unavailable('npm is not installed, and playwright-core comes by it')
    try:
        told = subprocess.run([npm, 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--no-update-notifier',
                               '--prefer-offline', '--fetch-retries=1'],
                              cwd=folder, capture_output=True, timeout=180, check=False)
    except subprocess.TimeoutExpired:
        raise Unavailable('npm had no answer for playwright-core in 180 s') from None
    if told.returncode:
        raise Unavailable(f'npm could not install playwright-core (it ended with {told.returncode})')


def programs():
    node = shutil.which('node')
    if not node:
        raise Unavailable('node is not installed')
    version = subprocess.run([node, '--version'], capture_output=True, text=True, check=True).stdout.strip()
    if int(version.removeprefix('v').split('.')[0]) < OLDEST_NODE:
        raise Unavailable(f'node {version} is older than {OLDEST_NODE}')
    chromium = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if not chromium:
        raise Unavailable(f'none of {" and ".join(PROGRAMS)} is installed')
    return node, chromium


class Browser:
    """`with Browser(FOLDER) as browser:` FOLDER keeps playwright-core and belongs to the build."""

    def __init__(self, folder):
        node, chromium = programs()
        driver = install(folder)
        self.profile = tempfile.TemporaryDirectory(prefix='tokenvault-browser-', ignore_cleanup_errors=True)
        variables = {'PATH': os.environ.get('PATH', '/usr/bin:/bin'), 'HOME': self.profile.name, 'LC_ALL': 'C.UTF-8',
                     'TZ': 'UTC'}
        # Its complaints may quote what was typed.
        self.process = subprocess.Popen([node, str(driver), chromium, f'{self.profile.name}/profile'], env=variables,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                        text=True, start_new_session=True)
        if not self.process.stdout.readline():
            self.close()
            raise Unavailable(f'{Path(chromium).name} did not start')

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        try:
            self.process.communicate(timeout=30)
        except (subprocess.TimeoutExpired, BrokenPipeError):
            self.process.kill()
            self.process.wait()
        self.profile.cleanup()

    def do(self, act, **given):
        try:
            self.process.stdin.write(json.dumps({'do': act, **given}) + '\n')
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ''
        if not line:
            raise Failed(f'the browser ended during {act}')
        answer = json.loads(line)
        if 'error' in answer:
            raise Failed(f'{act}: {answer["error"]}')
        return answer['is']

    def open(self, url):
        """Its status. The origin of the first one is ours: what goes elsewhere is in problems()."""
        return self.do('open', url=url)

    def log_in(self, password):
        self.do('log_in', password=password)

    def generate(self, name, scopes=('points:read', 'token:rotate'), days=None):
        """What the pop-up did: token, clipboard, escape_kept, focus, text, line, left_in_page; it is closed."""
        return self.do('generate', name=name, scopes=list(scopes), days=days)

    def rows(self):
        """The table after a refresh: id, label, token, scopes, created, expires, last_used, state, buttons."""
        return self.do('rows')

    def row(self, name_or_id):
        return next(row for row in self.rows() if name_or_id in (row['id'], row['label']))

    def rotate(self, token_id, overlap=3600):
        """As generate(); `overlap` is one of the choices: 0, 300, 3600, 86400, 604800 seconds."""
        return self.do('rotate', id=token_id, overlap=overlap)

    def revoke(self, token_id, lineage=False):
        """What the confirmation said."""
        return self.do('revoke', id=token_id, lineage=lineage)

    def swagger_execute(self, path, method='get', body=None, **parameters):
        """status, and text as the page shows the answer."""
        return self.do('swagger_execute', path=path, method=method, parameters=parameters, body=body)

    def swagger_authorize(self, token):
        self.do('swagger_authorize', token=token)

    def storage(self):
        """local, session, cookie, databases, history, url, title: where a page could leave a token."""
        return self.do('storage')

    def screenshot(self, file, full=True):
        self.do('screenshot', file=str(file), full=full)

    def problems(self):
        """csp (violations), foreign (origins asked), errors (on the console): lists since the start."""
        return self.do('problems')

    def reload(self):
        self.do('reload')

    def back(self):
        self.do('back')

    def emulate(self, dark=False, width=1280, height=800):
        self.do('emulate', dark=dark, width=width, height=height)

    def press(self, *keys):
        self.do('press', keys=list(keys))

    def type(self, text):
        self.do('type', text=text)

    def click(self, selector):
        self.do('click', selector=selector)

    def wait(self, selector, state='visible'):
        self.do('wait', selector=selector, state=state)

    def until(self, script):
        self.do('until', script=script)

    def text(self, selector):
        return self.do('text', selector=selector)

    def evaluate(self, script):
        return self.do('evaluate', script=script)
