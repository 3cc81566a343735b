//! The tab of clashes: who covers whom as a grid, the pairs that cost one another most in words, and one bell that
//! would make room. Rankings: nothing passes or fails.

use super::check::make;
use super::{Known, names, players};
use crate::analysis::Pair;
use crate::editor::theme::{self, Weight};
use crate::editor::widgets::{self, Cut, Desk, Toggle, name_within, paragraph, text, text_within};
use egui::{Align2, Rect, ScrollArea, Sense, Stroke, StrokeKind, Ui, UiBuilder, WidgetInfo, pos2, vec2};

const PAIRS: f32 = 384.0;
const NAME: f32 = 112.0;
const LEFT: f32 = 34.0;
const ROWS: [f32; 2] = [20.0, 30.0];
const BANDS: f32 = 92.0;
/// A cell is darkest for this share.
const DARK: f64 = 0.5;
/// Hz that are written below the bands.
const TICKS_HZ: [(f64, &str); 4] = [(100.0, "100"), (300.0, "300"), (1000.0, "1k"), (5000.0, "5k")];

/// The pair that is looked at, with its way to make room.
#[derive(Debug)]
pub struct Chosen {
    pair: Pair,
}

/// Draws the tab and acts on the hands in it.
pub fn clashes(
    ui: &mut Ui,
    mut area: Rect,
    known: &Known,
    shown: &[usize],
    chosen: &mut Option<Chosen>,
    desk: &mut Desk,
) {
    let mut foot = area.cut_bottom(18.0);
    foot.cut_top(2.0);
    let words =
        "Shares of a stem's loudness, in per cent, by a simple model. A ranking: no figure passes or fails.";
    let style = (theme::SMALL, Weight::Medium);
    text_within(ui.painter(), foot, Align2::LEFT_CENTER, words, style, theme::TEXT_LABEL);
    if chosen.is_none()
        && let Some(first) = known.ranking.pairs.first()
    {
        choose(first, known, chosen);
    }
    let list = area.cut_right(PAIRS);
    area.cut_right(8.0);
    let sounding: Vec<usize> =
        shown.iter().copied().filter(|stem| known.ranking.left[*stem].is_some()).collect();
    if known.ranking.pairs.is_empty() {
        let words = "No two stems that are worth a line cover one another so far.";
        let style = (theme::HEAD, Weight::Medium);
        text(ui.painter(), list.center(), Align2::CENTER_CENTER, words, style, theme::TEXT_SOFT);
    } else {
        pairs(ui, list, known, chosen, desk);
    }
    grid(ui, area, known, &sounding, chosen);
}

fn choose(pair: &Pair, known: &Known, chosen: &mut Option<Chosen>) {
    let names = names(&known.stems);
    let players = players(&names, &known.mix, &known.stems);
    let mut pair = pair.clone();
    match known.song.clash.suggestion(&pair, &players, known.song.sample_rate_hz) {
        Ok(suggestion) => pair.suggestion = Some(suggestion),
        Err(why) => pair.why_none = Some(why),
    }
    *chosen = Some(Chosen { pair });
}

