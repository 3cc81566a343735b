//! How the plugin behaves beside the audio: what it says of itself and to the host.
#![allow(clippy::disallowed_types, reason = "what a host logs, off the audio thread")]

use super::any_calls;
use super::block::{Bus, HostBlock, Out};
use super::format::{EVERYWHERE, Event, From, Plugin, open, play};
use super::raw_clap::{CALLBACK, DIRTY, RawClap};
use super::raw_vst3::RawVst3;
use super::support::random::Random;
use clap_sys::ext::audio_ports::*;
use clap_sys::ext::gui::CLAP_EXT_GUI;
use clap_sys::ext::latency::{CLAP_EXT_LATENCY, clap_plugin_latency};
use clap_sys::ext::params::*;
use clap_sys::ext::remote_controls::*;
use clap_sys::ext::render::{CLAP_EXT_RENDER, CLAP_RENDER_OFFLINE, CLAP_RENDER_REALTIME, clap_plugin_render};
use clap_sys::ext::tail::{CLAP_EXT_TAIL, clap_plugin_tail};
use nice_plug::context::PluginApi;
use nice_plug::context::gui::{GuiContext, GuiContextInner};
use nice_plug::prelude::{ParamPtr, PluginState};
use std::collections::HashSet;
use std::ffi::CStr;
use std::mem::zeroed;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use stemwright::balance::Song;
use stemwright::editor::gestures::Instance;
use stemwright::engine::StemBlock;
use stemwright::model::document::Document;
use stemwright::model::learned::{LearnedBalance, Summary};
use stemwright::model::limits::{MixParam, ParamKey, STEMS, StripParam};
use stemwright::model::offsets::Level;
use stemwright::model::settings::MixSettings;
use stemwright::plugin::export_clap::shared_of;
use stemwright::plugin::export_vst3::Component;
use stemwright::plugin::instance::HostInstance;
use stemwright::plugin::shared::{Edit, Shared};
use stemwright::render::Learner;
use stemwright::sync::{Audition, Monitor};
use vst3::Steinberg::Vst::*;
use vst3::Steinberg::*;
use vst3::{Class, ComWrapper};

#[test]
fn parameters_have_frozen_ids_names_and_order() {
    let clap = RawClap::open(From::Bundle);
    // SAFETY: CLAP's contract.
    let count = unsafe { clap.params().count.unwrap()(clap.plugin()) };
    assert_eq!(count as usize, ParamKey::COUNT);
    let mut ids = HashSet::new();
    for (i, key) in ParamKey::all().enumerate() {
        assert_eq!(clap.title(key), key.name());
        let info = clap.info(i as u32).expect("its info");
        assert!(info.id < 1 << 31 && ids.insert(info.id), "{key:?} shares its id's hash with another");
        assert_eq!(info.flags & CLAP_PARAM_IS_BYPASS != 0, i == 0);
        assert_ne!(info.flags & CLAP_PARAM_IS_AUTOMATABLE, 0);
    }
    assert!(clap.info(count).is_none() && clap.info(u32::MAX).is_none());
    let vst3 = RawVst3::open(From::Bundle);
    for key in ParamKey::all() {
        assert_eq!(vst3.title(key), key.name());
    }
}

#[test]
fn vst3_indices_out_of_bounds_are_refused() {
    for from in [From::Bundle, From::Linked] {
        let vst3 = RawVst3::open(from);
        // SAFETY: plain data for which all zeros is a value; VST3's contract.
        unsafe {
            let mut info: ParameterInfo = zeroed();
            let count = vst3.controller.getParameterCount();
            for i in [-1, count, count + 1, i32::MAX, i32::MIN] {
                assert_eq!(vst3.controller.getParameterInfo(i, &mut info), kInvalidArgument);
            }
            let mut bus: BusInfo = zeroed();
            let mut arrangement = 0;
            for (direction, index) in [(0, -1), (0, 16), (1, 1), (1, -1)] {
                assert_eq!(vst3.component.getBusInfo(0, direction, index, &mut bus), kInvalidArgument);
                let result = vst3.processor.getBusArrangement(direction, index, &mut arrangement);
                assert_eq!(result, kInvalidArgument);
                assert_eq!(vst3.component.activateBus(0, direction, index, 1), kInvalidArgument);
            }
        }
    }
}

