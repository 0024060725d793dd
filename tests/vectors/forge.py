#!/usr/bin/python3
"""Makes the vectors beside this file: a writer of vaults, from docs/format.md and reader.py's primitives.

Nothing is random: every draw comes from a BLAKE2b stream named by its use, so a second run makes the same
bytes. A vault is described by a dictionary; whatever a description says about a part overrides what the page
prescribes there, and everything above that part is sealed as a true writer would, so each negative vector
fails at one place only.
"""
import base64
import copy
import hashlib
import json
import os
import struct

import nacl.bindings as sodium

import reader
from check_vectors import STAGES, digest, short
from reader import H, MAGIC, NONE, PASSPHRASE, RAW, RECIPIENT, RECOVERY

HERE = os.path.dirname(os.path.abspath(__file__))
PENDING, CURRENT, PREVIOUS, RETIRED = 1, 2, 3, 4
DAY, T0 = 86400, 1767225600
KINDS = {kind: word for word, kind in reader.KINDS.items()}


def rnd(*label, n=32):
    out, i = b'', 0
    while len(out) < n:
        out += hashlib.blake2b(repr((label, i)).encode(), key=b'vectors of the vault format').digest()
        i += 1
    return out[:n]


def pad(data, block):
    return data + b'\x80' + bytes(-(len(data) + 1) % block)


def aead(key, nonce, ad, plain):
    return sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(plain, ad, nonce, key)


def same(x):
    return x


def flip(at=-1, bit=1):
    def f(data):
        b = bytearray(data)
        b[at] ^= bit
        return bytes(b)
    return f


def code_of(private):
    bits = int.from_bytes(private + H('tv1 code', b'', private)[:3], 'big')
    s = bytes(reader.CODE[bits >> 5 * (55 - i) & 31] for i in range(56)).decode()
    return '-'.join(s[i:i + 4] for i in range(0, 56, 4))


# Descriptions

def slot(kind, name='a', **o):
    return {'kind': kind, 'name': name, **o}


def version(number, stage=CURRENT, value=None, expires=0, **o):
    return {'number': number, 'stage': stage, 'value': value, 'created': T0 + number, 'expires': expires, **o}


def entry(name, *versions, **o):
    versions = list(versions)
    return {'name': name, 'versions': versions, 'last': max([v['number'] for v in versions], default=1), **o}


def leaf(*entries, **o):
    return {'entries': sorted(entries, key=lambda e: e['name'].encode()), **o}


def branch(kids, **o):
    return {'kids': kids, **o}


def vault(seed, tree, *slots, **o):
    return {'seed': seed, 'tree': tree, 'slots': list(slots) or [slot(RAW)], **o}


