//! A VST3 host over the bare interfaces: it passes whatever a block describes.

use super::block::{Bus, HostBlock};
use super::format::{Event, From, HostTransport, Plugin, bundle, normalised};
use super::support::no_alloc::no_alloc;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::ffi::c_void;
use std::mem::zeroed;
use std::ptr::null_mut;
use std::sync::Arc;
use stemwright::model::limits::ParamKey;
use stemwright::plugin::export_vst3;
use stemwright::plugin::shared::Shared;
use vst3::Steinberg::Vst::*;
use vst3::Steinberg::*;
use vst3::{Class, ComPtr, ComWrapper, Interface};

/// Points of one parameter in a block.
pub struct Queue(pub ParamID, pub Vec<(i32, f64)>);
impl Class for Queue {
    type Interfaces = (IParamValueQueue,);
}
impl IParamValueQueueTrait for Queue {
    unsafe fn getParameterId(&self) -> ParamID {
        self.0
    }
    unsafe fn getPointCount(&self) -> int32 {
        self.1.len() as int32
    }
    unsafe fn getPoint(&self, i: int32, at: *mut int32, value: *mut ParamValue) -> tresult {
        // SAFETY: VST3's contract.
        unsafe { (*at, *value) = self.1[i as usize] };
        kResultOk
    }
    unsafe fn addPoint(&self, _: int32, _: ParamValue, _: *mut int32) -> tresult {
        kResultFalse
    }
}

/// A block's automation.
pub struct Changes(pub Vec<ComPtr<IParamValueQueue>>);
impl Class for Changes {
    type Interfaces = (IParameterChanges,);
}
impl IParameterChangesTrait for Changes {
    unsafe fn getParameterCount(&self) -> int32 {
        self.0.len() as int32
    }
    unsafe fn getParameterData(&self, i: int32) -> *mut IParamValueQueue {
        self.0[i as usize].as_ptr()
    }
    unsafe fn addParameterData(&self, _: *const ParamID, _: *mut int32) -> *mut IParamValueQueue {
        null_mut()
    }
}

/// A stream that takes and gives a few bytes at a time, as some hosts do; or one that takes all and
/// does not say so, and calls every read a failure, as others do.
#[derive(Default)]
struct Stream {
    bytes: RefCell<Vec<u8>>,
    at: Cell<usize>,
    is_silent: bool,
}
const STREAM_STEP: usize = 1000;
impl Class for Stream {
    type Interfaces = (IBStream,);
}
impl IBStreamTrait for Stream {
    unsafe fn read(&self, to: *mut c_void, n: int32, got: *mut int32) -> tresult {
        let bytes = self.bytes.borrow();
        let n = (bytes.len() - self.at.get()).min((n as usize).min(STREAM_STEP));
        // SAFETY: VST3's contract: room for n bytes.
        unsafe {
            std::ptr::copy_nonoverlapping(bytes.as_ptr().add(self.at.get()), to.cast(), n);
            if !got.is_null() {
                *got = n as int32;
            }
        }
        self.at.set(self.at.get() + n);
        if self.is_silent { kResultFalse } else { kResultOk }
    }
    unsafe fn write(&self, from: *mut c_void, n: int32, taken: *mut int32) -> tresult {
        let n = if self.is_silent { n as usize } else { (n as usize).min(STREAM_STEP) };
        // SAFETY: VST3's contract: n bytes to read.
        unsafe {
            self.bytes.borrow_mut().extend_from_slice(std::slice::from_raw_parts(from.cast(), n));
            if !taken.is_null() && !self.is_silent {
                *taken = n as int32;
            }
        }
        kResultOk
    }
    unsafe fn seek(&self, _: int64, _: int32, _: *mut int64) -> tresult {
        kResultFalse
    }
    unsafe fn tell(&self, _: *mut int64) -> tresult {
        kResultFalse
    }
}

pub struct RawVst3 {
    pub component: ComPtr<IComponent>,
    pub processor: ComPtr<IAudioProcessor>,
    pub controller: ComPtr<IEditController>,
    ids: HashMap<ParamKey, ParamID>,
    /// Whether the host's streams say what they did.
    pub streams_are_silent: bool,
    context: Option<ProcessContext>,
    rate_hz: f64,
    watched: bool,
    active: bool,
    /// Dropped last.
    _library: Option<libloading::Library>,
}

