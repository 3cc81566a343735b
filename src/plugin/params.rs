//! The host's parameters, made from the table in `model/limits.rs`.

use crate::dsp::units::{TAPER_EXPONENT, TAPER_OFFSET_DB};
use crate::model::limits::{Kind, MixParam, ParamKey, Spec};
use crate::model::settings::MixSettings;
use crate::model::text;
use crate::sync::Changes;
use atomic_float::AtomicF32;
use nice_plug::prelude::{BoolParam, FloatParam, FloatRange, IntParam, IntRange, Param, ParamPtr, Params};
use std::collections::BTreeMap;
use std::sync::Arc;

/// One parameter of the framework's.
pub enum HostParam {
    /// A number.
    Float(FloatParam),
    /// Off or on.
    Switch(BoolParam),
    /// One of several.
    Choice(IntParam),
}

/// All parameters, in the order hosts list them.
#[derive(Params)]
pub struct HostParams {
    #[nested]
    table: Table,
    /// Parameters that changed since the audio thread last looked. Marked by whichever thread changes
    /// one, taken by the audio thread at the start of a block.
    changes: Arc<Changes>,
    /// What each parameter is modulated by, as the host said last. The framework knows it too, but does
    /// not tell. Written by the thread that applies events.
    modulation: Vec<AtomicF32>,
}

impl Default for HostParams {
    fn default() -> Self {
        let changes = Arc::new(Changes::default());
        let table = ParamKey::all().enumerate().map(|(at, key)| HostParam::new(key, at, &changes)).collect();
        let modulation = ParamKey::all().map(|_| AtomicF32::new(0.0)).collect();
        Self { table: Table(table), changes, modulation }
    }
}

impl HostParams {
    /// Every parameter with its key, in the order hosts list them.
    pub fn iter(&self) -> impl Iterator<Item = (ParamKey, &HostParam)> {
        ParamKey::all().zip(&self.table.0)
    }

    /// The parameter of a key.
    pub fn get(&self, key: ParamKey) -> Option<&HostParam> {
        self.table.0.get(key.index())
    }

    /// The parameter at a place of the host's list, and what it is modulated by.
    pub fn at(&self, index: usize) -> Option<(&HostParam, &AtomicF32)> {
        self.table.0.get(index).zip(self.modulation.get(index))
    }

    /// The parameters of a kind, for hosts that show them in pages.
    pub fn select(&self, wanted: impl Fn(ParamKey) -> bool) -> Vec<&HostParam> {
        self.iter().filter(|(key, _)| wanted(*key)).map(|(_, param)| param).collect()
    }

    /// The live balance as the host has it, without modulation.
    pub fn settings(&self) -> MixSettings {
        let mut settings = MixSettings::default();
        for (key, param) in self.iter() {
            settings.set(key, param.value(&key.spec()));
        }
        settings
    }

    /// Audio thread: brings `settings` up to date, modulation included.
    pub fn update(&self, keys: &[ParamKey], settings: &mut MixSettings) {
        self.changes.take(|at| {
            if let (Some(key), Some(param)) = (keys.get(at), self.table.0.get(at)) {
                settings.set(*key, param.modulated_value(&key.spec()));
            }
        });
    }

    /// Has the audio thread read every parameter anew.
    pub fn touch_all(&self) {
        (0..self.table.0.len()).for_each(|at| self.changes.mark(at));
    }
}

/// The parameters as the framework's derive macro wants them nested: it calls the three functions
/// below, and so ids, order and groups are ours.
struct Table(Vec<HostParam>);

impl Table {
    fn param_map(&self) -> Vec<(String, ParamPtr, String)> {
        ParamKey::all().zip(&self.0).map(|(key, p)| (key.id(), p.as_ptr(), key.group())).collect()
    }

    /// Nothing is persisted by the framework: see `Shared::load`.
    fn serialize_fields(&self) -> BTreeMap<String, String> {
        BTreeMap::new()
    }

    fn deserialize_fields(&self, _: &BTreeMap<String, String>) {}
}

