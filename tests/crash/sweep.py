"""Breaks the life of a vault of one scheme at every single call that changes something: PROBE LOOK SHORTEN KIND SCHEME.

kill:  SIGKILL on entering the n-th call, for every n. Every acknowledged step must be there, the
       step that was under way wholly or not at all, and the vault must open, verify clean and go on.
error: the n-th call fails with EIO, ENOSPC or EINTR. A step that says it failed must have changed
       nothing, unless it says in_doubt, and none may bring the process down.
short: the kernel takes half of the n-th write; and no file may grow beyond n bytes, so that one write
       is cut short and those after it fail.
power: SIGKILL as above and the power goes, so that what was not synced is lost. The same life with syncs
       that do nothing has to lose steps: else the sweep could not tell.
"""
import concurrent.futures
import os
import sys
import tempfile
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parent.parent / 'support')]
import calls  # noqa: E402
from calls import ERRORS, HALF, KILL, KILLED, LIMIT, Breaker, Point, points_of  # noqa: E402
from disk import Disk, Folder  # noqa: E402
from disk import why_not as why_no_disk  # noqa: E402
from proof import full, left_out, sample, tried  # noqa: E402

STEPS = 16
LIMIT_STEP = {"sqlite": 1000, "file": 170}  # bytes; meets no multiple of a page
LARGEST = {"sqlite": 8, "file": 1}  # times the vault's size: a log grows beyond its database
# Of each fault in an ordinary run. One more of each that loses the power, since those take a mount.
WANTED = {"kill": 105, "error": 52, "short": 48, "power": 40}


class Life:
    """The probe on some ground, which is as good as new for each point."""

    def __init__(self, programs, scheme, ground):
        self.probe, self.look_program, shorten = programs
        self.ground, self.uri = ground, f"{scheme}:{ground.path}/new/v"
        self.folder = os.path.dirname(ground.path)
        self.key = os.path.join(self.folder, "key")
        Path(self.key).write_text("k" * 32)
        self.breaker = Breaker(os.path.join(self.folder, "trace"), shorten)
        ground.keep("empty")

    def words(self, first, last):
        return [self.probe, "live", self.uri, str(first), str(last)]

    def live(self, first=1, last=STEPS):
        return self.breaker.run(self.words(first, last)).stdout.decode().splitlines()

    def state(self):
        done = self.breaker.run([self.look_program, self.uri, self.key])
        return done.stdout.decode().strip() if done.returncode == 0 else f"broken: {done.stderr.decode()[-200:]}"

    def expected(self):
        """How the vault looks before the first step and after each."""
        states = ["closed no_vault"]
        for last in range(1, STEPS + 1):
            self.ground.put_back("empty")
            said = self.live(1, last)
            if acknowledged(said) != last:
                raise SystemExit(f"without any fault: {said[-1:]}")
            states.append(self.state())
        if len(set(states)) != STEPS + 1 or any(one.startswith("broken") for one in states):
            raise SystemExit("two steps look the same or broken: the sweep could not tell a loss")
        return states

    def one_point(self, point, expected):
        """Whether it was met at all, and what is wrong with what it left."""
        self.ground.put_back("empty")
        done = self.breaker.break_at(point, self.words(1, STEPS))
        self.ground.cut()
        said, where = done.said.decode().splitlines(), f"{point.fault} at {point.call} {point.n}"
        if point.fault != KILL and not 0 <= done.code < 128:
            return done.hit, f"{where}: ended by a signal: {done.code} {done.complaint[-200:]}"
        # The probe ends in order after an error: what a limit cut short shows in what is not acknowledged.
        hit = acknowledged(said) < STEPS if point.fault == LIMIT else done.hit
        found = self.state()
        if found not in allowed_states(said, expected):
            return hit, f"{where}: after {said[-1:] or 'nothing'} found {found!r}"
        # What is left must carry on: from creation, or from the next step.
        first = 1 if found.startswith("closed") else 2
        rest = self.live(first, 3)
        return hit, None if acknowledged(rest) == 4 - first else f"{where}: cannot go on: {rest}"


def acknowledged(said):
    return sum(1 for line in said if line.startswith("ack "))


def allowed_states(said, expected):
    """A step under way may be there or not; one that reported an error other than doubt may not."""
    acks = acknowledged(said)
    failed = [line.split()[2] for line in said if line.startswith("error ")]
    if acks == STEPS or (failed and failed[0] != "in_doubt"):
        return {expected[acks]}
    return {expected[acks], expected[acks + 1]}


def series_of(kind, life, scheme):
    """By fault, every point."""
    life.ground.put_back("empty")
    counts, _ = life.breaker.count(life.words(1, STEPS), calls.CHANGES + f",{calls.OPENS_AND_LOCKS}" * (kind == "kill"))
    if kind == "short":
        largest = os.path.getsize(life.uri.split(":")[1]) * LARGEST[scheme]
        life.ground.put_back("empty")
        halves = [Point(HALF, "write", n + 1) for n in range(life.breaker.count_writes(life.words(1, STEPS)))]
        return [halves, calls.limits_below(largest, LIMIT_STEP[scheme])]
    return [points_of(fault, counts) for fault in (ERRORS if kind == "error" else (KILL,))]


def without_syncs(life, expected):
    """How many of the lives lost a step that they had acknowledged, where no sync reached the disk."""
    points, lost = sample(range(1, STEPS + 1), 4), 0
    for last in points:
        life.ground.put_back("empty")
        done = life.breaker.run([*life.breaker.strace, *calls.NO_SYNCS, *life.words(1, last)])
        assert acknowledged(done.stdout.decode().splitlines()) == last, done
        life.ground.cut()
        lost += life.state() != expected[last]
    print(f"without syncs: {lost} of {len(points)} lives lost what they had acknowledged")
    return lost * 2 > len(points)


def sweep(kind, scheme, lives):
    """Every point, one life each at a time."""
    expected = lives[0].expected()
    # A place has its own name in its states nowhere: what one life expects, all do.
    series = series_of(kind, lives[0], scheme)
    chosen = [point for points in series for point in sample(points, WANTED[kind])]
    shares = [chosen[n::len(lives)] for n in range(len(lives))]
    with concurrent.futures.ThreadPoolExecutor(len(lives)) as pool:
        parts = pool.map(lambda life, share: [life.one_point(point, expected) for point in share], lives, shares)
        results = [result for part in parts for result in part]
    losses = [loss for _, loss in results if loss]
    there, points = sum(map(len, series)), sum(1 for hit, _ in results if hit)
    print(*losses[:20], sep="\n")
    if not full():
        left_out(f"{there - len(chosen)} of {there} points of a life on {scheme} ({kind})")
    tried(f"a life on {scheme}, {kind}", points, len(losses))
    can_fail = kind != "power" or without_syncs(lives[0], expected)
    return 1 if losses or points < 30 or not can_fail else 0


def main():
    *programs, kind, scheme = sys.argv[1:]
    with tempfile.TemporaryDirectory(prefix="tokenvault-crash.") as folder:
        missing = calls.why_not() or (why_no_disk(folder) if kind == "power" else None)
        if missing:
            print(f"skipped: {missing}")
            return 77
        homes = [os.path.join(folder, str(n)) for n in range(2)]
        for home in homes:
            os.mkdir(home)
        if kind != "power":
            return sweep(kind, scheme, [Life(programs, scheme, Folder(home)) for home in homes])
        with Disk(homes[0]) as first, Disk(homes[1]) as second:
            return sweep(kind, scheme, [Life(programs, scheme, ground) for ground in (first, second)])


if __name__ == "__main__":
    sys.exit(main())
