//! The editor without a window: what the hands do, found by label, and what is drawn.
#![cfg(feature = "plugin")]

#[path = "harness/editor.rs"]
mod harness;

use egui::{Event, Key, Modifiers, Pos2, pos2, vec2};
use egui_kittest::kittest::{AccessKitNode, By, NodeT, Queryable};
use harness::Told::{Begin, BeginGroup, End, EndGroup, Set};
use harness::support::rig::{Rig, WHOLE};
use harness::support::signals::{self, Stereo, difference, level_db, noisy_stems};
use harness::{Bench, Fake, Told, fader, gesture, group, mix, nobody_answers, stem, texts_on_grounds};
use nice_plug::editor::dpi::{LogicalSize, NativeSize};
use nice_plug::editor::{Editor, SizeConstraints};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;
use stemwright::balance::{Learned, Listener};
use stemwright::dsp::loudness::{KWeighting, LoudnessMeter};
use stemwright::editor::dialog::Wanted;
use stemwright::editor::gestures::Instance;
use stemwright::editor::picture::picture;
use stemwright::editor::presets::Presets;
use stemwright::editor::screen::{Screen, Track};
use stemwright::editor::spectrum::Spectrum;
use stemwright::editor::theme;
use stemwright::editor::widgets::{Meter, meter_position};
use stemwright::editor::window::window;
use stemwright::engine::monitor::Monitoring;
use stemwright::engine::{MixEngine, StemBlock};
use stemwright::model::document::Document;
use stemwright::model::learned::{LearnedBalance, PAIRS, pair};
use stemwright::model::limits::{GroupParam, MixParam, ParamKey, Role, STEMS, StripParam};
use stemwright::model::offsets::{Level, StripOffsets};
use stemwright::model::scene::Scene;
use stemwright::model::settings::Slope;
use stemwright::model::taper::{fader_db_to_position, fader_position_to_db};
use stemwright::model::view::{Page, View};
use stemwright::presets::{self, Folder};
use stemwright::sync::{Monitor, PeakMoment, Powers, Reading, Report};

#[test]
fn four_stems_look_as_before() {
    Bench::new(Fake::song(4)).looks_like("4_stems");
}

#[test]
fn eight_stems_look_as_before() {
    Bench::new(Fake::song(8)).looks_like("8_stems");
}

#[test]
fn sixteen_stems_look_as_before() {
    Bench::new(Fake::song(16)).looks_like("16_stems");
}

#[test]
fn sixteen_stems_in_the_smallest_window_look_as_before() {
    Bench::sized(Fake::song(16), vec2(1180.0, 640.0)).looks_like("16_stems_smallest");
}

/// A page with so many stems, at a zoom in per cent.
fn zoomed(stems: usize, page: Page, percent: u32) -> Bench {
    let fake = Fake::song(stems);
    fake.document.borrow_mut().view.page = page;
    Bench::scaled(fake, vec2(1180.0, 720.0), percent as f32 / 100.0)
}

#[test]
fn every_page_looks_as_before_at_every_zoom() {
    let pages = [
        (Page::Console, "console"),
        (Page::Stage, "stage"),
        (Page::Balance, "balance"),
        (Page::Routing, "routing"),
    ];
    for (page, name) in pages {
        for stems in [4, 8, 16] {
            for percent in if matches!(page, Page::Routing | Page::Balance) {
                &[75, 100, 150, 200][..]
            } else {
                &[75, 150, 200]
            } {
                zoomed(stems, page, *percent).looks_like(&format!("{name}_{stems}_stems_{percent}"));
            }
        }
    }
}

#[test]
fn four_and_eight_stems_on_the_stage_look_as_before() {
    for stems in [4, 8] {
        zoomed(stems, Page::Stage, 100).looks_like(&format!("stage_{stems}_stems"));
    }
}

#[test]
fn hover_drag_menu_and_focus_look_as_before() {
    let mut bench = Bench::new(Fake::song(8));
    bench.point_at(bench.center("Stem 02 Mute"));
    bench.steps(1);
    bench.picture("hover");
    let at = bench.center("Stem 03 Fader");
    bench.press(at);
    bench.point_at(at + vec2(0.0, -40.0));
    bench.picture("drag");
    bench.button(at + vec2(0.0, -40.0), false, Modifiers::NONE);
    bench.harness.get_by_label("Stem 05 name").click_secondary();
    bench.steps(3);
    bench.picture("menu");
    bench.key(Key::Escape);
    bench.key(Key::Tab);
    bench.key(Key::Tab);
    bench.picture("focus");
}

#[test]
fn no_text_is_cut_at_any_zoom_with_names_of_24_characters() {
    for page in [Page::Console, Page::Stage, Page::Balance, Page::Routing] {
        for percent in [75, 100, 150, 200] {
            for stems in [4, 8, 16] {
                let fake = Fake::song(stems);
                fake.document.borrow_mut().view.page = page;
                for (at, stem) in fake.document.borrow_mut().stems.iter_mut().enumerate().take(stems) {
                    let name =
                        ["Backing Vocals Left High", "Mellotron Strings (wide)", "Percussion Loop 120 Bpm!"];
                    stem.rename(name[at % 3]);
                    assert_eq!(stem.name.chars().count(), 24);
                }
                let bench = Bench::scaled(fake, vec2(1180.0, 720.0), percent as f32 / 100.0);
                let texts = texts_on_grounds(&bench.harness.output().shapes);
                assert!(texts.len() > 60);
                for (text, ..) in texts {
                    assert!(!text.contains('…'), "{text:?} with {stems} stems at {percent} %");
                }
            }
        }
    }
}

#[test]
fn an_empty_mix_looks_as_before() {
    Bench::new(Fake::default()).looks_like("empty");
}

#[test]
fn everything_there_is_to_say_looks_as_before() {
    let fake = Fake::song(8);
    fake.fault.set(true);
    fake.put(stem(2, StripParam::Solo), 1.0);
    fake.put(stem(6, StripParam::SoloSafe), 1.0);
    fake.meters.raise_stem(1, [1.2, 0.9]);
    fake.say(&[
        "Stem 03: Pan 7.5 is out of range; it was set to R100.",
        "\"reverb\" in the mix is nothing this version knows; it was left out.",
    ]);
    let mut bench = Bench::new(fake);
    bench.click("Stem 02 Fader value");
    bench.steps(1);
    bench.harness.event(Event::Text("loud".to_owned()));
    bench.steps(1);
    bench.key(Key::Enter);
    bench.looks_like("banners");
}

#[test]
fn a_fader_drag_is_one_gesture_and_follows_the_taper() {
    let mut bench = Bench::new(Fake::song(8));
    let rect = bench.harness.get_by_label("Stem 01 Fader").rect();
    let travel = f64::from(rect.height()) - 30.0;
    bench.drag(rect.center(), vec2(0.0, -40.0), Modifiers::NONE);
    let want = fader_position_to_db(fader_db_to_position(-3.2) + 40.0 / travel);
    let told = bench.told();
    let [Begin(key), Set(_, value), End(_)] = told[..] else { panic!("{told:?}") };
    assert_eq!(key, fader(1));
    assert!((f64::from(value) - want).abs() <= 0.05, "{value} dB instead of {want} dB");
    assert_eq!((value * 10.0).round() / 10.0, value, "on the grid of tenths");
}

#[test]
fn shift_makes_a_drag_ten_times_finer() {
    let mut bench = Bench::new(Fake::song(8));
    let rect = bench.harness.get_by_label("Stem 01 Fader").rect();
    let travel = f64::from(rect.height()) - 30.0;
    bench.drag(rect.center(), vec2(0.0, -40.0), Modifiers::SHIFT);
    let want = fader_position_to_db(fader_db_to_position(-3.2) + 4.0 / travel);
    let [Begin(_), Set(_, value), End(_)] = bench.told()[..] else { panic!("not one gesture") };
    assert!((f64::from(value) - want).abs() <= 0.005, "{value} dB instead of {want} dB");
}

#[test]
fn a_press_without_a_move_begins_and_ends_but_sets_nothing() {
    let mut bench = Bench::new(Fake::song(8));
    bench.click("Stem 01 Fader");
    assert_eq!(bench.told(), gesture(fader(1), &[]));
}

#[test]
fn a_fader_dragged_past_its_ends_stops_there() {
    let mut bench = Bench::new(Fake::song(8));
    let at = bench.center("Stem 01 Fader");
    bench.drag(at, vec2(0.0, -2000.0), Modifiers::NONE);
    assert_eq!(bench.told(), gesture(fader(1), &[12.0]));
    bench.drag(at, vec2(0.0, 2000.0), Modifiers::NONE);
    assert_eq!(bench.told(), gesture(fader(1), &[f32::NEG_INFINITY]));
    assert_eq!(bench.value("Stem 01 Fader"), "−∞");
}

#[test]
fn a_double_click_resets_within_its_gesture() {
    let mut bench = Bench::new(Fake::song(8));
    bench.double_click("Stem 01 Fader");
    let mut want = gesture(fader(1), &[]);
    want.extend(gesture(fader(1), &[0.0]));
    assert_eq!(bench.told(), want);
}

#[test]
fn a_double_click_on_a_number_resets_it_instead_of_typing() {
    let mut bench = Bench::new(Fake::song(8));
    let pan = stem(8, StripParam::Pan);
    bench.double_click("Stem 08 Pan");
    bench.steps(2);
    let mut want = gesture(pan, &[]);
    want.extend(gesture(pan, &[0.0]));
    assert_eq!(bench.told(), want);
    assert!(!bench.shows("Type a value"));
}

#[test]
fn a_ctrl_click_resets() {
    let mut bench = Bench::new(Fake::song(8));
    for (label, key) in [("Stem 01 Fader", fader(1)), ("Stem 08 Pan", stem(8, StripParam::Pan))] {
        let at = bench.center(label);
        bench.click_at(at, Modifiers::COMMAND | Modifiers::CTRL);
        assert_eq!(bench.told(), gesture(key, &[key.spec().default]));
    }
}

#[test]
fn the_wheel_steps_and_every_notch_is_a_gesture() {
    let mut bench = Bench::new(Fake::song(8));
    bench.wheel("Stem 01 Fader", 1.0, Modifiers::NONE);
    assert_eq!(bench.told(), gesture(fader(1), &[-2.7]));
    bench.wheel("Stem 01 Fader", -1.0, Modifiers::NONE);
    assert_eq!(bench.told(), gesture(fader(1), &[-3.2]));
    bench.hold_keys(Modifiers::SHIFT);
    bench.wheel("Stem 01 Fader", 1.0, Modifiers::SHIFT);
    assert_eq!(bench.told(), gesture(fader(1), &[-3.15]));
}

#[test]
fn the_keys_work_on_the_focused_control() {
    let mut bench = Bench::new(Fake::song(8));
    bench.click("Stem 01 Fader");
    bench.told();
    for (key, want) in [
        (Key::ArrowUp, -2.7),
        (Key::ArrowDown, -3.2),
        (Key::PageUp, -0.2),
        (Key::PageDown, -3.2),
        (Key::Home, 0.0),
    ] {
        bench.key(key);
        assert_eq!(bench.told(), gesture(fader(1), &[want]), "{key:?}");
    }
    bench.key(Key::Home);
    assert_eq!(bench.told(), [], "what is there already is no edit");
}

#[test]
fn a_held_control_shows_the_hand_and_not_the_host() {
    let mut bench = Bench::new(Fake::song(8));
    let at = bench.center("Stem 01 Fader");
    bench.press(at);
    bench.point_at(at + vec2(0.0, -30.0));
    let held = bench.value("Stem 01 Fader");
    bench.fake.put(fader(1), -40.0);
    bench.steps(2);
    assert_eq!(bench.value("Stem 01 Fader"), held);
    bench.point_at(at + vec2(0.0, -30.0));
    bench.button(at + vec2(0.0, -30.0), false, Modifiers::NONE);
    let told = bench.told();
    assert!(matches!(told[..], [Begin(_), Set(..), End(_)]), "{told:?}");
    bench.fake.put(fader(1), -20.0);
    bench.steps(1);
    assert_eq!(bench.value("Stem 01 Fader"), "−20.0", "once let go, the host is followed");
}

#[test]
fn closing_the_editor_ends_the_gesture() {
    let mut bench = Bench::new(Fake::song(8));
    let at = bench.center("Stem 01 Fader");
    bench.press(at);
    bench.point_at(at + vec2(0.0, -2000.0));
    let fake = bench.fake.clone();
    bench.harness.state_mut().close(&*fake);
    assert_eq!(bench.told(), gesture(fader(1), &[12.0]));
    bench.harness.state_mut().close(&*fake);
    assert_eq!(bench.told(), [], "and only once");
}

#[test]
fn a_control_that_goes_from_under_the_hand_ends_its_gesture() {
    let mut bench = Bench::new(Fake::song(8));
    bench.click("Show all 16 stems");
    let at = bench.center("Stem 16 Fader");
    bench.press(at);
    bench.harness.event(Event::PointerGone);
    bench.steps(3);
    assert_eq!(bench.told(), gesture(fader(16), &[]));
}

#[test]
fn typed_values_are_read_as_people_write_them() {
    let mut bench = Bench::new(Fake::song(8));
    for (label, typed, key, want) in [
        ("Stem 01 Fader value", "-6", fader(1), -6.0),
        ("Stem 01 Fader value", "-inf", fader(1), f32::NEG_INFINITY),
        ("Stem 01 Fader value", "+3,5 dB", fader(1), 3.5),
        ("Stem 01 Pan", "L30", stem(1, StripParam::Pan), -0.3),
        ("Stem 01 Pan", "C", stem(1, StripParam::Pan), 0.0),
        ("Stem 01 Trim", "-7.25", stem(1, StripParam::Trim), -7.25),
        ("Stem 01 Width", "150 %", stem(1, StripParam::Width), 150.0),
        ("Stem 01 Delay", "12.5 ms", stem(1, StripParam::Delay), 12.5),
        ("Output value", "-2", ParamKey::Mix(MixParam::Output), -2.0),
    ] {
        bench.type_into(label, typed);
        let mut told = bench.told();
        // The click that opened the number.
        told.drain(..2);
        assert_eq!(told, gesture(key, &[want]), "{typed}");
        assert!(!bench.shows("Type a value"));
    }
}

#[test]
fn a_text_that_is_no_value_stays_open_says_why_and_writes_nothing() {
    let mut bench = Bench::new(Fake::song(8));
    bench.type_into("Stem 01 Fader value", "loud");
    bench.steps(1);
    assert_eq!(bench.told(), gesture(fader(1), &[]), "the click alone");
    assert!(bench.shows("Type a value"));
    assert!(bench.harness.query_by_label_contains("\"loud\" is not a value for Fader").is_some());
    bench.harness.event(Event::Text("-8".to_owned()));
    bench.steps(1);
    bench.key(Key::Enter);
    assert_eq!(bench.told(), gesture(fader(1), &[-8.0]), "typing on replaces it");
}

#[test]
fn escape_leaves_a_value_as_it_was() {
    let mut bench = Bench::new(Fake::song(8));
    bench.click("Stem 01 Fader value");
    bench.steps(1);
    bench.harness.event(Event::Text("-20".to_owned()));
    bench.steps(1);
    bench.key(Key::Escape);
    assert_eq!(bench.told(), gesture(fader(1), &[]));
    assert!(!bench.shows("Type a value"));
}

#[test]
fn enter_opens_the_number_of_the_focused_fader() {
    let mut bench = Bench::new(Fake::song(8));
    bench.click("Stem 01 Fader");
    bench.told();
    bench.key(Key::Enter);
    bench.harness.event(Event::Text("-9".to_owned()));
    bench.steps(1);
    bench.key(Key::Enter);
    assert_eq!(bench.told(), gesture(fader(1), &[-9.0]));
}

#[test]
fn switches_turn_over_at_a_click_as_one_gesture() {
    let mut bench = Bench::new(Fake::song(8));
    for (label, param) in [
        ("Stem 01 Mute", StripParam::Mute),
        ("Stem 01 Solo", StripParam::Solo),
        ("Stem 01 Polarity", StripParam::Polarity),
        ("Stem 01 Solo Safe", StripParam::SoloSafe),
    ] {
        for want in [1.0, 0.0] {
            bench.click(label);
            assert_eq!(bench.told(), gesture(stem(1, param), &[want]));
        }
    }
    bench.click("Bypass");
    assert_eq!(bench.told(), gesture(ParamKey::Mix(MixParam::Bypass), &[1.0]));
}

