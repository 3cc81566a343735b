//! What can be said of stereo sound from its mean squares and peaks.

/// Time constant of the powers shown, in seconds.
pub const POWER_TAU_S: f64 = 0.3;
/// Below this power (-160 dB) a correlation would be that of noise.
const SILENT_POWER: f64 = 1e-16;

/// Mean squares and peaks of a stretch of stereo sound, linear.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Levels {
    /// Mean squares, left and right.
    pub powers: [f64; 2],
    /// Mean of left times right.
    pub product: f64,
    /// Largest magnitudes, left and right.
    pub peaks: [f64; 2],
}

impl Levels {
    /// Of all frames given.
    pub fn of(left: &[f32], right: &[f32]) -> Self {
        let frames = left.len().min(right.len()).max(1) as f64;
        let mean = |a: &[f32], b: &[f32]| {
            a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>() / frames
        };
        let peak = |side: &[f32]| side.iter().fold(0.0f64, |peak, x| peak.max(f64::from(x.abs())));
        Self {
            powers: [mean(left, left), mean(right, right)],
            product: mean(left, right),
            peaks: [peak(left), peak(right)],
        }
    }

    /// How alike left and right are: 1 for mono, 0 for strangers, -1 for opposites. None for silence on
    /// either side.
    pub fn correlation(&self) -> Option<f64> {
        let power = (self.powers[0] * self.powers[1]).sqrt();
        (power >= SILENT_POWER).then(|| (self.product / power).clamp(-1.0, 1.0))
    }

    /// Power of the side signal over that of the middle, in dB.
    pub fn side_to_mid_db(&self) -> f64 {
        let [left, right] = self.powers;
        10.0 * ((left + right - 2.0 * self.product) / (left + right + 2.0 * self.product)).log10()
    }

    /// Power of the left over that of the right, in dB.
    pub fn balance_db(&self) -> f64 {
        10.0 * (self.powers[0] / self.powers[1]).log10()
    }

    /// Peak over RMS, left and right, in dB.
    pub fn crest_db(&self) -> [f64; 2] {
        [0, 1].map(|side| 20.0 * self.peaks[side].log10() - 10.0 * self.powers[side].log10())
    }
}
