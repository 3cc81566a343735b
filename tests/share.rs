//! Packets: what is in them, that they are the mix, what of them is taken back, and what is refused.

#[path = "harness/any_document.rs"]
#[allow(dead_code, reason = "other tests read documents by it")]
mod any_document;
#[path = "harness/any_packet.rs"]
mod any_packet;
mod support;

use any_packet::OUTSIDE;
use hound::{SampleFormat, WavReader, WavSpec, WavWriter};
use std::collections::BTreeSet;
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use stemwright::model::document::Document;
use stemwright::model::learned::{LearnedBalance, LearnedStem};
use stemwright::model::limits::{Role, STEMS, StripParam};
use stemwright::model::offsets::Level;
use stemwright::model::settings::Slope;
use stemwright::render::{Job, Render, RenderError, load_balance};
use stemwright::share::{
    Changes, Manifest, Merge, MergeJob, Packet, PacketJob, PacketReport, Purpose, ShareError,
};
use support::random::Random;
use support::signals::{Stereo, noise};
use tempfile::TempDir;

const RATE_HZ: u32 = 48_000;
const NAMES: [&str; 5] = ["Kick", "Lead: Vox?", "Pad/Wide", "Backing", "Bass"];

/// A folder with a song of five stems and its balance.
struct Bench {
    folder: TempDir,
    stems: Vec<PathBuf>,
}

impl Bench {
    fn new() -> Self {
        Self::with(&song())
    }

    fn with(document: &Document) -> Self {
        let folder = TempDir::new().unwrap();
        let stems = (0..NAMES.len() as u64)
            .map(|k| {
                let frames = 6000 + 500 * k as usize;
                let path = folder.path().join(format!("{k}.wav"));
                wav(&path, RATE_HZ, &[noise(2 * k, frames), noise(2 * k + 1, frames)]);
                path
            })
            .collect();
        let bench = Self { folder, stems };
        bench.save("mine.json", document);
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn save(&self, name: &str, document: &Document) -> PathBuf {
        fs::write(self.path(name), document.to_json()).unwrap();
        self.path(name)
    }

    fn job(&self, purpose: Purpose, chosen: &[&str]) -> PacketJob {
        PacketJob {
            purpose,
            stems: self.stems.clone(),
            balance: self.path("mine.json"),
            chosen: chosen.iter().map(|word| (*word).to_owned()).collect(),
            raw: false,
            title: None,
            out: self.path("packet"),
            replace: false,
        }
    }

    fn pack(&self, purpose: Purpose, chosen: &[&str]) -> PacketReport {
        pack(&self.job(purpose, chosen)).unwrap_or_else(|error| panic!("{error}"))
    }

    fn merge_job(&self) -> MergeJob {
        MergeJob { returned: self.path("packet"), balance: self.path("mine.json"), ..MergeJob::default() }
    }

    fn merge(&self) -> Result<Changes, ShareError> {
        merge(&self.merge_job())
    }

    /// Changes the balance in the packet, as a collaborator would.
    fn answer(&self, change: impl FnOnce(&mut Document)) {
        let path = self.path("packet").join(self.manifest().balance);
        let mut document = load_balance(&path).unwrap().document;
        change(&mut document);
        fs::write(path, document.to_json()).unwrap();
    }

    fn manifest(&self) -> Manifest {
        Manifest::read(&self.path("packet")).unwrap()
    }

    /// The merge is refused, and the message has all of `said`.
    #[track_caller]
    fn refuses(&self, said: &[&str]) {
        let message = self.merge().expect_err("this must be refused").to_string();
        for words in said {
            assert!(message.contains(words), "\"{message}\" does not say \"{words}\"");
        }
    }
}

fn song() -> Document {
    let mut document = Document::default();
    document.mix.output_db = -2.0;
    let mut random = Random::new(9);
    for (stem, name) in NAMES.iter().enumerate() {
        document.stems[stem].rename(name);
        let strip = &mut document.mix.stems[stem];
        strip.fader_db = random.between(-12.0, 6.0);
        strip.pan = random.between(-1.0, 1.0);
        strip.delay_ms = random.between(0.0, 20.0);
        strip.width_percent = random.between(0.0, 200.0);
        strip.tone.bell_db = random.between(-9.0, 9.0);
        strip.inverted = stem == 2;
    }
    document.stems[1].role = Role::Lead;
    document.stems[3].role = Role::Backing;
    let mut learned = LearnedBalance::default();
    learned.stems[1] = LearnedStem { offset_db: 2.5, accepted: true, ..LearnedStem::default() };
    learned.stems[4] = LearnedStem { offset_db: -4.0, accepted: true, ..LearnedStem::default() };
    document.learned = Some(learned);
    document.stems[4].group = Some(0);
    document.mix.groups[0].fader_db = -3.0;
    document.mix.wide_percent = 130.0;
    document.mix.scene = Some(1);
    document.scenes[1].rename("Chorus");
    document.scenes[1].stems[1].level = Level::By(2.0);
    document.scenes[1].stems[4].set(StripParam::Pan, Some(-0.25));
    document
}

fn wav(path: &Path, rate_hz: u32, audio: &Stereo) {
    let (channels, bits_per_sample) = (2, 32);
    let spec =
        WavSpec { channels, sample_rate: rate_hz, bits_per_sample, sample_format: SampleFormat::Float };
    let mut writer = WavWriter::create(path, spec).unwrap();
    for sample in audio[0].iter().zip(&audio[1]).flat_map(|(l, r)| [*l, *r]) {
        writer.write_sample(sample).unwrap();
    }
    writer.finalize().unwrap();
}

fn read(path: impl AsRef<Path>) -> Vec<f32> {
    WavReader::open(path).unwrap().samples().map(Result::unwrap).collect()
}

fn pack(job: &PacketJob) -> Result<PacketReport, ShareError> {
    Packet::prepare(job)?.run(|_| ControlFlow::Continue(()))
}

fn merge(job: &MergeJob) -> Result<Changes, ShareError> {
    Merge::prepare(job)?.run(|_| ControlFlow::Continue(()))
}

fn program(args: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_stem-render")).args(args).current_dir(folder).output().unwrap()
}

fn files(folder: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            found.extend(files(&path).into_iter().map(|inner| format!("{name}/{inner}")));
        } else {
            found.insert(name);
        }
    }
    found
}

