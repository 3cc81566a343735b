//! What the engine does with sound, as a host and a listener would find it.

mod support;

use std::collections::HashSet;
use std::sync::Arc;
use stemwright::dsp::delay;
use stemwright::dsp::units::{db_to_gain, fader_gain};
use stemwright::engine::monitor::Monitoring;
use stemwright::engine::{MixEngine, StemBlock, TICK_FRAMES};
use stemwright::model::limits::{MixParam, ParamKey, STEMS, StripParam};
use stemwright::model::settings::MixSettings;
use stemwright::sync::{Meters, Monitor};
use support::no_alloc::{heap_bytes, no_alloc};
use support::random::{Random, any_value};
use support::rig::{Event, Rig, WHOLE};
use support::signals::{
    Stereo, both, constant, difference, first_difference, impulse, level_db, noise, noisy_stems, only, peak,
    sine, sum,
};

#[global_allocator]
static ALLOCATOR: support::no_alloc::Watched = support::no_alloc::Watched;

const RATE_HZ: f64 = 48_000.0;
const RATES_HZ: [f64; 6] = [8_000.0, 44_100.0, 48_000.0, 96_000.0, 192_000.0, 384_000.0];
const BYPASS: ParamKey = ParamKey::Mix(MixParam::Bypass);
const OUTPUT: ParamKey = ParamKey::Mix(MixParam::Output);
const MAIN_INPUT: ParamKey = ParamKey::Mix(MixParam::MainInput);
const BALANCE_AMOUNT: ParamKey = ParamKey::Mix(MixParam::BalanceAmount);

/// Any balance of what sounds: nobody soloed, no bypass, levels that let every stem be heard.
fn audible_balance(seed: u64) -> MixSettings {
    let mut random = Random::new(seed);
    let mut settings = MixSettings::default();
    for key in ParamKey::all() {
        let spec = key.spec();
        let value = match key {
            ParamKey::Mix(MixParam::Output) | ParamKey::Stem(_, StripParam::Fader) => {
                random.between(-20.0, 6.0)
            }
            ParamKey::Stem(_, StripParam::Mute | StripParam::Solo | StripParam::SoloSafe) => 0.0,
            ParamKey::Stem(_, StripParam::Trim) => random.between(-6.0, 6.0),
            ParamKey::Mix(MixParam::Wide) => random.between(50.0, 150.0),
            ParamKey::Mix(_) | ParamKey::Group(..) => spec.default,
            ParamKey::Stem(..) => any_value(&mut random, &spec),
        };
        settings.set(key, value);
    }
    settings
}

fn with(changes: &[(ParamKey, f32)]) -> MixSettings {
    let mut settings = MixSettings::default();
    for (key, value) in changes {
        settings.set(*key, *value);
    }
    settings
}

fn assert_same(found: &Stereo, expected: &Stereo, what: &str) {
    if let Some(n) = first_difference(found, expected) {
        let [f, e] = [found, expected].map(|s| [s[0][n], s[1][n]]);
        panic!("{what}: frame {n} is {f:?} instead of {e:?}");
    }
}

// Time.

#[test]
fn the_cut_into_blocks_changes_no_bit() {
    let frames = 9_000;
    for (seed, rate) in (0..).zip(RATES_HZ) {
        let mut random = Random::new(seed);
        let mut stems = noisy_stems(seed, frames);
        // Pauses, so that the engine's short cuts for silence begin and end at odd places.
        for stem in &mut stems[..8] {
            let (start, len) = (random.below(5_000), random.below(4_000));
            stem.iter_mut().for_each(|side| side[start..start + len].fill(0.0));
        }
        let keys: Vec<_> = ParamKey::all().collect();
        let events: Vec<Event> = (0..150)
            .map(|_| {
                let key = keys[random.below(keys.len())];
                (random.below(7_000), key, any_value(&mut random, &key.spec()))
            })
            .collect();
        let render = |blocks: &[usize], flags_silence| {
            let mut rig = Rig::new(rate);
            rig.connected = StemBlock::ALL & !(1 << 7);
            rig.flags_silence = flags_silence;
            rig.render_stems(&stems, &events, blocks)
        };
        let (whole, whole_stems) = render(WHOLE, false);
        assert!(peak(&whole) > 0.1);
        for order in 0..5 {
            let mut blocks = [1, 1, 1, 7, 7, 64, 64, 511, 512, 4_096];
            random.shuffle(&mut blocks);
            let (mix, mix_stems) = render(&blocks, order % 2 == 1);
            let bits =
                [&mix, &whole].map(|m| m.each_ref().map(|side| side.iter().map(|x| x.to_bits()).collect()));
            let [found, expected]: [[Vec<u32>; 2]; 2] = bits;
            assert!(
                found == expected,
                "{rate} Hz, blocks of {blocks:?}: {:?}",
                first_difference(&mix, &whole)
            );
            for (found, expected) in mix_stems.iter().zip(&whole_stems) {
                assert_same(found, expected, &format!("a stem, {rate} Hz, blocks of {blocks:?}"));
            }
        }
    }
}

