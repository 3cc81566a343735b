//! The scene that sounds over the live balance, and the way from one to the next.

use super::TICK_FRAMES;
use crate::dsp::morph::hold_db;
use crate::model::layers::Layers;
use crate::model::level::learned_db;
use crate::model::limits::{MAX_HOLD_DB, STEMS};
use crate::model::offsets::{Sounding, StripOffsets};
use crate::model::settings::MixSettings;

/// What a host's tempo is taken for where it says none, in beats per minute.
const USUAL_TEMPO_BPM: f64 = 120.0;
/// Ticks from one place on the way to the next, at least: in between gains and tone go straight, which no one hears.
const STRIDE_TICKS: u64 = 16;
/// Places on a way that is long enough.
const PLACES: u64 = 128;

/// Where the way has come to. Targets are set for the coming tick's end.
#[derive(Clone, Debug)]
pub(super) struct Scenes {
    layers: Box<Layers>,
    /// What sounded when the way began, and what `hold loudness` gave it.
    from: [StripOffsets; STEMS],
    from_hold_db: f64,
    /// Bit k: stem k changes its level on the way, and nothing else.
    level_alone: u32,
    /// The way's length in frames, fixed when it begins, and how much of it lies behind.
    length: u64,
    done: u64,
    /// Ticks until the next place.
    ticks: usize,
    tempo_bpm: f64,
}

impl Default for Scenes {
    fn default() -> Self {
        Self {
            layers: Box::default(),
            from: [StripOffsets::NONE; STEMS],
            from_hold_db: 0.0,
            level_alone: 0,
            length: 0,
            done: 0,
            ticks: 0,
            tempo_bpm: USUAL_TEMPO_BPM,
        }
    }
}

impl Scenes {
    pub fn layers(&self) -> &Layers {
        &self.layers
    }

    /// Takes other layers; answers whether they are any.
    pub fn take(&mut self, layers: &Layers) -> bool {
        let is_new = *self.layers != *layers;
        if is_new {
            *self.layers = *layers;
        }
        is_new
    }

    pub fn set_tempo(&mut self, bpm: Option<f64>) {
        self.tempo_bpm = bpm.filter(|bpm| bpm.is_finite() && *bpm > 0.0).unwrap_or(USUAL_TEMPO_BPM);
    }

    pub fn is_gliding(&self) -> bool {
        self.done < self.length
    }

    /// How far it is on the way, 0 to 1.
    pub fn progress(&self) -> f64 {
        if self.is_gliding() { self.done as f64 / self.length as f64 } else { 1.0 }
    }

    /// Sets off from where `before` sounds, `at` frames after a tick, to the scene of `settings`.
    pub fn set_off(&mut self, before: &MixSettings, settings: &MixSettings, at: usize, sample_rate_hz: f64) {
        self.from_hold_db = self.hold_db(before, self.progress());
        self.from = std::array::from_fn(|stem| self.offsets(before, stem, self.progress()));
        let glide = f64::from(settings.glide);
        let seconds = if settings.glides_by_beats { glide * 60.0 / self.tempo_bpm } else { glide };
        self.length = (seconds * sample_rate_hz).round() as u64;
        self.done = 0;
        if self.length > 0 {
            // A tick that is due right now comes after this, and makes its step.
            self.step((TICK_FRAMES - at) % TICK_FRAMES);
            self.ticks = self.stride();
        }
    }

    fn step(&mut self, frames: usize) {
        self.done = (self.done + frames as u64).min(self.length);
    }

    /// Ticks to the next place, where there is one.
    fn stride(&self) -> usize {
        let tick = TICK_FRAMES as u64;
        let stride = (self.length / tick / PLACES).max(STRIDE_TICKS);
        stride.min((self.length - self.done).div_ceil(tick)) as usize
    }

    /// A control tick on the way; answers whether a place was reached, where the stems must be aimed anew.
    pub fn tick(&mut self) -> bool {
        self.step(TICK_FRAMES);
        self.ticks = self.ticks.saturating_sub(1);
        if !self.is_gliding() {
            self.length = 0;
            return true;
        }
        let is_there = self.ticks == 0;
        if is_there {
            self.ticks = self.stride();
        }
        is_there
    }

