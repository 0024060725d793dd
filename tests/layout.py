"""The root of the tree holds these entries, dot files, and nothing else."""
import fnmatch
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ALLOWED = {'meson.build', 'meson_options.txt', 'include', 'src', 'backends', 'tests', 'docs', 'subprojects',
           'README.md', 'LICENSE'}
REQUIRED = ALLOWED - {'subprojects'}


def committed():
    """Names at the root that git tracks; None where there is no git or no repository."""
    if not (ROOT / '.git').exists():
        return None
    try:
        answer = subprocess.run(['git', '-c', f'safe.directory={ROOT}', 'ls-files', '-z'], cwd=ROOT,
                                capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return {name.split('/')[0] for name in os.fsdecode(answer.stdout).split('\0') if name}


def present():
    """Names at the root, without those that .gitignore names there."""
    lines = (ROOT / '.gitignore').read_text(encoding='utf-8').split('\n')
    ignored = [line.strip('/') for line in lines if line and not line.startswith('#')]
    return {name for name in os.listdir(ROOT) if not any(fnmatch.fnmatch(name, pattern) for pattern in ignored)}


def faults_of(names):
    surplus = sorted(name for name in names if name not in ALLOWED and not name.startswith('.'))
    absent = sorted(REQUIRED - names)
    return [f'not allowed at the root: {name}' for name in surplus] + [f'absent from the root: {name}' for name in absent]


def main():
    names = committed()
    source = 'committed' if names is not None else 'present'
    names = present() if names is None else names
    if not faults_of(names | {'stray.txt'}) or not faults_of(names - {'LICENSE'}):
        print('a stray or an absent entry would not be seen')
        return 1
    found = faults_of(names)
    print(*found, f'{len(names)} {source} entries, {len(found)} faults', sep='\n')
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main())
