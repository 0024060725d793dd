"""The command gives way to tokenvault-etcd for a vault in etcd and for no other, and hands over all that it was given."""
import os
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / 'cli'))
from harness import MARKER, Skipped, pipe_of, run_all, tests_of  # noqa: E402

URI = 'etcd:http://127.0.0.1:1/x'  # nobody listens there
INSTALLED = Path('/usr/local/bin/tokenvault-etcd')
# Stands for the sibling: tells what it got.
WITNESS = '''#!/bin/sh
printf '%s\\n' "$@" "variable=$TEST_VARIABLE" "core=$(ulimit -S -c)" "pipe=$(grep SigIgn /proc/self/status | cut -f2)"
cat <&7
cat
exit 42
'''


def alone(home):
    """The command in a folder without its sibling."""
    if INSTALLED.exists():
        raise Skipped('tokenvault-etcd is installed, and would be found')
    folder = home.path / 'bin'
    folder.mkdir()
    home.command = shutil.copy(home.command, folder / 'tokenvault')
    return folder


def witnessed(home, text=WITNESS, mode=0o755):
    witness = alone(home) / 'tokenvault-etcd'
    witness.write_text(text, encoding='utf-8')
    witness.chmod(mode)


def test_it_is_not_installed(home):
    alone(home)
    for words in (('list', '--vault', URI), ('migrate', '--from', URI, '--to', 'x'),
                  ('migrate', '--from', 'x', '--to', URI), ('put', 'a/b', '--vault', URI)):
        message = home.failure(22, 'unsupported', *words)['message']
        assert 'tokenvault-etcd' in message and 'not installed' in message, message
    message = home.failure(22, 'unsupported', 'init', variables={'TOKENVAULT': URI})
    assert home.tree() == ['bin', 'bin/tokenvault'], 'it began before it gave up'
    # With nobody to hear it either.
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([home.command, 'list', '--vault', URI], env=home.variables, stderr=writing)
    os.close(writing)
    assert done.returncode == 22, done


def test_everything_is_handed_over(home):
    witnessed(home)
    reading = pipe_of(b'from descriptor 7\n')
    os.dup2(reading, 7)
    words = ('put', 'a/b', '--stdin', '--json', '--vault', URI)
    done = home.run(*words, stdin=b'from stdin\n', expect=42, reveals=True, variables={'TEST_VARIABLE': 'kept'}, fds=(7,),
                    preexec_fn=allow_cores)
    told = done.stdout.decode().splitlines()
    assert told[:len(words)] == list(words), told
    assert told[len(words):] == ['variable=kept', f'core={CORES}', 'pipe=0000000000000000', 'from descriptor 7', 'from stdin'], told


CORES = 8


def allow_cores():
    import resource
    resource.setrlimit(resource.RLIMIT_CORE, (CORES * 512, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    # A child would inherit what the interpreter ignores, or a shell that started this beside others.
    import signal
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_DFL)


def test_nobody_else_is_asked(home):
    witnessed(home)
    home.init().put('a/b')
    assert home.value('a/b') == f'{MARKER}-1'
    for words in (('--help',), ('--version',), ('list', '--help')):
        home.run(*words, variables={'TOKENVAULT': URI})
    home.run('completion', 'bash', variables={'TOKENVAULT': URI})
    # The option is what counts, and what is wrong with the words is said first.
    assert home.run('list', '--vault', str(home.vault), variables={'TOKENVAULT': URI}).stdout == b'a/b\n'
    home.failure(2, 'invalid_argument', 'list', '--nonsense', '--vault', URI)
    home.run('migrate', '--from', str(home.vault), '--to', f'file:{home.path}/copy', variables={'TOKENVAULT': URI})


def test_it_cannot_be_started(home):
    witnessed(home, mode=0o644)
    message = home.failure(1, 'permission_denied', 'list', '--vault', URI)['message']
    assert 'bin/tokenvault-etcd' in message, message


def test_a_folder_without_a_name_is_not_this_one(home):
    """It is never taken from where somebody happens to be."""
    alone(home)
    elsewhere = home.path / 'elsewhere'
    elsewhere.mkdir()
    (elsewhere / 'tokenvault-etcd').write_text(WITNESS, encoding='utf-8')
    (elsewhere / 'tokenvault-etcd').chmod(0o755)
    home.failure(22, 'unsupported', 'list', '--vault', URI, cwd=elsewhere)


def test_the_sibling_is_the_whole_command(home):
    both = Path(home.command)
    home.command = str(both.with_name('tokenvault-etcd'))
    home.init().put('a/b')
    assert home.value('a/b') == f'{MARKER}-1'
    home.failure(19, 'unreachable', 'list', '--vault', URI)
    assert home.run('--version').stdout == subprocess.run([both, '--version'], capture_output=True).stdout


def test_names_of_helpers_go_along(home):
    folder = home.path / 'links'
    folder.mkdir()
    link = folder / 'git-credential-tokenvault'
    link.symlink_to(home.command)
    home.command = str(link)
    failure = home.failure(19, 'unreachable', '--name', 'a/b', '--vault', URI, 'get', stdin=b'protocol=https\nhost=x\n\n',
                           variables={'TOKENVAULT_KEY_FILE': home.file('a.key', b'k' * 32)})
    assert '127.0.0.1:1' in failure['message'], failure


def test_a_vault_in_a_file_costs_no_look(home):
    if shutil.which('strace') is None:
        raise Skipped('strace is not installed')
    home.init().put('a/b')
    trace = home.path / 'trace'
    done = subprocess.run(['strace', '-f', '-o', trace, home.command, 'get', 'a/b'], env=home.variables, capture_output=True)
    if done.returncode != 0:
        raise Skipped('strace cannot run here')
    calls = trace.read_text(errors='replace')
    # A static program of glibc's asks for its own place once, whatever it does.
    assert calls.count('execve(') == 1 and 'tokenvault-etcd' not in calls and calls.count('/proc/self/exe') <= 1, calls


run_all(tests_of(globals()))
