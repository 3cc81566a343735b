//! The whole editor: what is shown where, and what it remembers from frame to frame.

use super::analysis::{self, Analysis};
use super::balance::{self, Balancing};
use super::banners;
use super::compare::{self, Comparison};
use super::console;
use super::gestures::Instance;
use super::header;
use super::inspector;
use super::master;
use super::presets::Presets;
use super::routing::{self, Rounds};
use super::scenes::{self, Bar};
use super::spectrum::Spectrum;
use super::stage;
use super::theme;
use super::tone::Curves;
use super::widgets::{self, Cut, Desk, Hands, Meter};
use crate::model::limits::{ParamKey, STEMS, StripParam};
use crate::model::view::{Page, View};
use crate::sync::Monitor;
use egui::{Event, Key, Stroke, StrokeKind, Ui};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

const MARGIN: f32 = 8.0;
const HEADER: f32 = 44.0;
const MASTER: f32 = 164.0;

/// Meters move at this pace.
const MOVING: Duration = Duration::from_millis(33);
/// What others do within a second is looked for at this pace.
const WAITING: Duration = Duration::from_millis(150);

/// The editor's own state. Everything else it shows is the instance's.
#[derive(Debug, Default)]
pub struct Screen {
    hands: Hands,
    readings: Readings,
    presets: Presets,
    balancing: Balancing,
    analysis: Analysis,
    bar: Bar,
    comparison: Comparison,
    /// The master shows the groups' faders instead of the mix's.
    shows_groups: bool,
    /// The window cannot follow a new zoom while it is open.
    pub zooms_later: bool,
    /// Our own track, as the host describes it.
    pub track: Track,
    last_s: Option<f64>,
    /// What was drawn last, see [`glance`].
    drawn: u64,
}

/// The track that the plugin is on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Track {
    /// Empty where the host does not say.
    pub name: String,
    /// Red, green and blue.
    pub color: Option<[u8; 3]>,
}

/// What is drawn of every stem besides its parameters.
#[derive(Debug, Default)]
pub(super) struct Readings {
    pub stems: [Meter; STEMS],
    pub mix: Meter,
    pub curves: [Curves; STEMS],
    pub spectrum: Spectrum,
    pub rounds: Rounds,
    /// Time since the last frame.
    pub dt_s: f32,
}

/// What a page shows.
pub(super) struct Shown {
    /// The stems, in their order.
    pub stems: Vec<usize>,
    /// The one whose details are shown.
    pub selected: usize,
}

impl Screen {
    /// An editor with other presets than the usual ones.
    pub fn with_presets(presets: Presets) -> Self {
        Self { presets, ..Self::default() }
    }