#[test]
fn buses_are_named_stems_and_mix() {
    let clap = RawClap::open(From::Bundle);
    let ports: &clap_plugin_audio_ports = clap.extension(CLAP_EXT_AUDIO_PORTS).expect("ports");
    // SAFETY: plain data for which all zeros is a value; CLAP's contract.
    let name = |index: u32, input: bool| unsafe {
        let mut info: clap_audio_port_info = zeroed();
        ports.get.unwrap()(clap.plugin(), index, input, &mut info).then(|| {
            assert_eq!(info.channel_count, 2);
            CStr::from_ptr(info.name.as_ptr()).to_str().unwrap().to_owned()
        })
    };
    for k in 0..16 {
        assert_eq!(name(k, true), Some(format!("Stem {:02}", k + 1)));
    }
    assert_eq!((name(0, false).as_deref(), name(16, true), name(1, false)), (Some("Mix"), None, None));

    let vst3 = RawVst3::open(From::Bundle);
    // SAFETY: as above, by VST3's contract.
    let name = |direction: i32, index: i32| unsafe {
        let mut info: BusInfo = zeroed();
        assert_eq!(vst3.component.getBusInfo(0, direction, index, &mut info), kResultOk);
        assert_eq!(info.channelCount, 2);
        let end = info.name.iter().position(|c| *c == 0).unwrap();
        String::from_utf16(&info.name[..end]).unwrap()
    };
    for k in 0..16 {
        assert_eq!(name(0, k), format!("Stem {:02}", k + 1));
    }
    assert_eq!(name(1, 0), "Mix");
}

#[test]
fn vst3_only_sixteen_stereo_inputs_and_one_stereo_output_are_agreed_to() {
    let vst3 = RawVst3::open(From::Bundle);
    let stereo = 3u64;
    let mut output = [stereo];
    for (inputs, want) in [
        (vec![stereo; 16], kResultOk),
        (vec![stereo; 15], kResultFalse),
        ([vec![stereo; 15], vec![1]].concat(), kResultFalse),
        (vec![], kResultFalse),
    ] {
        let mut inputs = inputs;
        // SAFETY: VST3's contract.
        let result = unsafe {
            vst3.processor.setBusArrangements(
                inputs.as_mut_ptr(),
                inputs.len() as i32,
                output.as_mut_ptr(),
                1,
            )
        };
        assert_eq!(result, want);
    }
}

#[test]
fn there_is_no_latency() {
    let clap = RawClap::open(From::Bundle);
    let latency: &clap_plugin_latency = clap.extension(CLAP_EXT_LATENCY).expect("latency");
    // SAFETY: CLAP's contract.
    assert_eq!(unsafe { latency.get.unwrap()(clap.plugin()) }, 0);
    let vst3 = RawVst3::open(From::Bundle);
    // SAFETY: VST3's contract.
    assert_eq!(unsafe { vst3.processor.getLatencySamples() }, 0);
}

#[test]
fn clap_offers_pages_of_eight_controls() {
    let clap = RawClap::open(From::Bundle);
    let pages: &clap_plugin_remote_controls = clap.extension(CLAP_EXT_REMOTE_CONTROLS).expect("pages");
    // SAFETY: plain data for which all zeros is a value; CLAP's contract.
    let names: Vec<String> = unsafe {
        (0..pages.count.unwrap()(clap.plugin()))
            .map(|i| {
                let mut page: clap_remote_controls_page = zeroed();
                assert!(pages.get.unwrap()(clap.plugin(), i, &mut page));
                CStr::from_ptr(page.page_name.as_ptr()).to_str().unwrap().to_owned()
            })
            .collect()
    };
    assert_eq!(names[..4], ["Faders 1-8", "Faders 9-16", "Pans 1-8", "Pans 9-16"]);
}

#[test]
fn clap_without_a_gui_the_host_is_offered_none() {
    let clap = RawClap::open(From::Linked); // its host has no gui extension
    assert!(clap.extension::<u8>(CLAP_EXT_GUI).is_none());
}

