//! The inner loops.
//!
//! One pass per section over all chains, so that its states stay in registers; the passes hand each other
//! their frames through [`Scratch`], which fits the first-level cache. Nothing here calls anything, and no
//! section's loop touches the stack: `cargo xtask kernel` looks at the machine code.
#![allow(clippy::needless_range_loop, reason = "the index of a chain or side goes into several arrays")]

use super::{
    Backend, Bank, CHAINS, CROSSINGS, GAINS, GROUPS, Glide, Job, LANES, Lanes, Moving, SECTIONS, Simd, Stems,
};
use crate::engine::TICK_FRAMES;
use crate::model::limits::STEMS;
use std::hint::black_box;
use std::sync::atomic::{Ordering, compiler_fence};

/// Where the stems' frames are found: some of a host's block, at most a tick's.
#[derive(Clone, Copy)]
pub(in crate::engine) struct Inputs<'a> {
    /// The whole block of stem 1 and of the others; nothing where a stem is not live.
    pub main: [&'a [f32]; 2],
    pub aux: &'a [[&'a [f32]; 2]; STEMS - 1],
    /// The part of the block that is meant.
    pub start: usize,
    pub frames: usize,
    /// Bit k: stem k's frames are these instead, from the first on: its left, its right.
    pub delayed: u32,
    pub lines: &'a [[f32; TICK_FRAMES]; 2 * STEMS],
}

impl<'a> Inputs<'a> {
    /// A stem's frames of one side and whatever follows them, or none.
    #[inline(always)]
    pub fn row(&self, stem: usize, side: usize) -> &'a [f32] {
        if self.delayed >> stem & 1 != 0 {
            return &self.lines[(2 * stem + side) % (2 * STEMS)];
        }
        let whole = match stem {
            0 => self.main[side % 2],
            _ => self.aux[(stem - 1) % (STEMS - 1)][side % 2],
        };
        whole.get(self.start..).unwrap_or_default()
    }

    /// The rows of a group's side, each of a whole tick; silence where there is none.
    #[inline(always)]
    fn whole(&self, group: usize, side: usize) -> [&'a [f32; TICK_FRAMES]; LANES] {
        let mut rows = [&SILENCE; LANES];
        for (lane, row) in rows.iter_mut().enumerate() {
            if let Some(whole) = self.row(group * LANES + lane, side).first_chunk() {
                *row = whole;
            }
        }
        rows
    }
}

const SILENCE: [f32; TICK_FRAMES] = [0.0; TICK_FRAMES];

/// What is to be done with some frames of one tick.
#[derive(Clone, Copy)]
pub(in crate::engine) struct Chunk<'a> {
    /// The stems after their delays.
    pub inputs: Inputs<'a>,
    /// Whether the unity sum of the inputs is wanted too.
    pub plain: bool,
    /// The first frame is so many after the tick.
    pub at: usize,
    /// Which groups sound: bit g. At least one.
    pub groups: u32,
    /// Where each section is at rest and not idle, where it moves, where all lanes that are not idle
    /// move, and where its weight moves: bit g.
    pub resting: [u8; SECTIONS],
    pub moving: [u8; SECTIONS],
    pub weighted: [u8; SECTIONS],
    /// Groups with a matrix that moves, and with a level that does.
    pub gliding: [u32; 2],
    /// The stem 1 input's gain in the unity sum.
    pub main_input: &'a [f32; TICK_FRAMES],
    /// Whether the K weighting is wanted, and each stem's part of the mix.
    pub weigh: bool,
    pub tapped: bool,
    /// Whether the cross energies are wanted, too.
    pub learn: bool,
    /// `r^i` and `i r^i` for i from 1: see [`Glide`].
    pub decay: &'a [[f32; TICK_FRAMES]; 2],
}

/// The frames between the passes, and what comes out.
#[derive(Clone, Debug)]
pub(in crate::engine) struct Scratch {
    both: [[Lanes; CHAINS]; TICK_FRAMES],
    one: [[Lanes; 2]; TICK_FRAMES],
    swap: [[Lanes; 2]; TICK_FRAMES],
    sums: [[Lanes; 2]; TICK_FRAMES],
    plain_sums: [[Lanes; 2]; TICK_FRAMES],
    /// Each stem's part of the mix before the output gain, where it was wanted.
    pub taps: [[Lanes; CHAINS]; TICK_FRAMES],
    /// Each stem as it came, where the unity sum was wanted.
    pub plain: [[Lanes; CHAINS]; TICK_FRAMES],
    /// The mix before the output gain.
    pub mix: [[f32; TICK_FRAMES]; 2],
    /// The unity sum of the inputs.
    pub dry: [[f32; TICK_FRAMES]; 2],
    /// Not zero in the lanes whose rows were not silent.
    pub heard: Stems,
}