fn lines(changes: &Changes) -> Vec<String> {
    let changes = changes.changes.iter();
    changes
        .map(|c| format!("{} {} {} -> {}", c.whose, c.was.name(), c.was.value(), c.becomes.value()))
        .collect()
}

#[test]
fn a_packet_holds_what_its_purpose_asks_for() {
    let common = ["README.txt", "checksums.sha256", "packet.json", "sheet.html"];
    let stems = ["stems/01 Lead_ Vox_.wav", "stems/02 Backing.wav"];
    for (purpose, own) in [
        (Purpose::Mastering, &["balance-already-in-the-stems.json", "mix.wav", "rest.wav"][..]),
        (Purpose::Mix, &["balance.json", "mix.wav"]),
        (Purpose::Remix, &["balance.json"]),
        (Purpose::Vocalist, &["balance-already-in-the-stems.json", "mix.wav", "rest.wav"]),
    ] {
        let bench = Bench::new();
        bench.pack(purpose, &["lead,backing"]);
        let wanted = common.iter().chain(&stems).chain(own).map(|name| (*name).to_owned()).collect();
        assert_eq!(files(&bench.path("packet")), wanted, "{purpose:?}");
        let readme = fs::read_to_string(bench.path("packet/README.txt")).unwrap();
        wanted_in(&readme, &stems);
        wanted_in(&readme, own);
        let manifest = bench.manifest();
        assert_eq!((manifest.purpose.as_str(), manifest.sample_rate_hz), (purpose.word(), RATE_HZ));
        let numbers: Vec<_> = manifest.stems.iter().map(|stem| (stem.number, stem.name.as_str())).collect();
        assert_eq!(numbers, [(2, "Lead: Vox?"), (4, "Backing")]);
        for file in &manifest.files {
            let path = bench.path("packet").join(&file.path);
            assert_eq!(path.metadata().unwrap().len(), file.bytes);
            if file.path.ends_with(".wav") {
                assert_eq!(read(path).len() as u64, 2 * manifest.frames, "{}", file.path);
            }
        }
    }
}

#[track_caller]
fn wanted_in(text: &str, words: &[&str]) {
    for word in words {
        assert!(text.contains(word), "no {word} in:\n{text}");
    }
}

#[test]
fn stems_are_chosen_by_name_number_or_role() {
    let bench = Bench::new();
    let chosen = |words: &[&str]| -> Result<Vec<usize>, ShareError> {
        let packet = Packet::prepare(&bench.job(Purpose::Mix, words))?;
        Ok(packet.stems().map(|(number, _)| number).collect())
    };
    assert_eq!(chosen(&[]).unwrap(), [1, 2, 3, 4, 5]);
    assert_eq!(chosen(&["lead, kick,5"]).unwrap(), [1, 2, 5]);
    assert_eq!(chosen(&["PAD/WIDE", "backing", "4"]).unwrap(), [3, 4]);
    for wrong in ["Snare", "6", "strings", "", "kick,,"] {
        let message = chosen(&[wrong]).expect_err("no such stem").to_string();
        wanted_in(&message, &["no stem", "\"Kick\"", "drums"]);
    }
    let mut comma = song();
    comma.stems[0].rename("Kick, in");
    bench.save("mine.json", &comma);
    assert_eq!(chosen(&["kick, in"]).unwrap(), [1]);
}

#[test]
fn processed_stems_and_the_rest_are_the_mix() {
    let bench = Bench::new();
    let report = bench.pack(Purpose::Mastering, &["lead", "bass"]);
    assert!(report.null.residual_db.unwrap() < -120.0, "{:?}", report.null);
    let sound = |name: &str| read(bench.path("packet").join(name));
    let mix = sound("mix.wav");
    let parts = [sound("stems/01 Lead_ Vox_.wav"), sound("stems/02 Bass.wav"), sound("rest.wav")];
    let peak = mix.iter().fold(0.0f64, |peak, x| peak.max(f64::from(x.abs())));
    let residual = mix.iter().enumerate().fold(0.0f64, |worst, (at, x)| {
        let sum: f64 = parts.iter().map(|part| f64::from(part[at])).sum();
        worst.max((f64::from(*x) - sum).abs())
    });
    let residual_db = 20.0 * (residual / peak).log10();
    assert!((residual_db - report.null.residual_db.unwrap()).abs() < 3.0, "measured {residual_db}");
    assert!((20.0 * peak.log10() - report.null.mix_peak_dbfs.unwrap()).abs() < 1e-6);

    let job = Job {
        stems: bench.stems.clone(),
        balance: Some(bench.path("mine.json")),
        mix: bench.path("mix.wav"),
        ..Job::default()
    };
    Render::prepare(&job).unwrap().run(|_| ControlFlow::Continue(())).unwrap();
    assert_eq!(read(job.mix), mix);
}

