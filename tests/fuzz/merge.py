"""Adds to a corpus the fewest and smallest inputs that reach what all those of a grown one do.

    merge.py SUBJECT PROGRAM CORPUS GROWN

What is in the corpus by name stays: it was written by hand, or found once. What a merge put there before is merged anew.
"""
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from run import LENGTHS, LIMITS, shared_memory

# libFuzzer names what it keeps by its SHA-1. How often a line was passed is not what is kept here.
MERGED = re.compile('[0-9a-f]{40}')
CHOICE = ['-set_cover_merge=1', '-use_counters=0']


def main(subject, program, corpus, grown):
    corpus = Path(corpus)
    with tempfile.TemporaryDirectory(dir=shared_memory()) as folder:
        before, chosen = Path(folder) / 'before', Path(folder) / 'chosen'
        chosen.mkdir()
        shutil.copytree(corpus, before)
        subprocess.run([program, *LIMITS, *CHOICE, f'-max_len={LENGTHS.get(subject, 4096)}', chosen, before, grown],
                       check=True, stderr=subprocess.DEVNULL, cwd=folder)
        for path in corpus.iterdir():
            if MERGED.fullmatch(path.name):
                path.unlink()
        kept = {path.read_bytes() for path in corpus.iterdir()}
        for path in chosen.iterdir():
            if path.read_bytes() not in kept:
                shutil.copy(path, corpus)
    files = list(corpus.iterdir())
    print(f'{subject}: {len(files)} files, {sum(path.stat().st_size for path in files)} bytes')


if __name__ == '__main__':
    main(*sys.argv[1:])
