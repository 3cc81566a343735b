//! The tone sections of [`super::design`] while their values move: in f32, and straight into the form for
//! motion, [`super::svf::Trapezoid`].
//!
//! Where f64 can afford to subtract nearly equal numbers, f32 cannot: at 20 Hz and 192 kHz `1 + a1 + a2` is
//! 4e-7. So the designs are written in what is small: `p = 1 + a1 + a2`, `v = 1 - a2`, and the same of the
//! numerator. They are generic over [`Number`], so that eight stems are designed side by side.

use super::design::{self, FLAT_DB, SHELF_HIGH, SHELF_LOW, TILT_PIVOT_HZ};
use super::math::{EXP2, HALF_SINE_SQUARED};
use std::f32::consts::{LOG2_E, PI};
use std::f64::consts::{LOG2_10, TAU};
use std::ops::{Add, Div, Mul, Sub};

/// An f32, or several of them side by side. Implementations must be inlined always.
pub trait Number:
    Copy
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Add<f32, Output = Self>
    + Sub<f32, Output = Self>
    + Mul<f32, Output = Self>
{
    /// `x` in as many numbers as there are in this.
    fn all(self, x: f32) -> Self;
    /// `self * b + c`, rounded once or twice.
    fn mul_add(self, b: Self, c: Self) -> Self;
    /// Square root.
    fn sqrt(self) -> Self;
    /// Magnitude.
    fn abs(self) -> Self;
    /// The larger.
    fn max(self, other: Self) -> Self;
    /// The smaller.
    fn min(self, other: Self) -> Self;
    /// `yes` where this is above `limit`, elsewhere `no`.
    fn if_above(self, limit: f32, yes: Self, no: Self) -> Self;
    /// `2^self` of whole numbers.
    fn power_of_2(self) -> Self;
}

impl Number for f32 {
    #[inline(always)]
    fn all(self, x: f32) -> f32 {
        x
    }
    #[inline(always)]
    fn mul_add(self, b: f32, c: f32) -> f32 {
        self * b + c
    }
    #[inline(always)]
    fn sqrt(self) -> f32 {
        f32::sqrt(self)
    }
    #[inline(always)]
    fn abs(self) -> f32 {
        f32::abs(self)
    }
    #[inline(always)]
    fn max(self, other: f32) -> f32 {
        if self > other { self } else { other }
    }
    #[inline(always)]
    fn min(self, other: f32) -> f32 {
        if self < other { self } else { other }
    }
    #[inline(always)]
    fn if_above(self, limit: f32, yes: f32, no: f32) -> f32 {
        if self > limit { yes } else { no }
    }
    #[inline(always)]
    fn power_of_2(self) -> f32 {
        f32::from_bits((self + EXPONENT).to_bits() << EXPONENT_BIT)
    }
}

/// 1.5 times 2^23: added to a small number it rounds it to an integer, which then stands in the low bits.
const ROUND: f32 = 12_582_912.0;
/// Added to a whole number, and shifted up by so many bits, this makes it the exponent of an f32.
pub(crate) const EXPONENT: f32 = ROUND + 127.0;
pub(crate) const EXPONENT_BIT: u32 = 23;

/// r, u, w, c0, c1, gain of [`super::svf::Trapezoid`].
pub type Coefficients<N> = [N; 6];

/// Passes everything as it is: the form for motion of [`super::design::Biquad::IDENTITY`].
const FLAT: Coefficients<f32> = [0.5, 1.5, 0.5, 0.0, 0.0, 1.0];

/// What a section is designed from.
#[derive(Clone, Copy, Debug, Default)]
pub struct Values<N> {
    /// The angular frequency in radians per frame as its binary logarithm, in two parts of which the first
    /// is whole: as one f32 it would have lost three digits.
    pub whole_octaves: N,
    /// The second part.
    pub part_octaves: N,
    /// Gain in dB.
    pub gain_db: N,
    /// Binary logarithm of Q.
    pub q_octaves: N,
}

/// From the binary logarithm of Hz to that of radians per frame.
pub fn to_angle(sample_rate_hz: f64) -> f64 {
    (TAU / sample_rate_hz).log2()
}

