//! What was learned of a song and the balance made of it, as a document keeps them.

use super::document::{number, read_number};
use super::limits::{STEMS, StripParam, stem_title};
use super::settings::{Slope, StripSettings};
use super::target::Target;
use serde_json::{Map, Value, json};

/// Energies and cross energies of sixteen stems: the upper triangle of a symmetric matrix, row by row.
pub const PAIRS: usize = STEMS * (STEMS + 1) / 2;

/// Mean over a stretch of time of the sum over channels of `y_i * y_j` (linear, K weighted) for every pair
/// of stems at its place in [`pair`].
pub type Record = [f32; PAIRS];

/// Where in a [`Record`] two stems (0 to 15, in any order) stand.
pub const fn pair(a: usize, b: usize) -> usize {
    let (row, column) = if a < b { (a, b) } else { (b, a) };
    row * STEMS - row * (row + 1) / 2 + column
}

/// Power of the sum of the stems at these gains (linear).
pub fn quadratic(record: &Record, gains: &[f64; STEMS]) -> f64 {
    let mut power = 0.0;
    let mut rest = &record[..];
    for (a, gain) in gains.iter().enumerate() {
        let (row, next) = rest.split_at(STEMS - a);
        let others = row[1..].iter().zip(&gains[a + 1..]).map(|(c, g)| g * f64::from(*c)).sum::<f64>();
        power += gain * (gain * f64::from(row[0]) + 2.0 * others);
        rest = next;
    }
    power.max(0.0)
}

/// Furthest that an offset goes either way, in dB: from the highest level to the lowest proposal.
pub const MAX_OFFSET_DB: f32 = 60.0;

/// The balance learned of a song: a layer of gains under the live one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LearnedBalance {
    /// What was made of it, stem by stem.
    pub stems: [LearnedStem; STEMS],
    /// What it was made for.
    pub target: Target,
    /// What was heard, to make another one of; `None` where it was damaged.
    pub song: Option<Summary>,
}

/// A stem's share of the learned balance.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LearnedStem {
    /// What is added to its gain, in dB, within [`MAX_OFFSET_DB`].
    pub offset_db: f32,
    /// The offset was accepted; one that was left does not sound.
    pub accepted: bool,
    /// It is to keep its gain when a balance is proposed.
    pub locked: bool,
    /// How the stem was set up when it was learned; `None` where it was not.
    pub fingerprint: Option<Fingerprint>,
}

impl LearnedStem {
    /// What it adds to the stem's gain, in dB.
    pub fn sounding_db(&self) -> f32 {
        if self.accepted { self.offset_db } else { 0.0 }
    }

    /// Whether the stem was learned under settings that changed its sound since.
    pub fn is_stale(&self, strip: &StripSettings) -> bool {
        self.fingerprint.is_some_and(|fingerprint| fingerprint != Fingerprint::of(strip))
    }
}

/// Tells whether tone, width, delay, pan, pan mode or polarity of a stem have changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint(u64);

impl Fingerprint {
    /// A strip's. Sections of the tone that do nothing leave no trace.
    pub fn of(strip: &StripSettings) -> Self {
        let tone = &strip.tone;
        let if_on = |on: bool, params: &'static [StripParam]| if on && tone.on { params } else { &[] };
        let parts: [&[StripParam]; 7] = [
            &[
                StripParam::Pan,
                StripParam::PanMode,
                StripParam::Polarity,
                StripParam::Width,
                StripParam::Delay,
            ],
            if_on(tone.high_pass != Slope::Off, &[StripParam::HighPassSlope, StripParam::HighPassFrequency]),
            if_on(tone.low_shelf_db != 0.0, &[StripParam::LowShelfFrequency, StripParam::LowShelfGain]),
            if_on(tone.bell_db != 0.0, &[StripParam::BellFrequency, StripParam::BellGain, StripParam::BellQ]),
            if_on(tone.high_shelf_db != 0.0, &[StripParam::HighShelfFrequency, StripParam::HighShelfGain]),
            if_on(tone.low_pass != Slope::Off, &[StripParam::LowPassSlope, StripParam::LowPassFrequency]),
            if_on(tone.tilt_db != 0.0, &[StripParam::Tilt]),
        ];
        // FNV-1a, over ids too: they are frozen, and so a fingerprint means the same in later releases.
        let hash = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
        let print = parts.into_iter().flatten().fold(0xCBF2_9CE4_8422_2325, |print, param| {
            let value = strip.get(*param) + 0.0; // -0 is 0
            let bytes = value.to_bits().to_le_bytes();
            param.spec().id.bytes().chain(bytes).fold(print, hash)
        });
        Self(print)
    }
}