    /// Draws one frame and acts on what the hands did in it.
    pub fn ui(&mut self, ui: &mut Ui, instance: &dyn Instance) {
        if !self.is_typing() {
            // Space clicks what has the focus, but it is the host's: it starts the transport.
            ui.input_mut(|i| i.events.retain(|e| !matches!(e, Event::Key { key: Key::Space, .. })));
        }
        self.measure(ui, instance);
        self.analysis.answer();
        let before = instance.view();
        let mut view = before;
        let is_used = used(instance);
        let used_count = is_used.iter().filter(|used| **used).count();
        let is_shown = |stem: &usize| {
            view.shows_all || used_count == 0 || is_used[*stem] || view.selected == Some(*stem)
        };
        let stems: Vec<usize> = instance.order().into_iter().filter(is_shown).collect();
        let selected = view.selected.or(stems.first().copied()).unwrap_or(0);
        self.hands.stems.clone_from(&stems);
        let shown = Shown { stems, selected };

        let mut area = ui.max_rect();
        ui.painter().rect_filled(area, 0.0, theme::GROUND);
        let mut desk = Desk { instance, hands: &mut self.hands };
        let can_fold = (1..STEMS).contains(&used_count);
        let head = area.cut_top(HEADER);
        header::header(ui, head, can_fold, self.zooms_later, &mut view, &mut self.presets, &mut desk);
        if before.shows_all && !view.shows_all {
            view.selected = view.selected.filter(|stem| is_used[*stem]);
        }
        area = area.shrink(MARGIN);
        self.bar.ui(ui, area.cut_top(scenes::BAR), &mut desk);
        area.cut_top(MARGIN);
        if self.bar.compares {
            self.comparison.ui(ui, area.cut_top(compare::LINE), self.readings.dt_s, &mut desk);
            self.comparison.haunt(&mut desk);
            area.cut_top(MARGIN);
        } else {
            self.comparison.end(&mut desk);
        }
        for (stem, curves) in self.readings.curves.iter_mut().enumerate() {
            curves.update(stem, &desk);
        }
        let is_blind = desk.hands.is_blind;
        self.readings.stems.iter_mut().chain([&mut self.readings.mix]).for_each(|meter| meter.hide(is_blind));
        banners::banners(ui, &mut area, used_count == 0, &mut self.presets.said, &mut desk);
        let (meter, shows_groups) = (&mut self.readings.mix, &mut self.shows_groups);
        master::master(ui, area.cut_right(MASTER), meter, shows_groups, &self.track, &mut desk);
        area.cut_right(MARGIN);
        let has_curve = view.page == Page::Stage || view.page == Page::Console && view.inspects;
        if !has_curve {
            self.readings.spectrum.rest(instance.meters().scope());
            instance.meters().loudness().stem_peak().ask(None);
        }
        let framed = area;
        let readings = &mut self.readings;
        match view.page {
            Page::Console => {
                inspector::below(ui, &mut area, &shown, readings, &mut view, &mut desk);
                console::console(ui, area, &shown, readings, &mut view, &mut desk);
            }
            Page::Balance => {
                balance::balance(ui, area, &shown, &readings.rounds, &mut self.balancing, &mut desk);
            }
            Page::Routing => routing::routing(ui, area, readings, &mut desk),
            Page::Analysis => {
                let ask = self.presets.ask();
                analysis::analysis(ui, area, &mut self.analysis, ask, &mut desk);
            }
            Page::Stage => {
                inspector::beside(ui, &mut area, &shown, readings, &mut view, &mut desk);
                stage::stage(ui, area, &shown, readings, &mut view, &mut desk);
            }
        }
        let is_strips = matches!(view.page, Page::Console | Page::Stage);
        if is_strips && desk.hands.gestures.edited().is_some() {
            let frame = Stroke::new(2.0, theme::ACCENT);
            ui.painter().rect_stroke(framed.expand(4.0), theme::RADIUS, frame, StrokeKind::Inside);
        }
        // A hand on the first strip must not fold the others away from under it.
        view.shows_all |= used_count == 0 && view.selected.is_some();
        if desk.hands.typing.is_none() && !self.presets.is_typing() && !self.bar.is_typing() {
            keys(ui, &mut desk);
        }
        self.hands.gestures.end_abandoned(instance);
        widgets::end_frame(ui, &mut Desk { instance, hands: &mut self.hands });
        if view != before {
            instance.set_view(view);
            ui.request_repaint();
        }

        self.drawn = glance(instance);
        let is_moving = self.readings.stems.iter().chain([&self.readings.mix]).any(Meter::is_moving)
            || self.readings.spectrum.is_moving()
            || self.comparison.is_moving()
            || instance.meters().glide() < 1.0;
        if is_moving {
            ui.request_repaint_after(MOVING);
        } else if self.presets.is_asking() || self.analysis.is_asking() {
            ui.request_repaint_after(WAITING);
        }
    }

    /// Looks, without drawing, whether others have changed what is shown: the host, the sound. What the
    /// hands do and what moves by itself asks for its frames by itself.
    pub fn is_stale(&mut self, instance: &dyn Instance) -> bool {
        let meters = instance.meters();
        let is_told = self.readings.rounds.go(meters, routing::left_out(instance));
        is_told
            || meters.has_peaks()
            || self.readings.spectrum.is_waiting(meters)
            || glance(instance) != self.drawn
    }