#[test]
fn choices_are_chosen_by_their_words() {
    let mut bench = Bench::new(Fake::song(8));
    bench.click("Stem 01 Pan Mode: true stereo");
    assert_eq!(bench.told(), gesture(stem(1, StripParam::PanMode), &[1.0]));
    bench.click("Routing");
    bench.steps(1);
    bench.click("Main Input Use: ignore");
    assert_eq!(bench.told(), gesture(ParamKey::Mix(MixParam::MainInput), &[1.0]));
    bench.click("Main Input Use: ignore");
    assert_eq!(bench.told(), []);
}

#[test]
fn a_ctrl_click_on_solo_solos_that_stem_alone() {
    let mut bench = Bench::new(Fake::song(8));
    bench.fake.put(stem(2, StripParam::Solo), 1.0);
    bench.fake.put(stem(5, StripParam::Solo), 1.0);
    bench.steps(1);
    let at = bench.center("Stem 05 Solo");
    bench.click_at(at, Modifiers::COMMAND | Modifiers::CTRL);
    assert_eq!(bench.told(), gesture(stem(2, StripParam::Solo), &[0.0]));
}

#[test]
fn solos_are_announced_and_cleared_as_gestures() {
    let mut bench = Bench::new(Fake::song(8));
    assert!(!bench.shows("Solos are in the mix and will print."));
    bench.fake.put(stem(2, StripParam::Solo), 1.0);
    bench.fake.put(stem(12, StripParam::Solo), 1.0);
    bench.steps(1);
    assert!(bench.shows("Solos are in the mix and will print."));
    bench.click("Clear all solos");
    let both = [gesture(stem(2, StripParam::Solo), &[0.0]), gesture(stem(12, StripParam::Solo), &[0.0])];
    assert_eq!(bench.told(), group(&both));
    bench.steps(1);
    assert!(!bench.shows("Solos are in the mix and will print."));
}

#[test]
fn a_double_click_renames_and_escape_does_not() {
    let mut bench = Bench::new(Fake::song(8));
    for (end, want) in [(Key::Escape, "Kick"), (Key::Enter, "Big Drum")] {
        bench.pause();
        bench.double_click("Stem 01 name");
        bench.steps(1);
        bench.harness.event(Event::Text("Big Drum".to_owned()));
        bench.steps(1);
        bench.key(end);
        assert_eq!(bench.fake.name(1), want);
        assert!(!bench.shows("Type a name"));
    }
    assert_eq!(bench.told(), [], "a name is no parameter");
}

#[test]
fn a_colour_is_chosen_for_the_selected_stem() {
    let mut bench = Bench::new(Fake::song(8));
    bench.click("Stem 03 name");
    bench.click("Stem 03 colour 8");
    assert_eq!(bench.fake.stems()[2].color, 0x67BBF3);
}

#[test]
fn notices_are_shown_until_they_are_dismissed() {
    let fake = Fake::song(8);
    fake.say(&["Stem 03 was out of range."]);
    let mut bench = Bench::new(fake);
    assert!(bench.harness.query_by_label_contains("Stem 03 was out of range.").is_some());
    bench.click("Dismiss");
    bench.steps(1);
    assert!(bench.harness.query_by_label_contains("Stem 03 was out of range.").is_none());
}

#[test]
fn every_notice_can_be_read() {
    let fake = Fake::song(8);
    fake.say(&["The first.", "The second."]);
    let mut bench = Bench::new(fake);
    assert!(!bench.shows("The second."));
    bench.click("Read all");
    bench.steps(2);
    assert!(bench.shows("The second."));
}

#[test]
fn the_menu_of_a_control_offers_what_the_keys_do() {
    let mut bench = Bench::new(Fake::song(8));
    for (item, want) in [("Reset to 0.0", vec![Set(fader(1), 0.0)]), ("Type a value", vec![])] {
        bench.harness.get_by_label("Stem 01 Fader").click_secondary();
        bench.steps(3);
        bench.click(item);
        bench.steps(2);
        let sets: Vec<Told> = bench.told().into_iter().filter(|told| matches!(told, Set(..))).collect();
        assert_eq!(sets, want, "{item}");
    }
    assert!(bench.shows("Type a value"), "the field is open");
}

#[test]
fn a_fault_is_shown() {
    let mut bench = Bench::new(Fake::song(8));
    assert!(bench.harness.query_by_label_contains("a fault of its own").is_none());
    bench.fake.fault.set(true);
    bench.steps(1);
    assert!(bench.harness.query_by_label_contains("a fault of its own").is_some());
}

#[test]
fn unused_stems_fold_away_and_come_back() {
    let fake = Fake::default();
    // Heard but no longer connected, and connected but silent: not in use.
    fake.meters.set_connected(0b111);
    fake.meters.set_sounding(0b1001);
    fake.put(stem(6, StripParam::Width), 50.0);
    let mut bench = Bench::new(fake);
    let shown = |bench: &Bench| -> Vec<usize> {
        (1..=STEMS).filter(|number| bench.shows(&format!("Stem {number:02} Fader"))).collect()
    };
    assert_eq!(shown(&bench), [1, 6]);
    bench.click("Show all 16 stems");
    bench.steps(1);
    assert_eq!(shown(&bench).len(), STEMS);
    bench.click("Fold unused stems");
    bench.steps(1);
    assert_eq!(shown(&bench), [1, 6]);
}

#[test]
fn an_empty_mix_says_how_to_fill_it_and_shows_every_strip() {
    let mut bench = Bench::new(Fake::default());
    assert!(bench.harness.query_by_label_contains("No stems yet").is_some());
    assert!(bench.shows("Stem 16 Fader"));
    let at = bench.center("Stem 05 Fader");
    bench.drag(at, vec2(0.0, 30.0), Modifiers::NONE);
    assert!(bench.shows("Stem 16 Fader"), "the others stay while the first is moved");
}

#[test]
fn strips_stand_in_the_order_of_the_document() {
    let fake = Fake::song(8);
    fake.document.borrow_mut().order.swap(0, 7);
    let bench = Bench::new(fake);
    assert!(bench.center("Stem 08 Fader").x < bench.center("Stem 02 Fader").x);
    assert!(bench.center("Stem 01 Fader").x > bench.center("Stem 07 Fader").x);
}

#[test]
fn a_peak_is_held_and_a_click_clears_it() {
    let mut bench = Bench::new(Fake::song(8));
    assert_eq!(bench.value("Stem 01 Peak"), "−5.3");
    bench.fake.meters.raise_stem(0, [1.5, 0.0]);
    bench.steps(240);
    assert_eq!(bench.value("Stem 01 Peak"), "+3.5");
    bench.click("Stem 01 Peak");
    bench.steps(1);
    assert_eq!(bench.value("Stem 01 Peak"), "−∞");
}

#[test]
fn a_meter_falls_twenty_db_in_1_7_seconds_and_stands_on_the_iec_scale() {
    for (db, share) in [(0.0, 1.0), (-10.0, 0.75), (-20.0, 0.5), (-40.0, 0.15), (-70.0, 0.0), (3.0, 1.0)] {
        assert!((meter_position(db) - share).abs() < 1e-6, "{db} dBFS");
    }
    assert_eq!(meter_position(f32::NEG_INFINITY), 0.0);
    let mut meter = Meter::default();
    meter.feed([1.0, 0.1], Powers::default(), 0.0);
    assert_eq!(meter.level_db(), [0.0, -20.0]);
    for _ in 0..17 {
        meter.feed([0.0, 0.0], Powers::default(), 0.1);
    }
    let [left, right] = meter.level_db();
    assert!((left + 20.0).abs() < 1e-3 && (right + 40.0).abs() < 1e-3, "{left} {right}");
    meter.feed([0.0, 0.5], Powers::default(), 10.0);
    assert_eq!(meter.level_db()[0], f32::NEG_INFINITY);
    assert!(meter.level_db()[1] > -6.1, "a louder peak lifts it at once");
}

/// The editor in each of its states: every page, and every menu and field on it.
fn every_state() -> Vec<(String, Bench)> {
    type Open = fn(&mut Bench);
    let open: [(&str, Open); 12] = [
        ("at rest", |_| {}),
        ("presets", |bench| bench.click("Presets")),
        ("zoom", |bench| bench.click("Zoom")),
        ("a stem's menu", |bench| bench.click("Menu of Stem 02")),
        ("a value's menu", |bench| bench.harness.get_by_label("Output value").click_secondary()),
        ("a value typed", |bench| bench.type_into("Output value", "loud")),
        ("remarks", |bench| bench.click("Read all")),
        ("a scene's menu", |bench| bench.click("Menu of scene B")),
        ("a plan for a scene", |bench| scene_menu(bench, "Scene A", &["Take over from another scene…"])),
        ("an edited scene", |bench| bench.click("Edit scene")),
        ("the groups", |bench| bench.click("Show the groups")),
        ("a comparison", |bench| bench.click("Compare")),
    ];
    let mut states = Vec::new();
    for page in [Page::Console, Page::Stage, Page::Balance, Page::Routing, Page::Analysis] {
        for (what, open) in open {
            if !matches!(page, Page::Console | Page::Stage) && what == "a stem's menu" {
                continue; // there is none
            }
            let fake = Fake::recorded(16);
            fake.fault.set(true);
            fake.say(&["Stem 03 was out of range.", "So was Stem 04."]);
            fake.meters.raise_stem(1, [1.2, 0.9]);
            for param in [StripParam::Solo, StripParam::Polarity, StripParam::SoloSafe, StripParam::PanMode] {
                fake.put(stem(2, param), 1.0);
            }
            fake.put(mix(MixParam::Scene), 2.0);
            fake.put(mix(MixParam::HoldLoudness), 1.0);
            fake.document.borrow_mut().stems[2].group = Some(0);
            fake.document.borrow_mut().view = View { page, selected: Some(1), ..View::default() };
            let mut bench = Bench::sized(fake, vec2(1180.0, 720.0));
            if page == Page::Routing {
                play_twins(&mut bench);
            }
            open(&mut bench);
            bench.steps(3);
            states.push((format!("{page:?}, {what}"), bench));
        }
    }
    states
}

#[test]
fn every_target_is_at_least_twenty_points_and_lies_within_the_window() {
    let mut states = every_state();
    states.push(("smallest".to_owned(), Bench::sized(Fake::song(16), vec2(1180.0, 640.0))));
    for (state, bench) in states {
        let window = bench.harness.ctx.content_rect();
        let is_target = |node: &AccessKitNode| {
            matches!(
                node.role(),
                egui::accesskit::Role::Button
                    | egui::accesskit::Role::Slider
                    | egui::accesskit::Role::TextInput
            )
        };
        let targets: Vec<_> = bench.harness.query_all(By::new().predicate(is_target)).collect();
        assert!(targets.len() > 20, "{state}: {}", targets.len());
        for target in targets {
            let (rect, label) = (target.rect(), target.accesskit_node().label());
            assert!(rect.width() > 19.5 && rect.height() > 19.5, "{state}: {label:?} {rect:?}");
            assert!(window.contains_rect(rect), "{state}: {label:?} {rect:?}");
        }
    }
}

#[test]
fn every_text_stands_out_from_its_ground_in_every_state() {
    for (state, mut bench) in every_state() {
        let mut hovers = vec![pos2(5.0, 5.0)];
        let hovered = ["Bypass", "Stem 02 Mute", "Stem 01 Solo", "Stem 02 Pan", "Stem 03 Trim", "Dismiss"];
        let shown = hovered.iter().filter(|label| state.ends_with("rest") && bench.shows(label));
        hovers.extend(shown.map(|label| bench.center(label)));
        for hover in hovers {
            if state.ends_with("rest") {
                bench.point_at(hover);
                bench.steps(1);
            }
            let texts = texts_on_grounds(&bench.harness.output().shapes);
            assert!(texts.len() > 60, "{state}");
            for (text, color, ground) in texts {
                let contrast = theme::contrast(color, ground);
                assert!(contrast >= 4.5, "{state}: {text:?}: {contrast:.2}, {color:?} on {ground:?}");
            }
        }
    }
}

#[test]
fn a_picture_needs_no_window_and_is_the_same_every_time() {
    let draw = || picture(&Fake::song(16), [1180.0, 640.0], 1.5);
    let first = draw();
    assert_eq!([first.width, first.height], [1770, 960]);
    assert_eq!(first.rgba.len(), 1770 * 960 * 4);
    assert!(first == draw());
    let other = picture(&Fake::song(15), [1180.0, 640.0], 1.5);
    assert!(first != other, "and it shows the instance");
}

fn undo_name(bench: &Bench) -> String {
    bench.value("Undo")
}

#[test]
fn an_undo_says_its_name_and_restores_only_what_the_edit_wrote() {
    let mut bench = Bench::new(Fake::song(8));
    assert_eq!(undo_name(&bench), "Nothing to undo");
    bench.type_into("Stem 06 Fader value", "-3");
    bench.steps(1);
    assert_eq!(undo_name(&bench), "Undo: Bass fader -3.0 dB");
    bench.click("Stem 02 Mute");
    bench.fake.put(fader(3), -20.0); // automated meanwhile
    bench.told();
    bench.click("Undo");
    assert_eq!(bench.told(), gesture(stem(2, StripParam::Mute), &[0.0]));
    bench.click("Undo");
    assert_eq!(bench.told(), gesture(fader(6), &[-5.0]));
    assert_eq!(undo_name(&bench), "Nothing to undo");
    bench.click("Redo");
    assert_eq!(bench.told(), gesture(fader(6), &[-3.0]));
    assert_eq!(bench.value("Redo"), "Redo: Snare mute on");
    assert_eq!(bench.fake.value(fader(3)), -20.0, "what automation wrote stays");
}

#[test]
fn a_drag_and_the_steps_of_a_wheel_are_one_undo_each() {
    let mut bench = Bench::new(Fake::song(8));
    let at = bench.center("Stem 01 Fader");
    bench.drag(at, vec2(0.0, -30.0), Modifiers::NONE);
    for _ in 0..3 {
        bench.wheel("Stem 02 Fader", -1.0, Modifiers::NONE);
    }
    bench.told();
    bench.click("Undo");
    assert_eq!(bench.told(), gesture(fader(2), &[-4.5]));
    bench.click("Undo");
    assert_eq!(bench.told(), gesture(fader(1), &[-3.2]));
}

#[test]
fn ctrl_z_and_ctrl_y_undo_and_redo() {
    let mut bench = Bench::new(Fake::song(8));
    bench.click("Stem 02 Mute");
    bench.told();
    bench.harness.key_press_modifiers(Modifiers::COMMAND | Modifiers::CTRL, Key::Z);
    bench.steps(2);
    assert_eq!(bench.told(), gesture(stem(2, StripParam::Mute), &[0.0]));
    bench.harness.key_press_modifiers(Modifiers::COMMAND | Modifiers::CTRL, Key::Y);
    bench.steps(2);
    assert_eq!(bench.told(), gesture(stem(2, StripParam::Mute), &[1.0]));
}

#[test]
fn names_colours_roles_and_order_can_be_undone() {
    let mut bench = Bench::new(Fake::song(8));
    let before = (bench.fake.stems(), bench.fake.order());
    bench.click("Stem 03 name");
    bench.click("Stem 03 colour 8");
    bench.click("Role of Stem 03");
    bench.steps(2);
    bench.click("effects");
    bench.steps(1);
    bench.pause();
    bench.double_click("Stem 01 name");
    bench.steps(1);
    bench.harness.event(Event::Text("Big Drum".to_owned()));
    bench.steps(1);
    bench.key(Key::Enter);
    assert_eq!(undo_name(&bench), "Undo: Rename to Big Drum");
    let after = bench.fake.stems();
    assert_eq!(
        (after[2].color, after[2].role, after[0].name.as_str()),
        (0x67BBF3, Role::Effects, "Big Drum")
    );
    for _ in 0..3 {
        bench.click("Undo");
    }
    assert_eq!((bench.fake.stems(), bench.fake.order()), before);
    assert_eq!(bench.told(), [], "none of it is a parameter");
}

#[test]
fn loading_a_state_forgets_what_was_done_before_it() {
    let mut bench = Bench::new(Fake::song(8));
    bench.click("Stem 02 Mute");
    bench.click("Balance B");
    bench.fake.loads.set(1);
    bench.steps(2);
    assert_eq!(undo_name(&bench), "Nothing to undo");
    bench.told();
    bench.fake.put(fader(1), 3.0);
    bench.click("Balance B");
    assert_eq!(bench.told(), [], "the other balance is forgotten too: both are what was loaded");
}

