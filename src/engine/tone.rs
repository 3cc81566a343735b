//! The stems' tone sections: high-pass, low shelf, bell, high shelf, low-pass, tilt.
//!
//! Values move in the domain they are heard in (octaves, decibels), one step for each control tick.
//! A section that rests is run in its cheapest exact form, its gain left to the strip's matrix. One that
//! moves is designed at every tick, or at every second where it goes slowly from scene to scene, and crosses
//! to the trapezoidal form, whose coefficients are interpolated per frame between. A section that is flat and
//! rests is left out, so it passes what comes exactly. All of this changes at ticks alone.

use super::TICK_FRAMES;
use super::gains::{Decay, Tick};
use super::lanes::{
    Backend, Bank, CHAINS, Eight, GROUPS, Job, LANES, Lanes, Moving, SECTIONS, SET, Simd, Stems, get, put,
};
use crate::dsp::math::round;
use crate::dsp::motion;
use crate::dsp::smooth::pole;
use crate::dsp::svf::{Delta, Trapezoid};
use crate::model::limits::STEMS;
use crate::model::settings::ToneSettings;
use crate::model::tone::{SectionKind, SectionTarget, TONE_SECTIONS, ToneTarget};

/// Time constant of each pole that moves a value.
const VALUE_TAU_S: f64 = 0.01;
/// This near to its target, in octaves or decibels, a value rests on it: far below what can be heard.
const SNAP: f32 = 1e-9;
/// Octaves, decibels and octaves of Q that count as slow within [`SLOW_TICKS`].
const SLOW: [f32; 3] = [0.075, 0.75, 0.075];
/// 10.7 ms at 48 kHz, which is about a pole's time.
const SLOW_TICKS: f32 = 16.0;
/// A section's state below this is silence. It is looked for at every eighth tick, which is before even
/// a slow decay has come to denormal numbers.
pub(super) const SILENCE: f32 = 1e-20;

/// A value of every stem on its way: the target and the distances of the two poles from it. Only the
/// distances are rounded to f32, so it arrives exactly.
#[derive(Clone, Debug, Default)]
struct Values {
    target: [f64; STEMS],
    /// The target in whole and parts, for the designs in f32.
    whole: Stems,
    part: Stems,
    first: Stems,
    second: Stems,
    /// On the way between scenes the first pole goes after a point that comes straight to the target: how far that
    /// still is, and what each tick adds to it.
    lean: Stems,
    step: Stems,
    /// Whether any distance may not be zero, and any of `lean`.
    moves: bool,
    leans: bool,
}

impl Values {
    fn value(&self, stem: usize) -> f64 {
        self.target[stem] + f64::from(get(&self.second, stem))
    }

    fn is_at(&self, stem: usize, target: f64) -> bool {
        self.target[stem] == target
    }

    /// Sends it to a target. The designs in f32 count from `offset` below.
    fn aim(&mut self, stem: usize, target: f64, offset: f64) {
        self.set(stem, target, offset);
        put(&mut self.lean, stem, 0.0);
        put(&mut self.step, stem, 0.0);
    }

    /// Sends it on to a target that is reached straight within so many ticks.
    fn lean(&mut self, stem: usize, target: f64, offset: f64, ticks: usize) {
        let gap = self.set(stem, target, offset);
        self.leans |= gap != 0.0;
        put(&mut self.lean, stem, gap);
        put(&mut self.step, stem, -gap / ticks.max(1) as f32);
    }

    /// Sets the target, and leaves the value where it is; answers how far the last target is from it.
    fn set(&mut self, stem: usize, target: f64, offset: f64) -> f32 {
        let gap = (self.target[stem] - target) as f32;
        self.target[stem] = target;
        let whole = round(target + offset);
        put(&mut self.whole, stem, whole as f32);
        put(&mut self.part, stem, (target + offset - whole) as f32);
        for distance in [&mut self.first, &mut self.second] {
            put(distance, stem, get(distance, stem) + gap);
        }
        self.moves |= gap != 0.0;
        gap
    }