class Forge:
    def __init__(self, v):
        self.v, self.blobs, self.seed = v, {}, v['seed']
        self.id, self.tree_key = self.rnd('vault', n=16), tree_key(self.seed)
        self.epoch = v.get('epoch', 1)
        self.live = 0
        top = self.top()
        header = self.header()
        nonce = self.rnd('top nonce', n=24)
        mk = self.mk(self.epoch)
        plain = v.get('top_pad', same)(pad(v.get('top', same)(top), 1024))
        key = H(v.get('top_person', 'tv1 top'), mk, self.id)
        sealed = aead(key, nonce, v.get('top_ad', same)(header), plain)
        sealed = v.get('top_sealed', same)(sealed)
        length = struct.pack('<I', len(sealed) + v.get('top_len', 0))
        self.root = v.get('root', same)(header + nonce + length + sealed)
        blobs = v.get('late', same)({**self.blobs, **{self.rnd('orphan', i, n=24): b for i, b in
                                                      enumerate(v.get('orphans', []))}})
        items = [i + struct.pack('<I', len(b)) + b for i, b in sorted(blobs.items())]
        self.flat = v.get('flat', same)(self.root + b''.join(v.get('items', same)(items)))

    def rnd(self, *label, n=32):
        return rnd(self.seed, *label, n=n)

    def mk(self, epoch):
        return self.rnd('master key', epoch)

    def secret(self, s):
        """The key that opens a slot."""
        if s['kind'] == PASSPHRASE:
            return b'not a real passphrase ' + s['name'].encode()
        return self.rnd('secret', s['kind'], s['name'])

    def slot_id(self, s):
        return s.get('id') or self.rnd('slot', s['kind'], s['name'], n=8)

    def slot(self, s):
        kind, secret, slot_id = s['kind'], self.secret(s), self.slot_id(s)
        label = ('slot', kind, s['name'])
        if kind not in KINDS:
            body = s.get('body', self.rnd(*label, 'body', n=100))
        else:
            salt = self.rnd(*label, 'salt', n=16)
            if kind == PASSPHRASE:
                passes, kib = s.get('cost', (1, 8192))
                params = salt + struct.pack('<II', passes, kib)
                spend = (passes, kib) if 1 <= passes <= 17 and 8191 <= kib <= 8193 else (1, 8192)
                key = sodium.crypto_pwhash_alg(32, secret, salt, spend[0], spend[1] * 1024,
                                               sodium.crypto_pwhash_ALG_ARGON2ID13)
            elif kind == RAW:
                params, key = salt, secret
            else:
                ephemeral = self.rnd(*label, 'ephemeral', self.epoch)
                public = sodium.crypto_scalarmult_base(secret)
                params = public + sodium.crypto_scalarmult_base(ephemeral)
                key = sodium.crypto_scalarmult(ephemeral, public)
                if s.get('zero'):
                    params, key = public + bytes(32), bytes(32)
            bound = struct.pack('<BI', s.get('bound_kind', kind), s.get('bound_epoch', self.epoch))
            context = MAGIC + s.get('vault_id', self.id) + s.get('bound_id', slot_id) + bound + params
            okm = H('tv1 slot', key, context, 64)
            nonce = self.rnd(*label, 'wrap', self.epoch, n=24)
            wrapped = aead(okm[:32], nonce, b'', s.get('mk', self.mk(self.epoch)))
            body = s.get('patch', same)(params + okm[32:] + nonce + wrapped)
        return struct.pack('<BH', kind, s.get('body_len', len(body))) + slot_id + body

    def header(self):
        v = self.v
        mk = self.mk(self.epoch)
        slots = [self.slot(s) for s in v['slots']]
        history = b''
        if 'older' in v:
            plain = b''.join(struct.pack('<I', e) + self.mk(e) for e in v['older'])
            nonce = self.rnd('history nonce', n=24)
            key = H(v.get('history_person', 'tv1 history'), mk, self.id)
            history = v.get('history', same)(nonce + aead(key, nonce, b'', plain))
        signed = (v.get('magic', MAGIC) + self.id
                  + struct.pack('<QIB', v.get('generation', 1), v.get('header_epoch', self.epoch),
                                v.get('n_slots', len(slots)))
                  + b''.join(slots) + struct.pack('<H', len(history)) + history)
        header = v.get('mac', same)(signed + H('tv1 header', mk, signed))
        return header

    def top(self):
        v = self.v
        commits = [self.rnd('commit', i, n=16) for i in range(v.get('commits', 0))]
        labels = v.get('labels', [])
        labels = [(self.slot_id(v['slots'][i]) if isinstance(i, int) else i, *rest) for i, *rest in labels]
        labels = v.get('label_order', sorted)(labels)
        body, _ = self.body(v['tree'], b'')
        return (self.tree_key + bytes([len(commits)]) + b''.join(commits) + bytes([len(labels)])
                + b''.join(i + struct.pack('<QB', t, len(s)) + s for i, t, s in labels)
                + struct.pack('<Q', self.live + v.get('tokens', 0)) + body)

    def put(self, kind, o, label, tail, plain, block):
        """Seals a blob and returns the pointer to it."""
        epoch = o.get('blob_epoch', self.epoch)
        blob_id = o.get('blob_id') or self.rnd(kind, *label, n=24)
        key = H(o.get('person', 'tv1 ' + kind), self.mk(o.get('seal_epoch', epoch)), self.id)
        ad = o.get('blob_vault', self.id) + struct.pack('<I', o.get('ad_epoch', epoch)) + tail
        blob = o.get('sealed', same)(aead(key, blob_id, ad, o.get('pad', same)(pad(plain, block))))
        self.blobs[blob_id] = blob
        return blob_id + struct.pack('<I', epoch) + o.get('digest', same)(digest(blob))

    def record(self, e, r):
        name = r.get('ad_name', e['name']).encode('utf-8', 'surrogateescape')
        tail = struct.pack('<IB', r.get('ad_number', r['number']), len(name)) + name
        value = r['value']
        if value is None:
            value = f'FAKE-{self.seed}-{e["name"][:40]}-{r["number"]}-not-a-secret'.encode('utf-8', 'replace')
            r['value'] = value
        pointer = self.put('record', r, (e['name'], r['number']), tail, value, 64)
        return r.get('pointer') or pointer

    def entry(self, e):
        name, flags = e['name'].encode('utf-8', 'surrogateescape'), e.get('flags', 0)
        fields, versions = e.get('fields', []), e['versions']
        self.live += not flags & 3
        ends = [r['expires'] for r in versions if r['stage'] == CURRENT and r['expires']]
        e.setdefault('wake', min(ends, default=NONE))
        pointers = [self.record(e, r) for r in versions]
        if e.get('swap'):
            pointers.reverse()
        out = bytes([len(name)]) + name + struct.pack('<BIQB', flags, e['last'], e['wake'], len(fields))
        out += b''.join(struct.pack('<BH', t, len(b)) + b for t, b in fields)
        out += struct.pack('<H', e.get('n_versions', len(versions)))
        return out + b''.join(struct.pack('<IBQQ', r['number'], r['stage'], r['created'], r['expires']) + p
                              for r, p in zip(versions, pointers))

    def body(self, node, digits):
        """The encoded body and the smallest wake in it."""
        if 'kids' not in node:
            encoded = [self.entry(e) for e in node['entries']]
            out = struct.pack('<BH', node.get('kind', 0), node.get('n', len(encoded))) + b''.join(encoded)
            wake = min([e['wake'] for e in node['entries']], default=NONE)
        else:
            present, out, wakes = 0, b'', []
            for i, kid in sorted(node['kids'].items()):
                pointer, wake = self.node(kid, digits + bytes([i]))
                wakes.append(kid.get('child_wake', wake))
                present |= 1 << i
                out += pointer + struct.pack('<Q', wakes[-1])
            out = struct.pack('<BH', 1, node.get('present', present)) + out
            wake = min(wakes, default=NONE)
        return node.get('body', same)(out), wake

    def node(self, kid, digits):
        plain, wake = self.body(kid, digits)
        bound = kid.get('ad_digits', digits)
        tail = bytes([kid.get('ad_depth', len(bound))]) + bound
        pointer = self.put('node', kid, tuple(digits), tail, plain, 1024)
        return kid.get('pointer') or pointer, wake

    def key(self, i=0):
        s = self.v['slots'][i]
        secret = self.secret(s)
        return {KINDS[s['kind']]: code_of(secret) if s['kind'] == RECOVERY else secret.hex()}


def tree_key(seed):
    return rnd(seed, 'tree key')


def digits_of(seed, name):
    return [int(c, 16) for c in H('tv1 path', tree_key(seed), name.encode()).hex()]


def name_at(seed, *digits, stem='svc/'):
    """The first name of a row whose path begins with the digits."""
    i = 0
    while digits_of(seed, f'{stem}{i}')[:len(digits)] != list(digits):
        i += 1
    return f'{stem}{i}'


def grow(seed, entries, depth=0):
    """The shape the page asks of a writer: leaves over 4,096 bytes are split."""
    size = 3 + sum(len(e['name'].encode()) + 17 + sum(3 + len(b) for _, b in e.get('fields', []))
                   + 81 * len(e['versions']) for e in entries)
    if size <= 4096 or len(entries) <= 1 or depth == 64:
        return leaf(*entries)
    kids = {}
    for e in entries:
        kids.setdefault(digits_of(seed, e['name'])[depth], []).append(e)
    return branch({i: grow(seed, es, depth + 1) for i, es in kids.items()})


