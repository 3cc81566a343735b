//! The saved document: the balance, the stems' names, colours, roles and order, the editor's view, and the
//! balance learned of the song, if there is one.
//!
//! The same JSON is a host's project state, a preset and the balance file of `stem-render`. Reading is
//! forgiving: what is good is taken, the rest gets its default, and every departure becomes a notice.
//! Only a text that is no document of ours at all, or one from a later version, is refused.

use super::layers::Layers;
use super::learned::{LearnedBalance, LearnedStem};
use super::limits::{
    GROUPS, GroupParam, Kind, MAX_NAME_CHARS, MixParam, ParamKey, Role, SCENES, STEM_COLORS, STEMS, Spec,
    StripParam, slot_letter, stem_title,
};
use super::scene::Scene;
use super::settings::{MixSettings, sane};
use super::view::View;
use super::{lines, salvage, text};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

/// The value of `format` in every document.
pub const FORMAT: &str = "stemwright-balance";
/// The version this program writes, and the latest that it reads.
pub const VERSION: u64 = 1;
/// A document larger than this is refused, in bytes. Ours have some thousand; with a song learned and much in all
/// scenes less than 64 kB, with all there is room for twice that.
pub const MAX_BYTES: usize = 1 << 20;
/// So many notices are kept; what follows is counted.
const MAX_NOTICES: usize = 20;

/// A stem's settings that are no sound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StemInfo {
    /// The name given to it; empty where none is.
    pub name: String,
    /// 0xRRGGBB; tells it apart, means nothing.
    pub color: u32,
    /// What it plays.
    pub role: Role,
    /// The group (0 to 3) that it belongs to.
    pub group: Option<usize>,
}

impl StemInfo {
    /// What a new instance has for the stem with this index.
    pub fn new(stem: usize) -> Self {
        let color = STEM_COLORS[stem % STEM_COLORS.len()];
        Self { name: String::new(), color, role: Role::Unknown, group: None }
    }

    /// The name, or the number where it has none.
    pub fn label(&self, stem: usize) -> String {
        if self.name.is_empty() { stem_title(stem) } else { self.name.clone() }
    }

    /// Takes a typed name: control characters go, white space around it too, and it is cut to
    /// [`MAX_NAME_CHARS`].
    pub fn rename(&mut self, name: &str) {
        self.name = text::clean(name, MAX_NAME_CHARS);
    }
}

/// Everything that is saved.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// The live balance.
    pub mix: MixSettings,
    /// Names, colours and roles.
    pub stems: [StemInfo; STEMS],
    /// The stems in the order they are shown: each index once.
    pub order: [usize; STEMS],
    /// The scenes A to H.
    pub scenes: [Scene; SCENES],
    /// The scenes in the order they are shown: each index once.
    pub scene_order: [usize; SCENES],
    /// How the editor was left.
    pub view: View,
    /// The balance learned of the song, once one was.
    pub learned: Option<LearnedBalance>,
    /// The song is being learned while it plays.
    pub learning: bool,
}

impl Default for Document {
    fn default() -> Self {
        Self {
            mix: MixSettings::default(),
            stems: std::array::from_fn(StemInfo::new),
            order: std::array::from_fn(|stem| stem),
            scenes: Scene::bank(),
            scene_order: std::array::from_fn(|slot| slot),
            view: View::default(),
            learned: None,
            learning: false,
        }
    }
}

/// Why a text is refused. Nothing has been changed then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// More than [`MAX_BYTES`].
    #[error(
        "this is {0} bytes long, more than any Stemwright balance: choose a balance file or a state saved by Stemwright"
    )]
    TooLarge(usize),
    /// Not JSON, or JSON of something else.
    #[error("this is no Stemwright balance ({0}): choose a file or a state saved by Stemwright")]
    Foreign(String),
    /// Written by a later release.
    #[error(
        "this balance has version {0} and this Stemwright reads versions up to {VERSION}: install the newer Stemwright that wrote it"
    )]
    Newer(String),
}

/// A document that was read, and what had to be left out or replaced on the way.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Loaded {
    /// What was read.
    pub document: Document,
    /// One sentence for each departure; empty where all was well.
    pub notices: Vec<String>,
    /// The text was cut off or no JSON: what it lacks has its default.
    pub damaged: bool,
}

impl Document {
    /// The live balance with what the learned one adds to it: what is heard.
    pub fn playing(&self) -> MixSettings {
        let mut mix = self.mix;
        if let Some(learned) = &self.learned {
            mix.learned_db = learned.stems.each_ref().map(LearnedStem::sounding_db);
        }
        mix
    }