impl Default for Scratch {
    fn default() -> Self {
        Self {
            both: [[Lanes::default(); CHAINS]; TICK_FRAMES],
            one: [[Lanes::default(); 2]; TICK_FRAMES],
            swap: [[Lanes::default(); 2]; TICK_FRAMES],
            sums: [[Lanes::default(); 2]; TICK_FRAMES],
            plain_sums: [[Lanes::default(); 2]; TICK_FRAMES],
            taps: [[Lanes::default(); CHAINS]; TICK_FRAMES],
            plain: [[Lanes::default(); CHAINS]; TICK_FRAMES],
            mix: [[0.0; TICK_FRAMES]; 2],
            dry: [[0.0; TICK_FRAMES]; 2],
            heard: Default::default(),
        }
    }
}

/// Runs the strips over a chunk and leaves the mix in `scratch`.
pub(in crate::engine) fn process(backend: Backend, bank: &mut Bank, scratch: &mut Scratch, chunk: &Chunk) {
    backend.run(LaneKernel { bank, scratch, chunk });
}

struct LaneKernel<'a> {
    bank: &'a mut Bank,
    scratch: &'a mut Scratch,
    chunk: &'a Chunk<'a>,
}

impl Job for LaneKernel<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        let Self { bank, scratch, chunk } = self;
        let frames = chunk.inputs.frames.min(TICK_FRAMES);
        let Scratch { both, one, swap, sums, plain_sums, taps, plain, mix, dry, heard } = scratch;
        *heard = Default::default();
        let sums = &mut sums[..frames];
        let swap = &mut swap[..frames];
        match chunk.groups {
            0b01 => strips::<S, 2>(s, bank, chunk, 0, &mut one[..frames], swap, sums, heard, taps),
            0b10 => strips::<S, 2>(s, bank, chunk, 1, &mut one[..frames], swap, sums, heard, taps),
            _ => strips::<S, CHAINS>(s, bank, chunk, 0, &mut both[..frames], swap, sums, heard, taps),
        }
        spread(s, sums, mix);
        if chunk.plain {
            let inputs = Inputs { delayed: 0, ..chunk.inputs };
            let (plain, plain_sums) = (&mut plain[..frames], &mut plain_sums[..frames]);
            let mut ignored = Default::default();
            for group in 0..GROUPS {
                gather::<S, CHAINS>(s, &inputs, group, 2 * group, plain, &mut ignored);
            }
            for (i, (frame, sum)) in plain.iter_mut().zip(plain_sums.iter_mut()).enumerate() {
                for side in 0..2 {
                    frame[side].0[0] *= chunk.main_input[i % TICK_FRAMES];
                    let halves = s.add(s.load(&frame[side]), s.load(&frame[side + 2]));
                    s.store(&mut sum[side], halves);
                }
            }
            spread(s, plain_sums, dry);
        }
    }
}

