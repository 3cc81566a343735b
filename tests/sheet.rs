//! The recall sheet: what it says, that it asks for nothing, and that it loads back.

#[path = "harness/any_document.rs"]
#[allow(dead_code, reason = "other tests read documents by it")]
mod any_document;
mod support;

use any_document::assert_sane;
use hound::{SampleFormat, WavSpec, WavWriter};
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use stemwright::model::document::{Document, DocumentError};
use stemwright::model::learned::{LearnedBalance, LearnedStem};
use stemwright::model::limits::{Kind, ParamKey, Role, STEMS, StripParam};
use stemwright::model::offsets::Level;
use stemwright::model::page::{MAX_PAGE_BYTES, content, document_in};
use stemwright::model::text;
use stemwright::model::tone::{ToneCurve, curve_frequencies_hz};
use stemwright::render::{Job, Measure, Render, RenderError};
use stemwright::share::{Sheet, SheetJob, page};
use support::choose::Choose;
use support::random::{Random, any_value};
use support::signals::{Stereo, noise};
use tempfile::TempDir;

const RATE_HZ: u32 = 48_000;

/// Names that somebody may hand in to break the page.
const HOSTILE: [&str; 10] = [
    "</script><script>alert(1)</script>",
    "<!-- <img src=x onerror=alert(1)>",
    "\"'><b onclick='a()'>`",
    "]]> <![CDATA[ -->",
    "&lt;b&gt; &amp;#60;",
    "line\u{2028}end\u{2029}",
    "🎸 Gitarre 👩\u{200d}🎤",
    "שלום עולם \u{202e}gnp.exe",
    "id=\"stemwright-balance\">{}</script>",
    "{\"format\":\"stemwright-balance\"}",
];

struct Bench(TempDir);

impl Bench {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn wav(&self, name: &str, audio: &Stereo) -> PathBuf {
        let (channels, bits_per_sample) = (2, 32);
        let spec =
            WavSpec { channels, sample_rate: RATE_HZ, bits_per_sample, sample_format: SampleFormat::Float };
        let mut writer = WavWriter::create(self.path(name), spec).unwrap();
        for sample in audio[0].iter().zip(&audio[1]).flat_map(|(l, r)| [*l, *r]) {
            writer.write_sample(sample).unwrap();
        }
        writer.finalize().unwrap();
        self.path(name)
    }