#[test]
fn clap_a_stem_s_name_stands_in_its_parameters_titles() {
    let mut clap = RawClap::open(From::Linked);
    // SAFETY: the instance is alive.
    let shared = unsafe { shared_of(clap.plugin()) };
    let key = ParamKey::Stem(2, StripParam::Fader);
    let mut stems = shared.stems();
    stems[2].rename("Lead Vox");
    shared.set_stems(stems);
    assert_eq!(clap.told(), CALLBACK, "nothing is told off the main thread");
    clap.on_main_thread();
    assert_eq!(clap.told(), CLAP_PARAM_RESCAN_INFO | CLAP_PARAM_RESCAN_TEXT | DIRTY);
    assert_eq!(clap.title(key), "Stem 03 Fader - Lead Vox");
    assert_eq!(clap.title(ParamKey::Stem(3, StripParam::Fader)), "Stem 04 Fader");
    let saved = clap.save();
    let mut fresh = RawClap::open(From::Bundle);
    assert!(fresh.load(&saved));
    fresh.on_main_thread();
    assert_ne!(fresh.told() & CLAP_PARAM_RESCAN_INFO, 0, "loading names asks for a rescan");
    assert_eq!(fresh.title(key), "Stem 03 Fader - Lead Vox");
    // The same names again: nothing to rescan but the values.
    assert!(clap.load(&saved));
    clap.on_main_thread();
    assert_eq!(clap.told() & CLAP_PARAM_RESCAN_INFO, 0);
}

#[derive(Default)]
struct Handler(Arc<Mutex<Vec<String>>>);
impl Class for Handler {
    type Interfaces = (IComponentHandler, IComponentHandler2);
}
impl Handler {
    fn log(&self, what: String) -> tresult {
        self.0.lock().unwrap().push(what);
        kResultOk
    }
}
impl IComponentHandlerTrait for Handler {
    unsafe fn beginEdit(&self, _: ParamID) -> tresult {
        self.log("begin".into())
    }
    unsafe fn performEdit(&self, _: ParamID, value: ParamValue) -> tresult {
        self.log(format!("perform {value}"))
    }
    unsafe fn endEdit(&self, _: ParamID) -> tresult {
        self.log("end".into())
    }
    unsafe fn restartComponent(&self, flags: int32) -> tresult {
        self.log(format!("restart {flags}"))
    }
}
impl IComponentHandler2Trait for Handler {
    unsafe fn setDirty(&self, _: TBool) -> tresult {
        self.log("dirty".into())
    }
    unsafe fn requestOpenEditor(&self, _: FIDString) -> tresult {
        kResultFalse
    }
    unsafe fn startGroupEdit(&self) -> tresult {
        self.log("group".into())
    }
    unsafe fn finishGroupEdit(&self) -> tresult {
        self.log("ungroup".into())
    }
}

#[test]
fn vst3_renames_and_edits_reach_the_host() {
    let component = ComWrapper::new(Component::default());
    let controller = component.to_com_ptr::<IEditController>().unwrap();
    let log = Arc::new(Mutex::new(Vec::new()));
    let handler = ComWrapper::new(Handler(log.clone())).to_com_ptr::<IComponentHandler>().unwrap();
    let said = || std::mem::take(&mut *log.lock().unwrap());
    let shared = component.shared().clone();
    let name = |name: &str| {
        let mut stems = shared.stems();
        stems[2].rename(name);
        shared.set_stems(stems);
    };
    // SAFETY: VST3's contract.
    unsafe { controller.setComponentHandler(handler.as_ptr()) };
    name("Lead Vox");
    assert_eq!(said(), ["restart 16", "dirty"]);
    name("Lead Vox");
    assert_eq!(said(), ["dirty"], "the same name changes no title");
    let key = ParamKey::Stem(2, StripParam::Mute);
    for edit in [Edit::Begin, Edit::Set(1.0), Edit::End] {
        assert_eq!(shared.host(|h| h.edit(key, edit)), Some(true));
    }
    assert_eq!(said(), ["begin", "perform 1", "end"]);
    assert!(shared.params.settings().stems[2].mute, "the edit is heard at once");
    assert_eq!(shared.host(|h| [true, false].map(|begins| h.group(begins))), Some([(); 2]));
    assert_eq!(said(), ["group", "ungroup"]);
    // SAFETY: VST3's contract.
    unsafe { controller.setComponentHandler(std::ptr::null_mut()) };
    name("nobody hears");
    assert!(said().is_empty());
}

