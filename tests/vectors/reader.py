#!/usr/bin/python3
"""Reads a vault. Written from docs/format.md alone, to show that the page is enough.

    reader.py CONTAINER passphrase|raw|x25519|recovery FILE      prints the names; FILE holds just the key
"""
import contextlib
import hashlib
import hmac
import pathlib
import re
import sqlite3
import struct
import sys
from types import SimpleNamespace

import nacl.bindings as sodium
from nacl.exceptions import CryptoError

MAGIC, NONE = b'TVAULT\x00\x01', 2**64 - 1
KINDS = {'passphrase': 1, 'raw': 2, 'x25519': 3, 'recovery': 4}
PASSPHRASE, RAW, RECIPIENT, RECOVERY = KINDS.values()
PARAMS = {PASSPHRASE: 24, RAW: 16, RECIPIENT: 64, RECOVERY: 64}
CODE = b'0123456789ABCDEFGHJKMNPQRSTVWXYZ'


class Bad(Exception):
    """Refused; the argument is the layer of section 7."""


def need(good, layer):
    if not good:
        raise Bad(layer)


def H(person, key, data, n=32):
    return hashlib.blake2b(data, digest_size=n, key=key, person=person.encode()).digest()


def unseal(key, nonce, ad, sealed, layer):
    try:
        return sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(sealed, ad, nonce, key)
    except (CryptoError, ValueError):       # ValueError: shorter than a tag
        raise Bad(layer) from None


def unpad(data, block, layer):
    body = data.rstrip(b'\0')
    need(len(data) % block == 0 and body[-1:] == b'\x80' and len(data) - len(body) < block, layer)
    return body[:-1]


def text(raw, layer):
    s = raw.decode(errors='replace')
    need(s.encode() == raw and not re.search('[\0-\x1f\x7f-\x9f]', s), layer)
    return s


def ascending(items):
    return all(a < b for a, b in zip(items, items[1:]))


class Cursor:
    """Takes data from its front; `layer` refuses when it runs short."""

    def __init__(self, data, layer):
        self.data, self.layer, self.at = data, layer, 0

    def take(self, n):
        need(n <= len(self.data) - self.at, self.layer)
        self.at += n
        return self.data[self.at - n:self.at]

    def num(self, size):
        return int.from_bytes(self.take(size), 'little')

    def done(self):
        return self.at >= len(self.data)


def load(data, path=None):
    """The root and the blobs in the bytes of a container; SQLite reads its own from the path (section 6)."""
    if data.startswith(b'SQLite format 3\0'):
        try:
            db = sqlite3.connect(pathlib.Path(path).absolute().as_uri() + '?mode=ro', uri=True)
            marks = [db.execute('PRAGMA ' + p).fetchone()[0] for p in ('application_id', 'user_version')]
            roots = db.execute('SELECT bytes FROM root').fetchall()
            blobs = db.execute('SELECT id, bytes FROM blobs ORDER BY id').fetchall()
        except (sqlite3.Error, ValueError):     # ValueError: a message of SQLite that is not UTF-8
            raise Bad('container') from None
        need(marks == [0x54564C54, 1] and len(roots) == 1, 'container')
        need(all(isinstance(x, bytes) for row in roots + blobs for x in row), 'container')
        root = roots[0][0]
    else:
        c, blobs = Cursor(data, 'container'), []
        root = c.take(parse_root(data).size)
        while not c.done():
            blobs.append((c.take(24), c.take(c.num(4))))
        need(ascending([i for i, _ in blobs]), 'container')
    need(all(len(i) == 24 and len(b) <= 131072 for i, b in blobs), 'container')
    return root, dict(blobs)


def parse_root(data):
    """The parts of the root at the front of data (section 3)."""
    c = Cursor(data, 'header')
    magic = c.take(8)
    need(magic[:6] == MAGIC[:6], 'header')
    need(magic == MAGIC, 'version')
    r = SimpleNamespace(vault_id=c.take(16), generation=c.num(8), epoch=c.num(4), slots=[])
    for _ in range(c.num(1)):
        kind, size, slot_id = c.num(1), c.num(2), c.take(8)
        need(size == PARAMS[kind] + 104 if kind in PARAMS else size <= 512, 'header')
        r.slots.append(SimpleNamespace(kind=kind, id=slot_id, body=c.take(size)))
    need(r.generation >= 1 and r.epoch >= 1, 'header')
    need(1 <= len(r.slots) <= 32 and len({s.id for s in r.slots}) == len(r.slots), 'header')
    need(sum(s.kind == PASSPHRASE for s in r.slots) <= 8, 'header')
    size = c.num(2)
    need(size == 0 or size in range(40 + 36, 40 + 36 * 512 + 1, 36), 'header')
    r.history, r.signed = c.take(size), data[:c.at]
    r.mac, r.header = c.take(32), data[:c.at]
    r.top_nonce, r.top = c.take(24), c.take(c.num(4))
    r.size = c.at
    need(r.size <= 262144, 'header')
    return r


