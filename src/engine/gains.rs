//! The sixteen strips' matrices and levels on their way to their targets.

use super::TICK_FRAMES;
use super::lanes::{Backend, GAINS, GROUPS, Glide, Job, LANES, Lanes, Simd, Stems, get, put};
use super::resolve::StripTarget;
use crate::dsp::smooth::{GAIN_TAU_S, pole};

/// This near to the target a gain rests on it: see [`crate::dsp::smooth`].
const SNAP: f32 = 1e-9;

/// How the distance to a target shrinks, for the time constant of gains.
#[derive(Clone, Debug)]
pub(super) struct Decay {
    pole: f64,
    /// `r^i` and `i p r^i` for i from 1.
    pub table: [[f32; TICK_FRAMES]; 2],
}

impl Decay {
    pub fn new(sample_rate_hz: f64) -> Self {
        let pole = pole(GAIN_TAU_S, sample_rate_hz);
        let power = |i: usize| (1.0 - pole).powi(i as i32 + 1);
        let fall = std::array::from_fn(|i| power(i) as f32);
        let rise = std::array::from_fn(|i| ((i + 1) as f64 * pole * power(i)) as f32);
        Self { pole, table: [fall, rise] }
    }
}

impl Glide {
    /// Gives a stem a new target `at` frames after the tick: where the value stands then is where it
    /// starts. Answers whether it moves.
    pub fn aim(&mut self, stem: usize, target: f32, at: usize, decay: &Decay) -> bool {
        let gap = f64::from(get(&self.target, stem)) - f64::from(target);
        let first = gap / (1.0 - decay.pole).powi(at as i32);
        let second = first * (1.0 - at as f64 * decay.pole);
        put(&mut self.target, stem, target);
        let first = f64::from(get(&self.first, stem)) + first;
        let second = f64::from(get(&self.second, stem)) + second;
        put(&mut self.first, stem, first as f32);
        put(&mut self.second, stem, second as f32);
        first != 0.0 || second != 0.0
    }

    /// Moves a group's targets on by a step, at a tick.
    fn lean(&mut self, group: usize, step: &Lanes) {
        for (lane, step) in step.0.iter().enumerate() {
            self.target[group].0[lane] += step;
            self.first[group].0[lane] -= step;
            self.second[group].0[lane] -= step;
        }
    }

    /// Jumps to the targets.
    pub fn land(&mut self) {
        (self.first, self.second) = Default::default();
    }

    /// Lets a tick pass for a group; answers whether something still moves.
    pub fn tick(&mut self, group: usize, backend: Backend, decay: &Decay) -> bool {
        let [fall, rise] = decay.table.map(|t| t[TICK_FRAMES - 1]);
        backend.run(Tick { first: &mut self.first[group], second: &mut self.second[group], fall, rise })
    }

    /// Where a stem's value is right at the tick.
    pub fn value(&self, stem: usize) -> f32 {
        get(&self.target, stem) + get(&self.second, stem)
    }
}

/// A tick of a group's distances.
struct Tick<'a> {
    first: &'a mut Lanes,
    second: &'a mut Lanes,
    fall: f32,
    rise: f32,
}

impl Job for Tick<'_> {
    type Output = bool;

    #[inline(always)]
    fn run<S: Simd>(self, s: S) -> bool {
        let Self { first, second, fall, rise } = self;
        let (fall, rise, snap) = (s.splat(fall), s.splat(rise), s.splat(SNAP));
        let (one, two) = (s.load(first), s.load(second));
        let two = s.flush(s.mul_add(fall, two, s.mul(rise, one)), snap);
        let one = s.flush(s.mul(fall, one), snap);
        s.store(first, one);
        s.store(second, two);
        let mut any = Lanes::default();
        s.store(&mut any, s.or(one, two));
        any.0.iter().fold(0, |all, x| all | x.to_bits()) != 0
    }
}

/// A target's gains in the order of the lanes.
fn gains(target: &StripTarget) -> [f64; GAINS] {
    let [ll, lr, rl, rr] = target.matrix;
    [ll, lr, rl, rr, target.level]
}

