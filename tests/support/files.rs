//! AIFF and FLAC files, byte by byte.

/// What a file holds: interleaved samples of so many bits.
pub struct Sound<'a> {
    pub channels: u16,
    pub bits: u16,
    pub rate_hz: u32,
    pub samples: &'a [i32],
}

impl Sound<'_> {
    fn frames(&self) -> u32 {
        (self.samples.len() / usize::from(self.channels)) as u32
    }

    /// The samples as big-endian bytes.
    fn big_endian(&self) -> Vec<u8> {
        let unused = 4 - usize::from(self.bits) / 8;
        self.samples.iter().flat_map(|x| x.to_be_bytes()[unused..].to_vec()).collect()
    }
}

/// A chunk with its pad byte.
fn chunk(id: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let mut chunk = [&id[..], &(content.len() as u32).to_be_bytes(), content].concat();
    chunk.resize(chunk.len().next_multiple_of(2), 0);
    chunk
}

/// A sample rate as a float of 80 bits.
fn extended(rate_hz: u32) -> [u8; 10] {
    let exponent = rate_hz.ilog2();
    let mut bytes = [0; 10];
    bytes[..2].copy_from_slice(&(16_383 + exponent as u16).to_be_bytes());
    bytes[2..].copy_from_slice(&(u64::from(rate_hz) << (63 - exponent)).to_be_bytes());
    bytes
}

/// An AIFF file, with a note of odd length before the sound and one behind it.
pub fn aiff(sound: &Sound) -> Vec<u8> {
    form(b"AIFF", &common(sound), &sound.big_endian())
}

/// An AIFF-C file of a kind, with the samples' bytes as they are.
pub fn aiff_c(kind: &[u8; 4], sound: &Sound, bytes: &[u8]) -> Vec<u8> {
    form(b"AIFC", &[common(sound), kind.to_vec(), vec![0, 0]].concat(), bytes)
}

fn common(sound: &Sound) -> Vec<u8> {
    let (channels, frames, bits) =
        (sound.channels.to_be_bytes(), sound.frames().to_be_bytes(), sound.bits.to_be_bytes());
    [&channels[..], &frames, &bits, &extended(sound.rate_hz)].concat()
}

fn form(kind: &[u8; 4], common: &[u8], bytes: &[u8]) -> Vec<u8> {
    let sound = [&[0; 8], bytes].concat();
    let chunks =
        [chunk(b"ANNO", b"odd"), chunk(b"COMM", common), chunk(b"SSND", &sound), chunk(b"NAME", b"end")];
    chunk(b"FORM", &[&kind[..], &chunks.concat()].concat())
}

/// A FLAC file of packets of at most 256 frames, their samples verbatim.
pub fn flac(sound: &Sound) -> Vec<u8> {
    const PACKET_FRAMES: usize = 256;
    let channels = usize::from(sound.channels);
    let mut info = Bits::default();
    for _ in 0..2 {
        info.push(16, PACKET_FRAMES as u64);
    }
    info.push(48, 0);
    info.push(20, u64::from(sound.rate_hz));
    info.push(3, channels as u64 - 1);
    info.push(5, u64::from(sound.bits) - 1);
    info.push(36, u64::from(sound.frames()));
    info.push(128, 0);
    let mut file = [b"fLaC", &[0x80, 0, 0, 34][..], &info.bytes].concat();
    for (number, packet) in sound.samples.chunks(PACKET_FRAMES * channels).enumerate() {
        let frames = packet.len() / channels;
        let mut header = Bits::default();
        header.push(16, 0xFFF8);
        // Its length follows in 16 bits; the rate is the file's.
        header.push(8, 0x70);
        header.push(4, channels as u64 - 1);
        // The number of bits is the file's.
        header.push(4, 0);
        assert!(number < 128, "longer numbers take more bytes");
        header.push(8, number as u64);
        header.push(16, frames as u64 - 1);
        header.push(8, u64::from(crc(&header.bytes, 8, 0x07)));
        for channel in 0..channels {
            header.push(8, 0b10);
            for sample in packet[channel..].iter().step_by(channels) {
                header.push(usize::from(sound.bits), *sample as u64);
            }
        }
        let sum = crc(&header.bytes, 16, 0x8005);
        header.push(16, u64::from(sum));
        file.extend(header.bytes);
    }
    file
}

/// Bits in a row, the highest first.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    used: usize,
}

impl Bits {
    fn push(&mut self, bits: usize, value: u64) {
        for bit in (0..bits).rev() {
            if self.used.is_multiple_of(8) {
                self.bytes.push(0);
            }
            let value = if bit < 64 { (value >> bit & 1) as u8 } else { 0 };
            self.bytes[self.used / 8] |= value << (7 - self.used % 8);
            self.used += 1;
        }
    }
}

/// A cyclic redundancy check of 8 or 16 bits.
fn crc(bytes: &[u8], width: u32, polynomial: u32) -> u32 {
    let top = 1 << (width - 1);
    bytes.iter().fold(0, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte) << (width - 8), |sum, _| {
            (if sum & top != 0 { sum << 1 ^ polynomial } else { sum << 1 }) & (2 * top - 1)
        })
    })
}
