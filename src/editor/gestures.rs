//! The one way the editor touches anything outside itself.

use super::history::{self, Change, Edit, History, Thread};
use crate::analysis::StudyState;
use crate::model::document::{Document, StemInfo};
use crate::model::learned::LearnedBalance;
use crate::model::limits::{ParamKey, SCENES, STEMS, StripParam};
use crate::model::offsets::StripOffsets;
use crate::model::scene::Scene;
use crate::model::settings::MixSettings;
use crate::model::text;
use crate::model::view::View;
use crate::share::Readings;
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
    /// What was learned of a song by playing it, for the page Analysis.
    fn study(&self) -> StudyState {
        StudyState::default()
    }
    /// Begins to study what the host plays, from its next start or at once where it plays, or ends it. Goes on with
    /// the editor closed; not saved.
    fn record(&self, _on: bool) {}
    /// What mix and stems measured in the last recording, for a recall sheet; none where the balance is another by now.
    fn readings(&self) -> Option<Readings> {
        None
    }
    /// Ends it, and forgets what was learned by it.
    fn forget_recording(&self) {}
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
///
/// While a scene is edited, the values of strips are those of the scene over the live balance, and what is written
/// to them becomes the scene's: the host's parameters stay.
#[derive(Debug, Default)]
pub struct Gestures {
    open: Vec<Open>,
    /// The edited scene as it was when the hand took hold of it.
    before: Option<Box<Scene>>,
    history: History,
    compare: Compare,
    edited: Option<Box<Edited>>,
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
    /// It belongs to the edited scene, and the host knows nothing of it.
    in_scene: bool,
}

