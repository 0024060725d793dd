"""export: each format as its real readers read it, and what it cannot carry."""
import base64
import json
import subprocess

import foreign_readers
from exchange import EVERY_BYTE, TEXTS, carried, exported, put, stored
from harness import Home, run_all, tests_of



def test_shells(home):
    values = [text.encode() for text in TEXTS] + [EVERY_BYTE, b'\xff\xfe', EVERY_BYTE * 120]
    stored(home, values)
    text = exported(home, 'sh')
    for shell in foreign_readers.shells():
        read = foreign_readers.shell_reads(shell, text, home.path)
        for at, value in enumerate(values):
            assert read[f'A{at}'.encode()] == value, (shell, at)
    put(home, 'B', b'a\0b')
    assert 'NUL' in home.failure(21, 'refused', 'export', '--format', 'sh', '--reveal')['message']


def shell_keeps(shell, name):
    text = f"export {name}='value of ours'\n".encode()
    done = subprocess.run([shell, '-c', text.decode() + 'exec /usr/bin/env -0'], capture_output=True,
                          env=foreign_readers.PLAIN_VARIABLES)
    return done.returncode == 0 and f'{name}=value of ours'.encode() in done.stdout.split(b'\0')


def test_variables_that_a_shell_has_for_itself(home):
    home.init()
    home.put('a', 'x')
    names = {'PATH', 'IFS', 'OPTIND', 'PPID', 'LINENO', 'UID', 'SRANDOM', 'RANDOM', 'EPOCHSECONDS', '_'}
    for shell in foreign_readers.shells():
        listed = subprocess.run([shell, '-c', 'set'], capture_output=True, env=foreign_readers.PLAIN_VARIABLES).stdout
        names |= {line.split(b'=')[0].decode() for line in listed.splitlines() if b'=' in line}
    if 'bash' in foreign_readers.shells():
        names |= set(subprocess.run(['bash', '-c', 'compgen -v'], capture_output=True,
                                    env=foreign_readers.PLAIN_VARIABLES,
                                    text=True).stdout.split())
    lost = set()
    for name in sorted(names):
        kept = all(shell_keeps(shell, name) for shell in foreign_readers.shells())
        done = home.run('export', '--format', 'sh', '--reveal', '--env', f'{name}=a', expect=None)
        if not kept:
            lost.add(name)
        assert done.returncode == 21 or kept and done.returncode == 0, (name, kept, done)
    assert 'PPID' in lost and 'PATH' not in lost, lost


def test_names_that_are_no_variables(home):
    home.init()
    for name in ('acme/api', '1A', 'a-b', 'a.b', '\u00e4', 'a b', 'a=b', 'UID'):
        put(home, name, b'x')
    for form, good in (('sh', ()), ('dotenv', ('1A', 'a-b', 'a.b', 'UID')),
                       ('docker-env', ('1A', 'a-b', 'a.b', 'UID'))):
        for name in ('acme/api', '1A', 'a-b', 'a.b', '\u00e4', 'a b', 'UID'):
            words = ('export', '--format', form, '--reveal', '--env', f'{name}=acme/api')
            if name in good:
                home.run(*words)
            else:
                assert '--env VARIABLE=acme/api' in home.failure(21, 'refused', *words)['message'], name
        assert home.failure(21, 'refused', 'export', '--format', form, '--reveal')
        assert b'API' in exported(home, form, '--env', 'API=acme/api')


def test_docker(home):
    values = [text.encode() for text in TEXTS] + [EVERY_BYTE, b'\xff', b'a\0b', b"'", b'"', b"''", b'"a\'']
    stored(home, values)
    taken, text = carried(home, 'docker-env', values)
    expected = {at for at, value in enumerate(values)
                if b'\n' not in value and b'\0' not in value and not value.endswith(b'\r') and b'\xff' not in value and
                not (len(value) > 1 and value[:1] in (b'"', b"'") and value[:1] == value[-1:])}
    assert set(taken) == {f'A{at}'.encode() for at in expected}
    if foreign_readers.has_docker():
        assert foreign_readers.docker_itself_reads(text) == taken
    else:
        print('        docker is not installed: its rule, written again, reads instead')
    for takes_quotes in (False, True):
        assert foreign_readers.docker_rule_reads(text, takes_quotes) == taken


def dotenv_values():
    values = [text.encode() for text in TEXTS] + [EVERY_BYTE, b'\xff', b'a\0b', b'\xc3\xa4', b'\xed\xa0\x80']
    parts = ("'", '"', '`', '\\', '\n', '\r', 'n', '#', ' ', 'x')
    values += [(a + b + c).encode() for a in parts for b in parts for c in parts if a != ' ' or c != 'x'][::7]
    return values


def test_dotenv_and_our_import(home):
    values = dotenv_values()
    stored(home, values)
    taken, text = carried(home, 'dotenv', values)
    other = Home(home.command).init()
    other.run('import', '--format', 'dotenv', '--stdin', '--binary', stdin=text)
    document = json.loads(exported(other, 'json'))
    assert {token['name'].encode(): base64.b64decode(token['value_b64']) if 'value_b64' in token
            else token['value'].encode() for token in document['tokens']} == taken
    # Those that no kind of quotes keeps, and those that are no text.
    for value in (b'\xff', b'a\0b', b'\xed\xa0\x80', b"'\"`\n"):
        assert value not in taken.values(), value
    for value in (b'ends\\', b'\\n', b'two\nlines\'', b'cr\rcr', b'crlf\r\ncrlf', b'\\\r', b'\r\''):
        assert value in taken.values() or value not in values, value
    assert len(taken) > len(values) * 3 // 4, (len(taken), len(values))
    refused = [value for value in values if value not in taken.values() and b'\xff' not in value]
    assert all(any(quote in value for quote in (b"'", b'"', b'`', b'\\', b'\0')) or b'\xed' in value
               for value in refused), refused


def test_dotenv_and_npm(home):
    npm = foreign_readers.NpmDotenv()
    values = dotenv_values()
    stored(home, values)
    taken, text = carried(home, 'dotenv', values)
    for version in foreign_readers.DOTENV_VERSIONS:
        assert npm.read(version, [text])[0] == taken, version
        alone = [text_of_one.encode() for text_of_one in text.decode().split('\nA') if '\n' not in text_of_one]
        assert len(alone) > 40
        for line, read in zip(alone, npm.read(version, [b'A' + line.removeprefix(b'A') for line in alone])):
            (name, value), = read.items()
            assert taken[name] == value, line[:80]


def test_tsv(home):
    values = [text.encode() for text in TEXTS] + [EVERY_BYTE, b'\0', b'\t\t', b'\xff']
    stored(home, values)
    taken, text = carried(home, 'tsv', values)
    assert set(values) - set(taken.values()) == {value for value in values if b'\n' in value or value.endswith(b'\r')}
    other = Home(home.command).init()
    other.run('import', '--format', 'tsv', '--stdin', '--binary', stdin=text)
    assert exported(other, 'tsv') == b''.join(sorted(name + b'\t' + value + b'\n' for name, value in taken.items()))
    put(home, '\ufeffname', b'x')
    home.failure(21, 'refused', 'export', '--format', 'tsv', '--reveal', '--prefix', '\ufeff')


run_all(tests_of(globals()))
