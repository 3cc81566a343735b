//! What a layer changes about a strip: differences over the live one, each in the domain it is heard in.

use super::limits::{LOW_PASS_OPEN_HZ, MAX_LEVEL_DB, StripParam};
use super::settings::{Slope, StripSettings, ToneSettings};
use crate::dsp::morph::{LevelLaw, linear};

/// What a layer does to a fader.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Level {
    /// Adds so many dB, minus infinity or within [`MAX_DIFFERENCE_DB`]. A closed fader stays closed.
    By(f32),
    /// Puts it at a level in dB, whatever the live one is: the way out of a closed fader.
    To(f32),
}

/// Widest difference of two faders' levels in dB.
pub const MAX_DIFFERENCE_DB: f32 = 102.0;

impl Level {
    /// Nothing.
    pub const NONE: Self = Self::By(0.0);

    /// What leads from one level to another.
    pub fn between(from_db: f32, to_db: f32) -> Self {
        match (from_db, to_db) {
            (from, to) if from == to => Self::NONE,
            (f32::NEG_INFINITY, to) => Self::To(to),
            (from, to) => Self::By(to - from),
        }
    }

    /// The level in dB that a live one becomes.
    pub fn over(self, live_db: f64) -> f64 {
        match self {
            Self::By(db) => live_db + f64::from(db),
            Self::To(db) => f64::from(db),
        }
    }

    /// So far on the way from one to the other.
    fn blend(from: Self, to: Self, live_db: f64, t: f64, law: LevelLaw) -> Self {
        match (from, to) {
            _ if from == to => from,
            // Closed all the way; kept for when the live fader opens.
            (Self::By(a), Self::By(b)) if live_db == f64::NEG_INFINITY => {
                Self::By(law.blend_db(f64::from(a), f64::from(b), t) as f32)
            }
            _ => {
                let db = law.blend_db(from.over(live_db), to.over(live_db), t);
                if live_db == f64::NEG_INFINITY {
                    Self::To(db as f32)
                } else {
                    Self::By((db - live_db) as f32)
                }
            }
        }
    }
}

/// How a layer changes a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Means {
    /// See [`Level`].
    Level,
    /// A number is added, in the parameter's unit.
    Sum,
    /// It is multiplied; differences are octaves.
    Ratio,
    /// It is replaced.
    Choice,
}

impl StripParam {
    /// How layers change it; `None` where they never do.
    pub const fn means(self) -> Option<Means> {
        match self {
            Self::Fader => Some(Means::Level),
            Self::Pan
            | Self::Width
            | Self::LowShelfGain
            | Self::BellGain
            | Self::HighShelfGain
            | Self::Tilt => Some(Means::Sum),
            Self::HighPassFrequency
            | Self::LowShelfFrequency
            | Self::BellFrequency
            | Self::BellQ
            | Self::HighShelfFrequency
            | Self::LowPassFrequency => Some(Means::Ratio),
            Self::Mute | Self::Tone | Self::HighPassSlope | Self::LowPassSlope => Some(Means::Choice),
            Self::Trim | Self::Polarity | Self::Delay | Self::PanMode | Self::Solo | Self::SoloSafe => None,
        }
    }
}

/// How much of a stem passes its mute, as power: the live mute's share and what is open whatever that says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Opening {
    as_live: f32,
    open: f32,
}

impl Opening {
    /// The live mute decides.
    pub const LIVE: Self = Self { as_live: 1.0, open: 0.0 };

    /// What a layer's own mute leaves.
    pub fn of(mute: Option<bool>) -> Self {
        match mute {
            None => Self::LIVE,
            Some(mute) => Self { as_live: 0.0, open: if mute { 0.0 } else { 1.0 } },
        }
    }

    /// The layer's own mute; `None` where the live one decides, or on the way.
    pub fn mute(self) -> Option<bool> {
        (self.as_live == 0.0).then_some(self.open == 0.0)
    }

    /// What passes under a live mute, linear power from 0 to 1.
    pub fn over(self, live_mute: bool) -> f64 {
        f64::from(self.open) + if live_mute { 0.0 } else { f64::from(self.as_live) }
    }

    fn blend(from: Self, to: Self, t: f64) -> Self {
        Self { as_live: mixed(from.as_live, to.as_live, t), open: mixed(from.open, to.open, t) }
    }
}

