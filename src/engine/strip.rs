//! One stem's way through the engine:
//!
//! sanitise -> delay -> tone -> polarity, trim, width, pan (one matrix) -> fader, mute, solo (one gain)
//!
//! The delay stands first so that a change of any gain is heard at the frame it is made for, however
//! long the stem is delayed; in a strip that stands still the order changes nothing, and so it does not
//! matter either that trim and polarity come after the tone.

use super::CHUNK;
use super::resolve::StripTarget;
use super::tone::Tone;
use crate::dsp::delay::StereoDelay;
use crate::dsp::smooth::TwoPole;

/// The stem's gains and its delay line.
#[derive(Clone, Debug, Default)]
pub struct Strip {
    delay: StereoDelay,
    tone: Tone,
    matrix: [TwoPole; 4],
    level: TwoPole,
}

impl Strip {
    /// Makes room for delays up to `longest` frames. Allocates.
    pub fn prepare(&mut self, longest: usize, sample_rate_hz: f64) {
        self.delay.prepare(longest);
        self.tone.prepare(sample_rate_hz);
    }

    /// Clears what sounds and jumps to the targets.
    pub fn reset(&mut self) {
        self.delay.reset();
        self.tone.reset();
        self.land();
    }

    /// Jumps to the targets.
    pub fn land(&mut self) {
        self.delay.land();
        self.tone.land();
        self.matrix.iter_mut().for_each(TwoPole::land);
        self.level.land();
    }

    /// Sets new targets from the next frame on.
    pub fn aim(&mut self, target: &StripTarget) {
        self.delay.aim(target.delay_frames);
        self.tone.aim(&target.tone);
        for (gain, to) in self.matrix.iter_mut().zip(target.matrix) {
            gain.aim(to);
        }
        self.level.aim(target.level);
    }

    /// Whether the stem can be heard at all when its input is silent.
    pub fn is_ringing(&self) -> bool {
        self.delay.is_ringing() || self.tone.is_ringing()
    }

    /// A control tick.
    pub fn tick(&mut self) {
        self.tone.tick();
    }

    /// Lets time pass while there is nothing to hear.
    pub fn skip(&mut self, pole: f64, frames: usize) {
        self.delay.skip(pole, frames);
        self.tone.skip(pole, frames);
        for gain in self.matrix.iter_mut().chain([&mut self.level]) {
            gain.skip(pole, frames);
        }
    }

    /// Turns sanitised input into the stem's part of the mix, in place. At most [`CHUNK`] frames, the
    /// first of which is `at` frames after a tick, and none beyond the next.
    pub fn process(&mut self, pole: f64, at: usize, left: &mut [f32], right: &mut [f32]) {
        self.delay.process(pole, left, right);
        self.tone.process(pole, at, left, right);
        let frames = left.len();
        let mut gains = [[0.0f32; CHUNK]; 5];
        for (out, gain) in gains.iter_mut().zip(self.matrix.iter_mut().chain([&mut self.level])) {
            gain.fill(pole, &mut out[..frames]);
        }
        let [ll, lr, rl, rr, level] = &gains;
        for i in 0..frames {
            let (l, r) = (left[i], right[i]);
            left[i] = level[i] * (ll[i] * l + lr[i] * r);
            right[i] = level[i] * (rl[i] * l + rr[i] * r);
        }
    }
}
