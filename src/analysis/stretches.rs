//! Listens to all stems as they are in the mix, for who covers whom.

use super::bands::{BANDS, BandPowers, Spectrograph};
use super::clash::ClashMeter;
use crate::model::limits::STEMS;

/// Spectra are averaged over about so many seconds before they are compared.
const STRETCH_S: f64 = 0.2;

/// Compares stems stretch by stretch, as they come in.
pub struct Stretches {
    spectrographs: Vec<Spectrograph>,
    /// Of each stem the windows that wait to be compared.
    windows: Vec<Vec<BandPowers>>,
    windows_compared: usize,
    meter: ClashMeter,
}

impl Stretches {
    /// For so many stems, at most sixteen, of a sample rate, before any sound.
    pub fn new(stems: usize, sample_rate_hz: f64) -> Self {
        let spectrographs: Vec<_> = (0..stems).map(|_| Spectrograph::new(sample_rate_hz)).collect();
        let hop_s = spectrographs.first().map_or(STRETCH_S, Spectrograph::hop_s);
        Self {
            windows: vec![Vec::new(); stems],
            windows_compared: (STRETCH_S / hop_s).round().max(1.0) as usize,
            spectrographs,
            meter: ClashMeter::default(),
        }
    }

    /// The next frames of a stem, both sides equally long; of stems past the last, nothing happens. How time is cut
    /// into blocks changes nothing.
    pub fn listen(&mut self, stem: usize, [left, right]: [&[f32]; 2]) {
        if let (Some(spectrograph), Some(windows)) =
            (self.spectrographs.get_mut(stem), self.windows.get_mut(stem))
        {
            spectrograph.process(left, right, |spectrum| windows.push(spectrum.band_powers()));
        }
    }

    /// Compares the stretches that are full in all stems.
    pub fn compare(&mut self) {
        let count = self.windows_compared;
        while self.windows.iter().all(|windows| windows.len() >= count) {
            let mut powers = [[0.0; BANDS]; STEMS];
            for (powers, windows) in powers.iter_mut().zip(&mut self.windows) {
                for window in windows.drain(..count) {
                    powers.iter_mut().zip(window).for_each(|(mean, x)| *mean += x / count as f64);
                }
            }
            self.meter.push(&powers);
        }
    }

    /// What was gathered so far.
    pub fn meter(&self) -> &ClashMeter {
        &self.meter
    }
}
