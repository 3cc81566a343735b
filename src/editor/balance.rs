//! The balance page: what was learned of the song, and the balance that is proposed for it.

use super::history::Change;
use super::routing::Rounds;
use super::screen::Shown;
use super::theme::{self, Weight};
use super::widgets::{self, Cut, Desk, Fill, Toggle, paragraph, text, text_within};
use crate::balance::{
    Kept, Learned, MAX_TRUE_PEAK_DBTP, Solution, Song, StemNow, output_cut_db, predicted_true_peak_dbtp,
    solve,
};
use crate::doctor::Light;
use crate::dsp::units::db_to_gain;
use crate::model::learned::LearnedBalance;
use crate::model::limits::{GroupParam, MixParam, ParamKey, Role, STEMS, StripParam, stem_title};
use crate::model::target::{LEAD_TO_REST_LU, Preset};
use egui::{Align2, Rect, Sense, Ui, WidgetInfo, vec2};

const SIDE: f32 = 300.0;
const ROW: f32 = 26.0;
/// What a click moves the lead against the rest by, in LU.
const STEP_LU: f32 = 0.5;
/// The columns after a stem's name: what stands above, and how wide they are.
const COLUMNS: [(&str, f32); 5] =
    [("PLAYS", 76.0), ("LUFS", 56.0), ("HEARD", 56.0), ("LEVEL dB", 56.0), ("CHANGE dB", 60.0)];

/// What was said last of what was done here.
#[derive(Debug, Default)]
pub struct Balancing {
    /// What was proposed.
    solution: Option<Box<Solution>>,
    /// What becomes of the true peak.
    headroom: String,
}

impl Balancing {
    /// A state was loaded.
    pub fn forget(&mut self) {
        *self = Self::default();
    }
}

/// Draws the page and acts on the hands in it.
pub fn balance(
    ui: &mut Ui,
    mut area: Rect,
    shown: &Shown,
    rounds: &Rounds,
    balancing: &mut Balancing,
    desk: &mut Desk,
) {
    let learned = desk.instance.learned();
    side(ui, area.cut_right(SIDE), &learned, balancing, desk);
    area.cut_right(8.0);
    ui.painter().rect_filled(area, theme::RADIUS, theme::PANEL);
    let mut rest = area.shrink(8.0);
    let mut head = rest.cut_top(24.0);
    let style = (theme::HEAD, Weight::Bold);
    text(ui.painter(), head.left_center(), Align2::LEFT_CENTER, "STEMS", style, theme::TEXT);
    head.cut_left(130.0);
    let style = (theme::SMALL, Weight::Medium);
    for (name, width) in COLUMNS {
        let at = head.cut_left(width).center();
        text(ui.painter(), at, Align2::CENTER_CENTER, name, style, theme::TEXT_LABEL);
    }
    for &stem in &shown.stems {
        let place = rest.cut_top(ROW.min(rest.height())).shrink2(vec2(0.0, 1.0));
        row(ui, place, stem, &learned, rounds, balancing, desk);
    }
}

