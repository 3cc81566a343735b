//! What a stem consists of, as levels over frequency.

use crate::sync::{Meters, Scope};
use realfft::num_complex::Complex;
use realfft::{RealFftPlanner, RealToComplex};
use std::f32::consts::TAU;
use std::fmt;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};

/// Frames that are looked at together.
const FRAMES: usize = 4096;
/// How fast a level falls, in dB per second.
const FALL_DB_PER_S: f32 = 40.0;
/// What is lower is not shown, in dBFS.
pub const FLOOR_DB: f32 = -96.0;
/// Music has less the higher it goes: so much per octave is added above 1 kHz and taken away below, so that
/// a balanced sound lies level.
const SLOPE_DB_PER_OCTAVE: f32 = 3.0;

/// The spectrum of the stem that is looked at, from frame to frame. A thread of its own does the sums, and
/// lives while the spectrum is shown.
#[derive(Default)]
pub struct Spectrum {
    worker: Option<Worker>,
    stem: Option<usize>,
    written: usize,
    /// At the frequencies that were asked for, in dBFS.
    levels_db: Vec<f32>,
}

impl fmt::Debug for Spectrum {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_struct("Spectrum").field("stem", &self.stem).finish_non_exhaustive()
    }
}

impl Spectrum {
    /// Looks at a stem, so many seconds after the last time, at frequencies in Hz that rise. Answers its
    /// levels there as far as they are known by now, in dBFS of a sine, sloped.
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
        let worker = self.worker.get_or_insert_with(Worker::start);
        if let Some(answer) = worker.answer(stem) {
            self.levels_db.iter_mut().zip(answer).for_each(|(db, new)| *db = db.max(*new));
        }
        if scope.written() != self.written {
            self.written = scope.written();
            worker.ask(|job| {
                job.stem = stem;
                job.sample_rate_hz = sample_rate_hz;
                job.hz.clear();
                job.hz.extend_from_slice(hz);
                scope.read(&mut job.frames)
            });
        }
        &self.levels_db
    }

    /// Nobody looks any more.
    pub fn rest(&mut self, scope: &Scope) {
        scope.look_at(None);
        (self.worker, self.stem) = (None, None);
    }

    /// Whether the next frame will look different by itself.
    pub fn is_moving(&self) -> bool {
        self.stem.is_some() && self.levels_db.iter().any(|db| *db > FLOOR_DB)
    }

    /// Whether the stem that is looked at has sounded since, before its fader.
    pub fn is_waiting(&self, meters: &Meters) -> bool {
        let sounds = |stem| 10.0 * meters.weighted_power(stem).log10() > FLOOR_DB;
        self.stem.is_some_and(sounds) && meters.scope().written() != self.written
    }
}

/// Frames to be looked at, and what was seen in them. Goes to the worker and comes back.
#[derive(Default)]
struct Job {
    stem: usize,
    sample_rate_hz: f64,
    hz: Vec<f32>,
    frames: Vec<f32>,
    levels_db: Vec<f32>,
}

/// The thread, with one job that is here or there.
struct Worker {
    /// None while the worker has it.
    job: Option<Box<Job>>,
    asks: Option<Sender<Box<Job>>>,
    answers: Receiver<Box<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Worker {
    fn start() -> Self {
        let (asks, asked) = channel::<Box<Job>>();
        let (answered, answers) = channel();
        let work = move || {
            let mut analyser = Analyser::default();
            while let Ok(mut job) = asked.recv() {
                analyser.analyse(&mut job);
                if answered.send(job).is_err() {
                    return;
                }
            }
        };
        // Without a thread there is no spectrum, and nothing else is missing.
        let thread = thread::Builder::new().name("stemwright spectrum".to_owned()).spawn(work).ok();
        let job = Box::new(Job { frames: vec![0.0; FRAMES], ..Job::default() });
        Self { job: Some(job), asks: Some(asks), answers, thread }
    }

    /// Gives the worker what to look at, if it is not at work and `fill` finds something.
    fn ask(&mut self, fill: impl FnOnce(&mut Job) -> bool) {
        let (Some(mut job), Some(asks)) = (self.job.take(), &self.asks) else { return };
        if fill(&mut job) {
            let _ = asks.send(job);
        } else {
            self.job = Some(job);
        }
    }

    /// What it has seen of this stem since it was asked.
    fn answer(&mut self, stem: usize) -> Option<&[f32]> {
        let job = self.job.insert(self.answers.try_recv().ok()?);
        (job.stem == stem).then_some(&job.levels_db[..])
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.asks = None;
        if let Some(thread) = self.thread.take() {
            // It ends after the sums at hand; code must not run on when the plugin is unloaded.
            let _ = thread.join();
        }
    }
}

/// Finds the level at each frequency.
struct Analyser {
    fft: Arc<dyn RealToComplex<f32>>,
    window: Vec<f32>,
    bins: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
}

impl Default for Analyser {
    fn default() -> Self {
        let fft = RealFftPlanner::new().plan_fft_forward(FRAMES);
        let hann = |i: usize| 0.5 - 0.5 * (TAU * i as f32 / FRAMES as f32).cos();
        Self {
            window: (0..FRAMES).map(hann).collect(),
            bins: fft.make_output_vec(),
            scratch: fft.make_scratch_vec(),
            fft,
        }
    }
}

impl Analyser {
    fn analyse(&mut self, job: &mut Job) {
        let Job { sample_rate_hz, hz, frames, levels_db, .. } = job;
        frames.iter_mut().zip(&self.window).for_each(|(x, w)| *x *= w);
        // The lengths are its own, so it cannot fail.
        let _ = self.fft.process_with_scratch(frames, &mut self.bins, &mut self.scratch);
        let bin_hz = (*sample_rate_hz / FRAMES as f64) as f32;
        // A sine of full scale comes out as a quarter of the frames in a Hann window's middle bin.
        let scale = 4.0 / FRAMES as f32;
        let last = self.bins.len() - 1;
        levels_db.clear();
        levels_db.extend(hz.iter().enumerate().map(|(at, hz_here)| {
            // The loudest bin from half-way to the last frequency to half-way to the next.
            let edge = |other: Option<&f32>| {
                let middle_hz = other.map_or(*hz_here, |other| (hz_here * other).sqrt());
                ((middle_hz / bin_hz).round() as usize).clamp(1, last)
            };
            let first = edge(at.checked_sub(1).and_then(|at| hz.get(at)));
            let end = edge(hz.get(at + 1)).max(first);
            let power = self.bins[first..=end].iter().fold(0.0f32, |p, bin| p.max(bin.norm_sqr()));
            let db = 10.0 * (power * scale * scale).log10() + SLOPE_DB_PER_OCTAVE * (hz_here / 1000.0).log2();
            if db.is_finite() { db } else { FLOOR_DB }
        }));
    }
}
