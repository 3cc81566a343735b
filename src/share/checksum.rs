//! Checksums of files.

use crate::render::RenderError;
use crate::render::session::go_on;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::Read;
use std::ops::ControlFlow;
use std::path::Path;

/// A file's SHA-256 as 64 digits. `watch` is told how many more bytes were read.
///
/// # Errors
/// [`RenderError::Unreadable`], or [`RenderError::Interrupted`] where `watch` breaks.
pub fn sha256(path: &Path, mut watch: impl FnMut(u64) -> ControlFlow<()>) -> Result<String, RenderError> {
    let unreadable = |source| RenderError::Unreadable { path: path.to_owned(), source };
    let mut file = File::open(path).map_err(unreadable)?;
    let mut hash = Sha256::new();
    let mut bytes = vec![0; 1 << 20];
    loop {
        let read = file.read(&mut bytes).map_err(unreadable)?;
        if read == 0 {
            break;
        }
        hash.update(&bytes[..read]);
        go_on(watch(read as u64))?;
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}
