//! A small CLAP host: it opens a plugin file, feeds its ports, sends events at exact frames, hears those
//! that come back, saves and loads state, and opens the editor in a window of X11. One thread plays both
//! roles, main and audio, in turn.

use clack_extensions::audio_ports::{AudioPortFlags, AudioPortInfoBuffer, PluginAudioPorts};
use clack_extensions::gui::{GuiApiType, GuiConfiguration, GuiSize, HostGui, HostGuiImpl, PluginGui, Window};
use clack_extensions::latency::PluginLatency;
use clack_extensions::params::{ParamInfoBuffer, PluginParams};
use clack_extensions::state::PluginState;
use clack_host::events::event_types::ParamValueEvent;
use clack_host::events::spaces::CoreEventSpace;
use clack_host::prelude::*;
use clack_host::process::StartedPluginAudioProcessor;
use std::ffi::CString;
use std::fmt;
use std::io::Cursor;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// What the plugin or the host refused.
#[derive(Debug)]
pub struct HostError(String);

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for HostError {}

/// Names what was tried, for `map_err`.
fn when<E: fmt::Display>(trying: &str) -> impl FnOnce(E) -> HostError {
    move |why| HostError(format!("{trying}: {why}"))
}

/// An audio port as the plugin describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    /// Its name.
    pub name: String,
    /// How many channels it has.
    pub channels: usize,
    /// Whether it is the main port of its direction.
    pub is_main: bool,
}

/// A parameter as the plugin describes it. All values are CLAP's, not the model's.
#[derive(Clone, Debug, PartialEq)]
pub struct Param {
    /// The number events name it by.
    pub id: u32,
    /// Its name.
    pub name: String,
    /// The group it is sorted under.
    pub module: String,
    /// Lowest value.
    pub min: f64,
    /// Highest value.
    pub max: f64,
    /// Value of a new instance.
    pub default: f64,
}

/// A parameter's new value at a frame of the block.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event {
    /// Frames from the start of the block.
    pub frame: usize,
    /// [`Param::id`].
    pub param: u32,
    /// Between [`Param::min`] and [`Param::max`].
    pub value: f64,
}

/// What the plugin tells of a parameter that a hand moves in its editor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Gesture {
    /// The hand is on it.
    Begin,
    /// It moved to this value.
    Value(f64),
    /// The hand let go.
    End,
}

/// What the plugin may ask of the host at any time.
#[derive(Default)]
pub struct Requests {
    callback: AtomicBool,
}

impl SharedHandler<'_> for Requests {
    fn request_restart(&self) {}
    fn request_process(&self) {}
    fn request_callback(&self) {
        self.callback.store(true, Relaxed);
    }
}

impl HostGuiImpl for Requests {
    fn resize_hints_changed(&self) {}
    fn request_resize(&self, _: GuiSize) -> Result<(), clack_host::prelude::HostError> {
        Err(clack_host::prelude::HostError::Message("this host's windows keep their size"))
    }
    fn request_show(&self) -> Result<(), clack_host::prelude::HostError> {
        Ok(())
    }
    fn request_hide(&self) -> Result<(), clack_host::prelude::HostError> {
        Ok(())
    }
    fn closed(&self, _was_destroyed: bool) {}
}

/// Ties the host's handlers together.
pub struct Handlers;

impl HostHandlers for Handlers {
    type Shared<'a> = Requests;
    type MainThread<'a> = ();
    type AudioProcessor<'a> = ();

    fn declare_extensions(builder: &mut HostExtensions<Self>, _: &Self::Shared<'_>) {
        builder.register::<HostGui>();
    }
}

/// An editor inside a window of the host's.
const EMBEDDED: GuiConfiguration = GuiConfiguration { api_type: GuiApiType::X11, is_floating: false };

/// One instance of the first plugin in a file.
pub struct ClapHost {
    instance: PluginInstance<Handlers>,
    audio: Option<StartedPluginAudioProcessor<Handlers>>,
    max_frames: usize,
    played_frames: u64,
    /// The plugin's CLAP id.
    pub id: String,
    /// Input ports in their order.
    pub inputs: Vec<Port>,
    /// Output ports in their order.
    pub outputs: Vec<Port>,
    /// Parameters in their order.
    pub params: Vec<Param>,
    /// What hands did in the editor, with the parameters' ids, as far as blocks were played since.
    pub gestures: Vec<(u32, Gesture)>,
}

