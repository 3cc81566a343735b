//! Solves for the gains that give a song the balance it is meant to have.
//!
//! Every stem is brought to its role's loudness, then the lead to its loudness against the rest while it
//! sounds, then all together to the loudness of the mix. All that moves is three faders: the rest, the lead,
//! and what is kept. A block's energy is a quadratic form of them.

use super::gating::{ABSOLUTE_GATE_LUFS, Block, Passing, RELATIVE_GATE_LU, integrated_lufs, power};
use super::song::Song;
use super::words;
use crate::dsp::units::{db_to_gain, gain_to_db};
use crate::model::learned::{Record, StemLoudness, pair};
use crate::model::limits::{Role, STEMS};
use crate::model::target::Target;

/// A stem that sounds for less, in seconds, keeps its gain.
pub const MIN_ACTIVE_S: f32 = 3.0;
/// Proposals stay within this of 0 dB, but for stems that are beyond it already.
pub const MAX_GAIN_DB: f64 = 24.0;
/// Peaks are to stay below this.
pub const MAX_TRUE_PEAK_DBTP: f64 = -1.0;
/// Highest gain of a stem: fader and trim all the way up.
const MAX_GAIN_NOW_DB: f64 = 36.0;
/// A common gain is looked for within this, in dB: more than levels and gains can differ by.
const SEARCH_DB: f64 = 300.0;
/// Halvings of the search that leave less than 1e-12 dB.
const HALVINGS: usize = 50;

/// A stem as it is set up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StemNow {
    /// What it plays.
    pub role: Role,
    /// Trim and fader together as they sound, in dB. Minus infinity for a closed fader; NaN is 0 dB.
    pub gain_db: f64,
    /// It is silenced.
    pub muted: bool,
    /// It is to keep its gain.
    pub locked: bool,
}

impl Default for StemNow {
    fn default() -> Self {
        Self { role: Role::Unknown, gain_db: 0.0, muted: false, locked: false }
    }
}

/// Why a stem keeps its gain.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kept {
    /// It is locked.
    Locked,
    /// It is muted.
    Muted,
    /// Its fader is closed.
    Closed,
    /// Nothing was heard of it.
    Silent,
    /// It was heard for these seconds, fewer than [`MIN_ACTIVE_S`].
    TooShort(f32),
    /// The mix is silent, and nobody said how loud it is to be.
    NoLoudness,
}

impl Kept {
    /// Why a stem will keep its gain because of what was heard of it, if it will.
    pub fn too_little(heard: StemLoudness) -> Option<Self> {
        if !heard.lufs.is_finite() {
            Some(Self::Silent)
        } else if heard.active_s < MIN_ACTIVE_S {
            Some(Self::TooShort(heard.active_s))
        } else {
            None
        }
    }
}

/// What is proposed for a stem.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Proposal {
    /// Trim and fader together in dB, as given where it is kept.
    pub gain_db: f64,
    /// What is added to the gain it has, in dB.
    pub change_db: f64,
    /// Why it keeps its gain, if it does.
    pub kept: Option<Kept>,
    /// It would have to go beyond [`MAX_GAIN_DB`] and stops there.
    pub is_limited: bool,
}

/// A mix by its loudness, before the output's gain.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Loudness {
    /// Integrated loudness in LUFS; minus infinity for silence.
    pub lufs: f64,
    /// The lead's loudness against the rest while it sounds, in LU; `None` without a lead or a rest.
    pub lead_to_rest_lu: Option<f64>,
}

/// A balance that is proposed.
#[derive(Clone, Debug, PartialEq)]
pub struct Solution {
    /// Stem by stem.
    pub stems: [Proposal; STEMS],
    /// The mix as it is, predicted.
    pub before: Loudness,
    /// The mix as it will be, predicted.
    pub after: Loudness,
    /// What a musician should know.
    pub sentences: Vec<String>,
    /// Gains that sound, linear: 0 for muted stems.
    sounding: [f64; STEMS],
}

impl Solution {
    /// An upper bound for the true peak of the proposed mix in dBTP, before the output's gain: as if all
    /// stems had their peaks (in dBTP at the learn tap, gain 0 dB) at once.
    pub fn true_peak_bound_dbtp(&self, stem_peaks_dbtp: &[f64; STEMS]) -> f64 {
        let sounding = self.sounding.iter().zip(stem_peaks_dbtp).filter(|(gain, _)| **gain > 0.0);
        let peaks = sounding.filter(|(_, db)| !db.is_nan()).map(|(gain, db)| gain * db_to_gain(*db));
        gain_to_db(peaks.sum())
    }
}

