//! The true peak of one stem, measured while somebody asks for it.

use crate::dsp::true_peak::TruePeak;
use crate::sync::Meters;
use std::sync::Arc;

/// One meter, for one stem after its fader.
pub(super) struct StemPeakMeter {
    meters: Arc<Meters>,
    /// In the block at hand.
    asked: Option<(u32, usize)>,
    /// The question that the meter stands for.
    question: u32,
    true_peak: TruePeak,
}

impl StemPeakMeter {
    pub fn new(meters: Arc<Meters>) -> Self {
        Self { meters, asked: None, question: 0, true_peak: TruePeak::new(48_000.0) }
    }

    /// Sets the sample rate, and begins anew.
    pub fn prepare(&mut self, sample_rate_hz: f64) {
        self.true_peak = TruePeak::new(sample_rate_hz);
    }

    /// Looks, at the beginning of a block, whether somebody asks.
    pub fn look(&mut self) {
        self.asked = self.meters.loudness().stem_peak().asked();
        if let Some((question, _)) = self.asked
            && question != self.question
        {
            self.question = question;
            self.true_peak.reset();
        }
    }

    /// The stem that is asked for.
    pub fn stem(&self) -> Option<usize> {
        self.asked.map(|(_, stem)| stem)
    }

    /// That stem's next frames.
    pub fn hear(&mut self, left: &[f32], right: &[f32]) {
        self.true_peak.process(left, right);
    }

    /// Answers, at the end of a block.
    pub fn publish(&self) {
        if let Some((question, _)) = self.asked {
            let [left, right] = self.true_peak.peaks();
            self.meters.loudness().stem_peak().answer(question, left.max(right));
        }
    }
}
