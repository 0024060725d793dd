// The vault.
import { milliseconds, named, number, octets, text } from './checks.mjs';
import { Closable } from './handle.mjs';
import { Lease } from './lease.mjs';
import { call, callAsync, roomFor, sized } from './library.mjs';
import { MAX_SECRET_SIZE, Step } from './numbers.mjs';
import { Secret, lending, lendingAsync } from './secret.mjs';
import { rotationOf, secondsOf, tokensOf, vaultInfo } from './tokens.mjs';
import { useToken, useTokenAsync } from './using.mjs';

const DEFAULTS = 1, PREVIOUS = 1, EXPIRED_OK = 2, IF_VERSION = 1;

function picked({ previous = false, version = 0, expiredOk = false } = {}) {
  const flags = (previous ? PREVIOUS : 0) | (expiredOk ? EXPIRED_OK : 0);
  if (flags === 0 && version === 0) return null;
  return sized('tv_get_options', { flags, version: number(version, 'a version') });
}

function putting({ expires, label, ifVersion } = {}) {
  return sized('tv_put_options', { expires: secondsOf(expires), label: text(label, 'a label'),
    flags: ifVersion === undefined ? 0 : IF_VERSION, if_version: number(ifVersion ?? 0, 'a version') });
}

function stepping({ unverified = false, force = false, theirs = false } = {}) {
  return (unverified ? 1 : 0) | (force ? 2 : 0) | (theirs ? 4 : 0);
}

// A value arrives here when it is read, and is wiped before anything else happens.
const scratch = roomFor(MAX_SECRET_SIZE);

export class Vault extends Closable {
  constructor(handle) {
    super(handle, 'vault', 'tv_vault_free');
  }

  /** The value of a token: the current one, the previous one, or one by its number. */
  get(name, options) {
    const out = [0];
    call('tv_get', this._number, ...named(name), picked(options), out);
    return new Secret(out[0]);
  }
  async getAsync(name, options) {
    const out = [0];
    await callAsync('tv_get', this._number, ...named(name), picked(options), out);
    return new Secret(out[0]);
  }
  /** The same as a Buffer of its own, which is yours to wipe with fill(0). The fastest. */
  read(name, options) {
    const size = [0];
    call('tv_read', this._number, ...named(name), picked(options), scratch, scratch.length, size, null);
    const value = roomFor(size[0]);
    scratch.copy(value, 0, 0, size[0]);
    scratch.fill(0, 0, size[0]);
    return value;
  }

  /** Stores the token's next version, durably, and returns its number. */
  put(name, value, options) {
    const version = [0];
    lending(value, 'a value', (bytes, size) =>
      call('tv_put', this._number, ...named(name), bytes, size, putting(options), version));
    return version[0];
  }
  async putAsync(name, value, options) {
    const version = [0];
    await lendingAsync(value, 'a value', (bytes, size) =>
      callAsync('tv_put', this._number, ...named(name), bytes, size, putting(options), version));
    return version[0];
  }
  /** Hides a token with all its versions. */
  erase(name) {
    call('tv_erase', this._number, ...named(name));
  }
  /** Shows it again. */
  undelete(name) {
    call('tv_undelete', this._number, ...named(name));
  }

  /** The tokens whose name begins with `prefix`, in the order of their bytes. */
  list(prefix = '') {
    const out = [0];
    call('tv_list', this._number, ...named(prefix), out);
    return tokensOf(out[0]);
  }
  /** One token, with its versions. */
  info(name) {
    const out = [0];
    call('tv_info', this._number, ...named(name), out);
    return tokensOf(out[0])[0];
  }
  /** Reads the root afresh. */
  inspect() {
    return vaultInfo(this._number);
  }

  /** Calls use(value, version), and where that is rejected once more with a newer version, or with the previous. */
  withToken(name, use) {
    return useToken(use, 'tv_with_token', this._number, ...named(name));
  }
  /** The same where `use` gives a promise. */
  async withTokenAsync(name, use) {
    return useTokenAsync(use, 'tv_with_token', this._number, ...named(name));
  }
  /** Notes that a version was rejected by whoever it is for, unless there is a newer one by now. */
  markSuspect(name, version) {
    call('tv_mark_suspect', this._number, ...named(name), number(version, 'a version'));
  }
  /** A hold on one token, which need not be there yet. */
  lease(name) {
    const out = [0];
    call('tv_lease_open', this._number, ...named(name), out);
    return new Lease(out[0]);
  }

  /** Takes a step of a token's rotation at the provider in its policy, which may take minutes. */
  async rotateAsync(name, step = Step.ROTATE, options = {}) {
    const told = sized('tv_rotation');
    await callAsync('tv_rotate', this._number, ...named(name), null, number(step, 'a step'), stepping(options), told);
    return rotationOf(told);
  }
  /** Gives a rotation the new token that a person, or this program, brings. */
  stage(name, value) {
    const told = sized('tv_rotation');
    lending(value, 'a value', (bytes, size) =>
      call('tv_rotate_stage', this._number, ...named(name), null, bytes, size, told));
    return rotationOf(told);
  }
}

function opening(flags, uri, { keyFile, key, passphrase, anchors, timeout } = {}) {
  const asked = sized('tv_open_options', { flags, uri: text(uri, 'a uri'),
    key_file: text(keyFile, 'the path of a key file'), anchors: text(anchors, 'the path of the anchors'),
    timeout_ms: timeout === undefined ? 0 : milliseconds(timeout, 'a timeout') });
  if (key !== undefined) [asked.key, asked.key_size] = octets(key, 'a key');
  if (passphrase !== undefined) [asked.passphrase, asked.passphrase_size] = octets(passphrase, 'a passphrase');
  return asked;
}

/** Opens a vault. What is left out is what the `tokenvault` command takes; anchors '' keeps none. */
export function open(uri, options) {
  const out = [0];
  call('tv_open', opening(DEFAULTS, uri, options), out);
  return new Vault(out[0]);
}

/** The same on another thread: a passphrase costs a second. The key's bytes must not change meanwhile. */
export async function openAsync(uri, options) {
  const out = [0];
  await callAsync('tv_open', opening(DEFAULTS, uri, options), out);
  return new Vault(out[0]);
}

/** Makes a vault whose only key is that one, and opens it. `memory:` is one for tests. */
export function create(uri, options) {
  const out = [0];
  call('tv_create', opening(0, uri, options), out);
  return new Vault(out[0]);
}

/** Makes a new key file, never over one that is there. */
export function makeKeyFile(path) {
  call('tv_make_key_file', text(path, 'the path of a key file') ?? '');
}
