//! The demo: opens the release bundle as a host would, plays a piece through it, saves and reopens it
//! half-way, and leaves what it did to hear, to see and to read.

use crate::bundle::bundle;
use crate::clap_host::{ClapHost, Event};
use crate::piece;
use crate::report::{self, Report};
use crate::synth::{RATE_HZ, Sound};
use crate::workspace::Workspace;
use crate::{picture, wav};
use anyhow::{Context, Result, ensure};
use nice_plug::prelude::ClapPlugin;
use std::collections::HashMap;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use stemwright::balance::Listener;
use stemwright::engine::{MixEngine, StemBlock, StemTap};
use stemwright::model::document::Document;
use stemwright::model::limits::{ParamKey, STEMS};
use stemwright::model::settings::MixSettings;
use stemwright::model::text;
use stemwright::plugin::Stemwright;
use stemwright::sync::Meters;

/// Frames in a block of the host.
const BLOCK: usize = 512;
/// Frames between two points of a ride.
const RIDE_STEP: usize = 240;
/// The host's own numbers are 32-bit and between 0 and 1, so its gains may differ from ours in the
/// last digits. More than this, and something else differs.
const MAX_DIFFERENCE_DBFS: f32 = -100.0;

/// What `cargo xtask demo` can be told.
#[derive(clap::Args)]
pub struct Options {
    /// A folder of your own stems: up to sixteen WAV files of one sample rate, one or two channels each.
    stems: Option<PathBuf>,
    /// The balance for your stems, as saved by the demo, the plugin or stem-render; unity without it.
    #[arg(long, value_name = "FILE", requires = "stems")]
    balance: Option<PathBuf>,
    /// Where to leave everything: a new or empty folder [default: target/demo].
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

/// What is played.
pub struct Material {
    /// Sample rate in Hz.
    pub rate_hz: u32,
    /// The stems, all as long as the first.
    pub stems: Vec<Sound>,
    /// The balance it starts with.
    pub document: Document,
    /// Automation in order of time.
    points: Vec<Point>,
    /// Where the plugin is saved, dropped and opened again, in frames.
    pub halfway: usize,
}

/// A control's new value at a frame, as a person would type it.
struct Point {
    frame: usize,
    key: ParamKey,
    text: String,
}

/// What our own engine makes of the same material.
pub struct Rendered {
    /// The mix.
    pub mix: Sound,
    /// Every stem's part of it.
    pub stems: Vec<Sound>,
    /// The balance when it is saved half-way.
    pub halfway: MixSettings,
    /// The meters' reading at that time.
    pub meters: Arc<Meters>,
}

/// What the hosted plugin makes of it.
struct Hosted {
    mix: Sound,
    /// The state saved half-way.
    state: Vec<u8>,
}

/// Runs the whole demo.
///
/// # Errors
/// If the stems cannot be read, the plugin cannot be built or run, or it does not do what it should.
pub fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let material = match &options.stems {
        Some(folder) => Material::of_folder(folder, options.balance.as_deref())?,
        None => Material::of_piece(),
    };
    let out = empty_folder(workspace, options.out.as_deref())?;
    let bundles = bundle(workspace)?;

    println!("\nPlaying {} stems through {}", material.stems.len(), bundles.clap.display());
    let hosted = material.play_hosted(&bundles.clap)?;
    let saved = Document::from_json(&hosted.state).context("reading the state that the plugin saved")?;
    ensure!(saved.notices.is_empty(), "the plugin saved a faulty state: {}", saved.notices.join(" "));
    let rendered = material.render();
    let report = Report::new(&material, &hosted.mix, &rendered, &saved.document)?;
    ensure!(
        report.difference_dbfs() <= MAX_DIFFERENCE_DBFS,
        "the hosted plugin and the engine differ by {:.1} dBFS",
        report.difference_dbfs()
    );

    let rate = material.rate_hz;
    wav::write(&out.join("before.wav"), &material.plain_sum(), rate)?;
    wav::write(&out.join("after.wav"), &hosted.mix, rate)?;
    for (folder, stems) in [("stems", &material.stems), ("stems-balanced", &rendered.stems)] {
        let folder = out.join(folder);
        fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
        for (stem, sound) in stems.iter().enumerate() {
            wav::write(&folder.join(file_name(&material.document, stem)), sound, rate)?;
        }
    }
    write(&out.join("balance.json"), &hosted.state)?;
    picture::draw(&saved.document, rendered.meters, &out.join("console.png"))?;
    write(&out.join("report.md"), report.to_string().as_bytes())?;
    println!("{}", report.summary());
    println!("{}", report::guide(&out, options.stems.is_none()));
    Ok(())
}

/// A folder to write to that holds nothing: ours is cleared, another one is not touched.
fn empty_folder(workspace: &Workspace, wanted: Option<&Path>) -> Result<PathBuf> {
    let folder = wanted.map_or_else(|| workspace.target.join("demo"), Path::to_owned);
    if wanted.is_none() && folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("clearing {}", folder.display()))?;
    }
    fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
    let is_empty = fs::read_dir(&folder)?.next().is_none();
    ensure!(is_empty, "{} is not empty: choose a new folder with --out", folder.display());
    Ok(folder)
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    fs::write(path, bytes).with_context(|| format!("writing {}", path.display()))
}

