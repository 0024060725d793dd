"""import: a line without end, a file of any length, 100,000 tokens, in how much memory."""
import os
import resource
import subprocess

from exchange import names, value
from harness import MARKER, run_all, tests_of

GIB = 1024 * 1024 * 1024
S = MARKER.encode()


def fed(home, form, pieces, limit=256 * 1024 * 1024, words=()):
    """Runs an import on what `pieces` gives through a pipe; result, bytes taken, peak of resident KiB."""
    process = subprocess.Popen([home.command, 'import', '--format', form, '--stdin', *words], env=home.variables,
                               stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
                               if limit else None)
    taken = 0
    try:
        for piece in pieces:
            process.stdin.write(piece)
            taken += len(piece)
        process.stdin.close()
    except BrokenPipeError:
        pass
    stderr = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    process.stderr.close()
    return process.returncode, stderr, taken, usage.ru_maxrss


def test_a_line_without_end_fails_at_once(home):
    home.init()
    megabyte = 1024 * 1024
    for form, start, filling, code in (
            ('tsv', b'a\t', b'x', 21), ('tsv', b'', b'x', 1), ('dotenv', b'', b'A', 1), ('dotenv', b'A=', b'x', 21),
            ('dotenv', b'A="', b'x', 21),
            ('dotenv', b'#', b'x', 1), ('dotenv', b'A=x #', b'x', 1), ('dotenv', b'', b'\n', 1),
            ('dotenv', b'', b' ', 1), ('dotenv', b'A=', b' ', 1),
            ('json', b'', b' ', 1), ('json', b'{"', b'x', 1), ('json', b'{"x":"', b'y', 1),
            ('json', b'{"x":', b'1', 1), ('json', b'{"x":', b'[', 1),
            ('json', b'{"x":[', b'1,', 1), ('json', b'{"tokens":[{"name":"', b'n', 1),
            ('json', b'{"tokens":[{"name":"a","value":"', b'v', 21),
            ('json', b'{"tokens":[{"name":"a","value_b64":"', b'QUFB', 21),
            ('json', b'{"tokens":[{"name":"a","value":"v"', b' ', 1),
            ('json', b'{"tokens":[]', b' ', 1), ('json', b'{"tokens":[]}', b'\n', 1)):
        def pieces(start=start, filling=filling):
            yield start
            for _ in range(GIB // megabyte):
                yield filling * (megabyte // len(filling))
        status, stderr, taken, peak = fed(home, form, pieces())
        assert status == code and b'line ' in stderr, (form, start, filling, status, stderr)
        assert taken <= 4 * megabyte and peak < 64 * 1024, (form, start, filling, taken, peak)
    assert names(home) == []


def test_a_file_of_any_length_streams(home):
    """200 MiB that end in a fault: nothing waits in memory but what is sealed, here little."""
    home.init()

    def pieces():
        for number in range(400):
            yield b'#' + b'-' * (512 * 1024) + b'\nA%d=x\n' % number
        yield S
    status, stderr, _, peak = fed(home, 'dotenv', pieces())
    assert status == 1 and b'line 801: ' in stderr and peak < 64 * 1024, (status, stderr, peak)


def test_100_000_tokens(home):
    home.init()
    lines = [b'team/%05d/token\tvalue-%030d\n' % (number, number) for number in range(100000)]
    status, stderr, _, peak = fed(home, 'tsv', lines, limit=0)
    assert status == 0 and b'imported 100000 tokens (100000 new' in stderr, stderr
    assert value(home, 'team/54321/token') == b'value-%030d' % 54321
    status, stderr, _, _ = fed(home, 'tsv', lines[:-1] + [b'other\tx\n' + S], limit=0, words=('--replace',))
    assert status == 1 and b'line 100001: ' in stderr, stderr
    assert home.document('status')['tokens'] == 100000
    print(f'        peak {peak // 1024} MiB')


run_all(tests_of(globals()))
