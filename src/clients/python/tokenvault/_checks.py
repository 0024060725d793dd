"""What is looked at before it crosses into C, where it would be cut without a word. Nothing here says what it was
given: that may be a secret, by mistake."""
import os
from typing import Optional, Union

from ._errors import InvalidArgument

Path = Union[str, 'os.PathLike[str]']
MOST_32 = 2**32 - 1
_encode = str.encode


def encoded(given: str, what: str = 'a name') -> bytes:
    """A text as the library takes it."""
    fault: Exception
    try:
        return _encode(given)
    except TypeError:
        fault = TypeError(f'{what} is str, and not {type(given).__name__}')
    except UnicodeEncodeError:
        fault = InvalidArgument(f'{what} holds half a character')
    raise fault  # here, where Python does not keep the other one as its context, with the text in it


def named(name: str) -> tuple[bytes, int]:
    """A name, of which a NUL is a part, and its size."""
    text = encoded(name)
    return text, len(text)


def without_nul(octets: bytes, what: str) -> bytes:
    if b'\0' in octets:
        raise InvalidArgument(f'{what} holds a NUL')
    return octets


def line(given: str, what: str) -> bytes:
    """A text that C is to take to its end. Errors: a NUL, at which C would end it."""
    return without_nul(encoded(given, what), what)


def text(given: Optional[Path], what: str) -> Optional[bytes]:
    """A path or something like it, or None. Errors: a NUL."""
    if given is None:
        return None
    if not isinstance(given, (str, os.PathLike)):
        raise TypeError(f'{what} is str or a path, and not {type(given).__name__}')
    fault = None
    try:
        octets = os.fsencode(given)
    except UnicodeEncodeError:
        fault = InvalidArgument(f'{what} holds what no file can be called')
    if fault:
        raise fault
    return without_nul(octets, what)


def whole(given: int, what: str, most: int = MOST_32) -> int:
    if isinstance(given, bool) or not isinstance(given, int):
        raise TypeError(f'{what} is int, and not {type(given).__name__}')
    if not 0 <= given <= most:
        raise InvalidArgument(f'{what} is not between 0 and {most}')
    return given


def milliseconds(seconds: float, what: str) -> int:
    """At least one, since none means something else."""
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
        raise TypeError(f'{what} is a number of seconds, and not {type(seconds).__name__}')
    if not 0 <= seconds <= MOST_32 / 1000:
        raise InvalidArgument(f'{what} is not between 0 and {MOST_32 // 1000} seconds')
    return max(1, int(seconds * 1000))
