//! A stereo delay of whole frames. A change reads the old and the new tap and fades between them.
//!
//! Most stems have no delay, and remembering them all costs more than mixing them. So nothing is recorded
//! while there is none; when one is asked for then, the fade to it starts once there is something to fade
//! to.

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
    /// Frames in the line; what lies further back is silence.
    recorded: usize,
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

    /// Clears the line, as if silence had come for long, and jumps to the wanted tap.
    pub fn reset(&mut self) {
        if self.recorded > 0 {
            self.rings.iter_mut().for_each(|ring| ring.fill(0.0));
        }
        self.recorded = self.len();
        self.quiet_frames = self.len();
        self.write = 0;
        self.land();
    }

    /// Jumps to the wanted tap; what is in the line stays. Where it does not reach back that far, the
    /// fade to the tap follows as soon as it does.
    pub fn land(&mut self) {
        let tap = if self.wanted < self.recorded { self.wanted } else { self.to };
        (self.from, self.to) = (tap, tap);
        self.fade = TwoPole::at(0.0);
    }

    /// Asks for a delay in frames, clamped to what there is room for. A fade under way ends first.
    pub fn aim(&mut self, delay_frames: usize) {
        if !self.is_in_use() {
            (self.recorded, self.quiet_frames) = (0, 0);
        }
        self.wanted = delay_frames.min(self.len().saturating_sub(1));
    }

    /// Whether there is a delay, or one on its way: otherwise sound may pass by.
    pub fn is_in_use(&self) -> bool {
        self.wanted != 0 || self.from != 0 || self.to != 0
    }

    /// True while the output may be something else than zeros although the input is silent.
    pub fn is_ringing(&self) -> bool {
        self.is_in_use() && self.quiet_frames < self.len()
    }

    fn len(&self) -> usize {
        self.rings[0].len()
    }

    /// Delays `left` and `right` in place; `pole` is [`super::smooth::pole`]'s result.
    pub fn process(&mut self, pole: f64, left: &mut [f32], right: &mut [f32]) {
        let mask = self.len() - 1;
        for (l, r) in left.iter_mut().zip(right) {
            self.rings[0][self.write] = *l;
            self.rings[1][self.write] = *r;
            self.recorded = (self.recorded + 1).min(self.len());
            self.quiet_frames =
                if *l == 0.0 && *r == 0.0 { (self.quiet_frames + 1).min(self.len()) } else { 0 };
            self.start_fade();
            let (from_l, from_r) = self.tap(self.from, mask);
            if self.to == self.from {
                (*l, *r) = (from_l, from_r);
            } else {
                let (to_l, to_r) = self.tap(self.to, mask);
                let t = self.fade.next(pole) as f32;
                // Equal gain, because both taps carry the same signal.
                *l = (1.0 - t) * from_l + t * to_l;
                *r = (1.0 - t) * from_r + t * to_r;
                self.end_fade();
            }
            self.write = (self.write + 1) & mask;
        }
    }

    /// As [`Self::process`] over `frames` of silence while nothing rings: only the fade moves on.
    pub fn skip(&mut self, pole: f64, frames: usize) {
        for _ in 0..frames {
            self.start_fade();
            if self.to == self.from {
                return;
            }
            self.fade.next(pole);
            self.end_fade();
        }
    }

    fn tap(&self, delay: usize, mask: usize) -> (f32, f32) {
        if delay >= self.recorded {
            return (0.0, 0.0);
        }
        let at = (self.write + self.len() - delay) & mask;
        (self.rings[0][at], self.rings[1][at])
    }

    fn start_fade(&mut self) {
        if self.to == self.from && self.wanted != self.from && self.wanted < self.recorded {
            self.to = self.wanted;
            self.fade = TwoPole::at(0.0);
            self.fade.aim(1.0);
        }
    }

    fn end_fade(&mut self) {
        if !self.fade.is_moving() {
            self.from = self.to;
        }
    }
}
