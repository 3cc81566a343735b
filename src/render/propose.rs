//! Balances a song that was learned.

use super::balance;
use super::error::RenderError;
use super::session::{Session, engine, go_on, surprises};
use super::sink;
use super::table::lay_out;
use crate::balance::{Kept, Loudness, MAX_TRUE_PEAK_DBTP, Song, StemNow, output_cut_db, solve};
use crate::dsp::true_peak::TruePeak;
use crate::dsp::units::{FADER_FLOOR_DB, gain_to_db};
use crate::model::document::{Document, Loaded};
use crate::model::learned::{LearnedBalance, MAX_OFFSET_DB};
use crate::model::level::audible;
use crate::model::limits::{MixParam, ParamKey, Role, STEMS, stem_title};
use crate::model::names;
use crate::model::target::{MAX_BYTES, Preset, Target};
use std::fs::File;
use std::io::Read;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// What to balance.
#[derive(Clone, Debug, Default)]
pub struct BalanceJob {
    /// The balance, with what was learned of a song.
    pub balance: PathBuf,
    /// The stems' files, to measure the true peak of the new mix; empty where it is not wanted.
    pub stems: Vec<PathBuf>,
    /// What it is to sound like; none: what the balance itself says.
    pub targets: Option<Targets>,
    /// Numbers or names of stems that keep their gain.
    pub locks: Vec<String>,
    /// The balance to write.
    pub out: PathBuf,
    /// Whether it may replace a file.
    pub replace: bool,
}

/// Where targets come from.
#[derive(Clone, Debug, PartialEq)]
pub enum Targets {
    /// One of ours.
    Preset(Preset),
    /// A file as [`Target::from_json`] reads it.
    File(PathBuf),
}

/// A balance that has been found. Nothing is written yet.
pub struct Balance {
    document: Document,
    notices: Vec<String>,
    session: Option<Session>,
    report: BalanceReport,
    out: PathBuf,
    replace: bool,
}

/// What a balance is like.
#[derive(Clone, Debug, PartialEq)]
pub struct BalanceReport {
    /// The stems in use.
    pub stems: Vec<StemReport>,
    /// The mix as it was, predicted, before the output's gain.
    pub before: Loudness,
    /// The mix as it will be, predicted, before the output's gain.
    pub after: Loudness,
    /// The output's gain in dB, lowered where the true peak asked for it.
    pub output_db: f32,
    /// What a musician should know.
    pub sentences: Vec<String>,
    /// Where the targets come from, a line each.
    pub sources: Vec<String>,
}

/// A stem in a balance.
#[derive(Clone, Debug, PartialEq)]
pub struct StemReport {
    /// Its number, from 1.
    pub number: usize,
    /// Its name.
    pub name: String,
    /// What it plays.
    pub role: Role,
    /// Trim, fader and learned balance together, in dB, as they were.
    pub now_db: f64,
    /// What is added, in dB.
    pub change_db: f64,
    /// Why it keeps its gain, if it does.
    pub kept: Option<Kept>,
}

