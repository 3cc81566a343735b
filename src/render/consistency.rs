//! Checks whether stems' files belong together and are whole.

use super::balance;
use super::error::RenderError;
use super::session::go_on;
use super::source::StemFile;
use crate::analysis::align::{Aligner, Comparison};
use crate::analysis::{Ear, Finding, Heard, Stem, check, usual};
use crate::model::document::{Document, Loaded};
use serde::Serialize;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::thread;

/// Frames looked at at a time. Changes no result.
const BLOCK_FRAMES: usize = 32_768;
/// A check of files that are open, as far as they can be.
pub struct Check {
    paths: Vec<PathBuf>,
    /// Why a file cannot be read and what to do, until it can.
    files: Vec<Result<Track, [String; 2]>>,
    document: Document,
    notices: Vec<String>,
    frames: u64,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CheckReport {
    /// All that is wrong, the worst first.
    pub findings: Vec<Finding>,
    /// The files that can be read.
    pub files: Vec<FileFacts>,
}

/// What a file is like, wrong or not. As JSON, minus infinity is null.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FileFacts {
    /// Its number, from 1.
    pub stem: usize,
    /// What the stem is called.
    pub name: String,
    /// The file.
    pub path: PathBuf,
    /// Frames per second.
    pub rate_hz: u32,
    /// Bits of a sample.
    pub bits: u16,
    /// Its length.
    pub seconds: f64,
    /// Where its first sound above -80 dBFS is; None of silence.
    pub first_sound_s: Option<f64>,
    /// Its integrated loudness.
    pub integrated_lufs: f64,
    /// Power above 650 Hz over the power below.
    pub tilt_db: f64,
    /// Level of the mono sum, halved, over the two sides.
    pub mono_db: f64,
}

impl Check {
    /// Opens up to sixteen files; what cannot be read becomes a finding. With a balance, what it mutes is not
    /// looked at, and what it cures already is not found.
    ///
    /// # Errors
    /// Where there are no files or too many, or the balance cannot be read.
    pub fn prepare(files: &[PathBuf], balance: Option<&Path>) -> Result<Self, RenderError> {
        if files.is_empty() {
            return Err(RenderError::NoStems);
        }
        balance::check_count(files)?;
        let Loaded { document, notices, .. } = match balance {
            Some(path) => balance::load_naming(path)?,
            None => Loaded::default(),
        };
        let open = |path: &PathBuf| StemFile::open(path).map(Track::new).map_err(|error| sentences(&error));
        let paths = files.to_vec();
        let files: Vec<_> = files.iter().map(open).collect();
        let frames = files.iter().flatten().map(|track| track.file.frames()).max().unwrap_or(0);
        Ok(Self { paths, files, document, notices, frames })
    }

    /// What in the balance was left out or replaced; one sentence each.
    pub fn notices(&self) -> &[String] {
        &self.notices
    }

    /// The length of the longest file.
    pub fn frames(&self) -> u64 {
        self.frames
    }

