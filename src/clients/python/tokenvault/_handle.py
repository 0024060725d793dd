"""A handle of the library, freed with the last that refers to it."""
import ctypes
from typing import Any, Callable, Generic, Optional, Type, TypeVar

from . import _structs as structs
from ._errors import InvalidArgument, error_of
from ._library import library, tv_secret_free

_spare: list[structs.Error] = []


def call(function: Callable[..., int], *arguments: Any) -> None:
    """Calls a function that can fail; what it says then is raised."""
    try:
        error = _spare.pop()
    except IndexError:
        error = structs.Error()
    try:
        if function(*arguments, ctypes.byref(error)):
            raise error_of(error)
    finally:
        _spare.append(error)


class Handle(ctypes.c_void_p):
    """A number of the library's. What it stands for lives as long as this: whoever uses it holds on to this, so that
    nobody can free it in between."""

    _free: Callable[..., None]

    def __del__(self) -> None:
        self._free(self)


class VaultHandle(Handle):
    _free = library.tv_vault_free


class LeaseHandle(Handle):
    _free = library.tv_lease_free


class TokensHandle(Handle):
    _free = library.tv_tokens_free


class SecretHandle(Handle):
    _free = tv_secret_free


H = TypeVar('H', bound=Handle)


def opened(kind: Type[H], function: Callable[..., int], *arguments: Any) -> H:
    """The handle that a function gives by its last argument but the error."""
    handle = kind()
    call(function, *arguments, ctypes.byref(handle))
    return handle


class Closable(Generic[H]):
    """Something that holds a handle until it is closed, at the latest by the collector. May be closed twice."""

    __slots__ = ('_held', '__weakref__')
    _what = 'thing'

    def __init__(self, held: H) -> None:
        self._held: Optional[H] = held

    @property
    def _handle(self) -> H:
        held = self._held
        if held is None:
            raise InvalidArgument(f'the {self._what} is closed')
        return held

    def close(self) -> None:
        self._held = None

    def __repr__(self) -> str:
        return f'<tokenvault {self._what}{"" if self._held else ", closed"}>'

    def __reduce__(self) -> Any:
        raise TypeError(f'a {self._what} cannot be copied or pickled')
