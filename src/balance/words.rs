//! A proposal in sentences.

use super::solver::{Kept, Loudness, MAX_GAIN_DB, MIN_ACTIVE_S, Proposal, StemNow};
use crate::model::limits::{Role, STEMS, stem_title};
use crate::model::target::Target;

/// Differences below this, in dB, are not worth a word.
const NOTED_DB: f64 = 0.05;

impl Kept {
    /// The same in a few words.
    pub fn briefly(self) -> Option<String> {
        match self {
            Self::Locked | Self::Muted => None,
            Self::Closed => Some("Keeps its gain: closed.".to_owned()),
            Self::Silent => Some("Nothing was heard of it.".to_owned()),
            Self::TooShort(active_s) => Some(format!("Heard for {active_s:.1} s only.")),
            Self::NoLoudness => Some("The mix is silent.".to_owned()),
        }
    }

    /// Why a stem (0 to 15) keeps its gain and what to do about it, in a sentence; `None` where that was
    /// asked for.
    pub fn words(self, stem: usize) -> Option<String> {
        let stem = stem_title(stem);
        match self {
            Self::Locked | Self::Muted => None,
            Self::Closed => Some(format!("{stem} keeps its gain: open its fader to have it balanced.")),
            Self::Silent => Some(format!("{stem} keeps its gain: nothing was heard of it.")),
            Self::TooShort(active_s) => Some(format!(
                "{stem} keeps its gain: it was heard for {active_s:.1} s, and {MIN_ACTIVE_S:.0} s are needed. \
                 Learn a part in which it plays."
            )),
            Self::NoLoudness => {
                Some(format!("{stem} keeps its gain: the mix is silent. Open faders, or ask for a loudness."))
            }
        }
    }
}

/// What a musician should know of a proposal.
pub fn sentences(
    stems: &[StemNow; STEMS],
    proposals: &[Proposal; STEMS],
    target: &Target,
    before: Loudness,
    after: Loudness,
) -> Vec<String> {
    let mut sentences = Vec::new();
    let moved = proposals.iter().filter(|proposal| proposal.change_db.abs() >= NOTED_DB).count();
    let able = proposals.iter().filter(|proposal| proposal.kept.is_none()).count();
    sentences.push(match (moved, able) {
        (_, 0) => "No stem can be balanced.".to_owned(),
        (0, _) => "The stems are balanced as they are.".to_owned(),
        (1, _) => "1 stem moves.".to_owned(),
        (n, _) => format!("{n} stems move."),
    });
    if after.lufs.is_finite() && able > 0 {
        let goal_lufs = target.loudness_lufs.map_or(before.lufs, f64::from);
        sentences.push(if (after.lufs - before.lufs).abs() < NOTED_DB {
            format!("The mix stays at {:.1} LUFS.", after.lufs)
        } else {
            format!("The mix goes from {:.1} to {:.1} LUFS.", before.lufs, after.lufs)
        });
        if (after.lufs - goal_lufs).abs() >= NOTED_DB {
            sentences.push(format!(
                "That is not the {goal_lufs:.1} LUFS it is meant to have: the stems that keep their gain or \
                 have come to its end do not let it."
            ));
        }
    }
    if let Some(lead_lu) = target.lead_to_rest_lu
        && able > 0
    {
        sentences.push(lead(stems, proposals, after.lead_to_rest_lu, f64::from(lead_lu)));
    }
    for (stem, proposal) in proposals.iter().enumerate() {
        if proposal.is_limited {
            sentences.push(format!(
                "{} stops at {:+.1} dB, though its role asks for more than {MAX_GAIN_DB:.0} dB: check the \
                 level that comes in.",
                stem_title(stem),
                proposal.gain_db
            ));
        }
    }
    // Inputs that nothing was heard of and that have no role are not in use.
    let in_use =
        |stem: usize| stems[stem].role != Role::Unknown || proposals[stem].kept != Some(Kept::Silent);
    let kept = proposals.iter().enumerate().filter(|(stem, _)| in_use(*stem));
    sentences.extend(kept.filter_map(|(stem, proposal)| proposal.kept.and_then(|kept| kept.words(stem))));
    sentences
}

fn lead(stems: &[StemNow; STEMS], proposals: &[Proposal; STEMS], found: Option<f64>, lu: f64) -> String {
    let leads = || (0..STEMS).filter(|stem| stems[*stem].role == Role::Lead);
    if leads().next().is_none() {
        return "No stem has the role lead, so nothing was balanced against it: give one that role."
            .to_owned();
    }
    if leads().all(|stem| proposals[stem].kept.is_some()) {
        return "The lead keeps its gain, so the others were balanced by their roles alone.".to_owned();
    }
    match found {
        None => "Nothing sounds together with the lead, so it was balanced by its role alone.".to_owned(),
        Some(found) if (found - lu).abs() >= NOTED_DB => {
            format!("The lead comes to {found:+.1} LU against the rest, on the way to {lu:+.1} LU.")
        }
        Some(found) => format!("The lead comes to {found:+.1} LU against the rest."),
    }
}
