"""The Python module in a process of its own: how it is found, what it finds, and its types."""
import os
import shutil
import subprocess
import sys

from client_home import CLIENTS, LIBRARY
from harness import MARKER, Skipped, run_all, tests_of

import tokenvault

MODULE = CLIENTS / 'python' / 'tokenvault'


def said(script, variables):
    told = subprocess.run([sys.executable, '-B', '-c', script], env=variables, capture_output=True, text=True,
                          check=False, timeout=60)
    assert told.returncode == 0, told.stderr
    return told.stdout


def test_the_defaults_are_those_of_the_command(home):
    home.init().put('acme/api')
    script = ('import tokenvault\nwith tokenvault.open() as vault, vault.get("acme/api") as token:\n'
              '    print(len(token), token)\n')
    assert said(script, dict(home.variables, TOKENVAULT_LIBRARY=LIBRARY, PYTHONPATH=str(MODULE.parent))) == (
        f'{len(MARKER) + 2} <secret>\n')


def test_a_library_that_is_not_there_is_one_line(home):
    script = 'try:\n    import tokenvault\nexcept ImportError as error:\n    print(error)\n'
    for place in ('/nowhere/libtokenvault.so.0', '/dev/null', home.file('text', b'no library')):
        told = said(script, {**home.variables, 'TOKENVAULT_LIBRARY': place, 'PYTHONPATH': str(MODULE.parent)})
        assert told == (f'tokenvault: cannot load {place}, which TOKENVAULT_LIBRARY names: it is no library of '
                        'tokenvault\n'), told


def test_a_library_beside_the_module_is_found(home):
    shutil.copytree(MODULE, home.path / 'tokenvault', ignore=shutil.ignore_patterns('__pycache__'))
    os.symlink(LIBRARY, home.path / 'tokenvault' / 'libtokenvault.so.0')
    variables = {**home.variables, 'PYTHONPATH': str(home.path)}
    assert said('import tokenvault; print(tokenvault.version())', variables) == f'{tokenvault.version()}\n'


def test_types_are_right(home):
    if subprocess.run([sys.executable, '-c', 'import mypy'], stderr=subprocess.DEVNULL, check=False).returncode:
        raise Skipped('mypy is not installed')
    told = subprocess.run([sys.executable, '-m', 'mypy', '--strict', '--cache-dir', str(home.path), 'tokenvault'],
                          cwd=MODULE.parent, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout


if __name__ == '__main__':
    run_all(tests_of(globals()))