/// `tan(w / 2)` of the frequency that a tilt turns around.
pub fn pivot(sample_rate_hz: f64) -> f32 {
    let hz = TILT_PIVOT_HZ.min(design::highest_hz(sample_rate_hz));
    (TAU / 2.0 * hz / sample_rate_hz).tan() as f32
}

impl<N: Number> Values<N> {
    /// The angular frequency in radians per frame, no higher than the designs go.
    #[inline(always)]
    fn angle(&self) -> N {
        let highest = self.part_octaves.all((design::HIGHEST * TAU) as f32);
        let more = (self.part_octaves + ROUND) - ROUND;
        exp2_of_parts(self.whole_octaves + more, self.part_octaves - more).min(highest)
    }

    /// The linear gain.
    #[inline(always)]
    fn gain(&self) -> N {
        exp2(self.gain_db * OCTAVES_PER_DB)
    }

    /// These coefficients, or where the gain is 0 dB exactly those that do nothing.
    #[inline(always)]
    fn unless_flat(&self, [r, u, w, c0, c1, gain]: Coefficients<N>) -> Coefficients<N> {
        let (size, limit) = (self.gain_db.abs(), FLAT_DB as f32);
        [
            size.if_above(limit, r, size.all(FLAT[0])),
            size.if_above(limit, u, size.all(FLAT[1])),
            size.if_above(limit, w, size.all(FLAT[2])),
            size.if_above(limit, c0, size.all(FLAT[3])),
            size.if_above(limit, c1, size.all(FLAT[4])),
            size.if_above(limit, gain, size.all(FLAT[5])),
        ]
    }
}

/// Of the linear gain, in a dB.
const OCTAVES_PER_DB: f32 = (LOG2_10 / 20.0) as f32;

/// Four terms, as [`super::math`] adds them up.
#[inline(always)]
fn four<N: Number>(x: N, x2: N, [a, b, c, d]: [f32; 4]) -> N {
    let low = x.mul_add(x.all(b), x.all(a));
    let high = x.mul_add(x.all(d), x.all(c));
    high.mul_add(x2, low)
}

/// Eight terms.
#[inline(always)]
fn eight<N: Number>(x: N, [low, high]: [[f32; 4]; 2]) -> N {
    let x2 = x * x;
    four(x, x2, high).mul_add(x2 * x2, four(x, x2, low))
}

#[inline(always)]
fn one_minus<N: Number>(x: N) -> N {
    x.all(1.0) - x
}

#[inline(always)]
fn inverse<N: Number>(x: N) -> N {
    x.all(1.0) / x
}

/// The root, of what rounding may have brought below zero.
#[inline(always)]
fn root<N: Number>(x: N) -> N {
    x.max(x.all(0.0)).sqrt()
}

/// The eight terms of a table from the second on, in f32.
const fn tail(table: [[f64; 4]; 3]) -> [[f32; 4]; 2] {
    let mut out = [[0.0; 4]; 2];
    let mut k = 0;
    while k < 8 {
        out[k / 4][k % 4] = table[(k + 1) / 4][(k + 1) % 4] as f32;
        k += 1;
    }
    out
}

/// How far `2^x` is above 1 for `x` from -0.5 to 0.5, with all its digits.
#[inline(always)]
fn exp2_above_1<N: Number>(x: N) -> N {
    x * eight(x, const { tail(EXP2) })
}

#[inline(always)]
fn exp2_of_parts<N: Number>(whole: N, part: N) -> N {
    let power = whole.power_of_2();
    power.mul_add(exp2_above_1(part), power)
}

#[inline(always)]
fn exp2<N: Number>(x: N) -> N {
    let whole = (x + ROUND) - ROUND;
    exp2_of_parts(whole, x - whole)
}

/// `1 - exp(-x)` for `x` from 0, with all its digits.
#[inline(always)]
fn one_minus_exp<N: Number>(x: N) -> N {
    let octaves = x * -LOG2_E;
    let whole = (octaves + ROUND) - ROUND;
    let power = whole.power_of_2();
    one_minus(power) - power * exp2_above_1(octaves - whole)
}

