//! Sample maths. Knows no stem and no host.

pub mod delay;
pub mod design;
pub mod loudness;
pub mod math;
pub mod meter;
pub mod morph;
pub mod motion;
pub mod pan;
pub mod sanitise;
pub(crate) mod simd;
pub mod smooth;
pub mod svf;
pub mod true_peak;
pub mod units;
pub mod width;

/// A 2x2 matrix on a stereo pair, row by row: `left' = m[0] left + m[1] right`,
/// `right' = m[2] left + m[3] right`.
pub type Matrix = [f64; 4];

/// The matrix that leaves a stereo pair alone.
pub const IDENTITY: Matrix = [1.0, 0.0, 0.0, 1.0];

/// `after * before`: first `before`, then `after`.
pub fn compose(after: Matrix, before: Matrix) -> Matrix {
    let [a, b, c, d] = after;
    let [e, f, g, h] = before;
    [a * e + b * g, a * f + b * h, c * e + d * g, c * f + d * h]
}
