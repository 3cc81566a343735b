//! Every parameter there is: id, name, range, default, unit. The host's parameters, the saved document,
//! the texts a person types, the editor and the table in the README are all made from this one place.

use crate::dsp::units::FADER_FLOOR_DB;

/// Stems a mix has: the main input and fifteen auxiliary inputs.
pub const STEMS: usize = 16;

/// Sample rates the engine is defined for, in Hz.
pub const MIN_SAMPLE_RATE_HZ: f64 = 8_000.0;
/// See [`MIN_SAMPLE_RATE_HZ`].
pub const MAX_SAMPLE_RATE_HZ: f64 = 384_000.0;

/// Longest delay of a stem, in milliseconds.
pub const MAX_DELAY_MS: f32 = 50.0;

/// Longest name of a stem, in characters.
pub const MAX_NAME_CHARS: usize = 40;

/// What a parameter's number means, and so how it is written and read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// A fader's level in dB on the fader taper; the lower end is minus infinity.
    Fader,
    /// A level in dB.
    Decibel,
    /// -1 = left, 0 = centre, 1 = right; written L100 to R100.
    Pan,
    /// Per cent.
    Percent,
    /// Milliseconds.
    Milliseconds,
    /// Off (0) or on (1), with the words for both.
    Switch(&'static str, &'static str),
    /// One of several, by index.
    Choice(&'static [&'static str]),
}

/// One parameter's row in the table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spec {
    /// The id within its group, frozen: hosts and documents know the parameter by it.
    pub id: &'static str,
    /// The name within its group, as a person reads it.
    pub name: &'static str,
    /// What the number means.
    pub kind: Kind,
    /// Lowest value.
    pub min: f32,
    /// Highest value.
    pub max: f32,
    /// Value of a new instance, and of everything a document leaves out.
    pub default: f32,
    /// One sentence for the README and the editor's tooltips.
    pub about: &'static str,
}

const fn spec(
    id: &'static str,
    name: &'static str,
    kind: Kind,
    [min, max, default]: [f32; 3],
    about: &'static str,
) -> Spec {
    Spec { id, name, kind, min, max, default, about }
}

const fn switch(
    id: &'static str,
    name: &'static str,
    [off, on]: [&'static str; 2],
    about: &'static str,
) -> Spec {
    spec(id, name, Kind::Switch(off, on), [0.0, 1.0, 0.0], about)
}

/// The two ways to pan a stem, in the order of [`Kind::Choice`].
const PAN_MODES: &[&str] = &["balance", "true stereo"];
/// What to do with the main input.
const MAIN_INPUT_USES: &[&str] = &["Stem 01", "ignore"];

const FADER_MIN_DB: f32 = FADER_FLOOR_DB as f32;
const OFF_ON: [&str; 2] = ["off", "on"];

/// A parameter of the whole mix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MixParam {
    /// The unity sum of all inputs instead of the balance.
    Bypass,
    /// Gain of the mix.
    Output,
    /// Whether the main input is stem 1 or ignored.
    MainInput,
}

impl MixParam {
    /// All of them, in the order hosts list them.
    pub const ALL: [Self; 3] = [Self::Bypass, Self::Output, Self::MainInput];

    /// This parameter's row.
    pub const fn spec(self) -> Spec {
        match self {
            Self::Bypass => switch(
                "bypass",
                "Bypass",
                OFF_ON,
                "The plain sum of all stems instead of the balance, cross-faded.",
            ),
            Self::Output => {
                spec("output", "Output", Kind::Fader, [FADER_MIN_DB, 12.0, 0.0], "Level of the mix.")
            }
            Self::MainInput => spec(
                "main_input",
                "Main Input Use",
                Kind::Choice(MAIN_INPUT_USES),
                [0.0, 1.0, 0.0],
                "Whether the main input is Stem 01, or ignored because it already carries the others.",
            ),
        }
    }
}

/// A parameter that every stem has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StripParam {
    /// Level, automated while mixing.
    Fader,
    /// Position.
    Pan,
    /// Silences the stem.
    Mute,
    /// Level before the strip, to bring stems to a common ground.
    Trim,
    /// Turns the waveform over.
    Polarity,
    /// Mid/side width.
    Width,
    /// Delay against the other stems.
    Delay,
    /// How pan treats the two sides.
    PanMode,
    /// Silences every stem that is neither soloed nor solo-safe.
    Solo,
    /// Keeps the stem sounding when others are soloed.
    SoloSafe,
}

impl StripParam {
    /// All of them; hosts list the first [`Self::MIXED`] of every stem before the others of any.
    pub const ALL: [Self; 10] = [
        Self::Fader,
        Self::Pan,
        Self::Mute,
        Self::Trim,
        Self::Polarity,
        Self::Width,
        Self::Delay,
        Self::PanMode,
        Self::Solo,
        Self::SoloSafe,
    ];

    /// How many of [`Self::ALL`] are ridden while mixing: some hosts list only the first 64
    /// parameters by themselves, so these come first.
    pub const MIXED: usize = 3;

