"""openapi.json is valid, and the service keeps to it whatever it is asked and by whatever token."""
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from refusals_test import with_check
from service import PATIENCE, Service, Skipped, run_all, tests_of

HERE = Path(__file__).resolve().parent
RUNS = 500


def installed(folder):
    """The script beside the packages that the lock file pins, each by its hash."""
    if not shutil.which('npm') or not shutil.which('node'):
        raise Skipped('npm or node is not installed')
    for name in ('package.json', 'package-lock.json', 'property.mjs'):
        shutil.copy(HERE / name, folder)
    try:
        done = subprocess.run(['npm', 'ci', '--ignore-scripts', '--omit-lockfile-registry-resolved', '--no-audit', '--no-fund',
                               '--no-update-notifier', '--fetch-retries=1'], cwd=folder, capture_output=True, text=True,
                              timeout=180)
    except subprocess.TimeoutExpired:
        raise Skipped('npm had no answer in 180 s')
    if 'EINTEGRITY' in done.stderr:
        raise AssertionError('a package is not the one that is pinned')
    if done.returncode:
        raise Skipped(f'npm could not install: {(done.stderr.strip().splitlines() or [""])[0][:200]}')
    return Path(folder) / 'property.mjs'


def tokens_of(service):
    full, narrow, revoked, expired = (service.generate(), service.generate('points:read'), service.generate(),
                                      service.generate())
    service.bearer(revoked, 'DELETE')
    successor = service.bearer(expired, 'POST', '/api/v1/token/rotate', {'rotation': 'r', 'overlap': 0}).json['token']
    service.bearer(successor)
    kinds = {'malformed': full[:-1], 'unknown': with_check('org_' + 55 * '0'), 'expired': expired, 'revoked': revoked,
             'narrow': narrow, 'full': full}
    for kind, expected in (('malformed', 401), ('unknown', 401), ('expired', 401), ('revoked', 401), ('narrow', 200)):
        assert service.bearer(kinds[kind]).status == expected, kind
    return kinds


def test_the_document_and_the_service_agree(program):
    with tempfile.TemporaryDirectory(prefix='orgapi-property-') as folder:
        script = installed(folder)
        service = Service(program, '--refusals', '1000000', timeout=60)
        order = json.dumps({'origin': service.origin, 'runs': RUNS, 'tokens': tokens_of(service)})
        done = subprocess.run(['node', str(script)], input=order, capture_output=True, text=True, timeout=4 * PATIENCE)
        assert done.returncode == 0, done.stdout[-500:] + done.stderr[-3000:]
        print(done.stdout.strip())
        service.stop()


if __name__ == '__main__':
    sys.dont_write_bytecode = True
    run_all(tests_of(globals()))
