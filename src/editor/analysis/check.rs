//! The tab of faults: one list, the worst first, each with its cure.

use super::Known;
use crate::analysis::{Change, Finding, Grade};
use crate::doctor::Light;
use crate::editor::history;
use crate::editor::routing::light;
use crate::editor::theme::{self, Weight};
use crate::editor::widgets::{self, Cut, Desk, Toggle, minus, paragraph, text};
use crate::model::settings::sane;
use egui::{Align2, Rect, ScrollArea, Sense, Ui, UiBuilder, WidgetInfo, vec2};

const ROW: f32 = 50.0;

/// Draws the list and acts on the hands in it.
pub fn check(ui: &mut Ui, mut area: Rect, known: &Known, desk: &mut Desk) {
    let mut foot = area.cut_bottom(20.0);
    let words = summary(known);
    let style = (theme::SMALL, Weight::Medium);
    text(ui.painter(), foot.left_center(), Align2::LEFT_CENTER, &words, style, theme::TEXT_LABEL);
    let response = ui.interact(foot.cut_left(400.0), widgets::id("check summary"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(egui::accesskit::Role::Label, true, &words));
    ui.scope_builder(UiBuilder::new().max_rect(area), |ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        let count = known.findings.len();
        ScrollArea::vertical().auto_shrink(false).show_rows(ui, ROW, count, |ui, rows| {
            for at in rows {
                let finding = &known.findings[at];
                let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
                row(ui, rect, at, finding, desk);
            }
        });
    });
}

/// What was looked at, and what is to come.
fn summary(known: &Known) -> String {
    let count = (0..known.stems.len())
        .filter(|stem| known.song.sounds(*stem) && !known.mix.stems[*stem].mute)
        .count();
    let stems = if count == 1 { "1 stem".to_owned() } else { format!("{count} stems") };
    let found = match known.findings.len() {
        0 => format!("Nothing is wrong with {stems}, as far as they were heard."),
        1 => format!("1 thing to look at in {stems}."),
        more => format!("{more} things to look at in {stems}."),
    };
    if known.song.is_compared() {
        found
    } else {
        found + " Stems are compared with one another when the recording ends."
    }
}

fn row(ui: &Ui, rect: Rect, at: usize, finding: &Finding, desk: &mut Desk) {
    let painter = ui.painter();
    painter.rect_filled(rect, theme::RADIUS, theme::STRIP);
    let mut rest = rect.shrink2(vec2(8.0, 2.0));
    let grade = finding.kind.grade();
    let sign = match grade {
        Grade::Bad => Light::Bad,
        Grade::Look => Light::Look,
        Grade::Tidy => Light::Waiting,
    };
    light(painter, rest.cut_left(10.0).center(), sign);
    rest.cut_left(6.0);
    let style = (theme::SMALL, Weight::Medium);
    let place = rest.cut_left(30.0).left_center();
    text(painter, place, Align2::LEFT_CENTER, grade.word(), style, theme::TEXT_LABEL);
    let chip = rest.cut_left(3.0).shrink2(vec2(0.0, 8.0));
    let color = desk.instance.stems()[finding.stem].color;
    painter.rect_filled(chip, 1.0, theme::stem_color(color));
    rest.cut_left(8.0);
    let place = rest.cut_right(72.0);
    rest.cut_right(8.0);
    if !finding.cure.changes.is_empty() && desk.hands.gestures.edited().is_some() {
        let button = Rect::from_center_size(place.center(), vec2(place.width(), theme::TARGET));
        widgets::idle_button(ui, button, "Cure")
            .on_hover_text("Cures are for the live balance. Leave the scene to make them.");
    } else if !finding.cure.changes.is_empty() {
        let label = format!("Cure {}: {}", at + 1, finding.kind.word().replace('_', " "));
        let button = Rect::from_center_size(place.center(), vec2(place.width(), theme::TARGET));
        let cure = Toggle { face: "Cure", label: &label, color: theme::ACCENT };
        let response = widgets::button(ui, button, cure, false);
        if response.clicked() {
            make(format!("Cure: {}", finding.words()), &finding.cure.changes, desk);
        }
        let changes: Vec<String> = finding.cure.changes.iter().map(Change::words).collect();
        response.on_hover_text(format!("Sets {}. One Undo takes it back.", changes.join("; ")));
    }
    let (words, cure) = (minus(finding.words()), minus(&finding.cure.words));
    let upper = rest.cut_top(22.0);
    paragraph(painter, upper, &words, theme::BODY, theme::TEXT);
    paragraph(painter, rest, &cure, theme::SMALL, theme::TEXT_LABEL);
    let response = ui.interact(rect.with_max_x(place.left()), widgets::id(("finding", at)), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(egui::accesskit::Role::Group, true, &words));
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_value(cure.as_str()));
    response.on_hover_text(format!("{words}\n{cure}"));
}

/// Makes changes as one edit.
pub fn make(name: String, changes: &[Change], desk: &mut Desk) {
    let change = |change: &Change| match change {
        Change::Set(key, value) => {
            history::Change::Param(*key, [desk.instance.value(*key), sane(&key.spec(), *value)])
        }
        Change::Rename(stem, name) => {
            let from = desk.instance.stems()[*stem].clone();
            let mut to = from.clone();
            to.rename(name);
            history::Change::Stem(*stem, Box::new([from, to]))
        }
    };
    let changes = changes.iter().map(change).collect();
    desk.change(name, changes);
}
