//! One render, from the files named to the files written.

use super::error::RenderError;
use super::file_name;
use super::session::{Session, engine, go_on};
use super::sink::{self, MAX_AUDIO_BYTES, SampleFormat, WavSink};
use super::source::StemFile;
use crate::dsp::units::gain_to_db;
use crate::engine::StemTap;
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// What to render.
#[derive(Clone, Debug, Default)]
pub struct Job {
    /// The stems' files: the first is stem 1, the second stem 2, up to sixteen.
    pub stems: Vec<PathBuf>,
    /// The balance file; without one every stem sounds as it is.
    pub balance: Option<PathBuf>,
    /// The mix to write.
    pub mix: PathBuf,
    /// A folder for every stem's part of the mix, if wanted.
    pub stems_folder: Option<PathBuf>,
    /// How samples are written.
    pub format: SampleFormat,
    /// Whether files that exist may be replaced.
    pub replace: bool,
}

/// A render that has been found possible. Nothing is written yet.
pub struct Render {
    session: Session,
    mix_path: PathBuf,
    stem_paths: Vec<PathBuf>,
    format: SampleFormat,
    replace: bool,
}

/// What a render has written.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The mix, then the stems if they were wanted.
    pub written: Vec<Written>,
    /// What went less than well, one sentence each.
    pub notices: Vec<String>,
}

/// One file.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    /// Where it is.
    pub path: PathBuf,
    /// Largest magnitude before any clipping, linear.
    pub peak: f32,
    /// Samples beyond full scale that were clipped.
    pub clipped_samples: u64,
}

impl Render {
    /// Reads the balance and the stems' headers and checks everything that can be known beforehand.
    ///
    /// # Errors
    /// The first thing found that makes the job impossible.
    pub fn prepare(job: &Job) -> Result<Self, RenderError> {
        let session = Session::open(&job.stems, job.balance.as_deref())?;
        let stem_paths: Vec<PathBuf> = match &job.stems_folder {
            Some(folder) => {
                let names = session.document.stems.iter().take(job.stems.len()).enumerate();
                names.map(|(stem, info)| folder.join(file_name::of_stem(stem, &info.name))).collect()
            }
            None => Vec::new(),
        };
        check_outputs(job, &stem_paths)?;
        sink::check_ending("mix", &job.mix, "wav")?;

        let bytes = session.frames * 2 * u64::from(job.format.bits() / 8);
        if bytes > MAX_AUDIO_BYTES {
            return Err(RenderError::TooLong {
                path: job.mix.clone(),
                gib: bytes as f64 / f64::from(1 << 30),
                hint: if job.format == SampleFormat::Float32 { ", or with --bits 24" } else { "" },
            });
        }
        Ok(Self { session, mix_path: job.mix.clone(), stem_paths, format: job.format, replace: job.replace })
    }

    /// What in the balance was left out, replaced or may surprise; one sentence each.
    pub fn notices(&self) -> &[String] {
        &self.session.notices
    }

    /// Each stem's name and file, stem 1 first.
    pub fn stems(&self) -> impl Iterator<Item = (&str, &Path)> {
        let Session { stems, document, .. } = &self.session;
        document.stems.iter().zip(stems).map(|(info, stem)| (info.name.as_str(), stem.path()))
    }

    /// The sample rate of the stems and of all that is written.
    pub fn rate_hz(&self) -> u32 {
        self.session.rate_hz
    }

    /// The length of all that is written: the longest stem and, so that nothing is cut off, the longest
    /// delay of any.
    pub fn frames(&self) -> u64 {
        self.session.frames
    }

    /// Renders. `watch` is told how many frames are done after every block; where it breaks, the render
    /// ends with [`RenderError::Interrupted`] and leaves nothing behind.
    ///
    /// # Errors
    /// Where a file cannot be read or written after all.
    pub fn run(mut self, mut watch: impl FnMut(u64) -> ControlFlow<()>) -> Result<Report, RenderError> {
        let rate_hz = self.session.rate_hz;
        let create = |path: &PathBuf| WavSink::create(path, rate_hz, self.format, self.replace);
        let mut mix = create(&self.mix_path)?;
        let mut parts =
            Parts { sinks: self.stem_paths.iter().map(create).collect::<Result<_, _>>()?, result: Ok(()) };

        let mut engine = engine(&self.session.document, f64::from(rate_hz));
        self.session.play(|block, done| {
            if parts.sinks.is_empty() {
                engine.process(block);
            } else {
                engine.process_tapped(block, &mut parts);
            }
            let [left, right] = &block.main;
            mix.write(left, right)?;
            std::mem::replace(&mut parts.result, Ok(()))?;
            go_on(watch(done))?;
            Ok(ControlFlow::Continue(()))
        })?;

        let paths = std::iter::once(&self.mix_path).chain(&self.stem_paths);
        let sinks = std::iter::once(mix).chain(parts.sinks);
        let finished = sinks.map(WavSink::finish).collect::<Result<Vec<_>, _>>()?;
        let written: Vec<Written> = paths
            .zip(&finished)
            .map(|(path, file)| Written {
                path: path.clone(),
                peak: file.peak,
                clipped_samples: file.clipped_samples,
            })
            .collect();
        // The mix last: where it is new, all of it is.
        for file in finished.into_iter().rev() {
            file.file.commit()?;
        }
        let notices =
            self.session.stems.iter().filter_map(garbage).chain(written.iter().filter_map(clipping));
        Ok(Report { notices: notices.collect(), written })
    }
}

/// Writes every stem's part of the mix to its file.
struct Parts {
    sinks: Vec<WavSink>,
    /// The first failure; the engine cannot be told of it.
    result: Result<(), RenderError>,
}

impl StemTap for Parts {
    const WANTED: bool = true;

    fn stem(&mut self, stem: usize, left: &[f32], right: &[f32]) {
        if let (Some(sink), Ok(())) = (self.sinks.get_mut(stem), &self.result) {
            self.result = sink.write(left, right);
        }
    }
}

fn check_outputs(job: &Job, stem_paths: &[PathBuf]) -> Result<(), RenderError> {
    for path in std::iter::once(&job.mix).chain(stem_paths) {
        sink::check_output(path, job.stems.iter().chain(&job.balance), job.replace)?;
    }
    // On many file systems "Mix.wav" and "mix.wav" are one file.
    let place = |path: &Path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        (fs::canonicalize(sink::folder(path)).ok(), name)
    };
    match stem_paths.iter().find(|path| place(path) == place(&job.mix)) {
        Some(path) => Err(RenderError::OutputTwice { path: path.clone() }),
        None => Ok(()),
    }
}

/// What a person should know of a stem that was played to its end.
pub fn garbage(stem: &StemFile) -> Option<String> {
    let count = stem.garbage_samples();
    (count > 0).then(|| {
        format!(
            "{}: {count} samples are no numbers or absurdly large and were rendered as silence: \
             export it again.",
            stem.path().display()
        )
    })
}

fn clipping(file: &Written) -> Option<String> {
    (file.clipped_samples > 0).then(|| {
        let over_db = gain_to_db(f64::from(file.peak));
        format!(
            "{}: {} samples clipped, the highest {over_db:.2} dB over full scale: \
             lower the output by {:.1} dB, or render with --bits float.",
            file.path.display(),
            file.clipped_samples,
            (over_db * 10.0).ceil() / 10.0
        )
    })
}
