//! The plugin in a host and the offline renderer give the same samples.

use super::format::{EVERYWHERE, open, play};
use super::state::busy_document;
use super::support::signals::noise;
use std::ops::ControlFlow;
use std::path::Path;
use stemwright::render::{Job, Render};

const RATE_HZ: u32 = 48_000;
const FRAMES: usize = 12_000;
/// The longest delay there is at this rate: the renderer lets it ring out.
const TAIL: usize = 2400;

fn write(path: &Path, sides: &[Vec<f32>; 2]) {
    let spec = hound::WavSpec {
        channels: 2,
        sample_rate: RATE_HZ,
        bits_per_sample: 32,
        sample_format: hound::SampleFormat::Float,
    };
    let mut file = hound::WavWriter::create(path, spec).expect("a WAV file");
    for (l, r) in sides[0].iter().zip(&sides[1]) {
        file.write_sample(*l).expect("a sample");
        file.write_sample(*r).expect("a sample");
    }
    file.finalize().expect("a whole file");
}

#[test]
fn a_mix_in_a_host_and_one_rendered_offline_are_equal() {
    let folder = tempfile::tempdir().expect("a folder");
    let stems: Vec<[Vec<f32>; 2]> =
        (0..16).map(|k| [noise(2 * k + 1, FRAMES), noise(2 * k + 2, FRAMES)]).collect();
    let paths: Vec<_> = (0..16).map(|k| folder.path().join(format!("{k:02}.wav"))).collect();
    for (path, stem) in paths.iter().zip(&stems) {
        write(path, stem);
    }
    for seed in [1, 2, 3] {
        let state = busy_document(seed).to_json();
        let balance = folder.path().join("balance.json");
        std::fs::write(&balance, &state).expect("a balance file");
        let mix = folder.path().join("mix.wav");
        let job = Job {
            stems: paths.clone(),
            balance: Some(balance),
            mix: mix.clone(),
            replace: true,
            ..Job::default()
        };
        Render::prepare(&job).expect("a job").run(|_| ControlFlow::Continue(())).expect("a mix");
        let rendered: Vec<f32> = hound::WavReader::open(&mix)
            .expect("the mix")
            .into_samples()
            .collect::<Result<_, _>>()
            .expect("whole samples");
        let frames = rendered.len() / 2;
        assert!((FRAMES..=FRAMES + TAIL).contains(&frames));
        for how in EVERYWHERE {
            for blocks in [&[512][..], &[37, 511, 1]] {
                let mut plugin = open(how);
                assert!(plugin.load(state.as_bytes()));
                plugin.activate(f64::from(RATE_HZ), 512);
                let heard = play(&mut *plugin, frames, blocks, &[], |k, side, i| {
                    stems[k][side].get(i).copied().unwrap_or(0.0)
                });
                for i in 0..frames {
                    let (host, file) = ([heard[0][i], heard[1][i]], [rendered[2 * i], rendered[2 * i + 1]]);
                    assert!(host == file, "{how:?}, balance {seed}, frame {i}: {host:?} and {file:?}");
                }
            }
        }
    }
}
