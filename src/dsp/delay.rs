//! A stereo delay of whole frames. A change reads the old and the new tap and fades between them.

use super::smooth::TwoPole;

/// Frames of a delay in milliseconds, to the nearest frame.
pub fn frames(delay_ms: f64, sample_rate_hz: f64) -> usize {
    (delay_ms * sample_rate_hz / 1000.0).round().max(0.0) as usize
}

/// The line and its two taps.
#[derive(Clone, Debug, Default)]
pub struct StereoDelay {
    /// One ring per side, of a power of two frames, longer than the longest delay.
    rings: [Vec<f32>; 2],
    write: usize,
    /// The tap that sounds, the one that fades in over it, and the one asked for last.
    from: usize,
    to: usize,
    wanted: usize,
    /// 0 = `from`, 1 = `to`.
    fade: TwoPole,
    /// Zeros written since the last sound: once they fill the ring there is nothing left to hear.
    quiet_frames: usize,
}

impl StereoDelay {
    /// Makes room for delays up to `longest` frames and clears the line. Allocates.
    pub fn prepare(&mut self, longest: usize) {
        let len = (longest + 1).next_power_of_two();
        self.rings = [vec![0.0; len], vec![0.0; len]];
        self.reset();
    }

    /// Clears the line and jumps to the wanted tap.
    pub fn reset(&mut self) {
        for ring in &mut self.rings {
            ring.fill(0.0);
        }
        self.quiet_frames = self.rings[0].len();
        self.write = 0;
        self.land();
    }

    /// Jumps to the wanted tap; what is in the line stays.
    pub fn land(&mut self) {
        (self.from, self.to) = (self.wanted, self.wanted);
        self.fade = TwoPole::at(0.0);
    }

    /// Asks for a delay in frames, clamped to what there is room for. A fade under way ends first.
    pub fn aim(&mut self, delay_frames: usize) {
        self.wanted = delay_frames.min(self.rings[0].len().saturating_sub(1));
    }

    /// True while the output may be something else than zeros although the input is silent.
    pub fn is_ringing(&self) -> bool {
        self.quiet_frames < self.rings[0].len()
    }

    /// Delays `left` and `right` in place; `pole` is [`super::smooth::pole`]'s result.
    pub fn process(&mut self, pole: f64, left: &mut [f32], right: &mut [f32]) {
        let mask = self.rings[0].len() - 1;
        for (l, r) in left.iter_mut().zip(right) {
            self.rings[0][self.write] = *l;
            self.rings[1][self.write] = *r;
            self.quiet_frames =
                if *l == 0.0 && *r == 0.0 { (self.quiet_frames + 1).min(self.rings[0].len()) } else { 0 };
            if self.to == self.from && self.wanted != self.from {
                self.to = self.wanted;
                self.fade = TwoPole::at(0.0);
                self.fade.aim(1.0);
            }
            let tap = |ring: &[f32], delay: usize| ring[(self.write + ring.len() - delay) & mask];
            let (old_l, old_r) = (tap(&self.rings[0], self.from), tap(&self.rings[1], self.from));
            if self.to == self.from {
                (*l, *r) = (old_l, old_r);
            } else {
                let new = (tap(&self.rings[0], self.to), tap(&self.rings[1], self.to));
                let t = self.fade.next(pole) as f32;
                // Equal gain, because both taps carry the same signal.
                *l = (1.0 - t) * old_l + t * new.0;
                *r = (1.0 - t) * old_r + t * new.1;
                if !self.fade.is_moving() {
                    self.from = self.to;
                }
            }
            self.write = (self.write + 1) & mask;
        }
    }

    /// As [`Self::process`] over `frames` of silence while nothing rings: only the fade moves on.
    pub fn skip(&mut self, pole: f64, frames: usize) {
        for _ in 0..frames {
            if self.to == self.from {
                if self.wanted == self.from {
                    return;
                }
                self.to = self.wanted;
                self.fade = TwoPole::at(0.0);
                self.fade.aim(1.0);
            }
            self.fade.next(pole);
            if !self.fade.is_moving() {
                self.from = self.to;
            }
        }
    }
}
