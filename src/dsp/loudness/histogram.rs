//! Loudness values of any number in constant memory.

use super::lufs;

/// Values at and below this level are not counted: the absolute gate of BS.1770.
const GATE_LUFS: f64 = -70.0;
const BINS_PER_LU: f64 = 8.0;
/// Up to +5 LUFS; what is louder lies in the last bin.
const BINS: usize = 600;

/// Powers sorted by their level into bins of an eighth of an LU. A bin knows how many they are and what they
/// add up to, so that a mean is exact but for the values in the one bin that a gate cuts through.
#[derive(Clone, Debug)]
pub struct Histogram {
    counts: [u32; BINS],
    powers: [f64; BINS],
}

/// Some values of a histogram.
#[derive(Clone, Copy, Debug)]
pub struct Kept {
    /// How many.
    pub count: u64,
    /// What they add up to.
    power: f64,
}

impl Kept {
    /// Level of their mean; None of none.
    pub fn mean_lufs(self) -> Option<f64> {
        (self.count > 0).then(|| lufs(self.power / self.count as f64))
    }
}

impl Histogram {
    /// With no values.
    pub const EMPTY: Self = Self { counts: [0; BINS], powers: [0.0; BINS] };

    /// Takes a K weighted mean square.
    pub fn add(&mut self, power: f64) {
        let level_lufs = lufs(power);
        if level_lufs > GATE_LUFS {
            let bin = bin(level_lufs);
            self.counts[bin] += 1;
            self.powers[bin] += power;
        }
    }

    /// The values above a level in LUFS.
    pub fn above(&self, gate_lufs: f64) -> Kept {
        let at = bin(gate_lufs);
        let count: u64 = self.counts[at + 1..].iter().map(|n| u64::from(*n)).sum();
        let power: f64 = self.powers[at + 1..].iter().sum();
        let in_bin = f64::from(self.counts[at]);
        let kept = match self.span(at) {
            None => 0.0,
            Some((mean, 0.0)) => f64::from(u8::from(mean > gate_lufs)) * in_bin,
            Some((mean, reach)) => {
                (in_bin * (0.5 + (mean - gate_lufs) / (2.0 * reach)).clamp(0.0, 1.0)).round()
            }
        };
        let power_in_bin = if kept > 0.0 { self.powers[at] * kept / in_bin } else { 0.0 };
        Kept { count: count + kept as u64, power: power + power_in_bin }
    }

    /// All values.
    pub fn all(&self) -> Kept {
        self.above(GATE_LUFS)
    }

    /// The level in LUFS below which `share` of the values above a gate lie; `count` is how many these are,
    /// of [`Self::above`], and not zero.
    pub fn percentile_lufs(&self, count: u64, share: f64) -> f64 {
        // From above, because the gate cuts off what lies below.
        let from_above = count - 1 - ((count - 1) as f64 * share).round() as u64;
        let mut above = 0;
        for bin in (0..BINS).rev() {
            let in_bin = u64::from(self.counts[bin]);
            if let Some((mean, reach)) = self.span(bin)
                && from_above < above + in_bin
            {
                let place = ((from_above - above) as f64 + 0.5) / in_bin as f64;
                return mean + reach * (1.0 - 2.0 * place);
            }
            above += in_bin;
        }
        GATE_LUFS
    }

    /// Where the values of a bin are taken to lie: evenly around their mean (in LUFS), up to the nearer edge
    /// of the bin (in LU). A bin with nothing beside it is of a steady sound: all of it lies at its mean.
    fn span(&self, bin: usize) -> Option<(f64, f64)> {
        let count = self.counts[bin];
        let mean = (count > 0).then(|| lufs(self.powers[bin] / f64::from(count)))?;
        let beside = |step: isize| bin.checked_add_signed(step).and_then(|bin| self.counts.get(bin));
        let is_alone = [-1, 1].into_iter().all(|step| beside(step).is_none_or(|n| *n == 0));
        let low_edge = GATE_LUFS + bin as f64 / BINS_PER_LU;
        let reach = (mean - low_edge).min(low_edge + 1.0 / BINS_PER_LU - mean);
        Some((mean, if is_alone || count == 1 { 0.0 } else { reach.max(0.0) }))
    }
}

fn bin(level_lufs: f64) -> usize {
    // Below zero and beyond the last the cast and the minimum put it at the end.
    (((level_lufs - GATE_LUFS) * BINS_PER_LU) as usize).min(BINS - 1)
}
