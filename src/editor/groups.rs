//! The groups' faders, mutes and solos.

use super::theme::{self, Weight};
use super::widgets::{self, Cut, Desk, Fill, Toggle, text};
use crate::model::limits::{GROUPS, GroupParam, ParamKey, STEMS};
use egui::{Align2, Rect, Ui};

/// Widest a group's column gets, in points.
const MAX_PITCH: f32 = 48.0;
const GAP: f32 = 4.0;

/// How many stems belong to each group.
pub fn members(desk: &Desk) -> [usize; GROUPS] {
    let stems = desk.instance.stems();
    std::array::from_fn(|group| (0..STEMS).filter(|stem| stems[*stem].group == Some(group)).count())
}

/// Draws the groups that have stems side by side, and acts on the hands in them.
pub fn groups(ui: &mut Ui, rect: Rect, members: &[usize; GROUPS], desk: &mut Desk) {
    let used: Vec<usize> = (0..GROUPS).filter(|group| members[*group] > 0).collect();
    let pitch = ((rect.width() + GAP) / used.len().max(1) as f32).floor().min(MAX_PITCH);
    let left = rect.center().x - 0.5 * (pitch * used.len() as f32 - GAP);
    for (at, &group) in used.iter().enumerate() {
        let left = left + pitch * at as f32;
        let mut column = rect.with_min_x(left).with_max_x(left + pitch - GAP);
        let key = |param| ParamKey::Group(group, param);
        let name = |param| key(param).name();
        let head = column.cut_top(16.0);
        let letter = crate::model::limits::slot_letter(group);
        let style = (theme::BODY, Weight::Bold);
        text(ui.painter(), head.center(), Align2::CENTER_CENTER, letter, style, theme::TEXT);
        let response = ui.interact(head, widgets::id(("group", group)), egui::Sense::hover());
        let stems = if members[group] == 1 { "stem" } else { "stems" };
        response.on_hover_text(format!("Group {letter}: {} {stems}.", members[group]));
        for (param, face, color) in
            [(GroupParam::Solo, "S", theme::SOLO), (GroupParam::Mute, "M", theme::MUTE)]
        {
            let toggle = Toggle { face, label: &name(param), color };
            widgets::switch(ui, column.cut_bottom(22.0), key(param), toggle, desk);
            column.cut_bottom(2.0);
        }
        let fader = key(GroupParam::Fader);
        let label = format!("{} value", fader.name());
        widgets::number(ui, column.cut_bottom(22.0), fader, &label, Fill::None, desk)
            .on_hover_text("Click to type a level, such as -6 or -inf.");
        column.cut_bottom(2.0);
        widgets::fader(ui, column, fader, &fader.name(), theme::TEXT, desk)
            .on_hover_text(GroupParam::Fader.spec().about);
    }
}
