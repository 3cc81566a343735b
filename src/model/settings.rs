//! The live balance as numbers: what the host automates and the audio thread reads.

use super::limits::{GROUPS, GroupParam, Kind, MixParam, ParamKey, STEMS, Spec, StripParam};

/// How pan treats the two sides of a stem.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PanMode {
    /// Turns one side down.
    #[default]
    Balance,
    /// Moves the far side's content over.
    TrueStereo,
}

/// Steepness of a high-pass or low-pass.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Slope {
    /// Passes everything.
    #[default]
    Off,
    /// 12 dB per octave.
    Gentle,
    /// 24 dB per octave.
    Steep,
}

/// A stem's tone section.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ToneSettings {
    /// It sounds.
    pub on: bool,
    /// Steepness of the high-pass.
    pub high_pass: Slope,
    /// Its corner, 10 to 1000 Hz.
    pub high_pass_hz: f32,
    /// Low shelf, 30 to 1000 Hz.
    pub low_shelf_hz: f32,
    /// -15 to 15 dB.
    pub low_shelf_db: f32,
    /// Bell, 20 to 20000 Hz.
    pub bell_hz: f32,
    /// -15 to 15 dB.
    pub bell_db: f32,
    /// 0.3 to 10.
    pub bell_q: f32,
    /// High shelf, 1000 to 20000 Hz.
    pub high_shelf_hz: f32,
    /// -15 to 15 dB.
    pub high_shelf_db: f32,
    /// Steepness of the low-pass.
    pub low_pass: Slope,
    /// Its corner, 1000 to 20000 Hz.
    pub low_pass_hz: f32,
    /// -6 to 6 dB up above 650 Hz and down below.
    pub tilt_db: f32,
}

/// One stem's strip. Every value is within its range of `limits.rs`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StripSettings {
    /// Level in dB, minus infinity or -90 to 12.
    pub fader_db: f32,
    /// -1 (left) to 1 (right).
    pub pan: f32,
    /// Silenced.
    pub mute: bool,
    /// -24 to 24 dB.
    pub trim_db: f32,
    /// The waveform is turned over.
    pub inverted: bool,
    /// 0 to 200 per cent.
    pub width_percent: f32,
    /// 0 to 50 ms.
    pub delay_ms: f32,
    /// How pan treats the two sides.
    pub pan_mode: PanMode,
    /// Soloed.
    pub solo: bool,
    /// Sounds although others are soloed.
    pub solo_safe: bool,
    /// Its tone section.
    pub tone: ToneSettings,
}

impl Default for StripSettings {
    fn default() -> Self {
        let mut strip = Self {
            fader_db: 0.0,
            pan: 0.0,
            mute: false,
            trim_db: 0.0,
            inverted: false,
            width_percent: 0.0,
            delay_ms: 0.0,
            pan_mode: PanMode::Balance,
            solo: false,
            solo_safe: false,
            tone: ToneSettings::default(),
        };
        for param in StripParam::ALL {
            strip.set(param, param.spec().default);
        }
        strip
    }
}

impl StripSettings {
    /// A parameter's value in the units of its row; switches are 0 or 1.
    pub fn get(&self, param: StripParam) -> f32 {
        match param {
            StripParam::Fader => self.fader_db,
            StripParam::Pan => self.pan,
            StripParam::Mute => f32::from(self.mute),
            StripParam::Trim => self.trim_db,
            StripParam::Polarity => f32::from(self.inverted),
            StripParam::Width => self.width_percent,
            StripParam::Delay => self.delay_ms,
            StripParam::PanMode => f32::from(self.pan_mode == PanMode::TrueStereo),
            StripParam::Solo => f32::from(self.solo),
            StripParam::SoloSafe => f32::from(self.solo_safe),
            StripParam::Tone => f32::from(self.tone.on),
            StripParam::HighPassSlope => self.tone.high_pass as u8 as f32,
            StripParam::HighPassFrequency => self.tone.high_pass_hz,
            StripParam::LowShelfFrequency => self.tone.low_shelf_hz,
            StripParam::LowShelfGain => self.tone.low_shelf_db,
            StripParam::BellFrequency => self.tone.bell_hz,
            StripParam::BellGain => self.tone.bell_db,
            StripParam::BellQ => self.tone.bell_q,
            StripParam::HighShelfFrequency => self.tone.high_shelf_hz,
            StripParam::HighShelfGain => self.tone.high_shelf_db,
            StripParam::LowPassSlope => self.tone.low_pass as u8 as f32,
            StripParam::LowPassFrequency => self.tone.low_pass_hz,
            StripParam::Tilt => self.tone.tilt_db,
        }
    }