    /// Whether it is to go no further than so much within [`SLOW_TICKS`], and neither pole has more to make up for.
    fn is_slow(&self, stem: usize, most: f32) -> bool {
        let [first, second, lean, step] =
            [&self.first, &self.second, &self.lean, &self.step].map(|value| get(value, stem));
        [SLOW_TICKS * step, lean - first, first - second].into_iter().all(|way| way.abs() <= most)
    }

    /// The straight way is over, whatever rounding has left of it.
    fn stand(&mut self) {
        if std::mem::take(&mut self.leans) {
            (self.lean, self.step) = Default::default();
        }
    }

    fn is_there(&self, stem: usize) -> bool {
        [&self.first, &self.second, &self.lean].into_iter().all(|distance| get(distance, stem) == 0.0)
    }

    fn land(&mut self, stem: usize) {
        for distance in [&mut self.first, &mut self.second, &mut self.lean, &mut self.step] {
            put(distance, stem, 0.0);
        }
    }
}

/// A section of every stem. The masks have a bit per stem.
#[derive(Clone, Debug, Default)]
struct Section {
    values: [Values; 3],
    /// Weight is not zero, or leaves it.
    sounding: u32,
    /// Run in the form for rest, and not flat.
    resting: u32,
    /// Run in the form for motion.
    travelling: u32,
    values_moving: u32,
    weight_moving: u32,
    /// Values go so slowly from one scene to another that every second tick is often enough to design them.
    slow: u32,
    /// Coefficients are in the middle of a way of two ticks at the end of this one, and were at its beginning.
    halfway: u32,
    goes_on: u32,
    /// What the form for rest leaves to the matrix.
    gain: Share,
}

/// One gain per stem.
#[derive(Clone, Debug)]
struct Share([f64; STEMS]);

impl Default for Share {
    fn default() -> Self {
        Self([1.0; STEMS])
    }
}

/// All stems' sections.
#[derive(Clone, Debug)]
pub(super) struct Tone {
    sections: [Section; SECTIONS],
    /// Where stems are to be now, and where they are to go on to.
    here: [ToneTarget; STEMS],
    wanted: [ToneTarget; STEMS],
    /// Stems whose wishes have not been heard yet.
    changed: u32,
    /// Ticks that are left of a straight way.
    ticks_left: usize,
    /// Bit g: group g has a state in this section that is not zero.
    ringing: [u32; SECTIONS],
    /// What the sections that rest leave to each stem's matrix.
    share: Stems,
    ticks: usize,
    sample_rate_hz: f64,
    value_pole: f64,
    /// From octaves of Hz to those of radians per frame.
    to_angle: f64,
    /// `tan(w / 2)` of what a tilt turns around.
    pivot: f32,
}

impl Tone {
    pub fn new() -> Self {
        Self {
            sections: Default::default(),
            here: [ToneTarget::new(&ToneSettings::default()); STEMS],
            wanted: [ToneTarget::new(&ToneSettings::default()); STEMS],
            changed: 0,
            ticks_left: 0,
            ringing: [0; SECTIONS],
            share: [Lanes([1.0; LANES]); GROUPS],
            ticks: 0,
            sample_rate_hz: 48_000.0,
            value_pole: 1.0,
            to_angle: 0.0,
            pivot: 0.0,
        }
    }

    /// Sets the sample rate; [`Self::reset`] must follow.
    pub fn prepare(&mut self, sample_rate_hz: f64) {
        self.sample_rate_hz = sample_rate_hz;
        self.to_angle = motion::to_angle(sample_rate_hz);
        self.pivot = motion::pivot(sample_rate_hz);
        self.value_pole = pole(VALUE_TAU_S, sample_rate_hz / TICK_FRAMES as f64);
    }

    /// Clears what sounds and jumps to the targets.
    pub fn reset(&mut self, bank: &mut Bank) {
        bank.state = Default::default();
        self.ringing = [0; SECTIONS];
        self.ticks = 0;
        self.land(bank);
    }

