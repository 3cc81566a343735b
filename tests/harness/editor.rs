//! The editor without a window: an instance without a plugin, and a mouse and a keyboard over it.
#![allow(dead_code, reason = "every test program uses its own part of this")]

#[path = "../support/mod.rs"]
pub mod support;

use egui::{Event, Key, Modifiers, MouseWheelUnit, PointerButton, Pos2, TouchPhase, UiBuilder, Vec2, vec2};
use egui_kittest::kittest::Queryable;
use egui_kittest::{Harness, SnapshotOptions, TestRenderer};
use std::cell::{Cell, RefCell};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, OnceLock};
use stemwright::analysis::{Song, Study, StudyState};
use stemwright::editor::dialog::Wanted;
use stemwright::editor::gestures::{Instance, Said};
use stemwright::editor::picture::Raster;
use stemwright::editor::presets::Presets;
use stemwright::editor::screen::Screen;
use stemwright::editor::theme;
use stemwright::model::document::{Document, StemInfo};
use stemwright::model::learned::LearnedBalance;
use stemwright::model::limits::{MixParam, ParamKey, Role, SCENES, STEMS, StripParam};
use stemwright::model::offsets::Level;
use stemwright::model::scene::Scene;
use stemwright::model::settings::Slope;
use stemwright::model::view::{Page, View};
use stemwright::presets::Folder;
use stemwright::sync::{Audition, Meters, Monitor, Powers, Reading, Stretch};
use support::signals::noise;

pub const FRAME_S: f32 = 1.0 / 60.0;

pub fn stem(number: usize, param: StripParam) -> ParamKey {
    ParamKey::Stem(number - 1, param)
}

pub fn mix(param: MixParam) -> ParamKey {
    ParamKey::Mix(param)
}

pub fn fader(number: usize) -> ParamKey {
    stem(number, StripParam::Fader)
}

/// What an instance was told, in order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Told {
    Begin(ParamKey),
    Set(ParamKey, f32),
    End(ParamKey),
    BeginGroup,
    EndGroup,
}
pub use Told::{Begin, BeginGroup, End, EndGroup, Set};

/// A whole gesture with these values.
pub fn gesture(key: ParamKey, values: &[f32]) -> Vec<Told> {
    let sets = values.iter().map(|value| Set(key, *value));
    std::iter::once(Begin(key)).chain(sets).chain([End(key)]).collect()
}

/// Several gestures that are one edit.
pub fn group(gestures: &[Vec<Told>]) -> Vec<Told> {
    std::iter::once(BeginGroup).chain(gestures.concat()).chain([EndGroup]).collect()
}

/// An instance without a plugin. Panics where a value is set outside its gesture.
#[derive(Default)]
pub struct Fake {
    pub document: RefCell<Document>,
    pub told: RefCell<Vec<Told>>,
    pub meters: Arc<Meters>,
    pub notices: RefCell<Option<Said>>,
    pub fault: Cell<bool>,
    pub loads: Cell<u32>,
    pub monitor: Cell<Monitor>,
    pub audition: Cell<Option<Audition>>,
    pub study: RefCell<StudyState>,
    /// Every time that recording was asked to begin or to end.
    pub recorded: RefCell<Vec<bool>>,
}

