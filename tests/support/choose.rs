//! Where a harness takes its choices from: seeded random numbers in the tests, a fuzzer's bytes in
//! `tests/fuzz`.

use super::random::Random;

/// A source of choices.
pub trait Choose {
    /// From 0 up to, but not including, `end`.
    fn below(&mut self, end: usize) -> usize;

    /// From `min` to `max`.
    fn between(&mut self, min: f32, max: f32) -> f32;

    /// The content of a file or of a saved state: one of the originals, damaged, or whatever else a
    /// fuzzer has come to.
    fn bytes(&mut self, originals: &[&[u8]]) -> Vec<u8>;

    /// Whether there is more to do; false sooner or later.
    fn goes_on(&mut self) -> bool;

    /// One of these.
    fn one_of<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }
}

impl Choose for Random {
    fn below(&mut self, end: usize) -> usize {
        Random::below(self, end)
    }

    fn between(&mut self, min: f32, max: f32) -> f32 {
        Random::between(self, min, max)
    }

    fn bytes(&mut self, originals: &[&[u8]]) -> Vec<u8> {
        let mut bytes = self.one_of(originals).to_vec();
        // Every other time near the start, where a format says what it is.
        let reach = if self.below(2) == 0 { 100 } else { usize::MAX };
        for _ in 0..1 + self.below(4) {
            damage(&mut bytes, reach, self);
        }
        bytes
    }

    fn goes_on(&mut self) -> bool {
        self.below(300) > 0
    }
}

/// Changes one thing about `bytes`, before `reach`.
fn damage(bytes: &mut Vec<u8>, reach: usize, random: &mut Random) {
    const TOKENS: &[u8] = b"\"{}[],:.-+eE0919nulltrueNaN \\u\0\xFF\xF0\xC3";
    let Some(last) = bytes.len().min(reach).checked_sub(1) else { return };
    let at = random.below(last + 1);
    let part = at..bytes.len().min(at + 1 + random.below(30));
    match random.below(9) {
        0 => bytes[at] ^= 1 << random.below(8),
        1 => bytes[at] = random.bits() as u8,
        2 => bytes[at] = random.one_of(TOKENS),
        3 => bytes.insert(at, random.one_of(TOKENS)),
        4 => bytes.truncate(at),
        5 => drop(bytes.drain(part)),
        6 => bytes[part].fill(random.one_of(&[0, 0xFF])),
        _ => {
            let copy = bytes[part].to_vec();
            let to = random.below(last + 1);
            bytes.splice(to..to, copy);
        }
    }
}

/// What a fuzzer hands in: choices are taken from the front, and content is all that is left.
pub struct Bytes<'a>(pub &'a [u8]);

impl Bytes<'_> {
    /// The next byte, zero after the last.
    fn next(&mut self) -> usize {
        self.0.split_off_first().map_or(0, |byte| usize::from(*byte))
    }
}

impl Choose for Bytes<'_> {
    fn below(&mut self, end: usize) -> usize {
        let high = if end > 256 { self.next() << 8 } else { 0 };
        (high | self.next()) % end
    }

    fn between(&mut self, min: f32, max: f32) -> f32 {
        let unit = self.below(1 << 16) as f32 / f32::from(u16::MAX);
        min + (max - min) * unit
    }

    fn bytes(&mut self, _: &[&[u8]]) -> Vec<u8> {
        std::mem::take(&mut self.0).to_vec()
    }

    fn goes_on(&mut self) -> bool {
        !self.0.is_empty()
    }
}
