"""A provider that was told half of a token is not believed: COMMAND LOOK.

A write into its pipe may fail, as where the system has no memory left for one more page. The program then met the end
of the pipe, had less of a token than there is, and truthfully said that such a token is not good: `rotate retire` took
the current token for dead, and stopped for a person.
"""
import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / 'crash')]
import verbs_test  # noqa: E402
from calls import Point, why_not  # noqa: E402
from disk import Folder  # noqa: E402
from harness import Home  # noqa: E402
from proof import tried  # noqa: E402
from vaults import Place  # noqa: E402


def main():
    command, look = sys.argv[1:]
    if missing := why_not():
        print(f'skipped: {missing}')
        return 77
    home = Home(os.path.abspath(command))
    with Folder(str(home.path)) as ground:
        place = Place(home, ground, f'file:{ground.path}/v', look)
        each = next(each for each in verbs_test.all_verbs(place) if each.name == 'rotate retire')
        place.put_back(each.base)
        before = place.look()
        (points,), after = verbs_test.points_of('kill', place, each)
        writes = [Point('error=ENOMEM', 'write', point.n) for point in points if point.call == 'write']
        results = [verbs_test.one_point(place, each, point, before, after) for point in writes]
    wrong = [wrong for _, wrong in results if wrong]
    print(*wrong, sep='\n')
    tried('a provider that cannot be told', sum(hit for hit, _ in results), len(wrong))
    return 1 if wrong or not writes else 0


if __name__ == '__main__':
    sys.exit(main())
