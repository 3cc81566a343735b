//! How every value is moved by hand: the one place for the conventions.

use super::typing::{Target, Typing};
use super::{id, shown};
use crate::editor::gestures::{Gestures, Instance};
use crate::editor::history::{Change, Thread};
use crate::model::document::StemInfo;
use crate::model::layers::Layers;
use crate::model::level::audible;
use crate::model::limits::{Kind, MixParam, ParamKey, STEMS, Spec, StripParam};
use crate::model::offsets::StripOffsets;
use crate::model::scene::Scene;
use crate::model::settings::{MixSettings, StripSettings, ToneSettings, sane};
use crate::model::taper;
use egui::{CursorIcon, Event, EventFilter, Id, Key, MouseWheelUnit, Rect, Response, Sense, Ui, vec2};

/// Points of a touchpad's travel that count as one notch of a wheel.
const POINTS_PER_NOTCH: f32 = 40.0;
/// Steps of the page keys.
const PAGE: f32 = 6.0;

/// What the hands are doing, from frame to frame.
#[derive(Debug, Default)]
pub struct Hands {
    /// The writer of parameters.
    pub gestures: Gestures,
    /// The text field that is open.
    pub typing: Option<Typing>,
    /// Where the held control would be without rounding, 0 to 1: its one or two values.
    pub(in crate::editor) positions: [f32; 2],
    /// How far a drag of two values has come, in points.
    pub(in crate::editor) travelled: egui::Vec2,
    /// What a touchpad has travelled towards the next notch, and over what.
    notches: (Option<Id>, f32),
    /// A stroke that paints a switch across the strips.
    pub(super) stroke: Option<Stroke>,
    strokes: u64,
    /// The disc under the mouse was the selected one when it was pressed.
    pub(in crate::editor) was_selected: bool,
    /// The disc that a click on a pile goes to, and when, in seconds.
    pub(in crate::editor) below: Option<(f64, usize)>,
    /// The stems shown, in their order.
    pub stems: Vec<usize>,
    /// The stem whose strip is being dragged to another place.
    pub carried: Option<usize>,
    /// The scene that is being dragged to another place.
    pub carried_scene: Option<usize>,
    /// A scene to be seen beside what there is.
    pub ghost: Option<Box<Ghost>>,
    /// A blind comparison is under way: nothing that is shown may tell which of the two is heard.
    pub is_blind: bool,
    /// What the scene changes that sounds.
    pub sounding: Option<Box<[StripOffsets; STEMS]>>,
    /// The tones that sound, by the parameters and the way between scenes; none where they are as shown.
    pub tones: Option<Box<[ToneSettings; STEMS]>>,
    /// The strip that was copied last.
    pub clipboard: Option<Box<StripSettings>>,
}

impl Hands {
    /// Whole notches, when the wheel turned over this; what is left waits for more.
    pub(in crate::editor) fn notches(&mut self, ui: &Ui, over: &Response) -> f32 {
        let (last, left) = self.notches;
        let notches = wheel(ui) + if last == Some(over.id) { left } else { 0.0 };
        self.notches = (Some(over.id), notches.fract());
        notches.trunc()
    }
}

/// A scene that is looked at without being heard.
#[derive(Clone, Debug)]
pub struct Ghost {
    /// Its letter.
    pub letter: char,
    /// What it changes.
    pub stems: [StripOffsets; STEMS],
}

impl Ghost {
    /// What the scene makes of a stem's live value; none where it leaves it as it is.
    pub fn value(&self, instance: &dyn Instance, stem: usize, param: StripParam) -> Option<f32> {
        let offsets = &self.stems[stem];
        let live = instance.value(ParamKey::Stem(stem, param));
        (!offsets.leaves(param)).then(|| offsets.value(param, live))
    }
}

/// The mouse went down on a switch and paints others of its kind with the same value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stroke {
    param: StripParam,
    value: f32,
    number: u64,
}

/// What every control works on.
pub struct Desk<'a> {
    /// The instance shown.
    pub instance: &'a dyn Instance,
    /// What the hands are doing.
    pub hands: &'a mut Hands,
}

