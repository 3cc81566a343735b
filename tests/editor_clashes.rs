//! The tabs of clashes and of the contour's readouts: what they say is what the analysis finds.
#![cfg(feature = "plugin")]

#[path = "harness/editor.rs"]
mod harness;

use egui::{Key, Modifiers, vec2};
use egui_kittest::kittest::{AccessKitNode, By, NodeT, Queryable};
use harness::Told::{BeginGroup, EndGroup};
use harness::{Bench, Fake, gesture, group, stem, texts_on_grounds};
use std::sync::Arc;
use stemwright::analysis::{COLUMNS, Clash, Player, Readouts, Song};
use stemwright::editor::theme;
use stemwright::model::limits::{STEMS, StripParam};

/// The page with a recording of so many stems, at one of its tabs.
fn tab(stems: usize, name: &str) -> Bench {
    shown(Fake::recorded(stems), name)
}

fn shown(fake: Fake, name: &str) -> Bench {
    let mut bench = Bench::sized(fake, vec2(1180.0, 640.0));
    bench.click(name);
    bench.steps(2);
    bench
}

fn song(bench: &Bench) -> Arc<Song> {
    bench.fake.study.borrow().song.clone().expect("it is recorded")
}

/// What the analysis says of the song, asked without the editor.
fn asked(bench: &Bench) -> (Vec<String>, Clash) {
    let song = song(bench);
    let document = bench.fake.document.borrow();
    let names: Vec<String> = document.stems.iter().enumerate().map(|(at, info)| info.label(at)).collect();
    let player = |at: usize| Player {
        name: &names[at],
        role: document.stems[at].role,
        strip: &document.mix.stems[at],
    };
    let players: Vec<Player> = (0..STEMS).map(player).collect();
    let clash = song.clash.clash(&players, song.sample_rate_hz);
    (clash.pairs.iter().map(|pair| pair.words(&players)).collect(), clash)
}

fn labels(bench: &Bench) -> Vec<String> {
    let any = By::new().predicate(|_: &AccessKitNode| true);
    bench.harness.query_all(any).filter_map(|node| node.accesskit_node().label()).collect()
}

/// What is told of the chosen pair's bands.
fn where_it_clashes(bench: &Bench) -> String {
    labels(bench).into_iter().find(|label| label.starts_with("Where ")).expect("a pair is chosen")
}

/// The button that sets the suggested bell.
fn set_bell(bench: &Bench) -> Option<String> {
    labels(bench).into_iter().find(|label| label.starts_with("Set bell of "))
}

/// A recording in a mix whose bells are not in use.
fn without_bells(stems: usize) -> Fake {
    let fake = Fake::recorded(stems);
    fake.document.borrow_mut().mix.stems.iter_mut().for_each(|strip| strip.tone.bell_db = 0.0);
    for scene in &mut fake.document.borrow_mut().scenes {
        scene.stems.iter_mut().for_each(|strip| strip.bell_db = 0.0);
    }
    fake
}

#[test]
fn the_ranking_and_the_grid_say_what_the_analysis_finds() {
    let bench = tab(8, "Clashes");
    let (words, clash) = asked(&bench);
    assert!(words.len() > 10, "{words:?}");
    let height = |words: &String| bench.harness.get_by_label(words).rect().min.y;
    let told: Vec<f32> = words.iter().take_while(|words| bench.shows(words)).map(height).collect();
    assert!((5..=10).contains(&told.len()) && told.is_sorted(), "the first stands above: {told:?}");
    let first = &clash.pairs[0];
    let [covered, by] = [first.covered, first.by].map(|stem| bench.fake.name(stem + 1));
    let percent = 100.0 * clash.covered[first.covered][first.by];
    let cell = format!("{by} covers {percent:.0} % of {covered}.");
    assert_eq!(bench.value("Who covers whom"), cell, "the first is chosen");
    assert_eq!(where_it_clashes(&bench), format!("Where {by} covers {covered}"));
    let texts = texts_on_grounds(&bench.harness.output().shapes);
    assert!(texts.iter().any(|(text, ..)| text.contains("no figure passes or fails")));
}

