//! The tab of clashes: who covers whom as a grid, the pairs that cost one another most in words, and one bell that
//! would make room. Rankings: nothing passes or fails.

use super::check::make;
use super::{BUTTON, Known, players};
use crate::analysis::{Change, Clash, Pair, Player, Song};
use crate::editor::theme::{self, Weight};
use crate::editor::widgets::{
    self, Cut, Desk, Toggle, keep_arrows, minus, name_within, paragraph, text, text_within,
};
use crate::model::document::StemInfo;
use crate::model::limits::{ParamKey, STEMS, StripParam};
use crate::model::settings::{StripSettings, ToneSettings, sane};
use crate::model::text::format as value_words;
use egui::accesskit::Role;
use egui::{Align2, Key, Pos2, Rect, Sense, Shape, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};
use std::sync::Arc;

/// Width of the grid with its names.
const GRID: f32 = 576.0;
const NAME: f32 = 112.0;
const LEFT: f32 = 36.0;
/// Smallest and largest height of a cell, and how much wider it may be.
const CELL: [f32; 2] = [20.0, 48.0];
const CELL_WIDTH: f32 = 1.6;
/// The ranking's title and each of its rows.
const TITLE: f32 = 22.0;
const ROW: f32 = 28.0;
/// Pairs that are told in words; the grid has all.
const TOLD: usize = 10;
/// What stands beside the bands of the chosen pair, and the bands with their scale: smallest and largest.
const DETAILS: f32 = 104.0;
const BANDS: [f32; 2] = [84.0, 180.0];
/// Hz that are written below the bands.
const TICKS_HZ: [(f64, &str); 5] =
    [(100.0, "100"), (300.0, "300"), (1_000.0, "1k"), (3_000.0, "3k"), (10_000.0, "10k")];

/// A place in the grid, by its stems: who is covered, and by whom.
type Cell = [usize; 2];

/// What the tab remembers.
#[derive(Debug, Default)]
pub struct Clashes {
    /// What is looked at; the first pair until one was chosen.
    chosen: Option<Cell>,
    room: Option<Room>,
}

/// A pair with what would make room in it: kept, because finding that takes longer than drawing the page.
#[derive(Debug)]
struct Room {
    song: Arc<Song>,
    /// Of the stem that covers the other.
    tone: ToneSettings,
    pair: Pair,
    /// The bell is set as suggested.
    is_made: bool,
    /// See [`Cast::bells_in_scenes`].
    in_a_scene: bool,
}

/// The stems as they are named and set now.
struct Cast<'a> {
    infos: &'a [StemInfo; STEMS],
    names: &'a [String; STEMS],
    players: Vec<Player<'a>>,
    /// Some scene has a difference of the stem's bell.
    bells_in_scenes: [bool; STEMS],
}

