//! A packet that has come back: whether it still is what was sent.

use super::checksum::sha256;
use super::error::ShareError;
use super::manifest::{FileEntry, Manifest, locate};
use crate::model::document::Loaded;
use crate::render::source::StemFile;
use crate::render::{RenderError, load_naming};
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// A folder with more in it is not searched for files that were renamed.
const MAX_SEARCHED: usize = 1000;

/// Reads a balance that is compared with another: what one lacks would count as changed.
///
/// # Errors
/// Those of [`load_naming`], and [`ShareError::Damaged`].
pub fn load_whole(path: &Path) -> Result<Loaded, ShareError> {
    let loaded = load_naming(path)?;
    if loaded.damaged { Err(ShareError::Damaged { path: path.to_owned() }) } else { Ok(loaded) }
}

/// A packet whose manifest has been read.
pub struct Returned {
    folder: PathBuf,
    manifest: Manifest,
}

impl Returned {
    /// Reads a packet's manifest.
    ///
    /// # Errors
    /// As [`Manifest::read`].
    pub fn open(folder: &Path) -> Result<Self, ShareError> {
        Ok(Self { folder: folder.to_owned(), manifest: Manifest::read(folder)? })
    }

    /// How many stems it has.
    pub fn stems(&self) -> usize {
        self.manifest.stems.len()
    }

    /// The balance as it came back.
    ///
    /// # Errors
    /// Where it is missing, damaged or cannot be read.
    pub fn balance(&self) -> Result<Loaded, ShareError> {
        load_whole(&locate(&self.folder, &self.manifest.balance)?)
    }

    /// The balance as it was sent; only after [`Self::check`] is it known to be that.
    ///
    /// # Errors
    /// Where the sheet is missing, damaged or cannot be read.
    pub fn sent(&self) -> Result<Loaded, ShareError> {
        load_whole(&locate(&self.folder, &self.manifest.sheet)?)
    }

    /// Bytes that [`Self::check`] reads.
    pub fn bytes(&self) -> u64 {
        self.manifest.files.iter().fold(0, |sum, file| sum.saturating_add(file.bytes))
    }

    /// Checks that every file is there and as it was. `watch` is told how many bytes were read.
    ///
    /// # Errors
    /// The first file that is not, with what has become of it.
    pub fn check(&self, mut watch: impl FnMut(u64) -> ControlFlow<()>) -> Result<(), ShareError> {
        // All that can be seen at once goes first.
        for file in &self.manifest.files {
            match locate(&self.folder, &file.path) {
                Err(ShareError::Missing { file: name }) => {
                    return Err(match self.renamed(file)? {
                        Some(now) => ShareError::Renamed { file: name, now },
                        None => ShareError::Missing { file: name },
                    });
                }
                located => self.check_size(file, &located?)?,
            }
        }
        let mut done = 0;
        for file in &self.manifest.files {
            let path = locate(&self.folder, &file.path)?;
            let sum = sha256(&path, |read| {
                done += read;
                watch(done)
            })?;
            if !sum.eq_ignore_ascii_case(&file.sha256) {
                return Err(self.what_became_of(file, &path));
            }
        }
        Ok(())
    }

    fn check_size(&self, file: &FileEntry, path: &Path) -> Result<(), ShareError> {
        let size = path.metadata().map(|metadata| metadata.len());
        let size = size.map_err(|source| RenderError::Unreadable { path: path.to_owned(), source })?;
        if size == file.bytes { Ok(()) } else { Err(self.what_became_of(file, path)) }
    }

    /// Why a file differs from what it was.
    fn what_became_of(&self, entry: &FileEntry, path: &Path) -> ShareError {
        let file = entry.path.clone();
        let rate_hz = self.manifest.sample_rate_hz;
        let is_sound = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("wav"));
        if let Some(now_hz) = StemFile::open(path).ok().filter(|_| is_sound).map(|sound| sound.rate_hz())
            && now_hz != rate_hz
        {
            return ShareError::Resampled { file, now_hz, rate_hz };
        }
        let present = path.metadata().map_or(0, |metadata| metadata.len());
        let is_whole = is_sound && StemFile::open(path).is_ok();
        if present < entry.bytes && !is_whole {
            return ShareError::CutOff { file, present, bytes: entry.bytes };
        }
        ShareError::Changed { file }
    }

    /// Where a file that is missing is under another name, if it is.
    fn renamed(&self, missing: &FileEntry) -> Result<Option<String>, ShareError> {
        let known = |name: &str| self.manifest.files.iter().any(|file| file.path == name);
        let mut folders = vec![String::new()];
        let top = missing.path.rsplit_once('/').map(|(folder, _)| format!("{folder}/"));
        folders.extend(top);
        for folder in folders {
            let Ok(entries) = fs::read_dir(self.folder.join(&folder)) else { continue };
            for entry in entries.filter_map(Result::ok).take(MAX_SEARCHED) {
                let Ok(name) = entry.file_name().into_string() else { continue };
                let name = format!("{folder}{name}");
                let Ok(metadata) = entry.metadata() else { continue };
                if metadata.is_file()
                    && metadata.len() == missing.bytes
                    && !known(&name)
                    && sha256(&entry.path(), |_| ControlFlow::Continue(()))? == missing.sha256
                {
                    return Ok(Some(name));
                }
            }
        }
        Ok(None)
    }
}
