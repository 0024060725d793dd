"""orgapi in a temporary folder and a browser before it, as the tests of its pages share them."""
import os
import re
import secrets
import signal
import sys
import tempfile
import traceback
import urllib.error
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / 'support'))
import org_token  # noqa: E402
import orgapi_process  # noqa: E402
from browser import Browser, Unavailable  # noqa: E402
from cases import SKIP, tests_of  # noqa: E402,F401

TOKEN = re.compile(r'org_[0-9A-Za-z]{61}')
# A vector of docs/issuer.md: what a picture may show.
EXAMPLE = 'org_00000000000000000000000000000000000000000000000000000004BOQ1z'


class Served:
    def __init__(self, program):
        self.folder = tempfile.TemporaryDirectory(prefix='tokenvault-orgapi-')
        self.home, self.log = Path(self.folder.name, 'orgapi'), Path(self.folder.name, 'log')
        self.password = secrets.token_urlsafe(18)
        orgapi_process.init(program, self.home, self.password, '--org', 'acme')
        self.process, port = orgapi_process.serve([program, 'serve', str(self.home)], self.log, start_new_session=True)
        self.url = f'http://127.0.0.1:{port}'

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(30)
        self.process.stdout.close()

    def close(self):
        self.stop()
        self.folder.cleanup()

    def status(self, token, path='/api/v1/token'):
        request = urllib.request.Request(self.url + path, headers={'Authorization': f'Bearer {token}'})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status
        except urllib.error.HTTPError as refused:
            refused.close()
            return refused.code


def is_token(text):
    """By the rule and the checksum, computed by somebody else than the issuer."""
    return bool(TOKEN.fullmatch(text)) and org_token.is_token(text)


def identifier(token):
    return token[4:16]


def begin(browser, served):
    """The admin page, logged in."""
    browser.do('forget_session')
    browser.open(served.url + '/admin')
    browser.log_in(served.password)


def run_all(tests):
    """`TEST PROGRAM FOLDER`: each test gets the one browser, the one service, and the folder for pictures."""
    program, folder = os.path.abspath(sys.argv[1]), Path(sys.argv[2])
    if not os.path.exists(program):
        print('skipped: orgapi is not built')
        sys.exit(SKIP)
    pictures = folder / 'screenshots'
    pictures.mkdir(parents=True, exist_ok=True)
    served, failed = Served(program), 0
    try:
        with Browser(folder / 'driver') as browser:
            for test in tests:
                try:
                    test(browser, served, pictures)
                    print(f'ok      {test.__name__}')
                except Unavailable:
                    raise
                except Exception:
                    failed += 1
                    print(f'FAILED  {test.__name__}')
                    print(TOKEN.sub('<token>', traceback.format_exc()))
    except Unavailable as reason:
        print(f'skipped: {reason}')
        sys.exit(SKIP)
    finally:
        served.close()
    sys.exit(1 if failed else 0)
