//! Our VST3 entry points over the framework's public `Wrapper<P>`: a COM class that owns the wrapper
//! and forwards every interface it has.
//!
//! What we do ourselves: the block repair around `process`, which makes all sixteen inputs sound (the
//! framework bounds the input index by the number of outputs); automation points and the splitting of
//! blocks at them (the framework wakes a thread for every point); state (the document, see
//! `Shared::load`); parameter titles with the stems' names; bus arrangements; bounds of every getter;
//! edits from our editor.
//!
//! Soundness: every method has the contract of its VST3 interface: pointers are valid for the call,
//! threads as documented. What is forwarded unchanged keeps that contract.

// One of the two files that face the host's raw pointers.
#![allow(unsafe_code)]
// VST3's own spelling.
#![allow(non_snake_case)]
// The one lock is taken by `process` with `try_lock`, and by `setupProcessing`, which never run together.
#![allow(clippy::disallowed_types)]
// The interfaces' documentation says what each method needs.
#![allow(clippy::missing_safety_doc)]

use super::Stemwright as P;
use super::block_repair::{BlockRepair, HostBus};
use super::export_clap::{apply, set_plain};
use super::params::HostParams;
use super::points::{Change, Points};
use super::shared::{Edit, HostCalls, Shared};
use super::transport::Transport;
use crate::model::document::MAX_BYTES;
use crate::model::limits::{ParamKey, STEMS};
use nice_plug::wrapper::vst3::vst3::Steinberg::Vst::ChannelContext::{IInfoListener, IInfoListenerTrait};
use nice_plug::wrapper::vst3::vst3::Steinberg::Vst::{CString, *};
use nice_plug::wrapper::vst3::vst3::Steinberg::*;
use nice_plug::wrapper::vst3::vst3::{Class, ComPtr, ComRef, ComWrapper};
use nice_plug::wrapper::vst3::{PluginInfo, Wrapper};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::ffi::c_void;
use std::mem::zeroed;
use std::ptr::null_mut;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};

const AUDIO: MediaType = MediaTypes_::kAudio as MediaType;
const INPUT: BusDirection = BusDirections_::kInput as BusDirection;
const OUTPUT: BusDirection = BusDirections_::kOutput as BusDirection;

/// The arrays handed to the framework for one block, kept so that no large stack frame is cleared.
struct Block {
    repair: BlockRepair,
    inputs: [AudioBusBuffers; STEMS],
    /// Only the first is a bus. The others are there because the framework bounds the *input* index by
    /// `numOutputs`, which therefore has to say sixteen.
    outputs: [AudioBusBuffers; STEMS],
    points: Points,
}
// SAFETY: the pointers inside are written and used only within one `process` call, under the mutex.
unsafe impl Send for Block {}

/// One instance.
pub struct Component {
    wrapper: Wrapper<P>,
    shared: Arc<Shared>,
    /// The parameters' ids in the order of the host's list, and their places in it by id.
    ids: Arc<[ParamID]>,
    by_id: HashMap<ParamID, usize>,
    /// Bit k: the host has input bus k active. All are, until it says otherwise (`kDefaultActive`).
    active: AtomicU32,
    /// Between `setActive(1)` and `setActive(0)`; before, nothing can sound. Written by the main thread,
    /// read by the audio thread.
    is_active: AtomicBool,
    /// Between `setProcessing(1)` and `setProcessing(0)`. Written by either, read by the main thread.
    is_processing: AtomicBool,
    block: Mutex<Block>,
}

impl Class for Component {
    type Interfaces = (
        IComponent,
        IEditController,
        IAudioProcessor,
        IMidiMapping,
        INoteExpressionController,
        IProcessContextRequirements,
        IUnitInfo,
        IInfoListener,
    );
}

