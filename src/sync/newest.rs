//! The newest value on its way to the audio thread, without a lock.

use std::sync::atomic::{AtomicU32, Ordering::Acquire, Ordering::Relaxed, Ordering::Release, fence};

/// The newest value, as `N` numbers. Whoever writes takes turns by a lock of their own; one audio thread reads.
///
/// | Field | Written by | When |
/// |---|---|---|
/// | `revision` | the writer | odd while `numbers` are being written, even afterwards |
/// | `numbers` | the writer | the value has changed |
#[derive(Debug)]
pub struct Newest<const N: usize> {
    revision: AtomicU32,
    numbers: Box<[AtomicU32]>,
}

impl<const N: usize> Default for Newest<N> {
    /// Of no value yet.
    fn default() -> Self {
        Self { revision: AtomicU32::new(0), numbers: (0..N).map(|_| AtomicU32::new(0)).collect() }
    }
}

impl<const N: usize> Newest<N> {
    /// Writer: this is the newest.
    pub fn set(&self, numbers: impl IntoIterator<Item = f32>) {
        let revision = self.revision.load(Relaxed);
        self.revision.store(revision.wrapping_add(1), Relaxed);
        fence(Release); // who sees a new number sees the odd revision
        for (to, number) in self.numbers.iter().zip(numbers) {
            to.store(number.to_bits(), Relaxed);
        }
        self.revision.store(revision.wrapping_add(2), Release);
    }

    /// Audio thread: the value, if it is newer than revision `seen`. `None` where it is not, or is being written
    /// right now: then the next block finds it.
    pub fn get(&self, seen: &mut u32) -> Option<[f32; N]> {
        let revision = self.revision.load(Acquire);
        if revision == *seen || revision % 2 == 1 {
            return None;
        }
        let mut numbers = [0.0; N];
        for (to, number) in numbers.iter_mut().zip(&self.numbers) {
            *to = f32::from_bits(number.load(Relaxed));
        }
        fence(Acquire);
        if self.revision.load(Relaxed) != revision {
            return None;
        }
        *seen = revision;
        Some(numbers)
    }
}
