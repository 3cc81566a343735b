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
    document.mix.output_db = kept.mix.output_db;
    if here.stems.iter().all(|info| info.name.is_empty()) {
        document.mix.stems = kept.mix.stems;
        document.stems = kept.stems.clone();
        document.order = kept.order;
        return Fit { document, remarks: Vec::new() };
    }
    let mut taken = [false; STEMS];
    let mut left_over = Vec::new();
    for (stem, info) in kept.stems.iter().enumerate() {
        let strip = kept.mix.stems[stem];
        let place = (0..STEMS).find(|place| !taken[*place] && suits(info, stem, &here.stems[*place], *place));
        match place {
            Some(place) => {
                taken[place] = true;
                document.mix.stems[place] = strip;
            }
            None if !info.name.is_empty() || strip != StripSettings::default() => {
                left_over.push(info.label(stem));
            }
            None => {}
        }
    }
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

fn suits(kept: &StemInfo, stem: usize, here: &StemInfo, place: usize) -> bool {
    let [kept, here] = [kept, here].map(|info| plain(&info.name));
    kept == here && (!kept.is_empty() || stem == place)
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
