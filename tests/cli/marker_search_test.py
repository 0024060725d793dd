"""The search for the marker finds it in every channel: leaks are planted one by one, by programs and by providers."""
import base64
import os
import sqlite3
import subprocess
import tempfile
import urllib.parse

from harness import Skipped, run_all, tests_of
from marked_program import FIRST, MarkedService
from marker_search import FORMS, MARKER, Search, aborted, can_trace, found_below, found_in

NAME = 'a/b'
TOKEN = f'{MARKER}-planted'
# In place of the command: it is told which leak to have.
LEAKY = r'''#!/usr/bin/python3
import base64, os, subprocess, sys
token = 'BACKWARDS'[::-1] + '-planted'
leak = sys.argv[1]
if leak == 'stdout':
    print(token)
if leak == 'stderr':
    print(token.encode().hex(), file=sys.stderr)
if leak == 'argument':
    subprocess.run(['/bin/true', base64.b64encode(b'to' + token.encode())])
if leak == 'variable':
    subprocess.run(['/bin/true'], env={'TOKEN': token})
if leak == 'removed':
    with open(os.environ['TMPDIR'] + '/removed', 'w') as file:
        file.write('beside it ' + token)
    os.unlink(file.name)
if leak in os.environ:
    with open(os.environ[leak] + '/planted', 'wb') as file:
        file.write(b'\0\xff' * 5000 + token.encode() + b'\n')
if leak == 'name':
    open(os.environ['TMPDIR'] + '/' + token, 'w').close()
if leak == 'crash':
    with open(sys.argv[2], 'wb') as gate:
        gate.write(b'.')
    import signal
    signal.pause()
'''
outside = tempfile.TemporaryDirectory(prefix='tokenvault-marker-')
no_trace = can_trace()


def search_of(home):
    return Search(home, None if no_trace else os.path.join(outside.name, 'trace'))


def leaky(home):
    search = search_of(home)
    home.command = home.file('leaky', LEAKY.replace('BACKWARDS', MARKER[::-1]).encode(), 0o700)
    return search


def leaks(search, *words):
    """Where the search finds it, each once."""
    _, found = search.found(*words)
    return {each.rsplit(': ', 1)[0] for each in found}


def needs_trace():
    if no_trace:
        raise Skipped(no_trace)


def test_every_form(home):
    raw = TOKEN.encode()
    texts = [raw, raw.hex().encode(), raw.hex().upper().encode(), TOKEN.encode('utf-16le'),
             ''.join(f'%{byte:02X}' for byte in raw).encode(), urllib.parse.quote(TOKEN).encode()]
    for before in (b'', b'u', b'us', b'user:', b'a longer user:'):
        texts += [base64.b64encode(before + raw), base64.urlsafe_b64encode(before + raw)]
    for text in texts:
        assert found_in(b'\0\1' + text + b'\n'), text
    assert {name for text in texts for name in found_in(text)} == set(FORMS)
    half = MARKER[:len(MARKER) // 2].encode()
    assert not found_in(half + b' ' + base64.b64encode(half) + FIRST[len(MARKER):].encode())


def test_what_is_clean(home):
    assert leaks(leaky(home), 'nothing') == set()


def test_the_streams(home):
    search = leaky(home)
    for stream in ('stdout', 'stderr'):
        assert leaks(search, stream) == {stream}


def test_every_folder(home):
    search = leaky(home)
    for place in ('HOME', 'TMPDIR', *(f'XDG_{kind}_HOME' for kind in ('CONFIG', 'DATA', 'STATE', 'CACHE')), 'XDG_RUNTIME_DIR'):
        planted = os.path.join(search.home.variables[place], 'planted')
        assert planted in leaks(search, place), place
        os.unlink(planted)
    assert any('a name with it' in each for each in search.found('name')[1])


def test_what_was_removed_at_once(home):
    needs_trace()
    found = leaks(leaky(home), 'removed')
    assert len(found) == 1 and 'write' in found.pop()


def test_arguments_and_environment(home):
    needs_trace()
    search = leaky(home)
    for leak in ('argument', 'variable'):
        found = leaks(search, leak)
        assert found and all('execve' in each for each in found), (leak, found)


def test_a_core_file(home):
    search, gate = leaky(home), home.path / 'gate'
    os.mkfifo(gate)
    folder = home.variables['TMPDIR']
    aborted([home.command, 'crash', str(gate)], gate, home.variables, folder)
    if not any(name.startswith('core') for name in os.listdir(folder)):
        raise Skipped('no core file is written here')
    assert any('/core' in each for each in found_below(search.home.path))


def with_service(home):
    search = search_of(home)
    home.init().run('put', NAME, '--stdin', stdin=FIRST.encode())
    service = MarkedService(home, issue='once', old='kept')
    home.run('policy', NAME, '--provider', service.word)
    if home.run('probe', NAME, expect=None).returncode == 22:
        raise Skipped('this build starts no programs as providers')
    return search, service


def test_a_page_of_the_database(home):
    search, _ = with_service(home)
    path = next(search.home.path.joinpath('data').rglob('vault.db'))
    database = sqlite3.connect(path)
    database.execute('CREATE TABLE leak (value BLOB)')
    database.execute('INSERT INTO leak VALUES (?)', (b'\0' * 9000 + TOKEN.encode(),))
    database.commit()
    assert any(each.startswith(str(path)) for each in found_below(search.home.path))  # in the log of what is to come
    database.close()
    assert any(each.startswith(f'{path}: ') for each in found_below(search.home.path))


def test_a_provider_that_writes_a_file(home):
    search, service = with_service(home)
    service.turn('plants a file')
    done, found = search.found('rotate', NAME)
    assert done.returncode == 0 and any('tmp/planted' in each for each in found), (done, found)


def test_a_provider_that_starts_others_with_it(home):
    needs_trace()
    for way in ('plants an argument', 'plants a variable'):
        search, service = with_service(type(home)(home.command))
        service.turn(way)
        done, found = search.found('rotate', NAME)
        assert done.returncode == 0 and found and all('execve' in each for each in found), (way, done, found)


def test_what_a_provider_is_shown(home):
    """Arguments and environment without strace: the program looks at its own and at those of what started it."""
    search, service = with_service(home)
    ask = f'echo {{}} | {service.program} describe 3</dev/null; true'
    for words, variables in ((['/bin/sh', '-c', ask], {'TOKEN': TOKEN}), (['/bin/sh', '-c', ask, TOKEN], {})):
        (service.folder / 'seen').unlink()
        subprocess.run(words, env={**home.variables, **variables}, check=True, capture_output=True)
        found = found_below(search.home.path)
        assert found and all('service/seen' in each for each in found), found


def test_what_is_meant_to_hold_it(home):
    search, _ = with_service(home)
    assert leaks(search, 'get', NAME) == {'stdout'}
    output = str(search.home.path / 'data/out')
    found = leaks(search, 'export', '--reveal', '--format', 'json', '--output', output)
    assert any(each.startswith(output) for each in found) and (no_trace or len(found) > 1), found
    os.unlink(output)
    needs_trace()
    found = leaks(search, 'run', '--env', f'TOKEN={NAME}', '--', '/bin/true')
    assert len(found) == 1 and 'execve' in next(iter(found)), found


run_all(tests_of(globals()))
