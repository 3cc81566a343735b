//! Says what a mix is like, and how it differs from another.

use super::balance;
use super::error::RenderError;
use super::session::{Session, engine, go_on};
use super::sink;
use super::table::lay_out;
use crate::analysis::contour::{to_csv, to_svg};
use crate::analysis::{COLUMNS, Difference, ReadoutMeter, Readouts, Row, WHAT_THEY_ARE};
use crate::engine::{MixEngine, StemBlock, StemTap};
use crate::model::document::Document;
use crate::model::limits::{Role, STEMS};
use serde::Serialize;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// What to describe.
#[derive(Clone, Debug, Default)]
pub struct DescribeJob {
    /// The stems' files, as for a render.
    pub stems: Vec<PathBuf>,
    /// The balance; without one the plain sum.
    pub balance: Option<PathBuf>,
    /// Another balance of the same stems to compare with.
    pub against: Option<PathBuf>,
    /// A contour to write, as comma-separated values.
    pub contour: Option<PathBuf>,
    /// A picture of it to write (SVG).
    pub picture: Option<PathBuf>,
    /// Whether they may replace files.
    pub replace: bool,
}

/// A description that has been found possible. Nothing is written yet.
pub struct Describe {
    session: Session,
    against: Option<Document>,
    job: DescribeJob,
}

/// What a mix is like. As JSON, what does not exist is null.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Description {
    /// The whole of it.
    pub readouts: Readouts,
    /// The other mix, if there is one.
    pub against: Option<Readouts>,
    /// The mix less the other.
    pub difference: Option<Difference>,
    /// The mix second by second.
    pub contour: Vec<Row>,
    /// The other second by second.
    pub against_contour: Option<Vec<Row>>,
    /// What the figures are not.
    pub remark: &'static str,
}

impl Describe {
    /// Reads the balances and the stems' headers and checks everything that can be known beforehand.
    ///
    /// # Errors
    /// As [`super::Render::prepare`].
    pub fn prepare(job: &DescribeJob) -> Result<Self, RenderError> {
        let mut session = Session::open(&job.stems, job.balance.as_deref())?;
        let against = match &job.against {
            None => None,
            Some(path) => {
                let other = Session::open(&job.stems, Some(path))?;
                session.frames = session.frames.max(other.frames);
                session.notices.extend(balance::load_naming(path)?.notices);
                Some(other.document)
            }
        };
        let inputs = || job.stems.iter().chain(&job.balance).chain(&job.against);
        for (what, out, ending) in [("contour", &job.contour, "csv"), ("picture", &job.picture, "svg")] {
            if let Some(out) = out {
                sink::check_output(out, inputs(), job.replace)?;
                sink::check_ending(what, out, ending)?;
            }
        }
        Ok(Self { session, against, job: job.clone() })
    }

    /// What in the balances was left out, replaced or may surprise; one sentence each.
    pub fn notices(&self) -> &[String] {
        &self.session.notices
    }

    /// Frames there are to play.
    pub fn frames(&self) -> u64 {
        self.session.frames
    }

    /// Plays the mix, and the other beside it, and writes what is to be written. `watch` as in
    /// [`super::Render::run`].
    ///
    /// # Errors
    /// Where a stem cannot be read after all or a file cannot be written.
    pub fn run(mut self, mut watch: impl FnMut(u64) -> ControlFlow<()>) -> Result<Description, RenderError> {
        let sample_rate_hz = f64::from(self.session.rate_hz);
        let mut mix = Listener::new(&self.session.document, sample_rate_hz);
        let mut other = self.against.as_ref().map(|document| Listener::new(document, sample_rate_hz));
        self.session.play(|block, done| {
            mix.listen(block);
            if let Some(other) = &mut other {
                other.listen(block);
            }
            go_on(watch(done))?;
            Ok(ControlFlow::Continue(()))
        })?;
        let readouts = mix.meter.readouts();
        let against = other.as_ref().map(|other| other.meter.readouts());
        let description = Description {
            readouts,
            against,
            difference: against.map(|against| readouts.against(&against)),
            contour: mix.meter.rows(),
            against_contour: other.map(|other| other.meter.rows()),
            remark: WHAT_THEY_ARE,
        };
        self.write(&description)?;
        Ok(description)
    }

