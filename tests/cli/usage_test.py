"""What is asked wrongly: exit 2, nothing read, nothing changed, and no word of the user's said back."""
import os
import subprocess

from harness import KEY_A, KEY_B, MARKER, pipe_of, run_all, tests_of

VERBS = ('init', 'status', 'put', 'get', 'list', 'show', 'history', 'run', 'verify', 'key list', 'key add',
         'key remove', 'key verify', 'key rotate', 'import', 'export', 'rotate', 'rotate start', 'rotate stage',
         'rotate verify', 'rotate promote', 'rotate retire', 'rotate abort', 'rotate resume', 'rotate waive',
         'rotate status', 'rotate due', 'probe', 'policy', 'helper aws', 'helper kubectl', 'helper curl', 'unlock')


def unread(home, *words, **more):
    """Fails with 2 and leaves the folder and a waiting pipe as they were."""
    before, reading = home.tree(), pipe_of(b'not to be read')
    done = subprocess.run([home.command, *words], stdin=reading, capture_output=True, env=home.variables, **more)
    left = os.read(reading, 100)
    os.close(reading)
    said = done.stdout + done.stderr
    assert done.returncode == 2, (words, done)
    assert left == b'not to be read' and home.tree() == before, words
    assert MARKER.encode() not in said and b'not to be read' not in said, words
    assert done.stdout == b'' and done.stderr.count(b'\n') == 2 and b'\nhint: ' in done.stderr, done


def test_no_word_is_said_back(home):
    for words in ((MARKER,), ('key', MARKER), ('--' + MARKER, 'list'), ('list', '--' + MARKER),
                  ('put', 'a/b', MARKER), ('put', 'a/b', '--stdin', MARKER), ('get', 'a/b', MARKER),
                  ('get', 'a/b', '--version', MARKER), ('put', 'a/b', '--if-version', MARKER),
                  ('put', 'a/b', '--expires', MARKER), ('init', '--kdf-memory', MARKER), ('list', 'a', MARKER),
                  ('init', MARKER), ('verify', MARKER), ('status', MARKER), ('run', MARKER, '--', 'true'),
                  ('run', '--env', MARKER, '--', 'true'), ('key', 'remove', MARKER), ('key', 'rotate', '--drop', MARKER),
                  ('key', 'add', '--recipient', MARKER), ('list', '--key-fd', MARKER), ('list', f'--json={MARKER}'),
                  ('rollback', 'a/b', '--to', MARKER), ('expiring', '--within', MARKER), ('rm', 'a/b', MARKER),
                  ('import', '--format', MARKER, '--stdin'), ('export', '--format', MARKER), ('destroy', 'a/b', MARKER),
                  ('migrate', '--from', f'{MARKER}:x', '--to', 'y'), ('restore', 'x', MARKER), ('backup', 'x', MARKER),
                  ('restore', 'x', '--drop', MARKER), ('list', '--vault', f'env-plain:{MARKER}'),
                  ('list', '--vault', f'{MARKER}:place'), ('get', f'{MARKER}//x'), ('get', f'{MARKER}\n'),
                  ('rotate', 'a/b', MARKER), ('rotate', 'stage', 'a/b', MARKER), ('rotate', 'due', MARKER),
                  ('rotate', 'status', 'a/b', MARKER), ('rotate', f'{MARKER}//x'), ('rotate', '--' + MARKER, 'a/b'),
                  ('rotate', 'waive', 'a/b', '--version', MARKER), ('probe', 'a/b', MARKER),
                  ('probe', 'a/b', '--version', MARKER), ('policy', 'a/b', MARKER), ('policy', 'a/b', '--grace', MARKER),
                  ('policy', 'a/b', '--provider', MARKER), ('policy', 'a/b', '--set', MARKER),
                  ('policy', 'a/b', '--provider', 'human', '--set', f'old={MARKER}'),
                  ('policy', 'a/b', '--secret', f'{MARKER}//=x'), ('helper', MARKER), ('helper', 'git', 'get', MARKER),
                  ('helper', 'git', '--for', MARKER, 'get'), ('helper', 'git', '--for', f'h={MARKER}//x', 'get'),
                  ('helper', 'git', '--name', 'a/b', '--user', f'{MARKER}:x', 'get'), ('helper', 'aws', MARKER),
                  ('helper', 'aws', '--name', f'{MARKER}//x'), ('helper', 'kubectl', '--name', 'a/b', MARKER),
                  ('helper', 'aws', '--name', 'a/b', '--access-key-id', f'{MARKER} '), ('helper', 'curl', MARKER),
                  ('helper', 'curl', '--name', 'a/b', '--format', MARKER),
                  ('helper', 'curl', '--name', 'a/b', '--header', f'{MARKER}:'),
                  ('helper', 'curl', '--name', 'a/b', '--host', MARKER), ('unlock', MARKER), ('unlock', '--for', MARKER),
                  ('lock', MARKER), ('completion', MARKER), ('completion', 'bash', MARKER)):
        unread(home, *words)


