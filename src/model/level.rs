//! How loud the stems of a balance are: who sounds at what level, and what that comes to by what was learned.

use super::layers::Layers;
use super::learned::{MAX_OFFSET_DB, quadratic};
use super::limits::{GROUPS, MAX_LEVEL_DB, STEMS};
use super::offsets::Sounding;
use super::settings::MixSettings;
use crate::dsp::units;

/// Bit k: stem k sounds, as far as solos, group mutes and the use of the main input go. Mute beats solo; a solo
/// anywhere silences whoever is neither soloed nor safe. A group without stems does nothing.
pub fn audible(settings: &MixSettings, layers: &Layers) -> u32 {
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

/// The lead macro's two gains, of the leads and of all others, linear: so many dB between them, at the same power of
/// the mix as without. Before a song was learned the leads count as loud as the rest.
/// `strips` are asked for only where the macro does anything.
pub fn lead(
    settings: &MixSettings,
    layers: &Layers,
    audible: u32,
    strips: impl FnOnce() -> [Sounding; STEMS],
) -> [f64; 2] {
    if settings.lead_db == 0.0 || layers.leads == 0 {
        return [1.0; 2];
    }
    let [leads, rest, both] = powers(settings, layers, audible, &strips());
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

/// Loudness in dB by what was learned of what a balance comes to with its scene, macros and output, or of the plain
/// sum where it is bypassed; minus infinity where it is silent or nothing was learned. Against another balance of the
/// same song it is a difference in LU.
pub fn predicted_db(settings: &MixSettings, layers: &Layers) -> f64 {
    let Some(energies) = &layers.energies else { return f64::NEG_INFINITY };
    10.0 * quadratic(energies, &mix_gains(settings, layers)).log10()
}

/// What each stem's sound is multiplied by in a balance with its scene, macros and output, or in the plain sum where it
/// is bypassed; linear, with its trim.
pub(super) fn mix_gains(settings: &MixSettings, layers: &Layers) -> [f64; STEMS] {
    if settings.bypass {
        return [1.0; STEMS];
    }
    let strips = layers.sounding(settings);
    let audible = audible(settings, layers);
    let [lead, rest] = lead(settings, layers, audible, || strips);
    let output = units::fader_gain(f64::from(settings.output_db));
    let mut gains = gains(settings, layers, audible, &strips);
    for (stem, gain) in gains.iter_mut().enumerate() {
        *gain *= output * if layers.leads >> stem & 1 != 0 { lead } else { rest };
    }
    gains
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

/// What a stem's level is as a linear gain, before macros and solos: fader, group, learned balance and mute.
pub fn level(settings: &MixSettings, layers: &Layers, stem: usize, sounding: &Sounding) -> f64 {
    let group = layers.group(stem).map_or(0.0, |group| f64::from(settings.groups[group].fader_db));
    let db = f64::from(sounding.strip.fader_db) + group;
    units::fader_gain(db.min(MAX_LEVEL_DB)) * sounding.opening.sqrt() * learned(settings, stem)
}

/// What the learned balance multiplies a stem's level by.
fn learned(settings: &MixSettings, stem: usize) -> f64 {
    let db = f64::from(settings.learned_db[stem]) * f64::from(settings.balance_percent) / 100.0;
    units::db_to_gain(db.clamp(-f64::from(MAX_OFFSET_DB), f64::from(MAX_OFFSET_DB)))
}
