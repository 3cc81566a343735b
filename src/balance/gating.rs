//! Gated loudness after ITU-R BS.1770-5, of blocks that may stand for many.

use crate::dsp::loudness::lufs;

/// Blocks at and below this are silence.
pub const ABSOLUTE_GATE_LUFS: f64 = -70.0;
/// Blocks this far and further below the mean of the others are pauses.
pub const RELATIVE_GATE_LU: f64 = -10.0;

/// Spreads below this, in dB, are none.
const NO_SPREAD_DB: f64 = 0.01;

/// A block, or many about as loud.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Block {
    /// Mean square of all channels together, K weighted.
    pub power: f64,
    /// Blocks it stands for.
    pub weight: f64,
    /// Standard deviation of their levels in dB.
    pub spread_db: f64,
}

/// What of a block passes a gate, 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Passing {
    /// Share of its blocks.
    pub blocks: f64,
    /// Share of its energy.
    pub energy: f64,
}

/// The mean square of a loudness, the inverse of [`lufs`].
pub fn power(loudness_lufs: f64) -> f64 {
    10f64.powf((loudness_lufs + 0.691) / 10.0)
}

impl Block {
    /// What of it is louder than `gate`, a mean square. One block passes or does not; many are taken for
    /// normally distributed in dB, so that a gate that moves through them does not cut them off at once.
    pub fn passing(&self, gate: f64) -> Passing {
        if self.spread_db < NO_SPREAD_DB || self.power <= 0.0 {
            let share = if self.power > gate { 1.0 } else { 0.0 };
            return Passing { blocks: share, energy: share };
        }
        // Of a log-normal variable: with s the deviation in nepers of power, the mean is s/2 deviations
        // above the median, and the energy is distributed as the variable, s deviations higher.
        let s = self.spread_db * std::f64::consts::LN_10 / 10.0;
        let above = (self.power / gate).ln() / s;
        Passing { blocks: normal_cdf(above - 0.5 * s), energy: normal_cdf(above + 0.5 * s) }
    }
}

/// The normal distribution, within 2e-4 (Page 1977, a logistic function of a cubic).
fn normal_cdf(x: f64) -> f64 {
    1.0 / (1.0 + (-x * (1.5976 + 0.070_565_992 * x * x)).exp())
}

/// Mean square of what is louder than `gate`; 0 where nothing is.
fn mean_above(blocks: impl Iterator<Item = Block>, gate: f64) -> f64 {
    let (mut energy, mut weight) = (0.0, 0.0);
    for block in blocks {
        let passing = block.passing(gate);
        energy += block.weight * passing.energy * block.power;
        weight += block.weight * passing.blocks;
    }
    // Less than a thousandth of a block is the tail of a distribution.
    if weight > 1e-3 { energy / weight } else { 0.0 }
}

/// The gate that [`integrated_lufs`] ends with, as a mean square.
pub fn gate(blocks: impl Iterator<Item = Block> + Clone) -> f64 {
    let absolute = power(ABSOLUTE_GATE_LUFS);
    let mean = mean_above(blocks, absolute);
    absolute.max(mean * 10f64.powf(RELATIVE_GATE_LU / 10.0))
}

/// Integrated loudness in LUFS; minus infinity where nothing passes.
pub fn integrated_lufs(blocks: impl Iterator<Item = Block> + Clone) -> f64 {
    lufs(mean_above(blocks.clone(), gate(blocks)))
}
