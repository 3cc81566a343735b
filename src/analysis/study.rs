//! Studies a song as it plays: all that the check, the clashes and the contour want to know of it.

use super::align::{Aligner, Comparison};
use super::clash::ClashMeter;
use super::consistency::{Stem, check};
use super::ear::Ear;
use super::finding::{Finding, Kind};
use super::readout::{ReadoutMeter, Readouts, Row};
use super::stretches::Stretches;
use crate::dsp::sanitise::is_garbage;
use crate::model::document::Document;
use crate::model::limits::{SCENES, STEMS};
use crate::sync::Stretch;
use std::sync::Arc;

/// Bits of a host's samples.
const BITS: u16 = 32;
/// No scene, and each of them.
const PLACES: usize = SCENES + 1;

/// Gathers. Fed by whoever takes the sound from the audio thread.
pub struct Study {
    sample_rate_hz: f64,
    is_lead: [bool; STEMS],
    ears: Vec<Ear>,
    garbage: [u64; STEMS],
    aligner: Aligner,
    stretches: Stretches,
    readouts: ReadoutMeter,
    /// The mix, the lead and the rest of a stretch.
    sums: [[Vec<f32>; 2]; 3],
    /// How many frames of the row under way each scene has sounded in, and of each row the one that did longest.
    row: [usize; PLACES],
    scenes: Vec<u8>,
    frames: u64,
}

impl Study {
    /// For a sample rate, before any sound. The lead is what is read against the rest.
    pub fn new(sample_rate_hz: f64, is_lead: [bool; STEMS]) -> Self {
        Self {
            sample_rate_hz,
            is_lead,
            ears: (0..STEMS).map(|_| Ear::new(sample_rate_hz.round() as u32)).collect(),
            garbage: [0; STEMS],
            // Its length is not known: every segment is looked at.
            aligner: Aligner::new(STEMS, sample_rate_hz, 0),
            stretches: Stretches::new(STEMS, sample_rate_hz),
            readouts: ReadoutMeter::new(sample_rate_hz),
            sums: Default::default(),
            row: [0; PLACES],
            scenes: Vec::new(),
            frames: 0,
        }
    }

    /// The next frames. How time is cut into stretches changes nothing.
    pub fn process(&mut self, stretch: &Stretch) {
        let inputs = stretch.inputs.each_ref().map(|sides| sides.each_ref().map(|side| &side[..]));
        for (stem, (ear, sides)) in self.ears.iter_mut().zip(inputs).enumerate() {
            ear.listen(sides);
            let samples = sides.into_iter().flatten();
            self.garbage[stem] += samples.filter(|x| is_garbage(**x)).count() as u64;
        }
        self.aligner.process(&inputs);
        let frames = stretch.scenes.len();
        for side in self.sums.as_flattened_mut() {
            side.clear();
            side.resize(frames, 0.0);
        }
        for (stem, sides) in stretch.parts.iter().enumerate() {
            self.stretches.listen(stem, sides.each_ref().map(|side| &side[..]));
            for of in [0, if self.is_lead[stem] { 1 } else { 2 }] {
                for (sum, side) in self.sums[of].iter_mut().zip(sides) {
                    sum.iter_mut().zip(side).for_each(|(sum, x)| *sum += x);
                }
            }
        }
        self.stretches.compare();
        self.readouts.process(self.sums.each_ref().map(|sides| sides.each_ref().map(|side| &side[..])));
        self.follow_scenes(&stretch.scenes);
        self.frames += frames as u64;
    }

    fn follow_scenes(&mut self, scenes: &[u8]) {
        let row_frames = self.readouts.row_frames();
        let mut rest = scenes;
        while !rest.is_empty() {
            let left = row_frames - self.row.iter().sum::<usize>();
            let (now, later) = rest.split_at(left.min(rest.len()));
            now.iter().for_each(|scene| self.row[usize::from(*scene).min(SCENES)] += 1);
            rest = later;
            if now.len() == left {
                // The last of equals wins a maximum.
                let longest = (0..PLACES).max_by_key(|place| self.row[*place]).unwrap_or(0);
                self.scenes.push(longest as u8);
                self.row = [0; PLACES];
            }
        }
    }

