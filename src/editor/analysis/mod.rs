//! The analysis page: the song is recorded while it plays, and three tabs tell what it is like.

mod check;
mod clashes;
mod contour;
mod files;
mod readouts;

use super::dialog::Ask;
use super::theme::{self, Weight};
use super::widgets::{self, Cut, Desk, Toggle, text, text_within};
use crate::analysis::{Clash, Finding, Player, Song, StudyState};
use crate::model::document::{Document, StemInfo};
use crate::model::limits::STEMS;
use crate::model::settings::MixSettings;
use clashes::Clashes;
use egui::{Align2, Rect, Ui};
use files::Files;
use readouts::Compared;
use std::sync::Arc;

/// Height of the head line and of what stands in it.
const HEAD: f32 = 28.0;
const BUTTON: f32 = 24.0;

/// What the page shows of a recording.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Tab {
    /// What is wrong with the stems.
    #[default]
    Check,
    /// Who covers whom.
    Clashes,
    /// What the mix is like over the song.
    Contour,
}

impl Tab {
    const ALL: [(Self, &'static str, &'static str); 3] = [
        (Self::Check, "Check", "What is wrong with the stems, the worst first, and what to do about it."),
        (Self::Clashes, "Clashes", "Which stems cover which in the mix, and where."),
        (Self::Contour, "Contour", "What the mix is like over the song, and from scene to scene."),
    ];
}

/// The page's own state.
#[derive(Debug, Default)]
pub struct Analysis {
    tab: Tab,
    known: Option<Known>,
    clashes: Clashes,
    compared: Compared,
    files: Files,
}

/// What follows from the recording for the balance as it is.
#[derive(Debug)]
struct Known {
    song: Arc<Song>,
    mix: MixSettings,
    stems: [StemInfo; STEMS],
    /// The stems' names, or their numbers.
    names: [String; STEMS],
    findings: Vec<Finding>,
    ranking: Clash,
}

impl Known {
    fn new(song: Arc<Song>, mix: MixSettings, stems: [StemInfo; STEMS]) -> Self {
        let document = Document { mix, stems: stems.clone(), ..Document::default() };
        let findings = song.findings(&document);
        let names: [String; STEMS] = std::array::from_fn(|stem| stems[stem].label(stem));
        let ranking = song.clash.ranking(&players(&names, &mix, &stems));
        Self { song, mix, stems, names, findings, ranking }
    }
}

fn players<'a>(names: &'a [String], mix: &'a MixSettings, stems: &[StemInfo; STEMS]) -> Vec<Player<'a>> {
    let strips = names.iter().zip(&mix.stems).zip(stems);
    strips.map(|((name, strip), info)| Player { name, role: info.role, strip }).collect()
}

impl Analysis {
    /// A state was loaded.
    pub fn forget(&mut self) {
        *self = Self { tab: self.tab, ..Self::default() };
    }

    /// The window closes: a file that is being chosen comes too late.
    pub fn close(&mut self) {
        self.files = Files::default();
    }

    /// Whether the system's window is open, and its answer is to be looked for.
    pub fn is_asking(&self) -> bool {
        self.files.is_asking()
    }

    /// Looks whether a file was chosen, on whatever page.
    pub fn answer(&mut self) {
        self.files.answer();
    }

    /// Works out anew what has changed.
    fn know(&mut self, song: Option<&Arc<Song>>, desk: &Desk) {
        let Some(song) = song else {
            self.known = None;
            return;
        };
        let (mix, stems) = (super::gestures::balance(desk.instance), desk.instance.stems());
        let is_known = self
            .known
            .as_ref()
            .is_some_and(|known| Arc::ptr_eq(&known.song, song) && known.mix == mix && known.stems == stems);
        if !is_known {
            self.known = Some(Known::new(song.clone(), mix, stems));
        }
    }
}

