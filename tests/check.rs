//! `stem-render check`: every fault that is planted is found, and nothing else is.

mod support;

use hound::{SampleFormat, WavSpec, WavWriter};
use serde_json::Value;
use std::fs;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;
use stemwright::analysis::{Change, Finding, Kind, names};
use stemwright::model::document::Document;
use stemwright::model::limits::{ParamKey, StripParam};
use stemwright::render::{Check, Job, Render, RenderError, save_balance};
use support::signals::{Stereo, constant, noise, song};
use tempfile::TempDir;

const RATE_HZ: u32 = 48_000;
const FRAMES: usize = 6 * RATE_HZ as usize;

/// How a stem is written.
#[derive(Clone, Copy)]
struct Format {
    rate_hz: u32,
    bits: u16,
}

const FORMAT: Format = Format { rate_hz: RATE_HZ, bits: 32 };

/// Stems as they will be files: a name, with a folder where it has one, the sound and how it is written.
type Stems = Vec<(String, Stereo, Format)>;

fn clean() -> Stems {
    static SONG: LazyLock<Vec<(&str, Stereo)>> = LazyLock::new(|| song(f64::from(RATE_HZ), FRAMES));
    SONG.iter().map(|(name, sound)| ((*name).to_owned(), sound.clone(), FORMAT)).collect()
}

fn write(folder: &TempDir, stems: &Stems) -> Vec<PathBuf> {
    let files = stems.iter().map(|(name, sound, Format { rate_hz, bits })| {
        let path = folder.path().join(format!("{name}.wav"));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let sample_format = if *bits == 32 { SampleFormat::Float } else { SampleFormat::Int };
        let spec = WavSpec { channels: 2, sample_rate: *rate_hz, bits_per_sample: *bits, sample_format };
        let mut writer = WavWriter::create(&path, spec).unwrap();
        for x in sound[0].iter().zip(&sound[1]).flat_map(|(l, r)| [*l, *r]) {
            match sample_format {
                SampleFormat::Float => writer.write_sample(x).unwrap(),
                SampleFormat::Int => {
                    writer.write_sample((x * 0.5f32.powi(1 - i32::from(*bits))).round() as i32).unwrap();
                }
            }
        }
        writer.finalize().unwrap();
        path
    });
    files.collect()
}

fn check_files(files: &[PathBuf], balance: Option<&Document>) -> Vec<Finding> {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("balance.json");
    if let Some(document) = balance {
        save_balance(&path, document, false).unwrap();
    }
    let check = Check::prepare(files, balance.map(|_| path.as_path())).unwrap();
    check.run(|_| ControlFlow::Continue(())).unwrap().findings
}

fn check(stems: &Stems) -> Vec<Finding> {
    let folder = TempDir::new().unwrap();
    check_files(&write(&folder, stems), None)
}

fn told(findings: &[Finding]) -> Vec<(&str, &str)> {
    findings.iter().map(|finding| (finding.name.as_str(), finding.kind.word())).collect()
}

/// Plants something in the clean stems: the stem and the kind named are found, and nothing else.
#[track_caller]
fn finds(name: &str, kind: &str, plant: impl FnOnce(&mut Stems)) -> Finding {
    let mut stems = clean();
    plant(&mut stems);
    let mut findings = check(&stems);
    let words: Vec<String> = findings.iter().map(Finding::words).collect();
    assert_eq!(told(&findings), vec![(name, kind)], "{words:?}");
    assert!(!findings[0].cure.words.is_empty());
    findings.remove(0)
}

fn stem<'a>(stems: &'a mut Stems, name: &str) -> &'a mut Stereo {
    &mut stems.iter_mut().find(|(other, ..)| other == name).unwrap().1
}

fn scaled(sound: &Stereo, gain: f32) -> Stereo {
    sound.each_ref().map(|side| side.iter().map(|x| gain * x).collect())
}

/// So many frames later.
fn delayed(sound: &Stereo, frames: usize) -> Stereo {
    sound.each_ref().map(|side| [&vec![0.0; frames][..], &side[..side.len() - frames]].concat())
}