/// Draws the tab and acts on the hands in it.
pub fn clashes(ui: &Ui, mut area: Rect, known: &Known, page: &mut Clashes, desk: &mut Desk) {
    let names = &known.names;
    let players = players(names, &known.mix, &known.stems);
    let scenes = desk.instance.scenes();
    let moves_bell = |stem: usize| {
        let bell = [StripParam::BellGain, StripParam::BellFrequency, StripParam::BellQ];
        scenes.iter().any(|scene| bell.into_iter().any(|param| !scene.stems[stem].leaves(param)))
    };
    let bells_in_scenes = std::array::from_fn(moves_bell);
    let cast = Cast { infos: &known.stems, names, players, bells_in_scenes };
    let clash = &known.ranking;
    let mut foot = area.cut_bottom(18.0);
    foot.cut_top(2.0);
    let words = "Per cent of a stem's loudness that another covers, by a simple model, in the mix as it was \
                 recorded. A ranking: no figure passes or fails.";
    let style = (theme::SMALL, Weight::Medium);
    text_within(ui.painter(), foot, Align2::LEFT_CENTER, words, style, theme::TEXT_LABEL);
    let order = desk.instance.order();
    let sounding: Vec<usize> = order.into_iter().filter(|stem| clash.left[*stem].is_some()).collect();
    let &[first, second, ..] = &sounding[..] else {
        let words = "Fewer than two stems have sounded, so nothing covers anything yet.";
        let style = (theme::HEAD, Weight::Medium);
        text(ui.painter(), area.center(), Align2::CENTER_CENTER, words, style, theme::TEXT_SOFT);
        return;
    };
    let grid_area = area.cut_left(GRID);
    area.cut_left(8.0);
    let sound = |cell: &Cell| cell.iter().all(|stem| sounding.contains(stem));
    let most = clash.pairs.first().map(|pair| [pair.covered, pair.by]);
    let before = page.chosen.filter(sound).or(most).unwrap_or([first, second]);
    let mut cell = before;
    grid(ui, grid_area, clash, &sounding, &cast, &mut cell);
    let rows = ((area.height() - TITLE - DETAILS - BANDS[0]) / ROW).clamp(1.0, TOLD as f32) as usize;
    let rows = rows.min(clash.pairs.len());
    ranked(ui, area.cut_top(TITLE + rows as f32 * ROW), &clash.pairs, rows, &cast, &mut cell);
    if cell != before {
        page.chosen = Some(cell);
    }
    area.cut_top(4.0);
    area = area.with_max_y(area.bottom().min(area.top() + DETAILS + BANDS[1]));
    ui.painter().rect_filled(area, theme::RADIUS, theme::STRIP);
    area = area.shrink(8.0);
    let Some(pair) = find(&clash.pairs, cell) else {
        let [row, column] = cell.map(|stem| &names[stem]);
        let words = format!("{row} and {column} take next to nothing from one another.");
        paragraph(ui.painter(), area, &words, theme::BODY, theme::TEXT_SOFT);
        return;
    };
    if !page.room.as_ref().is_some_and(|room| room.is_of(pair, known, &cast)) {
        page.room = Some(Room::of(pair, known, &cast));
    }
    if let Some(room) = &page.room {
        details(ui, area, room, &clash.band_edges_hz, &cast, desk);
    }
}

impl Room {
    fn is_of(&self, pair: &Pair, known: &Known, cast: &Cast) -> bool {
        Arc::ptr_eq(&self.song, &known.song)
            && self.in_a_scene == cast.bells_in_scenes[pair.by]
            && [self.pair.covered, self.pair.by] == [pair.covered, pair.by]
            && self.tone == known.mix.stems[pair.by].tone
    }

    fn of(pair: &Pair, known: &Known, cast: &Cast) -> Self {
        let (song, strip) = (known.song.clone(), &known.mix.stems[pair.by]);
        let suggest = |players: &[Player]| song.clash.suggestion(pair, players, song.sample_rate_hz);
        let mut found = pair.clone();
        let in_a_scene = cast.bells_in_scenes[pair.by];
        match suggest(&cast.players) {
            Ok(_) if in_a_scene => {
                found.why_none = Some("a scene changes its bell, which stands on the live one")
            }
            Ok(suggestion) => found.suggestion = Some(suggestion),
            Err(why) => found.why_none = Some(why),
        }
        let mut is_made = false;
        if found.suggestion.is_none() && !in_a_scene {
            // A bell that is in use may be the one that was suggested.
            let mut unused = *strip;
            unused.tone.bell_db = 0.0;
            let mut players = cast.players.clone();
            players[pair.by].strip = &unused;
            let bell = suggest(&players).ok();
            found.suggestion = bell.filter(|bell| bell.changes.iter().all(|change| is_set(change, strip)));
            is_made = found.suggestion.is_some();
        }
        Self { tone: strip.tone, pair: found, is_made, in_a_scene, song }
    }
}

/// Whether a strip is set so already, as far as people can read it: hosts round values.
fn is_set(change: &Change, strip: &StripSettings) -> bool {
    let Change::Set(key @ ParamKey::Stem(_, param), value) = change else { return false };
    let words = |value: f32| value_words(&key.spec(), sane(&key.spec(), value));
    words(strip.get(*param)) == words(*value)
}

fn find(pairs: &[Pair], [a, b]: Cell) -> Option<&Pair> {
    pairs.iter().find(|pair| [[a, b], [b, a]].contains(&[pair.covered, pair.by]))
}

