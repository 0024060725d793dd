"""A token from Python against what cannot be avoided: a call into C that does nothing, and the same in C.
Arguments: the library, the module's folder, read_cost. Medians of rounds in turn, printed."""
import ctypes
import os
import statistics
import sys
import time

ROUNDS, COUNT = 21, 10_000
BOUND = 3


def seconds(work):
    start = time.perf_counter()
    for _ in range(COUNT):
        work()
    return time.perf_counter() - start


def in_c(costs, library, vault):
    """Seconds for COUNT times the same, with no Python in between."""
    name = b'acme/api'
    given = (vault, name, ctypes.c_size_t(len(name)), COUNT)

    def cost(of, *functions):
        of.restype = ctypes.c_double
        taken = of(*(ctypes.cast(library[function], ctypes.c_void_p) for function in functions), *given)
        assert taken > 0, 'the vault has no such token'
        return taken

    return (lambda: cost(costs.read_cost, 'tv_read'),
            lambda: cost(costs.get_cost, 'tv_get', 'tv_secret_copy', 'tv_secret_free'))


def main(library_path, module, costs_path):
    os.environ['TOKENVAULT_LIBRARY'] = os.path.abspath(library_path)
    sys.path.insert(0, module)
    import tokenvault
    from tokenvault._library import library

    vault = tokenvault.create('memory:', key=bytes(32))
    vault.put('acme/api', b'v' * 64)
    read_in_c, get_in_c = in_c(ctypes.CDLL(os.path.abspath(costs_path)), library, vault._handle)

    def get_and_reveal():
        with vault.get('acme/api') as secret:
            secret.reveal()

    subjects = {'read()': (lambda: vault.read('acme/api'), read_in_c),
                'get(), and wiped': (lambda: vault.get('acme/api').wipe(), get_in_c),
                'get(), reveal(), wiped': (get_and_reveal, get_in_c)}
    nothing, rounds = [], {what: ([], []) for what in subjects}
    for _ in range(ROUNDS):
        nothing.append(seconds(library.tv_abi_version))
        for what, (ours, floor) in subjects.items():
            rounds[what][0].append(seconds(ours))
            rounds[what][1].append(floor())
    each = {what: [statistics.median(times) / COUNT * 1e9 for times in both] for what, both in rounds.items()}
    call = statistics.median(nothing) / COUNT * 1e9
    print(f'a call into C that does nothing: {call:.0f} ns')
    for what, (ours, floor) in each.items():
        ratio = ours / (call + floor)
        print(f'{what:<24} {ours:>7.0f} ns, in C {floor:>6.0f} ns   {ratio:>5.2f} x of both  (bound {BOUND:.2f})'
              f'{"" if ratio <= BOUND else " OVER"}, {(ours - floor) / call:.1f} calls more than C')


if __name__ == '__main__':
    main(*sys.argv[1:])