impl Desk<'_> {
    /// What the control of a parameter shows.
    pub fn value(&self, key: ParamKey) -> f32 {
        self.hands.gestures.value(self.instance, key)
    }

    /// What the control of a switch shows.
    pub fn is_on(&self, key: ParamKey) -> bool {
        self.value(key) >= 0.5
    }

    /// Writes a value, made sane, as one gesture or within the open one.
    pub fn write(&mut self, key: ParamKey, value: f32) {
        self.hands.gestures.write(self.instance, key, sane(&key.spec(), value));
    }

    /// Does several things as one edit.
    pub fn change(&mut self, name: impl Into<String>, changes: Vec<Change>) {
        self.hands.gestures.change(self.instance, name, changes);
    }

    /// Changes a stem's name, colour or role.
    pub fn change_stem(&mut self, stem: usize, name: impl Into<String>, to: StemInfo) {
        let from = self.instance.stems()[stem].clone();
        self.change(name, vec![Change::Stem(stem, Box::new([from, to]))]);
    }

    /// Changes a scene.
    pub fn change_scene(&mut self, slot: usize, name: impl Into<String>, to: Scene) {
        let from = self.instance.scenes()[slot].clone();
        self.change(name, vec![Change::Scene(slot, Box::new([from, to]))]);
    }

    /// What a reset makes of a parameter.
    pub fn home(&self, key: ParamKey) -> f32 {
        self.hands.gestures.home(self.instance, key)
    }

    /// Resets parameters, as one edit.
    pub fn reset(&mut self, name: impl Into<String>, keys: &[ParamKey]) {
        let values: Vec<_> = keys.iter().map(|key| (*key, self.home(*key))).collect();
        self.hands.gestures.give(self.instance, name, &values);
    }

    /// Why a parameter cannot be moved now; none where it can.
    pub fn fixed(&self, key: ParamKey) -> Option<&'static str> {
        self.hands.gestures.fixed(key)
    }

    /// What sounds of a parameter: with modulation, and of fader, pan and width with scene and glide. In a blind
    /// comparison what its control shows, so that no mark tells what is heard.
    pub fn heard(&self, key: ParamKey) -> f32 {
        if self.hands.is_blind {
            return self.value(key);
        }
        let (sounding, meters) = (self.instance.sounding(key), self.instance.meters());
        let is_layered = self.instance.value(ParamKey::Mix(MixParam::Scene)) >= 0.5 || meters.glide() < 1.0;
        let at = match key {
            ParamKey::Stem(_, StripParam::Fader) => 0,
            ParamKey::Stem(_, StripParam::Pan) => 1,
            ParamKey::Stem(_, StripParam::Width) => 2,
            _ => return sounding,
        };
        match key {
            ParamKey::Stem(stem, _) if is_layered => meters.sounding_strip(stem).map_or(sounding, |s| s[at]),
            _ => sounding,
        }
    }

    /// The stems that do not sound, as far as their own mute, their group's, and solos go: bit k.
    pub fn silenced(&self) -> u32 {
        let layers = Layers { groups: self.instance.stems().map(|info| info.group), ..Layers::default() };
        let mut mix = MixSettings::default();
        let main_input = ParamKey::Mix(MixParam::MainInput);
        let says = |key: &ParamKey| *key == main_input || matches!(key.spec().kind, Kind::Switch(..));
        ParamKey::all().filter(says).for_each(|key| mix.set(key, self.value(key)));
        let muted = |stem: &usize| mix.stems[*stem].mute;
        !audible(&mix, &layers) | (0..STEMS).filter(muted).fold(0, |mask, stem| mask | 1 << stem)
    }

    /// Gives a stem's parameters these values, as one edit.
    pub fn give(&mut self, stem: usize, name: impl Into<String>, strip: &StripSettings) {
        let value = |param| (ParamKey::Stem(stem, param), strip.get(param));
        self.hands.gestures.give(self.instance, name, &StripParam::ALL.map(value));
    }

    /// Shows a stem's strip at another place among those that are shown; places count from 0.
    pub fn move_strip(&mut self, stem: usize, to: usize) {
        let shown = &self.hands.stems;
        let Some(from) = shown.iter().position(|s| *s == stem).filter(|from| *from != to) else { return };
        let Some(&neighbour) = shown.get(to) else { return };
        let order = self.instance.order();
        let mut moved: Vec<usize> = order.iter().copied().filter(|s| *s != stem).collect();
        let index = moved.iter().position(|s| *s == neighbour).unwrap_or(0) + usize::from(to > from);
        moved.insert(index.min(moved.len()), stem);
        if let Ok(moved) = moved.try_into() {
            let label = self.instance.stems()[stem].label(stem);
            self.change(format!("Move {label}"), vec![Change::Order(Box::new([order, moved]))]);
        }
    }

    /// A stem's strip as its controls show it.
    pub fn strip(&self, stem: usize) -> StripSettings {
        strip_of(|param| self.value(ParamKey::Stem(stem, param)))
    }

    /// A stem's strip as the host has it, whatever is edited.
    pub fn live_strip(&self, stem: usize) -> StripSettings {
        strip_of(|param| self.instance.value(ParamKey::Stem(stem, param)))
    }

    /// Lets a press on a switch turn it over, and the stroke that follows do the same to the others.
    pub(super) fn paint(&mut self, ui: &Ui, response: &Response, stem: usize, param: StripParam) {
        let key = ParamKey::Stem(stem, param);
        let (pressed, down, way, command) = ui.input(|i| {
            let pointer = &i.pointer;
            // From where the last frame left it: a quick hand passes several strips in one.
            let way = pointer.interact_pos().map(|at| Rect::from_two_pos(at - pointer.delta(), at));
            (pointer.primary_pressed(), pointer.primary_down(), way, i.modifiers.command)
        });
        if self.fixed(key).is_some() {
            return;
        }
        let value = f32::from(!self.is_on(key));
        if pressed && response.is_pointer_button_down_on() && !command {
            self.hands.strokes += 1;
            let number = self.hands.strokes;
            self.hands.stroke = Some(Stroke { param, value, number });
            self.hands.gestures.write_in(self.instance, key, value, Thread::Stroke(number, param));
        } else if let Some(stroke) = self.hands.stroke
            && down
            && stroke.param == param
            && stroke.value == value
            && way.is_some_and(|way| response.rect.expand2(vec2(0.0, 8.0)).intersects(way))
        {
            self.hands.gestures.write_in(self.instance, key, value, Thread::Stroke(stroke.number, param));
        } else if response.clicked() && !command && ui.input(|i| !i.pointer.any_released()) {
            self.write(key, value); // by the keyboard
        }
        if !down {
            self.hands.stroke = None;
        }
    }

    /// Opens the text field of a value.
    pub fn type_value(&mut self, ui: &Ui, key: ParamKey) {
        let text = shown(&key.spec(), self.value(key));
        self.hands.typing = Some(Typing::new(Target::Value(key), text, ui.input(|i| i.time)));
    }
}