/// One stem: what it is, what was heard of it, what is proposed, and whether that is taken.
fn row(
    ui: &Ui,
    rect: Rect,
    stem: usize,
    learned: &Option<LearnedBalance>,
    rounds: &Rounds,
    balancing: &mut Balancing,
    desk: &mut Desk,
) {
    let painter = ui.painter();
    painter.rect_filled(rect, theme::RADIUS, theme::STRIP);
    let info = &desk.instance.stems()[stem];
    let mut rest = rect.shrink2(vec2(6.0, 2.0));
    painter.rect_filled(rest.cut_left(3.0), 1.0, theme::stem_color(info.color));
    rest.cut_left(6.0);
    let body = (theme::BODY, Weight::Medium);
    let name = rest.cut_left(115.0);
    widgets::name_within(painter, name, Align2::LEFT_CENTER, &info.label(stem), body, theme::TEXT);

    let loudness = desk.instance.meters().loudness();
    let song = learned.as_ref().and_then(|learned| learned.song.as_ref());
    let heard = song.map(|song| song.stems[stem]);
    let active_s = match loudness.is_learning() && !desk.hands.is_blind {
        true => loudness.active_s(stem),
        false => heard.map_or(0.0, |h| h.active_s),
    };
    let of_learned = learned.as_ref().map(|learned| learned.stems[stem]).unwrap_or_default();
    let strip = desk.live_strip(stem);
    let role = if info.role == Role::Unknown { "not said" } else { info.role.word() };
    let cells = [
        role.to_owned(),
        heard.map_or("–".to_owned(), |heard| widgets::level_words(heard.lufs)),
        format!("{active_s:.0} s"),
        widgets::level_words(strip.fader_db + strip.trim_db),
        match of_learned.offset_db {
            db if db.abs() < 0.05 => "–".to_owned(),
            db if db > 0.0 => format!("+{}", widgets::level_words(db)),
            db => widgets::level_words(db),
        },
    ];
    for (at, ((_, width), words)) in COLUMNS.into_iter().zip(&cells).enumerate() {
        let ink =
            if at == COLUMNS.len() - 1 && of_learned.accepted { theme::ACCENT } else { theme::TEXT_SOFT };
        let cell = rest.cut_left(width).shrink2(vec2(2.0, 0.0));
        text_within(painter, cell, Align2::CENTER_CENTER, words, body, ink);
    }
    rest.cut_left(4.0);
    let title = stem_title(stem);
    let label = format!("Take the change of {title}");
    let face = Toggle {
        face: if of_learned.accepted { "Taken" } else { "Take" },
        label: &label,
        color: theme::ACCENT,
    };
    if widgets::button(ui, rest.cut_left(52.0), face, of_learned.accepted).clicked()
        && let Some(learned) = learned
    {
        let mut next = learned.clone();
        next.stems[stem].accepted = !of_learned.accepted;
        let verb = if of_learned.accepted { "Leave" } else { "Take" };
        sound(desk, balancing, format!("{verb} the change of {}", info.label(stem)), learned, next);
    }
    rest.cut_left(4.0);
    let label = format!("Lock {title}");
    let face = Toggle { face: "Lock", label: &label, color: theme::SOLO };
    let lock = widgets::button(ui, rest.cut_left(44.0), face, of_learned.locked);
    if lock.clicked() {
        let current = learned.clone().unwrap_or_default();
        let mut next = current.clone();
        next.stems[stem].locked = !of_learned.locked;
        let verb = if of_learned.locked { "Unlock" } else { "Lock" };
        keep(desk, format!("{verb} {}", info.label(stem)), &current, next);
    }
    lock.on_hover_text("Its gain stays as it is, and the others are balanced around it.");
    rest.cut_left(6.0);
    let is_stale = of_learned.is_stale(&desk.live_strip(stem));
    let kept = match &balancing.solution {
        Some(solution) => solution.stems[stem].kept,
        None => heard.and_then(Kept::too_little),
    };
    let Some((words, why)) = remark(stem, is_stale, kept, rounds) else { return };
    paragraph(ui.painter(), rest, &words, theme::SMALL, theme::TEXT_LABEL);
    let response = ui.interact(rest, widgets::id(("remark", stem)), Sense::hover());
    let label = format!("Remark on {title}");
    response.widget_info(|| WidgetInfo::labeled(egui::accesskit::Role::Group, true, &label));
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_value(why.as_str()));
    response.on_hover_text(why);
}

/// What is odd about a stem, in a few words and in full.
fn remark(stem: usize, is_stale: bool, kept: Option<Kept>, rounds: &Rounds) -> Option<(String, String)> {
    if is_stale {
        let why = "Its tone, width, delay, pan or polarity has changed since it was learned: learn again.";
        return Some(("Changed: learn again.".to_owned(), why.to_owned()));
    }
    let found = rounds.about(stem).find(|finding| finding.kind.light() == Light::Bad);
    if let Some(finding) = found {
        return Some((finding.briefly(stem), format!("{} {}", finding.words(), finding.cure())));
    }
    kept.and_then(|kept| Some((kept.briefly()?, kept.words(stem)?)))
}

