"""Bytes of the caller's: lent to the library, and wiped."""
import contextlib
import ctypes
from typing import TYPE_CHECKING, Any, Iterator, Optional, Union

if TYPE_CHECKING:
    from ._secret import Secret

#: What holds bytes: bytes, bytearray, memoryview and whatever else has the buffer protocol.
Bytes = Union[bytes, bytearray, memoryview]
#: A value to give: bytes in any of these, or a Secret, which is read where it lies.
Value = Union[Bytes, 'Secret']
Lent = tuple[Any, int]


def wipe(buffer: Union[bytearray, memoryview]) -> None:
    """Overwrites all of a bytearray, or of another writable buffer, with zeros."""
    with memoryview(buffer) as view, view.cast('B') as octets:
        octets[:] = bytes(len(octets))


@contextlib.contextmanager
def lent(value: Value, what: str) -> Iterator[Lent]:
    """The address, in a form that a c_void_p takes, and the size of the bytes, while the context lasts."""
    if isinstance(value, bytes):
        yield value, len(value)
    elif hasattr(type(value), '_lend'):
        with value._lend() as loan:  # type: ignore[union-attr]
            yield loan
    else:
        with _buffer(value, what) as loan:
            yield loan


@contextlib.contextmanager
def lent_to(options: Any, field: str, value: Optional[Value]) -> Iterator[None]:
    """Puts the address and the size into a struct, unless there is no value."""
    if value is None:
        yield
        return
    with lent(value, f'a {field}') as (place, size):
        setattr(options, field, ctypes.cast(place, ctypes.c_void_p))
        setattr(options, f'{field}_size', size)
        yield


@contextlib.contextmanager
def _buffer(value: Any, what: str) -> Iterator[Lent]:
    try:
        view = memoryview(value)
    except TypeError:
        raise TypeError(f'{what} is bytes, a bytearray or a memoryview, and not {type(value).__name__}') from None
    with view:
        if view.nbytes > 0 and view.c_contiguous and not view.readonly:
            yield (ctypes.c_char * view.nbytes).from_buffer(view), view.nbytes
            return
        copy = bytearray(view)
    try:
        yield bytes(1) if not copy else (ctypes.c_char * len(copy)).from_buffer(copy), len(copy)
    finally:
        wipe(copy)
