//! The pictures of a sheet, as SVG within the page. Their colours are the page's.

use crate::model::tone::{CURVE_ENDS_HZ, CURVE_POINTS};
use maud::{Markup, html};

/// Size of a curve, in its own units.
const WIDTH: f32 = 320.0;
const HEIGHT: f32 = 112.0;
/// Level at the upper and lower edge, in dB.
const RANGE_DB: f32 = 18.0;
const GRID_DB: [(f32, &str); 3] = [(12.0, "+12"), (0.0, "0"), (-12.0, "\u{2212}12")];
const GRID_HZ: [(f32, &str); 3] = [(100.0, "100"), (1_000.0, "1k"), (10_000.0, "10k")];

/// A tone curve of levels in dB at [`crate::model::tone::curve_frequencies_hz`].
pub fn curve(levels_db: &[f32; CURVE_POINTS]) -> Markup {
    let y = |db: f32| (HEIGHT * 0.5 * (1.0 - db / RANGE_DB)).clamp(1.0, HEIGHT - 1.0);
    let x = |hz: f32| {
        let [low, high] = CURVE_ENDS_HZ;
        WIDTH * (hz / low).ln() / (high / low).ln()
    };
    let at = |point: usize| WIDTH * point as f32 / (CURVE_POINTS - 1) as f32;
    let points = levels_db.iter().enumerate().map(|(point, db)| format!("{:.1},{:.1} ", at(point), y(*db)));
    let line: String = points.collect();
    let middle = y(0.0);
    html! {
        svg.curve viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img" aria-label="Tone curve" {
            @for (hz, words) in GRID_HZ {
                line.grid x1=(x(hz)) x2=(x(hz)) y1="0" y2=(HEIGHT) {}
                text x=(x(hz) + 3.0) y=(HEIGHT - 3.0) { (words) }
            }
            @for (db, words) in GRID_DB {
                line.grid x1="0" x2=(WIDTH) y1=(y(db)) y2=(y(db)) {}
                text.level x=(WIDTH - 3.0) y=(y(db) - 2.0) { (words) }
            }
            polygon points={ "0," (middle) " " (line) (WIDTH) "," (middle) } {}
            polyline points=(line.trim_end()) {}
        }
    }
}

/// A control on its way from left to right: a bar from where it rests to where it stands, both 0 to 1.
pub fn scale(rest: f64, stands: f64) -> Markup {
    const LENGTH: f64 = 72.0;
    let [rest, stands] = [rest, stands].map(|share| 2.0 + share.clamp(0.0, 1.0) * (LENGTH - 4.0));
    html! {
        svg.scale viewBox={ "0 0 " (LENGTH) " 8" } aria-hidden="true" {
            line.track x1="0" x2=(LENGTH) y1="4" y2="4" {}
            line.way x1=(format!("{rest:.1}")) x2=(format!("{stands:.1}")) y1="4" y2="4" {}
            line.home x1=(format!("{rest:.1}")) x2=(format!("{rest:.1}")) y1="1" y2="7" {}
            circle cx=(format!("{stands:.1}")) cy="4" r="2.5" {}
        }
    }
}
