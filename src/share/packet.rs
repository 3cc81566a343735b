//! A packet for a collaborator: stems of a mix with all that belongs to them, in a folder.

use super::checksum::sha256;
use super::choose::choose;
use super::error::ShareError;
use super::manifest::{self, FileEntry, Manifest, Null, StemEntry};
use super::page::page;
use super::purpose::{Contents, Purpose};
use super::readings::{Meters, Readings};
use super::readme::readme;
use super::returned::Returned;
use super::sheet::name_of;
use crate::dsp::sanitise::sanitise;
use crate::dsp::units::gain_to_db;
use crate::engine::{MixEngine, StemBlock, StemTap};
use crate::model::document::Document;
use crate::model::learned::LearnedBalance;
use crate::model::level::{audible, level};
use crate::model::limits::STEMS;
use crate::model::offsets::StripOffsets;
use crate::model::settings::{MixSettings, StripSettings};
use crate::render::session::{Session, engine, go_on, sounding};
use crate::render::sink::{self, MAX_AUDIO_BYTES, SampleFormat, WavSink};
use crate::render::{RenderError, file_name, garbage};
use std::fs;
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Stems, rest and mix differ by less than this, re the mix's peak, or no packet is written.
pub const MAX_RESIDUAL_DB: f64 = -120.0;

const STEMS_FOLDER: &str = "stems";
pub(super) const MIX: &str = "mix.wav";
pub(super) const REST: &str = "rest.wav";
const SHEET: &str = "sheet.html";
const README: &str = "README.txt";
pub(super) const CHECKSUMS: &str = "checksums.sha256";
/// What systems leave in a folder by themselves, besides names that begin with `._`.
const LITTER: [&str; 3] = [".DS_Store", "Thumbs.db", "desktop.ini"];

/// What to pack.
#[derive(Clone, Debug)]
pub struct PacketJob {
    /// What it is for.
    pub purpose: Purpose,
    /// The stems' files of the whole mix, as for a render.
    pub stems: Vec<PathBuf>,
    /// The balance.
    pub balance: PathBuf,
    /// Names, numbers or roles of the stems to pack; empty: all.
    pub chosen: Vec<String>,
    /// The stems as they came, whatever the purpose.
    pub raw: bool,
    /// What the mix is called; none: the balance file's name.
    pub title: Option<String>,
    /// The folder to write.
    pub out: PathBuf,
    /// Whether it may take the place of a packet.
    pub replace: bool,
}

/// A packet that has been found possible. Nothing is written yet.
pub struct Packet {
    session: Session,
    /// Which stems are packed, in their order.
    chosen: Vec<usize>,
    /// The balance of these stems alone.
    document: Document,
    contents: Contents,
    purpose: Purpose,
    title: String,
    notices: Vec<String>,
    out: PathBuf,
    replace: bool,
}

/// What was packed.
#[derive(Clone, Debug, PartialEq)]
pub struct PacketReport {
    /// Every file, with the packet's folder before it.
    pub written: Vec<PathBuf>,
    /// How far stems and rest differ from the mix.
    pub null: Null,
    /// What went less than well, one sentence each.
    pub notices: Vec<String>,
}