def test_verbs_and_options(home):
    for words in ((), ('key',), ('--json',), ('frobnicate',), ('key', 'frobnicate'), ('get',), ('put',), ('show',),
                  ('history',), ('run',), ('run', '--'), ('key', 'remove'), ('list', '--vault'), ('get', 'a/b', '--version'),
                  ('get', 'a/b', '--version', '0'), ('get', 'a/b', '--version', '-1'), ('get', 'a/b', '--version', '4294967296'),
                  ('get', 'a/b', '--version', '010'), ('get', 'a/b', '--version', '0x1'), ('get', 'a/b', '--version', '1.0'),
                  ('get', 'a/b', '--version', '1', '--previous'), ('put', 'a/b', '--stdin', '--from-fd', '3'),
                  ('put', 'a/b', '--from-file', 'x', '--from-fd', '3'), ('list', '--key-fd', '-1'),
                  ('list', '--vault', 'x', '--vault', 'y'), ('list', '--env', 'A=a/b'), ('rotate',), ('rotate', 'start'),
                  ('rotate', 'stage'), ('rotate', 'waive', 'a/b'), ('rotate', 'waive', 'a/b', '--version', '0'),
                  ('rotate', 'waive', 'a/b', '--version', '1', '--rotation', 'x'), ('rotate', 'a/b', '--force'),
                  ('rotate', 'resume', 'a/b', '--discard', '--dry-run'), ('rotate', 'start', 'a/b', '--dry-run'),
                  ('rotate', 'a/b', '--stdin', '--from-fd', '3'), ('probe',), ('policy',),
                  ('probe', 'a/b', '--version', '1', '--previous'), ('probe', 'a/b', '--version', '0'), ('helper',),
                  ('helper', 'git'), ('helper', 'docker'), ('helper', 'aws'), ('helper', 'kubectl'), ('helper', 'curl'),
                  ('helper', 'git', '--user', 'u', 'get'),
                  ('helper', 'git', '--name', 'a/b', '--for', 'h=a/b', 'get'), ('helper', 'kubectl', '--name', ''),
                  ('helper', 'git', '--name', 'a/b', '--map', 'x', 'get'), ('helper', 'git', '--name', '', 'get'),
                  ('helper', 'curl', '--name', 'a/b', '--format', 'netrc'),
                  ('helper', 'curl', '--name', 'a/b', '--format', 'netrc', '--host', 'h', '--user', 'a b'),
                  ('completion',), ('unlock', '--user', '--session'), ('unlock', '--for'), ('lock', '--for', '1h'),
                  ('key', '--json')):
        done = home.run(*words, expect=2)
        assert done.stdout == b'', words
    assert home.tree() == []


def test_a_group_names_its_members(home):
    for words, member in ((('key',), b'rotate'), (('--json', 'key'), b'list'), (('key', MARKER), b'verify')):
        assert member in home.run(*words, expect=2).stderr, words
    for words in (('key', '--help'), ('--vault', 'x', 'key', '--help'), ('key', 'frobnicate', '--help')):
        assert b'key add' in home.run(*words).stdout, words
    assert b'rotate abort ' in home.run('rotate', '--help').stdout
    assert b'--label' in home.run('key', 'add', '--help').stdout


def test_names(home):
    home.init()
    long = 'a/' + 'b' * 253
    home.put(long)
    assert home.value(long) == f'{MARKER}-1'
    for name in ('', '/', 'a//b', '/a', 'a/', '.', '..', 'a/./b', 'a/..', 'tab\there', 'line\nend', '\x7f', '\u0085',
                 long + 'b', os.fsdecode(b'\xff/b'), os.fsdecode(b'a/\xc0\xaf')):
        for verb in ('get', 'show', 'history'):
            home.failure(2, 'invalid_argument', verb, name)
        home.run('run', '--env', f'A={name}', '--', 'true', expect=2)
        home.failure(2, 'invalid_argument', 'put', name, '--stdin', stdin=b'x')
    assert len(home.document('list')['tokens']) == 1


