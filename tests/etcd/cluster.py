"""Real etcd on this machine: one member or more, on free ports of the loopback, gone with the object.

    with Cluster(nodes=3, tls=True, auth=True) as cluster:
        cluster.kill(cluster.leader())

`main(run)` ends a test with 77 where etcd, or openssl for TLS, is not installed.
"""
import contextlib
import os
import random
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / 'support'))
from certificates import Certificates  # noqa: E402
from gateway import Gateway, Refused, asks_who, make_accounts, trust  # noqa: E402
from patience import PATIENCE, tail, until  # noqa: E402

SKIP = 77
PREFIX = '/t-'  # what the user `vault` reaches
# Below those that the kernel gives to connections, so that nobody takes a member's port while it is down.
PORTS = range(20_000, 32_000)


class Absent(Exception):
    """A program that the machine does not have."""


class Node:
    """One member's place and process. It knows nothing of the others."""
    before = ()  # words of a command that runs etcd

    def __init__(self, number, folder, scheme, log):
        self.name, self.folder, self.log = f'n{number}', folder / f'n{number}', log
        self.peer = f'http://127.0.0.1:{free_port()}'
        self.url = f'{scheme}://127.0.0.1:{free_port()}'
        self.process = None

    def start(self, words):
        with open(self.log, 'ab') as log:
            self.process = subprocess.Popen(
                [*self.before, 'etcd', '--name', self.name, '--data-dir', self.folder, '--listen-client-urls', self.url,
                 '--advertise-client-urls', self.url, '--listen-peer-urls', self.peer,
                 '--initial-advertise-peer-urls', self.peer, *words],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={'PATH': os.environ['PATH']})

    def running(self):
        return self.process is not None and self.process.poll() is None

    def send(self, number):
        self.process.send_signal(number)

    def end(self, number=signal.SIGKILL):
        if self.running():
            self.send(number)
            self.send(signal.SIGCONT)
            self.process.wait(PATIENCE)


