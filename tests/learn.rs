//! `stem-render learn` and `balance`: what is learned of a song, and what its balance then measures.

mod support;

use ebur128::{EbuR128, Mode};
use hound::WavReader;
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use stemwright::balance::{Kept, MAX_TRUE_PEAK_DBTP};
use stemwright::engine::StemBlock;
use stemwright::model::document::Document;
use stemwright::model::learned::{LearnedBalance, LearnedStem};
use stemwright::model::limits::{Role, STEMS, StripParam};
use stemwright::model::target::{Preset, Target};
use stemwright::render::{
    Balance, BalanceJob, BalanceReport, Figures, Job, Learn, LearnJob, LearnReport, Learner, Measure, Render,
    RenderError, Targets, load_balance,
};
use support::bench::{Bench, RATE_HZ};
use support::signals::{Stereo, both, constant, noise, sine};

const SONG_S: usize = 24;

#[test]
fn a_learned_balance_is_rendered_by_its_amount() {
    let bench = Bench::new();
    let stem = bench.wav("a.wav", &[noise(1, 96_000), noise(2, 96_000)]);
    let mut document = Document::default();
    document.mix.balance_percent = 50.0;
    let peak_dbfs = |document: &Document| {
        let job = Job {
            stems: vec![stem.clone()],
            balance: Some(bench.balance("balance.json", document)),
            mix: bench.path("mix.wav"),
            replace: true,
            ..Job::default()
        };
        Render::prepare(&job).unwrap().run(|_| ControlFlow::Continue(())).unwrap();
        Measure::prepare(&[job.mix]).unwrap().run(|_| ControlFlow::Continue(())).unwrap().mix.sample_peak_dbfs
    };
    let plain_dbfs = peak_dbfs(&document);
    for (accepted, want_db) in [(true, -6.0), (false, 0.0)] {
        let mut learned = LearnedBalance::default();
        learned.stems[0] = LearnedStem { offset_db: -12.0, accepted, ..LearnedStem::default() };
        document.learned = Some(learned);
        let change_db = peak_dbfs(&document) - plain_dbfs;
        assert!((change_db - want_db).abs() < 1e-3, "{change_db} dB, not {want_db}");
    }
    document.mix.bypass = true;
    assert!((peak_dbfs(&document) - plain_dbfs).abs() < 1e-9, "a bypassed balance is the plain sum");
}

// A song with all that can be odd about one.

const NAMES: [&str; 10] =
    ["Drums", "Bass", "Keys", "Guitars", "Lead", "Keys again", "Silent", "Click", "Broken", "Clipped"];
const ROLES: [Role; 10] = [
    Role::Drums,
    Role::Bass,
    Role::Keys,
    Role::Guitars,
    Role::Lead,
    Role::Pads,
    Role::Strings,
    Role::Effects,
    Role::Winds,
    Role::Backing,
];

/// `a` times its gain and `b` times its, while `sounds` says so of the second.
fn part(a: (&Stereo, f32), b: (&Stereo, f32), sounds: impl Fn(usize) -> f32) -> Stereo {
    [0, 1].map(|side| {
        let frames = a.0[side].iter().zip(&b.0[side]).enumerate();
        frames.map(|(n, (x, y))| (a.1 * x + b.1 * y) * sounds(n / RATE_HZ as usize)).collect()
    })
}

