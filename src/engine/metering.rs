//! What the strips and the mix come to, for whoever draws it: peaks, powers, loudness.
//!
//! The lanes add up; here the sums are averaged and handed over some 200 times a second.

use super::lanes::{Backend, Bank, CHAINS, CROSSINGS, GROUPS, LANES, Lanes, MixEar, Stems, get};
use super::tone::Flush;
use super::{StemBlock, TICK_FRAMES};
use crate::dsp::loudness;
use crate::dsp::meter::POWER_TAU_S;
use crate::dsp::svf::Delta;
use crate::model::learned::{PAIRS, pair};
use crate::model::limits::STEMS;
use crate::sync::{Energies, Meters, Powers};
use std::sync::Arc;

/// Frames between two readings, at least.
const READING_FRAMES: usize = 512;
/// Slots of 10 ms in the 400 ms of momentary loudness.
const SLOTS: usize = 40;
/// Slots in which what was not to be learned fades away: tone takes longest, with two poles of 10 ms.
const FADING_SLOTS: u32 = 10;
/// Ticks between two looks at the same states for silence.
const FLUSH_TICKS: usize = 8;

pub(super) struct Metering {
    meters: Arc<Meters>,
    sample_rate_hz: f64,
    /// Whether loudness is measured.
    weighs: bool,
    /// Bit g: the weighting sounds on in group g: its shelf, its high-pass.
    ringing: [u32; 2],
    ticks: usize,
    /// Of the weighting, what its shelf's form for rest leaves out, squared.
    shelf_power: f64,
    /// The last 400 ms: weighted energies of both sides, slot by slot.
    slots: Box<[Stems; SLOTS]>,
    slot: usize,
    slot_frames: usize,
    frames_to_slot: usize,
    /// Since the last reading.
    frames: usize,
    heard: Stems,
    mix: MixSums,
    listening: Listening,
    stem_powers: [Powers; STEMS],
    mix_powers: Powers,
}

/// What whoever listens is told besides: the mix's loudness and true peak, slot by slot.
struct Listening {
    is_on: bool,
    mix: MixEar,
    /// Slots that found no room.
    lost: u32,
    /// Nothing was told since the reset.
    is_first: bool,
    /// Cross energies are added up, since the beginning of the present slot.
    learns: bool,
    /// What sounds is not to be learned, nor in so many slots, the present one among them.
    is_deaf: bool,
    deaf_slots: u32,
}

impl Listening {
    fn new(sample_rate_hz: f64) -> Self {
        Self {
            is_on: false,
            mix: MixEar::new(sample_rate_hz),
            lost: 0,
            is_first: true,
            learns: false,
            is_deaf: false,
            deaf_slots: 0,
        }
    }

    /// Begins anew with the slot that begins now.
    fn reset(&mut self) {
        self.mix.reset();
        self.is_first = true;
        self.learns = false;
    }
}

/// What stands around the learn tap, as [`Energies`] has it.
pub(super) struct StripGains {
    pub levels: [f32; STEMS],
    pub trims: [f32; STEMS],
    pub output: f32,
}

/// Sums over the mix, in eight parts so that they can be added side by side.
#[derive(Default)]
struct MixSums {
    peaks: [[f32; 8]; 2],
    squares: [[f32; 8]; 2],
    products: [f32; 8],
}

impl Metering {
    pub fn new(meters: Arc<Meters>) -> Self {
        Self {
            meters,
            sample_rate_hz: 48_000.0,
            weighs: true,
            ringing: [0; 2],
            ticks: 0,
            shelf_power: 1.0,
            slots: Box::new([Stems::default(); SLOTS]),
            slot: 0,
            slot_frames: 480,
            frames_to_slot: 480,
            frames: 0,
            heard: Stems::default(),
            mix: MixSums::default(),
            listening: Listening::new(48_000.0),
            stem_powers: Default::default(),
            mix_powers: Powers::default(),
        }
    }

    /// Sets the sample rate; [`Self::reset`] must follow.
    pub fn prepare(&mut self, sample_rate_hz: f64, bank: &mut Bank) {
        self.sample_rate_hz = sample_rate_hz;
        self.slot_frames = loudness::slot_frames(sample_rate_hz);
        let [shelf, high_pass] = loudness::weighting(sample_rate_hz).map(Delta::from);
        bank.weighting = [shelf, high_pass].map(|d| [d.q, d.p, d.n0, d.n1].map(|c| Lanes([c as f32; LANES])));
        self.shelf_power = (shelf.gain * high_pass.gain).powi(2);
        self.listening = Listening { is_on: self.listening.is_on, ..Listening::new(sample_rate_hz) };
    }

