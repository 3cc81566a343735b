//! The parameter table in README.md, made from `model/limits.rs`. Shared with the test that compares them.

use std::io;
use std::path::Path;
use stemwright::model::limits::{GroupParam, Kind, MixParam, Spec, StripParam};
use stemwright::model::text;

const BEGIN: &str = "<!-- parameters: written by `cargo xtask readme` -->\n";
const END: &str = "<!-- end of parameters -->";

/// Brings the table in the README of the workspace at `root` up to date.
///
/// # Errors
/// If the file cannot be read or written, or has no place for the table.
pub fn write(root: &Path) -> io::Result<()> {
    let path = root.join("README.md");
    let text = with_table(&std::fs::read_to_string(&path)?)?;
    std::fs::write(path, text)
}

/// The README with its table as it should be.
///
/// # Errors
/// If there is no place for it between the two markers.
pub fn with_table(readme: &str) -> io::Result<String> {
    let no_place = || io::Error::other("README.md has no markers for the parameter table");
    let (before, rest) = readme.split_once(BEGIN).ok_or_else(no_place)?;
    let (_, after) = rest.split_once(END).ok_or_else(no_place)?;
    Ok(format!("{before}{BEGIN}{}{END}{after}", table()))
}

fn table() -> String {
    let mut rows = String::from("| Parameter | Range | Default | What it does |\n|---|---|---|---|\n");
    let mix = MixParam::ALL.map(|p| (String::new(), p.spec()));
    let stem = StripParam::ALL.map(|p| ("Stem NN ".to_owned(), p.spec()));
    let group = GroupParam::ALL.map(|p| ("Group N ".to_owned(), p.spec()));
    for (group, spec) in mix.into_iter().chain(group).chain(stem) {
        let default = text::format(&spec, spec.default);
        rows += &format!("| {group}{} | {} | {default} | {} |\n", spec.name, range(&spec), spec.about);
    }
    rows
}

fn range(spec: &Spec) -> String {
    match spec.kind {
        Kind::Switch(off, on) => format!("{off}, {on}"),
        Kind::Choice(words) => words.join(", "),
        Kind::Fader => format!("-inf, {} to {}", spec.min, text::format(spec, spec.max)),
        _ => format!("{} to {}", text::format(spec, spec.min), text::format(spec, spec.max)),
    }
}
