//! A CLAP host over the bare header: it passes whatever a block describes.

use super::block::HostBlock;
use super::format::{Event, From, HostTransport, Plugin, bundle, normalised};
use super::support::no_alloc::no_alloc;
use clap_sys::audio_buffer::clap_audio_buffer;
use clap_sys::entry::clap_plugin_entry;
use clap_sys::events::*;
use clap_sys::ext::params::*;
use clap_sys::ext::state::*;
use clap_sys::factory::plugin_factory::*;
use clap_sys::fixedpoint::CLAP_SECTIME_FACTOR;
use clap_sys::host::clap_host;
use clap_sys::plugin::clap_plugin;
use clap_sys::process::{CLAP_PROCESS_CONTINUE, CLAP_PROCESS_ERROR, clap_process};
use clap_sys::stream::*;
use clap_sys::version::CLAP_VERSION;
use std::collections::HashMap;
use std::ffi::{CStr, CString, c_char, c_void};
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use stemwright::model::limits::ParamKey;
use stemwright::plugin::export_clap;

/// What a plugin told its host, as rescan flags with the two below.
#[derive(Default)]
pub struct Told(AtomicU32);
pub const DIRTY: u32 = 1 << 30;
pub const CALLBACK: u32 = 1 << 31;

impl Told {
    fn add(host: *const clap_host, what: u32) {
        // SAFETY: `host_data` points at the `Told` of the `RawClap` that owns the host.
        unsafe { (*((*host).host_data as *const Told)).0.fetch_or(what, SeqCst) };
    }
}

unsafe extern "C" fn rescan(host: *const clap_host, flags: u32) {
    Told::add(host, flags);
}
unsafe extern "C" fn dirty(host: *const clap_host) {
    Told::add(host, DIRTY);
}
unsafe extern "C" fn callback(host: *const clap_host) {
    Told::add(host, CALLBACK);
}
unsafe extern "C" fn nothing(_: *const clap_host) {}
static PARAMS: clap_host_params =
    clap_host_params { rescan: Some(rescan), clear: None, request_flush: Some(nothing) };
static STATE: clap_host_state = clap_host_state { mark_dirty: Some(dirty) };

unsafe extern "C" fn host_extension(_: *const clap_host, id: *const c_char) -> *const c_void {
    // SAFETY: the plugin passes a C string.
    match unsafe { CStr::from_ptr(id) } {
        id if id == CLAP_EXT_PARAMS => &raw const PARAMS as _,
        id if id == CLAP_EXT_STATE => &raw const STATE as _,
        _ => null(),
    }
}

unsafe extern "C" fn event_count(list: *const clap_input_events) -> u32 {
    // SAFETY: `ctx` is the vector `with_events` put there.
    unsafe { (&*((*list).ctx as *const Vec<clap_event_param_value>)).len() as u32 }
}
unsafe extern "C" fn event(list: *const clap_input_events, i: u32) -> *const clap_event_header {
    // SAFETY: as above; the plugin asks for less than the count.
    unsafe { &raw const (&*((*list).ctx as *const Vec<clap_event_param_value>))[i as usize].header }
}
unsafe extern "C" fn push(_: *const clap_output_events, _: *const clap_event_header) -> bool {
    true
}

/// Takes and gives a few bytes at a time, as some hosts do.
const STREAM_STEP: u64 = 1000;
unsafe extern "C" fn write(stream: *const clap_ostream, bytes: *const c_void, n: u64) -> i64 {
    let n = n.min(STREAM_STEP) as usize;
    // SAFETY: `ctx` is `save`'s vector, `bytes` has n bytes.
    unsafe {
        (&mut *((*stream).ctx as *mut Vec<u8>))
            .extend_from_slice(std::slice::from_raw_parts(bytes.cast(), n));
    }
    n as i64
}
unsafe extern "C" fn read(stream: *const clap_istream, bytes: *mut c_void, n: u64) -> i64 {
    // SAFETY: `ctx` is `load`'s slice, `bytes` has room for n.
    unsafe {
        let rest = &mut *((*stream).ctx as *mut &[u8]);
        let n = rest.len().min(n.min(STREAM_STEP) as usize);
        std::ptr::copy_nonoverlapping(rest.as_ptr(), bytes.cast(), n);
        *rest = &rest[n..];
        n as i64
    }
}

