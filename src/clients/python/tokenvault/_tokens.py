"""What is known of tokens and of the vault. No values here."""
import ctypes
import datetime
import enum
from dataclasses import dataclass
from typing import Any, Iterator, Optional

from . import _structs as structs
from ._errors import InvalidArgument
from ._handle import TokensHandle, VaultHandle, call, opened
from ._library import library

Time = datetime.datetime
_EPOCH = Time(1970, 1, 1, tzinfo=datetime.timezone.utc)


def time_of(seconds: int) -> Optional[Time]:
    return None if seconds == structs.NO_TIME else _EPOCH + datetime.timedelta(seconds=seconds)


def seconds_of(time: Optional[Time]) -> int:
    """Errors: a time without a zone says nothing certain."""
    if time is None:
        return structs.NO_TIME
    if not isinstance(time, Time):
        raise TypeError(f'a time is a datetime, and not {type(time).__name__}')
    if time.tzinfo is None:
        raise InvalidArgument('a time without a time zone could be any: give it one, for instance datetime.timezone.utc')
    return (time - _EPOCH) // datetime.timedelta(seconds=1)


class Stage(enum.IntEnum):
    """What a version is for."""
    PENDING = 1
    CURRENT = 2
    PREVIOUS = 3
    RETIRED = 4


class Phase(enum.IntEnum):
    """Where the rotation of a token stands: docs/rotation.md."""
    IDLE = 0
    INTENT = 1
    ISSUING = 2
    STAGED = 3
    VERIFIED = 4
    PROMOTED = 5
    RETIRING = 6
    UNCERTAIN = 7
    DONE = 8
    ABORTED = 9


@dataclass(frozen=True)
class VersionInfo:
    """One value of a token, without it."""
    number: int
    stage: Stage
    created: Time
    expires: Optional[Time]


@dataclass(frozen=True)
class TokenInfo:
    """A token. `created` and `expires` are of the current version; `versions` is empty where many are listed."""
    name: str
    label: str
    version: int
    created: Optional[Time]
    expires: Optional[Time]
    #: The version that was rejected by whoever it is for; 0: none.
    suspect_version: int
    phase: Phase
    versions: tuple[VersionInfo, ...]


@dataclass(frozen=True)
class VaultInfo:
    vault_id: str
    epoch: int
    generation: int
    tokens: int
    writable: bool
    durable: bool
    encrypted_at_rest: bool


def vault_info(vault: VaultHandle) -> VaultInfo:
    told = structs.VaultInfo()
    call(library.tv_inspect, vault, ctypes.byref(told))
    return VaultInfo(bytes(told.vault_id).hex(), told.epoch, told.generation, told.tokens, bool(told.writable),
                     bool(told.durable), bool(told.encrypted_at_rest))


def tokens_from(function: Any, *arguments: Any) -> list[TokenInfo]:
    tokens = opened(TokensHandle, function, *arguments)
    return [_token(tokens, index) for index in range(library.tv_tokens_count(tokens))]


def _token(tokens: TokensHandle, index: int) -> TokenInfo:
    told = structs.TokenInfo()
    call(library.tv_tokens_at, tokens, index, ctypes.byref(told))
    return TokenInfo(told.name.decode(), told.label.decode(), told.version, time_of(told.created),
                     time_of(told.expires), told.suspect_version, Phase(told.phase),
                     tuple(_versions(tokens, index, told.version_count)))


def _versions(tokens: TokensHandle, index: int, count: int) -> Iterator[VersionInfo]:
    told = structs.VersionInfo()
    for at in range(count):
        call(library.tv_tokens_version, tokens, index, at, ctypes.byref(told))
        yield VersionInfo(told.number, Stage(told.stage), _EPOCH + datetime.timedelta(seconds=told.created),
                          time_of(told.expires))
