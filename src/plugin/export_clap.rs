//! Our CLAP entry point over the framework's public `Wrapper<P>`.
//!
//! The instance a host gets is ours: it starts with a `clap_plugin` whose `plugin_data` is the
//! framework's, through which alone the framework finds itself. So every function and extension of the
//! framework works when called with our pointer, and ours find [`Export`] by the same address.
//!
//! What we do ourselves: the block repair around `process`; parameter events and the splitting of
//! blocks at them (the framework wakes a thread for every value, and trusts an event's time); state
//! (the document, see `Shared::load`); parameter titles with the stems' names; bounds of `get_info`;
//! base values in `get_value`; the output port's name; the tail; telling the host of renames on its
//! main thread.
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
use super::params::{HostParam, HostParams};
use super::points::{Change, Points};
use super::shared::{Edit, HostCalls, Shared};
use super::transport::Transport;
use crate::dsp::delay;
use crate::model::document::MAX_BYTES;
use crate::model::limits::{MAX_DELAY_MS, ParamKey, STEMS};
use atomic_float::AtomicF32;
use clap_sys::audio_buffer::clap_audio_buffer;
use clap_sys::entry::clap_plugin_entry;
use clap_sys::events::{
    CLAP_CORE_EVENT_SPACE_ID, CLAP_EVENT_PARAM_MOD, CLAP_EVENT_PARAM_VALUE,
    CLAP_TRANSPORT_HAS_SECONDS_TIMELINE, CLAP_TRANSPORT_HAS_TEMPO, CLAP_TRANSPORT_IS_PLAYING,
    clap_event_param_mod, clap_event_param_value, clap_event_transport, clap_input_events,
    clap_output_events,
};
use clap_sys::ext::audio_ports::{CLAP_EXT_AUDIO_PORTS, clap_audio_port_info, clap_plugin_audio_ports};
use clap_sys::ext::gui::{CLAP_EXT_GUI, clap_host_gui};
use clap_sys::ext::params::{
    CLAP_EXT_PARAMS, CLAP_PARAM_RESCAN_INFO, CLAP_PARAM_RESCAN_TEXT, CLAP_PARAM_RESCAN_VALUES,
    clap_host_params, clap_param_info, clap_plugin_params,
};
use clap_sys::ext::render::{
    CLAP_EXT_RENDER, CLAP_RENDER_OFFLINE, clap_plugin_render, clap_plugin_render_mode,
};
use clap_sys::ext::state::{CLAP_EXT_STATE, clap_host_state, clap_plugin_state};
use clap_sys::ext::tail::{CLAP_EXT_TAIL, clap_plugin_tail};
use clap_sys::factory::plugin_factory::{CLAP_PLUGIN_FACTORY_ID, clap_plugin_factory};
use clap_sys::fixedpoint::CLAP_SECTIME_FACTOR;
use clap_sys::host::clap_host;
use clap_sys::plugin::{clap_plugin, clap_plugin_descriptor};
use clap_sys::process::{CLAP_PROCESS_CONTINUE, CLAP_PROCESS_ERROR, clap_process, clap_process_status};
use clap_sys::stream::{clap_istream, clap_ostream};
use nice_plug::params::InternalParamMut;
use nice_plug::prelude::ClapPlugin;
use nice_plug::wrapper::clap::{PluginDescriptor, Wrapper};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::ffi::{CStr, c_char, c_void};
use std::ptr::{null, null_mut};
use std::sync::atomic::{
    AtomicU32,
    Ordering::{Relaxed, SeqCst},
};
use std::sync::{Arc, OnceLock};

/// The arrays handed to the framework for one block.
struct Block {
    repair: BlockRepair,
    inputs: [clap_audio_buffer; STEMS],
    points: Points,
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
    /// A parameter's place in the host's list by its id.
    by_id: HashMap<u32, usize>,
    shared: Arc<Shared>,
    host: Arc<Host>,
    /// Longest tail in frames; 0 while the plugin is not active, and then nothing can sound. Written by
    /// `activate` and `deactivate`, read on any thread.
    tail_frames: AtomicU32,
    block: Mutex<Block>,
}

