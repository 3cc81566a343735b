//! Automation lands on its frame, whatever the blocks.

use super::block::{Bus, GARBAGE, HostBlock, Out};
use super::format::{EVERYWHERE, Event, Format, open, play};
use super::support::random::Random;
use stemwright::model::limits::{MixParam, ParamKey, StripParam};

const RATE_HZ: f64 = 48_000.0;

fn noise(k: usize, side: usize, i: usize) -> f32 {
    // A hash, not a stream: the same frame is the same sample however the blocks fall.
    let mut x =
        (k as u32 * 2 + side as u32 + 1).wrapping_mul(0x9E37_79B9) ^ (i as u32).wrapping_mul(0x85EB_CA6B);
    x ^= x >> 15;
    x = x.wrapping_mul(0x2C1B_3C6D);
    x ^= x >> 12;
    x = x.wrapping_mul(0x297A_2D39);
    x ^= x >> 15;
    (x as f32 / u32::MAX as f32 - 0.5) * 0.1
}

#[test]
fn an_event_at_frame_5000_acts_at_frame_5000() {
    for how in EVERYWHERE {
        for key in [
            ParamKey::Stem(15, StripParam::Fader),
            ParamKey::Stem(0, StripParam::Mute),
            ParamKey::Mix(MixParam::Output),
        ] {
            let value = if matches!(key, ParamKey::Stem(_, StripParam::Mute)) { 1.0 } else { -20.0 };
            let events = [Event { frame: 5000, key, value }];
            for blocks in [&[512][..], &[1024], &[4999, 2, 1], &[333]] {
                let mut plugin = open(how);
                plugin.activate(RATE_HZ, 8192);
                let plain = play(&mut *plugin, 6000, blocks, &[], |_, _, _| 0.01);
                plugin.deactivate();
                plugin.activate(RATE_HZ, 8192);
                let heard = play(&mut *plugin, 6000, blocks, &events, |_, _, _| 0.01);
                let first = (0..6000).find(|i| heard[0][*i] != plain[0][*i]);
                assert_eq!(first, Some(5000), "{how:?}, {key:?}, blocks {blocks:?}");
            }
        }
    }
}

#[test]
fn blocks_of_any_length_give_the_same_sound() {
    // A hundred events on everything that moves, several on one frame, on block boundaries and off.
    let mut rng = Random::new(7);
    let events: Vec<Event> = {
        let mut events: Vec<Event> = (0..100)
            .map(|n| {
                let key = ParamKey::all().nth(rng.below(ParamKey::COUNT)).expect("a parameter");
                let spec = key.spec();
                let t = f64::from(rng.between(0.0, 1.0));
                let value = f64::from(spec.min) + t * f64::from(spec.max - spec.min);
                let value = if spec.max == 1.0 && spec.min == 0.0 { value.round() } else { value };
                Event { frame: (n * 157) / 3 * 3, key, value }
            })
            .filter(|e| !matches!(e.key, ParamKey::Mix(MixParam::MainInput)))
            .collect();
        events.sort_by_key(|e| e.frame);
        events
    };
    let frames = 16_384;
    for how in EVERYWHERE {
        let mut reference: Option<[Vec<f32>; 2]> = None;
        for blocks in [&[4096][..], &[512], &[1], &[7, 64, 511], &[511, 1, 4096, 7, 512, 64]] {
            let mut plugin = open(how);
            plugin.activate(RATE_HZ, 4096);
            let heard = play(&mut *plugin, frames, blocks, &events, noise);
            match &reference {
                None => reference = Some(heard),
                Some(reference) => assert!(heard == *reference, "{how:?}: blocks {blocks:?} sound different"),
            }
        }
        let reference = reference.expect("it was played");
        assert!(reference[0].iter().any(|x| *x != 0.0));
    }
}

#[test]
fn both_formats_sound_the_same() {
    let events = [
        Event { frame: 100, key: ParamKey::Stem(2, StripParam::Mute), value: 1.0 },
        Event { frame: 1500, key: ParamKey::Stem(9, StripParam::Pan), value: -0.5 },
        Event { frame: 3001, key: ParamKey::Stem(15, StripParam::Polarity), value: 1.0 },
        Event { frame: 3001, key: ParamKey::Stem(1, StripParam::Fader), value: -6.0 },
    ];
    let mut heard = EVERYWHERE.map(|how| {
        let mut plugin = open(how);
        plugin.activate(RATE_HZ, 512);
        play(&mut *plugin, 8192, &[512, 100], &events, noise)
    });
    let first = heard[0].clone();
    for (other, how) in heard.iter_mut().zip(EVERYWHERE) {
        // The formats round a value between 0 and 1 differently, in the last bits.
        for (a, b) in first.iter().flatten().zip(other.iter().flatten()) {
            assert!((a - b).abs() < 1e-6, "{how:?}: {a} and {b}");
        }
    }
}

#[test]
fn points_past_the_block_s_end_act_on_its_last_frame() {
    // Ardour sends them at the frame after the last; nothing keeps a host from sending later ones.
    let sum = 16.0 * 0.1; // sixteen equal stems, added up in pairs
    for how in EVERYWHERE {
        for frame in [100, 101, 600, 1 << 30] {
            let mut plugin = open(how);
            plugin.activate(RATE_HZ, 512);
            let key = ParamKey::Stem(0, StripParam::Mute);
            // The host's memory goes on behind the block, and is none of the plugin's business.
            let mut block = HostBlock::new(200, &[Bus::Stereo; 16], Out::Separate, |_, _, _| 0.1);
            block.frames = 100;
            plugin.process(&mut block, &[Event { frame, key, value: 1.0 }]);
            assert_eq!(plugin.value(key), 1.0, "{how:?}: the point at {frame} is lost");
            assert_eq!(block.heard()[0][100..], [GARBAGE; 100], "{how:?}: written past the end");
            assert_eq!(block.heard()[0][98], sum, "{how:?}: the point at {frame} is early");
            assert!(block.heard()[0][99] < sum, "{how:?}: the point at {frame} is late");
        }
    }
}

#[test]
fn more_points_than_there_is_room_for_are_not_lost() {
    for how in EVERYWHERE {
        let mut plugin = open(how);
        plugin.activate(RATE_HZ, 512);
        let keys: Vec<_> = (0..16).map(|k| ParamKey::Stem(k, StripParam::Pan)).collect();
        let mut events = Vec::new();
        for &key in &keys {
            for i in 0..700 {
                events.push(Event { frame: i * 512 / 700, key, value: if i == 699 { 0.5 } else { -1.0 } });
            }
        }
        if how.0 == Format::Clap {
            events.sort_by_key(|e| e.frame); // as CLAP wants them
        }
        let mut block = HostBlock::new(512, &[Bus::Stereo; 16], Out::Separate, |_, _, _| 0.1);
        plugin.process(&mut block, &events);
        for key in keys {
            assert!((plugin.value(key) - 0.75).abs() < 1e-6, "{key:?}");
        }
    }
}
