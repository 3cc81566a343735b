//! The menu of presets: load, save, rename, delete, and what new instances begin with.

use super::dialog::{self, Ask, Asked, Wanted};
use super::gestures::{Said, differences, document};
use super::history::Change;
use super::theme::{self, Weight};
use super::widgets::{self, Desk, Toggle};
use crate::model::document::Loaded;
use crate::model::limits::{SCENES, STEMS};
use crate::presets::{self, Fit, Folder, PresetError, STARTING_POINTS};
use egui::{Button, Key, Popup, PopupCloseBehavior, Rect, RichText, ScrollArea, TextEdit, Ui};

/// Width of the menu, and what of its height is not for the list of presets, in points.
const MENU: f32 = 280.0;
const BESIDE_LIST: f32 = 360.0;

/// The presets as the editor knows them.
pub struct Presets {
    folder: Result<Folder, PresetError>,
    ask: Ask,
    /// As they were when the menu was opened.
    names: Vec<String>,
    has_default: bool,
    is_open: bool,
    /// Loaded or saved last.
    current: Option<String>,
    naming: Option<Naming>,
    /// What a second click does away with.
    doomed: Option<Doomed>,
    asked: Asked,
    /// To be read by whoever looks.
    pub said: Option<Said>,
}

/// What somebody worked on and a second click does away with.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Doomed {
    /// The preset of this name.
    All(String),
    /// What the current one holds now.
    Content,
}

/// A name being typed.
#[derive(Debug)]
struct Naming {
    /// The preset that gets it; none where a new one does.
    of: Option<String>,
    text: String,
    error: Option<String>,
    is_new: bool,
}

impl std::fmt::Debug for Presets {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.debug_struct("Presets").field("folder", &self.folder).finish_non_exhaustive()
    }
}

impl Default for Presets {
    fn default() -> Self {
        Self::new(Folder::usual(), dialog::ask)
    }
}

impl Presets {
    /// Presets of a folder, with a way to ask for files.
    pub fn new(folder: Result<Folder, PresetError>, ask: Ask) -> Self {
        Self {
            folder,
            ask,
            names: Vec::new(),
            has_default: false,
            is_open: false,
            current: None,
            naming: None,
            doomed: None,
            asked: Asked::default(),
            said: None,
        }
    }

    /// The way to ask for files.
    pub fn ask(&self) -> Ask {
        self.ask
    }

    /// Whether a name is being typed.
    pub fn is_typing(&self) -> bool {
        self.naming.is_some()
    }

    /// Whether the system's window is open, and its answer is to be looked for.
    pub fn is_asking(&self) -> bool {
        self.asked.is_open()
    }

    /// A state was loaded: no preset is the current one, and a file that is being chosen was for another mix.
    pub fn forget(&mut self) {
        (self.current, self.said, self.asked) = (None, None, Asked::default());
    }

    /// The window closes: a file that is being chosen comes too late.
    pub fn close(&mut self) {
        self.asked = Asked::default();
    }

    /// Draws the button, and its menu where it is open.
    pub fn ui(&mut self, ui: &Ui, rect: Rect, desk: &mut Desk) {
        self.answer(desk);
        let face = self.current.clone().unwrap_or_else(|| "Presets".to_owned());
        let toggle = Toggle { face: &face, label: "Presets", color: theme::ACCENT };
        let response = widgets::button(ui, rect, toggle, false);
        let menu = Popup::menu(&response).close_behavior(PopupCloseBehavior::CloseOnClickOutside);
        let shown = menu.show(|ui| {
            ui.set_width(MENU);
            if !self.is_open {
                self.is_open = true;
                self.look();
            }
            self.menu(ui, desk);
        });
        if shown.is_none() {
            (self.is_open, self.naming, self.doomed) = (false, None, None);
        }
        response.on_hover_text("Balances kept under a name, and some to set out from.");
    }

    /// Reads the folder anew.
    fn look(&mut self) {
        let Ok(folder) = &self.folder else { return };
        self.has_default = folder.has_default();
        match folder.names() {
            Ok(names) => self.names = names,
            Err(error) => self.refuse("The presets were not read.", &error),
        }
    }

