"""import of .env files: the rules, and that npm's dotenv reads whatever is accepted in the same way."""
import base64
import json
import random

import foreign_readers
from exchange import take, value
from harness import run_all, tests_of

DOTENV = (
    (b'A=plain', b'plain'), (b'A = spaced\t', b'spaced'), (b'\t export \t A=x', b'x'), (b'A: yaml', b'yaml'),
    (b'A=a=b=', b'a=b='),
    (b"A='single \\n $X # no'", b'single \\n $X # no'), (b'A="double\\nand\\rmore\\t$X"', b'double\nand\rmore\\t$X'),
    (b'A=`back "\'tick\'"`', b'back "\'tick\'"'), (b'A="two\nlines"', b'two\nlines'),
    (b"A='two\r\nlines'", b'two\nlines'),
    (b'A=x # comment', b'x'), (b"A='x'# comment", b'x'), (b'A="x" # "y"', b'x'), (b'A="a\\\\nb"', b'a\\\nb'),
    (b"A=it's", b"it's"),
    (b'A=x\\', b'x\\'), (b'A=$HOME${X}`id`', b'$HOME${X}`id`'), (b'A.b-c_1=x', b'x'), (b'export=x', b'x'),
    (b'A="\xc3\xa4\xf0\x9f\x98\x80"', b'\xc3\xa4\xf0\x9f\x98\x80'), (b'A=a b', b'a b'), (b'\xef\xbb\xbfA=x', b'x'))


def test_dotenv(home):
    home.init()
    for at, (line, wanted) in enumerate(DOTENV):
        for end in (b'', b'\n', b'\r\n', b'\n\n#\n'):
            take(home, 'dotenv', line + end, '--prefix', f'p{at}/', '--binary', '--replace')
            name, = (token['name'] for token in home.document('list', f'p{at}/')['tokens'])
            assert value(home, name) == wanted, (line, end)


def changed(text, chance):
    likely = [b"'", b'"', b'`', b'\\', b'#', b'=', b':', b'\n', b'\r', b' ', b'\t', b'$', b'export ', b'A', b'\\n',
              b'\\r', b'\xc3\xa4', b'\x01']
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
        text = b'\n'.join(changed(line, chance).replace(b'A', b'%c' % (65 + at)) for at,
                          line in enumerate(chance.sample(good, 1 + number % 2)))
        done = take(home, 'dotenv', text, '--binary', '--prefix', f'{number}/', expect=None)
        if done.returncode == 0:
            tokens = json.loads(home.run('export', '--format', 'json', '--reveal', '--prefix', f'{number}/',
                                         reveals=True).stdout)['tokens']
            taken.append((text, {token['name'].split('/')[1].encode(): base64.b64decode(token['value_b64'])
                                 if 'value_b64' in token
                                 else token['value'].encode() for token in tokens}))
    assert len(taken) > 60, len(taken)
    for version in foreign_readers.DOTENV_VERSIONS:
        for (text, ours), theirs in zip(taken, npm.read(version, [text for text, _ in taken])):
            assert ours == theirs, (version, text, ours, theirs)
    print(f'        {len(taken)} of 400 accepted, all of them as npm reads them')


run_all(tests_of(globals()))
