//! The gain smoother: two equal one-poles in series, per sample.
//!
//! Its slope has no corner, so a switched gain stays at least 80 dB below the signal on the click
//! criterion where a straight ramp of the same length does not. It works on linear, signed gains; the
//! state is f64, because in f32 the recursion stalls short of its target and unity never comes back.

/// Time constant of each pole: 90 % of a step after 19 ms, -60 dB of it left after 46 ms.
pub const GAIN_TAU_S: f64 = 0.005;

/// Both poles this near to the target: the smoother rests on it exactly. Small enough that the last
/// step is no click even between faders just above their floor (-90 dB is a gain of 3e-5), and large
/// enough that f64 reaches it at any sample rate.
const SNAP: f64 = 1e-9;

/// Coefficient of one pole, `1 - exp(-1 / (tau fs))`.
pub fn pole(tau_s: f64, sample_rate_hz: f64) -> f64 {
    1.0 - (-1.0 / (tau_s * sample_rate_hz)).exp()
}

/// A value on its way to a target. Starts at rest on zero.
#[derive(Clone, Copy, Debug, Default)]
pub struct TwoPole {
    target: f64,
    first: f64,
    second: f64,
    moving: bool,
}

impl TwoPole {
    /// At rest on `value`.
    pub fn at(value: f64) -> Self {
        Self { target: value, first: value, second: value, moving: false }
    }

    /// Sets a new target, which the next frame begins to approach. Safe in mid-flight.
    pub fn aim(&mut self, target: f64) {
        self.target = target;
        self.moving = self.first != target || self.second != target;
    }

    /// Jumps to the target.
    pub fn land(&mut self) {
        *self = Self::at(self.target);
    }

    /// The value used for the last frame.
    pub fn value(&self) -> f64 {
        self.second
    }

    /// Whether the next frame may differ from the last one.
    pub fn is_moving(&self) -> bool {
        self.moving
    }

    /// Advances one frame and returns the value to use for it. `pole` is [`pole`]'s result.
    #[inline]
    pub fn next(&mut self, pole: f64) -> f64 {
        if self.moving {
            self.first += pole * (self.target - self.first);
            self.second += pole * (self.first - self.second);
            if (self.first - self.target).abs() < SNAP && (self.second - self.target).abs() < SNAP {
                self.land();
            }
        }
        self.second
    }

    /// Advances over `out`, writing each frame's value.
    pub fn fill(&mut self, pole: f64, out: &mut [f32]) {
        for i in 0..out.len() {
            if !self.moving {
                out[i..].fill(self.second as f32);
                return;
            }
            out[i] = self.next(pole) as f32;
        }
    }

    /// Advances `frames` without looking.
    pub fn skip(&mut self, pole: f64, frames: usize) {
        for _ in 0..frames {
            if !self.moving {
                return;
            }
            self.next(pole);
        }
    }
}
