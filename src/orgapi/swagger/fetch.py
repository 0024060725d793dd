"""Brings Swagger UI into a folder, for -Dswagger_ui=FOLDER: `fetch.py FOLDER`. Needs npm and the registry.

`npm pack` and never `npm install`, which would run what a dependency of it does at installation: tell its maker.
"""
import hashlib
import io
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

PACKAGE = 'swagger-ui-dist@5.35.0'
SHA256 = '1b8e891893404ea4c3558b6a87e2a3e494e7eedba41168c2ece5800a391a6ea6'
# The files we take, by their names in the folder.
FILES = {'swagger-ui-bundle.js': 'swagger-ui-bundle.js', 'swagger-ui.css': 'swagger-ui.css', 'LICENSE.txt': 'LICENSE',
         'NOTICE.txt': 'NOTICE', 'swagger-ui-bundle.js.LICENSE.txt': 'swagger-ui-bundle.js.LICENSE.txt'}


def packed():
    npm = shutil.which('npm')
    if not npm:
        sys.exit(f'cannot fetch {PACKAGE}: npm is not installed')
    with tempfile.TemporaryDirectory() as folder:
        try:
            told = subprocess.run([npm, 'pack', PACKAGE, '--ignore-scripts', '--fetch-retries=1', '--no-update-notifier'],
                                  cwd=folder, capture_output=True, text=True, timeout=180, check=False)
        except subprocess.TimeoutExpired:
            sys.exit(f'cannot fetch {PACKAGE}: npm had no answer in 180 s')
        found = list(Path(folder).glob('*.tgz'))
        if told.returncode or len(found) != 1:
            sys.exit(f'cannot fetch {PACKAGE}: npm pack ended with {told.returncode}; run it by hand to see why')
        return found[0].read_bytes()


def main(folder):
    folder = Path(folder)
    mark = folder / f'{SHA256}.sha256'
    if mark.exists() and all((folder / name).exists() for name in FILES):
        return
    data = packed()
    if hashlib.sha256(data).hexdigest() != SHA256:
        sys.exit(f'{PACKAGE} is not what it was: its sha256 differs from the one in {Path(__file__).name}; nothing was unpacked')
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for name, member in FILES.items():
            (folder / name).write_bytes(archive.extractfile(f'package/{member}').read())
    mark.touch()
    print(f'{PACKAGE} is in {folder}: configure with -Dswagger_ui={folder}')


if __name__ == '__main__':
    if len(sys.argv) != 2:
        sys.exit('usage: fetch.py FOLDER')
    main(sys.argv[1])
