// One Chromium, told what to do by lines of JSON on stdin: {"do": name, ...}; each is answered by one line,
// {"is": value} or {"error": text}. Tokens travel in these two pipes and nowhere else.
import {createInterface} from 'node:readline';
import {chromium} from 'playwright-core';

const [program, profile] = process.argv.slice(2);
const found = {csp: [], foreign: [], errors: []};
let origin = null;

const context = await chromium.launchPersistentContext(profile, {
  executablePath: program,
  // No request of the browser's own is to be taken for one of the page's.
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'],
  viewport: {width: 1280, height: 800},
});
const page = context.pages()[0] ?? await context.newPage();
page.setDefaultTimeout(15000);
await page.exposeBinding('violation', (_, told) => { found.csp.push(told); });
await page.addInitScript(() => addEventListener('securitypolicyviolation',
  event => violation(`${event.effectiveDirective} ${event.blockedURI}`)));
context.on('request', request => {
  const url = new URL(request.url());
  if (origin && url.protocol !== 'data:' && url.origin !== origin) found.foreign.push(url.origin);
});
page.on('console', message => {
  // A refused request is told there too, and is no fault of the page's.
  if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) found.errors.push(message.text());
});
page.on('pageerror', error => found.errors.push(String(error)));
page.on('dialog', dialog => dialog.accept());

const idle = () => page.locator('body:not([aria-busy="true"])').waitFor();
const row = id => page.locator(`#rows tr[data-id="${id}"]`);

// What the pop-up does when a person tries to lose it; it ends closed.
async function readReveal() {
  const popup = page.locator('#reveal');
  await popup.waitFor({state: 'visible'});
  await idle();
  const focus = await page.evaluate(() => document.activeElement.id);
  for (let i = 0; i < 3; i++) await page.keyboard.press('Escape');
  await page.mouse.click(3, 3);
  const kept = await popup.isVisible();
  const token = await page.locator('#token').textContent();
  await page.locator('#copy').click();
  await page.locator('#copied:not(:empty)').waitFor();
  const clipboard = await page.evaluate(() => navigator.clipboard.readText());
  const text = (await popup.innerText()).replaceAll(token, '<token>');
  const line = await page.locator('#line').textContent();
  await page.locator('#saved').click();
  await popup.waitFor({state: 'hidden'});
  const left = await page.evaluate(secret => document.documentElement.outerHTML.includes(secret), token);
  return {token, clipboard, escape_kept: kept, focus, text, line, left_in_page: left};
}

