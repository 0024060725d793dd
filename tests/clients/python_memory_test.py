"""No piece of a token is in a Python program's memory once it was wiped, but in secret memory while it is held."""
import sys

from client_home import CLIENTS, HERE, LIBRARY, hits_of, pieces, token_of_no_text
from harness import run_all, tests_of
from scanner import is_arena

TOKEN = token_of_no_text(b'a token to look for')


def hits_after(home, *ways):
    """Where the token's pieces are in a process that took it in these ways."""
    home.init().run('put', 'acme/api', '--stdin', stdin=TOKEN)
    variables = dict(home.variables, TOKENVAULT_LIBRARY=LIBRARY, PYTHONPATH=str(CLIENTS / 'python'))
    words = [sys.executable, '-B', HERE / 'python_memory_probe.py', str(home.vault), str(home.path / 'a.key'), 'acme/api', *ways]
    return hits_of(words, TOKEN, env=variables)


def outside(hits):
    return sorted({(hit.form, hit.mapping.name) for hit in hits if not is_arena(hit.mapping)})


def test_what_was_revealed_is_found(home):
    assert outside(hits_after(home, 'revealed')), 'a scan that finds nothing proves nothing'


def test_what_is_held_is_in_secret_memory_alone(home):
    assert outside(hits_after(home, 'held')) == []


def test_nothing_is_left_of_what_was_wiped(home):
    hits = hits_after(home, 'viewed', 'read', 'used', 'put', 'dropped')
    assert not hits, outside(hits) or 'in secret memory'


if __name__ == '__main__':
    run_all(tests_of(globals()))
