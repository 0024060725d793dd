"""The structs and callbacks of tokenvault.h."""
import ctypes
from ctypes import c_char, c_char_p, c_int32, c_int64, c_size_t, c_uint8, c_uint32, c_uint64, c_void_p

NO_TIME = -2**63
MAX_SECRET_SIZE = 32768


class Sized(ctypes.Structure):
    """A struct that begins with its size. Made anew, it is what the *_INIT macro gives."""

    def __init__(self, **fields: object) -> None:
        super().__init__(struct_size=ctypes.sizeof(self), **fields)


class Error(Sized):
    _fields_ = [('struct_size', c_uint32), ('code', c_int32), ('os_error', c_int32), ('retryable', c_uint32),
                ('message', c_char * 256)]


class Protection(Sized):
    _fields_ = [('struct_size', c_uint32), ('backing', c_uint32), ('locked_bytes', c_uint64),
                ('plain_bytes', c_uint64), ('lock_limit', c_uint64), ('dontdump', c_uint32),
                ('dontfork', c_uint32), ('hardened', c_uint32), ('os_error', c_int32)]


class OpenOptions(Sized):
    _fields_ = [('struct_size', c_uint32), ('flags', c_uint32), ('uri', c_char_p), ('key_file', c_char_p),
                ('key', c_void_p), ('key_size', c_size_t), ('passphrase', c_void_p),
                ('passphrase_size', c_size_t), ('anchors', c_char_p), ('timeout_ms', c_uint32),
                ('reserved', c_uint32)]


class VaultInfo(Sized):
    _fields_ = [('struct_size', c_uint32), ('epoch', c_uint32), ('generation', c_uint64), ('tokens', c_uint64),
                ('vault_id', c_uint8 * 16), ('writable', c_uint32), ('durable', c_uint32),
                ('encrypted_at_rest', c_uint32), ('reserved', c_uint32)]


class GetOptions(Sized):
    _fields_ = [('struct_size', c_uint32), ('flags', c_uint32), ('version', c_uint32), ('reserved', c_uint32)]


class PutOptions(Sized):
    _fields_ = [('struct_size', c_uint32), ('flags', c_uint32), ('expires', c_int64), ('if_version', c_uint32),
                ('reserved', c_uint32), ('label', c_char_p)]


class TokenInfo(Sized):
    _fields_ = [('struct_size', c_uint32), ('version', c_uint32), ('name', c_char_p), ('label', c_char_p),
                ('created', c_int64), ('expires', c_int64), ('suspect_version', c_uint32),
                ('version_count', c_uint32), ('phase', c_uint32), ('reserved', c_uint32)]


class VersionInfo(Sized):
    _fields_ = [('struct_size', c_uint32), ('number', c_uint32), ('stage', c_uint32), ('reserved', c_uint32),
                ('created', c_int64), ('expires', c_int64)]


class Request(ctypes.Structure):
    _fields_ = [('struct_size', c_uint32), ('overlap_s', c_uint32), ('lifetime_s', c_uint32),
                ('timeout_s', c_uint32), ('name', c_char_p), ('rotation', c_char_p), ('id', c_char_p),
                ('token', c_void_p), ('token_size', c_size_t), ('current', c_void_p), ('current_size', c_size_t)]


class Answer(ctypes.Structure):
    _fields_ = [('struct_size', c_uint32), ('reply', c_uint32), ('state', c_uint32), ('retry_after_s', c_uint32),
                ('expires', c_int64), ('id', c_char * 256), ('owner', c_char * 256), ('message', c_char * 256)]


class Rotation(Sized):
    _fields_ = [('struct_size', c_uint32), ('phase', c_uint32), ('old_version', c_uint32),
                ('new_version', c_uint32), ('attempts', c_uint32), ('asks', c_uint32), ('obligations', c_uint32),
                ('reserved', c_uint32), ('started', c_int64), ('changed', c_int64), ('next_try', c_int64),
                ('id', c_char * 32), ('note', c_char * 512)]


USE = ctypes.CFUNCTYPE(c_int32, c_void_p, c_void_p, c_size_t, c_uint32)
KEEP = ctypes.CFUNCTYPE(c_int32, c_void_p, c_void_p, c_size_t)
ISSUE = ctypes.CFUNCTYPE(c_int32, c_void_p, ctypes.POINTER(Request), KEEP, c_void_p, ctypes.POINTER(Answer))
ASK = ctypes.CFUNCTYPE(c_int32, c_void_p, ctypes.POINTER(Request), ctypes.POINTER(Answer))


class Provider(Sized):
    _fields_ = [('struct_size', c_uint32), ('issue_kind', c_uint32), ('old_token', c_uint32), ('flags', c_uint32),
                ('overlap_s', c_uint32), ('propagation_s', c_uint32), ('user', c_void_p), ('issue', ISSUE),
                ('probe', ASK), ('revoke', ASK)]
