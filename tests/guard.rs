//! A panic of ours does not take the host down.
#![cfg(feature = "plugin")]

mod support;

use std::cell::Cell;
use stemwright::engine::StemBlock;
use stemwright::model::limits::STEMS;
use stemwright::plugin::guard::Guard;
use support::no_alloc::{Watched, no_alloc};

#[global_allocator]
static ALLOCATOR: Watched = Watched;

const RATE_HZ: f64 = 48_000.0;
const FRAMES: usize = 64;
/// The sum of the inputs that [`run`] plays.
const SUM: f32 = 0.5 + 15.0 * 0.015_625;

/// Plays one block of constant stems; `engine` does what it likes with it.
fn run(guard: &mut Guard, ignore_main: bool, engine: impl FnOnce(&mut StemBlock)) -> [Vec<f32>; 2] {
    let mut main = [vec![0.5; FRAMES], vec![0.5; FRAMES]];
    let aux = vec![0.015_625; FRAMES];
    {
        let [left, right] = &mut main;
        let mut block = StemBlock {
            main: [left, right],
            aux: [[&aux[..]; 2]; STEMS - 1],
            connected: StemBlock::ALL,
            silent: 0,
        };
        guard.process(&mut block, ignore_main, engine);
    }
    main
}

/// An engine whose mix is 1 throughout.
fn fine(block: &mut StemBlock) {
    block.main.iter_mut().for_each(|side| side.fill(1.0));
}

/// An engine that spoils half of the block and then fails.
fn fails(block: &mut StemBlock) {
    block.main[0][..FRAMES / 2].fill(f32::NAN);
    panic!("a defect, on purpose");
}

fn ready() -> Guard {
    let mut guard = Guard::default();
    guard.prepare(RATE_HZ, FRAMES);
    guard
}

#[test]
fn a_panic_is_contained_and_the_sound_fades_to_the_plain_sum() {
    let mut guard = ready();
    run(&mut guard, false, fine);
    assert!(!guard.has_fault());
    let mut last = 1.0;
    let mut heard = run(&mut guard, false, fails);
    assert!(guard.has_fault());
    for _ in 0..200 {
        for (l, r) in heard[0].iter().zip(&heard[1]) {
            assert!((SUM..=1.0).contains(l), "between the last good frame and the sum: {l}");
            assert_eq!(l, r);
            assert!((l - last).abs() < 2e-3, "no jump from {last} to {l}");
            last = *l;
        }
        heard = run(&mut guard, false, |_| unreachable!("a failed engine is not called again"));
    }
    assert_eq!(last, SUM);
}

#[test]
fn an_ignored_main_input_stays_ignored_in_a_fault() {
    let mut guard = ready();
    run(&mut guard, true, fails);
    for _ in 0..200 {
        run(&mut guard, true, |_| ());
    }
    assert_eq!(run(&mut guard, true, |_| ())[0][0], SUM - 0.5);
}

#[test]
fn activating_anew_ends_the_fault() {
    let mut guard = ready();
    run(&mut guard, false, fails);
    guard.prepare(RATE_HZ, FRAMES);
    assert!(!guard.has_fault());
    assert_eq!(run(&mut guard, false, fine)[0], vec![1.0; FRAMES]);
}

#[test]
fn garbage_at_the_inputs_is_kept_out_of_the_plain_sum() {
    let mut guard = ready();
    run(&mut guard, false, fails);
    for bad in [f32::NAN, f32::INFINITY, -1e38] {
        let mut main = [vec![bad; FRAMES], vec![0.25; FRAMES]];
        let [left, right] = &mut main;
        let mut block = StemBlock {
            main: [left, right],
            aux: [[&[] as &[f32]; 2]; STEMS - 1],
            connected: StemBlock::ALL,
            silent: 0,
        };
        guard.process(&mut block, false, |_| ());
        assert!(main.iter().flatten().all(|x| x.is_finite()));
    }
}

#[test]
fn nothing_is_allocated_while_all_is_well_or_after_the_fault() {
    let mut guard = ready();
    let called = Cell::new(false);
    let aux = vec![0.0; FRAMES];
    let mut main = [vec![0.5; FRAMES], vec![0.5; FRAMES]];
    for round in 0..3 {
        if round == 1 {
            run(&mut guard, false, fails);
        }
        let [left, right] = &mut main;
        let mut block = StemBlock {
            main: [left, right],
            aux: [[&aux[..]; 2]; STEMS - 1],
            connected: StemBlock::ALL,
            silent: 0,
        };
        no_alloc(|| guard.process(&mut block, false, |_| called.set(true)));
        assert_eq!(called.replace(false), round == 0);
    }
}
