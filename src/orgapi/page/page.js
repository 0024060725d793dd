import {LoggedOut, Lost, Refused, ask} from '/admin/ask.js';
import {node, when} from '/admin/text.js';

// A token lives in one place: #token.

const byId = id => document.getElementById(id);
const kMeanings = {
  'points:read': 'read balances', 'points:write': 'give points', 'token:rotate': 'replace itself: for tokenvault rotate',
};
let rows = [], org = '', busy = false;

const alertOf = place => place.querySelector('.error');
const topmost = () => [...document.querySelectorAll('dialog[open]')].pop() || byId('api');

// Runs one act of a person's at a time: a second click must not make a second token.
async function act(place, deed, onLost = error => error.message || 'No answer from the service. Is it still running?') {
  if (busy) return;
  document.body.ariaBusy = busy = true;
  alertOf(place).textContent = '';
  const buttons = [...place.querySelectorAll('button')].filter(button => !button.disabled);
  const had = document.activeElement;
  buttons.forEach(button => { button.disabled = true; });
  try {
    await deed();
  } catch (error) {
    if (error instanceof LoggedOut) {
      alertOf(place).textContent = place.id === 'api' ? '' : 'The session had ended: nothing was changed. Try again.';
      askForPassword('Your session has ended. Log in to go on where you were.');
    } else if (error instanceof Lost) {
      alertOf(place).textContent = await onLost(error);
    } else if (error instanceof Refused) {
      alertOf(place).textContent = error.message;
    } else {
      throw error;
    }
  } finally {
    document.body.ariaBusy = busy = false;
    buttons.forEach(button => { button.disabled = false; });
    if (place === topmost() && had && had.isConnected && document.activeElement === document.body) had.focus();
  }
}

// The table

const isLive = row => row.state === 'active' || row.state === 'pending';
const family = row => rows.filter(other => other.lineage === row.lineage);
const byTokenId = id => rows.find(row => row.id === id);

function stateCell(row) {
  const successor = byTokenId(row.successor), predecessor = byTokenId(row.predecessor);
  const parts = [{active: 'active', pending: 'waiting for its first use', expired: 'expired', revoked: 'revoked'}[row.state]];
  if (row.state === 'revoked' && row.revoked) parts.push(' ', when(row.revoked));
  if (row.refused) {
    parts.push(node('small', {className: 'use'}, 'someone still uses this, ', when(row.refused)));
  }
  if (successor && isLive(row)) parts.push(node('small', {}, `being replaced by ${successor.shown}`));
  if (predecessor) parts.push(node('small', {}, `replaces ${predecessor.shown}`));
  return parts;
}

function action(row, text, deed) {
  const made = node('button', {type: 'button', ariaLabel: `${text}: ${row.name}, ${row.shown}`}, text);
  made.addEventListener('click', () => act(byId('api'), async () => {
    await load();  // what the dialog says must be true now
    const fresh = byTokenId(row.id);
    if (fresh) deed(fresh);
  }));
  return made;
}

function actions(row) {
  const made = [], successor = byTokenId(row.successor);
  if (row.state === 'active' && !(successor && isLive(successor))) made.push(action(row, 'Rotate', openRotate));
  if (isLive(row)) made.push(action(row, 'Revoke', openRevoke));
  if (family(row).some(isLive)) made.push(action(row, 'Revoke lineage', openRevokeLineage));
  return node('div', {className: 'actions'}, ...made);
}

function tableRow(row) {
  const made = node('tr', {role: 'row', className: isLive(row) ? '' : 'over'});
  made.dataset.id = row.id;
  made.append(node('th', {role: 'rowheader', scope: 'row', tabIndex: -1}, row.name));
  const cell = (column, ...content) => {
    made.append(node('td', {role: 'cell'}, node('div', {}, ...content)));
    made.lastChild.dataset.column = column;
  };
  cell('Token', node('code', {}, row.shown));
  cell('Scopes', node('ul', {}, ...row.scopes.split(' ').filter(Boolean).map(scope => node('li', {}, scope))));
  cell('Created', when(row.created));
  cell('Expires', when(row.expires, 'never'));
  cell('Last used', when(row.last_used, 'never'));
  cell('State', ...stateCell(row));
  cell('Actions', actions(row));
  return made;
}

