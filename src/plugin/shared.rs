//! What one instance's parts share: the export that faces the host, the plugin inside the framework,
//! and the editor.
//!
//! The framework makes the plugin by `Plugin::default()`, so nothing can be passed in. The export lays
//! its `Shared` in a thread-local for the length of that one call and `default()` takes it from there.
//! Both run on the same thread; afterwards each holds an `Arc`, and no thread-local is touched on the
//! audio thread.

// Locks are for the main and the editor's thread; the audio thread touches the atomics alone.
#![allow(clippy::disallowed_types)]

use super::params::HostParams;
use super::studying::{Desk, Student};
use super::transport::TransportCell;
use crate::editor::gestures::Said;
use crate::model::document::{Document, DocumentError, Loaded, StemInfo};
use crate::model::layers::Layers;
use crate::model::learned::{Fingerprint, LearnedBalance, Summary};
use crate::model::limits::{MixParam, ParamKey, Role, SCENES, STEMS};
use crate::model::scene::Scene;
use crate::model::settings::MixSettings;
use crate::model::view::View;
use crate::presets::{Folder, PresetError};
use crate::share::Readings;
use crate::sync::{AuditionWish, Meters, Monitor, MonitorWish, Newest};
use atomic_float::AtomicF32;
use parking_lot::{Mutex, RwLock};
use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::*};

/// A parameter edit that an export takes to its host.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Edit {
    /// A gesture begins.
    Begin,
    /// A new value, 0 to 1.
    Set(f32),
    /// The gesture is over.
    End,
}

/// Calls into the host. None is for the audio thread.
pub trait HostCalls: Send + Sync {
    /// The project must be saved: something changed that is no parameter.
    fn mark_dirty(&self);
    /// Parameter titles changed, or the scenes' names.
    fn titles_changed(&self);
    /// Several edits that are one begin (true) or are over, where the host knows groups.
    fn group(&self, _begins: bool) {}
    /// Takes an edit to the host; false where the framework is to do it.
    fn edit(&self, key: ParamKey, edit: Edit) -> bool;
}

/// What is saved beside the parameters.
struct Info {
    stems: [StemInfo; STEMS],
    order: [usize; STEMS],
    scenes: [Scene; SCENES],
    scene_order: [usize; SCENES],
    view: View,
    learned: Option<LearnedBalance>,
}

impl Info {
    fn of(document: Document) -> Self {
        let Document { stems, order, scenes, scene_order, view, learned, mix: _, learning: _ } = document;
        Self { stems, order, scenes, scene_order, view, learned }
    }

    /// As a document, in which nobody learns.
    fn with(&self, mix: MixSettings) -> Document {
        let Self { stems, order, scenes, scene_order, view, learned } = self;
        Document {
            mix,
            stems: stems.clone(),
            order: *order,
            scenes: scenes.clone(),
            scene_order: *scene_order,
            view: *view,
            learned: learned.clone(),
            learning: false,
        }
    }
}

/// One instance's shared state.
pub struct Shared {
    /// The host's parameters.
    pub params: Arc<HostParams>,
    /// What the audio thread measures.
    pub meters: Arc<Meters>,
    /// What whoever listens has asked for.
    pub monitor: MonitorWish,
    /// Scenes, groups and the like for the audio thread. Written with `info`.
    pub layers: Newest<{ Layers::NUMBERS }>,
    /// What somebody compares with. Written by the editor.
    pub audition: AuditionWish,
    /// The transport of the block at hand.
    pub transport: TransportCell,
    /// Where a song is recorded and studied.
    pub desk: Desk,
    /// All that sounds, when somebody began to record. Written by the editor.
    recorded: Mutex<Option<Document>>,
    /// Bit k: input k is active and has memory. Written by the export right before it calls the
    /// plugin's `process`, read inside that call, on the same thread.
    connected: AtomicU32,
    /// Bit k: the host promises silence on input k. As `connected`.
    silent: AtomicU32,
    /// Even while the parameters are at rest, odd while a state is being loaded. Written by the thread
    /// that loads, read by the audio thread.
    revision: AtomicU32,
    /// Set by the audio thread when it contained a panic of ours, cleared on activation.
    fault: AtomicBool,
    /// Written at activation, read by the editor, which draws curves for it.
    sample_rate_hz: AtomicF32,
    /// The host renders faster or slower than anyone listens. Written by the export on the main thread, read
    /// by the audio thread.
    offline: AtomicBool,
    /// What the learned balance adds to each stem's level, in dB. Written with `info`, read by the audio thread.
    learned_db: [AtomicF32; STEMS],
    info: RwLock<Info>,
    notices: RwLock<Option<Said>>,
    host_name: RwLock<String>,
    host: Mutex<Option<Arc<dyn HostCalls>>>,
}

