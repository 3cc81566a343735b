//! A packet with a manifest of any content: it is refused in words, or nothing outside of it is looked at.

use super::support::choose::Choose;
use std::fs;
use std::ops::ControlFlow;
use std::path::Path;
use stemwright::share::{Merge, MergeJob};

/// Where a manifest may want to lead, on one system or another.
pub const OUTSIDE: [&str; 18] = [
    "../secret.wav",
    "stems/../../secret.wav",
    "/etc/passwd",
    "C:/secret.wav",
    "C:secret.wav",
    "\\\\server\\share\\secret.wav",
    "stems\\01 A.wav",
    "..\\secret.wav",
    "./stems/01 A.wav",
    "stems//01 A.wav",
    "stems/",
    "",
    "CON",
    "stems/nul.wav",
    "stems/COM1.wav",
    "stems/01 A.wav:stream",
    "stems/01 A.wav.",
    "stems/\u{202e}vaw.A 10",
];

/// Merges a packet whose manifest is replaced by this text; whether it was taken.
pub fn merge(packet: &Path, balance: &Path, manifest: &[u8]) -> Result<(), String> {
    fs::write(packet.join("packet.json"), manifest).expect("room on the disk");
    let job = MergeJob { returned: packet.to_owned(), balance: balance.to_owned(), ..MergeJob::default() };
    let merge = Merge::prepare(&job).and_then(|merge| merge.run(|_| ControlFlow::Continue(())));
    merge.map(drop).map_err(|error| {
        let message = error.to_string();
        assert!((10..600).contains(&message.chars().count()), "{message}");
        message
    })
}

/// A manifest with one text in it replaced by a way out, or damaged otherwise.
pub fn manifest(choices: &mut impl Choose, good: &str) -> Vec<u8> {
    if choices.below(3) > 0 {
        return choices.bytes(&[good.as_bytes()]);
    }
    let texts: Vec<&str> = good.split('"').collect();
    let at = choices.below(texts.len() / 2) * 2 + 1;
    let way = choices.one_of(&OUTSIDE).replace('\\', "\\\\");
    let replaced = texts.iter().enumerate().map(|(k, text)| if k == at { way.as_str() } else { text });
    replaced.collect::<Vec<_>>().join("\"").into_bytes()
}
