//! The stage: a disc for every stem, left and right by its pan, up and down by its level, with a halo as
//! wide as it is.

use super::screen::{Readings, Shown};
use super::strip::rest_words;
use super::theme::{self, Weight};
use super::tone::drag;
use super::widgets::{self, Cut, Desk, id, stepped, text};
use crate::model::document::StemInfo;
use crate::model::limits::{ParamKey, StripParam, stem_title};
use crate::model::view::View;
use egui::{Align2, Color32, CursorIcon, Key, Painter, Pos2, Rect, Response, Sense, Stroke, Ui, pos2, vec2};

const RADIUS: f32 = 14.0;
/// Radius of where a scene has a stem.
const GHOST: f32 = 9.0;
/// From here down to minus infinity there is the lowest part of the stage.
const LOWEST_DB: f32 = -36.0;
const HIGHEST_DB: f32 = 12.0;
/// How much of the height is above [`LOWEST_DB`].
const LINEAR: f32 = 0.94;
const FLOOR_DB: f32 = -90.0;
/// A second click within this time makes a double-click, in seconds.
const DOUBLE_CLICK_S: f64 = 0.35;
const LEVELS_DB: [f32; 9] = [12.0, 6.0, 0.0, -6.0, -12.0, -18.0, -24.0, -30.0, -36.0];
const PANS: [f32; 9] = [-1.0, -0.75, -0.5, -0.25, 0.0, 0.25, 0.5, 0.75, 1.0];

fn y_share(db: f32) -> f32 {
    if db >= LOWEST_DB {
        LINEAR * (HIGHEST_DB - db) / (HIGHEST_DB - LOWEST_DB)
    } else {
        LINEAR + (1.0 - LINEAR) * ((LOWEST_DB - db) / (LOWEST_DB - FLOOR_DB)).min(1.0)
    }
}

fn db_at(share: f32) -> f32 {
    if share <= LINEAR {
        HIGHEST_DB - share / LINEAR * (HIGHEST_DB - LOWEST_DB)
    } else if share >= 1.0 {
        f32::NEG_INFINITY
    } else {
        LOWEST_DB - (share - LINEAR) / (1.0 - LINEAR) * (LOWEST_DB - FLOOR_DB)
    }
}

/// Draws the stage and acts on the hands in it.
pub fn stage(ui: &mut Ui, area: Rect, shown: &Shown, readings: &Readings, view: &mut View, desk: &mut Desk) {
    let painter = ui.painter();
    painter.rect_filled(area, theme::RADIUS, theme::PANEL);
    let mut plot = area.shrink2(vec2(28.0, 20.0));
    plot.cut_left(20.0);
    plot.cut_bottom(32.0);
    grid(painter, area, plot);

    // The selected one last: it lies on top and takes the mouse first.
    let mut order: Vec<usize> = shown.stems.iter().copied().filter(|stem| *stem != shown.selected).collect();
    order.extend(shown.stems.contains(&shown.selected).then_some(shown.selected));
    let infos = desk.instance.stems();
    let silenced = desk.silenced();
    let disc = |stem: &usize| Disc::of(*stem, &infos[*stem], silenced, plot, desk);
    let discs: Vec<Disc> = order.iter().map(disc).collect();
    for disc in &discs {
        halo(ui.painter(), plot, disc);
    }
    for disc in &discs {
        disc.besides(ui.painter(), plot, desk);
    }
    for disc in &discs {
        let response = disc.hands(ui, plot, desk);
        if response.is_pointer_button_down_on() && ui.input(|i| i.pointer.primary_pressed()) {
            desk.hands.was_selected = disc.stem == shown.selected;
        }
        if response.is_pointer_button_down_on() || response.gained_focus() {
            view.select(disc.stem);
        }
        if response.double_clicked() {
            desk.hands.below = None;
        } else if response.clicked() && desk.hands.was_selected && !ui.input(|i| i.modifiers.command) {
            // A click on a pile goes to the next below, once it is sure to be no double-click.
            let at_s = ui.input(|i| i.time) + DOUBLE_CLICK_S;
            desk.hands.below = disc.next_below(&discs).map(|stem| (at_s, stem));
            ui.request_repaint_after_secs(DOUBLE_CLICK_S as f32);
        }
        let is_selected = disc.stem == shown.selected;
        disc.draw(ui.painter(), is_selected, response.hovered() || response.has_focus(), readings);
    }
    if let Some((_, below)) = desk.hands.below.take_if(|(at_s, _)| ui.input(|i| i.time) >= *at_s) {
        view.select(below);
    }
    let ghosts = discs.iter().filter_map(|disc| disc.ghost_at(plot, desk));
    let ghosts = ghosts.map(|at| Rect::from_center_size(at, vec2(2.0, 2.0) * GHOST)).collect();
    names(ui.painter(), plot, &discs, ghosts, shown.selected);
    let words = "Drag: pan and level  ·  wheel: width  ·  Shift: fine  ·  Alt: one axis  ·  \
                 double-click: reset  ·  click a pile: the one below";
    let at = area.left_bottom() + vec2(12.0, -10.0);
    text(ui.painter(), at, Align2::LEFT_CENTER, words, (theme::SMALL, Weight::Regular), theme::TEXT_LABEL);
}

