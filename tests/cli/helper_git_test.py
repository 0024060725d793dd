"""git as a client: it clones from a server that demands the token, by the helper that its configuration names."""
import subprocess
import time

from harness import KEY_B, MARKER, run_all, tests_of
from helper_home import (OTHER, TOKEN, Guard, basic, guarded, helpers, helpers_file, need, shown_to, start, suspects,
                         with_certificate)


class Repository(Guard):
    """Bare repositories by the protocol that is nothing but files."""

    def allowed(self):
        path = self.server.folder / self.path.split('?')[0].lstrip('/')
        if not path.is_file():
            return 404, 'text/plain', b''
        return 200, 'application/octet-stream', path.read_bytes()


def served(home, *accepted):
    """A server with one repository, which whoever shows one of `accepted` may clone."""
    git = need('git')
    folder = home.path / 'served'
    bare = folder / 'team' / 'repo.git'
    identity = {f'GIT_{role}_{part}': 'test@example.org' for role in ('AUTHOR', 'COMMITTER') for part in ('NAME', 'EMAIL')}
    assert start(home, git, 'init', '-q', '--bare', '-b', 'main', str(bare)).returncode == 0
    tree = start(home, git, '-C', str(bare), 'mktree', stdin=b'').stdout.decode().strip()
    commit = start(home, git, '-C', str(bare), 'commit-tree', '-m', 'first', tree, variables=identity).stdout.decode().strip()
    for words in (('update-ref', 'refs/heads/main', commit), ('update-server-info',)):
        assert start(home, git, '-C', str(bare), *words).returncode == 0
    server = guarded(Repository, *accepted)
    server.folder = folder
    return server


def clone(home, url, helper, *settings):
    words = [need('git'), '-c', f'credential.helper={helper}']
    for setting in settings:
        words += ['-c', setting]
    return start(home, *words, 'clone', '-q', f'{url}/team/repo.git', str(home.path / f'clone-{time.monotonic_ns()}'))


def clones(home, url, *words):
    done = clone(home, url, *words)
    assert done.returncode == 0 and done.stderr == b'', done


def ask(home, action, *lines, words=('--name', 'a/one'), expect=0, **more):
    """As git itself asks: lines and a blank one, and what is answered, key by key."""
    text = ''.join(line + '\n' for line in lines).encode() + b'\n'
    done = home.run('helper', 'git', *words, action, stdin=text, expect=expect, reveals=action == 'get', **more)
    return dict(line.split('=', 1) for line in done.stdout.decode().splitlines())


HTTPS = ('protocol=https', 'host=git.acme.example')
ANSWER = {'username': 'x-access-token', 'password': TOKEN}


def test_a_clone(home):
    with served(helpers(home), basic('x-access-token', TOKEN)) as server:
        clones(home, server.url, f'tokenvault --for {server.url}=a/one')
        assert shown_to(server) == {basic('x-access-token', TOKEN)}
        clones(home, server.url, f'!tokenvault helper git --for {server.url}/team=a/one', 'credential.useHttpPath=true')
        clones(home, server.url, f'{home.command} helper git --for {server.url}=a/one')
    assert not suspects(home)


def test_a_clone_by_the_helpers_file(home):
    with served(helpers(home), basic('ada', TOKEN)) as server:
        helpers_file(home, f'git {server.url} a/one ada', 'docker registry.acme.example a/none')
        clones(home, server.url, 'tokenvault')
        assert shown_to(server) == {basic('ada', TOKEN)}


def test_a_clone_over_https_with_one_token_for_all(home):
    helpers(home)
    with served(home, basic('bob', TOKEN)) as server:
        certificate = with_certificate(home, server)
        url = server.url.replace('http:', 'https:')
        trust = f'http.sslCAInfo={certificate}'
        clones(home, url.replace('//', '//bob@'), 'tokenvault --name a/one', trust)
        clones(home, url, '', f'credential.{url}.helper=tokenvault --name a/one --user bob', trust)


def test_one_token_for_all_is_not_for_http(home):
    with served(helpers(home), basic('x-access-token', TOKEN)) as server:
        done = clone(home, server.url, 'tokenvault --name a/one')
        assert done.returncode == 128 and not shown_to(server), done


def test_a_refused_token_is_marked_and_stays(home):
    with served(helpers(home), basic('x-access-token', OTHER)) as server:
        helper = f'tokenvault --for {server.url}=a/one'
        assert clone(home, server.url, helper).returncode == 128
        assert shown_to(server) == {basic('x-access-token', TOKEN)}
        assert len(suspects(home)) == 1
        shown = home.document('show', 'a/one')
        assert home.value('a/one') == TOKEN and shown['version'] == shown['suspect']['version'] == 1
        assert 'version 1 was rejected at' in home.run('show', 'a/one').stdout.decode()
        home.put('a/one', OTHER)
        assert not suspects(home)
        clones(home, server.url, helper)


def test_git_says_what_is_wrong_with_the_vault(home):
    with served(helpers(home), basic('x-access-token', TOKEN)) as server:
        home.run('put', 'a/old', '--stdin', '--expires', '2001-01-01', stdin=TOKEN.encode())
        for more, told in ((' --vault none', b'no vault'), (f' --key-file {home.file("b.key", KEY_B)}', b'key'),
                           ('', b'expired')):
            done = clone(home, server.url, f'tokenvault --for {server.url}=a/old{more}')
            assert done.returncode == 128 and told in done.stderr and b'tokenvault: ' in done.stderr, done
        assert not shown_to(server)
        clones(home, server.url, f'tokenvault --expired-ok --for {server.url}=a/old')


