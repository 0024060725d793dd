"""What the real shells complete: the parser's verbs and options, files, and the names in a vault, which stay data."""
import os
import re
import select
import shlex
import shutil
import subprocess
import time

from harness import KEY_A, MARKER, PASSPHRASE, Skipped, run_all, tests_of

LIMIT = 120
NAMES = ['acme/api', 'acme/ci', 'odd/1 two  blanks', "odd/2'single", 'odd/3"double', 'odd/4$(touch pwned)', 'odd/5`touch pwned`',
         'odd/6;touch pwned', 'odd/7\\back', 'odd/8=a:b', 'odd/9*?[x]', 'odd/a#!&|<>', 'odd/bü', 'odd/c~', 'odd/d{1,2}']


def verbs(home):
    lines = home.run('--help').stdout.decode().splitlines()
    return [match[1] for line in lines if (match := re.match(r'  (\w+(?: \w+)?)  ', line))]


def options_of(home, verb):
    text = home.run(*verb.split(), '--help').stdout.decode().split('Example:')[0]
    return set(re.findall(r'^ +(?:-\w,)?(--[a-z-]+)', text, re.M))


class Shell:
    """One shell, told to complete line after line. Made in `folder`, which has the scripts as they are installed."""

    def __init__(self, home):
        self.home, self.folder = home, home.path / 'scripts'
        if not shutil.which(self.name, path=os.environ['PATH']):
            raise Skipped(f'{self.name} is not installed')
        self.folder.mkdir(exist_ok=True)
        self.script = self.folder / self.file
        self.script.write_bytes(home.run('completion', self.name).stdout)
        self.variables = {**home.variables, 'PATH': f'{os.path.dirname(home.command)}:{os.environ["PATH"]}', 'LC_ALL': 'C.UTF-8',
                          'TERM': 'dumb'}
        self.work = home.path / 'work'
        self.work.mkdir(exist_ok=True)
        (self.work / 'a file.txt').touch()

    def start(self, *words, **more):
        return subprocess.run(words, cwd=self.work, env=self.variables, timeout=LIMIT, capture_output=True, text=True,
                              start_new_session=True, **more)


class Bash(Shell):
    name, file = 'bash', 'tokenvault'
    # compopt works only inside of readline; what it would be told is written down.
    CODE = r'''
compopt() { echo "compopt $*"; }
ask() { COMP_LINE=$1 COMP_POINT=${#1} COMP_WORDS=("${@:2}") COMP_CWORD=$(($# - 2)); _tokenvault "$program"
  ((${#COMPREPLY[@]})) && printf 'reply %s\n' "${COMPREPLY[@]}"; echo end; }
'''

    def complete(self, *lines):
        code = f'set -u; program={shlex.quote(self.home.command)}; source {shlex.quote(str(self.script))}\n{self.CODE}'
        for line in lines:
            words = re.findall(r'''(?:[^\s=:"'\\]|\\.|"[^"]*"?|'[^']*'?)+|[=:]+''', line) + ([''] if line.endswith(' ') else [])
            code += shlex.join(['ask', line, *words]) + '\n'
        done = self.start('bash', '--norc', '--noprofile', '-s', input=code)
        assert done.stderr == '', done.stderr
        found = [part.splitlines() for part in done.stdout.split('end\n')[:-1]]
        assert len(found) == len(lines), done
        return [{'FILES' if line == 'compopt -o default' else line.removeprefix('reply ') for line in part} for part in found]


class Zsh(Shell):
    name, file = 'zsh', '_tokenvault'
    # What goes to the shell's own list of matches is written down, after that list has thrown out what does not fit.
    CODE = r'''
PS1= fpath=(FOLDER $fpath)
autoload -Uz compinit && compinit -u -D
compadd() {
  if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then builtin compadd "$@"; return; fi
  local -a hits prefix
  builtin compadd -A hits "$@"
  zparseopts -E P:=prefix
  (( $#hits )) && print -rl -- "reply "$IPREFIX$^hits >> OUT
  builtin compadd "$@"
}
probe() {
  local line
  for line in ${(f)"$(<LINES)"}; do
    BUFFER=${line%.} CURSOR=$#BUFFER
    zle complete-word
    print -r -- "buffer ${(Q)${(z)BUFFER}[-1]}" >> OUT
    print end >> OUT
  done
  exit 0
}
zle -N zle-line-init probe
'''

    def run_lines(self, lines):
        out, given, setup = (self.folder / name for name in ('out', 'lines', 'setup'))
        out.write_text('')
        given.write_text(''.join(line + '.\n' for line in lines))
        setup.write_text(self.CODE.replace('FOLDER', str(self.folder)).replace('OUT', str(out)).replace('LINES', str(given)))
        Pty(self, 'zsh', '-f', '-i').say(f' source {shlex.quote(str(setup))}\n').wait_for_end()
        found = [part.splitlines() for part in out.read_text().split('end\n')[:-1]]
        assert len(found) == len(lines), (found, lines)
        return found

    def complete(self, *lines):
        return [{line.removeprefix('reply ') for line in part if line.startswith('reply ')} for part in self.run_lines(lines)]

    def inserted(self, *lines):
        return [part[-1].removeprefix('buffer ') for part in self.run_lines(lines)]