impl Export {
    /// The parameter of an id, and how far CLAP counts from one of its ends to the other.
    fn param(&self, id: u32) -> Option<(ParamKey, f64)> {
        let at = *self.by_id.get(&id)?;
        let (param, _) = self.shared.params.at(at)?;
        Some((ParamKey::all().nth(at)?, param.clap_span()))
    }
}

/// What there is to tell the host.
const TITLES: u32 = 1;
const DIRTY: u32 = 2;
const VALUES: u32 = 4;

/// The host, and what is still to be told it on its main thread.
struct Host {
    host: *const clap_host,
    to_tell: AtomicU32,
    params: Arc<HostParams>,
}
// SAFETY: the host outlives the plugin; off the main thread only `request_callback` is called, which
// CLAP allows on any thread.
unsafe impl Send for Host {}
// SAFETY: as above.
unsafe impl Sync for Host {}

impl Host {
    fn later(&self, what: u32) {
        self.to_tell.fetch_or(what, SeqCst);
        // SAFETY: see above.
        unsafe {
            if let Some(request) = (*self.host).request_callback {
                request(self.host);
            }
        }
    }

    /// SAFETY: on the main thread only.
    unsafe fn tell(&self) {
        let what = self.to_tell.swap(0, SeqCst);
        let mut rescan = 0;
        if what & TITLES != 0 {
            rescan |= CLAP_PARAM_RESCAN_INFO | CLAP_PARAM_RESCAN_TEXT;
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
                call(self.host, rescan);
            }
            if what & DIRTY != 0
                && let Some(ext) = self.extension::<clap_host_state>(CLAP_EXT_STATE)
                && let Some(call) = ext.mark_dirty
            {
                call(self.host);
            }
        }
    }

    /// SAFETY: `T` must be the host's side of extension `id`.
    unsafe fn extension<T>(&self, id: &CStr) -> Option<&T> {
        // SAFETY: the host gives null or its struct, which lives as long as the host.
        unsafe { ((*self.host).get_extension?(self.host, id.as_ptr()) as *const T).as_ref() }
    }
}

impl HostCalls for Host {
    fn mark_dirty(&self) {
        self.later(DIRTY);
    }
    fn titles_changed(&self) {
        self.later(TITLES);
    }
    fn edit(&self, key: ParamKey, edit: Edit) -> bool {
        if let Edit::Set(value) = edit {
            // At once: the framework would with the next block, and a second step of a wheel before
            // that would start from the old value.
            apply(&self.params, key.index(), Change::Value(value));
        }
        false // the framework tells the host by an output event
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
    shared.begin(|at, value| set_plain(&shared.params, at, value));
    let inner = *wrapper.clap_plugin.borrow();
    let pointers = shared.params.iter().map(|(_, param)| param.as_ptr()).enumerate();
    let by_id = pointers.filter_map(|(at, p)| Some((*wrapper.param_ptr_to_hash.get(&p)?, at))).collect();
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
            deactivate: Some(deactivate),
            process: Some(process),
            get_extension: Some(get_extension),
            on_main_thread: Some(on_main_thread),
            ..inner
        },
        params: clap_plugin_params {
            get_info: Some(param_info),
            get_value: Some(param_value),
            value_to_text: Some(param_text),
            text_to_value: Some(param_of_text),
            flush: Some(params_flush),
            ..inner_params
        },
        ports: clap_plugin_audio_ports { get: Some(port_info), ..inner_ports },
        inner,
        inner_params,
        inner_ports,
        by_id,
        host: Arc::new(Host { host, to_tell: AtomicU32::new(0), params: shared.params.clone() }),
        shared,
        tail_frames: AtomicU32::new(0),
        block: Mutex::new(Block {
            repair: BlockRepair::default(),
            inputs: [none; STEMS],
            points: Points::default(),
        }),
    });
    Box::into_raw(export) as *const clap_plugin
}

