//! One stem's strip.

use super::history::Change;
use super::routing::{self, Rounds};
use super::scenes::decibels;
use super::theme::{self, Weight};
use super::tone::{self, Curves};
use super::widgets::{self, Cut, Desk, Fill, Meter, Toggle, text, text_within};
use crate::doctor::Light;
use crate::model::limits::{ParamKey, Role, STEMS, StripParam, slot_letter, stem_title};
use crate::model::view::View;
use egui::{Align2, Color32, CornerRadius, Painter, Popup, Rect, Stroke, StrokeKind, Ui, pos2, vec2};

/// Levels written beside a strip's meters, in dBFS.
const METER_MARKS_DB: [f32; 8] = [0.0, -6.0, -12.0, -18.0, -24.0, -30.0, -40.0, -50.0];

/// A strip lower than this has its rows closer together, for the fader's sake.
const LOW: f32 = 480.0;
/// A strip narrower than this has no room for the stem's role.
const ROLE: f32 = 64.0;
/// Between a strip's fader and its meters, in points.
const METER_SCALE: f32 = 20.0;

/// What a strip shows besides its parameters.
#[derive(Clone, Debug)]
pub struct Look {
    stem: usize,
    name: String,
    role: Role,
    group: Option<usize>,
    color: Color32,
    is_selected: bool,
    light: Light,
    /// What the doctor found, in sentences.
    found: String,
    /// Muted, by itself or with its group, or silenced by another's solo.
    is_silenced: bool,
}

impl Look {
    /// Of every stem, by its index.
    pub fn of_all(desk: &Desk, rounds: &Rounds, selected: usize) -> [Self; STEMS] {
        let instance = desk.instance;
        let infos = instance.stems();
        let silenced = desk.silenced();
        std::array::from_fn(|stem| Self {
            stem,
            name: infos[stem].label(stem),
            role: infos[stem].role,
            group: infos[stem].group,
            color: theme::stem_color(infos[stem].color),
            is_selected: stem == selected,
            light: rounds.lights[stem].unwrap_or_else(|| routing::first_light(instance.meters(), stem)),
            found: rounds.words(stem),
            is_silenced: silenced >> stem & 1 != 0,
        })
    }
}

/// Where the parts of a strip are.
struct Rows {
    cap: Rect,
    name: Rect,
    input: Rect,
    tone: Rect,
    trim: Rect,
    pan: Rect,
    width: Rect,
    delay: Rect,
    switches: Rect,
    peak: Rect,
    rest: Rect,
    fader: Rect,
    level: Rect,
}

impl Rows {
    fn of(mut rect: Rect) -> Self {
        let is_low = rect.height() < LOW;
        let gap = if is_low { 2.0 } else { 4.0 };
        let cap = rect.cut_top(3.0);
        let mut rest = rect.shrink2(vec2(3.0, 0.0));
        let mut row = |gap: f32, height: f32| {
            rest.cut_top(gap);
            rest.cut_top(height)
        };
        let name = row(2.0, 22.0);
        let input = row(0.0, 20.0);
        let tone = row(2.0, if is_low { 22.0 } else { 34.0 });
        let trim = row(2.0, 22.0);
        let pan = row(gap, 22.0);
        let width = row(gap, 22.0);
        let delay = row(gap, 22.0);
        let switches = row(gap + 2.0, 22.0);
        let peak = row(gap, 20.0);
        let to_rest = row(0.0, 16.0);
        rest.cut_top(2.0);
        rest.cut_bottom(4.0);
        let level = rest.cut_bottom(22.0);
        rest.cut_bottom(4.0);
        Self {
            cap,
            name,
            input,
            tone,
            trim,
            pan,
            width,
            delay,
            switches,
            peak,
            rest: to_rest,
            fader: rest,
            level,
        }
    }
}