def code_key(code):
    """The private key in a recovery code (3.2)."""
    digits = code.upper().translate(bytes.maketrans(b'OIL', b'011'), b' -')
    need(len(digits) == 56 and set(digits) <= set(CODE), 'slot')
    raw = sum(CODE.index(d) << 5 * i for i, d in enumerate(reversed(digits))).to_bytes(35, 'big')
    need(H('tv1 code', b'', raw[:32])[:3] == raw[32:], 'slot')
    return raw[:32]


def slot_key(kind, secret, params):
    """None: the slot is not for this secret."""
    if kind == PASSPHRASE:
        passes, kib = struct.unpack('<II', params[16:])
        need(1 <= passes <= 16 and 8192 <= kib <= 1048576, 'cost')
        argon2id = sodium.crypto_pwhash_ALG_ARGON2ID13
        return sodium.crypto_pwhash_alg(32, secret, params[:16], passes, kib * 1024, argon2id)
    if kind == RAW:
        return secret
    try:
        mine = sodium.crypto_scalarmult_base(secret) == params[:32]
        return sodium.crypto_scalarmult(secret, params[32:]) if mine else None
    except RuntimeError:        # the library's word for a result of zeros
        return None


def unlock(r, kind, secret):
    """The master key, from the first slot of this type that opens (3.1)."""
    secret = code_key(secret) if kind == RECOVERY else secret
    need(1 <= len(secret) <= 1024 if kind == PASSPHRASE else len(secret) == 32, 'slot')
    for s in r.slots:
        params, commit, nonce, wrapped = s.body[:-104], s.body[-104:-72], s.body[-72:-48], s.body[-48:]
        key = slot_key(kind, secret, params) if s.kind == kind else None
        if key is not None:
            context = MAGIC + r.vault_id + s.id + struct.pack('<BI', kind, r.epoch) + params
            okm = H('tv1 slot', key, context, 64)
            if hmac.compare_digest(okm[32:], commit):
                with contextlib.suppress(Bad):
                    return unseal(okm[:32], nonce, b'', wrapped, 'slot')
    raise Bad('slot')