#[test]
fn a_cell_is_chosen_by_a_click_and_by_the_arrow_keys_and_never_one_of_a_stem_with_itself() {
    let mut bench = tab(4, "Clashes");
    let (_, clash) = asked(&bench);
    let names = ["Kick", "Snare", "Hats", "Toms"];
    let words = |[row, column]: [usize; 2]| {
        let percent = 100.0 * clash.covered[row][column];
        format!("{} covers {percent:.0} % of {}.", names[column], names[row])
    };
    let cells = bench.harness.get_by_label("Who covers whom").rect();
    let middle = |row: f32, column: f32| {
        cells.min + vec2(cells.width() * (column + 0.5) / 4.0, cells.height() * (row + 0.5) / 4.0)
    };
    bench.click_at(middle(2.0, 0.0), Modifiers::NONE);
    assert_eq!(bench.value("Who covers whom"), words([2, 0]));
    bench.click_at(middle(2.0, 2.0), Modifiers::NONE);
    assert_eq!(bench.value("Who covers whom"), words([2, 0]), "that is no pair");
    for (key, cell) in [
        (Key::ArrowRight, [2, 1]),
        (Key::ArrowRight, [2, 3]),
        (Key::ArrowRight, [2, 3]),
        (Key::ArrowDown, [2, 3]),
        (Key::ArrowUp, [1, 3]),
        (Key::ArrowLeft, [1, 2]),
        (Key::ArrowDown, [3, 2]),
    ] {
        bench.key(key);
        assert_eq!(bench.value("Who covers whom"), words(cell), "after {key:?}");
    }
    let chosen = where_it_clashes(&bench);
    assert!(chosen.contains("Toms") && chosen.contains("Hats"), "{chosen}");
    bench.click(&asked(&bench).0[0]);
    let first = asked(&bench).1.pairs.swap_remove(0);
    let [by, covered] = [first.by, first.covered].map(|stem| names[stem]);
    assert_eq!(where_it_clashes(&bench), format!("Where {by} covers {covered}"), "by its line");
}

#[test]
fn the_suggested_bell_is_set_when_it_is_asked_for_and_is_one_undo() {
    let mut bench = shown(without_bells(8), "Clashes");
    let (_, clash) = asked(&bench);
    let pair = clash.pairs.iter().take(5).find(|pair| pair.suggestion.is_some()).expect("one makes room");
    let bell = pair.suggestion.as_ref().expect("found by it");
    let words = asked(&bench).0;
    let at = clash.pairs.iter().position(|other| other == pair).expect("it is there");
    bench.click(&words[at]);
    bench.steps(1);
    assert_eq!(bench.told(), [], "nothing is set by looking");
    let face = set_bell(&bench).expect("it is offered");
    let name = bench.fake.name(bell.stem + 1);
    assert_eq!(face, format!("Set bell of {name}: {}", bell.bell_words()).replace(" -", " \u{2212}"));

    let before = bench.fake.document.borrow().mix;
    bench.click(&face);
    bench.steps(1);
    let set = [
        (StripParam::BellFrequency, bell.hz),
        (StripParam::BellGain, bell.gain_db),
        (StripParam::BellQ, bell.q),
    ];
    let gestures: Vec<_> = set
        .into_iter()
        .map(|(param, value)| (stem(bell.stem + 1, param), value))
        .filter(|(key, value)| before.get(*key) != *value)
        .map(|(key, value)| gesture(key, &[value]))
        .collect();
    assert!(gestures.len() > 1);
    assert_eq!(bench.told(), group(&gestures), "frequency, gain and Q, and nothing else");
    assert!(bench.shows("The bell is set") && set_bell(&bench).is_none(), "once is enough");
    assert!(bench.value("Undo").starts_with(&format!("Undo: Bell of {name} makes room for ")));

    bench.click("Undo");
    bench.steps(1);
    assert_eq!(bench.fake.document.borrow().mix, before);
    let told = bench.told();
    assert_eq!((told.first(), told.last()), (Some(&BeginGroup), Some(&EndGroup)));
    assert_eq!(set_bell(&bench), Some(face), "it is offered again");
}

#[test]
fn a_bell_that_is_in_use_is_left_alone_and_it_is_said_why() {
    let fake = without_bells(4);
    for strip in &mut fake.document.borrow_mut().mix.stems {
        strip.tone.bell_db = -1.0;
    }
    let bench = shown(fake, "Clashes");
    assert!(set_bell(&bench).is_none() && bench.shows("No bell to set"));
    let texts = texts_on_grounds(&bench.harness.output().shapes);
    assert!(texts.iter().any(|(text, ..)| text.contains("its bell is in use")));
}

