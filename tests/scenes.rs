//! Scenes, groups and macros: what they do to sound.

mod support;

use serde_json::Value;
use stemwright::dsp::morph::{LevelLaw, geometric, hold_db, linear};
use stemwright::dsp::units::db_to_gain;
use stemwright::model::document::Document;
use stemwright::model::layers::Layers;
use stemwright::model::learned::{PAIRS, pair};
use stemwright::model::limits::{GroupParam, MixParam, ParamKey, STEMS, StripParam};
use stemwright::model::offsets::{Level, StripOffsets};
use stemwright::model::scene::Scene;
use stemwright::model::settings::{MixSettings, Slope, StripSettings};
use support::clicks::{click, high_pass};
use support::random::{Random, any_value};
use support::rig::{Event, Rig, WHOLE};
use support::signals::{
    Stereo, both, constant, difference, first_difference, level_db, noisy_stems, only, peak, sine,
};

#[global_allocator]
static ALLOCATOR: support::no_alloc::Watched = support::no_alloc::Watched;

const RATE_HZ: f64 = 48_000.0;
const SCENE: ParamKey = ParamKey::Mix(MixParam::Scene);
const AMOUNT: ParamKey = ParamKey::Mix(MixParam::SceneAmount);
const GLIDE: ParamKey = ParamKey::Mix(MixParam::Glide);
const HOLD: ParamKey = ParamKey::Mix(MixParam::HoldLoudness);
const LEAD: ParamKey = ParamKey::Mix(MixParam::Lead);
const WIDE: ParamKey = ParamKey::Mix(MixParam::Wide);

fn fader(stem: usize) -> ParamKey {
    ParamKey::Stem(stem, StripParam::Fader)
}

/// Mean power of a sound in dB, both sides together.
fn power_db(sound: &Stereo) -> f64 {
    let squares: f64 = sound.iter().flatten().map(|x| f64::from(*x).powi(2)).sum();
    10.0 * (squares / sound[0].len() as f64).log10()
}

/// A constant on stem 1 alone.
fn steady(value: f32, frames: usize) -> Vec<Stereo> {
    only(0, constant(value, frames))
}

