"""What the tests of `run` share: a vault with two tokens, and a command that must not be started."""
from harness import MARKER

FIRST, SECOND = f'{MARKER}-1', f'{MARKER}-2'


def with_tokens(home):
    home.init()
    home.put('a/one', FIRST)
    home.put('a/two', SECOND)
    return home


def output(home, *words, **more):
    return home.run('run', *words, reveals=True, **more).stdout


def not_started(home, code, kind, *flags, **more):
    """It fails so, and a command that leaves a mark on being started leaves none."""
    mark = home.path / 'started'
    told = home.run('run', '--json', *flags, '--', '/bin/touch', str(mark), expect=code, **more)
    assert f'"kind":"{kind}"'.encode() in told.stderr and told.stdout == b'', told
    assert not mark.exists(), f'started in spite of {kind}'
