"""Writes the published vectors beside this file, one a line, from clones of where they were published, as of one
commit.

Arguments: folders of C2SP/wycheproof, BLAKE2/BLAKE2 and jedisct1/libsodium. Needs `argon2`, the reference's program.
Tests need none of it: they read what is here. A line is the fields that the line `fields` names; `-` is an empty one.
"""
import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
WYCHEPROOF = ('C2SP/wycheproof', 'dac1dd4729fd1f8dd9e1e9f3dce51d783da6c166', 'Apache-2.0')
BLAKE2 = ('BLAKE2/BLAKE2', 'ed1974ea83433eba7b2d95c5dcd9ac33cb847913', 'CC0-1.0')
LIBSODIUM = ('jedisct1/libsodium', '940ef42797baa0278df6b7fd9e67c7590f87744b', 'ISC')  # 1.0.18
COUNTING = bytes(range(256))


def write(name, source, licence, fields, rows):
    lines = [f'# source: {source}', f'# licence: {licence}', f'# fields: {" ".join(fields)}']
    lines += [' '.join(str(row[field]) if row[field] != '' else '-' for field in fields) for row in rows]
    (HERE / f'{name}.vec').write_text('\n'.join(lines) + '\n', encoding='utf-8')
    print(f'{name}: {len(lines) - 3}')


class Clone:
    def __init__(self, folder, origin):
        self.folder, (self.name, self.commit, self.licence) = folder, origin

    def text(self, path):
        return subprocess.run(['git', '-C', self.folder, 'show', f'{self.commit}:{path}'], check=True,
                              capture_output=True, text=True).stdout

    def write(self, name, path, fields, rows):
        write(name, f'https://github.com/{self.name}, {path}, commit {self.commit}', self.licence, fields, rows)


def wycheproof(clone):
    def tests(name):
        path = f'testvectors_v1/{name}_test.json'
        return path, [test for group in json.loads(clone.text(path))['testGroups'] for test in group['tests']]

    path, rows = tests('xchacha20_poly1305')
    for row in rows:
        row['sealed'] = row['ct'] + row['tag']
    clone.write('xchacha20_poly1305', path, ['tcId', 'result', 'key', 'iv', 'aad', 'msg', 'sealed'], rows)
    path, rows = tests('x25519')
    clone.write('x25519', path, ['tcId', 'result', 'private', 'public', 'shared'], rows)
    path, rows = tests('siphash_2_4')
    clone.write('siphash_2_4', path, ['tcId', 'result', 'key', 'msg', 'tag'], rows)


def blake2(clone):
    """Data is 00 01 02 … of the size given, a key likewise."""
    path = 'testvectors/blake2-kat.json'
    rows = [test for test in json.loads(clone.text(path)) if test['hash'] == 'blake2b']
    for row in rows:
        data, key = bytes.fromhex(row['in']), bytes.fromhex(row['key'])
        assert data == COUNTING[:len(data)] and key == COUNTING[:len(key)]
        row.update(data=len(data), key=len(key))
    clone.write('blake2b', path, ['data', 'key', 'out'], rows)


def personalised():
    """By Python's hashlib, which is BLAKE2's reference code."""
    rows = []
    for n in range(0, 192):
        person = (b'tv1 person %d' % n)[:n % 17]
        data, key, size = n * 7 % 257 % 256, n * 5 % 65, 16 + n * 3 % 49
        made = hashlib.blake2b(COUNTING[:data], key=COUNTING[:key], person=person, digest_size=size)
        rows.append({'person': person.hex(), 'data': data, 'key': key, 'out': made.hexdigest()})
    write('blake2b_person', 'made by hashlib.blake2b of CPython, the reference code of BLAKE2', 'CC0-1.0',
          ['person', 'data', 'key', 'out'], rows)


def libsodium(clone):
    lines = clone.text('test/default/kdf.exp').splitlines()
    assert lines[-1].startswith('tv_kdf') or len(lines) == 10 + 66 + 1
    rows = [{'number': n, 'out': out} for n, out in enumerate(lines[:10])]
    rows += [{'number': n, 'out': out} for n, out in enumerate(lines[10:76]) if re.fullmatch('[0-9a-f]+', out)]
    clone.write('kdf', 'test/default/kdf.exp; key 00 01 02 …, context "KDF test"', ['number', 'out'], rows)

    text = clone.text('test/default/pwhash_argon2id.c')
    given = []
    block = r'\{\s*((?:"[0-9a-f]*"\s*)+),\s*(\d+),\s*"([0-9a-f]+)",\s*\d+,\s*(\d+),\s*(\d+),\s*1 \}'
    for words, size, salt, passes, memory in re.findall(block, text):
        words = ''.join(re.findall('[0-9a-f]+', words))
        assert len(words) == 2 * int(size)
        given.append({'words': words, 'salt': salt[:32], 'passes': passes, 'kib': int(memory) // 1024})
    told = clone.text('test/default/pwhash_argon2id.exp').splitlines()[:len(given)]
    for row, out in zip(given, told, strict=True):
        row['out'] = out
    rows = [row for row in given if 'failure' not in row['out']]
    clone.write('argon2id', 'test/default/pwhash_argon2id.c, .exp', ['words', 'salt', 'passes', 'kib', 'out'], rows)

    strings = re.findall(r'\{ "(.*)",\s*"(\$argon2id.*)" \}', text)
    refused = {int(n) for n in re.findall(r'\[tv3\].*\[(\d+)\]', clone.text('test/default/pwhash_argon2id.exp'))}
    rows = [{'result': 'invalid' if n in refused else 'valid', 'words': words.encode().hex(), 'string': string}
            for n, (words, string) in enumerate(strings)]
    assert len(rows) == 6 and len(refused) == 3
    checks = r'str_verify\(\s*"([^"]*)"\s*"([^"]*)",\s*"(\w+)",\s*strlen\("\w+"\)\) != (-1|0)'
    rows += [{'result': 'valid' if answer == '0' else 'invalid', 'words': words.encode().hex(), 'string': one + two}
             for one, two, words, answer in re.findall(checks, text)]
    clone.write('password_string', 'test/default/pwhash_argon2id.c', ['result', 'words', 'string'], rows)


def reference_argon2():
    """By the program of the reference, at the costs that slots have; its salt has to be text."""
    rows = []
    for passes, kib in [(1, 8), (1, 8192), (2, 65536), (3, 65536), (3, 262144), (4, 65536), (7, 8192), (16, 8192),
                        (5, 9999)]:
        words, salt = b'words of %d' % passes, b'%016d' % kib
        made = subprocess.run(['argon2', salt, '-id', '-t', str(passes), '-k', str(kib), '-p', '1', '-r', '-l', '32'],
                              input=words, capture_output=True, check=True).stdout.decode().strip()
        rows.append({'words': words.hex(), 'salt': salt.hex(), 'passes': passes, 'kib': kib, 'out': made})
    write('argon2id_reference', 'made by the argon2 program of P-H-C/phc-winner-argon2, 20171227', 'CC0-1.0',
          ['words', 'salt', 'passes', 'kib', 'out'], rows)


def main(wycheproof_folder, blake2_folder, libsodium_folder):
    wycheproof(Clone(wycheproof_folder, WYCHEPROOF))
    blake2(Clone(blake2_folder, BLAKE2))
    personalised()
    libsodium(Clone(libsodium_folder, LIBSODIUM))
    reference_argon2()


if __name__ == '__main__':
    main(*sys.argv[1:])
