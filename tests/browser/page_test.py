"""The admin page as a person has it: what it shows, what it never keeps, and what it says when something fails."""
import re
from pathlib import Path

from served import begin, identifier, is_token, run_all, tests_of

ORGAPI = Path(__file__).resolve().parents[2] / 'src' / 'orgapi'


def in_page(browser, text):
    return browser.evaluate(f'document.documentElement.outerHTML.includes({text!r})')


FOCUSED = '(document.activeElement.id || document.activeElement.textContent)'


def wait_for_focus(browser, where):
    """A dialog tells of its end in an event of its own, a moment after it is gone."""
    browser.until(f'{FOCUSED} === "{where}"')


def without_problems(browser):
    found = browser.problems()
    assert found == {'csp': [], 'foreign': [], 'errors': []}, found


def test_log_in(browser, served, _):
    assert browser.open(served.url + '/admin') == 200
    browser.wait('#log-in')
    wait_for_focus(browser, 'password')
    assert not browser.evaluate('!document.getElementById("api").hidden')
    browser.press('Escape', 'Escape')
    browser.type('wrong')
    browser.press('Enter')
    browser.wait('#log-in .error:not(:empty)')
    assert 'not the password' in browser.text('#log-in .error')
    browser.log_in(served.password)
    browser.wait('#none')
    wait_for_focus(browser, 'api-title')
    assert browser.text('h1') == 'API' and browser.text('#org') == 'acme'


def test_a_token_is_shown_once(browser, served, _):
    begin(browser, served)
    seen = browser.generate('ci', days=90)
    token = seen['token']
    assert is_token(token) and not is_token(token[:-1] + ('0' if token[-1] != '0' else '1'))
    assert seen['clipboard'] == token, 'the clipboard holds something else'
    assert seen['escape_kept'] and not seen['left_in_page'] and seen['focus'] == 'copy', {**seen, 'token': '', 'clipboard': ''}
    assert seen['line'] == 'tokenvault put acme/ci' and 'will not be shown again' in seen['text'], seen['text']
    secret = token[16:59]
    row = browser.row('ci')
    assert row['token'] == token[:16] + '…' and row['state'] == 'active' and row['last_used'] == 'never', row
    assert row['expires'] == 'in 90 days' and row['scopes'] == 'points:read\ntoken:rotate', row
    for leave in (browser.reload, lambda: (browser.open(served.url + '/problems'), browser.back())):
        leave()
        browser.wait('#rows tr')
        kept = browser.storage()
        assert not in_page(browser, secret) and secret not in str(kept), 'the token is still there'
        assert (kept['local'], kept['session'], kept['cookie'], kept['databases']) == ({}, {}, '', 0), kept
    assert served.status(token) == 200 and browser.row('ci')['last_used'] != 'never'
    assert secret.encode() not in served.log.read_bytes()


def pop_up(browser, name):
    browser.do('fill_generate', name=name, scopes=['points:read'], days=1)
    browser.click('#generate .main')
    browser.wait('#reveal')
    return browser.evaluate('document.getElementById("token").textContent')


def test_a_reload_or_a_way_back_ends_the_pop_up(browser, served, _):
    begin(browser, served)
    for number, leave in enumerate((browser.reload, lambda: (browser.open(served.url + '/problems'), browser.back()))):
        token = pop_up(browser, f'left {number}')
        assert is_token(token)
        leave()
        browser.wait('#rows tr')
        assert not in_page(browser, token[16:59]) and not browser.evaluate('document.getElementById("reveal").open')


def test_the_clipboard_is_refused(browser, served, _):
    begin(browser, served)
    token = pop_up(browser, 'no clipboard')
    browser.evaluate('navigator.clipboard.writeText = () => Promise.reject(new Error("no")), 0')
    browser.click('#copy')
    browser.wait('#copied:not(:empty)')
    assert 'Ctrl+C' in browser.text('#copied') and browser.evaluate('getSelection().toString()') == token
    browser.click('#saved')


def test_labels_are_text(browser, served, _):
    begin(browser, served)
    for label, line in (('<img src=/x onerror=violation("ran")>', 'acme/img-src-x-onerror-violation-ran'),
                        ('"><script>violation("ran")</script>', 'acme/script-violation-ran-script'),
                        ('x; touch /tmp/$(id) `id` &', 'acme/x-touch-tmp-id-id')):
        seen = browser.generate(label, scopes=['points:read'])
        assert label in seen['text'] and seen['line'] == f'tokenvault put {line}', seen['line']
        row = browser.row(label)
        assert row['label'] == label
        assert label in browser.do('ask_revoke', id=row['id'], lineage=False)
        browser.press('Escape')
    assert browser.evaluate('document.querySelectorAll("main img, main script, dialog img, dialog script").length') == 0
    without_problems(browser)


def test_rotate(browser, served, _):
    begin(browser, served)
    old = browser.generate('turning')['token']
    seen = browser.rotate(identifier(old), overlap=0)
    new = seen['token']
    assert is_token(new) and new != old and seen['escape_kept'] and 'old token goes on working' in seen['text']
    row, before = browser.row(identifier(new)), browser.row(identifier(old))
    assert 'waiting for its first use' in row['state'] and f'replaces {old[:16]}…' in row['state'], row
    assert f'being replaced by {new[:16]}…' in before['state'] and 'Rotate' not in before['buttons'], before
    assert (served.status(old), served.status(new), served.status(old)) == (200, 200, 401)
    row, before = browser.row(identifier(new)), browser.row(identifier(old))
    assert row['state'].startswith('active') and before['state'].startswith('expired'), (row, before)
    assert 'someone still uses this' in before['state'] and before['buttons'] == ['Revoke lineage'], before


