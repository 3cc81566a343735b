//! What can be done with a scene. All that changes what it does is shown before it is done.

use super::gestures;
use super::history::Change;
use super::scenes::{move_scene, sounding};
use super::theme::{self, Weight};
use super::widgets::{self, Desk, Target};
use crate::model::limits::{MAX_NOTE_CHARS, MixParam, ParamKey, SCENES, STEMS, StripParam, slot_letter};
use crate::model::scene::Scene;
use egui::{Button, RichText, ScrollArea, TextEdit, Ui, vec2};

/// Width of the menu, and height of what it says about a scene, in points.
const WIDTH: f32 = 300.0;
const WORDS: f32 = 132.0;

/// Parts of a scene that can be taken over by themselves.
const QUANTITIES: [&str; 4] = ["Levels", "Pan and width", "Mutes", "Tone"];

fn quantity(param: StripParam) -> usize {
    match param {
        StripParam::Fader => 0,
        StripParam::Pan | StripParam::Width => 1,
        StripParam::Mute => 2,
        _ => 3,
    }
}

/// What the menu remembers while it is open.
#[derive(Debug, Default)]
pub struct Menu {
    plan: Option<Plan>,
    /// The note that is typed, and whose it is.
    note: Option<(usize, String)>,
}

/// Something that is to be done with a scene.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    /// It becomes what B has more than A.
    Store,
    /// It becomes what sounds over the live balance.
    StoreSounding,
    /// It takes over parts of another.
    Take,
    /// Another becomes the same.
    Copy,
    /// It changes places with another.
    Swap,
    /// It becomes empty.
    Clear,
}

#[derive(Clone, Copy, Debug)]
struct Plan {
    what: What,
    slot: usize,
    other: usize,
    quantities: [bool; QUANTITIES.len()],
    /// Bit k: stem k.
    stems: u32,
}

impl Menu {
    /// Whether a note is being typed.
    pub fn is_typing(&self) -> bool {
        self.note.is_some()
    }

    /// The menu is closed: a note that was typed is taken, a plan is given up.
    pub fn close(&mut self, desk: &mut Desk) {
        self.plan = None;
        if let Some((slot, note)) = self.note.take() {
            annotate(slot, &note, desk);
        }
    }

    /// Draws the menu of a scene and acts on the hands in it.
    pub fn ui(&mut self, ui: &mut Ui, slot: usize, desk: &mut Desk) {
        ui.set_width(WIDTH);
        ui.spacing_mut().button_padding.x = 7.0; // a letter is a target, too
        match self.plan.filter(|plan| plan.slot == slot) {
            Some(plan) => self.plan = plan.ui(ui, desk),
            None => self.overview(ui, slot, desk),
        }
    }

    fn overview(&mut self, ui: &mut Ui, slot: usize, desk: &mut Desk) {
        let scenes = desk.instance.scenes();
        let scene = &scenes[slot];
        let letter = slot_letter(slot);
        head(ui, &format!("SCENE {letter}"));
        let (_, rect) = ui.allocate_space(vec2(12.0 * 22.0, 22.0));
        if let Some(color) = widgets::swatches(ui, rect, &format!("Scene {letter}"), scene.color) {
            let to = Scene { color, ..scene.clone() };
            desk.change_scene(slot, format!("Scene {letter} colour"), to);
        }
        self.annotation(ui, slot, scene, desk);
        ui.horizontal(|ui| {
            if ui.button("Rename").clicked() {
                widgets::rename(ui, Target::Scene(slot), desk);
                ui.close();
            }
            if ui.button("Edit").clicked() {
                desk.hands.gestures.edit(desk.instance, Some(slot));
                ui.close();
            }
            let order = desk.instance.scene_order();
            let at = order.iter().position(|other| *other == slot).unwrap_or(0);
            if ui.add_enabled(at > 0, Button::new("Move left")).clicked() {
                move_scene(slot, at.saturating_sub(1), desk);
            }
            if ui.add_enabled(at + 1 < SCENES, Button::new("Move right")).clicked() {
                move_scene(slot, at + 1, desk);
            }
        });
        ui.separator();
        for (what, words) in [
            (What::Store, "Store B \u{2212} A…"),
            (What::StoreSounding, "Store what sounds…"),
            (What::Take, "Take over from another scene…"),
            (What::Copy, "Copy to another place…"),
            (What::Swap, "Swap with another…"),
            (What::Clear, "Clear…"),
        ] {
            if ui.button(words).clicked() {
                self.plan = Some(Plan::new(what, slot, &scenes));
            }
        }
        ui.separator();
        says(ui, scene, desk);
    }