/// The gains as the mixer set them, before the tone sections' share.
#[derive(Clone, Debug)]
pub(super) struct Gains {
    glides: [Glide; GAINS],
    /// What each tick adds to the targets, on the way between scenes.
    steps: [Stems; GAINS],
    /// Bit g: group g has such a step, of this kind of gain.
    leaning: [u32; GAINS],
    /// Bit g: group g has a gain of this kind that moves.
    moving: [u32; GAINS],
    /// What the lanes compute with has to be made anew.
    is_stale: bool,
}

impl Default for Gains {
    fn default() -> Self {
        let (glides, steps, leaning, moving) = Default::default();
        Self { glides, steps, leaning, moving, is_stale: true }
    }
}

impl Gains {
    /// Sends a stem's gains to new targets, `at` frames after the tick, where they stay.
    pub fn aim(&mut self, stem: usize, target: &StripTarget, at: usize, decay: &Decay) {
        let targets = gains(target);
        let group = stem / LANES;
        for (steps, leaning) in self.steps.iter_mut().zip(&mut self.leaning) {
            if *leaning >> group & 1 != 0 {
                put(steps, stem, 0.0);
                if steps[group] == Lanes::default() {
                    *leaning &= !(1 << group);
                }
            }
        }
        for ((glide, moving), target) in self.glides.iter_mut().zip(&mut self.moving).zip(targets) {
            if get(&glide.target, stem) != target as f32 {
                self.is_stale = true;
                if glide.aim(stem, target as f32, at, decay) {
                    *moving |= 1 << (stem / LANES);
                }
            }
        }
    }

    /// Jumps to the targets.
    pub fn land(&mut self) {
        self.glides.iter_mut().for_each(Glide::land);
        (self.steps, self.leaning) = Default::default();
        self.moving = Default::default();
        self.is_stale = true;
    }

    /// Lets the targets of a stem, which are at `from`, go to others within so many ticks, step by step.
    pub fn lean(&mut self, stem: usize, from: &StripTarget, to: &StripTarget, ticks: usize) {
        let ends = gains(from).into_iter().zip(gains(to));
        for ((steps, leaning), (from, to)) in self.steps.iter_mut().zip(&mut self.leaning).zip(ends) {
            if from != to {
                put(steps, stem, ((to - from) / ticks as f64) as f32);
                *leaning |= 1 << (stem / LANES);
            }
        }
    }

    /// A control tick.
    pub fn tick(&mut self, backend: Backend, decay: &Decay) {
        let leans = self.steps.iter().zip(&self.leaning);
        for ((glide, moving), (steps, leaning)) in self.glides.iter_mut().zip(&mut self.moving).zip(leans) {
            for (group, step) in steps.iter().enumerate() {
                if *moving >> group & 1 != 0 {
                    self.is_stale = true;
                    if !glide.tick(group, backend, decay) {
                        *moving &= !(1 << group);
                    }
                }
                if *leaning >> group & 1 != 0 {
                    self.is_stale = true;
                    glide.lean(group, step);
                    *moving |= 1 << group;
                }
            }
        }
    }

    /// Bit g: a matrix moves in group g, and a level does.
    pub fn moving(&self) -> [u32; 2] {
        let [ll, lr, rl, rr, level] = self.moving;
        [ll | lr | rl | rr, level]
    }

    /// What the stems are multiplied by after the learn tap, as it stood at the last tick.
    pub fn levels(&self) -> [f32; LANES * GROUPS] {
        let [.., level] = &self.glides;
        std::array::from_fn(|stem| level.value(stem))
    }

    /// The tone's share has changed.
    pub fn refresh(&mut self) {
        self.is_stale = true;
    }

    /// Brings what the lanes compute with up to date: the matrix times `share`, which is what each
    /// stem's tone sections leave to it.
    pub fn fill(&mut self, lanes: &mut [Glide; GAINS], share: &[f32; LANES * GROUPS]) {
        if !std::mem::take(&mut self.is_stale) {
            return;
        }
        *lanes = self.glides;
        for glide in &mut lanes[..4] {
            for part in [&mut glide.target, &mut glide.first, &mut glide.second] {
                for (Lanes(lanes), share) in part.iter_mut().zip(share.as_chunks::<LANES>().0) {
                    for (lane, share) in lanes.iter_mut().zip(share) {
                        *lane *= share;
                    }
                }
            }
        }
    }
}
