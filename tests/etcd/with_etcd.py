"""Runs a program beside an etcd cluster of its own: with_etcd.py [--nodes N] [--tls] [--auth] [--durable] PROGRAM ARGS.

The program finds it in TOKENVAULT_TEST_ETCD, an address without a prefix, and in _CA, _CERT, _KEY, _USER and
_PASSWORD_FILE beside it; _CONTROL is the socket of control.py. Exits as the program does, and with 77 where etcd is
not installed. With --fake: beside a fake gateway, which needs no etcd.
"""
import argparse
import os
import subprocess
import tempfile

from cluster import Cluster, main
from control import Control, cluster_words
from fake_gateway import FakeGateway


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument('--nodes', type=int, default=1)
    for word in ('tls', 'auth', 'durable', 'fake'):
        parser.add_argument(f'--{word}', action='store_true')
    parser.add_argument('program')
    parser.add_argument('rest', nargs=argparse.REMAINDER)
    return parser.parse_args()


def run():
    given = arguments()
    with FakeGateway() if given.fake else Cluster(given.nodes, given.tls, given.auth, given.durable) as etcd:
        words = etcd.words() if given.fake else cluster_words(etcd)
        with tempfile.TemporaryDirectory() as folder, Control(f'{folder}/control', words):
            environment = {**os.environ, **etcd.environment(), 'TOKENVAULT_TEST_ETCD_CONTROL': f'{folder}/control'}
            return subprocess.run([given.program, *given.rest], env=environment, check=False).returncode


if __name__ == '__main__':
    main(run)
