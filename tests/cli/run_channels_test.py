"""run --file and --fd: a token in a sealed file in memory, or in a pipe on a descriptor that the command is told of."""
import fcntl
import json
import os
import re
import subprocess
import sys

from harness import run_all, tests_of
from run_home import FIRST, SECOND, not_started, output, with_tokens

SEALS = 'import fcntl; print(fcntl.fcntl(open(__import__("os").environ["F"]), fcntl.F_GET_SEALS))'


def text(home, *words, **more):
    return output(home, *words, **more).decode()


def test_a_file_holds_the_value_exactly(home):
    home.init()
    for value in (FIRST.encode(), b'line\nline\n', b'\0\xff\x01\r\n\0', b'v' * 32768):
        home.run('put', 'a/one', '--stdin', '--binary', stdin=value + b'\n')
        told = home.run('run', '--file', 'F=a/one', '--', 'sh', '-c', 'cat "$F"; cat "$F"', reveals=True).stdout
        assert told == value * 2, value[:40]


def test_a_file_for_the_children_of_the_command(home):
    """A shell's children have it; those of a program that closes what it does not know have not."""
    with_tokens(home)
    assert text(home, '--file', 'F=a/one', '--', 'sh', '-c', 'sh -c "cat \\"$F\\"; true"; true') == FIRST
    closing = 'import os, subprocess; print(subprocess.run(["cat", os.environ["F"]], stderr=-3).returncode)'
    assert text(home, '--file', 'F=a/one', '--', sys.executable, '-c', closing) == '1\n'


def test_a_file_is_sealed_and_private(home):
    with_tokens(home)
    seals = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL
    assert int(text(home, '--file', 'F=a/one', '--', sys.executable, '-c', SEALS)) & seals == seals
    look = 'stat -L -c "%a %u" "$F"; echo x 2>&- >>"$F"; cat "$F"'
    assert text(home, '--file', 'F=a/one', '--', 'sh', '-c', look) == f'400 {os.geteuid()}\n{FIRST}'


def test_its_number_is_out_of_the_way(home):
    with_tokens(home)
    told = text(home, '--file', 'F=a/one', '--file', 'G=a/two', '--', 'sh', '-c', 'echo $F $G; ls /proc/self/fd')
    numbers = [int(number) for number in re.match(r'/proc/self/fd/(\d+) /proc/self/fd/(\d+)\n', told).groups()]
    assert min(numbers) >= 20 and len(set(numbers)) == 2, told
    assert sorted(map(int, told.split('\n', 1)[1].split())) == [0, 1, 2, 3, *numbers], told
    assert text(home, '--file', 'F=a/one', '--', 'sh', '-c', 'exec 3<&0 9<&0; cat $F') == FIRST


def test_a_descriptor_holds_the_value_exactly(home):
    home.init()
    for value in (FIRST.encode(), b'line\nline\n', b'\0\xff\x01\r\n\0', b'v' * 32768):
        home.run('put', 'a/one', '--stdin', '--binary', stdin=value + b'\n')
        for number in (3, 4, 77):
            told = home.run('run', '--fd', f'{number}=a/one', '--', 'cat', f'/dev/fd/{number}', reveals=True).stdout
            assert told == value, (number, value[:40])


def test_descriptors_have_their_numbers(home):
    with_tokens(home)
    for first, second in ((3, 4), (4, 3), (20, 3), (21, 20)):
        flags = ('--fd', f'{first}=a/one', '--file', 'F=a/two', '--fd', f'{second}=a/two', '--env', 'E=a/one')
        script = f'cat <&{first}; echo; cat <&{second}; echo; cat "$F"; echo; echo "$E"'
        if max(first, second) > 9:  # beyond what a POSIX shell has a word for
            script = f'cat /dev/fd/{first}; echo; cat /dev/fd/{second}; echo; cat "$F"; echo; echo "$E"'
        told = text(home, *flags, '--', 'sh', '-c', script)
        assert told == f'{FIRST}\n{SECOND}\n{SECOND}\n{FIRST}\n', (first, second)
        listing = text(home, *flags, '--', 'sh', '-c', 'ls /proc/self/fd; echo $F').split()
        file = listing.pop().rsplit('/', 1)[1]
        listed = {int(number) for number in listing} - {0, 1, 2, first, second, int(file)}
        assert len(listed) == 1, listing  # that of ls itself