fn grid(painter: &Painter, area: Rect, plot: Rect) {
    painter.rect_filled(plot, 0.0, theme::WELL);
    let style = |is_middle| {
        let weight = if is_middle { Weight::Bold } else { Weight::Regular };
        ((theme::SMALL, weight), if is_middle { theme::TEXT } else { theme::TEXT_LABEL })
    };
    for db in LEVELS_DB {
        let y = (plot.top() + plot.height() * y_share(db)).round() + 0.5;
        let line = if db == 0.0 { theme::LINE } else { theme::GRID };
        painter.hline(plot.x_range(), y, Stroke::new(1.0, line));
        let words = match db {
            d if d > 0.0 => format!("+{d}"),
            d if d < 0.0 => format!("\u{2212}{}", -d),
            _ => "0 dB".to_owned(),
        };
        let (font, color) = style(db == 0.0);
        text(painter, pos2(plot.left() - 8.0, y), Align2::RIGHT_CENTER, words, font, color);
    }
    let (font, color) = style(false);
    let at = pos2(plot.left() - 8.0, plot.bottom());
    text(painter, at, Align2::RIGHT_CENTER, "\u{2212}∞", font, color);
    for pan in PANS {
        let x = (plot.center().x + plot.width() * 0.5 * pan).round() + 0.5;
        painter.vline(
            x,
            plot.y_range(),
            Stroke::new(1.0, if pan == 0.0 { theme::LINE } else { theme::GRID }),
        );
        let words = match pan {
            p if p < 0.0 => format!("L{}", -p * 100.0),
            p if p > 0.0 => format!("R{}", p * 100.0),
            _ => "C".to_owned(),
        };
        let (font, color) = style(pan == 0.0);
        let at = pos2(x.clamp(area.left() + 20.0, area.right() - 20.0), plot.bottom() + 14.0);
        text(painter, at, Align2::CENTER_CENTER, words, font, color);
    }
}

/// Where a stem stands on the stage.
fn place(plot: Rect, pan: f32, fader_db: f32) -> Pos2 {
    let across = plot.center().x + plot.width() * 0.5 * pan;
    pos2(across, plot.top() + plot.height() * y_share(fader_db.min(HIGHEST_DB)))
}

struct Disc {
    stem: usize,
    at: Pos2,
    /// 0 to 2.
    width: f32,
    color: Color32,
    name: String,
    /// What stands beside it: the name, and how the stem stands against the rest.
    caption: String,
    is_silenced: bool,
    is_muted: bool,
}

