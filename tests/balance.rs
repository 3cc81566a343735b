//! Learn and balance: the algorithm against an independent program (`vectors/autobalance.json`), the summary
//! against all blocks, and whatever else is handed in.

mod support;

use serde_json::{Value, json};
use std::sync::OnceLock;
use stemwright::balance::{Kept, Learned, MIN_ACTIVE_S, Solution, Song, StemNow, output_cut_db, solve};
use stemwright::model::document::{Document, MAX_BYTES};
use stemwright::model::learned::{Fingerprint, LearnedBalance, PAIRS, Record, StemLoudness, Summary, pair};
use stemwright::model::limits::{Role, STEMS, StripParam};
use stemwright::model::settings::StripSettings;
use stemwright::model::target::{Preset, Target};
use support::choose::Choose;
use support::random::{Random, any_value};

#[global_allocator]
static ALLOCATOR: support::no_alloc::Watched = support::no_alloc::Watched;

// The algorithm against the vectors.

/// Roles enough to give every stem of the vectors an offset of its own; the lead's is not among them.
const ROLES: [Role; 6] = [Role::Drums, Role::Bass, Role::Guitars, Role::Keys, Role::Winds, Role::Strings];

fn vectors() -> &'static Value {
    static VECTORS: OnceLock<Value> = OnceLock::new();
    VECTORS.get_or_init(|| {
        serde_json::from_str(include_str!("vectors/autobalance.json")).expect("the vectors are JSON")
    })
}

fn numbers(value: &Value) -> Vec<f64> {
    let number = |value: &Value| match value {
        Value::String(text) => text.parse().expect("a number as text"),
        other => other.as_f64().expect("a number"),
    };
    value.as_array().expect("a list").iter().map(number).collect()
}

/// The blocks of a case, with its cross energies where it has them.
fn records(case: usize) -> Vec<Record> {
    let cases = vectors()["cases"].as_array().expect("cases");
    let from = if cases[case]["blocks"].is_string() { case - 1 } else { case };
    let stems: Vec<_> = cases[from]["blocks"].as_array().expect("stems").iter().map(numbers).collect();
    let mut records = vec![[0.0; PAIRS]; stems[0].len()];
    for (stem, energies) in stems.iter().enumerate() {
        records.iter_mut().zip(energies).for_each(|(r, energy)| r[pair(stem, stem)] = *energy as f32);
    }
    let pairs = cases[case]["pairs"].as_array().into_iter().flatten().map(numbers);
    for (stems, cross) in pairs.zip(cases[case]["cross"].as_array().into_iter().flatten()) {
        let at = pair(stems[0] as usize, stems[1] as usize);
        records.iter_mut().zip(numbers(cross)).for_each(|(r, energy)| r[at] = energy as f32);
    }
    records
}

/// The stems and the target of a case.
fn problem(case: usize) -> ([StemNow; STEMS], Target) {
    let params = &vectors()["cases"][case]["params"];
    let lead = params["lead"].as_u64().map(|stem| stem as usize);
    let now = if params["cur_db"].is_null() { vec![0.0; 6] } else { numbers(&params["cur_db"]) };
    let mut stems = [StemNow::default(); STEMS];
    let mut target = Target {
        lead_to_rest_lu: params["lar"].as_f64().map(|lu| lu as f32),
        loudness_lufs: params["target"].as_f64().map(|lufs| lufs as f32),
        ..Target::of(Preset::Even)
    };
    for (stem, offset) in numbers(&params["offsets"]).into_iter().enumerate() {
        let role = if lead == Some(stem) { Role::Lead } else { ROLES[stem] };
        stems[stem] = StemNow { role, gain_db: now[stem], ..StemNow::default() };
        target.offsets_lu[role as usize] = offset as f32;
    }
    (stems, target)
}

#[test]
fn balances_are_those_of_the_independent_program() {
    let tolerance_db = vectors()["tol_abs_db"].as_f64().expect("a tolerance");
    let near = |found: f64, expected: f64, what: &str| {
        assert!(
            found == expected || (found - expected).abs() <= tolerance_db,
            "{what}: {found} instead of {expected}"
        );
    };
    for (case, expected) in vectors()["cases"].as_array().expect("cases").iter().enumerate() {
        let id = expected["id"].as_str().expect("an id");
        let song = Song::new(records(case));
        let (stems, target) = problem(case);
        let solution = solve(&song, &stems, &target);
        for (stem, lufs) in numbers(&expected["stem_lufs"]).into_iter().enumerate() {
            near(f64::from(song.stems()[stem].lufs), lufs, &format!("{id}: loudness of stem {stem}"));
        }
        for (stem, gain_db) in numbers(&expected["gains_db"]).into_iter().enumerate() {
            near(solution.stems[stem].gain_db, gain_db, &format!("{id}: gain of stem {stem}"));
            let used = expected["used"][stem].as_bool().expect("a flag");
            assert_eq!(solution.stems[stem].kept.is_none(), used, "{id}: stem {stem}");
        }
        if !expected["active_blocks"].is_null() {
            for (stem, blocks) in numbers(&expected["active_blocks"]).into_iter().enumerate() {
                let active_s = if blocks > 0.0 { blocks * 0.1 + 0.3 } else { 0.0 };
                near(f64::from(song.stems()[stem].active_s), active_s, &format!("{id}: stem {stem} sounds"));
            }
        }
        near(solution.after.lufs, expected["mix_lufs"].as_f64().expect("a loudness"), id);
        if let Some(lu) = target.lead_to_rest_lu {
            near(solution.after.lead_to_rest_lu.expect("a lead"), f64::from(lu), id);
        }
    }
}