/// Such as `03 Hats.wav`, without what file systems do not like.
fn file_name(document: &Document, stem: usize) -> String {
    let label = document.stems[stem].label(stem);
    let safe: String =
        label.chars().map(|c| if c.is_alphanumeric() || " -_.()&+'".contains(c) { c } else { '_' }).collect();
    format!("{:02} {safe}.wav", stem + 1)
}

impl Material {
    /// Our own piece.
    fn of_piece() -> Self {
        let mut points: Vec<Point> = piece::rides()
            .into_iter()
            .flat_map(|ride| {
                let [start, end] = ride.frames;
                let [from, to] = ride.values;
                (start..end).step_by(RIDE_STEP).chain([end]).map(move |frame| {
                    let share = (frame - start) as f32 / (end - start) as f32;
                    let value = from + (to - from) * share;
                    Point { frame, key: ride.key, text: text::format(&ride.key.spec(), value) }
                })
            })
            .collect();
        points.sort_by_key(|point| point.frame);
        Self {
            rate_hz: RATE_HZ,
            stems: piece::PARTS.iter().map(piece::Part::sound).collect(),
            document: piece::balance(),
            points,
            halfway: piece::HALFWAY,
        }
    }

    /// The stems of a folder, at unity or in a given balance, without automation.
    fn of_folder(folder: &Path, balance: Option<&Path>) -> Result<Self> {
        let wav::Stems { rate_hz, named } = wav::read_folder(folder)?;
        let mut document = match balance {
            None => Document::default(),
            Some(path) => {
                let bytes = fs::read(path).with_context(|| format!("reading {}", path.display()))?;
                let loaded = Document::from_json(&bytes).with_context(|| path.display().to_string())?;
                loaded.notices.iter().for_each(|notice| eprintln!("{}: {notice}", path.display()));
                loaded.document
            }
        };
        for (info, (name, _)) in document.stems.iter_mut().zip(&named) {
            info.rename(name);
        }
        let stems: Vec<_> = named.into_iter().map(|(_, sound)| sound).collect();
        let halfway = stems[0].frames() / 2;
        Ok(Self { rate_hz, stems, document, points: Vec::new(), halfway })
    }

    /// Frames of every stem.
    pub fn frames(&self) -> usize {
        self.stems[0].frames()
    }

    /// The plain sum of all stems.
    pub fn plain_sum(&self) -> Sound {
        let mut sum = Sound::silent(self.frames());
        for stem in &self.stems {
            for (sum, side) in sum.sides.iter_mut().zip(&stem.sides) {
                sum.iter_mut().zip(side).for_each(|(sum, x)| *sum += x);
            }
        }
        sum
    }

    /// Plays everything through the plugin in a host, in two instances: the second takes over the
    /// state of the first half-way.
    fn play_hosted(&self, bundle: &Path) -> Result<Hosted> {
        let mut mix = Sound::silent(0);
        let mut first = Player::open(bundle, self)?;
        first.host.load_state(self.document.to_json().as_bytes())?;
        first.play(0..self.halfway, &mut mix)?;
        let state = first.host.save_state()?;
        drop(first);
        let mut second = Player::open(bundle, self)?;
        second.host.load_state(&state)?;
        second.check(&state)?;
        second.play(self.halfway..self.frames(), &mut mix)?;
        Ok(Hosted { mix, state })
    }

    /// The same by our own engine, in this process: two engines, each from reset.
    fn render(&self) -> Rendered {
        let count = self.stems.len();
        let mut out = Rendered {
            mix: Sound::silent(0),
            stems: vec![Sound::silent(0); count],
            halfway: self.document.mix,
            meters: Arc::default(),
        };
        // The picture shows the highest peaks of the last second before it is taken.
        let moment = self.halfway.saturating_sub(self.rate_hz as usize);
        let mut settings = self.document.mix;
        for half in [0..self.halfway, self.halfway..self.frames()] {
            let is_first = half.start == 0;
            let meters = Arc::new(Meters::default());
            meters.loudness().listen(true);
            let mut listener = Box::<Listener>::default();
            let mut engine = MixEngine::new(meters.clone());
            engine.set(&settings);
            engine.prepare(f64::from(self.rate_hz));
            let mut points = self.points_within(&half).peekable();
            let mut at = half.start;
            while at < half.end {
                if at == moment {
                    for stem in 0..STEMS {
                        meters.take_stem(stem);
                    }
                    meters.take_mix();
                }
                while let Some(point) = points.next_if(|point| point.frame == at) {
                    if let Ok(value) = text::parse(&point.key.spec(), &point.text) {
                        settings.set(point.key, value);
                    }
                }
                engine.set(&settings);
                let next_point = points.peek().map_or(half.end, |point| point.frame);
                let end = if at < moment { next_point.min(moment) } else { next_point };
                // No longer than what was heard is kept for the listener.
                let end = end.min(at + self.rate_hz as usize);
                self.render_part(&mut engine, at..end, &mut out);
                listener.go(meters.loudness());
                at = end;
            }
            if is_first {
                (out.halfway, out.meters) = (settings, meters);
            }
        }
        out
    }