fn strip_of(value: impl Fn(StripParam) -> f32) -> StripSettings {
    let mut strip = StripSettings::default();
    StripParam::ALL.into_iter().for_each(|param| strip.set(param, value(param)));
    strip
}

/// The way a control is dragged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axis {
    /// Up is more.
    Vertical,
    /// Right is more.
    Horizontal,
}

/// Where a value stands between the ends of its range, 0 to 1.
pub(in crate::editor) fn position(spec: &Spec, value: f32) -> f32 {
    match spec.kind {
        Kind::Fader => taper::fader_db_to_position(f64::from(value)) as f32,
        Kind::Hertz | Kind::Quality => (value / spec.min).ln() / (spec.max / spec.min).ln(),
        _ => (value - spec.min) / (spec.max - spec.min),
    }
}

/// The value at a position, on the grid that a person would type.
pub(in crate::editor) fn value_at(spec: &Spec, position: f32, fine: bool) -> f32 {
    let value = match spec.kind {
        Kind::Fader => taper::fader_position_to_db(f64::from(position)) as f32,
        // No grid: to the ear every octave is as wide.
        Kind::Hertz | Kind::Quality => return sane(spec, spec.min * (spec.max / spec.min).powf(position)),
        _ => spec.min + position * (spec.max - spec.min),
    };
    let per_unit = match spec.kind {
        Kind::Pan => 100.0,
        Kind::Percent => 1.0,
        _ => 10.0,
    } * if fine { 10.0 } else { 1.0 };
    // What the ends and the default are is not for the grid to say.
    let rounded = (value * per_unit).round() / per_unit;
    sane(spec, if rounded.is_finite() { rounded } else { value })
}

