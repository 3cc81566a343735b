//! Meters of peak and RMS: how they fall, and how they are drawn.

use super::{id, snapped, text};
use crate::editor::theme::{self, Weight};
use crate::sync::Powers;
use egui::accesskit::Role;
use egui::{Align2, Color32, Painter, Rect, Sense, Ui, WidgetInfo, pos2};

/// How fast a level falls: 20 dB in 1.7 s.
const FALL_DB_PER_S: f32 = 20.0 / 1.7;
/// How long the mark stays at a peak before it falls too.
const MARK_S: f32 = 2.0;
/// The meter's scale after IEC 60268-18: level in dBFS and share of the height, straight in between.
const SCALE: [(f32, f32); 7] =
    [(-70.0, 0.0), (-60.0, 0.025), (-50.0, 0.075), (-40.0, 0.15), (-30.0, 0.30), (-20.0, 0.50), (0.0, 1.0)];
/// From here up a level has this colour.
const ZONES: [(f32, Color32); 4] = [
    (-70.0, theme::METER_LOW),
    (-18.0, theme::METER_MID),
    (-6.0, theme::METER_HIGH),
    (-0.1, theme::METER_CLIP),
];

/// Where a level in dBFS stands on the scale, 0 to 1.
pub fn meter_position(db: f32) -> f32 {
    let above = SCALE.partition_point(|(mark, _)| *mark <= db);
    match (above.checked_sub(1).map(|below| SCALE[below]), SCALE.get(above)) {
        (None, _) => 0.0,
        (Some((_, top)), None) => top,
        (Some((low, from)), Some((high, to))) => from + (db - low) / (high - low) * (to - from),
    }
}

/// One pair of meters from frame to frame. Levels in dBFS, minus infinity where nothing sounds.
#[derive(Clone, Copy, Debug)]
pub struct Meter {
    rms_db: [f32; 2],
    correlation: Option<f32>,
    level_db: [f32; 2],
    mark_db: [f32; 2],
    mark_age_s: [f32; 2],
    peak_db: f32,
    /// Nothing is told but that it clips.
    is_hidden: bool,
}

impl Default for Meter {
    fn default() -> Self {
        let silent = f32::NEG_INFINITY;
        Self {
            rms_db: [silent; 2],
            correlation: None,
            level_db: [silent; 2],
            mark_db: [silent; 2],
            mark_age_s: [0.0; 2],
            peak_db: silent,
            is_hidden: false,
        }
    }
}

impl Meter {
    /// Takes the largest magnitudes since the last frame, so many seconds ago, and the powers.
    pub fn feed(&mut self, peaks: [f32; 2], powers: Powers, dt_s: f32) {
        for (side, peak) in peaks.into_iter().enumerate() {
            let db = 20.0 * peak.log10();
            self.level_db[side] = db.max(floored(self.level_db[side] - FALL_DB_PER_S * dt_s));
            self.mark_age_s[side] += dt_s;
            if self.mark_age_s[side] > MARK_S {
                self.mark_db[side] = floored(self.mark_db[side] - FALL_DB_PER_S * dt_s);
            }
            if self.level_db[side] >= self.mark_db[side] {
                self.mark_db[side] = self.level_db[side];
                self.mark_age_s[side] = 0.0;
            }
            self.peak_db = self.peak_db.max(db);
            // Where the host has stopped calling, the powers stand still; the peaks fall.
            self.rms_db[side] = floored((10.0 * powers.sides[side].log10()).min(self.level_db[side]));
        }
        let sounds = self.level_db.iter().all(|db| db.is_finite());
        self.correlation = powers.levels().correlation().filter(|_| sounds).map(|c| c as f32);
    }

    /// Covers what it shows, or uncovers it: whoever compares blindly goes by ear.
    pub fn hide(&mut self, on: bool) {
        self.is_hidden = on;
    }

    /// How alike left and right are, -1 to 1; none while nothing sounds on both, or while it is hidden.
    pub fn correlation(&self) -> Option<f32> {
        self.correlation.filter(|_| !self.is_hidden)
    }

    /// Left and right as the bars show them, in dBFS; as of silence while it is hidden.
    pub fn level_db(&self) -> [f32; 2] {
        if self.is_hidden { [f32::NEG_INFINITY; 2] } else { self.level_db }
    }

    /// The largest peak since [`Self::clear_peak`], in dBFS.
    pub fn peak_db(&self) -> f32 {
        self.peak_db
    }

    /// Forgets the largest peak, and that it clipped.
    pub fn clear_peak(&mut self) {
        self.peak_db = f32::NEG_INFINITY;
        self.mark_db = self.level_db;
    }