impl Fake {
    /// As a song with so many stems would have it.
    pub fn song(stems: usize) -> Self {
        const NAMES: [&str; STEMS] = [
            "Kick",
            "Snare",
            "Hats",
            "Toms",
            "Room",
            "Bass",
            "Sub",
            "Gtr Left",
            "Gtr Right",
            "Acoustic",
            "Keys",
            "Pads",
            "Lead Synth",
            "Lead Vox",
            "Backing Vox",
            "FX",
        ];
        const LEVELS_DB: [f32; STEMS] = [
            -3.2, -4.5, -13.0, -9.4, -15.5, -5.0, -12.4, -9.0, -9.6, -14.0, -11.0, -17.5, -12.2, -2.4, -8.0,
            -18.0,
        ];
        const PEAKS_DB: [f32; STEMS] = [
            -5.3, -4.0, -13.7, -9.1, -11.2, -5.5, -12.8, -9.1, -9.0, -11.6, -12.0, -90.0, -8.8, -3.6, -9.4,
            -15.9,
        ];
        const ROLES: [Role; STEMS] = [
            Role::Drums,
            Role::Drums,
            Role::Drums,
            Role::Drums,
            Role::Drums,
            Role::Bass,
            Role::Bass,
            Role::Guitars,
            Role::Guitars,
            Role::Guitars,
            Role::Keys,
            Role::Pads,
            Role::Keys,
            Role::Lead,
            Role::Backing,
            Role::Effects,
        ];
        const PANS: [f32; STEMS] =
            [0.0, 0.04, 0.28, -0.14, 0.0, 0.0, 0.0, -0.72, 0.72, -0.38, 0.34, -0.08, 0.46, 0.0, -0.22, 0.58];
        let fake = Self::default();
        {
            let document = &mut *fake.document.borrow_mut();
            for at in 0..stems {
                document.stems[at].rename(NAMES[at]);
                let strip = &mut document.mix.stems[at];
                strip.fader_db = LEVELS_DB[at];
                strip.pan = PANS[at];
                strip.trim_db = [0.0, 1.5, -2.0, 0.0, 3.0][at % 5];
                strip.width_percent = [100.0, 60.0, 130.0, 180.0, 30.0, 100.0, 0.0][at % 7];
                let peak = 10f32.powf(PEAKS_DB[at] / 20.0);
                fake.meters.raise_stem(at, [peak, peak * 0.85]);
                let power = peak * peak * 0.05;
                fake.meters.set_stem_powers(at, Powers { sides: [power, power * 0.7], product: power * 0.5 });
                let tone = &mut strip.tone;
                tone.low_shelf_db = [-2.0, 1.5, -4.0, 0.0, 2.5, 3.0][at % 6];
                (tone.bell_db, tone.bell_hz) =
                    ([3.0, -5.0, 0.0, 4.0][at % 4], (300.0 * 1.3f32.powi(at as i32)).round());
                tone.high_shelf_db = [2.0, 0.0, 3.5, -3.0, 0.0][at % 5];
                tone.high_pass = if at % 3 == 0 { Slope::Gentle } else { Slope::Off };
                document.stems[at].role = ROLES[at];
                let short_term_lufs = LEVELS_DB[at] - 20.0;
                let reading =
                    Reading { short_term_lufs, momentary_lufs: short_term_lufs + 1.0, ..Reading::default() };
                fake.meters.loudness().set_stem(at, &reading, LEVELS_DB[at] + 1.6);
            }
            document.mix.stems[1].inverted = true;
            document.mix.stems[3].mute = true;
            document.mix.output_db = -1.5;
        }
        fake.meters.raise_mix([0.66, 0.58]);
        let mix =
            Reading { momentary_lufs: -10.8, short_term_lufs: -12.9, integrated_lufs: -14.3, range_lu: 6.2 };
        fake.meters.loudness().set_mix(&mix, 10f32.powf(-1.1 / 20.0), false);
        fake.meters.set_mix_powers(Powers { sides: [0.03, 0.025], product: 0.018 });
        let mask = (1 << stems) - 1;
        fake.meters.set_connected(mask);
        fake.meters.set_sounding(mask);
        fake
    }

    /// The same with three scenes: Verse in A, Chorus in B, Bridge in D.
    pub fn staged(stems: usize) -> Self {
        let fake = Self::song(stems);
        {
            let scenes = &mut fake.document.borrow_mut().scenes;
            for (slot, name) in [(0, "Verse"), (1, "Chorus"), (3, "Bridge")] {
                scenes[slot].rename(name);
            }
            scenes[0].stems[0].level = Level::By(-2.0);
            let chorus = &mut scenes[1].stems;
            (chorus[1].level, chorus[1].pan, chorus[2].width_percent) = (Level::By(1.5), -0.3, 40.0);
            chorus[5].set(StripParam::Mute, Some(1.0));
            chorus[7].bell_db = 3.0;
            scenes[3].stems[6].level = Level::By(-6.0);
        }
        fake
    }

    /// As it is after a recording, with the recording before.
    pub fn recorded(stems: usize) -> Self {
        let fake = Self::staged(stems);
        // It takes long to study, and is the same every time.
        static BOTH: [OnceLock<[Arc<Song>; 2]>; STEMS + 1] = [const { OnceLock::new() }; STEMS + 1];
        let both = BOTH[stems].get_or_init(|| [0.0, 6.0].map(|last_db| recording(stems, last_db)));
        let [song, before] = both.clone().map(Some);
        *fake.study.borrow_mut() = StudyState { song, before, revision: 1, ..StudyState::default() };
        fake.document.borrow_mut().view.page = Page::Analysis;
        fake
    }

    pub fn scene(&self, slot: usize) -> Scene {
        self.document.borrow().scenes[slot].clone()
    }

