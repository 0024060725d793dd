// What can go wrong, by name. The numbers and kinds are those of the library, fixed for ever.

/** A call that failed: the message is one line without secret bytes. Each code has a class of its own. */
export class TokenVaultError extends Error {
  /** @param {{ code?: number, osError?: number, retryable?: boolean }} [told] */
  constructor(message, told = {}) {
    super(message);
    this.name = new.target.name;
    this.code = told.code ?? new.target.code;
    this.kind = new.target.kind;
    this.osError = told.osError ?? 0;
    this.retryable = told.retryable ?? false;
  }
  static code = 0;
  static kind = 'unknown';
}

const byCode = new Map();

function named(name, code, kind) {
  const made = { [name]: class extends TokenVaultError {} }[name];
  byCode.set(code, Object.assign(made, { code, kind }));
  return made;
}

export const InvalidArgument = named('InvalidArgument', 1, 'invalid_argument');
export const NoVault = named('NoVault', 2, 'no_vault');
export const AlreadyExists = named('AlreadyExists', 3, 'already_exists');
export const NotFound = named('NotFound', 4, 'not_found');
export const Conflict = named('Conflict', 5, 'conflict');
export const WrongKey = named('WrongKey', 6, 'wrong_key');
export const Tampered = named('Tampered', 7, 'tampered');
export const Stale = named('Stale', 8, 'stale');
export const Unsupported = named('Unsupported', 9, 'unsupported');
export const ReadOnly = named('ReadOnly', 10, 'read_only');
export const PermissionDenied = named('PermissionDenied', 11, 'permission_denied');
export const Refused = named('Refused', 12, 'refused');
export const Unavailable = named('Unavailable', 13, 'unavailable');
export const Unreachable = named('Unreachable', 14, 'unreachable');
export const InDoubt = named('InDoubt', 15, 'in_doubt');
export const Expired = named('Expired', 16, 'expired');
export const NoKey = named('NoKey', 17, 'no_key');
export const OutOfMemory = named('OutOfMemory', 18, 'out_of_memory');
export const Io = named('Io', 19, 'io');
export const Forked = named('Forked', 20, 'forked');
export const Internal = named('Internal', 21, 'internal');
export const NeedsHuman = named('NeedsHuman', 22, 'needs_human');
export const Rejected = named('Rejected', 23, 'rejected');

/** What a tv_error tells. */
export function errorOf({ code, message, os_error: osError, retryable }) {
  const known = byCode.get(code) ?? TokenVaultError;
  return new known(message, { code, osError, retryable: retryable !== 0 });
}
