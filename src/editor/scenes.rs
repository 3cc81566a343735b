//! The scene bar: what sounds over the live balance, how much of it, and how the way to the next is.

use super::scene_menu::Menu;
use super::theme::{self, Weight};
use super::widgets::{self, Cut, Desk, Fill, Ghost, Target, Toggle, id, name_within, text};
use crate::dsp::morph::LevelLaw;
use crate::model::limits::{MixParam, ParamKey, SCENES, STEMS, slot_letter};
use crate::model::offsets::StripOffsets;
use crate::model::scene::Scene;
use crate::model::settings::{StripSettings, ToneSettings};
use egui::accesskit::Role;
use egui::{
    Align2, CursorIcon, Popup, PopupCloseBehavior, Rect, Response, Sense, Stroke, StrokeKind, Ui, vec2,
};

/// Height of the bar, in points.
pub const BAR: f32 = 28.0;
const GAP: f32 = 2.0;
/// Between things that do not belong together.
const APART: f32 = 8.0;
const LIVE: f32 = 44.0;
/// What stands right of the scenes.
const MENU: f32 = 52.0;
const EDIT: f32 = 46.0;
const AMOUNT: f32 = 156.0;
const GLIDE: f32 = 46.0;
const UNIT: f32 = 54.0;
const HOLD: f32 = 42.0;
const HELD: f32 = 44.0;
const COMPARE: f32 = 66.0;

const SCENE: ParamKey = ParamKey::Mix(MixParam::Scene);

/// What the bar remembers from frame to frame.
#[derive(Debug, Default)]
pub struct Bar {
    menu: Menu,
    /// The scene that was chosen last.
    current: usize,
    /// The scene that sounds, and the one before it.
    way: Option<[Option<usize>; 2]>,
    /// The line for comparisons is shown.
    pub compares: bool,
}

/// The scene that sounds.
pub fn sounding(desk: &Desk) -> Option<usize> {
    (desk.value(SCENE) as usize).checked_sub(1).filter(|slot| *slot < SCENES)
}

/// Lets another scene sound, as one gesture.
pub fn step(slot: Option<usize>, desk: &mut Desk) {
    desk.write(SCENE, slot.map_or(0.0, |slot| slot as f32 + 1.0));
}

impl Bar {
    /// A state was loaded.
    pub fn forget(&mut self) {
        *self = Self { compares: self.compares, ..Self::default() };
    }

    /// Whether a text is being typed here.
    pub fn is_typing(&self) -> bool {
        self.menu.is_typing()
    }

    /// Draws the bar and acts on the hands in it.
    pub fn ui(&mut self, ui: &mut Ui, mut rect: Rect, desk: &mut Desk) {
        let scenes = desk.instance.scenes();
        let now = sounding(desk);
        let way = self.way.get_or_insert([now; 2]);
        if way[0] != now {
            *way = [now, way[0]];
        }
        let amount = desk.value(ParamKey::Mix(MixParam::SceneAmount));
        desk.hands.sounding = now.filter(|_| amount > 0.0).map(|slot| Box::new(scenes[slot].stems));
        desk.hands.tones = self.tones(&scenes, amount, desk);
        desk.hands.ghost = None;
        self.current = desk.hands.gestures.edited().or(now).unwrap_or(self.current);

        let style = (theme::SMALL, Weight::Medium);
        let head = rect.cut_left(48.0).left_center();
        text(ui.painter(), head, Align2::LEFT_CENTER, "SCENES", style, theme::TEXT_LABEL);
        let right = rect.cut_right(
            MENU + EDIT + AMOUNT + GLIDE + UNIT + HOLD + HELD + COMPARE + 3.0 * GAP + 5.0 * APART + 34.0,
        );
        self.live(ui, rect.cut_left(LIVE), now.is_none(), desk);
        rect.cut_left(GAP);
        let order = desk.instance.scene_order();
        let pitch = (rect.width() / SCENES as f32).floor();
        let place = |at: usize| {
            let left = rect.left() + pitch * at as f32;
            rect.with_min_x(left).with_max_x(left + pitch - GAP)
        };
        let mut is_open = false;
        for (at, &slot) in order.iter().enumerate() {
            let response = self.cell(ui, place(at), slot, &scenes[slot], now == Some(slot), desk);
            let menu = Popup::context_menu(&response).close_behavior(PopupCloseBehavior::CloseOnClickOutside);
            is_open |= menu.show(|ui| self.menu.ui(ui, slot, desk)).is_some();
        }
        reorder(ui, &order, place, pitch, desk);
        self.right(ui, right, &scenes, &mut is_open, desk);
        if !is_open {
            self.menu.close(desk);
        }
    }

