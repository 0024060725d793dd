"""Using a token and saying how it went, and leases."""
import contextlib
import ctypes
import enum
import time
from typing import Any, Callable, Iterator, Union

from . import _checks as checks
from . import _structs as structs
from ._handle import Closable, LeaseHandle, SecretHandle, call, opened
from ._library import library
from ._memory import wipe
from ._secret import Secret


class Verdict(enum.IntEnum):
    """What became of a token that was used."""
    OK = 0
    #: Refused as such, as by a 401.
    REJECTED = 1
    #: No answer that says anything about the token, as a 500 or a time-out.
    FAILED = 2


#: Gets the value, which is wiped when it returns, and the version. True is OK, False is REJECTED.
Use = Callable[[memoryview, int], Union[Verdict, bool]]

# A call into C that waits cannot be interrupted, so that waiting is done in pieces.
_PIECE = 0.25  # seconds


def verdict_of(said: object) -> Verdict:
    if isinstance(said, Verdict):
        return said
    if isinstance(said, bool):
        return Verdict.OK if said else Verdict.REJECTED
    raise TypeError(f'who uses a token says a Verdict or a bool, and not {type(said).__name__}')


@contextlib.contextmanager
def copied(place: int, size: int) -> Iterator[memoryview]:
    """A copy of bytes that the library takes back: what outlives the context sees zeros."""
    copy = bytearray((ctypes.c_char * size).from_address(place)) if size else bytearray()
    try:
        with memoryview(copy) as view, view.toreadonly() as readable:
            yield readable
    finally:
        wipe(copy)


def use_token(use: Use, function: Any, *arguments: Any) -> Verdict:
    """What `use` raises means that the token says nothing, and is raised here, outside of C."""
    if not callable(use):
        raise TypeError(f'a token is used by something callable, and not by {type(use).__name__}')
    raised: list[BaseException] = []

    def called(_: Any, place: int, size: int, version: int) -> int:
        try:
            with copied(place, size) as value:
                return verdict_of(use(value, version))
        except BaseException as error:
            raised.append(error)
            return Verdict.FAILED

    verdict = ctypes.c_int32(Verdict.FAILED)
    call(function, *arguments, structs.USE(called), None, ctypes.byref(verdict))
    if raised:
        raise raised.pop()
    return Verdict(verdict.value)


class Lease(Closable[LeaseHandle]):
    """A hold on one token that follows its rotation, whoever makes it. It keeps the vault open."""

    __slots__ = ()
    _what = 'lease'

    def get(self) -> Secret:
        """The value that is current now."""
        return Secret(opened(SecretHandle, library.tv_lease_get, self._handle))

    def use(self, use: Use) -> Verdict:
        """As Vault.with_token()."""
        return use_token(use, library.tv_lease_use, self._handle)

    def wait(self, version: int, timeout: float) -> int:
        """Blocks until the current version is another than `version`, or `timeout` seconds have passed. Returns the
        current one."""
        held = self._handle
        checks.whole(version, 'a version')
        checks.milliseconds(timeout, 'a timeout')
        current = ctypes.c_uint32()
        end = time.monotonic() + timeout
        while True:
            left = max(0.0, end - time.monotonic())
            call(library.tv_lease_wait, held, version, int(min(left, _PIECE) * 1000), ctypes.byref(current))
            if current.value != version or left <= 0:
                return current.value

    def __enter__(self) -> 'Lease':
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