/// What a layer changes about a strip. Delay, polarity, trim, pan mode and solo are never changed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StripOffsets {
    /// The fader.
    pub level: Level,
    /// Mute.
    pub opening: Opening,
    /// Added to pan, -2 to 2.
    pub pan: f32,
    /// Added to width, -200 to 200 per cent.
    pub width_percent: f32,
    /// Whether the tone section sounds, instead of what the live strip says.
    pub tone: Option<bool>,
    /// The high-pass's slope instead of the live one.
    pub high_pass: Option<Slope>,
    /// Octaves of its corner.
    pub high_pass_octaves: f32,
    /// Octaves of the low shelf's frequency.
    pub low_shelf_octaves: f32,
    /// dB.
    pub low_shelf_db: f32,
    /// Octaves of the bell's frequency.
    pub bell_octaves: f32,
    /// dB.
    pub bell_db: f32,
    /// Octaves of the bell's Q.
    pub bell_q_octaves: f32,
    /// Octaves of the high shelf's frequency.
    pub high_shelf_octaves: f32,
    /// dB.
    pub high_shelf_db: f32,
    /// The low-pass's slope instead of the live one.
    pub low_pass: Option<Slope>,
    /// Octaves of its corner.
    pub low_pass_octaves: f32,
    /// dB.
    pub tilt_db: f32,
}

impl Default for StripOffsets {
    fn default() -> Self {
        Self::NONE
    }
}

/// A strip with its layers on it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sounding {
    /// The values that sound. The fader may be above its own range, up to [`MAX_LEVEL_DB`]; the mute is on where
    /// nothing passes.
    pub strip: StripSettings,
    /// How much passes the mute, linear power from 0 to 1.
    pub opening: f64,
}

impl From<StripSettings> for Sounding {
    /// A strip without any layer.
    fn from(strip: StripSettings) -> Self {
        Self { strip, opening: Opening::LIVE.over(strip.mute) }
    }
}

impl Sounding {
    /// Takes over a layer's level and mute, over a live strip.
    pub fn set_level(&mut self, level: Level, opening: Opening, live: &StripSettings) {
        self.opening = opening.over(live.mute);
        self.strip.mute = self.opening == 0.0;
        self.strip.fader_db = level.over(f64::from(live.fader_db)).min(MAX_LEVEL_DB) as f32;
    }
}

impl StripOffsets {
    /// Changes nothing.
    pub const NONE: Self = Self {
        level: Level::NONE,
        opening: Opening::LIVE,
        pan: 0.0,
        width_percent: 0.0,
        tone: None,
        high_pass: None,
        high_pass_octaves: 0.0,
        low_shelf_octaves: 0.0,
        low_shelf_db: 0.0,
        bell_octaves: 0.0,
        bell_db: 0.0,
        bell_q_octaves: 0.0,
        high_shelf_octaves: 0.0,
        high_shelf_db: 0.0,
        low_pass: None,
        low_pass_octaves: 0.0,
        tilt_db: 0.0,
    };

    /// What leads from one strip to another, as far as a layer can.
    pub fn between(from: &StripSettings, to: &StripSettings) -> Self {
        let mut offsets = Self::NONE;
        for param in StripParam::ALL {
            offsets.lead(param, from.get(param), to.get(param));
        }
        offsets
    }

    /// Makes a parameter come to a value over a live one, as far as a layer can.
    pub fn lead(&mut self, param: StripParam, live: f32, value: f32) {
        match param.means() {
            Some(Means::Level) => self.level = Level::between(live, value),
            Some(Means::Sum) => self.set(param, Some(value - live)),
            Some(Means::Ratio) => self.set(param, Some((value / live).log2())),
            Some(Means::Choice) => self.set(param, (value != live).then_some(value)),
            None => {}
        }
    }

    /// What a parameter's difference is, but for the fader: a sum in its unit, octaves, or a choice. `None` where
    /// it stays as it is.
    pub fn get(&self, param: StripParam) -> Option<f32> {
        let word = |on: Option<bool>| on.map(f32::from);
        let slope = |slope: Option<Slope>| slope.map(|s| f32::from(s as u8));
        match param {
            StripParam::Mute => word(self.opening.mute()),
            StripParam::Tone => word(self.tone),
            StripParam::HighPassSlope => slope(self.high_pass),
            StripParam::LowPassSlope => slope(self.low_pass),
            _ => { *self }.number(param).map(|number| *number).filter(|number| *number != 0.0),
        }
    }