pub struct RawClap {
    plugin: *const clap_plugin,
    ids: HashMap<ParamKey, (u32, f64)>,
    transport: Option<clap_event_transport>,
    watched: bool,
    active: bool,
    told: Box<Told>,
    _host: Box<clap_host>,
    /// Dropped last.
    _library: Option<libloading::Library>,
}

impl RawClap {
    pub fn open(from: From) -> Self {
        // SAFETY: the plugin is ours, and every call below keeps CLAP's contract.
        unsafe {
            let (library, entry) = match from {
                From::Linked => (None, &raw const export_clap::clap_entry),
                From::Bundle => {
                    let library =
                        libloading::Library::new(bundle("stemwright.clap")).expect("the bundle loads");
                    let entry =
                        *library.get::<*const clap_plugin_entry>(b"clap_entry").expect("an entry point");
                    (Some(library), entry)
                }
            };
            assert!((*entry).init.unwrap()(c"stemwright.clap".as_ptr()));
            let factory =
                (*entry).get_factory.unwrap()(CLAP_PLUGIN_FACTORY_ID.as_ptr()) as *const clap_plugin_factory;
            let told = Box::<Told>::default();
            let host = Box::new(clap_host {
                clap_version: CLAP_VERSION,
                host_data: &raw const *told as *mut c_void,
                name: c"test".as_ptr(),
                vendor: c"test".as_ptr(),
                url: c"".as_ptr(),
                version: c"1".as_ptr(),
                get_extension: Some(host_extension),
                request_restart: Some(nothing),
                request_process: Some(nothing),
                request_callback: Some(callback),
            });
            let id = CString::new("org.stemwright.stem-balancer").unwrap();
            let plugin = (*factory).create_plugin.unwrap()(factory, &*host, id.as_ptr());
            assert!(!plugin.is_null() && (*plugin).init.unwrap()(plugin));
            let mut clap = Self {
                plugin,
                ids: HashMap::new(),
                transport: None,
                watched: from == From::Linked,
                active: false,
                told,
                _host: host,
                _library: library,
            };
            clap.ids = ParamKey::all()
                .enumerate()
                .map(|(i, key)| {
                    let info = clap.info(i as u32).expect("every parameter has its info");
                    (key, (info.id, info.max_value))
                })
                .collect();
            clap
        }
    }

    pub fn plugin(&self) -> *const clap_plugin {
        self.plugin
    }

    /// Everything the plugin told since this was last asked.
    pub fn told(&self) -> u32 {
        self.told.0.swap(0, SeqCst)
    }

    pub fn on_main_thread(&self) {
        // SAFETY: CLAP's contract.
        unsafe { (*self.plugin).on_main_thread.unwrap()(self.plugin) };
    }

    /// The plugin's side of an extension.
    pub fn extension<T>(&self, id: &CStr) -> Option<&T> {
        // SAFETY: the callers name the type that belongs to the id.
        unsafe { ((*self.plugin).get_extension.unwrap()(self.plugin, id.as_ptr()) as *const T).as_ref() }
    }

    pub fn params(&self) -> &clap_plugin_params {
        self.extension(CLAP_EXT_PARAMS).expect("the parameter extension")
    }

    pub fn info(&self, index: u32) -> Option<clap_param_info> {
        // SAFETY: plain data for which all zeros is a value; CLAP's contract.
        unsafe {
            let mut info: clap_param_info = std::mem::zeroed();
            self.params().get_info.unwrap()(self.plugin, index, &mut info).then_some(info)
        }
    }

