//! A stem's tone as a curve: small in its strip, and large with handles.

use super::gestures::Gestures;
use super::screen::Readings;
use super::spectrum;
use super::theme::{self, Weight};
use super::widgets::{self, Desk, id, position, stepped, text, value_at};
use crate::model::limits::{ParamKey, StripParam};
use crate::model::settings::{Slope, ToneSettings};
use crate::model::tone::{CURVE_ENDS_HZ as ENDS_HZ, CURVE_POINTS as POINTS, ToneCurve, curve_frequencies_hz};
use egui::{
    Align2, Color32, CursorIcon, Key, Mesh, Painter, Pos2, Rect, Response, Sense, Shape, Stroke, StrokeKind,
    Ui, pos2, vec2,
};

/// Levels at the upper and lower edge, in dB.
const RANGE_DB: f32 = 18.0;
/// Lines behind the large curve.
const GRID_DB: [f32; 5] = [-12.0, -6.0, 0.0, 6.0, 12.0];
const GRID_HZ: [(f32, &str); 3] = [(100.0, "100"), (1_000.0, "1k"), (10_000.0, "10k")];
const HANDLE_RADIUS: f32 = 8.0;

/// A curve that is computed again only when what it shows has changed.
#[derive(Clone, Debug, Default)]
pub struct Curve {
    of: Option<(ToneSettings, f64)>,
    levels_db: Vec<f32>,
}

impl Curve {
    /// Brings it up to date.
    pub fn update(&mut self, tone: &ToneSettings, sample_rate_hz: f64) {
        if self.of == Some((*tone, sample_rate_hz)) {
            return;
        }
        self.of = Some((*tone, sample_rate_hz));
        self.levels_db = ToneCurve::new(tone, sample_rate_hz).levels_db().to_vec();
    }

    fn points(&self, rect: Rect) -> Vec<Pos2> {
        let x = |at: usize| rect.left() + rect.width() * at as f32 / (POINTS - 1) as f32;
        self.levels_db.iter().enumerate().map(|(at, db)| pos2(x(at), y(rect, *db))).collect()
    }

    fn is_flat(&self) -> bool {
        self.levels_db.iter().all(|db| db.abs() < 0.01)
    }
}

/// A stem's curves: the one that is moved, and others beside it where they differ from that.
#[derive(Clone, Debug, Default)]
pub struct Curves {
    shown: Curve,
    /// What sounds.
    heard: Option<Curve>,
    /// Of the scene that is looked at.
    ghost: Option<Curve>,
}

impl Curves {
    /// Brings them up to date.
    pub fn update(&mut self, stem: usize, desk: &Desk) {
        let rate_hz = desk.instance.sample_rate_hz();
        let tone = desk.strip(stem).tone;
        self.shown.update(&tone, rate_hz);
        let beside = |curve: &mut Option<Curve>, other: Option<ToneSettings>| match other {
            Some(other) if other != tone => curve.get_or_insert_default().update(&other, rate_hz),
            _ => *curve = None,
        };
        beside(&mut self.heard, desk.hands.tones.as_ref().map(|tones| tones[stem]));
        let ghost = desk.hands.ghost.as_ref();
        beside(&mut self.ghost, ghost.map(|ghost| ghost.stems[stem].over(&desk.live_strip(stem)).strip.tone));
    }

    /// Draws the curve that is moved, and the others as lines: of the scene that is looked at, and of what sounds.
    fn draw(&self, painter: &Painter, rect: Rect, color: Color32, is_on: bool) {
        draw(painter, rect, &self.shown, color, is_on);
        let painter = painter.with_clip_rect(rect);
        for (curve, ink) in [(&self.ghost, theme::TEXT), (&self.heard, theme::ACCENT)] {
            if let Some(curve) = curve {
                painter.add(Shape::line(curve.points(rect), Stroke::new(1.0, ink)));
            }
        }
    }

    /// What the other lines are, in words.
    fn words(&self) -> String {
        let mut words = String::new();
        if self.heard.is_some() {
            words += " The second line is what sounds.";
        }
        if self.ghost.is_some() {
            words += " The pale line is the scene that is looked at.";
        }
        words
    }
}

