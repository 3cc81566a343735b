//! A contour as text: rows for programs, and a picture.

use super::readout::{COLUMNS, Column, Readouts, Row};
use std::fmt::Write;

/// The picture, in pixels.
const WIDTH: f64 = 960.0;
const PANEL_HEIGHT: f64 = 96.0;
const LEFT: f64 = 140.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 48.0;
const BOTTOM: f64 = 40.0;
/// Between one panel and the next.
const GAP: f64 = 16.0;
/// Panels show at least so much, by column: what moves less is level.
const LEAST_SPANS: [f64; COLUMNS.len()] = [6.0, 1.0, 6.0, 6.0, 6.0, 0.5, 6.0];
/// Lines across the picture are this many seconds apart, whichever leaves few enough.
const STEPS_S: [f64; 7] = [1.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0];
const MOST_STEPS: f64 = 12.0;

/// Comma-separated values with a line of titles, a line for each row; of the other contour in columns of their
/// own. What does not exist is left empty. `scenes` names the one that sounded in each row, where that is known.
pub fn to_csv(rows: &[Row], against: Option<&[Row]>, scenes: Option<&[String]>) -> String {
    let mut text = "time_s".to_owned();
    for prefix in [Some(""), against.map(|_| "against_")].into_iter().flatten() {
        COLUMNS.iter().for_each(|column| text += &format!(",{prefix}{}", column.id));
    }
    text += if scenes.is_some() { ",scene\n" } else { "\n" };
    for (at, row) in rows.iter().enumerate() {
        text += &format!("{:.3}", row.time_s);
        let other = against.map(|rows| rows.get(at));
        for readouts in [Some(Some(row)), other].into_iter().flatten() {
            for column in &COLUMNS {
                let value = readouts.and_then(|row| (column.value)(&row.readouts));
                text += &value.map_or(",".to_owned(), |value| format!(",{value:.3}"));
            }
        }
        if let Some(scenes) = scenes {
            let name = scenes.get(at).map_or("", String::as_str);
            text += &format!(",\"{}\"", name.replace('"', "\"\""));
        }
        text.push('\n');
    }
    text
}

/// A picture of it (SVG), a panel for each readout; the other contour behind it in grey.
pub fn to_svg(title: &str, rows: &[Row], against: Option<(&str, &[Row])>) -> String {
    let height = TOP + COLUMNS.len() as f64 * (PANEL_HEIGHT + GAP) - GAP + BOTTOM;
    let end_s = rows.last().map_or(1.0, |row| row.time_s);
    let x = |time_s: f64| LEFT + (WIDTH - LEFT - RIGHT) * time_s / end_s;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" viewBox=\"0 0 {WIDTH} \
         {height}\" font-family=\"sans-serif\" font-size=\"12\" fill=\"#333\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n\
         <text x=\"{LEFT}\" y=\"28\" font-size=\"16\">{}</text>\n",
        escaped(title)
    );
    if let Some((name, _)) = against {
        let _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"28\" text-anchor=\"end\" fill=\"#888\">grey: {}</text>",
            WIDTH - RIGHT,
            escaped(name)
        );
    }
    for at in 0..COLUMNS.len() {
        let top = TOP + at as f64 * (PANEL_HEIGHT + GAP);
        panel(&mut svg, at, top, rows, against.map(|(_, rows)| rows), &x);
    }
    let step_s = step_s(end_s, MOST_STEPS);
    for step in 0..=(end_s / step_s) as usize {
        let time_s = step as f64 * step_s;
        let (minutes, seconds) = ((time_s / 60.0) as usize, time_s as usize % 60);
        let _ = writeln!(
            svg,
            "<line x1=\"{0:.1}\" x2=\"{0:.1}\" y1=\"{TOP}\" y2=\"{1}\" stroke=\"#0001\"/>\
             <text x=\"{0:.1}\" y=\"{2}\" text-anchor=\"middle\">{minutes}:{seconds:02}</text>",
            x(time_s),
            height - BOTTOM,
            height - BOTTOM + 20.0
        );
    }
    svg + "</svg>\n"
}

