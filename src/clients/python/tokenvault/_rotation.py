"""Rotation, and providers in Python: docs/rotation.md."""
import contextlib
import ctypes
import datetime
import enum
import threading
from dataclasses import dataclass
from typing import Any, Callable, Iterator, Optional, Union

from . import _checks as checks
from . import _structs as structs
from ._errors import Error, InvalidArgument
from ._handle import call
from ._library import library
from ._memory import Lent, Value, lent
from ._tokens import Phase, Time, seconds_of, time_of
from ._using import copied


class Step(enum.IntEnum):
    """ROTATE goes as far as it gets and RESUME begins nothing; STATUS changes nothing; the others are one each."""
    ROTATE = 0
    RESUME = 1
    STATUS = 2
    START = 3
    ISSUE = 4
    VERIFY = 5
    PROMOTE = 6
    RETIRE = 7
    ABORT = 8


class IssueKind(enum.IntEnum):
    """What a repeated issue() does under one rotation: the same token, another one, or a person brings it."""
    REPLAY_SAFE = 0
    ONCE = 1
    HUMAN = 2


class OldToken(enum.IntEnum):
    """What becomes of the old token: it is kept until revoked, ends after `overlap`, or ends at once."""
    KEPT = 0
    EXPIRES = 1
    DIES = 2


class Reply(enum.IntEnum):
    """DONE, REFUSED (certainly nothing was changed) or DOUBT (it may have been)."""
    DONE = 0
    REFUSED = 1
    DOUBT = 2


class TokenState(enum.IntEnum):
    """INVALID only where the provider said so itself."""
    VALID = 0
    INVALID = 1
    UNKNOWN = 2


@dataclass(frozen=True)
class Rotation:
    """Where a token's rotation stands. `note` is one line: what happened last and what to do."""
    id: str
    phase: Phase
    old_version: int
    new_version: int
    attempts: int
    #: It waits for a person.
    asks: bool
    #: Old tokens that may still be good.
    obligations: int
    started: Optional[Time]
    changed: Optional[Time]
    next_try: Optional[Time]
    note: str


@dataclass(frozen=True)
class Request:
    """What a provider is asked. The values are wiped when the call returns; empty where there is none."""
    name: str
    rotation: str
    #: The provider's own name for the token; may be empty.
    id: str
    overlap: datetime.timedelta
    lifetime: datetime.timedelta
    timeout: datetime.timedelta
    #: issue: the one in use; probe: the one asked about; revoke: the one to end.
    token: memoryview
    #: revoke: the one in use.
    current: memoryview

    def __repr__(self) -> str:
        return f'<tokenvault request about {self.name}>'


@dataclass
class Answer:
    """What a provider says. As it comes it says doubt and unknown."""
    reply: Reply = Reply.DOUBT
    state: TokenState = TokenState.UNKNOWN
    expires: Optional[Time] = None
    retry_after: int = 0
    id: str = ''
    owner: str = ''
    message: str = ''


#: Seals a new token and makes it durable. To be called before anything else is done with the bytes.
Keep = Callable[[Value], None]


class Provider:
    """Whoever issues tokens. Derive from it, say what it does, and write the methods that it has.

    Reply.REFUSED says that certainly nothing was changed. What a method raises means that something may have been.
    """

    issue_kind = IssueKind.ONCE
    old_token = OldToken.KEPT
    #: A second rotation ends the token before the last early.
    one_previous = False
    #: The longest that an old token lives on, and how long a new one takes to be known, in seconds.
    overlap = 0
    propagation = 0

    def issue(self, request: Request, keep: Keep) -> Answer:
        """Has a new token made, and gives it to keep()."""
        raise NotImplementedError

    #: Whether request.token is good. None: the provider cannot tell.
    probe: Optional[Callable[[Request], Union[Answer, TokenState]]] = None
    #: Ends request.token. None: the provider cannot.
    revoke: Optional[Callable[[Request], Union[Answer, Reply]]] = None


def _answered(said: Any) -> Answer:
    if isinstance(said, TokenState):
        return Answer(state=said)
    if isinstance(said, Reply):
        return Answer(reply=said)
    if not isinstance(said, Answer):
        raise TypeError(f'a provider says an Answer, and not {type(said).__name__}')
    return said


