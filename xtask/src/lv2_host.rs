//! The least of an LV2 host: one plugin's ports by their symbols, and blocks by the clock.

use anyhow::{Context, Result, ensure};
use libloading::{Library, Symbol};
use std::ffi::{CStr, CString, c_char, c_void};
use std::fs;
use std::path::Path;
use std::ptr::null;

#[repr(C)]
struct Descriptor {
    uri: *const c_char,
    instantiate: unsafe extern "C" fn(*const Self, f64, *const c_char, *const *const Feature) -> *mut c_void,
    connect_port: unsafe extern "C" fn(*mut c_void, u32, *mut c_void),
    activate: Option<unsafe extern "C" fn(*mut c_void)>,
    run: unsafe extern "C" fn(*mut c_void, u32),
    deactivate: Option<unsafe extern "C" fn(*mut c_void)>,
    cleanup: unsafe extern "C" fn(*mut c_void),
}

#[repr(C)]
struct Feature {
    uri: *const c_char,
    data: *const UridMap,
}

#[repr(C)]
struct UridMap {
    handle: usize,
    map: unsafe extern "C" fn(usize, *const c_char) -> u32,
}

static URID_MAP: UridMap = UridMap { handle: 0, map: urid };

/// A number for a URI, never 0: its hash, FNV-1a.
unsafe extern "C" fn urid(_: usize, uri: *const c_char) -> u32 {
    // SAFETY: the plugin passes a string.
    let uri = unsafe { CStr::from_ptr(uri) };
    let step = |hash: u32, &byte: &u8| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    uri.to_bytes().iter().fold(0x811c_9dc5, step).max(1)
}

/// A port as the plugin's description has it.
#[derive(Default)]
struct Port {
    is_audio: bool,
    is_input: bool,
    is_control: bool,
    index: u32,
    symbol: String,
    /// The value of a control, the samples of audio.
    data: Vec<f32>,
    choices: Vec<(String, f32)>,
}

/// One running instance.
pub struct Lv2Host {
    descriptor: *const Descriptor,
    instance: *mut c_void,
    ports: Vec<Port>,
    _library: Library,
}

impl Lv2Host {
    /// Opens a plugin of a bundle's library, described in `<the URI's last part>.ttl`, for blocks of up to
    /// `max_frames` frames.
    ///
    /// # Errors
    /// If there is no such plugin or it does not start.
    pub fn open(library: &Path, uri: &str, rate_hz: f64, max_frames: usize) -> Result<Self> {
        let folder = library.parent().context("finding the bundle")?;
        let name = uri.rsplit('/').next().unwrap_or_default();
        let about = folder.join(name).with_extension("ttl");
        let text = fs::read_to_string(&about).with_context(|| format!("reading {}", about.display()))?;
        let ports = ports(&text, max_frames)?;
        let bundle = CString::new(format!("{}/", folder.display()))?;
        let map = Feature { uri: c"http://lv2plug.in/ns/ext/urid#map".as_ptr(), data: &raw const URID_MAP };
        // SAFETY: loading a plugin runs its code, whatever it does; the caller named it. The library outlives
        // its descriptors, which LV2 lays out as above. What is connected stays where it is on the heap.
        unsafe {
            let library = Library::new(library).with_context(|| format!("loading {}", library.display()))?;
            let list: Symbol<unsafe extern "C" fn(u32) -> *const Descriptor> =
                library.get(b"lv2_descriptor")?;
            let descriptor = (0..)
                .map(|index| list(index))
                .find(|d| d.is_null() || CStr::from_ptr((**d).uri).to_bytes() == uri.as_bytes())
                .filter(|d| !d.is_null())
                .with_context(|| format!("the library holds no {uri}"))?;
            let features = [&raw const map, null()];
            let instance =
                ((*descriptor).instantiate)(descriptor, rate_hz, bundle.as_ptr(), features.as_ptr());
            ensure!(!instance.is_null(), "{uri} makes no instance");
            let mut host = Self { descriptor, instance, ports, _library: library };
            for port in host.ports.iter_mut().filter(|port| port.is_audio || port.is_control) {
                ((*descriptor).connect_port)(instance, port.index, port.data.as_mut_ptr().cast());
            }
            if let Some(activate) = (*descriptor).activate {
                activate(instance);
            }
            Ok(host)
        }
    }

    /// Sets a control.
    ///
    /// # Errors
    /// If there is none.
    pub fn set(&mut self, symbol: &str, value: f32) -> Result<()> {
        let port = self.ports.iter_mut().find(|port| port.is_control && port.symbol == symbol);
        port.with_context(|| format!("no control {symbol}"))?.data[0] = value;
        Ok(())
    }

    /// As [`Self::set`], by a choice's label.
    ///
    /// # Errors
    /// If there is none.
    pub fn choose(&mut self, symbol: &str, label: &str) -> Result<()> {
        let choices = self.ports.iter().filter(|port| port.symbol == symbol).flat_map(|port| &port.choices);
        let choice = choices.clone().find(|(name, _)| name == label);
        self.set(symbol, choice.with_context(|| format!("no {label} in {symbol}"))?.1)
    }

    /// The samples of the audio ports, inputs or outputs, in their order.
    pub fn audio(&mut self, is_input: bool) -> impl Iterator<Item = &mut [f32]> {
        let ports = self.ports.iter_mut().filter(move |port| port.is_audio && port.is_input == is_input);
        ports.map(|port| &mut port.data[..])
    }

    /// Plays a block of no more frames than it was opened for.
    pub fn run(&mut self, frames: usize) {
        assert!(self.ports.iter().all(|port| !port.is_audio || frames <= port.data.len()));
        // SAFETY: the instance lives, and every audio port has that many samples.
        unsafe { ((*self.descriptor).run)(self.instance, frames as u32) }
    }
}

impl Drop for Lv2Host {
    fn drop(&mut self) {
        // SAFETY: the instance lives and is not used after.
        unsafe {
            if let Some(deactivate) = (*self.descriptor).deactivate {
                deactivate(self.instance);
            }
            ((*self.descriptor).cleanup)(self.instance);
        }
    }
}

/// Reads a description as far as it is written like those of LSP, one fact a line.
fn ports(description: &str, max_frames: usize) -> Result<Vec<Port>> {
    let mut ports: Vec<Port> = Vec::new();
    for line in description.lines().map(str::trim) {
        let value = |key: &str| Some(line.strip_prefix(key)?.trim_end_matches([' ', ';']).trim_matches('"'));
        if let Some(kinds) = value("a ").filter(|kinds| kinds.contains("putPort,")) {
            let [is_audio, is_input, is_control] =
                ["AudioPort", "InputPort", "ControlPort"].map(|k| kinds.contains(k));
            let data = vec![0.0; if is_audio { max_frames } else { 1 }];
            ports.push(Port { is_audio, is_input, is_control, data, ..Port::default() });
        }
        let Some(port) = ports.last_mut() else { continue };
        if let Some(index) = value("lv2:index ") {
            port.index = index.parse()?;
        } else if let Some(symbol) = value("lv2:symbol ") {
            symbol.clone_into(&mut port.symbol);
        } else if let Some(default) = value("lv2:default ") {
            port.data[0] = default.parse()?;
        } else if let Some((label, rest)) =
            value("[ rdfs:label \"").and_then(|v| v.split_once("\"; rdf:value "))
        {
            let number = rest.split(' ').next().unwrap_or_default();
            port.choices.push((label.to_owned(), number.parse()?));
        }
    }
    Ok(ports)
}