// Programmes.

/// A song in hops of 100 ms: sections in which stems play or rest, phrases and hits, a fade, stems that are coherent.
fn programme(random: &mut Random, seconds: usize) -> Vec<Record> {
    let hops = seconds * 10;
    let stems = 4 + random.below(STEMS - 3);
    let ends: Vec<usize> = (0..hops).step_by(80 + random.below(160)).collect();
    let dynamics: Vec<f32> = ends.iter().map(|_| random.between(-4.0, 0.0)).collect();
    let fades = random.below(2) == 0;
    let mut energies = vec![[0f32; STEMS]; hops];
    for stem in 0..stems {
        let level_db = random.between(-34.0, -16.0);
        let presence = if stem == 0 { 1.0 } else { random.between(0.3, 1.0) };
        let plays: Vec<bool> = ends.iter().map(|_| random.between(0.0, 1.0) < presence).collect();
        let (style, swing_db) = (random.below(3), random.between(0.5, 4.0));
        let (hit, decay_db) = (3 + random.below(17), random.between(0.3, 3.0));
        let (phrase, rest) = (20 + random.below(40), random.below(12));
        let mut wander_db = 0.0;
        for (hop, energies) in energies.iter_mut().enumerate() {
            wander_db = 0.9 * wander_db + 0.25 * swing_db * random.between(-3.0, 3.0);
            let section = hop / ends.get(1).copied().unwrap_or(hops);
            let mut db = level_db + wander_db + dynamics[section];
            match style {
                1 => db -= decay_db * (hop % hit) as f32,
                2 if hop % phrase < rest => db -= 45.0,
                _ => {}
            }
            if fades && hop + 150 > hops {
                db -= (hop + 150 - hops) as f32 * 0.3;
            }
            energies[stem] = if plays[section] { 10f32.powf(db / 10.0) } else { 0.0 };
        }
    }
    let mut coherence = [0f32; PAIRS];
    for at in &mut coherence {
        *at = if random.below(12) == 0 { random.between(0.2, 0.9) } else { random.between(-0.08, 0.08) };
    }
    energies
        .iter()
        .map(|energies| {
            let mut record = [0.0; PAIRS];
            for a in 0..STEMS {
                record[pair(a, a)] = energies[a];
                for b in a + 1..STEMS {
                    let coherence = (coherence[pair(a, b)] + random.between(-0.1, 0.1)).clamp(-1.0, 1.0);
                    record[pair(a, b)] = coherence * (energies[a] * energies[b]).sqrt();
                }
            }
            record
        })
        .collect()
}

/// Learns hops of 100 ms.
fn learn(hops: &[Record]) -> Learned {
    let mut learned = Learned::default();
    for hop in hops {
        (0..10).for_each(|_| assert!(learned.push(hop)));
    }
    learned
}

fn tone(energies: &[f32]) -> Record {
    let mut record = [0.0; PAIRS];
    energies.iter().enumerate().for_each(|(stem, energy)| record[pair(stem, stem)] = *energy);
    record
}

fn again(stems: &[StemNow; STEMS], solution: &Solution) -> [StemNow; STEMS] {
    std::array::from_fn(|stem| StemNow { gain_db: solution.stems[stem].gain_db, ..stems[stem] })
}

fn any_stems(random: &mut Random) -> [StemNow; STEMS] {
    std::array::from_fn(|_| StemNow {
        role: Role::ALL[random.below(Role::ALL.len())].0,
        gain_db: f64::from(random.between(-12.0, 12.0)),
        muted: random.below(12) == 0,
        locked: random.below(8) == 0,
    })
}

// Learning.

