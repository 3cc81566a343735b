//! The whole editor: what is shown where, and what it remembers from frame to frame.

use super::banners;
use super::details;
use super::gestures::Instance;
use super::header;
use super::master;
use super::strip::{self, Look};
use super::theme;
use super::widgets::{Cut, Desk, Hands, Meter, snapped};
use crate::model::limits::{ParamKey, STEMS, StripParam};
use egui::{Rect, Ui, pos2, vec2};
use std::time::Duration;

/// The smallest size at which everything has its place, in points: sixteen strips fit.
pub const MIN_SIZE: [f32; 2] = [1180.0, 640.0];
/// The size a window opens with, in points.
pub const SIZE: [f32; 2] = [1180.0, 720.0];

const MARGIN: f32 = 8.0;
const HEADER: f32 = 44.0;
const DETAILS: f32 = 44.0;
const MASTER: f32 = 164.0;
/// Where the rows' names stand, left of the strips.
const GUTTER: f32 = 48.0;
/// Widest a strip gets with its gap to the next.
const MAX_PITCH: f32 = 236.0;
const STRIP_GAP: f32 = 2.0;

/// Meters move at this pace.
const MOVING: Duration = Duration::from_millis(33);
/// No one tells the editor that sound or automation begins, so at rest it looks at this pace.
const RESTING: Duration = Duration::from_millis(150);

/// The editor's own state. Everything else it shows is the instance's.
#[derive(Debug, Default)]
pub struct Console {
    hands: Hands,
    stems: [Meter; STEMS],
    mix: Meter,
    /// The stem whose details are shown, once one was chosen.
    selected: Option<usize>,
    /// Strips of unused stems are shown too.
    shows_all: bool,
    last_s: Option<f64>,
}

impl Console {
    /// Draws one frame and acts on what the hands did in it.
    pub fn ui(&mut self, ui: &mut Ui, instance: &dyn Instance) {
        self.measure(ui, instance);
        let is_used = used(instance);
        let used_count = is_used.iter().filter(|used| **used).count();
        let shown: Vec<usize> = instance
            .order()
            .into_iter()
            .filter(|stem| {
                self.shows_all || used_count == 0 || is_used[*stem] || self.selected == Some(*stem)
            })
            .collect();
        let selected = self.selected.or(shown.first().copied()).unwrap_or(0);

        let mut area = ui.max_rect();
        ui.painter().rect_filled(area, 0.0, theme::GROUND);
        let mut desk = Desk { instance, hands: &mut self.hands };
        let fold = (1..STEMS).contains(&used_count).then_some(self.shows_all);
        if header::header(ui, area.cut_top(HEADER), fold, &mut desk) {
            self.shows_all = !self.shows_all;
            self.selected = self.selected.filter(|stem| is_used[*stem]);
        }
        area = area.shrink(MARGIN);
        banners::banners(ui, &mut area, used_count == 0, &mut desk);
        details::details(ui, area.cut_bottom(DETAILS), selected, &mut desk);
        area.cut_bottom(MARGIN);
        master::master(ui, area.cut_right(MASTER), &mut self.mix, &mut desk);
        area.cut_right(MARGIN);

        strip::row_names(ui.painter(), area.cut_left(GUTTER));
        let pitch = (area.width() / shown.len().max(1) as f32).floor().min(MAX_PITCH);
        let looks = Look::of_all(instance, &desk, selected);
        for (at, &stem) in shown.iter().enumerate() {
            let left = area.left() + pitch * at as f32;
            let rect = Rect::from_min_size(pos2(left, area.top()), vec2(pitch - STRIP_GAP, area.height()));
            let rect = snapped(ui.painter(), rect);
            if ui.rect_contains_pointer(rect) && ui.input(|i| i.pointer.any_pressed()) {
                self.selected = Some(stem);
                // A hand on the first strip must not fold the others away from under it.
                self.shows_all |= used_count == 0;
            }
            strip::strip(ui, rect, &looks[stem], &mut self.stems[stem], &mut desk);
        }
        self.hands.gestures.end_abandoned(instance);

        let is_moving = self.stems.iter().chain([&self.mix]).any(Meter::is_moving);
        ui.request_repaint_after(if is_moving { MOVING } else { RESTING });
    }

    /// Whether a text is being typed, so that every key is the editor's.
    pub fn is_typing(&self) -> bool {
        self.hands.typing.is_some()
    }

    /// The window closes: no gesture stays open, and a text not yet taken is gone.
    pub fn close(&mut self, instance: &dyn Instance) {
        self.hands.gestures.finish(instance);
        self.hands.typing = None;
        self.last_s = None;
    }

    fn measure(&mut self, ui: &Ui, instance: &dyn Instance) {
        let now_s = ui.input(|i| i.time);
        let dt_s = self.last_s.replace(now_s).map_or(0.0, |last_s| (now_s - last_s) as f32);
        let meters = instance.meters();
        for (stem, meter) in self.stems.iter_mut().enumerate() {
            meter.feed(meters.take_stem(stem), dt_s);
        }
        self.mix.feed(meters.take_mix(), dt_s);
    }
}

/// A stem is in use that carried sound over a connection, has a name, or was changed.
fn used(instance: &dyn Instance) -> [bool; STEMS] {
    let sounding = instance.meters().connected() & instance.meters().heard();
    let stems = instance.stems();
    std::array::from_fn(|stem| {
        let is_changed =
            |param: StripParam| instance.value(ParamKey::Stem(stem, param)) != param.spec().default;
        sounding >> stem & 1 == 1
            || !stems[stem].name.is_empty()
            || StripParam::ALL.into_iter().any(is_changed)
    })
}