/// Writes the rows' names and the faders' scale, once for all strips.
pub fn row_names(painter: &Painter, rect: Rect) {
    let rows = Rows::of(rect);
    let right = rect.right() - 6.0;
    for (row, name) in [
        (rows.name, "STEM"),
        (rows.input, "INPUT"),
        (rows.tone, "TONE"),
        (rows.trim, "TRIM"),
        (rows.pan, "PAN"),
        (rows.width, "WIDTH"),
        (rows.delay, "DELAY"),
        (rows.peak, "PEAK"),
        (rows.rest, "TO REST"),
        (rows.level, "LEVEL"),
    ] {
        let at = pos2(right, row.center().y);
        text(painter, at, Align2::RIGHT_CENTER, name, (theme::SMALL, Weight::Medium), theme::TEXT_LABEL);
    }
    widgets::fader_scale(painter, rows.fader, right);
}

/// Draws a strip and acts on the hands in it.
pub fn strip(
    ui: &mut Ui,
    rect: Rect,
    look: &Look,
    meter: &mut Meter,
    curves: &Curves,
    view: &mut View,
    desk: &mut Desk,
) {
    let rows = Rows::of(rect);
    let key = |param| ParamKey::Stem(look.stem, param);
    let label = |param| key(param).name();
    let painter = ui.painter();
    let ground = if look.is_selected { theme::SELECTED } else { theme::STRIP };
    painter.rect_filled(rect, theme::RADIUS, ground);
    if look.is_selected {
        let edge = Stroke::new(1.0, theme::blend(ground, look.color, 0.7));
        painter.rect_stroke(rect, theme::RADIUS, edge, StrokeKind::Inside);
    }
    let cap_color = if look.is_silenced { theme::blend(ground, look.color, 0.4) } else { look.color };
    painter.rect_filled(rows.cap, CornerRadius { nw: 3, ne: 3, sw: 0, se: 0 }, cap_color);

    widgets::name(ui, rows.name, look.stem, &look.name, look.is_silenced, desk)
        .on_hover_text(format!("{}. Double-click renames, a drag moves the strip.", look.name));
    input(ui, rows.input, look, desk);
    if tone::thumbnail(ui, rows.tone, look.stem, curves, look.color, desk).clicked() {
        view.inspects = true;
    }

    let mut trim = rows.trim;
    let polarity = Toggle { face: "Ø", label: &label(StripParam::Polarity), color: theme::POLARITY };
    let about = |param: StripParam| format!("{}: {}", key(param).name(), param.spec().about);
    widgets::stem_switch(ui, trim.cut_left(20.0), look.stem, StripParam::Polarity, polarity, desk)
        .on_hover_text(about(StripParam::Polarity));
    trim.cut_left(2.0);
    for (row, param, fill) in [
        (trim, StripParam::Trim, Fill::FromDefault(look.color)),
        (rows.pan, StripParam::Pan, Fill::FromDefault(look.color)),
        (rows.width, StripParam::Width, Fill::BothWays(look.color)),
        (rows.delay, StripParam::Delay, Fill::FromDefault(look.color)),
    ] {
        widgets::number(ui, row, key(param), &label(param), fill, desk).on_hover_text(param.spec().about);
    }
    let mut solo = rows.switches;
    let mute = solo.cut_left(((solo.width() - 2.0) * 0.5).floor());
    solo.cut_left(2.0);
    let face = Toggle { face: "M", label: &label(StripParam::Mute), color: theme::MUTE };
    widgets::stem_switch(ui, mute, look.stem, StripParam::Mute, face, desk)
        .on_hover_text(about(StripParam::Mute) + muted_by_scene(ui.painter(), mute, look.stem, desk));
    solo_button(ui, solo, look.stem, desk);
    widgets::peak_box(ui, rows.peak, &format!("{} Peak", stem_title(look.stem)), meter, false);

    to_rest(ui, rows.rest, look.stem, desk);
    level(ui, rows.fader, look, meter, desk);
    let label = format!("{} value", label(StripParam::Fader));
    let response = widgets::number(ui, rows.level, key(StripParam::Fader), &label, Fill::None, desk);
    response.on_hover_ui(|ui| {
        let (level, spec) = (key(StripParam::Fader), StripParam::Fader.spec());
        let [shown, heard] = [desk.value(level), desk.heard(level)].map(|db| widgets::shown(&spec, db));
        if shown != heard {
            ui.label(format!("It sounds at {heard} dB."));
        }
        if let Some(slot) = desk.hands.gestures.edited() {
            let live = desk.instance.value(level);
            let by = match desk.value(level) - live {
                db if db.is_finite() => format!("{} over", decibels(db)),
                _ => "instead of".to_owned(),
            };
            let live = widgets::shown(&spec, live);
            ui.label(format!("In scene {}: {by} the live {live} dB.", slot_letter(slot)));
        }
        ui.label("Click to type a level, such as -6 or -inf.");
    });
}

