"""Breaks a vault's life at every single call that writes, and looks at what is left.

kill:  SIGKILL on entering the n-th call, for every n. Every acknowledged step must be there, the
       step that was under way wholly or not at all, and the vault must open, verify clean and go on.
error: the n-th call fails with EIO or ENOSPC. A step that says it failed must have changed nothing,
       unless it says in_doubt.
"""
import concurrent.futures
import os
import shutil
import subprocess
import sys
import tempfile

STEPS = 16
WRITES = "write,pwrite64,writev,fsync,fdatasync,ftruncate,fallocate,unlink,unlinkat,rename,renameat,link,mkdir,fchmod"
OPENS = ",openat"


def run(words):
    return subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120)


def state(probe, path):
    done = run([probe, "state", path])
    if done.returncode != 0:
        raise SystemExit(f"state failed: {done.stdout} {done.stderr}")
    return done.stdout.strip()


def inject(probe, path, calls, fault, n):
    """What the broken run said, and whether the n-th call came at all."""
    trace = path + ".trace"
    words = ["strace", "-f", "-qq", "-o", trace, "-e", f"trace={calls}", "-e", f"inject={calls}:{fault}:when={n}"]
    said = run(words + [probe, "live", path, "1", str(STEPS)]).stdout.splitlines()
    with open(trace, encoding="utf-8", errors="replace") as lines:
        hit = any("INJECTED" in line or "+++ killed by SIGKILL" in line for line in lines)
    return said, hit


def acknowledged(said):
    return sum(1 for line in said if line.startswith("ack "))


def allowed_states(said, expected):
    """A step under way may be there or not; one that reported an error other than doubt may not."""
    acks = acknowledged(said)
    failed = [line.split()[2] for line in said if line.startswith("error ")]
    if acks == STEPS or (failed and failed[0] != "in_doubt"):
        return {expected[acks]}
    return {expected[acks], expected[acks + 1]}


def one_point(probe, calls, fault, n, expected):
    folder = tempfile.mkdtemp(prefix="tokenvault-crash.")
    try:
        path = os.path.join(folder, "v.db")
        said, hit = inject(probe, path, calls, fault, n)
        found = state(probe, path)
        if found.startswith("closed") and acknowledged(said) == 0 and found.split()[1] in ("no_vault", "tampered"):
            found = "closed"
        if found not in allowed_states(said, expected):
            return hit, f"{fault} at call {n}: after {said[-1:] or 'nothing'} found {found!r}"
        # What is left must carry on: from creation, or from the next step.
        if found == "closed":
            rest = run([probe, "live", path, "1", "3"]).stdout.splitlines()
            fine = acknowledged(rest) == 3
        else:
            rest = run([probe, "live", path, "2", "3"]).stdout.splitlines()
            fine = acknowledged(rest) == 2
        return hit, None if fine else f"{fault} at call {n}: cannot go on: {rest}"
    finally:
        shutil.rmtree(folder)


def sweep(probe, calls, fault, expected):
    """Runs points in order until one is past the last call. Two at a time: the machine has two cores."""
    points, losses, n, reached = 0, [], 1, True
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        while reached:
            batch = list(pool.map(lambda k: one_point(probe, calls, fault, k, expected), range(n, n + 16)))
            points += sum(1 for hit, _ in batch if hit)
            losses += [loss for _, loss in batch if loss]
            reached = batch[-1][0]
            n += 16
    print(f"{fault}: {points} points, {len(losses)} losses", flush=True)
    return points, losses


def expected_states(probe, folder):
    states = ["closed"]
    for last in range(1, STEPS + 1):
        path = os.path.join(folder, f"{last}.db")
        said = run([probe, "live", path, "1", str(last)]).stdout.splitlines()
        if acknowledged(said) != last:
            raise SystemExit(f"without any fault: {said[-1:]}")
        states.append(state(probe, path))
    if len(set(states)) != STEPS + 1:
        raise SystemExit("two steps look the same: the sweep could not tell a loss")
    return states


def main():
    probe, kind = sys.argv[1:3]
    if not shutil.which("strace") or run(["strace", "-qq", "-e", "trace=none", "true"]).returncode != 0:
        print("skipped: strace is absent or may not trace here")
        return 77
    with tempfile.TemporaryDirectory(prefix="tokenvault-crash.") as folder:
        expected = expected_states(probe, folder)
    faults = ["signal=KILL"] if kind == "kill" else ["error=EIO", "error=ENOSPC"]
    points, losses = 0, []
    for fault in faults:
        more, lost = sweep(probe, WRITES + (OPENS if kind == "kill" else ""), fault, expected)
        points, losses = points + more, losses + lost
    for loss in losses[:20]:
        print(loss)
    print(f"{kind}: {points} points, {len(losses)} losses")
    return 1 if losses or points < 50 else 0


if __name__ == "__main__":
    sys.exit(main())
