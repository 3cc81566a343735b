//! Balances kept under a name: files, what they mean for other stems, and starting points.
#![cfg(feature = "plugin")]

use std::fs;
use stemwright::model::document::Document;
use stemwright::model::learned::{LearnedBalance, LearnedStem};
use stemwright::model::limits::{MixParam, ParamKey, Role, STEMS, StripParam};
use stemwright::model::settings::StripSettings;
use stemwright::presets::{Folder, PresetError, STARTING_POINTS, fit, read, write_sheet};

/// A song with these names, every fader at its own level.
fn song(names: &[&str], level_db: f32) -> Document {
    let mut document = Document::default();
    for (stem, name) in names.iter().enumerate() {
        document.stems[stem].rename(name);
        document.mix.stems[stem].fader_db = level_db - stem as f32;
    }
    document
}

fn folder() -> (tempfile::TempDir, Folder) {
    let root = tempfile::tempdir().expect("a folder");
    let folder = Folder::at(root.path().join("not made yet"));
    (root, folder)
}

#[test]
fn a_preset_loads_as_it_was_saved() {
    let (_root, folder) = folder();
    assert_eq!(folder.names().expect("no folder, no presets"), [""; 0]);
    let mut kept = song(&["Kick", "Bass"], -3.0);
    kept.mix.stems[1].tone.bell_db = 4.5;
    kept.stems[0].role = Role::Drums;
    folder.save(" Verse, loud ", &kept, false).expect("saved");
    folder.save("chorus", &song(&[], 0.0), false).expect("saved");
    assert_eq!(folder.names().expect("names"), ["chorus", "Verse, loud"]);
    let loaded = folder.load("Verse, loud").expect("loaded");
    assert_eq!(loaded.document, kept);
    assert!(loaded.notices.is_empty());
}

#[test]
fn a_name_that_is_taken_is_refused_and_the_other_stays() {
    let (_root, folder) = folder();
    let [first, second] = [song(&["Kick"], -1.0), song(&["Kick"], -2.0)];
    folder.save("Mix", &first, false).expect("saved");
    let refused = folder.save("Mix", &second, false).expect_err("taken");
    assert!(refused.to_string().contains("a preset \"Mix\" already: choose another name"), "{refused}");
    folder.save("Other", &second, false).expect("saved");
    assert!(matches!(folder.rename("Other", "Mix"), Err(PresetError::Exists(name)) if name == "Mix"));
    assert_eq!(folder.load("Mix").expect("still there").document, first);
    folder.save("Mix", &second, true).expect("replaced when asked");
    assert_eq!(folder.load("Mix").expect("there").document, second);
    folder.rename("Mix", "mix").expect("another case of the same name");
    folder.rename("mix", "Third").expect("renamed");
    folder.delete("Other").expect("deleted");
    assert_eq!(folder.names().expect("names"), ["Third"]);
    assert!(folder.delete("Other").is_err() && folder.load("Other").is_err());
}

#[test]
fn a_name_can_leave_neither_its_folder_nor_the_system_it_was_typed_on() {
    let (root, folder) = folder();
    let long = "x".repeat(61);
    for name in ["", "  ", "../up", "a/b", "a\\b", "C:", "what?", ".hidden", "end.", "nul", "COM1.x", &long] {
        let refused = folder.save(name, &Document::default(), true).expect_err(name);
        assert!(matches!(refused, PresetError::BadName { .. }), "{name}: {refused}");
        assert!(refused.to_string().contains(": "), "says what to do: {refused}");
    }
    assert_eq!(fs::read_dir(root.path()).expect("the root").count(), 0);
    for name in ["Ünïcode ♪", "a.b", "console", "-inf", &long[1..]] {
        folder.save(name, &Document::default(), false).expect(name);
        folder.load(name).expect(name);
    }
}

#[test]
fn what_is_no_preset_is_not_listed_and_not_read() {
    let (root, folder) = folder();
    folder.save("Good", &Document::default(), false).expect("saved");
    let presets = root.path().join("not made yet/presets");
    fs::write(presets.join("notes.txt"), "hello").expect("written");
    fs::write(presets.join("Bad.json"), "{}").expect("written");
    for number in [10, 2, 1] {
        folder.save(&format!("take {number}"), &Document::default(), false).expect("saved");
    }
    assert_eq!(folder.names().expect("names"), ["Bad", "Good", "take 1", "take 2", "take 10"]);
    let refused = folder.load("Bad").expect_err("no document").to_string();
    assert!(refused.contains("no Stemwright balance") && refused.contains("Bad.json"), "{refused}");
}

