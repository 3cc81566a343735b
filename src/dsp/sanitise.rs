//! What may enter: every input sample passes here first.

/// Below this magnitude (-500 dBFS) a sample counts as zero, so that no denormal gets in.
pub const FLOOR: f32 = 1e-25;
/// Above this magnitude (+640 dBFS) a sample is garbage like NaN: no gain of ours can then overflow.
pub const CEILING: f32 = 1e32;

/// The sample itself, or zero where it is not finite, absurdly large or vanishingly small.
#[inline]
pub fn sanitise(sample: f32) -> f32 {
    let magnitude = sample.abs();
    // NaN is in no range.
    if (FLOOR..=CEILING).contains(&magnitude) { sample } else { 0.0 }
}
