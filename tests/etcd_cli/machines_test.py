"""Several machines and one vault: what one does the others have, whoever of the cluster dies."""
import subprocess

from machine import COMMAND, MARKER, pipe_of, run_all, tests_of, until
from provider_program import FIRST, rotated_by

MANY = 6


def test_a_rotation_reaches_the_others(home):
    service = rotated_by(home, old='kept')
    others = [home.another() for _ in range(2)]
    assert [other.value('a/b') for other in others] == [FIRST] * 2
    home.run('rotate', 'a/b')
    new = home.value('a/b')
    assert new != FIRST and service.live[-1] == new
    for other in others:
        assert other.value('a/b') == new
        other.run('run', '--env', 'T=a/b', '--', 'sh', '-c', f'test "$T" = {new}', reveals=True)
        assert other.document('rotate', 'status', 'a/b')['phase'] == home.document('rotate', 'status', 'a/b')['phase']


def test_one_that_began_a_rotation_and_another_that_ends_it(home):
    service = rotated_by(home)
    home.run('rotate', 'start', 'a/b')
    home.run('rotate', 'stage', 'a/b')
    other = home.another()
    other.failure(20, 'needs_human', 'put', 'a/b', '--stdin', stdin=b'x')
    other.run('rotate', 'resume', 'a/b')
    assert home.value('a/b') == other.value('a/b') != FIRST
    assert service.calls('issue') == 1


def start(home, *words, value=None):
    reading = subprocess.DEVNULL if value is None else pipe_of(value)
    return subprocess.Popen([COMMAND, *words], env=home.variables, stdin=reading, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def ended(processes):
    told = [process.communicate(timeout=120) for process in processes]
    assert not any(MARKER.encode() in errors for _, errors in told), told
    return [process.returncode for process in processes]


def test_all_write_at_once(home):
    home.init().put('a/b')
    machines = [home.another() for _ in range(MANY)]
    puts = [start(machine, 'put', f'a/{number}', '--stdin', value=f'{MARKER}-{number}'.encode())
            for number, machine in enumerate(machines)]
    puts += [start(machine, 'put', 'a/b', '--stdin', value=f'{MARKER}-b{number}'.encode())
             for number, machine in enumerate(machines)]
    assert ended(puts) == [0] * (2 * MANY)
    for number in range(MANY):
        assert machines[-1 - number].value(f'a/{number}') == f'{MARKER}-{number}'
    assert home.document('show', 'a/b')['version'] == 1 + MANY
    assert home.document('verify')['faults'] == []


def test_one_may_say_which_version_it_follows(home):
    home.init().put('a/b')
    machines = [home.another() for _ in range(MANY)]
    puts = [start(machine, 'put', 'a/b', '--stdin', '--if-version', '1', value=f'{MARKER}-{number}'.encode())
            for number, machine in enumerate(machines)]
    assert sorted(ended(puts)) == [0] + [15] * (MANY - 1)
    assert home.document('show', 'a/b')['version'] == 2


def test_one_makes_the_vault(home):
    machines = [home.another() for _ in range(MANY)]
    assert sorted(ended([start(machine, 'init') for machine in machines])) == [0] + [15] * (MANY - 1)
    home.put('a/b')
    assert home.document('verify')['faults'] == []


def told(machine, *words, **more):
    """What the command tells; nothing where the members that are left had not chosen a leader in time."""
    done = machine.run(*words, expect=None, reveals=True, **more)
    assert done.returncode in (0, 19), done
    return done.stdout.decode() if done.returncode == 0 else None


def test_a_member_dies(home):
    home.init().put('a/b', f'{MARKER}-1')
    others = [home.another() for _ in range(2)]
    leader = home.cluster.leader()
    home.cluster.kill(leader)
    try:
        assert until(lambda: told(others[0], 'get', 'a/b'), 'two of three give nothing') == f'{MARKER}-1'
        until(lambda: told(home, 'put', 'a/b', '--stdin', stdin=f'{MARKER}-2'.encode()), 'two of three take nothing')
        assert until(lambda: told(others[1], 'get', 'a/b'), 'two of three give nothing') == f'{MARKER}-2'
    finally:
        home.cluster.restart(leader)
    assert home.value('a/b') == f'{MARKER}-2'


def test_most_members_are_dead(home):
    home.init().put('a/b')
    for index in (0, 1):
        home.cluster.kill(index)
    try:
        assert 'etcd' in home.failure(19, 'unreachable', 'get', 'a/b')['message']
    finally:
        home.cluster.restart(0, 1)
    assert home.value('a/b') == f'{MARKER}-1'


run_all(tests_of(globals()), nodes=3, tls=True, auth=True)
