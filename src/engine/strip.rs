//! One stem's way through the engine:
//!
//! sanitise -> delay -> polarity, trim, width, pan (one matrix) -> fader, mute, solo (one gain)
//!
//! The delay stands first so that a change of any gain is heard at the frame it is made for, however
//! long the stem is delayed; as nothing else in the strip depends on time, the order changes nothing
//! else.

use super::CHUNK;
use super::resolve::StripTarget;
use crate::dsp::delay::StereoDelay;
use crate::dsp::smooth::TwoPole;

/// The stem's gains and its delay line.
#[derive(Clone, Debug, Default)]
pub struct Strip {
    delay: StereoDelay,
    matrix: [TwoPole; 4],
    level: TwoPole,
}

impl Strip {
    /// Makes room for delays up to `longest` frames. Allocates.
    pub fn prepare(&mut self, longest: usize) {
        self.delay.prepare(longest);
    }

    /// Clears what sounds and jumps to the targets.
    pub fn reset(&mut self) {
        self.delay.reset();
        self.land();
    }

    /// Jumps to the targets.
    pub fn land(&mut self) {
        self.delay.land();
        self.matrix.iter_mut().for_each(TwoPole::land);
        self.level.land();
    }

    /// Sets new targets from the next frame on.
    pub fn aim(&mut self, target: &StripTarget) {
        self.delay.aim(target.delay_frames);
        for (gain, to) in self.matrix.iter_mut().zip(target.matrix) {
            gain.aim(to);
        }
        self.level.aim(target.level);
    }

    /// Whether the stem can be heard at all when its input is silent.
    pub fn is_ringing(&self) -> bool {
        self.delay.is_ringing()
    }

    /// Lets time pass while there is nothing to hear.
    pub fn skip(&mut self, pole: f64, frames: usize) {
        self.delay.skip(pole, frames);
        for gain in self.matrix.iter_mut().chain([&mut self.level]) {
            gain.skip(pole, frames);
        }
    }

    /// Turns sanitised input into the stem's part of the mix, in place. At most [`CHUNK`] frames.
    pub fn process(&mut self, pole: f64, left: &mut [f32], right: &mut [f32]) {
        self.delay.process(pole, left, right);
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
