//! The mix: sixteen stems in, one out. Every head of Stemwright runs this same code.
//!
//! A strip: sanitise -> delay -> tone -> polarity, trim, width, pan (one matrix) -> (here loudness is
//! measured) -> fader, mute, solo (one level) -> (here the meters stand) -> sum. The delay stands first so
//! that a change of any gain is heard at the frame it is made for, however long the stem is delayed; in a
//! strip that stands still the order changes nothing, and so it does not matter either that trim and
//! polarity come after the tone.
//!
//! Nothing here depends on how time is cut into blocks: gains move per frame, tone at control ticks that
//! count from the last reset. The mix is the f32 sum of the stems by halves, stem k with stem k + 8, those
//! sums k with k + 4, then k with k + 2, then the two, times the output gain.

mod block;
mod gains;
mod lanes;
mod metering;
pub mod monitor;
mod probe;
pub mod resolve;
mod scenes;
mod stem_peak;
mod tone;

pub use block::StemBlock;
pub use lanes::Backend;

use crate::dsp::delay::{self, StereoDelay};
use crate::dsp::sanitise::sanitise;
use crate::dsp::smooth::{GAIN_TAU_S, TwoPole, pole};
use crate::dsp::units;
use crate::model::layers::Layers;
use crate::model::limits::{MAX_DELAY_MS, MAX_SAMPLE_RATE_HZ, MIN_SAMPLE_RATE_HZ, STEMS};
use crate::model::offsets::Sounding;
use crate::model::settings::{MixSettings, ToneSettings};
use crate::model::tone::ToneTarget;
use crate::sync::Meters;
use gains::{Decay, Gains};
use lanes::{Bank, CHAINS, Chunk, GROUPS, Inputs, LANES, Lanes, Scratch, Stems};
use metering::{Metering, StripGains};
use probe::InputProbe;
use resolve::{Common, MixTarget, Placed, StripTarget};
use scenes::Scenes;
use std::sync::Arc;
use stem_peak::StemPeakMeter;
use tone::Tone;

/// Frames between control ticks, counted from the last reset. No more are worked on at a time.
pub const TICK_FRAMES: usize = 32;

/// Sees every stem's part of the mix as it is made: after fader and output gain, or its input where the
/// mix is bypassed. Taps are called on the thread that mixes.
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
    backend: Backend,
    sample_rate_hz: f64,
    /// Coefficient of the gain smoothers.
    pole: f64,
    decay: Decay,
    /// Frames since the last tick; where they are all a tick's, the next is due.
    since_tick: usize,
    settings: MixSettings,
    scenes: Scenes,
    common: Common,
    placed: [Placed; STEMS],
    /// Each stem as it was aimed last: on a glide, at the next place.
    sounding: [Sounding; STEMS],
    next: [StripTarget; STEMS],
    /// The scene has changed since the last block.
    has_stepped: bool,
    /// The tone that each stem's sections were sent to last.
    tones: [ToneSettings; STEMS],
    meters: Arc<Meters>,
    delays: [StereoDelay; STEMS],
    /// Bit k: stem k's delay is in use.
    delayed: u32,
    gains: Gains,
    tone: Tone,
    /// The tone sections' share of the matrices, and where they are busy.
    share: Stems,
    activity: [[u8; lanes::SECTIONS]; 3],
    /// The groups that sounded in the last part.
    groups: u32,
    bank: Box<Bank>,
    scratch: Box<Scratch>,
    /// Delayed stems' frames, left and right of each in turn.
    lines: Box<[[f32; TICK_FRAMES]; 2 * STEMS]>,
    output: MixGain,
    bypass: MixGain,
    main_input: MixGain,
    metering: Metering,
    probe: InputProbe,
    stem_peak: StemPeakMeter,
}

impl MixEngine {
    /// An engine at the default balance, with the fastest instructions there are; it hears nothing before
    /// [`Self::prepare`].
    pub fn new(meters: Arc<Meters>) -> Self {
        Self::with_backend(meters, Backend::fastest())
    }

