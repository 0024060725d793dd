"""The checker itself: what it must let pass, what it must not, and that a small change of a long history shows."""
import dataclasses
import random
import sys

from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / 'support'))
from history import Threads, Told, parse  # noqa: E402
from linear import Register, Token, fault_in, faults_in  # noqa: E402
from proof import tried  # noqa: E402

GOOD, BAD = True, False

REGISTER = [
    ('nothing at all', GOOD, ''),
    ('no value yet', GOOD, '0 1 2 k read -> -'),
    ('a value of nobody', BAD, '0 1 2 k read -> a'),
    ('one after the other', GOOD, '''
        0 1 2 k cas - a -> ok
        0 3 4 k read -> a
        0 5 6 k cas a b -> ok
        1 7 8 k read -> b'''),
    ('a stale read', BAD, '''
        0 1 2 k cas - a -> ok
        0 3 4 k cas a b -> ok
        1 5 6 k read -> a'''),
    ('the same read while the change is under way', GOOD, '''
        0 1 2 k cas - a -> ok
        0 3 7 k cas a b -> ok
        1 5 6 k read -> a'''),
    ('a read from the future', BAD, '''
        1 1 2 k read -> a
        0 3 4 k cas - a -> ok'''),
    ('two reads that disagree on the order', BAD, '''
        0 1 9 k cas - a -> ok
        1 2 3 k read -> a
        2 4 5 k read -> -'''),
    ('two reads at once, either way', GOOD, '''
        0 1 9 k cas - a -> ok
        1 2 5 k read -> a
        2 4 6 k read -> -'''),
    ('a lost update', BAD, '''
        0 1 2 k cas - a -> ok
        0 3 4 k cas a b -> ok
        1 5 6 k cas a c -> ok
        1 7 8 k read -> c'''),
    ('an acknowledged change that is gone', BAD, '''
        0 1 2 k cas - a -> ok
        1 3 4 k read -> -'''),
    ('won twice at once', BAD, '''
        0 1 5 k cas - a -> ok
        1 2 6 k cas - b -> ok'''),
    ('won once at once', GOOD, '''
        0 1 5 k cas - a -> ok
        1 2 6 k cas - b -> conflict
        0 7 8 k read -> a'''),
    ('a conflict where nobody was in the way', BAD, '0 1 2 k cas - a -> conflict'),
    ('a conflict that took effect', BAD, '''
        0 1 2 k cas - a -> ok
        0 3 4 k cas - b -> conflict
        1 5 6 k read -> b'''),
    ('a conflict with what came later', BAD, '''
        0 1 2 k cas - a -> conflict
        1 3 4 k cas - b -> ok'''),
    ('unknown, and it never happened', GOOD, '''
        0 1 ? k cas - a
        1 2 3 k read -> -
        1 4 5 k cas - b -> ok'''),
    ('unknown, and it happened at once', GOOD, '''
        0 1 ? k cas - a
        1 2 3 k read -> a'''),
    ('unknown, and it happened much later', GOOD, '''
        0 1 ? k cas - a
        1 2 3 k read -> -
        1 4 5 k read -> -
        1 6 7 k read -> a'''),
    ('unknown, and it happened before its call', BAD, '''
        1 1 2 k read -> a
        0 3 ? k cas - a'''),
    ('unknown, and it came and went', BAD, '''
        0 1 ? k cas - a
        1 2 3 k read -> a
        1 4 5 k read -> -'''),
    ('unknown, and it happened although another had won', BAD, '''
        0 1 ? k cas - a
        1 2 3 k cas - b -> ok
        1 4 5 k read -> a'''),
    ('unknown, and the one who asked again lost to himself', GOOD, '''
        0 1 ? k cas - a
        0 2 3 k cas - b -> conflict
        0 4 5 k read -> a'''),
    ('two unknown, one built on the other', GOOD, '''
        0 1 ? k cas - a
        1 2 ? k cas a b
        2 3 4 k read -> b'''),
    ('two unknown, both of which won', BAD, '''
        0 1 ? k cas - a
        1 2 ? k cas - b
        2 3 4 k read -> a
        2 5 6 k read -> b'''),
    ('a read whose answer never came', GOOD, '''
        0 1 ? k read
        1 2 3 k read -> -'''),
]