const acts = {
  async open({url}) {
    origin ??= new URL(url).origin;
    await context.grantPermissions(['clipboard-read', 'clipboard-write'], {origin}).catch(() => {});
    return (await page.goto(url)).status();
  },
  async log_in({password}) {
    await page.locator('#log-in').waitFor({state: 'visible'});
    await page.locator('#password').fill(password);
    await page.locator('#log-in .main').click();
    await page.locator('#log-in').waitFor({state: 'hidden'});
    await idle();
  },
  async generate({name, scopes, days}) {
    await acts.fill_generate({name, scopes, days});
    await page.locator('#generate .main').click();
    return readReveal();
  },
  async fill_generate({name, scopes, days}) {
    await page.locator('#open-generate').click();
    await page.locator('#name').fill(name);
    for (const box of await page.locator('#scopes input').all()) await box.setChecked(scopes.includes(await box.getAttribute('value')));
    await page.locator('#lifetime').selectOption(String(days ?? ''));
  },
  read_reveal: readReveal,
  async rows() {
    await page.locator('#refresh').click();
    await idle();
    return page.locator('#rows tr').evaluateAll(all => all.map(one => ({
      id: one.dataset.id, label: one.querySelector('th').textContent,
      ...Object.fromEntries([...one.querySelectorAll('td')].map(cell =>
        [cell.dataset.column.toLowerCase().replace(' ', '_'), cell.innerText.trim()])),
      buttons: [...one.querySelectorAll('button')].map(button => button.textContent),
    })));
  },
  async rotate({id, overlap}) {
    await row(id).getByRole('button', {name: 'Rotate'}).click();
    await page.locator('#rotate').waitFor({state: 'visible'});
    await page.locator('#overlap').selectOption(String(overlap));
    await page.locator('#rotate .main').click();
    return readReveal();
  },
  async ask_revoke({id, lineage}) {
    await row(id).getByRole('button', {name: lineage ? 'Revoke lineage:' : 'Revoke:'}).click();
    await page.locator('#confirm').waitFor({state: 'visible'});
    return page.locator('#confirm').innerText();
  },
  async revoke({id, lineage}) {
    const text = await acts.ask_revoke({id, lineage});
    await page.locator('#confirm .danger').click();
    await page.locator('#confirm').waitFor({state: 'hidden'});
    await idle();
    return text;
  },
  async swagger_execute({path, method, parameters, body}) {
    const block = page.locator(`.opblock-${method}`).filter({has: page.locator(`[data-path="${path}"]`)});
    await block.waitFor();
    if (!(await block.getAttribute('class')).includes('is-open')) await block.locator('.opblock-summary-control').click();
    const tryOut = block.locator('.try-out__btn:not(.cancel)');
    await block.locator('.try-out__btn').waitFor();
    if (await tryOut.count()) await tryOut.click();
    for (const [name, value] of Object.entries(parameters)) {
      await block.locator(`tr[data-param-name="${name}"] input`).fill(String(value));
    }
    if (body) await block.locator('.body-param__text').fill(body);
    const answered = page.waitForResponse(response => new URL(response.url()).pathname === path);
    await block.locator('.execute').click();
    const status = (await answered).status();
    await block.locator('.live-responses-table .response-col_status', {hasText: String(status)}).first().waitFor();
    return {status, text: await block.locator('.live-responses-table').first().innerText()};
  },
  async swagger_authorize({token}) {
    await page.locator('.auth-wrapper .authorize').click();
    await page.locator('.auth-container input').fill(token);
    await page.locator('.auth-btn-wrapper .authorize').click();
    await page.locator('.auth-btn-wrapper .btn-done').click();
  },
  storage: () => page.evaluate(async () => ({local: {...localStorage}, session: {...sessionStorage}, cookie: document.cookie,
    databases: (await indexedDB.databases()).length, history: JSON.stringify(history.state), url: location.href, title: document.title})),
  async screenshot({file, full}) { await page.screenshot({path: file, fullPage: full}); },
  problems: () => found,
  async reload() { await page.reload(); },
  async back() { await page.goBack(); },
  async emulate({dark, width, height}) {
    await page.emulateMedia({colorScheme: dark ? 'dark' : 'light', reducedMotion: 'reduce'});
    await page.setViewportSize({width, height});
  },
  async press({keys}) { for (const key of keys) await page.keyboard.press(key); },
  async type({text}) { await page.keyboard.type(text); },
  async click({selector}) { await page.locator(selector).click(); },
  async wait({selector, state}) { await page.locator(selector).first().waitFor({state}); },
  // Not waitForFunction, which the content security policy refuses.
  async until({script}) {
    for (const end = Date.now() + 15000; !await page.evaluate(script);) {
      if (Date.now() > end) throw new Error(`in 15 s never: ${script}`);
      await page.waitForTimeout(20);
    }
  },
  text: ({selector}) => page.locator(selector).innerText(),
  evaluate: ({script}) => page.evaluate(script),
  // The next request of this method gets no answer, though the service may have acted on it.
  async lose_answer({method}) {
    let lost = false;
    await page.route('**/admin/**', async route => {
      if (lost || route.request().method() !== method) return route.continue();
      lost = true;
      await route.fetch();
      await route.abort('connectionreset');
    });
  },
  async forget_session() { await context.clearCookies(); },
};

console.log(JSON.stringify({is: context.browser()?.version() ?? 'ready'}));
for await (const line of createInterface({input: process.stdin})) {
  const {do: name, ...given} = JSON.parse(line);
  let answer;
  try {
    answer = {is: await acts[name](given) ?? null};
  } catch (error) {
    // What was typed may stand in it.
    answer = {error: String(error.message ?? error).replaceAll(/[a-z][a-z0-9]{1,15}_[0-9A-Za-z]{61}/g, '<token>')};
  }
  console.log(JSON.stringify(answer));
}
await context.close();