impl Packet {
    /// Reads the balance and the stems' headers, chooses the stems and checks everything that can be known
    /// beforehand.
    ///
    /// # Errors
    /// The first thing found that makes the packet impossible.
    pub fn prepare(job: &PacketJob) -> Result<Self, ShareError> {
        let mut session = Session::open(&job.stems, Some(&job.balance))?;
        let count = session.stems.len();
        let document = &session.document;
        let chosen = match &job.chosen[..] {
            [] => (0..count).collect(),
            words => choose(&document.stems, count, words)?,
        };
        let label = |stem: usize| document.stems[stem].label(stem);
        if document.mix.any_solo() && !document.mix.bypass {
            let stem = (0..STEMS).find(|stem| document.mix.stems[*stem].solo);
            return Err(ShareError::Soloed { label: stem.map_or("a group".to_owned(), label) });
        }
        if document.mix.ignore_main_input && chosen.contains(&0) {
            return Err(ShareError::MainIgnored { label: label(0) });
        }
        check_place(&job.out, job.stems.iter().chain([&job.balance]), job.replace)?;
        let bytes = session.frames * 2 * u64::from(SampleFormat::Float32.bits() / 8);
        if bytes > MAX_AUDIO_BYTES {
            let gib = bytes as f64 / f64::from(1 << 30);
            return Err(RenderError::TooLong { path: job.out.join(STEMS_FOLDER), gib, hint: "" }.into());
        }
        let contents = job.purpose.contents();
        let raw = contents.raw || job.raw;
        let macro_at = |db: f32| db != 0.0 && document.layers().leads != 0 && !document.mix.bypass;
        if raw && macro_at(document.mix.lead_db) {
            return Err(ShareError::LeadMoved { lead_db: document.mix.lead_db });
        }
        // Where nothing is left, nothing is to be played to.
        let contents = Contents { raw, rest: contents.rest && chosen.len() < count, ..contents };
        let playing = sounding(document);
        let layers = document.layers();
        let (strips, audible) = (layers.sounding(&playing), audible(&playing, &layers));
        let is_silenced =
            |stem: usize| audible >> stem & 1 == 0 || level(&playing, &layers, stem, &strips[stem]) == 0.0;
        let silenced = chosen.iter().filter(|stem| !raw && is_silenced(**stem));
        let silent: Vec<_> = silenced
            .map(|stem| format!("The mix silences {}, so its file is silent.", label(*stem)))
            .collect();
        let packed = alone(document, &chosen);
        let title = job.title.clone().unwrap_or_else(|| name_of(&job.balance));
        let mut notices = std::mem::take(&mut session.notices);
        notices.extend(silent);
        Ok(Self {
            session,
            chosen,
            document: packed,
            contents,
            purpose: job.purpose,
            title,
            notices,
            out: job.out.clone(),
            replace: job.replace,
        })
    }

    /// What in the balance was left out, replaced or may surprise; one sentence each.
    pub fn notices(&self) -> &[String] {
        &self.notices
    }

    /// The chosen stems' numbers and names.
    pub fn stems(&self) -> impl Iterator<Item = (usize, &str)> {
        self.chosen.iter().zip(&self.document.stems).map(|(stem, info)| (stem + 1, info.name.as_str()))
    }

    /// What there is to do: frames to play, and as much again for the checksums.
    pub fn work(&self) -> u64 {
        2 * self.session.frames
    }