def test_names_that_look_odd_and_are_good(home):
    home.init()
    for name in ('a', 'a b/c', '...', 'a/...', '-', 'a/-b', '\u00e4\u00f6/\u65e5\u672c', 'a=b', '%2e%2e/x', '~/x', '*'):
        home.put(name)
        assert home.value(name) == f'{MARKER}-1'


def test_every_verb_ends_10_without_a_vault(home):
    operands = {'put': ('a/b', '--stdin'), 'get': ('a/b',), 'show': ('a/b',), 'history': ('a/b',),
                'run': ('--env', 'A=a/b', '--', 'true'), 'key add': ('--new-key-file', 'x'), 'key remove': ('00' * 8,),
                'import': ('--format', 'tsv', '--stdin'), 'export': ('--format', 'json'),
                'rotate waive': ('a/b', '--version', '1'), 'rotate status': (), 'rotate due': ()}
    operands |= {verb: ('a/b',) for verb in VERBS if verb.split()[0] in ('rotate', 'probe', 'policy') and verb not in operands}
    operands |= {verb: ('--name', 'a/b') for verb in VERBS if verb.startswith('helper')}
    missing = ('--key-file', str(home.path / 'none.key'))
    for verb in VERBS[1:]:
        words = (*verb.split(), *missing, *operands.get(verb, ()))
        assert b'tokenvault init' in home.run(*words, expect=10, stdin=b'x').stderr, words
    assert home.tree() == []


def test_flags_beat_environment_beats_defaults(home):
    home.run('init')
    other = str(home.path / 'other.db')
    home.run('init', '--vault', other, '--key-file', home.file('a.key', KEY_A))
    home.put('a/default')
    home.run('put', 'a/other', '--stdin', '--vault', other, '--key-file', str(home.path / 'a.key'), stdin=b'x')
    surroundings = {'TOKENVAULT': other, 'TOKENVAULT_KEY_FILE': str(home.path / 'a.key')}
    assert home.run('list').stdout == b'a/default\n'
    assert home.run('list', variables=surroundings).stdout == b'a/other\n'
    assert home.run('list', '--vault', f'sqlite:{home.vault}', '--key-file', str(home.key),
                    variables=surroundings).stdout == b'a/default\n'
    wrong = home.file('b.key', KEY_B)
    home.failure(12, 'wrong_key', 'list', '--key-file', wrong, variables=surroundings)
    for empty in ('TOKENVAULT', 'TOKENVAULT_KEY_FILE', 'TOKENVAULT_NO_INPUT'):
        assert home.run('list', variables={empty: ''}).stdout == b'a/default\n'
    home.failure(13, 'no_key', 'put', 'a/b', variables={'TOKENVAULT_NO_INPUT': '1'})


def test_places_that_this_build_does_not_know(home):
    home.init()
    for uri in ('file:/x', 'env:NAME'):
        home.failure(10, 'no_vault', 'list', '--vault', uri)
    for uri in ('bogus:x', ':', 'sqlite:', '', '/', 'file:', 'env:', 'env-plain:', 'env-plain:a/b'):
        home.failure(2, 'invalid_argument', 'list', '--vault', uri)


def test_a_failure_is_the_last_line_and_the_only_one(home):
    home.init()
    for words, code in ((('get', 'a/b'), 14), (('list', '--vault', 'none'), 10), (('get',), 2), (('put', 'a/b'), 13)):
        lines = home.run(*words, '--json', expect=code).stderr.decode().splitlines()
        assert [line for line in lines if '"type":"error"' in line] == lines[-1:], lines
        assert f'"code":{code}' in lines[-1] and home.run(*words, expect=code).stderr.count(b'\n') <= 2


def test_no_home(home):
    bare = {'PATH': home.variables['PATH']}
    for words, told in ((('list',), b'--vault'), (('init',), b'--vault'),
                        (('init', '--vault', str(home.path / 'v.db')), b'--key-file')):
        done = subprocess.run([home.command, *words], env=bare, capture_output=True)
        assert done.returncode == 2 and told in done.stderr, done
    assert home.tree() == []


run_all(tests_of(globals()))
