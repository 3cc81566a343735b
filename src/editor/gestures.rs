//! The one way the editor touches anything outside itself.

use super::history::{self, Change, Edit, History, Thread};
use crate::model::document::{Document, StemInfo};
use crate::model::learned::LearnedBalance;
use crate::model::limits::{ParamKey, SCENES, STEMS};
use crate::model::scene::Scene;
use crate::model::settings::MixSettings;
use crate::model::text;
use crate::model::view::View;
use crate::sync::{Audition, Meters, Monitor};

/// The instance an editor shows: implemented by the plugin, and by a stand-in in tests and pictures.
///
/// Values are in the units of `limits.rs`; switches are 0 or 1. Called on the editor's thread; what is only read
/// is looked at by the window's watch as well.
pub trait Instance {
    /// A parameter's value as the host has it (without modulation).
    fn value(&self, key: ParamKey) -> f32;
    /// What of it sounds: with modulation.
    fn sounding(&self, key: ParamKey) -> f32 {
        self.value(key)
    }
    /// The mouse went down on a control: the host starts one undo step and stops following automation.
    fn begin(&self, key: ParamKey);
    /// A new value within a gesture. Only between [`Self::begin`] and [`Self::end`].
    fn set(&self, key: ParamKey, value: f32);
    /// The gesture is over.
    fn end(&self, key: ParamKey);
    /// Several gestures follow that are one edit.
    fn begin_group(&self) {}
    /// They are over.
    fn end_group(&self) {}
    /// How many states were loaded so far: what was done before one cannot be undone after it.
    fn loads(&self) -> u32;
    /// Names, colours and roles.
    fn stems(&self) -> [StemInfo; STEMS];
    /// Replaces names, colours and roles; saved with the project, and the host's titles follow.
    fn set_stems(&self, stems: [StemInfo; STEMS]);
    /// The stems in the order they are shown.
    fn order(&self) -> [usize; STEMS];
    /// Changes that order; saved with the project.
    fn set_order(&self, order: [usize; STEMS]);
    /// The scenes A to H.
    fn scenes(&self) -> [Scene; SCENES] {
        Scene::bank()
    }
    /// Replaces them; saved with the project, and heard at once where they sound.
    fn set_scenes(&self, _scenes: [Scene; SCENES]) {}
    /// The scenes in the order they are shown.
    fn scene_order(&self) -> [usize; SCENES] {
        std::array::from_fn(|slot| slot)
    }
    /// Changes that order; saved with the project.
    fn set_scene_order(&self, _order: [usize; SCENES]) {}
    /// The balance learned of the song.
    fn learned(&self) -> Option<LearnedBalance>;
    /// Replaces it; saved with the project, and heard by its amount.
    fn set_learned(&self, learned: Option<LearnedBalance>);
    /// How the editor was left.
    fn view(&self) -> View;
    /// Remembers how it is left; saved with the project.
    fn set_view(&self, view: View);
    /// Rate of the sound, in Hz.
    fn sample_rate_hz(&self) -> f64 {
        48_000.0
    }
    /// What whoever listens has asked for.
    fn monitor(&self) -> Monitor;
    /// Asks for it. Gone with the editor.
    fn set_monitor(&self, monitor: Monitor);
    /// Has another balance heard instead of the parameters', for a comparison. Gone with the editor, and while
    /// the host renders.
    fn audition(&self, _wish: Option<&Audition>) {}
    /// What the host calls itself; empty where it does not say.
    fn host_name(&self) -> String {
        String::new()
    }
    /// Levels and which inputs live.
    fn meters(&self) -> &Meters;
    /// What there is to say of the state that was loaded last; none where all was well.
    fn notices(&self) -> Option<Said>;
    /// The person has read the notices.
    fn dismiss_notices(&self);
    /// A fault of ours in the audio thread: the plain sum sounds until the plugin is reactivated.
    fn has_fault(&self) -> bool;
}

/// Something that happened and should be known.
#[derive(Clone, Debug, Hash, PartialEq, Eq)]
pub struct Said {
    /// What happened.
    pub head: String,
    /// A sentence for each thing worth knowing.
    pub remarks: Vec<String>,
}

/// The live balance of an instance.
pub fn balance(instance: &dyn Instance) -> MixSettings {
    let mut mix = MixSettings::default();
    ParamKey::all().for_each(|key| mix.set(key, instance.value(key)));
    mix
}

