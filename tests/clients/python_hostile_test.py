"""The Python module misused: an exception and never a crash, and nothing is changed."""
import datetime
import os
import random
import threading
import traceback

from client_home import KEY, OTHER, VALUE, memory_vault, raised, same
from harness import MARKER, run_all, tests_of

import tokenvault

SEQUENCES, CALLS = 50, 200


class Liar(str):
    def encode(self, *_):
        return 5


NAMES = [None, 7, b'a', ['a'], object(), '', '\0', 'a\0b', '/', 'a//b', '..', '\ud800', 'x' * 256, 'x' * 10**5, Liar('')]
VALUES = [None, 7, 'text', ['a'], object(), b'', bytearray(), memoryview(b''), b'x' * 32769, bytes(10**6)]
NUMBERS = [-1, 2**32, 2**64, 10**100, 1.5, 'one', None, True]
REFUSED = (tokenvault.Error, TypeError)


def refused(call, *arguments, **more):
    try:
        call(*arguments, **more)
    except REFUSED as error:
        assert len(str(error)) < 300 and '\n' not in str(error)
        return
    raise AssertionError(f'{call.__name__} took it')


def state(vault):
    return vault.inspect().generation, [vault.info(token.name) for token in vault.list()]


def test_nonsense_is_refused_and_changes_nothing(_):
    vault = memory_vault(a=VALUE)
    before = state(vault)
    for name in NAMES:
        for call in (vault.get, vault.read, vault.info, vault.erase, vault.undelete, vault.lease):
            refused(call, name)
        refused(vault.put, name, VALUE)
        refused(vault.with_token, name, lambda *_: True)
        refused(vault.rotate, name)
        refused(vault.stage, name, VALUE)
    for value in VALUES:
        refused(vault.put, 'a', value)
        refused(vault.put, 'new', value)
        refused(tokenvault.create, 'memory:', key=value)
        refused(tokenvault.create, 'memory:', passphrase=value)
    for number in NUMBERS:
        if number is not True:
            refused(vault.get, 'a', version=number if number is not None else 'none')
            refused(vault.put, 'a', VALUE, if_version=number if number is not None else 'none')
        refused(vault.lease('a').wait, number, 0)
        refused(vault.rotate, 'a', step=number)
        refused(tokenvault.open, timeout=-1 if number in (1.5, None) else number)
    for use in (None, 7, 'use'):
        refused(vault.with_token, 'a', use)
    for expires in (7, 'tomorrow', datetime.datetime(2100, 1, 1), datetime.date(2100, 1, 1)):
        refused(vault.put, 'a', VALUE, expires=expires)
    for label in (7, b'l', 'a\0b', '\ud800', 'x' * 256):
        refused(vault.put, 'a', VALUE, label=label)
    for place in (7, b'a', 'a\0b', 'nowhere:', 'x' * 10**6):
        refused(tokenvault.open, place, key=KEY, anchors='')
        refused(tokenvault.create, place, key=KEY, anchors=7)
    refused(vault.list, None)
    assert state(vault) == before
    same(vault.read('a'), VALUE)


def test_what_is_closed_is_an_error(_):
    vault = memory_vault(a=VALUE)
    lease, secret = vault.lease('a'), vault.get('a')
    for thing in (vault, lease, secret):
        thing.close()
        thing.close()
        assert MARKER not in repr(thing)
    for call in (vault.get, vault.read, vault.info, vault.erase, vault.lease):
        raised(tokenvault.InvalidArgument, call, 'a')
    for call in (vault.list, vault.inspect, lease.get, secret.reveal, vault.__enter__().list):
        raised(tokenvault.InvalidArgument, call)
    raised(tokenvault.InvalidArgument, lease.use, lambda *_: True)
    raised(tokenvault.InvalidArgument, memory_vault().put, 'a', secret)


def test_what_nobody_holds_is_freed(_):
    vault = memory_vault(a=VALUE)
    vault.get('a')
    before = tokenvault.protection()
    for _ in range(3000):
        vault.get('a')
        vault.get('a').view()
        vault.lease('a').get()
    assert tokenvault.protection() == before, 'secret memory grows'


