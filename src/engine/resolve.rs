//! From the live balance to what each gain should be.

use super::tone::ToneTarget;
use crate::dsp::{self, Matrix, compose, pan, units, width::width};
use crate::model::limits::STEMS;
use crate::model::settings::{MixSettings, PanMode, StripSettings};

/// Where one stem is to go.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StripTarget {
    /// Polarity, trim, width and pan in one.
    pub matrix: Matrix,
    /// Fader, mute and solo, as a linear gain.
    pub level: f64,
    /// Delay in frames.
    pub delay_frames: usize,
    /// The tone section.
    pub tone: ToneTarget,
}

/// Where the mix is to go.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MixTarget {
    /// The stems.
    pub stems: [StripTarget; STEMS],
    /// Output gain, linear.
    pub output: f64,
    /// 1 where the unity sum of the inputs is to sound instead.
    pub bypass: f64,
    /// 0 where the main input is ignored, for the unity sum; in the balance its strip is closed.
    pub main_input: f64,
}

/// The targets of a balance at a sample rate.
pub fn resolve(settings: &MixSettings, sample_rate_hz: f64) -> MixTarget {
    let any_solo = settings.any_solo();
    let mut stems = settings.stems.map(|s| StripTarget {
        matrix: matrix(&s),
        level: level(&s, any_solo),
        delay_frames: dsp::delay::frames(f64::from(s.delay_ms), sample_rate_hz),
        tone: ToneTarget::new(&s.tone),
    });
    if settings.ignore_main_input {
        stems[0].level = 0.0;
    }
    MixTarget {
        stems,
        output: units::fader_gain(f64::from(settings.output_db)),
        bypass: if settings.bypass { 1.0 } else { 0.0 },
        main_input: if settings.ignore_main_input { 0.0 } else { 1.0 },
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

/// Mute beats solo; a solo anywhere silences whoever is neither soloed nor safe.
fn level(s: &StripSettings, any_solo: bool) -> f64 {
    if s.mute || (any_solo && !s.solo && !s.solo_safe) {
        0.0
    } else {
        units::fader_gain(f64::from(s.fader_db))
    }
}