    /// Sets it, made possible.
    pub fn set(&mut self, param: StripParam, difference: Option<f32>) {
        let slope = |value: f32| match value {
            v if v >= 1.5 => Slope::Steep,
            v if v >= 0.5 => Slope::Gentle,
            _ => Slope::Off,
        };
        let on = difference.map(|value| value >= 0.5);
        match param {
            StripParam::Mute => self.opening = Opening::of(on),
            StripParam::Tone => self.tone = on,
            StripParam::HighPassSlope => self.high_pass = difference.map(slope),
            StripParam::LowPassSlope => self.low_pass = difference.map(slope),
            _ => {
                if let Some(to) = self.number(param) {
                    let spec = param.spec();
                    let most = match param.means() {
                        Some(Means::Ratio) => (spec.max / spec.min).log2(),
                        _ => spec.max - spec.min,
                    };
                    let number = difference.filter(|number| !number.is_nan()).unwrap_or(0.0);
                    // What rounding leaves is nothing.
                    *to = if number.abs() < 1e-6 { 0.0 } else { number.clamp(-most, most) };
                }
            }
        }
    }

    fn number(&mut self, param: StripParam) -> Option<&mut f32> {
        match param {
            StripParam::Pan => Some(&mut self.pan),
            StripParam::Width => Some(&mut self.width_percent),
            StripParam::HighPassFrequency => Some(&mut self.high_pass_octaves),
            StripParam::LowShelfFrequency => Some(&mut self.low_shelf_octaves),
            StripParam::LowShelfGain => Some(&mut self.low_shelf_db),
            StripParam::BellFrequency => Some(&mut self.bell_octaves),
            StripParam::BellGain => Some(&mut self.bell_db),
            StripParam::BellQ => Some(&mut self.bell_q_octaves),
            StripParam::HighShelfFrequency => Some(&mut self.high_shelf_octaves),
            StripParam::HighShelfGain => Some(&mut self.high_shelf_db),
            StripParam::LowPassFrequency => Some(&mut self.low_pass_octaves),
            StripParam::Tilt => Some(&mut self.tilt_db),
            _ => None,
        }
    }

    /// Takes one parameter's difference over from another layer.
    pub fn take(&mut self, param: StripParam, from: &Self) {
        match param.means() {
            Some(Means::Level) => self.level = from.level,
            Some(_) => self.set(param, from.get(param)),
            None => {}
        }
    }

    /// What a parameter comes to over its live value.
    pub fn value(&self, param: StripParam, live: f32) -> f32 {
        let mut strip = StripSettings::default(); // no parameter depends on another
        strip.set(param, live);
        self.over(&strip).strip.get(param)
    }

    /// Whether it leaves a parameter as it is.
    pub fn leaves(&self, param: StripParam) -> bool {
        if param == StripParam::Fader { self.level == Level::NONE } else { self.get(param).is_none() }
    }

    /// The strip that sounds over a live one. Where it changes nothing, every value is the live one's.
    pub fn over(&self, live: &StripSettings) -> Sounding {
        let mut sounding = Sounding::from(*live);
        sounding.set_level(self.level, self.opening, live);
        let strip = &mut sounding.strip;
        strip.pan = sum(StripParam::Pan, live.pan, self.pan);
        strip.width_percent = sum(StripParam::Width, live.width_percent, self.width_percent);
        let tone = &mut strip.tone;
        tone.on = self.tone.unwrap_or(tone.on);
        tone.high_pass = self.high_pass.unwrap_or(tone.high_pass);
        tone.low_pass = self.low_pass.unwrap_or(tone.low_pass);
        let ratio = |param: StripParam, value: &mut f32, octaves: f32| {
            if octaves != 0.0 {
                let spec = param.spec();
                *value = (*value * octaves.exp2()).clamp(spec.min, spec.max);
            }
        };
        ratio(StripParam::HighPassFrequency, &mut tone.high_pass_hz, self.high_pass_octaves);
        ratio(StripParam::LowShelfFrequency, &mut tone.low_shelf_hz, self.low_shelf_octaves);
        ratio(StripParam::BellFrequency, &mut tone.bell_hz, self.bell_octaves);
        ratio(StripParam::BellQ, &mut tone.bell_q, self.bell_q_octaves);
        ratio(StripParam::HighShelfFrequency, &mut tone.high_shelf_hz, self.high_shelf_octaves);
        ratio(StripParam::LowPassFrequency, &mut tone.low_pass_hz, self.low_pass_octaves);
        tone.low_shelf_db = sum(StripParam::LowShelfGain, tone.low_shelf_db, self.low_shelf_db);
        tone.bell_db = sum(StripParam::BellGain, tone.bell_db, self.bell_db);
        tone.high_shelf_db = sum(StripParam::HighShelfGain, tone.high_shelf_db, self.high_shelf_db);
        tone.tilt_db = sum(StripParam::Tilt, tone.tilt_db, self.tilt_db);
        sounding
    }

