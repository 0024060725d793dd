"""Looks for secrets, and for pieces of them in every form, in a process's memory, in core files and in other files.

The searching itself is done by the program in seeker/; where a test was not told of it, by Python, which is slower.
"""
import base64
import collections
import os
import re
import subprocess

FRAGMENT = 8  # bytes: so little of a secret already counts as found
DIGITS = 16  # characters of a form that says less in each
SEEKER = os.environ.get("TOKENVAULT_SEEKER")

Mapping = collections.namedtuple("Mapping", "start end access name flags")
Hit = collections.namedtuple("Hit", "form place mapping")


def windows(data, size, form):
    return {data[at:at + size]: f"{form}[{at}]" for at in range(len(data) - size + 1)}


def needles(secret):
    """Every piece of it as it is, reversed, and in each form that code turns bytes into; of each piece its form.

    A piece of hexadecimal digits, base64 or UTF-16 stands for about as many bytes of the secret.
    """
    found = {}
    for before in range(3):  # beside it may stand anything, so base64 at each of its alignments
        digits = base64.b64encode(b"x" * before + secret)
        first = (before * 8 + 5) // 6  # what is in front has bits of its neighbours, as has what is behind
        digits = digits[first:(before + len(secret)) * 8 // 6]
        found |= windows(digits, DIGITS, f"base64+{before}")
        found |= windows(digits.translate(bytes.maketrans(b"+/", b"-_")), DIGITS, f"base64url+{before}")
    found |= windows(secret.hex().encode(), DIGITS, "hex") | windows(secret.hex().upper().encode(), DIGITS, "HEX")
    found |= windows(b"".join(bytes([byte, 0]) for byte in secret), DIGITS, "utf16")  # of either order
    found |= windows(secret[::-1], FRAGMENT, "reversed")
    return found | windows(secret, FRAGMENT, "raw")


def mappings(pid):
    """From smaps: the flags are there ("dd" left out of core files, "dc" absent after fork)."""
    listed = []
    head = re.compile(r"([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \d+\s*(.*)")
    with open(f"/proc/{pid}/smaps", encoding="utf-8", errors="replace") as lines:
        for line in lines:
            match = head.match(line)
            if match:
                start, end = int(match[1], 16), int(match[2], 16)
                listed.append(Mapping(start, end, match[3], match[4], ()))
            elif line.startswith("VmFlags:"):
                listed[-1] = listed[-1]._replace(flags=tuple(line.split()[1:]))
    return listed


def is_arena(mapping):
    return "dd" in mapping.flags and "dc" in mapping.flags and mapping.access.startswith("rw")


def find(wanted, data):
    """The forms of `wanted` that are in `data`, each with its first place."""
    found = []
    for needle, form in wanted.items():
        at = data.find(needle)
        if at >= 0:
            found.append((form, at))
    return found


def given(lines):
    """A descriptor from which the lines can be read: no file, argument or variable holds them."""
    descriptor = os.memfd_create("needles")
    with open(os.dup(descriptor), "wb") as file:
        file.write(b"".join(lines))
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def seek(lines, *words, fds=(), **more):
    """What the seeker tells of this, each line in its words, and how the process of its own ended."""
    needles_fd, (reading, writing) = given(lines), os.pipe()
    fixed = [SEEKER, "--needles", str(needles_fd), "--report", str(writing)]
    try:
        process = subprocess.Popen([*fixed, *map(os.fspath, words)], pass_fds=(needles_fd, writing, *fds), **more)
    finally:
        os.close(needles_fd)
        os.close(writing)
    return process, reading


def told(process, reading):
    with open(reading, encoding="utf-8", errors="replace") as file:
        lines = [line.rstrip("\n").split("\t") for line in file]
    if process.wait() != 0:
        raise SystemExit(f"FAIL the seeker ended with {process.returncode}")
    return lines


def lines_of(wanted):
    return [f"{piece.hex()} {at} {form}\n".encode() for at, (piece, form) in enumerate(wanted.items())]


def places_told(wanted, *words):
    """(form, address) of every place, and the number of mappings that even root cannot read."""
    seen, hidden = [], 0
    for line in told(*seek(lines_of(wanted), *words)):
        if line[0] == "seen":
            seen.append((line[2], int(line[8], 16)))
        elif line[:2] == ["total", "hidden"]:
            hidden = int(line[2])
    return seen, hidden


def scan_memory(pid, wanted):
    """Hits in all readable memory, and the mappings that even root cannot read."""
    listed = mappings(pid)
    if SEEKER is None:
        return scan_slowly(pid, wanted, listed)
    seen, hidden = places_told(wanted, "memory", str(pid))
    hits = [Hit(form, place, next(each for each in listed if each.start <= place < each.end)) for form, place in seen]
    unreadable = [each for each in listed if "secretmem" in each.name and each.access[0] == "r"]
    return hits, unreadable if hidden else []


def scan_slowly(pid, wanted, listed):
    hits, hidden = [], []
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for mapping in listed:
            if mapping.access[0] != "r" or mapping.name in ("[vvar]", "[vvar_vclock]", "[vsyscall]"):
                continue
            try:
                data = read_range(memory, mapping.start, mapping.end)
            except OSError:
                hidden.append(mapping)
                continue
            hits += [Hit(form, mapping.start + at, mapping) for form, at in find(wanted, data)]
    return hits, hidden


def read_range(memory, start, end):
    memory.seek(start)
    parts = []
    while start < end:
        part = memory.read(end - start)
        if not part:
            raise OSError("no more memory to read")
        parts.append(part)
        start += len(part)
    return b"".join(parts)


def scan_file(path, wanted):
    if SEEKER is not None:
        return places_told(wanted, "files", path)[0]
    with open(path, "rb") as file:
        return find(wanted, file.read())
