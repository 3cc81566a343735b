//! The recall sheet as a web page: one file without script or request, dark on a screen and light on paper.

use super::drawing::{curve, scale};
use super::readings::Readings;
use crate::model::document::{Document, FORMAT, StemInfo};
use crate::model::learned::LearnedBalance;
use crate::model::limits::{
    GROUPS, GroupParam, Kind, MixParam, ParamKey, Role, STEMS, Spec, StripParam, slot_letter,
};
use crate::model::offsets::{Level, StripOffsets};
use crate::model::page::content;
use crate::model::scene::words;
use crate::model::settings::StripSettings;
use crate::model::taper::fader_db_to_position;
use crate::model::text;
use crate::model::tone::ToneCurve;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// Sample rate of the curves where no stems say another.
const USUAL_RATE_HZ: u32 = 48_000;
/// Nothing is loaded from anywhere, whatever stands in the page.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; font-src data:; img-src data:";
/// The editor's fonts by their weight.
const FONTS: [(u32, &[u8]); 2] = [
    (400, include_bytes!("../../assets/fonts/PlexCond-400.ttf")),
    (600, include_bytes!("../../assets/fonts/PlexCond-600.ttf")),
];

/// A balance as a page for people, which also holds the document ([`crate::model::page::document_in`]). Curves are
/// those at the readings' sample rate, at 48 kHz where there are none.
pub fn page(document: &Document, title: &str, readings: Option<&Readings>) -> String {
    let figures = |stem: usize| readings.and_then(|readings| readings.stems.get(stem));
    let sounds = |stem: usize| figures(stem).is_some_and(|figures| figures.sample_peak_dbfs.is_finite());
    let is_used = |stem: &usize| sounds(*stem) || is_in_use(document, *stem);
    let used: Vec<usize> = document.order.into_iter().filter(is_used).collect();
    let rate_hz = readings.map_or(USUAL_RATE_HZ, |readings| readings.rate_hz);
    let sections = [
        mix(document, readings),
        strips(document, &used, readings),
        scenes(document, &used),
        tone(document, &used, rate_hz),
        document.learned.as_ref().map_or_else(Markup::default, |learned| learned_of(document, learned)),
    ];
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="dark light";
                link rel="icon" href="data:,";
                title { (title) }
                style { (PreEscaped(fonts())) (PreEscaped(include_str!("page.css"))) }
            }
            body {
                header {
                    div {
                        p.kind { "Recall sheet" }
                        h1 { bdi { (title) } }
                        p.soft { (count(used.len())) ", " (concat!("Stemwright ", env!("CARGO_PKG_VERSION"))) }
                    }
                    @if let Some(readings) = readings {
                        p.big { (level(readings.mix.integrated_lufs)) small { "LUFS" } }
                    }
                }
                @for section in sections { (section) }
                footer {
                    p {
                        "This page holds the whole balance. Load it like a balance file: in the editor by "
                        b { "Presets" } ", on the command line by " code { "--balance" } "."
                    }
                    @if let Some(idle) = idle(&used) { p { (idle) } }
                }
                script type="application/json" id=(FORMAT) { (PreEscaped(content(document))) }
            }
        }
    };
    page.into_string() + "\n"
}

/// The fonts within the page's style.
fn fonts() -> String {
    let face = |(weight, font): (u32, &[u8])| {
        format!(
            "@font-face {{ font-family: \"IBM Plex Sans Condensed\"; font-weight: {weight}; \
             src: url(data:font/ttf;base64,{}); }}\n",
            BASE64_STANDARD.encode(font)
        )
    };
    FONTS.map(face).concat()
}

/// Whether a stem has anything to be recalled.
fn is_in_use(document: &Document, stem: usize) -> bool {
    let StemInfo { name, role, group, .. } = &document.stems[stem];
    let in_a_scene = document.scenes.iter().any(|scene| scene.stems[stem] != StripOffsets::NONE);
    let learned = document.learned.as_ref().is_some_and(|learned| learned.stems[stem].fingerprint.is_some());
    let strip = &document.mix.stems[stem];
    !name.is_empty()
        || *role != Role::Unknown
        || *strip != StripSettings::default()
        || learned
        || in_a_scene
        || group.is_some()
}

fn count(stems: usize) -> String {
    if stems == 1 { "1 stem".to_owned() } else { format!("{stems} stems") }
}

fn idle(used: &[usize]) -> Option<String> {
    let idle: Vec<_> =
        (0..STEMS).filter(|stem| !used.contains(stem)).map(|stem| (stem + 1).to_string()).collect();
    (!idle.is_empty()).then(|| format!("Not in use, and at their defaults: stems {}.", idle.join(", ")))
}

