"""Compiling a few lines against the public headers, without keeping anything."""
import subprocess

FLAGS = ['-std=c++20', '-fno-exceptions', '-fno-rtti', '-Wall', '-Wextra', '-Wpedantic', '-Werror', '-fsyntax-only']


def compiler_is_there(compiler):
    try:
        return subprocess.run([compiler, '--version'], capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


def diagnostics(compiler, include, text):
    """What the compiler says of `text`; None when it accepts it."""
    answer = subprocess.run([compiler, *FLAGS, '-I', include, '-x', 'c++', '-'], input=text, text=True,
                            capture_output=True)
    return None if answer.returncode == 0 else answer.stderr