/// All passes over `C` chains, the first of which belongs to group `first`.
#[inline(always)]
#[allow(clippy::too_many_arguments)] // parts of one structure, borrowed apart
fn strips<S: Simd, const C: usize>(
    s: S,
    bank: &mut Bank,
    chunk: &Chunk,
    first: usize,
    x: &mut [[Lanes; C]],
    swap: &mut [[Lanes; 2]],
    sums: &mut [[Lanes; 2]],
    heard: &mut Stems,
    taps: &mut [[Lanes; CHAINS]; TICK_FRAMES],
) {
    for group in 0..C / 2 {
        gather(s, &chunk.inputs, first + group, 2 * group, x, heard);
    }
    for section in 0..SECTIONS {
        let (resting, moving) = (chunk.resting[section] >> first, chunk.moving[section] >> first);
        let states = &mut bank.state[section];
        if C == CHAINS && (resting, moving) == (0b11, 0) {
            rest_both(s, &bank.rest, section, states, x);
            continue;
        }
        if C == CHAINS && (resting, moving) == (0, 0b11) && chunk.weighted[section] == 0 {
            travel_both(s, &mut bank.moving, section, states, x);
            continue;
        }
        for group in 0..C / 2 {
            let (g, chain) = ((first + group) % GROUPS, 2 * group);
            let coefficients = &bank.rest[section][g];
            let mut state = [states[2 * g], states[2 * g + 1]];
            let (rests, moves) = (resting >> group & 1 != 0, moving >> group & 1 != 0);
            if rests && !moves {
                rest_one(s, coefficients, &mut state, x, chain);
            }
            if moves {
                let mut rested = state;
                if rests {
                    for (copy, frame) in swap.iter_mut().zip(x.iter()) {
                        *copy = [frame[chain % C], frame[(chain + 1) % C]];
                    }
                    rest_one(s, coefficients, &mut rested, swap, 0);
                }
                let moving = &mut bank.moving[section];
                if chunk.weighted[section] >> g & 1 != 0 {
                    travel::<S, C, true>(s, moving, g, chunk, &mut state, x, chain);
                } else {
                    travel::<S, C, false>(s, moving, g, chunk, &mut state, x, chain);
                }
                if rests {
                    let mask = s.load(&bank.moving[section].mask[g]);
                    for (frame, rested) in x.iter_mut().zip(swap.iter()) {
                        choose(s, mask, &mut frame[chain % C], &rested[0]);
                        choose(s, mask, &mut frame[(chain + 1) % C], &rested[1]);
                    }
                    for (state, rested) in state.iter_mut().zip(&rested) {
                        choose(s, mask, &mut state[0], &rested[0]);
                        choose(s, mask, &mut state[1], &rested[1]);
                    }
                }
            }
            [states[2 * g], states[2 * g + 1]] = state;
        }
    }
    for group in 0..C / 2 {
        let g = first + group;
        let chain = 2 * group;
        let (matrix, level) = (chunk.gliding[0] >> g & 1 != 0, chunk.gliding[1] >> g & 1 != 0);
        if matrix {
            turn(s, &bank.gains, chunk, g, x, chain);
        }
        match (matrix, level, group == 0) {
            (false, false, true) => blend::<S, C, true, false, true>(s, bank, chunk, g, x, chain, sums),
            (false, false, false) => blend::<S, C, true, false, false>(s, bank, chunk, g, x, chain, sums),
            (false, true, true) => blend::<S, C, true, true, true>(s, bank, chunk, g, x, chain, sums),
            (false, true, false) => blend::<S, C, true, true, false>(s, bank, chunk, g, x, chain, sums),
            (true, _, true) => blend::<S, C, false, true, true>(s, bank, chunk, g, x, chain, sums),
            (true, _, false) => blend::<S, C, false, true, false>(s, bank, chunk, g, x, chain, sums),
        }
        if chunk.tapped {
            tap(s, &bank.gains, chunk, g, x, chain, taps);
        }
    }
    match (chunk.weigh, chunk.learn, C) {
        (true, false, 2) => weigh_one(s, bank, first, x),
        (true, false, _) => weigh::<S, C, false>(s, bank, first, x),
        (true, true, _) => {
            weigh::<S, C, true>(s, bank, first, x);
            correlate(s, bank, first, x);
        }
        (false, ..) => {}
    }
}

/// Rows of one group into its two chains, sanitised, four frames at a time.
#[inline(always)]
fn gather<S: Simd, const C: usize>(
    s: S,
    inputs: &Inputs,
    group: usize,
    chain: usize,
    x: &mut [[Lanes; C]],
    heard: &mut Stems,
) {
    let mut any = s.load(&heard[group]);
    for side in 0..2 {
        let chain = (chain + side) % C;
        if let Some(x) = x.as_mut_array::<TICK_FRAMES>() {
            let rows = inputs.whole(group, side);
            for (part, x) in x.as_chunks_mut::<4>().0.iter_mut().enumerate() {
                let mut quarters = [&QUIET; LANES];
                for (quarter, row) in quarters.iter_mut().zip(rows) {
                    *quarter = &row.as_chunks::<4>().0[part % (TICK_FRAMES / 4)];
                }
                any = s.or(any, columns(s, quarters, chain, x));
            }
            continue;
        }
        let mut rows: [&[f32]; LANES] = [&[]; LANES];
        for (lane, row) in rows.iter_mut().enumerate() {
            *row = inputs.row(group * LANES + lane, side);
        }
        if x.len() >= 4 {
            let mut start = 0;
            while start < x.len() {
                // At the end the last four frames, some of them once more.
                let from = start.min(x.len() - 4);
                let mut quarters = [&QUIET; LANES];
                for (quarter, row) in quarters.iter_mut().zip(rows) {
                    *quarter = row.get(from..).and_then(|row| row.first_chunk()).unwrap_or(&QUIET);
                }
                if let Some(x) = x[from..].first_chunk_mut::<4>() {
                    any = s.or(any, columns(s, quarters, chain, x));
                }
                start += 4;
            }
        } else {
            for (i, frame) in x.iter_mut().enumerate() {
                let clean = s.sanitise(s.load(&column(&rows, i)));
                any = s.or(any, clean);
                s.store(&mut frame[chain], clean);
            }
        }
    }
    s.store(&mut heard[group], any);
}

