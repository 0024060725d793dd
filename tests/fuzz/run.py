"""Runs one libFuzzer program on its corpus, and counts what it executed. Arguments: subject, program, corpus [grown].

An ordinary run takes 30 seconds; TOKENVAULT_PROOF=full takes 600 seconds of processor time. What is new is thrown away
with the run, unless a folder is named that keeps it."""
import base64
import itertools
import os
import re
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / 'support'))
from proof import full, left_out, tried  # noqa: E402

CI_SECONDS, FULL_SECONDS, SLICE = 30, 600, 60
# Names of functions cost more than what is tried.
LIMITS = ['-rss_limit_mb=2048', '-malloc_limit_mb=256', '-timeout=20', '-print_funcs=0']
# Sealed vaults are larger than libFuzzer would try by itself.
LENGTHS = {'file': 32768, 'header': 16384, 'env': 32768, 'sqlite': 65536, 'record': 4096}
DICTIONARIES = Path(__file__).resolve().parent / 'words'


def words_of(subject, program, grown, corpus, finds):
    dictionary = DICTIONARIES / f'{subject}.dict'
    yield from [program, str(grown), corpus, *LIMITS, '-print_final_stats=1', f'-artifact_prefix={finds}/found-']
    yield f'-max_len={LENGTHS.get(subject, 4096)}'
    if dictionary.exists():
        yield f'-dict={dictionary}'


def spent():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def stat(text, name):
    found = re.search(rf'stat::{name}:\s+(\d+)', text)
    return int(found.group(1)) if found else 0


def fuzz(words, seconds, seed):
    """One run: its executions, None for a finding, and the coverage that it told last. What it finds by a seed of ours
    can be looked for again."""
    done = subprocess.run([*words, f'-max_total_time={seconds}', f'-seed={seed}'], capture_output=True, text=True,
                          errors='replace')
    if done.returncode != 0:
        print(done.stderr[-6000:])
        return None, ''
    told = re.findall(r' (cov: .*? corp: \S+)', done.stderr)
    return stat(done.stderr, 'number_of_executed_units'), told[-1] if told else 'no coverage told'


def show_finds(folder):
    """The folder ends with the run, and what was found is to become a file of the corpus."""
    for path in sorted(Path(folder).glob('found-*')):
        print(path.name, base64.b64encode(path.read_bytes()).decode(), sep='\n')


def shared_memory():
    """Files there cost no disk, whose speed is not what is tried."""
    return '/dev/shm' if os.access('/dev/shm', os.W_OK) else None


def main(subject, program, corpus, keep=None):
    total = 0
    with tempfile.TemporaryDirectory(dir=shared_memory()) as folder:
        os.environ['TMPDIR'] = folder
        os.environ.setdefault('UBSAN_OPTIONS', 'print_stacktrace=1')
        grown = Path(keep or Path(folder) / 'grown')
        grown.mkdir(parents=True, exist_ok=True)
        words = list(words_of(subject, program, grown, corpus, keep or folder))
        before = spent()
        for seed in itertools.count(1):
            count, coverage = fuzz(words, SLICE if full() else CI_SECONDS, seed)
            if count is None:
                show_finds(keep or folder)
                return 1
            total += count
            print(f'{total} after {spent() - before:.0f} seconds of processor time; {coverage}', flush=True)
            if not full() or spent() - before >= FULL_SECONDS:
                break
    if not full():
        left_out(f'fuzz {subject}: {FULL_SECONDS} seconds of processor time instead of {CI_SECONDS} by the clock')
    tried(f'fuzz {subject}', total)
    return 0 if total else 1


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
