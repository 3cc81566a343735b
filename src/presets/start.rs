//! Balances to set out from, by what the stems play. They are our taste, not a measurement.

use super::fit::Fit;
use crate::model::document::Document;
use crate::model::limits::{Role, StripParam};
use crate::model::settings::Slope;

/// A balance to set out from. It changes one thing of every stem that has a role, and nothing else.
pub struct StartingPoint {
    /// What it is called.
    pub name: &'static str,
    /// What it does, in a sentence.
    pub about: &'static str,
    /// The values for the n-th stem (from 0) of this role, of so many.
    strip: fn(Role, usize, usize) -> Vec<(StripParam, f32)>,
}

/// All of them.
pub const STARTING_POINTS: [StartingPoint; 5] = [
    StartingPoint {
        name: "Even faders",
        about: "The faders at 0 dB: the sum as it was delivered.",
        strip: |_, _, _| vec![(StripParam::Fader, 0.0)],
    },
    StartingPoint {
        name: "Voice in front",
        about: "The lead at 0 dB, everything else 4 to 10 dB below it by its role.",
        strip: |role, _, _| {
            let fader_db = match role {
                Role::Lead => 0.0,
                Role::Drums => -4.0,
                Role::Bass => -5.0,
                Role::Guitars | Role::Keys | Role::Winds => -7.0,
                Role::Backing => -8.0,
                _ => -10.0,
            };
            vec![(StripParam::Fader, fader_db)]
        },
    },
    StartingPoint {
        name: "Rhythm in front",
        about: "Drums and bass at 0 dB, the lead 2 dB below, everything else 6 to 9 dB below.",
        strip: |role, _, _| {
            let fader_db = match role {
                Role::Drums | Role::Bass => 0.0,
                Role::Lead => -2.0,
                Role::Guitars | Role::Keys | Role::Winds => -6.0,
                _ => -9.0,
            };
            vec![(StripParam::Fader, fader_db)]
        },
    },
    StartingPoint {
        name: "Band on a stage",
        about: "Drums, bass and lead in the middle, stems of one role spread between left and right.",
        strip: |role, nth, count| {
            let reach = match role {
                Role::Drums | Role::Bass | Role::Lead => 0.0,
                Role::Guitars => 0.7,
                Role::Keys => 0.4,
                Role::Backing => 0.5,
                _ => 0.6,
            };
            let place = if count > 1 { 2.0 * nth as f32 / (count - 1) as f32 - 1.0 } else { 0.0 };
            vec![(StripParam::Pan, (reach * place * 100.0).round() / 100.0)]
        },
    },
    StartingPoint {
        name: "Clear low end",
        about: "A high-pass on everything but drums and bass, gentle and below what the role needs.",
        strip: |role, _, _| {
            let high_pass_hz = match role {
                Role::Drums | Role::Bass => return Vec::new(),
                Role::Keys | Role::Pads | Role::Effects => 60.0,
                _ => 90.0,
            };
            vec![
                (StripParam::Tone, 1.0),
                (StripParam::HighPassSlope, Slope::Gentle as u8 as f32),
                (StripParam::HighPassFrequency, high_pass_hz),
            ]
        },
    },
];

impl StartingPoint {
    /// What it makes of the stems at hand. Stems without a role stay as they are and are named.
    pub fn fit(&self, here: &Document) -> Fit {
        let mut document = here.clone();
        let of_role = |role: Role| here.stems.iter().filter(move |info| info.role == role).count();
        for (stem, info) in here.stems.iter().enumerate().filter(|(_, info)| info.role != Role::Unknown) {
            let nth = here.stems[..stem].iter().filter(|other| other.role == info.role).count();
            for (param, value) in (self.strip)(info.role, nth, of_role(info.role)) {
                document.mix.stems[stem].set(param, value);
            }
        }
        let unknown: Vec<String> = here
            .stems
            .iter()
            .enumerate()
            .filter(|(_, info)| info.role == Role::Unknown && !info.name.is_empty())
            .map(|(stem, info)| info.label(stem))
            .collect();
        let mut remarks = Vec::new();
        if here.stems.iter().all(|info| info.role == Role::Unknown) {
            remarks
                .push("No stem has a role yet: say what each plays by a right-click on its name.".to_owned());
        } else if !unknown.is_empty() {
            remarks.push(format!("Left as they were, they have no role: {}.", unknown.join(", ")));
        }
        Fit { document, remarks }
    }
}
