//! Loudness and true peak against reference values of an independent program (`vectors/`), which hold the
//! cases of EBU Tech 3341 and 3342 that can be synthesised, and against the `ebur128` crate.

mod support;

use ebur128::{EbuR128, Mode};
use serde_json::Value;
use std::f64::consts::{PI, TAU};
use stemwright::dsp::loudness::{KWeighting, LoudnessMeter, lufs};
use stemwright::dsp::true_peak::TruePeak;
use stemwright::dsp::units::{db_to_gain, gain_to_db};
use support::no_alloc::no_alloc;
use support::random::Random;
use support::signals::{Stereo, both, constant, noise, sine};

#[global_allocator]
static ALLOCATOR: support::no_alloc::Watched = support::no_alloc::Watched;

fn loudness_vectors() -> Value {
    serde_json::from_str(include_str!("vectors/loudness.json")).expect("the vectors are JSON")
}

fn true_peak_vectors() -> Value {
    serde_json::from_str(include_str!("vectors/truepeak.json")).expect("the vectors are JSON")
}

/// A number, which may be written as text: `"-inf"`, `"1/4"`.
fn number(value: &Value) -> f64 {
    match value.as_str() {
        None => value.as_f64().expect("a number"),
        Some(text) => match text.split_once('/') {
            None => text.parse().expect("a number as text"),
            Some((over, under)) => {
                over.parse::<f64>().expect("a number") / under.parse::<f64>().expect("a number")
            }
        },
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

/// The reference's noise: a linear congruential generator.
fn reference_noise(seed: u64, frames: usize) -> impl Iterator<Item = f64> {
    let mut state = seed;
    (0..frames).map(move |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    })
}

/// One channel of a case.
fn channel(case: &Value, channel: usize) -> Vec<f32> {
    let rate_hz = number(&case["fs"]);
    let mut sound = Vec::new();
    for segment in list(&case["segs"]) {
        let frames = (number(&segment["dur"]) * rate_hz).round() as usize;
        let level_db = segment.get("ch_db").map_or(&segment["db"], |levels| &levels[channel]);
        if level_db.is_null() {
            sound.resize(sound.len() + frames, 0.0);
            continue;
        }
        let gain = db_to_gain(number(level_db));
        match segment.get("noise") {
            Some(seed) => {
                let seed = number(seed) as u64 + channel as u64;
                sound.extend(reference_noise(seed, frames).map(|x| (gain * x) as f32));
            }
            None => {
                let step = TAU * segment.get("f").map_or(1_000.0, number) / rate_hz;
                sound.extend((0..frames).map(|n| (gain * (step * n as f64).sin()) as f32));
            }
        }
    }
    sound
}

/// The weighted power of every 10 ms, of all channels together.
fn powers(case: &Value) -> Vec<f64> {
    let rate_hz = number(&case["fs"]);
    let channels = number(&case["nch"]) as usize;
    let is_twice_the_same = channels == 2
        && list(&case["segs"])
            .iter()
            .all(|segment| segment.get("ch_db").is_none() && segment.get("noise").is_none());
    let mut sums: Vec<f64> = Vec::new();
    for k in 0..if is_twice_the_same { 1 } else { channels } {
        let weight = case["weights"].get(k).map_or(1.0, number) * if is_twice_the_same { 2.0 } else { 1.0 };
        let sound = channel(case, k);
        let mut at = 0;
        KWeighting::new(rate_hz).process(&sound, &vec![0.0; sound.len()], |power| {
            sums.resize(sums.len().max(at + 1), 0.0);
            sums[at] += weight * power;
            at += 1;
        });
    }
    sums
}

/// Everything a meter said, after every slot.
struct Course {
    meter: LoudnessMeter,
    momentary: Vec<f64>,
    short_term: Vec<f64>,
}

impl Course {
    fn of(powers: &[f64]) -> Self {
        let mut meter = LoudnessMeter::new();
        let courses = powers.iter().map(|power| {
            meter.push(*power);
            (meter.momentary_lufs(), meter.short_term_lufs())
        });
        let (momentary, short_term) = courses.unzip();
        Self { meter, momentary, short_term }
    }
}

fn highest(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}

fn lowest(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::INFINITY, f64::min)
}

