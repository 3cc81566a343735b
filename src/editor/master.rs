//! The mix: its fader, its meters, the groups and the macros.

use super::groups;
use super::scenes::decibels;
use super::screen::Track;
use super::theme::{self, Weight};
use super::widgets::{self, Cut, Desk, Fill, Meter, Toggle, text};
use crate::model::limits::{MixParam, ParamKey};
use crate::sync::Monitor;
use egui::accesskit::Role;
use egui::{Align2, Color32, Painter, Rect, Sense, Ui, WidgetInfo, pos2, vec2};

const OUTPUT: ParamKey = ParamKey::Mix(MixParam::Output);
/// Levels written beside the meters, in dBFS.
const METER_MARKS_DB: [f32; 12] =
    [0.0, -3.0, -6.0, -9.0, -12.0, -15.0, -18.0, -24.0, -30.0, -40.0, -50.0, -60.0];
/// EBU R128's highest true peak of a programme.
const TRUE_PEAK_LIMIT_DBTP: f32 = -1.0;
/// Height of the loudness.
const LOUDNESS: f32 = 150.0;
const SCALE: f32 = 26.0;
const FADER: f32 = 34.0;
const BAR: f32 = 18.0;

/// Draws the mix and acts on the hands in it.
pub fn master(
    ui: &mut Ui,
    rect: Rect,
    meter: &mut Meter,
    shows_groups: &mut bool,
    track: &Track,
    desk: &mut Desk,
) {
    ui.painter().rect_filled(rect, theme::RADIUS, theme::PANEL);
    let mut rest = rect.shrink(8.0);
    let mut head = rest.cut_top(20.0);
    text(
        ui.painter(),
        head.left_center(),
        Align2::LEFT_CENTER,
        "MIX OUT",
        (theme::HEAD, Weight::Bold),
        theme::TEXT,
    );
    head.cut_left(64.0);
    if let Some([r, g, b]) = track.color {
        let chip = head.cut_right(4.0).shrink2(vec2(0.0, 3.0));
        ui.painter().rect_filled(chip, 1.0, Color32::from_rgb(r, g, b));
        head.cut_right(4.0);
    }
    let style = (theme::SMALL, Weight::Regular);
    widgets::name_within(ui.painter(), head, Align2::RIGHT_CENTER, &track.name, style, theme::TEXT_LABEL);
    rest.cut_top(4.0);
    loudness(ui, rest.cut_top(LOUDNESS), desk);
    rest.cut_top(6.0);

    macros(ui, rest.cut_bottom(54.0), desk);
    rest.cut_bottom(6.0);
    monitoring(ui, rest.cut_bottom(22.0), desk);
    rest.cut_bottom(6.0);
    correlation(ui.painter(), rest.cut_bottom(24.0), meter);
    rest.cut_bottom(6.0);
    let members = groups::members(desk);
    if members.iter().any(|count| *count > 0) {
        shelves(ui, rest.cut_top(22.0), shows_groups);
        rest.cut_top(4.0);
        if *shows_groups {
            groups::groups(ui, rest, &members, desk);
            return;
        }
    }
    let mut boxes = rest.cut_bottom(22.0);
    let mut names = rest.cut_bottom(18.0);
    let level = boxes.cut_left(SCALE + FADER);
    label(ui.painter(), names.cut_left(SCALE + FADER + 8.0), "LEVEL");
    label(ui.painter(), names, "PEAK");
    boxes.cut_left(8.0);
    widgets::number(ui, level, OUTPUT, "Output value", Fill::None, desk)
        .on_hover_text("Click to type a level, such as -6 or -inf.");
    widgets::peak_box(ui, boxes, "Output Peak", meter, true);
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

/// Whether the mix's fader is shown or the groups'.
fn shelves(ui: &Ui, mut rect: Rect, shows_groups: &mut bool) {
    let width = ((rect.width() - 4.0) * 0.5).floor();
    for (face, label, is_groups) in [("Mix", "Show the mix", false), ("Groups", "Show the groups", true)] {
        let toggle = Toggle { face, label, color: theme::ACCENT };
        if widgets::button(ui, rect.cut_left(width), toggle, *shows_groups == is_groups).clicked() {
            *shows_groups = is_groups;
        }
        rect.cut_left(4.0);
    }
}

/// The lead against the rest, with what that comes to, and the width of everything.
fn macros(ui: &mut Ui, mut rect: Rect, desk: &mut Desk) {
    let [lead, wide] = [MixParam::Lead, MixParam::Wide].map(ParamKey::Mix);
    let half = ((rect.width() - 4.0) * 0.5).floor();
    let (mut names, mut boxes) = (rect.cut_top(18.0), rect.cut_top(22.0));
    label(ui.painter(), names.cut_left(half + 4.0), "LEAD");
    label(ui.painter(), names, "WIDE");
    let has_lead = desk.instance.stems().iter().any(|info| info.role == crate::model::limits::Role::Lead);
    let place = boxes.cut_left(half);
    boxes.cut_left(4.0);
    let fill = Fill::FromDefault(theme::ACCENT);
    let words = if has_lead {
        widgets::number(ui, place, lead, &lead.name(), fill, desk).on_hover_text(lead.spec().about);
        let [leads, rest] = desk.instance.meters().lead_db().map(decibels);
        if desk.hands.is_blind {
            format!("{}.", widgets::HIDDEN)
        } else {
            format!("lead {leads}, rest {rest}")
        }
    } else {
        let face = widgets::shown(&lead.spec(), desk.value(lead));
        widgets::idle_number(ui, place, &lead.name(), &face).on_hover_text(
            "Say which stem is the lead first: its role, in the lower part or a strip's menu.",
        );
        "No stem has the role of lead.".to_owned()
    };
    widgets::number(ui, boxes, wide, &wide.name(), fill, desk).on_hover_text(wide.spec().about);
    let style = (theme::SMALL, Weight::Regular);
    widgets::text_within(ui.painter(), rect, Align2::LEFT_CENTER, &words, style, theme::TEXT_LABEL);
    let response = ui.interact(rect, widgets::id("lead moves"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &words));
}

/// How loud the mix is; a click on the big number lets it begin anew.
fn loudness(ui: &Ui, mut rect: Rect, desk: &Desk) {
    let loudness = desk.instance.meters().loudness();
    let (is_hidden, mix) = (desk.hands.is_blind, loudness.mix());
    let mut top = rect.cut_top(58.0);
    let response = ui.interact(top, widgets::id("integrated"), Sense::click());
    let painter = ui.painter();
    painter.rect_filled(
        top,
        theme::RADIUS,
        if response.hovered() && !is_hidden { theme::GRID } else { theme::WELL },
    );
    top = top.shrink2(vec2(8.0, 4.0));
    let head = top.cut_top(14.0);
    let style = (theme::SMALL, Weight::Medium);
    text(painter, head.left_center(), Align2::LEFT_CENTER, "INTEGRATED", style, theme::TEXT_LABEL);
    let unit = if loudness.is_incomplete() && !is_hidden { "LUFS, incomplete" } else { "LUFS" };
    text(painter, head.right_center(), Align2::RIGHT_CENTER, unit, style, theme::TEXT_LABEL);
    let words =
        if is_hidden { widgets::HIDDEN.to_owned() } else { widgets::level_words(mix.integrated_lufs) };
    if is_hidden {
        let style = (theme::BODY, Weight::Medium);
        widgets::text_within(painter, top, Align2::LEFT_CENTER, &words, style, theme::TEXT_SOFT);
    } else {
        let style = (theme::BIG, Weight::Bold);
        text(painter, top.left_center(), Align2::LEFT_CENTER, &words, style, theme::TEXT);
    }
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, "Integrated loudness"));
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_value(words.as_str()));
    if response.clicked() && !is_hidden {
        loudness.reset();
    }
    response.on_hover_text(if is_hidden {
        "Which of the two is heard must not be seen: loudness, levels and spectrum are shown again when you reveal. \
         Only the warning that the output clips stays."
    } else {
        "Loudness of the mix since it was last cleared (EBU R128). A click clears it, with range and true \
         peak, and those of the stems."
    });
    rect.cut_top(2.0);
    for (name, value, unit) in [
        ("Short-term", mix.short_term_lufs, "LUFS"),
        ("Momentary", mix.momentary_lufs, "LUFS"),
        ("Range", mix.range_lu, "LU"),
        ("True peak", loudness.true_peak_dbtp(), "dBTP"),
        ("Peak to loudness", loudness.peak_to_loudness_lu(), "LU"),
    ] {
        let mut row = rect.cut_top(18.0).shrink2(vec2(2.0, 0.0));
        let style = (theme::SMALL, Weight::Regular);
        text(painter, row.left_center(), Align2::LEFT_CENTER, name, style, theme::TEXT_SOFT);
        let unit_at = row.cut_right(32.0).left_center();
        text(painter, unit_at, Align2::LEFT_CENTER, unit, style, theme::TEXT_LABEL);
        let at = row.right_center() - vec2(4.0, 0.0);
        let style = (theme::BODY, Weight::Medium);
        let value = if is_hidden { f32::NEG_INFINITY } else { value };
        let is_over = unit == "dBTP" && value > TRUE_PEAK_LIMIT_DBTP;
        let ink = if is_over { theme::METER_HIGH } else { theme::TEXT };
        text(painter, at, Align2::RIGHT_CENTER, widgets::level_words(value), style, ink);
    }
}

