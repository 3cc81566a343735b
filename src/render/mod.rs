//! Offline rendering: stems (WAV, AIFF, FLAC) and a balance file in, the mix and every stem's part of it out.
//!
//! [`Render::prepare`] reads the headers and the balance and refuses whatever cannot succeed before a
//! byte is written; [`Render::run`] streams the stems through the engine the plugin runs. Every file it
//! writes appears whole under its name or not at all. [`Measure`] writes nothing and says how loud stems are.
//! [`Learn`] and [`Balance`] play a song, and write a balance made for it. [`Check`], [`Clash`] and [`Describe`] say
//! what [`crate::analysis`] finds in stems and in a mix of them.

mod balance;
mod check;
mod clash;
mod consistency;
mod describe;
mod error;
pub(crate) mod file_name;
mod job;
mod learn;
mod measure;
mod propose;
pub(crate) mod session;
pub(crate) mod sink;
pub(crate) mod source;
pub(crate) mod table;

pub(crate) use balance::load_naming;
pub use balance::{load as load_balance, save as save_balance, stem_name, write_new as write_new_balance};
pub use clash::{Clash, ClashReport};
pub use consistency::{Check, CheckReport, FileFacts};
pub use describe::{Describe, DescribeJob, Description};
pub use error::RenderError;
pub(crate) use job::garbage;
pub use job::{Job, Render, Report, Written};
pub use learn::{Learn, LearnJob, LearnReport, Learner};
pub(crate) use measure::Listener;
pub use measure::{Figures, Measure, Measurement};
pub use propose::{Balance, BalanceJob, BalanceReport, StemReport, Targets};
pub use sink::SampleFormat;
