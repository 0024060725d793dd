"""Breaks a program at a chosen one of the calls by which it changes something.

A fault is what befalls it there: `signal=SIGKILL`, on entering the call; `error=EIO` and the like, the call does
nothing and fails; `half`, the kernel takes half of a write; `limit`, no file may grow beyond n bytes. A point is a
fault, a call and n, for the n-th of its kind: strace counts each kind for itself, and so must a sweep, else the
commonest is broken first at every n and the others never.
"""
import collections
import os
import re
import resource
import shutil
import signal
import subprocess

CHANGES = ('write,pwrite64,writev,pwritev,pwritev2,fsync,fdatasync,sync_file_range,ftruncate,truncate,fallocate,unlink,'
           'unlinkat,rename,renameat,renameat2,link,linkat,symlink,symlinkat,mkdir,mkdirat,rmdir,chmod,fchmod,fchmodat,'
           'chown,fchown,fchownat,utimensat,getdents64')
OPENS_AND_LOCKS = 'openat,fcntl,flock'
SENDS = 'connect,sendto,sendmsg,recvfrom,recvmsg'
KILL, HALF, LIMIT = 'signal=SIGKILL', 'half', 'limit'
ERRORS = ('error=EIO', 'error=ENOSPC', 'error=EINTR')
NETWORK_ERRORS = ('error=ECONNRESET', 'error=ETIMEDOUT')
KILLED = (-9, 137)
# Words for strace: syncs say that they are done, and nothing was.
NO_SYNCS = ('-e', 'trace=fsync,fdatasync,sync_file_range', '-e', 'inject=fsync,fdatasync,sync_file_range:retval=0')

Point = collections.namedtuple('Point', 'fault call n')
Broken = collections.namedtuple('Broken', 'code said complaint hit')


def why_not():
    """Why nothing can be broken here, or nothing."""
    if not shutil.which('strace'):
        return 'strace is not installed'
    tried = subprocess.run(['strace', '-qq', '-e', 'trace=none', 'true'], capture_output=True, check=False)
    return None if tried.returncode == 0 else 'strace may not trace here'


class Breaker:
    """Runs one kind of program in one environment. `trace` is a file to write to; `shorten` the program that halves
    writes; `follow` whether what the program starts is broken too."""

    def __init__(self, trace, shorten=None, environment=None, follow=True):
        self.trace, self.shorten, self.environment = str(trace), shorten, environment
        self.strace = ['strace', '-qq', '-o', self.trace] + ['-f'] * follow

    def run(self, words, stdin=None, **more):
        reading = {'stdin': subprocess.DEVNULL} if stdin is None else {'input': stdin}
        return subprocess.run(words, capture_output=True, env=self.environment, timeout=120, check=False, **reading,
                              **more)

    def traced(self):
        with open(self.trace, encoding='utf-8', errors='replace') as lines:
            return lines.read()

    def count(self, words, calls, stdin=None):
        """How often each of the calls comes in a run that nothing befalls, and that run."""
        done = self.run([*self.strace, '-e', f'trace={calls}', *words], stdin)
        names = re.findall(r'^(?:\d+ +)?(\w+)\(', self.traced(), re.M)
        return collections.Counter(names), done

    def count_writes(self, words, stdin=None):
        """How many writes could be halved."""
        self.run([self.shorten, self.trace, '0', *words], stdin)
        return int(self.traced())

    def unbroken(self, words, stdin=None):
        done = self.run(words, stdin)
        return done.returncode, done.stdout, done.stderr

    def break_at(self, point, words, stdin=None):
        if point.fault == HALF:
            done = self.run([self.shorten, self.trace, str(point.n), *words], stdin)
            return Broken(done.returncode, done.stdout, done.stderr, int(self.traced()) >= point.n)
        if point.fault == LIMIT:
            done = self.run(words, stdin, restore_signals=False, preexec_fn=lambda: limit_sizes(point.n))
            return Broken(done.returncode, done.stdout, done.stderr, done.returncode != 0)
        injection = f'inject={point.call}:{point.fault}:when={point.n}'
        done = self.run([*self.strace, '-e', f'trace={point.call}', '-e', injection, *words], stdin)
        told = self.traced()
        return Broken(done.returncode, done.stdout, done.stderr, 'INJECTED' in told or '+++ killed by SIGKILL' in told)


def limit_sizes(size):
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def points_of(fault, counts):
    return [Point(fault, call, n) for call, count in sorted(counts.items()) for n in range(1, count + 1)]


def limits_below(size, step):
    return [Point(LIMIT, 'size', n) for n in range(0, size + step, step)]


def largest_below(folder):
    """The size of the largest file there."""
    return max(os.path.getsize(os.path.join(place, name)) for place, _, names in os.walk(folder) for name in names)
