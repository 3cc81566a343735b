//! What comes in, measured for the routing doctor while someone watches.

use super::block::StemBlock;
use crate::dsp::sanitise::{is_garbage, sanitise};
use crate::model::limits::STEMS;
use crate::sync::{Figures, Meters, ROW_FRAMES, ROWS, Report};
use std::sync::Arc;

/// This many samples in a row at full scale count as clipped: a peak that just touches it has one or two.
const CLIP_RUN: u32 = 3;
/// Sums run in parts of this many so that they can be added side by side.
const PARTS: usize = 8;

type Row = [f32; ROW_FRAMES];

/// Cuts the inputs into rows of its own, so that its figures do not depend on how time is cut into blocks.
pub(super) struct InputProbe {
    meters: Arc<Meters>,
    report: Box<Report>,
    /// The row under way, left and right of each stem.
    row: Box<[[Row; 2]; STEMS]>,
    /// Frames in it, and rows before it in the report.
    frames: usize,
    rows: usize,
    /// Bit k: stem k is not promised to be silent throughout the row.
    live: u32,
    /// Samples at full scale in a row so far.
    runs: [[u32; 2]; STEMS],
    /// Samples in the row that were garbage.
    garbage: [u32; STEMS],
}

impl InputProbe {
    pub fn new(meters: Arc<Meters>) -> Self {
        Self {
            meters,
            report: Box::default(),
            row: Box::new([[[0.0; ROW_FRAMES]; 2]; STEMS]),
            frames: 0,
            rows: 0,
            live: 0,
            runs: Default::default(),
            garbage: [0; STEMS],
        }
    }

    /// Sets the sample rate, and begins anew.
    pub fn prepare(&mut self, sample_rate_hz: f64) {
        self.report.sample_rate_hz = sample_rate_hz as f32;
        self.restart();
    }

    fn restart(&mut self) {
        (self.frames, self.rows, self.live, self.report.missed) = (0, 0, 0, 0);
        self.runs = Default::default();
        self.garbage = [0; STEMS];
    }

    /// Looks at a block before it is mixed. `connected` and `live` have bit k for each input that is
    /// connected, and that may sound besides.
    #[inline]
    pub fn pass(&mut self, block: &StemBlock, connected: u32, live: u32) {
        if self.meters.probe().is_watched() {
            self.measure(block, connected, live);
        } else if self.frames + self.rows != 0 {
            self.restart();
        }
    }

    fn measure(&mut self, block: &StemBlock, connected: u32, live: u32) {
        let [left, right] = &block.main;
        let main = [&**left, &**right];
        let frames = block.frames();
        let mut start = 0;
        while start < frames {
            let n = (ROW_FRAMES - self.frames).min(frames - start);
            let part = self.frames..self.frames + n;
            for (stem, (row, input)) in
                self.row.iter_mut().zip(std::iter::once(&main).chain(&block.aux)).enumerate()
            {
                for (to, from) in row.iter_mut().zip(input) {
                    let to = &mut to[part.clone()];
                    if live >> stem & 1 == 0 {
                        to.fill(0.0);
                    } else {
                        for (to, x) in to.iter_mut().zip(&from[start..]) {
                            *to = sanitise(*x);
                            self.garbage[stem] += u32::from(is_garbage(*x));
                        }
                    }
                }
            }
            self.live |= live;
            start += n;
            self.frames += n;
            if self.frames == ROW_FRAMES {
                self.finish_row(connected);
            }
        }
    }

    fn finish_row(&mut self, connected: u32) {
        if self.rows == 0 {
            self.report.figures = Default::default();
        }
        let means = &mut self.report.rows[self.rows];
        for (stem, mean) in means.iter_mut().enumerate() {
            (*mean, self.runs[stem]) = match self.live >> stem & 1 {
                0 => (0.0, [0; 2]),
                _ => add(&mut self.report.figures[stem], &self.row[stem], self.runs[stem]),
            };
        }
        for (figures, garbage) in self.report.figures.iter_mut().zip(&mut self.garbage) {
            figures.garbage = figures.garbage.saturating_add(std::mem::take(garbage));
        }
        (self.frames, self.live) = (0, 0);
        self.rows += 1;
        if self.rows == ROWS {
            self.rows = 0;
            self.report.connected = connected;
            let has_room = self.meters.probe().push(&self.report);
            self.report.missed = if has_room { 0 } else { self.report.missed.saturating_add(1) };
        }
    }
}

/// Adds a row of a stem; what it comes to in [`Report::rows`], and the runs at full scale it ends with.
fn add(figures: &mut Figures, row: &[Row; 2], mut runs: [u32; 2]) -> (f32, [u32; 2]) {
    let larger = |a: f32, b: f32| if b > a { b } else { a };
    let mut means = [0.0; 2];
    for (side, row) in row.iter().enumerate() {
        let (mut sums, mut squares, mut peaks) = ([0.0; PARTS], [0.0; PARTS], [0.0; PARTS]);
        for part in row.as_chunks::<PARTS>().0 {
            for i in 0..PARTS {
                sums[i] += part[i];
                squares[i] += part[i] * part[i];
                peaks[i] = larger(peaks[i], part[i].abs());
            }
        }
        let sum: f32 = sums.into_iter().sum();
        let peak = peaks.into_iter().fold(0.0, larger);
        figures.sums[side] += sum;
        figures.squares[side] += squares.into_iter().sum::<f32>();
        figures.peaks[side] = larger(figures.peaks[side], peak);
        means[side] = sum / ROW_FRAMES as f32;
        if peak >= 1.0 {
            for x in row {
                runs[side] = if x.abs() >= 1.0 { runs[side].saturating_add(1) } else { 0 };
                figures.clips += u32::from(runs[side] == CLIP_RUN);
            }
        } else {
            runs[side] = 0;
        }
    }
    let mut differences = [0.0; PARTS];
    let [left, right] = row.each_ref().map(|side| side.as_chunks::<PARTS>().0);
    for (left, right) in left.iter().zip(right) {
        for i in 0..PARTS {
            differences[i] = larger(differences[i], (left[i] - right[i]).abs());
        }
    }
    figures.difference = differences.into_iter().fold(figures.difference, larger);
    ((2.0 * means[0] + means[1]) / 3.0, runs)
}