/// What has to be set for a change of this tone parameter to be heard.
fn tone_before(param: StripParam) -> Option<(StripParam, f32)> {
    use StripParam::*;
    match param {
        Tone | BellFrequency | BellQ => Some((BellGain, 6.0)),
        HighPassFrequency => Some((HighPassSlope, 1.0)),
        LowPassFrequency => Some((LowPassSlope, 1.0)),
        LowShelfFrequency => Some((LowShelfGain, 6.0)),
        HighShelfFrequency => Some((HighShelfGain, 6.0)),
        _ => None,
    }
}

fn is_tone(key: ParamKey) -> bool {
    matches!(key, ParamKey::Stem(_, param) if StripParam::ALL[StripParam::TONE..].contains(&param))
}

/// What does nothing without scenes, groups or a lead: `tests/scenes.rs`.
fn needs_layers(key: ParamKey) -> bool {
    use MixParam::{Glide, GlideUnit, HoldLoudness, Lead, Scene, SceneAmount};
    matches!(
        key,
        ParamKey::Group(..) | ParamKey::Mix(Scene | SceneAmount | Glide | GlideUnit | HoldLoudness | Lead)
    )
}

#[test]
fn a_change_acts_at_the_very_frame_it_is_made_for() {
    let stems = noisy_stems(1, 6_000);
    for key in ParamKey::all().filter(|key| !needs_layers(*key)) {
        let spec = key.spec();
        // Something that is heard, whichever parameter moves.
        let start = match key {
            BYPASS => with(&[(ParamKey::Stem(3, StripParam::Fader), -6.0)]),
            ParamKey::Stem(stem, StripParam::PanMode) => {
                with(&[(ParamKey::Stem(stem, StripParam::Pan), 0.5)])
            }
            ParamKey::Stem(stem, StripParam::SoloSafe) => {
                with(&[(ParamKey::Stem((stem + 1) % STEMS, StripParam::Solo), 1.0)])
            }
            // From no delay at all the line has to fill first.
            ParamKey::Stem(stem, StripParam::Delay) => {
                with(&[(ParamKey::Stem(stem, StripParam::Delay), 10.0)])
            }
            ParamKey::Stem(stem, param) if tone_before(param).is_some() => {
                let (before, value) = tone_before(param).expect("it is some");
                with(&[(ParamKey::Stem(stem, before), value)])
            }
            // However long the stem is delayed.
            ParamKey::Stem(stem, _) => with(&[(ParamKey::Stem(stem, StripParam::Delay), 50.0)]),
            MAIN_INPUT => with(&[(ParamKey::Stem(0, StripParam::Delay), 50.0)]),
            BALANCE_AMOUNT => MixSettings { learned_db: [-6.0; STEMS], ..MixSettings::default() },
            _ => MixSettings::default(),
        };
        let at = 5_000;
        let value = match key {
            // At its upper end the low-pass is switched off.
            ParamKey::Stem(_, StripParam::LowPassFrequency) => spec.min,
            _ if spec.default == spec.max => spec.min,
            _ => spec.max,
        };
        let before = Rig::with(RATE_HZ, &start).render(&stems, &[], &[512]);
        let after = Rig::with(RATE_HZ, &start).render(&stems, &[(at, key, value)], &[512]);
        let first = first_difference(&before, &after);
        // Tone takes hold at the next control tick. The first step of a smoother may be lost in the
        // rounding of a sum of sixteen.
        let late = if is_tone(key) { TICK_FRAMES - at % TICK_FRAMES } else { 0 };
        let soon = at + late..at + late + 6;
        assert!(first.is_some_and(|n| soon.contains(&n)), "{}: {first:?}, not in {soon:?}", key.id());
    }
}

// Exactness.

#[test]
fn a_change_before_the_first_block_is_as_one_at_any_tick() {
    let stems = noisy_stems(3, 4_000);
    let silence: Vec<Stereo> = (0..STEMS).map(|_| constant(0.0, 10 * TICK_FRAMES)).collect();
    let change =
        [(0, ParamKey::Stem(2, StripParam::Fader), -12.0), (0, ParamKey::Stem(2, StripParam::BellGain), 9.0)];
    let first = Rig::new(RATE_HZ).render(&stems, &change, WHOLE);
    let mut played = Rig::new(RATE_HZ);
    played.render(&silence, &[], WHOLE);
    assert_eq!(first_difference(&played.render(&stems, &change, WHOLE), &first), None);
}

