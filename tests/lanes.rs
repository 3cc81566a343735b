//! The lanes against the same engine written plainly in f64, by all instructions this machine has.

mod support;

use stemwright::dsp::design::{self, BUTTERWORTH_Q, STEEP_QS};
use stemwright::engine::Backend;
use stemwright::model::limits::{MixParam, ParamKey, STEMS, StripParam};
use stemwright::model::settings::MixSettings;
use support::oracle::{self, Wide};
use support::random::{Random, any_value};
use support::rig::{Event, Rig, WHOLE};
use support::signals::{
    Stereo, both, constant, difference, first_difference, impulse, level_db, noise, noisy_stems, only, peak,
};

#[global_allocator]
static ALLOCATOR: support::no_alloc::Watched = support::no_alloc::Watched;

const RATES_HZ: [f64; 5] = [44_100.0, 48_000.0, 88_200.0, 96_000.0, 192_000.0];

fn key(stem: usize, param: StripParam) -> ParamKey {
    ParamKey::Stem(stem, param)
}

fn with(changes: &[(ParamKey, f32)]) -> MixSettings {
    let mut settings = MixSettings::default();
    for (key, value) in changes {
        settings.set(*key, *value);
    }
    settings
}

/// Any balance that is not bypassed.
fn any_balance(random: &mut Random) -> MixSettings {
    let mut settings = MixSettings::default();
    for key in ParamKey::all() {
        let value = any_value(random, &key.spec());
        match key {
            ParamKey::Mix(MixParam::Bypass | MixParam::MainInput) => {}
            // Enough of them are to be heard.
            ParamKey::Stem(_, StripParam::Mute | StripParam::Solo) if random.below(8) != 0 => {}
            ParamKey::Stem(_, StripParam::Fader) => settings.set(key, random.between(-20.0, 6.0)),
            _ => settings.set(key, value),
        }
    }
    settings
}

/// Changes of anything but bypass at any frame.
fn any_events(random: &mut Random, count: usize, frames: usize) -> Vec<Event> {
    let keys: Vec<_> = ParamKey::all().filter(|key| *key != ParamKey::Mix(MixParam::Bypass)).collect();
    (0..count)
        .map(|_| {
            let key = keys[random.below(keys.len())];
            (random.below(frames), key, any_value(random, &key.spec()))
        })
        .collect()
}

fn any_blocks(random: &mut Random) -> Vec<usize> {
    (0..50)
        .map(|_| {
            let longest = [4, 40, 700][random.below(3)];
            1 + random.below(longest)
        })
        .collect()
}

/// How far a stem or the mix is from what it should be: dB of the largest error, re the peak.
fn error_db(found: &Stereo, wanted: &Wide) -> f64 {
    let largest = |values: &mut dyn Iterator<Item = f64>| values.fold(0.0f64, |max, x| max.max(x.abs()));
    let pairs = || found.iter().flatten().zip(wanted.iter().flatten());
    let error = largest(&mut pairs().map(|(f, w)| f64::from(*f) - w));
    20.0 * (error / largest(&mut pairs().map(|(_, w)| *w))).log10()
}

fn assert_same(found: &Stereo, wanted: &Stereo, what: &str) {
    if let Some(n) = first_difference(found, wanted) {
        let [f, w] = [found, wanted].map(|s| [s[0][n], s[1][n]]);
        panic!("{what}: frame {n} is {f:?}, not {w:?}");
    }
}