#[test]
fn blocks_are_means_over_400_ms_every_100_ms() {
    let hops: Vec<Record> = [0.04, 0.08, 0.0, 0.0, 0.0, 0.12].iter().map(|e| tone(&[*e])).collect();
    let learned = learn(&hops);
    assert_eq!(learned.seconds(), 0.6);
    // Blocks: 0.03, 0.02, 0.03; all of them pass the gates.
    let expected = -0.691 + 10.0 * (0.08f64 / 3.0).log10();
    assert!((f64::from(learned.stems()[0].lufs) - expected).abs() < 1e-4, "{:?}", learned.stems()[0]);
    assert!((learned.stems()[0].active_s - 0.6).abs() < 1e-6);
    assert_eq!(learned.stems()[1], StemLoudness::default());
}

#[test]
fn a_block_never_spans_a_break() {
    let mut learned = learn(&[tone(&[1.0]), tone(&[1.0]), tone(&[1.0])]);
    learned.break_off();
    (0..39).for_each(|_| assert!(learned.push(&tone(&[0.01]))));
    assert_eq!(learned.seconds(), 0.0);
    assert!(learned.push(&tone(&[0.01])));
    assert!((f64::from(learned.stems()[0].lufs) - -20.691).abs() < 1e-4);
}

#[test]
fn pauses_take_no_room_and_fifteen_minutes_are_all() {
    let mut learned = Learned::default();
    (0..1000).for_each(|_| assert!(learned.push(&tone(&[]))));
    assert_eq!((learned.seconds(), learned.progress()), (0.0, 0.0));
    learned.break_off();
    let mut taken = 0;
    while learned.push(&tone(&[0.01, 0.02])) {
        taken += 1;
    }
    assert!(learned.is_full());
    assert_eq!(taken, Learned::MAX_BLOCKS * 10 + 30, "15 minutes");
    assert_eq!(learned.progress(), 1.0);
    assert_eq!(learned.summary().groups.iter().flat_map(|g| &g.levels).map(|l| l.blocks).sum::<u32>(), 9000);
}

#[test]
fn learning_allocates_a_minute_at_a_time() {
    let mut learned = learn(&[tone(&[0.01]); 4]);
    support::no_alloc::no_alloc(|| {
        (0..599 * 10).for_each(|_| assert!(learned.push(&tone(&[0.01]))));
    });
}

// The summary.

#[test]
fn a_summary_predicts_the_loudness_of_any_mix() {
    let mut errors = Vec::new();
    let mut sizes = Vec::new();
    for seed in 0..24 {
        let mut random = Random::new(seed);
        let seconds = 60 + random.below(840);
        let learned = learn(&programme(&mut random, seconds));
        let song = learned.song();
        let value = learned.summary().to_value();
        sizes.push(value.to_string().len());
        let summary = Summary::from_value(&value).expect("ours");
        let short = Song::from(&summary);
        for _ in 0..24 {
            let gains: [f64; STEMS] =
                std::array::from_fn(|_| 10f64.powf(f64::from(random.between(-12.0, 12.0)) / 20.0));
            errors.push((song.loudness_lufs(&gains) - short.loudness_lufs(&gains)).abs());
        }
    }
    errors.sort_by(f64::total_cmp);
    let quantile = |q: f64| errors[((errors.len() - 1) as f64 * q) as usize];
    let size = sizes.iter().max().expect("sizes");
    println!(
        "summary: median {:.4}, 95 % {:.4}, 99 % {:.4}, worst {:.4} LU; at most {size} bytes",
        quantile(0.5),
        quantile(0.95),
        quantile(0.99),
        quantile(1.0)
    );
    // What is left are mixes in which a steady stem lies right at the gate.
    assert!(quantile(0.99) < 0.05 && quantile(1.0) < 0.15, "{errors:?}");
    assert!(*size < 25_000, "{size}");
}

#[test]
fn a_summary_of_real_stems_keeps_their_coherence() {
    let learned = learn(&records(4));
    let short = Song::from(&learned.summary());
    let mut random = Random::new(5);
    for _ in 0..200 {
        let gains: [f64; STEMS] =
            std::array::from_fn(|_| 10f64.powf(f64::from(random.between(-12.0, 12.0)) / 20.0));
        let error = short.loudness_lufs(&gains) - learned.song().loudness_lufs(&gains);
        assert!(error.abs() < 0.05, "{error}");
    }
    let (stems, target) = problem(4);
    let (whole, short) = (solve(&learned.song(), &stems, &target), solve(&short, &stems, &target));
    for (a, b) in whole.stems.iter().zip(&short.stems) {
        assert!((a.gain_db - b.gain_db).abs() < 0.05, "{a:?} {b:?}");
    }
}

