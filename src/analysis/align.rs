//! Which stems have sound in common, and how far apart in time it lies.
//!
//! Spectra of all pairs are averaged over the song, so that what two stems have in common adds up and what
//! they do not falls out of phase. Each frequency then counts as much as it is alike in both (the smoothed
//! coherence transform, Carter, Nuttall and Cable 1973), which makes the peak over the lags sharp: two
//! instruments that play the same notes are alike at a few frequencies, two copies of one sound at all.

use crate::dsp::sanitise::sanitise;
use crate::model::limits::STEMS;
use realfft::num_complex::Complex;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};
use std::f64::consts::TAU;
use std::sync::Arc;

/// Sound that is compared at a time, at least, in seconds.
const SEGMENT_S: f64 = 0.6;
/// So many segments tell enough of a song.
const MAX_SEGMENTS: u64 = 256;
/// Sound that lies further apart than this, in seconds, is taken for an echo, which is music.
pub const MAX_LAG_S: f64 = 0.1;
/// Frequencies above this are left out, in Hz: there is more noise than sound.
const MAX_HZ: f64 = 18_000.0;
/// A frequency counts where both stems have it, at most so far below their strongest (-80 dB, power).
const HEARD: f64 = 1e-8;
/// Two stems have sound in common where the peak is at least this...
const LEAST_PEAK: f64 = 0.12;
/// ...so many times what is usual at other lags...
const LEAST_PROMINENCE: f64 = 8.0;
/// ...and where so much of their power is in it that aligning it can be heard.
const LEAST_CORRELATION: f64 = 0.1;
/// Left counts twice against right: unlike the middle, that does not lose a stem whose sides cancel.
const SIDES: [f32; 2] = [2.0 / 3.0, 1.0 / 3.0];

type Bin = Complex<f32>;

/// Compares stems of one sample rate, fed from beginning to end.
#[derive(Clone)]
pub struct Aligner {
    fft: Arc<dyn RealToComplex<f32>>,
    inverse: Arc<dyn ComplexToReal<f32>>,
    sample_rate_hz: f64,
    window: Vec<f32>,
    /// Frames from one segment to the next.
    hop: usize,
    /// Frames to pass over before the next segment.
    skip: usize,
    waiting: Vec<Vec<f32>>,
    spectra: Vec<Vec<Bin>>,
    /// Of each pair a <= b at b (b + 1) / 2 + a: sums of the spectrum of b times that of a turned over.
    sums: Vec<Vec<Bin>>,
}

/// How alike two stems are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Likeness {
    /// Correlation as they are, from -1 to 1.
    pub now: f64,
    /// Where they have sound in common.
    pub common: Option<Common>,
}

/// Sound that two stems have in common.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Common {
    /// By how many frames it comes later in the second stem; below 0 it comes earlier.
    pub lag_frames: f64,
    /// Correlation at the nearest whole frame, from -1 to 1: below 0 it is turned over.
    pub correlation: f64,
}

impl Aligner {
    /// For so many stems, at most sixteen, of at most so many frames.
    pub fn new(stems: usize, sample_rate_hz: f64, frames: u64) -> Self {
        let len = ((SEGMENT_S * sample_rate_hz) as usize).max(2).next_power_of_two();
        let mut planner = RealFftPlanner::new();
        let (fft, inverse) = (planner.plan_fft_forward(len), planner.plan_fft_inverse(len));
        let hann = |i: usize| (0.5 - 0.5 * (TAU * i as f64 / len as f64).cos()) as f32;
        let stems = stems.min(STEMS);
        let bins = ((MAX_HZ / sample_rate_hz * len as f64) as usize).min(len / 2);
        Self {
            sample_rate_hz,
            window: (0..len).map(hann).collect(),
            hop: (len / 2).max(frames.div_ceil(MAX_SEGMENTS) as usize),
            skip: 0,
            waiting: vec![Vec::new(); stems],
            spectra: vec![fft.make_output_vec(); stems],
            sums: vec![vec![Bin::default(); bins]; stems * (stems + 1) / 2],
            fft,
            inverse,
        }
    }