def test_no_secret_in_any_traceback(_):
    vault = memory_vault(a=VALUE)
    for call in (lambda: vault.put('a', VALUE, if_version=9), lambda: vault.put(VALUE, VALUE),
                 lambda: vault.put(VALUE.decode() + '\ud800', VALUE),
                 lambda: vault.put('a', VALUE.decode()), lambda: tokenvault.create('memory:', key=VALUE),
                 lambda: vault.with_token('a', lambda value, _: value),
                 lambda: tokenvault.open('memory:', key=KEY, passphrase=VALUE)):
        try:
            call()
            raise AssertionError('nothing was raised')
        except REFUSED as error:
            kept = (error.args, vars(error), getattr(error.__context__, 'args', None))
            text = ''.join(traceback.format_exception(type(error), error, error.__traceback__)) + repr(kept)
        assert MARKER not in text, 'a secret in a traceback'


class Moves:
    """Calls at random, with a model of what must be there."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.model = {}
        self.vault = memory_vault()
        self.things = []

    def put(self):
        name, value = self.random.choice('abc'), self.random.choice([VALUE, bytearray(OTHER), memoryview(VALUE)])
        version = self.vault.put(name, value)
        self.model[name] = (version, bytes(value))

    def get(self):
        name = self.random.choice('abcd')
        secret = self.vault.get(name)
        self.things.append(secret)
        same((secret.version, secret.reveal()), self.model[name])

    def read(self):
        name = self.random.choice('abcd')
        same(bytes(self.vault.read(name)), self.model[name][1])

    def view(self):
        with self.random.choice(self.things).view() as view:
            self.things.append(view[1:])

    def wipe(self):
        self.things[self.random.randrange(len(self.things))].wipe()

    def drop(self):
        self.things.pop(self.random.randrange(len(self.things)))

    def lease(self):
        self.things.append(self.vault.lease(self.random.choice('abcd')))

    def close(self):
        self.random.choice(self.things).close()

    def borrow(self):
        self.vault.put('borrowed', self.random.choice(self.things))

    def nonsense(self):
        getattr(self.vault, self.random.choice(['get', 'put', 'info', 'read', 'lease', 'list']))(
            *self.random.choices(NAMES[:-2] + VALUES, k=self.random.randrange(4)))

    def take(self):
        move = self.random.choice([self.put, self.get, self.read, self.view, self.wipe, self.drop, self.lease,
                                   self.close, self.borrow, self.nonsense])
        try:
            move()
            return True
        except (*REFUSED, BufferError, AttributeError, ValueError, KeyError, IndexError):
            return False


def test_calls_at_random_never_crash(_):
    done = 0
    for seed in range(SEQUENCES):
        moves = Moves(seed)
        done += sum(moves.take() for _ in range(CALLS))
        assert {name: (moves.vault.get(name).version, moves.vault.get(name).reveal()) for name in moves.model} == \
            moves.model, f'what is kept differs after seed {seed}'
    assert SEQUENCES * CALLS * 9 // 10 > done > SEQUENCES * CALLS // 4, f'{done} calls did something'


def test_many_threads_at_once(_):
    vault = memory_vault(**{name: f'{MARKER}-{name}'.encode() for name in 'abcdefgh'})
    faults = []
    start = threading.Barrier(8)

    def work(name):
        try:
            start.wait()
            for _ in range(200):
                same(bytes(vault.read(name)), f'{MARKER}-{name}'.encode())
                with vault.get(name) as secret:
                    same(secret.reveal(), f'{MARKER}-{name}'.encode())
                assert vault.with_token(name, lambda value, _: bytes(value).endswith(name.encode())) == 0
        except BaseException as error:
            faults.append(error)

    threads = [threading.Thread(target=work, args=name) for name in 'abcdefgh']
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults, faults


def test_a_child_has_none_of_it(_):
    vault = memory_vault(a=VALUE)
    secret, lease = vault.get('a'), vault.lease('a')
    child = os.fork()
    if child == 0:
        try:
            for call in (secret.reveal, lease.get, lambda: vault.get('a'), lambda: vault.read('a')):
                raised(tokenvault.Forked, call)
            for thing in (secret, lease, vault):
                thing.close()
            same(memory_vault(a=OTHER).read('a'), OTHER)
            os._exit(0)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(1)
    assert os.waitpid(child, 0)[1] == 0
    same(secret.reveal(), VALUE)


if __name__ == '__main__':
    run_all(tests_of(globals()))