#[test]
fn clap_modulation_is_heard_but_not_reported_or_saved() {
    use clap_sys::events::*;
    let mut clap = RawClap::open(From::Linked);
    clap.activate(48_000.0, 512);
    let key = ParamKey::Stem(0, StripParam::Pan);
    let before = (clap.value(key), clap.save());
    let mut events = clap.events(&[Event { frame: 20, key, value: 0.0 }]);
    // A modulation event has the amount where a value event has the value.
    assert_eq!(size_of::<clap_event_param_mod>(), size_of::<clap_event_param_value>());
    events[0].header.type_ = CLAP_EVENT_PARAM_MOD;
    events[0].value = -0.3;
    let mut block = HostBlock::new(400, &[Bus::Stereo; 1], Out::Separate, |_, _, _| 0.5);
    let input = [super::raw_clap::buffer(&mut block.inputs[0], 2)];
    let mut output = [super::raw_clap::buffer(&mut block.output, 2)];
    clap.process_raw(400, &input, &mut output, &events);
    let heard = block.heard();
    assert!(heard[1][..20].iter().all(|x| *x == 0.5) && heard[1][399] < 0.4);
    assert_eq!((clap.value(key), clap.save()), before);
}

#[test]
fn clap_a_value_loaded_or_automated_under_modulation_is_kept() {
    let key = ParamKey::Stem(4, StripParam::Mute);
    for from in [From::Bundle, From::Linked] {
        let mut clap = RawClap::open(from);
        clap.activate(48_000.0, 512);
        let mute = clap.events(&[Event { frame: 0, key, value: 1.0 }]);
        let mut modulate = mute.clone();
        modulate[0].header.type_ = clap_sys::events::CLAP_EVENT_PARAM_MOD;
        // It sounds muted already when the value comes.
        clap.process_raw(0, &[], &mut [], &modulate);
        clap.process_raw(0, &[], &mut [], &mute);
        assert_eq!(clap.value(key), 1.0, "{from:?}");
        let muted = clap.save();
        let unmute = clap.events(&[Event { frame: 0, key, value: 0.0 }]);
        clap.process_raw(0, &[], &mut [], &unmute);
        assert_eq!(clap.value(key), 0.0, "{from:?}");
        assert!(clap.load(&muted));
        assert_eq!(clap.value(key), 1.0, "{from:?}");
    }
}

/// The framework's way from an editor to the host, after the instance is gone.
struct Gone;
impl GuiContextInner for Gone {
    fn plugin_api(&self) -> PluginApi {
        PluginApi::Clap
    }
    unsafe fn raw_begin_set_parameter(&self, _: ParamPtr) {
        panic!("there is nobody to tell")
    }
    unsafe fn raw_set_parameter_normalized(&self, _: ParamPtr, _: f32) {
        panic!("there is nobody to tell")
    }
    unsafe fn raw_end_set_parameter(&self, _: ParamPtr) {
        panic!("there is nobody to tell")
    }
    fn get_state(&self) -> PluginState {
        panic!("there is nobody to tell")
    }
    fn set_state(&self, _: PluginState) {}
    fn request_restart(&self) {}
}

#[test]
fn an_editor_that_outlives_its_instance_tells_nobody() {
    let instance = HostInstance::new(Shared::new(), GuiContext::new(Arc::new(Gone)));
    let key = ParamKey::Stem(0, StripParam::Fader);
    instance.begin(key);
    instance.set(key, -6.0);
    instance.end(key);
}

#[test]
fn clap_an_edit_is_heard_before_the_host_hands_it_back() {
    let clap = RawClap::open(From::Linked);
    // SAFETY: the instance is alive.
    let shared = unsafe { shared_of(clap.plugin()) };
    let key = ParamKey::Stem(2, StripParam::Mute);
    assert_eq!(shared.host(|h| h.edit(key, Edit::Set(1.0))), Some(false), "the framework tells the host");
    assert!(shared.params.settings().stems[2].mute);
}

