"""Vaults that the library writes, read by reader.py: library_vaults.py WRITER. Exit as check_vectors.py."""
import os
import subprocess
import sys
import tempfile

CHECK = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'check_vectors.py')


def main():
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.argv[1], folder], check=True)
        return subprocess.run([sys.executable, CHECK, '--library', folder]).returncode


if __name__ == '__main__':
    sys.exit(main())