#[test]
fn the_default_for_new_instances_is_kept_and_forgotten() {
    let (_root, folder) = folder();
    assert!(folder.load_default().expect("none").is_none() && !folder.has_default());
    folder.save_default(&song(&["Kick"], -4.0)).expect("saved");
    folder.save_default(&song(&["Kick"], -5.0)).expect("replaced");
    let loaded = folder.load_default().expect("read").expect("there");
    assert_eq!(loaded.document, song(&["Kick"], -5.0));
    assert!(folder.names().expect("names").is_empty(), "it is no preset");
    folder.clear_default().expect("forgotten");
    assert!(folder.load_default().expect("none").is_none());
}

#[test]
fn a_preset_goes_to_the_stems_of_its_names_wherever_they_are() {
    let mut kept = song(&["Kick", "Lead Vox", "Bass", "Choir"], -3.0);
    kept.mix.output_db = -2.0;
    let mut here = song(&["bass", "Organ", "lead-vox", "KICK"], -20.0);
    here.mix.set(ParamKey::Mix(MixParam::MainInput), 1.0);
    let fit = fit(&kept, &here);
    let faders: Vec<f32> = fit.document.mix.stems[..5].iter().map(|strip| strip.fader_db).collect();
    assert_eq!(faders, [-5.0, -21.0, -4.0, -3.0, 0.0]);
    assert_eq!(fit.document.stems, here.stems, "names, colours and roles here stay");
    assert_eq!(fit.document.mix.output_db, -2.0);
    assert_eq!(fit.document.mix.get(ParamKey::Mix(MixParam::MainInput)), 1.0, "routing is no balance");
    assert_eq!(
        fit.remarks,
        ["No stem here is called Choir.", "Left as they were, the preset does not know them: Organ.",]
    );
}

#[test]
fn stems_of_one_name_take_their_presets_in_order_and_names_of_signs_are_names() {
    let kept = song(&["Gtr", "Gtr", "♪", "!"], -3.0);
    let fit = fit(&kept, &song(&["!", "Gtr", "♪", "Gtr", "Gtr"], -20.0));
    let faders: Vec<f32> = fit.document.mix.stems[..5].iter().map(|strip| strip.fader_db).collect();
    assert_eq!(faders, [-6.0, -3.0, -5.0, -4.0, -24.0]);
    assert_eq!(fit.remarks, ["Left as they were, the preset does not know them: Gtr."]);
}

#[test]
fn names_that_differ_by_a_sign_are_not_mistaken_for_each_other() {
    let fit = fit(&song(&["Perc +", "Perc -"], -3.0), &song(&["Perc -", "Perc +"], -20.0));
    let faders: Vec<f32> = fit.document.mix.stems[..2].iter().map(|strip| strip.fader_db).collect();
    assert_eq!(faders, [-4.0, -3.0]);
}

#[test]
fn a_preset_that_knows_no_stem_here_changes_nothing() {
    let mut kept = song(&["Choir"], -3.0);
    kept.mix.output_db = -6.0;
    let here = song(&["Kick"], 0.0);
    assert_eq!(fit(&kept, &here).document, here);
}

#[test]
fn stems_without_names_are_told_apart_by_their_numbers() {
    let mut kept = song(&["Kick"], -3.0);
    kept.mix.stems[1].pan = 0.5;
    kept.mix.stems[2].pan = -0.5;
    let mut here = song(&["Kick"], 0.0);
    here.stems[2].rename("Bass");
    let fit = fit(&kept, &here);
    assert_eq!(fit.document.mix.stems[1].pan, 0.5);
    assert_eq!(fit.document.mix.stems[2], StripSettings::default());
    assert_eq!(
        fit.remarks,
        ["No stem here is called Stem 03.", "Left as they were, the preset does not know them: Bass."]
    );
}

#[test]
fn a_mix_without_names_takes_a_preset_whole() {
    let mut kept = song(&["Kick", "Bass"], -3.0);
    kept.order.swap(0, 5);
    let mut here = Document::default();
    here.mix.stems[9].mute = true;
    let fit = fit(&kept, &here);
    assert_eq!((fit.document.stems, fit.document.order), (kept.stems, kept.order));
    assert_eq!(fit.document.mix, kept.mix);
    assert!(fit.remarks.is_empty());
}

#[test]
fn what_was_learned_comes_with_its_stems_to_a_mix_without_names_that_has_learned_nothing() {
    let mut kept = song(&["Kick", "Bass"], -3.0);
    kept.learned = Some(LearnedBalance::default());
    kept.mix.balance_percent = 50.0;
    let of = |here: &Document| {
        let fitted = fit(&kept, here).document;
        (fitted.learned, fitted.mix.balance_percent)
    };
    assert_eq!(of(&Document::default()), (kept.learned.clone(), 50.0));
    assert_eq!(of(&song(&["Kick", "Bass"], 0.0)), (None, 100.0), "another song's");
    let mut own = LearnedBalance::default();
    own.stems[0].offset_db = 2.0;
    let here = Document { learned: Some(own), ..Document::default() };
    assert_eq!(of(&here), (here.learned.clone(), 100.0), "what was learned here stays");
}

