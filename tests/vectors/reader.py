#!/usr/bin/python3
"""Reads a vault. Written from docs/format.md alone, to show that the page is enough.

    reader.py CONTAINER --key-file F | --passphrase-file F | --x25519-file F | --recovery-file F [--reveal]

Prints the names; with --reveal also the values of the current versions. `Bad(layer)` carries the word of
section 7 of the page for whatever is refused.
"""
import argparse
import hashlib
import hmac
import re
import sqlite3
import struct
import sys

import nacl.bindings as sodium

MAGIC, NONE = b'TVAULT\x00\x01', 2**64 - 1
PASSPHRASE, RAW, RECIPIENT, RECOVERY = 1, 2, 3, 4
PARAMS = {PASSPHRASE: 24, RAW: 16, RECIPIENT: 64, RECOVERY: 64}
STAGES = {1: 'pending', 2: 'current', 3: 'previous', 4: 'retired'}
ROOT_MAX, BLOB_MAX, ENTRY_MAX, VALUE_MAX = 262144, 131072, 65536, 32768
CODE = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'


class Bad(Exception):
    def __init__(self, layer, why=''):
        super().__init__(layer + (': ' + why if why else ''))
        self.layer = layer


def need(good, layer, why=''):
    if not good:
        raise Bad(layer, why)


# Section 1: primitives

def H(person, key, data, n=32):
    return hashlib.blake2b(data, digest_size=n, key=key, person=person.encode()).digest()


def digest(data):
    return hashlib.blake2b(data, digest_size=32).digest()


def unseal(key, nonce, ad, sealed, layer):
    try:
        return sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(sealed, ad, nonce, key)
    except Exception:
        raise Bad(layer, 'does not open') from None


def unpad(data, block, layer):
    body = data.rstrip(b'\0')
    need(data and len(data) % block == 0, layer, 'length of the padded data')
    need(body[-1:] == b'\x80', layer, 'padding mark')
    need(len(data) - len(body) < block, layer, 'padding longer than a block')
    return body[:-1]


class Cursor:
    def __init__(self, data, layer):
        self.data, self.pos, self.layer = data, 0, layer

    def take(self, n):
        need(self.pos + n <= len(self.data), self.layer, 'cut short')
        self.pos += n
        return self.data[self.pos - n:self.pos]

    def num(self, size):
        return int.from_bytes(self.take(size), 'little')

    def done(self):
        return self.pos == len(self.data)


def text(raw, layer):
    try:
        s = raw.decode('utf-8')
    except UnicodeDecodeError:
        need(False, layer, 'not UTF-8')
        s = raw.decode('latin-1')
    need(not re.search('[\0-\x1f\x7f-\x9f]', s), layer, 'control character')
    return s


# Section 3: the root

def parse_root(data):
    """Everything that needs no key. Returns the parts, and the length of the root."""
    c = Cursor(data, 'header')
    magic = c.take(8)
    need(magic[:6] == MAGIC[:6], 'header', 'magic')
    need(magic == MAGIC, 'version')
    r = {'vault_id': c.take(16), 'generation': c.num(8), 'epoch': c.num(4), 'slots': []}
    need(r['generation'] >= 1, 'header', 'generation')
    need(r['epoch'] >= 1, 'header', 'epoch')
    n = c.num(1)
    need(1 <= n <= 32, 'header', 'number of slots')
    for _ in range(n):
        kind, size = c.num(1), c.num(2)
        need(size <= 512, 'header', 'slot body over 512')
        slot_id, body = c.take(8), c.take(size)
        need(kind not in PARAMS or size == PARAMS[kind] + 104, 'header', 'slot body length')
        r['slots'].append((kind, slot_id, body))
    need(len({s[1] for s in r['slots']}) == n, 'header', 'slot id twice')
    need(sum(s[0] == PASSPHRASE for s in r['slots']) <= 8, 'header', 'more than 8 passphrase slots')
    size = c.num(2)
    need(size == 0 or size in range(76, 40 + 36 * 512 + 1, 36), 'header', 'history length')
    r['history'] = c.take(size)
    r['signed'] = data[:c.pos]
    r['mac'] = c.take(32)
    r['header'] = data[:c.pos]
    r['top_nonce'] = c.take(24)
    r['top'] = c.take(c.num(4))
    need(c.pos <= ROOT_MAX, 'header', 'root over its limit')
    r['root'] = data[:c.pos]
    return r, c.pos


