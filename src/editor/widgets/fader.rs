//! A fader on its taper.

use super::control::{Axis, Desk, control};
use super::{snapped, text};
use crate::editor::theme::{self, Weight};
use crate::model::limits::ParamKey;
use crate::model::taper;
use egui::{Align2, Color32, CornerRadius, Painter, Rect, Response, Stroke, StrokeKind, Ui, pos2, vec2};

/// Width and height of the cap, in points.
pub const CAP: egui::Vec2 = vec2(24.0, 30.0);
/// The levels marked beside a fader, in dB.
const MARKS_DB: [f32; 9] = [12.0, 6.0, 0.0, -6.0, -10.0, -20.0, -30.0, -40.0, -60.0];

fn travel(rect: Rect) -> f32 {
    (rect.height() - CAP.y).max(1.0)
}

/// Where the middle of the cap stands for a level in dB.
pub fn fader_y(rect: Rect, db: f32) -> f32 {
    let position = taper::fader_db_to_position(f64::from(db)) as f32;
    (rect.bottom() - CAP.y * 0.5 - travel(rect) * position).round()
}

/// Writes the levels right-aligned at `right`, for the faders of this rectangle.
pub fn fader_scale(painter: &Painter, rect: Rect, right: f32) {
    let mut last_y = f32::NEG_INFINITY;
    for db in MARKS_DB {
        // Where a fader is short some levels find no room.
        if fader_y(rect, db) - last_y < theme::TICK {
            continue;
        }
        last_y = fader_y(rect, db);
        let words = match db {
            d if d > 0.0 => format!("+{d}"),
            d if d < 0.0 => format!("\u{2212}{}", -d),
            _ => "0".to_owned(),
        };
        let (weight, color) = match db == 0.0 {
            true => (Weight::Bold, theme::TEXT),
            false => (Weight::Regular, theme::TEXT_LABEL),
        };
        let at = pos2(right, fader_y(rect, db));
        text(painter, at, Align2::RIGHT_CENTER, words, (theme::SMALL, weight), color);
    }
}

/// Draws a level's fader, its line in the colour of what it belongs to.
pub fn fader(ui: &Ui, rect: Rect, key: ParamKey, label: &str, color: Color32, desk: &mut Desk) -> Response {
    let rect = snapped(ui.painter(), rect);
    let response = control(ui, rect, key, ("fader", label), (Axis::Vertical, travel(rect)), desk);
    let value = desk.value(key);
    let painter = ui.painter();
    let x = rect.center().x.round();
    for db in MARKS_DB {
        let half = if db == 0.0 { rect.width() * 0.5 } else { 6.0 };
        let strength = if db == 0.0 { 0.7 } else { 0.35 };
        let mark = Stroke::new(1.0, theme::blend(theme::STRIP, theme::TEXT_LABEL, strength));
        painter.hline(x - half..=x + half, fader_y(rect, db) + 0.5, mark);
    }
    let slot = Rect::from_center_size(pos2(x, rect.center().y), vec2(4.0, travel(rect) + 6.0));
    painter.rect_filled(slot, 2.0, theme::WELL);
    let y = fader_y(rect, value);
    let below = Rect::from_min_max(pos2(x - 1.0, y), pos2(x + 1.0, slot.bottom() - 2.0));
    painter.rect_filled(below, 0.0, theme::blend(theme::WELL, color, 0.5));

    let cap = Rect::from_center_size(pos2(x, y), vec2(CAP.x.min(rect.width()), CAP.y));
    let is_hot = response.hovered() || desk.hands.gestures.held(key).is_some();
    let body = theme::blend(theme::HOVER, Color32::WHITE, if is_hot { 0.14 } else { 0.05 });
    let shadow = cap.translate(vec2(0.0, 2.0)).expand(1.0);
    painter.rect_filled(shadow, CornerRadius::same(4), Color32::from_black_alpha(110));
    let edge = Stroke::new(1.0, theme::blend(body, Color32::BLACK, 0.45));
    painter.rect(cap, theme::RADIUS, body, edge, StrokeKind::Inside);
    let light = Stroke::new(1.0, theme::blend(body, Color32::WHITE, 0.2));
    painter.hline(cap.left() + 2.0..=cap.right() - 2.0, cap.top() + 1.5, light);
    for groove in [-8.0, -5.0, 5.0, 8.0] {
        let dark = Stroke::new(1.0, theme::blend(body, Color32::BLACK, 0.38));
        painter.hline(cap.left() + 5.0..=cap.right() - 5.0, y + groove + 0.5, dark);
    }
    painter.rect_filled(Rect::from_center_size(pos2(x, y), vec2(cap.width(), 2.0)), 0.0, color);
    let heard_y = fader_y(rect, desk.heard(key));
    if heard_y != y && desk.hands.gestures.held(key).is_none() {
        // A second mark: what is heard of it now.
        let mark = Rect::from_center_size(pos2(x, heard_y), vec2(rect.width().min(CAP.x), 2.0));
        painter.rect_filled(mark, 0.0, theme::ACCENT);
    }
    if let ParamKey::Stem(stem, param) = key
        && let Some(ghost) = &desk.hands.ghost
        && let Some(db) = ghost.value(desk.instance, stem, param)
    {
        // Where the scene that is looked at has it.
        let edge = Stroke::new(1.0, theme::TEXT);
        let cap = Rect::from_center_size(pos2(x, fader_y(rect, db)), cap.size() - vec2(2.0, 12.0));
        painter.rect_stroke(cap, theme::RADIUS, edge, StrokeKind::Inside);
        painter.hline(cap.x_range(), cap.center().y.round() + 0.5, edge);
    }
    if response.has_focus() {
        let focus = Stroke::new(1.0, theme::ACCENT);
        painter.rect_stroke(cap.expand(1.0), CornerRadius::same(4), focus, StrokeKind::Outside);
    }
    response
}
