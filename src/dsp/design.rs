//! Tone sections designed in f64: matched to their analog prototypes up to the edge of hearing.
//!
//! Low-pass, bell and shelves are Vicanek's matched second-order sections: they do not cramp towards
//! half the sample rate as the bilinear transform's do. High-pass and tilt are bilinear, which is exact
//! enough for them. Prototypes: the Audio EQ Cookbook's.
//!
//! No design has a branch or calls a function, so that a loop over sixteen stems runs in vectors: the same
//! code designs a section that rests and those of all stems while they move.

use super::math::{exp2, half_sine_squared};
use std::f64::consts::{FRAC_1_SQRT_2, LOG2_10, LOG2_E, PI, TAU};

/// Quality factor without a peak: Butterworth's, and that of every shelf.
pub const BUTTERWORTH_Q: f64 = FRAC_1_SQRT_2;
/// Quality factors of the two sections of a Butterworth slope of 24 dB per octave.
pub const STEEP_QS: [f64; 2] = [0.541_196_100_146_197, 1.306_562_964_876_376_5];
/// The frequency a tilt turns around, in Hz.
pub const TILT_PIVOT_HZ: f64 = 650.0;
/// A gain nearer to 0 dB than this changes nothing.
pub(super) const FLAT_DB: f64 = 1e-9;
/// Where a shelf's response is matched, of a corner f: at `f / sqrt(a + b f^2)` (half the sample rate is 1).
pub(super) const SHELF_LOW: [f64; 2] = [0.160, 1.543];
pub(super) const SHELF_HIGH: [f64; 2] = [0.947, 3.806];

/// Over the sample rate, the highest frequency a section is designed for.
pub(super) const HIGHEST: f64 = 0.45;

/// The highest frequency a section is designed for at a sample rate; higher ones are taken for it.
#[inline(always)]
pub fn highest_hz(sample_rate_hz: f64) -> f64 {
    HIGHEST * sample_rate_hz
}

/// A second-order section, `H(z) = (b0 + b1/z + b2/z^2) / (1 + a1/z + a2/z^2)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Biquad {
    /// Numerator.
    pub b: [f64; 3],
    /// Denominator without its leading 1.
    pub a: [f64; 2],
}

impl Biquad {
    /// Passes everything as it is.
    pub const IDENTITY: Self = Self { b: [1.0, 0.0, 0.0], a: [0.0, 0.0] };

    /// Level in dB at a frequency.
    pub fn response_db(&self, hz: f64, sample_rate_hz: f64) -> f64 {
        // |1 + c1/z + c2/z^2|^2 on the unit circle, by sin^2 and cos^2 of the half angle, which keeps
        // its digits near zero.
        let half = PI * hz / sample_rate_hz;
        let (s, c) = (half.sin().powi(2), half.cos().powi(2));
        let power = |[c0, c1, c2]: [f64; 3]| {
            (c0 + c1 + c2).powi(2) * c + (c0 - c1 + c2).powi(2) * s - 16.0 * c0 * c2 * s * c
        };
        let [a1, a2] = self.a;
        10.0 * (power(self.b) / power([1.0, a1, a2])).log10()
    }

    /// The section the other way round: what it lifts is cut.
    #[inline(always)]
    fn inverted(self) -> Self {
        let [b0, b1, b2] = self.b;
        let [a1, a2] = self.a;
        let norm = 1.0 / b0;
        Self { b: [norm, a1 * norm, a2 * norm], a: [b1 * norm, b2 * norm] }
    }

    /// This section where `condition` holds, `other` where it does not.
    #[inline(always)]
    fn when(self, condition: bool, other: Self) -> Self {
        let ([b0, b1, b2], [a1, a2]) = (self.b, self.a);
        let ([c0, c1, c2], [d1, d2]) = (other.b, other.a);
        let pick = |x: f64, y: f64| if condition { x } else { y };
        Self { b: [pick(b0, c0), pick(b1, c1), pick(b2, c2)], a: [pick(a1, d1), pick(a2, d2)] }
    }
}

/// A frequency no higher than [`highest_hz`].
#[inline(always)]
fn limited(hz: f64, sample_rate_hz: f64) -> f64 {
    let highest = highest_hz(sample_rate_hz);
    if hz < highest { hz } else { highest }
}

/// Angular frequency in radians per frame, of a frequency no higher than [`highest_hz`].
#[inline(always)]
fn angle(hz: f64, sample_rate_hz: f64) -> f64 {
    TAU * limited(hz, sample_rate_hz) / sample_rate_hz
}

