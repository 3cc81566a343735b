//! The sample maths against reference values of an independent program (`vectors/`), and the click
//! criterion against what the engine makes of them.

mod support;

use serde_json::Value;
use std::f64::consts::PI;
use std::ops::Range;
use stemwright::dsp::smooth::{GAIN_TAU_S, TwoPole, pole};
use stemwright::dsp::{Matrix, pan, units, width::width};
use stemwright::model::limits::{MixParam, ParamKey, STEMS, StripParam};
use stemwright::model::settings::MixSettings;
use support::clicks::{self, click};
use support::rig::{Rig, WHOLE};
use support::signals::{Stereo, constant, only, peak, sine};

#[global_allocator]
static ALLOCATOR: support::no_alloc::Watched = support::no_alloc::Watched;

fn vectors(json: &str) -> Value {
    serde_json::from_str(json).expect("the vectors are JSON")
}

fn fader_vectors() -> Value {
    vectors(include_str!("vectors/fader.json"))
}

fn pan_vectors() -> Value {
    vectors(include_str!("vectors/pan.json"))
}

fn smoothing_vectors() -> Value {
    vectors(include_str!("vectors/smoothing.json"))
}

/// All numbers in a value, however nested; `"-inf"` is one.
fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(items) => items.iter().flat_map(numbers).collect(),
        Value::String(text) => vec![text.parse().expect("a number as text")],
        other => vec![other.as_f64().expect("a number")],
    }
}

fn assert_near(found: &[f64], expected: &[f64], tolerance: f64, what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (i, (f, e)) in found.iter().zip(expected).enumerate() {
        // The vectors are written with twelve digits.
        assert!(
            f == e || (f - e).abs() <= tolerance + 5e-12 * e.abs(),
            "{what}, value {i}: {f} instead of {e}"
        );
    }
}

#[test]
fn the_fader_follows_its_taper_both_ways() {
    let v = fader_vectors();
    let tolerance = numbers(&v["tol_abs"])[0];
    let positions = numbers(&v["pos"]);
    let found: Vec<_> = positions.iter().map(|p| units::fader_position_to_db(*p)).collect();
    assert_near(&found, &numbers(&v["pos_db"]), tolerance, "dB of a position");
    let found: Vec<_> = found.iter().map(|db| units::fader_gain(*db)).collect();
    assert_near(&found, &numbers(&v["pos_gain"]), tolerance, "gain of a position");
    let levels = numbers(&v["db"]);
    let found: Vec<_> = levels.iter().map(|db| units::fader_db_to_position(*db)).collect();
    assert_near(&found, &numbers(&v["db_pos"]), tolerance, "position of a level");
    let found: Vec<_> = levels.iter().map(|db| units::fader_gain(*db)).collect();
    assert_near(&found, &numbers(&v["db_gain"]), tolerance, "gain of a level");
}

#[test]
fn unity_and_silence_are_exact() {
    assert_eq!(units::fader_gain(0.0), 1.0);
    assert_eq!(units::fader_gain(-90.0), 0.0);
    assert_eq!(units::fader_gain(f64::NEG_INFINITY), 0.0);
    assert_eq!(units::gain_to_db(0.0), f64::NEG_INFINITY);
    assert_eq!(units::gain_to_db(-1.0), 0.0);
}

#[test]
fn the_pan_laws_of_a_mono_source_match_the_reference() {
    let v = pan_vectors();
    let tolerance = numbers(&v["tol_abs"])[0];
    type Law = fn(f64) -> (f64, f64);
    let laws: [(&str, Law); 4] = [
        ("0", pan::mono::law_0),
        ("-3", pan::mono::law_3),
        ("-4.5", pan::mono::law_4_5),
        ("-6", pan::mono::law_6),
    ];
    for (name, law) in laws {
        let found: Vec<_> = numbers(&v["pos"])
            .into_iter()
            .flat_map(|position| {
                let (left, right) = law(position);
                [left, right]
            })
            .collect();
        assert_near(&found, &numbers(&v["mono"][name]), tolerance, name);
    }
}

#[test]
fn balance_stereo_pan_and_width_match_the_reference() {
    let v = pan_vectors();
    let tolerance = numbers(&v["tol_abs"])[0];
    let positions = numbers(&v["pos"]);
    let found: Vec<_> = positions
        .iter()
        .flat_map(|position| {
            let [left, to_left, to_right, right] = pan::balance(*position);
            assert_eq!([to_left, to_right], [0.0, 0.0], "balance moves nothing over");
            [left, right]
        })
        .collect();
    assert_near(&found, &numbers(&v["balance"]["-3"]), tolerance, "balance");
    let found: Vec<_> = positions.iter().flat_map(|position| pan::stereo(*position)).collect();
    assert_near(&found, &numbers(&v["stereo"]), tolerance, "true stereo");
    for row in v["width"].as_array().expect("a list") {
        let w = numbers(&row["w"])[0];
        assert_near(&width(w), &numbers(&row["m"]), tolerance, "width");
    }
}