    /// Sets a parameter, made [`sane`].
    pub fn set(&mut self, param: StripParam, value: f32) {
        let value = sane(&param.spec(), value);
        let on = value >= 0.5;
        let slope = match value {
            v if v >= 1.5 => Slope::Steep,
            v if v >= 0.5 => Slope::Gentle,
            _ => Slope::Off,
        };
        match param {
            StripParam::Fader => self.fader_db = value,
            StripParam::Pan => self.pan = value,
            StripParam::Mute => self.mute = on,
            StripParam::Trim => self.trim_db = value,
            StripParam::Polarity => self.inverted = on,
            StripParam::Width => self.width_percent = value,
            StripParam::Delay => self.delay_ms = value,
            StripParam::PanMode => self.pan_mode = if on { PanMode::TrueStereo } else { PanMode::Balance },
            StripParam::Solo => self.solo = on,
            StripParam::SoloSafe => self.solo_safe = on,
            StripParam::Tone => self.tone.on = on,
            StripParam::HighPassSlope => self.tone.high_pass = slope,
            StripParam::HighPassFrequency => self.tone.high_pass_hz = value,
            StripParam::LowShelfFrequency => self.tone.low_shelf_hz = value,
            StripParam::LowShelfGain => self.tone.low_shelf_db = value,
            StripParam::BellFrequency => self.tone.bell_hz = value,
            StripParam::BellGain => self.tone.bell_db = value,
            StripParam::BellQ => self.tone.bell_q = value,
            StripParam::HighShelfFrequency => self.tone.high_shelf_hz = value,
            StripParam::HighShelfGain => self.tone.high_shelf_db = value,
            StripParam::LowPassSlope => self.tone.low_pass = slope,
            StripParam::LowPassFrequency => self.tone.low_pass_hz = value,
            StripParam::Tilt => self.tone.tilt_db = value,
        }
    }
}

/// What a group does to its stems.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct GroupSettings {
    /// Added to their levels, in dB: minus infinity or -90 to 12.
    pub fader_db: f32,
    /// Silenced.
    pub mute: bool,
    /// Soloed.
    pub solo: bool,
}

/// The whole live balance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MixSettings {
    /// The unity sum instead of the balance.
    pub bypass: bool,
    /// Level of the mix in dB, minus infinity or -90 to 12.
    pub output_db: f32,
    /// The main input is not a stem.
    pub ignore_main_input: bool,
    /// The scene (0 to 7) that sounds over the live balance.
    pub scene: Option<usize>,
    /// How much of it sounds, 0 to 100.
    pub scene_percent: f32,
    /// How long the way to another scene is, 0 to 20.
    pub glide: f32,
    /// It is so many beats, not seconds.
    pub glides_by_beats: bool,
    /// The mix keeps its loudness on the way between scenes.
    pub hold_loudness: bool,
    /// The lead against all others, -6 to 6 dB.
    pub lead_db: f32,
    /// Every stem's width times this, 0 to 200 per cent.
    pub wide_percent: f32,
    /// The groups A to D.
    pub groups: [GroupSettings; GROUPS],
    /// How much of `learned_db` sounds, 0 to 100.
    pub balance_percent: f32,
    /// What the balance learned of the song adds to the stems' levels, in dB. No parameter: it stands in the
    /// document.
    pub learned_db: [f32; STEMS],
    /// The stems' strips.
    pub stems: [StripSettings; STEMS],
}

impl Default for MixSettings {
    fn default() -> Self {
        Self {
            bypass: false,
            output_db: MixParam::Output.spec().default,
            ignore_main_input: false,
            scene: None,
            scene_percent: MixParam::SceneAmount.spec().default,
            glide: MixParam::Glide.spec().default,
            glides_by_beats: false,
            hold_loudness: false,
            lead_db: MixParam::Lead.spec().default,
            wide_percent: MixParam::Wide.spec().default,
            groups: [GroupSettings { fader_db: GroupParam::Fader.spec().default, mute: false, solo: false };
                GROUPS],
            balance_percent: MixParam::BalanceAmount.spec().default,
            learned_db: [0.0; STEMS],
            stems: Default::default(),
        }
    }
}

