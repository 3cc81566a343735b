//! A ring from the audio thread to one reader. A full ring loses the newest values.

use std::sync::atomic::{AtomicU32, Ordering::Acquire, Ordering::Relaxed, Ordering::Release};

/// A place for one value, of atomics alone: it is written and read without a lock.
pub trait Slot: Default {
    /// What it holds.
    type Value;
    /// Audio thread: writes a value.
    fn put(&self, value: &Self::Value);
    /// Reader: reads it.
    fn get(&self) -> Self::Value;
}

/// Values on their way.
///
/// | Field | Written by | When |
/// |---|---|---|
/// | `slots` | audio thread | a value is ready; only slots the reader has given back |
/// | `pushed` | audio thread | after the slot, with release: who sees the count sees the slot |
/// | `taken` | reader | after it has read the slot, with release: the slot may be written again |
#[derive(Debug)]
pub struct Ring<S> {
    slots: Box<[S]>,
    pushed: AtomicU32,
    taken: AtomicU32,
}

impl<S: Slot> Ring<S> {
    /// A ring of so many slots, at least, rounded up to a power of two: the counters wrap.
    pub fn new(slots: u32) -> Self {
        let slots = (0..slots.next_power_of_two()).map(|_| S::default()).collect();
        Self { slots, pushed: AtomicU32::new(0), taken: AtomicU32::new(0) }
    }

    /// Audio thread: hands a value over. False where there is no room.
    pub fn push(&self, value: &S::Value) -> bool {
        let pushed = self.pushed.load(Relaxed);
        if pushed.wrapping_sub(self.taken.load(Acquire)) as usize >= self.slots.len() {
            return false;
        }
        self.slot(pushed).put(value);
        self.pushed.store(pushed.wrapping_add(1), Release);
        true
    }

    /// Reader: the oldest value not taken yet.
    pub fn take(&self) -> Option<S::Value> {
        let taken = self.taken.load(Relaxed);
        if taken == self.pushed.load(Acquire) {
            return None;
        }
        let value = self.slot(taken).get();
        self.taken.store(taken.wrapping_add(1), Release);
        Some(value)
    }

    /// Reader: forgets what was pushed so far.
    pub fn clear(&self) {
        self.taken.store(self.pushed.load(Acquire), Release);
    }

    fn slot(&self, count: u32) -> &S {
        &self.slots[count as usize % self.slots.len()]
    }
}