def code_key(code):
    """The X25519 private key in a recovery code (3.2); a code that is none is a key that fits nothing."""
    s = re.sub('[ -]', '', code).upper().translate(str.maketrans('OIL', '011'))
    need(len(s) == 56 and all(ch in CODE for ch in s), 'slot', 'not a recovery code')
    raw = sum(CODE.index(ch) << 5 * (55 - i) for i, ch in enumerate(s)).to_bytes(35, 'big')
    need(H('tv1 code', b'', raw[:32])[:3] == raw[32:], 'slot', 'recovery code mistyped')
    return raw[:32]


def slot_key(kind, secret, params):
    """None: this slot is not for this key."""
    if kind == PASSPHRASE:
        passes, kib = struct.unpack('<II', params[16:])
        need(1 <= passes <= 16, 'cost', 'passes')
        need(8192 <= kib <= 1048576, 'cost', 'memory')
        return sodium.crypto_pwhash_alg(32, secret, params[:16], passes, kib * 1024,
                                        sodium.crypto_pwhash_ALG_ARGON2ID13)
    if kind == RAW:
        return secret
    if sodium.crypto_scalarmult_base(secret) != params[:32]:
        return None
    try:
        shared = sodium.crypto_scalarmult(secret, params[32:])
    except Exception:          # the library's way of saying: all zero
        return None
    return shared if any(shared) else None


def slot_okm(key, vault_id, slot_id, kind, epoch, params):
    return H('tv1 slot', key, MAGIC + vault_id + slot_id + struct.pack('<BI', kind, epoch) + params, 64)


def unlock(r, kind, secret):
    if kind == RECOVERY and isinstance(secret, str):
        secret = code_key(secret)
    need(1 <= len(secret) <= 1024 if kind == PASSPHRASE else len(secret) == 32, 'slot', 'length of the key')
    for type_, slot_id, body in r['slots']:
        params, commit, nonce, wrapped = body[:-104], body[-104:-72], body[-72:-48], body[-48:]
        key = slot_key(kind, secret, params) if type_ == kind else None
        if key is None:
            continue
        okm = slot_okm(key, r['vault_id'], slot_id, kind, r['epoch'], params)
        if hmac.compare_digest(okm[32:], commit):
            return unseal(okm[:32], nonce, b'', wrapped, 'slot')
    raise Bad('slot', 'no slot opens')


def anchor_of(root, r):
    return r['vault_id'], r['generation'], H('tv1 anchor', b'', root)


