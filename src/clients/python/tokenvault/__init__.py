"""API tokens from a vault: `with tokenvault.open() as vault, vault.get('acme/api') as token: ...`

A value that the library holds is wiped with its Secret. What Python makes of it (bytes, str) is beyond anybody's
reach; vault.read() gives a bytearray, which wipe() can wipe. README.md beside this package says more.
"""
from ._errors import (AlreadyExists, Conflict, Error, Expired, Forked, InDoubt, Internal, InvalidArgument, Io,
                      NeedsHuman, NoKey, NotFound, NoVault, OutOfMemory, PermissionDenied, ReadOnly, Refused,
                      Rejected, Stale, Tampered, Unavailable, Unreachable, Unsupported, WrongKey)
from ._memory import Bytes, Value, wipe
from ._process import Backing, Protection, harden_process, protection, version
from ._rotation import Answer, IssueKind, Keep, OldToken, Provider, Reply, Request, Rotation, Step, TokenState
from ._secret import Secret
from ._tokens import Phase, Stage, TokenInfo, VaultInfo, VersionInfo
from ._using import Lease, Use, Verdict
from ._vault import Vault, create, make_key_file, open

__all__ = ['AlreadyExists', 'Answer', 'Backing', 'Bytes', 'Conflict', 'Error', 'Expired', 'Forked', 'InDoubt',
           'Internal', 'InvalidArgument', 'Io', 'IssueKind', 'Keep', 'Lease', 'NeedsHuman', 'NoKey', 'NoVault',
           'NotFound', 'OldToken', 'OutOfMemory', 'PermissionDenied', 'Phase', 'Protection', 'Provider', 'ReadOnly',
           'Refused', 'Rejected', 'Reply', 'Request', 'Rotation', 'Secret', 'Stage', 'Stale', 'Step', 'Tampered',
           'TokenInfo', 'TokenState', 'Unavailable', 'Unreachable', 'Unsupported', 'Use', 'Value', 'Vault',
           'VaultInfo', 'Verdict', 'VersionInfo', 'WrongKey', 'create', 'harden_process', 'make_key_file', 'open',
           'protection', 'version', 'wipe']
