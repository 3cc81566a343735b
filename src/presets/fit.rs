//! What a kept balance means for the stems at hand.

use crate::model::document::Document;
use crate::model::limits::STEMS;
use crate::model::names::counterparts;
use crate::model::settings::StripSettings;

/// A balance fitted to the stems at hand.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// What is to become of the document.
    pub document: Document,
    /// What found no counterpart, in sentences; empty where everything did.
    pub remarks: Vec<String>,
}

/// Fits a kept balance to the stems of `here` by their names ([`counterparts`]). Where no stem here has a name, the
/// kept ones are taken as they are, with names, colours, roles and order.
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
    let places = counterparts(&kept.stems, &here.stems);
    for (stem, place) in places.iter().enumerate() {
        if let Some(place) = place {
            document.mix.stems[*place] = kept.mix.stems[stem];
        }
    }
    let is_used = |stem: &usize| {
        !kept.stems[*stem].name.is_empty() || kept.mix.stems[*stem] != StripSettings::default()
    };
    if (0..STEMS).filter(is_used).any(|stem| places[stem].is_some()) {
        document.mix.output_db = kept.mix.output_db;
    }
    let left_over = (0..STEMS).filter(is_used).filter(|stem| places[*stem].is_none());
    let left_over: Vec<String> = left_over.map(|stem| kept.stems[stem].label(stem)).collect();
    let untouched: Vec<String> = (0..STEMS)
        .filter(|place| !places.contains(&Some(*place)) && !here.stems[*place].name.is_empty())
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

fn listed(names: &[String]) -> String {
    match names {
        [all @ .., last] if !all.is_empty() => format!("{} or {last}", all.join(", ")),
        _ => names.concat(),
    }
}
