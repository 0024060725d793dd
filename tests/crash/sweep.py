"""Breaks the life of a vault of one scheme at every single call that writes, and looks at what is left.

kill:  SIGKILL on entering the n-th call, for every n. Every acknowledged step must be there, the
       step that was under way wholly or not at all, and the vault must open, verify clean and go on.
error: the n-th call fails with EIO, ENOSPC or EINTR. A step that says it failed must have changed
       nothing, unless it says in_doubt, and none may bring the process down.
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
WRITES = "write,pwrite64,writev,fsync,fdatasync,ftruncate,fallocate,unlink,unlinkat,rename,renameat,renameat2,link,mkdir,fchmod,utimensat,getdents64"
OPENS_AND_LOCKS = ",openat,fcntl"
SHORT_STEP = {"sqlite": 1000, "file": 170}  # bytes; meets no multiple of a page
LARGEST = {"sqlite": 8, "file": 1}  # times the vault's size: a log grows beyond its database


def run(words):
    return subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120)


def state(probe, uri):
    done = run([probe, "state", uri])
    if done.returncode != 0:
        return f"broken: {done.stderr.strip()[-200:]}"
    return done.stdout.strip()


def count_calls(probe, calls, uri, trace):
    """How often each call comes in a whole life. strace counts each kind for itself, and so must a sweep:
    with all kinds at once the commonest is broken first at every n, and the others never."""
    run(["strace", "-f", "-qq", "-o", trace, "-e", f"trace={calls}", probe, "live", uri, "1", str(STEPS)])
    with open(trace, encoding="utf-8", errors="replace") as lines:
        return collections.Counter(found[1] for found in (re.match(r"\d+ +(\w+)\(", line) for line in lines) if found)


def inject(probe, uri, trace, call, fault, n):
    """What the broken run said and how it ended, and whether the n-th call of this kind came at all."""
    words = ["strace", "-f", "-qq", "-o", trace, "-e", f"trace={call}", "-e", f"inject={call}:{fault}:when={n}"]
    done = run(words + [probe, "live", uri, "1", str(STEPS)])
    with open(trace, encoding="utf-8", errors="replace") as lines:
        hit = any("INJECTED" in line or "+++ killed by SIGKILL" in line for line in lines)
    return done, hit


def limit_sizes(size):
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def cut_short(probe, uri, size):
    """The same of a run whose files could not grow beyond `size`."""
    done = subprocess.run([probe, "live", uri, "1", str(STEPS)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          timeout=120, restore_signals=False, preexec_fn=lambda: limit_sizes(size))
    return done, acknowledged(done.stdout.splitlines()) < STEPS


def break_at(probe, uri, trace, call, fault, n):
    return cut_short(probe, uri, n * SHORT_STEP[uri.split(":")[0]]) if fault == "short" else inject(probe, uri, trace, call, fault, n)


def acknowledged(said):
    return sum(1 for line in said if line.startswith("ack "))


def allowed_states(said, expected):
    """A step under way may be there or not; one that reported an error other than doubt may not."""
    acks = acknowledged(said)
    failed = [line.split()[2] for line in said if line.startswith("error ")]
    if acks == STEPS or (failed and failed[0] != "in_doubt"):
        return {expected[acks]}
    return {expected[acks], expected[acks + 1]}


def place(scheme, folder):
    """Below a folder that is not there yet."""
    return f"{scheme}:{os.path.join(folder, 'new', 'v')}"


def one_point(probe, scheme, call, fault, n, expected):
    folder = tempfile.mkdtemp(prefix="tokenvault-crash.")
    try:
        uri = place(scheme, folder)
        done, hit = break_at(probe, uri, os.path.join(folder, "trace"), call, fault, n)
        said = done.stdout.splitlines()
        if fault != "signal=KILL" and done.returncode < 0:
            return hit, f"{fault} at {call} {n}: ended by signal {-done.returncode}: {done.stderr.strip()[-200:]}"
        found = state(probe, uri)
        if found.startswith("closed") and acknowledged(said) == 0 and found.split()[1] == "no_vault":
            found = "closed"
        if found not in allowed_states(said, expected):
            return hit, f"{fault} at {call} {n}: after {said[-1:] or 'nothing'} found {found!r}"
        # What is left must carry on: from creation, or from the next step.
        if found == "closed":
            rest = run([probe, "live", uri, "1", "3"]).stdout.splitlines()
            fine = acknowledged(rest) == 3
        else:
            rest = run([probe, "live", uri, "2", "3"]).stdout.splitlines()
            fine = acknowledged(rest) == 2
        return hit, None if fine else f"{fault} at {call} {n}: cannot go on: {rest}"
    finally:
        shutil.rmtree(folder)


def sweep(probe, scheme, counts, fault, expected):
    """Every point of every kind, two at a time: the machine has two cores."""
    points = [(call, n) for call, count in sorted(counts.items()) for n in range(1, count + 1)]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda point: one_point(probe, scheme, point[0], fault, point[1], expected), points))
    hits, losses = sum(1 for hit, _ in results if hit), [loss for _, loss in results if loss]
    kinds = ", ".join(f"{call} {count}" for call, count in sorted(counts.items()))
    print(f"{fault}: {hits} points ({kinds}), {len(losses)} losses", flush=True)
    return hits, losses


def expected_states(probe, scheme, folder):
    states = ["closed"]
    for last in range(1, STEPS + 1):
        uri = place(scheme, os.path.join(folder, str(last)))
        said = run([probe, "live", uri, "1", str(last)]).stdout.splitlines()
        if acknowledged(said) != last:
            raise SystemExit(f"without any fault: {said[-1:]}")
        states.append(state(probe, uri))
    if len(set(states)) != STEPS + 1 or any(one.startswith("broken") for one in states):
        raise SystemExit("two steps look the same or broken: the sweep could not tell a loss")
    return states


def main():
    probe, kind, scheme = sys.argv[1:]
    if not shutil.which("strace") or run(["strace", "-qq", "-e", "trace=none", "true"]).returncode != 0:
        print("skipped: strace is absent or may not trace here")
        return 77
    with tempfile.TemporaryDirectory(prefix="tokenvault-crash.") as folder:
        expected = expected_states(probe, scheme, folder)
        counts = count_calls(probe, WRITES + (OPENS_AND_LOCKS if kind == "kill" else ""), place(scheme, folder),
                             os.path.join(folder, "trace"))
        if kind == "short":
            largest = os.path.getsize(os.path.join(folder, "new", "v")) * LARGEST[scheme]
            counts = {"size": largest // SHORT_STEP[scheme]}
    faults = {"kill": ["signal=KILL"], "short": ["short"], "error": ["error=EIO", "error=ENOSPC", "error=EINTR"]}[kind]
    points, losses = 0, []
    for fault in faults:
        more, lost = sweep(probe, scheme, counts, fault, expected)
        points, losses = points + more, losses + lost
    for loss in losses[:20]:
        print(loss)
    print(f"{scheme}, {kind}: {points} points, {len(losses)} losses")
    return 1 if losses or points < 50 else 0


if __name__ == "__main__":
    sys.exit(main())
