//! What comes in, before anything is done to it: told to the routing doctor while someone watches.

use super::ring::{Ring, Slot};
use crate::model::limits::STEMS;
use atomic_float::AtomicF32;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};

/// Frames averaged to one value of a stem, to compare stems by.
pub const ROW_FRAMES: usize = 32;
/// Rows in a report.
pub const ROWS: usize = 32;
/// Frames a report is about.
pub const REPORT_FRAMES: usize = ROWS * ROW_FRAMES;
/// Reports on their way at most: 0.7 s at 48 kHz, longer than an editor's picture takes.
const SLOTS: u32 = 32;

/// [`REPORT_FRAMES`] frames of the inputs as the host hands them over.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// Frames per second.
    pub sample_rate_hz: f32,
    /// Bit k: input k was connected at the end.
    pub connected: u32,
    /// Reports lost before this one because nobody took any.
    pub missed: u32,
    /// What each stem's frames came to.
    pub figures: [Figures; STEMS],
    /// For each [`ROW_FRAMES`] frames their mean in every stem, two parts left to one part right: unlike
    /// the middle, that does not lose a stem whose sides cancel.
    pub rows: [[f32; STEMS]; ROWS],
}

impl Report {
    /// The time the report is about, in seconds.
    pub fn seconds(&self) -> f64 {
        REPORT_FRAMES as f64 / f64::from(self.sample_rate_hz)
    }
}

/// A stretch of stereo sound. What is garbage (see [`crate::dsp::sanitise`]) counts as zero.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Figures {
    /// Sums of the samples, left and right.
    pub sums: [f32; 2],
    /// Sums of their squares.
    pub squares: [f32; 2],
    /// Largest magnitudes, linear.
    pub peaks: [f32; 2],
    /// The largest difference of left and right, linear: 0 for mono.
    pub difference: f32,
    /// How often three samples in a row stood at full scale or above, on either side.
    pub clips: u32,
    /// How many samples of both sides were garbage.
    pub garbage: u32,
}

/// Reports from the audio thread to one reader.
#[derive(Debug)]
pub struct Probe {
    /// Written by the reader when it begins or ends to watch.
    watched: AtomicBool,
    reports: Ring<ReportSlot>,
}

#[derive(Debug, Default)]
struct ReportSlot {
    sample_rate_hz: AtomicF32,
    connected: AtomicU32,
    missed: AtomicU32,
    figures: [[AtomicF32; 7]; STEMS],
    clips: [AtomicU32; STEMS],
    garbage: [AtomicU32; STEMS],
    rows: [[AtomicF32; STEMS]; ROWS],
}

impl Default for Probe {
    fn default() -> Self {
        Self { watched: AtomicBool::new(false), reports: Ring::new(SLOTS) }
    }
}

impl Probe {
    /// Reader: begins or ends to watch. What was reported before is forgotten.
    pub fn watch(&self, on: bool) {
        self.reports.clear();
        self.watched.store(on, Relaxed);
    }

    /// Whether someone watches.
    pub fn is_watched(&self) -> bool {
        self.watched.load(Relaxed)
    }

    /// Audio thread: hands a report over. False where there is no room.
    pub fn push(&self, report: &Report) -> bool {
        self.reports.push(report)
    }

    /// Reader: the oldest report not taken yet.
    pub fn take(&self) -> Option<Report> {
        self.reports.take()
    }
}

impl Slot for ReportSlot {
    type Value = Report;

    fn put(&self, report: &Report) {
        self.sample_rate_hz.store(report.sample_rate_hz, Relaxed);
        self.connected.store(report.connected, Relaxed);
        self.missed.store(report.missed, Relaxed);
        for (stem, figures) in report.figures.iter().enumerate() {
            let Figures { sums: [a, b], squares: [c, d], peaks: [e, f], difference: g, clips, garbage } =
                *figures;
            store(&self.figures[stem], &[a, b, c, d, e, f, g]);
            self.clips[stem].store(clips, Relaxed);
            self.garbage[stem].store(garbage, Relaxed);
        }
        for (to, row) in self.rows.iter().zip(&report.rows) {
            store(to, row);
        }
    }

    fn get(&self) -> Report {
        let figures = |stem: usize| {
            let [a, b, c, d, e, f, g] = load(&self.figures[stem]);
            let [clips, garbage] = [&self.clips, &self.garbage].map(|counts| counts[stem].load(Relaxed));
            Figures { sums: [a, b], squares: [c, d], peaks: [e, f], difference: g, clips, garbage }
        };
        Report {
            sample_rate_hz: self.sample_rate_hz.load(Relaxed),
            connected: self.connected.load(Relaxed),
            missed: self.missed.load(Relaxed),
            figures: std::array::from_fn(figures),
            rows: self.rows.each_ref().map(load),
        }
    }
}

fn store<const N: usize>(to: &[AtomicF32; N], values: &[f32; N]) {
    for (to, value) in to.iter().zip(values) {
        to.store(*value, Relaxed);
    }
}

fn load<const N: usize>(from: &[AtomicF32; N]) -> [f32; N] {
    from.each_ref().map(|x| x.load(Relaxed))
}
