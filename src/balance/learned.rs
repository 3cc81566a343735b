//! What was learned of a song while it played.

use super::condense::condense;
use super::song::{BLOCK_S, HOP_S, Song, make_sane};
use crate::model::learned::{PAIRS, Record, StemLoudness, Summary, pair};
use crate::model::limits::STEMS;

/// Records of 10 ms in a hop, hops in a block.
const SLOTS_PER_HOP: usize = 10;
const HOPS_PER_BLOCK: usize = (BLOCK_S / HOP_S) as usize;
/// Room for so many blocks is made at a time: a minute.
const CHUNK: usize = 600;
/// A block in which every stem is below this (-110 dB) is a pause, and not kept.
const AUDIBLE: f32 = 1e-11;

/// The blocks of a song, gathered from energies at the learn tap (after pan, before the fader, referred to
/// a trim of 0 dB), of all pairs of stems.
///
/// It allocates as it grows, a minute at a time and 5 MB in all: feed it off the audio thread.
#[derive(Clone, Debug)]
pub struct Learned {
    blocks: Vec<Record>,
    /// Sum of the slots of the hop at hand, and how many they are.
    hop: [f64; PAIRS],
    slots: usize,
    /// The last hops, the latest last, and how many of them follow each other.
    hops: [[f64; PAIRS]; HOPS_PER_BLOCK],
    whole_hops: usize,
}

impl Default for Learned {
    fn default() -> Self {
        Self {
            blocks: Vec::new(),
            hop: [0.0; PAIRS],
            slots: 0,
            hops: [[0.0; PAIRS]; HOPS_PER_BLOCK],
            whole_hops: 0,
        }
    }
}

impl Learned {
    /// Blocks that are kept: 15 minutes of sound.
    pub const MAX_BLOCKS: usize = Summary::MAX_BLOCKS as usize;
    /// The same in seconds.
    pub const MAX_S: f32 = 900.0;
    /// Seconds of sound that are enough to balance a song.
    pub const ENOUGH_S: f32 = 15.0;

    /// Takes the means over the next 10 ms. What cannot be an energy is silent; pauses of all stems take no
    /// room. False once it is full: then nothing is taken any more.
    pub fn push(&mut self, slot: &Record) -> bool {
        if self.is_full() {
            return false;
        }
        let mut slot = *slot;
        make_sane(&mut slot);
        self.hop.iter_mut().zip(slot).for_each(|(sum, mean)| *sum += f64::from(mean));
        self.slots += 1;
        if self.slots == SLOTS_PER_HOP {
            self.end_hop();
        }
        true
    }

    fn end_hop(&mut self) {
        self.hops.rotate_left(1);
        self.hops[HOPS_PER_BLOCK - 1] = std::mem::replace(&mut self.hop, [0.0; PAIRS]);
        self.slots = 0;
        self.whole_hops = (self.whole_hops + 1).min(HOPS_PER_BLOCK);
        if self.whole_hops < HOPS_PER_BLOCK {
            return;
        }
        let slots = (HOPS_PER_BLOCK * SLOTS_PER_HOP) as f64;
        let mut block: Record =
            std::array::from_fn(|at| (self.hops.iter().map(|hop| hop[at]).sum::<f64>() / slots) as f32);
        make_sane(&mut block); // rounding may leave full coherence behind
        if (0..STEMS).any(|stem| block[pair(stem, stem)] > AUDIBLE) {
            if self.blocks.len() == self.blocks.capacity() {
                self.blocks.reserve_exact(CHUNK.min(Self::MAX_BLOCKS - self.blocks.len()));
            }
            self.blocks.push(block);
        }
    }

    /// The next record does not follow the last: the song was stopped, or goes on elsewhere.
    pub fn break_off(&mut self) {
        self.hop = [0.0; PAIRS];
        self.slots = 0;
        self.whole_hops = 0;
    }

    /// Whether nothing more is taken.
    pub fn is_full(&self) -> bool {
        self.blocks.len() >= Self::MAX_BLOCKS
    }

    /// Seconds of sound so far.
    pub fn seconds(&self) -> f32 {
        if self.blocks.is_empty() { 0.0 } else { self.blocks.len() as f32 * HOP_S + BLOCK_S - HOP_S }
    }

    /// How much of [`Self::ENOUGH_S`] has been heard, 0 to 1.
    pub fn progress(&self) -> f32 {
        (self.seconds() / Self::ENOUGH_S).min(1.0)
    }

    /// How loud every stem is, and for how many seconds it has sounded: the more, the surer. Looks at all
    /// blocks; a few times per second is often enough.
    pub fn stems(&self) -> [StemLoudness; STEMS] {
        *self.song().stems()
    }

    /// What the solver needs.
    pub fn song(&self) -> Song<'_> {
        Song::of_blocks(&self.blocks)
    }

    /// What a document keeps of it. Long songs take a moment: not for a thread that draws.
    pub fn summary(&self) -> Summary {
        condense(&self.blocks)
    }
}