    /// Plays the mix and writes the packet. `watch` is told how much of [`Self::work`] is done; where it breaks, the
    /// packet ends with [`RenderError::Interrupted`] and leaves nothing behind.
    ///
    /// # Errors
    /// Where a file cannot be read or written after all, or the stems and the rest are not the mix.
    pub fn run(mut self, mut watch: impl FnMut(u64) -> ControlFlow<()>) -> Result<PacketReport, ShareError> {
        let parent = sink::folder(&self.out);
        let unwritable = |source| RenderError::Unwritable { path: self.out.clone(), source };
        let mut builder = tempfile::Builder::new();
        builder.prefix(".stemwright-").suffix(".part");
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o777));
        let folder = builder.tempdir_in(parent).map_err(unwritable)?;
        fs::create_dir(folder.path().join(STEMS_FOLDER)).map_err(unwritable)?;

        let names: Vec<String> = (0..self.chosen.len())
            .map(|place| {
                format!("{STEMS_FOLDER}/{}", file_name::of_stem(place, &self.document.stems[place].name))
            })
            .collect();
        let (null, readings) = self.play(folder.path(), &names, &mut watch)?;
        let balance = self.balance_name();
        let write = |name: &str, text: &str| sink::write_text(&folder.path().join(name), text, false);
        write(balance, &self.document.to_json())?;
        write(SHEET, &page(&self.document, &self.title, Some(&readings)))?;

        let mut manifest = Manifest {
            title: self.title.clone(),
            purpose: self.purpose.word().to_owned(),
            stems_are: if self.contents.raw { "raw" } else { "processed" }.to_owned(),
            sample_rate_hz: self.session.rate_hz,
            frames: self.session.frames,
            stems: self
                .chosen
                .iter()
                .zip(&self.document.stems)
                .zip(&names)
                .map(|((stem, info), file)| StemEntry {
                    name: info.name.clone(),
                    number: stem + 1,
                    file: file.clone(),
                })
                .collect(),
            balance: balance.to_owned(),
            sheet: SHEET.to_owned(),
            null,
            ..Manifest::default()
        };
        let sound = [(MIX, self.contents.mix), (REST, self.contents.rest)];
        let sound = sound.into_iter().filter(|(_, wanted)| *wanted).map(|(name, _)| name.to_owned());
        let files: Vec<String> = names.iter().cloned().chain(sound).chain([SHEET.to_owned()]).collect();
        manifest.files = checksums(folder.path(), &files, self.session.frames, watch)?;
        let sums = manifest.files.iter().map(|file| format!("{}  {}\n", file.sha256, file.path));
        write(CHECKSUMS, &sums.collect::<String>())?;
        write(README, &readme(&manifest, &self.contents))?;
        write(manifest::FILE, &manifest.to_json())?;
        put_in_place(folder, &self.out, self.replace)?;

        let others = [balance, CHECKSUMS, README, manifest::FILE].map(str::to_owned);
        let written = files.into_iter().chain(others).map(|name| self.out.join(name)).collect();
        let notices = self.session.stems.iter().filter_map(garbage).collect();
        Ok(PacketReport { written, null, notices })
    }

    /// A balance that stems already are processed by says so in its name, lest they be processed twice.
    fn balance_name(&self) -> &'static str {
        if self.contents.raw { "balance.json" } else { "balance-already-in-the-stems.json" }
    }

    /// Writes the sound, and measures what a collaborator can make of it against the mix.
    fn play(
        &mut self,
        folder: &Path,
        names: &[String],
        watch: &mut impl FnMut(u64) -> ControlFlow<()>,
    ) -> Result<(Null, Readings), ShareError> {
        let Self { session, chosen, document, contents, .. } = self;
        let (rate_hz, frames) = (session.rate_hz, session.frames);
        let create = |name: &str| WavSink::create(&folder.join(name), rate_hz, SampleFormat::Float32, false);
        let mut stems = names.iter().map(|name| create(name)).collect::<Result<Vec<_>, _>>()?;
        let mut mix_sink = contents.mix.then(|| create(MIX)).transpose()?;
        let mut rest_sink = contents.rest.then(|| create(REST)).transpose()?;
        let mut mixes = engine(&session.document, f64::from(rate_hz));
        // What the packet's balance makes of raw stems.
        let mut answers = engine(document, f64::from(rate_hz));
        let mut meters = Meters::new(chosen.len(), rate_hz);
        let mut parts = Parts::default();
        let (mut residual, mut peak) = (0.0f64, 0.0f64);
        session.play(|block, done| {
            let mut raw: Vec<[Vec<f32>; 2]> = chosen
                .iter()
                .map(|stem| sides(block, *stem).map(|side| side.iter().copied().map(sanitise).collect()))
                .collect();
            parts.clear();
            mixes.process_tapped(block, &mut parts);
            let mix = block.main.each_ref().map(|side| &**side);
            meters.mix(mix);
            if let Some(sink) = &mut mix_sink {
                sink.write(mix[0], mix[1])?;
            }
            for (place, stem) in chosen.iter().enumerate() {
                let part = parts.of(*stem);
                meters.stem(place, part);
                let [left, right] =
                    if contents.raw { raw[place].each_ref().map(|side| &side[..]) } else { part };
                stems[place].write(left, right)?;
            }
            let subset = if contents.raw {
                played(&mut answers, &mut raw);
                raw.swap_remove(0)
            } else {
                parts.sum(|stem| chosen.contains(&stem))
            };
            let rest = parts.sum(|stem| !chosen.contains(&stem));
            if let Some(sink) = &mut rest_sink {
                sink.write(&rest[0], &rest[1])?;
            }
            for ((mix, subset), rest) in mix.iter().zip(&subset).zip(&rest) {
                for ((mix, subset), rest) in mix.iter().zip(subset).zip(rest) {
                    let mix = f64::from(*mix);
                    residual = residual.max((mix - f64::from(*subset) - f64::from(*rest)).abs());
                    peak = peak.max(mix.abs());
                }
            }
            go_on(watch(done))?;
            Ok(ControlFlow::Continue(()))
        })?;
        let null = Null {
            residual_db: Some(gain_to_db(residual / peak)).filter(|db| db.is_finite()),
            mix_peak_dbfs: Some(gain_to_db(peak)).filter(|db| db.is_finite()),
        };
        if let Some(residual_db) = null.residual_db.filter(|db| *db >= MAX_RESIDUAL_DB) {
            return Err(ShareError::NoNull { residual_db });
        }
        for sink in stems.into_iter().chain(mix_sink).chain(rest_sink) {
            sink.finish()?.file.commit()?;
        }
        Ok((null, meters.readings(document, rate_hz, frames)))
    }
}

