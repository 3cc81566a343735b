//! What the audio thread measures, for whoever draws it.

use crate::model::limits::STEMS;
use atomic_float::AtomicF32;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// Peaks since they were last taken, and which inputs live. Each field stands alone, so every access
/// is relaxed.
#[derive(Debug, Default)]
pub struct Meters {
    /// Largest magnitude of each stem after its fader, left and right. The audio thread raises it
    /// each block; the reader sets it back to zero when it takes it.
    stems: [[AtomicF32; 2]; STEMS],
    /// The same of the mix after the output gain.
    mix: [AtomicF32; 2],
    /// Bit k: input k is connected. Written by the audio thread each block.
    connected: AtomicU32,
    /// Bit k: input k has carried sound. Written by the audio thread, cleared by [`Self::forget`].
    heard: AtomicU32,
}

impl Meters {
    /// Audio thread: raises a stem's peaks.
    pub fn raise_stem(&self, stem: usize, peaks: [f32; 2]) {
        raise(&self.stems[stem], peaks);
    }

    /// Audio thread: raises the mix's peaks.
    pub fn raise_mix(&self, peaks: [f32; 2]) {
        raise(&self.mix, peaks);
    }

    /// Audio thread: which inputs are connected in this block, and which carried sound in it.
    pub fn set_inputs(&self, connected: u32, sounding: u32) {
        self.connected.store(connected, Relaxed);
        if self.heard.load(Relaxed) & sounding != sounding {
            self.heard.fetch_or(sounding, Relaxed);
        }
    }

    /// Reader: a stem's largest magnitudes (left, right) since this was last asked, linear.
    pub fn take_stem(&self, stem: usize) -> [f32; 2] {
        self.stems[stem].each_ref().map(|p| p.swap(0.0, Relaxed))
    }

    /// Reader: the same of the mix.
    pub fn take_mix(&self) -> [f32; 2] {
        self.mix.each_ref().map(|p| p.swap(0.0, Relaxed))
    }

    /// Bit k: input k is connected.
    pub fn connected(&self) -> u32 {
        self.connected.load(Relaxed)
    }

    /// Bit k: input k has carried sound since [`Self::forget`].
    pub fn heard(&self) -> u32 {
        self.heard.load(Relaxed)
    }

    /// Starts anew, as after loading a state.
    pub fn forget(&self) {
        self.heard.store(0, Relaxed);
    }
}

/// Not a compare-and-swap loop: if the reader takes the peak in between, it sees it twice.
fn raise(to: &[AtomicF32; 2], peaks: [f32; 2]) {
    for (to, peak) in to.iter().zip(peaks) {
        if peak > to.load(Relaxed) {
            to.store(peak, Relaxed);
        }
    }
}
