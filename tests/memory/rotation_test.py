"""A process that has rotated a token and lives on: the tokens it saw are nowhere in its memory, nor in its core file.

While the provider is asked they are in the arena alone, and so is what it is given besides.
"""
import os
import sys

import scanner
from memory_test import (KIB, NOBODY, TOKEN, Probe, check, expect, expect_core, finish, granted, randomness,
                         settings, skipped, text)

STORES = {"sqlite": "sqlite:v", "file": "file:v"}
MARKER = 16  # bytes with which all tokens begin
ASKED = {"key", "admin", "first"}
# Phase, the secret it is given on the way there, and those in use then. The key stays: an open vault keeps it.
WHOLE = [("issuing", "second", ASKED | {"second"}), ("sealed", None, ASKED | {"second"}),
         ("revoking", None, ASKED | {"second"})]
PARTS = [("issuing", "rejected", ASKED | {"rejected"}), ("sealed", None, ASKED | {"rejected"}),
         ("issuing", "second", ASKED | {"rejected", "second"}), ("sealed", None, ASKED | {"rejected", "second"}),
         ("revoking", None, ASKED | {"rejected", "second"})]
AFTER = [("rotated", None, {"key"}), ("exposed", None, {"key", "second"}), ("dead", None, {"key"}),
         ("closing", None, {"key"})]
PROGRAM = """#!/bin/sh
case $1 in
describe) echo '{"tvp":1,"issue":"once","old":"kept","revoke":true}' ;;
issue) cat FOLDER/tokens >&4; exec 4>&-; echo '{"id":"id-1","owner":"acme","message":"made one"}' ;;
probe) echo '{"state":"valid","owner":"acme","message":"asked"}' ;;
revoke) echo '{"state":"gone"}' ;;
esac
"""


def secrets_of(mode):
    """All tokens begin alike; every piece of each is looked for."""
    marker = text(MARKER)
    names = ["admin", "first", "second"] + ["rejected"] * (mode == "parts")
    return {"key": randomness.randbytes(32), **{name: marker + text(TOKEN - MARKER) for name in names}}


class Life:
    """A probe at the phase `put`, or at none where the kernel has not got the backing."""

    def __init__(self, program, mode, store, setting):
        self.asked, self.limit, self.backing = setting
        self.label = f"{mode} on {store}, {self.backing}"
        self.secrets = secrets_of(mode)
        self.probe = Probe(program, [mode, self.asked, STORES[store], "@key"], self.limit, self.secrets["key"])

    def __enter__(self):
        self.probe.give(self.secrets["admin"] + self.secrets["first"])
        self.is_ready = granted(self.probe, "put", self.backing, self.label)
        if self.is_ready:
            self.expect({"key"}, "put")
        return self

    def __exit__(self, *words):
        self.probe.__exit__(*words)

    def expect(self, in_use, phase):
        """Where one token is in use, what it has in common with the others is there too."""
        tokens = self.secrets.keys() - {"key"}
        secrets = {name: secret[MARKER:] if name in tokens - in_use and tokens & in_use else secret
                   for name, secret in self.secrets.items()}
        expect(self.probe, secrets, in_use, f"{self.label}, {phase}", self.backing)

    def go_through(self, phases):
        for phase, given, in_use in phases:
            self.probe.go_on()
            self.probe.give(self.secrets[given] if given else b"")
            self.probe.reach(phase)
            self.expect(in_use, phase)

    def end(self):
        expect_core(self.probe, {"second": self.secrets["second"]}, f"{self.label}, closing")


def rotated(program, mode, store, setting, phases):
    with Life(program, mode, store, setting) as life:
        if life.is_ready:
            life.go_through(phases + AFTER)
            life.end()


def by_a_program(program, setting):
    """Its tokens come by a pipe, so that it waits while the process that asks it is looked at."""
    backing, limit, wanted = setting
    with Life(program, "@program", "sqlite", (backing, limit and 1024 * KIB, wanted)) as life:
        if not life.is_ready:
            return
        folder = life.probe.folder
        life.probe.file("program", PROGRAM.replace("FOLDER", folder).encode())
        os.chmod(os.path.join(folder, "program"), 0o700)
        tokens = os.path.join(folder, "tokens")
        os.mkfifo(tokens)
        if os.getuid() == 0:
            os.chown(tokens, NOBODY, NOBODY)
        life.probe.go_on()
        with open(tokens, "wb") as pipe:  # opens when the program waits at the other end
            life.expect(ASKED, "issuing")
            pipe.write(life.secrets["second"])
        life.probe.reach("rotated")
        life.expect({"key"}, "rotated")
        life.go_through(AFTER[1:])
        life.end()


def planted(program):
    """A provider that keeps a copy: the scan finds it, then and after the rotation."""
    setting = settings()[1]
    with Life(program, "leak", "sqlite", setting) as life:
        wanted = scanner.needles(life.secrets["second"])
        for phase, given, _ in WHOLE + AFTER[:1]:
            life.probe.go_on()
            life.probe.give(life.secrets[given] if given else b"")
            life.probe.reach(phase)
            hits, _ = scanner.scan_memory(life.probe.process.pid, wanted)
            outside = [hit for hit in hits if not scanner.is_arena(hit.mapping)]
            check(len(outside) >= TOKEN - scanner.FRAGMENT + 1, f"leak, {phase}: found outside the arena, whole")
        core = life.probe.core(wanted)
        if core is None:
            skipped.append("leak: no core file is written here")
        else:
            check(len(core) >= TOKEN - scanner.FRAGMENT + 1, "leak: found in the core file, whole")


def main():
    program = sys.argv[1]
    planted(program)
    for setting in settings()[:3]:
        rotated(program, "whole", "sqlite", setting, WHOLE)
        by_a_program(program, setting)
        if setting[2] != "plain":  # where memory that is not locked comes from makes no difference to these
            rotated(program, "whole", "file", setting, WHOLE)
            rotated(program, "parts", "sqlite", setting, PARTS)
    finish("memory, a rotation: places of one secret at one phase")


if __name__ == "__main__":
    main()
