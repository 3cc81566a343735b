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

/// The sole writer of parameters: keeps every edit one gesture, and no gesture open for longer than
/// the hand is on its control.
#[derive(Debug, Default)]
pub struct Gestures {
    open: Option<Open>,
}

/// There is one mouse, so there is one open gesture.
#[derive(Debug)]
struct Open {
    key: ParamKey,
    value: f32,
    kept: bool,
}

impl Gestures {
    /// What a control shows: the hand's value while it is held, else the host's.
    pub fn value(&self, instance: &dyn Instance, key: ParamKey) -> f32 {
        self.held(key).unwrap_or_else(|| instance.value(key))
    }

    /// The value of a gesture that is open for this parameter.
    pub fn held(&self, key: ParamKey) -> Option<f32> {
        self.open.as_ref().filter(|open| open.key == key).map(|open| open.value)
    }

    /// The mouse went down on a control.
    pub fn begin(&mut self, instance: &dyn Instance, key: ParamKey) {
        self.finish(instance);
        self.open = Some(Open { key, value: instance.value(key), kept: true });
        instance.begin(key);
    }

    /// The mouse is still down on it. What is not kept in a frame ends with [`Self::end_abandoned`].
    pub fn keep(&mut self, key: ParamKey) {
        if let Some(open) = self.open.as_mut().filter(|open| open.key == key) {
            open.kept = true;
        }
    }

    /// Writes a value if it is a new one: within the open gesture of this parameter, else as a whole
    /// gesture of its own.
    pub fn write(&mut self, instance: &dyn Instance, key: ParamKey, value: f32) {
        match self.open.as_mut().filter(|open| open.key == key) {
            Some(open) if open.value != value => {
                open.value = value;
                instance.set(key, value);
            }
            None if instance.value(key) != value => {
                instance.begin(key);
                instance.set(key, value);
                instance.end(key);
            }
            _ => {}
        }
    }

    /// The mouse went up, or the editor closes.
    pub fn finish(&mut self, instance: &dyn Instance) {
        if let Some(open) = self.open.take() {
            instance.end(open.key);
        }
    }

    /// At the end of a frame: ends a gesture whose control is gone from under the hand.
    pub fn end_abandoned(&mut self, instance: &dyn Instance) {
        match &mut self.open {
            Some(open) if open.kept => open.kept = false,
            _ => self.finish(instance),
        }
    }
}
