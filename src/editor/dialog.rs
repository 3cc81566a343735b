//! The system's own windows for choosing a file. The editor goes on while one is open.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, channel};
use std::thread;

/// What a file is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// To be read.
    Open,
    /// To be written; the system has asked whether it may be replaced.
    Save,
}

/// Asks for a file: the answer comes once, none where nothing was chosen.
pub type Ask = fn(Wanted) -> Receiver<Option<PathBuf>>;

/// Asks by the system's window.
pub fn ask(wanted: Wanted) -> Receiver<Option<PathBuf>> {
    // A balance can also be read from a sheet.
    let endings: &[&str] = if wanted == Wanted::Open { &["json", "html"] } else { &["json"] };
    let dialog = rfd::AsyncFileDialog::new().add_filter("Stemwright balance", endings);
    let (answer, answered) = channel();
    // Some systems want the window to be opened on this thread; waiting for it is for another.
    let waits = match wanted {
        Wanted::Open => wait(answer, dialog.set_title("Load a balance").pick_file()),
        Wanted::Save => {
            wait(answer, dialog.set_title("Save the balance").set_file_name("balance.json").save_file())
        }
    };
    // Without a thread nobody answers, which is an answer, too.
    drop(thread::Builder::new().name("stemwright dialog".to_owned()).spawn(waits));
    answered
}

fn wait(
    answer: std::sync::mpsc::Sender<Option<PathBuf>>,
    chosen: impl Future<Output = Option<rfd::FileHandle>> + Send + 'static,
) -> Box<dyn FnOnce() + Send> {
    Box::new(move || {
        let file = pollster::block_on(chosen).map(|file| file.path().to_owned());
        // The editor may have closed meanwhile.
        let _ = answer.send(file);
    })
}
