"""A batch over what is due: a line for each, one that fails takes none of the others with it."""
import json
import subprocess
import sys

from harness import MARKER, run_all, tests_of
from provider_program import FIRST, Service, rotated_by

AGED_PUT = sys.argv[2]
DAY = 24 * 3600


def aged(home, name, days, value=FIRST):
    """A token that is so many days old."""
    subprocess.run([AGED_PUT, str(home.vault), str(home.path / 'a.key'), name, str(days * DAY)], input=value.encode(),
                   check=True, capture_output=True)


def issued_by(home, name, service, *words):
    home.run('policy', name, '--provider', service.word, *words)


def lines(home, *words, **more):
    text = home.run('rotate', 'due', *words, **more).stdout.decode()
    return [line.split('\t') for line in text.splitlines()]


def tokens(home, *words, expect=3):
    """The document's; an answer like that of `expiring`, with nothing on stderr."""
    done = home.run('rotate', 'due', *words, '--json', '--quiet', expect=expect, reveals=True)
    assert MARKER.encode() not in done.stdout and done.stderr == b'', done
    document = json.loads(done.stdout)
    assert set(document) == {'schema', 'tokens'}, document
    return document['tokens']


def results(home, *words, **more):
    return [line[:2] for line in lines(home, *words, **more)]


def test_nothing_due(home):
    home.init().put('a/b')
    assert lines(home) == [] and lines(home, '--dry-run') == []
    assert home.document('rotate', 'due') == {'schema': 1, 'tokens': []}
    home.run('policy', 'a/b', '--provider', 'human', '--rotate-after', '90d')
    assert lines(home) == []


def test_by_age(home):
    service = rotated_by(home)
    aged(home, 'a/old', 31)
    aged(home, 'a/young', 29)
    for name in ('a/old', 'a/young'):
        issued_by(home, name, service, '--rotate-after', '30d')
    found = lines(home)
    assert [line[:2] for line in found] == [['a/old', 'done']] and found[0][2].startswith('a/old: done'), found
    assert home.value('a/old') == service.live[-1] and home.value('a/young') == FIRST
    assert lines(home) == [] and service.calls('issue') == 1


def test_partly_done(home):
    good = rotated_by(home, 'a/good')
    broken = Service(home, 'broken').turn(issue='refuse')
    lost = Service(home, 'lost', issue='once', old='kept').turn(issue='lost')
    for number, (name, word) in enumerate((
            ('a/absent', f'exec:{home.path}/none'), ('a/good', good.word), ('a/refused', broken.word),
            ('a/lost', lost.word), ('a/person', 'human'), ('a/folder', f'exec:{home.path}'))):
        aged(home, name, 20 - number)
        home.run('policy', name, '--provider', word, '--rotate-after', '10d')
    assert results(home, '--dry-run', expect=17)[0] == ['a/absent', 'due']
    done = tokens(home)
    assert {token['name']: token['result'] for token in done} == {
        'a/absent': 'failed', 'a/good': 'done', 'a/refused': 'waits', 'a/lost': 'needs_human', 'a/person': 'needs_human',
        'a/folder': 'failed'}, done
    assert [token['name'] for token in done][:2] == ['a/absent', 'a/good'], done
    for token in done:
        assert set(token) == {'name', 'result', 'reason', 'since', 'note'} and token['reason'] == 'age', token
        assert token['note'] and '\n' not in token['note'] and '\t' not in token['note'], token
    assert home.value('a/good') == good.live[-1] and home.value('a/refused') == FIRST
    # What waits for a person or for its time is not tried again; what failed is.
    assert results(home, expect=3) == [['a/absent', 'failed'], ['a/folder', 'failed']]
    assert broken.calls('issue') == lost.calls('issue') == 1


def test_a_policy_that_is_gone(home):
    service = rotated_by(home)
    aged(home, 'a/two', 11)
    issued_by(home, 'a/two', service, '--rotate-after', '10d')
    home.run('rotate', 'start', 'a/b')
    home.run('policy', 'a/b', '--none')
    # Nobody can be asked for it: it is not due, and `rotate status` tells of it.
    assert results(home) == [['a/two', 'done']]
    assert home.run('rotate', 'status').stdout.decode().startswith('a/b: intent')


def test_an_open_rotation_is_gone_on_with(home):
    service = rotated_by(home)
    home.run('rotate', 'start', 'a/b')
    assert lines(home, '--dry-run', expect=17) == [['a/b', 'due', 'for step']]
    before = service.calls('issue')
    assert results(home) == [['a/b', 'done']] and (before, service.calls('issue')) == (0, 1)
    assert lines(home) == []


def test_what_is_owed_is_ended(home):
    service = rotated_by(home, old='kept')
    for step in ('start', 'stage', 'abort'):
        home.run('rotate', step, 'a/b')
    assert len(service.live) == 2 and lines(home, '--dry-run', expect=17) == [['a/b', 'due', 'for owed']]
    service.turn(revoke='refuse')
    assert results(home, expect=3) == [['a/b', 'waits']] and len(service.live) == 2
    # Not before its time by itself; a person may.
    assert lines(home) == []
    service.turn(revoke=None)
    assert home.document('rotate', 'resume', 'a/b')['obligations'] == [] and service.live == [FIRST]
    assert service.calls('issue') == 1 and home.value('a/b') == FIRST


def test_what_a_provider_cannot_end_needs_a_person(home):
    rotated_by(home, old='kept', revoke=False)
    for _ in range(2):
        home.run('rotate', 'a/b')
    found = lines(home, expect=3)
    assert [line[:2] for line in found] == [['a/b', 'needs_human']] and 'waive a/b --version' in found[0][2], found


def test_far_late_is_left_alone_unless_asked_for(home):
    service = rotated_by(home)
    aged(home, 'a/ancient', 4000)
    issued_by(home, 'a/ancient', service, '--rotate-after', '30d')
    found = lines(home, expect=3)
    assert [line[:2] for line in found] == [['a/ancient', 'waits']] and '--include-late' in found[0][2], found
    assert tokens(home)[0]['reason'] == 'far_late'
    assert home.value('a/ancient') == FIRST and service.calls('issue') == 0
    assert results(home, '--include-late') == [['a/ancient', 'done']] and home.value('a/ancient') == service.live[-1]


def test_a_dry_run_changes_nothing(home):
    service = rotated_by(home)
    aged(home, 'a/old', 31)
    issued_by(home, 'a/old', service, '--rotate-after', '30d')
    before = home.document('status')['generation'], service.calls()
    assert lines(home, '--dry-run', expect=17) == [['a/old', 'due', 'for age']]
    assert tokens(home, '--dry-run', expect=17)[0]['result'] == 'due'
    assert (home.document('status')['generation'], service.calls()) == before


run_all(tests_of(globals()))
