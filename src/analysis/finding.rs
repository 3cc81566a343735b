//! What the consistency check says: a fault, and its cure.

use super::change::Change;
use super::faults::{Side, words};
use serde::ser::{Serialize, SerializeStruct, Serializer};

/// Something found about a stem's file.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Index of the stem, 0 to 15.
    pub stem: usize,
    /// What the stem is called.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// What to do about it.
    pub cure: Cure,
}

/// What to do about a finding.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cure {
    /// In a sentence or two.
    pub words: String,
    /// As changes of the balance, where it can be had so; of all of them together.
    pub changes: Vec<Change>,
}

/// What can be found, the worst first. Names are those of other stems.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// The file cannot be read, for a reason said in a sentence.
    Unreadable(String),
    /// Another sample rate than most have.
    Rate {
        /// Its own.
        rate_hz: u32,
        /// That of most.
        usual_hz: u32,
    },
    /// So many samples are no numbers, or absurdly large.
    Garbage(u64),
    /// Nothing, or nothing above -80 dBFS.
    Silent,
    /// The same sound as this stem, whatever the gain.
    TwinOf(String),
    /// The same with the waveform turned over.
    FlippedTwinOf(String),
    /// The sum of all others, or nearly.
    SumOfOthers,
    /// It has sound in common with another stem, which lies elsewhere in time.
    Offset {
        /// The other.
        other: String,
        /// How much later it comes; below 0 earlier.
        frames: f64,
        /// The same in milliseconds.
        ms: f64,
    },
    /// It has sound in common with another stem, turned over.
    Opposed {
        /// The other.
        other: String,
        /// Their correlation once they are aligned, below 0.
        correlation: f64,
    },
    /// Three or more samples in a row at full scale or above, so many times.
    Clipped(u32),
    /// The mono sum is this much quieter than the two sides, in dB.
    MonoLoss(f64),
    /// It begins with its sound, where the others begin with silence, and is shorter than they are.
    BeginsEarly {
        /// Seconds that it lacks.
        short_s: f64,
    },
    /// The other side is silent.
    OneSided(Side),
    /// A constant offset of this level in dBFS.
    Dc(f64),
    /// Longer than most by so many seconds; below 0 shorter.
    Length(f64),
    /// Far louder (above 0) or quieter than the others.
    Level {
        /// Its loudness.
        lufs: f64,
        /// Against the others' middle, in LU.
        against_lu: f64,
    },
    /// Far brighter (above 0) or darker than the others: what lies above 650 Hz against what lies below it, less
    /// the others' middle, in dB.
    Tilt(f64),
    /// Fewer bits than most have.
    Bits {
        /// Its own.
        bits: u16,
        /// Those of most.
        usual: u16,
    },
    /// Its name stands in the wrong place in a list.
    Unsorted,
    /// Its name is another's too.
    SameName,
    /// Its name says nothing.
    SaysNothing,
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// Spoils the mix, or keeps it from being made.
    Bad,
    /// May be meant so.
    Look,
    /// Makes work for others.
    Tidy,
}

impl Grade {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Bad => "bad",
            Self::Look => "look",
            Self::Tidy => "tidy",
        }
    }
}

impl Kind {
    /// Its place in the list, the worst first, and the word that programs know it by.
    fn row(&self) -> (u8, Grade, &'static str) {
        match self {
            Self::Unreadable(_) => (0, Grade::Bad, "unreadable"),
            Self::Rate { .. } => (1, Grade::Bad, "sample_rate"),
            Self::Garbage(_) => (2, Grade::Bad, "no_numbers"),
            Self::FlippedTwinOf(_) => (3, Grade::Bad, "flipped_twin"),
            Self::TwinOf(_) => (4, Grade::Bad, "twin"),
            Self::SumOfOthers => (5, Grade::Bad, "sum_of_others"),
            Self::Silent => (6, Grade::Bad, "silent"),
            Self::Clipped(_) => (7, Grade::Bad, "clipped"),
            Self::BeginsEarly { .. } => (8, Grade::Bad, "begins_early"),
            Self::Offset { .. } => (9, Grade::Look, "offset"),
            Self::Opposed { .. } => (10, Grade::Look, "opposed"),
            Self::MonoLoss(_) => (11, Grade::Look, "mono_loss"),
            Self::Dc(_) => (12, Grade::Look, "dc"),
            Self::OneSided(_) => (13, Grade::Look, "one_sided"),
            Self::Level { .. } => (14, Grade::Look, "level"),
            Self::Tilt(_) => (15, Grade::Look, "tilt"),
            Self::Length(_) => (16, Grade::Look, "length"),
            Self::Bits { .. } => (17, Grade::Tidy, "bits"),
            Self::SameName => (18, Grade::Tidy, "same_name"),
            Self::SaysNothing => (19, Grade::Tidy, "says_nothing"),
            Self::Unsorted => (20, Grade::Tidy, "unsorted"),
        }
    }