# Positive vectors

def walk(node):
    for e in node.get('entries', []):
        yield e
    for kid in node.get('kids', {}).values():
        yield from walk(kid)


def expected(f, file, keys):
    entries = {}
    for e in walk(f.v['tree']):
        fields, flags = e.get('fields', []), e.get('flags', 0)
        entries[e['name']] = {
            'removed': flags == 1, 'destroyed': flags == 2, 'last': e['last'],
            'wake': None if e['wake'] == NONE else e['wake'],
            'label': next((b.decode() for t, b in fields if t == 1), None),
            'fields': {str(t): short(b, b.hex()) for t, b in fields},
            'versions': [{'number': r['number'], 'stage': STAGES[r['stage']], 'created': r['created'],
                          'expires': r['expires'],
                          'value': short(r['value'], base64.b64encode(r['value']).decode())}
                         for r in e['versions']]}
    known = {f.slot_id(f.v['slots'][i]) if isinstance(i, int) else i: (t, s.decode())
             for i, t, s in f.v.get('labels', [])}
    slots = []
    for s in f.v['slots']:
        created, label = known.get(f.slot_id(s), (None, None))
        slots.append({'type': s['kind'], 'id': f.slot_id(s).hex(), 'created': created, 'label': label})
    return {'file': file, 'keys': keys, 'vault_id': f.id.hex(), 'generation': f.v.get('generation', 1),
            'epoch': f.epoch,
            'commits': [f.rnd('commit', i, n=16).hex() for i in range(f.v.get('commits', 0))],
            'slots': slots, 'tokens': f.live, 'anchor': H('tv1 anchor', b'', f.root).hex(),
            'orphans': sorted(f.rnd('orphan', i, n=24).hex() for i in range(len(f.v.get('orphans', [])))),
            'entries': entries}


def positives():
    """(file, description, slots that open it)"""
    yield 'empty.tv', vault('empty', leaf()), [0]

    every = [(1, 'the label — été'.encode()), (2, b'\0opaque policy'), (3, b'\xffopaque rotation'),
             (200, b'an unknown field \0\xff'), (255, b'')]
    one = leaf(
        entry('db/primary/password', version(3, RETIRED), version(5, PREVIOUS, expires=T0 + DAY),
              version(6, RETIRED), version(8, CURRENT, expires=T0 + 30 * DAY), version(9, PENDING, b'\0'),
              last=11, wake=T0 + 20 * DAY, fields=every),
        entry('été/ключ/鍵/🔑', version(1, value=b'F')),
        entry('.../..a', version(2**32 - 1, value=b'FAKE'.ljust(63, b'-'))),
        entry('n' * 255, version(1, value=b'FAKE'.ljust(64, b'\0'))),
        entry('only pending', version(1, PENDING, value=b'\x80')),
        entry('old', version(1, RETIRED), version(2, CURRENT), flags=1),
        entry('gone', flags=2, last=4, fields=[(1, b'')]),
        entry('never wakes early', version(1, expires=T0 + 9 * DAY)))
    yield 'one.tv', vault('one', one, slot(RAW), slot(RAW, 'second'), generation=2**40, commits=3,
                          labels=[(0, T0, 'the first key — é'.encode()), (b'no slot!', T0, b'of no slot')],
                          orphans=[b'FAKE orphan', b'']), [0, 1]

    seed = 'split'
    names = [name_at(seed, 10, i) for i in range(0, 16, 2)] + [name_at(seed, i) for i in (0, 3, 15)]
    entries = [entry(n, version(1, expires=T0 + (9 + i) * DAY), fields=[(9, rnd(seed, i, n=600))])
               for i, n in enumerate(names)]
    yield 'split.tv', vault(seed, grow(seed, entries), commits=1, generation=2), [0]

    seed = 'shape'          # no writer makes this shape; every reader takes it
    near, far = name_at(seed, 1, 2, 3), name_at(seed, 1, 2)
    deep = branch({2: branch({3: leaf(entry(near, version(1))),
                              digits_of(seed, far)[2]: leaf(entry(far, version(1)))})})
    yield 'shape.tv', vault(seed, branch({1: deep})), [0]

    yield 'epochs.tv', old_and_new(), [0, 1]

    slots = [slot(5, 'reserved'), slot(0, 'unknown', body=b''), slot(200, 'unknown', body=rnd('body', n=512)),
             slot(RECOVERY), slot(RECIPIENT), slot(RAW), slot(PASSPHRASE),
             slot(PASSPHRASE, 'b', cost=(2, 8193)), slot(RECIPIENT, 'b'), slot(RAW, 'b'),
             slot(RECOVERY, 'b'), slot(PASSPHRASE, 'costly', cost=(99, 9))]
    yield 'slots.tv', vault('slots', leaf(entry('a', version(1))), *slots), list(range(3, 11))

    # Each number at its limit; the fields make up an entry of 65,536 bytes.
    rest = 65536 - (1 + 1 + 1 + 4 + 8 + 1 + 3 + 255 + 3 + 2 + 81)
    wide = entry('w', version(1, value=b'FAKE'.ljust(32768, b'x')),
                 fields=[(1, b'l' * 255), (77, bytes(rest))])
    slots = [slot(PASSPHRASE if i < 8 else 5, str(i), body=b'') for i in range(31)] + [slot(RAW)]
    labels = [(i, T0, b'') for i in range(31)] + [(31, T0, b'l' * 255)]
    yield 'limits.tv', vault('limits', leaf(wide), *slots, commits=32, labels=labels, epoch=514,
                             older=range(1, 513), generation=2**64 - 1), [31]


