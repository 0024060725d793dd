"""What other compilers and link-time optimization make of it: built so, and looked at like the ordinary build.

A compiler may drop a wipe, keep a key in a register, or move a copy; that is seen in what it made, nowhere else.
    compilers_test.py SOURCE_ROOT [BUILD_FOLDER]
What was built in an earlier run in BUILD_FOLDER is built on.
"""
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
from cases import SKIP  # noqa: E402
from proof import full, left_out, tried  # noqa: E402

# debugoptimized is -O2.
OPTIONS = ["-Dtests=enabled", "-Dcli=enabled", "-Dswagger_ui=", "-Ddefault_library=static", "-Dbuildtype=debugoptimized",
           "-Drecipe=disabled", "-Dorgapi=disabled", "-Detcd=disabled"]
VARIANTS = {"gcc": ("g++", []), "clang": ("clang++", []), "lto": ("g++", ["-Db_lto=true"])}
PROBES = [f"tests/memory/{name}" for name in ("memory_probe", "memory_tour_probe", "rotation_probe", "environment_probe")]
TARGETS = [*PROBES, "tests/memory/seeker/memory_seeker", "tests/cli/aged_put", "src/cli/tokenvault"]


def tests_of(folder):
    memory, tour, rotation, environment = (folder / probe for probe in PROBES)
    command, aged_put = folder / "src/cli/tokenvault", folder / "tests/cli/aged_put"
    yield "memory_test.py", memory, "secret"
    yield "memory_test.py", memory, "vault"
    yield "environment_test.py", environment
    yield "rotation_test.py", rotation
    yield "life_test.py", tour, rotation, memory
    yield "verbs_test.py", command, aged_put, "look", "sqlite"


def build(root, folder, compiler, options):
    environment = {**os.environ, "CXX": f"ccache {compiler}" if shutil.which("ccache") else compiler}
    if not (folder / "build.ninja").exists():
        subprocess.run(["meson", "setup", folder, *OPTIONS, *options], cwd=root, env=environment, check=True,
                       stdout=subprocess.DEVNULL)
    subprocess.run(["ninja", "-C", folder, *TARGETS], check=True, stdout=subprocess.DEVNULL)


def run(name, folder):
    """The slice that an ordinary run takes of each: what is asked here is whether the compiler makes a difference."""
    environment = {key: value for key, value in os.environ.items() if key != "TOKENVAULT_PROOF"}
    environment["TOKENVAULT_SEEKER"] = str(folder / "tests/memory/seeker/memory_seeker")
    failures = 0
    for script, *words in tests_of(folder):
        done = subprocess.run([sys.executable, HERE / script, *words], env=environment, capture_output=True, text=True)
        lines = [line for line in done.stdout.splitlines() if line.startswith(("FAIL", "tried"))]
        print(f"{name}: {script} ended {done.returncode}", *lines, sep="\n  ", flush=True)
        failures += done.returncode != 0
        if done.returncode:
            print(done.stderr[-2000:])
    return failures


def main():
    root = Path(sys.argv[1]).resolve()
    if not full():
        left_out("builds by other compilers and with link-time optimization, in `memory_compilers`")
        raise SystemExit(SKIP)
    failures = tests = 0
    with tempfile.TemporaryDirectory(prefix="tokenvault-builds-") as temporary:
        for name, (compiler, options) in VARIANTS.items():
            if not shutil.which(compiler):
                left_out(f"{name}: there is no {compiler}")
                continue
            folder = Path(sys.argv[2] if len(sys.argv) > 2 else temporary).resolve() / name
            build(root, folder, compiler, options)
            failures += run(name, folder)
            tests += len(list(tests_of(folder)))
    tried("memory as other compilers make it: tests", tests, failures)
    raise SystemExit(1 if failures else 0)


if __name__ == "__main__":
    main()
