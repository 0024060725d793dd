// A hold on one token that follows its rotation, whoever makes it. It keeps the vault open.
import { milliseconds, number } from './checks.mjs';
import { Closable } from './handle.mjs';
import { call, callAsync } from './library.mjs';
import { Secret } from './secret.mjs';
import { useToken, useTokenAsync } from './using.mjs';

export class Lease extends Closable {
  constructor(handle) {
    super(handle, 'lease', 'tv_lease_free');
  }
  /** The value that is current now. */
  get() {
    const out = [0];
    call('tv_lease_get', this._number, out);
    return new Secret(out[0]);
  }
  use(use) {
    return useToken(use, 'tv_lease_use', this._number);
  }
  useAsync(use) {
    return useTokenAsync(use, 'tv_lease_use', this._number);
  }
  /** Until the current version is another than `version`, or `timeout` milliseconds have passed: the current one. */
  async waitAsync(version, timeout) {
    const current = [0];
    await callAsync('tv_lease_wait', this._number, number(version, 'a version'), milliseconds(timeout, 'a timeout'),
      current);
    return current[0];
  }
}
