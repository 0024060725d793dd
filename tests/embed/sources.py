"""The sources as somebody gets them: a copy, a repository, or a tarball, without what was built or downloaded."""
import os
import shutil
import sys
import tarfile
from pathlib import Path

from page import block
from steps import run

ROOT = Path(__file__).parents[2]
LEFT_OUT = ['.git', 'build', 'build-*', 'builddir', '.cache', 'packagecache', '__pycache__']
SKIPPED = 77


def need(program):
    """Ends the test as skipped where the program is not there."""
    if not shutil.which(program):
        print(f'{program} is not installed')
        sys.exit(SKIPPED)


def copy(folder):
    shutil.copytree(ROOT, folder, symlinks=True, ignore=shutil.ignore_patterns(*LEFT_OUT))
    return folder


def version():
    """The one that the wrap file in docs/embedding.md names."""
    return block('ini', 'tokenvault.wrap').split('revision = v')[1].split()[0]


def git(folder, *words):
    """As somebody without a configuration of their own."""
    who = {f'GIT_{role}_{what}': 'test' for role in ['AUTHOR', 'COMMITTER'] for what in ['NAME', 'EMAIL']}
    run(['git', *words], folder, GIT_CONFIG_GLOBAL=os.devnull, GIT_CONFIG_NOSYSTEM='1', **who)


def repository(folder):
    """One commit of what is here now, with the tag that the page's wrap file asks for."""
    copy(folder)
    git(folder, 'init', '-q')
    git(folder, 'add', '--all')
    git(folder, 'commit', '-q', '-m', 'all')
    git(folder, 'tag', f'v{version()}')
    return folder


def tarball(folder):
    """Path of an archive whose one folder is named as releases are."""
    name = f'tokenvault-{version()}'
    copy(folder / name)
    with tarfile.open(folder / f'{name}.tar.gz', 'w:gz') as archive:
        archive.add(folder / name, name)
    return folder / f'{name}.tar.gz'