impl RawVst3 {
    pub fn open(from: From) -> Self {
        // SAFETY: the plugin is ours, and every call below keeps VST3's contract.
        unsafe {
            let (library, factory) = match from {
                From::Linked => (None, export_vst3::GetPluginFactory()),
                From::Bundle => {
                    let folder = bundle("stemwright.vst3").join("Contents").join(platform());
                    let file = std::fs::read_dir(&folder).expect("the bundle's folder").next();
                    let file = file.expect("a module").expect("a module").path();
                    let library = libloading::Library::new(file).expect("the bundle loads");
                    type Get = unsafe extern "system" fn() -> *mut c_void;
                    #[cfg(target_os = "linux")]
                    library
                        .get::<unsafe extern "C" fn(*mut c_void) -> bool>(b"ModuleEntry")
                        .expect("an entry")(null_mut());
                    let get = *library.get::<Get>(b"GetPluginFactory").expect("an entry point");
                    (Some(library), get())
                }
            };
            let factory = ComPtr::<IPluginFactory>::from_raw(factory.cast()).expect("a factory");
            let mut info: PClassInfo = zeroed();
            assert_eq!(factory.getClassInfo(0, &mut info), kResultOk);
            let mut made = null_mut();
            let result =
                factory.createInstance(info.cid.as_ptr(), IComponent::IID.as_ptr().cast(), &mut made);
            assert_eq!(result, kResultOk);
            let component = ComPtr::<IComponent>::from_raw(made.cast()).expect("a component");
            let mut host = Self::host(component);
            (host.watched, host._library) = (from == From::Linked, library);
            host
        }
    }

    /// One that is linked into this program, with the state its parts share.
    pub fn with_shared() -> (Self, Arc<Shared>) {
        let made = ComWrapper::new(export_vst3::Component::default());
        let component = made.to_com_ptr::<IComponent>().expect("a component");
        (Self::host(component), made.shared().clone())
    }

    fn host(component: ComPtr<IComponent>) -> Self {
        // SAFETY: VST3's contract.
        unsafe {
            assert_eq!(component.initialize(null_mut()), kResultOk);
            let processor = component.cast::<IAudioProcessor>().expect("a processor");
            let controller = component.cast::<IEditController>().expect("a controller");
            let ids = ParamKey::all()
                .enumerate()
                .map(|(i, key)| {
                    let mut info: ParameterInfo = zeroed();
                    assert_eq!(controller.getParameterInfo(i as int32, &mut info), kResultOk);
                    (key, info.id)
                })
                .collect();
            Self {
                component,
                processor,
                controller,
                ids,
                streams_are_silent: false,
                context: None,
                rate_hz: 0.0,
                watched: true,
                active: false,
                _library: None,
            }
        }
    }

    pub fn changes(&self, events: &[Event]) -> ComPtr<IParameterChanges> {
        // One queue for each parameter, in the order they first appear.
        let mut queues: Vec<Queue> = Vec::new();
        for e in events {
            let id = self.ids[&e.key];
            let point = (e.frame as i32, normalised(e.key, e.value));
            match queues.iter_mut().find(|q| q.0 == id) {
                Some(queue) => queue.1.push(point),
                None => queues.push(Queue(id, vec![point])),
            }
        }
        let queues = queues.into_iter().map(|q| ComWrapper::new(q).to_com_ptr().unwrap()).collect();
        ComWrapper::new(Changes(queues)).to_com_ptr().unwrap()
    }

    /// Calls `process` with exactly these arrays.
    pub fn process_raw(
        &mut self,
        frames: i32,
        inputs: &mut [AudioBusBuffers],
        outputs: &mut [AudioBusBuffers],
        changes: *mut IParameterChanges,
    ) -> tresult {
        // SAFETY: plain data for which all zeros is a value; VST3's contract, but for what the test
        // means to break.
        unsafe {
            let mut data: ProcessData = zeroed();
            data.numSamples = frames;
            (data.numInputs, data.numOutputs) = (inputs.len() as int32, outputs.len() as int32);
            (data.inputs, data.outputs) = (inputs.as_mut_ptr(), outputs.as_mut_ptr());
            data.inputParameterChanges = changes;
            data.processContext = self.context.as_mut().map_or(null_mut(), |context| context);
            let mut call = || self.processor.process(&mut data);
            if self.watched { no_alloc(call) } else { call() }
        }
    }
}

/// A bus as the interface wants it.
pub fn bus(channels: *mut [*mut f32; 2], count: i32) -> AudioBusBuffers {
    AudioBusBuffers {
        numChannels: count,
        silenceFlags: 0,
        __field0: AudioBusBuffers__type0 { channelBuffers32: channels.cast() },
    }
}

fn platform() -> &'static str {
    if cfg!(target_os = "macos") {
        "MacOS"
    } else if cfg!(windows) {
        "x86_64-win"
    } else if cfg!(target_arch = "aarch64") {
        "aarch64-linux"
    } else {
        "x86_64-linux"
    }
}

impl RawVst3 {
    /// Activates without a word that processing begins, as some hosts do.
    pub fn activate_silently(&mut self, sample_rate_hz: f64, max_frames: usize) {
        let mut setup = ProcessSetup {
            processMode: ProcessModes_::kRealtime as int32,
            symbolicSampleSize: SymbolicSampleSizes_::kSample32 as int32,
            maxSamplesPerBlock: max_frames as int32,
            sampleRate: sample_rate_hz,
        };
        // SAFETY: VST3's contract.
        unsafe {
            assert_eq!(self.processor.setupProcessing(&mut setup), kResultOk);
            assert_eq!(self.component.setActive(1), kResultOk);
        }
        self.active = true;
        self.rate_hz = sample_rate_hz;
    }
}

