//! The thread that studies a song while somebody records it.

// Locks are for the editor's and this thread; the audio thread knows the tape alone.
#![allow(clippy::disallowed_types)]

use crate::analysis::{Song, Study, StudyState};
use crate::model::document::Document;
use crate::model::limits::STEMS;
use crate::share::{self, Readings};
use crate::sync::{Meters, Patrol, Reel, Stretch};
use parking_lot::Mutex;
use std::sync::Arc;
use std::time::Duration;

/// How often it looks.
const PACE: Duration = Duration::from_millis(50);
/// Frames taken at a time. Changes no result.
const STRETCH_FRAMES: usize = 4096;
/// Seconds of sound from one answer to the next.
const ANSWER_S: f64 = 1.0;

/// Where a recording is begun and ended, and what was learned by it is found. For any thread but the audio thread.
#[derive(Debug)]
pub struct Desk {
    meters: Arc<Meters>,
    state: Arc<Mutex<StudyState>>,
    /// What mix and stems measured in the recording, once it is over.
    readings: Arc<Mutex<Option<Readings>>>,
    /// The thread, while somebody records.
    patrol: Mutex<Option<Patrol>>,
}

impl Desk {
    /// Nobody records.
    pub fn new(meters: Arc<Meters>) -> Self {
        Self { meters, state: Arc::default(), readings: Arc::default(), patrol: Mutex::new(None) }
    }

    /// How it stands.
    pub fn state(&self) -> StudyState {
        self.state.lock().clone()
    }

    /// What mix and stems measured in the recording, once it is over; the stems without their names.
    pub fn readings(&self) -> Option<Readings> {
        self.readings.lock().clone()
    }

    /// Gives a student a thread.
    pub fn employ(&self, mut student: Student) {
        let patrol = Patrol::start("stemwright study", PACE, move || student.go().then_some(PACE));
        if patrol.is_none() {
            self.forget(); // the system has no thread for it
        }
        *self.patrol.lock() = patrol;
    }

    /// Begins anew; what was known by now becomes what was known before. `None` while a recording runs.
    pub fn student(&self, sample_rate_hz: f64, is_lead: [bool; STEMS]) -> Option<Student> {
        let mut patrol = self.patrol.lock(); // held, so that begins take turns
        if self.state.lock().is_recording {
            return None;
        }
        *patrol = None; // ends with the look at hand: it reads no more
        let mut state = self.state.lock();
        let old = (state.song.clone(), state.before.clone(), self.readings.lock().take());
        state.before = state.song.take().or_else(|| state.before.take());
        (state.is_recording, state.is_waiting) = (true, true);
        state.revision += 1;
        drop(state);
        self.meters.tape().begin();
        Some(Student {
            meters: self.meters.clone(),
            state: self.state.clone(),
            readings: self.readings.clone(),
            old,
            measures: share::Meters::new(STEMS, sample_rate_hz.round() as u32),
            study: Study::new(sample_rate_hz, is_lead),
            stretch: Stretch::default(),
            heard_s: 0.0,
            answered_s: 0.0,
            sample_rate_hz,
        })
    }

    /// Ends the recording. What is on its way is still studied.
    pub fn end(&self) {
        self.meters.tape().end();
    }

    /// Ends it, and forgets all of it.
    pub fn forget(&self) {
        self.meters.tape().off();
        *self.patrol.lock() = None;
        let mut state = self.state.lock();
        *state = StudyState { revision: state.revision + 1, ..StudyState::default() };
        *self.readings.lock() = None;
    }
}

/// Takes what comes, and answers.
pub struct Student {
    meters: Arc<Meters>,
    state: Arc<Mutex<StudyState>>,
    readings: Arc<Mutex<Option<Readings>>>,
    /// What was known, and known before, and measured, when it began.
    old: (Option<Arc<Song>>, Option<Arc<Song>>, Option<Readings>),
    measures: share::Meters,
    study: Study,
    stretch: Stretch,
    heard_s: f64,
    answered_s: f64,
    sample_rate_hz: f64,
}

impl Student {
    /// Takes what is there by now; whether there is more to come.
    pub fn go(&mut self) -> bool {
        let tape = self.meters.tape();
        let reel = tape.reel(); // before what is there is taken: all but a block under way came before an end
        loop {
            let frames = tape.take(STRETCH_FRAMES, &mut self.stretch);
            if frames == 0 || tape.reel() == Reel::Off {
                break;
            }
            self.study.process(&self.stretch);
            self.measures.mix(self.study.mix());
            for (stem, sides) in self.stretch.parts.iter().enumerate() {
                self.measures.stem(stem, sides.each_ref().map(|side| &side[..]));
            }
            self.heard_s += frames as f64 / self.sample_rate_hz;
        }
        match reel {
            Reel::Off => false,
            Reel::Waiting => true,
            Reel::Running => {
                let is_first = self.answered_s == 0.0 && self.heard_s > 0.0;
                if is_first || self.heard_s - self.answered_s >= ANSWER_S {
                    self.answered_s = self.heard_s;
                    self.answer(true);
                }
                true
            }
            Reel::Ended => {
                if self.heard_s == 0.0 {
                    self.leave_all_as_it_was();
                } else {
                    let frames = (self.heard_s * self.sample_rate_hz).round() as u64;
                    let rate_hz = self.sample_rate_hz.round() as u32;
                    *self.readings.lock() =
                        Some(self.measures.readings(&Document::default(), rate_hz, frames));
                    self.answer(false);
                }
                false
            }
        }
    }

    fn answer(&self, is_recording: bool) {
        let tape = self.meters.tape();
        let song = Arc::new(self.study.song(tape.start_s(), tape.has_gaps(), !is_recording));
        let mut state = self.state.lock();
        (state.is_recording, state.is_waiting) = (is_recording, false);
        let old = state.song.replace(song);
        state.revision += 1;
        drop((state, old));
    }

    /// Nothing was played.
    fn leave_all_as_it_was(&mut self) {
        let (song, before, readings) = std::mem::take(&mut self.old);
        *self.readings.lock() = readings;
        let mut state = self.state.lock();
        *state = StudyState { song, before, revision: state.revision + 1, ..StudyState::default() };
    }
}
