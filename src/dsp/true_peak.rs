//! Peaks between the samples, after annex 2 of ITU-R BS.1770-5.
//!
//! The interpolator is not the annex's own, which leaves the samples out and errs by up to 0.46 dB, but a
//! windowed sinc of 16 taps: of four points per frame one is the sample itself, the one half-way is
//! symmetric, and the other two are each other's mirror image. So a sum and a difference of two samples serve
//! both, and the larger of the two magnitudes is `|even part| + |odd part|`.

use super::simd::{Backend, Job, LANES, Lanes, Simd};
use std::f64::consts::PI;

/// Frames that a point between two of them is made from.
const TAPS: usize = 16;
/// Of the symmetric halves.
const PAIRS: usize = TAPS / 2;
/// Frames computed at a time. Changes no result.
pub const PART: usize = 32;
/// Shape of the Kaiser window: up to 0.4 of the sample rate the points between are within 0.05 dB.
const KAISER_BETA: f64 = 4.8;

/// True peaks of a stereo signal: the largest magnitudes at four times the sample rate below 96 kHz, at twice
/// the sample rate below 192 kHz, and of the samples above. Does not allocate. Reads the samples at once, and
/// what lies between them eight frames later.
#[derive(Clone, Debug)]
pub struct TruePeak {
    backend: Backend,
    factor: Factor,
    /// Half-way between two frames, from the outermost pair inwards.
    half: [f32; PAIRS],
    /// A quarter of the way, even and odd part.
    quarter: [[f32; PAIRS]; 2],
    /// The last frames of either side, and those of the part that is computed.
    sound: [[f32; TAPS + PART]; 2],
    /// Of every eighth frame of either side.
    peaks: [Lanes; 2],
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Factor {
    Four,
    Two,
    One,
}

impl TruePeak {
    /// For a sample rate, after silence, with the fastest instructions there are.
    pub fn new(sample_rate_hz: f64) -> Self {
        let quarter = taps(0.25);
        let pair =
            |sign: f64| std::array::from_fn(|k| ((quarter[k] + sign * quarter[TAPS - 1 - k]) / 2.0) as f32);
        Self {
            backend: Backend::fastest(),
            factor: match sample_rate_hz {
                rate if rate < 96_000.0 => Factor::Four,
                rate if rate < 192_000.0 => Factor::Two,
                _ => Factor::One,
            },
            half: std::array::from_fn(|k| taps(0.5)[k] as f32),
            quarter: [pair(1.0), pair(-1.0)],
            sound: [[0.0; TAPS + PART]; 2],
            peaks: Default::default(),
        }
    }

    /// Forgets all sound and its peaks.
    pub fn reset(&mut self) {
        self.sound = [[0.0; TAPS + PART]; 2];
        self.peaks = Default::default();
    }

    /// Listens to two sides of the same length, whatever it is. How time is cut into blocks changes nothing;
    /// what is no number counts as silence.
    pub fn process(&mut self, left: &[f32], right: &[f32]) {
        for (left, right) in left.chunks(PART).zip(right.chunks(PART)) {
            let mut part = [[0.0; PART]; 2];
            part[0][..left.len()].copy_from_slice(left);
            part[1][..right.len()].copy_from_slice(right);
            self.backend.run(Listen { true_peak: self, part: &part, frames: left.len() });
        }
    }

    /// The largest magnitudes so far, left and right, linear.
    pub fn peaks(&self) -> [f32; 2] {
        self.peaks.map(|side| side.0.into_iter().fold(0.0, f32::max))
    }

    /// The largest magnitudes since this was last asked.
    pub fn take(&mut self) -> [f32; 2] {
        let peaks = self.peaks();
        self.peaks = Default::default();
        peaks
    }

