//! Buttons.

use super::control::Desk;
use super::{Cut, id, snapped, text_within};
use crate::editor::theme::{self, Weight};
use crate::model::limits::{Kind, ParamKey, STEM_COLORS, StripParam};
use egui::accesskit::Role;
use egui::{
    Align2, Color32, CursorIcon, Painter, Rect, Response, Sense, Stroke, StrokeKind, Ui, WidgetInfo, vec2,
};

/// Between the parts of a choice.
const GAP: f32 = 2.0;

/// How a switch looks.
#[derive(Clone, Copy, Debug)]
pub struct Toggle<'a> {
    /// What is written on it.
    pub face: &'a str,
    /// What it is called.
    pub label: &'a str,
    /// Its colour while on.
    pub color: Color32,
}

/// A button that does something at a click; `lit` in this colour.
pub fn button(ui: &Ui, rect: Rect, toggle: Toggle, lit: bool) -> Response {
    let rect = snapped(ui.painter(), rect);
    let response = ui.interact(rect, id(("button", toggle.label)), Sense::click());
    let painter = ui.painter();
    let ground = match (lit, response.hovered()) {
        (true, false) => toggle.color,
        (true, true) => theme::blend(toggle.color, theme::TEXT, 0.2),
        (false, false) => theme::CONTROL,
        (false, true) => theme::HOVER,
    };
    painter.rect_filled(rect, theme::RADIUS, ground);
    let ink = if lit { theme::INK } else { theme::TEXT_SOFT };
    let weight = if lit { Weight::Bold } else { Weight::Medium };
    let inner = rect.shrink2(vec2(4.0, 0.0));
    text_within(painter, inner, Align2::CENTER_CENTER, toggle.face, (theme::BODY, weight), ink);
    if response.has_focus() {
        let focus = Stroke::new(1.0, if lit { theme::TEXT } else { theme::ACCENT });
        painter.rect_stroke(rect, theme::RADIUS, focus, StrokeKind::Inside);
    }
    response.widget_info(|| WidgetInfo::selected(Role::Button, ui.is_enabled(), lit, toggle.label));
    response.on_hover_cursor(CursorIcon::PointingHand)
}

/// Draws the ground of a row that can be chosen.
pub fn row_ground(painter: &Painter, response: &Response, is_chosen: bool) {
    let ground = match (is_chosen, response.hovered()) {
        (true, _) => theme::SELECTED,
        (_, true) => theme::CONTROL,
        _ => theme::STRIP,
    };
    painter.rect_filled(response.rect, theme::RADIUS, ground);
    if is_chosen || response.has_focus() {
        let ink = if response.has_focus() { theme::ACCENT } else { theme::TEXT_SOFT };
        painter.rect_stroke(response.rect, theme::RADIUS, Stroke::new(1.0, ink), StrokeKind::Inside);
    }
}

/// A button with nothing to do now.
pub fn idle_button(ui: &Ui, rect: Rect, face: &str) -> Response {
    let rect = snapped(ui.painter(), rect);
    let response = ui.interact(rect, id(("button", face)), Sense::hover());
    ui.painter().rect_filled(rect, theme::RADIUS, theme::STRIP);
    let inner = rect.shrink2(vec2(4.0, 0.0));
    let style = (theme::BODY, Weight::Medium);
    text_within(ui.painter(), inner, Align2::CENTER_CENTER, face, style, theme::TEXT_LABEL);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, false, face));
    response
}

/// A switch that cannot be turned over now, and why.
fn fixed(ui: &Ui, rect: Rect, toggle: Toggle, lit: bool, why: &str) -> Response {
    let rect = snapped(ui.painter(), rect);
    let response = ui.interact(rect, id(("button", toggle.label)), Sense::hover());
    let painter = ui.painter();
    painter.rect_filled(rect, theme::RADIUS, theme::STRIP);
    if lit {
        painter.rect_stroke(rect, theme::RADIUS, Stroke::new(1.0, toggle.color), StrokeKind::Inside);
    }
    let inner = rect.shrink2(vec2(4.0, 0.0));
    let ink = if lit { theme::TEXT_SOFT } else { theme::TEXT_LABEL };
    text_within(painter, inner, Align2::CENTER_CENTER, toggle.face, (theme::BODY, Weight::Medium), ink);
    response.widget_info(|| WidgetInfo::selected(Role::Button, false, lit, toggle.label));
    response.on_hover_text(why)
}

/// A button that turns a switch over, as one gesture.
pub fn switch(ui: &Ui, rect: Rect, key: ParamKey, toggle: Toggle, desk: &mut Desk) -> Response {
    let is_on = desk.is_on(key);
    if let Some(why) = desk.fixed(key) {
        return fixed(ui, rect, toggle, is_on, why);
    }
    let response = button(ui, rect, toggle, is_on);
    if response.clicked() {
        desk.write(key, f32::from(!is_on));
    }
    response.on_hover_text(format!("{}: {}", toggle.label, key.spec().about))
}

/// A stem's switch: a press turns it over, and drawing on across the strips paints the others alike.
pub fn stem_switch(
    ui: &Ui,
    rect: Rect,
    stem: usize,
    param: StripParam,
    toggle: Toggle,
    desk: &mut Desk,
) -> Response {
    let key = ParamKey::Stem(stem, param);
    if let Some(why) = desk.fixed(key) {
        return fixed(ui, rect, toggle, desk.is_on(key), why);
    }
    let response = button(ui, rect, toggle, desk.is_on(key));
    desk.paint(ui, &response, stem, param);
    response
}

/// The words of a choice side by side, or clearer ones in their places, the chosen one lit; a click chooses, as
/// one gesture.
pub fn choice(ui: &Ui, rect: Rect, key: ParamKey, faces: &[&str], desk: &mut Desk) {
    let Kind::Choice(words) = key.spec().kind else { return };
    let width = ((rect.width() + GAP) / words.len() as f32).floor();
    for (at, word) in words.iter().enumerate() {
        let left = rect.left() + width * at as f32;
        let part = rect.with_min_x(left).with_max_x(left + width - GAP);
        let value = at as f32;
        let label = format!("{}: {word}", key.name());
        let face = faces.get(at).unwrap_or(word);
        let face = Toggle { face: &capitalised(face), label: &label, color: theme::ACCENT };
        let is_chosen = desk.value(key) == value;
        if let Some(why) = desk.fixed(key) {
            fixed(ui, part, face, is_chosen, why);
            continue;
        }
        let response = button(ui, part, face, is_chosen);
        if response.clicked() {
            desk.write(key, value);
        }
        response.on_hover_text(key.spec().about);
    }
}

/// The colours that tell things apart, the chosen one framed; answers one that is clicked.
pub fn swatches(ui: &Ui, mut rect: Rect, of: &str, chosen: u32) -> Option<u32> {
    let mut clicked = None;
    for (at, hex) in STEM_COLORS.into_iter().enumerate() {
        let swatch = rect.cut_left(20.0);
        rect.cut_left(2.0);
        let label = format!("{of} colour {}", at + 1);
        let face = Toggle { face: "", label: &label, color: theme::stem_color(hex) };
        if button(ui, swatch, face, true).clicked() {
            clicked = Some(hex);
        }
        if chosen == hex {
            let frame = Stroke::new(2.0, theme::TEXT);
            ui.painter().rect_stroke(swatch.expand(1.0), theme::RADIUS, frame, StrokeKind::Inside);
        }
    }
    clicked
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
