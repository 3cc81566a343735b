//! What can be told of stems and of a balance: faults and their cures, who covers whom, what the mix is like.
//!
//! Pure: no threads, no files, no audio. Fed with sound or with spectra of it, by the renderer from files or by
//! a worker from what a host plays; never on the audio thread.

pub mod align;
pub mod bands;
mod change;
mod clash;
mod consistency;
pub mod contour;
mod ear;
pub mod faults;
mod finding;
pub mod masking;
pub mod names;
mod readout;
mod sound;
mod stretches;
mod study;

pub use change::Change;
pub use clash::{Clash, ClashMeter, Pair, Player, Suggestion};
pub use consistency::{Heard, Stem, check, usual};
pub use ear::Ear;
pub use finding::{Cure, Finding, Grade, Kind};
pub use readout::{COLUMNS, Column, Difference, ReadoutMeter, Readouts, Row, WHAT_THEY_ARE};
pub use sound::Sound;
pub use stretches::Stretches;
pub use study::{Song, Study, StudyState};