const QUIET: [f32; 4] = [0.0; 4];

/// A frame of eight rows. Written out, so that it is put together in a register.
#[inline(always)]
fn column([a, b, c, d, e, f, g, h]: &[&[f32]; LANES], i: usize) -> Lanes {
    Lanes([at(a, i), at(b, i), at(c, i), at(d, i), at(e, i), at(f, i), at(g, i), at(h, i)])
}

/// A frame of a row, or silence.
#[inline(always)]
fn at(row: &[f32], i: usize) -> f32 {
    row.get(i).copied().unwrap_or(0.0)
}

/// Four frames of a chain; answers the union of their bits.
#[inline(always)]
fn columns<S: Simd, const C: usize>(
    s: S,
    quarters: [&[f32; 4]; LANES],
    chain: usize,
    x: &mut [[Lanes; C]; 4],
) -> S::V {
    let columns = s.columns(quarters);
    let mut any = s.splat(0.0);
    for i in 0..4 {
        let clean = s.sanitise(columns[i]);
        any = s.or(any, clean);
        s.store(&mut x[i][chain], clean);
    }
    any
}

/// One frame of a section at rest: [`crate::dsp::svf::Delta`], without its gain.
#[inline(always)]
pub(super) fn rest_frame<S: Simd>(s: S, [q, p, n0, n1]: &[S::V; 4], state: &mut [S::V; 2], x: S::V) -> S::V {
    let [s0, s1] = *state;
    // In this order the compiler needs the fewest registers.
    let y = s.mul_add(*n0, s0, s.mul_add(*n1, s1, x));
    let e = s.neg_mul_add(*q, s0, s.neg_mul_add(*p, s1, x));
    *state = [s.add(s0, e), s.add(s1, s0)];
    y
}

#[inline(always)]
pub(super) fn load<S: Simd, const N: usize>(s: S, from: &[Lanes; N]) -> [S::V; N] {
    let mut to = [s.splat(0.0); N];
    for i in 0..N {
        to[i] = s.load(&from[i]);
    }
    to
}

#[inline(always)]
fn store<S: Simd, const N: usize>(s: S, to: &mut [Lanes; N], from: &[S::V; N]) {
    for i in 0..N {
        s.store(&mut to[i], from[i]);
    }
}

/// A section at rest, all four chains.
#[inline(always)]
fn rest_both<S: Simd, const C: usize>(
    s: S,
    rest: &[[[Lanes; 4]; GROUPS]; SECTIONS],
    section: usize,
    state: &mut [[Lanes; 2]; CHAINS],
    x: &mut [[Lanes; C]],
) {
    let mut now = [load(s, &state[0]), load(s, &state[1]), load(s, &state[2]), load(s, &state[3])];
    // Eight coefficients besides eight states are more than there are registers. The compiler must not
    // know that every frame reads the same ones: then they stay in memory, where those it keeps and spills
    // would cost a store as well.
    let still = black_box(0);
    let mut at = section;
    for frame in x.iter_mut() {
        at = (at + still) % SECTIONS;
        for group in 0..GROUPS {
            let coefficients = load(s, &rest[at][group]);
            for chain in 2 * group..2 * group + 2 {
                let y = rest_frame(s, &coefficients, &mut now[chain], s.load(&frame[chain % C]));
                s.store(&mut frame[chain % C], y);
            }
        }
    }
    for chain in 0..CHAINS {
        store(s, &mut state[chain], &now[chain]);
    }
}

