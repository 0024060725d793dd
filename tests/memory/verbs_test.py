"""Every verb of the command, looked at whenever it enters or leaves the kernel, as this and that user on each backing.

No piece of a token or a key is outside secret memory, nor in a register, from its first system call to its last; only
what a verb needs is in secret memory, and nothing of it at the end; what it writes and leaves holds none.
    verbs_test.py COMMAND AGED_PUT look|crash sqlite|file
"""
import base64
import os
import sys

import watched
import world
from verbs import ALL_CASES, CHANGING, MOVING, ROTATING, TAKING, verbs_of

from cases import SKIP
from proof import full, left_out, sample, tried

failures = []
counts = {"runs": 0, "stops": 0, "files": 0, "cores": 0, "early": 0}


def fail(label, what):
    print("FAIL", label, what, flush=True)
    failures.append(label)


class Stage:
    """A world and what there is to look for in it."""

    def __init__(self, command, aged_put, scheme):
        self.world = world.World(command, aged_put, scheme)
        self.secrets = {**self.world.tokens, **self.world.keys}
        self.needles = watched.needles_of(self.secrets)
        self.world.file("other", self.world.keys["other-passphrase"])

    def words(self, words):
        given, home = f"{self.world.given}/", f"{self.world.home}/"
        for word in words:
            if word.startswith("slot:"):
                yield self.world.slots[word[5:]]
            else:
                yield word.replace("@", given).replace("%", home)

    def stdin(self, case):
        if case.stdin == "json":
            return (self.world.given / "in.json").read_bytes()
        return self.world.tokens.get(case.stdin, case.stdin) or b""

    def begin(self, case, setting):
        for name in ("out", "code2", "c.key", "you.id"):
            (self.world.given / name).unlink(missing_ok=True)
        self.world.renew()
        for words in case.before:
            self.world.run(*self.words(words))
        for place in (self.world.home, self.world.given):
            watched.give(place, setting.user)

    def run(self, case, setting, needles, **terms):
        words = [self.world.command, *self.words(case.words)]
        return watched.watch(needles, words, setting, stdin=self.stdin(case), variables=self.world.variables,
                             cwd=self.world.home / "tmp", **terms)


def made_by(stage):
    """The keys of the vaults that are there now, and of the files that were made for them."""
    keys = world.key_texts(stage.world.given)
    key_file = stage.world.given / "c.key"
    if key_file.exists():
        keys["c.key"] = key_file.read_bytes()
    for name in ("v", "w"):
        for key in ("a.key", "b.key"):
            keys |= world.keys_if_any(stage.world.home / "data" / name, stage.world.keys[key], f"{name}-{key[0]}-")
        if name == "w":
            keys |= world.keys_if_any(stage.world.home / "data" / name, stage.world.keys["passphrase"], "w-p-", True)
    return keys


def rehearse(stage, case, setting, seed):
    """Runs it once to learn what it draws: the same bytes are drawn when it runs again."""
    stage.begin(case, setting)
    stage.run(case, setting, stage.needles, random=os.open(seed, os.O_RDONLY))
    return made_by(stage)


def look(stage, case, setting):
    label = f"{setting.name}, {stage.world.scheme}: {' '.join(case.words)}"
    needles, made, terms = stage.needles, {}, {}
    if case.draws:
        seed = stage.world.file("seed", world.randomness.randbytes(1 << 16))
        made = rehearse(stage, case, setting, seed)
        needles = watched.needles_of({**stage.secrets, **made})
        terms = {"random": os.open(seed, os.O_RDONLY)}
    stage.begin(case, setting)
    run = stage.run(case, setting, needles, **terms)
    if case.draws and made_by(stage) != made:
        fail(label, "it drew other keys than it had rehearsed")
    judge(stage, case, setting, label, needles, run)
    counts["runs"] += 1
    counts["stops"] += run.totals["stops"]


def judge(stage, case, setting, label, needles, run):
    if run.ended is None or run.ended[0] != "exit" or case.ends not in (None, run.ended[1]):
        fail(label, f"ended {run.ended}: {run.errors[-300:]!r}")
    outside = [seen for seen in run.outside if not is_inside_argon2(seen)]
    if outside:
        fail(label, f"outside secret memory: {[str(seen) for seen in outside[:4]]}")
    surplus = (run.in_arena & set(stage.world.tokens)) - case.holds
    if surplus or (case.quiet and run.in_arena):
        fail(label, f"in secret memory without need: {sorted(surplus or run.in_arena)}")
    if run.left:
        fail(label, f"still there at the end: {sorted(run.left)}")
    if setting.backing == "locked" and not run.all_locked:
        fail(label, "secret memory was not locked")
    if setting.backing == "memfd_secret" and run.in_arena:
        fail(label, f"was seen in memory that nobody can read: {sorted(run.in_arena)}")
    judge_what_is_written(stage, case, label, needles, run)


def is_inside_argon2(seen):
    """libsodium gives the memory of Argon2id back before it clears what came of it: docs/threat-model.md, "not its middle"."""
    return seen.secret == "passphrase-key" and seen.call == "before munmap" and seen.last - seen.first <= 3


def kind_of(target):
    number, _, path = target.partition(" ")
    name = os.path.basename(path).split(".new-")[0]
    return "stdout" if number == "1" else "memfd" if "memfd" in path else name


