//! Our CLAP entry point over the framework's public `Wrapper<P>`.
//!
//! The instance a host gets is ours: it starts with a `clap_plugin` whose `plugin_data` is the
//! framework's, through which alone the framework finds itself. So every function and extension of the
//! framework works when called with our pointer, and ours find [`Export`] by the same address.
//!
//! What we do ourselves: the block repair around `process`; keeping events within their block; state (the document, see
//! `Shared::load`); parameter titles with the stems' names; bounds of `get_info`; base values in
//! `get_value`; the output port's name; telling the host of renames on its main thread.
//!
//! Soundness: all functions have the contracts of the CLAP headers. `Export` lives from
//! `create_plugin` to `destroy` and is only ever shared, with locks and atomics inside.

// One of the two files that face the host's raw pointers.
#![allow(unsafe_code)]
// The one lock is taken by `process` with `try_lock`, and by `activate`, which never run together.
#![allow(clippy::disallowed_types)]
// The header's types name functions as fields; what each needs is written in the header.
#![allow(clippy::missing_safety_doc)]

use super::Stemwright as P;
use super::block_repair::{BlockRepair, HostBus};
use super::params::HostParam;
use super::shared::{Edit, HostCalls, Shared};
use crate::model::document::MAX_BYTES;
use crate::model::limits::{ParamKey, STEMS};
use clap_sys::audio_buffer::clap_audio_buffer;
use clap_sys::entry::clap_plugin_entry;
use clap_sys::events::{
    CLAP_CORE_EVENT_SPACE_ID, CLAP_EVENT_PARAM_MOD, CLAP_EVENT_PARAM_VALUE, clap_event_header,
    clap_event_param_mod, clap_event_param_value, clap_input_events,
};
use clap_sys::ext::audio_ports::{CLAP_EXT_AUDIO_PORTS, clap_audio_port_info, clap_plugin_audio_ports};
use clap_sys::ext::gui::{CLAP_EXT_GUI, clap_host_gui};
use clap_sys::ext::params::{
    CLAP_EXT_PARAMS, CLAP_PARAM_RESCAN_INFO, CLAP_PARAM_RESCAN_VALUES, clap_host_params, clap_param_info,
    clap_plugin_params,
};
use clap_sys::ext::state::{CLAP_EXT_STATE, clap_host_state, clap_plugin_state};
use clap_sys::factory::plugin_factory::{CLAP_PLUGIN_FACTORY_ID, clap_plugin_factory};
use clap_sys::host::clap_host;
use clap_sys::plugin::{clap_plugin, clap_plugin_descriptor};
use clap_sys::process::{CLAP_PROCESS_CONTINUE, CLAP_PROCESS_ERROR, clap_process, clap_process_status};
use clap_sys::stream::{clap_istream, clap_ostream};
use nice_plug::params::InternalParamMut;
use nice_plug::prelude::{ClapPlugin, ParamPtr};
use nice_plug::wrapper::clap::{PluginDescriptor, Wrapper};
use parking_lot::Mutex;
use std::cell::Cell;
use std::collections::HashMap;
use std::ffi::{CStr, c_char, c_void};
use std::mem::MaybeUninit;
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, OnceLock};

/// The arrays handed to the framework for one block.
struct Block {
    repair: BlockRepair,
    inputs: [clap_audio_buffer; STEMS],
}
// SAFETY: the pointers inside are written and used only within one `process` call, under the mutex.
unsafe impl Send for Block {}

/// What a host's `clap_plugin` pointer points at.
#[repr(C)]
struct Export {
    plugin: clap_plugin, // must be first
    /// The framework's own functions and extensions, which live as long as it does.
    inner: clap_plugin,
    inner_params: clap_plugin_params,
    inner_ports: clap_plugin_audio_ports,
    params: clap_plugin_params,
    ports: clap_plugin_audio_ports,
    /// Valid as long as `shared`, which owns the parameters.
    by_id: HashMap<u32, ParamPtr>,
    shared: Arc<Shared>,
    host: Arc<Host>,
    block: Mutex<Block>,
}

