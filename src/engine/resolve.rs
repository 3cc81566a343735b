//! From the live balance and its layers to what each gain should be.

use crate::dsp::{self, Matrix, compose, pan, units, width::width};
use crate::model::layers::Layers;
use crate::model::learned::{MAX_OFFSET_DB, quadratic};
use crate::model::limits::{GROUPS, MAX_LEVEL_DB, STEMS};
use crate::model::offsets::Sounding;
use crate::model::settings::{MixSettings, PanMode, StripSettings};

/// Where one stem is to go, but for its tone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StripTarget {
    /// Polarity, trim, width and pan in one.
    pub matrix: Matrix,
    /// Fader, groups, learned balance, macros, mute and solo, as a linear gain.
    pub level: f64,
    /// Delay in frames.
    pub delay_frames: usize,
}

/// Where the mix is to go.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MixTarget {
    /// Output gain, linear.
    pub output: f64,
    /// 1 where the unity sum of the inputs is to sound instead.
    pub bypass: f64,
    /// 0 where the main input is ignored, for the unity sum; in the balance its strip is closed.
    pub main_input: f64,
}

/// What depends on more than one stem.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Common {
    /// Bit k: solos and group mutes let stem k sound, and it is not an ignored main input.
    pub audible: u32,
    /// What the lead macro multiplies the leads by, and all others.
    pub lead: [f64; 2],
}

impl StripTarget {
    /// The targets of a stem (index 0 to 15) of a live balance without layers, at a sample rate.
    pub fn new(settings: &MixSettings, stem: usize, sample_rate_hz: f64) -> Self {
        let layers = Layers::default();
        let strips = settings.stems.map(Sounding::from);
        let common = Common::new(settings, &layers, &strips);
        Self::layered(settings, &layers, &common, stem, &strips[stem], sample_rate_hz)
    }

    /// The targets of a stem as it sounds with its layers on.
    pub fn layered(
        settings: &MixSettings,
        layers: &Layers,
        common: &Common,
        stem: usize,
        sounding: &Sounding,
        sample_rate_hz: f64,
    ) -> Self {
        let s = &sounding.strip;
        let [lead, rest] = common.lead;
        let macros = if layers.leads >> stem & 1 != 0 { lead } else { rest };
        Self {
            matrix: matrix(s, settings.wide_percent),
            level: if common.audible >> stem & 1 != 0 {
                level(settings, layers, stem, sounding) * macros
            } else {
                0.0
            },
            delay_frames: dsp::delay::frames(f64::from(s.delay_ms), sample_rate_hz),
        }
    }
}

impl MixTarget {
    /// The targets of the mix itself.
    pub fn new(settings: &MixSettings) -> Self {
        Self {
            output: units::fader_gain(f64::from(settings.output_db)),
            bypass: if settings.bypass { 1.0 } else { 0.0 },
            main_input: if settings.ignore_main_input { 0.0 } else { 1.0 },
        }
    }
}

impl Common {
    /// Of a balance whose strips sound like this with their layers on.
    pub fn new(settings: &MixSettings, layers: &Layers, strips: &[Sounding; STEMS]) -> Self {
        let audible = audible(settings, layers);
        let lead = if settings.lead_db == 0.0 || layers.leads == 0 {
            [1.0; 2]
        } else {
            lead(settings, layers, &powers(settings, layers, audible, strips))
        };
        Self { audible, lead }
    }
}

/// Bit k: stem k sounds, as far as solos, group mutes and the use of the main input go. Mute beats solo; a solo
/// anywhere silences whoever is neither soloed nor safe. A group without stems does nothing.
fn audible(settings: &MixSettings, layers: &Layers) -> u32 {
    let (mut members, mut soloed, mut safe, mut closed) = ([0u32; GROUPS], 0u32, 0u32, 0u32);
    for (stem, strip) in settings.stems.iter().enumerate() {
        soloed |= u32::from(strip.solo) << stem;
        safe |= u32::from(strip.solo_safe) << stem;
        if let Some(group) = layers.group(stem) {
            members[group] |= 1 << stem;
        }
    }
    for (group, members) in settings.groups.iter().zip(members) {
        soloed |= if group.solo { members } else { 0 };
        closed |= if group.mute { members } else { 0 };
    }
    closed |= u32::from(settings.ignore_main_input);
    if soloed != 0 { (soloed | safe) & !closed } else { !closed }
}