fn vectors() -> Value {
    serde_json::from_str(include_str!("vectors/morph.json")).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

// The laws.

#[test]
fn levels_frequencies_and_positions_go_the_way_of_the_reference() {
    let vectors = vectors();
    for way in vectors["gains"].as_array().unwrap() {
        let end = |name: &str| way[name].as_f64().unwrap_or(f64::NEG_INFINITY);
        for (t, expected) in numbers(&way["t"]).into_iter().zip(numbers(&way["gain_db"])) {
            let db = LevelLaw::Decibel.blend_db(end("a"), end("b"), t).max(-300.0);
            assert!((db - expected).abs() < 1e-8, "{way} at {t}: {db}");
        }
    }
    for (name, member, law) in [
        ("freq", "f", geometric as fn(f64, f64, f64) -> f64),
        ("pan", "p", linear as fn(f64, f64, f64) -> f64),
    ] {
        let way = &vectors[name];
        let [a, b] = ["a", "b"].map(|end| way[end].as_f64().unwrap());
        for (t, expected) in numbers(&way["t"]).into_iter().zip(numbers(&way[member])) {
            assert!((law(a, b, t) - expected).abs() < 1e-8, "{name} at {t}");
        }
    }
}

#[test]
fn hold_loudness_compensates_as_the_reference_does() {
    let vectors = vectors();
    let way = &vectors["compensation"];
    let energies = numbers(&way["stem_energy"]);
    let [a, b] = ["a_db", "b_db"].map(|end| numbers(&way[end]));
    let loudness = |t: f64| {
        let power =
            |stem: usize| energies[stem] * 10f64.powf(LevelLaw::Decibel.blend_db(a[stem], b[stem], t) / 10.0);
        10.0 * (0..energies.len()).map(power).sum::<f64>().log10()
    };
    for (at, t) in numbers(&way["t"]).into_iter().enumerate() {
        assert!((loudness(t) - numbers(&way["mix_db_uncompensated"])[at]).abs() < 1e-8);
        let held = hold_db([loudness(0.0), loudness(1.0)], loudness(t), t);
        assert!((held - numbers(&way["comp_db"])[at]).abs() < 1e-8, "at {t}: {held}");
    }
}

// What a scene is.

/// A layer with something in everything it can hold.
fn any_offsets(random: &mut Random) -> StripOffsets {
    let any = |random: &mut Random| {
        let mut strip = StripSettings::default();
        for param in StripParam::ALL {
            strip.set(param, any_value(random, &param.spec()));
        }
        strip
    };
    let (from, to) = (any(random), any(random));
    StripOffsets::between(&from, &to)
}

/// Layers whose scenes differ in everything.
fn any_layers(seed: u64) -> Layers {
    let mut random = Random::new(seed);
    let mut layers = Layers::default();
    for offsets in layers.scenes.iter_mut().flatten() {
        *offsets = any_offsets(&mut random);
    }
    for group in &mut layers.groups {
        *group = random.below(5).checked_sub(1);
    }
    layers.leads = 1 << random.below(STEMS);
    layers
}

#[test]
fn the_difference_of_two_strips_over_the_first_is_the_second() {
    let mut random = Random::new(1);
    for _ in 0..500 {
        let mut strips = [StripSettings::default(); 2];
        for strip in &mut strips {
            for param in StripParam::ALL.into_iter().filter(|param| param.means().is_some()) {
                strip.set(param, any_value(&mut random, &param.spec()));
            }
        }
        let [from, to] = strips;
        let found = StripOffsets::between(&from, &to).over(&from).strip;
        for param in StripParam::ALL.into_iter().filter(|param| param.means().is_some()) {
            let (found, wanted) = (found.get(param), to.get(param));
            let is_there = found == wanted || (found - wanted).abs() <= 1e-5 * wanted.abs().max(1.0);
            assert!(is_there, "{param:?} is {found} instead of {wanted}");
        }
    }
}

#[test]
fn a_later_change_of_the_live_strip_holds_in_every_scene() {
    let mut offsets = StripOffsets::NONE;
    offsets.level = Level::By(1.5);
    offsets.set(StripParam::Pan, Some(0.25));
    let mut live = StripSettings::default();
    live.set(StripParam::Fader, -10.0);
    live.set(StripParam::Pan, -0.5);
    let strip = offsets.over(&live).strip;
    assert_eq!((strip.fader_db, strip.pan), (-8.5, -0.25));
    // A closed fader stays closed, unless the scene puts it somewhere.
    live.set(StripParam::Fader, f32::NEG_INFINITY);
    assert_eq!(offsets.over(&live).strip.fader_db, f32::NEG_INFINITY);
    offsets.level = Level::between(live.fader_db, -6.0);
    assert_eq!(offsets.over(&live).strip.fader_db, -6.0);
}

#[test]
fn layers_cross_threads_unchanged() {
    for seed in 0..20 {
        let mut layers = any_layers(seed);
        if seed % 2 == 1 {
            layers.energies = Some(std::array::from_fn(|at| at as f32));
        }
        let numbers: Vec<f32> = layers.numbers().collect();
        let numbers: [f32; Layers::NUMBERS] = numbers.try_into().unwrap();
        let mut read = any_layers(seed + 100);
        read.read(&numbers);
        assert_eq!(read, layers);
    }
}

#[test]
fn scenes_and_groups_are_saved_with_the_document() {
    for seed in 0..20 {
        let mut random = Random::new(seed);
        let mut document = Document::default();
        let layers = any_layers(seed);
        for (slot, scene) in document.scenes.iter_mut().enumerate().skip(seed as usize % 3) {
            scene.stems = layers.scenes[slot];
            scene.rename(&format!("Chorus {slot} \u{1F3B5}"));
            scene.annotate("louder \"voices\"");
            scene.color = 0x123456;
        }
        for (info, group) in document.stems.iter_mut().zip(layers.groups) {
            info.group = group;
        }
        random.shuffle(&mut document.scene_order);
        for group in 0..4 {
            for param in GroupParam::ALL {
                document.mix.set(ParamKey::Group(group, param), any_value(&mut random, &param.spec()));
            }
        }
        let loaded = Document::from_json(document.to_json().as_bytes()).unwrap();
        assert_eq!(loaded.notices, [""; 0]);
        assert_eq!(loaded.document, document);
    }
}

#[test]
fn a_damaged_scene_loses_what_is_damaged_and_says_so() {
    let json = r#"{"format": "stemwright-balance", "version": 1, "scene_order": "ABCDEFGG",
        "groups": [{"fader": -3, "mute": true}, {"fader": "loud"}],
        "scenes": [{"slot": "B", "name": "Chorus", "color": "red", "stems": {
            "1": {"fader": 1.5, "pan": "left", "bell_frequency": -2, "delay": 3},
            "17": {"fader": 1}, "2": {"fader_to": -6, "mute": true}}},
            {"slot": "Q"}, 7]}"#;
    let loaded = Document::from_json(json.as_bytes()).unwrap();
    let scene = &loaded.document.scenes[1];
    assert_eq!(scene.name, "Chorus");
    assert_eq!(scene.stems[0], StripOffsets { level: Level::By(1.5), ..StripOffsets::NONE });
    assert_eq!(scene.stems[1].level, Level::To(-6.0));
    assert_eq!(scene.stems[1].get(StripParam::Mute), Some(1.0));
    assert_eq!(loaded.document.mix.groups[0].fader_db, -3.0);
    let said = loaded.notices.join("\n");
    for word in
        ["colour", "\"pan\"", "bell_frequency", "\"delay\"", "\"17\"", "scene_order", "A to H", "loud"]
    {
        assert!(said.contains(word), "{word} is not in\n{said}");
    }
    assert_eq!(loaded.notices.len(), 9, "{said}");
}

// What it sounds like.

/// A rig at rest on a balance and layers.
fn rig(settings: &MixSettings, layers: &Layers) -> Rig {
    let mut rig = Rig::with(RATE_HZ, settings);
    rig.engine.set_layers(layers);
    rig.engine.reset();
    rig
}

/// Scene A with these differences of one stem.
fn scene_a(stem: usize, offsets: StripOffsets) -> Layers {
    let mut layers = Layers::default();
    layers.scenes[0][stem] = offsets;
    layers
}

#[test]
fn a_scene_that_stands_sounds_as_the_strips_it_comes_to() {
    let stems = noisy_stems(3, 6_000);
    for seed in 0..8 {
        let mut random = Random::new(seed);
        let layers = Layers { groups: [None; STEMS], leads: 0, ..any_layers(seed) };
        let mut settings = MixSettings::default();
        for stem in 0..STEMS {
            for param in StripParam::ALL.into_iter().filter(|p| p.means().is_some()) {
                settings.set(ParamKey::Stem(stem, param), any_value(&mut random, &param.spec()));
            }
        }
        settings.scene = Some(seed as usize % 8);
        let mut flat = settings;
        flat.scene = None;
        for (stem, strip) in flat.stems.iter_mut().enumerate() {
            *strip = layers.scenes[seed as usize % 8][stem].over(strip).strip;
        }
        let found = rig(&settings, &layers).render(&stems, &[], WHOLE);
        let expected = rig(&flat, &Layers::default()).render(&stems, &[], WHOLE);
        assert!(peak(&expected) > 0.01);
        assert_eq!(first_difference(&found, &expected), None);
    }
}