/// `tan(w / 2)` for w from 0 to below pi.
#[inline(always)]
fn half_tangent(w: f64) -> f64 {
    let sine = half_sine_squared(w * w);
    (sine / (1.0 - sine)).sqrt()
}

#[inline(always)]
fn db_to_gain(db: f64) -> f64 {
    exp2(db * (LOG2_10 / 20.0))
}

/// The root, of what rounding may have brought below zero.
#[inline(always)]
fn root(x: f64) -> f64 {
    (if x > 0.0 { x } else { 0.0 }).sqrt()
}

#[inline(always)]
fn fourth_power(x: f64) -> f64 {
    (x * x) * (x * x)
}

/// High-pass of 12 dB per octave (bilinear).
#[inline(always)]
pub fn high_pass(hz: f64, q: f64, sample_rate_hz: f64) -> Biquad {
    let k = half_tangent(angle(hz, sample_rate_hz));
    let norm = 1.0 / (1.0 + k / q + k * k);
    Biquad { b: [norm, -2.0 * norm, norm], a: [2.0 * (k * k - 1.0) * norm, (1.0 - k / q + k * k) * norm] }
}

/// A tilt by `gain_db` up above [`TILT_PIVOT_HZ`] and down below it (bilinear, first order).
#[inline(always)]
pub fn tilt(gain_db: f64, sample_rate_hz: f64) -> Biquad {
    let gain = db_to_gain(gain_db);
    let k = half_tangent(angle(TILT_PIVOT_HZ, sample_rate_hz));
    let norm = 1.0 / (1.0 + gain * k);
    Biquad { b: [(gain + k) * norm, (k - gain) * norm, 0.0], a: [(gain * k - 1.0) * norm, 0.0] }
}

/// Poles by impulse invariance: `a1, a2` of the analog poles at `w` radians per frame.
#[inline(always)]
fn poles(w: f64, q: f64) -> [f64; 2] {
    let zeta = 1.0 / (2.0 * q);
    let decay = exp2(-zeta * w * LOG2_E);
    // The cosine of w sqrt(1 - zeta^2), or where that is imaginary the hyperbolic one.
    let swing = 1.0 - 2.0 * half_sine_squared(w * w * (1.0 - zeta * zeta));
    [-2.0 * decay * swing, decay * decay]
}

/// What the matched designs are written in: `|H|^2` is a quotient of sums of these.
struct Terms {
    /// `sin^2(w/2)` and `cos^2(w/2)`.
    phi: [f64; 2],
    /// Of the denominator at 0 Hz, at half the sample rate, and between.
    a: [f64; 3],
}

impl Terms {
    #[inline(always)]
    fn new(w: f64, [a1, a2]: [f64; 2]) -> Self {
        let phi1 = half_sine_squared(w * w);
        let (dc, nyquist) = (1.0 + a1 + a2, 1.0 - a1 + a2);
        Self { phi: [1.0 - phi1, phi1], a: [dc * dc, nyquist * nyquist, -4.0 * a2] }
    }

    /// The denominator's power at the design frequency.
    #[inline(always)]
    fn power(&self) -> f64 {
        let [phi0, phi1] = self.phi;
        let [a0, a1, a2] = self.a;
        a0 * phi0 + a1 * phi1 + a2 * 4.0 * phi0 * phi1
    }
}

/// Low-pass of 12 dB per octave, matched.
#[inline(always)]
pub fn low_pass(hz: f64, q: f64, sample_rate_hz: f64) -> Biquad {
    let w = angle(hz, sample_rate_hz);
    let a = poles(w, q);
    let terms = Terms::new(w, a);
    let [phi0, phi1] = terms.phi;
    let at_dc = terms.a[0];
    let at_nyquist = (terms.power() * q * q - at_dc * phi0) / phi1;
    let (dc, nyquist) = (at_dc.sqrt(), root(at_nyquist));
    let b0 = (dc + nyquist) / 2.0;
    Biquad { b: [b0, dc - b0, 0.0], a }
}