impl Default for Component {
    fn default() -> Self {
        let shared = Shared::new();
        let wrapper = shared.hand_to(Wrapper::new);
        shared.begin(|at, value| set_plain(&shared.params, at, value));
        let ids: Arc<[ParamID]> = (0..ParamKey::COUNT)
            .map(|index| {
                // SAFETY: `index` is in range; `info` is plain data for which all zeros is a value.
                unsafe {
                    let mut info: ParameterInfo = zeroed();
                    wrapper.getParameterInfo(index as int32, &mut info);
                    info.id
                }
            })
            .collect();
        // SAFETY: plain data for which all zeros is a value.
        let none: AudioBusBuffers = unsafe { zeroed() };
        Self {
            by_id: ids.iter().enumerate().map(|(at, id)| (*id, at)).collect(),
            wrapper,
            shared,
            ids,
            active: AtomicU32::new(u32::MAX),
            is_active: AtomicBool::new(false),
            is_processing: AtomicBool::new(false),
            block: Mutex::new(Block {
                repair: BlockRepair::default(),
                inputs: [none; STEMS],
                outputs: [none; STEMS],
                points: Points::default(),
            }),
        }
    }
}

impl Component {
    /// The instance's shared state, for tests; the plugin gets it from [`Shared::current`].
    pub fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Reads the automation of a block of `frames`.
    ///
    /// SAFETY: `changes` is null or the host's, alive for this call.
    unsafe fn read_points(&self, changes: *mut IParameterChanges, frames: usize, points: &mut Points) {
        points.clear(frames);
        // SAFETY: by the caller's word, here and for every queue the list hands out.
        let Some(changes) = (unsafe { ComRef::from_raw(changes) }) else { return };
        for q in 0..unsafe { changes.getParameterCount() } {
            // SAFETY: as above.
            let Some(queue) = (unsafe { ComRef::from_raw(changes.getParameterData(q)) }) else { continue };
            // SAFETY: as above.
            let Some(&index) = self.by_id.get(&unsafe { queue.getParameterId() }) else { continue };
            for i in 0..unsafe { queue.getPointCount() } {
                let (mut at, mut value) = (0, f64::NAN);
                // SAFETY: as above; both are ours to be written.
                if unsafe { queue.getPoint(i, &mut at, &mut value) } != kResultOk || !value.is_finite() {
                    continue;
                }
                let change = Change::Value(value.clamp(0.0, 1.0) as f32);
                if let Some(early) = points.push(i64::from(at), index, change) {
                    apply(&self.shared.params, early.param, early.change);
                }
            }
        }
        points.sort();
    }

    /// Applies all that is left of a block's automation.
    fn apply_rest(&self, points: &mut Points) {
        while let Some(point) = points.take_until(usize::MAX) {
            apply(&self.shared.params, point.param, point.change);
        }
    }

    fn bus_exists(&self, media: MediaType, dir: BusDirection, index: int32) -> bool {
        // SAFETY: takes no pointer.
        index >= 0 && index < unsafe { self.wrapper.getBusCount(media, dir) }
    }
}

/// Calls the host through its component handler, from whichever thread there is something to say on:
/// the main thread when a state is loaded, the editor's otherwise.
struct Handler {
    first: ComPtr<IComponentHandler>,
    second: Option<ComPtr<IComponentHandler2>>,
    ids: Arc<[ParamID]>,
    /// Held here, as an editor may outlive the component.
    params: Arc<HostParams>,
}
// SAFETY: COM reference counting is atomic. The framework, too, calls this object from the editor's thread
// for edits; on X11 that is a thread of the window's own, and hosts that need theirs defer by themselves.
unsafe impl Send for Handler {}
// SAFETY: as above.
unsafe impl Sync for Handler {}

impl HostCalls for Handler {
    fn mark_dirty(&self) {
        if let Some(h) = &self.second {
            // SAFETY: we hold a reference, so the object lives.
            unsafe { h.setDirty(1) };
        }
    }

    fn group(&self, begins: bool) {
        if let Some(h) = &self.second {
            // SAFETY: as above.
            unsafe { if begins { h.startGroupEdit() } else { h.finishGroupEdit() } };
        }
    }

    fn titles_changed(&self) {
        // SAFETY: as above.
        unsafe { self.first.restartComponent(RestartFlags_::kParamTitlesChanged) };
    }

    fn edit(&self, key: ParamKey, edit: Edit) -> bool {
        let index = key.index();
        let Some(&id) = self.ids.get(index) else { return false };
        // SAFETY: as above.
        unsafe {
            match edit {
                Edit::Begin => self.first.beginEdit(id),
                Edit::Set(value) => {
                    // At once: some hosts stop processing without a word, and the value that others
                    // hand back with the next block is the same.
                    apply(&self.params, index, Change::Value(value));
                    self.first.performEdit(id, f64::from(value))
                }
                Edit::End => self.first.endEdit(id),
            };
        }
        true
    }
}

