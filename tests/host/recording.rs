//! Recording a song as a host plays it: what is learned by it is what the renderer finds in the files.

use super::format::{Format, From, HostTransport, Plugin, play};
use super::raw_clap::RawClap;
use super::raw_vst3::RawVst3;
use super::support::bench::Bench;
use super::support::signals::{Stereo, noise};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};
use stemwright::analysis::{COLUMNS, Change, Readouts, Song};
use stemwright::model::document::Document;
use stemwright::model::limits::{MixParam, ParamKey, Role, STEMS, StripParam};
use stemwright::plugin::export_clap::shared_of;
use stemwright::plugin::shared::Shared;
use stemwright::plugin::studying::Student;
use stemwright::render::{Check, Clash, Describe, DescribeJob};
use stemwright::sync::Audition;

const RATE_HZ: f64 = 48_000.0;
const FORMATS: [Format; 2] = [Format::Clap, Format::Vst3];

/// An instance that is linked into this program, with the state its parts share.
fn open(format: Format) -> (Box<dyn Plugin>, Arc<Shared>) {
    match format {
        Format::Clap => {
            let clap = RawClap::open(From::Linked);
            // SAFETY: the instance is alive.
            let shared = unsafe { shared_of(clap.plugin()) }.clone();
            (Box::new(clap), shared)
        }
        Format::Vst3 => {
            let (vst3, shared) = RawVst3::with_shared();
            (Box::new(vst3), shared)
        }
    }
}

/// Somebody presses Record, and studies by hand.
fn record(shared: &Shared) -> Student {
    shared.student().expect("nobody records")
}

/// Plays stems that fall silent where they end, and lets the student look after every half second.
fn play_stems(plugin: &mut dyn Plugin, student: &mut Student, stems: &[Stereo], frames: usize) {
    let half = RATE_HZ as usize / 2;
    for start in (0..frames).step_by(half) {
        let sample = |stem: usize, side: usize, at: usize| {
            stems.get(stem).and_then(|sides| sides[side].get(start + at)).copied().unwrap_or(0.0)
        };
        play(plugin, half.min(frames - start), &[512, 61], &[], sample);
        student.go();
    }
}

/// Four stems: a drum loop of sorts, the same later and quieter with sound of its own, a clipped one, and a voice.
fn song(seconds: usize) -> Vec<Stereo> {
    let frames = seconds * RATE_HZ as usize;
    let drums = noise(1, frames);
    let beat = |at: usize| (-((at % 24_000) as f32) / 3000.0).exp();
    let drums: Vec<f32> = drums.iter().enumerate().map(|(at, x)| 0.5 * x * beat(at)).collect();
    let own = noise(2, frames);
    let room: Vec<f32> = (0..frames)
        .map(|at| 0.6 * at.checked_sub(240).map_or(0.0, |at| drums[at]) + 0.01 * own[at])
        .collect();
    let tone = |at: usize, hz: f64| (std::f64::consts::TAU * hz * at as f64 / RATE_HZ).sin() as f32;
    let keys: Vec<f32> = (0..frames).map(|at| (1.3 * tone(at, 440.0)).clamp(-1.0, 1.0)).collect();
    let voice: Vec<f32> = (0..frames)
        .map(|at| 0.2 * (tone(at, 523.0) + tone(at, 1046.5)) * (0.6 + 0.4 * tone(at, 0.7)))
        .collect();
    [drums, room, keys, voice].map(|side| [side.clone(), side]).to_vec()
}

fn balance() -> Document {
    let mut document = Document::default();
    for (stem, name) in ["Drums", "Room", "Keys", "Voice"].into_iter().enumerate() {
        document.stems[stem].rename(name);
        document.mix.set(ParamKey::Stem(stem, StripParam::Fader), -3.0 * stem as f32);
    }
    document.stems[3].role = Role::Lead;
    document.mix.set(ParamKey::Stem(2, StripParam::Pan), 0.4);
    document.mix.set(ParamKey::Stem(3, StripParam::HighShelfGain), 4.0);
    document
}

fn with_balance(format: Format, document: &Document) -> (Box<dyn Plugin>, Arc<Shared>) {
    let (mut plugin, shared) = open(format);
    assert!(plugin.load(document.to_json().as_bytes()));
    plugin.activate(RATE_HZ, 8192);
    (plugin, shared)
}

