//! Both formats behind one face, so that every test runs on each: from the built bundle, as a user's
//! host loads it, and linked into this program, where the allocator watches the audio thread.

use super::block::{Bus, HostBlock, Out};
use super::raw_clap::RawClap;
use super::raw_vst3::RawVst3;
use std::path::PathBuf;
use stemwright::dsp::units::fader_db_to_position;
use stemwright::model::limits::{Kind, ParamKey};

/// A parameter's new value at a frame of the block, in the units of `limits.rs`.
#[derive(Clone, Copy, Debug)]
pub struct Event {
    pub frame: usize,
    pub key: ParamKey,
    pub value: f64,
}

/// Where a host is in its song when a block begins.
#[derive(Clone, Copy, Debug)]
pub struct HostTransport {
    pub plays: bool,
    pub seconds: f64,
    pub tempo_bpm: f64,
}

/// An instance in a host that does exactly as it is told.
pub trait Plugin {
    fn activate(&mut self, sample_rate_hz: f64, max_frames: usize);
    fn deactivate(&mut self);
    /// Switches an input on or off; false where the format knows no such thing.
    fn set_input_active(&mut self, input: usize, active: bool) -> bool;
    fn process(&mut self, block: &mut HostBlock, events: &[Event]);
    /// What the host says of its transport from here on.
    fn set_transport(&mut self, transport: HostTransport);
    /// Hands parameters over without audio.
    fn flush(&mut self, events: &[Event]);
    fn save(&self) -> Vec<u8>;
    fn load(&mut self, state: &[u8]) -> bool;
    /// A parameter's value between 0 and 1.
    fn value(&self, key: ParamKey) -> f64;
    /// A parameter's title.
    fn title(&self, key: ParamKey) -> String;
    /// What a parameter's value (in the units of `limits.rs`) reads, and what the plugin takes a text for.
    fn text(&self, key: ParamKey, value: f64) -> String;
    /// A text's value between 0 and 1; `None` where the plugin takes it for none.
    fn read(&self, key: ParamKey, text: &str) -> Option<f64>;
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Format {
    Clap,
    Vst3,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum From {
    /// `target/bundled`, or where `STEMWRIGHT_BUNDLES` says.
    Bundle,
    /// This program.
    Linked,
}

/// Each way an instance can be had.
pub const EVERYWHERE: [(Format, From); 4] = [
    (Format::Clap, From::Bundle),
    (Format::Clap, From::Linked),
    (Format::Vst3, From::Bundle),
    (Format::Vst3, From::Linked),
];

pub fn open((format, from): (Format, From)) -> Box<dyn Plugin> {
    match format {
        Format::Clap => Box::new(RawClap::open(from)),
        Format::Vst3 => Box::new(RawVst3::open(from)),
    }
}

/// A built bundle; says how to build it where there is none.
pub fn bundle(name: &str) -> PathBuf {
    let home = std::env::var_os("STEMWRIGHT_BUNDLES")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/bundled"), PathBuf::from);
    let path = home.join(name);
    assert!(path.exists(), "{} is missing: run `cargo xtask bundle` first", path.display());
    path
}

/// Where a host has a value between 0 and 1.
pub fn normalised(key: ParamKey, value: f64) -> f64 {
    let spec = key.spec();
    match spec.kind {
        Kind::Fader => fader_db_to_position(value),
        Kind::Hertz | Kind::Quality => {
            let (min, max) = (f64::from(spec.min), f64::from(spec.max));
            (value / min).log2() / (max / min).log2()
        }
        _ => (value - f64::from(spec.min)) / f64::from(spec.max - spec.min),
    }
}

/// Plays sixteen stereo stems for `frames` in blocks of the given lengths, again and again, with the
/// events at absolute frames.
pub fn play(
    plugin: &mut dyn Plugin,
    frames: usize,
    blocks: &[usize],
    events: &[Event],
    stem: impl Fn(usize, usize, usize) -> f32,
) -> [Vec<f32>; 2] {
    let mut heard = [Vec::new(), Vec::new()];
    let mut start = 0;
    let mut lengths = blocks.iter().cycle();
    while start < frames {
        let n = (*lengths.next().expect("some block length")).min(frames - start);
        let mut block =
            HostBlock::new(n, &[Bus::Stereo; 16], Out::Separate, |k, side, i| stem(k, side, start + i));
        let here: Vec<Event> = events
            .iter()
            .filter(|e| (start..start + n).contains(&e.frame))
            .map(|e| Event { frame: e.frame - start, ..*e })
            .collect();
        plugin.process(&mut block, &here);
        for (all, part) in heard.iter_mut().zip(block.heard()) {
            all.extend(part);
        }
        start += n;
    }
    heard
}