impl HostParam {
    fn new(key: ParamKey, at: usize, changes: &Arc<Changes>) -> Self {
        let spec = key.spec();
        let changes = changes.clone();
        let mark = move || changes.mark(at);
        let parse = move |typed: &str| text::parse(&spec, typed).ok();
        match spec.kind {
            Kind::Switch(..) => {
                let param = BoolParam::new(key.name(), spec.default >= 0.5)
                    .with_value_to_string(Arc::new(move |v| text::format(&spec, f32::from(v))))
                    .with_string_to_value(Arc::new(move |t| parse(t).map(|v| v >= 0.5)))
                    .with_callback(Arc::new(move |_| mark()));
                Self::Switch(match key {
                    ParamKey::Mix(MixParam::Bypass) => param.make_bypass(),
                    _ => param,
                })
            }
            Kind::Choice(words) => Self::Choice(
                IntParam::new(
                    key.name(),
                    spec.default as i32,
                    IntRange::Linear { min: 0, max: words.len() as i32 - 1 },
                )
                .with_value_to_string(Arc::new(move |v| text::format(&spec, v as f32)))
                .with_string_to_value(Arc::new(move |t| parse(t).map(|v| v as i32)))
                .with_callback(Arc::new(move |_| mark())),
            ),
            _ => Self::Float(
                FloatParam::new(key.name(), plain(&spec, spec.default), range(&spec))
                    .with_value_to_string(Arc::new(move |v| text::format(&spec, from_plain(&spec, v))))
                    .with_string_to_value(Arc::new(move |t| parse(t).map(|v| plain(&spec, v))))
                    .with_callback(Arc::new(move |_| mark())),
            ),
        }
    }

    /// The value in the units of its row, without modulation. A closed fader may read as anything at
    /// or below its floor: pass it through `settings::sane`.
    pub fn value(&self, spec: &Spec) -> f32 {
        match self {
            Self::Float(p) => from_plain(spec, p.unmodulated_plain_value()),
            Self::Switch(p) => f32::from(p.unmodulated_plain_value()),
            Self::Choice(p) => p.unmodulated_plain_value() as f32,
        }
    }

    /// The same with modulation: what is to be heard.
    pub fn modulated_value(&self, spec: &Spec) -> f32 {
        match self {
            Self::Float(p) => from_plain(spec, p.value()),
            Self::Switch(p) => f32::from(p.value()),
            Self::Choice(p) => p.value() as f32,
        }
    }

    /// The value between 0 and 1, without modulation.
    pub fn normalised_value(&self) -> f32 {
        match self {
            Self::Float(p) => p.unmodulated_normalized_value(),
            Self::Switch(p) => p.unmodulated_normalized_value(),
            Self::Choice(p) => p.unmodulated_normalized_value(),
        }
    }

    /// How far CLAP counts from one end of the range to the other: the steps of a stepped parameter, else 1.
    pub fn clap_span(&self) -> f64 {
        let steps = match self {
            Self::Float(p) => p.step_count(),
            Self::Switch(p) => p.step_count(),
            Self::Choice(p) => p.step_count(),
        };
        steps.unwrap_or(1) as f64
    }

    /// Where a value lies between 0 and 1 for the host.
    pub fn normalised(&self, spec: &Spec, value: f32) -> f32 {
        match self {
            Self::Float(p) => p.preview_normalized(plain(spec, value)),
            Self::Switch(p) => p.preview_normalized(value >= 0.5),
            Self::Choice(p) => p.preview_normalized(value as i32),
        }
    }

    /// The framework's pointer to it, valid as long as the [`HostParams`] live.
    pub fn as_ptr(&self) -> ParamPtr {
        match self {
            Self::Float(p) => p.as_ptr(),
            Self::Switch(p) => p.as_ptr(),
            Self::Choice(p) => p.as_ptr(),
        }
    }
}

/// The framework's number for a value. Its numbers are finite: a closed fader is the taper's lower end.
/// It has no scale of octaves: frequencies and the like are given in octaves.
pub fn plain(spec: &Spec, value: f32) -> f32 {
    match spec.kind {
        Kind::Fader if value <= spec.min => TAPER_OFFSET_DB as f32,
        Kind::Hertz | Kind::Quality => value.log2(),
        _ => value,
    }
}

/// The value of the framework's number. Make it sane before use.
fn from_plain(spec: &Spec, plain: f32) -> f32 {
    match spec.kind {
        Kind::Hertz | Kind::Quality => plain.exp2(),
        _ => plain,
    }
}

fn range(spec: &Spec) -> FloatRange {
    match spec.kind {
        // dB = 204 p^(1/8) - 192: the taper of `dsp::units`, all of it. What lies below its floor of
        // -90 dB is silence.
        Kind::Fader => {
            FloatRange::Skewed { min: TAPER_OFFSET_DB as f32, max: spec.max, factor: TAPER_EXPONENT as f32 }
        }
        _ => FloatRange::Linear { min: plain(spec, spec.min), max: plain(spec, spec.max) },
    }
}