impl MixSettings {
    /// A parameter's value in the units of its row; switches are 0 or 1.
    ///
    /// # Panics
    /// If the key names a stem or group past the last.
    pub fn get(&self, key: ParamKey) -> f32 {
        match key {
            ParamKey::Mix(MixParam::Bypass) => f32::from(self.bypass),
            ParamKey::Mix(MixParam::Output) => self.output_db,
            ParamKey::Mix(MixParam::MainInput) => f32::from(self.ignore_main_input),
            ParamKey::Mix(MixParam::Scene) => self.scene.map_or(0.0, |scene| scene as f32 + 1.0),
            ParamKey::Mix(MixParam::SceneAmount) => self.scene_percent,
            ParamKey::Mix(MixParam::Glide) => self.glide,
            ParamKey::Mix(MixParam::GlideUnit) => f32::from(self.glides_by_beats),
            ParamKey::Mix(MixParam::HoldLoudness) => f32::from(self.hold_loudness),
            ParamKey::Mix(MixParam::BalanceAmount) => self.balance_percent,
            ParamKey::Mix(MixParam::Lead) => self.lead_db,
            ParamKey::Mix(MixParam::Wide) => self.wide_percent,
            ParamKey::Group(group, GroupParam::Fader) => self.groups[group].fader_db,
            ParamKey::Group(group, GroupParam::Mute) => f32::from(self.groups[group].mute),
            ParamKey::Group(group, GroupParam::Solo) => f32::from(self.groups[group].solo),
            ParamKey::Stem(stem, param) => self.stems[stem].get(param),
        }
    }

    /// Sets a parameter, made [`sane`].
    ///
    /// # Panics
    /// If the key names a stem or group past the last.
    pub fn set(&mut self, key: ParamKey, value: f32) {
        match key {
            ParamKey::Stem(stem, param) => self.stems[stem].set(param, value),
            ParamKey::Group(group, param) => {
                let (group, value) = (&mut self.groups[group], sane(&param.spec(), value));
                match param {
                    GroupParam::Fader => group.fader_db = value,
                    GroupParam::Mute => group.mute = value >= 0.5,
                    GroupParam::Solo => group.solo = value >= 0.5,
                }
            }
            ParamKey::Mix(param) => {
                let value = sane(&param.spec(), value);
                match param {
                    MixParam::Bypass => self.bypass = value >= 0.5,
                    MixParam::Output => self.output_db = value,
                    MixParam::MainInput => self.ignore_main_input = value >= 0.5,
                    MixParam::Scene => self.scene = (value as usize).checked_sub(1),
                    MixParam::SceneAmount => self.scene_percent = value,
                    MixParam::Glide => self.glide = value,
                    MixParam::GlideUnit => self.glides_by_beats = value >= 0.5,
                    MixParam::HoldLoudness => self.hold_loudness = value >= 0.5,
                    MixParam::BalanceAmount => self.balance_percent = value,
                    MixParam::Lead => self.lead_db = value,
                    MixParam::Wide => self.wide_percent = value,
                }
            }
        }
    }

    /// Whether any stem or group is soloed.
    pub fn any_solo(&self) -> bool {
        self.stems.iter().any(|s| s.solo) || self.groups.iter().any(|g| g.solo)
    }
}

/// A value as it may enter the engine: within its range, NaN replaced by the default, a closed fader
/// minus infinity. A host that writes a default back rounds it to its own grid, so values next to
/// unity or the centre land on it exactly.
pub fn sane(spec: &Spec, value: f32) -> f32 {
    if value.is_nan() {
        return spec.default;
    }
    let value = value.clamp(spec.min, spec.max);
    let near = match spec.kind {
        Kind::Fader if value <= spec.min => return f32::NEG_INFINITY,
        Kind::Fader | Kind::Decibel => 1e-3,
        Kind::Pan => 1e-5,
        Kind::Percent => 1e-3,
        // A host knows these by their octaves, whose last bits are not the number's.
        Kind::Hertz | Kind::Quality => return to_digits(value, 5).clamp(spec.min, spec.max),
        Kind::Milliseconds | Kind::Length | Kind::Switch(..) | Kind::Choice(_) => 0.0,
    };
    match spec.kind {
        Kind::Switch(..) | Kind::Choice(_) => value.round(),
        _ if (value - spec.default).abs() < near => spec.default,
        _ => value,
    }
}

/// The nearest number with so many significant digits.
fn to_digits(value: f32, digits: i32) -> f32 {
    let value = f64::from(value);
    let scale = 10f64.powi(digits - 1 - value.abs().log10().floor() as i32);
    ((value * scale).round() / scale) as f32
}
