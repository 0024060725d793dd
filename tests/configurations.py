"""The builds that tests/matrix.py makes, and the suites that each of them runs.

The first runs everything. What the others repeat is what their compiler, their kind of library or their sanitizer can
change: a suite whose subject is a server, a browser or another build of the library says nothing new there.
"""
import collections

# Built first: `all`, the `product` alone, or `nothing`, since each run builds what its suites need.
Configuration = collections.namedtuple('Configuration', 'name compiler built options runs')
# One call of `meson test` on a configuration, which builds what these suites need. No suites: all of them.
Run = collections.namedtuple('Run', 'name suites environment', defaults=[(), {}])

# Speed counts here, not stepping through it: half of a compiler's time goes into what a debugger reads.
OPTIMIZED = ['-Dbuildtype=debugoptimized', '-Ddebug=false']
SANITIZED = ['-Dbuildtype=debug', '-Doptimization=1', '-Ddebug=false']
LIBRARY = ('unit', 'contract', 'vectors', 'attacks', 'primitives', 'issuer', 'capi')

GCC = Configuration('gcc', 'g++', 'all', ['-Ddefault_library=static', *OPTIMIZED], [
    Run('all'),
    Run('locked', ('unit', 'contract'), {'TOKENVAULT_TEST_BACKING': 'locked'}),
    Run('memfd', ('unit', 'contract'), {'TOKENVAULT_TEST_BACKING': 'memfd_secret'}),
])
CLANG = Configuration('clang-shared', 'clang++', 'product', ['-Ddefault_library=shared', *OPTIMIZED], [
    Run('all', (*LIBRARY, 'fuzz_replay', 'surface', 'clients', 'memory', 'tvp', 'smoke')),
])
# GCC's checks of uninitialized memory misfire on what the sanitizers insert, in <regex> for one.
ADDRESS_OPTIONS = [*SANITIZED, '-Db_sanitize=address,undefined',
                   '-Dcpp_args=-fno-sanitize-recover=all -Wno-maybe-uninitialized']
ADDRESS_VARIABLES = {'ASAN_OPTIONS': 'detect_stack_use_after_return=1:strict_string_checks=1',
                     'UBSAN_OPTIONS': 'print_stacktrace=1'}
ADDRESSES = Configuration('gcc-asan', 'g++', 'nothing', [*ADDRESS_OPTIONS, '-Dorgapi=disabled'], [
    Run('library', (*LIBRARY, 'rotation', 'tvp'), ADDRESS_VARIABLES),
])
PROGRAMS = Configuration('gcc-asan-programs', 'g++', 'nothing', ADDRESS_OPTIONS, [
    Run('programs', ('recipe', 'orgapi', 'smoke'), ADDRESS_VARIABLES),
])
# Its suites need no program of ours.
THREADS = Configuration('clang-tsan', 'clang++', 'nothing', [
    *SANITIZED, '-Db_sanitize=thread', '-Db_lundef=false', '-Dcli=disabled', '-Drecipe=disabled', '-Dexec=disabled',
    '-Dorgapi=disabled', '-Detcd=disabled',
], [
    Run('threads', ('concurrency', 'unit'), {'TSAN_OPTIONS': 'halt_on_error=1:second_deadlock_stack=1'}),
])
FUZZ = Configuration('clang-fuzz', 'clang++', 'nothing', [
    *SANITIZED, '-Db_sanitize=address,undefined', '-Db_lundef=false', '-Dfuzz=true',
], [Run('fuzz', ('fuzz',))])
# Guards that a variable takes away: never for use, and too long for every day.
MUTANTS = Configuration('gcc-mutants', 'g++', 'all', ['-Ddefault_library=static', *OPTIMIZED, '-Dmutants=true'], [
    Run('mutants', ('mutants',)),
])
# Without optimisation, so that each line is one, and none is merged with its neighbour. Where a test goes on as another
# user, or in a folder it cannot write, nothing is counted, and the complaint would be taken for the program's own words.
# In full the suites would take long, and reach nothing more.
COVERAGE = Configuration('gcc-coverage', 'g++', 'nothing', [
    '-Ddefault_library=static', '-Dbuildtype=debug', '-Ddebug=false', '-Db_coverage=true',
    '-Dcpp_args=-fprofile-update=atomic',
], [
    Run('reach', (*LIBRARY, 'rotation', 'tvp'), {'GCOV_ERROR_FILE': '/dev/null', 'TOKENVAULT_PROOF': ''}),
    Run('coverage', ('coverage',), {'TOKENVAULT_COVERAGE': 'anew'}),
])

ORDINARY = [GCC, CLANG, ADDRESSES, THREADS, FUZZ]
PROOF = [*ORDINARY, PROGRAMS, MUTANTS, COVERAGE]
