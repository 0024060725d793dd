"""Helpers that are fed with anything: an error, nothing on stdout, nothing changed, and no word of it repeated."""
import os
import random
import signal
import subprocess

from harness import run_all, tests_of
from helper_home import helpers_file
from marker_search import MARKER

TOKEN = f'{MARKER}-planted'
GET = b'protocol=https\nhost=h\n'
ENDS = {0, 1, 2, 13, 14, 16, 21, 22}


def filled(home):
    home.init()
    home.run('put', 'a/one', '--stdin', stdin=TOKEN.encode())
    return home


def state(home):
    """Everything that a run could have changed."""
    return {path: path.read_bytes() for path in home.path.rglob('*') if path.is_file() and not path.name.endswith('-shm')}


def refused(home, before, *words, stdin=b'', expect=None, variables=None):
    """It ends by itself and gives nothing, whatever it says."""
    done = subprocess.run([home.command, 'helper', *words], input=stdin, capture_output=True, timeout=60,
                          env={**home.variables, **(variables or {})})
    assert done.returncode in (ENDS if expect is None else {expect}), (words, stdin[:60], done)
    said = done.stdout + done.stderr
    assert MARKER.encode() not in said and b'terminate' not in said, (words, stdin[:60], said)
    assert words[-1] == 'list' or b'Secret' not in done.stdout, (words, done)
    assert state(home) == before, (words, stdin[:60])
    return done


def test_git_is_told_nonsense(home):
    before = state(filled(home))
    secret = MARKER.encode()
    for text in (secret, secret + b'\n', b'=' + secret + b'\n', GET + secret, GET + b'path=' + secret + b'\0x\n',
                 GET + b'username=' + secret + b'\rx\n', b'\0' + GET, b'\xff\xfe' + secret, GET + b'password=' + b'v' * 40000,
                 b'k' * 40000 + b'=1\n', GET + (b'odd=' + secret + b'\n') * 5000):
        for action in ('get', 'erase'):
            assert refused(home, before, 'git', '--name', 'a/one', action, stdin=text, expect=2).stdout == b''


def test_git_is_told_much_that_it_need_not_know(home):
    before = state(filled(home))
    text = GET + ''.join(f'key{number}={number}\nwwwauth[]=Basic\n' for number in range(800)).encode()
    done = home.run('helper', 'git', '--name', 'a/one', 'get', stdin=text + b'\n' + b'\0' * 99999)
    assert done.stdout.endswith(TOKEN.encode() + b'\n') and state(home) == before


def test_docker_is_told_nonsense(home):
    helpers_file(filled(home), 'docker h a/one')
    before = state(home)
    for action in ('get', 'store'):
        for text in (b'', b'\n', b'\0', MARKER.encode() + b' x', b'\xff' * 10, b'[' * 32000, b'h' * 40000, b'{"ServerURL":"h"',
                     b'h\nh', b'h\0', b'https://' + MARKER.encode() + b'@h', b'{"ServerURL":"h","Secret":"' + MARKER.encode()):
            assert refused(home, before, 'docker', action, stdin=text).returncode != 0, (action, text[:40])


def test_values_that_a_client_could_not_take(home):
    filled(home)
    secret = MARKER.encode()
    for value in (secret + b'\nhost=evil', b'\n' + secret, secret + b'\0x', secret + b'\rx', b'\x7f' + secret, secret + b'\x1b[0m'):
        home.run('put', 'a/one', '--stdin', '--binary', stdin=value + b'\n')
        before = state(home)
        for words, stdin in ((('git', '--name', 'a/one', 'get'), GET), (('docker', '--name', 'a/one', 'get'), b'h'),
                             (('kubectl', '--name', 'a/one'), b''), (('aws', '--name', 'a/one'), b''),
                             (('aws', '--name', 'a/one', '--access-key-id', 'x'), b''), (('curl', '--name', 'a/one'), b''),
                             (('curl', '--name', 'a/one', '--format', 'config'), b''),
                             (('curl', '--name', 'a/one', '--format', 'netrc', '--host', 'h', '--user', 'u'), b'')):
            done = refused(home, before, *words, stdin=stdin, expect=21)
            assert words[0] == 'docker' or done.stdout == b'', (value, done)
    home.run('put', 'a/one', '--stdin', '--binary', stdin=b'\xff' + secret + b'\n')
    assert home.run('helper', 'git', '--name', 'a/one', 'get', stdin=GET).stdout.endswith(b'\xff' + secret + b'\n')
    for words in (('docker', '--name', 'a/one', 'get'), ('kubectl', '--name', 'a/one'), ('curl', '--name', 'a/one')):
        refused(home, state(home), *words, stdin=b'h', expect=21)
    home.run('put', 'a/one', '--stdin', '--binary', stdin='"\\\u00e4 \u20ac'.encode() + b'\n')
    assert b'"Secret":"\\"\\\\\xc3\xa4 \xe2\x82\xac"' in home.run('helper', 'docker', '--name', 'a/one', 'get', stdin=b'h').stdout