/// How much the output's gain must fall, in dB (0 or less), for a mix with this true peak in dBTP to stay
/// at [`MAX_TRUE_PEAK_DBTP`]. The balance itself never bends for a peak.
pub fn output_cut_db(true_peak_dbtp: f64) -> f64 {
    (MAX_TRUE_PEAK_DBTP - true_peak_dbtp).min(0.0)
}

/// Proposes gains for a song. The same input gives the same output, and its own output changes by less than
/// 0.05 dB where the whole amount was asked for.
///
/// A stem that cannot or shall not move keeps its gain, and the others are balanced around it. A lead is
/// every stem with that role; several keep their roles' balance among each other.
pub fn solve(song: &Song, stems: &[StemNow; STEMS], target: &Target) -> Solution {
    let target = target.sane();
    let now = Now::new(song, stems, &target);
    let (aim_db, is_held) = now.aim(&target);
    let (db, is_limited) = now.go(&aim_db, f64::from(target.amount), is_held);
    let sounding = now.gains(&db);
    let after = measure(song, stems, &sounding);
    let proposals = std::array::from_fn(|stem| Proposal {
        gain_db: db[stem],
        change_db: if now.kept[stem].is_some() { 0.0 } else { db[stem] - now.db[stem] },
        kept: now.kept[stem],
        is_limited: is_limited[stem],
    });
    let sentences = words::sentences(stems, &proposals, &target, now.loudness, after);
    Solution { stems: proposals, before: now.loudness, after, sentences, sounding }
}

/// Which of the three faders a stem hangs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fader {
    Rest,
    Lead,
    Kept,
}

/// The mix as it is, and what is to become of it.
struct Now<'a> {
    song: &'a Song<'a>,
    stems: &'a [StemNow; STEMS],
    /// Gains in dB.
    db: [f64; STEMS],
    loudness: Loudness,
    kept: [Option<Kept>; STEMS],
    /// How loud the mix is to be.
    goal_lufs: f64,
}

impl<'a> Now<'a> {
    fn new(song: &'a Song<'a>, stems: &'a [StemNow; STEMS], target: &Target) -> Self {
        let db =
            stems.map(|stem| if stem.gain_db.is_nan() { 0.0 } else { stem.gain_db.min(MAX_GAIN_NOW_DB) });
        let kept = std::array::from_fn(|stem| reason(&stems[stem], db[stem], song.stems()[stem]));
        let loudness = Loudness { lufs: f64::NEG_INFINITY, lead_to_rest_lu: None };
        let mut now = Self { song, stems, db, loudness, kept, goal_lufs: 0.0 };
        now.loudness = measure(song, stems, &now.gains(&db));
        now.goal_lufs = target.loudness_lufs.map_or(now.loudness.lufs, f64::from);
        if now.goal_lufs == f64::NEG_INFINITY {
            now.kept = kept.map(|kept| kept.or(Some(Kept::NoLoudness)));
        }
        now
    }

    /// Linear gains as they sound.
    fn gains(&self, db: &[f64; STEMS]) -> [f64; STEMS] {
        std::array::from_fn(|stem| if self.stems[stem].muted { 0.0 } else { db_to_gain(db[stem]) })
    }

    /// The faders, with all that moves on the rest's.
    fn faders(&self) -> [Fader; STEMS] {
        self.kept.map(|kept| if kept.is_some() { Fader::Kept } else { Fader::Rest })
    }

    /// Gains in dB at the end of the way, and whether they have the loudness they should.
    fn aim(&self, target: &Target) -> ([f64; STEMS], bool) {
        let role_db = |stem: usize| {
            f64::from(target.offset_lu(self.stems[stem].role)) - f64::from(self.song.stems()[stem].lufs)
        };
        let faders = self.faders();
        let mut db: [f64; STEMS] = std::array::from_fn(|stem| match faders[stem] {
            Fader::Kept => self.db[stem],
            _ => role_db(stem),
        });
        if let Some(lead_to_rest_lu) = target.lead_to_rest_lu {
            let with_lead: [Fader; STEMS] = std::array::from_fn(|stem| match faders[stem] {
                Fader::Rest if self.stems[stem].role == Role::Lead => Fader::Lead,
                fader => fader,
            });
            if let Some(lead) = Lead::of(self.song, &self.gains(&db), &with_lead) {
                // With no other stem to move, lead and loudness cannot both have their way.
                let is_held = with_lead.contains(&Fader::Rest);
                let goal_lufs = is_held.then_some(self.goal_lufs);
                lead.place(&mut db, &with_lead, f64::from(lead_to_rest_lu), goal_lufs);
                if !is_held {
                    return (db, false);
                }
            }
        }
        self.hold(&mut db, &faders);
        (db, true)
    }