/// How far `sin(sqrt(v) / 2)^2` is above `v / 4`, over `v^2`, for `v` from -4 to 2.
#[inline(always)]
fn sine_tail<N: Number>(v: N) -> N {
    eight(v, const { tail(HALF_SINE_SQUARED) })
}

/// `sin(sqrt(v) / 2)^2` and `cos(sqrt(v) / 2)^2` for `v` from -16 to 8.1 (below zero those of the
/// hyperbolic functions, as in [`super::math::half_sine_squared`]). By way of half the angle: so the cosine
/// keeps its digits near half the sample rate.
#[inline(always)]
fn squares<N: Number>(v: N) -> [N; 2] {
    let quarter = v * 0.25;
    of_double_angle(quarter * (quarter * sine_tail(quarter) + 0.25))
}

/// The squares of the sine and the cosine, from the square of half the angle's sine.
#[inline(always)]
fn of_double_angle<N: Number>(sine2: N) -> [N; 2] {
    let cosine = one_minus(sine2 * 2.0);
    [sine2 * 4.0 * one_minus(sine2), cosine * cosine]
}

/// High-pass of 12 dB per octave.
#[inline(always)]
pub fn high_pass<N: Number>(values: Values<N>) -> Coefficients<N> {
    let w = values.angle();
    let damping = exp2(values.q_octaves * -1.0);
    let [sine2, cosine2] = squares(w * w);
    let both = (sine2 * cosine2).sqrt();
    let norm = inverse(both * damping + 1.0);
    let gain = cosine2 * norm;
    [
        both * norm * 2.0,
        (both * damping + sine2) * norm * 2.0,
        sine2 * norm * 2.0,
        (cosine2 * damping + both) * norm * -1.0,
        gain * -1.0,
        gain,
    ]
}

/// A tilt up above the pivot and down below it, whose `tan(w / 2)` is `pivot`.
#[inline(always)]
pub fn tilt<N: Number>(values: Values<N>, pivot: f32) -> Coefficients<N> {
    let gain = values.gain();
    let product = gain * pivot;
    let norm = inverse(product + 1.0);
    let root = product.sqrt();
    let less = one_minus(gain * gain) * norm;
    values.unless_flat([
        root * norm,
        product * norm + 1.0,
        product * norm,
        less * pivot / root,
        less / gain,
        (gain + pivot) * norm,
    ])
}

/// Low-pass of 12 dB per octave.
#[inline(always)]
pub fn low_pass<N: Number>(values: Values<N>) -> Coefficients<N> {
    let w = values.angle();
    let q = exp2(values.q_octaves);
    let zeta = q.all(0.5) / q;
    let (q2, w2, zeta2) = (q * q, w * w, zeta * zeta);
    // The numerator's power at half the sample rate is a sum of terms that cancel to the second order in w.
    // So each is written as how far it is from its value at w = 0, and so are the exponential and the sines.
    let [fallen, lag] = fall(zeta * w);
    let remains = one_minus(fallen);
    let v = fallen * (remains + 1.0);
    let lag = lag * (lag.all(2.0) - lag);
    let [_, sine_lag] = sine_and_lag(w2);
    let [pole_sine2, pole_lag] = sine_and_lag(w2 * one_minus(zeta2));
    let p_lag = zeta2 * lag + one_minus(zeta2) * (pole_lag * remains + fallen);
    let first = lag + fallen * one_minus(lag);
    let first = first + pole_sine2 * 2.0 * one_minus(first);
    let second = v + (pole_lag * 2.0 - sine_lag) * one_minus(v);
    let third = pole_lag + v * one_minus(pole_lag);
    let fourth = (sine_lag - p_lag * (p_lag.all(2.0) - p_lag)) / one_minus(sine_lag);
    let p_over_w2 = one_minus(p_lag);
    let p = p_over_w2 * w2;
    let power = (q2 * second + (q2 - 1.0) * fourth) * 4.0 - (first + third) * 2.0 + p_over_w2 * p;
    let gain = (p + w * root(power)) * 0.5;
    let r = root_of_poles(p, fallen, one_minus(pole_sine2));
    [r, v + p * 0.5, p * 0.5, (p * 0.5 + gain * one_minus(p * 0.5 + v)) / r, one_minus(gain), gain]
}