    pub fn events(&self, events: &[Event]) -> Vec<clap_event_param_value> {
        events
            .iter()
            .map(|e| {
                let (param_id, max) = self.ids[&e.key];
                clap_event_param_value {
                    header: clap_event_header {
                        size: size_of::<clap_event_param_value>() as u32,
                        time: e.frame as u32,
                        space_id: CLAP_CORE_EVENT_SPACE_ID,
                        type_: CLAP_EVENT_PARAM_VALUE,
                        flags: 0,
                    },
                    param_id,
                    cookie: null_mut(),
                    note_id: -1,
                    port_index: -1,
                    channel: -1,
                    key: -1,
                    value: normalised(e.key, e.value) * max,
                }
            })
            .collect()
    }

    /// Calls `process` with exactly these arrays.
    pub fn process_raw(
        &mut self,
        frames: usize,
        inputs: &[clap_audio_buffer],
        outputs: &mut [clap_audio_buffer],
        events: &Vec<clap_event_param_value>,
    ) {
        let in_events = clap_input_events {
            ctx: &raw const *events as *mut c_void,
            size: Some(event_count),
            get: Some(event),
        };
        let out_events = clap_output_events { ctx: null_mut(), try_push: Some(push) };
        let process = clap_process {
            steady_time: -1,
            frames_count: frames as u32,
            transport: self.transport.as_ref().map_or(null(), |transport| transport),
            audio_inputs: if inputs.is_empty() { null() } else { inputs.as_ptr() },
            audio_outputs: if outputs.is_empty() { null_mut() } else { outputs.as_mut_ptr() },
            audio_inputs_count: inputs.len() as u32,
            audio_outputs_count: outputs.len() as u32,
            in_events: &in_events,
            out_events: &out_events,
        };
        // SAFETY: CLAP's contract, but for what the test means to break.
        let call = || unsafe { (*self.plugin).process.unwrap()(self.plugin, &process) };
        let status = if self.watched { no_alloc(call) } else { call() };
        let want = if self.active { CLAP_PROCESS_CONTINUE } else { CLAP_PROCESS_ERROR };
        assert_eq!(status, want, "an active plugin keeps alive");
    }
}

/// A buffer as the header wants it.
pub fn buffer(channels: *mut [*mut f32; 2], count: u32) -> clap_audio_buffer {
    clap_audio_buffer {
        data32: channels.cast(),
        data64: null_mut(),
        channel_count: count,
        latency: 0,
        constant_mask: 0,
    }
}

impl Plugin for RawClap {
    fn set_transport(&mut self, now: HostTransport) {
        let plays = if now.plays { CLAP_TRANSPORT_IS_PLAYING } else { 0 };
        self.transport = Some(clap_event_transport {
            header: clap_event_header {
                size: size_of::<clap_event_transport>() as u32,
                time: 0,
                space_id: CLAP_CORE_EVENT_SPACE_ID,
                type_: CLAP_EVENT_TRANSPORT,
                flags: 0,
            },
            flags: plays | CLAP_TRANSPORT_HAS_TEMPO | CLAP_TRANSPORT_HAS_SECONDS_TIMELINE,
            song_pos_beats: 0,
            song_pos_seconds: (now.seconds * CLAP_SECTIME_FACTOR as f64).round() as i64,
            tempo: now.tempo_bpm,
            tempo_inc: 0.0,
            loop_start_beats: 0,
            loop_end_beats: 0,
            loop_start_seconds: 0,
            loop_end_seconds: 0,
            bar_start: 0,
            bar_number: 0,
            tsig_num: 4,
            tsig_denom: 4,
        });
    }

    fn activate(&mut self, sample_rate_hz: f64, max_frames: usize) {
        // SAFETY: CLAP's contract.
        unsafe {
            assert!((*self.plugin).activate.unwrap()(self.plugin, sample_rate_hz, 1, max_frames as u32));
            assert!((*self.plugin).start_processing.unwrap()(self.plugin));
        }
        self.active = true;
    }

