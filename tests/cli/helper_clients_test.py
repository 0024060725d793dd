"""kubectl, curl, npm and aws as clients: each shows the token to a server of ours, which notes or checks it."""
import hashlib
import hmac
import json
import os
import shlex
import sys
import urllib.parse
from datetime import datetime, timedelta, timezone

from harness import MARKER, run_all, tests_of
from helper_home import TOKEN, Guard, basic, guarded, helpers, need, shown_to, start, with_certificate

API = 'client.authentication.k8s.io'
ACCESS_KEY, SECRET_KEY, SESSION = 'AKIDEXAMPLE', f'{MARKER}/key+1', f'{MARKER}=session'
BEARER = f'Bearer {TOKEN}'


class Cluster(Guard):
    challenge = 'Bearer'

    def allowed(self):
        return 200, 'application/json', b'{"major":"1","minor":"32"}'


def kubectl(home, server, api_version, *words):
    """With a configuration as its user writes it; `words` are the helper's."""
    certificate = with_certificate(home, server)
    url = server.url.replace('http:', 'https:')
    plugin = {'apiVersion': api_version, 'command': 'tokenvault', 'args': ['helper', 'kubectl', *words],
              'interactiveMode': 'Never'}
    config = {'apiVersion': 'v1', 'kind': 'Config', 'current-context': 'here',
              'clusters': [{'name': 'here', 'cluster': {'server': url, 'certificate-authority': certificate}}],
              'users': [{'name': 'me', 'user': {'exec': plugin}}],
              'contexts': [{'name': 'here', 'context': {'cluster': 'here', 'user': 'me'}}]}
    path = home.file('kube/config', json.dumps(config).encode())
    return start(home, need('kubectl'), '--kubeconfig', path, 'get', '--raw', '/version')


def test_kubectl(home):
    for version in ('v1', 'v1beta1'):
        home = helpers(type(home)(home.command))
        with guarded(Cluster, BEARER) as server:
            done = kubectl(home, server, f'{API}/{version}', '--name', 'a/one')
            assert done.returncode == 0 and b'"minor":"32"' in done.stdout, (version, done)
            assert shown_to(server) == {BEARER}, version


def test_kubectl_says_what_is_wrong(home):
    need('kubectl')
    with guarded(Cluster, BEARER) as server:
        done = kubectl(helpers(home), server, f'{API}/v1', '--name', 'a/none')
        assert done.returncode != 0 and b'tokenvault: ' in done.stderr and not shown_to(server), done


def test_the_contract_of_kubectl(home):
    """Without the client."""
    helpers(home)

    def answer(info=None, *words, expect=0):
        variables = {} if info is None else {'KUBERNETES_EXEC_INFO': info}
        done = home.run('helper', 'kubectl', '--name', 'a/one', *words, variables=variables, expect=expect, reveals=expect == 0)
        return json.loads(done.stdout) if expect == 0 else done.stdout

    def info(version, kind='ExecCredential'):
        return json.dumps({'apiVersion': version, 'kind': kind, 'spec': {'interactive': False}})

    wanted = {'apiVersion': f'{API}/v1', 'kind': 'ExecCredential', 'status': {'token': TOKEN}}
    assert answer() == answer(info(f'{API}/v1')) == wanted
    assert answer(info(f'{API}/v1beta1')) == wanted | {'apiVersion': f'{API}/v1beta1'}
    for odd, code in ((info(f'{API}/v1alpha1'), 22), (info('v1'), 22), (info(f'{API}/v1', 'Pod'), 2), ('', 2), (MARKER, 2),
                      ('{', 2), ('[]', 2), ('"' + MARKER, 2), ('[' * 100000, 2)):
        assert answer(odd, expect=code) == b'', odd[:40]
    expires = (datetime.now(timezone.utc) + timedelta(days=9)).replace(microsecond=0)
    home.run('put', 'a/one', '--stdin', '--expires', expires.strftime('%Y-%m-%dT%H:%M:%SZ'), stdin=TOKEN.encode())
    assert answer()['status']['expirationTimestamp'] == expires.strftime('%Y-%m-%dT%H:%M:%SZ')
    home.run('put', 'a/one', '--stdin', '--expires', '2001-01-01', stdin=TOKEN.encode())
    assert answer(expect=17) == b''
    assert answer(None, '--expired-ok') == wanted


