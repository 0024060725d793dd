"""Breaks a vault's life at every single call that writes, and looks at what is left.

kill:  SIGKILL on entering the n-th call, for every n. Every acknowledged step must be there, the
       step that was under way wholly or not at all, and the vault must open, verify clean and go on.
error: the n-th call fails with EIO, ENOSPC or EINTR. A step that says it failed must have changed
       nothing, unless it says in_doubt.
short: no file may grow beyond n bytes, so that one write is cut short and those after it fail.
"""
import collections
import concurrent.futures
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile

STEPS = 16
WRITES = "write,pwrite64,writev,fsync,fdatasync,ftruncate,fallocate,unlink,unlinkat,rename,renameat,renameat2,link,mkdir,fchmod"
OPENS_AND_LOCKS = ",openat,fcntl"
SHORT_STEP = 1000  # bytes; meets no multiple of a page


def run(words):
    return subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120)


def state(probe, path):
    done = run([probe, "state", path])
    if done.returncode != 0:
        return f"broken: {done.stderr.strip()[-200:]}"
    return done.stdout.strip()


def count_calls(probe, calls, folder):
    """How often each call comes in a whole life. strace counts each kind for itself, and so must a sweep:
    with all kinds at once the commonest is broken first at every n, and the others never."""
    trace = os.path.join(folder, "trace")
    run(["strace", "-f", "-qq", "-o", trace, "-e", f"trace={calls}", probe, "live", os.path.join(folder, "new", "v.db"),
         "1", str(STEPS)])
    with open(trace, encoding="utf-8", errors="replace") as lines:
        return collections.Counter(found[1] for found in (re.match(r"\d+ +(\w+)\(", line) for line in lines) if found)


def inject(probe, path, call, fault, n):
    """What the broken run said, and whether the n-th call of this kind came at all."""
    trace = os.path.join(os.path.dirname(os.path.dirname(path)), "trace")
    words = ["strace", "-f", "-qq", "-o", trace, "-e", f"trace={call}", "-e", f"inject={call}:{fault}:when={n}"]
    said = run(words + [probe, "live", path, "1", str(STEPS)]).stdout.splitlines()
    with open(trace, encoding="utf-8", errors="replace") as lines:
        hit = any("INJECTED" in line or "+++ killed by SIGKILL" in line for line in lines)
    return said, hit


def limit_sizes(size):
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def cut_short(probe, path, n):
    """What the run said whose files could not grow beyond the n-th size, and whether that was ever felt."""
    done = subprocess.run([probe, "live", path, "1", str(STEPS)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          timeout=120, restore_signals=False, preexec_fn=lambda: limit_sizes(n * SHORT_STEP))
    said = done.stdout.splitlines()
    return said, acknowledged(said) < STEPS


def break_at(probe, path, call, fault, n):
    return cut_short(probe, path, n) if fault == "short" else inject(probe, path, call, fault, n)


def acknowledged(said):
    return sum(1 for line in said if line.startswith("ack "))


def allowed_states(said, expected):
    """A step under way may be there or not; one that reported an error other than doubt may not."""
    acks = acknowledged(said)
    failed = [line.split()[2] for line in said if line.startswith("error ")]
    if acks == STEPS or (failed and failed[0] != "in_doubt"):
        return {expected[acks]}
    return {expected[acks], expected[acks + 1]}


def one_point(probe, call, fault, n, expected):
    folder = tempfile.mkdtemp(prefix="tokenvault-crash.")
    try:
        path = os.path.join(folder, "new", "v.db")
        said, hit = break_at(probe, path, call, fault, n)
        found = state(probe, path)
        if found.startswith("closed") and acknowledged(said) == 0 and found.split()[1] == "no_vault":
            found = "closed"
        if found not in allowed_states(said, expected):
            return hit, f"{fault} at {call} {n}: after {said[-1:] or 'nothing'} found {found!r}"
        # What is left must carry on: from creation, or from the next step.
        if found == "closed":
            rest = run([probe, "live", path, "1", "3"]).stdout.splitlines()
            fine = acknowledged(rest) == 3
        else:
            rest = run([probe, "live", path, "2", "3"]).stdout.splitlines()
            fine = acknowledged(rest) == 2
        return hit, None if fine else f"{fault} at {call} {n}: cannot go on: {rest}"
    finally:
        shutil.rmtree(folder)


def sweep(probe, counts, fault, expected):
    """Every point of every kind, two at a time: the machine has two cores."""
    points = [(call, n) for call, count in sorted(counts.items()) for n in range(1, count + 1)]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda point: one_point(probe, point[0], fault, point[1], expected), points))
    hits, losses = sum(1 for hit, _ in results if hit), [loss for _, loss in results if loss]
    kinds = ", ".join(f"{call} {count}" for call, count in sorted(counts.items()))
    print(f"{fault}: {hits} points ({kinds}), {len(losses)} losses", flush=True)
    return hits, losses


def expected_states(probe, folder):
    states = ["closed"]
    for last in range(1, STEPS + 1):
        path = os.path.join(folder, f"{last}.db")
        said = run([probe, "live", path, "1", str(last)]).stdout.splitlines()
        if acknowledged(said) != last:
            raise SystemExit(f"without any fault: {said[-1:]}")
        states.append(state(probe, path))
    if len(set(states)) != STEPS + 1 or any(one.startswith("broken") for one in states):
        raise SystemExit("two steps look the same or broken: the sweep could not tell a loss")
    return states


def main():
    probe, kind = sys.argv[1:3]
    if not shutil.which("strace") or run(["strace", "-qq", "-e", "trace=none", "true"]).returncode != 0:
        print("skipped: strace is absent or may not trace here")
        return 77
    with tempfile.TemporaryDirectory(prefix="tokenvault-crash.") as folder:
        expected = expected_states(probe, folder)
        counts = count_calls(probe, WRITES + (OPENS_AND_LOCKS if kind == "kill" else ""), folder)
        if kind == "short":
            counts = {"size": os.path.getsize(os.path.join(folder, "new", "v.db")) * 8 // SHORT_STEP}
    faults = {"kill": ["signal=KILL"], "short": ["short"], "error": ["error=EIO", "error=ENOSPC", "error=EINTR"]}[kind]
    points, losses = 0, []
    for fault in faults:
        more, lost = sweep(probe, counts, fault, expected)
        points, losses = points + more, losses + lost
    for loss in losses[:20]:
        print(loss)
    print(f"{kind}: {points} points, {len(losses)} losses")
    return 1 if losses or points < 50 else 0


if __name__ == "__main__":
    sys.exit(main())