macro_rules! forward {
    ($class:ident.$to:ident: $tr:ident { $( $f:ident ( $($a:ident : $t:ty),* ) -> $r:ty ; )* } $($own:item)*) => {
        impl $tr for $class {
            $( unsafe fn $f(&self, $($a: $t),*) -> $r {
                // SAFETY: the same contract, passed on.
                unsafe { $tr::$f(&self.$to, $($a),*) }
            } )*
            $($own)*
        }
    };
    ($tr:ident { $($forwarded:tt)* } $($own:item)*) => {
        forward!(Component.wrapper: $tr { $($forwarded)* } $($own)*);
    };
}

forward!(IPluginBaseTrait { }
    unsafe fn initialize(&self, context: *mut FUnknown) -> tresult {
        // SAFETY: null or the host's, alive for this call.
        if let Some(host) = unsafe { ComRef::from_raw(context) }.and_then(|c| c.cast::<IHostApplication>()) {
            let mut name: String128 = [0; 128];
            // SAFETY: the name is ours to be written.
            if unsafe { host.getName(&mut name) } == kResultOk {
                let units: Vec<u16> = name.into_iter().take_while(|unit| *unit != 0).collect();
                self.shared.set_host_name(&String::from_utf16_lossy(&units));
            }
        }
        // SAFETY: the same contract, passed on.
        unsafe { self.wrapper.initialize(context) }
    }
    unsafe fn terminate(&self) -> tresult {
        self.shared.set_host(None);
        // SAFETY: the same contract, passed on.
        unsafe { self.wrapper.terminate() }
    }
);

forward!(IComponentTrait {
    getControllerClassId(id: *mut TUID) -> tresult; setIoMode(m: IoMode) -> tresult;
    getBusCount(t: MediaType, d: BusDirection) -> int32;
    getRoutingInfo(a: *mut RoutingInfo, b: *mut RoutingInfo) -> tresult; }
    unsafe fn setActive(&self, state: TBool) -> tresult {
        // SAFETY: the same contract, passed on.
        let result = unsafe { self.wrapper.setActive(state) };
        self.is_active.store(state != 0 && result == kResultOk, Relaxed);
        result
    }
    unsafe fn getBusInfo(&self, media: MediaType, dir: BusDirection, index: int32, info: *mut BusInfo) -> tresult {
        if info.is_null() || !self.bus_exists(media, dir, index) {
            return kInvalidArgument; // the framework takes -1 for the first auxiliary
        }
        // SAFETY: the same contract, passed on; `info` is the host's to be written.
        unsafe {
            let result = self.wrapper.getBusInfo(media, dir, index, info);
            if result == kResultOk && media == AUDIO && dir == OUTPUT {
                write_utf16(&mut (*info).name, "Mix"); // the framework gives it the main input's name
            }
            result
        }
    }
    unsafe fn activateBus(&self, media: MediaType, dir: BusDirection, index: int32, state: TBool) -> tresult {
        if !self.bus_exists(media, dir, index) {
            return kInvalidArgument;
        }
        if media == AUDIO && dir == INPUT {
            let bit = 1 << index;
            if state != 0 { self.active.fetch_or(bit, Relaxed) } else { self.active.fetch_and(!bit, Relaxed) };
        }
        // SAFETY: the same contract, passed on.
        unsafe { self.wrapper.activateBus(media, dir, index, state) }
    }
    unsafe fn getState(&self, stream: *mut IBStream) -> tresult {
        // SAFETY: null or the host's, alive for this call.
        let Some(stream) = (unsafe { ComRef::from_raw(stream) }) else { return kInvalidArgument };
        let json = self.shared.document().to_json();
        let mut rest = json.as_bytes();
        while !rest.is_empty() {
            // Some hosts do not say how much they took: all of it, then.
            let mut taken = rest.len() as int32;
            // SAFETY: the stream reads no more than we say there is, and does not write to it.
            let result = unsafe { stream.write(rest.as_ptr() as *mut c_void, rest.len() as int32, &mut taken) };
            match usize::try_from(taken) {
                Ok(n) if result == kResultOk && n > 0 && n <= rest.len() => rest = &rest[n..],
                _ => return kResultFalse,
            }
        }
        kResultOk
    }
    unsafe fn setState(&self, stream: *mut IBStream) -> tresult {
        // SAFETY: null or the host's, alive for this call.
        let Some(stream) = (unsafe { ComRef::from_raw(stream) }) else { return kInvalidArgument };
        let mut bytes = Vec::new();
        let mut part = [0u8; 4096];
        while bytes.len() <= MAX_BYTES {
            let mut got = 0;
            // SAFETY: the stream writes no more than we ask for. Its result says nothing that `got` does
            // not: near the end, hosts differ in what they call success.
            unsafe { stream.read(part.as_mut_ptr().cast(), part.len() as int32, &mut got) };
            match usize::try_from(got) {
                Ok(n) if n > 0 && n <= part.len() => bytes.extend_from_slice(&part[..n]),
                _ => break,
            }
        }
        let params = &self.shared.params;
        match self.shared.load(&bytes, |at, value| set_plain(params, at, value)) {
            Ok(()) => kResultOk,
            Err(_) => kResultFalse,
        }
    }
);

