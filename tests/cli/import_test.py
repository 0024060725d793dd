"""import: what the three formats mean, what is refused and where, all or nothing, in little memory."""
import base64
import json
import os

from exchange import document, names, take, value
from harness import KEY_B, MARKER, Home, run_all, tests_of
from terminal import Terminal

TOKEN = f'{MARKER}-1'
BINARY = bytes(range(256))


def test_the_three_formats(home):
    home.init()
    for form, text in (('json', document({'name': 'a/b', 'value': TOKEN}, {'value': 'x', 'name': 'c'}, schema=1)),
                       ('dotenv', f'# comment\n\nA={TOKEN}\nexport B=x\n'.encode()),
                       ('tsv', f'a/b\t{TOKEN}\nd\tx\n'.encode())):
        path = home.file(f'file.{form}', text)
        done = home.run('import', '--format', form, '--from-file', path, '--prefix', f'{form}/')
        assert done.stderr == b'tokenvault: imported 2 tokens (2 new, 0 replaced, 0 skipped)\n' and done.stdout == b''
    assert names(home) == ['dotenv/A', 'dotenv/B', 'json/a/b', 'json/c', 'tsv/a/b', 'tsv/d']
    for name in ('json/a/b', 'dotenv/A', 'tsv/a/b'):
        assert value(home, name).decode() == TOKEN
    told = json.loads(take(home, 'tsv', b'new\tx\n', '--json').stdout)
    assert told == {'schema': 1, 'event': 'imported', 'added': 1, 'replaced': 0, 'skipped': 0}
    assert take(home, 'tsv', b'newer\tx\n', '--quiet').stderr == b''
    assert take(home, 'tsv', b'').stderr.startswith(b'tokenvault: imported 0 tokens')


def test_json_strings(home):
    home.init()
    for text, wanted in ((r'"\"\\\/\b\f\n\r\t"', b'"\\/\b\f\n\r\t'),
                         (r'"\u0041\u00e4\u20ac\ud83d\ude00"', 'A\u00e4\u20ac\U0001f600'.encode()),
                         ('"\u00e4\u20ac\U0001f600\x7f"', '\u00e4\u20ac\U0001f600\x7f'.encode()), (r'"\u0000"', b'\0'),
                         (r'"\uD7FF\uE000\uFFFF\uDBFF\uDFFF"', '\ud7ff\ue000\uffff\U0010ffff'.encode())):
        take(home, 'json', f'\ufeff {{"tokens"\r\n:[{{"name":"n\\u0061me", "value":{text}}} ]}}\r\n'.encode(),
             '--binary', '--replace')
        assert value(home, 'name') == wanted
    take(home, 'json', b'{"a":{"tokens":[{}]},'
                       b'"tokens":[{"x":[[{}],-0.5E+7,true,false,null],"name":"n","value":"v"}],"z":[]}')
    assert value(home, 'n') == b'v'
    take(home, 'json', b'{"tokens":[{"x":' + b'[' * 31 + b']' * 31 + b',"name":"deep","value":"v"}]}')


def test_any_bytes_in_base64(home):
    home.init()
    for size in (1, 2, 3, 256, 3071, 3072, 3073, 4096, 32767, 32768):
        content = (BINARY * 128)[:size]
        text = document({'name': 'b', 'value_b64': base64.b64encode(content).decode()})
        take(home, 'json', text, '--replace')
        assert value(home, 'b') == content
    assert 'line 1' in home.failure(21, 'refused', 'import', '--format', 'json', '--stdin', stdin=document(
        {'name': 'c', 'value_b64': base64.b64encode(b'x' * 32769).decode()}))['message']


def test_tsv(home):
    home.init()
    take(home, 'tsv', b'\xef\xbb\xbfa b/c\tx\ty\r\n\xc3\xa4\t' + BINARY.replace(b'\n', b'') + b'\n' + b'last\t\t',
         '--binary')
    assert value(home, 'a b/c') == b'x\ty' and value(home, 'last') == b'\t'
    assert value(home, '\u00e4') == BINARY.replace(b'\n', b'')


def test_expiry(home):
    home.init()
    take(home, 'json', document({'name': 'a', 'value': 'x', 'expires': '2099-12-31T23:59:59+01:00'},
                                {'name': 'b', 'value': 'x', 'expires': None}, {'name': 'c', 'value': 'x'}))
    assert [token['expires'] for token in home.document('list')['tokens']] == ['2099-12-31T22:59:59Z', None, None]


def test_names_that_are_there(home):
    home.init()
    home.put('B', TOKEN)
    for name in ('gone', 'ended'):
        home.put(name, TOKEN)
    home.run('rm', 'gone')
    home.run('destroy', 'ended', '--yes')
    text = b'A=1\nB=2\ngone=3\nended=4\n'
    failure = home.failure(15, 'already_exists', 'import', '--format', 'dotenv', '--stdin', stdin=text)
    assert 'token B' in failure['message'] and '--replace' in failure['hint'] and names(home) == ['B']
    told = json.loads(take(home, 'dotenv', text, '--skip', '--json').stdout)
    assert (told['added'], told['replaced'], told['skipped']) == (3, 0, 1)
    assert value(home, 'B').decode() == TOKEN and value(home, 'gone') == b'3' and value(home, 'ended') == b'4'
    told = json.loads(take(home, 'dotenv', text, '--replace', '--json').stdout)
    assert (told['added'], told['replaced'], told['skipped']) == (0, 4, 0)
    assert value(home, 'B') == b'2' and value(home, 'B', '--previous').decode() == TOKEN
    home.run('import', '--format', 'dotenv', '--stdin', '--replace', '--skip', stdin=text, expect=2)


