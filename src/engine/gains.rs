//! The sixteen strips' matrices and levels on their way to their targets.

use super::TICK_FRAMES;
use super::lanes::{Backend, GAINS, GROUPS, Glide, Job, LANES, Lanes, Simd, Stems};
use super::resolve::StripTarget;
use crate::dsp::smooth::{GAIN_TAU_S, pole};

/// This near to the target a gain rests on it: see [`crate::dsp::smooth`].
const SNAP: f32 = 1e-9;

/// How the distance to a target shrinks, for the time constant of gains.
#[derive(Clone, Debug)]
pub(super) struct Decay {
    pub pole: f32,
    /// `r^i` and `i r^i` for i from 1.
    pub table: [[f32; TICK_FRAMES]; 2],
    /// The distance and the slope that a distance of 1 which begins i frames after a tick, from 0, has right at the
    /// tick.
    late: [[f32; 2]; TICK_FRAMES + 1],
}

impl Decay {
    pub fn new(sample_rate_hz: f64) -> Self {
        let pole = pole(GAIN_TAU_S, sample_rate_hz);
        let power = |i: usize| (1.0 - pole).powi(i as i32);
        let fall = std::array::from_fn(|i| power(i + 1) as f32);
        let rise = std::array::from_fn(|i| ((i + 1) as f64 * power(i + 1)) as f32);
        let late = |i| [1.0 - i as f64 * pole, pole].map(|x| (x / power(i)) as f32);
        Self { pole: pole as f32, table: [fall, rise], late: std::array::from_fn(late) }
    }
}

impl Glide {
    /// Gives a lane a new target right at a tick: it starts from where its value stands then.
    pub fn aim(&mut self, lane: usize, target: f32, decay: &Decay) {
        let gap = self.jump(lane, target);
        self.distance.0[lane] += gap;
        self.slope.0[lane] += gap * decay.pole;
    }

    /// Sets a lane's target alone; answers by how much the distance has still to grow.
    fn jump(&mut self, lane: usize, target: f32) -> f32 {
        std::mem::replace(&mut self.target.0[lane], target) - target
    }

    /// A lane stays at a value.
    pub fn stay(&mut self, lane: usize, value: f32) {
        self.target.0[lane] = value;
        (self.distance.0[lane], self.slope.0[lane]) = (0.0, 0.0);
    }

    /// Whether a lane has come to its target.
    pub fn is_there(&self, lane: usize) -> bool {
        self.distance.0[lane] == 0.0 && self.slope.0[lane] == 0.0
    }

    /// Jumps to the targets.
    pub fn land(&mut self) {
        (self.distance, self.slope) = Default::default();
    }

    /// Where a lane's value is right at the tick.
    pub fn value(&self, lane: usize) -> f32 {
        self.target.0[lane] + self.distance.0[lane]
    }

    /// Lets a tick pass; answers whether something still moves.
    #[inline(always)]
    fn tick<S: Simd>(&mut self, s: S, decay: &Decay) -> bool {
        let [fall, rise] = decay.table.map(|t| s.splat(t[TICK_FRAMES - 1]));
        let (distance, slope) = (s.load(&self.distance), s.load(&self.slope));
        let distance = s.flush(s.mul_add(fall, distance, s.mul(rise, slope)), s.splat(SNAP));
        let slope = s.flush(s.mul(fall, slope), s.splat(SNAP * decay.pole));
        s.store(&mut self.distance, distance);
        s.store(&mut self.slope, slope);
        is_any(s, s.or(distance, slope))
    }

    /// Lets distances and slopes grow by so many times `gap`; answers whether something moves.
    #[inline(always)]
    fn grow<S: Simd>(&mut self, s: S, gap: S::V, [distance, slope]: [f32; 2]) -> bool {
        let distance = s.mul_add(gap, s.splat(distance), s.load(&self.distance));
        let slope = s.mul_add(gap, s.splat(slope), s.load(&self.slope));
        s.store(&mut self.distance, distance);
        s.store(&mut self.slope, slope);
        is_any(s, s.or(distance, slope))
    }
}

