//! The line at the top: who we are, which strips are shown, bypass.

use super::theme::{self, Weight};
use super::widgets::{self, Cut, Desk, Toggle, text};
use crate::model::limits::{MixParam, ParamKey};
use egui::{Align2, Rect, Stroke, Ui, pos2, vec2};

/// Heights and offsets of the mark's three bars: balanced.
const MARK: [(f32, f32); 3] = [(10.0, 2.0), (18.0, 0.0), (13.0, -2.0)];

/// Draws the header. `shows_all` is `None` where there is nothing to fold; true means that the button
/// which folds and unfolds was clicked.
pub fn header(ui: &Ui, rect: Rect, shows_all: Option<bool>, desk: &mut Desk) -> bool {
    let painter = ui.painter();
    painter.rect_filled(rect, 0.0, theme::PANEL);
    painter.hline(rect.x_range(), rect.bottom() - 0.5, Stroke::new(1.0, theme::LINE));
    let mut rest = rect.shrink2(vec2(12.0, 10.0));
    let mark = rest.cut_left(24.0);
    for (at, (height, offset)) in MARK.into_iter().enumerate() {
        let center = pos2(mark.left() + 4.0 + 6.0 * at as f32, mark.center().y + offset);
        let color = if at == 1 { theme::ACCENT } else { theme::TEXT_SOFT };
        painter.rect_filled(Rect::from_center_size(center, vec2(4.0, height)), 1.0, color);
    }
    let name = rest.cut_left(104.0);
    let style = (theme::HEAD + 1.0, Weight::Bold);
    text(painter, name.left_center(), Align2::LEFT_CENTER, "STEMWRIGHT", style, theme::TEXT);

    let bypass = ParamKey::Mix(MixParam::Bypass);
    let is_bypassed = desk.is_on(bypass);
    let face = Toggle {
        face: if is_bypassed { "Bypassed" } else { "Bypass" },
        label: &bypass.name(),
        color: theme::MUTE,
    };
    widgets::switch(ui, rest.cut_right(76.0), bypass, face, desk);

    let Some(shows_all) = shows_all else { return false };
    let face = if shows_all { "Fold unused stems" } else { "Show all 16 stems" };
    let toggle = Toggle { face, label: face, color: theme::ACCENT };
    widgets::button(ui, rest.cut_left(124.0), toggle, false).clicked()
}
