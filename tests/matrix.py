"""Builds and tests each configuration below build/tests, then sums up. A failing one does not stop the others."""
import collections
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILDS = ROOT / 'build' / 'tests'
# Timing means little on a busy machine, and a test that hangs must still end.
PATIENCE = '4'
NOT_FOR_SANITIZERS = ['--no-suite', 'crash', '--no-suite', 'memory', '--no-suite', 'embed', '--no-suite', 'surface',
                      '--no-suite', 'layering', '--no-suite', 'long']

Configuration = collections.namedtuple('Configuration', 'name compiler options runs')
# One call of `meson test` on a built configuration.
Run = collections.namedtuple('Run', 'name suites environment')

CONFIGURATIONS = [
    Configuration('gcc', 'g++', ['-Ddefault_library=static', '-Dbuildtype=debugoptimized'], [
        Run('all', [], {}),
        Run('locked', ['--suite', 'unit', '--suite', 'contract'], {'TOKENVAULT_TEST_BACKING': 'locked'}),
        Run('memfd', ['--suite', 'unit', '--suite', 'contract'], {'TOKENVAULT_TEST_BACKING': 'memfd_secret'}),
    ]),
    Configuration('clang-shared', 'clang++', ['-Ddefault_library=shared', '-Dbuildtype=debugoptimized'], [
        Run('all', ['--no-suite', 'long'], {}),
    ]),
    # GCC's checks of uninitialized memory misfire on what the sanitizers insert, in <regex> for one.
    Configuration('gcc-asan', 'g++', ['-Db_sanitize=address,undefined', '-Dbuildtype=debug', '-Doptimization=1',
                                      '-Dcpp_args=-fno-sanitize-recover=all -Wno-maybe-uninitialized'], [
        Run('all', NOT_FOR_SANITIZERS, {
            'ASAN_OPTIONS': 'detect_stack_use_after_return=1:strict_string_checks=1',
            'UBSAN_OPTIONS': 'print_stacktrace=1'}),
    ]),
    # Its suites need no program of ours.
    Configuration('clang-tsan', 'clang++', ['-Db_sanitize=thread', '-Db_lundef=false', '-Dbuildtype=debug',
                                            '-Doptimization=1', '-Dcli=disabled', '-Drecipe=disabled',
                                            '-Dexec=disabled', '-Dorgapi=disabled', '-Detcd=disabled'], [
        Run('threads', ['--suite', 'concurrency', '--suite', 'unit'], {
            'TSAN_OPTIONS': 'halt_on_error=1:second_deadlock_stack=1'}),
    ]),
]


class Tally:
    def __init__(self):
        self.passed, self.failed, self.skipped = 0, [], []

    def add(self, where, entry):
        label = f'{where}: {entry["name"]}'
        if entry['result'] in ('OK', 'EXPECTEDFAIL'):
            self.passed += 1
        elif entry['result'] == 'SKIP':
            said = (entry.get('stdout') or '').strip().splitlines()
            self.skipped.append(f'{label}: {said[-1] if said else "no reason given"}')
        else:
            self.failed.append(f'{label}: {entry["result"].lower()}')

    def fail(self, where, what):
        self.failed.append(f'{where}: {what}')

    def report(self):
        for title, lines in (('skipped', self.skipped), ('failed', self.failed)):
            for line in lines:
                print(f'{title}  {line}')
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


def configure(configuration, folder, found):
    words = ['meson', 'setup', str(folder), '-Dwerror=true', '-Dtests=enabled', '-Dcli=enabled', *found,
             *configuration.options]
    if (folder / 'build.ninja').exists():
        words.append('--reconfigure')
    elif folder.exists():
        shutil.rmtree(folder)
    return logged(words, BUILDS / f'{configuration.name}-setup.log', CXX=configuration.compiler)


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
    words = ['meson', 'test', '-C', str(folder), '--no-rebuild', '-t', PATIENCE,
             '--num-processes', str((os.cpu_count() or 1) + 1), '--logbase', run.name,
             '--print-errorlogs', *run.suites]
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
    if not logged(['ninja', '-C', str(folder)], BUILDS / f'{configuration.name}-build.log'):
        tally.fail(configuration.name, 'did not build')
        return
    print(f'[{configuration.name}] built after {time.monotonic() - started:.0f} s', flush=True)
    for run in configuration.runs:
        test(configuration, run, folder, tally)
        print(f'[{configuration.name}] {run.name} done after {time.monotonic() - started:.0f} s', flush=True)


def main(arguments):
    BUILDS.mkdir(parents=True, exist_ok=True)
    tally, found = Tally(), fetch_swagger_ui()
    for configuration in CONFIGURATIONS[:1] if arguments == ['quick'] else CONFIGURATIONS:
        run_configuration(configuration, found, tally)
    return tally.report()


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
