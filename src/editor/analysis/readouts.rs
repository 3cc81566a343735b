//! The readouts of a mix, and how one part or recording of the song differs from another.

use crate::analysis::{COLUMNS, Readouts, Song, WHAT_THEY_ARE};
use crate::editor::theme::{self, Weight};
use crate::editor::widgets::{self, Cut, Desk, Toggle, paragraph, text, text_within};
use crate::model::limits::SCENES;
use egui::{Align2, Rect, Sense, Ui, WidgetInfo, vec2};

/// Width of the table.
pub const WIDTH: f32 = 352.0;
const TITLE: f32 = 84.0;
const CELL: f32 = 62.0;
const ROW: f32 = 24.0;

/// Some part of what was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// All of the recording.
    Whole,
    /// While this scene (0 to 7) sounded, or none.
    Scene(Option<usize>),
    /// All of the recording before.
    Before,
}

impl Part {
    fn all() -> impl Iterator<Item = Self> {
        let scenes = std::iter::once(None).chain((0..SCENES).map(Some)).map(Self::Scene);
        std::iter::once(Self::Whole).chain(scenes).chain([Self::Before])
    }

    fn readouts<'a>(self, song: &'a Song, before: Option<&'a Song>) -> Option<&'a Readouts> {
        match self {
            Self::Whole => Some(&song.readouts),
            Self::Scene(scene) => song.readouts_of(scene),
            Self::Before => before.map(|before| &before.readouts),
        }
    }

    fn face(self) -> String {
        match self {
            Self::Whole => "Song".to_owned(),
            Self::Scene(None) => "Live".to_owned(),
            Self::Scene(Some(slot)) => char::from(b'A' + slot as u8).to_string(),
            Self::Before => "Before".to_owned(),
        }
    }

    fn label(self, desk: &Desk) -> String {
        match self {
            Self::Whole => "the whole recording".to_owned(),
            Self::Scene(None) => "what is live".to_owned(),
            Self::Scene(Some(slot)) => format!("scene {}", desk.instance.scenes()[slot].label(slot)),
            Self::Before => "the recording before".to_owned(),
        }
    }
}

/// What is compared with what.
#[derive(Debug)]
pub struct Compared {
    of: Part,
    against: Part,
}

impl Default for Compared {
    fn default() -> Self {
        Self { of: Part::Whole, against: Part::Before }
    }
}

impl Compared {
    /// Only what was heard can be compared.
    pub fn keep_to(&mut self, song: &Song, before: Option<&Song>) {
        if self.of.readouts(song, before).is_none() {
            self.of = Part::Whole;
        }
    }
}

/// Draws the table and acts on the hands in it.
pub fn readouts(
    ui: &Ui,
    area: Rect,
    song: &Song,
    before: Option<&Song>,
    compared: &mut Compared,
    desk: &mut Desk,
) {
    let painter = ui.painter();
    painter.rect_filled(area, theme::RADIUS, theme::STRIP);
    let mut rest = area.shrink(8.0);
    let heard: Vec<Part> = Part::all().filter(|part| part.readouts(song, before).is_some()).collect();
    for (word, verb, part) in
        [("SHOW", "Show", &mut compared.of), ("AGAINST", "Compare with", &mut compared.against)]
    {
        let mut line = rest.cut_top(24.0);
        let style = (theme::SMALL, Weight::Medium);
        let place = line.cut_left(54.0).left_center();
        text(painter, place, Align2::LEFT_CENTER, word, style, theme::TEXT_LABEL);
        let width = (line.width() / heard.len() as f32 - 2.0).min(52.0).floor();
        for choice in &heard {
            let label = format!("{verb} {}", choice.label(desk));
            let toggle = Toggle { face: &choice.face(), label: &label, color: theme::ACCENT };
            let response = widgets::button(ui, line.cut_left(width), toggle, *part == *choice);
            line.cut_left(2.0);
            if response.clicked() {
                *part = *choice;
            }
            response.on_hover_text(format!("{label}."));
        }
        rest.cut_top(4.0);
    }
    let shown = compared.of.readouts(song, before);
    let against = compared.against.readouts(song, before).filter(|_| compared.against != compared.of);
    let now = song.rows.last().map(|row| &row.readouts);
    let difference = shown.zip(against).map(|(shown, against)| shown.against(against));
    rest.cut_top(4.0);
    let mut head = rest.cut_top(18.0);
    head.cut_left(TITLE);
    let style = (theme::SMALL, Weight::Medium);
    let titles = ["LAST 3 s", "SHOWN", "AGAINST", "DIFFERENCE"];
    for title in titles {
        text_within(painter, head.cut_left(CELL), Align2::CENTER_CENTER, title, style, theme::TEXT_LABEL);
    }
    for column in &COLUMNS {
        let mut row = rest.cut_top(ROW);
        let title = row.cut_left(TITLE);
        let [of_value, of_difference] = column.decimals;
        let value = |readouts: Option<&Readouts>| {
            readouts.and_then(column.value).map_or("–".to_owned(), |value| signless(value, of_value))
        };
        let unlike = difference.as_ref().and_then(column.difference);
        let differs = unlike.map_or("–".to_owned(), |value| signed(value, of_difference));
        let cells = [value(now), value(shown), value(against), differs];
        let body = (theme::BODY, Weight::Medium);
        text_within(
            painter,
            title.with_max_y(title.center().y + 3.0),
            Align2::LEFT_CENTER,
            column.title,
            body,
            theme::TEXT_SOFT,
        );
        let unit = title.with_min_y(title.center().y + 1.0);
        text_within(
            painter,
            unit,
            Align2::LEFT_CENTER,
            column.unit,
            (theme::TICK, Weight::Regular),
            theme::TEXT_LABEL,
        );
        for (at, words) in cells.iter().enumerate() {
            let mut cell = row.cut_left(CELL);
            let ink = if at == 3 { theme::TEXT } else { theme::TEXT_SOFT };
            if at == 3 && unlike.is_some() && column.difference_unit != "" {
                let unit = cell.cut_right(18.0);
                let style = (theme::TICK, Weight::Regular);
                text(
                    painter,
                    unit.left_center() + vec2(2.0, 0.0),
                    Align2::LEFT_CENTER,
                    column.difference_unit,
                    style,
                    theme::TEXT_LABEL,
                );
                text(painter, cell.right_center(), Align2::RIGHT_CENTER, words, body, ink);
            } else {
                text_within(painter, cell, Align2::CENTER_CENTER, words, body, ink);
            }
        }
        let rect = Rect::from_min_max(title.min, row.max);
        let response = ui.interact(rect, widgets::id(("readout", column.id)), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(egui::accesskit::Role::Group, true, column.title));
        let told =
            format!("{} {}; difference {} {}", cells[1], column.unit, cells[3], column.difference_unit);
        ui.ctx().accesskit_node_builder(response.id, |node| node.set_value(told.trim_end()));
    }
    rest.cut_top(6.0);
    paragraph(painter, rest.cut_top(52.0), WHAT_THEY_ARE, theme::SMALL, theme::TEXT_LABEL);
}

/// A value with a true minus.
pub fn signless(value: f64, decimals: usize) -> String {
    let scale = 10f64.powi(decimals as i32);
    // Zero is added so that what rounds to nothing has no minus.
    format!("{:.decimals$}", (value * scale).round() / scale + 0.0).replace('-', "\u{2212}")
}

fn signed(value: f64, decimals: usize) -> String {
    let words = signless(value, decimals);
    if words.starts_with('\u{2212}') { words } else { format!("+{words}") }
}
