//! What the selected stem has besides its strip.

use super::theme::{self, Weight};
use super::widgets::{self, Cut, Desk, Fill, Toggle, text, text_within};
use crate::model::limits::{ParamKey, STEM_COLORS, StripParam, stem_title};
use egui::{Align2, Rect, Stroke, StrokeKind, Ui, vec2};

/// Draws the line and acts on the hands in it.
pub fn details(ui: &mut Ui, rect: Rect, stem: usize, desk: &mut Desk) {
    ui.painter().rect_filled(rect, theme::RADIUS, theme::PANEL);
    let mut rest = rect.shrink2(vec2(12.0, (rect.height() - 22.0) * 0.5));
    let mut stems = desk.instance.stems();
    let color = theme::stem_color(stems[stem].color);
    let key = |param| ParamKey::Stem(stem, param);

    let chip = rest.cut_left(4.0);
    ui.painter().rect_filled(chip, 1.0, color);
    rest.cut_left(8.0);
    let name = rest.cut_left(150.0);
    let label = stems[stem].label(stem);
    let style = (theme::HEAD, Weight::Bold);
    text_within(ui.painter(), name, Align2::LEFT_CENTER, &label, style, theme::TEXT);
    let words = format!("Rename {}", stem_title(stem));
    let face = Toggle { face: "Rename", label: &words, color: theme::ACCENT };
    if widgets::button(ui, rest.cut_left(64.0), face, false).clicked() {
        widgets::rename(ui, stem, desk);
    }

    head(ui, &mut rest, 60.0, "DELAY");
    let delay = key(StripParam::Delay);
    widgets::number(ui, rest.cut_left(72.0), delay, &delay.name(), Fill::FromDefault(color), desk)
        .on_hover_text(StripParam::Delay.spec().about);
    head(ui, &mut rest, 80.0, "PAN MODE");
    widgets::choice(ui, rest.cut_left(172.0), key(StripParam::PanMode), desk);
    rest.cut_left(24.0);
    let safe = key(StripParam::SoloSafe);
    let face = Toggle { face: "Solo safe", label: &safe.name(), color: theme::SOLO };
    widgets::switch(ui, rest.cut_left(76.0), safe, face, desk);

    head(ui, &mut rest, 72.0, "COLOUR");
    for (at, hex) in STEM_COLORS.into_iter().enumerate() {
        let swatch = rest.cut_left(20.0);
        rest.cut_left(2.0);
        let label = format!("{} colour {}", stem_title(stem), at + 1);
        let face = Toggle { face: "", label: &label, color: theme::stem_color(hex) };
        if widgets::button(ui, swatch, face, true).clicked() && stems[stem].color != hex {
            stems[stem].color = hex;
            desk.instance.set_stems(stems.clone());
        }
        if stems[stem].color == hex {
            let chosen = Stroke::new(2.0, theme::TEXT);
            ui.painter().rect_stroke(swatch.expand(1.0), theme::RADIUS, chosen, StrokeKind::Inside);
        }
    }
}

/// A label right before what it names.
fn head(ui: &Ui, rest: &mut Rect, width: f32, words: &str) {
    let at = rest.cut_left(width).right_center() - vec2(8.0, 0.0);
    text(ui.painter(), at, Align2::RIGHT_CENTER, words, (theme::SMALL, Weight::Medium), theme::TEXT_LABEL);
}
