// Takes a token in the ways of the module, and waits to be looked at. Argument: wiped, or text as a control.
import { createHash } from 'node:crypto';
import { createInterface } from 'node:readline';
import { open } from 'tokenvault';

const digests = new Set();
const note = (value) => digests.add(createHash('sha256').update(value).digest('hex')).size > 0;
const kept = [];
const vault = open();

const secret = vault.get('acme/api');
note(secret.reveal());
vault.put('copy', secret);
await vault.putAsync('copy', secret);
if (process.argv[2] === 'text') kept.push(secret.reveal().toString());
secret.wipe();
const value = vault.read('acme/api');
note(value);
value.fill(0);
vault.withToken('acme/api', note);
await vault.withTokenAsync('acme/api', async (bytes) => note(bytes));

console.log(...digests);
// Also where whoever looks at it is gone.
createInterface({ input: process.stdin }).once('close', () => process.exit(1)).once('line', () => process.exit(kept.length > 1 ? 1 : 0));
