//! The way from one value to another: `t` runs from 0 (all of the first) to 1 (all of the second).

/// Above this, levels are blended in dB; at and below it they are as good as silent.
pub const NEAR_SILENCE_DB: f64 = -60.0;

/// How levels are blended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LevelLaw {
    /// Straight in dB between two levels that are heard, else as [`Self::Power`]: a stem that comes in from
    /// silence does so from the beginning.
    #[default]
    Decibel,
    /// Straight in power: two balances of stems with nothing in common, equally loud, stay so in between.
    Power,
}

impl LevelLaw {
    /// A level in dB on the way from one to another; minus infinity is silence.
    pub fn blend_db(self, from_db: f64, to_db: f64, t: f64) -> f64 {
        if from_db == to_db {
            return from_db;
        }
        if self == Self::Decibel && from_db.min(to_db) > NEAR_SILENCE_DB {
            return linear(from_db, to_db, t);
        }
        let power = |db: f64| 10f64.powf(db / 10.0);
        10.0 * linear(power(from_db), power(to_db), t).log10()
    }
}

/// Straight from one to the other: for dB of tone, for widths, and for positions, which are angles.
pub fn linear(from: f64, to: f64, t: f64) -> f64 {
    from + t * (to - from)
}

/// Straight in octaves: for frequencies in Hz and for Q.
pub fn geometric(from: f64, to: f64, t: f64) -> f64 {
    from * (to / from).powf(t)
}

/// What brings a mix on the straight line in dB between the loudness of its two ends (in dB, both of any one
/// reference); 0 where an end or the mix is silent.
pub fn hold_db(ends_db: [f64; 2], mix_db: f64, t: f64) -> f64 {
    let db = linear(ends_db[0], ends_db[1], t) - mix_db;
    if db.is_finite() { db } else { 0.0 }
}
