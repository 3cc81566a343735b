//! Whatever a host passes, every stem arrives, alone and whole.

use super::block::{Bus, GARBAGE, HostBlock, Out};
use super::format::{EVERYWHERE, Event, From, Plugin, open};
use super::raw_clap::{RawClap, buffer};
use super::raw_vst3::{RawVst3, bus};
use std::ptr::null_mut;
use stemwright::model::limits::{MixParam, ParamKey, StripParam};

/// Left and right of stem k: powers of two, so that every sum is exact.
fn level(k: usize) -> [f32; 2] {
    [2f32.powi(-(k as i32 + 1)), -(2f32.powi(k as i32 - 16))]
}

fn sum(stems: impl IntoIterator<Item = usize>) -> [f32; 2] {
    stems.into_iter().fold([0.0; 2], |[l, r], k| [l + level(k)[0], r + level(k)[1]])
}

fn run(plugin: &mut dyn Plugin, frames: usize, buses: &[Bus], out: Out) -> [Vec<f32>; 2] {
    let mut block = HostBlock::new(frames, buses, out, |k, side, _| level(k.min(15))[side]);
    plugin.process(&mut block, &[]);
    block.heard()
}

fn assert_heard(heard: &[Vec<f32>; 2], want: [f32; 2], what: &str) {
    for side in 0..2 {
        for (i, x) in heard[side].iter().enumerate() {
            assert!(*x == want[side], "{what}: frame {i} side {side} is {x}, should be {}", want[side]);
        }
    }
}

fn everywhere(test: impl Fn(&mut dyn Plugin, &str)) {
    for how in EVERYWHERE {
        let mut plugin = open(how);
        plugin.activate(48_000.0, 512);
        test(&mut *plugin, &format!("{how:?}"));
    }
}

const ALL: [Bus; 16] = [Bus::Stereo; 16];
const BLOCKS: [usize; 8] = [512, 37, 1, 511, 64, 7, 2, 512];

#[test]
fn all_sixteen_stems_arrive_at_every_block_size() {
    everywhere(|plugin, how| {
        for frames in BLOCKS {
            assert_heard(&run(plugin, frames, &ALL, Out::Separate), sum(0..16), how);
        }
    });
}

#[test]
fn each_stem_has_its_own_gain() {
    everywhere(|plugin, how| {
        // Halves and quarters in dB are not exact; polarity and mute are. Every other stem is inverted,
        // every third muted.
        let mut events = Vec::new();
        let mut want = [0.0f32; 2];
        for k in 0..16 {
            let (inverted, muted) = (k % 2 == 1, k % 3 == 2);
            let sign = if muted {
                0.0
            } else if inverted {
                -1.0
            } else {
                1.0
            };
            want = [want[0] + sign * level(k)[0], want[1] + sign * level(k)[1]];
            for (param, on) in [(StripParam::Polarity, inverted), (StripParam::Mute, muted)] {
                events.push(Event {
                    frame: 0,
                    key: ParamKey::Stem(k, param),
                    value: f64::from(u8::from(on)),
                });
            }
        }
        plugin.deactivate();
        plugin.flush(&events);
        plugin.activate(48_000.0, 512); // jumps to the targets
        assert_heard(&run(plugin, 512, &ALL, Out::Separate), want, how);
    });
}

#[test]
fn one_two_three_fifteen_or_sixteen_connected_inputs_are_mixed() {
    everywhere(|plugin, how| {
        for frames in BLOCKS {
            for count in [0, 1, 2, 3, 15, 16] {
                let heard = run(plugin, frames, &ALL[..count], Out::Separate);
                assert_heard(&heard, sum(0..count), &format!("{how}, {count} inputs of {frames}"));
            }
        }
    });
}

#[test]
fn a_host_that_passes_more_inputs_than_declared_is_not_read_past_sixteen() {
    everywhere(|plugin, how| {
        assert_heard(&run(plugin, 64, &[Bus::Stereo; 20], Out::Separate), sum(0..16), how);
    });
}

#[test]
fn an_input_without_memory_is_silence_and_the_others_go_on() {
    everywhere(|plugin, how| {
        for frames in BLOCKS {
            for gone in [Bus::NoArray, Bus::NullChannels, Bus::NoChannels] {
                for k in [0, 1, 5, 15] {
                    let mut buses = ALL;
                    buses[k] = gone;
                    let want = sum((0..16).filter(|j| *j != k));
                    let heard = run(plugin, frames, &buses, Out::Separate);
                    assert_heard(&heard, want, &format!("{how}, {gone:?} at {k}, {frames}"));
                }
            }
        }
    });
}