#[test]
fn raw_stems_are_as_they_came_and_their_balance_makes_them_what_they_are_in_the_mix() {
    let bench = Bench::new();
    let report = bench.pack(Purpose::Remix, &["3", "5"]);
    assert!(report.null.residual_db.unwrap() < -120.0);
    let raw = read(bench.path("packet/stems/02 Bass.wav"));
    let came = read(&bench.stems[4]);
    assert_eq!(raw[..came.len()], came);
    assert!(raw[came.len()..].iter().all(|x| *x == 0.0));

    fs::remove_dir_all(bench.path("packet")).unwrap();
    bench.pack(Purpose::Mastering, &["3", "5"]);
    let parts =
        [read(bench.path("packet/stems/01 Pad_Wide.wav")), read(bench.path("packet/stems/02 Bass.wav"))];
    fs::remove_dir_all(bench.path("packet")).unwrap();
    bench.pack(Purpose::Mix, &["3", "5"]);
    let job = Job {
        stems: ["stems/01 Pad_Wide.wav", "stems/02 Bass.wav"]
            .map(|name| bench.path("packet").join(name))
            .into(),
        balance: Some(bench.path("packet/balance.json")),
        mix: bench.path("again.wav"),
        ..Job::default()
    };
    let report = Render::prepare(&job).unwrap().run(|_| ControlFlow::Continue(())).unwrap();
    assert_eq!(report.notices, [""; 0]);
    let again = read(job.mix);
    let peak = again.iter().fold(0.0f32, |peak, x| peak.max(x.abs()));
    for (at, x) in parts[0].iter().enumerate() {
        assert!((x + parts[1][at] - again[at]).abs() < 1e-6 * peak);
    }
}

#[test]
fn what_a_packet_says_is_of_its_stems_alone() {
    let bench = Bench::new();
    bench.pack(Purpose::Mix, &["lead", "bass"]);
    let packed = load_balance(&bench.path("packet/balance.json")).unwrap();
    assert_eq!(packed.notices, [""; 0]);
    let (packed, whole) = (packed.document, song());
    assert_eq!(packed.mix.groups, whole.mix.groups);
    assert_eq!(packed.scenes[1].name, "Chorus");
    for (place, stem) in [1, 4].into_iter().enumerate() {
        assert_eq!(packed.scenes[1].stems[place], whole.scenes[1].stems[stem]);
    }
    for (place, stem) in [1, 4].into_iter().enumerate() {
        assert_eq!(packed.mix.stems[place], whole.mix.stems[stem]);
        assert_eq!(packed.stems[place], whole.stems[stem]);
        let [ours, theirs] = [&packed, &whole].map(|document| document.learned.clone().unwrap());
        assert_eq!(ours.stems[place], theirs.stems[stem]);
    }
    assert_eq!(packed.mix.stems[2..], Document::default().mix.stems[2..]);
    assert!(packed.stems[2..].iter().all(|info| info.name.is_empty()));
    let sheet = load_balance(&bench.path("packet/sheet.html")).unwrap();
    assert_eq!(sheet.document, packed);
    let text = fs::read_to_string(bench.path("packet/sheet.html")).unwrap();
    wanted_in(&text, &["Bass", "LUFS"]);
    assert!(!text.contains("Kick") && !text.contains("Backing"));
}

#[test]
fn a_returned_packet_gives_exactly_what_was_changed_in_it() {
    for purpose in [Purpose::Mastering, Purpose::Mix] {
        let bench = Bench::new();
        bench.pack(purpose, &["lead", "bass", "pad/wide"]);
        let untouched = bench.merge().unwrap();
        assert_eq!((untouched.changes.len(), &untouched.document), (0, &song()));

        // Packed as 1 Lead, 2 Pad, 3 Bass; at home the order is another one by now, and something else has changed.
        let mut mine = song();
        mine.mix.stems.swap(1, 4);
        mine.stems.swap(1, 4);
        mine.learned.as_mut().unwrap().stems.swap(1, 4);
        mine.scenes[1].stems.swap(1, 4);
        mine.stems[4].rename("lead vox");
        mine.mix.stems[0].fader_db = -20.0;
        mine.mix.stems[4].trim_db = 3.0;
        bench.save("mine.json", &mine);
        bench.answer(|document| {
            document.mix.output_db = -3.0;
            document.mix.stems[0].fader_db = -1.5;
            document.mix.stems[1].mute = true;
            document.mix.stems[2].tone.high_pass = Slope::Steep;
            document.learned.as_mut().unwrap().stems[0].offset_db = 4.0;
            document.scenes[1].stems[2].set(StripParam::Pan, Some(0.5));
            document.scenes[1].rename("Big chorus");
            document.scenes[1].annotate("Drums up");
            document.scenes[1].color = 0x12_34_56;
            document.mix.groups[0].mute = true;
            document.stems[1].group = Some(3);
            document.mix.scene = None;
            document.view.shows_all = true;
            document.mix.bypass = true;
        });
        let changes = bench.merge().unwrap();
        let was = stemwright::model::text::format(
            &stemwright::model::limits::StripParam::Fader.spec(),
            song().mix.stems[1].fader_db,
        );
        assert_eq!(
            lines(&changes),
            [
                "Bass High-Pass Slope off -> 24 dB/oct",
                "Bass Scene B pan 25 to the left -> pan 50 to the right",
                "Pad/Wide Mute off -> on",
                "Pad/Wide Group none -> D",
                &format!("lead vox Fader {was} -> -1.5 dB"),
                "lead vox Learned offset +2.50 dB -> +4.00 dB",
                "Mix Output -2.0 dB -> -3.0 dB",
                "Mix Group A Mute off -> on",
                "Mix Name of scene B Chorus -> Big chorus",
                "Mix Note of scene B none -> Drums up",
                &format!("Mix Colour of scene B #{:06X} -> #123456", song().scenes[1].color),
            ]
        );
        let mut wanted = mine;
        wanted.mix.output_db = -3.0;
        wanted.mix.stems[4].fader_db = -1.5;
        wanted.mix.stems[2].mute = true;
        wanted.mix.stems[1].tone.high_pass = Slope::Steep;
        wanted.learned.as_mut().unwrap().stems[4].offset_db = 4.0;
        wanted.scenes[1].stems[1].set(StripParam::Pan, Some(0.5));
        wanted.scenes[1].rename("Big chorus");
        wanted.scenes[1].annotate("Drums up");
        wanted.scenes[1].color = 0x12_34_56;
        wanted.mix.groups[0].mute = true;
        wanted.stems[2].group = Some(3);
        assert_eq!(changes.document, wanted);
        assert_eq!((changes.taken(), changes.notices.len()), (11, 0));
    }
}

