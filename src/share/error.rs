//! Why a packet was not made or not taken, and the cure.

use crate::model::limits::{Role, STEMS};
use crate::render::RenderError;
use std::path::PathBuf;

/// Every message names what it is about and what to do. Whichever it is, nothing has been written or changed by
/// halves.
#[derive(Debug, thiserror::Error)]
pub enum ShareError {
    /// As in a render.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// A stem to choose that is not there.
    #[error(
        "there is no stem \"{wanted}\": give a number from 1 to {STEMS}, one of the names {names}, or a role: {roles}",
        roles = roles()
    )]
    NoSuchStem {
        /// What was asked for.
        wanted: String,
        /// The names there are.
        names: String,
    },
    /// A packet of a mix that is not whole.
    #[error(
        "{label} is soloed in the balance, so the mix is not whole: switch every solo off, and mute what is not to sound"
    )]
    Soloed {
        /// The first stem that is soloed.
        label: String,
    },
    /// Raw stems of a mix that weighs its lead against all others.
    #[error(
        "the balance's Lead is at {lead_db:+.1} dB, which only means something among all stems: set it to 0 dB, or pack \
         the stems as they are in the mix, such as for mastering and without --raw"
    )]
    LeadMoved {
        /// Where it is.
        lead_db: f32,
    },
    /// A stem that is no stem.
    #[error("the balance ignores the main input, so {label} is no stem of the mix: choose others by --stems")]
    MainIgnored {
        /// Its name.
        label: String,
    },
    /// A folder without a name of its own.
    #[error("{path} is no name for a packet: choose that of a new folder")]
    NoName {
        /// What was given.
        path: PathBuf,
    },
    /// Something else is in the packet's place.
    #[error("{path} is there and is no packet, so it is not replaced: choose another name")]
    InTheWay {
        /// What is there.
        path: PathBuf,
    },
    /// Somebody's work is in the packet's place.
    #[error(
        "{path} is new or was changed, and would be lost with the old packet: merge it or move it elsewhere, or \
         choose another name for the new packet"
    )]
    Answered {
        /// What is in the old packet and not as it came with it.
        path: PathBuf,
    },
    /// A defect of ours, not of the files.
    #[error(
        "the stems and the rest of the mix differ from the mix by {residual_db:.1} dB re its peak, so no packet was \
         written: this must not happen, please report it"
    )]
    NoNull {
        /// Their difference.
        residual_db: f64,
    },
    /// No manifest, or none of ours.
    #[error("{path} is no Stemwright packet ({why}): choose the folder that `stem-render packet` made")]
    NotAPacket {
        /// The folder or its manifest.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// Written by a later release.
    #[error("{path} has version {version}: install the newer Stemwright that wrote it")]
    Newer {
        /// The manifest.
        path: PathBuf,
        /// Its version.
        version: String,
    },
    /// A path that some system would look for elsewhere.
    #[error(
        "the packet names a file \"{file}\", which {why}: leave this packet alone, and ask for one as Stemwright \
         wrote it"
    )]
    Unsafe {
        /// As the manifest has it.
        file: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A file is not there.
    #[error("{file} is missing from the packet: put it back, or ask for the packet again")]
    Missing {
        /// Its name in the packet.
        file: String,
    },
    /// A file has another name.
    #[error("{file} is called {now} now: rename it back")]
    Renamed {
        /// Its name in the packet.
        file: String,
        /// Where it is.
        now: String,
    },
    /// A file has another sample rate.
    #[error(
        "{file} has been resampled to {now_hz} Hz: put back the file with {rate_hz} Hz that the packet came with"
    )]
    Resampled {
        /// Its name in the packet.
        file: String,
        /// Its rate.
        now_hz: u32,
        /// The packet's.
        rate_hz: u32,
    },
    /// A file is shorter than it was.
    #[error("{file} is cut off, {present} of {bytes} bytes are there: copy it again")]
    CutOff {
        /// Its name in the packet.
        file: String,
        /// Its size.
        present: u64,
        /// What it was.
        bytes: u64,
    },
    /// A balance to compare is not whole.
    #[error(
        "{path} is damaged, and what it lacks would count as changed: copy it again, or correct its text"
    )]
    Damaged {
        /// The balance or the sheet.
        path: PathBuf,
    },
    /// A file is not what it was.
    #[error(
        "{file} has been changed since the packet was made: put the original back, and send what is new under a name \
         of its own"
    )]
    Changed {
        /// Its name in the packet.
        file: String,
    },
}

impl ShareError {
    /// Whether somebody asked for it.
    pub fn is_interrupt(&self) -> bool {
        matches!(self, Self::Render(RenderError::Interrupted))
    }
}

fn roles() -> String {
    Role::ALL[1..].iter().map(|(_, word)| *word).collect::<Vec<_>>().join(", ")
}