    /// Sets a stem's new targets, which the next tick hears, and those that it goes on to straight within so many ticks,
    /// the same for all stems that are under way; with 0 at once.
    pub fn aim(&mut self, stem: usize, here: &ToneTarget, next: &ToneTarget, ticks: usize) {
        if self.wanted[stem] != *next {
            (self.here[stem], self.wanted[stem]) = (if ticks > 0 { *here } else { *next }, *next);
            self.changed |= 1 << stem;
            self.ticks_left = ticks;
        }
    }

    /// Other ways begin, which reach their first places within so many ticks: those so far are over.
    pub fn begin(&mut self, ticks: usize) {
        self.sections.iter_mut().for_each(Section::stand);
        self.ticks_left = ticks;
    }

    /// Jumps to the targets. Sections that change by it start from silence.
    pub fn land(&mut self, bank: &mut Bank) {
        (self.changed, self.ticks_left) = (0, 0);
        for index in 0..SECTIONS {
            for stem in 0..STEMS {
                let SectionTarget { values, sounds } = self.wanted[stem].0[index];
                let section = &mut self.sections[index];
                let before = (section.resting >> stem & 1, section.values.each_ref().map(|v| v.value(stem)));
                section.aim(stem, values, self.to_angle);
                section.land(stem);
                let bit = 1 << stem;
                section.weight_moving &= !bit;
                section.travelling &= !bit;
                section.sounding = if sounds { section.sounding | bit } else { section.sounding & !bit };
                let moving = &mut bank.moving[index];
                moving.weight[stem / LANES].stay(stem % LANES, if sounds { 1.0 } else { 0.0 });
                moving.pass(stem);
                self.rest(bank, index, stem);
                let after = (self.sections[index].resting >> stem & 1, values);
                if before != after {
                    clear(&mut bank.state[index], stem);
                }
            }
        }
    }

    /// What the sections that rest leave to each stem's matrix.
    pub fn share(&self) -> Stems {
        self.share
    }

    /// Bit g: group g sounds on when its input is silent.
    pub fn ringing(&self) -> u32 {
        self.ringing.iter().fold(0, |all, ringing| all | ringing)
    }

    /// These groups have been given sound.
    pub fn excite(&mut self, groups: u32) {
        for (ringing, section) in self.ringing.iter_mut().zip(&self.sections) {
            if section.resting | section.travelling != 0 {
                *ringing |= groups;
            }
        }
    }

    /// For every section, in which groups it rests without being idle, moves, and moves its weight.
    pub fn activity(&self) -> [[u8; SECTIONS]; 3] {
        let groups = |stems: u32| {
            (0..GROUPS).fold(0, |all, g| all | u8::from(super::lanes::group_bits(stems, g) != 0) << g)
        };
        [
            self.sections.each_ref().map(|s| groups(s.resting)),
            self.sections.each_ref().map(|s| groups(s.travelling)),
            self.sections.each_ref().map(|s| groups(s.weight_moving)),
        ]
    }

    /// A control tick. Answers whether [`Self::share`] or [`Self::activity`] have changed.
    pub fn tick(&mut self, bank: &mut Bank, backend: Backend, decay: &Decay) -> bool {
        // What is not urgent is done for one section at a time.
        let turn = self.ticks % SECTIONS;
        let is_even = self.ticks.is_multiple_of(2);
        self.ticks = self.ticks.wrapping_add(1);
        if self.ringing[turn] != 0 {
            self.ringing[turn] = backend.run(Flush(&mut bank.state[turn]));
        }
        let travels = self.sections.iter().any(|section| section.travelling != 0);
        if self.changed == 0 && !travels {
            return false;
        }
        for index in 0..SECTIONS {
            if self.sections[index].travelling != 0 {
                self.arrive(bank, index, backend, decay);
            }
        }
        let mut changed = std::mem::take(&mut self.changed);
        while changed != 0 {
            let stem = changed.trailing_zeros() as usize;
            changed &= changed - 1;
            for index in 0..SECTIONS {
                self.depart(bank, index, stem, decay);
            }
        }
        for (index, section) in self.sections.iter_mut().enumerate() {
            if section.values_moving != 0 {
                let (kind, pole, pivot) = (TONE_SECTIONS[index], self.value_pole as f32, self.pivot);
                let halfway = if is_even { section.slow & section.values_moving } else { 0 };
                section.goes_on = std::mem::replace(&mut section.halfway, halfway);
                let travel = Travel { section, moving: &mut bank.moving[index], kind, pole, pivot };
                backend.run(travel);
                if index == turn {
                    section.settle_values();
                }
            } else if section.travelling != 0 {
                let moving = &mut bank.moving[index];
                moving.now = moving.to;
                moving.step = Default::default();
            }
        }
        self.ticks_left = self.ticks_left.saturating_sub(1);
        if self.ticks_left == 0 {
            self.sections.iter_mut().for_each(Section::stand);
        }
        true
    }