    /// The mix of the frames that came last, left and right.
    pub fn mix(&self) -> [&[f32]; 2] {
        self.sums[0].each_ref().map(|side| &side[..])
    }

    /// What is known so far. Comparing all pairs of stems takes long, and is done where it is asked for.
    pub fn song(&self, start_s: Option<f64>, has_gaps: bool, compares: bool) -> Song {
        let heard = self.ears.iter().zip(self.garbage).map(|(ear, garbage)| ear.heard(BITS, garbage));
        let stems = heard.map(|heard| Stem { name: String::new(), heard: Ok(heard) }).collect();
        let of_scene = |scene: usize| {
            let is_its = |row: usize| self.scenes.get(row).is_some_and(|own| usize::from(*own) == scene);
            self.readouts.readouts_of(is_its)
        };
        Song {
            sample_rate_hz: self.sample_rate_hz,
            seconds: self.frames as f64 / self.sample_rate_hz,
            start_s,
            has_gaps,
            stems,
            comparison: compares.then(|| self.aligner.clone().compare()),
            clash: self.stretches.meter().clone(),
            readouts: self.readouts.readouts(),
            of_scenes: std::array::from_fn(of_scene),
            rows: self.readouts.rows(),
            scenes: self.scenes.clone(),
        }
    }
}

/// What was learned of a song by playing it once.
#[derive(Clone, Debug)]
pub struct Song {
    /// Of the sound.
    pub sample_rate_hz: f64,
    /// How much was heard.
    pub seconds: f64,
    /// Where the host was at its beginning, in seconds; `None` where it does not say.
    pub start_s: Option<f64>,
    /// Some sound was lost on its way, so times may be off.
    pub has_gaps: bool,
    /// All stems as they came in, without their names.
    stems: Vec<Stem>,
    /// How alike they are, once that was worked out.
    comparison: Option<Comparison>,
    /// Who covers whom.
    pub clash: ClashMeter,
    /// Of all of it.
    pub readouts: Readouts,
    /// Of the rows without a scene, and of those of each.
    of_scenes: [Option<Readouts>; PLACES],
    /// The contour, a row for every second.
    pub rows: Vec<Row>,
    /// For each row the scene that sounded: 0 for none, 1 to 8.
    pub scenes: Vec<u8>,
}

impl Song {
    /// What is wrong with its stems as the balance is now, the worst first. Stems that were silent are told of where
    /// they have a name.
    pub fn findings(&self, document: &Document) -> Vec<Finding> {
        let named = self.stems.iter().zip(&document.stems).enumerate();
        let stems: Vec<Stem> = named
            .map(|(at, (stem, info))| Stem { name: info.label(at), heard: stem.heard.clone() })
            .collect();
        let all: Vec<usize> = (0..stems.len()).collect();
        let nothing = Comparison::default();
        let mut findings = check(&stems, self.comparison.as_ref().unwrap_or(&nothing), &all, document);
        let is_named = |stem: usize| !document.stems[stem].name.is_empty();
        findings.retain(|finding| self.sounds(finding.stem) || is_named(finding.stem));
        if !self.is_compared() {
            findings.retain(|finding| finding.kind != Kind::Silent); // it may come yet
        }
        findings
    }

    /// Whether stems were compared with one another: twins and offsets are found only then.
    pub fn is_compared(&self) -> bool {
        self.comparison.is_some()
    }

    /// Whether a stem (0 to 15) came in with sound.
    pub fn sounds(&self, stem: usize) -> bool {
        self.stems[stem].heard.as_ref().is_ok_and(|heard| !heard.is_silent())
    }

    /// Of the time in which a scene (0 to 7) sounded, or none of them; `None` where that was less than a second.
    pub fn readouts_of(&self, scene: Option<usize>) -> Option<&Readouts> {
        self.of_scenes.get(scene.map_or(0, |scene| scene + 1))?.as_ref()
    }
}

/// How studying stands.
#[derive(Clone, Debug, Default)]
pub struct StudyState {
    /// The host is listened to while it plays.
    pub is_recording: bool,
    /// It has not played yet.
    pub is_waiting: bool,
    /// What is known so far.
    pub song: Option<Arc<Song>>,
    /// What was known of the recording before.
    pub before: Option<Arc<Song>>,
    /// New with every change.
    pub revision: u32,
}