unsafe extern "C" fn init(p: *const clap_plugin) -> bool {
    // SAFETY: CLAP's contract.
    unsafe {
        us(p).shared.set_host(Some(us(p).host.clone()));
        let name = (*us(p).host.host).name;
        if !name.is_null() {
            us(p).shared.set_host_name(&CStr::from_ptr(name).to_string_lossy());
        }
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
        let is_active = us(p).inner.activate.is_some_and(|f| f(p, rate_hz, min, max));
        let tail = delay::frames(f64::from(MAX_DELAY_MS), rate_hz).max(1) as u32;
        us(p).tail_frames.store(if is_active { tail } else { 0 }, SeqCst);
        is_active
    }
}

unsafe extern "C" fn deactivate(p: *const clap_plugin) {
    // SAFETY: CLAP's contract.
    unsafe {
        us(p).tail_frames.store(0, SeqCst);
        if let Some(f) = us(p).inner.deactivate {
            f(p);
        }
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
            id if id == CLAP_EXT_RENDER => &raw const RENDER as *const c_void,
            id if id == CLAP_EXT_TAIL => &raw const TAIL as *const c_void,
            // The framework's `gui.create` aborts where the host lacks its side of the extension.
            id if id == CLAP_EXT_GUI && us.host.extension::<clap_host_gui>(id).is_none() => null(),
            id => us.inner.get_extension.map_or(null(), |f| f(p, id.as_ptr())),
        }
    }
}

/// The host says whether it renders or somebody listens; nothing else depends on it.
static RENDER: clap_plugin_render =
    clap_plugin_render { has_hard_realtime_requirement: Some(is_hard_realtime), set: Some(set_render_mode) };

unsafe extern "C" fn is_hard_realtime(_: *const clap_plugin) -> bool {
    false
}

unsafe extern "C" fn set_render_mode(p: *const clap_plugin, mode: clap_plugin_render_mode) -> bool {
    // SAFETY: CLAP's contract.
    unsafe { us(p) }.shared.set_offline(mode == CLAP_RENDER_OFFLINE);
    true
}

/// Applies a change as the framework would, but without its task for every one: that costs the audio
/// thread a system call, and in VST3, with an editor open in a host without a run loop, it kills the
/// framework's worker thread and later the host.
pub(super) fn apply(params: &HostParams, index: usize, change: Change) {
    let Some((param, modulation)) = params.at(index) else { return };
    match change {
        Change::Modulation(offset) => {
            modulation.store(offset, Relaxed);
            // SAFETY: the parameter is borrowed; values are atomics, and we use none of the
            // framework's smoothers.
            unsafe { param.as_ptr()._internal_modulate_value(offset) };
        }
        Change::Value(value) => without_modulation(param, modulation, || {
            // SAFETY: as above.
            unsafe { param.as_ptr()._internal_set_normalized_value(value) };
        }),
    }
}

/// Stores a parameter's plain value exactly, as the framework does when it loads a state.
pub(super) fn set_plain(params: &HostParams, index: usize, value: f32) {
    let Some((param, modulation)) = params.at(index) else { return };
    without_modulation(param, modulation, || {
        // SAFETY: as above.
        unsafe {
            match param {
                HostParam::Float(p) => p._internal_set_plain_value(value),
                HostParam::Switch(p) => p._internal_set_plain_value(value >= 0.5),
                HostParam::Choice(p) => p._internal_set_plain_value(value as i32),
            };
        }
    });
}

/// Runs `set` with the modulation taken off: while there is some, the framework drops a value that
/// sounds the same at the moment.
fn without_modulation(param: &HostParam, modulation: &AtomicF32, set: impl FnOnce()) {
    let offset = modulation.load(Relaxed);
    if offset == 0.0 {
        return set();
    }
    // SAFETY: the parameter is borrowed; values are atomics.
    unsafe { param.as_ptr()._internal_modulate_value(0.0) };
    set();
    // SAFETY: as above.
    unsafe { param.as_ptr()._internal_modulate_value(offset) };
}

