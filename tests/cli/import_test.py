"""import: what the three formats mean, what is refused and where, all or nothing, in little memory."""
import base64
import json
import os
import random
import resource
import subprocess

import foreign_readers
from harness import KEY_B, MARKER, Home, run_all, tests_of
from terminal import Terminal

TOKEN = f'{MARKER}-1'
BINARY = bytes(range(256))
GIB = 1024 * 1024 * 1024


def take(home, form, text, *words, **more):
    return home.run('import', '--format', form, '--stdin', *words, stdin=text, **more)


def names(home):
    return home.run('list').stdout.decode().split('\n')[:-1]


def value(home, *words):
    return home.run('get', *words, reveals=True).stdout


def document(*tokens, **more):
    return json.dumps({'tokens': tokens, **more}).encode()


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


DOTENV = (
    (b'A=plain', b'plain'), (b'A = spaced\t', b'spaced'), (b'\t export \t A=x', b'x'), (b'A: yaml', b'yaml'), (b'A=a=b=', b'a=b='),
    (b"A='single \\n $X # no'", b'single \\n $X # no'), (b'A="double\\nand\\rmore\\t$X"', b'double\nand\rmore\\t$X'),
    (b'A=`back "\'tick\'"`', b'back "\'tick\'"'), (b'A="two\nlines"', b'two\nlines'), (b"A='two\r\nlines'", b'two\nlines'),
    (b'A=x # comment', b'x'), (b"A='x'# comment", b'x'), (b'A="x" # "y"', b'x'), (b'A="a\\\\nb"', b'a\\\nb'), (b"A=it's", b"it's"),
    (b'A=x\\', b'x\\'), (b'A=$HOME${X}`id`', b'$HOME${X}`id`'), (b'A.b-c_1=x', b'x'), (b'export=x', b'x'),
    (b'A="\xc3\xa4\xf0\x9f\x98\x80"', b'\xc3\xa4\xf0\x9f\x98\x80'), (b'A=a b', b'a b'), (b'\xef\xbb\xbfA=x', b'x'))


def test_dotenv(home):
    home.init()
    for at, (line, wanted) in enumerate(DOTENV):
        for end in (b'', b'\n', b'\r\n', b'\n\n#\n'):
            take(home, 'dotenv', line + end, '--prefix', f'p{at}/', '--binary', '--replace')
            name, = (token['name'] for token in home.document('list', f'p{at}/')['tokens'])
            assert value(home, name) == wanted, (line, end)


def test_json_strings(home):
    home.init()
    for text, wanted in ((r'"\"\\\/\b\f\n\r\t"', b'"\\/\b\f\n\r\t'), (r'"\u0041\u00e4\u20ac\ud83d\ude00"', 'A\u00e4\u20ac\U0001f600'.encode()),
                         ('"\u00e4\u20ac\U0001f600\x7f"', '\u00e4\u20ac\U0001f600\x7f'.encode()), (r'"\u0000"', b'\0'),
                         (r'"\uD7FF\uE000\uFFFF\uDBFF\uDFFF"', '\ud7ff\ue000\uffff\U0010ffff'.encode())):
        take(home, 'json', f'\ufeff {{"tokens"\r\n:[{{"name":"n\\u0061me", "value":{text}}} ]}}\r\n'.encode(), '--binary', '--replace')
        assert value(home, 'name') == wanted
    take(home, 'json', b'{"a":{"tokens":[{}]},"tokens":[{"x":[[{}],-0.5E+7,true,false,null],"name":"n","value":"v"}],"z":[]}')
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
    take(home, 'tsv', b'\xef\xbb\xbfa b/c\tx\ty\r\n\xc3\xa4\t' + BINARY.replace(b'\n', b'') + b'\n' + b'last\t\t', '--binary')
    assert value(home, 'a b/c') == b'x\ty' and value(home, '\u00e4') == BINARY.replace(b'\n', b'') and value(home, 'last') == b'\t'


def test_expiry(home):
    home.init()
    take(home, 'json', document({'name': 'a', 'value': 'x', 'expires': '2099-12-31T23:59:59+01:00'},
                                {'name': 'b', 'value': 'x', 'expires': None}, {'name': 'c', 'value': 'x'}))
    assert [token['expires'] for token in home.document('list')['tokens']] == ['2099-12-31T22:59:59Z', None, None]


