//! Says which stems cover which in the mix.

use super::error::RenderError;
use super::session::{Session, engine, go_on, sounding};
use super::table::lay_out;
use crate::analysis::{self, Player, Stretches};
use crate::engine::StemTap;
use crate::model::limits::STEMS;
use serde::Serialize;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// Pairs that people are told of; programs are told of all.
const TOLD: usize = 10;

/// A search for clashes that has been found possible.
pub struct Clash {
    session: Session,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClashReport {
    /// The stems' names, stem 1 first; all else speaks of their indices, from 0.
    pub names: Vec<String>,
    /// Who covers whom.
    #[serde(flatten)]
    pub clash: analysis::Clash,
    /// For each pair, who covers whom and what would make room.
    pub words: Vec<[String; 2]>,
}

impl Clash {
    /// Reads the balance and the stems' headers.
    ///
    /// # Errors
    /// As [`super::Render::prepare`] for its stems.
    pub fn prepare(stems: &[PathBuf], balance: Option<&Path>) -> Result<Self, RenderError> {
        Ok(Self { session: Session::open(stems, balance)? })
    }

    /// What in the balance was left out, replaced or may surprise; one sentence each.
    pub fn notices(&self) -> &[String] {
        &self.session.notices
    }

    /// Frames there are to play.
    pub fn frames(&self) -> u64 {
        self.session.frames
    }

    /// Plays the mix and looks at every stem as it is in it. `watch` as in [`super::Render::run`].
    ///
    /// # Errors
    /// Where a stem cannot be read after all.
    pub fn run(mut self, mut watch: impl FnMut(u64) -> ControlFlow<()>) -> Result<ClashReport, RenderError> {
        let sample_rate_hz = f64::from(self.session.rate_hz);
        let mix = sounding(&self.session.document);
        let mut engine = engine(&self.session.document, sample_rate_hz);
        let mut parts = Parts(Stretches::new(self.session.stems.len(), sample_rate_hz));
        self.session.play(|block, done| {
            engine.process_tapped(block, &mut parts);
            parts.0.compare();
            go_on(watch(done))?;
            Ok(ControlFlow::Continue(()))
        })?;
        let document = &self.session.document;
        let players: Vec<Player> = document
            .stems
            .iter()
            .zip(&mix.stems)
            .take(self.session.stems.len())
            .map(|(info, strip)| Player { name: &info.name, role: info.role, strip })
            .collect();
        let clash = parts.0.meter().clash(&players, sample_rate_hz);
        let words = clash.pairs.iter().map(|pair| [pair.words(&players), pair.suggestion_words(&players)]);
        let words = words.collect();
        Ok(ClashReport { names: players.iter().map(|player| player.name.to_owned()).collect(), clash, words })
    }
}

/// Hands the stems over as they are in the mix.
struct Parts(Stretches);

impl StemTap for Parts {
    const WANTED: bool = true;

    fn stem(&mut self, stem: usize, left: &[f32], right: &[f32]) {
        self.0.listen(stem, [left, right]);
    }
}

impl ClashReport {
    /// One JSON object.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// For people: what is left of each stem and what each other covers of it, then the pairs in words.
    pub fn text(&self) -> String {
        let percent = |share: f64| format!("{:.0}", 100.0 * share);
        let mut titles = vec![String::new(), "Left".to_owned()];
        titles.extend((1..=self.names.len()).map(|number| format!("{number:02}")));
        let rows = self.names.iter().enumerate().map(|(stem, name)| {
            let mut row = vec![format!("{:02} {name}", stem + 1)];
            row.push(self.clash.left[stem].map_or("-".to_owned(), percent));
            row.extend(
                self.clash.covered[stem]
                    .iter()
                    .enumerate()
                    .map(|(other, share)| if other == stem { String::new() } else { percent(*share) }),
            );
            row
        });
        let rows: Vec<Vec<String>> = std::iter::once(titles).chain(rows).collect();
        let padded: Vec<[String; STEMS + 2]> = rows
            .into_iter()
            .map(|row| std::array::from_fn(|at| row.get(at).cloned().unwrap_or_default()))
            .collect();
        let mut right = [true; STEMS + 2];
        right[0] = false;
        let mut text =
            "What is left of each stem beside all others, and what each other covers of it, in per \
                        cent of its\nloudness by a simple model. A ranking: no figure passes or fails.\n\n"
                .to_owned();
        text += &lay_out(&padded, right);
        for (at, [who, suggestion]) in self.words.iter().take(TOLD).enumerate() {
            text += &format!("\n{:>3}  {who}\n     {suggestion}\n", at + 1);
        }
        if self.words.len() > TOLD {
            text += &format!("\nAnd {} more pairs, which --json tells.\n", self.words.len() - TOLD);
        }
        text
    }
}
