//! WAV files up to their samples.

use super::take;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek};

/// No WAV file has a longer `fmt ` chunk; hound knows the first so many bytes of it.
const FMT_BYTES: u32 = 40;

/// Where the audio of a file is.
pub struct Audio {
    /// A WAV header that says what the file's own does, in the fewest words.
    pub header: Vec<u8>,
    /// Where the samples start, in bytes from the start of the file.
    pub start: u64,
    /// How many bytes of them there should be.
    pub promised: u64,
}

/// Walks the chunks of a WAV file up to its samples, where it leaves `file`. hound could, but it
/// stumbles over the pad byte after an odd chunk, as recorders' notes (`bext`, `iXML`, `LIST`) often are.
pub fn find_audio(file: &mut BufReader<File>) -> io::Result<Audio> {
    let invalid = |why: &str| io::Error::new(io::ErrorKind::InvalidData, why);
    let riff: [u8; 12] = take(file)?;
    if &riff[8..] != b"WAVE" || &riff[..4] != b"RIFF" {
        return Err(invalid(match &riff {
            [b'R', b'F', b'6', b'4', ..] | [b'B', b'W', b'6', b'4', ..] => {
                "it is an RF64 file, for more than 4 GiB"
            }
            // Of these some sound is lost already, or may be.
            [b'I', b'D', b'3', ..] | [0xFF, 0xE2..=0xFE, ..] => "it is an MP3 file",
            [b'O', b'g', b'g', b'S', ..] => "it is an Ogg file",
            [_, _, _, _, b'f', b't', b'y', b'p', ..] => "it is an MP4 file",
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