/// The scene that is edited.
#[derive(Debug)]
struct Edited {
    slot: usize,
    /// What it changes, as of this frame or of the last edit.
    stems: [StripOffsets; STEMS],
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
            self.let_go(instance);
            self.history.clear();
            self.compare = Compare::default();
            (self.edited, self.before) = (None, None);
        }
        self.look(instance);
        is_new
    }

    /// The scene (0 to 7) that is edited.
    pub fn edited(&self) -> Option<usize> {
        self.edited.as_ref().map(|edited| edited.slot)
    }

    /// Begins to edit a scene, or ends it.
    pub fn edit(&mut self, instance: &dyn Instance, slot: Option<usize>) {
        self.finish(instance);
        self.history.pause();
        self.edited = slot.map(|slot| Box::new(Edited { slot, stems: [StripOffsets::NONE; STEMS] }));
        self.look(instance);
    }

    /// Takes a look at what the edited scene is by now.
    fn look(&mut self, instance: &dyn Instance) {
        if let Some(edited) = &mut self.edited {
            edited.stems = instance.scenes()[edited.slot].stems;
        }
    }

    /// The edited scene's difference of this parameter; none where the live value is what is moved.
    fn offsets(&self, key: ParamKey) -> Option<(&StripOffsets, StripParam)> {
        match (&self.edited, key) {
            (Some(edited), ParamKey::Stem(stem, param)) if param.means().is_some() => {
                Some((&edited.stems[stem], param))
            }
            _ => None,
        }
    }

    /// Why this parameter cannot be moved now; none where it can.
    pub fn fixed(&self, key: ParamKey) -> Option<&'static str> {
        match (&self.edited, key) {
            (Some(_), ParamKey::Stem(_, param)) if param.means().is_none() => Some(match param {
                StripParam::Solo | StripParam::SoloSafe => {
                    "Solos are for the whole mix, not for a scene. Leave the scene to change them."
                }
                StripParam::Trim => {
                    "A trim is the same in every scene: the fader is what a scene moves. Leave the scene to change it."
                }
                _ => "This cannot glide, so it is the same in every scene. Leave the scene to change it.",
            }),
            _ => None,
        }
    }

    /// What a control shows: the hand's value while it is held, else the host's, with the edited scene on it.
    pub fn value(&self, instance: &dyn Instance, key: ParamKey) -> f32 {
        self.held(key).unwrap_or_else(|| self.at_rest(instance, key))
    }

    fn at_rest(&self, instance: &dyn Instance, key: ParamKey) -> f32 {
        let live = instance.value(key);
        self.offsets(key).map_or(live, |(offsets, param)| offsets.value(param, live))
    }

    /// What a reset makes of a parameter: its default, or in an edited scene what is live.
    pub fn home(&self, instance: &dyn Instance, key: ParamKey) -> f32 {
        if self.offsets(key).is_some() { instance.value(key) } else { key.spec().default }
    }

    /// The value of a gesture that is open for this parameter.
    pub fn held(&self, key: ParamKey) -> Option<f32> {
        self.open.iter().find(|open| open.key == key).map(|open| open.value)
    }

    /// The mouse went down on a control of these values.
    pub fn begin(&mut self, instance: &dyn Instance, keys: &[ParamKey]) {
        self.finish(instance);
        for &key in keys {
            if self.fixed(key).is_some() {
                continue;
            }
            let value = self.at_rest(instance, key);
            let in_scene = self.offsets(key).is_some();
            self.open.push(Open { key, first: value, value, kept: true, in_scene });
            if !in_scene {
                instance.begin(key);
            }
        }
        self.before = self.edited().map(|slot| Box::new(instance.scenes()[slot].clone()));
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
        if self.fixed(key).is_some() {
            return;
        }
        if let Some(open) = self.open.iter_mut().find(|open| open.key == key) {
            if open.value == value {
                return;
            }
            open.value = value;
            if !open.in_scene {
                instance.set(key, value);
            } else if let Some([_, to]) = self.led(instance, &[(key, value)]) {
                self.set_scene(instance, to);
            }
            return;
        }
        if self.at_rest(instance, key) == value {
            return;
        }
        let name = history::words(instance, key, value) + &self.place(instance, key);
        let change = match (self.edited(), self.led(instance, &[(key, value)])) {
            (Some(slot), Some(both)) => {
                self.set_scene(instance, both[1].clone());
                Change::Scene(slot, Box::new(both))
            }
            _ => {
                let from = instance.value(key);
                whole(instance, key, value);
                Change::Param(key, [from, value])
            }
        };
        self.history.record(Edit { name, changes: vec![change] }, thread);
    }

    /// The edited scene before and after these parameters came to these values; none where it has none of them.
    fn led(&self, instance: &dyn Instance, values: &[(ParamKey, f32)]) -> Option<[Scene; 2]> {
        let from = instance.scenes()[self.edited()?].clone();
        let mut to = from.clone();
        let mut is_any = false;
        for &(key, value) in values {
            if let (Some(_), ParamKey::Stem(stem, param)) = (self.offsets(key), key) {
                to.stems[stem].lead(param, instance.value(key), value);
                is_any = true;
            }
        }
        is_any.then_some([from, to])
    }

    fn set_scene(&mut self, instance: &dyn Instance, scene: Scene) {
        let Some(slot) = self.edited() else { return };
        let mut scenes = instance.scenes();
        scenes[slot] = scene;
        instance.set_scenes(scenes);
        self.look(instance);
    }

    /// Where an edit of this parameter goes, for its name: such as " in scene B Chorus".
    fn place(&self, instance: &dyn Instance, key: ParamKey) -> String {
        let slot = self.edited().filter(|_| self.offsets(key).is_some());
        slot.map_or(String::new(), |slot| format!(" in scene {}", instance.scenes()[slot].label(slot)))
    }

    /// Gives parameters these values as one edit, in the scene where one is edited.
    pub fn give(&mut self, instance: &dyn Instance, name: impl Into<String>, values: &[(ParamKey, f32)]) {
        let mut name = name.into();
        let mut changes = Vec::new();
        if let (Some(slot), Some(both)) = (self.edited(), self.led(instance, values)) {
            name += &format!(" in scene {}", both[0].label(slot));
            changes.push(Change::Scene(slot, Box::new(both)));
        }
        for &(key, value) in values {
            if self.offsets(key).is_none() && self.fixed(key).is_none() {
                changes.push(Change::Param(key, [self.value(instance, key), value]));
            }
        }
        self.change(instance, name, changes);
    }

    fn let_go(&mut self, instance: &dyn Instance) -> Vec<Open> {
        let open = std::mem::take(&mut self.open);
        open.iter().rev().filter(|open| !open.in_scene).for_each(|open| instance.end(open.key));
        open
    }

    /// The mouse went up, or the editor closes.
    pub fn finish(&mut self, instance: &dyn Instance) {
        let open = self.let_go(instance);
        let before = self.before.take();
        let moved: Vec<&Open> = open.iter().filter(|open| open.first != open.value).collect();
        let Some(first) = moved.first() else { return };
        let mut name = history::words(instance, first.key, first.value);
        for open in &moved[1..] {
            name += &format!(", {}", text::format(&open.key.spec(), open.value));
        }
        name += &self.place(instance, first.key);
        let params = moved.iter().filter(|open| !open.in_scene);
        let mut changes: Vec<Change> =
            params.map(|open| Change::Param(open.key, [open.first, open.value])).collect();
        if let (Some(slot), Some(before)) = (self.edited(), before) {
            let both = [*before, instance.scenes()[slot].clone()];
            changes.extend((both[0] != both[1]).then(|| Change::Scene(slot, Box::new(both))));
        }
        self.history.record(Edit { name, changes }, Thread::Alone);
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
        let is_held = |change: &Change| match change {
            Change::Param(key, _) => self.held(*key).is_some(),
            Change::Scene(..) => self.open.iter().any(|open| open.in_scene),
            _ => false,
        };
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

    /// The balances A and B.
    pub fn compared(&self, instance: &dyn Instance) -> [MixSettings; 2] {
        let live = balance(instance);
        let other = self.compare.other.unwrap_or(live);
        if self.compare.is_b { [other, live] } else { [live, other] }
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
            Change::Scene(slot, both) => instance.scenes()[*slot] != both[1],
            Change::SceneOrder(both) => instance.scene_order() != both[1],
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
        let mut scenes = instance.scenes();
        let (mut is_renamed, mut is_staged) = (false, false);
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
                Change::Scene(slot, both) => {
                    scenes[*slot] = both[1].clone();
                    is_staged = true;
                }
                Change::SceneOrder(both) => instance.set_scene_order(both[1]),
            }
        }
        if is_renamed {
            instance.set_stems(stems);
        }
        if is_staged {
            instance.set_scenes(scenes);
            self.look(instance);
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
