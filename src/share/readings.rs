//! What stems and their mix measure as a balance plays them.

use crate::model::document::Document;
use crate::render::{Figures, Listener};

/// Loudness and peaks of a mix and of what every stem is in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Readings {
    /// The sample rate of the stems.
    pub rate_hz: u32,
    /// The length of the mix.
    pub frames: u64,
    /// The mix.
    pub mix: Figures,
    /// Stem 1 first, as it is in the mix, for as many stems as were played.
    pub stems: Vec<Figures>,
}

/// Meters on a mix and on its stems.
pub struct Meters {
    mix: Listener,
    stems: Vec<Listener>,
}

impl Meters {
    /// Meters on so many stems.
    pub fn new(stems: usize, rate_hz: u32) -> Self {
        let listener = || Listener::new(f64::from(rate_hz));
        Self { mix: listener(), stems: (0..stems).map(|_| listener()).collect() }
    }

    /// The next frames of the mix.
    pub fn mix(&mut self, sound: [&[f32]; 2]) {
        self.mix.listen(sound);
    }

    /// The next frames of a stem, as it is in the mix.
    pub fn stem(&mut self, stem: usize, sound: [&[f32]; 2]) {
        if let Some(listener) = self.stems.get_mut(stem) {
            listener.listen(sound);
        }
    }

    /// What was measured, the stems named as in their document.
    pub fn readings(&self, document: &Document, rate_hz: u32, frames: u64) -> Readings {
        let stems = self.stems.iter().enumerate();
        let stems = stems.map(|(stem, listener)| listener.figures(document.stems[stem].label(stem)));
        Readings { rate_hz, frames, mix: self.mix.figures("Mix".to_owned()), stems: stems.collect() }
    }
}