impl Balance {
    /// Reads what there is to read and finds the balance.
    ///
    /// # Errors
    /// Where nothing was learned yet, a file cannot be read, a stem to lock is not there, or the output cannot
    /// be written.
    pub fn prepare(job: &BalanceJob) -> Result<Self, RenderError> {
        let Loaded { mut document, mut notices, .. } = balance::load_naming(&job.balance)?;
        if !job.stems.is_empty() {
            notices.clear(); // they are the session's too
        }
        let file = match &job.targets {
            Some(Targets::File(path)) => Some(path),
            _ => None,
        };
        sink::check_output(&job.out, job.stems.iter().chain([&job.balance]).chain(file), job.replace)?;
        let unlearned = || RenderError::NotLearned { path: job.balance.clone() };
        let learned = document.learned.clone().ok_or_else(unlearned)?;
        let song = Song::from(learned.song.as_ref().ok_or_else(unlearned)?);
        let target = match &job.targets {
            None => learned.target,
            Some(Targets::Preset(preset)) => Target { amount: 1.0, ..Target::of(*preset) },
            Some(Targets::File(path)) => read_targets(path, &mut notices)?,
        };
        let mut locked = learned.stems.each_ref().map(|stem| stem.locked);
        for lock in &job.locks {
            let stems = names::find(&document.stems, lock);
            if stems.is_empty() {
                let names = names::listed(&document.stems);
                return Err(RenderError::NoSuchStem { lock: lock.clone(), names });
            }
            stems.into_iter().for_each(|stem| locked[stem] = true);
        }
        let session = if job.stems.is_empty() {
            notices.extend(surprises(&document, STEMS));
            None
        } else {
            Some(Session::open(&job.stems, Some(&job.balance))?)
        };
        notices.extend(stale(&document, &learned));

        let audible = audible(&document.mix, &document.layers());
        let stems = std::array::from_fn(|stem| now(&document, stem, audible, locked[stem]));
        let solution = solve(&song, &stems, &target);
        let mut sentences = solution.sentences;
        let in_use = |stem: &usize| {
            let heard = song.stems()[*stem].lufs.is_finite() || learned.stems[*stem].fingerprint.is_some();
            heard || stems[*stem].role != Role::Unknown
        };
        let in_use: Vec<usize> = (0..STEMS).filter(in_use).collect();
        let rows = in_use.iter().map(|stem| StemReport {
            number: stem + 1,
            name: document.stems[*stem].name.clone(),
            role: stems[*stem].role,
            now_db: stems[*stem].gain_db,
            change_db: solution.stems[*stem].change_db,
            kept: solution.stems[*stem].kept,
        });
        let rows: Vec<_> = rows.collect();
        sentences.extend(without_role(&rows));

        let mut made = LearnedBalance { target, ..learned };
        for (stem, proposal) in solution.stems.iter().enumerate() {
            let strip = &document.mix.stems[stem];
            let offset_db = match proposal.kept {
                // As it sounds, for the whole of the layer is to sound from now on.
                Some(_) => sounding_db(&document, stem),
                None => {
                    let own_db = strip.trim_db + strip.fader_db + group_db(&document, stem);
                    proposal.gain_db - f64::from(own_db)
                }
            };
            let most_db = f64::from(MAX_OFFSET_DB);
            if offset_db.abs() > most_db + 1e-6 {
                sentences.push(format!(
                    "{} would need {offset_db:+.1} dB, and a learned balance has {most_db:.0} dB: bring its fader \
                     nearer to 0 dB and balance again.",
                    stem_title(stem)
                ));
            }
            made.stems[stem].offset_db = offset_db.clamp(-most_db, most_db) as f32;
            made.stems[stem].accepted = proposal.kept.is_none() || offset_db != 0.0;
        }
        let whole_percent = MixParam::BalanceAmount.spec().default;
        if document.mix.balance_percent != whole_percent {
            sentences.push(format!(
                "The learned balance sounded by {:.0} % and is set to {whole_percent:.0} %.",
                document.mix.balance_percent
            ));
            document.mix.balance_percent = whole_percent;
        }
        document.learned = Some(made);
        let report = BalanceReport {
            stems: rows,
            before: solution.before,
            after: solution.after,
            output_db: document.mix.output_db,
            sentences,
            sources: sources(&target, &in_use.iter().map(|stem| stems[*stem].role).collect::<Vec<_>>()),
        };
        Ok(Self { document, notices, session, report, out: job.out.clone(), replace: job.replace })
    }

    /// What in the balance was left out, replaced or may surprise; one sentence each.
    pub fn notices(&self) -> impl Iterator<Item = &String> {
        self.notices.iter().chain(self.session.iter().flat_map(|session| &session.notices))
    }

    /// Frames there are to play for the true peak; 0 without stems.
    pub fn frames(&self) -> u64 {
        self.session.as_ref().map_or(0, |session| session.frames)
    }