    /// The end of a tick's way: what has come to rest crosses to the form for rest.
    fn arrive(&mut self, bank: &mut Bank, index: usize, backend: Backend, decay: &Decay) {
        let section = &mut self.sections[index];
        let moving = &mut bank.moving[index];
        if section.weight_moving != 0 {
            backend.run(Tick(&mut moving.weight, decay));
            for stem in 0..STEMS {
                if moving.weight[stem / LANES].is_there(stem % LANES) {
                    section.weight_moving &= !(1 << stem);
                    if moving.weight[stem / LANES].target.0[stem % LANES] == 0.0 {
                        // Not heard any more, wherever its values are.
                        section.land(stem);
                    }
                }
            }
        }
        let mut arrived = section.travelling & !section.values_moving & !section.weight_moving;
        while arrived != 0 {
            let stem = arrived.trailing_zeros() as usize;
            arrived &= arrived - 1;
            let section = &mut self.sections[index];
            section.travelling &= !(1 << stem);
            let [r, w] = [0, 2].map(|k| get(&bank.moving[index].to[k], stem));
            bank.moving[index].pass(stem);
            if bank.moving[index].weight[stem / LANES].value(stem % LANES) == 0.0 {
                section.sounding &= !(1 << stem);
            }
            self.rest(bank, index, stem);
            if self.sections[index].resting >> stem & 1 != 0 {
                for [s0, s1] in states(&mut bank.state[index], stem) {
                    let first = *s0 / r;
                    (*s0, *s1) = (first, 0.5 * (*s1 / w - first));
                }
            }
        }
    }

    /// Takes up the form for rest, or none where the section changes nothing. States are in that form
    /// already, or are still to cross to it.
    fn rest(&mut self, bank: &mut Bank, index: usize, stem: usize) {
        let section = &mut self.sections[index];
        let bit = 1 << stem;
        let values = section.values.each_ref().map(|v| v.value(stem));
        let is_flat = TONE_SECTIONS[index].has_gain() && values[1] == 0.0;
        let delta = if section.sounding & bit != 0 && !is_flat {
            section.resting |= bit;
            Delta::from(TONE_SECTIONS[index].design(values, self.sample_rate_hz))
        } else {
            section.resting &= !bit;
            clear(&mut bank.state[index], stem);
            Delta::default()
        };
        let Delta { q, p, n0, n1, gain } = delta;
        for (to, from) in bank.rest[index][stem / LANES].iter_mut().zip([q, p, n0, n1]) {
            to.0[stem % LANES] = from as f32;
        }
        self.leave(bank, index, stem, gain);
    }

    /// Leaves `gain` to the matrix, so that what the later sections hear is smaller by it.
    fn leave(&mut self, bank: &mut Bank, index: usize, stem: usize, gain: f64) {
        let before = std::mem::replace(&mut self.sections[index].gain.0[stem], gain);
        if before != gain {
            let gains = self.sections.iter().map(|section| section.gain.0[stem]);
            put(&mut self.share, stem, gains.product::<f64>() as f32);
            let scale = (before / gain) as f32;
            for state in &mut bank.state[index + 1..] {
                for state in states(state, stem) {
                    for s in state {
                        *s *= scale;
                    }
                }
            }
        }
    }