def test_revoke(browser, served, _):
    begin(browser, served)
    first = browser.generate('leaking')['token']
    second = browser.rotate(identifier(first))['token']
    told = browser.revoke(identifier(second))
    assert f'{second[:16]}… stops working at once' in told and f'leaking, {first[:16]}…' in told, told
    assert (served.status(first), served.status(second)) == (200, 401)
    third = browser.rotate(identifier(first))['token']
    told = browser.revoke(identifier(first), lineage=True)
    assert 'Revoke 2 tokens' in told and f'{first[:16]}…' in told and f'{third[:16]}…' in told, told
    assert (served.status(first), served.status(third)) == (401, 401)
    row = browser.row(identifier(first))
    assert row['state'].startswith('revoked') and 'someone still uses this' in row['state'] and not row['buttons'], row


def test_one_click_is_one_token(browser, served, _):
    begin(browser, served)
    browser.do('fill_generate', name='twice', scopes=[], days=1)
    browser.evaluate('(b => { b.click(); b.click(); b.form.requestSubmit(); })(document.querySelector("#generate .main")), 0')
    browser.do('read_reveal')
    assert len([row for row in browser.rows() if row['label'] == 'twice']) == 1


def test_a_session_that_ends_loses_nothing(browser, served, _):
    begin(browser, served)
    browser.do('fill_generate', name='patient', scopes=['points:read'], days=7)
    browser.do('forget_session')
    browser.click('#generate .main')
    browser.wait('#log-in')
    assert 'session has ended' in browser.text('#log-in')
    browser.log_in(served.password)
    assert 'nothing was changed' in browser.text('#generate .error')
    browser.click('#generate .main')
    assert is_token(browser.do('read_reveal')['token'])
    assert len([row for row in browser.rows() if row['label'] == 'patient']) == 1


def test_an_answer_that_is_lost(browser, served, _):
    begin(browser, served)
    browser.do('fill_generate', name='unseen', scopes=[], days=1)
    browser.do('lose_answer', method='POST')
    browser.click('#generate .main')
    browser.wait('#generate .error:not(:empty)')
    told = browser.text('#generate .error')
    browser.press('Escape')
    row = browser.row('unseen')
    assert f'revoke {row["token"]}' in told, told
    browser.revoke(row['id'])


def tab_to(browser, element, most=60):
    for _ in range(most):
        if browser.evaluate('document.activeElement.matches(' + repr(element) + ')'):
            # Whoever uses the keyboard must see where they are.
            assert browser.evaluate('getComputedStyle(document.activeElement).outlineStyle') == 'solid', element
            return
        browser.press('Tab')
    raise AssertionError(f'no way to {element} by the keyboard')


def test_the_keyboard_alone(browser, served, _):
    begin(browser, served)
    tab_to(browser, '#open-generate')
    browser.press('Enter')
    browser.wait('#generate')
    wait_for_focus(browser, 'name')
    browser.type('by hand')
    tab_to(browser, '#scopes input[value="points:write"]')
    browser.press('Space')
    tab_to(browser, '#generate .main')
    browser.press('Enter')
    browser.wait('#reveal')
    for _ in range(8):
        browser.press('Tab')
        assert browser.evaluate('!!document.activeElement.closest("#reveal") || document.activeElement === document.body')
    tab_to(browser, '#copy')
    browser.press('Enter')
    browser.wait('#copied:not(:empty)')
    tab_to(browser, '#saved')
    browser.press('Enter')
    browser.wait('#reveal', 'hidden')
    wait_for_focus(browser, 'by hand')
    assert browser.row('by hand')['scopes'] == 'points:read\npoints:write\ntoken:rotate'


def test_every_refusal_is_explained(browser, served, _):
    browser.open(served.url + '/problems')
    anchors = set(browser.evaluate('[...document.querySelectorAll("section")].map(one => one.id)'))
    sent = set(re.findall(r'inline constexpr Problem \w+\{\d+, "([\w-]+)"', (ORGAPI / 'answer.hpp').read_text()))
    assert len(sent) > 10 and sent | {'missing', 'ambiguous', 'malformed', 'unknown', 'expired', 'revoked', 'scope'} <= anchors, \
        sent - anchors


def test_nothing_foreign_and_a_detector_that_detects(browser, served, _):
    without_problems(browser)
    begin(browser, served)
    browser.evaluate('document.body.append(Object.assign(new Image(), {src: "http://127.0.0.2:9/x"})), 0')
    browser.evaluate('document.body.setAttribute("style", "color: red"), 0')
    browser.open(served.url.replace('127.0.0.1', 'localhost') + '/problems')
    found = browser.problems()
    assert any('img-src' in one for one in found['csp']) and any('style-src' in one for one in found['csp']), found
    assert found['foreign'], found


def test_a_service_that_is_gone(browser, served, _):
    begin(browser, served)
    served.stop()
    browser.click('#refresh')
    browser.wait('#api .error:not(:empty)')
    assert 'No answer from the service' in browser.text('#api .error')
    assert browser.evaluate('document.querySelectorAll("#rows tr").length') > 0


run_all(tests_of(globals()))
