//! The situations that are measured, for the engine and for the naive one.

pub mod naive;

use std::hint::black_box;
use std::sync::Arc;
use stemwright::engine::{Backend, MixEngine, StemBlock};
use stemwright::model::layers::Layers;
use stemwright::model::limits::STEMS;
use stemwright::model::offsets::Level;
use stemwright::model::settings::{MixSettings, Slope};
use stemwright::sync::Meters;

/// The sample rate of everything here.
pub const RATE_HZ: f64 = 48_000.0;
/// While something moves, it is sent elsewhere this often.
const MOTION_FRAMES: usize = 480;

/// Length of a glide in seconds: before it ends, the scene is changed.
const GLIDE_S: f32 = 20.0;

/// What the host automates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Motion {
    /// Nothing.
    Rest,
    /// Every stem's fader.
    Faders,
    /// Every stem's fader, trim, pan and width.
    Gains,
    /// All of these and every value of every tone section.
    Everything,
    /// Nothing, but a glide between two scenes that differ in every level is under way.
    Glide,
    /// The same between scenes that differ in everything.
    GlideOfEverything,
}

/// Who listens to the engine. What is reported is thrown away after every block: to judge it is another thread's
/// work.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Ears {
    /// Nobody.
    None,
    /// Somebody who judges loudness: the mix is weighted as well, and its true peak taken.
    Judge,
    /// Somebody who learns: the stems' cross energies are measured, too.
    Learn,
}

/// A situation.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// Tone sections at work in every stem: 0, 5, 6 or 8.
    pub sections: usize,
    /// Frames in a block.
    pub block: usize,
    /// Stems that sound; the others are flagged silent.
    pub stems: usize,
    /// Whether loudness is measured.
    pub loudness: bool,
    /// Who is told.
    pub ears: Ears,
    /// What moves.
    pub motion: Motion,
    /// Whether the sound is a click that fades away over and over, below the smallest normal numbers.
    pub fading: bool,
    /// What the engine computes with.
    pub backend: Backend,
}

impl Default for Case {
    /// All stems, five sections, loudness, blocks of 256 frames, at rest.
    fn default() -> Self {
        Self {
            sections: 5,
            block: 256,
            stems: STEMS,
            loudness: true,
            ears: Ears::None,
            motion: Motion::Rest,
            fading: false,
            backend: Backend::fastest(),
        }
    }
}

/// A balance with so many sections at work in every stem, a step `t` of 0 or 1 along its way.
pub fn balance(case: &Case, t: f32) -> MixSettings {
    let (faders, gains, tone) = match case.motion {
        Motion::Rest | Motion::Glide | Motion::GlideOfEverything => (0.0, 0.0, 0.0),
        Motion::Faders => (t, 0.0, 0.0),
        Motion::Gains => (t, t, 0.0),
        Motion::Everything => (t, t, t),
    };
    let mut settings = MixSettings::default();
    if matches!(case.motion, Motion::Glide | Motion::GlideOfEverything) {
        (settings.scene, settings.glide) = (Some(t as usize), GLIDE_S);
    }
    for (stem, s) in settings.stems.iter_mut().enumerate() {
        let at = stem as f32 / STEMS as f32;
        s.fader_db = -6.0 + at + faders;
        s.trim_db = 3.0 * at + gains;
        s.pan = 0.9 * (at - 0.5) + 0.05 * gains;
        s.width_percent = 80.0 + 40.0 * at + 10.0 * gains;
        let o = &mut s.tone;
        if case.sections >= 5 {
            (o.high_pass, o.high_pass_hz) = (Slope::Gentle, 20.0 + 60.0 * at + 5.0 * tone);
            (o.low_shelf_hz, o.low_shelf_db) = (80.0 + 100.0 * at + 5.0 * tone, 3.3 - 6.0 * at + tone);
            (o.bell_hz, o.bell_db, o.bell_q) =
                (400.0 + 3_000.0 * at + 100.0 * tone, -4.1 + 8.0 * at + tone, 1.2 + 0.3 * tone);
            (o.high_shelf_hz, o.high_shelf_db) =
                (6_000.0 + 2_000.0 * at + 500.0 * tone, 2.1 - 5.0 * at + tone);
            (o.low_pass, o.low_pass_hz) = (Slope::Gentle, 16_000.0 - 6_000.0 * at + 500.0 * tone);
        }
        if case.sections >= 6 {
            o.tilt_db = 1.5 + tone;
        }
        if case.sections >= 8 {
            (o.high_pass, o.low_pass) = (Slope::Steep, Slope::Steep);
        }
    }
    settings
}

