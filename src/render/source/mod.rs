//! Stems on disk, read as a stream.

mod aiff;
mod flac;
mod wav;

use super::error::RenderError;
use crate::dsp::sanitise::is_garbage;
use crate::model::limits::{MAX_SAMPLE_RATE_HZ, MIN_SAMPLE_RATE_HZ};
use aiff::Swapped;
use flac::FlacFile;
use hound::{SampleFormat, WavReader, WavSpec};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Chain, Cursor, Read, Seek};
use std::path::{Path, PathBuf};
use wav::Audio;

/// A WAV, AIFF or FLAC file, mono or stereo, open at its next frame.
pub struct StemFile {
    path: PathBuf,
    reader: Reader,
    garbage_samples: u64,
}

/// hound, behind a header of ours.
type Wav<R> = WavReader<Chain<Cursor<Vec<u8>>, R>>;

enum Reader {
    Wav(Wav<BufReader<File>>),
    Aiff(Wav<Swapped<BufReader<File>>>),
    Flac(Box<FlacFile>),
}

impl StemFile {
    /// Opens a file and checks everything about it that can be known before its samples are read.
    ///
    /// # Errors
    /// Where it cannot be a stem.
    pub fn open(path: &Path) -> Result<Self, RenderError> {
        let path = path.to_owned();
        let not_wav = |why: String| RenderError::NotWav { path: path.clone(), why };
        let unreadable = |source| RenderError::Unreadable { path: path.clone(), source };

        // Before it is opened: opening a pipe waits for its other end.
        let metadata = path.metadata().map_err(unreadable)?;
        if !metadata.is_file() {
            return Err(not_wav("it is no file but a folder or a device".to_owned()));
        }
        let mut file = BufReader::new(File::open(&path).map_err(unreadable)?);
        let start = file.fill_buf().map_err(unreadable)?;
        let reader = if flac::is_flac(start) {
            file.rewind().map_err(unreadable)?;
            let file = FlacFile::open(file.into_inner()).map_err(|why| damaged(&path, "FLAC", why))?;
            Reader::Flac(Box::new(file))
        } else if aiff::is_aiff(start) {
            let (audio, samples) = aiff::find_audio(file).map_err(|error| match error.kind() {
                io::ErrorKind::UnexpectedEof => damaged(&path, "AIFF", "it ends before its audio begins"),
                io::ErrorKind::InvalidData => damaged(&path, "AIFF", error),
                _ => unreadable(error),
            })?;
            Reader::Aiff(hound(&path, metadata.len(), audio, samples, |why| damaged(&path, "AIFF", why))?)
        } else {
            let audio = wav::find_audio(&mut file).map_err(|error| match error.kind() {
                io::ErrorKind::UnexpectedEof => not_wav("it ends before any audio begins".to_owned()),
                io::ErrorKind::InvalidData => not_wav(error.to_string()),
                _ => unreadable(error),
            })?;
            Reader::Wav(hound(&path, metadata.len(), audio, file, |error| not_wav(error.to_string()))?)
        };

        let WavSpec { channels, sample_rate, bits_per_sample, sample_format } = reader.spec();
        if !matches!((sample_format, bits_per_sample), (SampleFormat::Int, 8 | 16 | 24 | 32))
            && (sample_format, bits_per_sample) != (SampleFormat::Float, 32)
        {
            return Err(not_wav(format!("its samples have {bits_per_sample} bits")));
        }
        if !matches!(channels, 1 | 2) {
            return Err(RenderError::Channels { path, channels });
        }
        if !(MIN_SAMPLE_RATE_HZ..=MAX_SAMPLE_RATE_HZ).contains(&f64::from(sample_rate)) {
            return Err(RenderError::Rate { path, rate_hz: sample_rate });
        }
        if reader.frames() == 0 {
            return Err(RenderError::Empty { path });
        }
        Ok(Self { path, reader, garbage_samples: 0 })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its sample rate.
    pub fn rate_hz(&self) -> u32 {
        self.reader.spec().sample_rate
    }

    /// Bits of a sample.
    pub fn bits(&self) -> u16 {
        self.reader.bits()
    }

    /// Its length.
    pub fn frames(&self) -> u64 {
        self.reader.frames()
    }

    /// Samples read so far that the engine takes for silence: NaN, infinite or absurdly large.
    pub fn garbage_samples(&self) -> u64 {
        self.garbage_samples
    }

    /// Reads the next frames, and silence after the last. Mono feeds both sides.
    ///
    /// # Errors
    /// [`RenderError::Unreadable`], or [`RenderError::Damaged`].
    pub fn read(&mut self, left: &mut [f32], right: &mut [f32]) -> Result<(), RenderError> {
        let WavSpec { channels, .. } = self.reader.spec();
        let is_mono = channels == 1;
        let unreadable = |error| RenderError::Unreadable {
            path: self.path.clone(),
            source: match error {
                hound::Error::IoError(source) => source,
                other => io::Error::other(other),
            },
        };
        self.garbage_samples += match &mut self.reader {
            Reader::Wav(reader) => fill_by_hound(reader, is_mono, left, right).map_err(unreadable)?,
            Reader::Aiff(reader) => fill_by_hound(reader, is_mono, left, right).map_err(unreadable)?,
            Reader::Flac(file) => {
                fill(&mut **file, is_mono, left, right).map_err(|why| damaged(&self.path, "FLAC", why))?
            }
        };
        Ok(())
    }
}

impl Reader {
    fn spec(&self) -> WavSpec {
        match self {
            Self::Wav(reader) => reader.spec(),
            Self::Aiff(reader) => reader.spec(),
            Self::Flac(file) => file.spec(),
        }
    }