    fn deactivate(&mut self) {
        // SAFETY: CLAP's contract.
        unsafe {
            (*self.plugin).stop_processing.unwrap()(self.plugin);
            (*self.plugin).deactivate.unwrap()(self.plugin);
        }
        self.active = false;
    }

    fn set_input_active(&mut self, _input: usize, _active: bool) -> bool {
        false
    }

    fn process(&mut self, block: &mut HostBlock, events: &[Event]) {
        let inputs: Vec<_> = block
            .inputs
            .iter_mut()
            .zip(&block.buses)
            .map(|(pair, bus)| match bus {
                super::block::Bus::NoArray => buffer(null_mut(), 2),
                bus => buffer(pair, bus.channels()),
            })
            .collect();
        let mut output = [buffer(&mut block.output, 2)];
        let events = self.events(events);
        self.process_raw(block.frames, &inputs, &mut output, &events);
    }

    fn flush(&mut self, events: &[Event]) {
        let events = self.events(events);
        let list = clap_input_events {
            ctx: &raw const events as *mut c_void,
            size: Some(event_count),
            get: Some(event),
        };
        let out = clap_output_events { ctx: null_mut(), try_push: Some(push) };
        // SAFETY: CLAP's contract.
        unsafe { self.params().flush.unwrap()(self.plugin, &list, &out) };
    }

    fn save(&self) -> Vec<u8> {
        let mut bytes = Vec::<u8>::new();
        let state: &clap_plugin_state = self.extension(CLAP_EXT_STATE).expect("the state extension");
        let stream = clap_ostream { ctx: &raw mut bytes as *mut c_void, write: Some(write) };
        // SAFETY: CLAP's contract.
        assert!(unsafe { state.save.unwrap()(self.plugin, &stream) });
        bytes
    }

    fn load(&mut self, state: &[u8]) -> bool {
        let mut rest = state;
        let extension: &clap_plugin_state = self.extension(CLAP_EXT_STATE).expect("the state extension");
        let stream = clap_istream { ctx: &raw mut rest as *mut c_void, read: Some(read) };
        // SAFETY: CLAP's contract.
        unsafe { extension.load.unwrap()(self.plugin, &stream) }
    }

    fn value(&self, key: ParamKey) -> f64 {
        let (id, max) = self.ids[&key];
        let mut value = f64::NAN;
        // SAFETY: CLAP's contract.
        assert!(unsafe { self.params().get_value.unwrap()(self.plugin, id, &mut value) });
        value / max
    }

    fn title(&self, key: ParamKey) -> String {
        let index = ParamKey::all().position(|k| k == key).expect("a parameter of ours");
        let info = self.info(index as u32).expect("its info");
        // SAFETY: the plugin ends the name with a zero.
        unsafe { CStr::from_ptr(info.name.as_ptr()) }.to_str().expect("UTF-8").to_owned()
    }

    fn text(&self, key: ParamKey, value: f64) -> String {
        let (id, max) = self.ids[&key];
        let mut text = [0 as c_char; 64];
        let value = normalised(key, value) * max;
        // SAFETY: CLAP's contract; the plugin ends the text with a zero.
        unsafe {
            assert!(self.params().value_to_text.unwrap()(self.plugin, id, value, text.as_mut_ptr(), 64));
            CStr::from_ptr(text.as_ptr()).to_str().expect("UTF-8").to_owned()
        }
    }

    fn read(&self, key: ParamKey, text: &str) -> Option<f64> {
        let (id, max) = self.ids[&key];
        let text = CString::new(text).expect("no zeros in it");
        let mut value = f64::NAN;
        // SAFETY: CLAP's contract.
        let is_read =
            unsafe { self.params().text_to_value.unwrap()(self.plugin, id, text.as_ptr(), &mut value) };
        is_read.then_some(value / max)
    }
}

impl Drop for RawClap {
    fn drop(&mut self) {
        if self.active {
            self.deactivate();
        }
        // SAFETY: CLAP's contract; nothing is called afterwards.
        unsafe { (*self.plugin).destroy.unwrap()(self.plugin) };
    }
}
