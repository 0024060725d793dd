use crate::sys;
use std::{ffi::CStr, fmt, mem};

/// Why a call failed, as in tokenvault.h; callers act differently on each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[repr(i32)]
pub enum Kind {
    InvalidArgument = 1,
    NoVault,
    AlreadyExists,
    NotFound,
    Conflict,
    WrongKey,
    Tampered,
    Stale,
    Unsupported,
    ReadOnly,
    PermissionDenied,
    Refused,
    Unavailable,
    Unreachable,
    InDoubt,
    Expired,
    NoKey,
    OutOfMemory,
    Io,
    Forked,
    Internal,
    NeedsHuman,
    Rejected,
}

use Kind::*;
const KINDS: [Kind; 23] = [
    InvalidArgument,
    NoVault,
    AlreadyExists,
    NotFound,
    Conflict,
    WrongKey,
    Tampered,
    Stale,
    Unsupported,
    ReadOnly,
    PermissionDenied,
    Refused,
    Unavailable,
    Unreachable,
    InDoubt,
    Expired,
    NoKey,
    OutOfMemory,
    Io,
    Forked,
    Internal,
    NeedsHuman,
    Rejected,
];

/// What went wrong, in one line without secret bytes.
#[derive(Clone, Debug)]
pub struct Error {
    pub kind: Kind,
    pub message: String,
    /// errno of the failed system call, or 0.
    pub os_error: i32,
    /// Whether the same call may succeed later.
    pub retryable: bool,
}

pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    pub(crate) fn new(kind: Kind, message: &str) -> Error {
        Error { kind, message: message.to_owned(), os_error: 0, retryable: false }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// Calls a function that can fail.
pub(crate) fn call(function: impl FnOnce(*mut sys::tv_error) -> i32) -> Result<()> {
    let mut told = sys::tv_error {
        struct_size: mem::size_of::<sys::tv_error>() as u32,
        code: 0,
        os_error: 0,
        retryable: 0,
        message: [0; 256],
    };
    let status = function(&mut told);
    if status == sys::OK {
        return Ok(());
    }
    // SAFETY: the library ends the message with a NUL, and it began as zeros.
    let message = unsafe { CStr::from_ptr(told.message.as_ptr()) }.to_string_lossy().into_owned();
    // A kind that only a later library knows is one that this crate has not got.
    let kind = usize::try_from(status - 1).ok().and_then(|at| KINDS.get(at).copied()).unwrap_or(Unsupported);
    Err(Error { kind, message, os_error: told.os_error, retryable: told.retryable != 0 })
}