/// Whether any lane is not zero.
#[inline(always)]
fn is_any<S: Simd>(s: S, x: S::V) -> bool {
    let mut any = Lanes::default();
    s.store(&mut any, x);
    any.0.iter().fold(0, |all, x| all | x.to_bits()) != 0
}

/// A tick of glides.
pub(super) struct Tick<'a>(pub &'a mut [Glide], pub &'a Decay);

impl Job for Tick<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        for glide in self.0 {
            glide.tick(s, self.1);
        }
    }
}

/// A target's gains in the order of the lanes.
fn gains(target: &StripTarget) -> [f32; GAINS] {
    let [ll, lr, rl, rr] = target.matrix;
    [ll, lr, rl, rr, target.level].map(|gain| gain as f32)
}

/// The gains as the mixer set them, before the tone sections' share.
#[derive(Clone, Debug)]
pub(super) struct Gains {
    glides: [[Glide; GAINS]; GROUPS],
    /// How far targets have jumped since [`Self::set_off`] was called last.
    gaps: [[Lanes; GAINS]; GROUPS],
    /// What each tick adds to the targets, on the way between scenes.
    steps: [[Lanes; GAINS]; GROUPS],
    /// Per group. Bit k: there is such a step of this kind of gain.
    leaning: [u32; GROUPS],
    /// Bit k: a gain of this kind moves.
    moving: [u32; GROUPS],
    /// Bit k: what the lanes compute with has to be made anew, of this kind of gain.
    stale: u32,
}

impl Default for Gains {
    fn default() -> Self {
        let (glides, gaps, steps, leaning, moving) = Default::default();
        Self { glides, gaps, steps, leaning, moving, stale: MATRIX | LEVEL }
    }
}

impl Gains {
    /// Sends a stem's gains to new targets, where they stay; [`Self::set_off`] must follow.
    pub fn aim(&mut self, stem: usize, target: &StripTarget) {
        let (group, lane) = (stem / LANES, stem % LANES);
        for (kind, target) in gains(target).into_iter().enumerate() {
            let gap = self.glides[group][kind].jump(lane, target);
            self.gaps[group][kind].0[lane] += gap;
            self.steps[group][kind].0[lane] = 0.0;
            self.stale |= u32::from(gap != 0.0) << kind;
        }
    }

    /// Lets the targets of a stem, which are at `from`, go to others within so many ticks, step by step;
    /// [`Self::set_off`] must follow.
    pub fn lean(&mut self, stem: usize, from: &StripTarget, to: &StripTarget, ticks: usize) {
        let (group, lane) = (stem / LANES, stem % LANES);
        let part = 1.0 / ticks as f32;
        for (step, (from, to)) in self.steps[group].iter_mut().zip(gains(from).into_iter().zip(gains(to))) {
            step.0[lane] = (to - from) * part;
        }
    }

    /// What was aimed and leaned is heard from here on, `at` frames after the tick.
    pub fn set_off(&mut self, at: usize, backend: Backend, decay: &Decay) {
        backend.run(SetOff { gains: self, late: decay.late[at.min(TICK_FRAMES)] });
    }

    /// Jumps to the targets.
    pub fn land(&mut self) {
        self.glides.as_flattened_mut().iter_mut().for_each(Glide::land);
        (self.steps, self.leaning, self.moving) = Default::default();
        self.stale = MATRIX | LEVEL;
    }

    /// A control tick.
    pub fn tick(&mut self, backend: Backend, decay: &Decay) {
        if self.moving != [0; GROUPS] || self.leaning != [0; GROUPS] {
            backend.run(Pass { gains: self, decay });
        }
    }

