//! What is saved comes back, and whatever else is handed in is taken for what is good of it. Texts that
//! people type, and the frozen ids that hosts and documents know the parameters by.

#[path = "harness/any_document.rs"]
mod any_document;
mod support;

use any_document::{assert_sane, read};
use std::collections::HashSet;
use stemwright::model::document::{Document, DocumentError, MAX_BYTES, StemInfo};
use stemwright::model::learned::{
    Fingerprint, Group, LearnedBalance, Level, PAIRS, StemLoudness, Summary, pair,
};
use stemwright::model::limits::{
    GROUPS, Kind, MAX_NAME_CHARS, MAX_NOTE_CHARS, ParamKey, Role, STEMS, Spec, StripParam,
};
use stemwright::model::offsets::StripOffsets;
use stemwright::model::settings::StripSettings;
use stemwright::model::text;
use support::choose::Choose;
use support::random::{Random, any_value};

/// The smallest document there is.
const MINIMAL: &str = r#"{"format":"stemwright-balance","version":1}"#;

fn random_document(seed: u64) -> Document {
    let mut random = Random::new(seed);
    let mut document = Document::default();
    for key in ParamKey::all() {
        document.mix.set(key, any_value(&mut random, &key.spec()));
    }
    for stem in &mut document.stems {
        let letters = ['a', 'Z', ' ', '"', '\\', '/', 'é', '低', '🎸', '\u{200d}', '{', '}', ',', ':', '-'];
        let name: String = (0..random.below(60)).map(|_| letters[random.below(letters.len())]).collect();
        stem.rename(&name);
        stem.color = random.below(0x100_0000) as u32;
        stem.role = Role::ALL[random.below(Role::ALL.len())].0;
    }
    random.shuffle(&mut document.order);
    document.learning = random.below(2) == 0;
    document
}