    /// The tones that sound, where a scene does or one is edited; none in a blind comparison.
    fn tones(
        &self,
        scenes: &[Scene; SCENES],
        amount: f32,
        desk: &Desk,
    ) -> Option<Box<[ToneSettings; STEMS]>> {
        let ([to, from], progress) = (self.way?, f64::from(desk.instance.meters().glide()));
        let is_as_shown = to.is_none() && progress >= 1.0 && desk.hands.gestures.edited().is_none();
        if is_as_shown || desk.hands.is_blind {
            return None;
        }
        // The law is for levels, which are not looked at.
        let between = |from: &StripOffsets, to: &StripOffsets, live: &StripSettings, t: f64| {
            StripOffsets::blend(from, to, live, t, LevelLaw::Decibel)
        };
        let tone = |stem: usize| {
            let live = desk.live_strip(stem);
            let [to, from] = [to, from].map(|slot| {
                let none = &StripOffsets::NONE;
                slot.map_or(*none, |slot| {
                    between(none, &scenes[slot].stems[stem], &live, f64::from(amount) / 100.0)
                })
            });
            between(&from, &to, &live, progress).over(&live).strip.tone
        };
        Some(Box::new(std::array::from_fn(tone)))
    }

    fn live(&mut self, ui: &Ui, rect: Rect, lit: bool, desk: &mut Desk) {
        let toggle = Toggle { face: "Live", label: "Live", color: theme::ACCENT };
        let response = widgets::button(ui, rect, toggle, lit);
        if response.clicked() {
            desk.hands.gestures.edit(desk.instance, None);
            step(None, desk);
        }
        response.on_hover_text("The live balance alone: the faders as they stand, without a scene.");
    }

    /// One scene: a click lets it sound, a double-click renames it, a drag moves it.
    fn cell(
        &mut self,
        ui: &mut Ui,
        rect: Rect,
        slot: usize,
        scene: &Scene,
        lit: bool,
        desk: &mut Desk,
    ) -> Response {
        let rect = widgets::snapped(ui.painter(), rect);
        let response = ui.interact(rect, id(("scene", slot)), Sense::click_and_drag());
        let label = format!("Scene {}", slot_letter(slot));
        response.widget_info(|| egui::WidgetInfo::selected(Role::Button, true, lit, &label));
        ui.ctx().accesskit_node_builder(response.id, |node| node.set_value(scene.name.as_str()));
        if response.double_clicked() {
            widgets::rename(ui, Target::Scene(slot), desk);
        } else if response.clicked() {
            self.current = slot;
            if desk.hands.gestures.edited().is_some_and(|edited| edited != slot) {
                desk.hands.gestures.edit(desk.instance, Some(slot));
            }
            step(Some(slot), desk);
        }
        if response.drag_started_by(egui::PointerButton::Primary) {
            desk.hands.carried_scene = Some(slot);
        }
        if response.hovered() && scene.changes_anything() {
            desk.hands.ghost = Some(Box::new(Ghost { letter: slot_letter(slot), stems: scene.stems }));
        }
        if widgets::field(ui, rect, Target::Scene(slot), desk) {
            return response;
        }
        let painter = ui.painter();
        let ground = match (lit, response.hovered()) {
            (true, false) => theme::ACCENT,
            (true, true) => theme::blend(theme::ACCENT, theme::TEXT, 0.2),
            (false, true) => theme::HOVER,
            (false, false) if scene.is_used() => theme::CONTROL,
            (false, false) => theme::STRIP,
        };
        painter.rect_filled(rect, theme::RADIUS, ground);
        let mut rest = rect;
        let chip = rest.cut_left(4.0);
        if scene.is_used() {
            painter.rect_filled(chip, theme::RADIUS, theme::stem_color(scene.color));
        }
        let ink = match (lit, scene.is_used() || response.hovered()) {
            (true, _) => theme::INK,
            (_, true) => theme::TEXT,
            (_, false) => theme::TEXT_LABEL,
        };
        let bold = (theme::BODY, Weight::Bold);
        let letter = rest.cut_left(14.0).center();
        text(painter, letter, Align2::CENTER_CENTER, slot_letter(slot), bold, ink);
        let style = (theme::BODY, Weight::Medium);
        let room = rest.shrink2(vec2(1.0, 0.0));
        name_within(painter, room, Align2::LEFT_CENTER, &scene.name, style, ink);
        let is_edited = desk.hands.gestures.edited() == Some(slot);
        if is_edited || response.has_focus() {
            let edge = if lit { theme::TEXT } else { theme::ACCENT };
            let width = if is_edited { 2.0 } else { 1.0 };
            painter.rect_stroke(rect, theme::RADIUS, Stroke::new(width, edge), StrokeKind::Inside);
        }
        response.on_hover_cursor(CursorIcon::PointingHand).on_hover_ui(|ui| {
            let does = if scene.changes_anything() { "" } else { " It changes nothing yet." };
            ui.label(format!("Scene {}.{does}", scene.label(slot)));
            if !scene.note.is_empty() {
                ui.label(&scene.note);
            }
            ui.label(
                "A click lets it sound, a double-click renames, a drag moves, a right-click offers the rest. To land on \
                 a bar, step to it one glide early.",
            );
        })
    }