#[test]
fn a_stem_at_defaults_passes_equal() {
    let mut sound = [noise(1, 2_000), noise(2, 2_000)];
    for (n, x) in sound.iter_mut().flatten().enumerate() {
        // From -500 dBFS to far above full scale, both signs.
        *x *= 10f32.powi(n as i32 % 34 - 24);
        if x.abs() < 1e-25 {
            *x = 1e-25;
        }
    }
    for rate in RATES_HZ {
        for stem in 0..STEMS {
            let mix = Rig::new(rate).render(&only(stem, sound.clone()), &[], &[64]);
            assert_same(&mix, &sound, "a stem at defaults");
        }
    }
}

#[test]
fn the_mix_at_defaults_is_the_f32_sum_by_halves() {
    let stems = noisy_stems(2, 10_000);
    let mix = Rig::new(RATE_HZ).render(&stems, &[], WHOLE);
    assert_same(&mix, &sum(&stems), "the mix");
    let mut random = Random::new(3);
    for _ in 0..10 {
        let mut other_order = stems.clone();
        random.shuffle(&mut other_order);
        let rest = difference(&mix, &sum(&other_order));
        assert!(level_db(&rest, &mix) < -120.0, "{} dB", level_db(&rest, &mix));
    }
}

#[test]
fn unity_comes_back_exactly_after_any_excursion() {
    let frames = 40_000;
    let stems = noisy_stems(4, frames);
    for key in ParamKey::all().filter(|key| !matches!(key, ParamKey::Stem(stem, _) if *stem != 5)) {
        let spec = key.spec();
        for value in [spec.min, spec.max] {
            let events = [(1_000, key, value), (4_000, key, spec.default)];
            let mix = Rig::new(RATE_HZ).render(&stems, &events, WHOLE);
            let settled = [mix, sum(&stems)].map(|s| s.map(|side| side[30_000..].to_vec()));
            assert_same(&settled[0], &settled[1], &format!("{} from {value} and back", key.id()));
        }
    }
}

#[test]
fn each_setting_has_the_gain_it_promises() {
    use StripParam::{Fader, Mute, Pan, PanMode, Polarity, Trim, Width};
    let (l, r) = (0.5f32, 0.125f32);
    let dry: &[(StripParam, f32)] = &[];
    let cases = [
        (dry, [l, r]),
        (&[(Polarity, 1.0)], [-l, -r]),
        (&[(Mute, 1.0)], [0.0, 0.0]),
        (&[(Fader, f32::NEG_INFINITY)], [0.0, 0.0]),
        (&[(Fader, -90.0)], [0.0, 0.0]),
        (&[(Width, 0.0)], [(l + r) / 2.0; 2]),
        (&[(Width, 200.0)], [1.5 * l - 0.5 * r, 1.5 * r - 0.5 * l]),
        (&[(PanMode, 1.0), (Pan, -1.0)], [l + r, 0.0]),
        (&[(PanMode, 1.0), (Pan, 1.0)], [0.0, l + r]),
        (&[(Pan, -1.0)], [2f32.sqrt() * l, 0.0]),
        (&[(Pan, 1.0)], [0.0, 2f32.sqrt() * r]),
        (&[(Fader, -6.0)], [-6.0, -6.0].map(|db| fader_gain(db) as f32).map(|g| g * 0.5)),
    ];
    for (changes, expected) in cases {
        let stem = 6;
        let settings: Vec<_> = changes.iter().map(|(p, v)| (ParamKey::Stem(stem, *p), *v)).collect();
        let sound = if changes.first().is_some_and(|(p, v)| *p == Fader && *v == -6.0) {
            constant(0.5, 100)
        } else {
            [vec![l; 100], vec![r; 100]]
        };
        let mix = Rig::with(RATE_HZ, &with(&settings)).render(&only(stem, sound), &[], WHOLE);
        assert_same(&mix, &expected.map(|x| vec![x; 100]), &format!("{changes:?}"));
    }
    // Doublings: as exact as a level in dB as f32 can say them.
    for power in -3..=3 {
        let db = (20.0 * 2f64.log10() * f64::from(power)) as f32;
        for key in [ParamKey::Stem(6, Trim), ParamKey::Stem(6, Fader), OUTPUT] {
            if db > key.spec().max {
                continue;
            }
            let mix = Rig::with(RATE_HZ, &with(&[(key, db)])).render(&only(6, constant(0.5, 10)), &[], WHOLE);
            let gain = db_to_gain(f64::from(db)) as f32;
            assert!((gain / 2f32.powi(power) - 1.0).abs() <= f32::EPSILON, "{db} dB is {gain}");
            assert_same(&mix, &constant(0.5 * gain, 10), &format!("{} at {db} dB", key.id()));
        }
    }
}

// Who is heard.

