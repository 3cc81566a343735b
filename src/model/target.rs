//! What a balance is to sound like: how loud each role is against the others, how loud the lead is against
//! the rest, how loud the mix is, and how far to go.
//!
//! As JSON it is the file of `stem-render balance --targets`, and stands in a document next to what was
//! learned: `{"preset": "pop"}`, or values of one's own over those of a preset.

use super::document::{excerpt, number, read_number};
use super::limits::Role;
use serde_json::{Map, Value};
use std::ops::RangeInclusive;

/// Loudness of a role against the others, in LU.
pub const OFFSETS_LU: RangeInclusive<f32> = -40.0..=40.0;
/// Loudness of the lead against all others together while it sounds, in LU.
pub const LEAD_TO_REST_LU: RangeInclusive<f32> = -24.0..=24.0;
/// Loudness of the whole mix.
pub const LOUDNESS_LUFS: RangeInclusive<f32> = -60.0..=0.0;
/// A targets file larger than this is refused, in bytes.
pub const MAX_BYTES: usize = 1 << 16;

/// A number with where it comes from, so that nobody takes ours for a published one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figure {
    /// In LU.
    pub lu: f32,
    /// Who published it, or that nobody did.
    pub source: &'static str,
}

/// No verified numbers were found for roles other than the lead.
const OURS: &str = "our default";
const EQUAL: &str = "equal loudness: Perez-Gonzalez & Reiss 2009";

/// Where to start from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Preset {
    /// The lead somewhat above the rest.
    #[default]
    Pop,
    /// The lead as loud as the rest.
    Rock,
    /// Roles against each other alone; the lead is one of them.
    LeadOff,
    /// Every stem as loud as every other.
    Even,
}

impl Preset {
    /// All of them, with the word that files and the editor use.
    pub const ALL: [(Self, &'static str); 4] =
        [(Self::Pop, "pop"), (Self::Rock, "rock"), (Self::LeadOff, "lead off"), (Self::Even, "even")];

    /// The word for this preset.
    pub fn word(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    /// The preset of a word, in any case.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, w)| w.eq_ignore_ascii_case(word.trim())).map(|(preset, _)| *preset)
    }

    /// Loudness of a role against the others, from an arbitrary zero.
    pub fn offset(self, role: Role) -> Figure {
        if self == Self::Even {
            return Figure { lu: 0.0, source: EQUAL };
        }
        let lu = match role {
            Role::Drums | Role::Lead => 0.0,
            Role::Bass => -1.0,
            Role::Guitars | Role::Keys | Role::Winds | Role::Unknown => -3.0,
            Role::Backing => -4.0,
            Role::Strings | Role::Pads => -6.0,
            Role::Effects => -9.0,
        };
        Figure { lu, source: OURS }
    }

    /// Loudness of the lead against the rest; `None` where it is a role like the others.
    pub fn lead_to_rest(self) -> Option<Figure> {
        match self {
            Self::Pop => {
                Some(Figure { lu: 1.0, source: "Gerdes & Siedenburg 2023: charts from 1975 on, about +1 dB" })
            }
            Self::Rock => Some(Figure {
                lu: 0.0,
                source: "Gerdes & Siedenburg 2023: rock, about 0 dB; Pestana & Reiss 2014 (second hand): \
                         the voice as loud as the rest",
            }),
            Self::LeadOff | Self::Even => None,
        }
    }
}

/// What a balance is to sound like. [`Self::sane`] makes any of its values possible.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Target {
    /// Loudness of each role against the others, in the order of [`Role::ALL`], from an arbitrary zero.
    pub offsets_lu: [f32; Role::ALL.len()],
    /// Loudness of the lead against the sum of all others while the lead sounds; `None`: not looked at.
    pub lead_to_rest_lu: Option<f32>,
    /// Loudness of the mix at an output gain of 0 dB; `None`: as loud as it was.
    pub loudness_lufs: Option<f32>,
    /// How far to go, 0 (nowhere) to 1 (all the way), in dB of every gain.
    pub amount: f32,
}

impl Default for Target {
    fn default() -> Self {
        Self::of(Preset::default())
    }
}

/// Why a text is no target.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// More than [`MAX_BYTES`].
    #[error(
        "this is {0} bytes long, more than any file of targets: choose one such as {{\"preset\": \"pop\"}}"
    )]
    TooLarge(usize),
    /// Not JSON, or no table.
    #[error("these are no targets ({0}): write a table such as {{\"preset\": \"pop\"}}")]
    Foreign(String),
}

