//! What a host's block looks like to the engine.

use crate::model::limits::STEMS;

/// One block of audio, at any length. The frame count is that of `main`'s left side.
pub struct StemBlock<'a> {
    /// Left and right, equally long: stem 1 on entry, the mix afterwards.
    pub main: [&'a mut [f32]; 2],
    /// Stems 2 to 16. A side shorter than the block counts as not connected.
    pub aux: [[&'a [f32]; 2]; STEMS - 1],
    /// Bit k: input k is connected.
    pub connected: u32,
    /// Bit k: the host promises that input k is silent throughout the block. A hint to save work.
    pub silent: u32,
}

impl StemBlock<'_> {
    /// Every input connected, none promised silent.
    pub const ALL: u32 = (1 << STEMS) - 1;

    /// Frames in the block.
    pub fn frames(&self) -> usize {
        self.main[0].len().min(self.main[1].len())
    }

    /// Bit k: input k is connected and as long as the block.
    pub(crate) fn connected(&self) -> u32 {
        let frames = self.frames();
        let mut short = 0;
        for (k, [left, right]) in self.aux.iter().enumerate() {
            short |= u32::from(left.len().min(right.len()) < frames) << (k + 1);
        }
        self.connected & Self::ALL & !short
    }
}