/// An instance as a preset keeps it: a project goes on learning where it was, a preset does not.
pub fn document(instance: &dyn Instance) -> Document {
    Document {
        mix: balance(instance),
        stems: instance.stems(),
        order: instance.order(),
        scenes: instance.scenes(),
        scene_order: instance.scene_order(),
        view: instance.view(),
        learned: instance.learned(),
        learning: false,
    }
}

/// The sole writer: keeps every edit one gesture, no gesture open for longer than the hand is on its
/// control, and a history of all of it.
#[derive(Debug, Default)]
pub struct Gestures {
    open: Vec<Open>,
    history: History,
    compare: Compare,
    /// Instance's loads that the history goes back to.
    loads: Option<u32>,
    /// Time of the frame.
    pub now_s: f64,
}

/// A value in the hand. There is one mouse, and it moves one control, which has one or two values.
#[derive(Debug)]
struct Open {
    key: ParamKey,
    first: f32,
    value: f32,
    kept: bool,
}

/// Two balances to compare: one is live, the other waits here.
#[derive(Debug, Default)]
struct Compare {
    is_b: bool,
    /// Until one was made, both are the same.
    other: Option<MixSettings>,
}

impl Gestures {
    /// A frame begins. Where a state was loaded, which is what this answers, nothing of before can be undone.
    pub fn frame(&mut self, instance: &dyn Instance, now_s: f64) -> bool {
        self.now_s = now_s;
        let loads = Some(instance.loads());
        let is_new = self.loads != loads;
        if is_new {
            self.loads = loads;
            // The hand lets go, and what it moved belongs to what is gone.
            self.open.drain(..).rev().for_each(|open| instance.end(open.key));
            self.history.clear();
            self.compare = Compare::default();
        }
        is_new
    }

    /// What a control shows: the hand's value while it is held, else the host's.
    pub fn value(&self, instance: &dyn Instance, key: ParamKey) -> f32 {
        self.held(key).unwrap_or_else(|| instance.value(key))
    }

    /// The value of a gesture that is open for this parameter.
    pub fn held(&self, key: ParamKey) -> Option<f32> {
        self.open.iter().find(|open| open.key == key).map(|open| open.value)
    }

    /// The mouse went down on a control of these values.
    pub fn begin(&mut self, instance: &dyn Instance, keys: &[ParamKey]) {
        self.finish(instance);
        for &key in keys {
            let value = instance.value(key);
            self.open.push(Open { key, first: value, value, kept: true });
            instance.begin(key);
        }
    }

    /// The mouse is still down on it. What is not kept in a frame ends with [`Self::end_abandoned`].
    pub fn keep(&mut self, key: ParamKey) {
        if let Some(open) = self.open.iter_mut().find(|open| open.key == key) {
            open.kept = true;
        }
    }

    /// Writes a value if it is a new one: within the open gesture of this parameter, else as a whole
    /// gesture of its own.
    pub fn write(&mut self, instance: &dyn Instance, key: ParamKey, value: f32) {
        self.write_in(instance, key, value, Thread::Steps(key, self.now_s));
    }

    /// As [`Self::write`], as a part of a longer edit.
    pub fn write_in(&mut self, instance: &dyn Instance, key: ParamKey, value: f32, thread: Thread) {
        if let Some(open) = self.open.iter_mut().find(|open| open.key == key) {
            if open.value != value {
                open.value = value;
                instance.set(key, value);
            }
            return;
        }
        let from = instance.value(key);
        if from != value {
            whole(instance, key, value);
            let name = history::words(instance, key, value);
            self.history.record(Edit { name, changes: vec![Change::Param(key, [from, value])] }, thread);
        }
    }

    /// The mouse went up, or the editor closes.
    pub fn finish(&mut self, instance: &dyn Instance) {
        let open = std::mem::take(&mut self.open);
        open.iter().rev().for_each(|open| instance.end(open.key));
        let moved: Vec<&Open> = open.iter().filter(|open| open.first != open.value).collect();
        if let Some(first) = moved.first() {
            let mut name = history::words(instance, first.key, first.value);
            for open in &moved[1..] {
                name += &format!(", {}", text::format(&open.key.spec(), open.value));
            }
            let change = |open: &&Open| Change::Param(open.key, [open.first, open.value]);
            let changes = moved.iter().map(change).collect();
            self.history.record(Edit { name, changes }, Thread::Alone);
        }
    }

    /// At the end of a frame: ends a gesture whose control is gone from under the hand.
    pub fn end_abandoned(&mut self, instance: &dyn Instance) {
        if self.open.iter().any(|open| open.kept) {
            self.open.iter_mut().for_each(|open| open.kept = false);
        } else {
            self.finish(instance);
        }
    }