/// What there is to tell the host.
const TITLES: u32 = 1;
const DIRTY: u32 = 2;
const VALUES: u32 = 4;

/// The host, and what is still to be told it on its main thread.
struct Host(*const clap_host, AtomicU32);
// SAFETY: the host outlives the plugin; off the main thread only `request_callback` is called, which
// CLAP allows on any thread.
unsafe impl Send for Host {}
// SAFETY: as above.
unsafe impl Sync for Host {}

impl Host {
    fn later(&self, what: u32) {
        self.1.fetch_or(what, SeqCst);
        // SAFETY: see above.
        unsafe {
            if let Some(request) = (*self.0).request_callback {
                request(self.0);
            }
        }
    }

    /// SAFETY: on the main thread only.
    unsafe fn tell(&self) {
        let what = self.1.swap(0, SeqCst);
        let mut rescan = 0;
        if what & TITLES != 0 {
            rescan |= CLAP_PARAM_RESCAN_INFO;
        }
        if what & VALUES != 0 {
            rescan |= CLAP_PARAM_RESCAN_VALUES;
        }
        // SAFETY: the ids belong to the types; the caller is on the main thread.
        unsafe {
            if rescan != 0
                && let Some(ext) = self.extension::<clap_host_params>(CLAP_EXT_PARAMS)
                && let Some(call) = ext.rescan
            {
                call(self.0, rescan);
            }
            if what & DIRTY != 0
                && let Some(ext) = self.extension::<clap_host_state>(CLAP_EXT_STATE)
                && let Some(call) = ext.mark_dirty
            {
                call(self.0);
            }
        }
    }

    /// SAFETY: `T` must be the host's side of extension `id`.
    unsafe fn extension<T>(&self, id: &CStr) -> Option<&T> {
        // SAFETY: the host gives null or its struct, which lives as long as the host.
        unsafe { ((*self.0).get_extension?(self.0, id.as_ptr()) as *const T).as_ref() }
    }
}

impl HostCalls for Host {
    fn mark_dirty(&self) {
        self.later(DIRTY);
    }
    fn titles_changed(&self) {
        self.later(TITLES);
    }
    fn edit(&self, _key: ParamKey, _edit: Edit) -> bool {
        false // the framework queues it as an output event
    }
}

/// SAFETY: `p` is the pointer that `create_plugin` returned and is not destroyed yet.
unsafe fn us<'a>(p: *const clap_plugin) -> &'a Export {
    // SAFETY: by the caller's word; `plugin` is the first field.
    unsafe { &*(p as *const Export) }
}

/// The shared state of an instance, for tests; the plugin gets it from [`Shared::current`].
///
/// # Safety
/// `p` must come from this file's factory and not be destroyed yet.
pub unsafe fn shared_of(p: *const clap_plugin) -> Arc<Shared> {
    // SAFETY: by the caller's word.
    unsafe { us(p).shared.clone() }
}

