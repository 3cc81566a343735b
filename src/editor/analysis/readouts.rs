//! The readouts of what was recorded: of the last seconds, of all of it and of each scene, and how they differ from
//! whichever of them is the reference.

use crate::analysis::{COLUMNS, Column, Readouts, Song, StudyState, WHAT_THEY_ARE};
use crate::editor::theme::{self, Weight};
use crate::editor::widgets::{self, Cut, Desk, minus, name_within, paragraph, text_within};
use crate::model::limits::SCENES;
use egui::accesskit::Role;
use egui::{Align2, Rect, Sense, Ui, WidgetInfo, vec2};

/// Width of the table.
pub const WIDTH: f32 = 416.0;
const TITLE: f32 = 80.0;
const HEAD: f32 = 42.0;
const FOOT: f32 = 46.0;
/// Smallest and largest height of a line.
const LINE: [f32; 2] = [20.0, 34.0];

/// What each readout says, for whoever does not know its word.
const ABOUT: [&str; COLUMNS.len()] = [
    "How loud it is (BS.1770-5): of a whole recording by its gates, of a part of it without.",
    "The centre of the power spectrum: higher is brighter.",
    "Power from 100 to 400 Hz against all of it: more is warmer, or muddier.",
    "Power above 10 kHz against all of it.",
    "Power of the sides against that of the middle: higher is wider.",
    "How alike left and right are: 1 is mono, 0 is strangers, and what is below 0 is lost in mono.",
    "Loudness of the stems with the role lead against all others, while the lead sounds.",
];

/// A part of what was recorded.
#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq)]
enum Part {
    /// The last 3 s, while it is recorded.
    Now,
    /// All of the recording.
    Whole,
    /// While this scene (0 to 7) sounded, or none.
    Scene(Option<usize>),
    /// All of the recording before.
    Before,
}

impl Part {
    /// What was heard. Without a scene there is no more to say than of the whole.
    fn heard(study: &StudyState, song: &Song) -> Vec<Self> {
        let mut parts = vec![Self::Whole];
        let scenes = (0..SCENES).map(|slot| Self::Scene(Some(slot)));
        if scenes.clone().any(|part| part.readouts(study, song).is_some()) {
            parts.push(Self::Scene(None));
            parts.extend(scenes);
        }
        if study.is_recording {
            parts.insert(0, Self::Now);
        }
        parts.push(Self::Before);
        parts.retain(|part| part.readouts(study, song).is_some());
        parts
    }

    fn readouts(self, study: &StudyState, song: &Song) -> Option<Readouts> {
        match self {
            Self::Now => song.rows.last().map(|row| row.readouts),
            Self::Whole => Some(song.readouts),
            Self::Scene(scene) => song.readouts_of(scene).copied(),
            Self::Before => study.before.as_ref().map(|before| before.readouts),
        }
    }

    /// The readouts of the reference that this part is compared with: of the recording before, the same scene's.
    fn counterpart(self, reference: Self, study: &StudyState, song: &Song) -> Option<Readouts> {
        match (reference, self) {
            (Self::Before, Self::Scene(scene)) => study.before.as_ref()?.readouts_of(scene).copied(),
            _ => reference.readouts(study, song),
        }
    }

    fn face(self, desk: &Desk) -> String {
        match self {
            Self::Now => "Last 3 s".to_owned(),
            Self::Whole => "All".to_owned(),
            Self::Scene(None) => "Live".to_owned(),
            Self::Scene(Some(slot)) => desk.instance.scenes()[slot].label(slot),
            Self::Before => "Before".to_owned(),
        }
    }

    fn label(self, desk: &Desk) -> String {
        match self {
            Self::Now => "the last 3 s".to_owned(),
            Self::Whole => "the whole recording".to_owned(),
            Self::Scene(None) => "what sounded without a scene".to_owned(),
            Self::Scene(Some(slot)) => format!("scene {}", desk.instance.scenes()[slot].label(slot)),
            Self::Before => "the recording before".to_owned(),
        }
    }
}

/// What the table remembers.
#[derive(Debug)]
pub struct Compared {
    /// What all others are compared with, where that was heard.
    reference: Option<Part>,
}

impl Default for Compared {
    fn default() -> Self {
        Self { reference: Some(Part::Before) }
    }
}

