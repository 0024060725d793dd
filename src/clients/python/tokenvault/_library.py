"""The shared library: where it is found, and its functions."""
import ctypes
import ctypes.util
import os
from typing import Any, Iterator

from . import _structs as structs

ABI_VERSION = 1
NAMES = ('libtokenvault.so.0', 'libtokenvault.so')
VARIABLE = 'TOKENVAULT_LIBRARY'


def _places() -> Iterator[str]:
    asked = os.environ.get(VARIABLE)
    if asked:
        yield asked
        return
    here = os.path.dirname(os.path.abspath(__file__))
    for folder in (here, os.path.dirname(here)):
        yield from (path for path in (os.path.join(folder, name) for name in NAMES) if os.path.exists(path))
    yield NAMES[0]
    found = ctypes.util.find_library('tokenvault')
    if found:
        yield found


def _load() -> ctypes.CDLL:
    for place in _places():
        try:
            loaded = ctypes.CDLL(place)
            version = loaded.tv_abi_version()
        except (OSError, AttributeError):
            continue
        if version < ABI_VERSION:
            raise ImportError(f'tokenvault: the library at {place} is older than this module: install both anew')
        return loaded
    asked = os.environ.get(VARIABLE)
    if asked:
        raise ImportError(f'tokenvault: cannot load {asked}, which {VARIABLE} names: it is no library of tokenvault')
    raise ImportError(f'tokenvault: cannot load {NAMES[0]}: install it, or set {VARIABLE} to the path of it')


library = _load()

_HANDLE, _SIZE, _TEXT, _BYTES = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_void_p
_NUMBER = ctypes.c_uint32
_ERROR = ctypes.POINTER(structs.Error)
_TOKEN = (_HANDLE, _TEXT, _SIZE)
_OUT = ctypes.POINTER(ctypes.c_void_p)
_OUT_NUMBER = ctypes.POINTER(ctypes.c_uint32)
_OUT_VERDICT = ctypes.POINTER(ctypes.c_int32)
_ROTATION = ctypes.POINTER(structs.Rotation)
_PROVIDER = ctypes.POINTER(structs.Provider)

# What each function takes before its tv_error*, which all of these take last and which return a tv_status.
_FALLIBLE = {
    'tv_protection': (ctypes.POINTER(structs.Protection),),
    'tv_harden_process': (),
    'tv_open': (ctypes.POINTER(structs.OpenOptions), _OUT),
    'tv_create': (ctypes.POINTER(structs.OpenOptions), _OUT),
    'tv_make_key_file': (_TEXT,),
    'tv_inspect': (_HANDLE, ctypes.POINTER(structs.VaultInfo)),
    'tv_put': (*_TOKEN, _BYTES, _SIZE, ctypes.POINTER(structs.PutOptions), _OUT_NUMBER),
    'tv_erase': _TOKEN,
    'tv_undelete': _TOKEN,
    'tv_list': (*_TOKEN, _OUT),
    'tv_info': (*_TOKEN, _OUT),
    'tv_tokens_at': (_HANDLE, _SIZE, ctypes.POINTER(structs.TokenInfo)),
    'tv_tokens_version': (_HANDLE, _SIZE, _SIZE, ctypes.POINTER(structs.VersionInfo)),
    'tv_with_token': (*_TOKEN, structs.USE, ctypes.c_void_p, _OUT_VERDICT),
    'tv_mark_suspect': (*_TOKEN, _NUMBER),
    'tv_lease_open': (*_TOKEN, _OUT),
    'tv_lease_get': (_HANDLE, _OUT),
    'tv_lease_use': (_HANDLE, structs.USE, ctypes.c_void_p, _OUT_VERDICT),
    'tv_lease_wait': (_HANDLE, _NUMBER, _NUMBER, _OUT_NUMBER),
    'tv_rotate': (*_TOKEN, _PROVIDER, _NUMBER, _NUMBER, _ROTATION),
    'tv_rotate_stage': (*_TOKEN, _PROVIDER, _BYTES, _SIZE, _ROTATION),
}
# The others: what each returns, and what it takes.
_PLAIN: dict[str, tuple[Any, tuple[Any, ...]]] = {
    'tv_version': (ctypes.c_char_p, ()),
    'tv_status_name': (ctypes.c_char_p, (ctypes.c_int32,)),
    'tv_vault_free': (None, (_HANDLE,)),
    'tv_secret_version': (_NUMBER, (_HANDLE,)),
    'tv_tokens_count': (_SIZE, (_HANDLE,)),
    'tv_tokens_free': (None, (_HANDLE,)),
    'tv_lease_free': (None, (_HANDLE,)),
}


def _declare() -> None:
    for name, takes in _FALLIBLE.items():
        function = getattr(library, name)
        function.restype, function.argtypes = ctypes.c_int32, (*takes, _ERROR)
    for name, (gives, takes) in _PLAIN.items():
        function = getattr(library, name)
        function.restype, function.argtypes = gives, takes


_declare()

# Undeclared on purpose: arguments that are ctypes objects already then cost half. Only for callers that make them so.
tv_read, tv_get, tv_secret_data, tv_secret_size, tv_secret_free = (
    library[name] for name in ('tv_read', 'tv_get', 'tv_secret_data', 'tv_secret_size', 'tv_secret_free'))
tv_secret_data.restype, tv_secret_size.restype, tv_secret_free.restype = ctypes.c_void_p, ctypes.c_size_t, None
