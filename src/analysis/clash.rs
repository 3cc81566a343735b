//! Which stems cover which, and one bell that would make room. Rankings: nothing here passes or fails.
//!
//! Pure, and fed with what every stem has in forty bands, a stretch of sound at a time: a song from its
//! files, or what comes in as it plays.

use super::bands::{BANDS, BandPowers, centres_hz, edges_hz};
use super::change::Change;
use super::masking::{FLOOR, Masking, loudness, partial_loudness, unmasked};
use crate::dsp::design::{bell, highest_hz};
use crate::model::limits::{ParamKey, Role, STEMS, StripParam};
use crate::model::settings::StripSettings;
use serde::Serialize;

/// A stem below this power (-70 dB) is silent and covers nothing.
const SILENT_POWER: f64 = 1e-7;
/// Of what one stem covers of another, the bands named hold at least this share.
const NAMED_SHARE: f64 = 0.5;
/// A pair that takes less than this share of the mix's loudness from one another is not worth a line.
const LEAST_COST: f64 = 1e-3;
/// Suggested bells lie between these, in Hz.
const BELLS_HZ: [f64; 2] = [100.0, 10_000.0];
/// Six to the octave.
const BELLS_PER_OCTAVE: f64 = 6.0;
/// Widths that are tried.
const BELL_QS: [f32; 4] = [0.7, 1.0, 1.4, 2.0];
/// A bell cuts by so much for all that is covered, in steps and within limits, in dB.
const CUT_DB: f32 = 5.0;
const CUT_STEP_DB: f32 = 0.5;
const CUTS_DB: [f32; 2] = [1.5, 4.0];
/// Of the bells that make at least this share of the most room, the one that takes least is suggested.
const ENOUGH: f64 = 0.7;
/// A bell that adds less than this share to what is left of a stem is not worth it.
const LEAST_ROOM: f64 = 0.03;
/// A bell nearer to 0 dB than this is not in use.
const UNUSED_DB: f32 = 0.05;

/// A value for each stem.
type Each<T> = [T; STEMS];

/// Gathers which stems cover which.
#[derive(Clone, Debug)]
pub struct ClashMeter {
    masking: Masking,
    /// Loudness of each stem alone, and what is left of it beside all others: sums over the windows.
    alone: Each<f64>,
    left: Each<f64>,
    /// `lost[a][b]`, by band: what stem a loses beside stem b alone.
    lost: Box<Each<Each<BandPowers>>>,
    /// `beside[a][b]`: powers of stem b, weighted by the loudness of stem a.
    beside: Box<Each<Each<BandPowers>>>,
}

impl Default for ClashMeter {
    fn default() -> Self {
        Self {
            masking: Masking::default(),
            alone: [0.0; STEMS],
            left: [0.0; STEMS],
            lost: zeros(),
            beside: zeros(),
        }
    }
}

/// Made on the heap.
fn zeros() -> Box<Each<Each<BandPowers>>> {
    let rows = vec![[[0.0; BANDS]; STEMS]; STEMS];
    rows.into_boxed_slice().try_into().unwrap_or_else(|_| unreachable!("there are as many rows as stems"))
}

/// Who covers whom.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Clash {
    /// For each stem the share of its loudness, from 0 to 1, that is left beside all others; None of silence.
    pub left: Vec<Option<f64>>,
    /// `covered[a][b]`: the share of stem a's loudness that stem b alone covers, from 0 to 1.
    pub covered: Vec<Vec<f64>>,
    /// Edges of the bands in Hz, one more than there are bands.
    pub band_edges_hz: Vec<f64>,
    /// Pairs that cost one another most, the most first.
    pub pairs: Vec<Pair>,
}

/// Two stems that cover one another.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Pair {
    /// Index of the stem that is to come through: a lead, else the one that loses more of itself.
    pub covered: usize,
    /// Index of the other.
    pub by: usize,
    /// Share of the covered stem's loudness that the other alone covers, from 0 to 1.
    pub share: f64,
    /// What the two cost one another, as a share of the loudness of all stems.
    pub cost: f64,
    /// Where most of it is covered, in Hz.
    pub range_hz: [f64; 2],
    /// Shares of what is covered, by band; they add up to 1.
    pub bands: Vec<f64>,
    /// A way to make room, where there is a simple one.
    pub suggestion: Option<Suggestion>,
    /// Why there is none.
    pub why_none: Option<&'static str>,
}