/// The value some steps away.
pub(in crate::editor) fn stepped(spec: &Spec, value: f32, steps: f32) -> f32 {
    let step = match spec.kind {
        // Far down the taper is steep, and half a decibel is nothing.
        Kind::Fader if value < -60.0 => 10.0,
        Kind::Fader if value < -40.0 => 5.0,
        Kind::Fader if value < -20.0 => 1.0,
        Kind::Fader | Kind::Decibel | Kind::Milliseconds | Kind::Length => 0.5,
        Kind::Pan => 0.05,
        Kind::Hertz | Kind::Quality => return sane(spec, value * 2f32.powf(steps / 12.0)),
        Kind::Percent => 5.0,
        Kind::Switch(..) | Kind::Choice(_) => 1.0,
    };
    let value = value.max(spec.min) + steps * step;
    sane(spec, (value * 1000.0).round() / 1000.0)
}

/// Lets a value be moved by whatever hand is on the rectangle: drag (with Shift ten times finer),
/// double-click or Ctrl-click to reset, wheel, and the keys while it has the focus.
///
/// `travel` is how many points lead from one end of the range to the other; `place` tells apart two
/// controls of one parameter.
pub(super) fn control(
    ui: &Ui,
    rect: Rect,
    key: ParamKey,
    (place, label): (&str, &str),
    (axis, travel): (Axis, f32),
    desk: &mut Desk,
) -> Response {
    let spec = key.spec();
    if let Some(why) = desk.fixed(key) {
        let response = ui.interact(rect, id((key, place)), Sense::hover());
        let value = desk.value(key);
        response.widget_info(|| egui::WidgetInfo::slider(false, f64::from(value), label));
        ui.ctx().accesskit_node_builder(response.id, |node| node.set_value(shown(&spec, value)));
        return response.on_hover_text(why);
    }
    let response = ui.interact(rect, id((key, place)), Sense::click_and_drag());
    let (pressed, modifiers) = ui.input(|i| (i.pointer.primary_pressed(), i.modifiers));
    let on_it = response.is_pointer_button_down_on() && ui.input(|i| i.pointer.primary_down());

    if on_it && pressed {
        desk.hands.gestures.begin(desk.instance, &[key]);
        desk.hands.positions[0] = position(&spec, desk.value(key));
        response.request_focus();
    } else if on_it && desk.hands.gestures.held(key).is_some() {
        desk.hands.gestures.keep(key);
        let delta = ui.input(|i| i.pointer.delta());
        let points = if axis == Axis::Vertical { -delta.y } else { delta.x };
        // A click on a number opens it, and no hand is quite still: there a drag has to be plain.
        if points != 0.0 && (axis == Axis::Vertical || response.dragged()) {
            let share = points / travel.max(1.0) * if modifiers.shift { 0.1 } else { 1.0 };
            desk.hands.positions[0] = (desk.hands.positions[0] + share).clamp(0.0, 1.0);
            desk.write(key, value_at(&spec, desk.hands.positions[0], modifiers.shift));
        }
    }
    if response.double_clicked() || (response.clicked() && modifiers.command) {
        desk.write(key, desk.home(key));
    }
    if !on_it && desk.hands.gestures.held(key).is_some() && ui.input(|i| i.pointer.any_released()) {
        desk.hands.gestures.finish(desk.instance);
    }

    let fine = if modifiers.shift { 0.1 } else { 1.0 };
    if response.hovered() {
        let whole = desk.hands.notches(ui, &response);
        if whole != 0.0 {
            desk.write(key, stepped(&spec, desk.value(key), whole * fine));
        }
    }
    if response.has_focus() && desk.hands.typing.is_none() {
        by_keys(ui, key, fine, desk);
        keep_arrows(ui, &response);
    }
    menu(&response, &[key], label, desk);

    let value = desk.value(key);
    response.widget_info(|| egui::WidgetInfo::slider(ui.is_enabled(), f64::from(value), label));
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_value(shown(&spec, value)));
    response.on_hover_cursor(match axis {
        Axis::Vertical => CursorIcon::ResizeVertical,
        Axis::Horizontal => CursorIcon::ResizeHorizontal,
    })
}