    pub fn say(&self, remarks: &[&str]) {
        let head = "The balance was loaded, but not quite as it was saved.".to_owned();
        let remarks = remarks.iter().map(|remark| remark.to_string()).collect();
        *self.notices.borrow_mut() = Some(Said { head, remarks });
    }

    pub fn put(&self, key: ParamKey, value: f32) {
        self.document.borrow_mut().mix.set(key, value);
    }

    pub fn told(&self) -> Vec<Told> {
        self.told.borrow_mut().drain(..).collect()
    }

    pub fn name(&self, number: usize) -> String {
        self.document.borrow().stems[number - 1].name.clone()
    }
}

impl Instance for Fake {
    fn value(&self, key: ParamKey) -> f32 {
        self.document.borrow().mix.get(key)
    }

    fn begin(&self, key: ParamKey) {
        self.told.borrow_mut().push(Begin(key));
    }

    fn set(&self, key: ParamKey, value: f32) {
        let told = &mut *self.told.borrow_mut();
        let last = told.iter().rev().find(|told| matches!(told, Begin(k) | End(k) if *k == key));
        assert_eq!(last, Some(&Begin(key)), "a value outside its gesture");
        told.push(Set(key, value));
        self.put(key, value);
    }

    fn end(&self, key: ParamKey) {
        self.told.borrow_mut().push(End(key));
    }

    fn stems(&self) -> [StemInfo; STEMS] {
        self.document.borrow().stems.clone()
    }

    fn set_stems(&self, stems: [StemInfo; STEMS]) {
        self.document.borrow_mut().stems = stems;
    }

    fn order(&self) -> [usize; STEMS] {
        self.document.borrow().order
    }

    fn set_order(&self, order: [usize; STEMS]) {
        self.document.borrow_mut().order = order;
    }

    fn scenes(&self) -> [Scene; SCENES] {
        self.document.borrow().scenes.clone()
    }

    fn set_scenes(&self, scenes: [Scene; SCENES]) {
        self.document.borrow_mut().scenes = scenes;
    }

    fn scene_order(&self) -> [usize; SCENES] {
        self.document.borrow().scene_order
    }

    fn set_scene_order(&self, order: [usize; SCENES]) {
        self.document.borrow_mut().scene_order = order;
    }

    fn audition(&self, wish: Option<&Audition>) {
        self.audition.set(wish.copied());
    }

    fn begin_group(&self) {
        self.told.borrow_mut().push(BeginGroup);
    }

    fn end_group(&self) {
        self.told.borrow_mut().push(EndGroup);
    }

    fn loads(&self) -> u32 {
        self.loads.get()
    }

    fn learned(&self) -> Option<LearnedBalance> {
        self.document.borrow().learned.clone()
    }

    fn set_learned(&self, learned: Option<LearnedBalance>) {
        self.document.borrow_mut().learned = learned;
    }

    fn view(&self) -> View {
        self.document.borrow().view
    }

    fn set_view(&self, view: View) {
        self.document.borrow_mut().view = view;
    }

    fn monitor(&self) -> Monitor {
        self.monitor.get()
    }

    fn set_monitor(&self, monitor: Monitor) {
        self.monitor.set(monitor);
    }

    fn meters(&self) -> &Meters {
        &self.meters
    }

    fn study(&self) -> StudyState {
        self.study.borrow().clone()
    }

    fn record(&self, on: bool) {
        self.recorded.borrow_mut().push(on);
    }

    fn forget_recording(&self) {
        let revision = self.study.borrow().revision + 1;
        *self.study.borrow_mut() = StudyState { revision, ..StudyState::default() };
    }

    fn notices(&self) -> Option<Said> {
        self.notices.borrow().clone()
    }

    fn dismiss_notices(&self) {
        *self.notices.borrow_mut() = None;
    }

    fn has_fault(&self) -> bool {
        self.fault.get()
    }
}

