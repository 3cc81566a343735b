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

/// Longest name of a stem or a scene, in characters.
pub const MAX_NAME_CHARS: usize = 40;

/// Scenes that a document has room for: A to H.
pub const SCENES: usize = 8;
/// Longest note on a scene, in characters.
pub const MAX_NOTE_CHARS: usize = 400;
/// Groups that a stem may belong to one of: A to D.
pub const GROUPS: usize = 4;

/// Highest level of a stem in dB, whatever its layers add up to.
pub const MAX_LEVEL_DB: f64 = 24.0;
/// Furthest that `hold loudness` goes either way, in dB.
pub const MAX_HOLD_DB: f64 = 3.0;

/// Zooms of the editor, in per cent.
pub const ZOOMS_PERCENT: [u32; 6] = [75, 100, 125, 150, 175, 200];
/// The smallest window that has a place for everything, in points: sixteen strips fit.
pub const MIN_WINDOW_POINTS: [f32; 2] = [1180.0, 640.0];
/// The size a window opens with.
pub const WINDOW_POINTS: [f32; 2] = [1180.0, 720.0];
/// Larger than any screen.
pub const MAX_WINDOW_POINTS: [f32; 2] = [16_384.0; 2];

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
    /// A frequency in Hz, on a scale of octaves.
    Hertz,
    /// A quality factor, on a scale of octaves.
    Quality,
    /// A length of time in the unit of another parameter.
    Length,
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

const fn choice(
    id: &'static str,
    name: &'static str,
    words: &'static [&'static str],
    about: &'static str,
) -> Spec {
    spec(id, name, Kind::Choice(words), [0.0, words.len() as f32 - 1.0, 0.0], about)
}

/// The gain of a tone section.
const fn gain(id: &'static str, name: &'static str, about: &'static str) -> Spec {
    spec(id, name, Kind::Decibel, [-15.0, 15.0, 0.0], about)
}

/// The two ways to pan a stem, in the order of [`Kind::Choice`].
const PAN_MODES: &[&str] = &["balance", "true stereo"];
/// What to do with the main input.
const MAIN_INPUT_USES: &[&str] = &["Stem 01", "ignore"];

/// What sounds besides the live balance.
const SCENE_WORDS: &[&str] = &["Live", "A", "B", "C", "D", "E", "F", "G", "H"];
const _: () = assert!(SCENE_WORDS.len() == SCENES + 1);
/// What a glide's length is counted in.
const GLIDE_UNITS: &[&str] = &["seconds", "beats"];

/// Slopes of a high-pass or low-pass.
const SLOPES: &[&str] = &["off", "12 dB/oct", "24 dB/oct"];

/// The frequency at which a low-pass lets everything through.
pub const LOW_PASS_OPEN_HZ: f32 = 20_000.0;

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
    /// The scene that sounds over the live balance.
    Scene,
    /// How much of it sounds.
    SceneAmount,
    /// How long the way to another scene is.
    Glide,
    /// What that is counted in.
    GlideUnit,
    /// Whether the mix keeps its loudness on the way between scenes.
    HoldLoudness,
    /// How much of the learned balance sounds.
    BalanceAmount,
    /// The lead against all others.
    Lead,
    /// The width of all stems.
    Wide,
}

impl MixParam {
    /// Whether it says how sound comes in, not how it is balanced: neither presets nor comparisons touch it.
    pub fn is_routing(self) -> bool {
        matches!(self, Self::Bypass | Self::MainInput)
    }

    /// All of them, in the order hosts list them.
    pub const ALL: [Self; 11] = [
        Self::Bypass,
        Self::Output,
        Self::MainInput,
        Self::Scene,
        Self::SceneAmount,
        Self::Glide,
        Self::GlideUnit,
        Self::HoldLoudness,
        Self::BalanceAmount,
        Self::Lead,
        Self::Wide,
    ];

    /// This parameter's row.
    pub const fn spec(self) -> Spec {
        match self {
            Self::Bypass => switch(
                "bypass",
                "Bypass",
                OFF_ON,
                "The plain sum of all stems instead of the mix, cross-faded.",
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
            Self::Scene => choice(
                "scene",
                "Scene",
                SCENE_WORDS,
                "The scene that sounds over the live balance. To land on a bar, step it one glide early.",
            ),
            Self::SceneAmount => spec(
                "scene_amount",
                "Scene Amount",
                Kind::Percent,
                [0.0, 100.0, 100.0],
                "How much of the scene sounds: 0 % is the live balance.",
            ),
            Self::Glide => spec(
                "glide",
                "Glide",
                Kind::Length,
                [0.0, 20.0, 0.0],
                "How long the way to another scene is, in Glide Unit; 0 is a fade of 20 ms.",
            ),
            Self::GlideUnit => choice(
                "glide_unit",
                "Glide Unit",
                GLIDE_UNITS,
                "Whether a glide lasts seconds or beats of the host's tempo at its start.",
            ),
            Self::HoldLoudness => switch(
                "hold_loudness",
                "Hold Loudness",
                OFF_ON,
                "Keeps the mix from dipping on the way between two scenes, by 3 dB at most.",
            ),
            Self::Lead => spec(
                "lead",
                "Lead",
                Kind::Decibel,
                [-6.0, 6.0, 0.0],
                "The lead against all other stems, at the loudness of the mix that was learned.",
            ),
            Self::Wide => {
                spec("wide", "Wide", Kind::Percent, [0.0, 200.0, 100.0], "Every stem's own width times this.")
            }
            Self::BalanceAmount => spec(
                "balance_amount",
                "Balance Amount",
                Kind::Percent,
                [0.0, 100.0, 100.0],
                "How much of the learned balance sounds.",
            ),
        }
    }
}

/// A parameter that every group has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GroupParam {
    /// What is added to its stems' levels.
    Fader,
    /// Silences its stems.
    Mute,
    /// Solos its stems.
    Solo,
}

