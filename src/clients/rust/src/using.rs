use crate::{error::call, sys, Result, Secret, Vault};
use std::{any::Any, ffi::c_void, panic, slice, time::Duration};

/// What became of a token that was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Ok,
    /// Refused as such, as by a 401.
    Rejected,
    /// No answer that says anything about the token.
    Failed,
}

struct Using<F> {
    call: F,
    panicked: Option<Box<dyn Any + Send>>,
}

/// A panic must not cross C: it says nothing about the token, and goes on when C has returned.
extern "C" fn used<F: FnMut(&[u8], u32) -> Verdict>(
    user: *mut c_void,
    value: *const c_void,
    size: usize,
    version: u32,
) -> i32 {
    // SAFETY: `user` is what with_token() handed over, and the bytes are there for the call.
    let (using, bytes) =
        unsafe { (&mut *user.cast::<Using<F>>(), slice::from_raw_parts(value.cast::<u8>(), size)) };
    match panic::catch_unwind(panic::AssertUnwindSafe(|| (using.call)(bytes, version))) {
        Ok(verdict) => verdict as i32,
        Err(panicked) => {
            using.panicked = Some(panicked);
            Verdict::Failed as i32
        }
    }
}

impl Vault {
    /// Calls `call` with the value, and where that is rejected once more with a newer version, or else with the
    /// previous one; where that is rejected too, the token is marked suspect.
    pub fn with_token<F: FnMut(&[u8], u32) -> Verdict>(&self, name: &str, call_it: F) -> Result<Verdict> {
        let mut using = Using { call: call_it, panicked: None };
        let mut verdict = Verdict::Failed as i32;
        // SAFETY: all of it is there for the call, and `used` gets the type that it was made for.
        let told = call(|error| unsafe {
            sys::tv_with_token(
                self.0,
                name.as_ptr().cast(),
                name.len(),
                used::<F>,
                (&mut using as *mut Using<F>).cast(),
                &mut verdict,
                error,
            )
        });
        if let Some(panicked) = using.panicked {
            panic::resume_unwind(panicked);
        }
        told.map(|()| match verdict {
            0 => Verdict::Ok,
            1 => Verdict::Rejected,
            _ => Verdict::Failed,
        })
    }

    /// A hold on one token, which need not be there yet.
    pub fn lease(&self, name: &str) -> Result<Lease> {
        let mut out = 0;
        // SAFETY: name and out are there for the call.
        call(|error| unsafe {
            sys::tv_lease_open(self.0, name.as_ptr().cast(), name.len(), &mut out, error)
        })?;
        Ok(Lease(out))
    }
}

/// A hold on one token that follows its rotation, whoever makes it. It keeps the vault open.
pub struct Lease(sys::Handle);

impl Lease {
    /// The value that is current now.
    pub fn get(&self) -> Result<Secret> {
        let mut out = 0;
        // SAFETY: out is there for the call.
        call(|error| unsafe { sys::tv_lease_get(self.0, &mut out, error) })?;
        Ok(Secret(out))
    }

    /// Until the current version is another than `version`, or the time is over: the current one.
    pub fn wait(&self, version: u32, timeout: Duration) -> Result<u32> {
        let milliseconds = u32::try_from(timeout.as_millis()).unwrap_or(u32::MAX);
        let mut current = 0;
        // SAFETY: current is there for the call.
        call(|error| unsafe { sys::tv_lease_wait(self.0, version, milliseconds, &mut current, error) })?;
        Ok(current)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        // SAFETY: the library looks the number up.
        unsafe { sys::tv_lease_free(self.0) }
    }
}