impl Plugin for RawVst3 {
    fn set_transport(&mut self, now: HostTransport) {
        // SAFETY: plain data for which all zeros is a value.
        let mut context: ProcessContext = unsafe { zeroed() };
        let plays = if now.plays { ProcessContext_::StatesAndFlags_::kPlaying } else { 0 };
        context.state = (plays | ProcessContext_::StatesAndFlags_::kTempoValid) as uint32;
        context.sampleRate = self.rate_hz;
        context.projectTimeSamples = (now.seconds * self.rate_hz).round() as i64;
        context.tempo = now.tempo_bpm;
        self.context = Some(context);
    }

    fn activate(&mut self, sample_rate_hz: f64, max_frames: usize) {
        self.activate_silently(sample_rate_hz, max_frames);
        // SAFETY: VST3's contract.
        assert_eq!(unsafe { self.processor.setProcessing(1) }, kResultOk);
    }

    fn deactivate(&mut self) {
        // SAFETY: VST3's contract.
        unsafe {
            self.processor.setProcessing(0);
            self.component.setActive(0);
        }
        self.active = false;
    }

    fn set_input_active(&mut self, input: usize, active: bool) -> bool {
        // SAFETY: VST3's contract.
        let result = unsafe {
            self.component.activateBus(
                MediaTypes_::kAudio as MediaType,
                BusDirections_::kInput as BusDirection,
                input as int32,
                active.into(),
            )
        };
        assert_eq!(result, kResultOk);
        true
    }

    fn process(&mut self, block: &mut HostBlock, events: &[Event]) {
        let mut inputs: Vec<_> = block
            .inputs
            .iter_mut()
            .zip(&block.buses)
            .map(|(pair, kind)| match kind {
                Bus::NoArray => bus(null_mut(), 2),
                kind => bus(pair, kind.channels() as i32),
            })
            .collect();
        let mut output = [bus(&mut block.output, 2)];
        let changes = self.changes(events);
        let result = self.process_raw(block.frames as i32, &mut inputs, &mut output, changes.as_ptr());
        assert_eq!(result, if self.active { kResultOk } else { kResultFalse });
    }

    fn flush(&mut self, events: &[Event]) {
        let changes = self.changes(events);
        assert_eq!(self.process_raw(0, &mut [], &mut [], changes.as_ptr()), kResultOk);
    }

    fn save(&self) -> Vec<u8> {
        let is_silent = self.streams_are_silent;
        let stream = ComWrapper::new(Stream { is_silent, ..Stream::default() });
        let pointer = stream.to_com_ptr::<IBStream>().unwrap();
        // SAFETY: VST3's contract.
        assert_eq!(unsafe { self.component.getState(pointer.as_ptr()) }, kResultOk);
        stream.bytes.borrow().clone()
    }

    fn load(&mut self, state: &[u8]) -> bool {
        let (bytes, is_silent) = (RefCell::new(state.to_vec()), self.streams_are_silent);
        let stream = ComWrapper::new(Stream { bytes, is_silent, ..Stream::default() });
        let pointer = stream.to_com_ptr::<IBStream>().unwrap();
        // SAFETY: VST3's contract.
        unsafe { self.component.setState(pointer.as_ptr()) == kResultOk }
    }

    fn value(&self, key: ParamKey) -> f64 {
        // SAFETY: takes no pointer.
        unsafe { self.controller.getParamNormalized(self.ids[&key]) }
    }

    fn title(&self, key: ParamKey) -> String {
        let index = ParamKey::all().position(|k| k == key).expect("a parameter of ours");
        // SAFETY: plain data for which all zeros is a value; VST3's contract.
        let info = unsafe {
            let mut info: ParameterInfo = zeroed();
            assert_eq!(self.controller.getParameterInfo(index as int32, &mut info), kResultOk);
            info
        };
        let end = info.title.iter().position(|c| *c == 0).expect("it ends with a zero");
        String::from_utf16(&info.title[..end]).expect("UTF-16")
    }

    fn text(&self, key: ParamKey, value: f64) -> String {
        let mut text: String128 = [0; 128];
        // SAFETY: VST3's contract.
        let result = unsafe {
            self.controller.getParamStringByValue(self.ids[&key], normalised(key, value), &mut text)
        };
        assert_eq!(result, kResultOk);
        let end = text.iter().position(|c| *c == 0).expect("it ends with a zero");
        String::from_utf16(&text[..end]).expect("UTF-16")
    }

    fn read(&self, key: ParamKey, text: &str) -> Option<f64> {
        let mut units: Vec<u16> = text.encode_utf16().chain([0]).collect();
        let mut value = f64::NAN;
        // SAFETY: VST3's contract.
        let result =
            unsafe { self.controller.getParamValueByString(self.ids[&key], units.as_mut_ptr(), &mut value) };
        (result == kResultOk).then_some(value)
    }
}

impl Drop for RawVst3 {
    fn drop(&mut self) {
        if self.active {
            self.deactivate();
        }
        // SAFETY: VST3's contract.
        unsafe { self.component.terminate() };
    }
}
