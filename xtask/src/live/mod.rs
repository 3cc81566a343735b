//! The plugin live on an X11 display, in hosts of our own that open its editor and move the mouse.
//!
//! Each check is a process of its own. `tests/e2e/run` makes the display and runs them all.

mod in_clap;
mod in_vst3;
mod x11;

use crate::bundle;
use crate::workspace::Workspace;
use anyhow::Result;
use std::env;
use std::fs;
use std::path::PathBuf;

/// What to look at.
#[derive(clap::Subcommand)]
pub enum Check {
    /// A fader is dragged: the mix follows, and the host sees one gesture.
    Drag,
    /// The editor closes with a fader in the hand.
    CloseInDrag,
    /// A host takes its time before it shows the editor.
    SlowHost,
    /// The editor opens and closes 200 times in the memory of 20.
    Reopen,
    /// A song is recorded, and what was found in it cured, by the mouse.
    Record,
    /// Two instances show their editors at once.
    Two,
    /// An instance is destroyed while its editor is open; its window is, too.
    Destroy,
    /// The editor at twice the pixels to an inch.
    Scale,
    /// The editor opens and closes in VST3, with a run loop and without.
    Vst3,
    /// Saves a picture of the editor with ten stems playing.
    Picture {
        /// The PNG file.
        to: PathBuf,
    },
}

/// Runs a check.
///
/// # Errors
/// If something is not as it should be.
pub fn run(workspace: &Workspace, check: &Check) -> Result<()> {
    if let Check::Vst3 = check {
        return in_vst3::stress(); // the code linked in here
    }
    let bundle = match env::var_os("STEMWRIGHT_BUNDLES") {
        Some(folder) => PathBuf::from(folder).join("stemwright.clap"),
        None => bundle::bundle(workspace)?.clap,
    };
    match check {
        Check::Drag => in_clap::drag(&bundle),
        Check::CloseInDrag => in_clap::close_in_drag(&bundle),
        Check::SlowHost => in_clap::slow_host(&bundle),
        Check::Reopen => in_clap::reopen(&bundle),
        Check::Record => in_clap::record(&bundle),
        Check::Two => in_clap::two(&bundle),
        Check::Destroy => in_clap::destroy(&bundle),
        Check::Scale => in_clap::scale(&bundle),
        Check::Picture { to } => in_clap::picture(&bundle, to),
        Check::Vst3 => Ok(()),
    }
}

/// How many entries a folder of /proc/self has: threads (`task`) or open files (`fd`).
fn count(folder: &str) -> Result<usize> {
    Ok(fs::read_dir(format!("/proc/self/{folder}"))?.count())
}
