//! The plugin as a host sees it, over the framework `nice-plug`.

pub mod block_repair;
pub mod export_clap;
pub mod export_vst3;
pub mod guard;
pub mod instance;
mod listening;
pub mod params;
mod points;
pub mod recording;
pub mod shared;
pub mod studying;
pub mod transport;

use crate::editor::window::{self, Window};
use crate::engine::monitor::Monitoring;
use crate::engine::{MixEngine, StemBlock};
use crate::model::layers::Layers;
use crate::model::limits::{GroupParam, MixParam, ParamKey, STEMS, StripParam};
use crate::model::settings::MixSettings;
use crate::sync::{Audition, Patrol};
use guard::Guard;
use instance::HostInstance;
use nice_plug::prelude::*;
use params::HostParam;
use recording::Recorder;
use shared::Shared;
use std::sync::Arc;
use transport::Playhead;

/// The plugin inside the framework's wrapper.
pub struct Stemwright {
    live: Live,
    guard: Guard,
}

/// The engine and the balance it plays.
struct Live {
    shared: Arc<Shared>,
    /// Every key by its index, so that a changed parameter is found without a search.
    keys: Vec<ParamKey>,
    settings: MixSettings,
    /// What stands over it, and its revision.
    layers: Box<Layers>,
    layers_revision: u32,
    /// What is heard instead of them, and its revision.
    audition: Option<Audition>,
    audition_revision: u32,
    /// The engine was set to it last.
    is_comparing: bool,
    playhead: Playhead,
    recorder: Recorder,
    sample_rate_hz: f64,
    /// The revision of the shared state that `settings` are from.
    revision: u32,
    engine: MixEngine,
    monitoring: Monitoring,
    /// From the first activation on.
    listening: Option<Patrol>,
}

impl Default for Stemwright {
    fn default() -> Self {
        let shared = Shared::current();
        let live = Live {
            keys: ParamKey::all().collect(),
            settings: MixSettings::default(),
            layers: Box::default(),
            layers_revision: 0,
            audition: None,
            audition_revision: 0,
            is_comparing: false,
            playhead: Playhead::default(),
            recorder: Recorder::default(),
            sample_rate_hz: 48_000.0,
            revision: shared.revision(),
            engine: MixEngine::new(shared.meters.clone()),
            monitoring: Monitoring::default(),
            listening: None,
            shared,
        };
        Self { live, guard: Guard::default() }
    }
}

impl Live {
    /// Brings the engine's balance up to date, unless a state is being loaded right now.
    fn follow_params(&mut self) {
        let revision = self.shared.revision();
        if revision % 2 == 1 {
            return;
        }
        let mut settings = self.settings;
        self.shared.params.update(&self.keys, &mut settings);
        settings.learned_db = self.shared.learned_db();
        let layers = self.shared.layers.get(&mut self.layers_revision);
        if self.shared.revision() != revision {
            // A load began meanwhile, and what was read may be half of it: read all again, later.
            self.shared.params.touch_all();
            self.layers_revision = 0;
            return;
        }
        self.settings = settings;
        if let Some(numbers) = layers {
            self.layers.read(&numbers);
            self.engine.set_layers(&self.layers);
        }
        let audition = self.wanted_audition();
        let was_comparing = std::mem::replace(&mut self.is_comparing, audition.is_some());
        let learned_db = settings.learned_db;
        self.engine.set(&audition.map_or(settings, |a| MixSettings { learned_db, ..a.settings }));
        self.engine.let_learn(!self.is_comparing);
        if was_comparing || self.is_comparing {
            self.engine.arrive(); // a comparison has no time to glide
        }
        if revision != self.revision {
            // A state was loaded: it sounds at once, it does not glide in.
            self.revision = revision;
            self.engine.land();
        }
    }
}

impl Live {
    /// What somebody compares with; never in a render.
    fn wanted_audition(&mut self) -> Option<Audition> {
        if let Some(wish) = self.shared.audition.get(&mut self.audition_revision, &self.keys) {
            self.audition = wish;
        }
        self.audition.filter(|_| !self.shared.is_offline())
    }

    /// Follows the host's playhead, with the balance of the block set already.
    fn follow_host(&mut self, frames: usize) {
        if let Some(transport) = self.shared.transport.take() {
            self.recorder.follow(&transport);
            self.engine.set_tempo(transport.tempo_bpm);
            if self.playhead.jumps(&transport) {
                self.engine.locate();
            }
        }
        self.playhead.pass(frames as f64 / self.sample_rate_hz);
    }

    /// Mixes a block, and records its stems while somebody wants that.
    fn mix(&mut self, block: &mut StemBlock) {
        let Self { recorder, engine, shared, settings, is_comparing, sample_rate_hz, .. } = self;
        let sounds = settings.scene_percent > 0.0 && !settings.bypass;
        let scene = settings.scene.filter(|_| sounds);
        // A render is heard by nobody, and a comparison is not the mix.
        let is_mix = !shared.is_offline() && !*is_comparing;
        recorder.process(shared.meters.tape(), engine, block, is_mix, *sample_rate_hz, scene);
    }

    /// Does what whoever listens has asked for, but not in a render.
    fn monitor(&mut self, block: &mut StemBlock) {
        if self.shared.is_offline() {
            self.monitoring.stop();
        } else {
            let [left, right] = &mut block.main;
            let gain_db = self.audition.map_or(0.0, |audition| audition.gain_db);
            self.monitoring.process(self.shared.monitor.get(), gain_db, left, right);
        }
    }
}