/// How far the lines across a contour of so many seconds are apart, so that there are no more than that.
pub fn step_s(seconds: f64, most: f64) -> f64 {
    STEPS_S.into_iter().find(|step| seconds / step <= most).unwrap_or((seconds / most).ceil())
}

/// A readout as it is drawn: what is heard in octaves is drawn in octaves.
pub fn drawn(column: &Column, readouts: &Readouts) -> Option<f64> {
    let value = (column.value)(readouts)?;
    Some(if is_hz(column) { value.log2() } else { value }).filter(|value| value.is_finite())
}

fn is_hz(column: &Column) -> bool {
    column.unit == "Hz"
}

/// The lowest and the highest value a panel shows, as they are drawn, and as they are told; `at` is the readout's
/// place in [`COLUMNS`]. None where there are no values.
pub fn span<'a>(at: usize, rows: impl Iterator<Item = &'a Row>) -> Option<([f64; 2], [f64; 2])> {
    let column = &COLUMNS[at];
    let values = rows.filter_map(|row| drawn(column, &row.readouts));
    let (low, high) = values
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    if low > high {
        return None;
    }
    let spare = (LEAST_SPANS[at] - (high - low)).max(0.0) / 2.0;
    let (low, high) = (low - spare, high + spare);
    let too_high = if column.id == "correlation" { (high - 1.0).max(0.0) } else { 0.0 };
    let ends = [low - too_high, high - too_high];
    Some((ends, ends.map(|end| if is_hz(column) { end.exp2() } else { end })))
}

fn panel(
    svg: &mut String,
    at: usize,
    top: f64,
    rows: &[Row],
    against: Option<&[Row]>,
    x: &impl Fn(f64) -> f64,
) {
    let column = &COLUMNS[at];
    let value = |row: &Row| drawn(column, &row.readouts);
    let _ = writeln!(
        svg,
        "<rect x=\"{LEFT}\" y=\"{top}\" width=\"{}\" height=\"{PANEL_HEIGHT}\" fill=\"#f6f6f4\"/>\
         <text x=\"12\" y=\"{}\">{}</text><text x=\"12\" y=\"{}\" fill=\"#888\">{}</text>",
        WIDTH - LEFT - RIGHT,
        top + 14.0,
        column.title,
        top + 30.0,
        column.unit
    );
    let Some(([low, high], told)) = span(at, rows.iter().chain(against.unwrap_or_default())) else {
        let _ = writeln!(svg, "<text x=\"{}\" y=\"{}\" fill=\"#888\">none</text>", LEFT + 8.0, top + 52.0);
        return;
    };
    let y = |value: f64| top + 6.0 + (PANEL_HEIGHT - 12.0) * (high - value) / (high - low);
    for (shown, baseline) in [(told[1], top + 12.0), (told[0], top + PANEL_HEIGHT - 4.0)] {
        let _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"{baseline}\" text-anchor=\"end\" fill=\"#888\">{shown:.*}</text>",
            LEFT - 6.0,
            column.decimals[0]
        );
    }
    let lines = [against.map(|rows| (rows, "#aaa")), Some((rows, "#1f6f8b"))];
    for (rows, colour) in lines.into_iter().flatten() {
        // A line for every stretch without a hole.
        for stretch in rows.split(|row| value(row).is_none()).filter(|stretch| !stretch.is_empty()) {
            let points = stretch.iter().filter_map(|row| Some((x(row.time_s), y(value(row)?))));
            let points: Vec<String> = points.map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
            let _ = writeln!(
                svg,
                "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" \
                 stroke-linecap=\"round\" stroke-linejoin=\"round\"/>",
                points.join(" ")
            );
        }
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
