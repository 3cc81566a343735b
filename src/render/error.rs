//! Why a render was refused or failed, and the cure.

use crate::model::document::DocumentError;
use crate::model::limits::{MAX_SAMPLE_RATE_HZ, MIN_SAMPLE_RATE_HZ, STEMS};
use crate::model::target::TargetError;
use std::io;
use std::path::PathBuf;

/// Every message names the file it is about and what to do. Whichever it is, no output file has been
/// created or changed by halves.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// Nothing to mix.
    #[error("no stems were given: name one to {STEMS} WAV, AIFF or FLAC files")]
    NoStems,
    /// More than [`STEMS`].
    #[error(
        "{count} stems were given and Stemwright mixes {STEMS}: \
         leave out {first_extra} and those after it, or mix some stems together first"
    )]
    TooManyStems {
        /// How many were given.
        count: usize,
        /// The first that finds no place.
        first_extra: PathBuf,
    },
    /// An input is missing, locked or on a failing disk.
    #[error("{path} cannot be read ({source}): check its name, place and permissions")]
    Unreadable {
        /// The input.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Not a WAV file, or a WAV file of a kind that is not read.
    #[error(
        "{path} is no WAV file that can be read here ({why}): \
         export it as WAV with 16, 24 or 32 bits or 32-bit float"
    )]
    NotWav {
        /// The stem.
        path: PathBuf,
        /// What was found instead.
        why: String,
    },
    /// An AIFF or FLAC file that is damaged, or of a kind that is not read.
    #[error(
        "{path} is a damaged {kind} file, or of a kind that cannot be read here ({why}): \
         export it again, or as WAV"
    )]
    Damaged {
        /// The stem.
        path: PathBuf,
        /// AIFF or FLAC.
        kind: &'static str,
        /// What was found.
        why: String,
    },
    /// Neither mono nor stereo.
    #[error("{path} has {channels} channels and a stem has one or two: export it as mono or stereo")]
    Channels {
        /// The stem.
        path: PathBuf,
        /// How many it has.
        channels: u16,
    },
    /// The file is shorter than its own header says.
    #[error(
        "{path} is cut off: its header promises {promised} bytes of audio and {present} are there: \
         export or copy it again"
    )]
    Truncated {
        /// The stem.
        path: PathBuf,
        /// Bytes of audio by the header.
        promised: u64,
        /// Bytes of audio in the file.
        present: u64,
    },
    /// No audio at all, as a recorder that crashed leaves it.
    #[error("{path} holds no audio: export it again, or leave it out")]
    Empty {
        /// The stem.
        path: PathBuf,
    },
    /// The engine is not defined for this sample rate.
    #[error(
        "{path} has a sample rate of {rate_hz} Hz: resample it to one between {min} and {max} Hz",
        min = MIN_SAMPLE_RATE_HZ, max = MAX_SAMPLE_RATE_HZ
    )]
    Rate {
        /// The stem.
        path: PathBuf,
        /// Its rate.
        rate_hz: u32,
    },
    /// Two stems of different sample rates.
    #[error("{path} has {rate_hz} Hz, but {other} has {other_hz} Hz: resample {path} to {other_hz} Hz")]
    RateMismatch {
        /// The stem that differs from most others.
        path: PathBuf,
        /// Its rate.
        rate_hz: u32,
        /// A stem with the rate that most have.
        other: PathBuf,
        /// That rate.
        other_hz: u32,
    },
    /// The balance file is refused.
    #[error("{path}: {source}")]
    Balance {
        /// The balance file.
        path: PathBuf,
        /// Why.
        source: DocumentError,
    },
    /// A balance without a song.
    #[error(
        "{path} holds nothing that was learned of a song: run `stem-render learn STEM... --balance {path} --out \
         LEARNED.json` first, and balance what that writes"
    )]
    NotLearned {
        /// The balance file.
        path: PathBuf,
    },
    /// Stems without any sound.
    #[error(
        "nothing was heard, so nothing was learned: every stem is silent or shorter than 0.4 s; export them again"
    )]
    NothingHeard,
    /// The targets file is refused.
    #[error("{path}: {source}")]
    Targets {
        /// The targets file.
        path: PathBuf,
        /// Why.
        source: TargetError,
    },
    /// A stem to lock that is not there.
    #[error(
        "there is no stem \"{lock}\" to lock: give a number from 1 to {STEMS}, or one of the names {names}"
    )]
    NoSuchStem {
        /// What was asked for.
        lock: String,
        /// The names there are.
        names: String,
    },
    /// An output would take the place of an input.
    #[error("{path} is one of the files to read: choose another name or folder for the output")]
    OutputIsInput {
        /// The file that is both.
        path: PathBuf,
    },
    /// The mix and a stem would be written to the same file.
    #[error("both the mix and a stem would be written to {path}: choose another name for the mix")]
    OutputTwice {
        /// The file.
        path: PathBuf,
    },
    /// An output exists and may not be replaced.
    #[error("{path} exists already: choose another name, or allow replacing it with --force")]
    Exists {
        /// The output.
        path: PathBuf,
    },
    /// An output's name belongs to a folder or a device.
    #[error("{path} is a folder or a device: choose the name of a file")]
    NotAFile {
        /// The output.
        path: PathBuf,
    },
    /// An output that is not named as what it is.
    #[error(
        "the {what} is written as {}, and {path} does not end in .{ending}: choose a name that does",
        ending.to_uppercase()
    )]
    NotNamedAsIs {
        /// What is written: mix, picture.
        what: &'static str,
        /// What its name has to end in, without the dot.
        ending: &'static str,
        /// The output.
        path: PathBuf,
    },
    /// An output's folder is missing.
    #[error("the folder {folder} does not exist: create it first, or choose another one")]
    NoFolder {
        /// The folder.
        folder: PathBuf,
    },
    /// Longer than a WAV file can be.
    #[error(
        "{path} would have {gib:.1} GiB and a WAV file holds less than 4: \
         render the stems in shorter parts{hint}"
    )]
    TooLong {
        /// The output.
        path: PathBuf,
        /// Its size.
        gib: f64,
        /// Another cure, where there is one.
        hint: &'static str,
    },
    /// The disk is full, gone or forbidden.
    #[error(
        "{path} cannot be written ({source}): check the folder's permissions and the space left on the disk"
    )]
    Unwritable {
        /// The output.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Stopped on request.
    #[error("interrupted: nothing was written")]
    Interrupted,
}