class Fish(Shell):
    name, file = 'fish', 'tokenvault.fish'

    def complete(self, *lines):
        code = f'source {shlex.quote(str(self.script))}\n'
        for line in lines:
            escaped = line.replace('\\', '\\\\').replace("'", "\\'")
            code += f"complete -C '{escaped}'; echo end\n"
        done = self.start('fish', '--no-config', '-c', code)
        assert done.stderr == '', done.stderr
        found = [part.splitlines() for part in done.stdout.split('end\n')[:-1]]
        assert len(found) == len(lines), done
        return [{line.split('\t')[0] for line in part} for part in found]


class Pty:
    """A shell at a terminal of its own."""

    def __init__(self, shell, *words):
        self.master, slave = os.openpty()
        self.seen, self.deadline = b'', time.monotonic() + LIMIT
        self.process = subprocess.Popen(words, stdin=slave, stdout=slave, stderr=slave, cwd=shell.work, env=shell.variables,
                                        start_new_session=True)
        os.close(slave)

    def say(self, text):
        os.write(self.master, text.encode())
        return self

    def read(self):
        assert select.select([self.master], (), (), max(0, self.deadline - time.monotonic()))[0], self.seen
        try:
            more = os.read(self.master, 65536)
        except OSError:
            more = b''
        self.seen += more
        return more

    def expect(self, text):
        while text.encode() not in self.seen:
            assert self.read(), self.seen
        return self

    def wait_for_end(self):
        while self.read():
            pass
        self.process.wait()
        os.close(self.master)
        return self.seen.decode()


def filled(home):
    home.init()
    lines = ''.join(f'{name}\t{MARKER}\n' for name in NAMES)
    home.run('import', '--format', 'tsv', '--stdin', stdin=lines.encode())
    return home


def check_verbs_and_options(shell):
    home, all_verbs = shell.home, verbs(shell.home)
    firsts = {verb.split()[0] for verb in all_verbs}
    assert shell.complete('tokenvault ')[0] == firsts
    assert shell.complete('tokenvault ro', 'tokenvault key ', 'tokenvault key r') == [
        {'rollback', 'rotate'}, {verb[4:] for verb in all_verbs if verb.startswith('key ')}, {'remove', 'rotate'}]
    for verb, found in zip(all_verbs, shell.complete(*(f'tokenvault {verb} --' for verb in all_verbs))):
        wanted = options_of(home, verb)
        assert len(wanted) > 10 and found == wanted, (verb, found ^ wanted)
    assert {'--version', '--vault', '--help'} <= shell.complete('tokenvault --')[0]
    # What stands in front of a verb does not hide it, and neither does an option's value.
    assert shell.complete('tokenvault --json --vault get pol', 'tokenvault --vault get import --format=j',
                          'tokenvault import --format ', 'tokenvault completion ') == [
        {'policy'}, {shell.front('--format=') + 'json'}, {'json', 'dotenv', 'tsv', 'vault'}, {'bash', 'zsh', 'fish'}]


def check_files(shell, files):
    lines = ('tokenvault get --key-file ', 'tokenvault --vault ', 'tokenvault key add --recipient ', 'tokenvault backup ',
             'tokenvault run --env A=acme/api -- cat ')
    for line, found in zip(lines, shell.complete(*lines)):
        assert files <= found, (line, found)
    for found in shell.complete('tokenvault get --version ', 'tokenvault unlock --for ', 'tokenvault key remove '):
        assert found == set(), found