#[test]
fn changing_one_stem_changes_only_that_stem() {
    let frames = 8_000;
    let stem = 5;
    let stems = noisy_stems(6, frames);
    let alone = only(stem, stems[stem].clone());
    let before = audible_balance(7);
    for seed in 8..12 {
        let mut random = Random::new(seed);
        let events: Vec<Event> = StripParam::ALL
            .into_iter()
            .filter(|p| *p != StripParam::Solo)
            .map(|p| {
                let value = match p {
                    StripParam::Mute => 0.0,
                    StripParam::Fader => random.between(-20.0, 12.0),
                    p => any_value(&mut random, &p.spec()),
                };
                (1_000 + random.below(3_000), ParamKey::Stem(stem, p), value)
            })
            .collect();
        let render = |stems, events| Rig::with(RATE_HZ, &before).render(stems, events, &[256]);
        let mix = render(&stems, &events);
        let of_all = difference(&mix, &render(&stems, &[]));
        let of_the_stem = difference(&render(&alone, &events), &render(&alone, &[]));
        assert!(level_db(&of_the_stem, &mix) > -40.0, "the change is heard");
        let rest = difference(&of_all, &of_the_stem);
        assert!(level_db(&rest, &mix) < -120.0, "{} dB of the others", level_db(&rest, &mix));
    }
}

#[test]
fn mute_beats_solo_and_solo_spares_the_safe() {
    // mute, solo, solo-safe, another stem soloed: heard?
    let table = [
        ([0, 0, 0, 0], true),
        ([0, 0, 0, 1], false),
        ([0, 0, 1, 0], true),
        ([0, 0, 1, 1], true),
        ([0, 1, 0, 0], true),
        ([0, 1, 0, 1], true),
        ([0, 1, 1, 0], true),
        ([0, 1, 1, 1], true),
        ([1, 0, 0, 0], false),
        ([1, 0, 0, 1], false),
        ([1, 0, 1, 0], false),
        ([1, 0, 1, 1], false),
        ([1, 1, 0, 0], false),
        ([1, 1, 0, 1], false),
        ([1, 1, 1, 0], false),
        ([1, 1, 1, 1], false),
    ];
    let (stem, other, third) = (2, 11, 15);
    let mut stems = vec![constant(0.0, 8_000); STEMS];
    (stems[stem], stems[other], stems[third]) =
        (constant(1.0, 8_000), constant(2.0, 8_000), constant(4.0, 8_000));
    for ([mute, solo, safe, other_solo], heard) in table {
        let changes = [
            (ParamKey::Stem(stem, StripParam::Mute), mute as f32),
            (ParamKey::Stem(stem, StripParam::Solo), solo as f32),
            (ParamKey::Stem(stem, StripParam::SoloSafe), safe as f32),
            (ParamKey::Stem(other, StripParam::Solo), other_solo as f32),
        ];
        // A muted solo still silences the rest: what sounds must not depend on the mute of another.
        let any_solo = solo + other_solo > 0;
        let expected = f32::from(heard)
            + if other_solo == 1 || !any_solo { 2.0 } else { 0.0 }
            + if any_solo { 0.0 } else { 4.0 };
        let at_once = Rig::with(RATE_HZ, &with(&changes)).render(&stems, &[], WHOLE);
        let events = changes.map(|(key, value)| (100, key, value));
        let in_time = Rig::new(RATE_HZ).render(&stems, &events, WHOLE);
        for mix in [at_once, in_time] {
            assert_eq!(mix.map(|side| side[7_999]), [expected; 2], "{changes:?}");
        }
    }
}

#[test]
fn bypass_is_the_plain_sum_of_the_inputs_whatever_the_balance() {
    let stems = noisy_stems(13, 10_000);
    let mut settings = audible_balance(14);
    settings.set(BYPASS, 1.0);
    settings.set(ParamKey::Stem(3, StripParam::Mute), 1.0);
    settings.set(ParamKey::Stem(4, StripParam::Solo), 1.0);
    let at_rest = Rig::with(RATE_HZ, &settings).render(&stems, &[], &[100]);
    assert_same(&at_rest, &sum(&stems), "bypassed from the start");

    settings.set(BYPASS, 0.0);
    let faded = Rig::with(RATE_HZ, &settings).render(&stems, &[(500, BYPASS, 1.0)], &[100]);
    let settled = [faded, sum(&stems)].map(|s| s.map(|side| side[8_000..].to_vec()));
    assert_same(&settled[0], &settled[1], "bypassed while playing");
}

#[test]
fn an_ignored_main_input_is_heard_neither_in_the_balance_nor_in_bypass() {
    let stems = noisy_stems(15, 2_000);
    let mut others = stems.clone();
    others[0] = constant(0.0, 2_000);
    for bypass in [0.0, 1.0] {
        let settings = with(&[(MAIN_INPUT, 1.0), (BYPASS, bypass)]);
        let mix = Rig::with(RATE_HZ, &settings).render(&stems, &[], WHOLE);
        assert_same(&mix, &sum(&others), "without the main input");
    }
}

