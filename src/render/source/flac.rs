//! FLAC files, decoded by symphonia.

use hound::{SampleFormat, WavSpec};
use std::fs::File;
use symphonia::core::audio::{AudioBufferRef, Signal};
use symphonia::core::codecs::{Decoder, DecoderOptions};
use symphonia::core::errors::Error;
use symphonia::core::formats::FormatReader;
use symphonia::core::io::MediaSourceStream;
use symphonia::default::codecs::FlacDecoder;
use symphonia::default::formats::FlacReader;

/// The decoder shifts samples of any size up to so many bits.
const BITS: u16 = 32;

/// Whether a file that begins like this is one.
pub fn is_flac(start: &[u8]) -> bool {
    start.starts_with(b"fLaC")
}

/// A FLAC file as an iterator over its samples, channels in turn. Errors say what is wrong with it.
pub struct FlacFile {
    reader: FlacReader,
    decoder: FlacDecoder,
    spec: WavSpec,
    /// Of a sample in the file; decoded ones have [`BITS`].
    bits: u16,
    frames: u64,
    /// How many of the frames have been decoded.
    decoded: u64,
    /// Decoded samples, and how many of them have been handed out.
    samples: Vec<f32>,
    read: usize,
}

impl FlacFile {
    /// Reads the header of a file that stands at its beginning.
    ///
    /// # Errors
    /// Where it makes no sense or does not say how long the file is.
    pub fn open(file: File) -> Result<Self, String> {
        let stream = MediaSourceStream::new(Box::new(file), Default::default());
        let reader = FlacReader::try_new(stream, &Default::default()).map_err(words)?;
        let header = &reader.tracks().first().ok_or("it holds no sound")?.codec_params;
        let decoder = FlacDecoder::try_new(header, &DecoderOptions::default()).map_err(words)?;
        let channels = header.channels.ok_or("its header names no channels")?.count() as u16;
        let sample_rate = header.sample_rate.ok_or("its header names no sample rate")?;
        let frames = header.n_frames.ok_or("its header does not say how long it is")?;
        let bits = header.bits_per_sample.map_or(BITS, |bits| bits as u16);
        let spec = WavSpec { channels, sample_rate, bits_per_sample: BITS, sample_format: SampleFormat::Int };
        Ok(Self { reader, decoder, spec, bits, frames, decoded: 0, samples: Vec::new(), read: 0 })
    }

    /// Channels and sample rate.
    pub fn spec(&self) -> WavSpec {
        self.spec
    }

    /// Bits of a sample in the file.
    pub fn bits(&self) -> u16 {
        self.bits
    }

    /// Its length.
    pub fn frames(&self) -> u64 {
        self.frames
    }

    /// Decodes the next packet.
    fn refill(&mut self) -> Result<(), String> {
        let Self { frames, decoded, .. } = *self;
        let packet = self.reader.next_packet().map_err(|error| match error {
            Error::IoError(_) => format!("it is cut off: of {frames} frames {decoded} are there"),
            other => words(other),
        })?;
        // The reader passes over what it cannot make sense of.
        if packet.ts() != decoded {
            return Err(format!("its sound is broken after {decoded} of {frames} frames"));
        }
        let sound = match self.decoder.decode(&packet).map_err(words)? {
            AudioBufferRef::S32(sound) => sound,
            _ => return Err("its samples are of no known kind".to_owned()),
        };
        let channels = usize::from(self.spec.channels);
        if sound.spec().channels.count() != channels {
            return Err(format!("its channels change after {decoded} of {frames} frames"));
        }
        let new = (sound.frames() as u64).min(frames - decoded);
        let scale = 0.5f32.powi(i32::from(BITS) - 1);
        self.samples.clear();
        for frame in 0..new as usize {
            self.samples.extend((0..channels).map(|channel| sound.chan(channel)[frame] as f32 * scale));
        }
        (self.decoded, self.read) = (decoded + new, 0);
        Ok(())
    }
}

impl Iterator for FlacFile {
    type Item = Result<f32, String>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.read == self.samples.len() {
            if self.decoded == self.frames {
                return None;
            }
            if let Err(why) = self.refill() {
                return Some(Err(why));
            }
        }
        self.read += 1;
        Some(Ok(self.samples[self.read - 1]))
    }
}

fn words(error: Error) -> String {
    match error {
        Error::IoError(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            "it is cut off".to_owned()
        }
        other => other.to_string(),
    }
}