/// A bell that makes room.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Suggestion {
    /// Index of the stem whose bell it is.
    pub stem: usize,
    /// Its centre.
    pub hz: f32,
    /// Its gain, below 0.
    pub gain_db: f32,
    /// Its width.
    pub q: f32,
    /// By the model, the share of the covered stem's loudness that is left beside all others, as it is and with
    /// the bell: both for the mean of the sound while it plays.
    pub left_before: f64,
    /// See `left_before`.
    pub left_after: f64,
    /// What to set; only when asked to.
    pub changes: Vec<Change>,
}

/// A stem as a suggestion must know it.
#[derive(Clone, Copy, Debug)]
pub struct Player<'a> {
    /// Its name.
    pub name: &'a str,
    /// What it plays.
    pub role: Role,
    /// How it is set up.
    pub strip: &'a StripSettings,
}

impl ClashMeter {
    /// Takes in what each stem has in the mix for a stretch of sound, a tenth to half a second long: mean powers
    /// of left and right together. Zeros for a stem that is silent or not there.
    pub fn push(&mut self, powers: &Each<BandPowers>) {
        let sounding: Vec<usize> =
            (0..STEMS).filter(|stem| powers[*stem].iter().sum::<f64>() >= SILENT_POWER).collect();
        let excitations: Vec<BandPowers> =
            sounding.iter().map(|stem| self.masking.excitation(&powers[*stem])).collect();
        let left = unmasked(&excitations);
        for (at, stem) in sounding.iter().enumerate() {
            let alone = loudness(&excitations[at]);
            let sum: f64 = alone.iter().sum();
            self.alone[*stem] += sum;
            self.left[*stem] += left[at] * sum;
            for (beside, powers) in self.beside[*stem].iter_mut().zip(powers) {
                beside.iter_mut().zip(powers).for_each(|(to, power)| *to += sum * power);
            }
            for (other_at, other) in sounding.iter().enumerate().filter(|(_, other)| *other != stem) {
                let rest = partial_loudness(&excitations[at], &excitations[other_at]);
                let lost = &mut self.lost[*stem][*other];
                for ((lost, alone), rest) in lost.iter_mut().zip(&alone).zip(&rest) {
                    *lost += alone - rest;
                }
            }
        }
    }

    /// Makes what was taken in so far count for less, by a factor from 0 to 1: for whoever looks at sound as it
    /// plays.
    pub fn fade(&mut self, factor: f64) {
        let flat = self.lost.as_flattened_mut().as_flattened_mut().iter_mut();
        let flat = flat.chain(self.beside.as_flattened_mut().as_flattened_mut());
        flat.chain(&mut self.alone).chain(&mut self.left).for_each(|sum| *sum *= factor);
    }

    /// Who covers whom so far, with a way to make room for each pair. `players` are the stems in use, stem 1
    /// first; the sample rate is that which the bells will sound at.
    pub fn clash(&self, players: &[Player], sample_rate_hz: f64) -> Clash {
        let mut clash = self.ranking(players);
        for pair in &mut clash.pairs {
            match self.suggestion(pair, players, sample_rate_hz) {
                Ok(suggestion) => pair.suggestion = Some(suggestion),
                Err(why) => pair.why_none = Some(why),
            }
        }
        clash
    }

    /// The same without the ways to make room, which take long to find for many pairs.
    pub fn ranking(&self, players: &[Player]) -> Clash {
        let count = players.len().min(STEMS);
        let total: f64 = self.alone[..count].iter().sum();
        let sounds = |stem: usize| self.alone[stem] > 0.0;
        let share = |a: usize, b: usize| {
            if sounds(a) { self.lost[a][b].iter().sum::<f64>() / self.alone[a] } else { 0.0 }
        };
        let mut pairs = Vec::new();
        for a in 0..count {
            for b in a + 1..count {
                // What two sounds take from one another is the same for both, but for the floor.
                let cost = self.lost[a][b].iter().sum::<f64>() / total;
                if !sounds(a) || !sounds(b) || cost < LEAST_COST {
                    continue;
                }
                let is_lead = |stem: usize| players[stem].role == Role::Lead;
                let a_gives = match (is_lead(a), is_lead(b)) {
                    (true, false) => false,
                    (false, true) => true,
                    _ => share(b, a) >= share(a, b),
                };
                let (covered, by) = if a_gives { (b, a) } else { (a, b) };
                pairs.push(self.pair(covered, by, cost));
            }
        }
        pairs.sort_by(|a, b| b.cost.total_cmp(&a.cost));
        Clash {
            left: (0..count).map(|stem| sounds(stem).then(|| self.left[stem] / self.alone[stem])).collect(),
            covered: (0..count).map(|a| (0..count).map(|b| share(a, b)).collect()).collect(),
            band_edges_hz: edges_hz().to_vec(),
            pairs,
        }
    }