#[test]
fn a_balance_solved_from_a_summary_is_that_of_all_blocks() {
    let mut worst: f64 = 0.0;
    let mut all = Vec::new();
    for seed in 0..12 {
        let mut random = Random::new(1000 + seed);
        let learned = learn(&programme(&mut random, 240));
        let summary = learned.summary();
        for preset in [Preset::Pop, Preset::Even] {
            let stems = any_stems(&mut random);
            let whole = solve(&learned.song(), &stems, &Target::of(preset));
            let short = solve(&Song::from(&summary), &stems, &Target::of(preset));
            for (a, b) in whole.stems.iter().zip(&short.stems) {
                assert_eq!(a.kept.is_some(), b.kept.is_some());
                let error = if a.kept.is_some() { 0.0 } else { (a.gain_db - b.gain_db).abs() };
                worst = worst.max(error);
                all.push(error);
            }
        }
    }
    all.sort_by(f64::total_cmp);
    println!("gains from a summary: 95 % {:.4}, worst {worst:.4} dB", all[all.len() * 95 / 100]);
    assert!(worst < 0.3, "{worst}");
}

#[test]
fn a_summary_comes_back_exactly_or_not_at_all() {
    for seed in 0..6 {
        let mut random = Random::new(seed);
        let summary = learn(&programme(&mut random, 60)).summary();
        let text = summary.to_value().to_string();
        let read: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(Summary::from_value(&read).as_ref(), Some(&summary));
        for _ in 0..300 {
            let damaged = random.bytes(&[text.as_bytes()]);
            let Ok(value) = serde_json::from_slice::<Value>(&damaged) else { continue };
            if let Some(read) = Summary::from_value(&value) {
                assert_eq!(Summary::from_value(&read.to_value()), Some(read.clone()));
                let solution = solve(&Song::from(&read), &any_stems(&mut random), &Target::default());
                assert_sane(&solution);
            }
        }
    }
    let nothing = Learned::default().summary();
    assert_eq!(Summary::from_value(&nothing.to_value()), Some(nothing));
    assert_eq!(Summary::from_value(&json!(null)), None);
}

// Solving.

#[test]
fn a_second_run_moves_nothing() {
    for seed in 0..30 {
        let mut random = Random::new(seed);
        let learned = learn(&programme(&mut random, 90));
        let song = learned.song();
        let stems = any_stems(&mut random);
        for (preset, _) in Preset::ALL {
            let first = solve(&song, &stems, &Target::of(preset));
            let second = solve(&song, &again(&stems, &first), &Target::of(preset));
            for (stem, proposal) in second.stems.iter().enumerate() {
                assert!(
                    proposal.change_db.abs() < 0.05,
                    "seed {seed}, {preset:?}, stem {stem}: {proposal:?} after {:?}",
                    first.stems[stem]
                );
            }
            assert_eq!(first, solve(&song, &stems, &Target::of(preset)), "the same again");
        }
    }
}

#[test]
fn before_and_after_are_equally_loud_unless_a_loudness_is_asked_for() {
    for seed in 0..10 {
        let mut random = Random::new(seed);
        let learned = learn(&programme(&mut random, 60));
        let song = learned.song();
        let stems = any_stems(&mut random).map(|stem| StemNow { locked: false, muted: false, ..stem });
        for amount in [0.0, 0.3, 1.0] {
            let target = Target { amount, ..Target::default() };
            let solution = solve(&song, &stems, &target);
            assert!((solution.after.lufs - solution.before.lufs).abs() < 1e-6, "{solution:?}");
            let louder = solve(&song, &stems, &Target { loudness_lufs: Some(-23.0), ..target });
            assert!((louder.after.lufs + 23.0).abs() < 1e-6, "{louder:?}");
        }
    }
}

#[test]
fn locked_muted_closed_short_and_silent_stems_keep_their_gain_and_say_why() {
    let mut hops = vec![tone(&[0.01, 0.02, 0.03, 0.04, 0.0, 0.02, 0.01]); 100];
    hops[..20].fill(tone(&[0.01, 0.02, 0.03, 0.04, 0.1, 0.02, 0.01]));
    let learned = learn(&hops);
    assert!(learned.stems()[4].active_s < MIN_ACTIVE_S);
    let mut stems = [StemNow { role: Role::Keys, ..StemNow::default() }; STEMS];
    stems[0].locked = true;
    stems[1].muted = true;
    stems[2].gain_db = f64::NEG_INFINITY;
    let solution = solve(&learned.song(), &stems, &Target::default());
    let kept: Vec<_> = solution.stems.iter().map(|stem| stem.kept).collect();
    assert_eq!(kept[..4], [Some(Kept::Locked), Some(Kept::Muted), Some(Kept::Closed), None]);
    assert!(matches!(kept[4], Some(Kept::TooShort(_))));
    assert_eq!(kept[5..8], [None, None, Some(Kept::Silent)]);
    for (stem, proposal) in solution.stems.iter().enumerate() {
        if proposal.kept.is_some() {
            assert_eq!((proposal.gain_db, proposal.change_db), (stems[stem].gain_db, 0.0));
        }
    }
    let words = solution.sentences.join(" ");
    for part in ["Stem 03 keeps its gain: open its fader", "Stem 05 keeps its gain: it was heard for 2."] {
        assert!(words.contains(part), "{words}");
    }
}

