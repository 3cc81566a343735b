//! Scenes under a host's automation and transport.

use super::format::{EVERYWHERE, Event, HostTransport, Plugin, open, play};
use stemwright::model::document::Document;
use stemwright::model::limits::{MixParam, ParamKey};
use stemwright::model::offsets::Level;

const SCENE: ParamKey = ParamKey::Mix(MixParam::Scene);
const GLIDE: ParamKey = ParamKey::Mix(MixParam::Glide);

/// A verse as it is, and a chorus (scene B) in which stem 3 is 12 dB lower.
fn song(glide: f32) -> Document {
    let mut document = Document::default();
    document.scenes[1].rename("Chorus");
    document.scenes[1].stems[2].level = Level::By(-12.0);
    document.mix.set(GLIDE, glide);
    document
}

fn steady(_: usize, _: usize, _: usize) -> f32 {
    0.01
}

fn with(
    how: (super::format::Format, super::format::From),
    document: &Document,
    rate_hz: f64,
) -> Box<dyn Plugin> {
    let mut plugin = open(how);
    assert!(plugin.load(document.to_json().as_bytes()));
    plugin.activate(rate_hz, 8192);
    plugin
}

/// What all stems come to, with stem 3 at a level in dB.
fn mix(stem_db: f64) -> f32 {
    (0.15 + 0.01 * 10f64.powf(stem_db / 20.0)) as f32
}

#[test]
fn a_scene_stepped_at_frame_5000_acts_at_frame_5000() {
    for how in EVERYWHERE {
        for rate_hz in [44_100.0, 96_000.0] {
            for glide in [0.0, 0.05] {
                let events = [Event { frame: 5000, key: SCENE, value: 2.0 }];
                for blocks in [&[512][..], &[4999, 2, 1], &[333]] {
                    let mut plugin = with(how, &song(glide), rate_hz);
                    let heard = play(&mut *plugin, 24_000, blocks, &events, steady);
                    let first = (0..24_000).find(|i| heard[0][*i] != heard[0][0]).expect("it is heard");
                    // The first steps of a glide are lost in the rounding of a sum of sixteen.
                    let soon = 5000..if glide == 0.0 { 5003 } else { 5032 };
                    assert!(soon.contains(&first), "{how:?} {rate_hz} Hz, glide {glide}: {first}");
                    assert!((heard[0][23_999] - mix(-12.0)).abs() < 1e-6, "{how:?}: it arrives");
                }
            }
        }
    }
}

#[test]
fn a_state_saved_within_a_glide_opens_at_its_end() {
    for how in EVERYWHERE {
        let mut plugin = with(how, &song(5.0), 48_000.0);
        let events = [Event { frame: 100, key: SCENE, value: 2.0 }];
        let heard = play(&mut *plugin, 6_000, &[512], &events, steady);
        assert!(heard[0][5_999] > mix(-2.0), "{how:?}: it has only begun");
        let state = plugin.save();
        let mut again = open(how);
        assert!(again.load(&state));
        again.activate(48_000.0, 8192);
        let heard = play(&mut *again, 512, &[512], &[], steady);
        assert!((heard[0][0] - mix(-12.0)).abs() < 1e-6, "{how:?}: {}", heard[0][0]);
    }
}

#[test]
fn a_state_loaded_within_a_glide_lands_on_its_own_balance() {
    for how in EVERYWHERE {
        let mut plugin = with(how, &song(5.0), 48_000.0);
        let events = [Event { frame: 100, key: SCENE, value: 2.0 }];
        play(&mut *plugin, 6_000, &[512], &events, steady);
        let mut other = song(5.0);
        other.mix.scene = Some(1);
        other.scenes[1].stems[2].level = Level::By(-20.0);
        assert!(plugin.load(other.to_json().as_bytes()));
        let heard = play(&mut *plugin, 512, &[512], &[], steady);
        assert!((heard[0][0] - mix(-20.0)).abs() < 1e-6, "{how:?}: {}", heard[0][0]);
    }
}

