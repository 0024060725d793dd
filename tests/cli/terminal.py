"""A pseudo-terminal with the command in its foreground, as a shell's job control would put it there."""
import fcntl
import json
import os
import select
import signal
import termios
import time

OVERALL = 60
# What the terminal shows last: all the command wrote stands before it.
CURTAIN = b'\x1e(ended)\x1e'


class Terminal:
    """A session leader stands between test and command, since the only process group of a session
    is an orphaned one, which nothing can stop. The leader tells of every stop and of the end."""

    def __init__(self, home, *words, variables=None, stdout=None, ignored=()):
        self.deadline = time.monotonic() + OVERALL
        self.seen = b''
        self.mark = 0
        self.master, self.slave = os.openpty()
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, b'\x18\0\x50\0\0\0\0\0')
        self.modes = self.now_modes()
        self.events, writing = os.pipe()
        self.leader = os.fork()
        if self.leader == 0:
            try:
                os.close(self.master)
                lead(self.slave, writing, [home.command, *words], {**home.variables, **(variables or {})}, stdout,
                     ignored)
            finally:
                os._exit(120)
        os.close(writing)
        self.pid = self.event()['pid']

    def now_modes(self):
        return termios.tcgetattr(self.slave)

    @property
    def echoes(self):
        return bool(self.now_modes()[3] & termios.ECHO)

    def left(self):
        return max(0, self.deadline - time.monotonic())

    def wait_readable(self, *files):
        ready = select.select(files, (), (), self.left())[0]
        assert ready, f'nothing came; the terminal shows {self.seen!r}'
        return ready

    def read_some(self):
        self.seen += os.read(self.master, 65536)

    def event(self):
        """The next thing the leader tells, with the terminal read meanwhile so that nobody blocks."""
        line = b''
        while not line.endswith(b'\n'):
            ready = self.wait_readable(self.master, self.events)
            if self.master in ready:
                self.read_some()
            if self.events in ready:
                byte = os.read(self.events, 1)
                assert byte, f'the leader ended; the terminal shows {self.seen!r}'
                line += byte
        return json.loads(line)

    def expect(self, text):
        """Reads until `text` has appeared after what was expected before."""
        while (at := self.seen.find(text, self.mark)) < 0:
            self.wait_readable(self.master)
            self.read_some()
        self.mark = at + len(text)
        return self

    def type(self, content):
        """Writes while reading: whatever echoes must not fill the way back."""
        rest = memoryview(content)
        while rest:
            readable, writable, _ = select.select((self.master,), (self.master,), (), self.left())
            assert readable or writable, f'{len(rest)} bytes cannot be typed'
            if readable:
                self.read_some()
            if writable:
                rest = rest[os.write(self.master, rest[:1024]):]
        return self

    def send(self, number):
        os.kill(self.pid, number)
        return self

    def stopped(self, number=signal.SIGTSTP):
        """Waits for the command to stop; where it had a say its terminal has its modes back by then."""
        event = self.event()
        assert event == {'stopped': number}, event
        return self

    def resume(self):
        os.killpg(self.pid, signal.SIGCONT)
        return self

    def ended(self, code):
        """Waits for the end: an exit code, or minus the signal. The modes must be what they were."""
        event = self.event()
        while 'ended' in event and not self.seen.endswith(CURTAIN):
            self.wait_readable(self.master)
            self.read_some()
        assert event == {'ended': code}, f'{event} instead of {code}; the terminal shows {self.seen!r}'
        assert self.now_modes() == self.modes, 'the terminal has other modes now'
        os.waitpid(self.leader, 0)
        for file in (self.master, self.slave, self.events):
            os.close(file)
        return self.seen.removesuffix(CURTAIN)


def lead(slave, events, words, variables, stdout, ignored):
    # Nothing of the test may stay open here: whoever reads its output would wait for us after its end.
    for fd in (0, 1, 2):
        os.dup2(slave, fd)
    for fd in set(range(3, 256)) - {slave, events, stdout}:
        try:
            os.close(fd)
        except OSError:
            pass
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    begin, go = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(go)
        os.read(begin, 1)
        # Whoever started the tests in the background may have had some of these ignored.
        for number in (signal.SIGTTOU, signal.SIGHUP, signal.SIGPIPE, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM,
                       signal.SIGTSTP):
            signal.signal(number, signal.SIG_DFL)
        for number in ignored:
            signal.signal(number, signal.SIG_IGN)
        for fd in (0, 1, 2):
            os.dup2(stdout if fd == 1 and stdout is not None else slave, fd)
        os.closerange(3, 256)
        os.execve(words[0], words, variables)
    os.setpgid(child, child)
    os.tcsetpgrp(slave, child)
    tell(events, pid=child)
    os.close(go)
    while True:
        _, status = os.waitpid(child, os.WUNTRACED)
        if not os.WIFSTOPPED(status):
            os.write(slave, CURTAIN)
            tell(events, ended=os.waitstatus_to_exitcode(status))
            os._exit(0)
        tell(events, stopped=os.WSTOPSIG(status))


def tell(events, **what):
    os.write(events, json.dumps(what).encode() + b'\n')
