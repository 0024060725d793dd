"""Swagger UI: 401 before Authorize, 200 after, 401 again after a reload, and nothing asked of anybody else."""
import urllib.request

from browser import Unavailable
from served import begin, run_all, tests_of

PROBE = '/api/v1/token'


def page(served):
    with urllib.request.urlopen(served.url + '/api-docs/', timeout=30) as answer:
        return answer.read().decode()


def need_swagger(served):
    if 'swagger-ui-bundle.js' not in page(served):
        raise Unavailable('this build is without Swagger UI: see -Dswagger_ui')


def test_without_it_the_page_says_how(browser, served, _):
    if 'swagger-ui-bundle.js' in page(served):
        return
    browser.open(served.url + '/api-docs/')
    told = browser.text('main')
    assert 'swagger/fetch.py build/swagger-ui' in told and '-Dswagger_ui=build/swagger-ui' in told, told


def test_authorize(browser, served, pictures):
    need_swagger(served)
    begin(browser, served)
    token = browser.generate('swagger')['token']
    browser.open(served.url + '/api-docs/')
    seen = browser.swagger_execute(PROBE)
    assert seen['status'] == 401 and '/problems#missing' in seen['text'], seen
    browser.screenshot(pictures / 'swagger-401.png')
    browser.swagger_authorize(token[:-1])
    seen = browser.swagger_execute(PROBE)
    assert seen['status'] == 401 and '/problems#malformed' in seen['text'], seen
    browser.reload()
    browser.swagger_authorize(token)
    seen = browser.swagger_execute(PROBE)
    assert seen['status'] == 200 and token[4:16] in seen['text'] and token not in seen['text'], seen['status']
    assert browser.swagger_execute('/api/v1/user/balance', account='ops')['status'] == 200
    kept = browser.storage()
    assert token[16:59] not in str(kept) and (kept['local'], kept['session'], kept['cookie']) == ({}, {}, ''), 'it is kept'
    browser.reload()
    assert browser.swagger_execute(PROBE)['status'] == 401
    browser.screenshot(pictures / 'swagger-after-reload.png')


def test_a_link_names_no_other_document(browser, served, _):
    need_swagger(served)
    browser.open(served.url + '/api-docs/?url=http://127.0.0.2:9/evil.json&configUrl=http://127.0.0.2:9/evil.json')
    browser.wait('.opblock')
    assert browser.text('.info .link[href^="/"]') == '/openapi.json'


def test_nothing_foreign(browser, *_):
    found = browser.problems()
    assert found == {'csp': [], 'foreign': [], 'errors': []}, found


run_all(tests_of(globals()))