    fn pair(&self, covered: usize, by: usize, cost: f64) -> Pair {
        let lost = &self.lost[covered][by];
        let sum: f64 = lost.iter().sum();
        let bands: BandPowers = lost.map(|x| x / sum);
        let share = sum / self.alone[covered];
        let range_hz = range_hz(&bands);
        Pair { covered, by, share, cost, range_hz, bands: bands.to_vec(), suggestion: None, why_none: None }
    }

    /// One bell that makes room in a pair of [`Self::ranking`].
    ///
    /// # Errors
    /// Why there is none.
    pub fn suggestion(
        &self,
        pair: &Pair,
        players: &[Player],
        sample_rate_hz: f64,
    ) -> Result<Suggestion, &'static str> {
        let Pair { covered, by, share, .. } = *pair;
        let tone = &players[by].strip.tone;
        if tone.bell_db.abs() >= UNUSED_DB {
            return Err("its bell is in use");
        }
        if !tone.on {
            return Err("its tone section is off");
        }
        let scene = Scene::new(self, covered, by);
        let gain_db = (-CUT_DB * share as f32 / CUT_STEP_DB).round() * CUT_STEP_DB;
        let gain_db = gain_db.clamp(-CUTS_DB[1], -CUTS_DB[0]);
        let mut tried = Vec::new();
        let last_hz = BELLS_HZ[1].min(highest_hz(sample_rate_hz));
        let count = ((last_hz / BELLS_HZ[0]).log2() * BELLS_PER_OCTAVE) as usize;
        for step in 0..=count {
            let hz = two_digits(BELLS_HZ[0] * (step as f64 / BELLS_PER_OCTAVE).exp2());
            for q in BELL_QS {
                let section = bell(hz, f64::from(gain_db), f64::from(q), sample_rate_hz);
                let gains = centres_hz().map(|hz| {
                    let hz = hz.min(highest_hz(sample_rate_hz));
                    10f64.powf(section.response_db(hz, sample_rate_hz) / 10.0)
                });
                let [room, price] = scene.weigh(&gains);
                tried.push((hz as f32, q, room, price));
            }
        }
        let most = tried.iter().map(|(.., room, _)| *room).fold(0.0, f64::max);
        let (hz, q, room, _) = tried
            .into_iter()
            .filter(|(.., room, _)| *room >= ENOUGH * most)
            .min_by(|a, b| a.3.total_cmp(&b.3))
            .filter(|(.., room, _)| *room >= LEAST_ROOM * scene.left)
            .ok_or("no single bell makes room: try its fader or its pan")?;
        let set = |param, value| Change::Set(ParamKey::Stem(by, param), value);
        Ok(Suggestion {
            stem: by,
            hz,
            gain_db,
            q,
            left_before: scene.left,
            left_after: scene.left + room,
            changes: vec![
                set(StripParam::BellFrequency, hz),
                set(StripParam::BellGain, gain_db),
                set(StripParam::BellQ, q),
            ],
        })
    }
}

/// A stem, the one that covers it and all others: the mean of the sound while the first plays.
struct Scene<'a> {
    masking: &'a Masking,
    covered: BandPowers,
    giver: BandPowers,
    /// Excitation of all but those two.
    others: BandPowers,
    /// Powers of the one that covers.
    giver_powers: BandPowers,
    /// Share of the covered stem's loudness that is left.
    left: f64,
    /// Loudness that is left of the other.
    giver_left: f64,
}

