"""No rotation, however it goes, shows a token: on no stream, in no JSON, argument, environment, file or core.

All tokens begin with one marker. After every command every channel is searched for it, as it is and encoded.
"""
import os
import tempfile

from harness import Skipped, pipe_of, run_all, tests_of
from marked_program import FIRST, WAYS, MarkedService
from marker_search import MARKER, Search, aborted, can_trace, found_below, found_in
from proof import full, left_out, sample, tried

NAME, ADMIN = 'a/b', 'a/admin'
KEPT = {'issue': 'once', 'old': 'kept'}
OVERLAP = {'issue': 'replay_safe', 'old': 'expires', 'overlap': 3600}
DIES = {'issue': 'once', 'old': 'dies', 'find': False}
FEW = ('works', 'lost', 'message encoded', 'stderr encoded', 'id', 'owner', 'wrong owner', 'same value', 'rejected')
SHOWING = (('rotate', 'status'), ('rotate', 'status', NAME), ('rotate', NAME, '--dry-run'),
           ('rotate', 'due', '--dry-run'), ('probe', NAME), ('show', NAME), ('status',), ('doctor', '--names'),
           ('history', NAME), ('list',), ('policy', NAME))
STEPS = (('start', NAME), ('stage', NAME), ('verify', NAME), ('promote', NAME), ('promote', NAME, '--unverified'),
         ('retire', NAME, '--theirs'), ('resume', NAME), ('resume', NAME, '--discard'), ('waive', NAME, '--version', '1'),
         ('abort', NAME), ('abort', NAME, '--force'))
outside = tempfile.TemporaryDirectory(prefix='tokenvault-marker-')  # for what may hold tokens: it is not searched
no_trace = can_trace()


def searched(home, scheme='sqlite'):
    """A vault of that kind with a token to rotate and one that the provider is given besides."""
    search = Search(home, None if no_trace else os.path.join(outside.name, 'trace'))
    home.variables['TOKENVAULT'] = f'{scheme}:{home.path}/data/v'
    home.init()
    for name, value in ((NAME, FIRST), (ADMIN, f'{MARKER}-admin')):
        search.clean('put', name, '--stdin', stdin=value.encode())
    return search


def with_service(home, scheme='sqlite', **terms):
    search = searched(home, scheme)
    service = MarkedService(home, **terms)
    search.clean('policy', NAME, '--provider', service.word, '--timeout', '1s', '--secret', f'admin={ADMIN}',
                 '--rotate-after', '1s', '--grace', '0s')
    if search.clean('probe', NAME).returncode == 22:
        raise Skipped('this build starts no programs as providers')
    return search, service


def show(search):
    """What tells of tokens, for people and as JSON."""
    for words in SHOWING:
        search.clean(*words)
        search.clean(*words, '--json')


def walk(search, service, way):
    """The whole, then every step, as it goes where the provider behaves this way; then it is put right."""
    service.turn(way)
    ends = [search.clean('rotate', NAME).returncode, search.clean('rotate', NAME, '--json').returncode]
    show(search)
    ends.append(search.clean('rotate', 'due').returncode)
    for step in STEPS:
        ends.append(search.clean('rotate', *step).returncode)
        ends.append(search.clean('rotate', *step, '--json').returncode)
    show(search)
    service.turn('works')
    ends.append(search.clean('rotate', NAME, '--json').returncode)
    ends.append(search.clean('rotate', 'due', '--json').returncode)
    search.clean('verify')
    return ends


def walk_in_a_home(home, scheme, way, terms):
    search, service = with_service(home, scheme, **terms)
    ends = walk(search, service, way)
    assert any(ends) and 0 in ends, (way, ends)
    seen = (service.folder / 'seen').read_bytes()
    assert b'TVP=1' in seen and b'\0rotate\0' in seen, 'the program could not look at what started it'
    assert no_trace or search.started > search.runs, 'strace saw no program start'
    return search, service.read()['calls'], ends


