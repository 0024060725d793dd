"""Looks for tokens, which all begin with one marker, in whatever a run of the command leaves or shows."""
import base64
import os
import re
import resource
import shutil
import signal
import subprocess

# In no file of these tests as it is: a program that makes such tokens holds it backwards.
MARKER = 'R8cLw2TpK9zXv4QmJ5nH'[::-1]
# What it wrote into a pipe went to the provider or to our own ends of them, which are searched themselves.
PIPE = re.compile(rb'^\d+ +(?:write|writev|sendto|sendmsg)\(\d+<(?:pipe|socket|UNIX)[^>]*>')
# Memory that strace cannot read either, because it is a secret's: as an argument, a variable, or written to a file.
HIDDEN = re.compile(rb'execve\(.*[\[ ]0x[0-9a-f]+[,\]]|write(?:64)?\(\d+<[^>]*>, 0x|iov_base=0x|send\w+\(\d+<[^>]*>, 0x')
TRACED = 'execve,write,writev,pwrite64,pwritev,sendto,sendmsg'


def forms_of(marker):
    """Every writing of the marker: beside it may stand anything, so base64 at each of its three alignments."""
    raw = marker.encode()
    forms = {'raw': raw, 'utf-16': marker.encode('utf-16le'), 'hex': raw.hex().encode(),
             'percent': ''.join(f'%{byte:02x}' for byte in raw).encode()}
    for before in range(3):
        digits = base64.b64encode(b'x' * before + raw)
        first = (before * 8 + 5) // 6  # digits before it have bits of what stands in front, those at the end of what follows
        forms[f'base64+{before}'] = digits = digits[first:(before + len(raw)) * 8 // 6]
        forms[f'base64url+{before}'] = digits.translate(bytes.maketrans(b'+/', b'-_'))
    return forms


FORMS = forms_of(MARKER)


def found_in(content):
    """The names of the forms that are in `content`."""
    lower = content.lower()
    return [name for name, form in FORMS.items()
            if form in (lower if name in ('hex', 'percent') else content)]


def found_below(folder):
    """Every regular file below the folder, and every name."""
    found = []
    for place, folders, files in os.walk(folder):
        for name in folders + files:
            found += [f'{os.path.join(place, name)} has a name with it: {form}' for form in found_in(os.fsencode(name))]
        for name in files:
            path = os.path.join(place, name)
            if os.path.isfile(path) and not os.path.islink(path):
                with open(path, 'rb') as file:
                    found += [f'{path}: {form}' for form in found_in(file.read())]
    return found


def found_in_trace(content):
    """Arguments and environment of every program that was started, and all that was written but to pipes."""
    found = []
    for line in content.splitlines():
        if not PIPE.match(line):
            call = line.split(b'(')[0].split()[-1].decode()
            found += [f'{call}: {form}' for form in found_in(line)] + [f'{call}: hidden'] * bool(HIDDEN.search(line))
    return found


def can_trace():
    """Nothing, or why not."""
    if not shutil.which('strace'):
        return 'strace is not installed'
    tried = subprocess.run(['strace', '-f', '--seccomp-bpf', '-o', '/dev/null', '-e', 'trace=execve', 'true'],
                           capture_output=True)
    return None if tried.returncode == 0 else 'strace cannot run here: ' + tried.stderr.decode(errors='replace').strip()


class Search:
    """Runs the command with all that it can write below one folder, and searches every channel after each run."""

    def __init__(self, home, trace):
        """`trace`: a file outside the home for what strace tells, or None where it cannot run."""
        self.home, self.trace, self.runs, self.started = home, trace, 0, 0
        for name in ('tmp', 'config', 'data', 'state', 'cache', 'run'):
            (home.path / name).mkdir(mode=0o700, exist_ok=True)
        folder = str(home.path)
        home.variables |= {'TMPDIR': f'{folder}/tmp', 'XDG_CONFIG_HOME': f'{folder}/config',
                           'XDG_DATA_HOME': f'{folder}/data', 'XDG_STATE_HOME': f'{folder}/state',
                           'XDG_CACHE_HOME': f'{folder}/cache', 'XDG_RUNTIME_DIR': f'{folder}/run'}

    def words(self, words):
        command = [self.home.command, *words]
        if self.trace is None:
            return command
        return ['strace', '-f', '--seccomp-bpf', '-y', '-v', '-s', '65536', '-o', self.trace, '-e', f'trace={TRACED}',
                *command]

    def found(self, *words, stdin=None, fds=()):
        """How it ended, and where the marker was."""
        done = subprocess.run(self.words(words), input=stdin, stdin=subprocess.DEVNULL if stdin is None else None,
                              capture_output=True, env=self.home.variables, cwd=self.home.variables['TMPDIR'],
                              start_new_session=True, timeout=60, pass_fds=fds)
        found = [f'stdout: {form}' for form in found_in(done.stdout)]
        found += [f'stderr: {form}' for form in found_in(done.stderr)]
        found += found_below(self.home.path)
        if self.trace is not None:
            with open(self.trace, 'rb') as file:
                told = file.read()
            found += found_in_trace(told)
            self.started += told.count(b' execve(')
        self.runs += 1
        return done, found

    def clean(self, *words, **more):
        """It ends as it may, and nothing holds the marker."""
        done, found = self.found(*words, **more)
        assert not found, f'{words} ended {done.returncode}: {found[:6]}'
        assert done.returncode >= 0 and done.returncode not in (1, 2), (words, done.returncode, done.stderr)
        return done


def aborted(words, gate, variables, folder):
    """Starts it in `folder` with no limit on core files, and lets it crash when somebody writes to `gate`."""
    def allow_cores():
        most = resource.getrlimit(resource.RLIMIT_CORE)[1]
        resource.setrlimit(resource.RLIMIT_CORE, (most, most))
    child = subprocess.Popen(words, env=variables, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, preexec_fn=allow_cores)
    with open(gate, 'rb') as file:
        file.read(1)
    child.send_signal(signal.SIGABRT)
    said = b''.join(child.communicate(timeout=60))
    assert child.returncode == -signal.SIGABRT, (child.returncode, said)
    return said
