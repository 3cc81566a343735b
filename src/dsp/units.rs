//! Decibels, gains and the fader's taper.

/// At and below this level a fader is closed: its gain is exactly zero.
pub const FADER_FLOOR_DB: f64 = -90.0;

/// Span and offset of the taper `dB(p) = 204 p^(1/8) - 192` (Ardour's law, stretched to +12 dB).
const TAPER_SPAN_DB: f64 = 204.0;
/// See [`TAPER_SPAN_DB`].
pub const TAPER_OFFSET_DB: f64 = -192.0;
/// See [`TAPER_SPAN_DB`].
pub const TAPER_EXPONENT: f64 = 8.0;

/// Linear gain of a level in dB. Minus infinity gives exactly 0, 0 dB exactly 1.
pub fn db_to_gain(db: f64) -> f64 {
    10f64.powf(db / 20.0)
}

/// Level in dB of a linear gain, whatever its sign. Zero gives minus infinity.
pub fn gain_to_db(gain: f64) -> f64 {
    20.0 * gain.abs().log10()
}

/// Level in dB of a fader at `position` (0 = bottom, 1 = top = +12 dB). Minus infinity at and below
/// [`FADER_FLOOR_DB`].
pub fn fader_position_to_db(position: f64) -> f64 {
    let db = TAPER_SPAN_DB * position.clamp(0.0, 1.0).powf(1.0 / TAPER_EXPONENT) + TAPER_OFFSET_DB;
    if db <= FADER_FLOOR_DB { f64::NEG_INFINITY } else { db }
}

/// Position (0 to 1) of a fader at a level in dB, the inverse of [`fader_position_to_db`].
pub fn fader_db_to_position(db: f64) -> f64 {
    if db <= FADER_FLOOR_DB {
        0.0
    } else {
        ((db - TAPER_OFFSET_DB) / TAPER_SPAN_DB).powf(TAPER_EXPONENT).min(1.0)
    }
}

/// Linear gain of a fader at a level in dB; exactly zero at and below [`FADER_FLOOR_DB`].
pub fn fader_gain(db: f64) -> f64 {
    if db <= FADER_FLOOR_DB { 0.0 } else { db_to_gain(db) }
}
