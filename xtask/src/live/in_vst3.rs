//! The editor in VST3, in a host over the bare interfaces, with the plugin linked in here.
#![allow(unsafe_code, reason = "a host speaks to a plugin by raw pointers")]
#![allow(non_snake_case, reason = "VST3's own spelling")]

use super::count;
use super::x11::{Display, until};
use crate::picture;
use anyhow::{Context, Result, ensure};
use nice_plug::wrapper::vst3::vst3::Steinberg::Linux::*;
use nice_plug::wrapper::vst3::vst3::Steinberg::Vst::*;
use nice_plug::wrapper::vst3::vst3::Steinberg::*;
use nice_plug::wrapper::vst3::vst3::{Class, ComPtr, ComRef, ComWrapper, Interface};
use std::cell::RefCell;
use std::ffi::c_void;
use std::mem::zeroed;
use std::panic;
use std::ptr::null_mut;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::thread;
use stemwright::model::document::Document;
use stemwright::model::limits::WINDOW_POINTS;
use stemwright::plugin::export_vst3::GetPluginFactory;

const TIMES: usize = 12;
const BLOCK: usize = 64;
/// Sizes that a host gives the editor, in pixels.
const SIZES: [[u32; 2]; 2] = [[1300, 800], [1250, 750]];

/// What there is of a host around an editor.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Around {
    Nothing,
    Frame,
    FrameWithRunLoop,
}

/// Counts the ends of gestures. Calls come on the editor's thread.
#[derive(Default)]
struct Hands {
    begun: AtomicUsize,
    moved: AtomicUsize,
    ended: AtomicUsize,
}
struct Handler(Arc<Hands>);
impl Class for Handler {
    type Interfaces = (IComponentHandler,);
}
impl IComponentHandlerTrait for Handler {
    unsafe fn beginEdit(&self, _: ParamID) -> tresult {
        self.0.begun.fetch_add(1, SeqCst);
        kResultOk
    }
    unsafe fn performEdit(&self, _: ParamID, _: ParamValue) -> tresult {
        self.0.moved.fetch_add(1, SeqCst);
        kResultOk
    }
    unsafe fn endEdit(&self, _: ParamID) -> tresult {
        self.0.ended.fetch_add(1, SeqCst);
        kResultOk
    }
    unsafe fn restartComponent(&self, _: int32) -> tresult {
        kResultOk
    }
}

struct Frame;
impl Class for Frame {
    type Interfaces = (IPlugFrame,);
}
impl IPlugFrameTrait for Frame {
    unsafe fn resizeView(&self, _: *mut IPlugView, _: *mut ViewRect) -> tresult {
        kResultFalse
    }
}

/// What the plugin wants to be called for, by the file it writes to.
type Handlers = Rc<RefCell<Vec<(ComPtr<IEventHandler>, FileDescriptor)>>>;
struct FrameWithRunLoop(Handlers);
impl Class for FrameWithRunLoop {
    type Interfaces = (IPlugFrame, IRunLoop);
}
impl IPlugFrameTrait for FrameWithRunLoop {
    unsafe fn resizeView(&self, _: *mut IPlugView, _: *mut ViewRect) -> tresult {
        kResultFalse
    }
}
impl IRunLoopTrait for FrameWithRunLoop {
    unsafe fn registerEventHandler(&self, handler: *mut IEventHandler, file: FileDescriptor) -> tresult {
        // SAFETY: the plugin's, alive; we take a reference of our own.
        let Some(ours) = (unsafe { ComRef::from_raw(handler) }) else {
            return kInvalidArgument;
        };
        self.0.borrow_mut().push((ours.to_com_ptr(), file));
        kResultOk
    }
    unsafe fn unregisterEventHandler(&self, handler: *mut IEventHandler) -> tresult {
        self.0.borrow_mut().retain(|(ours, _)| ours.as_ptr() != handler);
        kResultOk
    }
    unsafe fn registerTimer(&self, _: *mut ITimerHandler, _: TimerInterval) -> tresult {
        kResultFalse
    }
    unsafe fn unregisterTimer(&self, _: *mut ITimerHandler) -> tresult {
        kResultFalse
    }
}