    /// Looks at all of it. `watch` as in [`super::Render::run`].
    ///
    /// # Errors
    /// [`RenderError::Interrupted`].
    pub fn run(mut self, mut watch: impl FnMut(u64) -> ControlFlow<()>) -> Result<CheckReport, RenderError> {
        let rate_hz = usual(self.files.iter().flatten().map(|track| track.file.rate_hz())).unwrap_or(1);
        let is_usual =
            |file: &Result<Track, _>| file.as_ref().is_ok_and(|track| track.file.rate_hz() == rate_hz);
        let compared: Vec<usize> =
            (0..self.files.len()).filter(|stem| is_usual(&self.files[*stem])).collect();
        let mut aligner = Aligner::new(compared.len(), f64::from(rate_hz), self.frames);
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let silence = vec![0.0; BLOCK_FRAMES];
        let mut done = 0;
        while done < self.frames {
            let n = BLOCK_FRAMES.min((self.frames - done) as usize);
            advance(&mut self.files, n, threads);
            let sounds: Vec<[&[f32]; 2]> = compared
                .iter()
                .map(|stem| match &self.files[*stem] {
                    Ok(track) => track.block.each_ref().map(|side| &side[..n]),
                    Err(_) => [&silence[..n]; 2],
                })
                .collect();
            aligner.process(&sounds);
            done += n as u64;
            go_on(watch(done))?;
        }
        let comparison = if compared.len() < 2 { Comparison::default() } else { aligner.compare() };
        let name = |stem: usize| match self.document.stems[stem].name.as_str() {
            "" => self.paths[stem].file_stem().unwrap_or_default().to_string_lossy().into_owned(),
            name => name.to_owned(),
        };
        let stems: Vec<Stem> = (0..self.files.len())
            .map(|stem| Stem {
                name: name(stem),
                heard: self.files[stem].as_ref().map(Track::heard).map_err(Clone::clone),
            })
            .collect();
        let files = stems.iter().enumerate().filter_map(|(stem, found)| {
            let heard = found.heard.as_ref().ok()?;
            let seconds = |frames: u64| frames as f64 / f64::from(heard.rate_hz);
            Some(FileFacts {
                stem: stem + 1,
                name: found.name.clone(),
                path: self.paths[stem].clone(),
                rate_hz: heard.rate_hz,
                bits: heard.bits,
                seconds: seconds(heard.sound.frames()),
                first_sound_s: heard.sound.first_frame().map(seconds),
                integrated_lufs: heard.lufs,
                tilt_db: heard.tilt_db,
                mono_db: heard.sound.mono_db(),
            })
        });
        let files = files.collect();
        Ok(CheckReport { findings: check(&stems, &comparison, &compared, &self.document), files })
    }
}

/// What is wrong and what to do about it: our messages say both.
fn sentences(error: &RenderError) -> [String; 2] {
    let message = error.to_string();
    let (why, cure) = message.rsplit_once(": ").unwrap_or((&message, "export it again"));
    let mut letters = cure.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    [why.to_owned(), format!("{first}{}.", letters.as_str())]
}

/// Reads and looks at the next frames of all files; what cannot be read after all is put down.
fn advance(files: &mut [Result<Track, [String; 2]>], frames: usize, threads: usize) {
    let share = files.len().div_ceil(threads).max(1);
    thread::scope(|scope| {
        for files in files.chunks_mut(share) {
            scope.spawn(move || {
                for file in files {
                    if let Ok(track) = file
                        && let Err(error) = track.advance(frames)
                    {
                        *file = Err(sentences(&error));
                    }
                }
            });
        }
    });
}

/// A file and what is known of it so far.
struct Track {
    file: StemFile,
    ear: Ear,
    block: [Vec<f32>; 2],
}

impl Track {
    fn new(file: StemFile) -> Self {
        let block = [vec![0.0; BLOCK_FRAMES], vec![0.0; BLOCK_FRAMES]];
        Self { ear: Ear::new(file.rate_hz()), block, file }
    }

    fn advance(&mut self, frames: usize) -> Result<(), RenderError> {
        let [left, right] = &mut self.block;
        let (left, right) = (&mut left[..frames], &mut right[..frames]);
        let own = (self.file.frames() - self.ear.frames()).min(frames as u64) as usize;
        left.fill(0.0);
        right.fill(0.0);
        self.file.read(&mut left[..own], &mut right[..own])?;
        self.ear.listen([&left[..own], &right[..own]]);
        Ok(())
    }

    fn heard(&self) -> Heard {
        self.ear.heard(self.file.bits(), self.file.garbage_samples())
    }
}

impl CheckReport {
    /// One JSON object, `{"findings": [...], "files": [...]}`.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// For people: what is wrong, and below it what to do.
    pub fn text(&self) -> String {
        if self.findings.is_empty() {
            return match self.files.len() {
                1 => "Nothing is wrong with this stem.\n".to_owned(),
                count => format!("Nothing is wrong with these {count} stems.\n"),
            };
        }
        let lines = self.findings.iter().map(|finding| {
            let grade = finding.kind.grade().word();
            format!("{grade:<4}  {}\n      {}\n", finding.words(), finding.cure.words)
        });
        lines.collect()
    }
}