#[test]
fn a_and_b_write_only_what_differs_as_one_group() {
    let mut bench = Bench::new(Fake::song(8));
    bench.click("Copy to B");
    bench.type_into("Stem 06 Fader value", "-3");
    bench.click("Stem 02 Mute");
    bench.told();
    bench.click("Balance B");
    let to_b = [gesture(fader(6), &[-5.0]), gesture(stem(2, StripParam::Mute), &[0.0])];
    assert_eq!(bench.told(), group(&to_b));
    bench.click("Balance A");
    let to_a = [gesture(fader(6), &[-3.0]), gesture(stem(2, StripParam::Mute), &[1.0])];
    assert_eq!(bench.told(), group(&to_a));
    assert_eq!(undo_name(&bench), "Undo: Switch to A");
    bench.click("Undo");
    bench.told();
    assert!(bench.shows("Copy to A"), "B is live again");
    bench.click("Balance A");
    assert_eq!(bench.told(), group(&to_a), "and A is still there");
}

#[test]
fn a_strip_is_copied_pasted_and_reset() {
    let mut bench = Bench::new(Fake::song(8));
    let menu = |bench: &mut Bench, label: &str, item: &str| {
        bench.harness.get_by_label(label).click_secondary();
        bench.steps(3);
        bench.click(item);
        bench.steps(3);
    };
    menu(&mut bench, "Stem 02 name", "Copy strip");
    assert_eq!(bench.told(), []);
    menu(&mut bench, "Stem 05 name", "Paste strip");
    let told = bench.told();
    assert_eq!((told.first(), told.last()), (Some(&BeginGroup), Some(&EndGroup)));
    {
        let document = bench.fake.document.borrow();
        assert_eq!(document.mix.stems[4], document.mix.stems[1]);
        assert_eq!(document.stems[4].name, "Room", "the name is no part of it");
    }
    assert_eq!(undo_name(&bench), "Undo: Paste to Room");
    menu(&mut bench, "Stem 01 name", "Reset strip");
    assert_eq!(bench.fake.document.borrow().mix.stems[0], Default::default());
}

#[test]
fn a_press_paints_a_switch_across_the_strips_as_one_undo() {
    let mut bench = Bench::new(Fake::song(8));
    let at = |bench: &Bench, number: usize| bench.center(&format!("Stem {number:02} Mute"));
    let path: Vec<Pos2> = (1..=4).map(|number| at(&bench, number)).collect();
    bench.press(path[0]);
    assert_eq!(bench.told(), gesture(stem(1, StripParam::Mute), &[1.0]), "at the press, not the release");
    for &to in &path[1..] {
        bench.point_at(to);
    }
    bench.button(path[3], false, Modifiers::NONE);
    // The fourth is muted already, and stays so.
    let want =
        [gesture(stem(2, StripParam::Mute), &[1.0]), gesture(stem(3, StripParam::Mute), &[1.0])].concat();
    assert_eq!(bench.told(), want);
    assert_eq!(undo_name(&bench), "Undo: Mute of 3 stems");
    bench.point_at(at(&bench, 6));
    assert_eq!(bench.told(), [], "the stroke is over");
    bench.click("Undo");
    let mutes: Vec<f32> = (1..=4).map(|n| bench.fake.value(stem(n, StripParam::Mute))).collect();
    assert_eq!(mutes, [0.0, 0.0, 0.0, 1.0]);
}

#[test]
fn a_dragged_name_moves_the_strip_and_nothing_else() {
    let mut bench = Bench::new(Fake::song(8));
    let (from, to) = (bench.center("Stem 02 name"), bench.center("Stem 05 name"));
    bench.press(from);
    for share in [0.3, 0.7, 1.0] {
        bench.point_at(from + (to - from) * share);
    }
    bench.button(to, false, Modifiers::NONE);
    bench.steps(2);
    assert_eq!(bench.fake.order()[..8], [0, 2, 3, 4, 1, 5, 6, 7]);
    assert_eq!(bench.told(), []);
    assert_eq!(undo_name(&bench), "Undo: Move Snare");
    assert!(bench.center("Stem 02 name").x > bench.center("Stem 05 name").x);
    bench.click("Undo");
    assert_eq!(bench.fake.order()[..8], [0, 1, 2, 3, 4, 5, 6, 7]);
}

#[test]
fn an_alt_click_on_solo_makes_the_stem_solo_safe() {
    let mut bench = Bench::new(Fake::song(8));
    let at = bench.center("Stem 05 Solo");
    bench.click_at(at, Modifiers::ALT);
    assert_eq!(bench.told(), gesture(stem(5, StripParam::SoloSafe), &[1.0]));
}

#[test]
fn a_handle_on_the_curve_moves_frequency_and_gain_as_one_gesture() {
    let mut bench = Bench::new(Fake::song(8));
    bench.click("Stem 02 name");
    bench.steps(1);
    let [hz, db] = [StripParam::BellFrequency, StripParam::BellGain].map(|param| stem(2, param));
    let before = [bench.fake.value(hz), bench.fake.value(db)];
    let at = bench.center("Stem 02 Bell");
    bench.press(at);
    bench.point_at(at + vec2(30.0, -20.0));
    bench.button(at + vec2(30.0, -20.0), false, Modifiers::NONE);
    let told = bench.told();
    assert!(
        matches!(told[..], [Begin(a), Begin(b), Set(c, _), Set(d, _), End(e), End(f)]
            if [a, c, f] == [hz; 3] && [b, d, e] == [db; 3]),
        "{told:?}"
    );
    assert!(bench.fake.value(hz) > before[0] && bench.fake.value(db) > before[1]);
    assert!((bench.center("Stem 02 Bell") - (at + vec2(30.0, -20.0))).length() < 2.0, "it follows the hand");
    bench.wheel("Stem 02 Bell", 1.0, Modifiers::NONE);
    let q = stem(2, StripParam::BellQ);
    assert!(matches!(bench.told()[..], [Begin(a), Set(_, value), End(_)] if a == q && value > 1.0));
    bench.pause();
    bench.double_click("Stem 02 Bell");
    assert_eq!([bench.fake.value(hz), bench.fake.value(db)], [1_000.0, 0.0]);
}

#[test]
fn a_double_click_on_a_filter_s_handle_switches_it_on_and_off() {
    let mut bench = Bench::new(Fake::song(8));
    let slope = stem(1, StripParam::LowPassSlope);
    for want in [1.0, 0.0] {
        bench.pause();
        bench.double_click("Stem 01 Low-Pass");
        assert_eq!(bench.fake.value(slope), want);
    }
}

#[test]
fn the_selected_stem_s_spectrum_stands_where_its_sound_is() {
    let fake = Fake::song(4);
    let mut spectrum = Spectrum::default();
    let scope = fake.meters.scope();
    let hz: Vec<f32> = (0..96).map(|at| 20.0 * 1000f32.powf(at as f32 / 95.0)).collect();
    spectrum.look(scope, 2, &hz, 48_000.0, 0.0);
    assert_eq!(scope.wanted(), Some(2));
    // A quarter of full scale at 1 kHz, where nothing is sloped.
    let sine: Vec<f32> =
        (0..8_192).map(|i| 0.25 * (std::f32::consts::TAU * 1_000.0 * i as f32 / 48_000.0).sin()).collect();
    scope.write(sine.len(), &sine, &sine);
    // Another thread does the sums; it is waited for, however long they take.
    while !spectrum.is_moving() {
        spectrum.look(scope, 2, &hz, 48_000.0, 0.0);
        std::thread::yield_now();
    }
    let levels = spectrum.look(scope, 2, &hz, 48_000.0, 0.0).to_vec();
    let loudest = (0..96).max_by(|a, b| levels[*a].total_cmp(&levels[*b])).unwrap();
    assert!((hz[loudest] / 1_000.0).log2().abs() < 0.15, "{} Hz", hz[loudest]);
    assert!((levels[loudest] + 12.04).abs() < 1.5, "{} dBFS", levels[loudest]);
    assert!(levels.iter().zip(&hz).all(|(db, hz)| (hz / 1_000.0).log2().abs() < 0.5 || *db < -60.0));
    let after = spectrum.look(scope, 2, &hz, 48_000.0, 0.5)[loudest];
    assert!((levels[loudest] - after - 20.0).abs() < 0.1, "it falls where no more comes");
    let mut bench = Bench::new(fake);
    assert_eq!(bench.fake.meters.scope().wanted(), Some(0), "only the stem that is shown is looked at");
    bench.click("Hide tone");
    bench.steps(1);
    assert_eq!(bench.fake.meters.scope().wanted(), None);
}

#[test]
fn the_inspector_folds_and_the_window_remembers_it() {
    let mut bench = Bench::new(Fake::song(8));
    assert!(bench.shows("Stem 01 Bell"));
    bench.click("Hide tone");
    bench.steps(1);
    assert!(!bench.shows("Stem 01 Bell") && !bench.fake.view().inspects);
    bench.click("Stem 04 Tone curve");
    bench.steps(1);
    assert!(bench.shows("Stem 04 Bell"), "a click on a curve opens it for that stem");
    bench.click("Stage");
    bench.steps(1);
    let view = bench.fake.view();
    assert_eq!((view.page, view.selected, view.inspects), (Page::Stage, Some(3), true));
}

fn on_stage() -> Bench {
    let fake = Fake::song(16);
    fake.document.borrow_mut().view.page = Page::Stage;
    Bench::new(fake)
}

#[test]
fn sixteen_stems_on_the_stage_look_as_before() {
    on_stage().looks_like("stage_16_stems");
}

#[test]
fn a_disc_moves_pan_and_level_as_one_gesture_and_follows_the_hand() {
    let mut bench = on_stage();
    let [pan, level] = [StripParam::Pan, StripParam::Fader].map(|param| stem(8, param));
    let at = bench.center("Stem 08 disc");
    let by = vec2(80.0, 60.0);
    bench.drag(at, by, Modifiers::NONE);
    let told = bench.told();
    assert!(
        matches!(told[..], [Begin(a), Begin(b), Set(c, _), Set(d, _), End(e), End(f)]
            if [a, c, f] == [pan; 3] && [b, d, e] == [level; 3]),
        "{told:?}"
    );
    assert!((bench.center("Stem 08 disc") - (at + by)).length() < 4.0);
    bench.click("Undo");
    assert_eq!([bench.fake.value(pan), bench.fake.value(level)], [-0.72, -9.0]);
}

#[test]
fn alt_locks_a_disc_to_one_axis_and_the_wheel_is_its_width() {
    let mut bench = on_stage();
    let at = bench.center("Stem 08 disc");
    bench.drag(at, vec2(80.0, 10.0), Modifiers::ALT);
    assert_eq!(bench.fake.value(fader(8)), -9.0);
    assert!(bench.fake.value(stem(8, StripParam::Pan)) > -0.6);
    bench.told();
    bench.wheel("Stem 08 disc", 1.0, Modifiers::NONE);
    assert_eq!(bench.told(), gesture(stem(8, StripParam::Width), &[105.0]));
}

#[test]
fn a_disc_dragged_to_the_bottom_is_silent() {
    let mut bench = on_stage();
    let at = bench.center("Stem 08 disc");
    bench.drag(at, vec2(0.0, 2_000.0), Modifiers::NONE);
    assert_eq!(bench.fake.value(fader(8)), f32::NEG_INFINITY);
    assert_eq!(bench.fake.value(stem(8, StripParam::Pan)), -0.72);
}

#[test]
fn a_click_on_a_pile_of_discs_goes_to_the_one_below() {
    let fake = Fake::song(4);
    fake.document.borrow_mut().view.page = Page::Stage;
    for number in 1..=3 {
        fake.put(stem(number, StripParam::Pan), 0.0);
        fake.put(fader(number), -6.0);
    }
    let mut bench = Bench::new(fake);
    let at = bench.center("Stem 01 disc");
    let mut seen = Vec::new();
    for _ in 0..3 {
        bench.pause();
        bench.click_at(at, Modifiers::NONE);
        bench.steps(1);
        seen.extend(bench.fake.view().selected);
    }
    seen.sort_unstable();
    assert_eq!(seen, [0, 1, 2]);
}

#[test]
fn discs_move_by_the_arrow_keys() {
    let mut bench = on_stage();
    bench.click("Stem 16 disc");
    bench.told();
    bench.key(Key::ArrowLeft);
    bench.key(Key::ArrowUp);
    let want = [gesture(stem(16, StripParam::Pan), &[0.53]), gesture(fader(16), &[-17.5])].concat();
    assert_eq!(bench.told(), want);
}

/// Some seconds of sound for the doctor: every stem its own noise, the fifth the second's, turned over.
fn play_twins(bench: &mut Bench) {
    let mut state = 1u32;
    let mut random = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state as f32 / u32::MAX as f32 - 0.5
    };
    for _ in 0..240 {
        let mut report = Report { sample_rate_hz: 48_000.0, connected: 0xff, ..Report::default() };
        for row in &mut report.rows {
            row[..8].fill_with(&mut random);
            row[4] = -row[1];
        }
        for figures in &mut report.figures[..8] {
            (figures.squares, figures.peaks, figures.difference) = ([80.0; 2], [0.5; 2], 0.3);
        }
        (report.figures[2].peaks, report.figures[2].clips) = ([1.2; 2], 1);
        assert!(bench.fake.meters.probe().push(&report));
        bench.steps(1);
    }
    bench.steps(40);
}

#[test]
fn the_doctor_s_findings_stand_at_their_inputs_with_a_cure() {
    let mut bench = Bench::new(Fake::song(8));
    assert!(bench.fake.meters.probe().is_watched());
    play_twins(&mut bench);
    bench.click("Routing");
    bench.steps(1);
    let says = bench.value("Input of Stem 05");
    assert!(says.contains("same as Stem 02 with opposite polarity") && says.contains("Mute one"), "{says}");
    assert!(bench.value("Input of Stem 03").contains("is clipped"));
    assert_eq!(bench.value("Input of Stem 01"), "Connected, sounds");
    assert_eq!(bench.value("Input of Stem 09"), "Not connected");
    bench.looks_like("routing");
    bench.fake.put(stem(5, StripParam::Mute), 1.0);
    bench.steps(40);
    assert_eq!(bench.value("Input of Stem 05"), "Connected, sounds", "a muted twin harms nobody");
    bench.click("Check again");
    bench.steps(1);
    assert_eq!(bench.value("Input of Stem 03"), "Connected, sounds");
    let fake = bench.fake.clone();
    bench.harness.state_mut().close(&*fake);
    assert!(!bench.fake.meters.probe().is_watched(), "a closed editor costs nothing");
}

/// A bench with a folder of presets of its own.
fn with_folder(fake: Fake) -> (Bench, Folder, tempfile::TempDir) {
    let root = tempfile::tempdir().expect("a folder");
    let folder = Folder::at(root.path());
    let presets = Presets::new(Ok(folder.clone()), nobody_answers);
    let bench = Bench::showing(fake, vec2(1180.0, 720.0), 1.0, Screen::with_presets(presets));
    (bench, folder, root)
}

#[test]
fn a_preset_is_saved_under_a_typed_name_and_loaded_by_stem_names_as_one_edit() {
    let (mut bench, folder, _root) = with_folder(Fake::song(8));
    bench.click("Presets");
    bench.steps(2);
    bench.click("Save as…");
    bench.steps(2);
    assert!(bench.harness.state().is_typing(), "keys are the editor's while a name is typed");
    bench.harness.event(Event::Text("Verse".to_owned()));
    bench.steps(1);
    bench.key(Key::Enter);
    assert!(!bench.harness.state().is_typing());
    assert_eq!(folder.names().expect("names"), ["Verse"]);
    bench.picture("presets");
    bench.key(Key::Escape);
    bench.steps(2);

    bench.fake.put(fader(2), -20.0);
    bench.fake.put(fader(3), -21.0);
    bench.fake.document.borrow_mut().stems[2].rename("Congas");
    bench.click("Presets");
    bench.steps(2);
    bench.click("Verse");
    bench.steps(2);
    assert_eq!(bench.told(), gesture(fader(2), &[-4.5]), "only what differs is written");
    assert!(bench.shows("\"Verse\" was loaded. No stem here is called Hats. (1 of 2)"));
    bench.looks_like("preset_loaded");
    assert_eq!(bench.value("Undo"), "Undo: Load Verse");
    bench.click("Undo");
    assert_eq!(bench.told(), gesture(fader(2), &[-20.0]));
}

#[test]
fn a_preset_without_names_here_brings_its_own_as_one_undo() {
    let (mut bench, folder, _root) = with_folder(Fake::default());
    folder.save("Band", &Fake::song(4).document.borrow(), false).expect("saved");
    bench.click("Presets");
    bench.steps(2);
    bench.click("Band");
    bench.steps(2);
    assert_eq!(bench.fake.name(1), "Kick");
    let told = bench.told();
    assert_eq!((told.first(), told.last()), (Some(&BeginGroup), Some(&EndGroup)));
    bench.click("Undo");
    bench.steps(1);
    assert_eq!(bench.fake.name(1), "");
    assert_eq!(*bench.fake.document.borrow(), Document { view: bench.fake.view(), ..Document::default() });
}

