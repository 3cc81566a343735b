//! What is measured: K weighting, powers, correlation, momentary loudness.

mod support;

use serde_json::Value;
use stemwright::dsp::loudness::{lufs, weighting};
use stemwright::dsp::meter::Levels;
use stemwright::dsp::svf::Delta;
use stemwright::engine::Backend;
use stemwright::model::limits::{MixParam, ParamKey, STEMS, StripParam};
use stemwright::model::settings::MixSettings;
use support::rig::Rig;
use support::signals::{Stereo, both, constant, impulse, noise, noisy_stems, only, sine};

fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().expect("numbers").iter().map(number).collect()
}

fn k_weighting() -> Value {
    serde_json::from_str(include_str!("vectors/kweight.json")).expect("the vectors are JSON")
}

#[test]
fn the_k_weighting_has_the_reference_s_coefficients_response_and_impulse() {
    let vectors = k_weighting();
    let tolerance = number(&vectors["tol_abs"]);
    for case in vectors["cases"].as_array().expect("cases") {
        let rate = number(&case["fs"]);
        let sections = weighting(rate);
        for (section, name) in sections.iter().zip(["shelf", "highpass"]) {
            let ours = [section.b[0], section.b[1], section.b[2], section.a[0], section.a[1]];
            for (ours, theirs) in ours.into_iter().zip(numbers(&case[name])) {
                assert!((ours - theirs).abs() <= tolerance, "{name} at {rate} Hz: {ours}, not {theirs}");
            }
        }
        for (hz, want) in numbers(&case["freqs"]).into_iter().zip(numbers(&case["mag_db"])) {
            let db: f64 = sections.iter().map(|section| section.response_db(hz, rate)).sum();
            assert!((db - want).abs() <= 1e-6, "{hz} Hz at {rate} Hz: {db}, not {want}");
        }
        let mut states = [[0.0; 2]; 2];
        for (n, want) in numbers(&case["impulse"]).into_iter().enumerate() {
            let heard = (sections.iter().zip(&mut states))
                .fold(if n == 0 { 1.0 } else { 0.0 }, |x, (s, state)| Delta::from(*s).next(state, x));
            assert!((heard - want).abs() <= 1e-9, "frame {n} at {rate} Hz: {heard}, not {want}");
        }
    }
}

#[test]
fn the_k_weighting_at_48_khz_is_the_standard_s_table() {
    let vectors = k_weighting();
    for (section, name) in weighting(48_000.0).iter().zip(["itu_48k_shelf", "itu_48k_highpass"]) {
        let ours = [section.b[0], section.b[1], section.b[2], section.a[0], section.a[1]];
        for (ours, theirs) in ours.into_iter().zip(numbers(&vectors[name])) {
            assert!((ours - theirs).abs() < 1e-10, "{name}: {ours}, not {theirs}");
        }
    }
}

/// The reference's noise: a linear congruential generator.
fn reference_noise(seed: u64, frames: usize) -> Vec<f64> {
    let mut state = seed;
    (0..frames)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1u64 << 52) as f64 - 1.0
        })
        .collect()
}

#[test]
fn correlation_side_to_mid_crest_and_balance_are_the_reference_s() {
    let vectors: Value =
        serde_json::from_str(include_str!("vectors/meters.json")).expect("the vectors are JSON");
    for case in vectors["cases"].as_array().expect("cases") {
        let frames = number(&case["n"]) as usize;
        let (a, b) = (reference_noise(5, frames), reference_noise(6, frames));
        let right: Vec<f64> = match case["id"].as_str().expect("a name") {
            "indep" => b.clone(),
            "half-mix" => a.iter().zip(&b).map(|(a, b)| 0.5 * a + 0.5 * b).collect(),
            "left-heavy" => b.iter().map(|b| 0.25 * b).collect(),
            other => panic!("what is {other}?"),
        };
        let narrow = |side: &[f64]| side.iter().map(|x| *x as f32).collect::<Vec<_>>();
        let levels = Levels::of(&narrow(&a), &narrow(&right));
        let near = |ours: f64, name: &str| {
            let want = number(&case[name]);
            assert!((ours - want).abs() < 1e-5, "{}: {name} is {ours}, not {want}", case["id"]);
        };
        near(levels.correlation().expect("it is not silent"), "corr");
        near(levels.side_to_mid_db(), "ms_ratio_db");
        near(levels.balance_db(), "balance_db");
        near(levels.crest_db()[0], "crest_db_L");
    }
    assert_eq!(Levels::of(&[0.0; 9], &[0.5; 9]).correlation(), None, "silence is like nothing");
}