forward!(IEditControllerTrait {
    setComponentState(s: *mut IBStream) -> tresult; setState(s: *mut IBStream) -> tresult; getState(s: *mut IBStream) -> tresult;
    getParameterCount() -> int32;
    normalizedParamToPlain(id: ParamID, v: ParamValue) -> ParamValue; plainParamToNormalized(id: ParamID, v: ParamValue) -> ParamValue;
    getParamNormalized(id: ParamID) -> ParamValue; }
    unsafe fn getParamStringByValue(&self, id: ParamID, value: ParamValue, text: *mut String128) -> tresult {
        let key = self.by_id.get(&id).and_then(|at| ParamKey::all().nth(*at));
        if let Some(words) = key.and_then(|key| self.shared.value_text(key, value)).filter(|_| !text.is_null()) {
            // SAFETY: the text is the host's to be written.
            write_utf16(unsafe { &mut *text }, &words);
            return kResultOk;
        }
        // SAFETY: the same contract, passed on.
        unsafe { self.wrapper.getParamStringByValue(id, value, text) }
    }
    unsafe fn getParamValueByString(&self, id: ParamID, text: *mut TChar, value: *mut ParamValue) -> tresult {
        let key = self.by_id.get(&id).and_then(|at| ParamKey::all().nth(*at));
        if let Some(key) = key.filter(|_| !text.is_null() && !value.is_null()) {
            // SAFETY: the text ends with a zero; no name of ours is longer than a String128.
            let units = (0..128).map(|at| unsafe { *text.add(at) }).take_while(|unit| *unit != 0);
            let typed = String::from_utf16_lossy(&units.collect::<Vec<_>>());
            if let Some(found) = self.shared.text_value(key, &typed) {
                // SAFETY: the value is the host's to be written.
                unsafe { *value = found };
                return kResultOk;
            }
        }
        // SAFETY: the same contract, passed on.
        unsafe { self.wrapper.getParamValueByString(id, text, value) }
    }
    unsafe fn createView(&self, name: FIDString) -> *mut IPlugView {
        // SAFETY: the same contract, passed on; the framework hands its reference over.
        let view = unsafe { self.wrapper.createView(name) };
        if cfg!(target_os = "linux") {
            // SAFETY: as above.
            let ours = unsafe { ComPtr::from_raw(view) }.and_then(View::around);
            ours.map_or(null_mut(), ComPtr::into_raw)
        } else {
            view
        }
    }
    unsafe fn getParameterInfo(&self, index: int32, info: *mut ParameterInfo) -> tresult {
        // The framework indexes out of bounds at `count`.
        let key = usize::try_from(index).ok().and_then(|i| ParamKey::all().nth(i));
        let Some(key) = key.filter(|_| !info.is_null()) else { return kInvalidArgument };
        // SAFETY: the same contract, passed on; `info` is the host's to be written.
        unsafe {
            let result = self.wrapper.getParameterInfo(index, info);
            if result == kResultOk && let Some(title) = self.shared.title(key) {
                write_utf16(&mut (*info).title, &title);
            }
            result
        }
    }
    unsafe fn setParamNormalized(&self, id: ParamID, value: ParamValue) -> tresult {
        let Some(&index) = self.by_id.get(&id).filter(|_| value.is_finite()) else { return kInvalidArgument };
        if !self.is_processing.load(Relaxed) {
            // Else it comes with the next block, at its frame.
            apply(&self.shared.params, index, Change::Value(value.clamp(0.0, 1.0) as f32));
        }
        kResultOk
    }
    unsafe fn setComponentHandler(&self, handler: *mut IComponentHandler) -> tresult {
        // SAFETY: null or the host's; we take a reference of our own.
        unsafe {
            let ours = ComRef::from_raw(handler).map(|h| {
                let first = h.to_com_ptr();
                let second = first.cast::<IComponentHandler2>();
                let (ids, params) = (self.ids.clone(), self.shared.params.clone());
                Arc::new(Handler { first, second, ids, params }) as Arc<dyn HostCalls>
            });
            self.shared.set_host(ours);
            self.wrapper.setComponentHandler(handler)
        }
    }
);