/// `r` from p, `1 - exp(-zeta w)`, and `cos^2` of half the poles' angle.
#[inline(always)]
fn root_of_poles<N: Number>(p: N, fallen: N, cosine2: N) -> N {
    // 1 - a1 + a2, which is what stands next to p in r.
    let nyquist = fallen * fallen + one_minus(fallen) * cosine2 * 4.0;
    (p * nyquist).sqrt() * 0.5
}

/// `1 - exp(-x)` for x from 0 to 2.7, and by what part of x it lags behind x.
#[inline(always)]
fn fall<N: Number>(x: N) -> [N; 2] {
    // From a quarter of x by doubling twice.
    let x = x * 0.25;
    let lag = x * eight(x, FALL);
    let fallen = x - x * lag;
    let (lag, fallen) = (lag + fallen * 0.5 * one_minus(lag), fallen * (fallen.all(2.0) - fallen));
    [fallen * (fallen.all(2.0) - fallen), lag + fallen * 0.5 * one_minus(lag)]
}

/// Coefficients of `(x - 1 + exp(-x)) / x^2`: `(-1)^k / (k + 2)!`.
const FALL: [[f32; 4]; 2] = {
    let mut c = [[0.5; 4]; 2];
    let mut k = 1;
    while k < 8 {
        c[k / 4][k % 4] = -c[(k - 1) / 4][(k - 1) % 4] / (k + 2) as f32;
        k += 1;
    }
    c
};

/// `sin(sqrt(v) / 2)^2`, and by what part of `v / 4` it lags behind that.
#[inline(always)]
fn sine_and_lag<N: Number>(v: N) -> [N; 2] {
    let quarter = v * 0.25;
    let tail = quarter * sine_tail(quarter);
    let sine2 = quarter * (tail + 0.25);
    let cosine2 = one_minus(sine2);
    [sine2 * 4.0 * cosine2, sine2 - tail * 4.0 * cosine2]
}

/// Bell. A cut is the exact mirror of the lift.
#[inline(always)]
pub fn bell<N: Number>(values: Values<N>) -> Coefficients<N> {
    let w = values.angle();
    let gain_root = exp2(values.gain_db.abs() * (0.5 * OCTAVES_PER_DB));
    let gain = gain_root * gain_root;
    let gain2 = gain * gain;
    let zeta = w.all(0.5) / (exp2(values.q_octaves) * gain_root);
    let fallen = one_minus_exp(zeta * w);
    let remains = one_minus(fallen);
    let v = fallen * (remains + 1.0);
    // The squared sines of w / 4 and of the poles' angle, and how far the one is above the other: Horner's
    // scheme, and once more over what it passes through, which makes the divided difference.
    let quarter = w * w * 0.25;
    let apart = quarter * zeta * zeta;
    let (mut sine, mut slope) = (w.all(0.0), w.all(0.0));
    let mut k = SINE.len();
    while k > 0 {
        k -= 1;
        let next = sine.mul_add(quarter, w.all(SINE[k]));
        slope = slope.mul_add(quarter - apart, next);
        sine = next;
    }
    let (sine, apart) = (sine * quarter, slope * apart);
    let pole_sine = sine - apart;
    let [sine2, _] = of_double_angle(sine);
    let [pole_sine2, pole_cosine2] = of_double_angle(pole_sine);
    let apart = apart * 4.0 * one_minus(sine + pole_sine);
    let p = fallen * fallen + remains * pole_sine2 * 4.0;
    // 1 - p / (4 sine2)
    let short = (apart + fallen * (pole_sine2 - fallen * 0.25)) / sine2;
    // The numerator's power at half the sample rate, less the 16 that it is at low frequencies, and how far
    // b0 is above b2 and above 1.
    let lifted = (gain2 - 1.0) * short;
    let power = gain2 * v * (v + p) - p * lifted * 2.0;
    let more = p * (p - 8.0) + power * 4.0 + (lifted * (short.all(2.0) - short) - gain2 * v) * 16.0;
    let nyquist = root(more + 16.0);
    let sum = (p + more / (nyquist + 4.0)) * 0.5;
    let apart = root(power + p * sum);
    let above = (sum + apart) * 0.5;
    let b0 = above + 1.0;
    let norm = inverse(b0);
    let r = root_of_poles(p, fallen, pole_cosine2);
    let output = apart - v - above * (v + p * 0.5);
    // Upside down where it cuts.
    let pick = values.gain_db;
    let half_p = pick.if_above(0.0, p, p * norm) * 0.5;
    let v = pick.if_above(0.0, v, apart * norm);
    let r = pick.if_above(0.0, r, (p * nyquist).sqrt() * norm * 0.5);
    let output = pick.if_above(0.0, output, output * norm * norm * -1.0);
    let above = pick.if_above(0.0, above * -1.0, above * norm);
    values.unless_flat([r, v + half_p, half_p, output / r, above, pick.if_above(0.0, b0, norm)])
}

