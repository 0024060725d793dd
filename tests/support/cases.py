"""How a file of tests in Python runs: one line a test, and the exit code that Meson reads."""
import sys
import traceback

SKIP = 77


class Skipped(Exception):
    pass


def tests_of(module):
    return [thing for name, thing in list(module.items()) if name.startswith('test_')]


def run_each(tests, make):
    """Runs each test with what `make` gives for it; exits 1 where one failed, 77 where all were skipped."""
    failed = skipped = 0
    for test in tests:
        try:
            test(make())
            print(f'ok      {test.__name__}')
        except Skipped as reason:
            skipped += 1
            print(f'skipped {test.__name__}: {reason}')
        except Exception:
            failed += 1
            print(f'FAILED  {test.__name__}')
            traceback.print_exc(file=sys.stdout)
    sys.exit(1 if failed else SKIP if skipped == len(tests) else 0)