#[test]
fn a_scene_changes_its_stems_and_no_others() {
    let stems = noisy_stems(4, 8_000);
    let layers = scene_a(5, StripOffsets { level: Level::By(3.0), bell_db: 4.0, ..StripOffsets::NONE });
    let mut settings = MixSettings::default();
    settings.set(GLIDE, 0.05);
    let events: Vec<Event> = vec![(1_000, SCENE, 1.0)];
    let (_, with) = rig(&settings, &layers).render_stems(&stems, &events, WHOLE);
    let (_, without) = rig(&settings, &layers).render_stems(&stems, &[], WHOLE);
    for stem in 0..STEMS {
        let differs = first_difference(&with[stem], &without[stem]).is_some();
        assert_eq!(differs, stem == 5, "stem {stem}");
    }
}

#[test]
fn a_step_of_the_scene_acts_at_its_frame() {
    let stems = noisy_stems(5, 8_000);
    for (glide, frame) in [(0.0, 5_000), (0.1, 5_000), (0.1, 4_992), (0.0, 4_992)] {
        let layers = scene_a(2, StripOffsets { level: Level::By(-12.0), ..StripOffsets::NONE });
        let mut settings = MixSettings::default();
        settings.set(GLIDE, glide);
        let found = rig(&settings, &layers).render(&stems, &[(frame, SCENE, 1.0)], WHOLE);
        let still = rig(&settings, &layers).render(&stems, &[], WHOLE);
        let first = first_difference(&found, &still).expect("it is heard");
        assert!((frame..frame + 3).contains(&first), "glide {glide}: {first} instead of {frame}");
    }
}

/// Random settings of a glide and what happens on it.
fn restless(random: &mut Random, frames: usize) -> (MixSettings, Vec<Event>) {
    let mut settings = MixSettings::default();
    settings.set(GLIDE, random.between(0.01, 0.08));
    settings.set(HOLD, random.below(2) as f32);
    let mut events = Vec::new();
    for _ in 0..40 {
        let key = match random.below(6) {
            0 => SCENE,
            1 => AMOUNT,
            2 => LEAD,
            3 => fader(random.below(STEMS)),
            4 => ParamKey::Group(random.below(4), GroupParam::Fader),
            _ => ParamKey::Stem(random.below(STEMS), StripParam::Pan),
        };
        events.push((random.below(frames), key, any_value(random, &key.spec())));
    }
    (settings, events)
}

#[test]
fn a_glide_is_the_same_for_every_cut_into_blocks() {
    let frames = 12_000;
    for seed in 0..10 {
        let mut random = Random::new(seed);
        let stems = noisy_stems(seed, frames);
        let mut layers = any_layers(seed);
        layers.energies = (seed % 2 == 0).then(|| energies(&[0.02; STEMS]));
        let (settings, events) = restless(&mut random, frames);
        let whole = rig(&settings, &layers).render(&stems, &events, WHOLE);
        for _ in 0..4 {
            let mut blocks = [1, 1, 7, 31, 32, 33, 64, 500, 512, 4_096];
            random.shuffle(&mut blocks);
            let cut = rig(&settings, &layers).render(&stems, &events, &blocks);
            assert_eq!(first_difference(&cut, &whole), None, "seed {seed}, blocks of {blocks:?}");
        }
    }
}

#[test]
fn a_ride_of_a_live_fader_under_a_scene_is_heard_exactly() {
    let stems = only(2, noisy_stems(6, 9_000).swap_remove(2));
    let ride: Vec<Event> = (0..60).map(|i| (100 * i + 7, fader(2), -12.0 + 0.2 * i as f32)).collect();
    let mut settings = MixSettings::default();
    let plain = rig(&settings, &Layers::default()).render(&stems, &ride, WHOLE);
    settings.scene = Some(0);
    let layers = scene_a(2, StripOffsets { level: Level::By(-6.0), ..StripOffsets::NONE });
    let under = rig(&settings, &layers).render(&stems, &ride, WHOLE);
    let gain = db_to_gain(-6.0) as f32;
    let expected = plain.map(|side| side.iter().map(|x| x * gain).collect::<Vec<_>>());
    assert!(level_db(&difference(&under, &expected), &expected) < -110.0);
}

#[test]
fn a_glide_ends_on_the_scene_and_after_its_length() {
    let frames = 80_000;
    let stems: Vec<Stereo> = (0..STEMS).map(|_| constant(0.05, frames)).collect();
    for seed in 0..6 {
        let layers = Layers { groups: [None; STEMS], leads: 0, ..any_layers(seed) };
        let mut settings = MixSettings::default();
        settings.set(GLIDE, 0.2);
        let found = rig(&settings, &layers).render(&stems, &[(333, SCENE, 4.0)], WHOLE);
        settings.scene = Some(3);
        let there = rig(&settings, &layers).render(&stems, &[], WHOLE);
        // 9600 frames of glide, and then the tails of smoothers and high-passes.
        let end = 333 + 9_600 + 60_000;
        let rest = |sound: &Stereo| sound.each_ref().map(|side| side[end..].to_vec());
        let apart = peak(&difference(&rest(&found), &rest(&there)));
        assert!(apart < 1e-5, "seed {seed}: {apart}");
    }
}

#[test]
fn a_glide_of_levels_is_straight_in_db() {
    let frames = 60_000;
    let stems = steady(0.5, frames);
    let layers = scene_a(0, StripOffsets { level: Level::By(-20.0), ..StripOffsets::NONE });
    let mut settings = MixSettings::default();
    settings.set(GLIDE, 1.0);
    let mix = rig(&settings, &layers).render(&stems, &[(1_000, SCENE, 1.0)], WHOLE);
    for frame in (5_000..48_000).step_by(1_000) {
        let db = 20.0 * f64::from(mix[0][frame] / 0.5).log10();
        // The smoothers are some 10 ms behind.
        let expected = -20.0 * (frame as f64 - 1_000.0 - 0.01 * RATE_HZ) / RATE_HZ;
        assert!((db - expected).abs() < 0.02, "frame {frame}: {db} instead of {expected}");
    }
}

