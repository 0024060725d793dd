"""Many client processes at work on one store or vault while a test makes things fail, and what is asked of them."""
import itertools
import os
import re
import signal
import subprocess
import tempfile
import threading
import time

from history import Threads
from linear import Register, Token, fault_in, faults_in
from patience import PATIENCE, until

COUNT = 5000  # operations of one client, in no less than fifty seconds
KEPT = 100  # versions of a token


class Client:
    def __init__(self, command, name, environment):
        self.name, self.mode, self.told, self.ended = name, command[1], Threads(), False
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors,
                                        env=environment)
        self.may_die = 'CLIENT_DIES' in environment
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            self.told.take(line.decode().rstrip('\n'))

    def answered(self):
        return sum(operation.end is not None for operation in self.told.operations)

    def longest(self, begun):
        """ns of its longest call that was made since."""
        each = [*self.told.operations, *self.told.failures]
        return max((one.end - one.call for one in each if one.end and one.call > begun - 1e9), default=0)

    def running(self):
        return self.process.poll() is None

    def send(self, number):
        self.process.send_signal(number)

    def pause(self):
        self.send(signal.SIGSTOP)

    def go_on(self):
        self.send(signal.SIGCONT)

    def end(self):
        """Lets it finish what it is at. One that waits to be told of a change is told to stop."""
        if self.ended:
            return
        self.ended = True
        self.process.stdin.close()
        if self.mode in ('watch', 'lease'):
            self.send(signal.SIGTERM)
        self.go_on()
        code = self.process.wait(PATIENCE)
        self.reader.join(PATIENCE)
        self.process.stdout.close()
        self.errors.seek(0)
        words = self.errors.read().decode(errors='replace')
        self.errors.close()
        good = (0, -signal.SIGTERM, -signal.SIGKILL) if self.may_die else (0, -signal.SIGTERM)
        assert code in good and not words, f'{self.mode} {self.name} ended by {code}: {words}'

    def died(self):
        return self.process.poll() == -signal.SIGKILL

    def kill(self):
        self.may_die = True
        if self.running():
            self.process.kill()
            self.process.wait(PATIENCE)


class Crew:
    """`timeout` and `pause`: milliseconds of one call, and between two. Clients of etcd begin with different members,
    by the number of their process."""

    def __init__(self, program, environment, place, timeout=10_000, pause=10):
        self.program, self.place = program, place
        self.environment = {**os.environ, **environment, 'CLIENT_TIMEOUT': str(timeout), 'CLIENT_PAUSE': str(pause)}
        self.clients, self.turns = [], itertools.count()

    def __enter__(self):
        return self

    def __exit__(self, fault, *_):
        for client in self.clients:
            client.kill()
            if fault:
                failures = client.told.failures
                print(f'{client.name}: {client.answered()} answers, {len(failures)} failures, the last {failures[-1:]}')

    def start(self, mode, how_many=1, count=COUNT, **environment):
        made = []
        for turn in itertools.islice(self.turns, how_many):
            place = f'{self.place}-{"root" if mode in ("store", "watch") else "vault"}'
            command = [self.program, mode, place, f'{mode[0]}{turn}', str(count)]
            made.append(Client(command, command[3], self.environment | environment))
        self.clients += made
        return made

    def workers(self):
        return self.of('store', 'vault', 'rotate')

    def go_on(self, more=15, among=None):
        """Returns once each of them has had that many more answers. Where others are always quicker that takes long."""
        wanted = [(client, client.answered() + more) for client in among or self.workers()]
        until(lambda: all(client.answered() >= number or self.must_run(client) for client, number in wanted),
              'a client has no answers', patience=2 * PATIENCE)

    def until_failed(self, among=None):
        """Returns once each of them has been given an error since."""
        wanted = [(client, len(client.told.failures)) for client in among or self.workers()]
        until(lambda: all(len(client.told.failures) > number or self.must_run(client) for client, number in wanted),
              'a client was not told')

    def until_long(self, seconds):
        """Returns once somebody was kept waiting that long by one call."""
        begun = time.monotonic_ns()
        until(lambda: any(client.longest(begun) > seconds * 1e9 for client in self.workers())
              or self.must_run(*self.workers()), 'nobody had to wait')

    @staticmethod
    def must_run(*clients):
        for client in clients:
            if not client.running():
                client.end()
                raise AssertionError(f'{client.name} ended too early')

    def rest(self):
        """Ends all but those who follow."""
        for client in self.of('store', 'vault', 'rotate', 'put'):
            client.end()

    def all_know_the_last(self):
        """Those who follow have seen what is there now, and nobody changes it any more."""
        roots = {value_at_end(client) for client in self.of('watch')}
        tokens = {value_at_end(client) for client in self.of('lease')}
        won = max((each for each in history_of(self.of('store')) if each.kind == 'cas' and each.result == ('ok',)),
                  key=lambda each: each.end)
        put = max((each for each in history_of(self.of('put')) if each.result), key=lambda each: int(each.result[0]))
        return roots == {won.given[1]} and tokens == {put.given[0]}

    def heard(self, text):
        return any(text in failure.message for failure in failures_of(self.clients))

    def finish(self):
        """Ends all, and looks at what they were told: at each step, and at what is there now."""
        for client in self.clients:
            if client.running():
                client.send(signal.SIGCONT)
            client.end()
        alone = self.place == 'memory:'
        last = [self.alone('store', 1)] if self.of('store', 'watch') and not alone else []
        found = [*self.wrong_root(self.of('store', 'watch') + last), *self.wrong_tokens()]
        assert not found, '\n'.join(found)

    def alone(self, mode, count):
        client, = self.start(mode, count=count)
        self.clients.remove(client)
        until(lambda: not client.running(), f'{mode} does not end')
        client.end()
        assert not client.told.failures, client.told.failures
        return client

    def of(self, *modes):
        return [client for client in self.clients if client.mode in modes]

    @staticmethod
    def wrong_root(clients):
        operations = history_of(clients)
        fault = fault_in(Register, operations)
        if fault:
            keep('root', operations)
        return [f'root: {fault}'] if fault else []

    def wrong_tokens(self):
        if not self.of('vault', 'rotate', 'put'):
            return
        told = history_of(self.of('vault', 'rotate', 'put'))
        operations = [each for each in told if each.kind in Token.kinds]
        faults = faults_in(Token, operations)
        for fault in faults:
            key = fault.split(':')[0]
            keep(key, [each for each in operations if each.key == key])
        yield from faults
        # Of what is in memory a client has told itself.
        audit = [each for each in told if each.kind in ('version', 'verify')] or history_of([self.alone('audit', 1)])
        yield from lost(operations, audit)
        yield from led_back(history_of(self.of('lease')), audit)


