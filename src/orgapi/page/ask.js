export class Refused extends Error {}  // the service said no: nothing was changed
export class Lost extends Error {}     // no answer: it may have happened
export class LoggedOut extends Error {}

export async function ask(method, path, body) {
  let answer, text;
  try {
    answer = await fetch(path, {method, cache: 'no-store', redirect: 'error', signal: AbortSignal.timeout(15000),
      ...(body && {headers: {'Content-Type': 'application/json'}, body: JSON.stringify(body)})});
    text = await answer.text();
    if (answer.ok) return text ? JSON.parse(text) : null;
  } catch {
    throw new Lost();
  }
  if (answer.status === 401 && path !== '/admin/session') throw new LoggedOut();
  let title = `The service answered ${answer.status}.`;
  try { title = JSON.parse(text).title || title; } catch { /* not one of its own refusals */ }
  if (answer.status >= 500) throw new Lost(title);
  const wait = answer.headers.get('Retry-After');
  throw new Refused(wait ? `${title} Try again in ${wait} s.` : title);
}