/// What a case asks for by this name.
fn readings(name: &str, course: &Course, case: &Value) -> Vec<f64> {
    let Course { meter, momentary, short_term } = course;
    let per_segment = |course: &[f64]| {
        let slots = (number(&case["ebu_expect"]["segment_s"]) * 100.0).round() as usize;
        course.chunks(slots).map(highest).collect::<Vec<_>>()
    };
    let range = |course: &[f64]| vec![lowest(course), highest(course)];
    match name {
        "I" => vec![meter.integrated_lufs()],
        "M" | "M_end" => vec![meter.momentary_lufs()],
        "S" | "S_end" => vec![meter.short_term_lufs()],
        "M_max" => vec![meter.momentary_max_lufs()],
        "S_max" => vec![meter.short_term_max_lufs()],
        "LRA" => vec![meter.range_lu().expect("a range")],
        // The first value stands at the window's own end.
        "S_range" | "S_const_after_3s" => range(&short_term[299..]),
        "M_range_after_1s" | "M_const_after_1s" => range(&momentary[99..]),
        "S_max_per_segment" => per_segment(short_term),
        "M_max_per_segment" => per_segment(momentary),
        other => panic!("what is {other}?"),
    }
}

fn assert_readings(rate_hz: f64) {
    let vectors = loudness_vectors();
    let mut checked = 0;
    for case in list(&vectors["cases"]).iter().filter(|case| number(&case["fs"]) == rate_hz) {
        let course = Course::of(&powers(case));
        for (of, tolerance) in [("ref", None), ("ebu_expect", Some(number(&case["tol"])))] {
            for (name, want) in case[of].as_object().expect("names and values") {
                if name == "segment_s" {
                    continue;
                }
                let tolerance = tolerance.unwrap_or(if name == "LRA" { 0.1 } else { 0.02 });
                let found = readings(name, &course, case);
                let want = want
                    .as_array()
                    .map_or_else(|| vec![number(want); found.len()], |w| w.iter().map(number).collect());
                assert_eq!(found.len(), want.len());
                for (found, want) in found.into_iter().zip(want) {
                    checked += 1;
                    assert!(
                        found == want || (found - want).abs() <= tolerance,
                        "{} at {rate_hz} Hz: {name} is {found}, not {want} ({of})",
                        case["id"]
                    );
                }
            }
        }
    }
    assert!(checked > 40, "{checked}");
}

#[test]
fn loudness_at_48_khz_is_the_reference_s_and_the_ebu_s() {
    assert_readings(48_000.0);
}

#[test]
fn loudness_at_44_1_khz_is_the_reference_s_and_the_ebu_s() {
    assert_readings(44_100.0);
}

#[test]
fn loudness_at_96_khz_is_the_reference_s_and_the_ebu_s() {
    assert_readings(96_000.0);
}

/// EBU Tech 3341, cases 10 and 13, whole: the tone may begin at any time.
#[test]
fn the_highest_loudness_of_a_tone_does_not_depend_on_when_it_begins() {
    for n in 0..20u32 {
        let meter = |rest_ms: u32, tone_ms: u32| {
            let tone = sine(1_000.0, 0.0, 48_000.0, 48 * tone_ms as usize);
            let mut side = vec![0.0; 48 * (n * rest_ms) as usize];
            side.extend(tone.into_iter().map(|x| x * db_to_gain(-23.0) as f32));
            side.resize(side.len() + 48_000, 0.0);
            let mut meter = LoudnessMeter::new();
            KWeighting::new(48_000.0).process(&side, &side, |power| meter.push(power));
            meter
        };
        let short_term = meter(150, 3_000).short_term_max_lufs();
        assert!((short_term + 23.0).abs() <= 0.1, "file {n} of case 10: {short_term}");
        let momentary = meter(20, 400).momentary_max_lufs();
        assert!((momentary + 23.0).abs() <= 0.1, "file {n} of case 13: {momentary}");
    }
}

