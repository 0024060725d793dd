#!/usr/bin/env node
// A tvp/1 program for Node, without packages, for a token service with this interface (docs/rotation.md has the
// protocol; change the functions in `verbs` for another service):
//
//   POST   URL/tokens               {"rotation":"...","lifetime":seconds}  -> 201 {"id","owner","expires","token"}
//   GET    URL/token                -> 200 {"id","owner","expires"} of the token that asks; 401: it is not valid
//   GET    URL/tokens?rotation=ID   -> 200 {"ids":[...]}
//   DELETE URL/tokens/ID            -> 204; 404: there is none
//
// Policy: setting url.
import { closeSync, readFileSync, writeSync } from 'node:fs';
import { request as askHttp } from 'node:http';
import { request as askHttps } from 'node:https';

const MOST = 64 * 1024; // bytes of an answer

/** Certainly nothing was changed: exit 3. */
class Refused extends Error {
  constructor(message, retryAfter) {
    super(message);
    this.retryAfter = retryAfter;
  }
}

/** It may have happened: exit 4. */
class Doubt extends Error {}

function writeAll(fd, bytes) {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
}

/** Descriptor 3 holds them one after the other; the request tells how long each is. */
function readSecrets(request) {
  const data = readFileSync(3);
  const secrets = {};
  let at = 0;
  for (const { name, size } of request.tokens ?? []) secrets[name] = data.toString('utf8', at, (at += size));
  return secrets;
}

function parse(text) {
  try {
    const value = JSON.parse(text);
    return value !== null && typeof value === 'object' ? value : {};
  } catch {
    return {};
  }
}

/**
 * Status, JSON object ({} where there is none) and headers, over a fresh connection; no redirects are followed, so
 * a token goes nowhere else. Once it is connected, a fault is a doubt.
 */
function ask(base, method, path, token, body) {
  const url = new URL(base.replace(/\/$/, '') + path);
  const text = body === undefined ? '' : JSON.stringify(body);
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json',
                    'Content-Length': Buffer.byteLength(text) };
  return new Promise((resolve, reject) => {
    const secure = url.protocol === 'https:';
    let connected = false;
    const lost = (what) => reject(connected ? new Doubt(`no answer: ${what}`) : new Refused(`cannot reach ${url.host}: ${what}`));
    const call = (secure ? askHttps : askHttp)(url, { method, headers, agent: false, timeout: 25_000 }, (answer) => {
      const pieces = [];
      let size = 0;
      answer.on('data', (piece) => {
        size += piece.length;
        if (size > MOST) call.destroy(new Error('its answer is too long'));
        pieces.push(piece);
      });
      answer.on('end', () => resolve([answer.statusCode, parse(Buffer.concat(pieces).toString()), answer.headers]));
      answer.on('error', (error) => lost(error.code ?? error.message));
    });
    call.on('socket', (socket) => socket.on(secure ? 'secureConnect' : 'connect', () => { connected = true; }));
    call.on('timeout', () => call.destroy(new Error('it takes too long')));
    call.on('error', (error) => lost(error.code ?? error.message));
    call.end(text);
  });
}

/** What an answer means that is not the one hoped for, where something was to be changed. */
function fail(status, headers) {
  if (status >= 400 && status < 500 && status !== 408) {
    const wait = headers['retry-after'] ?? '';
    throw new Refused(`the service answers ${status}`, /^\d+$/.test(wait) ? Number(wait) : undefined);
  }
  throw new Doubt(`the service answers ${status}`);
}

const about = ({ id, owner, expires }) => ({ id, owner, expires });

const verbs = {
  describe: () => ({ tvp: 1, issue: 'once', old: 'kept', find: true, revoke: true, probe: true }),

  async issue({ settings, rotation, lifetime }, { token }) {
    if (!token) throw new Refused('this service wants a token to make one');
    const [status, answer, headers] =
      await ask(settings.url, 'POST', '/tokens', token, { rotation, lifetime: lifetime ?? 0 });
    if (answer.token) {
      // First of all, and whatever else came: from here on it is safe.
      writeAll(4, Buffer.from(answer.token));
      closeSync(4);
    }
    if (status !== 201) fail(status, headers);
    if (!answer.token) throw new Doubt('the service made a token and did not show it');
    return about(answer);
  },

  async probe({ settings }, { token }) {
    const [status, answer] = await ask(settings.url, 'GET', '/token', token);
    if (status === 200 && answer.id) return { state: 'valid', ...about(answer) };
    if (status === 401) return { state: 'invalid' }; // only where the service says so itself
    return { state: 'unknown', message: `the service answers ${status}` };
  },

  async revoke({ settings, id }, { token, current }) {
    if (!id) {
      const [status, answer] = await ask(settings.url, 'GET', '/token', token);
      if (status === 401) return { state: 'gone' };
      id = status === 200 ? answer.id : undefined;
      if (!id) throw new Refused('cannot learn the id of the token to end');
    }
    const [status, , headers] = await ask(settings.url, 'DELETE', `/tokens/${encodeURIComponent(id)}`, current);
    if (status !== 204 && status !== 404) fail(status, headers);
    return { state: 'gone' };
  },

  async find({ settings, rotation }, { current }) {
    const path = `/tokens?rotation=${encodeURIComponent(rotation)}`;
    const [status, answer, headers] = await ask(settings.url, 'GET', path, current);
    if (status !== 200 || !Array.isArray(answer.ids)) fail(status, headers);
    return { ids: answer.ids };
  },
};

async function main(verb) {
  const request = JSON.parse(readFileSync(0));
  try {
    if (verb !== 'describe' && !request.settings.url) throw new Refused('the policy lacks the setting url');
    return [0, await verbs[verb](request, readSecrets(request))];
  } catch (error) {
    if (error instanceof Refused) return [3, { message: error.message, retry_after: error.retryAfter }];
    if (error instanceof Doubt) return [4, { message: error.message }];
    throw error;
  }
}

const [status, answer] = await main(process.argv[2]);
writeAll(1, Buffer.from(JSON.stringify(answer)));
process.exitCode = status;
