"""orgapi as a process of its own, and its administrator, who speaks HTTP where there is no browser."""
import http.client
import json
import secrets
import signal
import sys
from pathlib import Path

from stage import until

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / 'support'))
import orgapi_process  # noqa: E402


class Service:
    def __init__(self, program, folder, log, variables):
        self.program, self.folder, self.log, self.variables = program, folder, log, variables
        self.password = secrets.token_urlsafe(18)
        self.process = self.cookie = None
        self.port = 0

    def init(self):
        orgapi_process.init(self.program, self.folder, self.password, env=self.variables)
        return self

    def command(self):
        return [self.program, 'serve', str(self.folder), '--port', str(self.port)]

    def start(self, *before):
        """`before`: what the command is to be run by. A port that was given once is kept."""
        self.process, self.port = orgapi_process.serve([*before, *self.command()], self.log, env=self.variables,
                                                       start_new_session=True)
        self.cookie = None
        return self

    @property
    def url(self):
        return f'http://127.0.0.1:{self.port}'

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        code = self.process.wait(30)
        self.process.stdout.close()
        assert code == (0 if number == signal.SIGTERM else -number), f'it ended with {code}'

    def close(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if self.process:
            self.process.stdout.close()

    def ask(self, method, path, body=None, headers=None):
        """Status, headers, and the JSON or text of the answer."""
        connection = http.client.HTTPConnection('127.0.0.1', self.port, timeout=30)
        given = {'Origin': self.url, **({'Cookie': self.cookie} if self.cookie else {}), **(headers or {})}
        if body is not None:
            given['Content-Type'] = 'application/json'
        try:
            connection.request(method, path, None if body is None else json.dumps(body), given)
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        is_json = 'json' in answer.headers.get('Content-Type', '')
        return answer.status, answer.headers, json.loads(text) if is_json else text.decode(errors='replace')

    def log_in(self):
        status, headers, _ = self.ask('POST', '/admin/session', {'password': self.password})
        assert status == 204, f'the administrator is answered {status}'
        self.cookie = headers['Set-Cookie'].split(';')[0]

    def admin(self, method, path, body=None):
        if not self.cookie:
            self.log_in()
        status, _, answer = self.ask(method, path, body)
        assert status < 300, f'{method} {path}: {status} {answer}'
        return answer

    def rows(self):
        return {row['id']: row for row in self.admin('GET', '/admin/tokens')['tokens']}

    def balance(self, token, account='ops'):
        """As a client asks: status, headers, answer."""
        return self.ask('GET', f'/api/v1/user/balance?account={account}', headers={'Authorization': f'Bearer {token}'})

    def living(self, lineage):
        return [row for row in self.rows().values() if row['lineage'] == lineage and row['state'] in ('active', 'pending')]

    def only_living(self, lineage):
        """The one token of its family that is alive when every overlap has ended."""
        def one():
            living = self.living(lineage)
            return living[0] if len(living) == 1 else None
        return until(one, f'one token of {lineage} alone is alive')
