"""Every verb that changes a vault, and those that read it, where descriptors are closed or run out: COMMAND LOOK SCHEME.

closed: each set of the descriptors 0 to 2 is closed from the start. No file of ours gets their numbers, so that nothing
        which is printed goes into one; the verb does what it does otherwise, but for saying so.
few:    the process may have n descriptors and no more, for every n until it has enough.
n-th:   the n-th opening of a file fails for want of one, for every n.
An error says so in one line, tells no token, and has changed nothing; afterwards the same verb works.
"""
import os
import re
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / 'crash'), str(HERE.parent / 'support')]
from calls import Broken, Point, points_of, why_not  # noqa: E402
from disk import Folder  # noqa: E402
from harness import MARKER, SKIP, Home  # noqa: E402
from proof import full, left_out, sample, tried  # noqa: E402
from vaults import Place  # noqa: E402
from verbs import left_by, ordinary, verb  # noqa: E402

SETS = [[fd for fd in range(3) if number >> fd & 1] for number in range(1, 8)]
KINDS = {'closed': 'standard descriptors closed', 'few': 'too few descriptors', 'nth': 'the n-th opening refused'}
EMFILE = 'error=EMFILE'
OPENINGS = 'openat,socket,memfd_create,pipe2,dup,dup2'
NO_ANCHORS = b'anchors cannot be used'
LOADER = 127  # the program itself could not be loaded


def reading(place):
    return [verb(name, *words) for name, *words in (
        ('get', 'get', 'a/two'), ('list', 'list'), ('status', 'status'), ('show', 'show', 'a/two'), ('verify', 'verify'),
        ('history', 'history', 'a/two'), ('key list', 'key', 'list'), ('doctor', 'doctor'),
        ('export', 'export', '--format', 'json', '--reveal'), ('expiring', 'expiring', '--within', '1d'))]


def run(place, each, **more):
    done = subprocess.run([place.home.command, *each.words], input=each.stdin, env=place.home.variables,
                          stdin=subprocess.DEVNULL if each.stdin is None else None, capture_output=True, timeout=120,
                          check=False, **more)
    return Broken(done.returncode, done.stdout, done.stderr, True)


def limited(count):
    return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (count, count))


def closing(descriptors):
    return lambda: [os.close(fd) for fd in descriptors]


def printed_into(place):
    """Files of ours that hold what is meant for people."""
    for folder, _, names in os.walk(place.ground.path):
        for name in names:
            if b'tokenvault: ' in Path(folder, name).read_bytes():
                yield name


class Trial:
    """One verb on one vault, and how the two look before and after where nothing is in the way."""

    def __init__(self, place, each):
        self.place, self.each = place, each
        place.put_back(each.base)
        self.before = place.look(each.watch)
        self.code = run(place, each).code
        self.after = place.look(each.watch)

    def wrong(self, done):
        place, each = self.place, self.each
        if fault := self.wrong_words(done):
            return fault
        if done.code == 0 and NO_ANCHORS in done.complaint:
            # It goes by less then, and says so: a restored vault's generation is above what is known.
            found = place.look(each.watch)
            return None if found.startswith('open') and found.endswith('faults 0 orphans 0') else f'left {found!r}'
        if self.before == self.after:
            return None if place.look(each.watch) == self.before else 'it changed the vault'
        return left_by(place, each, done, self.before, self.after)

    def wrong_words(self, done):
        if done.code < 0 or done.code > 128:
            return f'ended by a signal: {done.code}'
        if MARKER.encode() in done.complaint:
            return 'it tells a token'
        if done.code not in (0, self.code, LOADER) and not re.match(rb'(.*\n)*tokenvault: [^\n]+', done.complaint):
            return f'no clear line: {done.complaint!r}'
        return None

    def closed(self):
        """What is read from stdin cannot be had, and what is said cannot be said; the vault is as in one of both."""
        for descriptors in SETS:
            self.place.put_back(self.each.base)
            done = run(self.place, self.each, preexec_fn=closing(descriptors))
            found = self.place.look(self.each.watch)
            fault = self.wrong_words(done) if 2 not in descriptors else None
            if not fault and found not in (self.before, self.after):
                fault = f'left {found!r}'
            if not fault and done.code == 0 and found != self.after:
                fault = f'acknowledged, and left {found!r}'
            if not fault and (names := list(printed_into(self.place))):
                fault = f'printed into {names}'
            yield f'{self.each.name}, {descriptors} closed: {done.code}: {fault}' if fault else None

    def few(self):
        for count in range(3, 40):
            self.place.put_back(self.each.base)
            done = run(self.place, self.each, preexec_fn=limited(count))
            fault = self.wrong(done)
            yield f'{self.each.name}, {count} descriptors: {done.code} {done.complaint[-200:]}: {fault}' if fault else None
            if done.code == self.code:
                return
        yield f'{self.each.name}: 40 descriptors are too few'

    def nth(self):
        breaker, words = self.place.breaker(False), [self.place.home.command, *self.each.words]
        self.place.put_back(self.each.base)
        counts, _ = breaker.count(words, OPENINGS, self.each.stdin)
        for point in sample(points_of(EMFILE, counts), 4):
            self.place.put_back(self.each.base)
            done = breaker.break_at(Point(EMFILE, point.call, point.n), words, self.each.stdin)
            fault = self.wrong(done)
            yield (f'{self.each.name}, {point.call} {point.n}: {done.code} {done.complaint[-200:]}: {fault}' if fault
                   else None)


def main(command, look, scheme):
    if reason := why_not():
        print(reason)
        return SKIP
    counts, wrong, faults = dict.fromkeys(KINDS, 0), dict.fromkeys(KINDS, 0), []
    with tempfile.TemporaryDirectory() as folder:
        home, ground = Home(command), Folder(folder)
        place = Place(home, ground, f'{scheme}:{ground.path}/v', look)
        for each in sample(ordinary(place) + reading(place), 9):
            trial = Trial(place, each)
            for kind in counts:
                results = list(getattr(trial, kind)())
                counts[kind] += len(results)
                wrong[kind] += sum(result is not None for result in results)
                faults += [result for result in results if result]
    print(*faults, sep='\n')
    for kind, what in KINDS.items():
        tried(f'verbs of the command with {what}, {scheme}', counts[kind], wrong[kind])
    if not full():
        left_out('two of three verbs, and most of their openings')
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:4]))