#[test]
fn others_are_balanced_around_a_locked_stem() {
    let learned = learn(&vec![tone(&[0.01, 0.001, 0.1, 0.02]); 200]);
    let mut stems = [StemNow { role: Role::Keys, ..StemNow::default() }; STEMS];
    stems[0] = StemNow { locked: true, gain_db: -3.0, role: Role::Drums, ..StemNow::default() };
    stems[1].role = Role::Lead;
    let solution = solve(&learned.song(), &stems, &Target::of(Preset::Rock));
    assert_eq!(solution.stems[0].gain_db, -3.0);
    assert!((solution.after.lufs - solution.before.lufs).abs() < 1e-6);
    assert!(solution.after.lead_to_rest_lu.expect("a lead").abs() < 1e-6, "{solution:?}");
    // Two of one role are equally loud.
    let level = |stem: usize| f64::from(learned.stems()[stem].lufs) + solution.stems[stem].gain_db;
    assert!((level(2) - level(3)).abs() < 1e-6);
}

#[test]
fn a_lead_alone_among_locked_stems_comes_to_its_ratio() {
    let learned = learn(&vec![tone(&[0.01, 0.04]); 200]);
    let mut stems = [StemNow::default(); STEMS];
    stems[0].locked = true;
    stems[1].role = Role::Lead;
    let solution = solve(&learned.song(), &stems, &Target::of(Preset::Rock));
    assert!((solution.stems[1].gain_db + 6.0206).abs() < 1e-3, "{solution:?}");
}

#[test]
fn a_locked_stem_too_loud_for_the_goal_is_said() {
    let learned = learn(&vec![tone(&[0.1, 0.001, 0.002]); 200]);
    let mut stems = [StemNow::default(); STEMS];
    stems[0].locked = true;
    let target = Target { loudness_lufs: Some(-30.0), ..Target::of(Preset::Even) };
    let solution = solve(&learned.song(), &stems, &target);
    assert_sane(&solution);
    assert!(solution.stems.iter().all(|stem| stem.change_db.abs() < 6.0), "{solution:?}");
    let words = solution.sentences.join(" ");
    assert!(words.contains("not the -30.0 LUFS"), "{words}");
}

#[test]
fn the_amount_is_a_share_of_the_way_in_db() {
    let learned = learn(&vec![tone(&[0.01, 0.001, 0.1, 0.02]); 200]);
    let stems = [StemNow::default(); STEMS];
    let by = |amount| solve(&learned.song(), &stems, &Target { amount, ..Target::of(Preset::Even) });
    let (none, half, all) = (by(0.0), by(0.5), by(1.0));
    for stem in 0..4 {
        assert!(none.stems[stem].change_db.abs() < 1e-9);
        // What the stems do against each other is half of it; all of them together keep the loudness.
        let against = |solution: &Solution| solution.stems[stem].change_db - solution.stems[0].change_db;
        assert!((against(&half) - 0.5 * against(&all)).abs() < 1e-6);
    }
}

#[test]
fn a_gain_stops_at_24_db_and_the_others_make_up_for_it() {
    let learned = learn(&vec![tone(&[1e-6, 0.1, 0.1]); 200]);
    let stems = [StemNow::default(); STEMS];
    let solution = solve(&learned.song(), &stems, &Target::of(Preset::Even));
    assert_eq!(solution.stems[0].gain_db, 24.0);
    assert!(solution.stems[0].is_limited);
    assert!((solution.after.lufs - solution.before.lufs).abs() < 1e-6, "{solution:?}");
    assert!(solution.sentences.iter().any(|s| s.starts_with("Stem 01 stops at +24.0 dB")));
}

#[test]
fn identical_and_opposite_stems_are_predicted_as_they_add() {
    let mut record = tone(&[0.01, 0.01]);
    record[pair(1, 0)] = 0.01;
    let twins = Song::new(vec![record; 100]);
    let alone = twins.loudness_lufs(&std::array::from_fn(|stem| if stem == 0 { 1.0 } else { 0.0 }));
    assert!((twins.loudness_lufs(&[1.0; STEMS]) - alone - 6.0206).abs() < 1e-3);
    record[pair(0, 1)] = -0.01;
    let opposite = Song::new(vec![record; 100]);
    assert_eq!(opposite.loudness_lufs(&[1.0; STEMS]), f64::NEG_INFINITY);
    assert_sane(&solve(&opposite, &[StemNow::default(); STEMS], &Target::default()));
}

