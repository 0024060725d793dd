"""Where a token's rotation stands, as the command tells it, for the tests whose token is a/b."""
import time

NAME = 'a/b'


def where(home, name=NAME):
    return home.document('rotate', 'status', name)


def phase(home):
    return where(home)['phase']


def fails(home, code, kind, *words, **more):
    """Ends so, and what is served stays as it was."""
    before = home.value(NAME)
    message = home.failure(code, kind, *words, **more)['message']
    assert home.value(NAME) == before
    return message


def until(reached, seconds=20):
    """For what real time brings about: asks until it has."""
    end = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < end, 'it did not come about in time'
        time.sleep(0.02)
