//! The plugin against sixteen of LSP's parametric equalizers, as Debian packages them.

use crate::bench::{PORTS, RATE_HZ, busy_balance, noise};
use crate::clap_host::ClapHost;
use crate::lv2_host::Lv2Host;
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

const BLOCKS: [usize; 2] = [256, 64];
const ROUNDS: usize = 150;
const SLICE_FRAMES: usize = 4096;
const URI: &str = "http://lsp-plug.in/plugins/lv2/";
const EQUALIZER: &str = "para_equalizer_x16_stereo";
const MIXER: &str = "mixer_x16_stereo";
/// What stands for our five sections: kind, Hz, dB. Each is one biquad at the slope by default.
const FILTERS: [(&str, f32, f32); 5] = [
    ("Hi-pass", 40.0, 0.0),
    ("Lo-shelf", 120.0, 2.0),
    ("Bell", 1_000.0, -3.0),
    ("Hi-shelf", 8_000.0, 1.5),
    ("Lo-pass", 16_000.0, 0.0),
];

/// Prints what a frame of sixteen stereo stems takes in LSP and in the CLAP plugin.
///
/// # Errors
/// If either does not run, or the equalizers do not filter.
pub fn race(ours: &Path, lsp: &Path) -> Result<()> {
    let noise = noise();
    let library = fs::read_dir(lsp)
        .with_context(|| format!("looking into {}", lsp.display()))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with("lsp-plugins-lv2-") && name.ends_with(".so")
        })
        .with_context(|| format!("{} holds no library of LSP", lsp.display()))?;
    let mut plugins = Vec::new();
    for stem in noise.chunks(2) {
        plugins.push(equalizer(&library, stem)?);
    }
    let has_mixer = lsp.join(MIXER).with_extension("ttl").exists();
    if has_mixer {
        let mut mixer = Lv2Host::open(&library, &format!("{URI}{MIXER}"), RATE_HZ, BLOCKS[0])?;
        let feed = noise.iter().cycle();
        mixer.audio(true).zip(feed).for_each(|(port, sound)| port.copy_from_slice(&sound[..BLOCKS[0]]));
        plugins.push(mixer);
    }
    let mut host = ClapHost::open(ours)?;
    host.load_state(busy_balance().as_bytes())?;
    host.activate(RATE_HZ, BLOCKS[0])?;

    let mut ns = [(); BLOCKS.len()].map(|()| [Vec::new(), Vec::new()]);
    for _ in 0..ROUNDS {
        for (block, [of_lsp, of_ours]) in BLOCKS.into_iter().zip(&mut ns) {
            let blocks = SLICE_FRAMES / block;
            let per_frame = |time: Duration| time.as_secs_f64() * 1e9 / SLICE_FRAMES as f64;
            let mut run = |blocks: usize| {
                let start = Instant::now();
                (0..blocks).for_each(|_| plugins.iter_mut().for_each(|plugin| plugin.run(block)));
                start.elapsed()
            };
            run(1);
            of_lsp.push(per_frame(run(blocks)));
            let cut: Vec<&[f32]> = noise.iter().map(|channel| &channel[..block]).collect();
            let ports: Vec<&[&[f32]]> = cut.chunks_exact(2).collect();
            host.time(&ports, block, 1)?;
            of_ours.push(per_frame(host.time(&ports, block, blocks)?));
        }
    }
    let name = library.file_stem().unwrap_or_default().to_string_lossy();
    println!("{name}, {PORTS} of {EQUALIZER}, five filters each; our CLAP plugin; 48 kHz.");
    println!("{}\n", if has_mixer { "With its mixer." } else { "The package has no mixer: without one." });
    println!("| block | LSP, ns / frame | ours, ns / frame | LSP over ours |\n|---|---|---|---|");
    for (block, of) in BLOCKS.into_iter().zip(ns) {
        let [lsp, ours] = of.map(fifth_percentile);
        println!("| {block} | {lsp:.1} | {ours:.1} | {:.2} |", lsp / ours);
    }
    Ok(())
}

/// An equalizer at work on a stem.
fn equalizer(library: &Path, stem: &[Vec<f32>]) -> Result<Lv2Host> {
    let mut plugin = Lv2Host::open(library, &format!("{URI}{EQUALIZER}"), RATE_HZ, BLOCKS[0])?;
    for (port, sound) in plugin.audio(true).zip(stem) {
        port.copy_from_slice(&sound[..BLOCKS[0]]);
    }
    for (filter, (kind, hz, db)) in FILTERS.into_iter().enumerate() {
        plugin.choose(&format!("ft_{filter}"), kind)?;
        plugin.set(&format!("f_{filter}"), hz)?;
        plugin.set(&format!("g_{filter}"), 10f32.powf(db / 20.0))?;
    }
    (0..SLICE_FRAMES / BLOCKS[0]).for_each(|_| plugin.run(BLOCKS[0]));
    for (heard, sound) in plugin.audio(false).zip(stem) {
        let power = |of: &mut dyn Iterator<Item = f32>| of.map(|x| x * x).sum::<f32>();
        let all = power(&mut sound[..BLOCKS[0]].iter().copied());
        let kept = power(&mut heard.iter().copied());
        let changed = power(&mut heard.iter().zip(sound).map(|(y, x)| y - x));
        ensure!(kept > 0.01 * all && changed > 0.01 * all, "{EQUALIZER} does not filter");
    }
    Ok(plugin)
}

fn fifth_percentile(mut ns: Vec<f64>) -> f64 {
    ns.sort_by(f64::total_cmp);
    ns[ns.len() / 20]
}