    /// What of it stands over the live balance, for the engine.
    pub fn layers(&self) -> Layers {
        Layers {
            scenes: self.scenes.each_ref().map(|scene| scene.stems),
            groups: self.stems.each_ref().map(|info| info.group),
            leads: (0..STEMS)
                .fold(0, |leads, stem| leads | u32::from(self.stems[stem].role == Role::Lead) << stem),
            energies: self.learned.as_ref().and_then(|learned| learned.song.as_ref()?.mean_energies()),
        }
    }

    /// The document as JSON text.
    pub fn to_json(&self) -> String {
        // Maps with string keys and no foreign types: writing them cannot fail.
        lines::to_string(self) + "\n"
    }

    /// Reads a document.
    ///
    /// # Errors
    /// [`DocumentError`] where the text is no document this version can read.
    pub fn from_json(bytes: &[u8]) -> Result<Loaded, DocumentError> {
        if bytes.len() > MAX_BYTES {
            return Err(DocumentError::TooLarge(bytes.len()));
        }
        let mut notices = Notices::default();
        let text = String::from_utf8_lossy(bytes);
        // Some editors put a byte order mark first.
        let text = text.trim_start_matches('\u{feff}');
        let (value, damaged) = match serde_json::from_str::<Value>(text) {
            Ok(value) => (value, false),
            Err(error) => {
                let whole = salvage::mend(text).ok_or_else(|| DocumentError::Foreign(error.to_string()))?;
                notices.add("The text is damaged; what is whole of it was read.");
                (whole, true)
            }
        };
        let document = read_document(&value, &mut notices)?;
        Ok(Loaded { document, notices: notices.finish(), damaged })
    }
}

/// Serialises an iterator of pairs as a map that keeps their order.
struct Pairs<'a>(&'a [(&'a str, Value)]);

impl Serialize for Pairs<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(k, v)| (k, v)))
    }
}

/// A value of the table in JSON: switches and choices by their words, minus infinity as text.
fn written(spec: &Spec, value: f32) -> Value {
    match spec.kind {
        Kind::Switch("off", "on") => Value::Bool(value >= 0.5),
        Kind::Switch(..) | Kind::Choice(_) => Value::String(text::format(spec, value)),
        _ => number(value),
    }
}

/// A number in JSON, minus infinity as text.
pub(super) fn number(value: f32) -> Value {
    match value {
        f32::NEG_INFINITY => Value::String("-inf".to_owned()),
        // By way of text, so that 0.1 is written as 0.1 and reads back as the same f32.
        _ => value.to_string().parse::<f64>().map_or(Value::Null, Value::from),
    }
}

/// A finite number of JSON.
pub(super) fn read_number(value: &Value) -> Option<f32> {
    value.as_f64().map(|number| number as f32).filter(|number| number.is_finite())
}

impl Serialize for Document {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mix: Vec<_> = MixParam::ALL
            .iter()
            .map(|p| (p.spec().id, written(&p.spec(), self.mix.get(ParamKey::Mix(*p)))))
            .collect();
        let stems: Vec<Vec<_>> = (0..STEMS)
            .map(|stem| {
                let info = &self.stems[stem];
                let mut pairs = vec![
                    ("name", Value::from(info.name.as_str())),
                    ("role", Value::from(info.role.word())),
                    ("color", Value::from(format!("#{:06X}", info.color))),
                ];
                pairs.extend(info.group.map(|group| ("group", Value::from(slot_letter(group).to_string()))));
                pairs.extend(StripParam::ALL.iter().map(|p| {
                    let spec = p.spec();
                    (spec.id, written(&spec, self.mix.stems[stem].get(*p)))
                }));
                pairs
            })
            .collect();
        let groups: Vec<Vec<_>> = (0..GROUPS)
            .map(|group| {
                let value = |p: GroupParam| self.mix.get(ParamKey::Group(group, p));
                GroupParam::ALL.iter().map(|p| (p.spec().id, written(&p.spec(), value(*p)))).collect()
            })
            .collect();
        let order: Vec<usize> = self.order.iter().map(|stem| stem + 1).collect();
        let used = (0..SCENES).filter(|slot| self.scenes[*slot].is_used());
        let scenes: Vec<Value> = used.map(|slot| self.scenes[slot].to_value(slot)).collect();
        let scene_order: String = self.scene_order.map(slot_letter).iter().collect();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("format", FORMAT)?;
        map.serialize_entry("version", &VERSION)?;
        map.serialize_entry("written_by", concat!("Stemwright ", env!("CARGO_PKG_VERSION")))?;
        map.serialize_entry("mix", &Pairs(&mix))?;
        map.serialize_entry("groups", &groups.iter().map(|g| Pairs(g)).collect::<Vec<_>>())?;
        map.serialize_entry("stems", &stems.iter().map(|s| Pairs(s)).collect::<Vec<_>>())?;
        map.serialize_entry("order", &order)?;
        map.serialize_entry("scenes", &scenes)?;
        map.serialize_entry("scene_order", &scene_order)?;
        map.serialize_entry("editor", &self.view.to_value())?;
        if let Some(learned) = &self.learned {
            map.serialize_entry("learned", &learned.to_value())?;
        }
        if self.learning {
            map.serialize_entry("learning", &true)?;
        }
        map.end()
    }
}

