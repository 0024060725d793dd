"""Takes a token in ways of the module, and waits to be looked at. Arguments: vault, key file, name, way..."""
import hashlib
import sys

import tokenvault


def viewed(vault, name):
    with vault.get(name) as secret, secret.view() as view:
        return hashlib.sha256(view)


def read(vault, name):
    value = vault.read(name)
    digest = hashlib.sha256(value)
    tokenvault.wipe(value)
    return digest


def used(vault, name):
    digests = []
    vault.with_token(name, lambda value, _: bool(digests.append(hashlib.sha256(value)) or True))
    return digests[0]


def put(vault, name):
    with vault.get(name) as secret:
        vault.put('copy', secret)
    return read(vault, 'copy')


def dropped(vault, name):
    """Nobody wipes it but the collector, after the last slice of a view."""
    with vault.get(name).view() as view:
        piece = view[:]
    return hashlib.sha256(piece)


def held(vault, name):
    """The secret lives on, in the library's memory alone."""
    secret = vault.get(name)
    with secret.view() as view:
        digest = hashlib.sha256(view)
    KEPT.append(secret)
    return digest


def revealed(vault, name):
    """What nobody can wipe: the scan has to find it."""
    with vault.get(name) as secret:
        KEPT.append(secret.reveal())
    return hashlib.sha256(KEPT[0])


KEPT = []
WAYS = {way.__name__: way for way in (viewed, read, used, put, dropped, held, revealed)}


def main(place, key_file, name, *ways):
    with tokenvault.open(place, key_file=key_file, anchors='') as vault:
        print(*{WAYS[way](vault, name).hexdigest() for way in ways}, flush=True)
        sys.stdin.readline()


if __name__ == '__main__':
    main(*sys.argv[1:])