fn added(a: &Stereo, b: &Stereo) -> Stereo {
    [0, 1].map(|side| a[side].iter().zip(&b[side]).map(|(a, b)| a + b).collect())
}

/// A second microphone on Keys, which also hears a room of its own, so many frames later, turned over or not.
fn room(stems: &mut Stems, frames: usize, gain: f32) {
    let keys = delayed(stem(stems, "Keys"), frames);
    let mut hiss: Stereo = [noise(90, FRAMES), noise(91, FRAMES)];
    hiss.iter_mut().for_each(|side| side[..RATE_HZ as usize / 4].fill(0.0));
    stems.push(("Keys Room".to_owned(), added(&scaled(&keys, gain), &scaled(&hiss, 0.01)), FORMAT));
}

fn set(key: usize, param: StripParam, value: f32) -> Change {
    Change::Set(ParamKey::Stem(key, param), value)
}

#[test]
fn clean_stems_give_an_empty_list() {
    assert_eq!(told(&check(&clean())), vec![]);
    let one = clean().into_iter().take(1).collect();
    assert_eq!(told(&check(&one)), vec![]);
}

#[test]
fn a_file_that_cannot_be_read_is_told_and_the_others_are_looked_at() {
    let mut stems = clean();
    scale(&mut stems, "Drums", 20.0);
    let folder = TempDir::new().unwrap();
    let files = write(&folder, &stems);
    let bytes = fs::read(&files[3]).unwrap();
    fs::write(&files[3], &bytes[..bytes.len() / 2]).unwrap();
    let findings = check_files(&files, None);
    assert_eq!(told(&findings), vec![("Keys", "unreadable"), ("Drums", "clipped")]);
    assert!(findings[0].words().contains("cut off"), "{}", findings[0].words());
    assert_eq!(findings[0].cure.words, "Export or copy it again.");
}

#[test]
fn files_none_of_which_can_be_read_are_all_told() {
    let folder = TempDir::new().unwrap();
    let files = ["Kick", "Snare"].map(|name| folder.path().join(format!("{name}.wav")));
    fs::write(&files[0], "this is no sound").unwrap();
    let findings = check_files(&files, None);
    assert_eq!(told(&findings), [("Kick", "unreadable"), ("Snare", "unreadable")]);
    assert!(findings[1].cure.words.starts_with("Check its name"), "{}", findings[1].cure.words);
}

/// Turns a stem up into full scale, as an interface would.
fn scale(stems: &mut Stems, name: &str, gain: f32) {
    let sound = stem(stems, name);
    sound.iter_mut().flatten().for_each(|x| *x = (gain * *x).clamp(-1.0, 1.0));
}

#[test]
fn another_sample_rate_is_told_and_not_refused() {
    let found = finds("Pad", "sample_rate", |stems| {
        stems[5].2.rate_hz = 44_100;
        let frames = FRAMES * 441 / 480;
        stem(stems, "Pad").iter_mut().for_each(|side| side.truncate(frames));
    });
    assert_eq!(found.kind, Kind::Rate { rate_hz: 44_100, usual_hz: 48_000 });
}

#[test]
fn what_is_no_number_is_told() {
    let found = finds("Bass", "no_numbers", |stems| {
        stem(stems, "Bass")[0][100_000..100_007].fill(f32::NAN);
    });
    assert_eq!(found.kind, Kind::Garbage(7));
}

#[test]
fn the_same_sound_twice_is_told_at_any_gain_and_muting_it_cures_it() {
    let twin = finds("Keys Copy", "twin", |stems| {
        let keys = scaled(stem(stems, "Keys"), 0.3);
        stems.push(("Keys Copy".to_owned(), keys, FORMAT));
    });
    assert_eq!(twin.kind, Kind::TwinOf("Keys".to_owned()));
    let flipped = finds("Keys Copy", "flipped_twin", |stems| {
        let keys = scaled(stem(stems, "Keys"), -1.0);
        stems.push(("Keys Copy".to_owned(), keys, FORMAT));
    });
    for found in [twin, flipped] {
        assert_eq!(found.cure.changes, [set(6, StripParam::Mute, 1.0)]);
    }
}

