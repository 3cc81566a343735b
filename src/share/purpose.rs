//! What a packet is for, and what is in it for that.

/// What a collaborator is going to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Master the song from its stems.
    Mastering,
    /// Mix it anew, with the present mix to compare.
    Mix,
    /// Make something else of it.
    Remix,
    /// Sing or play to it.
    Vocalist,
}

/// What a packet holds besides its stems, their settings, the sheet and the checksums.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contents {
    /// The stems are as they came, instead of as they are in the mix.
    pub raw: bool,
    /// The whole mix.
    pub mix: bool,
    /// All other stems as one file, as they are in the mix.
    pub rest: bool,
    /// One sentence for the collaborator.
    pub about: &'static str,
}

impl Purpose {
    /// All of them, with the word that manifests and the command line use.
    pub const ALL: [(Self, &'static str); 4] = [
        (Self::Mastering, "mastering"),
        (Self::Mix, "mix"),
        (Self::Remix, "remix"),
        (Self::Vocalist, "vocalist"),
    ];

    /// The word for this purpose.
    pub fn word(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    /// The purpose of a word, in any case.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, w)| w.eq_ignore_ascii_case(word.trim())).map(|(purpose, _)| *purpose)
    }

    /// What is in a packet for it.
    pub fn contents(self) -> Contents {
        match self {
            Self::Mastering => Contents {
                raw: false,
                mix: true,
                rest: true,
                about: "For mastering: the stems as they are in the mix, and the mix.",
            },
            Self::Mix => Contents {
                raw: true,
                mix: true,
                rest: false,
                about: "For mixing: the stems as they came, and the present mix to compare.",
            },
            Self::Remix => {
                Contents { raw: true, mix: false, rest: false, about: "For a remix: the stems as they came." }
            }
            Self::Vocalist => Contents {
                raw: false,
                mix: true,
                rest: true,
                about: "To sing or play to: the stems as a guide, the rest as a playback, and the mix.",
            },
        }
    }
}
