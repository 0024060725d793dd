// The Node module: what each of its calls promises. Values are compared without showing.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { inspect } from 'node:util';
import * as tokenvault from 'tokenvault';

const MARKER = 'S3CRETmarker';
const home = process.argv[2];
const key = Buffer.from(`A-key-${MARKER}-${'-'.repeat(13)}`);
const VALUE = Buffer.from(`${MARKER}-value`), OTHER = Buffer.from(`${MARKER}-other`);
const same = (value, expected) => assert.ok(Buffer.compare(value, expected) === 0, 'the values differ');

function memoryVault(tokens = {}) {
  const vault = tokenvault.create('memory:', { key });
  for (const [name, value] of Object.entries(tokens)) vault.put(name, value);
  return vault;
}

test('a value goes in and comes out', async () => {
  const vault = memoryVault();
  assert.equal(vault.put('acme/api', VALUE), 1);
  assert.equal(await vault.putAsync('acme/api', new Uint8Array(OTHER)), 2);
  const secret = vault.get('acme/api');
  assert.deepEqual([secret.length, secret.version], [OTHER.length, 2]);
  same(secret.reveal(), OTHER);
  same((await vault.getAsync('acme/api', { version: 1 })).reveal(), VALUE);
  same(vault.read('acme/api', { previous: true }), VALUE);
  same(vault.read('acme/api'), OTHER);
  vault.put('copy', secret);
  same(vault.read('copy'), OTHER);
  await vault.putAsync('copy', secret);
  assert.equal(vault.info('copy').version, 2);
  vault.put('long', Buffer.alloc(32768, 'x'));
  assert.equal(vault.read('long').length, 32768);
});

test('a secret shows nothing', () => {
  const secret = memoryVault({ a: VALUE }).get('a');
  secret.reveal();
  for (const text of [String(secret), `${secret}`, inspect(secret, { depth: 9, showHidden: true }),
    JSON.stringify({ secret }), inspect(structuredClone(secret)), inspect(Object.entries(secret))]) {
    assert.ok(!text.includes(MARKER) && !/53, ?33|0x53|83, ?51/.test(text));
  }
  assert.deepEqual([String(secret), inspect(secret), inspect({ secret })], ['<secret>', '<secret>', '{ secret: <secret> }']);
  assert.ok(secret.sameAs(memoryVault({ a: VALUE }).get('a')) && !secret.sameAs(memoryVault({ a: OTHER }).get('a')));
});

test('what is wiped is zeros', () => {
  const vault = memoryVault({ a: VALUE });
  const secret = vault.get('a'), copies = [secret.reveal(), secret.reveal()];
  secret.wipe();
  secret.wipe();
  const disposed = vault.get('a'), copy = disposed.reveal();
  disposed[Symbol.dispose]();
  for (const wiped of [...copies, copy]) same(wiped, Buffer.alloc(VALUE.length));
  assert.throws(() => secret.reveal(), tokenvault.InvalidArgument);
  vault[Symbol.dispose]();
  vault.close();
  assert.throws(() => vault.get('a'), tokenvault.InvalidArgument);
});

test('tokens are described', () => {
  const vault = memoryVault({ b: VALUE });
  const expires = new Date('2100-01-02T03:04:05Z');
  vault.put('a/1', VALUE);
  vault.put('a/1', OTHER, { expires, label: "the org's own" });
  assert.deepEqual(vault.list().map(({ name }) => name), ['a/1', 'b']);
  assert.deepEqual(vault.list('a/').map(({ name }) => name), ['a/1']);
  const info = vault.info('a/1');
  assert.deepEqual([info.version, info.label, info.suspectVersion, info.phase], [2, "the org's own", 0, 'idle']);
  assert.equal(info.expires.getTime(), expires.getTime());
  assert.deepEqual(info.versions.map(({ number, stage }) => [number, stage]), [[1, 'previous'], [2, 'current']]);
  assert.throws(() => { info.version = 3; }, TypeError);
  const { tokens, writable, encryptedAtRest, vaultId } = vault.inspect();
  assert.deepEqual([tokens, writable, encryptedAtRest, vaultId.length], [2, true, true, 32]);
  vault.erase('b');
  assert.throws(() => vault.info('b'), tokenvault.NotFound);
  vault.undelete('b');
  assert.equal(vault.info('b').expires, null);
});

test('errors have names', () => {
  const vault = memoryVault({ a: VALUE });
  assert.throws(() => vault.put('a', VALUE, { ifVersion: 0 }), tokenvault.Conflict);
  vault.put('a', VALUE, { expires: new Date(1000) });
  assert.throws(() => vault.get('a'), tokenvault.Expired);
  same(vault.read('a', { expiredOk: true }), VALUE);
  try {
    vault.get('absent');
    assert.fail('nothing was thrown');
  } catch (error) {
    assert.ok(error instanceof tokenvault.NotFound && error instanceof tokenvault.TokenVaultError);
    assert.deepEqual([error.name, error.code, error.kind, error.osError, error.retryable],
      ['NotFound', 4, 'not_found', 0, false]);
  }
});