    /// Gains in dB after `amount` of the way, and which of them stop at the end of their range.
    fn go(&self, aim_db: &[f64; STEMS], amount: f64, is_held: bool) -> ([f64; STEMS], [bool; STEMS]) {
        let mut faders = self.faders();
        let mut is_limited = [false; STEMS];
        let mut db: [f64; STEMS] = std::array::from_fn(|stem| match faders[stem] {
            Fader::Kept => self.db[stem], // minus infinity, perhaps
            _ => (1.0 - amount) * self.db[stem] + amount * aim_db[stem],
        });
        loop {
            if is_held {
                self.hold(&mut db, &faders);
            }
            let mut have_stopped = false;
            for stem in (0..STEMS).filter(|stem| self.kept[*stem].is_none()) {
                let (low, high) = (self.db[stem].min(-MAX_GAIN_DB), self.db[stem].max(MAX_GAIN_DB));
                // The search ends a hair beside where it began.
                if db[stem] < low - 1e-9 || db[stem] > high + 1e-9 {
                    (faders[stem], is_limited[stem], have_stopped) = (Fader::Kept, true, true);
                }
                db[stem] = db[stem].clamp(low, high);
            }
            // What has stopped the others make up for.
            if !(have_stopped && is_held) {
                return (db, is_limited);
            }
        }
    }

    /// Adds what gives the mix its loudness to all that moves. Where what is kept is too loud for that, all
    /// that moves is together as loud as it was.
    fn hold(&self, db: &mut [f64; STEMS], faders: &[Fader; STEMS]) {
        if !faders.contains(&Fader::Rest) {
            return;
        }
        let forms = Forms::new(self.song, &self.gains(db), faders);
        let common_db = search(self.goal_lufs, |db| forms.lufs([db_to_gain(db), 0.0, 1.0]));
        let common_db = common_db.or_else(|| {
            let now = Forms::new(self.song, &self.gains(&self.db), faders);
            search(now.lufs([1.0, 0.0, 0.0]), |db| forms.lufs([db_to_gain(db), 0.0, 0.0]))
        });
        for (db, _) in db.iter_mut().zip(faders).filter(|(_, fader)| **fader == Fader::Rest) {
            *db += common_db.unwrap_or(0.0);
        }
    }
}

fn reason(stem: &StemNow, now_db: f64, loudness: StemLoudness) -> Option<Kept> {
    if stem.locked {
        Some(Kept::Locked)
    } else if stem.muted {
        Some(Kept::Muted)
    } else if db_to_gain(now_db) == 0.0 {
        Some(Kept::Closed)
    } else {
        Kept::too_little(loudness)
    }
}

/// Energies of a block: of the rest, the lead and what is kept, and between each two of them.
#[derive(Clone, Copy, Debug, Default)]
struct Form {
    /// By [`Fader`], twice.
    sums: [[f64; 3]; 3],
}

impl Form {
    fn new(record: &Record, gains: &[f64; STEMS], faders: &[Fader; STEMS]) -> Self {
        let mut form = Self::default();
        for a in (0..STEMS).filter(|stem| gains[*stem] > 0.0) {
            for b in a..STEMS {
                let once = gains[a] * gains[b] * f64::from(record[pair(a, b)]);
                form.sums[faders[a] as usize][faders[b] as usize] += if a == b { once } else { 2.0 * once };
            }
        }
        form
    }

    /// Power of the sum with the faders at these gains (linear).
    fn power(&self, faders: [f64; 3]) -> f64 {
        let rows = self.sums.iter().zip(faders);
        let row = |sums: &[f64; 3]| sums.iter().zip(faders).map(|(sum, gain)| sum * gain).sum::<f64>();
        rows.map(|(sums, gain)| gain * row(sums)).sum::<f64>().max(0.0)
    }
}

/// All blocks as forms.
struct Forms(Vec<(Form, Block)>);

impl Forms {
    fn new(song: &Song, gains: &[f64; STEMS], faders: &[Fader; STEMS]) -> Self {
        Self(song.blocks().map(|(record, block)| (Form::new(record, gains, faders), block)).collect())
    }

    fn lufs(&self, faders: [f64; 3]) -> f64 {
        integrated_lufs(self.0.iter().map(|(form, block)| Block { power: form.power(faders), ..*block }))
    }
}