/// While a control has the focus the arrows are its own; Tab still goes on and Escape gives the keys back
/// to the host.
pub(in crate::editor) fn keep_arrows(ui: &Ui, response: &Response) {
    let arrows = EventFilter { horizontal_arrows: true, vertical_arrows: true, ..Default::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, arrows));
}

/// Notches the wheel turned in this frame, up being more.
fn wheel(ui: &Ui) -> f32 {
    ui.input(|i| {
        i.events
            .iter()
            .map(|event| match event {
                Event::MouseWheel { delta, unit, .. } => {
                    // Some systems turn the wheel sideways while Shift is down.
                    let turned = if delta.y == 0.0 { delta.x } else { delta.y };
                    if *unit == MouseWheelUnit::Point { turned / POINTS_PER_NOTCH } else { turned }
                }
                _ => 0.0,
            })
            .sum()
    })
}

fn by_keys(ui: &Ui, key: ParamKey, fine: f32, desk: &mut Desk) {
    let spec = key.spec();
    for (pressed, steps) in [
        (Key::ArrowUp, 1.0),
        (Key::ArrowRight, 1.0),
        (Key::ArrowDown, -1.0),
        (Key::ArrowLeft, -1.0),
        (Key::PageUp, PAGE),
        (Key::PageDown, -PAGE),
    ] {
        if ui.input(|i| i.key_pressed(pressed)) {
            desk.write(key, stepped(&spec, desk.value(key), steps * fine));
        }
    }
    if ui.input(|i| i.key_pressed(Key::Home)) {
        desk.write(key, desk.home(key));
    }
    if ui.input(|i| i.key_pressed(Key::Enter)) {
        desk.type_value(ui, key);
    }
}

/// What typing and the keyboard offer of some values, for hosts that keep the keys to themselves.
pub(in crate::editor) fn menu(response: &Response, keys: &[ParamKey], label: &str, desk: &mut Desk) {
    response.context_menu(|ui| {
        ui.set_min_width(150.0);
        ui.label(label);
        for (at, &key) in keys.iter().enumerate() {
            let spec = key.spec();
            let which = if keys.len() > 1 { format!(" {}", spec.name.to_lowercase()) } else { String::new() };
            if at > 0 {
                ui.separator();
            }
            if chosen(ui, &format!("Type a value{}", which.replacen(' ', " of ", 1)), true) {
                desk.type_value(ui, key);
            }
            let home = desk.home(key);
            if chosen(ui, &format!("Reset{which} to {}", shown(&spec, home)), true) {
                desk.write(key, home);
            }
            if chosen(ui, &format!("Copy{which}"), true) {
                ui.ctx().copy_text(crate::model::text::format(&spec, desk.value(key)));
            }
        }
    });
}

/// A line of a menu; it closes the menu.
pub(super) fn chosen(ui: &mut Ui, words: &str, can: bool) -> bool {
    let is_chosen = ui.add_enabled(can, egui::Button::new(words)).clicked();
    if is_chosen {
        ui.close();
    }
    is_chosen
}