fn x(rect: Rect, hz: f32) -> f32 {
    let share = (hz / ENDS_HZ[0]).ln() / (ENDS_HZ[1] / ENDS_HZ[0]).ln();
    rect.left() + rect.width() * share.clamp(0.0, 1.0)
}

fn y(rect: Rect, db: f32) -> f32 {
    (rect.center().y - rect.height() * 0.5 * db / RANGE_DB).clamp(rect.top(), rect.bottom())
}

/// Draws what the stem consists of: as a ground how it comes in, as a line how its tone leaves it.
fn behind(painter: &Painter, rect: Rect, levels_db: &[f32], curve: &Curve, is_on: bool) {
    if levels_db.iter().all(|db| *db <= spectrum::FLOOR_DB) {
        return;
    }
    let x = |at: usize| rect.left() + rect.width() * at as f32 / (POINTS - 1) as f32;
    let y = |db: f32| rect.bottom() - rect.height() * ((db / -spectrum::FLOOR_DB) + 1.0).clamp(0.0, 1.0);
    let ground = theme::blend(theme::WELL, theme::TEXT_LABEL, 0.16);
    let mut mesh = Mesh::default();
    for (at, db) in levels_db.iter().enumerate() {
        mesh.colored_vertex(pos2(x(at), y(*db)), ground);
        mesh.colored_vertex(pos2(x(at), rect.bottom()), ground);
    }
    strip(&mut mesh);
    painter.add(Shape::mesh(mesh));
    if is_on && !curve.is_flat() {
        let shaped = levels_db.iter().zip(&curve.levels_db).enumerate();
        let line = shaped.map(|(at, (db, tone))| pos2(x(at), y(db + tone))).collect();
        let ink = theme::blend(theme::WELL, theme::TEXT_LABEL, 0.6);
        painter.add(Shape::line(line, Stroke::new(1.0, ink)));
    }
}

/// Joins a mesh's vertices, upper and lower in turn, to a band.
fn strip(mesh: &mut Mesh) {
    let pairs = (mesh.vertices.len() as u32 / 2).saturating_sub(1);
    for at in (0..2 * pairs).step_by(2) {
        mesh.add_triangle(at, at + 1, at + 2);
        mesh.add_triangle(at + 1, at + 2, at + 3);
    }
}

/// Draws a curve, and what lies between it and 0 dB.
fn draw(painter: &Painter, rect: Rect, curve: &Curve, color: Color32, is_on: bool) {
    let painter = painter.with_clip_rect(rect);
    let ink = if is_on { color } else { theme::blend(theme::WELL, theme::TEXT_LABEL, 0.7) };
    let points = curve.points(rect);
    let middle = rect.center().y;
    if !curve.is_flat() {
        // The area under a curve is no convex shape: one slice between each two points.
        let fill = theme::blend(theme::WELL, ink, 0.25);
        let mut mesh = Mesh::default();
        for point in &points {
            mesh.colored_vertex(*point, fill);
            mesh.colored_vertex(pos2(point.x, middle), fill);
        }
        strip(&mut mesh);
        painter.add(Shape::mesh(mesh));
    }
    painter.add(Shape::line(points, Stroke::new(1.5, ink)));
}