fn same_names(a: &[StemInfo; STEMS], b: &[StemInfo; STEMS]) -> bool {
    a.iter().map(|s| &s.name).eq(b.iter().map(|s| &s.name))
}

fn scene_names(scenes: &[Scene; SCENES]) -> [&str; SCENES] {
    scenes.each_ref().map(|scene| scene.name.as_str())
}

thread_local! { static NEXT: RefCell<Option<Arc<Shared>>> = const { RefCell::new(None) }; }

impl Shared {
    /// A fresh instance's state.
    pub fn new() -> Arc<Self> {
        let meters = Arc::new(Meters::default());
        Arc::new(Self {
            params: Arc::new(HostParams::default()),
            desk: Desk::new(meters.clone()),
            recorded: Mutex::new(None),
            meters,
            monitor: MonitorWish::default(),
            layers: Newest::default(),
            audition: AuditionWish::default(),
            transport: TransportCell::default(),
            connected: AtomicU32::new(u32::MAX),
            silent: AtomicU32::new(0),
            revision: AtomicU32::new(0),
            fault: AtomicBool::new(false),
            sample_rate_hz: AtomicF32::new(48_000.0),
            offline: AtomicBool::new(false),
            learned_db: Default::default(),
            info: RwLock::new(Info::of(Document::default())),
            notices: RwLock::new(None),
            host_name: RwLock::new(String::new()),
            host: Mutex::new(None),
        })
    }

    /// Runs `make` (the framework's constructor): the plugin it makes gets this state.
    pub fn hand_to<R>(self: &Arc<Self>, make: impl FnOnce() -> R) -> R {
        struct Clear;
        impl Drop for Clear {
            fn drop(&mut self) {
                NEXT.take();
            }
        }
        let _clear = Clear; // also when `make` panics
        NEXT.set(Some(self.clone()));
        make()
    }

    /// For `Plugin::default()`: the state laid out by an export, or a lonely one.
    pub fn current() -> Arc<Self> {
        NEXT.take().unwrap_or_else(Self::new)
    }

    /// Export: what the block at hand has connected, and what of it is silent.
    pub fn set_inputs(&self, connected: u32, silent: u32) {
        self.connected.store(connected, Relaxed);
        self.silent.store(silent, Relaxed);
    }

    /// Audio thread: `(connected, silent)` of the block at hand.
    pub fn inputs(&self) -> (u32, u32) {
        (self.connected.load(Relaxed), self.silent.load(Relaxed))
    }

    /// Audio thread: a number that is odd while a state is being loaded and new afterwards.
    pub fn revision(&self) -> u32 {
        self.revision.load(Acquire)
    }

    /// Whether a panic of ours was contained since the last activation.
    pub fn has_fault(&self) -> bool {
        self.fault.load(Relaxed)
    }

    /// See [`Self::has_fault`].
    pub fn set_fault(&self, fault: bool) {
        self.fault.store(fault, Relaxed);
    }

    /// The instance as it would be saved.
    pub fn document(&self) -> Document {
        let info = self.info.read(); // held, so that no state is loaded meanwhile
        let learning = self.meters.loudness().is_learning();
        Document { learning, ..info.with(self.params.settings()) }
    }

