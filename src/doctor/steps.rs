//! How to route stems in the host at hand: README.md's quick start, which a test holds this against.

/// How to route stems in a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Steps {
    /// The host's name, or "Your host".
    pub host: &'static str,
    /// Whether anybody has tried them.
    pub tried: &'static str,
    /// One after the other.
    pub steps: &'static [&'static str],
}

const ARDOUR: Steps = Steps {
    host: "Ardour",
    tried: "this routing is tested by script in version 7.3, VST3",
    steps: &[
        "Add a stereo audio bus and add Stemwright (VST3) to its processor box.",
        "Right-click it, Pin Connections..., and add side-chain audio ports until there are 30. Connect the \
         bus's two inputs to the plugin's first two pins and the thirty ports, in order, to the others.",
        "In each source track's output routing, disconnect the master. Connect the first track to the bus's \
         inputs, the second to side-chain ports 1 and 2, the third to 3 and 4, and so on.",
    ],
};

const REAPER: Steps = Steps {
    host: "REAPER",
    tried: "untested, from its user guide",
    steps: &[
        "On the track with Stemwright, open Route and set Track channels to 32.",
        "From every source track add a send to that track, the first to channels 1/2, the second to 3/4, the \
         third to 5/6, and so on, and switch its Master send off.",
        "Open the plugin's pin connector (the in/out button of its window) and see that track channels 1 to \
         32 go to its inputs 1 to 32.",
    ],
};

const CUBASE: Steps = Steps {
    host: "Cubase",
    tried: "untested, from its manual; VST3",
    steps: &[
        "Insert Stemwright on a group channel, and route the first stem's output to that group.",
        "In the plugin's window click Set up Side-Chain Routing. For each further stem, select the plugin's \
         input (\"Stem 02\" and so on), Add Side-Chain Source, choose the track, and activate side-chaining.",
        "Set those tracks' outputs to No Bus.",
    ],
};

const FEW_INPUTS: &[&str] = &["In such a host, mix to stems, and use stem-render."];

const fn few_inputs(host: &'static str) -> Steps {
    Steps { host, tried: "untested; may feed only one auxiliary input = two stems", steps: FEW_INPUTS }
}

const BITWIG: Steps = few_inputs("Bitwig Studio");
const LIVE: Steps = few_inputs("Ableton Live");
const STUDIO_ONE: Steps = few_inputs("Studio One");
const FL_STUDIO: Steps = few_inputs("FL Studio");

const OTHER: Steps = Steps {
    host: "Your host",
    tried: "for any host; its own words for these things may differ",
    steps: &[
        "Make a stereo bus and put Stemwright on it.",
        "Route stem 1 to the bus itself: that is the main input, \"Stem 01\". Route stems 2 to 16 to the \
         plugin's auxiliary (side-chain) inputs \"Stem 02\" to \"Stem 16\".",
        "Switch off what the source tracks send to the master by themselves, or every stem sounds twice.",
    ],
};

/// Steps for the host of this name, as it gives it itself: case, version and edition do not matter.
pub fn steps(host_name: &str) -> Steps {
    let name: String =
        host_name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    let known = [
        ("ardour", ARDOUR),
        ("reaper", REAPER),
        ("cubase", CUBASE),
        ("bitwig", BITWIG),
        ("ableton", LIVE),
        ("studioone", STUDIO_ONE),
        ("flstudio", FL_STUDIO),
    ];
    let live = name.strip_prefix("live").filter(|rest| !rest.starts_with(|c: char| c.is_ascii_lowercase()));
    match known.iter().find(|(word, _)| name.contains(word)) {
        Some((_, steps)) => *steps,
        None if live.is_some() => LIVE,
        None => OTHER,
    }
}