/// Draws a stem's tone small; a click opens it.
pub fn thumbnail(
    ui: &Ui,
    rect: Rect,
    stem: usize,
    curves: &Curves,
    color: Color32,
    desk: &mut Desk,
) -> Response {
    let rect = widgets::snapped(ui.painter(), rect);
    let key = ParamKey::Stem(stem, StripParam::Tone);
    let is_on = desk.is_on(key);
    let response = ui.interact(rect, id(("tone", stem)), Sense::click());
    let painter = ui.painter();
    painter.rect_filled(rect, theme::RADIUS, theme::WELL);
    painter.hline(rect.x_range(), rect.center().y, Stroke::new(1.0, theme::GRID));
    curves.draw(painter, rect.shrink(1.0), color, is_on);
    if response.hovered() || response.has_focus() {
        let edge = Stroke::new(1.0, theme::ACCENT);
        painter.rect_stroke(rect, theme::RADIUS, edge, StrokeKind::Inside);
    }
    response.context_menu(|ui| {
        ui.label(key.name());
        if ui.button(if is_on { "Switch tone off" } else { "Switch tone on" }).clicked() {
            desk.write(key, f32::from(!is_on));
            ui.close();
        }
        if ui.button("Reset tone").clicked() {
            reset(stem, desk);
            ui.close();
        }
    });
    let label = format!("{} curve", key.name());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::Button, true, &label));
    let about = if is_on { "Tone. A click opens it." } else { "Tone, switched off. A click opens it." };
    let about = format!("{about}{}", curves.words());
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_description(about.as_str()));
    response.on_hover_text(about).on_hover_cursor(CursorIcon::PointingHand)
}

/// Gives a stem the tone of a new one.
pub fn reset(stem: usize, desk: &mut Desk) {
    let label = desk.instance.stems()[stem].label(stem);
    let keys: Vec<_> = StripParam::ALL[StripParam::TONE..].iter().map(|p| ParamKey::Stem(stem, *p)).collect();
    desk.reset(format!("Reset {label} tone"), &keys);
}

/// A section that can be taken at a point of the curve.
struct Handle {
    face: &'static str,
    name: &'static str,
    frequency: StripParam,
    /// Up and down.
    gain: Option<StripParam>,
    /// The wheel.
    wheel: Option<StripParam>,
    /// What a double-click switches off and on.
    slope: Option<StripParam>,
}

const HANDLES: [Handle; 5] = [
    Handle {
        face: "1",
        name: "High-Pass",
        frequency: StripParam::HighPassFrequency,
        gain: None,
        wheel: Some(StripParam::HighPassSlope),
        slope: Some(StripParam::HighPassSlope),
    },
    Handle {
        face: "2",
        name: "Low Shelf",
        frequency: StripParam::LowShelfFrequency,
        gain: Some(StripParam::LowShelfGain),
        wheel: None,
        slope: None,
    },
    Handle {
        face: "3",
        name: "Bell",
        frequency: StripParam::BellFrequency,
        gain: Some(StripParam::BellGain),
        wheel: Some(StripParam::BellQ),
        slope: None,
    },
    Handle {
        face: "4",
        name: "High Shelf",
        frequency: StripParam::HighShelfFrequency,
        gain: Some(StripParam::HighShelfGain),
        wheel: None,
        slope: None,
    },
    Handle {
        face: "5",
        name: "Low-Pass",
        frequency: StripParam::LowPassFrequency,
        gain: None,
        wheel: Some(StripParam::LowPassSlope),
        slope: Some(StripParam::LowPassSlope),
    },
];

/// Draws a stem's curve large, with a handle for every section: a drag moves frequency and gain, the wheel
/// turns Q or slope, a double-click resets.
pub fn editor(
    ui: &mut Ui,
    rect: Rect,
    stem: usize,
    readings: &mut Readings,
    color: Color32,
    desk: &mut Desk,
) {
    let rect = widgets::snapped(ui.painter(), rect);
    let plot = rect.shrink2(vec2(6.0, 4.0));
    let painter = ui.painter();
    painter.rect_filled(rect, theme::RADIUS, theme::WELL);
    for (hz, words) in GRID_HZ {
        painter.vline(x(plot, hz).round() + 0.5, rect.y_range(), Stroke::new(1.0, theme::GRID));
        let at = pos2(x(plot, hz) + 3.0, rect.bottom() - 2.0);
        text(painter, at, Align2::LEFT_BOTTOM, words, (theme::TICK, Weight::Regular), theme::TEXT_LABEL);
    }
    for db in GRID_DB {
        let line = if db == 0.0 { theme::LINE } else { theme::GRID };
        painter.hline(rect.x_range(), y(plot, db).round() + 0.5, Stroke::new(1.0, line));
        let words = match db {
            d if d > 0.0 => format!("+{d}"),
            d if d < 0.0 => format!("\u{2212}{}", -d),
            _ => "0".to_owned(),
        };
        let at = pos2(rect.right() - 3.0, y(plot, db));
        text(painter, at, Align2::RIGHT_CENTER, words, (theme::TICK, Weight::Regular), theme::TEXT_LABEL);
    }
    let is_on = desk.is_on(ParamKey::Stem(stem, StripParam::Tone));
    let Readings { curves, spectrum, dt_s, .. } = readings;
    let (meters, rate_hz) = (desk.instance.meters(), desk.instance.sample_rate_hz());
    if desk.hands.is_blind {
        spectrum.rest(meters.scope()); // it would tell what is heard
    } else {
        let levels_db = spectrum.look(meters.scope(), stem, &curve_frequencies_hz(), rate_hz, *dt_s);
        behind(painter, plot, levels_db, &curves[stem].shown, is_on);
    }
    curves[stem].draw(painter, plot, color, is_on);
    for handle in &HANDLES {
        handle.ui(ui, plot, stem, color, desk);
    }
}