fn result(shared: &Shared) -> Arc<Song> {
    shared.desk.state().song.expect("something was recorded")
}

fn near(found: &Readouts, wanted: &Readouts, within: f64) {
    for column in &COLUMNS {
        let [found, wanted] = [found, wanted].map(|readouts| (column.value)(readouts));
        // Of some thousand Hz, some hundredths are as near as can be.
        let within = if column.unit == "Hz" { 100.0 * within } else { within };
        let is_near = match (found, wanted) {
            (Some(found), Some(wanted)) => (found - wanted).abs() <= within,
            (found, wanted) => found == wanted,
        };
        assert!(is_near, "{}: {found:?}, and by the files {wanted:?}", column.title);
    }
}

#[test]
fn what_is_learned_by_playing_is_what_the_files_tell() {
    let (document, stems) = (balance(), song(6));
    let bench = Bench::new();
    let names = ["Drums", "Room", "Keys", "Voice"];
    let files: Vec<_> =
        names.iter().zip(&stems).map(|(name, stem)| bench.wav(&format!("{name}.wav"), stem)).collect();
    let file = bench.balance("balance.json", &document);
    let go_on = |_| ControlFlow::Continue(());
    let by_files = Check::prepare(&files, Some(&file)).unwrap().run(go_on).unwrap();
    let clash = Clash::prepare(&files, Some(&file)).unwrap().run(go_on).unwrap();
    let job = DescribeJob { stems: files, balance: Some(file), ..DescribeJob::default() };
    let description = Describe::prepare(&job).unwrap().run(go_on).unwrap();
    let kinds: Vec<&str> = by_files.findings.iter().map(|finding| finding.kind.word()).collect();
    assert_eq!(kinds, ["clipped", "offset"], "the files are what this test is about");

    for format in FORMATS {
        let (mut plugin, shared) = with_balance(format, &document);
        let mut student = record(&shared);
        play_stems(&mut *plugin, &mut student, &stems, stems[0][0].len());
        shared.record(false);
        assert!(!student.go(), "{format:?}: it is over");
        let song = result(&shared);
        assert!(song.is_compared() && !song.has_gaps, "{format:?}");
        assert_eq!(song.findings(&document), by_files.findings, "{format:?}");
        near(&song.readouts, &description.readouts, 0.001);
        assert_eq!(song.rows.len(), description.contour.len());
        for (row, wanted) in song.rows.iter().zip(&description.contour) {
            near(&row.readouts, &wanted.readouts, 0.001);
        }
        let names: Vec<String> = (0..STEMS).map(|stem| document.stems[stem].label(stem)).collect();
        let players: Vec<_> = (0..STEMS)
            .map(|stem| stemwright::analysis::Player {
                name: &names[stem],
                role: document.stems[stem].role,
                strip: &document.mix.stems[stem],
            })
            .collect();
        let by_playing = song.clash.clash(&players, RATE_HZ);
        let bells = |clash: &stemwright::analysis::Clash| -> Vec<_> {
            let changes = |pair: &stemwright::analysis::Pair| -> Vec<Change> {
                pair.suggestion.iter().flat_map(|suggestion| suggestion.changes.clone()).collect()
            };
            clash.pairs.iter().map(|pair| (pair.covered, pair.by, changes(pair))).collect()
        };
        assert_eq!(bells(&by_playing), bells(&clash.clash), "{format:?}");
        for (pair, wanted) in by_playing.pairs.iter().zip(&clash.clash.pairs) {
            assert!((pair.share - wanted.share).abs() < 1e-4, "{format:?}: {} {}", pair.share, wanted.share);
        }
    }
}

#[test]
fn a_cure_that_is_made_ends_its_finding_and_undone_brings_it_back() {
    let (mut document, stems) = (balance(), song(3));
    let (mut plugin, shared) = with_balance(Format::Clap, &document);
    let mut student = record(&shared);
    play_stems(&mut *plugin, &mut student, &stems, stems[0][0].len());
    shared.record(false);
    student.go();
    let song = result(&shared);
    let offset = |document: &Document| {
        song.findings(document).into_iter().find(|finding| finding.kind.word() == "offset")
    };
    let found = offset(&document).expect("the room comes late");
    assert_eq!(found.name, "Room");
    found.cure.changes.iter().for_each(|change| change.apply(&mut document));
    assert_eq!(offset(&document), None);
    assert!(offset(&balance()).is_some());
}