forward!(IAudioProcessorTrait {
    canProcessSampleSize(s: int32) -> tresult; getLatencySamples() -> uint32; }
    unsafe fn getTailSamples(&self) -> uint32 {
        // So that no host suspends us while the main input is silent and the auxiliaries play.
        kInfiniteTail
    }
    unsafe fn setBusArrangements(&self, ins: *mut SpeakerArrangement, num_ins: int32, outs: *mut SpeakerArrangement, num_outs: int32) -> tresult {
        // There is one layout, so nothing is stored. The framework does not look at the last bus.
        if num_ins < 0 || num_outs < 0 || (num_ins > 0 && ins.is_null()) || (num_outs > 0 && outs.is_null()) {
            return kInvalidArgument;
        }
        if num_ins as usize != STEMS || num_outs != 1 {
            return kResultFalse;
        }
        let stereo = |a: &SpeakerArrangement| a.count_ones() == 2;
        // SAFETY: the host passes arrays of the lengths it says.
        let all = unsafe { std::slice::from_raw_parts(ins, STEMS).iter().all(stereo) && stereo(&*outs) };
        if all { kResultOk } else { kResultFalse }
    }
    unsafe fn getBusArrangement(&self, dir: BusDirection, index: int32, arr: *mut SpeakerArrangement) -> tresult {
        if arr.is_null() || !self.bus_exists(AUDIO, dir, index) {
            return kInvalidArgument;
        }
        // SAFETY: the same contract, passed on.
        unsafe { self.wrapper.getBusArrangement(dir, index, arr) }
    }
    unsafe fn setProcessing(&self, state: TBool) -> tresult {
        self.is_processing.store(state != 0, Relaxed);
        // SAFETY: the same contract, passed on.
        unsafe { self.wrapper.setProcessing(state) }
    }
    unsafe fn setupProcessing(&self, setup: *mut ProcessSetup) -> tresult {
        // SAFETY: null or the host's, alive for this call.
        let Some(s) = (unsafe { setup.as_ref() }) else { return kInvalidArgument };
        if s.symbolicSampleSize != SymbolicSampleSizes_::kSample32 as int32 {
            return kResultFalse;
        }
        self.shared.set_offline(s.processMode == ProcessModes_::kOffline as int32);
        self.block.lock().repair.resize(s.maxSamplesPerBlock.max(0) as usize);
        // SAFETY: the same contract, passed on.
        unsafe { self.wrapper.setupProcessing(setup) }
    }
    unsafe fn process(&self, data: *mut ProcessData) -> tresult {
        // SAFETY: null or the host's, alive for this call.
        let Some(host) = (unsafe { data.as_ref() }) else { return kInvalidArgument };
        let mut d = *host;
        if d.numSamples < 0 || d.symbolicSampleSize != SymbolicSampleSizes_::kSample32 as int32 {
            return kInvalidArgument; // the framework would take a negative length for a huge one
        }
        // Free, unless a host calls `setupProcessing` at the same time, which it must not.
        let Some(mut block) = self.block.try_lock() else { return kResultFalse };
        let Block { repair, inputs, outputs, points } = &mut *block;
        let frames = d.numSamples as usize;
        let active = self.active.load(Relaxed);
        // SAFETY: the list is null or the host's.
        unsafe { self.read_points(d.inputParameterChanges, frames, points) };
        d.inputParameterChanges = null_mut();
        // SAFETY: null or the host's, alive for this call.
        let transport = unsafe { d.processContext.as_ref() }.map_or(Transport::default(), transport);
        d.processContext = null_mut(); // the framework is not asked where in the song we are
        let bus = |array: *const AudioBusBuffers, count: int32, k: usize, active: bool| {
            if frames > 0 && active && !array.is_null() && (k as int32) < count {
                // SAFETY: the host's arrays have the lengths it says.
                unsafe { read_bus(&*array.add(k)) }
            } else {
                HostBus::MISSING
            }
        };
        let ins = std::array::from_fn(|k| bus(d.inputs, d.numInputs, k, active >> k & 1 == 1));
        let out = bus(d.outputs, d.numOutputs, 0, true);
        if !self.is_active.load(Relaxed) && frames > 0 && d.numOutputs > 0 {
            self.apply_rest(points);
            return kResultFalse; // the framework would abort
        }
        if !repair.prepare(frames, &ins, &out) {
            // Nothing to write to: the host only hands parameters over.
            self.apply_rest(points);
            return kResultOk;
        }
        for &(from, to) in repair.copies() {
            // SAFETY: `from` is a channel of the host's with `frames` floats, `to` lies in our scratch.
            unsafe { std::ptr::copy_nonoverlapping(from, to, frames) };
        }
        self.shared.set_inputs(repair.connected, repair.silent);
        self.shared.transport.set(&transport);
        // SAFETY: `prepare` found the output bus there. What it says of silence may be left over.
        unsafe { (*host.outputs).silenceFlags = 0 };
        let mut start = 0;
        loop {
            while let Some(point) = points.take_until(start) {
                apply(&self.shared.params, point.param, point.change);
            }
            let len = points.next_split() - start;
            let pairs = repair.inputs.iter_mut().chain([&mut repair.output]);
            for (bus, pair) in inputs.iter_mut().chain([&mut outputs[0]]).zip(pairs) {
                let channels = AudioBusBuffers__type0 { channelBuffers32: pair.as_mut_ptr() };
                *bus = AudioBusBuffers { numChannels: 2, silenceFlags: 0, __field0: channels };
            }
            d.numSamples = len as int32;
            (d.numInputs, d.numOutputs) = (STEMS as int32, STEMS as int32);
            (d.inputs, d.outputs) = (inputs.as_mut_ptr(), outputs.as_mut_ptr());
            // SAFETY: every pointer in `d` is the host's own or lives in `block`, locked to the end.
            let result = unsafe { self.wrapper.process(&mut d) };
            start += len;
            if result != kResultOk || start == frames {
                self.apply_rest(points);
                return result;
            }
            repair.advance(len);
        }
    }
);

