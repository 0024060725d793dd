"""Every verb that changes something, broken at every call by which it does: COMMAND LOOK SHORTEN KIND SCHEME.

kill:  SIGKILL on entering the n-th call. What was acknowledged is there, what was under way is there wholly or not at
       all.
error: the n-th call fails with EIO, ENOSPC or EINTR. What failed has changed nothing, unless it says that it is in
       doubt.
short: the kernel takes half of the n-th write, or no file may grow beyond n bytes.
power: SIGKILL as above, and the power goes: what was not synced is lost. Once more after the verb has ended.
"""
import os
import sys
import tempfile
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parent.parent / 'cli'),
                str(Path(__file__).resolve().parent.parent / 'support')]
import calls  # noqa: E402
import disk  # noqa: E402
from calls import ERRORS, HALF, KILL, KILLED, Point  # noqa: E402
from harness import Home  # noqa: E402
from proof import full, left_out, sample, tried  # noqa: E402
from vaults import Place  # noqa: E402
from verbs import all_verbs, left_by, ordinary  # noqa: E402

# Points of a verb and a fault in an ordinary run, and of one that talks to a provider, which takes ten times as long.
WANTED = {'kill': (8, 3), 'error': (4, 1), 'short': (4, 1), 'power': (4, 1), 'requests': (5, 2), 'network': (2, 1)}
FAULTS = {'kill': (KILL,), 'error': ERRORS, 'power': (KILL,), 'requests': (KILL,), 'network': calls.NETWORK_ERRORS}
LIMIT_STEP = 4096
CALLS = {'requests': f'{calls.CHANGES},{calls.SENDS}', 'network': calls.SENDS}
END = Point('nothing', 'the end', 0)


def points_of(kind, place, each):
    """By fault, the points at which this verb can be broken, and how it leaves the vault where nothing befalls it."""
    breaker, words = place.breaker(not each.provider), [place.home.command, *each.words]
    place.put_back(each.base)
    counts, done = breaker.count(words, CALLS.get(kind, calls.CHANGES), each.stdin)
    assert done.returncode == 0, (each.words, done)
    after, largest = place.look(each.watch), calls.largest_below(place.ground.path)
    if kind == 'short':
        place.put_back(each.base)
        halves = [Point(HALF, 'write', n + 1) for n in range(breaker.count_writes(words, each.stdin))]
        return [halves, calls.limits_below(largest, LIMIT_STEP)], after
    ends = [[END]] if kind == 'power' else []
    return [calls.points_of(fault, counts) for fault in FAULTS[kind]] + ends, after


def one_point(place, each, point, before, after):
    """Whether it was met at all, and what is wrong with what it left."""
    place.put_back(each.base)
    words = [place.home.command, *each.words]
    breaker = place.breaker(not each.provider)
    if point is END:
        done = calls.Broken(*breaker.unbroken(words, each.stdin), True)
    else:
        done = breaker.break_at(point, words, each.stdin)
    place.ground.cut()
    where = f'{each.name}, {point.fault} at {point.call} {point.n}'
    if done.code < 0 and done.code not in KILLED or done.code > 128 and done.code not in KILLED:
        return done.hit, f'{where}: ended by a signal: {done.code} {done.complaint[-200:]}'
    wrong = left_by(place, each, done, before, after)
    told = done.complaint.decode(errors='replace').strip()[-200:]
    return done.hit, f'{where}: ended {done.code} ({told}): {wrong}' if wrong else None


def sweep(kind, place, each):
    place.put_back(each.base)
    before = place.look(each.watch)
    series, after = points_of(kind, place, each)
    assert before != after or each.provider, f'{each.name} changes nothing that can be seen: {after}'
    chosen = [point for points in series for point in sample(points, WANTED[kind][each.provider])]
    results = [one_point(place, each, point, before, after) for point in chosen]
    return sum(map(len, series)), sum(hit for hit, _ in results), [wrong for _, wrong in results if wrong]


def without_syncs(place):
    """Whether the power takes what was acknowledged, where no sync reaches the disk: else the sweep could not tell."""
    verbs, lost = sample(ordinary(place), 5), 0
    for each in verbs:
        words, breaker = [place.home.command, *each.words], place.breaker()
        place.put_back(each.base)
        breaker.run(words, each.stdin)
        after = place.look(each.watch)
        place.put_back(each.base)
        done = breaker.run([*breaker.strace, *calls.NO_SYNCS, *words], each.stdin)
        assert done.returncode == 0, done
        place.ground.cut()
        lost += place.look(each.watch) != after
    print(f'without syncs: {lost} of {len(verbs)} verbs lost what they had acknowledged')
    return lost * 2 > len(verbs)


def check(kind, scheme, place):
    there, points, losses, told = 0, 0, [], []
    for each in all_verbs(place):
        found, met, wrong = sweep(kind, place, each)
        there, points, losses = there + found, points + met, losses + wrong
        told.append(f'{each.name} {met}')
    print(*losses[:20], ', '.join(told), sep='\n')
    if not full():
        left_out(f'{there - points} of {there} points of the verbs on {scheme} ({kind})')
    tried(f'the verbs on {scheme}, {kind}', points, len(losses))
    can_fail = kind != 'power' or without_syncs(place)
    return 1 if losses or points < 2 * len(told) or not can_fail else 0


def main():
    command, look, shorten, kind, scheme = sys.argv[1:]
    missing = calls.why_not()
    with tempfile.TemporaryDirectory(prefix='tokenvault-crash.') as folder:
        if not missing and kind == 'power':
            missing = disk.why_not(folder)
    if missing:
        print(f'skipped: {missing}')
        return 77
    home = Home(os.path.abspath(command))
    with (disk.Disk if kind == 'power' else disk.Folder)(str(home.path)) as ground:
        return check(kind, scheme, Place(home, ground, f'{scheme}:{ground.path}/v', look, shorten))


if __name__ == '__main__':
    sys.exit(main())
