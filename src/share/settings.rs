//! A balance as a list of settings that two people may change apart from each other.

use crate::model::document::Document;
use crate::model::learned::LearnedStem;
use crate::model::limits::{MixParam, ParamKey, Role, StripParam};
use crate::model::text;

/// One thing that can be changed.
#[derive(Clone, Debug, PartialEq)]
pub enum Setting {
    /// A parameter of the mix.
    Mix(MixParam, f32),
    /// A parameter of a stem.
    Strip(StripParam, f32),
    /// A stem's name.
    Name(String),
    /// What it plays.
    Role(Role),
    /// 0xRRGGBB.
    Color(u32),
    /// What the learned balance adds to it, in dB.
    Learned(f32),
}

/// The settings of the mix, in the same order for every document. Those that say how sound comes in are nobody
/// else's.
pub fn of_mix(document: &Document) -> impl Iterator<Item = Setting> {
    let params = MixParam::ALL.into_iter().filter(|param| !param.is_routing());
    params.map(|param| Setting::Mix(param, document.mix.get(ParamKey::Mix(param))))
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
        Setting::Learned(learned_db),
    ];
    StripParam::ALL.into_iter().map(move |param| Setting::Strip(param, strip.get(param))).chain(own)
}

impl Setting {
    /// What it is called.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Mix(param, _) => param.spec().name,
            Self::Strip(param, _) => param.spec().name,
            Self::Name(_) => "Name",
            Self::Role(_) => "Role",
            Self::Color(_) => "Colour",
            Self::Learned(_) => "Learned offset",
        }
    }

    /// Its value, with its unit.
    pub fn value(&self) -> String {
        match self {
            Self::Mix(param, value) => text::format(&param.spec(), *value),
            Self::Strip(param, value) => text::format(&param.spec(), *value),
            Self::Name(name) => name.clone(),
            Self::Role(role) => role.word().to_owned(),
            Self::Color(color) => format!("#{color:06X}"),
            Self::Learned(db) => format!("{db:+.2} dB"),
        }
    }

    /// Gives it to a document: to this stem, or to the mix.
    pub fn give(&self, document: &mut Document, stem: usize) {
        match self {
            Self::Mix(param, value) => document.mix.set(ParamKey::Mix(*param), *value),
            Self::Strip(param, value) => document.mix.set(ParamKey::Stem(stem, *param), *value),
            Self::Name(name) => document.stems[stem].rename(name),
            Self::Role(role) => document.stems[stem].role = *role,
            Self::Color(color) => document.stems[stem].color = *color,
            Self::Learned(db) => {
                let learned = document.learned.get_or_insert_default();
                let LearnedStem { fingerprint, .. } = learned.stems[stem];
                learned.stems[stem] = LearnedStem { offset_db: *db, accepted: true, fingerprint };
            }
        }
    }
}