    fn right(
        &mut self,
        ui: &mut Ui,
        mut rect: Rect,
        scenes: &[Scene; SCENES],
        is_open: &mut bool,
        desk: &mut Desk,
    ) {
        rect.cut_left(APART - GAP);
        let slot = self.current;
        let letter = slot_letter(slot);
        let label = format!("Menu of scene {letter}");
        let toggle = Toggle { face: "Scene", label: &label, color: theme::ACCENT };
        let response = widgets::button(ui, rect.cut_left(MENU), toggle, false);
        let menu = Popup::menu(&response).close_behavior(PopupCloseBehavior::CloseOnClickOutside);
        *is_open |= menu.show(|ui| self.menu.ui(ui, slot, desk)).is_some();
        response.on_hover_text(
            "What the scene changes; its name, colour and note; store, take over, copy, swap, clear.",
        );
        rect.cut_left(GAP);
        let edited = desk.hands.gestures.edited();
        let toggle = Toggle { face: "Edit", label: "Edit scene", color: theme::ACCENT };
        let response = widgets::button(ui, rect.cut_left(EDIT), toggle, edited.is_some());
        if response.clicked() {
            self.compares = false;
            desk.hands.gestures.edit(desk.instance, if edited.is_some() { None } else { Some(slot) });
        }
        response.on_hover_text(
            "While this is lit, faders, pans, widths, mutes and tone are those of the scene: what you move \
             changes the scene, not the live balance. Another click goes back to that.",
        );
        rect.cut_left(APART);
        self.amount(ui, rect.cut_left(AMOUNT), scenes, desk);
        rect.cut_left(APART);

        let style = (theme::SMALL, Weight::Medium);
        let at = rect.cut_left(34.0).left_center();
        text(ui.painter(), at, Align2::LEFT_CENTER, "GLIDE", style, theme::TEXT_LABEL);
        let glide = ParamKey::Mix(MixParam::Glide);
        widgets::number(ui, rect.cut_left(GLIDE), glide, &glide.name(), Fill::None, desk).on_hover_text(
            "How long the way to another scene is; 0 is a fade of 20 ms. To land on a bar, step the scene one \
             glide early.",
        );
        rect.cut_left(GAP);
        let unit = ParamKey::Mix(MixParam::GlideUnit);
        let by_beats = desk.is_on(unit);
        let (name, face) = (unit.name(), if by_beats { "beats" } else { "seconds" });
        let toggle = Toggle { face, label: &name, color: theme::ACCENT };
        let response = widgets::button(ui, rect.cut_left(UNIT), toggle, false);
        ui.ctx().accesskit_node_builder(response.id, |node| node.set_value(face));
        if response.clicked() {
            desk.write(unit, f32::from(!by_beats));
        }
        response.on_hover_text(unit.spec().about);
        rect.cut_left(APART);

        let hold = ParamKey::Mix(MixParam::HoldLoudness);
        let name = hold.name();
        let toggle = Toggle { face: "Hold", label: &name, color: theme::ACCENT };
        widgets::switch(ui, rect.cut_left(HOLD), hold, toggle, desk);
        rect.cut_left(GAP);
        let held = rect.cut_left(HELD);
        if desk.is_on(hold) {
            let words = match desk.hands.is_blind {
                true => "–".to_owned(),
                false => decibels(desk.instance.meters().hold_db()),
            };
            widgets::text_within(ui.painter(), held, Align2::CENTER_CENTER, &words, style, theme::TEXT_SOFT);
            let response = ui.interact(held, id("held"), Sense::hover());
            response.widget_info(|| egui::WidgetInfo::labeled(Role::Group, true, "What Hold Loudness adds"));
            ui.ctx().accesskit_node_builder(response.id, |node| node.set_value(words.as_str()));
            response.on_hover_text("What Hold Loudness adds to the mix at this moment.");
        }
        rect.cut_left(APART);
        let toggle = Toggle { face: "Compare", label: "Compare", color: theme::ACCENT };
        let response = widgets::button(ui, rect, toggle, self.compares);
        if response.clicked() {
            self.compares = !self.compares;
            desk.hands.gestures.edit(desk.instance, None);
        }
        response.on_hover_text("Two balances against each other, equally loud, and blind if you like.");
    }

