//! A picture of the editor without a window.

use anyhow::{Context, Result};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use stemwright::editor::picture::{Picture, picture};
#[cfg(target_os = "linux")]
use stemwright::editor::screen::Screen;
use stemwright::editor::still::Still;
use stemwright::model::document::Document;
use stemwright::model::limits::WINDOW_POINTS;
use stemwright::sync::Meters;

/// Pixels per point: sharp on any screen.
const SCALE: f32 = 2.0;

/// Draws a balance with the meters' last peaks to a PNG file.
///
/// # Errors
/// If the file cannot be written.
pub fn draw(document: &Document, meters: Arc<Meters>, path: &Path) -> Result<()> {
    let still = Still { document: document.clone(), meters, ..Still::default() };
    save(&picture(&still, WINDOW_POINTS, SCALE), path)
}

/// Writes a picture to a PNG file.
///
/// # Errors
/// If the file cannot be written.
pub fn save(picture: &Picture, path: &Path) -> Result<()> {
    fs::write(path, picture.to_png()?).with_context(|| format!("writing {}", path.display()))
}

/// Draws a balance before any sound.
#[cfg(target_os = "linux")]
pub fn at_rest(document: &Document, scale: f32) -> Picture {
    let still = Still { document: document.clone(), ..Still::default() };
    picture(&still, WINDOW_POINTS, scale)
}

/// The middle of a control in the editor of a balance, in points, by its label.
#[cfg(target_os = "linux")]
pub fn place(document: &Document, label: &str) -> Option<[f32; 2]> {
    place_in(&Still { document: document.clone(), ..Still::default() }, label)
}

/// The same of any instance.
#[cfg(target_os = "linux")]
pub fn place_in(still: &Still, label: &str) -> Option<[f32; 2]> {
    let (ctx, mut screen) = (egui::Context::default(), Screen::default());
    stemwright::editor::theme::install(&ctx);
    ctx.enable_accesskit();
    let rect = egui::Rect::from_min_size(egui::Pos2::ZERO, WINDOW_POINTS.into());
    let input = egui::RawInput { screen_rect: Some(rect), ..Default::default() };
    let mut frame = || ctx.run_ui(input.clone(), |ui| screen.ui(ui, still));
    frame(); // fonts load
    let update = frame().platform_output.accesskit_update?;
    let (_, node) = update.nodes.iter().find(|(_, node)| node.label() == Some(label))?;
    let bounds = node.bounds()?;
    Some([(bounds.x0 + bounds.x1) as f32 / 2.0, (bounds.y0 + bounds.y1) as f32 / 2.0])
}
