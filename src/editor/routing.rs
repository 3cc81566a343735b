//! The routing page: what comes in at each input, what is wrong with it, and how to route stems here.

use super::gestures::Instance;
use super::screen::Readings;
use super::theme::{self, Weight};
use super::widgets::{self, Cut, Desk, Toggle, name_within, paragraph, text, text_within};
use crate::doctor::{self, Doctor, Finding, Light};
use crate::model::document::StemInfo;
use crate::model::limits::{MixParam, ParamKey, STEMS, StripParam, stem_title};
use crate::sync::Meters;
use egui::{Align2, Painter, Rect, Stroke, Ui, vec2};

/// Findings are gone through after so many seconds of what came in.
const PACE_S: f64 = 0.5;
const STEPS: f32 = 300.0;

/// The doctor at work while the editor is open.
#[derive(Debug, Default)]
pub struct Rounds {
    doctor: Doctor,
    since_s: f64,
    /// It has heard something.
    has_heard: bool,
    /// Bit k: stem k is not in the mix.
    left_out: u32,
    /// What was found at the last round.
    pub findings: Vec<Finding>,
    /// Each input at a glance.
    pub lights: [Option<Light>; STEMS],
}

impl Rounds {
    /// Listens, and now and then judges; says whether that changed anything. `left_out` are the stems that
    /// are not in the mix: bit k.
    pub fn go(&mut self, meters: &Meters, left_out: u32) -> bool {
        if !meters.probe().is_watched() {
            meters.probe().watch(true);
        }
        while let Some(report) = meters.probe().take() {
            self.since_s += report.seconds();
            self.has_heard = true;
            self.doctor.feed(&report);
        }
        if !self.has_heard || self.since_s < PACE_S && left_out == self.left_out {
            return false;
        }
        (self.since_s, self.left_out) = (0.0, left_out);
        self.doctor.leave_out(left_out);
        let findings = self.doctor.findings();
        let lights = std::array::from_fn(|stem| Some(self.doctor.light(stem)));
        let is_new = (&findings, &lights) != (&self.findings, &self.lights);
        (self.findings, self.lights) = (findings, lights);
        is_new
    }

    /// Starts anew.
    pub fn forget(&mut self) {
        self.doctor.forget();
        self.has_heard = false;
        self.findings.clear();
        self.lights = Default::default();
    }

    /// What was found at a stem, in sentences; empty where nothing was.
    pub fn words(&self, stem: usize) -> String {
        self.about(stem).map(|finding| format!("\n{} {}", finding.words(), finding.cure())).collect()
    }

    /// What was found at a stem, or at another because of it.
    pub fn about(&self, stem: usize) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(move |f| f.stem == stem || f.kind.other() == Some(stem))
    }
}

/// Colour and shape of a light: never colour alone.
pub fn light(painter: &Painter, center: egui::Pos2, light: Light) {
    let ring = Stroke::new(1.0, theme::TEXT_LABEL);
    match light {
        Light::Off => {}
        Light::Waiting => drop(painter.circle_stroke(center, 2.5, ring)),
        Light::Good => drop(painter.circle_filled(center, 3.0, theme::METER_MID)),
        Light::Look => {
            let square = Rect::from_center_size(center, vec2(6.0, 6.0));
            painter.rect_filled(square, 0.0, theme::METER_HIGH);
        }
        Light::Bad => {
            let [up, left, right] = [vec2(0.0, -4.0), vec2(-4.0, 3.5), vec2(4.0, 3.5)].map(|by| center + by);
            let triangle = vec![up, right, left];
            painter.add(egui::Shape::convex_polygon(triangle, theme::METER_CLIP, Stroke::NONE));
        }
    }
}

/// A light in words.
pub fn says(light: Light) -> &'static str {
    match light {
        Light::Off => "Not connected",
        Light::Waiting => "Connected, silent so far",
        Light::Good => "Connected, sounds",
        Light::Look => "Worth a look",
        Light::Bad => "Needs a change",
    }
}

