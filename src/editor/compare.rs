//! Two balances against each other, equally loud, and blind if somebody likes. Nothing of it is written anywhere: what
//! is heard is an audition, and ends with it.

use super::gestures::{balance, document};
use super::scenes::decibels;
use super::theme::{self, Weight};
use super::widgets::{self, Cut, Desk, Ghost, Toggle, id, text, text_within};
use crate::model::contrast::Contrast;
use crate::model::document::StemInfo;
use crate::model::level::predicted_db;
use crate::model::limits::{SCENES, STEMS, slot_letter};
use crate::model::scene::Scene;
use crate::model::settings::MixSettings;
use crate::sync::Audition;
use egui::accesskit::Role;
use egui::{Align2, Popup, Rect, Sense, Ui, WidgetInfo};
use std::hash::{BuildHasher, RandomState};

/// Height of the line, in points.
pub const LINE: f32 = 28.0;
const GAP: f32 = 2.0;
const APART: f32 = 10.0;
/// A balance has been heard for so long once momentary loudness, which looks back for 0.4 s, is its own, in seconds.
const SETTLED_S: f32 = 0.7;
/// It is measured by so much of it, in seconds.
const ENOUGH_S: f64 = 3.0;
/// Stems that sound the same in both tell what a passage is like where they are at least so much of it.
const STEADY: f64 = 0.5;
/// Gains differ audibly from here on, in dB.
const STEP_DB: f32 = 0.1;
/// What is learned of the match while a balance is heard moves its gain no faster than this.
const SLEW_DB_PER_S: f32 = 2.0;

/// What is compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Pair {
    /// The balances A and B.
    #[default]
    Slots,
    /// Two scenes, or a scene and the live balance.
    Scenes,
    /// The mix as it is, and the plain sum of its stems.
    Plain,
}

/// A comparison from frame to frame.
#[derive(Debug)]
pub struct Comparison {
    pair: Pair,
    scenes: [Option<usize>; 2],
    /// The side (0 or 1) that is heard, and since when, in seconds.
    heard: Option<(usize, f32)>,
    /// What each side was measured at.
    measured: [Measured; 2],
    /// What is known of the two before they are heard.
    basis: Option<Box<Basis>>,
    /// What is heard now, and of which side.
    wish: Option<(usize, Audition)>,
    /// Its gain is on the way to another.
    is_slewing: bool,
    blind: Option<Blind>,
    /// What the last blind comparison came to.
    revealed: Option<String>,
}

impl Default for Comparison {
    fn default() -> Self {
        Self {
            pair: Pair::default(),
            scenes: [None, Some(0)],
            heard: None,
            measured: Default::default(),
            basis: None,
            wish: None,
            is_slewing: false,
            blind: None,
            revealed: None,
        }
    }
}

/// Two balances, what stands over them, and what that comes to.
#[derive(Debug)]
struct Basis {
    sides: [MixSettings; 2],
    scenes: [Scene; SCENES],
    stems: [StemInfo; STEMS],
    contrast: Contrast,
    /// What was learned says of each side's loudness, in dB.
    predicted_db: [f64; 2],
}

impl Basis {
    fn new(sides: &[MixSettings; 2], desk: &Desk) -> Self {
        let document = document(desk.instance);
        let (layers, learned_db) = (document.layers(), document.playing().learned_db);
        let playing = sides.map(|side| MixSettings { learned_db, ..side });
        Self {
            sides: *sides,
            contrast: Contrast::new(&playing, &layers),
            predicted_db: playing.map(|side| predicted_db(&side, &layers)),
            scenes: document.scenes,
            stems: document.stems,
        }
    }

    fn is_of(&self, sides: &[MixSettings; 2], desk: &Desk) -> bool {
        self.sides == *sides && self.scenes == desk.instance.scenes() && self.stems == desk.instance.stems()
    }
}

/// What a side was measured at while it was heard: sums of K weighted powers by time.
#[derive(Clone, Copy, Debug, Default)]
struct Measured {
    mix: f64,
    /// See [`Contrast::passage`].
    steady: f64,
    all: f64,
    time_s: f64,
}

/// A comparison whose names are hidden.
#[derive(Clone, Copy, Debug, Default)]
struct Blind {
    /// The first is the second.
    is_swapped: bool,
    /// How often each side was preferred.
    votes: [u32; 2],
}

impl Blind {
    fn shuffle(&mut self) {
        self.is_swapped = RandomState::new().hash_one(0) & 1 != 0;
    }

    /// The side behind a place (0 or 1), and the other way round.
    fn side(self, place: usize) -> usize {
        if self.is_swapped { 1 - place } else { place }
    }
}

