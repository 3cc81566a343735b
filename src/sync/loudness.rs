//! Loudness between threads: energies up from the audio thread, readings down to whoever shows them.

use super::ring::{Ring, Slot};
use super::stem_peak::StemPeak;
use crate::model::learned::{PAIRS, Record, pair};
use crate::model::limits::STEMS;
use atomic_float::AtomicF32;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};

/// Slots of 10 ms on their way at most: longer than whoever listens sleeps.
const SLOTS: u32 = 256;

/// What 10 ms came to. Energies are K weighted mean squares of both sides together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Energies {
    /// Slots lost before this one because nobody took any.
    pub lost: u32,
    /// The engine was reset since the last slot.
    pub is_first: bool,
    /// Of every stem at the learn tap (after trim, tone, width and pan, before the fader), and of every pair of
    /// them where `has_crossed`.
    pub pairs: Record,
    /// Someone learns: the cross energies were measured.
    pub has_crossed: bool,
    /// What each is multiplied by after the tap, linear: fader, mute and solo.
    pub levels: [f32; STEMS],
    /// The trims that stand before the tap, linear.
    pub trims: [f32; STEMS],
    /// What the sum of all is multiplied by, linear: the output's gain; 0 while the mix is bypassed, and so no
    /// sum of these.
    pub output: f32,
    /// Of the mix after the output gain.
    pub mix: f32,
    /// True peaks of the mix, left and right, linear.
    pub true_peaks: [f32; 2],
}

impl Energies {
    /// A stem's energy at the learn tap.
    pub fn stem(&self, stem: usize) -> f32 {
        self.pairs[pair(stem, stem)]
    }

    /// The energies as they were at trims of 0 dB.
    pub fn untrimmed(&self) -> Record {
        let mut pairs = self.pairs;
        for a in 0..STEMS {
            for b in a..STEMS {
                pairs[pair(a, b)] /= self.trims[a] * self.trims[b];
            }
        }
        pairs
    }
}

#[derive(Debug)]
struct EnergiesSlot {
    lost: AtomicU32,
    is_first: AtomicBool,
    pairs: [AtomicF32; PAIRS],
    has_crossed: AtomicBool,
    levels: [AtomicF32; STEMS],
    trims: [AtomicF32; STEMS],
    output: AtomicF32,
    mix: AtomicF32,
    true_peaks: [AtomicF32; 2],
}

impl Default for EnergiesSlot {
    fn default() -> Self {
        Self {
            lost: Default::default(),
            is_first: Default::default(),
            pairs: std::array::from_fn(|_| AtomicF32::new(0.0)),
            has_crossed: Default::default(),
            levels: Default::default(),
            trims: Default::default(),
            output: Default::default(),
            mix: Default::default(),
            true_peaks: Default::default(),
        }
    }
}

impl Slot for EnergiesSlot {
    type Value = Energies;

    fn put(&self, value: &Energies) {
        self.lost.store(value.lost, Relaxed);
        self.is_first.store(value.is_first, Relaxed);
        for (to, energy) in self.pairs.iter().zip(value.pairs) {
            to.store(energy, Relaxed);
        }
        self.has_crossed.store(value.has_crossed, Relaxed);
        for stem in 0..STEMS {
            self.levels[stem].store(value.levels[stem], Relaxed);
            self.trims[stem].store(value.trims[stem], Relaxed);
        }
        self.output.store(value.output, Relaxed);
        self.mix.store(value.mix, Relaxed);
        for (to, peak) in self.true_peaks.iter().zip(value.true_peaks) {
            to.store(peak, Relaxed);
        }
    }

    fn get(&self) -> Energies {
        Energies {
            lost: self.lost.load(Relaxed),
            is_first: self.is_first.load(Relaxed),
            pairs: self.pairs.each_ref().map(|x| x.load(Relaxed)),
            has_crossed: self.has_crossed.load(Relaxed),
            levels: self.levels.each_ref().map(|x| x.load(Relaxed)),
            trims: self.trims.each_ref().map(|x| x.load(Relaxed)),
            output: self.output.load(Relaxed),
            mix: self.mix.load(Relaxed),
            true_peaks: self.true_peaks.each_ref().map(|x| x.load(Relaxed)),
        }
    }
}

/// The 10 ms in which the mix had its highest true peak: enough to say what that becomes at other gains.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PeakMoment {
    /// The true peak after the output's gain, linear; 0 where none was measured.
    pub true_peak: f32,
    /// Energy of every stem at a gain of 0 dB.
    pub energies: [f32; STEMS],
    /// What each was multiplied by, linear: trim, fader, mute, solo and learned balance.
    pub gains: [f32; STEMS],
    /// The output's gain, linear.
    pub output: f32,
}

#[derive(Debug, Default)]
struct PeakMomentCell {
    true_peak: AtomicF32,
    energies: [AtomicF32; STEMS],
    gains: [AtomicF32; STEMS],
    output: AtomicF32,
}

