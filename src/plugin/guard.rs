//! Keeps a panic of ours from taking the host down: it is contained, the sound fades over to the plain
//! sum of the inputs, and stays there until the plugin is activated anew.

use crate::dsp::sanitise::sanitise;
use crate::dsp::smooth::{GAIN_TAU_S, TwoPole, pole};
use crate::engine::StemBlock;
use crate::model::limits::STEMS;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs the engine, and stands in for it once it has failed.
#[derive(Default)]
pub struct Guard {
    /// The main input of the block at hand: the engine overwrites it.
    main: [Vec<f32>; 2],
    pole: f64,
    faulted: bool,
    /// 0 = the last frame that was good, held; 1 = the plain sum.
    fade: TwoPole,
    held: [f32; 2],
}

impl Guard {
    /// Makes room for blocks up to `max_frames` and forgets a fault. Allocates.
    pub fn prepare(&mut self, sample_rate_hz: f64, max_frames: usize) {
        let main = || vec![0.0; max_frames];
        *self = Self { main: [main(), main()], pole: pole(GAIN_TAU_S, sample_rate_hz), ..Self::default() };
    }

    /// Whether the engine has failed since [`Self::prepare`].
    pub fn has_fault(&self) -> bool {
        self.faulted
    }

    /// Runs `engine` on the block; where it panics, now or before, fills the block with the plain sum
    /// of the inputs (without the main input if `ignore_main`). Nothing is allocated unless it panics.
    pub fn process(&mut self, block: &mut StemBlock, ignore_main: bool, engine: impl FnOnce(&mut StemBlock)) {
        let frames = block.frames();
        for (copy, main) in self.main.iter_mut().zip(&block.main) {
            // A block longer than announced loses the rest of its main input, in a fault alone.
            let n = copy.len().min(frames);
            copy[..n].copy_from_slice(&main[..n]);
        }
        if !self.faulted {
            match catch_unwind(AssertUnwindSafe(|| engine(block))) {
                Ok(()) => {
                    if let Some(last) = frames.checked_sub(1) {
                        self.held = [block.main[0][last], block.main[1][last]];
                    }
                    return;
                }
                Err(payload) => {
                    std::mem::forget(payload); // freeing it here would be one more thing to go wrong
                    self.faulted = true;
                    self.fade.aim(1.0);
                }
            }
        }
        for i in 0..frames {
            let t = self.fade.next(self.pole) as f32;
            for side in 0..2 {
                let main = if ignore_main { None } else { self.main[side].get(i) };
                let mut sum = main.map_or(0.0, |x| sanitise(*x));
                for stem in 1..STEMS {
                    if block.connected >> stem & 1 == 1 {
                        sum += block.aux[stem - 1][side].get(i).map_or(0.0, |x| sanitise(*x));
                    }
                }
                block.main[side][i] = (1.0 - t) * self.held[side] + t * sum;
            }
        }
    }
}
