//! Listens to one stem by itself, for the consistency check.

use super::bands::Spectrograph;
use super::consistency::Heard;
use super::sound::Sound;
use crate::dsp::design::TILT_PIVOT_HZ;
use crate::dsp::loudness::{KWeighting, LoudnessMeter};

/// What lows and highs are, around the pivot of a tilt, in Hz.
const LOWS_HZ: [f64; 2] = [30.0, TILT_PIVOT_HZ];
const HIGHS_HZ: [f64; 2] = [TILT_PIVOT_HZ, 16_000.0];
/// Added to both, so that nothing is far from nothing: -100 dB.
const LEAST_POWER: f64 = 1e-10;

/// All that [`Heard`] tells of a stem's sound, as it comes in.
pub struct Ear {
    rate_hz: u32,
    sound: Sound,
    weighting: KWeighting,
    loudness: LoudnessMeter,
    spectrograph: Spectrograph,
    /// Bins of lows and of highs, and their power so far.
    ranges: [(usize, Vec<f64>); 2],
    powers: [f64; 2],
    windows: f64,
}

impl Ear {
    /// For a sample rate, before any sound.
    pub fn new(rate_hz: u32) -> Self {
        let sample_rate_hz = f64::from(rate_hz);
        let spectrograph = Spectrograph::new(sample_rate_hz);
        Self {
            rate_hz,
            sound: Sound::default(),
            weighting: KWeighting::new(sample_rate_hz),
            loudness: LoudnessMeter::new(),
            ranges: [LOWS_HZ, HIGHS_HZ].map(|range| spectrograph.band(range)),
            powers: [0.0; 2],
            windows: 0.0,
            spectrograph,
        }
    }

    /// The next frames, both sides equally long. How time is cut into blocks changes nothing.
    pub fn listen(&mut self, [left, right]: [&[f32]; 2]) {
        self.sound.look([left, right]);
        self.weighting.process(left, right, |power| self.loudness.push(power));
        let Self { ranges, powers, windows, .. } = self;
        self.spectrograph.process(left, right, |spectrum| {
            powers.iter_mut().zip(ranges.iter()).for_each(|(sum, range)| *sum += spectrum.within(range));
            *windows += 1.0;
        });
    }

    /// Frames heard.
    pub fn frames(&self) -> u64 {
        self.sound.frames()
    }

    /// What was heard, of samples of so many bits of which so many were garbage.
    pub fn heard(&self, bits: u16, garbage_samples: u64) -> Heard {
        let [lows, highs] = self.powers.map(|sum| sum / self.windows.max(1.0) + LEAST_POWER);
        Heard {
            rate_hz: self.rate_hz,
            bits,
            garbage_samples,
            sound: self.sound.clone(),
            lufs: self.loudness.integrated_lufs(),
            tilt_db: 10.0 * (highs / lows).log10(),
        }
    }
}