impl GroupParam {
    /// All of them; hosts list the first right after the mix, the others at the end.
    pub const ALL: [Self; 3] = [Self::Fader, Self::Mute, Self::Solo];

    /// This parameter's row.
    pub const fn spec(self) -> Spec {
        match self {
            Self::Fader => spec(
                "fader",
                "Fader",
                Kind::Fader,
                [FADER_MIN_DB, 12.0, 0.0],
                "Added to the levels of the group's stems.",
            ),
            Self::Mute => switch("mute", "Mute", OFF_ON, "Silences the group's stems; beats solo."),
            Self::Solo => switch("solo", "Solo", OFF_ON, "Solos the group's stems. Solos print."),
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
    /// Whether the tone section sounds.
    Tone,
    /// Steepness of the high-pass.
    HighPassSlope,
    /// Corner of the high-pass.
    HighPassFrequency,
    /// Where the low shelf has half its gain.
    LowShelfFrequency,
    /// Gain of the low shelf.
    LowShelfGain,
    /// Centre of the bell.
    BellFrequency,
    /// Gain of the bell.
    BellGain,
    /// Width of the bell.
    BellQ,
    /// Where the high shelf has half its gain.
    HighShelfFrequency,
    /// Gain of the high shelf.
    HighShelfGain,
    /// Steepness of the low-pass.
    LowPassSlope,
    /// Corner of the low-pass.
    LowPassFrequency,
    /// Highs up and lows down, or the other way round.
    Tilt,
}

impl StripParam {
    /// All of them; hosts list the first [`Self::MIXED`] of every stem before the others of any, and
    /// those from [`Self::TONE`] on after all others.
    pub const ALL: [Self; 23] = [
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
        Self::Tone,
        Self::HighPassSlope,
        Self::HighPassFrequency,
        Self::LowShelfFrequency,
        Self::LowShelfGain,
        Self::BellFrequency,
        Self::BellGain,
        Self::BellQ,
        Self::HighShelfFrequency,
        Self::HighShelfGain,
        Self::LowPassSlope,
        Self::LowPassFrequency,
        Self::Tilt,
    ];

    /// How many of [`Self::ALL`] are ridden while mixing: some hosts list only the first 64
    /// parameters by themselves, so these come first.
    pub const MIXED: usize = 3;

    /// Where in [`Self::ALL`] the tone section begins.
    pub const TONE: usize = 10;

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
                "\"balance\" turns one side down, as most hosts do; \"true stereo\" moves its content over.",
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
            Self::Tone => spec(
                "tone",
                "Tone",
                Kind::Switch(OFF_ON[0], OFF_ON[1]),
                [0.0, 1.0, 1.0],
                "Whether the stem's tone section sounds.",
            ),
            Self::HighPassSlope => {
                choice("high_pass_slope", "High-Pass Slope", SLOPES, "Steepness of the high-pass.")
            }
            Self::HighPassFrequency => spec(
                "high_pass_frequency",
                "High-Pass Frequency",
                Kind::Hertz,
                [10.0, 1_000.0, 80.0],
                "The high-pass takes away what lies below.",
            ),
            Self::LowShelfFrequency => spec(
                "low_shelf_frequency",
                "Low Shelf Frequency",
                Kind::Hertz,
                [30.0, 1_000.0, 120.0],
                "Where the low shelf has half its gain.",
            ),
            Self::LowShelfGain => gain("low_shelf_gain", "Low Shelf Gain", "Gain below the low shelf."),
            Self::BellFrequency => spec(
                "bell_frequency",
                "Bell Frequency",
                Kind::Hertz,
                [20.0, 20_000.0, 1_000.0],
                "Centre of the bell.",
            ),
            Self::BellGain => gain("bell_gain", "Bell Gain", "Gain at the centre of the bell."),
            Self::BellQ => {
                spec("bell_q", "Bell Q", Kind::Quality, [0.3, 10.0, 1.0], "How narrow the bell is.")
            }
            Self::HighShelfFrequency => spec(
                "high_shelf_frequency",
                "High Shelf Frequency",
                Kind::Hertz,
                [1_000.0, 20_000.0, 8_000.0],
                "Where the high shelf has half its gain.",
            ),
            Self::HighShelfGain => gain("high_shelf_gain", "High Shelf Gain", "Gain above the high shelf."),
            Self::LowPassSlope => {
                choice("low_pass_slope", "Low-Pass Slope", SLOPES, "Steepness of the low-pass.")
            }
            Self::LowPassFrequency => spec(
                "low_pass_frequency",
                "Low-Pass Frequency",
                Kind::Hertz,
                [1_000.0, LOW_PASS_OPEN_HZ, 16_000.0],
                "The low-pass takes away what lies above; at 20 kHz it lets everything through.",
            ),
            Self::Tilt => spec(
                "tilt",
                "Tilt",
                Kind::Decibel,
                [-6.0, 6.0, 0.0],
                "Highs up by this much and lows down by as much, around 650 Hz.",
            ),
        }
    }
}

