//! The trapezoidal state-variable section (after Simper) that runs any [`Biquad`].
//!
//! Its state energy never grows, whatever its coefficients do from frame to frame, so it may be swept at
//! audio rate: with no input, `s1'^2 + s2'^2 = s1^2 + s2^2 - 4 g k v1^2` for all `g, k > 0`.

use super::design::Biquad;

/// The coefficients of a section: these may be interpolated, a biquad's may not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Svf {
    /// Pre-warped frequency.
    pub g: f64,
    /// Damping, 1/Q.
    pub k: f64,
    /// How much of input, band-pass and low-pass is in the output.
    pub m: [f64; 3],
}

impl From<Biquad> for Svf {
    /// The same response. A first-order section has its second pole at zero.
    fn from(Biquad { b: [b0, b1, b2], a: [a1, a2] }: Biquad) -> Self {
        let (at_dc, at_nyquist) = (1.0 + a1 + a2, 1.0 - a1 + a2);
        let g = (at_dc / at_nyquist).sqrt();
        let k = 2.0 * (1.0 - a2) / (g * at_nyquist);
        let m0 = (b0 - b1 + b2) / at_nyquist;
        let m2 = (b0 + b1 + b2) / at_dc - m0;
        let m1 = 2.0 * (b0 - b2) / (g * at_nyquist) - m0 * k;
        Self { g, k, m: [m0, m1, m2] }
    }
}

/// What a section remembers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SvfState([f64; 2]);

impl SvfState {
    /// Runs one frame.
    #[inline]
    pub fn next(&mut self, section: &Svf, x: f64) -> f64 {
        let Svf { g, k, m } = section;
        let [s1, s2] = self.0;
        let a1 = 1.0 / (1.0 + g * (g + k));
        let a2 = g * a1;
        let a3 = g * a2;
        let v3 = x - s2;
        let v1 = a1 * s1 + a2 * v3;
        let v2 = s2 + a2 * s1 + a3 * v3;
        self.0 = [2.0 * v1 - s1, 2.0 * v2 - s2];
        m[0] * x + m[1] * v1 + m[2] * v2
    }

    /// Energy of the state: never grows by itself.
    pub fn energy(&self) -> f64 {
        self.0.iter().map(|s| s * s).sum()
    }
}
