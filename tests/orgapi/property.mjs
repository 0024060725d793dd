// Requests made from openapi.json with every kind of token: whatever comes back must be documented. Reads one JSON line
// {"origin", "runs", "tokens": {kind: token}} on stdin, so that no token is in an argument; openapi.json comes from the service.
import { Validator } from '@seriousme/openapi-schema-validator';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';

const { origin, runs, tokens } = JSON.parse(readFileSync(0, 'utf8'));
const document = await (await fetch(`${origin}/openapi.json`)).json();

const accepted = await new Validator().validate(structuredClone(document));
if (!accepted.valid) throw new Error(`the document is not valid: ${JSON.stringify(accepted.errors)}`);

const ajv = new Ajv2020({ strict: false });
addFormats(ajv);
ajv.addSchema(document, 'openapi');
const schemaAt = (pointer) => ajv.getSchema(`openapi#${pointer}`) ?? ajv.compile({ $ref: `openapi#${pointer}` });
const step = (word) => word.replaceAll('~', '~0').replaceAll('/', '~1');

/** What `pointer` leads to, through $ref, and where that is. */
function found(pointer) {
  const value = pointer.split('/').slice(1).reduce((at, word) => at[word.replaceAll('~1', '/').replaceAll('~0', '~')], document);
  return value.$ref ? found(value.$ref.slice(1)) : { value, pointer };
}

const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.keys(item).filter((key) => ['get', 'post', 'put', 'delete'].includes(key)).map((method) => ({ path, method })));
for (const { path, method } of operations) {
  const { pointer } = found(`/paths/${step(path)}/${method}/responses/401`);
  if (found(`${pointer}/headers/WWW-Authenticate`).value.required !== true) throw new Error(`${method} ${path}: its 401 has no required challenge`);
}
const schemes = Object.values(document.components.securitySchemes);
if (schemes.length !== 1 || schemes[0].type !== 'http' || schemes[0].scheme !== 'bearer' || document.security.length !== 1)
  throw new Error('not one bearer scheme for all');

const short = fc.string({ maxLength: 12 });
const word = fc.stringMatching(/^[A-Za-z0-9_-]{1,20}$/);
const bodies = {
  '/api/v1/token/rotate': fc.record({ rotation: fc.oneof(word, short), overlap: fc.integer({ min: -2, max: 700000 }) }, { requiredKeys: [] }),
  '/api/v1/user/reward': fc.record({ account: fc.oneof(word, short), xp: fc.integer({ min: -2, max: 1100000 }), id: short }, { requiredKeys: [] }),
};
const request = fc.record({
  operation: fc.constantFrom(...operations),
  kind: fc.constantFrom('none', ...Object.keys(tokens)),
  account: fc.oneof(word, short, fc.constant(undefined)),
  wild: fc.option(fc.oneof(fc.json(), short), { nil: undefined, freq: 4 }),
  type: fc.constantFrom('application/json', 'application/json', 'application/json; charset=utf-8', 'text/plain'),
}).chain((made) => fc.record({ made: fc.constant(made), body: bodies[made.operation.path] ?? fc.constant(undefined) }));

const seen = {};
async function holds({ made: { operation: { path, method }, kind, account, wild, type }, body }) {
  // A token that ends itself, or gives way to its successor, would be another kind in the next run.
  if (method === 'delete' && !['none', 'malformed', 'unknown', 'expired', 'revoked'].includes(kind)) return;
  const query = account === undefined || method !== 'get' ? '' : `?account=${encodeURIComponent(account)}`;
  const headers = kind === 'none' ? {} : { authorization: `Bearer ${tokens[kind]}` };
  const sent = method === 'post' ? (wild ?? JSON.stringify(body)) : undefined;
  if (sent !== undefined) headers['content-type'] = type;
  const answer = await fetch(origin + path + query, { method: method.toUpperCase(), headers, body: sent });
  const text = await answer.text();
  const told = `${method} ${path} with ${kind}: ${answer.status}`;
  seen[answer.status] = (seen[answer.status] ?? 0) + 1;
  if (answer.status >= 500) throw new Error(`${told}: the service failed`);
  const documented = document.paths[path][method].responses[answer.status];
  if (!documented) throw new Error(`${told}: not documented`);
  if (answer.status === 401 && !answer.headers.get('www-authenticate')?.startsWith('Bearer realm="orgapi"'))
    throw new Error(`${told}: no challenge`);
  const { value, pointer } = found(`/paths/${step(path)}/${method}/responses/${answer.status}`);
  if (!value.content) {
    if (text !== '') throw new Error(`${told}: a body that is not documented`);
    return;
  }
  const kindOf = answer.headers.get('content-type');
  if (!value.content[kindOf]) throw new Error(`${told}: ${kindOf} is not documented`);
  const check = schemaAt(`${pointer}/content/${step(kindOf)}/schema`);
  if (!check(JSON.parse(text))) throw new Error(`${told}: ${ajv.errorsText(check.errors)}`);
}

await fc.assert(fc.asyncProperty(request, holds), { numRuns: runs, seed: 6, verbose: 0 });
const missed = ['200', '201', '400', '401', '403', '415'].filter((status) => !seen[status]);
if (missed.length) throw new Error(`these statuses never came: ${missed}`);
console.log(`${runs} requests: ${JSON.stringify(seen)}`);