#[test]
fn a_preset_is_renamed_and_deleted_only_at_a_second_click() {
    let (mut bench, folder, _root) = with_folder(Fake::song(4));
    for name in ["Loud", "Soft"] {
        folder.save(name, &Document::default(), false).expect("saved");
    }
    bench.click("Presets");
    bench.steps(2);
    bench.click("Rename Loud");
    bench.steps(2);
    bench.harness.event(Event::Text("Soft".to_owned()));
    bench.key(Key::Enter);
    assert!(bench.harness.state().is_typing(), "Soft is taken: the field stays open and says why");
    bench.key(Key::Escape);
    bench.steps(2);
    bench.click("Presets");
    bench.steps(2);
    let at = bench.center("Delete Loud");
    bench.click_at(at, Modifiers::NONE);
    assert!(bench.shows("Really delete Loud"));
    assert_eq!(folder.names().expect("names"), ["Loud", "Soft"], "not yet");
    bench.click_at(at, Modifiers::NONE);
    bench.steps(2);
    assert_eq!(folder.names().expect("names"), ["Loud", "Soft"], "a double-click is no second thought");
    bench.pause();
    bench.click("Really delete Loud");
    bench.steps(2);
    assert_eq!(folder.names().expect("names"), ["Soft"]);
    assert!(bench.told().is_empty(), "the balance is not the preset");
}

#[test]
fn the_default_for_new_instances_is_kept_by_a_click() {
    let (mut bench, folder, _root) = with_folder(Fake::song(4));
    bench.click("Presets");
    bench.steps(2);
    bench.click("Save as default for new instances");
    bench.steps(2);
    let loaded = folder.load_default().expect("read").expect("kept");
    assert_eq!(loaded.document, *bench.fake.document.borrow());
    assert!(bench.shows("New instances begin with this balance."));
    bench.click("Dismiss of the preset");
    bench.click("Presets");
    bench.steps(2);
    bench.click("Forget that default");
    bench.steps(2);
    assert!(!folder.has_default());
}

#[test]
fn a_starting_point_writes_by_role_and_says_who_has_none() {
    let (mut bench, ..) = with_folder(Fake::song(8));
    bench.fake.document.borrow_mut().stems[2].role = Role::Unknown;
    bench.click("Presets");
    bench.steps(2);
    bench.click("Voice in front");
    bench.steps(2);
    assert_eq!(bench.fake.value(fader(1)), -4.0);
    assert_eq!(bench.fake.value(fader(3)), -13.0, "no role, no change");
    assert!(bench.shows("\"Voice in front\" was loaded. Left as they were, they have no role: Hats."));
    bench.click("Undo");
    assert_eq!(bench.fake.value(fader(1)), -3.2);
}

#[test]
fn files_are_chosen_without_holding_up_the_editor() {
    fn chosen(_: Wanted) -> Receiver<Option<PathBuf>> {
        let (answer, answered) = channel();
        let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("chosen balance");
        answer.send(Some(file)).expect("the editor waits");
        answered
    }
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("chosen balance.json");
    let _ = std::fs::remove_file(&file);
    let folder = Ok(Folder::at(env!("CARGO_TARGET_TMPDIR")));
    let screen = Screen::with_presets(Presets::new(folder, chosen));
    let mut bench = Bench::showing(Fake::song(4), vec2(1180.0, 720.0), 1.0, screen);
    for _ in 0..2 {
        bench.click("Presets");
        bench.steps(2);
        bench.click("Save to a file…");
        bench.steps(2);
    }
    let saved = presets::read(&file).expect("its ending was added");
    assert_eq!(saved.document, *bench.fake.document.borrow());
    let refusal = "The file was not saved. ";
    assert!(
        bench.harness.query_by_label_contains(refusal).is_some(),
        "the system did not ask about that name"
    );
    bench.click("Dismiss of the preset");
    bench.click("Presets");
    bench.steps(2);
    bench.click("Load a file…");
    bench.steps(2);
    assert!(
        bench.harness.query_by_label_contains("The file was not loaded. ").is_some(),
        "there is no such file"
    );
}

#[test]
fn a_recall_sheet_is_saved_by_one_click_and_loads_back_to_the_same_document() {
    const NAME: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/Night Bus");
    fn chosen(wanted: Wanted) -> Receiver<Option<PathBuf>> {
        let (answer, answered) = channel();
        let file = if wanted == Wanted::SaveSheet { NAME.into() } else { format!("{NAME}.html").into() };
        answer.send(Some(file)).expect("the editor waits");
        answered
    }
    let presets = || Presets::new(Ok(Folder::at(env!("CARGO_TARGET_TMPDIR"))), chosen);
    let showing = |fake| Bench::showing(fake, vec2(1180.0, 640.0), 1.0, Screen::with_presets(presets()));
    let click = |bench: &mut Bench, face: &str| {
        bench.click("Presets");
        bench.steps(2);
        bench.click(face);
        bench.steps(2);
    };
    let page = PathBuf::from(format!("{NAME}.html"));
    let _ = std::fs::remove_file(&page);
    let fake = Fake::song(16);
    fake.document.borrow_mut().learned = Some(a_learned_song());
    fake.document.borrow_mut().scenes[2].rename("Chorus");
    let mut bench = showing(fake);
    click(&mut bench, "Save a recall sheet…");
    let kept = bench.fake.document.borrow().clone();
    let text = std::fs::read_to_string(&page).expect("its ending was added");
    assert!(text.contains("<title>Night Bus</title>"), "it is headed by its name");
    assert_eq!(bench.told(), [], "the balance stays");
    click(&mut bench, "Save a recall sheet…");
    let refusal = "The file was not saved. There is a file ";
    assert!(bench.harness.query_by_label_contains(refusal).is_some(), "nobody asked about that name");

    let mut fresh = showing(Fake::default());
    let before = fresh.fake.document.borrow().clone();
    click(&mut fresh, "Load a file…");
    let here = |document: &Document| Document { view: kept.view, ..document.clone() };
    assert_eq!(here(&fresh.fake.document.borrow()), kept, "all but how the editor was left");
    assert_eq!(fresh.value("Undo"), "Undo: Load Night Bus");
    fresh.click("Undo");
    fresh.steps(1);
    assert_eq!(here(&fresh.fake.document.borrow()), here(&before), "one edit");
}

#[test]
fn steps_that_lead_back_are_no_edit_and_what_follows_is_one_of_its_own() {
    let mut bench = Bench::new(Fake::song(8));
    bench.click("Stem 02 Mute");
    for notches in [1.0, -1.0, 1.0] {
        bench.wheel("Stem 03 Fader", notches, Modifiers::NONE);
    }
    bench.told();
    bench.click("Undo");
    assert_eq!(bench.told(), gesture(fader(3), &[-13.0]), "the mute before it is not its business");
}

#[test]
fn copying_over_the_other_balance_can_be_undone() {
    let mut bench = Bench::new(Fake::song(8));
    bench.click("Balance B");
    bench.steps(1);
    bench.fake.put(fader(6), -30.0);
    bench.click("Copy to A");
    bench.steps(1);
    assert_eq!(bench.value("Undo"), "Undo: Copy to A");
    bench.click("Undo");
    bench.told();
    bench.click("Balance A");
    assert_eq!(bench.told(), gesture(fader(6), &[-5.0]), "A is what it was");
}

#[test]
fn a_and_b_leave_bypass_and_the_main_input_alone() {
    let mut bench = Bench::new(Fake::song(8));
    bench.click("Balance B");
    bench.fake.put(ParamKey::Mix(MixParam::Bypass), 1.0);
    bench.fake.put(ParamKey::Mix(MixParam::MainInput), 1.0);
    bench.told();
    bench.click("Balance A");
    assert_eq!(bench.told(), []);
}

#[test]
fn a_typed_value_is_taken_by_a_click_on_another_stem() {
    let mut bench = Bench::new(Fake::song(8));
    bench.click("Stem 01 Bell Frequency of the selected stem");
    bench.steps(1);
    bench.harness.event(Event::Text("250".to_owned()));
    bench.steps(1);
    bench.told();
    bench.click("Stem 05 name");
    bench.steps(4);
    assert_eq!(bench.told(), gesture(stem(1, StripParam::BellFrequency), &[250.0]));
    assert!(!bench.harness.state().is_typing());
}

#[test]
fn opening_a_number_and_leaving_it_changes_nothing() {
    let fake = Fake::song(8);
    fake.put(stem(1, StripParam::Trim), -2.3456);
    let mut bench = Bench::new(fake);
    bench.click("Stem 01 Trim");
    bench.steps(2);
    bench.key(Key::Enter);
    assert_eq!(bench.told(), gesture(stem(1, StripParam::Trim), &[]));
    assert_eq!(bench.value("Undo"), "Nothing to undo");
}

#[test]
fn the_first_drag_after_a_rename_moves() {
    let mut bench = Bench::new(Fake::song(8));
    bench.double_click("Stem 04 name");
    bench.steps(2);
    bench.drag(bench.center("Stem 02 Fader"), vec2(0.0, 20.0), Modifiers::NONE);
    assert!(matches!(bench.told()[..], [Begin(_), Set(..), End(_)]));
}

#[test]
fn a_state_that_is_loaded_in_mid_drag_is_not_undone_by_it() {
    let mut bench = Bench::new(Fake::song(8));
    let at = bench.center("Stem 02 Fader");
    bench.press(at);
    bench.point_at(at + vec2(0.0, 20.0));
    bench.fake.loads.set(1);
    bench.fake.put(fader(2), -40.0);
    bench.steps(1);
    bench.button(at + vec2(0.0, 20.0), false, Modifiers::NONE);
    assert_eq!(bench.value("Undo"), "Nothing to undo");
    assert_eq!(bench.fake.value(fader(2)), -40.0);
    assert_eq!(bench.told().last(), Some(&End(fader(2))));
}

#[test]
fn space_is_the_host_s_whatever_has_the_focus() {
    let mut bench = Bench::new(Fake::song(8));
    bench.click("Stem 02 Mute");
    bench.told();
    bench.key(Key::Space);
    assert_eq!(bench.told(), []);
    bench.pause();
    bench.double_click("Stem 04 name");
    bench.steps(2);
    assert!(bench.harness.state().is_typing(), "there it is a letter");
}

#[test]
fn ctrl_z_is_the_host_s_while_nobody_works_here() {
    let mut bench = Bench::new(Fake::song(8));
    bench.fake.put(fader(2), -4.5);
    bench.wheel("Stem 02 Fader", 1.0, Modifiers::NONE);
    bench.told();
    bench.harness.event(Event::PointerGone);
    bench.steps(1);
    bench.harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    bench.steps(2);
    assert_eq!(bench.told(), []);
}

#[test]
fn a_quick_stroke_paints_what_it_passes_between_two_frames() {
    let mut bench = Bench::new(Fake::song(8));
    bench.press(bench.center("Stem 01 Mute"));
    bench.point_at(bench.center("Stem 08 Mute"));
    bench.button(bench.center("Stem 08 Mute"), false, Modifiers::NONE);
    assert!((1..=8).all(|number| bench.fake.value(stem(number, StripParam::Mute)) == 1.0));
}

#[test]
fn what_a_touchpad_travelled_over_one_control_moves_no_other() {
    let mut bench = Bench::new(Fake::song(8));
    bench.wheel("Stem 03 Fader", 0.6, Modifiers::NONE);
    bench.wheel("Stem 05 Fader", 0.6, Modifiers::NONE);
    assert_eq!(bench.told(), []);
    bench.wheel("Stem 05 Fader", 0.6, Modifiers::NONE);
    assert_eq!(bench.told(), gesture(fader(5), &[-15.0]));
}

#[test]
fn a_double_click_in_a_pile_resets_the_disc_on_top() {
    let fake = Fake::song(8);
    fake.document.borrow_mut().view = View { page: Page::Stage, selected: Some(0), ..View::default() };
    fake.put(stem(1, StripParam::Pan), 0.3);
    fake.put(stem(6, StripParam::Pan), 0.3);
    fake.put(fader(6), -3.2);
    let mut bench = Bench::new(fake);
    bench.double_click("Stem 01 disc");
    bench.steps(60);
    assert_eq!(bench.fake.value(stem(1, StripParam::Pan)), 0.0);
    assert_eq!(bench.fake.value(stem(6, StripParam::Pan)), 0.3);
    assert_eq!(bench.fake.view().selected, Some(0));
}

#[test]
fn home_and_enter_work_on_discs_and_handles() {
    let fake = Fake::song(8);
    fake.document.borrow_mut().view = View { page: Page::Stage, selected: Some(1), ..View::default() };
    let mut bench = Bench::new(fake);
    bench.click("Stem 02 disc");
    bench.told();
    bench.key(Key::Home);
    assert_eq!((bench.fake.value(stem(2, StripParam::Pan)), bench.fake.value(fader(2))), (0.0, 0.0));
    bench.key(Key::Enter);
    bench.steps(2);
    assert!(bench.harness.state().is_typing());
    bench.key(Key::Escape);
    bench.click("Stem 02 Bell");
    bench.key(Key::Home);
    assert_eq!(bench.fake.value(stem(2, StripParam::BellGain)), 0.0);
}

#[test]
fn tab_takes_the_value_and_goes_on_to_the_next_strip() {
    let mut bench = Bench::new(Fake::song(8));
    bench.click("Stem 02 Trim");
    bench.steps(1);
    bench.harness.event(Event::Text("-3".to_owned()));
    bench.steps(1);
    bench.key(Key::Tab);
    bench.steps(2);
    assert_eq!(
        bench.told(),
        [gesture(stem(2, StripParam::Trim), &[]), gesture(stem(2, StripParam::Trim), &[-3.0])].concat()
    );
    bench.harness.event(Event::Text("5".to_owned()));
    bench.steps(1);
    bench.harness.key_press_modifiers(Modifiers::SHIFT, Key::Tab);
    bench.steps(3);
    assert_eq!(bench.told(), gesture(stem(3, StripParam::Trim), &[5.0]));
    bench.harness.event(Event::Text("nothing".to_owned()));
    bench.steps(1);
    bench.key(Key::Tab);
    assert_eq!(bench.told(), []);
    assert!(bench.harness.state().is_typing(), "what is no value stays open");
    bench.key(Key::Escape);
    bench.double_click("Stem 07 name");
    bench.steps(1);
    bench.harness.event(Event::Text("Low".to_owned()));
    bench.key(Key::Tab);
    bench.steps(2);
    bench.harness.event(Event::Text("High".to_owned()));
    bench.key(Key::Tab);
    assert_eq!((bench.fake.name(7), bench.fake.name(8)), ("Low".to_owned(), "High".to_owned()));
    assert!(!bench.harness.state().is_typing(), "there is no next one");
}

#[test]
fn a_strip_moves_by_its_menu_too_and_is_renamed_on_the_stage() {
    let fake = Fake::song(8);
    fake.document.borrow_mut().view = View { page: Page::Stage, selected: Some(2), ..View::default() };
    let mut bench = Bench::new(fake);
    bench.click("Menu of Stem 03");
    bench.steps(2);
    bench.click("Move left");
    bench.steps(2);
    assert_eq!(bench.fake.order()[..4], [0, 2, 1, 3]);
    assert_eq!(bench.value("Undo"), "Undo: Move Hats");
    bench.click("Menu of Stem 03");
    bench.steps(2);
    bench.click("Rename");
    bench.steps(2);
    bench.harness.event(Event::Text("Shaker".to_owned()));
    bench.steps(1);
    bench.key(Key::Enter);
    assert_eq!(bench.fake.name(3), "Shaker");
}

#[test]
fn a_field_that_is_no_longer_shown_gives_the_keys_back() {
    let mut bench = Bench::new(Fake::song(8));
    bench.click("Stem 02 Trim");
    bench.steps(2);
    assert!(bench.harness.state().is_typing());
    bench.fake.document.borrow_mut().view.page = Page::Routing;
    bench.steps(4);
    assert!(!bench.harness.state().is_typing());
}

/// How long until the editor would draw by itself; none where it would not.
fn next_frame(bench: &mut Bench) -> Option<Duration> {
    bench.steps(4);
    let delay = bench.harness.output().viewport_output.values().map(|output| output.repaint_delay).min();
    delay.filter(|delay| *delay < Duration::MAX)
}

