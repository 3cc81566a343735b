//! Parameter values as people write and type them.

use super::limits::{Kind, Spec};
use super::settings::sane;

/// Why a typed text is no value, and what to type instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{typed}\" is not a value for {name}: type {example}")]
pub struct TextError {
    typed: String,
    name: &'static str,
    example: String,
}

/// A value with its unit, such as `-6.0 dB`, `-inf`, `L30`, `C`, `100 %`, `12.5 ms` or `on`.
pub fn format(spec: &Spec, value: f32) -> String {
    let value = sane(spec, value);
    match spec.kind {
        // Also where rounding would write the floor, which reads back as closed.
        Kind::Fader if number(value.max(spec.min), 2, 1) == number(spec.min, 2, 1) => "-inf".to_owned(),
        Kind::Fader | Kind::Decibel => format!("{} dB", number(value, 2, 1)),
        Kind::Pan => {
            let percent = number(value.abs() * 100.0, 1, 0);
            match value {
                _ if percent == "0" => "C".to_owned(),
                v if v < 0.0 => format!("L{percent}"),
                _ => format!("R{percent}"),
            }
        }
        Kind::Percent => format!("{} %", number(value, 1, 0)),
        Kind::Milliseconds => format!("{} ms", number(value, 2, 1)),
        Kind::Hertz if value >= 1_000.0 => format!("{} kHz", number(value / 1_000.0, 3, 1)),
        Kind::Hertz => format!("{} Hz", number(value, 1, 0)),
        Kind::Quality | Kind::Length => number(value, 2, 1),
        Kind::Switch(off, on) => (if value >= 0.5 { on } else { off }).to_owned(),
        Kind::Choice(words) => words[(value as usize).min(words.len() - 1)].to_owned(),
    }
}

/// Reads what a person types, with or without the unit, and makes it sane.
///
/// # Errors
/// Says what could have been typed.
pub fn parse(spec: &Spec, typed: &str) -> Result<f32, TextError> {
    read(spec, typed).map(|value| sane(spec, value)).ok_or_else(|| TextError {
        typed: typed.chars().take(40).collect(),
        name: spec.name,
        example: example(spec.kind),
    })
}

fn read(spec: &Spec, typed: &str) -> Option<f32> {
    // A true minus, and the comma many keyboards have on the number block.
    let text = typed.trim().to_lowercase().replace('\u{2212}', "-").replace(',', ".");
    match spec.kind {
        Kind::Fader if matches!(text.trim_end_matches("db").trim(), "-inf" | "-∞" | "off") => {
            Some(f32::NEG_INFINITY)
        }
        Kind::Fader | Kind::Decibel => finite(&text, &["db"]),
        Kind::Percent => finite(&text, &["%"]),
        Kind::Milliseconds => finite(&text, &["ms"]),
        Kind::Length => finite(&text, &["seconds", "s", "beats", "beat"]),
        Kind::Hertz => {
            let text = text.strip_suffix("hz").unwrap_or(&text).trim_end();
            match text.strip_suffix('k') {
                Some(kilo) => finite(kilo, &[]).map(|v| v * 1_000.0),
                None => finite(text, &[]),
            }
        }
        Kind::Quality => finite(text.strip_prefix('q').unwrap_or(&text), &[]),
        Kind::Pan => read_pan(&text),
        Kind::Switch(off, on) => match text.as_str() {
            "on" | "yes" | "true" | "1" => Some(1.0),
            "off" | "no" | "false" | "0" => Some(0.0),
            word if word == off => Some(0.0),
            word if word == on => Some(1.0),
            _ => None,
        },
        Kind::Choice(words) => words
            .iter()
            .position(|w| w.eq_ignore_ascii_case(&text))
            .or_else(|| text.parse().ok().filter(|i| *i < words.len()))
            .map(|i| i as f32),
    }
}

fn read_pan(text: &str) -> Option<f32> {
    if matches!(text, "c" | "center" | "centre") {
        return Some(0.0);
    }
    let side = |name: &str| {
        let rest = text.strip_prefix(name).or_else(|| text.strip_suffix(name))?;
        if rest.trim().is_empty() {
            return Some(1.0);
        }
        finite(rest, &["%"]).map(|percent| percent / 100.0)
    };
    ["left", "l"]
        .into_iter()
        .find_map(|name| side(name).map(|v| -v))
        .or_else(|| ["right", "r"].into_iter().find_map(side))
        .or_else(|| finite(text, &["%"]).map(|percent| percent / 100.0))
}

/// A typed name: without control characters or white space around it, and no longer than `most` characters.
pub fn clean(typed: &str, most: usize) -> String {
    let clean: String = typed.chars().filter(|c| !c.is_control()).collect();
    let short: String = clean.trim().chars().take(most).collect();
    short.trim_end().to_owned()
}

fn finite(text: &str, units: &[&str]) -> Option<f32> {
    let mut text = text.trim();
    for unit in units {
        text = text.strip_suffix(unit).unwrap_or(text).trim_end();
    }
    text.parse().ok().filter(|v: &f32| v.is_finite())
}

fn example(kind: Kind) -> String {
    match kind {
        Kind::Fader => "a level in dB such as -6, or -inf".to_owned(),
        Kind::Decibel => "a level in dB such as -6".to_owned(),
        Kind::Pan => "L30, C or R100".to_owned(),
        Kind::Percent => "a percentage such as 80".to_owned(),
        Kind::Milliseconds => "milliseconds such as 12.5".to_owned(),
        Kind::Hertz => "a frequency such as 250 or 1.2k".to_owned(),
        Kind::Quality => "a number such as 0.7".to_owned(),
        Kind::Length => "a number such as 2.5".to_owned(),
        Kind::Switch(off, on) => format!("{off} or {on}"),
        Kind::Choice(words) => words.join(" or "),
    }
}

/// At most `most` decimals, at least `least`, and never a negative zero.
fn number(value: f32, most: usize, least: usize) -> String {
    let mut text = format!("{value:.most$}");
    if let Some(point) = text.find('.') {
        while text.ends_with('0') && text.len() - point - 1 > least {
            text.pop();
        }
        if text.ends_with('.') {
            text.pop();
        }
    }
    if text.trim_start_matches('-').chars().all(|c| matches!(c, '0' | '.')) {
        text.trim_start_matches('-').to_owned()
    } else {
        text
    }
}
