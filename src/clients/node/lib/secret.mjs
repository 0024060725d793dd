// One value, in the library's secret memory until it is wiped.
import { timingSafeEqual } from 'node:crypto';
import { octets } from './checks.mjs';
import { Closable } from './handle.mjs';
import { call, plain, roomFor } from './library.mjs';

export class Secret extends Closable {
  #copies = [];

  constructor(number) {
    super(number, 'secret', 'tv_secret_free');
  }
  /** Which version of the token it is. */
  get version() {
    return plain.tv_secret_version(this._number);
  }
  get length() {
    return plain.tv_secret_size(this._number);
  }
  /** A copy in memory of its own, wiped with the secret: by wipe(), `using`, or your own fill(0). */
  reveal() {
    const copy = copyOf(this);
    this.#copies.push(copy);
    return copy;
  }
  /** Whether both hold the same bytes, in a time that does not tell where they differ. */
  sameAs(other) {
    if (!(other instanceof Secret)) throw new TypeError('a secret is compared with another Secret');
    const copies = [copyOf(this), copyOf(other)];
    try {
      return copies[0].length === copies[1].length && timingSafeEqual(...copies);
    } finally {
      for (const copy of copies) copy.fill(0);
    }
  }
  /** Wipes the value and every copy that reveal() made. Again: does nothing. */
  wipe() {
    for (const copy of this.#copies) copy.fill(0);
    this.#copies = [];
    super.close();
  }
  close() {
    this.wipe();
  }
}

/** A copy that the caller wipes. */
export function copyOf(secret) {
  const copy = roomFor(secret.length);
  call('tv_secret_copy', secret._number, copy, copy.length, [0]);
  return copy;
}

/** Calls with the bytes of a Buffer or a Secret, and wipes what it copied. */
export function lending(value, what, use) {
  if (!(value instanceof Secret)) return use(...octets(value, what));
  const copy = copyOf(value);
  try {
    return use(copy, copy.length);
  } finally {
    copy.fill(0);
  }
}

// One byte more, so that an empty value has an address too.
function apart(bytes, size) {
  const copy = roomFor(size + 1);
  bytes.copy(copy, 0, 0, size);
  return copy;
}

/** The same for a call on another thread: a copy, since meanwhile the caller may do anything with theirs. */
export async function lendingAsync(value, what, use) {
  const copy = lending(value, what, apart);
  try {
    return await use(copy, copy.length - 1);
  } finally {
    copy.fill(0);
  }
}