fn percent(share: f64) -> String {
    format!("{:.0}", 100.0 * share)
}

fn cell_words(clash: &Clash, [row, column]: Cell, cast: &Cast) -> String {
    let (covered, by) = (&cast.names[row], &cast.names[column]);
    format!("{by} covers {} % of {covered}.", percent(clash.covered[row][column]))
}

/// Where the grid's cells are.
struct Places {
    corner: Pos2,
    width: f32,
    height: f32,
    count: usize,
}

impl Places {
    fn of(&self, row: usize, column: usize) -> Rect {
        let at = self.corner + vec2(column as f32 * self.width, row as f32 * self.height);
        Rect::from_min_size(at, vec2(self.width - 1.0, self.height - 1.0))
    }

    /// The row and the column under the mouse.
    fn under(&self, at: Pos2) -> [usize; 2] {
        let way = at - self.corner;
        [way.y / self.height, way.x / self.width].map(|way| (way.max(0.0) as usize).min(self.count - 1))
    }
}

/// A row for every stem, what is left of it and what each other covers of it. One control: a click or the arrow keys
/// choose a cell.
fn grid(ui: &Ui, mut area: Rect, clash: &Clash, sounding: &[usize], cast: &Cast, chosen: &mut Cell) {
    let painter = ui.painter();
    let (small, body) = ((theme::SMALL, Weight::Medium), (theme::BODY, Weight::Medium));
    let count = sounding.len();
    let mut heads = area.cut_top(TITLE);
    let height = (area.height() / count as f32).clamp(CELL[0], CELL[1]).floor();
    let width = ((area.width() - NAME - LEFT) / count as f32).clamp(CELL[0], CELL_WIDTH * height).floor();
    let places = Places { corner: area.min + vec2(NAME + LEFT, 0.0), width, height, count };
    let place = heads.cut_left(NAME).left_center();
    text(painter, place, Align2::LEFT_CENTER, "COVERED, BY", small, theme::TEXT_LABEL);
    text(painter, heads.cut_left(LEFT).center(), Align2::CENTER_CENTER, "LEFT", small, theme::TEXT_LABEL);
    for (row, &covered) in sounding.iter().enumerate() {
        let color = theme::stem_color(cast.infos[covered].color);
        let number = format!("{:02}", covered + 1);
        let mut column = heads.cut_left(width).with_max_x(heads.left() - 1.0);
        painter.rect_filled(column.cut_bottom(3.0), 0.0, color);
        text(painter, column.center(), Align2::CENTER_CENTER, &number, small, theme::TEXT_LABEL);

        let mut line = area.cut_top(height).with_max_y(area.top() - 1.0);
        let mut name = line.cut_left(NAME).shrink2(vec2(0.0, 1.0));
        painter.rect_filled(name.cut_left(3.0), 1.0, color);
        name.cut_left(5.0);
        let place = name.cut_left(18.0).left_center();
        text(painter, place, Align2::LEFT_CENTER, &number, small, theme::TEXT_LABEL);
        name_within(painter, name, Align2::LEFT_CENTER, &cast.names[covered], body, theme::TEXT);
        let left = clash.left[covered].map(percent).unwrap_or_default();
        text(painter, line.cut_left(LEFT).center(), Align2::CENTER_CENTER, left, body, theme::TEXT_SOFT);
        for (column, &by) in sounding.iter().enumerate().filter(|(_, by)| **by != covered) {
            let share = clash.covered[covered][by];
            let shade = (share as f32).sqrt();
            let cell = widgets::snapped(painter, places.of(row, column));
            painter.rect_filled(cell, 1.0, theme::blend(theme::STRIP, theme::COVERED, shade));
            let ink = if share < 0.005 { theme::TEXT_LABEL } else { theme::TEXT };
            text(painter, cell.center(), Align2::CENTER_CENTER, percent(share), small, ink);
        }
    }
    let cells = Rect::from_min_size(places.corner, vec2(width, height) * count as f32);
    let response = ui.interact(cells, widgets::id("clashes"), Sense::click());
    let at = |stem: usize| sounding.iter().position(|other| *other == stem).unwrap_or(0);
    let mut next = chosen.map(at);
    if let Some(pointer) = response.interact_pointer_pos().filter(|_| response.clicked()) {
        next = places.under(pointer);
        response.request_focus();
    }
    if response.has_focus() {
        keep_arrows(ui, &response);
        next = by_keys(ui, next, count);
    }
    if next[0] != next[1] {
        *chosen = next.map(|at| sounding[at]);
    }
    let [row, column] = chosen.map(at);
    let ink = if response.has_focus() { theme::ACCENT } else { theme::TEXT_SOFT };
    for (cell, width) in [(places.of(row, column), 2.0), (places.of(column, row), 1.0)] {
        let cell = widgets::snapped(painter, cell);
        painter.rect_stroke(cell, 1.0, Stroke::new(width, ink), StrokeKind::Inside);
    }
    let words = cell_words(clash, *chosen, cast);
    response.widget_info(|| WidgetInfo::labeled(Role::Grid, true, "Who covers whom"));
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_value(words.as_str()));
    if let Some([row, column]) = response.hover_pos().map(|at| places.under(at)).filter(|[a, b]| a != b) {
        let (row, column) = (sounding[row], sounding[column]);
        let both = [[row, column], [column, row]].map(|cell| cell_words(clash, cell, cast));
        response.on_hover_text_at_pointer(both.join("\n"));
    }
}

