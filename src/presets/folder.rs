//! The folder of presets.

use crate::model::document::{Document, Loaded};
use crate::render::file_name::is_device;
use crate::render::{RenderError, load_balance, save_balance, sink};
use crate::share::{self, Readings};
use directories::ProjectDirs;
use std::env;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Names another folder than the platform's usual one.
const VARIABLE: &str = "STEMWRIGHT_PRESETS";
const EXTENSION: &str = "json";
/// Beside the folder of presets: what new instances begin with.
const DEFAULT: &str = "default.json";
/// Longest name of a preset, in characters.
const MAX_CHARS: usize = 60;

/// Why nothing was read or kept. No file was changed then.
#[derive(Debug, thiserror::Error)]
pub enum PresetError {
    /// The system names no folder for a program's files.
    #[error("this system names no folder for presets: set {VARIABLE} to one, or save to a file instead")]
    NoFolder,
    /// A name that some system cannot give to a file.
    #[error("\"{name}\" cannot be the name of a preset: {cure}")]
    BadName {
        /// What was typed.
        name: String,
        /// What to do.
        cure: &'static str,
    },
    /// The name is taken.
    #[error("there is a preset \"{0}\" already: choose another name, or delete that one first")]
    Exists(String),
    /// A file of this name is there.
    #[error("there is a file {0} already: choose another name")]
    FileExists(PathBuf),
    /// The folder cannot be used.
    #[error("the presets in {path} cannot be used ({source}): check the folder's permissions")]
    Folder {
        /// The folder or the file in it.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file cannot be read or written.
    #[error(transparent)]
    File(#[from] RenderError),
}

/// A folder with `presets/NAME.json` for each preset and `default.json` for new instances. Nothing is
/// created before something is saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    root: PathBuf,
}

impl Folder {
    /// The platform's usual place for a program's own files, or what `STEMWRIGHT_PRESETS` names.
    ///
    /// # Errors
    /// [`PresetError::NoFolder`].
    pub fn usual() -> Result<Self, PresetError> {
        let named = env::var_os(VARIABLE).filter(|path| !path.is_empty()).map(PathBuf::from);
        let usual = || ProjectDirs::from("", "", "Stemwright").map(|dirs| dirs.data_dir().to_owned());
        named.or_else(usual).map(Self::at).ok_or(PresetError::NoFolder)
    }

    /// This folder.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The presets' names, sorted as people sort. None where nothing was saved yet.
    ///
    /// # Errors
    /// [`PresetError::Folder`].
    pub fn names(&self) -> Result<Vec<String>, PresetError> {
        let folder = self.presets();
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(failed(&folder))?,
        };
        let is_preset = |path: &Path| path.extension() == Some(OsStr::new(EXTENSION));
        let mut names: Vec<String> = entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| is_preset(path))
            .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
            .filter(|name| checked(name).is_ok())
            .collect();
        names.sort_by_cached_key(|name| (natural(name), name.clone()));
        Ok(names)
    }

    /// Reads a preset.
    ///
    /// # Errors
    /// Where there is none of this name, or none that this version reads.
    pub fn load(&self, name: &str) -> Result<Loaded, PresetError> {
        read(&self.file(name)?)
    }

    /// Keeps a balance under a name; `replace` where it may take another's place.
    ///
    /// # Errors
    /// [`PresetError::BadName`], [`PresetError::Exists`], or where the file cannot be written.
    pub fn save(&self, name: &str, document: &Document, replace: bool) -> Result<(), PresetError> {
        let file = self.file(name)?;
        self.create()?;
        match write(&file, document, replace) {
            Err(PresetError::FileExists(_)) => Err(PresetError::Exists(name.trim().to_owned())),
            done => done,
        }
    }

    /// Gives a preset another name.
    ///
    /// # Errors
    /// [`PresetError::BadName`], [`PresetError::Exists`] or [`PresetError::Folder`].
    pub fn rename(&self, from: &str, to: &str) -> Result<(), PresetError> {
        let [old, new] = [self.file(from)?, self.file(to)?];
        // "verse" may become "Verse" where the system sees one file in both.
        let is_same = fs::canonicalize(&old).ok().is_some_and(|old| fs::canonicalize(&new).ok() == Some(old));
        if new.symlink_metadata().is_ok() && !is_same {
            return Err(PresetError::Exists(to.trim().to_owned()));
        }
        fs::rename(&old, new).map_err(failed(&old))
    }

    /// Deletes a preset.
    ///
    /// # Errors
    /// [`PresetError::Folder`].
    pub fn delete(&self, name: &str) -> Result<(), PresetError> {
        let file = self.file(name)?;
        fs::remove_file(&file).map_err(failed(&file))
    }

    /// What new instances begin with; none where nothing was chosen.
    ///
    /// # Errors
    /// Where a file is there and cannot be read.
    pub fn load_default(&self) -> Result<Option<Loaded>, PresetError> {
        if self.has_default() { read(&self.default_file()).map(Some) } else { Ok(None) }
    }

    /// Whether new instances begin with something chosen.
    pub fn has_default(&self) -> bool {
        self.default_file().exists()
    }

    /// Lets new instances begin with this.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn save_default(&self, document: &Document) -> Result<(), PresetError> {
        self.create()?;
        write(&self.default_file(), document, true)
    }

    /// Lets new instances begin as they came.
    ///
    /// # Errors
    /// [`PresetError::Folder`].
    pub fn clear_default(&self) -> Result<(), PresetError> {
        let file = self.default_file();
        fs::remove_file(&file).map_err(failed(&file))
    }

    fn presets(&self) -> PathBuf {
        self.root.join("presets")
    }

    fn default_file(&self) -> PathBuf {
        self.root.join(DEFAULT)
    }

    fn file(&self, name: &str) -> Result<PathBuf, PresetError> {
        Ok(self.presets().join(format!("{}.{EXTENSION}", checked(name)?)))
    }

    fn create(&self) -> Result<(), PresetError> {
        let folder = self.presets();
        fs::create_dir_all(&folder).map_err(failed(&folder))
    }
}