#[derive(Default)]
struct Notices {
    kept: Vec<String>,
    more: usize,
}

impl Notices {
    fn add(&mut self, notice: impl Into<String>) {
        if self.kept.len() < MAX_NOTICES {
            self.kept.push(notice.into());
        } else {
            self.more += 1;
        }
    }

    fn finish(mut self) -> Vec<String> {
        if self.more > 0 {
            self.kept.push(format!("And {} more.", self.more));
        }
        self.kept
    }
}

fn read_document(value: &Value, notices: &mut Notices) -> Result<Document, DocumentError> {
    let map = value
        .as_object()
        .filter(|map| map.get("format").and_then(Value::as_str) == Some(FORMAT))
        .ok_or_else(|| DocumentError::Foreign(format!("it does not say \"format\": \"{FORMAT}\"")))?;
    let version = map.get("version").unwrap_or(&Value::Null);
    match version.as_f64() {
        Some(number) if number > VERSION as f64 => return Err(DocumentError::Newer(excerpt(version))),
        Some(number) if number >= 1.0 => {}
        _ => notices.add("The balance does not say its version; it was read as version 1."),
    }
    let mut document = Document::default();
    for (name, part) in map {
        match name.as_str() {
            "format" | "version" | "written_by" => {}
            "mix" => read_mix(part, &mut document, notices),
            "stems" => match part.as_array() {
                Some(stems) => {
                    for (stem, part) in stems.iter().enumerate().take(STEMS) {
                        read_stem(stem, part, &mut document, notices);
                    }
                    if stems.len() > STEMS {
                        notices.add(format!(
                            "The balance has {} stems; Stemwright mixes {STEMS}, the rest was left out.",
                            stems.len()
                        ));
                    }
                }
                None => notices.add("\"stems\" is no list and was left out."),
            },
            "groups" => read_groups(part, &mut document, notices),
            "scenes" => match part.as_array() {
                Some(scenes) => {
                    for part in scenes {
                        let scene = Scene::from_value(part, &mut |notice| notices.add(notice));
                        if let Some((slot, scene)) = scene {
                            document.scenes[slot] = scene;
                        }
                    }
                }
                None => notices.add("\"scenes\" is no list and was left out."),
            },
            "scene_order" => match read_scene_order(part) {
                Some(order) => document.scene_order = order,
                None => notices.add("\"scene_order\" does not name every scene once; they are shown A to H."),
            },
            "order" => match read_order(part) {
                Some(order) => document.order = order,
                None => notices.add("\"order\" does not name every stem once; the usual order is shown."),
            },
            "editor" => document.view = View::from_value(part),
            "learning" => match part.as_bool() {
                Some(learning) => document.learning = learning,
                None => notices.add("\"learning\" is neither true nor false; nothing is being learned."),
            },
            "learned" => {
                document.learned = LearnedBalance::from_value(part, &mut |notice| notices.add(notice));
            }
            other => notices.add(unknown("the balance", other)),
        }
    }
    Ok(document)
}

fn read_mix(part: &Value, document: &mut Document, notices: &mut Notices) {
    let Some(map) = part.as_object() else {
        return notices.add("\"mix\" is no table and was left out.");
    };
    for (id, value) in map {
        match MixParam::ALL.into_iter().find(|p| p.spec().id == id) {
            Some(param) => {
                if let Some(v) = read_value("The mix", &param.spec(), value, notices) {
                    document.mix.set(ParamKey::Mix(param), v);
                }
            }
            None => notices.add(unknown("the mix", id)),
        }
    }
}

fn read_groups(part: &Value, document: &mut Document, notices: &mut Notices) {
    let Some(groups) = part.as_array() else {
        return notices.add("\"groups\" is no list and was left out.");
    };
    for (group, part) in groups.iter().enumerate().take(GROUPS) {
        let title = format!("Group {}", slot_letter(group));
        let Some(map) = part.as_object() else {
            notices.add(format!("{title} is no table and was left at its defaults."));
            continue;
        };
        for (id, value) in map {
            match GroupParam::ALL.into_iter().find(|p| p.spec().id == id) {
                Some(param) => {
                    if let Some(v) = read_value(&title, &param.spec(), value, notices) {
                        document.mix.set(ParamKey::Group(group, param), v);
                    }
                }
                None => notices.add(unknown(&title, id)),
            }
        }
    }
}

