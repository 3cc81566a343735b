//! What is saved of a contour: a picture, or a table.

use crate::editor::dialog::{self, Ask, Asked, Wanted};
use crate::editor::presets::sentence;
use crate::presets::write_bytes;

/// A file that is being chosen with what is to be in it, and what came of the last.
#[derive(Debug, Default)]
pub struct Files {
    asked: Asked,
    bytes: Vec<u8>,
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

    /// Asks for a file for these bytes.
    pub fn ask(&mut self, ask: Ask, wanted: Wanted, bytes: Result<Vec<u8>, String>) {
        match bytes {
            Ok(bytes) => {
                (self.bytes, self.said) = (bytes, None);
                self.asked.ask(ask, wanted);
            }
            Err(why) => self.said = Some(format!("The file was not saved. {why}")),
        }
    }

    /// Looks whether the system's window was answered, and writes the file.
    pub fn answer(&mut self) {
        let Some((wanted, mut file)) = self.asked.answer() else { return };
        let replace = dialog::with_ending(&mut file, wanted);
        let done = write_bytes(&file, &std::mem::take(&mut self.bytes), replace);
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        self.said = Some(match done {
            Ok(()) => format!("{name} was saved."),
            Err(error) => format!("The file was not saved. {}", sentence(&error)),
        });
    }
}