#[test]
fn it_is_said_when_the_learned_balance_of_another_song_stays_out() {
    let mut kept = song(&["Kick", "Bass"], -3.0);
    let mut learned = LearnedBalance::default();
    learned.stems[1] = LearnedStem { offset_db: -2.5, accepted: true, ..LearnedStem::default() };
    kept.learned = Some(learned.clone());
    let here = song(&["Kick", "Bass"], 0.0);
    let said = fit(&kept, &here).remarks;
    assert!(said.len() == 1 && said[0].contains("up to 2.5 dB") && said[0].contains("stays out"), "{said:?}");
    let unnamed = Document { learned: Some(LearnedBalance::default()), ..Document::default() };
    assert_eq!(fit(&kept, &unnamed).remarks, said);
    // Where it comes along, is there already or did not sound, there is nothing to say.
    let same = Document { learned: Some(learned), ..here.clone() };
    assert!(fit(&kept, &Document::default()).remarks.is_empty() && fit(&kept, &same).remarks.is_empty());
    kept.mix.balance_percent = 0.0;
    assert!(fit(&kept, &here).remarks.is_empty());
}

#[test]
fn a_recall_sheet_loads_back_as_it_was_saved_and_replaces_nothing_unasked() {
    let root = tempfile::tempdir().expect("a folder");
    let file = root.path().join("Night Bus, mix 3.html");
    let mut kept = song(&["Kick", "</script>"], -3.0);
    kept.learned = Some(LearnedBalance::default());
    kept.scenes[1].rename("Chorus");
    write_sheet(&file, &kept, None, false).expect("saved");
    assert!(fs::read_to_string(&file).expect("a page").contains("<title>Night Bus, mix 3</title>"));
    let loaded = read(&file).expect("loaded");
    assert_eq!((loaded.document, loaded.notices), (kept.clone(), vec![]));
    let before = fs::read(&file).expect("a page");
    kept.mix.output_db = -9.0;
    let refused = write_sheet(&file, &kept, None, false).expect_err("it is there").to_string();
    assert!(refused.contains("mix 3.html already: choose another name"), "{refused}");
    assert!(fs::read(&file).expect("a page") == before);
    write_sheet(&file, &kept, None, true).expect("replaced when asked");
    assert_eq!(read(&file).expect("loaded").document, kept);
    let refused = write_sheet(&root.path().join("none/x.html"), &kept, None, true).expect_err("no folder");
    assert!(refused.to_string().contains("does not exist: create it first"), "{refused}");
    assert_eq!(fs::read_dir(root.path()).expect("the folder").count(), 1, "nothing is left beside it");
}

#[test]
fn a_starting_point_changes_one_thing_of_the_stems_with_a_role() {
    let names: Vec<String> = (0..STEMS).map(|stem| format!("Part {stem}")).collect();
    let mut here = song(&names.iter().map(String::as_str).collect::<Vec<_>>(), -7.5);
    for (stem, (role, _)) in Role::ALL.into_iter().enumerate() {
        here.stems[stem].role = role;
    }
    here.stems[11].role = Role::Guitars;
    here.mix.stems.iter_mut().for_each(|strip| strip.tone.on = false);
    for start in &STARTING_POINTS {
        let fit = start.fit(&here);
        let unknown = [0, 12, 13, 14, 15].map(|stem| {
            assert_eq!(fit.document.mix.stems[stem], here.mix.stems[stem], "{}", start.name);
            names[stem].clone()
        });
        assert_eq!(fit.remarks, [format!("Left as they were, they have no role: {}.", unknown.join(", "))]);
        assert_ne!(fit.document.mix, here.mix, "{} does something", start.name);
        let changed: Vec<StripParam> = StripParam::ALL
            .into_iter()
            .filter(|param| {
                (0..STEMS).any(|s| fit.document.mix.stems[s].get(*param) != here.mix.stems[s].get(*param))
            })
            .collect();
        assert!(
            changed == [StripParam::Fader]
                || changed == [StripParam::Pan]
                || changed == [StripParam::Tone, StripParam::HighPassSlope, StripParam::HighPassFrequency],
            "{}: {changed:?}",
            start.name
        );
    }
    let spread = STARTING_POINTS.iter().find(|start| start.name == "Band on a stage").expect("is there");
    let pans = spread.fit(&here).document.mix.stems.map(|strip| strip.pan);
    assert_eq!([pans[3], pans[11]], [-0.7, 0.7], "two guitars, one on each side");
    assert_eq!([pans[1], pans[4], pans[8]], [0.0; 3], "drums, a single stem, the lead");
    let nobody = STARTING_POINTS[1].fit(&song(&["Kick"], 0.0));
    assert!(nobody.remarks[0].contains("say what each plays"), "{:?}", nobody.remarks);
}
