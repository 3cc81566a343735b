//! What a packet says of itself: `packet.json`.

use super::error::ShareError;
use crate::model::limits::STEMS;
use crate::render::RenderError;
use crate::render::file_name::{is_device, is_forbidden};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::HashSet;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The manifest's name in a packet.
pub const FILE: &str = "packet.json";
const FORMAT: &str = "stemwright-packet";
/// The version this program writes, and the latest that it reads.
const VERSION: u64 = 1;
/// A manifest larger than this is refused, in bytes.
const MAX_BYTES: u64 = 1 << 18;
/// A packet of more files is none of ours.
const MAX_FILES: usize = STEMS + 8;
/// Longest path in a packet, in characters.
const MAX_PATH_CHARS: usize = 120;

/// The content of `packet.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// What it is.
    pub format: String,
    /// Of the format.
    pub version: u64,
    /// For people.
    pub written_by: String,
    /// What the song or mix is called.
    pub title: String,
    /// What the packet is for, by its word.
    #[serde(rename = "for")]
    pub purpose: String,
    /// `raw` or `processed`.
    pub stems_are: String,
    /// The rate of all sound.
    pub sample_rate_hz: u32,
    /// The length of all sound.
    pub frames: u64,
    /// The stems in the order of the packet's balance.
    pub stems: Vec<StemEntry>,
    /// The path of the balance, which is to be changed.
    pub balance: String,
    /// The path of the sheet, which holds the balance as it was.
    pub sheet: String,
    /// How far the stems and the rest differ from the mix, measured when the packet was written.
    pub null: Null,
    /// Every file that must stay as it is.
    pub files: Vec<FileEntry>,
}

/// A stem in a packet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StemEntry {
    /// Its name.
    pub name: String,
    /// Its number in the whole mix, from 1.
    pub number: usize,
    /// Its file's path.
    pub file: String,
}

/// The proof that a packet is whole.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Null {
    /// Peak of the difference between the mix and stems plus rest, re the mix's peak; none where there is none.
    pub residual_db: Option<f64>,
    /// Peak of the mix; none where it is silent.
    pub mix_peak_dbfs: Option<f64>,
}

/// A file in a packet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Within the packet, with `/`.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// Its checksum, 64 digits.
    pub sha256: String,
}

/// A manifest of this version, of which nothing else is known yet.
impl Default for Manifest {
    fn default() -> Self {
        Self {
            format: FORMAT.to_owned(),
            version: VERSION,
            written_by: concat!("Stemwright ", env!("CARGO_PKG_VERSION")).to_owned(),
            title: String::new(),
            purpose: String::new(),
            stems_are: String::new(),
            sample_rate_hz: 0,
            frames: 0,
            stems: Vec::new(),
            balance: String::new(),
            sheet: String::new(),
            null: Null { residual_db: None, mix_peak_dbfs: None },
            files: Vec::new(),
        }
    }
}

impl Manifest {
    /// As text.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// Reads the manifest of a packet. Every path in it leads to a place within the packet on every system, or it is
    /// refused; whether anything is there is not looked at.
    ///
    /// # Errors
    /// [`ShareError::NotAPacket`], [`ShareError::Newer`], [`ShareError::Unsafe`], or where it cannot be read.
    pub fn read(packet: &Path) -> Result<Self, ShareError> {
        let path = packet.join(FILE);
        let refused = |why: &str| ShareError::NotAPacket { path: packet.to_owned(), why: why.to_owned() };
        let is_file = path.symlink_metadata().is_ok_and(|metadata| metadata.is_file());
        if !is_file {
            return Err(refused("it holds no file packet.json"));
        }
        let unreadable = |source| RenderError::Unreadable { path: path.clone(), source };
        let mut bytes = Vec::new();
        let file = File::open(&path).map_err(unreadable)?;
        file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
        if bytes.len() as u64 > MAX_BYTES {
            return Err(refused("its packet.json is larger than any"));
        }
        let value: Value = serde_json::from_slice(&bytes).map_err(|error| refused(&error.to_string()))?;
        if value.get("format").and_then(Value::as_str) != Some(FORMAT) {
            return Err(refused("its packet.json is about something else"));
        }
        match value.get("version").and_then(Value::as_u64) {
            Some(VERSION) => {}
            Some(version) if version > VERSION => {
                return Err(ShareError::Newer { path, version: version.to_string() });
            }
            _ => return Err(refused("its packet.json does not say its version")),
        }
        let manifest: Self = serde_json::from_value(value).map_err(|error| refused(&error.to_string()))?;
        manifest.check().map_err(|problem| match problem {
            Problem::Unsafe(file, why) => ShareError::Unsafe { file: excerpt(&file), why },
            Problem::Damaged(why) => refused(why),
        })?;
        Ok(manifest)
    }

    fn check(&self) -> Result<(), Problem> {
        let stems = self.stems.iter().map(|stem| &stem.file);
        let kept = self.files.iter().map(|file| &file.path);
        for path in stems.clone().chain([&self.balance, &self.sheet]).chain(kept.clone()) {
            if let Some(why) = unsafe_path(path) {
                return Err(Problem::Unsafe(path.clone(), why));
            }
        }
        let mut seen = HashSet::new();
        if self.stems.is_empty() || self.stems.len() > STEMS || self.files.len() > MAX_FILES {
            return Err(Problem::Damaged("it has no stems, or too many files"));
        }
        // Some systems take two cases of a letter for one.
        if !kept.clone().chain([&self.balance]).all(|path| seen.insert(path.to_lowercase())) {
            return Err(Problem::Damaged("it names a file twice"));
        }
        if !stems.chain([&self.sheet]).all(|path| kept.clone().any(|kept| kept == path)) {
            return Err(Problem::Damaged("a stem or the sheet has no checksum"));
        }
        Ok(())
    }
}

enum Problem {
    Unsafe(String, &'static str),
    Damaged(&'static str),
}

/// Where a path within a packet is, and that no link leads out of the packet on the way.
///
/// # Errors
/// [`ShareError::Unsafe`], or [`ShareError::Missing`] where nothing is there.
pub fn locate(packet: &Path, file: &str) -> Result<PathBuf, ShareError> {
    let mut path = packet.to_owned();
    for part in file.split('/') {
        path.push(part);
        let Ok(metadata) = path.symlink_metadata() else {
            return Err(ShareError::Missing { file: file.to_owned() });
        };
        if metadata.is_symlink() {
            return Err(ShareError::Unsafe { file: file.to_owned(), why: "is a link to another place" });
        }
    }
    if path.is_file() {
        Ok(path)
    } else {
        Err(ShareError::Unsafe { file: file.to_owned(), why: "is a folder or a device" })
    }
}

/// Why a path may not be looked for in a packet, if so.
fn unsafe_path(path: &str) -> Option<&'static str> {
    if path.chars().count() > MAX_PATH_CHARS {
        return Some("is longer than any of a packet");
    }
    if path.contains('\\') {
        return Some("has a backslash in it");
    }
    path.split('/').find_map(|part| match part {
        "" => Some("leads out of the packet"),
        "." | ".." => Some("leads out of the packet"),
        _ if part.contains(is_forbidden) => Some("has a sign in it that files cannot have everywhere"),
        _ if part.ends_with(['.', ' ']) || part.starts_with(' ') => Some("some systems read differently"),
        _ if is_device(part) => Some("some systems take for a device"),
        _ => None,
    })
}

fn excerpt(text: &str) -> String {
    text.chars().filter(|sign| !is_forbidden(*sign) || "/\\:".contains(*sign)).take(MAX_PATH_CHARS).collect()
}
