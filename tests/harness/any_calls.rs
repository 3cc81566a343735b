//! A host's calls in any order, on several instances at once: they survive them, and all agree.

use super::block::{Bus, HostBlock, Out};
use super::format::{Event, Format, From, Plugin, open};
use super::support::choose::Choose;
use super::support::random::any_value;
use stemwright::model::limits::{ParamKey, STEMS};

const MAX_FRAMES: usize = 256;
const RATES_HZ: [f64; 5] = [8_000.0, 44_100.0, 48_000.0, 96_000.0, 384_000.0];
const BUSES: [Bus; 6] =
    [Bus::Stereo, Bus::Mono, Bus::NoArray, Bus::NullChannels, Bus::NullRight, Bus::NoChannels];
const SAMPLES: [f32; 7] = [f32::NAN, f32::INFINITY, f32::MAX, 1e-40, 0.5, -1.0, 0.0];
const WILD_VALUES: [f64; 6] = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300, -1e300, 1e-300];

/// Calls instances of each kind the same way until there are no more choices.
pub fn survive(kinds: &[(Format, From)], choices: &mut impl Choose) {
    let mut plugins: Vec<_> = kinds.iter().map(|kind| open(*kind)).collect();
    let fresh = plugins[0].save();
    let released = include_bytes!("../states/0.1.0.json");
    let states: [&[u8]; 4] = [&fresh, released, &released[..3000], b"{}"];
    let mut switched_off = [false; STEMS];
    let mut active = false;
    while choices.goes_on() {
        match choices.below(12) {
            0 => {
                let rate_hz = choices.one_of(&RATES_HZ);
                for plugin in &mut plugins {
                    if active { plugin.deactivate() } else { plugin.activate(rate_hz, MAX_FRAMES) }
                }
                active = !active;
            }
            1 => {
                let state = choices.one_of(&states);
                assert_same(&mut plugins, |plugin| plugin.load(state));
            }
            2 => assert_same(&mut plugins, |plugin| plugin.save()),
            3 => {
                let input = choices.below(STEMS);
                switched_off[input] = !switched_off[input];
                for plugin in &mut plugins {
                    plugin.set_input_active(input, !switched_off[input]);
                }
            }
            4 => {
                let key = any_key(choices);
                assert_same(&mut plugins, |plugin| {
                    let title = plugin.title(key);
                    assert!(title.starts_with(&key.name()), "{title}");
                    assert!((0.0..=1.0).contains(&plugin.value(key)), "{title}");
                    title
                });
            }
            5 => {
                let events = any_events(1, choices);
                plugins.iter_mut().for_each(|plugin| plugin.flush(&events));
            }
            _ => process(&mut plugins, active, &switched_off, choices),
        }
    }
    // What all of this came to.
    assert_same(&mut plugins, |plugin| String::from_utf8(plugin.save()));
}

/// Plays a block, well or badly laid out, also to instances that are not active.
fn process(
    plugins: &mut [Box<dyn Plugin>],
    active: bool,
    switched_off: &[bool; STEMS],
    choices: &mut impl Choose,
) {
    let frames = 1 + choices.below(MAX_FRAMES);
    let buses: Vec<Bus> = (0..choices.below(STEMS + 2)).map(|_| choices.one_of(&BUSES)).collect();
    let out = match choices.below(4) {
        0 if !buses.is_empty() => Out::Over(choices.below(buses.len())),
        1 if !buses.is_empty() => Out::Crossed,
        _ => Out::Separate,
    };
    let events = any_events(frames + 2, choices); // the last may lie past the end
    let (odd, every) = (choices.one_of(&SAMPLES), 1 + choices.below(9));
    assert_same(plugins, |plugin| {
        // In a format without switches the host leaves an input that is off without memory.
        let mut has_no_switch = |k| !plugin.set_input_active(k, false);
        let buses: Vec<Bus> = (buses.iter().enumerate())
            .map(|(k, bus)| match switched_off.get(k) {
                Some(true) if has_no_switch(k) => Bus::NoArray,
                _ => *bus,
            })
            .collect();
        let fill = |k, side, i| if (k + i) % every == 0 { odd } else { 0.1 * side as f32 + 0.1 };
        let mut block = HostBlock::new(frames, &buses, out, fill);
        plugin.process(&mut block, &events);
        let heard = active.then(|| block.heard());
        assert!(heard.iter().flatten().flatten().all(|x| x.is_finite()));
        heard
    });
}

fn any_key(choices: &mut impl Choose) -> ParamKey {
    ParamKey::all().nth(choices.below(ParamKey::COUNT)).expect("one of them")
}

/// A few events at the first `frames`, in their order.
fn any_events(frames: usize, choices: &mut impl Choose) -> Vec<Event> {
    let mut events: Vec<Event> = (0..choices.below(6))
        .map(|_| {
            let (key, frame) = (any_key(choices), choices.below(frames));
            let value = match choices.below(16) {
                0 => choices.one_of(&WILD_VALUES),
                _ => f64::from(any_value(choices, &key.spec())),
            };
            Event { frame, key, value }
        })
        .collect();
    events.sort_by_key(|event| event.frame);
    events
}

/// Each answers as the first does.
#[track_caller]
fn assert_same<T: PartialEq>(plugins: &mut [Box<dyn Plugin>], mut call: impl FnMut(&mut dyn Plugin) -> T) {
    let mut answers = plugins.iter_mut().map(|plugin| call(&mut **plugin));
    if let Some(first) = answers.next() {
        assert!(answers.all(|answer| answer == first), "the formats differ");
    }
}
