//! Mono, dim and the gain of a comparison for whoever listens: after everything else, and never in a render.

use crate::dsp::smooth::{GAIN_TAU_S, TwoPole, pole};
use crate::dsp::units::db_to_gain;
use crate::sync::Monitor;

/// How much quieter dim is, in dB.
pub const DIM_DB: f64 = -20.0;

/// Where the wishes of whoever listens come true. Each glides in and out; with none, no bit changes.
#[derive(Clone, Debug, Default)]
pub struct Monitoring {
    pole: f64,
    /// 0 = as it is, 1 = the mean of both sides.
    mono: TwoPole,
    /// 0 = as it is, 1 = dimmed.
    dim: TwoPole,
    /// What the gain of a comparison is above 1.
    more: TwoPole,
}

impl Monitoring {
    /// For a sample rate; nothing is wished.
    pub fn prepare(&mut self, sample_rate_hz: f64) {
        *self = Self { pole: pole(GAIN_TAU_S, sample_rate_hz), ..Self::default() };
    }

    /// Does what is wished to a stereo block in place, and brings it to the loudness of what it is compared with.
    /// Realtime-safe.
    pub fn process(&mut self, wish: Monitor, gain_db: f32, left: &mut [f32], right: &mut [f32]) {
        self.more.aim(db_to_gain(f64::from(gain_db)) - 1.0);
        self.mono.aim(f64::from(u8::from(wish.mono)));
        self.dim.aim(f64::from(u8::from(wish.dim)));
        let is_off = |value: &TwoPole| !value.is_moving() && value.value() == 0.0;
        if is_off(&self.mono) && is_off(&self.dim) && is_off(&self.more) {
            return;
        }
        let lowered = 1.0 - db_to_gain(DIM_DB);
        for (l, r) in left.iter_mut().zip(right) {
            let (mono, dim) = (self.mono.next(self.pole) as f32, self.dim.next(self.pole));
            let gain = ((1.0 - lowered * dim) * (1.0 + self.more.next(self.pole))) as f32;
            let middle = 0.5 * (*l + *r);
            *l = gain * (*l + mono * (middle - *l));
            *r = gain * (*r + mono * (middle - *r));
        }
    }

    /// Nothing is wished any more, at once.
    pub fn stop(&mut self) {
        (self.mono, self.dim, self.more) = Default::default();
    }
}
