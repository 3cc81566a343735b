//! What a kept balance means for the stems at hand.

use crate::model::document::{Document, StemInfo};
use crate::model::limits::STEMS;
use crate::model::settings::StripSettings;

/// A balance fitted to the stems at hand.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// What is to become of the document.
    pub document: Document,
    /// What found no counterpart, in sentences; empty where everything did.
    pub remarks: Vec<String>,
}

/// Fits a kept balance to the stems of `here` by their names: case, spaces and signs do not matter, and the
/// first of several alike goes to the first. Kept stems without a name go to the stem of their number if
/// that has none either. Where no stem here has a name, the kept ones are taken as they are, with names,
/// colours, roles and order.
///
/// Bypass and the use of the main input belong to the routing, not to the balance: they stay.
pub fn fit(kept: &Document, here: &Document) -> Fit {
    let mut document = here.clone();
    if here.stems.iter().all(|info| info.name.is_empty()) {
        document.mix.output_db = kept.mix.output_db;
        document.mix.stems = kept.mix.stems;
        document.stems = kept.stems.clone();
        document.order = kept.order;
        return Fit { document, remarks: Vec::new() };
    }
    let mut taken = [false; STEMS];
    let mut placed = [false; STEMS];
    // Names that are the same to the letter first: "Perc +" must not take the place of "Perc -".
    for suits in [same, alike] {
        for (stem, info) in kept.stems.iter().enumerate() {
            let is_free = |place: &usize| !taken[*place] && suits(info, stem, &here.stems[*place], *place);
            if let Some(place) = (0..STEMS).find(is_free).filter(|_| !placed[stem]) {
                (placed[stem], taken[place]) = (true, true);
                document.mix.stems[place] = kept.mix.stems[stem];
            }
        }
    }
    let is_used = |stem: &usize| {
        !kept.stems[*stem].name.is_empty() || kept.mix.stems[*stem] != StripSettings::default()
    };
    if (0..STEMS).filter(is_used).any(|stem| placed[stem]) {
        document.mix.output_db = kept.mix.output_db;
    }
    let left_over = (0..STEMS).filter(is_used).filter(|stem| !placed[*stem]);
    let left_over: Vec<String> = left_over.map(|stem| kept.stems[stem].label(stem)).collect();
    let untouched: Vec<String> = (0..STEMS)
        .filter(|place| !taken[*place] && !here.stems[*place].name.is_empty())
        .map(|place| here.stems[place].label(place))
        .collect();
    let mut remarks = Vec::new();
    if !left_over.is_empty() {
        remarks.push(format!("No stem here is called {}.", listed(&left_over)));
    }
    if !untouched.is_empty() {
        remarks.push(format!("Left as they were, the preset does not know them: {}.", untouched.join(", ")));
    }
    Fit { document, remarks }
}

fn same(kept: &StemInfo, stem: usize, here: &StemInfo, place: usize) -> bool {
    kept.name == here.name && (!kept.name.is_empty() || stem == place)
}

fn alike(kept: &StemInfo, _: usize, here: &StemInfo, _: usize) -> bool {
    !kept.name.is_empty() && plain(&kept.name) == plain(&here.name)
}

/// What of a name people tell names apart by.
fn plain(name: &str) -> String {
    let letters: String = name.chars().filter(|c| c.is_alphanumeric()).collect();
    if letters.is_empty() { name.to_owned() } else { letters.to_lowercase() }
}

fn listed(names: &[String]) -> String {
    match names {
        [all @ .., last] if !all.is_empty() => format!("{} or {last}", all.join(", ")),
        _ => names.concat(),
    }
}
