"""What the tests of import and export share: a way in, a way out."""
import base64
import json

from harness import MARKER

# What is awkward in one format or another; none has a NUL byte, and all are UTF-8.
TEXTS = (f'{MARKER}-1', 'x', '$HOME `id` $(id) ${x:-y}', '#', 'a #b', 'a#b', "it's", 'say "hi"', "'", '"', '`',
         "'both\"", '\'"`',
         "'quoted'", '"quoted"', '`quoted`', '\\', 'ends\\', '\\n', 'a\\nb', "a\\nb'", '\\r"\'', '\\\\n', ' lead',
         'trail ',
         '\tx\t', 'two\nlines', "two\nlines'", 'two\nlines"', '\n', '\nx\n', 'cr\rcr', 'ends\r', '\r', '\r\n', "\r'",
         'crlf\r\ncrlf', '\\\n', '\\\r', '\\\n\'', '\ufeffmark', '\xa0nbsp\xa0', '\u2028', '\U0001f600', '=', '==',
         'a=b',
         '!x', '*', '~', ';&|<>', '\x01\x1b[31m\x7f', 'x' * 32768, "'" * 20000, '\\"' * 9000, "-n", '%s%n', '{"a":"b"}')
EVERY_BYTE = bytes(range(1, 256))


def take(home, form, text, *words, **more):
    return home.run('import', '--format', form, '--stdin', *words, stdin=text, **more)


def names(home):
    return home.run('list').stdout.decode().split('\n')[:-1]


def value(home, *words):
    return home.run('get', *words, reveals=True).stdout


def document(*tokens, **more):
    return json.dumps({'tokens': tokens, **more}).encode()


def put(home, name, value, *words):
    home.run('put', name, '--stdin', '--binary', '--quiet', *words, stdin=value + b'\n')


def stored(home, values):
    """A vault with the values under A0, A1, and so on."""
    home.init()
    lines = [{'name': f'A{at}', 'value_b64': base64.b64encode(value).decode()} for at, value in enumerate(values)]
    home.run('import', '--format', 'json', '--stdin', stdin=json.dumps({'tokens': lines}).encode())
    return home


def exported(home, form, *words, expect=0):
    return home.run('export', '--format', form, '--reveal', *words, expect=expect, reveals=True).stdout


def carried(home, form, values):
    """Which of the values the format takes, by their names, and all of these in one file."""
    taken = {}
    for at, value in enumerate(values):
        done = home.run('export', '--format', form, '--reveal', '--env', f'A{at}=A{at}', expect=None, reveals=True)
        assert done.returncode in (0, 21), done
        if done.returncode == 0:
            taken[f'A{at}'.encode()] = value
        else:
            assert done.stdout == b'' and f' A{at}: '.encode() in done.stderr, done
    picks = [word for name in taken for word in ('--env', f'{name.decode()}={name.decode()}')]
    return taken, exported(home, form, *picks)