#[test]
fn where_both_changed_a_setting_one_s_own_stays_unless_theirs_is_asked_for() {
    let bench = Bench::new();
    bench.pack(Purpose::Mix, &["kick", "bass"]);
    bench.answer(|document| {
        document.mix.stems[0].pan = 0.5;
        document.mix.stems[0].trim_db = 1.0;
        document.mix.stems[1].pan = -0.5;
    });
    let mut mine = song();
    mine.mix.stems[0].pan = -1.0;
    mine.mix.stems[4].pan = -0.5; // as they have it
    bench.save("mine.json", &mine);
    let kept = bench.merge().unwrap();
    assert_eq!((kept.changes.len(), kept.taken()), (2, 1));
    wanted_in(&kept.text(), &["conflict: yours is L100 and stays"]);
    let mut wanted = mine.clone();
    wanted.mix.stems[0].trim_db = 1.0;
    assert_eq!(kept.document, wanted);
    let taken = merge(&MergeJob { theirs: true, ..bench.merge_job() }).unwrap();
    wanted.mix.stems[0].pan = 0.5;
    assert_eq!((taken.document, taken.changes.len()), (wanted, 2));
}

#[test]
fn of_what_was_changed_some_stems_can_be_taken() {
    let bench = Bench::new();
    bench.pack(Purpose::Mix, &[]);
    bench.answer(|document| {
        document.mix.output_db = 1.0;
        document.mix.stems.iter_mut().take(5).for_each(|strip| strip.trim_db = 5.0);
    });
    let changes = merge(&MergeJob { chosen: vec!["backing,1".to_owned()], ..bench.merge_job() }).unwrap();
    let mut wanted = song();
    wanted.mix.stems[0].trim_db = 5.0;
    wanted.mix.stems[3].trim_db = 5.0;
    assert_eq!(changes.document, wanted);
}

#[test]
fn renaming_and_names_that_are_not_here_are_said() {
    let bench = Bench::new();
    bench.pack(Purpose::Mix, &["kick", "bass"]);
    bench.answer(|document| {
        document.stems[0].rename("Bass Drum");
        document.mix.stems[1].trim_db = 2.0;
    });
    let mut mine = song();
    mine.stems[4].rename("Double Bass");
    bench.save("mine.json", &mine);
    let changes = bench.merge().unwrap();
    assert_eq!(lines(&changes), ["Kick Name Kick -> Bass Drum"]);
    assert_eq!(changes.notices, ["Left out, no stem of yours is called so: Bass."]);
}

#[test]
fn a_sheet_or_a_balance_that_comes_back_is_merged_too() {
    let bench = Bench::new();
    bench.pack(Purpose::Mix, &["kick", "bass"]);
    let mut theirs = load_balance(&bench.path("packet/balance.json")).unwrap().document;
    theirs.mix.stems[1].trim_db = 2.0;
    let json = bench.save("theirs.json", &theirs);
    let page = bench.path("theirs.html");
    fs::write(&page, stemwright::share::page(&theirs, "Theirs", None)).unwrap();
    let mut mine = song();
    mine.mix.stems[0].trim_db = -1.0;
    bench.save("mine.json", &mine);
    for returned in [json, page] {
        for sent in ["packet", "packet/sheet.html"] {
            let sent = Some(bench.path(sent));
            let job = MergeJob { returned: returned.clone(), sent, ..bench.merge_job() };
            assert_eq!(lines(&merge(&job).unwrap()), ["Bass Trim 0.0 dB -> 2.0 dB"]);
        }
        let blind = merge(&MergeJob { returned, ..bench.merge_job() }).unwrap();
        assert_eq!(lines(&blind), ["Kick Trim -1.0 dB -> 0.0 dB", "Bass Trim 0.0 dB -> 2.0 dB"]);
        assert_eq!(blind.taken(), 2);
    }
}

#[test]
fn a_zipped_packet_is_to_be_unpacked_first() {
    let bench = Bench::new();
    let zip = bench.path("packet.zip");
    fs::write(&zip, [b"PK\x03\x04".as_slice(), &vec![0; 20_000_000]].concat()).unwrap();
    let refused = merge(&MergeJob { returned: zip, ..bench.merge_job() }).expect_err("no packet").to_string();
    assert!(refused.contains("packet.zip") && refused.contains("unpack it first"), "{refused}");
}

