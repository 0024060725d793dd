"""One value, in secret memory until it is wiped."""
import contextlib
import ctypes
import hmac
import weakref
from typing import Any, Iterator

from ._errors import Forked
from ._handle import Closable, SecretHandle
from ._library import library, tv_secret_data, tv_secret_size
from ._memory import Lent


class Secret(Closable[SecretHandle]):
    """The value of a token, in secret memory until wipe(), the end of `with`, or the collector.

    Nothing that prints, copies or pickles a Secret shows its bytes. They come out by reveal(), as bytes that Python
    cannot wipe, or by view(), which copies nothing.
    """

    __slots__ = ('_views',)
    _what = 'secret'

    def __init__(self, held: SecretHandle) -> None:
        self._held = held
        self._views: tuple[weakref.ref[Any], ...] = ()

    @property
    def version(self) -> int:
        """Which version of the token it is."""
        return int(library.tv_secret_version(self._handle))

    def __len__(self) -> int:
        return int(tv_secret_size(self._handle))

    def reveal(self) -> bytes:
        """A copy that Python cannot wipe: it stays in memory for as long as Python likes."""
        held = self._held or self._handle
        return ctypes.string_at(tv_secret_data(held) or _forked(), tv_secret_size(held))

    __bytes__ = reveal

    @contextlib.contextmanager
    def view(self) -> Iterator[memoryview]:
        """The bytes where they lie. The view ends with the context; a slice of it that outlives that keeps the
        secret from being wiped."""
        with self._lend() as (array, _), memoryview(array).cast('B').toreadonly() as view:
            yield view

    def wipe(self) -> None:
        """Wipes and frees. Again: does nothing. Raises BufferError while somebody still has a view of it."""
        if self._views and any(view() is not None for view in self._views):
            raise BufferError('a view of the secret is still in use')
        self._held = None

    def same_as(self, other: 'Secret') -> bool:
        """Whether both hold the same bytes, in a time that does not tell where they differ."""
        with self._lend() as (mine, _), other._lend() as (theirs, _):
            return hmac.compare_digest(mine, theirs)

    @contextlib.contextmanager
    def _lend(self) -> Iterator[Lent]:
        held = self._handle
        size = tv_secret_size(held)
        array = (ctypes.c_char * size).from_address(tv_secret_data(held) or _forked())
        array.kept_by = held
        self._views = (*(view for view in self._views if view() is not None), weakref.ref(array))
        yield array, size

    def __enter__(self) -> 'Secret':
        return self

    def __exit__(self, *_: object) -> None:
        self._held = None

    def __repr__(self) -> str:
        return '<secret>'

    def __format__(self, _: str) -> str:
        return '<secret>'

    def __eq__(self, other: object) -> bool:
        """By identity alone: see same_as()."""
        return self is other

    __hash__ = object.__hash__


def _forked() -> int:
    raise Forked('secrets do not cross fork(): open the vault again in the child')
