//! Balance files: the document on disk.

use super::error::RenderError;
use super::sink;
use crate::model::document::{Document, DocumentError, Loaded, MAX_BYTES, StemInfo};
use crate::model::limits::STEMS;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Reads a balance file.
///
/// # Errors
/// [`RenderError::Unreadable`], or [`RenderError::Balance`] where it is no document this version reads.
pub fn load(path: &Path) -> Result<Loaded, RenderError> {
    let unreadable = |source| RenderError::Unreadable { path: path.to_owned(), source };
    let refused = |source| RenderError::Balance { path: path.to_owned(), source };
    let metadata = path.metadata().map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(refused(DocumentError::Foreign("it is no file but a folder or a device".to_owned())));
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() > MAX_BYTES {
        return Err(refused(DocumentError::TooLarge(metadata.len() as usize)));
    }
    Document::from_json(&bytes).map_err(refused)
}

/// Writes the default balance with the stems named after their files, as a start for editing. The
/// stems themselves are not read.
///
/// # Errors
/// Where there are too many stems or the file cannot be written.
pub fn write_new(path: &Path, stems: &[PathBuf], replace: bool) -> Result<(), RenderError> {
    check_count(stems)?;
    let mut document = Document::default();
    for (info, stem) in document.stems.iter_mut().zip(stems) {
        name_after(info, stem);
    }
    sink::write_text(path, &document.to_json(), replace)
}

/// Refuses more stems than there are places.
///
/// # Errors
/// [`RenderError::TooManyStems`].
pub fn check_count(stems: &[PathBuf]) -> Result<(), RenderError> {
    match stems.get(STEMS) {
        Some(extra) => Err(RenderError::TooManyStems { count: stems.len(), first_extra: extra.clone() }),
        None => Ok(()),
    }
}

/// Gives a stem without a name that of its file.
pub fn name_after(info: &mut StemInfo, file: &Path) {
    if info.name.is_empty() {
        info.rename(&file.file_stem().unwrap_or_default().to_string_lossy());
    }
}
