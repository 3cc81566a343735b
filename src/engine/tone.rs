//! A stem's tone section: high-pass, low shelf, bell, high shelf, low-pass, tilt.
//!
//! Values move in the domain they are heard in (octaves, decibels), one step for each control tick;
//! sections are designed at ticks and their coefficients interpolated per frame between. A section that
//! is flat and at rest is left out, so it passes what comes exactly.

use super::TICK_FRAMES;
use crate::dsp::design::{self, BUTTERWORTH_Q, Biquad, STEEP_QS};
use crate::dsp::smooth::{TwoPole, pole};
use crate::dsp::svf::{Svf, SvfState};
use crate::model::limits::LOW_PASS_OPEN_HZ;
use crate::model::settings::{Slope, ToneSettings};

/// Time constant of each pole that moves a value.
const VALUE_TAU_S: f64 = 0.01;
/// A section's state below this energy (-300 dBFS) is silence.
const SILENCE: f64 = 1e-30;
/// And above this (+120 dBFS) it is garbage that would take long to ring out.
const GARBAGE: f64 = 1e12;

/// What a section does.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    HighPass,
    LowShelf,
    Bell,
    HighShelf,
    LowPass,
    Tilt,
}

/// The sections in the order of the signal; the slopes of 24 dB per octave are two of them.
const SECTIONS: [Kind; 8] = [
    Kind::HighPass,
    Kind::HighPass,
    Kind::LowShelf,
    Kind::Bell,
    Kind::HighShelf,
    Kind::LowPass,
    Kind::LowPass,
    Kind::Tilt,
];

/// Where a section is to go.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SectionTarget {
    octaves: f64,
    gain_db: f64,
    q_octaves: f64,
    /// 1 where it sounds, 0 where it is passed by.
    weight: f64,
}

/// Where the whole is to go.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ToneTarget {
    sections: [SectionTarget; SECTIONS.len()],
    /// 1 where it sounds, 0 where it is passed by.
    weight: f64,
}

impl ToneTarget {
    /// The targets of a stem's settings.
    pub fn new(tone: &ToneSettings) -> Self {
        let section = |hz: f32, gain_db: f32, q: f64, sounds: bool| SectionTarget {
            octaves: f64::from(hz).log2(),
            gain_db: f64::from(gain_db),
            q_octaves: q.log2(),
            weight: if sounds { 1.0 } else { 0.0 },
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
        Self {
            sections: [
                high_1,
                high_2,
                section(tone.low_shelf_hz, tone.low_shelf_db, BUTTERWORTH_Q, true),
                section(tone.bell_hz, tone.bell_db, f64::from(tone.bell_q), true),
                section(tone.high_shelf_hz, tone.high_shelf_db, BUTTERWORTH_Q, true),
                low_1,
                low_2,
                section(design::TILT_PIVOT_HZ as f32, tone.tilt_db, BUTTERWORTH_Q, true),
            ],
            weight: if tone.on { 1.0 } else { 0.0 },
        }
    }
}

/// One section, both sides.
#[derive(Clone, Copy, Debug)]
struct Section {
    kind: Kind,
    /// Octaves of frequency, dB of gain, octaves of Q; one step a tick.
    values: [TwoPole; 3],
    /// Per frame.
    weight: TwoPole,
    now: Svf,
    step: Svf,
    is_moving: bool,
    state: [SvfState; 2],
}

impl Section {
    fn new(kind: Kind) -> Self {
        Self {
            kind,
            values: Default::default(),
            weight: TwoPole::default(),
            now: Svf::from(Biquad::IDENTITY),
            step: Svf::from(Biquad::IDENTITY),
            is_moving: false,
            state: Default::default(),
        }
    }

    fn aim(&mut self, target: &SectionTarget) {
        let SectionTarget { octaves, gain_db, q_octaves, weight } = *target;
        // A section that is not heard starts where it is to go.
        let is_idle = self.weight.value() == 0.0 && !self.weight.is_moving();
        for (value, to) in self.values.iter_mut().zip([octaves, gain_db, q_octaves]) {
            value.aim(to);
            if is_idle {
                value.land();
            }
        }
        self.weight.aim(weight);
    }

    fn land(&mut self, sample_rate_hz: f64) {
        self.values.iter_mut().for_each(TwoPole::land);
        self.weight.land();
        self.rest(sample_rate_hz);
    }

    fn design(&self, sample_rate_hz: f64) -> Svf {
        let [octaves, gain_db, q_octaves] = self.values.map(|v| v.value());
        let (hz, q) = (octaves.exp2(), q_octaves.exp2());
        match self.kind {
            Kind::HighPass => design::high_pass(hz, q, sample_rate_hz),
            Kind::LowPass => design::low_pass(hz, q, sample_rate_hz),
            Kind::Bell => design::bell(hz, gain_db, q, sample_rate_hz),
            Kind::LowShelf => design::low_shelf(hz, gain_db, sample_rate_hz),
            Kind::HighShelf => design::high_shelf(hz, gain_db, sample_rate_hz),
            Kind::Tilt => design::tilt(gain_db, sample_rate_hz),
        }
        .into()
    }

    /// Whether it changes nothing, and will not until it is aimed anew.
    fn is_flat(&self) -> bool {
        let has_gain = !matches!(self.kind, Kind::HighPass | Kind::LowPass);
        let is_still = !self.is_moving && !self.values.iter().any(TwoPole::is_moving);
        let is_passed_by = self.weight.value() == 0.0 && !self.weight.is_moving();
        is_passed_by || (is_still && has_gain && self.values[1].value() == 0.0)
    }

