"""The whole life of an organisation's token, step by step: see docs/examples/life-of-a-token, which people start."""
import argparse
import sys
import traceback
from pathlib import Path

import stage as stages
from browser import Browser, Unavailable
from stage import Skipped, Stage

import ending
import making
import mishaps
import replacing
import using

SKIP = 77


def absolute(text):
    return Path(text).resolve()


def options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--tokenvault', type=absolute, required=True)
    parser.add_argument('--recipe', type=absolute, required=True, help='tokenvault-recipe')
    parser.add_argument('--orgapi', type=absolute, required=True)
    parser.add_argument('--provider', type=absolute, required=True, help='docs/examples/orgapi-provider')
    parser.add_argument('--browser', type=absolute, required=True, help='a folder of the build for playwright-core')
    parser.add_argument('--contract', nargs='+', help='the property test of the service and its arguments')
    parser.add_argument('--keep', help='a new folder for all that is made')
    parser.add_argument('--screenshots', type=absolute, help='a folder for pictures of the pages')
    parser.add_argument('--strict', action='store_true', help='end with 77 where anything was skipped')
    return parser.parse_args()


def open_browser(stage):
    try:
        stage.browser = Browser(stage.programs.browser)
    except Unavailable as reason:
        stage.no_browser = str(reason)


def play(stage):
    """Whether every step passed; the first that fails is the last."""
    for number, title, act in [step for part in (making, using, replacing, mishaps, ending) for step in part.STEPS]:
        try:
            act(stage)
            print(f'step {number:2}  {title} ... ok', flush=True)
        except Skipped as reason:
            print(f'step {number:2}  {title} ... SKIPPED', flush=True)
            stage.skip(f'step {number}: {reason}')
            if number == 1:
                return True
        except Exception:
            print(f'step {number:2}  {title} ... FAILED', flush=True)
            traceback.print_exc(file=sys.stdout)
            return False
    return True


def main():
    chosen = options()
    folder, remove = stages.new_folder(chosen.keep)
    if chosen.screenshots:
        chosen.screenshots.mkdir(parents=True, exist_ok=True)
    stage = Stage(chosen, folder, chosen.screenshots)
    try:
        open_browser(stage)
        passed = play(stage)
    finally:
        stage.close()
        remove()
    if not passed:
        return 1
    print(f'all done, but skipped: {"; ".join(stage.skipped)}' if stage.skipped else 'all sixteen steps passed')
    return SKIP if stage.skipped and chosen.strict else 0


if __name__ == '__main__':
    sys.exit(main())