/// A setting with its unit and a true minus.
fn shown(spec: &Spec, value: f32) -> String {
    let text = text::format(spec, value);
    match spec.kind {
        Kind::Fader | Kind::Decibel => text.replace("-inf", "-∞").replace('-', "\u{2212}"),
        _ => text,
    }
}

/// A number with one decimal and a true minus.
fn level(value: f64) -> String {
    if value == f64::NEG_INFINITY {
        return "\u{2212}∞".to_owned();
    }
    // Zero is added so that what rounds to nothing has no minus.
    format!("{:.1}", (10.0 * value).round() / 10.0 + 0.0).replace('-', "\u{2212}")
}

/// The same with its sign.
fn signed(value: f64) -> String {
    let text = level(value);
    if text.starts_with('\u{2212}') || text == "0.0" { text } else { format!("+{text}") }
}

/// How strongly a value is written: those at their defaults stand back.
fn weight(spec: &Spec, value: f32) -> &'static str {
    if value == spec.default { "rest" } else { "set" }
}

/// The mix's settings, and what it measures.
fn mix(document: &Document, readings: Option<&Readings>) -> Markup {
    html! {
        section {
            h2 { "Mix" }
            dl.tiles {
                @for param in MixParam::ALL {
                    @let (spec, value) = (param.spec(), document.mix.get(ParamKey::Mix(param)));
                    div { dt { (spec.name) } dd class=(weight(&spec, value)) { (shown(&spec, value)) } }
                }
                @for key in groups(document) {
                    div { dt { (key.name()) } dd.set { (shown(&key.spec(), document.mix.get(key))) } }
                }
                @if let Some(Readings { rate_hz, frames, mix, .. }) = readings {
                    @let seconds = *frames as f64 / f64::from(*rate_hz);
                    @for (name, value) in [
                        ("Short-term max", format!("{} LUFS", level(mix.short_term_max_lufs))),
                        ("Loudness range", mix.range_lu.map_or("none".to_owned(), |lu| format!("{} LU", level(lu)))),
                        ("True peak", format!("{} dBTP", level(mix.true_peak_dbtp))),
                        ("Length", format!("{}:{:04.1}", seconds as u64 / 60, seconds % 60.0)),
                        ("Sample rate", format!("{} kHz", f64::from(*rate_hz) / 1_000.0)),
                    ] {
                        div { dt { (name) } dd.read { (value) } }
                    }
                }
            }
        }
    }
}

/// The groups' settings that are not at their defaults.
fn groups(document: &Document) -> impl Iterator<Item = ParamKey> {
    let keys = (0..GROUPS).flat_map(|group| GroupParam::ALL.map(|param| ParamKey::Group(group, param)));
    keys.filter(|key| document.mix.get(*key) != key.spec().default)
}

/// The columns of the strip table, in the order of the signal.
const COLUMNS: [StripParam; 6] = [
    StripParam::Delay,
    StripParam::Polarity,
    StripParam::Trim,
    StripParam::Width,
    StripParam::Pan,
    StripParam::Fader,
];
/// What stands as a badge where it is on.
const SWITCHES: [(StripParam, &str); 3] =
    [(StripParam::Mute, "mute"), (StripParam::Solo, "solo"), (StripParam::SoloSafe, "safe")];

fn strips(document: &Document, used: &[usize], readings: Option<&Readings>) -> Markup {
    html! {
        section {
            h2 { "Strips" }
            table {
                thead {
                    tr {
                        th scope="col" { "No." }
                        th.left scope="col" { "Stem" }
                        @for param in COLUMNS { th scope="col" { (param.spec().name) } }
                        @if document.learned.is_some() { th scope="col" { "Learned" } }
                        th.left scope="col" { "Switches" }
                        @if readings.is_some() {
                            th scope="col" { "In the mix" br; "LUFS" }
                            th scope="col" { "True peak" br; "dBTP" }
                        }
                    }
                }
                tbody {
                    @for stem in used {
                        (strip(document, *stem, readings))
                    }
                }
            }
            @if readings.is_some() {
                p.soft { "Loudness and true peak of every stem as it is in this mix, after its fader and the output." }
            }
        }
    }
}