    fn menu(&mut self, ui: &mut Ui, desk: &mut Desk) {
        head(ui, "STARTING POINTS, BY ROLE");
        for start in &STARTING_POINTS {
            if ui.button(start.name).on_hover_text(start.about).clicked() {
                let fit = start.fit(&document(desk.instance));
                self.load(start.name, fit, Vec::new(), desk);
                ui.close();
            }
        }
        ui.separator();
        head(ui, if self.names.is_empty() { "NO PRESETS OF YOUR OWN YET" } else { "YOUR PRESETS" });
        let height = (ui.ctx().content_rect().height() - BESIDE_LIST).max(3.0 * theme::TARGET);
        ScrollArea::vertical().max_height(height).show(ui, |ui| {
            for name in self.names.clone() {
                self.row(ui, &name, desk);
            }
        });
        if self.naming.as_ref().is_some_and(|naming| naming.of.is_none()) {
            self.name(ui, desk);
        } else {
            ui.horizontal(|ui| {
                if let Some(current) = self.current.clone().filter(|name| self.names.contains(name))
                    && self.twice(ui, ("Save", "Really replace"), &current, Doomed::Content)
                {
                    self.save(&current, true, desk);
                    ui.close();
                }
                if ui.button("Save as…").clicked() {
                    self.naming = Some(Naming::new(None));
                }
                let can_ask = !self.asked.is_open();
                if ui.add_enabled(can_ask, Button::new("Load a file…")).clicked() {
                    self.inquire(Wanted::Open);
                    ui.close();
                }
                if ui.add_enabled(can_ask, Button::new("Save to a file…")).clicked() {
                    self.inquire(Wanted::Save);
                    ui.close();
                }
            });
        }
        ui.separator();
        let sheet = ui.add_enabled(!self.asked.is_open(), Button::new("Save a recall sheet…"));
        let about = "The whole balance as a web page to read, print and send. It is headed by the name you give it, \
                     and loads back like a file.";
        if sheet.on_hover_text(about).clicked() {
            self.inquire(Wanted::SaveSheet);
            ui.close();
        }
        if ui.button("Save as default for new instances").clicked() {
            let saved = self.with(|folder| folder.save_default(&document(desk.instance)));
            self.tell(saved, "New instances begin with this balance.");
            ui.close();
        }
        if self.has_default && ui.button("Forget that default").clicked() {
            let cleared = self.with(Folder::clear_default);
            self.tell(cleared, "New instances begin at 0 dB again.");
            ui.close();
        }
    }

