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

/// A short song in stems that have nothing in common but the beat: names, and sound of so many frames. All begin
/// with a quarter of a second of silence, and Lead Vox with two seconds.
pub fn song(sample_rate_hz: f64, frames: usize) -> Vec<(&'static str, Stereo)> {
    let tones = |seed: u64, notes_hz: &[f64], beat_s: f64, decay_s: f64, gains: [f64; 2]| {
        let mut random = Random::new(seed);
        let mut sound = constant(0.0, frames);
        let mut start = (0.25 * sample_rate_hz) as usize;
        while start < frames {
            let note_hz = notes_hz[(random.bits() >> 33) as usize % notes_hz.len()];
            let length = ((beat_s * sample_rate_hz) as usize).min(frames - start);
            for harmonic in 1..=12 {
                let hz = note_hz * f64::from(harmonic);
                let phase = TAU * f64::from(random.between(0.0, 1.0));
                let wave = sine(hz, phase, sample_rate_hz, length);
                for (side, gain) in sound.iter_mut().zip(gains) {
                    for (n, (to, x)) in side[start..].iter_mut().zip(&wave).enumerate() {
                        let time_s = n as f64 / sample_rate_hz;
                        let attack = (time_s / 0.005).min(1.0);
                        let level = gain * attack * (-time_s / decay_s).exp() / f64::from(harmonic);
                        *to += (level * f64::from(*x)) as f32;
                    }
                }
            }
            start += length;
        }
        sound
    };
    let hits = |seed: u64| {
        [0, 1].map(|side| {
            let beat = (0.5 * sample_rate_hz) as usize;
            let first = (0.25 * sample_rate_hz) as usize;
            let wave = noise(seed, frames).into_iter().zip(noise(seed + 1 + side, frames)).enumerate();
            let level = |n: usize| {
                let since = n.checked_sub(first).map(|n| (n % beat) as f64 / sample_rate_hz);
                since.map_or(0.0, |time_s| 0.4 * (-time_s / 0.08).exp()) as f32
            };
            wave.map(|(n, (both, own))| level(n) * (both + 0.5 * own)).collect()
        })
    };
    let bed = |seed: u64| {
        [0, 1].map(|side| {
            let (mut low, mut lower) = (0.0f32, 0.0f32);
            let wave = noise(seed + side, frames).into_iter().enumerate();
            let first = (0.25 * sample_rate_hz) as usize;
            wave.map(|(n, x)| {
                low += 0.2 * (x - low);
                lower += 0.02 * (low - lower);
                if n < first { 0.0 } else { 0.4 * (low - lower) }
            })
            .collect()
        })
    };
    let mut lead = tones(4, &[311.0, 349.0, 415.0, 466.0], 0.61, 0.8, [0.16, 0.16]);
    let lead_starts = ((2.0 * sample_rate_hz) as usize).min(frames);
    lead.iter_mut().for_each(|side| side[..lead_starts].fill(0.0));
    vec![
        ("Drums", hits(10)),
        ("Bass", tones(1, &[55.0, 61.7, 73.4], 0.5, 0.6, [0.2, 0.2])),
        ("Guitar", tones(2, &[147.0, 165.0, 196.0], 0.33, 0.4, [0.16, 0.06])),
        ("Keys", tones(3, &[233.0, 262.0, 294.0], 0.97, 0.7, [0.08, 0.14])),
        ("Lead Vox", lead),
        ("Pad", bed(20)),
    ]
}
