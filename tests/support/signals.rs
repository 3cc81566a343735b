//! Test signals and how to measure them.

use super::random::Random;
use std::f64::consts::TAU;
use stemwright::model::limits::STEMS;

/// Left and right, equally long.
pub type Stereo = [Vec<f32>; 2];

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

/// The sixteen stems' f32 sum in the engine's documented order, by halves.
pub fn sum(stems: &[Stereo]) -> Stereo {
    [0, 1].map(|side| {
        (0..stems[0][side].len())
            .map(|n| {
                let eight: [f32; 8] = std::array::from_fn(|k| stems[k][side][n] + stems[k + 8][side][n]);
                let four: [f32; 4] = std::array::from_fn(|k| eight[k] + eight[k + 4]);
                (four[0] + four[2]) + (four[1] + four[3])
            })
            .collect()
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
