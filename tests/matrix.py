"""Builds and tests each configuration below build/tests, then sums up. A failing one does not stop the others."""
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import configurations

ROOT = Path(__file__).resolve().parent.parent
BUILDS = ROOT / 'build' / 'tests'
# Timing means little on a busy machine, and a test that hangs must still end.
PATIENCE = '4'


class Tally:
    def __init__(self):
        self.passed, self.failed, self.skipped, self.told = 0, [], [], []

    def add(self, where, entry):
        label = f'{where}: {entry["name"]}'
        lines = (entry.get('stdout') or '').splitlines()
        self.told += [f'{label}: {line}' for line in lines if line.startswith(('tried: ', 'left out: '))]
        if entry['result'] in ('OK', 'EXPECTEDFAIL'):
            self.passed += 1
        elif entry['result'] == 'SKIP':
            self.skipped.append(f'{label}: {lines[-1] if lines else "no reason given"}')
        else:
            self.failed.append(f'{label}: {entry["result"].lower()}')

    def fail(self, where, what):
        self.failed.append(f'{where}: {what}')

    def report(self):
        """What was tried and what was left out, then what went wrong, then the count."""
        for title, lines in (('', self.told), ('skipped  ', self.skipped), ('failed  ', self.failed)):
            for line in lines:
                print(f'{title}{line}')
        print(f'{self.passed} passed, {len(self.failed)} failed, {len(self.skipped)} skipped')
        return 1 if self.failed or not self.passed else 0


def logged(words, log, **environment):
    """Whether a command succeeded; its output goes to `log`, and is shown where it failed."""
    with open(log, 'w', encoding='utf-8') as file:
        done = subprocess.run(words, cwd=ROOT, stdout=file, stderr=subprocess.STDOUT,
                              env={**os.environ, **environment}).returncode == 0
    if not done:
        lines = log.read_text(encoding='utf-8', errors='replace').splitlines()
        print(f'$ {" ".join(words)}', *lines[-60:], sep='\n')
    return done


def fetch_swagger_ui():
    """Brings Swagger UI below build/, once; the option that embeds it, or none where it cannot be had."""
    folder = ROOT / 'build' / 'swagger-ui'
    told = subprocess.run([sys.executable, str(ROOT / 'src/orgapi/swagger/fetch.py'), str(folder)],
                          capture_output=True, text=True)
    if told.returncode == 0:
        return [f'-Dswagger_ui={folder}']
    print(f'WITHOUT SWAGGER UI: {told.stderr.strip()}; what needs it is skipped', flush=True)
    return ['-Dswagger_ui=']


def cached(compiler):
    """What is compiled once need not be again, also in another clone, where a cache for that is there."""
    return f'ccache {compiler}' if shutil.which('ccache') else compiler


def configure(configuration, folder, found):
    words = ['meson', 'setup', str(folder), '-Dwerror=true', '-Dtests=enabled', '-Dcli=enabled', *found,
             *configuration.options]
    if (folder / 'build.ninja').exists():
        words.append('--reconfigure')
    elif folder.exists():
        shutil.rmtree(folder)
    return logged(words, BUILDS / f'{configuration.name}-setup.log', CXX=cached(configuration.compiler))


def build(configuration, folder):
    words = ['ninja', '-C', str(folder)]
    if configuration.built == 'product':
        targets = json.loads((folder / 'meson-info' / 'intro-targets.json').read_text(encoding='utf-8'))
        words += [os.path.relpath(file, folder) for target in targets for file in target['filename']
                  if target['build_by_default'] and not Path(target['defined_in']).is_relative_to(ROOT / 'tests')]
    return logged(words, BUILDS / f'{configuration.name}-build.log')


def wrapper():
    """ThreadSanitizer of clang 14 dies of the address randomisation of newer kernels; this does without."""
    words = ['setarch', '-R']
    return words if subprocess.run([*words, 'true'], capture_output=True).returncode == 0 else []


def test(configuration, run, folder, tally):
    where = f'{configuration.name}/{run.name}'
    wrapped = wrapper() if configuration.name.endswith('tsan') else []
    # Meson adds the wrapper's name to that of the log.
    log = folder / 'meson-logs' / f'{"-".join([run.name, *wrapped[:1]])}.json'
    log.unlink(missing_ok=True)
    # One more than there are processors: some tests wait for what does not answer.
    words = ['meson', 'test', '-C', str(folder), '-t', PATIENCE, '--num-processes', str((os.cpu_count() or 1) + 1),
             '--logbase', run.name, '--print-errorlogs', *(f'--suite={suite}' for suite in run.suites)]
    if wrapped:
        words += ['--wrapper', ' '.join(wrapped)]
    logged(words, BUILDS / f'{configuration.name}-{run.name}.log', **run.environment)
    if not log.exists():
        tally.fail(where, 'no test ran')
        return
    for line in log.read_text(encoding='utf-8').splitlines():
        tally.add(where, json.loads(line))


def run_configuration(configuration, found, tally):
    folder = BUILDS / configuration.name
    started = time.monotonic()
    print(f'[{configuration.name}] {configuration.compiler} {" ".join(configuration.options)}', flush=True)
    if not configure(configuration, folder, found):
        tally.fail(configuration.name, 'did not configure')
        return
    if configuration.built != 'nothing' and not build(configuration, folder):
        tally.fail(configuration.name, 'did not build')
        return
    print(f'[{configuration.name}] built after {time.monotonic() - started:.0f} s', flush=True)
    for run in configuration.runs:
        test(configuration, run, folder, tally)
        print(f'[{configuration.name}] {run.name} done after {time.monotonic() - started:.0f} s', flush=True)


def main(arguments):
    BUILDS.mkdir(parents=True, exist_ok=True)
    os.environ.update(CCACHE_BASEDIR=str(ROOT), CCACHE_NOHASHDIR='1')
    chosen = {'quick': [configurations.GCC], 'proof': configurations.PROOF}.get(
        ''.join(arguments), configurations.ORDINARY)
    if arguments == ['proof']:
        os.environ['TOKENVAULT_PROOF'] = 'full'
    tally, found = Tally(), fetch_swagger_ui()
    tally.told += [f'left out: {configuration.name}' for configuration in configurations.PROOF
                   if configuration not in chosen]
    for configuration in chosen:
        run_configuration(configuration, found, tally)
    return tally.report()


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