    /// The start of a tick's way: hears what a stem's section is to do.
    fn depart(&mut self, bank: &mut Bank, index: usize, stem: usize, decay: &Decay) {
        let target = self.wanted[stem].0[index];
        let section = &mut self.sections[index];
        let bit = 1 << stem;
        if section.sounding & bit == 0 {
            // It starts where it is to go.
            section.aim(stem, target.values, self.to_angle);
            section.land(stem);
            if target.sounds {
                section.sounding |= bit;
                self.set_off(bank, index, stem);
                self.fade(bank, index, stem, 1.0, decay);
            }
            return;
        }
        // One that fades out stays where it is: what it would come to is not to be heard.
        let is_there =
            !target.sounds || section.values.iter().zip(target.values).all(|(v, to)| v.is_at(stem, to));
        let weight = if target.sounds { 1.0 } else { 0.0 };
        let fades = bank.moving[index].weight[stem / LANES].target.0[stem % LANES] != weight;
        if is_there && !fades {
            return;
        }
        if section.travelling & bit == 0 {
            self.set_off(bank, index, stem);
        }
        let section = &mut self.sections[index];
        if !is_there {
            section.values_moving |= bit;
            let here = self.here[stem].0[index].values;
            section.go_on(stem, [here, target.values], self.to_angle, self.ticks_left);
        }
        if fades {
            self.fade(bank, index, stem, weight, decay);
        }
    }

    fn fade(&mut self, bank: &mut Bank, index: usize, stem: usize, weight: f32, decay: &Decay) {
        bank.moving[index].weight[stem / LANES].aim(stem % LANES, weight, decay);
        self.sections[index].weight_moving |= 1 << stem;
    }

    /// Crosses to the form for motion.
    fn set_off(&mut self, bank: &mut Bank, index: usize, stem: usize) {
        let section = &mut self.sections[index];
        let bit = 1 << stem;
        let values = section.values.each_ref().map(|v| v.value(stem));
        let Trapezoid { r, u, w, c0, c1, gain } =
            TONE_SECTIONS[index].design(values, self.sample_rate_hz).into();
        bank.moving[index].stay(stem, [r, u, w, c0, c1, gain].map(|c| c as f32));
        put(&mut bank.moving[index].mask, stem, SET);
        section.travelling |= bit;
        if section.resting & bit == 0 {
            clear(&mut bank.state[index], stem);
            return;
        }
        section.resting &= !bit;
        let (r, w) = (r as f32, w as f32);
        for [s0, s1] in states(&mut bank.state[index], stem) {
            (*s0, *s1) = (r * *s0, w * (*s0 + 2.0 * *s1));
        }
        let Delta { q, p, n0, n1, .. } = Delta::default();
        for (to, from) in bank.rest[index][stem / LANES].iter_mut().zip([q, p, n0, n1]) {
            to.0[stem % LANES] = from as f32;
        }
        self.leave(bank, index, stem, 1.0);
    }
}

impl Section {
    fn aim(&mut self, stem: usize, [octaves, gain_db, q_octaves]: [f64; 3], to_angle: f64) {
        let targets = [(octaves, to_angle), (gain_db, 0.0), (q_octaves, 0.0)];
        for (value, (target, offset)) in self.values.iter_mut().zip(targets) {
            value.aim(stem, target, offset);
        }
    }

    /// Sends what changes to where it is to be now, and from there on within so many ticks.
    fn go_on(&mut self, stem: usize, [here, next]: [[f64; 3]; 2], to_angle: f64, ticks: usize) {
        let bit = 1 << stem;
        // From one place to the next nothing is new: to cut a way of two short there would be a jerk.
        if self.values.iter().zip(here).any(|(value, here)| !value.is_at(stem, here)) {
            self.halfway &= !bit;
        }
        for (value, (at, offset)) in self.values.iter_mut().zip([to_angle, 0.0, 0.0].into_iter().enumerate())
        {
            if here[at] == next[at] {
                value.aim(stem, next[at], offset);
            } else if !value.is_at(stem, next[at]) {
                value.aim(stem, here[at], offset);
                value.lean(stem, next[at], offset, ticks);
            }
        }
        let is_slow =
            here != next && self.values.iter().zip(SLOW).all(|(value, most)| value.is_slow(stem, most));
        self.slow = if is_slow { self.slow | bit } else { self.slow & !bit };
    }

