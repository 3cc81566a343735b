//! Spectra, masking, clashes, readouts and the contour.

mod support;

use hound::{SampleFormat, WavSpec, WavWriter};
use serde_json::Value;
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use stemwright::analysis::bands::{BANDS, BandPowers, Spectrograph, centres_hz, edges_hz};
use stemwright::analysis::masking::{Masking, loudness, pair_loss, unmasked};
use stemwright::analysis::{Change, ClashMeter, Player, ReadoutMeter, Readouts, Suggestion};
use stemwright::model::document::Document;
use stemwright::model::limits::{ParamKey, Role, STEMS, StripParam};
use stemwright::model::scene::Scene;
use stemwright::model::settings::{MixSettings, StripSettings};
use stemwright::render::{Clash, Describe, DescribeJob, Description, RenderError, save_balance};
use support::signals::{Stereo, both, constant, noise, sine, song};
use tempfile::TempDir;

const RATE_HZ: u32 = 48_000;

fn vectors() -> Value {
    serde_json::from_str(include_str!("vectors/masking.json")).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

fn bands(value: &Value) -> BandPowers {
    numbers(value).try_into().unwrap()
}

fn rows(value: &Value) -> Vec<BandPowers> {
    value.as_array().unwrap().iter().map(bands).collect()
}

#[track_caller]
fn near(found: f64, want: f64, by: f64) {
    assert!((found - want).abs() <= by, "{found}, not {want}");
}

/// The spectrum of a sound: the mean of its windows.
fn mean_bands(sound: &Stereo, sample_rate_hz: f64, block: usize) -> (BandPowers, usize) {
    let mut spectrograph = Spectrograph::new(sample_rate_hz);
    let (mut sums, mut windows) = ([0.0; BANDS], 0);
    for (left, right) in sound[0].chunks(block).zip(sound[1].chunks(block)) {
        spectrograph.process(left, right, |spectrum| {
            sums.iter_mut().zip(spectrum.band_powers()).for_each(|(sum, x)| *sum += x);
            windows += 1;
        });
    }
    (sums.map(|sum| sum / windows as f64), windows)
}

#[test]
fn bands_and_masking_are_those_of_the_reference() {
    let vectors = vectors();
    let tolerance = vectors["tol_abs"].as_f64().unwrap();
    for (edge, want) in edges_hz().iter().zip(numbers(&vectors["edges"])) {
        // They are written with twelve digits.
        near(*edge, want, 1e-7);
    }
    let masking = Masking::default();
    let excitations: Vec<BandPowers> =
        rows(&vectors["E"]).iter().map(|powers| masking.excitation(powers)).collect();
    for (found, want) in unmasked(&excitations).into_iter().zip(numbers(&vectors["mur"])) {
        near(found, want, tolerance);
    }
    for (a, row) in vectors["pair"].as_array().unwrap().iter().enumerate() {
        for (b, want) in numbers(row).into_iter().enumerate().filter(|(b, _)| *b != a) {
            near(pair_loss(&excitations[a], &excitations[b]), want, tolerance);
        }
    }
    let spread = rows(&vectors["spread"]);
    for source in 0..BANDS {
        // So loud that the floor is nothing beside it.
        let mut powers = [0.0; BANDS];
        powers[source] = 1e3;
        for (found, want) in masking.excitation(&powers).iter().zip(&spread) {
            near(found / 1e3, want[source], tolerance);
        }
    }
}

#[test]
fn the_spectrum_of_a_sine_is_that_of_the_reference_however_it_is_cut() {
    let vectors = vectors();
    let tone = both(sine(1_000.0, 0.0, 48_000.0, 48_000).iter().map(|x| 0.5 * x).collect());
    let (found, windows) = mean_bands(&tone, 48_000.0, 48_000);
    assert_eq!(windows, 22);
    for (found, want) in found.iter().zip(bands(&vectors["band_case"]["E"])) {
        // Its samples are rounded to 24 bits here.
        near(*found, want, 1e-8);
    }
    assert_eq!(mean_bands(&tone, 48_000.0, 777).0, found);
    // At every rate the power is that of the tone, and where it lies.
    for rate_hz in [8_000.0, 44_100.0, 96_000.0, 192_000.0] {
        let tone = both(sine(1_000.0, 0.0, rate_hz, rate_hz as usize).iter().map(|x| 0.5 * x).collect());
        let (found, _) = mean_bands(&tone, rate_hz, 4_096);
        near(found.iter().sum(), 0.25, 1e-3);
        let loudest = (0..BANDS).max_by(|a, b| found[*a].total_cmp(&found[*b])).unwrap();
        assert!((edges_hz()[loudest]..edges_hz()[loudest + 1]).contains(&1_000.0), "{rate_hz}");
    }
}

/// A bump of power around a frequency.
fn bump(hz: f64, octaves: f64, power: f64) -> BandPowers {
    centres_hz().map(|centre| power * (-((centre / hz).log2() / octaves).powi(2)).exp())
}

fn meter(stems: &[BandPowers]) -> ClashMeter {
    let mut powers = [[0.0; BANDS]; STEMS];
    powers.iter_mut().zip(stems).for_each(|(to, stem)| *to = *stem);
    let mut meter = ClashMeter::default();
    (0..10).for_each(|_| meter.push(&powers));
    meter
}

fn players<'a>(names: &'a [&str], roles: &[Role], strip: &'a StripSettings) -> Vec<Player<'a>> {
    names.iter().zip(roles).map(|(name, role)| Player { name, role: *role, strip }).collect()
}

const OTHERS: [Role; 4] = [Role::Lead, Role::Pads, Role::Bass, Role::Drums];

/// A lead, a pad on top of it, a bass far below and a cymbal far above.
fn scene() -> Vec<BandPowers> {
    vec![bump(2_000.0, 0.8, 1e-3), bump(1_900.0, 1.2, 2e-3), bump(80.0, 0.7, 3e-3), bump(9_000.0, 0.4, 1e-4)]
}

#[test]
fn pairs_are_ranked_by_what_they_take_from_one_another_and_the_lead_is_the_one_to_come_through() {
    let strip = StripSettings::default();
    let players = players(&["Lead Vox", "Pad", "Bass", "Hats"], &OTHERS, &strip);
    let clash = meter(&scene()).clash(&players, 48_000.0);
    let first = &clash.pairs[0];
    assert_eq!((first.covered, first.by), (0, 1));
    assert!(clash.pairs.is_sorted_by(|a, b| a.cost >= b.cost));
    assert!(first.cost > 3.0 * clash.pairs[1].cost, "{:?}", clash.pairs);
    let [low, high] = first.range_hz;
    assert!(low < 2_000.0 && high > 2_000.0 && high / low < 6.0, "{low} to {high}");
    near(first.bands.iter().sum(), 1.0, 1e-9);
    // What the reference says of the same spectra.
    let masking = Masking::default();
    let [lead, pad] = [0, 1].map(|stem| masking.excitation(&scene()[stem]));
    near(clash.covered[0][1], pair_loss(&lead, &pad), 1e-9);
    let excitations: Vec<BandPowers> = scene().iter().map(|powers| masking.excitation(powers)).collect();
    for (found, want) in clash.left.iter().zip(unmasked(&excitations)) {
        near(found.unwrap(), want, 1e-9);
    }
    assert!(loudness(&lead).iter().all(|x| *x >= 0.0));
    let words = first.words(&players);
    assert!(
        words.starts_with("Pad covers ") && words.contains(" % of Lead Vox, most of it from "),
        "{words}"
    );
}

#[test]
fn a_suggestion_makes_the_room_it_promises_and_touches_nothing_by_itself() {
    let strip = StripSettings::default();
    let players = players(&["Lead Vox", "Pad", "Bass", "Hats"], &OTHERS, &strip);
    let clash = meter(&scene()).clash(&players, 48_000.0);
    let suggestion = clash.pairs[0].suggestion.clone().unwrap();
    let Suggestion { stem, hz, gain_db, q, left_before, left_after, ref changes } = suggestion;
    assert_eq!(stem, 1);
    assert!((1_000.0..5_000.0).contains(&hz) && (-4.0..=-1.5).contains(&gain_db), "{suggestion:?}");
    near(left_before, clash.left[0].unwrap(), 1e-9);

    // The pad with its bell, as the tone section would make it.
    let mut document = Document::default();
    let plain = document.clone();
    changes.iter().for_each(|change| change.apply(&mut document));
    let set = |param, value| Change::Set(ParamKey::Stem(1, param), value);
    let want =
        [set(StripParam::BellFrequency, hz), set(StripParam::BellGain, gain_db), set(StripParam::BellQ, q)];
    assert_eq!(changes[..], want);
    assert_ne!(document, plain);
    let curve = stemwright::model::tone::ToneCurve::new(&document.mix.stems[1].tone, 48_000.0);
    let mut stems = scene();
    for (power, hz) in stems[1].iter_mut().zip(centres_hz()) {
        *power *= 10f64.powf(curve.level_db(hz) / 10.0);
    }
    let after = meter(&stems).clash(&players, 48_000.0);
    near(after.left[0].unwrap(), left_after, 1e-6);
    assert!(left_after > left_before + 0.01, "{suggestion:?}");
    let words = clash.pairs[0].suggestion_words(&players);
    assert!(words.starts_with("Pad: bell -") && words.contains("makes room for Lead Vox"), "{words}");

    // A bell that is in use is not taken away.
    let mut used = StripSettings::default();
    used.set(StripParam::BellGain, 3.0);
    let mut players = players;
    players[1].strip = &used;
    let clash = meter(&scene()).clash(&players, 48_000.0);
    assert_eq!(clash.pairs[0].suggestion, None);
    assert_eq!(clash.pairs[0].suggestion_words(&players), "Pad: its bell is in use.");
}

#[test]
fn stems_that_never_sound_together_do_not_clash() {
    let strip = StripSettings::default();
    let mut meter = ClashMeter::default();
    let [a, b] = [bump(1_000.0, 1.0, 1e-3), bump(1_000.0, 1.0, 1e-3)];
    for turn in 0..20 {
        let mut powers = [[0.0; BANDS]; STEMS];
        powers[turn % 2] = [a, b][turn % 2];
        meter.push(&powers);
    }
    let roles = [Role::Keys, Role::Guitars, Role::Pads];
    let clash = meter.clash(&players(&["A", "B", "Silent"], &roles, &strip), 48_000.0);
    assert_eq!((clash.pairs.len(), clash.covered[0][1]), (0, 0.0));
    assert_eq!((clash.left[0], clash.left[2]), (Some(1.0), None));
    let nothing = ClashMeter::default().clash(&players(&["A", "B"], &roles, &strip), 48_000.0);
    assert_eq!((nothing.pairs.len(), nothing.left), (0, vec![None, None]));
}

#[test]
fn what_fades_counts_for_less() {
    let strip = StripSettings::default();
    let players = players(&["A", "B"], &[Role::Keys, Role::Guitars], &strip);
    let push = |meter: &mut ClashMeter, stems: [BandPowers; 2]| {
        let mut powers = [[0.0; BANDS]; STEMS];
        powers[..2].copy_from_slice(&stems);
        meter.push(&powers);
    };
    let (low, high) = (bump(100.0, 0.5, 1e-3), bump(4_000.0, 0.5, 1e-3));
    let mut meter = ClashMeter::default();
    push(&mut meter, [low, low]);
    let before = meter.clash(&players, 48_000.0).covered[0][1];
    meter.fade(1e-6);
    push(&mut meter, [low, high]);
    let after = meter.clash(&players, 48_000.0).covered[0][1];
    assert!(before > 0.5 && after < 0.05, "{before}, then {after}");
}

// Readouts.

fn readouts(mix: &Stereo, lead: &Stereo, rest: &Stereo, block: usize) -> (Readouts, ReadoutMeter) {
    let mut meter = ReadoutMeter::new(f64::from(RATE_HZ));
    for start in (0..mix[0].len()).step_by(block) {
        let end = (start + block).min(mix[0].len());
        meter.process([mix, lead, rest].map(|sound| sound.each_ref().map(|side| &side[start..end])));
    }
    (meter.readouts(), meter)
}

fn scaled(sound: &Stereo, gain: f32) -> Stereo {
    sound.each_ref().map(|side| side.iter().map(|x| gain * x).collect())
}

fn added(a: &Stereo, b: &Stereo) -> Stereo {
    [0, 1].map(|side| a[side].iter().zip(&b[side]).map(|(a, b)| a + b).collect())
}

/// A sine of -23 dBFS, which has -23 LUFS at 1 kHz.
fn tone(hz: f64, seconds: usize) -> Stereo {
    scaled(&both(sine(hz, 0.3, 48_000.0, seconds * 48_000)), 0.070_794_6)
}

#[test]
fn readouts_say_what_a_known_sound_is() {
    let lead = tone(1_000.0, 6);
    let silence = constant(0.0, lead[0].len());
    let (found, _) = readouts(&lead, &lead, &silence, 4_800);
    near(found.loudness_lufs.unwrap(), -23.0, 0.05);
    near(found.centroid_hz.unwrap(), 1_000.0, 1.0);
    near(found.correlation.unwrap(), 1.0, 1e-6);
    assert_eq!((found.side_to_mid_db, found.lead_to_rest_lu), (None, None));
    assert!(found.low_mid_db.unwrap() < -60.0 && found.air_db.unwrap() < -60.0, "{found:?}");

    // Half of the power at 200 Hz, half at 12 kHz.
    let two = added(&tone(200.0, 6), &tone(12_000.0, 6));
    let (found, _) = readouts(&two, &silence, &two, 4_800);
    near(found.centroid_hz.unwrap(), 6_100.0, 10.0);
    near(found.low_mid_db.unwrap(), -3.01, 0.01);
    near(found.air_db.unwrap(), -3.01, 0.01);

    // Strangers left and right are as wide as they are deep.
    let wide = scaled(&[noise(1, 288_000), noise(2, 288_000)], 0.1);
    let (found, _) = readouts(&wide, &silence, &wide, 4_800);
    near(found.side_to_mid_db.unwrap(), 0.0, 0.1);
    near(found.correlation.unwrap(), 0.0, 0.02);

    // A lead 6 dB over the rest, which goes on where the lead rests.
    let mut lead = tone(1_000.0, 6);
    let rest = scaled(&lead, 0.501_187);
    near(readouts(&added(&lead, &rest), &lead, &rest, 4_800).0.lead_to_rest_lu.unwrap(), 6.0, 0.01);
    lead.iter_mut().for_each(|side| side[144_000..].fill(0.0));
    // Blocks that it ends in are half rest.
    near(readouts(&added(&lead, &rest), &lead, &rest, 4_800).0.lead_to_rest_lu.unwrap(), 6.0, 0.3);
    let nothing = readouts(&silence, &silence, &silence, 4_800).0;
    assert_eq!(nothing, Readouts::default());
}

#[test]
fn the_contour_has_a_row_for_every_second_over_the_last_three_and_blocks_change_nothing() {
    let mut mix = tone(500.0, 8);
    let loud = tone(2_000.0, 8);
    for (side, loud) in mix.iter_mut().zip(&loud) {
        side[192_000..].copy_from_slice(&loud[192_000..]);
    }
    let (all, meter) = readouts(&mix, &mix, &constant(0.0, mix[0].len()), 48_000);
    let rows = meter.rows();
    assert_eq!(
        rows.iter().map(|row| row.time_s).collect::<Vec<_>>(),
        (1..=8).map(f64::from).collect::<Vec<_>>()
    );
    near(rows[3].readouts.centroid_hz.unwrap(), 500.0, 1.0);
    near(rows[7].readouts.centroid_hz.unwrap(), 2_000.0, 1.0);
    let between = rows[5].readouts.centroid_hz.unwrap();
    assert!((600.0..1_900.0).contains(&between), "{between}");
    let (again, other) = readouts(&mix, &mix, &constant(0.0, mix[0].len()), 1_013);
    assert_eq!((again, other.rows()), (all, rows));
}

// Through the renderer and the program.

struct Bench {
    folder: TempDir,
    files: Vec<PathBuf>,
}

impl Bench {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let files = song(f64::from(RATE_HZ), 5 * RATE_HZ as usize).into_iter().map(|(name, sound)| {
            let path = folder.path().join(format!("{name}.wav"));
            let spec = WavSpec {
                channels: 2,
                sample_rate: RATE_HZ,
                bits_per_sample: 32,
                sample_format: SampleFormat::Float,
            };
            let mut writer = WavWriter::create(&path, spec).unwrap();
            for x in sound[0].iter().zip(&sound[1]).flat_map(|(l, r)| [*l, *r]) {
                writer.write_sample(x).unwrap();
            }
            writer.finalize().unwrap();
            path
        });
        let files = files.collect();
        Self { folder, files }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn balance(&self, name: &str, change: impl FnOnce(&mut Document)) -> PathBuf {
        let mut document = Document::default();
        document.stems[4].role = Role::Lead;
        change(&mut document);
        save_balance(&self.path(name), &document, true).unwrap();
        self.path(name)
    }

    fn clash(&self, balance: &Path) -> stemwright::render::ClashReport {
        Clash::prepare(&self.files, Some(balance)).unwrap().run(|_| ControlFlow::Continue(())).unwrap()
    }

    fn describe(&self, job: &DescribeJob) -> Description {
        let job = DescribeJob { stems: self.files.clone(), ..job.clone() };
        Describe::prepare(&job).unwrap().run(|_| ControlFlow::Continue(())).unwrap()
    }

    fn program(&self, command: &str, last: &[&str]) -> Output {
        let mut program = Command::new(env!("CARGO_BIN_EXE_stem-render"));
        program.arg(command).args(&self.files).args(last).current_dir(self.folder.path()).output().unwrap()
    }
}

#[test]
fn clashes_are_those_of_the_stems_as_they_are_in_the_mix() {
    let bench = Bench::new();
    let as_it_is = bench.clash(&bench.balance("plain.json", |_| ()));
    let share = |report: &stemwright::render::ClashReport| report.clash.covered[4][3];
    assert_eq!(as_it_is.names[4], "Lead Vox");
    let quiet = bench.clash(&bench.balance("quiet.json", |document| document.mix.stems[3].fader_db = -20.0));
    assert!(share(&as_it_is) > 0.1 && share(&quiet) < 0.7 * share(&as_it_is), "{as_it_is:?}");
    let muted = bench.clash(&bench.balance("muted.json", |document| document.mix.stems[3].mute = true));
    assert_eq!((share(&muted), muted.clash.left[3]), (0.0, None));
    let lead = as_it_is.clash.pairs.iter().filter(|pair| [pair.covered, pair.by].contains(&4));
    assert!(lead.clone().count() > 0 && lead.clone().all(|pair| pair.covered == 4));
}

#[test]
fn the_program_prints_clashes_and_descriptions() {
    let bench = Bench::new();
    bench.balance("a.json", |_| ());
    let output = bench.program("clash", &["--balance", "a.json"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("no figure passes or fails") && text.contains(" covers "), "{text}");
    let output = bench.program("clash", &["--balance", "a.json", "--json"]);
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["names"].as_array().unwrap().len(), 6);
    assert_eq!(json["covered"][0].as_array().unwrap().len(), 6);
    assert!(json["pairs"][0]["share"].as_f64().unwrap() > 0.0);

    let output = bench.program("describe", &["--balance", "a.json", "--against", "a.json"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("Difference") && text.contains("+0.0") && !text.contains("-0.0 "), "{text}");
    assert!(text.contains("They do not measure what anybody feels"), "{text}");
    let output = bench.program("describe", &["--json"]);
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(json["readouts"]["lead_to_rest_lu"].is_null() && json["against"].is_null());
    assert_eq!(json["contour"].as_array().unwrap().len(), 5);
    assert_eq!(bench.program("clash", &["none.wav"]).status.code(), Some(1));
}

#[test]
fn a_description_says_what_differs_from_another_balance() {
    let bench = Bench::new();
    let plain = bench.balance("plain.json", |_| ());
    let changed = bench.balance("changed.json", |document| {
        document.mix.output_db = 2.0;
        document.mix.stems.iter_mut().for_each(|strip| strip.width_percent = 50.0);
    });
    let job = DescribeJob { balance: Some(changed), against: Some(plain), ..DescribeJob::default() };
    let found = bench.describe(&job);
    let difference = found.difference.unwrap();
    let own = bench.describe(&DescribeJob { balance: job.against.clone(), ..DescribeJob::default() });
    assert_eq!(found.against, Some(own.readouts));
    // Half the width takes a little loudness, and 6 dB from the sides alone.
    let loudness_lu = difference.loudness_lu.unwrap();
    assert!((1.0..=2.0).contains(&loudness_lu), "{difference:?}");
    near(difference.side_to_mid_db.unwrap(), -6.02, 0.01);
    assert!(difference.correlation.unwrap() > 0.0 && difference.lead_to_rest_lu.unwrap() > 0.0);
    assert!(difference.centroid_octaves.unwrap().abs() < 0.5);

    let louder = bench.balance("louder.json", |document| document.mix.stems[4].fader_db = 3.0);
    let job = DescribeJob { balance: Some(louder), against: job.against, ..DescribeJob::default() };
    near(bench.describe(&job).difference.unwrap().lead_to_rest_lu.unwrap(), 3.0, 1e-3);
}

#[test]
fn a_contour_is_written_whole_or_not_at_all() {
    let bench = Bench::new();
    let job = DescribeJob {
        stems: bench.files.clone(),
        balance: Some(bench.balance("a & b.json", |_| ())),
        against: Some(bench.balance("other.json", |document| document.mix.output_db = -3.0)),
        contour: Some(bench.path("contour.csv")),
        picture: Some(bench.path("contour.svg")),
        ..DescribeJob::default()
    };
    let stopped = Describe::prepare(&job).unwrap().run(|_| ControlFlow::Break(()));
    assert!(matches!(stopped, Err(RenderError::Interrupted)));
    assert!(!bench.path("contour.csv").exists() && !bench.path("contour.svg").exists());

    let found = bench.describe(&job);
    let csv = fs::read_to_string(bench.path("contour.csv")).unwrap();
    let lines: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(lines.len(), 6);
    assert!(lines.iter().all(|line| line.len() == 15), "{csv}");
    assert_eq!((lines[0][0], lines[0][1], lines[0][8]), ("time_s", "loudness_lufs", "against_loudness_lufs"));
    for (line, row) in lines[1..].iter().zip(&found.contour) {
        near(line[0].parse().unwrap(), row.time_s, 1e-3);
        near(line[1].parse().unwrap(), row.readouts.loudness_lufs.unwrap(), 1e-3);
        near(line[1].parse::<f64>().unwrap() - line[8].parse::<f64>().unwrap(), 3.0, 2e-3);
    }
    // Before the lead comes in there is nothing to tell it by.
    assert_eq!(lines[1][7], "");
    let svg = fs::read_to_string(bench.path("contour.svg")).unwrap();
    assert!(svg.starts_with("<svg") && svg.ends_with("</svg>\n") && svg.contains("a &amp; b"), "{svg}");
    assert_eq!(svg.matches("<polyline").count(), 14);
    assert!(!svg.contains("NaN") && !svg.contains("inf"));

    assert!(matches!(Describe::prepare(&job), Err(RenderError::Exists { .. })));
    let as_png = DescribeJob { picture: Some(bench.path("contour.png")), contour: None, ..job.clone() };
    let refused = Describe::prepare(&as_png).err().expect("it is no PNG").to_string();
    assert!(refused.contains("written as SVG") && refused.contains("does not end in .svg"), "{refused}");
    let onto_input = DescribeJob { contour: Some(bench.files[0].clone()), replace: true, ..job };
    assert!(matches!(Describe::prepare(&onto_input), Err(RenderError::OutputIsInput { .. })));
}

#[test]
fn a_bypassed_balance_is_described_as_the_plain_sum() {
    let bench = Bench::new();
    let bypassed = bench.balance("bypassed.json", |document| {
        document.mix = MixSettings { bypass: true, output_db: -12.0, ..MixSettings::default() };
    });
    let found = bench.describe(&DescribeJob { balance: Some(bypassed), ..DescribeJob::default() });
    let plain = bench.describe(&DescribeJob::default());
    assert_eq!(found.readouts.loudness_lufs, plain.readouts.loudness_lufs);
}

#[test]
fn groups_scenes_and_the_lead_are_heard_in_descriptions_and_clashes() {
    let bench = Bench::new();
    let grouped = |document: &mut Document| {
        document.stems[3].group = Some(0);
        document.mix.groups[0].fader_db = -20.0;
    };
    let faded = |document: &mut Document| document.mix.stems[3].fader_db = -20.0;
    let in_a_scene = |document: &mut Document| {
        document.scenes[0].stems = Scene::between(&document.mix.stems, &{
            let mut strips = document.mix.stems;
            strips[3].fader_db = -20.0;
            strips
        });
        document.mix.scene = Some(0);
    };
    let [group, fader, scene] = [
        bench.balance("group.json", grouped),
        bench.balance("fader.json", faded),
        bench.balance("scene.json", in_a_scene),
    ];
    let described = |balance: &PathBuf| {
        bench.describe(&DescribeJob { balance: Some(balance.clone()), ..DescribeJob::default() }).readouts
    };
    let covered = |balance: &PathBuf| bench.clash(balance).clash.covered[4][3];
    for other in [&group, &scene] {
        let [own, other_one] = [described(&fader), described(other)];
        near(own.loudness_lufs.unwrap(), other_one.loudness_lufs.unwrap(), 1e-3);
        near(own.centroid_hz.unwrap(), other_one.centroid_hz.unwrap(), 0.5);
        near(covered(&fader), covered(other), 1e-3);
    }
    let lead = |lead_db| {
        described(&bench.balance("lead.json", |document| document.mix.lead_db = lead_db)).lead_to_rest_lu
    };
    near(lead(3.0).unwrap() - lead(0.0).unwrap(), 3.0, 1e-2);
}

#[test]
fn a_contour_and_its_picture_come_together() {
    let bench = Bench::new();
    let job = DescribeJob {
        stems: bench.files.clone(),
        contour: Some(bench.path("x.csv")),
        picture: Some(bench.path("x.svg")),
        replace: true,
        ..DescribeJob::default()
    };
    // Where the second cannot be written, the first is not there either.
    let describe = Describe::prepare(&job).unwrap();
    fs::create_dir(bench.path("x.svg")).unwrap();
    assert!(describe.run(|_| ControlFlow::Continue(())).is_err());
    assert!(!bench.path("x.csv").exists());
}
