"""Whether the tests reach every line of the rooms that a vault is made of, in a build with -Db_coverage=true.

What the tests that ran there reached is read by gcovr. unreached.tsv names each line that none reaches, with the reason
why none can: a line that is neither reached nor listed fails the run, and so does one that is listed and was reached,
or is nowhere any more.

    coverage.py BUILD

With TOKENVAULT_COVERAGE=anew what was counted is gone afterwards, so that the next measurement owes nothing to this.
"""
import collections
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from support import proof  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent.parent
LIST = Path(__file__).resolve().parent / 'unreached.tsv'
PROMISED = ['src/core', 'src/crypto', 'src/format', 'src/vault', 'src/rotation']
TOLD = ['src/keys', 'src/issuer', 'src/tvp', 'src/capi', 'backends']
SKIPPED = 77
# The head of a lambda that is handed on: what gcc counts there is the way of an exception alone.
LAMBDA = r'.*\) (mutable )?-> .*\{$'
# Of a line that another machine may reach, and this one perhaps as well.
MACHINE = 'machine: '
NAMED = re.compile(r'([\w:~]+(?:operator[^\s\w(]+)?)\(')
CLASS = re.compile(r'(?:class|struct)\s+(?:\[\[\w+\]\]\s+)?([\w:]+)')

# A line that none reached, named so that it is found again when lines above it come or go. `where`: function or class.
Line = collections.namedtuple('Line', 'file where text')


def measured(build):
    """Of each file of ours what gcovr found: the lines with code, by number, and how often each was reached."""
    forget = ['--delete'] if os.environ.get('TOKENVAULT_COVERAGE') == 'anew' else []
    with tempfile.TemporaryDirectory(prefix='tokenvault-coverage.') as folder:
        found = Path(folder) / 'found.json'
        words = ['gcovr', '--root', ROOT, '--object-directory', build, '--json', found, '--filter', f'{ROOT}/src/',
                 '--filter', f'{ROOT}/backends/', '-j', '2', '--exclude-lines-by-pattern', LAMBDA, *forget, build]
        done = subprocess.run([str(word) for word in words], cwd=build, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f'gcovr: {done.stderr[-2000:]}')
        files = json.loads(found.read_text(encoding='utf-8'))['files']
    return {file['file']: {line['line_number']: line['count'] for line in file['lines'] if not line['gcovr/noncode']}
            for file in files}


def wheres(lines):
    """Of each line the function or class that it is in: what was last defined at the edge of the page."""
    where = ''
    for line in lines:
        name = re.match(r'[\w[]', line) and (CLASS.match(line) or NAMED.search(line))
        where = name[1] if name else where
        yield where


def lines_of(file):
    """Each line as the list names it, from the first."""
    if not (ROOT / file).exists():
        return []
    lines = (ROOT / file).read_text(encoding='utf-8').splitlines()
    return [Line(file, where, line.strip()) for where, line in zip(wheres(lines), lines)]


def unreached(file, counts):
    lines = lines_of(file)
    return [lines[number - 1] for number, count in sorted(counts.items()) if count == 0]


def listed():
    """(line, reason) of each row of the list. A line that is there twice stands for two that read alike."""
    for row in LIST.read_text(encoding='utf-8').splitlines():
        if row and not row.startswith('#'):
            *line, reason = row.split('\t')
            if len(line) != 3 or not reason:
                sys.exit(f'{LIST.name}: not a file, a place, a line and a reason: {row}')
            yield Line(*line), reason


def room_of(file, rooms):
    return next((room for room in rooms if file.startswith(f'{room}/')), None)


def table(counts, missed, rooms):
    """A row for each room: its lines with code, and how many of them none reached."""
    yield f'{"room":14}{"lines":>7}{"reached":>9}{"not":>5}'
    for room in rooms:
        files = [file for file in counts if room_of(file, [room])]
        lines = sum(len(counts[file]) for file in files)
        left = sum(len(missed[file]) for file in files)
        yield f'{room.removeprefix("src/"):14}{lines:7}{lines - left:9}{left:5}'


def faults(found, entries):
    known = collections.Counter(line for line, _ in entries)
    elsewhere = {line for line, reason in entries if reason.startswith(MACHINE) and line in lines_of(line.file)}
    yield from (f'reached by no test, and not listed: {": ".join(line)}' for line in (found - known).elements())
    yield from (f'listed, and reached or gone: {": ".join(line)}' for line in (known - found).elements()
                if line not in elsewhere)


def unmeasured(counts):
    """What is compiled for the rooms, and gcovr knew nothing of."""
    sources = (path.relative_to(ROOT).as_posix() for room in PROMISED for path in sorted((ROOT / room).rglob('*.cpp')))
    return [source for source in sources if source not in counts]


def main(arguments):
    build = Path(arguments[0]).resolve()
    if not shutil.which('gcovr'):
        print('gcovr, of the package of that name, is not here')
        return SKIPPED
    if next(build.rglob('*.gcda'), None) is None:
        print('nothing was counted here: no test has run, or the build is without -Db_coverage=true')
        return SKIPPED
    counts = measured(build)
    missed = {file: unreached(file, lines) for file, lines in counts.items()}
    promised = [file for file in counts if room_of(file, PROMISED)]
    found = collections.Counter(line for file in promised for line in missed[file])
    entries = list(listed())
    wrong = [*(f'not measured: {source}' for source in unmeasured(counts)), *faults(found, entries)]
    stray = Line(LIST.name, '', 'no such line')
    if [*faults(found + collections.Counter([stray]), entries)] == [*faults(found, [*entries, (stray, 'none')])]:
        sys.exit('neither a line that is not listed nor one that is listed for nothing would be seen')
    print(*table(counts, missed, PROMISED + TOLD), sep='\n')
    print(f'{len(entries)} lines are listed as reached by none')
    print(*wrong, sep='\n', end='\n' if wrong else '')
    proof.tried('lines reached of core, crypto, format, vault, rotation', sum(len(counts[file]) for file in promised),
                len(wrong))
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