impl Disc {
    fn of(stem: usize, info: &StemInfo, silenced: u32, plot: Rect, desk: &Desk) -> Self {
        let value = |param| desk.value(ParamKey::Stem(stem, param));
        let is_muted = desk.is_on(ParamKey::Stem(stem, StripParam::Mute));
        let at = place(plot, value(StripParam::Pan), value(StripParam::Fader));
        Self {
            stem,
            at,
            width: value(StripParam::Width) / 100.0,
            color: theme::stem_color(info.color),
            name: info.label(stem),
            caption: match desk.instance.meters().loudness().rest_lu(stem) {
                Some(_) if !desk.hands.is_blind => {
                    format!("{}  {}", info.label(stem), rest_words(stem, desk))
                }
                _ => info.label(stem),
            },
            is_silenced: silenced >> stem & 1 != 0,
            is_muted,
        }
    }

    /// Where the scene that is looked at has the stem, if that is elsewhere.
    fn ghost_at(&self, plot: Rect, desk: &Desk) -> Option<Pos2> {
        let ghost = desk.hands.ghost.as_ref()?;
        let of = |param| ghost.value(desk.instance, self.stem, param);
        let (pan, fader) = (of(StripParam::Pan), of(StripParam::Fader));
        pan.or(fader)?;
        let live = |param| desk.instance.value(ParamKey::Stem(self.stem, param));
        let pan = pan.unwrap_or_else(|| live(StripParam::Pan));
        let at = place(plot, pan, fader.unwrap_or_else(|| live(StripParam::Fader)));
        (at.distance(self.at) > 1.5).then_some(at)
    }

    /// Marks where the stem sounds, if that is elsewhere, and where the scene that is looked at has it.
    fn besides(&self, painter: &Painter, plot: Rect, desk: &Desk) {
        let [pan, fader] = [StripParam::Pan, StripParam::Fader].map(|param| ParamKey::Stem(self.stem, param));
        let heard = place(plot, desk.heard(pan), desk.heard(fader));
        if heard.distance(self.at) > 1.5 && desk.hands.gestures.held(pan).is_none() {
            painter.line_segment([self.at, heard], Stroke::new(1.0, theme::ACCENT));
            painter.circle(heard, 5.0, theme::WELL, Stroke::new(2.0, theme::ACCENT));
        }
        let (Some(ghost), Some(at)) = (&desk.hands.ghost, self.ghost_at(plot, desk)) else { return };
        let edge = theme::blend(theme::WELL, self.color, 0.8);
        painter.line_segment([self.at, at], Stroke::new(1.0, edge));
        painter.circle(at, GHOST, theme::WELL, Stroke::new(1.0, edge));
        // The ground of the letter, for whoever asks how it stands out.
        painter.rect_filled(Rect::from_center_size(at, vec2(10.0, 10.0)), 2.0, theme::WELL);
        let style = (theme::SMALL, Weight::Bold);
        text(painter, at, Align2::CENTER_CENTER, ghost.letter, style, self.color);
    }

    /// The next stem of the pile this disc lies in, if it lies in one.
    fn next_below(&self, discs: &[Self]) -> Option<usize> {
        let pile = discs.iter().filter(|other| other.at.distance(self.at) < RADIUS).map(|disc| disc.stem);
        let after = pile.clone().filter(|stem| *stem > self.stem).min();
        after.or_else(|| pile.min()).filter(|stem| *stem != self.stem)
    }