/// The row and the column that the arrow keys lead to: never where a stem meets itself.
fn by_keys(ui: &Ui, mut at: [usize; 2], count: usize) -> [usize; 2] {
    for (key, axis, is_on) in [
        (Key::ArrowUp, 0, false),
        (Key::ArrowDown, 0, true),
        (Key::ArrowLeft, 1, false),
        (Key::ArrowRight, 1, true),
    ] {
        if ui.input(|i| i.key_pressed(key)) {
            let (from, other) = (at[axis], at[1 - axis]);
            let is_free = |to: &usize| *to != other;
            let to = if is_on { (from + 1..count).find(is_free) } else { (0..from).rev().find(is_free) };
            at[axis] = to.unwrap_or(from);
        }
    }
    at
}

/// The pairs that cost one another most, in words.
fn ranked(ui: &Ui, mut area: Rect, pairs: &[Pair], rows: usize, cast: &Cast, chosen: &mut Cell) {
    let words = match pairs.len() {
        0 => "NO TWO STEMS COVER ONE ANOTHER".to_owned(),
        count if count > rows => format!("WHAT COSTS MOST: THE FIRST {rows} OF {count} PAIRS"),
        _ => "WHAT COSTS MOST".to_owned(),
    };
    let style = (theme::SMALL, Weight::Medium);
    let place = area.cut_top(TITLE).left_center();
    text(ui.painter(), place, Align2::LEFT_CENTER, words, style, theme::TEXT_LABEL);
    let selected = find(pairs, *chosen).map(|pair| [pair.covered, pair.by]);
    for (at, pair) in pairs.iter().take(rows).enumerate() {
        let rect = area.cut_top(ROW).with_max_y(area.top() - 2.0);
        let cell = [pair.covered, pair.by];
        let is_selected = selected == Some(cell);
        let response = ui.interact(rect, widgets::id(("pair", cell)), Sense::click());
        let painter = ui.painter();
        widgets::row_ground(painter, &response, is_selected);
        let mut line = rect.shrink2(vec2(6.0, 1.0));
        let place = line.cut_left(20.0).left_center();
        text(painter, place, Align2::LEFT_CENTER, at + 1, (theme::BODY, Weight::Bold), theme::TEXT_SOFT);
        for stem in [pair.by, pair.covered] {
            let chip = line.cut_left(3.0).shrink2(vec2(0.0, 4.0));
            painter.rect_filled(chip, 1.0, theme::stem_color(cast.infos[stem].color));
            line.cut_left(2.0);
        }
        line.cut_left(4.0);
        let words = pair.words(&cast.players);
        paragraph(painter, line, &words, theme::BODY, theme::TEXT);
        response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_selected, words.as_str()));
        if response.clicked() {
            *chosen = cell;
        }
    }
}

