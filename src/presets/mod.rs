//! Balances kept under a name: the files, what a kept balance means for the stems at hand, and starting
//! points to set out from.
//!
//! A preset is a document like any other, so that a project's state, a preset and the renderer's balance
//! file can stand for each other.

mod fit;
mod folder;
mod start;

pub use fit::{Fit, fit};
pub use folder::{Folder, PresetError, read, write, write_bytes, write_sheet};
pub use start::{STARTING_POINTS, StartingPoint};