#[test]
fn a_long_glide_of_a_tone_is_straight_too() {
    // A low sine under a low shelf of 400 Hz, which goes from -12 to +12 dB: a period is 20 ms.
    let seconds = 3;
    let sound = sine(50.0, 0.0, RATE_HZ, seconds * 48_000).into_iter().map(|x| 0.1 * x).collect();
    let layers = scene_a(0, StripOffsets { low_shelf_db: 24.0, ..StripOffsets::NONE });
    let mut settings = MixSettings::default();
    settings.set(ParamKey::Stem(0, StripParam::LowShelfFrequency), 400.0);
    settings.set(ParamKey::Stem(0, StripParam::LowShelfGain), -12.0);
    settings.set(GLIDE, 20.0);
    let mix = rig(&settings, &layers).render(&only(0, both(sound)), &[(0, SCENE, 1.0)], WHOLE);
    let levels: Vec<f64> = mix[0].chunks_exact(960).map(|period| power_db(&both(period.to_vec()))).collect();
    let mean_db = 24.0 * 0.02 / 20.0;
    for (at, step) in levels.windows(2).map(|pair| pair[1] - pair[0]).enumerate().skip(5) {
        assert!((0.5 * mean_db..1.5 * mean_db).contains(&step), "{} ms: {step} dB", 20 * at);
    }
}

#[test]
fn on_a_glide_of_tones_a_live_change_acts_at_once_and_on_its_stem_alone() {
    // A tick is 32 frames long, and a glide's tones are worked out at every second.
    let stems = noisy_stems(12, 8_000);
    let mut layers = Layers::default();
    let offsets = StripOffsets { bell_db: 12.0, high_shelf_db: -6.0, tilt_db: 2.0, ..StripOffsets::NONE };
    layers.scenes[0] = [offsets; STEMS];
    let mut settings = MixSettings::default();
    settings.set(GLIDE, 0.5);
    let scene = (1_000, SCENE, 1.0);
    let render = |events: &[Event]| rig(&settings, &layers).render_stems(&stems, events, WHOLE).1;
    let calm = render(&[scene]);
    for frame in (4_000..4_160).step_by(16) {
        let changed = render(&[scene, (frame, ParamKey::Stem(2, StripParam::BellGain), 9.0)]);
        for stem in (0..STEMS).filter(|stem| *stem != 2) {
            assert!(calm[stem] == changed[stem], "{frame}: stem {stem}");
        }
        let heard = first_difference(&calm[2], &changed[2]);
        assert!(heard.is_some_and(|heard| (frame..frame + 34).contains(&heard)), "{frame}: {heard:?}");
    }
}

#[test]
fn a_glide_from_the_first_frame_on_is_as_one_from_any_tick() {
    // The bell is as high as it can be at the first place already, where its frequency goes on.
    let stems = noisy_stems(13, 6_000);
    let offsets = StripOffsets { bell_db: 30.0, bell_octaves: 1.0, ..StripOffsets::NONE };
    let mut settings = MixSettings::default();
    settings.set(GLIDE, 1_024.0 / RATE_HZ as f32);
    let layers = scene_a(0, offsets);
    let first = rig(&settings, &layers).render(&stems, &[(0, SCENE, 1.0)], WHOLE);
    let mut played = rig(&settings, &layers);
    let silence: Vec<Stereo> = (0..STEMS).map(|_| constant(0.0, 320)).collect();
    played.render(&silence, &[], WHOLE);
    assert_eq!(first_difference(&played.render(&stems, &[(0, SCENE, 1.0)], WHOLE), &first), None);
}

#[test]
fn another_scene_with_the_same_tone_takes_it_no_further_whatever_it_does_to_other_stems() {
    // Both ways are so short that their first place is the end.
    let frames = 12_000;
    let stems: Vec<Stereo> = (0..STEMS).map(|_| both(sine(1_000.0, 0.0, RATE_HZ, frames))).collect();
    let offsets = StripOffsets { bell_db: 12.0, ..StripOffsets::NONE };
    let mut settings = MixSettings::default();
    settings.set(GLIDE, 0.01);
    for other_octaves in [0.0, 1.0] {
        let mut layers = Layers { scenes: [[offsets; STEMS]; 8], ..Layers::default() };
        layers.scenes[1][1].bell_octaves = other_octaves;
        for next in (1_032..1_480).step_by(64) {
            let render = |layers: &Layers| {
                let events = [(1_000, SCENE, 1.0), (next, SCENE, 2.0)];
                rig(&settings, layers).render_stems(&stems, &events, WHOLE).1
            };
            let parts = render(&layers);
            assert!(parts[0] == parts[2], "beside {other_octaves} octaves, {next}");
            let calm = render(&Layers { scenes: [[offsets; STEMS]; 8], ..layers });
            assert!(parts[0] == calm[0], "beside {other_octaves} octaves, {next}");
            let highest = f64::from(peak(&parts[0]));
            assert!(highest < db_to_gain(12.05), "{next}: {highest}");
        }
    }
}

