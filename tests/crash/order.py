"""Nothing is acknowledged before it is on the disk, and nothing is given up before what replaces it is.

A kill loses nothing that the kernel has taken, so no sweep notices an absent fsync. This follows the
calls of a vault's whole life and looks at each acknowledgement for what was written and not yet synced;
then again for a disk that from the n-th sync on takes nothing any more, for every n.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

STEPS = 16
CALLS = "write,pwrite64,writev,fsync,fdatasync,ftruncate,rename,renameat,renameat2,link,linkat,mkdir,openat"
LINE = re.compile(r"^\d+ +(\w+)\((.*)\) += (-?\d+)")


def follow(lines, folder, free):
    """Pairs of what was done too early and what was not synced by then, and how often one could have been.
    A file in `free` may lag behind: its log has what it lacks."""
    dirty, known, faults, looks = set(), set(), [], 0

    def demand(moment, paths):
        nonlocal looks
        looks += 1
        faults.extend((moment, path) for path in sorted(paths & dirty))

    for line in lines:
        parts = LINE.match(line)
        if not parts or int(parts[3]) < 0:
            continue
        call, words = parts[1], parts[2]
        on = re.match(r"\d+<([^>]*)>", words)
        path = on[1] if on else ""
        names = [name for name in re.findall(r'"([^"]*)"', words) if name.startswith(folder)]
        if call.startswith("rename"):
            demand("a new file gets its name", set(names[:1]))
            dirty.discard(names[0])
        if call in ("fsync", "fdatasync"):
            dirty.discard(path)
        elif call == "mkdir" or call.startswith(("rename", "link")):
            dirty.update(os.path.dirname(name) for name in names[-1:])
        elif call == "openat" and names and "O_CREAT" in words and names[0].endswith("-wal") and names[0] not in known:
            known.add(names[0])
            dirty.add(os.path.dirname(names[0]))
        elif path.endswith("-wal") and (call == "ftruncate" or words.endswith(", 0")):
            demand("the log is begun anew", {path.removesuffix("-wal")})
        if call == "write" and words.startswith("1<") and '"ack ' in words:
            demand(words.split(",")[1].strip(), dirty - free)
        if call in ("write", "pwrite64", "writev") and path.startswith(folder) and not path.endswith("-shm"):
            dirty.add(path)
    return faults, looks


def live(probe, scheme, fault=()):
    """The trace of a whole life, or of one that `fault` ends, and what was said in it."""
    with tempfile.TemporaryDirectory(prefix="tokenvault-crash.") as folder:
        trace, folder = os.path.join(folder, "trace"), os.path.realpath(folder)
        place = os.path.join(folder, "new", "v")
        words = ["strace", "-f", "-y", "-qq", "-o", trace, "-e", f"trace={CALLS}", *fault]
        said = subprocess.run(words + [probe, "live", f"{scheme}:{place}", "1", str(STEPS)],
                              stdout=subprocess.PIPE, text=True, timeout=120, check=False).stdout
        with open(trace, encoding="utf-8", errors="replace") as lines:
            listed = lines.readlines()
    faults, looks = follow(listed, folder, {place} if scheme == "sqlite" else set())
    return listed, faults, looks, said.count("ack ")


def without_syncs(probe, scheme, whole):
    """What was acknowledged although it was not synced, and how many lives were looked at."""
    faults, points = [], 0
    for call in ("fsync", "fdatasync"):
        for n in range(1, sum(f" {call}(" in line for line in whole) + 1):
            fault = ["-e", f"inject={call}:error=EIO:when={n}+"]
            faults += [(f"{call} {n}, {moment}", path) for moment, path in live(probe, scheme, fault)[1]]
            points += 1
    return faults, points


def main():
    probe, scheme = sys.argv[1:]
    if not shutil.which("strace") or subprocess.run(["strace", "-qq", "-e", "trace=none", "true"], check=False).returncode:
        print("skipped: strace is absent or may not trace here")
        return 77
    whole, faults, looks, acks = live(probe, scheme)
    more, points = without_syncs(probe, scheme, whole)
    for moment, path in faults + more:
        print(f"{moment}: {path} was not synced")
    print(f"{scheme}: {looks} moments, {acks} of them acknowledgements, {len(faults)} faults; "
          f"{points} disks that stopped, {len(more)} faults")
    return 1 if faults or more or acks != STEPS or looks <= acks or points < STEPS else 0


if __name__ == "__main__":
    sys.exit(main())
