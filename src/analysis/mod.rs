//! What can be told of stems and of a balance: faults and their cures, who covers whom, what the mix is like.
//!
//! Pure: no threads, no files, no audio. Fed with sound or with spectra of it, by the renderer from files or by
//! a worker from what a host plays; never on the audio thread.

pub mod faults;
mod sound;

pub use sound::Sound;
