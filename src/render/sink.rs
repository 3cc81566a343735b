//! Files that appear whole under their name, or not at all.

use super::error::RenderError;
use hound::{WavSpec, WavWriter};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// A WAV file's size is counted in 32 bits; its header takes some of them.
pub const MAX_AUDIO_BYTES: u64 = u32::MAX as u64 - 1024;

/// Full scale of 24 bits.
const FULL_SCALE_24: f32 = 8_388_608.0;

/// How samples are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SampleFormat {
    /// 24-bit integers, each the nearest to its sample, without dither: the rounding lies at -146 dBFS,
    /// below the noise of every converter. What exceeds full scale is clipped, and counted.
    Int24,
    /// 32-bit floats exactly as the engine gives them. Never clips.
    #[default]
    Float32,
}

impl SampleFormat {
    /// Bits of a sample.
    pub fn bits(self) -> u16 {
        match self {
            Self::Int24 => 24,
            Self::Float32 => 32,
        }
    }
}

/// Checks that a file may be written: its folder is there, and it is not, or is one that may be
/// replaced.
///
/// # Errors
/// Says which of these does not hold.
fn check(path: &Path, replace: bool) -> Result<(), RenderError> {
    let path = path.to_owned();
    if !folder(&path).is_dir() {
        return Err(RenderError::NoFolder { folder: folder(&path).to_owned() });
    }
    match path.symlink_metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(source) => Err(RenderError::Unwritable { path, source }),
        Ok(_) if path.is_dir() || (path.exists() && !path.is_file()) => Err(RenderError::NotAFile { path }),
        Ok(_) if !replace => Err(RenderError::Exists { path }),
        Ok(_) => Ok(()),
    }
}

/// As [`check`], and that a file that is there is none of those that are read, nor in a folder of them.
///
/// # Errors
/// Says which of these does not hold.
pub fn check_output<'a>(
    path: &Path,
    inputs: impl IntoIterator<Item = &'a PathBuf>,
    replace: bool,
) -> Result<(), RenderError> {
    let holds =
        |input: &PathBuf, path: &Path| input.canonicalize().is_ok_and(|input| path.starts_with(input));
    if path.canonicalize().is_ok_and(|path| inputs.into_iter().any(|input| holds(input, &path))) {
        return Err(RenderError::OutputIsInput { path: path.to_owned() });
    }
    check(path, replace)
}

/// Checks that what is written (mix, picture) is named as what it is: its ending without the dot, in any case.
///
/// # Errors
/// If it is not.
pub fn check_ending(what: &'static str, path: &Path, ending: &'static str) -> Result<(), RenderError> {
    match path.extension() {
        Some(extension) if extension.eq_ignore_ascii_case(ending) => Ok(()),
        _ => Err(RenderError::NotNamedAsIs { what, ending, path: path.to_owned() }),
    }
}

/// The folder of a file, `.` where it names none.
pub fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

/// A file that is written under a passing name in its folder, and gone when dropped before
/// [`Self::commit`].
pub struct NewFile {
    path: PathBuf,
    replace: bool,
    temp: NamedTempFile,
}

impl NewFile {
    /// Starts a file.
    ///
    /// # Errors
    /// As [`check`], and where the folder takes no files.
    pub fn create(path: &Path, replace: bool) -> Result<Self, RenderError> {
        check(path, replace)?;
        let mut builder = tempfile::Builder::new();
        builder.prefix(".stemwright-").suffix(".part");
        // A passing file is its owner's alone by default; a mix is for whom the umask lets read it.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let temp = builder
            .tempfile_in(folder(path))
            .map_err(|source| RenderError::Unwritable { path: path.to_owned(), source })?;
        Ok(Self { path: path.to_owned(), replace, temp })
    }

    /// Another handle to write it by.
    ///
    /// # Errors
    /// [`RenderError::Unwritable`].
    pub fn handle(&self) -> Result<File, RenderError> {
        self.temp.as_file().try_clone().map_err(|source| self.unwritable(source))
    }

    /// Gives it its name.
    ///
    /// # Errors
    /// [`RenderError::Exists`] where another file has taken it meanwhile, or
    /// [`RenderError::Unwritable`]; the file is gone then.
    pub fn commit(self) -> Result<(), RenderError> {
        // The name must not reach the disk before the content does.
        self.temp.as_file().sync_all().map_err(|source| self.unwritable(source))?;
        let Self { path, replace, temp } = self;
        let named = if replace {
            temp.persist(&path)
        } else {
            temp.persist_noclobber(&path).or_else(|error| match path.symlink_metadata() {
                Ok(_) => Err(error),
                // Not every file system (exFAT, some network drives) can refuse to replace while
                // renaming; nothing is there to be replaced.
                Err(_) => error.file.persist(&path),
            })
        };
        match named {
            Ok(_) => Ok(()),
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
                Err(RenderError::Exists { path })
            }
            Err(error) => Err(RenderError::Unwritable { path, source: error.error }),
        }
    }

    fn unwritable(&self, source: io::Error) -> RenderError {
        RenderError::Unwritable { path: self.path.clone(), source }
    }
}