fn strip(document: &Document, stem: usize, readings: Option<&Readings>) -> Markup {
    let strip = &document.mix.stems[stem];
    let figures = readings.and_then(|readings| readings.stems.get(stem));
    html! {
        tr style=(color(&document.stems[stem])) {
            td { (format!("{:02}", stem + 1)) }
            th.left.stem scope="row" { (name(document, stem)) (role(&document.stems[stem])) }
            @for param in COLUMNS {
                @let (spec, value) = (param.spec(), strip.get(param));
                td class=(weight(&spec, value)) {
                    (shown(&spec, value))
                    @match param {
                        StripParam::Pan => {
                            @if strip.get(StripParam::PanMode) != StripParam::PanMode.spec().default {
                                " " (shown(&StripParam::PanMode.spec(), strip.get(StripParam::PanMode)))
                            }
                            (scale(0.5, f64::from(value + 1.0) / 2.0))
                        }
                        StripParam::Fader => {
                            @let position = |db: f32| fader_db_to_position(f64::from(db));
                            (scale(position(spec.default), position(value)))
                        }
                        _ => {}
                    }
                }
            }
            @if let Some(learned) = &document.learned {
                @let learned = learned.stems[stem];
                td class=(if learned.sounding_db() == 0.0 { "rest" } else { "set" }) {
                    (signed(f64::from(learned.offset_db))) " dB"
                    @if !learned.accepted && learned.offset_db != 0.0 { " left" }
                }
            }
            td.left {
                @for (param, class) in SWITCHES {
                    @if strip.get(param) >= 0.5 { span class={ "badge " (class) } { (param.spec().name) } }
                }
            }
            @if let Some(figures) = figures {
                td.read { (level(figures.integrated_lufs)) }
                td.read { (level(figures.true_peak_dbtp)) }
            } @else if readings.is_some() {
                td.rest { "\u{2013}" }
                td.rest { "\u{2013}" }
            }
        }
    }
}

/// A stem's name, which may be written in any direction.
fn name(document: &Document, stem: usize) -> Markup {
    html! { bdi { (document.stems[stem].label(stem)) } }
}

/// What a stem plays, and its group.
fn role(info: &StemInfo) -> Markup {
    let role = Some(info.role.word()).filter(|_| info.role != Role::Unknown).map(str::to_owned);
    let group = info.group.map(|group| format!("group {}", slot_letter(group)));
    let words: Vec<String> = role.into_iter().chain(group).collect();
    html! { @if !words.is_empty() { small { (words.join(", ")) } } }
}

/// What the scenes change, side by side.
fn scenes(document: &Document, used: &[usize]) -> Markup {
    let is_used = |slot: &usize| document.scenes[*slot].is_used();
    let slots: Vec<usize> = document.scene_order.into_iter().filter(is_used).collect();
    if slots.is_empty() {
        return Markup::default();
    }
    html! {
        section {
            h2 { "Scenes" }
            table.scenes {
                thead {
                    tr {
                        th scope="col" { "No." }
                        th.left scope="col" { "Stem" }
                        @for slot in &slots {
                            @let scene = &document.scenes[*slot];
                            th.left.scene scope="col" style=(format!("--stem:#{:06X}", scene.color)) {
                                b { bdi { (scene.label(*slot)) } }
                                @if !scene.note.is_empty() { small { bdi { (scene.note) } } }
                            }
                        }
                    }
                }
                tbody {
                    @for stem in used {
                        tr style=(color(&document.stems[*stem])) {
                            td { (format!("{:02}", stem + 1)) }
                            th.left.stem scope="row" { (name(document, *stem)) }
                            @for slot in &slots { (in_scene(document, *stem, *slot)) }
                        }
                    }
                }
            }
            p.soft { "Differences over the strips above. A bar leads from where a fader stands to where the scene takes it." }
        }
    }
}

/// What a scene changes about a stem.
fn in_scene(document: &Document, stem: usize, slot: usize) -> Markup {
    let offsets = &document.scenes[slot].stems[stem];
    if *offsets == StripOffsets::NONE {
        return html! { td.left.rest { "\u{2013}" } };
    }
    let live_db = f64::from(document.mix.stems[stem].fader_db);
    html! {
        td.left.set {
            (words(offsets).replace('-', "\u{2212}"))
            @if offsets.level != Level::NONE {
                (scale(fader_db_to_position(live_db), fader_db_to_position(offsets.level.over(live_db))))
            }
        }
    }
}

fn color(info: &StemInfo) -> String {
    format!("--stem:#{:06X}", info.color)
}

/// The tone of every stem that has one, as a curve and in words.
fn tone(document: &Document, used: &[usize], rate_hz: u32) -> Markup {
    let has_one = |stem: &&usize| document.mix.stems[**stem].tone != StripSettings::default().tone;
    let (shaped, flat): (Vec<&usize>, Vec<&usize>) = used.iter().partition(has_one);
    html! {
        section {
            h2 { "Tone" }
            div.cards {
                @for stem in shaped { (tone_of(document, *stem, rate_hz)) }
            }
            @if !flat.is_empty() {
                p.soft {
                    "Flat: "
                    @for (at, stem) in flat.iter().enumerate() {
                        @if at > 0 { ", " }
                        (name(document, **stem))
                    }
                    "."
                }
            }
        }
    }
}