/// A row for every stem, what is left of it and what each other covers of it.
fn grid(ui: &Ui, mut area: Rect, known: &Known, sounding: &[usize], chosen: &mut Option<Chosen>) {
    let count = sounding.len() as f32;
    let painter = ui.painter();
    let small = (theme::SMALL, Weight::Medium);
    let mut head = area.cut_top(22.0);
    let height = (area.height() / count.max(1.0)).clamp(ROWS[0], ROWS[1]).floor();
    let width = ((head.width() - NAME - LEFT) / count.max(1.0)).min(1.6 * height).floor();
    let place = head.cut_left(NAME).left_center();
    text(painter, place, Align2::LEFT_CENTER, "COVERED, BY", small, theme::TEXT_LABEL);
    text(painter, head.cut_left(LEFT).center(), Align2::CENTER_CENTER, "LEFT", small, theme::TEXT_LABEL);
    for &by in sounding {
        let cell = head.cut_left(width);
        let line = cell.with_min_y(cell.bottom() - 3.0).shrink2(vec2(2.0, 0.0));
        painter.rect_filled(line, 0.0, theme::stem_color(known.stems[by].color));
        let number = format!("{:02}", by + 1);
        text(painter, cell.center(), Align2::CENTER_CENTER, number, small, theme::TEXT_LABEL);
    }
    let names = names(&known.stems);
    for &covered in sounding {
        let mut row = area.cut_top(height).with_max_y(area.top() - 1.0);
        let mut name = row.cut_left(NAME);
        let chip = name.cut_left(3.0).shrink2(vec2(0.0, 2.0));
        painter.rect_filled(chip, 1.0, theme::stem_color(known.stems[covered].color));
        name.cut_left(5.0);
        let number = name.cut_left(18.0);
        let label = format!("{:02}", covered + 1);
        text(painter, number.left_center(), Align2::LEFT_CENTER, label, small, theme::TEXT_LABEL);
        let body = (theme::BODY, Weight::Medium);
        name_within(painter, name, Align2::LEFT_CENTER, &names[covered], body, theme::TEXT);
        let percent = |share: f64| format!("{:.0}", 100.0 * share);
        let left = known.ranking.left[covered].map_or("–".to_owned(), percent);
        text(painter, row.cut_left(LEFT).center(), Align2::CENTER_CENTER, left, body, theme::TEXT_SOFT);
        for &by in sounding {
            let cell = row.cut_left(width).shrink2(vec2(0.5, 0.0));
            if by == covered {
                continue;
            }
            let share = known.ranking.covered[covered][by];
            let shade = ((share / DARK).min(1.0) as f32).sqrt();
            painter.rect_filled(cell, 1.0, theme::blend(theme::STRIP, theme::COVERED, shade));
            let ink = if share < 0.005 { theme::TEXT_LABEL } else { theme::TEXT };
            text(painter, cell.center(), Align2::CENTER_CENTER, percent(share), small, ink);
            let response = ui.interact(cell, widgets::id(("clash", covered, by)), Sense::click());
            let label = format!("{} covered by {}", names[covered], names[by]);
            response.widget_info(|| WidgetInfo::labeled(egui::accesskit::Role::Cell, true, &label));
            let value = format!("{} %", percent(share));
            ui.ctx().accesskit_node_builder(response.id, |node| node.set_value(value.as_str()));
            let is_this = |pair: &Pair| {
                [pair.covered, pair.by] == [covered, by] || [pair.by, pair.covered] == [covered, by]
            };
            if response.clicked()
                && let Some(pair) = known.ranking.pairs.iter().find(|pair| is_this(pair))
            {
                choose(pair, known, chosen);
            }
            if response.hovered() || response.has_focus() || chosen.as_ref().is_some_and(|c| is_this(&c.pair))
            {
                let frame = Stroke::new(1.0, theme::TEXT_SOFT);
                painter.rect_stroke(cell, 1.0, frame, StrokeKind::Inside);
            }
            response.on_hover_text(format!("{label}: {value} of its loudness."));
        }
    }
}