#[test]
fn pan_is_a_mirror_and_its_ends_leave_nothing_on_the_far_side() {
    type Law = fn(f64) -> Matrix;
    for law in [pan::balance as Law, pan::stereo] {
        for step in -100..=100 {
            let position = f64::from(step) / 100.0;
            let [ll, lr, rl, rr] = law(position);
            assert_eq!(law(-position), [rr, rl, lr, ll], "at {position}");
        }
        let [_, _, from_left, from_right] = law(-1.0);
        assert_eq!([from_left, from_right], [0.0, 0.0], "hard left");
        let [from_left, from_right, ..] = law(1.0);
        assert_eq!([from_left, from_right], [0.0, 0.0], "hard right");
    }
}

#[test]
fn the_smoother_matches_the_reference_at_every_rate() {
    let v = smoothing_vectors();
    let tolerance = numbers(&v["tol_abs"])[0];
    for case in v["cases"].as_array().expect("a list") {
        let get = |name: &str| numbers(&case[name]);
        let coefficient = pole(get("tau")[0], get("fs")[0]);
        let frames = get("n");
        let mut smoother = TwoPole::at(get("y0")[0]);
        smoother.aim(get("y1")[0]);
        let last = frames.iter().fold(0.0f64, |a, b| a.max(*b)) as usize;
        let course: Vec<_> = (0..=last).map(|_| smoother.next(coefficient)).collect();
        let found: Vec<_> = frames.iter().map(|n| course[*n as usize]).collect();
        assert_near(&found, &get("y"), tolerance, &format!("{} Hz to {}", get("fs")[0], get("y1")[0]));
    }
}

#[test]
fn the_smoother_comes_to_rest_on_its_target_at_every_rate() {
    for rate in [8_000.0, 44_100.0, 48_000.0, 96_000.0, 192_000.0, 384_000.0] {
        let coefficient = pole(GAIN_TAU_S, rate);
        for (from, to) in [(0.0, 1.0), (1.0, 0.0), (1.0, -1.0), (1e-4, 3e-5), (1.0, 15.848_931_924_611_136)] {
            let mut smoother = TwoPole::at(from);
            smoother.aim(to);
            assert!(smoother.is_moving());
            smoother.skip(coefficient, (0.15 * rate) as usize);
            assert!(!smoother.is_moving(), "{from} to {to} at {rate} Hz still moves after 150 ms");
            assert_eq!(smoother.value(), to);
        }
    }
}

#[test]
fn filling_skipping_and_stepping_are_the_same_walk() {
    let coefficient = pole(GAIN_TAU_S, 48_000.0);
    let mut stepped = TwoPole::at(1.0);
    stepped.aim(0.25);
    let (mut filled, mut skipped) = (stepped, stepped);
    let mut gains = [0.0f32; 8_000];
    filled.fill(coefficient, &mut gains);
    let course: Vec<_> = gains.iter().map(|_| stepped.next(coefficient) as f32).collect();
    assert_eq!(gains.as_slice(), course);
    skipped.skip(coefficient, gains.len());
    assert_eq!(skipped.value(), filled.value());
}

// The click criterion.

const RATE_HZ: f64 = 48_000.0;
/// Frames before the change, and in all: all smoothing ends 130 ms after it.
const CHANGE: usize = 4_800;
const FRAMES: usize = CHANGE + 7_200;

/// Click in dB below the louder of the levels before and after, the worst of eight start phases.
///
/// The second side lags by a third of a half turn, so that mid and side both carry signal.
fn click_db(fir: &[f64], frames: usize, mut render: impl FnMut(Stereo) -> Stereo) -> f64 {
    (0..8)
        .map(|k| {
            let phase = f64::from(k) * PI / 8.0;
            let source = [phase, phase - PI / 3.0].map(|phase| sine(1_000.0, phase, RATE_HZ, frames));
            let out = render(source);
            let level = |part: Range<usize>| peak(&out.each_ref().map(|side| side[part.clone()].to_vec()));
            let louder = f64::from(level(0..CHANGE).max(level(frames - 480..frames)));
            let clicks = out.map(|side| {
                click(fir, &side.into_iter().skip(CHANGE - fir.len()).map(f64::from).collect::<Vec<_>>())
            });
            20.0 * (clicks[0].max(clicks[1]) / louder).log10()
        })
        .fold(f64::NEG_INFINITY, f64::max)
}