class Vault:
    """Walks everything. `get(id)` gives a blob or None; `key` is (slot type, secret)."""

    def __init__(self, root, get, key, anchor=None):
        r, size = parse_root(root)
        need(size == len(root), 'header', 'bytes after the root')
        self.get, self.id, self.epoch, self.generation = get, r['vault_id'], r['epoch'], r['generation']
        mk = unlock(r, *key)
        need(hmac.compare_digest(H('tv1 header', mk, r['signed']), r['mac']), 'mac')
        self.anchor = anchor_of(root, r)
        if anchor and anchor[0] == self.id:
            need(self.generation > anchor[1] or self.anchor == anchor, 'stale', 'older or a fork')
        self.keys = {self.epoch: mk, **self.history(r['history'], mk)}
        self.seen, self.entries, self.live = set(), {}, 0
        self.top(unseal(H('tv1 top', mk, self.id), r['top_nonce'], r['header'], r['top'], 'top'), r)

    def history(self, sealed, mk):
        keys, last = {}, 0
        if sealed:
            plain = unseal(H('tv1 history', mk, self.id), sealed[:24], b'', sealed[24:], 'history')
            c = Cursor(plain, 'history')
            while not c.done():
                epoch = c.num(4)
                need(epoch > last, 'history', 'order')
                need(epoch < self.epoch, 'history', 'epoch not below the one of the header')
                keys[epoch], last = c.take(32), epoch
        return keys

    def top(self, plain, r):
        c = Cursor(unpad(plain, 1024, 'top'), 'top')
        self.tree_key = c.take(32)
        n = c.num(1)
        need(n <= 32, 'top', 'commits')
        self.commits = [c.take(16) for _ in range(n)]
        n, last, labels = c.num(1), b'', {}
        need(n <= 32, 'top', 'labels')
        for _ in range(n):
            slot_id, created = c.take(8), c.num(8)
            need(slot_id > last, 'top', 'order of the labels')
            labels[slot_id], last = (created, text(c.take(c.num(1)), 'top')), slot_id
        self.slots = [(k, i, *labels.get(i, (None, None))) for k, i, _ in r['slots']]
        self.tokens, c.layer = c.num(8), 'tree'
        self.body(c, b'')
        need(self.tokens == self.live, 'tree', 'tokens')

    # Section 4: the tree

    def pointer(self, c):
        blob_id, epoch, hash_ = c.take(24), c.num(4), c.take(32)
        need(blob_id not in self.seen, 'tree', 'id twice')
        self.seen.add(blob_id)
        return blob_id, epoch, hash_

    def blob(self, pointer, kind, tail):
        blob_id, epoch, hash_ = pointer
        need(epoch in self.keys, kind, 'epoch without a key')
        data = self.get(blob_id)
        need(data is not None, kind, 'missing')
        need(len(data) <= BLOB_MAX, 'container', 'blob over its limit')
        need(digest(data) == hash_, kind, 'digest')
        ad = self.id + struct.pack('<I', epoch) + tail
        return unseal(H('tv1 ' + kind, self.keys[epoch], self.id), blob_id, ad, data, kind)

    def body(self, c, digits):
        """Reads one body to its end and all below it; returns the smallest wake."""
        kind, n = c.num(1), c.num(2)
        need(kind <= 1, 'tree', 'kind of body')
        if kind == 0:
            need(n or not digits, 'tree', 'empty leaf below the top')
            found, names = [], [b'']
            for _ in range(n):
                found.append(self.entry(c, digits))
                need(found[-1]['raw'] > names[-1], 'tree', 'order of the entries')
                names.append(found[-1]['raw'])
            need(c.done(), 'tree', 'bytes after the leaf')
            for e in found:
                self.entries[e['name']] = e
                self.live += not e['removed'] and not e['destroyed']
                e['versions'] = [self.record(e['raw'], *v) for v in e['versions']]
            return min([e['wake'] for e in found], default=NONE)
        # Past 64 digits no entry could be on its path; the second half only says so before going there.
        need(n and len(digits) < 64, 'tree', 'branch without children or below the last digit')
        kids = [(i, self.pointer(c), c.num(8)) for i in range(16) if n >> i & 1]
        need(c.done(), 'tree', 'bytes after the branch')
        for i, pointer, wake in kids:
            path = digits + bytes([i])
            plain = unpad(self.blob(pointer, 'node', bytes([len(path)]) + path), 1024, 'node')
            need(self.body(Cursor(plain, 'tree'), path) == wake, 'tree', 'wake of a child')
        return min(k[2] for k in kids)

    def entry(self, c, digits):
        start, raw = c.pos, c.take(c.num(1))
        name = text(raw, 'tree')
        need(not {'', '.', '..'} & set(name.split('/')), 'tree', 'segments of a name')
        path = bytes(d for b in H('tv1 path', self.tree_key, raw) for d in (b >> 4, b & 15))
        need(path.startswith(digits), 'tree', 'entry off its path')
        flags, last, wake, fields, versions, tag = c.num(1), c.num(4), c.num(8), {}, [], -1
        need(flags <= 2, 'tree', 'flags')
        need(last >= 1, 'tree', 'last')
        for _ in range(c.num(1)):
            before, tag = tag, c.num(1)
            need(tag > before, 'tree', 'order of the fields')
            fields[tag] = c.take(c.num(2))
        need(len(fields.get(1, b'')) <= 255, 'tree', 'label over its limit')
        label = text(fields[1], 'tree') if 1 in fields else None
        for _ in range(c.num(2)):
            versions.append((c.num(4), c.num(1), c.num(8), c.num(8), self.pointer(c)))
            need(versions[-1][1] in STAGES, 'tree', 'stage')
        need(c.pos - start <= ENTRY_MAX, 'tree', 'entry over its limit')
        numbers = [0] + [v[0] for v in versions]
        need(all(a < b for a, b in zip(numbers, numbers[1:])), 'tree', 'order of the versions')
        need(numbers[-1] <= last, 'tree', 'version after the last')
        need(all([v[1] for v in versions].count(s) <= 1 for s in (1, 2, 3)), 'tree', 'stage twice')
        need(flags == 2 or versions, 'tree', 'entry without versions')
        need(flags != 2 or not versions, 'tree', 'destroyed entry with versions')
        ends = [v[3] for v in versions if v[1] == 2 and v[3] and not flags]
        need(all(wake <= e for e in ends), 'tree', 'wake after the current version expires')
        return {'raw': raw, 'name': name, 'removed': flags == 1, 'destroyed': flags == 2, 'last': last,
                'wake': wake, 'label': label, 'fields': fields, 'versions': versions}

    # Section 5: records

    def record(self, name, number, stage, created, expires, pointer):
        tail = struct.pack('<IB', number, len(name)) + name
        value = unpad(self.blob(pointer, 'record', tail), 64, 'record')
        need(len(value) >= 1, 'record', 'empty value')
        need(len(value) <= VALUE_MAX, 'record', 'value over its limit')
        return number, STAGES[stage], created, expires, value


