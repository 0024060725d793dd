"""The library in a process that lives on, looked at at every system call, and crashed at one after the other.

While it lives no piece of a token or a key is outside secret memory, and none of a token is in it while the process is
at rest. A core file of a crash has none at all, at whatever system call it crashes.
    life_test.py TOUR_PROBE ROTATION_PROBE MEMORY_PROBE
"""
import os
import shutil
import sys
import tempfile
from pathlib import Path

import watched
import world

from cases import SKIP
from proof import full, left_out, sample, tried

SIZE, PASSPHRASE = 64, 40
failures = []
counts = {"stops": 0, "crashes": 0, "cores": 0, "files": 0, "early": 0}


def fail(label, what):
    print("FAIL", label, what, flush=True)
    failures.append(label)


class Life:
    """A probe with all that it will be given, in a folder that is made anew for each of its lives."""

    def __init__(self, program, words, given, secrets, keys):
        self.folder = tempfile.TemporaryDirectory(prefix="tokenvault-memory-")
        self.base = Path(self.folder.name)
        self.base.chmod(0o755)
        self.program = world.borrowed(program, self.base / "bin")
        self.given, self.secrets, self.keys = given, secrets, keys
        self.run_folder, self.key_folder = self.base / "run", self.base / "keys"
        self.key_folder.mkdir(mode=0o700)
        self.words = [word.replace("@", f"{self.key_folder}/") for word in words]
        for name, key in keys.items():
            path = self.key_folder / name
            path.write_bytes(key)
            path.chmod(0o600)
        self.name = f"{Path(program).name} {' '.join(words[:1])}"
        self.seed = self.base / "seed"
        self.seed.write_bytes(world.randomness.randbytes(1 << 18))
        self.needles = watched.needles_of({**secrets, **keys})

    def run(self, setting, **terms):
        shutil.rmtree(self.run_folder, ignore_errors=True)
        self.run_folder.mkdir(mode=0o700)
        watched.give(self.run_folder, setting.user)
        watched.give(self.key_folder, setting.user)
        random = os.open(self.seed, os.O_RDONLY)
        try:
            return watched.watch(self.needles, [self.program, *self.words], setting, stdin=self.given, cwd=self.run_folder,
                                 random=random, **terms)
        finally:
            os.close(random)

    def keys_now(self):
        """Of the vaults that are there."""
        keys = {}
        for place in sorted(self.run_folder.iterdir()):
            for name in self.keys:
                keys |= world.keys_if_any(place, self.keys[name], f"{place.name}-{name[0]}-")
        return keys

    def learn(self, setting):
        """Lives once to learn what keys it draws: it draws the same in each life."""
        ended = self.run(setting).ended
        if ended != ("exit", 0):
            raise SystemExit(f"FAIL {self.name} ended {ended}")
        self.drawn = self.keys_now()
        self.secrets |= self.drawn
        self.needles = watched.needles_of({**self.secrets, **self.keys})


def lives(tour, rotation, memory):
    keys = {name: world.randomness.randbytes(32) for name in ("a.key", "b.key")}
    for store, copy in (("sqlite:v", "file:w"), ("file:v", "sqlite:w")):
        tokens = {f"token{n}": world.text(SIZE) for n in range(6)}
        passphrase = world.text(PASSPHRASE)
        given = b"".join(tokens.values()) + passphrase
        yield Life(tour, [store, "@a.key", "@b.key", copy], given, {**tokens, "passphrase": passphrase}, keys)
    tokens = {name: world.text(SIZE) for name in ("admin", "first", "second")}
    given = tokens["admin"] + tokens["first"] + b"." + tokens["second"] + b"." * 16
    yield Life(rotation, ["whole", "memfd_secret", "sqlite:v", "@a.key"], given, tokens, {"a.key": keys["a.key"]})


def live(life, setting):
    run = life.run(setting, rests=True)
    label = f"{life.name} as {setting.name}"
    counts["stops"] += run.totals["stops"]
    if run.ended != ("exit", 0):
        fail(label, f"ended {run.ended}: {run.errors[-200:]!r}")
    if not life.drawn or life.keys_now() != life.drawn:
        fail(label, "it drew other keys than it had rehearsed")
    if run.outside:
        fail(label, f"outside secret memory: {[str(seen) for seen in run.outside[:4]]}")
    tokens = {name for name in life.secrets if name.startswith(("token", "admin", "first", "second"))}
    at_rest = {secret for secret, _ in run.left} & tokens
    if at_rest and life.name.startswith("memory_tour"):
        fail(label, f"there while at rest: {sorted(at_rest)}")
    if setting.backing == "locked" and (not tokens <= run.in_arena or not run.all_locked):
        fail(label, "not all of it was seen, or not locked")
    return run.totals["stops"]


def crash(life, setting, stop):
    """The files that it leaves are searched, its core file among them."""
    run = life.run(setting, crash_at=stop, cores=True)
    label = f"{life.name} as {setting.name}, crashed at stop {stop}"
    # A run that waits for nobody makes fewer calls, and may be over by then.
    early = run.ended == ("exit", 0)
    if run.ended != ("signal", 11) and not early:
        fail(label, f"ended {run.ended}")
    found, files = watched.search_files(life.needles, life.run_folder)
    cores = [path for path in life.run_folder.iterdir() if path.name.startswith("core")]
    counts["crashes"] += not early
    counts["early"] += early
    if counts["early"] > 3 + counts["crashes"] // 10:
        fail(label, f'{counts["early"]} runs were over before they could crash')
    counts["files"] += files
    counts["cores"] += len(cores)
    if found:
        fail(label, f"in a core or another file: {[str(seen) for seen in found[:4]]}")


def planted(memory):
    """The same finds what was left on purpose, in memory and in the core file of a crash."""
    for where in ("heap", "stack", "stdio"):
        token = world.text(SIZE)
        life = Life(memory, ["leak", where, "locked"], token + b".", {"token": token}, {})
        run = life.run(watched.SETTINGS[3])
        if not {seen.place for seen in run.outside if seen.form == "raw"}:
            fail(f"planted on {where}", "was not found in memory")
        raw = [seen for seen in run.outside if seen.form == "raw" and seen.place != "registers"]
        stop = (min(seen.first for seen in raw) + max(seen.last for seen in raw)) // 2
        life.run(watched.SETTINGS[3], crash_at=stop, cores=True)
        found, _ = watched.search_files(life.needles, life.run_folder)
        cores = [path for path in life.run_folder.iterdir() if path.name.startswith("core")]
        if not cores:
            left_out("core files: this system writes none here")
        elif not found:
            fail(f"planted on {where}", "was not found in the core file")


def main():
    if os.getuid() != 0:
        print("only root can start processes as another user")
        raise SystemExit(SKIP)
    planted(sys.argv[3])
    for life in lives(*sys.argv[1:]):
        life.learn(watched.SETTINGS[3])
        for setting in watched.SETTINGS if full() else watched.SETTINGS[2:4]:
            stops = live(life, setting)
            wanted = 60 if full() else 6
            for stop in sorted(set(range(2, stops, max(1, stops // wanted)))):
                crash(life, setting, stop)
    if not full():
        left_out("most crashes, and other users and backings, of `memory_life`")
    tried("memory of a process that lives on: stops at a system call", counts["stops"], len(failures))
    tried(f"memory of a process that lives on: SIGSEGV ({counts['cores']} core files searched)", counts["crashes"],
          len(failures))
    raise SystemExit(1 if failures else 0)


if __name__ == "__main__":
    main()
