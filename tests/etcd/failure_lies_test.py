"""Clients of a store that lies are found out, each lie by what it breaks; of one that does not, nothing is."""
import sys
import tempfile

from failure_crew import Crew, led_back, lost
from history import parse

LIES = ['', 'blob gone', 'stale read', 'never written', 'error after the fact', 'won twice']
CLIENTS = {'store': 5, 'vault': 4}


def seen(program, mode, lie):
    """What is found where each client has done what it was to do."""
    with tempfile.TemporaryDirectory() as folder, Crew(program, {}, f'sqlite:{folder}/v') as crew:
        crew.start(mode, CLIENTS[mode], count=80, FAILURE_LIE=lie)
        for client in crew.clients:
            client.process.wait()
        try:
            crew.finish()
        except AssertionError as fault:
            return str(fault)
    return ''


def audit_of(numbers):
    return parse('\n'.join(f'a 999 1000 t version {number} -> v{number}' for number in numbers))


def wrong_audits():
    """Of 130 versions the newest hundred have to be there; older ones may."""
    puts = parse('\n'.join(f'p {2 * number} {2 * number + 1} t put v{number} -> {number}' for number in range(1, 131)))
    for first, gone in ((1, 0), (31, 0), (33, 2)):
        if len(list(lost(puts, audit_of(range(first, 131))))) != gone:
            yield f'versions from {first}'
    for text, good in (('l 1 2 t follow -> 40 v40', True), ('l 1 2 t follow -> 40 v41', False),
                       ('l 1 2 t follow -> 41 v41\nl 3 4 t follow -> 40 v40', False)):
        if good == any(led_back(parse(text), audit_of(range(31, 131)))):
            yield f'a lease: {text}'


def main(program):
    wrong = [*wrong_audits()]
    for lie in LIES:
        fault = seen(program, 'store', lie)
        print(f'{lie or "no lie"}: {fault.splitlines()[0][:200] if fault else "nothing found"}')
        if bool(lie) != bool(fault):
            wrong.append(lie)
    if fault := seen(program, 'vault', ''):
        wrong.append(f'a vault: {fault}')
    print(f'{len(LIES)} stores, {len(wrong)} taken for what they are not: {wrong}')
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1]))
