"""A variable that was consumed is nowhere: not in /proc/PID/environ, not in memory, not in a core file.

Before it is consumed, and in a process that never does, both scans find it; a scan that could not proves nothing.
"""
import sys

import scanner
from memory_test import KIB, TOKEN, Probe, check, expect_core, expect_in_arena, expect_nowhere, finish, text

VARIABLE = "ACME_API_TOKEN"


def environ(probe):
    with open(f"/proc/{probe.process.pid}/environ", "rb") as file:
        return file.read()


def expect_there(probe, token, label):
    assignment = VARIABLE.encode() + b"=" + token
    hits, _ = scanner.scan_memory(probe.process.pid, scanner.needles(token))
    check(assignment in environ(probe).split(b"\0"), f"{label}: the environment shows it")
    check(any(hit.mapping.name == "[stack]" for hit in hits), f"{label}: the scan of memory finds it")


def expect_gone(probe, label):
    block = environ(probe)
    check(VARIABLE.encode() not in block, f"{label}: its name is not in the environment")
    check(b"BESIDE=it\0" in block and b"BEFORE=it\0" in block, f"{label}: what was beside it is")


class Life:
    def __init__(self, program, mode, backing="locked"):
        self.token, self.label, self.backing = text(TOKEN), f"{mode} on {backing}", None
        variables = {"BEFORE": "it", VARIABLE: self.token, "BESIDE": "it"}
        self.probe = Probe(program, [mode, backing, VARIABLE], 64 * KIB, variables=variables)

    def __enter__(self):
        self.probe.reach("started")
        expect_there(self.probe, self.token, f"{self.label}, started")
        return self

    def __exit__(self, *words):
        self.probe.__exit__(*words)

    def go_to(self, phase):
        self.probe.go_on()
        self.backing, _ = self.probe.reach(phase)
        return f"{self.label}, {phase}"


def keep(program):
    with Life(program, "keep") as life:
        expect_there(life.probe, life.token, life.go_to("kept"))
        hits = life.probe.core(scanner.needles(life.token))
        if hits is not None:
            check(len(hits) >= TOKEN - scanner.FRAGMENT + 1, "keep: the core file has it, whole")


def consume(program, backing):
    with Life(program, "consume", backing) as life:
        label = life.go_to("taken")
        expect_gone(life.probe, label)
        expect_in_arena(life.probe, life.token, label, life.backing)
        label = life.go_to("freed")
        expect_nowhere(life.probe, {"token": life.token}, label)
        expect_core(life.probe, {"token": life.token}, label)


def plain(program, backing):
    with Life(program, "plain", backing) as life:
        label = life.go_to("opened")
        expect_gone(life.probe, label)
        expect_nowhere(life.probe, {"token": life.token}, label)
        label = life.go_to("got")
        expect_in_arena(life.probe, life.token, label, life.backing)
        expect_core(life.probe, {"token": life.token}, label)


def main():
    program = sys.argv[1]
    keep(program)
    for backing in ("locked", "memfd_secret"):
        consume(program, backing)
        plain(program, backing)
    finish("memory, an environment variable that was taken: places of one secret at one phase")


if __name__ == "__main__":
    main()