S = MARKER.encode()
FAULTS = {
    'dotenv': (
        (b'A=1\n' + S, 2), (b'A=1\n\n#\n' + S + b' x\n', 4), (b'=' + S, 1), (b"A='" + S, 1), (b'A=1\nB="' + S + b'\n\nC=2\n', 2),
        (b"A='" + S + b"' x", 1), (b"A='" + S + b"\\'x'", 1), (b'A="' + S + b'\\"', 1), (b'A=' + S + b'#x', 1), (b'A:' + S, 1),
        (b'A :' + S, 1), (b'A:\n', 1), (b'export\n', 1), (b'export ' + S, 1), (b'A/b=' + S, 1), (b'\xc3\xa4=' + S, 1), (b'A' * 256 + b'=x', 1),
        (b'A=' + S + b'\rB=2\n', 1), (b'A="' + S + b'\r"', 1), (b'#' + S + b'\rA=1', 1), (b'A="' + S + b'\xff"', 1), (b'A="\xc3"', 1),
        (b'A="\xed\xa0\x80"', 1), (b'\0' + S, 1), (b'A=1\r\n\r\nB=2\r\n' + S + b'\r\n', 4), (b'A="1\n2"\n' + S, 3)),
    'tsv': ((S, 1), (S + b'\n', 1), (b'a\tx\n' + S, 2), (b'a\tx\n\nb\ty\n', 2), (b'a\tx\r\n' + S + b'\r\n', 2), (b'\t' + S, 1),
            (b'a' * 256 + b'\t' + S, 1), (b'a//b\t' + S, 1), (b'\xff\t' + S, 1), (b'a\x01\t' + S, 1), (b'../a\t' + S, 1)),
    'json': (
        (b'', 1), (b'{', 1), (b'[]', 1), (b'{}', 1), (b'"' + S + b'"', 1), (b'{"tokens":{}}', 1), (b'{"tokens":[]', 1), (b'{"tokens":[]}x', 1),
        (b'{"tokens":[],"tokens":[]}', 1), (b'{"tokens":[\n{"name":"a","value":"' + S + b'"}\n', 3), (b'{"tokens":[],}', 1),
        *((b'{"tokens":[\n{"name":"ok","value":"x"},\n' + token + b']}', 3) for token in (
            b'{"name":"a"}', b'{"value":"' + S + b'"}', b'{"name":"a","value":"' + S + b'","value":"x"}',
            b'{"name":"a","value":"' + S + b'","value_b64":"eA=="}', b'{"name":"a","name":"b","value":"' + S + b'"}',
            b'{"name":"a","value":1}', b'{"name":"a","value":null}', b'{"name":1,"value":"' + S + b'"}', b'"' + S + b'"', b'null', b'{}', b'',
            b'{"name":"a","value":"' + S + b'",}', b'{"name":"a","value":"' + S + b'"},', b'{"name":"a" "value":"' + S + b'"}',
            b'{"name":"a","value":"' + S + b'\x01"}', b'{"name":"a","value":"' + S + b'\\x"}', b'{"name":"a","value":"' + S + b'\\ud800"}',
            b'{"name":"a","value":"' + S + b'\\udc00"}', b'{"name":"a","value":"' + S + b'\\ud800\\u0041"}',
            b'{"name":"a","value":"' + S + b'\\u12g4"}', b'{"name":"a","value":"' + S + b'\xff"}', b'{"name":"a","value":"' + S + b'\xed\xa0\x80"}',
            b'{"name":"a","value":"' + S + b'\xc0\xaf"}', b'{"name":"a","value":"' + S + b'\xc3"}', b"{'name':'a','value':'" + S + b"'}",
            b'{"name":"a","value_b64":"UzNDUk"}', b'{"name":"a","value_b64":"UzND UkVU"}', b'{"name":"a","value_b64":"UzNDUk==UzND"}',
            b'{"name":"a","value_b64":"Zh=="}', b'{"name":"a","value_b64":"Zm-_"}', b'{"name":"a","value_b64":"' + b'QUFB' * 1023 + b'QQ==QUFB"}',
            b'{"name":"a","value":"x","expires":"tomorrow"}', b'{"name":"a","value":"x","expires":"2027-01-31"}',
            b'{"name":"a","value":"x","expires":"90d"}', b'{"name":"a","value":"x","expires":"2027-02-30T00:00:00Z"}',
            b'{"name":"a","value":"x","expires":"1969-12-31T00:00:00Z"}', b'{"name":"a","value":"x","expires":1}',
            b'{"name":"a","value":"x","expires":null,"expires":null}', b'{"name":"a","value":"x","expires":"' + b'2' * 99 + b'"}',
            b'{"name":"","value":"' + S + b'"}', b'{"name":"a\\u0000","value":"' + S + b'"}', b'{"name":"' + b'n' * 256 + b'","value":"x"}',
            b'{"x":01,"name":"a","value":"x"}', b'{"x":1.,"name":"a","value":"x"}', b'{"x":tru,"name":"a","value":"x"}',
            b'{"x":' + b'[' * 40 + b']' * 40 + b',"name":"a","value":"x"}', b'{"x":NaN,"name":"a","value":"x"}'))),
}


