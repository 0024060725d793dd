"""Whether some test notices each guard that is taken away.

Every guard of mutants.tsv can be switched off in a build with -Dmutants=true by its name, in TOKENVAULT_MUTANT. For each
the tests run that are to notice it, until one fails, crashes or does not end; a mutant that none notices fails the run.

    mutants.py BUILD              all that a run has time for
    mutants.py BUILD NAME...      these alone, whatever the depth
    mutants.py BUILD --find NAME...   every test of their room in turn, to see which notices
"""
import collections
import concurrent.futures
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from support import proof  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent.parent
LIST = Path(__file__).resolve().parent / 'mutants.tsv'
USE = re.compile(r'\bmutated\("([^"]*)"\)')
# More than any of them takes on a machine that is busy: what runs longer goes round in circles.
PATIENCE = 120
SLICE = 60
SKIPPED = 77
# Of a guard that is known to go unnoticed, and must not for ever.
OPEN = 'open:'

# `tests`: names of meson's, each perhaps with `:` and a filter of doctest's. `why`: of one that nothing can notice.
Mutant = collections.namedtuple('Mutant', 'name missing tests why')


def listed():
    """The lines of the list: guard, what is missing without it, the tests that notice, and why none does."""
    mutants = []
    for line in LIST.read_text(encoding='utf-8').splitlines():
        if line and not line.startswith('#'):
            name, missing, tests, why = (line.split('\t') + [''] * 3)[:4]
            mutants.append(Mutant(name, missing, [test for test in tests.split(' & ') if test], why))
    return mutants


def written():
    """The guards that the code names, and how often."""
    found = collections.Counter()
    for folder in ('src', 'backends'):
        for path in sorted((ROOT / folder).rglob('*.[ch]pp')):
            found.update(USE.findall(path.read_text(encoding='utf-8')))
    return found


def faults_of_list(mutants):
    """A guard that is not listed, or is no more; one that is listed twice; and one that nobody looks after."""
    alone = [mutant.name for mutant in mutants if ',' not in mutant.name]
    code = written()
    yield from (f'{name}: is not in the list' for name in sorted(set(code) - set(alone)))
    yield from (f'{name}: is nowhere in the code' for name in sorted(set(alone) - set(code)))
    yield from (f'{name}: is {times} times in the code' for name, times in code.items() if times > 1)
    yield from (f'{name}: is listed {times} times'
                for name, times in collections.Counter(mutant.name for mutant in mutants).items() if times > 1)
    pairs = {part for mutant in mutants if ',' in mutant.name for part in mutant.name.split(',')}
    yield from (f'{part}: is nowhere in the code' for part in sorted(pairs - set(code)))
    for mutant in mutants:
        if bool(mutant.tests) == bool(mutant.why):
            yield f'{mutant.name}: has to have either tests that notice it or a reason why none can'