def old_and_new():
    """Epoch 4; 1 and 3 in the history, 2 forgotten. Nodes and records of all epochs that are left."""
    seed = 'epochs'
    a, b, c = name_at(seed, 1), name_at(seed, 2), name_at(seed, 3)
    tree = branch({
        1: leaf(entry(a, version(1, PREVIOUS, blob_epoch=1), version(2, blob_epoch=1)), blob_epoch=1),
        2: leaf(entry(b, version(1, PREVIOUS, blob_epoch=1), version(2, blob_epoch=4)), blob_epoch=4),
        3: leaf(entry(c, version(1, blob_epoch=3)), blob_epoch=3)})
    return vault(seed, tree, slot(RAW), slot(RECIPIENT), epoch=4, older=[1, 3], generation=9, commits=9)


# Negative vectors

def small():
    return vault('small', leaf(entry('a', version(1))))


def three():
    return vault('three', leaf(
        entry('a', version(1, RETIRED), version(2, PREVIOUS), version(3, expires=T0 + DAY), last=4),
        entry('b', version(1)), entry('c', version(1))))


def tree():
    seed = 'tree'
    a, b, c = name_at(seed, 4, 1), name_at(seed, 4, 9), name_at(seed, 7)
    return vault(seed, branch({4: branch({1: leaf(entry(a, version(1, expires=T0 + DAY))),
                                          9: leaf(entry(b, version(1)))}),
                               7: leaf(entry(c, version(1)))}))


def twig():
    """One node below the top."""
    return vault('twig', branch({4: leaf(entry(name_at('twig', 4), version(1)))}))


def bough():
    """Two nodes, one below the other."""
    e = entry(name_at('bough', 4, 1), version(1, expires=T0 + DAY))
    return vault('bough', branch({4: branch({1: leaf(e)})}))


def two_epochs():
    v = old_and_new()
    del v['tree']['kids'][3]
    return v


class Negatives:
    def __init__(self):
        self.out = []

    def add(self, what, layer, v, key=None, anchor=None, note=None):
        f = Forge(v)
        at = {'name': what, 'layer': layer, 'key': key or f.key()}
        if len(f.flat) > 10000:
            at['file'] = 'bad-' + what.replace(' ', '-') + '.tv'
            write(at['file'], f.flat)
        else:
            at['base64'] = base64.b64encode(f.flat).decode()
        if 'zeros' in v:
            at['zeros'] = v['zeros']
        if anchor:
            at['anchor'] = anchor
        if note:
            at['note'] = note
        assert what not in [x['name'] for x in self.out], what
        self.out.append(at)

    def edit(self, what, layer, base, change, **o):
        v = copy.deepcopy(base() if callable(base) else base)
        change(v)
        self.add(what, layer, v, **o)

    def set(self, what, layer, base, note=None, **changes):
        self.edit(what, layer, base, lambda v: v.update(changes), note=note)

    def first(self, what, layer, base=small, **changes):
        """Changes the first entry of a vault with one node."""
        self.edit(what, layer, base, lambda v: v['tree']['entries'][0].update(changes))

    def record(self, what, layer, base=small, which=0, **changes):
        self.edit(what, layer, base, lambda v: v['tree']['entries'][0]['versions'][which].update(changes))

    def inner(self, what, layer, **changes):
        self.edit(what, layer, twig, lambda v: v['tree']['kids'][4].update(changes))

    def middle(self, what, layer, **changes):
        self.edit(what, layer, bough, lambda v: v['tree']['kids'][4].update(changes))

    def deep(self, what, layer, **changes):
        self.edit(what, layer, bough, lambda v: v['tree']['kids'][4]['kids'][1].update(changes))

    def slots(self, what, layer, *slots, note=None, key=None, **o):
        v = {**small(), 'slots': list(slots), **o}
        self.add(what, layer, v, key=key or (None if slots else Forge(small()).key()), note=note)


def cut(n):
    return lambda data: data[:-n]


def other_mark(padded):
    return padded.rstrip(b'\0')[:-1].ljust(1023, b'\0') + b'\1'


def container(n):
    two = {**three(), 'orphans': []}
    n.set('blob cut short', 'container', small, flat=cut(1))
    n.set('blob without its length', 'container', small, items=lambda i: i + [i[-1][:3]])
    n.set('bytes after the last blob', 'container', small, flat=lambda b: b + b'\0')
    n.set('length of a blob beyond the end', 'container', small,
          items=lambda i: [i[0][:24] + b'\xff' * 4 + i[0][28:]])
    n.set('blob ids not ascending', 'container', two, items=lambda i: [i[1], i[0], *i[2:]])
    n.set('blob id twice', 'container', small, items=lambda i: i + i)

    n.set('blob over its limit', 'container', small, zeros=131073, note='the blob is an orphan',
          items=lambda i: i + [b'\xff' * 24 + struct.pack('<I', 131073)])


def version_(n):
    n.set('version 2', 'version', small, magic=b'TVAULT\0\2')
    n.set('version 0', 'version', small, magic=b'TVAULT\0\0')
    n.set('version byte before the last', 'version', small, magic=b'TVAULT\1\1')
    n.set('version 2 and another layout', 'version', small, flat=lambda b: b'TVAULT\0\2' + b'\xff' * 9)


