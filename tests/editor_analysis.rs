//! The editor's page of what a recording tells: faults and their cures, clashes, readouts and the contour.
#![cfg(feature = "plugin")]

#[path = "harness/editor.rs"]
mod harness;

use egui::{pos2, vec2};
use egui_kittest::kittest::{AccessKitNode, By, NodeT, Queryable};
use harness::Told::{Begin, BeginGroup, End, EndGroup, Set};
use harness::{Bench, Fake, Told, stem, texts_on_grounds};
use std::fs;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, channel};
use stemwright::analysis::StudyState;
use stemwright::editor::dialog::Wanted;
use stemwright::editor::gestures::Instance;
use stemwright::editor::presets::Presets;
use stemwright::editor::screen::Screen;
use stemwright::model::limits::StripParam;
use stemwright::model::view::Page;
use stemwright::presets::Folder;

const TABS: [&str; 3] = ["Check", "Clashes", "Contour"];

fn recorded(stems: usize, tab: &str) -> Bench {
    let mut bench = Bench::new(Fake::recorded(stems));
    bench.click(tab);
    bench.steps(2);
    bench
}

fn labels(bench: &Bench, has: &str) -> Vec<String> {
    let named = |node: &AccessKitNode| node.label().is_some_and(|label| label.contains(has));
    let nodes = bench.harness.query_all(By::new().predicate(named));
    nodes.filter_map(|node| node.accesskit_node().label()).collect()
}

#[test]
fn before_a_recording_it_says_what_to_do_and_record_begins_one() {
    let fake = Fake::song(8);
    fake.document.borrow_mut().view.page = Page::Analysis;
    let mut bench = Bench::new(fake);
    let texts = |bench: &Bench| -> String {
        let texts = texts_on_grounds(&bench.harness.output().shapes);
        texts.into_iter().map(|(text, ..)| text + "\n").collect()
    };
    assert!(texts(&bench).contains("Press Record and play the song once, from its beginning."));
    assert!(!bench.shows("Forget the recording"), "there is none");
    bench.click("Record the song");
    assert_eq!(*bench.fake.recorded.borrow(), [true]);
    let waiting = StudyState { is_recording: true, is_waiting: true, revision: 1, ..StudyState::default() };
    *bench.fake.study.borrow_mut() = waiting;
    bench.steps(2);
    assert!(texts(&bench).contains("Waiting for the host to play"));
    bench.looks_like("analysis_waiting");
    bench.click("Record the song");
    assert_eq!(*bench.fake.recorded.borrow(), [true, false]);
}

#[test]
fn forgetting_leaves_nothing_of_a_recording() {
    let mut bench = recorded(8, "Check");
    assert!(!labels(&bench, "Cure ").is_empty());
    bench.click("Forget the recording");
    bench.steps(2);
    assert!(labels(&bench, "Cure ").is_empty());
    assert!(bench.fake.study.borrow().song.is_none());
}

#[test]
fn the_page_looks_as_before() {
    for tab in TABS {
        for stems in [4, 16] {
            recorded(stems, tab).looks_like(&format!("analysis_{}_{stems}_stems", tab.to_lowercase()));
        }
    }
}

#[test]
fn a_cure_is_one_undoable_edit_and_its_finding_comes_back_with_undo() {
    let mut bench = recorded(8, "Check");
    let cure = labels(&bench, "offset")
        .into_iter()
        .find(|label| label.starts_with("Cure"))
        .expect("the room is late");
    assert!(!labels(&bench, "Room comes 10.00 ms").is_empty());
    bench.told();
    bench.click(&cure);
    bench.steps(2);
    let told = bench.told();
    assert_eq!([told.first(), told.last()], [Some(&BeginGroup), Some(&EndGroup)], "one edit for the host");
    let delays: Vec<&Told> = told.iter().filter(|told| matches!(told, Set(..))).collect();
    assert_eq!(delays.len(), 7, "all others wait: {delays:?}");
    assert!(delays.contains(&&Set(stem(2, StripParam::Delay), 10.0)));
    assert!(labels(&bench, "Room comes").is_empty(), "it is cured");
    assert!(bench.value("Undo").starts_with("Undo: Cure: Room comes 10.00 ms"), "{}", bench.value("Undo"));
    bench.click("Undo");
    bench.steps(2);
    let ends = |told: &[Told]| told.iter().filter(|told| matches!(told, Begin(_) | End(_))).count();
    assert_eq!(ends(&bench.told()), 14);
    assert!(!labels(&bench, "Room comes 10.00 ms").is_empty(), "it is back");
    assert_eq!(bench.fake.value(stem(2, StripParam::Delay)), 0.0);
}