#[test]
fn a_chosen_pair_stays_while_the_song_goes_on_and_values_move() {
    let mut bench = tab(8, "Clashes");
    bench.click(&asked(&bench).0[2]);
    bench.steps(1);
    let chosen = where_it_clashes(&bench);
    let fake = bench.fake.clone();
    {
        let study = &mut *fake.study.borrow_mut();
        study.song = study.before.take();
        study.revision += 1;
    }
    bench.steps(2);
    assert_eq!(where_it_clashes(&bench), chosen);
    fake.put(stem(3, StripParam::Fader), -20.0);
    bench.steps(2);
    assert_eq!(where_it_clashes(&bench), chosen);
    fake.loads.set(fake.loads.get() + 1);
    bench.steps(2);
    let first = asked(&bench).1.pairs.swap_remove(0);
    let names = [first.by, first.covered].map(|stem| fake.name(stem + 1));
    assert_eq!(
        where_it_clashes(&bench),
        format!("Where {} covers {}", names[0], names[1]),
        "a state was loaded"
    );
}

#[test]
fn one_stem_covers_nothing() {
    let bench = tab(1, "Clashes");
    let texts = texts_on_grounds(&bench.harness.output().shapes);
    assert!(texts.iter().any(|(text, ..)| text.starts_with("Fewer than two stems")));
    assert!(!bench.shows("Who covers whom"));
}

/// What a line of the table is to say.
fn line(song: &Song, scene: Option<Option<usize>>, other: Option<&Readouts>) -> String {
    let readouts = match scene {
        None => &song.readouts,
        Some(scene) => song.readouts_of(scene).expect("it sounded"),
    };
    let mut told = Vec::new();
    for column in &COLUMNS {
        let [of_value, of_difference] = column.decimals;
        let rounded = |value: f64, decimals: usize| {
            let scale = 10f64.powi(decimals as i32);
            (value * scale).round() / scale + 0.0
        };
        let value = (column.value)(readouts);
        let value =
            value.map_or("–".to_owned(), |value| format!("{:.of_value$}", rounded(value, of_value)));
        told.push(format!("{} {value} {}", column.title, column.unit));
        if let Some(other) = other {
            let by = (column.difference)(&readouts.against(other));
            let by = by.map_or("–".to_owned(), |by| {
                format!("{:+.of_difference$} {}", rounded(by, of_difference), column.difference_unit)
            });
            told.push(format!("which differs by {}", by.trim_end()));
        }
    }
    told.join(", ").replace('-', "\u{2212}")
}

#[test]
fn readouts_of_every_part_differ_from_whichever_is_the_reference() {
    let fake = Fake::recorded(8);
    fake.study.borrow_mut().before = None;
    let mut bench = shown(fake, "Contour");
    let song = song(&bench);
    let (all, a, b) =
        ("Compare with the whole recording", "Compare with scene A Verse", "Compare with scene B Chorus");
    let live = "Compare with what sounded without a scene";
    assert_eq!(bench.value(all), line(&song, None, None));
    assert_eq!(bench.value(a), line(&song, Some(Some(0)), None));
    assert_eq!(bench.value(b), line(&song, Some(Some(1)), None));
    assert_eq!(bench.value(live), line(&song, Some(None), None));
    assert!(!bench.shows("Compare with scene D Bridge"), "it did not sound");
    assert!(!bench.shows("Compare with the last 3 s"), "nothing plays");
    assert!(!bench.shows("Compare with the recording before"), "there is none");

    bench.click(a);
    bench.steps(1);
    let verse = song.readouts_of(Some(0)).expect("it sounded");
    assert_eq!(bench.value(a), line(&song, Some(Some(0)), None), "the reference differs from nothing");
    assert_eq!(bench.value(b), line(&song, Some(Some(1)), Some(verse)));
    assert_eq!(bench.value(all), line(&song, None, Some(verse)));
    bench.click(a);
    bench.steps(1);
    assert_eq!(bench.value(b), line(&song, Some(Some(1)), None), "a second click ends it");
    let texts = texts_on_grounds(&bench.harness.output().shapes);
    assert!(texts.iter().any(|(text, ..)| text.contains("They do not measure what anybody feels")));
}