def header(n):
    n.set('nothing at all', 'header', small, flat=lambda b: b'')
    n.set('magic cut short', 'header', small, flat=lambda b: b[:7])
    n.set('another magic', 'header', small, magic=b'TVAULS\0\1')
    n.set('generation 0', 'header', small, generation=0, note='the page says "from 1", not which layer')
    n.set('epoch 0', 'header', small, epoch=0, note='the page says "from 1", not which layer')
    n.slots('no slots', 'header')
    n.slots('33 slots', 'header', slot(RAW), *(slot(5, str(i), body=b'') for i in range(32)))
    n.slots('9 passphrase slots', 'header', slot(RAW), *(slot(PASSPHRASE, str(i)) for i in range(9)))
    n.slots('slot id twice', 'header', slot(RAW), slot(5, body=b'', id=rnd('small', 'slot', RAW, 'a', n=8)))
    n.slots('slot body of 513', 'header', slot(RAW), slot(5, body=bytes(513)))
    for kind, name in KINDS.items():
        n.slots(f'{name} slot one byte longer', 'header', slot(kind, patch=lambda b: b + b'\0'))
    n.slots('slot one byte shorter', 'header', slot(RAW, patch=cut(1)))
    n.slots('slot body without params', 'header', slot(RAW), slot(RAW, 'b', patch=lambda b: b''))
    note = 'header and history both claim the length; section 3 and the order of the layers say header'
    long = {**small(), 'epoch': 600}
    n.set('history of 40', 'header', long, older=[], note=note)
    n.set('history of 1', 'header', long, older=[1], history=lambda b: b[:1], note=note)
    n.set('history one byte longer', 'header', long, older=[1], history=lambda b: b + b'\0', note=note)
    n.set('history of 513 epochs', 'header', long, older=range(1, 514), note=note)
    n.set('header cut short', 'header', small, flat=lambda b: b[:100])
    n.set('slot cut short', 'header', small, flat=lambda b: b[:45])
    n.set('mac cut short', 'header', small, flat=lambda b: b[:200])
    n.set('slots missing', 'header', small, flat=lambda b: b[:37])
    empty = {**small(), 'tree': leaf()}
    n.set('top cut short', 'header', empty, flat=cut(1))
    n.set('top length beyond the end', 'header', empty, top_len=1)
    n.set('root over its limit', 'header', {**empty, 'top_len': 262144}, zeros=262144,
          note='a reader without the limit finds that the top does not open')


def cost(n):
    for name, c in {'passes 0': (0, 8192), 'passes 17': (17, 8192), 'passes most': (2**32 - 1, 8192),
                    'memory 8191': (1, 8191), 'memory 0': (1, 0), 'memory 1048577': (1, 1048577),
                    'memory most': (1, 2**32 - 1)}.items():
        n.slots('argon2id ' + name, 'cost', slot(PASSPHRASE, cost=c))
    second = slot(PASSPHRASE, 'b')
    n.slots('argon2id cost of an earlier slot', 'cost', slot(PASSPHRASE, cost=(17, 8192)), second,
            key=Forge(vault('small', leaf(), second)).key())


def slot_(n):
    for kind, name in KINDS.items():
        other = Forge(vault('another', leaf(), slot(kind, 'z'))).key()
        n.slots(f'wrong {name}', 'slot', slot(kind), slot(RAW, 'y'), key=other)
        if kind == RECOVERY:        # a recipient by another name
            continue
        size = reader.PARAMS[kind]
        n.slots(f'{name} slot for another slot id', 'slot', slot(kind, bound_id=bytes(8)))
        n.slots(f'{name} slot of the epoch before', 'slot', slot(kind, bound_epoch=1), epoch=2)
        n.slots(f'{name} slot with commitment changed', 'slot', slot(kind, patch=flip(size)))
        n.slots(f'{name} slot with wrapped key changed', 'slot', slot(kind, patch=flip(-1)))
        n.slots(f'{name} slot with salt or public key changed', 'slot', slot(kind, patch=flip(0)))
    n.slots('slot for another vault', 'slot', slot(RAW, vault_id=bytes(16)))
    n.slots('slot with wrap nonce changed', 'slot', slot(RAW, patch=flip(16 + 32)))
    n.slots('slot with cost changed', 'slot', slot(PASSPHRASE, patch=flip(16, 3)))
    n.slots('slot with ephemeral key changed', 'slot', slot(RECIPIENT, patch=flip(32)))
    n.slots('recovery slot relabelled as recipient', 'slot', slot(RECIPIENT, bound_kind=RECOVERY))
    for kind in (RECIPIENT, RECOVERY):
        n.slots(f'{KINDS[kind]} slot with an all-zero result', 'slot', slot(kind, zero=True))
    raw = Forge(small()).key()
    n.slots('reserved slot only', 'slot', slot(5, body=rnd('reserved', n=120)), key=raw)
    n.slots('no slot of the type', 'slot', slot(PASSPHRASE), key=raw)
    f = Forge(vault('small', leaf(), slot(RECOVERY)))
    code = f.key()['recovery']
    n.slots('recovery code mistyped', 'slot', slot(RECOVERY), key={'recovery': code[:-1] + '0'
            if code[-1] != '0' else code[:-1] + '1'}, note='the page names no layer for a mistyped code')
    n.slots('recovery code one character short', 'slot', slot(RECOVERY), key={'recovery': code[:-1]},
            note='the page names no layer for a mistyped code')
    n.slots('recovery key given as a private key', 'slot', slot(RECOVERY),
            key={'x25519': f.secret(slot(RECOVERY)).hex()}, note='"the slots of the type at hand"')


def mac(n):
    n.set('mac changed', 'mac', small, mac=flip(-1))
    n.set('generation changed', 'mac', small, mac=flip(24, 2))
    n.slots('reserved slot changed', 'mac', slot(RAW), slot(5), mac=flip(-40))
    n.slots('another slot changed', 'mac', slot(RAW), slot(RAW, 'b'), mac=flip(-40))
    n.slots('another slot taken out', 'mac', slot(RAW), slot(5, body=b''),
            mac=lambda h: h[:36] + b'\1' + h[37:-45] + h[-34:])
    n.slots('another master key in the slot', 'mac', slot(RAW, mk=bytes(32)))
    v = two_epochs()
    n.set('history changed and not the mac', 'mac', v, mac=flip(-40))
    v = {**small(), 'epoch': 4, 'older': [1, 3]}
    n.set('history taken out', 'mac', v, mac=lambda h: h[:-32 - 114] + b'\0\0' + h[-32:])


def stale(n):
    v = {**small(), 'generation': 7}
    f = Forge(v)
    at = {'vault_id': f.id.hex(), 'generation': 7, 'digest': H('tv1 anchor', b'', f.root).hex()}
    n.add('older than the anchor', 'stale', {**v, 'generation': 6}, anchor=at)
    n.add('fork of the anchor', 'stale', {**v, 'commits': 1}, anchor=at)


