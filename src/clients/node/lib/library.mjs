// The shared library: where it is found, its structs and its functions.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import koffi from 'koffi';
import { errorOf } from './errors.mjs';

const ABI_VERSION = 1;
const NAME = 'libtokenvault.so.0';
const VARIABLE = 'TOKENVAULT_LIBRARY';

function place() {
  const asked = process.env[VARIABLE];
  if (asked) return asked;
  const beside = join(dirname(dirname(fileURLToPath(import.meta.url))), NAME);
  return existsSync(beside) ? beside : NAME;
}

function load() {
  const from = place();
  let library, version;
  try {
    library = koffi.load(from);
    version = library.func('tv_abi_version', 'uint32', [])();
  } catch {
    throw new Error(`tokenvault: cannot load ${from}: install libtokenvault, or set ${VARIABLE} to the path of it`);
  }
  if (version < ABI_VERSION) {
    throw new Error(`tokenvault: the library at ${from} is older than this module: install both anew`);
  }
  return library;
}

const library = load();

const TEXT = 'const char *', BYTES = 'const void *';
const struct = (name, members) => koffi.struct(name, { struct_size: 'uint32', ...members });
const u32 = (...names) => Object.fromEntries(names.map((name) => [name, 'uint32']));
const i64 = (...names) => Object.fromEntries(names.map((name) => [name, 'int64']));
const text = (size) => koffi.array('char', size);

const structs = {
  tv_error: struct('tv_error', { code: 'int32', os_error: 'int32', retryable: 'uint32', message: text(256) }),
  tv_protection_info: struct('tv_protection_info', {
    backing: 'uint32', locked_bytes: 'uint64', plain_bytes: 'uint64', lock_limit: 'uint64',
    ...u32('dontdump', 'dontfork', 'hardened'), os_error: 'int32' }),
  tv_open_options: struct('tv_open_options', {
    flags: 'uint32', uri: TEXT, key_file: TEXT, key: BYTES, key_size: 'size_t', passphrase: BYTES,
    passphrase_size: 'size_t', anchors: TEXT, ...u32('timeout_ms', 'reserved') }),
  tv_vault_info: struct('tv_vault_info', {
    epoch: 'uint32', generation: 'uint64', tokens: 'uint64', vault_id: koffi.array('uint8', 16),
    ...u32('writable', 'durable', 'encrypted_at_rest', 'reserved') }),
  tv_get_options: struct('tv_get_options', u32('flags', 'version', 'reserved')),
  tv_put_options: struct('tv_put_options', {
    flags: 'uint32', expires: 'int64', ...u32('if_version', 'reserved'), label: TEXT }),
  tv_token_info: struct('tv_token_info', {
    version: 'uint32', name: TEXT, label: TEXT, ...i64('created', 'expires'),
    ...u32('suspect_version', 'version_count', 'phase', 'reserved') }),
  tv_version_info: struct('tv_version_info', { ...u32('number', 'stage', 'reserved'), ...i64('created', 'expires') }),
  tv_rotation: struct('tv_rotation', {
    ...u32('phase', 'old_version', 'new_version', 'attempts', 'asks', 'obligations', 'reserved'),
    ...i64('started', 'changed', 'next_try'), id: text(32), note: text(512) }),
};

/** A struct for C to read, or to fill. */
export const sized = (name, fields = {}) => ({ struct_size: koffi.sizeof(structs[name]), ...fields });

// Handles are numbers, and never pointers to anything.
const HANDLE = 'uintptr_t', NAMED = [HANDLE, BYTES, 'size_t'];
const gives = (type) => koffi.out(koffi.pointer(type));
const fills = (name) => koffi.inout(koffi.pointer(structs[name]));
const reads = (name) => koffi.pointer(structs[name]);
const use = koffi.proto('int32 tv_use(void *user, const void *value, size_t size, uint32 version)');

// What each function takes before its tv_error.
const fallible = {
  tv_protection: [fills('tv_protection_info')],
  tv_harden_process: [],
  tv_open: [reads('tv_open_options'), gives(HANDLE)],
  tv_create: [reads('tv_open_options'), gives(HANDLE)],
  tv_make_key_file: [TEXT],
  tv_inspect: [HANDLE, fills('tv_vault_info')],
  tv_get: [...NAMED, reads('tv_get_options'), gives(HANDLE)],
  tv_read: [...NAMED, reads('tv_get_options'), 'void *', 'size_t', gives('size_t'), 'void *'],
  tv_secret_copy: [HANDLE, 'void *', 'size_t', gives('size_t')],
  tv_put: [...NAMED, BYTES, 'size_t', reads('tv_put_options'), gives('uint32')],
  tv_erase: NAMED,
  tv_undelete: NAMED,
  tv_list: [...NAMED, gives(HANDLE)],
  tv_info: [...NAMED, gives(HANDLE)],
  tv_tokens_at: [HANDLE, 'size_t', fills('tv_token_info')],
  tv_tokens_version: [HANDLE, 'size_t', 'size_t', fills('tv_version_info')],
  tv_with_token: [...NAMED, koffi.pointer(use), 'void *', gives('int32')],
  tv_mark_suspect: [...NAMED, 'uint32'],
  tv_lease_open: [...NAMED, gives(HANDLE)],
  tv_lease_get: [HANDLE, gives(HANDLE)],
  tv_lease_use: [HANDLE, koffi.pointer(use), 'void *', gives('int32')],
  tv_lease_wait: [HANDLE, 'uint32', 'uint32', gives('uint32')],
  tv_rotate: [...NAMED, 'void *', 'uint32', 'uint32', fills('tv_rotation')],
  tv_rotate_stage: [...NAMED, 'void *', BYTES, 'size_t', fills('tv_rotation')],
};

/** The functions that cannot fail. */
export const plain = {
  tv_version: library.func('tv_version', 'str', []),
  tv_secret_size: library.func('tv_secret_size', 'size_t', [HANDLE]),
  tv_secret_version: library.func('tv_secret_version', 'uint32', [HANDLE]),
  tv_tokens_count: library.func('tv_tokens_count', 'size_t', [HANDLE]),
  tv_vault_free: library.func('tv_vault_free', 'void', [HANDLE]),
  tv_secret_free: library.func('tv_secret_free', 'void', [HANDLE]),
  tv_tokens_free: library.func('tv_tokens_free', 'void', [HANDLE]),
  tv_lease_free: library.func('tv_lease_free', 'void', [HANDLE]),
};

const functions = Object.fromEntries(Object.entries(fallible).map(
  ([name, takes]) => [name, library.func(name, 'int32', [...takes, fills('tv_error')])]));

/** Calls one that can fail; what it says then is thrown. */
export function call(name, ...given) {
  const error = sized('tv_error');
  if (functions[name](...given, error) !== 0) throw errorOf(error);
}

/** The same on another thread. What was given is held until it is done. */
export function callAsync(name, ...given) {
  const error = sized('tv_error');
  return new Promise((resolve, reject) => {
    functions[name].async(...given, error, (failed, status) => {
      if (failed) reject(failed);
      else if (status !== 0) reject(errorOf(error));
      else resolve(given);
    });
  });
}

/** Memory for a value. Small Buffers of Node's own lie where the collector copies them about, unwiped. */
export const roomFor = (size) => Buffer.from(new ArrayBuffer(size));

/** The bytes at a pointer, copied into memory of their own. */
export function copyAt(pointer, size) {
  return size === 0 ? roomFor(0) : Buffer.from(koffi.decode(pointer, 'uint8', size).buffer);
}
