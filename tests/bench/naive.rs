//! The usual plugin: what one writes first. Sample by sample and stem by stem, each parameter with the
//! smoother of a plugin framework, textbook biquads in f32 (transposed direct form II, the Audio EQ
//! Cookbook's coefficients) that are designed anew at every sample where a value moves, meters at the end.
//! It is no strawman: nothing is computed that it does not need.

use crate::{Case, Motion, RATE_HZ, balance, noise};
use std::f32::consts::{FRAC_1_SQRT_2, PI, SQRT_2};
use std::hint::black_box;
use stemwright::model::limits::STEMS;
use stemwright::model::settings::StripSettings;

/// A linear ramp of 20 ms.
#[derive(Clone, Copy, Default)]
struct Smoother {
    now: f32,
    target: f32,
    step: f32,
    left: u32,
}

impl Smoother {
    fn at(value: f32) -> Self {
        Self { now: value, target: value, step: 0.0, left: 0 }
    }

    fn aim(&mut self, target: f32) {
        self.left = (0.02 * RATE_HZ) as u32;
        self.target = target;
        self.step = (target - self.now) / self.left as f32;
    }

    fn next(&mut self) -> f32 {
        if self.left > 0 {
            self.left -= 1;
            self.now = if self.left == 0 { self.target } else { self.now + self.step };
        }
        self.now
    }
}

#[derive(Clone, Copy)]
enum Kind {
    HighPass,
    LowShelf,
    Bell,
    HighShelf,
    LowPass,
}

const KINDS: [Kind; 5] = [Kind::HighPass, Kind::LowShelf, Kind::Bell, Kind::HighShelf, Kind::LowPass];

#[derive(Clone, Copy, Default)]
struct Biquad {
    b: [f32; 3],
    a: [f32; 2],
    z: [[f32; 2]; 2],
}

impl Biquad {
    fn design(&mut self, kind: Kind, hz: f32, gain_db: f32, q: f32) {
        let w = 2.0 * PI * hz / RATE_HZ as f32;
        let (sin, cos) = w.sin_cos();
        let alpha = sin / (2.0 * q);
        let a = 10f32.powf(gain_db / 40.0);
        let root = 2.0 * a.sqrt() * alpha;
        let (b, a) = match kind {
            Kind::HighPass => {
                ([(1.0 + cos) / 2.0, -(1.0 + cos), (1.0 + cos) / 2.0], [1.0 + alpha, -2.0 * cos, 1.0 - alpha])
            }
            Kind::LowPass => {
                ([(1.0 - cos) / 2.0, 1.0 - cos, (1.0 - cos) / 2.0], [1.0 + alpha, -2.0 * cos, 1.0 - alpha])
            }
            Kind::Bell => (
                [1.0 + alpha * a, -2.0 * cos, 1.0 - alpha * a],
                [1.0 + alpha / a, -2.0 * cos, 1.0 - alpha / a],
            ),
            Kind::LowShelf => (
                [
                    a * ((a + 1.0) - (a - 1.0) * cos + root),
                    2.0 * a * ((a - 1.0) - (a + 1.0) * cos),
                    a * ((a + 1.0) - (a - 1.0) * cos - root),
                ],
                [
                    (a + 1.0) + (a - 1.0) * cos + root,
                    -2.0 * ((a - 1.0) + (a + 1.0) * cos),
                    (a + 1.0) + (a - 1.0) * cos - root,
                ],
            ),
            Kind::HighShelf => (
                [
                    a * ((a + 1.0) + (a - 1.0) * cos + root),
                    -2.0 * a * ((a - 1.0) + (a + 1.0) * cos),
                    a * ((a + 1.0) + (a - 1.0) * cos - root),
                ],
                [
                    (a + 1.0) - (a - 1.0) * cos + root,
                    2.0 * ((a - 1.0) - (a + 1.0) * cos),
                    (a + 1.0) - (a - 1.0) * cos - root,
                ],
            ),
        };
        self.b = b.map(|b| b / a[0]);
        self.a = [a[1] / a[0], a[2] / a[0]];
    }

    fn next(&mut self, side: usize, x: f32) -> f32 {
        let z = &mut self.z[side];
        let y = self.b[0] * x + z[0];
        z[0] = self.b[1] * x - self.a[0] * y + z[1];
        z[1] = self.b[2] * x - self.a[1] * y;
        y
    }
}