/// Sounds, noises and rests of any level and length, different on either side.
fn programme(random: &mut Random, rate_hz: f64, seconds: f64) -> Stereo {
    let mut sound = Stereo::default();
    while (sound[0].len() as f64) < seconds * rate_hz {
        let frames = (f64::from(random.between(0.05, 3.0)) * rate_hz) as usize;
        let parts = match random.below(4) {
            0 => constant(0.0, frames),
            1 => both(sine(f64::from(random.between(30.0, 15_000.0)), 0.0, rate_hz, frames)),
            _ => [noise(random.bits(), frames), noise(random.bits(), frames)],
        };
        let gain = db_to_gain(f64::from(random.between(-60.0, 0.0)));
        for (side, part) in sound.iter_mut().zip(parts) {
            let gain = (gain * db_to_gain(f64::from(random.between(-6.0, 6.0)))) as f32;
            side.extend(part.into_iter().map(|x| gain * x));
        }
    }
    sound
}

#[test]
fn loudness_of_any_programme_is_that_of_another_implementation() {
    for (seed, rate_hz) in (0..).zip([44_100, 44_100, 48_000, 48_000, 48_000, 88_200, 96_000, 192_000u32]) {
        let mut random = Random::new(seed);
        let sound = programme(&mut random, f64::from(rate_hz), 25.0);
        let mut other = EbuR128::new(2, rate_hz, Mode::I | Mode::M | Mode::S).expect("a meter");
        let mut weighting = KWeighting::new(f64::from(rate_hz));
        let mut meter = LoudnessMeter::new();
        let near = |ours: f64, theirs: f64, name: &str| {
            // Below, theirs shows what rounding leaves of a filter's sound.
            if ours.max(theirs) > -100.0 {
                assert!(
                    (ours - theirs).abs() <= 0.05,
                    "{name}, seed {seed}, {rate_hz} Hz: {ours}, not {theirs}"
                );
            }
        };
        // Every 0.7 s: at the end of a slot, of a hop now and then.
        let step = rate_hz as usize / 10 * 7;
        for (left, right) in sound[0].chunks(step).zip(sound[1].chunks(step)) {
            weighting.process(left, right, |power| meter.push(power));
            other.add_frames_planar_f32(&[left, right]).expect("it takes sound");
            if left.len() == step && meter.measured_s() >= 0.4 {
                near(meter.momentary_lufs(), other.loudness_momentary().unwrap(), "M");
            }
            if left.len() == step && meter.measured_s() >= 3.0 {
                near(meter.short_term_lufs(), other.loudness_shortterm().unwrap(), "S");
            }
        }
        near(meter.integrated_lufs(), other.loudness_global().unwrap(), "I");
    }
}

/// Integrated loudness and range of these powers, from lists of all values.
fn plain(powers: &[f64]) -> (f64, f64) {
    let mean = |powers: &[f64]| powers.iter().sum::<f64>() / powers.len() as f64;
    let windows = |slots: usize| {
        let means = powers.windows(slots).skip((10 - slots % 10) % 10).step_by(10).map(mean);
        means.filter(|power| lufs(*power) > -70.0).collect::<Vec<_>>()
    };
    let gated = |values: Vec<f64>, gate_lu: f64| {
        let gate = lufs(mean(&values)) - gate_lu;
        values.into_iter().filter(|power| lufs(*power) > gate).collect::<Vec<_>>()
    };
    let blocks = gated(windows(40), 10.0);
    let mut short_terms = gated(windows(300), 20.0);
    short_terms.sort_by(f64::total_cmp);
    let at = |share: f64| lufs(short_terms[((short_terms.len() - 1) as f64 * share).round() as usize]);
    (lufs(mean(&blocks)), at(0.95) - at(0.1))
}

/// Powers that wander from -50 to -5 LUFS.
fn wandering(seed: u64, slots: usize) -> Vec<f64> {
    let mut random = Random::new(seed);
    let (mut level_db, mut to_db) = (-20.0, -20.0);
    (0..slots)
        .map(|slot| {
            if slot % 150 == 0 {
                to_db = f64::from(random.between(-50.0, -5.0));
            }
            level_db += 0.05 * (to_db - level_db);
            10f64.powf((level_db + f64::from(random.between(-3.0, 3.0))) / 10.0)
        })
        .collect()
}

