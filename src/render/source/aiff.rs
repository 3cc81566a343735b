//! AIFF files, told to hound as WAV: the same samples in the other order of bytes.

use super::take;
use super::wav::Audio;
use std::io::{self, Read, Seek, SeekFrom};

/// Bytes of a PCM `fmt ` chunk, and of the header up to the samples.
const FMT_BYTES: u32 = 16;
const HEADER_BYTES: u32 = 44;
/// WAV's numbers for what samples are.
const INT: u16 = 1;
const FLOAT: u16 = 3;
/// Samples swapped at a time.
const PART_SAMPLES: usize = 1024;

/// Whether a file that begins like this is one.
pub fn is_aiff(start: &[u8]) -> bool {
    start.starts_with(b"FORM") && matches!(start.get(8..12), Some(b"AIFF" | b"AIFC"))
}

/// What the `COMM` chunk says.
#[derive(Clone, Copy)]
struct Common {
    channels: u16,
    frames: u32,
    bytes_per_sample: u16,
    rate_hz: u32,
    tag: u16,
    order: Order,
}

/// How a sample becomes WAV's.
#[derive(Clone, Copy)]
enum Order {
    /// It is.
    Same,
    /// Its bytes in reverse.
    Reversed,
    /// The one byte has a sign, and in WAV has none.
    Signed,
}

/// Walks the chunks of an AIFF file up to its samples, which come after the header that is made for them.
pub fn find_audio<R: Read + Seek>(mut file: R) -> io::Result<(Audio, Swapped<R>)> {
    let _: [u8; 8] = take(&mut file)?;
    let is_aiff_c = take(&mut file)? == *b"AIFC";
    let (mut common, mut sound) = (None, None);
    let (common, (start, bytes)) = loop {
        let [id, size]: [[u8; 4]; 2] = [take(&mut file)?, take(&mut file)?];
        let size = u64::from(u32::from_be_bytes(size));
        let next = file.stream_position()? + size + size % 2;
        match &id {
            b"COMM" => common = Some(Common::read(&mut file, is_aiff_c)?),
            b"SSND" => {
                let offset = u64::from(u32::from_be_bytes(take(&mut file)?));
                let start = next - size - size % 2 + 8 + offset;
                sound = Some((start, size.saturating_sub(8 + offset)));
            }
            _ => {}
        }
        if let (Some(common), Some(sound)) = (common, sound) {
            break (common, sound);
        }
        file.seek(SeekFrom::Start(next))?;
    };
    file.seek(SeekFrom::Start(start))?;
    let frame_bytes = u64::from(common.channels) * u64::from(common.bytes_per_sample);
    let promised = u64::from(common.frames) * frame_bytes;
    if promised > bytes {
        return Err(invalid("it promises more sound than it has room for"));
    }
    let header = common.wav_header(promised).ok_or_else(|| invalid("its header makes no sense"))?;
    let bytes_per_sample = usize::from(common.bytes_per_sample);
    let samples = Swapped { file, order: common.order, bytes_per_sample, swapped: Vec::new(), read: 0 };
    Ok((Audio { header, start, promised }, samples))
}

fn invalid(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

impl Common {
    fn read(file: &mut impl Read, is_aiff_c: bool) -> io::Result<Self> {
        let channels = u16::from_be_bytes(take(file)?);
        let frames = u32::from_be_bytes(take(file)?);
        let bits = u16::from_be_bytes(take(file)?);
        let rate_hz = from_extended(take(file)?);
        let kind = if is_aiff_c { take(file)? } else { *b"NONE" };
        let (tag, order) = match &kind {
            b"NONE" | b"none" | b"twos" | b"in24" | b"in32" if bits <= 8 => (INT, Order::Signed),
            b"NONE" | b"none" | b"twos" | b"in24" | b"in32" => (INT, Order::Reversed),
            b"sowt" if bits <= 8 => (INT, Order::Signed),
            b"sowt" => (INT, Order::Same),
            b"fl32" | b"FL32" => (FLOAT, Order::Reversed),
            _ => return Err(invalid("its samples are compressed, or floats of 64 bits")),
        };
        if !(1..=32).contains(&bits) {
            return Err(invalid(&format!("its samples have {bits} bits")));
        }
        // Samples of 20 bits, say, lie in the upper part of three bytes.
        Ok(Self { channels, frames, bytes_per_sample: bits.div_ceil(8), rate_hz, tag, order })
    }

    /// None where a number finds no room.
    fn wav_header(&self, audio_bytes: u64) -> Option<Vec<u8>> {
        let audio_bytes = u32::try_from(audio_bytes).ok()?;
        let frame_bytes = self.channels.checked_mul(self.bytes_per_sample)?;
        let mut header = b"RIFF".to_vec();
        header.extend(audio_bytes.saturating_add(HEADER_BYTES - 8).to_le_bytes());
        header.extend(b"WAVEfmt ");
        header.extend(FMT_BYTES.to_le_bytes());
        header.extend([self.tag, self.channels].map(u16::to_le_bytes).as_flattened());
        header.extend(self.rate_hz.to_le_bytes());
        header.extend(self.rate_hz.checked_mul(u32::from(frame_bytes))?.to_le_bytes());
        header.extend([frame_bytes, 8 * self.bytes_per_sample].map(u16::to_le_bytes).as_flattened());
        header.extend(b"data");
        header.extend(audio_bytes.to_le_bytes());
        Some(header)
    }
}

/// A float of 80 bits (sign, 15 bits of exponent, 64 of mantissa) to the nearest whole number.
fn from_extended([a, b, mantissa @ ..]: [u8; 10]) -> u32 {
    let exponent = i32::from(u16::from_be_bytes([a, b])) - 16_383 - 63;
    // The cast ends at the largest number; a negative float has so large an exponent that it gets there too.
    (u64::from_be_bytes(mantissa) as f64 * 2f64.powi(exponent)).round() as u32
}

/// The samples of an AIFF file as WAV has them.
pub struct Swapped<R> {
    file: R,
    order: Order,
    bytes_per_sample: usize,
    swapped: Vec<u8>,
    /// How many of them have been read.
    read: usize,
}

impl<R: Read> Swapped<R> {
    /// Swaps the next samples; none at the end of the file.
    fn refill(&mut self) -> io::Result<()> {
        self.read = 0;
        self.swapped.clear();
        let bytes = PART_SAMPLES * self.bytes_per_sample;
        self.file.by_ref().take(bytes as u64).read_to_end(&mut self.swapped)?;
        match self.order {
            Order::Same => {}
            Order::Reversed => {
                self.swapped.chunks_exact_mut(self.bytes_per_sample).for_each(<[u8]>::reverse);
            }
            Order::Signed => self.swapped.iter_mut().for_each(|byte| *byte ^= 0x80),
        }
        Ok(())
    }
}

impl<R: Read> Read for Swapped<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        if self.read == self.swapped.len() {
            self.refill()?;
        }
        let bytes = (&self.swapped[self.read..]).read(to)?;
        self.read += bytes;
        Ok(bytes)
    }
}