    /// Listens to the first frames of a part.
    #[inline(always)]
    pub(crate) fn listen<S: Simd>(&mut self, s: S, part: &[[f32; PART]; 2], frames: usize) {
        let frames = frames.min(PART);
        for (sound, part) in self.sound.iter_mut().zip(part) {
            let (to, from) = (sound[TAPS..].as_chunks_mut().0, part.as_chunks().0);
            for (to, from) in to.iter_mut().zip(from) {
                s.write(to, s.sanitise(s.read(from)));
            }
        }
        match self.factor {
            Factor::Four => self.points::<S, 4>(s, frames),
            Factor::Two => self.points::<S, 2>(s, frames),
            Factor::One => self.points::<S, 1>(s, frames),
        }
        for sound in &mut self.sound {
            let mut last = [0.0; TAPS];
            last.copy_from_slice(&sound[frames..frames + TAPS]);
            sound[..TAPS].copy_from_slice(&last);
        }
    }

    /// Each frame and the points that are due with it, eight frames of both sides at a time.
    #[inline(always)]
    fn points<S: Simd, const FACTOR: usize>(&mut self, s: S, frames: usize) {
        let zero = s.splat(0.0);
        let mut peaks = [s.load(&self.peaks[0]), s.load(&self.peaks[1])];
        for at in (0..PART).step_by(LANES) {
            let [Some(left), Some(right)] = self.sound.each_ref().map(|side| side[at + 1..].first_chunk())
            else {
                break;
            };
            let windows: [&Window; 2] = [left, right];
            let [mut half, mut even, mut odd] = [[zero; 2]; 3];
            for k in 0..PAIRS {
                let taps = [self.half[k], self.quarter[0][k], self.quarter[1][k]].map(|tap| s.splat(tap));
                for side in 0..2 {
                    let (early, late) =
                        (frames_of(s, windows[side], k), frames_of(s, windows[side], TAPS - 1 - k));
                    let sum = s.add(early, late);
                    if FACTOR >= 2 {
                        half[side] = s.mul_add(taps[0], sum, half[side]);
                    }
                    if FACTOR >= 4 {
                        even[side] = s.mul_add(taps[1], sum, even[side]);
                        odd[side] = s.mul_add(taps[2], s.sub(early, late), odd[side]);
                    }
                }
            }
            // Behind the last frame lies what only the next ones will make true.
            let is_due = s.above(s.splat(frames as f32 - at as f32), s.load(&COUNT));
            for side in 0..2 {
                let own = frames_of(s, windows[side], TAPS - 1);
                let points = [half[side], s.add(even[side], odd[side]), s.sub(even[side], odd[side])];
                let mut highest = s.max_abs(zero, own);
                for point in points {
                    highest = s.max_abs(highest, point);
                }
                peaks[side] = s.max(peaks[side], s.select(is_due, highest, zero));
            }
            if at + LANES >= frames {
                break;
            }
        }
        s.store(&mut self.peaks[0], peaks[0]);
        s.store(&mut self.peaks[1], peaks[1]);
    }
}

struct Listen<'a> {
    true_peak: &'a mut TruePeak,
    part: &'a [[f32; PART]; 2],
    frames: usize,
}

impl Job for Listen<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        self.true_peak.listen(s, self.part, self.frames);
    }
}

/// Eight frames and those before them that their points are made from.
type Window = [f32; TAPS - 1 + LANES];

const COUNT: Lanes = Lanes([0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]);

/// Eight frames of a window, from one of its first sixteen on.
#[inline(always)]
fn frames_of<S: Simd>(s: S, window: &Window, from: usize) -> S::V {
    window[from..].first_chunk().map_or_else(|| s.splat(0.0), |frames| s.read(frames))
}

/// The point `offset` frames after the middle two's first: a sinc in a Kaiser window, 1 in all.
fn taps(offset: f64) -> [f64; TAPS] {
    let taps: [f64; TAPS] = std::array::from_fn(|k| {
        let at = k as f64 - (PAIRS as f64 - 1.0 + offset);
        let place = at / PAIRS as f64;
        let window = bessel_i0(KAISER_BETA * (1.0 - place * place).max(0.0).sqrt());
        (PI * at).sin() / (PI * at) * window
    });
    let sum: f64 = taps.iter().sum();
    taps.map(|tap| tap / sum)
}

/// The modified Bessel function of the first kind and order zero, by its series.
fn bessel_i0(x: f64) -> f64 {
    let terms = (1..40).scan(1.0, |term, k| {
        *term *= (x / 2.0 / f64::from(k)).powi(2);
        Some(*term)
    });
    1.0 + terms.sum::<f64>()
}