def test_a_descriptor_ends(home):
    """Nobody is left who could write, so that a reader comes to the end."""
    with_tokens(home)
    reader = 'import os; print(os.read(3, 99).decode(), os.read(3, 99), os.fstat(3).st_mode >> 12 == 1)'
    assert text(home, '--fd', '3=a/one', '--', sys.executable, '-c', reader) == f"{FIRST} b'' True\n"


def test_descriptors_that_are_taken(home):
    with_tokens(home)
    reading, writing = os.pipe()
    for number in (reading, writing):
        not_started(home, 2, 'invalid_argument', '--fd', f'{number}=a/one', fds=(reading, writing))
    key = os.open(home.path / 'a.key', os.O_RDONLY)
    not_started(home, 2, 'invalid_argument', '--fd', f'{key}=a/one', '--key-fd', str(key), fds=(key,))
    os.close(key)
    assert text(home, '--fd', f'{key}=a/one', '--', 'cat', f'/dev/fd/{key}') == FIRST
    not_started(home, 2, 'invalid_argument', '--fd', '999999999=a/one')


def test_absent_and_expired_tokens_start_nothing(home):
    with_tokens(home)
    home.run('put', 'a/old', '--stdin', '--expires', '2001-01-01', stdin=FIRST.encode())
    for flag, target in (('--file', 'F'), ('--fd', '3')):
        not_started(home, 14, 'not_found', flag, f'{target}=a/none')
        not_started(home, 14, 'not_found', '--env', 'E=a/one', flag, f'{target}=a/none')
        not_started(home, 17, 'expired', flag, f'{target}=a/old')
        not_started(home, 10, 'no_vault', flag, f'{target}=a/one', '--vault', 'none')
    flags = ('--expired-ok', '--file', 'F=a/old', '--fd', '3=a/old')
    assert text(home, *flags, '--', 'sh', '-c', 'cat "$F" /dev/fd/3') == FIRST * 2


def test_usage(home):
    with_tokens(home)
    for bad in ('--file', '--file=F', '--file==a/one', '--file=F=', '--file=F=a//b', '--fd', '--fd=3', '--fd==a/one',
                '--fd=3=', '--fd=3=a//b', '--fd=0=a/one', '--fd=2=a/one', '--fd=-3=a/one', '--fd=03=a/one',
                '--fd=x=a/one', '--fd=3x=a/one', '--fd= 3=a/one', '--fd=99999999999=a/one'):
        not_started(home, 2, 'invalid_argument', bad)
    for twice in (('--file', 'F=a/one', '--file', 'F=a/two'), ('--file', 'F=a/one', '--env', 'F=a/two'),
                  ('--fd', '3=a/one', '--fd', '3=a/two')):
        not_started(home, 2, 'invalid_argument', *twice)


def test_a_variable_of_that_name_is_replaced(home):
    with_tokens(home)
    told = text(home, '--file', 'F=a/one', '--', 'env', '-0', variables={'F': 'before', 'FF': 'kept'})
    assert told.count('\0F=') + told.startswith('F=') == 1 and '\0FF=kept' in f'\0{told}' and 'before' not in told


def test_our_own_failure_is_125(home):
    """And not 1, which the command itself may end with."""
    with_tokens(home)
    words = [home.command, 'run', '--json', '--file', 'F=a/one', '--', 'true']
    done = subprocess.run(['sh', '-c', 'ulimit -n 20; exec "$@"', 'sh', *words], capture_output=True, env=home.variables,
                          stdin=subprocess.DEVNULL, timeout=60)
    line = json.loads(done.stderr)
    assert (done.returncode, line['code'], line['kind'], done.stdout) == (125, 125, 'io', b''), done


run_all(tests_of(globals()))