/// The gain in dB on the rest's fader at which `lufs` is `goal_lufs`; `None` where nothing found is.
fn search(goal_lufs: f64, lufs: impl Fn(f64) -> f64) -> Option<f64> {
    let (mut low, mut high) = (-SEARCH_DB, SEARCH_DB);
    if !(lufs(low) < goal_lufs && lufs(high) >= goal_lufs) {
        return None;
    }
    for _ in 0..HALVINGS {
        let middle = 0.5 * (low + high);
        *(if lufs(middle) < goal_lufs { &mut low } else { &mut high }) = middle;
    }
    Some(0.5 * (low + high))
}

/// The lead against the rest while it sounds.
struct Lead {
    forms: Forms,
    /// Gain in dB that was taken out of the lead.
    taken_db: f64,
    /// Energy of the lead while it sounds.
    lead: f64,
    /// Meanwhile that of the rest, between it and what is kept, and of that.
    rest: [f64; 3],
}

impl Lead {
    /// `None` where no lead sounds, or nothing besides.
    fn of(song: &Song, gains: &[f64; STEMS], faders: &[Fader; STEMS]) -> Option<Self> {
        let leads = || (0..STEMS).filter(|stem| faders[*stem] == Fader::Lead);
        // The lead is looked for among pauses at its own level: at 0 dB, as it was learned.
        let loudest = leads().map(|stem| gains[stem]).fold(0.0, f64::max);
        if loudest <= 0.0 {
            return None;
        }
        let mut own = *gains;
        leads().for_each(|stem| own[stem] /= loudest);
        let forms = Forms::new(song, &own, faders);
        let lead = |form: &Form| form.power([0.0, 1.0, 0.0]);
        let gate = power(ABSOLUTE_GATE_LUFS.max(forms.lufs([0.0, 1.0, 0.0]) + RELATIVE_GATE_LU));
        let mut found = Self { taken_db: gain_to_db(loudest), lead: 0.0, rest: [0.0; 3], forms };
        for (form, block) in &found.forms.0 {
            let Passing { blocks, energy } = Block { power: lead(form), ..*block }.passing(gate);
            found.lead += block.weight * energy * lead(form);
            let [[rest, _, one], _, [other, _, kept]] = form.sums;
            for (sum, part) in found.rest.iter_mut().zip([rest, one + other, kept]) {
                *sum += block.weight * blocks * part;
            }
        }
        (found.lead > 0.0 && found.rest_power(1.0) > 0.0).then_some(found)
    }

    /// Energy of all others while the lead sounds.
    fn rest_power(&self, gain: f64) -> f64 {
        let [rest, between, kept] = self.rest;
        ((rest * gain + between) * gain + kept).max(0.0)
    }

    /// The lead's fader (linear) for a ratio in LU.
    fn gain(&self, rest_gain: f64, lead_to_rest_lu: f64) -> f64 {
        db_to_gain(lead_to_rest_lu) * (self.rest_power(rest_gain) / self.lead).sqrt()
    }

    /// Adds to gains in dB what makes the ratio right, and with a goal the loudness too.
    fn place(
        &self,
        db: &mut [f64; STEMS],
        faders: &[Fader; STEMS],
        lead_to_rest_lu: f64,
        goal_lufs: Option<f64>,
    ) {
        let lead = |rest_db: f64| self.gain(db_to_gain(rest_db), lead_to_rest_lu);
        let lufs = |rest_db: f64| self.forms.lufs([db_to_gain(rest_db), lead(rest_db), 1.0]);
        let rest_db = goal_lufs.and_then(|goal_lufs| search(goal_lufs, lufs)).unwrap_or(0.0);
        let lead_db = gain_to_db(lead(rest_db)) - self.taken_db;
        if !lead_db.is_finite() {
            return; // the rest cancels itself out
        }
        for (db, fader) in db.iter_mut().zip(faders) {
            *db += match fader {
                Fader::Rest => rest_db,
                Fader::Lead => lead_db,
                Fader::Kept => 0.0,
            };
        }
    }
}

/// A mix at these gains (linear).
fn measure(song: &Song, stems: &[StemNow; STEMS], gains: &[f64; STEMS]) -> Loudness {
    let is_lead = |stem: usize| stems[stem].role == Role::Lead && gains[stem] > 0.0;
    let faders: [Fader; STEMS] =
        std::array::from_fn(|stem| if is_lead(stem) { Fader::Lead } else { Fader::Rest });
    let lead_to_rest_lu = Lead::of(song, gains, &faders).map(|lead| {
        let ratio_db = 10.0 * (lead.lead / lead.rest_power(1.0)).log10();
        ratio_db + lead.taken_db
    });
    Loudness { lufs: song.loudness_lufs(gains), lead_to_rest_lu }
}