#[test]
fn what_a_group_mutes_is_not_looked_at() {
    let mut stems = clean();
    let keys = scaled(stem(&mut stems, "Keys"), 0.3);
    stems.push(("Keys Copy".to_owned(), keys, FORMAT));
    let folder = TempDir::new().unwrap();
    let files = write(&folder, &stems);
    let mut document = Document::default();
    document.stems[6].group = Some(2);
    assert_eq!(told(&check_files(&files, Some(&document))), [("Keys Copy", "twin")]);
    document.mix.groups[2].mute = true;
    assert_eq!(told(&check_files(&files, Some(&document))), []);
}

#[test]
fn a_mix_among_its_stems_is_told() {
    let found = finds("Mixdown by Ann", "sum_of_others", |stems| {
        let sum = stems.iter().fold(constant(0.0, FRAMES), |sum, (_, sound, _)| added(&sum, sound));
        // As a master bus would, it bends the loudest peaks.
        let bent = sum.map(|side| side.into_iter().map(|x: f32| x.tanh()).collect());
        stems.push(("Mixdown by Ann".to_owned(), bent, FORMAT));
    });
    assert_eq!(found.cure.changes, [set(6, StripParam::Mute, 1.0)]);
}

#[test]
fn silence_is_told() {
    finds("Guitar", "silent", |stems| *stem(stems, "Guitar") = constant(0.0, FRAMES));
    finds("Guitar", "silent", |stems| *stem(stems, "Guitar") = scaled(stem(stems, "Guitar"), 1e-4));
}

#[test]
fn clipping_is_told() {
    finds("Drums", "clipped", |stems| scale(stems, "Drums", 20.0));
}

#[test]
fn a_late_stem_is_told_and_the_others_wait_for_it() {
    let found = finds("Keys Room", "offset", |stems| room(stems, 480, 0.5));
    let Kind::Offset { other, frames, ms } = &found.kind else { panic!("{found:?}") };
    assert_eq!(other, "Keys");
    assert!((frames - 480.0).abs() < 0.05 && (ms - 10.0).abs() < 0.01, "{found:?}");
    let wait: Vec<Change> = (0..6).map(|stem| set(stem, StripParam::Delay, 10.0)).collect();
    assert_eq!(found.cure.changes, wait);
    assert!(found.cure.words.starts_with("Delay the others by 10.00 ms."), "{}", found.cure.words);
}

#[test]
fn an_early_stem_among_many_waits_for_them() {
    // Three on one source: two agree.
    let found = finds("Keys", "offset", |stems| {
        let late = delayed(stem(stems, "Keys"), 96);
        room(stems, 96, 0.5);
        let hiss = scaled(&[noise(92, FRAMES), noise(93, FRAMES)], 0.01);
        stems.push(("Keys Amp".to_owned(), added(&late, &hiss), FORMAT));
        // Noise from the very beginning is its own matter here.
        stem(stems, "Keys Amp").iter_mut().for_each(|side| side[..12_000].fill(0.0));
    });
    assert_eq!(found.cure.changes, [set(3, StripParam::Delay, 2.0)]);
    assert!(found.cure.words.starts_with("Delay it by 2.00 ms."), "{}", found.cure.words);
}

#[test]
fn the_delays_for_several_stems_align_them_all_at_once() {
    let mut stems = clean();
    room(&mut stems, 96, 0.5);
    let late = delayed(stem(&mut stems, "Keys"), 240);
    let mut hiss = scaled(&[noise(94, FRAMES), noise(95, FRAMES)], 0.01);
    hiss.iter_mut().for_each(|side| side[..12_000].fill(0.0));
    stems.push(("Keys Amp".to_owned(), added(&late, &hiss), FORMAT));
    let findings = check(&stems);
    assert_eq!(told(&findings), [("Keys Room", "offset"), ("Keys Amp", "offset")]);
    let mut wait: Vec<Change> = (0..6).map(|stem| set(stem, StripParam::Delay, 5.0)).collect();
    wait.push(set(6, StripParam::Delay, 3.0));
    for finding in findings {
        assert_eq!(finding.cure.changes, wait);
        assert!(finding.cure.words.contains("align all stems at once"), "{}", finding.cure.words);
    }
}

