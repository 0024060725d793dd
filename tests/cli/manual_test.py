"""The manual page and --help speak of the same verbs and options, and each verb has an example that parses."""
import re
import shlex
import subprocess
import sys
from pathlib import Path

from harness import run_all, tests_of

MANUAL = Path(__file__).resolve().parents[2] / 'docs' / 'tokenvault.1'
# The second words of verbs.
SECOND = 'list|add|remove|verify|rotate|start|stage|promote|retire|abort|resume|waive|status|due'


def verbs(home):
    lines = home.run('--help').stdout.decode().splitlines()
    found = [match[1] for line in lines if (match := re.match(r'  (\w+(?: \w+)?)  ', line))]
    assert len(found) > 20, lines
    return found


def help_of(home, verb):
    return home.run(*verb.split(), '--help').stdout.decode()


def options_in(text):
    text = text.split('Example:')[0]
    return set(re.findall(r'(?<![\w-])--[a-z][a-z-]+', text)) - {'--help'}


def manual():
    text = MANUAL.read_text(encoding='utf-8')
    return re.sub(r'\bFl -([a-z])', r'--\1', text)


def test_every_verb_is_in_the_manual(home):
    text = manual()
    for verb in verbs(home):
        assert f'Cm {verb}' in text, f'{verb} is not in the manual'
    for verb in re.findall(rf'Cm ([a-z]+(?: (?:{SECOND})\b)?)', text):
        assert verb in verbs(home), f'the manual knows {verb}, the command does not'


def test_every_option_is_in_the_manual(home):
    known = set().union(*(options_in(help_of(home, verb)) for verb in verbs(home)))
    written = options_in(manual())
    assert known <= written, f'not in the manual: {sorted(known - written)}'
    assert written - {'--try-'} <= known, f'only in the manual: {sorted(written - known)}'


def test_every_verb_has_an_example_that_parses(home):
    for verb in verbs(home):
        example = re.search(r'Example: (.+)', help_of(home, verb))
        assert example, f'{verb} has no example'
        words = shlex.split(re.search(r'tokenvault [^|]*', example[1])[0])[1:]
        assert ' '.join(words[:len(verb.split())]) == verb, example[0]
        done = home.run(*words, expect=None)
        assert done.returncode != 2, f'{example[0]}: {done.stderr.decode()}'
        home = type(home)(home.command)


def test_the_manual_is_well_formed(home):
    text = MANUAL.read_text(encoding='utf-8')
    assert text.count('.Bl ') == text.count('.El'), 'lists do not balance'
    for line in text.splitlines():
        assert len(line) < 300 and line == line.rstrip() and line, f'{line!r}'
    codes = set(re.findall(r'^\.It (\d+)$', text, re.M))
    assert {'0', '1', '2', '10', '12', '16', '17', '18', '19', '20', '21', '22'} <= codes, codes
    try:
        lint = subprocess.run(['mandoc', '-Tlint', '-Wwarning', str(MANUAL)], capture_output=True, text=True)
    except FileNotFoundError:
        return
    assert lint.returncode == 0, lint.stdout


run_all(tests_of(globals()))
