//! The meter of EBU Tech 3341 and 3342.

use super::histogram::Histogram;
use super::lufs;

/// Slots of 10 ms in the 400 ms of momentary loudness, which are also a block of integrated loudness.
const MOMENTARY_SLOTS: usize = 40;
/// Slots from one block of integrated loudness to the next, and from one short-term loudness to the next.
const HOP_SLOTS: usize = 10;
/// Hops in the 3 s of short-term loudness.
const SHORT_TERM_HOPS: usize = 30;
/// Relative gates of integrated loudness (BS.1770) and of the range (Tech 3342).
const INTEGRATED_GATE_LU: f64 = -10.0;
const RANGE_GATE_LU: f64 = -20.0;
/// The quietest and the loudest parts that the range leaves out, as shares (Tech 3342).
const RANGE: [f64; 2] = [0.1, 0.95];
/// Lower powers (-500 LUFS) are silence.
const SILENCE: f64 = 1e-50;

/// Loudness of one signal: momentary, short-term, integrated, range. It is fed with one power for every 10 ms
/// and takes the same memory, and no time to speak of, however long it runs. It does not allocate. No sum
/// runs on from slot to slot, so nothing drifts.
#[derive(Clone, Debug)]
pub struct LoudnessMeter {
    /// The last 400 ms, a ring.
    slots: [f64; MOMENTARY_SLOTS],
    /// Sums over ten slots of the last 3 s, a ring.
    hops: [f64; SHORT_TERM_HOPS],
    slots_measured: u64,
    momentary_max: f64,
    short_term_max: f64,
    /// Every 400 ms, and every 3 s, from hop to hop.
    blocks: Histogram,
    short_terms: Histogram,
    is_incomplete: bool,
}

const _: () = assert!(size_of::<LoudnessMeter>() <= 16 * 1024);

impl Default for LoudnessMeter {
    fn default() -> Self {
        Self::new()
    }
}

impl LoudnessMeter {
    /// Nothing measured.
    pub const fn new() -> Self {
        Self {
            slots: [0.0; MOMENTARY_SLOTS],
            hops: [0.0; SHORT_TERM_HOPS],
            slots_measured: 0,
            momentary_max: 0.0,
            short_term_max: 0.0,
            blocks: Histogram::EMPTY,
            short_terms: Histogram::EMPTY,
            is_incomplete: false,
        }
    }

    /// Begins anew.
    pub fn reset(&mut self) {
        *self = Self::new();
    }

    /// The next 10 ms: the K weighted mean square of all channels together. What is no number, or below
    /// nothing, counts as silence.
    pub fn push(&mut self, power: f64) {
        let at = (self.slots_measured % MOMENTARY_SLOTS as u64) as usize;
        self.slots[at] = if (SILENCE..f64::INFINITY).contains(&power) { power } else { 0.0 };
        self.slots_measured += 1;
        let momentary = self.momentary();
        self.momentary_max = self.momentary_max.max(momentary.unwrap_or(0.0));
        if self.slots_measured.is_multiple_of(HOP_SLOTS as u64) {
            let hop = (self.slots_measured / HOP_SLOTS as u64 - 1) % SHORT_TERM_HOPS as u64;
            self.hops[hop as usize] = self.slots[at + 1 - HOP_SLOTS..=at].iter().sum();
            if let Some(power) = momentary {
                self.blocks.add(power);
            }
            if let Some(power) = self.short_term() {
                self.short_term_max = self.short_term_max.max(power);
                self.short_terms.add(power);
            }
        }
    }

    /// Says that slots were lost before the next one: until [`Self::reset`] the meter is marked.
    pub fn lose_slots(&mut self) {
        self.is_incomplete = true;
    }

    /// Whether slots were lost.
    pub fn is_incomplete(&self) -> bool {
        self.is_incomplete
    }

    /// How long it has measured, in seconds.
    pub fn measured_s(&self) -> f64 {
        self.slots_measured as f64 / 100.0
    }

    /// Loudness of the last 400 ms in LUFS, renewed every 10 ms; minus infinity before they are full.
    pub fn momentary_lufs(&self) -> f64 {
        lufs(self.momentary().unwrap_or(0.0))
    }

    /// The highest momentary loudness in LUFS; minus infinity if there was none.
    pub fn momentary_max_lufs(&self) -> f64 {
        lufs(self.momentary_max)
    }

    /// Loudness of the last 3 s in LUFS, renewed every 100 ms; minus infinity before they are full.
    pub fn short_term_lufs(&self) -> f64 {
        lufs(self.short_term().unwrap_or(0.0))
    }

    /// The highest short-term loudness in LUFS; minus infinity if there was none.
    pub fn short_term_max_lufs(&self) -> f64 {
        lufs(self.short_term_max)
    }

    /// Loudness of all that was measured in LUFS, by blocks of 400 ms of which those at or below -70 LUFS are
    /// left out, then those 10 LU or more below the mean of the rest (BS.1770-5, annex 1). Minus infinity
    /// where nothing is left.
    pub fn integrated_lufs(&self) -> f64 {
        let gated = self.blocks.all().mean_lufs().map(|mean| self.blocks.above(mean + INTEGRATED_GATE_LU));
        gated.and_then(|blocks| blocks.mean_lufs()).unwrap_or(f64::NEG_INFINITY)
    }

    /// Loudness range in LU (EBU Tech 3342): from the 10th to the 95th percentile of short-term loudness,
    /// taken every 100 ms and gated at -70 LUFS and 20 LU below the mean. None where there is none yet.
    pub fn range_lu(&self) -> Option<f64> {
        let mean = self.short_terms.all().mean_lufs()?;
        let count = self.short_terms.above(mean + RANGE_GATE_LU).count;
        let [low, high] = RANGE.map(|share| self.short_terms.percentile_lufs(count, share));
        Some(high - low)
    }

    fn momentary(&self) -> Option<f64> {
        let is_full = self.slots_measured >= MOMENTARY_SLOTS as u64;
        is_full.then(|| self.slots.iter().sum::<f64>() / MOMENTARY_SLOTS as f64)
    }

    fn short_term(&self) -> Option<f64> {
        let is_full = self.slots_measured >= (SHORT_TERM_HOPS * HOP_SLOTS) as u64;
        is_full.then(|| self.hops.iter().sum::<f64>() / (SHORT_TERM_HOPS * HOP_SLOTS) as f64)
    }
}
