//! Stems on disk, read as a stream.

use super::error::RenderError;
use crate::dsp::sanitise::CEILING;
use crate::model::limits::{MAX_SAMPLE_RATE_HZ, MIN_SAMPLE_RATE_HZ};
use hound::{SampleFormat, WavReader, WavSpec};
use std::fs::File;
use std::io::{self, BufReader, Chain, Cursor, Read, Seek};
use std::path::{Path, PathBuf};

/// No WAV file has a longer `fmt ` chunk; hound knows the first so many bytes of it.
const FMT_BYTES: u32 = 40;

/// A WAV file, mono or stereo, open at its next frame.
pub struct StemFile {
    path: PathBuf,
    reader: WavReader<Chain<Cursor<Vec<u8>>, BufReader<File>>>,
    garbage_samples: u64,
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
        let Audio { header, start, promised } =
            find_audio(&mut file).map_err(|error| match error.kind() {
                io::ErrorKind::UnexpectedEof => not_wav("it ends before any audio begins".to_owned()),
                io::ErrorKind::InvalidData => not_wav(error.to_string()),
                _ => unreadable(error),
            })?;
        let present = metadata.len().saturating_sub(start);
        if present < promised {
            return Err(RenderError::Truncated { path, promised, present });
        }
        let reader = WavReader::new(Cursor::new(header).chain(file)).map_err(|e| not_wav(e.to_string()))?;

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
        if reader.duration() == 0 {
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

    /// Its length.
    pub fn frames(&self) -> u64 {
        u64::from(self.reader.duration())
    }

    /// Samples read so far that the engine takes for silence: NaN, infinite or absurdly large.
    pub fn garbage_samples(&self) -> u64 {
        self.garbage_samples
    }

    /// Reads the next frames, and silence after the last. Mono feeds both sides.
    ///
    /// # Errors
    /// [`RenderError::Unreadable`].
    pub fn read(&mut self, left: &mut [f32], right: &mut [f32]) -> Result<(), RenderError> {
        let WavSpec { channels, bits_per_sample, sample_format, .. } = self.reader.spec();
        let is_mono = channels == 1;
        let read = match sample_format {
            SampleFormat::Float => fill(self.reader.samples::<f32>(), is_mono, left, right),
            SampleFormat::Int => {
                let scale = 0.5f32.powi(i32::from(bits_per_sample) - 1);
                let samples = self.reader.samples::<i32>().map(|x| x.map(|x| x as f32 * scale));
                fill(samples, is_mono, left, right)
            }
        };
        self.garbage_samples += read.map_err(|error| RenderError::Unreadable {
            path: self.path.clone(),
            source: match error {
                hound::Error::IoError(source) => source,
                other => io::Error::other(other),
            },
        })?;
        Ok(())
    }
}

/// Deals interleaved samples out to the two sides; how many of them are garbage.
fn fill(
    mut samples: impl Iterator<Item = hound::Result<f32>>,
    is_mono: bool,
    left: &mut [f32],
    right: &mut [f32],
) -> hound::Result<u64> {
    let mut garbage = 0;
    let mut next = || -> hound::Result<f32> {
        let sample = samples.next().transpose()?.unwrap_or(0.0);
        garbage += u64::from(sample.is_nan() || sample.abs() > CEILING);
        Ok(sample)
    };
    for (l, r) in left.iter_mut().zip(right) {
        *l = next()?;
        *r = if is_mono { *l } else { next()? };
    }
    Ok(garbage)
}

/// Where the audio of a WAV file is.
struct Audio {
    /// A header that says the same in the fewest words.
    header: Vec<u8>,
    /// Where the samples start, in bytes from the start of the file.
    start: u64,
    /// How many bytes of them there should be.
    promised: u64,
}

/// Walks the chunks of a WAV file up to its samples, where it leaves `file`. hound could, but it
/// stumbles over the pad byte after an odd chunk, as recorders' notes (`bext`, `iXML`, `LIST`) often are.
fn find_audio(file: &mut BufReader<File>) -> io::Result<Audio> {
    let invalid = |why: &str| io::Error::new(io::ErrorKind::InvalidData, why);
    let riff: [u8; 12] = take(file)?;
    if &riff[8..] != b"WAVE" || &riff[..4] != b"RIFF" {
        return Err(invalid(match &riff[..4] {
            b"RF64" | b"BW64" => "it is an RF64 file, for more than 4 GiB",
            _ => "it does not begin as one",
        }));
    }
    let mut header = riff.to_vec();
    loop {
        let [id, size]: [[u8; 4]; 2] = [take(file)?, take(file)?];
        let bytes = u32::from_le_bytes(size);
        let mut unread = i64::from(bytes) + i64::from(bytes % 2);
        match &id {
            b"data" => {
                header.extend(id.into_iter().chain(size));
                return Ok(Audio { header, start: file.stream_position()?, promised: u64::from(bytes) });
            }
            b"fmt " => {
                let known = bytes.min(FMT_BYTES);
                header.truncate(riff.len());
                header.extend(id.into_iter().chain(known.to_le_bytes()));
                file.take(u64::from(known)).read_to_end(&mut header)?;
                unread -= i64::from(known);
            }
            _ => {}
        }
        file.seek_relative(unread)?;
    }
}

fn take<const N: usize>(file: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}