#[test]
fn integrated_loudness_and_range_are_those_of_lists_of_all_values() {
    let mut worst = [0.0f64; 2];
    for seed in 0..200 {
        let powers = wandering(seed, 400 + 100 * seed as usize);
        let meter = Course::of(&powers).meter;
        let (integrated, range) = plain(&powers);
        worst[0] = worst[0].max((meter.integrated_lufs() - integrated).abs());
        worst[1] = worst[1].max((meter.range_lu().expect("a range") - range).abs());
    }
    assert!(worst[0] < 0.02 && worst[1] < 0.15, "{worst:?}");
}

#[test]
fn a_day_leaves_no_trace() {
    const DAY: usize = 24 * 360_000;
    // An hour's powers over and over, between which it thunders: what was loud must not be left in what
    // is quiet.
    let hour = wandering(7, 360_000);
    let mut meter = LoudnessMeter::new();
    no_alloc(|| {
        for slot in 0..DAY {
            meter.push(if slot % 1_000_003 == 0 { 1e12 } else { hour[slot % hour.len()] });
        }
        let powers = &hour[hour.len() - 300..];
        let mean = |powers: &[f64]| lufs(powers.iter().sum::<f64>() / powers.len() as f64);
        assert!((meter.momentary_lufs() - mean(&powers[260..])).abs() < 1e-9);
        assert!((meter.short_term_lufs() - mean(powers)).abs() < 1e-9);
        assert_eq!(meter.measured_s(), 86_400.0);
        (0..300).for_each(|_| meter.push(0.0));
        assert_eq!((meter.momentary_lufs(), meter.short_term_lufs()), (f64::NEG_INFINITY, f64::NEG_INFINITY));
    });

    let mut meter = LoudnessMeter::new();
    (0..DAY).for_each(|slot| meter.push(hour[slot % hour.len()]));
    let (integrated, range) = plain(&hour);
    let range_found = meter.range_lu().expect("a range");
    assert!(
        (meter.integrated_lufs() - integrated).abs() < 0.005,
        "{}, not {integrated}",
        meter.integrated_lufs()
    );
    assert!((range_found - range).abs() < 0.05, "{range_found}, not {range}");
}

#[test]
fn silence_and_what_is_shorter_than_a_block_have_no_loudness() {
    let nothing = |meter: &LoudnessMeter| {
        let all = [meter.momentary_lufs(), meter.momentary_max_lufs(), meter.integrated_lufs()];
        assert_eq!(all, [f64::NEG_INFINITY; 3]);
        assert_eq!([meter.short_term_lufs(), meter.short_term_max_lufs()], [f64::NEG_INFINITY; 2]);
        assert_eq!(meter.range_lu(), None);
    };
    let mut meter = LoudnessMeter::new();
    nothing(&meter);
    (0..39).for_each(|_| meter.push(0.1));
    nothing(&meter);
    assert_eq!(meter.measured_s(), 0.39);
    meter.push(0.1);
    for reading in [meter.momentary_lufs(), meter.momentary_max_lufs(), meter.integrated_lufs()] {
        assert!((reading - lufs(0.1)).abs() < 1e-9, "{reading}");
    }
    assert_eq!(meter.short_term_lufs(), f64::NEG_INFINITY, "3 s are not full");
    meter.reset();
    nothing(&meter);
    (0..1_000).for_each(|_| meter.push(0.0));
    nothing(&meter);
    // A faint hiss below the gate is momentary and short-term loudness alone.
    (0..1_000).for_each(|_| meter.push(1e-8));
    assert!(meter.short_term_max_lufs() > -81.0 && meter.momentary_max_lufs() > -81.0);
    assert_eq!((meter.integrated_lufs(), meter.range_lu()), (f64::NEG_INFINITY, None));
}

#[test]
fn a_steady_sound_has_no_range_whatever_its_level() {
    for step in 0..1_000 {
        let power = 10f64.powf(-0.007 * f64::from(step) + 0.45);
        let mut meter = LoudnessMeter::new();
        (0..500).for_each(|_| meter.push(power));
        assert!(meter.range_lu().expect("a range") < 1e-9, "at {} LUFS", lufs(power));
        assert!((meter.integrated_lufs() - lufs(power)).abs() < 1e-9);
    }
}

#[test]
fn lost_slots_mark_a_meter_until_it_begins_anew() {
    let mut meter = LoudnessMeter::new();
    assert!(!meter.is_incomplete());
    meter.lose_slots();
    (0..5_000).for_each(|_| meter.push(0.1));
    assert!(meter.is_incomplete());
    meter.reset();
    assert!(!meter.is_incomplete());
}