#[test]
fn a_tone_comes_to_rest_where_a_straight_way_is_cut_off() {
    let frames = 60_000;
    let stems = noisy_stems(13, frames);
    let way = StripOffsets { bell_db: 12.0, ..StripOffsets::NONE };
    let mut layers = scene_a(0, way);
    layers.scenes[1][0] = StripOffsets { bell_octaves: 1.0, ..way };
    let mut settings = MixSettings::default();
    settings.set(GLIDE, 0.01);
    let mut there = settings;
    (there.glide, there.scene) = (0.0, Some(1));
    let expected = rig(&there, &layers).render(&stems, &[], WHOLE);
    for cut in [1_001, 1_024, 1_200, 1_400, 1_479] {
        let events = [(1_000, SCENE, 1.0), (cut, GLIDE, 0.0), (cut, SCENE, 2.0)];
        let found = rig(&settings, &layers).render(&stems, &events, WHOLE);
        assert!(found.iter().flatten().all(|x| x.is_finite()), "cut off at {cut}");
        let rest = |sound: &Stereo| sound.each_ref().map(|side| side[48_000..].to_vec());
        let apart = level_db(&difference(&rest(&found), &rest(&expected)), &expected);
        assert!(apart < -120.0, "cut off at {cut}: {apart} dB");
    }
}

#[test]
fn a_tone_on_its_way_off_does_not_come_back() {
    // A sine under a bell that a scene takes away, and one above a high-pass; measured by its periods.
    for glide in [0.3, 1.0, 5.0] {
        for (param, hz, switch) in [
            (StripParam::BellFrequency, 1_000.0, StripParam::Tone),
            (StripParam::HighPassFrequency, 1_000.0, StripParam::HighPassSlope),
        ] {
            let frames = 30_000 + (glide * RATE_HZ as f32) as usize;
            let sound = sine(500.0, 0.0, RATE_HZ, frames).into_iter().map(|x| 0.1 * x).collect();
            let mut offsets = StripOffsets::NONE;
            offsets.set(switch, Some(0.0));
            let mut settings = MixSettings::default();
            settings.set(GLIDE, glide);
            settings.set(ParamKey::Stem(0, param), hz);
            settings.set(ParamKey::Stem(0, StripParam::BellQ), 0.3);
            if switch == StripParam::Tone {
                settings.set(ParamKey::Stem(0, StripParam::BellGain), 15.0);
            } else {
                settings.set(ParamKey::Stem(0, switch), 2.0);
            }
            let mix = rig(&settings, &scene_a(0, offsets)).render(
                &only(0, both(sound)),
                &[(4_800, SCENE, 1.0)],
                WHOLE,
            );
            let levels = mix[0].chunks_exact(96).skip(45).map(|period| power_db(&both(period.to_vec())));
            let far: Vec<f64> = levels.map(|db| (db + 20.0).abs()).collect();
            let back = far.windows(2).map(|pair| pair[1] - pair[0]).fold(0.0, f64::max);
            assert!(far[0] > 6.0 && far[far.len() - 1] < 0.01);
            assert!(back < 0.05, "{switch:?}, glide {glide}: {back} dB in a period");
        }
    }
}

#[test]
fn on_a_glide_a_group_moves_its_stems_and_no_bit_of_the_others() {
    let stems = noisy_stems(13, 12_000);
    let mut layers = Layers::default();
    let offsets = StripOffsets { level: Level::By(-24.0), pan: 0.4, bell_db: 3.0, ..StripOffsets::NONE };
    layers.scenes[0] = [offsets; STEMS];
    layers.groups[3] = Some(1);
    let mut settings = MixSettings::default();
    settings.set(GLIDE, 20.0);
    let render = |events: &[Event]| rig(&settings, &layers).render_stems(&stems, events, WHOLE).1;
    let scene = (0, SCENE, 1.0);
    let calm = render(&[scene]);
    let of_group = |param, value| (5_000, ParamKey::Group(1, param), value);
    for event in [of_group(GroupParam::Fader, -6.0), of_group(GroupParam::Mute, 1.0)] {
        let moved = render(&[scene, event]);
        assert_eq!(first_difference(&calm[3], &moved[3]), Some(5_000));
        for stem in (0..STEMS).filter(|stem| *stem != 3) {
            assert_eq!(first_difference(&calm[stem], &moved[stem]), None, "stem {stem}");
        }
    }
}

#[test]
fn a_scene_edited_on_a_glide_moves_no_bit_of_the_stems_it_leaves_alone() {
    let [before, after] = [16, 17].map(|seed| noisy_stems(seed, 5_000));
    let mut layers = Layers::default();
    layers.scenes[0] = [StripOffsets { level: Level::By(-24.0), bell_db: 3.0, ..StripOffsets::NONE }; STEMS];
    let mut edited = layers;
    edited.scenes[0][3].pan = 0.5;
    edited.groups[3] = Some(0);
    edited.scenes[4][9].pan = -0.5;
    let mut settings = MixSettings::default();
    settings.set(GLIDE, 20.0);
    let [calm, moved] = [&layers, &edited].map(|then| {
        let mut rig = rig(&settings, &layers);
        rig.render(&before, &[(0, SCENE, 1.0)], WHOLE);
        rig.engine.set_layers(then);
        rig.render_stems(&after, &[], WHOLE).1
    });
    for stem in 0..STEMS {
        assert_eq!(first_difference(&calm[stem], &moved[stem]).is_some(), stem == 3, "stem {stem}");
    }
}

#[test]
fn a_reset_in_a_glide_forgets_how_far_it_was() {
    let stems = noisy_stems(14, 3_000);
    let mut layers = scene_a(0, StripOffsets { bell_db: 12.0, ..StripOffsets::NONE });
    layers.scenes[1][0] = StripOffsets { bell_db: -12.0, ..StripOffsets::NONE };
    let mut settings = MixSettings::default();
    settings.set(GLIDE, 2.0);
    let to_b = [(0, SCENE, 2.0)];
    let fresh = {
        settings.set(SCENE, 1.0);
        rig(&settings, &layers).render(&stems, &to_b, WHOLE)
    };
    for ticks in [32, 33] {
        settings.set(SCENE, 0.0);
        let mut rig = rig(&settings, &layers);
        rig.render(&noisy_stems(15, 32 * ticks), &[(0, SCENE, 1.0)], WHOLE);
        rig.engine.reset();
        assert!(rig.render(&stems, &to_b, WHOLE) == fresh, "{ticks}");
    }
}