    /// How much it matters.
    pub fn grade(&self) -> Grade {
        self.row().1
    }

    /// The word that programs know it by, such as `sample_rate`.
    pub fn word(&self) -> &'static str {
        self.row().2
    }

    /// Its place in the list: what is worse is less.
    pub(super) fn rank(&self) -> u8 {
        self.row().0
    }
}

impl Finding {
    /// What is wrong, in a sentence.
    pub fn words(&self) -> String {
        let name = &self.name;
        match &self.kind {
            Kind::Unreadable(why) => format!("{why}."),
            Kind::Rate { rate_hz, usual_hz } => {
                format!("{name} has a sample rate of {rate_hz} Hz, most others {usual_hz} Hz.")
            }
            Kind::Garbage(1) => format!("{name} has a sample that is no number or absurdly large."),
            Kind::Garbage(samples) => {
                format!("{name} has {samples} samples that are no numbers or absurdly large.")
            }
            Kind::Silent => format!("{name} is silent in all that was heard."),
            Kind::TwinOf(other) => format!("{name} is the same as {other} (twin): it sounds twice."),
            Kind::FlippedTwinOf(other) => {
                format!("{name} is the same as {other} with opposite polarity: the two cancel.")
            }
            Kind::SumOfOthers => format!("{name} is the sum of the other stems: everything sounds twice."),
            Kind::Offset { other, frames, ms } => {
                let word = if *ms < 0.0 { "before" } else { "after" };
                format!(
                    "{name} comes {:.2} ms ({:.1} frames) {word} {other}, with which it has sound in common.",
                    ms.abs(),
                    frames.abs()
                )
            }
            Kind::Opposed { other, correlation } => format!(
                "{name} has sound in common with {other}, turned over: what they share cancels (correlation \
                 {correlation:.2})."
            ),
            Kind::Clipped(times) => format!("{name} {}.", words::clipped(*times)),
            Kind::MonoLoss(db) if *db < -40.0 => {
                format!("{name} all but vanishes in mono: its sides cancel.")
            }
            Kind::MonoLoss(db) => {
                format!("{name} is {:.1} dB quieter in mono than in stereo: its sides cancel.", -db)
            }
            Kind::BeginsEarly { short_s } => format!(
                "{name} begins with its first sound and is {short_s:.2} s shorter than the others: it does not \
                 begin where they do."
            ),
            Kind::OneSided(side) => format!("{name} {}.", words::one_sided(*side)),
            Kind::Dc(level_db) => format!("{name} {}.", words::dc(*level_db)),
            Kind::Length(longer_s) => {
                let word = if *longer_s < 0.0 { "shorter" } else { "longer" };
                format!("{name} is {:.2} s {word} than the others.", longer_s.abs())
            }
            Kind::Level { lufs, against_lu } => {
                let word = if *against_lu < 0.0 { "quieter" } else { "louder" };
                let level = if lufs.is_finite() {
                    format!("has {lufs:.1} LUFS")
                } else {
                    "stays below -70 LUFS".to_owned()
                };
                format!("{name} {level}, {:.0} LU {word} than the middle of the others.", against_lu.abs())
            }
            Kind::Tilt(db) => {
                let word = if *db < 0.0 { "darker" } else { "brighter" };
                format!("{name} is {:.0} dB {word} than the middle of the others.", db.abs())
            }
            Kind::Bits { bits, usual } => format!("{name} has {bits} bits, most others {usual}."),
            Kind::Unsorted => format!("{name} stands in the wrong place when names are sorted."),
            Kind::SameName => format!("{name} is the name of another stem too."),
            Kind::SaysNothing => format!("{name} is a name that does not say what is to be heard."),
        }
    }
}

/// With its words, and its cure in words and as data.
impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Finding", 7)?;
        object.serialize_field("stem", &(self.stem + 1))?;
        object.serialize_field("name", &self.name)?;
        object.serialize_field("kind", self.kind.word())?;
        object.serialize_field("grade", self.kind.grade().word())?;
        object.serialize_field("words", &self.words())?;
        object.serialize_field("cure", &self.cure.words)?;
        object.serialize_field("changes", &self.cure.changes)?;
        object.end()
    }
}