TOKEN = [
    ('numbered', GOOD, '''
        0 1 2 t put a -> 1
        1 3 4 t put b -> 2
        0 5 6 t get -> 2 b'''),
    ('none yet', GOOD, '0 1 2 t get -> 0 -'),
    ('one number for two', BAD, '''
        0 1 4 t put a -> 1
        1 2 5 t put b -> 1'''),
    ('a number left out', BAD, '''
        0 1 2 t put a -> 1
        0 3 4 t put b -> 3'''),
    ('a number left out for one that is unknown', GOOD, '''
        0 1 2 t put a -> 1
        1 2 ? t put x
        0 3 4 t put b -> 3'''),
    ('done twice', BAD, '''
        0 1 2 t put a -> 1
        1 3 4 t put b -> 3
        1 5 6 t get -> 3 b'''),
    ('unknown, and done twice', BAD, '''
        0 1 ? t put a
        1 2 3 t get -> 1 a
        1 4 5 t get -> 2 a'''),
    ('the number of one with the value of another', BAD, '''
        0 1 4 t put a -> 1
        1 2 5 t put b -> 2
        2 6 7 t get -> 2 a'''),
    ('a condition that held', GOOD, '''
        0 1 2 t put_if 0 a -> 1
        1 3 4 t put_if 0 b -> conflict
        1 5 6 t put_if 1 b -> 2'''),
    ('a condition that did not hold', BAD, '''
        0 1 2 t put_if 0 a -> 1
        1 3 4 t put_if 0 b -> 2'''),
    ('a condition refused that held', BAD, '0 1 2 t put_if 0 a -> conflict'),
    ('a condition, unknown, that did not hold', BAD, '''
        0 1 2 t put a -> 1
        1 3 ? t put_if 0 b
        0 4 5 t get -> 2 b'''),
    ('a rotation', GOOD, '''
        0 1 2 t put a -> 1
        0 3 4 t rotate b -> 2 b
        1 5 6 t get -> 2 b'''),
    ('one rotation that two went through', GOOD, '''
        0 1 2 t put a -> 1
        0 3 8 t rotate b -> 2 b
        1 4 7 t rotate c -> 2 b'''),
    ('a rotation whose token is gone', BAD, '''
        0 1 2 t put a -> 1
        0 3 4 t rotate b -> 2 b
        1 5 6 t get -> 1 a'''),
    ('two rotations with one number', BAD, '''
        0 1 2 t put a -> 1
        0 3 8 t rotate b -> 2 b
        1 4 7 t rotate c -> 2 c'''),
    ('a rotation that died, ended by another', GOOD, '''
        0 1 2 t put a -> 1
        0 3 ? t rotate b
        1 4 5 t get -> 1 a
        1 6 7 t rotate c -> 2 b'''),
    ('a rotation that was over before it was asked for', BAD, '''
        0 1 2 t put a -> 1
        0 3 4 t rotate b -> 2 b
        1 5 6 t rotate c -> 3 c
        0 7 8 t rotate d -> 2 b'''),
]


def played(seed, processes=6, count=600):
    """A register as it is, asked by many at once; a few answers are lost on the way there or back."""
    dice = random.Random(seed)
    state, now, history, free = '-', 0, [], [0] * processes
    for index in range(count):
        process = index % processes
        call = max(now, free[process]) + 1
        now = call + dice.randrange(3)
        end = now + dice.randrange(1, 20)
        free[process] = end
        new, expected = f'v{index}', state if dice.random() < 0.7 else f'v{dice.randrange(count)}'
        lost = dice.random()
        if dice.random() < 0.3:
            history.append(f'{process} {call} {end} k read -> {state}')
            continue
        won = expected == state
        if lost > 0.03 or won and lost > 0.01:
            state = new if won else state
        if lost < 0.03:
            history.append(f'{process} {call} ? k cas {expected} {new}')
        else:
            history.append(f'{process} {call} {end} k cas {expected} {new} -> {"ok" if won else "conflict"}')
    return parse('\n'.join(history))


def spoiled(operations, dice):
    """One answer in it changed: a winner who is told to have lost, or a read of what was long before."""
    index = dice.choice([i for i, each in enumerate(operations) if each.result and i > 50])
    operation = operations[index]
    if operation.kind == 'read':
        result = ('-',)
    else:
        result = ('ok',) if operation.result == ('conflict',) else ('conflict',)
    return [*operations[:index], dataclasses.replace(operation, result=result), *operations[index + 1:]]


def wrong_cases():
    for model, cases in ((Register, REGISTER), (Token, TOKEN)):
        for title, good, text in cases:
            if (fault_in(model, parse(text)) is None) != good:
                yield f'{model.__name__}: {title}'


def wrong_plays():
    for seed in range(20):
        whole = played(seed)
        if fault := fault_in(Register, whole):
            yield f'seed {seed}: {fault}'
        if not fault_in(Register, spoiled(whole, random.Random(seed))):
            yield f'seed {seed}: a changed answer was not seen'


def wrong_lines():
    """What clients print becomes the operations it stands for."""
    told = Told('0')
    for line in ('call 1 k cas - a', 'done 2 ok', 'call 3 k cas a b', 'unknown 4 in_doubt it may be', 'call 5 k read',
                 'failed 6 unreachable nobody answers', 'call 7 k cas a c'):
        told.take(line)
    want = ['0 1 2 k cas - a -> ok', '0 3 ? k cas a b', '0 7 ? k cas a c']
    if [str(each) for each in told.all()] != want or parse('\n'.join(want)) != told.all():
        yield f'read as {[str(each) for each in told.all()]}'
    if [(each.code, each.message) for each in told.failures] != [('in_doubt', 'it may be'),
                                                                 ('unreachable', 'nobody answers')]:
        yield f'failed by {told.failures}'
    threads = Threads()
    for line in ('a call 1 k read', 'b call 2 k read', 'b done 3 x', 'a done 4 y', 'b call 5 k read'):
        threads.take(line)
    if [str(each) for each in threads.all()] != ['a 1 4 k read -> y', 'b 2 3 k read -> x', 'b 5 ? k read']:
        yield f'of two threads {[str(each) for each in threads.all()]}'
    two = parse('0 1 2 k cas - a -> ok\n1 3 4 m read -> -\n1 5 6 k read -> -')
    if [fault.split(':')[0] for fault in faults_in(Register, two)] != ['k']:
        yield 'keys are not told apart'


def main():
    faults = [*wrong_cases(), *wrong_plays(), *wrong_lines()]
    print(*faults, sep='\n')
    tried('the checker of histories, by written ones, played ones and spoiled ones', len(REGISTER) + len(TOKEN) + 40,
          len(faults))
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main())