#[test]
fn another_scene_on_the_way_starts_from_where_the_sound_is() {
    let frames = 40_000;
    let stems = steady(0.5, frames);
    let mut layers = scene_a(0, StripOffsets { level: Level::By(-24.0), ..StripOffsets::NONE });
    layers.scenes[1][0].level = Level::By(6.0);
    let mut settings = MixSettings::default();
    settings.set(GLIDE, 0.4);
    let events = [(1_000, SCENE, 1.0), (11_000, SCENE, 2.0), (16_000, SCENE, 0.0), (18_000, SCENE, 1.0)];
    let mix = rig(&settings, &layers).render(&stems, &events, WHOLE);
    // 24 dB in 19200 frames are 0.3 % of the level in two: no step is larger than that of the steepest way.
    let steps = mix[0].windows(2).map(|pair| f64::from((pair[1] / pair[0]).ln().abs()));
    let steepest = steps.fold(0.0, f64::max);
    let allowed = 1.5 * (24.0 / 20.0 * std::f64::consts::LN_10) / (0.4 * RATE_HZ);
    assert!(steepest < allowed, "{steepest} is more than {allowed}");
}

#[test]
fn starting_or_locating_inside_a_glide_lands_on_its_end() {
    let stems = noisy_stems(8, 6_000);
    for seed in 0..4 {
        let layers = any_layers(seed);
        let mut settings = MixSettings::default();
        settings.set(GLIDE, 5.0);
        // One has been elsewhere, and hears of the scene before or with the block that plays on.
        for is_before in [true, false] {
            let mut played = rig(&settings, &layers);
            played.render(&stems, &[], WHOLE);
            let mut there = settings;
            there.scene = Some(2);
            played.engine.set(&there);
            if is_before {
                played.render(&stems, &[], WHOLE);
            }
            played.engine.locate();
            let target = rig(&there, &layers).engine;
            assert_eq!(played.engine.settings(), target.settings());
            // What rings from before has died away after a while; gains stand at once.
            let silence: Vec<Stereo> = (0..STEMS).map(|_| constant(0.0, 48_000)).collect();
            played.render(&silence, &[], WHOLE);
            played.engine.reset();
            let found = played.render(&stems, &[], WHOLE);
            let expected = rig(&there, &layers).render(&stems, &[], WHOLE);
            assert_eq!(first_difference(&found, &expected), None, "seed {seed}");
        }
    }
    // Without a reset: levels stand from the first frame on.
    let layers = scene_a(0, StripOffsets { level: Level::By(-12.0), ..StripOffsets::NONE });
    let mut settings = MixSettings::default();
    settings.set(GLIDE, 5.0);
    let stems = steady(0.5, 3_000);
    let mut played = rig(&settings, &layers);
    played.render(&stems, &[], WHOLE);
    settings.scene = Some(0);
    played.engine.set(&settings);
    played.engine.locate();
    let found = played.render(&stems, &[], WHOLE);
    let expected = rig(&settings, &layers).render(&stems, &[], WHOLE);
    assert_eq!(first_difference(&found, &expected), None);
}

#[test]
fn beats_are_those_of_the_tempo_at_the_start_of_the_glide() {
    let frames = 60_000;
    let stems = steady(0.5, frames);
    let layers = scene_a(0, StripOffsets { level: Level::By(-20.0), ..StripOffsets::NONE });
    let glide = |settings: &MixSettings, tempo: Option<f64>| {
        let mut rig = rig(settings, &layers);
        rig.engine.set_tempo(tempo);
        rig.render(&stems, &[(1_000, SCENE, 1.0)], WHOLE)
    };
    let mut seconds = MixSettings::default();
    seconds.set(GLIDE, 0.5);
    let mut beats = seconds;
    beats.set(GLIDE, 1.0);
    beats.set(ParamKey::Mix(MixParam::GlideUnit), 1.0);
    assert_eq!(glide(&beats, Some(120.0)), glide(&seconds, None));
    assert_eq!(glide(&beats, None), glide(&seconds, Some(77.0)));
    seconds.set(GLIDE, 1.0);
    assert_eq!(glide(&beats, Some(60.0)), glide(&seconds, None));
    for odd in [0.0, -3.0, f64::NAN, f64::INFINITY] {
        assert_eq!(glide(&beats, Some(odd)), glide(&beats, None));
    }
}

#[test]
fn scenes_that_are_edited_while_they_sound_move_smoothly() {
    let stems = steady(0.5, 4_000);
    let settings = MixSettings { scene: Some(0), ..MixSettings::default() };
    let mut rig = rig(&settings, &Layers::default());
    rig.render(&stems, &[], WHOLE);
    let layers = scene_a(0, StripOffsets { level: Level::By(-12.0), ..StripOffsets::NONE });
    support::no_alloc::no_alloc(|| rig.engine.set_layers(&layers));
    let mix = rig.render(&stems, &[], WHOLE);
    assert!((mix[0][0] - 0.5).abs() < 1e-3);
    assert!((f64::from(mix[0][3_999]) - 0.5 * db_to_gain(-12.0)).abs() < 1e-6);
}

/// The click of a sounding tone on stem 1 in dB, the worst of four start phases.
fn click_db(events: &[Event], settings: &MixSettings, layers: &Layers) -> f64 {
    let fir = high_pass();
    let clicks = (0..4).map(|k| {
        let tone = only(0, both(sine(1_000.0, f64::from(k) * 0.8, RATE_HZ, 24_000)));
        let mix = rig(settings, layers).render(&tone, events, WHOLE);
        let [left, right] = mix.map(|side| side.into_iter().skip(2_000).map(f64::from).collect::<Vec<_>>());
        let louder = left.iter().chain(&right).fold(0.0f64, |peak, x| peak.max(x.abs()));
        20.0 * (click(&fir, &left).max(click(&fir, &right)) / louder).log10()
    });
    clicks.fold(f64::NEG_INFINITY, f64::max)
}

