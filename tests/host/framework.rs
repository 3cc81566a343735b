//! The framework, too, asks nothing of the system on the audio thread, as we call it. (Nor does it
//! allocate: every other test of this program watches that.)
#![cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]

use super::block::{Bus, HostBlock, Out};
use super::child::{DONE, is_child, run_child, under_seccomp};
use super::format::{Event, From, Plugin};
use super::raw_clap::{RawClap, buffer};
use super::raw_vst3::{RawVst3, bus};
use std::ptr::null_mut;
use stemwright::model::limits::{ParamKey, StripParam};

const FRAMES: usize = 512;
const ROUNDS: usize = 100;

/// What a host hands to its audio thread.
struct Moved<T>(T);
// SAFETY: the main thread only waits meanwhile, as a host's does not touch these either.
unsafe impl<T> Send for Moved<T> {}
impl<T> Moved<T> {
    /// By method, so that a closure takes the whole and not its field.
    fn get(&mut self) -> &mut T {
        &mut self.0
    }
}

/// One point for every fader, pan and mute, at two places, and back again in the next block.
fn automation(round: usize) -> Vec<Event> {
    let keys = ParamKey::all().filter(|key| {
        matches!(key, ParamKey::Stem(_, StripParam::Fader | StripParam::Pan | StripParam::Mute))
    });
    let mut events: Vec<Event> = keys
        .flat_map(|key| [0, 100].map(|frame| Event { frame, key, value: ((round + frame / 100) % 2) as f64 }))
        .collect();
    events.sort_by_key(|e| e.frame);
    events
}

fn block() -> Box<HostBlock> {
    HostBlock::new(FRAMES, &[Bus::Stereo; 16], Out::Separate, |_, _, _| 0.1)
}

fn clap(automated: bool) -> ! {
    let mut clap = RawClap::open(From::Linked);
    clap.activate(48_000.0, FRAMES);
    let mut block = block();
    let inputs: Vec<_> = block.inputs.iter_mut().map(|pair| buffer(pair, 2)).collect();
    let outputs = [buffer(&mut block.output, 2)];
    let events: Vec<_> =
        (0..2).map(|round| if automated { clap.events(&automation(round)) } else { Vec::new() }).collect();
    let mut moved = Moved((clap, block, inputs, outputs, events));
    under_seccomp(move || {
        let (clap, _, inputs, outputs, events) = moved.get();
        for round in 0..ROUNDS {
            clap.process_raw(FRAMES, inputs, outputs, &events[round % 2]);
        }
        std::mem::forget(moved);
    })
}

fn vst3(automated: bool) -> ! {
    let mut vst3 = RawVst3::open(From::Linked);
    vst3.activate(48_000.0, FRAMES);
    let mut block = block();
    let inputs: Vec<_> = block.inputs.iter_mut().map(|pair| bus(pair, 2)).collect();
    let outputs = [bus(&mut block.output, 2)];
    let changes: Vec<_> = (0..2).map(|round| vst3.changes(&automation(round))).collect();
    let mut moved = Moved((vst3, block, inputs, outputs, changes));
    under_seccomp(move || {
        let (vst3, _, inputs, outputs, changes) = moved.get();
        for round in 0..ROUNDS {
            let changes = if automated { changes[round % 2].as_ptr() } else { null_mut() };
            vst3.process_raw(FRAMES as i32, inputs, outputs, changes);
        }
        std::mem::forget(moved);
    })
}

#[test]
fn clap_without_automation_makes_no_system_call() {
    if is_child() {
        clap(false);
    }
    let child = run_child("framework::clap_without_automation_makes_no_system_call");
    assert_eq!(child.status.code(), Some(DONE), "{child:?}");
}

#[test]
fn clap_with_automation_makes_no_system_call() {
    if is_child() {
        clap(true);
    }
    let child = run_child("framework::clap_with_automation_makes_no_system_call");
    assert_eq!(child.status.code(), Some(DONE), "{child:?}");
}

#[test]
fn vst3_without_automation_makes_no_system_call() {
    if is_child() {
        vst3(false);
    }
    let child = run_child("framework::vst3_without_automation_makes_no_system_call");
    assert_eq!(child.status.code(), Some(DONE), "{child:?}");
}

#[test]
fn vst3_with_automation_makes_no_system_call() {
    if is_child() {
        vst3(true);
    }
    let child = run_child("framework::vst3_with_automation_makes_no_system_call");
    assert_eq!(child.status.code(), Some(DONE), "{child:?}");
}
