//! Everything against everything, by the clock: each contender runs a little in turn, many rounds, so that
//! whatever slows the machine slows all of them. Prints the fifth percentile.

use std::time::Instant;
use stemwright::engine::Backend;
use stemwright_bench::naive::Naive;
use stemwright_bench::{Case, Ears, Motion, Player};

const ROUNDS: usize = 150;
const SLICE_S: f64 = 0.000_4;

struct Contender {
    name: &'static str,
    block: usize,
    /// With the processor's flushing of denormal numbers off.
    denormals: bool,
    play: Box<dyn FnMut()>,
    repeats: usize,
    ns: Vec<f64>,
}

impl Contender {
    fn new(name: &'static str, block: usize, play: impl FnMut() + 'static) -> Self {
        Self { name, block, denormals: false, play: Box::new(play), repeats: 1, ns: Vec::new() }
    }

    fn engine(name: &'static str, case: Case) -> Self {
        let mut player = Player::new(case);
        Self::new(name, case.block, move || player.play())
    }

    fn naive(name: &'static str, case: Case) -> Self {
        let mut naive = Naive::new(case);
        Self::new(name, case.block, move || naive.play())
    }

    fn time(&mut self) -> f64 {
        let (repeats, play) = (self.repeats, &mut self.play);
        let mut run = || {
            play();
            let start = Instant::now();
            (0..repeats).for_each(|_| play());
            start.elapsed().as_secs_f64()
        };
        if self.denormals {
            run()
        } else {
            // SAFETY: nothing here relies on how the processor rounds; the mode is put back after.
            unsafe { no_denormals::no_denormals(run) }
        }
    }

    fn fifth_percentile(&self) -> f64 {
        let mut ns = self.ns.clone();
        ns.sort_by(f64::total_cmp);
        ns[ns.len() / 20]
    }
}

fn main() {
    let rest = Case::default();
    let mut field = vec![
        Contender::engine("5 sections, loudness", rest),
        Contender::engine("6 sections, loudness", Case { sections: 6, ..rest }),
        Contender::engine("8 sections, loudness", Case { sections: 8, ..rest }),
        Contender::engine("5 sections", Case { loudness: false, ..rest }),
        Contender::engine("no sections", Case { sections: 0, loudness: false, ..rest }),
        Contender::engine("block 1", Case { block: 1, ..rest }),
        Contender::engine("block 16", Case { block: 16, ..rest }),
        Contender::engine("block 31", Case { block: 31, ..rest }),
        Contender::engine("block 32", Case { block: 32, ..rest }),
        Contender::engine("block 33", Case { block: 33, ..rest }),
        Contender::engine("block 64", Case { block: 64, ..rest }),
        Contender::engine("block 1024", Case { block: 1024, ..rest }),
        Contender::engine("1 stem", Case { stems: 1, ..rest }),
        Contender::engine("8 stems", Case { stems: 8, ..rest }),
        Contender::engine("all silent", Case { stems: 0, ..rest }),
        Contender::engine("metering", Case { ears: Ears::Judge, ..rest }),
        Contender::engine("metering, block 1", Case { ears: Ears::Judge, block: 1, ..rest }),
        Contender::engine("learning", Case { ears: Ears::Learn, ..rest }),
        Contender::engine("faders move", Case { motion: Motion::Faders, ..rest }),
        Contender::engine("all gains move", Case { motion: Motion::Gains, ..rest }),
        Contender::engine("everything moves", Case { motion: Motion::Everything, ..rest }),
        Contender::engine("fading away", Case { fading: true, ..rest }),
        Contender::engine("fading away, denormals on", Case { fading: true, ..rest }),
        Contender::engine("portable", Case { backend: Backend::Portable, ..rest }),
        Contender::engine(
            "portable, everything moves",
            Case { backend: Backend::Portable, motion: Motion::Everything, ..rest },
        ),
        Contender::naive("naive", rest),
        Contender::naive("naive, everything moves", Case { motion: Motion::Everything, ..rest }),
    ];
    for contender in &mut field {
        contender.denormals = contender.name.ends_with("denormals on");
        (0..20).for_each(|_| (contender.play)());
        let once = contender.time();
        contender.repeats = ((SLICE_S / once).ceil() as usize).max(1);
    }
    for _ in 0..ROUNDS {
        for contender in &mut field {
            let frames = (contender.repeats * contender.block) as f64;
            let ns = contender.time() * 1e9 / frames;
            contender.ns.push(ns);
        }
    }
    let first = field[0].fifth_percentile();
    println!("| 16 stereo stems, 48 kHz, {:?} | ns / frame | of the first |", Backend::fastest());
    println!("|---|---|---|");
    for contender in &field {
        let ns = contender.fifth_percentile();
        println!("| {} | {ns:.1} | {:.2} |", contender.name, ns / first);
    }
    let ns = |name: &str| field.iter().find(|c| c.name == name).map_or(f64::NAN, Contender::fifth_percentile);
    let extra = |name: &str| (ns(name) / first - 1.0) * 100.0;
    println!();
    println!("| target | wanted | measured | |");
    println!("|---|---|---|---|");
    let rows = [
        ("naive over 5 sections", "at least 20", ns("naive") / first, 20.0, false),
        ("metering, extra over rest in %", "at most 30", extra("metering"), 30.0, true),
        ("learning, extra over rest in %", "at most 70", extra("learning"), 70.0, true),
        ("all gains moving over rest", "at most 1.1", ns("all gains move") / first, 1.1, true),
        ("everything moving over rest", "at most 2.3", ns("everything moves") / first, 2.3, true),
        (
            "naive, everything moving over rest",
            "6.2 as a rule",
            ns("naive, everything moves") / ns("naive"),
            1e9,
            true,
        ),
        ("block 31 over 256", "at most 1.25", ns("block 31") / first, 1.25, true),
        ("block 32 over 256", "at most 1.25", ns("block 32") / first, 1.25, true),
        ("block 33 over 256", "at most 1.25", ns("block 33") / first, 1.25, true),
        ("block 64 over 256", "at most 1.25", ns("block 64") / first, 1.25, true),
        ("block 16 over 256", "at most 1.5", ns("block 16") / first, 1.5, true),
        ("block 1 over 256", "at most 6", ns("block 1") / first, 6.0, true),
        ("1 stem over 16", "at most 0.7", ns("1 stem") / first, 0.7, true),
        (
            "denormals on over off",
            "at most 1.2",
            ns("fading away, denormals on") / ns("fading away"),
            1.2,
            true,
        ),
    ];
    for (what, wanted, measured, limit, is_upper) in rows {
        let is_met = if is_upper { measured <= limit } else { measured >= limit };
        println!("| {what} | {wanted} | {measured:.2} | {} |", if is_met { "met" } else { "missed" });
    }
}