/// Everything at all rates, by all instructions there are.
fn rigs(settings: &MixSettings) -> impl Iterator<Item = (f64, Rig)> {
    let rates = [44_100.0, 48_000.0, 88_200.0, 96_000.0, 192_000.0];
    let all = rates.into_iter().flat_map(|rate| Backend::available().map(move |b| (rate, b)));
    all.map(move |(rate, backend)| (rate, Rig::with_backend(rate, settings, backend)))
}

#[test]
fn a_stem_reads_its_momentary_loudness_whatever_its_fader_does() {
    // -23 dBFS at 1 kHz on both sides is -23 LUFS.
    let mut settings = MixSettings::default();
    settings.set(ParamKey::Stem(4, StripParam::Mute), 1.0);
    settings.set(ParamKey::Stem(9, StripParam::Fader), -20.0);
    settings.set(ParamKey::Stem(9, StripParam::Trim), 6.0);
    for (rate, mut rig) in rigs(&settings) {
        let tone =
            both(sine(1_000.0, 0.0, rate, rate as usize / 2).iter().map(|x| x * 0.070_794_6).collect());
        let mut stems = only(4, tone.clone());
        stems[9] = tone;
        rig.render(&stems, &[], &[512]);
        for (stem, want) in [(4, -23.0), (9, -17.0)] {
            let heard = lufs(f64::from(rig.meters.weighted_power(stem)));
            assert!((heard - want).abs() < 0.03, "stem {stem} at {rate} Hz: {heard} LUFS, not {want}");
        }
        assert_eq!(rig.meters.weighted_power(0), 0.0, "a silent stem");
    }
}

#[test]
fn loudness_is_measured_only_where_it_is_wanted() {
    let mut rig = Rig::new(48_000.0);
    rig.engine.measure_loudness(false);
    rig.render(&only(2, both(noise(1, 48_000))), &[], &[512]);
    assert_eq!(rig.meters.weighted_power(2), 0.0);
}

#[test]
fn powers_and_correlation_are_those_after_the_fader() {
    let mut settings = MixSettings::default();
    settings.set(ParamKey::Stem(11, StripParam::Fader), -6.0);
    settings.set(ParamKey::Mix(MixParam::Output), -12.0);
    let frames = 200_000;
    let (a, b) = (noise(1, frames), noise(2, frames));
    let sound: Stereo = [a.clone(), a.iter().zip(&b).map(|(a, b)| 0.5 * a + 0.5 * b).collect()];
    let whole = Levels::of(&sound[0], &sound[1]);
    for (rate, mut rig) in rigs(&settings).filter(|(rate, _)| *rate < 50_000.0) {
        rig.render(&only(11, sound.clone()), &[], &[256]);
        let stem = rig.meters.stem_powers(11).levels();
        let mix = rig.meters.mix_powers().levels();
        for (levels, gain_db) in [(stem, -6.0), (mix, -18.0)] {
            for side in 0..2 {
                let db = 10.0 * (levels.powers[side] / whole.powers[side]).log10();
                assert!((db - gain_db).abs() < 0.2, "{db} dB at {rate} Hz, not {gain_db}");
            }
            let correlation = levels.correlation().expect("it sounds");
            let want = whole.correlation().expect("it sounds");
            assert!((correlation - want).abs() < 0.01, "{correlation}, not {want}");
        }
        assert_eq!(rig.meters.stem_powers(3).levels().correlation(), None);
    }
}

#[test]
fn a_meter_forgets_a_click() {
    let mut rig = Rig::new(48_000.0);
    rig.render(&only(0, impulse(1.0, 100, 48_000)), &[], &[512]);
    assert!(rig.meters.stem_powers(0).sides[0] > 0.0);
    rig.render(&vec![constant(0.0, 480_000); STEMS], &[], &[512]);
    assert!(rig.meters.stem_powers(0).sides[0] < 1e-15);
    assert_eq!(rig.meters.weighted_power(0), 0.0);
}

#[test]
fn whoever_looks_at_a_stem_sees_its_input_and_nothing_of_the_others() {
    let mut rig = Rig::new(48_000.0);
    let stems = noisy_stems(71, 3_000);
    let mut seen = vec![0.0; 1_000];
    rig.render(&stems, &[], &[100]);
    assert!(!rig.meters.scope().read(&mut seen), "nobody looked");
    for stem in [0, 11] {
        rig.meters.scope().look_at(Some(stem));
        rig.render(&stems, &[(0, ParamKey::Stem(stem, StripParam::Mute), 1.0)], &[100, 7, 512]);
        assert!(rig.meters.scope().read(&mut seen));
        let [left, right] = &stems[stem];
        let want: Vec<f32> = (2_000..3_000).map(|i| 0.5 * (left[i] + right[i])).collect();
        assert!(seen == want, "stem {stem}, before everything else");
    }
    rig.meters.scope().look_at(None);
    rig.render(&stems, &[], &[100]);
    assert_eq!(rig.meters.scope().written(), 0);
}