def history(n):
    v = {**small(), 'epoch': 4}
    n.set('history does not open', 'history', v, older=[1, 3], history=flip(-1))
    n.set('history nonce changed', 'history', v, older=[1, 3], history=flip(0))
    n.set('history under another key', 'history', v, older=[1, 3], history_person='tv1 node')
    n.set('history descends', 'history', v, older=[3, 1])
    n.set('history epoch twice', 'history', v, older=[1, 1])
    n.set('history epoch 0', 'history', v, older=[0, 1])
    n.set('history epoch of the header', 'history', v, older=[1, 4])
    n.set('history epoch of the future', 'history', v, older=[1, 5])
    n.set('history in epoch 1', 'history', small, older=[1])


def top(n):
    n.set('top changed', 'top', small, top_sealed=flip(9))
    n.set('top tag changed', 'top', small, top_sealed=flip(-1))
    n.set('top of another header', 'top', small, top_ad=flip(24))
    n.set('top bound without the mac', 'top', small, top_ad=cut(32))
    n.set('top under the key of nodes', 'top', small, top_person='tv1 node')
    n.set('top shorter than a tag', 'top', small, top_sealed=lambda b: b[:15])
    n.set('top without ciphertext', 'top', small, top_sealed=lambda b: b'')
    n.set('top empty', 'top', small, top_pad=lambda b: b'')
    n.set('top all zero', 'top', small, top_pad=lambda b: bytes(1024))
    n.set('top without padding mark', 'top', small, top_pad=lambda b: b.rstrip(b'\0')[:-1].ljust(1024, b'\0'))
    n.set('top with another mark', 'top', small, top_pad=other_mark)
    n.set('top not a multiple of its block', 'top', small, top_pad=cut(64))
    n.set('top one block too long', 'top', small, top_pad=lambda b: b + bytes(1024))
    n.set('33 commits', 'top', small, commits=33)
    slots = [slot(RAW)] + [slot(5, str(i), body=b'') for i in range(1, 32)]
    labels = [(i, T0, b'') for i in range(32)]
    n.slots('33 labels', 'top', *slots, labels=labels + [(b'no slot!', T0, b'')])
    two = [slot(RAW), slot(RAW, 'b')]
    n.slots('labels descend', 'top', *two, labels=labels[:2], label_order=lambda x: sorted(x, reverse=True))
    n.slots('label twice', 'top', *two, labels=[(0, T0, b'x'), (0, T0, b'y')])
    n.slots('label with a control character', 'top', *two, labels=[(0, T0, b'x\n')])
    n.slots('label with U+0085', 'top', *two, labels=[(0, T0, 'x\x85'.encode())])
    n.slots('label not UTF-8', 'top', *two, labels=[(0, T0, b'\xc3')])
    n.set('top cut in the tree key', 'top', small, top=lambda b: b[:31])
    n.set('top cut in the commits', 'top', small, commits=2, top=lambda b: b[:60])
    n.set('top cut in a label', 'top', small, labels=[(0, T0, b'label')], top=lambda b: b[:50])
    n.set('top cut in the tokens', 'top', small, top=lambda b: b[:41])


def node(n):
    def drop(at):
        return lambda blobs: {i: b for i, b in blobs.items() if i != at}

    def put(at, blob):
        return lambda blobs: {**blobs, at: blob}
    at = rnd('twig', 'node', 4, n=24)
    n.set('node missing', 'node', twig, late=drop(at))
    n.set('node changed', 'node', twig, late=lambda b: put(at, flip(-1)(b[at]))(b))
    n.set('node cut', 'node', twig, late=lambda b: put(at, b[at][:-1])(b))
    n.set('node empty', 'node', twig, late=lambda b: put(at, b'')(b))
    other = twig()
    other['tree']['kids'][4]['entries'][0]['last'] = 2
    n.set('older node under the same id', 'node', twig, late=lambda b: put(at, Forge(other).blobs[at])(b))
    pair = [rnd('tree', 'node', 4, n=24), rnd('tree', 'node', 7, n=24)]
    n.set('nodes swapped', 'node', tree, late=lambda b: {**b, pair[0]: b[pair[1]], pair[1]: b[pair[0]]})
    n.inner('node does not open', 'node', sealed=flip(5))
    n.inner('node shorter than a tag', 'node', sealed=lambda b: b[:15])
    n.inner('node of another depth', 'node', ad_depth=2)
    n.inner('node of another digit', 'node', ad_digits=b'\5')
    n.deep('node of another digit above', 'node', ad_digits=b'\5\1')
    n.deep('node of the depth above', 'node', ad_digits=b'\1')
    n.deep('node of the digits in the other order', 'node', ad_digits=b'\1\4')
    n.inner('node of another vault', 'node', blob_vault=bytes(16))
    n.inner('node under the key of records', 'node', person='tv1 record')
    n.inner('node bound to another epoch', 'node', ad_epoch=2)
    n.inner('node digest changed', 'node', digest=flip(0))
    n.inner('node without plaintext', 'node', pad=lambda b: b'')
    n.inner('node all zero', 'node', pad=lambda b: bytes(1024))
    n.inner('node with another mark', 'node', pad=other_mark)
    n.inner('node not a multiple of its block', 'node', pad=cut(512))
    n.inner('node one block too long', 'node', pad=lambda b: b + bytes(1024))
    n.inner('node of epoch 0', 'node', blob_epoch=0)
    n.inner('node of a later epoch', 'node', blob_epoch=2)

    def kid(v, **o):
        v['tree']['kids'][1].update(o)
    n.edit('node of an epoch not in the history', 'node', two_epochs, lambda v: kid(v, blob_epoch=2))
    n.edit('node sealed by an older epoch', 'node', two_epochs, lambda v: kid(v, blob_epoch=4, seal_epoch=1))
    forged = two_epochs()
    forged['tree']['kids'][1]['entries'][0]['versions'].pop(0)
    at_old = rnd('epochs', 'node', 1, n=24)
    n.set('node forged with an older master key', 'node', two_epochs,
          late=lambda b: put(at_old, Forge(forged).blobs[at_old])(b))
    at_new = rnd('epochs', 'node', 2, n=24)
    forged['tree']['kids'][2].update(seal_epoch=1)
    n.set('new node forged with an older master key', 'node', two_epochs,
          late=lambda b: put(at_new, Forge(forged).blobs[at_new])(b))


