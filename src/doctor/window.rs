//! The last three seconds: constant offsets, and which stems are alike.

use crate::analysis::faults::{ALIKE, COMPARED_POWER, is_dc};
use crate::dsp::units::gain_to_db;
use crate::model::limits::STEMS;
use crate::sync::{REPORT_FRAMES, ROWS, Report};

/// The stems, and the sum of all but the main input.
const STREAMS: usize = STEMS + 1;
/// That sum.
const SUM: usize = STEMS;
/// The window moves by a part of this length, at least...
const PART_S: f64 = 0.25;
/// ...and has this many.
const PARTS: usize = 12;
/// Below this power (-140 dBFS) what is left of the sound in the rows is rounding.
const ROUNDING_POWER: f64 = 1e-14;

/// Sums of products over the window, by parts, so that nothing loud that has passed leaves a rounding behind.
#[derive(Clone, Debug, Default)]
pub(super) struct Window {
    sample_rate_hz: f32,
    /// At most [`PARTS`], the oldest at `next` once there are so many.
    parts: Vec<Part>,
    next: usize,
    /// Under way.
    part: Box<Part>,
    verdict: Verdict,
}

#[derive(Clone, Debug, Default)]
struct Part {
    seconds: f64,
    frames: f64,
    /// Of the samples, left and right.
    sums: [[f64; 2]; STEMS],
    squares: [[f64; 2]; STEMS],
    rows: f64,
    /// Of the rows; products of each stream with itself and those before it.
    stream_sums: [f64; STREAMS],
    products: [[f64; STREAMS]; STREAMS],
}

/// What was seen at the end of the last part.
#[derive(Clone, Debug, Default)]
struct Verdict {
    /// Level of each stem's constant offset.
    dc_db: [Option<f64>; STEMS],
    /// Bit a of entry b: streams a and b (a < b) are alike; are alike but for their polarity.
    twins: [[u32; 2]; STREAMS],
}

impl Window {
    /// Level of a stem's constant offset in dBFS, where it has one.
    pub fn dc_db(&self, stem: usize) -> Option<f64> {
        self.verdict.dc_db[stem]
    }

    /// Bit k: the stem is like stem k before it; is like it but for polarity.
    pub fn twins(&self, stem: usize) -> [u32; 2] {
        self.verdict.twins[stem]
    }

    /// Whether the main input is the sum of the others.
    pub fn main_is_sum(&self) -> bool {
        self.verdict.twins[SUM][0] & 1 != 0
    }

    /// Forgets what was seen of some stems (bits).
    pub fn disconnect(&mut self, stems: u32) {
        let Verdict { dc_db, twins } = &mut self.verdict;
        for (stream, twins) in twins.iter_mut().enumerate() {
            let is_gone = stems >> stream & 1 != 0;
            *twins = twins.map(|twins| if is_gone { 0 } else { twins & !stems });
        }
        for (_, dc_db) in dc_db.iter_mut().enumerate().filter(|(stem, _)| stems >> stem & 1 != 0) {
            *dc_db = None;
        }
    }

    pub fn add(&mut self, report: &Report) {
        if report.sample_rate_hz != self.sample_rate_hz {
            *self = Self { sample_rate_hz: report.sample_rate_hz, ..Self::default() };
        }
        self.part.add(report);
        if self.part.seconds < PART_S {
            return;
        }
        let part = std::mem::take(&mut *self.part);
        if self.parts.len() < PARTS {
            self.parts.push(part);
        } else {
            self.parts[self.next] = part;
            self.next = (self.next + 1) % PARTS;
        }
        if self.parts.len() == PARTS {
            let mut whole = Part::default();
            self.parts.iter().for_each(|part| whole.join(part));
            self.verdict.update(&whole);
        }
    }
}

impl Part {
    fn add(&mut self, report: &Report) {
        self.seconds += report.seconds();
        self.frames += REPORT_FRAMES as f64;
        self.rows += ROWS as f64;
        for (stem, figures) in report.figures.iter().enumerate() {
            for side in 0..2 {
                self.sums[stem][side] += f64::from(figures.sums[side]);
                self.squares[stem][side] += f64::from(figures.squares[side]);
            }
        }
        for row in &report.rows {
            let mut streams = [0.0; STREAMS];
            streams.iter_mut().zip(row).for_each(|(to, x)| *to = f64::from(*x));
            streams[SUM] = streams[1..STEMS].iter().sum();
            for (b, x) in streams.iter().enumerate() {
                self.stream_sums[b] += x;
                for (product, y) in self.products[b].iter_mut().zip(&streams[..=b]) {
                    *product += x * y;
                }
            }
        }
    }

    fn join(&mut self, part: &Self) {
        self.seconds += part.seconds;
        self.frames += part.frames;
        self.rows += part.rows;
        let join = |to: &mut [f64], from: &[f64]| to.iter_mut().zip(from).for_each(|(to, x)| *to += x);
        join(self.sums.as_flattened_mut(), part.sums.as_flattened());
        join(self.squares.as_flattened_mut(), part.squares.as_flattened());
        join(&mut self.stream_sums, &part.stream_sums);
        join(self.products.as_flattened_mut(), part.products.as_flattened());
    }

    /// Mean of a side of a stem, and the power around it.
    fn side(&self, stem: usize, side: usize) -> (f64, f64) {
        let mean = self.sums[stem][side] / self.frames;
        (mean, self.squares[stem][side] / self.frames - mean * mean)
    }

    fn covariance(&self, a: usize, b: usize) -> f64 {
        let mean = |stream: usize| self.stream_sums[stream] / self.rows;
        self.products[a.max(b)][a.min(b)] / self.rows - mean(a) * mean(b)
    }

    fn dc_db(&self, stem: usize) -> Option<f64> {
        let sides = [0, 1].map(|side| self.side(stem, side));
        let faulty = sides.into_iter().filter(|(mean, power)| is_dc(*mean, *power));
        let largest = faulty.map(|(mean, _)| mean.abs()).reduce(f64::max);
        largest.map(gain_to_db)
    }
}

impl Verdict {
    fn update(&mut self, whole: &Part) {
        for (stem, dc_db) in self.dc_db.iter_mut().enumerate() {
            *dc_db = whole.dc_db(stem);
        }
        let power: [f64; STREAMS] = std::array::from_fn(|stream| whole.covariance(stream, stream));
        let is_loud = |stem: &usize| {
            let sides = [0, 1].map(|side| whole.side(*stem, side).1);
            sides[0] + sides[1] >= 2.0 * COMPARED_POWER && power[*stem] >= ROUNDING_POWER
        };
        let mut loud = (0..STEMS).filter(is_loud).fold(0u32, |mask, stem| mask | 1 << stem);
        // The sum of one stem is that stem.
        if (loud & !1).count_ones() >= 2 && power[SUM] >= ROUNDING_POWER {
            loud |= 1 << SUM;
        }
        for b in (1..STREAMS).filter(|b| loud >> b & 1 != 0) {
            for a in (0..b).filter(|a| loud >> a & 1 != 0) {
                let likeness = whole.covariance(a, b) / (power[a] * power[b]).sqrt();
                for (twins, is_twin) in self.twins[b].iter_mut().zip([likeness >= ALIKE, likeness <= -ALIKE])
                {
                    *twins = *twins & !(1 << a) | u32::from(is_twin) << a;
                }
            }
        }
    }
}