/// One instance. Its parts go to the audio thread and back.
struct Instance {
    component: ComPtr<IComponent>,
    processor: ComPtr<IAudioProcessor>,
    controller: ComPtr<IEditController>,
    hands: Arc<Hands>,
}

impl Instance {
    fn new() -> Result<Self> {
        // SAFETY: VST3's contract, here and below.
        unsafe {
            let factory =
                ComPtr::<IPluginFactory>::from_raw(GetPluginFactory().cast()).context("a factory")?;
            let mut info: PClassInfo = zeroed();
            ensure!(factory.getClassInfo(0, &mut info) == kResultOk, "the factory has a class");
            let mut made = null_mut();
            let iid = IComponent::IID.as_ptr().cast();
            ensure!(
                factory.createInstance(info.cid.as_ptr(), iid, &mut made) == kResultOk,
                "an instance is made"
            );
            let component = ComPtr::<IComponent>::from_raw(made.cast()).context("a component")?;
            let processor = component.cast::<IAudioProcessor>().context("a processor")?;
            let controller = component.cast::<IEditController>().context("a controller")?;
            component.initialize(null_mut());
            let hands = Arc::<Hands>::default();
            let handler = ComWrapper::new(Handler(hands.clone())).to_com_ptr::<IComponentHandler>();
            controller.setComponentHandler(handler.context("a handler")?.as_ptr());
            let mut setup = ProcessSetup {
                processMode: ProcessModes_::kRealtime as int32,
                symbolicSampleSize: SymbolicSampleSizes_::kSample32 as int32,
                maxSamplesPerBlock: BLOCK as int32,
                sampleRate: 48_000.0,
            };
            ensure!(processor.setupProcessing(&mut setup) == kResultOk, "it can be set up");
            ensure!(component.setActive(1) == kResultOk, "it becomes active");
            processor.setProcessing(1);
            Ok(Self { component, processor, controller, hands })
        }
    }

    /// The audio thread: blocks that automate a parameter, until told to stop.
    fn play(processor: &ComPtr<IAudioProcessor>, param: ParamID, stop: &AtomicBool) {
        let mut value = 0.0;
        while !stop.load(SeqCst) {
            value = if value < 0.9 { value + 0.01 } else { 0.0 };
            let queue = ComWrapper::new(Queue(param, value)).to_com_ptr::<IParamValueQueue>();
            let changes =
                queue.and_then(|queue| ComWrapper::new(Changes(queue)).to_com_ptr::<IParameterChanges>());
            let Some(changes) = changes else { return };
            let mut sides = [[0.0f32; BLOCK]; 2];
            let mut pointers = sides.each_mut().map(|side| side.as_mut_ptr());
            let mut output = AudioBusBuffers {
                numChannels: 2,
                silenceFlags: 0,
                __field0: AudioBusBuffers__type0 { channelBuffers32: pointers.as_mut_ptr() },
            };
            // SAFETY: plain data for which all zeros is a value; the pointers live for the call.
            unsafe {
                let mut data: ProcessData = zeroed();
                (data.numSamples, data.numOutputs, data.outputs) = (BLOCK as int32, 1, &mut output);
                data.inputParameterChanges = changes.as_ptr();
                processor.process(&mut data);
            }
            thread::yield_now();
        }
    }
}

struct Queue(ParamID, ParamValue);
impl Class for Queue {
    type Interfaces = (IParamValueQueue,);
}
impl IParamValueQueueTrait for Queue {
    unsafe fn getParameterId(&self) -> ParamID {
        self.0
    }
    unsafe fn getPointCount(&self) -> int32 {
        1
    }
    unsafe fn getPoint(&self, _: int32, at: *mut int32, value: *mut ParamValue) -> tresult {
        // SAFETY: VST3's contract.
        unsafe { (*at, *value) = (BLOCK as int32 / 2, self.1) };
        kResultOk
    }
    unsafe fn addPoint(&self, _: int32, _: ParamValue, _: *mut int32) -> tresult {
        kResultFalse
    }
}
struct Changes(ComPtr<IParamValueQueue>);
impl Class for Changes {
    type Interfaces = (IParameterChanges,);
}
impl IParameterChangesTrait for Changes {
    unsafe fn getParameterCount(&self) -> int32 {
        1
    }
    unsafe fn getParameterData(&self, _: int32) -> *mut IParamValueQueue {
        self.0.as_ptr()
    }
    unsafe fn addParameterData(&self, _: *const ParamID, _: *mut int32) -> *mut IParamValueQueue {
        null_mut()
    }
}

