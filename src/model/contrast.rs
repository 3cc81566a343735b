//! Two balances of one song against each other: what both are to a passage of it, so that one heard in a quiet passage
//! is not taken for the softer of the two.

use super::layers::Layers;
use super::learned::Fingerprint;
use super::level::mix_gains;
use super::limits::STEMS;
use super::settings::MixSettings;
use crate::dsp::units;

/// Stems whose level against the other balance moves by so much are another comparison, in dB.
const OTHER_DB: f64 = 0.5;
/// Gains further down are silent, linear.
const SILENT: f64 = 1e-5;

/// Two balances as they sound.
#[derive(Clone, Debug, PartialEq)]
pub struct Contrast {
    /// Of every stem in each: its gain in the mix with its trim, linear.
    gains: [[f64; STEMS]; 2],
    /// Its trim, linear.
    trims: [[f64; STEMS]; 2],
    /// All else that makes its sound.
    colors: [[Fingerprint; STEMS]; 2],
    /// One of them is bypassed.
    is_one_plain: bool,
}

impl Contrast {
    /// Of two balances with what stands over them.
    pub fn new(sides: &[MixSettings; 2], layers: &Layers) -> Self {
        let strips = sides.map(|side| layers.sounding(&side));
        let color = |side: usize| {
            strips[side].map(|sounding| {
                let mut strip = sounding.strip;
                strip.width_percent *= sides[side].wide_percent / 100.0;
                Fingerprint::of(&strip)
            })
        };
        Self {
            gains: sides.map(|side| mix_gains(&side, layers)),
            trims: [0, 1].map(|side| strips[side].map(|s| units::db_to_gain(f64::from(s.strip.trim_db)))),
            colors: [color(0), color(1)],
            is_one_plain: sides[0].bypass != sides[1].bypass,
        }
    }

    /// What a passage comes to by the K weighted powers of the stems at the learn tap (after trim, tone and pan, before
    /// the fader) while one of the balances (0 or 1) sounds: of the stems that sound the same in both but for their
    /// level, and of all. For either balance the first is the same in the same passage.
    pub fn passage(&self, side: usize, powers: &[f64; STEMS]) -> [f64; 2] {
        let mut passage = [0.0; 2];
        for (stem, power) in powers.iter().enumerate() {
            let [first, second] = self.gains.map(|gains| gains[stem].powi(2));
            let power = power * 0.5 * (first + second) / self.trims[side][stem].powi(2);
            passage[1] += power;
            if self.colors[0][stem] == self.colors[1][stem] {
                passage[0] += power;
            }
        }
        passage
    }

    /// Whether both sound the same.
    pub fn is_none(&self) -> bool {
        self.gains[0] == self.gains[1] && self.colors[0] == self.colors[1] && !self.is_one_plain
    }

    /// Whether what was measured of another contrast says nothing of this one. What moves both balances alike, such as
    /// a live fader under two scenes, leaves their contrast as it is.
    pub fn is_other(&self, than: &Self) -> bool {
        (0..STEMS).any(|stem| {
            let difference_db = |of: &Self| {
                let [first, second] = of.gains.map(|gains| gains[stem].max(SILENT));
                20.0 * (first / second).log10()
            };
            let colors = |of: &Self| of.colors.map(|colors| colors[stem]);
            let same = |of: &Self| colors(of)[0] == colors(of)[1];
            (difference_db(self) - difference_db(than)).abs() >= OTHER_DB
                || !(same(self) && same(than)) && colors(self) != colors(than)
        })
    }
}
