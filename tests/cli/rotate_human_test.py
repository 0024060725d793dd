"""A rotation whose token a person brings: told what to do, sealed first, from every source that put has."""
import os

from harness import MARKER, run_all, tests_of
from terminal import Terminal

OLD, NEW, OTHER = (f'{MARKER}-{word}' for word in ('old', 'new', 'other'))
NAME = 'acme/claimr'


def ready(home, *settings):
    home.init().put(NAME, OLD)
    home.run('policy', NAME, '--provider', 'human', *(word for pair in settings for word in ('--set', pair)))
    return home


def where(home):
    return home.document('rotate', 'status', NAME)


def versions(home):
    return [(version['version'], version['stage']) for version in home.document('history', NAME)['versions']]


def test_no_input_is_possible(home):
    ready(home, 'url=https://claimr.example/admin')
    for words in ((), ('--no-input',)):
        done = home.run('rotate', NAME, *words, expect=20)
        assert b'step 1: open https://claimr.example/admin\n' in done.stderr and done.stdout == b'', done
        assert f'rotate {NAME} --stdin'.encode() in done.stderr, done
    failure = home.failure(20, 'needs_human', 'rotate', NAME)
    assert NAME in failure['message'], failure
    assert where(home)['phase'] == 'idle' and versions(home) == [(1, 'current')]


run_all(tests_of(globals()))