fn transport(plays: bool, seconds: f64) -> HostTransport {
    HostTransport { plays, seconds, tempo_bpm: 120.0 }
}

fn steady(_: usize, _: usize, _: usize) -> f32 {
    0.1
}

/// Plays a second of steady sound from a place on, block by block.
fn play_second(plugin: &mut dyn Plugin, student: &mut Student, plays: bool, from_s: f64) -> bool {
    let mut goes_on = true;
    for block in 0..100 {
        let at_s = if plays { from_s + f64::from(block) * 0.01 } else { from_s };
        plugin.set_transport(transport(plays, at_s));
        play(plugin, 480, &[480], &[], steady);
        goes_on = student.go();
    }
    goes_on
}

#[test]
fn it_waits_for_the_host_pauses_with_it_and_ends_where_it_goes_on_elsewhere() {
    for format in FORMATS {
        let (mut plugin, shared) = with_balance(format, &balance());
        let mut student = record(&shared);
        assert!(play_second(&mut *plugin, &mut student, false, 30.0));
        let state = shared.desk.state();
        assert!(state.is_recording && state.is_waiting && state.song.is_none(), "{format:?}");
        for from_s in [30.0, 31.0] {
            assert!(play_second(&mut *plugin, &mut student, true, from_s), "{format:?}");
            assert!(play_second(&mut *plugin, &mut student, false, from_s + 1.0), "{format:?}: a pause");
        }
        let song = result(&shared);
        assert_eq!(song.start_s, Some(30.0), "{format:?}");
        assert!(shared.desk.state().is_recording && !song.is_compared());
        assert!(!play_second(&mut *plugin, &mut student, true, 10.0), "{format:?}: it goes on elsewhere");
        let (state, song) = (shared.desk.state(), result(&shared));
        assert!(!state.is_recording && song.is_compared(), "{format:?}");
        assert!((song.seconds - 2.0).abs() < 1e-9, "{format:?}: {}", song.seconds);
        assert!(!song.has_gaps, "{format:?}");
    }
}

#[test]
fn a_host_that_says_nothing_of_its_transport_is_recorded() {
    let (mut plugin, shared) = with_balance(Format::Vst3, &balance());
    let mut student = record(&shared);
    play_stems(&mut *plugin, &mut student, &song(1), 48_000);
    shared.record(false);
    student.go();
    assert_eq!(result(&shared).start_s, None);
    assert!((result(&shared).seconds - 1.0).abs() < 1e-9);
}

#[test]
fn a_render_is_not_recorded() {
    let (mut plugin, shared) = with_balance(Format::Clap, &balance());
    let mut student = record(&shared);
    shared.set_offline(true);
    play_stems(&mut *plugin, &mut student, &song(1), 48_000);
    assert!(shared.desk.state().is_waiting);
    shared.set_offline(false);
    play_stems(&mut *plugin, &mut student, &song(1), 48_000);
    shared.record(false);
    student.go();
    assert!((result(&shared).seconds - 1.0).abs() < 1e-9);
}

#[test]
fn a_comparison_is_not_recorded() {
    let (mut plugin, shared) = with_balance(Format::Clap, &balance());
    let mut student = record(&shared);
    assert!(play_second(&mut *plugin, &mut student, true, 0.0));
    shared.audition.set(Some(&Audition { settings: Default::default(), gain_db: 0.0 }));
    assert!(play_second(&mut *plugin, &mut student, true, 1.0));
    shared.audition.set(None);
    assert!(!play_second(&mut *plugin, &mut student, true, 2.0), "the host has gone on");
    assert!((result(&shared).seconds - 1.0).abs() < 1e-9, "{}", result(&shared).seconds);
}

