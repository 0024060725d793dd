"""The manual page and --help speak of the same verbs and options, each verb has an example that parses, and what the
command takes from its environment and ends with is in the page, all of it and nothing else."""
import re
import shlex
import subprocess
import sys
from pathlib import Path

from harness import run_all, tests_of

ROOT = Path(__file__).resolve().parents[2]
MANUAL = ROOT / 'docs' / 'tokenvault.1'


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
    second = '|'.join({verb.split()[1] for verb in verbs(home) if ' ' in verb})
    for verb in re.findall(rf'Cm ([a-z]+(?: (?:{second})\b)?)', text):
        assert verb in verbs(home), f'the manual knows {verb}, the command does not'


def entry_of(verb, text):
    """What stands in the lines that introduce the verb, alone or with others."""
    entries = [line for line in text.splitlines() if line.startswith('.It Cm ')]
    parts = [part for line in entries for part in re.split(r' , (?=Cm )', line.removeprefix('.It '))]
    return ' '.join(part for part in parts if re.match(rf'Cm {verb}(?= (?:Ar|Op|Oo|Brq|--)|$| ,)', part))


def test_each_verb_has_its_own_options_in_the_manual(home):
    text = manual()
    everywhere = options_in(help_of(home, 'status'))
    for verb in verbs(home):
        own = options_in(help_of(home, verb)) - everywhere
        written = options_in(entry_of(verb, text))
        if verb == 'backup verify':  # speaks of them together
            own = set()
        assert own == written, (verb, own ^ written)


def test_the_environment_is_in_the_manual(home):
    section = re.search(r'^\.Sh ENVIRONMENT$(.*?)^\.Sh ', MANUAL.read_text(encoding='utf-8'), re.M | re.S)[1]
    written = {name for line in re.findall(r'^\.It Ev (.+)$', section, re.M) for name in line.split(' , ')}
    source = ''.join((ROOT / place).read_text(encoding='utf-8') for place in ('src/cli/settings.cpp', 'src/core/places.cpp'))
    assert written == set(re.findall(r'(?:environment|xdg_folder)\("([A-Z_]+)"', source)), written


def test_every_option_is_in_the_manual(home):
    known = set().union(*(options_in(help_of(home, verb)) for verb in verbs(home)))
    written = options_in(manual())
    assert known <= written, f'not in the manual: {sorted(known - written)}'
    assert written - {'--try-'} <= known, f'only in the manual: {sorted(written - known)}'


def test_every_verb_has_an_example_that_parses(home):
    for verb in verbs(home):
        example = re.search(r'Example: (.+)', help_of(home, verb))
        assert example, f'{verb} has no example'
        words = shlex.split(re.search(r'tokenvault [^|>]*', example[1])[0])[1:]
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
    assert codes == {*'0123', *map(str, range(10, 23))}, codes
    assert '.It 125, 126, 127\n' in text
    try:
        lint = subprocess.run(['mandoc', '-Tlint', '-Wwarning', str(MANUAL)], capture_output=True, text=True)
    except FileNotFoundError:
        return
    assert lint.returncode == 0, lint.stdout


run_all(tests_of(globals()))