    /// Bit g: a matrix moves in group g, and a level does.
    pub fn moving(&self) -> [u32; 2] {
        let groups = |kinds: u32| {
            let moving = self.moving.iter().enumerate();
            moving.fold(0, |all, (group, moving)| all | u32::from(moving & kinds != 0) << group)
        };
        [groups(MATRIX), groups(LEVEL)]
    }

    /// What the stems are multiplied by after the learn tap, as it stood at the last tick.
    pub fn levels(&self) -> [f32; LANES * GROUPS] {
        std::array::from_fn(|stem| self.glides[stem / LANES][GAINS - 1].value(stem % LANES))
    }

    /// The tone's share has changed.
    pub fn refresh(&mut self) {
        self.stale |= MATRIX;
    }

    /// Brings what the lanes compute with up to date: the matrix times `share`, which is what each
    /// stem's tone sections leave to it.
    pub fn fill(&mut self, lanes: &mut [[Glide; GAINS]; GROUPS], share: &Stems, backend: Backend) {
        let kinds = std::mem::take(&mut self.stale);
        if kinds != 0 {
            backend.run(Share { glides: &self.glides, kinds, lanes, share });
        }
    }
}

/// The bits of the kinds of gains.
const LEVEL: u32 = 1 << (GAINS - 1);
const MATRIX: u32 = LEVEL - 1;

/// Lets the distances of all gains grow by what their targets have jumped.
struct SetOff<'a> {
    gains: &'a mut Gains,
    late: [f32; 2],
}

impl Job for SetOff<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        let Gains { glides, gaps, steps, leaning, moving, .. } = self.gains;
        for group in 0..GROUPS {
            leaning[group] = 0;
            for kind in 0..GAINS {
                let gap = s.load(&gaps[group][kind]);
                if is_any(s, gap) {
                    let moves = glides[group][kind].grow(s, gap, self.late);
                    moving[group] = moving[group] & !(1 << kind) | u32::from(moves) << kind;
                }
                leaning[group] |= u32::from(is_any(s, s.load(&steps[group][kind]))) << kind;
            }
        }
        *gaps = Default::default();
    }
}

/// A tick of all gains.
struct Pass<'a> {
    gains: &'a mut Gains,
    decay: &'a Decay,
}

impl Job for Pass<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        let Gains { glides, steps, leaning, moving, stale, .. } = self.gains;
        for group in 0..GROUPS {
            *stale |= moving[group] | leaning[group];
            for kind in 0..GAINS {
                let glide = &mut glides[group][kind];
                if moving[group] >> kind & 1 != 0 && !glide.tick(s, self.decay) {
                    moving[group] &= !(1 << kind);
                }
                if leaning[group] >> kind & 1 != 0 {
                    let step = s.load(&steps[group][kind]);
                    let target = s.add(s.load(&glide.target), step);
                    s.store(&mut glide.target, target);
                    glide.grow(s, step, [-1.0, -self.decay.pole]);
                    moving[group] |= 1 << kind;
                }
            }
        }
    }
}

/// Multiplies matrices by what the tone sections leave to them.
struct Share<'a> {
    glides: &'a [[Glide; GAINS]; GROUPS],
    kinds: u32,
    lanes: &'a mut [[Glide; GAINS]; GROUPS],
    share: &'a Stems,
}

impl Job for Share<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        for group in 0..GROUPS {
            for kind in (0..GAINS).filter(|kind| self.kinds >> kind & 1 != 0) {
                let share = if MATRIX >> kind & 1 != 0 { s.load(&self.share[group]) } else { s.splat(1.0) };
                let (from, to) = (&self.glides[group][kind], &mut self.lanes[group][kind]);
                s.store(&mut to.target, s.mul(s.load(&from.target), share));
                s.store(&mut to.distance, s.mul(s.load(&from.distance), share));
                s.store(&mut to.slope, s.mul(s.load(&from.slope), share));
            }
        }
    }
}
