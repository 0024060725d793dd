"""One run of a program under the seeker's eyes: what was seen where, and whether that is as it should be."""
import collections
import os
import subprocess
import threading

import scanner

Seen = collections.namedtuple("Seen", "secret form place times first last call address locked")
Setting = collections.namedtuple("Setting", "name user memlock secret_files backing")
KIB = 1024
NOBODY = 65534
# Root's locks have no limit; nobody's have the one given.
SETTINGS = [
    Setting("root, memfd_secret", None, None, True, "memfd_secret"),
    Setting("root, locked", None, None, False, "locked"),
    Setting("nobody, memfd_secret of 64 KiB", NOBODY, 64 * KIB, True, "memfd_secret"),
    Setting("nobody, locked, 64 KiB", NOBODY, 64 * KIB, False, "locked"),
    Setting("nobody, locked, 8 MiB", NOBODY, 8192 * KIB, False, "locked"),
    Setting("nobody, no locked memory", NOBODY, 0, True, "plain"),
]


def needles_of(secrets):
    """Lines for the seeker: each piece of each secret in every form, and of which."""
    lines = {}
    for name, secret in secrets.items():
        for piece, form in scanner.needles(secret).items():
            lines[piece] = f"{piece.hex()} {name} {form.split('[')[0]}\n".encode()
    return list(lines.values())


class Run:
    """What the seeker told, and what the program wrote."""

    def __init__(self, lines, output, errors):
        self.seen, self.left, self.handed, self.totals = [], set(), collections.Counter(), collections.Counter()
        self.ended, self.output, self.errors = None, output, errors
        for kind, *words in lines:
            if kind == "seen":
                numbers = [int(word) for word in words[3:6]]
                self.seen.append(Seen(*words[:3], *numbers, words[6], int(words[7], 16), words[8] == "1"))
            elif kind == "left":
                self.left.add(tuple(words))
            elif kind == "handed":
                self.handed[tuple(words[:2])] += int(words[2])
            elif kind == "total":
                self.totals[words[0]] = int(words[1])
            else:
                self.ended = (words[0], int(words[1])) if len(words) == 2 else None

    @property
    def outside(self):
        return [seen for seen in self.seen if seen.place != "arena"]

    @property
    def in_arena(self):
        return {seen.secret for seen in self.seen if seen.place == "arena"}

    @property
    def all_locked(self):
        return all(seen.locked for seen in self.seen if seen.place == "arena")


def terms_of(setting, **more):
    words = []
    if setting.user is not None:
        words += ["--user", str(setting.user)]
    if setting.memlock is not None:
        words += ["--memlock", str(setting.memlock)]
    if not setting.secret_files:
        words += ["--no-secret-files"]
    for name, value in more.items():
        words += [f"--{name.replace('_', '-')}"] + ([] if value is True else [str(value)])
    return words


def give(folder, user):
    """All of it to that user, or to whoever this is."""
    owner = os.getuid() if user is None else user
    for place, folders, names in os.walk(folder):
        for each in [place] + [os.path.join(place, name) for name in folders + names]:
            os.chown(each, owner, owner)


def watch(lines, command, setting, stdin=b"", fds=(), variables=None, cwd=None, **terms):
    """`lines`: what to look for. The program gets `stdin` in a pipe that then ends."""
    passed = tuple(fds) + ((terms["random"],) if "random" in terms else ())
    process, reading = scanner.seek(lines, *terms_of(setting, **terms), "watch", *command, fds=passed,
                                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=variables,
                                    cwd=cwd)
    texts = {}

    def collect():
        texts["both"] = process.communicate(stdin)

    collecting = threading.Thread(target=collect)
    collecting.start()
    try:
        with open(reading, encoding="utf-8", errors="replace") as file:
            told = [line.rstrip("\n").split("\t") for line in file]
    finally:
        collecting.join()
    output, errors = texts["both"]
    if process.returncode != 0:
        raise SystemExit(f"FAIL the seeker ended with {process.returncode}: {errors[-300:]!r}")
    return Run(told, output, errors)


def search_files(lines, folder):
    """Where in the files below the folder, and in their names, something is; and how many files there are."""
    paths = [os.path.join(place, name) for place, _, names in os.walk(folder) for name in names]
    paths = [path for path in paths if os.path.isfile(path) and not os.path.islink(path)]
    if not paths:
        return [], 0
    told = scanner.told(*scanner.seek(lines, "files", *paths))
    return [Seen(*words[:3], 1, 1, 1, "file", 0, False) for kind, *words in told if kind == "seen"], len(paths)


def search_bytes(lines, content):
    """The secrets that are in what a program wrote."""
    descriptor = os.memfd_create("content")
    try:
        with open(os.dup(descriptor), "wb") as file:
            file.write(content)
        path = f"/proc/{os.getpid()}/fd/{descriptor}"
        return {words[0] for kind, *words in scanner.told(*scanner.seek(lines, "files", path)) if kind == "seen"}
    finally:
        os.close(descriptor)
