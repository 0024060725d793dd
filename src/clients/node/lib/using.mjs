// Using a token and saying how it went.
import { callable } from './checks.mjs';
import { call, copyAt, roomFor } from './library.mjs';
import { Verdict } from './numbers.mjs';

const MOST_VERSIONS = 4; // asked about in one use; more are only there if somebody rotates meanwhile

export function verdictOf(said) {
  if (said === true) return Verdict.OK;
  if (said === false) return Verdict.REJECTED;
  if (Object.values(Verdict).includes(said)) return said;
  throw new TypeError('who uses a token says a Verdict or a boolean');
}

/** Calls use(value, version) from C. What it throws means that the token says nothing, and is thrown here. */
export function useToken(use, name, ...given) {
  callable(use, 'who uses a token');
  const thrown = [];
  const called = (_, pointer, size, version) => {
    let value;
    try {
      value = copyAt(pointer, Number(size));
      return verdictOf(use(value, version));
    } catch (error) {
      thrown.push(error);
      return Verdict.FAILED;
    } finally {
      value?.fill(0);
    }
  };
  const verdict = [Verdict.FAILED];
  call(name, ...given, called, null, verdict);
  if (thrown.length > 0) throw thrown[0];
  return verdict[0];
}

/**
 * The same for one that answers later, which C cannot wait for: what was answered for a version is told to C
 * until it asks for a version nobody was asked about. So C decides which one is next, and what is suspect.
 */
export async function useTokenAsync(use, name, ...given) {
  callable(use, 'who uses a token');
  const said = new Map();
  for (;;) {
    let asked = null;
    const verdict = useToken((value, version) => {
      if (said.has(version)) return said.get(version);
      asked = { version, value: roomFor(value.length) };
      value.copy(asked.value);
      return Verdict.FAILED;
    }, name, ...given);
    if (asked === null) return verdict;
    try {
      if (said.size === MOST_VERSIONS) return Verdict.REJECTED;
      const answer = verdictOf(await use(asked.value, asked.version));
      if (answer !== Verdict.REJECTED) return answer; // C would do nothing, and a newer version would be used too
      said.set(asked.version, answer);
    } finally {
      asked.value.fill(0);
    }
  }
}
