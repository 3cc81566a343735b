//! What has to be said, in lines under the header.

use super::gestures::Said;
use super::history::Change;
use super::scenes;
use super::theme::{self, Weight};
use super::widgets::{self, Cut, Desk, Toggle, text_within};
use crate::model::limits::{GROUPS, GroupParam, ParamKey, STEMS, StripParam};
use egui::{Align2, Color32, Popup, Rect, RectAlign, Ui, vec2};

const HEIGHT: f32 = 28.0;
const GAP: f32 = 8.0;

/// Draws what there is to say, cutting its lines off the top of the area.
pub fn banners(ui: &Ui, area: &mut Rect, is_empty: bool, said: &mut Option<Said>, desk: &mut Desk) {
    let mut line = || {
        let rect = area.cut_top(HEIGHT);
        area.cut_top(GAP);
        rect
    };
    if desk.instance.has_fault() {
        let words = "Stemwright has met a fault of its own and plays the plain sum of all stems. \
                     Switch the plugin off and on again, and please report it.";
        banner(ui, line(), theme::MUTE, words);
    }
    if let Some(slot) = desk.hands.gestures.edited() {
        editing(ui, line(), slot, desk);
    }
    let stems = (0..STEMS).map(|stem| ParamKey::Stem(stem, StripParam::Solo));
    let groups = (0..GROUPS).map(|group| ParamKey::Group(group, GroupParam::Solo));
    let soloed: Vec<ParamKey> = stems.chain(groups).filter(|key| desk.is_on(*key)).collect();
    if !soloed.is_empty() {
        let mut rest = banner(ui, line(), theme::SOLO, "Solos are in the mix and will print.");
        if act(ui, &mut rest, 96.0, "Clear all solos", "").clicked() {
            let clear = |key| Change::Param(key, [1.0, 0.0]);
            desk.change("Clear all solos", soloed.into_iter().map(clear).collect());
        }
    }
    if let Some(notices) = desk.instance.notices()
        && remarks(ui, line(), &notices, "")
    {
        desk.instance.dismiss_notices();
    }
    if said.as_ref().is_some_and(|said| remarks(ui, line(), said, " of the preset")) {
        *said = None;
    }
    if is_empty {
        let words = "No stems yet. Send each stem to an input of its own: the main input is Stem 01, \
                     the auxiliary (side-chain) inputs are Stem 02 to Stem 16.";
        banner(ui, line(), theme::TEXT_LABEL, words);
    }
}

/// Says that a scene is edited, and lets it be heard.
fn editing(ui: &Ui, rect: Rect, slot: usize, desk: &mut Desk) {
    let is_heard = scenes::sounding(desk) == Some(slot);
    let label = desk.instance.scenes()[slot].label(slot);
    let silent = if is_heard { "" } else { " It does not sound now." };
    let words =
        format!("Editing scene {label}: what you move changes the scene, not the live balance.{silent}");
    let mut rest = banner(ui, rect, theme::ACCENT, &words);
    if act(ui, &mut rest, 64.0, "Done", " editing").clicked() {
        desk.hands.gestures.edit(desk.instance, None);
    }
    if !is_heard && act(ui, &mut rest, 64.0, "Hear it", "").clicked() {
        scenes::step(Some(slot), desk);
    }
}

/// A line with the first of some remarks, and all of them at a click; says whether they are dismissed. `whose`
/// tells the buttons of two such lines apart.
fn remarks(ui: &Ui, rect: Rect, Said { head, remarks: all }: &Said, whose: &str) -> bool {
    let words = match &all[..] {
        [] => head.clone(),
        [only] => format!("{head} {only}"),
        [first, ..] => format!("{head} {first} (1 of {})", all.len()),
    };
    let mut rest = banner(ui, rect, theme::ACCENT, &words);
    let is_dismissed = act(ui, &mut rest, 64.0, "Dismiss", whose).clicked();
    if !all.is_empty() {
        let button = act(ui, &mut rest, 64.0, "Read all", whose);
        Popup::from_toggle_button_response(&button).align(RectAlign::BOTTOM_END).show(|ui| {
            ui.set_max_width(560.0);
            for remark in all {
                ui.label(remark);
            }
        });
    }
    is_dismissed
}

/// A line with a bar of its colour; the answer is what is free for buttons, at the right.
fn banner(ui: &Ui, rect: Rect, color: Color32, words: &str) -> Rect {
    let painter = ui.painter();
    painter.rect_filled(rect, theme::RADIUS, theme::STRIP);
    painter.rect_filled(rect.with_max_x(rect.left() + 4.0), theme::RADIUS, color);
    let mut rest = rect.shrink2(vec2(12.0, 4.0));
    // The widest buttons any line has.
    let words_rect = rest.cut_left(rest.width() - 140.0);
    let style = (theme::BODY, Weight::Medium);
    text_within(painter, words_rect, Align2::LEFT_CENTER, words, style, theme::TEXT);
    let response = ui.interact(words_rect, widgets::id(("banner", words)), egui::Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::Label, true, words));
    rest.expand2(vec2(8.0, 0.0)).with_min_x(rest.left())
}

fn act(ui: &Ui, rest: &mut Rect, width: f32, face: &str, whose: &str) -> egui::Response {
    let rect = rest.cut_right(width);
    rest.cut_right(4.0);
    let label = format!("{face}{whose}");
    widgets::button(ui, rect, Toggle { face, label: &label, color: theme::ACCENT }, false)
}