    /// Takes over a saved document. `set` must store the plain value of the parameter at a place of the
    /// host's list; it is called for every one. What had to be left out is kept for [`Self::notices`], as is the reason for a refusal.
    ///
    /// # Errors
    /// Where the bytes are no document of ours; then nothing changes but the notices.
    pub fn load(&self, bytes: &[u8], set: impl Fn(usize, f32)) -> Result<(), DocumentError> {
        let loaded = Document::from_json(bytes).inspect_err(|refusal| {
            *self.notices.write() = Some(Said {
                head: "A saved state was refused, and all is as it was.".to_owned(),
                remarks: vec![format!("{refusal}.")],
            });
        })?;
        self.take(loaded, set);
        Ok(())
    }

    /// Begins with what was chosen for new instances, if anything was. `set` as for [`Self::load`].
    pub fn begin(&self, set: impl Fn(usize, f32)) {
        match Folder::usual().and_then(|folder| folder.load_default()) {
            Ok(Some(mut loaded)) => {
                // How the next project is routed the last one cannot know.
                for param in MixParam::ALL.into_iter().filter(|param| param.is_routing()) {
                    loaded.document.mix.set(ParamKey::Mix(param), param.spec().default);
                }
                // That was another song.
                (loaded.document.learned, loaded.document.learning) = (None, false);
                self.take(loaded, set);
            }
            Ok(None) | Err(PresetError::NoFolder) => {}
            Err(error) => {
                *self.notices.write() = Some(Said {
                    head: "The default for new instances is not used.".to_owned(),
                    remarks: vec![format!("{error}.")],
                });
            }
        }
    }

    fn take(&self, loaded: Loaded, set: impl Fn(usize, f32)) {
        *self.notices.write() = (!loaded.notices.is_empty()).then_some(Said {
            head: "The balance was loaded, but not quite as it was saved.".to_owned(),
            remarks: loaded.notices,
        });
        let (mix, learning) = (loaded.document.mix, loaded.document.learning);
        self.desk.forget(); // that was another song
        let mut info = self.info.write(); // held, so that loads and saves take turns
        // Odd: the audio thread keeps its balance until all of the new one is there.
        self.revision.fetch_add(1, AcqRel);
        for (at, key) in ParamKey::all().enumerate() {
            set(at, super::params::plain(&key.spec(), mix.get(key)));
        }
        self.meters.forget();
        let old = std::mem::replace(&mut *info, Info::of(loaded.document));
        self.sound_learned(&info.learned);
        self.sound_layers(&info);
        self.meters.loudness().learn(learning);
        self.revision.fetch_add(1, AcqRel);
        let renamed =
            !same_names(&old.stems, &info.stems) || scene_names(&old.scenes) != scene_names(&info.scenes);
        drop(info); // the host may call back
        if renamed {
            self.host(|h| h.titles_changed());
        }
    }

    /// What there is to say of the state that was loaded last.
    pub fn notices(&self) -> Option<Said> {
        self.notices.read().clone()
    }

    /// Forgets the notices.
    pub fn dismiss_notices(&self) {
        *self.notices.write() = None;
    }

    /// Names, colours and roles.
    pub fn stems(&self) -> [StemInfo; STEMS] {
        self.info.read().stems.clone()
    }

    /// Editor: replaces names, colours and roles.
    pub fn set_stems(&self, stems: [StemInfo; STEMS]) {
        let mut info = self.info.write();
        let old = std::mem::replace(&mut info.stems, stems.clone());
        self.sound_layers(&info);
        drop(info);
        if !same_names(&old, &stems) {
            self.host(|h| h.titles_changed());
        }
        self.host(|h| h.mark_dirty());
    }

    /// The stems in the order they are shown.
    pub fn order(&self) -> [usize; STEMS] {
        self.info.read().order
    }

    /// Editor: changes the order the stems are shown in.
    pub fn set_order(&self, order: [usize; STEMS]) {
        self.info.write().order = order;
        self.host(|h| h.mark_dirty());
    }