    /// The way ends here and now.
    pub fn land(&mut self) {
        (self.length, self.done) = (0, 0);
    }

    /// Ticks until the next place, and how far that is on the way; `None` where nothing moves.
    pub fn next(&self) -> Option<(usize, f64)> {
        self.is_gliding().then(|| {
            let done = (self.done + (self.ticks * TICK_FRAMES) as u64).min(self.length);
            (self.ticks.max(1), done as f64 / self.length as f64)
        })
    }

    /// A stem as it sounds so far on the way.
    pub fn sounding(&self, settings: &MixSettings, stem: usize, progress: f64) -> Sounding {
        self.offsets(settings, stem, progress).over(&settings.stems[stem])
    }

    /// Looks what a stem has to change on the way.
    pub fn look(&mut self, settings: &MixSettings, stem: usize) {
        let to = self.layers.offsets(settings, stem);
        let alone = self.is_gliding() && self.from[stem].differs_in_level_alone(&to);
        self.level_alone = self.level_alone & !(1 << stem) | u32::from(alone) << stem;
    }

    /// Where nothing but its level changes on the way, moves a stem as it sounds to another place on it; answers
    /// whether that is so.
    pub fn move_level(
        &self,
        settings: &MixSettings,
        stem: usize,
        progress: f64,
        sounding: &mut Sounding,
    ) -> bool {
        let alone = self.level_alone >> stem & 1 != 0;
        if alone {
            let (from, live) = (&self.from[stem], &settings.stems[stem]);
            let to = self.layers.offsets(settings, stem);
            let law = self.layers.law(settings);
            let (level, opening) = StripOffsets::blend_level(from, &to, live, progress, law);
            sounding.set_level(level, opening, live);
        }
        alone
    }

    /// All of them.
    pub fn all_sounding(&self, settings: &MixSettings, progress: f64) -> [Sounding; STEMS] {
        std::array::from_fn(|stem| self.sounding(settings, stem, progress))
    }

    /// What sounds over a stem's live strip, so far on the way.
    fn offsets(&self, settings: &MixSettings, stem: usize, progress: f64) -> StripOffsets {
        let to = self.layers.offsets(settings, stem);
        if progress >= 1.0 {
            return to;
        }
        StripOffsets::blend(&self.from[stem], &to, &settings.stems[stem], progress, self.layers.law(settings))
    }

    /// What is to be added to the mix, in dB, so that its loudness is on the straight line between the ends, so far
    /// on the way.
    pub fn hold_db(&self, settings: &MixSettings, progress: f64) -> f64 {
        if !settings.hold_loudness || self.layers.energies.is_none() {
            return 0.0;
        }
        let loudness = |strips| learned_db(settings, &self.layers, &strips);
        let amount = f64::from(settings.scene_percent) / 100.0;
        let at_end = match settings.scene.and_then(|scene| self.layers.scenes.get(scene)) {
            Some(scene) if amount > 0.0 && amount < 1.0 => {
                let over = |stem: usize| scene[stem].over(&settings.stems[stem]);
                let ends = [settings.stems.map(Sounding::from), std::array::from_fn(over)].map(loudness);
                hold_db(ends, loudness(self.all_sounding(settings, 1.0)), amount)
            }
            _ => 0.0,
        };
        let at_end = at_end.clamp(-MAX_HOLD_DB, MAX_HOLD_DB);
        if progress >= 1.0 {
            return at_end;
        }
        let from = |stem: usize| self.from[stem].over(&settings.stems[stem]);
        let ends = [
            loudness(std::array::from_fn(from)) + self.from_hold_db,
            loudness(self.all_sounding(settings, 1.0)) + at_end,
        ];
        let mix = loudness(self.all_sounding(settings, progress));
        hold_db(ends, mix, progress).clamp(-MAX_HOLD_DB, MAX_HOLD_DB)
    }
}