/// SAFETY: `host` is a host's, as `create_plugin` got it.
unsafe fn create(host: *const clap_host) -> *const clap_plugin {
    let shared = Shared::new();
    let wrapper = shared.hand_to(|| {
        // SAFETY: by the caller's word.
        unsafe { Wrapper::<P>::new(host) }
    });
    let inner = *wrapper.clap_plugin.borrow();
    let by_id = wrapper.param_ptr_to_hash.iter().map(|(ptr, id)| (*id, *ptr)).collect();
    let plugin_data = Arc::into_raw(wrapper) as *mut c_void; // the framework's `destroy` takes it back
    debug_assert_eq!(plugin_data, inner.plugin_data);
    let extension = |id: &CStr| {
        inner.get_extension.map_or(null(), |get| {
            // SAFETY: `inner` is the framework's own plugin, complete with its data.
            unsafe { get(&inner, id.as_ptr()) }
        })
    };
    // SAFETY: the framework has both extensions, always, in structs that live as long as it does.
    let (inner_params, inner_ports) = unsafe {
        (
            *(extension(CLAP_EXT_PARAMS) as *const clap_plugin_params),
            *(extension(CLAP_EXT_AUDIO_PORTS) as *const clap_plugin_audio_ports),
        )
    };
    let none = clap_audio_buffer {
        data32: null_mut(),
        data64: null_mut(),
        channel_count: 2,
        latency: 0,
        constant_mask: 0,
    };
    let export = Box::new(Export {
        plugin: clap_plugin {
            init: Some(init),
            destroy: Some(destroy),
            activate: Some(activate),
            process: Some(process),
            get_extension: Some(get_extension),
            on_main_thread: Some(on_main_thread),
            ..inner
        },
        params: clap_plugin_params {
            get_info: Some(param_info),
            get_value: Some(param_value),
            ..inner_params
        },
        ports: clap_plugin_audio_ports { get: Some(port_info), ..inner_ports },
        inner,
        inner_params,
        inner_ports,
        by_id,
        shared,
        host: Arc::new(Host(host, AtomicU32::new(0))),
        block: Mutex::new(Block { repair: BlockRepair::default(), inputs: [none; STEMS] }),
    });
    Box::into_raw(export) as *const clap_plugin
}

unsafe extern "C" fn init(p: *const clap_plugin) -> bool {
    // SAFETY: CLAP's contract.
    unsafe {
        us(p).shared.set_host(Some(us(p).host.clone()));
        us(p).inner.init.is_some_and(|f| f(p))
    }
}

unsafe extern "C" fn destroy(p: *const clap_plugin) {
    // SAFETY: CLAP's contract; this is the last call, so the box is ours alone again.
    unsafe {
        us(p).shared.set_host(None); // an editor that outlives us finds no host
        if let Some(f) = us(p).inner.destroy {
            f(p);
        }
        drop(Box::from_raw(p as *mut Export));
    }
}

unsafe extern "C" fn activate(p: *const clap_plugin, rate_hz: f64, min: u32, max: u32) -> bool {
    // SAFETY: CLAP's contract.
    unsafe {
        us(p).block.lock().repair.resize(max as usize);
        us(p).inner.activate.is_some_and(|f| f(p, rate_hz, min, max))
    }
}

unsafe extern "C" fn on_main_thread(p: *const clap_plugin) {
    // SAFETY: CLAP's contract.
    unsafe {
        us(p).host.tell();
        if let Some(f) = us(p).inner.on_main_thread {
            f(p);
        }
    }
}

unsafe extern "C" fn get_extension(p: *const clap_plugin, id: *const c_char) -> *const c_void {
    // SAFETY: CLAP's contract; what is returned lives as long as the plugin.
    unsafe {
        if id.is_null() {
            return null();
        }
        let us = us(p);
        match CStr::from_ptr(id) {
            id if id == CLAP_EXT_PARAMS => &raw const us.params as *const c_void,
            id if id == CLAP_EXT_STATE => &raw const STATE as *const c_void,
            id if id == CLAP_EXT_AUDIO_PORTS => &raw const us.ports as *const c_void,
            // The framework's `gui.create` aborts where the host lacks its side of the extension.
            id if id == CLAP_EXT_GUI && us.host.extension::<clap_host_gui>(id).is_none() => null(),
            id => us.inner.get_extension.map_or(null(), |f| f(p, id.as_ptr())),
        }
    }
}