#[test]
fn an_ignored_main_input_is_no_fault() {
    let mut document = balance();
    let mut stems = song(3);
    let sum = |side: usize| -> Vec<f32> {
        (0..stems[0][0].len()).map(|at| stems[1..].iter().map(|stem| stem[side][at]).sum()).collect()
    };
    stems[0] = [sum(0), sum(1)];
    let (mut plugin, shared) = with_balance(Format::Clap, &document);
    let mut student = record(&shared);
    play_stems(&mut *plugin, &mut student, &stems, stems[0][0].len());
    shared.record(false);
    student.go();
    let has_sum = |document: &Document| {
        result(&shared).findings(document).iter().any(|finding| finding.kind.word() == "sum_of_others")
    };
    assert!(has_sum(&document));
    document.mix.ignore_main_input = true;
    assert!(!has_sum(&document));
}

#[test]
fn a_stem_that_has_not_come_yet_is_no_fault_and_waits_with_the_others() {
    let mut document = balance();
    document.stems[9].rename("Strings");
    let stems = song(3);
    let (mut plugin, shared) = with_balance(Format::Clap, &document);
    let mut student = record(&shared);
    play_stems(&mut *plugin, &mut student, &stems, stems[0][0].len());
    let kinds = |shared: &Shared| -> Vec<&str> {
        result(shared).findings(&document).iter().map(|finding| finding.kind.word()).collect()
    };
    assert!(!kinds(&shared).contains(&"silent"), "it may come yet");
    shared.record(false);
    student.go();
    assert!(kinds(&shared).contains(&"silent"));
    let findings = result(&shared).findings(&document);
    let offset = findings.iter().find(|finding| finding.kind.word() == "offset").expect("the room is late");
    let waits =
        |stem| offset.cure.changes.contains(&Change::Set(ParamKey::Stem(stem, StripParam::Delay), 5.0));
    assert!(waits(9) && !waits(10), "it has a name, and so a part: {:?}", offset.cure.changes);
}

#[test]
fn each_second_knows_the_scene_that_sounded_longest_in_it() {
    for format in FORMATS {
        let mut document = balance();
        document.scenes[1].rename("Chorus");
        document.scenes[1].stems[3].level = stemwright::model::offsets::Level::By(12.0);
        let (mut plugin, shared) = with_balance(format, &document);
        let mut student = record(&shared);
        let rest = noise(3, 4 * 48_000);
        let sample = |stem: usize, _: usize, at: usize| match stem {
            0 => 0.1 * rest[at],
            3 => 0.1 * (at as f32 * 0.1).sin(),
            _ => 0.0,
        };
        for (second, scene) in [(0, None), (1, Some((47_000, 2.0))), (2, None), (3, Some((1_000, 0.0)))] {
            let events: Vec<super::format::Event> = scene
                .iter()
                .map(|(frame, value)| super::format::Event {
                    frame: *frame,
                    key: ParamKey::Mix(MixParam::Scene),
                    value: *value,
                })
                .collect();
            play(&mut *plugin, 48_000, &[512], &events, |stem, side, at| {
                sample(stem, side, 48_000 * second + at)
            });
            student.go();
        }
        shared.record(false);
        student.go();
        let song = result(&shared);
        assert_eq!(song.scenes, [0, 0, 2, 0], "{format:?}");
        let [live, chorus] =
            [None, Some(1)].map(|scene| song.readouts_of(scene).copied().expect("it sounded"));
        assert_eq!(song.readouts_of(Some(0)), None);
        let lead_lu = chorus.against(&live).lead_to_rest_lu.expect("the voice leads");
        assert!((lead_lu - 12.0).abs() < 1.0, "{format:?}: {lead_lu}");
    }
}

#[test]
fn what_nobody_takes_is_lost_and_said() {
    let (mut plugin, shared) = with_balance(Format::Clap, &balance());
    let mut student = record(&shared);
    play(&mut *plugin, 96_000, &[512], &[], steady);
    student.go();
    let song = result(&shared);
    assert!(song.has_gaps);
    assert!(song.seconds < 2.0 && song.seconds > 1.0, "{}", song.seconds);
}

