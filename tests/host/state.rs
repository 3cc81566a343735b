//! What a project saves, it gets back.

use super::any_state;
use super::format::{EVERYWHERE, Event, From, Plugin, open, play};
use super::raw_vst3::RawVst3;
use super::support::random::Random;
use std::process::Command;
use stemwright::model::document::Document;
use stemwright::model::limits::{ParamKey, Role, SCENES, StripParam};
use stemwright::model::offsets::Level;
use stemwright::presets::Folder;

const RATE_HZ: f64 = 48_000.0;
/// Damaged states that are tried.
const ROUNDS: usize = 1000;

fn stem(k: usize, side: usize, i: usize) -> f32 {
    0.01 * ((i as f32 * (0.01 + 0.003 * k as f32) + side as f32).sin())
}

/// A document with every parameter away from its default, and names.
pub fn busy_document(seed: u64) -> Document {
    let mut rng = Random::new(seed);
    let mut document = Document::default();
    for key in ParamKey::all() {
        let spec = key.spec();
        let t = rng.between(0.0, 1.0);
        document.mix.set(key, spec.min + t * (spec.max - spec.min));
    }
    document.mix.bypass = false;
    document.mix.ignore_main_input = false;
    document.mix.output_db = -3.0;
    for k in 0..16 {
        document.mix.stems[k].solo = false;
        document.mix.stems[k].mute = k == 5;
        document.stems[k].rename(&format!("Stem {k} \u{1F3B8} \"quoted\""));
    }
    document.order.reverse();
    for slot in 0..SCENES {
        document.scenes[slot].rename(&format!("Part {slot}"));
        for offsets in &mut document.scenes[slot].stems {
            offsets.level = Level::By(rng.between(-6.0, 6.0));
            offsets.set(StripParam::Pan, Some(rng.between(-0.5, 0.5)));
            offsets.set(StripParam::BellGain, Some(rng.between(-6.0, 6.0)));
        }
    }
    document.scene_order.reverse();
    for k in 0..4 {
        (document.mix.groups[k].mute, document.mix.groups[k].solo) = (k == 3, false);
        document.stems[3 * k].group = Some(k);
    }
    document.stems[7].role = Role::Lead;
    document
}

#[test]
fn a_state_gives_the_same_sound_in_a_fresh_instance_of_either_format() {
    let state = busy_document(3).to_json();
    let mut reference: Option<[Vec<f32>; 2]> = None;
    for save in EVERYWHERE {
        let mut first = open(save);
        assert!(first.load(state.as_bytes()));
        let saved = first.save();
        assert_eq!(String::from_utf8(saved.clone()).unwrap(), state, "{save:?} saves what it loaded");
        for load in EVERYWHERE {
            let mut second = open(load);
            assert!(second.load(&saved));
            second.activate(RATE_HZ, 512);
            let heard = play(&mut *second, 4096, &[512], &[], stem);
            match &reference {
                None => reference = Some(heard),
                Some(reference) => assert!(heard == *reference, "saved by {save:?}, loaded by {load:?}"),
            }
        }
    }
}

#[test]
fn a_state_loaded_while_playing_sounds_from_the_next_block_on() {
    let mut document = busy_document(4);
    document.mix.stems.iter_mut().for_each(|stem| stem.tone.on = false); // filters remember what was
    let state = document.to_json();
    for how in EVERYWHERE {
        let mut fresh = open(how);
        fresh.load(state.as_bytes());
        fresh.activate(RATE_HZ, 512);
        let want = play(&mut *fresh, 8192, &[512], &[], |_, _, _| 0.01);
        let mut plugin = open(how);
        plugin.activate(RATE_HZ, 512);
        play(&mut *plugin, 8192, &[512], &[], |_, _, _| 0.01);
        assert!(plugin.load(state.as_bytes()));
        // Constant stems: what is in a delay line is the same as what comes in.
        let heard = play(&mut *plugin, 512, &[512], &[], |_, _, _| 0.01);
        assert_eq!(heard[0][0], want[0][8191], "{how:?}");
        assert_eq!(heard[1][511], want[1][8191], "{how:?}");
    }
}

#[test]
fn automation_written_by_the_host_is_saved() {
    for how in EVERYWHERE {
        let mut plugin = open(how);
        plugin.activate(RATE_HZ, 512);
        let key = ParamKey::Stem(11, StripParam::Fader);
        play(&mut *plugin, 512, &[512], &[Event { frame: 17, key, value: -12.0 }], stem);
        let loaded = Document::from_json(&plugin.save()).expect("our own state");
        assert!(loaded.notices.is_empty());
        let db = loaded.document.mix.stems[11].fader_db;
        assert!((db + 12.0).abs() < 1e-3, "{how:?} saved {db} dB");
    }
}

#[test]
fn a_refused_state_changes_nothing() {
    let kept = busy_document(5).to_json();
    let newer = kept.replace("\"version\": 1", "\"version\": 2");
    let huge = " ".repeat(2 << 20);
    for how in EVERYWHERE {
        let mut plugin = open(how);
        plugin.load(kept.as_bytes());
        for foreign in ["", "{}", "not json", "[1, 2]", "\u{0}\u{1}\u{2}", &newer, &huge, "{\"params\": {}}"]
        {
            assert!(!plugin.load(foreign.as_bytes()), "{how:?} took {:.20}", foreign);
            assert_eq!(String::from_utf8(plugin.save()).unwrap(), kept);
        }
    }
}