function render() {
  byId('org').textContent = org;
  byId('none').hidden = rows.length > 0;
  document.querySelector('table').hidden = !rows.length;
  byId('rows').replaceChildren(...rows.map(tableRow));
  byId('as-of').textContent = `As of ${new Date().toLocaleTimeString()}`;
  byId('api').hidden = byId('log-out').hidden = false;
}

async function load() {
  const told = await ask('GET', '/admin/tokens');
  ({org, tokens: rows} = told);
  render();
  if (!byId('scopes').hasChildNodes()) byId('scopes').append(...told.scopes.map(scopeChoice));
}

function scopeChoice(scope) {
  const box = node('input', {type: 'checkbox', value: scope, defaultChecked: scope !== 'points:write'});
  return node('label', {}, box, node('span', {}, node('code', {}, scope), kMeanings[scope] ? ` ${kMeanings[scope]}` : ''));
}

function say(text, id) {
  byId('said').textContent = text;
  const row = [...byId('rows').children].find(tr => tr.dataset.id === id);
  (row ? row.firstChild : byId('api-title')).focus();
}

// Dialogs

function open(id) {
  const dialog = byId(id);
  const alert = alertOf(dialog);
  if (alert) alert.textContent = '';
  if (!dialog.open) dialog.showModal();
  return dialog;
}

function askForPassword(why) {
  if (why) byId('log-in-why').textContent = why;
  open('log-in');
}

function onSubmit(id, deed, onLost) {
  const dialog = byId(id);
  dialog.firstElementChild.addEventListener('submit', event => {
    event.preventDefault();
    act(dialog, deed, onLost);
  });
}

// What a lost answer may have left behind, found by the ids that were not there before.
async function afterLost(before, what) {
  try {
    await load();
  } catch {
    return `The answer was lost: ${what} may exist that nobody has seen. Once the service is back, refresh, and ` +
      'revoke a new row that was never used; then try again.';
  }
  const fresh = rows.find(row => !before.has(row.id) && !row.first_used);
  return fresh ? `The answer was lost, but ${what} was made that nobody has seen: revoke ${fresh.shown}, then try again.`
    : 'No answer came, and nothing was made. Try again.';
}

const ids = () => new Set(rows.map(row => row.id));

let before;
onSubmit('generate', async () => {
  before = ids();
  const days = byId('lifetime').value;
  const end = days && new Date(Date.now() + days * 86400000).toISOString().replace(/\.\d+/, '');
  const scopes = [...byId('scopes').querySelectorAll(':checked')].map(box => box.value).join(' ');
  const made = await ask('POST', '/admin/tokens', {name: byId('name').value.trim(), scopes, expires: end || null});
  byId('generate').close();
  await reveal(made, '');
}, () => afterLost(before, 'a token'));

function openRotate(row) {
  const dialog = open('rotate');
  dialog.dataset.id = row.id;
  dialog.querySelector('.name').textContent = row.name;
  dialog.querySelector('.shown').textContent = row.shown;
}

onSubmit('rotate', async () => {
  before = ids();
  const made = await ask('POST', `/admin/tokens/${byId('rotate').dataset.id}/rotate`, {overlap: Number(byId('overlap').value)});
  byId('rotate').close();
  await reveal(made, 'The old token goes on working until this one is used for the first time.');
}, () => afterLost(before, 'a new token'));

let revocation;
function openConfirm(title, text, listed, rest, button, path, done) {
  const dialog = open('confirm');
  byId('confirm-title').textContent = title;
  byId('confirm-text').textContent = text;
  byId('confirm-list').replaceChildren(...listed.map(row => node('li', {}, `${row.name}, `, node('code', {}, row.shown))));
  byId('confirm-rest').textContent = rest;
  dialog.querySelector('.danger').textContent = button;
  revocation = {path, done};
}

function openRevoke(row) {
  const others = family(row).filter(other => isLive(other) && other.id !== row.id);
  openConfirm(`Revoke “${row.name}”?`,
    `${row.shown} stops working at once: whoever uses it gets 401 from then on. This cannot be undone.`, others,
    others.length ? 'Of the same lineage, these go on working.' : '', 'Revoke token',
    `/admin/tokens/${row.id}`, () => say(`${row.shown} is revoked.`, row.id));
}