def check_names(shell):
    where = f'tokenvault --vault {shell.home.vault} --key-file={shell.home.path}/a.key'
    lines = ('tokenvault get ac', 'tokenvault show --json acme/', f'{where} history acme/c', 'tokenvault get acme/api ',
             'tokenvault run --env T=acme/c', 'tokenvault policy acme/api --secret w=acme/a', 'tokenvault put --stdin zz')
    found = shell.complete(*lines)
    both = {'acme/api', 'acme/ci'}
    assert found[:4] == [both, both, {'acme/ci'}, set()], found
    assert found[4:] == [{shell.front('T=') + 'acme/ci'}, {shell.front('w=') + 'acme/api'}, set()], found
    assert shell.complete('tokenvault --vault ~/.local/share/tokenvault/vault.db get acme/c')[0] == {'acme/ci'}
    assert {'start', 'resume', 'acme/api'} <= shell.complete('tokenvault rotate ')[0]
    # Nothing of the user's is run, and nothing is asked, to come by a name.
    for line in ('tokenvault --vault $(touch${IFS}pwned) get ', 'tokenvault --vault `touch pwned` get ',
                 'tokenvault --passphrase-command "touch pwned" --vault /nowhere get ', 'tokenvault --vault /nowhere get '):
        assert shell.complete(line)[0] <= NOTHING, line
    assert not (shell.work / 'pwned').exists()


# fish offers the options of the place that it cannot look into.
NOTHING = set()


def test_bash_verbs_and_options(home):
    check_verbs_and_options(with_front(Bash(home), ''))


def test_zsh_verbs_and_options(home):
    check_verbs_and_options(with_front(Zsh(home), '*'))


def test_fish_verbs_and_options(home):
    check_verbs_and_options(with_front(Fish(home), '*'))


def with_front(shell, kept):
    """bash puts in only what follows the last =; the others say all of the word."""
    shell.front = lambda text: text if kept else ''
    return shell


def test_files(home):
    for make, files in ((Bash, {'FILES'}), (Zsh, {'a\\ file.txt'}), (Fish, {'a file.txt'})):
        if shutil.which(make.name, path=os.environ['PATH']):
            check_files(make(home), files)


def test_bash_names(home):
    check_names(with_front(Bash(filled(home)), ''))


def test_zsh_names(home):
    check_names(with_front(Zsh(filled(home)), '*'))


def test_fish_names(home):
    check_names(with_front(Fish(filled(home)), '*'))


def odd(name):
    return name[:len('odd/1')]


def test_bash_puts_odd_names_in_as_they_are(home):
    """readline itself, at a terminal: what stands in the line afterwards is run, and names the token."""
    shell = Bash(filled(home))
    out = home.path / 'out'
    terminal = Pty(shell, 'bash', '--norc', '--noprofile', '-i').say(f'bind "set bell-style none"; source {shell.script}; echo re''ady\n')
    terminal.expect('ready\r\n')
    asked = [(odd(name), '') for name in NAMES if name.startswith('odd/')] + [("'odd/1", ''), ('"odd/2', ''), ('"odd/9', '')]
    for start, _ in asked:
        terminal.say(f'tokenvault show --json {start}\t>> {out}\n')
    terminal.say('exit\n').wait_for_end()
    text = out.read_text()
    found = re.findall(r'^\s*"name": ?"(.*)",$|\{"schema": ?1, ?"name": ?"((?:[^"\\]|\\.)*)"', text, re.M)
    names = [(one or two).replace('\\"', '"').replace('\\\\', '\\') for one, two in found]
    wanted = [name for name in NAMES if name.startswith('odd/')] + [NAMES[2], NAMES[3], NAMES[10]]
    assert names == wanted, (names, terminal.seen.decode())
    assert not (shell.work / 'pwned').exists()


def test_zsh_puts_odd_names_in_as_they_are(home):
    shell = Zsh(filled(home))
    wanted = [name for name in NAMES if name.startswith('odd/')]
    assert shell.inserted(*(f'tokenvault show {odd(name)}' for name in wanted)) == wanted
    assert not (shell.work / 'pwned').exists()


def test_fish_gives_odd_names_as_they_are(home):
    shell = Fish(filled(home))
    wanted = [name for name in NAMES if name.startswith('odd/')]
    assert shell.complete(*(f'tokenvault show {odd(name)}' for name in wanted)) == [{name} for name in wanted]


def test_a_locked_vault_is_not_asked_for(home):
    """At a terminal, where a prompt could be shown; and a program that does not end is ended."""
    home.run('init', '--passphrase-file', home.file('pw', PASSPHRASE.encode()), '--kdf-memory', '64')
    shell = Bash(home)
    terminal = Pty(shell, 'bash', '--norc', '--noprofile', '-i')
    terminal.say(f'source {shell.script}\ntokenvault get \t\t\x15echo d''one\n').expect('done\r\n').say('exit\n')
    assert 'passphrase' not in terminal.wait_for_end()
    slow = home.file('slow', b'#!/bin/sh\nexec sleep 1000\n', 0o700)
    began = time.monotonic()
    home.command, before = slow, home.command
    assert shell.complete('tokenvault get ') == [set()]
    home.command = before
    assert time.monotonic() - began < LIMIT


run_all(tests_of(globals()))
