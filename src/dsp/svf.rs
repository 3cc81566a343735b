//! The two forms a second-order section runs in, both exact and both accurate in f32 where a biquad's
//! direct forms are not.
//!
//! At rest [`Delta`]: the cheapest. While coefficients move [`Trapezoid`] (after Simper), which may be swept
//! at audio rate: with no input its new state is a matrix times the old one, and that matrix never
//! lengthens a state. So does no mean of two such matrices, which is why its coefficients may be
//! interpolated; a biquad's may not. A state crosses between the forms without loss.
//!
//! With `p = 1 + a1 + a2` (four times the squared pre-warped frequency, over the same denominator as all of
//! this) and `v = 1 - a2`: `r = sqrt(p (1 - p/4 - v/2))`, `u = v + p/2`, `w = p/2`.

use super::design::Biquad;

/// A section at rest: `e = x - p s1 - q s0`, `y = gain (x + n0 s0 + n1 s1)`, then `s1 += s0`, `s0 += e`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Delta {
    /// `2 + a1`.
    pub q: f64,
    /// `1 + a1 + a2`.
    pub p: f64,
    /// How much of the first state is in the output.
    pub n0: f64,
    /// How much of the second.
    pub n1: f64,
    /// Of the output as a whole.
    pub gain: f64,
}

/// A section on its way: `d = x - S1`, `y = gain x + c0 S0 + c1 S1`, then
/// `S0' = S0 - u S0 + r d`, `S1' = S1 + r S0 + w d`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trapezoid {
    /// What couples the states.
    pub r: f64,
    /// What the first state loses.
    pub u: f64,
    /// What the second gains of the input.
    pub w: f64,
    /// How much of the first state is in the output.
    pub c0: f64,
    /// How much of the second.
    pub c1: f64,
    /// How much of the input.
    pub gain: f64,
}

impl Default for Delta {
    /// Passes everything, and forgets it after two frames.
    fn default() -> Self {
        Self { q: 2.0, p: 1.0, n0: 0.0, n1: 0.0, gain: 1.0 }
    }
}

impl From<Biquad> for Delta {
    #[inline(always)]
    fn from(Biquad { b: [b0, b1, b2], a: [a1, a2] }: Biquad) -> Self {
        let p = 1.0 + a1 + a2;
        let norm = 1.0 / b0;
        Self { q: 2.0 + a1, p, n0: b1 * norm - a1, n1: (b0 + b1 + b2) * norm - p, gain: b0 }
    }
}

impl From<Biquad> for Trapezoid {
    #[inline(always)]
    fn from(Biquad { b: [b0, b1, b2], a: [a1, a2] }: Biquad) -> Self {
        let (p, v) = (1.0 + a1 + a2, 1.0 - a2);
        let r = (p * (1.0 - p / 4.0 - v / 2.0)).sqrt();
        // b0 times what is n0 and n1 in the other form.
        let (n0, n1) = (b1 - b0 * a1, (b0 + b1 + b2) - b0 * p);
        Self { r, u: v + p / 2.0, w: p / 2.0, c0: (n0 - n1 / 2.0) / r, c1: n1 / p, gain: b0 }
    }
}

impl Delta {
    /// Runs one frame.
    #[inline]
    pub fn next(&self, [s0, s1]: &mut [f64; 2], x: f64) -> f64 {
        let y = self.gain * (x + self.n0 * *s0 + self.n1 * *s1);
        let e = x - self.p * *s1 - self.q * *s0;
        *s1 += *s0;
        *s0 += e;
        y
    }
}

impl Trapezoid {
    /// Runs one frame.
    #[inline]
    pub fn next(&self, state: &mut [f64; 2], x: f64) -> f64 {
        let Self { r, u, w, c0, c1, gain } = self;
        let [s0, s1] = *state;
        let d = x - s1;
        *state = [s0 - u * s0 + r * d, s1 + r * s0 + w * d];
        gain * x + c0 * s0 + c1 * s1
    }

    /// This form's state from that of [`Delta`].
    pub fn state_from(&self, [s0, s1]: [f64; 2]) -> [f64; 2] {
        [self.r * s0, self.w * (s0 + 2.0 * s1)]
    }

    /// The state of [`Delta`] from this form's.
    pub fn state_to(&self, [s0, s1]: [f64; 2]) -> [f64; 2] {
        let first = s0 / self.r;
        [first, (s1 / self.w - first) / 2.0]
    }
}