/// Where a pair clashes, and what would make room, to be set at a click.
fn details(ui: &Ui, mut area: Rect, room: &Room, edges_hz: &[f64], cast: &Cast, desk: &mut Desk) {
    let Room { pair, is_made, .. } = room;
    let [by, covered] = [pair.by, pair.covered].map(|stem| cast.names[stem].as_str());
    let height = (area.height() + 16.0 - DETAILS).max(BANDS[0]);
    bands(ui, area.cut_top(height), pair, edges_hz, cast);
    area.cut_top(4.0);
    let button = area.cut_bottom(BUTTON);
    area.cut_bottom(4.0);
    let words = match &pair.suggestion {
        Some(bell) if *is_made => format!(
            "{by} has this bell: {}. Listen whether {covered} comes through, and record again for new figures.",
            bell.bell_words()
        ),
        _ => pair.suggestion_words(&cast.players),
    };
    paragraph(ui.painter(), area, &minus(&words), theme::BODY, theme::TEXT_SOFT);
    match &pair.suggestion {
        Some(_) if desk.hands.gestures.edited().is_some() => {
            drop(widgets::idle_button(ui, button, "Leave the scene to set a bell of the live balance"));
        }
        Some(bell) if !is_made => {
            let face = minus(format!("Set bell of {by}: {}", bell.bell_words()));
            let toggle = Toggle { face: &face, label: &face, color: theme::ACCENT };
            let response = widgets::button(ui, button, toggle, false);
            if response.clicked() {
                make(format!("Bell of {by} makes room for {covered}"), &bell.changes, desk);
            }
            response.on_hover_text("Sets the bell's frequency, gain and Q as said. One Undo takes it back.");
        }
        Some(_) => drop(widgets::idle_button(ui, button, "The bell is set")),
        None => drop(widgets::idle_button(ui, button, "No bell to set")),
    }
}

/// How what is covered spreads over the frequencies, and where the suggested bell would be.
fn bands(ui: &Ui, rect: Rect, pair: &Pair, edges_hz: &[f64], cast: &Cast) {
    let painter = ui.painter();
    let mut plot = rect;
    let scale = plot.cut_bottom(14.0);
    painter.rect_filled(plot, theme::RADIUS, theme::WELL);
    let [low, high] = [edges_hz.first(), edges_hz.last()].map(|hz| hz.copied().unwrap_or(1.0));
    let x = |hz: f64| plot.left() + plot.width() * ((hz / low).log2() / (high / low).log2()) as f32;
    for (hz, words) in TICKS_HZ {
        painter.vline(x(hz), plot.y_range(), Stroke::new(1.0, theme::GRID));
        let at = pos2(x(hz), scale.center().y);
        text(painter, at, Align2::CENTER_CENTER, words, (theme::TICK, Weight::Regular), theme::TEXT_LABEL);
    }
    let most = pair.bands.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    for (share, edges) in pair.bands.iter().zip(edges_hz.windows(2)) {
        let top = plot.bottom() - (plot.height() - 8.0) * (share / most) as f32;
        let bar = Rect::from_min_max(pos2(x(edges[0]) + 0.5, top), pos2(x(edges[1]) - 0.5, plot.bottom()));
        painter.rect_filled(bar, 0.0, theme::stem_color(cast.infos[pair.by].color));
    }
    if let Some(bell) = &pair.suggestion {
        let x = x(f64::from(bell.hz));
        painter.vline(x, plot.y_range(), Stroke::new(1.0, theme::TEXT));
        let corners = [vec2(-4.0, 0.0), vec2(4.0, 0.0), vec2(0.0, 6.0)].map(|by| pos2(x, plot.top()) + by);
        painter.add(Shape::convex_polygon(corners.to_vec(), theme::TEXT, Stroke::NONE));
    }
    let response = ui.interact(rect, widgets::id("clash bands"), Sense::hover());
    let label = format!("Where {} covers {}", cast.names[pair.by], cast.names[pair.covered]);
    let words = pair.words(&cast.players);
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &label));
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_value(words.as_str()));
    let mark = pair.suggestion.as_ref().map_or("", |_| " The mark is the suggested bell.");
    response.on_hover_text(words + mark);
}
