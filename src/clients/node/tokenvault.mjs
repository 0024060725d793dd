// API tokens from a vault: README.md beside this file says how, tokenvault.d.ts says what.
export * from './lib/errors.mjs';
export { Lease } from './lib/lease.mjs';
export { Secret } from './lib/secret.mjs';
export { Backing, Phase, Stage, Step, Verdict } from './lib/numbers.mjs';
export { hardenProcess, protection, version } from './lib/process.mjs';
export { Vault, create, makeKeyFile, open, openAsync } from './lib/vault.mjs';