#[test]
fn the_lanes_are_within_96_db_of_the_plain_engine_whatever_is_played_and_moved() {
    for (seed, rate) in RATES_HZ.into_iter().enumerate() {
        let mut random = Random::new(seed as u64);
        let frames = 24_000;
        let mut stems = noisy_stems(seed as u64, frames);
        for stem in &mut stems {
            let (from, to) = (random.below(frames), random.below(frames));
            stem.iter_mut().for_each(|side| side[from.min(to)..from.max(to)].fill(0.0));
        }
        let start = any_balance(&mut random);
        let events = any_events(&mut random, 1_500, frames);
        let blocks = any_blocks(&mut random);
        let wanted = oracle::mix(rate, &start, &stems, &events);
        for backend in Backend::available() {
            let mix = Rig::with_backend(rate, &start, backend).render(&stems, &events, &blocks);
            let error = error_db(&mix, &wanted.mix);
            assert!(error <= -96.0, "the mix, {rate} Hz, {backend:?}: {error} dB");
            // Stems are shown with the output gain in them: here without.
            let is_output = |key: ParamKey| key == ParamKey::Mix(MixParam::Output);
            let events: Vec<Event> = events.iter().copied().filter(|event| !is_output(event.1)).collect();
            let unity = MixSettings { output_db: 0.0, ..start };
            let (_, parts) = Rig::with_backend(rate, &unity, backend).render_stems(&stems, &events, &blocks);
            for (stem, (part, wanted)) in parts.iter().zip(&wanted.stems).enumerate() {
                // One that a solo has closed all the time fades below what a gain may snap to.
                if peak(part) > 1e-4 {
                    let error = error_db(part, wanted);
                    assert!(error <= -96.0, "stem {stem}, {rate} Hz, {backend:?}: {error} dB");
                }
            }
        }
    }
}

#[test]
fn no_cut_of_blocks_changes_a_bit_while_everything_moves() {
    for seed in 0..4 {
        let mut random = Random::new(100 + seed);
        let frames = 12_000;
        let stems = noisy_stems(seed, frames);
        let start = any_balance(&mut random);
        let events = any_events(&mut random, 800, frames);
        for backend in Backend::available() {
            let whole = Rig::with_backend(44_100.0, &start, backend).render(&stems, &events, WHOLE);
            let blocks = any_blocks(&mut random);
            let cut = Rig::with_backend(44_100.0, &start, backend).render(&stems, &events, &blocks);
            assert_same(&whole, &cut, &format!("{backend:?}, {blocks:?}"));
        }
    }
}

#[test]
fn a_stem_that_begins_within_a_tick_while_its_tone_moves_is_the_same_beside_others() {
    let frames = 4_000;
    let mut stems = noisy_stems(9, frames);
    stems[5].iter_mut().for_each(|side| side[..1_003].fill(0.0));
    let start = MixSettings::default();
    let sweep = (0..100).map(|n| (n * 40, ParamKey::Stem(5, StripParam::BellGain), (n % 9) as f32));
    let sweep: Vec<Event> = sweep.collect();
    for backend in Backend::available() {
        let part = |stems: &[Stereo]| {
            Rig::with_backend(48_000.0, &start, backend).render_stems(stems, &sweep, &[256]).1.swap_remove(5)
        };
        let alone = part(&only(5, stems[5].clone()));
        assert_same(&part(&stems), &alone, &format!("{backend:?}"));
    }
}

#[test]
fn what_the_other_stems_do_changes_no_bit_of_a_stem() {
    let frames = 8_000;
    for seed in 0..20 {
        let mut random = Random::new(200 + seed);
        let mut stems = noisy_stems(seed, frames);
        let mut start = any_balance(&mut random);
        let stem = random.below(STEMS);
        start.stems[stem].mute = false;
        start.stems.iter_mut().for_each(|s| s.solo = false);
        let is_own = |key: &ParamKey| matches!(key, ParamKey::Stem(k, _) if *k == stem);
        let is_solo =
            |key: &ParamKey| matches!(key, ParamKey::Stem(_, StripParam::Solo | StripParam::SoloSafe));
        let all = any_events(&mut random, 1_000, frames);
        let all: Vec<Event> = all
            .into_iter()
            .filter(|(_, key, _)| !is_solo(key) && matches!(key, ParamKey::Stem(..)))
            .collect();
        let own: Vec<Event> = all.iter().copied().filter(|(_, key, _)| is_own(key)).collect();
        for backend in Backend::available() {
            let alone = {
                let mut only_this = MixSettings::default();
                only_this.stems[stem] = start.stems[stem];
                (only_this.output_db, only_this.wide_percent) = (start.output_db, start.wide_percent);
                let mut rig = Rig::with_backend(48_000.0, &only_this, backend);
                rig.flags_silence = true;
                rig.render_stems(&only(stem, stems[stem].clone()), &own, &[256]).1.swap_remove(stem)
            };
            let together = Rig::with_backend(48_000.0, &start, backend)
                .render_stems(&stems, &all, &[100])
                .1
                .swap_remove(stem);
            assert_same(&alone, &together, &format!("stem {stem}, {backend:?}"));
            // Nor does garbage.
            let other = (stem + 1) % STEMS;
            for (x, garbage) in
                stems[other][0].iter_mut().zip([f32::NAN, f32::INFINITY, 1e30, 1e-40].iter().cycle())
            {
                *x = *garbage;
            }
            let beside_garbage = Rig::with_backend(48_000.0, &start, backend)
                .render_stems(&stems, &all, &[100])
                .1
                .swap_remove(stem);
            assert_same(&alone, &beside_garbage, &format!("stem {stem} beside garbage, {backend:?}"));
        }
    }
}

