use crate::sys;
use std::{fmt, ops::Deref, slice};

/// One value, in the library's secret memory until it is dropped. It derefs to its bytes, and shows them to nobody.
pub struct Secret(pub(crate) sys::Handle);

impl Secret {
    /// Which version of the token it is.
    pub fn version(&self) -> u32 {
        // SAFETY: the library looks the number up.
        unsafe { sys::tv_secret_version(self.0) }
    }
}

impl Deref for Secret {
    type Target = [u8];
    /// Empty in a child made by fork(), which has none of its parent's secrets.
    fn deref(&self) -> &[u8] {
        // SAFETY: the bytes stay until tv_secret_free(), which comes no sooner than the end of the borrow.
        unsafe {
            let data = sys::tv_secret_data(self.0).cast::<u8>();
            if data.is_null() {
                &[]
            } else {
                slice::from_raw_parts(data, sys::tv_secret_size(self.0))
            }
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("<secret>")
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        // SAFETY: the library looks the number up.
        unsafe { sys::tv_secret_free(self.0) }
    }
}