def _write(said: Answer, answer: structs.Answer) -> None:
    texts = {field: checks.line(getattr(said, field), f"an answer's {field}")[:255]
             for field in ('id', 'owner', 'message')}
    answer.expires = seconds_of(said.expires)
    answer.retry_after_s = checks.whole(said.retry_after, "an answer's retry_after")
    for field, octets in texts.items():
        setattr(answer, field, octets)
    answer.state, answer.reply = TokenState(said.state), Reply(said.reply)


@contextlib.contextmanager
def _request(told: structs.Request) -> Iterator[Request]:
    overlap, lifetime, timeout = (datetime.timedelta(seconds=seconds)
                                  for seconds in (told.overlap_s, told.lifetime_s, told.timeout_s))
    with copied(told.token, told.token_size) as token, copied(told.current, told.current_size) as current:
        yield Request(told.name.decode(), told.rotation.decode(), told.id.decode(), overlap, lifetime, timeout,
                      token, current)


class _Calls:
    """A provider's functions for C, and what it raised there."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self.raised: list[BaseException] = []
        probe, revoke = getattr(provider, 'probe', None), getattr(provider, 'revoke', None)
        none = structs.ASK(0)
        self.struct = structs.Provider(
            issue_kind=IssueKind(provider.issue_kind), old_token=OldToken(provider.old_token),
            flags=1 if provider.one_previous else 0, overlap_s=checks.whole(provider.overlap, 'an overlap'),
            propagation_s=checks.whole(provider.propagation, 'a propagation'), issue=structs.ISSUE(self._issue),
            probe=structs.ASK(self._asked(probe)) if probe else none,
            revoke=structs.ASK(self._asked(revoke)) if revoke else none)

    def _answer(self, ask: Callable[[Request], Any], request: Any, answer: Any) -> int:
        """Leaves the answer as it came, which says doubt, where the provider raised something."""
        try:
            with _request(request.contents) as told:
                _write(_answered(ask(told)), answer.contents)
        except BaseException as error:
            self.raised.append(error)
        return 0

    def _asked(self, ask: Callable[[Request], Any]) -> Callable[..., int]:
        return lambda _, request, answer: self._answer(ask, request, answer)

    def _issue(self, _: Any, request: Any, keep: Any, keeper: Any, answer: Any) -> int:
        current = [keep]
        one = threading.RLock()  # C takes one at a time, and none once the call is over

        def keep_value(value: Value) -> None:
            with lent(value, 'a token') as (place, size), one:
                if not current:
                    raise InvalidArgument('a token is kept during the call to issue() alone')
                status = keep(keeper, ctypes.cast(place, ctypes.c_void_p), size)
            if status:
                raise Error('the new token could not be sealed')

        try:
            return self._answer(lambda told: self._provider.issue(told, keep_value), request, answer)
        finally:
            with one:
                current.clear()


def _take(function: Any, vault: Any, name: tuple[bytes, int], provider: Optional[Provider],
          *arguments: Any) -> Rotation:
    calls = None if provider is None else _Calls(provider)
    told = structs.Rotation()
    try:
        call(function, vault, *name, None if calls is None else ctypes.byref(calls.struct), *arguments,
             ctypes.byref(told))
    except Error:
        if not calls or not calls.raised:
            raise
    if calls and calls.raised:
        raise calls.raised.pop()
    return Rotation(told.id.decode(), Phase(told.phase), told.old_version, told.new_version, told.attempts,
                    bool(told.asks), told.obligations, time_of(told.started), time_of(told.changed),
                    time_of(told.next_try), told.note.decode('utf-8', 'replace'))


def rotate(vault: Any, name: tuple[bytes, int], provider: Optional[Provider], step: Step, *, unverified: bool,
           force: bool, theirs: bool) -> Rotation:
    flags = (1 if unverified else 0) | (2 if force else 0) | (4 if theirs else 0)
    return _take(library.tv_rotate, vault, name, provider, checks.whole(step, 'a step'), flags)


def stage(vault: Any, name: tuple[bytes, int], provider: Optional[Provider], loan: Lent) -> Rotation:
    return _take(library.tv_rotate_stage, vault, name, provider, *loan)