#[test]
fn parts_of_a_frame_are_said_and_the_cure_is_whole_frames() {
    let found = finds("Keys Room", "offset", |stems| {
        // Half-way between two frames.
        let keys = stem(stems, "Keys").clone();
        room(stems, 40, 0.25);
        let half = scaled(&delayed(&keys, 41), 0.25);
        let sum = added(stem(stems, "Keys Room"), &half);
        *stem(stems, "Keys Room") = sum;
    });
    let Kind::Offset { frames, .. } = found.kind else { panic!("{found:?}") };
    assert!((frames - 40.5).abs() < 0.05, "{frames}");
    let Change::Set(_, ms) = found.cure.changes[0] else { panic!("{found:?}") };
    let whole = f64::from(ms) * 48.0;
    assert!((whole - whole.round()).abs() < 1e-4, "{whole}");
    assert!(found.cure.words.contains("leaves 0.5 of a frame"), "{}", found.cure.words);
}

#[test]
fn what_a_delay_cannot_reach_is_told_without_a_button() {
    let found = finds("Keys Room", "offset", |stems| room(stems, 3_000, 0.5));
    assert_eq!(found.cure.changes, []);
    assert!(found.cure.words.contains("3000 frames to the left"), "{}", found.cure.words);
}

#[test]
fn a_stem_that_is_turned_over_is_told_and_polarity_cures_it() {
    let found = finds("Keys Room", "opposed", |stems| room(stems, 0, -0.5));
    assert_eq!(found.cure.changes, [set(6, StripParam::Polarity, 1.0)]);
    // Late as well: both are told.
    let mut stems = clean();
    room(&mut stems, 77, -0.5);
    assert_eq!(told(&check(&stems)), [("Keys Room", "offset"), ("Keys Room", "opposed")]);
}

#[test]
fn what_vanishes_in_mono_is_told() {
    let found = finds("Pad", "mono_loss", |stems| {
        let pad = stem(stems, "Pad");
        let [left, right] = &mut *pad;
        right.iter_mut().zip(left).for_each(|(r, l)| *r = 0.2 * *r - *l);
    });
    let Kind::MonoLoss(db) = found.kind else { panic!("{found:?}") };
    assert!((-25.0..-10.0).contains(&db), "{db}");
}

#[test]
fn a_constant_is_told_and_a_high_pass_cures_it() {
    let found = finds("Guitar", "dc", |stems| {
        stem(stems, "Guitar").iter_mut().flatten().for_each(|x| *x += 0.05);
    });
    let Kind::Dc(level_db) = found.kind else { panic!("{found:?}") };
    assert!((level_db + 26.02).abs() < 0.1, "{level_db}");
    assert!(found.cure.changes.contains(&set(2, StripParam::HighPassSlope, 1.0)), "{found:?}");
}

#[test]
fn one_side_is_told() {
    let found = finds("Bass", "one_sided", |stems| stem(stems, "Bass")[0].fill(0.0));
    assert!(found.words().ends_with("sounds on the right only."));
}

#[test]
fn a_level_far_from_the_others_is_told_and_trim_cures_it() {
    for (gain, word) in [(0.005, "quieter"), (40.0, "louder")] {
        let found = finds("Keys", "level", |stems| {
            // Loud, but as floats: nothing stays at full scale.
            let keys = scaled(stem(stems, "Keys"), gain);
            let others = if gain > 1.0 { 0.02 } else { 1.0 };
            stems.iter_mut().for_each(|(_, sound, _)| *sound = scaled(sound, others));
            *stem(stems, "Keys") = scaled(&keys, others);
        });
        assert!(found.words().contains(word), "{}", found.words());
        let [Change::Set(ParamKey::Stem(3, StripParam::Trim), trim_db)] = found.cure.changes[..] else {
            panic!("{found:?}")
        };
        assert_eq!(trim_db > 0.0, gain < 1.0);
    }
}