/// The balance of some of the stems, who stand first in it and in their order. What was heard of the song is not
/// theirs alone, and stays behind.
fn alone(document: &Document, chosen: &[usize]) -> Document {
    let mut packed = Document {
        mix: MixSettings {
            ignore_main_input: false,
            stems: [StripSettings::default(); STEMS],
            ..document.mix
        },
        ..Document::default()
    };
    packed.learned = document.learned.as_ref().map(|learned| LearnedBalance {
        stems: Default::default(),
        target: learned.target,
        song: None,
    });
    packed.scenes = document.scenes.clone();
    packed.scene_order = document.scene_order;
    packed.scenes.iter_mut().for_each(|scene| scene.stems = [StripOffsets::NONE; STEMS]);
    for (place, stem) in chosen.iter().enumerate() {
        packed.mix.stems[place] = document.mix.stems[*stem];
        for (packed, scene) in packed.scenes.iter_mut().zip(&document.scenes) {
            packed.stems[place] = scene.stems[*stem];
        }
        packed.stems[place] = document.stems[*stem].clone();
        if let (Some(packed), Some(learned)) = (&mut packed.learned, &document.learned) {
            packed.stems[place] = learned.stems[*stem];
        }
    }
    let shown = document.order.iter().filter_map(|stem| chosen.iter().position(|chosen| chosen == stem));
    let order: Vec<usize> = shown.chain(chosen.len()..STEMS).collect();
    packed.order.copy_from_slice(&order);
    packed
}

/// A stem of a block, before the mix takes the place of the first.
fn sides<'a>(block: &'a StemBlock, stem: usize) -> [&'a [f32]; 2] {
    match stem.checked_sub(1) {
        None => block.main.each_ref().map(|side| &**side),
        Some(at) => block.aux[at],
    }
}

/// Plays stems; their mix takes the place of the first.
fn played(engine: &mut MixEngine, stems: &mut [[Vec<f32>; 2]]) {
    let connected = (1 << stems.len()) - 1;
    let Some((main, aux)) = stems.split_first_mut() else { return };
    let of = |stem: usize| aux.get(stem).map_or([&[][..]; 2], |sides| sides.each_ref().map(|side| &side[..]));
    engine.process(&mut StemBlock {
        main: main.each_mut().map(|side| &mut side[..]),
        aux: std::array::from_fn(of),
        connected,
        silent: 0,
    });
}

/// What every stem is in the present block of the mix.
#[derive(Default)]
struct Parts([[Vec<f32>; 2]; STEMS]);

impl Parts {
    fn clear(&mut self) {
        self.0.iter_mut().flatten().for_each(Vec::clear);
    }

    fn of(&self, stem: usize) -> [&[f32]; 2] {
        self.0[stem].each_ref().map(|side| &side[..])
    }

    /// The sum of some of them.
    fn sum(&self, is_wanted: impl Fn(usize) -> bool) -> [Vec<f32>; 2] {
        [0, 1].map(|side| {
            let mut sum = vec![0.0f64; self.0[0][side].len()];
            for (_, part) in self.0.iter().enumerate().filter(|(stem, _)| is_wanted(*stem)) {
                sum.iter_mut().zip(&part[side]).for_each(|(sum, x)| *sum += f64::from(*x));
            }
            sum.into_iter().map(|x| x as f32).collect()
        })
    }
}

impl StemTap for Parts {
    const WANTED: bool = true;

    fn stem(&mut self, stem: usize, left: &[f32], right: &[f32]) {
        for (part, side) in self.0[stem].iter_mut().zip([left, right]) {
            part.extend_from_slice(side);
        }
    }
}

/// Sizes and checksums of files in a folder, read from the disk. `watch` is told from `frames` on to twice that.
fn checksums(
    folder: &Path,
    files: &[String],
    frames: u64,
    mut watch: impl FnMut(u64) -> ControlFlow<()>,
) -> Result<Vec<FileEntry>, RenderError> {
    let sizes = files.iter().map(|name| {
        let path = folder.join(name);
        let size = path.metadata().map(|metadata| metadata.len());
        size.map_err(|source| RenderError::Unreadable { path, source })
    });
    let sizes = sizes.collect::<Result<Vec<u64>, _>>()?;
    let all: u64 = sizes.iter().sum();
    let mut done = 0;
    let mut entries = Vec::new();
    for (name, bytes) in files.iter().zip(sizes) {
        let sha256 = sha256(&folder.join(name), |read| {
            done += read;
            watch(frames + (frames as f64 * done as f64 / all as f64) as u64)
        })?;
        entries.push(FileEntry { path: name.clone(), bytes, sha256 });
    }
    Ok(entries)
}