    /// An engine that computes with the given instructions (or portably, where the machine lacks them).
    pub fn with_backend(meters: Arc<Meters>, backend: Backend) -> Self {
        let mut engine = Self {
            backend,
            sample_rate_hz: 0.0,
            pole: 1.0,
            decay: Decay::new(48_000.0),
            since_tick: 0,
            settings: MixSettings::default(),
            scenes: Scenes::default(),
            common: Common { audible: u32::MAX, lead: [1.0; 2] },
            placed: Default::default(),
            sounding: MixSettings::default().stems.map(Sounding::from),
            next: [StripTarget::default(); STEMS],
            has_stepped: false,
            tones: [ToneSettings::default(); STEMS],
            meters: meters.clone(),
            delays: Default::default(),
            delayed: 0,
            gains: Gains::default(),
            tone: Tone::new(),
            share: [Lanes([1.0; LANES]); GROUPS],
            activity: Default::default(),
            groups: 0,
            bank: Default::default(),
            scratch: Default::default(),
            lines: Box::new([[0.0; TICK_FRAMES]; 2 * STEMS]),
            output: MixGain::new(),
            bypass: MixGain::new(),
            main_input: MixGain::new(),
            metering: Metering::new(meters.clone()),
            probe: InputProbe::new(meters.clone()),
            stem_peak: StemPeakMeter::new(meters),
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
        self.decay = Decay::new(self.sample_rate_hz);
        let longest = delay::frames(f64::from(MAX_DELAY_MS), self.sample_rate_hz);
        self.delays.iter_mut().for_each(|delay| delay.prepare(longest));
        self.tone.prepare(self.sample_rate_hz);
        self.metering.prepare(self.sample_rate_hz, &mut self.bank);
        self.probe.prepare(self.sample_rate_hz);
        self.stem_peak.prepare(self.sample_rate_hz);
        self.reset();
    }

    /// Forgets all sound and jumps to the balance set last.
    pub fn reset(&mut self) {
        self.delays.iter_mut().for_each(StereoDelay::reset);
        self.since_tick = TICK_FRAMES;
        self.tone.reset(&mut self.bank);
        self.metering.reset(&mut self.bank);
        self.land();
    }

    /// Jumps to the balance set last, out of a glide to its end; what is in the delay lines stays.
    pub fn land(&mut self) {
        self.scenes.land();
        self.aim();
        self.delays.iter_mut().for_each(StereoDelay::land);
        self.gains.land();
        self.tone.land(&mut self.bank);
        self.look_at_tone();
        for gain in [&mut self.output, &mut self.bypass, &mut self.main_input] {
            gain.gain.land();
        }
    }

    /// Whether every stem's loudness is measured, before its fader; it is by default. Changes nothing in
    /// the mix.
    pub fn measure_loudness(&mut self, on: bool) {
        self.metering.measure_loudness(on, &mut self.bank);
    }

    /// Whether what sounds is learned while somebody learns; it is by default. Realtime-safe.
    pub fn let_learn(&mut self, on: bool) {
        self.metering.let_learn(on);
    }

    /// Sets the balance from the next frame on; where its scene is another one, a glide begins there. Cheap where
    /// nothing changed.
    pub fn set(&mut self, settings: &MixSettings) {
        if *settings == self.settings {
            return;
        }
        let before = std::mem::replace(&mut self.settings, *settings);
        if before.scene != settings.scene {
            self.scenes.set_off(&before, settings, self.since_tick % TICK_FRAMES, self.sample_rate_hz);
            self.tone.begin(self.tone_ticks());
            self.has_stepped = true;
        }
        let is_alone = before == MixSettings { stems: before.stems, ..*settings };
        let is_same_way = before.scene == settings.scene;
        let common = self.common;
        self.share_common();
        for stem in 0..STEMS {
            let is_own = before.stems[stem] != settings.stems[stem];
            let may_change = !is_alone || common != self.common;
            if is_own || may_change && !(is_same_way && self.is_on_its_way(stem)) {
                self.aim_strip(stem);
            }
        }
        self.set_off();
    }

    /// Sets what stands over the live balance, from the next frame on. Cheap where nothing changed.
    pub fn set_layers(&mut self, layers: &Layers) {
        if self.scenes.take(layers) {
            self.share_common();
            for stem in 0..STEMS {
                if !self.is_on_its_way(stem) {
                    self.aim_strip(stem);
                }
            }
            self.set_off();
        }
    }

    /// The host's tempo in beats per minute, which the next glide goes by; `None` counts as 120.
    pub fn set_tempo(&mut self, bpm: Option<f64>) {
        self.scenes.set_tempo(bpm);
    }

    /// A glide is at its end from the next frame on: gains go there as for any change.
    pub fn arrive(&mut self) {
        if self.scenes.is_gliding() {
            self.scenes.land();
            self.tone.begin(0);
            self.aim();
        }
    }

    /// The host begins to play or goes on elsewhere, with the next block and the balance that is set already:
    /// a glide lands on its end, as does a scene that this very block begins with.
    pub fn locate(&mut self) {
        if self.scenes.is_gliding() || self.has_stepped {
            self.land();
        }
    }

    /// The balance set last.
    pub fn settings(&self) -> &MixSettings {
        &self.settings
    }

    /// What the engine computes with.
    pub fn backend(&self) -> Backend {
        self.backend
    }

    /// Aims everything anew.
    fn aim(&mut self) {
        self.share_common();
        (0..STEMS).for_each(|stem| self.aim_strip(stem));
        self.set_off();
    }

    /// Aims at the next place of a glide, now that this one is reached.
    fn go_on(&mut self) {
        let common = self.common;
        self.share_common();
        if common != self.common {
            return self.aim();
        }
        for stem in 0..STEMS {
            let here = self.next[stem];
            self.gains.aim(stem, &here);
            self.lean_strip(stem, &here);
            let tone = self.tones[stem];
            self.aim_tone(stem, &tone);
        }
        self.set_off();
    }

    /// All that was aimed anew is heard from the next frame on.
    fn set_off(&mut self) {
        self.gains.set_off(self.since_tick, self.backend, &self.decay);
        self.aim_mix();
    }

    fn share_common(&mut self) {
        let Self { settings, scenes, .. } = self;
        let strips = || scenes.all_sounding(settings, scenes.progress());
        self.common = Common::new(settings, scenes.layers(), strips);
        self.meters.set_lead(self.common.lead);
    }

    fn target(&mut self, stem: usize) -> StripTarget {
        let Self { settings, scenes, common, sounding, placed, sample_rate_hz, .. } = self;
        let (sounding, placed) = (&sounding[stem], &mut placed[stem]);
        StripTarget::layered(settings, scenes.layers(), common, stem, sounding, placed, *sample_rate_hz)
    }

    /// Whether a stem goes to the next place of a glide as it is to already. To aim it anew would not move it, but
    /// cost it bits.
    fn is_on_its_way(&mut self, stem: usize) -> bool {
        let Some((_, progress)) = self.scenes.next() else { return false };
        self.scenes.look(&self.settings, stem);
        let sounding = self.scenes.sounding(&self.settings, stem, progress);
        let before = std::mem::replace(&mut self.sounding[stem], sounding);
        let is_there =
            self.target(stem) == self.next[stem] && self.sounding[stem].strip.tone == self.tones[stem];
        self.sounding[stem] = before;
        is_there
    }

    fn aim_strip(&mut self, stem: usize) {
        self.sounding[stem] = self.scenes.sounding(&self.settings, stem, self.scenes.progress());
        let target = self.target(stem);
        self.delays[stem].aim(target.delay_frames);
        if self.delays[stem].is_in_use() {
            self.delayed |= 1 << stem;
        }
        self.gains.aim(stem, &target);
        self.scenes.look(&self.settings, stem);
        let tone = self.sounding[stem].strip.tone;
        self.lean_strip(stem, &target);
        self.aim_tone(stem, &tone);
    }

    /// Sends a stem on from a place of a glide to the next, where there is one; its tone stays.
    fn lean_strip(&mut self, stem: usize, here: &StripTarget) {
        if let Some((ticks, progress)) = self.scenes.next() {
            let Self { settings, scenes, common, sounding, .. } = self;
            let sounding = &mut sounding[stem];
            self.next[stem] = if scenes.move_level(settings, stem, progress, sounding) {
                StripTarget { level: common.level(settings, scenes.layers(), stem, sounding), ..*here }
            } else {
                *sounding = scenes.sounding(settings, stem, progress);
                self.target(stem)
            };
            self.gains.lean(stem, here, &self.next[stem], ticks);
        }
        self.meters.set_sounding_strip(stem, &self.sounding[stem].strip);
    }

    /// Sends a stem's tone to where it is to be now, and on to the next place of a glide.
    fn aim_tone(&mut self, stem: usize, here: &ToneSettings) {
        let tone = &self.sounding[stem].strip.tone;
        if self.tones[stem] != *tone {
            self.tones[stem] = *tone;
            let ticks = self.tone_ticks();
            self.tone.aim(stem, &ToneTarget::new(here), &ToneTarget::new(tone), ticks);
        }
    }

    /// Steps of the tone to the next place of a glide.
    fn tone_ticks(&self) -> usize {
        // A tick is ahead of what it lays the way for; between two, the next has the first step.
        self.scenes.next().map_or(0, |(ticks, _)| ticks - usize::from(self.since_tick != 0))
    }

    fn aim_mix(&mut self) {
        let MixTarget { output, bypass, main_input } = MixTarget::new(&self.settings);
        let progress = self.scenes.next().map_or(1.0, |(_, progress)| progress);
        let hold_db = self.scenes.hold_db(&self.settings, progress);
        self.meters.set_glide(self.scenes.progress(), hold_db);
        self.output.gain.aim(output * units::db_to_gain(hold_db));
        self.bypass.gain.aim(bypass);
        self.main_input.gain.aim(main_input);
    }

    fn tick(&mut self) {
        self.gains.tick(self.backend, &self.decay);
        if self.scenes.is_gliding() && self.scenes.tick() {
            if self.scenes.is_gliding() { self.go_on() } else { self.aim() }
        }
        if self.tone.tick(&mut self.bank, self.backend, &self.decay) {
            self.look_at_tone();
        }
        self.metering.tick(&mut self.bank, self.backend);
    }

    fn look_at_tone(&mut self) {
        let share = self.tone.share();
        if share != self.share {
            self.share = share;
            self.gains.refresh();
        }
        self.activity = self.tone.activity();
    }

    /// Mixes one block of any length. Realtime-safe.
    pub fn process(&mut self, block: &mut StemBlock) {
        self.process_tapped(block, &mut ());
    }

    /// As [`Self::process`], showing `tap` every stem.
    pub fn process_tapped<T: StemTap>(&mut self, block: &mut StemBlock, tap: &mut T) {
        self.has_stepped = false;
        let frames = block.frames();
        let connected = block.connected();
        let live = connected & !block.silent;
        self.probe.pass(block, connected, live);
        let mut aux = block.aux;
        for (stem, sides) in (1..).zip(&mut aux) {
            if live >> stem & 1 == 0 {
                *sides = [&[]; 2];
            }
        }
        self.metering.watch(block, &aux, live);
        self.stem_peak.look();
        let mut start = 0;
        while start < frames {
            if self.since_tick == TICK_FRAMES {
                self.since_tick = 0;
            }
            let at = self.since_tick;
            if at == 0 {
                self.tick();
            }
            let n = (TICK_FRAMES - at).min(frames - start).min(self.metering.frames_to_slot());
            let main = match live & 1 {
                0 => [&[][..]; 2],
                _ => block.main.each_ref().map(|side| &**side),
            };
            self.strips::<T>(main, &aux, start, n);
            for (mix, side) in self.scratch.mix.iter_mut().zip(&mut block.main) {
                match side[start..].first_chunk_mut::<TICK_FRAMES>() {
                    Some(side) if n == TICK_FRAMES => *side = *mix,
                    _ => {
                        mix[n..].fill(0.0);
                        side[start..start + n].copy_from_slice(&mix[..n]);
                    }
                }
            }
            let Self { backend, metering, gains, settings, output, bypass, .. } = self;
            let gains = || StripGains {
                levels: gains.levels(),
                trims: settings.stems.each_ref().map(|s| units::db_to_gain(f64::from(s.trim_db)) as f32),
                output: if bypass.is_heard { 0.0 } else { output.gain.value() as f32 },
            };
            metering.pass(&self.scratch.mix, n, &mut self.bank, *backend, gains);
            if let Some(stem) = self.stem_peak.stem() {
                let [left, right] = self.tapped(stem);
                self.stem_peak.hear(&left[..n], &right[..n]);
            }
            if T::WANTED {
                self.show(n, tap);
            }
            self.since_tick = at + n;
            start += n;
        }
        self.metering.publish(&mut self.bank, connected);
        self.stem_peak.publish();
    }

    /// Runs `frames` frames of the block from `start`, none beyond the tick, and leaves the mix in the
    /// scratch.
    fn strips<T: StemTap>(
        &mut self,
        main: [&[f32]; 2],
        aux: &[[&[f32]; 2]; STEMS - 1],
        start: usize,
        frames: usize,
    ) {
        self.output.fill(self.pole, frames);
        self.main_input.fill(self.pole, frames);
        self.bypass.fill(self.pole, frames);
        let is_bypassing = self.bypass.is_heard;

        let came = Inputs { main, aux, start, frames, delayed: 0, lines: &[[0.0; TICK_FRAMES]; 2 * STEMS] };
        if self.delayed != 0 {
            self.run_delays(&came);
        }
        let inputs = Inputs { delayed: self.delayed, lines: &self.lines, ..came };
        let ringing = self.tone.ringing() | self.metering.ringing();
        self.groups = 0;
        for group in 0..GROUPS {
            if ringing >> group & 1 != 0 || is_bypassing || has_sound(&inputs, group) {
                self.groups |= 1 << group;
            }
        }
        let [_, moving, _] = self.activity;
        if moving != [0; lanes::SECTIONS] && self.groups != (1 << GROUPS) - 1 {
            for (section, groups) in self.bank.moving.iter_mut().zip(moving) {
                let skipped = u32::from(groups) & !self.groups;
                (0..GROUPS).filter(|g| skipped >> g & 1 != 0).for_each(|g| section.skip(g, frames));
            }
        }
        let scratch = &mut *self.scratch;
        if self.groups != 0 {
            self.tone.excite(self.groups);
            self.metering.excite(self.groups);
            self.gains.fill(&mut self.bank.gains, &self.share, self.backend);
            let [resting, moving, weighted] = self.activity;
            let chunk = Chunk {
                inputs,
                plain: is_bypassing,
                at: self.since_tick,
                groups: self.groups,
                resting,
                moving,
                weighted,
                gliding: self.gains.moving(),
                main_input: &self.main_input.frames,
                weigh: self.metering.weighs(),
                learn: self.metering.learns(),
                tapped: T::WANTED || self.stem_peak.stem().is_some(),
                decay: &self.decay.table,
            };
            lanes::process(self.backend, &mut self.bank, scratch, &chunk);
            self.metering.heard(&scratch.heard);
        } else {
            (scratch.mix, scratch.dry) = Default::default();
        }
        for (mix, dry) in scratch.mix.iter_mut().zip(&scratch.dry) {
            self.output.scale(mix);
            if is_bypassing {
                self.bypass.cross_fade(mix, dry);
            }
        }
    }

    /// A stem's part of the mix before the output gain.
    fn tapped(&self, stem: usize) -> [[f32; TICK_FRAMES]; 2] {
        if self.sounds(stem) { column(&self.scratch.taps, stem) } else { [[0.0; TICK_FRAMES]; 2] }
    }

    /// Whether a stem's group sounded in the last part.
    fn sounds(&self, stem: usize) -> bool {
        self.groups >> (stem / LANES) & 1 != 0
    }

    /// Shows the tap what each stem came to.
    fn show<T: StemTap>(&mut self, frames: usize, tap: &mut T) {
        for stem in 0..STEMS {
            let mut sides = self.tapped(stem);
            if self.sounds(stem) {
                let plain = column(&self.scratch.plain, stem);
                for (side, plain) in sides.iter_mut().zip(&plain) {
                    self.output.scale(side);
                    if self.bypass.is_heard {
                        self.bypass.cross_fade(side, plain);
                    }
                }
            }
            let [left, right] = &sides;
            tap.stem(stem, &left[..frames], &right[..frames]);
        }
    }

    /// Runs the delays that are in use.
    fn run_delays(&mut self, came: &Inputs) {
        let delayed = self.delayed;
        for stem in (0..STEMS).filter(|stem| delayed >> stem & 1 != 0) {
            let delay = &mut self.delays[stem];
            if !delay.is_in_use() {
                self.delayed &= !(1 << stem);
                continue;
            }
            let (lines, _) = self.lines[2 * stem..].as_chunks_mut::<2>();
            let Some(lines) = lines.first_mut() else { continue };
            for (side, line) in lines.iter_mut().enumerate() {
                let row = came.row(stem, side);
                line.fill(0.0);
                line.iter_mut().zip(row).take(came.frames).for_each(|(to, x)| *to = sanitise(*x));
            }
            let [left, right] = lines.each_mut().map(|line| &mut line[..came.frames]);
            if came.row(stem, 0).is_empty() && !delay.is_ringing() {
                delay.skip(self.pole, came.frames);
            } else {
                delay.process(self.pole, left, right);
            }
        }
    }
}

/// A gain of the mix itself, frame by frame.
struct MixGain {
    gain: TwoPole,
    frames: [f32; TICK_FRAMES],
    /// All of `frames` are this.
    all: Option<f32>,
    /// Whether it was not zero throughout the part.
    is_heard: bool,
}

impl MixGain {
    fn new() -> Self {
        Self { gain: TwoPole::default(), frames: [0.0; TICK_FRAMES], all: None, is_heard: false }
    }

