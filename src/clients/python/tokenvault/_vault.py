"""The vault."""
import ctypes
from typing import Any, List, Optional

from . import _checks as checks
from . import _structs as structs
from . import _fast as fast
from ._checks import Path, named
from ._handle import Closable, LeaseHandle, VaultHandle, call, opened
from ._library import library
from ._memory import Value, lent, lent_to
from ._rotation import Provider, Rotation, Step, rotate, stage
from ._secret import Secret
from ._tokens import Time, TokenInfo, VaultInfo, seconds_of, tokens_from, vault_info
from ._using import Lease, Use, Verdict, use_token

_DEFAULTS, _PREVIOUS, _EXPIRED_OK, _IF_VERSION = 1, 1, 2, 1


def _picked(previous: bool, version: int, expired_ok: bool) -> Any:
    flags = (_PREVIOUS if previous else 0) | (_EXPIRED_OK if expired_ok else 0)
    return ctypes.byref(structs.GetOptions(flags=flags, version=checks.whole(version, 'a version')))


class Vault(Closable[VaultHandle]):
    """An open vault. Any thread may use it at any time; a child made by fork() opens its own."""

    __slots__ = ()
    _what = 'vault'

    def get(self, name: str, *, previous: bool = False, version: int = 0, expired_ok: bool = False) -> Secret:
        """The value of a token: the current one, the previous one, or one by its number."""
        held = self._held or self._handle
        if previous or version or expired_ok:
            return Secret(fast.get(held, name, _picked(previous, version, expired_ok)))
        return Secret(fast.get(held, name))

    def read(self, name: str, *, previous: bool = False, version: int = 0, expired_ok: bool = False) -> bytearray:
        """The same in one call, the fastest: a copy in ordinary memory that tokenvault.wipe() wipes."""
        held = self._held or self._handle
        if previous or version or expired_ok:
            return fast.read(held, name, _picked(previous, version, expired_ok))
        return fast.read(held, name)

    def put(self, name: str, value: Value, *, expires: Optional[Time] = None, label: Optional[str] = None,
            if_version: Optional[int] = None) -> int:
        """Stores the token's next version, durably, and returns its number. `label` None leaves it as it is;
        `if_version` is the version that has to be current, 0 for none."""
        options = structs.PutOptions(expires=seconds_of(expires),
                                     label=None if label is None else checks.line(label, 'a label'))
        if if_version is not None:
            options.flags, options.if_version = _IF_VERSION, checks.whole(if_version, 'a version')
        version = ctypes.c_uint32()
        with lent(value, 'a value') as (place, size):
            call(library.tv_put, self._handle, *named(name), place, size, options, ctypes.byref(version))
        return version.value

    def list(self, prefix: str = '') -> List[TokenInfo]:
        """The tokens whose name begins with `prefix`, in the order of their bytes."""
        return tokens_from(library.tv_list, self._handle, *named(prefix))

    def info(self, name: str) -> TokenInfo:
        """One token, with its versions."""
        return tokens_from(library.tv_info, self._handle, *named(name))[0]

    def erase(self, name: str) -> None:
        """Hides a token with all its versions."""
        call(library.tv_erase, self._handle, *named(name))

    def undelete(self, name: str) -> None:
        """Shows it again."""
        call(library.tv_undelete, self._handle, *named(name))

    def with_token(self, name: str, use: Use) -> Verdict:
        """Calls use(value, version), and where that says REJECTED once more with a newer version, or else with the
        previous one; where that is rejected too, the token is marked suspect. An exception in `use` comes out
        here, and says nothing against the token."""
        return use_token(use, library.tv_with_token, self._handle, *named(name))

    def mark_suspect(self, name: str, version: int) -> None:
        """Notes that a version was rejected by whoever it is for, unless there is a newer one by now. For uses that
        end later than a call of with_token()."""
        call(library.tv_mark_suspect, self._handle, *named(name), checks.whole(version, 'a version'))

    def lease(self, name: str) -> Lease:
        """A hold on one token, which need not be there yet."""
        return Lease(opened(LeaseHandle, library.tv_lease_open, self._handle, *named(name)))

    def rotate(self, name: str, provider: Optional[Provider] = None, *, step: Step = Step.ROTATE,
               unverified: bool = False, force: bool = False, theirs: bool = False) -> Rotation:
        """Takes a step of a token's rotation. Without a provider: the one in the token's policy. An exception in
        the provider comes out here, after the rotation has noted that it may have acted."""
        return rotate(self._handle, named(name), provider, step, unverified=unverified, force=force,
                      theirs=theirs)

    def stage(self, name: str, value: Value, provider: Optional[Provider] = None) -> Rotation:
        """Gives a rotation the new token that a person brings."""
        with lent(value, 'a value') as loan:
            return stage(self._handle, named(name), provider, loan)

    def inspect(self) -> VaultInfo:
        """Reads the root afresh."""
        return vault_info(self._handle)

    def __enter__(self) -> 'Vault':
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _open(function: Any, flags: int, uri: Optional[Path], key_file: Optional[Path], key: Optional[Value],
          passphrase: Optional[Value], anchors: Optional[Path], timeout: Optional[float]) -> Vault:
    options = structs.OpenOptions(flags=flags, uri=checks.text(uri, 'a uri'),
                                  key_file=checks.text(key_file, 'the path of a key file'),
                                  anchors=checks.text(anchors, 'the path of the anchors'))
    if timeout is not None:
        options.timeout_ms = checks.milliseconds(timeout, 'a timeout')
    with lent_to(options, 'key', key), lent_to(options, 'passphrase', passphrase):
        held = opened(VaultHandle, function, ctypes.byref(options))
    return Vault(held)


def open(uri: Optional[Path] = None, *, key_file: Optional[Path] = None, key: Optional[Value] = None,
         passphrase: Optional[Value] = None, anchors: Optional[Path] = None,
         timeout: Optional[float] = None) -> Vault:
    """Opens a vault. What is left out is what the `tokenvault` command takes: its environment variables, its
    folders, its anchors; anchors='' keeps none. `timeout`, in seconds, is how long a change yields to other
    writers."""
    return _open(library.tv_open, _DEFAULTS, uri, key_file, key, passphrase, anchors, timeout)


def create(uri: Path, *, key_file: Optional[Path] = None, key: Optional[Value] = None,
           passphrase: Optional[Value] = None, anchors: Optional[Path] = None,
           timeout: Optional[float] = None) -> Vault:
    """Makes a vault whose only key is that one, and opens it. `memory:` is one for tests."""
    return _open(library.tv_create, 0, uri, key_file, key, passphrase, anchors, timeout)


def make_key_file(path: Path) -> None:
    """Makes a new key file, never over one that is there."""
    call(library.tv_make_key_file, checks.text(path, 'the path of a key file') or b'')
