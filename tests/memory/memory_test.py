"""Runs the probe and scans it at every phase. Which secret may be where:

A secret in use is in the arena alone; one that is not in use is nowhere; a core file has neither.
The planted leaks come first: a scan that cannot find those proves nothing.
"""
import base64
import glob
import os
import random
import resource
import shutil
import signal
import string
import subprocess
import sys
import tempfile

import scanner

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from proof import tried  # noqa: E402

KIB = 1024
NOBODY = 65534
TOKEN, PASSPHRASE, TOKENS = 64, 40, 1000
ALPHABET = (string.ascii_letters + string.digits).encode()
randomness = random.SystemRandom()
failures = []
skipped = []
checked = []


def text(size):
    return bytes(randomness.choice(ALPHABET) for _ in range(size))


def check(holds, what):
    print("ok  " if holds else "FAIL", what, flush=True)
    checked.append(what)
    if not holds:
        failures.append(what)


class Probe:
    """The process, in a folder of its own, with a limit on locked memory that really binds it."""

    def __init__(self, program, words, limit, key=None, variables=None):
        self.folder = tempfile.mkdtemp(prefix="tokenvault-memory.")
        own = shutil.copy(program, self.folder)
        identity = {}
        if os.getuid() == 0:  # root's locks have no limit
            os.chown(self.folder, NOBODY, NOBODY)
            identity = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        if key is not None:
            self.file("key", key)
        words = [os.path.join(self.folder, word[1:]) if word.startswith("@") else word for word in words]
        self.process = subprocess.Popen(
            [own, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=self.folder, bufsize=0, env=variables,
            preexec_fn=lambda: self.limit(limit), **identity)

    @staticmethod
    def limit(locked):
        resource.setrlimit(resource.RLIMIT_MEMLOCK, (locked, locked))
        most = resource.getrlimit(resource.RLIMIT_CORE)[1]
        resource.setrlimit(resource.RLIMIT_CORE, (most, most))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
        shutil.rmtree(self.folder)

    def file(self, name, data):
        path = os.path.join(self.folder, name)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
        if os.getuid() == 0:
            os.chown(path, NOBODY, NOBODY)

    def give(self, data):
        self.process.stdin.write(data)

    def reach(self, phase):
        """Waits for the phase; gives the backing it reports and its plain bytes."""
        words = self.process.stdout.readline().decode().split()
        if not words or words[0] != phase:
            raise SystemExit(f"FAIL the probe ended before '{phase}' (said {words})")
        return words[1], int(words[3])

    def go_on(self):
        self.give(b".")

    def core(self, wanted):
        """Hits in the core file of a real crash; None when this system writes no core files here."""
        self.process.send_signal(signal.SIGABRT)
        self.process.wait()
        cores = glob.glob(os.path.join(self.folder, "core*"))
        return scanner.scan_file(cores[0], wanted) if cores else None


def expect_nowhere(probe, secrets, label):
    for name, secret in secrets.items():
        hits, _ = scanner.scan_memory(probe.process.pid, scanner.needles(secret))
        places = sorted({f"{hit.form}@{hit.mapping.name or 'anonymous'}+{hit.place - hit.mapping.start:#x}"
                         f"/{hit.place:#x}" for hit in hits})
        check(not hits, f"{label}: {name} is nowhere {places[:6] if places else ''}")


def expect_in_arena(probe, secret, label, backing):
    hits, hidden = scanner.scan_memory(probe.process.pid, scanner.needles(secret))
    outside = [f"{hit.form}@{hit.mapping.name}" for hit in hits if not scanner.is_arena(hit.mapping)]
    check(not outside, f"{label} is nowhere but in the arena {outside[:6] if outside else ''}")
    if backing == "memfd_secret":
        check(not hits, f"{label} is not to be seen in the arena either")
        check(any("secretmem" in mapping.name for mapping in hidden), f"{label} has a hidden mapping")
    else:
        check(len(hits) > 0, f"{label} is seen in the arena, so the scan works")
        locked = all("lo" in hit.mapping.flags for hit in hits)
        check(locked == (backing == "locked"), f"{label} is locked just when it says so")


def expect_core(probe, secrets, label):
    for name, secret in secrets.items():
        hits = probe.core(scanner.needles(secret))
        if hits is None:
            skipped.append(f"{label}: no core file is written here")
        else:
            check(not hits, f"{label}: {name} is not in the core file {hits[:6] if hits else ''}")


def settings():
    """Backing asked for, limit on locked memory, backing to be had."""
    return [("memfd_secret", 64 * KIB, "memfd_secret"), ("locked", 64 * KIB, "locked"),
            ("memfd_secret", 0, "plain"), ("locked", 0, "plain")]


def granted(probe, phase, wanted, label):
    """False, and a line on stdout, where the kernel has not got memfd_secret."""
    backing, _ = probe.reach(phase)
    if wanted == "memfd_secret" and backing != wanted:
        skipped.append(f"{label}: this kernel has no memfd_secret")
        return False
    check(backing == wanted, f"{label}: runs on {wanted}")
    return backing == wanted


def controls(program):
    for where in ("heap", "stack", "stdio"):
        token = text(TOKEN)
        wanted = scanner.needles(token)
        with Probe(program, ["leak", where, "memfd_secret"], 64 * KIB) as probe:
            probe.give(token)
            probe.reach("planted")
            hits, _ = scanner.scan_memory(probe.process.pid, wanted)
            outside = [hit for hit in hits if not scanner.is_arena(hit.mapping)]
            check(len(outside) >= TOKEN - scanner.FRAGMENT + 1, f"leak on {where}: found in memory, whole")
            core = probe.core(wanted)
            if core is None:
                skipped.append(f"leak on {where}: no core file is written here")
            else:
                whole = len(core) >= TOKEN - scanner.FRAGMENT + 1
                check(whole, f"leak on {where}: found in the core file, whole")
    every_form()


def every_form():
    """Each writing of a secret is found, whatever stands beside it, and nothing that is not one."""
    quick = b"The quick brown fox jumps over a lazy dog on a sunny day at noon\xff\xfe?>"
    wanted = scanner.needles(quick)
    samples = [quick[4:12], quick[::-1][3:11], quick.hex().encode(), quick.hex().upper().encode()]
    samples += [quick[:60].decode().encode(coding) for coding in ("utf-16le", "utf-16be")]
    samples += [code(before + quick + after) for before in (b"", b"u", b"us", b"user:", b"a longer user:")
                for code in (base64.b64encode, base64.urlsafe_b64encode) for after in (b"", b"!", b" and more")]
    seen = set()
    for sample in samples:
        found = scanner.find(wanted, b"\0\1" + sample + b"\n")
        check(len(found) > 0, f"form: {sample[:12]!r} is recognised")
        seen |= {form.split("[")[0] for form, _ in found}
    check(seen == {form.split("[")[0] for form in wanted.values()}, f"form: each was seen: {sorted(seen)}")
    check(not scanner.find(wanted, quick[4:11] + b"_" + quick[20:27]), "form: less than a piece is nothing")


def secret(program):
    for asked, limit, wanted in settings():
        label = f"secret on {wanted} ({asked}, limit {limit // KIB} KiB)"
        for crash_at in ("held", "freed", "encoded"):
            token = text(TOKEN)
            with Probe(program, ["secret", asked], limit) as probe:
                probe.give(token)
                if not granted(probe, "held", wanted, label):
                    break
                if crash_at == "held":
                    expect_in_arena(probe, token, f"{label}, held: token", wanted)
                else:
                    probe.go_on()
                    probe.reach("freed")
                    expect_nowhere(probe, {"token": token}, f"{label}, freed")
                if crash_at == "encoded":
                    probe.go_on()
                    probe.give(token)
                    probe.reach("encoded")
                    expect_nowhere(probe, {"token": token}, f"{label}, encoded")
                expect_core(probe, {"token": token}, f"{label}, {crash_at}")


def vault(program):
    for asked, limit, wanted in settings()[:3]:
        vault_life(program, asked, limit, wanted)


# Phase, the secret it is given, and those in use then. An open vault keeps the raw key that opened it,
# to carry its slot over when the master key changes; of a passphrase it keeps only what was derived.
PHASES = [("opened", None, {"key"}), ("put", "token", {"key"}), ("exposed", None, {"key", "token"}),
          ("dead", None, {"key"}), ("passphrase_added", "passphrase", {"key"}), ("closed", None, set()),
          ("reopened", "passphrase", set())]


def expect(probe, secrets, in_use, label, backing):
    for name in sorted(in_use):
        expect_in_arena(probe, secrets[name], f"{label}: {name}", backing)
    expect_nowhere(probe, {name: secrets[name] for name in secrets.keys() - in_use}, label)


def vault_life(program, asked, limit, wanted):
    label = f"vault on {wanted}"
    key = randomness.randbytes(32)
    token, passphrase = text(TOKEN), text(PASSPHRASE)
    head, tail = text(16), text(16)  # of each of the many
    secrets = {"key": key, "token": token, "passphrase": passphrase}
    with Probe(program, ["vault", asked, "@db", "@key"], limit, key) as probe:
        if not granted(probe, "created", wanted, label):
            return
        expect(probe, secrets, {"key"}, f"{label}, created", wanted)
        for phase, given, in_use in PHASES:
            probe.go_on()
            probe.give({"token": token, "passphrase": passphrase}.get(given, b""))
            probe.reach(phase)
            expect(probe, secrets, in_use, f"{label}, {phase}", wanted)
        probe.go_on()
        for _ in range(TOKENS):
            probe.give(head + text(TOKEN - 32) + tail)
        many = {"head of 1000": head, "tail of 1000": tail}
        probe.reach("cached")
        expect_nowhere(probe, {**secrets, **many}, f"{label}, cached")
        probe.go_on()
        _, plain = probe.reach("verified")
        check(plain == 0 or wanted == "plain", f"{label}: everything stayed locked")
        expect_nowhere(probe, {**secrets, **many}, f"{label}, verified")
        expect_core(probe, {"head of 1000": head}, f"{label}, verified")


def finish(what):
    for reason in skipped:
        print("skip", reason)
    tried(what, len(checked), len(failures))
    if failures:
        raise SystemExit(f"{len(failures)} failures")


def main():
    program, suite = sys.argv[1:]
    {"controls": controls, "secret": secret, "vault": vault}[suite](program)
    finish(f"memory, {suite}: places of one secret at one phase")


if __name__ == "__main__":
    main()
