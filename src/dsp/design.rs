//! Tone sections designed in f64: matched to their analog prototypes up to the edge of hearing.
//!
//! Low-pass, bell and shelves are Vicanek's matched second-order sections: they do not cramp towards
//! half the sample rate as the bilinear transform's do. High-pass and tilt are bilinear, which is exact
//! enough for them. Prototypes: the Audio EQ Cookbook's.

use super::units::db_to_gain;
use std::f64::consts::{FRAC_1_SQRT_2, PI, TAU};

/// Quality factor without a peak: Butterworth's, and that of every shelf.
pub const BUTTERWORTH_Q: f64 = FRAC_1_SQRT_2;
/// Quality factors of the two sections of a Butterworth slope of 24 dB per octave.
pub const STEEP_QS: [f64; 2] = [0.541_196_100_146_197, 1.306_562_964_876_376_5];
/// The frequency a tilt turns around, in Hz.
pub const TILT_PIVOT_HZ: f64 = 650.0;
/// A gain nearer to 0 dB than this changes nothing.
const FLAT_DB: f64 = 1e-9;

/// The highest frequency a section is designed for at a sample rate; higher ones are taken for it.
pub fn highest_hz(sample_rate_hz: f64) -> f64 {
    0.45 * sample_rate_hz
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
    fn inverted(self) -> Self {
        let [b0, b1, b2] = self.b;
        let [a1, a2] = self.a;
        Self { b: [1.0, a1, a2].map(|x| x / b0), a: [b1 / b0, b2 / b0] }
    }
}

/// Angular frequency in radians per frame, of a frequency no higher than [`highest_hz`].
fn angle(hz: f64, sample_rate_hz: f64) -> f64 {
    TAU * hz.min(highest_hz(sample_rate_hz)) / sample_rate_hz
}

/// High-pass of 12 dB per octave (bilinear).
pub fn high_pass(hz: f64, q: f64, sample_rate_hz: f64) -> Biquad {
    let k = (angle(hz, sample_rate_hz) / 2.0).tan();
    let norm = 1.0 / (1.0 + k / q + k * k);
    Biquad { b: [norm, -2.0 * norm, norm], a: [2.0 * (k * k - 1.0) * norm, (1.0 - k / q + k * k) * norm] }
}

/// A tilt by `gain_db` up above [`TILT_PIVOT_HZ`] and down below it (bilinear, first order).
pub fn tilt(gain_db: f64, sample_rate_hz: f64) -> Biquad {
    let gain = db_to_gain(gain_db);
    let k = (angle(TILT_PIVOT_HZ, sample_rate_hz) / 2.0).tan();
    let norm = 1.0 / (1.0 + gain * k);
    Biquad { b: [(gain + k) * norm, (k - gain) * norm, 0.0], a: [(gain * k - 1.0) * norm, 0.0] }
}

/// Poles by impulse invariance: `a1, a2` of the analog poles at `w` radians per frame.
fn poles(w: f64, q: f64) -> [f64; 2] {
    let zeta = 1.0 / (2.0 * q);
    let decay = (-zeta * w).exp();
    let swing = if zeta <= 1.0 {
        (w * (1.0 - zeta * zeta).sqrt()).cos()
    } else {
        (w * (zeta * zeta - 1.0).sqrt()).cosh()
    };
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
    fn new(w: f64, [a1, a2]: [f64; 2]) -> Self {
        let phi1 = (w / 2.0).sin().powi(2);
        Self { phi: [1.0 - phi1, phi1], a: [(1.0 + a1 + a2).powi(2), (1.0 - a1 + a2).powi(2), -4.0 * a2] }
    }

    /// The denominator's power at the design frequency.
    fn power(&self) -> f64 {
        let [phi0, phi1] = self.phi;
        let [a0, a1, a2] = self.a;
        a0 * phi0 + a1 * phi1 + a2 * 4.0 * phi0 * phi1
    }
}