#[test]
fn a_recall_sheet_has_the_recording_s_readings_while_the_balance_is_the_same() {
    let (document, stems) = (balance(), song(4));
    let (mut plugin, shared) = with_balance(Format::Clap, &document);
    let mut student = record(&shared);
    play_stems(&mut *plugin, &mut student, &stems, stems[0][0].len());
    assert!(shared.readings().is_none(), "it is not over");
    shared.record(false);
    student.go();
    let readings = shared.readings().expect("the balance is as it was");
    assert_eq!((readings.rate_hz, readings.frames), (48_000, 4 * 48_000));
    assert_eq!(readings.stems[3].name, "Voice");
    let loudness = result(&shared).readouts.loudness_lufs.expect("it sounds");
    assert!((readings.mix.integrated_lufs - loudness).abs() < 1e-6);
    assert!(readings.stems[3].true_peak_dbtp.is_finite() && !readings.stems[9].true_peak_dbtp.is_finite());
    let page = stemwright::share::page(&shared.document(), "Song", Some(&readings));
    assert!(page.contains("4 stems, Stemwright"), "silent inputs without a name are no stems");
    let mut scenes = shared.scenes();
    scenes[1].stems[3].pan = 0.5;
    shared.set_scenes(scenes);
    assert!(shared.readings().is_none(), "it is another balance now");
}

#[test]
fn recording_again_keeps_the_last_one_to_compare_with() {
    let (mut plugin, shared) = with_balance(Format::Clap, &balance());
    let mut first = record(&shared);
    play_stems(&mut *plugin, &mut first, &song(1), 48_000);
    shared.record(false);
    first.go();
    let before = result(&shared);
    let mut second = record(&shared);
    let state = shared.desk.state();
    assert!(state.song.is_none() && Arc::ptr_eq(state.before.as_ref().unwrap(), &before));
    play_stems(&mut *plugin, &mut second, &song(1), 48_000);
    shared.record(false);
    second.go();
    let (after, readings) = (result(&shared), shared.readings());
    assert!(readings.is_some());
    // Nothing is played: all that was known stays.
    let mut third = record(&shared);
    shared.meters.tape().run(None); // the host begins to, but there is no sound yet
    assert!(third.go());
    assert!(shared.desk.state().song.is_none(), "the old one is not taken for the new one");
    shared.record(false);
    assert!(!third.go());
    let state = shared.desk.state();
    assert!(!state.is_recording && Arc::ptr_eq(&result(&shared), &after));
    assert!(Arc::ptr_eq(state.before.as_ref().unwrap(), &before));
    assert_eq!(shared.readings(), readings);
}

#[test]
fn another_project_or_sample_rate_ends_it() {
    let (mut plugin, shared) = with_balance(Format::Clap, &balance());
    let mut student = record(&shared);
    play_stems(&mut *plugin, &mut student, &song(1), 48_000);
    plugin.deactivate();
    plugin.activate(96_000.0, 512);
    assert!(!student.go(), "the rest is of another rate");
    assert!((result(&shared).seconds - 1.0).abs() < 1e-9);
    assert!(plugin.load(balance().to_json().as_bytes()));
    let state = shared.desk.state();
    assert!(state.song.is_none() && state.before.is_none() && !state.is_recording);
}

#[cfg(target_os = "linux")]
#[test]
fn its_thread_lives_while_it_records_and_the_editor_need_not_be_open() {
    let threads = || {
        let tasks = std::fs::read_dir("/proc/self/task").unwrap().flatten();
        let name =
            |task: std::fs::DirEntry| std::fs::read_to_string(task.path().join("comm")).unwrap_or_default();
        tasks.map(name).filter(|name| name.starts_with("stemwright stud")).count()
    };
    let (mut plugin, shared) = with_balance(Format::Clap, &balance());
    let before = threads();
    shared.record(true);
    shared.leave_editor();
    play(&mut *plugin, 4_800, &[512], &[], steady);
    let deadline = Instant::now() + Duration::from_secs(60);
    while shared.desk.state().is_waiting {
        assert!(Instant::now() < deadline, "the thread takes what was played");
        std::thread::yield_now();
    }
    assert_eq!(threads(), before + 1);
    assert!(shared.desk.state().is_recording);
    // A thread that was waited for may be in the system's list for a moment.
    let ends = |why: &str| {
        let deadline = Instant::now() + Duration::from_secs(60);
        while threads() > before {
            assert!(Instant::now() < deadline, "{why}");
            std::thread::yield_now();
        }
    };
    shared.desk.forget();
    ends("forgetting ends it");
    shared.record(true);
    drop(plugin);
    drop(shared);
    ends("so does the end of the instance");
}