#[test]
fn nothing_is_drawn_while_nothing_that_is_shown_changes() {
    let fake = Fake::song(8);
    for stem in 0..8 {
        fake.meters.take_stem(stem);
    }
    fake.meters.take_mix();
    let mut bench = Bench::new(fake);
    let fake = bench.fake.clone();
    assert_eq!(next_frame(&mut bench), None);
    assert!(!bench.harness.state_mut().is_stale(&*fake));
    type Cause = fn(&Fake);
    let causes: [(&str, Cause); 7] = [
        ("the host moves a fader", |fake| fake.put(fader(3), -7.0)),
        ("a state is loaded", |fake| fake.loads.set(fake.loads.get() + 1)),
        ("a fault", |fake| fake.fault.set(true)),
        ("a state is refused", |fake| fake.say(&["It was refused."])),
        ("an input is connected", |fake| fake.meters.set_connected(0xffff)),
        ("an input sounds", |fake| fake.meters.set_sounding(0x100)),
        ("a sound", |fake| fake.meters.raise_stem(1, [0.1, 0.0])),
    ];
    for (what, cause) in causes {
        cause(&fake);
        assert!(bench.harness.state_mut().is_stale(&*fake), "{what}");
        bench.steps(1);
        assert!(!bench.harness.state_mut().is_stale(&*fake), "{what} is drawn once");
    }
    assert!(next_frame(&mut bench).is_some_and(|delay| delay <= Duration::from_millis(33)), "a meter falls");
    bench.steps(60 * 9);
    assert_eq!(next_frame(&mut bench), None, "it has fallen");
    fake.meters.raise_stem(1, [1e-5, 0.0]);
    assert!(!bench.harness.state_mut().is_stale(&*fake), "below the scale there is nothing to see");
}

#[test]
fn the_host_s_name_and_colour_of_our_track_stand_above_the_mix() {
    let mut bench = Bench::new(Fake::song(4));
    bench.harness.state_mut().track = Track { name: "Music Bus".to_owned(), color: Some([200, 40, 120]) };
    bench.looks_like("track");
    let shapes = &bench.harness.output().shapes;
    assert!(texts_on_grounds(shapes).iter().any(|(text, ..)| text == "Music Bus"));
}

#[test]
fn loudness_is_shown_and_a_click_begins_anew() {
    let mut bench = Bench::new(Fake::song(8));
    assert_eq!(bench.value("Integrated loudness"), "\u{2212}14.3");
    assert_eq!(bench.value("Stem 01 to the rest"), "\u{2212}1.6 LU");
    assert_eq!(bench.value("Stem 06 to the rest"), "\u{2212}3.4 LU");
    let before = bench.fake.meters.loudness().resets();
    bench.click("Integrated loudness");
    assert_eq!(bench.fake.meters.loudness().resets(), before + 1);
    let bench = Bench::new(Fake::default());
    assert_eq!(bench.value("Integrated loudness"), "–", "nothing was heard yet");
    assert_eq!(bench.value("Stem 01 to the rest"), "–");
}

/// What is learned of eight stems that play for half a minute, each 2 dB below the one before.
fn a_learned_song() -> LearnedBalance {
    let mut learned = Learned::default();
    let mut record = [0.0; PAIRS];
    for stem in 0..8 {
        record[pair(stem, stem)] = 10f32.powf(-(20.0 + 2.0 * stem as f32) / 10.0);
    }
    (0..3_000).for_each(|_| assert!(learned.push(&record)));
    LearnedBalance { song: Some(learned.summary()), ..LearnedBalance::default() }
}

#[test]
fn a_balance_is_proposed_taken_in_part_committed_and_undone() {
    let fake = Fake::song(8);
    fake.document.borrow_mut().view.page = Page::Balance;
    fake.document.borrow_mut().learned = Some(a_learned_song());
    let mut bench = Bench::new(fake);
    bench.click("Lock Stem 06");
    bench.click("Target even");
    bench.steps(1);
    bench.click("Propose a balance");
    bench.steps(1);
    bench.looks_like("balance");
    assert_eq!(bench.told(), [], "no parameter moves before it is asked for");
    let offsets = |bench: &Bench| {
        let learned = bench.fake.document.borrow().learned.clone().expect("it is learned");
        learned.stems.map(|stem| stem.sounding_db())
    };
    let proposed = offsets(&bench);
    assert!(
        proposed[0] != 0.0 && proposed[5] == 0.0 && proposed[3] == 0.0,
        "{proposed:?}: one locked, one muted"
    );
    bench.click("Take the change of Stem 02");
    bench.steps(1);
    assert_eq!(offsets(&bench)[1], 0.0, "what is left does not sound");
    assert_eq!(bench.value("Undo"), "Undo: Leave the change of Snare");
    bench.click("Undo");
    assert_eq!(offsets(&bench), proposed);

    let trim = |bench: &Bench| bench.fake.value(stem(1, StripParam::Trim));
    let before = trim(&bench);
    bench.click("Commit to trims");
    bench.steps(1);
    assert!((trim(&bench) - before - proposed[0]).abs() < 1e-3);
    assert!(offsets(&bench)[0].abs() < 1e-3, "it is not heard twice");
    let told = bench.told();
    assert_eq!((told.first(), told.last()), (Some(&BeginGroup), Some(&EndGroup)));
    bench.click("Undo");
    bench.steps(1);
    assert_eq!((trim(&bench), offsets(&bench)), (before, proposed));
    bench.click("Remove the learned balance");
    assert_eq!(bench.fake.document.borrow().learned, None);
}

#[test]
fn a_balance_is_proposed_for_stems_as_their_groups_leave_them() {
    let proposed = |change: fn(&mut Document)| {
        let fake = Fake::song(8);
        fake.document.borrow_mut().view.page = Page::Balance;
        fake.document.borrow_mut().learned = Some(a_learned_song());
        change(&mut fake.document.borrow_mut());
        let mut bench = Bench::new(fake);
        bench.click("Propose a balance");
        let learned = bench.fake.document.borrow().learned.clone().expect("it is learned");
        learned.stems.map(|stem| stem.sounding_db())
    };
    let by_fader = proposed(|document| document.mix.stems[5].fader_db -= 6.0);
    let by_group = proposed(|document| {
        document.stems[5].group = Some(1);
        document.mix.groups[1].fader_db = -6.0;
    });
    assert_ne!(by_fader, proposed(|_| ()));
    assert_eq!(by_group, by_fader);
    let muted = proposed(|document| document.mix.stems[5].mute = true);
    let muted_by_group = proposed(|document| {
        document.stems[5].group = Some(1);
        document.mix.groups[1].mute = true;
    });
    assert_eq!(muted_by_group, muted);
}

#[test]
fn a_lock_is_kept_with_the_project_and_can_be_undone() {
    let fake = Fake::song(8);
    fake.document.borrow_mut().view.page = Page::Balance;
    let mut bench = Bench::new(fake);
    let is_locked = |bench: &Bench| {
        let text = bench.fake.document.borrow().to_json();
        let saved = Document::from_json(text.as_bytes()).expect("ours").document;
        saved.learned.is_some_and(|learned| learned.stems[5].locked)
    };
    bench.click("Lock Stem 06");
    assert!(is_locked(&bench));
    assert_eq!(bench.value("Undo"), "Undo: Lock Bass");
    bench.click("Undo");
    assert!(!is_locked(&bench));
}

#[test]
fn the_output_goes_down_where_a_balance_would_peak_too_high_in_the_same_edit() {
    let output = ParamKey::Mix(MixParam::Output);
    let open = |peak_dbtp: Option<f32>| {
        let fake = Fake::song(8);
        fake.document.borrow_mut().view.page = Page::Balance;
        fake.document.borrow_mut().learned = Some(a_learned_song());
        if let Some(dbtp) = peak_dbtp {
            // Heard as it is set up, with nothing but the kick in it.
            let gain = |db: f32| 10f32.powf(db / 20.0);
            let mut heard = PeakMoment { true_peak: gain(dbtp), output: gain(-1.5), ..PeakMoment::default() };
            let strips = fake.document.borrow().mix.stems;
            heard.gains =
                strips.map(|strip| if strip.mute { 0.0 } else { gain(strip.fader_db + strip.trim_db) });
            heard.energies[0] = 0.01;
            fake.meters.loudness().set_peak_moment(&heard, &heard.gains);
        }
        Bench::new(fake)
    };
    let says = |bench: &Bench, words: &str| {
        texts_on_grounds(&bench.harness.output().shapes).iter().any(|(text, ..)| text.contains(words))
    };
    // The kick goes down in this balance, so that the song as a whole says how the peak changes: not at all.
    let mut bench = open(Some(0.5));
    bench.click("Target even");
    bench.click("Propose a balance");
    bench.steps(2);
    let told = bench.told();
    let [Begin(begun), Set(set, to_db), End(_)] = told[..] else { panic!("{told:?}") };
    assert_eq!((begun, set), (output, output));
    assert!((to_db - -3.0).abs() < 0.06 && to_db <= -3.0, "1.5 dB too high: {to_db} dB");
    assert!(says(&bench, "the output goes down by 1.5 dB to \u{2212}3.0 dB"));
    bench.click("Undo");
    assert_eq!(bench.fake.value(output), -1.5);
    let learned = bench.fake.document.borrow().learned.clone().expect("a song");
    assert!(learned.stems.iter().all(|stem| stem.offset_db == 0.0), "one edit, undone as one");

    let mut bench = open(Some(-4.0));
    bench.click("Propose a balance");
    bench.steps(2);
    assert_eq!(bench.told(), [], "there is room");
    assert!(says(&bench, "The mix will peak at about"));
    let mut bench = open(None);
    bench.click("Propose a balance");
    bench.steps(2);
    assert_eq!(bench.told(), []);
    assert!(says(&bench, "How high the mix will peak is not known: play the song"));

    // A single change that is taken: the kick louder.
    let mut bench = open(Some(-2.0));
    bench.fake.document.borrow_mut().learned.as_mut().expect("a song").stems[0].offset_db = 4.0;
    bench.click("Take the change of Stem 01");
    bench.steps(2);
    assert!((bench.fake.value(output) - -4.5).abs() < 0.02, "{} dB", bench.fake.value(output));
}

#[test]
fn what_is_odd_about_a_stem_is_said_on_the_balance_page() {
    let mut bench = Bench::new(Fake::song(8));
    play_twins(&mut bench);
    let mut report = Report { sample_rate_hz: 48_000.0, connected: 0xff, ..Report::default() };
    report.figures[5].garbage = 1;
    for _ in 0..30 {
        assert!(bench.fake.meters.probe().push(&report));
        bench.steps(1);
    }
    bench.click("Balance");
    let mut learned = a_learned_song();
    {
        let song = learned.song.as_mut().expect("a song");
        song.stems[6].active_s = 0.5;
        song.stems[7] = Default::default();
    }
    bench.fake.document.borrow_mut().learned = Some(learned);
    bench.steps(2);
    let findings = [
        (2, "Stem 05 is the same as Stem 02 with opposite polarity"),
        (3, "Stem 03 is clipped"),
        (5, "Stem 05 is the same as Stem 02 with opposite polarity"),
        (6, "Stem 06 carries samples that are no numbers (NaN)"),
        (7, "it was heard for 0.5 s, and 3 s are needed"),
        (8, "nothing was heard of it"),
    ];
    for (number, words) in findings {
        let said = bench.value(&format!("Remark on Stem {number:02}"));
        assert!(said.contains(words), "{number}: {said}");
    }
    let texts = texts_on_grounds(&bench.harness.output().shapes);
    assert!(texts.iter().any(|(text, ..)| text == "Heard for 0.5 s only."), "in a few words in its row");
}

#[test]
fn peak_to_loudness_and_a_stem_s_true_peak_and_correlation_are_shown() {
    let mut bench = Bench::new(Fake::song(8));
    let texts = |bench: &Bench| texts_on_grounds(&bench.harness.output().shapes);
    assert!(texts(&bench).iter().any(|(text, ..)| text == "Peak to loudness"));
    // -1.1 dBTP and -14.3 LUFS.
    assert!(texts(&bench).iter().any(|(text, ..)| text == "13.2"));
    let fake = bench.fake.clone();
    let stem_peak = fake.meters.loudness().stem_peak();
    let (question, stem) = stem_peak.asked().expect("the selected stem is asked for");
    assert_eq!(stem, 0);
    stem_peak.answer(question, 0.5);
    bench.steps(1);
    assert_eq!(bench.value("True peak of Stem 01"), "\u{2212}6.0");
    assert_eq!(bench.value("Correlation of Stem 01"), "+0.60");
    bench.click("True peak of Stem 01");
    bench.steps(1);
    assert_eq!(bench.value("True peak of Stem 01"), "–", "it begins anew");
    bench.click("Stage");
    bench.steps(1);
    assert!(stem_peak.asked().is_some() && bench.shows("True peak of Stem 01"));
    bench.click("Routing");
    bench.steps(1);
    assert_eq!(stem_peak.asked(), None, "nobody looks");
    bench.click("Console");
    bench.steps(1);
    bench.harness.state_mut().close(&*fake);
    assert_eq!(stem_peak.asked(), None, "a closed editor costs nothing");
}

#[test]
fn learning_is_begun_and_ended_and_says_how_far_it_is() {
    let fake = Fake::song(4);
    fake.document.borrow_mut().view.page = Page::Balance;
    let mut bench = Bench::new(fake);
    bench.click("Learn the song");
    bench.steps(1);
    let loudness = bench.fake.clone();
    let loudness = loudness.meters.loudness();
    assert!(loudness.is_learning());
    loudness.set_learned_s(12.0, [7.0; STEMS]);
    let fake = bench.fake.clone();
    assert!(bench.harness.state_mut().is_stale(&*fake), "progress is drawn");
    bench.steps(1);
    let shapes = &bench.harness.output().shapes;
    let texts = texts_on_grounds(shapes);
    assert!(texts.iter().any(|(text, ..)| text == "12 s heard of at least 15 s"));
    assert!(texts.iter().any(|(text, ..)| text == "7 s"));
    loudness.set_learned_s(900.3, [700.0; STEMS]);
    bench.steps(1);
    let texts = texts_on_grounds(&bench.harness.output().shapes);
    assert!(texts.iter().any(|(text, ..)| text == "15 minutes heard, all there is room for: stop now"));
    bench.click("Learn the song");
    assert!(!loudness.is_learning());
}

#[test]
fn mono_and_dim_are_no_parameters_and_end_with_the_editor() {
    let mut bench = Bench::new(Fake::song(8));
    bench.click("Mono while listening");
    bench.click("Dim while listening");
    assert_eq!(bench.fake.monitor(), Monitor { mono: true, dim: true });
    assert_eq!(bench.told(), []);
    assert_eq!(undo_name(&bench), "Nothing to undo");
    let fake = bench.fake.clone();
    bench.harness.state_mut().close(&*fake);
    assert_eq!(bench.fake.monitor(), Monitor::default());
}

#[test]
fn the_zoom_is_chosen_and_remembered() {
    let mut bench = Bench::new(Fake::song(8));
    bench.click("Zoom");
    bench.steps(2);
    bench.click("150 %");
    bench.steps(1);
    assert_eq!(bench.fake.view().zoom_percent, 150);
}

#[test]
fn a_window_opens_with_the_size_and_zoom_of_the_project() {
    let view = View { size_points: [1300.0, 800.0], zoom_percent: 150, ..View::default() };
    let editor = window(move || view, |_| Fake::default(), || ()).expect("an editor");
    assert_eq!(editor.size(), NativeSize::from_size(LogicalSize::new(1950.0, 1200.0).into(), 1.0));
    let smallest = Some(LogicalSize::new(1770.0, 960.0));
    let constraints = editor.resize_hint().size_constraints;
    assert_eq!(constraints, SizeConstraints::Logical { min_size: smallest, max_size: None });
}

#[test]
fn a_window_opens_at_its_size_and_is_resized_down_to_the_smallest() {
    let editor = window(View::default, |_| Fake::default(), || ()).expect("an editor");
    assert_eq!(editor.size(), NativeSize::from_size(LogicalSize::new(1180.0, 720.0).into(), 1.0));
    let hint = editor.resize_hint();
    assert!(hint.can_resize && hint.can_resize_horizontally && hint.can_resize_vertically);
    let smallest = Some(LogicalSize::new(1180.0, 640.0));
    assert_eq!(hint.size_constraints, SizeConstraints::Logical { min_size: smallest, max_size: None });
}