    /// A stem's values are where they are to go.
    fn land(&mut self, stem: usize) {
        self.values.iter_mut().for_each(|values| values.land(stem));
        for stems in [&mut self.values_moving, &mut self.slow, &mut self.halfway] {
            *stems &= !(1 << stem);
        }
    }

    /// The straight ways are over; the poles still follow.
    fn stand(&mut self) {
        self.values.iter_mut().for_each(Values::stand);
    }

    /// Looks which values have come to rest.
    fn settle_values(&mut self) {
        for values in self.values.iter_mut().filter(|values| values.moves) {
            values.moves = (0..STEMS).any(|stem| !values.is_there(stem));
        }
        for stem in 0..STEMS {
            if self.values.iter().all(|values| values.is_there(stem)) {
                // A way of two is gone to its end first.
                self.values_moving &= !(1 << stem) | self.halfway;
                self.slow &= !(1 << stem);
            }
        }
    }
}

/// A stem's states in a section, of each side.
fn states(state: &mut [[Lanes; 2]; CHAINS], stem: usize) -> impl Iterator<Item = [&mut f32; 2]> {
    let chain = 2 * (stem / LANES);
    state[chain..chain + 2].iter_mut().map(move |s| s.each_mut().map(|s| &mut s.0[stem % LANES]))
}

fn clear(state: &mut [[Lanes; 2]; CHAINS], stem: usize) {
    for state in states(state, stem) {
        for s in state {
            *s = 0.0;
        }
    }
}

/// Takes a step, designs a section of all stems and lays the way there.
struct Travel<'a> {
    section: &'a mut Section,
    moving: &'a mut Moving,
    kind: SectionKind,
    pole: f32,
    pivot: f32,
}

impl Job for Travel<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        let Self { section, moving, kind, pole, pivot } = self;
        for values in section.values.iter_mut().filter(|values| values.moves) {
            for group in 0..GROUPS {
                let lean = if values.leans { lean(s, values, group) } else { s.splat(0.0) };
                step(s, pole, lean, &mut values.first[group], &mut values.second[group]);
            }
        }
        for group in 0..GROUPS {
            // Each arm is compiled for its kind.
            match kind {
                SectionKind::HighPass => travel(s, section, moving, group, SectionKind::HighPass, pivot),
                SectionKind::LowShelf => travel(s, section, moving, group, SectionKind::LowShelf, pivot),
                SectionKind::Bell => travel(s, section, moving, group, SectionKind::Bell, pivot),
                SectionKind::HighShelf => travel(s, section, moving, group, SectionKind::HighShelf, pivot),
                SectionKind::LowPass => travel(s, section, moving, group, SectionKind::LowPass, pivot),
                SectionKind::Tilt => travel(s, section, moving, group, SectionKind::Tilt, pivot),
            }
        }
    }
}

/// A step of the point that the poles go after; where it is.
#[inline(always)]
fn lean<S: Simd>(s: S, values: &mut Values, group: usize) -> S::V {
    let left = s.add(s.load(&values.lean[group]), s.load(&values.step[group]));
    s.store(&mut values.lean[group], left);
    left
}

/// A step of both poles towards a point.
#[inline(always)]
fn step<S: Simd>(s: S, pole: f32, to: S::V, first: &mut Lanes, second: &mut Lanes) {
    let (pole, snap) = (s.splat(pole), s.splat(SNAP));
    let (one, two) = (s.load(first), s.load(second));
    let one = s.flush(s.neg_mul_add(pole, s.sub(one, to), one), snap);
    let two = s.flush(s.mul_add(pole, s.sub(one, two), two), snap);
    s.store(first, one);
    s.store(second, two);
}

