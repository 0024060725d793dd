"""Every verb that changes something, on a vault in etcd, broken at every request: COMMAND LOOK KIND.

requests: SIGKILL on entering the n-th call that connects, sends, waits for an answer, or changes a file. What was
          acknowledged is there; what was asked for and not answered is there wholly or not at all.
network:  the n-th such call fails as where the connection is lost. The verb finds out by itself, or says what it is.
"""
import re
import secrets
import sys
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / 'crash'))
from verbs_test import calls, check  # noqa: E402
from disk import Folder  # noqa: E402
from vaults import Place  # noqa: E402
from machine import COMMAND, PREFIX, Cluster, Home, main, until  # noqa: E402


class Keys(Folder):
    """What is below a prefix in etcd, and an ordinary folder beside it."""

    def __init__(self, folder, cluster, prefix):
        super().__init__(folder)
        self.cluster, self.gateway, self.prefix, self.keys = cluster, cluster.gateway(), prefix + '/', {}

    def keep(self, name):
        super().keep(name)
        self.keys[name] = self.gateway.below(self.prefix)

    def put_back(self, name):
        super().put_back(name)
        for key in self.gateway.below(self.prefix):
            self.gateway.erase(key)
        for key, value in self.keys[name].items():
            self.gateway.put(key, value)

    def cut(self):
        """A request whose sender is dead may still be at work: what is looked at is what it leaves. Its leases end."""
        until(self.is_at_rest, 'etcd does not come to rest')
        for lease in self.gateway.ask('lease/leases').get('leases', []):
            self.gateway.ask('lease/revoke', lease)

    def is_at_rest(self):
        with urllib.request.urlopen(self.cluster.nodes[0].url + '/metrics', timeout=20) as answer:
            text = answer.read().decode()
        counts = [sum(map(float, re.findall(rf'^grpc_server_{word}_total{{.*"unary"}} (\S+)$', text, re.M)))
                  for word in ('started', 'handled')]
        assert counts[0] > 0, 'etcd counts no requests'
        return counts[0] == counts[1]


def beside_cluster():
    _, look, kind = sys.argv[1:]
    if missing := calls.why_not():
        print(f'skipped: {missing}')
        return 77
    with Cluster() as cluster:
        home, prefix = Home(COMMAND), PREFIX + secrets.token_hex(6)
        address = f'etcd:{cluster.address}{prefix}'
        with Keys(str(home.path), cluster, prefix) as ground:
            return check(kind, 'etcd', Place(home, ground, f'{address}/v', look, new=f'{address}/new'))


main(beside_cluster)
