"""Steps 1 to 5: a service, a person who makes a token, and the vault it goes into."""
import shutil

from curl import curl, header, reason
from org_token import secret_of, shown
from service import Service
from stage import NAME, Skipped
from terminal import Terminal
from traces import Arguments, controlled_search


def start(stage):
    if not shutil.which('curl'):
        raise Skipped('curl is not installed')
    stage.home.init()
    stage.install_recipes()
    stage.service = Service(str(stage.programs.orgapi), stage.folder / 'orgapi', stage.folder / 'orgapi.log',
                            stage.home.variables).init().start()
    stage.arguments = Arguments(stage.secrets)
    mode = (stage.folder / 'orgapi').stat().st_mode & 0o777
    assert mode == 0o700, f'the folder of the service has mode {mode:o}'


def refused_without(stage):
    answer = curl(stage, '/api/v1/token')
    assert answer.status == 401 and header(answer, 'WWW-Authenticate') == 'Bearer realm="orgapi"', answer
    assert header(answer, 'Content-Type') == 'application/problem+json' and header(answer, 'Cache-Control') == 'no-store', answer
    assert answer.body == '{"type":"/problems#missing","title":"An API token is required.","status":401}', answer
    assert curl(stage, '/api/v1/token', headers=['Host: rebound.example']).status == 421
    stage.service.log_in()
    before = len(stage.service.rows())
    status, _, _ = stage.service.ask('POST', '/admin/tokens', {'name': 'x', 'scopes': 'points:read', 'expires': None},
                                     {'Origin': 'http://rebound.example'})
    assert status == 403 and len(stage.service.rows()) == before, status


SCOPES = ['points:read', 'token:rotate']


def made_in_browser(stage):
    browser = stage.browser
    assert browser.open(stage.service.url + '/admin') == 200
    stage.picture('1-log-in')
    browser.log_in(stage.service.password)
    stage.picture('2-no-tokens')
    browser.do('fill_generate', name='ci', scopes=SCOPES, days=None)
    stage.picture('3-generate')
    browser.click('#generate .main')
    browser.wait('#reveal')
    stage.picture('4-shown-once')
    made = browser.do('read_reveal')
    token = stage.saw(made['token'])
    assert made['clipboard'] == token, f'the clipboard has {len(made["clipboard"])} bytes, not the token'
    assert made['escape_kept'] and not made['left_in_page'], {key: made[key] for key in ('escape_kept', 'left_in_page')}
    assert 'tokenvault put' in made['line'], made['line']
    browser.reload()
    for place in (browser.evaluate('document.documentElement.outerHTML'), str(browser.storage())):
        assert secret_of(token) not in place, 'the page still holds the token'
    stage.picture('5-the-table')
    return token


def make(stage):
    if stage.browser:
        token = made_in_browser(stage)
    else:
        stage.skip(f'the browser ({stage.no_browser}); the same requests are made without it')
        token = stage.saw(stage.service.admin('POST', '/admin/tokens', {'name': 'ci', 'scopes': ' '.join(SCOPES),
                                                                        'expires': None})['token'])
    stage.first = token
    rows = list(stage.service.rows().values())
    assert [(row['name'], row['scopes'], row['state']) for row in rows] == [('ci', ' '.join(SCOPES), 'active')], rows
    stage.lineage = rows[0]['lineage']


def nowhere_readable(stage):
    places = [stage.folder / 'orgapi']
    found, looked = controlled_search(stage.folder / 'orgapi', places, list(stage.secrets.values()))
    assert not found and looked >= 3, (found, looked)
    log = (stage.folder / 'orgapi.log').read_text(encoding='utf-8')
    assert '/api/v1/token' in log and secret_of(stage.first) not in log and 'Bearer' not in log
    row = stage.service.rows()[stage.lineage]
    assert row['shown'] == shown(stage.first), row
    if stage.browser:
        assert stage.browser.row('ci')['token'].startswith(shown(stage.first)), stage.browser.row('ci')


def put(stage):
    terminal = Terminal(stage.home, 'put', NAME).expect(b'(hidden): ')
    assert not terminal.echoes
    seen = terminal.type(stage.first.encode() + b'\r').ended(0)
    (stage.folder / 'terminal').write_bytes(seen)  # searched with the rest at the end
    assert secret_of(stage.first).encode() not in seen and b'stored' in seen, 'the terminal shows it'
    assert stage.token() == stage.first and stage.arguments.clean()
    found, looked = controlled_search(stage.folder, [stage.folder], list(stage.secrets.values()))
    assert not found and looked > 3, found


STEPS = [
    (1, 'a service is started with a vault and a database of its own', start),
    (2, 'without a token, for another host, from another page: refused', refused_without),
    (3, 'a person makes a token and sees it once', make),
    (4, 'database, write-ahead log and log of the service hold nothing of it', nowhere_readable),
    (5, 'the token goes into the vault through a hidden prompt', put),
]