def test_curl(home):
    curl = need('curl')
    words = shlex.join([curl, '-sS', '-f'])
    helper = 'tokenvault helper curl --name a/one'
    home = helpers(home)
    for value in (TOKEN, f'{MARKER}"\\x\'$(id)#%'):
        home.put('a/one', value)
        for line, shown in ((f'{helper} | {words} -H @- URL', f'Bearer {value}'),
                            (f'{helper} --format config | {words} -K - URL', f'Bearer {value}'),
                            (f'{helper} --header Authorization | {words} -H @- URL', value)):
            with guarded(Guard, shown) as server:
                done = start(home, 'sh', '-c', line.replace('URL', server.url))
                assert (done.returncode, done.stdout) == (0, b'{}'), (line, done)
    with guarded(Guard) as server:
        line = f'{helper} --header X-Api-Key --format config | {words} -K - {server.url}'
        start(home, 'sh', '-c', line)
        assert server.log[0][3]['X-Api-Key'] == value


def test_curl_by_netrc(home):
    words = shlex.join([need('curl'), '-sS', '-f', '--netrc-file', '/dev/stdin'])
    with guarded(Guard, basic('ada', TOKEN)) as server:
        helper = 'tokenvault helper curl --name a/one --format netrc --host 127.0.0.1 --user ada'
        done = start(helpers(home), 'sh', '-c', f'{helper} | {words} {server.url}')
        assert (done.returncode, done.stdout) == (0, b'{}'), done
    for value in (f'"{MARKER}', f'{MARKER}\\x', f'#{MARKER}'):
        home.put('a/one', value)
        home.run(*shlex.split(helper)[1:], expect=21)


class Packages(Guard):
    challenge = 'Bearer'

    def allowed(self):
        package = {'name': 'acme-thing', 'dist-tags': {'latest': '1.2.3'},
                   'versions': {'1.2.3': {'name': 'acme-thing', 'version': '1.2.3', 'dist': {'tarball': 'x', 'shasum': 'y'}}}}
        return 200, 'application/json', json.dumps(package).encode()


def npm(home, server, *flags):
    """npm in place of `run`."""
    words = ('--registry', server.url, '--cache', str(home.path / 'cache'), '--no-update-notifier', '--fetch-retries', '0')
    return start(home, 'tokenvault', 'run', *flags, '--', need('npm'), 'view', 'acme-thing', 'version', *words,
                 variables={'PATH': f'{home.path}/bin:{os.environ["PATH"]}'})


def test_npm_with_a_variable(home):
    helpers(home)
    with guarded(Packages, BEARER) as server:
        home.file('.npmrc', f'//{server.url.removeprefix("http://")}/:_authToken=${{NPM_TOKEN}}\n'.encode())
        done = npm(home, server, '--env', 'NPM_TOKEN=a/one')
        assert done.returncode == 0 and done.stdout.strip() == b'1.2.3', done
        assert shown_to(server) == {BEARER}


def test_npm_with_a_file(home):
    """The token is the whole configuration, which npm finds where a variable says."""
    helpers(home)
    with guarded(Packages, BEARER) as server:
        config = f'//{server.url.removeprefix("http://")}/:_authToken={TOKEN}\n'
        home.run('put', 'a/npmrc', '--stdin', '--binary', stdin=config.encode())
        done = npm(home, server, '--file', 'npm_config_userconfig=a/npmrc')
        assert done.returncode == 0 and done.stdout.strip() == b'1.2.3', done
        assert shown_to(server) == {BEARER}


def with_keys(home, **more):
    helpers(home)
    keys = {'AccessKeyId': ACCESS_KEY, 'SecretAccessKey': SECRET_KEY, 'SessionToken': SESSION, **more}
    home.run('put', 'a/aws', '--stdin', '--expires', '9d', stdin=json.dumps(keys, separators=(',', ':')).encode())
    home.put('a/secret', SECRET_KEY)
    return home


