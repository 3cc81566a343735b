//! Sixteen strips side by side: one stem in each lane of two groups of eight.
//!
//! Left and right are vectors of their own that share coefficients, so width, pan and polarity are a 2x2
//! matrix per lane without shuffles. A *chain* is one side of one group; there are four. No lane's
//! arithmetic depends on another lane's values, so what one stem does changes no bit of another.

mod kernel;
mod mix;

pub use crate::dsp::simd::{Backend, LANES, Lanes};

pub(super) use crate::dsp::simd::{Eight, Job, SET, Simd};
pub(super) use kernel::{Chunk, Inputs, Scratch, process};
pub(super) use mix::MixEar;

use crate::model::limits::STEMS;

/// Groups of stems, one in each of a vector's lanes.
pub const GROUPS: usize = STEMS / LANES;
/// Sides of groups: left and right of the first, left and right of the second.
pub const CHAINS: usize = 2 * GROUPS;
/// Tone sections of a strip.
pub const SECTIONS: usize = 8;
/// Sections of the K weighting.
pub const WEIGHTINGS: usize = 2;
/// Pairs of groups that cross energies are summed for.
pub const CROSSINGS: [[usize; 2]; 3] = [[0, 0], [0, 1], [1, 1]];
/// Gains of a strip: the matrix (left to left, right to left, left to right, right to right), the level.
pub const GAINS: usize = 5;

/// One value for each stem.
pub(super) type Stems = [Lanes; GROUPS];

/// Sets a stem's value.
pub(super) fn put(stems: &mut Stems, stem: usize, value: f32) {
    stems[stem / LANES].0[stem % LANES] = value;
}

/// A stem's value.
pub(super) fn get(stems: &Stems, stem: usize) -> f32 {
    stems[stem / LANES].0[stem % LANES]
}

/// Bit k of a group's own mask for each of its stems.
pub(super) fn group_bits(stems: u32, group: usize) -> u32 {
    stems >> (group * LANES) & ((1 << LANES) - 1)
}

/// Gains on their way, in closed form: i frames into a tick (counted from 1) each is
/// `target + (distance + i slope) r^i`, the two-pole of [`crate::dsp::smooth`] with pole p, r = 1 - p. The slope
/// is p times the first pole's distance.
///
/// Only the distances to the target are rounded, and they shrink towards zero: unlike the recursion on
/// the value itself this does not stall in f32, and no cut of blocks changes it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Glide {
    pub target: Lanes,
    pub distance: Lanes,
    pub slope: Lanes,
}

/// What the kernel computes with, and its memory.
#[derive(Clone, Debug)]
pub(super) struct Bank {
    /// Each section at rest: q, p, n0, n1 of [`crate::dsp::svf::Delta`]; idle lanes pass everything.
    pub rest: [[[Lanes; 4]; GROUPS]; SECTIONS],
    /// Each section on its way.
    pub moving: [Moving; SECTIONS],
    /// Each section's two states per chain; of resting lanes in the delta form, of moving ones in the
    /// trapezoidal.
    pub state: [[[Lanes; 2]; CHAINS]; SECTIONS],
    /// The matrix (times what the resting sections' gains come to) and the level.
    pub gains: [[Glide; GAINS]; GROUPS],
    /// K weighting, the same for all lanes: the shelf's and the high-pass's q, p, n0, n1.
    pub weighting: [[Lanes; 4]; WEIGHTINGS],
    /// The weighting's states, of the shelf and of the high-pass.
    pub weighting_state: [[[Lanes; 2]; CHAINS]; WEIGHTINGS],
    /// Since they were last taken: peaks and sums of squares after the level, per chain.
    pub peaks: [Lanes; CHAINS],
    pub squares: [Lanes; CHAINS],
    /// Sums of left times right after the level.
    pub products: Stems,
    /// Sums of squares of both sides, K weighted, before the level.
    pub weighted: Stems,
    /// Since they were last taken: for each of [`CROSSINGS`] and each stem of its first group, sums of that stem
    /// times those of the second, K weighted, before the level.
    pub crossed: [[Lanes; LANES]; CROSSINGS.len()],
}

/// A section while it moves: coefficients of [`crate::dsp::svf::Trapezoid`], r, u, w, c0, c1, gain.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moving {
    /// At the frame that was last worked on.
    pub now: [Stems; 6],
    /// What each frame adds, and where that leads at the next tick.
    pub step: [Stems; 6],
    pub to: [Stems; 6],
    /// How much of the section is heard.
    pub weight: [Glide; GROUPS],
    /// All ones in the lanes that move.
    pub mask: Stems,
}

impl Default for Moving {
    /// Nothing moves, and everything passes.
    fn default() -> Self {
        let mut now: [Stems; 6] = Default::default();
        now[5] = [Lanes([1.0; LANES]); GROUPS];
        let (step, weight, mask) = Default::default();
        Self { now, step, to: now, weight, mask }
    }
}

impl Moving {
    /// A stem's section stays at some coefficients.
    pub fn stay(&mut self, stem: usize, coefficients: [f32; 6]) {
        for (k, c) in coefficients.into_iter().enumerate() {
            put(&mut self.now[k], stem, c);
            put(&mut self.step[k], stem, 0.0);
            put(&mut self.to[k], stem, c);
        }
    }

    /// Frames pass in which a group is silent and not worked on: its coefficients go on all the same, step by
    /// step, so that no bit depends on what the group's other stems play.
    pub fn skip(&mut self, group: usize, frames: usize) {
        for (now, step) in self.now.iter_mut().zip(&self.step) {
            let (now, step) = (&mut now[group].0, &step[group].0);
            for _ in 0..frames {
                now.iter_mut().zip(step).for_each(|(now, step)| *now += step);
            }
        }
    }

    /// A stem's section moves no more: this form passes it.
    pub fn pass(&mut self, stem: usize) {
        self.stay(stem, [0.0, 0.0, 0.0, 0.0, 0.0, 1.0]);
        put(&mut self.mask, stem, 0.0);
    }
}

impl Default for Bank {
    fn default() -> Self {
        let idle = [2.0, 1.0, 0.0, 0.0].map(|c| Lanes([c; LANES]));
        Self {
            rest: [[idle; GROUPS]; SECTIONS],
            moving: Default::default(),
            state: Default::default(),
            gains: Default::default(),
            weighting: [idle; WEIGHTINGS],
            weighting_state: Default::default(),
            peaks: Default::default(),
            squares: Default::default(),
            products: Default::default(),
            weighted: Default::default(),
            crossed: Default::default(),
        }
    }
}
