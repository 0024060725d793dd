"""Looks for secrets, and for pieces of them, in a process's memory and in its core file."""
import base64
import collections
import re

FRAGMENT = 8  # bytes: so little of a secret already counts as found

Mapping = collections.namedtuple("Mapping", "start end access name flags")
Hit = collections.namedtuple("Hit", "form place mapping")


def needles(secret):
    """Every piece of FRAGMENT bytes, and whole halves in the forms that code turns bytes into."""
    found = {}
    for at in range(len(secret) - FRAGMENT + 1):
        found[secret[at:at + FRAGMENT]] = f"raw[{at}]"
        found[secret[at:at + FRAGMENT][::-1]] = f"reversed[{at}]"
    for start in (0, len(secret) // 2):
        half = secret[start:start + len(secret) // 2]
        found[half.hex().encode()] = "hex"
        found[half.hex().upper().encode()] = "HEX"
        found[b"".join(bytes([b, 0]) for b in half)] = "utf16le"
        found[b"".join(bytes([0, b]) for b in half)] = "utf16be"
        for skip in range(3):
            inner = half[skip:skip + (len(half) - skip) // 3 * 3]
            found[base64.b64encode(inner)] = "base64"
            found[base64.urlsafe_b64encode(inner)] = "base64url"
    return found


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


def scan_memory(pid, wanted):
    """Hits in all readable memory, and the mappings that even root cannot read."""
    hits, hidden = [], []
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for mapping in mappings(pid):
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
    with open(path, "rb") as file:
        return find(wanted, file.read())