    /// Forgets all that was measured.
    pub fn reset(&mut self, bank: &mut Bank) {
        self.forget_loudness(bank);
        self.ticks = 0;
        self.frames = 0;
        self.heard = Stems::default();
        self.mix = MixSums::default();
        self.stem_powers = Default::default();
        self.mix_powers = Powers::default();
        bank.peaks = Default::default();
        bank.squares = Default::default();
        bank.products = Default::default();
    }

    fn forget_loudness(&mut self, bank: &mut Bank) {
        self.ringing = [0; 2];
        self.slots.fill(Stems::default());
        self.slot = 0;
        self.frames_to_slot = self.slot_frames;
        self.listening.reset();
        bank.weighted = Default::default();
        bank.weighting_state = Default::default();
    }

    pub fn measure_loudness(&mut self, on: bool, bank: &mut Bank) {
        if self.weighs != on {
            self.weighs = on;
            self.forget_loudness(bank);
        }
    }

    /// Whether loudness is measured.
    pub fn weighs(&self) -> bool {
        self.weighs
    }

    /// Whether cross energies are measured.
    pub fn learns(&self) -> bool {
        self.weighs && self.listening.learns
    }

    /// Whether what sounds is to be learned where somebody learns. If not, neither is what has begun of a slot; and
    /// later, what was not to be learned is let fade away first.
    pub fn let_learn(&mut self, on: bool) {
        self.listening.is_deaf = !on;
        if !on {
            (self.listening.deaf_slots, self.listening.learns) = (FADING_SLOTS, false);
        }
    }

    /// Frames until the present slot of loudness is full.
    pub fn frames_to_slot(&self) -> usize {
        if self.weighs { self.frames_to_slot } else { usize::MAX }
    }

    /// Bit g: group g sounds on when its input is silent.
    pub fn ringing(&self) -> u32 {
        self.ringing[0] | self.ringing[1]
    }

    /// These groups have been given sound.
    pub fn excite(&mut self, groups: u32) {
        if self.weighs {
            self.ringing = self.ringing.map(|ringing| ringing | groups);
        }
    }

    /// A control tick.
    pub fn tick(&mut self, bank: &mut Bank, backend: Backend) {
        self.ticks = (self.ticks + 1) % FLUSH_TICKS;
        if let Some(ringing) = self.ringing.get_mut(self.ticks)
            && *ringing != 0
        {
            *ringing = backend.run(Flush(&mut bank.weighting_state[self.ticks]));
        }
    }

    /// Takes note of which rows were not silent.
    pub fn heard(&mut self, heard: &Stems) {
        for (all, heard) in self.heard.iter_mut().zip(heard) {
            for (all, heard) in all.0.iter_mut().zip(heard.0) {
                *all = f32::from_bits(all.to_bits() | heard.to_bits());
            }
        }
    }

    /// `frames` frames of the mix are done; zeros follow them.
    pub fn pass(
        &mut self,
        mix: &[[f32; TICK_FRAMES]; 2],
        frames: usize,
        bank: &mut Bank,
        backend: Backend,
        gains: impl FnOnce() -> StripGains,
    ) {
        self.mix.add(mix, frames);
        self.frames += frames;
        if !self.weighs {
            return;
        }
        self.frames_to_slot -= frames;
        let is_full = self.frames_to_slot == 0;
        if is_full {
            self.frames_to_slot = self.slot_frames;
            self.slots[self.slot] = std::mem::take(&mut bank.weighted);
            self.slot = (self.slot + 1) % SLOTS;
        }
        if self.meters.loudness().is_listened() {
            self.tell(mix.each_ref().map(|side| &side[..frames]), is_full, bank, backend, gains);
        } else {
            (self.listening.is_on, self.listening.learns) = (false, false);
        }
    }

