//! Everything of the selected stem: below the console, or beside the stage.

use super::screen::{Readings, Shown};
use super::strip::solo_button;
use super::theme::{self, Weight};
use super::tone;
use super::widgets::{self, Cut, Desk, Fill, Target, Toggle, text, text_within};
use crate::model::limits::{Kind, ParamKey, Role, StripParam, stem_title};
use crate::model::view::View;
use egui::{Align2, Color32, Popup, Rect, Sense, Stroke, StrokeKind, Ui, pos2, vec2};

/// Heights below the console: open, and folded to one line.
const OPEN: f32 = 136.0;
const FOLDED: f32 = 38.0;
/// Width beside the stage.
const BESIDE: f32 = 216.0;
const GAP: f32 = 8.0;
const ROW: f32 = 22.0;

/// The tone's sections: name, what stands in the upper row (gain or slope), frequency, Q.
const SECTIONS: [(&str, StripParam, Option<StripParam>, Option<StripParam>); 6] = [
    ("HIGH-PASS", StripParam::HighPassSlope, Some(StripParam::HighPassFrequency), None),
    ("LOW SHELF", StripParam::LowShelfGain, Some(StripParam::LowShelfFrequency), None),
    ("BELL", StripParam::BellGain, Some(StripParam::BellFrequency), Some(StripParam::BellQ)),
    ("HIGH SHELF", StripParam::HighShelfGain, Some(StripParam::HighShelfFrequency), None),
    ("LOW-PASS", StripParam::LowPassSlope, Some(StripParam::LowPassFrequency), None),
    ("TILT", StripParam::Tilt, None, None),
];

/// Draws it under the console, cutting its place off the area.
pub fn below(
    ui: &mut Ui,
    area: &mut Rect,
    shown: &Shown,
    readings: &mut Readings,
    view: &mut View,
    desk: &mut Desk,
) {
    let rect = area.cut_bottom(if view.inspects { OPEN } else { FOLDED });
    area.cut_bottom(GAP);
    ui.painter().rect_filled(rect, theme::RADIUS, theme::PANEL);
    let stem = shown.selected;
    let color = theme::stem_color(desk.instance.stems()[stem].color);
    let mut rest = rect.shrink(GAP);
    let words = if view.inspects { "Hide tone" } else { "Show tone" };
    let fold = Toggle { face: words, label: words, color: theme::ACCENT };
    let mut side = rest.cut_left(268.0);
    let mut head = side.cut_top(ROW);
    if widgets::button(ui, head.cut_right(72.0), fold, false).clicked() {
        view.inspects = !view.inspects;
    }
    title(ui, head.with_max_x(head.right() - 8.0), stem, color, desk);
    if !view.inspects {
        rest.cut_left(GAP);
        let mut line = rest.cut_top(ROW);
        role(ui, line.cut_left(132.0), stem, desk);
        line.cut_left(GAP);
        colors(ui, line.cut_left(264.0), stem, desk);
        line.cut_left(GAP);
        placing(ui, line, stem, desk);
        return;
    }
    side.cut_top(5.0);
    colors(ui, side.cut_top(20.0), stem, desk);
    side.cut_top(5.0);
    let mut line = side.cut_top(ROW);
    role(ui, line.cut_left(132.0), stem, desk);
    line.cut_left(4.0);
    safe(ui, line, stem, desk);
    side.cut_top(4.0);
    pan_mode(ui, side.cut_top(ROW), stem, desk);
    side.cut_top(4.0);
    measured(ui, side, stem, readings, desk);

    rest.cut_left(GAP);
    let mut numbers = rest.cut_right(6.0 * 66.0 + 40.0);
    rest.cut_right(GAP);
    tone::editor(ui, rest, stem, readings, color, desk);
    tone_line(ui, numbers.cut_top(ROW), stem, desk);
    numbers.cut_top(6.0);
    let mut names = numbers.cut_left(40.0);
    names.cut_top(16.0);
    for name in ["GAIN", "FREQ", "Q"] {
        label(ui, names.cut_top(ROW), name);
        names.cut_top(4.0);
    }
    for (name, upper, frequency, quality) in SECTIONS {
        let mut column = numbers.cut_left(66.0).with_max_x(numbers.left() - 4.0);
        let head = column.cut_top(16.0);
        let style = (theme::SMALL, Weight::Medium);
        text_within(ui.painter(), head, Align2::CENTER_CENTER, name, style, theme::TEXT_LABEL);
        for param in [Some(upper), frequency, quality] {
            let cell = column.cut_top(ROW);
            column.cut_top(4.0);
            if let Some(param) = param {
                number(ui, cell, stem, param, color, desk);
            }
        }
    }
}

