//! Who judges loudness from the energies that the audio thread reports.

use super::Learned;
use super::gating::power;
use crate::dsp::loudness::{LoudnessMeter, lufs};
use crate::model::learned::pair;
use crate::model::limits::STEMS;
use crate::sync::{Energies, Loudness, PeakMoment, Reading};

/// More than come in the time between two looks of somebody who listens to a host in real time.
const MANY_SLOTS: usize = 32;

/// Listens to one instance: takes what came, and leaves what it reads. Runs wherever nobody hurries; allocates
/// only while it learns.
#[derive(Debug)]
pub struct Listener {
    /// As they are in the mix, after their faders.
    stems: [LoudnessMeter; STEMS],
    mix: LoudnessMeter,
    /// Largest true peak since the last reset, linear.
    true_peak: f32,
    peak_moment: PeakMoment,
    /// As in [`PeakMoment`], of the last energies.
    gains: [f32; STEMS],
    resets: u32,
    /// What was learned since that was begun; none while nobody learns.
    learned: Option<Box<Learned>>,
    /// Seconds learned when the stems were looked at last.
    told_s: f32,
}

impl Default for Listener {
    fn default() -> Self {
        Self {
            stems: std::array::from_fn(|_| LoudnessMeter::default()),
            mix: LoudnessMeter::default(),
            true_peak: 0.0,
            peak_moment: PeakMoment::default(),
            gains: [0.0; STEMS],
            resets: 0,
            learned: None,
            told_s: 0.0,
        }
    }
}

impl Listener {
    /// Takes all there is, and leaves what it reads; says whether so much came that more must be on its way
    /// already: a host that plays faster than anyone listens.
    pub fn go(&mut self, loudness: &Loudness) -> bool {
        let resets = loudness.resets();
        let mut slots = 0;
        let is_reset = resets != self.resets;
        if is_reset {
            (self.resets, self.true_peak, self.peak_moment) = (resets, 0.0, PeakMoment::default());
            self.stems.iter_mut().chain([&mut self.mix]).for_each(LoudnessMeter::reset);
        }
        while let Some(energies) = loudness.take() {
            slots += 1;
            self.feed(&energies);
        }
        if slots > 0 || is_reset {
            self.tell(loudness);
        }
        slots > MANY_SLOTS
    }

    fn feed(&mut self, energies: &Energies) {
        for meter in self.stems.iter_mut().chain([&mut self.mix]).filter(|_| energies.lost > 0) {
            meter.lose_slots();
        }
        for (stem, meter) in self.stems.iter_mut().enumerate() {
            meter.push(f64::from(energies.stem(stem)) * f64::from(energies.levels[stem]).powi(2));
        }
        self.mix.push(f64::from(energies.mix));
        let [left, right] = energies.true_peaks;
        let true_peak = left.max(right);
        self.true_peak = self.true_peak.max(true_peak);
        self.gains = std::array::from_fn(|stem| energies.levels[stem] * energies.trims[stem]);
        if true_peak > self.peak_moment.true_peak && energies.output > 0.0 {
            let untrimmed = energies.untrimmed();
            self.peak_moment = PeakMoment {
                true_peak,
                energies: std::array::from_fn(|stem| untrimmed[pair(stem, stem)]),
                gains: self.gains,
                output: energies.output,
            };
        }
        if energies.has_crossed {
            let learned = self.learned.get_or_insert_default();
            if energies.lost > 0 || energies.is_first {
                learned.break_off();
            }
            learned.push(&energies.untrimmed());
        } else if let Some(learned) = &mut self.learned {
            learned.break_off(); // something was left out
        }
    }

    /// What has been learned so far.
    pub fn learned(&self) -> Option<&Learned> {
        self.learned.as_deref()
    }

    /// Ends to learn, and hands out what was.
    pub fn take_learned(&mut self) -> Option<Box<Learned>> {
        self.learned.take()
    }

    fn tell(&mut self, loudness: &Loudness) {
        if let Some(learned) = &self.learned
            && (learned.seconds() - self.told_s).abs() >= 1.0
        {
            self.told_s = learned.seconds();
            loudness.set_learned_s(self.told_s, learned.stems().map(|stem| stem.active_s));
        }
        let short_term = self.stems.each_ref().map(|meter| power(meter.short_term_lufs()));
        let all: f64 = short_term.iter().sum();
        for (stem, meter) in self.stems.iter().enumerate() {
            // The energies of the others add up: exact where they have nothing in common.
            let rest = (all - short_term[stem]).max(0.0);
            let rest_lu = lufs(short_term[stem]) - lufs(rest);
            loudness.set_stem(stem, &reading(meter), rest_lu as f32);
        }
        loudness.set_peak_moment(&self.peak_moment, &self.gains);
        loudness.set_mix(&reading(&self.mix), self.true_peak, self.mix.is_incomplete());
    }
}

fn reading(meter: &LoudnessMeter) -> Reading {
    Reading {
        momentary_lufs: meter.momentary_lufs() as f32,
        short_term_lufs: meter.short_term_lufs() as f32,
        integrated_lufs: meter.integrated_lufs() as f32,
        range_lu: meter.range_lu().map_or(f32::NAN, |lu| lu as f32),
    }
}