impl Target {
    /// A preset's.
    pub fn of(preset: Preset) -> Self {
        Self {
            offsets_lu: Role::ALL.map(|(role, _)| preset.offset(role).lu),
            lead_to_rest_lu: preset.lead_to_rest().map(|figure| figure.lu),
            loudness_lufs: None,
            amount: 1.0,
        }
    }

    /// The preset that has these offsets and this lead, whatever loudness and amount are.
    pub fn preset(&self) -> Option<Preset> {
        Preset::ALL.into_iter().map(|(preset, _)| preset).find(|preset| {
            let other = Self::of(*preset);
            (other.offsets_lu, other.lead_to_rest_lu) == (self.offsets_lu, self.lead_to_rest_lu)
        })
    }

    /// Loudness of a role against the others, in LU.
    pub fn offset_lu(&self, role: Role) -> f32 {
        self.offsets_lu[role as usize]
    }

    /// The same with every value in its range, and the default for what is no number.
    pub fn sane(&self) -> Self {
        let within = |value: f32, range: &RangeInclusive<f32>, default: f32| match value.is_nan() {
            true => default,
            false => value.clamp(*range.start(), *range.end()),
        };
        let optional = |value: Option<f32>, range| {
            value.filter(|value| !value.is_nan()).map(|value| within(value, &range, 0.0))
        };
        Self {
            offsets_lu: self.offsets_lu.map(|lu| within(lu, &OFFSETS_LU, 0.0)),
            lead_to_rest_lu: optional(self.lead_to_rest_lu, LEAD_TO_REST_LU),
            loudness_lufs: optional(self.loudness_lufs, LOUDNESS_LUFS),
            amount: within(self.amount, &(0.0..=1.0), 1.0),
        }
    }

    /// Reads a file of targets. What it leaves out is as in its preset, and that as in "pop"; a sentence
    /// comes back for everything that could not be taken.
    ///
    /// # Errors
    /// [`TargetError`] where the text is no JSON table.
    pub fn from_json(bytes: &[u8]) -> Result<(Self, Vec<String>), TargetError> {
        if bytes.len() > MAX_BYTES {
            return Err(TargetError::TooLarge(bytes.len()));
        }
        let text = String::from_utf8_lossy(bytes);
        let value: Value = serde_json::from_str(text.trim_start_matches('\u{feff}'))
            .map_err(|error| TargetError::Foreign(error.to_string()))?;
        if !value.is_object() {
            return Err(TargetError::Foreign(format!("it begins with {}", excerpt(&value))));
        }
        let mut sentences = Vec::new();
        let target = Self::from_value(&value, &mut |sentence| sentences.push(sentence));
        Ok((target, sentences))
    }

    /// As it stands in a document.
    pub fn to_value(&self) -> Value {
        let offsets: Map<_, _> = Role::ALL
            .iter()
            .map(|(role, word)| ((*word).to_owned(), number(self.offset_lu(*role))))
            .collect();
        let mut map = Map::new();
        map.insert("offsets_lu".to_owned(), Value::Object(offsets));
        map.insert(
            "lead_to_rest_lu".to_owned(),
            self.lead_to_rest_lu.map_or_else(|| Value::from("off"), number),
        );
        map.insert(
            "loudness_lufs".to_owned(),
            self.loudness_lufs.map_or_else(|| Value::from("as before"), number),
        );
        map.insert("amount".to_owned(), number(self.amount));
        Value::Object(map)
    }

