//! What a tone section consists of: its sections, and where settings send them.

use super::limits::LOW_PASS_OPEN_HZ;
use super::settings::{Slope, ToneSettings};
use crate::dsp::design::{self, BUTTERWORTH_Q, Biquad, STEEP_QS};
use crate::dsp::math::exp2;

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
        let section = |hz: f32, gain_db: f32, q: f64, sounds: bool| SectionTarget {
            values: [f64::from(hz).log2(), f64::from(gain_db), q.log2()],
            sounds: sounds && tone.on,
        };
        let pass = |slope: Slope, hz: f32, sounds: bool| {
            let [first, second] = if slope == Slope::Steep { STEEP_QS } else { [BUTTERWORTH_Q, STEEP_QS[1]] };
            [
                section(hz, 0.0, first, sounds && slope != Slope::Off),
                section(hz, 0.0, second, sounds && slope == Slope::Steep),
            ]
        };
        let [high_1, high_2] = pass(tone.high_pass, tone.high_pass_hz, true);
        let [low_1, low_2] = pass(tone.low_pass, tone.low_pass_hz, tone.low_pass_hz < LOW_PASS_OPEN_HZ);
        Self([
            high_1,
            high_2,
            section(tone.low_shelf_hz, tone.low_shelf_db, BUTTERWORTH_Q, true),
            section(tone.bell_hz, tone.bell_db, f64::from(tone.bell_q), true),
            section(tone.high_shelf_hz, tone.high_shelf_db, BUTTERWORTH_Q, true),
            low_1,
            low_2,
            section(design::TILT_PIVOT_HZ as f32, tone.tilt_db, BUTTERWORTH_Q, true),
        ])
    }
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
}