/// Draws it at the right of the stage, cutting its place off the area.
pub fn beside(
    ui: &mut Ui,
    area: &mut Rect,
    shown: &Shown,
    readings: &mut Readings,
    view: &mut View,
    desk: &mut Desk,
) {
    let rect = area.cut_right(BESIDE);
    area.cut_right(GAP);
    let stem = shown.selected;
    let color = theme::stem_color(desk.instance.stems()[stem].color);
    ui.painter().rect_filled(rect, theme::RADIUS, theme::PANEL);
    ui.painter().rect_filled(rect.with_max_y(rect.top() + 3.0), 0.0, color);
    let mut rest = rect.shrink(GAP);
    let mut head = rest.cut_top(24.0);
    let at = head.cut_right(50.0).right_center();
    let style = (theme::SMALL, Weight::Regular);
    text(ui.painter(), at, Align2::RIGHT_CENTER, stem_title(stem), style, theme::TEXT_LABEL);
    title(ui, head, stem, color, desk);
    rest.cut_top(4.0);
    tone::editor(ui, rest.cut_top(104.0), stem, readings, color, desk);
    rest.cut_top(6.0);
    for (name, param) in [
        ("LEVEL", StripParam::Fader),
        ("TRIM", StripParam::Trim),
        ("PAN", StripParam::Pan),
        ("WIDTH", StripParam::Width),
        ("DELAY", StripParam::Delay),
    ] {
        let mut row = rest.cut_top(20.0);
        rest.cut_top(2.0);
        label(ui, row.cut_left(64.0), name);
        number(ui, row, stem, param, color, desk);
    }
    rest.cut_top(4.0);
    let mut row = rest.cut_top(ROW);
    let width = ((row.width() - 8.0) / 3.0).floor();
    let face = |param: StripParam| ParamKey::Stem(stem, param).name();
    let (mute, polarity) = (face(StripParam::Mute), face(StripParam::Polarity));
    let toggle = Toggle { face: "Mute", label: &mute, color: theme::MUTE };
    widgets::stem_switch(ui, row.cut_left(width), stem, StripParam::Mute, toggle, desk);
    row.cut_left(4.0);
    solo_button(ui, row.cut_left(width), stem, desk);
    row.cut_left(4.0);
    let toggle = Toggle { face: "Ø", label: &polarity, color: theme::POLARITY };
    widgets::stem_switch(ui, row, stem, StripParam::Polarity, toggle, desk);
    rest.cut_top(6.0);
    tone_line(ui, rest.cut_top(ROW), stem, desk);
    rest.cut_top(4.0);
    for (name, upper, frequency, quality) in SECTIONS {
        let mut row = rest.cut_top(20.0);
        rest.cut_top(2.0);
        label(ui, row.cut_left(64.0), name);
        let width = if quality.is_some() { 42.0 } else { 66.0 };
        for param in [Some(upper), frequency, quality].into_iter().flatten() {
            number(ui, row.cut_left(width), stem, param, color, desk);
            row.cut_left(2.0);
        }
    }
    rest.cut_top(4.0);
    measured(ui, rest.cut_top(16.0), stem, readings, desk);
    rest.cut_top(4.0);
    list(ui, rest, shown, readings, view, desk);
}

/// What is measured of the stem: its true peak, while this is shown, and how alike its sides are. A click on the
/// peak lets it begin anew.
fn measured(ui: &Ui, mut rect: Rect, stem: usize, readings: &Readings, desk: &Desk) {
    let stem_peak = desk.instance.meters().loudness().stem_peak();
    let is_hidden = desk.hands.is_blind;
    stem_peak.ask(Some(stem).filter(|_| !is_hidden));
    let half = rect.cut_left((0.5 * rect.width()).floor());
    let dbtp = stem_peak.dbtp(stem).filter(|_| !is_hidden).unwrap_or(f32::NEG_INFINITY);
    let peak = widgets::level_words(dbtp);
    let label = format!("True peak of {}", stem_title(stem));
    let response = reading(ui, half, "true peak", (&label, "True peak", &peak), dbtp > 0.0, Sense::click());
    if response.clicked() {
        stem_peak.reset();
    }
    response
        .on_hover_text("In dBTP, after the fader, since this stem was chosen. A click lets it begin anew.");
    let alike = readings.stems[stem].correlation();
    let words =
        alike.map_or("–".to_owned(), |alike| format!("{:+.2}", alike + 0.0).replace('-', "\u{2212}"));
    let label = format!("Correlation of {}", stem_title(stem));
    reading(ui, rect, "correlation", (&label, "Correlation", &words), false, Sense::hover())
        .on_hover_text("Of left and right: +1 is mono, 0 wide, and below 0 they cancel each other in mono.");
}

