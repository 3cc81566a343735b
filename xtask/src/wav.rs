//! WAV files in and out of the demo.

use crate::synth::Sound;
use anyhow::{Context, Result, ensure};
use hound::{SampleFormat, WavReader, WavSpec, WavWriter};
use std::fs;
use std::path::{Path, PathBuf};
use stemwright::dsp::sanitise::sanitise;
use stemwright::model::limits::{MAX_SAMPLE_RATE_HZ, MIN_SAMPLE_RATE_HZ, STEMS};
use stemwright::render::stem_name;

/// Stems of equal rate and length, each with its name.
pub struct Stems {
    /// Sample rate in Hz.
    pub rate_hz: u32,
    /// The stems in the order of their files' names.
    pub named: Vec<(String, Sound)>,
}

/// Writes 32-bit float: what goes over full scale is not lost.
///
/// # Errors
/// If the file cannot be written.
pub fn write(path: &Path, sound: &Sound, rate_hz: u32) -> Result<()> {
    let spec = WavSpec {
        channels: 2,
        sample_rate: rate_hz,
        bits_per_sample: 32,
        sample_format: SampleFormat::Float,
    };
    let [left, right] = &sound.sides;
    let write = || {
        let mut file = WavWriter::create(path, spec)?;
        for (l, r) in left.iter().zip(right) {
            file.write_sample(*l)?;
            file.write_sample(*r)?;
        }
        file.finalize()
    };
    write().with_context(|| format!("writing {}", path.display()))
}

/// Reads the WAV files of a folder, sorted by name. Shorter ones are silent at their end.
///
/// # Errors
/// If there are none or more than sixteen, or one cannot be read or does not fit the others.
pub fn read_folder(folder: &Path) -> Result<Stems> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("opening the folder {}", folder.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("wav")) {
            paths.push(path);
        }
    }
    paths.sort();
    let count = paths.len();
    ensure!(count > 0, "{} holds no WAV files: choose a folder of stems", folder.display());
    ensure!(
        count <= STEMS,
        "{} holds {count} WAV files and Stemwright mixes {STEMS}: mix some of them together first",
        folder.display()
    );
    let files = paths.iter().map(read).collect::<Result<Vec<_>>>()?;
    let rate_hz = files[0].0;
    let frames = files.iter().map(|(_, sound)| sound.frames()).max().unwrap_or(0);
    let mut named = Vec::with_capacity(count);
    for (stem, (path, (rate, mut sound))) in paths.iter().zip(files).enumerate() {
        ensure!(
            rate == rate_hz,
            "{} has {rate} Hz and {} has {rate_hz} Hz: bring all stems to one sample rate",
            path.display(),
            paths[0].display()
        );
        sound.sides.iter_mut().for_each(|side| side.resize(frames, 0.0));
        named.push((stem_name(stem, path), sound));
    }
    ensure!(frames > 0, "the stems in {} are empty", folder.display());
    Ok(Stems { rate_hz, named })
}

fn read(path: &PathBuf) -> Result<(u32, Sound)> {
    let reading = || format!("reading {}", path.display());
    let file = WavReader::open(path).with_context(reading)?;
    let WavSpec { channels, sample_rate, bits_per_sample, sample_format } = file.spec();
    ensure!((1..=2).contains(&channels), "{} has {channels} channels: a stem has one or two", path.display());
    ensure!(
        (MIN_SAMPLE_RATE_HZ..=MAX_SAMPLE_RATE_HZ).contains(&f64::from(sample_rate)),
        "{} has {sample_rate} Hz: Stemwright works at {MIN_SAMPLE_RATE_HZ} to {MAX_SAMPLE_RATE_HZ} Hz",
        path.display()
    );
    let samples: Vec<f32> = match sample_format {
        SampleFormat::Float => file.into_samples::<f32>().map(|x| x.map(sanitise)).collect::<Result<_, _>>(),
        SampleFormat::Int => {
            let full_scale = 2f32.powi(i32::from(bits_per_sample) - 1);
            file.into_samples::<i32>().map(|x| x.map(|x| x as f32 / full_scale)).collect()
        }
    }
    .with_context(reading)?;
    let side = |side: usize| samples.iter().skip(side).step_by(channels.into()).copied().collect();
    Ok((sample_rate, Sound { sides: [side(0), side(usize::from(channels) - 1)] }))
}
