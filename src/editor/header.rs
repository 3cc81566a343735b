//! The line at the top: who we are, which page is shown, undo, A and B, which strips are shown, presets,
//! zoom, bypass.

use super::presets::Presets;
use super::theme::{self, Weight};
use super::widgets::{self, Cut, Desk, Toggle, text};
use crate::model::limits::{MixParam, ParamKey, ZOOMS_PERCENT};
use crate::model::view::{Page, View};
use egui::{Align2, Popup, Rect, Response, Stroke, Ui, pos2, vec2};

/// Heights and offsets of the mark's three bars: balanced.
const MARK: [(f32, f32); 3] = [(10.0, 2.0), (18.0, 0.0), (13.0, -2.0)];

/// Width of the presets' button, in points.
const PRESETS: f32 = 136.0;

/// Draws the header and acts on the hands in it. `can_fold` where there are stems to fold away,
/// `zooms_later` where a zoom shows at the next opening only.
pub fn header(
    ui: &Ui,
    rect: Rect,
    can_fold: bool,
    zooms_later: bool,
    view: &mut View,
    presets: &mut Presets,
    desk: &mut Desk,
) {
    let painter = ui.painter();
    painter.rect_filled(rect, 0.0, theme::PANEL);
    painter.hline(rect.x_range(), rect.bottom() - 0.5, Stroke::new(1.0, theme::LINE));
    let mut rest = rect.shrink2(vec2(12.0, 9.0));
    let mark = rest.cut_left(24.0);
    for (at, (height, offset)) in MARK.into_iter().enumerate() {
        let center = pos2(mark.left() + 4.0 + 6.0 * at as f32, mark.center().y + offset);
        let color = if at == 1 { theme::ACCENT } else { theme::TEXT_SOFT };
        painter.rect_filled(Rect::from_center_size(center, vec2(4.0, height)), 1.0, color);
    }
    let name = rest.cut_left(104.0);
    let style = (theme::HEAD + 1.0, Weight::Bold);
    text(painter, name.left_center(), Align2::LEFT_CENTER, "STEMWRIGHT", style, theme::TEXT);

    let bypass = ParamKey::Mix(MixParam::Bypass);
    let is_bypassed = desk.is_on(bypass);
    let face = Toggle {
        face: if is_bypassed { "Bypassed" } else { "Bypass" },
        label: &bypass.name(),
        color: theme::MUTE,
    };
    widgets::switch(ui, rest.cut_right(76.0), bypass, face, desk);
    rest.cut_right(8.0);
    zoom(ui, rest.cut_right(64.0), zooms_later, view);
    rest.cut_right(8.0);
    presets.ui(ui, rest.cut_right(PRESETS), desk);

    let pages = [
        (Page::Console, "Console"),
        (Page::Stage, "Stage"),
        (Page::Balance, "Balance"),
        (Page::Routing, "Routing"),
        (Page::Analysis, "Analysis"),
    ];
    for (page, words) in pages {
        if plain(ui, rest.cut_left(64.0), words, words, view.page == page).clicked() {
            view.page = page;
        }
        rest.cut_left(2.0);
    }
    rest.cut_left(14.0);
    let [undo, redo] = desk.hands.gestures.names().map(|name| name.map(str::to_owned));
    for (name, verb, is_undo) in [(undo, "Undo", true), (redo, "Redo", false)] {
        let about = match &name {
            Some(name) => format!("{verb}: {name}"),
            None => format!("Nothing to {}", verb.to_lowercase()),
        };
        let rect = rest.cut_left(46.0);
        rest.cut_left(2.0);
        let response = if name.is_some() {
            plain(ui, rect, verb, verb, false)
        } else {
            widgets::idle_button(ui, rect, verb)
        };
        ui.ctx().accesskit_node_builder(response.id, |node| node.set_value(about.as_str()));
        if response.on_hover_text(about).clicked() {
            if is_undo {
                desk.hands.gestures.undo(desk.instance);
            } else {
                desk.hands.gestures.redo(desk.instance);
            }
        }
    }
    rest.cut_left(14.0);
    let is_b = desk.hands.gestures.is_b();
    for (words, is_this) in [("A", !is_b), ("B", is_b)] {
        let response = plain(ui, rest.cut_left(26.0), words, &format!("Balance {words}"), is_this);
        rest.cut_left(2.0);
        let about = "Two balances to compare. Only what differs between them is written.";
        if response.on_hover_text(about).clicked() && !is_this {
            desk.hands.gestures.switch(desk.instance);
        }
    }
    rest.cut_left(2.0);
    let words = if is_b { "Copy to A" } else { "Copy to B" };
    if plain(ui, rest.cut_left(72.0), words, words, false)
        .on_hover_text("Makes the other balance what this one is.")
        .clicked()
    {
        desk.hands.gestures.copy_to_other(desk.instance);
    }
    if can_fold {
        rest.cut_left(16.0);
        let words = if view.shows_all { "Fold unused stems" } else { "Show all 16 stems" };
        if plain(ui, rest.cut_left(124.0), words, words, false).clicked() {
            view.shows_all = !view.shows_all;
        }
    }
}

fn plain(ui: &Ui, rect: Rect, face: &str, label: &str, lit: bool) -> Response {
    widgets::button(ui, rect, Toggle { face, label, color: theme::ACCENT }, lit)
}

fn zoom(ui: &Ui, rect: Rect, later: bool, view: &mut View) {
    let words = format!("{} %", view.zoom_percent);
    let response = plain(ui, rect, &words, "Zoom", false);
    Popup::menu(&response).show(|ui| {
        for percent in ZOOMS_PERCENT {
            if ui.selectable_label(percent == view.zoom_percent, format!("{percent} %")).clicked() {
                view.zoom_percent = percent;
                ui.close();
            }
        }
        if later {
            ui.label("Seen when the window is opened again.");
        }
    });
    response.on_hover_text("Size of everything.");
}
