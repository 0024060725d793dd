"""The Node module as somebody has it who installed it: a copy, with koffi from npm."""
import fcntl
import filecmp
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

from client_home import CLIENTS, LIBRARY
from harness import Skipped

MODULE = CLIENTS / 'node'
OLDEST = 18
refused = {}
# What checks the types, and is needed by nobody else.
TYPES = ['typescript@5.9.3', '@types/node@20.19.25']


def node():
    found = shutil.which('node')
    if not found:
        raise Skipped('node is not installed')
    version = subprocess.run([found, '--version'], capture_output=True, text=True, check=True).stdout.strip()
    if int(re.match(r'v(\d+)', version)[1]) < OLDEST:
        raise Skipped(f'node {version} is older than {OLDEST}')
    return found


def npm(folder, *packages):
    """Installs from the registry, without running anybody's scripts. What failed once is not tried again."""
    what = ' '.join(packages)
    if what not in refused:
        refused[what] = fault_of_npm(folder, packages)
    if refused[what]:
        raise Skipped(f'npm could not install {what}: {refused[what]}')


def fault_of_npm(folder, packages):
    found = shutil.which('npm')
    if not found:
        return 'it is not there'
    try:
        told = subprocess.run([found, 'install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock',
                               '--no-update-notifier', '--prefer-offline', '--fetch-retries=1', *packages],
                              cwd=folder, capture_output=True, text=True, timeout=180, check=False)
    except subprocess.TimeoutExpired:
        return 'no answer'
    code = re.search(r'npm (?:error|ERR!) code (\w+)', told.stderr)
    return (code[1] if code else 'no reason given') if told.returncode else None


def installed(build, *packages):
    """A folder below the build's that holds the module as it is now, koffi, and `packages`."""
    folder = Path(build).resolve() / ('node-types' if packages else 'node')
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / '.lock', 'w', encoding='utf-8') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        shutil.copytree(MODULE, folder, dirs_exist_ok=True, copy_function=copy_changed)
        wanted = {**json.loads((MODULE / 'package.json').read_text(encoding='utf-8'))['dependencies'],
                  **dict(package.rsplit('@', 1) for package in packages)}
        if any(version_of(folder / 'node_modules' / name) != version for name, version in wanted.items()):
            npm(folder, *(f'{name}@{version}' for name, version in wanted.items()))
    return folder


def copy_changed(source, target):
    """Whole at once, since another test may be loading it, and only where it differs."""
    if not os.path.exists(target) or not filecmp.cmp(source, target, shallow=False):
        shutil.copyfile(source, f'{target}.new')
        os.replace(f'{target}.new', target)


def version_of(package):
    try:
        return json.loads((package / 'package.json').read_text(encoding='utf-8'))['version']
    except OSError:
        return None


def run(home, folder, *words):
    """What a script in that folder prints, with flags before its name."""
    told = subprocess.run([node(), *words], cwd=folder, env={**home.variables, 'TOKENVAULT_LIBRARY': LIBRARY},
                          capture_output=True, text=True, timeout=240, check=False)
    assert told.returncode == 0, told.stdout + told.stderr
    return told.stdout + told.stderr