/// Checks that a packet may be written here, and that nothing that is read would go with one that is replaced.
fn check_place<'a>(
    out: &Path,
    inputs: impl IntoIterator<Item = &'a PathBuf>,
    replace: bool,
) -> Result<(), ShareError> {
    if out.file_name().is_none() {
        return Err(ShareError::NoName { path: out.to_owned() });
    }
    let parent = sink::folder(out);
    if !parent.is_dir() {
        return Err(RenderError::NoFolder { folder: parent.to_owned() }.into());
    }
    let Ok(metadata) = out.symlink_metadata() else { return Ok(()) };
    if !replace {
        return Err(RenderError::Exists { path: out.to_owned() }.into());
    }
    let old = if metadata.is_dir() { Manifest::read(out).ok() } else { None };
    let Some(old) = old else {
        return Err(ShareError::InTheWay { path: out.to_owned() });
    };
    let place = out.canonicalize().unwrap_or_else(|_| out.to_owned());
    match inputs.into_iter().find(|input| input.canonicalize().is_ok_and(|input| input.starts_with(&place))) {
        Some(input) => Err(RenderError::OutputIsInput { path: input.clone() }.into()),
        None => match addition(out, &old).or_else(|| change(out, &old)) {
            Some(path) => Err(ShareError::Answered { path }),
            None => Ok(()),
        },
    }
}

/// Something in a packet's folder that it did not come with, such as a new take, if there is any; a folder where
/// that cannot be seen.
fn addition(packet: &Path, manifest: &Manifest) -> Option<PathBuf> {
    let own = manifest.files.iter().map(|file| file.path.as_str());
    let own = own.chain([manifest.balance.as_str(), manifest::FILE, README, CHECKSUMS]);
    let own: Vec<PathBuf> = own.map(|file| packet.join(file)).collect();
    let mut folders = vec![packet.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { return Some(folder) };
        for entry in entries.filter_map(Result::ok) {
            let path = entry.path();
            let name = entry.file_name();
            let is_litter =
                LITTER.iter().any(|litter| name == *litter) || name.to_string_lossy().starts_with("._");
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push(path);
            } else if !is_litter && !own.contains(&path) {
                return Some(path);
            }
        }
    }
    None
}

/// A file of a packet's folder that is not as it came, if there is one: sound of another length, or the balance.
fn change(packet: &Path, manifest: &Manifest) -> Option<PathBuf> {
    let is_as_it_came = |file: &&FileEntry| {
        let metadata = packet.join(&file.path).metadata();
        metadata.map_or_else(|error| error.kind() == io::ErrorKind::NotFound, |it| it.len() == file.bytes)
    };
    if let Some(file) = manifest.files.iter().find(|file| !is_as_it_came(file)) {
        return Some(packet.join(&file.path));
    }
    let balance = packet.join(&manifest.balance);
    let both = || {
        let packet = Returned::open(packet)?;
        Ok::<_, ShareError>([packet.balance()?.document, packet.sent()?.document])
    };
    (balance.exists() && !both().is_ok_and(|[now, sent]| now == sent)).then_some(balance)
}

/// Gives a folder its name, whole; what it replaces goes last.
fn put_in_place(folder: TempDir, out: &Path, replace: bool) -> Result<(), RenderError> {
    let unwritable = |source| RenderError::Unwritable { path: out.to_owned(), source };
    if out.symlink_metadata().is_err() {
        fs::rename(folder.path(), out).map_err(unwritable)?;
    } else if replace {
        let mut builder = tempfile::Builder::new();
        builder.prefix(".stemwright-").suffix(".old");
        let old = builder.tempdir_in(sink::folder(out)).map_err(unwritable)?;
        let kept = old.path().join("packet");
        fs::rename(out, &kept).map_err(unwritable)?;
        if let Err(error) = fs::rename(folder.path(), out) {
            // As it was.
            fs::rename(&kept, out).map_err(unwritable)?;
            return Err(unwritable(error));
        }
    } else {
        return Err(RenderError::Exists { path: out.to_owned() });
    }
    // It has moved: there is nothing left to clean up.
    let _ = folder.keep();
    Ok(())
}