/// A section at rest, one group.
#[inline(always)]
fn rest_one<S: Simd, const C: usize>(
    s: S,
    coefficients: &[Lanes; 4],
    state: &mut [[Lanes; 2]; 2],
    x: &mut [[Lanes; C]],
    chain: usize,
) {
    let coefficients = load(s, coefficients);
    let mut now = [load(s, &state[0]), load(s, &state[1])];
    for frame in x.iter_mut() {
        for side in 0..2 {
            let chain = (chain + side) % C;
            let y = rest_frame(s, &coefficients, &mut now[side], s.load(&frame[chain]));
            s.store(&mut frame[chain], y);
        }
    }
    store(s, &mut state[0], &now[0]);
    store(s, &mut state[1], &now[1]);
}

/// `here` where the mask is set, otherwise `there`.
#[inline(always)]
fn choose<S: Simd>(s: S, mask: S::V, here: &mut Lanes, there: &Lanes) {
    let chosen = s.select(mask, s.load(here), s.load(there));
    s.store(here, chosen);
}

/// A section of one group on its way: two chains in place. Lanes that do not move pass what they get.
#[inline(always)]
fn travel<S: Simd, const C: usize, const WEIGHTED: bool>(
    s: S,
    moving: &mut Moving,
    group: usize,
    chunk: &Chunk,
    state: &mut [[Lanes; 2]; 2],
    x: &mut [[Lanes; C]],
    chain: usize,
) {
    let g = group % GROUPS;
    let Moving { now, step, weight, .. } = moving;
    let weight = &weight[g];
    let mut c = [s.splat(0.0); 6];
    for k in 0..6 {
        c[k] = s.load(&now[k][g]);
    }
    let mut states = [load(s, &state[0]), load(s, &state[1])];
    for (i, frame) in x.iter_mut().enumerate() {
        for k in 0..6 {
            c[k] = s.add(c[k], s.load(&step[k][g]));
        }
        let [r, u, w, c0, c1, gain] = c;
        let dry = if WEIGHTED {
            s.sub(s.splat(1.0), glide(s, &weight.target, way(s, weight), decay(s, chunk, i)))
        } else {
            r
        };
        for side in 0..2 {
            let place = (chain + side) % C;
            let x = s.load(&frame[place]);
            let [s0, s1] = states[side];
            let d = s.sub(x, s1);
            let y = s.mul_add(c0, s0, s.mul_add(c1, s1, s.mul(gain, x)));
            // In this order the compiler needs the fewest registers.
            let s1 = s.mul_add(w, d, s.mul_add(r, s0, s1));
            let s0 = s.mul_add(r, d, s.neg_mul_add(u, s0, s0));
            states[side] = [s0, s1];
            // Exact where all of it is heard.
            let heard = if WEIGHTED { s.mul_add(dry, s.sub(x, y), y) } else { y };
            s.store(&mut frame[place], heard);
        }
    }
    for k in 0..6 {
        s.store(&mut now[k][g], c[k]);
    }
    store(s, &mut state[0], &states[0]);
    store(s, &mut state[1], &states[1]);
}

/// A section on its way, all four chains and all of it heard: while one group's multiplications wait for each other, the
/// other's are done.
#[inline(always)]
fn travel_both<S: Simd, const C: usize>(
    s: S,
    moving: &mut [Moving; SECTIONS],
    section: usize,
    state: &mut [[Lanes; 2]; CHAINS],
    x: &mut [[Lanes; C]],
) {
    let mut states = [load(s, &state[0]), load(s, &state[1]), load(s, &state[2]), load(s, &state[3])];
    let mut r = [s.splat(0.0); GROUPS];
    for group in 0..GROUPS {
        r[group] = s.load(&moving[section].now[0][group]);
    }
    // All coefficients but one stay in memory: see `rest_both`.
    let still = black_box(0);
    let mut at = section;
    for frame in x.iter_mut() {
        at = (at + still) % SECTIONS;
        for group in 0..GROUPS {
            let [left, right] = [2 * group % C, (2 * group + 1) % C];
            let [[mut l0, mut l1], [mut r0, mut r1]] = [states[2 * group], states[2 * group + 1]];
            let x = [s.load(&frame[left]), s.load(&frame[right])];
            let Moving { now, step, .. } = &mut moving[at];
            let gain = advance(s, &mut now[5][group], &step[5][group]);
            let mut y = [s.mul(gain, x[0]), s.mul(gain, x[1])];
            let c1 = advance(s, &mut now[4][group], &step[4][group]);
            y = [s.mul_add(c1, l1, y[0]), s.mul_add(c1, r1, y[1])];
            let c0 = advance(s, &mut now[3][group], &step[3][group]);
            y = [s.mul_add(c0, l0, y[0]), s.mul_add(c0, r0, y[1])];
            s.store(&mut frame[left], y[0]);
            s.store(&mut frame[right], y[1]);
            let d = [s.sub(x[0], l1), s.sub(x[1], r1)];
            r[group] = s.add(r[group], s.load(&step[0][group]));
            (l1, r1) = (s.mul_add(r[group], l0, l1), s.mul_add(r[group], r0, r1));
            let u = advance(s, &mut now[1][group], &step[1][group]);
            (l0, r0) = (s.neg_mul_add(u, l0, l0), s.neg_mul_add(u, r0, r0));
            let w = advance(s, &mut now[2][group], &step[2][group]);
            (l1, r1) = (s.mul_add(w, d[0], l1), s.mul_add(w, d[1], r1));
            (l0, r0) = (s.mul_add(r[group], d[0], l0), s.mul_add(r[group], d[1], r0));
            [states[2 * group], states[2 * group + 1]] = [[l0, l1], [r0, r1]];
        }
    }
    for group in 0..GROUPS {
        s.store(&mut moving[section].now[0][group], r[group]);
    }
    for chain in 0..CHAINS {
        store(s, &mut state[chain], &states[chain]);
    }
}