#[test]
fn a_click_on_a_scene_steps_to_it_as_one_gesture() {
    let mut bench = Bench::new(Fake::staged(8));
    let scene = mix(MixParam::Scene);
    for (label, want) in [("Scene B", 2.0), ("Scene D", 4.0), ("Live", 0.0)] {
        bench.click(label);
        assert_eq!(bench.told(), gesture(scene, &[want]));
        bench.pause();
    }
    bench.click("Live");
    assert_eq!(bench.told(), [], "it is there already");
    bench.click("Undo");
    assert_eq!(bench.told(), gesture(scene, &[4.0]));
}

#[test]
fn a_scene_is_blended_by_hand_and_its_glide_set_in_the_bar() {
    let mut bench = Bench::new(Fake::staged(8));
    bench.fake.put(mix(MixParam::Scene), 2.0);
    bench.steps(1);
    let amount = mix(MixParam::SceneAmount);
    let rect = bench.harness.get_by_label("Scene Amount").rect();
    bench.drag(rect.center(), vec2(-0.4 * rect.width(), 0.0), Modifiers::NONE);
    assert_eq!(bench.told(), gesture(amount, &[60.0]));
    bench.type_into("Glide", "2");
    assert_eq!(bench.told().last_chunk(), gesture(mix(MixParam::Glide), &[2.0]).last_chunk::<3>());
    bench.click("Glide Unit");
    assert_eq!(bench.told(), gesture(mix(MixParam::GlideUnit), &[1.0]));
    assert_eq!(bench.value("Glide Unit"), "beats");
    bench.click("Hold Loudness");
    assert_eq!(bench.told(), gesture(mix(MixParam::HoldLoudness), &[1.0]));
    bench.fake.meters.set_glide(1.0, 0.8);
    bench.steps(1);
    assert_eq!(bench.value("What Hold Loudness adds"), "+0.8 dB");
}

#[test]
fn a_scene_is_renamed_by_a_double_click_and_undone() {
    let mut bench = Bench::new(Fake::staged(8));
    bench.double_click("Scene C");
    bench.steps(1);
    bench.harness.event(Event::Text("Break".to_owned()));
    bench.steps(1);
    bench.key(Key::Enter);
    assert_eq!(bench.fake.scene(2).name, "Break");
    assert_eq!(undo_name(&bench), "Undo: Rename scene to C Break");
    bench.click("Undo");
    assert_eq!(bench.fake.scene(2).name, "");
}

/// Opens the menu of a scene and chooses from it.
fn scene_menu(bench: &mut Bench, scene: &str, items: &[&str]) {
    bench.harness.get_by_label(scene).click_secondary();
    bench.steps(3);
    for item in items {
        bench.click(item);
        bench.steps(2);
    }
}

#[test]
fn b_less_a_is_shown_before_it_is_stored_and_undone() {
    let mut bench = Bench::new(Fake::staged(8));
    scene_menu(&mut bench, "Scene C", &["Store B − A…"]);
    assert!(bench.harness.query_by_label_contains("A and B are the same.").is_some());
    bench.key(Key::Escape);
    bench.steps(2);
    bench.click("Copy to B");
    bench.click("Balance B");
    bench.type_into("Stem 06 Fader value", "-3");
    bench.click("Stem 02 Mute");
    bench.told();
    scene_menu(&mut bench, "Scene C", &["Store B − A…"]);
    assert!(bench.shows("Bass: fader +2.0 dB") && bench.shows("Snare: mute on"));
    assert_eq!(bench.fake.scene(2), Scene::new(2), "nothing is done yet");
    bench.looks_like("scene_store");
    bench.click("Do it");
    bench.steps(2);
    let stems = bench.fake.scene(2).stems;
    assert_eq!((stems[5].level, stems[1].opening.mute()), (Level::By(2.0), Some(true)));
    assert_eq!(undo_name(&bench), "Undo: Store scene C");
    assert_eq!(bench.told(), [], "a scene is no parameter");
    bench.click("Undo");
    assert_eq!(bench.fake.scene(2), Scene::new(2));
}

#[test]
fn parts_of_a_scene_are_taken_over_by_quantity_and_by_stem() {
    let mut bench = Bench::new(Fake::staged(8));
    let before = bench.fake.scene(0);
    let items = ["Take over from another scene…", "Other scene B", "Mutes", "Tone", "Pan and width"];
    scene_menu(&mut bench, "Scene A", &items);
    bench.click("Do it");
    bench.steps(2);
    let stems = bench.fake.scene(0).stems;
    assert_eq!((stems[1].level, stems[1].pan), (Level::By(1.5), 0.0), "levels alone");
    assert_eq!(stems[0].level, Level::NONE, "as in B");
    assert_eq!((stems[5], stems[7]), (StripOffsets::NONE, StripOffsets::NONE));
    assert_eq!(undo_name(&bench), "Undo: Take over from scene B into A");
    bench.click("Undo");
    assert_eq!(bench.fake.scene(0), before);
    scene_menu(
        &mut bench,
        "Scene A",
        &["Take over from another scene…", "Other scene B", "Take over Gtr Left", "Take over Hats"],
    );
    bench.looks_like("scene_take");
    bench.click("Do it");
    bench.steps(2);
    let stems = bench.fake.scene(0).stems;
    assert_eq!((stems[7].bell_db, stems[2].width_percent), (3.0, 40.0));
    assert_eq!((stems[0].level, stems[1].level), (Level::By(-2.0), Level::NONE), "two stems alone");
}

#[test]
fn scenes_are_copied_swapped_and_cleared() {
    let mut bench = Bench::new(Fake::staged(8));
    let [a, b] = [0, 1].map(|slot| bench.fake.scene(slot));
    scene_menu(&mut bench, "Scene A", &["Copy to another place…", "Other scene E", "Do it"]);
    assert_eq!(bench.fake.scene(4), a);
    scene_menu(&mut bench, "Scene A", &["Swap with another…", "Other scene B", "Do it"]);
    assert_eq!([bench.fake.scene(0), bench.fake.scene(1)], [b.clone(), a.clone()]);
    scene_menu(&mut bench, "Scene B", &["Clear…", "Do it"]);
    assert_eq!(bench.fake.scene(1), Scene::new(1));
    for _ in 0..2 {
        bench.click("Undo");
    }
    assert_eq!([bench.fake.scene(0), bench.fake.scene(1)], [a, b]);
}

#[test]
fn a_scene_has_a_colour_and_a_note() {
    let mut bench = Bench::new(Fake::staged(8));
    scene_menu(&mut bench, "Scene B", &["Scene B colour 8", "Note on scene B"]);
    assert!(bench.harness.state().is_typing(), "keys are the editor's while a note is typed");
    bench.harness.event(Event::Text("Half-time".to_owned()));
    bench.steps(1);
    bench.key(Key::Enter);
    bench.key(Key::Escape);
    bench.steps(2);
    let scene = bench.fake.scene(1);
    assert_eq!((scene.color, scene.note.as_str()), (0x67BBF3, "Half-time"));
    assert!(!bench.harness.state().is_typing());
}

#[test]
fn a_dragged_scene_moves_in_the_bar_and_keeps_its_letter() {
    let mut bench = Bench::new(Fake::staged(8));
    let (from, to) = (bench.center("Scene D"), bench.center("Scene B"));
    bench.press(from);
    for share in [0.3, 0.7, 1.0] {
        bench.point_at(from + (to - from) * share);
    }
    bench.button(to, false, Modifiers::NONE);
    bench.steps(2);
    assert_eq!(bench.fake.scene_order(), [0, 3, 1, 2, 4, 5, 6, 7]);
    assert_eq!(bench.told(), [], "it does not sound because of it");
    assert_eq!(undo_name(&bench), "Undo: Move scene D Bridge");
    bench.click("Undo");
    assert_eq!(bench.fake.scene_order(), [0, 1, 2, 3, 4, 5, 6, 7]);
}

/// Scene B under edit while it sounds.
fn editing(stems: usize, page: Page) -> Bench {
    let fake = Fake::staged(stems);
    fake.document.borrow_mut().view.page = page;
    fake.put(mix(MixParam::Scene), 2.0);
    let mut bench = Bench::new(fake);
    bench.click("Edit scene");
    bench.steps(1);
    assert!(bench.harness.query_by_label_contains("Editing scene B Chorus").is_some());
    bench
}

#[test]
fn an_edited_scene_takes_what_is_moved_as_one_undo_and_no_parameter_is_written() {
    let mut bench = editing(8, Page::Console);
    assert_eq!(bench.value("Stem 02 Fader"), "−3.0", "live and scene together");
    let before = bench.fake.scene(1);
    let at = bench.center("Stem 01 Fader");
    bench.press(at);
    bench.point_at(at + vec2(0.0, 10.0));
    bench.point_at(at + vec2(0.0, 2_000.0));
    bench.button(at, false, Modifiers::NONE);
    bench.steps(1);
    assert_eq!(bench.fake.scene(1).stems[0].level, Level::By(f32::NEG_INFINITY));
    assert_eq!(undo_name(&bench), "Undo: Kick fader -inf in scene B Chorus");
    bench.click("Undo");
    assert_eq!(bench.fake.scene(1), before, "one step takes the whole drag back");
    bench.type_into("Stem 01 Fader value", "-1.2");
    bench.type_into("Stem 04 Pan", "L40");
    bench.type_into("Stem 04 Bell Gain of the selected stem", "2");
    let stems = bench.fake.scene(1).stems;
    let Level::By(db) = stems[0].level else { panic!("{:?}", stems[0].level) };
    assert!((db - 2.0).abs() < 1e-4 && (stems[3].pan + 0.26).abs() < 1e-4, "over the live values");
    assert!((stems[3].bell_db + 2.0).abs() < 1e-4);
    for _ in 0..2 {
        bench.wheel("Stem 03 Fader", 1.0, Modifiers::NONE);
    }
    bench.steps(1);
    assert_eq!(undo_name(&bench), "Undo: Hats fader -12.0 dB in scene B Chorus");
    bench.click("Undo");
    assert_eq!(bench.fake.scene(1).stems[2].level, Level::NONE, "turns of the wheel are one edit");
    assert_eq!(bench.told(), [], "not one parameter was written");
    bench.click("Edit scene");
    bench.steps(1);
    assert_eq!(bench.value("Stem 01 Fader"), "−3.2", "the live balance is what it was");
}

#[test]
fn a_reset_in_an_edited_scene_goes_back_to_the_live_value() {
    let mut bench = editing(8, Page::Console);
    bench.pause();
    bench.double_click("Stem 02 Fader");
    bench.steps(1);
    assert_eq!(bench.fake.scene(1).stems[1].level, Level::NONE);
    assert_eq!(bench.value("Stem 02 Fader"), "−4.5");
    bench.pause();
    bench.harness.get_by_label("Stem 02 name").click_secondary();
    bench.steps(3);
    bench.click("Reset strip");
    bench.steps(2);
    assert_eq!(bench.fake.scene(1).stems[1], StripOffsets::NONE);
    assert_eq!(bench.told(), []);
}

#[test]
fn mutes_painted_in_an_edited_scene_are_one_undo_of_the_scene() {
    let mut bench = editing(8, Page::Console);
    let before = bench.fake.scene(1);
    bench.press(bench.center("Stem 01 Mute"));
    for label in ["Stem 02 Mute", "Stem 03 Mute"] {
        bench.point_at(bench.center(label));
    }
    bench.button(bench.center("Stem 03 Mute"), false, Modifiers::NONE);
    let mutes = bench.fake.scene(1).stems.map(|stem| stem.opening.mute());
    assert_eq!(mutes[..4], [Some(true), Some(true), Some(true), None]);
    assert_eq!(bench.told(), []);
    bench.click("Undo");
    assert_eq!(bench.fake.scene(1), before);
}

#[test]
fn what_a_scene_does_not_change_is_idle_while_one_is_edited() {
    let mut bench = editing(8, Page::Console);
    for label in ["Stem 01 Pan Mode: true stereo", "Stem 01 Solo Safe", "Stem 02 Polarity", "Stem 03 Solo"] {
        assert!(bench.harness.get_by_label(label).accesskit_node().is_disabled(), "{label}");
        bench.click(label);
    }
    for label in ["Stem 03 Trim", "Stem 03 Delay"] {
        let at = bench.center(label);
        bench.drag(at, vec2(30.0, 0.0), Modifiers::NONE);
        bench.wheel(label, 1.0, Modifiers::NONE);
    }
    let before = bench.fake.scene(1);
    assert_eq!(bench.told(), []);
    bench.point_at(bench.center("Stem 03 Trim"));
    bench.steps(60);
    assert!(bench.harness.query_by_label_contains("the fader is what a scene moves").is_some());
    assert_eq!(bench.fake.scene(1), before);
}

#[test]
fn discs_move_in_an_edited_scene_as_one_undo() {
    let mut bench = editing(8, Page::Stage);
    let before = bench.fake.scene(1);
    let at = bench.center("Stem 08 disc");
    bench.drag(at, vec2(80.0, 60.0), Modifiers::NONE);
    assert!((bench.center("Stem 08 disc") - (at + vec2(80.0, 60.0))).length() < 4.0);
    assert!(bench.fake.scene(1).stems[7].pan > 0.1);
    assert_eq!(bench.told(), []);
    bench.click("Undo");
    assert_eq!(bench.fake.scene(1), before);
}

#[test]
fn a_strip_pasted_while_a_scene_is_edited_goes_to_the_scene() {
    let mut bench = editing(8, Page::Console);
    for (label, item) in [("Stem 01 name", "Copy strip"), ("Stem 05 name", "Paste strip")] {
        bench.harness.get_by_label(label).click_secondary();
        bench.steps(3);
        bench.click(item);
        bench.steps(3);
    }
    assert_eq!(bench.told(), []);
    let Level::By(db) = bench.fake.scene(1).stems[4].level else { panic!("no difference") };
    assert!((db - 12.3).abs() < 1e-4, "from -15.5 to -3.2 dB");
}

#[test]
fn editing_ends_with_live_with_the_editor_and_with_the_state() {
    let is_editing = |bench: &Bench| bench.harness.query_by_label_contains("Editing scene").is_some();
    let mut bench = editing(4, Page::Console);
    bench.click("Scene A");
    bench.steps(1);
    assert!(bench.harness.query_by_label_contains("Editing scene A Verse").is_some(), "it goes along");
    bench.click("Live");
    bench.steps(1);
    assert!(!is_editing(&bench));
    bench.click("Edit scene");
    bench.steps(1);
    assert!(bench.harness.query_by_label_contains("It does not sound now.").is_some());
    bench.told();
    bench.click("Hear it");
    assert_eq!(bench.told(), gesture(mix(MixParam::Scene), &[1.0]));
    bench.fake.loads.set(1);
    bench.steps(1);
    assert!(!is_editing(&bench));
}

#[test]
fn what_sounds_is_marked_and_drawn_while_it_glides() {
    let fake = Fake::staged(8);
    for stem in 0..8 {
        fake.meters.take_stem(stem);
    }
    fake.meters.take_mix();
    let mut bench = Bench::new(fake);
    let fake = bench.fake.clone();
    assert_eq!(next_frame(&mut bench), None);
    fake.put(mix(MixParam::Scene), 2.0);
    fake.meters.set_glide(0.25, 0.0);
    assert!(bench.harness.state_mut().is_stale(&*fake));
    assert!(next_frame(&mut bench).is_some_and(|delay| delay <= Duration::from_millis(33)), "it glides");
    let texts = texts_on_grounds(&bench.harness.output().shapes);
    assert!(texts.iter().any(|(text, ..)| text == "Live › B Chorus"), "where from and where to");
    fake.meters.set_glide(1.0, 0.0);
    assert_eq!(next_frame(&mut bench), None);
    let mut strip = fake.document.borrow().mix.stems[1];
    strip.fader_db = -3.0;
    fake.meters.set_sounding_strip(1, &strip);
    assert!(bench.harness.state_mut().is_stale(&*fake), "a mark moves");
    bench.steps(1);
    bench.looks_like("scene_bar");
}

/// The lines in a colour within a rectangle, as their points.
fn lines_in(bench: &Bench, rect: egui::Rect, color: egui::Color32) -> Vec<Vec<Pos2>> {
    fn walk(shape: &egui::Shape, found: &mut impl FnMut(&egui::epaint::PathShape)) {
        match shape {
            egui::Shape::Vec(shapes) => shapes.iter().for_each(|shape| walk(shape, found)),
            egui::Shape::Path(path) => found(path),
            _ => {}
        }
    }
    let mut lines = Vec::new();
    for shape in &bench.harness.output().shapes {
        walk(&shape.shape, &mut |path| {
            let is_ink = path.stroke.color == egui::epaint::ColorMode::Solid(color);
            if is_ink && !path.closed && path.points.iter().all(|at| rect.expand(1.0).contains(*at)) {
                lines.push(path.points.clone());
            }
        });
    }
    lines
}

