//! What the editor is built of.

mod button;
mod control;
mod fader;
mod meter;
mod number;
mod typing;

pub use button::{Toggle, button, choice, idle_button, row_ground, stem_switch, swatches, switch};
pub use control::{Axis, Desk, Ghost, Hands};
pub(super) use control::{keep_arrows, menu, position, stepped, value_at};
pub use fader::{CAP, fader, fader_scale, fader_y};
pub use meter::{HIDDEN, Meter, bar, level_words, meter_position, peak_box, scale};
pub use number::{Fill, idle_number, number, shown, slider};
pub use typing::{Target, Typing, end_frame, field, give_role, groups, name, rename, select_all, stem_menu};

use super::theme::{self, Weight};
use egui::emath::GuiRounding;
use egui::text::LayoutJob;
use egui::{Align, Align2, Color32, FontId, Id, Painter, Pos2, Rect, pos2};

/// Cuts slices off a rectangle.
pub trait Cut {
    /// The topmost points.
    fn cut_top(&mut self, height: f32) -> Rect;
    /// The lowest points.
    fn cut_bottom(&mut self, height: f32) -> Rect;
    /// The leftmost points.
    fn cut_left(&mut self, width: f32) -> Rect;
    /// The rightmost points.
    fn cut_right(&mut self, width: f32) -> Rect;
}

impl Cut for Rect {
    fn cut_top(&mut self, height: f32) -> Rect {
        let cut = self.with_max_y(self.min.y + height);
        self.min.y += height;
        cut
    }

    fn cut_bottom(&mut self, height: f32) -> Rect {
        let cut = self.with_min_y(self.max.y - height);
        self.max.y -= height;
        cut
    }

    fn cut_left(&mut self, width: f32) -> Rect {
        let cut = self.with_max_x(self.min.x + width);
        self.min.x += width;
        cut
    }

    fn cut_right(&mut self, width: f32) -> Rect {
        let cut = self.with_min_x(self.max.x - width);
        self.max.x -= width;
        cut
    }
}

/// An id that is the same in every frame, whatever is shown around it.
pub fn id(of: impl std::hash::Hash + std::fmt::Debug) -> Id {
    Id::unique(("stemwright", of))
}

/// A rectangle whose edges lie on pixels, so that its neighbours' gaps are equal at every scale.
pub fn snapped(painter: &Painter, rect: Rect) -> Rect {
    rect.round_to_pixels(painter.pixels_per_point())
}

/// Writes a text.
pub fn text(
    painter: &Painter,
    at: Pos2,
    align: Align2,
    text: impl ToString,
    (size, weight): (f32, Weight),
    color: Color32,
) -> Rect {
    painter.text(at, align, text, theme::font(size, weight), color)
}

/// Writes a text that must fit: it shrinks to the size of ticks, then loses its end. Answers where it stands.
pub fn text_within(
    painter: &Painter,
    rect: Rect,
    align: Align2,
    text: &str,
    (mut size, weight): (f32, Weight),
    color: Color32,
) -> Rect {
    let lay = |text: String, size| painter.layout_no_wrap(text, theme::font(size, weight), color);
    let mut galley = lay(text.to_owned(), size);
    while galley.size().x > rect.width() && size > theme::TICK {
        size -= 0.5;
        galley = lay(text.to_owned(), size);
    }
    let mut left = text.to_owned();
    while galley.size().x > rect.width() && left.pop().is_some() {
        galley = lay(format!("{}…", left.trim_end()), size);
    }
    let at = align.align_size_within_rect(galley.size(), rect);
    painter.galley(pos2(at.min.x.round(), at.min.y.round()), galley, color);
    at
}

/// Words or a number with a true minus before every number below 0.
pub fn minus(words: impl AsRef<str>) -> String {
    let words = words.as_ref().replace(" -", " \u{2212}");
    words.strip_prefix('-').map(|rest| format!("\u{2212}{rest}")).unwrap_or(words)
}

/// Smallest size of a name that takes two lines, in points.
const SMALLEST: f32 = 7.5;

/// Writes a stem's name: where it does not fit it shrinks, then it takes two lines.
pub fn name_within(
    painter: &Painter,
    rect: Rect,
    align: Align2,
    name: &str,
    style: (f32, Weight),
    color: Color32,
) {
    let lay = |part: &str, size| painter.layout_no_wrap(part.to_owned(), theme::font(size, style.1), color);
    let fits = lay(name, theme::TICK).size().x <= rect.width();
    let middle = name.chars().count() / 2;
    // The break that leaves the longer line as short as can be: at a space if there is one near.
    let breaks = name.char_indices().enumerate().skip(1).map(|(chars, (at, c))| {
        let off = chars.abs_diff(middle) + if c == ' ' { 0 } else { 4 };
        (off, at)
    });
    let Some((_, at)) = breaks.min().filter(|_| !fits) else {
        text_within(painter, rect, align, name, style, color);
        return;
    };
    let [upper, lower] = [name[..at].trim_end(), name[at..].trim_start()];
    let mut size = theme::TICK;
    let mut lines = [lay(upper, size), lay(lower, size)];
    while lines.iter().any(|line| line.size().x > rect.width()) && size > SMALLEST {
        size -= 0.5;
        lines = [lay(upper, size), lay(lower, size)];
    }
    if lines.iter().any(|line| line.size().x > rect.width()) {
        text_within(painter, rect, align, name, style, color);
        return;
    }
    // Closer together than two texts of their own would stand.
    let pitch = size * 1.1;
    for (line, y) in lines.into_iter().zip([rect.center().y - pitch, rect.center().y]) {
        let x = align.align_size_within_rect(line.size(), rect).min.x;
        painter.galley(pos2(x.round(), (y + (pitch - line.size().y) * 0.5).round()), line, color);
    }
}

/// Writes a text over several lines, in the middle of a row or from the top of a column. Answers its height.
pub fn paragraph(painter: &Painter, rect: Rect, words: &str, size: f32, color: Color32) -> f32 {
    let lay = |font: FontId| {
        let mut job = LayoutJob::simple(words.to_owned(), font, color, rect.width());
        job.halign = Align::LEFT;
        painter.layout_job(job)
    };
    let mut size = size;
    let mut galley = lay(theme::font(size, Weight::Regular));
    while galley.size().y > rect.height() && size > 8.0 {
        size -= 0.5;
        galley = lay(theme::font(size, Weight::Regular));
    }
    let height = galley.size().y;
    let top = if rect.height() < 60.0 { rect.center().y - 0.5 * height } else { rect.top() };
    painter.galley(pos2(rect.left(), top.round()), galley, color);
    height
}
