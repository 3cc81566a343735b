//! Test signals and how to measure them.

use std::f64::consts::TAU;
use stemwright::model::limits::STEMS;

/// Left and right, equally long.
pub type Stereo = [Vec<f32>; 2];

/// Seeded random numbers (xorshift64*): the same on every machine.
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

/// White noise from -1 to 1.
pub fn noise(seed: u64, frames: usize) -> Vec<f32> {
    let mut random = Random::new(seed);
    (0..frames).map(|_| random.between(-1.0, 1.0)).collect()
}

/// A sine of amplitude 1 that begins at `phase` radians.
pub fn sine(hz: f64, phase: f64, sample_rate_hz: f64, frames: usize) -> Vec<f32> {
    (0..frames).map(|n| (TAU * hz * n as f64 / sample_rate_hz + phase).sin() as f32).collect()
}

/// The same on both sides.
pub fn both(side: Vec<f32>) -> Stereo {
    [side.clone(), side]
}

/// `value` on both sides.
pub fn constant(value: f32, frames: usize) -> Stereo {
    both(vec![value; frames])
}

/// Zeros with a single `value` at frame `at` on both sides.
pub fn impulse(value: f32, at: usize, frames: usize) -> Stereo {
    let mut side = vec![0.0; frames];
    side[at] = value;
    both(side)
}

/// All stems with noise of their own, each side different.
pub fn noisy_stems(seed: u64, frames: usize) -> Vec<Stereo> {
    (0..2 * STEMS as u64)
        .step_by(2)
        .map(|k| [noise(100 * seed + k, frames), noise(100 * seed + k + 1, frames)])
        .collect()
}

/// All stems silent but one.
pub fn only(stem: usize, sound: Stereo) -> Vec<Stereo> {
    let frames = sound[0].len();
    let mut stems = vec![constant(0.0, frames); STEMS];
    stems[stem] = sound;
    stems
}

/// The stems' f32 sum in the engine's documented order, ((1 + 2) + 3) + ...
pub fn sum(stems: &[Stereo]) -> Stereo {
    [0, 1].map(|side| {
        (0..stems[0][side].len()).map(|n| stems.iter().fold(0.0, |sum, stem| sum + stem[side][n])).collect()
    })
}

/// `a - b`.
pub fn difference(a: &Stereo, b: &Stereo) -> Stereo {
    [0, 1].map(|side| a[side].iter().zip(&b[side]).map(|(a, b)| a - b).collect())
}

/// Largest magnitude of both sides.
pub fn peak(sound: &Stereo) -> f32 {
    sound.iter().flatten().fold(0.0, |peak, x| peak.max(x.abs()))
}

/// How far the peak of `rest` lies from that of `whole`, in dB.
pub fn level_db(rest: &Stereo, whole: &Stereo) -> f64 {
    20.0 * (f64::from(peak(rest)) / f64::from(peak(whole))).log10()
}

/// The first frame where the two differ by `!=` on either side.
pub fn first_difference(a: &Stereo, b: &Stereo) -> Option<usize> {
    assert_eq!(a.each_ref().map(Vec::len), b.each_ref().map(Vec::len), "lengths differ");
    (0..a[0].len()).find(|&n| a[0][n] != b[0][n] || a[1][n] != b[1][n])
}