#[test]
fn one_stem_keeps_its_level_and_a_missing_lead_is_said() {
    let learned = learn(&vec![tone(&[0.01]); 100]);
    for role in [Role::Lead, Role::Keys] {
        let stems = [StemNow { role, gain_db: -6.0, ..StemNow::default() }; STEMS];
        let solution = solve(&learned.song(), &stems, &Target::default());
        assert!(solution.stems[0].change_db.abs() < 1e-6, "{solution:?}");
        let words = solution.sentences.join(" ");
        assert!(words.contains("lead"), "{words}");
    }
}

#[test]
fn peaks_lower_the_output_and_never_bend_the_balance() {
    let learned = learn(&vec![tone(&[0.1, 0.1]); 100]);
    let stems = [StemNow::default(); STEMS];
    let solution = solve(&learned.song(), &stems, &Target::of(Preset::Even));
    let mut peaks_dbtp = [f64::NEG_INFINITY; STEMS];
    peaks_dbtp[..2].fill(0.0);
    let bound = solution.true_peak_bound_dbtp(&peaks_dbtp);
    assert!((bound - 6.0206).abs() < 1e-3, "{bound}");
    assert!((output_cut_db(bound) + 7.0206).abs() < 1e-3);
    assert_eq!(output_cut_db(-1.0), 0.0);
    assert_eq!(output_cut_db(f64::NEG_INFINITY), 0.0);
    assert_eq!(solution.true_peak_bound_dbtp(&[f64::NAN; STEMS]), f64::NEG_INFINITY);
}

/// Everything a person or an engine would be given is a number.
fn assert_sane(solution: &Solution) {
    for stem in &solution.stems {
        assert!(!stem.gain_db.is_nan() && stem.change_db.is_finite(), "{solution:?}");
        assert!(stem.kept.is_some() || stem.gain_db.is_finite(), "{solution:?}");
        assert!(stem.gain_db <= 36.0, "{solution:?}");
    }
    for loudness in [solution.before, solution.after] {
        assert!(!loudness.lufs.is_nan() && loudness.lufs < 200.0, "{solution:?}");
        assert!(loudness.lead_to_rest_lu.is_none_or(f64::is_finite), "{solution:?}");
    }
    assert!(!solution.sentences.is_empty());
    assert!(!solution.sentences.iter().any(|s| s.contains("NaN")), "{solution:?}");
}

#[test]
fn nonsense_is_balanced_without_a_panic() {
    const ODD: [f32; 10] =
        [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, -1.0, 0.0, 1e-38, 1e-12, 1.0, 1e20, f32::MAX];
    for seed in 0..400 {
        let mut random = Random::new(seed);
        let odd = 1 + random.below(20);
        let number = |random: &mut Random| match random.below(odd) {
            0 => random.one_of(&ODD),
            _ => random.between(-0.1, 1.0),
        };
        let records: Vec<Record> =
            (0..random.below(80)).map(|_| std::array::from_fn(|_| number(&mut random))).collect();
        let stems: [StemNow; STEMS] = std::array::from_fn(|_| StemNow {
            role: Role::ALL[random.below(Role::ALL.len())].0,
            gain_db: f64::from(40.0 * number(&mut random)),
            muted: random.below(5) == 0,
            locked: random.below(5) == 0,
        });
        let target = Target {
            offsets_lu: std::array::from_fn(|_| 20.0 * number(&mut random)),
            lead_to_rest_lu: (random.below(3) > 0).then(|| number(&mut random)),
            loudness_lufs: (random.below(2) > 0).then(|| -30.0 * number(&mut random)),
            amount: number(&mut random),
        };
        assert_sane(&solve(&Song::new(records.clone()), &stems, &target));
        let learned = learn(&records);
        assert_sane(&solve(&learned.song(), &stems, &target));
        let summary = learned.summary();
        assert_eq!(Summary::from_value(&summary.to_value()).as_ref(), Some(&summary), "seed {seed}");
        assert_sane(&solve(&Song::from(&summary), &stems, &target));
    }
}

// Targets.

#[test]
fn a_file_of_targets_names_a_preset_or_its_own_values() {
    let read = |text: &str| Target::from_json(text.as_bytes()).unwrap_or_else(|error| panic!("{error}"));
    for (preset, word) in Preset::ALL {
        let (target, sentences) = read(&format!("{{\"preset\": \"{word}\"}}"));
        assert_eq!((target, sentences), (Target::of(preset), vec![]));
        assert_eq!(target.preset(), Some(preset));
    }
    assert_eq!(read("\u{feff}{}").0, Target::of(Preset::Pop));
    let (target, sentences) = read(
        r#"{"offsets_lu": {"drums": 2, "Bass": -1.5}, "lead_to_rest_lu": "off", "loudness_lufs": -16,
            "amount": 0.8, "preset": "rock"}"#,
    );
    assert_eq!(sentences, [""; 0]);
    assert_eq!((target.offset_lu(Role::Drums), target.offset_lu(Role::Bass)), (2.0, -1.5));
    assert_eq!(target.offset_lu(Role::Effects), -9.0, "as in the preset");
    assert_eq!((target.lead_to_rest_lu, target.loudness_lufs, target.amount), (None, Some(-16.0), 0.8));
    let mut sentences = Vec::new();
    assert_eq!(Target::from_value(&target.to_value(), &mut |s| sentences.push(s)), target);
    assert_eq!(sentences, [""; 0]);
}