    /// The next frames of all stems, equally long; silence after the end of one.
    pub fn process(&mut self, sounds: &[[&[f32]; 2]]) {
        let frames = sounds.first().map_or(0, |sound| sound[0].len());
        let mut start = 0;
        while start < frames {
            let skipped = self.skip.min(frames - start);
            self.skip -= skipped;
            start += skipped;
            let n = (self.window.len() - self.waiting[0].len()).min(frames - start);
            for (waiting, [left, right]) in self.waiting.iter_mut().zip(sounds) {
                let sides = left[start..start + n].iter().zip(&right[start..start + n]);
                waiting.extend(sides.map(|(l, r)| SIDES[0] * sanitise(*l) + SIDES[1] * sanitise(*r)));
            }
            start += n;
            if self.waiting[0].len() == self.window.len() {
                self.add_segment();
            }
        }
    }

    /// What is left after the last full segment is looked at as if silence followed.
    fn finish(&mut self) {
        if self.waiting.first().is_some_and(|waiting| !waiting.is_empty()) {
            self.waiting.iter_mut().for_each(|waiting| waiting.resize(self.window.len(), 0.0));
            self.add_segment();
        }
    }

    fn add_segment(&mut self) {
        let len = self.window.len();
        let mut scratch = self.fft.make_scratch_vec();
        let mut frames = self.fft.make_input_vec();
        for (waiting, spectrum) in self.waiting.iter_mut().zip(&mut self.spectra) {
            if waiting.iter().all(|x| *x == 0.0) {
                spectrum.fill(Bin::default());
            } else {
                let windowed = waiting.iter().zip(&self.window).map(|(x, w)| x * w);
                frames.iter_mut().zip(windowed).for_each(|(to, x)| *to = x);
                // The lengths are its own, so it cannot fail.
                let _ = self.fft.process_with_scratch(&mut frames, spectrum, &mut scratch);
            }
            waiting.drain(..self.hop.min(len));
        }
        self.skip = self.hop.saturating_sub(len);
        let sounds: Vec<bool> =
            self.spectra.iter().map(|s| s.iter().any(|bin| *bin != Bin::default())).collect();
        let mut sums = self.sums.iter_mut();
        for b in 0..self.spectra.len() {
            for (a, sum) in sums.by_ref().take(b + 1).enumerate() {
                if sounds[a] && sounds[b] {
                    let bins = self.spectra[a].iter().zip(&self.spectra[b]).skip(1);
                    sum.iter_mut().skip(1).zip(bins).for_each(|(sum, (a, b))| *sum += b * a.conj());
                }
            }
        }
    }

    fn pair(&self, a: usize, b: usize) -> &[Bin] {
        &self.sums[b * (b + 1) / 2 + a]
    }

    /// How alike the stems are, all pairs a < b, and at the end their likeness to the sum of all others.
    pub fn compare(mut self) -> Comparison {
        self.finish();
        let stems = self.waiting.len();
        let covariance = |a: usize, b: usize| -> f64 {
            self.pair(a.min(b), a.max(b)).iter().map(|bin| f64::from(bin.re)).sum()
        };
        let covariances: Vec<Vec<f64>> =
            (0..stems).map(|a| (0..stems).map(|b| covariance(a, b)).collect()).collect();
        let mut pairs = Vec::new();
        for b in 0..stems {
            for a in 0..b {
                let power = (covariances[a][a] * covariances[b][b]).sqrt();
                if power > 0.0 {
                    let now = covariances[a][b] / power;
                    pairs.push((a, b, Likeness { now, common: self.common(a, b, power) }));
                }
            }
        }
        let to_rest = |stem: usize| {
            let others = || (0..stems).filter(move |other| *other != stem);
            let cross: f64 = others().map(|other| covariances[stem][other]).sum();
            let rest: f64 =
                others().flat_map(|a| others().map(move |b| (a, b))).map(|(a, b)| covariances[a][b]).sum();
            let power = (covariances[stem][stem] * rest.max(0.0)).sqrt();
            if power > 0.0 { cross / power } else { 0.0 }
        };
        Comparison { to_rest: (0..stems).map(to_rest).collect(), pairs }
    }

