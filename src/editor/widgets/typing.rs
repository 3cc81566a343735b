//! The text field in which values and names are typed. There is one at a time.

use super::control::{Desk, chosen};
use super::{id, name_within};
use crate::editor::theme::{self, Weight};
use crate::model::limits::{GROUPS, MAX_NAME_CHARS, ParamKey, Role, StripParam, slot_letter};
use crate::model::settings::StripSettings;
use crate::model::text;
use egui::text::{CCursor, CCursorRange};
use egui::text_edit::TextEditState;
use egui::{
    Align2, Area, Frame, Id, Key, Order, PointerButton, Rect, Stroke, StrokeKind, TextEdit, Ui, UiBuilder,
    vec2,
};

/// A second click within this time makes a double-click of the one that opened the field, in seconds.
const DOUBLE_CLICK_S: f64 = 0.4;

/// What is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// A parameter's value.
    Value(ParamKey),
    /// The name of the stem with this index, on its strip.
    Name(usize),
    /// The same, in the inspector.
    Title(usize),
    /// The name of the scene with this index.
    Scene(usize),
}

/// An open text field.
#[derive(Debug)]
pub struct Typing {
    target: Target,
    text: String,
    /// What stood there when it was opened: taken as it is, it changes nothing.
    before: String,
    /// Why Enter did not take the text.
    error: Option<String>,
    opened_s: f64,
    is_new: bool,
    /// Tab was pressed in the last frame, with Shift or without: where it goes back, egui takes the focus away
    /// only now.
    tab: Option<bool>,
    /// Frames since it was drawn.
    hidden: u32,
}

impl Typing {
    /// A field to open, with the text that typing replaces.
    pub fn new(target: Target, text: String, now_s: f64) -> Self {
        Self {
            target,
            before: text.clone(),
            text,
            error: None,
            opened_s: now_s,
            is_new: true,
            tab: None,
            hidden: 0,
        }
    }

    /// Whether this is the field of that target.
    pub fn is_for(&self, target: Target) -> bool {
        self.target == target
    }
}

/// Draws the text field over what it changes, if it is open there; says whether it is.
///
/// Enter or a click elsewhere takes the text, Escape leaves all as it was. Tab takes it and goes on to the next
/// strip, with Shift to the one before. A text that is no value stays open at Enter and Tab and says why.
pub fn field(ui: &mut Ui, rect: Rect, target: Target, desk: &mut Desk) -> bool {
    let Some(mut typing) = desk.hands.typing.take_if(|typing| typing.is_for(target)) else {
        return false;
    };
    typing.hidden = 0;
    let id = id(("field", target));
    ui.painter().rect(rect, theme::RADIUS, theme::WELL, Stroke::new(1.0, theme::ACCENT), StrokeKind::Inside);
    let inner = rect.shrink2(vec2(3.0, 1.0));
    let mut child = ui.new_child(UiBuilder::new().max_rect(inner));
    let response = TextEdit::singleline(&mut typing.text)
        .id(id)
        .frame(Frame::NONE)
        .font(theme::font(theme::BODY, Weight::Medium))
        .char_limit(MAX_NAME_CHARS)
        .align(Align2::CENTER_CENTER)
        .desired_width(inner.width())
        .min_size(inner.size())
        .show(&mut child)
        .response
        .response;
    let label = match target {
        Target::Value(_) => "Type a value",
        Target::Name(_) | Target::Title(_) | Target::Scene(_) => "Type a name",
    };
    ui.ctx().accesskit_node_builder(id, |node| node.set_label(label));

    let pressed = ui.input(|i| (i.key_pressed(Key::Tab) && !typing.is_new).then_some(i.modifiers.shift));
    let tab = pressed.or(std::mem::replace(&mut typing.tab, pressed));
    if std::mem::take(&mut typing.is_new) {
        response.request_focus();
        select_all(ui, id, &typing.text);
    } else if ui.input(|i| i.key_pressed(Key::Escape)) {
        return true;
    } else if is_double_click(ui, rect, &typing) {
        if let Target::Value(key) = target {
            desk.write(key, desk.home(key));
        }
        return true;
    } else if response.changed() {
        typing.error = None;
    } else if response.lost_focus() || !response.has_focus() {
        let by_enter = ui.input(|i| i.key_pressed(Key::Enter));
        match typing.commit(desk) {
            Ok(()) => {
                if let Some(back) = tab {
                    go_on(ui, target, back, desk);
                }
                return true;
            }
            // Whoever clicked elsewhere has gone on: the value stays as it was.
            Err(_) if !by_enter && tab.is_none() => return true,
            Err(error) => {
                typing.error = Some(error);
                // Once more: Tab gives the focus to something else.
                typing.is_new = true;
            }
        }
    }
    if let Some(error) = &typing.error {
        say_below(ui, rect, error);
    }
    desk.hands.typing = Some(typing);
    true
}