impl<'a> Scene<'a> {
    fn new(meter: &'a ClashMeter, covered: usize, by: usize) -> Self {
        let masking = &meter.masking;
        let mean = |stem: usize| meter.beside[covered][stem].map(|x| x / meter.alone[covered]);
        let excited = |stem: usize| masking.excitation(&mean(stem));
        let sounds = |stem: &usize| mean(*stem).iter().sum::<f64>() >= SILENT_POWER;
        let mut others = [FLOOR; BANDS];
        for stem in (0..STEMS).filter(|stem| ![covered, by].contains(stem)).filter(sounds) {
            others.iter_mut().zip(excited(stem)).for_each(|(to, x)| *to += x);
        }
        let mut scene = Self {
            masking,
            covered: excited(covered),
            giver: excited(by),
            others,
            giver_powers: mean(by),
            left: 0.0,
            giver_left: 0.0,
        };
        [scene.left, scene.giver_left] = scene.left(&scene.giver);
        scene
    }

    /// What is left of the covered stem, as a share of its loudness, and of the other, where that excites so.
    fn left(&self, giver: &BandPowers) -> [f64; 2] {
        let with = |x: &BandPowers| std::array::from_fn(|band| self.others[band] + x[band]);
        let left = |x, masker: BandPowers| partial_loudness(x, &masker).iter().sum::<f64>();
        let alone: f64 = loudness(&self.covered).iter().sum();
        [left(&self.covered, with(giver)) / alone, left(giver, with(&self.covered))]
    }

    /// The share of its loudness that the covered stem gets back, and the loudness that the other loses, where
    /// gains (of power) act on it.
    fn weigh(&self, gains: &BandPowers) -> [f64; 2] {
        let powers = std::array::from_fn(|band| self.giver_powers[band] * gains[band]);
        let [left, giver_left] = self.left(&self.masking.excitation(&powers));
        [left - self.left, self.giver_left - giver_left]
    }
}

/// The narrowest run of bands around the strongest that holds [`NAMED_SHARE`].
fn range_hz(shares: &BandPowers) -> [f64; 2] {
    let strongest = (0..BANDS).max_by(|a, b| shares[*a].total_cmp(&shares[*b])).unwrap_or(0);
    let (mut first, mut end) = (strongest, strongest + 1);
    while shares[first..end].iter().sum::<f64>() < NAMED_SHARE && end - first < BANDS {
        let below = first.checked_sub(1).map_or(-1.0, |band| shares[band]);
        let above = shares.get(end).copied().unwrap_or(-1.0);
        if below > above { first -= 1 } else { end += 1 }
    }
    let edges = edges_hz();
    [edges[first], edges[end]]
}

/// The nearest number with two significant digits.
fn two_digits(hz: f64) -> f64 {
    let step = 10f64.powf(hz.log10().floor() - 1.0);
    (hz / step).round() * step
}

/// A frequency as people write it.
fn hz_words(hz: f64) -> String {
    if hz >= 995.0 { format!("{:.1} kHz", hz / 1000.0) } else { format!("{:.0} Hz", two_digits(hz)) }
}

impl Suggestion {
    /// The bell, such as `-2.5 dB at 2.1 kHz, Q 1.4`.
    pub fn bell_words(&self) -> String {
        format!("{:.1} dB at {}, Q {:.1}", self.gain_db, hz_words(f64::from(self.hz)), self.q)
    }
}

impl Pair {
    /// Who covers whom and where, in a sentence.
    pub fn words(&self, players: &[Player]) -> String {
        let [low, high] = self.range_hz.map(hz_words);
        format!(
            "{} covers {:.0} % of {}, most of it from {low} to {high}.",
            players[self.by].name,
            100.0 * self.share,
            players[self.covered].name
        )
    }

    /// What would make room, in a sentence.
    pub fn suggestion_words(&self, players: &[Player]) -> String {
        let (by, covered) = (players[self.by].name, players[self.covered].name);
        match &self.suggestion {
            Some(suggestion) => format!(
                "{by}: bell {}, makes room for {covered}: by the model {:.1} % of it would be left in the mix \
                 instead of {:.1} %.",
                suggestion.bell_words(),
                100.0 * suggestion.left_after,
                100.0 * suggestion.left_before
            ),
            None => format!("{by}: {}.", self.why_none.unwrap_or("nothing to suggest")),
        }
    }
}