    /// The same over this live strip in the words of a scene, which mutes or does not: what is half open on the way
    /// between two scenes becomes open at a lower level.
    pub fn settled(&self, live: &StripSettings) -> Self {
        let passing = self.opening.over(live.mute);
        if self.opening == Opening::LIVE || self.opening == Opening::of(Some(passing == 0.0)) {
            return *self;
        }
        if passing == 0.0 {
            return Self { opening: Opening::of(Some(true)), ..*self };
        }
        let lower = |db: f32| (f64::from(db) + 10.0 * passing.log10()) as f32;
        Self {
            level: match self.level {
                Level::By(db) => Level::By(lower(db)),
                Level::To(db) => Level::To(lower(db)),
            },
            opening: if live.mute { Opening::of(Some(false)) } else { Opening::LIVE },
            ..*self
        }
    }

    /// So far (`t` from 0 to 1) on the way from one layer to another, over a live strip.
    ///
    /// Levels follow `law`; mutes open as power; pan, width and dB of tone go straight, frequencies and Q in
    /// octaves (DSP reference, section 6). A tone section that is off counts as flat, a high-pass as one at
    /// 10 Hz, a low-pass as one at 20 kHz; two slopes change half-way.
    pub fn blend(from: &Self, to: &Self, live: &StripSettings, t: f64, law: LevelLaw) -> Self {
        if t >= 1.0 {
            return *to;
        }
        if t <= 0.0 || from == to {
            return *from;
        }
        let mut blend = *from;
        (blend.level, blend.opening) = Self::blend_level(from, to, live, t, law);
        blend.pan = mixed(from.pan, to.pan, t);
        blend.width_percent = mixed(from.width_percent, to.width_percent, t);
        let ends = [from, to].map(|end| end.tone.unwrap_or(live.tone.on));
        match ends {
            [true, false] => blend.blend_tone([from, &to.silenced(from, live)], &live.tone, t),
            [false, true] => blend.blend_tone([&from.silenced(to, live), to], &live.tone, t),
            _ => blend.blend_tone([from, to], &live.tone, t),
        }
        if ends[0] != ends[1] {
            blend.tone = Some(true);
        } else if from.tone != to.tone {
            blend.tone = Some(ends[0]);
        }
        blend
    }

    /// The same of level and mute alone.
    pub fn blend_level(
        from: &Self,
        to: &Self,
        live: &StripSettings,
        t: f64,
        law: LevelLaw,
    ) -> (Level, Opening) {
        let level = Level::blend(from.level, to.level, f64::from(live.fader_db), t, law);
        (level, Opening::blend(from.opening, to.opening, t))
    }

    /// Whether another layer changes the same but for level and mute.
    pub fn differs_in_level_alone(&self, other: &Self) -> bool {
        Self { level: self.level, opening: self.opening, ..*other } == *self
    }

    /// A tone section that is off, said as one that is on and flat; its frequencies are another's.
    fn silenced(&self, other: &Self, live: &StripSettings) -> Self {
        let tone = &live.tone;
        Self {
            high_pass: Some(Slope::Off),
            low_pass: Some(Slope::Off),
            low_shelf_db: -tone.low_shelf_db,
            bell_db: -tone.bell_db,
            high_shelf_db: -tone.high_shelf_db,
            tilt_db: -tone.tilt_db,
            ..*other
        }
    }

    fn blend_tone(&mut self, ends: [&Self; 2], live: &ToneSettings, t: f64) {
        let mix = |of: fn(&Self) -> f32| mixed(of(ends[0]), of(ends[1]), t);
        self.low_shelf_octaves = mix(|end| end.low_shelf_octaves);
        self.low_shelf_db = mix(|end| end.low_shelf_db);
        self.bell_octaves = mix(|end| end.bell_octaves);
        self.bell_db = mix(|end| end.bell_db);
        self.bell_q_octaves = mix(|end| end.bell_q_octaves);
        self.high_shelf_octaves = mix(|end| end.high_shelf_octaves);
        self.high_shelf_db = mix(|end| end.high_shelf_db);
        self.tilt_db = mix(|end| end.tilt_db);
        let high = ends.map(|end| (end.high_pass, end.high_pass_octaves));
        let open_hz = StripParam::HighPassFrequency.spec().min;
        (self.high_pass, self.high_pass_octaves) = pass(live.high_pass, live.high_pass_hz, high, open_hz, t);
        let low = ends.map(|end| (end.low_pass, end.low_pass_octaves));
        (self.low_pass, self.low_pass_octaves) =
            pass(live.low_pass, live.low_pass_hz, low, LOW_PASS_OPEN_HZ, t);
    }

