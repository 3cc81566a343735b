//! What can be told of one stem's sound by looking at every sample once.

use super::faults::{AUDIBLE, CLIP_RUN, FULL_SCALE, MONO_DIFFERENCE, is_dc};
use crate::dsp::meter::Levels;
use crate::dsp::sanitise::sanitise;
use crate::dsp::units::gain_to_db;

/// What is known of a stereo signal so far. What is no number counts as silence.
#[derive(Clone, Debug)]
pub struct Sound {
    frames: u64,
    peaks: [f32; 2],
    /// Samples at full scale in a row so far, and how often there were enough.
    runs: [u32; 2],
    clips: u32,
    /// Equal for equal sound.
    fingerprint: u64,
    /// The largest difference of left and right.
    difference: f32,
    /// Of the samples, of their squares, and of left times right.
    sums: [f64; 2],
    squares: [f64; 2],
    product: f64,
    first_frame: Option<u64>,
}

impl Default for Sound {
    fn default() -> Self {
        Self {
            frames: 0,
            peaks: [0.0; 2],
            runs: [0; 2],
            clips: 0,
            fingerprint: 0xCBF2_9CE4_8422_2325,
            difference: 0.0,
            sums: [0.0; 2],
            squares: [0.0; 2],
            product: 0.0,
            first_frame: None,
        }
    }
}

impl Sound {
    /// Looks at the next frames, both sides equally long.
    pub fn look(&mut self, [left, right]: [&[f32]; 2]) {
        for (at, (l, r)) in left.iter().zip(right).enumerate() {
            let frame = [*l, *r].map(sanitise);
            for (side, x) in frame.into_iter().enumerate() {
                self.peaks[side] = self.peaks[side].max(x.abs());
                let run = &mut self.runs[side];
                *run = if x.abs() >= FULL_SCALE { run.saturating_add(1) } else { 0 };
                self.clips = self.clips.saturating_add(u32::from(*run == CLIP_RUN));
                // FNV-1a, a sample at a time.
                self.fingerprint = (self.fingerprint ^ u64::from(x.to_bits())).wrapping_mul(0x100_0000_01B3);
            }
            let [l, r] = frame;
            self.difference = self.difference.max((l - r).abs());
            if self.first_frame.is_none() && l.abs().max(r.abs()) >= AUDIBLE {
                self.first_frame = Some(self.frames + at as u64);
            }
            let [l, r] = frame.map(f64::from);
            for (side, x) in [l, r].into_iter().enumerate() {
                self.sums[side] += x;
                self.squares[side] += x * x;
            }
            self.product += l * r;
        }
        self.frames += left.len() as u64;
    }

    /// Frames seen.
    pub fn frames(&self) -> u64 {
        self.frames
    }

    /// Largest magnitude of either side.
    pub fn peak(&self) -> f32 {
        self.peaks[0].max(self.peaks[1])
    }

    /// How often three samples or more in a row were at full scale.
    pub fn clips(&self) -> u32 {
        self.clips
    }

    /// The first frame that is no silence; None of silence.
    pub fn first_frame(&self) -> Option<u64> {
        self.first_frame
    }

    /// Whether two sounds are equal, bit for bit.
    pub fn is_twin(&self, other: &Self) -> bool {
        other.fingerprint == self.fingerprint && other.frames == self.frames
    }

    /// Mean squares, correlation and peaks of all of it.
    pub fn levels(&self) -> Levels {
        let mean = |sum: f64| sum / self.frames.max(1) as f64;
        Levels {
            powers: self.squares.map(mean),
            product: mean(self.product),
            peaks: self.peaks.map(f64::from),
        }
    }

    /// Level in dBFS of a constant offset, where there is one.
    pub fn dc_db(&self) -> Option<f64> {
        let frames = self.frames.max(1) as f64;
        let means = [0, 1].map(|side| {
            let mean = self.sums[side] / frames;
            (mean, self.squares[side] / frames - mean * mean)
        });
        let found = means.into_iter().filter(|(mean, power)| is_dc(*mean, *power));
        found.map(|(mean, _)| gain_to_db(mean)).reduce(f64::max)
    }

    /// Whether left and right are the same.
    pub fn is_mono(&self) -> bool {
        self.difference <= MONO_DIFFERENCE * self.peak()
    }

    /// For left and right whether anything is heard there.
    pub fn audible_sides(&self) -> [bool; 2] {
        self.peaks.map(|peak| peak >= AUDIBLE)
    }

    /// Level in dB of the mono sum, halved, over the two sides: 0 of mono, -3 of sides that are strangers,
    /// minus infinity of opposites.
    pub fn mono_db(&self) -> f64 {
        let Levels { powers: [left, right], product, .. } = self.levels();
        10.0 * ((left + right + 2.0 * product).max(0.0) / (2.0 * (left + right))).log10()
    }
}