    /// Whether a text is being typed, so that every key is the editor's.
    pub fn is_typing(&self) -> bool {
        self.hands.typing.is_some() || self.presets.is_typing() || self.bar.is_typing()
    }

    /// The window closes: no gesture stays open, and a text not yet taken is gone.
    pub fn close(&mut self, instance: &dyn Instance) {
        self.hands.gestures.finish(instance);
        self.hands.typing = None;
        self.hands.gestures.edit(instance, None);
        (self.hands.carried, self.hands.carried_scene) = (None, None);
        self.presets.close();
        self.analysis.close();
        self.comparison.end(&mut Desk { instance, hands: &mut self.hands });
        self.last_s = None;
        instance.set_monitor(Monitor::default());
        self.readings.spectrum.rest(instance.meters().scope());
        instance.meters().probe().watch(false);
        instance.meters().loudness().stem_peak().ask(None);
    }

    fn measure(&mut self, ui: &Ui, instance: &dyn Instance) {
        let now_s = ui.input(|i| i.time);
        let dt_s = self.last_s.replace(now_s).map_or(0.0, |last_s| (now_s - last_s) as f32);
        self.readings.dt_s = dt_s;
        if self.hands.gestures.frame(instance, now_s) {
            self.readings.rounds.forget();
            self.presets.forget();
            self.balancing.forget();
            self.analysis.forget();
            self.bar.forget();
            self.comparison.forget();
            instance.audition(None);
            self.hands.typing = None;
        }
        let meters = instance.meters();
        for (stem, meter) in self.readings.stems.iter_mut().enumerate() {
            meter.feed(meters.take_stem(stem), meters.stem_powers(stem), dt_s);
        }
        self.readings.mix.feed(meters.take_mix(), meters.mix_powers(), dt_s);
        self.readings.rounds.go(meters, routing::left_out(instance));
    }
}

/// All that is shown and that others than the editor change, as one number.
fn glance(instance: &dyn Instance) -> u64 {
    let mut hasher = DefaultHasher::new();
    for key in ParamKey::all() {
        (instance.value(key).to_bits(), instance.sounding(key).to_bits()).hash(&mut hasher);
    }
    let meters = instance.meters();
    (meters.glide().to_bits(), meters.hold_db().to_bits(), meters.lead_db().map(f32::to_bits))
        .hash(&mut hasher);
    for stem in 0..STEMS {
        meters.sounding_strip(stem).map(|strip| strip.map(f32::to_bits)).hash(&mut hasher);
    }
    (instance.loads(), instance.has_fault(), meters.connected(), meters.heard()).hash(&mut hasher);
    (instance.sample_rate_hz().to_bits(), instance.notices()).hash(&mut hasher);
    let loudness = meters.loudness();
    (loudness.is_learning(), loudness.learned_s() as u32, loudness.learnings()).hash(&mut hasher);
    instance.study().revision.hash(&mut hasher);
    hasher.finish()
}

/// Whether somebody works here and not elsewhere in the host: the mouse is over the window, or a control has the
/// focus.
pub(super) fn is_at_hand(ctx: &egui::Context) -> bool {
    ctx.input(|i| i.pointer.has_pointer()) || ctx.memory(|memory| memory.focused().is_some())
}

/// The keys that belong to no control.
fn keys(ui: &Ui, desk: &mut Desk) {
    if !is_at_hand(ui.ctx()) {
        return; // they are the host's
    }
    let (undo, redo) = ui.input(|i| {
        let (z, y) = (i.key_pressed(Key::Z), i.key_pressed(Key::Y));
        let (command, shift) = (i.modifiers.command, i.modifiers.shift);
        (command && z && !shift, command && (y || z && shift))
    });
    if undo {
        desk.hands.gestures.undo(desk.instance);
    } else if redo {
        desk.hands.gestures.redo(desk.instance);
    }
}

impl View {
    /// A stem was touched.
    pub(super) fn select(&mut self, stem: usize) {
        self.selected = Some(stem);
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
