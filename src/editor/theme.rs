//! Colours, type and fonts. Sizes are in egui points.

use egui::{Color32, CornerRadius, FontData, FontDefinitions, FontFamily, FontId, Stroke};
use std::sync::Arc;

const fn rgb(hex: u32) -> Color32 {
    let [_, r, g, b] = hex.to_be_bytes();
    Color32::from_rgb(r, g, b)
}

/// Ground of meters, slots and lists.
pub const WELL: Color32 = rgb(0x0E1012);
/// Ground of the window.
pub const GROUND: Color32 = rgb(0x15171A);
/// Header, master and details.
pub const PANEL: Color32 = rgb(0x1B1E22);
/// A strip.
pub const STRIP: Color32 = rgb(0x22262B);
/// The selected strip.
pub const SELECTED: Color32 = rgb(0x2A2F35);
/// Buttons and numbers.
pub const CONTROL: Color32 = rgb(0x2F353C);
/// The same under the mouse.
pub const HOVER: Color32 = rgb(0x3B424B);
/// Lines between things.
pub const LINE: Color32 = rgb(0x333941);

/// What covers another, at its strongest.
pub const COVERED: Color32 = rgb(0x83492F);

/// Lines in plots.
pub const GRID: Color32 = rgb(0x24292E);

/// Values and names.
pub const TEXT: Color32 = rgb(0xECEFF2);
/// Everything of less weight; good on every surface.
pub const TEXT_SOFT: Color32 = rgb(0xB7BFC8);
/// Labels and scales; not on [`HOVER`].
pub const TEXT_LABEL: Color32 = rgb(0x99A3AE);
/// Text on accents.
pub const INK: Color32 = rgb(0x121416);

/// What is chosen or focused.
pub const ACCENT: Color32 = rgb(0x6CB6F5);
/// Mute, and what is wrong.
pub const MUTE: Color32 = rgb(0xF07168);
/// Solo.
pub const SOLO: Color32 = rgb(0xF2C94C);
/// Polarity.
pub const POLARITY: Color32 = rgb(0xB39DF7);

/// Meters below -18 dBFS.
pub const METER_LOW: Color32 = rgb(0x3E9588);
/// Meters to -6 dBFS.
pub const METER_MID: Color32 = rgb(0x74BE8E);
/// Meters to full scale.
pub const METER_HIGH: Color32 = rgb(0xE6B24A);
/// Over full scale.
pub const METER_CLIP: Color32 = rgb(0xF0554E);

/// Scale ticks.
pub const TICK: f32 = 9.5;
/// Labels.
pub const SMALL: f32 = 10.5;
/// Values and names.
pub const BODY: f32 = 12.0;
/// Heads.
pub const HEAD: f32 = 13.0;

/// The one big number.
pub const BIG: f32 = 28.0;

/// Nothing to be clicked is lower, in points.
pub const TARGET: f32 = 22.0;

/// Corner radius of controls.
pub const RADIUS: CornerRadius = CornerRadius::same(3);

/// Weight of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// 400.
    Regular,
    /// 500.
    Medium,
    /// 600.
    Bold,
}

impl Weight {
    /// The fonts, lightest first.
    const FONTS: [(Self, &'static str, &'static [u8]); 3] = [
        (Self::Regular, "plex-400", include_bytes!("../../assets/fonts/PlexCond-400.ttf")),
        (Self::Medium, "plex-500", include_bytes!("../../assets/fonts/PlexCond-500.ttf")),
        (Self::Bold, "plex-600", include_bytes!("../../assets/fonts/PlexCond-600.ttf")),
    ];

    fn family(self) -> FontFamily {
        match self {
            Self::Regular => FontFamily::Proportional,
            Self::Medium => FontFamily::Name("medium".into()),
            Self::Bold => FontFamily::Name("bold".into()),
        }
    }
}

/// A font of ours.
pub fn font(size: f32, weight: Weight) -> FontId {
    FontId::new(size, weight.family())
}

/// A stem's colour from its 0xRRGGBB.
pub fn stem_color(hex: u32) -> Color32 {
    rgb(hex)
}

/// `from` moved towards `to` by `share` (0 to 1).
pub fn blend(from: Color32, to: Color32, share: f32) -> Color32 {
    let [r, g, b] = std::array::from_fn(|i| {
        let (from, to) = (f32::from(from[i]), f32::from(to[i]));
        (from + (to - from) * share).round() as u8
    });
    Color32::from_rgb(r, g, b)
}

/// Contrast of two colours after WCAG 2, 1 to 21.
pub fn contrast(a: Color32, b: Color32) -> f32 {
    let luminance = |color: Color32| {
        let linear = |channel: u8| {
            let v = f32::from(channel) / 255.0;
            if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(color.r()) + 0.7152 * linear(color.g()) + 0.0722 * linear(color.b())
    };
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// Gives a context our fonts and colours. Once, before the first frame.
pub fn install(ctx: &egui::Context) {
    let mut fonts = FontDefinitions::default();
    // What ours lack, egui's own have.
    let fallback = fonts.families.get(&FontFamily::Proportional).cloned().unwrap_or_default();
    for (weight, name, bytes) in Weight::FONTS {
        fonts.font_data.insert(name.to_owned(), Arc::new(FontData::from_static(bytes)));
        let chain = std::iter::once(name.to_owned()).chain(fallback.iter().cloned()).collect();
        fonts.families.insert(weight.family(), chain);
    }
    ctx.set_fonts(fonts);
    ctx.set_theme(egui::Theme::Dark);
    ctx.all_styles_mut(|style| {
        let visuals = &mut style.visuals;
        visuals.panel_fill = GROUND;
        visuals.window_fill = PANEL;
        visuals.window_stroke = Stroke::new(1.0, LINE);
        visuals.extreme_bg_color = WELL;
        visuals.override_text_color = Some(TEXT);
        visuals.selection.bg_fill = blend(WELL, ACCENT, 0.35);
        visuals.selection.stroke = Stroke::new(1.0, TEXT);
        style.interaction.tooltip_delay = 0.6;
        style.interaction.selectable_labels = false;
        style.spacing.interact_size.y = TARGET;
        for font in style.text_styles.values_mut() {
            font.size = BODY;
        }
    });
}