    fn rest(&mut self, sample_rate_hz: f64) {
        self.now = self.design(sample_rate_hz);
        self.is_moving = false;
    }

    /// A control tick: one step of the values.
    fn tick(&mut self, value_pole: f64, sample_rate_hz: f64) {
        if self.is_moving {
            self.rest(sample_rate_hz); // where the last step led, without what adding up left
        }
        if self.values.iter().any(TwoPole::is_moving) {
            self.values.iter_mut().for_each(|v| _ = v.next(value_pole));
            self.step = step(&self.now, &self.design(sample_rate_hz));
            self.is_moving = true;
        }
        let energy: f64 = self.state.iter().map(SvfState::energy).sum();
        if self.is_flat() || !(SILENCE..GARBAGE).contains(&energy) {
            self.state = Default::default();
        }
    }

    fn process(&mut self, weight_pole: f64, at: usize, left: &mut [f64], right: &mut [f64]) {
        for (i, (l, r)) in left.iter_mut().zip(right).enumerate() {
            let section = if self.is_moving { between(&self.now, &self.step, at + i) } else { self.now };
            let weight = self.weight.next(weight_pole);
            for (x, state) in [l, r].into_iter().zip(&mut self.state) {
                let filtered = state.next(&section, *x);
                *x = if weight == 1.0 { filtered } else { *x + weight * (filtered - *x) };
            }
        }
    }
}

/// The way from one section to another in a tick, per frame.
fn step(from: &Svf, to: &Svf) -> Svf {
    let part = |from: f64, to: f64| (to - from) / TICK_FRAMES as f64;
    Svf { g: part(from.g, to.g), k: part(from.k, to.k), m: std::array::from_fn(|i| part(from.m[i], to.m[i])) }
}

/// The section at a frame of the tick: counted from its start, so that no cut of blocks changes it.
fn between(from: &Svf, step: &Svf, frame: usize) -> Svf {
    let t = (frame + 1) as f64;
    Svf {
        g: from.g + t * step.g,
        k: from.k + t * step.k,
        m: std::array::from_fn(|i| from.m[i] + t * step.m[i]),
    }
}

/// A stem's sections.
#[derive(Clone, Debug)]
pub struct Tone {
    sections: [Section; SECTIONS.len()],
    weight: TwoPole,
    sample_rate_hz: f64,
    value_pole: f64,
}

impl Default for Tone {
    fn default() -> Self {
        Self {
            sections: SECTIONS.map(Section::new),
            weight: TwoPole::default(),
            sample_rate_hz: 48_000.0,
            value_pole: 1.0,
        }
    }
}

impl Tone {
    /// Sets the sample rate.
    pub fn prepare(&mut self, sample_rate_hz: f64) {
        self.sample_rate_hz = sample_rate_hz;
        self.value_pole = pole(VALUE_TAU_S, sample_rate_hz / TICK_FRAMES as f64);
        self.reset();
    }

    /// Clears what sounds and jumps to the targets.
    pub fn reset(&mut self) {
        self.sections.iter_mut().for_each(|s| s.state = Default::default());
        self.land();
    }

    /// Jumps to the targets.
    pub fn land(&mut self) {
        self.sections.iter_mut().for_each(|s| s.land(self.sample_rate_hz));
        self.weight.land();
    }

    /// Sets new targets: switches act from the next frame on, values from the next tick on.
    pub fn aim(&mut self, target: &ToneTarget) {
        for (section, to) in self.sections.iter_mut().zip(&target.sections) {
            section.aim(to);
        }
        self.weight.aim(target.weight);
    }

    /// Whether something sounds on when the input is silent.
    pub fn is_ringing(&self) -> bool {
        self.sections.iter().any(|s| s.state != [SvfState::default(); 2])
    }

    /// A control tick, every [`TICK_FRAMES`] frames.
    pub fn tick(&mut self) {
        for section in &mut self.sections {
            section.tick(self.value_pole, self.sample_rate_hz);
        }
        if self.weight.value() == 0.0 && !self.weight.is_moving() {
            self.sections.iter_mut().for_each(|s| s.state = Default::default());
        }
    }

    /// Lets time pass while there is nothing to hear.
    pub fn skip(&mut self, weight_pole: f64, frames: usize) {
        self.weight.skip(weight_pole, frames);
        for section in &mut self.sections {
            section.weight.skip(weight_pole, frames);
        }
    }

    /// Shapes both sides in place. `at` is the first frame's place in the tick; at most a tick's frames.
    pub fn process(&mut self, weight_pole: f64, at: usize, left: &mut [f32], right: &mut [f32]) {
        let is_passed_by = self.weight.value() == 0.0 && !self.weight.is_moving();
        if is_passed_by || self.sections.iter().all(Section::is_flat) {
            return self.skip(weight_pole, left.len());
        }
        let frames = left.len();
        let mut buffers = [[0.0f64; TICK_FRAMES]; 2];
        let [l, r] = &mut buffers;
        let (l, r) = (&mut l[..frames], &mut r[..frames]);
        for (wide, narrow) in l.iter_mut().zip(&*left).chain(r.iter_mut().zip(&*right)) {
            *wide = f64::from(*narrow);
        }
        for section in &mut self.sections {
            if section.is_flat() {
                section.weight.skip(weight_pole, frames);
            } else {
                section.process(weight_pole, at, l, r);
            }
        }
        for i in 0..frames {
            let weight = self.weight.next(weight_pole);
            for (out, wide) in [(&mut left[i], l[i]), (&mut right[i], r[i])] {
                let dry = f64::from(*out);
                *out = if weight == 1.0 { wide as f32 } else { (dry + weight * (wide - dry)) as f32 };
            }
        }
    }
}