#[test]
fn stems_after_their_strips_sum_to_the_mix() {
    let stems = noisy_stems(16, 12_000);
    let events = [
        (2_000, OUTPUT, -3.0),
        (3_000, ParamKey::Stem(8, StripParam::Pan), 0.5),
        (4_000, BYPASS, 1.0),
        (4_500, MAIN_INPUT, 1.0),
        (9_000, BYPASS, 0.0),
    ];
    let mut rig = Rig::with(RATE_HZ, &audible_balance(17));
    rig.connected = StemBlock::ALL & !(1 << 12);
    let (mix, parts) = rig.render_stems(&stems, &events, &[333]);
    let rest = difference(&mix, &sum(&parts));
    assert!(level_db(&rest, &mix) < -120.0, "{} dB", level_db(&rest, &mix));
    assert_eq!(peak(&parts[12]), 0.0, "what is not connected has no part in the mix");
}

#[test]
fn watching_the_stems_does_not_change_the_mix() {
    let stems = noisy_stems(18, 3_000);
    let events = [(500, BYPASS, 1.0), (700, OUTPUT, 6.0)];
    let settings = audible_balance(19);
    let (tapped, _) = Rig::with(RATE_HZ, &settings).render_stems(&stems, &events, &[64]);
    assert_same(&tapped, &Rig::with(RATE_HZ, &settings).render(&stems, &events, &[64]), "the tapped mix");
}

// Bad input.

#[test]
fn garbage_on_one_stem_never_reaches_another_and_the_stem_recovers_at_once() {
    let frames = 6_000;
    let (start, end) = (1_000, 3_000);
    let clean = noisy_stems(20, frames);
    let denormal = f32::from_bits(1);
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e30, 3e38, -3e38, denormal, 1e-38] {
        for stem in [0, 9] {
            let mut stems = clean.clone();
            stems[stem].iter_mut().for_each(|side| side[start..end].fill(bad));
            let mut settings = audible_balance(21);
            settings.stems[stem].tone.on = false; // filters remember: theirs is the next test
            let (mix, found) = Rig::with(RATE_HZ, &settings).render_stems(&stems, &[], &[128]);
            let (clean_mix, expected) = Rig::with(RATE_HZ, &settings).render_stems(&clean, &[], &[128]);
            assert!(mix.iter().flatten().all(|x| x.is_finite()), "{bad} gets through");
            for k in (0..STEMS).filter(|k| *k != stem) {
                assert_same(&found[k], &expected[k], &format!("stem {k} beside {bad} on stem {stem}"));
            }
            let delay = f64::from(settings.stems[stem].delay_ms);
            let recovered = end + delay::frames(delay, RATE_HZ);
            for (found, expected) in [(&found[stem], &expected[stem]), (&mix, &clean_mix)] {
                let [found, expected] =
                    [found, expected].map(|s| s.each_ref().map(|side| side[recovered..].to_vec()));
                assert_same(&found, &expected, &format!("after {bad} on stem {stem}"));
            }
        }
    }
}

#[test]
fn a_stem_with_tone_is_clean_soon_after_garbage() {
    let frames = 12_000;
    let (start, end) = (1_000, 3_000);
    let soon = end + 48 * 50; // 50 ms
    let clean = noisy_stems(22, frames);
    for bad in [f32::NAN, f32::INFINITY, 1e30, -1e30, 1e-38] {
        for seed in 0..5 {
            let mut stems = clean.clone();
            stems[3].iter_mut().for_each(|side| side[start..end].fill(bad));
            let mut settings = audible_balance(seed);
            settings.stems[3].tone.on = true;
            settings.stems[3].delay_ms = 0.0;
            let (mix, found) = Rig::with(RATE_HZ, &settings).render_stems(&stems, &[], &[128]);
            let (_, expected) = Rig::with(RATE_HZ, &settings).render_stems(&clean, &[], &[128]);
            assert!(mix.iter().flatten().all(|x| x.is_finite()), "{bad} gets through");
            let peak =
                |s: &Stereo| s.iter().flat_map(|side| &side[soon..]).fold(0.0f32, |p, x| p.max(x.abs()));
            let (found, expected) = (peak(&found[3]), peak(&expected[3]));
            assert!(found <= 4.0 * expected, "after {bad}: {found}, not {expected}");
        }
    }
}

#[test]
fn the_hottest_input_at_the_highest_gains_stays_finite() {
    use StripParam::{Fader, Pan, Trim, Width};
    let mut settings = with(&[(OUTPUT, 12.0)]);
    for stem in 0..STEMS {
        for (param, value) in [(Fader, 12.0), (Pan, -1.0), (Trim, 24.0), (Width, 200.0)] {
            settings.set(ParamKey::Stem(stem, param), value);
        }
    }
    let stems = vec![[vec![1e32; 500], vec![-1e32; 500]]; STEMS];
    let mix = Rig::with(RATE_HZ, &settings).render(&stems, &[(100, BYPASS, 1.0)], WHOLE);
    assert!(mix.iter().flatten().all(|x| x.is_finite()));
}