/// Learning, targets, and what to do with the proposal.
fn side(
    ui: &mut Ui,
    rect: Rect,
    learned: &Option<LearnedBalance>,
    balancing: &mut Balancing,
    desk: &mut Desk,
) {
    ui.painter().rect_filled(rect, theme::RADIUS, theme::PANEL);
    let mut rest = rect.shrink(12.0);
    let head = |ui: &Ui, rest: &mut Rect, words: &str| {
        let at = rest.cut_top(20.0).left_center();
        text(ui.painter(), at, Align2::LEFT_CENTER, words, (theme::HEAD, Weight::Bold), theme::TEXT);
        rest.cut_top(2.0);
    };
    head(ui, &mut rest, "1. LEARN");
    let loudness = desk.instance.meters().loudness();
    let is_learning = loudness.is_learning();
    let mut line = rest.cut_top(24.0);
    let face = if is_learning { "Stop" } else { "Learn" };
    let toggle = Toggle { face, label: "Learn the song", color: theme::ACCENT };
    let learn = widgets::button(ui, line.cut_left(72.0), toggle, is_learning);
    if learn.clicked() {
        loudness.learn(!is_learning);
        balancing.forget();
        // What the listener will leave there is to be saved.
        desk.instance.set_learned(learned.clone());
    }
    learn.on_hover_text(
        "Play the song, or the parts that matter, and stop. It goes on while this window is closed, for at most \
         15 minutes of sound; a project saved meanwhile begins to learn again when it is opened. Comparisons are \
         left out.",
    );
    line.cut_left(8.0);
    let words = match (is_learning, learned.as_ref().and_then(|learned| learned.song.as_ref())) {
        (true, _) if desk.hands.is_blind => format!("{}.", widgets::HIDDEN),
        (true, _) if loudness.learned_s() < Learned::ENOUGH_S => {
            format!("{:.0} s heard of at least {:.0} s", loudness.learned_s(), Learned::ENOUGH_S)
        }
        (true, _) if loudness.learned_s() >= Learned::MAX_S => {
            format!("{:.0} minutes heard, all there is room for: stop now", Learned::MAX_S / 60.0)
        }
        (true, _) => format!("{:.0} s heard; stop when the song is through", loudness.learned_s()),
        (false, Some(_)) => "The song is learned.".to_owned(),
        (false, None) => "Play the song while this is on.".to_owned(),
    };
    paragraph(ui.painter(), line, &words, theme::BODY, theme::TEXT_SOFT);
    rest.cut_top(10.0);

    head(ui, &mut rest, "2. TARGET");
    let current = learned.clone().unwrap_or_default();
    let mut line = rest.cut_top(24.0);
    for (preset, word) in Preset::ALL {
        let label = format!("Target {word}");
        let toggle = Toggle { face: &capital(word), label: &label, color: theme::ACCENT };
        if widgets::button(ui, line.cut_left(66.0), toggle, current.target.preset() == Some(preset)).clicked()
        {
            let mut next = current.clone();
            next.target = crate::model::target::Target::of(preset);
            keep(desk, format!("Target {word}"), &current, next);
        }
        line.cut_left(4.0);
    }
    rest.cut_top(4.0);
    let mut line = rest.cut_top(24.0);
    for (face, step) in [("\u{2212}", -STEP_LU), ("+", STEP_LU)] {
        let label = format!("Lead {} the rest", if step < 0.0 { "softer against" } else { "louder against" });
        let toggle = Toggle { face, label: &label, color: theme::ACCENT };
        if widgets::button(ui, line.cut_left(28.0), toggle, false).clicked()
            && let Some(lu) = current.target.lead_to_rest_lu
        {
            let mut next = current.clone();
            next.target.lead_to_rest_lu =
                Some((lu + step).clamp(*LEAD_TO_REST_LU.start(), *LEAD_TO_REST_LU.end()));
            keep(desk, "Lead against the rest", &current, next);
        }
        line.cut_left(4.0);
    }
    let words = match current.target.lead_to_rest_lu {
        Some(lu) => format!("Lead {lu:+.1} LU against the rest").replace('-', "\u{2212}"),
        None => "The lead is a role like the others".to_owned(),
    };
    paragraph(ui.painter(), line, &words, theme::BODY, theme::TEXT);
    let source = match current.target.preset() {
        Some(preset) => {
            let lead = preset.lead_to_rest().map(|figure| format!("Lead: {}. ", figure.source));
            let roles = preset.offset(Role::Drums).source;
            format!("{}Roles against each other: {roles}.", lead.unwrap_or_default())
        }
        None => "Numbers of your own.".to_owned(),
    };
    let place = rest.cut_top(44.0);
    paragraph(ui.painter(), place, &source, theme::SMALL, theme::TEXT_LABEL);
    rest.cut_top(8.0);

    head(ui, &mut rest, "3. BALANCE");
    let mut line = rest.cut_top(24.0);
    let song = current.song.as_ref();
    let propose = Toggle { face: "Propose", label: "Propose a balance", color: theme::ACCENT };
    if widgets::button(ui, line.cut_left(72.0), propose, false).clicked()
        && let Some(song) = song
    {
        let solution = solve(&Song::from(song), &now(&current, desk), &current.target);
        let mut next = current.clone();
        for (stem, proposal) in next.stems.iter_mut().zip(&solution.stems) {
            (stem.offset_db, stem.accepted) = (proposal.change_db as f32, proposal.kept.is_none());
        }
        sound(desk, balancing, "Propose a balance", &current, next);
        balancing.solution = Some(Box::new(solution));
    }
    line.cut_left(4.0);
    let commit = Toggle { face: "To trims", label: "Commit to trims", color: theme::ACCENT };
    let response = widgets::button(ui, line.cut_left(72.0), commit, false);
    if response.clicked() {
        self::commit(&current, desk);
    }
    response.on_hover_text("Moves what is taken into the trims, where it stays without what was learned.");
    line.cut_left(4.0);
    let remove = Toggle { face: "Remove", label: "Remove the learned balance", color: theme::ACCENT };
    if widgets::button(ui, line.cut_left(72.0), remove, false).clicked() && learned.is_some() {
        desk.change("Remove the learned balance", vec![Change::Learned(Box::new([learned.clone(), None]))]);
        balancing.forget();
    }
    rest.cut_top(6.0);
    let mut line = rest.cut_top(22.0);
    let at = line.cut_left(76.0).left_center();
    text(ui.painter(), at, Align2::LEFT_CENTER, "AMOUNT", (theme::SMALL, Weight::Medium), theme::TEXT_LABEL);
    let amount = ParamKey::Mix(MixParam::BalanceAmount);
    widgets::number(ui, line.cut_left(76.0), amount, &amount.name(), Fill::FromDefault(theme::ACCENT), desk)
        .on_hover_text(amount.spec().about);
    rest.cut_top(6.0);
    let told = match &balancing.solution {
        None if song.is_none() => {
            "A balance is proposed by what was learned: the same loudness as now, nothing moves before you take \
             it, and everything can be undone."
                .to_owned()
        }
        None => balancing.headroom.clone(),
        Some(solution) => format!("{}\n{}", told(solution), balancing.headroom),
    };
    paragraph(ui.painter(), rest, &told, theme::SMALL, theme::TEXT_SOFT);
}