impl ClapHost {
    /// Opens the first plugin in a `.clap` file.
    ///
    /// # Errors
    /// If the file is no CLAP plugin or its plugin does not start.
    pub fn open(path: &Path) -> Result<Self, HostError> {
        // SAFETY: loading a plugin runs its code, whatever it does; our callers open the bundle they built.
        #[allow(unsafe_code)]
        let entry =
            unsafe { PluginEntry::load(path) }.map_err(when(&format!("opening {}", path.display())))?;
        let id = entry
            .get_plugin_factory()
            .and_then(|factory| factory.plugin_descriptor(0).and_then(|d| d.id().map(CString::from)))
            .ok_or_else(|| HostError(format!("{} holds no plugin", path.display())))?;
        let info = HostInfo::new("Stemwright demo", "Stemwright", "", env!("CARGO_PKG_VERSION"))
            .map_err(when("introducing the host"))?;
        let mut instance = PluginInstance::new(|_| Requests::default(), |_| (), &entry, &id, &info)
            .map_err(when("making an instance"))?;
        let plugin = instance.plugin_handle();
        let (inputs, outputs) = (ports(&plugin, true), ports(&plugin, false));
        let params = params(&plugin);
        let (id, gestures) = (id.to_string_lossy().into_owned(), Vec::new());
        Ok(Self {
            instance,
            audio: None,
            max_frames: 0,
            played_frames: 0,
            id,
            inputs,
            outputs,
            params,
            gestures,
        })
    }

    /// The parameter with this name.
    pub fn param(&self, name: &str) -> Option<&Param> {
        self.params.iter().find(|p| p.name == name)
    }

    /// The value the plugin says a parameter has.
    pub fn value(&mut self, param: u32) -> Option<f64> {
        let (plugin, params) = self.params_extension()?;
        params.get_value(&plugin, ClapId::from_raw(param)?)
    }

    /// The value of a text a person typed, if the plugin understands it.
    pub fn text_to_value(&mut self, param: u32, text: &str) -> Option<f64> {
        let (plugin, params) = self.params_extension()?;
        params.text_to_value(&plugin, ClapId::from_raw(param)?, &CString::new(text).ok()?)
    }

    /// A value as the plugin writes it.
    pub fn value_to_text(&mut self, param: u32, value: f64) -> Option<String> {
        let (plugin, params) = self.params_extension()?;
        let mut buffer = [0; 256];
        let text = params.value_to_text(&plugin, ClapId::from_raw(param)?, value, &mut buffer).ok()?;
        Some(lossy(text))
    }

    /// Latency in frames.
    pub fn latency(&mut self) -> u32 {
        let plugin = self.instance.plugin_handle();
        plugin.get_extension::<PluginLatency>().map_or(0, |latency| latency.get(&plugin))
    }

    /// The plugin's state as it would be saved in a project.
    ///
    /// # Errors
    /// If the plugin does not save one.
    pub fn save_state(&mut self) -> Result<Vec<u8>, HostError> {
        let plugin = self.instance.plugin_handle();
        let state = plugin.get_extension::<PluginState>().ok_or_else(no_state)?;
        let mut bytes = Vec::new();
        state.save(&plugin, &mut bytes).map_err(when("saving the state"))?;
        Ok(bytes)
    }

    /// Gives the plugin a state as from a project.
    ///
    /// # Errors
    /// If the plugin refuses it.
    pub fn load_state(&mut self, bytes: &[u8]) -> Result<(), HostError> {
        let plugin = self.instance.plugin_handle();
        let state = plugin.get_extension::<PluginState>().ok_or_else(no_state)?;
        let loaded = state.load(&plugin, &mut Cursor::new(bytes)).map_err(when("loading the state"));
        self.answer_requests();
        loaded
    }

    /// Makes the plugin ready for blocks of 1 to `max_frames` frames.
    ///
    /// # Errors
    /// If the plugin refuses, or is active already.
    pub fn activate(&mut self, sample_rate_hz: f64, max_frames: usize) -> Result<(), HostError> {
        let config = PluginAudioConfiguration {
            sample_rate: sample_rate_hz,
            min_frames_count: 1,
            max_frames_count: u32::try_from(max_frames).map_err(when("choosing a block size"))?,
        };
        let stopped = self.instance.activate(|_, _| (), config).map_err(when("activating"))?;
        self.audio = Some(stopped.start_processing().map_err(when("starting to process"))?);
        (self.max_frames, self.played_frames) = (max_frames, 0);
        self.answer_requests();
        Ok(())
    }

