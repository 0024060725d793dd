// What is known of tokens and of the vault. No values here.
import { InvalidArgument } from './errors.mjs';
import { call, plain, sized } from './library.mjs';
import { NO_TIME, Phase, Stage } from './numbers.mjs';

export const dateOf = (seconds) => (BigInt(seconds) === NO_TIME ? null : new Date(Number(seconds) * 1000));

export function secondsOf(date) {
  if (date === undefined || date === null) return NO_TIME;
  if (!(date instanceof Date)) throw new TypeError(`a time is a Date, and not ${typeof date}`);
  if (Number.isNaN(date.getTime())) throw new InvalidArgument('a time is no date at all');
  return Math.floor(date.getTime() / 1000);
}

function versionOf(tokens, index, at) {
  const told = sized('tv_version_info');
  call('tv_tokens_version', tokens, index, at, told);
  return Object.freeze({ number: told.number, stage: Stage[told.stage], created: dateOf(told.created),
    expires: dateOf(told.expires) });
}

function tokenOf(tokens, index) {
  const told = sized('tv_token_info');
  call('tv_tokens_at', tokens, index, told);
  const versions = Array.from({ length: told.version_count }, (_, at) => versionOf(tokens, index, at));
  return Object.freeze({ name: told.name, label: told.label, version: told.version, created: dateOf(told.created),
    expires: dateOf(told.expires), suspectVersion: told.suspect_version, phase: Phase[told.phase],
    versions: Object.freeze(versions) });
}

/** What a tv_tokens holds; it is freed. */
export function tokensOf(tokens) {
  try {
    return Array.from({ length: plain.tv_tokens_count(tokens) }, (_, index) => tokenOf(tokens, index));
  } finally {
    plain.tv_tokens_free(tokens);
  }
}

export function vaultInfo(vault) {
  const told = sized('tv_vault_info');
  call('tv_inspect', vault, told);
  return Object.freeze({ vaultId: Buffer.from(told.vault_id).toString('hex'), epoch: told.epoch,
    generation: Number(told.generation), tokens: Number(told.tokens), writable: told.writable !== 0,
    durable: told.durable !== 0, encryptedAtRest: told.encrypted_at_rest !== 0 });
}

export function rotationOf(told) {
  return Object.freeze({ id: told.id, phase: Phase[told.phase], oldVersion: told.old_version,
    newVersion: told.new_version, attempts: told.attempts, asks: told.asks !== 0, obligations: told.obligations,
    started: dateOf(told.started), changed: dateOf(told.changed), nextTry: dateOf(told.next_try), note: told.note });
}