    fn annotation(&mut self, ui: &mut Ui, slot: usize, scene: &Scene, desk: &mut Desk) {
        let typed = self.note.take().filter(|(of, _)| *of == slot);
        let mut note = typed.map_or_else(|| scene.note.clone(), |(_, note)| note);
        let field = TextEdit::singleline(&mut note).hint_text("A note").char_limit(MAX_NOTE_CHARS);
        let response = ui.add(field.desired_width(f32::INFINITY));
        let label = format!("Note on scene {}", slot_letter(slot));
        ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(label));
        if response.lost_focus() {
            annotate(slot, &note, desk);
        } else if response.has_focus() {
            self.note = Some((slot, note));
        }
    }
}

fn annotate(slot: usize, note: &str, desk: &mut Desk) {
    let mut scene = desk.instance.scenes()[slot].clone();
    scene.annotate(note);
    desk.change_scene(slot, format!("Note on scene {}", slot_letter(slot)), scene);
}

/// Writes what a scene does.
fn says(ui: &mut Ui, scene: &Scene, desk: &Desk) {
    let stems = desk.instance.stems();
    let sentences = scene.words(|stem| stems[stem].label(stem));
    ScrollArea::vertical().max_height(WORDS).show(ui, |ui| {
        if sentences.is_empty() {
            ui.label("It sounds as the live balance does.");
        }
        for sentence in sentences {
            ui.label(widgets::minus(sentence));
        }
    });
}

impl Plan {
    fn new(what: What, slot: usize, scenes: &[Scene; SCENES]) -> Self {
        let is_other = |other: &usize| *other != slot;
        // To take from: one that does something. To go to: one that is free.
        let wanted = |other: &usize| is_other(other) && (what == What::Copy) != scenes[*other].is_used();
        let other = (0..SCENES).find(wanted).or_else(|| (0..SCENES).find(is_other)).unwrap_or(slot);
        Self { what, slot, other, quantities: [true; QUANTITIES.len()], stems: u32::MAX }
    }

    fn name(&self) -> String {
        let [slot, other] = [self.slot, self.other].map(slot_letter);
        match self.what {
            What::Store | What::StoreSounding => format!("Store scene {slot}"),
            What::Take => format!("Take over from scene {other} into {slot}"),
            What::Copy => format!("Copy scene {slot} to {other}"),
            What::Swap => format!("Swap scenes {slot} and {other}"),
            What::Clear => format!("Clear scene {slot}"),
        }
    }

    /// What would become of which scenes.
    fn outcome(&self, scenes: &[Scene; SCENES], desk: &Desk) -> Vec<(usize, Scene)> {
        let (own, other) = (&scenes[self.slot], &scenes[self.other]);
        match self.what {
            What::Store => {
                let [a, b] = desk.hands.gestures.compared(desk.instance);
                vec![(self.slot, Scene { stems: Scene::between(&a.stems, &b.stems), ..own.clone() })]
            }
            What::StoreSounding => {
                let now = gestures::document(desk.instance);
                let layers = now.layers();
                let stems =
                    std::array::from_fn(|stem| layers.offsets(&now.mix, stem).settled(&now.mix.stems[stem]));
                vec![(self.slot, Scene { stems, ..own.clone() })]
            }
            What::Take => {
                let mut scene = own.clone();
                for stem in (0..STEMS).filter(|stem| self.stems >> stem & 1 != 0) {
                    for param in StripParam::ALL.into_iter().filter(|param| self.quantities[quantity(*param)])
                    {
                        scene.stems[stem].take(param, &other.stems[stem]);
                    }
                }
                vec![(self.slot, scene)]
            }
            What::Copy => vec![(self.other, own.clone())],
            What::Swap => vec![(self.slot, other.clone()), (self.other, own.clone())],
            What::Clear => vec![(self.slot, Scene::new(self.slot))],
        }
    }

    /// What keeps a scene sounding as it does where what sounds of it becomes all of it.
    fn amount(&self, desk: &Desk) -> Option<Change> {
        let key = ParamKey::Mix(MixParam::SceneAmount);
        let is_itself = self.what == What::StoreSounding && sounding(desk) == Some(self.slot);
        is_itself.then(|| Change::Param(key, [desk.value(key), 100.0]))
    }

