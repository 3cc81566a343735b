//! What may enter: every input sample passes here first.

/// Below this magnitude (-500 dBFS) a sample counts as zero, so that no denormal gets in.
pub const FLOOR: f32 = 1e-25;
/// Above this magnitude (+200 dBFS) a sample is garbage like NaN. Below it no gain of ours overflows, nor
/// does a section's state, which at the lowest frequencies grows to many times the sound.
pub const CEILING: f32 = 1e10;

/// The sample itself, or zero where it is not finite, absurdly large or vanishingly small.
#[inline(always)]
pub fn sanitise(sample: f32) -> f32 {
    let magnitude = sample.abs();
    // NaN is in no range.
    if (FLOOR..=CEILING).contains(&magnitude) { sample } else { 0.0 }
}

/// Whether a sample is not finite or absurdly large.
#[inline(always)]
pub fn is_garbage(sample: f32) -> bool {
    sample.is_nan() || sample.abs() > CEILING
}
