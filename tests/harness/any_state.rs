//! A state of any bytes in both formats: they agree on it, and what they save loads as it was.

use super::any_document;
use super::format::{Format, From, Plugin, open, play};
use super::support::choose::Choose;
use stemwright::model::limits::{ParamKey, STEMS, StripParam};

const FRAMES: usize = 64;
const STATES: &[&[u8]] =
    &[include_bytes!("../states/0.1.0.json"), include_bytes!("../fuzz/seeds/smallest.json")];

/// Loads a state of any content into a playing instance of each format; whether it was taken.
pub fn survives(choices: &mut impl Choose) -> bool {
    let state = choices.bytes(STATES);
    let document = any_document::read(&state);
    let heard = [Format::Clap, Format::Vst3].map(|format| {
        let mut plugin = open((format, From::Linked));
        let fresh = plugin.save();
        plugin.activate(48_000.0, FRAMES);
        hear(&mut *plugin);
        assert_eq!(plugin.load(&state), document.is_some(), "{format:?}");
        let saved = plugin.save();
        let want = document.as_ref().map_or(fresh, |document| document.to_json().into_bytes());
        assert_eq!(String::from_utf8(saved.clone()), String::from_utf8(want), "{format:?}");
        assert!(plugin.load(&saved), "{format:?}");
        assert!(plugin.save() == saved, "{format:?}");
        for stem in 0..STEMS {
            let key = ParamKey::Stem(stem, StripParam::Fader);
            assert!(plugin.title(key).starts_with(&key.name()), "{format:?}");
        }
        hear(&mut *plugin)
    });
    assert!(heard[0] == heard[1], "the formats sound different");
    document.is_some()
}

fn hear(plugin: &mut dyn Plugin) -> [Vec<f32>; 2] {
    let heard = play(plugin, FRAMES, &[FRAMES], &[], |k, side, i| (k + side + i) as f32 * 1e-3);
    assert!(heard.iter().flatten().all(|x| x.is_finite()));
    heard
}