fn reading(
    ui: &Ui,
    rect: Rect,
    id: &str,
    (label, name, words): (&str, &str, &str),
    is_over: bool,
    sense: Sense,
) -> egui::Response {
    let response = ui.interact(rect, widgets::id(id), sense);
    let style = (theme::SMALL, Weight::Medium);
    let painter = ui.painter();
    let written = text(painter, rect.left_center(), Align2::LEFT_CENTER, name, style, theme::TEXT_LABEL);
    let at = written.right_center() + egui::vec2(6.0, 0.0);
    let ink = if is_over { theme::METER_CLIP } else { theme::TEXT };
    text(painter, at, Align2::LEFT_CENTER, words, style, ink);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::Group, true, label));
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_value(words));
    response
}

/// The stems by name, as far as there is room; a click chooses one.
fn list(ui: &Ui, rect: Rect, shown: &Shown, readings: &Readings, view: &mut View, desk: &Desk) {
    const PITCH: f32 = 22.0;
    let rows = (rect.height() / PITCH) as usize;
    if shown.stems.len() > 2 * rows {
        return; // all or none: the discs can be chosen, too
    }
    let infos = desk.instance.stems();
    let width = (rect.width() - 4.0) * 0.5;
    for (at, &stem) in shown.stems.iter().enumerate() {
        let half = shown.stems.len().div_ceil(2).min(rows).max(1);
        let min =
            pos2(rect.left() + (at / half) as f32 * (width + 4.0), rect.top() + (at % half) as f32 * PITCH);
        let cell = Rect::from_min_size(min, vec2(width, PITCH - 2.0));
        let name = infos[stem].label(stem);
        let words = format!("Choose {}", stem_title(stem));
        let response = ui.interact(cell, widgets::id(("choose", stem)), egui::Sense::click());
        let ground = match (stem == shown.selected, response.hovered()) {
            (true, _) => theme::HOVER,
            (_, true) => theme::CONTROL,
            _ => theme::STRIP,
        };
        let painter = ui.painter();
        painter.rect_filled(cell, theme::RADIUS, ground);
        painter.rect_filled(cell.with_max_x(cell.left() + 2.0), 0.0, theme::stem_color(infos[stem].color));
        let mut inner = cell.shrink2(vec2(6.0, 3.0));
        widgets::bar(painter, inner.cut_right(6.0), &readings.stems[stem], 0);
        let ink = if stem == shown.selected { theme::TEXT } else { theme::TEXT_SOFT };
        let words_rect = inner.with_max_x(inner.right() - 4.0);
        let style = (theme::BODY, Weight::Medium);
        widgets::name_within(painter, words_rect, Align2::LEFT_CENTER, &name, style, ink);
        if response.has_focus() {
            let focus = Stroke::new(1.0, theme::ACCENT);
            painter.rect_stroke(cell, theme::RADIUS, focus, StrokeKind::Inside);
        }
        if response.clicked() {
            view.select(stem);
        }
        response.widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::Button, true, &words));
    }
}

/// The stem's name on its colour; the button offers what can be done with the whole strip.
fn title(ui: &mut Ui, mut rect: Rect, stem: usize, color: Color32, desk: &mut Desk) {
    ui.painter().rect_filled(rect.cut_left(4.0), 1.0, color);
    rect.cut_left(6.0);
    let words = format!("Menu of {}", stem_title(stem));
    let face = Toggle { face: "Strip", label: &words, color: theme::ACCENT };
    let label = desk.instance.stems()[stem].label(stem);
    let response = widgets::button(ui, rect.cut_right(48.0), face, false);
    Popup::menu(&response).show(|ui| widgets::stem_menu(ui, Target::Title(stem), &label, desk));
    response.on_hover_text("Rename, move, copy, paste, reset.");
    rect.cut_right(4.0);
    if widgets::field(ui, rect, Target::Title(stem), desk) {
        return;
    }
    let named = ui.interact(rect, widgets::id(("title", stem)), Sense::click());
    if named.double_clicked() {
        widgets::rename(ui, Target::Title(stem), desk);
    }
    named.on_hover_text("A double-click renames.");
    let style = (theme::HEAD, Weight::Bold);
    widgets::name_within(ui.painter(), rect, Align2::LEFT_CENTER, &label, style, theme::TEXT);
}