    /// How much of the scene sounds, as a line, and the way to it while it glides.
    fn amount(&self, ui: &mut Ui, rect: Rect, scenes: &[Scene; SCENES], desk: &mut Desk) {
        let key = ParamKey::Mix(MixParam::SceneAmount);
        let label = |slot: Option<usize>| slot.map_or("Live".to_owned(), |slot| scenes[slot].label(slot));
        let [to, from] = self.way.unwrap_or_default();
        let progress = if desk.hands.is_blind { 1.0 } else { desk.instance.meters().glide() };
        let words = match to {
            _ if progress < 1.0 => format!("{} \u{203a} {}", label(from), label(to)),
            None => "Live".to_owned(),
            Some(_) => {
                format!("Live \u{203a} {}  {}", label(to), widgets::shown(&key.spec(), desk.value(key)))
            }
        };
        let color = if to.is_some() { theme::ACCENT } else { theme::TEXT_LABEL };
        let face = (key.name(), words);
        let response =
            widgets::slider(ui, rect, key, (&face.0, &face.1), (Fill::FromStart(color), rect.width()), desk);
        if progress < 1.0 {
            let mut line = rect.shrink2(vec2(3.0, 0.0)).with_max_y(rect.top() + 3.0);
            line.max.x = line.left() + line.width() * progress;
            ui.painter().rect_filled(line, 1.0, theme::TEXT);
        }
        response
            .on_hover_text("How much of the scene sounds. A drag blends by hand; 0 % is the live balance.");
    }
}

/// A difference in dB as it is written, with its sign.
pub fn decibels(db: f32) -> String {
    let db = (db * 10.0).round() / 10.0;
    let sign = if db < 0.0 { '\u{2212}' } else { '+' };
    format!("{sign}{:.1} dB", db.abs())
}

/// Shows a scene at another place of the bar; places count from 0.
pub fn move_scene(slot: usize, to: usize, desk: &mut Desk) {
    let order = desk.instance.scene_order();
    let mut moved: Vec<usize> = order.iter().copied().filter(|other| *other != slot).collect();
    moved.insert(to.min(moved.len()), slot);
    if let Ok(moved) = moved.try_into() {
        let name = format!("Move scene {}", desk.instance.scenes()[slot].label(slot));
        desk.change(name, vec![super::history::Change::SceneOrder(Box::new([order, moved]))]);
    }
}

/// Shows where a dragged scene will stand, and puts it there.
fn reorder(ui: &Ui, order: &[usize; SCENES], place: impl Fn(usize) -> Rect, pitch: f32, desk: &mut Desk) {
    let Some(slot) = desk.hands.carried_scene else { return };
    let (at, down, cancelled) =
        ui.input(|i| (i.pointer.interact_pos(), i.pointer.primary_down(), i.key_pressed(egui::Key::Escape)));
    let Some(from) = order.iter().position(|s| *s == slot).filter(|_| !cancelled) else {
        desk.hands.carried_scene = None;
        return;
    };
    let to = at.map_or(from, |at| (((at.x - place(0).left()) / pitch).max(0.0) as usize).min(SCENES - 1));
    if down {
        let rect = place(to);
        let x = if to > from { rect.right() + 0.5 * GAP } else { rect.left() - 0.5 * GAP };
        if to != from {
            let line = Rect::from_x_y_ranges(x - 1.5..=x + 1.5, rect.y_range());
            ui.painter().rect_filled(line, 0.0, theme::ACCENT);
        }
        return;
    }
    desk.hands.carried_scene = None;
    if to != from {
        move_scene(slot, to, desk);
    }
}
