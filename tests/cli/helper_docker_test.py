"""docker's client, against a registry and a daemon of ours that note what they are shown; and the protocol itself."""
import base64
import json

from harness import KEY_B, MARKER, run_all, tests_of
from helper_home import (OTHER, TOKEN, Guard, basic, guarded, helpers, helpers_file, need, shown_to, start, suspects,
                         with_certificate)

NOT_FOUND = b'credentials not found in native keychain\n'
MANIFEST = {'schemaVersion': 2, 'mediaType': 'application/vnd.docker.distribution.manifest.v2+json',
            'config': {'mediaType': 'application/vnd.docker.container.image.v1+json', 'size': 2,
                       'digest': 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a'}, 'layers': []}


class Registry(Guard):
    def allowed(self):
        if '/blobs/' in self.path:
            return 200, 'application/octet-stream', b'{}'
        return 200, MANIFEST['mediaType'], json.dumps(MANIFEST).encode()


class Daemon(Guard):
    """Enough of one for pull, login and logout: it says yes, and the log has what the client sent."""

    def serve(self):
        body = self.rfile.read(int(self.headers.get('Content-Length') or 0))
        self.server.log.append((self.path.split('?')[0].rsplit('/', 1)[1], body, self.headers.get('X-Registry-Auth')))
        if self.path.endswith('/_ping'):
            return self.give(200, 'text/plain', b'OK', [('Api-Version', '1.44')])
        if self.path.endswith('/auth'):
            return self.give(200, 'application/json', b'{"Status":"Login Succeeded"}')
        return self.give(200, 'application/json', b'{"status":"pulled"}\n')

    do_GET = do_POST = do_HEAD = serve

    @staticmethod
    def auth(server):
        """What `pull` sent along."""
        sent = [header for kind, _, header in server.log if kind == 'create']
        return json.loads(base64.urlsafe_b64decode(sent[-1]))


def docker(home, *words, daemon='127.0.0.1:9', config=None):
    folder = home.path / 'docker'
    home.file('docker/config.json', json.dumps(config or {'credsStore': 'tokenvault'}).encode())
    return start(home, need('docker'), '--config', str(folder), *words, variables={'DOCKER_HOST': f'tcp://{daemon}'})


def address(server):
    return server.url.removeprefix('http://')


def ask(home, action, text='', expect=0, words=(), reveals=None, **more):
    return home.run('helper', 'docker', *words, action, stdin=text.encode(), expect=expect,
                    reveals=action == 'get' if reveals is None else reveals, **more).stdout


def test_the_client_shows_the_token_to_a_registry(home):
    with guarded(Registry, basic('ada', TOKEN)) as registry:
        with_certificate(home, registry)
        helpers_file(helpers(home), f'docker {address(registry)} a/one ada')
        done = docker(home, 'manifest', 'inspect', '--insecure', f'{address(registry)}/acme/image:1')
        assert done.returncode == 0, done
        assert shown_to(registry) == {basic('ada', TOKEN)}


def test_the_client_is_refused_without_one(home):
    """The registry does demand it, so that the case above can fail."""
    with guarded(Registry, basic('ada', TOKEN)) as registry:
        with_certificate(home, registry)
        helpers_file(helpers(home), f'docker {address(registry)}1 a/one ada', 'docker registry.acme.example a/one')
        done = docker(home, 'manifest', 'inspect', '--insecure', f'{address(registry)}/acme/image:1')
        assert done.returncode != 0 and registry.log and not shown_to(registry), done


def test_pull_hands_the_daemon_the_token(home):
    helpers_file(helpers(home), 'docker registry.acme.example:5000 a/one', 'docker https://index.docker.io/v1/ a/one hub')
    with guarded(Daemon) as daemon:
        for image, user in (('registry.acme.example:5000/acme/image:1', 'token'), ('acme/image:1', 'hub')):
            done = docker(home, 'pull', image, daemon=address(daemon))
            assert done.returncode == 0, done
            auth = Daemon.auth(daemon)
            assert (auth['username'], auth['password']) == (user, TOKEN), image
        docker(home, 'pull', 'elsewhere.example/image:1', daemon=address(daemon))
        assert not Daemon.auth(daemon).get('password')
        home.run('rm', 'a/one')
        done = docker(home, 'pull', 'registry.acme.example:5000/acme/image:1', daemon=address(daemon))
        assert b'tokenvault: ' in done.stderr and not Daemon.auth(daemon).get('password'), done


def test_pull_with_a_helper_for_one_registry(home):
    helpers_file(helpers(home), 'docker registry.acme.example a/one')
    with guarded(Daemon) as daemon:
        docker(home, 'pull', 'registry.acme.example/image:1', daemon=address(daemon),
               config={'credHelpers': {'registry.acme.example': 'tokenvault'}})
        assert Daemon.auth(daemon)['password'] == TOKEN


def test_login_and_logout_change_nothing(home):
    helpers_file(helpers(home), 'docker registry.acme.example a/one ada')
    with guarded(Daemon) as daemon:
        done = docker(home, 'login', 'registry.acme.example', daemon=address(daemon))
        assert done.returncode == 0 and b'Login Succeeded' in done.stdout, done  # with the token that is there
        home.file('other', OTHER.encode())
        login = f'{need("docker")} --config {home.path}/docker login -u ada --password-stdin registry.acme.example <other'
        done = start(home, 'sh', '-c', login, variables={'DOCKER_HOST': f'tcp://{address(daemon)}'})
        assert done.returncode != 0 and b'tokenvault put a/one' in done.stderr, done
        done = docker(home, 'logout', 'registry.acme.example', daemon=address(daemon))
        assert done.returncode == 0 and b'nothing was erased' in done.stdout + done.stderr, done
    assert home.value('a/one') == TOKEN and home.document('show', 'a/one')['version'] == 1 and not suspects(home)


def test_what_is_answered(home):
    helpers(home)
    lines = ('docker registry.acme.example:5000/team a/one ada', 'docker h a/one')
    helpers_file(home, *lines)
    for url, user in (('registry.acme.example:5000/team', 'ada'), ('https://registry.acme.example:5000/team/x\n', 'ada'),
                      ('  h \r\n', 'token'), ('https://h/v1/', 'token')):
        told = json.loads(ask(home, 'get', url))
        assert told == {'ServerURL': url.strip(), 'Username': user, 'Secret': TOKEN}, told
    for url in ('registry.acme.example:5000', 'registry.acme.example/team', 'http://h', 'h:443', 'x.h', 'hh'):
        assert ask(home, 'get', url, expect=1) == NOT_FOUND, url
    assert json.loads(ask(home, 'list')) == {'registry.acme.example:5000/team': 'ada', 'h': 'token'}
    assert b'tokenvault' in ask(home, 'version')
    for words in (('--name', 'a/one'), ('--for', 'elsewhere=a/one')):
        assert json.loads(ask(home, 'get', 'elsewhere', words=words))['Secret'] == TOKEN
        assert ask(home, 'get', 'http://elsewhere', words=words, expect=1) == NOT_FOUND


def test_without_a_file_there_is_nothing(home):
    helpers(home)
    assert ask(home, 'get', 'h', expect=1) == NOT_FOUND
    assert ask(home, 'list') == b'{}\n'
    ask(home, 'list', variables={'TOKENVAULT_HELPERS': str(home.path / 'none')}, expect=13)


def test_list_and_version_need_no_vault(home):
    helpers_file(home, 'docker h a/one')
    assert json.loads(ask(home, 'list')) == {'h': 'token'}
    ask(home, 'version')
    ask(home, 'erase', 'h')


def test_what_goes_wrong_is_said_on_stdout(home):
    helpers_file(helpers(home), 'docker h a/one', 'docker gone a/none')
    wrong = ('--key-file', home.file('b.key', KEY_B))
    for url, words, code in (('h', wrong, 12), ('gone', (), 14), ('h', ('--vault', 'none'), 10), (f'{MARKER} x', (), 2),
                             ('', (), 2), (f'a\0{MARKER}', (), 2), (f'{MARKER}@h', (), 2), ('h' * 5000, (), 21)):
        told = ask(home, 'get', url, words=words, expect=code, reveals=False)
        assert told.startswith(b'tokenvault: ') and told.count(b'\n') == 1, (url, told)


def test_only_what_is_there_is_stored(home):
    helpers_file(helpers(home), 'docker h a/one')
    document = {'ServerURL': 'h', 'Username': 'any', 'Secret': TOKEN}
    assert ask(home, 'store', json.dumps(document)) == b''
    for change in ({'Secret': OTHER}, {'Secret': ''}, {'ServerURL': 'elsewhere'}, {'ServerURL': ''}):
        told = ask(home, 'store', json.dumps(document | change), expect=21)
        assert b'tokenvault put' in told, told
    for text in ('', MARKER, '[]', '{"ServerURL":1}', json.dumps(document)[:-1], json.dumps(document) + MARKER,
                 '{"Secret":"x","Secret":"' + MARKER + '"}', '[' * 30000):
        ask(home, 'store', text, expect=2)
    ask(home, 'store', json.dumps(document | {'Secret': 'v' * 40000}), expect=21)
    assert home.value('a/one') == TOKEN


run_all(tests_of(globals()))