#[derive(Clone, Default)]
struct Strip {
    gain: Smoother,
    pan: Smoother,
    width: Smoother,
    values: [[Smoother; 3]; 5],
    sections: [Biquad; 5],
    peak: f32,
    power: f32,
}

/// Where a strip is to go.
#[derive(Clone, Copy)]
struct Target {
    gain: f32,
    pan: f32,
    width: f32,
    /// Hz, dB, Q.
    sections: [[f32; 3]; 5],
}

impl Target {
    fn new(s: &StripSettings) -> Self {
        let o = &s.tone;
        Self {
            gain: 10f32.powf((s.fader_db + s.trim_db) / 20.0),
            pan: s.pan,
            width: s.width_percent / 100.0,
            sections: [
                [o.high_pass_hz, 0.0, FRAC_1_SQRT_2],
                [o.low_shelf_hz, o.low_shelf_db, FRAC_1_SQRT_2],
                [o.bell_hz, o.bell_db, o.bell_q],
                [o.high_shelf_hz, o.high_shelf_db, FRAC_1_SQRT_2],
                [o.low_pass_hz, 0.0, FRAC_1_SQRT_2],
            ],
        }
    }
}

/// The naive engine, at rest or with everything automated.
pub struct Naive {
    case: Case,
    strips: [Strip; STEMS],
    targets: [[Target; STEMS]; 2],
    stems: Vec<[Vec<f32>; 2]>,
    out: [Vec<f32>; 2],
    frames: usize,
}

impl Naive {
    /// As [`crate::Player::new`]; five sections.
    pub fn new(case: Case) -> Self {
        let targets = [0.0, 1.0].map(|t| balance(&case, t).stems.map(|s| Target::new(&s)));
        let strips = targets[0].map(|t| {
            let mut strip = Strip {
                gain: Smoother::at(t.gain),
                pan: Smoother::at(t.pan),
                width: Smoother::at(t.width),
                values: t.sections.map(|values| values.map(Smoother::at)),
                ..Strip::default()
            };
            for ((section, kind), [hz, gain_db, q]) in strip.sections.iter_mut().zip(KINDS).zip(t.sections) {
                section.design(kind, hz, gain_db, q);
            }
            strip
        });
        let stem = |k: u64| [noise(2 * k, case.block), noise(2 * k + 1, case.block)];
        Self {
            strips,
            targets,
            stems: (0..STEMS as u64).map(stem).collect(),
            out: [vec![0.0; case.block], vec![0.0; case.block]],
            frames: 0,
            case,
        }
    }

    /// One block.
    pub fn play(&mut self) {
        let before = self.frames / super::MOTION_FRAMES;
        self.frames += self.case.block;
        let now = self.frames / super::MOTION_FRAMES;
        if self.case.motion != Motion::Rest && now != before {
            for (strip, t) in self.strips.iter_mut().zip(&self.targets[now % 2]) {
                strip.gain.aim(t.gain);
                strip.pan.aim(t.pan);
                strip.width.aim(t.width);
                for (value, to) in strip.values.iter_mut().flatten().zip(t.sections.iter().flatten()) {
                    value.aim(*to);
                }
            }
        }
        for n in 0..self.case.block {
            let mut sum = [0.0f32; 2];
            for (strip, stem) in self.strips.iter_mut().zip(&self.stems) {
                let mut x = [stem[0][n], stem[1][n]];
                for (section, (values, kind)) in
                    strip.sections.iter_mut().zip(strip.values.iter_mut().zip(KINDS))
                {
                    if values.iter().any(|v| v.left > 0) {
                        let [hz, gain_db, q] = values.each_mut().map(|v| v.next());
                        section.design(kind, hz, gain_db, q);
                    }
                    x = [section.next(0, x[0]), section.next(1, x[1])];
                }
                let (gain, pan, width) = (strip.gain.next(), strip.pan.next(), strip.width.next());
                let (mid, side) = ((x[0] + x[1]) / 2.0, width * (x[0] - x[1]) / 2.0);
                let (sin, cos) = ((pan + 1.0) * PI / 4.0).sin_cos();
                let y = [(mid + side) * gain * cos * SQRT_2, (mid - side) * gain * sin * SQRT_2];
                for side in 0..2 {
                    sum[side] += y[side];
                    strip.peak = strip.peak.max(y[side].abs());
                    strip.power += 1e-4 * (y[side] * y[side] - strip.power);
                }
            }
            self.out[0][n] = sum[0];
            self.out[1][n] = sum[1];
        }
        black_box(&mut self.out);
    }
}
