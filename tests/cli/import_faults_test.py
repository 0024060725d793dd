"""import: what is wrong in a file is named by its line, shown to nobody, and changes nothing."""
import json

from exchange import names, take, value
from harness import MARKER, run_all, tests_of

S = MARKER.encode()
FAULTS = {
    'dotenv': (
        (b'A=1\n' + S, 2), (b'A=1\n\n#\n' + S + b' x\n', 4), (b'=' + S, 1), (b"A='" + S, 1),
        (b'A=1\nB="' + S + b'\n\nC=2\n', 2),
        (b"A='" + S + b"' x", 1), (b"A='" + S + b"\\'x'", 1), (b'A="' + S + b'\\"', 1), (b'A=' + S + b'#x', 1),
        (b'A:' + S, 1),
        (b'A :' + S, 1), (b'A:\n', 1), (b'export\n', 1), (b'export ' + S, 1), (b'A/b=' + S, 1), (b'\xc3\xa4=' + S, 1),
        (b'A' * 256 + b'=x', 1),
        (b'A=' + S + b'\rB=2\n', 1), (b'A="' + S + b'\r"', 1), (b'#' + S + b'\rA=1', 1), (b'A="' + S + b'\xff"', 1),
        (b'A="\xc3"', 1),
        (b'A="\xed\xa0\x80"', 1), (b'\0' + S, 1), (b'A=1\r\n\r\nB=2\r\n' + S + b'\r\n', 4), (b'A="1\n2"\n' + S, 3)),
    'tsv': ((S, 1), (S + b'\n', 1), (b'a\tx\n' + S, 2), (b'a\tx\n\nb\ty\n', 2), (b'a\tx\r\n' + S + b'\r\n', 2),
            (b'\t' + S, 1),
            (b'a' * 256 + b'\t' + S, 1), (b'a//b\t' + S, 1), (b'\xff\t' + S, 1), (b'a\x01\t' + S, 1),
            (b'../a\t' + S, 1)),
    'json': (
        (b'', 1), (b'{', 1), (b'[]', 1), (b'{}', 1), (b'"' + S + b'"', 1), (b'{"tokens":{}}', 1),
        (b'{"tokens":[]', 1), (b'{"tokens":[]}x', 1),
        (b'{"tokens":[],"tokens":[]}', 1), (b'{"tokens":[\n{"name":"a","value":"' + S + b'"}\n', 3),
        (b'{"tokens":[],}', 1),
        *((b'{"tokens":[\n{"name":"ok","value":"x"},\n' + token + b']}', 3) for token in (
            b'{"name":"a"}', b'{"value":"' + S + b'"}', b'{"name":"a","value":"' + S + b'","value":"x"}',
            b'{"name":"a","value":"' + S + b'","value_b64":"eA=="}', b'{"name":"a","name":"b","value":"' + S + b'"}',
            b'{"name":"a","value":1}', b'{"name":"a","value":null}', b'{"name":1,"value":"' + S + b'"}',
            b'"' + S + b'"', b'null', b'{}', b'',
            b'{"name":"a","value":"' + S + b'",}', b'{"name":"a","value":"' + S + b'"},',
            b'{"name":"a" "value":"' + S + b'"}',
            b'{"name":"a","value":"' + S + b'\x01"}', b'{"name":"a","value":"' + S + b'\\x"}',
            b'{"name":"a","value":"' + S + b'\\ud800"}',
            b'{"name":"a","value":"' + S + b'\\udc00"}', b'{"name":"a","value":"' + S + b'\\ud800\\u0041"}',
            b'{"name":"a","value":"' + S + b'\\u12g4"}', b'{"name":"a","value":"' + S + b'\xff"}',
            b'{"name":"a","value":"' + S + b'\xed\xa0\x80"}',
            b'{"name":"a","value":"' + S + b'\xc0\xaf"}', b'{"name":"a","value":"' + S + b'\xc3"}',
            b"{'name':'a','value':'" + S + b"'}",
            b'{"name":"a","value_b64":"UzNDUk"}', b'{"name":"a","value_b64":"UzND UkVU"}',
            b'{"name":"a","value_b64":"UzNDUk==UzND"}',
            b'{"name":"a","value_b64":"Zh=="}', b'{"name":"a","value_b64":"Zm-_"}',
            b'{"name":"a","value_b64":"' + b'QUFB' * 1023 + b'QQ==QUFB"}',
            b'{"name":"a","value":"x","expires":"tomorrow"}', b'{"name":"a","value":"x","expires":"2027-01-31"}',
            b'{"name":"a","value":"x","expires":"90d"}', b'{"name":"a","value":"x","expires":"2027-02-30T00:00:00Z"}',
            b'{"name":"a","value":"x","expires":"1969-12-31T00:00:00Z"}', b'{"name":"a","value":"x","expires":1}',
            b'{"name":"a","value":"x","expires":null,"expires":null}',
            b'{"name":"a","value":"x","expires":"' + b'2' * 99 + b'"}',
            b'{"name":"","value":"' + S + b'"}', b'{"name":"a\\u0000","value":"' + S + b'"}',
            b'{"name":"' + b'n' * 256 + b'","value":"x"}',
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
            if b'"ok"' in text:
                assert 'token 2 in line 3: ' in told or 'token 3 in line 3: ' in told, (text[:80], told)
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
    for form, text in (('dotenv', b'A=1\nB=2\nA=' + S), ('tsv', b'A\t1\nB\t2\nA\t' + S),
                       ('tsv', S + b'\t1\nB\t2\n' + S + b'\t1'),
                       ('json', b'{"tokens":[{"name":"A","value":"1"},\n{"name":"B","value":"2"},\n'
                                b'{"name":"A","value":"' + S + b'"}]}')):
        for existing in ((), ('--replace',), ('--skip',)):
            assert b'line 3: the name is given twice' in take(home, form, text, *existing, expect=1).stderr
    assert names(home) == []
    take(home, 'dotenv', b'A=1\na=2\n')
    assert names(home) == ['A', 'a'] and value(home, 'a') == b'2'


def test_values_that_are_hardly_meant(home):
    home.init()
    cases = (('dotenv', b'A=ok\nB="%s"'), ('tsv', b'A\tok\nB\t%s'),
             ('json', b'{"tokens":[{"name":"A","value":"ok"},\n{"name":"B","value":"%s"}]}'))
    for form, text in cases:
        for bad in (b'', b'x' * 32769, b'a b', b'\xc3\xa4', b'\x7f',
                    *((b'\t', b'\x01') if form != 'json' else (b'\\t', b'\\u0001'))):
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


run_all(tests_of(globals()))