def test_wrong_options(home):
    home.init()
    before = home.tree()
    for words in ((), ('--format', 'tsv'), ('--stdin',), ('--format', 'csv', '--stdin'),
                  ('--format', 'tsv', '--stdin', '--from-file', 'x'),
                  ('--format', 'vault', '--stdin'), ('--format', 'vault', '--from-file', 'x', '--binary'),
                  ('--format', 'tsv', '--stdin', '--source-key-file', 'x'), ('--format', 'tsv', '--stdin', MARKER)):
        assert home.run('import', *words, stdin=b'a\tx\n', expect=2).stdout == b''
    assert names(home) == [] and home.tree() == before


def test_where_nothing_can_be_read_or_written(home):
    text = b'a\tx\n'
    home.failure(10, 'no_vault', 'import', '--format', 'tsv', '--stdin', stdin=text)
    home.failure(10, 'no_vault', 'import', '--format', 'tsv', '--from-file', str(home.path / 'none'))
    home.init()
    home.failure(13, 'no_key', 'import', '--format', 'tsv', '--from-file', str(home.path / 'none'))
    home.failure(13, 'no_key', 'import', '--format', 'tsv', '--stdin', preexec_fn=lambda: os.close(0))
    home.failure(1, 'io', 'import', '--format', 'tsv', '--from-file', str(home.path))
    home.failure(21, 'read_only', 'import', '--format', 'tsv', '--stdin', '--vault', 'env-plain:x=PLAIN',
                 variables={'PLAIN': TOKEN})
    home.failure(12, 'wrong_key', 'import', '--format', 'tsv', '--stdin', '--key-file', home.file('b.key', KEY_B),
                 stdin=text)
    assert names(home) == []


def other_vault(home):
    """A file of another vault under KEY_B, with a label, an expiry and two versions."""
    other = Home(home.command)
    key = other.file('b.key', KEY_B)
    other.run('init', '--quiet', '--key-file', key)
    other.variables['TOKENVAULT_KEY_FILE'] = key
    other.put('a/b', f'{MARKER}-old')
    other.put('a/b')
    other.run('put', 'c', '--stdin', '--binary', '--label', 'all bytes', '--expires', '2020-01-01', stdin=BINARY)
    other.put('removed')
    other.run('rm', 'removed')
    file = str(home.path / 'other.tv')
    other.run('backup', file)
    home.file('b.key', KEY_B)
    return file


def test_another_vault(home):
    home.init()
    file = other_vault(home)
    words = ('import', '--format', 'vault', '--from-file', file)
    home.failure(12, 'wrong_key', *words)
    home.failure(12, 'wrong_key', *words, '--source-key-file', str(home.path / 'a.key'))
    home.failure(13, 'no_key', *words, '--source-key-file', str(home.path / 'none'))
    words += ('--source-key-file', str(home.path / 'b.key'))
    done = home.document(*words, '--prefix', 'x/')
    assert (done['added'], done['replaced'], done['skipped']) == (2, 0, 0)
    assert names(home) == ['x/a/b', 'x/c'] and value(home, 'x/a/b').decode() == TOKEN
    shown = home.document('show', 'x/c')
    assert (shown['label'], shown['expires']) == ('all bytes', '2020-01-01T00:00:00Z')
    assert value(home, 'x/c', '--expired-ok') == BINARY and len(home.document('history', 'x/a/b')['versions']) == 1
    home.failure(15, 'already_exists', *words, '--prefix', 'x/')
    assert home.document(*words, '--prefix', 'x/', '--skip')['skipped'] == 2
    done = home.run(*words, '--prefix', 'p' * 253, expect=1)
    assert b'token ' in done.stderr


def test_a_backup_of_the_same_vault(home):
    home.init()
    home.put('a')
    file = str(home.path / 'old.tv')
    home.run('backup', file)
    home.put('a', f'{MARKER}-2')
    home.run('import', '--format', 'vault', '--from-file', file, '--replace')
    assert value(home, 'a').decode() == TOKEN and home.document('show', 'a')['version'] == 3
    assert home.document('verify')['faults'] == []
    for content in (b'', b'A=1\n', open(file, 'rb').read()[:-1]):
        home.failure(16, 'tampered', 'import', '--format', 'vault', '--from-file', home.file('bad.tv', content))


def test_progress_at_a_terminal(home):
    home.init()
    fifo = str(home.path / 'fifo')
    os.mkfifo(fifo)
    for number, quiet in enumerate(((), ('--quiet',))):
        terminal = Terminal(home, 'import', '--format', 'tsv', '--from-file', fifo, *quiet)
        with open(fifo, 'wb', buffering=0) as writing:
            count = 0
            while b' tokens read' not in terminal.seen and count < 200000:
                writing.write(b'%d/%d\tx\n' % (number, count))
                count += 1
                if not quiet and count % 100 == 0:
                    show(terminal)
                if quiet and count == 2000:
                    break
        seen = terminal.ended(0)
        assert (b'\r\x1b[K' in seen) == (not quiet) and (b' tokens read' in seen) == (not quiet), seen[-200:]
        assert quiet or seen.index(b' tokens read') < seen.index(b'\r\x1b[K') < seen.index(b'imported'), seen[-200:]


def show(terminal):
    """Reads what the terminal has by now."""
    os.set_blocking(terminal.master, False)
    try:
        terminal.read_some()
    except BlockingIOError:
        pass
    finally:
        os.set_blocking(terminal.master, True)


run_all(tests_of(globals()))
