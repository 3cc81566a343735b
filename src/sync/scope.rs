//! The sound of one stem on its way to whoever looks at it.

use atomic_float::AtomicF32;
use std::sync::atomic::{AtomicUsize, Ordering::*};

/// The last frames of one stem's input, both sides added up halves, in a ring.
///
/// The editor says which stem it looks at; the audio thread then writes that one, and nothing while nobody
/// looks. The reader may catch a ring that is being overwritten: it looks again in a thirtieth of a second.
#[derive(Debug)]
pub struct Scope {
    /// The stem's index and one, or 0. Written by the editor, read by the audio thread.
    wanted: AtomicUsize,
    /// Written by the audio thread.
    ring: Box<[AtomicF32]>,
    /// Frames written since the stem was chosen. Written by the audio thread, set to 0 by the editor.
    written: AtomicUsize,
}

impl Scope {
    /// Frames in the ring.
    pub const FRAMES: usize = 8192;

    /// Editor: looks at a stem (0 to 15), or at none.
    pub fn look_at(&self, stem: Option<usize>) {
        let wanted = stem.map_or(0, |stem| stem + 1);
        if self.wanted.swap(wanted, Relaxed) != wanted {
            self.written.store(0, Release);
        }
    }

    /// Audio thread: the stem that is looked at.
    pub fn wanted(&self) -> Option<usize> {
        self.wanted.load(Relaxed).checked_sub(1)
    }

    /// Audio thread: its next frames; none of a side that is missing.
    pub fn write(&self, frames: usize, left: &[f32], right: &[f32]) {
        let start = self.written.load(Relaxed);
        for i in 0..frames {
            let at = |side: &[f32]| side.get(i).copied().unwrap_or(0.0);
            let frame = 0.5 * (at(left) + at(right));
            self.ring[(start + i) % Self::FRAMES].store(frame, Relaxed);
        }
        self.written.store(start.wrapping_add(frames), Release);
    }

    /// Editor: the last frames, oldest first; false where there are fewer so far.
    pub fn read(&self, last: &mut [f32]) -> bool {
        let written = self.written.load(Acquire);
        if written < last.len() || last.len() > Self::FRAMES {
            return false;
        }
        let start = written - last.len();
        for (i, frame) in last.iter_mut().enumerate() {
            *frame = self.ring[(start + i) % Self::FRAMES].load(Relaxed);
        }
        true
    }

    /// Frames written so far.
    pub fn written(&self) -> usize {
        self.written.load(Acquire)
    }
}

impl Default for Scope {
    fn default() -> Self {
        let ring = (0..Self::FRAMES).map(|_| AtomicF32::new(0.0)).collect();
        Self { wanted: AtomicUsize::new(0), ring, written: AtomicUsize::new(0) }
    }
}
