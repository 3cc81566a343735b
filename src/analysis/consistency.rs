//! The consistency check: do these stems belong together, and is each of them whole?
//!
//! Thresholds are such that music as it is made and exported passes: stems may be far apart in loudness and in
//! tone, enter late, lie on one side of the middle. What is muted in the balance is not looked at, and what
//! the balance already cures is not found.

use super::align::{Common, Comparison, Likeness};
use super::change::Change;
use super::faults::{ALIKE, AUDIBLE, COMPARED_POWER, Side};
use super::finding::{Cure, Finding, Kind};
use super::names;
use super::sound::Sound;
use crate::dsp::delay;
use crate::model::document::Document;
use crate::model::limits::{MAX_DELAY_MS, ParamKey, STEMS, StripParam};

/// A mono sum this far below the two sides is a fault. Strangers left and right come to -3 dB, and wide reverbs
/// to little less.
const MONO_LOSS_DB: f64 = -6.0;
/// The sum of all others, beside what a master bus does to it.
const SUM_ALIKE: f64 = 0.95;
/// What the sum of all others leaves of a stem is below this share of what the likest of them alone leaves: else
/// the stem is but like that one.
const SUM_BETTER: f64 = 0.5;
/// Stems that differ by less in length are equally long, in seconds.
const SAME_LENGTH_S: f64 = 0.01;
/// A stem that sounds within so many seconds begins with its sound.
const AT_ONCE_S: f64 = 0.02;
/// Outliers are told from others by their distance to the middle of the others, and to the next of them: stems
/// that go by twos are meant so. In LU.
const LEVEL_LU: [f64; 2] = [24.0, 12.0];
/// The same in dB, of [`Heard::tilt_db`].
const TILT_DB: [f64; 2] = [50.0, 20.0];
/// What is quieter has no loudness, but is not silent: it counts as this.
const LEAST_LUFS: f64 = -70.0;
/// Shorter sound has no loudness.
const SHORTEST_S: f64 = 0.4;
/// Fewer stems have no middle.
const FEWEST: usize = 4;
/// The high-pass that takes a constant away, in Hz.
const DC_HIGH_PASS_HZ: f32 = 20.0;

/// What is known of one stem's file.
#[derive(Clone, Debug)]
pub struct Stem {
    /// What it is called.
    pub name: String,
    /// What was heard; else why it cannot be read and what to do, each in a sentence.
    pub heard: Result<Heard, [String; 2]>,
}

/// What was heard of a file.
#[derive(Clone, Debug)]
pub struct Heard {
    /// Frames per second.
    pub rate_hz: u32,
    /// Bits of a sample.
    pub bits: u16,
    /// Samples that are no numbers or absurdly large.
    pub garbage_samples: u64,
    /// All that was seen of its samples.
    pub sound: Sound,
    /// Its integrated loudness; minus infinity for silence.
    pub lufs: f64,
    /// Power above 650 Hz over the power below, in dB.
    pub tilt_db: f64,
}

impl Heard {
    fn seconds(&self) -> f64 {
        self.sound.frames() as f64 / f64::from(self.rate_hz)
    }

    fn first_s(&self) -> Option<f64> {
        self.sound.first_frame().map(|frame| frame as f64 / f64::from(self.rate_hz))
    }

    pub(super) fn is_silent(&self) -> bool {
        self.sound.peak() < AUDIBLE
    }
}

/// The value most have; in doubt the first.
pub fn usual<T: PartialEq + Copy>(values: impl Iterator<Item = T> + Clone) -> Option<T> {
    let votes = |value: &T| values.clone().filter(|other| other == value).count();
    // The last of equals wins a maximum, so what comes first is given the last place.
    let all: Vec<T> = values.clone().collect();
    all.into_iter().rev().max_by_key(votes)
}

/// All that is wrong with these stems, the worst first. `comparison` is of the stems whose indices are
/// `compared`, which have the usual sample rate.
pub fn check(
    stems: &[Stem],
    comparison: &Comparison,
    compared: &[usize],
    document: &Document,
) -> Vec<Finding> {
    let mut check = Check { stems, document, findings: Vec::new() };
    check.files();
    check.sounds();
    check.times();
    let twins = check.twins(comparison, compared);
    check.offsets(comparison, compared, &twins);
    check.levels();
    check.names();
    let Check { mut findings, .. } = check;
    findings.sort_by_key(|finding| (finding.kind.rank(), finding.stem));
    findings
}