fn song() -> Vec<Stereo> {
    let frames = SONG_S * RATE_HZ as usize;
    let own = |seed: u64| [noise(2 * seed, frames), noise(2 * seed + 1, frames)];
    let shared = own(50);
    let always = |_| 1.0;
    let keys = part((&own(1), 0.02), (&shared, 0.05), always);
    let mut broken = part((&own(2), 0.1), (&shared, 0.0), |s| if s % 3 == 0 { 0.2 } else { 1.0 });
    broken[0][1_000..1_010].fill(f32::NAN);
    let clipped = both(sine(440.0, 0.0, f64::from(RATE_HZ), frames));
    vec![
        part((&own(3), 0.3), (&shared, 0.0), |s| if s % 2 == 0 { 1.0 } else { 0.4 }),
        part((&both(sine(80.0, 0.0, f64::from(RATE_HZ), frames)), 0.3), (&shared, 0.0), always),
        keys.clone(),
        part((&own(4), 0.05), (&shared, -0.03), |s| if s < 16 { 1.0 } else { 0.1 }),
        part((&own(5), 0.1), (&shared, 0.02), |s| if (6..18).contains(&s) { 1.0 } else { 0.0 }),
        keys,
        constant(0.0, frames),
        own(6).map(|side| side[..RATE_HZ as usize / 5].to_vec()),
        broken,
        clipped.map(|side| side.iter().map(|x| (3.0 * x).clamp(-1.0, 1.0)).collect()),
    ]
}

/// The song's files and a balance that has more in it than gains.
fn stage(bench: &Bench) -> (Vec<PathBuf>, PathBuf) {
    let files =
        song().iter().zip(NAMES).map(|(stem, name)| bench.wav(&format!("{name}.wav"), stem)).collect();
    let mut document = Document::default();
    for (stem, role) in ROLES.into_iter().enumerate() {
        document.stems[stem].role = role;
        let strip = &mut document.mix.stems[stem];
        strip.set(StripParam::Trim, stem as f32 - 4.0);
        strip.set(StripParam::Fader, 3.0 - 2.0 * stem as f32);
        strip.set(StripParam::Pan, 0.2 * stem as f32 - 0.9);
        strip.set(StripParam::Width, 50.0 + 10.0 * stem as f32);
        strip.set(StripParam::BellGain, 4.0 - stem as f32);
    }
    document.mix.stems[4].set(StripParam::Delay, 12.0);
    (files, bench.balance("balance.json", &document))
}

fn learn(stems: &[PathBuf], balance: &Path, out: &Path) -> Result<LearnReport, RenderError> {
    let balance = Some(balance.to_owned());
    let job = LearnJob { stems: stems.to_vec(), balance, out: out.to_owned(), replace: true };
    Learn::prepare(&job)?.run(|_| ControlFlow::Continue(()))
}

fn run(job: &BalanceJob) -> Result<BalanceReport, RenderError> {
    Balance::prepare(job)?.run(|_| ControlFlow::Continue(()))
}

/// A file's sound.
fn read(path: &Path) -> Stereo {
    let mut reader = WavReader::open(path).unwrap();
    let samples: Vec<f32> = reader.samples().map(Result::unwrap).collect();
    [0, 1].map(|side| samples[side..].iter().step_by(2).copied().collect())
}

/// Loudness of every 400 ms, 100 ms apart, and of all, by another program's meter.
fn loudness(sound: &Stereo) -> (Vec<f64>, f64) {
    let mut meter = EbuR128::new(2, RATE_HZ, Mode::I).unwrap();
    let hop = RATE_HZ as usize / 10;
    let mut blocks = Vec::new();
    for start in (0..sound[0].len() - hop + 1).step_by(hop) {
        let part = sound.each_ref().map(|side| &side[start..start + hop]);
        meter.add_frames_planar_f32(&part).unwrap();
        if start >= 3 * hop {
            blocks.push(meter.loudness_momentary().unwrap());
        }
    }
    (blocks, meter.loudness_global().unwrap())
}

/// How loud the lead is against all others while it sounds, of what was written.
fn lead_to_rest_lu(mix: &Path, lead: &Path) -> f64 {
    let (mix, lead) = (read(mix), read(lead));
    let rest = [0, 1].map(|side| mix[side].iter().zip(&lead[side]).map(|(mix, lead)| mix - lead).collect());
    let ((lead, all_lufs), (rest, _)) = (loudness(&lead), loudness(&rest));
    let sounds = lead.iter().zip(&rest).filter(|(lufs, _)| **lufs > (all_lufs - 10.0).max(-70.0));
    let power = |lufs: &f64| 10f64.powf(lufs / 10.0);
    let sums = sounds.map(|(lead, rest)| [power(lead), power(rest)]);
    let [lead, rest] = sums.fold([0.0; 2], |[a, b], [lead, rest]| [a + lead, b + rest]);
    10.0 * (lead / rest).log10()
}

