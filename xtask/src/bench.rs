//! What the engine costs: against others by the clock, in instructions, and inside the plugin.

use crate::bundle::{self, Bundles};
use crate::clap_host::ClapHost;
use crate::lsp;
use crate::pass;
use crate::workspace::Workspace;
use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::env::consts::EXE_EXTENSION;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

const RUNNER: &str = "gungraun-runner";
/// Must be the version of the library in tests/bench.
const RUNNER_VERSION: &str = "0.19.1";

/// What to measure.
#[derive(clap::Args)]
pub struct Options {
    /// Counts instructions instead (under valgrind) and holds them against their limits.
    #[arg(long, conflicts_with = "plugin")]
    counts: bool,
    /// Measures the built CLAP plugin in a host instead, framework included.
    #[arg(long)]
    plugin: bool,
    /// Measures that plugin against sixteen equalizers of LSP's LV2 bundle, by default Debian's.
    #[arg(long, value_name = "FOLDER", num_args = 0..=1, conflicts_with_all = ["counts", "plugin"])]
    #[arg(default_missing_value = "/usr/lib/lv2/lsp-plugins.lv2")]
    lsp: Option<PathBuf>,
}

/// Measures.
///
/// # Errors
/// If something cannot be built or run. The exit code is a failure where a limit is exceeded.
pub fn run(workspace: &Workspace, options: &Options) -> Result<ExitCode> {
    if options.plugin {
        plugin(&bundle::bundle(workspace)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(folder) = &options.lsp {
        lsp::race(&bundle::bundle(workspace)?.clap, folder)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut cargo = Command::new("cargo");
    if options.counts {
        let runner = workspace.target.join("tools/bin").join(RUNNER).with_extension(EXE_EXTENSION);
        if !runner.exists() {
            let mut install = Command::new("cargo");
            install.args(["install", "--quiet", "--locked", "--version", RUNNER_VERSION, RUNNER, "--root"]);
            let code = pass(install.arg(workspace.target.join("tools")))?;
            if code != ExitCode::SUCCESS {
                return Ok(code);
            }
        }
        cargo.arg("bench").env("GUNGRAUN_RUNNER", runner);
    } else {
        cargo.args(["run", "--release", "--bin", "race"]);
    }
    cargo.arg("--manifest-path").arg(workspace.root.join("tests/bench/Cargo.toml"));
    pass(cargo.arg("--target-dir").arg(workspace.target.join("bench")))
}

/// The sample rate of everything here.
pub const RATE_HZ: f64 = 48_000.0;
/// Stereo stems.
pub const PORTS: usize = 16;
const ROUNDS: usize = 40;
const INSTANCES: usize = 20;

fn plugin(bundles: &Bundles) -> Result<()> {
    times(&bundles.clap)?;
    println!();
    instance(&bundles.clap)
}

/// Nanoseconds per frame by stems and block, with all tone sections but the tilt at work.
fn times(bundle: &Path) -> Result<()> {
    const STEMS: [usize; 5] = [1, 2, 4, 8, 16];
    const BLOCKS: [usize; 6] = [32, 64, 128, 256, 512, 1024];
    let mut host = ClapHost::open(bundle)?;
    host.load_state(busy_balance().as_bytes())?;
    host.activate(RATE_HZ, 1024)?;
    let channels = noise();
    let mut fastest = BTreeMap::new();
    for _ in 0..ROUNDS {
        for stems in STEMS {
            for block in BLOCKS {
                let cut: Vec<&[f32]> = channels.iter().map(|channel| &channel[..block]).collect();
                let ports: Vec<&[&[f32]]> = cut.chunks_exact(2).take(stems).collect();
                // Until the last stems have died away.
                host.time(&ports, block, 4096 / block)?;
                let blocks = 16_384 / block;
                let ns = host.time(&ports, block, blocks)?.as_secs_f64() * 1e9 / (blocks * block) as f64;
                let best = fastest.entry((stems, block)).or_insert(ns);
                *best = ns.min(*best);
            }
        }
    }
    println!("ns / frame in the CLAP plugin, five tone sections, best of {ROUNDS}:\n");
    let head: String = BLOCKS.iter().map(|block| format!(" {block} |")).collect();
    println!("| stems \\ block |{head}\n|---|{}", "---|".repeat(BLOCKS.len()));
    for stems in STEMS {
        let row: String = BLOCKS.iter().map(|block| format!(" {:.1} |", fastest[&(stems, *block)])).collect();
        println!("| {stems} |{row}");
    }
    Ok(())
}

/// 1024 frames for every channel of every stem.
pub fn noise() -> Vec<Vec<f32>> {
    let mut random = 1u32;
    let mut channel = || {
        let sample = |_| {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (f64::from(random) / f64::from(u32::MAX) - 0.5) as f32
        };
        (0..1024).map(sample).collect()
    };
    (0..PORTS * 2).map(|_| channel()).collect()
}

/// A document with five tone sections at work in every stem.
pub fn busy_balance() -> String {
    let mut document = stemwright::model::document::Document::default();
    for stem in &mut document.mix.stems {
        use stemwright::model::settings::Slope;
        (stem.tone.high_pass, stem.tone.low_pass) = (Slope::Gentle, Slope::Gentle);
        (stem.tone.low_shelf_db, stem.tone.bell_db, stem.tone.high_shelf_db) = (2.0, -3.0, 1.5);
        (stem.fader_db, stem.pan) = (-6.0, 0.2);
    }
    document.to_json()
}

/// What an instance takes besides.
fn instance(bundle: &Path) -> Result<()> {
    let mut first = ClapHost::open(bundle)?; // the library stays loaded
    first.activate(RATE_HZ, 1024)?;
    let (mut open, mut activate) = (Vec::new(), Vec::new());
    let mut hosts = Vec::new();
    let before = resident_bytes();
    for _ in 0..INSTANCES {
        let start = Instant::now();
        let mut host = ClapHost::open(bundle)?;
        open.push(start.elapsed());
        let start = Instant::now();
        host.activate(RATE_HZ, 1024)?;
        activate.push(start.elapsed());
        hosts.push(host);
    }
    let silence = [0.0; 1024];
    let port: &[&[f32]] = &[&silence[..]; 2];
    for host in &mut hosts {
        host.time(&[port; PORTS], 1024, 50)?;
    }
    let after = resident_bytes();
    println!("| of an instance at 48 kHz, blocks to 1024 | |\n|---|---|");
    println!("| opening, median | {:.2} ms |", median_ms(&mut open));
    println!("| activating, median | {:.2} ms |", median_ms(&mut activate));
    println!("| state, every stem in use | {:.1} kB |", state_bytes(&mut first)? as f64 / 1e3);
    if let (Some(before), Some(after)) = (before, after) {
        let each = (after.saturating_sub(before)) as f64 / INSTANCES as f64 / 1e6;
        println!("| resident memory, of {INSTANCES}, framework included | {each:.2} MB |");
    }
    const WATCHED: Duration = Duration::from_secs(2);
    if let Some(before) = wake_ups() {
        std::thread::sleep(WATCHED);
        let after = wake_ups().unwrap_or_default();
        let most = after
            .iter()
            .filter_map(|(thread, count)| Some(count - before.get(thread)?))
            .max()
            .context("counting the process's threads")?;
        let per_second = most as f64 / WATCHED.as_secs_f64();
        println!("| wake-ups a second, the busiest of {} threads | {per_second:.1} |", after.len());
    }
    Ok(())
}

fn state_bytes(host: &mut ClapHost) -> Result<usize> {
    host.load_state(busy_balance().as_bytes())?;
    Ok(host.save_state()?.len())
}

fn median_ms(times: &mut [Duration]) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64() * 1e3
}

/// The process's memory, where the system tells it as Linux does.
pub fn resident_bytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
}

/// How often each thread of the process has begun to run after it had waited.
fn wake_ups() -> Option<BTreeMap<u64, u64>> {
    let mut counts = BTreeMap::new();
    for entry in fs::read_dir("/proc/self/task").ok()?.flatten() {
        let Ok(status) = fs::read_to_string(entry.path().join("status")) else { continue };
        let count = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
        if let (Ok(id), Some(count)) = (entry.file_name().to_string_lossy().parse(), count) {
            counts.insert(id, count.trim().parse().ok()?);
        }
    }
    Some(counts)
}