    fn render_part(&self, engine: &mut MixEngine, part: Range<usize>, out: &mut Rendered) {
        let [mut left, mut right] = self.stems[0].sides.each_ref().map(|side| side[part.clone()].to_vec());
        let mut block = StemBlock {
            main: [&mut left, &mut right],
            aux: std::array::from_fn(|aux| match self.stems.get(aux + 1) {
                Some(stem) => stem.sides.each_ref().map(|side| &side[part.clone()]),
                None => [&[] as &[f32]; 2],
            }),
            connected: (1 << self.stems.len()) - 1,
            silent: 0,
        };
        engine.process_tapped(&mut block, &mut Collector(&mut out.stems));
        out.mix.sides[0].extend(left);
        out.mix.sides[1].extend(right);
    }

    fn points_within(&self, frames: &Range<usize>) -> impl Iterator<Item = &Point> {
        self.points.iter().filter({
            let frames = frames.clone();
            move |point| frames.contains(&point.frame)
        })
    }
}

/// Gathers every stem's part of the mix.
struct Collector<'a>(&'a mut [Sound]);

impl StemTap for Collector<'_> {
    const WANTED: bool = true;

    fn stem(&mut self, stem: usize, left: &[f32], right: &[f32]) {
        if let Some(sound) = self.0.get_mut(stem) {
            sound.sides[0].extend(left);
            sound.sides[1].extend(right);
        }
    }
}

/// One instance in the host, with the numbers its parameters go by.
struct Player<'a> {
    host: ClapHost,
    ids: HashMap<ParamKey, u32>,
    material: &'a Material,
}

impl<'a> Player<'a> {
    fn open(bundle: &Path, material: &'a Material) -> Result<Self> {
        let mut host = ClapHost::open(bundle)?;
        ensure!(host.id == Stemwright::CLAP_ID, "the bundle holds {}", host.id);
        ensure!(host.latency() == 0, "the plugin reports a latency of {} frames", host.latency());
        let stereo = |ports: &[crate::clap_host::Port]| ports.iter().filter(|p| p.channels == 2).count();
        ensure!(
            (stereo(&host.inputs), stereo(&host.outputs)) == (STEMS, 1),
            "the plugin offers {} stereo inputs and {} outputs",
            stereo(&host.inputs),
            stereo(&host.outputs)
        );
        let ids: HashMap<_, _> =
            ParamKey::all().filter_map(|key| Some((key, host.param(&key.name())?.id))).collect();
        ensure!(ids.len() == ParamKey::COUNT, "the plugin lacks some of its parameters");
        Ok(Self { host, ids, material })
    }

    /// Asks the plugin for every control, and compares with what the state says.
    fn check(&mut self, state: &[u8]) -> Result<()> {
        let saved = Document::from_json(state)?.document;
        for (key, id) in &self.ids {
            let wanted = text::format(&key.spec(), saved.mix.get(*key));
            let shown = self.host.value(*id).and_then(|value| self.host.value_to_text(*id, value));
            ensure!(
                shown.as_ref() == Some(&wanted),
                "{} was saved at {wanted} and came back as {shown:?}",
                key.name()
            );
        }
        Ok(())
    }

    /// Plays these frames in blocks, with the automation that falls into them.
    fn play(&mut self, frames: Range<usize>, mix: &mut Sound) -> Result<()> {
        let material = self.material;
        self.host.activate(f64::from(material.rate_hz), BLOCK)?;
        let silence = [0.0; BLOCK];
        let mut points = material.points_within(&frames).peekable();
        let mut start = frames.start;
        while start < frames.end {
            let end = (start + BLOCK).min(frames.end);
            let mut events = Vec::new();
            while let Some(point) = points.next_if(|point| point.frame < end) {
                events.push(self.event(point, start)?);
            }
            let sides: [[&[f32]; 2]; STEMS] = std::array::from_fn(|stem| match material.stems.get(stem) {
                Some(sound) => sound.sides.each_ref().map(|side| &side[start..end]),
                None => [&silence[..end - start]; 2],
            });
            let ports = sides.each_ref().map(|port| &port[..]);
            let output = self.host.process(&ports, &events, end - start)?;
            for (side, channel) in mix.sides.iter_mut().zip(output) {
                side.extend(channel);
            }
            start = end;
        }
        self.host.deactivate();
        Ok(())
    }

    /// A point as the plugin understands it, in a block that starts at `start`.
    fn event(&mut self, point: &Point, start: usize) -> Result<Event> {
        let param = self.ids[&point.key];
        let value = self
            .host
            .text_to_value(param, &point.text)
            .with_context(|| format!("{} does not take \"{}\"", point.key.name(), point.text))?;
        Ok(Event { frame: point.frame - start, param, value })
    }
}