#[test]
fn a_tone_far_from_the_others_is_told() {
    let found = finds("Keys", "tilt", |stems| {
        for side in stem(stems, "Keys") {
            for _ in 0..6 {
                let mut low = 0.0;
                for x in side.iter_mut() {
                    low += 0.02 * (*x - low);
                    *x = low;
                }
            }
            let peak = side.iter().fold(0.0f32, |peak, x| peak.max(x.abs()));
            side.iter_mut().for_each(|x| *x *= 0.3 / peak);
        }
    });
    assert!(found.words().contains("darker"), "{}", found.words());
}

#[test]
fn a_file_that_begins_with_its_sound_while_the_others_wait_is_told() {
    let found = finds("Lead Vox", "begins_early", |stems| {
        stem(stems, "Lead Vox").iter_mut().for_each(|side| drop(side.drain(..2 * RATE_HZ as usize)));
    });
    let Kind::BeginsEarly { short_s } = found.kind else { panic!("{found:?}") };
    assert!((short_s - 2.0).abs() < 0.02, "{short_s}");
}

#[test]
fn another_length_is_told() {
    finds("Keys", "length", |stems| {
        stem(stems, "Keys").iter_mut().for_each(|side| side.truncate(FRAMES - 20_000));
    });
    let found = finds("Drums", "length", |stems| {
        stem(stems, "Drums").iter_mut().for_each(|side| side.resize(FRAMES + 48_000, 0.0));
    });
    assert!(found.words().contains("1.00 s longer"), "{}", found.words());
}

#[test]
fn fewer_bits_are_told() {
    let found = finds("Lead Vox", "bits", |stems| {
        stems.iter_mut().for_each(|(name, _, format)| format.bits = if name == "Lead Vox" { 16 } else { 24 });
    });
    assert_eq!(found.kind, Kind::Bits { bits: 16, usual: 24 });
}

#[test]
fn names_that_say_nothing_or_stand_for_two_are_told() {
    finds("Audio 3_01", "says_nothing", |stems| stems[3].0 = "Audio 3_01".to_owned());
    finds("bass", "same_name", |stems| stems[3].0 = "other/bass".to_owned());
    for empty in ["bounce", "Track 3", "untitled", "Stem_04", "Bounced File", "12", "New Recording 7"] {
        assert!(names::says_nothing(empty), "{empty}");
    }
    for full in ["Kick", "808", "Lead Vox", "03 Gtr L", "Vox Bus", "Äther", "Room L"] {
        assert!(!names::says_nothing(full), "{full}");
    }
}

#[test]
fn names_that_do_not_sort_get_zeros() {
    let mut stems = clean();
    for ((name, ..), new) in stems.iter_mut().zip(["Gtr 1", "Gtr 10", "Gtr 2", "Keys", "gtr 3 dbl", "Pad"]) {
        *name = new.to_owned();
    }
    let findings = check(&stems);
    assert_eq!(told(&findings), [("Gtr 1", "unsorted"), ("Gtr 2", "unsorted"), ("gtr 3 dbl", "unsorted")]);
    let renames: Vec<_> = findings.iter().flat_map(|finding| finding.cure.changes.clone()).collect();
    let new = [(0, "Gtr 01"), (2, "Gtr 02"), (4, "gtr 03 dbl")];
    assert_eq!(renames, new.map(|(stem, name)| Change::Rename(stem, name.to_owned())));
    let sorted = |names: &[&str]| {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        names::sorted(&names).into_iter().flatten().count()
    };
    assert_eq!(sorted(&["01 Kick", "02 Snare", "10 Pad"]), 0);
    assert_eq!(sorted(&["Gtr 1", "Gtr 2", "Keys 10"]), 0);
    assert_eq!(sorted(&["1 Kick", "2 Snare", "10 Pad"]), 2);
}

#[test]
fn the_worst_comes_first() {
    let mut stems = clean();
    stems[3].0 = "Audio 3".to_owned();
    stem(&mut stems, "Bass")[0].fill(0.0);
    scale(&mut stems, "Drums", 20.0);
    *stem(&mut stems, "Pad") = constant(0.0, FRAMES);
    let findings = check(&stems);
    let want = [("Pad", "silent"), ("Drums", "clipped"), ("Bass", "one_sided"), ("Audio 3", "says_nothing")];
    assert_eq!(told(&findings), want);
    assert!(findings.is_sorted_by_key(|finding| finding.kind.grade()));
}

