//! What stands over the live balance and is no parameter, in a form for the audio thread.

use super::learned::{PAIRS, Record};
use super::limits::{GROUPS, SCENES, STEMS};
use super::offsets::{Sounding, StripOffsets};
use super::settings::MixSettings;
use crate::dsp::morph::LevelLaw;

/// Everything in a document that the engine needs besides the parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Layers {
    /// What each scene changes, stem by stem.
    pub scenes: [[StripOffsets; STEMS]; SCENES],
    /// The group (0 to 3) that each stem belongs to.
    pub groups: [Option<usize>; STEMS],
    /// Bit k: stem k is a lead.
    pub leads: u32,
    /// Mean energies and cross energies of the stems at the learn tap, at trims of 0 dB; `None` where nothing was
    /// learned.
    pub energies: Option<Record>,
}

impl Default for Layers {
    fn default() -> Self {
        Self {
            scenes: [[StripOffsets::NONE; STEMS]; SCENES],
            groups: [None; STEMS],
            leads: 0,
            energies: None,
        }
    }
}

impl Layers {
    /// How many [`Self::numbers`] are.
    pub const NUMBERS: usize = SCENES * STEMS * StripOffsets::NUMBERS + STEMS + 2 + PAIRS;

    /// The group of a stem whose members some parameter moves.
    pub fn group(&self, stem: usize) -> Option<usize> {
        self.groups[stem].filter(|group| *group < GROUPS)
    }

    /// How levels are blended. Without learned energies, equally loud balances stay so only as powers.
    pub fn law(&self, settings: &MixSettings) -> LevelLaw {
        if settings.hold_loudness && self.energies.is_none() { LevelLaw::Power } else { LevelLaw::Decibel }
    }

    /// What the scene of a balance changes about a stem, by its amount.
    pub fn offsets(&self, settings: &MixSettings, stem: usize) -> StripOffsets {
        let scene = settings.scene.and_then(|scene| self.scenes.get(scene));
        let Some(offsets) = scene.map(|scene| &scene[stem]) else { return StripOffsets::NONE };
        let amount = f64::from(settings.scene_percent) / 100.0;
        StripOffsets::blend(&StripOffsets::NONE, offsets, &settings.stems[stem], amount, self.law(settings))
    }

    /// All stems of a balance as they sound with its scene.
    pub fn sounding(&self, settings: &MixSettings) -> [Sounding; STEMS] {
        std::array::from_fn(|stem| self.offsets(settings, stem).over(&settings.stems[stem]))
    }

    /// As plain numbers, to cross threads.
    pub fn numbers(&self) -> impl Iterator<Item = f32> {
        let scenes = self.scenes.iter().flatten().flat_map(StripOffsets::numbers);
        let groups = self.groups.iter().map(|group| group.map_or(-1.0, |group| group as f32));
        // 16 bits are exact.
        let leads = [self.leads as f32, f32::from(self.energies.is_some())];
        scenes.chain(groups).chain(leads).chain(self.energies.unwrap_or([0.0; PAIRS]))
    }

    /// Takes over what [`Self::numbers`] gave.
    pub fn read(&mut self, numbers: &[f32; Self::NUMBERS]) {
        let (scenes, rest) = numbers.split_at(SCENES * STEMS * StripOffsets::NUMBERS);
        for (to, from) in self.scenes.iter_mut().flatten().zip(scenes.as_chunks().0) {
            *to = StripOffsets::from_numbers(from);
        }
        for (to, from) in self.groups.iter_mut().zip(rest) {
            *to = (*from >= 0.0).then_some(*from as usize);
        }
        let rest = &rest[STEMS..];
        self.leads = rest[0] as u32;
        self.energies = (rest[1] > 0.0).then(|| std::array::from_fn(|at| rest[2 + at]));
    }
}