/// Plays on with a transport that goes with it.
fn play_at(plugin: &mut dyn Plugin, from_s: f64, frames: usize, events: &[Event]) -> [Vec<f32>; 2] {
    let mut heard = [Vec::new(), Vec::new()];
    for start in (0..frames).step_by(512) {
        let seconds = from_s + start as f64 / 48_000.0;
        plugin.set_transport(HostTransport { plays: true, seconds, tempo_bpm: 60.0 });
        let here: Vec<Event> = events
            .iter()
            .filter(|e| (start..start + 512).contains(&e.frame))
            .map(|e| Event { frame: e.frame - start, ..*e })
            .collect();
        let part = play(plugin, 512, &[512], &here, steady);
        heard.iter_mut().zip(part).for_each(|(all, part)| all.extend(part));
    }
    heard
}

#[test]
fn a_host_that_starts_or_locates_within_a_glide_finds_its_end() {
    for how in EVERYWHERE {
        // The host chases: it says the scene with the block that it starts or goes on with.
        let chased = [Event { frame: 0, key: SCENE, value: 2.0 }];
        let mut plugin = with(how, &song(5.0), 48_000.0);
        let started = play_at(&mut *plugin, 30.0, 1024, &chased);
        assert!((started[0][0] - mix(-12.0)).abs() < 1e-6, "{how:?}: {}", started[0][0]);

        // Or in a glide that was under way: by a locate or a loop.
        let mut plugin = with(how, &song(5.0), 48_000.0);
        let stepped = [Event { frame: 600, key: SCENE, value: 2.0 }];
        let playing = play_at(&mut *plugin, 10.0, 12_288, &stepped);
        let last = playing[0][12_287];
        assert!((mix(-2.0)..mix(-0.1)).contains(&last), "{how:?}: it plays on and glides: {last}");
        let looped = play_at(&mut *plugin, 9.0, 512, &[]);
        assert!((looped[0][0] - mix(-12.0)).abs() < 1e-6, "{how:?}: {}", looped[0][0]);
    }
}

#[test]
fn playback_and_bounce_from_the_same_start_are_the_same() {
    let events = [
        Event { frame: 0, key: SCENE, value: 2.0 },
        Event { frame: 3_000, key: SCENE, value: 0.0 },
        Event { frame: 9_000, key: SCENE, value: 2.0 },
    ];
    for how in EVERYWHERE {
        let mut played = with(how, &song(0.2), 48_000.0);
        play_at(&mut *played, 70.0, 5_120, &[Event { frame: 2_000, key: SCENE, value: 2.0 }]);
        let playback = play_at(&mut *played, 20.0, 20_480, &events);
        let mut bounced = with(how, &song(0.2), 48_000.0);
        let bounce = play_at(&mut *bounced, 20.0, 20_480, &events);
        assert!(playback == bounce, "{how:?}");
    }
}

#[test]
fn a_glide_in_beats_goes_by_the_hosts_tempo() {
    for how in EVERYWHERE {
        let mut document = song(1.0);
        document.mix.set(ParamKey::Mix(MixParam::GlideUnit), 1.0);
        let events = [Event { frame: 512, key: SCENE, value: 2.0 }];
        // A beat is a second long.
        let mut plugin = with(how, &document, 48_000.0);
        let by_beats = play_at(&mut *plugin, 0.0, 55_296, &events);
        let mut plugin = with(how, &song(1.0), 48_000.0);
        let by_seconds = play_at(&mut *plugin, 0.0, 55_296, &events);
        assert!(by_beats == by_seconds, "{how:?}");
    }
}

#[test]
fn a_scene_reads_by_its_name_in_the_host_and_is_found_by_it() {
    for how in EVERYWHERE {
        let plugin = with(how, &song(0.0), 48_000.0);
        assert_eq!(plugin.text(SCENE, 2.0), "B Chorus", "{how:?}");
        assert_eq!(plugin.text(SCENE, 1.0), "A", "{how:?}");
        assert_eq!(plugin.text(SCENE, 0.0), "Live", "{how:?}");
        for typed in ["chorus", "B Chorus", " b ", "2"] {
            assert_eq!(plugin.read(SCENE, typed), Some(0.25), "{how:?}: {typed}");
        }
        assert_eq!(plugin.read(SCENE, "bridge"), None, "{how:?}");
    }
}