def test_faults_are_named_by_line_and_change_nothing(home):
    home.init()
    home.put('kept', 'x')
    before = home.vault.read_bytes()
    for form, cases in FAULTS.items():
        for text, line in cases:
            done = take(home, form, text, '--binary', expect=1)
            told = done.stderr.decode().split('\n')[0]
            assert f'line {line}: ' in told and done.stdout == b'' and done.stderr.count(b'\n') == 2, (text[:80], told)
            assert form != 'json' or line == 1 or 'token 2 in line 3' in told or text[-1:] != b'}' or b'},]' in text, told
    assert names(home) == ['kept'] and home.vault.read_bytes() == before
    failed = json.loads(take(home, 'tsv', b'x\ty\n' + S, '--json', expect=1).stderr)
    assert (failed['code'], failed['kind']) == (1, 'invalid_argument') and 'line 2' in failed['message']


def test_the_prefix_counts_for_the_name(home):
    home.init()
    assert b'line 2: ' in take(home, 'tsv', b'a\tx\n' + b'b' * 250 + b'\ty\n', '--prefix', 'prefix/', expect=1).stderr
    assert b'line 1: ' in take(home, 'tsv', b'a\tx\n', '--prefix', '/', expect=1).stderr
    assert names(home) == []


def test_a_name_twice_and_names_of_two_cases(home):
    home.init()
    for form, text in (('dotenv', b'A=1\nB=2\nA=' + S), ('tsv', b'A\t1\nB\t2\nA\t' + S), ('tsv', S + b'\t1\nB\t2\n' + S + b'\t1'),
                       ('json', b'{"tokens":[{"name":"A","value":"1"},\n{"name":"B","value":"2"},\n{"name":"A","value":"' + S + b'"}]}')):
        for existing in ((), ('--replace',), ('--skip',)):
            assert b'line 3: the name is given twice' in take(home, form, text, *existing, expect=1).stderr
    assert names(home) == []
    take(home, 'dotenv', b'A=1\na=2\n')
    assert names(home) == ['A', 'a'] and value(home, 'a') == b'2'


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


def test_values_that_are_hardly_meant(home):
    home.init()
    cases = (('dotenv', b'A=ok\nB="%s"'), ('tsv', b'A\tok\nB\t%s'), ('json', b'{"tokens":[{"name":"A","value":"ok"},\n{"name":"B","value":"%s"}]}'))
    for form, text in cases:
        for bad in (b'', b'x' * 32769, b'a b', b'\xc3\xa4', b'\x7f', *((b'\t', b'\x01') if form != 'json' else (b'\\t', b'\\u0001'))):
            words = () if len(bad) in (0, 32769) else ('--binary',)
            assert b'line 2: ' in take(home, form, text % bad, expect=21).stderr, (form, bad[:20])
            assert all(name.startswith('binary/') for name in names(home))
            if words:
                take(home, form, text % bad, *words, '--prefix', 'binary/', '--replace')
            else:
                take(home, form, text % bad, '--binary', expect=21)
        take(home, form, text % (b'x' * 32768), '--prefix', 'long/', '--replace')
        assert value(home, 'long/B') == b'x' * 32768
        for name in names(home):
            home.run('rm', name)
    assert b'line 1: ' in take(home, 'dotenv', b'A=\xc3\xa4', '--binary', expect=21).stderr
    assert b'line 1: ' in take(home, 'dotenv', b'A=\n"x"\n', '--binary', expect=21).stderr