def tree_(n):
    def names(*e):
        return {'entries': list(e)}
    n.set('kind of body 2', 'tree', small, tree={**small()['tree'], 'kind': 2})
    n.set('kind of body 2, else a branch', 'tree', twig,
          tree={**twig()['tree'], 'body': lambda b: b'\2' + b[1:]})
    n.set('bytes after the leaf', 'tree', small, tree={**small()['tree'], 'body': lambda b: b + b'\0'})
    n.set('bytes after the branch', 'tree', twig, tree={**twig()['tree'], 'body': lambda b: b + b'\0'})
    n.middle('bytes after an inner branch', 'tree', body=lambda b: b + b'\0')
    n.deep('bytes after an inner leaf', 'tree', body=lambda b: b + b'\0')
    n.set('one entry more than said', 'tree', three, tree={**three()['tree'], 'n': 2})
    n.set('one entry fewer than said', 'tree', small, tree={**small()['tree'], 'n': 2})
    n.set('no body', 'tree', small, tree=leaf(body=lambda b: b''))
    n.set('body cut short', 'tree', small, tree={**small()['tree'], 'body': cut(1)})
    n.inner('inner body cut short', 'tree', body=cut(1))
    n.set('branch without children', 'tree', small, tree=branch({}))
    n.middle('inner branch without children', 'tree', kids={})
    n.edit('a child more than present', 'tree', tree, lambda v: v['tree'].update(present=1 << 4))
    n.edit('a child fewer than present', 'tree', twig, lambda v: v['tree'].update(present=3 << 4))
    n.middle('a child fewer than present in a node', 'tree', present=3 << 1)
    n.edit('leaf without entries below the top', 'tree', twig,
           lambda v: v['tree']['kids'].update({9: leaf()}))

    a, b = entry('a', version(1)), entry('b', version(1))
    n.set('entries descend', 'tree', small, tree=names(b, a))
    n.set('entry twice', 'tree', small, tree=names(a, entry('a', version(1, blob_id=rnd('twice', n=24)))))
    n.set('entries in the order of lengths', 'tree', small, tree=names(b, entry('aa', version(1))))

    def stray(v):
        e = entry(name_at(v['seed'], 8), version(1))
        v['tree']['kids'][7]['entries'].append(e)
        v['tree']['kids'][7]['entries'].sort(key=lambda e: e['name'].encode())

    def stray_below(v):
        v['tree']['kids'][4]['kids'][1] = leaf(entry(name_at(v['seed'], 4, 2), version(1)))
    n.edit('entry off its path', 'tree', tree, stray)
    n.edit('entry off its path at the second digit', 'tree', tree, stray_below)

    def chain(v):
        name = 'a'
        node_ = leaf(entry(name, version(1)))
        for d in reversed(digits_of(v['seed'], name) + [0]):
            node_ = branch({d: node_})
        v['tree'] = node_
    n.edit('branch below the last digit', 'tree', small, chain)

    for what, name in {'empty': '', 'empty first segment': '/a', 'empty last segment': 'a/',
                       'empty middle segment': 'a//b', 'dot': '.', 'dot segment': 'a/./b', 'dots': '..',
                       'dots segment': 'a/..', 'NUL': 'a\0', 'U+001F': 'a\x1f', 'DEL': 'a\x7f',
                       'U+0080': 'a\x80', 'U+009F': 'a\x9f'}.items():
        n.first(f'name with {what}', 'tree', name=name)
    for what, raw in {'a lone byte': b'\xff', 'an overlong form': b'\xc0\xaf', 'a surrogate': b'\xed\xa0\x80',
                      'a cut sequence': b'a\xe2\x82', 'beyond U+10FFFF': b'\xf4\x90\x80\x80'}.items():
        n.first(f'name of {what}', 'tree', name=raw.decode('utf-8', 'surrogateescape'))

    n.first('both flags', 'tree', flags=3, versions=[])
    for bit in (2, 7):
        n.first(f'flag bit {bit}', 'tree', flags=1 << bit)
    n.first('last 0', 'tree', last=0, flags=2, versions=[])
    n.first('last below a version', 'tree', base=three, last=2)
    n.first('no versions', 'tree', versions=[])
    n.first('removed without versions', 'tree', versions=[], flags=1)
    n.first('destroyed with versions', 'tree', flags=2)
    n.first('fields descend', 'tree', fields=[(9, b'x'), (8, b'y')])
    n.first('field twice', 'tree', fields=[(9, b'x'), (9, b'x')])
    n.first('label of 256', 'tree', fields=[(1, b'l' * 256)])
    n.first('label of an entry with a control character', 'tree', fields=[(1, b'a\tb')])
    n.first('label of an entry not UTF-8', 'tree', fields=[(1, b'\xe9t\xe9')])
    rest = 65536 - (1 + 1 + 1 + 4 + 8 + 1 + 3 + 2 + 81)
    n.first('entry over its limit', 'tree', fields=[(9, bytes(rest + 1))])
    n.first('field beyond the end', 'tree', fields=[(9, bytes(900))], n_versions=2)
    for number in (0, 5):
        n.record(f'stage {number}', 'tree', stage=number)
    n.record('version number 0', 'tree', number=0)

    def other_order(v):
        for r, number in zip(v['tree']['entries'][0]['versions'], (2, 1, 3)):
            r['number'] = number
    n.edit('version numbers not ascending', 'tree', three, other_order)
    n.record('version number twice', 'tree', base=three, which=0, number=2, blob_id=rnd('x', n=24))
    for stage, word in ((PENDING, 'pending'), (CURRENT, 'current'), (PREVIOUS, 'previous')):
        def both(v, stage=stage):
            for r in v['tree']['entries'][0]['versions'][:2]:
                r['stage'] = stage
            v['tree']['entries'][0]['versions'][2]['stage'] = RETIRED
        n.edit(f'two {word}', 'tree', three, both)
    n.first('wake after the current version expires', 'tree', base=three, wake=T0 + DAY + 1)
    n.first('wake never though the current version expires', 'tree', base=three, wake=NONE)
    n.deep('wake of a child too late', 'tree', child_wake=T0 + DAY + 1)
    n.deep('wake of a child too early', 'tree', child_wake=T0 + DAY - 1)
    n.middle('wake of an inner child too late', 'tree', child_wake=NONE)
    n.set('one token more', 'tree', small, tokens=1)
    n.set('one token fewer', 'tree', three, tokens=-1)
    removed = vault('small', leaf(entry('a', version(1)), entry('b', version(1), flags=1),
                                  entry('c', flags=2)))
    n.set('removed entry counted', 'tree', removed, tokens=1)
    n.set('destroyed entry counted', 'tree', removed, tokens=2)

    def twice(v, *path):
        v['tree']['entries'][0]['versions'][1]['pointer'] = one
    at = rnd('three', 'record', 'a', 1, n=24)
    one = at + struct.pack('<I', 1) + digest(Forge(three()).blobs[at])
    n.edit('record id twice in an entry', 'tree', three, twice)
    n.edit('record id twice in two entries', 'tree', three,
           lambda v: v['tree']['entries'][1]['versions'][0].update(pointer=one))
    at = rnd('tree', 'node', 7, n=24)
    two = at + struct.pack('<I', 1) + digest(Forge(tree()).blobs[at])
    n.edit('node id twice', 'tree', tree,
           lambda v: v['tree']['kids'][4]['kids'][9].update(pointer=two),
           note='the walk meets the id of 4/9 before or after that of 7: either way it is met twice')
    n.edit('record id is that of a node', 'tree', tree,
           lambda v: v['tree']['kids'][4]['kids'][9]['entries'][0]['versions'][0].update(pointer=two))