/// Draws the page and acts on the hands in it. `ask` is the way to ask for a file.
pub fn analysis(ui: &mut Ui, mut area: Rect, page: &mut Analysis, ask: Ask, desk: &mut Desk) {
    let study = desk.instance.study();
    page.know(study.song.as_ref(), desk);
    ui.painter().rect_filled(area, theme::RADIUS, theme::PANEL);
    area = area.shrink(8.0);
    head(ui, area.cut_top(HEAD), &study, page, desk);
    area.cut_top(6.0);
    let Analysis { tab, known, clashes, compared, files } = page;
    match (tab, known.as_ref()) {
        (_, None) => invitation(ui, area, &study),
        (Tab::Check, Some(known)) => check::check(ui, area, known, desk),
        (Tab::Clashes, Some(known)) => clashes::clashes(ui, area, known, clashes, desk),
        (Tab::Contour, Some(known)) => {
            let before = study.before.as_deref();
            let place = area.cut_right(readouts::WIDTH);
            readouts::readouts(ui, place, &study, &known.song, compared, desk);
            area.cut_right(8.0);
            contour::contour(ui, area, &known.song, before, files, ask, desk);
        }
    }
}

/// The switch that records, what was recorded, and the tabs.
fn head(ui: &Ui, mut line: Rect, study: &StudyState, page: &mut Analysis, desk: &mut Desk) {
    line = line.with_max_y(line.top() + BUTTON);
    let face = if study.is_recording { "Stop" } else { "Record" };
    let record = Toggle { face, label: "Record the song", color: theme::MUTE };
    let response = widgets::button(ui, line.cut_left(72.0), record, study.is_recording);
    if response.clicked() {
        desk.instance.record(!study.is_recording);
    }
    response.on_hover_text(
        "Play the song once, from its beginning to its end, with this on. It goes on while the window is closed, and \
         ends where the host goes on elsewhere; a comparison is left out. It is not saved with the project. Recording again keeps the last \
         recording to compare with.",
    );
    line.cut_left(4.0);
    if study.song.is_some() || study.is_recording {
        let forget = Toggle { face: "Forget", label: "Forget the recording", color: theme::ACCENT };
        if widgets::button(ui, line.cut_left(64.0), forget, false).clicked() {
            desk.instance.forget_recording();
        }
    }
    for (tab, words, about) in Tab::ALL.into_iter().rev() {
        let toggle = Toggle { face: words, label: words, color: theme::ACCENT };
        let response = widgets::button(ui, line.cut_right(72.0), toggle, page.tab == tab);
        line.cut_right(2.0);
        if response.clicked() {
            page.tab = tab;
        }
        response.on_hover_text(about);
    }
    line.cut_left(10.0);
    let style = (theme::BODY, Weight::Medium);
    text_within(ui.painter(), line, Align2::LEFT_CENTER, &stands(study), style, theme::TEXT_SOFT);
}

/// How the recording stands, in words.
fn stands(study: &StudyState) -> String {
    if study.is_waiting {
        return "Waiting for the host to play".to_owned();
    }
    let Some(song) = &study.song else { return "Nothing recorded yet".to_owned() };
    let mut words = format!("{} recorded", time(song.seconds));
    if let Some(start_s) = song.start_s {
        words += &format!(", from {}", time(start_s));
    }
    if song.has_gaps {
        words += "; some sound was lost on its way, so times may be off";
    }
    words
}

/// Before anything is recorded.
fn invitation(ui: &Ui, area: Rect, study: &StudyState) {
    let words = match (study.is_recording, study.is_waiting) {
        (true, true) => "Play the song in the host, from its beginning.",
        (true, false) => "Listening.",
        (false, _) => "Press Record and play the song once, from its beginning.",
    };
    let style = (theme::HEAD, Weight::Medium);
    text(ui.painter(), area.center(), Align2::CENTER_CENTER, words, style, theme::TEXT_SOFT);
}

/// Minutes and seconds, such as `2:05`; before the beginning with a minus.
fn time(seconds: f64) -> String {
    let sign = if seconds <= -1.0 { "\u{2212}" } else { "" };
    let whole = seconds.abs() as u64;
    format!("{sign}{}:{:02}", whole / 60, whole % 60)
}