    /// Measures the true peak, where there are stems, lowers the output for it and writes the balance. `watch`
    /// as in [`super::Render::run`].
    ///
    /// # Errors
    /// Where a stem cannot be read after all or the balance cannot be written.
    pub fn run(mut self, watch: impl FnMut(u64) -> ControlFlow<()>) -> Result<BalanceReport, RenderError> {
        let sentence = match &mut self.session {
            None => {
                "The true peak was not measured: name the stems after the balance to keep it below -1 dBTP."
                    .to_owned()
            }
            Some(session) => {
                let peak_dbtp = true_peak_dbtp(session, &self.document, watch)?;
                let cut_db = output_cut_db(peak_dbtp);
                if cut_db < 0.0 {
                    // To a hundredth, so that what is said is what is written.
                    let cut_db = (cut_db * 100.0).floor() / 100.0;
                    let output_db = f64::from(self.document.mix.output_db) + cut_db;
                    self.document.mix.set(ParamKey::Mix(MixParam::Output), output_db as f32);
                    self.report.output_db = self.document.mix.output_db;
                    format!(
                        "The mix would have a true peak of {peak_dbtp:+.1} dBTP, so the output is lowered by \
                         {:.2} dB to {:.2} dB.",
                        -cut_db, self.report.output_db
                    )
                } else {
                    format!(
                        "The mix has a true peak of {peak_dbtp:.1} dBTP, within {MAX_TRUE_PEAK_DBTP:.0} dBTP."
                    )
                }
            }
        };
        self.report.sentences.push(sentence);
        balance::save(&self.out, &self.document, self.replace)?;
        Ok(self.report)
    }
}

