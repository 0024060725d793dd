//! The part of tokenvault.h that this crate calls.
#![allow(non_camel_case_types)]
use std::ffi::{c_char, c_void};

pub const OK: i32 = 0;
pub const ABI_VERSION: u32 = 1;
pub const OPEN_DEFAULTS: u32 = 1;
pub const NO_TIME: i64 = i64::MIN;
pub const PUT_IF_VERSION: u32 = 1;

// Handles are numbers that the library looks up, and never pointers to anything.
pub type Handle = usize;

#[repr(C)]
pub struct tv_error {
    pub struct_size: u32,
    pub code: i32,
    pub os_error: i32,
    pub retryable: u32,
    pub message: [c_char; 256],
}

#[repr(C)]
pub struct tv_open_options {
    pub struct_size: u32,
    pub flags: u32,
    pub uri: *const c_char,
    pub key_file: *const c_char,
    pub key: *const c_void,
    pub key_size: usize,
    pub passphrase: *const c_void,
    pub passphrase_size: usize,
    pub anchors: *const c_char,
    pub timeout_ms: u32,
    pub reserved: u32,
}

#[repr(C)]
pub struct tv_put_options {
    pub struct_size: u32,
    pub flags: u32,
    pub expires: i64,
    pub if_version: u32,
    pub reserved: u32,
    pub label: *const c_char,
}

pub type tv_use = extern "C" fn(user: *mut c_void, value: *const c_void, size: usize, version: u32) -> i32;

extern "C" {
    pub fn tv_abi_version() -> u32;
    pub fn tv_open(options: *const tv_open_options, out: *mut Handle, error: *mut tv_error) -> i32;
    pub fn tv_create(options: *const tv_open_options, out: *mut Handle, error: *mut tv_error) -> i32;
    pub fn tv_vault_free(vault: Handle);
    pub fn tv_get(
        vault: Handle,
        name: *const c_char,
        name_size: usize,
        options: *const c_void,
        out: *mut Handle,
        error: *mut tv_error,
    ) -> i32;
    pub fn tv_put(
        vault: Handle,
        name: *const c_char,
        name_size: usize,
        value: *const c_void,
        size: usize,
        options: *const tv_put_options,
        version: *mut u32,
        error: *mut tv_error,
    ) -> i32;
    pub fn tv_secret_data(secret: Handle) -> *const c_void;
    pub fn tv_secret_size(secret: Handle) -> usize;
    pub fn tv_secret_version(secret: Handle) -> u32;
    pub fn tv_secret_free(secret: Handle);
    pub fn tv_with_token(
        vault: Handle,
        name: *const c_char,
        name_size: usize,
        use_: tv_use,
        user: *mut c_void,
        verdict: *mut i32,
        error: *mut tv_error,
    ) -> i32;
    pub fn tv_lease_open(
        vault: Handle,
        name: *const c_char,
        name_size: usize,
        out: *mut Handle,
        error: *mut tv_error,
    ) -> i32;
    pub fn tv_lease_get(lease: Handle, out: *mut Handle, error: *mut tv_error) -> i32;
    pub fn tv_lease_wait(
        lease: Handle,
        version: u32,
        timeout_ms: u32,
        current: *mut u32,
        error: *mut tv_error,
    ) -> i32;
    pub fn tv_lease_free(lease: Handle);
}
