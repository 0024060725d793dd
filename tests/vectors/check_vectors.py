#!/usr/bin/python3
"""Runs reader.py on every vector: the good ones must give exactly what positive.json says, the broken ones
must be refused at exactly the layer negative.json names.

    check_vectors.py [--library DIR] [--self-test]

--library DIR  also the vaults in DIR/library.json, in the form of positive.json; what an item leaves out
               is not compared, but entries and keys must be there
--self-test    takes the reader's checks out, one condition at a time; each time a vector must notice
Exit: 0 all as expected, 1 not, 77 nothing could be run.
"""
import argparse
import ast
import base64
import json
import os
import sqlite3
import sys
import tempfile
import types

try:
    import reader
except ModuleNotFoundError as e:
    if (e.name or '').split('.')[0] != 'nacl':
        raise
    print('skipped: python3-nacl is not installed')
    sys.exit(77)

HERE = os.path.dirname(os.path.abspath(__file__))
STAGES = {1: 'pending', 2: 'current', 3: 'previous', 4: 'retired'}
SCHEMA = """
PRAGMA application_id = 0x54564C54;
PRAGMA user_version = 1;
PRAGMA synchronous = OFF;
CREATE TABLE root (id INTEGER PRIMARY KEY CHECK (id = 1), revision INTEGER NOT NULL, bytes BLOB NOT NULL);
CREATE TABLE blobs (id BLOB PRIMARY KEY NOT NULL, bytes BLOB NOT NULL);
"""


def listed(folder, name):
    with open(os.path.join(folder, name), encoding='utf-8') as f:
        return json.load(f)['vectors']


def key_of(key):
    (word, value), = key.items()
    return reader.KINDS[word], value.encode() if word == 'recovery' else bytes.fromhex(value)


def read_bytes(data, key, anchor=None, path=None):
    return reader.Vault(*reader.load(data, path), key, anchor)


def read_file(path, key):
    with open(path, 'rb') as f:
        return read_bytes(f.read(), key, path=path)


def digest(data):
    return reader.H('', b'', data)


def short(data, written):
    """Long values and fields stand in the JSON as a digest and their length."""
    return written if len(data) <= 256 else f'blake2b-256:{digest(data).hex()}:{len(data)}'


def shortened(entries):
    """Entries as content() has them, from a list that may have written long ones out."""
    def one(s, decode):
        return s if s.startswith('blake2b-256:') else short(decode(s), s)
    return {name: {**e, **({'fields': {t: one(s, bytes.fromhex) for t, s in e['fields'].items()}}
                           if 'fields' in e else {}),
                   'versions': [{**v, 'value': one(v['value'], base64.b64decode)} for v in e['versions']]}
            for name, e in entries.items()}


def content(v):
    """A vault as positive.json writes it."""
    entries = {}
    for e in v.entries:
        entries[e.name] = {
            'removed': e.flags == 1, 'destroyed': e.flags == 2, 'last': e.last, 'label': e.label,
            'wake': None if e.wake == reader.NONE else e.wake,
            'fields': {str(t): short(b, b.hex()) for t, b in e.fields.items()},
            'versions': [{'number': r.number, 'stage': STAGES[r.stage], 'created': r.created,
                          'expires': r.expires,
                          'value': short(r.value, base64.b64encode(r.value).decode())} for r in e.versions]}
    slots = [(s.kind, s.id.hex(), *v.labels.get(s.id, (None, None))) for s in v.root.slots]
    return {'vault_id': v.id.hex(), 'generation': v.root.generation, 'epoch': v.root.epoch,
            'tokens': v.tokens, 'commits': [c.hex() for c in v.commits], 'anchor': v.anchor[2].hex(),
            'entries': entries, 'orphans': [o.hex() for o in v.orphans],
            'slots': [dict(zip(('type', 'id', 'created', 'label'), s)) for s in slots]}


def differences(want, got, exact):
    """Where two contents differ, without the values."""
    want = {**want, 'entries': shortened(want['entries'])}
    if not exact:
        got = {k: g for k, g in got.items() if k in want}
        if set(got['entries']) == set(want['entries']):
            got['entries'] = {n: {k: g for k, g in e.items() if k in want['entries'][n]}
                              for n, e in got['entries'].items()}
    want = {k: w for k, w in want.items() if k in got or k not in ('file', 'keys', 'note')}
    if want == got:
        return []
    keys = [k for k in sorted(set(want) | set(got)) if want.get(k) != got.get(k)]
    a, b = want.get('entries', {}), got.get('entries', {})
    return keys + ['entry ' + ascii(n) for n in sorted(set(a) | set(b)) if a.get(n) != b.get(n)]


