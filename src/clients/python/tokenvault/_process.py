"""What this process's memory has got."""
import ctypes
import enum
from dataclasses import dataclass

from . import _structs as structs
from ._handle import call
from ._library import library


class Backing(enum.IntEnum):
    """What holds the secrets: the weakest part in use."""
    #: No secret has been allocated yet.
    NONE = 0
    #: Unreadable even for root's debugger.
    MEMFD_SECRET = 1
    #: Never swapped, in no core file.
    LOCKED = 2
    #: Neither.
    PLAIN = 3


@dataclass(frozen=True)
class Protection:
    """What secret memory got from the system. What Python copied is beside it."""
    backing: Backing
    locked_bytes: int
    plain_bytes: int
    #: RLIMIT_MEMLOCK in bytes; 2**64 - 1 when unlimited.
    lock_limit: int
    dontdump: bool
    dontfork: bool
    hardened: bool
    os_error: int


def protection() -> Protection:
    told = structs.Protection()
    call(library.tv_protection, ctypes.byref(told))
    return Protection(Backing(told.backing), told.locked_bytes, told.plain_bytes, told.lock_limit,
                      bool(told.dontdump), bool(told.dontfork), bool(told.hardened), told.os_error)


def harden_process() -> None:
    """Makes this process undumpable and untraceable by others of the same user."""
    call(library.tv_harden_process)


def version() -> str:
    """The library's, for instance '0.1.0'."""
    return str(library.tv_version().decode())