/// The ranked pairs in words, and below them the chosen one.
fn pairs(ui: &mut Ui, mut area: Rect, known: &Known, chosen: &mut Option<Chosen>, desk: &mut Desk) {
    let names = names(&known.stems);
    let players = players(&names, &known.mix, &known.stems);
    let detail = area.cut_bottom(BANDS + 96.0);
    area.cut_bottom(6.0);
    ui.scope_builder(UiBuilder::new().max_rect(area), |ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            for (at, pair) in known.ranking.pairs.iter().enumerate() {
                let is_chosen =
                    chosen.as_ref().is_some_and(|c| [c.pair.covered, c.pair.by] == [pair.covered, pair.by]);
                let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 34.0), Sense::hover());
                let response =
                    ui.interact(rect, widgets::id(("pair", pair.covered, pair.by)), Sense::click());
                let ground = match (is_chosen, response.hovered()) {
                    (true, _) => theme::SELECTED,
                    (_, true) => theme::HOVER,
                    _ => theme::STRIP,
                };
                ui.painter().rect_filled(rect, theme::RADIUS, ground);
                if is_chosen || response.has_focus() {
                    let frame = Stroke::new(1.0, theme::ACCENT);
                    ui.painter().rect_stroke(rect, theme::RADIUS, frame, StrokeKind::Inside);
                }
                let mut rest = rect.shrink2(vec2(8.0, 2.0));
                let style = (theme::BODY, Weight::Bold);
                let place = rest.cut_left(24.0).left_center();
                let number = format!("{}", at + 1);
                text(ui.painter(), place, Align2::LEFT_CENTER, number, style, theme::TEXT_SOFT);
                let words = pair.words(&players);
                paragraph(ui.painter(), rest, &words, theme::BODY, theme::TEXT);
                response.widget_info(|| {
                    WidgetInfo::selected(egui::accesskit::Role::Button, true, is_chosen, words.as_str())
                });
                if response.clicked() {
                    choose(pair, known, chosen);
                }
            }
        });
    });
    if let Some(Chosen { pair }) = chosen {
        self::detail(ui, detail, pair, known, desk);
    }
}

/// Where a pair clashes, and what would make room.
fn detail(ui: &Ui, mut area: Rect, pair: &Pair, known: &Known, desk: &mut Desk) {
    let names = names(&known.stems);
    let players = players(&names, &known.mix, &known.stems);
    let painter = ui.painter();
    painter.rect_filled(area, theme::RADIUS, theme::STRIP);
    area = area.shrink(8.0);
    let mut plot = area.cut_top(BANDS);
    let scale = plot.cut_bottom(14.0);
    painter.rect_filled(plot, theme::RADIUS, theme::WELL);
    let edges = &known.ranking.band_edges_hz;
    let (low, high) = (edges.first().copied().unwrap_or(1.0), edges.last().copied().unwrap_or(2.0));
    let x = |hz: f64| plot.left() + plot.width() * ((hz / low).log2() / (high / low).log2()) as f32;
    let most = pair.bands.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    for (band, edges) in pair.bands.iter().zip(edges.windows(2)) {
        let top = plot.bottom() - (plot.height() - 6.0) * (band / most) as f32;
        let bar = Rect::from_min_max(pos2(x(edges[0]) + 0.5, top), pos2(x(edges[1]) - 0.5, plot.bottom()));
        painter.rect_filled(bar, 0.0, theme::stem_color(known.stems[pair.by].color));
    }
    let style = (theme::TICK, Weight::Regular);
    for (hz, words) in TICKS_HZ {
        let at = pos2(x(hz), scale.center().y);
        text(painter, at, Align2::CENTER_CENTER, words, style, theme::TEXT_LABEL);
    }
    let response = ui.interact(plot, widgets::id("clash bands"), Sense::hover());
    let label = format!("Where {} covers {}", names[pair.by], names[pair.covered]);
    response.widget_info(|| WidgetInfo::labeled(egui::accesskit::Role::Group, true, &label));
    response.on_hover_text(format!("{label}, by frequency."));
    area.cut_top(4.0);
    let mut button = area.cut_bottom(BUTTON);
    paragraph(painter, area, &pair.suggestion_words(&players), theme::SMALL, theme::TEXT_SOFT);
    if let Some(suggestion) = &pair.suggestion {
        let face = format!("Set this bell of {}", names[suggestion.stem]);
        let toggle = Toggle { face: &face, label: "Make room", color: theme::ACCENT };
        let response = widgets::button(ui, button.cut_left(200.0), toggle, false);
        if response.clicked() {
            let name = format!("Make room for {} in {}", names[pair.covered], names[pair.by]);
            make(name, &suggestion.changes, desk);
        }
        response.on_hover_text("Sets the bell's frequency, gain and Q as said. One Undo takes it back.");
    }
}

const BUTTON: f32 = super::BUTTON;