def signature(request, body, secret):
    """Version 4 of AWS' signatures, computed anew from what was sent."""
    method, path, shown, headers = request
    parts = dict(part.split('=', 1) for part in shown.removeprefix('AWS4-HMAC-SHA256 ').split(', '))
    scope = parts['Credential'].split('/', 1)[1]
    lower = {name.lower(): value for name, value in headers.items()}
    url = urllib.parse.urlsplit(path)
    canonical = '\n'.join([method, url.path, url.query,
                           *(f'{name}:{lower[name].strip()}' for name in parts['SignedHeaders'].split(';')), '',
                           parts['SignedHeaders'], hashlib.sha256(body).hexdigest()])
    text = '\n'.join(['AWS4-HMAC-SHA256', lower['x-amz-date'], scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = b'AWS4' + secret.encode()
    for part in (*scope.split('/'), text):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return parts['Signature'], key.hex()


class Sts(Guard):
    def serve(self):
        body = self.rfile.read(int(self.headers.get('Content-Length') or 0))
        request = (self.command, self.path, self.headers.get('Authorization'), dict(self.headers))
        self.server.log.append(request)
        self.server.signatures.append(signature(request, body, SECRET_KEY))
        self.give(200, 'text/xml', b'<GetCallerIdentityResponse><GetCallerIdentityResult><Account>42</Account>'
                                   b'</GetCallerIdentityResult></GetCallerIdentityResponse>')

    do_GET = do_POST = serve


def test_aws(home):
    aws = need('aws')
    with_keys(home)
    for words, session in (('--name a/aws', SESSION), (f'--name a/secret --access-key-id {ACCESS_KEY}', None)):
        process = f'{home.path}/bin/tokenvault helper aws {words}'
        home.file('.aws/config', f'[default]\nregion = eu-central-1\ncredential_process = {process}\n'.encode())
        with guarded(Sts) as server:
            server.signatures = []
            done = start(home, aws, 'sts', 'get-caller-identity', '--endpoint-url', server.url, '--output', 'json',
                         variables={'PATH': f'{home.path}/bin:{os.environ["PATH"]}'})
            assert done.returncode == 0 and json.loads(done.stdout)['Account'] == '42', done
            shown, headers = server.log[0][2:]
            assert f'Credential={ACCESS_KEY}/' in shown and headers.get('X-Amz-Security-Token') == session, shown
            assert server.signatures[0][0] == server.signatures[0][1], 'signed with another key'


def test_the_contract_of_aws_with_a_fake_peer(home):
    """A stand-in for the SDKs: it starts the process without a shell, and takes what their documents promise."""
    with_keys(home)
    peer = ('import json, shlex, subprocess, sys\n'
            'done = subprocess.run(shlex.split(sys.argv[1]), capture_output=True, stdin=subprocess.DEVNULL)\n'
            'answer = json.loads(done.stdout)\n'
            'assert done.returncode == 0 and done.stderr == b"" and answer.pop("Version") == 1\n'
            'json.dump(answer, open(sys.argv[2], "w"))\n')
    for words, wanted in (('--name a/aws', {'AccessKeyId', 'SecretAccessKey', 'SessionToken', 'Expiration'}),
                          (f'--name a/secret --access-key-id {ACCESS_KEY}', {'AccessKeyId', 'SecretAccessKey'})):
        out = home.path / 'answer'
        done = start(home, sys.executable, '-c', peer, f'tokenvault helper aws {words}', str(out))
        assert done.returncode == 0, done
        answer = json.loads(out.read_text())
        assert set(answer) == wanted and (answer['AccessKeyId'], answer['SecretAccessKey']) == (ACCESS_KEY, SECRET_KEY)
        assert answer.get('SessionToken', SESSION) == SESSION
        if 'Expiration' in answer:
            assert datetime.fromisoformat(answer['Expiration'].replace('Z', '+00:00')) > datetime.now(timezone.utc)


def test_keys_that_are_none(home):
    with_keys(home)
    for value in ('{}', '[]', f'"{MARKER}"', MARKER, '{"AccessKeyId":"x"}', '{"SecretAccessKey":"' + MARKER + '"}',
                  '{"AccessKeyId":"x","SecretAccessKey":""}', '{"AccessKeyId":1,"SecretAccessKey":"' + MARKER + '"}',
                  '{"AccessKeyId":"x","AccessKeyId":"y","SecretAccessKey":"' + MARKER + '"}',
                  '{"AccessKeyId":"x","SecretAccessKey":"' + MARKER + '"}x', '{"AccessKeyId":"x","SecretAccessKey":"' + MARKER):
        home.put('a/aws', value)
        done = home.run('helper', 'aws', '--name', 'a/aws', expect=21)
        assert done.stdout == b'', value
    home.run('put', 'a/old', '--stdin', '--expires', '2001-01-01', stdin=SECRET_KEY.encode())
    assert home.run('helper', 'aws', '--name', 'a/old', '--access-key-id', 'x', expect=17).stdout == b''
    told = json.loads(home.run('helper', 'aws', '--name', 'a/old', '--access-key-id', 'x', '--expired-ok', reveals=True).stdout)
    assert set(told) == {'Version', 'AccessKeyId', 'SecretAccessKey'}


def test_what_each_needs_is_asked_before_the_vault(home):
    for words in ((), ('kubectl',), ('aws',), ('curl',), ('curl', '--name', 'a/b', '--header', 'X: y'),
                  ('curl', '--name', 'a/b', '--header', ''), ('aws', '--name', 'a/b', '--access-key-id', '')):
        home.run('helper', *words, expect=2)
    assert home.tree() == []


run_all(tests_of(globals()))
