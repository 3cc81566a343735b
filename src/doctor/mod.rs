//! The routing doctor: what is wrong with the inputs, and what to do about it.
//!
//! Pure: it knows the time by the sound it is told of, and nothing happens while nothing plays. Feed it
//! what [`crate::sync::Probe`] reports, and ask.

mod finding;
mod steps;
mod window;

pub use finding::{Finding, Kind, Light, Side};
pub use steps::{Steps, steps};

use crate::dsp::units::gain_to_db;
use crate::model::limits::STEMS;
use crate::sync::{Figures, Report};
use window::Window;

/// What the doctor cannot see.
pub const BLIND_SPOT: &str = "Stemwright cannot see whether the source tracks also go to your master by \
                              themselves: if they do, every stem sounds twice.";

/// A stretch with a peak below this (-80 dBFS) is silence: noise and dither lie there, music does not.
const AUDIBLE: f32 = 1e-4;
/// Sound it takes to judge all of it: shorter, and any stem may begin in mono or on one side.
const SOUND_S: f64 = 3.0;
/// How long a stem may be silent while others sound before it is told. Most rests are shorter.
const SILENT_S: f64 = 10.0;
/// Left and right that differ by less than this (-100 dB) of the peak are mono. Not zero: pan laws round.
const MONO_DIFFERENCE: f32 = 1e-5;

/// Judges the inputs.
///
/// A fault is found within 4 s of sound that has it, clipping and garbage at once, silence after 10 s. What was
/// clipped or garbage stays so until [`Self::forget`]; twins stay twins while they are silent.
#[derive(Clone, Debug, Default)]
pub struct Doctor {
    stems: [Stem; STEMS],
    /// Bit k: input k is connected.
    connected: u32,
    left_out: u32,
    window: Window,
}

/// What is known of a stem's sound since it was connected.
#[derive(Clone, Debug, Default)]
struct Stem {
    /// How long it has sounded.
    sound_s: f64,
    /// How long it has been silent since, while others sounded.
    silent_s: f64,
    /// Its largest magnitudes, left and right, linear.
    peaks: [f32; 2],
    /// Left and right have differed.
    is_stereo: bool,
    /// How often it was clipped.
    clips: u32,
    /// It has carried what is no sound.
    has_garbage: bool,
}

impl Doctor {
    /// Knows nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Starts anew, as after loading a state or on "check again"; who is left out stays.
    pub fn forget(&mut self) {
        *self = Self { left_out: self.left_out, ..Self::default() };
    }

    /// Bit k: stem k is not in the mix because somebody wants it so (it is muted, or the main input is
    /// ignored). It is no twin of anything then, and nothing needs to be done about it.
    pub fn leave_out(&mut self, stems: u32) {
        self.left_out = stems;
    }

    /// Takes in the next stretch of sound. Always the same little work.
    pub fn feed(&mut self, report: &Report) {
        let seconds = report.seconds();
        if !seconds.is_finite() {
            return;
        }
        // What was missed is taken to be like what comes after it.
        let elapsed_s = seconds * (1.0 + f64::from(report.missed));
        let gone = self.connected & !report.connected;
        self.connected = report.connected;
        let is_sounding = |stem: usize| {
            report.connected >> stem & 1 != 0 && report.figures[stem].peaks.iter().any(|p| *p >= AUDIBLE)
        };
        let sounding = (0..STEMS).fold(0, |mask, stem| mask | u32::from(is_sounding(stem)) << stem);
        for (k, (stem, figures)) in self.stems.iter_mut().zip(&report.figures).enumerate() {
            stem.has_garbage |= figures.garbage > 0;
            if report.connected >> k & 1 == 0 {
                *stem = Stem::default();
            } else if sounding >> k & 1 != 0 {
                stem.hear(figures, seconds);
            } else if sounding != 0 {
                stem.silent_s += elapsed_s;
            }
        }
        if gone != 0 {
            self.window.disconnect(gone);
        }
        self.window.add(report);
    }

    /// All that is found, by stem.
    pub fn findings(&self) -> Vec<Finding> {
        (0..STEMS).filter(|stem| self.judged() >> stem & 1 != 0).flat_map(|stem| self.of_stem(stem)).collect()
    }

    /// The light of a stem (index 0 to 15).
    pub fn light(&self, stem: usize) -> Light {
        let Some(known) = self.stems.get(stem).filter(|_| self.connected >> stem & 1 != 0) else {
            return Light::Off;
        };
        let first = if known.sound_s > 0.0 { Light::Good } else { Light::Waiting };
        let findings = self.findings();
        let concerns = |finding: &&Finding| finding.stem == stem || finding.kind.other() == Some(stem);
        findings.iter().filter(concerns).map(|finding| finding.kind.light()).fold(first, Light::max)
    }

    fn judged(&self) -> u32 {
        self.connected & !self.left_out
    }

    fn of_stem(&self, stem: usize) -> impl Iterator<Item = Finding> {
        let known = &self.stems[stem];
        let carries_all = stem == 0 && self.window.main_is_sum() && self.others() != 0;
        let kinds = [
            carries_all.then_some(Kind::SumOfOthers),
            self.twin(stem),
            known.has_garbage.then_some(Kind::Garbage),
            known.clipped(),
            self.window.dc_db(stem).map(|level_db| Kind::Dc { level_db }),
            known.one_sided(),
            known.silent(),
            known.mono(),
        ];
        kinds.into_iter().flatten().map(move |kind| Finding { stem, kind })
    }

    /// The stems beside the main input that are in the mix.
    fn others(&self) -> u32 {
        self.judged() & !1
    }

    /// A stem is compared with those before it, so that a pair is told once, at its later stem.
    fn twin(&self, stem: usize) -> Option<Kind> {
        let mut before = self.judged() & ((1 << stem) - 1);
        if self.window.main_is_sum() {
            before &= !1; // told at the main input
        }
        let [same, flipped] = self.window.twins(stem).map(|twins| twins & before);
        if same | flipped == 0 {
            return None;
        }
        let other = (same | flipped).trailing_zeros() as usize;
        Some(if same >> other & 1 != 0 { Kind::TwinOf(other) } else { Kind::FlippedTwinOf(other) })
    }
}

impl Stem {
    fn hear(&mut self, figures: &Figures, seconds: f64) {
        self.sound_s += seconds;
        self.silent_s = 0.0;
        for (all, peak) in self.peaks.iter_mut().zip(figures.peaks) {
            *all = all.max(peak);
        }
        self.is_stereo |= figures.difference > MONO_DIFFERENCE * figures.peaks[0].max(figures.peaks[1]);
        self.clips = self.clips.saturating_add(figures.clips);
    }

    fn clipped(&self) -> Option<Kind> {
        let peak = self.peaks[0].max(self.peaks[1]);
        (self.clips > 0).then(|| Kind::Clipped { times: self.clips, peak_db: gain_to_db(f64::from(peak)) })
    }

    fn one_sided(&self) -> Option<Kind> {
        let [left, right] = self.peaks.map(|peak| peak >= AUDIBLE);
        let side = if left { Side::Left } else { Side::Right };
        (self.sound_s >= SOUND_S && left != right).then_some(Kind::OneSided(side))
    }

    fn silent(&self) -> Option<Kind> {
        let kind = if self.sound_s > 0.0 { Kind::SilentFor(self.silent_s) } else { Kind::NeverHeard };
        (self.silent_s >= SILENT_S).then_some(kind)
    }

    fn mono(&self) -> Option<Kind> {
        (self.sound_s >= SOUND_S && !self.is_stereo).then_some(Kind::Mono)
    }
}
