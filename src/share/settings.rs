//! A balance as a list of settings that two people may change apart from each other.

use crate::model::document::Document;
use crate::model::learned::LearnedStem;
use crate::model::limits::{GROUPS, GroupParam, MixParam, ParamKey, Role, SCENES, StripParam, slot_letter};
use crate::model::offsets::StripOffsets;
use crate::model::scene::words;
use crate::model::text;

/// One thing that can be changed.
#[derive(Clone, Debug, PartialEq)]
pub enum Setting {
    /// A parameter of the mix.
    Mix(MixParam, f32),
    /// A parameter of a group (0 to 3).
    Group(usize, GroupParam, f32),
    /// The name of a scene (0 to 7).
    SceneName(usize, String),
    /// The note of a scene (0 to 7).
    SceneNote(usize, String),
    /// 0xRRGGBB, of a scene (0 to 7).
    SceneColor(usize, u32),
    /// A parameter of a stem.
    Strip(StripParam, f32),
    /// A stem's name.
    Name(String),
    /// What it plays.
    Role(Role),
    /// 0xRRGGBB.
    Color(u32),
    /// The group (0 to 3) it belongs to.
    Member(Option<usize>),
    /// What a scene (0 to 7) changes about it.
    Scene(usize, StripOffsets),
    /// What the learned balance adds to it, in dB.
    Learned(f32),
}

/// The settings of the mix, in the same order for every document. Those that say how sound comes in are nobody
/// else's, and neither is which scene happens to sound.
pub fn of_mix(document: &Document) -> impl Iterator<Item = Setting> {
    let is_shared = |param: &MixParam| !param.is_routing() && *param != MixParam::Scene;
    let params = MixParam::ALL.into_iter().filter(is_shared);
    let params = params.map(|param| Setting::Mix(param, document.mix.get(ParamKey::Mix(param))));
    let groups = (0..GROUPS).flat_map(|group| GroupParam::ALL.map(|param| (group, param)));
    let groups = groups
        .map(|(group, param)| Setting::Group(group, param, document.mix.get(ParamKey::Group(group, param))));
    let scenes = document.scenes.iter().enumerate().flat_map(|(slot, scene)| {
        [
            Setting::SceneName(slot, scene.name.clone()),
            Setting::SceneNote(slot, scene.note.clone()),
            Setting::SceneColor(slot, scene.color),
        ]
    });
    params.chain(groups).chain(scenes)
}

/// The settings of a stem, in the same order for every one.
pub fn of_stem(document: &Document, stem: usize) -> impl Iterator<Item = Setting> {
    let info = &document.stems[stem];
    let strip = document.mix.stems[stem];
    let learned_db = document.learned.as_ref().map_or(0.0, |learned| learned.stems[stem].sounding_db());
    let own = [
        Setting::Name(info.name.clone()),
        Setting::Role(info.role),
        Setting::Color(info.color),
        Setting::Member(info.group),
        Setting::Learned(learned_db),
    ];
    let params = StripParam::ALL.into_iter().map(move |param| Setting::Strip(param, strip.get(param)));
    let scenes = (0..SCENES).map(move |slot| Setting::Scene(slot, document.scenes[slot].stems[stem]));
    params.chain(own).chain(scenes)
}

impl Setting {
    /// What it is called.
    pub fn name(&self) -> String {
        match self {
            Self::Mix(param, _) => param.spec().name.to_owned(),
            Self::Group(group, param, _) => ParamKey::Group(*group, *param).name(),
            Self::SceneName(slot, _) => format!("Name of scene {}", slot_letter(*slot)),
            Self::SceneNote(slot, _) => format!("Note of scene {}", slot_letter(*slot)),
            Self::SceneColor(slot, _) => format!("Colour of scene {}", slot_letter(*slot)),
            Self::Strip(param, _) => param.spec().name.to_owned(),
            Self::Name(_) => "Name".to_owned(),
            Self::Role(_) => "Role".to_owned(),
            Self::Color(_) => "Colour".to_owned(),
            Self::Member(_) => "Group".to_owned(),
            Self::Scene(slot, _) => format!("Scene {}", slot_letter(*slot)),
            Self::Learned(_) => "Learned offset".to_owned(),
        }
    }

    /// Its value, with its unit.
    pub fn value(&self) -> String {
        match self {
            Self::Mix(param, value) => text::format(&param.spec(), *value),
            Self::Group(_, param, value) => text::format(&param.spec(), *value),
            Self::Strip(param, value) => text::format(&param.spec(), *value),
            Self::SceneName(_, name) | Self::Name(name) => name.clone(),
            Self::SceneNote(_, note) if note.is_empty() => "none".to_owned(),
            Self::SceneNote(_, note) => note.clone(),
            Self::Role(role) => role.word().to_owned(),
            Self::Color(color) | Self::SceneColor(_, color) => format!("#{color:06X}"),
            Self::Member(group) => group.map_or("none".to_owned(), |group| slot_letter(group).to_string()),
            Self::Scene(_, offsets) if *offsets == StripOffsets::NONE => "as live".to_owned(),
            Self::Scene(_, offsets) => words(offsets),
            Self::Learned(db) => format!("{db:+.2} dB"),
        }
    }

    /// Gives it to a document: to this stem, or to the mix.
    pub fn give(&self, document: &mut Document, stem: usize) {
        match self {
            Self::Mix(param, value) => document.mix.set(ParamKey::Mix(*param), *value),
            Self::Strip(param, value) => document.mix.set(ParamKey::Stem(stem, *param), *value),
            Self::Group(group, param, value) => document.mix.set(ParamKey::Group(*group, *param), *value),
            Self::SceneName(slot, name) => document.scenes[*slot].rename(name),
            Self::SceneNote(slot, note) => document.scenes[*slot].annotate(note),
            Self::SceneColor(slot, color) => document.scenes[*slot].color = *color,
            Self::Name(name) => document.stems[stem].rename(name),
            Self::Role(role) => document.stems[stem].role = *role,
            Self::Color(color) => document.stems[stem].color = *color,
            Self::Member(group) => document.stems[stem].group = *group,
            Self::Scene(slot, offsets) => document.scenes[*slot].stems[stem] = *offsets,
            Self::Learned(db) => {
                let learned = &mut document.learned.get_or_insert_default().stems[stem];
                *learned = LearnedStem { offset_db: *db, accepted: true, ..*learned };
            }
        }
    }
}
