"""The example of an endpoint of one's own: 401 without a token, 200 with one, 401 again once it is revoked."""
import http.client
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'cli'))
from harness import KEY_A, run_all, tests_of  # noqa: E402
from org_token import damaged, is_token, secret_of  # noqa: E402

PROGRAM = sys.argv[2]


class Endpoint:
    def __init__(self, home):
        self.words = [PROGRAM, str(home.vault), str(home.path / 'a.key'), str(home.path / 'issued.db')]
        self.variables = home.variables

    def run(self, *words):
        return subprocess.run([*self.words, *words], env=self.variables, capture_output=True, check=False, timeout=60)

    def __enter__(self):
        self.process = subprocess.Popen([*self.words, 'serve'], env=self.variables, stdout=subprocess.PIPE)
        self.address = self.process.stdout.readline().decode().split('/')[2]
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.stdout.close()
        assert self.process.wait(30) == 0

    def ask(self, *fields):
        connection = http.client.HTTPConnection(self.address, timeout=20)
        connection.putrequest('GET', '/hello')
        for field in fields:
            connection.putheader('Authorization', field)
        connection.endheaders()
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, answer.headers['WWW-Authenticate'], text


def test_the_example(home):
    home.init()
    key = home.file('hash.key', KEY_A[::-1])
    home.run('put', 'api/hash-key', '--binary', '--from-file', key)
    endpoint = Endpoint(home)
    made = endpoint.run('issue')
    token = made.stdout.decode()
    assert is_token(token) and made.returncode == 0 and not made.stderr
    with endpoint:
        status, challenge, text = endpoint.ask()
        assert (status, challenge) == (401, 'Bearer realm="example"') and '/problems#missing' in text, text
        assert endpoint.ask(f'Bearer {token}')[::2] == (200, 'hello ci of acme\n')
        for fields, status in (([f'Bearer {damaged(token)}'], 401), ([f'Bearer {token}'] * 2, 400)):
            answer = endpoint.ask(*fields)
            assert answer[0] == status and secret_of(token) not in str(answer), status
        assert endpoint.run('revoke', token[4:16]).returncode == 0
        status, challenge, text = endpoint.ask(f'Bearer {token}')
        assert status == 401 and 'This token was revoked.' in challenge and '/problems#revoked' in text, text
    assert endpoint.run('revoke', 'x' * 12).returncode == 1


run_all(tests_of(globals()))