/// What the mix measures, and every stem in it.
fn render(bench: &Bench, stems: &[PathBuf], balance: &Path) -> (Figures, Vec<Figures>) {
    let (mix, folder) = (bench.path("mix.wav"), bench.path("parts"));
    fs::create_dir_all(&folder).unwrap();
    let job = Job {
        stems: stems.to_vec(),
        balance: Some(balance.to_owned()),
        mix: mix.clone(),
        stems_folder: Some(folder),
        replace: true,
        ..Job::default()
    };
    let report = Render::prepare(&job).unwrap().run(|_| ControlFlow::Continue(())).unwrap();
    let measure =
        |files: &[PathBuf]| Measure::prepare(files).unwrap().run(|_| ControlFlow::Continue(())).unwrap();
    let parts: Vec<_> = report.written[1..].iter().map(|part| part.path.clone()).collect();
    (measure(&[mix]).stems.remove(0), measure(&parts).stems)
}

fn program(args: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_stem-render")).args(args).current_dir(folder).output().unwrap()
}

#[test]
fn what_is_odd_about_stems_is_said_when_they_are_learned() {
    let bench = Bench::new();
    let (stems, balance) = stage(&bench);
    let report = learn(&stems, &balance, &bench.path("learned.json")).unwrap();
    for (name, said) in [
        ("Keys again", "the same as"),
        ("Silent", "silent from beginning to end"),
        ("Click", "too short"),
        ("Broken", "10 samples are no numbers"),
        ("Clipped", "it is clipped"),
    ] {
        let is_said = |notice: &&String| notice.contains(&format!("{name}.wav")) && notice.contains(said);
        assert!(report.notices.iter().any(|n| is_said(&n)), "{name}: {said}? {:?}", report.notices);
    }
    assert_eq!(report.notices.len(), 5, "{:?}", report.notices);
    assert!((report.stems[4].1.active_s - 12.0).abs() < 1.0, "{:?}", report.stems[4]);
    assert!((report.seconds - SONG_S as f32).abs() < 0.5);
}

#[test]
fn a_balance_measures_as_predicted_meets_its_targets_holds_locks_and_stays() {
    let bench = Bench::new();
    let (stems, balance) = stage(&bench);
    let [learned, made, again, last] =
        ["learned.json", "made.json", "again.json", "last.json"].map(|name| bench.path(name));
    learn(&stems, &balance, &learned).unwrap();
    for preset in [Preset::Pop, Preset::LeadOff] {
        let job = BalanceJob {
            balance: learned.clone(),
            stems: stems.clone(),
            targets: Some(Targets::Preset(preset)),
            locks: vec!["bass".to_owned(), "9".to_owned()],
            out: made.clone(),
            replace: true,
        };
        let report = run(&job).unwrap();
        let kept: Vec<_> = report.stems.iter().map(|stem| stem.kept).collect();
        assert_eq!((kept[1], kept[8]), (Some(Kept::Locked), Some(Kept::Locked)));
        assert_eq!(kept[6], Some(Kept::Silent));
        assert!(kept[7].is_some(), "0.2 s are too short");
        assert!([0, 2, 3, 4, 5, 9].into_iter().all(|stem| kept[stem].is_none()), "{kept:?}");

        let (before, was) = render(&bench, &stems, &balance);
        let (mix, parts) = render(&bench, &stems, &made);
        let near = |found: f64, want: f64, within: f64, what: &str| {
            assert!((found - want).abs() < within, "{preset:?}: {what}: {found}, not {want}");
        };
        let output_db = f64::from(report.output_db);
        near(before.integrated_lufs, report.before.lufs, 0.05, "the mix before");
        near(mix.integrated_lufs, report.after.lufs + output_db, 0.05, "the mix after");
        assert!(mix.true_peak_dbtp < MAX_TRUE_PEAK_DBTP + 0.02, "{} dBTP", mix.true_peak_dbtp);
        for stem in [1, 8] {
            let change_db = parts[stem].integrated_lufs - was[stem].integrated_lufs;
            near(change_db, output_db, 0.001, "a locked stem");
        }
        let target = Target::of(preset);
        let unlocked = [0, 2, 3, 5, 9].into_iter().chain((preset == Preset::LeadOff).then_some(4));
        let place = |stem: usize| parts[stem].integrated_lufs - f64::from(target.offset_lu(ROLES[stem]));
        for stem in unlocked {
            near(place(stem), place(0), 0.1, NAMES[stem]);
        }
        if preset == Preset::Pop {
            near(report.after.lead_to_rest_lu.unwrap(), 1.0, 0.05, "the lead against the rest, predicted");
            let found = lead_to_rest_lu(&bench.path("mix.wav"), &bench.path("parts/05 Lead.wav"));
            near(found, 1.0, 0.1, "the lead against the rest, measured");
        }

        learn(&stems, &made, &again).unwrap();
        let report = run(&BalanceJob { balance: again.clone(), out: last.clone(), ..job }).unwrap();
        for stem in &report.stems {
            assert!(stem.change_db.abs() < 0.05, "a second time: {stem:?}");
        }
    }
}

