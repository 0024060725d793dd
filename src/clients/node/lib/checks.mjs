// What is looked at before it crosses into C, where it would be cut without a word. Nothing here says what it was
// given: that may be a secret, by mistake.
import { InvalidArgument } from './errors.mjs';

const MOST_32 = 2 ** 32 - 1;

function kindOf(given) {
  return given === null ? 'null' : typeof given;
}

/** A text that C is to take to its end; null where there is none. */
export function text(given, what) {
  if (given === undefined || given === null) return null;
  if (typeof given !== 'string') throw new TypeError(`${what} is a string, and not ${kindOf(given)}`);
  if (given.includes('\0')) throw new InvalidArgument(`${what} holds a NUL`);
  return whole(given, what);
}

function whole(given, what) {
  if (/\p{Surrogate}/u.test(given)) throw new InvalidArgument(`${what} holds half a character`);
  return given;
}

/** A name's bytes, of which a NUL is one, and their number. */
export function named(name) {
  if (typeof name !== 'string') throw new TypeError(`a name is a string, and not ${kindOf(name)}`);
  const bytes = Buffer.from(whole(name, 'a name'), 'utf8');
  return [bytes, bytes.length];
}

/** A value's bytes, and their number. Strings are refused: nobody can wipe them, and their coding is a guess. */
export function octets(given, what) {
  if (!ArrayBuffer.isView(given)) throw new TypeError(`${what} is a Buffer or a Secret, and not ${kindOf(given)}`);
  if (given.buffer instanceof SharedArrayBuffer) throw new TypeError(`${what} is in memory that others may change`);
  const bytes = Buffer.from(given.buffer, given.byteOffset, given.byteLength);
  return bytes.length === 0 ? [Buffer.alloc(1), 0] : [bytes, bytes.length];
}

export function number(given, what) {
  if (typeof given !== 'number') throw new TypeError(`${what} is a number, and not ${kindOf(given)}`);
  if (!Number.isInteger(given) || given < 0 || given > MOST_32) {
    throw new InvalidArgument(`${what} is not a whole number between 0 and ${MOST_32}`);
  }
  return given;
}

/** Milliseconds, at least one, since none means something else. */
export const milliseconds = (given, what) => Math.max(1, number(given, what));

/** What a callback is. */
export function callable(given, what) {
  if (typeof given !== 'function') throw new TypeError(`${what} is a function, and not ${kindOf(given)}`);
  return given;
}
