//! What the doctor says.

/// Something found at an input.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Finding {
    /// Index of the stem, 0 to 15.
    pub stem: usize,
    /// What it is.
    pub kind: Kind,
}

/// What can be found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// Connected, yet silent while others played.
    NeverHeard,
    /// Silent after sound, for so many seconds of the others' sound.
    SilentFor(f64),
    /// Left and right are the same. No fault.
    Mono,
    /// The other side is silent.
    OneSided(Side),
    /// A constant offset of this level in dBFS.
    Dc {
        /// The louder side's.
        level_db: f64,
    },
    /// Three or more samples in a row at full scale or above.
    Clipped {
        /// How often.
        times: u32,
        /// The stem's peak in dBFS.
        peak_db: f64,
    },
    /// Some samples are no numbers, or absurdly large.
    Garbage,
    /// The same sound as this stem (index), whatever the gain.
    TwinOf(usize),
    /// The same with the waveform turned over.
    FlippedTwinOf(usize),
    /// The main input is the sum of the other stems.
    SumOfOthers,
}

/// A side of a stereo input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Left.
    Left,
    /// Right.
    Right,
}

/// An input at a glance, the worst last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Light {
    /// Not connected.
    Off,
    /// Connected, but silent so far.
    Waiting,
    /// Heard, and nothing is wrong.
    Good,
    /// Something to look at, which may be meant so.
    Look,
    /// Something that spoils the mix.
    Bad,
}

impl Kind {
    /// How much it matters.
    pub fn light(self) -> Light {
        match self {
            Self::NeverHeard => Light::Waiting,
            Self::Mono => Light::Good,
            Self::SilentFor(_) | Self::OneSided(_) | Self::Dc { .. } => Light::Look,
            Self::Garbage
            | Self::Clipped { .. }
            | Self::TwinOf(_)
            | Self::FlippedTwinOf(_)
            | Self::SumOfOthers => Light::Bad,
        }
    }

    /// The other stem it is about.
    pub fn other(self) -> Option<usize> {
        match self {
            Self::TwinOf(other) | Self::FlippedTwinOf(other) => Some(other),
            _ => None,
        }
    }
}

impl Finding {
    /// What is wrong in a few words, for a stem that it is about: the one it was found at, or the other.
    pub fn briefly(&self, stem: usize) -> String {
        match self.kind {
            Kind::NeverHeard | Kind::SilentFor(_) => "It is silent.".to_owned(),
            Kind::Mono => "It is mono.".to_owned(),
            Kind::OneSided(_) => "It is on one side only.".to_owned(),
            Kind::Dc { .. } => "It has an offset (DC).".to_owned(),
            Kind::Garbage => "It is damaged.".to_owned(),
            Kind::Clipped { .. } => "It is clipped.".to_owned(),
            Kind::TwinOf(other) | Kind::FlippedTwinOf(other) => {
                format!("The same as {}.", name(if stem == self.stem { other } else { self.stem }))
            }
            Kind::SumOfOthers => "It is the sum of the others.".to_owned(),
        }
    }

    /// What is wrong, in a sentence.
    pub fn words(&self) -> String {
        let stem = name(self.stem);
        match self.kind {
            Kind::NeverHeard => {
                format!("{stem} is connected, but nothing has come in while others played.")
            }
            Kind::SilentFor(seconds) => {
                format!("{stem} has been silent for {} while others play.", duration(seconds))
            }
            Kind::Mono => format!("{stem} is mono: its left and right are the same."),
            Kind::OneSided(Side::Left) => format!("{stem} sounds on the left only."),
            Kind::OneSided(Side::Right) => format!("{stem} sounds on the right only."),
            Kind::Dc { level_db } => {
                format!("{stem} carries a constant offset (DC) of {level_db:.0} dBFS.")
            }
            Kind::Garbage => format!(
                "{stem} carries samples that are no numbers (NaN) or absurdly large: they are played as silence."
            ),
            Kind::Clipped { times, peak_db } => {
                let times = if times == 1 { "once".to_owned() } else { format!("{times} times") };
                format!(
                    "{stem} is clipped: {times} it stayed at full scale or above for three samples or \
                     more. Its peak is {peak_db:+.1} dBFS."
                )
            }
            Kind::TwinOf(0) => {
                format!(
                    "{stem} is the same as the main input: the bus already carries it, and it will sound twice."
                )
            }
            Kind::TwinOf(other) => {
                format!("{stem} is the same as {} (twin): it will sound twice.", name(other))
            }
            Kind::FlippedTwinOf(0) => format!(
                "{stem} is the same as the main input with opposite polarity: the bus already carries it, \
                 and the two cancel."
            ),
            Kind::FlippedTwinOf(other) => {
                format!("{stem} is the same as {} with opposite polarity: the two cancel.", name(other))
            }
            Kind::SumOfOthers => {
                "The main input is the sum of the other stems: everything sounds twice.".to_owned()
            }
        }
    }

    /// What to do about it, in a sentence or two.
    pub fn cure(&self) -> String {
        let stem = name(self.stem);
        match self.kind {
            Kind::NeverHeard => {
                format!(
                    "Play a part where it sounds. If it stays silent, check the send of its track to {stem}."
                )
            }
            Kind::SilentFor(_) => {
                format!("If this is no rest, check that its track is not muted and still sends to {stem}.")
            }
            Kind::Mono => "Nothing is wrong. Its Width changes nothing.".to_owned(),
            Kind::OneSided(_) => "If it is not panned so on purpose, check that its track sends both \
                                  channels. A Width of 0 % puts it in the middle."
                .to_owned(),
            Kind::Dc { .. } => {
                "Put a high-pass on its track, before anything that compresses or distorts.".to_owned()
            }
            Kind::Garbage => "Look for the plugin on its track that makes them: switch it off and on, or \
                              replace it."
                .to_owned(),
            Kind::Clipped { .. } => "Turn it down where it comes from. If it still sounds cut off, it was \
                                     recorded so: turning it down here does not mend it."
                .to_owned(),
            Kind::TwinOf(0) | Kind::FlippedTwinOf(0) => "Route its track to one of the two alone, or set \
                                                         Main Input Use (lower right) to Ignore."
                .to_owned(),
            Kind::TwinOf(_) => "Mute one, or check the send of its track.".to_owned(),
            Kind::FlippedTwinOf(_) => {
                "Mute one, or check the send and the polarity switches of its track.".to_owned()
            }
            Kind::SumOfOthers => {
                "Set Main Input Use (lower right) to Ignore, or take the tracks' outputs off the bus and \
                                  leave only their sends."
                    .to_owned()
            }
        }
    }
}

/// As the strips and the host's parameters have it.
fn name(stem: usize) -> String {
    format!("Stem {:02}", stem + 1)
}

fn duration(seconds: f64) -> String {
    match seconds as u64 {
        s @ 0..120 => format!("{s} s"),
        s => format!("{} min", s / 60),
    }
}