/// Opens the same field of the next strip, or of the one before.
fn go_on(ui: &Ui, target: Target, back: bool, desk: &mut Desk) {
    let stem = match target {
        Target::Value(ParamKey::Stem(stem, _)) | Target::Name(stem) => stem,
        Target::Value(ParamKey::Mix(_) | ParamKey::Group(..)) | Target::Title(_) | Target::Scene(_) => return,
    };
    let shown = &desk.hands.stems;
    let Some(at) = shown.iter().position(|s| *s == stem) else { return };
    let next = if back { at.checked_sub(1) } else { Some(at + 1) };
    let Some(&next) = next.and_then(|next| shown.get(next)) else { return };
    match target {
        Target::Value(ParamKey::Stem(_, param)) => desk.type_value(ui, ParamKey::Stem(next, param)),
        _ => rename(ui, Target::Name(next), desk),
    }
}

/// The second of two clicks on a number: the first opened the field, both mean the default.
fn is_double_click(ui: &Ui, rect: Rect, typing: &Typing) -> bool {
    ui.input(|i| {
        i.time - typing.opened_s < DOUBLE_CLICK_S
            && i.pointer.button_double_clicked(PointerButton::Primary)
            && i.pointer.interact_pos().is_some_and(|at| rect.contains(at))
    })
}

/// A frame ends. Where what a text was typed for is no longer shown, the text is taken if it can be, as by any
/// other click elsewhere, and the keys are free again.
pub fn end_frame(ui: &Ui, desk: &mut Desk) {
    let Some(typing) = &mut desk.hands.typing else { return };
    typing.hidden += 1;
    if typing.hidden > 1 {
        ui.request_repaint();
    }
    if let Some(typing) = desk.hands.typing.take_if(|typing| typing.hidden > 2) {
        let _ = typing.commit(desk);
    }
}

impl Typing {
    fn commit(&self, desk: &mut Desk) -> Result<(), String> {
        if self.text == self.before { Ok(()) } else { commit(self.target, &self.text, desk) }
    }
}

fn commit(target: Target, typed: &str, desk: &mut Desk) -> Result<(), String> {
    match target {
        Target::Value(key) => {
            let value = text::parse(&key.spec(), typed).map_err(|error| error.to_string())?;
            desk.write(key, value);
        }
        Target::Name(stem) | Target::Title(stem) => {
            let mut info = desk.instance.stems()[stem].clone();
            info.rename(typed);
            desk.change_stem(stem, format!("Rename to {}", info.label(stem)), info);
        }
        Target::Scene(slot) => {
            let mut scene = desk.instance.scenes()[slot].clone();
            scene.rename(typed);
            desk.change_scene(slot, format!("Rename scene to {}", scene.label(slot)), scene);
        }
    }
    Ok(())
}

/// Marks all of a field's text, so that typing replaces it.
pub fn select_all(ui: &Ui, id: Id, text: &str) {
    let mut state = TextEditState::load(ui.ctx(), id).unwrap_or_default();
    let all = CCursorRange::two(CCursor::new(0), CCursor::new(text.chars().count()));
    state.cursor.set_char_range(Some(all));
    state.store(ui.ctx(), id);
}

fn say_below(ui: &Ui, rect: Rect, error: &str) {
    Area::new(id("field error"))
        .order(Order::Foreground)
        .interactable(false)
        .fixed_pos(rect.left_bottom() + vec2(0.0, 4.0))
        .constrain(true)
        .show(ui.ctx(), |ui| {
            Frame::popup(ui.style()).stroke(Stroke::new(1.0, theme::MUTE)).show(ui, |ui| {
                ui.set_max_width(320.0);
                ui.label(error);
            });
        });
}