/// The lead macro's two gains: so many dB between leads and rest, at the same power of the mix as without. Before
/// a song was learned the leads count as loud as the rest.
fn lead(settings: &MixSettings, layers: &Layers, [leads, rest, both]: &[f64; 3]) -> [f64; 2] {
    let ratio = units::db_to_gain(-f64::from(settings.lead_db));
    let (before, after) = if layers.energies.is_some() && leads + rest > 0.0 {
        (leads + rest + both, leads + ratio * (ratio * rest + both))
    } else {
        (2.0, 1.0 + ratio * ratio)
    };
    let lead = if before > 0.0 && after > 0.0 { (before / after).sqrt() } else { 1.0 };
    [lead, lead * ratio]
}

/// Learned power of the leads, of the rest, and what both together have more.
fn powers(settings: &MixSettings, layers: &Layers, audible: u32, strips: &[Sounding; STEMS]) -> [f64; 3] {
    let Some(energies) = &layers.energies else { return [0.0; 3] };
    let gains = gains(settings, layers, audible, strips);
    let of = |wanted: u32| {
        quadratic(
            energies,
            &std::array::from_fn(|stem| if wanted >> stem & 1 != 0 { gains[stem] } else { 0.0 }),
        )
    };
    let (leads, rest) = (of(layers.leads), of(!layers.leads));
    [leads, rest, quadratic(energies, &gains) - leads - rest]
}

/// Loudness of the mix in dB by what was learned, before macros and output; minus infinity where it is silent.
pub fn learned_db(settings: &MixSettings, layers: &Layers, strips: &[Sounding; STEMS]) -> f64 {
    let Some(energies) = &layers.energies else { return f64::NEG_INFINITY };
    10.0 * quadratic(energies, &gains(settings, layers, audible(settings, layers), strips)).log10()
}

/// What each stem's learned energy is multiplied by, as a linear gain, before macros.
fn gains(settings: &MixSettings, layers: &Layers, audible: u32, strips: &[Sounding; STEMS]) -> [f64; STEMS] {
    std::array::from_fn(|stem| {
        if audible >> stem & 1 == 0 {
            return 0.0;
        }
        let trim = units::db_to_gain(f64::from(strips[stem].strip.trim_db));
        trim * level(settings, layers, stem, &strips[stem])
    })
}

fn matrix(s: &StripSettings, wide_percent: f32) -> Matrix {
    let sign = if s.inverted { -1.0 } else { 1.0 };
    let trim = sign * units::db_to_gain(f64::from(s.trim_db));
    let position = f64::from(s.pan);
    let pan = match s.pan_mode {
        PanMode::Balance => pan::balance(position),
        PanMode::TrueStereo => pan::stereo(position),
    };
    let wide = f64::from(s.width_percent) / 100.0 * f64::from(wide_percent) / 100.0;
    compose(pan, width(wide.min(2.0))).map(|g| g * trim)
}

/// Fader, group, learned balance and mute.
fn level(settings: &MixSettings, layers: &Layers, stem: usize, sounding: &Sounding) -> f64 {
    let group = layers.group(stem).map_or(0.0, |group| f64::from(settings.groups[group].fader_db));
    let db = f64::from(sounding.strip.fader_db) + group;
    units::fader_gain(db.min(MAX_LEVEL_DB)) * sounding.opening.sqrt() * learned(settings, stem)
}

/// What the learned balance multiplies a stem's level by.
fn learned(settings: &MixSettings, stem: usize) -> f64 {
    let db = f64::from(settings.learned_db[stem]) * f64::from(settings.balance_percent) / 100.0;
    units::db_to_gain(db.clamp(-f64::from(MAX_OFFSET_DB), f64::from(MAX_OFFSET_DB)))
}