/// The first terms of a squared sine, as many as f32 can tell.
const SINE: [f32; 8] = {
    let mut c = [0.0; 8];
    let mut k = 0;
    while k < c.len() {
        c[k] = HALF_SINE_SQUARED[k / 4][k % 4] as f32;
        k += 1;
    }
    c
};

/// High shelf, half of its gain at its frequency.
#[inline(always)]
pub fn high_shelf<N: Number>(values: Values<N>) -> Coefficients<N> {
    values.unless_flat(shelf(values.angle(), values.gain()))
}

/// Low shelf, half of its gain at its frequency: the high shelf that cuts what lies above by as much,
/// lifted as a whole.
#[inline(always)]
pub fn low_shelf<N: Number>(values: Values<N>) -> Coefficients<N> {
    let lift = values.gain();
    let [r, u, w, c0, c1, gain] = shelf(values.angle(), inverse(lift));
    values.unless_flat([r, u, w, lift * c0, lift * c1, lift * gain])
}

/// High shelf of a linear gain.
#[inline(always)]
fn shelf<N: Number>(angle: N, gain: N) -> Coefficients<N> {
    // Half the sample rate counts as 1. The shelf's gain can be divided out of the design's two equations:
    // what is left depends on the frequency alone.
    let f = angle * (1.0 / PI);
    let f2 = f * f;
    let (sine_1, cosine_1, power_1) = shelf_row(f2, SHELF_LOW);
    let (sine_2, cosine_2, power_2) = shelf_row(f2, SHELF_HIGH);
    let (left, right) = (power_1 * cosine_2, power_2 * cosine_1);
    let norm = inverse(sine_1 * right - sine_2 * left);
    let alpha = (left - right) * norm;
    let scale = (sine_1 - sine_2) * cosine_1 * cosine_2 * norm;
    // Roots of the powers at half the sample rate, and how far the first coefficients are above the last.
    let (f4, inverse_f2) = (f2 * f2, inverse(f2));
    let a_nyquist = (scale * (f4 + inverse(gain))).sqrt() * inverse_f2;
    let b_nyquist = (scale * (f4 + gain)).sqrt() * inverse_f2;
    let a_apart = root(a_nyquist * 2.0 + (alpha + 1.0)) * 0.5;
    let b_apart = root(b_nyquist * 2.0 + (alpha + 1.0)) * 0.5;
    let a0 = a_nyquist * 0.25 + a_apart * 0.5 + 0.25;
    let b0 = b_nyquist * 0.25 + b_apart * 0.5 + 0.25;
    let p = inverse(a0);
    let v = a_apart * p;
    let gain = b0 * p;
    let r_over_p = a_nyquist.sqrt() * 0.5;
    let output = one_minus(gain) * 0.5 + b_apart - gain * a_apart;
    [r_over_p * p, v + p * 0.5, p * 0.5, output / r_over_p, one_minus(gain), gain]
}

/// Of a frequency between 0 Hz and half the sample rate where the response is to match: `sin^2(w/2)`,
/// `cos^2(w/2)`, and a quotient of powers.
#[inline(always)]
fn shelf_row<N: Number>(f2: N, [a, b]: [f64; 2]) -> (N, N, N) {
    let x2 = f2 / (f2 * b as f32 + a as f32);
    let [sine, cosine] = squares(x2 * (PI * PI));
    let ratio = sine / x2;
    (sine, cosine, ratio * ratio * one_minus(x2 * x2))
}
