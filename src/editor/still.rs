//! An instance that only shows.

use super::gestures::{Instance, Said};
use crate::analysis::StudyState;
use crate::model::document::{Document, StemInfo};
use crate::model::learned::LearnedBalance;
use crate::model::limits::{ParamKey, SCENES, STEMS};
use crate::model::scene::Scene;
use crate::model::view::View;
use crate::sync::{Meters, Monitor};
use std::sync::Arc;

/// A document and what was measured of it, for pictures and for whoever counts what a frame costs. Whatever the
/// hands do to it changes nothing.
#[derive(Debug, Default)]
pub struct Still {
    /// What it shows.
    pub document: Document,
    /// Levels and which inputs live.
    pub meters: Arc<Meters>,
    /// What was learned of the song by playing it.
    pub study: StudyState,
}

impl Instance for Still {
    fn value(&self, key: ParamKey) -> f32 {
        self.document.mix.get(key)
    }
    fn begin(&self, _: ParamKey) {}
    fn set(&self, _: ParamKey, _: f32) {}
    fn end(&self, _: ParamKey) {}
    fn loads(&self) -> u32 {
        0
    }
    fn stems(&self) -> [StemInfo; STEMS] {
        self.document.stems.clone()
    }
    fn set_stems(&self, _: [StemInfo; STEMS]) {}
    fn order(&self) -> [usize; STEMS] {
        self.document.order
    }
    fn set_order(&self, _: [usize; STEMS]) {}
    fn scenes(&self) -> [Scene; SCENES] {
        self.document.scenes.clone()
    }
    fn scene_order(&self) -> [usize; SCENES] {
        self.document.scene_order
    }
    fn learned(&self) -> Option<LearnedBalance> {
        self.document.learned.clone()
    }
    fn set_learned(&self, _: Option<LearnedBalance>) {}
    fn view(&self) -> View {
        self.document.view
    }
    fn set_view(&self, _: View) {}
    fn monitor(&self) -> Monitor {
        Monitor::default()
    }
    fn set_monitor(&self, _: Monitor) {}
    fn meters(&self) -> &Meters {
        &self.meters
    }
    fn study(&self) -> StudyState {
        self.study.clone()
    }
    fn notices(&self) -> Option<Said> {
        None
    }
    fn dismiss_notices(&self) {}
    fn has_fault(&self) -> bool {
        false
    }
}
