//! Says where libtokenvault is: in TOKENVAULT_LIB_DIR, or where pkg-config knows it.
use std::{env, process::Command};

fn main() {
    println!("cargo:rerun-if-env-changed=TOKENVAULT_LIB_DIR");
    println!("cargo:rerun-if-env-changed=PKG_CONFIG_PATH");
    println!("cargo:rustc-link-lib=dylib=tokenvault");
    if let Some(folder) = env::var("TOKENVAULT_LIB_DIR").ok().or_else(from_pkg_config) {
        println!("cargo:rustc-link-search=native={folder}");
    }
}

fn from_pkg_config() -> Option<String> {
    let told = Command::new("pkg-config").args(["--variable=libdir", "tokenvault"]).output().ok()?;
    let folder = String::from_utf8(told.stdout).ok()?.trim().to_owned();
    (told.status.success() && !folder.is_empty()).then_some(folder)
}
