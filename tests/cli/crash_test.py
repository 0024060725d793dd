"""A fault at every call that changes something, for every verb that changes a vault: afterwards it is as it was or
as it should be, whole, and what was acknowledged is there."""
import json
import shutil
import subprocess

from faults import KILLED, KINDS, traced
from harness import KEY_B, MARKER, run_all, tests_of

FIRST, SECOND = f'{MARKER}-1', f'{MARKER}-2'
FAULTS = ('signal=SIGKILL', 'error=EIO', 'error=ENOSPC')


class Place:
    """A home with a small vault of one kind, that can be put back to how it was."""

    def __init__(self, home, scheme):
        self.home = home
        self.uri = f'{scheme}:{home.path}/in/v'
        (home.path / 'in').mkdir()
        home.variables |= {'TOKENVAULT': self.uri, 'XDG_STATE_HOME': str(home.path / 'in/state')}
        home.init()
        home.put('a/one', FIRST)
        home.put('a/two', FIRST)
        home.put('a/two', SECOND)
        home.put('a/removed', FIRST)
        home.run('rm', 'a/removed')
        home.run('backup', self.path('b.tv'))
        home.put('a/late', SECOND)
        shutil.copytree(home.path / 'in', home.path / 'kept')

    def path(self, name):
        return str(self.home.path / 'in' / name)

    def put_back(self):
        shutil.rmtree(self.home.path / 'in')
        shutil.copytree(self.home.path / 'kept', self.home.path / 'in')

    def state(self, uri=None):
        """What a reader sees: names, versions, a value, slots; or how it fails."""
        words = ('--vault', uri or self.uri)
        done = self.home.run(*words, 'list', '--json', expect=None)
        if done.returncode != 0:
            return done.returncode
        tokens = [(token['name'], token['version']) for token in json.loads(done.stdout)['tokens']]
        report = self.home.document(*words, 'verify')
        assert report['faults'] == [], report
        value = self.home.run(*words, 'get', 'a/two', reveals=True, expect=None).stdout
        return tokens, value, report['records'], len(self.home.document(*words, 'status')['slots'])


def sweep(place, words, stdin=None, watch=None, also=()):
    """Every fault at every call of `words`. `watch` is the vault that is looked at; `also` are states that count too."""
    place.put_back()
    before = place.state(watch)
    assert subprocess.run([place.home.command, *words], input=stdin, env=place.home.variables,
                          capture_output=True).returncode == 0, words
    after = place.state(watch)
    assert before != after, f'{words} changes nothing that can be seen'
    points = 0
    for fault in FAULTS:
        for kind in KINDS:
            for at in range(1, 200):
                place.put_back()
                done = traced(place.home, f'{kind}:{fault}:when={at}', *words, input=stdin)
                seen = place.state(watch)
                where = f'{words} {kind} {fault} {at}: {done.returncode} {done.stderr.decode()[-200:]}'
                assert seen in (before, after, *also), f'{where}: {seen}'
                assert MARKER.encode() not in done.stderr, where
                if done.returncode == 0:
                    assert seen == after, f'acknowledged and lost: {where}'
                if done.returncode == 0 and fault.startswith('signal'):
                    break
                if done.returncode == 0 and not was_met(place, kind, at, words, stdin):
                    break
                points += 1
    return points


def was_met(place, kind, at, words, stdin):
    """Whether the command has an `at`th call of that kind: an error that it lives with is no end of the sweep."""
    place.put_back()
    return traced(place.home, f'{kind}:signal=SIGKILL:when={at}', *words, input=stdin).returncode in KILLED


def check_all(home, scheme):
    place = Place(home, scheme)
    counts = {}
    for words in (('rollback', 'a/two', '--to', '1'), ('rm', 'a/one'), ('undelete', 'a/removed'), ('destroy', 'a/two')):
        counts[words[0]] = sweep(place, words)
    counts['put'] = sweep(place, ('put', 'a/new', '--stdin'), FIRST.encode())
    counts['import'] = sweep(place, ('import', '--format', 'tsv', '--stdin', '--replace'),
                             ''.join(f'b/{i}\t{FIRST}\n' for i in range(30)).encode() + f'a/one\t{SECOND}\n'.encode())
    counts['key add'] = sweep(place, ('key', 'add', '--new-key-file', home.file('b.key', KEY_B)))
    counts['restore'] = sweep(place, ('restore', place.path('b.tv'), '--replace'))
    for verb, words in (('migrate', ('migrate', '--from', place.uri, '--to', 'file:' + place.path('m'))),
                        ('migrate to sqlite', ('migrate', '--from', place.uri, '--to', place.path('m')))):
        # A database that was made and not filled is called empty, and can be migrated into again.
        counts[verb] = sweep(place, words, watch=words[-1], also=(10, 16))
    counts['backup'] = sweep(place, ('backup', place.path('c.tv')), watch='file:' + place.path('c.tv'))
    counts['restore anew'] = sweep(place, ('--vault', place.path('r'), 'restore', place.path('b.tv')), watch=place.path('r'),
                                   also=(10, 16))
    print('        ' + ', '.join(f'{verb} {points}' for verb, points in counts.items()))
    assert all(points >= 10 for points in counts.values()), counts


def test_a_database(home):
    check_all(home, 'sqlite')


def test_a_file(home):
    check_all(home, 'file')


def test_a_place_cut_short_can_be_used_again(home):
    """migrate and restore that were killed: the same command again, and all is well."""
    place = Place(home, 'file')
    target = place.path('m')
    points = 0
    for kind in KINDS:
        for at in range(1, 200):
            place.put_back()
            words = ('migrate', '--from', place.uri, '--to', target)
            if traced(home, f'{kind}:signal=SIGKILL:when={at}', *words).returncode not in KILLED:
                break
            points += 1
            done = home.run(*words, expect=None)
            assert done.returncode in (0, 15, 16), done
            assert home.value('--vault', target, 'a/two') == SECOND, (kind, at, done)
    print(f'        {points} points')
    assert points >= 10, points


run_all(tests_of(globals()))