fn tone_of(document: &Document, stem: usize, rate_hz: u32) -> Markup {
    let strip = &document.mix.stems[stem];
    html! {
        article style=(color(&document.stems[stem])) {
            h3 { span.number { (format!("{:02}", stem + 1)) } (name(document, stem)) @if !strip.tone.on { span.badge { "Tone off" } } }
            (curve(&ToneCurve::new(&strip.tone, f64::from(rate_hz)).levels_db()))
            ul {
                @for section in SECTIONS {
                    @if let Some((words, is_at_work)) = section.words(strip) {
                        li class=(if is_at_work && strip.tone.on { "set" } else { "rest" }) {
                            (words) @if !is_at_work { " (at rest)" }
                        }
                    }
                }
            }
        }
    }
}

/// A section of the tone as it is written.
struct Section {
    name: &'static str,
    /// What switches it on: at its default the section is at rest.
    main: StripParam,
    frequency: Option<StripParam>,
    q: Option<StripParam>,
}

const SECTIONS: [Section; 6] = [
    Section::new("High-Pass", StripParam::HighPassSlope, Some(StripParam::HighPassFrequency), None),
    Section::new("Low Shelf", StripParam::LowShelfGain, Some(StripParam::LowShelfFrequency), None),
    Section::new("Bell", StripParam::BellGain, Some(StripParam::BellFrequency), Some(StripParam::BellQ)),
    Section::new("High Shelf", StripParam::HighShelfGain, Some(StripParam::HighShelfFrequency), None),
    Section::new("Low-Pass", StripParam::LowPassSlope, Some(StripParam::LowPassFrequency), None),
    Section::new("Tilt", StripParam::Tilt, None, None),
];

impl Section {
    const fn new(
        name: &'static str,
        main: StripParam,
        frequency: Option<StripParam>,
        q: Option<StripParam>,
    ) -> Self {
        Self { name, main, frequency, q }
    }

    /// The section in words and whether it does anything; none where all of it is at its defaults.
    fn words(&self, strip: &StripSettings) -> Option<(String, bool)> {
        let is_set = |param: StripParam| strip.get(param) != param.spec().default;
        let params = [Some(self.main), self.frequency, self.q];
        if !params.into_iter().flatten().any(is_set) {
            return None;
        }
        let says = |param: StripParam| shown(&param.spec(), strip.get(param));
        let mut words = format!("{} {}", self.name, says(self.main));
        if let Some(frequency) = self.frequency {
            words += &format!(" at {}", says(frequency));
        }
        if let Some(q) = self.q {
            words += &format!(", Q {}", says(q));
        }
        Some((words, is_set(self.main)))
    }
}

/// What was learned of the song, and what was made of it.
fn learned_of(document: &Document, learned: &LearnedBalance) -> Markup {
    let target = &learned.target;
    let heard =
        |stem: &usize| learned.stems[*stem].fingerprint.is_some() || learned.stems[*stem].offset_db != 0.0;
    let stems: Vec<usize> = document.order.into_iter().filter(heard).collect();
    html! {
        section {
            h2 { "Learned balance" }
            p {
                "Target: " b { (target.preset().map_or("of one's own", |preset| preset.word())) }
                "; lead to rest "
                b { (target.lead_to_rest_lu.map_or("not looked at".to_owned(), |lu| format!("{} LU", signed(f64::from(lu))))) }
                "; loudness "
                b { (target.loudness_lufs.map_or("as it was".to_owned(), |lufs| format!("{} LUFS", level(f64::from(lufs))))) }
                "; amount " b { (format!("{:.0} %", 100.0 * target.amount)) } "."
            }
            table.narrow {
                thead {
                    tr {
                        th scope="col" { "No." }
                        th.left scope="col" { "Stem" }
                        @if learned.song.is_some() {
                            th scope="col" { "Loudness" br; "LUFS" }
                            th scope="col" { "Sounds" br; "s" }
                        }
                        th scope="col" { "Offset" br; "dB" }
                        th {}
                    }
                }
                tbody {
                    @for stem in stems {
                        @let offset = &learned.stems[stem];
                        tr style=(color(&document.stems[stem])) {
                            td { (format!("{:02}", stem + 1)) }
                            th.left.stem scope="row" { (name(document, stem)) (role(&document.stems[stem])) }
                            @if let Some(song) = &learned.song {
                                td { (level(f64::from(song.stems[stem].lufs))) }
                                td { (format!("{:.1}", song.stems[stem].active_s)) }
                            }
                            td class=(if offset.sounding_db() == 0.0 { "rest" } else { "set" }) {
                                (signed(f64::from(offset.offset_db)))
                            }
                            td.left.rest {
                                @if offset.offset_db != 0.0 { (if offset.accepted { "taken" } else { "left" }) }
                                @if offset.is_stale(&document.mix.stems[stem]) { " set up anew since it was learned" }
                            }
                        }
                    }
                }
            }
            @if learned.song.is_some() {
                p.soft { "Loudness of every stem alone over the song, before its fader, at a trim of 0 dB." }
            }
        }
    }
}