/// The stems as the solver is to take them: without the learned layer, which it replaces.
fn now(current: &LearnedBalance, desk: &Desk) -> [StemNow; STEMS] {
    let infos = desk.instance.stems();
    std::array::from_fn(|stem| {
        let strip = desk.live_strip(stem);
        let of_group = |param| infos[stem].group.map(|group| desk.value(ParamKey::Group(group, param)));
        let group_db = of_group(GroupParam::Fader).unwrap_or(0.0);
        StemNow {
            role: infos[stem].role,
            gain_db: [strip.trim_db, strip.fader_db, group_db].into_iter().map(f64::from).sum(),
            muted: strip.mute || of_group(GroupParam::Mute).is_some_and(|mute| mute > 0.5),
            locked: current.stems[stem].locked,
        }
    })
}

/// Moves what sounds of the learned balance into the trims, and leaves nothing of it behind.
fn commit(current: &LearnedBalance, desk: &mut Desk) {
    let share = desk.value(ParamKey::Mix(MixParam::BalanceAmount)) / 100.0;
    let mut next = current.clone();
    let mut changes = Vec::new();
    for (stem, of_learned) in next.stems.iter_mut().enumerate() {
        let key = ParamKey::Stem(stem, StripParam::Trim);
        let (from, spec) = (desk.value(key), key.spec());
        let to = (from + share * of_learned.sounding_db()).clamp(spec.min, spec.max);
        // What the trim has no room for stays.
        of_learned.offset_db = if of_learned.accepted && share > 0.0 {
            (from + share * of_learned.offset_db - to) / share
        } else {
            of_learned.offset_db
        };
        if from != to {
            changes.push(Change::Param(key, [from, to]));
        }
    }
    changes.push(Change::Learned(Box::new([Some(current.clone()), Some(next)])));
    desk.change("Commit the balance to trims", changes);
}

