//! Writes a token to standard output, from the vault that the `tokenvault` command opens here.
use std::{fs::File, io::Write, os::fd::AsFd};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let name = std::env::args().nth(1).ok_or("usage: fetch NAME")?;
    let token = tokenvault::Vault::open_default()?.get(&name)?;
    // Not through Stdout, which would keep a copy in its buffer.
    Ok(File::from(std::io::stdout().as_fd().try_clone_to_owned()?).write_all(&token)?)
}