class Cluster:
    """`durable`: with the fsyncs of a real one. `quota`: bytes, after which etcd takes no more. Members are named
    by their index."""

    def __init__(self, nodes=1, tls=False, auth=False, durable=False, quota=None, words=()):
        self.count, self.tls, self.auth, self.durable, self.quota = nodes, tls, auth, durable, quota
        self.words = list(words)
        self.certificates = None
        self.password = self.root_password = None
        self.token = 'tokenvault'
        self.state = 'new'
        self.accounts = False

    def __enter__(self):
        if shutil.which('etcd') is None:
            raise Absent('etcd is not installed (Debian: etcd-server)')
        if self.tls and not Certificates.possible():
            raise Absent('openssl is not installed')
        self.folder = Path(tempfile.mkdtemp(prefix='etcd-'))
        try:
            if self.tls:
                self.certificates = Certificates(self.folder)
            self.start_first()
            if self.auth:
                self.make_accounts()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        for node in getattr(self, 'nodes', []):
            node.end()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start_first(self):
        """Another process may have taken a port since it was seen to be free."""
        for last in (False, False, True):
            scheme = 'https' if self.tls else 'http'
            self.nodes = [self.make_node(n, self.folder, scheme, self.folder / f'n{n}.log') for n in range(self.count)]
            try:
                for index in range(self.count):
                    self.start(index)
                return self.until_healthy()
            except AssertionError:
                for node in self.nodes:
                    node.end()
                    shutil.rmtree(node.folder, ignore_errors=True)
                if last:
                    raise

    def make_node(self, *words):
        return Node(*words)

    def make_accounts(self):
        self.password, self.root_password = secrets.token_hex(12), secrets.token_hex(12)
        make_accounts(self.gateway(), PREFIX, self.password, self.root_password)
        self.accounts = True
        for index in range(self.count):
            until(lambda at=index: asks_who(self.gateway(at, user=None)), f'{self.nodes[index].name} knows no accounts')

    # What one member is told.

    def start(self, index):
        words = [*self.flags(), *self.words]
        self.nodes[index].start(words)

    def restart(self, *indices):
        """Those, or all. Starts them where they run not, and returns once they answer."""
        for index in indices or range(self.count):
            self.nodes[index].end(signal.SIGTERM)
        for index in indices or range(self.count):
            self.start(index)
        self.until_healthy(*indices)

    def kill(self, index):
        self.nodes[index].end()

    def pause(self, index):
        self.nodes[index].send(signal.SIGSTOP)

    def go_on(self, index):
        self.nodes[index].send(signal.SIGCONT)

    def wipe(self, index):
        """Ends it and takes its data; `restart` then brings it back with nothing."""
        self.kill(index)
        shutil.rmtree(self.nodes[index].folder)

    def replace(self, index):
        """Brings a member that lost its data back, as one that the others make room for."""
        self.wipe(index)
        asked = next(n for n in range(self.count) if n != index and self.nodes[n].running())
        members = self.gateway(asked).ask('cluster/member/list')['members']
        old = next(member['ID'] for member in members if member.get('name') == self.nodes[index].name)
        until(lambda: self.take_out(asked, old), 'the old member is not taken out')
        until(lambda: self.make_room(asked, self.nodes[index]), 'no new member is let in')
        self.state = 'existing'
        self.restart(index)

    def take_out(self, asked, member):
        """Also where an answer was lost: then it is not there any more."""
        with contextlib.suppress(Refused):
            self.gateway(asked).ask('cluster/member/remove', {'ID': member})
        return all(each['ID'] != member for each in self.gateway(asked).ask('cluster/member/list')['members'])

    def make_room(self, asked, node):
        """False as long as the others do not count each other as healthy."""
        with contextlib.suppress(Refused):
            return self.gateway(asked).ask('cluster/member/add', {'peerURLs': [node.peer]})
        return False

    # What the cluster is told.

    def set_quota(self, size):
        self.quota = size
        self.restart()

    def compact(self, revision=None):
        self.gateway(self.alive()).compact(revision)

    def forget(self):
        """All members with empty data, as a cluster that was never there before."""
        for index in range(self.count):
            self.wipe(index)
        self.token = 'tokenvault-' + secrets.token_hex(4)
        self.accounts = False
        self.restart()

    def save(self):
        """A copy of a single member's data, which `put_back` takes."""
        copy = self.folder / f'saved-{secrets.token_hex(4)}'
        self.nodes[0].end(signal.SIGTERM)
        shutil.copytree(self.nodes[0].folder, copy)
        self.restart(0)
        return copy

    def put_back(self, copy):
        self.wipe(0)
        shutil.copytree(copy, self.nodes[0].folder)
        self.restart(0)

    # What one asks it.

    def gateway(self, index=0, user='root', certificate='client'):
        passwords = {'root': self.root_password, 'vault': self.password}
        account = (user, passwords[user]) if self.accounts and user else None
        return Gateway(self.nodes[index].url, trust(self.certificates, certificate), account)

    def alive(self):
        """One that answers, once there is one."""
        return until(self.find_alive, 'no member answers')

    def find_alive(self):
        return next((n for n in range(self.count) if self.nodes[n].running() and self.answers(n)), None)

    def answers(self, index, patience=1):
        try:
            return self.gateway(index, user=None).get('/health', patience)['health'] == 'true'
        except (OSError, ValueError, KeyError):
            return False

    def leader(self):
        """Its index, once there is one that it is agreed upon."""
        return until(self.find_leader, 'no leader')

    def find_leader(self):
        for index, node in enumerate(self.nodes):
            if not node.running():
                continue
            with contextlib.suppress(OSError, Refused, ValueError):
                status = self.gateway(index).status(patience=2)
                if status.get('leader') == status['header']['member_id']:
                    return index
        return None

    def until_healthy(self, *indices):
        for index in indices or range(self.count):
            until(lambda at=index: self.answers(at) or self.must_run(at), f'{self.nodes[index].name} is not healthy',
                  self.nodes[index].log)

    def must_run(self, index):
        assert self.nodes[index].running(), f'etcd ended: {tail(self.nodes[index].log)}'

    @property
    def address(self):
        """As a vault's address begins: the scheme once, then every member."""
        return f'{"https" if self.tls else "http"}://' + ','.join(node.url.split('://')[1] for node in self.nodes)

    def environment(self):
        """For the programs under test."""
        given = {'TOKENVAULT_TEST_ETCD': self.address}
        if self.tls:
            given |= {'TOKENVAULT_TEST_ETCD_CA': self.certificates.pem('ca'),
                      'TOKENVAULT_TEST_ETCD_CERT': self.certificates.pem('client'),
                      'TOKENVAULT_TEST_ETCD_KEY': self.certificates.key('client')}
        if self.auth:
            file = self.folder / 'password'
            file.touch(0o600)
            file.write_text(self.password)
            given |= {'TOKENVAULT_TEST_ETCD_USER': 'vault', 'TOKENVAULT_TEST_ETCD_PASSWORD_FILE': str(file)}
        return given

    def flags(self):
        words = ['--initial-cluster', ','.join(f'{node.name}={node.peer}' for node in self.nodes),
                 '--initial-cluster-token', self.token, '--initial-cluster-state', self.state, '--bcrypt-cost', '4',
                 '--logger', 'zap', '--log-outputs', 'stderr', '--log-level', 'warn']
        if not self.durable:
            words.append('--unsafe-no-fsync')
        if self.quota:
            words += ['--quota-backend-bytes', str(self.quota)]
        if self.tls:
            words += ['--cert-file', self.certificates.pem('server'), '--key-file', self.certificates.key('server'),
                      '--trusted-ca-file', self.certificates.pem('ca'), '--client-cert-auth']
        return words


def free_port():
    while True:
        port = random.choice(PORTS)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(('127.0.0.1', port))
            return port


def end_by_exception(*_):
    """A test that is told to end still takes its members and their data with it."""
    raise SystemExit(1)


def main(run):
    """Exits with what `run` gives, or with 77 and a line where a program is absent."""
    signal.signal(signal.SIGTERM, end_by_exception)
    try:
        sys.exit(run())
    except Absent as absent:
        print(f'skipped: {absent}')
        sys.exit(SKIP)
