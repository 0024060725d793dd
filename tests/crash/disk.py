"""A file system of its own in one file, to take the power from, and to fill up to the last block.

The power is cut by ext4's own shutdown without a flush of its journal: what was not synced is gone, as if the plug had
been pulled, and the next mount replays the journal.
"""
import fcntl
import os
import shutil
import signal
import struct
import subprocess
import sys

SHUTDOWN, WITHOUT_FLUSH = 0x8004587D, 2  # EXT4_IOC_SHUTDOWN, EXT4_GOING_FLAGS_NOLOGFLUSH
BLOCK = 1024


def why_not(folder):
    """Why no disk can be made here, or nothing."""
    if os.geteuid() != 0:
        return 'only root can mount a file system'
    if not all(shutil.which(word) for word in ('mkfs.ext4', 'mount', 'losetup')):
        return 'mkfs.ext4 or mount is not installed'
    try:
        with Disk(folder) as disk:
            disk.cut()
    except (OSError, subprocess.CalledProcessError) as error:
        return f'no file system can be mounted here: {error}'
    return None


class Disk:
    """Mounted at `path` within `folder`, until the end of the `with`."""

    def __init__(self, folder, megabytes=8):
        self.path, self.image = os.path.join(folder, 'disk'), os.path.join(folder, 'image')
        os.makedirs(self.path, exist_ok=True)
        with open(self.image, 'wb') as file:
            file.truncate(megabytes << 20)
        call('mkfs.ext4', '-q', '-F', '-b', str(BLOCK), '-m', '0', '-J', 'size=1', '-E', 'lazy_itable_init=0,nodiscard',
             self.image)
        self.mounted = False

    def __enter__(self):
        # A test that is told to end still takes its mount with it.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
        self.mount()
        return self

    def __exit__(self, *_):
        self.unmount()

    def mount(self):
        # Nothing is written by itself while a test looks: what it finds is what was asked to be kept.
        call('mount', '-o', 'loop,commit=300', self.image, self.path)
        self.mounted = True

    def unmount(self):
        if self.mounted:
            call('umount', self.path)
        self.mounted = False

    def keep(self, name):
        """Puts the disk as it is aside under that name."""
        self.unmount()
        shutil.copyfile(self.image, f'{self.image}.{name}')
        self.mount()

    def put_back(self, name):
        self.unmount()
        call('cp', '--sparse=always', f'{self.image}.{name}', self.image)
        self.mount()

    def cut(self):
        """Loses the power and comes up again."""
        folder = os.open(self.path, os.O_RDONLY)
        try:
            fcntl.ioctl(folder, SHUTDOWN, struct.pack('I', WITHOUT_FLUSH))
        finally:
            os.close(folder)
        self.unmount()
        self.mount()

    def fill(self, left):
        """Leaves that many blocks free."""
        os.sync()
        ballast = os.open(self.ballast, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            while (surplus := os.statvfs(self.path).f_bavail - left) > 0:
                size = os.fstat(ballast).st_size
                os.posix_fallocate(ballast, size, surplus * BLOCK)
        except OSError:
            pass  # what is taken for the ballast's own map was not counted
        finally:
            os.fsync(ballast)
            os.close(ballast)

    def empty(self):
        os.unlink(self.ballast)

    @property
    def ballast(self):
        return os.path.join(self.path, 'ballast')


class Folder:
    """An ordinary folder with the same words, where the power stays."""

    def __init__(self, folder):
        self.path, self.kept = os.path.join(folder, 'in'), os.path.join(folder, 'kept')
        os.makedirs(self.path)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def keep(self, name):
        shutil.copytree(self.path, f'{self.kept}.{name}')

    def put_back(self, name):
        shutil.rmtree(self.path)
        shutil.copytree(f'{self.kept}.{name}', self.path)

    def cut(self):
        pass


def call(*words):
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
