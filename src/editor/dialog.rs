//! The system's own windows for choosing a file. The editor goes on while one is open.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::thread;

/// What a file is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// To be read.
    Open,
    /// To be written; the system has asked whether it may be replaced.
    Save,
    /// The same of a recall sheet.
    SaveSheet,
    /// The same of a picture.
    SavePicture,
    /// The same of a table.
    SaveTable,
}

impl Wanted {
    /// What the window is called, what files are offered, their endings, and the name of a new one.
    fn words(self) -> (&'static str, &'static str, &'static [&'static str], &'static str) {
        match self {
            // A balance can also be read from a sheet.
            Self::Open => ("Load a balance", "Stemwright balance", &["json", "html"], ""),
            Self::Save => ("Save the balance", "Stemwright balance", &["json"], "balance.json"),
            Self::SaveSheet => ("Save a recall sheet", "Web page", &["html"], "recall sheet.html"),
            Self::SavePicture => ("Save the contour as a picture", "Picture", &["png"], "contour.png"),
            Self::SaveTable => {
                ("Save the contour as a table", "Comma-separated values", &["csv"], "contour.csv")
            }
        }
    }

    /// The ending of what is written.
    pub fn ending(self) -> &'static str {
        self.words().2[0]
    }
}

/// Gives a chosen file the ending of what is to be written; whether it may be replaced: the system has asked about
/// this very name, but with an ending of ours nobody did.
pub fn with_ending(file: &mut PathBuf, wanted: Wanted) -> bool {
    let ending = wanted.ending();
    let has_it = file.extension().is_some_and(|own| own.eq_ignore_ascii_case(ending));
    if !has_it {
        file.as_mut_os_string().push(format!(".{ending}"));
    }
    has_it
}

/// Asks for a file: the answer comes once, none where nothing was chosen.
pub type Ask = fn(Wanted) -> Receiver<Option<PathBuf>>;

/// A file that is being chosen, while one is.
#[derive(Debug, Default)]
pub struct Asked(Option<(Wanted, Receiver<Option<PathBuf>>)>);

impl Asked {
    /// Whether the system's window is open, and its answer is to be looked for.
    pub fn is_open(&self) -> bool {
        self.0.is_some()
    }

    /// Asks for a file.
    pub fn ask(&mut self, ask: Ask, wanted: Wanted) {
        self.0 = Some((wanted, ask(wanted)));
    }

    /// The file, once it was chosen.
    pub fn answer(&mut self) -> Option<(Wanted, PathBuf)> {
        let (wanted, answered) = self.0.as_ref()?;
        let (wanted, file) = match answered.try_recv() {
            Ok(file) => (*wanted, file),
            Err(TryRecvError::Empty) => return None,
            Err(TryRecvError::Disconnected) => (*wanted, None),
        };
        self.0 = None;
        Some((wanted, file?))
    }
}

/// Asks by the system's window.
pub fn ask(wanted: Wanted) -> Receiver<Option<PathBuf>> {
    let (title, kind, endings, name) = wanted.words();
    let dialog = rfd::AsyncFileDialog::new().set_title(title).add_filter(kind, endings);
    let (answer, answered) = channel();
    // Some systems want the window to be opened on this thread; waiting for it is for another.
    let waits = match wanted {
        Wanted::Open => wait(answer, dialog.pick_file()),
        _ => wait(answer, dialog.set_file_name(name).save_file()),
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
