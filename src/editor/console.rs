//! The console: a strip for every stem, side by side.

use super::screen::{Readings, Shown};
use super::strip::{self, Look};
use super::theme;
use super::widgets::{Cut, Desk, snapped};
use crate::model::view::View;
use egui::{Rect, Ui, pos2, vec2};

/// Where the rows' names stand, left of the strips.
const GUTTER: f32 = 48.0;
/// Widest a strip gets with its gap to the next.
const MAX_PITCH: f32 = 236.0;
const STRIP_GAP: f32 = 2.0;

/// Draws the strips and acts on the hands in them.
pub fn console(
    ui: &mut Ui,
    mut area: Rect,
    shown: &Shown,
    readings: &mut Readings,
    view: &mut View,
    desk: &mut Desk,
) {
    strip::row_names(ui.painter(), area.cut_left(GUTTER));
    let pitch = (area.width() / shown.stems.len().max(1) as f32).floor().min(MAX_PITCH);
    let looks = Look::of_all(desk, &readings.rounds, shown.selected);
    let place = |at: usize| {
        let left = area.left() + pitch * at as f32;
        Rect::from_min_size(pos2(left, area.top()), vec2(pitch - STRIP_GAP, area.height()))
    };
    for (at, &stem) in shown.stems.iter().enumerate() {
        let rect = snapped(ui.painter(), place(at));
        if ui.rect_contains_pointer(rect) && ui.input(|i| i.pointer.any_pressed()) {
            view.select(stem);
        }
        let (meter, curves) = (&mut readings.stems[stem], &readings.curves[stem]);
        strip::strip(ui, rect, &looks[stem], meter, curves, view, desk);
    }
    reorder(ui, shown, place, pitch, desk);
}

/// Shows where a dragged strip will stand, and puts it there.
fn reorder(ui: &Ui, shown: &Shown, place: impl Fn(usize) -> Rect, pitch: f32, desk: &mut Desk) {
    let Some(stem) = desk.hands.carried else { return };
    let (at, down, cancelled) =
        ui.input(|i| (i.pointer.interact_pos(), i.pointer.primary_down(), i.key_pressed(egui::Key::Escape)));
    let Some(from) = shown.stems.iter().position(|s| *s == stem).filter(|_| !cancelled) else {
        desk.hands.carried = None;
        return;
    };
    let last = shown.stems.len() - 1;
    let to = at.map_or(from, |at| (((at.x - place(0).left()) / pitch).max(0.0) as usize).min(last));
    if down {
        let rect = place(to);
        let x = if to > from { rect.right() + STRIP_GAP * 0.5 } else { rect.left() - STRIP_GAP * 0.5 };
        if to != from {
            let line = Rect::from_x_y_ranges(x - 1.5..=x + 1.5, rect.y_range());
            ui.painter().rect_filled(line, 0.0, theme::ACCENT);
        }
        return;
    }
    desk.hands.carried = None;
    desk.move_strip(stem, to);
}
