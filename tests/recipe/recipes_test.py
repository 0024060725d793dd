"""The recipes that come with the program: every verb of each, against models of their providers."""
import json
import shutil
import sys
import tempfile
from pathlib import Path

from fake_claimr import Claimr
from fake_gitlab import GitLab
from fake_orgapi import OrgApi
from program import MARKER, Program, run_all, want

TOKEN = MARKER + '-1'


def secret(value, name='token'):
    return [(name, value.encode() if isinstance(value, str) else value)]


def describes_without_contact(program):
    """A closed port and a name that nobody has: describe says all that is asked, and asks nobody."""
    expected = {'orgapi': ('replay_safe', 'expires', True), 'gitlab-pat': ('once', 'dies', True),
                'claimr': ('human', 'dies', False)}
    for name, (issue, old, revoke) in expected.items():
        answer = program.ask('describe', name, settings={'url': 'https://nowhere.invalid:1', 'account': 'a',
                                                         'platform': 'p'})
        want(answer, 0, tvp=1, issue=issue, old=old, revoke=revoke, find=False, probe=True,
             origin='https://nowhere.invalid:1')
        assert ('steps' in answer.json) == (issue == 'human')
    return f'{len(expected)} recipes'


def an_installation_that_was_moved(program):
    """The program finds the recipes that came along with it, wherever the two are now."""
    with tempfile.TemporaryDirectory() as folder:
        prefix, built = Path(folder) / 'moved', Path(program.path).resolve()
        recipes = shutil.copytree(built.parent / 'recipes', prefix / 'share/tokenvault/recipes')
        (prefix / 'bin').mkdir()
        # Two folders up is where the program of a build looks for the library, if that is shared.
        for library in built.parents[2].glob('libtokenvault.so.0'):
            shutil.copy(library, folder)
        moved = Program(shutil.copy(built, prefix / 'bin'))
        settings = {'url': 'https://nowhere.invalid:1', 'account': 'a', 'platform': 'p'}
        want(moved.ask('describe', 'claimr', settings=settings), 0, issue='human')
        (recipes / 'claimr.json').write_text('{', encoding='utf-8')
        want(moved.ask('describe', 'claimr', settings=settings), 3)


def lacks_a_setting(program):
    for name in ('orgapi', 'gitlab-pat', 'claimr'):
        for verb in ('describe', 'probe', 'issue'):
            assert 'the setting url' in want(program.ask(verb, name), 3).stderr


def orgapi_lives(program):
    with OrgApi(TOKEN) as provider:
        settings = {'url': provider.url}
        answer = want(program.ask('probe', 'orgapi', secret(TOKEN), settings), 0, state='valid', id='id000000001a',
                      owner='acme')
        assert 'expires' not in answer.json
        first = program.ask('issue', 'orgapi', secret(TOKEN), settings, overlap=60)
        want(first, 0, id='id000000002b')
        assert provider.log[-1][3] == json.dumps(
            {'rotation': 'r0t4t10nr0t4t10nabcdef', 'overlap': 60}, separators=(',', ':')).encode(), provider.log[-1]
        again = want(program.ask('issue', 'orgapi', secret(TOKEN), settings, overlap=60), 0)
        assert again.token != first.token and again.token in [name.encode() for name in provider.tokens]
        want(program.ask('probe', 'orgapi', secret(first.token), settings), 0, state='invalid')
        want(program.ask('probe', 'orgapi', secret(again.token), settings), 0, state='valid')
        want(program.ask('issue', 'orgapi', secret(TOKEN), settings), 3)
        old_and_new = secret(TOKEN) + secret(again.token, 'current')
        want(program.ask('revoke', 'orgapi', old_and_new, settings), 0, state='gone')
        want(program.ask('revoke', 'orgapi', old_and_new, settings), 0, state='gone')
        want(program.ask('probe', 'orgapi', secret(TOKEN), settings), 0, state='invalid')
        want(program.ask('probe', 'orgapi', secret(again.token), settings), 0, state='valid')
        want(program.ask('find', 'orgapi', secret(again.token, 'current'), settings), 3)


def orgapi_without_overlap(program):
    with OrgApi(TOKEN) as provider:
        want(program.ask('issue', 'orgapi', secret(TOKEN), {'url': provider.url}, overlap=0), 0)
        assert json.loads(provider.log[-1][3]) == {'rotation': 'r0t4t10nr0t4t10nabcdef'}


def gitlab_lives(program):
    with GitLab(TOKEN) as provider:
        settings = {'url': provider.url + '/'}
        want(program.ask('probe', 'gitlab-pat', secret(TOKEN), settings), 0, state='valid', id='1', owner='4711',
             expires='2027-01-01T00:00:00Z')
        made = want(program.ask('issue', 'gitlab-pat', secret(TOKEN), settings, lifetime=86400), 0, id='2',
                    owner='4711')
        assert made.token == (TOKEN + '~2').encode()
        sent = json.loads(provider.log[-1][3])['expires_at']
        assert made.json['expires'] == sent + 'T00:00:00Z' and len(sent) == 10, (made.json, sent)
        want(program.ask('probe', 'gitlab-pat', secret(TOKEN), settings), 0, state='invalid')
        want(program.ask('probe', 'gitlab-pat', secret(made.token), settings), 0, state='valid')
        assert provider.rotations == 1
        want(program.ask('revoke', 'gitlab-pat', secret(made.token), settings), 0, state='gone')
        want(program.ask('revoke', 'gitlab-pat', secret(made.token), settings), 0, state='gone')


def gitlab_without_lifetime(program):
    with GitLab(TOKEN) as provider:
        want(program.ask('issue', 'gitlab-pat', secret(TOKEN), {'url': provider.url}), 0)
        assert json.loads(provider.log[-1][3]) == {}


def gitlab_punishes_a_dead_token(program):
    """Why the recipe says `once`; and a 401 is a doubt, since the call may have ended the family."""
    with GitLab(TOKEN) as provider:
        settings = {'url': provider.url}
        made = want(program.ask('issue', 'gitlab-pat', secret(TOKEN), settings), 0)
        again = want(program.ask('issue', 'gitlab-pat', secret(TOKEN), settings), 4)
        assert again.token == b'' and provider.rotations == 1
        want(program.ask('probe', 'gitlab-pat', secret(made.token), settings), 0, state='invalid')


def claimr_lives(program):
    with Claimr(TOKEN) as provider:
        settings = {'url': provider.url + '/api/v1', 'account': 'ops & co/1', 'platform': 'wallet'}
        want(program.ask('probe', 'claimr', secret(TOKEN), settings), 0, state='valid')
        assert provider.log[-1][1] == '/api/v1/user/balance?account=ops%20%26%20co%2F1&platform=wallet'
        provider.click(MARKER + '-2')
        want(program.ask('probe', 'claimr', secret(TOKEN), settings), 0, state='invalid')
        want(program.ask('probe', 'claimr', secret(MARKER + '-2'), settings), 0, state='valid')
        provider.polite = True
        want(program.ask('probe', 'claimr', secret(TOKEN), settings), 0, state='unknown')
        seen = len(provider.log)
        assert 'a person' in want(program.ask('issue', 'claimr', secret(TOKEN), settings), 3).stderr
        want(program.ask('revoke', 'claimr', secret(TOKEN), settings), 3)
        assert len(provider.log) == seen


if __name__ == '__main__':
    sys.exit(run_all([describes_without_contact, an_installation_that_was_moved, lacks_a_setting, orgapi_lives, orgapi_without_overlap, gitlab_lives,
                      gitlab_without_lifetime, gitlab_punishes_a_dead_token, claimr_lives]))
