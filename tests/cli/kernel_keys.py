"""The kernel's keyrings without any program or library in between: what a test asks and plants by itself."""
import ctypes
import errno
import os
import platform
import time

NUMBERS = {'x86_64': (248, 250), 'aarch64': (217, 219), 'riscv64': (217, 219)}
PROCESS, SESSION, USER, USER_SESSION = -2, -3, -4, -5
GET_ID, JOIN, SETPERM, DESCRIBE, LINK, UNLINK, SEARCH, READ, TIMEOUT = 0, 1, 5, 6, 8, 9, 10, 11, 15
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long


def call(number, *arguments):
    words = [ctypes.c_long(word) if isinstance(word, int) else word for word in arguments]
    result = libc.syscall(ctypes.c_long(number), *words)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def keyctl(*arguments):
    if platform.machine() not in NUMBERS:
        raise OSError(errno.ENOSYS, 'this machine numbers its system calls otherwise')
    return call(NUMBERS[platform.machine()][1], *arguments)


def plant(description, content, keyring=USER, rights=0x3f3f0000):
    """Puts content of the test's own in the place of what is there, for this user's processes to read."""
    serial = search(description, keyring)
    if serial is not None:
        keyctl(UNLINK, serial, keyring)
    serial = call(NUMBERS[platform.machine()][0], b'user', description.encode(), content, len(content), PROCESS)
    keyctl(LINK, serial, keyring)
    keyctl(SETPERM, serial, rights)
    keyctl(UNLINK, serial, PROCESS)


def search(description, keyring=USER):
    """The serial number, or None where there is nothing that is alive."""
    try:
        return keyctl(SEARCH, keyring, b'user', description.encode(), 0)
    except OSError as error:
        if error.errno in (errno.ENOKEY, errno.EKEYEXPIRED, errno.EKEYREVOKED):
            return None
        raise


def read(serial):
    buffer = ctypes.create_string_buffer(4096)
    size = keyctl(READ, serial, buffer, len(buffer))
    return buffer.raw[:size]


def describe(serial):
    buffer = ctypes.create_string_buffer(4096)
    size = keyctl(DESCRIBE, serial, buffer, len(buffer))
    return buffer.raw[:size - 1].decode()


def join_new_session():
    """A session keyring of this process's own, empty and without a link to the user's."""
    keyctl(JOIN, None)


def has_own_session():
    return keyctl(GET_ID, SESSION, 0) != keyctl(GET_ID, USER_SESSION, 0)


def end_soon(serial):
    """Has the kernel end the key, and waits for the kernel to say that it did."""
    keyctl(TIMEOUT, serial, 1)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            read(serial)
        except OSError as error:
            assert error.errno in (errno.EKEYEXPIRED, errno.ENOKEY), error
            return
        time.sleep(0.02)
    raise AssertionError('the key did not end')


def is_wiped(serial):
    try:
        read(serial)
    except OSError as error:
        return error.errno in (errno.ENOKEY, errno.EKEYREVOKED)
    return False


def line_of(serial):
    """What /proc/keys has of the key; None where it shows nothing of it."""
    with open('/proc/keys', encoding='utf-8') as file:
        return next((line for line in file if int(line.split()[0], 16) == serial), None)
