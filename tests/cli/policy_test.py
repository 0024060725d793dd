"""How a token is rotated: shown, changed a member at a time, taken away; nonsense changes nothing."""
from harness import MARKER, run_all, tests_of

DEFAULTS = {'provider': 'human', 'rotate_after': 0, 'grace': 0, 'lifetime': 0, 'timeout': 30, 'owner': None,
            'settings': {}, 'secrets': {}}
NAME = 'acme/claimr'


def with_token(home):
    home.init().put(NAME)
    return home


def policy(home, *words, **more):
    document = home.document('policy', NAME, *words, **more)
    assert set(document) == {'schema', 'name', 'policy'} and document['name'] == NAME, document
    return document['policy']


def test_none_at_first(home):
    with_token(home)
    assert policy(home) is None and home.document('show', NAME)['policy'] is None
    done = home.run('policy', NAME)
    assert done.stdout == b'' and b'has no policy' in done.stderr


def test_members_are_replaced_one_by_one(home):
    with_token(home)
    assert policy(home, '--provider', 'human') == DEFAULTS
    assert policy(home, '--rotate-after', '90d', '--grace', '1h') == {**DEFAULTS, 'rotate_after': 7776000, 'grace': 3600}
    assert policy(home, '--lifetime', '14w', '--timeout', '2m', '--grace', '0s') == {
        **DEFAULTS, 'rotate_after': 7776000, 'lifetime': 8467200, 'timeout': 120}
    assert policy(home, '--owner', 'acme')['owner'] == 'acme'
    assert policy(home, '--owner', '')['owner'] is None
    assert policy(home, '--provider', 'exec:/opt/p')['rotate_after'] == 7776000
    assert policy(home) == home.document('show', NAME)['policy']


def test_settings_and_secrets(home):
    with_token(home)
    found = policy(home, '--provider', 'human', '--set', 'url=https://a.example/?x=1,2', '--set', 'old=kept',
                   '--secret', 'admin=acme/admin')
    assert found['settings'] == {'url': 'https://a.example/?x=1,2', 'old': 'kept'}, found
    assert found['secrets'] == {'admin': 'acme/admin'}, found
    found = policy(home, '--set', 'old=', '--set', 'step1=click', '--secret', 'admin=')
    assert found['settings'] == {'url': 'https://a.example/?x=1,2', 'step1': 'click'} and found['secrets'] == {}, found


def test_the_page_speaks_the_words_of_the_options(home):
    with_token(home)
    page = home.run('policy', NAME, '--provider', 'recipe:orgapi', '--rotate-after', '90d', '--grace', '36h',
                    '--lifetime', '13w', '--timeout', '90s', '--set', 'url=https://a.example').stdout.decode()
    assert [line[14:] for line in page.splitlines()] == [
        'recipe:orgapi', '90d', '36h', '91d', '90s', 'as before', 'url=https://a.example'], page
    assert 'recipe:orgapi' in home.run('show', NAME).stdout.decode()


def test_taken_away(home):
    with_token(home)
    policy(home, '--provider', 'human')
    assert policy(home, '--none') is None and policy(home) is None
    assert policy(home, '--none') is None


NONSENSE = (
    ('--rotate-after', 'soon'), ('--rotate-after', ''), ('--rotate-after', '-3d'), ('--rotate-after', '90'),
    ('--rotate-after', '1.5d'), ('--rotate-after', '90 d'), ('--rotate-after', '2027-01-31'), ('--rotate-after', '90D'),
    ('--rotate-after', '4294967296s'), ('--rotate-after', '99999999999999999999d'), ('--rotate-after', '3661d'),
    ('--grace', '4294967295w'), ('--grace', '91d'), ('--grace', 'x'), ('--lifetime', '89d'), ('--lifetime', 'w'),
    ('--timeout', '0s'), ('--timeout', '3601s'), ('--timeout', '1d'), ('--owner', 'o' * 256), ('--owner', 'a\nb'),
    ('--set', 'x'), ('--set', '=x'), ('--set', 'a b=x'), ('--set', 'a=' + 'x' * 2049), ('--set', 'a=\t'),
    ('--set', 'old=maybe'), ('--set', 'step1=' + 'x' * 201), ('--secret', 'x'), ('--secret', 'token=a/b'),
    ('--secret', 'current=a/b'), ('--secret', 'x=a//b'), ('--secret', f'x={NAME}'), ('--provider', ''),
    ('--provider', 'nobody'), ('--provider', 'Human'), ('--provider', 'human:x'), ('--provider', 'exec:'),
    ('--provider', 'exec:bin/p'), ('--provider', 'exec:~/p'), ('--provider', 'recipe:'), ('--provider', 'recipe:../x'),
    ('--provider', 'recipe:a/b'), ('--provider', 'recipe:.hidden'), ('--provider', 'exec:/' + 'p' * 1024),
    ('--provider', 'exec:/p\x1b[2J'), ('--none', '--grace', '1h'), ('--grace', '1h', '--grace', '2h'), (MARKER,),
    tuple(word for number in range(33) for word in ('--set', f'k{number}=v')),
    tuple(word for number in range(9) for word in ('--secret', f'k{number}=a/b')))


def test_nonsense(home):
    with_token(home)
    before = policy(home, '--provider', 'human', '--rotate-after', '90d')
    generation = home.document('status')['generation']
    for words in NONSENSE:
        failure = home.failure(2, 'invalid_argument', 'policy', NAME, *words)
        assert len(failure['message']) < 120 and '\n' not in failure['message'], failure
        assert policy(home) == before, words
    assert home.document('status')['generation'] == generation
    assert len(NONSENSE) > 50


def test_a_first_policy_needs_a_provider(home):
    with_token(home)
    failure = home.failure(2, 'invalid_argument', 'policy', NAME, '--rotate-after', '90d')
    assert '--provider' in failure['message'] and policy(home) is None


def test_nonsense_is_said_before_the_vault_is_looked_for(home):
    home.failure(2, 'invalid_argument', 'policy', NAME, '--provider', 'human', '--grace', 'x')
    home.failure(2, 'invalid_argument', 'policy', 'a//b')
    home.failure(10, 'no_vault', 'policy', NAME, '--provider', 'human', '--grace', '1h')
    assert home.tree() == []


def test_no_such_token(home):
    home.init()
    for words in ((), ('--provider', 'human'), ('--none',)):
        home.failure(14, 'not_found', 'policy', NAME, *words)


def test_a_policy_outlives_new_values(home):
    with_token(home)
    before = policy(home, '--provider', 'human', '--grace', '1h')
    home.put(NAME, f'{MARKER}-2')
    assert policy(home) == before
    home.run('rm', NAME)
    home.failure(14, 'not_found', 'policy', NAME)
    home.run('undelete', NAME)
    assert policy(home) == before


run_all(tests_of(globals()))