impl LearnedBalance {
    /// As it stands in a document.
    pub fn to_value(&self) -> Value {
        let stems: Vec<_> = self
            .stems
            .iter()
            .map(|stem| {
                let print = stem.fingerprint.map(|print| format!("{:016x}", print.0));
                json!({
                    "offset": number(stem.offset_db),
                    "accepted": stem.accepted,
                    "locked": stem.locked,
                    "fingerprint": print,
                })
            })
            .collect();
        let mut map = Map::new();
        map.insert("target".to_owned(), self.target.to_value());
        map.insert("stems".to_owned(), stems.into());
        if let Some(song) = &self.song {
            map.insert("song".to_owned(), song.to_value());
        }
        Value::Object(map)
    }

    /// Reads what is whole; `notice` gets a sentence for everything else. `None` where nothing is.
    pub fn from_value(value: &Value, notice: &mut dyn FnMut(String)) -> Option<Self> {
        let Some(map) = value.as_object() else {
            notice("The learned balance is no table and was left out: learn the song again.".to_owned());
            return None;
        };
        let mut learned = Self::default();
        if let Some(target) = map.get("target") {
            learned.target = Target::from_value(target, notice);
        }
        match map.get("stems").map(Value::as_array) {
            Some(Some(stems)) => {
                for (stem, value) in stems.iter().enumerate().take(STEMS) {
                    learned.stems[stem] = read_stem(stem, value, notice);
                }
            }
            Some(None) => notice("The learned balance's \"stems\" are no list and were left out.".to_owned()),
            None => {}
        }
        learned.song = map.get("song").and_then(|song| {
            let song = Summary::from_value(song);
            if song.is_none() {
                notice(
                    "What was learned of the song is damaged and was left out. The balance made of it stays; \
                     learn the song again to make another."
                        .to_owned(),
                );
            }
            song
        });
        Some(learned)
    }
}

fn read_stem(stem: usize, value: &Value, notice: &mut dyn FnMut(String)) -> LearnedStem {
    let offset = value.get("offset").and_then(read_number);
    let offset_db = offset.map_or(0.0, |db| db.clamp(-MAX_OFFSET_DB, MAX_OFFSET_DB));
    let accepted = value.get("accepted").and_then(Value::as_bool);
    if offset != Some(offset_db) || accepted.is_none() {
        notice(format!("{}: its learned offset is damaged; {offset_db} dB was taken.", stem_title(stem)));
    }
    let print = value.get("fingerprint").and_then(Value::as_str);
    LearnedStem {
        offset_db,
        accepted: accepted.unwrap_or(false),
        locked: value.get("locked").and_then(Value::as_bool).unwrap_or(false),
        fingerprint: print.and_then(|hex| u64::from_str_radix(hex, 16).ok()).map(Fingerprint),
    }
}

/// A stem's own loudness over a song.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StemLoudness {
    /// Integrated loudness after ITU-R BS.1770-5, in LUFS at a gain of 0 dB; minus infinity for silence.
    pub lufs: f32,
    /// Seconds for which it sounded: those of the blocks that pass the gates.
    pub active_s: f32,
}

impl Default for StemLoudness {
    fn default() -> Self {
        Self { lufs: f32::NEG_INFINITY, active_s: 0.0 }
    }
}

/// A song in some twenty thousand characters: what a mix of its stems will be like at any gains.
///
/// A song is its *levels*, each of which stands for a number of 400 ms blocks in which the stems are about
/// equally loud. How coherent the stems are is kept once for a group of levels.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// Every stem's own loudness, of all blocks.
    pub stems: [StemLoudness; STEMS],
    /// The groups, at most [`Self::MAX_GROUPS`].
    pub groups: Vec<Group>,
}

/// Levels with a coherence in common.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Group {
    /// Codes of [`Summary::coherence`] at the stems' [`pair`], 0 where two
    /// never sound together and on the diagonal.
    pub coherence: Vec<u16>,
    /// Its levels; all groups together have at most [`Summary::MAX_LEVELS`].
    pub levels: Vec<Level>,
}

/// Blocks in which the stems are about equally loud.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Level {
    /// How many they are, up to [`Summary::MAX_BLOCKS`].
    pub blocks: u32,
    /// Code of [`Summary::spread_db`].
    pub spread: u16,
    /// Codes of [`Summary::energy`].
    pub energies: [u16; STEMS],
}