/// A document that holds `inside` besides its format and version.
fn around(inside: &str) -> String {
    format!(r#"{{"format":"stemwright-balance","version":1,{inside}}}"#)
}

/// A document whose first stem holds `inside`.
fn first_stem(inside: &str) -> String {
    around(&format!(r#""stems":[{{{inside}}}]"#))
}

/// Loads what can be loaded, with the notices.
fn load(text: &str) -> (Document, Vec<String>) {
    let loaded = Document::from_json(text.as_bytes()).unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert_sane(&loaded.document);
    (loaded.document, loaded.notices)
}

fn load_clean(text: &str) -> Document {
    let (document, notices) = load(text);
    assert_eq!(notices, [""; 0], "{text}");
    document
}

/// Loads what departs in one thing, and returns the document with the notice of it.
fn load_noticed(text: &str) -> (Document, String) {
    let (document, mut notices) = load(text);
    assert_eq!(notices.len(), 1, "{notices:?} about {text}");
    (document, notices.remove(0))
}

// What is saved comes back.

#[test]
fn whatever_is_saved_comes_back_exactly() {
    for seed in 0..300 {
        let document = random_document(seed);
        assert_eq!(load_clean(&document.to_json()), document);
        assert!(document.to_json().len() < MAX_BYTES / 10);
    }
}

/// All that can be learned of a song.
fn fullest_song(random: &mut Random) -> Summary {
    let mut song = Summary::default();
    for stem in &mut song.stems {
        *stem = StemLoudness { lufs: random.between(-60.0, -10.0), active_s: random.between(0.0, 900.0) };
    }
    for _ in 0..Summary::MAX_GROUPS {
        let mut group = Group { coherence: vec![0; PAIRS], levels: Vec::new() };
        for (a, b) in (0..STEMS).flat_map(|a| (a + 1..STEMS).map(move |b| (a, b))) {
            group.coherence[pair(a, b)] = Summary::coherence_code(random.between(-1.0, 1.0));
        }
        for _ in 0..Summary::MAX_LEVELS / Summary::MAX_GROUPS {
            let energies = std::array::from_fn(|_| Summary::energy_code(random.between(1e-6, 1.0)));
            group.levels.push(Level { blocks: Summary::MAX_BLOCKS / 800, spread: 250, energies });
        }
        song.groups.push(group);
    }
    song
}

/// Everything there is, with the longest names and notes of a letter, and eight scenes that change so many
/// quantities of so many stems.
fn fullest_document(letter: &str, stems: usize, is_changed: fn(StripParam) -> bool) -> Document {
    let mut document = random_document(11);
    let mut random = Random::new(12);
    let any_strip = |random: &mut Random| {
        let mut strip = StripSettings::default();
        StripParam::ALL.iter().for_each(|param| strip.set(*param, any_value(random, &param.spec())));
        strip
    };
    for (stem, info) in document.stems.iter_mut().enumerate() {
        info.rename(&letter.repeat(MAX_NAME_CHARS));
        info.group = Some(stem % GROUPS);
    }
    for scene in &mut document.scenes {
        scene.rename(&letter.repeat(MAX_NAME_CHARS));
        scene.annotate(&letter.repeat(MAX_NOTE_CHARS));
        for offsets in &mut scene.stems[..stems] {
            while StripParam::ALL.iter().any(|p| p.means().is_some() && is_changed(*p) == offsets.leaves(*p))
            {
                let all = StripOffsets::between(&any_strip(&mut random), &any_strip(&mut random));
                *offsets = StripOffsets::NONE;
                StripParam::ALL.iter().filter(|p| is_changed(**p)).for_each(|p| offsets.take(*p, &all));
            }
        }
    }
    let mut learned = LearnedBalance { song: Some(fullest_song(&mut random)), ..LearnedBalance::default() };
    for stem in &mut learned.stems {
        stem.offset_db = random.between(-12.0, 12.0);
        stem.fingerprint = Some(Fingerprint::of(&any_strip(&mut random)));
    }
    document.learned = Some(learned);
    document
}

#[test]
fn a_full_state_has_less_than_64_kb_and_the_fullest_there_can_be_less_than_twice_that() {
    // What one does in eight parts of a song of sixteen stems and 15 minutes: levels, pans, widths and mutes of half
    // of them, each at any value.
    let is_usual =
        |p| matches!(p, StripParam::Fader | StripParam::Pan | StripParam::Width | StripParam::Mute);
    let full = fullest_document("n", STEMS / 2, is_usual);
    // Every number, name and note that there is room for, in letters of four bytes.
    let fullest = fullest_document("\u{1F3B8}", STEMS, |_| true);
    let [full, fullest] = [full, fullest].map(|document| {
        let text = document.to_json();
        assert!(load_clean(&text) == document, "it comes back exactly");
        text.len()
    });
    println!("a full state: {full} bytes; the fullest: {fullest} bytes");
    assert!(full < 64_000, "{full}");
    assert!(fullest < 128_000, "{fullest}");
    assert!(fullest < MAX_BYTES / 8, "and far less than is read");
}

#[test]
fn saving_twice_writes_the_same_bytes() {
    for seed in 0..20 {
        let text = random_document(seed).to_json();
        assert_eq!(load_clean(&text).to_json(), text);
    }
}

#[test]
fn the_smallest_document_is_the_default_balance() {
    assert_eq!(load_clean(MINIMAL), Document::default());
    assert_eq!(
        load_clean(&format!("\u{feff}{MINIMAL}\r\n")),
        Document::default(),
        "as Windows editors save it"
    );
}

#[test]
fn a_document_written_by_hand_means_what_it_says() {
    let text = around(
        r##""mix": {"bypass": false, "output": -1.5, "main_input": "ignore"},
            "stems": [
                {"name": "Drums", "role": "drums", "color": "#F1938C", "fader": -6, "pan": -0.3},
                {},
                {"name": "Bass", "fader": "-inf", "mute": true, "trim": 6.25, "polarity": "inverted"},
                {"width": 80, "delay": 12.5, "pan_mode": "true stereo", "solo": true, "solo_safe": true}
            ],
            "order": [3, 1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]"##,
    );
    let mut expected = Document::default();
    let mut set = |id: &str, value| {
        let key = ParamKey::all().find(|key| key.id() == id).expect("an id");
        expected.mix.set(key, value);
    };
    set("output", -1.5);
    set("main_input", 1.0);
    set("stem_01_fader", -6.0);
    set("stem_01_pan", -0.3);
    set("stem_03_fader", f32::NEG_INFINITY);
    set("stem_03_mute", 1.0);
    set("stem_03_trim", 6.25);
    set("stem_03_polarity", 1.0);
    set("stem_04_width", 80.0);
    set("stem_04_delay", 12.5);
    set("stem_04_pan_mode", 1.0);
    set("stem_04_solo", 1.0);
    set("stem_04_solo_safe", 1.0);
    expected.stems[0] = StemInfo { name: "Drums".to_owned(), role: Role::Drums, ..StemInfo::new(0) };
    expected.stems[2].name = "Bass".to_owned();
    expected.order[..3].copy_from_slice(&[2, 0, 1]);
    assert_eq!(load_clean(&text), expected);
}

#[test]
fn values_may_be_written_as_a_person_types_them() {
    let document = load_clean(&first_stem(r#""fader":"-6 dB","pan":"L30","delay":"12.5 ms","mute":"on""#));
    let strip = document.mix.stems[0];
    assert_eq!((strip.fader_db, strip.pan, strip.delay_ms, strip.mute), (-6.0, -0.3, 12.5, true));
}

// What departs from the rule is told, and costs nothing else.

#[test]
fn what_is_unknown_is_left_out_and_told() {
    for text in [
        around(r#""plugins":["reverb"]"#),
        around(r#""mix":{"loudness":-14}"#),
        first_stem(r#""reverb":3"#),
        first_stem(r#""role":"theremin""#),
        first_stem(r#""color":"mauve""#),
        first_stem(r##""color":"#12345G""##),
        first_stem(r##""color":"#+12345""##),
    ] {
        assert_eq!(load_noticed(&text).0, Document::default(), "{text}");
    }
}

#[test]
fn a_value_that_is_none_gets_the_default_and_is_told() {
    for value in
        ["null", "NaN", "Infinity", "-Infinity", "1e999", "-1e999", "[]", "{}", "[-6]", "\"loud\"", "\"\""]
    {
        for id in StripParam::ALL.map(|p| p.spec().id) {
            let (document, notices) = load(&first_stem(&format!(r#""{id}":{value},"role":"lead""#)));
            assert!(notices.iter().any(|n| n.starts_with("Stem 01: ")), "{id} {value}: {notices:?}");
            let mut expected = Document::default();
            expected.stems[0].role = Role::Lead;
            assert_eq!(document, expected, "{id} {value}");
        }
    }
    for spec in StripParam::ALL.map(StripParam::spec).iter().filter(|spec| is_number(spec)) {
        let (document, notice) = load_noticed(&first_stem(&format!(r#""{}":true"#, spec.id)));
        assert_eq!(document, Document::default(), "true is no number for {}", spec.name);
        assert!(notice.contains("true"), "{notice}");
    }
}

fn is_number(spec: &Spec) -> bool {
    !matches!(spec.kind, Kind::Switch(..) | Kind::Choice(_))
}

#[test]
fn a_value_out_of_range_lands_on_the_range_and_is_told() {
    for (inside, expected) in [
        (r#""fader":12.1"#, 12.0),
        (r#""fader":1e300"#, 12.0),
        (r#""fader":-200"#, f32::NEG_INFINITY),
        (r#""pan":-1.5"#, -1.0),
        (r#""trim":1e300"#, 24.0),
        (r#""trim":-1e300"#, -24.0),
        (r#""width":-1"#, 0.0),
        (r#""width":1e39"#, 200.0),
        (r#""delay":50.1"#, 50.0),
        (r#""mute":7"#, 1.0),
        (r#""pan_mode":-7"#, 0.0),
    ] {
        let (document, notice) = load_noticed(&first_stem(inside));
        let id = inside.split('"').nth(1).expect("an id");
        let param = StripParam::ALL.into_iter().find(|p| p.spec().id == id).expect("a parameter");
        assert_eq!(document.mix.stems[0].get(param), expected, "{inside}");
        assert!(notice.contains("out of range"), "{notice}");
    }
}

#[test]
fn parts_of_a_wrong_kind_are_left_out_and_told() {
    for text in [
        around(r#""mix":[]"#),
        around(r#""mix":null"#),
        around(r#""stems":{}"#),
        around(r#""stems":"many""#),
        around(r#""stems":[7]"#),
        around(r#""order":"alphabetical""#),
        first_stem(r#""name":12"#),
        first_stem(r#""role":null"#),
        first_stem(r#""color":16777215"#),
    ] {
        assert_eq!(load_noticed(&text).0, Document::default(), "{text}");
    }
}

#[test]
fn an_order_that_does_not_name_every_stem_once_is_left_out() {
    for order in [
        "[]",
        "[1,2,3]",
        "[1,1,3,4,5,6,7,8,9,10,11,12,13,14,15,16]",
        "[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15]",
        "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,17]",
        "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,1]",
        "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,-16]",
        "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,18446744073709551615]",
        "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,\"16\"]",
    ] {
        let (document, notice) = load_noticed(&around(&format!(r#""order":{order}"#)));
        assert_eq!(document.order, Document::default().order);
        assert!(notice.contains("order"), "{notice}");
    }
}

#[test]
fn a_seventeenth_stem_is_left_out_and_told() {
    let stems = vec![r#"{"fader":-3}"#; 17].join(",");
    let (document, notice) = load_noticed(&around(&format!(r#""stems":[{stems}]"#)));
    assert!(document.mix.stems.iter().all(|s| s.fader_db == -3.0));
    assert!(notice.contains("17"), "{notice}");
}

#[test]
fn fewer_stems_leave_the_others_at_their_defaults() {
    let document = load_clean(&first_stem(r#""fader":-3"#));
    assert_eq!(document.mix.stems[0].fader_db, -3.0);
    assert_eq!(document.mix.stems[1..], Document::default().mix.stems[1..]);
}

#[test]
fn names_are_cleaned_and_cut_but_any_script_is_welcome() {
    let keep = ["Leadgesang", "低音", "Гитара", "🎸🥁 both", "a\u{301}", "\"quoted\" \\ / name", ""];
    for name in keep {
        let json = serde_json::Value::from(name);
        assert_eq!(load_clean(&first_stem(&format!(r#""name":{json}"#))).stems[0].name, name);
    }
    let long = "🎸".repeat(MAX_NAME_CHARS + 1);
    for (name, expected) in [
        ("a\u{0}b\u{7}\nc\u{9b}d", "abcd".to_owned()),
        ("  spaced  ", "spaced".to_owned()),
        (long.as_str(), "🎸".repeat(MAX_NAME_CHARS)),
    ] {
        let json = serde_json::Value::from(name);
        let (document, notice) = load_noticed(&first_stem(&format!(r#""name":{json}"#)));
        assert_eq!(document.stems[0].name, expected);
        assert!(notice.starts_with("Stem 01"), "{notice}");
    }
}

#[test]
fn thousands_of_departures_make_a_short_list_of_notices() {
    let inside: Vec<_> = (0..5_000).map(|n| format!(r#""x{n}":{n}"#)).collect();
    let (document, notices) = load(&around(&inside.join(",")));
    assert_eq!(document, Document::default());
    assert!(notices.len() < 50);
    assert!(notices.last().is_some_and(|n| n.contains("more")), "{notices:?}");
}

// What is refused.

fn refusal(bytes: &[u8]) -> DocumentError {
    Document::from_json(bytes).expect_err("must be refused")
}

#[test]
fn what_is_no_document_of_ours_is_refused() {
    let deep = "[".repeat(100_000);
    for text in [
        "",
        " ",
        "null",
        "7",
        "\"stemwright-balance\"",
        "[]",
        "{}",
        "{",
        "}",
        "PK\u{3}\u{4}",
        "<?xml version=\"1.0\"?><state/>",
        r#"{"format":"other-balance","version":1}"#,
        r#"{"format":1,"version":1}"#,
        r#"[{"format":"stemwright-balance","version":1}]"#,
        &deep,
    ] {
        let error = refusal(text.as_bytes());
        assert!(matches!(error, DocumentError::Foreign(_)), "{error}");
        assert!(error.to_string().contains("choose a file"), "says what to do: {error}");
    }
    assert!(matches!(refusal(&[0xFF, 0xFE, 0x00, 0x80]), DocumentError::Foreign(_)));
}

#[test]
fn a_later_version_is_refused_with_the_cure() {
    for version in ["2", "2.0", "99", "1e300", "18446744073709551616"] {
        let error = refusal(format!(r#"{{"format":"stemwright-balance","version":{version}}}"#).as_bytes());
        assert!(matches!(error, DocumentError::Newer(_)), "{error}");
        assert!(error.to_string().contains("install the newer Stemwright"), "{error}");
    }
}

#[test]
fn a_version_that_is_none_is_told_and_read_as_the_first() {
    for version in ["0", "-1", "null", "\"one\"", "[1]", "0.5"] {
        let (document, notice) = load_noticed(&format!(
            r#"{{"format":"stemwright-balance","version":{version},"mix":{{"output":-3}}}}"#
        ));
        assert_eq!(document.mix.output_db, -3.0);
        assert!(notice.contains("version"), "{notice}");
    }
    assert_eq!(load_noticed(r#"{"format":"stemwright-balance"}"#).0, Document::default());
    assert_eq!(load_clean(r#"{"format":"stemwright-balance","version":1.0}"#), Document::default());
}

#[test]
fn more_than_any_document_holds_is_refused_unread() {
    let padded = |bytes: usize| format!("{MINIMAL}{}", " ".repeat(bytes - MINIMAL.len()));
    assert_eq!(load_clean(&padded(MAX_BYTES)), Document::default());
    assert_eq!(refusal(padded(MAX_BYTES + 1).as_bytes()), DocumentError::TooLarge(MAX_BYTES + 1));
}

// What is damaged.

#[test]
fn cut_anywhere_a_document_is_refused_or_loads_what_is_whole() {
    let document = random_document(1);
    let text = document.to_json();
    let mut loads = 0;
    for cut in 0..text.trim_end().len() {
        let Ok(loaded) = Document::from_json(&text.as_bytes()[..cut]) else { continue };
        loads += 1;
        assert!(!loaded.notices.is_empty(), "cut at {cut}");
        for key in ParamKey::all() {
            let found = loaded.document.mix.get(key);
            assert!(
                found == document.mix.get(key) || found == key.spec().default,
                "cut at {cut}, {} is {found}",
                key.id()
            );
        }
        for (stem, found) in loaded.document.stems.iter().enumerate() {
            let (saved, new) = (&document.stems[stem], StemInfo::new(stem));
            assert!(found.name == saved.name || found.name.is_empty(), "cut at {cut}: {found:?}");
            assert!(found.color == saved.color || found.color == new.color, "cut at {cut}: {found:?}");
        }
    }
    assert!(loads > text.len() * 9 / 10, "{loads} of {} cuts load", text.len());
    // All that a cut near the end can take is the order.
    let loaded = Document::from_json(&text.as_bytes()[..text.trim_end().len() - 1]).expect("nearly whole");
    assert_eq!((loaded.document.mix, loaded.document.stems), (document.mix, document.stems));
}

#[test]
fn whatever_bytes_change_nothing_panics_and_what_loads_is_sane() {
    let originals =
        [random_document(2).to_json(), MINIMAL.to_owned(), first_stem(r#""fader":-6,"name":"Bass""#)];
    let originals = originals.each_ref().map(|text| text.as_bytes());
    let mut random = Random::new(3);
    let loads = (0..10_000).filter(|_| read(&random.bytes(&originals)).is_some()).count();
    assert!((1_000..9_000).contains(&loads), "the damage is of one kind: {loads} load");
}

// Texts.

#[test]
fn every_value_a_host_shows_can_be_typed_back() {
    let mut random = Random::new(4);
    for key in ParamKey::all().filter(|key| !matches!(key, ParamKey::Stem(1.., _))) {
        let spec = key.spec();
        let steps = (0..=1_000).map(|n| spec.min + (spec.max - spec.min) * n as f32 / 1_000.0);
        let edges = [
            f32::NEG_INFINITY,
            -89.999,
            -89.996,
            -89.99,
            -0.004,
            0.001,
            0.004,
            0.0004,
            -0.0004,
            100.04,
            99.96,
        ];
        let values: Vec<_> =
            steps.chain(edges).chain((0..1_000).map(|_| random.between(spec.min, spec.max))).collect();
        for value in values {
            let shown = text::format(&spec, value);
            let typed = text::parse(&spec, &shown).unwrap_or_else(|error| panic!("{value}: {error}"));
            assert_eq!(text::format(&spec, typed), shown, "{} at {value}", spec.name);
            assert_eq!(
                text::parse(&spec, &text::format(&spec, typed)),
                Ok(typed),
                "{} at {value}",
                spec.name
            );
        }
    }
}

fn strip(param: StripParam) -> Spec {
    param.spec()
}

#[test]
fn values_are_shown_as_mixers_write_them() {
    use StripParam::{Delay, Fader, Pan, PanMode, Polarity, Solo, Trim, Width};
    for (param, value, shown) in [
        (Fader, 0.0, "0.0 dB"),
        (Fader, -6.0, "-6.0 dB"),
        (Fader, -6.25, "-6.25 dB"),
        (Fader, f32::NEG_INFINITY, "-inf"),
        (Fader, -90.0, "-inf"),
        (Trim, -0.001, "0.0 dB"),
        (Pan, 0.0, "C"),
        (Pan, -0.3, "L30"),
        (Pan, 1.0, "R100"),
        (Width, 100.0, "100 %"),
        (Width, 80.5, "80.5 %"),
        (Delay, 12.5, "12.5 ms"),
        (Delay, 0.0, "0.0 ms"),
        (Solo, 1.0, "on"),
        (Polarity, 0.0, "normal"),
        (Polarity, 1.0, "inverted"),
        (PanMode, 0.0, "balance"),
        (PanMode, 1.0, "true stereo"),
        // A host may hand over anything.
        (Fader, f32::NAN, "0.0 dB"),
        (Pan, f32::INFINITY, "R100"),
        (PanMode, 1e9, "true stereo"),
    ] {
        assert_eq!(text::format(&strip(param), value), shown);
    }
}

#[test]
fn values_are_read_as_people_type_them() {
    use StripParam::{Delay, Fader, Mute, Pan, PanMode, Polarity, Trim, Width};
    let closed = f32::NEG_INFINITY;
    for (param, typed, value) in [
        (Fader, "-6", -6.0),
        (Fader, "-6 dB", -6.0),
        (Fader, " -6db ", -6.0),
        (Fader, "\u{2212}6,5", -6.5),
        (Fader, "+3", 3.0),
        (Fader, "-inf", closed),
        (Fader, "-Inf dB", closed),
        (Fader, "\u{2212}∞", closed),
        (Fader, "-90", closed),
        (Fader, "off", closed),
        (Fader, "100", 12.0),
        (Trim, "-100 dB", -24.0),
        (Pan, "L30", -0.3),
        (Pan, "l 30", -0.3),
        (Pan, "30l", -0.3),
        (Pan, "30 % L", -0.3),
        (Pan, "left", -1.0),
        (Pan, "C", 0.0),
        (Pan, "center", 0.0),
        (Pan, "0", 0.0),
        (Pan, "R100", 1.0),
        (Pan, "R", 1.0),
        (Pan, "R12,5", 0.125),
        (Pan, "-50", -0.5),
        (Width, "80%", 80.0),
        (Width, "80", 80.0),
        (Delay, "12.5ms", 12.5),
        (Delay, "12,5", 12.5),
        (Mute, "on", 1.0),
        (Mute, "OFF", 0.0),
        (Mute, "1", 1.0),
        (Polarity, "inverted", 1.0),
        (Polarity, "Normal", 0.0),
        (PanMode, "True Stereo", 1.0),
        (PanMode, "balance", 0.0),
    ] {
        assert_eq!(text::parse(&strip(param), typed), Ok(value), "{typed:?}");
    }
}

#[test]
fn what_is_no_value_is_refused_with_an_example_that_works() {
    for key in ParamKey::all().filter(|key| !matches!(key, ParamKey::Stem(1.., _))) {
        let spec = key.spec();
        for typed in
            ["", " ", "loud", "nan", "inf", "+inf", "1e99999", "--6", "6 6", "6 %%%", "dB", "🎸", "L", "-"]
        {
            let Err(error) = text::parse(&spec, typed) else {
                assert!(spec.kind == Kind::Pan && typed == "L", "{typed:?} is taken for {}", spec.name);
                continue;
            };
            let message = error.to_string();
            assert!(message.contains(spec.name) && message.contains("type "), "{message}");
            let example = message.rsplit("such as ").next().and_then(|rest| rest.split([',', ' ']).next());
            let example = match spec.kind {
                Kind::Switch(_, on) => on,
                Kind::Choice(words) => words[1],
                Kind::Pan => "L30",
                _ => example.expect("an example"),
            };
            assert!(message.contains(example), "{message}");
            assert!(text::parse(&spec, example).is_ok(), "{example:?}, as in {message:?}");
        }
        let endless = "x".repeat(1_000_000);
        assert!(text::parse(&spec, &endless).is_err_and(|error| error.to_string().len() < 200));
    }
}

// Parameters.

#[test]
fn parameter_ids_are_frozen_in_their_order() {
    let ids: Vec<_> = ParamKey::all().map(ParamKey::id).collect();
    let frozen: Vec<_> = include_str!("vectors/parameter_ids.txt").lines().collect();
    // Projects and automation out there know these ids: none may go. Their order is free until 1.0.
    assert_eq!(ids, frozen);
    assert_eq!(ids.len(), ParamKey::COUNT);
}

#[test]
fn no_two_parameters_share_an_id_a_name_or_a_host_number() {
    let unique = |of: &dyn Fn(ParamKey) -> String| ParamKey::all().map(of).collect::<HashSet<_>>().len();
    // Hosts know a parameter by this 31-bit number, which the plugin framework makes from the id.
    let number =
        |id: &str| id.bytes().fold(0u32, |n, b| n.wrapping_mul(31).wrapping_add(b.into())) & (u32::MAX >> 1);
    assert_eq!(unique(&ParamKey::id), ParamKey::COUNT);
    assert_eq!(unique(&ParamKey::name), ParamKey::COUNT);
    assert_eq!(unique(&|key| number(&key.id()).to_string()), ParamKey::COUNT);
}

#[test]
fn what_is_ridden_while_mixing_is_among_the_first_64_parameters() {
    let first: HashSet<_> = ParamKey::all().take(64).collect();
    for stem in 0..STEMS {
        for param in [StripParam::Fader, StripParam::Pan, StripParam::Mute] {
            assert!(first.contains(&ParamKey::Stem(stem, param)));
        }
    }
}

#[test]
fn every_parameter_has_a_sane_default_and_says_what_it_does() {
    for key in ParamKey::all() {
        let spec = key.spec();
        assert!((spec.min..=spec.max).contains(&spec.default), "{}", key.id());
        assert_eq!(Document::default().mix.get(key), spec.default, "{}", key.id());
        assert!(spec.about.ends_with('.'), "{}", key.id());
    }
}

#[test]
fn a_parameter_s_index_is_its_place_in_the_host_s_list() {
    let mut count = 0;
    for (at, key) in ParamKey::all().enumerate() {
        assert_eq!(key.index(), at, "{key:?}");
        count += 1;
    }
    assert_eq!(count, ParamKey::COUNT);
}
