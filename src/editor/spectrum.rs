//! What a stem consists of, as levels over frequency.

use crate::sync::Scope;
use realfft::num_complex::Complex;
use realfft::{RealFftPlanner, RealToComplex};
use std::f32::consts::TAU;
use std::fmt;
use std::sync::Arc;

/// Frames that are looked at together.
const FRAMES: usize = 4096;
/// How fast a level falls, in dB per second.
const FALL_DB_PER_S: f32 = 40.0;
/// What is lower is not shown, in dBFS.
pub const FLOOR_DB: f32 = -96.0;
/// Music has less the higher it goes: so much per octave is added above 1 kHz and taken away below, so that
/// a balanced sound lies level.
const SLOPE_DB_PER_OCTAVE: f32 = 3.0;

/// The spectrum of the stem that is looked at, from frame to frame.
pub struct Spectrum {
    fft: Arc<dyn RealToComplex<f32>>,
    window: Vec<f32>,
    frames: Vec<f32>,
    bins: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
    stem: Option<usize>,
    written: usize,
    /// At the frequencies that were asked for.
    levels_db: Vec<f32>,
}

impl fmt::Debug for Spectrum {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_struct("Spectrum").field("stem", &self.stem).finish_non_exhaustive()
    }
}

impl Default for Spectrum {
    fn default() -> Self {
        let fft = RealFftPlanner::new().plan_fft_forward(FRAMES);
        let hann = |i: usize| 0.5 - 0.5 * (TAU * i as f32 / FRAMES as f32).cos();
        Self {
            window: (0..FRAMES).map(hann).collect(),
            frames: fft.make_input_vec(),
            bins: fft.make_output_vec(),
            scratch: fft.make_scratch_vec(),
            fft,
            stem: None,
            written: 0,
            levels_db: Vec::new(),
        }
    }
}

impl Spectrum {
    /// Looks at a stem, so many seconds after the last time, at frequencies in Hz that rise. Answers its
    /// levels there, in dBFS of a sine, sloped.
    pub fn look(&mut self, scope: &Scope, stem: usize, hz: &[f32], sample_rate_hz: f64, dt_s: f32) -> &[f32] {
        scope.look_at(Some(stem));
        if self.stem != Some(stem) || self.levels_db.len() != hz.len() {
            self.stem = Some(stem);
            self.levels_db.clear();
            self.levels_db.resize(hz.len(), FLOOR_DB);
        }
        for db in &mut self.levels_db {
            *db = (*db - FALL_DB_PER_S * dt_s).max(FLOOR_DB);
        }
        let written = scope.written();
        let is_new = written != self.written;
        self.written = written;
        if !is_new || !scope.read(&mut self.frames) {
            return &self.levels_db;
        }
        self.frames.iter_mut().zip(&self.window).for_each(|(x, w)| *x *= w);
        // The lengths are its own, so it cannot fail.
        let _ = self.fft.process_with_scratch(&mut self.frames, &mut self.bins, &mut self.scratch);
        let bin_hz = (sample_rate_hz / FRAMES as f64) as f32;
        // A sine of full scale comes out as a quarter of the frames in a Hann window's middle bin.
        let scale = 4.0 / FRAMES as f32;
        let last = self.bins.len() - 1;
        for (at, hz_here) in hz.iter().enumerate() {
            // The loudest bin from half-way to the last frequency to half-way to the next.
            let edge =
                |other: Option<&f32>| other.map_or(*hz_here, |other| (hz_here * other).sqrt()) / bin_hz;
            let low = edge(at.checked_sub(1).and_then(|at| hz.get(at)));
            let high = edge(hz.get(at + 1));
            let (first, end) =
                ((low.round() as usize).clamp(1, last), (high.round() as usize).clamp(1, last));
            let power = self.bins[first..=end.max(first)].iter().fold(0.0f32, |p, bin| p.max(bin.norm_sqr()));
            let db = 10.0 * (power * scale * scale).log10() + SLOPE_DB_PER_OCTAVE * (hz_here / 1000.0).log2();
            if db.is_finite() && db > self.levels_db[at] {
                self.levels_db[at] = db;
            }
        }
        &self.levels_db
    }
}