    fn balance(&self, name: &str, document: &Document) -> PathBuf {
        fs::write(self.path(name), document.to_json()).unwrap();
        self.path(name)
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

fn program(args: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_stem-render")).args(args).current_dir(folder).output().unwrap()
}

fn random_document(seed: u64) -> Document {
    let mut random = Random::new(seed);
    let mut document = Document::default();
    for key in ParamKey::all() {
        document.mix.set(key, any_value(&mut random, &key.spec()));
    }
    for stem in &mut document.stems {
        stem.rename(random.one_of(&HOSTILE));
        stem.color = random.below(0x100_0000) as u32;
        stem.role = random.one_of(&Role::ALL).0;
    }
    let mut learned = LearnedBalance::default();
    for stem in &mut learned.stems {
        let accepted = random.below(2) == 0;
        *stem = LearnedStem { offset_db: random.between(-20.0, 20.0), accepted, ..LearnedStem::default() };
    }
    document.learned = Some(learned);
    for scene in &mut document.scenes {
        scene.rename(random.one_of(&HOSTILE));
        scene.annotate(random.one_of(&HOSTILE));
        scene.stems[random.below(STEMS)].level = Level::By(random.between(-9.0, 9.0));
    }
    random.shuffle(&mut document.order);
    document
}

#[test]
fn a_sheet_loads_back_to_the_same_document() {
    for seed in 0..50 {
        let document = random_document(seed);
        let loaded = document_in(page(&document, HOSTILE[seed as usize % HOSTILE.len()], None).as_bytes());
        let loaded = loaded.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(loaded.notices, [""; 0]);
        assert_eq!(loaded.document, document);
    }
}

#[test]
fn no_name_becomes_markup() {
    let without = |name: &str| {
        let mut document = Document::default();
        document.stems[0].rename(name);
        document.mix.stems[0].tone.bell_db = 3.0;
        page(&document, name, None)
    };
    let tags = |page: &str| page.matches('<').count();
    let plain = without("Bass");
    for name in HOSTILE {
        let hostile = without(name);
        assert_eq!(tags(&hostile), tags(&plain), "{name}");
        assert_eq!(hostile.matches("<script").count(), 1, "{name}");
        assert!(!hostile.contains('\u{2028}') || name.contains('\u{2028}'), "{name}");
    }
    assert!(without("A \"<b>\"").contains("<bdi>A &quot;&lt;b&gt;&quot;</bdi>"));
}

#[test]
fn a_sheet_names_no_address_and_runs_no_script() {
    let page = page(&random_document(3), "Song", None);
    for word in ["http:", "https:", "//", "@import", "<iframe", "<object", "<img", "javascript:"] {
        let outside = page.replace(&content(&random_document(3)), "");
        let outside: String =
            outside.split("base64,").map(|part| part.split_once(')').map_or(part, |p| p.1)).collect();
        assert!(!outside.contains(word), "{word}");
    }
    assert!(page.contains("default-src 'none'"));
}

#[test]
fn whatever_is_not_at_its_default_can_be_read() {
    for param in StripParam::ALL {
        let spec = param.spec();
        let mut document = Document::default();
        let value = if spec.default == spec.max { spec.min } else { spec.max };
        document.mix.stems[4].set(param, value);
        let page = page(&document, "Song", None);
        let body = &page[page.find("<body").unwrap()..page.find("<script").unwrap()];
        let wanted = match spec.kind {
            _ if param == StripParam::Tone => "Tone off".to_owned(),
            Kind::Switch("off", "on") => spec.name.to_owned(),
            _ => text::format(&spec, value).replace('-', "\u{2212}"),
        };
        assert!(body.contains(&wanted), "{}: no {wanted}", spec.name);
        assert!(body.contains("Stem 05") && !body.contains("Stem 06"), "{}", spec.name);
    }
}

#[test]
fn a_drawn_curve_is_the_tone_s() {
    let mut document = Document::default();
    let tone = &mut document.mix.stems[2].tone;
    (tone.bell_db, tone.bell_hz, tone.high_shelf_db) = (9.0, 500.0, -4.0);
    let curve = ToneCurve::new(tone, f64::from(RATE_HZ));
    let page = page(&document, "Song", None);
    let points = page.split("<polyline points=\"").nth(1).unwrap().split('"').next().unwrap();
    let drawn: Vec<f64> =
        points.split(' ').map(|point| point.split_once(',').unwrap().1.parse().unwrap()).collect();
    assert_eq!(drawn.len(), curve_frequencies_hz().len());
    // 112 units are 36 dB, 0 dB in the middle.
    for (hz, y) in curve_frequencies_hz().into_iter().zip(drawn) {
        let db = (56.0 - y) * 36.0 / 112.0;
        assert!((db - curve.level_db(f64::from(hz))).abs() < 0.02, "{hz} Hz: {db}");
    }
}

#[test]
fn every_command_takes_a_sheet_for_a_balance() {
    let bench = Bench::new();
    let stems = [0, 1].map(|k| bench.wav(&format!("{k}.wav"), &[noise(k, 30_000), noise(k + 9, 30_000)]));
    let mut document = random_document(5);
    document.mix.bypass = false;
    document.mix.stems.iter_mut().for_each(|strip| (strip.mute, strip.solo) = (false, false));
    document.mix.groups = Default::default();
    let balance = bench.balance("b.json", &document);
    let job = SheetJob { balance: balance.clone(), out: bench.path("b.html"), ..SheetJob::default() };
    Sheet::prepare(&job).unwrap().run(|_| ControlFlow::Continue(())).unwrap();
    let mix = |balance: PathBuf, name: &str| {
        let job =
            Job { stems: stems.to_vec(), balance: Some(balance), mix: bench.path(name), ..Job::default() };
        Render::prepare(&job).unwrap().run(|_| ControlFlow::Continue(())).unwrap();
        fs::read(bench.path(name)).unwrap()
    };
    assert!(mix(balance, "json.wav") == mix(job.out, "html.wav"));
    for args in [
        &["learn", "0.wav", "1.wav", "--balance", "b.html", "--out", "learned.json"][..],
        &["sheet", "--balance", "b.html", "--out", "again.html", "--title", "b"],
    ] {
        let output = program(args, bench.0.path());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    assert_eq!(fs::read(bench.path("b.html")).unwrap(), fs::read(bench.path("again.html")).unwrap());
}

#[test]
fn readings_are_what_the_mix_and_its_parts_measure() {
    let bench = Bench::new();
    let stems: Vec<PathBuf> = (0..3)
        .map(|k| bench.wav(&format!("{k}.wav"), &[noise(k, 100_000), noise(k + 9, 90_000 + 10_000)]))
        .collect();
    let mut document = random_document(8);
    document.mix.bypass = false;
    document.mix.stems.iter_mut().for_each(|strip| (strip.mute, strip.solo) = (false, false));
    document.mix.groups = Default::default();
    let balance = bench.balance("b.json", &document);
    fs::create_dir(bench.path("parts")).unwrap();
    let job = Job {
        stems: stems.clone(),
        balance: Some(balance.clone()),
        mix: bench.path("mix.wav"),
        stems_folder: Some(bench.path("parts")),
        ..Job::default()
    };
    let written = Render::prepare(&job).unwrap().run(|_| ControlFlow::Continue(())).unwrap().written;
    let job = SheetJob { balance, stems, out: bench.path("s.html"), ..SheetJob::default() };
    Sheet::prepare(&job).unwrap().run(|_| ControlFlow::Continue(())).unwrap();
    let page = fs::read_to_string(job.out).unwrap();
    for file in written {
        let measured = Measure::prepare(&[file.path]).unwrap().run(|_| ControlFlow::Continue(())).unwrap();
        let figures = &measured.stems[0];
        for value in [figures.integrated_lufs, figures.true_peak_dbtp] {
            let wanted = format!(">{value:.1}").replace("inf", "∞").replace('-', "\u{2212}");
            assert!(page.contains(&wanted), "{}: no {wanted}", figures.name);
        }
    }
}

#[test]
fn a_page_without_a_balance_is_refused_and_a_damaged_one_read_as_far_as_it_is_whole() {
    let refused = |text: &str| document_in(text.as_bytes()).expect_err("must be refused").to_string();
    assert!(refused("<!DOCTYPE html><p>Hello").contains("a page without a balance"));
    assert!(refused("<script>1</script>").contains("a page without a balance"));
    let big = format!("<html>{}", " ".repeat(MAX_PAGE_BYTES));
    assert!(matches!(document_in(big.as_bytes()), Err(DocumentError::TooLarge(_))));
    let mut document = Document::default();
    document.mix.output_db = -7.0;
    let whole = page(&document, "Song", None);
    let cut = &whole[..whole.find("\"order\"").unwrap()];
    let loaded = document_in(cut.as_bytes()).unwrap();
    assert_eq!(loaded.document.mix.output_db, -7.0);
    assert_eq!(loaded.notices, ["The text is damaged; what is whole of it was read."]);
    let rewritten = format!(
        "\u{feff}\n<HTML><script>var a;</script><script id='stemwright-balance' type='application/json'>{}</script>",
        content(&document)
    );
    assert_eq!(document_in(rewritten.as_bytes()).unwrap().document, document);
}

#[test]
fn pages_of_any_content_are_refused_or_read_sanely() {
    let mut random = Random::new(4);
    let page = |document: &Document| {
        format!(
            "<p><script type=\"application/json\" id=\"stemwright-balance\">{}</script>",
            content(document)
        )
    };
    let pages: Vec<String> = (0..4).map(|seed| page(&random_document(seed))).collect();
    let pages: Vec<&[u8]> = pages.iter().map(String::as_bytes).collect();
    let read = (0..1000).filter(|_| {
        let loaded = document_in(&random.bytes(&pages));
        if let Ok(loaded) = &loaded {
            assert_sane(&loaded.document);
        }
        loaded.is_ok()
    });
    let read = read.count();
    assert!((100..900).contains(&read), "{read} of 1000 read: the damage is of one kind");
}

#[test]
fn an_interrupted_or_refused_sheet_leaves_nothing_behind() {
    let bench = Bench::new();
    let stem = bench.wav("a.wav", &[noise(1, 9000), noise(2, 9000)]);
    let balance = bench.balance("b.json", &Document::default());
    let job =
        SheetJob { balance, stems: vec![stem.clone()], out: bench.path("s.html"), ..SheetJob::default() };
    let stopped = Sheet::prepare(&job).unwrap().run(|_| ControlFlow::Break(()));
    assert!(matches!(stopped, Err(RenderError::Interrupted)));
    assert_eq!(bench.names(), ["a.wav", "b.json"]);
    let onto = Sheet::prepare(&SheetJob { out: stem, replace: true, ..job.clone() });
    assert!(matches!(onto.err(), Some(RenderError::OutputIsInput { .. })));
    fs::write(&job.out, "mine").unwrap();
    assert!(matches!(Sheet::prepare(&job).err(), Some(RenderError::Exists { .. })));
    assert_eq!(fs::read_to_string(&job.out).unwrap(), "mine");
}

#[test]
fn scenes_stand_side_by_side_and_so_do_groups() {
    let mut document = Document::default();
    document.stems[0].rename("Vox");
    document.stems[0].group = Some(1);
    document.mix.groups[1].fader_db = -4.5;
    document.scenes[2].rename("Chorus <b>");
    document.scenes[2].annotate("all in");
    document.scenes[2].stems[0].level = Level::By(2.5);
    let page = page(&document, "Song", None);
    for words in ["C Chorus &lt;b&gt;", "all in", "fader +2.5 dB", "group B", "\u{2212}4.5 dB"] {
        assert!(page.contains(words), "no {words}");
    }
    assert!(!page.contains(">D</bdi>"), "a scene that nobody has made");
}

#[test]
fn every_stem_in_use_has_a_row() {
    let mut document = Document::default();
    (0..STEMS).for_each(|stem| document.stems[stem].rename(&format!("Name {stem}")));
    let page = page(&document, "Song", None);
    assert_eq!(page.matches("<tr style").count(), STEMS);
    assert!(!page.contains("Not in use"));
}
