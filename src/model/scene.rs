//! Scenes: parts of a song, each a layer of differences over the live balance.

use super::document::{excerpt, number, read_color, read_number, unknown};
use super::limits::{
    MAX_NAME_CHARS, MAX_NOTE_CHARS, SCENES, STEM_COLORS, STEMS, StripParam, slot_letter, stem_title,
};
use super::offsets::{Level, MAX_DIFFERENCE_DB, Means, StripOffsets};
use super::settings::StripSettings;
use super::text;
use serde_json::{Map, Value, json};

/// A scene.
#[derive(Clone, Debug, PartialEq)]
pub struct Scene {
    /// What part of the song it is; empty where none was given.
    pub name: String,
    /// 0xRRGGBB; tells it apart, means nothing.
    pub color: u32,
    /// Whatever its maker wants to remember.
    pub note: String,
    /// What it changes, stem by stem.
    pub stems: [StripOffsets; STEMS],
}

impl Scene {
    /// The empty scene at a place (0 to 7).
    pub fn new(slot: usize) -> Self {
        Self {
            name: String::new(),
            color: STEM_COLORS[(slot * 5 + 1) % STEM_COLORS.len()], // neighbours differ
            note: String::new(),
            stems: [StripOffsets::NONE; STEMS],
        }
    }

    /// All scenes of a new instance.
    pub fn bank() -> [Self; SCENES] {
        std::array::from_fn(Self::new)
    }

    /// What leads from one balance to another.
    pub fn between(from: &[StripSettings; STEMS], to: &[StripSettings; STEMS]) -> [StripOffsets; STEMS] {
        std::array::from_fn(|stem| StripOffsets::between(&from[stem], &to[stem]))
    }

    /// Whether somebody has put anything into it.
    pub fn is_used(&self) -> bool {
        !self.name.is_empty() || !self.note.is_empty() || self.changes_anything()
    }

    /// Whether it sounds different from the live balance.
    pub fn changes_anything(&self) -> bool {
        self.stems.iter().any(|stem| *stem != StripOffsets::NONE)
    }

    /// Its letter and its name, such as `B Chorus`.
    pub fn label(&self, slot: usize) -> String {
        let letter = slot_letter(slot);
        if self.name.is_empty() { letter.to_string() } else { format!("{letter} {}", self.name) }
    }

    /// Takes a typed name, as [`super::document::StemInfo::rename`] does.
    pub fn rename(&mut self, name: &str) {
        self.name = text::clean(name, MAX_NAME_CHARS);
    }

    /// Takes a typed note.
    pub fn annotate(&mut self, note: &str) {
        self.note = text::clean(note, MAX_NOTE_CHARS);
    }

    /// What it does, a sentence for each stem it changes; `label` names a stem.
    pub fn words(&self, label: impl Fn(usize) -> String) -> Vec<String> {
        let changed = (0..STEMS).filter(|stem| self.stems[*stem] != StripOffsets::NONE);
        changed.map(|stem| format!("{}: {}", label(stem), words(&self.stems[stem]))).collect()
    }

    /// As it stands in a document.
    pub(super) fn to_value(&self, slot: usize) -> Value {
        let stems: Map<String, Value> = (0..STEMS)
            .filter(|stem| self.stems[*stem] != StripOffsets::NONE)
            .map(|stem| ((stem + 1).to_string(), offsets_value(&self.stems[stem])))
            .collect();
        json!({
            "slot": slot_letter(slot).to_string(),
            "name": self.name,
            "color": format!("#{:06X}", self.color),
            "note": self.note,
            "stems": stems,
        })
    }

    /// Reads a scene and its place; `notice` gets a sentence for all that is not whole.
    pub(super) fn from_value(value: &Value, notice: &mut dyn FnMut(String)) -> Option<(usize, Self)> {
        let letter = value.get("slot").and_then(Value::as_str).unwrap_or_default();
        let Some(slot) = (0..SCENES).find(|slot| letter == slot_letter(*slot).to_string()) else {
            notice(format!("A scene has no place from A to H ({}); it was left out.", excerpt(value)));
            return None;
        };
        let mut scene = Self::new(slot);
        let whose = format!("Scene {letter}");
        for (id, value) in value.as_object().into_iter().flatten() {
            match (id.as_str(), value.as_str()) {
                ("slot", _) => {}
                ("name", Some(name)) => scene.rename(name),
                ("note", Some(note)) => scene.annotate(note),
                ("color", Some(hex)) => match read_color(hex) {
                    Some(color) => scene.color = color,
                    None => notice(format!("{whose}: {} is no colour.", excerpt(value))),
                },
                ("stems", _) => scene.read_stems(value, &whose, notice),
                ("name" | "note" | "color", None) => {
                    notice(format!("{whose}: \"{id}\" is no text and was left out."));
                }
                _ => notice(unknown(&whose, id)),
            }
        }
        Some((slot, scene))
    }

