//! What is saved of a contour: a picture, or a table.

use crate::editor::dialog::{self, Ask, Asked, Wanted};
use crate::editor::presets::sentence;
use crate::presets::write_bytes;

/// A file that is being chosen, and what came of the last.
#[derive(Debug, Default)]
pub struct Files {
    asked: Asked,
    said: Option<String>,
}

impl Files {
    /// Whether the system's window is open, and its answer is to be looked for.
    pub fn is_asking(&self) -> bool {
        self.asked.is_open()
    }

    /// What came of the last, in a sentence.
    pub fn said(&self) -> Option<&str> {
        self.said.as_deref()
    }

    /// Asks for a file.
    pub fn ask(&mut self, ask: Ask, wanted: Wanted) {
        self.said = None;
        self.asked.ask(ask, wanted);
    }

    /// Looks whether the system's window was answered, and writes what `make` makes for it.
    pub fn answer(&mut self, make: impl FnOnce(Wanted) -> Result<Vec<u8>, String>) {
        let Some((wanted, mut file)) = self.asked.answer() else { return };
        let replace = dialog::with_ending(&mut file, wanted);
        let done = make(wanted)
            .and_then(|bytes| write_bytes(&file, &bytes, replace).map_err(|error| sentence(&error)));
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        self.said = Some(match done {
            Ok(()) => format!("{name} was saved."),
            Err(why) => format!("The file was not saved. {why}"),
        });
    }
}