    /// This parameter's row.
    pub const fn spec(self) -> Spec {
        match self {
            Self::Fader => spec(
                "fader",
                "Fader",
                Kind::Fader,
                [FADER_MIN_DB, 12.0, 0.0],
                "Level of the stem in the mix.",
            ),
            Self::Pan => spec("pan", "Pan", Kind::Pan, [-1.0, 1.0, 0.0], "Position between left and right."),
            Self::Mute => switch("mute", "Mute", OFF_ON, "Silences the stem; beats solo."),
            Self::Trim => spec(
                "trim",
                "Trim",
                Kind::Decibel,
                [-24.0, 24.0, 0.0],
                "Level before everything else, to bring the stem to the others' level.",
            ),
            Self::Polarity => {
                switch("polarity", "Polarity", ["normal", "inverted"], "Turns the waveform over.")
            }
            Self::Width => spec(
                "width",
                "Width",
                Kind::Percent,
                [0.0, 200.0, 100.0],
                "Side against mid: 0 % is mono, 100 % as delivered.",
            ),
            Self::Delay => spec(
                "delay",
                "Delay",
                Kind::Milliseconds,
                [0.0, MAX_DELAY_MS, 0.0],
                "Delay against the other stems, in whole frames.",
            ),
            Self::PanMode => spec(
                "pan_mode",
                "Pan Mode",
                Kind::Choice(PAN_MODES),
                [0.0, 1.0, 0.0],
                "Balance turns one side down; true stereo moves its content over.",
            ),
            Self::Solo => switch(
                "solo",
                "Solo",
                OFF_ON,
                "Silences every stem that is neither soloed nor solo-safe. Solos print.",
            ),
            Self::SoloSafe => {
                switch("solo_safe", "Solo Safe", OFF_ON, "Keeps the stem sounding while others are soloed.")
            }
        }
    }
}

/// One host parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ParamKey {
    /// Of the mix.
    Mix(MixParam),
    /// Of the stem with this index (0 to 15).
    Stem(usize, StripParam),
}

impl ParamKey {
    /// How many there are.
    pub const COUNT: usize = MixParam::ALL.len() + STEMS * StripParam::ALL.len();

    /// All of them in the order hosts list them: the mix, then fader, pan and mute of all stems, then
    /// everything else stem by stem.
    pub fn all() -> impl Iterator<Item = Self> {
        let (ridden, others) = StripParam::ALL.split_at(StripParam::MIXED);
        let ridden = ridden.iter().flat_map(|&p| (0..STEMS).map(move |stem| Self::Stem(stem, p)));
        let others = (0..STEMS).flat_map(move |stem| others.iter().map(move |&p| Self::Stem(stem, p)));
        MixParam::ALL.into_iter().map(Self::Mix).chain(ridden).chain(others)
    }

    /// Its place in [`Self::all`].
    pub fn index(self) -> usize {
        Self::all().position(|key| key == self).unwrap_or(Self::COUNT)
    }

    /// This parameter's row.
    pub const fn spec(self) -> Spec {
        match self {
            Self::Mix(p) => p.spec(),
            Self::Stem(_, p) => p.spec(),
        }
    }

    /// The frozen id hosts know it by, such as `output` or `stem_03_fader`.
    pub fn id(self) -> String {
        match self {
            Self::Mix(p) => p.spec().id.to_owned(),
            Self::Stem(stem, p) => format!("stem_{:02}_{}", stem + 1, p.spec().id),
        }
    }

    /// The name a host shows, such as `Output` or `Stem 03 Fader`.
    pub fn name(self) -> String {
        match self {
            Self::Mix(p) => p.spec().name.to_owned(),
            Self::Stem(stem, p) => format!("{} {}", stem_title(stem), p.spec().name),
        }
    }

    /// The group a host may sort it under.
    pub fn group(self) -> String {
        match self {
            Self::Mix(_) => "Mix".to_owned(),
            Self::Stem(stem, _) => stem_title(stem),
        }
    }
}

/// A stem's number as people and hosts read it: `Stem 03` for index 2.
pub fn stem_title(stem: usize) -> String {
    format!("Stem {:02}", stem + 1)
}

/// What a stem plays in the song.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// Not said.
    #[default]
    Unknown,
    /// Drums and percussion.
    Drums,
    /// Bass.
    Bass,
    /// Guitars.
    Guitars,
    /// Pianos, organs and the like.
    Keys,
    /// Brass and woodwind.
    Winds,
    /// Bowed strings.
    Strings,
    /// Pads and beds.
    Pads,
    /// What the song is about: usually the lead voice.
    Lead,
    /// Backing voices.
    Backing,
    /// Effects and noises.
    Effects,
}

impl Role {
    /// All of them, with the word that documents and the editor use.
    pub const ALL: [(Self, &'static str); 11] = [
        (Self::Unknown, "unknown"),
        (Self::Drums, "drums"),
        (Self::Bass, "bass"),
        (Self::Guitars, "guitars"),
        (Self::Keys, "keys"),
        (Self::Winds, "winds"),
        (Self::Strings, "strings"),
        (Self::Pads, "pads"),
        (Self::Lead, "lead"),
        (Self::Backing, "backing"),
        (Self::Effects, "effects"),
    ];

    /// The word for this role.
    pub fn word(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    /// The role of a word, in any case.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, w)| w.eq_ignore_ascii_case(word.trim())).map(|(role, _)| *role)
    }
}

/// Colours that tell stems apart, as 0xRRGGBB; a stem's default is the one at its index, wrapping.
pub const STEM_COLORS: [u32; 12] = [
    0xF1938C, 0xE99D67, 0xD3AB54, 0xAFBA60, 0x79C68A, 0x4AC9B4, 0x40C5D9, 0x67BBF3, 0x95ADFB, 0xBCA0EF,
    0xDA96D4, 0xED91AE,
];
