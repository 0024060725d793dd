"""Steps 6 to 8: the token at work, from a page, from curl, and from clients that go on to the end."""
from client_loop import ClientLoop
from curl import curl, header, reason
from org_token import secret_of, with_secret
from stage import ACCOUNT, NAME, Skipped

BALANCE = '/api/v1/user/balance'


def in_swagger(stage):
    browser = stage.need_browser()
    browser.open(stage.service.url + '/api-docs/')
    # By its element: the page that stands in its place names the word too.
    if not browser.evaluate("document.getElementById('swagger-ui') !== null"):
        raise Skipped('this build has no Swagger UI: docs/orgapi.md says how to get it')
    assert browser.swagger_execute(BALANCE, account=ACCOUNT)['status'] == 401
    browser.swagger_authorize(stage.token())
    answer = browser.swagger_execute(BALANCE, account=ACCOUNT)
    assert answer['status'] == 200 and 'xp' in answer['text'], answer['status']
    stage.picture('6-swagger')
    browser.reload()
    assert browser.swagger_execute(BALANCE, account=ACCOUNT)['status'] == 401, 'the page kept the token'
    problems = browser.problems()
    assert not problems['csp'] and not problems['foreign'], problems


def by_curl(stage):
    line = ('printf "Authorization: Bearer %s\\n" "$T" | curl -q -sS -H @- -o /dev/null -w "%{http_code}" '
            f'"{stage.service.url}{BALANCE}?account={ACCOUNT}"')
    done = stage.home.run('run', '--env', f'T={NAME}', '--', 'sh', '-c', line)
    assert done.stdout == b'200', done.stdout
    token = stage.token()
    assert curl(stage, f'{BALANCE}?account={ACCOUNT}', token=token).status == 200
    reward = ('-X', 'POST', '-H', 'Content-Type: application/json', '-d', '{"account":"ops","xp":1,"id":"a"}')
    answer = curl(stage, '/api/v1/user/reward', *reward, token=token)
    assert reason(answer) == (403, 'scope'), answer
    assert header(answer, 'WWW-Authenticate') == 'Bearer realm="orgapi", error="insufficient_scope", scope="points:write"'
    for bad, why in ((token[:-1], 'malformed'), (with_secret(token, 'x' * 43), 'unknown')):
        answer = curl(stage, '/api/v1/token', token=bad)
        assert reason(answer) == (401, why) and secret_of(token) not in answer.body, (why, answer)
    # Neither of them keeps a good one out.
    assert curl(stage, '/api/v1/token', token=token).status == 200


def clients(stage):
    stage.loop = ClientLoop(stage)
    stage.loop.wait_for(10)


STEPS = [
    (6, 'in Swagger UI: 401, Authorize, 200, and nothing kept after a reload', in_swagger),
    (7, 'curl with the token from `tokenvault run`; too little scope, a cut one, a guessed one', by_curl),
    (8, 'clients begin to ask, twenty times a second', clients),
]
