"""What a hot path does, with one call into the library and nothing made anew for it."""
import ctypes

from . import _structs as structs
from ._checks import encoded
from ._errors import error_of
from ._handle import SecretHandle, VaultHandle
from ._library import tv_get, tv_read

_SIZES = tuple(ctypes.c_size_t(size) for size in range(256))


class _Place:
    """Where a value, its size and an error arrive; the references to them are made once."""

    __slots__ = ('octets', 'octets_place', 'size', 'size_place', 'error', 'error_place')

    def __init__(self) -> None:
        self.octets = bytearray(structs.MAX_SECRET_SIZE)
        self.octets_place = ctypes.byref((ctypes.c_char * structs.MAX_SECRET_SIZE).from_buffer(self.octets))
        self.size = ctypes.c_size_t()
        self.size_place = ctypes.byref(self.size)
        self.error = structs.Error()
        self.error_place = ctypes.byref(self.error)


# Taken by whoever reads, so that neither another thread nor a signal's handler can get at it meanwhile.
_places: list[_Place] = []
_CAPACITY = ctypes.c_size_t(structs.MAX_SECRET_SIZE)


def _place() -> _Place:
    try:
        return _places.pop()
    except IndexError:
        return _Place()


def _size(text: bytes) -> ctypes.c_size_t:
    size = len(text)
    return _SIZES[size] if size < 256 else ctypes.c_size_t(size)


def read(vault: VaultHandle, name: str, options: object = None) -> bytearray:
    """The value of a token; the place where it arrived is wiped."""
    text = encoded(name)
    place = _place()
    try:
        if tv_read(vault, text, _size(text), options, place.octets_place, _CAPACITY, place.size_place, None,
                   place.error_place):
            raise error_of(place.error)
        return place.octets[:place.size.value]
    finally:
        used = place.size.value
        place.octets[:used] = bytearray(used)  # of the same type, so that nothing is converted
        _places.append(place)


def get(vault: VaultHandle, name: str, options: object = None) -> SecretHandle:
    """The value of a token, where the library keeps it."""
    text = encoded(name)
    secret = SecretHandle()
    place = _place()
    try:
        if tv_get(vault, text, _size(text), options, ctypes.byref(secret), place.error_place):
            raise error_of(place.error)
        return secret
    finally:
        _places.append(place)
