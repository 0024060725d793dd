// The Node module misused: an exception and never a crash, and nothing is changed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import * as tokenvault from 'tokenvault';

const MARKER = 'S3CRETmarker';
const key = Buffer.from(`A-key-${MARKER}-${'-'.repeat(13)}`);
const VALUE = Buffer.from(`${MARKER}-value`);
const NAMES = [undefined, null, 7, 7n, {}, [], VALUE, '', '\0', 'a\0b', '/', 'a//b', '..', '\ud800', 'x'.repeat(256),
  'x'.repeat(1e5)];
const VALUES = [undefined, null, 7, `${MARKER}-text`, {}, [1, 2], Buffer.alloc(0), Buffer.alloc(32769), Buffer.alloc(1e6),
  new Uint8Array(new SharedArrayBuffer(8)), new ArrayBuffer(8)];
const NUMBERS = [-1, 2 ** 32, 2 ** 60, 1.5, NaN, Infinity, 'one', 1n, {}, null];
const REFUSED = [tokenvault.TokenVaultError, TypeError];

const isFault = (error) => {
  assert.ok(REFUSED.some((kind) => error instanceof kind), inspect(error));
  assert.ok(!inspect(error, { depth: 9 }).includes(MARKER), 'a secret in an error');
  return true;
};
const refused = (call) => assert.throws(call, isFault);

function memoryVault() {
  const vault = tokenvault.create('memory:', { key });
  vault.put('a', VALUE);
  return vault;
}

test('nonsense is refused and changes nothing', async () => {
  const vault = memoryVault();
  for (const name of NAMES) {
    for (const verb of ['get', 'read', 'info', 'erase', 'undelete', 'lease']) refused(() => vault[verb](name));
    refused(() => vault.put(name, VALUE));
    refused(() => vault.stage(name, VALUE));
    refused(() => vault.withToken(name, () => true));
    for (const verb of ['getAsync', 'putAsync', 'withTokenAsync', 'rotateAsync']) {
      await assert.rejects(vault[verb](name, verb === 'putAsync' ? VALUE : undefined), isFault);
    }
  }
  for (const value of VALUES) {
    for (const name of ['a', 'new']) {
      refused(() => vault.put(name, value));
      await assert.rejects(vault.putAsync(name, value), isFault);
    }
    refused(() => tokenvault.create('memory:', { key: value }));
    refused(() => tokenvault.create('memory:', { passphrase: value }));
  }
  for (const number of NUMBERS) {
    refused(() => vault.get('a', { version: number }));
    if (number !== null) refused(() => vault.put('a', VALUE, { ifVersion: number }));
    refused(() => tokenvault.open('memory:', { key, timeout: number }));
    await assert.rejects(vault.lease('a').waitAsync(number, 0), isFault);
    await assert.rejects(vault.lease('a').waitAsync(1, number), isFault);
    await assert.rejects(vault.rotateAsync('a', number), isFault);
  }
  for (const expires of [7, 'tomorrow', new Date(NaN), new Date(-1e12), new Date(8.64e15)]) {
    refused(() => vault.put('a', VALUE, { expires }));
  }
  for (const label of [7, VALUE, 'a\0b', '\ud800', 'x'.repeat(256)]) refused(() => vault.put('a', VALUE, { label }));
  for (const place of [7, {}, 'a\0b', 'nowhere:', 'x'.repeat(1e6)]) refused(() => tokenvault.open(place, { key }));
  for (const use of [undefined, 7, 'use']) refused(() => vault.withToken('a', use));
  assert.equal(vault.inspect().generation, 2);
  assert.ok(vault.read('a').equals(VALUE));
});

test('calls at random never crash', async () => {
  let seed = 1;
  const random = (most) => { seed = (seed * 48271) % 2147483647; return seed % most; };
  const pick = (list) => list[random(list.length)];
  const model = new Map();
  const vault = memoryVault();
  vault.erase('a');
  const things = [];
  const moves = [
    () => { const name = pick('abc'); model.set(name, [vault.put(name, VALUE), VALUE]); },
    () => { const name = pick('abcd'); const secret = vault.get(name); things.push(secret);
      assert.ok(secret.version === model.get(name)[0] && secret.reveal().equals(VALUE)); },
    () => { vault.read(pick('abcd')).fill(0); },
    () => { pick(things).close(); },
    () => { pick(things).reveal(); },
    () => { things.splice(random(things.length), 1); },
    () => { things.push(vault.lease(pick('abcd'))); },
    () => { vault.put('borrowed', pick(things)); },
    () => { pick(things)._number; },
    () => { vault[pick(['get', 'put', 'info', 'read', 'lease', 'list'])](pick(NAMES.slice(0, -1)), pick(VALUES)); },
    async () => { const name = pick('abcd'); (await vault.getAsync(name)).wipe(); },
  ];
  let done = 0;
  for (let at = 0; at < 4000; ++at) {
    try {
      await pick(moves)();
      ++done;
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
    }
  }
  assert.ok(done > 1000 && done < 3900, `${done} calls did something`);
  for (const [name, [version, value]] of model) {
    assert.ok(vault.get(name).version === version && vault.read(name).equals(value), 'what is kept differs');
  }
});

test('what nobody holds is freed', async () => {
  const vault = memoryVault();
  const fill = () => { for (let at = 0; at < 200; ++at) vault.get('a'); };
  const settle = async () => { globalThis.gc(); await new Promise(setImmediate); };
  fill();
  await settle();
  const before = tokenvault.protection();
  for (let round = 0; round < 20; ++round) {
    fill();
    await settle();
  }
  assert.deepEqual(tokenvault.protection(), before, 'secret memory grows');
  assert.ok(vault.read('a').equals(VALUE));
});
