//! The mix: its fader, its meters, and what the main input is.

use super::theme::{self, Weight};
use super::widgets::{self, Cut, Desk, Fill, Meter, text};
use crate::model::limits::{MixParam, ParamKey};
use egui::{Align2, Painter, Rect, Ui, pos2, vec2};

const OUTPUT: ParamKey = ParamKey::Mix(MixParam::Output);
/// Levels written beside the meters, in dBFS.
const METER_MARKS_DB: [f32; 12] =
    [0.0, -3.0, -6.0, -9.0, -12.0, -15.0, -18.0, -24.0, -30.0, -40.0, -50.0, -60.0];
const SCALE: f32 = 26.0;
const FADER: f32 = 34.0;
const BAR: f32 = 18.0;

/// Draws the mix and acts on the hands in it.
pub fn master(ui: &mut Ui, rect: Rect, meter: &mut Meter, desk: &mut Desk) {
    ui.painter().rect_filled(rect, theme::RADIUS, theme::PANEL);
    let mut rest = rect.shrink(8.0);
    let head = rest.cut_top(20.0);
    text(
        ui.painter(),
        head.left_center(),
        Align2::LEFT_CENTER,
        "MIX OUT",
        (theme::HEAD, Weight::Bold),
        theme::TEXT,
    );
    rest.cut_top(4.0);

    widgets::choice(ui, rest.cut_bottom(22.0), ParamKey::Mix(MixParam::MainInput), desk);
    label(ui.painter(), rest.cut_bottom(18.0), "MAIN INPUT");
    rest.cut_bottom(6.0);
    let mut boxes = rest.cut_bottom(22.0);
    let mut names = rest.cut_bottom(18.0);
    let level = boxes.cut_left(SCALE + FADER);
    label(ui.painter(), names.cut_left(SCALE + FADER + 8.0), "LEVEL");
    label(ui.painter(), names, "PEAK");
    boxes.cut_left(8.0);
    widgets::number(ui, level, OUTPUT, "Output value", Fill::None, desk)
        .on_hover_text("Click to type a level, such as -6 or -inf.");
    widgets::peak_box(ui, boxes, "Output Peak", meter);
    rest.cut_bottom(4.0);

    let scale = rest.cut_left(SCALE);
    widgets::fader_scale(ui.painter(), rest, scale.right() - 4.0);
    widgets::fader(ui, rest.cut_left(FADER), OUTPUT, &OUTPUT.name(), theme::TEXT, desk);
    rest.cut_left(8.0);
    let mut bars = rest.shrink2(vec2(0.0, 4.0));
    widgets::bar(ui.painter(), bars.cut_left(BAR), meter, 0);
    bars.cut_left(2.0);
    widgets::bar(ui.painter(), bars.cut_left(BAR), meter, 1);
    widgets::scale(ui.painter(), bars.shrink2(vec2(4.0, 0.0)), &METER_MARKS_DB, Align2::LEFT_CENTER);
}

fn label(painter: &Painter, rect: Rect, words: &str) {
    let at = pos2(rect.left() + 1.0, rect.center().y);
    text(painter, at, Align2::LEFT_CENTER, words, (theme::SMALL, Weight::Medium), theme::TEXT_LABEL);
}