def walk_all(home, scheme, ways, terms):
    runs = started = 0
    called, ended = [], set()
    taken = sample(ways, 4)
    for way in taken:
        search, calls, ends = walk_in_a_home(type(home)(home.command), scheme, way, terms)
        runs, started, called, ended = runs + search.runs, started + search.started, called + calls, ended | set(ends)
    counts = {verb: called.count(verb) for verb in sorted(set(called))}
    print(f'        {len(taken)} ways, {runs} commands, calls {counts}, {started} programs traced, '
          f'ends {sorted(ended)}; {no_trace or "traced"}')
    tried(f'marker of a rotation on {scheme}: commands', runs)
    if len(taken) < len(ways):
        left_out(f'{len(ways) - len(taken)} of {len(ways)} ways of a provider in `cli_rotate_marker`')
    wanted = {0, 15, 18, 19, 20, 21} if len(taken) == len(ways) else {0, 15}
    assert {'describe', 'issue', 'probe'} <= set(counts) and wanted <= ended, (counts, ended)
    return counts


def test_the_marker_scan_on_a_database(home):
    counts = walk_all(home, 'sqlite', WAYS, KEPT)
    assert not full() or counts['revoke'] > 10 and counts['find'] > 2, counts


def test_the_marker_scan_on_a_file(home):
    walk_all(home, 'file', WAYS, OVERLAP)


def test_the_marker_scan_where_the_old_token_dies(home):
    walk_all(home, 'file', FEW, DIES)


def bring(search, verb, source, value, *words):
    """Hands the value over; the file that it may come from is not among what is searched."""
    if source == '--stdin':
        return search.clean(*verb, source, *words, stdin=value.encode())
    if source == '--from-fd':
        reading = pipe_of(value.encode())
        try:
            return search.clean(*verb, source, str(reading), *words, fds=(reading,))
        finally:
            os.close(reading)
    path = os.path.join(outside.name, 'brought')
    with open(path, 'w') as file:
        file.write(value)
    return search.clean(*verb, source, path, *words)


def walk_brought(search, value, source):
    """A token by this way, twice and in each form of the verb; then all that can follow."""
    ends = set()
    for verb in (('rotate', 'stage', NAME), ('rotate', NAME, '--unverified'), ('rotate', NAME)):
        for words in ((), ('--json',)):
            ends.add(bring(search, verb, source, value, *words).returncode)
        for words in SHOWING[:2] + SHOWING[5:8]:
            search.clean(*words, '--json')
        for step in STEPS[2:]:
            ends.add(search.clean('rotate', *step).returncode)
    return ends


def bring_all(search):
    ends = set()
    for at, source in enumerate(('--stdin', '--from-file', '--from-fd')):
        for value in sample((f'{MARKER}-brought-{at}', f'{MARKER} with spaces', FIRST), 1 if at else 3):
            ends |= walk_brought(search, value, source)
        ends |= walk_brought(search, f'{MARKER}-' + 'x' * 32768, '--from-file')
    show(search)
    return ends


def test_what_a_person_brings(home):
    for scheme in ('sqlite', 'file'):
        search = searched(type(home)(home.command), scheme)
        search.clean('policy', NAME, '--provider', 'human', '--set', 'old=kept')
        ends = bring_all(search)
        print(f'        {scheme}: {search.runs} commands, ends {sorted(ends)}')
        assert {0, 14, 15, 20, 21} <= ends, ends


def test_what_a_person_brings_to_a_program(home):
    search, _ = with_service(home, issue='human')
    ends = bring_all(search)
    assert {0, 14, 15, 18, 20, 21} <= ends, ends


def test_a_crash_while_the_provider_has_its_say(home):
    search, service = with_service(home, **KEPT)
    gate = service.folder / 'gate'
    os.mkfifo(gate)
    search.clean('policy', NAME, '--timeout', '1h')
    service.turn('hangs and tells', gate=str(gate))
    said = aborted([home.command, 'rotate', NAME], gate, home.variables, home.variables['TMPDIR'])
    found = found_below(home.path)
    assert not found and not found_in(said), (found, said)
    service.turn('works', gate=None)
    search.clean('rotate', 'resume', NAME)


run_all(tests_of(globals()))