#[test]
fn a_one_channel_input_sounds_on_both_sides() {
    everywhere(|plugin, how| {
        for k in [0, 3, 15] {
            let mut buses = ALL;
            buses[k] = Bus::Mono;
            let [l, r] = sum((0..16).filter(|j| *j != k));
            let want = [l + level(k)[0], r + level(k)[0]];
            assert_heard(&run(plugin, 64, &buses, Out::Separate), want, &format!("{how}, mono at {k}"));
        }
    });
}

#[test]
fn an_input_with_half_its_channels_sounds_on_that_side() {
    everywhere(|plugin, how| {
        for k in [0, 3, 15] {
            let mut buses = ALL;
            buses[k] = Bus::NullRight;
            let [l, r] = sum((0..16).filter(|j| *j != k));
            let want = [l + level(k)[0], r];
            assert_heard(&run(plugin, 64, &buses, Out::Separate), want, &format!("{how}, half at {k}"));
        }
    });
}

#[test]
fn the_output_may_lie_over_any_input() {
    everywhere(|plugin, how| {
        for frames in [512, 1, 37] {
            for out in [Out::Over(0), Out::Crossed, Out::Over(1), Out::Over(8), Out::Over(15)] {
                let heard = run(plugin, frames, &ALL, out);
                assert_heard(&heard, sum(0..16), &format!("{how}, {out:?}"));
            }
        }
    });
}

#[test]
fn a_block_longer_than_announced_is_mixed_whole() {
    // The linked code is watched, and here a host forces an allocation: so the bundles alone.
    for how in EVERYWHERE.into_iter().filter(|(_, from)| *from == From::Bundle) {
        let mut plugin = open(how);
        plugin.activate(48_000.0, 512);
        assert_heard(&run(&mut *plugin, 2000, &ALL, Out::Separate), sum(0..16), &format!("{how:?}"));
    }
}

#[test]
fn an_inactive_bus_is_not_read() {
    everywhere(|plugin, how| {
        if !plugin.set_input_active(1, false) {
            return;
        }
        for k in 1..15 {
            plugin.set_input_active(k, false);
        }
        assert_heard(&run(plugin, 37, &ALL, Out::Separate), sum([0, 15]), how);
        plugin.set_input_active(7, true);
        assert_heard(&run(plugin, 512, &ALL, Out::Separate), sum([0, 7, 15]), how);
        // With null pointers behind it, as the interface allows.
        let mut buses = ALL;
        buses[3] = Bus::NullChannels;
        assert_heard(&run(plugin, 64, &buses, Out::Separate), sum([0, 7, 15]), how);
    });
}

#[test]
fn a_main_input_that_carries_the_others_can_be_ignored() {
    everywhere(|plugin, how| {
        let key = ParamKey::Mix(MixParam::MainInput);
        plugin.deactivate();
        plugin.flush(&[Event { frame: 0, key, value: 1.0 }]);
        plugin.activate(48_000.0, 512);
        for out in [Out::Separate, Out::Over(0)] {
            assert_heard(&run(plugin, 512, &ALL, out), sum(1..16), how);
        }
    });
}

#[test]
fn bypass_settles_on_the_plain_sum() {
    everywhere(|plugin, how| {
        let set = |key, value| Event { frame: 0, key, value };
        plugin.deactivate();
        plugin.flush(&[
            set(ParamKey::Stem(3, StripParam::Mute), 1.0),
            set(ParamKey::Stem(4, StripParam::Fader), -20.0),
            set(ParamKey::Mix(MixParam::Output), -6.0),
        ]);
        plugin.activate(48_000.0, 512);
        let on = set(ParamKey::Mix(MixParam::Bypass), 1.0);
        let mut block = HostBlock::new(512, &ALL, Out::Separate, |k, side, _| level(k)[side]);
        plugin.process(&mut block, &[on]);
        for _ in 0..16 {
            run(plugin, 512, &ALL, Out::Separate);
        }
        assert_heard(&run(plugin, 512, &ALL, Out::Separate), sum(0..16), how);
    });
}

#[test]
fn a_silent_main_input_does_not_stop_the_others() {
    everywhere(|plugin, how| {
        let mut block =
            HostBlock::new(512, &ALL, Out::Separate, |k, side, _| if k == 0 { 0.0 } else { level(k)[side] });
        for _ in 0..20 {
            plugin.process(&mut block, &[]); // `process` asserts that the plugin keeps alive
        }
        assert_heard(&block.heard(), sum(1..16), how);
    });
}

