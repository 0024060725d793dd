// Compiled and never run: what a program in TypeScript may write, and what it may not.
import * as tokenvault from 'tokenvault';
import { NotFound, Secret, Verdict, type Rotation, type TokenInfo } from 'tokenvault';

export async function program(): Promise<TokenInfo[]> {
  using vault = tokenvault.open(null, { timeout: 1000 });
  using secret: Secret = vault.get('acme/api', { previous: true });
  const bytes: Buffer = secret.reveal();
  const version: number = vault.put('acme/api', bytes, { expires: new Date(), ifVersion: secret.version });
  const verdict = await vault.withTokenAsync('acme/api', async (value, at) => value.length > 0 && at === version);
  if (verdict === Verdict.REJECTED) throw new NotFound('');
  const rotation: Rotation = await vault.rotateAsync('acme/api', tokenvault.Step.STATUS);
  if (rotation.phase === 'done') return vault.list('acme/');
  // @ts-expect-error: a string cannot be wiped
  vault.put('acme/api', 'text');
  // @ts-expect-error: secrets come from vaults
  new Secret();
  // @ts-expect-error: no such phase
  if (rotation.phase === 'finished') return [];
  // @ts-expect-error: what is told is not changed
  rotation.note = '';
  // @ts-expect-error: a use says how it went
  vault.withToken('acme/api', () => undefined);
  return [];
}

try {
  void program();
} catch (error) {
  if (error instanceof tokenvault.TokenVaultError) console.log(error.code, error.kind, error.retryable);
}