#[test]
fn what_is_not_connected_is_silent_whatever_its_buffer_holds() {
    let stems = noisy_stems(22, 1_000);
    for stem in 0..STEMS {
        let mut rig = Rig::new(RATE_HZ);
        rig.connected = StemBlock::ALL & !(1 << stem);
        let mut expected = stems.clone();
        expected[stem] = constant(0.0, 1_000);
        assert_same(&rig.render(&stems, &[], &[200]), &sum(&expected), "the mix of the others");
        assert_eq!(rig.meters.connected(), rig.connected);
        assert_eq!(rig.meters.heard(), rig.connected);
    }
}

#[test]
fn a_buffer_shorter_than_the_block_counts_as_not_connected() {
    let stems = noisy_stems(23, 1_000);
    for short in [[0, 0], [0, 1_000], [1_000, 0], [999, 1_000], [700, 700], [64, 64]] {
        let mut short_stems = stems.clone();
        for (side, len) in short_stems[3].iter_mut().zip(short) {
            side.truncate(len);
        }
        let mut rig = Rig::new(RATE_HZ);
        let mut expected = stems.clone();
        expected[3] = constant(0.0, 1_000);
        assert_same(&rig.render(&short_stems, &[], WHOLE), &sum(&expected), &format!("{short:?} frames"));
        assert_eq!(rig.meters.connected(), StemBlock::ALL & !(1 << 3), "{short:?} frames");
    }
}

#[test]
fn a_block_without_frames_is_no_event() {
    let mut rig = Rig::new(RATE_HZ);
    let stems = noisy_stems(24, 2_000);
    let events = [(0, ParamKey::Stem(1, StripParam::Fader), -6.0)];
    let expected = Rig::new(RATE_HZ).render(&stems, &events, &[500]);
    let mut settings = *rig.engine.settings();
    settings.set(events[0].1, events[0].2);
    rig.engine.set(&settings);
    rig.engine.process(&mut StemBlock {
        main: [&mut [], &mut []],
        aux: [[&[], &[]]; STEMS - 1],
        connected: StemBlock::ALL,
        silent: 0,
    });
    assert_same(&rig.render(&stems, &[], &[500]), &expected, "after an empty block");
}

#[test]
fn silence_flags_change_nothing_but_the_work() {
    let frames = 9_000;
    let mut stems = noisy_stems(25, frames);
    for (k, stem) in stems.iter_mut().enumerate() {
        stem.iter_mut().for_each(|side| side[200 * k..200 * k + 5_000].fill(0.0));
    }
    let events =
        [(3_000, ParamKey::Stem(2, StripParam::Delay), 20.0), (3_100, BYPASS, 1.0), (6_000, BYPASS, 0.0)];
    let settings = audible_balance(26);
    let render = |flags_silence| {
        let mut rig = Rig::with(RATE_HZ, &settings);
        rig.flags_silence = flags_silence;
        rig.render(&stems, &events, &[100])
    };
    assert_same(&render(true), &render(false), "with silence flags");
}

// Delay.

#[test]
fn a_delay_is_exact_to_the_frame_at_every_rate() {
    for rate in RATES_HZ {
        for delay_ms in [0.0, 0.02, 1.0, 12.5, 33.3, 50.0] {
            let frames = (f64::from(delay_ms) * rate / 1_000.0).round() as usize;
            let mut rig = Rig::with(rate, &with(&[(ParamKey::Stem(7, StripParam::Delay), delay_ms)]));
            let mix = rig.render(&only(7, impulse(0.5, 100, 200 + frames)), &[], &[64]);
            assert_same(
                &mix,
                &impulse(0.5, 100 + frames, 200 + frames),
                &format!("{delay_ms} ms, {rate} Hz"),
            );
        }
    }
}

#[test]
fn what_is_in_a_delay_is_still_heard_after_its_input_has_gone() {
    let settings = with(&[(ParamKey::Stem(7, StripParam::Delay), 50.0)]);
    let (frames, delay) = (6_000, 2_400);
    let sound = noise(27, 1_000);
    let mut padded = sound.clone();
    padded.resize(frames, 0.0);
    let mut expected = vec![0.0; frames];
    expected[delay..delay + 1_000].copy_from_slice(&sound);
    for (flags_silence, unplugs) in [(false, false), (true, false), (false, true)] {
        let mut rig = Rig::with(RATE_HZ, &settings);
        rig.flags_silence = flags_silence;
        let stems = only(7, both(padded.clone()));
        let part = |range: std::ops::Range<usize>| -> Vec<Stereo> {
            stems.iter().map(|s| s.each_ref().map(|side| side[range.clone()].to_vec())).collect()
        };
        let mut mix = rig.render(&part(0..1_000), &[], &[100]);
        if unplugs {
            rig.connected = 1;
        }
        for (side, rest) in mix.iter_mut().zip(rig.render(&part(1_000..frames), &[], &[100])) {
            side.extend(rest);
        }
        assert_same(&mix, &both(expected.clone()), "the delayed sound");
    }
}

// Beginning anew.