impl Comparison {
    /// Nothing is compared any more, and the mix is heard as it is.
    pub fn end(&mut self, desk: &mut Desk) {
        self.stop(desk);
        self.blind = None;
        desk.hands.is_blind = false;
    }

    /// A state was loaded.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    fn stop(&mut self, desk: &Desk) {
        self.heard = None;
        if self.wish.take().is_some() {
            desk.instance.audition(None);
        }
    }

    /// Whether time must pass here.
    pub fn is_moving(&self) -> bool {
        self.heard.is_some()
    }

    /// Draws the line and acts on the hands in it.
    pub fn ui(&mut self, ui: &mut Ui, rect: Rect, dt_s: f32, desk: &mut Desk) {
        ui.painter().rect_filled(rect, theme::RADIUS, theme::PANEL);
        let mut rest = rect.shrink2(egui::vec2(8.0, 3.0));
        let style = (theme::SMALL, Weight::Medium);
        let at = rest.cut_left(62.0).left_center();
        text(ui.painter(), at, Align2::LEFT_CENTER, "COMPARE", style, theme::TEXT_LABEL);
        self.pairs(ui, &mut rest, desk);
        rest.cut_left(APART - GAP);
        self.judge(ui, &mut rest, desk);
        desk.hands.is_blind = self.blind.is_some();

        let sides = self.sides(desk);
        let gains = self.match_loudness(&sides, dt_s, desk);
        self.ask(&sides, &gains, dt_s, desk);
        let names = self.names(desk);
        let labels = [("Hear the first", 0), ("Hear the second", 1)];
        for (label, place) in labels {
            let side = self.blind.map_or(place, |blind| blind.side(place));
            let face = if self.blind.is_some() { format!("{}", place + 1) } else { names[side].clone() };
            let toggle = Toggle { face: &face, label, color: theme::ACCENT };
            let is_heard = self.heard.is_some_and(|(heard, _)| heard == side);
            let response = widgets::button(ui, rest.cut_left(112.0), toggle, is_heard);
            rest.cut_left(GAP);
            if response.clicked() && !is_heard {
                self.heard = Some((side, 0.0));
                self.ask(&sides, &gains, 0.0, desk);
                ui.request_repaint();
            }
            response.on_hover_text(
                "Heard instead of the mix. No parameter is written, and it ends with the window.",
            );
        }
        let toggle = Toggle { face: "Off", label: "Hear the mix as it is", color: theme::ACCENT };
        let response = widgets::button(ui, rest.cut_left(38.0), toggle, self.heard.is_none());
        if response.clicked() {
            self.stop(desk);
        }
        response.on_hover_text("The mix as it is, by its parameters.");
        rest.cut_left(APART);
        let words = self.words(&names, &gains);
        text_within(
            ui.painter(),
            rest,
            Align2::LEFT_CENTER,
            &words,
            (theme::BODY, Weight::Regular),
            theme::TEXT_SOFT,
        );
        let response = ui.interact(rest, id("comparison"), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Group, true, "Comparison"));
        ui.ctx().accesskit_node_builder(response.id, |node| node.set_value(words.as_str()));
        response.on_hover_text(
            "The louder of the two is lowered: by what was measured of each while it was heard, until then by what \
             was learned of the song.",
        );
    }

    /// What is compared with what.
    fn pairs(&mut self, ui: &Ui, rest: &mut Rect, desk: &mut Desk) {
        for (pair, face, label, width) in [
            (Pair::Slots, "A / B", "Compare A and B", 48.0),
            (Pair::Scenes, "Scenes", "Compare scenes", 56.0),
            (Pair::Plain, "Plain sum", "Compare with the plain sum", 70.0),
        ] {
            let toggle = Toggle { face, label, color: theme::ACCENT };
            let is_chosen = self.pair == pair;
            let response = widgets::button(ui, rest.cut_left(width), toggle, is_chosen);
            if response.clicked() && !is_chosen {
                self.pair = pair;
                self.begin_anew(desk);
            }
            response.on_hover_text(match pair {
                Pair::Slots => "The balances A and B of the line at the top.",
                Pair::Scenes => "Two scenes, or a scene and the live balance: choose them beside this.",
                Pair::Plain => "Your mix, and all stems as they come in, with every fader at 0 dB.",
            });
            rest.cut_left(GAP);
        }
        if self.pair != Pair::Scenes {
            return;
        }
        rest.cut_left(APART - GAP);
        for (side, label) in [(0, "First scene"), (1, "Second scene")] {
            let face = self.scenes[side].map_or("Live".to_owned(), |slot| slot_letter(slot).to_string());
            let toggle = Toggle { face: &face, label, color: theme::ACCENT };
            let response = widgets::button(ui, rest.cut_left(40.0), toggle, false);
            rest.cut_left(GAP);
            Popup::menu(&response).show(|ui| {
                for slot in std::iter::once(None).chain((0..SCENES).map(Some)) {
                    let is_chosen = self.scenes[side] == slot;
                    if ui.selectable_label(is_chosen, scene_name(slot, desk)).clicked() {
                        self.scenes[side] = slot;
                        self.begin_anew(desk);
                        ui.close();
                    }
                }
            });
            response.on_hover_text(match self.scenes[side] {
                Some(_) => format!("{}. A click chooses another.", scene_name(self.scenes[side], desk)),
                None => "The live balance without a scene. A click chooses another.".to_owned(),
            });
        }
    }

    /// Another comparison: what was measured and chosen was of the last one.
    fn begin_anew(&mut self, desk: &Desk) {
        self.stop(desk);
        (self.measured, self.basis, self.blind, self.revealed) = Default::default();
    }

    /// The blind mode: hides the names, remembers what was preferred, and reveals it.
    fn judge(&mut self, ui: &Ui, rest: &mut Rect, desk: &mut Desk) {
        let plain = |face, label| Toggle { face, label, color: theme::ACCENT };
        let Some(blind) = self.blind else {
            let response = widgets::button(ui, rest.cut_right(48.0), plain("Blind", "Blind"), false);
            if response.clicked() {
                self.stop(desk);
                let mut blind = Blind::default();
                blind.shuffle();
                (self.blind, self.revealed) = (Some(blind), None);
            }
            response.on_hover_text("Shuffles the two and hides their names until you have chosen.");
            rest.cut_right(APART);
            return;
        };
        let count = blind.votes[0] + blind.votes[1];
        let response = widgets::button(ui, rest.cut_right(56.0), plain("Reveal", "Reveal"), true);
        if response.clicked() {
            let [first, second] = self.names(desk);
            let [a, b] = blind.votes;
            self.revealed = Some(format!("Preferred: {first} {a} of {count}, {second} {b} of {count}."));
            self.blind = None;
        }
        response.on_hover_text("Ends it: shows the names and which you preferred how often.");
        rest.cut_right(GAP);
        for (place, face, label) in
            [(1, "Prefer 2", "Prefer the second"), (0, "Prefer 1", "Prefer the first")]
        {
            let response = widgets::button(ui, rest.cut_right(62.0), plain(face, label), false);
            rest.cut_right(GAP);
            if response.clicked()
                && let Some(blind) = &mut self.blind
            {
                let side = blind.side(place);
                blind.votes[side] += 1;
                blind.shuffle();
                self.stop(desk);
            }
            response.on_hover_text("Counts, and shuffles the two anew.");
        }
        rest.cut_right(APART);
    }

    /// The two balances.
    fn sides(&self, desk: &Desk) -> [MixSettings; 2] {
        let live = balance(desk.instance);
        match self.pair {
            Pair::Slots => desk.hands.gestures.compared(desk.instance),
            Pair::Scenes => self.scenes.map(|scene| {
                let mut side = live;
                (side.scene, side.scene_percent) = (scene, 100.0);
                side
            }),
            Pair::Plain => [false, true].map(|bypass| {
                let mut side = live;
                side.bypass = bypass;
                side
            }),
        }
    }

    fn names(&self, desk: &Desk) -> [String; 2] {
        match self.pair {
            Pair::Slots => ["A".to_owned(), "B".to_owned()],
            Pair::Scenes => self.scenes.map(|scene| scene_name(scene, desk)),
            Pair::Plain => ["Stemwright".to_owned(), "Plain sum".to_owned()],
        }
    }

    /// Loudness of each side by what was measured, in dB of any one reference; none where it was not heard for long
    /// enough. What was heard of a song differs from passage to passage: where most of it sounds the same in both but for
    /// levels, each side is measured against that.
    fn measured_db(&self) -> Option<[f64; 2]> {
        let has_enough = self.measured.iter().all(|side| side.time_s >= ENOUGH_S && side.mix > 0.0);
        let is_steady = self.measured.iter().all(|side| side.steady > STEADY * side.all);
        let power = |side: Measured| side.mix / if is_steady { side.steady } else { side.time_s };
        has_enough.then(|| self.measured.map(|side| 10.0 * power(side).log10()))
    }

    /// Looks at how loud the side is that is heard.
    fn measure(&mut self, dt_s: f32, desk: &Desk) {
        let (Some((side, heard_s)), Some(basis)) = (&mut self.heard, &self.basis) else { return };
        *heard_s += dt_s;
        let meters = desk.instance.meters();
        let lufs = f64::from(meters.loudness().mix().momentary_lufs);
        if *heard_s < SETTLED_S || !lufs.is_finite() {
            return;
        }
        let powers = std::array::from_fn(|stem| f64::from(meters.weighted_power(stem)));
        let [steady, all] = basis.contrast.passage(*side, &powers);
        let (measured, dt_s) = (&mut self.measured[*side], f64::from(dt_s));
        measured.mix += dt_s * 10f64.powf(lufs / 10.0);
        measured.steady += dt_s * steady;
        measured.all += dt_s * all;
        measured.time_s += dt_s;
    }

    /// What brings both sides to the loudness of the softer one, in dB.
    fn match_loudness(&mut self, sides: &[MixSettings; 2], dt_s: f32, desk: &Desk) -> [f32; 2] {
        if self.basis.as_ref().is_none_or(|basis| !basis.is_of(sides, desk)) {
            let basis = Basis::new(sides, desk);
            if self.basis.as_ref().is_some_and(|last| basis.contrast.is_other(&last.contrast)) {
                self.measured = Default::default();
                self.heard = self.heard.map(|(side, _)| (side, 0.0));
            }
            self.basis = Some(Box::new(basis));
        }
        self.measure(dt_s, desk);
        let lufs = self.measured_db().or(self.basis.as_ref().map(|basis| basis.predicted_db));
        let more = lufs.map_or(0.0, |[first, second]| first - second);
        let more = if more.is_finite() { more as f32 } else { 0.0 };
        [-more.max(0.0), more.min(0.0)]
    }

    /// Has what is to be heard heard.
    fn ask(&mut self, sides: &[MixSettings; 2], gains_db: &[f32; 2], dt_s: f32, desk: &Desk) {
        let Some((side, _)) = self.heard else { return };
        let mut wish = Audition { settings: sides[side], gain_db: gains_db[side] };
        if let Some((_, last)) = self.wish.filter(|(last, _)| *last == side) {
            let (off_db, most_db) = (wish.gain_db - last.gain_db, SLEW_DB_PER_S * dt_s);
            let is_on_its_way = off_db.abs() >= STEP_DB || self.is_slewing;
            self.is_slewing = is_on_its_way && off_db.abs() > most_db;
            wish.gain_db = last.gain_db + if is_on_its_way { off_db.clamp(-most_db, most_db) } else { 0.0 };
        }
        if self.wish != Some((side, wish)) {
            self.wish = Some((side, wish));
            desk.instance.audition(Some(&wish));
        }
    }

    /// How the two were brought to one loudness, or what the blind comparison came to.
    fn words(&self, names: &[String; 2], gains_db: &[f32; 2]) -> String {
        if let Some(blind) = &self.blind {
            return match blind.votes[0] + blind.votes[1] {
                0 => "Hear both, then say which you prefer.".to_owned(),
                1 => "1 choice made; they are shuffled anew.".to_owned(),
                count => format!("{count} choices made; they are shuffled anew."),
            };
        }
        if let Some(revealed) = &self.revealed {
            return revealed.clone();
        }
        if self.basis.as_ref().is_some_and(|basis| basis.contrast.is_none()) {
            return match self.pair {
                Pair::Slots => "A and B are the same: copy A to B, mix on in B, then come back.",
                Pair::Scenes => "Both are the same: choose two that differ.",
                Pair::Plain => "Both are the plain sum.",
            }
            .to_owned();
        }
        let louder = usize::from(gains_db[1] < 0.0);
        let lowered = match gains_db[louder] {
            db if db > -0.05 => "Equally loud".to_owned(),
            db => format!("{} {}", names[louder], decibels(db)),
        };
        let is_predicted =
            self.basis.as_ref().is_some_and(|basis| basis.predicted_db.iter().all(|db| db.is_finite()));
        if self.measured_db().is_some() {
            format!("{lowered}, as measured")
        } else if is_predicted {
            format!("{lowered}, as predicted")
        } else {
            "Hear each for some seconds: then both are as loud.".to_owned()
        }
    }

    /// Shows the scene that is not heard beside what there is.
    pub fn haunt(&self, desk: &mut Desk) {
        if self.pair != Pair::Scenes || self.blind.is_some() || desk.hands.ghost.is_some() {
            return;
        }
        let other = self.heard.map_or(1, |(side, _)| 1 - side);
        if let Some(slot) = self.scenes[other] {
            let stems = desk.instance.scenes()[slot].stems;
            desk.hands.ghost = Some(Box::new(Ghost { letter: slot_letter(slot), stems }));
        }
    }
}

fn scene_name(scene: Option<usize>, desk: &Desk) -> String {
    scene.map_or("Live".to_owned(), |slot| desk.instance.scenes()[slot].label(slot))
}