    /// Ends what [`Self::activate`] began.
    pub fn deactivate(&mut self) {
        if let Some(audio) = self.audio.take() {
            self.instance.deactivate(audio.stop_processing());
        }
        self.answer_requests();
    }

    /// Forgets all sound, as a host does when it jumps to another place.
    pub fn reset(&mut self) {
        if let Some(audio) = &mut self.audio {
            audio.reset();
        }
    }

    /// Plays one block and returns the first output port, one vector per channel.
    ///
    /// `inputs[port][channel]` holds `frames` samples. There may be fewer ports than the plugin
    /// declares, and a port may have fewer channels or none.
    ///
    /// # Errors
    /// If the plugin is not active, a channel or the block has the wrong length, or the plugin fails.
    pub fn process(
        &mut self,
        inputs: &[&[&[f32]]],
        events: &[Event],
        frames: usize,
    ) -> Result<Vec<Vec<f32>>, HostError> {
        Ok(self.play(inputs, events, frames, 1)?.0)
    }

    /// As [`Self::process`] so many times over, with the same sound and no events. Answers the time it
    /// took, without what the host needs for itself.
    ///
    /// # Errors
    /// As [`Self::process`].
    pub fn time(
        &mut self,
        inputs: &[&[&[f32]]],
        frames: usize,
        blocks: usize,
    ) -> Result<Duration, HostError> {
        Ok(self.play(inputs, &[], frames, blocks)?.1)
    }

    fn play(
        &mut self,
        inputs: &[&[&[f32]]],
        events: &[Event],
        frames: usize,
        blocks: usize,
    ) -> Result<(Vec<Vec<f32>>, Duration), HostError> {
        if frames == 0 || frames > self.max_frames {
            return Err(HostError(format!("a block of {frames} frames, not 1 to {}", self.max_frames)));
        }
        if inputs.iter().flat_map(|port| port.iter()).any(|channel| channel.len() != frames) {
            return Err(HostError(format!("an input channel that does not have {frames} frames")));
        }
        let audio = self.audio.as_mut().ok_or_else(|| HostError("not active".to_owned()))?;

        let mut input: Vec<Vec<Vec<f32>>> =
            inputs.iter().map(|port| port.iter().map(|c| c.to_vec()).collect()).collect();
        // What the plugin does not write stays NaN and shows.
        let mut output: Vec<Vec<Vec<f32>>> =
            self.outputs.iter().map(|port| vec![vec![f32::NAN; frames]; port.channels]).collect();
        let count = |ports: &[Vec<Vec<f32>>]| ports.iter().map(Vec::len).sum();
        let mut input_ports = AudioPorts::with_capacity(count(&input), input.len());
        let mut output_ports = AudioPorts::with_capacity(count(&output), output.len());
        let input_buffers = input_ports.with_input_buffers(input.iter_mut().map(|port| AudioPortBuffer {
            latency: 0,
            channels: AudioPortBufferType::f32_input_only(
                port.iter_mut().map(|c| InputChannel::variable(c.as_mut_slice())),
            ),
        }));
        let mut output_buffers =
            output_ports.with_output_buffers(output.iter_mut().map(|port| AudioPortBuffer {
                latency: 0,
                channels: AudioPortBufferType::f32_output_only(port.iter_mut().map(Vec::as_mut_slice)),
            }));

        let mut incoming = EventBuffer::new();
        for event in events {
            let id = ClapId::from_raw(event.param)
                .ok_or_else(|| HostError(format!("{} is no parameter's id", event.param)))?;
            let frame = u32::try_from(event.frame).map_err(when("placing an event"))?;
            incoming.push(&ParamValueEvent::new(frame, id, Pckn::match_all(), event.value));
        }
        incoming.sort();
        let mut outgoing = EventBuffer::new();
        let start = Instant::now();
        for _ in 0..blocks {
            audio
                .process(
                    &input_buffers,
                    &mut output_buffers,
                    &incoming.as_input(),
                    &mut outgoing.as_output(),
                    Some(self.played_frames),
                    None,
                )
                .map_err(when("processing a block"))?;
            self.played_frames += frames as u64;
        }
        let time = start.elapsed();
        self.gestures.extend(outgoing.iter().filter_map(|event| match event.as_core_event()? {
            CoreEventSpace::ParamGestureBegin(e) => Some((e.param_id()?.get(), Gesture::Begin)),
            CoreEventSpace::ParamValue(e) => Some((e.param_id()?.get(), Gesture::Value(e.value()))),
            CoreEventSpace::ParamGestureEnd(e) => Some((e.param_id()?.get(), Gesture::End)),
            _ => None,
        }));
        self.answer_requests();
        Ok((output.into_iter().next().unwrap_or_default(), time))
    }