#[test]
fn the_click_meter_reads_what_the_reference_measured() {
    let v = smoothing_vectors();
    let fir = clicks::high_pass();
    for (change, from, to) in [
        ("mute", 1.0, 0.0),
        ("unmute", 0.0, 1.0),
        ("-6dB", 1.0, 10f64.powf(-0.3)),
        ("+12dB", 1.0, 10f64.powf(0.6)),
        ("polarity", 1.0, -1.0),
    ] {
        for law in ["two_pole_5ms", "linear_20ms", "hard_step"] {
            let row = v["clicks"]
                .as_array()
                .and_then(|rows| rows.iter().find(|row| row["change"] == change && row["law"] == law));
            let expected = numbers(&row.expect("a row")["click_dbc"])[0];
            let worst = (0..8)
                .map(|k| {
                    let mut gain = TwoPole::at(from);
                    gain.aim(to);
                    let coefficient = pole(GAIN_TAU_S, RATE_HZ);
                    let signal: Vec<f64> = (0..FRAMES)
                        .map(|n| {
                            let after = n.saturating_sub(CHANGE - 1);
                            let gain = match law {
                                _ if after == 0 => from,
                                "two_pole_5ms" => gain.next(coefficient),
                                "linear_20ms" => from + (to - from) * (after as f64 / 960.0).min(1.0),
                                _ => to,
                            };
                            let angle = 2.0 * PI * 1_000.0 * n as f64 / RATE_HZ + f64::from(k) * PI / 8.0;
                            gain * angle.sin()
                        })
                        .collect();
                    20.0 * click(&fir, &signal[CHANGE - fir.len()..]).log10()
                })
                .fold(f64::NEG_INFINITY, f64::max);
            assert!((worst - expected).abs() < 0.1, "{change}, {law}: {worst} instead of {expected}");
        }
    }
}

const STEM: usize = 4;
const OTHER: usize = 9;

fn stem(param: StripParam) -> ParamKey {
    ParamKey::Stem(STEM, param)
}

fn other(param: StripParam) -> ParamKey {
    ParamKey::Stem(OTHER, param)
}

/// A balance, and the parameter that moves in it between two values.
type Change<'a> = (&'a [(ParamKey, f32)], ParamKey, [f32; 2]);

/// Fails where any of the changes clicks, either way.
fn assert_silent_changes(changes: &[Change]) {
    let fir = clicks::high_pass();
    let mut failed = Vec::new();
    for (balance, key, [a, b]) in changes {
        for (from, to) in [(*a, *b), (*b, *a)] {
            let mut settings = MixSettings::default();
            for (key, value) in balance.iter().chain(&[(*key, from)]) {
                settings.set(*key, *value);
            }
            let worst = click_db(&fir, FRAMES, |source| {
                let mut stems = only(STEM, source.clone());
                if *key == ParamKey::Mix(MixParam::MainInput) {
                    stems.swap(STEM, 0);
                }
                let mut rig = Rig::with(RATE_HZ, &settings);
                let out = rig.render(&stems, &[(CHANGE, *key, to)], WHOLE);
                let unchanged = Rig::with(RATE_HZ, &settings).render(&stems, &[], WHOLE);
                assert_ne!(out, unchanged, "{key:?} from {from} to {to} changes nothing");
                out
            });
            if worst > -80.0 {
                failed.push(format!("{balance:?} {key:?} from {from} to {to}: {worst:.1} dB"));
            }
        }
    }
    assert!(failed.is_empty(), "these click:\n{}", failed.join("\n"));
}

const CLOSED: f32 = f32::NEG_INFINITY;

#[test]
fn no_single_change_of_a_level_clicks() {
    use StripParam::{Fader, Mute, Polarity, Trim};
    assert_silent_changes(&[
        (&[], stem(Mute), [0.0, 1.0]),
        (&[(stem(Fader), -60.0)], stem(Mute), [0.0, 1.0]),
        (&[], stem(Fader), [0.0, -6.0]),
        (&[], stem(Fader), [0.0, CLOSED]),
        (&[], stem(Fader), [0.0, 12.0]),
        (&[], stem(Fader), [-60.0, -70.0]),
        (&[], stem(Fader), [-80.0, -89.0]),
        (&[], stem(Trim), [0.0, 24.0]),
        (&[], stem(Trim), [0.0, -24.0]),
        (&[], stem(Trim), [-24.0, 24.0]),
        (&[], stem(Polarity), [0.0, 1.0]),
        (&[(stem(Trim), -24.0)], stem(Polarity), [0.0, 1.0]),
    ]);
}