/// Low-pass of 12 dB per octave, matched.
pub fn low_pass(hz: f64, q: f64, sample_rate_hz: f64) -> Biquad {
    let w = angle(hz, sample_rate_hz);
    let a = poles(w, q);
    let terms = Terms::new(w, a);
    let [phi0, phi1] = terms.phi;
    let at_dc = terms.a[0];
    let at_nyquist = (terms.power() * q * q - at_dc * phi0) / phi1;
    let (dc, nyquist) = (at_dc.sqrt(), at_nyquist.max(0.0).sqrt());
    let b0 = (dc + nyquist) / 2.0;
    Biquad { b: [b0, dc - b0, 0.0], a }
}

/// Bell of `gain_db` at `hz`, matched. A cut is the exact mirror of the lift.
pub fn bell(hz: f64, gain_db: f64, q: f64, sample_rate_hz: f64) -> Biquad {
    if gain_db.abs() < FLAT_DB {
        return Biquad::IDENTITY;
    }
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
    let (dc, nyquist) = (a0.sqrt(), b1.max(0.0).sqrt());
    let sum = (dc + nyquist) / 2.0;
    let first = (sum + (sum * sum + b2).max(0.0).sqrt()) / 2.0;
    let lift = Biquad { b: [first, (dc - nyquist) / 2.0, -b2 / (4.0 * first)], a };
    if gain_db > 0.0 { lift } else { lift.inverted() }
}

/// High shelf of `gain_db`, half of it at `hz`, matched.
pub fn high_shelf(hz: f64, gain_db: f64, sample_rate_hz: f64) -> Biquad {
    if gain_db.abs() < FLAT_DB {
        return Biquad::IDENTITY;
    }
    shelf(hz, db_to_gain(gain_db), sample_rate_hz)
}

/// Low shelf of `gain_db`, half of it at `hz`, matched: the high shelf that cuts what lies above by
/// as much, lifted as a whole.
pub fn low_shelf(hz: f64, gain_db: f64, sample_rate_hz: f64) -> Biquad {
    if gain_db.abs() < FLAT_DB {
        return Biquad::IDENTITY;
    }
    let gain = db_to_gain(gain_db);
    let high = shelf(hz, 1.0 / gain, sample_rate_hz);
    Biquad { b: high.b.map(|b| b * gain), ..high }
}

/// High shelf of a linear gain. The response is matched at half the sample rate and at two frequencies
/// between, which follow the corner.
fn shelf(hz: f64, gain: f64, sample_rate_hz: f64) -> Biquad {
    // Frequencies from here on count half the sample rate as 1.
    let f = 2.0 * hz.min(highest_hz(sample_rate_hz)) / sample_rate_hz;
    let f4 = f.powi(4);
    let power = |x: f64| (f4 + x.powi(4) * gain) / (f4 + x.powi(4) / gain);
    let at_nyquist = power(1.0);
    let row = |x: f64| {
        let (phi, h) = ((PI * x / 2.0).sin().powi(2), power(x));
        (-phi * (h - 1.0) * (1.0 - phi), phi * phi * (at_nyquist - h), (h - 1.0) * (1.0 - phi))
    };
    let (c11, c12, d1) = row(f / (0.160 + 1.543 * f * f).sqrt());
    let (c21, c22, d2) = row(f / (0.947 + 3.806 * f * f).sqrt());
    let alpha = (c22 * d1 - c12 * d2) / (c11 * c22 - c12 * c21);
    let a_nyquist = (d1 - c11 * alpha) / c12;
    let b_nyquist = at_nyquist * a_nyquist;
    let (a_mid, b_mid) = ((alpha - a_nyquist) / 4.0, (alpha - b_nyquist) / 4.0);
    let (v, w) = ((1.0 + a_nyquist.max(0.0).sqrt()) / 2.0, (1.0 + b_nyquist.max(0.0).sqrt()) / 2.0);
    let a0 = (v + (v * v + a_mid).max(0.0).sqrt()) / 2.0;
    let b0 = (w + (w * w + b_mid).max(0.0).sqrt()) / 2.0;
    Biquad {
        b: [b0 / a0, (1.0 - w) / a0, -b_mid / (4.0 * b0 * a0)],
        a: [(1.0 - v) / a0, -a_mid / (4.0 * a0 * a0)],
    }
}
