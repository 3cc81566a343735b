//! The built bundles in two hosts that others wrote: clack-host (CLAP) and vst3-host (VST3).

use super::clap_host::{ClapHost, Event};
use super::format::{bundle, normalised};
use stemwright::model::limits::{ParamKey, StripParam};
use vst3_host::Vst3Host;
use vst3_host::audio::{BusDirection, MediaType};
use vst3_host::plugin::Plugin;

/// Stem k: a power of two, so that every sum is exact.
fn level(k: usize) -> f32 {
    2f32.powi(-(k as i32) - 1)
}

fn sum(stems: impl IntoIterator<Item = usize>) -> f32 {
    stems.into_iter().map(level).sum()
}

fn clack() -> ClapHost {
    ClapHost::open(&bundle("stemwright.clap")).expect("the bundle opens")
}

/// One block of constant stems: `stems[k]` on both sides of input k, `None` where it has no channels.
fn clack_block(host: &mut ClapHost, frames: usize, stems: &[Option<f32>], events: &[Event]) -> Vec<Vec<f32>> {
    let channels: Vec<Vec<f32>> = stems.iter().map(|s| vec![s.unwrap_or(0.0); frames]).collect();
    let ports: Vec<Vec<&[f32]>> = stems
        .iter()
        .zip(&channels)
        .map(|(s, c)| if s.is_some() { vec![&c[..]; 2] } else { vec![] })
        .collect();
    let ports: Vec<&[&[f32]]> = ports.iter().map(Vec::as_slice).collect();
    host.process(&ports, events, frames).expect("it processes")
}

#[test]
fn clack_host_sixteen_stems_arrive_each_with_its_own_gain() {
    let mut host = clack();
    assert_eq!((host.inputs.len(), host.outputs.len(), host.latency()), (16, 1, 0));
    assert_eq!(host.params.len(), ParamKey::COUNT);
    host.activate(48_000.0, 4096).expect("it activates");
    for frames in [1, 7, 64, 511, 512, 4096] {
        for count in [1, 2, 3, 15, 16] {
            let stems: Vec<_> = (0..16).map(|k| Some(if k < count { level(k) } else { 0.0 })).collect();
            let heard = clack_block(&mut host, frames, &stems, &[]);
            assert!(heard.iter().flatten().all(|x| *x == sum(0..count)), "{count} stems, {frames} frames");
        }
    }
    let gone: Vec<_> = (0..16).map(|k| (k != 3).then(|| level(k))).collect();
    let heard = clack_block(&mut host, 64, &gone, &[]);
    assert!(heard.iter().flatten().all(|x| *x == sum((0..16).filter(|k| *k != 3))));
    host.deactivate();
}

#[test]
fn clack_host_an_event_acts_at_its_frame_and_the_state_comes_back() {
    let mut host = clack();
    host.activate(48_000.0, 8192).expect("it activates");
    let mute = host.param("Stem 01 Mute").expect("the parameter").clone();
    let stems: Vec<_> = (0..16).map(|k| Some(level(k))).collect();
    let event = Event { frame: 5000, param: mute.id, value: mute.max };
    let heard = clack_block(&mut host, 8192, &stems, &[event]);
    assert_eq!(heard[0].iter().position(|x| *x != sum(0..16)), Some(5000));
    assert_eq!(clack_block(&mut host, 8192, &stems, &[])[1][8191], sum(1..16));
    let state = host.save_state().expect("it saves");
    let mut fresh = clack();
    fresh.load_state(&state).expect("it loads");
    fresh.activate(48_000.0, 512).expect("it activates");
    let heard = clack_block(&mut fresh, 512, &stems, &[]);
    assert!(heard.iter().flatten().all(|x| *x == sum(1..16)));
}

/// A VST3 instance at 48 kHz, every input active, as `vst3-host` wants it.
fn vst3() -> (Vst3Host, Plugin) {
    let mut host = Vst3Host::builder().sample_rate(48_000.0).block_size(4096).build().expect("a host");
    let mut plugin = host.load_plugin(bundle("stemwright.vst3")).expect("the bundle loads");
    for k in 1..16 {
        plugin.set_bus_active(MediaType::Audio, BusDirection::Input, k, true).expect("an input");
    }
    (host, plugin)
}

fn vst3_block(plugin: &mut Plugin, frames: usize, stem: impl Fn(usize) -> f32) -> Vec<Vec<f32>> {
    let mut buffers = plugin.create_bus_audio_buffers(frames).expect("buffers");
    for (k, bus) in buffers.inputs.iter_mut().enumerate() {
        bus.channels.iter_mut().for_each(|channel| channel.fill(stem(k)));
    }
    plugin.process_bus_audio(&mut buffers).expect("it processes");
    buffers.outputs[0].channels.clone()
}

fn id(plugin: &Plugin, key: ParamKey) -> u32 {
    let all = plugin.get_parameters().expect("parameters");
    all.iter().find(|p| p.name == key.name()).expect("the parameter").id
}

#[test]
fn vst3_host_sixteen_stems_arrive_at_every_block_size_and_connection() {
    let (_host, mut plugin) = vst3();
    assert_eq!(plugin.audio_bus_layout().expect("a layout").inputs.len(), 16);
    plugin.start_processing().expect("it starts");
    for frames in [1, 7, 64, 511, 512, 4096] {
        for count in [1, 2, 3, 15, 16] {
            let heard = vst3_block(&mut plugin, frames, |k| if k < count { level(k) } else { 0.0 });
            assert!(heard.iter().flatten().all(|x| *x == sum(0..count)), "{count} stems, {frames} frames");
        }
    }
    plugin.stop_processing().expect("it stops");
    for k in 1..15 {
        plugin.set_bus_active(MediaType::Audio, BusDirection::Input, k, false).expect("an input");
    }
    plugin.start_processing().expect("it starts");
    let heard = vst3_block(&mut plugin, 100, level);
    assert!(heard.iter().flatten().all(|x| *x == sum([0, 15])), "only the first and the last are active");
}

#[test]
fn vst3_host_an_event_acts_at_its_frame_and_the_state_comes_back() {
    let (_host, mut plugin) = vst3();
    let mute = id(&plugin, ParamKey::Stem(0, StripParam::Mute));
    let pan = ParamKey::Stem(1, StripParam::Pan);
    plugin.start_processing().expect("it starts");
    vst3_block(&mut plugin, 4096, level);
    plugin.set_parameter_at(mute, 1.0, 904).expect("an event");
    let heard = vst3_block(&mut plugin, 4096, level);
    assert_eq!(heard[0].iter().position(|x| *x != sum(0..16)), Some(904));
    plugin.set_parameter_at(id(&plugin, pan), normalised(pan, 1.0), 0).expect("an event");
    for _ in 0..3 {
        vst3_block(&mut plugin, 4096, level);
    }
    let heard = vst3_block(&mut plugin, 64, level);
    let state = plugin.save_state().expect("it saves");
    let (_host, mut fresh) = vst3();
    fresh.load_state(&state).expect("it loads");
    fresh.start_processing().expect("it starts");
    let again = vst3_block(&mut fresh, 64, level);
    for (a, b) in heard.iter().flatten().zip(again.iter().flatten()) {
        assert_eq!(a, b);
    }
    assert!(heard[0][0] < heard[1][0]);
}