def record(n):
    def drop(at):
        return lambda blobs: {i: b for i, b in blobs.items() if i != at}

    def put(at, blob):
        return lambda blobs: {**blobs, at: blob}
    at = rnd('three', 'record', 'a', 3, n=24)
    two = rnd('three', 'record', 'b', 1, n=24)
    n.set('record missing', 'record', three, late=drop(at))
    n.set('record changed', 'record', three, late=lambda b: put(at, flip(-1)(b[at]))(b))
    n.set('record cut', 'record', three, late=lambda b: put(at, b[at][:-1])(b))
    n.set('record empty', 'record', three, late=lambda b: put(at, b'')(b))
    n.set('records swapped', 'record', three, late=lambda b: {**b, at: b[two], two: b[at]})
    n.record('record digest changed', 'record', digest=flip(31))
    n.first('record pointers swapped in an entry', 'record',
            base=lambda: vault('small', leaf(entry('a', version(1, PREVIOUS), version(2)))), swap=True)
    old = Forge(three())

    def exchange(v):
        p = [i + struct.pack('<I', 1) + digest(old.blobs[i]) for i in (at, two)]
        v['tree']['entries'][0]['versions'][2]['pointer'] = p[1]
        v['tree']['entries'][1]['versions'][0]['pointer'] = p[0]
    n.edit('record pointers swapped between entries', 'record', three, exchange)
    n.record('record of another name', 'record', ad_name='b')
    n.record('record of another version', 'record', ad_number=2)
    n.record('record of another vault', 'record', blob_vault=bytes(16))
    n.record('record bound to another epoch', 'record', ad_epoch=2)
    n.record('record under the key of nodes', 'record', person='tv1 node')
    n.record('record does not open', 'record', sealed=flip(0))
    n.record('record shorter than a tag', 'record', sealed=lambda b: b[:15])
    n.record('record without plaintext', 'record', pad=lambda b: b'')
    n.record('record all zero', 'record', pad=lambda b: bytes(64))
    n.record('record without padding', 'record', value=b'F', pad=lambda b: b'F' * 64)
    n.record('record with another mark', 'record', value=b'F', pad=lambda b: b[:1] + b'\x81' + b[2:])
    n.record('record with the mark after zeros', 'record', value=b'F', pad=lambda b: b[:63] + b'\1')
    n.record('record not a multiple of its block', 'record', value=b'F', pad=cut(1))
    n.record('record one block too long', 'record', value=b'F', pad=lambda b: b + bytes(64))
    n.record('value empty', 'record', value=b'')
    n.record('value over its limit', 'record', value=b'FAKE'.ljust(32769, b'x'))
    n.record('record of epoch 0', 'record', blob_epoch=0)
    n.record('record of a later epoch', 'record', blob_epoch=2)

    def old_one(v, **o):
        v['tree']['kids'][1]['entries'][0]['versions'][1].update(o)
    n.edit('record of an epoch not in the history', 'record', two_epochs, lambda v: old_one(v, blob_epoch=2))
    n.edit('record sealed by an older epoch', 'record', two_epochs,
           lambda v: old_one(v, blob_epoch=4, seal_epoch=1))
    forged = two_epochs()
    old_one(forged, value=b'FAKE forged')
    name = forged['tree']['kids'][1]['entries'][0]['name']
    at_old = rnd('epochs', 'record', name, 2, n=24)
    n.set('record forged with an older master key', 'record', two_epochs,
          late=lambda b: put(at_old, Forge(forged).blobs[at_old])(b))


def write(name, data):
    with open(os.path.join(HERE, name), 'wb') as f:
        f.write(data)


def main():
    for name in os.listdir(HERE):
        if name.endswith('.tv'):
            os.unlink(os.path.join(HERE, name))
    good = []
    for file, v, opening in positives():
        f = Forge(v)
        write(file, f.flat)
        good.append(expected(f, file, [f.key(i) for i in opening]))
    n = Negatives()
    for layer in (container, version_, header, cost, slot_, mac, stale, history, top, node, tree_, record):
        layer(n)
    for name, content in (('positive.json', good), ('negative.json', n.out)):
        rows = ',\n'.join(json.dumps(x) for x in content)
        write(name, ('{"vectors": [\n' + rows + '\n]}\n').encode())


if __name__ == '__main__':
    main()