fn transport(from: &ProcessContext) -> Transport {
    let has = |flag: ProcessContext_::StatesAndFlags| from.state & flag as uint32 != 0;
    Transport {
        is_playing: has(ProcessContext_::StatesAndFlags_::kPlaying),
        tempo_bpm: has(ProcessContext_::StatesAndFlags_::kTempoValid).then_some(from.tempo),
        position_s: (from.sampleRate > 0.0).then(|| from.projectTimeSamples as f64 / from.sampleRate),
    }
}

forward!(IMidiMappingTrait { getMidiControllerAssignment(b: int32, c: int16, n: CtrlNumber, id: *mut ParamID) -> tresult; });
forward!(INoteExpressionControllerTrait {
    getNoteExpressionCount(b: int32, c: int16) -> int32;
    getNoteExpressionInfo(b: int32, c: int16, i: int32, o: *mut NoteExpressionTypeInfo) -> tresult;
    getNoteExpressionStringByValue(b: int32, c: int16, id: NoteExpressionTypeID, v: NoteExpressionValue, s: *mut String128) -> tresult;
    getNoteExpressionValueByString(b: int32, c: int16, id: NoteExpressionTypeID, s: *const TChar, v: *mut NoteExpressionValue) -> tresult;
});
forward!(IProcessContextRequirementsTrait { getProcessContextRequirements() -> uint32; });
forward!(IUnitInfoTrait {
    getUnitCount() -> int32; getUnitInfo(i: int32, o: *mut UnitInfo) -> tresult;
    getProgramListCount() -> int32; getProgramListInfo(i: int32, o: *mut ProgramListInfo) -> tresult;
    getProgramName(l: ProgramListID, i: int32, o: *mut String128) -> tresult;
    getProgramInfo(l: ProgramListID, i: int32, a: CString, o: *mut String128) -> tresult;
    hasProgramPitchNames(l: ProgramListID, i: int32) -> tresult;
    getProgramPitchName(l: ProgramListID, i: int32, p: int16, o: *mut String128) -> tresult;
    getSelectedUnit() -> UnitID; selectUnit(u: UnitID) -> tresult;
    getUnitByBus(t: MediaType, d: BusDirection, b: int32, c: int32, o: *mut UnitID) -> tresult;
    setUnitProgramData(l: int32, p: int32, d: *mut IBStream) -> tresult;
});
forward!(IInfoListenerTrait { setChannelContextInfos(l: *mut IAttributeList) -> tresult; });

