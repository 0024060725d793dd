"""A client as an embedder would write one in a minute: the token from the vault, a call, twenty times a second."""
import collections
import http.client
import subprocess
import threading

from stage import NAME, until

PAUSE = 0.05


class ClientLoop:
    """Runs until it is closed, or until an answer says that its token is no good any more."""

    def __init__(self, stage):
        self.stage, self.port = stage, stage.service.port
        self.answers, self.unanswered = collections.Counter(), 0
        self.may_miss = False  # once the service itself was killed
        self.refused, self.fault = None, None
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()
        self.wait_for(1)

    def run(self):
        try:
            while not self.refused and not self.ended.wait(PAUSE):
                self.turn()
        except Exception as fault:  # it is told where the loop is asked for its answers
            self.fault = fault

    def turn(self):
        home = self.stage.home
        done = subprocess.run([home.command, 'get', NAME], env=home.variables, stdin=subprocess.DEVNULL,
                              capture_output=True, check=False, timeout=60)
        assert done.returncode == 0, f'get ended {done.returncode}: {done.stderr}'
        status, text = self.ask(done.stdout.decode())
        if status is None:
            self.unanswered += 1
            return
        self.answers[status] += 1
        if status == 401:
            self.report(done.stdout)
            self.refused = text.partition('/problems#')[2].partition('"')[0]

    def ask(self, token):
        connection = http.client.HTTPConnection('127.0.0.1', self.port, timeout=20)
        try:
            connection.request('GET', '/api/v1/user/balance?account=ops', headers={'Authorization': f'Bearer {token}'})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except (OSError, http.client.HTTPException):
            return None, ''
        finally:
            connection.close()

    def report(self, token):
        """Tells the vault which value was refused, as git and docker do by the same helper."""
        home = self.stage.home
        request = b'protocol=https\nhost=api.example\npassword=' + token + b'\n\n'
        subprocess.run([home.command, 'helper', 'git', '--name', NAME, 'erase'], input=request, env=home.variables,
                       capture_output=True, check=True, timeout=60)

    def wait_for(self, more):
        """That many further good answers: what was changed before has been met by then."""
        goal = self.answers[200] + more
        until(lambda: self.fault or self.refused or self.answers[200] >= goal, 'the client loop goes on')
        self.check()

    def check(self):
        if self.fault:
            raise self.fault
        assert not self.refused and set(self.answers) == {200}, f'the clients were answered {dict(self.answers)}'
        assert self.may_miss or not self.unanswered, f'{self.unanswered} requests had no answer'

    def close(self):
        self.ended.set()
        self.thread.join(60)