    fn fill(&mut self, pole: f64, frames: usize) {
        let value = self.gain.value() as f32;
        self.is_heard = self.gain.is_moving() || value != 0.0;
        if self.gain.is_moving() {
            self.all = None;
            self.gain.fill(pole, &mut self.frames[..frames]);
        } else if self.all != Some(value) {
            self.all = Some(value);
            self.frames.fill(value);
        }
    }

    fn scale(&self, side: &mut [f32; TICK_FRAMES]) {
        if self.all == Some(1.0) {
            return;
        }
        for (x, gain) in side.iter_mut().zip(&self.frames) {
            *x *= gain;
        }
    }

    /// From `side` (0) to `plain` (1). Equal gain, because both carry the same signals.
    fn cross_fade(&self, side: &mut [f32; TICK_FRAMES], plain: &[f32; TICK_FRAMES]) {
        for ((x, plain), t) in side.iter_mut().zip(plain).zip(&self.frames) {
            *x = (1.0 - t) * *x + t * plain;
        }
    }
}

/// Whether any row of a group holds anything but zeros.
fn has_sound(inputs: &Inputs, group: usize) -> bool {
    let row_sounds = |row: &[f32]| row.iter().take(inputs.frames).any(|x| *x != 0.0);
    (LANES * group..LANES * (group + 1)).any(|stem| (0..2).any(|side| row_sounds(inputs.row(stem, side))))
}

/// A stem's column of the lanes.
fn column(frames: &[[Lanes; CHAINS]; TICK_FRAMES], stem: usize) -> [[f32; TICK_FRAMES]; 2] {
    let chain = 2 * (stem / LANES);
    [0, 1].map(|side| std::array::from_fn(|i| frames[i][chain + side].0[stem % LANES]))
}