class Vault:
    """Opens, and walks everything. A key is (slot type, bytes), an anchor as in section 6."""

    def __init__(self, root, blobs, key, anchor=None):
        self.root, self.blobs, self.named, self.entries = parse_root(root), blobs, set(), []
        self.id, generation = self.root.vault_id, self.root.generation
        need(self.root.size == len(root), 'header')
        master = unlock(self.root, *key)
        need(hmac.compare_digest(H('tv1 header', master, self.root.signed), self.root.mac), 'mac')
        self.anchor = self.id, generation, H('tv1 anchor', b'', root)
        if anchor and anchor[0] == self.id:
            need(generation > anchor[1] or self.anchor == anchor, 'stale')
        self.keys = {**self.history(master, self.root.history), self.root.epoch: master}
        self.body(self.top(master), b'')
        need(self.tokens == sum(not e.flags & 3 for e in self.entries), 'tree')
        for e in self.entries:
            for v in e.versions:
                v.value = self.blob(v, struct.pack('<IB', v.number, len(e.raw)) + e.raw, 64, 'record')
                need(1 <= len(v.value) <= 32768, 'record')
        self.orphans = sorted(blobs.keys() - self.named)

    def history(self, master, sealed):
        keys = []
        if sealed:
            key = H('tv1 history', master, self.id)
            c = Cursor(unseal(key, sealed[:24], b'', sealed[24:], 'history'), 'history')
            while not c.done():
                keys.append((c.num(4), c.take(32)))
            need(ascending([0, *(epoch for epoch, _ in keys), self.root.epoch]), 'history')
        return dict(keys)

    def top(self, master):
        """Reads the top node as far as the body in it (3.4)."""
        r = self.root
        plain = unseal(H('tv1 top', master, self.id), r.top_nonce, r.header, r.top, 'top')
        c = Cursor(unpad(plain, 1024, 'top'), 'top')
        self.tree_key = c.take(32)
        self.commits = [c.take(16) for _ in range(c.num(1))]
        labels = [(c.take(8), (c.num(8), text(c.take(c.num(1)), 'top'))) for _ in range(c.num(1))]
        need(len(self.commits) <= 32 and len(labels) <= 32 and ascending([i for i, _ in labels]), 'top')
        self.labels, self.tokens = dict(labels), c.num(8)
        return Cursor(c.data[c.at:], 'tree')

    def blob(self, pointer, context, block, layer):
        data = self.blobs.get(pointer.id)
        need(data is not None and H('', b'', data) == pointer.digest and pointer.epoch in self.keys, layer)
        key = H('tv1 ' + layer, self.keys[pointer.epoch], self.id)
        ad = self.id + struct.pack('<I', pointer.epoch) + context
        return unpad(unseal(key, pointer.id, ad, data, layer), block, layer)

    def pointer(self, c):
        p = SimpleNamespace(id=c.take(24), epoch=c.num(4), digest=c.take(32))
        need(p.id not in self.named, 'tree')
        self.named.add(p.id)
        return p

    def body(self, c, digits):
        """Reads a body to its end, and all below it; gives the smallest wake (4)."""
        kind, n = c.num(1), c.num(2)
        need(kind <= 1, 'tree')
        if kind == 0:
            entries = [self.entry(c, digits) for _ in range(n)]
            need(c.done() and (entries or not digits) and ascending([e.raw for e in entries]), 'tree')
            self.entries += entries
            return min([e.wake for e in entries], default=NONE)
        width = 16 if len(digits) < 64 else 0       # past the last digit there are no children
        kids = [(digits + bytes([i]), self.pointer(c), c.num(8)) for i in range(width) if n >> i & 1]
        need(kids and c.done(), 'tree')
        for path, pointer, wake in kids:
            plain = self.blob(pointer, bytes([len(path)]) + path, 1024, 'node')
            need(self.body(Cursor(plain, 'tree'), path) == wake, 'tree')
        return min(wake for _, _, wake in kids)

    def entry(self, c, digits):
        start, raw = c.at, c.take(c.num(1))
        e = SimpleNamespace(raw=raw, name=text(raw, 'tree'), flags=c.num(1), last=c.num(4), wake=c.num(8))
        fields = [(c.num(1), c.take(c.num(2))) for _ in range(c.num(1))]
        e.versions = [SimpleNamespace(number=c.num(4), stage=c.num(1), created=c.num(8), expires=c.num(8),
                                      **vars(self.pointer(c))) for _ in range(c.num(2))]
        need(c.at - start <= 65536 and not {'', '.', '..'} & set(e.name.split('/')), 'tree')
        path = bytes(int(digit, 16) for digit in H('tv1 path', self.tree_key, raw).hex())
        need(path.startswith(digits) and e.flags in (0, 1, 2) and e.last >= 1, 'tree')
        e.fields = dict(fields)
        e.label = text(e.fields[1], 'tree') if 1 in e.fields else None
        need(ascending([tag for tag, _ in fields]) and len(e.fields.get(1, b'')) <= 255, 'tree')
        need(ascending([0, *(v.number for v in e.versions), e.last + 1]), 'tree')
        stages = [v.stage for v in e.versions]
        need(set(stages) <= {1, 2, 3, 4} and all(stages.count(s) <= 1 for s in (1, 2, 3)), 'tree')
        need(bool(stages) == (e.flags != 2), 'tree')
        ends = [v.expires for v in e.versions if v.stage == 2 and v.expires and e.flags == 0]
        need(all(e.wake <= end for end in ends), 'tree')
        return e


if __name__ == '__main__':
    container, word, key_file = map(pathlib.Path, sys.argv[1:])
    try:
        vault = Vault(*load(container.read_bytes(), container), (KINDS[str(word)], key_file.read_bytes()))
    except Bad as bad:
        sys.exit(f'refused: {bad}')
    for name in sorted(e.name for e in vault.entries):
        print(name)