/// Every section at work.
fn all_sections(stem: usize) -> Vec<(ParamKey, f32)> {
    use StripParam::*;
    [
        (HighPassSlope, 2.0),
        (HighPassFrequency, 40.0),
        (LowShelfFrequency, 120.0),
        (LowShelfGain, 5.0),
        (BellFrequency, 900.0),
        (BellGain, -7.0),
        (BellQ, 3.0),
        (HighShelfFrequency, 6_000.0),
        (HighShelfGain, 4.0),
        (LowPassSlope, 2.0),
        (LowPassFrequency, 15_000.0),
        (Tilt, -2.0),
    ]
    .map(|(param, value)| (key(stem, param), value))
    .to_vec()
}

#[test]
fn a_stem_is_clean_50_ms_after_garbage() {
    let (rate, frames, end) = (48_000.0, 12_000, 6_000);
    let settings = with(&all_sections(3));
    for garbage in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e30, -f32::MAX, 1e-40] {
        let clean = both(noise(1, frames));
        let mut dirty = clean.clone();
        let mut was_silent = clean.clone();
        for side in &mut dirty {
            side[..end].fill(garbage);
        }
        for side in &mut was_silent {
            side[..end].fill(0.0);
        }
        for backend in Backend::available() {
            let mix = |sound: &Stereo| {
                Rig::with_backend(rate, &settings, backend).render(&only(3, sound.clone()), &[], &[256])
            };
            let late = |sound: Stereo| sound.map(|side| side[end + 2_400..].to_vec());
            let (found, wanted) = (late(mix(&dirty)), late(mix(&was_silent)));
            let error = level_db(&difference(&found, &wanted), &wanted);
            assert!(error < -96.0, "{garbage}, {backend:?}: {error} dB");
        }
    }
}

#[test]
fn every_value_at_audio_rate_stays_finite_and_bounded() {
    use StripParam::*;
    let frames = 24_000;
    let values = [
        HighPassFrequency,
        LowShelfFrequency,
        LowShelfGain,
        BellFrequency,
        BellGain,
        BellQ,
        HighShelfFrequency,
        HighShelfGain,
        LowPassFrequency,
        Tilt,
        HighPassSlope,
        LowPassSlope,
        StripParam::Tone,
    ];
    for backend in Backend::available() {
        for rate in [44_100.0, 192_000.0] {
            let mut random = Random::new(300);
            let mut events = Vec::new();
            for n in 0..frames {
                let key = key(3, values[random.below(values.len())]);
                events.push((n, key, any_value(&mut random, &key.spec())));
            }
            let stems = only(3, both(noise(5, frames)));
            let mix =
                Rig::with_backend(rate, &with(&all_sections(3)), backend).render(&stems, &events, &[64]);
            assert!(mix.iter().flatten().all(|x| x.is_finite()));
            // Each section at rest amplifies by at most its gain (24 dB per octave: by its Q), 15 dB three
            // times, 6 dB of tilt and 2 x 2.3 dB of slopes; on the move its state's energy never grows, so
            // it cannot gather more than that.
            let bound = 10f32.powf((3.0 * 15.0 + 6.0 + 2.0 * 2.4) / 20.0);
            assert!(peak(&mix) < bound, "{} at {rate} Hz, {backend:?}", peak(&mix));
        }
    }
}

/// The level at a frequency of what came of an impulse.
fn response_db(heard: &[f32], hz: f64, rate: f64) -> f64 {
    let (re, im) = heard.iter().enumerate().fold((0.0, 0.0), |(re, im), (n, x)| {
        let (sin, cos) = (std::f64::consts::TAU * hz * n as f64 / rate).sin_cos();
        (re + f64::from(*x) * cos, im - f64::from(*x) * sin)
    });
    10.0 * (re * re + im * im).log10()
}