impl Handle {
    fn ui(&self, ui: &Ui, plot: Rect, stem: usize, color: Color32, desk: &mut Desk) {
        let key = |param| ParamKey::Stem(stem, param);
        let frequency = key(self.frequency);
        let gain = self.gain.map(key);
        let is_at_work = match self.slope {
            Some(slope) => desk.value(key(slope)) >= 0.5,
            None => gain.is_some_and(|gain| desk.value(gain) != 0.0),
        } && desk.is_on(key(StripParam::Tone));
        let at = pos2(x(plot, desk.value(frequency)), y(plot, gain.map_or(0.0, |gain| desk.value(gain))));
        let rect = Rect::from_center_size(at, vec2(22.0, 22.0));
        let label = format!("{} {}", crate::model::limits::stem_title(stem), self.name);
        let response = ui.interact(rect, id(("handle", stem, self.name)), Sense::click_and_drag());
        self.hands(ui, plot, &response, [Some(frequency), gain], stem, desk);

        let painter = ui.painter();
        let is_hot = response.hovered() || desk.hands.gestures.held(frequency).is_some();
        let ground = if is_at_work { theme::WELL } else { theme::blend(theme::WELL, theme::LINE, 0.5) };
        let edge = if is_at_work { color } else { theme::TEXT_LABEL };
        painter.circle(at, HANDLE_RADIUS, ground, Stroke::new(if is_hot { 2.5 } else { 1.5 }, edge));
        if response.has_focus() {
            painter.circle_stroke(at, HANDLE_RADIUS + 2.5, Stroke::new(1.0, theme::ACCENT));
        }
        // The ground of the digit, for whoever asks how it stands out.
        let ink = if is_at_work { theme::TEXT } else { theme::TEXT_SOFT };
        text(painter, at, Align2::CENTER_CENTER, self.face, (theme::SMALL, Weight::Medium), ink);
        let says = |param: StripParam| widgets::shown(&param.spec(), desk.value(key(param)));
        let mut words = says(self.frequency);
        for param in [self.gain, self.wheel].into_iter().flatten() {
            words += &format!(", {}", says(param));
        }
        let values: Vec<ParamKey> =
            [Some(frequency), gain, self.wheel.map(key)].into_iter().flatten().collect();
        widgets::menu(&response, &values, &label, desk);
        response.widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::Slider, true, &label));
        ui.ctx().accesskit_node_builder(response.id, |node| node.set_value(words.as_str()));
        response.on_hover_cursor(CursorIcon::Grab).on_hover_text(format!("{}: {words}", self.name));
    }

    fn hands(
        &self,
        ui: &Ui,
        plot: Rect,
        response: &Response,
        [frequency, gain]: [Option<ParamKey>; 2],
        stem: usize,
        desk: &mut Desk,
    ) {
        let Some(frequency) = frequency else { return };
        let keys: Vec<ParamKey> = [Some(frequency), gain].into_iter().flatten().collect();
        let travel = |key: ParamKey| {
            let spec = key.spec();
            if key == frequency {
                plot.width() * (spec.max / spec.min).ln() / (ENDS_HZ[1] / ENDS_HZ[0]).ln()
            } else {
                plot.height() * (spec.max - spec.min) / (2.0 * RANGE_DB)
            }
        };
        let travels = keys.iter().map(|key| travel(*key)).collect::<Vec<_>>();
        drag(ui, response, &keys, &travels, desk);
        let home = response.has_focus() && ui.input(|i| i.key_pressed(Key::Home));
        let reset =
            home || response.double_clicked() || (response.clicked() && ui.input(|i| i.modifiers.command));
        if let Some(slope) = self.slope.map(|slope| ParamKey::Stem(stem, slope)).filter(|_| reset) {
            let is_off = desk.value(slope) == Slope::Off as u8 as f32;
            desk.write(slope, f32::from(is_off));
        } else if reset {
            let label = desk.instance.stems()[stem].label(stem);
            desk.reset(format!("Reset {label} {}", self.name.to_lowercase()), &keys);
        }
        let fine = if ui.input(|i| i.modifiers.shift) { 0.1 } else { 1.0 };
        if let Some(turned) = self.wheel.map(|param| ParamKey::Stem(stem, param))
            && response.hovered()
        {
            let notches = desk.hands.notches(ui, response);
            if notches != 0.0 {
                let fine = if self.slope.is_some() { 1.0 } else { fine };
                desk.write(turned, stepped(&turned.spec(), desk.value(turned), notches * fine));
            }
        }
        if response.has_focus() && desk.hands.typing.is_none() {
            let sideways = Some((frequency, [Key::ArrowRight, Key::ArrowLeft]));
            let upwards = gain.map(|gain| (gain, [Key::ArrowUp, Key::ArrowDown]));
            let pages = self.wheel.map(|param| (ParamKey::Stem(stem, param), [Key::PageUp, Key::PageDown]));
            for (key, [more, less]) in [sideways, upwards, pages].into_iter().flatten() {
                for (pressed, steps) in [(more, 1.0), (less, -1.0)] {
                    if ui.input(|i| i.key_pressed(pressed)) {
                        desk.write(key, stepped(&key.spec(), desk.value(key), steps * fine));
                    }
                }
            }
            if ui.input(|i| i.key_pressed(Key::Enter)) {
                desk.type_value(ui, frequency);
            }
            widgets::keep_arrows(ui, response);
        }
    }
}

