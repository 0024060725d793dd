"""The vectors of our own tokens, made again from docs/issuer.md with nothing of ours: zlib and hashlib alone."""
import hashlib
import json
import sys
import zlib
from pathlib import Path

FILE = Path(__file__).with_name('token_format.json')
DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
MASTER = bytes(range(32))
UNCHECKED = ['org_' + '0' * 55, 'org_' + 'z' * 55, 'claimr_7Hq2LmX0tRbEJc5vW1nYkQ8sGd3ZpUa9oIxMfTh4eNl6yCrB0wKjSVt']


def base62(number):
    return ''.join(DIGITS[number // 62 ** place % 62] for place in range(5, -1, -1))


def hash_key(master):
    return hashlib.blake2b(b'', digest_size=32, key=master, salt=(1).to_bytes(8, 'little') + bytes(8),
                           person=b'tvissuer' + bytes(8)).digest()


def vector(unchecked, key):
    crc = zlib.crc32(unchecked.encode())
    token = unchecked + base62(crc)
    return {'token': token, 'prefix': token.split('_')[0], 'id': token.split('_')[1][:12], 'crc32': f'{crc:08x}',
            'digest': hashlib.blake2b(token.encode(), digest_size=32, key=key).hexdigest()}


def malformed(token):
    middle = len(token) // 2
    changed = DIGITS[(DIGITS.index(token[middle]) + 1) % 62]
    return [token[:-1], token + ' ', token[:middle] + changed + token[middle + 1:], token[1:] + token[0]]


def document():
    key = hash_key(MASTER)
    tokens = [vector(unchecked, key) for unchecked in UNCHECKED]
    return {'master': MASTER.hex(), 'hash_key': key.hex(), 'tokens': tokens,
            'malformed': [bad for each in tokens for bad in malformed(each['token'])]}


def main():
    if sys.argv[1:] == ['--write']:
        FILE.write_text(json.dumps(document(), indent=1) + '\n', encoding='utf-8')
        return 0
    same = json.loads(FILE.read_text(encoding='utf-8')) == document()
    print(f'{FILE.name}: {len(UNCHECKED)} tokens,', 'as computed' if same else 'NOT what is computed')
    return 0 if same else 1


if __name__ == '__main__':
    sys.exit(main())
