"""How the pages look: pictures for a person, and what a machine can see of it: contrast, and nothing wider than 320."""
from served import EXAMPLE, begin, identifier, run_all, tests_of

# WCAG 2.2, 1.4.3, of every visible text in `root`, against the nearest ground that is not transparent.
CONTRAST = '''(root => {
  const parse = text => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255).map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const ground = one => {
    for (; one; one = one.parentElement) {
      const [r, g, b, a = 1] = parse(getComputedStyle(one).backgroundColor);
      if (a === 1) return [r, g, b];
    }
    return [255, 255, 255];
  };
  const faults = [];
  let seen = 0;
  for (const one of document.querySelector(root).querySelectorAll('*')) {
    const style = getComputedStyle(one);
    if (![...one.childNodes].some(child => child.nodeType === 3 && child.data.trim()) && !one.matches('input')) continue;
    if (!one.checkVisibility({visibilityProperty: true}) || one.matches(':disabled, option')) continue;
    const [a, b] = [light(parse(style.color)), light(ground(one))].sort((x, y) => y - x);
    const ratio = (a + .05) / (b + .05), size = parseFloat(style.fontSize);
    seen += 1;
    if (ratio < (size >= 24 || (size >= 18.66 && style.fontWeight >= 700) ? 3 : 4.5)) faults.push(`${one.tagName} ${one.textContent} ${ratio}`);
  }
  return {seen, faults};
})'''
WIDER = '''[document.documentElement, ...document.querySelectorAll("dialog[open]")]
  .filter(one => one.scrollWidth > one.clientWidth + 1).map(one => `${one.tagName} ${one.id}`)'''


def contrast(browser, root):
    return browser.evaluate(f'{CONTRAST}("{root}")')


def look(browser, pictures, name, root, full=False):
    """Light, dark, and narrow."""
    for suffix, how in (('', {}), ('-dark', {'dark': True}), ('-narrow', {'width': 320, 'height': 640}),
                        ('-narrow-dark', {'width': 320, 'height': 640, 'dark': True})):
        browser.emulate(**how)
        browser.screenshot(pictures / f'{name}{suffix}.png', full)
        found = contrast(browser, root)
        assert found['seen'] > 2 and not found['faults'], (name, suffix, found)
        assert browser.evaluate(WIDER) == [], (name, suffix)
    browser.emulate()


def test_the_pages(browser, served, pictures):
    browser.open(served.url + '/admin')
    browser.wait('#log-in')
    look(browser, pictures, 'log-in', '#log-in')
    begin(browser, served)
    browser.wait('#none')
    look(browser, pictures, 'nothing-yet', 'body', full=True)
    browser.do('fill_generate', name='billing, production', scopes=['points:read'], days=90)
    look(browser, pictures, 'generate', '#generate')
    browser.click('#generate .main')
    browser.wait('#reveal')
    browser.evaluate(f'document.getElementById("token").textContent = "{EXAMPLE}", 0')
    browser.click('#copy')
    look(browser, pictures, 'shown-once', '#reveal')
    browser.click('#saved')


def test_many_rows(browser, served, pictures):
    begin(browser, served)
    browser.generate('worker')
    for name in ('ci', 'a label that is as long as they get, and a wordthathasnoplacetobreak' + 'x' * 30):
        old = browser.generate(name, scopes=['points:read', 'points:write', 'token:rotate'], days=7)['token']
        new = browser.rotate(identifier(old), overlap=0)['token']
        assert [served.status(token) for token in (old, new, old)] == [200, 200, 401]
    last = browser.generate('leaked')['token']
    browser.rotate(identifier(last))
    browser.rows()
    look(browser, pictures, 'rows', 'body', full=True)
    for name, lineage in (('revoke', False), ('revoke-lineage', True)):
        browser.do('ask_revoke', id=identifier(last), lineage=lineage)
        look(browser, pictures, name, '#confirm')
        browser.press('Escape')
    browser.revoke(identifier(last), lineage=True)
    assert served.status(last) == 401
    browser.rows()
    look(browser, pictures, 'revoked', 'body', full=True)


def test_the_problems(browser, served, pictures):
    browser.open(served.url + '/problems#expired')
    look(browser, pictures, 'problems', 'body')


def test_a_detector_that_detects(browser, served, _):
    browser.open(served.url + '/problems')
    browser.evaluate('document.querySelector("h1").style.color = "rgb(200, 200, 200)", 0')
    assert len(contrast(browser, 'body')['faults']) == 1
    browser.evaluate('document.querySelector("h1").style.width = "4000px", 0')
    assert browser.evaluate(WIDER) == ['HTML ']


run_all(tests_of(globals()))