/// Lets a drag move two values: the first sideways, the second up and down, each from end to end of its
/// range over so many points. One gesture, relative, with Shift ten times finer.
pub(super) fn drag(ui: &Ui, response: &Response, keys: &[ParamKey], travels: &[f32], desk: &mut Desk) {
    let (pressed, down, shift) =
        ui.input(|i| (i.pointer.primary_pressed(), i.pointer.primary_down(), i.modifiers.shift));
    let on_it = response.is_pointer_button_down_on() && down;
    let Some(&first) = keys.first() else { return };
    let is_held = |gestures: &Gestures| gestures.held(first).is_some();
    if on_it && pressed {
        desk.hands.gestures.begin(desk.instance, keys);
        for (at, key) in keys.iter().enumerate() {
            desk.hands.positions[at] = position(&key.spec(), desk.value(*key));
        }
        response.request_focus();
    } else if on_it && is_held(&desk.hands.gestures) {
        let delta = ui.input(|i| i.pointer.delta());
        for (at, key) in keys.iter().enumerate() {
            desk.hands.gestures.keep(*key);
            let points = if at == 0 { delta.x } else { -delta.y };
            if points != 0.0 && response.dragged() {
                let share = points / travels[at].max(1.0) * if shift { 0.1 } else { 1.0 };
                let position = (desk.hands.positions[at] + share).clamp(0.0, 1.0);
                desk.hands.positions[at] = position;
                desk.write(*key, value_at(&key.spec(), position, shift));
            }
        }
    }
    if !on_it && is_held(&desk.hands.gestures) && ui.input(|i| i.pointer.any_released()) {
        desk.hands.gestures.finish(desk.instance);
    }
}