    /// Whether the next frame will look different by itself.
    pub fn is_moving(&self) -> bool {
        self.mark_db.iter().chain(&self.level_db).any(|db| db.is_finite())
    }
}

/// Below the scale there is nothing to see.
fn floored(db: f32) -> f32 {
    if db < SCALE[0].0 { f32::NEG_INFINITY } else { db }
}

/// Draws one side (0 or 1) of a meter.
pub fn bar(painter: &Painter, rect: Rect, meter: &Meter, side: usize) {
    let rect = snapped(painter, rect);
    if meter.is_hidden {
        // Not the well of a silent meter: what sounds is covered.
        painter.rect_filled(rect, 1.0, theme::CONTROL);
        return;
    }
    painter.rect_filled(rect, 1.0, theme::WELL);
    let y = |db: f32| (rect.bottom() - rect.height() * meter_position(db)).round();
    let band = |from_y: f32, to_y: f32| Rect::from_x_y_ranges(rect.x_range(), to_y..=from_y);
    // The peak behind, the RMS in front of it.
    for (level, share) in [(meter.level_db[side], 0.45), (meter.rms_db[side], 1.0)] {
        for (at, (from, color)) in ZONES.into_iter().enumerate() {
            if level > from {
                let to = ZONES.get(at + 1).map_or(level, |(next, _)| level.min(*next));
                painter.rect_filled(band(y(from), y(to)), 0.0, theme::blend(theme::WELL, color, share));
            }
        }
    }
    let mark = meter.mark_db[side];
    if let Some((_, color)) = ZONES.into_iter().rfind(|(from, _)| mark > *from) {
        let top = y(mark);
        painter.rect_filled(band(top + 2.0, top), 0.0, theme::blend(color, Color32::WHITE, 0.25));
    }
}

/// Writes the meter's scale for bars of this height, aligned in its width.
pub fn scale(painter: &Painter, rect: Rect, marks_db: &[f32], align: Align2) {
    for db in marks_db {
        let y = (rect.bottom() - rect.height() * meter_position(*db)).round();
        let at = pos2(align.pos_in_rect(&rect).x, y.clamp(rect.top() + 5.0, rect.bottom() - 5.0));
        text(painter, at, align, db.abs(), (theme::TICK, Weight::Regular), theme::TEXT_LABEL);
    }
}

/// A level with one digit and a true minus; a dash for what is not there.
pub fn level_words(db: f32) -> String {
    match (db * 10.0).round() / 10.0 {
        db if db < 0.0 && db > -200.0 => format!("\u{2212}{:.1}", -db),
        db if (0.0..1000.0).contains(&db) => format!("{db:.1}"),
        _ => "–".to_owned(),
    }
}

/// What stands where a blind comparison hides something.
pub const HIDDEN: &str = "Hidden while you choose";

/// The largest peak as a number, red from full scale on; a click clears it. While the meter is hidden it says nothing,
/// or `warns` of full scale alone and goes on warning: which of two balances clips again is not for the eye.
pub fn peak_box(ui: &Ui, rect: Rect, label: &str, meter: &mut Meter, warns: bool) {
    let rect = snapped(ui.painter(), rect);
    let response = ui.interact(rect, id(("peak", label)), Sense::click());
    if response.clicked() && !meter.is_hidden {
        meter.clear_peak();
    }
    let clips = meter.peak_db >= 0.0 && (warns || !meter.is_hidden);
    let peak = if meter.is_hidden && !clips { f32::NEG_INFINITY } else { meter.peak_db };
    let words = match peak {
        _ if meter.is_hidden => if clips { "over" } else { "–" }.to_owned(),
        p if p < -99.9 => "\u{2212}∞".to_owned(),
        p if clips => format!("+{:.1}", p.min(999.0)),
        p => format!("\u{2212}{:.1}", -p),
    };
    let (ground, ink) = match peak {
        _ if clips => (theme::METER_CLIP, theme::INK),
        p if p > -6.0 => (theme::WELL, theme::METER_HIGH),
        _ => (theme::WELL, theme::TEXT_SOFT),
    };
    ui.painter().rect_filled(rect, theme::RADIUS, ground);
    let style = (theme::BODY, if clips { Weight::Bold } else { Weight::Medium });
    text(ui.painter(), rect.center(), Align2::CENTER_CENTER, &words, style, ink);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, label));
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_value(words.as_str()));
    let about = match clips {
        true if meter.is_hidden => "Over full scale. How far is hidden while you choose.",
        false if meter.is_hidden => "Hidden while you choose.",
        true => "Over full scale. A click clears it.",
        false => "Highest peak in dBFS. A click clears it.",
    };
    response.on_hover_text(about);
}