/// Whether the tone sounds, and back to none.
fn tone_line(ui: &Ui, mut rect: Rect, stem: usize, desk: &mut Desk) {
    label(ui, rect.cut_left(40.0), "TONE");
    let on = ParamKey::Stem(stem, StripParam::Tone);
    let face =
        Toggle { face: if desk.is_on(on) { "On" } else { "Off" }, label: &on.name(), color: theme::ACCENT };
    widgets::switch(ui, rect.cut_left(62.0), on, face, desk);
    rect.cut_left(4.0);
    let words = format!("Reset {}", on.name());
    let face = Toggle { face: "Reset", label: &words, color: theme::ACCENT };
    if widgets::button(ui, rect.cut_left(62.0), face, false).clicked() {
        tone::reset(stem, desk);
    }
}

fn number(ui: &mut Ui, rect: Rect, stem: usize, param: StripParam, color: Color32, desk: &mut Desk) {
    let key = ParamKey::Stem(stem, param);
    let name = key.name();
    if let Kind::Choice(words) = param.spec().kind {
        // A click goes on to the next.
        let at = desk.value(key) as usize % words.len();
        let face = Toggle { face: words[at], label: &name, color: theme::ACCENT };
        let response = widgets::button(ui, rect, face, at > 0);
        let steps = if response.hovered() { desk.hands.notches(ui, &response) } else { 0.0 };
        if response.clicked() {
            desk.write(key, ((at + 1) % words.len()) as f32);
        } else if steps != 0.0 {
            desk.write(key, widgets::stepped(&key.spec(), at as f32, steps));
        }
        widgets::menu(&response, &[key], &name, desk);
        response.on_hover_text(param.spec().about);
        return;
    }
    let fill = match param {
        StripParam::Width => Fill::BothWays(color),
        _ => Fill::FromDefault(color),
    };
    // Strip and inspector show the same value: two places, two labels.
    let label = format!("{name} of the selected stem");
    widgets::number(ui, rect, key, &label, fill, desk).on_hover_text(param.spec().about);
}

fn placing(ui: &Ui, mut rect: Rect, stem: usize, desk: &mut Desk) {
    if rect.width() > 250.0 {
        pan_mode(ui, rect.cut_left(172.0), stem, desk);
        rect.cut_left(GAP);
    }
    safe(ui, rect.cut_left(76.0), stem, desk);
}

fn pan_mode(ui: &Ui, rect: Rect, stem: usize, desk: &mut Desk) {
    // "Balance" alone would be taken for that of the stems.
    let faces = ["Pan: one side down", "Pan: true stereo"];
    widgets::choice(ui, rect, ParamKey::Stem(stem, StripParam::PanMode), &faces, desk);
}

fn safe(ui: &Ui, rect: Rect, stem: usize, desk: &mut Desk) {
    let key = ParamKey::Stem(stem, StripParam::SoloSafe);
    let face = Toggle { face: "Solo safe", label: &key.name(), color: theme::SOLO };
    widgets::switch(ui, rect, key, face, desk);
}

/// What the stem plays; a click offers the roles.
fn role(ui: &Ui, rect: Rect, stem: usize, desk: &mut Desk) {
    let role = desk.instance.stems()[stem].role;
    let words = match role {
        Role::Unknown => "Role: not said".to_owned(),
        role => format!("Role: {}", role.word()),
    };
    let name = format!("Role of {}", stem_title(stem));
    let response =
        widgets::button(ui, rect, Toggle { face: &words, label: &name, color: theme::ACCENT }, false);
    Popup::menu(&response).show(|ui| {
        for (other, word) in Role::ALL {
            if ui.selectable_label(other == role, word).clicked() {
                widgets::give_role(stem, other, desk);
                ui.close();
            }
        }
    });
}

fn colors(ui: &Ui, rect: Rect, stem: usize, desk: &mut Desk) {
    let mut info = desk.instance.stems()[stem].clone();
    if let Some(hex) = widgets::swatches(ui, rect, &stem_title(stem), info.color) {
        info.color = hex;
        desk.change_stem(stem, format!("{} colour", info.label(stem)), info);
    }
}

fn label(ui: &Ui, rect: Rect, words: &str) {
    let style = (theme::SMALL, Weight::Medium);
    text(ui.painter(), rect.left_center(), Align2::LEFT_CENTER, words, style, theme::TEXT_LABEL);
}