#[test]
fn a_file_that_is_missing_renamed_resampled_cut_off_or_changed_is_refused_with_its_cure() {
    let bench = Bench::new();
    bench.pack(Purpose::Mastering, &["kick", "bass"]);
    let stem = bench.path("packet/stems/02 Bass.wav");
    let whole = fs::read(&stem).unwrap();

    fs::remove_file(&stem).unwrap();
    bench.refuses(&["stems/02 Bass.wav is missing", "put it back"]);
    fs::write(bench.path("packet/stems/Bass final.wav"), &whole).unwrap();
    bench.refuses(&["stems/02 Bass.wav is called stems/Bass final.wav now", "rename it back"]);
    fs::remove_file(bench.path("packet/stems/Bass final.wav")).unwrap();

    wav(&stem, 44_100, &[noise(1, 9000), noise(2, 9000)]);
    bench.refuses(&["02 Bass.wav has been resampled to 44100 Hz", "48000 Hz"]);
    fs::write(&stem, &whole[..whole.len() / 2]).unwrap();
    bench.refuses(&["02 Bass.wav is cut off", "copy it again"]);
    fs::write(&stem, "").unwrap();
    bench.refuses(&["02 Bass.wav is cut off, 0 of"]);
    let mut touched = whole.clone();
    *touched.last_mut().unwrap() ^= 1;
    fs::write(&stem, &touched).unwrap();
    bench.refuses(&["02 Bass.wav has been changed", "put the original back"]);
    wav(&stem, RATE_HZ, &[noise(1, 10), noise(2, 10)]);
    bench.refuses(&["02 Bass.wav has been changed"]);
    fs::write(&stem, &whole).unwrap();

    let sheet = bench.path("packet/sheet.html");
    let page = fs::read_to_string(&sheet).unwrap();
    fs::write(&sheet, page.replacen("Bass", "Bbss", 1)).unwrap();
    bench.refuses(&["sheet.html has been changed"]);
    fs::write(&sheet, page).unwrap();
    fs::remove_file(bench.path("packet/balance-already-in-the-stems.json")).unwrap();
    bench.refuses(&["balance-already-in-the-stems.json is missing"]);
}

#[test]
fn notes_and_new_takes_beside_the_files_do_no_harm() {
    let bench = Bench::new();
    bench.pack(Purpose::Mix, &["kick"]);
    fs::write(bench.path("packet/README.txt"), "Louder, please.").unwrap();
    wav(&bench.path("packet/stems/Kick new.wav"), 44_100, &[noise(1, 10), noise(2, 10)]);
    assert_eq!(bench.merge().unwrap().changes, []);
}

#[test]
fn no_path_of_a_manifest_leaves_the_packet() {
    let bench = Bench::new();
    bench.pack(Purpose::Mix, &["kick"]);
    wav(&bench.path("secret.wav"), RATE_HZ, &[noise(1, 10), noise(2, 10)]);
    let manifest = fs::read_to_string(bench.path("packet/packet.json")).unwrap();
    for field in ["stems/01 Kick.wav", "balance.json", "sheet.html", "mix.wav"] {
        for way in OUTSIDE {
            let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\"));
            let hostile = manifest.replace(&quoted(field), &quoted(way));
            assert_ne!(hostile, manifest);
            fs::write(bench.path("packet/packet.json"), hostile).unwrap();
            let refused = any_packet::merge(&bench.path("packet"), &bench.path("mine.json"));
            wanted_in(&refused.expect_err(way), &["the packet names a file", "ask for one"]);
        }
    }
}

#[cfg(unix)]
#[test]
fn a_link_in_a_packet_is_not_followed() {
    use std::os::unix::fs::symlink;
    let bench = Bench::new();
    bench.pack(Purpose::Mix, &["kick"]);
    let packet = bench.path("packet");
    for name in ["balance.json", "sheet.html", "mix.wav", "stems"] {
        let (inside, outside) = (packet.join(name), bench.path("outside"));
        fs::rename(&inside, &outside).unwrap();
        symlink(&outside, &inside).unwrap();
        bench.refuses(&["is a link to another place"]);
        fs::remove_file(&inside).unwrap();
        fs::rename(&outside, &inside).unwrap();
    }
    assert_eq!(bench.merge().unwrap().changes, []);
    fs::rename(packet.join("packet.json"), bench.path("outside")).unwrap();
    symlink(bench.path("outside"), packet.join("packet.json")).unwrap();
    bench.refuses(&["is no Stemwright packet", "packet.json"]);
}

#[test]
fn packets_of_any_content_are_refused_in_words_or_change_nothing() {
    let mut random = Random::new(6);
    let taken = (0..500).filter(|_| any_packet::survives(&mut random)).count();
    assert!((20..400).contains(&taken), "{taken} of 500 taken: the damage is of one kind");
}