fn read_targets(path: &Path, notices: &mut Vec<String>) -> Result<Target, RenderError> {
    let unreadable = |source| RenderError::Unreadable { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    let read = Target::from_json(&bytes);
    let (target, said) = read.map_err(|source| RenderError::Targets { path: path.to_owned(), source })?;
    notices.extend(said.into_iter().map(|said| format!("{}: {said}", path.display())));
    Ok(target)
}

/// What the learned balance does to a stem now, in dB.
fn sounding_db(document: &Document, stem: usize) -> f64 {
    let percent = f64::from(document.mix.balance_percent);
    f64::from(document.playing().learned_db[stem]) * percent / 100.0
}

/// Level of a stem's group, in dB; 0 of one that is in none.
fn group_db(document: &Document, stem: usize) -> f32 {
    document.stems[stem].group.map_or(0.0, |group| document.mix.groups[group].fader_db)
}

/// A stem as the solver is to take it; bit k of `audible` is [`audible`]'s.
fn now(document: &Document, stem: usize, audible: u32, locked: bool) -> StemNow {
    let mix = &document.mix;
    let strip = &mix.stems[stem];
    let faders_db = [strip.fader_db, group_db(document, stem)].map(f64::from);
    let is_closed = faders_db.iter().any(|db| *db <= FADER_FLOOR_DB);
    StemNow {
        role: document.stems[stem].role,
        gain_db: match is_closed {
            true => f64::NEG_INFINITY,
            false => f64::from(strip.trim_db) + faders_db.iter().sum::<f64>() + sounding_db(document, stem),
        },
        muted: strip.mute || audible >> stem & 1 == 0,
        locked,
    }
}

fn stale(document: &Document, learned: &LearnedBalance) -> Option<String> {
    let stems = learned.stems.iter().zip(&document.mix.stems).enumerate();
    let stale = stems.filter(|(_, (learned, strip))| learned.is_stale(strip));
    let labels: Vec<_> = stale.map(|(stem, _)| document.stems[stem].label(stem)).collect();
    (!labels.is_empty()).then(|| {
        format!(
            "Tone, width, delay, pan or polarity have changed since these stems were learned: {}. Learn again.",
            labels.join(", ")
        )
    })
}

fn without_role(stems: &[StemReport]) -> Option<String> {
    let moves = stems.iter().filter(|stem| stem.role == Role::Unknown && stem.kept.is_none());
    let labels: Vec<_> = moves.map(StemReport::label).collect();
    (!labels.is_empty()).then(|| {
        let words: Vec<_> = Role::ALL[1..].iter().map(|(_, word)| *word).collect();
        format!(
            "Nobody has said what these stems play: {}. Write a \"role\" for each into the balance: {}.",
            labels.join(", "),
            words.join(", ")
        )
    })
}

/// Where every figure comes from.
fn sources(target: &Target, roles: &[Role]) -> Vec<String> {
    let Some(preset) = target.preset() else {
        return vec!["These targets are your own; none of them is a published figure.".to_owned()];
    };
    let lead = preset.lead_to_rest();
    let lead_line = lead.filter(|_| roles.contains(&Role::Lead)).map(|figure| {
        format!("lead {:+.0} LU against the rest while it sounds ({})", figure.lu, figure.source)
    });
    let others = Role::ALL.iter().filter(|(role, _)| roles.contains(role));
    let others = others.filter(|(role, _)| lead.is_none() || *role != Role::Lead).map(|(role, word)| {
        let figure = preset.offset(*role);
        format!("{word} {:+.0} LU against the other roles ({})", figure.lu, figure.source)
    });
    lead_line.into_iter().chain(others).collect()
}

/// The true peak of the mix that a document makes of these stems.
fn true_peak_dbtp(
    session: &mut Session,
    document: &Document,
    mut watch: impl FnMut(u64) -> ControlFlow<()>,
) -> Result<f64, RenderError> {
    let rate_hz = f64::from(session.rate_hz);
    let mut engine = engine(document, rate_hz);
    let mut true_peak = TruePeak::new(rate_hz);
    session.play(|block, done| {
        engine.process(block);
        let [left, right] = &block.main;
        true_peak.process(left, right);
        go_on(watch(done))?;
        Ok(ControlFlow::Continue(()))
    })?;
    let [left, right] = true_peak.peaks();
    Ok(gain_to_db(f64::from(left.max(right))))
}

impl StemReport {
    fn label(&self) -> String {
        if self.name.is_empty() { stem_title(self.number - 1) } else { self.name.clone() }
    }

    fn why(&self) -> String {
        match self.kept {
            None => String::new(),
            Some(Kept::Locked) => "locked".to_owned(),
            Some(Kept::Muted) => "muted".to_owned(),
            Some(Kept::Closed) => "its fader is closed".to_owned(),
            Some(Kept::Silent) => "nothing was heard of it".to_owned(),
            Some(Kept::TooShort(active_s)) => format!("heard for {active_s:.1} s only"),
            Some(Kept::NoLoudness) => "the mix is silent".to_owned(),
        }
    }
}

impl BalanceReport {
    /// All of it for people.
    pub fn text(&self) -> String {
        let titles = [["", "Stem", "Role", "Now", "Change", "Keeps its gain"], ["", "", "", "dB", "dB", ""]];
        let rows = self.stems.iter().map(|stem| {
            [
                format!("{:02}", stem.number),
                stem.name.clone(),
                stem.role.word().to_owned(),
                format!("{:+.1}", stem.now_db),
                if stem.kept.is_some() { "-".to_owned() } else { format!("{:+.2}", stem.change_db) },
                stem.why(),
            ]
        });
        let rows: Vec<_> = titles.map(|row| row.map(str::to_owned)).into_iter().chain(rows).collect();
        let lead = |mix: &Loudness| {
            mix.lead_to_rest_lu.filter(|lu| lu.is_finite()).map_or("-".to_owned(), |lu| format!("{lu:+.2}"))
        };
        let number = |value: f64| format!("{value:.2}");
        let output_db = f64::from(self.output_db);
        let mixes = [
            ["Mix, predicted".to_owned(), "Loudness".to_owned(), "Lead to rest".to_owned()],
            [String::new(), "LUFS".to_owned(), "LU".to_owned()],
            ["before".to_owned(), number(self.before.lufs), lead(&self.before)],
            ["after".to_owned(), number(self.after.lufs), lead(&self.after)],
            [
                format!("after, output at {output_db:.2} dB"),
                number(self.after.lufs + output_db),
                String::new(),
            ],
        ];
        let mixes = &mixes[..if output_db == 0.0 { 4 } else { 5 }];
        format!(
            "{}\n{}\n{}\n\nTargets:\n{}\n",
            lay_out(&rows, [true, false, false, true, true, false]),
            lay_out(mixes, [false, true, true]),
            self.sentences.join("\n"),
            self.sources.iter().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
        )
    }
}