#[test]
fn the_tone_that_sounds_is_a_line_beside_the_one_that_is_moved() {
    let curve = "Stem 08 Tone curve";
    let fake = Fake::staged(8); // B has +3 dB in the bell of stem 8, at 1882 Hz
    let mut bench = Bench::new(fake);
    let rect = |bench: &Bench| bench.harness.get_by_label(curve).rect();
    let sounding = |bench: &Bench| lines_in(bench, rect(bench), theme::ACCENT);
    let says =
        |bench: &Bench| bench.harness.get_by_label(curve).accesskit_node().description().unwrap_or_default();
    assert!(sounding(&bench).is_empty() && !says(&bench).contains("what sounds"), "live alone");
    // How high the line stands over the live one at its highest, as it blends.
    let mut rises = Vec::new();
    for (scene, amount, progress) in
        [(2.0, 100.0, 1.0), (2.0, 50.0, 1.0), (2.0, 100.0, 0.5), (0.0, 100.0, 0.5)]
    {
        bench.fake.put(mix(MixParam::Scene), scene);
        bench.fake.put(mix(MixParam::SceneAmount), amount);
        if scene == 2.0 && progress < 1.0 {
            bench.fake.put(mix(MixParam::Scene), 0.0);
            bench.steps(1);
            bench.fake.put(mix(MixParam::Scene), 2.0);
        }
        bench.fake.meters.set_glide(progress, 0.0);
        bench.steps(2);
        let lines = sounding(&bench);
        assert_eq!(lines.len(), 1, "{scene} {amount} {progress}");
        assert!(says(&bench).ends_with("The second line is what sounds."), "{}", says(&bench));
        rises.push(lines[0].iter().map(|at| at.y).fold(f32::INFINITY, f32::min));
    }
    assert!(rises[1] > rises[0] + 0.5, "half of it is lower: {rises:?}");
    assert!(rises[1..].iter().all(|y| (y - rises[1]).abs() < 0.01), "half-way is half of it: {rises:?}");
    bench.fake.meters.set_glide(1.0, 0.0);
    bench.steps(2);
    assert!(sounding(&bench).is_empty(), "live alone again");
    // While B is edited the curve is B's, and the line is what sounds: the live tone.
    bench.click("Menu of scene B");
    bench.steps(2);
    bench.click("Edit");
    bench.steps(3);
    assert!(bench.harness.query_by_label_contains("Editing scene B Chorus").is_some());
    assert_eq!(sounding(&bench).len(), 1);
    bench.fake.put(mix(MixParam::Scene), 2.0);
    bench.steps(2);
    assert!(sounding(&bench).is_empty(), "they are the same");
    bench.click("Done editing");
    bench.fake.put(mix(MixParam::Scene), 0.0);
    bench.steps(2);
    bench.point_at(bench.center("Scene B"));
    bench.steps(2);
    assert_eq!(lines_in(&bench, rect(&bench), theme::TEXT).len(), 1, "a scene under the mouse");
    assert!(says(&bench).contains("The pale line is the scene that is looked at."));
}

#[test]
fn a_stem_joins_a_group_on_its_strip_and_leaves_it() {
    let mut bench = Bench::new(Fake::song(8));
    assert!(!bench.shows("Show the groups"), "folded away");
    for (item, want, name) in
        [("Group B", Some(1), "Undo: Bass to group B"), ("No group", None, "Undo: Bass to no group")]
    {
        bench.click("Group of Stem 06");
        bench.steps(2);
        bench.click(item);
        bench.steps(2);
        assert_eq!(bench.fake.stems()[5].group, want);
        assert_eq!(undo_name(&bench), name);
    }
    bench.click("Undo");
    bench.steps(1);
    assert_eq!(bench.fake.stems()[5].group, Some(1));
    assert!(bench.shows("Show the groups"));
    assert_eq!(bench.told(), [], "a group is no parameter");
}

fn grouped(stems: usize) -> Fake {
    let fake = Fake::song(stems);
    for (stem, info) in fake.document.borrow_mut().stems.iter_mut().enumerate().take(stems) {
        info.group = [Some(0), Some(0), Some(1), None, Some(2), Some(3)][stem % 6];
    }
    fake
}

#[test]
fn groups_have_faders_mutes_and_solos() {
    let mut bench = Bench::new(grouped(8));
    bench.click("Show the groups");
    bench.steps(1);
    let key = |param| ParamKey::Group(1, param);
    bench.type_into("Group B Fader value", "-4");
    assert_eq!(bench.told().last_chunk(), gesture(key(GroupParam::Fader), &[-4.0]).last_chunk::<3>());
    bench.click("Group B Mute");
    assert_eq!(bench.told(), gesture(key(GroupParam::Mute), &[1.0]));
    bench.click("Group B Solo");
    assert_eq!(bench.told(), gesture(key(GroupParam::Solo), &[1.0]));
    assert_eq!(undo_name(&bench), "Undo: Group B solo on");
    bench.steps(1);
    bench.looks_like("groups");
    assert!(bench.shows("Solos are in the mix and will print."));
    bench.click("Clear all solos");
    assert_eq!(bench.told(), gesture(key(GroupParam::Solo), &[0.0]));
}

#[test]
fn the_lead_macro_says_why_it_is_idle_and_what_it_does() {
    let mut bench = Bench::new(Fake::song(8));
    assert!(bench.shows("No stem has the role of lead."));
    assert!(bench.harness.get_by_label("Lead").accesskit_node().is_disabled());
    bench.drag(bench.center("Lead"), vec2(20.0, 0.0), Modifiers::NONE);
    assert_eq!(bench.told(), []);
    bench.fake.document.borrow_mut().stems[7].role = Role::Lead;
    bench.fake.meters.set_lead([10f64.powf(1.2 / 20.0), 10f64.powf(-0.8 / 20.0)]);
    bench.steps(1);
    assert!(bench.shows("lead +1.2 dB, rest −0.8 dB"));
    bench.type_into("Lead", "2");
    assert_eq!(bench.told().last_chunk(), gesture(mix(MixParam::Lead), &[2.0]).last_chunk::<3>());
    bench.type_into("Wide", "120");
    assert_eq!(bench.told().last_chunk(), gesture(mix(MixParam::Wide), &[120.0]).last_chunk::<3>());
}

#[test]
fn scenes_and_groups_look_as_before_in_the_smallest_window() {
    for stems in [4, 8, 16] {
        let fake = Fake::staged(stems);
        fake.document.borrow_mut().stems = grouped(stems).document.borrow().stems.clone();
        fake.put(mix(MixParam::Scene), 2.0);
        let mut strip = fake.document.borrow().mix.stems[1];
        (strip.fader_db, strip.pan) = (-3.0, -0.26);
        fake.meters.set_sounding_strip(1, &strip);
        let mut bench = Bench::sized(fake, vec2(1180.0, 640.0));
        bench.click("Show the groups");
        bench.click("Edit scene");
        bench.looks_like(&format!("scene_edit_{stems}_stems"));
        bench.click("Stage");
        bench.click("Done editing");
        bench.point_at(bench.center("Scene B"));
        bench.steps(2);
        bench.picture(&format!("scene_stage_{stems}_stems"));
    }
}

#[test]
fn a_comparison_is_heard_equally_loud_and_writes_nothing() {
    let fake = Fake::staged(8);
    fake.document.borrow_mut().learned = Some(a_learned_song());
    let mut bench = Bench::new(fake);
    bench.click("Compare");
    bench.steps(1);
    bench.click("Compare with the plain sum");
    bench.steps(1);
    bench.click("Hear the second");
    bench.steps(1);
    let heard = |bench: &Bench| bench.fake.audition.get().expect("something else is heard");
    assert!(heard(&bench).settings.bypass);
    assert!(heard(&bench).gain_db < -1.0, "the plain sum is louder, by what was learned");
    assert!(bench.value("Comparison").ends_with("as predicted"), "{}", bench.value("Comparison"));
    // Each is heard for five seconds: the mix at -20 LUFS, the plain sum at -16.
    for (label, momentary_lufs) in [("Hear the first", -20.0), ("Hear the second", -16.0)] {
        bench.click(label);
        let reading = Reading { momentary_lufs, ..Reading::default() };
        bench.fake.meters.loudness().set_mix(&reading, 0.5, false);
        bench.steps(300);
    }
    assert_eq!(bench.value("Comparison"), "Plain sum −4.0 dB, as measured");
    assert!((heard(&bench).gain_db + 4.0).abs() < 0.1);
    bench.click("Hear the first");
    assert_eq!(heard(&bench).gain_db, 0.0, "the softer one stays");
    assert_eq!(bench.told(), [], "not one parameter was written");
    bench.looks_like("compare");
    bench.click("Hear the mix as it is");
    assert_eq!(bench.fake.audition.get(), None);
}

#[test]
fn two_scenes_are_compared_and_it_ends_with_the_line_and_with_the_editor() {
    let mut bench = Bench::new(Fake::staged(8));
    bench.click("Compare");
    bench.steps(1);
    bench.click("Compare scenes");
    bench.steps(1);
    bench.click("Second scene");
    bench.steps(2);
    bench.click("B Chorus");
    bench.steps(2);
    for (label, scene) in [("Hear the second", Some(1)), ("Hear the first", None)] {
        bench.click(label);
        let wish = bench.fake.audition.get().expect("a scene is heard");
        assert_eq!((wish.settings.scene, wish.settings.scene_percent), (scene, 100.0));
    }
    assert_eq!(bench.told(), []);
    bench.click("Compare");
    bench.steps(1);
    assert_eq!(bench.fake.audition.get(), None);
    bench.click("Compare");
    bench.steps(1);
    bench.click("Hear the second");
    let fake = bench.fake.clone();
    bench.harness.state_mut().close(&*fake);
    assert_eq!(bench.fake.audition.get(), None);
}

#[test]
fn a_blind_comparison_hides_the_names_and_counts_what_was_preferred() {
    let mut bench = Bench::new(Fake::staged(8));
    bench.click("Compare");
    bench.steps(1);
    bench.click("Compare with the plain sum");
    bench.steps(1);
    bench.click("Blind");
    bench.steps(1);
    let is_plain = |bench: &mut Bench, label: &str| {
        bench.click(label);
        bench.steps(1);
        bench.fake.audition.get().expect("it is heard").settings.bypass
    };
    let mut orders = [0, 0];
    for _ in 0..40 {
        let first = is_plain(&mut bench, "Hear the first");
        assert_ne!(first, is_plain(&mut bench, "Hear the second"));
        orders[usize::from(first)] += 1;
        let texts = texts_on_grounds(&bench.harness.output().shapes);
        assert!(!texts.iter().any(|(text, ..)| text == "Stemwright"), "no name is shown");
        // Always the mix, never the plain sum, wherever they are.
        bench.click(if first { "Prefer the second" } else { "Prefer the first" });
        bench.steps(1);
    }
    assert!(orders.iter().all(|count| *count > 4), "it is shuffled each time: {orders:?}");
    assert_eq!(bench.value("Comparison"), "40 choices made; they are shuffled anew.");
    // Where the last click was is a matter of luck.
    bench.click("Hear the first");
    bench.steps(1);
    bench.looks_like("compare_blind");
    bench.click("Reveal");
    bench.steps(1);
    assert_eq!(bench.value("Comparison"), "Preferred: Stemwright 40 of 40, Plain sum 0 of 40.");
    assert_eq!(bench.told(), []);
}

/// What is shown: labels with their values, and texts.
fn all_shown(bench: &Bench) -> (Vec<(String, String)>, Vec<String>) {
    let nodes = bench.harness.query_all(By::new().predicate(|node: &AccessKitNode| node.label().is_some()));
    let said = |node: &AccessKitNode| {
        (node.label().unwrap_or_default(), format!("{:?} {:?}", node.value(), node.numeric_value()))
    };
    let mut labels: Vec<_> = nodes.map(|node| said(&node.accesskit_node())).collect();
    labels.sort();
    let texts = texts_on_grounds(&bench.harness.output().shapes);
    (labels, texts.into_iter().map(|(text, ..)| text).collect())
}

/// One of two sounds on everything that is measured: all of it differs.
fn play_on_meters(fake: &Fake, louder: bool) {
    let (meters, gain) = (&fake.meters, if louder { 0.5 } else { 0.2 });
    let loudness = meters.loudness();
    let reading = Reading {
        momentary_lufs: 10.0 * gain - 20.0,
        short_term_lufs: 10.0 * gain - 21.0,
        integrated_lufs: 10.0 * gain - 22.0,
        range_lu: 10.0 * gain,
    };
    let powers = |gain: f32| Powers { sides: [gain * 0.1, gain * 0.2 * gain], product: 0.1 * gain * gain };
    for stem in 0..8 {
        meters.raise_stem(stem, [3.0 * gain / (stem + 1) as f32, gain]);
        meters.set_stem_powers(stem, powers(gain));
        meters.set_weighted_power(stem, gain);
        loudness.set_stem(stem, &reading, 10.0 * gain - stem as f32);
        let mut strip = fake.document.borrow().mix.stems[stem];
        (strip.fader_db, strip.pan, strip.width_percent) = (-10.0 * gain, gain, 100.0 * gain);
        meters.set_sounding_strip(stem, &strip);
    }
    meters.raise_mix([gain, 0.8 * gain]);
    meters.set_mix_powers(powers(gain));
    loudness.set_mix(&reading, 1.9 * gain, louder);
    loudness.set_learned_s(20.0 * gain, [10.0 * gain; STEMS]);
    meters.set_glide(f64::from(gain), f64::from(gain));
    meters.set_lead([f64::from(gain), 1.0]);
    if let Some((question, _)) = loudness.stem_peak().asked() {
        loudness.stem_peak().answer(question, gain);
    }
}

/// A blind comparison of the mix with the plain sum, the first of them heard; and which of them that is.
fn comparing_blindly(page: Page) -> (Bench, usize) {
    let fake = Fake::staged(8);
    fake.put(mix(MixParam::Scene), 2.0);
    fake.put(mix(MixParam::HoldLoudness), 1.0);
    fake.document.borrow_mut().stems[7].role = Role::Lead;
    fake.document.borrow_mut().view.page = page;
    fake.meters.loudness().learn(true);
    let mut bench = Bench::new(fake);
    for label in ["Compare", "Compare with the plain sum", "Blind", "Hear the first"] {
        bench.click(label);
        bench.steps(1);
    }
    let is_plain = bench.fake.audition.get().expect("it is heard").settings.bypass;
    (bench, usize::from(is_plain))
}

#[test]
fn nothing_that_is_shown_tells_what_is_heard_in_a_blind_comparison() {
    const LABELS: [&str; 10] = [
        "Stem 02 Fader",
        "Stem 02 Fader value",
        "Stem 02 Peak",
        "Stem 02 to the rest",
        "Stem 02 disc",
        "True peak of Stem 01",
        "Correlation of Stem 01",
        "Integrated loudness",
        "Output Peak",
        "What Hold Loudness adds",
    ];
    for page in [Page::Console, Page::Stage, Page::Balance, Page::Routing] {
        let mut shown = [None, None];
        // Which is the first is a matter of luck: until both were.
        while shown.iter().any(Option::is_none) {
            let (mut bench, side) = comparing_blindly(page);
            play_on_meters(&bench.fake, side == 1);
            bench.steps(2);
            let picture = bench.harness.render().expect("a picture");
            let mut looks = vec![("at rest", all_shown(&bench))];
            for label in LABELS {
                if bench.shows(label) {
                    bench.point_at(bench.center(label));
                    bench.pause();
                    play_on_meters(&bench.fake, side == 1);
                    bench.steps(2);
                    looks.push((label, all_shown(&bench)));
                }
            }
            shown[side] = Some((picture, looks));
        }
        let [Some((picture, first)), Some((other, second))] = shown else { unreachable!() };
        assert!(picture == other, "{page:?}: the picture");
        assert!(first.len() >= 4, "{page:?}");
        let (bench, _) = comparing_blindly(page);
        assert_eq!(bench.fake.meters.scope().wanted(), None, "{page:?}: no spectrum is taken");
        for ((what, first), (_, second)) in first.iter().zip(&second) {
            assert_eq!(first.0, second.0, "{page:?}, {what}: labels");
            assert_eq!(first.1, second.1, "{page:?}, {what}: texts");
        }
    }
}

