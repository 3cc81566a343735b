//! The true peak of one stem, for whoever asks for it.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};

/// Bits of a question that name the stem: its index and one, or 0 for none. Those above count the questions.
const STEM_BITS: u32 = 8;

/// The stem whose true peak somebody wants, and what it has come to.
///
/// An answer carries its question, so that one to an older question is not taken for it. Each of the two
/// fields is whole in itself, so every access is relaxed.
#[derive(Debug, Default)]
pub struct StemPeak {
    /// Written by the editor, read by the audio thread.
    question: AtomicU32,
    /// The question above the bits of the largest true peak since it was asked, linear. Written by the audio
    /// thread.
    answer: AtomicU64,
}

impl StemPeak {
    /// Editor: wants to know of a stem (0 to 15) from now on, or of none. Where it was asked for already, it
    /// goes on.
    pub fn ask(&self, stem: Option<usize>) {
        let question = self.question.load(Relaxed);
        if self::stem(question) != stem {
            self.put(question, stem);
        }
    }

    /// Editor: lets the peak begin anew.
    pub fn reset(&self) {
        let question = self.question.load(Relaxed);
        self.put(question, self::stem(question));
    }

    fn put(&self, last: u32, stem: Option<usize>) {
        let count = (last >> STEM_BITS).wrapping_add(1);
        self.question.store(count << STEM_BITS | stem.map_or(0, |stem| stem as u32 + 1), Relaxed);
    }

    /// Audio thread: what is asked, and of which stem; none where nobody asks.
    pub fn asked(&self) -> Option<(u32, usize)> {
        let question = self.question.load(Relaxed);
        Some((question, self::stem(question)?))
    }

    /// Audio thread: answers a question with a peak, linear.
    pub fn answer(&self, question: u32, peak: f32) {
        self.answer.store(u64::from(question) << 32 | u64::from(peak.to_bits()), Relaxed);
    }

    /// Editor: the stem's largest true peak since it was asked for, in dBTP, after its fader. None where it is
    /// not measured (yet).
    pub fn dbtp(&self, stem: usize) -> Option<f32> {
        let question = self.question.load(Relaxed);
        let answer = self.answer.load(Relaxed);
        let is_of_it = self::stem(question) == Some(stem) && (answer >> 32) as u32 == question;
        is_of_it.then(|| 20.0 * f32::from_bits(answer as u32).log10())
    }
}

fn stem(question: u32) -> Option<usize> {
    (question & ((1 << STEM_BITS) - 1)).checked_sub(1).map(|stem| stem as usize)
}