    /// Makes the editor, without a window yet, and answers the size it wants in pixels.
    ///
    /// # Errors
    /// If the plugin has none for X11, or has one open.
    pub fn make_editor(&mut self) -> Result<[u32; 2], HostError> {
        let (plugin, gui) = self.gui_extension()?;
        gui.create(&plugin, EMBEDDED).map_err(when("making the editor"))?;
        let size = gui.get_size(&plugin).ok_or_else(|| HostError("the editor has no size".to_owned()))?;
        Ok([size.width, size.height])
    }

    /// Shows the editor that was made in a window, which must live until [`Self::close_editor`].
    ///
    /// # Errors
    /// If the plugin refuses.
    pub fn show_editor(&mut self, window: u32) -> Result<(), HostError> {
        let (plugin, gui) = self.gui_extension()?;
        // SAFETY: our callers keep the window until the editor is closed.
        #[allow(unsafe_code)]
        let embedded = unsafe { gui.set_parent(&plugin, Window::from_x11_handle(window.into())) };
        embedded.map_err(when("embedding the editor"))?;
        gui.show(&plugin).map_err(when("showing the editor"))
    }

    /// Closes the editor.
    ///
    /// # Errors
    /// If the plugin has none.
    pub fn close_editor(&mut self) -> Result<(), HostError> {
        let (plugin, gui) = self.gui_extension()?;
        gui.destroy(&plugin);
        self.answer_requests();
        Ok(())
    }

    fn gui_extension(&mut self) -> Result<(PluginMainThreadHandle<'_>, PluginGui), HostError> {
        let plugin = self.instance.plugin_handle();
        let gui = plugin.get_extension::<PluginGui>();
        gui.map(|gui| (plugin, gui)).ok_or_else(|| HostError("the plugin has no editor".to_owned()))
    }

    fn params_extension(&mut self) -> Option<(PluginMainThreadHandle<'_>, PluginParams)> {
        let plugin = self.instance.plugin_handle();
        let params = plugin.get_extension::<PluginParams>()?;
        Some((plugin, params))
    }

    /// Calls the plugin back on the main thread where it asked for that.
    fn answer_requests(&mut self) {
        if self.instance.access_shared_handler(|shared| shared.callback.swap(false, Relaxed)) {
            self.instance.call_on_main_thread_callback();
        }
    }
}

impl Drop for ClapHost {
    fn drop(&mut self) {
        self.deactivate();
    }
}

fn ports(plugin: &PluginMainThreadHandle, is_input: bool) -> Vec<Port> {
    let Some(ports) = plugin.get_extension::<PluginAudioPorts>() else { return Vec::new() };
    (0..ports.count(plugin, is_input))
        .filter_map(|index| {
            let mut buffer = AudioPortInfoBuffer::new();
            ports.get(plugin, index, is_input, &mut buffer).map(|port| Port {
                name: lossy(port.name),
                channels: port.channel_count as usize,
                is_main: port.flags.contains(AudioPortFlags::IS_MAIN),
            })
        })
        .collect()
}

fn params(plugin: &PluginMainThreadHandle) -> Vec<Param> {
    let Some(params) = plugin.get_extension::<PluginParams>() else { return Vec::new() };
    (0..params.count(plugin))
        .filter_map(|index| {
            let mut buffer = ParamInfoBuffer::new();
            params.get_info(plugin, index, &mut buffer).map(|param| Param {
                id: param.id.get(),
                name: lossy(param.name),
                module: lossy(param.module),
                min: param.min_value,
                max: param.max_value,
                default: param.default_value,
            })
        })
        .collect()
}

fn lossy(text: &[u8]) -> String {
    String::from_utf8_lossy(text).into_owned()
}

fn no_state() -> HostError {
    HostError("the plugin saves no state".to_owned())
}