impl Group {
    /// The energies and cross energies of the blocks of one of its levels.
    pub fn record(&self, level: &Level) -> Record {
        let energies = level.energies.map(Summary::energy);
        let mut record = [0.0; PAIRS];
        for a in 0..STEMS {
            record[pair(a, a)] = energies[a];
            for b in a + 1..STEMS {
                let code = self.coherence.get(pair(a, b)).copied();
                let mean = (energies[a] * energies[b]).sqrt();
                record[pair(a, b)] = code.map_or(0.0, |code| Summary::coherence(code) * mean);
            }
        }
        record
    }
}

/// Highest code: two of [`DIGITS`].
const MAX_CODE: u16 = 4095;
/// Digits of 6 bits, in order.
const DIGITS: &[u8; 64] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+-";
/// Energy of code 1, in dB; code 0 is silence.
const LOWEST_DB: f32 = -110.0;
const CODES_PER_DB: f32 = 32.0;
const CODES_PER_SPREAD_DB: f32 = 100.0;
/// The code of no coherence, and how far from it that of full coherence is.
const INCOHERENT: u16 = 2048;
const COHERENT: f32 = 2000.0;

impl Summary {
    /// Coherences that a summary keeps.
    pub const MAX_GROUPS: usize = 16;
    /// Levels that a summary keeps.
    pub const MAX_LEVELS: usize = 480;
    /// Blocks that it stands for: 15 minutes.
    pub const MAX_BLOCKS: u32 = 9000;

    /// The code of an energy, to 1/32 dB from -110 to 18 dB; what is lower is silent.
    pub fn energy_code(energy: f32) -> u16 {
        let code = (10.0 * energy.log10() - LOWEST_DB) * CODES_PER_DB;
        // As casts do, NaN is 0: silent.
        if code < 0.0 { 0 } else { (code.round() + 1.0).min(f32::from(MAX_CODE)) as u16 }
    }

    /// The energy of a code.
    pub fn energy(code: u16) -> f32 {
        match code {
            0 => 0.0,
            code => 10f32.powf((f32::from(code - 1) / CODES_PER_DB + LOWEST_DB) / 10.0),
        }
    }

    /// The code of how far levels of the mix are spread within a level: a standard deviation in dB.
    pub fn spread_code(db: f32) -> u16 {
        (db * CODES_PER_SPREAD_DB).round().clamp(0.0, f32::from(MAX_CODE)) as u16
    }

    /// The spread of a code, in dB.
    pub fn spread_db(code: u16) -> f32 {
        f32::from(code) / CODES_PER_SPREAD_DB
    }

    /// The code of a coherence: cross energy by the geometric mean of two energies, -1 to 1.
    pub fn coherence_code(coherence: f32) -> u16 {
        (f32::from(INCOHERENT) + (coherence.clamp(-1.0, 1.0) * COHERENT).round()) as u16
    }

    /// The coherence of a code.
    pub fn coherence(code: u16) -> f32 {
        ((f32::from(code) - f32::from(INCOHERENT)) / COHERENT).clamp(-1.0, 1.0)
    }

    /// Mean energies and cross energies of the blocks in which the plain sum of the stems is no more than 10 dB
    /// below what it is on average: what the song is like where it plays. `None` where it is silent.
    pub fn mean_energies(&self) -> Option<Record> {
        let blocks = || {
            let levels =
                self.groups.iter().flat_map(|g| g.levels.iter().map(move |l| (g.record(l), l.blocks)));
            levels.map(|(record, blocks)| (quadratic(&record, &[1.0; STEMS]), f64::from(blocks), record))
        };
        let mean = |gate: f64| {
            let (mut sums, mut weights) = ([0.0; PAIRS], 0.0);
            for (_, weight, record) in blocks().filter(|(power, ..)| *power > gate) {
                weights += weight;
                sums.iter_mut().zip(record).for_each(|(sum, energy)| *sum += weight * f64::from(energy));
            }
            (weights > 0.0).then(|| sums.map(|sum| (sum / weights) as f32))
        };
        let all = mean(0.0)?;
        mean(quadratic(&all, &[1.0; STEMS]) / 10.0)
    }

    /// The stems that sound anywhere.
    fn sounding(&self) -> Vec<usize> {
        let levels = || self.groups.iter().flat_map(|group| &group.levels);
        (0..STEMS).filter(|stem| levels().any(|level| level.energies[*stem] > 0)).collect()
    }

