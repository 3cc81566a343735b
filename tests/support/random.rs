//! Seeded random numbers: the same on every machine.

use super::choose::Choose;
use stemwright::model::limits::{Kind, Spec};

/// A sequence of random numbers (xorshift64*).
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// A sequence of its own for every seed.
    pub fn new(seed: u64) -> Self {
        // An odd factor keeps different seeds apart, and the state must not be zero.
        Self(seed.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// Any 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// From 0 up to, but not including, `end`.
    pub fn below(&mut self, end: usize) -> usize {
        (self.bits() >> 33) as usize % end
    }

    /// From `min` to `max`.
    pub fn between(&mut self, min: f32, max: f32) -> f32 {
        let unit = (self.bits() >> 11) as f64 / (1u64 << 53) as f64;
        (f64::from(min) + (f64::from(max) - f64::from(min)) * unit) as f32
    }

    /// Puts `items` in any order.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i + 1));
        }
    }
}

/// Any value of a parameter: often its ends or its default, else anywhere between.
pub fn any_value(choices: &mut impl Choose, spec: &Spec) -> f32 {
    match (choices.below(10), spec.kind) {
        (_, Kind::Switch(..)) => choices.below(2) as f32,
        (_, Kind::Choice(names)) => choices.below(names.len()) as f32,
        (0, Kind::Fader) => f32::NEG_INFINITY,
        (0 | 1, _) => spec.min,
        (2, _) => spec.max,
        (3, _) => spec.default,
        _ => choices.between(spec.min, spec.max),
    }
}