    fn row(&mut self, ui: &mut Ui, name: &str, desk: &mut Desk) {
        if self.naming.as_ref().is_some_and(|naming| naming.of.as_deref() == Some(name)) {
            return self.name(ui, desk);
        }
        ui.horizontal(|ui| {
            if ui.selectable_label(self.current.as_deref() == Some(name), name).clicked() {
                match self.with(|folder| folder.load(name)) {
                    Ok(loaded) => self.take(name, loaded, desk),
                    Err(error) => self.refuse("The preset was not loaded.", &error),
                }
                ui.close();
            }
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                if self.twice(ui, ("Delete", "Really delete"), name, Doomed::All(name.to_owned())) {
                    match self.with(|folder| folder.delete(name)) {
                        Ok(()) => self.current.take_if(|current| current == name),
                        Err(error) => {
                            self.refuse("The preset was not deleted.", &error);
                            None
                        }
                    };
                    self.look();
                }
                let rename = ui.button("Rename");
                ui.ctx().accesskit_node_builder(rename.id, |node| node.set_label(format!("Rename {name}")));
                if rename.clicked() {
                    self.naming = Some(Naming::new(Some(name)));
                }
            });
        });
    }

    /// A button for what cannot be undone: it asks, and only another click does it. The second of a double-click
    /// is none.
    fn twice(&mut self, ui: &mut Ui, (face, really): (&str, &str), name: &str, what: Doomed) -> bool {
        let is_doomed = self.doomed.as_ref() == Some(&what);
        let face = if is_doomed { really } else { face };
        let response = ui.button(face);
        ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(format!("{face} {name}")));
        let is_hasty = response.double_clicked() || response.triple_clicked();
        let is_meant = response.clicked() && is_doomed && !is_hasty;
        if response.clicked() {
            self.doomed = (!is_meant).then_some(what);
        }
        is_meant
    }

    /// Draws the field of a name: Enter takes it, Escape leaves all as it was.
    fn name(&mut self, ui: &mut Ui, desk: &mut Desk) {
        let Some(mut naming) = self.naming.take() else { return };
        let field = TextEdit::singleline(&mut naming.text).hint_text("Name of the preset");
        let response = ui.add(field.desired_width(f32::INFINITY));
        ui.ctx().accesskit_node_builder(response.id, |node| node.set_label("Name of the preset"));
        if std::mem::take(&mut naming.is_new) {
            response.request_focus();
            widgets::select_all(ui, response.id, &naming.text);
        }
        if let Some(error) = &naming.error {
            ui.colored_label(theme::MUTE, error);
        }
        if ui.input(|i| i.key_pressed(Key::Escape)) {
            return;
        }
        let is_entered = response.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
        let is_clicked = ui.button("Keep under this name").clicked();
        if is_entered || is_clicked {
            let name = naming.text.trim().to_owned();
            let done = match &naming.of {
                None => self.with(|folder| folder.save(&name, &document(desk.instance), false)),
                Some(of) => self.with(|folder| folder.rename(of, &name)),
            };
            match done {
                Ok(()) => {
                    if naming.of.is_none() || self.current == naming.of {
                        self.current = Some(name);
                    }
                    return self.look();
                }
                Err(error) => naming.error = Some(sentence(&error)),
            }
            response.request_focus();
        }
        self.naming = Some(naming);
    }

    fn save(&mut self, name: &str, replace: bool, desk: &Desk) {
        match self.with(|folder| folder.save(name, &document(desk.instance), replace)) {
            Ok(()) => self.current = Some(name.to_owned()),
            Err(error) => self.refuse("The preset was not saved.", &error),
        }
    }

    /// Opens the system's window.
    fn inquire(&mut self, wanted: Wanted) {
        self.asked.ask(self.ask, wanted);
    }

    /// Looks whether the system's window was answered.
    fn answer(&mut self, desk: &mut Desk) {
        let Some((wanted, mut file)) = self.asked.answer() else { return };
        match wanted {
            Wanted::Open => match presets::read(&file) {
                Ok(loaded) => {
                    let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                    self.take(&name, loaded, desk);
                    self.current = None;
                }
                Err(error) => self.refuse("The file was not loaded.", &error),
            },
            _ => {
                let replace = dialog::with_ending(&mut file, wanted);
                let document = document(desk.instance);
                let written = if wanted == Wanted::SaveSheet {
                    let readings = desk.instance.readings();
                    presets::write_sheet(&file, &document, readings.as_ref(), replace)
                } else {
                    presets::write(&file, &document, replace)
                };
                if let Err(error) = written {
                    self.refuse("The file was not saved.", &error);
                }
            }
        }
    }

    fn take(&mut self, name: &str, loaded: Loaded, desk: &mut Desk) {
        let fit = presets::fit(&loaded.document, &document(desk.instance));
        let is_whole = fit.remarks.is_empty() && loaded.notices.is_empty();
        self.load(name, fit, loaded.notices, desk);
        // What was loaded in part must not replace the whole by a click.
        self.current = is_whole.then(|| name.to_owned());
    }

    /// Makes the stems what was fitted to them, as one edit.
    fn load(&mut self, name: &str, fit: Fit, notices: Vec<String>, desk: &mut Desk) {
        let (from, to) = (document(desk.instance), fit.document);
        let mut changes = differences(&from.mix, &to.mix);
        for stem in (0..STEMS).filter(|stem| from.stems[*stem] != to.stems[*stem]) {
            let both = [from.stems[stem].clone(), to.stems[stem].clone()];
            changes.push(Change::Stem(stem, Box::new(both)));
        }
        for slot in (0..SCENES).filter(|slot| from.scenes[*slot] != to.scenes[*slot]) {
            let both = [from.scenes[slot].clone(), to.scenes[slot].clone()];
            changes.push(Change::Scene(slot, Box::new(both)));
        }
        if from.scene_order != to.scene_order {
            changes.push(Change::SceneOrder(Box::new([from.scene_order, to.scene_order])));
        }
        if from.learned != to.learned {
            changes.push(Change::Learned(Box::new([from.learned, to.learned])));
        }
        if from.order != to.order {
            changes.push(Change::Order(Box::new([from.order, to.order])));
        }
        let remarks = [fit.remarks, notices].concat();
        let head = match changes.is_empty() {
            false => format!("\"{name}\" was loaded."),
            true => format!("\"{name}\" changes nothing here."),
        };
        desk.change(format!("Load {name}"), changes);
        self.current = None;
        self.said = (!remarks.is_empty()).then_some(Said { head, remarks });
    }

    fn with<R>(&self, work: impl FnOnce(&Folder) -> Result<R, PresetError>) -> Result<R, PresetError> {
        self.folder.as_ref().map_err(|_| PresetError::NoFolder).and_then(work)
    }

    fn tell(&mut self, done: Result<(), PresetError>, words: &str) {
        match done {
            Ok(()) => self.said = Some(Said { head: words.to_owned(), remarks: Vec::new() }),
            Err(error) => self.refuse("The default was left as it was.", &error),
        }
    }

    fn refuse(&mut self, head: &str, error: &PresetError) {
        self.said = Some(Said { head: head.to_owned(), remarks: vec![sentence(error)] });
    }
}

impl Naming {
    fn new(of: Option<&str>) -> Self {
        let of = of.map(str::to_owned);
        Self { text: of.clone().unwrap_or_default(), of, error: None, is_new: true }
    }
}

/// Writes what the lines below are.
fn head(ui: &mut Ui, words: &str) {
    ui.label(RichText::new(words).font(theme::font(theme::SMALL, Weight::Medium)).color(theme::TEXT_LABEL));
}

/// An error as a sentence.
pub(super) fn sentence(error: &PresetError) -> String {
    let words = error.to_string();
    let mut letters = words.chars();
    let first = letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>());
    first.unwrap_or_default() + "."
}
