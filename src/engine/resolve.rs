//! From the live balance to what each gain should be.

use crate::dsp::{self, Matrix, compose, pan, units, width::width};
use crate::model::learned::MAX_OFFSET_DB;
use crate::model::settings::{MixSettings, PanMode, StripSettings};

/// Where one stem is to go, but for its tone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StripTarget {
    /// Polarity, trim, width and pan in one.
    pub matrix: Matrix,
    /// Fader, mute and solo, as a linear gain.
    pub level: f64,
    /// Delay in frames.
    pub delay_frames: usize,
}

/// Where the mix is to go.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MixTarget {
    /// Output gain, linear.
    pub output: f64,
    /// 1 where the unity sum of the inputs is to sound instead.
    pub bypass: f64,
    /// 0 where the main input is ignored, for the unity sum; in the balance its strip is closed.
    pub main_input: f64,
}

impl StripTarget {
    /// The targets of a stem (index 0 to 15) of a balance at a sample rate.
    pub fn new(settings: &MixSettings, stem: usize, sample_rate_hz: f64) -> Self {
        let s = &settings.stems[stem];
        let is_ignored = stem == 0 && settings.ignore_main_input;
        Self {
            matrix: matrix(s),
            level: if is_ignored { 0.0 } else { level(s, settings.any_solo()) * learned(settings, stem) },
            delay_frames: dsp::delay::frames(f64::from(s.delay_ms), sample_rate_hz),
        }
    }
}

impl MixTarget {
    /// The targets of the mix itself.
    pub fn new(settings: &MixSettings) -> Self {
        Self {
            output: units::fader_gain(f64::from(settings.output_db)),
            bypass: if settings.bypass { 1.0 } else { 0.0 },
            main_input: if settings.ignore_main_input { 0.0 } else { 1.0 },
        }
    }
}

fn matrix(s: &StripSettings) -> Matrix {
    let sign = if s.inverted { -1.0 } else { 1.0 };
    let trim = sign * units::db_to_gain(f64::from(s.trim_db));
    let position = f64::from(s.pan);
    let pan = match s.pan_mode {
        PanMode::Balance => pan::balance(position),
        PanMode::TrueStereo => pan::stereo(position),
    };
    compose(pan, width(f64::from(s.width_percent) / 100.0)).map(|g| g * trim)
}

/// What the learned balance multiplies a stem's level by.
fn learned(settings: &MixSettings, stem: usize) -> f64 {
    let db = f64::from(settings.learned_db[stem]) * f64::from(settings.balance_percent) / 100.0;
    units::db_to_gain(db.clamp(-f64::from(MAX_OFFSET_DB), f64::from(MAX_OFFSET_DB)))
}

/// Mute beats solo; a solo anywhere silences whoever is neither soloed nor safe.
fn level(s: &StripSettings, any_solo: bool) -> f64 {
    if s.mute || (any_solo && !s.solo && !s.solo_safe) {
        0.0
    } else {
        units::fader_gain(f64::from(s.fader_db))
    }
}