impl PeakMomentCell {
    fn set(&self, moment: &PeakMoment) {
        self.true_peak.store(moment.true_peak, Relaxed);
        for stem in 0..STEMS {
            self.energies[stem].store(moment.energies[stem], Relaxed);
            self.gains[stem].store(moment.gains[stem], Relaxed);
        }
        self.output.store(moment.output, Relaxed);
    }

    fn get(&self) -> PeakMoment {
        PeakMoment {
            true_peak: self.true_peak.load(Relaxed),
            energies: self.energies.each_ref().map(|x| x.load(Relaxed)),
            gains: self.gains.each_ref().map(|x| x.load(Relaxed)),
            output: self.output.load(Relaxed),
        }
    }
}

/// Loudness of one signal as it is shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    /// LUFS over 400 ms, minus infinity for silence.
    pub momentary_lufs: f32,
    /// LUFS over 3 s.
    pub short_term_lufs: f32,
    /// LUFS since the last reset, gated.
    pub integrated_lufs: f32,
    /// Loudness range in LU since the last reset; NaN where there is none yet.
    pub range_lu: f32,
}

impl Default for Reading {
    /// Of silence.
    fn default() -> Self {
        let silent = f32::NEG_INFINITY;
        Self { momentary_lufs: silent, short_term_lufs: silent, integrated_lufs: silent, range_lu: f32::NAN }
    }
}

#[derive(Debug)]
struct ReadingCell([AtomicF32; 4]);

impl Default for ReadingCell {
    fn default() -> Self {
        let cell = Self(Default::default());
        cell.set(&Reading::default());
        cell
    }
}

impl ReadingCell {
    fn set(&self, reading: &Reading) {
        let Reading { momentary_lufs: a, short_term_lufs: b, integrated_lufs: c, range_lu: d } = *reading;
        for (to, value) in self.0.iter().zip([a, b, c, d]) {
            to.store(value, Relaxed);
        }
    }

    fn get(&self) -> Reading {
        let [momentary_lufs, short_term_lufs, integrated_lufs, range_lu] =
            self.0.each_ref().map(|x| x.load(Relaxed));
        Reading { momentary_lufs, short_term_lufs, integrated_lufs, range_lu }
    }
}

/// Both ways. The readings' values stand alone, so every access to them is relaxed.
///
/// | Field | Written by | When |
/// |---|---|---|
/// | `listened` | the listener | it begins and ends |
/// | `learning` | editor, or whoever loads a state | a person begins or ends to learn |
/// | `energies` | audio thread | every 10 ms while someone listens |
/// | `stems`, `rest_lu`, `mix`, `true_peak`, `peak_moment`, `gains`, `incomplete`, `learned_s`, `active_s`, `learnings` | the listener | after it has taken energies |
/// | `resets` | editor | a person wants the integrated values to begin anew |
/// | `stem_peak` | editor and audio thread | see there |
#[derive(Debug)]
pub struct Loudness {
    listened: AtomicBool,
    learning: AtomicBool,
    energies: Ring<EnergiesSlot>,
    stems: [ReadingCell; STEMS],
    /// Short-term loudness of each stem less that of all others together, in LU; NaN where either is silent.
    rest_lu: [AtomicF32; STEMS],
    mix: ReadingCell,
    /// Largest true peak of the mix since the last reset, linear.
    true_peak: AtomicF32,
    peak_moment: PeakMomentCell,
    /// What every stem is multiplied by, as in [`PeakMoment`], when energies were taken last.
    gains: [AtomicF32; STEMS],
    incomplete: AtomicBool,
    resets: AtomicU32,
    stem_peak: StemPeak,
    /// What was heard since learning began, in seconds: of all, and of every stem.
    learned_s: AtomicF32,
    active_s: [AtomicF32; STEMS],
    /// How often a song was learned.
    learnings: AtomicU32,
}

impl Default for Loudness {
    fn default() -> Self {
        Self {
            listened: AtomicBool::new(false),
            learning: AtomicBool::new(false),
            energies: Ring::new(SLOTS),
            stems: Default::default(),
            rest_lu: std::array::from_fn(|_| AtomicF32::new(f32::NAN)),
            mix: ReadingCell::default(),
            true_peak: AtomicF32::new(0.0),
            peak_moment: PeakMomentCell::default(),
            gains: Default::default(),
            incomplete: AtomicBool::new(false),
            resets: AtomicU32::new(0),
            stem_peak: StemPeak::default(),
            learned_s: AtomicF32::new(0.0),
            active_s: Default::default(),
            learnings: AtomicU32::new(0),
        }
    }
}

impl Loudness {
    /// Listener: begins or ends. What was on its way is forgotten.
    pub fn listen(&self, on: bool) {
        self.energies.clear();
        self.listened.store(on, Relaxed);
    }

    /// Whether someone listens.
    pub fn is_listened(&self) -> bool {
        self.listened.load(Relaxed)
    }

