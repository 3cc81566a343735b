//! How much of a sound is left beside others, by a simple model of loudness.
//!
//! Excitation in forty bands with roex filters, partial loudness after Moore, Glasberg and Baer (1997) with
//! one exponent, simplified as in Aichinger (2009) and in Hafezi and Reiss (2015). In music the model rates
//! partial loudness too low (Ma, Reiss and Black 2014), so its figures rank and do not judge.
//! `tests/vectors/masking.json`, made by an independent program, holds its formulas.

use super::bands::{BANDS, BandPowers, centres_hz};

/// Loudness grows with the power of excitation by this exponent.
const EXPONENT: f64 = 0.23;
/// What is always there: -90 dB.
pub const FLOOR: f64 = 1e-9;

/// The ear's filters.
#[derive(Clone, Debug)]
pub struct Masking {
    /// What a band excites, by source: `spread[source][band]`.
    spread: Box<[BandPowers; BANDS]>,
}

impl Default for Masking {
    fn default() -> Self {
        let centres = centres_hz();
        let spread = std::array::from_fn(|source| {
            let excited: BandPowers = std::array::from_fn(|band| {
                let hz = centres[band];
                let p = 4.0 * hz / erb_hz(hz);
                let g = (centres[source] - hz).abs() / hz;
                (1.0 + p * g) * (-p * g).exp()
            });
            let sum: f64 = excited.iter().sum();
            excited.map(|x| x / sum)
        });
        Self { spread: Box::new(spread) }
    }
}

/// Width of the ear's filter at a frequency (Glasberg and Moore 1990).
fn erb_hz(hz: f64) -> f64 {
    24.7 * (0.004_37 * hz + 1.0)
}

impl Masking {
    /// What a sound of these powers excites.
    pub fn excitation(&self, powers: &BandPowers) -> BandPowers {
        let mut excited = [FLOOR; BANDS];
        for (power, spread) in powers.iter().zip(&*self.spread) {
            excited.iter_mut().zip(spread).for_each(|(x, share)| *x += power * share);
        }
        excited
    }
}

/// What is left in each band of the loudness of an excitation beside that of a masker.
pub fn partial_loudness(excitation: &BandPowers, masker: &BandPowers) -> BandPowers {
    std::array::from_fn(|band| {
        let (x, m) = (excitation[band], masker[band]);
        (x + m).powf(EXPONENT) - m.powf(EXPONENT)
    })
}

/// Loudness of an excitation alone, by band.
pub fn loudness(excitation: &BandPowers) -> BandPowers {
    partial_loudness(excitation, &[FLOOR; BANDS])
}

/// How much of each sound's loudness is left beside all others, from 0 to 1.
pub fn unmasked(excitations: &[BandPowers]) -> Vec<f64> {
    let all: BandPowers = std::array::from_fn(|band| excitations.iter().map(|x| x[band]).sum());
    let left = |x: &BandPowers| {
        let others = std::array::from_fn(|band| (all[band] - x[band]).max(0.0) + FLOOR);
        partial_loudness(x, &others).iter().sum::<f64>() / loudness(x).iter().sum::<f64>()
    };
    excitations.iter().map(left).collect()
}

/// How much of a sound's loudness another one alone covers, from 0 to 1.
pub fn pair_loss(excitation: &BandPowers, other: &BandPowers) -> f64 {
    1.0 - partial_loudness(excitation, other).iter().sum::<f64>() / loudness(excitation).iter().sum::<f64>()
}
