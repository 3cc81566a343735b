//! Mid/side width.

use super::Matrix;

/// Scales the side signal by `width` (0 = mono, 1 = as it is, 2 = twice as wide). The mono sum stays
/// as it is for every width.
pub fn width(width: f64) -> Matrix {
    let (near, far) = ((1.0 + width) / 2.0, (1.0 - width) / 2.0);
    [near, far, far, near]
}
