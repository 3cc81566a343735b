//! Which parameters changed since the audio thread last looked.

use crate::model::limits::ParamKey;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bits in a word.
const BITS: usize = u64::BITS as usize;
/// Room for this many parameters.
const CAPACITY: usize = 8 * BITS;
const _: () = assert!(ParamKey::COUNT <= CAPACITY);

/// One bit for each parameter.
///
/// Any thread that changes a parameter marks it *after* storing the value; the audio thread takes the
/// marks *before* reading the values. So a value is never missed, at worst read twice.
#[derive(Debug, Default)]
pub struct Changes([AtomicU64; CAPACITY / BITS]);

impl Changes {
    /// Marks the parameter with this index. An index past the last is ignored.
    pub fn mark(&self, index: usize) {
        if let Some(word) = self.0.get(index / BITS) {
            word.fetch_or(1 << (index % BITS), Ordering::Release);
        }
    }

    /// Audio thread: calls `changed` with every marked index, once, and takes the marks away.
    pub fn take(&self, mut changed: impl FnMut(usize)) {
        for (at, word) in self.0.iter().enumerate() {
            if word.load(Ordering::Relaxed) == 0 {
                continue; // nearly always: no read-modify-write then
            }
            let mut bits = word.swap(0, Ordering::Acquire);
            while bits != 0 {
                changed(at * BITS + bits.trailing_zeros() as usize);
                bits &= bits - 1;
            }
        }
    }
}