/// Marks a mute that the scene turns over while it sounds, and says so.
fn muted_by_scene(painter: &Painter, rect: Rect, stem: usize, desk: &Desk) -> &'static str {
    let mute = desk.hands.sounding.as_ref().and_then(|stems| stems[stem].opening.mute());
    let is_on = desk.is_on(ParamKey::Stem(stem, StripParam::Mute));
    let Some(mute) = mute.filter(|mute| *mute != is_on && desk.hands.gestures.edited().is_none()) else {
        return "";
    };
    let line = rect.shrink2(vec2(4.0, 2.0)).with_min_y(rect.bottom() - 4.0);
    painter.rect_filled(line, 1.0, if is_on { theme::INK } else { theme::ACCENT });
    if mute { " The scene that sounds mutes the stem." } else { " The scene that sounds opens the stem." }
}

/// How the stem stands against the rest of the mix.
fn to_rest(ui: &Ui, rect: Rect, stem: usize, desk: &Desk) {
    let words = rest_words(stem, desk);
    let style = (theme::SMALL, Weight::Medium);
    text_within(ui.painter(), rect, Align2::CENTER_CENTER, &words, style, theme::TEXT_SOFT);
    let response = ui.interact(rect, widgets::id(("to rest", stem)), egui::Sense::hover());
    let label = format!("{} to the rest", stem_title(stem));
    response.widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::Group, true, &label));
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_value(words.as_str()));
    response.on_hover_ui(|ui| {
        if desk.hands.is_blind {
            ui.label(format!("{}.", widgets::HIDDEN));
            return;
        }
        let loudness = desk.instance.meters().loudness().stem(stem);
        ui.label(format!(
            "Loudness of this stem less that of all others together, over 3 s: 0 LU is as loud as the rest. \
             The others are added up as if they had nothing in common, which stems that share a sound have. \
             In the mix it has {} LUFS momentary, {} short-term, {} integrated.",
            widgets::level_words(loudness.momentary_lufs),
            widgets::level_words(loudness.short_term_lufs),
            widgets::level_words(loudness.integrated_lufs),
        ));
    });
}

/// How a stem stands against the rest of the mix, such as "+1.5 LU"; hidden in a blind comparison.
pub fn rest_words(stem: usize, desk: &Desk) -> String {
    match desk.instance.meters().loudness().rest_lu(stem).filter(|_| !desk.hands.is_blind) {
        Some(lu) if lu >= 0.05 => format!("+{} LU", widgets::level_words(lu)),
        Some(lu) => format!("{} LU", widgets::level_words(lu)),
        None => "–".to_owned(),
    }
}

/// The stem's number, what it plays, its input's light, and its group.
fn input(ui: &Ui, mut rect: Rect, look: &Look, desk: &mut Desk) {
    group(ui, rect.cut_right(20.0), look, desk);
    let mut words = format!("{:02}", look.stem + 1);
    if look.role != Role::Unknown && rect.width() > ROLE {
        words = format!("{words} {}", look.role.word());
    }
    let style = (theme::SMALL, Weight::Regular);
    let inner = rect.shrink2(vec2(if look.light != Light::Off { 8.0 } else { 0.0 }, 0.0));
    let left = inner.translate(vec2(if look.light != Light::Off { -5.0 } else { 0.0 }, 0.0));
    let written = text_within(ui.painter(), left, Align2::CENTER_CENTER, &words, style, theme::TEXT_LABEL);
    let center = pos2(written.right() + 7.0, rect.center().y);
    routing::light(ui.painter(), center, look.light);
    let response = ui.interact(rect, widgets::id(("input", look.stem)), egui::Sense::hover());
    response.on_hover_ui(|ui| {
        let title = stem_title(look.stem);
        ui.label(format!("Input of {title}: {}{}", routing::says(look.light), look.found));
    });
}