/// Draws the page and acts on the hands in it.
pub fn routing(ui: &Ui, mut area: Rect, readings: &mut Readings, desk: &mut Desk) {
    steps(ui.painter(), area.cut_right(STEPS), &desk.instance.host_name());
    area.cut_right(8.0);
    ui.painter().rect_filled(area, theme::RADIUS, theme::PANEL);
    let mut rest = area.shrink(8.0);
    let mut head = rest.cut_top(24.0);
    let again = Toggle { face: "Check again", label: "Check again", color: theme::ACCENT };
    if widgets::button(ui, head.cut_right(88.0).with_max_y(head.top() + 22.0), again, false).clicked() {
        readings.rounds.forget();
    }
    let style = (theme::HEAD, Weight::Bold);
    text(ui.painter(), head.left_center(), Align2::LEFT_CENTER, "INPUTS", style, theme::TEXT);
    head.cut_right(16.0);
    let main_input = ParamKey::Mix(MixParam::MainInput);
    let choice = head.cut_right(150.0).with_max_y(head.top() + 22.0);
    widgets::choice(ui, choice, main_input, &[], desk);
    head.cut_right(8.0);
    let style = (theme::SMALL, Weight::Medium);
    text(ui.painter(), head.right_center(), Align2::RIGHT_CENTER, "MAIN INPUT", style, theme::TEXT_LABEL);
    let mut foot = rest.cut_bottom(34.0);
    foot.cut_top(4.0);
    paragraph(ui.painter(), foot, doctor::BLIND_SPOT, theme::SMALL, theme::TEXT_LABEL);
    rest.cut_top(4.0);

    let pitch = (rest.height() / STEMS as f32).floor();
    for (stem, info) in desk.instance.stems().iter().enumerate() {
        row(ui, rest.cut_top(pitch).with_max_y(rest.top() - 2.0), stem, info, readings, desk);
    }
}

/// One input: its light, its name, what was found and what to do.
fn row(ui: &Ui, rect: Rect, stem: usize, info: &StemInfo, readings: &Readings, desk: &Desk) {
    let painter = ui.painter();
    painter.rect_filled(rect, theme::RADIUS, theme::STRIP);
    let mut rest = rect.shrink2(vec2(8.0, 1.0));
    let now = readings.rounds.lights[stem].unwrap_or_else(|| first_light(desk.instance.meters(), stem));
    light(painter, rest.cut_left(10.0).center(), now);
    rest.cut_left(4.0);
    let chip = rest.cut_left(3.0).shrink2(vec2(0.0, 4.0));
    painter.rect_filled(chip, 1.0, theme::stem_color(info.color));
    rest.cut_left(6.0);
    let (body, small) = ((theme::BODY, Weight::Medium), (theme::SMALL, Weight::Regular));
    let left = Align2::LEFT_CENTER;
    text_within(painter, rest.cut_left(52.0), left, &stem_title(stem), body, theme::TEXT_SOFT);
    name_within(painter, rest.cut_left(104.0), left, &info.name, body, theme::TEXT);
    rest.cut_left(6.0);
    let found: Vec<&Finding> = readings.rounds.about(stem).collect();
    let words = match &found[..] {
        [] => says(now).to_owned(),
        [first] => format!("{} {}", first.words(), first.cure()),
        [first, more @ ..] => format!("{} {} (and {} more)", first.words(), first.cure(), more.len()),
    };
    if found.is_empty() {
        text_within(painter, rest, left, &words, small, theme::TEXT_LABEL);
    } else {
        let ink = if now >= Light::Look { theme::TEXT } else { theme::TEXT_LABEL };
        paragraph(painter, rest, &words, theme::SMALL, ink);
    }
    let response = ui.interact(rect, widgets::id(("routing", stem)), egui::Sense::hover());
    let label = format!("Input of {}", stem_title(stem));
    response.widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::Group, true, &label));
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_value(words.as_str()));
    response.on_hover_text(format!("{}.{}", says(now), readings.rounds.words(stem)));
}

/// Until the doctor has made its first round.
pub fn first_light(meters: &Meters, stem: usize) -> Light {
    match (meters.connected() >> stem & 1 != 0, meters.heard() >> stem & 1 != 0) {
        (false, _) => Light::Off,
        (_, false) => Light::Waiting,
        _ => Light::Good,
    }
}

/// The stems that somebody wants out of the mix: bit k.
pub fn left_out(instance: &dyn Instance) -> u32 {
    let is_on = |key| instance.value(key) >= 0.5;
    let is_muted = |stem: usize| is_on(ParamKey::Stem(stem, StripParam::Mute));
    let muted = (0..STEMS).fold(0, |mask, stem| mask | u32::from(is_muted(stem)) << stem);
    muted | u32::from(is_on(ParamKey::Mix(MixParam::MainInput)))
}

fn steps(painter: &Painter, rect: Rect, host: &str) {
    painter.rect_filled(rect, theme::RADIUS, theme::PANEL);
    let mut rest = rect.shrink(12.0);
    let steps = doctor::steps(host);
    let style = (theme::HEAD, Weight::Bold);
    let head = format!("ROUTING IN {}", steps.host.to_uppercase());
    text_within(painter, rest.cut_top(20.0), Align2::LEFT_CENTER, &head, style, theme::TEXT);
    rest.cut_top(4.0);
    for (at, step) in steps.steps.iter().enumerate() {
        let used = paragraph(painter, rest, &format!("{}. {step}", at + 1), theme::BODY, theme::TEXT_SOFT);
        rest.cut_top(used + 10.0);
    }
    let mut tried = steps.tried.to_owned();
    tried[..1].make_ascii_uppercase();
    paragraph(painter, rest, &format!("{tried}."), theme::SMALL, theme::TEXT_LABEL);
}
