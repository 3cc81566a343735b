//! The document's layers on their way to the audio thread: the newest ones, without a lock.

use crate::model::layers::Layers;
use std::sync::atomic::{AtomicU32, Ordering::Acquire, Ordering::Relaxed, Ordering::Release, fence};

/// The newest layers. Whoever writes takes turns by a lock of their own; one audio thread reads.
///
/// | Field | Written by | When |
/// |---|---|---|
/// | `revision` | the writer | odd while `words` are being written, even afterwards |
/// | `words` | the writer | a scene, a group, a role or what was learned has changed |
#[derive(Debug)]
pub struct LayersCell {
    revision: AtomicU32,
    words: Box<[AtomicU32]>,
}

impl Default for LayersCell {
    /// Of a new document.
    fn default() -> Self {
        let words = (0..Layers::NUMBERS).map(|_| AtomicU32::new(0)).collect();
        let cell = Self { revision: AtomicU32::new(0), words };
        cell.set(&Layers::default());
        cell
    }
}

impl LayersCell {
    /// Writer: these are the newest.
    pub fn set(&self, layers: &Layers) {
        let revision = self.revision.load(Relaxed);
        self.revision.store(revision.wrapping_add(1), Relaxed);
        fence(Release); // who sees a new word sees the odd revision
        for (to, number) in self.words.iter().zip(layers.numbers()) {
            to.store(number.to_bits(), Relaxed);
        }
        self.revision.store(revision.wrapping_add(2), Release);
    }

    /// Audio thread: reads the layers if they are newer than those of revision `seen`. False where they are not,
    /// or are being written right now: then the next block finds them.
    pub fn get(&self, seen: &mut u32, layers: &mut Layers) -> bool {
        let revision = self.revision.load(Acquire);
        if revision == *seen || revision % 2 == 1 {
            return false;
        }
        let mut numbers = [0.0; Layers::NUMBERS];
        for (to, word) in numbers.iter_mut().zip(&self.words) {
            *to = f32::from_bits(word.load(Relaxed));
        }
        fence(Acquire);
        if self.revision.load(Relaxed) != revision {
            return false;
        }
        layers.read(&numbers);
        *seen = revision;
        true
    }
}
