"""What clients asked for and were told, and when: the material of linear.py."""
import dataclasses
import re

UNKNOWN = None  # the end and the result of what may have happened, at any time since, or never


@dataclasses.dataclass(frozen=True)
class Operation:
    process: str
    call: int            # ns of one clock for all processes
    end: int | None
    key: str
    kind: str
    given: tuple = ()
    result: tuple | None = UNKNOWN

    def __str__(self):
        """As parse() reads it, so that a history which failed can become a case of the tests."""
        end = '?' if self.end is None else self.end
        result = '' if self.result is UNKNOWN else ' -> ' + ' '.join(self.result)
        return ' '.join([self.process, str(self.call), str(end), self.key, self.kind, *self.given]) + result


def parse(text):
    """Operations of lines `PROCESS CALL END KEY KIND GIVEN... -> RESULT...`; the unknown end in `?`, without `->`."""
    return [parse_line(line) for line in text.splitlines() if line.strip()]


def parse_line(line):
    asked, _, told = line.partition('->')
    process, call, end, key, kind, *given = asked.split()
    unknown = end == '?'
    return Operation(process, int(call), None if unknown else int(end), key, kind, tuple(given),
                     UNKNOWN if unknown else tuple(told.split()))


@dataclasses.dataclass(frozen=True)
class Failure:
    """An answer that is an error, as the client had it."""
    process: str
    call: int
    end: int
    kind: str
    code: str
    message: str


class Told:
    """Takes one client's lines as they come: `call NS KEY KIND GIVEN...`, then `done NS RESULT...`, `unknown NS CODE
    MESSAGE` or `failed NS CODE MESSAGE`. What failed changed nothing: if it did, its value shows up as nobody's."""

    def __init__(self, process):
        self.process = process
        self.operations = []
        self.failures = []
        self.open = None

    def take(self, line):
        word, moment, rest = re.fullmatch(r'(call|done|unknown|failed) (\d+) (.*)', line).groups()
        if word == 'call':
            assert self.open is None, f'{self.process} asks before it was told: {line}'
            key, kind, *given = rest.split()
            self.open = Operation(self.process, int(moment), UNKNOWN, key, kind, tuple(given))
            return
        asked, self.open = self.open, None
        if word == 'done':
            asked = dataclasses.replace(asked, end=int(moment), result=tuple(rest.split()))
        else:
            code, message = rest.split(' ', 1)
            self.failures.append(Failure(self.process, asked.call, int(moment), asked.kind, code, message))
        if word != 'failed':
            self.operations.append(asked)

    def all(self):
        """With what was under way when the client ended, which nobody knows the end of."""
        return self.operations + ([self.open] if self.open else [])


class Threads:
    """The same for the threads of one client, each of which puts its name before its lines."""

    def __init__(self):
        self.told = {}

    def take(self, line):
        name, rest = line.split(' ', 1)
        if name not in self.told:
            self.told = {**self.told, name: Told(name)}  # whoever looks from another thread has a whole one
        self.told[name].take(rest)

    @property
    def operations(self):
        return [operation for told in self.told.values() for operation in tuple(told.operations)]

    @property
    def failures(self):
        return [failure for told in self.told.values() for failure in tuple(told.failures)]

    def all(self):
        return [operation for told in self.told.values() for operation in told.all()]
