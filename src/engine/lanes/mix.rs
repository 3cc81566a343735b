//! What the mix comes to while somebody listens: its K weighting and its true peaks.

use super::kernel::{load, rest_frame, weigh_frame};
use super::{Backend, Job, LANES, Lanes, SET, Simd, WEIGHTINGS};
use crate::dsp::true_peak::{PART, TruePeak};
use crate::engine::tone::SILENCE;

/// Shelf and high-pass: q, p, n0, n1 of each.
type Weighting = [[Lanes; 4]; WEIGHTINGS];

/// Listens to the mix. Works on whole parts, counted from when it was asked last, so that short blocks cost no
/// more than long ones.
#[derive(Clone, Debug)]
pub(in crate::engine) struct MixEar {
    /// Frames that wait until their part is full.
    part: [[f32; PART]; 2],
    frames: usize,
    /// The weighting's states: of the left side in the lower half of the lanes, of the right in the upper.
    state: [[Lanes; 2]; WEIGHTINGS],
    squares: Lanes,
    true_peak: TruePeak,
}

impl MixEar {
    /// For a sample rate, after silence.
    pub fn new(sample_rate_hz: f64) -> Self {
        Self {
            part: [[0.0; PART]; 2],
            frames: 0,
            state: Default::default(),
            squares: Lanes::default(),
            true_peak: TruePeak::new(sample_rate_hz),
        }
    }

    /// Forgets all sound.
    pub fn reset(&mut self) {
        self.frames = 0;
        (self.state, self.squares) = Default::default();
        self.true_peak.reset();
    }

    /// The next frames, two sides of the same length.
    pub fn push(&mut self, mut sides: [&[f32]; 2], weighting: &Weighting, backend: Backend) {
        while !sides[0].is_empty() {
            let frames = sides[0].len().min(PART - self.frames);
            for (part, side) in self.part.iter_mut().zip(&mut sides) {
                let (next, rest) = side.split_at(frames);
                part[self.frames..][..frames].copy_from_slice(next);
                *side = rest;
            }
            self.frames += frames;
            if self.frames == PART {
                self.listen(weighting, backend);
            }
        }
    }

    /// The sum of the weighted squares of both sides, less the shelf's gain, and the true peaks, since this was
    /// last asked.
    pub fn take(&mut self, weighting: &Weighting, backend: Backend) -> (f32, [f32; 2]) {
        self.listen(weighting, backend);
        let squares = std::mem::take(&mut self.squares).0;
        (squares[0] + squares[LANES / 2], self.true_peak.take())
    }

    fn listen(&mut self, weighting: &Weighting, backend: Backend) {
        backend.run(Listen(self, weighting));
        self.frames = 0;
    }
}

struct Listen<'a>(&'a mut MixEar, &'a Weighting);

impl Job for Listen<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        let Self(MixEar { part, frames, state, squares, true_peak }, [shelf, high_pass]) = self;
        true_peak.listen(s, part, *frames);
        let is_right = s.load(&RIGHT);
        let (shelf, [q, p, ..]) = (load(s, shelf), load(s, high_pass));
        let mut now = [load(s, &state[0]), load(s, &state[1])];
        let mut sum = s.load(squares);
        for (left, right) in part[0].iter().zip(&part[1]).take(*frames) {
            let x = s.select(is_right, s.splat(*right), s.splat(*left));
            let y = rest_frame(s, &shelf, &mut now[0], x);
            weigh_frame(s, [q, p], &mut now[1], &mut sum, y);
        }
        s.store(squares, sum);
        let floor = s.splat(SILENCE);
        for (state, now) in state.as_flattened_mut().iter_mut().zip(now.as_flattened()) {
            s.store(state, s.flush(*now, floor));
        }
    }
}

/// The lanes of the right side.
const RIGHT: Lanes = Lanes([0.0, 0.0, 0.0, 0.0, SET, SET, SET, SET]);
