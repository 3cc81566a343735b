//! `stem-render learn` and `balance`: what is learned of a song, and what its balance then measures.

mod support;

use hound::{SampleFormat, WavSpec, WavWriter};
use std::ops::ControlFlow;
use std::path::PathBuf;
use stemwright::model::document::Document;
use stemwright::model::learned::{LearnedBalance, LearnedStem};
use stemwright::render::{Job, Measure, Render};
use support::signals::{Stereo, noise};
use tempfile::TempDir;

const RATE_HZ: u32 = 48_000;

/// A folder that goes away with its content.
struct Bench(TempDir);

impl Bench {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn wav(&self, name: &str, audio: &Stereo) -> PathBuf {
        let spec = WavSpec {
            channels: 2,
            sample_rate: RATE_HZ,
            bits_per_sample: 32,
            sample_format: SampleFormat::Float,
        };
        let mut writer = WavWriter::create(self.path(name), spec).unwrap();
        for sample in audio[0].iter().zip(&audio[1]).flat_map(|(l, r)| [*l, *r]) {
            writer.write_sample(sample).unwrap();
        }
        writer.finalize().unwrap();
        self.path(name)
    }

    fn balance(&self, name: &str, document: &Document) -> PathBuf {
        std::fs::write(self.path(name), document.to_json()).unwrap();
        self.path(name)
    }
}

#[test]
fn a_learned_balance_is_rendered_by_its_amount() {
    let bench = Bench::new();
    let stem = bench.wav("a.wav", &[noise(1, 96_000), noise(2, 96_000)]);
    let mut document = Document::default();
    document.mix.balance_percent = 50.0;
    let peak_dbfs = |document: &Document| {
        let job = Job {
            stems: vec![stem.clone()],
            balance: Some(bench.balance("balance.json", document)),
            mix: bench.path("mix.wav"),
            replace: true,
            ..Job::default()
        };
        Render::prepare(&job).unwrap().run(|_| ControlFlow::Continue(())).unwrap();
        Measure::prepare(&[job.mix]).unwrap().run(|_| ControlFlow::Continue(())).unwrap().mix.sample_peak_dbfs
    };
    let plain_dbfs = peak_dbfs(&document);
    for (accepted, want_db) in [(true, -6.0), (false, 0.0)] {
        let mut learned = LearnedBalance::default();
        learned.stems[0] = LearnedStem { offset_db: -12.0, accepted, fingerprint: None };
        document.learned = Some(learned);
        let change_db = peak_dbfs(&document) - plain_dbfs;
        assert!((change_db - want_db).abs() < 1e-3, "{change_db} dB, not {want_db}");
    }
    document.mix.bypass = true;
    assert!((peak_dbfs(&document) - plain_dbfs).abs() < 1e-9, "a bypassed balance is the plain sum");
}
