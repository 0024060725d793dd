"""Runs the command with a fault at a chosen system call."""
import shutil
import subprocess

from harness import Skipped

# What changes something. strace counts each call apart, so that a sweep goes through them one by one.
KINDS = ('write', 'pwrite64', 'fsync', 'fdatasync', 'ftruncate', 'rename', 'renameat2', 'link', 'unlink', 'mkdir',
         'utimensat')
KILLED = (-9, 137)


def traced(home, injection, *words, **more):
    if not shutil.which('strace'):
        raise Skipped('strace is not installed')
    kind = injection.split(':')[0]
    return subprocess.run(['strace', '-f', '-o', '/dev/null', '-e', f'trace={kind}', '-e', f'inject={injection}',
                           home.command, *words], env=home.variables, capture_output=True, **more)