/// Reads a balance from any file.
///
/// # Errors
/// [`PresetError::File`].
pub fn read(path: &Path) -> Result<Loaded, PresetError> {
    Ok(load_balance(path)?)
}

/// Writes a balance to any file, whole or not at all.
///
/// # Errors
/// [`PresetError::FileExists`] or [`PresetError::File`].
pub fn write(path: &Path, document: &Document, replace: bool) -> Result<(), PresetError> {
    save_balance(path, document, replace).map_err(refused)
}

fn refused(error: RenderError) -> PresetError {
    match error {
        RenderError::Exists { path } => PresetError::FileExists(path),
        error => PresetError::File(error),
    }
}

/// Writes a balance as a recall sheet headed by the file's name, with what it measures where that is known, whole or
/// not at all. [`read`] takes it back.
///
/// # Errors
/// As [`write`].
pub fn write_sheet(
    path: &Path,
    document: &Document,
    readings: Option<&Readings>,
    replace: bool,
) -> Result<(), PresetError> {
    let page = share::page(document, &share::name_of(path), readings);
    write_bytes(path, page.as_bytes(), replace)
}

/// Writes something else than a balance to any file, whole or not at all.
///
/// # Errors
/// As [`write`].
pub fn write_bytes(path: &Path, bytes: &[u8], replace: bool) -> Result<(), PresetError> {
    sink::write_bytes(path, bytes, replace).map_err(refused)
}

/// What people sort a name by: letters without case, and numbers by their value.
fn natural(name: &str) -> Vec<(u64, String)> {
    let is_digit = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    let mut parts = Vec::new();
    let mut rest = name;
    while !rest.is_empty() {
        let digits = is_digit(rest);
        let end = rest.find(|c: char| c.is_ascii_digit() != digits).unwrap_or(rest.len());
        let (part, after) = rest.split_at(end);
        parts.push(match part.parse() {
            Ok(number) if digits => (number, String::new()),
            _ => (u64::MAX, part.to_lowercase()),
        });
        rest = after;
    }
    parts
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> PresetError {
    move |source| PresetError::Folder { path: path.to_owned(), source }
}

/// A name that every system can give to a file, so that presets can be copied between them.
fn checked(name: &str) -> Result<&str, PresetError> {
    let trimmed = name.trim();
    let cure = if trimmed.is_empty() {
        "type one"
    } else if trimmed.chars().count() > MAX_CHARS {
        "make it shorter, up to 60 characters"
    } else if trimmed.contains(|c: char| c.is_control() || r#"/\:*?"<>|"#.contains(c)) {
        r#"leave out / \ : * ? " < > |"#
    } else if trimmed.starts_with('.') || trimmed.ends_with('.') {
        "let it neither begin nor end with a full stop"
    } else if is_device(trimmed) {
        "some systems keep it for a device, choose another"
    } else {
        return Ok(trimmed);
    };
    Err(PresetError::BadName { name: trimmed.chars().take(MAX_CHARS).collect(), cure })
}