    fn read_stems(&mut self, value: &Value, whose: &str, notice: &mut dyn FnMut(String)) {
        let Some(map) = value.as_object() else {
            return notice(format!("{whose}: \"stems\" is no table and was left out."));
        };
        for (number, value) in map {
            match number.parse::<usize>().ok().and_then(|n| n.checked_sub(1)).filter(|stem| *stem < STEMS) {
                Some(stem) => {
                    let whose = format!("{whose}, {}", stem_title(stem));
                    self.stems[stem] = read_offsets(value, &whose, notice);
                }
                None => notice(unknown(whose, number)),
            }
        }
    }
}

/// What a layer does to a strip, such as `fader +1.5 dB, pan L10, mute on`.
pub fn words(offsets: &StripOffsets) -> String {
    let mut parts = Vec::new();
    for param in StripParam::ALL {
        let spec = param.spec();
        let name = spec.name.to_lowercase();
        match (param.means(), offsets.get(param)) {
            (Some(Means::Level), _) => match offsets.level {
                Level::NONE => {}
                Level::By(f32::NEG_INFINITY) => parts.push(format!("{name} closed")),
                Level::By(db) => parts.push(format!("{name} {db:+.1} dB")),
                Level::To(db) => parts.push(format!("{name} to {}", text::format(&spec, db))),
            },
            (Some(Means::Choice), Some(value)) => {
                parts.push(format!("{name} {}", text::format(&spec, value)));
            }
            (Some(Means::Ratio), Some(octaves)) => parts.push(format!("{name} \u{d7}{:.2}", octaves.exp2())),
            (Some(Means::Sum), Some(sum)) => parts.push(match param {
                StripParam::Pan => format!("{name} {:.0} to the {}", sum.abs() * 100.0, side(sum)),
                StripParam::Width => format!("{name} {sum:+.0} %"),
                _ => format!("{name} {sum:+.1} dB"),
            }),
            _ => {}
        }
    }
    parts.join(", ")
}

fn side(pan: f32) -> &'static str {
    if pan < 0.0 { "left" } else { "right" }
}

/// The fader's key where a layer puts it at a level instead of adding to it.
const FADER_TO: &str = "fader_to";

fn offsets_value(offsets: &StripOffsets) -> Value {
    let mut map = Map::new();
    match offsets.level {
        Level::NONE => {}
        Level::By(db) => drop(map.insert(StripParam::Fader.spec().id.to_owned(), number(db))),
        Level::To(db) => drop(map.insert(FADER_TO.to_owned(), number(db))),
    }
    for param in StripParam::ALL {
        let spec = param.spec();
        if let Some(value) = offsets.get(param) {
            let value = match (param.means(), param) {
                (Some(Means::Ratio), _) => ratio(value),
                (_, StripParam::Mute | StripParam::Tone) => Value::Bool(value >= 0.5),
                (Some(Means::Choice), _) => Value::String(text::format(&spec, value)),
                _ => number(value),
            };
            map.insert(spec.id.to_owned(), value);
        }
    }
    Value::Object(map)
}

/// Octaves as a ratio, with as many digits as the same octaves take to come back.
fn ratio(octaves: f32) -> Value {
    let exact = f64::from(octaves).exp2();
    let mut rounded = (1..17).filter_map(|digits| format!("{exact:.digits$e}").parse::<f64>().ok());
    Value::from(rounded.find(|ratio| ratio.log2() as f32 == octaves).unwrap_or(exact))
}

fn read_offsets(value: &Value, whose: &str, notice: &mut dyn FnMut(String)) -> StripOffsets {
    let mut offsets = StripOffsets::NONE;
    let Some(map) = value.as_object() else {
        notice(format!("{whose} is no table and was left out."));
        return offsets;
    };
    for (id, value) in map {
        let level = || match value.as_str() {
            Some("-inf") => Some(f32::NEG_INFINITY),
            _ => read_number(value),
        };
        let fader = StripParam::Fader.spec();
        let param = StripParam::ALL.into_iter().find(|p| p.spec().id == id && p.means().is_some());
        let read = match (id.as_str(), param) {
            (FADER_TO, _) => level().map(|db| offsets.level = Level::To(super::settings::sane(&fader, db))),
            (_, Some(StripParam::Fader)) => level().map(|db| {
                let is_closed = db == f32::NEG_INFINITY;
                let most = MAX_DIFFERENCE_DB;
                offsets.level = Level::By(if is_closed { db } else { db.clamp(-most, most) });
            }),
            (_, Some(param)) => match (param.means(), value) {
                (Some(Means::Choice), Value::Bool(on)) => Some(f32::from(*on)),
                (Some(Means::Choice), Value::String(word)) => text::parse(&param.spec(), word).ok(),
                (Some(Means::Ratio), _) => value.as_f64().filter(|r| *r > 0.0).map(|r| r.log2() as f32),
                (Some(Means::Sum), _) => read_number(value),
                _ => None,
            }
            .map(|value| offsets.set(param, Some(value))),
            (_, None) => {
                notice(unknown(whose, id));
                continue;
            }
        };
        if read.is_none() {
            notice(format!("{whose}: {} is no difference for \"{id}\"; it was left out.", excerpt(value)));
        }
    }
    offsets
}