unsafe extern "C" fn process(p: *const clap_plugin, process: *const clap_process) -> clap_process_status {
    // SAFETY: CLAP's contract: the arrays in `process` have the lengths it says, each channel has
    // `frames_count` floats, and all of it lives for this call.
    unsafe {
        if p.is_null() || process.is_null() {
            return CLAP_PROCESS_ERROR;
        }
        let us = us(p);
        let mut c = *process;
        // Free, unless a host activates at the same time, which it must not.
        let Some(mut block) = us.block.try_lock() else { return CLAP_PROCESS_ERROR };
        let Block { repair, inputs } = &mut *block;
        let frames = c.frames_count as usize;
        let bus = |array: *const clap_audio_buffer, count: u32, k: usize| {
            if frames == 0 || array.is_null() || k as u32 >= count {
                HostBus::MISSING
            } else {
                read_bus(&*array.add(k))
            }
        };
        let ins = std::array::from_fn(|k| bus(c.audio_inputs, c.audio_inputs_count, k));
        let out = bus(c.audio_outputs, c.audio_outputs_count, 0);
        let events = BlockEvents::new(c.in_events, c.frames_count);
        let list = events.list();
        if !c.in_events.is_null() {
            c.in_events = &list;
        }
        if !repair.prepare(frames, &ins, &out) {
            if let Some(flush) = us.inner_params.flush {
                flush(p, c.in_events, c.out_events);
            }
            return CLAP_PROCESS_CONTINUE;
        }
        for &(from, to) in repair.copies() {
            // `from` is a channel of the host's, `to` lies in our scratch.
            std::ptr::copy_nonoverlapping(from, to, frames);
        }
        us.shared.set_inputs(repair.connected, repair.silent);
        for (bus, pair) in inputs.iter_mut().zip(&mut repair.inputs) {
            bus.data32 = pair.as_mut_ptr();
        }
        let mut output = clap_audio_buffer { data32: repair.output.as_mut_ptr(), ..inputs[0] };
        (c.audio_inputs, c.audio_inputs_count) = (inputs.as_ptr(), STEMS as u32);
        (c.audio_outputs, c.audio_outputs_count) = (&mut output, 1);
        (*(*process).audio_outputs).constant_mask = 0; // may be left over from another plugin
        us.inner.process.map_or(CLAP_PROCESS_ERROR, |f| f(p, &c))
    }
}

/// The events of a block, none past its end: the framework cuts the block where the next event lies, and
/// would go on behind the host's memory. Some hosts send one there; it acts on the last frame.
struct BlockEvents {
    host: *const clap_input_events,
    last_frame: u32,
    /// The late event asked for last, moved.
    moved: Cell<MaybeUninit<clap_event_param_value>>,
}

impl BlockEvents {
    fn new(host: *const clap_input_events, frames: u32) -> Self {
        Self { host, last_frame: frames.saturating_sub(1), moved: Cell::new(MaybeUninit::uninit()) }
    }

    /// Valid as long as `self` stays where it is.
    fn list(&self) -> clap_input_events {
        clap_input_events {
            ctx: (&raw const *self) as *mut c_void,
            size: Some(event_count),
            get: Some(event_in_block),
        }
    }
}

unsafe extern "C" fn event_count(list: *const clap_input_events) -> u32 {
    // SAFETY: `list` is made by `BlockEvents::list`, and the host's list lives as long as the block.
    unsafe {
        let host = (*((*list).ctx as *const BlockEvents)).host;
        (*host).size.map_or(0, |f| f(host))
    }
}

unsafe extern "C" fn event_in_block(list: *const clap_input_events, i: u32) -> *const clap_event_header {
    // SAFETY: as above; a core event has the struct of its type.
    unsafe {
        let block = &*((*list).ctx as *const BlockEvents);
        let event = (*block.host).get.map_or(null(), |f| f(block.host, i));
        let Some(header) = event.as_ref().filter(|e| e.time > block.last_frame) else { return event };
        let is_core = header.space_id == CLAP_CORE_EVENT_SPACE_ID;
        if !is_core || !matches!(header.type_, CLAP_EVENT_PARAM_VALUE | CLAP_EVENT_PARAM_MOD) {
            return null(); // of no use to us, and skipped by the framework
        }
        // A modulation has the layout of a value.
        let mut moved = *(event as *const clap_event_param_value);
        moved.header.time = block.last_frame;
        block.moved.set(MaybeUninit::new(moved));
        block.moved.as_ptr() as *const clap_event_header
    }
}
const _: () = assert!(size_of::<clap_event_param_value>() == size_of::<clap_event_param_mod>());