    /// The true peak of one stem, on demand.
    pub fn stem_peak(&self) -> &StemPeak {
        &self.stem_peak
    }

    /// Whoever decides it: cross energies are wanted, or no longer.
    pub fn learn(&self, on: bool) {
        self.learning.store(on, Relaxed);
    }

    /// Whether cross energies are wanted.
    pub fn is_learning(&self) -> bool {
        self.learning.load(Relaxed)
    }

    /// Listener: what was heard since learning began, in seconds: of all, and of every stem.
    pub fn set_learned_s(&self, learned_s: f32, active_s: [f32; STEMS]) {
        self.learned_s.store(learned_s, Relaxed);
        self.active_s.iter().zip(active_s).for_each(|(to, s)| to.store(s, Relaxed));
    }

    /// Seconds of sound since learning began.
    pub fn learned_s(&self) -> f32 {
        self.learned_s.load(Relaxed)
    }

    /// Seconds in which a stem has sounded since learning began.
    pub fn active_s(&self, stem: usize) -> f32 {
        self.active_s[stem].load(Relaxed)
    }

    /// Listener: what was learned is where it belongs.
    pub fn has_learned(&self) {
        self.set_learned_s(0.0, [0.0; STEMS]);
        self.learnings.fetch_add(1, Relaxed);
    }

    /// How often a song was learned.
    pub fn learnings(&self) -> u32 {
        self.learnings.load(Relaxed)
    }

    /// Audio thread: hands 10 ms over. False where there is no room.
    pub fn push(&self, energies: &Energies) -> bool {
        self.energies.push(energies)
    }

    /// Listener: the oldest 10 ms not taken yet.
    pub fn take(&self) -> Option<Energies> {
        self.energies.take()
    }

    /// Listener: what a stem reads, and how it stands against the rest, in LU.
    pub fn set_stem(&self, stem: usize, reading: &Reading, rest_lu: f32) {
        self.stems[stem].set(reading);
        self.rest_lu[stem].store(rest_lu, Relaxed);
    }

    /// Listener: what the mix reads, its largest true peak, and whether some of it was lost.
    pub fn set_mix(&self, reading: &Reading, true_peak: f32, incomplete: bool) {
        self.mix.set(reading);
        self.true_peak.store(true_peak, Relaxed);
        self.incomplete.store(incomplete, Relaxed);
    }

    /// Listener: the moment of the mix's highest true peak, and what every stem is multiplied by now.
    pub fn set_peak_moment(&self, moment: &PeakMoment, gains: &[f32; STEMS]) {
        self.peak_moment.set(moment);
        self.gains.iter().zip(gains).for_each(|(to, gain)| to.store(*gain, Relaxed));
    }

    /// What every stem is multiplied by from its trim to its level, linear, when it was looked at last.
    pub fn gains(&self) -> [f32; STEMS] {
        self.gains.each_ref().map(|gain| gain.load(Relaxed))
    }

    /// The moment of the mix's highest true peak since the last reset, while it was not bypassed. None where
    /// nothing was heard.
    pub fn peak_moment(&self) -> Option<PeakMoment> {
        // A value of the moment before may be among them: both are true.
        Some(self.peak_moment.get()).filter(|moment| moment.true_peak > 0.0)
    }

    /// A stem as it is in the mix, after its fader.
    pub fn stem(&self, stem: usize) -> Reading {
        self.stems[stem].get()
    }

    /// How a stem stands against the rest of the mix: its short-term loudness less that of all others
    /// together, in LU. None where either is silent.
    pub fn rest_lu(&self, stem: usize) -> Option<f32> {
        Some(self.rest_lu[stem].load(Relaxed)).filter(|lu| lu.is_finite())
    }

    /// The mix after the output gain.
    pub fn mix(&self) -> Reading {
        self.mix.get()
    }

    /// The mix's largest true peak since the last reset, in dBTP.
    pub fn true_peak_dbtp(&self) -> f32 {
        20.0 * self.true_peak.load(Relaxed).log10()
    }

    /// Peak to loudness ratio of the mix in LU: its largest true peak less its integrated loudness. NaN where
    /// there is no loudness.
    pub fn peak_to_loudness_lu(&self) -> f32 {
        let integrated_lufs = self.mix().integrated_lufs;
        if integrated_lufs.is_finite() { self.true_peak_dbtp() - integrated_lufs } else { f32::NAN }
    }

    /// Some sound was lost on its way, so the integrated values leave it out.
    pub fn is_incomplete(&self) -> bool {
        self.incomplete.load(Relaxed)
    }

    /// Editor: lets everything that is measured since the last reset begin anew.
    pub fn reset(&self) {
        self.stem_peak.reset();
        self.resets.fetch_add(1, Relaxed);
    }

    /// Listener: how often that was asked for.
    pub fn resets(&self) -> u32 {
        self.resets.load(Relaxed)
    }
}
