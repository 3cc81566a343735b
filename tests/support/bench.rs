//! A folder with files of sound and balances.

use super::signals::Stereo;
use hound::{SampleFormat, WavSpec, WavWriter};
use std::fs;
use std::path::{Path, PathBuf};
use stemwright::model::document::Document;
use tempfile::TempDir;

/// Rate of the files, where nothing else is said.
pub const RATE_HZ: u32 = 48_000;

/// A folder that goes away with its content.
pub struct Bench(TempDir);

impl Bench {
    /// An empty one.
    pub fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        self.0.path()
    }

    /// Where a file is, or would be.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file of any kind.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        fs::write(self.path(name), bytes).unwrap();
        self.path(name)
    }

    /// Writes stereo sound as 32-bit float.
    pub fn wav(&self, name: &str, audio: &Stereo) -> PathBuf {
        self.wav_at(name, RATE_HZ, audio)
    }

    /// The same at another sample rate.
    pub fn wav_at(&self, name: &str, rate_hz: u32, audio: &Stereo) -> PathBuf {
        let spec = WavSpec {
            channels: 2,
            sample_rate: rate_hz,
            bits_per_sample: 32,
            sample_format: SampleFormat::Float,
        };
        let mut writer = WavWriter::create(self.path(name), spec).unwrap();
        for sample in audio[0].iter().zip(&audio[1]).flat_map(|(l, r)| [*l, *r]) {
            writer.write_sample(sample).unwrap();
        }
        writer.finalize().unwrap();
        self.path(name)
    }

    /// Writes a balance.
    pub fn balance(&self, name: &str, document: &Document) -> PathBuf {
        self.write(name, document.to_json())
    }
}
