"""The Rust crate, built without a network. Arguments of the tests: ... and a folder to build into."""
import os
import shutil
import subprocess
from pathlib import Path

from client_home import CLIENTS, LIBRARY
from harness import Skipped

CRATE = CLIENTS / 'rust'


def cargo():
    found = shutil.which('cargo') or shutil.which('cargo', path=Path.home() / '.cargo/bin')
    if not found:
        raise Skipped('cargo is not installed')
    if subprocess.run([found, '--version'], capture_output=True, check=False).returncode:
        raise Skipped('cargo is there, and no toolchain')
    return found


def library_folder(build):
    """One that has the library by the name that linkers look for, and by the one that programs do."""
    folder = Path(build).resolve() / 'rust-library'
    folder.mkdir(parents=True, exist_ok=True)
    for name in ('libtokenvault.so', 'libtokenvault.so.0', os.path.basename(LIBRARY)):
        fresh = folder / f'.{name}.{os.getpid()}'
        fresh.symlink_to(LIBRARY)
        fresh.replace(folder / name)
    return folder


def run(build, *words):
    folder = library_folder(build)
    environment = {**os.environ, 'TOKENVAULT_LIB_DIR': str(folder), 'LD_LIBRARY_PATH': str(folder),
                   'RUSTFLAGS': '-D warnings', 'CARGO_TERM_COLOR': 'never'}
    told = subprocess.run([cargo(), *words, '--offline', '--locked', '--target-dir', Path(build).resolve() / 'rust'],
                          cwd=CRATE, env=environment, capture_output=True, text=True, timeout=280, check=False)
    assert told.returncode == 0, told.stdout + told.stderr
    return told.stdout


def fetch_program(build):
    """The example, built, and the folder to load the library from."""
    run(build, 'build', '--example', 'fetch')
    return Path(build).resolve() / 'rust/debug/examples/fetch', library_folder(build)
