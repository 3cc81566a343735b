//! Loudness after ITU-R BS.1770-5: K weighting at any sample rate, LUFS, and the meter of EBU Tech 3341 and
//! 3342.

mod filter;
mod histogram;
mod meter;

pub use filter::KWeighting;
pub use meter::LoudnessMeter;

use super::design::Biquad;
use super::units::db_to_gain;
use std::f64::consts::PI;

/// Frames of the 10 ms that energies are collected over.
pub fn slot_frames(sample_rate_hz: f64) -> usize {
    ((sample_rate_hz / 100.0).round() as usize).max(1)
}

/// The K weighting: a shelf, then a high-pass. They reproduce the standard's table at 48 kHz.
pub fn weighting(sample_rate_hz: f64) -> [Biquad; 2] {
    [shelf(sample_rate_hz), high_pass(sample_rate_hz)]
}

fn shelf(sample_rate_hz: f64) -> Biquad {
    const HZ: f64 = 1_681.974_450_955_533;
    const GAIN_DB: f64 = 3.999_843_853_973_347;
    const Q: f64 = 0.707_175_236_955_419_6;
    const BAND_EXPONENT: f64 = 0.499_666_774_154_541_6;
    let k = (PI * HZ / sample_rate_hz).tan();
    let high = db_to_gain(GAIN_DB);
    let band = high.powf(BAND_EXPONENT);
    let norm = 1.0 / (1.0 + k / Q + k * k);
    Biquad {
        b: [
            (high + band * k / Q + k * k) * norm,
            2.0 * (k * k - high) * norm,
            (high - band * k / Q + k * k) * norm,
        ],
        a: [2.0 * (k * k - 1.0) * norm, (1.0 - k / Q + k * k) * norm],
    }
}

/// As the standard has it, its numerator is not scaled to pass high frequencies at 0 dB.
fn high_pass(sample_rate_hz: f64) -> Biquad {
    const HZ: f64 = 38.135_470_876_024_44;
    const Q: f64 = 0.500_327_037_323_877_3;
    let k = (PI * HZ / sample_rate_hz).tan();
    let norm = 1.0 / (1.0 + k / Q + k * k);
    Biquad { b: [1.0, -2.0, 1.0], a: [2.0 * (k * k - 1.0) * norm, (1.0 - k / Q + k * k) * norm] }
}

/// LUFS of the K weighted mean square of all channels together; minus infinity for silence.
pub fn lufs(power: f64) -> f64 {
    -0.691 + 10.0 * power.log10()
}