#[test]
fn a_cure_that_renames_goes_to_the_names() {
    let fake = Fake::recorded(4);
    for (at, name) in ["Take 1", "Take 2", "Take 10", "Take 11"].into_iter().enumerate() {
        fake.document.borrow_mut().stems[at].rename(name);
    }
    let mut bench = Bench::new(fake);
    let cure = labels(&bench, "unsorted")
        .into_iter()
        .find(|label| label.starts_with("Cure"))
        .expect("10 sorts before 2");
    bench.click(&cure);
    bench.steps(2);
    assert!(["Take 01", "Take 02"].contains(&bench.fake.name(1).as_str()) || bench.fake.name(2) == "Take 02");
    bench.click("Undo");
    bench.steps(1);
    assert_eq!([bench.fake.name(1), bench.fake.name(2)], ["Take 1", "Take 2"]);
}

#[test]
fn muted_stems_are_not_looked_at_and_a_new_recording_is() {
    let mut bench = recorded(8, "Check");
    let constant = |bench: &Bench| labels(bench, "Hats carries a constant").len();
    assert_eq!(constant(&bench), 1, "{:?}", labels(&bench, "Hats"));
    bench.fake.put(stem(3, StripParam::Mute), 1.0);
    bench.steps(2);
    assert_eq!(constant(&bench), 0);
    bench.fake.put(stem(3, StripParam::Mute), 0.0);
    bench.fake.study.borrow_mut().song = None;
    bench.steps(2);
    assert_eq!(constant(&bench), 0);
}

#[test]
fn pointing_at_the_contour_tells_its_numbers_scene_and_place_in_the_song() {
    let mut bench = recorded(16, "Contour");
    let rect = bench.harness.get_by_label("Contour of the song").rect();
    for (share, place, scene) in
        [(0.05, "0:12", "Live"), (0.45, "0:16", "A Verse"), (0.95, "0:21", "B Chorus")]
    {
        bench.point_at(pos2(rect.left() + share * rect.width(), rect.center().y));
        bench.steps(1);
        let told = bench.value("Contour of the song");
        assert!(told.starts_with(&format!("{place} {scene}: Loudness \u{2212}")), "{told}");
        assert!(told.contains("LUFS, Centroid ") && told.contains(" Hz, "), "{told}");
    }
    bench.picture("analysis_contour_hover");
}

/// A dialog that chooses a file of this test's, with its name but without an ending.
fn chosen(wanted: Wanted) -> Receiver<Option<PathBuf>> {
    let (answer, answered) = channel();
    let name = match wanted {
        Wanted::SavePicture => "arc picture",
        _ => "arc table",
    };
    answer.send(Some(PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name))).expect("the editor waits");
    answered
}

#[test]
fn the_contour_is_saved_as_a_picture_and_as_a_table_and_no_file_is_replaced_unasked() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let [picture, table] = ["arc picture.png", "arc table.csv"].map(|name| folder.join(name));
    for file in [&picture, &table] {
        let _ = fs::remove_file(file);
    }
    let screen = Screen::with_presets(Presets::new(Ok(Folder::at(&folder)), chosen));
    let mut bench = Bench::showing(Fake::recorded(8), vec2(1180.0, 720.0), 1.0, screen);
    bench.click("Contour");
    bench.steps(2);
    bench.click("Save picture…");
    bench.steps(2);
    let drawn = image::open(&picture).expect("a picture");
    assert_eq!([drawn.width(), drawn.height()], [2200, 1520]);
    bench.click("Save table…");
    bench.steps(2);
    let text = fs::read_to_string(&table).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 11, "a line of titles and ten seconds");
    assert!(lines[0].starts_with("time_s,loudness_lufs,") && lines[0].ends_with(",scene"), "{}", lines[0]);
    assert!(lines[1].starts_with("13.000,-") && lines[1].ends_with(",\"Live\""), "{}", lines[1]);
    assert!(lines[10].ends_with(",\"B Chorus\""), "{}", lines[10]);
    let before = fs::read(&table).unwrap();
    bench.click("Save table…");
    bench.steps(2);
    assert_eq!(fs::read(&table).unwrap(), before);
    let texts = texts_on_grounds(&bench.harness.output().shapes);
    assert!(texts.iter().any(|(text, ..)| text.starts_with("The file was not saved. ")), "and it is said");
}

#[test]
fn nothing_of_the_page_is_drawn_while_nothing_changes() {
    let fake = Fake::recorded(8);
    for stem in 0..8 {
        fake.meters.take_stem(stem);
    }
    fake.meters.take_mix();
    let mut bench = Bench::new(fake);
    let fake = bench.fake.clone();
    assert!(!bench.harness.state_mut().is_stale(&*fake));
    fake.study.borrow_mut().revision += 1;
    assert!(bench.harness.state_mut().is_stale(&*fake), "what the recording tells has changed");
}