/// On Linux, the framework's view without the host's frame. All it would do with one is to ask for another
/// size, which our editor never does there, and to register two files with the host's run loop, which it
/// closes never: a host would run out of them.
struct View {
    view: ComPtr<IPlugView>,
    scale: ComPtr<IPlugViewContentScaleSupport>,
}

impl Class for View {
    type Interfaces = (IPlugView, IPlugViewContentScaleSupport);
}

impl View {
    fn around(view: ComPtr<IPlugView>) -> Option<ComPtr<IPlugView>> {
        let scale = view.cast()?;
        ComWrapper::new(Self { view, scale }).to_com_ptr()
    }
}

forward!(View.view: IPlugViewTrait {
    isPlatformTypeSupported(kind: FIDString) -> tresult;
    attached(parent: *mut c_void, kind: FIDString) -> tresult; removed() -> tresult;
    onWheel(distance: f32) -> tresult;
    onKeyDown(key: char16, code: int16, modifiers: int16) -> tresult;
    onKeyUp(key: char16, code: int16, modifiers: int16) -> tresult;
    getSize(size: *mut ViewRect) -> tresult; onSize(size: *mut ViewRect) -> tresult;
    onFocus(state: TBool) -> tresult;
    canResize() -> tresult; checkSizeConstraint(rect: *mut ViewRect) -> tresult; }
    unsafe fn setFrame(&self, _frame: *mut IPlugFrame) -> tresult {
        kResultOk
    }
);

forward!(View.scale: IPlugViewContentScaleSupportTrait {
    setContentScaleFactor(factor: IPlugViewContentScaleSupport_::ScaleFactor) -> tresult;
});

/// SAFETY: `bus` describes an array of `numChannels` pointers, or has a null array.
unsafe fn read_bus(bus: &AudioBusBuffers) -> HostBus {
    // SAFETY: both members of the union are pointers; this one is meant for 32 bit samples.
    let array = unsafe { bus.__field0.channelBuffers32 };
    if array.is_null() || bus.numChannels < 1 {
        return HostBus::MISSING;
    }
    let mono = bus.numChannels == 1;
    // SAFETY: by the caller's word; a channel that is there has a frame at least.
    unsafe {
        let channels = [*array, if mono { null_mut() } else { *array.add(1) }];
        // Flags may be left over from another block: look at the first frame.
        let still = |side: usize| {
            channels[side].is_null() || (bus.silenceFlags >> side & 1 == 1 && *channels[side] == 0.0)
        };
        HostBus { channels, mono, silent: still(0) && still(1) }
    }
}

/// Cuts at a whole character and always ends with a zero.
fn write_utf16(to: &mut [TChar], text: &str) {
    let mut at = 0;
    for c in text.chars().take_while(|c| *c != '\0') {
        let mut pair = [0u16; 2];
        let units = c.encode_utf16(&mut pair);
        if at + units.len() >= to.len() {
            break;
        }
        for u in units {
            to[at] = *u as TChar;
            at += 1;
        }
    }
    to[at..].fill(0);
}