#[test]
fn what_targets_cannot_be_is_said_with_what_to_do() {
    let said = |text: &str| {
        let (target, sentences) = Target::from_json(text.as_bytes()).expect("a table");
        assert_eq!(target, target.sane());
        assert_eq!(sentences.len(), 1, "{text}: {sentences:?}");
        sentences.into_iter().next().expect("one")
    };
    for (text, part) in [
        (r#"{"preset": "jazz"}"#, "Write one of \"pop\", \"rock\", \"lead off\", \"even\""),
        (r#"{"presets": "pop"}"#, "They have \"preset\", \"offsets_lu\""),
        (r#"{"offsets_lu": 3}"#, "Write one such as"),
        (r#"{"offsets_lu": {"kazoo": 1}}"#, "Roles are \"unknown\", \"drums\""),
        (r#"{"offsets_lu": {"bass": "loud"}}"#, "write -40 to 40"),
        (r#"{"offsets_lu": {"bass": 400}}"#, "40 was taken: write -40 to 40"),
        (r#"{"lead_to_rest_lu": "yes"}"#, "write -24 to 24, or \"off\""),
        (r#"{"loudness_lufs": 5}"#, "0 was taken: write -60 to 0"),
        (r#"{"loudness_lufs": []}"#, "or \"as before\""),
        (r#"{"amount": -1}"#, "0 was taken: write 0 to 1"),
        (r#"{"amount": null}"#, "write 0 to 1"),
    ] {
        let sentence = said(text);
        assert!(sentence.contains(part), "{text}: {sentence}");
    }
    for (text, part) in [("pop", "write a table"), ("[1]", "write a table"), ("", "write a table")] {
        let error = Target::from_json(text.as_bytes()).expect_err("no targets").to_string();
        assert!(error.contains(part), "{error}");
    }
    assert!(Target::from_json(&vec![b' '; 1 << 20]).is_err());
}

#[test]
fn every_figure_says_where_it_comes_from() {
    for (preset, _) in Preset::ALL {
        for (role, _) in Role::ALL {
            let source = preset.offset(role).source;
            assert_eq!(source == "our default", preset != Preset::Even, "{preset:?} {role:?}");
        }
    }
    assert_eq!(Preset::Pop.lead_to_rest().map(|figure| figure.lu), Some(1.0));
    assert!(Preset::Rock.lead_to_rest().expect("a figure").source.contains("second hand"));
}

// The document.

fn learned_document(seed: u64) -> Document {
    let mut random = Random::new(seed);
    let learned = learn(&programme(&mut random, 60));
    let stems = any_stems(&mut random);
    let target = Target { loudness_lufs: Some(-18.3), ..Target::of(Preset::Rock) };
    let solution = solve(&learned.song(), &stems, &target);
    let mut balance = LearnedBalance { target, song: Some(learned.summary()), ..LearnedBalance::default() };
    for (stem, proposal) in balance.stems.iter_mut().zip(&solution.stems) {
        stem.offset_db = proposal.change_db as f32;
        stem.accepted = random.below(2) == 0;
        stem.locked = random.below(2) == 0;
        stem.fingerprint = (random.below(3) > 0).then(|| Fingerprint::of(&StripSettings::default()));
    }
    Document { learned: Some(balance), ..Document::default() }
}

#[test]
fn what_was_learned_comes_back_with_the_document() {
    for seed in 0..6 {
        let document = learned_document(seed);
        let text = document.to_json();
        assert!(text.len() < MAX_BYTES / 10, "{}", text.len());
        let loaded = Document::from_json(text.as_bytes()).expect("ours");
        assert_eq!(loaded.notices, [""; 0]);
        assert_eq!(loaded.document, document);
        assert_eq!(loaded.document.to_json(), text);
    }
}

#[test]
fn a_state_with_the_fullest_song_has_less_than_64_kb() {
    // Sixteen stems that go their own ways for 15 minutes, and long names.
    let mut random = Random::new(5);
    let hops: Vec<Record> = (0..Learned::MAX_BLOCKS + 3)
        .map(|_| {
            let db: [f32; STEMS] = std::array::from_fn(|_| random.between(-60.0, -10.0));
            std::array::from_fn(|at| {
                let (a, b) =
                    (0..STEMS).flat_map(|a| (a..STEMS).map(move |b| (a, b))).nth(at).expect("a pair");
                let both = 10f32.powf((db[a] + db[b]) / 20.0);
                if a == b { both } else { both * random.between(-0.9, 0.9) }
            })
        })
        .collect();
    let learned = learn(&hops);
    assert!(learned.is_full());
    let song = learned.summary();
    assert_eq!(song.groups.len(), Summary::MAX_GROUPS);
    assert_eq!(song.groups.iter().map(|group| group.levels.len()).sum::<usize>(), Summary::MAX_LEVELS);
    let balance = LearnedBalance { song: Some(song), ..LearnedBalance::default() };
    let mut document = Document { learned: Some(balance), ..Document::default() };
    document.stems.iter_mut().for_each(|stem| stem.rename(&"\u{1F3B8}".repeat(24)));
    let bytes = document.to_json().len();
    println!("the fullest state: {bytes} bytes");
    assert!(bytes < 64_000, "{bytes}");
}

#[test]
fn a_document_of_nothing_learned_says_nothing_of_it() {
    assert!(!Document::default().to_json().contains("learned"));
    assert_eq!(learned_document(0).to_json().matches("\"learned\"").count(), 1);
}

#[test]
fn damage_to_the_song_leaves_the_balance_made_of_it() {
    let document = learned_document(3);
    let text = document.to_json().replacen("\"levels\": \"", "\"levels\": \"!", 1);
    let loaded = Document::from_json(text.as_bytes()).expect("ours");
    assert_eq!(loaded.notices.len(), 1, "{:?}", loaded.notices);
    assert!(loaded.notices[0].contains("learn the song again"), "{:?}", loaded.notices);
    let (found, expected) = (loaded.document.learned.expect("learned"), document.learned.expect("learned"));
    assert_eq!(found, LearnedBalance { song: None, ..expected });
}

#[test]
fn a_damaged_layer_loads_what_is_whole() {
    let around =
        |inside: &str| format!(r#"{{"format":"stemwright-balance","version":1,"learned":{inside}}}"#);
    let load = |inside: &str| Document::from_json(around(inside).as_bytes()).expect("ours");
    let loaded = load("7");
    assert_eq!((loaded.document.learned, loaded.notices.len()), (None, 1));
    let loaded =
        load(r#"{"stems": [{"offset": 900, "accepted": true}, {"offset": null, "accepted": true}, 5]}"#);
    let stems = loaded.document.learned.expect("learned").stems;
    assert_eq!((stems[0].sounding_db(), stems[1].sounding_db(), stems[2].accepted), (60.0, 0.0, false));
    assert_eq!(loaded.notices.len(), 3, "{:?}", loaded.notices);
    for seed in 0..300 {
        let mut random = Random::new(seed);
        let damaged = random.bytes(&[learned_document(seed % 4).to_json().as_bytes()]);
        if let Ok(loaded) = Document::from_json(&damaged) {
            let again = Document::from_json(loaded.document.to_json().as_bytes()).expect("ours");
            assert_eq!(again.document, loaded.document);
        }
    }
}

#[test]
fn a_stem_is_stale_once_its_sound_before_the_tap_changed() {
    let learned = StripSettings::default();
    let stale = |change: &dyn Fn(&mut StripSettings)| {
        let mut strip = learned;
        change(&mut strip);
        let stem = stemwright::model::learned::LearnedStem {
            fingerprint: Some(Fingerprint::of(&learned)),
            ..Default::default()
        };
        stem.is_stale(&strip)
    };
    for param in [StripParam::Pan, StripParam::Polarity, StripParam::Width, StripParam::Delay] {
        assert!(stale(&|strip| strip.set(param, 1.0)), "{param:?}");
    }
    for param in [StripParam::PanMode, StripParam::BellGain, StripParam::Tilt, StripParam::HighPassSlope] {
        assert!(stale(&|strip| strip.set(param, 1.0)), "{param:?}");
    }
    for param in [StripParam::Fader, StripParam::Trim, StripParam::Mute, StripParam::Solo] {
        assert!(!stale(&|strip| strip.set(param, 1.0)), "{param:?}");
    }
    assert!(!stale(&|strip| strip.set(StripParam::BellFrequency, 300.0)), "a bell of 0 dB does nothing");
    assert!(!stale(&|strip| strip.set(StripParam::Tone, 0.0)), "nor does a tone with nothing in it");
    // Any two strips that sound different differ.
    let mut random = Random::new(1);
    for _ in 0..200 {
        let mut strip = StripSettings::default();
        StripParam::ALL.iter().for_each(|p| strip.set(*p, any_value(&mut random, &p.spec())));
        let print = Fingerprint::of(&strip);
        strip.set(StripParam::Pan, if strip.pan > 0.0 { -0.5 } else { 0.5 });
        assert_ne!(Fingerprint::of(&strip), print);
    }
}