def test_files_that_say_nothing_good(home):
    filled(home)
    for content in (MARKER.encode(), b'git h', b'\0\0\0', b'git h a/one x y\n', b'git * a/one\n', b'got h a/one', b'\n' * 1001,
                    b'#' * 70000, os.urandom(500), b'git https://' + MARKER.encode() + b'@h a/one\n'):
        path = home.file('helpers', content)
        for words in (('git', '--map', path, 'get'), ('docker', '--map', path, 'get'), ('docker', '--map', path, 'list')):
            done = refused(home, state(home), *words, stdin=GET if words[0] == 'git' else b'h')
            assert done.returncode in (2, 21), (content[:40], done)
    path = home.file('helpers', b'git h a/one\n')
    for mode in (0o620, 0o602, 0o666):
        os.chmod(path, mode)
        refused(home, state(home), 'git', '--map', path, 'get', stdin=GET, expect=21)
    os.chmod(path, 0o644)
    os.symlink(path, home.path / 'link')
    assert TOKEN.encode() in home.run('helper', 'git', '--map', str(home.path / 'link'), 'get', stdin=GET).stdout
    refused(home, state(home), 'git', '--map', str(home.path), 'get', stdin=GET)
    refused(home, state(home), 'git', '--map', '/dev/zero', 'get', stdin=GET, expect=21)
    os.mkfifo(home.path / 'fifo')
    refused(home, state(home), 'git', '--map', str(home.path / 'fifo'), 'get', stdin=GET, expect=21)
    if os.geteuid() == 0:
        os.chown(path, 65534, 65534)
        refused(home, state(home), 'git', '--map', path, 'get', stdin=GET, expect=21)


def test_closed_streams(home):
    filled(home)
    for words in ('git --name a/one get', 'docker --name a/one get', 'docker store', 'curl --name a/one', 'kubectl --name a/one'):
        for closed in ('<&-', '>&-', '<&- >&- 2>&-'):
            line = f'"$0" helper {words} {closed}'
            done = subprocess.run(['sh', '-c', line, home.command], env=home.variables, stdin=subprocess.DEVNULL,
                                  capture_output=True, timeout=60)
            assert done.returncode >= 0 and MARKER.encode() not in done.stderr, (line, done)


def test_a_reader_that_goes_away(home):
    filled(home)
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([home.command, 'helper', 'curl', '--name', 'a/one'], stdout=writing, stderr=subprocess.PIPE,
                          env=home.variables, stdin=subprocess.DEVNULL, timeout=60)
    os.close(writing)
    assert done.returncode == 1 and MARKER.encode() not in done.stderr, done


def test_mutated_requests(home):
    """The process as a whole; the parsers alone meet thousands of these in a test of their own."""
    helpers_file(filled(home), 'docker h a/one', 'git h a/one')
    before = state(home)
    chance = random.Random(20261126)
    good = {'get': GET + f'password={MARKER}\n'.encode(), 'erase': GET + f'password={MARKER}\n'.encode()}
    for _ in range(120):
        action = chance.choice(('get', 'erase', 'store', 'list'))
        text = bytearray(good.get(action, b'{"ServerURL":"x.y","Secret":"' + MARKER.encode() + b'"}'))
        for _ in range(chance.randrange(1, 4)):
            at = chance.randrange(len(text))
            text[at:at + chance.randrange(3)] = bytes(chance.choice(b'\0\r\n={}"\xff') for _ in range(chance.randrange(3)))
        client = chance.choice(('git', 'docker'))
        done = subprocess.run([home.command, 'helper', client, action], input=bytes(text), capture_output=True, timeout=60,
                              env=home.variables)
        assert done.returncode in ENDS, (client, action, bytes(text), done)
        assert MARKER.encode() not in done.stderr, (client, action, bytes(text))
        assert (TOKEN.encode() in done.stdout) <= (client == 'git' and action == 'get'), (client, action, bytes(text))
    assert state(home) == before


def test_it_ends_with_the_client(home):
    """Git that is interrupted leaves nothing behind that waits."""
    child = subprocess.Popen([filled(home).command, 'helper', 'git', '--name', 'a/one', 'get'], env=home.variables,
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    child.stdin.write(b'protocol=https\n')
    child.stdin.flush()
    child.send_signal(signal.SIGINT)
    assert child.wait(60) == -signal.SIGINT and child.stdout.read() == b''
    child.stdin.close()


run_all(tests_of(globals()))