struct Factory(PluginInfo);

impl Class for Factory {
    type Interfaces = (IPluginFactory, IPluginFactory2, IPluginFactory3);
}

/// Writes one class's information, if there is such a class and somewhere to write.
///
/// SAFETY: `to` is null or the host's to be written.
unsafe fn describe<T>(index: int32, to: *mut T, make: impl FnOnce() -> T) -> tresult {
    if index != 0 || to.is_null() {
        return kInvalidArgument;
    }
    // SAFETY: by the caller's word.
    unsafe { to.write(make()) };
    kResultOk
}

impl IPluginFactoryTrait for Factory {
    unsafe fn getFactoryInfo(&self, info: *mut PFactoryInfo) -> tresult {
        // SAFETY: VST3's contract.
        unsafe { describe(0, info, || self.0.create_factory_info()) }
    }
    unsafe fn countClasses(&self) -> int32 {
        1
    }
    unsafe fn getClassInfo(&self, index: int32, info: *mut PClassInfo) -> tresult {
        // SAFETY: VST3's contract.
        unsafe { describe(index, info, || self.0.create_class_info()) }
    }
    unsafe fn createInstance(&self, cid: FIDString, iid: FIDString, obj: *mut *mut c_void) -> tresult {
        // SAFETY: VST3's contract: both ids point at sixteen bytes, `obj` is the host's to be written.
        unsafe {
            if cid.is_null() || iid.is_null() || obj.is_null() {
                return kInvalidArgument;
            }
            *obj = null_mut();
            if *(cid as *const [u8; 16]) != *self.0.cid {
                return kInvalidArgument;
            }
            let made = ComWrapper::new(Component::default());
            let Some(unknown) = made.as_com_ref::<FUnknown>() else { return kNoInterface };
            let unknown = unknown.as_ptr();
            ((*(*unknown).vtbl).queryInterface)(unknown, iid as *const TUID, obj)
        }
    }
}

impl IPluginFactory2Trait for Factory {
    unsafe fn getClassInfo2(&self, index: int32, info: *mut PClassInfo2) -> tresult {
        // SAFETY: VST3's contract.
        unsafe { describe(index, info, || self.0.create_class_info_2()) }
    }
}

impl IPluginFactory3Trait for Factory {
    unsafe fn getClassInfoUnicode(&self, index: int32, info: *mut PClassInfoW) -> tresult {
        // SAFETY: VST3's contract.
        unsafe { describe(index, info, || self.0.create_class_info_unicode()) }
    }
    unsafe fn setHostContext(&self, _context: *mut FUnknown) -> tresult {
        kResultOk
    }
}

/// What a VST3 host looks for in the file.
// SAFETY: the name is VST3's; no other symbol of the program has it.
#[unsafe(no_mangle)]
pub extern "system" fn GetPluginFactory() -> *mut c_void {
    let factory = ComWrapper::new(Factory(PluginInfo::for_plugin::<P>()));
    factory.to_com_ptr::<IPluginFactory>().map_or(null_mut(), |f| f.into_raw() as *mut c_void)
}

/// What a host calls right after loading and before unloading the module, under each system's name.
macro_rules! module { ($abi:literal $enter:ident ( $($h:ident : $t:ty)? ) $exit:ident) => {
    /// Called right after the module is loaded.
    // SAFETY: the name is VST3's; no other symbol of the program has it.
    #[unsafe(no_mangle)]
    pub extern $abi fn $enter($($h: $t)?) -> bool {
        $( let _ = $h; )?
        nice_plug::wrapper::setup_logger::<P>();
        true
    }
    /// Called right before the module is unloaded.
    // SAFETY: the name is VST3's; no other symbol of the program has it.
    #[unsafe(no_mangle)]
    pub extern $abi fn $exit() -> bool {
        true
    }
} }
#[cfg(all(unix, not(target_os = "macos")))]
module!("C" ModuleEntry(handle: *mut c_void) ModuleExit);
#[cfg(target_os = "macos")]
module!("C" bundleEntry(handle: *mut c_void) bundleExit);
#[cfg(windows)]
module!("system" InitDll() ExitDll);
