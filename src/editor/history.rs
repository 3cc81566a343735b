//! What the hands did, so that it can be undone.

use super::gestures::Instance;
use crate::model::document::StemInfo;
use crate::model::learned::LearnedBalance;
use crate::model::limits::{ParamKey, SCENES, STEMS, StripParam};
use crate::model::scene::Scene;
use crate::model::settings::MixSettings;
use crate::model::text;

/// So many edits can be undone.
const DEPTH: usize = 200;
/// Steps on one value that follow each other this fast are one edit.
const TOGETHER_S: f64 = 1.0;

/// One thing that was one way and is another.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// A parameter's value.
    Param(ParamKey, [f32; 2]),
    /// Name, colour, role and group of the stem with this index.
    Stem(usize, Box<[StemInfo; 2]>),
    /// The order the stems are shown in.
    Order(Box<[[usize; STEMS]; 2]>),
    /// A and B changed places.
    Compare,
    /// The balance that waits behind A or B; none where it is as the live one was at first.
    Waiting(Box<[Option<MixSettings>; 2]>),
    /// The learned balance.
    Learned(Box<[Option<LearnedBalance>; 2]>),
    /// The scene at this place (0 to 7).
    Scene(usize, Box<[Scene; 2]>),
    /// The order the scenes are shown in.
    SceneOrder(Box<[[usize; SCENES]; 2]>),
}

impl Change {
    fn reversed(&self) -> Self {
        match self.clone() {
            Self::Param(key, [from, to]) => Self::Param(key, [to, from]),
            Self::Stem(stem, both) => {
                let [from, to] = *both;
                Self::Stem(stem, Box::new([to, from]))
            }
            Self::Order(both) => {
                let [from, to] = *both;
                Self::Order(Box::new([to, from]))
            }
            Self::Compare => Self::Compare,
            Self::Waiting(both) => {
                let [from, to] = *both;
                Self::Waiting(Box::new([to, from]))
            }
            Self::Learned(both) => {
                let [from, to] = *both;
                Self::Learned(Box::new([to, from]))
            }
            Self::Scene(slot, both) => {
                let [from, to] = *both;
                Self::Scene(slot, Box::new([to, from]))
            }
            Self::SceneOrder(both) => {
                let [from, to] = *both;
                Self::SceneOrder(Box::new([to, from]))
            }
        }
    }

    fn is_nothing(&self) -> bool {
        match self {
            Self::Param(_, [from, to]) => from == to,
            Self::Stem(_, both) => both[0] == both[1],
            Self::Order(both) => both[0] == both[1],
            Self::Compare => false,
            Self::Waiting(both) => both[0] == both[1],
            Self::Learned(both) => both[0] == both[1],
            Self::Scene(_, both) => both[0] == both[1],
            Self::SceneOrder(both) => both[0] == both[1],
        }
    }
}

/// Which edits grow together into one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Thread {
    /// None.
    Alone,
    /// Steps on one value, the last at this time.
    Steps(ParamKey, f64),
    /// What one stroke of this switch across the strips painted; its number.
    Stroke(u64, StripParam),
}

/// Something a person did, by its name.
#[derive(Clone, Debug, PartialEq)]
pub struct Edit {
    /// Such as "Bass fader -3.0 dB".
    pub name: String,
    /// What it wrote, in order.
    pub changes: Vec<Change>,
}

impl Edit {
    /// The same back to front.
    pub fn reversed(&self) -> Self {
        Self { name: self.name.clone(), changes: self.changes.iter().rev().map(Change::reversed).collect() }
    }
}

/// All that was done, and what of it was undone.
#[derive(Debug)]
pub struct History {
    done: Vec<Edit>,
    undone: Vec<Edit>,
    /// Of the last edit.
    thread: Thread,
}

impl Default for History {
    fn default() -> Self {
        Self { done: Vec::new(), undone: Vec::new(), thread: Thread::Alone }
    }
}

impl History {
    /// Remembers an edit, or lets the last one grow by it.
    pub fn record(&mut self, edit: Edit, thread: Thread) {
        let is_same = match (self.thread, thread) {
            (Thread::Steps(a, then), Thread::Steps(b, now)) => a == b && now - then <= TOGETHER_S,
            (Thread::Stroke(a, _), Thread::Stroke(b, _)) => a == b,
            _ => false,
        };
        self.thread = thread;
        self.undone.clear();
        match self.done.last_mut().filter(|_| is_same) {
            Some(last) => {
                last.name = match thread {
                    Thread::Stroke(_, param) => {
                        format!("{} of {} stems", param.spec().name, last.changes.len() + 1)
                    }
                    _ => edit.name,
                };
                let is_stroke = matches!(thread, Thread::Stroke(..));
                match (&mut last.changes[..], &edit.changes[..]) {
                    _ if is_stroke => last.changes.extend(edit.changes),
                    ([Change::Param(a, [_, to])], [Change::Param(b, [_, new])]) if a == b => *to = *new,
                    ([Change::Scene(a, both)], [Change::Scene(b, new)]) if a == b => {
                        both[1] = new[1].clone();
                    }
                    _ => last.changes.extend(edit.changes),
                }
            }
            None => {
                self.done.push(edit);
                if self.done.len() > DEPTH {
                    self.done.remove(0);
                }
            }
        }
        // Steps that led back are no edit, and what follows must not grow onto the one before.
        if self.done.pop_if(|last| last.changes.iter().all(Change::is_nothing)).is_some() {
            self.thread = Thread::Alone;
        }
    }

    /// What an undo would undo.
    pub fn to_undo(&self) -> Option<&str> {
        self.done.last().map(|edit| edit.name.as_str())
    }

    /// What a redo would redo.
    pub fn to_redo(&self) -> Option<&str> {
        self.undone.last().map(|edit| edit.name.as_str())
    }

    /// Takes the last edit back: it is to be applied reversed.
    pub fn undo(&mut self) -> Option<Edit> {
        self.thread = Thread::Alone;
        let edit = self.done.pop()?;
        self.undone.push(edit.clone());
        Some(edit.reversed())
    }

    /// The edit that was undone last: it is to be applied again.
    pub fn redo(&mut self) -> Option<Edit> {
        self.thread = Thread::Alone;
        let edit = self.undone.pop()?;
        self.done.push(edit.clone());
        Some(edit)
    }

    /// What follows is an edit of its own.
    pub fn pause(&mut self) {
        self.thread = Thread::Alone;
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

/// An edit of one parameter in words, such as "Bass fader -3.0 dB".
pub fn words(instance: &dyn Instance, key: ParamKey, value: f32) -> String {
    let spec = key.spec();
    let value = text::format(&spec, value);
    match key {
        ParamKey::Mix(_) => format!("{} {value}", spec.name),
        ParamKey::Group(..) => format!("{} {} {value}", key.group(), spec.name.to_lowercase()),
        ParamKey::Stem(stem, _) => {
            format!("{} {} {value}", instance.stems()[stem].label(stem), spec.name.to_lowercase())
        }
    }
}