/// Plants everything a balance can cure, cures it, and looks again, at the balance and at what it renders to.
#[test]
fn cures_cure() {
    let mut stems = clean();
    room(&mut stems, 333, -0.5);
    let keys = scaled(stem(&mut stems, "Keys"), 0.9);
    stems.push(("Keys Copy".to_owned(), keys, FORMAT));
    stem(&mut stems, "Guitar").iter_mut().flatten().for_each(|x| *x += 0.05);
    *stem(&mut stems, "Bass") = scaled(stem(&mut stems, "Bass"), 0.005);
    stem(&mut stems, "Pad")[1].fill(0.0);
    let folder = TempDir::new().unwrap();
    let files = write(&folder, &stems);
    let findings = check_files(&files, None);
    let want = [
        ("Keys Copy", "twin"),
        ("Keys Room", "offset"),
        ("Keys Room", "opposed"),
        ("Guitar", "dc"),
        ("Pad", "one_sided"),
        ("Bass", "level"),
    ];
    assert_eq!(told(&findings), want);
    let mut document = Document::default();
    for finding in &findings {
        assert!(!finding.cure.changes.is_empty(), "{finding:?}");
        finding.cure.changes.iter().for_each(|change| change.apply(&mut document));
    }
    assert_eq!(told(&check_files(&files, Some(&document))), vec![]);

    let balance = folder.path().join("cured.json");
    save_balance(&balance, &document, false).unwrap();
    let parts = folder.path().join("parts");
    fs::create_dir(&parts).unwrap();
    let job = Job {
        stems: files,
        balance: Some(balance),
        mix: folder.path().join("mix.wav"),
        stems_folder: Some(parts.clone()),
        ..Job::default()
    };
    Render::prepare(&job).unwrap().run(|_| ControlFlow::Continue(())).unwrap();
    let mut rendered: Vec<PathBuf> =
        fs::read_dir(parts).unwrap().map(|entry| entry.unwrap().path()).collect();
    rendered.sort();
    // What was muted is silent now, and that is all.
    assert_eq!(told(&check_files(&rendered, None)), [("08 Keys Copy", "silent")]);
}

#[test]
fn a_check_ends_when_asked_to() {
    let folder = TempDir::new().unwrap();
    let check = Check::prepare(&write(&folder, &clean()), None).unwrap();
    assert!(matches!(check.run(|_| ControlFlow::Break(())), Err(RenderError::Interrupted)));
    assert!(matches!(Check::prepare(&[], None), Err(RenderError::NoStems)));
}

#[test]
fn the_program_prints_a_list_for_people_and_one_for_programs() {
    let mut stems = clean();
    room(&mut stems, 480, 0.5);
    let folder = TempDir::new().unwrap();
    write(&folder, &stems);
    let run = |last: &[&str]| {
        let files = stems.iter().map(|(name, ..)| format!("{name}.wav"));
        let mut command = Command::new(env!("CARGO_BIN_EXE_stem-render"));
        let output = command.arg("check").args(files).args(last).current_dir(folder.path()).output().unwrap();
        assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let text = run(&[]);
    assert!(text.starts_with("look  Keys Room comes 10.00 ms (480.0 frames) after Keys"), "{text}");
    let json: Value = serde_json::from_str(&run(&["--json"])).unwrap();
    let finding = &json["findings"][0];
    assert_eq!((finding["stem"].as_u64(), finding["kind"].as_str()), (Some(7), Some("offset")));
    assert_eq!(finding["changes"][0]["parameter"], "stem_01_delay");
    assert_eq!(finding["changes"][0]["value"], 10.0);
    assert_eq!(json["files"].as_array().unwrap().len(), 7);
    let lead = &json["files"][4];
    assert!((lead["first_sound_s"].as_f64().unwrap() - 2.0).abs() < 0.01, "{lead}");
}
