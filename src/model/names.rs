//! Stems by their names: which one a person means, and which are the same in two balances.

use super::document::StemInfo;
use super::limits::STEMS;

/// The stems with this name, or the one with this number; none where there are none.
pub fn find(stems: &[StemInfo; STEMS], wanted: &str) -> Vec<usize> {
    let wanted = wanted.trim().to_lowercase();
    let is_it = |stem: &usize| {
        let name = stems[*stem].name.to_lowercase();
        !name.is_empty() && name == wanted
    };
    let mut found: Vec<usize> = (0..STEMS).filter(is_it).collect();
    if found.is_empty() {
        let number = wanted.parse().ok().filter(|number| (1..=STEMS).contains(number));
        found.extend(number.map(|number: usize| number - 1));
    }
    found
}

/// The names there are, in quotation marks.
pub fn listed(stems: &[StemInfo; STEMS]) -> String {
    let names = stems.iter().map(|info| &info.name).filter(|name| !name.is_empty());
    names.map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ")
}

/// Where each of `theirs` stands in `here`, by name: case, spaces and signs do not matter, and the first of
/// several alike goes to the first. A stem without a name goes to the one of its number if that has none either.
pub fn counterparts(theirs: &[StemInfo; STEMS], here: &[StemInfo; STEMS]) -> [Option<usize>; STEMS] {
    let mut places = [None; STEMS];
    // Names that are the same to the letter first: "Perc +" must not take the place of "Perc -".
    for suits in [same, alike] {
        for (stem, info) in theirs.iter().enumerate() {
            let is_free =
                |place: &usize| !places.contains(&Some(*place)) && suits(info, stem, &here[*place], *place);
            if places[stem].is_none() {
                places[stem] = (0..STEMS).find(is_free);
            }
        }
    }
    places
}

fn same(theirs: &StemInfo, stem: usize, here: &StemInfo, place: usize) -> bool {
    theirs.name == here.name && (!theirs.name.is_empty() || stem == place)
}

fn alike(theirs: &StemInfo, _: usize, here: &StemInfo, _: usize) -> bool {
    !theirs.name.is_empty() && plain(&theirs.name) == plain(&here.name)
}

/// What of a name people tell names apart by.
fn plain(name: &str) -> String {
    let letters: String = name.chars().filter(|c| c.is_alphanumeric()).collect();
    if letters.is_empty() { name.to_owned() } else { letters.to_lowercase() }
}