#[test]
fn a_blind_comparison_says_that_it_hides_and_shows_all_again_when_it_is_revealed() {
    let (mut bench, _) = comparing_blindly(Page::Console);
    play_on_meters(&bench.fake, true);
    bench.steps(2);
    assert_eq!(bench.value("Integrated loudness"), "Hidden while you choose");
    assert_eq!(bench.value("Stem 02 to the rest"), "–");
    assert_eq!(bench.value("Output Peak"), "–");
    let resets = bench.fake.meters.loudness().resets();
    bench.click("Integrated loudness");
    assert_eq!(bench.fake.meters.loudness().resets(), resets, "what is not seen is not cleared");
    bench.fake.meters.raise_mix([1.2, 0.9]);
    bench.fake.meters.raise_stem(1, [1.2, 0.9]);
    bench.steps(2);
    assert_eq!([bench.value("Output Peak"), bench.value("Stem 02 Peak")], ["over", "–"]);
    bench.click("Output Peak");
    bench.steps(2);
    assert_eq!(bench.value("Output Peak"), "over", "it goes on warning, whichever sounds");
    bench.click("Reveal");
    bench.steps(2);
    assert_eq!(bench.value("Integrated loudness"), "\u{2212}17.0");
    assert_eq!([bench.value("Output Peak"), bench.value("Stem 02 Peak")], ["+1.6", "+1.6"]);
    assert!(bench.fake.meters.scope().wanted().is_some());
}

/// What a document sounds like.
fn sound_of(document: &Document, stems: &[Stereo]) -> Stereo {
    let mut rig = Rig::with(48_000.0, &document.playing());
    rig.engine.set_layers(&document.layers());
    rig.engine.reset();
    rig.render(stems, &[], WHOLE)
}

/// The same with another scene at another amount.
fn sound_of_scene(document: &Document, slot: usize, percent: f32, stems: &[Stereo]) -> Stereo {
    let mut document = document.clone();
    (document.mix.scene, document.mix.scene_percent) = (Some(slot), percent);
    sound_of(&document, stems)
}

/// Two sounds are the same as far as 24 bits can tell.
fn assert_alike(found: &Stereo, expected: &Stereo, why: &str) {
    let db = level_db(&difference(found, expected), expected);
    assert!(db < -110.0, "{why}: {db:.1} dB");
}

fn reopened(document: &Document) -> Document {
    let loaded = Document::from_json(document.to_json().as_bytes()).expect("a document");
    assert_eq!(loaded.notices, [""; 0]);
    loaded.document
}

/// A chorus of all that a scene can do, over a song that has a closed, a muted and a filtered stem.
fn with_a_full_chorus() -> Fake {
    let fake = Fake::staged(8);
    {
        let document = &mut *fake.document.borrow_mut();
        document.mix.stems[0].fader_db = f32::NEG_INFINITY;
        document.mix.stems[6].tone.on = false;
        let chorus = &mut document.scenes[1].stems;
        chorus[0].level = Level::To(-6.0);
        chorus[3].set(StripParam::Mute, Some(0.0)); // it is muted live
        chorus[4].level = Level::By(f32::NEG_INFINITY);
        chorus[6].tone = Some(true);
        chorus[7].high_pass = Some(Slope::Steep);
        chorus[7].high_pass_octaves = 1.5;
        (document.mix.scene, document.mix.scene_percent) = (Some(1), 60.0);
    }
    fake
}

#[test]
fn what_sounds_is_stored_as_it_sounds_and_undone() {
    let stems = noisy_stems(7, 6_000);
    for percent in [100.0, 60.0] {
        let fake = with_a_full_chorus();
        fake.put(mix(MixParam::SceneAmount), percent);
        let mut bench = Bench::new(fake);
        let before = bench.fake.document.borrow().clone();
        scene_menu(&mut bench, "Scene C", &["Store what sounds…"]);
        assert_eq!(*bench.fake.document.borrow(), before, "nothing is done yet");
        assert!(bench.harness.query_by_label_contains("Snare: fader +").is_some(), "it is shown");
        bench.click("Do it");
        bench.steps(2);
        let after = bench.fake.document.borrow().clone();
        assert_eq!(bench.told(), [], "a scene is no parameter");
        assert_eq!(Document { scenes: before.scenes.clone(), ..after.clone() }, before, "and nothing else");
        let expected = sound_of(&before, &stems);
        assert_alike(&sound_of_scene(&after, 2, 100.0, &stems), &expected, "C is what sounded");
        assert!(reopened(&after) == after, "all of it is saved");
        assert_eq!(undo_name(&bench), "Undo: Store scene C");
        bench.click("Undo");
        assert_eq!(*bench.fake.document.borrow(), before);
        bench.click("Redo");
        assert_eq!(*bench.fake.document.borrow(), after);
    }
}

#[test]
fn what_sounds_of_a_scene_can_become_that_scene_and_sounds_on() {
    let stems = noisy_stems(8, 6_000);
    let mut bench = Bench::new(with_a_full_chorus());
    let before = bench.fake.document.borrow().clone();
    scene_menu(&mut bench, "Scene B", &["Store what sounds…"]);
    assert!(bench.harness.query_by_label_contains("Scene Amount goes to 100%").is_some());
    bench.click("Do it");
    bench.steps(2);
    let after = bench.fake.document.borrow().clone();
    assert_eq!(bench.told(), gesture(mix(MixParam::SceneAmount), &[100.0]));
    assert_alike(&sound_of(&after, &stems), &sound_of(&before, &stems), "nobody hears it");
    bench.click("Undo");
    assert_eq!(*bench.fake.document.borrow(), before, "both in one undo");
}

#[test]
fn where_the_live_balance_sounds_alone_there_is_nothing_to_store() {
    for (scene, percent) in [(None, 100.0), (Some(1), 0.0)] {
        let fake = with_a_full_chorus();
        {
            let mix = &mut fake.document.borrow_mut().mix;
            (mix.scene, mix.scene_percent) = (scene, percent);
        }
        let mut bench = Bench::new(fake);
        let before = bench.fake.document.borrow().clone();
        scene_menu(&mut bench, "Scene A", &["Store what sounds…"]);
        assert!(bench.harness.query_by_label_contains("The live balance sounds alone").is_some());
        bench.click("Do it");
        bench.steps(2);
        assert_eq!(*bench.fake.document.borrow(), before);
    }
}

#[test]
fn a_preset_brings_its_scenes_to_the_stems_of_its_names_and_an_undo_takes_them_back() {
    let mut kept = with_a_full_chorus().document.borrow().clone();
    kept.scene_order.swap(0, 3);
    kept.mix.glide = 2.0;
    kept.stems[2].group = Some(1);
    kept.mix.groups[1].fader_db = -3.0;
    // The same stems the other way round, with scenes of their own; B sounds.
    let fake = Fake::song(8);
    {
        let here = &mut *fake.document.borrow_mut();
        here.stems[..8].reverse();
        here.scenes[0].rename("Intro");
        here.scenes[0].stems[1].level = Level::By(-3.0);
        here.scenes[4].rename("Outro");
        here.scenes[4].stems[2].bell_db = 6.0;
        here.mix.scene = Some(1);
    }
    for edits in [false, true] {
        let here = Fake::default();
        *here.document.borrow_mut() = fake.document.borrow().clone();
        let (mut bench, folder, _root) = with_folder(here);
        folder.save("Song", &kept, false).expect("saved");
        if edits {
            bench.click("Edit scene");
        }
        bench.click("Presets");
        bench.steps(2);
        let before = bench.fake.document.borrow().clone();
        bench.click("Song");
        bench.steps(2);
        let after = bench.fake.document.borrow().clone();
        for slot in [0, 1, 3] {
            let mut expected = kept.scenes[slot].clone();
            expected.stems[..8].reverse();
            assert_eq!(after.scenes[slot], expected, "{slot}");
        }
        assert_eq!(after.scenes[4], before.scenes[4], "where the preset has no scene, the one here stays");
        assert_eq!((after.scene_order, after.mix.glide), (kept.scene_order, 2.0));
        assert_eq!(after.mix.scene, Some(1), "what sounds is not for a preset");
        let stems = noisy_stems(9, 6_000);
        let mut turned = stems.clone();
        turned[..8].reverse();
        for slot in [0, 1, 3] {
            let expected = sound_of_scene(&kept, slot, 100.0, &stems);
            assert_alike(&sound_of_scene(&after, slot, 100.0, &turned), &expected, "as it was kept");
        }
        assert_eq!(undo_name(&bench), "Undo: Load Song");
        bench.click("Undo");
        assert_eq!(*bench.fake.document.borrow(), before, "all of it in one undo");
        bench.click("Redo");
        assert_eq!(*bench.fake.document.borrow(), after);
    }
}

fn integrated_lufs([left, right]: &Stereo) -> f64 {
    let (mut weighting, mut meter) = (KWeighting::new(48_000.0), LoudnessMeter::new());
    weighting.process(left, right, |power| meter.push(power));
    meter.integrated_lufs()
}

/// An editor over an engine that plays: what is heard is what the editor asks for.
struct Playing {
    bench: Bench,
    engine: MixEngine,
    monitoring: Monitoring,
    listener: Box<Listener>,
    /// The stems' sound, which begins anew at its end.
    stems: Vec<Stereo>,
    at: usize,
    frame: usize,
}

impl Playing {
    const BLOCK: usize = 800;

    fn new(fake: Fake, mut stems: Vec<Stereo>) -> Self {
        let frames = stems[0][0].len();
        stems.resize(STEMS, [vec![0.0; frames], vec![0.0; frames]]);
        let mut engine = MixEngine::new(fake.meters.clone());
        engine.prepare(48_000.0);
        let mut monitoring = Monitoring::default();
        monitoring.prepare(48_000.0);
        fake.meters.loudness().listen(true);
        Self { bench: Bench::new(fake), engine, monitoring, listener: Box::default(), stems, at: 0, frame: 0 }
    }

    /// Plays and draws for so many seconds; answers what comes out, and what the comparison's gain was at least and at
    /// most.
    fn play(&mut self, seconds: f64) -> (Stereo, [f32; 2]) {
        let mut out: Stereo = Default::default();
        let mut gains_db = [0.0f32, -200.0];
        for _ in 0..(seconds * 48_000.0) as usize / Self::BLOCK {
            let document = self.bench.fake.document.borrow().clone();
            let audition = self.bench.fake.audition.get();
            self.engine.set_layers(&document.layers());
            self.engine.set(&audition.map_or(document.playing(), |audition| audition.settings));
            self.engine.arrive();
            let part = self.at..self.at + Self::BLOCK;
            let [mut left, mut right] = self.stems[0].each_ref().map(|side| side[part.clone()].to_vec());
            self.engine.process(&mut StemBlock {
                main: [&mut left, &mut right],
                aux: std::array::from_fn(|k| self.stems[k + 1].each_ref().map(|side| &side[part.clone()])),
                connected: StemBlock::ALL,
                silent: 0,
            });
            let gain_db = audition.map_or(0.0, |audition| audition.gain_db);
            gains_db = [gains_db[0].min(gain_db), gains_db[1].max(gain_db)];
            self.monitoring.process(Monitor::default(), gain_db, &mut left, &mut right);
            out[0].extend(left);
            out[1].extend(right);
            self.at = part.end % self.stems[0][0].len();
            self.frame += 1;
            if self.frame.is_multiple_of(6) {
                self.listener.go(self.bench.fake.meters.loudness());
            }
            self.bench.steps(1);
        }
        (out, gains_db)
    }

    /// How much louder the first is than the second over the whole sound, in LU.
    fn first_over_second_lu(&mut self) -> f64 {
        let seconds = self.stems[0][0].len() as f64 / 48_000.0;
        let lufs = ["Hear the first", "Hear the second"].map(|label| {
            self.bench.click(label);
            self.at = 0;
            self.play(0.5);
            self.at = 0;
            integrated_lufs(&self.play(seconds).0)
        });
        lufs[0] - lufs[1]
    }
}

/// Six stems of a song with a verse in A and a chorus in B that differ in what `change` makes of the chorus.
fn comparing_scenes(seconds: f64, change: impl Fn(&mut [StripOffsets; STEMS])) -> Playing {
    let fake = Fake::default();
    change(&mut fake.document.borrow_mut().scenes[1].stems);
    let stems = signals::song(48_000.0, (seconds * 48_000.0) as usize);
    let mut playing = Playing::new(fake, stems.into_iter().map(|(_, sound)| sound).collect());
    for label in ["Compare", "Compare scenes", "Second scene", "B"] {
        playing.bench.steps(2);
        playing.bench.harness.get_all_by_label(label).last().expect("it is there").click();
        playing.bench.steps(2);
    }
    playing
}

#[test]
fn two_scenes_with_tone_and_pan_are_as_loud_once_each_was_heard_for_some_seconds() {
    let mut playing = comparing_scenes(8.0, |stems| {
        stems[0].set(StripParam::HighPassSlope, Some(2.0));
        (stems[0].high_pass_octaves, stems[0].high_shelf_db) = (2.0, -6.0);
        (stems[2].bell_db, stems[2].bell_octaves, stems[2].pan) = (12.0, -1.0, 0.8);
        (stems[4].high_shelf_db, stems[4].tilt_db, stems[5].pan) = (9.0, 3.0, -1.0);
        (stems[1].low_shelf_db, stems[3].bell_db, stems[3].bell_octaves) = (10.0, 10.0, -1.0);
    });
    let document = playing.bench.fake.document.borrow().clone();
    let [live, chorus] = [0.0, 100.0].map(|percent| sound_of_scene(&document, 1, percent, &playing.stems));
    let unmatched = integrated_lufs(&live) - integrated_lufs(&chorus);
    assert!(unmatched.abs() > 0.5, "{unmatched}");
    for label in ["Hear the first", "Hear the second"] {
        playing.bench.click(label);
        playing.play(8.0);
    }
    let said = playing.bench.value("Comparison");
    assert!(said.ends_with("as measured"), "{said}");
    let off = playing.first_over_second_lu();
    println!("{unmatched:.2} LU apart at first, {off:.2} LU when both were heard");
    assert!(off.abs() < 0.3, "{off}");
}

#[test]
fn a_scene_heard_in_a_quiet_passage_is_not_taken_for_the_softer_one() {
    let mut playing = comparing_scenes(12.0, |stems| {
        (stems[0].level, stems[1].level) = (Level::By(4.0), Level::By(2.0));
        (stems[4].level, stems[5].level) = (Level::By(-3.0), Level::By(6.0));
    });
    // All is 12 dB softer in the first half.
    for side in playing.stems.iter_mut().flatten() {
        side[..6 * 48_000].iter_mut().for_each(|x| *x *= 0.25);
    }
    // The first is heard in the quiet half, the second in the other one.
    for label in ["Hear the first", "Hear the second"] {
        playing.bench.click(label);
        playing.play(6.0);
    }
    assert!(playing.bench.value("Comparison").ends_with("as measured"));
    let off = playing.first_over_second_lu();
    println!("{off:.2} LU apart");
    assert!(off.abs() < 0.3, "{off}");
}

#[test]
fn what_is_measured_moves_the_gain_slowly_and_a_changed_scene_is_measured_anew() {
    let mut playing = comparing_scenes(6.0, |stems| stems[0].level = Level::By(8.0));
    playing.bench.click("Hear the first");
    playing.play(4.0);
    playing.bench.click("Hear the second");
    let (_, before) = playing.play(3.5);
    assert_eq!(before, [0.0; 2], "nothing is known yet");
    let mut last = 0.0;
    for _ in 0..120 {
        let (_, [low, high]) = playing.play(1.0 / 60.0);
        assert!(low == high && (low - last).abs() < 0.04, "{last} to {low}");
        last = low;
    }
    assert!(last < -1.0, "{last}");
    playing.bench.fake.document.borrow_mut().scenes[1].stems[0].level = Level::By(2.0);
    playing.play(0.1);
    assert!(!playing.bench.value("Comparison").ends_with("as measured"), "it is another comparison");
}

#[test]
fn a_newcomer_is_told_what_a_level_in_a_scene_is_and_what_there_is_to_compare() {
    let mut bench = editing(8, Page::Console);
    bench.point_at(bench.center("Stem 02 Fader value"));
    bench.steps(60);
    assert!(bench.shows("In scene B: +1.5 dB over the live \u{2212}4.5 dB."));
    for (label, says) in [
        ("Compare", "A and B are the same: copy A to B, mix on in B, then come back."),
        ("Compare scenes", "Hear each for some seconds: then both are as loud."),
    ] {
        bench.click(label);
        bench.steps(2);
        assert_eq!(bench.value("Comparison"), says);
    }
    bench.fake.document.borrow_mut().scenes[0] = Scene::new(0);
    bench.steps(2);
    assert_eq!(bench.value("Comparison"), "Both are the same: choose two that differ.", "an empty scene");
}
