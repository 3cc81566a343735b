//! A document of any bytes is refused, or what is read of it is sane.

use std::collections::HashSet;
use stemwright::model::document::{Document, Loaded};
use stemwright::model::limits::{Kind, MAX_NAME_CHARS, ParamKey, STEMS};

/// Reads a document; `None` where it is refused.
pub fn read(bytes: &[u8]) -> Option<Document> {
    match Document::from_json(bytes) {
        Ok(Loaded { document, notices, .. }) => {
            assert_sane(&document);
            assert!(notices.iter().all(|notice| is_readable(notice)), "{notices:?}");
            assert!(notices.len() < 50, "{notices:?}");
            Some(document)
        }
        Err(error) => {
            assert!(is_readable(&error.to_string()), "{error}");
            None
        }
    }
}

/// Every value is one that could have been set, and writing and reading change nothing.
pub fn assert_sane(document: &Document) {
    for key in ParamKey::all() {
        let (spec, value) = (key.spec(), document.mix.get(key));
        let closed = spec.kind == Kind::Fader && value == f32::NEG_INFINITY;
        assert!(closed || (spec.min..=spec.max).contains(&value), "{} is {value}", key.id());
    }
    for stem in &document.stems {
        assert!(stem.name.chars().count() <= MAX_NAME_CHARS && !stem.name.contains(char::is_control));
        assert_eq!(stem.name, stem.name.trim());
        assert!(stem.color <= 0xFF_FFFF);
    }
    let shown: HashSet<_> = document.order.iter().filter(|stem| **stem < STEMS).collect();
    assert_eq!(shown.len(), STEMS);
    let again = Document::from_json(document.to_json().as_bytes()).expect("what was written can be read");
    assert_eq!(again.notices, [""; 0]);
    assert_eq!(&again.document, document);
}

/// Short enough to be shown, whatever it quotes.
fn is_readable(message: &str) -> bool {
    (10..400).contains(&message.chars().count())
}