#[test]
fn after_a_reset_the_engine_is_as_new() {
    let stems = noisy_stems(28, 5_000);
    let settings = audible_balance(29);
    let expected = Rig::with(RATE_HZ, &settings).render(&stems, &[], &[64]);
    let mut rig = Rig::new(RATE_HZ);
    // Left in the middle of everything: smoothing, a delay's fade, sound in the lines.
    let events: Vec<Event> = ParamKey::all().map(|key| (4_000, key, key.spec().max)).collect();
    rig.render(&noisy_stems(30, 5_000), &events, &[512]);
    rig.engine.set(&settings);
    rig.engine.reset();
    assert_same(&rig.render(&stems, &[], &[64]), &expected, "after a reset");
}

#[test]
fn a_new_sample_rate_is_as_a_new_engine_up_and_down() {
    let stems = noisy_stems(31, 5_000);
    let settings = audible_balance(32);
    let mut rig = Rig::new(RATE_HZ);
    let mut random = Random::new(33);
    for _ in 0..3 {
        let mut rates = RATES_HZ;
        random.shuffle(&mut rates);
        for rate in rates {
            rig.engine.set(&settings);
            rig.engine.prepare(rate);
            let expected = Rig::with(rate, &settings).render(&stems, &[], &[64]);
            assert_same(&rig.render(&stems, &[], &[64]), &expected, &format!("at {rate} Hz"));
            rig.render(&stems, &[(4_000, ParamKey::Stem(3, StripParam::Delay), 50.0)], &[64]);
        }
    }
}

#[test]
fn a_sample_rate_no_host_has_is_survived() {
    for rate in [0.0, -1.0, 1.0, 1e12, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let sound = both(sine(100.0, 0.0, RATE_HZ, 1_000));
        let mix = Rig::with(rate, &MixSettings::default()).render(&only(1, sound.clone()), &[], &[64]);
        assert_same(&mix, &sound, &format!("at {rate} Hz"));
    }
}

#[test]
fn landing_jumps_to_the_balance_and_keeps_what_is_in_the_delays() {
    let delayed = with(&[(ParamKey::Stem(7, StripParam::Delay), 10.0)]);
    let mut rig = Rig::with(RATE_HZ, &delayed);
    rig.render(&only(7, impulse(1.0, 99, 100)), &[], WHOLE);
    let mut settings = delayed;
    settings.set(ParamKey::Stem(7, StripParam::Polarity), 1.0);
    rig.engine.set(&settings);
    rig.engine.land();
    let mix = rig.render(&only(7, constant(0.0, 1_000)), &[], WHOLE);
    assert_same(&mix, &impulse(-1.0, 479, 1_000), "the delayed impulse");
}

#[test]
fn a_delay_landed_on_while_playing_never_leaves_a_gap() {
    let mut rig = Rig::new(RATE_HZ);
    let tone = || only(7, constant(0.5, 6_000));
    rig.render(&tone(), &[], WHOLE);
    rig.engine.set(&with(&[(ParamKey::Stem(7, StripParam::Delay), 10.0)]));
    rig.engine.land();
    let mix = rig.render(&tone(), &[], &[64]);
    assert!(mix.iter().flatten().all(|x| *x == 0.5), "the delay had recorded nothing yet");
    let mix = rig.render(&only(7, impulse(1.0, 0, 1_000)), &[], WHOLE);
    assert_eq!(mix[0][480], 1.0, "and is there once it has");
}

// Monitoring.

#[test]
fn mono_dim_and_gain_glide_in_and_out_and_change_no_bit_while_off() {
    let mut monitoring = Monitoring::default();
    monitoring.prepare(RATE_HZ);
    let off = Monitor::default();
    let source = [noise(61, 24_000), noise(62, 24_000)];
    let mut play_at = |wish: Monitor, gain_db: f32| {
        let mut sides = source.clone();
        let [left, right] = &mut sides;
        no_alloc(|| {
            left.chunks_mut(256)
                .zip(right.chunks_mut(256))
                .for_each(|(l, r)| monitoring.process(wish, gain_db, l, r));
        });
        sides
    };
    let lowered = play_at(off, -6.0);
    assert!((lowered[0][0] - source[0][0]).abs() < 0.01, "no jump");
    assert!((f64::from(lowered[0][20_000] / source[0][20_000]) - db_to_gain(-6.0)).abs() < 1e-6);
    play_at(off, 0.0);
    let mut play = |wish: Monitor| play_at(wish, 0.0);
    assert_same(&play(off), &source, "off");
    let mono = play(Monitor { mono: true, dim: false });
    assert!(mono[0][..2].iter().zip(&source[0]).all(|(m, s)| (m - s).abs() < 0.01), "no jump");
    let settled = 20_000..24_000;
    for i in settled.clone() {
        let middle = 0.5 * (source[0][i] + source[1][i]);
        assert!((mono[0][i] - middle).abs() < 1e-6 && (mono[1][i] - middle).abs() < 1e-6);
    }
    let both = play(Monitor { mono: true, dim: true });
    for i in settled.clone() {
        assert!((both[0][i] - 0.05 * (source[0][i] + source[1][i])).abs() < 1e-6);
    }
    play(off);
    assert_same(&play(off), &source, "off again");
}