#[test]
fn mono_while_listening_is_heard_but_never_rendered() {
    let mut clap = RawClap::open(From::Linked);
    // SAFETY: the instance is alive.
    let shared = unsafe { shared_of(clap.plugin()) }.clone();
    assert_eq!(shared.host_name(), "test");
    shared.monitor.set(Monitor { mono: true, dim: false });
    clap.activate(48_000.0, 512);
    let set = |clap: &RawClap, mode| {
        let render: &clap_plugin_render = clap.extension(CLAP_EXT_RENDER).expect("the render extension");
        // SAFETY: CLAP's contract.
        assert!(unsafe { render.set.unwrap()(clap.plugin(), mode) });
    };
    let stem = |_: usize, channel: usize, _: usize| if channel == 0 { 0.01 } else { 0.0 };
    let heard = play(&mut clap, 24_000, &[512], &[], stem);
    let [left, right] = [0, 1].map(|side| heard[side][23_999]);
    assert!(left == right && (left - 0.08).abs() < 1e-6, "sixteen left halves: {left} {right}");
    set(&clap, CLAP_RENDER_OFFLINE);
    let heard = play(&mut clap, 512, &[512], &[], stem);
    assert_eq!([heard[0][0], heard[1][0]], [0.16, 0.0], "a render is none of the listener's business");
    set(&clap, CLAP_RENDER_REALTIME);
    let heard = play(&mut clap, 24_000, &[512], &[], stem);
    assert_eq!(heard[0][23_999], heard[1][23_999]);
}

#[test]
fn a_comparison_is_heard_but_neither_written_nor_saved_nor_rendered() {
    let mut clap = RawClap::open(From::Linked);
    // SAFETY: the instance is alive.
    let shared = unsafe { shared_of(clap.plugin()) }.clone();
    clap.activate(48_000.0, 512);
    let state = clap.save();
    let mut settings = MixSettings::default();
    settings.stems[2].mute = true;
    (settings.glide, settings.scene) = (20.0, Some(0)); // nobody waits for a glide to compare
    shared.audition.set(Some(&Audition { settings, gain_db: -6.0 }));
    let steady = |_: usize, _: usize, _: usize| 0.01;
    let heard = play(&mut clap, 24_000, &[512], &[], steady);
    let expected = 0.15 * 10f32.powf(-6.0 / 20.0);
    assert!((heard[0][23_999] - expected).abs() < 1e-6, "{}", heard[0][23_999]);
    assert_eq!(clap.save(), state);
    shared.set_offline(true);
    let rendered = play(&mut clap, 24_000, &[512], &[], steady);
    assert!((rendered[0][23_999] - 0.16).abs() < 1e-6, "a render is none of the listener's business");
    shared.set_offline(false);
    shared.leave_editor();
    let heard = play(&mut clap, 24_000, &[512], &[], steady);
    assert!((heard[0][23_999] - 0.16).abs() < 1e-6, "it ends with the editor");
}

#[test]
fn a_render_that_ends_a_comparison_does_not_glide_out_of_it() {
    let mut clap = RawClap::open(From::Linked);
    // SAFETY: the instance is alive.
    let shared = unsafe { shared_of(clap.plugin()) }.clone();
    let mut document = Document::default();
    document.scenes[0].stems[2].level = Level::By(-12.0);
    document.mix.glide = 20.0;
    assert!(clap.load(document.to_json().as_bytes()));
    clap.activate(48_000.0, 512);
    let settings = MixSettings { scene: Some(0), ..document.mix };
    shared.audition.set(Some(&Audition { settings, gain_db: 0.0 }));
    let steady = |_: usize, _: usize, _: usize| 0.01;
    let heard = play(&mut clap, 12_000, &[512], &[], steady);
    let scene = 0.15 + 0.01 * 10f32.powf(-12.0 / 20.0);
    assert!((heard[0][11_999] - scene).abs() < 1e-6, "{}", heard[0][11_999]);
    shared.set_offline(true);
    let rendered = play(&mut clap, 12_000, &[512], &[], steady);
    assert!((rendered[0][11_999] - 0.16).abs() < 1e-6, "{}", rendered[0][11_999]);
    shared.set_offline(false);
    let heard = play(&mut clap, 12_000, &[512], &[], steady);
    assert!((heard[0][11_999] - scene).abs() < 1e-6, "and the comparison goes on");
}

