//! A number that can be dragged and typed.

use super::control::{Axis, Desk, control, position};
use super::typing::{Target, field};
use super::{snapped, text_within};
use crate::editor::theme::{self, Weight};
use crate::model::limits::{Kind, ParamKey, Spec, StripParam};
use crate::model::text;
use egui::{Align2, Color32, Rect, Response, Stroke, StrokeKind, Ui, pos2, vec2};

/// Points of drag from one end of a range to the other.
const TRAVEL: f32 = 200.0;
/// Height of the line under a number that shows where it stands.
const LINE: f32 = 3.0;

/// What the line under a number is filled from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fill {
    /// No line.
    None,
    /// From the default to the value, in this colour.
    FromDefault(Color32),
    /// From the middle to both sides, in this colour.
    BothWays(Color32),
    /// From the lower end to the value, in this colour.
    FromStart(Color32),
}

/// A value as a strip has room for it: without unit of a level, with a true minus and a plus.
pub fn shown(spec: &Spec, value: f32) -> String {
    let text = text::format(spec, value);
    let text = text.trim_end_matches(" dB").replace(" %", "%").replace("inf", "∞").replace('-', "\u{2212}");
    let is_level = matches!(spec.kind, Kind::Fader | Kind::Decibel);
    if is_level && text.starts_with(|c: char| c.is_ascii_digit()) && text != "0.0" {
        format!("+{text}")
    } else {
        text
    }
}

/// Draws a parameter as a number: a drag moves it, a click types it, a double-click resets it.
pub fn number(ui: &mut Ui, rect: Rect, key: ParamKey, label: &str, fill: Fill, desk: &mut Desk) -> Response {
    let words = shown(&key.spec(), desk.value(key));
    slider(ui, rect, key, (label, &words), (fill, TRAVEL), desk)
}

/// The same with other words on it, and so many points of drag from one end of its range to the other.
pub fn slider(
    ui: &mut Ui,
    rect: Rect,
    key: ParamKey,
    (label, face): (&str, &str),
    (fill, travel): (Fill, f32),
    desk: &mut Desk,
) -> Response {
    let spec = key.spec();
    let rect = snapped(ui.painter(), rect);
    let response = if desk.hands.typing.as_ref().is_some_and(|typing| typing.is_for(Target::Value(key))) {
        // The field takes the mouse while it is open.
        ui.interact(rect, super::id((key, "typed")), egui::Sense::hover())
    } else {
        let response = control(ui, rect, key, ("number", label), (Axis::Horizontal, travel), desk);
        if response.clicked() && !response.double_clicked() && !ui.input(|i| i.modifiers.command) {
            desk.type_value(ui, key);
        }
        response
    };
    if field(ui, rect, Target::Value(key), desk) {
        return response;
    }
    let value = desk.value(key);
    let is_hot = response.hovered() || desk.hands.gestures.held(key).is_some();
    let is_fixed = desk.fixed(key).is_some();
    let ground = match (is_fixed, is_hot) {
        (true, _) => theme::STRIP,
        (_, true) => theme::HOVER,
        _ => theme::CONTROL,
    };
    let painter = ui.painter();
    painter.rect_filled(rect, theme::RADIUS, ground);
    let (from, to, color) = match fill {
        Fill::None => (0.0, 0.0, ground),
        Fill::FromDefault(color) => (position(&spec, spec.default), position(&spec, value), color),
        Fill::FromStart(color) => (0.0, position(&spec, value), color),
        Fill::BothWays(color) => {
            let half = position(&spec, value) * 0.5;
            (0.5 - half, 0.5 + half, color)
        }
    };
    let mut words = rect;
    if fill != Fill::None {
        let line = rect.shrink2(vec2(3.0, 1.0)).with_min_y(rect.bottom() - 1.0 - LINE);
        painter.rect_filled(line, 1.0, theme::blend(ground, theme::WELL, 0.7));
        let x = |position: f32| (line.left() + line.width() * position).round();
        let filled =
            Rect::from_min_max(pos2(x(from.min(to)), line.top()), pos2(x(from.max(to)), line.bottom()));
        painter.rect_filled(filled, 1.0, theme::blend(ground, color, 0.75));
        if matches!(fill, Fill::FromDefault(_)) {
            let mark = Rect::from_center_size(pos2(x(to), line.center().y), vec2(2.0, LINE + 1.0));
            painter.rect_filled(mark, 0.0, color);
        }
        if let Some(heard) = heard_beside(key, desk) {
            // A second mark: what is heard of it now.
            let x = if matches!(fill, Fill::BothWays(_)) { 0.5 + heard * 0.5 } else { heard };
            let at = pos2((line.left() + line.width() * x).round(), line.center().y);
            painter.rect_filled(Rect::from_center_size(at, vec2(2.0, LINE + 3.0)), 0.0, theme::ACCENT);
        }
        words.max.y -= LINE + 2.0;
    }
    let ink = match value == spec.default && fill != Fill::None {
        _ if is_fixed => theme::TEXT_LABEL,
        true => theme::TEXT_SOFT,
        false => theme::TEXT,
    };
    text_within(
        painter,
        words.shrink2(vec2(2.0, 0.0)),
        Align2::CENTER_CENTER,
        face,
        (theme::BODY, Weight::Medium),
        ink,
    );
    if response.has_focus() {
        let focus = Stroke::new(1.0, theme::ACCENT);
        painter.rect_stroke(rect, theme::RADIUS, focus, StrokeKind::Inside);
    }
    response
}

/// Where what sounds of a pan or a width stands, 0 to 1, if it is plainly elsewhere.
fn heard_beside(key: ParamKey, desk: &Desk) -> Option<f32> {
    let ParamKey::Stem(_, StripParam::Pan | StripParam::Width) = key else { return None };
    let spec = key.spec();
    let heard = position(&spec, desk.heard(key));
    let is_elsewhere = (heard - position(&spec, desk.value(key))).abs() > 0.002;
    (is_elsewhere && desk.hands.gestures.held(key).is_none()).then_some(heard)
}

/// A number that cannot be moved now.
pub fn idle_number(ui: &Ui, rect: Rect, label: &str, face: &str) -> Response {
    let rect = snapped(ui.painter(), rect);
    let response = ui.interact(rect, super::id(("idle", label)), egui::Sense::hover());
    ui.painter().rect_filled(rect, theme::RADIUS, theme::STRIP);
    let style = (theme::BODY, Weight::Medium);
    text_within(ui.painter(), rect, Align2::CENTER_CENTER, face, style, theme::TEXT_LABEL);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::Slider, false, label));
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_value(face));
    response
}