    /// Tells whoever listens, at the end of a slot.
    #[inline(never)]
    fn tell(
        &mut self,
        mix: [&[f32]; 2],
        is_full: bool,
        bank: &mut Bank,
        backend: Backend,
        gains: impl FnOnce() -> StripGains,
    ) {
        let listening = &mut self.listening;
        // Begins with a whole slot.
        if !listening.is_on {
            if is_full {
                listening.is_on = true;
                listening.reset();
            }
            return;
        }
        listening.mix.push(mix, &bank.weighting, backend);
        if !is_full {
            return;
        }
        let (squares, true_peaks) = listening.mix.take(&bank.weighting, backend);
        let filled = &self.slots[(self.slot + SLOTS - 1) % SLOTS];
        let scale = (self.shelf_power / self.slot_frames as f64) as f32;
        let StripGains { levels, trims, output } = gains();
        let mut energies = Energies {
            lost: listening.lost,
            is_first: listening.is_first,
            pairs: [0.0; PAIRS],
            has_crossed: listening.learns,
            levels,
            trims,
            output,
            mix: squares * scale,
            true_peaks,
        };
        for stem in 0..STEMS {
            energies.pairs[pair(stem, stem)] = get(filled, stem) * scale;
        }
        if listening.learns {
            for ([a, b], sums) in CROSSINGS.into_iter().zip(&bank.crossed) {
                for (i, sums) in sums.iter().enumerate() {
                    for (k, sum) in sums.0.iter().enumerate().filter(|(k, _)| a != b || *k > i) {
                        energies.pairs[pair(a * LANES + i, b * LANES + k)] = sum * scale;
                    }
                }
            }
        }
        bank.crossed = Default::default();
        listening.deaf_slots -= u32::from(listening.deaf_slots > 0 && !listening.is_deaf);
        listening.learns = self.meters.loudness().is_learning() && listening.deaf_slots == 0;
        if self.meters.loudness().push(&energies) {
            (listening.lost, listening.is_first) = (0, false);
        } else {
            listening.lost = listening.lost.saturating_add(1);
        }
    }

    /// Shows whoever looks at a stem what comes in.
    pub fn watch(&self, block: &StemBlock, aux: &[[&[f32]; 2]; STEMS - 1], live: u32) {
        let Some(stem) = self.meters.scope().wanted() else { return };
        let [left, right] = match stem.checked_sub(1) {
            None if live & 1 != 0 => block.main.each_ref().map(|side| &**side),
            Some(at) => aux.get(at).copied().unwrap_or_default(),
            None => Default::default(),
        };
        self.meters.scope().write(block.frames(), left, right);
    }

    /// Hands over, at the end of a block, what there is to read.
    pub fn publish(&mut self, bank: &mut Bank, connected: u32) {
        self.meters.set_connected(connected);
        if self.frames < READING_FRAMES {
            return;
        }
        let frames = std::mem::take(&mut self.frames) as f64;
        let keep = (-frames / (POWER_TAU_S * self.sample_rate_hz)).exp() as f32;
        let mean = |sum: f32| sum / frames as f32;
        let mut momentary = Stems::default();
        for slot in self.slots.iter() {
            for (sum, slot) in momentary.iter_mut().zip(slot) {
                for (sum, energy) in sum.0.iter_mut().zip(slot.0) {
                    *sum += energy;
                }
            }
        }
        let slot_power = (self.shelf_power / (SLOTS * self.slot_frames) as f64) as f32;
        let mut sounding = 0;
        for stem in 0..STEMS {
            let side = |chains: &[Lanes; CHAINS], side: usize| {
                let (groups, _) = chains.as_chunks::<2>();
                let of_side: Stems = std::array::from_fn(|g: usize| groups[g % GROUPS][side]);
                get(&of_side, stem)
            };
            self.meters.raise_stem(stem, [0, 1].map(|s| side(&bank.peaks, s)));
            let powers = &mut self.stem_powers[stem];
            let now = [0, 1].map(|s| mean(side(&bank.squares, s)));
            powers.approach(now, mean(get(&bank.products, stem)), keep);
            self.meters.set_stem_powers(stem, *powers);
            self.meters.set_weighted_power(stem, get(&momentary, stem) * slot_power);
            if get(&self.heard, stem) != 0.0 {
                sounding |= 1 << stem;
            }
        }
        let MixSums { peaks, squares, products } = std::mem::take(&mut self.mix);
        self.meters.raise_mix(peaks.map(|side| side.into_iter().fold(0.0, f32::max)));
        let sum = |parts: [f32; 8]| mean(parts.into_iter().sum());
        self.mix_powers.approach(squares.map(sum), sum(products), keep);
        self.meters.set_mix_powers(self.mix_powers);
        self.meters.set_sounding(sounding);
        self.heard = Stems::default();
        bank.peaks = Default::default();
        bank.squares = Default::default();
        bank.products = Default::default();
    }
}

impl MixSums {
    /// Adds a part; what it has beyond its frames is zero.
    fn add(&mut self, mix: &[[f32; TICK_FRAMES]; 2], frames: usize) {
        let [left, right] = mix.each_ref().map(|row| row.as_chunks::<8>().0);
        for (left, right) in left.iter().zip(right).take(frames.div_ceil(8)) {
            for i in 0..8 {
                for (side, x) in [left[i], right[i]].into_iter().enumerate() {
                    let (peak, square) = (&mut self.peaks[side][i], &mut self.squares[side][i]);
                    *peak = if x.abs() > *peak { x.abs() } else { *peak };
                    *square += x * x;
                }
                self.products[i] += left[i] * right[i];
            }
        }
    }
}