/// Ten seconds of so many stems, the last louder by so many dB: live, then scene A, then B. The third has a constant
/// offset, the fifth comes 10 ms after the second, the eighth is on the left alone, and from the fourth on each has a
/// part of what the one before it has.
fn recording(stems: usize, last_db: f32) -> Arc<Song> {
    const RATE_HZ: f64 = 48_000.0;
    const FRAMES: usize = 480_000;
    let mut noises: Vec<Vec<f32>> = (0..stems as u64).map(|seed| noise(seed + 1, FRAMES)).collect();
    let mut at = [0.0f32; STEMS];
    for (stem, noise) in noises.iter_mut().enumerate() {
        let pole = 0.995 - 0.05 * stem as f32;
        for (frame, x) in noise.iter_mut().enumerate() {
            let rides = 0.6 + 0.4 * (frame as f32 / (9_000.0 + 1_000.0 * stem as f32)).sin();
            at[stem] = pole * at[stem] + (1.0 - pole) * *x * rides;
            *x = at[stem];
        }
    }
    if stems > 4 {
        noises[4] = [vec![0.0; 480], noises[1][..FRAMES - 480].to_vec()].concat();
    }
    noises.iter_mut().skip(2).take(1).flatten().for_each(|x| *x += 0.05);
    let mut study = Study::new(RATE_HZ, std::array::from_fn(|stem| stem == 13 || stem == 3));
    for start in (0..FRAMES).step_by(4_800) {
        let mut stretch = Stretch::default();
        for stem in 0..STEMS {
            let empty = vec![0.0; 4_800];
            let own = noises.get(stem).map_or(&empty[..], |noise| &noise[start..start + 4_800]);
            let gain = if stem + 1 == stems { 10f32.powf(last_db / 20.0) } else { 1.0 };
            stretch.inputs[stem] =
                [0, 1].map(|side| if (stem, side) == (7, 1) { empty.clone() } else { own.to_vec() });
            stretch.parts[stem] = [0.08, 0.06].map(|side| own.iter().map(|x| gain * side * x).collect());
        }
        stretch.scenes = vec![[0, 1, 2][start * 3 / FRAMES]; 4_800];
        study.process(&stretch);
    }
    Arc::new(study.song(Some(12.0), false, true))
}

pub struct Pixels(Raster);

impl TestRenderer for Pixels {
    fn handle_delta(&mut self, delta: &mut egui::TexturesDelta) {
        self.0.load(delta);
    }

    fn render(&mut self, ctx: &egui::Context, output: &egui::FullOutput) -> Result<image::RgbaImage, String> {
        let scale = ctx.pixels_per_point();
        let size = ctx.content_rect().size() * scale;
        let primitives = ctx.tessellate(output.shapes.clone(), scale);
        let picture = self.0.draw(&primitives, [size.x as usize, size.y as usize], scale);
        image::RgbaImage::from_raw(picture.width as u32, picture.height as u32, picture.rgba)
            .ok_or_else(|| "a picture of the wrong size".to_owned())
    }
}

/// A file dialog that was closed without a choice.
pub fn nobody_answers(_: Wanted) -> Receiver<Option<PathBuf>> {
    channel().1
}

/// An open editor, its fake instance, and a mouse.
pub struct Bench {
    pub harness: Harness<'static, Screen>,
    pub fake: Rc<Fake>,
}

impl Bench {
    pub fn new(fake: Fake) -> Self {
        Self::sized(fake, vec2(1180.0, 720.0))
    }

    pub fn sized(fake: Fake, size: Vec2) -> Self {
        Self::scaled(fake, size, 1.0)
    }

    /// So many pixels per point.
    pub fn scaled(fake: Fake, size: Vec2, scale: f32) -> Self {
        // Nobody's own presets are shown, and none are made.
        let nowhere = Ok(Folder::at("no presets here"));
        Self::showing(fake, size, scale, Screen::with_presets(Presets::new(nowhere, nobody_answers)))
    }

    pub fn showing(fake: Fake, size: Vec2, scale: f32, screen: Screen) -> Self {
        let fake = Rc::new(fake);
        let shown = fake.clone();
        let harness = Harness::builder()
            .with_size(size)
            .with_pixels_per_point(scale)
            .with_step_dt(FRAME_S)
            .with_render_cursor(false)
            .with_context_setup(theme::install)
            .renderer(Pixels(Raster::default()))
            .build_ui_state(
                move |ui, screen: &mut Screen| {
                    // The whole window, without the margin that the harness leaves.
                    let whole = UiBuilder::new().max_rect(ui.ctx().content_rect());
                    ui.scope_builder(whole, |ui| screen.ui(ui, &*shown));
                },
                screen,
            );
        let mut bench = Self { harness, fake };
        bench.steps(3);
        bench
    }

    pub fn steps(&mut self, steps: usize) {
        self.harness.run_steps(steps);
    }

    pub fn center(&self, label: &str) -> Pos2 {
        self.harness.get_by_label(label).rect().center()
    }

    pub fn shows(&self, label: &str) -> bool {
        self.harness.query_by_label(label).is_some()
    }

    /// What a control says it shows.
    pub fn value(&self, label: &str) -> String {
        self.harness.get_by_label(label).value().unwrap_or_default()
    }

