//! A song as the solver looks at it.

use super::gating::{ABSOLUTE_GATE_LUFS, Block, integrated_lufs};
use crate::model::learned::{Record, StemLoudness, Summary, pair, quadratic};
use crate::model::limits::STEMS;
use std::borrow::Cow;

/// Length of a block and time from one to the next, in seconds.
pub const BLOCK_S: f32 = 0.4;
/// See [`BLOCK_S`].
pub const HOP_S: f32 = 0.1;

/// Louder than any input (60 dB above full scale): keeps sums finite.
const MAX_ENERGY: f32 = 1e6;

/// Blocks of 400 ms with the energies of sixteen stems and their cross energies at a gain of 0 dB.
#[derive(Clone, Debug)]
pub struct Song<'a> {
    records: Cow<'a, [Record]>,
    /// Weight and spread in dB of each record; empty where each is one block.
    shapes: Vec<[f64; 2]>,
    stems: [StemLoudness; STEMS],
}

impl Song<'static> {
    /// A song of blocks, 100 ms from one to the next. What cannot be an energy is silent.
    pub fn new(mut records: Vec<Record>) -> Self {
        records.iter_mut().for_each(make_sane);
        let stems = std::array::from_fn(|stem| loudness(&records, stem));
        Self { records: records.into(), shapes: Vec::new(), stems }
    }
}

impl<'a> Song<'a> {
    /// A song of sane blocks.
    pub(super) fn of_blocks(records: &'a [Record]) -> Self {
        let stems = std::array::from_fn(|stem| loudness(records, stem));
        Self { records: records.into(), shapes: Vec::new(), stems }
    }

    /// Every stem's own loudness.
    pub fn stems(&self) -> &[StemLoudness; STEMS] {
        &self.stems
    }

    /// Predicted loudness in LUFS of the sum of the stems at these gains (linear), before the output's gain.
    pub fn loudness_lufs(&self, gains: &[f64; STEMS]) -> f64 {
        let blocks: Vec<Block> = self.blocks().map(|(record, block)| mixed(record, gains, block)).collect();
        integrated_lufs(blocks.iter().copied())
    }

    /// The records with their weights and spreads; powers are 0.
    pub(super) fn blocks(&self) -> impl Iterator<Item = (&Record, Block)> {
        self.records.iter().enumerate().map(|(at, record)| {
            let [weight, spread_db] = self.shapes.get(at).copied().unwrap_or([1.0, 0.0]);
            (record, Block { power: 0.0, weight, spread_db })
        })
    }
}

impl From<&Summary> for Song<'static> {
    fn from(summary: &Summary) -> Self {
        let mut records = Vec::new();
        let mut shapes = Vec::new();
        for (group, level) in summary.groups.iter().flat_map(|g| g.levels.iter().map(move |l| (g, l))) {
            records.push(group.record(level));
            shapes.push([f64::from(level.blocks), f64::from(Summary::spread_db(level.spread))]);
        }
        Self { records: records.into(), shapes, stems: summary.stems }
    }
}

/// The block with the power of the sum at these gains (linear).
pub fn mixed(record: &Record, gains: &[f64; STEMS], block: Block) -> Block {
    Block { power: quadratic(record, gains), ..block }
}

fn loudness(records: &[Record], stem: usize) -> StemLoudness {
    let at = pair(stem, stem);
    let blocks = records.iter().map(|r| Block { power: f64::from(r[at]), weight: 1.0, spread_db: 0.0 });
    let gate = super::gating::gate(blocks.clone());
    let lufs = integrated_lufs(blocks.clone());
    let active = blocks.filter(|block| block.power > gate).count();
    if lufs <= ABSOLUTE_GATE_LUFS {
        return StemLoudness::default();
    }
    StemLoudness { lufs: lufs as f32, active_s: active as f32 * HOP_S + BLOCK_S - HOP_S }
}

/// Makes energies of what was measured: finite, not negative, and no cross energy beyond full coherence.
pub fn make_sane(record: &mut Record) {
    for stem in 0..STEMS {
        let energy = &mut record[pair(stem, stem)];
        *energy = if *energy > 0.0 { energy.min(MAX_ENERGY) } else { 0.0 };
    }
    for a in 0..STEMS {
        for b in a + 1..STEMS {
            let most = (record[pair(a, a)] * record[pair(b, b)]).sqrt();
            let cross = &mut record[pair(a, b)];
            *cross = if cross.is_nan() { 0.0 } else { cross.clamp(-most, most) };
        }
    }
}