def judge_what_is_written(stage, case, label, needles, run):
    handed = {kind_of(target) for _, target in run.handed}
    if handed - case.hands:
        fail(label, f"secret memory was written to {sorted(run.handed)}")
    shown = watched.search_bytes(needles, run.output)
    if shown - case.shows or case.shows - shown:
        fail(label, f"on stdout is {sorted(shown)}")
    if watched.search_bytes(needles, run.errors):
        fail(label, "a secret is on stderr")
    found, files = watched.search_files(needles, stage.world.home)
    counts["files"] += files
    if found:
        fail(label, f"in files: {[str(seen) for seen in found[:4]]}")


def controls(stage):
    """What is planted into the command itself is found, wherever it is, and what is known to be there."""
    get, setting = TAKING[0], watched.SETTINGS[3]
    stage.begin(get, setting)
    plain = stage.run(get, setting, stage.needles)
    known = {"one", "a.key", "master1", "record1", "top1", "tree"}
    if not known <= plain.in_arena:
        fail("control", f"not seen in secret memory: {sorted(known - plain.in_arena)}")
    plant = b"%s plant\n" % stage.world.tokens["two"][:16].hex().encode()
    for where in ("heap", "stack", "data", "register"):
        stage.begin(get, setting)
        run = stage.run(get, setting, [*stage.needles, plant], plant=where, plant_at=plain.totals["stops"] // 2)
        found = {seen.place for seen in run.outside if seen.secret == "two"}
        if not found:
            fail("control", f"what was planted on {where} was not found")
    for name, content in (("base64", base64.b64encode(b"to" + stage.world.tokens["one"])),
                          ("utf-16", stage.world.tokens["one"].decode().encode("utf-16be")),
                          ("bytes", b"\0" * 70000 + stage.world.keys["master1"])):
        stage.begin(get, setting)
        (stage.world.home / "tmp/planted").write_bytes(b"before " + content)
        if not watched.search_files(stage.needles, stage.world.home)[0]:
            fail("control", f"what was planted as {name} in a file was not found")


def crash(stage, setting, cases, wanted):
    """SIGSEGV at this and that system call: what is left in files, log, temporary files or a core has none of it."""
    for case in cases:
        stage.begin(case, setting)
        whole = stage.run(case, setting, stage.needles)
        stops = whole.totals["stops"]
        for stop in range(3, stops, max(1, stops // wanted)):
            stage.begin(case, setting)
            label = f"{setting.name}, {stage.world.scheme}: {' '.join(case.words)}, crashed at stop {stop}"
            run = stage.run(case, setting, stage.needles, crash_at=stop, cores=True)
            # A run that waits for nobody makes fewer calls, and may be over by then.
            early = run.ended == whole.ended
            if run.ended != ("signal", 11) and not early:
                fail(label, f"ended {run.ended}")
            counts["early"] += early
            if counts["early"] > 3 + counts["runs"] // 10:
                fail(label, f'{counts["early"]} runs were over before they could crash')
            found, files = watched.search_files(stage.needles, stage.world.home)
            counts["runs"] += 1
            counts["files"] += files
            counts["cores"] += sum(1 for name in os.listdir(stage.world.home / "tmp") if name.startswith("core"))
            if found:
                fail(label, f"in files: {[str(seen) for seen in found[:4]]}")


def all_verbs(stage):
    """What `--help` lists."""
    lines = stage.world.run("--help").decode().splitlines()
    return {line[2:].split("  ")[0] for line in lines if line.startswith("  ") and line[2] != " "}


def look_at_all(stage):
    missing = all_verbs(stage) - verbs_of(ALL_CASES)
    if missing:
        fail("verbs", f"nobody looks at {sorted(missing)}")
    controls(stage)
    is_first = stage.world.scheme == "sqlite"
    cases = [case for case in ALL_CASES if is_first or case.words[0] != "migrate"]
    every, few = (watched.SETTINGS, watched.SETTINGS[2:4]) if is_first else (watched.SETTINGS[1:4], watched.SETTINGS[3:4])
    for setting in every if full() else few:
        for case in cases if full() or (is_first and setting.backing == "locked") else sample(cases, 10):
            look(stage, case, setting)
    if not full():
        left_out(f"other users and backings of `memory_verbs_look_{stage.world.scheme}`")


def crash_all(stage):
    cases = [case for case in TAKING + CHANGING + ROTATING + MOVING if case.words[0] not in ("lock", "migrate")]
    for setting in watched.SETTINGS[1:3] if full() else watched.SETTINGS[3:4]:
        crash(stage, setting, cases if full() else cases[::4], 8 if full() else 3)
    if not full():
        left_out(f"most crashes of `memory_verbs_crash_{stage.world.scheme}`")


def main():
    command, aged_put, mode, scheme = sys.argv[1:]
    if os.getuid() != 0:
        print("only root can look into a process that is hardened")
        raise SystemExit(SKIP)
    (look_at_all if mode == "look" else crash_all)(Stage(command, aged_put, scheme))
    what = "memory of the command" if mode == "look" else f"residue of a crash ({counts['cores']} core files)"
    what += f", {scheme}"
    tried(f"{what}: runs of a verb", counts["runs"], len(failures))
    if mode == "look":
        tried(f"{what}: stops at a system call, all readable memory searched", counts["stops"], len(failures))
    tried(f"{what}: files searched afterwards", counts["files"], len(failures))
    raise SystemExit(1 if failures else 0)


if __name__ == "__main__":
    main()
