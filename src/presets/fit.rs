//! What a kept balance means for the stems at hand.

use crate::model::document::Document;
use crate::model::limits::{MixParam, ParamKey, STEMS};
use crate::model::names::counterparts;
use crate::model::offsets::StripOffsets;
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
/// kept ones are taken as they are, with names, colours, roles, groups and order, and with what was learned of their
/// song, unless one was learned here. Scenes of the kept balance take the places of those here with their letters;
/// where it has none, those here stay.
///
/// Bypass and the use of the main input belong to the routing, not to the balance: they stay.
pub fn fit(kept: &Document, here: &Document) -> Fit {
    let mut document = here.clone();
    if here.stems.iter().all(|info| info.name.is_empty()) {
        take_mix(kept, &mut document);
        document.mix.stems = kept.mix.stems;
        document.stems = kept.stems.clone();
        document.order = kept.order;
        take_scenes(kept, &mut document, &std::array::from_fn(Some));
        if here.learned.is_none() && kept.learned.is_some() {
            document.learned.clone_from(&kept.learned);
            document.mix.balance_percent = kept.mix.balance_percent;
        }
        let remarks = left_learned(kept, &document).into_iter().collect();
        return Fit { document, remarks };
    }
    let placed = counterparts(&kept.stems, &here.stems);
    let has_groups = kept.stems.iter().any(|info| info.group.is_some());
    for (stem, place) in placed.iter().enumerate() {
        if let Some(place) = place {
            document.mix.stems[*place] = kept.mix.stems[stem];
            if has_groups {
                document.stems[*place].group = kept.stems[stem].group;
            }
        }
    }
    let is_used = |stem: &usize| {
        !kept.stems[*stem].name.is_empty() || kept.mix.stems[*stem] != StripSettings::default()
    };
    if (0..STEMS).filter(is_used).any(|stem| placed[stem].is_some()) {
        take_mix(kept, &mut document);
        take_scenes(kept, &mut document, &placed);
    }
    let left_over = (0..STEMS).filter(is_used).filter(|stem| placed[*stem].is_none());
    let left_over: Vec<String> = left_over.map(|stem| kept.stems[stem].label(stem)).collect();
    let untouched: Vec<String> = (0..STEMS)
        .filter(|place| !placed.contains(&Some(*place)) && !here.stems[*place].name.is_empty())
        .map(|place| here.stems[place].label(place))
        .collect();
    let mut remarks = Vec::new();
    if !left_over.is_empty() {
        remarks.push(format!("No stem here is called {}.", listed(&left_over)));
    }
    if !untouched.is_empty() {
        remarks.push(format!("Left as they were, the preset does not know them: {}.", untouched.join(", ")));
    }
    remarks.extend(left_learned(kept, &document));
    Fit { document, remarks }
}

/// Says so where the kept balance sounded by what was learned of its song, and that does not come along.
fn left_learned(kept: &Document, document: &Document) -> Option<String> {
    let learned = kept.learned.as_ref().filter(|_| kept.mix.balance_percent > 0.0)?;
    let most_db = learned.stems.iter().map(|stem| stem.sounding_db().abs()).fold(0.0, f32::max);
    (most_db > 0.0 && document.learned != kept.learned).then(|| {
        format!(
            "Its learned balance, of up to {most_db:.1} dB, belongs to the song it was learned of and stays out: \
             learn this one on the Balance page."
        )
    })
}

/// What a balance says of the mix, but for its routing, the scene that happened to sound, and what belongs to the
/// song that was learned.
fn take_mix(kept: &Document, document: &mut Document) {
    let stays =
        |param: &MixParam| param.is_routing() || matches!(param, MixParam::Scene | MixParam::BalanceAmount);
    for key in MixParam::ALL.into_iter().filter(|param| !stays(param)).map(ParamKey::Mix) {
        document.mix.set(key, kept.mix.get(key));
    }
    document.mix.groups = kept.mix.groups;
}

/// Takes the scenes over, for stems that went to the places given.
fn take_scenes(kept: &Document, document: &mut Document, placed: &[Option<usize>; STEMS]) {
    let mut has_any = false;
    for (to, from) in document.scenes.iter_mut().zip(&kept.scenes).filter(|(_, from)| from.is_used()) {
        has_any = true;
        to.clone_from(from);
        to.stems = [StripOffsets::NONE; STEMS];
        for (stem, place) in placed.iter().enumerate() {
            if let Some(place) = place {
                to.stems[*place] = from.stems[stem];
            }
        }
    }
    if has_any {
        document.scene_order = kept.scene_order;
    }
}

fn listed(names: &[String]) -> String {
    match names {
        [all @ .., last] if !all.is_empty() => format!("{} or {last}", all.join(", ")),
        _ => names.concat(),
    }
}