/// Opens, drags, resizes, closes and destroys, in every kind of host, while audio plays.
///
/// # Errors
/// If something panics on any thread, a gesture stays open, or files are left open.
pub fn stress() -> Result<()> {
    static PANICS: AtomicUsize = AtomicUsize::new(0);
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        PANICS.fetch_add(1, SeqCst);
        usual(info);
    }));
    let display = Display::open()?;
    let _stays = Instance::new()?; // and with it the framework's worker
    for around in [Around::Nothing, Around::Frame, Around::FrameWithRunLoop] {
        let files = count("fd")?;
        let instance = Instance::new()?;
        let (param, stop) = (param(&instance, 1)?, AtomicBool::new(false));
        let sound = Audio(instance.processor.clone());
        thread::scope(|scope| {
            let stop = &stop;
            scope.spawn(move || Instance::play(sound.get(), param, stop));
            let result = (0..TIMES).try_for_each(|time| open_and_close(&display, &instance, around, time));
            stop.store(true, SeqCst);
            result
        })?;
        let Hands { begun, moved, ended } = &*instance.hands;
        let [begun, moved, ended] = [begun, moved, ended].map(|n| n.load(SeqCst));
        ensure!(
            begun == TIMES && ended == TIMES && moved >= TIMES,
            "{begun} gestures, {moved} values, {ended} ends"
        );
        end_with_editor(&display, instance)?;
        let left = count("fd")? as i64 - files as i64;
        let panics = PANICS.load(SeqCst);
        println!(
            "  {around:?}: {TIMES} times, {begun} gestures of {moved} values; {panics} panics, {left} files left open"
        );
        ensure!(panics == 0, "something panicked");
        ensure!(left == 0, "files are left open");
    }
    Ok(())
}

/// The editor on a display of twice the pixels to an inch: the size that a host hears before it opens is the
/// size that it opens with.
///
/// # Errors
/// If it is not.
pub fn scaled(display: &Display) -> Result<()> {
    let instance = Instance::new()?;
    let editor = Editor::open(display, &instance, Around::Frame)?;
    let wanted = WINDOW_POINTS.map(|points| points as u32 * 2);
    let inner = display.size(display.embedded(editor.window)?.context("the editor has a window")?)?;
    let outer = display.size(editor.window)?;
    ensure!((outer, inner) == (wanted, wanted), "VST3: room for {outer:?}, the editor is {inner:?}");
    // SAFETY: VST3's contract.
    unsafe { editor.view.removed() };
    display.destroy(editor.window)
}

/// The audio thread's own reference.
struct Audio(ComPtr<IAudioProcessor>);
// SAFETY: VST3's `process` is for another thread than the rest.
unsafe impl Send for Audio {}
impl Audio {
    fn get(&self) -> &ComPtr<IAudioProcessor> {
        &self.0
    }
}

/// A parameter's number by its place in the host's list.
fn param(instance: &Instance, index: int32) -> Result<ParamID> {
    // SAFETY: plain data for which all zeros is a value; VST3's contract.
    unsafe {
        let mut info: ParameterInfo = zeroed();
        ensure!(instance.controller.getParameterInfo(index, &mut info) == kResultOk, "there is a parameter");
        Ok(info.id)
    }
}

/// An editor in a window of ours.
struct Editor {
    view: ComPtr<IPlugView>,
    window: u32,
    handlers: Handlers,
}