/// SAFETY: `bus` describes `channel_count` channels of a frame each at least, or has a null array.
unsafe fn read_bus(bus: &clap_audio_buffer) -> HostBus {
    if bus.data32.is_null() || bus.channel_count < 1 {
        return HostBus::MISSING;
    }
    let mono = bus.channel_count == 1;
    // SAFETY: by the caller's word.
    unsafe {
        let channels = [*bus.data32, if mono { null_mut() } else { *bus.data32.add(1) }];
        // A constant channel need not be zero: look at its first frame.
        let still = |side: usize| {
            channels[side].is_null() || (bus.constant_mask >> side & 1 == 1 && *channels[side] == 0.0)
        };
        HostBus { channels, mono, silent: still(0) && still(1) }
    }
}

unsafe extern "C" fn param_info(p: *const clap_plugin, index: u32, info: *mut clap_param_info) -> bool {
    // SAFETY: CLAP's contract: `info` is the host's to be written.
    unsafe {
        let us = us(p);
        // The framework indexes out of bounds at `count`.
        let Some(key) = ParamKey::all().nth(index as usize) else { return false };
        if info.is_null() || !us.inner_params.get_info.is_some_and(|f| f(p, index, info)) {
            return false;
        }
        if let Some(title) = us.shared.title(key) {
            write_chars(&mut (*info).name, &title);
        }
        true
    }
}

unsafe extern "C" fn param_value(p: *const clap_plugin, id: u32, value: *mut f64) -> bool {
    // SAFETY: CLAP's contract: `value` is the host's to be written; the pointer lives with `shared`.
    unsafe {
        let Some(param) = us(p).by_id.get(&id).filter(|_| !value.is_null()) else { return false };
        // The framework gives the modulated value, which a host would save or show as the knob's.
        *value = f64::from(param.unmodulated_normalized_value()) * param.step_count().unwrap_or(1) as f64;
        true
    }
}

unsafe extern "C" fn port_info(
    p: *const clap_plugin,
    index: u32,
    input: bool,
    info: *mut clap_audio_port_info,
) -> bool {
    // SAFETY: CLAP's contract: `info` is the host's to be written.
    unsafe {
        let us = us(p);
        let count = us.inner_ports.count.map_or(0, |f| f(p, input));
        if index >= count || info.is_null() || !us.inner_ports.get.is_some_and(|f| f(p, index, input, info)) {
            return false;
        }
        if !input {
            write_chars(&mut (*info).name, "Mix"); // the framework gives it the main input's name
        }
        true
    }
}

static STATE: clap_plugin_state = clap_plugin_state { save: Some(state_save), load: Some(state_load) };

unsafe extern "C" fn state_save(p: *const clap_plugin, stream: *const clap_ostream) -> bool {
    // SAFETY: CLAP's contract: the stream lives for this call and takes as much as we say there is.
    unsafe {
        let Some(stream) = stream.as_ref() else { return false };
        let Some(write) = stream.write else { return false };
        let json = us(p).shared.document().to_json();
        let mut rest = json.as_bytes();
        while !rest.is_empty() {
            let taken = write(stream, rest.as_ptr().cast(), rest.len() as u64);
            match usize::try_from(taken) {
                Ok(n) if n > 0 && n <= rest.len() => rest = &rest[n..],
                _ => return false,
            }
        }
        true
    }
}

