//! The one way the editor touches anything outside itself.

use crate::model::document::StemInfo;
use crate::model::limits::{ParamKey, STEMS};
use crate::sync::Meters;

/// The instance an editor shows: implemented by the plugin, and by a stand-in in tests and pictures.
///
/// Values are in the units of `limits.rs`; switches are 0 or 1. Called on the editor's thread only.
pub trait Instance {
    /// A parameter's value as the host has it (without modulation).
    fn value(&self, key: ParamKey) -> f32;
    /// The mouse went down on a control: the host starts one undo step and stops following automation.
    fn begin(&self, key: ParamKey);
    /// A new value within a gesture. Only between [`Self::begin`] and [`Self::end`].
    fn set(&self, key: ParamKey, value: f32);
    /// The gesture is over.
    fn end(&self, key: ParamKey);
    /// Names, colours and roles.
    fn stems(&self) -> [StemInfo; STEMS];
    /// Replaces names, colours and roles; saved with the project, and the host's titles follow.
    fn set_stems(&self, stems: [StemInfo; STEMS]);
    /// The stems in the order they are shown.
    fn order(&self) -> [usize; STEMS];
    /// Changes that order; saved with the project.
    fn set_order(&self, order: [usize; STEMS]);
    /// Peaks and which inputs live.
    fn meters(&self) -> &Meters;
    /// What had to be left out or replaced when a state was loaded; empty where all was well.
    fn notices(&self) -> Vec<String>;
    /// The person has read the notices.
    fn dismiss_notices(&self);
    /// A fault of ours in the audio thread: the plain sum sounds until the plugin is reactivated.
    fn has_fault(&self) -> bool;
}