fn read_stem(stem: usize, part: &Value, document: &mut Document, notices: &mut Notices) {
    let title = stem_title(stem);
    let Some(map) = part.as_object() else {
        return notices.add(format!("{title} is no table and was left at its defaults."));
    };
    let info = &mut document.stems[stem];
    for (id, value) in map {
        match (id.as_str(), value.as_str()) {
            ("name", Some(name)) => {
                info.rename(name);
                if info.name != name {
                    notices.add(format!("{title}: the name was cut to \"{}\".", info.name));
                }
            }
            ("role", Some(word)) => match Role::from_word(word) {
                Some(role) => info.role = role,
                None => {
                    notices.add(format!("{title}: \"{}\" is no role this version knows.", excerpt(value)))
                }
            },
            ("color", Some(hex)) => match read_color(hex) {
                Some(color) => info.color = color,
                None => notices.add(format!("{title}: {} is no colour.", excerpt(value))),
            },
            ("group", Some(letter)) => match (0..GROUPS).find(|g| letter == slot_letter(*g).to_string()) {
                Some(group) => info.group = Some(group),
                None => notices.add(format!("{title}: {} is no group from A to D.", excerpt(value))),
            },
            ("name" | "role" | "color" | "group", None) => {
                notices.add(format!("{title}: \"{id}\" is no text and was left out."));
            }
            _ => match StripParam::ALL.into_iter().find(|p| p.spec().id == id) {
                Some(param) => {
                    if let Some(v) = read_value(&title, &param.spec(), value, notices) {
                        document.mix.stems[stem].set(param, v);
                    }
                }
                None => notices.add(unknown(&title, id)),
            },
        }
    }
}

fn read_value(whose: &str, spec: &Spec, value: &Value, notices: &mut Notices) -> Option<f32> {
    let read = match value {
        Value::Bool(on) if matches!(spec.kind, Kind::Switch(..)) => Some(f32::from(*on)),
        Value::Number(number) => number.as_f64().map(|v| v as f32),
        Value::String(typed) => text::parse(spec, typed).ok(),
        _ => None,
    };
    let Some(read) = read else {
        notices.add(format!(
            "{whose}: {} is no value for {}; it has its default, {}.",
            excerpt(value),
            spec.name,
            text::format(spec, spec.default)
        ));
        return None;
    };
    let is_closed = spec.kind == Kind::Fader && read == f32::NEG_INFINITY;
    if !is_closed && !(spec.min..=spec.max).contains(&read) {
        notices.add(format!(
            "{whose}: {} {} is out of range; it was set to {}.",
            spec.name,
            excerpt(value),
            text::format(spec, sane(spec, read))
        ));
    }
    Some(read)
}

/// A colour as `#RRGGBB`.
pub(super) fn read_color(hex: &str) -> Option<u32> {
    let digits = hex.strip_prefix('#')?;
    (digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit()))
        .then(|| u32::from_str_radix(digits, 16).ok())
        .flatten()
}

fn read_order(part: &Value) -> Option<[usize; STEMS]> {
    let list = part.as_array()?.iter();
    permutation(list.map(|number| usize::try_from(number.as_u64()?).ok()?.checked_sub(1)))
}

fn read_scene_order(part: &Value) -> Option<[usize; SCENES]> {
    permutation(part.as_str()?.bytes().map(|letter| usize::from(letter).checked_sub(usize::from(b'A'))))
}

/// All indices below `N`, each once.
fn permutation<const N: usize>(indices: impl Iterator<Item = Option<usize>>) -> Option<[usize; N]> {
    let mut seen = [false; N];
    let mut order = Vec::with_capacity(N);
    for index in indices {
        if std::mem::replace(seen.get_mut(index?)?, true) {
            return None;
        }
        order.push(index?);
    }
    order.try_into().ok()
}

/// Words for a key that nobody knows.
pub(super) fn unknown(whose: &str, id: &str) -> String {
    let id: String = id.chars().take(40).collect();
    format!("\"{id}\" in {whose} is nothing this version knows; it was left out.")
}

/// A value short enough for a sentence.
pub(super) fn excerpt(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(40) {
        Some((cut, _)) => format!("{}...", &text[..cut]),
        None => text,
    }
}