    /// Does several things as one edit. What is that way already is not written.
    pub fn change(&mut self, instance: &dyn Instance, name: impl Into<String>, changes: Vec<Change>) {
        let is_held = |change: &Change| matches!(change, Change::Param(key, _) if self.held(*key).is_some());
        if changes.iter().any(is_held) {
            self.finish(instance);
        }
        let changes = self.apply(instance, changes);
        if !changes.is_empty() {
            self.history.record(Edit { name: name.into(), changes }, Thread::Alone);
        }
    }

    /// What an undo and a redo would do.
    pub fn names(&self) -> [Option<&str>; 2] {
        [self.history.to_undo(), self.history.to_redo()]
    }

    /// Takes the last edit back, and nothing but what it wrote.
    pub fn undo(&mut self, instance: &dyn Instance) {
        self.finish(instance);
        if let Some(edit) = self.history.undo() {
            self.apply(instance, edit.changes);
        }
    }

    /// Does what was undone last once more.
    pub fn redo(&mut self, instance: &dyn Instance) {
        self.finish(instance);
        if let Some(edit) = self.history.redo() {
            self.apply(instance, edit.changes);
        }
    }

    /// Whether B is live.
    pub fn is_b(&self) -> bool {
        self.compare.is_b
    }

    /// Makes the other of A and B live.
    pub fn switch(&mut self, instance: &dyn Instance) {
        let live = balance(instance);
        let other = self.compare.other.unwrap_or(live);
        let mut changes = differences(&live, &other);
        // What is routed how is no matter of taste.
        changes
            .retain(|change| !matches!(change, Change::Param(ParamKey::Mix(param), _) if param.is_routing()));
        changes.insert(0, Change::Compare);
        let name = if self.compare.is_b { "Switch to A" } else { "Switch to B" };
        self.change(instance, name, changes);
    }

    /// Makes the waiting balance what the live one is.
    pub fn copy_to_other(&mut self, instance: &dyn Instance) {
        let name = if self.compare.is_b { "Copy to A" } else { "Copy to B" };
        let both = [self.compare.other, Some(balance(instance))];
        self.change(instance, name, vec![Change::Waiting(Box::new(both))]);
    }

    /// Applies changes; answers those that were any.
    fn apply(&mut self, instance: &dyn Instance, changes: Vec<Change>) -> Vec<Change> {
        let is_new = |change: &Change| match change {
            Change::Param(key, [_, to]) => instance.value(*key) != *to,
            Change::Stem(stem, both) => instance.stems()[*stem] != both[1],
            Change::Order(both) => instance.order() != both[1],
            Change::Compare => true,
            Change::Waiting(both) => self.compare.other != both[1],
            Change::Learned(both) => instance.learned() != both[1],
        };
        let changes: Vec<Change> = changes.into_iter().filter(is_new).collect();
        let is_group = changes.iter().filter(|change| matches!(change, Change::Param(..))).count() > 1;
        if is_group {
            instance.begin_group();
        }
        if changes.contains(&Change::Compare) {
            self.compare.is_b = !self.compare.is_b;
            // What is live before anything is written waits from here on.
            self.compare.other = Some(balance(instance));
        }
        let mut stems = instance.stems();
        let mut is_renamed = false;
        for change in &changes {
            match change {
                Change::Param(key, [_, to]) => whole(instance, *key, *to),
                Change::Stem(stem, both) => {
                    stems[*stem] = both[1].clone();
                    is_renamed = true;
                }
                Change::Order(both) => instance.set_order(both[1]),
                Change::Compare => {}
                Change::Waiting(both) => self.compare.other = both[1],
                Change::Learned(both) => instance.set_learned(both[1].clone()),
            }
        }
        if is_renamed {
            instance.set_stems(stems);
        }
        if is_group {
            instance.end_group();
        }
        changes
    }
}

/// What leads from one balance to another.
pub fn differences(from: &MixSettings, to: &MixSettings) -> Vec<Change> {
    ParamKey::all()
        .map(|key| (key, [from.get(key), to.get(key)]))
        .filter(|(_, [from, to])| from != to)
        .map(|(key, both)| Change::Param(key, both))
        .collect()
}

fn whole(instance: &dyn Instance, key: ParamKey, value: f32) {
    instance.begin(key);
    instance.set(key, value);
    instance.end(key);
}
