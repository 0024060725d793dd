//! API tokens from a vault.
//!
//! ```no_run
//! let vault = tokenvault::Vault::open_default()?;
//! let token = vault.get("acme/api")?; // wiped when it is dropped
//! println!("a token of {} bytes", token.len());
//! # Ok::<(), tokenvault::Error>(())
//! ```
mod error;
mod secret;
mod sys;
mod using;

pub use error::{Error, Kind, Result};
pub use secret::Secret;
pub use using::{Lease, Verdict};

use error::call;
use std::{ffi::CString, mem, ptr};

/// What opens a vault.
pub enum Key<'a> {
    /// The path of a file of 32 bytes.
    File(&'a str),
    /// The 32 bytes.
    Raw(&'a [u8]),
    Passphrase(&'a [u8]),
}

/// An open vault. Any thread may use it at any time.
pub struct Vault(sys::Handle);

impl Vault {
    /// The vault that the `tokenvault` command opens here, by the same environment variables and folders.
    pub fn open_default() -> Result<Vault> {
        opened(sys::tv_open, sys::OPEN_DEFAULTS, None, None)
    }

    /// The vault at `uri`. Its anchors are those of the command.
    pub fn open(uri: &str, key: Key<'_>) -> Result<Vault> {
        opened(sys::tv_open, sys::OPEN_DEFAULTS, Some(uri), Some(key))
    }

    /// Makes a vault whose only key is that one. `memory:` is one for tests.
    pub fn create(uri: &str, key: Key<'_>) -> Result<Vault> {
        opened(sys::tv_create, 0, Some(uri), Some(key))
    }

    /// The current value of a token.
    pub fn get(&self, name: &str) -> Result<Secret> {
        let mut out = 0;
        // SAFETY: name and out are there for the call.
        call(|error| unsafe {
            sys::tv_get(self.0, name.as_ptr().cast(), name.len(), ptr::null(), &mut out, error)
        })?;
        Ok(Secret(out))
    }

    /// Stores the token's next version, durably; with `if_version` only after that one, 0 being none.
    pub fn put(&self, name: &str, value: &[u8], if_version: Option<u32>) -> Result<u32> {
        let options = sys::tv_put_options {
            struct_size: mem::size_of::<sys::tv_put_options>() as u32,
            flags: if if_version.is_some() { sys::PUT_IF_VERSION } else { 0 },
            expires: sys::NO_TIME,
            if_version: if_version.unwrap_or(0),
            reserved: 0,
            label: ptr::null(),
        };
        let mut version = 0;
        // SAFETY: all of it is there for the call.
        call(|error| unsafe {
            sys::tv_put(
                self.0,
                name.as_ptr().cast(),
                name.len(),
                value.as_ptr().cast(),
                value.len(),
                &options,
                &mut version,
                error,
            )
        })?;
        Ok(version)
    }
}

impl Drop for Vault {
    fn drop(&mut self) {
        // SAFETY: the library looks the number up.
        unsafe { sys::tv_vault_free(self.0) }
    }
}

type Open = unsafe extern "C" fn(*const sys::tv_open_options, *mut sys::Handle, *mut sys::tv_error) -> i32;

fn opened(function: Open, flags: u32, uri: Option<&str>, key: Option<Key<'_>>) -> Result<Vault> {
    // SAFETY: it takes nothing.
    if unsafe { sys::tv_abi_version() } < sys::ABI_VERSION {
        return Err(Error::new(Kind::Unsupported, "libtokenvault is older than this crate"));
    }
    let text = |given: &str| {
        CString::new(given).map_err(|_| Error::new(Kind::InvalidArgument, "a uri or a path holds a NUL"))
    };
    let uri = uri.map(text).transpose()?;
    let file = if let Some(Key::File(path)) = key { Some(text(path)?) } else { None };
    let pointer = |given: &Option<CString>| given.as_ref().map_or(ptr::null(), |text| text.as_ptr());
    let mut options = sys::tv_open_options {
        struct_size: mem::size_of::<sys::tv_open_options>() as u32,
        flags,
        uri: pointer(&uri),
        key_file: pointer(&file),
        key: ptr::null(),
        key_size: 0,
        passphrase: ptr::null(),
        passphrase_size: 0,
        anchors: ptr::null(),
        timeout_ms: 0,
        reserved: 0,
    };
    match key {
        Some(Key::Raw(bytes)) => (options.key, options.key_size) = (bytes.as_ptr().cast(), bytes.len()),
        Some(Key::Passphrase(bytes)) => {
            (options.passphrase, options.passphrase_size) = (bytes.as_ptr().cast(), bytes.len())
        }
        Some(Key::File(_)) | None => {}
    }
    let mut out = 0;
    // SAFETY: what the options point to is there for the call.
    call(|error| unsafe { function(&options, &mut out, error) })?;
    Ok(Vault(out))
}