#[test]
fn scenes_that_are_edited_while_the_host_plays_are_heard_without_a_lock_or_an_allocation() {
    let mut clap = RawClap::open(From::Linked); // whose audio thread is watched
    // SAFETY: the instance is alive.
    let shared = unsafe { shared_of(clap.plugin()) }.clone();
    clap.activate(48_000.0, 512);
    let steady = |_: usize, _: usize, _: usize| 0.01;
    let step = Event { frame: 0, key: ParamKey::Mix(MixParam::Scene), value: 1.0 };
    play(&mut clap, 512, &[512], &[step], steady);
    for db in [-3.0, -6.0, -12.0] {
        let mut scenes = shared.scenes();
        scenes[0].stems[2].level = Level::By(db);
        shared.set_scenes(scenes);
        let heard = play(&mut clap, 12_000, &[64], &[], steady);
        let expected = 0.15 + 0.01 * 10f32.powf(db / 20.0);
        assert!((heard[0][11_999] - expected).abs() < 1e-6, "{db} dB: {}", heard[0][11_999]);
    }
}

#[test]
fn vst3_knows_from_the_setup_that_the_host_renders() {
    let component = ComWrapper::new(Component::default());
    let processor = component.to_com_ptr::<IAudioProcessor>().unwrap();
    for (mode, is_offline) in [(ProcessModes_::kOffline, true), (ProcessModes_::kRealtime, false)] {
        let mut setup = ProcessSetup {
            processMode: mode as int32,
            symbolicSampleSize: SymbolicSampleSizes_::kSample32 as int32,
            maxSamplesPerBlock: 512,
            sampleRate: 48_000.0,
        };
        // SAFETY: VST3's contract.
        assert_eq!(unsafe { processor.setupProcessing(&mut setup) }, kResultOk);
        assert_eq!(component.shared().is_offline(), is_offline);
    }
}

#[test]
fn vst3_blocks_of_doubles_are_declined_beforehand() {
    let vst3 = RawVst3::open(From::Bundle);
    let mut setup = ProcessSetup {
        processMode: 0,
        symbolicSampleSize: SymbolicSampleSizes_::kSample64 as i32,
        maxSamplesPerBlock: 512,
        sampleRate: 48_000.0,
    };
    // SAFETY: VST3's contract.
    assert_eq!(unsafe { vst3.processor.setupProcessing(&mut setup) }, kResultFalse);
}

#[test]
fn the_tail_is_the_longest_delay_and_vst3_hosts_never_suspend_us() {
    let mut clap = RawClap::open(From::Bundle);
    clap.activate(48_000.0, 512);
    let tail: &clap_plugin_tail = clap.extension(CLAP_EXT_TAIL).expect("the tail extension");
    // SAFETY: CLAP's contract.
    assert_eq!(unsafe { tail.get.unwrap()(clap.plugin()) }, 2400);
    let vst3 = RawVst3::open(From::Bundle);
    // SAFETY: VST3's contract.
    assert_eq!(unsafe { vst3.processor.getTailSamples() }, kInfiniteTail);
}

#[test]
fn parameter_texts_read_back_as_what_they_say() {
    let clap = RawClap::open(From::Bundle);
    let params = clap.params();
    for (i, key) in ParamKey::all().enumerate() {
        let info = clap.info(i as u32).expect("its info");
        for step in 0..=20 {
            let value = info.min_value + (info.max_value - info.min_value) * f64::from(step) / 20.0;
            let mut text = [0; 64];
            // SAFETY: CLAP's contract.
            unsafe {
                assert!(params.value_to_text.unwrap()(clap.plugin(), info.id, value, text.as_mut_ptr(), 64));
                let mut read = f64::NAN;
                assert!(params.text_to_value.unwrap()(clap.plugin(), info.id, text.as_ptr(), &mut read));
                let mut again = [0; 64];
                assert!(params.value_to_text.unwrap()(clap.plugin(), info.id, read, again.as_mut_ptr(), 64));
                assert_eq!(text, again, "{key:?} at {value}");
                assert!(!CStr::from_ptr(text.as_ptr()).to_str().unwrap().contains("-0.0 "));
            }
        }
    }
}