def test_wrong_options(home):
    home.init()
    before = home.tree()
    for words in ((), ('--format', 'tsv'), ('--stdin',), ('--format', 'csv', '--stdin'), ('--format', 'tsv', '--stdin', '--from-file', 'x'),
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
    home.failure(21, 'read_only', 'import', '--format', 'tsv', '--stdin', '--vault', 'env-plain:x=PLAIN', variables={'PLAIN': TOKEN})
    home.failure(12, 'wrong_key', 'import', '--format', 'tsv', '--stdin', '--key-file', home.file('b.key', KEY_B), stdin=text)
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


def fed(home, form, pieces, limit=256 * 1024 * 1024, words=()):
    """Runs an import on what `pieces` gives through a pipe; result, bytes taken, peak of resident KiB."""
    process = subprocess.Popen([home.command, 'import', '--format', form, '--stdin', *words], env=home.variables, stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)) if limit else None)
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
            ('tsv', b'a\t', b'x', 21), ('tsv', b'', b'x', 1), ('dotenv', b'', b'A', 1), ('dotenv', b'A=', b'x', 21), ('dotenv', b'A="', b'x', 21),
            ('dotenv', b'#', b'x', 1), ('dotenv', b'A=x #', b'x', 1), ('dotenv', b'', b'\n', 1), ('dotenv', b'', b' ', 1), ('dotenv', b'A=', b' ', 1),
            ('json', b'', b' ', 1), ('json', b'{"', b'x', 1), ('json', b'{"x":"', b'y', 1), ('json', b'{"x":', b'1', 1), ('json', b'{"x":', b'[', 1),
            ('json', b'{"x":[', b'1,', 1), ('json', b'{"tokens":[{"name":"', b'n', 1), ('json', b'{"tokens":[{"name":"a","value":"', b'v', 21),
            ('json', b'{"tokens":[{"name":"a","value_b64":"', b'QUFB', 21), ('json', b'{"tokens":[{"name":"a","value":"v"', b' ', 1),
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


def changed(text, chance):
    likely = [b"'", b'"', b'`', b'\\', b'#', b'=', b':', b'\n', b'\r', b' ', b'\t', b'$', b'export ', b'A', b'\\n', b'\\r', b'\xc3\xa4', b'\x01']
    for _ in range(chance.randrange(1, 5)):
        at = chance.randrange(len(text) + 1)
        if chance.randrange(3):
            text = text[:at] + chance.choice(likely) + text[at:]
        else:
            text = text[:at] + text[at + chance.randrange(1, 4):]
    return text


def test_what_npm_would_read(home):
    """Whatever of some hundred odd files is accepted, npm's dotenv reads the same there."""
    npm = foreign_readers.NpmDotenv()
    home.init()
    chance = random.Random(20261125)
    good = [line for line, _ in DOTENV]
    taken = []
    for number in range(400):
        text = b'\n'.join(changed(line, chance).replace(b'A', b'%c' % (65 + at)) for at, line in enumerate(chance.sample(good, 1 + number % 2)))
        done = take(home, 'dotenv', text, '--binary', '--prefix', f'{number}/', expect=None)
        if done.returncode == 0:
            tokens = json.loads(home.run('export', '--format', 'json', '--reveal', '--prefix', f'{number}/', reveals=True).stdout)['tokens']
            taken.append((text, {token['name'].split('/')[1].encode(): base64.b64decode(token['value_b64']) if 'value_b64' in token
                                 else token['value'].encode() for token in tokens}))
    assert len(taken) > 60, len(taken)
    for version in foreign_readers.DOTENV_VERSIONS:
        for (text, ours), theirs in zip(taken, npm.read(version, [text for text, _ in taken])):
            assert ours == theirs, (version, text, ours, theirs)
    print(f'        {len(taken)} of 400 accepted, all of them as npm reads them')


run_all(tests_of(globals()))
