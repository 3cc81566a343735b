//! Balance files: the document on disk.

use super::error::RenderError;
use super::sink;
use crate::model::document::{Document, DocumentError, Loaded, StemInfo};
use crate::model::limits::STEMS;
use crate::model::page::{MAX_PAGE_BYTES, document_in};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Reads a balance file, or the balance in a recall sheet.
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
    file.take(MAX_PAGE_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.starts_with(b"PK\x03\x04") {
        return Err(refused(DocumentError::Foreign("it is a ZIP archive: unpack it first".to_owned())));
    }
    if bytes.len() > MAX_PAGE_BYTES {
        return Err(refused(DocumentError::TooLarge(metadata.len() as usize)));
    }
    document_in(&bytes).map_err(refused)
}

/// As [`load`], with the file's name before every notice.
///
/// # Errors
/// Those of [`load`].
pub fn load_naming(path: &Path) -> Result<Loaded, RenderError> {
    let mut loaded = load(path)?;
    for notice in &mut loaded.notices {
        *notice = format!("{}: {notice}", path.display());
    }
    Ok(loaded)
}

/// Writes the default balance with the stems named after their files, as a start for editing, and answers
/// those names. The files must be there, but are not read.
///
/// # Errors
/// Where there are too many stems, one is missing, or the file cannot be written.
pub fn write_new(path: &Path, stems: &[PathBuf], replace: bool) -> Result<Vec<String>, RenderError> {
    check_count(stems)?;
    sink::check_output(path, stems, replace)?;
    for stem in stems {
        let unreadable = |source| RenderError::Unreadable { path: stem.clone(), source };
        let file = File::open(stem).map_err(unreadable)?;
        if file.metadata().map_err(unreadable)?.is_dir() {
            return Err(unreadable(io::ErrorKind::IsADirectory.into()));
        }
    }
    let mut document = Document::default();
    for (stem, (info, file)) in document.stems.iter_mut().zip(stems).enumerate() {
        name_after(info, stem, file);
    }
    save(path, &document, replace)?;
    Ok(document.stems.into_iter().take(stems.len()).map(|info| info.name).collect())
}

/// Writes a balance file, whole or not at all.
///
/// # Errors
/// Where a file of this name may not be replaced or cannot be written.
pub fn save(path: &Path, document: &Document, replace: bool) -> Result<(), RenderError> {
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
pub fn name_after(info: &mut StemInfo, stem: usize, file: &Path) {
    if info.name.is_empty() {
        info.rename(&stem_name(stem, file));
    }
}

/// The name a file gives to the stem with this index: its own, without the stem's number before it,
/// which is written before it wherever a stem becomes a file.
pub fn stem_name(stem: usize, file: &Path) -> String {
    let name = file.file_stem().unwrap_or_default().to_string_lossy();
    name.strip_prefix(&format!("{:02} ", stem + 1)).unwrap_or(&name).to_owned()
}