test('a rejected token is tried once more', async () => {
  const vault = memoryVault({ a: VALUE });
  vault.put('a', OTHER);
  const { OK, REJECTED, FAILED } = tokenvault.Verdict;
  const old = (value) => value.equals(VALUE);
  assert.equal(vault.withToken('a', old), OK);
  assert.equal(await vault.withTokenAsync('a', async (value) => old(value)), OK);
  assert.equal(vault.withToken('a', () => FAILED), FAILED);
  assert.equal(await vault.withTokenAsync('a', () => FAILED), FAILED);
  assert.equal(vault.info('a').suspectVersion, 0);
  const tried = [], kept = [];
  const refuse = async (value, version) => {
    kept.push(value);
    await null;
    tried.push([value.equals(version === 2 ? OTHER : VALUE), version]);
    return false;
  };
  assert.equal(await vault.withTokenAsync('a', refuse), REJECTED);
  assert.deepEqual(tried, [[true, 2], [true, 1]]);
  for (const value of kept) same(value, Buffer.alloc(VALUE.length));
  assert.equal(vault.info('a').suspectVersion, 2);
  const lease = vault.lease('a');
  assert.equal(lease.use(() => true), OK);
  assert.equal(await lease.useAsync(async () => true), OK);
});

test('a version is marked suspect', () => {
  const vault = memoryVault({ a: VALUE });
  vault.markSuspect('a', 1);
  assert.equal(vault.info('a').suspectVersion, 1);
  assert.throws(() => vault.markSuspect('b', 1), tokenvault.NotFound);
  assert.throws(() => vault.markSuspect('a', -1), tokenvault.InvalidArgument);
});

test('one that is rotated meanwhile is tried next', async () => {
  const vault = memoryVault({ a: VALUE });
  const tried = [];
  const verdict = await vault.withTokenAsync('a', async (value, version) => {
    tried.push(version);
    if (version === 1) vault.put('a', OTHER);
    return value.equals(OTHER);
  });
  assert.deepEqual([verdict, tried, vault.info('a').suspectVersion], [tokenvault.Verdict.OK, [1, 2], 0]);
  const used = [];
  const accepted = await vault.withTokenAsync('a', async (_, version) => {
    used.push(version);
    vault.put('a', OTHER);
    return true;
  });
  assert.deepEqual([accepted, used], [tokenvault.Verdict.OK, [2]], 'what was accepted is not used again');
  const always = await vault.withTokenAsync('a', async () => vault.put('a', VALUE) === 0);
  assert.equal(always, tokenvault.Verdict.REJECTED);
});

test('what a use throws comes out', async () => {
  const vault = memoryVault({ a: VALUE });
  let kept;
  const broken = (value) => { kept = value; throw new RangeError('mine'); };
  assert.throws(() => vault.withToken('a', broken), RangeError);
  same(kept, Buffer.alloc(VALUE.length));
  await assert.rejects(vault.withTokenAsync('a', async (value) => broken(value)), RangeError);
  same(kept, Buffer.alloc(VALUE.length));
  for (const nonsense of [undefined, null, 3, 'ok']) {
    assert.throws(() => vault.withToken('a', () => nonsense), TypeError);
    await assert.rejects(vault.withTokenAsync('a', async () => nonsense), TypeError);
  }
  assert.equal(vault.info('a').suspectVersion, 0);
});

test('a lease follows', async () => {
  const vault = memoryVault();
  const lease = vault.lease('a');
  assert.throws(() => lease.get(), tokenvault.NotFound);
  vault.put('a', VALUE);
  assert.equal(await lease.waitAsync(1, 0), 1);
  const waiting = lease.waitAsync(1, 60000);
  vault.put('a', OTHER);
  assert.equal(await waiting, 2);
  vault.close();
  same(lease.get().reveal(), OTHER);
});

test('a token is rotated by what the program brings', async () => {
  const vault = memoryVault({ a: VALUE });
  await assert.rejects(vault.rotateAsync('a'), tokenvault.Refused);
  assert.equal((await vault.rotateAsync('a', tokenvault.Step.STATUS)).phase, 'idle');
  assert.equal(vault.stage('a', OTHER).phase, 'staged');
  assert.throws(() => vault.stage('a', VALUE), tokenvault.Conflict);
  assert.throws(() => vault.put('a', VALUE), tokenvault.NeedsHuman);
  same(vault.read('a'), VALUE);
  const { oldVersion, newVersion, id, started } = await vault.rotateAsync('a', tokenvault.Step.STATUS);
  assert.deepEqual([oldVersion, newVersion, id.length, started instanceof Date], [1, 2, 22, true]);
});

test('vaults on disk and their keys', async () => {
  const place = join(home, 'v.db'), keyFile = join(home, 'v.key');
  assert.throws(() => tokenvault.open(place, { key, anchors: '' }), tokenvault.NoVault);
  tokenvault.makeKeyFile(keyFile);
  assert.throws(() => tokenvault.makeKeyFile(keyFile), tokenvault.AlreadyExists);
  tokenvault.create(place, { keyFile }).put('a', VALUE);
  same((await tokenvault.openAsync(place, { keyFile, anchors: '', timeout: 1500 })).read('a'), VALUE);
  await assert.rejects(tokenvault.openAsync(place, { key, anchors: '' }), tokenvault.WrongKey);
  tokenvault.create(`file:${home}/p.tv`, { passphrase: VALUE });
  (await tokenvault.openAsync(`file:${home}/p.tv`, { passphrase: VALUE, anchors: '' })).close();
  assert.notEqual(tokenvault.protection().backing, 'none');
  assert.match(tokenvault.version(), /^\d+\.\d+\.\d+$/);
});