/// Writes a text file whole.
///
/// # Errors
/// As [`NewFile::create`] and [`NewFile::commit`].
pub fn write_text(path: &Path, text: &str, replace: bool) -> Result<(), RenderError> {
    write_bytes(path, text.as_bytes(), replace)
}

/// Writes several text files, all or none, unless the disk fails while they get their names.
///
/// # Errors
/// As [`write_text`].
pub fn write_texts(texts: &[(&Path, String)], replace: bool) -> Result<(), RenderError> {
    let written = texts.iter().map(|(path, text)| written(path, text.as_bytes(), replace));
    let written = written.collect::<Result<Vec<_>, _>>()?;
    written.into_iter().try_for_each(NewFile::commit)
}

/// The same of any file.
///
/// # Errors
/// As [`write_text`].
pub fn write_bytes(path: &Path, bytes: &[u8], replace: bool) -> Result<(), RenderError> {
    written(path, bytes, replace)?.commit()
}

/// A file with its content that waits for its name.
fn written(path: &Path, bytes: &[u8], replace: bool) -> Result<NewFile, RenderError> {
    let file = NewFile::create(path, replace)?;
    file.handle()?.write_all(bytes).map_err(|source| file.unwritable(source))?;
    Ok(file)
}

/// A stereo WAV file being written.
pub struct WavSink {
    writer: WavWriter<BufWriter<File>>,
    file: NewFile,
    format: SampleFormat,
    peak: f32,
    clipped_samples: u64,
}

impl WavSink {
    /// Starts a file.
    ///
    /// # Errors
    /// As [`NewFile::create`].
    pub fn create(
        path: &Path,
        rate_hz: u32,
        format: SampleFormat,
        replace: bool,
    ) -> Result<Self, RenderError> {
        let spec = WavSpec {
            channels: 2,
            sample_rate: rate_hz,
            bits_per_sample: format.bits(),
            sample_format: match format {
                SampleFormat::Int24 => hound::SampleFormat::Int,
                SampleFormat::Float32 => hound::SampleFormat::Float,
            },
        };
        let file = NewFile::create(path, replace)?;
        let writer = WavWriter::new(BufWriter::new(file.handle()?), spec)
            .map_err(|error| file.unwritable(io_error(error)))?;
        Ok(Self { writer, file, format, peak: 0.0, clipped_samples: 0 })
    }

    /// Appends frames.
    ///
    /// # Errors
    /// [`RenderError::Unwritable`].
    pub fn write(&mut self, left: &[f32], right: &[f32]) -> Result<(), RenderError> {
        for sample in left.iter().zip(right).flat_map(|(l, r)| [*l, *r]) {
            self.peak = self.peak.max(sample.abs());
            match self.format {
                SampleFormat::Float32 => self.writer.write_sample(sample),
                SampleFormat::Int24 => {
                    self.clipped_samples += u64::from(sample.abs() > 1.0);
                    let value = (sample * FULL_SCALE_24).round();
                    self.writer.write_sample(value.clamp(-FULL_SCALE_24, FULL_SCALE_24 - 1.0) as i32)
                }
            }
            .map_err(|error| self.file.unwritable(io_error(error)))?;
        }
        Ok(())
    }

    /// Ends the file; it still has no name.
    ///
    /// # Errors
    /// [`RenderError::Unwritable`].
    pub fn finish(self) -> Result<Finished, RenderError> {
        let Self { writer, file, peak, clipped_samples, .. } = self;
        writer.finalize().map_err(|error| file.unwritable(io_error(error)))?;
        Ok(Finished { file, peak, clipped_samples })
    }
}

/// A WAV file written to its end that waits for its name.
pub struct Finished {
    /// The file.
    pub file: NewFile,
    /// Largest magnitude before any clipping, linear.
    pub peak: f32,
    /// Samples beyond full scale that were clipped.
    pub clipped_samples: u64,
}

fn io_error(error: hound::Error) -> io::Error {
    match error {
        hound::Error::IoError(error) => error,
        other => io::Error::other(other),
    }
}
