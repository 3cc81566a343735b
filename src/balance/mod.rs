//! Learn and balance: what a song's stems are like, and the gains that give a mix it is meant to have.
//!
//! Pure: no threads, no files, no audio. [`Learned`] is fed energies while a song plays and knows the time by
//! them, [`Song`] is what the solver looks at (a song just learned, or a summary of one), and [`solve`]
//! proposes. `tests/vectors/autobalance.json`, made by an independent program, holds its formulas.

mod condense;
mod gating;
mod headroom;
mod learned;
mod listener;
mod solver;
mod song;
mod words;

pub use headroom::predicted_true_peak_dbtp;
pub use learned::Learned;
pub use listener::Listener;
pub use solver::{
    Kept, Loudness, MAX_GAIN_DB, MAX_TRUE_PEAK_DBTP, MIN_ACTIVE_S, Proposal, Solution, StemNow,
    output_cut_db, solve,
};
pub use song::Song;