#[test]
fn the_engine_responds_as_the_sections_are_designed() {
    use StripParam::*;
    let stem = 12;
    type Design = fn(f64) -> Vec<design::Biquad>;
    let cases: [(&[(StripParam, f32)], Design); 9] = [
        (&[(HighPassSlope, 1.0), (HighPassFrequency, 80.0)], |rate| {
            vec![design::high_pass(80.0, BUTTERWORTH_Q, rate)]
        }),
        (&[(HighPassSlope, 2.0), (HighPassFrequency, 200.0)], |rate| {
            STEEP_QS.map(|q| design::high_pass(200.0, q, rate)).to_vec()
        }),
        (&[(LowShelfFrequency, 100.0), (LowShelfGain, 12.0)], |rate| {
            vec![design::low_shelf(100.0, 12.0, rate)]
        }),
        (&[(BellFrequency, 3_000.0), (BellGain, 9.0), (BellQ, 2.0)], |rate| {
            vec![design::bell(3_000.0, 9.0, 2.0, rate)]
        }),
        (&[(BellFrequency, 60.0), (BellGain, -15.0), (BellQ, 10.0)], |rate| {
            vec![design::bell(60.0, -15.0, 10.0, rate)]
        }),
        (&[(HighShelfFrequency, 8_000.0), (HighShelfGain, -6.0)], |rate| {
            vec![design::high_shelf(8_000.0, -6.0, rate)]
        }),
        (&[(LowPassSlope, 1.0), (LowPassFrequency, 5_000.0)], |rate| {
            vec![design::low_pass(5_000.0, BUTTERWORTH_Q, rate)]
        }),
        (&[(LowPassSlope, 2.0), (LowPassFrequency, 2_000.0)], |rate| {
            STEEP_QS.map(|q| design::low_pass(2_000.0, q, rate)).to_vec()
        }),
        (&[(Tilt, 5.0), (BellFrequency, 500.0), (BellGain, 6.0), (BellQ, 1.0)], |rate| {
            vec![design::tilt(5.0, rate), design::bell(500.0, 6.0, 1.0, rate)]
        }),
    ];
    for backend in Backend::available() {
        for rate in RATES_HZ {
            for (balance, design) in &cases {
                let changes: Vec<_> =
                    balance.iter().map(|(param, value)| (key(stem, *param), *value)).collect();
                let frames = rate as usize / 2;
                let stems = only(stem, impulse(1.0, 0, frames));
                let mix = Rig::with_backend(rate, &with(&changes), backend).render(&stems, &[], &[512]);
                let sections = design(rate);
                for k in 0..=20 {
                    let hz = 20.0 * 1000f64.powf(f64::from(k) / 20.0);
                    let wanted: f64 = sections.iter().map(|s| s.response_db(hz, rate)).sum();
                    if wanted > -60.0 {
                        let found = response_db(&mix[0], hz, rate);
                        let error = (found - wanted).abs();
                        assert!(
                            error < 0.01,
                            "{balance:?} at {hz} Hz, {rate} Hz, {backend:?}: {found}, not {wanted}"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn every_section_at_every_rate_errs_by_less_than_105_db() {
    use StripParam::*;
    let stem = 6;
    let cases: [&[(StripParam, f32)]; 15] = [
        &[(HighPassSlope, 1.0), (HighPassFrequency, 10.0)],
        &[(HighPassSlope, 1.0), (HighPassFrequency, 20.0)],
        &[(HighPassSlope, 2.0), (HighPassFrequency, 20.0)],
        &[(LowShelfFrequency, 30.0), (LowShelfGain, 15.0)],
        &[(LowShelfFrequency, 100.0), (LowShelfGain, -15.0)],
        &[(BellFrequency, 20.0), (BellGain, 15.0), (BellQ, 10.0)],
        &[(BellFrequency, 20.0), (BellGain, -15.0), (BellQ, 10.0)],
        &[(BellFrequency, 50.0), (BellGain, 6.0), (BellQ, 8.0)],
        &[(BellFrequency, 20_000.0), (BellGain, 15.0), (BellQ, 10.0)],
        &[(BellFrequency, 20_000.0), (BellGain, -15.0), (BellQ, 10.0)],
        &[(HighShelfFrequency, 8_000.0), (HighShelfGain, 15.0)],
        &[(LowPassSlope, 1.0), (LowPassFrequency, 1_000.0)],
        &[(LowPassSlope, 2.0), (LowPassFrequency, 18_000.0)],
        &[(Tilt, 6.0)],
        &[(Tilt, -6.0)],
    ];
    for rate in RATES_HZ {
        let frames = rate as usize;
        let sound = noise(9, frames).into_iter().enumerate();
        let sound = sound
            .map(|(n, x)| 0.25 * x + 0.25 * (std::f64::consts::TAU * 60.0 * n as f64 / rate).sin() as f32);
        let stems = only(stem, both(sound.collect()));
        for case in cases {
            let changes: Vec<_> = case.iter().map(|(param, value)| (key(stem, *param), *value)).collect();
            let settings = with(&changes);
            let wanted = oracle::strip(rate, &settings, stem, &stems[stem], &[]);
            for backend in Backend::available() {
                let found = Rig::with_backend(rate, &settings, backend).render(&stems, &[], &[512]);
                let energy = |x: &mut dyn Iterator<Item = f64>| x.map(|x| x * x).sum::<f64>();
                let pairs = || found[0].iter().zip(&wanted[0]);
                let error = energy(&mut pairs().map(|(f, w)| f64::from(*f) - w));
                let db = 10.0 * (error / energy(&mut pairs().map(|(_, w)| *w))).log10();
                assert!(db <= -105.0, "{case:?} at {rate} Hz, {backend:?}: {db} dB");
            }
        }
    }
}

#[test]
fn measuring_loudness_changes_no_bit_of_the_mix() {
    let (frames, mut random) = (10_000, Random::new(400));
    let (stems, start) = (noisy_stems(4, frames), any_balance(&mut random));
    let events = any_events(&mut random, 300, frames);
    for backend in Backend::available() {
        let mixes = [true, false].map(|on| {
            let mut rig = Rig::with_backend(44_100.0, &start, backend);
            rig.engine.measure_loudness(on);
            rig.render(&stems, &events, &[333])
        });
        assert_same(&mixes[0], &mixes[1], &format!("{backend:?}"));
    }
}

#[test]
fn what_rings_ends_in_exact_silence() {
    let rate = 48_000.0;
    let mut sound = constant(0.0, 96_000);
    sound[0][..500].copy_from_slice(&noise(1, 500));
    // The smallest numbers there are follow.
    sound[1][..48_000].fill(1e-42);
    for backend in Backend::available() {
        let mix = Rig::with_backend(rate, &with(&all_sections(5)), backend).render(
            &only(5, sound.clone()),
            &[],
            &[128],
        );
        assert!(peak(&mix) > 0.1);
        let end = mix.each_ref().map(|side| side[95_000..].to_vec());
        assert_same(&end, &constant(0.0, 1_000), &format!("{backend:?}"));
    }
}

#[test]
fn sections_that_do_nothing_pass_equal() {
    use StripParam::*;
    let sound = both(noise(3, 5_000));
    let flat = with(&[
        (key(8, BellFrequency), 300.0),
        (key(8, BellQ), 9.0),
        (key(8, LowShelfFrequency), 30.0),
        (key(8, LowPassSlope), 2.0),
        (key(8, LowPassFrequency), 20_000.0),
        (key(8, HighPassFrequency), 1_000.0),
    ]);
    // Beside one whose sections all work.
    let mut settings = flat;
    for (key, value) in all_sections(9) {
        settings.set(key, value);
    }
    for backend in Backend::available() {
        let mut stems = only(8, sound.clone());
        stems[9] = both(noise(4, 5_000));
        let (_, parts) = Rig::with_backend(48_000.0, &settings, backend).render_stems(&stems, &[], &[256]);
        assert_same(&parts[8], &sound, &format!("{backend:?}"));
        let mut off = with(&all_sections(8));
        off.stems[8].tone.on = false;
        let mix = Rig::with_backend(48_000.0, &off, backend).render(&only(8, sound.clone()), &[], &[256]);
        assert_same(&mix, &sound, &format!("{backend:?}, tone off"));
    }
}