#[test]
fn no_single_change_of_a_position_clicks() {
    use StripParam::{Pan, PanMode, Width};
    let turned: &[_] = &[(stem(PanMode), 1.0)];
    assert_silent_changes(&[
        (&[], stem(Pan), [-1.0, 1.0]),
        (&[], stem(Pan), [0.0, 1.0]),
        (turned, stem(Pan), [-1.0, 1.0]),
        (turned, stem(Pan), [0.0, -1.0]),
        (&[(stem(Pan), 1.0)], stem(PanMode), [0.0, 1.0]),
        (&[(stem(Pan), -0.5)], stem(PanMode), [0.0, 1.0]),
        (&[], stem(Width), [0.0, 200.0]),
        (&[], stem(Width), [0.0, 100.0]),
        (&[(stem(Pan), 0.7)], stem(Width), [200.0, 100.0]),
    ]);
}

#[test]
fn no_single_change_of_the_mix_clicks() {
    use StripParam::{Fader, Mute, Polarity, Solo, SoloSafe};
    let (bypass, output) = (ParamKey::Mix(MixParam::Bypass), ParamKey::Mix(MixParam::Output));
    let main_input = ParamKey::Mix(MixParam::MainInput);
    assert_silent_changes(&[
        (&[], other(Solo), [0.0, 1.0]),
        (&[(other(Solo), 1.0)], stem(Solo), [0.0, 1.0]),
        (&[(other(Solo), 1.0)], stem(SoloSafe), [0.0, 1.0]),
        (&[(stem(Fader), -6.0)], bypass, [0.0, 1.0]),
        (&[(stem(Fader), 12.0), (output, 12.0)], bypass, [0.0, 1.0]),
        (&[(stem(Mute), 1.0)], bypass, [0.0, 1.0]),
        (&[(stem(Polarity), 1.0)], bypass, [0.0, 1.0]),
        (&[], main_input, [0.0, 1.0]),
        (&[(bypass, 1.0)], main_input, [0.0, 1.0]),
        (&[], output, [0.0, CLOSED]),
        (&[], output, [0.0, 12.0]),
    ]);
}

#[test]
fn no_switch_of_the_tone_clicks() {
    use StripParam::*;
    let high_pass: &[_] = &[(stem(HighPassFrequency), 1_000.0)];
    let low_pass: &[_] = &[(stem(LowPassFrequency), 1_000.0)];
    let all: &[_] = &[
        (stem(HighPassSlope), 2.0),
        (stem(HighPassFrequency), 300.0),
        (stem(LowShelfGain), -12.0),
        (stem(BellGain), 12.0),
        (stem(HighShelfGain), 6.0),
        (stem(LowPassSlope), 2.0),
        (stem(LowPassFrequency), 4_000.0),
        (stem(Tilt), 3.0),
    ];
    assert_silent_changes(&[
        (high_pass, stem(HighPassSlope), [0.0, 1.0]),
        (high_pass, stem(HighPassSlope), [1.0, 2.0]),
        (high_pass, stem(HighPassSlope), [0.0, 2.0]),
        (low_pass, stem(LowPassSlope), [0.0, 1.0]),
        (low_pass, stem(LowPassSlope), [1.0, 2.0]),
        (low_pass, stem(LowPassSlope), [0.0, 2.0]),
        (&[(stem(LowPassSlope), 1.0)], stem(LowPassFrequency), [19_999.0, 20_000.0]),
        (&[(stem(BellGain), 12.0)], stem(Tone), [0.0, 1.0]),
        (&[(stem(BellGain), -15.0), (stem(BellQ), 10.0)], stem(Tone), [0.0, 1.0]),
        (all, stem(Tone), [0.0, 1.0]),
    ]);
}

#[test]
fn no_change_of_a_delay_clicks() {
    use StripParam::{Delay, Fader};
    assert_silent_changes(&[
        // Half a period turns the sine over: the worst that two taps can be to each other.
        (&[], stem(Delay), [0.0, 0.5]),
        (&[], stem(Delay), [0.0, 49.5]),
        (&[], stem(Delay), [0.0, 49.75]),
        (&[(stem(Fader), -60.0)], stem(Delay), [12.0, 30.5]),
    ]);
}

#[test]
fn a_sweep_of_the_delay_does_not_click_either() {
    let fir = numbers(&smoothing_vectors()["fir_highpass"]);
    let delay = stem(StripParam::Delay);
    let events: Vec<_> = (0..100).map(|k| (CHANGE + 97 * k, delay, 0.31 * k as f32)).collect();
    let worst = click_db(&fir, CHANGE + 24_000, |source| {
        Rig::new(RATE_HZ).render(&only(STEM, source), &events, WHOLE)
    });
    assert!(worst <= -80.0, "{worst:.1} dB");
}

#[test]
fn silence_in_is_silence_out_while_everything_moves() {
    let stems = vec![constant(0.0, FRAMES); STEMS];
    let events: Vec<_> = ParamKey::all().enumerate().map(|(n, key)| (10 * n, key, key.spec().max)).collect();
    let out = Rig::new(RATE_HZ).render(&stems, &events, &[64]);
    assert_eq!(peak(&out), 0.0);
}