def test_what_is_answered(home):
    helpers(home)
    assert ask(home, 'get', *HTTPS) == ANSWER
    assert ask(home, 'get', *HTTPS, 'path=a/b.git', 'capability[]=authtype', 'wwwauth[]=Basic realm=x', 'no such key=1') == ANSWER
    assert ask(home, 'get', *HTTPS, 'username=ada') == ANSWER | {'username': 'ada'}
    assert ask(home, 'get', *HTTPS, words=('--name', 'a/one', '--user', 'bob')) == ANSWER | {'username': 'bob'}
    assert ask(home, 'get', *HTTPS, 'username=bob', words=('--name', 'a/one', '--user', 'bob')) == ANSWER | {'username': 'bob'}
    home.run('put', 'a/soon', '--stdin', '--expires', '9d', stdin=TOKEN.encode())
    expiry = int(ask(home, 'get', *HTTPS, words=('--name', 'a/soon'))['password_expiry_utc'])
    assert 8 * 86400 < expiry - time.time() < 10 * 86400, expiry
    home.run('put', 'a/old', '--stdin', '--expires', '2001-01-01', stdin=TOKEN.encode())
    assert ask(home, 'get', *HTTPS, words=('--name', 'a/old', '--expired-ok')) == ANSWER


def test_what_is_not_answered(home):
    helpers(home)
    words = ('--for', 'https://git.acme.example/team=a/one', '--for', 'h:8443=a/none', '--user', 'ada')
    path = 'path=team/x.git'
    assert ask(home, 'get', *HTTPS, path, words=words) == ANSWER | {'username': 'ada'}
    for lines in ((), ('protocol=https',), ('host=git.acme.example', path), HTTPS, (*HTTPS, 'path=teams'),
                  ('protocol=http', HTTPS[1], path), (HTTPS[0], 'host=git.acme.example:443', path),
                  (HTTPS[0], 'host=git.acme.example.evil', path), (*HTTPS, path, 'username=bob'),
                  (*HTTPS, 'path=team/../other'), (*HTTPS, path, 'host=elsewhere')):
        assert ask(home, 'get', *lines, words=words) == {}, lines
    for action in ('store', 'fill', 'capability', '', MARKER):
        assert ask(home, action, *HTTPS, path, f'password={TOKEN}', words=words) == {}
    assert ask(home, 'get', *HTTPS, words=()) == {}
    for protocol in ('http', 'HTTP', 'Http', 'ftp', 'smtp', ''):  # one token for all is for those that encrypt
        assert ask(home, 'get', f'protocol={protocol}', HTTPS[1]) == {}, protocol
    ask(home, 'get', 'protocol=https', 'host=h:8443', words=words, expect=14)
    home.run('put', 'a/old', '--stdin', '--expires', '2001-01-01', stdin=TOKEN.encode())
    assert ask(home, 'get', *HTTPS, words=('--name', 'a/old'), expect=17) == {}


def test_a_request_may_end_with_the_input(home):
    helpers(home)
    for text in (b'protocol=https\nhost=h', b'protocol=https\nhost=h\n', b'protocol=https\r\nhost=h\r\n'):
        told = home.run('helper', 'git', '--name', 'a/one', 'get', stdin=text, reveals=True).stdout
        assert told == f'username=x-access-token\npassword={TOKEN}\n'.encode(), text


def test_only_the_value_itself_is_marked(home):
    helpers(home)
    for lines in (HTTPS, (*HTTPS, 'password='), (*HTTPS, f'password={TOKEN[:-1]}'), (*HTTPS, f'password={TOKEN} '),
                  (*HTTPS, f'password={OTHER}')):
        ask(home, 'erase', *lines)
    for words in ((), ('--for', 'elsewhere=a/one'), ('--name', 'a/none')):
        ask(home, 'erase', *HTTPS, f'password={TOKEN}', words=words)
    assert not suspects(home)
    before = home.document('status')['generation']
    for _ in range(2):
        ask(home, 'erase', *HTTPS, 'username=x', f'password={TOKEN}')
        assert len(suspects(home)) == 1 and home.document('status')['generation'] == before + 1


def test_a_refusal_where_nothing_can_be_written(home):
    helpers(home)
    sealed = home.run('backup', 'env:SEALED').stdout.decode().strip().removeprefix('SEALED=').strip("'")
    where = ('--vault', 'env:SEALED')
    variables = {'SEALED': sealed}
    assert ask(home, 'get', *HTTPS, words=(*where, '--name', 'a/one'), variables=variables) == ANSWER
    done = ask(home, 'erase', *HTTPS, f'password={TOKEN}', words=(*where, '--name', 'a/one'), variables=variables)
    assert done == {}


def test_it_does_not_wait_for_the_end_of_the_input(home):
    """A blank line ends a request, whatever the asking program does with its end of the pipe."""
    helpers(home)
    child = subprocess.Popen([home.command, 'helper', 'git', '--name', 'a/one', 'get'], env=home.variables,
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    child.stdin.write(b'protocol=https\nhost=h\n\n')
    child.stdin.flush()
    told = child.stdout.read()
    assert child.wait(60) == 0 and told.endswith(f'password={TOKEN}\n'.encode())
    child.stdin.close()


run_all(tests_of(globals()))