/// Reads the parameter events of a block of `frames`.
///
/// SAFETY: `events` is null or the host's, alive for this call.
unsafe fn read_points(us: &Export, events: *const clap_input_events, frames: usize, points: &mut Points) {
    points.clear(frames);
    // SAFETY: by the caller's word; an event is as large as its type says.
    unsafe {
        let Some(list) = events.as_ref() else { return };
        let (Some(size), Some(get)) = (list.size, list.get) else { return };
        for i in 0..size(list) {
            let event = get(list, i);
            let Some(header) = event.as_ref().filter(|h| h.space_id == CLAP_CORE_EVENT_SPACE_ID) else {
                continue;
            };
            let (id, amount, is_value) = match header.type_ {
                CLAP_EVENT_PARAM_VALUE => {
                    let event = &*(event as *const clap_event_param_value);
                    (event.param_id, event.value, true)
                }
                CLAP_EVENT_PARAM_MOD => {
                    let event = &*(event as *const clap_event_param_mod);
                    (event.param_id, event.amount, false)
                }
                _ => continue,
            };
            let Some(&index) = us.by_id.get(&id).filter(|_| amount.is_finite()) else { continue };
            let Some((param, _)) = us.shared.params.at(index) else { continue };
            let amount = (amount / param.clap_span()) as f32;
            let change = if is_value {
                Change::Value(amount.clamp(0.0, 1.0))
            } else {
                Change::Modulation(amount.clamp(-1.0, 1.0))
            };
            if let Some(early) = points.push(i64::from(header.time), index, change) {
                apply(&us.shared.params, early.param, early.change);
            }
        }
        points.sort();
    }
}

unsafe extern "C" fn params_flush(
    p: *const clap_plugin,
    in_events: *const clap_input_events,
    out_events: *const clap_output_events,
) {
    // SAFETY: CLAP's contract: never at the same time as `process`.
    unsafe {
        let us = us(p);
        if let Some(mut block) = us.block.try_lock() {
            read_points(us, in_events, 1, &mut block.points);
            while let Some(point) = block.points.take_until(0) {
                apply(&us.shared.params, point.param, point.change);
            }
        }
        if let Some(flush) = us.inner_params.flush {
            flush(p, null(), out_events); // what the editor has for the host
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
        let frames = c.frames_count as usize;
        // Free, unless a host activates at the same time, which it must not.
        let Some(mut block) = us.block.try_lock() else { return CLAP_PROCESS_ERROR };
        let Block { repair, inputs, points } = &mut *block;
        read_points(us, c.in_events, frames, points);
        c.in_events = null();
        if us.tail_frames.load(SeqCst) == 0 {
            // Not active: the framework would abort.
            while let Some(point) = points.take_until(frames) {
                apply(&us.shared.params, point.param, point.change);
            }
            return CLAP_PROCESS_ERROR;
        }
        let bus = |array: *const clap_audio_buffer, count: u32, k: usize| {
            if frames == 0 || array.is_null() || k as u32 >= count {
                HostBus::MISSING
            } else {
                read_bus(&*array.add(k))
            }
        };
        let ins = std::array::from_fn(|k| bus(c.audio_inputs, c.audio_inputs_count, k));
        let out = bus(c.audio_outputs, c.audio_outputs_count, 0);
        if !repair.prepare(frames, &ins, &out) {
            while let Some(point) = points.take_until(frames) {
                apply(&us.shared.params, point.param, point.change);
            }
            if let Some(flush) = us.inner_params.flush {
                flush(p, null(), c.out_events);
            }
            return CLAP_PROCESS_CONTINUE;
        }
        for &(from, to) in repair.copies() {
            // `from` is a channel of the host's, `to` lies in our scratch.
            std::ptr::copy_nonoverlapping(from, to, frames);
        }
        us.shared.set_inputs(repair.connected, repair.silent);
        us.shared.transport.set(&c.transport.as_ref().map_or(Transport::default(), transport));
        (*(*process).audio_outputs).constant_mask = 0; // may be left over from another plugin
        let mut start = 0;
        loop {
            while let Some(point) = points.take_until(start) {
                apply(&us.shared.params, point.param, point.change);
            }
            let len = points.next_split() - start;
            for (bus, pair) in inputs.iter_mut().zip(&mut repair.inputs) {
                bus.data32 = pair.as_mut_ptr();
            }
            let mut output = clap_audio_buffer { data32: repair.output.as_mut_ptr(), ..inputs[0] };
            c.frames_count = len as u32;
            (c.audio_inputs, c.audio_inputs_count) = (inputs.as_ptr(), STEMS as u32);
            (c.audio_outputs, c.audio_outputs_count) = (&mut output, 1);
            let status = us.inner.process.map_or(CLAP_PROCESS_ERROR, |f| f(p, &c));
            start += len;
            if status == CLAP_PROCESS_ERROR || start == frames {
                return status;
            }
            repair.advance(len);
        }
    }
}

fn transport(from: &clap_event_transport) -> Transport {
    let has = |flag| from.flags & flag != 0;
    Transport {
        is_playing: has(CLAP_TRANSPORT_IS_PLAYING),
        tempo_bpm: has(CLAP_TRANSPORT_HAS_TEMPO).then_some(from.tempo),
        position_s: has(CLAP_TRANSPORT_HAS_SECONDS_TIMELINE)
            .then(|| from.song_pos_seconds as f64 / CLAP_SECTIME_FACTOR as f64),
    }
}

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
    // SAFETY: CLAP's contract: `value` is the host's to be written.
    unsafe {
        let us = us(p);
        let index = us.by_id.get(&id).filter(|_| !value.is_null());
        let Some((param, _)) = index.and_then(|at| us.shared.params.at(*at)) else { return false };
        // The framework gives the modulated value, which a host would save or show as the knob's.
        *value = f64::from(param.normalised_value()) * param.clap_span();
        true
    }
}