    /// Editor: begins to record, or ends it.
    pub fn record(&self, on: bool) {
        if on {
            if let Some(student) = self.student() {
                self.desk.employ(student);
            }
        } else {
            self.desk.end();
        }
    }

    /// Begins to record for whoever studies it by themselves, without a thread of ours. `None` while a recording runs.
    pub fn student(&self) -> Option<Student> {
        let document = self.document();
        let is_lead = document.stems.each_ref().map(|stem| stem.role == Role::Lead);
        let student = self.desk.student(self.sample_rate_hz(), is_lead)?;
        *self.recorded.lock() = Some(document);
        Some(student)
    }

    /// What mix and stems measured in the last recording, where all that sounds is as it was when that began.
    pub fn readings(&self) -> Option<Readings> {
        let mut now = self.document();
        let then = self.recorded.lock().clone()?;
        (now.view, now.learning, now.order) = (then.view, then.learning, then.order);
        let mut readings = self.desk.readings().filter(|_| now == then)?;
        for (stem, (figures, info)) in readings.stems.iter_mut().zip(&self.info.read().stems).enumerate() {
            figures.name = info.label(stem);
        }
        Some(readings)
    }

    /// The balance learned of the song.
    pub fn learned(&self) -> Option<LearnedBalance> {
        self.info.read().learned.clone()
    }

    /// Replaces it: by the editor, or by whoever has learned.
    pub fn set_learned(&self, learned: Option<LearnedBalance>) {
        self.sound_learned(&learned);
        let mut info = self.info.write();
        info.learned = learned;
        self.sound_layers(&info);
        drop(info);
        self.host(|h| h.mark_dirty());
    }

    /// Listener: a song was learned, unless another state than that of `revision` was loaded meanwhile. What was
    /// made of another one stays until somebody decides. The host is not told, which is for the editor's thread
    /// alone: the editor has done so when learning began and ended.
    pub fn keep_song(&self, song: Summary, revision: u32) {
        let settings = self.params.settings();
        let mut info = self.info.write(); // held, so that no state is loaded meanwhile
        if self.revision() != revision {
            return;
        }
        let learned = info.learned.get_or_insert_default();
        for (stem, strip) in learned.stems.iter_mut().zip(&settings.stems) {
            stem.fingerprint = Some(Fingerprint::of(strip));
        }
        learned.song = Some(song);
        self.sound_layers(&info);
    }

    /// The scenes A to H.
    pub fn scenes(&self) -> [Scene; SCENES] {
        self.info.read().scenes.clone()
    }

    /// Editor: replaces them. They sound at once, and the host is to save them.
    pub fn set_scenes(&self, scenes: [Scene; SCENES]) {
        let mut info = self.info.write();
        let old = std::mem::replace(&mut info.scenes, scenes);
        self.sound_layers(&info);
        let renamed = scene_names(&old) != scene_names(&info.scenes);
        drop(info);
        if renamed {
            self.host(|h| h.titles_changed());
        }
        self.host(|h| h.mark_dirty());
    }

    /// The scenes in the order they are shown.
    pub fn scene_order(&self) -> [usize; SCENES] {
        self.info.read().scene_order
    }

    /// Editor: changes that order.
    pub fn set_scene_order(&self, order: [usize; SCENES]) {
        self.info.write().scene_order = order;
        self.host(|h| h.mark_dirty());
    }

    /// Lets the audio thread hear of scenes, groups, roles and what was learned; `info` is held for writing.
    fn sound_layers(&self, info: &Info) {
        self.layers.set(info.with(MixSettings::default()).layers().numbers());
    }

    /// Lets the audio thread hear of it.
    fn sound_learned(&self, learned: &Option<LearnedBalance>) {
        for (stem, to) in self.learned_db.iter().enumerate() {
            to.store(learned.as_ref().map_or(0.0, |learned| learned.stems[stem].sounding_db()), Relaxed);
        }
    }

    /// Audio thread: what the learned balance adds to each stem's level, in dB.
    pub fn learned_db(&self) -> [f32; STEMS] {
        self.learned_db.each_ref().map(|db| db.load(Relaxed))
    }