# Section 6: containers

def load(data):
    """A flat container: (root, {id: blob}). The root is parsed first, for it alone says where it ends."""
    _, end = parse_root(data)
    c, blobs, last = Cursor(data, 'container'), {}, b''
    c.pos = end
    while not c.done():
        blob_id, size = c.take(24), c.num(4)
        need(blob_id > last, 'container', 'order of the ids')
        need(size <= BLOB_MAX, 'container', 'blob over its limit')
        blobs[blob_id], last = c.take(size), blob_id
    return data[:end], blobs


def load_sqlite(path):
    db = sqlite3.connect('file:' + path.replace('%', '%25').replace('?', '%3f') + '?mode=ro', uri=True)
    try:
        pragma = [db.execute('PRAGMA ' + p).fetchone()[0] for p in ('application_id', 'user_version')]
        need(pragma == [0x54564C54, 1], 'container', 'not a vault database')
        row = db.execute('SELECT bytes FROM root WHERE id = 1').fetchone()
        blobs = dict(db.execute('SELECT id, bytes FROM blobs'))
    except sqlite3.Error as e:
        raise Bad('container', str(e)) from None
    finally:
        db.close()
    need(row is not None, 'container', 'no root')
    need(all(len(i) == 24 and len(b) <= BLOB_MAX for i, b in blobs.items()), 'container', 'id or blob length')
    return row[0], blobs


def read_bytes(data, key, anchor=None):
    root, blobs = load(data)
    return finish(Vault(root, blobs.get, key, anchor), blobs)


def read_file(path, key, anchor=None):
    with open(path, 'rb') as f:
        data = f.read()
    if not data.startswith(b'SQLite format 3\0'):
        return read_bytes(data, key, anchor)
    root, blobs = load_sqlite(path)
    return finish(Vault(root, blobs.get, key, anchor), blobs)


def finish(vault, blobs):
    vault.orphans = sorted(set(blobs) - vault.seen)
    return vault


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument('container')
    g = p.add_mutually_exclusive_group(required=True)
    for option, kind in zip(('passphrase', 'key', 'x25519', 'recovery'), PARAMS):
        g.add_argument(f'--{option}-file', dest='key', metavar='F', type=lambda f, k=kind: (k, f))
    p.add_argument('--reveal', action='store_true', help='print the current values too')
    a = p.parse_args()
    kind, path = a.key
    with open(path, 'rb') as f:
        secret = f.read()
    if kind == PASSPHRASE:
        secret = secret[:-1] if secret.endswith(b'\n') else secret
    elif kind == RECOVERY:
        secret = secret.decode('ascii', 'replace').strip()
    elif len(secret) != 32:
        try:
            secret = bytes.fromhex(secret.decode('ascii', 'replace'))
        except ValueError:
            p.error('the key file holds neither 32 bytes nor their hex digits')
    try:
        v = read_file(a.container, (kind, secret))
    except Bad as e:
        sys.exit(f'refused, {e}')
    for name, e in sorted(v.entries.items()):
        current = [x[4] for x in e['versions'] if x[1] == 'current'] if a.reveal else []
        print(name, *(repr(x.decode('utf-8', 'backslashreplace')) for x in current),
              *[w for w in ('removed', 'destroyed') if e[w]])
    if v.orphans:
        print(f'{len(v.orphans)} orphan blobs', file=sys.stderr)


if __name__ == '__main__':
    main()