    fn write(&self, description: &Description) -> Result<(), RenderError> {
        let DescribeJob { balance, against, contour, picture, replace, .. } = &self.job;
        let Description { contour: rows, against_contour, .. } = description;
        let mut texts = Vec::new();
        if let Some(path) = contour {
            texts.push((path.as_path(), to_csv(rows, against_contour.as_deref(), None)));
        }
        if let Some(path) = picture {
            let title = balance.as_deref().map_or("The plain sum".to_owned(), file_name);
            let other = against.as_deref().map(file_name).zip(against_contour.as_deref());
            let other = other.as_ref().map(|(name, rows)| (name.as_str(), *rows));
            texts.push((path.as_path(), to_svg(&title, rows, other)));
        }
        sink::write_texts(&texts, *replace)
    }
}

fn file_name(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// Plays a mix and reads it.
struct Listener {
    engine: MixEngine,
    parts: Parts,
    mix: [Vec<f32>; 2],
    meter: ReadoutMeter,
}

impl Listener {
    fn new(document: &Document, sample_rate_hz: f64) -> Self {
        let is_lead = |stem: usize| document.stems[stem].role == Role::Lead;
        Self {
            engine: engine(document, sample_rate_hz),
            parts: Parts { is_lead: std::array::from_fn(is_lead), ..Parts::default() },
            mix: Default::default(),
            meter: ReadoutMeter::new(sample_rate_hz),
        }
    }

    /// Plays a block and leaves it as it was.
    fn listen(&mut self, block: &mut StemBlock) {
        let frames = block.frames();
        for (mix, side) in self.mix.iter_mut().zip(&block.main) {
            mix.clear();
            mix.extend_from_slice(side);
        }
        for side in self.parts.sums.as_flattened_mut() {
            side.clear();
            side.resize(frames, 0.0);
        }
        self.parts.at = [0; STEMS];
        let mut own = StemBlock {
            main: self.mix.each_mut().map(|side| &mut side[..]),
            aux: block.aux,
            connected: block.connected,
            silent: block.silent,
        };
        self.engine.process_tapped(&mut own, &mut self.parts);
        let [lead, rest] = &self.parts.sums;
        let sounds = [&self.mix, lead, rest].map(|sound| sound.each_ref().map(|side| &side[..]));
        self.meter.process(sounds);
    }
}

/// Adds up the lead and the rest of a block.
#[derive(Default)]
struct Parts {
    is_lead: [bool; STEMS],
    /// Of the lead, of the rest.
    sums: [[Vec<f32>; 2]; 2],
    /// Frames of the block that are there of each stem.
    at: [usize; STEMS],
}

impl StemTap for Parts {
    const WANTED: bool = true;

    fn stem(&mut self, stem: usize, left: &[f32], right: &[f32]) {
        let at = self.at[stem];
        self.at[stem] += left.len();
        for (sum, side) in self.sums[usize::from(!self.is_lead[stem])].iter_mut().zip([left, right]) {
            sum[at..].iter_mut().zip(side).for_each(|(sum, x)| *sum += x);
        }
    }
}

impl Description {
    /// One JSON object.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// A table for people, a line for each readout, and what the figures are not.
    pub fn text(&self) -> String {
        let words = |value: Option<String>| value.unwrap_or("-".to_owned());
        let mut rows = Vec::new();
        if self.against.is_some() {
            rows.push(["", "This", "", "Other", "Difference", ""].map(str::to_owned));
        }
        for column in &COLUMNS {
            let value = |of| words((column.value)(of).map(|value| column.value_words(value)));
            let difference = |of| words((column.difference)(of).map(|by| column.difference_words(by)));
            let (other, difference) =
                (self.against.as_ref().map(value), self.difference.as_ref().map(difference));
            let unit = if difference.is_some() { column.difference_unit } else { "" };
            rows.push([
                column.title.to_owned(),
                value(&self.readouts),
                column.unit.to_owned(),
                other.unwrap_or_default(),
                difference.unwrap_or_default(),
                unit.to_owned(),
            ]);
        }
        lay_out(&rows, [false, true, false, true, true, false]) + "\n" + self.remark + "\n"
    }
}