#[test]
fn groups_count_in_what_a_balance_predicts() {
    let bench = Bench::new();
    let (stems, balance) = stage(&bench);
    let mut document = Document::from_json(&fs::read(&balance).unwrap()).unwrap().document;
    for (stem, group) in [(0, 0), (3, 0), (9, 1)] {
        document.stems[stem].group = Some(group);
    }
    document.mix.groups[0].fader_db = -9.0;
    document.mix.groups[1].mute = true;
    let balance = bench.balance("balance.json", &document);
    let [learned, made] = ["learned.json", "made.json"].map(|name| bench.path(name));
    learn(&stems, &balance, &learned).unwrap();
    let job = BalanceJob {
        balance: learned,
        stems: stems.clone(),
        targets: Some(Targets::Preset(Preset::LeadOff)),
        out: made.clone(),
        ..BalanceJob::default()
    };
    let report = run(&job).unwrap();
    let ((before, _), (mix, parts)) = (render(&bench, &stems, &balance), render(&bench, &stems, &made));
    let near = |found: f64, want: f64, what: &str| {
        assert!((found - want).abs() < 0.1, "{what}: {found}, not {want}");
    };
    near(before.integrated_lufs, report.before.lufs, "the mix before");
    near(mix.integrated_lufs, report.after.lufs + f64::from(report.output_db), "the mix after");
    let target = Target::of(Preset::LeadOff);
    let place = |stem: usize| parts[stem].integrated_lufs - f64::from(target.offset_lu(ROLES[stem]));
    for stem in [2, 3, 4, 5] {
        near(place(stem), place(0), NAMES[stem]);
    }
}

