//! From the live balance and its layers to what each gain should be.

use crate::dsp::{self, Matrix, compose, pan, units, width::width};
use crate::model::layers::Layers;
use crate::model::level::{audible, lead, level};
use crate::model::limits::STEMS;
use crate::model::offsets::Sounding;
use crate::model::settings::{MixSettings, PanMode, StripSettings};

/// Where one stem is to go, but for its tone.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
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

/// What a strip's matrix is made of.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Place {
    trim_db: f32,
    inverted: bool,
    pan: f32,
    pan_mode: PanMode,
    width_percent: f32,
    wide_percent: f32,
}

/// A strip's matrix as it was asked for last: its sines and powers are worked out where something is new.
#[derive(Clone, Copy, Debug)]
pub struct Placed {
    place: Place,
    matrix: Matrix,
}

impl Placed {
    /// The matrix of a strip as it sounds.
    fn matrix(&mut self, strip: &StripSettings, wide_percent: f32) -> Matrix {
        let place = Place::new(strip, wide_percent);
        if self.place != place {
            *self = Self { place, matrix: place.matrix() };
        }
        self.matrix
    }
}

impl Default for Placed {
    fn default() -> Self {
        let place = Place::new(&StripSettings::default(), 100.0);
        Self { place, matrix: place.matrix() }
    }
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
        let sounding = settings.stems[stem].into();
        Self::layered(settings, &layers, &common, stem, &sounding, &mut Placed::default(), sample_rate_hz)
    }

    /// The targets of a stem as it sounds with its layers on.
    pub fn layered(
        settings: &MixSettings,
        layers: &Layers,
        common: &Common,
        stem: usize,
        sounding: &Sounding,
        placed: &mut Placed,
        sample_rate_hz: f64,
    ) -> Self {
        let s = &sounding.strip;
        Self {
            matrix: placed.matrix(s, settings.wide_percent),
            level: common.level(settings, layers, stem, sounding),
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

    /// [`StripTarget::level`] of a stem as it sounds.
    pub fn level(&self, settings: &MixSettings, layers: &Layers, stem: usize, sounding: &Sounding) -> f64 {
        if self.audible >> stem & 1 == 0 {
            return 0.0;
        }
        let [lead, rest] = self.lead;
        level(settings, layers, stem, sounding) * if layers.leads >> stem & 1 != 0 { lead } else { rest }
    }
}

impl Place {
    fn new(strip: &StripSettings, wide_percent: f32) -> Self {
        let StripSettings { trim_db, inverted, pan, pan_mode, width_percent, .. } = *strip;
        Self { trim_db, inverted, pan, pan_mode, width_percent, wide_percent }
    }

    fn matrix(&self) -> Matrix {
        let sign = if self.inverted { -1.0 } else { 1.0 };
        let trim = sign * units::db_to_gain(f64::from(self.trim_db));
        let position = f64::from(self.pan);
        let pan = match self.pan_mode {
            PanMode::Balance => pan::balance(position),
            PanMode::TrueStereo => pan::stereo(position),
        };
        let wide = f64::from(self.width_percent) / 100.0 * f64::from(self.wide_percent) / 100.0;
        compose(pan, width(wide.min(2.0))).map(|g| g * trim)
    }
}