#[test]
fn powers_that_are_no_numbers_are_silence() {
    let mut meter = LoudnessMeter::new();
    for power in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, 1e-300].repeat(200) {
        meter.push(power);
    }
    assert_eq!(meter.momentary_max_lufs(), f64::NEG_INFINITY);
    (0..300).for_each(|_| meter.push(0.1));
    assert!((meter.short_term_lufs() - lufs(0.1)).abs() < 1e-9);
}

/// The powers of a sound given in blocks of these lengths, over and over.
fn powers_in_blocks(sound: &Stereo, rate_hz: f64, blocks: &[usize]) -> Vec<f64> {
    let mut weighting = KWeighting::new(rate_hz);
    let mut powers = Vec::with_capacity(sound[0].len());
    let mut at = 0;
    for block in blocks.iter().cycle() {
        let span = at..(at + block).min(sound[0].len());
        no_alloc(|| weighting.process(&sound[0][span.clone()], &sound[1][span.clone()], |p| powers.push(p)));
        at = span.end;
        if at == sound[0].len() {
            return powers;
        }
    }
    unreachable!("the blocks never end")
}

#[test]
fn weighting_depends_on_no_block_size_and_takes_garbage_for_silence() {
    let mut sound = [noise(1, 9_999), noise(2, 9_999)];
    let whole = powers_in_blocks(&sound, 44_100.0, &[9_999]);
    assert_eq!(whole.len(), 22);
    assert_eq!(whole, powers_in_blocks(&sound, 44_100.0, &[1, 2, 700, 31]));
    let hole = 500..520;
    sound.iter_mut().for_each(|side| side[hole.clone()].fill(0.0));
    let silent = powers_in_blocks(&sound, 44_100.0, &[64]);
    for garbage in [f32::NAN, f32::INFINITY, -1e30, 1e-40] {
        sound.iter_mut().for_each(|side| side[hole.clone()].fill(garbage));
        assert_eq!(silent, powers_in_blocks(&sound, 44_100.0, &[64]));
    }
}

#[test]
fn weighting_rings_down_to_exact_silence() {
    for rate_hz in [8_000.0, 44_100.0, 192_000.0, 384_000.0] {
        let frames = rate_hz as usize;
        let mut sound = [noise(3, frames), noise(4, frames)];
        sound.iter_mut().for_each(|side| side.resize(3 * frames, 0.0));
        let powers = powers_in_blocks(&sound, rate_hz, &[512]);
        assert_eq!(powers.last(), Some(&0.0), "at {rate_hz} Hz");
        assert!(powers.iter().all(|power| *power == 0.0 || *power > 1e-100));
    }
}

/// True peaks in dBTP of a sound given in blocks of these lengths, over and over.
fn true_peaks_db(sound: &Stereo, rate_hz: f64, blocks: &[usize]) -> [f64; 2] {
    let mut meter = TruePeak::new(rate_hz);
    let mut at = 0;
    for block in blocks.iter().cycle() {
        let end = (at + block).min(sound[0].len());
        no_alloc(|| meter.process(&sound[0][at..end], &sound[1][at..end]));
        at = end;
        if at == sound[0].len() {
            break;
        }
    }
    meter.peaks().map(|peak| gain_to_db(f64::from(peak)))
}

