//! What a tone section consists of: its sections, and where settings send them.

use super::limits::LOW_PASS_OPEN_HZ;
use super::settings::{Slope, ToneSettings};
use crate::dsp::design::{self, BUTTERWORTH_Q, Biquad, STEEP_QS};
use crate::dsp::math::exp2;
use crate::dsp::motion::{self, Coefficients, Number, Values};

/// What a section does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SectionKind {
    /// Takes away lows.
    HighPass,
    /// Lifts or cuts lows.
    LowShelf,
    /// Lifts or cuts around a frequency.
    Bell,
    /// Lifts or cuts highs.
    HighShelf,
    /// Takes away highs.
    LowPass,
    /// Lifts highs and cuts lows, or the other way round.
    Tilt,
}

/// The sections in the order of the signal; the slopes of 24 dB per octave are two of them.
pub const TONE_SECTIONS: [SectionKind; 8] = [
    SectionKind::HighPass,
    SectionKind::HighPass,
    SectionKind::LowShelf,
    SectionKind::Bell,
    SectionKind::HighShelf,
    SectionKind::LowPass,
    SectionKind::LowPass,
    SectionKind::Tilt,
];

impl SectionKind {
    #[inline(always)]
    /// The section for octaves of frequency, dB of gain and octaves of Q.
    pub fn design(self, [octaves, gain_db, q_octaves]: [f64; 3], sample_rate_hz: f64) -> Biquad {
        let (hz, q) = (exp2(octaves), exp2(q_octaves));
        match self {
            SectionKind::HighPass => design::high_pass(hz, q, sample_rate_hz),
            SectionKind::LowPass => design::low_pass(hz, q, sample_rate_hz),
            SectionKind::Bell => design::bell(hz, gain_db, q, sample_rate_hz),
            SectionKind::LowShelf => design::low_shelf(hz, gain_db, sample_rate_hz),
            SectionKind::HighShelf => design::high_shelf(hz, gain_db, sample_rate_hz),
            SectionKind::Tilt => design::tilt(gain_db, sample_rate_hz),
        }
    }

    /// The section in the form for motion. `pivot` is [`motion::pivot`]'s.
    #[inline(always)]
    pub fn design_in_motion<N: Number>(self, values: Values<N>, pivot: f32) -> Coefficients<N> {
        match self {
            SectionKind::HighPass => motion::high_pass(values),
            SectionKind::LowPass => motion::low_pass(values),
            SectionKind::Bell => motion::bell(values),
            SectionKind::LowShelf => motion::low_shelf(values),
            SectionKind::HighShelf => motion::high_shelf(values),
            SectionKind::Tilt => motion::tilt(values, pivot),
        }
    }

    /// Whether it lifts or cuts, instead of passing.
    pub fn has_gain(self) -> bool {
        !matches!(self, SectionKind::HighPass | SectionKind::LowPass)
    }
}

/// Where a section is to go.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SectionTarget {
    /// Octaves of frequency, dB of gain, octaves of Q.
    pub values: [f64; 3],
    /// It does anything at all.
    pub sounds: bool,
}

/// Where a stem's sections are to go.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ToneTarget(pub [SectionTarget; TONE_SECTIONS.len()]);

impl ToneTarget {
    /// The targets of a stem's settings.
    pub fn new(tone: &ToneSettings) -> Self {
        let section = |octaves: f64, gain_db: f32, q_octaves: f64, sounds: bool| SectionTarget {
            values: [octaves, f64::from(gain_db), q_octaves],
            sounds: sounds && tone.on,
        };
        let octaves = |hz: f32| f64::from(hz).log2();
        let pass = |slope: Slope, hz: f32, sounds: bool| {
            let (octaves, steep) = (octaves(hz), STEEP_QS.map(f64::log2));
            let first = if slope == Slope::Steep { steep[0] } else { BUTTERWORTH_Q.log2() };
            [
                section(octaves, 0.0, first, sounds && slope != Slope::Off),
                section(octaves, 0.0, steep[1], sounds && slope == Slope::Steep),
            ]
        };
        let [high_1, high_2] = pass(tone.high_pass, tone.high_pass_hz, true);
        let [low_1, low_2] = pass(tone.low_pass, tone.low_pass_hz, tone.low_pass_hz < LOW_PASS_OPEN_HZ);
        let no_peak = BUTTERWORTH_Q.log2();
        Self([
            high_1,
            high_2,
            section(octaves(tone.low_shelf_hz), tone.low_shelf_db, no_peak, true),
            section(octaves(tone.bell_hz), tone.bell_db, octaves(tone.bell_q), true),
            section(octaves(tone.high_shelf_hz), tone.high_shelf_db, no_peak, true),
            low_1,
            low_2,
            section(octaves(design::TILT_PIVOT_HZ as f32), tone.tilt_db, no_peak, true),
        ])
    }
}

/// Points of a curve that is drawn.
pub const CURVE_POINTS: usize = 96;
/// Frequencies at the ends of a curve that is drawn, in Hz.
pub const CURVE_ENDS_HZ: [f32; 2] = [20.0, 20_000.0];

/// The frequencies of a curve's points, in Hz: as many to every octave.
pub fn curve_frequencies_hz() -> [f32; CURVE_POINTS] {
    let [low, high] = CURVE_ENDS_HZ;
    std::array::from_fn(|at| low * (high / low).powf(at as f32 / (CURVE_POINTS - 1) as f32))
}

/// The curve of a stem's tone at a sample rate.
#[derive(Clone, Debug)]
pub struct ToneCurve {
    sections: Vec<Biquad>,
    sample_rate_hz: f64,
}

impl ToneCurve {
    /// The curve that these settings lead to.
    pub fn new(tone: &ToneSettings, sample_rate_hz: f64) -> Self {
        let targets = ToneTarget::new(tone).0;
        let sections = TONE_SECTIONS
            .into_iter()
            .zip(targets)
            .filter(|(_, target)| target.sounds)
            .map(|(kind, target)| kind.design(target.values, sample_rate_hz))
            .collect();
        Self { sections, sample_rate_hz }
    }

    /// Its level in dB at a frequency below half the sample rate.
    pub fn level_db(&self, hz: f64) -> f64 {
        self.sections.iter().map(|section| section.response_db(hz, self.sample_rate_hz)).sum()
    }

    /// Its levels in dB at [`curve_frequencies_hz`]; beyond the highest that there is, that one's.
    pub fn levels_db(&self) -> [f32; CURVE_POINTS] {
        let highest_hz = (0.499 * self.sample_rate_hz) as f32;
        curve_frequencies_hz().map(|hz| self.level_db(f64::from(hz.min(highest_hz))) as f32)
    }
}