#[test]
fn blocks_change_nothing_in_what_is_learned() {
    let stems = song();
    let frames = SONG_S * RATE_HZ as usize;
    let learn = |block_frames: usize| {
        let mut learner = Learner::new(f64::from(RATE_HZ), &Document::default());
        for start in (0..frames).step_by(block_frames) {
            let end = frames.min(start + block_frames);
            let part = |stem: &Stereo| {
                stem.each_ref()
                    .map(|side| (start..end).map(|n| side.get(n).copied().unwrap_or(0.0)).collect())
            };
            let mut parts: Vec<Stereo> = stems.iter().map(part).collect();
            let (main, aux) = parts.split_at_mut(1);
            learner.play(&mut StemBlock {
                main: main[0].each_mut().map(|side| &mut side[..]),
                aux: std::array::from_fn(|at| {
                    aux.get(at).map_or([&[][..]; 2], |s| s.each_ref().map(|x| &x[..]))
                }),
                connected: (1 << stems.len()) - 1,
                silent: 0,
            });
        }
        let learned = learner.finish();
        let mix = learned.song().loudness_lufs(&[1.0; STEMS]);
        (mix, learned.stems(), learned.seconds())
    };
    let (mix, stems, seconds) = learn(1024);
    assert!((seconds - SONG_S as f32).abs() < 0.01, "all of it is learned: {seconds} s");
    for block_frames in [64, 441] {
        let (other_mix, other_stems, other_seconds) = learn(block_frames);
        assert!((other_mix - mix).abs() < 0.01, "{block_frames}: {other_mix}, not {mix}");
        assert_eq!(other_seconds, seconds);
        for (a, b) in stems.iter().zip(other_stems) {
            assert!(a.lufs == b.lufs || (a.lufs - b.lufs).abs() < 0.01, "{block_frames}: {b:?}, not {a:?}");
        }
    }
}

#[test]
fn fifteen_minutes_are_learned_and_what_is_left_out_is_said() {
    const LOW_HZ: u32 = 8_000;
    let bench = Bench::new();
    let short = noise(1, LOW_HZ as usize);
    let long = both(short.iter().copied().cycle().take(LOW_HZ as usize * 910).collect());
    let stem = bench.wav_at("long.wav", LOW_HZ, &long);
    let job = LearnJob { stems: vec![stem], out: bench.path("out.json"), ..LearnJob::default() };
    let report = Learn::prepare(&job).unwrap().run(|_| ControlFlow::Continue(())).unwrap();
    assert!((report.seconds - 900.3).abs() < 0.01, "{} s", report.seconds);
    let said = "15 minutes were learned, which is all there is room for; what follows 90";
    assert!(report.notices.iter().any(|notice| notice.starts_with(said)), "{:?}", report.notices);
}

#[test]
fn a_lock_in_the_document_holds() {
    let bench = Bench::new();
    let (stems, balance) = stage(&bench);
    let [learned, made] = ["learned.json", "made.json"].map(|name| bench.path(name));
    learn(&stems, &balance, &learned).unwrap();
    let mut document = load_balance(&learned).unwrap().document;
    document.learned.as_mut().unwrap().stems[3].locked = true;
    let job = BalanceJob {
        balance: bench.balance("locked.json", &document),
        out: made.clone(),
        ..BalanceJob::default()
    };
    let report = run(&job).unwrap();
    assert_eq!(report.stems[3].kept, Some(Kept::Locked));
    let made = load_balance(&made).unwrap().document.learned.unwrap();
    assert!(made.stems[3].locked && !made.stems[2].locked, "and is kept");
}