    /// Reads what is there and possible; `notice` gets a sentence for everything else.
    pub fn from_value(value: &Value, notice: &mut dyn FnMut(String)) -> Self {
        let Some(map) = value.as_object() else {
            notice("The targets are no table; those of \"pop\" are used.".to_owned());
            return Self::default();
        };
        let mut target = Self::default();
        if let Some(word) = map.get("preset") {
            match word.as_str().and_then(Preset::from_word) {
                Some(preset) => target = Self::of(preset),
                None => notice(format!(
                    "{} is no preset; \"pop\" is used. Write one of {}.",
                    excerpt(word),
                    list(Preset::ALL.iter().map(|(_, word)| *word))
                )),
            }
        }
        for (key, value) in map {
            match key.as_str() {
                "preset" => {}
                "offsets_lu" => read_offsets(value, &mut target, notice),
                "lead_to_rest_lu" => {
                    read_optional(key, "off", value, LEAD_TO_REST_LU, &mut target.lead_to_rest_lu, notice);
                }
                "loudness_lufs" => {
                    read_optional(key, "as before", value, LOUDNESS_LUFS, &mut target.loudness_lufs, notice);
                }
                "amount" => match read_in(key, value, 0.0..=1.0, notice) {
                    Some(amount) => target.amount = amount,
                    None => notice(no_number(key, value, &(0.0..=1.0), "")),
                },
                _ => notice(format!(
                    "\"{}\" is nothing targets have and was left out. They have {}.",
                    key.chars().take(40).collect::<String>(),
                    list(["preset", "offsets_lu", "lead_to_rest_lu", "loudness_lufs", "amount"].into_iter())
                )),
            }
        }
        target
    }
}

fn read_offsets(value: &Value, target: &mut Target, notice: &mut dyn FnMut(String)) {
    let Some(map) = value.as_object() else {
        return notice(
            "\"offsets_lu\" is no table and was left out. Write one such as {\"drums\": 0, \"bass\": -1}."
                .to_owned(),
        );
    };
    for (word, value) in map {
        let Some(role) = Role::from_word(word) else {
            notice(format!(
                "\"{}\" is no role and was left out. Roles are {}.",
                word.chars().take(40).collect::<String>(),
                list(Role::ALL.iter().map(|(_, word)| *word))
            ));
            continue;
        };
        match read_in(word, value, OFFSETS_LU, notice) {
            Some(lu) => target.offsets_lu[role as usize] = lu,
            None => notice(no_number(word, value, &OFFSETS_LU, "")),
        }
    }
}

/// A number, or `none` or null for none.
fn read_optional(
    key: &str,
    none: &str,
    value: &Value,
    range: RangeInclusive<f32>,
    place: &mut Option<f32>,
    notice: &mut dyn FnMut(String),
) {
    let is_none = value.as_str().is_some_and(|word| word.trim().eq_ignore_ascii_case(none));
    if is_none || value.is_null() {
        *place = None;
        return;
    }
    match read_in(key, value, range.clone(), notice) {
        Some(read) => *place = Some(read),
        None => notice(no_number(key, value, &range, &format!(", or \"{none}\""))),
    }
}

/// A number, moved into its range where it lies outside.
fn read_in(
    key: &str,
    value: &Value,
    range: RangeInclusive<f32>,
    notice: &mut dyn FnMut(String),
) -> Option<f32> {
    let read = read_number(value)?;
    let taken = read.clamp(*range.start(), *range.end());
    if taken != read {
        notice(format!(
            "\"{key}\" is {}, and {taken} was taken: write {} to {}.",
            excerpt(value),
            range.start(),
            range.end()
        ));
    }
    Some(taken)
}

fn no_number(key: &str, value: &Value, range: &RangeInclusive<f32>, or: &str) -> String {
    format!(
        "\"{key}\" is {}, no number, and was left out: write {} to {}{or}.",
        excerpt(value),
        range.start(),
        range.end()
    )
}

fn list<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(", ")
}