/// The group that the stem belongs to; a click offers them.
fn group(ui: &Ui, rect: Rect, look: &Look, desk: &mut Desk) {
    let face = look.group.map_or("–".to_owned(), |group| slot_letter(group).to_string());
    let label = format!("Group of {}", stem_title(look.stem));
    let toggle = Toggle { face: &face, label: &label, color: theme::TEXT_SOFT };
    let response = widgets::button(ui, rect, toggle, look.group.is_some());
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_value(face.as_str()));
    Popup::menu(&response).show(|ui| widgets::groups(ui, look.stem, desk));
    response.on_hover_text("The group that moves this stem with others.");
}

/// Turns a solo over; with Ctrl the stem is soloed alone, with Alt it is made solo-safe.
pub fn solo_button(ui: &Ui, rect: Rect, stem: usize, desk: &mut Desk) {
    let key = |stem| ParamKey::Stem(stem, StripParam::Solo);
    let safe = ParamKey::Stem(stem, StripParam::SoloSafe);
    let label = key(stem).name();
    let toggle = Toggle { face: "S", label: &label, color: theme::SOLO };
    if desk.fixed(safe).is_some() {
        widgets::stem_switch(ui, rect, stem, StripParam::Solo, toggle, desk);
        return;
    }
    let is_alt = ui.input(|i| i.modifiers.alt);
    let response = if is_alt {
        let response = widgets::button(ui, rect, toggle, desk.is_on(key(stem)));
        if response.clicked() {
            desk.write(safe, f32::from(!desk.is_on(safe)));
        }
        response
    } else {
        widgets::stem_switch(ui, rect, stem, StripParam::Solo, toggle, desk)
    };
    if response.clicked() && ui.input(|i| i.modifiers.command) {
        let changes = (0..STEMS).map(|other| {
            let alone = f32::from(other == stem);
            Change::Param(key(other), [desk.value(key(other)), alone])
        });
        let changes = changes.collect();
        let name = desk.instance.stems()[stem].label(stem);
        desk.change(format!("Solo {name} alone"), changes);
    }
    if desk.is_on(safe) {
        let line = rect.shrink2(vec2(4.0, 2.0)).with_min_y(rect.bottom() - 4.0);
        let ink = if desk.is_on(key(stem)) { theme::INK } else { theme::SOLO };
        ui.painter().rect_filled(line, 1.0, ink);
    }
    let safe = if desk.is_on(safe) { " This stem is solo-safe." } else { "" };
    response.on_hover_text(format!(
        "{} Ctrl-click solos this stem alone, Alt-click makes it solo-safe.{safe}",
        StripParam::Solo.spec().about
    ));
}

/// Fader, scale and meters side by side.
fn level(ui: &mut Ui, rect: Rect, look: &Look, meter: &Meter, desk: &mut Desk) {
    let fader = (rect.width() * 0.3).clamp(24.0, 44.0);
    let bar = (rect.width() * 0.13).clamp(7.0, 24.0).floor();
    let total = (fader + METER_SCALE + bar * 2.0 + 1.0).min(rect.width());
    let mut block = Rect::from_center_size(rect.center(), vec2(total, rect.height()));
    let fader = block.cut_left(fader);
    let mut bars = block.cut_right(bar * 2.0 + 1.0).shrink2(vec2(0.0, 4.0));
    let painter = ui.painter();
    widgets::bar(painter, bars.cut_left(bar), meter, 0);
    widgets::bar(painter, bars.cut_right(bar), meter, 1);
    let scale = block.with_max_x(block.right() - 1.5).shrink2(vec2(0.0, 4.0));
    widgets::scale(painter, scale, &METER_MARKS_DB, Align2::RIGHT_CENTER);
    let key = ParamKey::Stem(look.stem, StripParam::Fader);
    widgets::fader(ui, fader, key, &key.name(), look.color, desk);
}
