"""What the helpers hand out is on stdout and nowhere else: arguments, environment, files, names and all that is written."""
import os
import tempfile

from harness import Skipped, run_all, tests_of
from marker_search import MARKER, Search, can_trace

TOKEN = f'{MARKER}-planted'
GET = b'protocol=https\nhost=h\n'
outside = tempfile.TemporaryDirectory(prefix='tokenvault-marker-')  # for what may hold tokens: it is not searched


def test_every_helper(home):
    trace = can_trace()
    search = Search(home, None if trace else os.path.join(outside.name, 'trace'))
    home.init()
    home.run('put', 'a/one', '--stdin', stdin=TOKEN.encode())
    home.run('put', 'a/aws', '--stdin', stdin=b'{"AccessKeyId":"x","SecretAccessKey":"' + TOKEN.encode() + b'"}')
    home.file('config/tokenvault/helpers', b'docker h a/one\n')
    known = GET + b'password=' + TOKEN.encode() + b'\n'
    for words, stdin in ((('git', '--name', 'a/one', 'get'), GET), (('docker', 'get'), b'h'), (('aws', '--name', 'a/aws'), None),
                         (('aws', '--name', 'a/one', '--access-key-id', 'x'), None), (('kubectl', '--name', 'a/one'), None),
                         (('curl', '--name', 'a/one'), None), (('curl', '--name', 'a/one', '--format', 'config'), None)):
        done, found = search.found('helper', *words, stdin=stdin)
        assert done.returncode == 0 and found == ['stdout: raw'], (words, done.stderr, found)
    for words, stdin in ((('git', '--name', 'a/one', 'erase'), known), (('git', '--name', 'a/one', 'store'), known),
                         (('git', '--for', 'x=a/one', 'get'), known), (('docker', 'list'), None), (('docker', 'erase'), b'h'),
                         (('docker', 'store'), b'{"ServerURL":"h","Secret":"' + TOKEN.encode() + b'"}')):
        assert search.clean('helper', *words, stdin=stdin).returncode == 0, words
    if trace:
        raise Skipped(trace)
    assert search.started == search.runs


run_all(tests_of(globals()))