#[test]
fn a_fast_sweep_is_worked_out_as_often_as_it_needs() {
    let mut settings = MixSettings::default();
    for (param, value) in
        [(StripParam::BellFrequency, 30.0), (StripParam::BellGain, -18.0), (StripParam::BellQ, 0.5)]
    {
        settings.set(ParamKey::Stem(0, param), value);
    }
    let layers = scene_a(0, StripOffsets { bell_octaves: 9.0, ..StripOffsets::NONE });
    for glide in [0.004, 0.01, 0.02] {
        settings.set(GLIDE, glide);
        let click = click_db(&[(6_017, SCENE, 1.0)], &settings, &layers);
        // At every second tick it would be -82 dB.
        assert!(click < -86.0, "{glide} s: {click}");
    }
}

#[test]
fn no_glide_clicks() {
    for (glide, offsets) in [
        (0.0, StripOffsets { level: Level::By(f32::NEG_INFINITY), ..StripOffsets::NONE }),
        (0.05, StripOffsets { level: Level::By(f32::NEG_INFINITY), ..StripOffsets::NONE }),
        (0.1, StripOffsets { level: Level::By(12.0), pan: 1.0, width_percent: -100.0, ..StripOffsets::NONE }),
        (0.3, StripOffsets { bell_db: 12.0, tilt_db: -6.0, ..StripOffsets::NONE }),
    ] {
        let mut mute = offsets;
        mute.set(StripParam::Mute, Some(1.0));
        for offsets in [offsets, mute] {
            let layers = scene_a(0, offsets);
            let mut settings = MixSettings::default();
            settings.set(GLIDE, glide);
            let events = [(6_001, SCENE, 1.0), (12_003, SCENE, 0.0)];
            let click = click_db(&events, &settings, &layers);
            assert!(click < -80.0, "glide {glide}, {offsets:?}: {click}");
        }
    }
}

#[test]
fn a_tone_that_goes_straight_clicks_neither_at_the_places_on_its_way_nor_at_its_end() {
    // A section that fades at the end, one that stops short at its limit, and one that comes to rest.
    let mut off = StripOffsets { high_shelf_db: 9.0, bell_db: 18.0, ..StripOffsets::NONE };
    off.set(StripParam::Tone, Some(0.0));
    let stops = StripOffsets { high_shelf_db: 40.0, bell_db: 18.0, tilt_db: -6.0, ..StripOffsets::NONE };
    for offsets in [off, stops] {
        let mut settings = MixSettings::default();
        settings.set(ParamKey::Stem(0, StripParam::HighShelfFrequency), 1_000.0);
        settings.set(ParamKey::Stem(0, StripParam::HighShelfGain), -14.0);
        settings.set(ParamKey::Stem(0, StripParam::BellGain), -5.0);
        settings.set(GLIDE, 0.1);
        // Ticks of either kind.
        for frame in [6_001, 6_033] {
            let click = click_db(&[(frame, SCENE, 1.0)], &settings, &scene_a(0, offsets));
            assert!(click < -80.0, "{frame}, {offsets:?}: {click}");
        }
    }
}

// Groups.

#[test]
fn a_group_adds_its_fader_to_its_stems_and_mutes_and_solos_them() {
    let stems = noisy_stems(9, 3_000);
    let mut layers = Layers::default();
    (layers.groups[1], layers.groups[2]) = (Some(0), Some(1));
    let stem_levels = |changes: &[(ParamKey, f32)]| {
        let mut settings = MixSettings::default();
        changes.iter().for_each(|(key, value)| settings.set(*key, *value));
        let (_, parts) = rig(&settings, &layers).render_stems(&stems, &[], WHOLE);
        parts.iter().zip(&stems).map(|(part, stem)| power_db(part) - power_db(stem)).collect::<Vec<_>>()
    };
    let group = |group, param| ParamKey::Group(group, param);
    let fallen = stem_levels(&[(group(0, GroupParam::Fader), -9.0)]);
    assert!((fallen[1] + 9.0).abs() < 1e-4 && fallen[2].abs() < 1e-4 && fallen[0].abs() < 1e-4);
    let muted = stem_levels(&[(group(1, GroupParam::Mute), 1.0)]);
    assert!(muted[2] == f64::NEG_INFINITY && muted[1].abs() < 1e-4);
    let soloed = stem_levels(&[(group(0, GroupParam::Solo), 1.0)]);
    assert!(soloed[1].abs() < 1e-4 && soloed[0] == f64::NEG_INFINITY && soloed[2] == f64::NEG_INFINITY);
    let both = stem_levels(&[(group(0, GroupParam::Solo), 1.0), (group(0, GroupParam::Mute), 1.0)]);
    assert!(both.iter().all(|db| *db == f64::NEG_INFINITY), "mute beats solo");
    let empty = stem_levels(&[(group(3, GroupParam::Solo), 1.0)]);
    assert!(empty.iter().all(|db| db.abs() < 1e-4), "a group without stems does nothing");
}

// Macros.

/// Learned energies of stems that have nothing in common.
fn energies(own: &[f32; STEMS]) -> [f32; PAIRS] {
    let mut record = [0.0; PAIRS];
    own.iter().enumerate().for_each(|(stem, energy)| record[pair(stem, stem)] = *energy);
    record
}

