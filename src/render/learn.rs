//! Learns a song from its stems' files.

use super::balance;
use super::check::{self, Check};
use super::error::RenderError;
use super::session::{Session, go_on};
use super::sink;
use super::table::lay_out;
use crate::balance::{Learned, Listener, MIN_ACTIVE_S};
use crate::dsp::loudness::slot_frames;
use crate::engine::{MixEngine, StemBlock};
use crate::model::document::Document;
use crate::model::learned::{Fingerprint, LearnedBalance, StemLoudness};
use crate::model::limits::STEMS;
use crate::model::settings::MixSettings;
use crate::sync::Meters;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

/// Slots of 10 ms after which what was measured is taken: well below the room that there is for them.
const SLOTS_TAKEN: usize = 50;
/// Until the engine measures cross energies, this many slots pass.
const SLOTS_BEFORE: usize = 2;

/// Learns stems that are handed to it in blocks. How time is cut into blocks changes nothing.
pub struct Learner {
    engine: MixEngine,
    meters: Arc<Meters>,
    listener: Box<Listener>,
    slot_frames: usize,
    /// Since what was measured was taken.
    frames: usize,
}

impl Learner {
    /// One that hears the stems as a document has them, up to their faders.
    pub fn new(sample_rate_hz: f64, document: &Document) -> Self {
        let meters = Arc::new(Meters::default());
        meters.loudness().listen(true);
        meters.loudness().learn(true);
        let mut engine = MixEngine::new(meters.clone());
        engine.set(&MixSettings { bypass: false, ..document.playing() });
        engine.set_layers(&document.layers());
        engine.prepare(sample_rate_hz);
        let slot_frames = slot_frames(sample_rate_hz);
        let mut learner = Self { engine, meters, listener: Box::default(), slot_frames, frames: 0 };
        // So that what is learned begins with the first frame of the song.
        let mut silence = [vec![0.0; SLOTS_BEFORE * slot_frames], vec![0.0; SLOTS_BEFORE * slot_frames]];
        learner.play(&mut StemBlock {
            main: silence.each_mut().map(|side| &mut side[..]),
            aux: [[&[]; 2]; STEMS - 1],
            connected: 0,
            silent: 0,
        });
        learner
    }

    /// The next frames, at most a second of them. The mix takes the place of stem 1.
    pub fn play(&mut self, block: &mut StemBlock) {
        self.engine.process(block);
        self.frames += block.frames();
        if self.frames >= SLOTS_TAKEN * self.slot_frames {
            self.take();
        }
    }

    fn take(&mut self) {
        self.frames = 0;
        self.listener.go(self.meters.loudness());
    }

    /// Whether nothing more is learned: 15 minutes were.
    pub fn is_full(&self) -> bool {
        self.listener.learned().is_some_and(Learned::is_full)
    }

    /// What was learned.
    pub fn finish(mut self) -> Learned {
        self.take();
        self.listener.take_learned().map_or_else(Learned::default, |learned| *learned)
    }
}

/// What to learn.
#[derive(Clone, Debug, Default)]
pub struct LearnJob {
    /// The stems' files, as for a render.
    pub stems: Vec<PathBuf>,
    /// The balance they are set up by.
    pub balance: Option<PathBuf>,
    /// The balance to write, with what was learned.
    pub out: PathBuf,
    /// Whether it may replace a file.
    pub replace: bool,
}

/// Learning that has been found possible. Nothing is written yet.
pub struct Learn {
    session: Session,
    out: PathBuf,
    replace: bool,
}

/// What was learned.
#[derive(Clone, Debug, PartialEq)]
pub struct LearnReport {
    /// Every stem's name and what was heard of it before its fader, at a trim of 0 dB.
    pub stems: Vec<(String, StemLoudness)>,
    /// Seconds of sound that were learned.
    pub seconds: f32,
    /// What is odd, a sentence or two each.
    pub notices: Vec<String>,
}

impl Learn {
    /// Reads the balance and the stems' headers and checks everything that can be known beforehand.
    ///
    /// # Errors
    /// As [`super::Render::prepare`].
    pub fn prepare(job: &LearnJob) -> Result<Self, RenderError> {
        let session = Session::open(&job.stems, job.balance.as_deref())?;
        sink::check_output(&job.out, job.stems.iter().chain(&job.balance), job.replace)?;
        Ok(Self { session, out: job.out.clone(), replace: job.replace })
    }