struct Check<'a> {
    stems: &'a [Stem],
    document: &'a Document,
    findings: Vec<Finding>,
}

impl<'a> Check<'a> {
    /// The stems that could be read and are not muted, with their indices.
    fn heard(&self) -> impl Iterator<Item = (usize, &'a Heard)> + Clone + use<'a> {
        let document = self.document;
        let heard =
            self.stems.iter().enumerate().filter_map(|(at, stem)| Some((at, stem.heard.as_ref().ok()?)));
        let is_ignored = |stem: usize| stem == 0 && document.mix.ignore_main_input;
        let is_muted = |stem: usize| {
            let group = document.stems[stem].group.map(|group| &document.mix.groups[group]);
            document.mix.stems[stem].mute || group.is_some_and(|group| group.mute)
        };
        heard.filter(move |(stem, _)| !is_muted(*stem) && !is_ignored(*stem))
    }

    fn find(&mut self, stem: usize, kind: Kind, words: impl Into<String>, changes: Vec<Change>) {
        let is_cured = !changes.is_empty() && changes.iter().all(|change| change.is_made(self.document));
        if !is_cured {
            let name = self.stems[stem].name.clone();
            self.findings.push(Finding { stem, name, kind, cure: Cure { words: words.into(), changes } });
        }
    }

    fn name(&self, stem: usize) -> String {
        self.stems[stem].name.clone()
    }

    /// What the headers say.
    fn files(&mut self) {
        for (stem, found) in self.stems.iter().enumerate() {
            if let Err([why, cure]) = &found.heard {
                self.find(stem, Kind::Unreadable(why.clone()), cure.clone(), Vec::new());
            }
        }
        let heard = self.heard();
        let Some(usual_hz) = usual(heard.clone().map(|(_, heard)| heard.rate_hz)) else { return };
        let Some(usual_bits) = usual(heard.clone().map(|(_, heard)| heard.bits)) else { return };
        for (stem, heard) in heard {
            let Heard { rate_hz, bits, .. } = *heard;
            if rate_hz != usual_hz {
                let cure = format!("Export it again with {usual_hz} Hz, or resample it.");
                self.find(stem, Kind::Rate { rate_hz, usual_hz }, cure, Vec::new());
            }
            if bits < usual_bits {
                let cure = format!("Export it again with {usual_bits} bits if its source has them.");
                self.find(stem, Kind::Bits { bits, usual: usual_bits }, cure, Vec::new());
            }
        }
    }

    /// What each sounds like by itself.
    fn sounds(&mut self) {
        for (stem, heard) in self.heard() {
            let set = |param, value| Change::Set(ParamKey::Stem(stem, param), value);
            if heard.garbage_samples > 0 {
                let cure = "Export it again: they sound as silence, and as clicks beside it.";
                self.find(stem, Kind::Garbage(heard.garbage_samples), cure, Vec::new());
            }
            if heard.is_silent() {
                self.find(
                    stem,
                    Kind::Silent,
                    "If it should sound, see where it comes from; else leave it out.",
                    Vec::new(),
                );
                continue;
            }
            let sound = &heard.sound;
            if sound.clips() > 0 {
                let cure =
                    "Export it again at a lower level. If it still sounds cut off, it was recorded so.";
                self.find(stem, Kind::Clipped(sound.clips()), cure, Vec::new());
            }
            if let Some(level_db) = sound.dc_db() {
                let cure = format!("A high-pass of {DC_HIGH_PASS_HZ:.0} Hz takes it away.");
                let strip = &self.document.mix.stems[stem];
                let mut changes = vec![set(StripParam::Tone, 1.0)];
                if strip.get(StripParam::HighPassSlope) < 0.5 {
                    changes.push(set(StripParam::HighPassSlope, 1.0));
                    changes.push(set(StripParam::HighPassFrequency, DC_HIGH_PASS_HZ));
                }
                self.find(stem, Kind::Dc(level_db), cure, changes);
            }
            match sound.audible_sides() {
                [true, true] => {
                    let mono_db = sound.mono_db();
                    if mono_db < MONO_LOSS_DB {
                        let cure = "Turn one of its sides over where it comes from (polarity of the left or the \
                                    right channel alone), or use less of what widens it.";
                        self.find(stem, Kind::MonoLoss(mono_db), cure, Vec::new());
                    }
                }
                [left, _] => {
                    let side = if left { Side::Left } else { Side::Right };
                    let cure = "If it is not panned so on purpose, export it with both channels. A Width of 0 % \
                                puts it in the middle.";
                    self.find(stem, Kind::OneSided(side), cure, vec![set(StripParam::Width, 0.0)]);
                }
            }
        }
    }

    /// Where files begin and end.
    fn times(&mut self) {
        let sounding = self.heard().filter(|(_, heard)| !heard.is_silent());
        let lengths = sounding.clone().map(|(_, heard)| (heard.seconds() / SAME_LENGTH_S).round() as i64);
        let Some(usual_s) = usual(lengths).map(|steps| steps as f64 * SAME_LENGTH_S) else { return };
        for (stem, heard) in sounding.clone() {
            let longer_s = heard.seconds() - usual_s;
            if longer_s.abs() < 1.5 * SAME_LENGTH_S {
                continue;
            }
            let at_once = |heard: &Heard| heard.first_s().is_some_and(|first_s| first_s < AT_ONCE_S);
            let others = || sounding.clone().filter(|(other, _)| *other != stem);
            let at_once_too = others().filter(|(_, heard)| at_once(heard)).count();
            if longer_s < 0.0 && at_once(heard) && 2 * at_once_too < others().count() {
                let cure = "Export all stems from one start, the beginning of the song, with the silence before \
                            their first sound.";
                self.find(stem, Kind::BeginsEarly { short_s: -longer_s }, cure, Vec::new());
            } else {
                let cure = if longer_s < 0.0 {
                    "Check that it begins where the others do, and is not cut off: export all stems from one \
                     start to one end."
                } else {
                    "Check that it begins where the others do: export all stems from one start to one end."
                };
                self.find(stem, Kind::Length(longer_s), cure, Vec::new());
            }
        }
    }

    /// Stems that are the same as others, or as all of them; the pairs found.
    fn twins(&mut self, comparison: &Comparison, compared: &[usize]) -> Vec<[usize; 2]> {
        let is_in = |stem: usize| {
            self.heard().any(|(at, heard)| {
                let [left, right] = heard.sound.levels().powers;
                at == stem && left + right >= 2.0 * COMPARED_POWER
            })
        };
        let is_in: Vec<bool> = compared.iter().map(|stem| is_in(*stem)).collect();
        let mute = |stem| vec![Change::Set(ParamKey::Stem(stem, StripParam::Mute), 1.0)];
        let mut twins: Vec<[usize; 2]> = Vec::new();
        let pairs = comparison.pairs.iter().filter(|(a, b, _)| is_in[*a] && is_in[*b]);
        for (a, b, Likeness { now, .. }) in pairs.clone() {
            let [stem, other] = [compared[*b], compared[*a]];
            if now.abs() >= ALIKE && !twins.iter().any(|[_, twin]| *twin == stem) {
                let (kind, cure) = if *now > 0.0 {
                    (Kind::TwinOf(self.name(other)), "Leave one out, or mute it.")
                } else {
                    let cure = "Leave one out, or mute it; or turn one over, if both are meant to sound.";
                    (Kind::FlippedTwinOf(self.name(other)), cure)
                };
                twins.push([other, stem]);
                self.find(stem, kind, cure, mute(stem));
            }
        }
        if is_in.iter().filter(|is_in| **is_in).count() < 3 {
            return twins;
        }
        for (at, to_rest) in comparison.to_rest.iter().enumerate().filter(|(at, _)| is_in[*at]) {
            let of = |(a, b, likeness): &(usize, usize, Likeness)| {
                (*a == at || *b == at).then_some(likeness.now.abs())
            };
            let likest = pairs.clone().filter_map(of).fold(0.0, f64::max);
            let left = |likeness: f64| 1.0 - likeness * likeness;
            if *to_rest >= SUM_ALIKE && left(*to_rest) < SUM_BETTER * left(likest) {
                let stem = compared[at];
                self.find(stem, Kind::SumOfOthers, "Leave it out, or mute it.", mute(stem));
            }
        }
        twins
    }

    /// Stems that have sound in common at another time, or turned over.
    fn offsets(&mut self, comparison: &Comparison, compared: &[usize], twins: &[[usize; 2]]) {
        let Some(rate_hz) =
            self.heard().find(|(at, _)| compared.contains(at)).map(|(_, heard)| heard.rate_hz)
        else {
            return;
        };
        let rate_hz = f64::from(rate_hz);
        let is_in = |stem: usize| self.heard().any(|(at, heard)| at == stem && !heard.is_silent());
        let strips = &self.document.mix.stems;
        let delay_frames = |stem: usize| delay::frames(f64::from(strips[stem].delay_ms), rate_hz) as f64;
        let sums: Vec<usize> =
            self.findings.iter().filter(|f| f.kind == Kind::SumOfOthers).map(|f| f.stem).collect();
        let mut links = Vec::new();
        for (a, b, likeness) in &comparison.pairs {
            let (a, b) = (compared[*a], compared[*b]);
            let Some(Common { lag_frames, correlation }) = likeness.common else { continue };
            if is_in(a) && is_in(b) && ![a, b].iter().any(|stem| sums.contains(stem)) {
                let sign = if strips[a].inverted == strips[b].inverted { 1.0 } else { -1.0 };
                links.push(Link {
                    stems: [a, b],
                    lag_frames: lag_frames + delay_frames(b) - delay_frames(a),
                    correlation: sign * correlation,
                });
            }
        }
        links.sort_by(|a, b| b.correlation.abs().total_cmp(&a.correlation.abs()));
        let places = Place::of_all(&links);
        let latest = places.iter().flatten().map(|place| place.frames.round()).fold(0.0, f64::max);
        let wanted: Vec<f64> = (0..self.stems.len())
            .map(|stem| delay_frames(stem) + latest - places[stem].map_or(0.0, |place| place.frames.round()))
            .collect();
        let least = wanted.iter().copied().fold(f64::INFINITY, f64::min);
        let wanted_ms: Vec<f64> = wanted.iter().map(|frames| (frames - least) * 1000.0 / rate_hz).collect();
        let is_in_reach = wanted_ms.iter().all(|ms| *ms <= f64::from(MAX_DELAY_MS));
        let set_delay =
            |stem: usize| Change::Set(ParamKey::Stem(stem, StripParam::Delay), wanted_ms[stem] as f32);
        let changes: Vec<Change> = if is_in_reach {
            // What is silent and has no name is not in use. What has one may only not have been heard yet.
            let is_unused = |stem: &usize| {
                let is_silent = self.stems[*stem].heard.as_ref().is_ok_and(Heard::is_silent);
                is_silent && self.document.stems[*stem].name.is_empty()
            };
            let changed = |stem: &usize| wanted[*stem] - least != delay_frames(*stem) && !is_unused(stem);
            (0..self.stems.len()).filter(changed).map(set_delay).collect()
        } else {
            Vec::new()
        };
        let elsewhere = places.iter().flatten().filter(|place| place.frames.round() != 0.0).count();
        for (stem, place) in places.iter().enumerate() {
            let Some(Place { frames, sign, other }) = *place else { continue };
            let is_twin = |a: usize, b: usize| twins.contains(&[a, b]) || twins.contains(&[b, a]);
            let link = links.iter().find(|link| link.joins(stem, other));
            let (Some(link), false) = (link, is_twin(stem, other)) else { continue };
            if frames.round() != 0.0 {
                let ms = frames * 1000.0 / rate_hz;
                let kind = Kind::Offset { other: self.name(other), frames, ms };
                let words = offset_cure(frames, rate_hz, is_in_reach, elsewhere);
                self.find(stem, kind, words, changes.clone());
            }
            if sign < 0.0 {
                let kind = Kind::Opposed { other: self.name(other), correlation: -link.correlation.abs() };
                let turned = if self.document.mix.stems[stem].inverted { 0.0 } else { 1.0 };
                let change = Change::Set(ParamKey::Stem(stem, StripParam::Polarity), turned);
                self.find(
                    stem,
                    kind,
                    "Turn it over with Polarity, if the two sound fuller so.",
                    vec![change],
                );
            }
        }
    }

    /// Stems far from the others in level or in tone.
    fn levels(&mut self) {
        let has_loudness = |heard: &Heard| !heard.is_silent() && heard.seconds() >= SHORTEST_S;
        let sounding: Vec<(usize, &Heard)> = self.heard().filter(|(_, heard)| has_loudness(heard)).collect();
        let trim_db = |stem: usize| self.document.mix.stems[stem].trim_db;
        let lufs = |(stem, heard): &(usize, &Heard)| heard.lufs.max(LEAST_LUFS) + f64::from(trim_db(*stem));
        let levels: Vec<f64> = sounding.iter().map(lufs).collect();
        let tilts: Vec<f64> = sounding.iter().map(|(_, heard)| heard.tilt_db).collect();
        for (at, (stem, heard)) in sounding.iter().enumerate() {
            if let Some(against_lu) = outlier(&levels, at, LEVEL_LU) {
                let trim = StripParam::Trim.spec();
                let value = (trim_db(*stem) - against_lu as f32).round().clamp(trim.min, trim.max);
                let cure = format!(
                    "If it is not meant so, check its level where it comes from, or set its Trim to {value:+.0} dB."
                );
                let change = Change::Set(ParamKey::Stem(*stem, StripParam::Trim), value);
                self.find(*stem, Kind::Level { lufs: heard.lufs, against_lu }, cure, vec![change]);
            }
            if let Some(db) = outlier(&tilts, at, TILT_DB) {
                let cure = "If it is not meant so, check for a filter or a lossy copy where it comes from.";
                self.find(*stem, Kind::Tilt(db), cure, Vec::new());
            }
        }
    }

    fn names(&mut self) {
        let names: Vec<String> = self.stems.iter().map(|stem| stem.name.clone()).collect();
        for (stem, new) in names::sorted(&names).into_iter().enumerate() {
            if let Some(new) = new {
                let cure = format!("Name it \"{new}\".");
                self.find(stem, Kind::Unsorted, cure, vec![Change::Rename(stem, new)]);
            }
        }
        for (stem, name) in names.iter().enumerate() {
            if names::says_nothing(name) {
                let cure = "Name it after what it plays, such as \"Lead Vox\".";
                self.find(stem, Kind::SaysNothing, cure, Vec::new());
            } else if names[..stem].iter().any(|other| other.eq_ignore_ascii_case(name)) {
                self.find(stem, Kind::SameName, "Give each stem a name of its own.", Vec::new());
            }
        }
    }
}

/// How far a value lies from the median of the others, where it lies `limits[0]` from there and `limits[1]` from
/// the next of them.
fn outlier(values: &[f64], at: usize, limits: [f64; 2]) -> Option<f64> {
    let mut others: Vec<f64> = values.to_vec();
    let value = others.remove(at);
    if others.len() + 1 < FEWEST {
        return None;
    }
    others.sort_by(f64::total_cmp);
    let middle = (others[others.len() / 2] + others[(others.len() - 1) / 2]) / 2.0;
    let gap = others.iter().map(|other| (value - other).abs()).fold(f64::INFINITY, f64::min);
    let distance = value - middle;
    (distance.abs() >= limits[0] && gap >= limits[1]).then_some(distance)
}

/// `count` stems lie elsewhere than the others.
fn offset_cure(frames: f64, rate_hz: f64, is_in_reach: bool, count: usize) -> String {
    let whole = frames.round();
    let ms = whole.abs() * 1000.0 / rate_hz;
    if !is_in_reach {
        return format!(
            "Move it by {:.0} frames to the {} where it comes from: to align all takes more than the {MAX_DELAY_MS:.0} \
             ms of a Delay.",
            whole.abs(),
            if whole > 0.0 { "left" } else { "right" }
        );
    }
    let who = if whole > 0.0 { "the others" } else { "it" };
    let rest = (frames - whole).abs();
    let rest = if rest >= 0.1 { format!(", which leaves {rest:.1} of a frame") } else { String::new() };
    let all = if count > 1 { " The delays proposed align all stems at once." } else { "" };
    format!(
        "Delay {who} by {ms:.2} ms{rest}.{all} Two microphones on one source may be meant so: listen before and \
         after."
    )
}

/// Two stems with sound in common.
struct Link {
    stems: [usize; 2],
    /// How much later it comes in the second.
    lag_frames: f64,
    correlation: f64,
}

impl Link {
    fn joins(&self, a: usize, b: usize) -> bool {
        self.stems == [a, b] || self.stems == [b, a]
    }
}

/// Where a stem lies in time against the others that it has sound in common with.
#[derive(Clone, Copy, Debug)]
struct Place {
    /// How late it is.
    frames: f64,
    /// -1 where it is turned over.
    sign: f64,
    /// The stem that says so.
    other: usize,
}

impl Place {
    /// Of all stems that have sound in common with any: links, the strongest first, join them to families, and
    /// each family is right where most of it are. In doubt who comes first is right: what a chain of plug-ins
    /// or a converter does to sound makes it late.
    fn of_all(links: &[Link]) -> Vec<Option<Self>> {
        let mut places: Vec<Option<Self>> = vec![None; STEMS];
        let mut family: Vec<usize> = (0..STEMS).collect();
        for Link { stems: [a, b], lag_frames, correlation } in links {
            let (a, b) = (*a, *b);
            if family[a] == family[b] {
                continue;
            }
            let of = |places: &[Option<Self>], stem: usize| {
                places[stem].unwrap_or(Self { frames: 0.0, sign: 1.0, other: stem })
            };
            let (place_a, place_b) = (of(&places, a), of(&places, b));
            let sign = correlation.signum();
            // The family of b moves to where b belongs by a.
            let moved = place_a.frames + lag_frames - place_b.frames;
            let turned = place_a.sign * sign * place_b.sign;
            let (to, from) = (family[a], family[b]);
            for stem in (0..STEMS).filter(|stem| family[*stem] == from) {
                let place = of(&places, stem);
                places[stem] =
                    Some(Self { frames: place.frames + moved, sign: place.sign * turned, ..place });
            }
            places[a] = Some(place_a);
            family.iter_mut().filter(|family| **family == from).for_each(|family| *family = to);
        }
        for of in 0..STEMS {
            let members: Vec<usize> =
                (0..STEMS).filter(|stem| family[*stem] == of && places[*stem].is_some()).collect();
            let get = |stem: usize| places[stem].map_or((0.0, 1.0), |place| (place.frames, place.sign));
            let near =
                |frames: f64| members.iter().filter(|stem| (get(**stem).0 - frames).abs() < 0.5).count();
            // Of equals the earliest: they are tried from the latest to it, and the last wins a maximum.
            let mut by_time = members.clone();
            by_time.sort_by(|a, b| get(*b).0.total_cmp(&get(*a).0).then(b.cmp(a)));
            let Some(right) = by_time.into_iter().max_by_key(|stem| near(get(*stem).0)) else { continue };
            let (frames, _) = get(right);
            let upright: f64 = members.iter().map(|stem| get(*stem).1).sum();
            // Of equals the first stem is right.
            let sign = if upright == 0.0 { get(members[0]).1 } else { upright.signum() };
            let moved: Vec<(usize, Self)> = members
                .iter()
                .map(|stem| {
                    let (own, own_sign) = get(*stem);
                    let is_right = |other: &usize| {
                        other != stem && (get(*other).0 - frames).abs() < 0.5 && get(*other).1 == sign
                    };
                    let joined = |other: &usize| links.iter().any(|link| link.joins(*stem, *other));
                    let others = || members.iter().filter(|other| *other != stem && joined(other));
                    let other = others().find(|other| is_right(other)).or_else(|| others().next());
                    let other = other.copied().unwrap_or(right);
                    (*stem, Self { frames: own - frames, sign: own_sign * sign, other })
                })
                .collect();
            moved.into_iter().for_each(|(stem, place)| places[stem] = Some(place));
        }
        places
    }
}
