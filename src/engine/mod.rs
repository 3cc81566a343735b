//! The mix: sixteen stems in, one out. Every head of Stemwright runs this same code.
//!
//! Nothing here depends on how time is cut into blocks: every gain moves per frame, and the mix is the
//! f32 sum of the stems in ascending order, ((1 + 2) + 3) + ..., times the output gain.

mod block;
pub mod resolve;
mod strip;
pub mod tone;

pub use block::StemBlock;

use crate::dsp::delay;
use crate::dsp::sanitise::sanitise;
use crate::dsp::smooth::{GAIN_TAU_S, TwoPole, pole};
use crate::model::limits::{MAX_DELAY_MS, MAX_SAMPLE_RATE_HZ, MIN_SAMPLE_RATE_HZ, STEMS};
use crate::model::settings::MixSettings;
use crate::sync::Meters;
use resolve::{MixTarget, resolve};
use std::sync::Arc;
use strip::Strip;

/// Frames between control ticks, counted from the last reset: there tone sections are designed.
pub const TICK_FRAMES: usize = 32;
/// Frames worked on at a time: never across a tick.
const CHUNK: usize = TICK_FRAMES;

/// Sees every stem's part of the mix as it is made: after fader and output gain, or its input where the
/// mix is bypassed. Offline only.
pub trait StemTap {
    /// Whether the stems are wanted at all.
    const WANTED: bool;
    /// The next frames of a stem (index 0 to 15), in order.
    fn stem(&mut self, stem: usize, left: &[f32], right: &[f32]);
}

/// No tap.
impl StemTap for () {
    const WANTED: bool = false;
    fn stem(&mut self, _: usize, _: &[f32], _: &[f32]) {}
}

/// The engine. Make it, [`prepare`](Self::prepare) it, then process.
pub struct MixEngine {
    sample_rate_hz: f64,
    /// Coefficient of the gain smoothers.
    pole: f64,
    /// Frames since the last tick.
    since_tick: usize,
    settings: MixSettings,
    strips: [Strip; STEMS],
    output: TwoPole,
    bypass: TwoPole,
    main_input: TwoPole,
    meters: Arc<Meters>,
}

impl MixEngine {
    /// An engine at the default balance; it hears nothing before [`Self::prepare`].
    pub fn new(meters: Arc<Meters>) -> Self {
        let mut engine = Self {
            sample_rate_hz: 0.0,
            pole: 1.0,
            since_tick: 0,
            settings: MixSettings::default(),
            strips: Default::default(),
            output: TwoPole::default(),
            bypass: TwoPole::default(),
            main_input: TwoPole::default(),
            meters,
        };
        engine.prepare(48_000.0);
        engine
    }

    /// Sets the sample rate (clamped to 8 to 384 kHz), makes room for it and resets. Allocates.
    pub fn prepare(&mut self, sample_rate_hz: f64) {
        // NaN and the like must not reach an allocation's size.
        self.sample_rate_hz = if sample_rate_hz.is_finite() {
            sample_rate_hz.clamp(MIN_SAMPLE_RATE_HZ, MAX_SAMPLE_RATE_HZ)
        } else {
            48_000.0
        };
        self.pole = pole(GAIN_TAU_S, self.sample_rate_hz);
        let longest = delay::frames(f64::from(MAX_DELAY_MS), self.sample_rate_hz);
        for strip in &mut self.strips {
            strip.prepare(longest, self.sample_rate_hz);
        }
        self.aim();
        self.reset();
    }

    /// Forgets all sound and jumps to the balance set last.
    pub fn reset(&mut self) {
        self.strips.iter_mut().for_each(Strip::reset);
        self.since_tick = 0;
        self.land();
    }

    /// Jumps to the balance set last; what is in the delay lines stays.
    pub fn land(&mut self) {
        self.strips.iter_mut().for_each(Strip::land);
        for gain in [&mut self.output, &mut self.bypass, &mut self.main_input] {
            gain.land();
        }
    }

    /// Sets the balance from the next frame on. Cheap where nothing changed.
    pub fn set(&mut self, settings: &MixSettings) {
        if *settings != self.settings {
            self.settings = *settings;
            self.aim();
        }
    }

    /// The balance set last.
    pub fn settings(&self) -> &MixSettings {
        &self.settings
    }

    fn aim(&mut self) {
        let MixTarget { stems, output, bypass, main_input } = resolve(&self.settings, self.sample_rate_hz);
        for (strip, target) in self.strips.iter_mut().zip(&stems) {
            strip.aim(target);
        }
        self.output.aim(output);
        self.bypass.aim(bypass);
        self.main_input.aim(main_input);
    }

    /// Mixes one block of any length. Realtime-safe.
    pub fn process(&mut self, block: &mut StemBlock) {
        self.process_tapped(block, &mut ());
    }