function openRevokeLineage(row) {
  const live = family(row).filter(isLive);
  const many = live.length === 1 ? '1 token' : `${live.length} tokens`;
  openConfirm(`Revoke the lineage of “${row.name}”?`,
    'For a token that leaked. All that rotation made from it, before and after, stops working at once:', live,
    'Whoever uses one of them gets 401 from then on. This cannot be undone.', `Revoke ${many}`,
    `/admin/tokens/${row.id}?lineage=1`, () => say(`The lineage of ${row.shown} is revoked.`, row.id));
}

onSubmit('confirm', async () => {
  await ask('DELETE', revocation.path);
  byId('confirm').close();
  await load();
  revocation.done();
}, () => 'The answer was lost: it may be revoked or not. To revoke again does no harm.');

// The one appearance of a token

let shownId;
async function reveal(made, note) {
  const dialog = byId('reveal');
  dialog.querySelector('.name').textContent = made.name;
  byId('token').textContent = made.token;
  shownId = made.id;
  made.token = '';
  byId('copied').textContent = '';
  byId('reveal-note').textContent = note;
  // It is pasted into a shell, which must read nothing else into it.
  byId('line').textContent = `tokenvault put ${plain(org)}/${plain(made.name)}`;
  dialog.showModal();
  await load().catch(() => {});  // the list can wait, the token cannot
}

const plain = text => text.replace(/[^A-Za-z0-9_.]+/g, '-').replace(/^[-.]+|-+$/g, '') || 'token';

function wipe() {
  byId('token').textContent = byId('copied').textContent = byId('line').textContent = '';
}

byId('copy').addEventListener('click', async () => {
  try {
    await navigator.clipboard.writeText(byId('token').textContent);
    byId('copied').textContent = 'Copied. The clipboard holds it until you copy something else.';
  } catch {
    getSelection().selectAllChildren(byId('token'));
    byId('copied').textContent = 'The browser refused. The token is selected: press Ctrl+C.';
  }
});

byId('reveal').firstElementChild.addEventListener('submit', event => {
  event.preventDefault();
  wipe();  // the event of the closing comes later
  byId('reveal').close();
});
byId('reveal').addEventListener('close', () => {
  wipe();
  getSelection().removeAllRanges();
  say('', shownId);
});

// A browser closes a dialog at the second Escape even where the first was declined, so the key is stopped as well.
for (const id of ['reveal', 'log-in']) {
  byId(id).addEventListener('cancel', event => event.preventDefault());
  byId(id).addEventListener('keydown', event => { if (event.key === 'Escape') event.preventDefault(); });
}
addEventListener('beforeunload', event => { if (byId('reveal').open) event.preventDefault(); });
// A page that is kept for the back button must not keep it.
addEventListener('pagehide', wipe);
addEventListener('pageshow', event => { if (event.persisted) location.reload(); });

// The page

onSubmit('log-in', async () => {
  const password = byId('password').value;
  byId('password').value = '';
  await ask('POST', '/admin/session', {password});
  byId('log-in').close();
  await load();
  if (topmost() === byId('api')) say('', '');
});
document.querySelectorAll('.cancel').forEach(button => button.addEventListener('click', () => button.closest('dialog').close()));
byId('open-generate').addEventListener('click', () => {
  byId('generate').firstElementChild.reset();
  byId('said').textContent = '';
  open('generate');
});
byId('refresh').addEventListener('click', () => act(byId('api'), load));
byId('log-out').addEventListener('click', () => act(byId('api'), async () => {
  await ask('DELETE', '/admin/session');
  location.reload();
}));
document.addEventListener('visibilitychange', () => {
  if (!document.hidden && !byId('api').hidden && topmost() === byId('api')) act(byId('api'), load);
});
load().catch(error => {
  if (error instanceof LoggedOut) return askForPassword();
  byId('api').hidden = false;
  alertOf(byId('api')).textContent = 'No answer from the service. Is it still running? Then press Refresh.';
});