#[test]
fn clap_a_constant_channel_is_silent_only_if_it_is_zero() {
    for from in [From::Bundle, From::Linked] {
        let mut clap = RawClap::open(from);
        clap.activate(48_000.0, 512);
        let mut block = HostBlock::new(64, &ALL, Out::Separate, |k, side, _| level(k)[side]);
        let mut inputs: Vec<_> = block.inputs.iter_mut().map(|pair| buffer(pair, 2)).collect();
        for input in &mut inputs {
            input.constant_mask = 3;
        }
        let mut outputs = [buffer(&mut block.output, 2)];
        outputs[0].constant_mask = 3;
        clap.process_raw(64, &inputs, &mut outputs, &Vec::new());
        assert_eq!(outputs[0].constant_mask, 0, "what the host left there is taken back");
        assert_heard(&block.heard(), sum(0..16), "all constant");
    }
}

#[test]
fn vst3_silence_flags_save_work_and_the_output_s_are_cleared() {
    for from in [From::Bundle, From::Linked] {
        let mut vst3 = RawVst3::open(from);
        vst3.activate(48_000.0, 512);
        let silent = [2, 9];
        let mut block =
            HostBlock::new(
                64,
                &ALL,
                Out::Separate,
                |k, side, _| {
                    if silent.contains(&k) { 0.0 } else { level(k)[side] }
                },
            );
        let mut inputs: Vec<_> = block.inputs.iter_mut().map(|pair| bus(pair, 2)).collect();
        for k in silent {
            inputs[k].silenceFlags = 3;
        }
        inputs[5].silenceFlags = 3; // left over from another block: there is sound in it
        let mut outputs = [bus(&mut block.output, 2)];
        outputs[0].silenceFlags = 3;
        vst3.process_raw(64, &mut inputs, &mut outputs, null_mut());
        assert_eq!(outputs[0].silenceFlags, 0);
        assert_heard(&block.heard(), sum((0..16).filter(|k| !silent.contains(k))), "two silent");
    }
}

#[test]
fn without_an_output_nothing_is_written_and_parameters_are_taken() {
    let key = ParamKey::Stem(4, StripParam::Pan);
    for from in [From::Bundle, From::Linked] {
        let mut clap = RawClap::open(from);
        clap.activate(48_000.0, 512);
        let events = clap.events(&[Event { frame: 0, key, value: 0.5 }]);
        clap.process_raw(64, &[], &mut [], &events);
        assert!((clap.value(key) - 0.75).abs() < 1e-6);

        let mut vst3 = RawVst3::open(from);
        vst3.activate(48_000.0, 512);
        for (frames, value) in [(0, 0.25), (64, 0.5)] {
            let changes = vst3.changes(&[Event { frame: 0, key, value }]);
            vst3.process_raw(frames, &mut [], &mut [], changes.as_ptr());
            assert!((vst3.value(key) - (value + 1.0) / 2.0).abs() < 1e-6);
        }
        // No frames, but memory: the host only hands over parameters.
        let mut block = HostBlock::new(8, &ALL, Out::Separate, |_, _, _| 1.0);
        let mut outputs = [bus(&mut block.output, 2)];
        vst3.process_raw(0, &mut [], &mut outputs, null_mut());
        assert_heard(&block.heard(), [GARBAGE; 2], "no frames");
        assert_ne!(vst3.process_raw(-1, &mut [], &mut outputs, null_mut()), 0, "a negative length");
    }
}

#[test]
fn an_output_whose_sides_share_memory_gets_the_left_one() {
    everywhere(|plugin, how| {
        let mut block = HostBlock::new(64, &ALL, Out::Separate, |k, side, _| level(k)[side]);
        block.output[1] = block.output[0];
        plugin.process(&mut block, &[]);
        let [left, right] = block.heard();
        assert_heard(&[left.clone(), left], [sum(0..16)[0]; 2], how);
        assert!(right.iter().all(|x| *x == GARBAGE));
    });
}

#[test]
fn before_activation_parameters_are_taken_and_audio_is_refused() {
    let key = ParamKey::Stem(4, StripParam::Pan);
    for from in [From::Bundle, From::Linked] {
        let mut vst3 = RawVst3::open(from);
        let mut block = HostBlock::new(8, &ALL, Out::Separate, |_, _, _| 1.0);
        let mut inputs: Vec<_> = block.inputs.iter_mut().map(|pair| bus(pair, 2)).collect();
        let mut outputs = [bus(&mut block.output, 2)];
        let changes = vst3.changes(&[Event { frame: 0, key, value: 0.5 }]);
        assert_ne!(vst3.process_raw(8, &mut inputs, &mut outputs, changes.as_ptr()), 0);
        assert!((vst3.value(key) - 0.75).abs() < 1e-6);

        let mut clap = RawClap::open(from);
        let mut block = HostBlock::new(8, &ALL, Out::Separate, |_, _, _| 1.0);
        // `process` asserts that it says so.
        clap.process(&mut block, &[Event { frame: 0, key, value: 0.5 }]);
        assert!((clap.value(key) - 0.75).abs() < 1e-6);
    }
}