#[test]
fn instances_do_not_hear_each_other() {
    for how in EVERYWHERE {
        let (mut one, mut two) = (open(how), open(how));
        one.activate(48_000.0, 512);
        two.activate(48_000.0, 512);
        let key = ParamKey::Stem(0, StripParam::Mute);
        let events = [Event { frame: 0, key, value: 1.0 }];
        play(&mut *one, 8192, &[512], &events, |_, _, _| 0.1);
        let heard = play(&mut *two, 512, &[512], &[], |k, _, _| if k == 0 { 0.25 } else { 0.0 });
        assert_eq!(heard[0][511], 0.25);
        assert_eq!((one.value(key), two.value(key)), (1.0, 0.0));
    }
}

#[test]
fn a_host_s_calls_in_any_order_are_survived_alike_everywhere() {
    for seed in 0..50 {
        any_calls::survive(&EVERYWHERE, &mut Random::new(seed));
    }
}

/// A host that hears 10 ms at a time and waits for the listener, as one in real time has to.
struct Listened {
    clap: RawClap,
    shared: Arc<Shared>,
    deadline: Instant,
}

impl Listened {
    fn open(state: Option<&[u8]>) -> Self {
        let mut clap = RawClap::open(From::Linked);
        // SAFETY: the instance is alive.
        let shared = unsafe { shared_of(clap.plugin()) }.clone();
        if let Some(state) = state {
            assert!(clap.load(state));
        }
        clap.activate(48_000.0, 480);
        Self { clap, shared, deadline: Instant::now() + Duration::from_secs(120) }
    }

    fn play(&mut self, frames: usize, stem: impl Fn(usize, usize, usize) -> f32) {
        play(&mut self.clap, frames, &[480], &[], stem);
    }

    fn learned_s(&self) -> f32 {
        self.shared.meters.loudness().learned_s()
    }

    /// Lets the listener work until it has done what is waited for.
    fn wait(&self, until: impl Fn(&Self) -> bool) {
        while !until(self) {
            assert!(Instant::now() < self.deadline, "{} s were learned", self.learned_s());
            std::thread::yield_now();
        }
    }

    /// Plays until so much is learned.
    fn learn_s(&mut self, seconds: f32) {
        while self.learned_s() < seconds {
            assert!(Instant::now() < self.deadline, "{} s were learned", self.learned_s());
            self.play(480, hash_noise);
            std::thread::yield_now();
        }
    }

    /// Ends to learn, and waits for what was.
    fn finish(&self) -> LearnedBalance {
        let before = self.shared.meters.loudness().learnings();
        self.shared.meters.loudness().learn(false);
        self.wait(|host| host.shared.meters.loudness().learnings() > before);
        self.shared.learned().expect("something was learned")
    }
}

/// Sound that changes all the time.
fn hash_noise(k: usize, side: usize, i: usize) -> f32 {
    let hash = (i as u32).wrapping_mul(2_654_435_761).wrapping_add((97 * k + 13 * side) as u32);
    let level = 0.1 + 0.05 * (i as f32 / (9_000.0 + 700.0 * k as f32)).sin();
    level * (hash.wrapping_mul(hash ^ 0x9E37_79B9) as f32 / u32::MAX as f32 - 0.5)
}