    fn hands(&self, ui: &Ui, plot: Rect, desk: &mut Desk) -> Response {
        let rect = Rect::from_center_size(self.at, vec2(2.0, 2.0) * RADIUS);
        let response = ui.interact(rect, id(("disc", self.stem)), Sense::click_and_drag());
        let [pan, fader, width] = [StripParam::Pan, StripParam::Fader, StripParam::Width]
            .map(|param| ParamKey::Stem(self.stem, param));
        let is_held = desk.hands.gestures.held(pan).is_some();
        // The level stands on this page's own scale, not on the fader's.
        let (pressed, delta, modifiers) =
            ui.input(|i| (i.pointer.primary_pressed(), i.pointer.delta(), i.modifiers));
        if response.is_pointer_button_down_on() && pressed {
            drag(ui, &response, &[pan, fader], &[plot.width(), plot.height()], desk);
            desk.hands.positions[1] = y_share(desk.value(fader));
            desk.hands.travelled = vec2(0.0, 0.0);
        } else if is_held && response.is_pointer_button_down_on() && response.dragged() {
            desk.hands.gestures.keep(pan);
            desk.hands.gestures.keep(fader);
            let share = if modifiers.shift { 0.1 } else { 1.0 };
            desk.hands.travelled += delta;
            let travelled = desk.hands.travelled;
            let is_sideways = travelled.x.abs() >= travelled.y.abs();
            if delta.x != 0.0 && (!modifiers.alt || is_sideways) {
                let to = (desk.hands.positions[0] + share * delta.x / plot.width()).clamp(0.0, 1.0);
                desk.hands.positions[0] = to;
                let grid = if modifiers.shift { 1000.0 } else { 100.0 };
                desk.write(pan, ((2.0 * to - 1.0) * grid).round() / grid);
            }
            if delta.y != 0.0 && !(modifiers.alt && is_sideways) {
                let to = (desk.hands.positions[1] + share * delta.y / plot.height()).clamp(0.0, 1.0);
                desk.hands.positions[1] = to;
                let grid = if modifiers.shift { 100.0 } else { 10.0 };
                desk.write(fader, (db_at(to) * grid).round() / grid);
            }
        } else {
            drag(ui, &response, &[pan, fader], &[plot.width(), plot.height()], desk);
        }
        let home = response.has_focus() && ui.input(|i| i.key_pressed(Key::Home));
        if home || response.double_clicked() || (response.clicked() && modifiers.command) {
            desk.reset(format!("Reset {} pan and fader", self.name), &[pan, fader]);
        }
        let fine = if modifiers.shift { 0.1 } else { 1.0 };
        if response.hovered() {
            let notches = desk.hands.notches(ui, &response);
            if notches != 0.0 {
                desk.write(width, stepped(&width.spec(), desk.value(width), notches * fine));
            }
        }
        if response.has_focus() && desk.hands.typing.is_none() {
            for (key, more, less) in [
                (pan, Key::ArrowRight, Key::ArrowLeft),
                (fader, Key::ArrowUp, Key::ArrowDown),
                (width, Key::PageUp, Key::PageDown),
            ] {
                for (pressed, steps) in [(more, fine), (less, -fine)] {
                    if ui.input(|i| i.key_pressed(pressed)) {
                        desk.write(key, stepped(&key.spec(), desk.value(key), steps));
                    }
                }
            }
            if ui.input(|i| i.key_pressed(Key::Enter)) {
                desk.type_value(ui, fader);
            }
            widgets::keep_arrows(ui, &response);
        }
        let title = format!("{} disc", stem_title(self.stem));
        widgets::menu(&response, &[fader, pan, width], &title, desk);
        let says = |key: ParamKey| widgets::shown(&key.spec(), desk.value(key));
        let words = format!("{}, {}, {}", says(pan), says(fader), says(width));
        response.widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::Slider, true, &title));
        ui.ctx().accesskit_node_builder(response.id, |node| node.set_value(words.as_str()));
        let name = &self.name;
        response.on_hover_cursor(CursorIcon::Grab).on_hover_text(format!("{name}: {words}"))
    }

    fn draw(&self, painter: &Painter, is_selected: bool, is_hot: bool, readings: &Readings) {
        let strength = if self.is_silenced { 0.15 } else { 0.4 };
        let body = theme::blend(theme::WELL, self.color, strength);
        let edge = if self.is_silenced { theme::blend(theme::WELL, self.color, 0.4) } else { self.color };
        painter.circle_filled(self.at, RADIUS + 2.0, theme::WELL);
        painter.circle(self.at, RADIUS, body, Stroke::new(if is_hot { 2.5 } else { 1.5 }, edge));
        let level = readings.stems[self.stem].level_db().into_iter().fold(f32::NEG_INFINITY, f32::max);
        let loud = widgets::meter_position(level);
        if loud > 0.0 {
            // How loud it is, as an arc from below around both sides.
            let span = std::f32::consts::TAU * loud * 0.5;
            let steps = (span * 12.0).ceil() as usize + 1;
            let arc = |at: usize| {
                let angle = std::f32::consts::FRAC_PI_2 - span + 2.0 * span * at as f32 / steps as f32;
                self.at + vec2(angle.cos(), angle.sin()) * (RADIUS - 1.5)
            };
            painter.add(egui::Shape::line((0..=steps).map(arc).collect(), Stroke::new(3.0, edge)));
        }
        if is_selected {
            painter.circle_stroke(self.at, RADIUS + 3.0, Stroke::new(1.5, theme::TEXT));
        }
        let (face, ink) = match self.is_muted {
            true => ("M".to_owned(), theme::MUTE),
            false => (format!("{}", self.stem + 1), theme::TEXT),
        };
        // The ground of the number, for whoever asks how it stands out.
        let plate = Rect::from_center_size(self.at, vec2(14.0, 12.0));
        painter.rect_filled(plate, 2.0, body);
        text(painter, self.at, Align2::CENTER_CENTER, face, (theme::SMALL, Weight::Bold), ink);
    }
}

