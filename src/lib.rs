//! Stemwright: sixteen stems on one bus, balanced.
//!
//! # Layers
//!
//! ```text
//! editor  plugin        heads: what a person and a host see     (feature `plugin`)
//!      \  /    \
//!       \/    render    the offline head: WAV stems in, mix out
//!       /\     /
//!   model  engine       what a balance is | how it sounds
//!       \   |  \  doctor   what is wrong with the inputs
//!        \  |   \  /
//!         dsp   sync    sample maths | values that cross threads
//! ```
//!
//! `dsp` imports nothing of ours, `model` the fader's law and the tone's designs from `dsp`. `engine` imports
//! `dsp`, `model` and `sync`, and so does `doctor`. The plugin, the renderer and every test run the same
//! [`engine::MixEngine`]; the compiler keeps hosts and windows out of everything below `plugin` and `editor`
//! (`cargo check --no-default-features`).
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

pub mod doctor;
pub mod dsp;
pub mod engine;
pub mod model;
pub mod render;
pub mod sync;

#[cfg(feature = "plugin")]
pub mod editor;
#[cfg(feature = "plugin")]
pub mod plugin;
#[cfg(feature = "plugin")]
pub mod presets;