#[test]
fn a_scene_is_compared_with_the_same_scene_of_the_recording_before() {
    let fake = Fake::recorded(8);
    let before = fake.study.borrow().before.clone().expect("there is one");
    let bench = shown(fake, "Contour");
    let song = song(&bench);
    let chorus = before.readouts_of(Some(1)).expect("it sounded");
    assert_eq!(bench.value("Compare with scene B Chorus"), line(&song, Some(Some(1)), Some(chorus)));
    assert_eq!(bench.value("Compare with the whole recording"), line(&song, None, Some(&before.readouts)));
    assert_eq!(bench.value("Compare with the recording before"), line(&before, None, None));
}

#[test]
fn a_bell_that_a_scene_changes_is_left_alone_and_none_is_set_while_a_scene_is_edited() {
    let mut bench = shown(without_bells(8), "Clashes");
    assert!(set_bell(&bench).is_some());
    bench.click("Edit scene");
    bench.steps(2);
    assert!(set_bell(&bench).is_none(), "it would be the live balance's");
    bench.click("Edit scene");
    bench.steps(2);
    assert!(set_bell(&bench).is_some());
    for strip in &mut bench.fake.document.borrow_mut().scenes[1].stems {
        strip.bell_db = 3.0;
    }
    bench.steps(2);
    assert!(set_bell(&bench).is_none(), "a scene's bell stands on the live one");
    assert!(bench.shows("No bell to set"));
}

#[test]
fn the_last_seconds_are_told_while_it_is_recorded() {
    let fake = Fake::recorded(4);
    fake.study.borrow_mut().is_recording = true;
    let bench = shown(fake, "Contour");
    let now = song(&bench).rows.last().expect("it has rows").readouts.loudness_lufs.expect("it sounds");
    let told = bench.value("Compare with the last 3 s");
    assert!(told.starts_with(&format!("Loudness {now:.1} LUFS").replace('-', "\u{2212}")), "{told}");
}

#[test]
fn a_line_is_chosen_by_the_keyboard() {
    let mut bench = tab(4, "Contour");
    bench.harness.get_by_label("Compare with scene A Verse").focus();
    bench.key(Key::Enter);
    assert!(bench.value("Compare with the whole recording").contains("which differs by"));
}

/// All tabs with so many stems of the longest names, in every size; while it is recorded, with a recording before.
fn every_size(each: impl Fn(&str, &Bench)) {
    for name in ["Check", "Clashes", "Contour"] {
        for stems in [4, 8, 16] {
            for (percent, height) in [(75, 720.0), (100, 640.0), (150, 720.0), (200, 720.0)] {
                let fake = Fake::recorded(stems);
                {
                    let document = &mut *fake.document.borrow_mut();
                    for (at, info) in document.stems.iter_mut().enumerate().take(stems) {
                        info.rename(["Backing Vocals Left High", "Percussion Loop 120 Bpm!"][at % 2]);
                    }
                    document.scenes[1].rename("Chorus with all Voices!!");
                    fake.study.borrow_mut().is_recording = percent == 100;
                }
                let mut bench = Bench::scaled(fake, vec2(1180.0, height), percent as f32 / 100.0);
                bench.click(name);
                bench.steps(2);
                each(&format!("{name} with {stems} stems at {percent} %"), &bench);
            }
        }
    }
}

#[test]
fn no_text_is_cut_and_every_text_stands_out_in_every_size() {
    every_size(|state, bench| {
        for (text, color, ground) in texts_on_grounds(&bench.harness.output().shapes) {
            assert!(
                !text.contains('…') || text == "Save picture…" || text == "Save table…",
                "{state}: {text:?}"
            );
            let contrast = theme::contrast(color, ground);
            assert!(contrast >= 4.5, "{state}: {text:?}: {contrast:.2}, {color:?} on {ground:?}");
        }
    });
}

#[test]
fn every_target_is_at_least_twenty_points_and_lies_within_the_window_in_every_size() {
    use egui::accesskit::Role::{Button, Grid};
    every_size(|state, bench| {
        let window = bench.harness.ctx.content_rect();
        let is_target = |node: &AccessKitNode| matches!(node.role(), Button | Grid);
        for target in bench.harness.query_all(By::new().predicate(is_target)) {
            let (rect, label) = (target.rect(), target.accesskit_node().label());
            assert!(label.is_some(), "{state}: {rect:?}");
            assert!(rect.width() > 19.5 && rect.height() > 19.5, "{state}: {label:?} {rect:?}");
            // The list of faults scrolls: a row may be half in sight.
            let is_in = state.starts_with("Check") || window.contains_rect(rect);
            assert!(is_in, "{state}: {label:?} {rect:?}");
        }
    });
}
