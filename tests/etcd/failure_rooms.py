"""A cluster whose members are in network namespaces of their own, so that links can be cut: what was sent is lost, and
nobody is told. Needs root and the ip command."""
import os
import random
import shutil
import subprocess

from cluster import Absent, Cluster, Node


def ip(*words):
    done = subprocess.run(['ip', *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise Absent(f'ip {" ".join(words)}: {done.stderr.strip()}')


class Rooms:
    """One namespace a member, with one link to where the clients are and one to the other members."""

    def __init__(self, count):
        self.count, self.own = count, f'tv{os.getpid()}'
        self.net = random.randrange(256)

    def open(self):
        if shutil.which('ip') is None:
            raise Absent('ip is not installed (Debian: iproute2)')
        for side in 'cp':
            ip('link', 'add', self.own + side, 'type', 'bridge')
            ip('link', 'set', self.own + side, 'up')
        ip('address', 'add', self.host('c', self.count) + '/24', 'dev', self.own + 'c')
        for number in range(self.count):
            self.open_one(number)

    def open_one(self, number):
        room = self.room(number)
        ip('netns', 'add', room)
        ip('-n', room, 'link', 'set', 'lo', 'up')
        for side in 'cp':
            link = self.link(side, number)
            ip('link', 'add', link, 'type', 'veth', 'peer', 'name', side, 'netns', room)
            ip('link', 'set', link, 'master', self.own + side, 'up')
            ip('-n', room, 'address', 'add', self.host(side, number) + '/24', 'dev', side)
            ip('-n', room, 'link', 'set', side, 'up')

    def close(self):
        for number in range(self.count):
            subprocess.run(['ip', 'netns', 'delete', self.room(number)], stderr=subprocess.DEVNULL, check=False)
        for side in 'cp':
            subprocess.run(['ip', 'link', 'delete', self.own + side], stderr=subprocess.DEVNULL, check=False)

    def room(self, number):
        return f'{self.own}-{number}'

    def link(self, side, number):
        return f'{self.own}{side}{number}'

    def host(self, side, number):
        """Of the block that is for measuring networks (RFC 2544), which nobody else uses."""
        return f'198.{18 if side == "c" else 19}.{self.net}.{number + 1}'

    def cut(self, number, sides='p'):
        for side in sides:
            ip('link', 'set', self.link(side, number), 'down')

    def mend(self, number):
        for side in 'cp':
            ip('link', 'set', self.link(side, number), 'up')


class FarNode(Node):
    def __init__(self, rooms, number, *more):
        super().__init__(number, *more)
        self.before = ('ip', 'netns', 'exec', rooms.room(number))
        self.url = f'http://{rooms.host("c", number)}:2379'
        self.peer = f'http://{rooms.host("p", number)}:2380'


class FarCluster(Cluster):
    def __enter__(self):
        self.rooms = Rooms(self.count)
        try:
            self.rooms.open()
            return super().__enter__()
        except BaseException:
            self.rooms.close()
            raise

    def close(self):
        super().close()
        self.rooms.close()

    def make_node(self, number, *more):
        return FarNode(self.rooms, number, *more)