/// Two scenes that differ as the motion wants them to.
fn scenes(motion: Motion) -> Layers {
    let mut layers = Layers::default();
    for (stem, offsets) in layers.scenes[1].iter_mut().enumerate() {
        let sign = if stem % 2 == 0 { 1.0 } else { -1.0 };
        offsets.level = Level::By(3.0 * sign);
        if motion == Motion::GlideOfEverything {
            (offsets.pan, offsets.width_percent) = (0.3 * sign, 20.0 * sign);
            (offsets.high_pass_octaves, offsets.low_pass_octaves) = (0.5, -0.5);
            (offsets.low_shelf_octaves, offsets.low_shelf_db) = (0.3, 2.0 * sign);
            (offsets.bell_octaves, offsets.bell_db, offsets.bell_q_octaves) = (0.7, 3.0 * sign, 0.4);
            (offsets.high_shelf_octaves, offsets.high_shelf_db) = (-0.3, 2.0 * sign);
        }
    }
    layers
}

/// Noise at -12 dBFS, the same every time.
pub fn noise(seed: u64, frames: usize) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    (0..frames)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            ((state >> 40) as f32 / (1u64 << 23) as f32 - 1.0) * 0.25
        })
        .collect()
}

/// The engine in a situation.
pub struct Player {
    case: Case,
    /// Apart, so that handing the player on costs nothing.
    engine: Box<MixEngine>,
    meters: Arc<Meters>,
    balances: [MixSettings; 2],
    stems: Vec<[Vec<f32>; 2]>,
    main: [Vec<f32>; 2],
    frames: usize,
}

impl Player {
    /// At rest, warmed up.
    pub fn new(case: Case) -> Self {
        let meters = Arc::new(Meters::default());
        let mut engine = MixEngine::with_backend(meters.clone(), case.backend);
        meters.loudness().listen(case.ears != Ears::None);
        meters.loudness().learn(case.ears == Ears::Learn);
        engine.prepare(RATE_HZ);
        engine.measure_loudness(case.loudness);
        let balances = [0.0, 1.0].map(|t| balance(&case, t));
        engine.set_layers(&scenes(case.motion));
        engine.set(&balances[0]);
        engine.reset();
        engine.set(&balances[if case.motion == Motion::Rest { 0 } else { 1 }]);
        let stem = |k: u64| [noise(2 * k, case.block), noise(2 * k + 1, case.block)];
        let stems: Vec<_> = (0..STEMS as u64).map(stem).collect();
        let main = stems[0].clone();
        let mut player = Self { case, engine: Box::new(engine), meters, balances, stems, main, frames: 0 };
        for _ in 0..2_048 / case.block + 1 {
            player.play();
        }
        player
    }

    /// Frames in a block.
    pub fn block(&self) -> usize {
        self.case.block
    }

    /// One block.
    pub fn play(&mut self) {
        let motion_frames = match self.case.motion {
            Motion::Glide | Motion::GlideOfEverything => (0.9 * GLIDE_S * RATE_HZ as f32) as usize,
            _ => MOTION_FRAMES,
        };
        let before = self.frames / motion_frames;
        self.frames += self.case.block;
        let now = self.frames / motion_frames;
        if self.case.motion != Motion::Rest && now != before {
            self.engine.set(&self.balances[(now + 1) % 2]);
        }
        let mut silent = if self.case.stems == STEMS { 0 } else { !((1 << self.case.stems) - 1) };
        if self.case.fading && self.frames % 96_000 >= self.case.block {
            silent = StemBlock::ALL;
        }
        for (main, stem) in self.main.iter_mut().zip(&self.stems[0]) {
            main.copy_from_slice(stem);
        }
        let [left, right] = &mut self.main;
        self.engine.process(&mut StemBlock {
            main: [left, right],
            aux: std::array::from_fn(|k| self.stems[k + 1].each_ref().map(|side| &side[..])),
            connected: StemBlock::ALL,
            silent,
        });
        if self.case.ears != Ears::None {
            // Makes room for what comes next.
            self.meters.loudness().listen(true);
        }
        black_box(&mut self.main);
    }
}
