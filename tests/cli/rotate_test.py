"""A rotation against a provider that makes its tokens: as a whole, step by step, and what goes wrong."""
from harness import MARKER, run_all, tests_of
from provider_program import FIRST, rotated_by

NAME = 'a/b'
MEMBERS = {'schema', 'name', 'phase', 'rotation', 'old_version', 'new_version', 'started', 'changed', 'next_try',
           'attempts', 'asks', 'overridden', 'owner', 'note', 'next', 'obligations'}


def where(home):
    return home.document('rotate', 'status', NAME)


def phase(home):
    return where(home)['phase']


def test_the_whole(home):
    service = rotated_by(home)
    done = home.document('rotate', NAME)
    assert set(done) == MEMBERS and done['name'] == NAME and done['owner'] == 'acme', done
    assert (home.value(NAME), home.value(NAME, '--previous')) == (service.live[-1], FIRST)
    assert service.calls('issue') == 1 and service.calls() > 2


run_all(tests_of(globals()))