    /// Why there is nothing to do, in words.
    fn idle(&self, desk: &Desk) -> &'static str {
        match self.what {
            What::Store if Self::ab_are_alike(desk) => {
                "A and B are the same. Mix one part of the song in A and the other in B, then come back."
            }
            What::StoreSounding if desk.hands.sounding.is_none() => {
                "The live balance sounds alone, so there is no difference to store."
            }
            _ => "Nothing would change.",
        }
    }

    fn ab_are_alike(desk: &Desk) -> bool {
        let [a, b] = desk.hands.gestures.compared(desk.instance);
        a.stems == b.stems
    }

    /// Draws what would happen; answers the plan while it is neither done nor given up.
    fn ui(mut self, ui: &mut Ui, desk: &mut Desk) -> Option<Self> {
        let scenes = desk.instance.scenes();
        head(ui, &self.name().to_uppercase());
        if matches!(self.what, What::Take | What::Copy | What::Swap) {
            ui.horizontal(|ui| {
                for other in (0..SCENES).filter(|other| *other != self.slot) {
                    let response = ui.selectable_label(self.other == other, slot_letter(other).to_string());
                    let label = format!("Other scene {}", slot_letter(other));
                    ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(label));
                    if response.clicked() {
                        self.other = other;
                    }
                }
                ui.label(scenes[self.other].name.as_str());
            });
        }
        if self.what == What::Take {
            ui.horizontal(|ui| {
                for (wanted, name) in self.quantities.iter_mut().zip(QUANTITIES) {
                    ui.toggle_value(wanted, name);
                }
            });
            self.choose_stems(ui, desk);
        }
        let outcome = self.outcome(&scenes, desk);
        let new: Vec<_> = outcome.iter().filter(|(slot, scene)| scenes[*slot] != *scene).collect();
        let is_lost = self.what == What::Store && Self::ab_are_alike(desk)
            || self.what == What::StoreSounding && desk.hands.sounding.is_none();
        let can = !new.is_empty() && !is_lost;
        ui.separator();
        if !can {
            ui.label(self.idle(desk));
        }
        for (slot, scene) in new.iter().filter(|_| can) {
            head(ui, &format!("SCENE {} IS THEN", slot_letter(*slot)));
            ui.push_id(slot, |ui| says(ui, scene, desk));
        }
        let amount = self.amount(desk).filter(|_| can);
        if amount.is_some() {
            ui.label("Scene Amount goes to 100% with it, so that it sounds on as it does.");
        }
        ui.separator();
        let mut plan = Some(self);
        ui.horizontal(|ui| {
            if ui.add_enabled(can, Button::new("Do it")).clicked() {
                let change = |(slot, scene): (usize, Scene)| {
                    Change::Scene(slot, Box::new([scenes[slot].clone(), scene]))
                };
                let changes = outcome.into_iter().map(change).chain(amount).collect();
                desk.change(self.name(), changes);
                plan = None;
                ui.close();
            }
            if ui.button("Back").clicked() {
                plan = None;
            }
        });
        plan
    }

    fn choose_stems(&mut self, ui: &mut Ui, desk: &Desk) {
        let infos = desk.instance.stems();
        ui.horizontal_wrapped(|ui| {
            let shown = desk.hands.stems.iter().fold(0, |mask, stem| mask | 1u32 << stem);
            let has_all = self.stems & shown == shown;
            if ui.selectable_label(has_all, "All stems").clicked() {
                self.stems = if has_all { 0 } else { u32::MAX };
            }
            for &stem in &desk.hands.stems {
                let is_in = self.stems >> stem & 1 != 0;
                let response = ui.selectable_label(is_in, infos[stem].label(stem));
                let label = format!("Take over {}", infos[stem].label(stem));
                ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(label));
                if response.clicked() {
                    // The first one that is chosen leaves the others.
                    self.stems = if has_all { 1 << stem } else { self.stems ^ (1 << stem) };
                }
            }
        });
    }
}

/// Writes what the lines below are.
fn head(ui: &mut Ui, words: &str) {
    ui.label(RichText::new(words).font(theme::font(theme::SMALL, Weight::Medium)).color(theme::TEXT_LABEL));
}