    /// What in the balance was left out, replaced or may surprise; one sentence each.
    pub fn notices(&self) -> &[String] {
        &self.session.notices
    }

    /// Frames there are to learn.
    pub fn frames(&self) -> u64 {
        self.session.frames
    }

    /// Learns, and writes the balance. A learned balance that is there goes on to sound. `watch` as in
    /// [`super::Render::run`].
    ///
    /// # Errors
    /// Where nothing was heard, a file cannot be read after all or the balance cannot be written.
    pub fn run(mut self, mut watch: impl FnMut(u64) -> ControlFlow<()>) -> Result<LearnReport, RenderError> {
        let rate_hz = f64::from(self.session.rate_hz);
        let mut learner = Learner::new(rate_hz, &self.session.document);
        let lengths: Vec<u64> = self.session.stems.iter().map(|stem| stem.frames()).collect();
        let mut checks: Vec<Check> = lengths.iter().map(|_| Check::default()).collect();
        let mut done = 0;
        self.session.play(|block, now| {
            for (stem, check) in checks.iter_mut().enumerate() {
                let [left, right] = match stem.checked_sub(1) {
                    None => block.main.each_ref().map(|side| &**side),
                    Some(at) => block.aux[at],
                };
                let own = (lengths[stem] - check.frames()).min(left.len() as u64) as usize;
                check.look([&left[..own], &right[..own]]);
            }
            learner.play(block);
            done = now;
            go_on(watch(done))?;
            Ok(if learner.is_full() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        })?;
        let learned = learner.finish();
        let song = learned.summary();
        if song.groups.is_empty() {
            return Err(RenderError::NothingHeard);
        }

        let Session { stems, document, frames, .. } = &mut self.session;
        let files: Vec<_> = stems.iter().zip(&checks).collect();
        let too_little = |stem: usize| too_little(&song.stems[stem]);
        let mut notices = check::notices(&files, "heard", too_little);
        if done < *frames {
            notices.push(format!(
                "15 minutes were learned, which is all there is room for; what follows {:.0} s was left out.",
                done as f64 / rate_hz
            ));
        }
        let names = document.stems.iter().zip(song.stems).take(stems.len());
        let report = LearnReport {
            stems: names.map(|(info, loudness)| (info.name.clone(), loudness)).collect(),
            seconds: learned.seconds(),
            notices,
        };
        let mut balance = document.learned.take().unwrap_or_default();
        for (stem, (learned, strip)) in balance.stems.iter_mut().zip(&document.mix.stems).enumerate() {
            learned.fingerprint = (stem < stems.len()).then(|| Fingerprint::of(strip));
        }
        let learned = Some(LearnedBalance { song: Some(song), ..balance });
        balance::save(&self.out, &Document { learned, ..document.clone() }, self.replace)?;
        Ok(report)
    }
}

fn too_little(loudness: &StemLoudness) -> Option<String> {
    let StemLoudness { lufs, active_s } = *loudness;
    if lufs == f32::NEG_INFINITY {
        Some(
            "it is too short or too quiet to have a loudness, and will keep its gain: turn it up, or leave \
             it out."
                .to_owned(),
        )
    } else if active_s < MIN_ACTIVE_S {
        Some(format!(
            "it sounds for {active_s:.1} s, too short to learn: below {MIN_ACTIVE_S:.0} s it will keep its gain."
        ))
    } else {
        None
    }
}

impl LearnReport {
    /// A table for people, a line for each stem.
    pub fn table(&self) -> String {
        let titles = [["", "Stem", "Loudness", "Sounds"], ["", "", "LUFS", "s"]];
        let rows = self.stems.iter().enumerate().map(|(stem, (name, loudness))| {
            let number = |value: f32| format!("{value:.1}");
            [format!("{:02}", stem + 1), name.clone(), number(loudness.lufs), number(loudness.active_s)]
        });
        let rows: Vec<_> = titles.map(|row| row.map(str::to_owned)).into_iter().chain(rows).collect();
        lay_out(&rows, [true, false, true, true])
    }
}
