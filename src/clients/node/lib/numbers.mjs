// The numbers of tokenvault.h, by name.
export const NO_TIME = -(2n ** 63n);
export const MAX_SECRET_SIZE = 32768;

export const Verdict = Object.freeze({ OK: 0, REJECTED: 1, FAILED: 2 });

/** ROTATE goes as far as it gets and RESUME begins nothing; STATUS changes nothing; the others are one each. */
export const Step = Object.freeze({
  ROTATE: 0, RESUME: 1, STATUS: 2, START: 3, ISSUE: 4, VERIFY: 5, PROMOTE: 6, RETIRE: 7, ABORT: 8,
});

// What JavaScript gets is the word.
const words = (...names) => Object.freeze(Object.fromEntries(names.map((name, at) => [at, name])));
export const Phase = words('idle', 'intent', 'issuing', 'staged', 'verified', 'promoted', 'retiring', 'uncertain',
  'done', 'aborted');
export const Stage = words('none', 'pending', 'current', 'previous', 'retired');
export const Backing = words('none', 'memfd_secret', 'locked', 'plain');