    /// `power` is the root of the product of both stems' powers.
    fn common(&self, a: usize, b: usize, power: f64) -> Option<Common> {
        let sums = self.pair(a, b);
        let powers = [a, b].map(|stem| self.pair(stem, stem));
        let floors = powers.map(|bins| HEARD as f32 * bins.iter().fold(0.0f32, |most, bin| most.max(bin.re)));
        let mut alike = self.fft.make_output_vec();
        let mut plain = alike.clone();
        let mut count = 0.0;
        for (bin, sum) in sums.iter().enumerate().skip(1) {
            plain[bin] = *sum;
            let here = powers.map(|bins| bins[bin].re);
            if here[0] > floors[0] && here[1] > floors[1] {
                alike[bin] = sum / (here[0].sqrt() * here[1].sqrt());
                count += 1.0;
            }
        }
        if count < 1.0 {
            return None;
        }
        let coherence = alike.clone();
        let by_lag = |mut bins: Vec<Bin>| {
            let mut lags = self.inverse.make_output_vec();
            // The lengths are its own, and the outermost bins are zero: it cannot fail.
            let _ = self.inverse.process(&mut bins, &mut lags);
            lags
        };
        let len = self.window.len();
        let most = (MAX_LAG_S * self.sample_rate_hz) as isize;
        let at = |lags: &[f32], lag: isize| f64::from(lags[lag.rem_euclid(len as isize) as usize]);
        let alike = by_lag(alike);
        let peak_lag = (-most..=most).max_by(|x, y| at(&alike, *x).abs().total_cmp(&at(&alike, *y).abs()))?;
        let peak = at(&alike, peak_lag).abs() / (2.0 * count);
        let others = (-most..=most).filter(|lag| (lag - peak_lag).abs() > most / 100);
        let (sum, n) = others.fold((0.0, 0.0), |(sum, n), lag| (sum + at(&alike, lag).powi(2), n + 1.0));
        let usual = (sum / n).sqrt() / (2.0 * count);
        if peak < LEAST_PEAK || peak < LEAST_PROMINENCE * usual {
            return None;
        }
        let correlation = at(&by_lag(plain), peak_lag) / (2.0 * power);
        if correlation.abs() < LEAST_CORRELATION {
            return None;
        }
        let part = self.part_of_frame(&coherence, peak_lag, correlation.signum());
        Some(Common { lag_frames: peak_lag as f64 + part, correlation })
    }

    /// What is left of the lag beside whole frames, by the slope of the phase.
    fn part_of_frame(&self, coherence: &[Bin], lag: isize, sign: f64) -> f64 {
        let len = self.window.len() as f64;
        let (mut sum, mut squares) = (0.0, 0.0);
        for (bin, alike) in coherence.iter().enumerate() {
            let omega = TAU * bin as f64 / len;
            let weight = f64::from(alike.norm_sqr());
            let turned = Complex::new(f64::from(alike.re), f64::from(alike.im))
                * Complex::from_polar(sign, omega * lag as f64);
            sum -= weight * omega * turned.arg();
            squares += weight * omega * omega;
        }
        if squares > 0.0 { (sum / squares).clamp(-0.5, 0.5) } else { 0.0 }
    }
}

/// How alike stems are.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Comparison {
    /// Of each pair of stems that sound, the earlier first.
    pub pairs: Vec<(usize, usize, Likeness)>,
    /// Of each stem its correlation with the sum of all others.
    pub to_rest: Vec<f64>,
}