/// Designs a section of a group and lays the way there. Where its values do not move it keeps its coefficients, and
/// where they are halfway it goes on.
#[inline(always)]
fn travel<S: Simd>(
    s: S,
    section: &Section,
    moving: &mut Moving,
    group: usize,
    kind: SectionKind,
    pivot: f32,
) {
    let Moving { now, step, to, .. } = moving;
    let Section { values, values_moving, halfway, goes_on, .. } = section;
    let [moves, halfway, goes_on] =
        [values_moving, halfway, goes_on].map(|stems| stems >> (group * LANES) & ALL);
    let on = mask(s, goes_on);
    if moves == goes_on && moves == ALL {
        return;
    }
    if moves == goes_on {
        for k in 0..now.len() {
            let (here, there) = (s.load(&now[k][group]), s.load(&to[k][group]));
            let add = s.load(&step[k][group]);
            s.store(&mut now[k][group], s.select(on, here, there));
            s.store(&mut step[k][group], s.select(on, add, s.splat(0.0)));
        }
        return;
    }
    let [octaves, gain_db, q_octaves] = values;
    let (whole_octaves, part_octaves) = parts(s, octaves, group);
    let (gain_whole, gain_part) = parts(s, gain_db, group);
    let (q_whole, q_part) = parts(s, q_octaves, group);
    let (gain_db, q_octaves) = (gain_whole + gain_part, q_whole + q_part);
    let new =
        kind.design_in_motion(motion::Values { whole_octaves, part_octaves, gain_db, q_octaves }, pivot);
    let share = s.splat(1.0 / TICK_FRAMES as f32);
    let share = s.select(mask(s, halfway), s.splat(0.5 / TICK_FRAMES as f32), share);
    let (moving, designed) = (mask(s, moves), mask(s, moves & !goes_on));
    for k in 0..new.len() {
        let (mut here, mut end, mut add) = (s.load(&now[k][group]), new[k].1, s.load(&step[k][group]));
        let laid = |here, end| s.mul(s.sub(end, here), share);
        if moves == ALL && goes_on == 0 {
            add = laid(here, end);
        } else {
            let there = s.load(&to[k][group]);
            end = s.select(designed, end, there);
            here = s.select(moving, here, there);
            add = s.select(on, add, laid(here, end));
        }
        s.store(&mut now[k][group], here);
        s.store(&mut step[k][group], add);
        s.store(&mut to[k][group], end);
    }
}

/// Every lane's bit.
const ALL: u32 = (1 << LANES) - 1;

/// All ones in the lanes whose bits are set.
#[inline(always)]
fn mask<S: Simd>(s: S, bits: u32) -> S::V {
    // As a rule all stems move, or one, or none.
    if bits == 0 || bits == ALL {
        return s.splat(if bits == 0 { 0.0 } else { SET });
    }
    let mut mask = Lanes::default();
    for lane in 0..LANES {
        mask.0[lane] = f32::from_bits((bits >> lane & 1).wrapping_neg());
    }
    s.load(&mask)
}

/// Where a value stands, in whole and parts.
#[inline(always)]
fn parts<S: Simd>(s: S, values: &Values, group: usize) -> (Eight<S>, Eight<S>) {
    let part = s.add(s.load(&values.part[group]), s.load(&values.second[group]));
    (Eight(s, s.load(&values.whole[group])), Eight(s, part))
}

/// Takes states that have faded away for silence; answers the groups that still ring.
pub(super) struct Flush<'a>(pub &'a mut [[Lanes; 2]; CHAINS]);

impl Job for Flush<'_> {
    type Output = u32;

    #[inline(always)]
    fn run<S: Simd>(self, s: S) -> u32 {
        let floor = s.splat(SILENCE);
        let mut ringing = 0;
        for (chain, state) in self.0.iter_mut().enumerate() {
            let [s0, s1] = [s.flush(s.load(&state[0]), floor), s.flush(s.load(&state[1]), floor)];
            s.store(&mut state[0], s0);
            s.store(&mut state[1], s1);
            let mut any = Lanes::default();
            s.store(&mut any, s.or(s0, s1));
            if any.0.iter().any(|x| *x != 0.0) {
                ringing |= 1 << (chain / 2);
            }
        }
        ringing
    }
}
