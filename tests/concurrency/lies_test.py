"""Clients of a store that lies are found out, each lie by what it breaks; of one that does not, nothing is."""
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / 'support'))
from crew import Crew, led_back, lost  # noqa: E402
from history import parse  # noqa: E402
from proof import tried  # noqa: E402

LIES = ['', 'blob gone', 'stale read', 'never written', 'error after the fact', 'won twice']
SCHEMES = ['sqlite', 'file']
CLIENTS = {'store': 5, 'vault': 4}


def seen(program, scheme, mode, lie):
    """What is found where each client has done what it was to do."""
    with tempfile.TemporaryDirectory() as folder, Crew(program, {}, f'{scheme}:{folder}/v', pause=2) as crew:
        crew.start(mode, CLIENTS[mode], count=80, CLIENT_LIE=lie)
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


def wrong_stores(program, scheme):
    for lie in LIES:
        fault = seen(program, scheme, 'store', lie)
        print(f'{scheme}, {lie or "no lie"}: {fault.splitlines()[-1][:200] if fault else "nothing found"}')
        if bool(lie) != bool(fault):
            yield f'{scheme}: {lie}'
    if fault := seen(program, scheme, 'vault', ''):
        yield f'a vault, {scheme}: {fault}'


def main(program):
    wrong = [*wrong_audits(), *(each for scheme in SCHEMES for each in wrong_stores(program, scheme))]
    print(*wrong, sep='\n')
    tried('stores that lie, found out by the histories of their clients', (len(LIES) - 1) * len(SCHEMES), len(wrong))
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1]))
