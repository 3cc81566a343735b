//! Instructions of a pass of 1024 frames in each situation, which do not depend on the machine's mood.
//! Each limit is what was counted when it was last set and a twentieth more; a change that needs more says
//! why, one that needs less lowers it. Counted for AVX2, under valgrind.

use gungraun::prelude::*;
use gungraun::{Callgrind, EventKind};
use stemwright_bench::{Case, Ears, Motion, Player};

const FRAMES: usize = 1024;

/// All stems, five sections, loudness, blocks of 256 frames, at rest.
fn rest() -> Case {
    Case::default()
}

fn limit(instructions: u64) -> LibraryBenchmarkConfig {
    let mut config = LibraryBenchmarkConfig::default();
    config.tool(Callgrind::default().hard_limits([(EventKind::Ir, instructions)]));
    config
}

#[library_benchmark(setup = Player::new)]
#[bench::five_sections(args = (rest()), config = limit(547_000))]
#[bench::six_sections(args = (Case { sections: 6, ..rest() }), config = limit(599_000))]
#[bench::eight_sections(args = (Case { sections: 8, ..rest() }), config = limit(702_000))]
#[bench::no_sections(args = (Case { sections: 0, ..rest() }), config = limit(290_000))]
#[bench::metering(args = (Case { ears: Ears::Judge, ..rest() }), config = limit(614_000))]
#[bench::learning(args = (Case { ears: Ears::Learn, ..rest() }), config = limit(756_000))]
#[bench::no_loudness(args = (Case { loudness: false, ..rest() }), config = limit(466_000))]
#[bench::faders_move(args = (Case { motion: Motion::Faders, ..rest() }), config = limit(610_000))]
#[bench::gains_move(args = (Case { motion: Motion::Gains, ..rest() }), config = limit(682_000))]
// In a section that moves it is looked for what goes straight between the places of a glide.
#[bench::everything_moves(args = (Case { motion: Motion::Everything, ..rest() }), config = limit(1_052_000))]
#[bench::glide(args = (Case { motion: Motion::Glide, ..rest() }), config = limit(573_000))]
#[bench::glide_of_everything(args = (Case { motion: Motion::GlideOfEverything, ..rest() }), config = limit(897_000))]
#[bench::one_stem(args = (Case { stems: 1, ..rest() }), config = limit(291_000))]
// Whether somebody listens, to a stem's true peak as well, is looked at in every part, and a silent part is short.
#[bench::silent(args = (Case { stems: 0, ..rest() }), config = limit(68_000))]
// And whether a scene was stepped, in every block.
#[bench::block_1(args = (Case { block: 1, ..rest() }), config = limit(3_850_000))]
#[bench::block_16(args = (Case { block: 16, ..rest() }), config = limit(709_000))]
#[bench::block_31(args = (Case { block: 31, ..rest() }), config = limit(700_000))]
#[bench::block_32(args = (Case { block: 32, ..rest() }), config = limit(567_000))]
fn pass(mut player: Player) -> Player {
    for _ in 0..FRAMES / player.block() {
        player.play();
    }
    player
}

library_benchmark_group!(name = engine, benchmarks = pass);
main!(library_benchmark_groups = engine);