#[test]
fn a_damaged_state_loads_what_is_good_and_defaults_the_rest() {
    let text = busy_document(6).to_json();
    for how in EVERYWHERE {
        let mut plugin = open(how);
        // Something else first: what the damaged state lacks must not keep it.
        plugin.load(busy_document(8).to_json().as_bytes());
        // Within the stems.
        let cut = &text.as_bytes()[..text.find("\"order\"").expect("an order") / 2];
        assert!(plugin.load(cut));
        let saved = Document::from_json(&plugin.save()).expect("our own state").document;
        let whole = Document::from_json(text.as_bytes()).expect("our own state").document;
        assert_eq!(saved.mix.stems[0], whole.mix.stems[0], "{how:?}");
        assert_eq!(saved.mix.stems[15], Document::default().mix.stems[15], "{how:?}");
    }
}

#[test]
fn the_first_release_s_state_sounds_as_it_did() {
    let state = include_bytes!("../states/0.1.0.json");
    let want: Vec<f32> = include_str!("../states/0.1.0.txt").lines().map(|l| l.parse().unwrap()).collect();
    for how in EVERYWHERE {
        let mut plugin = open(how);
        assert!(plugin.load(state));
        assert!(Document::from_json(state).expect("it loads").notices.is_empty());
        plugin.activate(RATE_HZ, 512);
        let heard = play(&mut *plugin, 4096, &[512], &[], stem);
        let heard: Vec<f32> = heard.iter().flat_map(|side| side.iter().step_by(64).copied()).collect();
        if std::env::var_os("STEMWRIGHT_FREEZE").is_some() {
            let text: String = heard.iter().map(|x| format!("{x:e}\n")).collect();
            std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/states/0.1.0.txt"), text).unwrap();
            return;
        }
        assert_eq!(heard.len(), want.len());
        for (a, b) in heard.iter().zip(&want) {
            assert!((a - b).abs() < 1e-7, "{how:?}: {a}, was {b}"); // sine and cosine may differ by system
        }
    }
}

#[test]
fn a_state_of_any_bytes_loads_alike_everywhere_or_is_refused() {
    let mut random = Random::new(99);
    let loaded = (0..ROUNDS).filter(|_| any_state::survives(&mut random)).count();
    assert!((ROUNDS / 10..ROUNDS * 9 / 10).contains(&loaded), "the damage is of one kind: {loaded} loaded");
}

#[test]
fn vst3_streams_that_do_not_say_what_they_did_are_read_and_written() {
    let state = busy_document(10).to_json();
    for from in [From::Bundle, From::Linked] {
        let mut vst3 = RawVst3::open(from);
        vst3.streams_are_silent = true;
        assert!(vst3.load(state.as_bytes()));
        assert_eq!(String::from_utf8(vst3.save()).unwrap(), state);
    }
}

#[test]
fn vst3_activation_alone_jumps_to_the_balance() {
    let state = busy_document(11).to_json();
    for from in [From::Bundle, From::Linked] {
        let mut want = RawVst3::open(from);
        want.load(state.as_bytes());
        want.activate(RATE_HZ, 512);
        let want = play(&mut want, 512, &[512], &[], stem);
        let mut vst3 = RawVst3::open(from);
        vst3.activate(RATE_HZ, 512);
        vst3.deactivate();
        vst3.load(state.as_bytes());
        vst3.activate_silently(RATE_HZ, 512);
        assert!(play(&mut vst3, 512, &[512], &[], stem) == want, "{from:?}");
    }
}

#[test]
fn a_new_instance_begins_with_the_default_that_was_kept_and_a_state_replaces_it() {
    const FOLDER: &str = "STEMWRIGHT_PRESETS";
    const CHILD: &str = "STEMWRIGHT_TEST_DEFAULT";
    let kept = busy_document(8);
    if std::env::var_os(CHILD).is_none() {
        // A process of its own: the other tests' instances must not begin with it.
        let root = tempfile::tempdir().expect("a folder");
        Folder::at(root.path()).save_default(&kept).expect("kept");
        let program = std::env::current_exe().expect("this program has a path");
        let name = "state::a_new_instance_begins_with_the_default_that_was_kept_and_a_state_replaces_it";
        let child = Command::new(program)
            .args(["--exact", name, "--test-threads=1"])
            .env(CHILD, "1")
            .env(FOLDER, root.path())
            .output()
            .expect("the child starts");
        let said = String::from_utf8_lossy(&child.stdout);
        assert!(child.status.success() && said.contains("1 passed"), "{said}");
        std::fs::write(root.path().join("default.json"), "not a balance").expect("written");
        let child = Command::new(std::env::current_exe().expect("this program has a path"))
            .args(["--exact", name, "--test-threads=1"])
            .env(CHILD, "damaged")
            .env(FOLDER, root.path())
            .output()
            .expect("the child starts");
        return assert!(child.status.success(), "a damaged default stands in nobody's way");
    }
    let is_damaged = std::env::var(CHILD).is_ok_and(|which| which == "damaged");
    let begins = if is_damaged { Document::default() } else { kept };
    for how in EVERYWHERE {
        let mut plugin = open(how);
        assert_eq!(String::from_utf8(plugin.save()).expect("text"), begins.to_json(), "{how:?}");
        plugin.activate(RATE_HZ, 512);
        let heard = play(&mut *plugin, 4096, &[512], &[], stem);
        let mut same = open(how);
        assert!(same.load(begins.to_json().as_bytes()));
        same.activate(RATE_HZ, 512);
        assert!(heard == play(&mut *same, 4096, &[512], &[], stem), "{how:?} sounds like it, too");
        let project = Document::default().to_json();
        assert!(plugin.load(project.as_bytes()));
        assert_eq!(String::from_utf8(plugin.save()).expect("text"), project, "{how:?}");
    }
}