unsafe extern "C" fn state_load(p: *const clap_plugin, stream: *const clap_istream) -> bool {
    // SAFETY: CLAP's contract: the stream lives for this call and writes no more than we ask for.
    unsafe {
        let Some(stream) = stream.as_ref() else { return false };
        let Some(read) = stream.read else { return false };
        let mut bytes = Vec::new();
        let mut part = [0u8; 4096];
        while bytes.len() <= MAX_BYTES {
            match usize::try_from(read(stream, part.as_mut_ptr().cast(), part.len() as u64)) {
                Ok(0) => break,
                Ok(n) if n <= part.len() => bytes.extend_from_slice(&part[..n]),
                _ => return false,
            }
        }
        let loaded = us(p).shared.load(&bytes, |param, value| set_plain(param, value)).is_ok();
        if loaded {
            us(p).host.later(VALUES);
        }
        loaded
    }
}

/// Stores a parameter's plain value exactly, as the framework does when it loads a state.
///
/// # Safety
/// None beyond the framework's word that this is for its own use: the values are atomics, and nothing
/// else hangs on them, as we use none of its smoothers.
pub(super) unsafe fn set_plain(param: &HostParam, value: f32) {
    // SAFETY: as above.
    unsafe {
        match param {
            HostParam::Float(p) => p._internal_set_plain_value(value),
            HostParam::Switch(p) => p._internal_set_plain_value(value >= 0.5),
            HostParam::Choice(p) => p._internal_set_plain_value(value as i32),
        };
    }
}

/// Cuts at a whole character and always ends with a zero.
fn write_chars(to: &mut [c_char], text: &str) {
    let text = text.split('\0').next().unwrap_or("");
    let mut n = text.len().min(to.len() - 1);
    while !text.is_char_boundary(n) {
        n -= 1;
    }
    for (c, b) in to.iter_mut().zip(text.as_bytes()[..n].iter().chain(std::iter::repeat(&0))) {
        *c = *b as c_char;
    }
}

fn descriptor() -> &'static PluginDescriptor {
    static ONCE: OnceLock<PluginDescriptor> = OnceLock::new();
    ONCE.get_or_init(PluginDescriptor::for_plugin::<P>)
}

unsafe extern "C" fn plugin_count(_: *const clap_plugin_factory) -> u32 {
    1
}

unsafe extern "C" fn plugin_descriptor(
    _: *const clap_plugin_factory,
    index: u32,
) -> *const clap_plugin_descriptor {
    if index == 0 { descriptor().clap_plugin_descriptor() } else { null() }
}

unsafe extern "C" fn create_plugin(
    _: *const clap_plugin_factory,
    host: *const clap_host,
    id: *const c_char,
) -> *const clap_plugin {
    // SAFETY: CLAP's contract: `id` is a C string, `host` outlives the plugin.
    unsafe {
        if host.is_null() || id.is_null() || CStr::from_ptr(id).to_bytes() != P::CLAP_ID.as_bytes() {
            return null();
        }
        create(host)
    }
}

static FACTORY: clap_plugin_factory = clap_plugin_factory {
    get_plugin_count: Some(plugin_count),
    get_plugin_descriptor: Some(plugin_descriptor),
    create_plugin: Some(create_plugin),
};

unsafe extern "C" fn entry_init(_path: *const c_char) -> bool {
    nice_plug::wrapper::setup_logger::<P>();
    true
}

unsafe extern "C" fn entry_deinit() {}

unsafe extern "C" fn get_factory(id: *const c_char) -> *const c_void {
    // SAFETY: CLAP's contract: `id` is a C string.
    let ours = !id.is_null() && unsafe { CStr::from_ptr(id) } == CLAP_PLUGIN_FACTORY_ID;
    if ours { &raw const FACTORY as *const c_void } else { null() }
}

/// What a CLAP host looks for in the file.
// SAFETY: the name is CLAP's; no other symbol of the program has it.
#[unsafe(no_mangle)]
#[used]
#[allow(non_upper_case_globals)] // CLAP's spelling
pub static clap_entry: clap_plugin_entry = clap_plugin_entry {
    clap_version: clap_sys::version::CLAP_VERSION,
    init: Some(entry_init),
    deinit: Some(entry_deinit),
    get_factory: Some(get_factory),
};
