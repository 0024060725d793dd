// What this process's memory has got.
import { call, plain, sized } from './library.mjs';
import { Backing } from './numbers.mjs';

/** What secret memory got from the system. What JavaScript copied is beside it. */
export function protection() {
  const told = sized('tv_protection_info');
  call('tv_protection', told);
  return Object.freeze({ backing: Backing[told.backing], lockedBytes: Number(told.locked_bytes),
    plainBytes: Number(told.plain_bytes), lockLimit: Number(told.lock_limit), dontdump: told.dontdump !== 0,
    dontfork: told.dontfork !== 0, hardened: told.hardened !== 0, osError: told.os_error });
}

/** Makes this process undumpable and untraceable by others of the same user. */
export function hardenProcess() {
  call('tv_harden_process');
}

/** The library's, for instance '0.1.0'. */
export const version = () => plain.tv_version();
