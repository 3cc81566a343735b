//! Stemwright: sixteen stems on one bus, balanced.
//!
//! # Layers
//!
//! ```text
//! plugin  editor   what a host and a person see                 (feature `plugin`)
//! presets          balances kept under a name                   (feature `plugin`)
//! share            sheets and packets for others, and their answers
//! render           the offline head: stems in, mix out
//! engine  doctor   how a balance sounds | what is wrong with the inputs
//! balance          what a song's stems are like, and gains that balance them
//! analysis         what can be told of stems and of a mix: faults, clashes, readouts
//! model   sync     what a balance is | values that cross threads
//! dsp              sample maths
//! ```
//!
//! Each imports from lines below its own alone, but the plugin opens the editor.
//! `dsp` imports nothing of ours, `model` the fader's law and the tone's designs from `dsp`. `engine` imports
//! `dsp`, `model` and `sync`, and so do `analysis`, `balance` and `doctor`, which asks `analysis` what counts as
//! a fault. The plugin, the renderer and every test run the same [`engine::MixEngine`]; the compiler keeps hosts
//! and windows out of everything below `plugin` and `editor` (`cargo check --no-default-features`).
//!
//! # Threads
//!
//! - **audio**: calls [`engine::MixEngine::process`]. It reads atomics and plain copies. It never
//!   allocates, frees, locks, logs, calls the system, loops without a bound or lets a panic out.
//! - **main / editor**: loads and saves [`model::document::Document`]s, writes parameters by
//!   `editor::gestures`, reads meters. It waits for the audio thread only where a host activates the
//!   plugin while it plays, which hosts must not.
//!
//! Everything that crosses to the audio thread is `Copy`, of fixed size, and made sane on entry.

pub mod analysis;
pub mod balance;
pub mod doctor;
pub mod dsp;
pub mod engine;
pub mod model;
pub mod render;
pub mod share;
pub mod sync;

#[cfg(feature = "plugin")]
pub mod editor;
#[cfg(feature = "plugin")]
pub mod plugin;
#[cfg(feature = "plugin")]
pub mod presets;