    /// As [`Self::process`], showing `tap` every stem.
    pub fn process_tapped<T: StemTap>(&mut self, block: &mut StemBlock, tap: &mut T) {
        let frames = block.frames();
        let connected = block.connected();
        let live = connected & !block.silent;
        let mut stem_peaks = [[0.0f32; 2]; STEMS];
        let mut mix_peaks = [0.0f32; 2];
        let mut sounding = 0u32;
        let mut start = 0;
        while start < frames {
            let at = self.since_tick;
            let n = (TICK_FRAMES - at).min(frames - start);
            self.since_tick = (at + n) % TICK_FRAMES;
            if at == 0 {
                self.strips.iter_mut().for_each(Strip::tick);
            }
            let mut gains = Gains::default();
            self.output.fill(self.pole, &mut gains.output[..n]);
            self.main_input.fill(self.pole, &mut gains.main_input[..n]);
            let bypassing = self.bypass.is_moving() || self.bypass.value() != 0.0;
            self.bypass.fill(self.pole, &mut gains.bypass[..n]);

            let mut wet = [[0.0f32; CHUNK]; 2];
            let mut dry = [[0.0f32; CHUNK]; 2];
            for (stem, strip) in self.strips.iter_mut().enumerate() {
                let mut l = [0.0f32; CHUNK];
                let mut r = [0.0f32; CHUNK];
                let (l, r) = (&mut l[..n], &mut r[..n]);
                if live & 1 << stem != 0 {
                    block.read(stem, start, l, r);
                } else if !strip.is_ringing() {
                    strip.skip(self.pole, n);
                    if T::WANTED {
                        tap.stem(stem, l, r);
                    }
                    continue;
                }
                clean(l, r);
                if l.iter().chain(&*r).any(|x| *x != 0.0) {
                    sounding |= 1 << stem;
                }
                let plain = bypassing.then(|| {
                    let mut plain = [[0.0f32; CHUNK]; 2];
                    add(&mut plain, l, r);
                    let [plain_l, plain_r] = &mut plain;
                    if stem == 0 {
                        scale(plain_l, plain_r, &gains.main_input);
                    }
                    add(&mut dry, plain_l, plain_r);
                    plain
                });
                strip.process(self.pole, at, l, r);
                raise(&mut stem_peaks[stem], l, r);
                add(&mut wet, l, r);
                if T::WANTED {
                    scale(l, r, &gains.output);
                    if let Some(plain) = &plain {
                        cross_fade(l, r, plain, &gains.bypass);
                    }
                    tap.stem(stem, l, r);
                }
            }

            let [wet_l, wet_r] = &mut wet;
            let (wet_l, wet_r) = (&mut wet_l[..n], &mut wet_r[..n]);
            scale(wet_l, wet_r, &gains.output);
            if bypassing {
                cross_fade(wet_l, wet_r, &dry, &gains.bypass);
            }
            raise(&mut mix_peaks, wet_l, wet_r);
            block.main[0][start..start + n].copy_from_slice(wet_l);
            block.main[1][start..start + n].copy_from_slice(wet_r);
            start += n;
        }
        for (stem, peaks) in stem_peaks.into_iter().enumerate() {
            self.meters.raise_stem(stem, peaks);
        }
        self.meters.raise_mix(mix_peaks);
        self.meters.set_inputs(connected, sounding);
    }
}

/// The mix's own gains over a chunk.
struct Gains {
    output: [f32; CHUNK],
    main_input: [f32; CHUNK],
    bypass: [f32; CHUNK],
}

impl Default for Gains {
    fn default() -> Self {
        Self { output: [0.0; CHUNK], main_input: [0.0; CHUNK], bypass: [0.0; CHUNK] }
    }
}

fn clean(left: &mut [f32], right: &mut [f32]) {
    for x in left.iter_mut().chain(right) {
        *x = sanitise(*x);
    }
}

fn scale(left: &mut [f32], right: &mut [f32], gain: &[f32; CHUNK]) {
    for ((l, r), g) in left.iter_mut().zip(right).zip(gain) {
        *l *= g;
        *r *= g;
    }
}

/// From `left` and `right` (0) to `plain` (1). Equal gain, because both carry the same signals.
fn cross_fade(left: &mut [f32], right: &mut [f32], plain: &[[f32; CHUNK]; 2], amount: &[f32; CHUNK]) {
    for (side, plain) in [left, right].into_iter().zip(plain) {
        for ((x, plain), t) in side.iter_mut().zip(plain).zip(amount) {
            *x = (1.0 - t) * *x + t * plain;
        }
    }
}

fn add(to: &mut [[f32; CHUNK]; 2], left: &[f32], right: &[f32]) {
    for (to, from) in to.iter_mut().zip([left, right]) {
        for (t, f) in to.iter_mut().zip(from) {
            *t += f;
        }
    }
}

fn raise(peaks: &mut [f32; 2], left: &[f32], right: &[f32]) {
    for (peak, side) in peaks.iter_mut().zip([left, right]) {
        *peak = side.iter().fold(*peak, |p, x| p.max(x.abs()));
    }
}
