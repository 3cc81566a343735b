//! One render, from the files named to the files written.

use super::balance;
use super::error::RenderError;
use super::sink::{self, MAX_AUDIO_BYTES, SampleFormat, WavSink};
use super::source::StemFile;
use crate::dsp::units::gain_to_db;
use crate::engine::resolve::StripTarget;
use crate::engine::{MixEngine, StemBlock, StemTap};
use crate::model::document::{Document, Loaded};
use crate::model::limits::{STEMS, stem_title};
use crate::model::settings::MixSettings;
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// Frames rendered at a time. Changes no result.
const BLOCK_FRAMES: usize = 1024;

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
    stems: Vec<StemFile>,
    document: Document,
    notices: Vec<String>,
    rate_hz: u32,
    frames: u64,
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
        if job.stems.is_empty() {
            return Err(RenderError::NoStems);
        }
        balance::check_count(&job.stems)?;
        let Loaded { mut document, mut notices } = match &job.balance {
            Some(path) => {
                let Loaded { document, notices } = balance::load(path)?;
                let notices = notices.into_iter().map(|notice| format!("{}: {notice}", path.display()));
                Loaded { document, notices: notices.collect() }
            }
            None => Loaded { document: Document::default(), notices: Vec::new() },
        };
        notices.extend(surprises(&document, job.stems.len()));
        let stems = job.stems.iter().map(|path| StemFile::open(path)).collect::<Result<Vec<_>, _>>()?;
        let rate_hz = common_rate(&stems)?;
        for (stem, (info, file)) in document.stems.iter_mut().zip(&stems).enumerate() {
            balance::name_after(info, stem, file.path());
        }

        let stem_paths: Vec<PathBuf> = match &job.stems_folder {
            Some(folder) => {
                let names = document.stems.iter().take(stems.len()).enumerate();
                names.map(|(stem, info)| folder.join(file_name(stem, &info.name))).collect()
            }
            None => Vec::new(),
        };
        check_outputs(job, &stem_paths)?;

        let longest = stems.iter().map(StemFile::frames).max().unwrap_or(0);
        let mix = sounding(&document);
        let delay_of = |stem| StripTarget::new(&mix, stem, f64::from(rate_hz)).delay_frames;
        let delay = (0..stems.len()).map(delay_of).max().unwrap_or(0);
        let frames = longest + delay as u64;
        let bytes = frames * 2 * u64::from(job.format.bits() / 8);
        if bytes > MAX_AUDIO_BYTES {
            return Err(RenderError::TooLong {
                path: job.mix.clone(),
                gib: bytes as f64 / f64::from(1 << 30),
                hint: if job.format == SampleFormat::Float32 { ", or with --bits 24" } else { "" },
            });
        }
        Ok(Self {
            stems,
            document,
            notices,
            rate_hz,
            frames,
            mix_path: job.mix.clone(),
            stem_paths,
            format: job.format,
            replace: job.replace,
        })
    }

    /// What in the balance was left out, replaced or may surprise; one sentence each.
    pub fn notices(&self) -> &[String] {
        &self.notices
    }

    /// Each stem's name and file, stem 1 first.
    pub fn stems(&self) -> impl Iterator<Item = (&str, &Path)> {
        self.document.stems.iter().zip(&self.stems).map(|(info, stem)| (info.name.as_str(), stem.path()))
    }

    /// The sample rate of the stems and of all that is written.
    pub fn rate_hz(&self) -> u32 {
        self.rate_hz
    }

    /// The length of all that is written: the longest stem and, so that nothing is cut off, the longest
    /// delay of any.
    pub fn frames(&self) -> u64 {
        self.frames
    }

    /// Renders. `watch` is told how many frames are done after every block; where it breaks, the render
    /// ends with [`RenderError::Interrupted`] and leaves nothing behind.
    ///
    /// # Errors
    /// Where a file cannot be read or written after all.
    pub fn run(mut self, mut watch: impl FnMut(u64) -> ControlFlow<()>) -> Result<Report, RenderError> {
        let create = |path: &PathBuf| WavSink::create(path, self.rate_hz, self.format, self.replace);
        let mut mix = create(&self.mix_path)?;
        let mut parts =
            Parts { sinks: self.stem_paths.iter().map(create).collect::<Result<_, _>>()?, result: Ok(()) };

        let mut engine = MixEngine::new(Default::default());
        engine.set(&sounding(&self.document));
        engine.measure_loudness(false);
        engine.prepare(f64::from(self.rate_hz));
        let mut buffers = vec![[[0.0f32; BLOCK_FRAMES]; 2]; STEMS];
        let mut done = 0;
        while done < self.frames {
            let n = BLOCK_FRAMES.min((self.frames - done) as usize);
            for (stem, [left, right]) in self.stems.iter_mut().zip(&mut buffers) {
                stem.read(&mut left[..n], &mut right[..n])?;
            }
            let (main, aux) = buffers.split_at_mut(1);
            let mut block = StemBlock {
                main: main[0].each_mut().map(|side| &mut side[..n]),
                aux: std::array::from_fn(|stem| aux[stem].each_ref().map(|side| &side[..n])),
                connected: (1 << self.stems.len()) - 1,
                silent: 0,
            };
            if parts.sinks.is_empty() {
                engine.process(&mut block);
            } else {
                engine.process_tapped(&mut block, &mut parts);
            }
            let [left, right] = &block.main;
            mix.write(left, right)?;
            std::mem::replace(&mut parts.result, Ok(()))?;
            done += n as u64;
            if watch(done).is_break() {
                return Err(RenderError::Interrupted);
            }
        }

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
        let notices = self.stems.iter().filter_map(garbage).chain(written.iter().filter_map(clipping));
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

/// The balance to render. A bypassed one is the plain sum: said as a balance, so that it has parts too.
fn sounding(document: &Document) -> MixSettings {
    let mix = document.playing();
    if mix.bypass {
        MixSettings { ignore_main_input: mix.ignore_main_input, ..MixSettings::default() }
    } else {
        mix
    }
}

/// What a person may have forgotten to switch off before saving the balance.
fn surprises(document: &Document, given: usize) -> Vec<String> {
    let mix = &document.mix;
    let label = |stem: usize| match document.stems[stem].name.as_str() {
        "" => stem_title(stem),
        name => format!("{} ({name})", stem_title(stem)),
    };
    let list = |wanted: &dyn Fn(usize) -> bool| {
        (0..STEMS).filter(|stem| wanted(*stem)).map(label).collect::<Vec<_>>().join(", ")
    };
    let mut notices = Vec::new();
    if mix.bypass {
        notices.push("The balance is bypassed: this is the plain sum of the stems.".to_owned());
    } else if mix.any_solo() {
        let soloed = list(&|stem| mix.stems[stem].solo);
        notices.push(format!("Soloed in the balance, so most others are silent: {soloed}."));
    }
    if mix.ignore_main_input {
        notices.push(format!("The balance ignores the main input, so {} is silent.", label(0)));
    }
    let missing = list(&|stem| stem >= given && !document.stems[stem].name.is_empty());
    if !missing.is_empty() {
        notices.push(format!("The balance has stems for which no file was given: {missing}."));
    }
    notices
}

/// The sample rate of all stems; where they differ, the one most have is taken for the right one.
pub(super) fn common_rate(stems: &[StemFile]) -> Result<u32, RenderError> {
    let votes = |stem: &&StemFile| stems.iter().filter(|other| other.rate_hz() == stem.rate_hz()).count();
    // The last of equals wins a maximum, so that in doubt the first stem is right.
    let Some(usual) = stems.iter().rev().max_by_key(votes) else { return Err(RenderError::NoStems) };
    match stems.iter().find(|stem| stem.rate_hz() != usual.rate_hz()) {
        None => Ok(usual.rate_hz()),
        Some(odd) => Err(RenderError::RateMismatch {
            path: odd.path().to_owned(),
            rate_hz: odd.rate_hz(),
            other: usual.path().to_owned(),
            other_hz: usual.rate_hz(),
        }),
    }
}

fn check_outputs(job: &Job, stem_paths: &[PathBuf]) -> Result<(), RenderError> {
    let inputs: Vec<PathBuf> =
        job.stems.iter().chain(&job.balance).filter_map(|path| fs::canonicalize(path).ok()).collect();
    for path in std::iter::once(&job.mix).chain(stem_paths) {
        if fs::canonicalize(path).is_ok_and(|path| inputs.contains(&path)) {
            return Err(RenderError::OutputIsInput { path: path.clone() });
        }
        sink::check(path, job.replace)?;
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

/// A stem's file name, such as `03 Lead Vox.wav`, that every system takes. The number keeps stems of
/// the same name apart.
fn file_name(stem: usize, name: &str) -> String {
    let safe = name.replace(|c: char| c.is_control() || "/\\:*?\"<>|".contains(c), "_");
    format!("{:02} {safe}", stem + 1).trim_end().to_owned() + ".wav"
}

fn garbage(stem: &StemFile) -> Option<String> {
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
