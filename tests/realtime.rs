//! The engine asks nothing of the system while it processes, and the watches that say so do bite.
//!
//! The kernel and the allocator end the whole process where a promise is broken, so each such test runs
//! this program anew as a child and looks at how that ended.
#![cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]

#[path = "support/child.rs"]
mod child;
mod support;

use child::{DONE, is_child, run_child, under_seccomp};
use std::os::unix::process::ExitStatusExt;
use std::process::exit;
use std::sync::Arc;
use std::thread;
use stemwright::engine::{MixEngine, StemBlock};
use stemwright::model::limits::{ParamKey, STEMS};
use stemwright::model::settings::MixSettings;
use stemwright::sync::Meters;
use support::no_alloc::no_alloc;
use support::random::{Random, any_value};
use support::signals::noise;

#[global_allocator]
static ALLOCATOR: support::no_alloc::Watched = support::no_alloc::Watched;

/// How a watched allocator ends a process.
const SIGABRT: i32 = 6;
/// How the kernel ends a process at a forbidden call.
const SIGSYS: i32 = 31;

const BLOCK: usize = 256;

#[test]
fn nothing_is_allocated_or_asked_of_the_system_while_all_is_automated_and_measured() {
    if !is_child() {
        let child =
            run_child("nothing_is_allocated_or_asked_of_the_system_while_all_is_automated_and_measured");
        assert_eq!(child.status.code(), Some(DONE), "{child:?}");
        return;
    }
    // All that can be measured is, and each of it is taken now and then.
    let meters = Arc::new(Meters::default());
    meters.probe().watch(true);
    meters.loudness().listen(true);
    meters.loudness().learn(true);
    meters.loudness().stem_peak().ask(Some(0));
    meters.scope().look_at(Some(1));
    let mut engine = MixEngine::new(meters.clone());
    let mut random = Random::new(1);
    let mut settings = MixSettings::default();
    let input = noise(2, BLOCK);
    let mut main = [input.clone(), input.clone()];
    under_seccomp(move || {
        for round in 0..200u32 {
            for key in ParamKey::all() {
                settings.set(key, any_value(&mut random, &key.spec()));
            }
            engine.set(&settings);
            let [left, right] = &mut main;
            left.copy_from_slice(&input);
            right.copy_from_slice(&input);
            // A stem that is garbage, some that are silent, some that come and go.
            left[0] = f32::NAN;
            let mut block = StemBlock {
                main: [left, right],
                aux: [[&input, &input]; STEMS - 1],
                connected: StemBlock::ALL & !(1 << (round % 16)),
                silent: round.rotate_left(5) & StemBlock::ALL,
            };
            no_alloc(|| engine.process(&mut block));
            if round % 60 == 0 {
                while meters.loudness().take().is_some() || meters.probe().take().is_some() {}
                meters.loudness().stem_peak().ask(Some(round as usize % STEMS));
            }
            match round % 50 {
                20 => engine.land(),
                40 => engine.reset(),
                _ => {}
            }
        }
        // Kept: dropping would free.
        std::mem::forget((engine, meters, input, main));
    });
}

#[test]
fn a_system_call_under_the_filter_ends_the_process() {
    if !is_child() {
        let child = run_child("a_system_call_under_the_filter_ends_the_process");
        assert_eq!(child.status.signal(), Some(SIGSYS), "the filter lets calls through: {child:?}");
        return;
    }
    under_seccomp(thread::yield_now);
}

#[test]
fn an_allocation_under_watch_ends_the_process() {
    if !is_child() {
        let child = run_child("an_allocation_under_watch_ends_the_process");
        assert_eq!(child.status.signal(), Some(SIGABRT), "the watch sees nothing: {child:?}");
        assert!(String::from_utf8_lossy(&child.stderr).contains("allocation of 64 bytes"), "{child:?}");
        return;
    }
    no_alloc(|| std::hint::black_box(Vec::<u8>::with_capacity(64)));
    exit(DONE);
}

#[test]
fn a_free_under_watch_ends_the_process() {
    if !is_child() {
        let child = run_child("a_free_under_watch_ends_the_process");
        assert_eq!(child.status.signal(), Some(SIGABRT), "the watch sees nothing: {child:?}");
        assert!(String::from_utf8_lossy(&child.stderr).contains("free of 64 bytes"), "{child:?}");
        return;
    }
    let memory = std::hint::black_box(Vec::<u8>::with_capacity(64));
    no_alloc(|| drop(memory));
    exit(DONE);
}