    /// How the editor was left.
    pub fn view(&self) -> View {
        self.info.read().view
    }

    /// Editor: remembers how it is left.
    pub fn set_view(&self, view: View) {
        let old = std::mem::replace(&mut self.info.write().view, view);
        if old != view {
            self.host(|h| h.mark_dirty());
        }
    }

    /// Whether the host renders, and nobody listens.
    pub fn is_offline(&self) -> bool {
        self.offline.load(Relaxed)
    }

    /// Export: see [`Self::is_offline`].
    pub fn set_offline(&self, offline: bool) {
        self.offline.store(offline, Relaxed);
    }

    /// What the host calls itself; empty where it does not say.
    pub fn host_name(&self) -> String {
        self.host_name.read().clone()
    }

    /// Export: what the host calls itself.
    pub fn set_host_name(&self, name: &str) {
        *self.host_name.write() = name.to_owned();
    }

    /// The editor is gone, and with it what was asked for whoever looks and listens. For any thread.
    pub fn leave_editor(&self) {
        self.monitor.set(Monitor::default());
        self.audition.set(None);
        self.meters.scope().look_at(None);
        self.meters.loudness().stem_peak().ask(None);
        self.meters.probe().watch(false);
    }

    /// Rate of the sound, in Hz.
    pub fn sample_rate_hz(&self) -> f64 {
        f64::from(self.sample_rate_hz.load(Relaxed))
    }

    /// Main thread: the plugin was activated at this rate.
    pub fn set_sample_rate(&self, hz: f64) {
        let old = self.sample_rate_hz.swap(hz as f32, Relaxed);
        if old != hz as f32 {
            self.desk.end(); // what follows is of another rate
        }
    }

    /// A parameter's title as the host is to show it: `Stem 03 Fader` becomes
    /// `Stem 03 Fader - Lead Vox` once stem 3 has a name. `None` where the plain name stands.
    pub fn title(&self, key: ParamKey) -> Option<String> {
        let ParamKey::Stem(stem, _) = key else { return None };
        let name = self.info.read().stems[stem].name.clone();
        (!name.is_empty()).then(|| format!("{} - {name}", key.name()))
    }

    /// A value as the host is to show it: the scene by its letter and name. `None` where the plain text stands.
    pub fn value_text(&self, key: ParamKey, normalised: f64) -> Option<String> {
        let ParamKey::Mix(MixParam::Scene) = key else { return None };
        let slot = ((normalised * SCENES as f64).round() as usize).checked_sub(1)?;
        let scenes = &self.info.read().scenes;
        scenes.get(slot).filter(|scene| !scene.name.is_empty()).map(|scene| scene.label(slot))
    }

    /// The value, 0 to 1, of a text that names a scene. `None` where it is to be read as usual.
    pub fn text_value(&self, key: ParamKey, typed: &str) -> Option<f64> {
        let ParamKey::Mix(MixParam::Scene) = key else { return None };
        let is_meant = |text: &str| text.eq_ignore_ascii_case(typed.trim());
        let scenes = &self.info.read().scenes;
        let slot = scenes.iter().enumerate().position(|(slot, scene)| {
            !scene.name.is_empty() && (is_meant(&scene.name) || is_meant(&scene.label(slot)))
        });
        slot.map(|slot| (slot + 1) as f64 / SCENES as f64)
    }

    /// Export: who is to be told of what changes here.
    pub fn set_host(&self, host: Option<Arc<dyn HostCalls>>) {
        let old = std::mem::replace(&mut *self.host.lock(), host);
        drop(old); // outside the lock: letting go of a host object may call back
    }

    /// Calls the host, if there is one. Not for the audio thread.
    pub fn host<R>(&self, call: impl FnOnce(&dyn HostCalls) -> R) -> Option<R> {
        let host = self.host.lock().clone(); // not held during the call: the host may call back
        host.map(|h| call(&*h))
    }
}
