//! The tab of the contour: the arc of the song, readout by readout, with the scenes along it.

use super::files::Files;
use super::{BUTTON, time};
use crate::analysis::contour::{drawn, span, step_s, to_csv};
use crate::analysis::{COLUMNS, Readouts, Row, Song};
use crate::editor::dialog::{Ask, Wanted};
use crate::editor::picture;
use crate::editor::theme::{self, Weight};
use crate::editor::widgets::{self, Cut, Desk, Toggle, minus, text, text_within};
use crate::model::limits::SCENES;
use crate::model::scene::Scene;
use egui::{Align2, Color32, Painter, Pos2, Rect, Sense, Shape, Stroke, Ui, WidgetInfo, pos2};
use std::iter;

const TITLES: f32 = 92.0;
const BAND: f32 = 20.0;
const TIMES: f32 = 16.0;
const GAP: f32 = 4.0;
const MOST_STEPS: f64 = 10.0;
/// A saved picture, in points, and its pixels per point.
const PICTURE: [f32; 2] = [1100.0, 760.0];
const PIXELS: f32 = 2.0;

/// Draws the tab and acts on the hands in it.
pub fn contour(
    ui: &Ui,
    mut area: Rect,
    song: &Song,
    before: Option<&Song>,
    files: &mut Files,
    ask: Ask,
    desk: &mut Desk,
) {
    let scenes = desk.instance.scenes();
    let mut foot = area.cut_bottom(BUTTON);
    area.cut_bottom(6.0);
    for (face, wanted, width) in
        [("Save picture…", Wanted::SavePicture, 104.0), ("Save table…", Wanted::SaveTable, 92.0)]
    {
        let rect = foot.cut_left(width);
        foot.cut_left(4.0);
        let toggle = Toggle { face, label: face, color: theme::ACCENT };
        if files.is_asking() {
            widgets::idle_button(ui, rect, face);
        } else if widgets::button(ui, rect, toggle, false).clicked() {
            let bytes = match wanted {
                Wanted::SaveTable => Ok(table(song, before, &scenes).into_bytes()),
                _ => picture(song, before, &scenes),
            };
            files.ask(ask, wanted, bytes);
        }
    }
    foot.cut_left(8.0);
    let words = files.said().unwrap_or(match before {
        Some(_) => "Grey: the recording before.",
        None => "Every value is of the last 3 s.",
    });
    text_within(
        ui.painter(),
        foot,
        Align2::LEFT_CENTER,
        words,
        (theme::SMALL, Weight::Medium),
        theme::TEXT_LABEL,
    );

    let plot = area.with_min_x(area.left() + TITLES);
    let response = ui.interact(plot, widgets::id("contour"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(egui::accesskit::Role::Image, true, "Contour of the song"));
    let end_s = end_s(song);
    let hovered = response.hover_pos().map(|at| f64::from((at.x - plot.left()) / plot.width()) * end_s);
    let row = hovered.and_then(|s| row_at(song, s));
    if let Some(row) = row {
        let told = told(song, row, &scenes);
        ui.ctx().accesskit_node_builder(response.id, |node| node.set_value(told.as_str()));
    }
    paint(ui.painter(), area, song, before, &scenes, row);
}

fn end_s(song: &Song) -> f64 {
    song.rows.last().map_or(1.0, |row| row.time_s)
}

/// The row that this second lies in.
fn row_at(song: &Song, second: f64) -> Option<usize> {
    (0..song.rows.len()).find(|row| song.rows[*row].time_s >= second)
}

/// The scene of a row (0 to 7), by its number in the song.
fn slot(number: u8) -> Option<usize> {
    usize::from(number).checked_sub(1).filter(|slot| *slot < SCENES)
}

fn scene_name(number: u8, scenes: &[Scene; SCENES]) -> String {
    slot(number).map_or("Live".to_owned(), |slot| scenes[slot].label(slot))
}

/// When a row is, as the host counts where it says so.
fn row_time(song: &Song, row: usize) -> String {
    time(song.start_s.unwrap_or(0.0) + song.rows[row].time_s - 1.0)
}

/// A row in words.
fn told(song: &Song, row: usize, scenes: &[Scene; SCENES]) -> String {
    let scene = song.scenes.get(row).map_or(String::new(), |number| scene_name(*number, scenes));
    let value = |column: &crate::analysis::Column| {
        let value = (column.value)(&song.rows[row].readouts);
        value.map(|value| format!("{} {} {}", column.title, minus(column.value_words(value)), column.unit))
    };
    let values: Vec<String> = COLUMNS.iter().filter_map(value).collect();
    format!("{} {scene}: {}", row_time(song, row), values.join(", "))
}

/// The rows of the recording before that were at the same places of the host's.
fn beside(song: &Song, before: &Song) -> Vec<Row> {
    let later_s = song.start_s.zip(before.start_s).map_or(0.0, |(now_s, then_s)| (now_s - then_s).round());
    let nothing = |time_s: f64| Row { time_s, readouts: Readouts::default() };
    let row = |(at, row): (usize, &Row)| {
        let there = at as f64 + later_s;
        let old = if there < 0.0 { None } else { before.rows.get(there as usize) };
        old.map_or(nothing(row.time_s), |old| Row { time_s: row.time_s, ..*old })
    };
    song.rows.iter().enumerate().map(row).collect()
}

/// The contour as comma-separated values, in the host's time.
fn table(song: &Song, before: Option<&Song>, scenes: &[Scene; SCENES]) -> String {
    let start_s = song.start_s.unwrap_or(0.0);
    let rows: Vec<Row> = song.rows.iter().map(|row| Row { time_s: start_s + row.time_s, ..*row }).collect();
    let names: Vec<String> = song.scenes.iter().map(|number| scene_name(*number, scenes)).collect();
    to_csv(&rows, before.map(|before| beside(song, before)).as_deref(), Some(&names))
}

/// The contour as a PNG file.
fn picture(song: &Song, before: Option<&Song>, scenes: &[Scene; SCENES]) -> Result<Vec<u8>, String> {
    let picture = picture::draw(PICTURE, PIXELS, |ui| {
        let area = ui.max_rect();
        ui.painter().rect_filled(area, 0.0, theme::PANEL);
        paint(ui.painter(), area.shrink(16.0), song, before, scenes, None);
    });
    picture.to_png().map_err(|error| format!("{error}."))
}

/// Draws scenes, panels and times; the values of a row where one is pointed at.
fn paint(
    painter: &Painter,
    mut area: Rect,
    song: &Song,
    before: Option<&Song>,
    scenes: &[Scene; SCENES],
    row: Option<usize>,
) {
    let before = before.map(|before| beside(song, before)).unwrap_or_default();
    let mut titles = area.cut_left(TITLES);
    let times = area.cut_bottom(TIMES);
    titles.cut_bottom(TIMES);
    let end_s = end_s(song);
    let (left, width) = (area.left(), area.width());
    let x = |s: f64| left + width * (s / end_s) as f32;
    let (small, tick) = ((theme::SMALL, Weight::Medium), (theme::TICK, Weight::Regular));
    let head = titles.cut_top(BAND);
    let words = row.map_or("SCENES".to_owned(), |row| row_time(song, row));
    text_within(painter, head, Align2::LEFT_CENTER, &words, small, theme::TEXT_LABEL);
    band(painter, area.cut_top(BAND), song, scenes, &x);
    let plots = area;
    let pitch = (area.height() / COLUMNS.len() as f32).floor();
    for (at, column) in COLUMNS.iter().enumerate() {
        let plot = area.cut_top(pitch).with_min_y(area.top() - pitch + GAP);
        let mut title = titles.cut_top(pitch).with_min_y(titles.top() - pitch + GAP);
        title.cut_right(6.0);
        painter.rect_filled(plot, theme::RADIUS, theme::WELL);
        let line = title.cut_top(14.0);
        text_within(painter, line, Align2::LEFT_CENTER, column.title, small, theme::TEXT_SOFT);
        let line = title.cut_top(13.0);
        text_within(painter, line, Align2::LEFT_CENTER, column.unit, tick, theme::TEXT_LABEL);
        if let Some(row) = row {
            let value = (column.value)(&song.rows[row].readouts);
            let words = value.map_or("–".to_owned(), |value| minus(column.value_words(value)));
            let style = (theme::BODY, Weight::Bold);
            text_within(painter, title, Align2::LEFT_CENTER, &words, style, theme::TEXT);
        }
        panel(painter, plot, at, song, &before, &x, row.is_none().then_some(titles.right() - 6.0));
    }
    let step_s = step_s(end_s, MOST_STEPS);
    let first_s = song.start_s.unwrap_or(0.0);
    for step in 0..=(end_s / step_s) as usize {
        let s = step as f64 * step_s;
        let align = if step == 0 { Align2::LEFT_CENTER } else { Align2::CENTER_CENTER };
        let place = pos2(x(s), times.center().y);
        if place.x < times.right() - 10.0 {
            text(painter, place, align, time(first_s + s), tick, theme::TEXT_LABEL);
        }
        painter.vline(x(s), plots.y_range(), Stroke::new(1.0, theme::GRID));
    }
    if let Some(row) = row {
        painter.vline(x(song.rows[row].time_s), plots.y_range(), Stroke::new(1.0, theme::TEXT_LABEL));
    }
}

/// The scenes along the song.
fn band(painter: &Painter, rect: Rect, song: &Song, scenes: &[Scene; SCENES], x: &impl Fn(f64) -> f32) {
    let mut from = 0;
    for run in song.scenes.chunk_by(|a, b| a == b) {
        let number = run[0];
        let place = rect
            .with_min_x(x(from as f64))
            .with_max_x(x((from + run.len()) as f64) - 1.0)
            .shrink2([0.0, 1.0].into());
        from += run.len();
        painter.rect_filled(place, theme::RADIUS, theme::CONTROL);
        if let Some(slot) = slot(number) {
            let line = place.with_min_y(place.bottom() - 3.0);
            painter.rect_filled(line, 0.0, theme::stem_color(scenes[slot].color));
        }
        if place.width() > 14.0 {
            let style = (theme::SMALL, Weight::Medium);
            let inner = place.shrink2([4.0, 0.0].into());
            text_within(painter, inner, Align2::LEFT_CENTER, &scene_name(number, scenes), style, theme::TEXT);
        }
    }
}

/// One readout; its ends are written left of `ends_x`.
fn panel(
    painter: &Painter,
    plot: Rect,
    at: usize,
    song: &Song,
    before: &[Row],
    x: &impl Fn(f64) -> f32,
    ends_x: Option<f32>,
) {
    let column = &COLUMNS[at];
    let tick = (theme::TICK, Weight::Regular);
    let Some(([low, high], told)) = span(at, song.rows.iter().chain(before)) else {
        text(painter, plot.center(), Align2::CENTER_CENTER, "none", tick, theme::TEXT_LABEL);
        return;
    };
    if let Some(right) = ends_x {
        let ends = [(told[1], plot.top() + 6.0), (told[0], plot.bottom() - 6.0)];
        for (value, y) in ends {
            let words = minus(column.value_words(value));
            text(painter, pos2(right, y), Align2::RIGHT_CENTER, words, tick, theme::TEXT_LABEL);
        }
    }
    let inner = plot.shrink2([0.0, 4.0].into());
    let y = |value: f64| inner.bottom() - inner.height() * ((value - low) / (high - low)) as f32;
    let point = |row: &Row| Some(pos2(x(row.time_s), y(drawn(column, &row.readouts)?)));
    let line = |rows: &[Row], width: f32, color: Color32| {
        // A line for every stretch without a hole.
        for stretch in rows.split(|row| drawn(column, &row.readouts).is_none()) {
            let points: Vec<Pos2> = stretch.iter().filter_map(point).collect();
            let points = match points[..] {
                [only] => iter::once(only - egui::vec2(2.0, 0.0)).chain([only]).collect(),
                _ => points,
            };
            painter.add(Shape::line(points, Stroke::new(width, color)));
        }
    };
    line(before, 1.0, theme::TEXT_LABEL);
    line(&song.rows, 1.5, theme::ACCENT);
}