    pub fn point_at(&mut self, at: Pos2) {
        self.harness.event(Event::PointerMoved(at));
        self.harness.step();
    }

    pub fn button(&mut self, at: Pos2, pressed: bool, modifiers: Modifiers) {
        self.harness.event(Event::PointerButton {
            pos: at,
            button: PointerButton::Primary,
            pressed,
            modifiers,
        });
        self.harness.step();
    }

    pub fn hold_keys(&mut self, modifiers: Modifiers) {
        self.harness.event(Event::ModifiersChanged(modifiers));
        self.harness.step();
    }

    pub fn press(&mut self, at: Pos2) {
        self.point_at(at);
        self.button(at, true, Modifiers::NONE);
    }

    pub fn click_at(&mut self, at: Pos2, modifiers: Modifiers) {
        self.hold_keys(modifiers);
        self.point_at(at);
        self.button(at, true, modifiers);
        self.button(at, false, modifiers);
        self.hold_keys(Modifiers::NONE);
    }

    pub fn click(&mut self, label: &str) {
        self.click_at(self.center(label), Modifiers::NONE);
    }

    pub fn double_click(&mut self, label: &str) {
        let at = self.center(label);
        self.click_at(at, Modifiers::NONE);
        self.click_at(at, Modifiers::NONE);
    }

    pub fn drag(&mut self, from: Pos2, by: Vec2, modifiers: Modifiers) {
        self.hold_keys(modifiers);
        self.point_at(from);
        self.button(from, true, modifiers);
        self.point_at(from + by);
        self.button(from + by, false, modifiers);
        self.hold_keys(Modifiers::NONE);
    }

    pub fn wheel(&mut self, label: &str, notches: f32, modifiers: Modifiers) {
        self.point_at(self.center(label));
        self.harness.event(Event::MouseWheel {
            unit: MouseWheelUnit::Line,
            delta: vec2(0.0, notches),
            phase: TouchPhase::Move,
            source: egui::MouseWheelSource::Wheel,
            modifiers,
        });
        self.harness.step();
    }

    pub fn key(&mut self, key: Key) {
        self.harness.key_press(key);
        self.steps(2);
    }

    /// So long that the next click is a first one.
    pub fn pause(&mut self) {
        self.steps(30);
    }

    /// Opens a number, types over it and presses Enter.
    pub fn type_into(&mut self, label: &str, text: &str) {
        self.pause();
        self.click(label);
        self.steps(1);
        self.harness.event(Event::Text(text.to_owned()));
        self.steps(1);
        self.key(Key::Enter);
    }

    pub fn told(&self) -> Vec<Told> {
        self.fake.told()
    }

    /// Compares with `tests/pictures`; `UPDATE_SNAPSHOTS=1` takes the picture anew.
    pub fn looks_like(&mut self, name: &str) {
        self.harness.remove_cursor();
        self.steps(1);
        self.picture(name);
    }

    /// The same with the mouse where it is.
    pub fn picture(&mut self, name: &str) {
        let options = SnapshotOptions::new().output_path("tests/pictures");
        if let Err(error) = self.harness.try_snapshot_options(name, &options) {
            panic!("{error}");
        }
    }
}

/// Texts with what they were painted on: the last opaque rectangle under their middle.
pub fn texts_on_grounds(
    shapes: &[egui::epaint::ClippedShape],
) -> Vec<(String, egui::Color32, egui::Color32)> {
    fn walk(
        shape: &egui::Shape,
        grounds: &mut Vec<(egui::Rect, egui::Color32)>,
        out: &mut Vec<(String, egui::Color32, egui::Color32)>,
    ) {
        match shape {
            egui::Shape::Vec(shapes) => shapes.iter().for_each(|shape| walk(shape, grounds, out)),
            egui::Shape::Rect(rect) if rect.fill.is_opaque() => grounds.push((rect.rect, rect.fill)),
            egui::Shape::Text(text) if !text.galley.text().trim().is_empty() => {
                let middle = text.visual_bounding_rect().center();
                let ground = grounds.iter().rfind(|(rect, _)| rect.contains(middle)).expect("no ground").1;
                let own = text.galley.job.sections[0].format.color;
                let color = text.override_text_color.unwrap_or(own);
                let color = if color == egui::Color32::PLACEHOLDER { text.fallback_color } else { color };
                out.push((text.galley.text().to_owned(), color, ground));
            }
            _ => {}
        }
    }
    let (mut grounds, mut out) = (Vec::new(), Vec::new());
    for shape in shapes {
        walk(&shape.shape, &mut grounds, &mut out);
    }
    out
}
