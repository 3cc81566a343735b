//! The recall sheet as a file.

use super::page::page;
use super::readings::{Meters, Readings};
use crate::engine::StemTap;
use crate::model::document::Document;
use crate::render::session::{Session, engine, go_on};
use crate::render::{RenderError, load_naming, sink};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// What to write.
#[derive(Clone, Debug, Default)]
pub struct SheetJob {
    /// The balance.
    pub balance: PathBuf,
    /// The stems' files, to measure them as they are in the mix; empty where that is not wanted.
    pub stems: Vec<PathBuf>,
    /// What the sheet is headed; none: the balance file's name.
    pub title: Option<String>,
    /// The page to write.
    pub out: PathBuf,
    /// Whether it may replace a file.
    pub replace: bool,
}

/// A sheet that has been found possible. Nothing is written yet.
pub struct Sheet {
    document: Document,
    notices: Vec<String>,
    session: Option<Session>,
    title: String,
    out: PathBuf,
    replace: bool,
}

impl Sheet {
    /// Reads the balance and the stems' headers and checks everything that can be known beforehand.
    ///
    /// # Errors
    /// As [`crate::render::Render::prepare`].
    pub fn prepare(job: &SheetJob) -> Result<Self, RenderError> {
        sink::check_output(&job.out, job.stems.iter().chain([&job.balance]), job.replace)?;
        sink::check_ending("sheet", &job.out, "html")?;
        let mut session = match &job.stems[..] {
            [] => None,
            stems => Some(Session::open(stems, Some(&job.balance))?),
        };
        let (document, notices) = match &mut session {
            None => {
                let loaded = load_naming(&job.balance)?;
                (loaded.document, loaded.notices)
            }
            Some(session) => (session.document.clone(), std::mem::take(&mut session.notices)),
        };
        let title = job.title.clone().unwrap_or_else(|| name_of(&job.balance));
        Ok(Self { document, notices, session, title, out: job.out.clone(), replace: job.replace })
    }

    /// What in the balance was left out, replaced or may surprise; one sentence each.
    pub fn notices(&self) -> &[String] {
        &self.notices
    }

    /// Frames there are to play; 0 without stems.
    pub fn frames(&self) -> u64 {
        self.session.as_ref().map_or(0, |session| session.frames)
    }

    /// Measures the stems, where there are any, and writes the page. `watch` as in
    /// [`crate::render::Render::run`].
    ///
    /// # Errors
    /// Where a stem cannot be read after all or the page cannot be written.
    pub fn run(mut self, watch: impl FnMut(u64) -> ControlFlow<()>) -> Result<(), RenderError> {
        let readings = match &mut self.session {
            None => None,
            Some(session) => Some(measure(session, watch)?),
        };
        let page = page(&self.document, &self.title, readings.as_ref());
        sink::write_text(&self.out, &page, self.replace)
    }
}

/// What a file is called, without folder and ending.
pub fn name_of(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn measure(
    session: &mut Session,
    mut watch: impl FnMut(u64) -> ControlFlow<()>,
) -> Result<Readings, RenderError> {
    let (rate_hz, frames) = (session.rate_hz, session.frames);
    let mut engine = engine(&session.document, f64::from(rate_hz));
    let mut meters = Meters::new(session.stems.len(), rate_hz);
    session.play(|block, done| {
        engine.process_tapped(block, &mut Metered(&mut meters));
        meters.mix(block.main.each_ref().map(|side| &**side));
        go_on(watch(done))?;
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(meters.readings(&session.document, rate_hz, frames))
}

/// Hands every stem's part of the mix to its meter.
struct Metered<'a>(&'a mut Meters);

impl StemTap for Metered<'_> {
    const WANTED: bool = true;

    fn stem(&mut self, stem: usize, left: &[f32], right: &[f32]) {
        self.0.stem(stem, [left, right]);
    }
}
