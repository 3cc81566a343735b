//! The K weighting of one stereo signal.

use super::{slot_frames, weighting};
use crate::dsp::sanitise::{FLOOR, sanitise};
use crate::dsp::svf::Delta;

/// Weighs a stereo signal and hands out its mean square, slot by slot of 10 ms. Does not allocate.
#[derive(Clone, Debug)]
pub struct KWeighting {
    /// Shelf and high-pass.
    sections: [Delta; 2],
    /// By side, then by section.
    states: [[[f64; 2]; 2]; 2],
    slot_frames: usize,
    /// Of the present slot: frames so far and the sum of their squares.
    frames: usize,
    squares: f64,
}

impl KWeighting {
    /// For a sample rate, at rest.
    pub fn new(sample_rate_hz: f64) -> Self {
        Self {
            sections: weighting(sample_rate_hz).map(Delta::from),
            states: Default::default(),
            slot_frames: slot_frames(sample_rate_hz),
            frames: 0,
            squares: 0.0,
        }
    }

    /// Forgets all sound.
    pub fn reset(&mut self) {
        self.states = Default::default();
        (self.frames, self.squares) = (0, 0.0);
    }

    /// Weighs two equally long sides of any length. `slot` is given the weighted mean square, left and right
    /// together, of every 10 ms that are full, as [`super::LoudnessMeter::push`] takes it. How time is cut
    /// into blocks changes nothing; what is no number counts as silence.
    pub fn process(&mut self, mut left: &[f32], mut right: &[f32], mut slot: impl FnMut(f64)) {
        while !left.is_empty() && !right.is_empty() {
            let frames = (self.slot_frames - self.frames).min(left.len()).min(right.len());
            self.add(&left[..frames], &right[..frames]);
            (left, right) = (&left[frames..], &right[frames..]);
            if self.frames == self.slot_frames {
                slot(self.squares / self.slot_frames as f64);
                (self.frames, self.squares) = (0, 0.0);
                self.flush();
            }
        }
    }

    fn add(&mut self, left: &[f32], right: &[f32]) {
        let Self { sections: [shelf, high_pass], states: [left_states, right_states], .. } = self;
        let next = |[first, second]: &mut [[f64; 2]; 2], x: f32| {
            high_pass.next(second, shelf.next(first, f64::from(sanitise(x))))
        };
        let mut squares = self.squares;
        for (l, r) in left.iter().zip(right) {
            let (l, r) = (next(left_states, *l), next(right_states, *r));
            squares += l * l + r * r;
        }
        self.squares = squares;
        self.frames += left.len();
    }

    /// Ends what has rung down to nothing, long before it gets denormal.
    fn flush(&mut self) {
        for state in self.states.as_flattened_mut() {
            if state.iter().all(|s| s.abs() < f64::from(FLOOR)) {
                *state = [0.0; 2];
            }
        }
    }
}