/// One host parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ParamKey {
    /// Of the mix.
    Mix(MixParam),
    /// Of the group with this index (0 to 3).
    Group(usize, GroupParam),
    /// Of the stem with this index (0 to 15).
    Stem(usize, StripParam),
}

/// Places in the host's list: the mix, the groups' faders, the strips, the groups' switches.
const FIRST_FADER: usize = MixParam::ALL.len();
const FIRST_STRIP: usize = FIRST_FADER + GROUPS;
const FIRST_SWITCH: usize = FIRST_STRIP + STEMS * StripParam::ALL.len();

impl ParamKey {
    /// How many there are.
    pub const COUNT: usize = FIRST_SWITCH + GROUPS * (GroupParam::ALL.len() - 1);

    /// All of them in the order hosts list them: the mix, the groups' faders, then fader, pan and mute of all
    /// stems, then the rest of the strips stem by stem, then the tone sections stem by stem, then mute and solo
    /// of the groups.
    pub fn all() -> impl Iterator<Item = Self> {
        const ALL: &[StripParam] = &StripParam::ALL;
        let (strip, tone) = ALL.split_at(StripParam::TONE);
        let (ridden, rest) = strip.split_at(StripParam::MIXED);
        let ridden = ridden.iter().flat_map(|&p| (0..STEMS).map(move |stem| Self::Stem(stem, p)));
        let by_stem = |params: &'static [StripParam]| {
            (0..STEMS).flat_map(move |stem| params.iter().map(move |&p| Self::Stem(stem, p)))
        };
        let by_group = |params: &'static [GroupParam]| {
            (0..GROUPS).flat_map(move |group| params.iter().map(move |&p| Self::Group(group, p)))
        };
        let (faders, switches) = const { GroupParam::ALL.split_at(1) };
        let mix = MixParam::ALL.into_iter().map(Self::Mix);
        let strips = ridden.chain(by_stem(rest)).chain(by_stem(tone));
        mix.chain(by_group(faders)).chain(strips).chain(by_group(switches))
    }

    /// Its place in [`Self::all`].
    pub const fn index(self) -> usize {
        match self {
            Self::Mix(param) => param as usize,
            Self::Group(group, GroupParam::Fader) => FIRST_FADER + group,
            Self::Group(group, param) => {
                FIRST_SWITCH + group * (GroupParam::ALL.len() - 1) + param as usize - 1
            }
            Self::Stem(stem, param) => {
                let at = param as usize;
                if at < StripParam::MIXED {
                    FIRST_STRIP + at * STEMS + stem
                } else if at < StripParam::TONE {
                    let before = StripParam::MIXED;
                    FIRST_STRIP + before * STEMS + stem * (StripParam::TONE - before) + at - before
                } else {
                    let before = StripParam::TONE;
                    FIRST_STRIP + before * STEMS + stem * (StripParam::ALL.len() - before) + at - before
                }
            }
        }
    }

    /// This parameter's row.
    pub const fn spec(self) -> Spec {
        match self {
            Self::Mix(p) => p.spec(),
            Self::Group(_, p) => p.spec(),
            Self::Stem(_, p) => p.spec(),
        }
    }

    /// The frozen id hosts know it by, such as `output`, `group_a_fader` or `stem_03_fader`.
    pub fn id(self) -> String {
        match self {
            Self::Mix(p) => p.spec().id.to_owned(),
            Self::Group(group, p) => {
                format!("group_{}_{}", slot_letter(group).to_ascii_lowercase(), p.spec().id)
            }
            Self::Stem(stem, p) => format!("stem_{:02}_{}", stem + 1, p.spec().id),
        }
    }

    /// The name a host shows, such as `Output`, `Group A Fader` or `Stem 03 Fader`.
    pub fn name(self) -> String {
        match self {
            Self::Mix(p) => p.spec().name.to_owned(),
            Self::Group(..) => format!("{} {}", self.group(), self.spec().name),
            Self::Stem(stem, p) => format!("{} {}", stem_title(stem), p.spec().name),
        }
    }

    /// The group a host may sort it under.
    pub fn group(self) -> String {
        match self {
            Self::Mix(_) => "Mix".to_owned(),
            Self::Group(group, _) => format!("Group {}", slot_letter(group)),
            Self::Stem(stem, _) => stem_title(stem),
        }
    }
}

/// The letter of a scene or group: `C` for index 2.
pub fn slot_letter(slot: usize) -> char {
    char::from(b'A' + (slot % 26) as u8)
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