def refusal(read, *args):
    """The layer that refuses, or what else came of it."""
    try:
        read(*args)
    except reader.Bad as e:
        return str(e)
    except Exception as e:
        return type(e).__name__
    return 'nothing'


def sqlite_of(path, root, blobs, application_id=None):
    db = sqlite3.connect(path)
    db.executescript(SCHEMA)
    if application_id is not None:
        db.execute(f'PRAGMA application_id = {application_id}')
    if root is not None:
        db.execute('INSERT INTO root VALUES (1, 1, ?)', (root,))
    db.executemany('INSERT INTO blobs VALUES (?, ?)', blobs.items())
    db.commit()
    db.close()


def check_good(folder, vectors, failed, exact=True):
    for want in vectors:
        for key in want['keys']:
            what = f'{want["file"]} by {next(iter(key))}'
            try:
                got = content(read_file(os.path.join(folder, want['file']), key_of(key)))
            except reader.Bad as e:
                failed.append(f'{what}: refused, {e}')
                continue
            failed += [f'{what}: {d} differs' for d in differences(want, got, exact)]
    return len(vectors)


def negative_bytes(n):
    if 'base64' in n:
        return base64.b64decode(n['base64']) + bytes(n.get('zeros', 0))
    with open(os.path.join(HERE, n['file']), 'rb') as f:
        return f.read()


def check_bad(vectors, failed):
    for n in vectors:
        anchor = n.get('anchor')
        if anchor:
            vault_id, hash_ = (bytes.fromhex(anchor[k]) for k in ('vault_id', 'digest'))
            anchor = (vault_id, anchor['generation'], hash_)
        layer = refusal(read_bytes, negative_bytes(n), key_of(n['key']), anchor)
        if layer != n['layer']:
            failed.append(f'{n["name"]}: {n["layer"]} should refuse it, {layer} did')
    return len(vectors)


def check_more(good, failed):
    """What a flat container cannot show: databases, anchors that fit, the ways to write a recovery code."""
    def expect(what, layer, read, *args):
        got = refusal(read, *args)
        if got != layer:
            failed.append(f'{what}: {layer} expected, {got} found')

    want = next(v for v in good if v['file'] == 'slots.tv')
    with open(os.path.join(HERE, want['file']), 'rb') as f:
        flat = f.read()
    root, blobs = reader.load(flat)
    keys = [key_of(k) for k in want['keys']]
    kind, code = next(k for k in keys if k[0] == 4)
    for way in (code.replace(b'-', b''), code.lower(), code.replace(b'-', b' '), code.replace(b'0', b'O'),
                code.replace(b'1', b'I').replace(b'0', b'o'), code.replace(b'1', b'l'),
                code.replace(b'1', b'i')):
        expect('recovery code in another way', 'nothing', read_bytes, flat, (kind, way))
    for other in (code[:-1] + b'U', b'0' + code, code.replace(b'-', b'\n')):
        expect('recovery code with another sign', 'slot', read_bytes, flat, (kind, other))
    raw = next(k for k in keys if k[0] == 2)
    for secret in (b'', bytes(31), bytes(33), bytes(65)):
        expect('raw key of another length', 'slot', read_bytes, flat, (2, secret))
    for secret in (b'', bytes(1025)):
        expect('passphrase of another length', 'slot', read_bytes, flat, (1, secret))

    at = read_bytes(flat, raw).anchor
    for anchor in (at, (at[0], at[1] - 1, bytes(32)), (bytes(16), at[1] + 1, bytes(32))):
        expect('anchor that fits', 'nothing', read_bytes, flat, raw, anchor)
    expect('bytes after the root', 'header', reader.Vault, root + b'\0', blobs, raw)

    with tempfile.TemporaryDirectory() as folder:
        for v in good:
            with open(os.path.join(HERE, v['file']), 'rb') as f:
                parts = reader.load(f.read())
            sqlite_of(os.path.join(folder, v['file']), *parts)
        check_good(folder, good, failed)
        for what, args in {'no root': (None, blobs), 'another application': (root, blobs, 1),
                           'no blob but text': (root, {**blobs, bytes(24): 'text'}),
                           'short blob id': (root, {**blobs, b'id': b''}),
                           'long orphan': (root, {**blobs, bytes(24): bytes(131073)})}.items():
            path = os.path.join(folder, what)
            sqlite_of(path, *args)
            expect('database: ' + what, 'container', read_file, path, raw)