/// A coefficient of the next frame.
#[inline(always)]
fn advance<S: Simd>(s: S, now: &mut Lanes, step: &Lanes) -> S::V {
    let next = s.add(s.load(now), s.load(step));
    s.store(now, next);
    next
}

/// How the distances of gains have shrunk `i` frames into the chunk, and how their slopes tell.
#[inline(always)]
fn decay<S: Simd>(s: S, chunk: &Chunk, i: usize) -> [S::V; 2] {
    let frame = (chunk.at + i) % TICK_FRAMES;
    [s.splat(chunk.decay[0][frame]), s.splat(chunk.decay[1][frame])]
}

/// How far gains are from their targets, and the slopes of that.
#[inline(always)]
fn way<S: Simd>(s: S, glide: &Glide) -> [S::V; 2] {
    [s.load(&glide.distance), s.load(&glide.slope)]
}

/// Gains on their way.
#[inline(always)]
fn glide<S: Simd>(s: S, target: &Lanes, [distance, slope]: [S::V; 2], [fall, rise]: [S::V; 2]) -> S::V {
    s.mul_add(rise, slope, s.mul_add(fall, distance, s.load(target)))
}

/// A matrix on its way.
#[inline(always)]
fn turn<S: Simd, const C: usize>(
    s: S,
    gains: &[[Glide; GAINS]; GROUPS],
    chunk: &Chunk,
    group: usize,
    x: &mut [[Lanes; C]],
    chain: usize,
) {
    let mut at = group % GROUPS;
    let (left, right) = (chain % C, (chain + 1) % C);
    let [ll, lr, rl, rr, _] = &gains[at];
    let (ll, lr, rl, rr) = (way(s, ll), way(s, lr), way(s, rl), way(s, rr));
    // The targets stay in memory: see `rest_both`.
    let still = black_box(0);
    for (i, frame) in x.iter_mut().enumerate() {
        at = (at + still) % GROUPS;
        let [to_ll, to_lr, to_rl, to_rr, _] = &gains[at];
        let decay = decay(s, chunk, i);
        let (l, r) = (s.load(&frame[left]), s.load(&frame[right]));
        let (a, b) = (glide(s, &to_ll.target, ll, decay), glide(s, &to_lr.target, lr, decay));
        let y = s.mul_add(a, l, s.mul(b, r));
        s.store(&mut frame[left], y);
        let (a, b) = (glide(s, &to_rl.target, rl, decay), glide(s, &to_rr.target, rr, decay));
        let y = s.mul_add(a, l, s.mul(b, r));
        s.store(&mut frame[right], y);
    }
}

