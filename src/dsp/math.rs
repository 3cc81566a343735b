//! Functions that a compiler can run on many values side by side: no branch, no call.

/// 1.5 times 2^52: added to a small number it rounds it to an integer, which then stands in the low bits.
const ROUND: f64 = 6_755_399_441_055_744.0;
/// Bias and place of the exponent.
const BIAS: f64 = 1023.0;
const EXPONENT_BIT: u32 = 52;

/// Coefficients of `2^x`: `ln(2)^k / k!`.
pub(super) const EXP2: [[f64; 4]; 3] = {
    let mut c = [[1.0; 4]; 3];
    let mut k = 1;
    while k < 12 {
        c[k / 4][k % 4] = c[(k - 1) / 4][(k - 1) % 4] * std::f64::consts::LN_2 / k as f64;
        k += 1;
    }
    c
};

/// Coefficients of [`half_sine_squared`] over `v`: `(-1)^k / (2 (2k + 2)!)`.
pub(super) const HALF_SINE_SQUARED: [[f64; 4]; 3] = {
    let mut c = [[0.25; 4]; 3];
    let mut k = 1;
    while k < 12 {
        c[k / 4][k % 4] = -c[(k - 1) / 4][(k - 1) % 4] / ((2 * k + 1) as f64 * (2 * k + 2) as f64);
        k += 1;
    }
    c
};

/// Four terms. Sums of halves (Estrin's scheme) rather than one after the other: little waits for something
/// else.
#[inline(always)]
fn four(x: f64, x2: f64, [a, b, c, d]: [f64; 4]) -> f64 {
    (a + b * x) + (c + d * x) * x2
}

/// Twelve terms.
#[inline(always)]
fn polynomial(x: f64, [low, middle, high]: [[f64; 4]; 3]) -> f64 {
    let x2 = x * x;
    let x4 = x2 * x2;
    four(x, x2, low) + (four(x, x2, middle) + four(x, x2, high) * x4) * x4
}

/// The nearest integer, for `x` from -2^51 to 2^51.
#[inline(always)]
pub fn round(x: f64) -> f64 {
    (x + ROUND) - ROUND
}

/// `2^x` to a relative 1e-13, for `x` from -1000 to 1000.
#[inline(always)]
pub fn exp2(x: f64) -> f64 {
    let rounded = round(x);
    let power = f64::from_bits((x + (ROUND + BIAS)).to_bits() << EXPONENT_BIT);
    power * polynomial(x - rounded, EXP2)
}

/// `sin(sqrt(v) / 2)^2` to a relative 1e-12, for `v` from -16 to 8.1; below zero that is
/// `-sinh(sqrt(-v) / 2)^2`. One function for both makes `1 - 2 half_sine_squared(v)` the cosine of a real
/// and of an imaginary angle, and it keeps its digits near zero.
#[inline(always)]
pub fn half_sine_squared(v: f64) -> f64 {
    v * polynomial(v, HALF_SINE_SQUARED)
}
