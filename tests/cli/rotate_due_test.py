"""A batch over what is due: a line for each, one that fails takes none of the others with it."""
from harness import run_all, tests_of


def test_nothing_due(home):
    home.init().put('a/b')
    done = home.run('rotate', 'due')
    assert done.stdout == b''
    assert home.document('rotate', 'due') == {'schema': 1, 'tokens': []}


run_all(tests_of(globals()))