#[test]
fn an_output_that_would_clip_is_lowered_and_the_balance_does_not_bend() {
    let bench = Bench::new();
    let (stems, balance) = stage(&bench);
    let [learned, out] = ["learned.json", "out.json"].map(|name| bench.path(name));
    learn(&stems, &balance, &learned).unwrap();
    let targets = bench.path("targets.json");
    fs::write(&targets, r#"{"preset": "even", "loudness_lufs": -3}"#).unwrap();
    let mut job = BalanceJob {
        balance: learned,
        targets: Some(Targets::File(targets)),
        out: out.clone(),
        replace: true,
        ..BalanceJob::default()
    };
    let unmeasured = run(&job).unwrap();
    assert_eq!(unmeasured.output_db, 0.0);
    job.stems = stems.clone();
    let report = run(&job).unwrap();
    assert!(report.output_db < -1.0, "{}", report.output_db);
    assert_eq!(report.stems, unmeasured.stems);
    assert!(report.sentences.iter().any(|s| s.contains("output is lowered")), "{:?}", report.sentences);
    let (mix, _) = render(&bench, &stems, &out);
    assert!((mix.true_peak_dbtp - MAX_TRUE_PEAK_DBTP).abs() < 0.05, "{} dBTP", mix.true_peak_dbtp);
    assert!((mix.integrated_lufs - report.after.lufs - f64::from(report.output_db)).abs() < 0.05);
}

#[test]
fn what_cannot_be_learned_or_balanced_is_refused_with_the_cure() {
    let bench = Bench::new();
    let silent = bench.wav("silent.wav", &constant(0.0, 48_000));
    let plain = bench.balance("plain.json", &Document::default());
    let out = bench.path("out.json");
    let error = learn(&[silent], &plain, &out).unwrap_err().to_string();
    assert!(error.contains("nothing was heard"), "{error}");
    let job = BalanceJob { balance: plain, out: out.clone(), ..BalanceJob::default() };
    let error = run(&job).unwrap_err().to_string();
    assert!(error.contains("run `stem-render learn"), "{error}");

    let (stems, balance) = stage(&bench);
    let learned = bench.path("learned.json");
    learn(&stems, &balance, &learned).unwrap();
    let job = BalanceJob { balance: learned.clone(), locks: vec!["Banjo".to_owned()], ..job };
    let error = run(&job).unwrap_err().to_string();
    assert!(error.contains("Banjo") && error.contains("\"Bass\""), "{error}");
    let job = BalanceJob { locks: Vec::new(), out: learned, replace: true, ..job };
    assert!(matches!(run(&job), Err(RenderError::OutputIsInput { .. })));
    let stop = Learn::prepare(&LearnJob { stems, out: out.clone(), ..LearnJob::default() })
        .unwrap()
        .run(|_| ControlFlow::Break(()));
    assert!(matches!(stop, Err(RenderError::Interrupted)));
    assert!(!out.exists(), "nothing was written");
}

#[test]
fn to_learn_again_changes_nothing_that_sounds() {
    let bench = Bench::new();
    let (stems, balance) = stage(&bench);
    let mut document = load_balance(&balance).unwrap().document;
    let mut layer = LearnedBalance::default();
    layer.stems[2] = LearnedStem { offset_db: 5.0, accepted: true, ..LearnedStem::default() };
    document.learned = Some(layer);
    let (balance, out) = (bench.balance("layer.json", &document), bench.path("out.json"));
    learn(&stems, &balance, &out).unwrap();
    let learned = load_balance(&out).unwrap().document;
    assert_eq!(learned.playing(), document.playing());
    let strips = learned.mix.stems.iter().zip(&learned.learned.as_ref().unwrap().stems).enumerate();
    for (stem, (strip, layer)) in strips {
        assert_eq!(layer.fingerprint.is_some(), stem < NAMES.len());
        assert!(!layer.is_stale(strip));
    }
}

#[test]
fn the_program_learns_and_balances_and_says_where_its_targets_come_from() {
    let bench = Bench::new();
    let (_, _) = stage(&bench);
    let files = NAMES.map(|name| format!("{name}.wav"));
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let said = |args: &[&str], status: i32| {
        let output = program(args, bench.folder());
        assert_eq!(output.status.code(), Some(status), "{output:?}");
        String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
    };
    let mut args = vec!["learn", "--balance", "balance.json", "--out", "learned.json"];
    args.extend(&files);
    assert!(said(&args, 0).contains("24.0 s of sound learned"));
    assert!(said(&args, 1).contains("exists already"));
    let text = said(&["balance", "learned.json", "--lock", "Bass", "--out", "made.json"], 0);
    for words in ["Gerdes & Siedenburg", "our default", "locked", "The true peak was not measured", "before"]
    {
        assert!(text.contains(words), "\"{words}\" in {text}");
    }
    assert!(
        said(&["balance", "learned.json", "--preset", "polka", "--out", "x.json"], 2).contains("lead off")
    );
    assert!(said(&["balance", "balance.json", "--out", "x.json"], 1).contains("stem-render learn"));
    assert!(!bench.path("x.json").exists());
}
