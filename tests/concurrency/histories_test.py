"""Processes with several threads each work on one store and one vault while some of them are killed, one after the
other anywhere, and others with the lock in their hands; whatever they were told came from one thing that does one
operation at a time, and all that was acknowledged is there. histories_test.py CLIENT BACKEND"""
import random
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / 'support'))
from crew import Crew, history_of  # noqa: E402
from proof import full, left_out, tried  # noqa: E402

SEEDS = range(8) if full() else range(1)
ROUNDS = 8 if full() else 3  # of which each kills one process anywhere and one with the lock
MODES = {'store': 2, 'vault': 2, 'rotate': 1}  # processes
THREADS = 3
MORE = 12  # answers of each process between two kills


class Life:
    """One seed's clients, and who of them dies. Where the store is a service no client has a lock."""

    def __init__(self, crew, seed, locks):
        self.crew, self.dice, self.locks = crew, random.Random(seed), locks
        self.killed = self.died_in_lock = 0

    def start(self, mode, **more):
        shared = {'CLIENT_SHARED': '1'} if self.dice.random() < 0.5 else {}
        client, = self.crew.start(mode, CLIENT_THREADS=str(THREADS), **shared, **more)
        return client

    def kill_one(self):
        client = self.dice.choice([each for each in self.crew.workers() if each.running()])
        self.crew.go_on(self.dice.randrange(MORE), [client])
        client.kill()
        self.killed += 1
        self.start(client.mode)

    def lose_one_with_the_lock(self):
        client = self.start(self.dice.choice(list(MODES)), CLIENT_DIES=str(self.dice.randrange(1, 60)))
        client.process.wait()
        client.end()
        assert client.died(), f'{client.name} ended by {client.process.returncode} and not in a sync'
        self.died_in_lock += 1

    def play(self):
        for mode, how_many in MODES.items():
            for _ in range(how_many):
                self.start(mode)
        for _ in range(ROUNDS):
            self.kill_one()
            if self.locks:
                self.lose_one_with_the_lock()
            self.crew.go_on(MORE, [each for each in self.crew.workers() if each.running()])
        self.crew.finish()


def place_of(backend, folder, seed):
    return f't-histories{seed}' if backend == 'etcd' else f'{backend}:{folder}/v'


def play_with_kills(program, backend, seed):
    with tempfile.TemporaryDirectory() as folder, \
            Crew(program, {}, place_of(backend, folder, seed), 60_000, 0) as crew:
        life = Life(crew, seed, backend != 'etcd')
        life.play()
        return crew.clients, life.killed, life.died_in_lock


def play_in_memory(program, seed):
    """Each process alone, since nobody else has its memory."""
    dice, done = random.Random(seed), []
    for mode in MODES:
        for shared in ({}, {'CLIENT_SHARED': '1'}):
            with Crew(program, {}, 'memory:', 60_000, 0) as crew:
                crew.start(mode, count=dice.randrange(30, 60), CLIENT_THREADS='6', **shared)[0].process.wait()
                crew.finish()
                done += crew.clients
    return done, 0, 0


def groups(backend, clients):
    """Those that had one store."""
    return [[client] for client in clients] if backend == 'memory' else [clients]


def main(program, backend):
    histories = operations = killed = died = 0
    begun = time.monotonic()
    for seed in SEEDS:
        play = play_in_memory(program, seed) if backend == 'memory' else play_with_kills(program, backend, seed)
        clients, now_killed, now_died = play
        told = history_of(clients)
        histories += sum(len({each.key for each in history_of(group)}) for group in groups(backend, clients))
        operations += len(told)
        killed += now_killed
        died += now_died
    tried(f'histories of compare-and-swaps, puts and rotations on {backend}', histories)
    tried(f'operations in them on {backend}', operations)
    for what, count in (('anywhere', killed), ('with the lock', died)):
        if count:
            tried(f'processes killed {what} on {backend}', count)
    if not full():
        left_out(f'histories of {backend}: {len(SEEDS)} of 8 seeds, {ROUNDS} of 8 rounds of kills')
    print(f'{time.monotonic() - begun:.1f} s')
    return 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:3]))
