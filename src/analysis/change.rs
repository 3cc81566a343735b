//! What a cure or a suggestion would change in a balance, as data: nothing changes by itself.

use crate::model::document::Document;
use crate::model::limits::{ParamKey, stem_title};
use crate::model::settings::sane;
use crate::model::text;
use serde::ser::{Serialize, SerializeMap, Serializer};

/// One change of a balance.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// A parameter's new value, in the units of its row; not a difference, so that doing it twice does no more.
    Set(ParamKey, f32),
    /// A stem (index 0 to 15) gets a name.
    Rename(usize, String),
}

impl Change {
    /// In words, such as `Stem 03 Delay: 12.5 ms`.
    pub fn words(&self) -> String {
        match self {
            Self::Set(key, value) => format!("{}: {}", key.name(), text::format(&key.spec(), *value)),
            Self::Rename(stem, name) => format!("{}: named \"{name}\"", stem_title(*stem)),
        }
    }

    /// Makes the change.
    ///
    /// # Panics
    /// If it names a stem past the last.
    pub fn apply(&self, document: &mut Document) {
        match self {
            Self::Set(key, value) => document.mix.set(*key, *value),
            Self::Rename(stem, name) => document.stems[*stem].rename(name),
        }
    }

    /// Whether a balance is so already.
    ///
    /// # Panics
    /// If it names a stem past the last.
    pub fn is_made(&self, document: &Document) -> bool {
        match self {
            Self::Set(key, value) => document.mix.get(*key) == sane(&key.spec(), *value),
            Self::Rename(stem, name) => document.stems[*stem].name == *name,
        }
    }
}

/// `{"parameter": "stem_03_delay", "value": 12.5}` or `{"stem": 3, "name": "Stem 03"}`.
impl Serialize for Change {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        match self {
            Self::Set(key, value) => {
                map.serialize_entry("parameter", &key.id())?;
                map.serialize_entry("value", value)?;
            }
            Self::Rename(stem, name) => {
                map.serialize_entry("stem", &(stem + 1))?;
                map.serialize_entry("name", name)?;
            }
        }
        map.end()
    }
}