/// Bell of `gain_db` at `hz`, matched. A cut is the exact mirror of the lift.
#[inline(always)]
pub fn bell(hz: f64, gain_db: f64, q: f64, sample_rate_hz: f64) -> Biquad {
    let w = angle(hz, sample_rate_hz);
    let gain = db_to_gain(gain_db.abs());
    let a = poles(w, q * gain.sqrt());
    let terms = Terms::new(w, a);
    let [phi0, phi1] = terms.phi;
    let [a0, a1, a2] = terms.a;
    let r1 = terms.power() * gain * gain;
    let r2 = (a1 - a0 + 4.0 * (phi0 - phi1) * a2) * gain * gain;
    let b2 = (r1 - r2 * phi1 - a0) / (4.0 * phi1 * phi1);
    let b1 = r2 + a0 + 4.0 * (phi1 - phi0) * b2;
    let (dc, nyquist) = (a0.sqrt(), root(b1));
    let sum = (dc + nyquist) / 2.0;
    let first = (sum + root(sum * sum + b2)) / 2.0;
    let lift = Biquad { b: [first, (dc - nyquist) / 2.0, -b2 / (4.0 * first)], a };
    flat_or(lift.when(gain_db > 0.0, lift.inverted()), gain_db)
}

/// High shelf of `gain_db`, half of it at `hz`, matched.
#[inline(always)]
pub fn high_shelf(hz: f64, gain_db: f64, sample_rate_hz: f64) -> Biquad {
    flat_or(shelf(hz, db_to_gain(gain_db), sample_rate_hz), gain_db)
}

/// Low shelf of `gain_db`, half of it at `hz`, matched: the high shelf that cuts what lies above by
/// as much, lifted as a whole.
#[inline(always)]
pub fn low_shelf(hz: f64, gain_db: f64, sample_rate_hz: f64) -> Biquad {
    let gain = db_to_gain(gain_db);
    let Biquad { b: [b0, b1, b2], a } = shelf(hz, 1.0 / gain, sample_rate_hz);
    flat_or(Biquad { b: [b0 * gain, b1 * gain, b2 * gain], a }, gain_db)
}

/// The section, or where its gain is 0 dB exactly nothing.
#[inline(always)]
fn flat_or(section: Biquad, gain_db: f64) -> Biquad {
    Biquad::IDENTITY.when(gain_db.abs() < FLAT_DB, section)
}

/// High shelf of a linear gain. The response is matched at half the sample rate and at two frequencies
/// between, which follow the corner.
#[inline(always)]
fn shelf(hz: f64, gain: f64, sample_rate_hz: f64) -> Biquad {
    // Frequencies from here on count half the sample rate as 1.
    let f = 2.0 * limited(hz, sample_rate_hz) / sample_rate_hz;
    let f4 = fourth_power(f);
    let inverse = 1.0 / gain;
    let at_nyquist = shelf_power(1.0, f4, gain, inverse);
    let [low, high] = [SHELF_LOW, SHELF_HIGH].map(|[a, b]| f / (a + b * f * f).sqrt());
    let (c11, c12, d1) = shelf_row(low, shelf_power(fourth_power(low), f4, gain, inverse), at_nyquist);
    let (c21, c22, d2) = shelf_row(high, shelf_power(fourth_power(high), f4, gain, inverse), at_nyquist);
    let alpha = (c22 * d1 - c12 * d2) / (c11 * c22 - c12 * c21);
    let a_nyquist = (d1 - c11 * alpha) / c12;
    let b_nyquist = at_nyquist * a_nyquist;
    let (a_mid, b_mid) = ((alpha - a_nyquist) / 4.0, (alpha - b_nyquist) / 4.0);
    let (v, w) = ((1.0 + root(a_nyquist)) / 2.0, (1.0 + root(b_nyquist)) / 2.0);
    let a0 = (v + root(v * v + a_mid)) / 2.0;
    let b0 = (w + root(w * w + b_mid)) / 2.0;
    Biquad {
        b: [b0 / a0, (1.0 - w) / a0, -b_mid / (4.0 * b0 * a0)],
        a: [(1.0 - v) / a0, -a_mid / (4.0 * a0 * a0)],
    }
}

/// The analog shelf's power at a frequency, of which and of the corner the fourth powers are given.
#[inline(always)]
fn shelf_power(x4: f64, f4: f64, gain: f64, inverse: f64) -> f64 {
    (f4 + x4 * gain) / (f4 + x4 * inverse)
}

/// One of two equations in the denominator's power: where it is to match, and what the analog power is
/// there and at half the sample rate.
#[inline(always)]
fn shelf_row(x: f64, power: f64, at_nyquist: f64) -> (f64, f64, f64) {
    let phi = half_sine_squared((PI * x) * (PI * x));
    (-phi * (power - 1.0) * (1.0 - phi), phi * phi * (at_nyquist - power), (power - 1.0) * (1.0 - phi))
}