// Meters.

#[test]
fn meters_hold_the_largest_magnitude_until_it_is_taken() {
    let mut rig = Rig::with(
        RATE_HZ,
        &with(&[(OUTPUT, f32::NEG_INFINITY), (ParamKey::Stem(3, StripParam::Polarity), 1.0)]),
    );
    let mut stems = only(3, impulse(0.25, 700, 2_000));
    stems[3][1][900] = -0.75;
    let (_, parts) = rig.render_stems(&stems, &[], &[128]);
    assert_eq!(peak(&parts[3]), 0.0, "the output gain is closed");
    assert_eq!(rig.meters.take_stem(3), [0.25, 0.75], "after the fader, before the output gain");
    assert_eq!(rig.meters.take_stem(3), [0.0, 0.0], "taken");
    assert_eq!(rig.meters.take_stem(4), [0.0, 0.0], "another stem");
    assert_eq!(rig.meters.take_mix(), [0.0, 0.0], "after the output gain");

    let mut rig = Rig::new(RATE_HZ);
    let mix = rig.render(&noisy_stems(34, 2_000), &[], &[128]);
    let peaks = mix.each_ref().map(|side| side.iter().fold(0.0f32, |peak, x| peak.max(x.abs())));
    assert_eq!(rig.meters.take_mix(), peaks);
}

#[test]
fn an_input_is_heard_from_its_first_sound_until_it_is_forgotten() {
    let mut rig = Rig::new(RATE_HZ);
    let silence = vec![constant(0.0, 1_000); STEMS];
    rig.render(&silence, &[], WHOLE);
    assert_eq!((rig.meters.connected(), rig.meters.heard()), (StemBlock::ALL, 0));
    // Muted or not: it is the input that is heard.
    rig.render(&only(6, impulse(1e-3, 77, 1_000)), &[(0, ParamKey::Stem(6, StripParam::Mute), 1.0)], WHOLE);
    assert_eq!(rig.meters.heard(), 1 << 6);
    rig.render(&only(0, impulse(f32::NAN, 77, 1_000)), &[], WHOLE);
    assert_eq!(rig.meters.heard(), 1 << 6, "garbage is no sound");
    rig.render(&silence, &[], WHOLE);
    assert_eq!(rig.meters.heard(), 1 << 6);
    let mut two = only(6, impulse(0.5, 7, 1_000));
    two[15] = impulse(0.5, 8, 1_000);
    rig.render(&two, &[], WHOLE);
    assert_eq!(rig.meters.heard(), 1 << 6 | 1 << 15, "one more beside one that is known");
    rig.meters.forget();
    assert_eq!(rig.meters.heard(), 0);
}

#[test]
fn two_engines_share_nothing_but_what_they_are_given() {
    let stems = noisy_stems(35, 1_000);
    let mut rigs = [0, 1].map(|seed| Rig::with(RATE_HZ, &audible_balance(seed)));
    let mixes = rigs.each_mut().map(|rig| rig.render(&stems, &[], &[64]));
    let alone = [0, 1].map(|seed| Rig::with(RATE_HZ, &audible_balance(seed)).render(&stems, &[], &[64]));
    assert_eq!(mixes, alone);
    let distinct: HashSet<_> = rigs.iter().map(|rig| rig.meters.take_mix()[0].to_bits()).collect();
    assert_eq!(distinct.len(), 2);
    assert!(MixEngine::new(rigs[0].meters.clone()).settings() == &MixSettings::default());
}

// Memory.

#[test]
fn resetting_landing_and_reading_meters_take_no_heap() {
    let mut rig = Rig::new(RATE_HZ);
    let events: Vec<_> = ParamKey::all().map(|key| (500, key, key.spec().max)).collect();
    rig.render(&noisy_stems(3, 1_000), &events, &[256]);
    no_alloc(|| {
        rig.engine.reset();
        rig.engine.land();
        for stem in 0..STEMS {
            rig.meters.take_stem(stem);
        }
        rig.meters.take_mix();
        rig.meters.forget();
    });
    assert_eq!(rig.meters.heard(), 0);
}

#[test]
fn an_engine_takes_less_than_a_megabyte_at_48_khz() {
    let (engine, bytes) = heap_bytes(|| {
        let mut engine = Box::new(MixEngine::new(Arc::new(Meters::default())));
        engine.prepare(RATE_HZ);
        engine
    });
    assert!(bytes < 1 << 20, "{bytes} bytes");
    // The count counts: sixteen stereo delay lines of 50 ms are more than half of that limit.
    assert!(bytes > 16 * 2 * 2_400 * 4, "{bytes} bytes");
    drop(engine);
}