/// A stem's name, or its number: double-click types a new one, a click chooses the stem.
pub fn name(
    ui: &mut Ui,
    rect: Rect,
    stem: usize,
    name: &str,
    is_dim: bool,
    desk: &mut Desk,
) -> egui::Response {
    let title = crate::model::limits::stem_title(stem);
    let response = ui.interact(rect, id(("name", stem)), egui::Sense::click_and_drag());
    let is_by_key = response.clicked() && ui.input(|i| i.key_pressed(Key::Enter));
    if response.double_clicked() || is_by_key {
        rename(ui, Target::Name(stem), desk);
    }
    if response.drag_started_by(PointerButton::Primary) {
        desk.hands.carried = Some(stem);
    }
    response.context_menu(|ui| stem_menu(ui, Target::Name(stem), name, desk));
    if !field(ui, rect, Target::Name(stem), desk) {
        let color = if is_dim { theme::TEXT_LABEL } else { theme::TEXT };
        // Names are long and strips are narrow: here the padding is used too.
        let whole = rect.expand2(vec2(2.0, 0.0));
        name_within(ui.painter(), whole, Align2::CENTER_CENTER, name, (theme::BODY, Weight::Medium), color);
        if response.has_focus() {
            let focus = Stroke::new(1.0, theme::ACCENT);
            ui.painter().rect_stroke(rect, theme::RADIUS, focus, StrokeKind::Inside);
        }
    }
    let label = format!("{title} name");
    response.widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::Button, true, &label));
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_value(name));
    response
}

/// What can be done with the whole stem of a name.
pub fn stem_menu(ui: &mut Ui, target: Target, name: &str, desk: &mut Desk) {
    let (Target::Name(stem) | Target::Title(stem)) = target else { return };
    ui.set_min_width(150.0);
    ui.label(name);
    if chosen(ui, "Rename", true) {
        rename(ui, target, desk);
    }
    ui.menu_button("Role", |ui| {
        for (role, word) in Role::ALL {
            let is_chosen = desk.instance.stems()[stem].role == role;
            if ui.selectable_label(is_chosen, word).clicked() {
                give_role(stem, role, desk);
                ui.close();
            }
        }
    });
    ui.menu_button("Group", |ui| groups(ui, stem, desk));
    let at = desk.hands.stems.iter().position(|s| *s == stem);
    if chosen(ui, "Move left", at.is_some_and(|at| at > 0)) {
        desk.move_strip(stem, at.map_or(0, |at| at - 1));
    }
    if chosen(ui, "Move right", at.is_some_and(|at| at + 1 < desk.hands.stems.len())) {
        desk.move_strip(stem, at.map_or(0, |at| at + 1));
    }
    ui.separator();
    if chosen(ui, "Copy strip", true) {
        desk.hands.clipboard = Some(Box::new(desk.strip(stem)));
    }
    let copied = desk.hands.clipboard.as_deref().copied();
    if chosen(ui, "Paste strip", copied.is_some())
        && let Some(strip) = copied
    {
        desk.give(stem, format!("Paste to {name}"), &strip);
    }
    if chosen(ui, "Paste tone only", copied.is_some())
        && let Some(copied) = copied
    {
        let strip = StripSettings { tone: copied.tone, ..desk.strip(stem) };
        desk.give(stem, format!("Paste tone to {name}"), &strip);
    }
    if chosen(ui, "Reset strip", true) {
        desk.reset(format!("Reset {name}"), &StripParam::ALL.map(|param| ParamKey::Stem(stem, param)));
    }
}

/// The groups that a stem may belong to; one is chosen.
pub fn groups(ui: &mut Ui, stem: usize, desk: &mut Desk) {
    let now = desk.instance.stems()[stem].group;
    for group in std::iter::once(None).chain((0..GROUPS).map(Some)) {
        let words = group.map_or("No group".to_owned(), |group| format!("Group {}", slot_letter(group)));
        if ui.selectable_label(group == now, &words).clicked() {
            let mut info = desk.instance.stems()[stem].clone();
            info.group = group;
            let name =
                format!("{} to {}", info.label(stem), words.replacen('N', "n", 1).replacen('G', "g", 1));
            desk.change_stem(stem, name, info);
            ui.close();
        }
    }
}

/// Says what a stem plays.
pub fn give_role(stem: usize, role: Role, desk: &mut Desk) {
    let mut info = desk.instance.stems()[stem].clone();
    info.role = role;
    desk.change_stem(stem, format!("{} role {}", info.label(stem), role.word()), info);
}

/// Opens the field of a stem's or scene's name.
pub fn rename(ui: &Ui, target: Target, desk: &mut Desk) {
    let text = match target {
        Target::Name(stem) | Target::Title(stem) => desk.instance.stems()[stem].name.clone(),
        Target::Scene(slot) => desk.instance.scenes()[slot].name.clone(),
        Target::Value(_) => return,
    };
    desk.hands.typing = Some(Typing::new(target, text, ui.input(|i| i.time)));
}