#[test]
fn true_peaks_are_the_ebu_s_and_nearer_the_truth_than_the_standard_s_own_filter() {
    let vectors = true_peak_vectors();
    for case in list(&vectors["cases"]) {
        let rate_hz = number(&case["fs"]);
        let sound: Vec<f32> = if let Some(samples) = case.get("samples") {
            list(samples).iter().map(|x| number(x) as f32).collect()
        } else if let Some(noise) = case.get("samples_lcg") {
            let frames = number(&noise["n"]) as usize;
            let noise = (number(&noise["seed"]) as u64, number(&noise["amp"]));
            reference_noise(noise.0, frames).map(|x| (noise.1 * x) as f32).collect()
        } else {
            let step = TAU * number(&case["f_over_fs"]);
            let phase = number(&case["phase_deg"]).to_radians();
            let fade_frames = number(&case["fade_in_s"]) * rate_hz;
            (0..(number(&case["dur_s"]) * rate_hz) as usize)
                .map(|n| {
                    let fade = 0.5 - 0.5 * (PI * (n as f64 / fade_frames).min(1.0)).cos();
                    (number(&case["amp"]) * fade * (step * n as f64 + phase).sin()) as f32
                })
                .collect()
        };
        let [left, right] = true_peaks_db(&[sound.clone(), vec![0.0; sound.len()]], rate_hz, &[512]);
        assert_eq!(right, f64::NEG_INFINITY);
        if let Some(want) = case.get("ebu_expect_dbtp") {
            let [under, over] = [0, 1].map(|i| number(&case["tol"][i]));
            let off = left - number(want);
            assert!((under..=over).contains(&off), "{} at {rate_hz} Hz: {left}, not {want}", case["id"]);
        }
        let truth = number(&case["true_dbtp"]);
        let standard_off = (number(&case["itu_fir_dbtp"]) - truth).abs();
        assert!((left - truth).abs() <= standard_off + 0.01, "{} at {rate_hz} Hz: {left}", case["id"]);
    }
}

/// Peaks of sines up to 0.42 of the sample rate at many phases: how far they may be off, in dB.
#[test]
fn true_peaks_of_sines_are_as_near_as_four_points_per_frame_allow() {
    let mut off = [f64::INFINITY, f64::NEG_INFINITY];
    for of_rate in (1..=42).map(|percent| f64::from(percent) / 100.0) {
        for phase in 0..16 {
            let phase = f64::from(phase) * PI / 16.0;
            let sound: Vec<f32> = (0..1_200)
                .map(|n| {
                    let fade = 0.5 - 0.5 * (PI * (f64::from(n) / 600.0).min(1.0)).cos();
                    (fade * (TAU * of_rate * f64::from(n) + phase).sin()) as f32
                })
                .collect();
            let [db, _] = true_peaks_db(&both(sound), 48_000.0, &[256]);
            // Half-way between two of the four points, the wave has fallen off by this much.
            let between_db = gain_to_db((PI * of_rate / 4.0).cos());
            off = [off[0].min(db - between_db), off[1].max(db)];
        }
    }
    assert!(off[0] > -0.1 && off[1] < 0.1, "{off:?}");
}

#[test]
fn true_peak_depends_on_no_block_size_and_takes_garbage_for_silence() {
    for rate_hz in [44_100.0, 96_000.0, 192_000.0] {
        let mut sound = [noise(5, 5_001), noise(6, 5_001)];
        let whole = true_peaks_db(&sound, rate_hz, &[5_001]);
        assert!(rate_hz >= 192_000.0 || whole.iter().all(|db| *db > 0.5), "{whole:?}");
        for blocks in [&[1][..], &[32], &[7, 64, 65, 1, 300]] {
            assert_eq!(true_peaks_db(&sound, rate_hz, blocks), whole);
        }
        let hole = 100..2_000;
        sound.iter_mut().for_each(|side| side[hole.clone()].fill(0.0));
        let silent = true_peaks_db(&sound, rate_hz, &[64]);
        for garbage in [f32::NAN, f32::NEG_INFINITY, 1e30, 1e-40] {
            sound.iter_mut().for_each(|side| side[hole.clone()].fill(garbage));
            assert_eq!(true_peaks_db(&sound, rate_hz, &[64]), silent);
        }
    }
}

#[test]
fn a_true_peak_is_never_below_the_samples_and_can_be_taken() {
    let mut meter = TruePeak::new(48_000.0);
    meter.process(&[0.25, -0.5], &[0.0, 0.125]);
    assert_eq!(meter.peaks(), [0.5, 0.125], "at once");
    assert_eq!(meter.take(), [0.5, 0.125]);
    assert_eq!(meter.peaks(), [0.0, 0.0]);
    meter.process(&[0.0; 8], &[0.0; 8]);
    assert!(meter.peaks()[0] > 0.25, "what lies between comes later");
    meter.reset();
    meter.process(&[0.0; 8], &[0.0; 8]);
    assert_eq!(meter.peaks(), [0.0, 0.0]);
}