class Tests:
    """The tests of a build, as meson describes them."""

    def __init__(self, build):
        told = subprocess.run(['meson', 'introspect', '--tests', str(build)], capture_output=True, text=True, check=True)
        self.all = {test['name']: test for test in json.loads(told.stdout)}
        self.kinds, self.build = {}, build

    def words(self, test):
        name, _, cases = test.partition(':')
        # A name with a comma would be two patterns.
        words = self.all[name]['cmd']
        if cases:
            words = [*words, '--test-case=' + cases.replace(',', '?')]
        if not self.is_doctest(words[0]):
            return words
        left_out = os.environ.get('TOKENVAULT_MUTANT_EXCLUDE')
        return [*words, '--abort-after=1', *([f'--test-case-exclude={left_out}'] if left_out else [])]

    def is_doctest(self, program):
        if program not in self.kinds:
            self.kinds[program] = b'DOCTEST_' in Path(program).read_bytes()
        return self.kinds[program]

    def run(self, test, mutant=''):
        """What a test said of a mutant: 'passes', 'skipped', or how it ended."""
        with tempfile.TemporaryDirectory(prefix='tokenvault-mutant.') as folder:
            os.chmod(folder, 0o755)  # some tests go on as another user
            environment = {**os.environ, **self.all[test.partition(':')[0]]['env'], 'TOKENVAULT_MUTANT': mutant,
                           'TMPDIR': folder}
            with tempfile.TemporaryFile() as output:
                process = subprocess.Popen(self.words(test), stdin=subprocess.DEVNULL, stdout=output, cwd=self.build,
                                           stderr=subprocess.STDOUT, env=environment, start_new_session=True)
                try:
                    status = process.wait(PATIENCE)
                except subprocess.TimeoutExpired:
                    status = None
                # What it started would outlive it, and hold what the next needs.
                try:
                    os.killpg(process.pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
                process.wait()
                output.seek(0)
                return status, output.read().decode('utf-8', 'replace')


def outcome(status):
    if status is None:
        return 'does not end'
    if status == SKIPPED:
        return 'skipped'
    return 'passes' if status == 0 else 'crashes' if status < 0 else 'fails'


def judge(tests, mutant):
    """(test, how it ended) of the first that notices; None where nothing did."""
    for test in mutant.tests:
        ended = outcome(tests.run(test, mutant.name)[0])
        if ended not in ('passes', 'skipped'):
            return test, ended
    return None


def in_turn(work, items):
    with concurrent.futures.ThreadPoolExecutor(int(os.environ.get('TOKENVAULT_MUTANT_JOBS', os.cpu_count() or 1))) as pool:
        return list(pool.map(work, items))


def control(tests, mutants):
    """Without a mutant each of these tests passes, and one that takes nothing away survives them."""
    wanted = sorted({test for mutant in mutants for test in mutant.tests})
    ended = in_turn(lambda test: (test, outcome(tests.run(test, 'no.such.guard')[0])), wanted)
    failing = [(test, how) for test, how in ended if how not in ('passes', 'skipped')]
    for test, how in failing:
        print(f'without a mutant {test} {how}')
    for test, how in ended:
        if how == 'skipped':
            print(f'{test} is skipped here')
    return wanted, failing


def find(tests, mutants):
    """Which test of all those of `ORDER` notices, the quick ones first; with the name of the case."""
    order = [test for test in os.environ.get('TOKENVAULT_MUTANT_TESTS', '').split(' ') if test]

    def first(mutant):
        for test in order:
            status, said = tests.run(test, mutant.name)
            if outcome(status) not in ('passes', 'skipped'):
                case = re.search(r'^TEST CASE: +(.*)$', said, re.M)
                return f'{mutant.name}\t{test}{":" + case[1] if case else ""}\t{outcome(status)}'
        return f'{mutant.name}\t\tSURVIVES'

    jobs = int(os.environ.get("TOKENVAULT_MUTANT_JOBS", 2))
    for line in concurrent.futures.ThreadPoolExecutor(jobs).map(first, mutants):
        print(line, flush=True)
    return 0


def main(arguments):
    build, names = arguments[0], arguments[1:]
    mutants = listed()
    faults = list(faults_of_list(mutants))
    if names[:1] == ['--find']:
        return find(Tests(build), [mutant for mutant in mutants if mutant.name in names[1:]])
    print(*faults, sep='\n', end='\n' if faults else '')
    chosen = [mutant for mutant in mutants if mutant.tests and (not names or mutant.name in names)]
    points = chosen if names else proof.sample(chosen, SLICE)
    tests = Tests(build)
    wanted, failing = control(tests, points)
    proof.tried('tests that pass while no guard is gone', len(wanted), len(failing))
    died = in_turn(lambda mutant: judge(tests, mutant), points)
    survivors = [mutant for mutant, death in zip(points, died) if death is None]
    for mutant in survivors:
        print(f'SURVIVES {mutant.name}: {mutant.missing}; by {" & ".join(mutant.tests)}')
    for mutant in mutants:
        if mutant.why and not mutant.why.startswith(OPEN) and not names:
            print(f'by design: {mutant.name}: {mutant.why}')
    still_open = [mutant.name for mutant in mutants if mutant.why.startswith(OPEN)]
    if still_open and not names:
        proof.left_out(f'{len(still_open)} guards that no test notices yet: {" ".join(still_open)}')
    proof.tried('guards taken away, one at a time', len(points), len(survivors))
    if len(points) < len(chosen) and not names:
        proof.left_out(f'{len(chosen) - len(points)} of {len(chosen)} mutants')
    return 1 if faults or failing or survivors or not points else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
