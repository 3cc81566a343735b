//! From the live balance and its layers to what each gain should be.

use crate::dsp::{self, Matrix, compose, pan, units, width::width};
use crate::model::layers::Layers;
use crate::model::level::{audible, lead, level};
use crate::model::limits::STEMS;
use crate::model::offsets::Sounding;
use crate::model::settings::{MixSettings, PanMode, StripSettings};

/// Where one stem is to go, but for its tone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StripTarget {
    /// Polarity, trim, width and pan in one.
    pub matrix: Matrix,
    /// Fader, groups, learned balance, macros, mute and solo, as a linear gain.
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

/// What depends on more than one stem.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Common {
    /// Bit k: solos and group mutes let stem k sound, and it is not an ignored main input.
    pub audible: u32,
    /// What the lead macro multiplies the leads by, and all others.
    pub lead: [f64; 2],
}

impl StripTarget {
    /// The targets of a stem (index 0 to 15) of a live balance without layers, at a sample rate.
    pub fn new(settings: &MixSettings, stem: usize, sample_rate_hz: f64) -> Self {
        let layers = Layers::default();
        let common = Common::new(settings, &layers, || settings.stems.map(Sounding::from));
        Self::layered(settings, &layers, &common, stem, &settings.stems[stem].into(), sample_rate_hz)
    }

    /// The targets of a stem as it sounds with its layers on.
    pub fn layered(
        settings: &MixSettings,
        layers: &Layers,
        common: &Common,
        stem: usize,
        sounding: &Sounding,
        sample_rate_hz: f64,
    ) -> Self {
        let s = &sounding.strip;
        let [lead, rest] = common.lead;
        let macros = if layers.leads >> stem & 1 != 0 { lead } else { rest };
        Self {
            matrix: matrix(s, settings.wide_percent),
            level: if common.audible >> stem & 1 != 0 {
                level(settings, layers, stem, sounding) * macros
            } else {
                0.0
            },
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

impl Common {
    /// Of a balance whose strips sound like this with their layers on; asked for only where it matters.
    pub fn new(settings: &MixSettings, layers: &Layers, strips: impl FnOnce() -> [Sounding; STEMS]) -> Self {
        let audible = audible(settings, layers);
        Self { audible, lead: lead(settings, layers, audible, strips) }
    }
}

fn matrix(s: &StripSettings, wide_percent: f32) -> Matrix {
    let sign = if s.inverted { -1.0 } else { 1.0 };
    let trim = sign * units::db_to_gain(f64::from(s.trim_db));
    let position = f64::from(s.pan);
    let pan = match s.pan_mode {
        PanMode::Balance => pan::balance(position),
        PanMode::TrueStereo => pan::stereo(position),
    };
    let wide = f64::from(s.width_percent) / 100.0 * f64::from(wide_percent) / 100.0;
    compose(pan, width(wide.min(2.0))).map(|g| g * trim)
}