/// Matrix (where it rests), level, meters, and the group's part of the sum. What stays in `x` is before the
/// level.
#[inline(always)]
fn blend<S: Simd, const C: usize, const MATRIX: bool, const GLIDES: bool, const FIRST: bool>(
    s: S,
    bank: &mut Bank,
    chunk: &Chunk,
    group: usize,
    x: &mut [[Lanes; C]],
    chain: usize,
    sums: &mut [[Lanes; 2]],
) {
    let g = group % GROUPS;
    let (left, right) = (chain % C, (chain + 1) % C);
    let mut peaks = [s.load(&bank.peaks[2 * g]), s.load(&bank.peaks[2 * g + 1])];
    let mut squares = [s.load(&bank.squares[2 * g]), s.load(&bank.squares[2 * g + 1])];
    let mut product = s.load(&bank.products[g]);
    let gains = &bank.gains[g];
    let way = way(s, &gains[4]);
    for (i, (frame, sum)) in x.iter_mut().zip(sums.iter_mut()).enumerate() {
        let mut y = [s.load(&frame[left]), s.load(&frame[right])];
        if MATRIX {
            let [l, r] = y;
            let [ll, lr] = [s.load(&gains[0].target), s.load(&gains[1].target)];
            let [rl, rr] = [s.load(&gains[2].target), s.load(&gains[3].target)];
            y = [s.mul_add(ll, l, s.mul(lr, r)), s.mul_add(rl, l, s.mul(rr, r))];
            s.store(&mut frame[left], y[0]);
            s.store(&mut frame[right], y[1]);
        }
        let level = if GLIDES {
            glide(s, &gains[4].target, way, decay(s, chunk, i))
        } else {
            s.load(&gains[4].target)
        };
        let z = [s.mul(level, y[0]), s.mul(level, y[1])];
        for side in 0..2 {
            let total = if FIRST { z[side] } else { s.add(s.load(&sum[side]), z[side]) };
            s.store(&mut sum[side], total);
            peaks[side] = s.max_abs(peaks[side], z[side]);
            squares[side] = s.mul_add(z[side], z[side], squares[side]);
        }
        product = s.mul_add(z[0], z[1], product);
    }
    for side in 0..2 {
        s.store(&mut bank.peaks[2 * g + side], peaks[side]);
        s.store(&mut bank.squares[2 * g + side], squares[side]);
    }
    s.store(&mut bank.products[g], product);
}

/// Each stem's part of the mix, once more.
#[inline(always)]
fn tap<S: Simd, const C: usize>(
    s: S,
    gains: &[[Glide; GAINS]; GROUPS],
    chunk: &Chunk,
    group: usize,
    x: &[[Lanes; C]],
    chain: usize,
    taps: &mut [[Lanes; CHAINS]; TICK_FRAMES],
) {
    let g = group % GROUPS;
    let [.., level] = &gains[g];
    for (i, (frame, tap)) in x.iter().zip(taps.iter_mut()).enumerate() {
        let level = glide(s, &level.target, way(s, level), decay(s, chunk, i));
        for side in 0..2 {
            let z = s.mul(level, s.load(&frame[(chain + side) % C]));
            s.store(&mut tap[2 * g + side], z);
        }
    }
}

/// K weighting: the shelf (its gain left to whoever reads the energy), then the high-pass and the energy. Leaves
/// the weighted frames where they are to be kept.
#[inline(always)]
fn weigh<S: Simd, const C: usize, const KEEP: bool>(
    s: S,
    bank: &mut Bank,
    first: usize,
    x: &mut [[Lanes; C]],
) {
    let zero = s.splat(0.0);
    let chain = 2 * (first % GROUPS);
    let mut now = [[zero; 2]; C];
    for j in 0..C {
        now[j] = load(s, &bank.weighting_state[0][(chain + j) % CHAINS]);
    }
    for frame in x.iter_mut() {
        for pair in 0..C / 2 {
            // As in `rest_both`, by other means: nothing read before this is still known after it.
            compiler_fence(Ordering::AcqRel);
            let shelf = load(s, &bank.weighting[0]);
            for j in 2 * pair..2 * pair + 2 {
                let y = rest_frame(s, &shelf, &mut now[j], s.load(&frame[j]));
                s.store(&mut frame[j], y);
            }
        }
    }
    for j in 0..C {
        store(s, &mut bank.weighting_state[0][(chain + j) % CHAINS], &now[j]);
        now[j] = load(s, &bank.weighting_state[1][(chain + j) % CHAINS]);
    }
    let [q, p, ..] = load(s, &bank.weighting[1]);
    let mut energy = [zero; C];
    for group in 0..C / 2 {
        energy[group] = s.load(&bank.weighted[(first + group) % GROUPS]);
    }
    for frame in x.iter_mut() {
        for j in 0..C {
            let y = weigh_frame(s, [q, p], &mut now[j], &mut energy[j / 2], s.load(&frame[j]));
            if KEEP {
                s.store(&mut frame[j], y);
            }
        }
    }
    for group in 0..C / 2 {
        s.store(&mut bank.weighted[(first + group) % GROUPS], energy[group]);
    }
    for j in 0..C {
        store(s, &mut bank.weighting_state[1][(chain + j) % CHAINS], &now[j]);
    }
}