def value_at_end(client):
    return client.told.operations[-1].result[-1]


def history_of(clients):
    return [operation for client in clients for operation in client.told.all()]


def keep(key, operations):
    """So that the history which failed can be looked at: the log of the test has it."""
    print(f'--- {key}', *sorted(operations, key=lambda each: each.call), '---', sep='\n')


def versions_in(audit):
    return {(each.key, each.given[0]): each.result[0] for each in audit if each.kind == 'version'}


def newest(versions):
    """Of each token the highest number that there is."""
    found = {}
    for key, number in versions:
        found[key] = max(found.get(key, 0), int(number))
    return found


def lost(operations, audit):
    """Acknowledged versions that the vault no longer has as they were, versions of nobody, and what verify() found."""
    there = versions_in(audit)
    kept = newest(there)
    asked = {each.given[-1] for each in operations if each.kind != 'get'}
    for each in operations:
        if each.kind != 'get' and each.result not in (None, ('conflict',)):
            found = there.get((each.key, each.result[0]))
            value = each.result[-1] if each.kind == 'rotate' else each.given[-1]
            if found != value and (found or int(each.result[0]) > kept.get(each.key, 0) - KEPT):
                yield f'acknowledged, and now {found}: {each}'
    yield from (f'{name} {number} is {value}, of nobody' for (name, number), value in there.items() if value not in asked)
    yield from (f'verify: {" ".join(each.result)}' for each in audit if each.kind == 'verify' and each.result != ('0',))


def led_back(followed, audit):
    """Where a lease gave a value that was never that version, or went back to an older one."""
    there, last = versions_in(audit), {}
    for each in followed:
        if each.result:
            number, value = each.result
            found = there.get((each.key, number))
            if found != value and (found or int(number) > newest(there).get(each.key, 0) - KEPT):
                yield f'a lease gave what was never there: {each}'
            if int(number) < last.get(each.process, 0):
                yield f'a lease went back: {each}'
            last[each.process] = int(number)


def failures_of(clients):
    return [failure for client in clients for failure in client.told.failures]


def check_failures(clients, allowed, pattern='.'):
    """Each error is of an allowed kind, and one clear line that a person can act upon."""
    for failure in failures_of(clients):
        assert failure.code in allowed, failure
        clear = re.fullmatch(r'[a-z][^\n\r\t]{10,250}[^.\s]', failure.message)
        assert clear and re.search(pattern, failure.message), f'no clear line: {failure}'
    for (kind, code), message in {(each.kind, each.code): each.message for each in failures_of(clients)}.items():
        print(f'  {kind}: {code}: {message}')
