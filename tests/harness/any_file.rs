//! Files of any content in the hands of the offline renderer: it renders all of what was asked, or says
//! which file is at fault and leaves nothing behind.

use super::support::choose::Choose;
use hound::WavReader;
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use stemwright::render::{Job, Render, RenderError, Report, SampleFormat};
use tempfile::TempDir;

/// Sound files of every kind that is read.
const STEMS: &[&[u8]] = &[
    include_bytes!("../fuzz/seeds/stereo_16_bits.wav"),
    include_bytes!("../fuzz/seeds/mono_24_bits.wav"),
    include_bytes!("../fuzz/seeds/stereo_float.wav"),
];
const BALANCE: &[u8] = include_bytes!("../states/0.1.0.json");

/// Renders a good stem with a balance of any content; whether it was taken.
pub fn balance(choices: &mut impl Choose) -> bool {
    let folder = TempDir::new().expect("a passing folder");
    let stem = write(&folder, "good.wav", STEMS[0]);
    let balance = Some(write(&folder, "any.json", &choices.bytes(&[BALANCE])));
    survives(&folder, Job { stems: vec![stem], balance, format: SampleFormat::Int24, ..Job::default() })
}

/// Renders a stem of any content; whether it was taken.
pub fn stem(choices: &mut impl Choose) -> bool {
    let folder = TempDir::new().expect("a passing folder");
    let stem = write(&folder, "any.wav", &choices.bytes(STEMS));
    survives(&folder, Job { stems: vec![stem], ..Job::default() })
}

fn write(folder: &TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, bytes).expect("room on the disk");
    path
}

/// Runs the job, with all that it can write.
fn survives(folder: &TempDir, job: Job) -> bool {
    let parts = folder.path().join("parts");
    fs::create_dir(&parts).expect("a new folder");
    let inputs = files(folder.path());
    let mut frames = 0;
    let mut render = || -> Result<Report, RenderError> {
        let (mix, stems_folder) = (folder.path().join("mix.wav"), Some(parts.clone()));
        let render = Render::prepare(&Job { mix, stems_folder, ..job.clone() })?;
        frames = render.frames();
        render.run(|_| ControlFlow::Continue(()))
    };
    match render() {
        Ok(report) => {
            for file in &report.written {
                let mut sound = WavReader::open(&file.path).expect("a WAV file");
                assert_eq!(u64::from(sound.duration()), frames);
                if job.format == SampleFormat::Float32 {
                    assert!(sound.samples::<f32>().all(|x| x.is_ok_and(f32::is_finite)));
                }
            }
            assert_eq!(files(folder.path()).len(), inputs.len() + 1);
            assert_eq!(files(&parts).len(), job.stems.len());
            true
        }
        Err(error) => {
            let message = error.to_string();
            assert!(message.contains("any.") && message.len() < 1000, "{message}");
            assert_eq!(files(folder.path()), inputs);
            assert!(files(&parts).is_empty(), "{message}");
            false
        }
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths
}