#[test]
fn what_is_no_packet_or_a_later_one_is_refused() {
    let bench = Bench::new();
    fs::create_dir(bench.path("packet")).unwrap();
    bench.refuses(&["is no Stemwright packet", "choose the folder"]);
    let write = |text: &str| fs::write(bench.path("packet/packet.json"), text).unwrap();
    write("{}");
    bench.refuses(&["about something else"]);
    write("[1, 2");
    bench.refuses(&["is no Stemwright packet"]);
    write(r#"{"format": "stemwright-packet", "version": 2}"#);
    bench.refuses(&["version 2", "newer Stemwright"]);
    write(&" ".repeat(1 << 20));
    bench.refuses(&["larger than any"]);
}

#[test]
fn a_mix_that_is_not_whole_is_not_packed() {
    let mut soloed = song();
    soloed.mix.stems[3].solo = true;
    let bench = Bench::with(&soloed);
    let refused = pack(&bench.job(Purpose::Mix, &[])).unwrap_err().to_string();
    wanted_in(&refused, &["Backing is soloed", "switch every solo off"]);
    let mut ignored = song();
    ignored.mix.ignore_main_input = true;
    bench.save("mine.json", &ignored);
    let refused = pack(&bench.job(Purpose::Mix, &[])).unwrap_err().to_string();
    wanted_in(&refused, &["ignores the main input", "Kick"]);
    bench.pack(Purpose::Mix, &["bass"]);
    let mut group = song();
    group.mix.groups[2].solo = true;
    bench.save("mine.json", &group);
    let refused = pack(&bench.job(Purpose::Mix, &[])).unwrap_err().to_string();
    wanted_in(&refused, &["a group is soloed"]);
    let mut lead = song();
    lead.mix.lead_db = 2.0;
    bench.save("mine.json", &lead);
    let again = |purpose| pack(&PacketJob { replace: true, ..bench.job(purpose, &["lead"]) });
    wanted_in(&again(Purpose::Mix).unwrap_err().to_string(), &["Lead is at +2.0 dB", "set it to 0 dB"]);
    let raw = PacketJob { raw: true, replace: true, ..bench.job(Purpose::Mastering, &["lead"]) };
    wanted_in(&pack(&raw).unwrap_err().to_string(), &["Lead is at +2.0 dB", "without --raw"]);
    assert!(again(Purpose::Mastering).unwrap().null.residual_db.unwrap() < -120.0);
    let mut bypassed = song();
    bypassed.mix.bypass = true;
    bypassed.mix.stems[0].mute = true;
    bench.save("mine.json", &bypassed);
    for purpose in [Purpose::Mix, Purpose::Mastering] {
        let report = pack(&PacketJob { replace: true, ..bench.job(purpose, &["kick", "bass"]) }).unwrap();
        assert!(report.null.residual_db.is_none_or(|db| db < -120.0));
    }
}

#[test]
fn a_stem_that_the_mix_silences_is_announced() {
    let silent = |document: &Document| {
        let bench = Bench::with(document);
        let packet = Packet::prepare(&bench.job(Purpose::Mastering, &["kick", "bass"])).unwrap();
        let said: Vec<_> =
            packet.notices().iter().filter(|said| said.contains("is silent")).cloned().collect();
        packet.run(|_| ControlFlow::Continue(())).unwrap();
        let is_silent = |file: &str| read(bench.path(file)).iter().all(|x| *x == 0.0);
        let files = ["packet/stems/01 Kick.wav", "packet/stems/02 Bass.wav"].map(is_silent);
        (said, files)
    };
    let mut document = song();
    let bass = document.stems.iter().position(|info| info.name == "Bass").unwrap();
    assert_eq!(silent(&document), (vec![], [false, false]));
    document.mix.groups[0].mute = true; // the bass is in it
    assert_eq!(
        silent(&document),
        (vec!["The mix silences Bass, so its file is silent.".to_owned()], [false, true])
    );
    document.mix.stems[0].mute = true;
    assert_eq!(silent(&document).0.len(), 2);
    // A scene opens what is muted, and silences what is not; so does a fader that is closed.
    document.mix.groups[0].mute = false;
    (document.mix.scene, document.mix.scene_percent) = (Some(2), 100.0);
    document.scenes[2].stems[0].set(StripParam::Mute, Some(0.0));
    document.scenes[2].stems[bass].set(StripParam::Mute, Some(1.0));
    let (said, files) = silent(&document);
    assert_eq!((said.len(), files), (1, [false, true]), "{said:?}");
    document.mix.scene = None;
    document.mix.stems[bass].fader_db = f32::NEG_INFINITY;
    assert_eq!(silent(&document).1, [true, true]);
    assert_eq!(silent(&document).0.len(), 2);
    document.mix.bypass = true;
    assert_eq!(silent(&document), (vec![], [false, false]));
}

#[test]
fn only_a_packet_is_replaced_and_only_when_asked_and_no_input_goes_with_it() {
    let bench = Bench::new();
    let job = bench.job(Purpose::Remix, &["kick"]);
    pack(&job).unwrap();
    let first = files(bench.folder.path());
    assert!(matches!(pack(&job), Err(ShareError::Render(RenderError::Exists { .. }))));
    assert_eq!(files(bench.folder.path()), first);
    let other = PacketJob { replace: true, ..bench.job(Purpose::Mix, &["bass"]) };
    pack(&other).unwrap();
    assert!(files(&bench.path("packet")).contains("stems/01 Bass.wav"));
    assert!(!files(&bench.path("packet")).contains("stems/01 Kick.wav"));

    let balance = bench.path("packet/balance.json");
    let inner = PacketJob { balance, ..other.clone() };
    assert!(matches!(pack(&inner), Err(ShareError::Render(RenderError::OutputIsInput { .. }))));
    fs::create_dir(bench.path("holiday")).unwrap();
    for out in [bench.path("holiday"), bench.stems[0].clone()] {
        assert!(matches!(pack(&PacketJob { out, ..other.clone() }), Err(ShareError::InTheWay { .. })));
    }
    for out in [PathBuf::from("/"), bench.path("packet/..")] {
        assert!(matches!(pack(&PacketJob { out, ..other.clone() }), Err(ShareError::NoName { .. })));
    }
    let out = bench.path("nowhere/packet");
    assert!(matches!(
        pack(&PacketJob { out, ..other }),
        Err(ShareError::Render(RenderError::NoFolder { .. }))
    ));
}

#[test]
fn an_interrupted_packet_leaves_nothing_and_the_old_one_stays() {
    let bench = Bench::new();
    let job = bench.job(Purpose::Mastering, &["kick"]);
    let before = files(bench.folder.path());
    let steps = |job: &PacketJob, last: usize| {
        let mut left = last;
        Packet::prepare(job).unwrap().run(move |_| match left.checked_sub(1) {
            Some(less) => {
                left = less;
                ControlFlow::Continue(())
            }
            None => ControlFlow::Break(()),
        })
    };
    for last in [0, 3, 10] {
        assert!(steps(&job, last).is_err_and(|error| error.is_interrupt()), "after {last}");
        assert_eq!(files(bench.folder.path()), before, "after {last}");
    }
    pack(&job).unwrap();
    let whole = files(bench.folder.path());
    let again = PacketJob { replace: true, ..bench.job(Purpose::Remix, &["bass"]) };
    assert!(steps(&again, 5).is_err());
    assert_eq!(files(bench.folder.path()), whole);
    let stopped = Merge::prepare(&bench.merge_job()).unwrap().run(|_| ControlFlow::Break(()));
    assert!(stopped.is_err_and(|error| error.is_interrupt()));
}

#[test]
fn the_program_packs_lists_and_takes_only_when_told() {
    let bench = Bench::new();
    let folder = bench.folder.path();
    let words = |output: &Output| {
        let [out, err] =
            [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text).into_owned());
        out + &err
    };
    let pack =
        "packet --for mastering --stems lead,bass 0.wav 1.wav 2.wav 3.wav 4.wav --balance mine.json packet";
    let pack: Vec<&str> = pack.split(' ').collect();
    let output = program(&pack, folder);
    assert!(output.status.success(), "{}", words(&output));
    wanted_in(&words(&output), &["stem 02  Lead: Vox?", "rest.wav", "differ from the mix by -1"]);
    assert_eq!(program(&pack, folder).status.code(), Some(1));
    bench.answer(|document| document.mix.stems[1].trim_db = -6.0);
    let listed = program(&["merge", "packet", "--balance", "mine.json"], folder);
    wanted_in(&words(&listed), &["05  Bass  Trim     0.0 dB  -6.0 dB", "Nothing was written", "--yes"]);
    let listed = program(&["merge", "packet", "--balance", "mine.json", "--out", "new.json"], folder);
    assert!(listed.status.success() && !bench.path("new.json").exists());
    let taken = program(&["merge", "packet", "--balance", "mine.json", "--out", "new.json", "--yes"], folder);
    wanted_in(&words(&taken), &["new.json: 1 of 1 changes taken"]);
    assert_eq!(load_balance(&bench.path("new.json")).unwrap().document.mix.stems[4].trim_db, -6.0);
    let again = program(&["merge", "packet", "--balance", "mine.json", "--out", "new.json", "--yes"], folder);
    assert_eq!(again.status.code(), Some(1));
    let wrong = program(&["packet", "--for", "fun", "0.wav", "out", "--balance", "mine.json"], folder);
    wanted_in(&words(&wrong), &["mastering, mix, remix, vocalist"]);
    assert_eq!(wrong.status.code(), Some(2));
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_a_packet_and_leaves_nothing() {
    let bench = Bench::new();
    wav(&bench.stems[0], RATE_HZ, &[noise(1, 4_000_000), noise(2, 4_000_000)]);
    let before = files(bench.folder.path());
    let mut child = Command::new(env!("CARGO_BIN_EXE_stem-render"))
        .args(["packet", "--for", "mix", "0.wav", "1.wav", "packet", "--balance", "mine.json"])
        .current_dir(bench.folder.path())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let count = || fs::read_dir(bench.folder.path()).unwrap().count();
    let at_first = before.len();
    while count() == at_first {
        assert_eq!(child.try_wait().unwrap(), None, "it ended before it began");
        std::thread::yield_now();
    }
    let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(kill.success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(files(bench.folder.path()), before);
}

#[cfg(unix)]
#[test]
fn a_packet_has_the_permissions_of_any_other_new_folder() {
    use std::os::unix::fs::PermissionsExt;
    let bench = Bench::new();
    bench.pack(Purpose::Remix, &["kick"]);
    fs::create_dir(bench.path("usual")).unwrap();
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode();
    assert_eq!(mode(&bench.path("packet")), mode(&bench.path("usual")));
}

#[test]
fn sixteen_stems_pack_in_their_order() {
    let mut document = Document::default();
    let folder = TempDir::new().unwrap();
    let stems: Vec<PathBuf> = (0..STEMS)
        .map(|stem| {
            document.stems[stem].rename("CON");
            let path = folder.path().join(format!("{stem}.wav"));
            wav(&path, RATE_HZ, &[noise(stem as u64, 3000), noise(99, 3000)]);
            path
        })
        .collect();
    fs::write(folder.path().join("b.json"), document.to_json()).unwrap();
    let job = PacketJob {
        purpose: Purpose::Mastering,
        stems,
        balance: folder.path().join("b.json"),
        chosen: Vec::new(),
        raw: true,
        title: Some("../All".to_owned()),
        out: folder.path().join("All"),
        replace: false,
    };
    let report = pack(&job).unwrap();
    assert!(report.null.residual_db.is_none_or(|db| db < -120.0));
    let packed = files(&folder.path().join("All"));
    assert!(packed.contains("stems/16 CON.wav") && !packed.contains("rest.wav"));
    let merged = MergeJob { returned: job.out, balance: job.balance, ..MergeJob::default() };
    assert_eq!(merge(&merged).unwrap().changes, []);
}

#[test]
fn a_balance_that_comes_back_damaged_is_refused_with_its_cure() {
    let bench = Bench::new();
    bench.pack(Purpose::Mix, &[]);
    let balance = bench.path("packet/balance.json");
    let whole = fs::read_to_string(&balance).unwrap();
    // What is cut off would count as set back to its default.
    for cut in [whole.len() / 4, whole.len() / 2, whole.len() - 3] {
        fs::write(&balance, &whole[..cut]).unwrap();
        bench.refuses(&["balance.json is damaged", "copy it again"]);
    }
    fs::write(&balance, whole.replacen("\"pan\": ", "\"pan\": --", 1)).unwrap();
    bench.refuses(&["balance.json is damaged", "correct"]);
    fs::write(bench.path("sent.json"), &whole[..whole.len() / 2]).unwrap();
    fs::write(&balance, &whole).unwrap();
    let job = MergeJob { sent: Some(bench.path("sent.json")), ..bench.merge_job() };
    wanted_in(&merge(&job).unwrap_err().to_string(), &["sent.json is damaged"]);
    assert_eq!(bench.merge().unwrap().changes, []);
}

#[test]
fn a_stem_that_was_given_another_stem_s_name_changes_its_name_alone() {
    let bench = Bench::new();
    bench.pack(Purpose::Mix, &[]);
    bench.answer(|document| {
        document.stems[0].rename("Bass");
        document.mix.stems[0].trim_db = 3.0;
    });
    let changes = bench.merge().unwrap();
    assert_eq!(lines(&changes), ["Kick Trim 0.0 dB -> 3.0 dB", "Kick Name Kick -> Bass"]);
}

#[test]
fn a_merge_replaces_nothing_that_it_reads() {
    let bench = Bench::new();
    bench.pack(Purpose::Mastering, &["kick"]);
    bench.answer(|document| document.mix.stems[0].trim_db = -6.0);
    let before = files(bench.folder.path());
    let manifest = fs::read(bench.path("packet/packet.json")).unwrap();
    let sheet = fs::read(bench.path("packet/sheet.html")).unwrap();
    for out in [
        "mine.json",
        "./mine.json",
        "packet/packet.json",
        "packet/sheet.html",
        "packet/mix.wav",
        "packet/balance-already-in-the-stems.json",
    ] {
        let merge = ["merge", "packet", "--balance", "mine.json", "--yes", "--force", "--out", out];
        let output = program(&merge, bench.folder.path());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{out}");
        wanted_in(&said, &["choose another name or folder"]);
    }
    assert_eq!(files(bench.folder.path()), before);
    assert_eq!(fs::read(bench.path("packet/packet.json")).unwrap(), manifest);
    assert_eq!(fs::read(bench.path("packet/sheet.html")).unwrap(), sheet);
    let sheet = ["merge", "packet/sheet.html", "--balance", "mine.json", "--yes", "--force", "--out"];
    let output = program(&[&sheet[..], &["packet/sheet.html"]].concat(), bench.folder.path());
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_packet_with_something_new_or_changed_in_it_is_not_replaced() {
    let bench = Bench::new();
    let again = PacketJob { replace: true, ..bench.job(Purpose::Mix, &["kick"]) };
    bench.pack(Purpose::Mix, &["kick"]);
    for new in ["packet/notes.txt", "packet/stems/Kick new.wav", "packet/takes/1.wav"] {
        fs::create_dir_all(bench.path(new).parent().unwrap()).unwrap();
        fs::write(bench.path(new), "new").unwrap();
        let refused = pack(&again).unwrap_err().to_string();
        wanted_in(&refused, &[new.strip_prefix("packet/").unwrap(), "move it", "choose another name"]);
        fs::remove_file(bench.path(new)).unwrap();
    }
    for changed in ["balance.json", "stems/01 Kick.wav"] {
        let path = bench.path("packet").join(changed);
        let came = fs::read(&path).unwrap();
        match changed {
            "balance.json" => bench.answer(|document| document.mix.stems[0].fader_db = -7.0),
            _ => fs::write(&path, [came.as_slice(), b"take 2"].concat()).unwrap(),
        }
        let refused = pack(&again).unwrap_err().to_string();
        wanted_in(&refused, &[changed, "was changed", "merge it"]);
        fs::write(&path, came).unwrap();
    }
    // What a system leaves by itself is nobody's work.
    for litter in [".DS_Store", "stems/._01 Kick.wav", "Thumbs.db", "desktop.ini"] {
        fs::write(bench.path("packet").join(litter), "").unwrap();
    }
    pack(&again).unwrap();
    assert!(!bench.path("packet/.DS_Store").exists());
}

#[cfg(target_os = "linux")]
#[test]
fn an_answer_that_nobody_takes_ends_a_command_in_words() {
    let bench = Bench::new();
    let run = |args: &[&str], out: Stdio, err: Stdio| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stem-render"));
        command.args(args).current_dir(bench.folder.path()).stdout(out).stderr(err).output().unwrap()
    };
    let closed = || {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        Stdio::from(writer)
    };
    let full = || Stdio::from(fs::OpenOptions::new().write(true).open("/dev/full").unwrap());
    let output = run(&["check", "0.wav", "1.wav"], full(), Stdio::piped());
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    wanted_in(
        &String::from_utf8_lossy(&output.stderr),
        &["error: the answer cannot be written", "No space left"],
    );
    // Whoever listens may leave early: the work is done all the same.
    let output = run(&["check", "0.wav", "1.wav"], closed(), Stdio::piped());
    assert_eq!((output.status.code(), output.stderr), (Some(0), Vec::new()));
    let pack = [
        "packet",
        "--for",
        "mix",
        "--balance",
        "mine.json",
        "0.wav",
        "1.wav",
        "2.wav",
        "3.wav",
        "4.wav",
        "packet",
    ];
    assert_eq!(run(&pack, closed(), closed()).status.code(), Some(0));
    bench.answer(|document| document.mix.stems[1].trim_db = -6.0);
    let merge = ["merge", "packet", "--balance", "mine.json", "--yes", "--out", "new.json"];
    assert_eq!(run(&merge, closed(), full()).status.code(), Some(0));
    assert_eq!(load_balance(&bench.path("new.json")).unwrap().document.mix.stems[1].trim_db, -6.0);
}

#[cfg(unix)]
#[test]
fn no_file_s_name_takes_hold_of_the_terminal() {
    let bench = Bench::new();
    let name = "Kick \u{1b}[31m\u{7}.wav";
    fs::copy(&bench.stems[0], bench.path(name)).unwrap();
    for args in
        [&["check", name, "0.wav"][..], &["new", "new.json", name], &["measure", name, "nowhere\u{1b}c.wav"]]
    {
        let output = program(args, bench.folder.path());
        let said = [output.stdout, output.stderr].concat();
        assert!(!said.is_empty() && !said.iter().any(|byte| matches!(byte, 0x1b | 0x07)), "{args:?}");
    }
}
