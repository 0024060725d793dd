"""What a run leaves behind: every file's bytes and name, and every argument of every program, searched for secrets."""
import os
import threading

from marker_search import forms_of


def files_below(*places):
    for place in places:
        for folder, _, names in os.walk(place):
            yield from (os.path.join(folder, name) for name in names)


def found_in(content, secrets):
    return any(form in content for secret in secrets for form in forms_of(secret).values())


def search(places, secrets):
    """The files with one of the secrets, in any usual writing; and how many were looked at. Never the secret itself."""
    found, looked = [], 0
    for path in files_below(*places):
        if os.path.islink(path) or not os.path.isfile(path):
            continue
        with open(path, 'rb') as file:
            content = file.read()
        looked += 1
        if found_in(content + os.fsencode(path), secrets):
            found.append(path)
    return found, looked


def controlled_search(place, places, secrets):
    """The same, by a search that has just found each secret where it was planted."""
    for number, secret in enumerate(secrets):
        planted = os.path.join(place, f'planted-{number}')
        with open(planted, 'w', encoding='utf-8') as file:
            file.write('x' * 5000 + secret)
        seen, _ = search([place], [secret])
        os.unlink(planted)
        assert planted in seen, 'the search is blind'
    return search(places, secrets)


class Arguments:
    """Every command line on the machine that may be read, looked at again and again in a thread."""

    def __init__(self, secrets):
        self.secrets, self.lines, self.ended = secrets, set(), threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while not self.ended.wait(0.02):
            for pid in filter(str.isdigit, os.listdir('/proc')):
                try:
                    with open(f'/proc/{pid}/cmdline', 'rb') as file:
                        self.lines.add(file.read())
                except OSError:
                    pass

    def close(self):
        self.ended.set()
        self.thread.join(10)

    def clean(self):
        """Whether no line had a secret; that programs were seen at all is part of it."""
        lines = b'\n'.join(self.lines)
        assert b'orgapi\0serve' in lines, 'the command lines could not be read'
        return not found_in(lines, list(self.secrets.values()))
