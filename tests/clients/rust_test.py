"""The Rust crate. Arguments: the command, the library, a folder to build in."""
import re
import shutil
import subprocess
import sys

import rust_home
from harness import MARKER, Skipped, run_all, tests_of

BUILD = sys.argv[3]


def test_what_each_call_promises(_):
    told = rust_home.run(BUILD, 'test')
    passed = sum(int(count) for count in re.findall(r'(\d+) passed', told))
    assert passed >= 6 and MARKER not in told, told


def test_it_is_formatted(_):
    if not shutil.which('rustfmt') and not (rust_home.Path.home() / '.cargo/bin/rustfmt').exists():
        raise Skipped('rustfmt is not installed')
    told = subprocess.run([rust_home.cargo(), 'fmt', '--check'], cwd=rust_home.CRATE, capture_output=True, text=True,
                          timeout=60, check=False)
    assert told.returncode == 0, told.stdout + told.stderr


if __name__ == '__main__':
    run_all(tests_of(globals()))