/// Draws the table and acts on the hands in it.
pub fn readouts(
    ui: &Ui,
    area: Rect,
    study: &StudyState,
    song: &Song,
    compared: &mut Compared,
    desk: &mut Desk,
) {
    let parts = Part::heard(study, song);
    let reference = compared.reference.filter(|part| parts.contains(part));
    let painter = ui.painter();
    let width = ((area.width() - TITLE) / COLUMNS.len() as f32).floor();
    let mut rest = area;
    let mut heads = rest.cut_top(HEAD);
    heads.cut_left(TITLE);
    for (column, about) in COLUMNS.iter().zip(ABOUT) {
        title(ui, heads.cut_left(width), column, about);
    }
    let foot = rest.cut_bottom(FOOT);
    let height = (rest.height() / parts.len() as f32).clamp(LINE[0], LINE[1]).floor();
    for part in parts {
        let mut line = rest.cut_top(height).with_max_y(rest.top() - 1.0);
        let is_reference = reference == Some(part);
        let response = ui.interact(line, widgets::id(("readouts", part)), Sense::click());
        widgets::row_ground(painter, &response, is_reference);
        let mut name = line.cut_left(TITLE).shrink2(vec2(4.0, 1.0));
        if let Part::Scene(Some(slot)) = part {
            let chip = name.cut_left(3.0).shrink2(vec2(0.0, 3.0));
            painter.rect_filled(chip, 1.0, theme::stem_color(desk.instance.scenes()[slot].color));
            name.cut_left(4.0);
        }
        let body = (theme::BODY, Weight::Medium);
        name_within(painter, name, Align2::LEFT_CENTER, &part.face(desk), body, theme::TEXT);
        let values = part.readouts(study, song).unwrap_or_default();
        let other = reference.filter(|_| !is_reference);
        let other = other.map(|other| part.counterpart(other, study, song).unwrap_or_default());
        let mut told = Vec::new();
        for column in &COLUMNS {
            let mut cell = line.cut_left(width);
            let value = (column.value)(&values);
            let words = value.map_or("–".to_owned(), |value| minus(column.value_words(value)));
            told.push(format!("{} {words} {}", column.title, column.unit).trim_end().to_owned());
            if let Some(other) = &other {
                let by = (column.difference)(&values.against(other));
                let by = by.map_or("–".to_owned(), |by| {
                    format!("{} {}", minus(column.difference_words(by)), column.difference_unit)
                });
                let lower = cell.cut_bottom((0.5 * cell.height()).floor());
                let style = (theme::TICK, Weight::Regular);
                text_within(painter, lower, Align2::CENTER_TOP, by.trim_end(), style, theme::TEXT_SOFT);
                told.push(format!("which differs by {}", by.trim_end()));
                text_within(painter, cell, Align2::CENTER_BOTTOM, &words, body, theme::TEXT);
            } else {
                text_within(painter, cell, Align2::CENTER_CENTER, &words, body, theme::TEXT);
            }
        }
        let label = format!("Compare with {}", part.label(desk));
        response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_reference, &label));
        ui.ctx().accesskit_node_builder(response.id, |node| node.set_value(told.join(", ")));
        if response.clicked() {
            compared.reference = (!is_reference).then_some(part);
        }
        response.on_hover_text(format!("{label}."));
    }
    let hint = match reference {
        None => "Click a line to see how the others differ from it.".to_owned(),
        Some(Part::Before) => {
            "Below each value, the difference to the recording before, of scenes to the same scene."
                .to_owned()
        }
        Some(part) => format!("Below each value, the difference to {}.", part.label(desk)),
    };
    let place = foot.shrink2(vec2(4.0, 4.0));
    paragraph(painter, place, &format!("{hint}\n{WHAT_THEY_ARE}"), theme::SMALL, theme::TEXT_LABEL);
}

/// The head of a column; what it says shows when it is pointed at.
fn title(ui: &Ui, rect: Rect, column: &Column, about: &str) {
    let mut words = rect;
    let unit = words.cut_bottom(14.0);
    let (small, tick) = ((theme::SMALL, Weight::Medium), (theme::TICK, Weight::Regular));
    let (first, second) = column.title.split_once(' ').unwrap_or((column.title, ""));
    let lower = words.cut_bottom(if second.is_empty() { 0.0 } else { 0.5 * words.height() });
    text_within(ui.painter(), words, Align2::CENTER_CENTER, first, small, theme::TEXT_SOFT);
    text_within(ui.painter(), lower, Align2::CENTER_CENTER, second, small, theme::TEXT_SOFT);
    text_within(ui.painter(), unit, Align2::CENTER_CENTER, column.unit, tick, theme::TEXT_LABEL);
    let response = ui.interact(rect, widgets::id(("readout", column.id)), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::ColumnHeader, true, column.title));
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_value(about));
    response.on_hover_text(about);
}