impl Plugin for Stemwright {
    const NAME: &'static str = "Stemwright";
    const VENDOR: &'static str = "Stemwright";
    const URL: &'static str = "";
    const EMAIL: &'static str = "";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const AUDIO_IO_LAYOUTS: &'static [AudioIOLayout] = &[AudioIOLayout {
        main_input_channels: NonZeroU32::new(2),
        main_output_channels: NonZeroU32::new(2),
        aux_input_ports: &[new_nonzero_u32(2); STEMS - 1],
        aux_output_ports: &[],
        names: PortNames {
            main_input: Some("Stem 01"),
            aux_inputs: &[
                "Stem 02", "Stem 03", "Stem 04", "Stem 05", "Stem 06", "Stem 07", "Stem 08", "Stem 09",
                "Stem 10", "Stem 11", "Stem 12", "Stem 13", "Stem 14", "Stem 15", "Stem 16",
            ],
            ..PortNames::const_default()
        },
    }];
    const SAMPLE_ACCURATE_AUTOMATION: bool = true;
    type Editor = Window<HostInstance>;
    type SysExMessage = ();
    type BackgroundTask = ();

    fn params(&self) -> Arc<dyn Params> {
        self.live.shared.params.clone()
    }

    fn editor(&mut self, _executor: AsyncExecutor<Self>) -> Option<Self::Editor> {
        let shared = self.live.shared.clone();
        let [seen, left] = [shared.clone(), shared.clone()];
        let connect = move |gui| HostInstance::new(shared.clone(), gui);
        window::window(move || seen.view(), connect, move || left.leave_editor())
    }

    fn activate(
        &mut self,
        _layout: &AudioIOLayout,
        config: &BufferConfig,
        _context: &mut impl ActivateContext<Self>,
    ) -> bool {
        let rate = f64::from(config.sample_rate);
        let live = &mut self.live;
        live.shared.set_fault(false);
        live.shared.set_sample_rate(rate);
        live.sample_rate_hz = rate;
        live.shared.params.touch_all();
        live.follow_params();
        live.engine.prepare(rate);
        live.monitoring.prepare(rate);
        live.listening = live.listening.take().or_else(|| listening::listen(live.shared.clone()));
        self.guard.prepare(rate, config.max_buffer_size as usize);
        true
    }

    fn reset(&mut self) {
        self.live.follow_params();
        self.live.engine.reset();
    }

    fn process(
        &mut self,
        main: &mut Buffer,
        aux: &mut AuxiliaryBuffers,
        _context: &mut impl ProcessContext<Self>,
    ) -> ProcessStatus {
        let Self { live, guard } = self;
        let (connected, silent) = live.shared.inputs();
        if let [left, right, ..] = main.as_slice() {
            let mut block = StemBlock {
                main: [&mut **left, &mut **right],
                aux: std::array::from_fn(|k| match aux.inputs.get(k).map(|b| b.as_slice_immutable()) {
                    Some([left, right, ..]) => [&**left, &**right],
                    _ => [&[] as &[f32]; 2],
                }),
                connected,
                silent,
            };
            let ignore_main = live.settings.ignore_main_input;
            guard.process(&mut block, ignore_main, |block| {
                live.follow_params();
                live.follow_host(block.frames());
                live.mix(block);
                live.monitor(block);
            });
            if guard.has_fault() {
                live.shared.set_fault(true);
            }
        }
        // Some hosts suspend an insert whose main input is silent while its auxiliaries play.
        ProcessStatus::KeepAlive
    }
}

/// Adds pages of eight parameters each.
fn add_pages(section: &mut impl RemoteControlsSection, name: &str, params: &[&HostParam]) {
    const PAGE: usize = 8;
    for (at, page) in params.chunks(PAGE).enumerate() {
        let title = if params.len() <= PAGE {
            name.to_owned()
        } else {
            format!("{name} {}-{}", at * PAGE + 1, at * PAGE + page.len())
        };
        section.add_page(title, |to| {
            for param in page {
                match param {
                    HostParam::Float(p) => to.add_param(p),
                    HostParam::Switch(p) => to.add_param(p),
                    HostParam::Choice(p) => to.add_param(p),
                }
            }
        });
    }
}

impl ClapPlugin for Stemwright {
    const CLAP_ID: &'static str = "org.stemwright.stem-balancer";
    const CLAP_DESCRIPTION: Option<&'static str> = Some("Balances up to sixteen stems on one bus");
    const CLAP_MANUAL_URL: Option<&'static str> = None;
    const CLAP_SUPPORT_URL: Option<&'static str> = None;
    const CLAP_FEATURES: &'static [ClapFeature] =
        &[ClapFeature::AudioEffect, ClapFeature::Stereo, ClapFeature::Mixing, ClapFeature::Utility];

    fn remote_controls(&self, context: &mut impl RemoteControlsContext) {
        let params = &self.live.shared.params;
        context.add_section("Stems", |section| {
            for param in StripParam::ALL {
                let of_all = params.select(|key| matches!(key, ParamKey::Stem(_, p) if p == param));
                add_pages(section, &format!("{}s", param.spec().name), &of_all);
            }
        });
        context.add_section("Mix", |section| {
            let of_mix = params.select(|key| matches!(key, ParamKey::Mix(p) if p != MixParam::Bypass));
            add_pages(section, "Mix", &of_mix);
            for param in GroupParam::ALL {
                let of_all = params.select(|key| matches!(key, ParamKey::Group(_, p) if p == param));
                add_pages(section, &format!("Group {}s", param.spec().name), &of_all);
            }
        });
    }
}

impl Vst3Plugin for Stemwright {
    const VST3_CLASS_ID: [u8; 16] = *b"StemwrightStems1";
    const VST3_SUBCATEGORIES: &'static [Vst3SubCategory] =
        &[Vst3SubCategory::Fx, Vst3SubCategory::Mastering, Vst3SubCategory::Stereo];
}
