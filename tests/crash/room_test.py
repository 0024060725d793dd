"""Every verb that changes something, on a disk that is really full: COMMAND LOOK SCHEME.

From no free block to as many as the verb needs, one more each time. What fails for want of room changes nothing, no
process dies of it, writers and readers alike, and once there is room again the work goes on.
"""
import os
import sys
import tempfile
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parent.parent / 'cli'),
                str(Path(__file__).resolve().parent.parent / 'support')]
from calls import Broken  # noqa: E402
from disk import Disk, why_not  # noqa: E402
from harness import Home  # noqa: E402
from proof import full, left_out, tried  # noqa: E402
from vaults import Place  # noqa: E402
from verbs import all_verbs, left_by  # noqa: E402

ROOM = 512  # blocks: more than any verb needs
WANTED = ((0, 3, 11), (6,))  # in an ordinary run, for a verb and for one that talks to a provider


def run_in(place, each, blocks):
    """How the verb ends with so much room, and whether the vault can be read meanwhile."""
    place.put_back(each.base)
    place.ground.fill(blocks)
    done = Broken(*place.breaker().unbroken([place.home.command, *each.words], each.stdin), True)
    read = place.look()
    place.ground.empty()
    return done, read


def least_room(place, each):
    """The blocks below which it fails: by halving, since room only helps."""
    low, high = -1, ROOM
    while high - low > 1:
        middle = (low + high) // 2
        done, _ = run_in(place, each, middle)
        low, high = (low, middle) if done.code == 0 else (middle, high)
    return high


def one_point(place, each, blocks, before, after):
    done, read = run_in(place, each, blocks)
    where = f'{each.name} with {blocks} blocks'
    # SQLite needs 32 KiB for the index of its log, and says so where it does not get them.
    if not read.startswith('open ') and (read, done.code != 0) != ('closed io', True):
        return done.code != 0, f'{where}: read on a full disk it is {read}'
    if not 0 <= done.code < 128:
        return True, f'{where}: ended by a signal: {done.code}'
    wrong = left_by(place, each, done, before, after)
    told = done.complaint.decode(errors='replace').strip()[-200:]
    return done.code != 0, f'{where}: ended {done.code} ({told}): {wrong}' if wrong else None


def check(scheme, place):
    points = failed = 0
    losses, told = [], []
    for each in all_verbs(place):
        place.put_back(each.base)
        before = place.look(each.watch)
        assert place.command(*each.words, stdin=each.stdin).returncode == 0, each
        after = place.look(each.watch)
        amounts = range(least_room(place, each) + 2) if full() else WANTED[each.provider]
        results = [one_point(place, each, blocks, before, after) for blocks in amounts]
        points, failed = points + len(results), failed + sum(hit for hit, _ in results)
        losses += [wrong for _, wrong in results if wrong]
        told.append(f'{each.name} {len(results)}')
    print(*losses[:20], ', '.join(told), f'{failed} failed for want of room', sep='\n')
    if not full():
        left_out(f'all but a few amounts of room for each verb on {scheme}')
    tried(f'the verbs on {scheme}, a full disk', points, len(losses))
    return 1 if losses or failed < len(told) // 2 else 0


def main():
    command, look, scheme = sys.argv[1:]
    with tempfile.TemporaryDirectory(prefix='tokenvault-crash.') as folder:
        if missing := why_not(folder):
            print(f'skipped: {missing}')
            return 77
    home = Home(os.path.abspath(command))
    with Disk(str(home.path)) as ground:
        return check(scheme, Place(home, ground, f'{scheme}:{ground.path}/v', look))


if __name__ == '__main__':
    sys.exit(main())