    /// How many numbers [`Self::numbers`] are.
    pub const NUMBERS: usize = 19;

    /// As plain numbers, to cross threads.
    pub fn numbers(&self) -> [f32; Self::NUMBERS] {
        let Self { level, opening, pan, width_percent, tone, high_pass, low_pass, .. } = *self;
        let (is_absolute, db) = match level {
            Level::By(db) => (0.0, db),
            Level::To(db) => (1.0, db),
        };
        let choice = |value: Option<f32>| value.unwrap_or(-1.0);
        [
            is_absolute,
            db,
            opening.as_live,
            opening.open,
            pan,
            width_percent,
            choice(tone.map(f32::from)),
            choice(high_pass.map(|s| f32::from(s as u8))),
            self.high_pass_octaves,
            self.low_shelf_octaves,
            self.low_shelf_db,
            self.bell_octaves,
            self.bell_db,
            self.bell_q_octaves,
            self.high_shelf_octaves,
            self.high_shelf_db,
            choice(low_pass.map(|s| f32::from(s as u8))),
            self.low_pass_octaves,
            self.tilt_db,
        ]
    }

    /// Of what [`Self::numbers`] gave.
    pub fn from_numbers(numbers: &[f32; Self::NUMBERS]) -> Self {
        let [
            is_absolute,
            db,
            as_live,
            open,
            pan,
            width_percent,
            tone,
            high_pass,
            high_pass_octaves,
            low_shelf_octaves,
            low_shelf_db,
            bell_octaves,
            bell_db,
            bell_q_octaves,
            high_shelf_octaves,
            high_shelf_db,
            low_pass,
            low_pass_octaves,
            tilt_db,
        ] = *numbers;
        let mut offsets = Self {
            level: if is_absolute == 0.0 { Level::By(db) } else { Level::To(db) },
            opening: Opening { as_live, open },
            pan,
            width_percent,
            tone: None,
            high_pass: None,
            high_pass_octaves,
            low_shelf_octaves,
            low_shelf_db,
            bell_octaves,
            bell_db,
            bell_q_octaves,
            high_shelf_octaves,
            high_shelf_db,
            low_pass: None,
            low_pass_octaves,
            tilt_db,
        };
        let choice = |value: f32| (value >= 0.0).then_some(value);
        offsets.set(StripParam::Tone, choice(tone));
        offsets.set(StripParam::HighPassSlope, choice(high_pass));
        offsets.set(StripParam::LowPassSlope, choice(low_pass));
        offsets
    }
}

fn mixed(from: f32, to: f32, t: f64) -> f32 {
    linear(f64::from(from), f64::from(to), t) as f32
}

/// Stays equal where nothing is added.
fn sum(param: StripParam, live: f32, more: f32) -> f32 {
    let spec = param.spec();
    if more == 0.0 { live } else { (live + more).clamp(spec.min, spec.max) }
}

/// A high-pass or low-pass on its way: its slope, and the octaves of its corner. One that is off counts as one
/// at `open_hz`.
fn pass(
    live: Slope,
    live_hz: f32,
    ends: [(Option<Slope>, f32); 2],
    open_hz: f32,
    t: f64,
) -> (Option<Slope>, f32) {
    let [(from, mut from_octaves), (to, mut to_octaves)] = ends;
    let slopes = [from, to].map(|slope| slope.unwrap_or(live));
    let open = || (open_hz / live_hz).log2();
    let slope = match slopes {
        [a, b] if a == b => {
            let slope = if from == to { from } else { Some(a) };
            return (slope, mixed(from_octaves, to_octaves, t));
        }
        [Slope::Off, on] => {
            from_octaves = open();
            on
        }
        [on, Slope::Off] => {
            to_octaves = open();
            on
        }
        [a, b] => {
            if t < 0.5 {
                a
            } else {
                b
            }
        }
    };
    (Some(slope), mixed(from_octaves, to_octaves, t))
}