#[test]
fn a_song_is_learned_with_the_editor_closed_as_it_is_by_stem_render() {
    const SECOND: usize = 48_000;
    const SECONDS: usize = 12;
    // What comes before a song's first frame when it is learned of files.
    const BEFORE: usize = 960;
    let learning = Document { learning: true, ..Document::default() };
    let mut host = Listened::open(Some(learning.to_json().as_bytes()));
    host.play(BEFORE, |_, _, _| 0.0);
    for second in 0..SECONDS {
        host.play(SECOND, |k, side, i| hash_noise(k, side, second * SECOND + i));
        host.wait(|host| host.learned_s() > second as f32 - 0.5);
    }
    let of_host = host.finish().song.expect("a song");
    let saved = Document::from_json(&host.clap.save()).expect("it loads").document;
    assert_eq!(
        saved.learned.and_then(|learned| learned.song).as_ref(),
        Some(&of_host),
        "the project keeps it"
    );

    let mut learner = Learner::new(48_000.0, &learning);
    for start in (0..SECONDS * SECOND).step_by(1_000) {
        let sides = |k: usize| -> [Vec<f32>; 2] {
            [0, 1].map(|side| (start..start + 1_000).map(|i| hash_noise(k, side, i)).collect())
        };
        let mut stems: Vec<_> = (0..STEMS).map(sides).collect();
        let (main, aux) = stems.split_at_mut(1);
        learner.play(&mut StemBlock {
            main: main[0].each_mut().map(|side| &mut side[..]),
            aux: std::array::from_fn(|at| aux[at].each_ref().map(|side| &side[..])),
            connected: StemBlock::ALL,
            silent: 0,
        });
    }
    let of_files = learner.finish().summary();
    for (stem, (a, b)) in of_host.stems.iter().zip(&of_files.stems).enumerate() {
        assert!((a.lufs - b.lufs).abs() < 0.01 && a.active_s == b.active_s, "stem {stem}: {a:?}, not {b:?}");
    }
    let mix = |song: &Summary, gain: f64| Song::from(song).loudness_lufs(&[gain; STEMS]);
    assert!((mix(&of_host, 0.5) - mix(&of_files, 0.5)).abs() < 0.01);
}

#[test]
fn what_somebody_compares_with_is_not_learned() {
    let learning = Document { learning: true, ..Document::default() };
    let mut loud = MixSettings::default();
    loud.set(ParamKey::Stem(0, StripParam::Tilt), 6.0);
    loud.set(ParamKey::Stem(0, StripParam::HighShelfGain), 12.0);
    let steady = |k: usize, side: usize, i: usize| hash_noise(k, side, i % 4_800);
    let [alone, beside] = [None, Some(Audition { settings: loud, gain_db: 0.0 })].map(|audition| {
        let mut host = Listened::open(Some(learning.to_json().as_bytes()));
        // All of it waits for the listener at once, at worst.
        host.play(38_400, steady);
        if audition.is_some() {
            host.shared.audition.set(audition.as_ref());
            host.play(38_400, steady);
            host.shared.audition.set(None);
        }
        host.play(38_400, steady);
        host.finish().song.expect("a song")
    });
    let [alone, beside] = [alone, beside].map(|song| song.stems[0]);
    assert!((alone.lufs - beside.lufs).abs() < 0.1, "{}, not {}", beside.lufs, alone.lufs);
    // No 400 ms hold what was before and after.
    assert!(beside.active_s < alone.active_s - 0.25, "{} s of {} s", beside.active_s, alone.active_s);
}

#[test]
fn a_project_saved_while_it_learns_goes_on_when_reopened_and_takes_nothing_of_another_song_along() {
    let learning = Document { learning: true, ..Document::default() };
    let mut host = Listened::open(Some(learning.to_json().as_bytes()));
    let state = host.clap.save();
    assert!(Document::from_json(&state).expect("ours").document.learning, "the switch is saved");
    host.learn_s(4.0);
    // The same project, opened over it.
    assert!(host.clap.load(&state));
    assert!(host.shared.meters.loudness().is_learning());
    host.wait(|host| host.learned_s() == 0.0);
    host.learn_s(1.0);
    let song = host.finish().song.expect("a song");
    let blocks: u32 = song.groups.iter().flat_map(|group| &group.levels).map(|level| level.blocks).sum();
    assert!(blocks < 36, "less than what was heard before: {blocks} blocks");

    // Another one, which is not learned.
    host.shared.meters.loudness().learn(true);
    host.learn_s(1.0);
    assert!(host.clap.load(Document::default().to_json().as_bytes()));
    assert!(!host.shared.meters.loudness().is_learning());
    host.wait(|host| host.learned_s() == 0.0);
    assert_eq!(host.shared.learned(), None, "nothing was learned of it");
}
