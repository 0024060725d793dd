"""Starts tokenvault-recipe as the rotator does, and what its tests share."""
import fcntl
import json
import os
import re
import sys
import tempfile
import traceback
from collections import namedtuple
from pathlib import Path

SKIP = 77
# Every secret of these tests holds it.
MARKER = 'S3CRETmarker'
ENVIRONMENT = {'PATH': '/usr/bin:/bin', 'HOME': '/', 'LANG': 'C.UTF-8', 'TVP': '1'}
Answer = namedtuple('Answer', 'code json token stdout stderr')


def _high(fd):
    """Away from the numbers that the program is given."""
    moved = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 20)
    os.close(fd)
    return moved


def _filled(data):
    """The end to read from of a pipe that holds `data`, at most 1 MiB."""
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 1 << 20)
    os.write(writer, data)
    os.close(writer)
    return _high(reader)


def _drain(fd):
    with os.fdopen(fd, 'rb') as stream:
        return stream.read()


class Program:
    def __init__(self, path):
        self.path = path
        self.folder = tempfile.TemporaryDirectory(prefix='tokenvault-recipe-')

    def file(self, name, content, mode=0o600):
        path = Path(self.folder.name) / name
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding='utf-8')
        path.chmod(mode)
        return str(path)

    def shipped(self, name):
        """A recipe that came with the program, without its comments, for tests that change it."""
        text = (Path(self.path).parent / 'recipes' / (name + '.json')).read_text(encoding='utf-8')
        return json.loads(re.sub(r'^\s*//.*$', '', text, flags=re.M))

    def start(self, verb, stdin, secrets=b'', token_out=True, close=(), arguments=None):
        inputs = [_filled(stdin), _filled(secrets)]
        outputs = [tuple(map(_high, os.pipe())) for _ in range(3)]
        actions = [(os.POSIX_SPAWN_DUP2, inputs[0], 0), (os.POSIX_SPAWN_DUP2, outputs[0][1], 1),
                   (os.POSIX_SPAWN_DUP2, outputs[1][1], 2), (os.POSIX_SPAWN_DUP2, inputs[1], 3)]
        actions += [(os.POSIX_SPAWN_DUP2, outputs[2][1], 4)] if token_out else [(os.POSIX_SPAWN_CLOSE, 4)]
        actions += [(os.POSIX_SPAWN_CLOSE, fd) for fd in close]
        argv = [self.path] + ([verb] if arguments is None else arguments)
        pid = os.posix_spawn(self.path, argv, ENVIRONMENT, file_actions=actions)
        for fd in inputs + [writer for _, writer in outputs]:
            os.close(fd)
        stdout, stderr, token = (_drain(reader) for reader, _ in outputs)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        for shown in (stdout, stderr):
            assert MARKER.encode() not in shown, f'{verb}: a secret is shown'
        try:
            answer = json.loads(stdout)
        except ValueError:
            answer = None
        return Answer(code, answer, token, stdout.decode(), stderr.decode())

    def ask(self, verb, recipe, secrets=(), settings=None, **members):
        """`secrets`: pairs of name and bytes, as they lie on descriptor 3."""
        request = {'tvp': 1, 'verb': verb, 'rotation': 'r0t4t10n' * 2 + 'abcdef', 'name': 'acme/claimr',
                   'tokens': [{'name': name, 'size': len(value)} for name, value in secrets],
                   'settings': dict(settings or {}, recipe=recipe), **members}
        return self.start(verb, json.dumps(request).encode(), b''.join(value for _, value in secrets))


def want(answer, code, **members):
    assert answer.code == code, f'exit {answer.code}, wanted {code}: {answer.stdout}{answer.stderr}'
    assert isinstance(answer.json, dict), f'no answer: {answer.stdout!r}'
    for name, value in members.items():
        assert answer.json.get(name) == value, f'{name}: {answer.json}'
    if code != 0:
        assert answer.stderr.count('\n') == 1 and len(answer.stderr) > 30, f'no clear line: {answer.stderr!r}'
    return answer


def run_all(cases):
    """Runs every case with the program that argv names; one line each, and the exit code of the test."""
    if len(sys.argv) < 2 or not os.path.exists(sys.argv[1]):
        print('skipped: tokenvault-recipe was not built, since libcurl was not there')
        return SKIP
    failed = 0
    for case in cases:
        program = Program(sys.argv[1])
        try:
            print(f'ok   {case.__name__}: {case(program) or ""}')
        except Exception:  # noqa: BLE001 - whatever it was, it is a failure with a name
            failed += 1
            print(f'FAIL {case.__name__}\n{traceback.format_exc()}')
    print(f'{len(cases)} cases, {failed} failed')
    return 1 if failed or not cases else 0