    /// As it stands in a document: few long texts, for a document writes a number per line.
    pub fn to_value(&self) -> Value {
        let stems = self.sounding();
        let text = |codes: &mut dyn Iterator<Item = u16>| -> String {
            codes.flat_map(|code| [code >> 6, code & 63]).map(|d| char::from(DIGITS[d as usize])).collect()
        };
        let groups: Vec<_> = self
            .groups
            .iter()
            .map(|group| {
                let coherence = text(&mut pairs(&stems).map(|at| group.coherence[at].min(MAX_CODE)));
                let levels = text(&mut group.levels.iter().flat_map(|level| {
                    let head =
                        [(level.blocks >> 12) as u16 & 63, level.blocks as u16 & MAX_CODE, level.spread];
                    head.into_iter().chain(stems.iter().map(|stem| level.energies[*stem]))
                }));
                json!({ "coherence": coherence, "levels": levels })
            })
            .collect();
        let loudness = |value: fn(&StemLoudness) -> f32| -> Vec<Value> {
            stems.iter().map(|stem| number(value(&self.stems[*stem]))).collect()
        };
        json!({
            "stems": stems.iter().map(|stem| stem + 1).collect::<Vec<_>>(),
            "lufs": loudness(|stem| stem.lufs),
            "active_s": loudness(|stem| stem.active_s),
            "groups": groups,
        })
    }

    /// Reads what [`Self::to_value`] wrote; `None` where any of it is damaged, for half a song would lead
    /// to a wrong balance.
    pub fn from_value(value: &Value) -> Option<Self> {
        let list = |name: &str| value.get(name).and_then(Value::as_array);
        let mut stems = Vec::new();
        for number in list("stems")? {
            let stem = usize::try_from(number.as_u64()?).ok()?.checked_sub(1).filter(|stem| *stem < STEMS)?;
            if stems.last().is_some_and(|last| *last >= stem) {
                return None;
            }
            stems.push(stem);
        }
        let mut summary = Self::default();
        let (lufs, active_s) = (list("lufs")?, list("active_s")?);
        if lufs.len() != stems.len() || active_s.len() != stems.len() {
            return None;
        }
        for ((stem, lufs), active_s) in stems.iter().zip(lufs).zip(active_s) {
            let lufs = match lufs.as_str() {
                Some("-inf") => f32::NEG_INFINITY,
                _ => read_number(lufs).filter(|lufs| (-70.0..=60.0).contains(lufs))?,
            };
            let active_s = read_number(active_s).filter(|s| (0.0..=1000.0).contains(s))?;
            summary.stems[*stem] = StemLoudness { lufs, active_s };
        }
        let groups = list("groups").filter(|groups| groups.len() <= Self::MAX_GROUPS)?;
        for value in groups {
            let codes = |name: &str| codes(value.get(name)?.as_str()?);
            let mut group = Group { coherence: vec![0; PAIRS], levels: Vec::new() };
            let coherence = codes("coherence")?;
            let levels = codes("levels")?;
            let size = 3 + stems.len();
            if coherence.len() != pairs(&stems).count() || levels.len() % size != 0 {
                return None;
            }
            for (at, code) in pairs(&stems).zip(coherence) {
                group.coherence[at] = code;
            }
            for codes in levels.chunks_exact(size) {
                let blocks = u32::from(codes[0]) << 12 | u32::from(codes[1]);
                let mut level = Level { blocks, spread: codes[2], energies: [0; STEMS] };
                stems.iter().zip(&codes[3..]).for_each(|(stem, code)| level.energies[*stem] = *code);
                group.levels.push(level);
            }
            summary.groups.push(group);
        }
        let levels = || summary.groups.iter().flat_map(|group| &group.levels);
        let blocks = levels().map(|level| u64::from(level.blocks)).sum::<u64>();
        let is_ours = levels().count() <= Self::MAX_LEVELS
            && blocks <= u64::from(Self::MAX_BLOCKS)
            && summary.sounding() == stems;
        is_ours.then_some(summary)
    }
}

/// Where in a [`Record`] the pairs of two different ones of these stems stand.
fn pairs(stems: &[usize]) -> impl Iterator<Item = usize> {
    stems.iter().enumerate().flat_map(|(at, a)| stems[at + 1..].iter().map(|b| pair(*a, *b)))
}

fn codes(text: &str) -> Option<Vec<u16>> {
    let digit = |byte: u8| DIGITS.iter().position(|digit| *digit == byte).map(|digit| digit as u16);
    let (bytes, rest) = text.as_bytes().as_chunks::<2>();
    rest.is_empty().then_some(())?;
    bytes.iter().map(|[high, low]| Some(digit(*high)? << 6 | digit(*low)?)).collect()
}
