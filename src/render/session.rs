//! Stems and the balance they are played in.

use super::balance;
use super::error::RenderError;
use super::source::StemFile;
use crate::engine::resolve::StripTarget;
use crate::engine::{MixEngine, StemBlock};
use crate::model::document::{Document, Loaded};
use crate::model::limits::{STEMS, stem_title};
use crate::model::settings::MixSettings;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// Frames played at a time. Changes no result.
const BLOCK_FRAMES: usize = 1024;

/// Stems that are open, and their balance.
pub struct Session {
    /// Stem 1 first.
    pub stems: Vec<StemFile>,
    /// The balance, with every stem named.
    pub document: Document,
    /// What in the balance was left out, replaced or may surprise; one sentence each.
    pub notices: Vec<String>,
    /// The rate of all stems.
    pub rate_hz: u32,
    /// The length of the longest stem and, so that nothing is cut off, the longest delay of any.
    pub frames: u64,
}

impl Session {
    /// Reads the balance (without one every stem sounds as it is) and the stems' headers.
    ///
    /// # Errors
    /// The first thing found that cannot be played.
    pub fn open(stems: &[PathBuf], balance: Option<&Path>) -> Result<Self, RenderError> {
        if stems.is_empty() {
            return Err(RenderError::NoStems);
        }
        balance::check_count(stems)?;
        let Loaded { mut document, mut notices, .. } = match balance {
            Some(path) => balance::load_naming(path)?,
            None => Loaded::default(),
        };
        notices.extend(surprises(&document, stems.len()));
        notices.extend(other_order(&document, stems));
        let stems = stems.iter().map(|path| StemFile::open(path)).collect::<Result<Vec<_>, _>>()?;
        let rate_hz = common_rate(&stems)?;
        for (stem, (info, file)) in document.stems.iter_mut().zip(&stems).enumerate() {
            balance::name_after(info, stem, file.path());
        }
        let longest = stems.iter().map(StemFile::frames).max().unwrap_or(0);
        let mix = sounding(&document);
        let delay_of = |stem| StripTarget::new(&mix, stem, f64::from(rate_hz)).delay_frames;
        let delay = (0..stems.len()).map(delay_of).max().unwrap_or(0);
        Ok(Self { stems, document, notices, rate_hz, frames: longest + delay as u64 })
    }

    /// Hands the stems to `each` from beginning to end, in blocks, with the number of frames that are done
    /// after it. Ends where `each` breaks.
    ///
    /// # Errors
    /// Where a stem cannot be read after all, and those of `each`.
    pub fn play(
        &mut self,
        mut each: impl FnMut(&mut StemBlock, u64) -> Result<ControlFlow<()>, RenderError>,
    ) -> Result<(), RenderError> {
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
            done += n as u64;
            if each(&mut block, done)?.is_break() {
                break;
            }
        }
        Ok(())
    }
}

/// A watcher's wish to end, as an error.
pub fn go_on(watched: ControlFlow<()>) -> Result<(), RenderError> {
    if watched.is_break() { Err(RenderError::Interrupted) } else { Ok(()) }
}

/// The balance to render. A bypassed one is the plain sum: said as a balance, so that it has parts too.
pub fn sounding(document: &Document) -> MixSettings {
    let mix = document.playing();
    if mix.bypass {
        MixSettings { ignore_main_input: mix.ignore_main_input, ..MixSettings::default() }
    } else {
        mix
    }
}

/// An engine that plays a balance as [`sounding`] has it, with all that stands over it.
pub fn engine(document: &Document, sample_rate_hz: f64) -> MixEngine {
    let mut engine = MixEngine::new(Default::default());
    engine.set(&sounding(document));
    engine.set_layers(&document.layers());
    engine.measure_loudness(false);
    engine.prepare(sample_rate_hz);
    engine
}

/// What a person may have forgotten to switch off before saving the balance.
pub fn surprises(document: &Document, given: usize) -> Vec<String> {
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

/// Files that are named like other stems of the balance than those they are given for.
fn other_order(document: &Document, files: &[PathBuf]) -> Option<String> {
    let is_called = |stem: usize, file: &PathBuf| {
        let name = document.stems[stem].name.to_lowercase();
        !name.is_empty() && balance::stem_name(stem, file).to_lowercase() == name
    };
    let misplaced = files.iter().enumerate().filter(|(at, file)| !is_called(*at, file));
    let misplaced = misplaced
        .filter_map(|(at, file)| Some((at, file, (0..STEMS).find(|stem| is_called(*stem, file))?)))
        .map(|(at, file, stem)| {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            format!("{name} is given as {} and named like {}", stem_title(at), stem_title(stem))
        });
    let misplaced: Vec<_> = misplaced.collect();
    (!misplaced.is_empty()).then(|| {
        format!(
            "The files seem to be in another order than the balance's stems: {}. If so, give them in its order.",
            misplaced.join("; ")
        )
    })
}

/// The sample rate of all stems; where they differ, the one most have is taken for the right one.
pub fn common_rate(stems: &[StemFile]) -> Result<u32, RenderError> {
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