/// As wide as the stem: mono is as narrow as the disc.
fn halo(painter: &Painter, plot: Rect, disc: &Disc) {
    let half = RADIUS + disc.width * plot.width() * 0.09;
    let strength = if disc.is_silenced { 0.08 } else { 0.22 };
    let rect = Rect::from_center_size(disc.at, vec2(2.0 * half, 18.0));
    let fill = theme::blend(theme::WELL, disc.color, strength);
    painter.with_clip_rect(plot.expand(RADIUS)).rect_filled(rect, 9.0, fill.gamma_multiply(0.85));
}

/// Writes every disc's name where it covers neither a disc nor what is taken, nor another name.
fn names(painter: &Painter, plot: Rect, discs: &[Disc], mut taken: Vec<Rect>, selected: usize) {
    taken.extend(discs.iter().map(|disc| Rect::from_center_size(disc.at, vec2(2.0, 2.0) * RADIUS)));
    for disc in discs.iter().rev() {
        let color = match (disc.is_silenced, disc.stem == selected) {
            (true, _) => theme::TEXT_LABEL,
            (_, true) => theme::TEXT,
            _ => theme::TEXT_SOFT,
        };
        let font = theme::font(theme::BODY, Weight::Medium);
        let galley = painter.layout_no_wrap(disc.caption.clone(), font, color);
        let size = galley.size() + vec2(4.0, 0.0);
        let reach = vec2(RADIUS + 4.0 + size.x * 0.5, RADIUS + 4.0 + size.y * 0.5);
        let places = [
            vec2(0.0, reach.y),
            vec2(0.0, -reach.y),
            vec2(reach.x, 0.0),
            vec2(-reach.x, 0.0),
            vec2(reach.x * 0.8, reach.y * 0.8),
            vec2(-reach.x * 0.8, reach.y * 0.8),
            vec2(reach.x * 0.8, -reach.y * 0.8),
            vec2(-reach.x * 0.8, -reach.y * 0.8),
            vec2(0.0, 2.0 * reach.y),
            vec2(0.0, -2.0 * reach.y),
        ];
        let stands = |by: &egui::Vec2| Rect::from_center_size(disc.at + *by, size);
        let room = plot.expand2(vec2(40.0, 12.0));
        let free = places
            .iter()
            .map(stands)
            .find(|rect| room.contains_rect(*rect) && taken.iter().all(|other| !other.intersects(*rect)));
        // In a crowd without room the number in the disc has to do, but not for the selected one.
        let Some(rect) = free.or((disc.stem == selected).then(|| stands(&places[0]))) else { continue };
        taken.push(rect);
        painter.rect_filled(rect, 2.0, theme::WELL);
        painter.galley(rect.center() - galley.size() * 0.5, galley, color);
    }
}