def check_damage(good, failed):
    """The small vaults cut at every length and with one bit of every byte changed: refused, or no more than
    an orphan is lost."""
    for v in good:
        if v['file'] not in ('empty.tv', 'one.tv'):
            continue
        with open(os.path.join(HERE, v['file']), 'rb') as f:
            flat = f.read()
        key, want = key_of(v['keys'][0]), {**v, 'orphans': None}
        for i, byte in enumerate(flat):
            for what, data in {'cut at': flat[:i],
                               'changed at': flat[:i] + bytes([byte ^ 1 << i % 8]) + flat[i + 1:]}.items():
                try:
                    found = differences(want, {**content(read_bytes(data, key)), 'orphans': None}, True)
                except reader.Bad:
                    continue
                except Exception as e:
                    found = [type(e).__name__]
                failed += [f'{v["file"]} {what} {i}: {d}' for d in found]


def check_all():
    failed = []
    good, bad = listed(HERE, 'positive.json'), listed(HERE, 'negative.json')
    counts = check_good(HERE, good, failed), check_bad(bad, failed)
    check_more(good, failed)
    return failed, counts


class Apart(ast.NodeTransformer):
    """Writes a chain of comparisons and "x if y else z" with "and", so that each part can be taken out."""

    def visit_Compare(self, node):
        terms = [node.left, *node.comparators]
        links = [ast.Compare(a, [op], [b]) for a, op, b in zip(terms, node.ops, terms[1:])]
        return ast.BoolOp(ast.And(), links) if len(links) > 1 else node

    def visit_IfExp(self, node):
        node = self.generic_visit(node)
        otherwise = ast.UnaryOp(ast.Not(), node.test)
        return ast.BoolOp(ast.And(), [ast.BoolOp(ast.Or(), [otherwise, node.body]),
                                      ast.BoolOp(ast.Or(), [node.test, node.orelse])])


def self_test():
    """Every condition of every need() in the reader, and each side of an "and" in it, is taken out once."""
    global reader
    original, pwhash = reader, reader.sodium.crypto_pwhash_alg

    def bounded(n, secret, salt, passes, size, algorithm):
        if passes > 17 or size > 2**24:
            raise ValueError('would take too long')
        return pwhash(n, secret, salt, passes, size, algorithm)
    reader.sodium.crypto_pwhash_alg = bounded
    with open(reader.__file__, encoding='utf-8') as f:
        tree = ast.parse(f.read())
    places = []
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and getattr(call.func, 'id', '') == 'need':
            call.args[0] = Apart().visit(call.args[0])
            places.append((call.args, 0, call.lineno))
            places += [(node.values, i, call.lineno) for node in ast.walk(call.args[0])
                       if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And)
                       for i in range(len(node.values))]
    unnoticed = []
    for values, i, line in places:
        kept, values[i] = values[i], ast.Constant(True)
        reader = types.ModuleType('reader')
        exec(compile(ast.fix_missing_locations(tree), original.__file__, 'exec'), reader.__dict__)
        if not check_all()[0]:
            unnoticed.append(f'reader.py:{line}: no vector notices when this is gone: {ast.unparse(kept)}')
        values[i] = kept
    reader, original.sodium.crypto_pwhash_alg = original, pwhash
    print(f'{len(places)} conditions taken out, {len(places) - len(unnoticed)} noticed')
    return unnoticed


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument('--library', metavar='DIR')
    p.add_argument('--self-test', action='store_true')
    a = p.parse_args()
    failed, (good, bad) = check_all()
    check_damage(listed(HERE, 'positive.json'), failed)
    if a.library:
        good += check_good(a.library, listed(a.library, 'library.json'), failed, exact=False)
    if a.self_test:
        failed += self_test()
    for f in failed:
        print(f)
    print(f'{good} positive, {bad} negative')
    sys.exit(1 if failed else 0)


if __name__ == '__main__':
    main()