    fn bits(&self) -> u16 {
        match self {
            Self::Flac(file) => file.bits(),
            _ => self.spec().bits_per_sample,
        }
    }

    fn frames(&self) -> u64 {
        match self {
            Self::Wav(reader) => u64::from(reader.duration()),
            Self::Aiff(reader) => u64::from(reader.duration()),
            Self::Flac(file) => file.frames(),
        }
    }
}

fn damaged(path: &Path, kind: &'static str, why: impl ToString) -> RenderError {
    RenderError::Damaged { path: path.to_owned(), kind, why: why.to_string() }
}

/// hound on the samples that follow `audio`'s header, if all of them are there.
fn hound<R: Read>(
    path: &Path,
    file_bytes: u64,
    Audio { header, start, promised }: Audio,
    samples: R,
    refused: impl FnOnce(hound::Error) -> RenderError,
) -> Result<Wav<R>, RenderError> {
    let present = file_bytes.saturating_sub(start);
    if present < promised {
        return Err(RenderError::Truncated { path: path.to_owned(), promised, present });
    }
    WavReader::new(Cursor::new(header).chain(samples)).map_err(refused)
}

fn fill_by_hound<R: Read>(
    reader: &mut Wav<R>,
    is_mono: bool,
    left: &mut [f32],
    right: &mut [f32],
) -> hound::Result<u64> {
    let WavSpec { bits_per_sample, sample_format, .. } = reader.spec();
    match sample_format {
        SampleFormat::Float => fill(reader.samples::<f32>(), is_mono, left, right),
        SampleFormat::Int => {
            let scale = 0.5f32.powi(i32::from(bits_per_sample) - 1);
            let samples = reader.samples::<i32>().map(|x| x.map(|x| x as f32 * scale));
            fill(samples, is_mono, left, right)
        }
    }
}

/// Deals interleaved samples out to the two sides; how many of them are garbage.
fn fill<E>(
    mut samples: impl Iterator<Item = Result<f32, E>>,
    is_mono: bool,
    left: &mut [f32],
    right: &mut [f32],
) -> Result<u64, E> {
    let mut garbage = 0;
    let mut next = || -> Result<f32, E> {
        let sample = samples.next().transpose()?.unwrap_or(0.0);
        garbage += u64::from(is_garbage(sample));
        Ok(sample)
    };
    for (l, r) in left.iter_mut().zip(right) {
        *l = next()?;
        *r = if is_mono { *l } else { next()? };
    }
    Ok(garbage)
}

fn take<const N: usize>(file: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}
