"""Whether a history could have come from one thing that does one operation at a time, each between its call and its
end: the search of Wing and Gong with the memory of Lowe. What ends unknown may be placed anywhere after its call, or
nowhere."""
import dataclasses


class Register:
    """`read -> VALUE` and `cas EXPECTED NEW -> ok|conflict`; no value yet is `-`."""
    first = '-'

    @staticmethod
    def after(state, operation):
        """The state that `operation` leaves where it can have been at `state`, else None."""
        if operation.kind == 'read':
            return state if operation.result in (None, (state,)) else None
        expected, new = operation.given
        if operation.result == ('conflict',):
            return state if state != expected else None
        return new if state == expected else None


class Token:
    """`get -> NUMBER VALUE`, `put VALUE -> NUMBER`, `put_if NUMBER VALUE -> NUMBER|conflict` and `rotate OWN -> NUMBER
    VALUE`, where VALUE is its own, or that of another's rotation which it found; none yet is `0 -`."""
    first = (0, '-')
    kinds = ('get', 'put', 'put_if', 'rotate')

    @staticmethod
    def after(state, operation):
        number, value = state
        if operation.kind == 'get':
            return state if operation.result in (None, (str(number), value)) else None
        if operation.kind == 'rotate' and operation.result:
            told = (int(operation.result[0]), operation.result[1])
            return told if told == (state if told[1] != operation.given[0] else (number + 1, told[1])) else None
        if operation.kind == 'put_if':
            if (operation.given[0] == str(number)) == (operation.result == ('conflict',)):
                return None
            if operation.result == ('conflict',):
                return state
        told = None if operation.result is None else operation.result[0]
        return (number + 1, operation.given[-1]) if told in (None, str(number + 1)) else None


@dataclasses.dataclass
class Event:
    """A call or an end in the list of what is still to be placed."""
    moment: tuple
    operation: object
    bit: int
    end: object = None  # of a call whose end is known
    before: object = None
    after: object = None

    def take_out(self):
        self.before.after = self.after
        if self.after:
            self.after.before = self.before

    def put_back(self):
        self.before.after = self
        if self.after:
            self.after.before = self


def listed(operations):
    """The head of a list of all calls and ends in the order of time; calls first where they are at once."""
    events = []
    for index, operation in enumerate(operations):
        call = Event((operation.call, 0), operation, 1 << index)
        events.append(call)
        if operation.end is not None:
            call.end = Event((operation.end, 1), operation, 0)
            events.append(call.end)
    head = last = Event((), None, 0)
    for event in sorted(events, key=lambda event: event.moment):
        last.after, event.before = event, last
        last = event
    return head


class Search:
    def __init__(self, model, operations):
        self.model = model
        self.state = model.first
        self.head = listed(operations)
        self.known = sum(operation.end is not None for operation in operations)
        self.placed = 0
        self.seen = set()
        self.stack = []
        self.stuck = (-1, None, None)  # how many were placed at best, before which operation, at which state

    def place(self, call, state):
        self.stack.append((call, self.state))
        self.state = state
        self.placed |= call.bit
        call.take_out()
        if call.end:
            call.end.take_out()
            self.known -= 1

    def displace(self):
        call, self.state = self.stack.pop()
        self.placed &= ~call.bit
        if call.end:
            call.end.put_back()
            self.known += 1
        call.put_back()
        return call.after

    def new(self, event):
        """The state after `event`'s call where that can be, and was not tried from the same situation before."""
        state = self.model.after(self.state, event.operation)
        situation = (self.placed | event.bit, state)
        if state is None or situation in self.seen:
            return None
        self.seen.add(situation)
        return state

    def run(self):
        event = self.head.after
        while self.known:
            if event and event.bit:
                state = self.new(event)
                if state is None:
                    event = event.after
                else:
                    self.place(event, state)
                    event = self.head.after
                continue
            if event and len(self.stack) > self.stuck[0]:
                self.stuck = (len(self.stack), event.operation, self.state)
            if not self.stack:
                return False
            event = self.displace()
        return True


def fault_in(model, operations):
    """None where some order explains all of `operations`, which are of one key; else a line that says what none does."""
    search = Search(model, operations)
    if search.run():
        return None
    count, operation, state = search.stuck
    return f'no order explains "{operation}": at best {count} of {len(operations)} fit, and then all is at {state}'


def faults_in(model, operations):
    """Likewise for operations of many keys, each of which stands for itself."""
    keys = {}
    for operation in operations:
        keys.setdefault(operation.key, []).append(operation)
    faults = {key: fault_in(model, each) for key, each in keys.items()}
    return [f'{key}: {fault}' for key, fault in faults.items() if fault]