/// The same for the only group, both sections at once: a frame of one waits for the frame before it, and
/// meanwhile there is time for the other.
#[inline(always)]
fn weigh_one<S: Simd, const C: usize>(s: S, bank: &mut Bank, group: usize, x: &[[Lanes; C]]) {
    let g = group % GROUPS;
    let [shelf, high] = &bank.weighting_state;
    let mut shelf = [load(s, &shelf[2 * g]), load(s, &shelf[2 * g + 1])];
    let mut high = [load(s, &high[2 * g]), load(s, &high[2 * g + 1])];
    let mut energy = s.load(&bank.weighted[g]);
    for frame in x {
        compiler_fence(Ordering::AcqRel);
        let coefficients = load(s, &bank.weighting[0]);
        let [q, p, ..] = load(s, &bank.weighting[1]);
        for side in 0..2 {
            let y = rest_frame(s, &coefficients, &mut shelf[side], s.load(&frame[side % C]));
            weigh_frame(s, [q, p], &mut high[side], &mut energy, y);
        }
    }
    s.store(&mut bank.weighted[g], energy);
    for side in 0..2 {
        store(s, &mut bank.weighting_state[0][2 * g + side], &shelf[side]);
        store(s, &mut bank.weighting_state[1][2 * g + side], &high[side]);
    }
}

/// One frame of the weighting's high-pass, and its energy.
#[inline(always)]
pub(super) fn weigh_frame<S: Simd>(
    s: S,
    [q, p]: [S::V; 2],
    state: &mut [S::V; 2],
    energy: &mut S::V,
    x: S::V,
) -> S::V {
    let [s0, s1] = *state;
    let e = s.neg_mul_add(q, s0, s.neg_mul_add(p, s1, x));
    *state = [s.add(s0, e), s.add(s1, s0)];
    *energy = s.mul_add(e, e, *energy);
    e
}

/// Cross energies of weighted frames: each lane of one group times all of another, eight sums in registers.
#[inline(always)]
fn correlate<S: Simd, const C: usize>(s: S, bank: &mut Bank, first: usize, x: &[[Lanes; C]]) {
    for (at, [a, b]) in CROSSINGS.into_iter().enumerate() {
        if a < first || b >= first + C / 2 {
            continue;
        }
        let mut sums = load(s, &bank.crossed[at]);
        for side in 0..2 {
            let (a, b) = ((2 * (a - first) + side) % C, (2 * (b - first) + side) % C);
            for frame in x {
                let y = s.load(&frame[b]);
                for lane in 0..LANES {
                    sums[lane] = s.mul_add(s.splat(frame[a].0[lane]), y, sums[lane]);
                }
            }
        }
        store(s, &mut bank.crossed[at], &sums);
    }
}

/// Adds the lanes up and lays the frames out in rows, four at a time.
#[inline(always)]
fn spread<S: Simd>(s: S, sums: &[[Lanes; 2]], out: &mut [[f32; TICK_FRAMES]; 2]) {
    let [left, right] = out.each_mut().map(|side| side.as_chunks_mut::<4>().0);
    let (whole, rest) = sums.as_chunks::<4>();
    let mut quarters = left.iter_mut().zip(right);
    for (frames, (left, right)) in whole.iter().zip(&mut quarters) {
        [*left, *right] = sums_of_four(s, frames);
    }
    if let Some((left, right)) = quarters.next()
        && !rest.is_empty()
    {
        let mut frames = [[Lanes::default(); 2]; 4];
        // A plain copy of so many frames would be a call.
        for i in 0..frames.len() {
            if let Some(from) = rest.get(i) {
                frames[i] = *from;
            }
        }
        [*left, *right] = sums_of_four(s, &frames);
    }
}

#[inline(always)]
fn sums_of_four<S: Simd>(s: S, [a, b, c, d]: &[[Lanes; 2]; 4]) -> [[f32; 4]; 2] {
    let left = [s.load(&a[0]), s.load(&b[0]), s.load(&c[0]), s.load(&d[0])];
    let right = [s.load(&a[1]), s.load(&b[1]), s.load(&c[1]), s.load(&d[1])];
    s.sums(left, right)
}