unsafe extern "C" fn param_text(
    p: *const clap_plugin,
    id: u32,
    value: f64,
    text: *mut c_char,
    capacity: u32,
) -> bool {
    // SAFETY: CLAP's contract: `text` has room for `capacity` characters, the host's to be written.
    unsafe {
        let us = us(p);
        if !text.is_null()
            && capacity > 0
            && let Some((key, span)) = us.param(id)
            && let Some(words) = us.shared.value_text(key, value / span)
        {
            write_chars(std::slice::from_raw_parts_mut(text, capacity as usize), &words);
            return true;
        }
        us.inner_params.value_to_text.is_some_and(|f| f(p, id, value, text, capacity))
    }
}

unsafe extern "C" fn param_of_text(
    p: *const clap_plugin,
    id: u32,
    text: *const c_char,
    value: *mut f64,
) -> bool {
    // SAFETY: CLAP's contract: `text` is a C string, `value` is the host's to be written.
    unsafe {
        let us = us(p);
        if !text.is_null()
            && !value.is_null()
            && let Some((key, span)) = us.param(id)
            && let Some(found) = us.shared.text_value(key, &CStr::from_ptr(text).to_string_lossy())
        {
            *value = found * span;
            return true;
        }
        us.inner_params.text_to_value.is_some_and(|f| f(p, id, text, value))
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

static TAIL: clap_plugin_tail = clap_plugin_tail { get: Some(tail) };

unsafe extern "C" fn tail(p: *const clap_plugin) -> u32 {
    // SAFETY: CLAP's contract.
    unsafe { us(p).tail_frames.load(SeqCst) }
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
        let shared = &us(p).shared;
        let loaded = shared.load(&bytes, |at, value| set_plain(&shared.params, at, value)).is_ok();
        if loaded {
            us(p).host.later(VALUES);
        }
        loaded
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