/// How alike left and right are.
fn correlation(painter: &Painter, mut rect: Rect, meter: &Meter) {
    let head = rect.cut_top(14.0);
    let style = (theme::SMALL, Weight::Medium);
    for (at, align, words) in [
        (head.left_center(), Align2::LEFT_CENTER, "\u{2212}1"),
        (head.center(), Align2::CENTER_CENTER, "CORRELATION"),
        (head.right_center(), Align2::RIGHT_CENTER, "+1"),
    ] {
        text(painter, at, align, words, style, theme::TEXT_LABEL);
    }
    let bar = Rect::from_center_size(rect.center(), vec2(rect.width(), 6.0));
    painter.rect_filled(bar, 2.0, theme::WELL);
    let middle = bar.center().x.round();
    if let Some(correlation) = meter.correlation() {
        let x = (bar.center().x + bar.width() * 0.5 * correlation).round();
        let filled = Rect::from_x_y_ranges(middle.min(x)..=middle.max(x), bar.y_range());
        let color = if correlation < 0.0 { theme::MUTE } else { theme::METER_LOW };
        painter.rect_filled(filled, 0.0, color);
    }
    painter.rect_filled(
        Rect::from_center_size(pos2(middle, bar.center().y), vec2(1.0, 10.0)),
        0.0,
        theme::LINE,
    );
}

/// Mono and dim: for whoever listens, never in the project or in a render.
fn monitoring(ui: &Ui, mut rect: Rect, desk: &mut Desk) {
    let now = desk.instance.monitor();
    let width = ((rect.width() - 4.0) * 0.5).floor();
    let about = "For listening while the editor is open. It is not saved, not automated and not rendered.";
    for (face, lit, then) in [
        ("Mono", now.mono, Monitor { mono: !now.mono, ..now }),
        ("Dim", now.dim, Monitor { dim: !now.dim, ..now }),
    ] {
        let label = format!("{face} while listening");
        let toggle = Toggle { face, label: &label, color: theme::SOLO };
        if widgets::button(ui, rect.cut_left(width), toggle, lit).on_hover_text(about).clicked() {
            desk.instance.set_monitor(then);
        }
        rect.cut_left(4.0);
    }
}

fn label(painter: &Painter, rect: Rect, words: &str) {
    let at = pos2(rect.left() + 1.0, rect.center().y);
    text(painter, at, Align2::LEFT_CENTER, words, (theme::SMALL, Weight::Medium), theme::TEXT_LABEL);
}
