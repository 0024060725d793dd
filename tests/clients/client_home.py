"""What the tests of the modules in src/clients share. Arguments: the command, the shared library, more."""
import hashlib
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
CLIENTS = HERE.parents[1] / 'src' / 'clients'
for folder in (HERE.parent / 'memory', HERE.parent / 'cli', CLIENTS / 'python'):
    sys.path.insert(0, str(folder))
sys.dont_write_bytecode = True
LIBRARY = os.environ['TOKENVAULT_LIBRARY'] = os.path.abspath(sys.argv[2])

import harness  # noqa: E402
import scanner  # noqa: E402
import tokenvault  # noqa: E402

KEY = harness.KEY_A
VALUE = f'{harness.MARKER}-value'.encode()
OTHER = f'{harness.MARKER}-other'.encode()


def token_of_no_text(seed):
    """A token with no piece that is in any program by itself."""
    return hashlib.sha256(seed).hexdigest()[:24].translate(str.maketrans('0123456789', 'QXZJVKWYGH')).encode()


def pieces(token):
    """Fewer than scanner.needles(), for processes of hundreds of megabytes: what is left of 15 bytes is seen."""
    forms = {f'raw[{at}]' for at in range(0, len(token), 8)} | {'hex', 'base64', 'utf16le'}
    return {needle: form for needle, form in scanner.needles(token).items() if form in forms}


def memory_vault(**tokens):
    """A vault of this test's own, with tokens in it."""
    vault = tokenvault.create('memory:', key=KEY)
    for name, value in tokens.items():
        vault.put(name, value)
    return vault


def raised(kind, call, *arguments, **more):
    """What `call` raises: just this, in one line without a secret."""
    try:
        call(*arguments, **more)
    except kind as error:
        assert type(error) is kind, f'{type(error).__name__} instead of {kind.__name__}'
        assert harness.MARKER not in repr(error) + str(error), 'a secret in an error'
        assert str(error) and '\n' not in str(error)
        return error
    raise AssertionError(f'{call} raised no {kind.__name__}')


def same(value, expected):
    """Compares without showing."""
    assert value == expected, 'the values differ'


def hits_of(words, token, **more):
    """Where pieces of `token` are in a probe's memory, once it has told the digest of what it took."""
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, **more) as probe:
        assert probe.stdout.readline().split() == [hashlib.sha256(token).hexdigest()], 'not the token'
        try:
            return scanner.scan_memory(probe.pid, pieces(token))[0]
        except PermissionError:
            raise harness.Skipped('this user may not look at memory') from None
        finally:
            probe.communicate('done\n')
