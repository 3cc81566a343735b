//! Spectra: power by frequency, and by forty bands about as wide as the ear's filters.

use crate::dsp::sanitise::sanitise;
use realfft::num_complex::Complex;
use realfft::{RealFftPlanner, RealToComplex};
use std::f64::consts::TAU;
use std::sync::Arc;

/// Bands a spectrum is told in.
pub const BANDS: usize = 40;
/// Where the first begins and the last ends, in Hz.
const EDGES_HZ: [f64; 2] = [30.0, 16_000.0];
/// Frames that are transformed together at 44.1 and 48 kHz; every other window begins half-way.
const FRAMES: f64 = 4096.0;
const FRAMES_AT_HZ: f64 = 48_000.0;

/// A value for each band: usually the mean power, left and right together.
pub type BandPowers = [f64; BANDS];

/// Edges of the bands in Hz: even steps on the scale of the ear's filters (Glasberg and Moore 1990).
pub fn edges_hz() -> [f64; BANDS + 1] {
    let [low, high] = EDGES_HZ.map(erb_number);
    std::array::from_fn(|edge| hz_of(low + (high - low) * edge as f64 / BANDS as f64))
}

/// The middle of each band in Hz, in octaves.
pub fn centres_hz() -> BandPowers {
    let edges = edges_hz();
    std::array::from_fn(|band| (edges[band] * edges[band + 1]).sqrt())
}

fn erb_number(hz: f64) -> f64 {
    21.4 * (1.0 + 0.004_37 * hz).log10()
}

fn hz_of(erb_number: f64) -> f64 {
    (10f64.powf(erb_number / 21.4) - 1.0) / 0.004_37
}

/// Transforms stereo sound, window by window. How time is cut into blocks changes nothing.
pub struct Spectrograph {
    fft: Arc<dyn RealToComplex<f64>>,
    sample_rate_hz: f64,
    /// Hann's.
    window: Vec<f64>,
    /// Left and right: the frames of the window under way.
    waiting: [Vec<f32>; 2],
    frames: Vec<f64>,
    bins: Vec<Complex<f64>>,
    scratch: Vec<Complex<f64>>,
    powers: Vec<f64>,
    /// For each band its first bin, and the shares of it and of those after it that lie in the band.
    bands: Vec<(usize, Vec<f64>)>,
}

impl Spectrograph {
    /// For a sample rate, before any sound.
    pub fn new(sample_rate_hz: f64) -> Self {
        let octaves = (sample_rate_hz / FRAMES_AT_HZ).log2().round().clamp(-2.0, 3.0);
        let len = (FRAMES * octaves.exp2()) as usize;
        let fft = RealFftPlanner::new().plan_fft_forward(len);
        let hann = |i: usize| 0.5 - 0.5 * (TAU * i as f64 / len as f64).cos();
        let bins = fft.make_output_vec();
        let mut spectrograph = Self {
            sample_rate_hz,
            window: (0..len).map(hann).collect(),
            waiting: Default::default(),
            frames: fft.make_input_vec(),
            scratch: fft.make_scratch_vec(),
            powers: vec![0.0; bins.len()],
            bins,
            bands: Vec::new(),
            fft,
        };
        let edges = edges_hz();
        spectrograph.bands = edges.windows(2).map(|edges| spectrograph.band([edges[0], edges[1]])).collect();
        spectrograph
    }

    /// Seconds from one window to the next.
    pub fn hop_s(&self) -> f64 {
        self.window.len() as f64 / 2.0 / self.sample_rate_hz
    }

    /// The frequency of a bin in Hz.
    pub fn hz(&self, bin: usize) -> f64 {
        bin as f64 * self.sample_rate_hz / self.window.len() as f64
    }

    /// Listens to two equally long sides. `each` is given the power of every bin, left and right together, of
    /// each window that is full: they add up to the mean square. What is no number counts as silence.
    pub fn process(&mut self, left: &[f32], right: &[f32], mut each: impl FnMut(&Self)) {
        let len = self.window.len();
        let mut start = 0;
        while start < left.len() {
            let n = (len - self.waiting[0].len()).min(left.len() - start);
            for (waiting, side) in self.waiting.iter_mut().zip([left, right]) {
                waiting.extend(side[start..start + n].iter().map(|x| sanitise(*x)));
            }
            start += n;
            if self.waiting[0].len() == len {
                self.transform();
                each(self);
                self.waiting.iter_mut().for_each(|side| drop(side.drain(..len / 2)));
            }
        }
    }

    /// The window that was transformed last: the power of every bin.
    pub fn powers(&self) -> &[f64] {
        &self.powers
    }

    /// The same by bands.
    pub fn band_powers(&self) -> BandPowers {
        std::array::from_fn(|band| self.within(&self.bands[band]))
    }

    /// The bins between two frequencies in Hz with the shares of them that lie there, for [`Self::within`].
    pub fn band(&self, [low_hz, high_hz]: [f64; 2]) -> (usize, Vec<f64>) {
        let step_hz = self.hz(1);
        let share = |bin: usize| {
            let [from, to] = [-0.5, 0.5].map(|half| (bin as f64 + half) * step_hz);
            (to.min(high_hz) - from.max(low_hz)).max(0.0) / step_hz
        };
        let first = ((low_hz / step_hz + 0.5) as usize).min(self.powers.len());
        let shares = (first..self.powers.len()).map(share).take_while(|share| *share > 0.0).collect();
        (first, shares)
    }

    /// Power of some bins.
    pub fn within(&self, (first, shares): &(usize, Vec<f64>)) -> f64 {
        self.powers[*first..].iter().zip(shares).map(|(power, share)| power * share).sum()
    }

    fn transform(&mut self) {
        self.powers.fill(0.0);
        let len = self.window.len() as f64;
        // Hann's window leaves three eighths of the power; all bins but the outermost stand for two.
        let scale = 2.0 / (0.375 * len * len);
        for side in &self.waiting {
            if side.iter().all(|x| *x == 0.0) {
                continue;
            }
            for ((to, x), w) in self.frames.iter_mut().zip(side).zip(&self.window) {
                *to = f64::from(*x) * w;
            }
            // The lengths are its own, so it cannot fail.
            let _ = self.fft.process_with_scratch(&mut self.frames, &mut self.bins, &mut self.scratch);
            for (power, bin) in self.powers.iter_mut().zip(&self.bins) {
                *power += scale * bin.norm_sqr();
            }
        }
        let last = self.powers.len() - 1;
        self.powers[0] /= 2.0;
        self.powers[last] /= 2.0;
    }
}