fn keep(desk: &mut Desk, name: impl Into<String>, from: &LearnedBalance, to: LearnedBalance) {
    let before = desk.instance.learned().map(|_| from.clone());
    desk.change(name, vec![Change::Learned(Box::new([before, Some(to)]))]);
}

/// As [`keep`] where that changes what is heard: the output goes down with it where the mix would peak too high.
fn sound(
    desk: &mut Desk,
    balancing: &mut Balancing,
    name: impl Into<String>,
    from: &LearnedBalance,
    to: LearnedBalance,
) {
    let output = ParamKey::Mix(MixParam::Output);
    let output_db = desk.value(output);
    let share = desk.value(ParamKey::Mix(MixParam::BalanceAmount)) / 100.0;
    let loudness = desk.instance.meters().loudness();
    // Whatever else makes the gains stays: what changes is this layer alone.
    let now = loudness.gains();
    let gains = std::array::from_fn(|stem| {
        let [was, is] = [from, &to].map(|learned| learned.stems[stem].sounding_db());
        f64::from(now[stem]) * db_to_gain(f64::from(share * (is - was)))
    });
    let song = to.song.as_ref().map(Song::from);
    let peak_dbtp = loudness.peak_moment().and_then(|heard| {
        predicted_true_peak_dbtp(&heard, song.as_ref(), &gains, db_to_gain(f64::from(output_db)))
    });
    let mut changes =
        vec![Change::Learned(Box::new([desk.instance.learned().map(|_| from.clone()), Some(to)]))];
    let headroom = match peak_dbtp {
        None => format!(
            "How high the mix will peak is not known: play the song, and propose again to keep it below \
             {MAX_TRUE_PEAK_DBTP:.0} dBTP."
        ),
        Some(dbtp) if dbtp <= MAX_TRUE_PEAK_DBTP => {
            format!(
                "The mix will peak at about {dbtp:.1} dBTP. Play it to see; if it is more, propose again."
            )
        }
        Some(dbtp) => {
            // To a hundredth, so that it does not stay a hair too high.
            let to_db = ((f64::from(output_db) + output_cut_db(dbtp)) * 100.0).floor() / 100.0;
            let to_db = (to_db as f32).max(output.spec().min);
            changes.push(Change::Param(output, [output_db, to_db]));
            format!(
                "The mix would peak at about {dbtp:+.1} dBTP, so the output goes down by {:.1} dB to {to_db:.1} dB; \
                 Undo takes that back as well.",
                output_db - to_db
            )
        }
    };
    balancing.headroom = widgets::minus(headroom);
    desk.change(name, changes);
}

/// What the proposal comes to, in words.
fn told(solution: &Solution) -> String {
    let lead =
        |lu: Option<f64>| lu.map_or(String::new(), |lu| format!(", lead {lu:+.1} LU against the rest"));
    let mut words = format!(
        "Predicted: {:.1} LUFS{} now, {:.1} LUFS{} then.",
        solution.before.lufs,
        lead(solution.before.lead_to_rest_lu),
        solution.after.lufs,
        lead(solution.after.lead_to_rest_lu)
    );
    words += "\nWhat is taken is heard by the amount above; Undo takes it back.";
    for sentence in &solution.sentences {
        words += &format!("\n{sentence}");
    }
    widgets::minus(words)
}

fn capital(word: &str) -> String {
    let mut word = word.to_owned();
    word[..1].make_ascii_uppercase();
    word
}