#[test]
fn the_lead_macro_moves_the_lead_against_the_rest_at_the_learned_loudness() {
    let frames = 48_000;
    let stems = noisy_stems(10, frames);
    let power = |sound: &Stereo| 10f64.powf(power_db(sound) / 10.0);
    for lead_db in [-6.0, -2.5, 3.0, 6.0] {
        let own: [f32; STEMS] = std::array::from_fn(|stem| power(&stems[stem]) as f32);
        let layers = Layers { leads: 1 << 4, energies: Some(energies(&own)), ..Layers::default() };
        let mut settings = MixSettings::default();
        let still = rig(&settings, &layers).render_stems(&stems, &[], WHOLE).1;
        settings.set(LEAD, lead_db);
        let moved = rig(&settings, &layers).render_stems(&stems, &[], WHOLE).1;
        let moves: Vec<f64> = moved.iter().zip(&still).map(|(a, b)| power_db(a) - power_db(b)).collect();
        assert!((moves[4] - moves[0] - f64::from(lead_db)).abs() < 1e-3, "{moves:?}");
        assert!(moves.iter().enumerate().all(|(stem, db)| stem == 4 || (db - moves[0]).abs() < 1e-4));
        let total = |parts: &[Stereo]| parts.iter().map(power).sum::<f64>();
        assert!((10.0 * (total(&moved) / total(&still)).log10()).abs() < 0.01);
    }
    // Nobody leads: off.
    let mut settings = MixSettings::default();
    settings.set(LEAD, 6.0);
    let found = rig(&settings, &Layers::default()).render(&stems, &[], WHOLE);
    let still = rig(&MixSettings::default(), &Layers::default()).render(&stems, &[], WHOLE);
    assert_eq!(first_difference(&found, &still), None);
}

#[test]
fn the_wide_macro_scales_every_stems_own_width() {
    let stems = noisy_stems(11, 3_000);
    let mut settings = MixSettings::default();
    settings.set(ParamKey::Stem(3, StripParam::Width), 60.0);
    settings.set(WIDE, 50.0);
    let mut expected = MixSettings::default();
    for stem in 0..STEMS {
        expected.set(ParamKey::Stem(stem, StripParam::Width), if stem == 3 { 30.0 } else { 50.0 });
    }
    let [found, expected] =
        [settings, expected].map(|s| rig(&s, &Layers::default()).render(&stems, &[], WHOLE));
    assert!(level_db(&difference(&found, &expected), &expected) < -110.0);
}

// Hold loudness.

#[test]
fn a_held_blend_stays_on_the_line_between_its_ends() {
    let frames = 48_000;
    let stems = noisy_stems(12, frames);
    let own: [f32; STEMS] = std::array::from_fn(|stem| 10f64.powf(power_db(&stems[stem]) / 10.0) as f32);
    let mut random = Random::new(12);
    let mut dipped = 0.0f64;
    for _ in 0..20 {
        let mut layers = Layers { energies: Some(energies(&own)), ..Layers::default() };
        for offsets in &mut layers.scenes[0] {
            offsets.level = Level::By(random.between(-9.0, 6.0));
            if random.below(8) == 0 {
                offsets.set(StripParam::Mute, Some(1.0));
            }
        }
        let mut settings = MixSettings { scene: Some(0), ..MixSettings::default() };
        let mut level = |amount: f32, hold: bool| {
            settings.set(AMOUNT, amount);
            settings.set(HOLD, f32::from(hold));
            power_db(&rig(&settings, &layers).render(&stems, &[], WHOLE))
        };
        let [live, scene] = [level(0.0, true), level(100.0, true)];
        for amount in [25.0, 50.0, 75.0] {
            let line = live + (scene - live) * f64::from(amount) / 100.0;
            dipped = dipped.max(line - level(amount, false));
            let held = level(amount, true);
            assert!((held - line).abs() < 0.1, "{held} instead of {line} at {amount} %");
        }
    }
    assert!(dipped > 0.5, "without it the mix dips: {dipped}");
}

#[test]
fn hold_loudness_goes_on_without_a_step_when_a_glide_begins_in_a_blend() {
    let frames = 30_000;
    let stems: Vec<Stereo> = (0..STEMS).map(|_| constant(0.3, frames)).collect();
    let mut layers = Layers { energies: Some(energies(&[0.1; STEMS])), ..Layers::default() };
    for stem in 0..STEMS {
        layers.scenes[0][stem].level = Level::By(if stem % 2 == 0 { -12.0 } else { 3.0 });
        layers.scenes[1][stem].level = Level::By(if stem % 2 == 0 { 3.0 } else { -12.0 });
    }
    let mut settings = MixSettings::default();
    settings.set(GLIDE, 0.3);
    settings.set(HOLD, 1.0);
    settings.set(AMOUNT, 60.0);
    let events = [(2_000, SCENE, 1.0), (9_000, SCENE, 2.0), (15_000, SCENE, 0.0)];
    let mix = rig(&settings, &layers).render(&stems, &events, WHOLE);
    let steps = mix[0].windows(2).map(|pair| f64::from((pair[1] - pair[0]).abs() / pair[0]));
    let steepest = steps.fold(0.0, f64::max);
    assert!(steepest < 5e-4, "{steepest}");
}

// A name and words for it.

#[test]
fn a_scene_says_in_words_what_it_does() {
    let mut scene = Scene::new(1);
    scene.rename("  Chorus\n");
    assert_eq!(scene.label(1), "B Chorus");
    scene.stems[2].level = Level::By(1.5);
    scene.stems[2].set(StripParam::Pan, Some(-0.1));
    scene.stems[3].set(StripParam::Mute, Some(1.0));
    scene.stems[3].high_pass = Some(Slope::Gentle);
    let words = scene.words(|stem| format!("Stem {:02}", stem + 1));
    assert_eq!(
        words,
        ["Stem 03: fader +1.5 dB, pan 10 to the left", "Stem 04: mute on, high-pass slope 12 dB/oct"]
    );
}
