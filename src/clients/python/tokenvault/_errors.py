"""What can go wrong, by name. The numbers and names are those of the library, fixed for ever."""
from . import _structs as structs


class Error(Exception):
    """A call that failed: str() is one line without secret bytes. Each code has a class of its own."""

    code = 0
    kind = 'unknown'
    #: errno of the failed system call, or 0.
    os_error = 0
    #: Whether the same call may succeed later.
    retryable = False


class InvalidArgument(Error, ValueError):
    """The call itself is wrong: a bad name, size or option, or something closed. Nothing was read."""
    code, kind = 1, 'invalid_argument'


class NoVault(Error):
    """There is no vault at this place."""
    code, kind = 2, 'no_vault'


class AlreadyExists(Error):
    """There is one already, and the call was to make it."""
    code, kind = 3, 'already_exists'


class NotFound(Error, LookupError):
    """No such token or version."""
    code, kind = 4, 'not_found'


class Conflict(Error):
    """Your own `if_version` lost: look again, then decide."""
    code, kind = 5, 'conflict'


class WrongKey(Error):
    """No slot of the vault opens with this key."""
    code, kind = 6, 'wrong_key'


class Tampered(Error):
    """Opened with the right key, and what is stored is not what was written."""
    code, kind = 7, 'tampered'


class Stale(Error):
    """Authentic, but older than something already seen."""
    code, kind = 8, 'stale'


class Unsupported(Error):
    """A newer format, or something that this build of the library has not got."""
    code, kind = 9, 'unsupported'


class ReadOnly(Error):
    """The backend cannot write."""
    code, kind = 10, 'read_only'


class PermissionDenied(Error):
    """The system refused access."""
    code, kind = 11, 'permission_denied'


class Refused(Error):
    """Against a rule that guards you: file modes, sizes, policy."""
    code, kind = 12, 'refused'


class Unavailable(Error):
    """A lock or other writers did not yield in time: try again later."""
    code, kind = 13, 'unavailable'


class Unreachable(Error):
    """The engine or provider did not answer: try again later."""
    code, kind = 14, 'unreachable'


class InDoubt(Error):
    """It may have happened: look before doing it again."""
    code, kind = 15, 'in_doubt'


class Expired(Error):
    """The token's own expiry has passed."""
    code, kind = 16, 'expired'


class NoKey(Error):
    """The key source has nothing to offer."""
    code, kind = 17, 'no_key'


class OutOfMemory(Error, MemoryError):
    """Secret memory could not be had."""
    code, kind = 18, 'out_of_memory'


class Io(Error):
    """The system failed: see os_error."""
    code, kind = 19, 'io'


class Forked(Error):
    """Secrets do not cross fork(): open the vault again in the child."""
    code, kind = 20, 'forked'


class Internal(Error):
    """A mistake in the library."""
    code, kind = 21, 'internal'


class NeedsHuman(Error):
    """A rotation waits for a person, or must end first."""
    code, kind = 22, 'needs_human'


class Rejected(Error):
    """The provider says that the token is invalid."""
    code, kind = 23, 'rejected'


_BY_CODE = {known.code: known for known in Error.__subclasses__()}


def error_of(told: structs.Error) -> Error:
    error = _BY_CODE.get(told.code, Error)(told.message.decode('utf-8', 'replace'))
    error.code, error.os_error, error.retryable = told.code, told.os_error, bool(told.retryable)
    return error
