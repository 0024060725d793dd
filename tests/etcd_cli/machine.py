"""Machines that have a vault in common: each a home of its own, as the tests of the command have them, and one etcd."""
import secrets
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / 'etcd'), str(HERE.parent / 'cli')]
from cluster import PREFIX, Cluster, main, until  # noqa: E402,F401
from gateway import Refused  # noqa: E402,F401
from harness import KEY_A, KEY_B, MARKER, Home, Skipped, pipe_of, run_each, tests_of  # noqa: E402,F401

COMMAND = str(Path(sys.argv[1]).resolve())


class Machine(Home):
    """A person or a service there: the vault's URI, its key, and how to get at the cluster."""

    def __init__(self, cluster, prefix=None):
        super().__init__(COMMAND)
        self.cluster, self.prefix = cluster, prefix or PREFIX + secrets.token_hex(6)
        self.variables['TOKENVAULT'] = f'etcd:{cluster.address}{self.prefix}'
        self.variables['TOKENVAULT_KEY_FILE'] = self.file('a.key', KEY_A)
        for name, value in cluster.environment().items():
            word = {'CA': 'CA_FILE', 'CERT': 'CERT_FILE', 'KEY': 'KEY_FILE'}.get(name.rpartition('ETCD_')[2], name[21:])
            if word:
                self.variables[f'TOKENVAULT_ETCD_{word}'] = value

    def init(self):
        self.run('init', '--quiet')
        return self

    def another(self):
        """A second machine, where nothing of the vault was ever seen."""
        return Machine(self.cluster, self.prefix)

    def keys(self):
        """What is below the prefix, seen past the command."""
        return self.cluster.gateway().below(self.prefix + '/')


def run_all(tests, **kind):
    """Each test with a machine of its own; all with one cluster, or with none where `kind` is empty."""
    def beside_cluster():
        with Cluster(**kind) as cluster:
            return run_each(tests, lambda: Machine(cluster))
    main(beside_cluster)