impl Editor {
    fn open(display: &Display, instance: &Instance, around: Around) -> Result<Self> {
        let handlers = Handlers::default();
        let frame = match around {
            Around::Nothing => None,
            Around::Frame => ComWrapper::new(Frame).to_com_ptr::<IPlugFrame>(),
            Around::FrameWithRunLoop => ComWrapper::new(FrameWithRunLoop(handlers.clone())).to_com_ptr(),
        };
        // SAFETY: VST3's contract.
        unsafe {
            let view =
                ComPtr::from_raw(instance.controller.createView(ViewType::kEditor)).context("a view")?;
            if let Some(frame) = &frame {
                view.setFrame(frame.as_ptr());
            }
            let mut size: ViewRect = zeroed();
            ensure!(view.getSize(&mut size) == kResultOk, "the view has a size");
            let window = display.window(0, [size.right as u32, size.bottom as u32])?;
            let editor = Self { view, window, handlers };
            let attached =
                editor.view.attached(window as usize as *mut c_void, kPlatformTypeX11EmbedWindowID);
            ensure!(attached == kResultOk, "the editor opens");
            until("the editor is drawn", || {
                editor.run_loop();
                Ok(display.is_drawn(window)?.then_some(()))
            })?;
            Ok(editor)
        }
    }

    /// Calls what the plugin registered, whether it has something to say or not.
    fn run_loop(&self) {
        let handlers = self.handlers.borrow().clone();
        for (handler, file) in handlers {
            // SAFETY: VST3's contract; the file does not block.
            unsafe { handler.onFDIsSet(file) };
        }
    }

    fn size(&self) -> [u32; 2] {
        // SAFETY: plain data for which all zeros is a value; VST3's contract.
        unsafe {
            let mut size: ViewRect = zeroed();
            self.view.getSize(&mut size);
            [size.right as u32, size.bottom as u32]
        }
    }
}

fn open_and_close(display: &Display, instance: &Instance, around: Around, time: usize) -> Result<()> {
    let hands = &instance.hands;
    let editor = Editor::open(display, instance, around)?;
    let [x, y] = picture::place(&Document::default(), "Stem 02 Fader").context("the editor has the fader")?;
    let (begun, moved) = (hands.begun.load(SeqCst), hands.moved.load(SeqCst));
    display.point(editor.window, [x, y])?;
    display.press(true)?;
    until("a gesture begins", || Ok((hands.begun.load(SeqCst) > begun).then_some(())))?;
    let down = if time.is_multiple_of(2) { 30.0 } else { -30.0 }; // and up again
    display.point(editor.window, [x, y + down])?;
    until("a value comes", || Ok((hands.moved.load(SeqCst) > moved).then_some(())))?;
    // Hosts resize either way; both reach the editor's thread while the hand is down.
    let inner = display.embedded(editor.window)?.context("the editor has a window")?;
    display.resize(inner, SIZES[0])?;
    until("it knows its new size", || {
        editor.run_loop();
        Ok((editor.size() == SIZES[0]).then_some(()))
    })?;
    let [width, height] = SIZES[1].map(|side| side as int32);
    let mut size = ViewRect { left: 0, top: 0, right: width, bottom: height };
    // SAFETY: VST3's contract.
    unsafe {
        ensure!(editor.view.onSize(&mut size) == kResultOk, "it can be resized");
        let id = param(instance, 3)?;
        instance.controller.setParamNormalized(id, time as f64 / TIMES as f64);
        match time % 3 {
            0 => {
                editor.view.removed();
                editor.view.setFrame(null_mut());
            }
            1 => {
                editor.view.setFrame(null_mut());
                editor.view.removed();
            }
            _ => {
                display.destroy(editor.window)?;
                editor.view.removed();
            }
        }
    }
    display.press(false)?;
    if time % 3 != 2 {
        ensure!(
            display.embedded(editor.window)?.is_none(),
            "the editor is closed and its window still there"
        );
        display.destroy(editor.window)?;
    }
    Ok(())
}

/// A host that ends an instance with its editor open, and lets go of the view afterwards.
fn end_with_editor(display: &Display, instance: Instance) -> Result<()> {
    let editor = Editor::open(display, &instance, Around::Frame)?;
    let window = editor.window;
    let Instance { component, processor, controller, hands: _ } = instance;
    // SAFETY: VST3's contract, but for the view that is still attached.
    unsafe {
        processor.setProcessing(0);
        component.setActive(0);
        component.terminate();
    }
    drop((component, processor, controller));
    drop(editor);
    until("the editor's window is gone", || Ok(display.embedded(window)?.is_none().then_some(())))?;
    display.destroy(window)
}
