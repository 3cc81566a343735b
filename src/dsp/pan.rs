//! Where a stereo stem sits. `position` runs from -1 (left) over 0 (centre) to 1 (right).

use super::{IDENTITY, Matrix};
use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, SQRT_2};

/// Panner gains `(left, right)` of a *mono* source at each centre level.
pub mod mono {
    use super::FRAC_PI_4;

    /// 0 dB at the centre: each side falls in a straight line once the source moves away from it.
    pub fn law_0(position: f64) -> (f64, f64) {
        ((1.0 - position).min(1.0), (1.0 + position).min(1.0))
    }

    /// -3 dB at the centre: constant power.
    pub fn law_3(position: f64) -> (f64, f64) {
        // Two sines rather than a cosine and a sine: each is exactly zero at its far end.
        (((1.0 - position) * FRAC_PI_4).sin(), ((1.0 + position) * FRAC_PI_4).sin())
    }

    /// -4.5 dB at the centre: the geometric mean of the -3 and -6 dB laws.
    pub fn law_4_5(position: f64) -> (f64, f64) {
        let (power, voltage) = (law_3(position), law_6(position));
        ((power.0 * voltage.0).sqrt(), (power.1 * voltage.1).sqrt())
    }

    /// -6 dB at the centre: constant voltage.
    pub fn law_6(position: f64) -> (f64, f64) {
        ((1.0 - position) / 2.0, (1.0 + position) / 2.0)
    }
}

/// Stereo balance by the -3 dB law over its centre value: exactly unity at the centre, +3 dB on the
/// side it is turned to, and of constant loudness where both sides carry equal power.
pub fn balance(position: f64) -> Matrix {
    if position == 0.0 {
        return IDENTITY;
    }
    let (left, right) = mono::law_3(position);
    [SQRT_2 * left, 0.0, 0.0, SQRT_2 * right]
}

/// True stereo pan: the far side's content moves over instead of fading out (the law of the W3C
/// `StereoPannerNode`). Exactly unity at the centre.
pub fn stereo(position: f64) -> Matrix {
    if position == 0.0 {
        return IDENTITY;
    }
    // How much of the far side stays where it was, and how much of it moves over.
    let (stays, moves) = ((1.0 - position.abs()) * FRAC_PI_2).sin_cos();
    if position < 0.0 { [1.0, moves, 0.0, stays] } else { [stays, 0.0, moves, 1.0] }
}
