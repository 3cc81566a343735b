//! What a mix is like, in plain units: over a whole song, and second by second.

use super::bands::Spectrograph;
use crate::dsp::loudness::{KWeighting, LoudnessMeter, lufs};
use crate::dsp::meter::Levels;
use crate::dsp::sanitise::sanitise;
use serde::Serialize;

/// What readouts are not; to be said beside them.
pub const WHAT_THEY_ARE: &str =
    "These figures describe the sound. They do not measure what anybody feels when hearing it.";

/// Low mids and air, in Hz.
const LOW_MID_HZ: [f64; 2] = [100.0, 400.0];
const AIR_HZ: [f64; 2] = [10_000.0, 20_000.0];
/// What counts as sound, in Hz.
const ALL_HZ: [f64; 2] = [20.0, 20_000.0];
/// A row of the contour looks back so many seconds.
const LOOK_BACK_ROWS: usize = 3;
/// Powers below this (-100 dB) have no centre, no width and no shares.
const SILENT_POWER: f64 = 1e-10;
/// Slots of 10 ms in a block of 400 ms, and from one to the next.
const BLOCK_SLOTS: usize = 40;
const HOP_SLOTS: usize = 10;
/// Slots in a row of the contour.
const ROW_SLOTS: usize = 100;
/// The lead sounds where a block is louder than this, and no further below its integrated loudness than that
/// (ITU-R BS.1770-5's gates).
const LEAD_GATE_LUFS: f64 = -70.0;
const LEAD_GATE_LU: f64 = -10.0;

/// What a mix is like. None where there is nothing to tell it by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Readouts {
    /// Loudness in LUFS: integrated of a song, of the last 3 s of a row of a contour.
    pub loudness_lufs: Option<f64>,
    /// The centre of the power spectrum in Hz: higher is brighter.
    pub centroid_hz: Option<f64>,
    /// Power from 100 to 400 Hz, in dB of all: more is warmer, or muddier.
    pub low_mid_db: Option<f64>,
    /// Power above 10 kHz, in dB of all.
    pub air_db: Option<f64>,
    /// Power of the sides over that of the middle, in dB: minus infinity, and so None, of mono.
    pub side_to_mid_db: Option<f64>,
    /// How alike left and right are, from -1 to 1.
    pub correlation: Option<f64>,
    /// Loudness of the stems with the role lead against all others while the lead sounds, in LU.
    pub lead_to_rest_lu: Option<f64>,
}

/// How one mix differs from another: its readouts less the other's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Difference {
    /// In LU.
    pub loudness_lu: Option<f64>,
    /// In octaves.
    pub centroid_octaves: Option<f64>,
    /// In dB.
    pub low_mid_db: Option<f64>,
    /// In dB.
    pub air_db: Option<f64>,
    /// In dB.
    pub side_to_mid_db: Option<f64>,
    /// Between -2 and 2.
    pub correlation: Option<f64>,
    /// In LU.
    pub lead_to_rest_lu: Option<f64>,
}

/// A readout as a column: its title, its unit, decimals, and its place in [`Readouts`].
pub struct Column {
    /// As people read it.
    pub title: &'static str,
    /// Of its value.
    pub unit: &'static str,
    /// Of the difference of two.
    pub difference_unit: &'static str,
    /// As programs read it.
    pub id: &'static str,
    /// Digits after the point, of the value and of the difference.
    pub decimals: [usize; 2],
    /// Its value.
    pub value: fn(&Readouts) -> Option<f64>,
    /// Its difference.
    pub difference: fn(&Difference) -> Option<f64>,
}

const fn column(
    [title, unit, difference_unit, id]: [&'static str; 4],
    decimals: [usize; 2],
    value: fn(&Readouts) -> Option<f64>,
    difference: fn(&Difference) -> Option<f64>,
) -> Column {
    Column { title, unit, difference_unit, id, decimals, value, difference }
}

impl Column {
    /// A value in its digits, such as `-14.2`.
    pub fn value_words(&self, value: f64) -> String {
        let digits = self.decimals[0];
        format!("{:.digits$}", rounded(value, digits))
    }

    /// A difference in its digits and with its sign, such as `+0.3`.
    pub fn difference_words(&self, difference: f64) -> String {
        let digits = self.decimals[1];
        format!("{:+.digits$}", rounded(difference, digits))
    }
}

/// Zero is added so that what rounds to nothing has no minus.
fn rounded(value: f64, digits: usize) -> f64 {
    let scale = 10f64.powi(digits as i32);
    (value * scale).round() / scale + 0.0
}

/// All readouts, in the order they are told.
pub const COLUMNS: [Column; 7] = [
    column(["Loudness", "LUFS", "LU", "loudness_lufs"], [1, 1], |r| r.loudness_lufs, |d| d.loudness_lu),
    column(["Centroid", "Hz", "oct", "centroid_hz"], [0, 2], |r| r.centroid_hz, |d| d.centroid_octaves),
    column(["Low mids", "dB of all", "dB", "low_mid_db"], [1, 1], |r| r.low_mid_db, |d| d.low_mid_db),
    column(["Air", "dB of all", "dB", "air_db"], [1, 1], |r| r.air_db, |d| d.air_db),
    column(["Side to mid", "dB", "dB", "side_to_mid_db"], [1, 1], |r| r.side_to_mid_db, |d| d.side_to_mid_db),
    column(["Correlation", "L/R", "", "correlation"], [2, 2], |r| r.correlation, |d| d.correlation),
    column(
        ["Lead to rest", "LU", "LU", "lead_to_rest_lu"],
        [1, 1],
        |r| r.lead_to_rest_lu,
        |d| d.lead_to_rest_lu,
    ),
];

impl Readouts {
    /// This mix against another.
    pub fn against(&self, other: &Self) -> Difference {
        let less = |a: Option<f64>, b: Option<f64>| Some(a? - b?);
        Difference {
            loudness_lu: less(self.loudness_lufs, other.loudness_lufs),
            centroid_octaves: less(self.centroid_hz.map(f64::log2), other.centroid_hz.map(f64::log2)),
            low_mid_db: less(self.low_mid_db, other.low_mid_db),
            air_db: less(self.air_db, other.air_db),
            side_to_mid_db: less(self.side_to_mid_db, other.side_to_mid_db),
            correlation: less(self.correlation, other.correlation),
            lead_to_rest_lu: less(self.lead_to_rest_lu, other.lead_to_rest_lu),
        }
    }
}

/// A row of the contour.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Row {
    /// Where it ends, in seconds from the beginning.
    pub time_s: f64,
    /// Over the last 3 s, or as many as there are.
    #[serde(flatten)]
    pub readouts: Readouts,
}

/// What a stretch of sound adds up to.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    frames: f64,
    /// Squares of left and of right, and left times right.
    squares: [f64; 2],
    product: f64,
    /// Of the spectra: all, times Hz, low mids, air.
    power: f64,
    power_hz: f64,
    low_mid: f64,
    air: f64,
    /// K weighted mean squares of slots of 10 ms: of the mix, of the lead, of the rest.
    slots: f64,
    weighted: [f64; 3],
}

impl Sums {
    fn add(&mut self, other: &Self) {
        self.frames += other.frames;
        (0..2).for_each(|side| self.squares[side] += other.squares[side]);
        self.product += other.product;
        self.power += other.power;
        self.power_hz += other.power_hz;
        self.low_mid += other.low_mid;
        self.air += other.air;
        self.slots += other.slots;
        (0..3).for_each(|of| self.weighted[of] += other.weighted[of]);
    }

    fn readouts(&self, loudness_lufs: f64, lead_to_rest_lu: Option<f64>) -> Readouts {
        let finite = |value: f64| value.is_finite().then_some(value);
        let share_db = |power: f64| finite(10.0 * (power / self.power).log10());
        let levels = Levels {
            powers: self.squares.map(|sum| sum / self.frames.max(1.0)),
            product: self.product / self.frames.max(1.0),
            ..Levels::default()
        };
        let sounds = levels.powers[0] + levels.powers[1] >= SILENT_POWER;
        let known = |value: Option<f64>| value.filter(|_| sounds);
        Readouts {
            loudness_lufs: finite(loudness_lufs),
            centroid_hz: known(finite(self.power_hz / self.power)),
            low_mid_db: known(share_db(self.low_mid)),
            air_db: known(share_db(self.air)),
            side_to_mid_db: known(finite(levels.side_to_mid_db())),
            correlation: known(levels.correlation()),
            lead_to_rest_lu,
        }
    }
}

/// Which bins of a spectrum count for what.
struct Ranges {
    all: (usize, Vec<f64>),
    low_mid: (usize, Vec<f64>),
    air: (usize, Vec<f64>),
}

/// Reads a mix as it plays.
pub struct ReadoutMeter {
    spectrograph: Spectrograph,
    ranges: Ranges,
    /// Of the mix, of the lead, of the rest.
    weightings: [KWeighting; 3],
    loudness: LoudnessMeter,
    lead: LoudnessMeter,
    /// The last slots of lead and rest, and of every block, 400 ms long and 100 ms apart, their powers.
    slots: Vec<[f64; 2]>,
    blocks: Vec<[f64; 2]>,
    row_frames: usize,
    row: Sums,
    rows: Vec<Sums>,
    sample_rate_hz: f64,
}

impl ReadoutMeter {
    /// For a sample rate, before any sound.
    pub fn new(sample_rate_hz: f64) -> Self {
        let spectrograph = Spectrograph::new(sample_rate_hz);
        let ranges = Ranges {
            all: spectrograph.band(ALL_HZ),
            low_mid: spectrograph.band(LOW_MID_HZ),
            air: spectrograph.band(AIR_HZ),
        };
        Self {
            spectrograph,
            ranges,
            weightings: std::array::from_fn(|_| KWeighting::new(sample_rate_hz)),
            loudness: LoudnessMeter::new(),
            lead: LoudnessMeter::new(),
            slots: Vec::new(),
            blocks: Vec::new(),
            row_frames: (sample_rate_hz.round() as usize).max(1),
            row: Sums::default(),
            rows: Vec::new(),
            sample_rate_hz,
        }
    }

    /// Listens to the mix, to its lead and to all else of it, all equally long. How time is cut into blocks
    /// changes nothing.
    pub fn process(&mut self, sounds: [[&[f32]; 2]; 3]) {
        let frames = sounds[0][0].len();
        let mut start = 0;
        while start < frames {
            let n = (self.row_frames - self.row.frames as usize).min(frames - start);
            self.add(sounds.map(|sound| sound.map(|side| &side[start..start + n])));
            start += n;
            if self.row.frames as usize == self.row_frames {
                self.rows.push(std::mem::take(&mut self.row));
            }
        }
    }

    fn add(&mut self, sounds: [[&[f32]; 2]; 3]) {
        let Self { spectrograph, ranges, row, .. } = self;
        let [mix, lead, rest] = sounds;
        for (l, r) in mix[0].iter().zip(mix[1]) {
            let [l, r] = [l, r].map(|x| f64::from(sanitise(*x)));
            row.squares[0] += l * l;
            row.squares[1] += r * r;
            row.product += l * r;
        }
        row.frames += mix[0].len() as f64;
        spectrograph.process(mix[0], mix[1], |spectrum| {
            row.power += spectrum.within(&ranges.all);
            let (first, shares) = &ranges.all;
            let bins = spectrum.powers()[*first..].iter().zip(shares).enumerate();
            row.power_hz +=
                bins.map(|(at, (power, share))| spectrum.hz(first + at) * power * share).sum::<f64>();
            row.low_mid += spectrum.within(&ranges.low_mid);
            row.air += spectrum.within(&ranges.air);
        });
        let [of_mix, of_lead, of_rest] = &mut self.weightings;
        of_mix.process(mix[0], mix[1], |power| {
            self.loudness.push(power);
            row.slots += 1.0;
            row.weighted[0] += power;
        });
        let (mut leads, mut rests) = (Vec::new(), Vec::new());
        of_lead.process(lead[0], lead[1], |power| leads.push(power));
        of_rest.process(rest[0], rest[1], |power| rests.push(power));
        for (lead, rest) in leads.into_iter().zip(rests) {
            row.weighted[1] += lead;
            row.weighted[2] += rest;
            self.lead.push(lead);
            self.slots.push([lead, rest]);
            if self.slots.len() == BLOCK_SLOTS {
                let sum = |of: usize| self.slots.iter().map(|slot| slot[of]).sum::<f64>();
                self.blocks.push([sum(0), sum(1)].map(|sum| sum / BLOCK_SLOTS as f64));
                self.slots.drain(..HOP_SLOTS);
            }
        }
    }

    /// Of all that was heard.
    pub fn readouts(&self) -> Readouts {
        let mut all = self.row;
        self.rows.iter().for_each(|row| all.add(row));
        all.readouts(self.loudness.integrated_lufs(), self.lead_to_rest_lu(|_| true))
    }

    /// Of some of the contour's rows: loudness without gates, and the lead while it sounds, as in [`Self::readouts`].
    /// `None` where there is none of them.
    pub fn readouts_of(&self, is_wanted: impl Fn(usize) -> bool) -> Option<Readouts> {
        let mut all = Sums::default();
        let rows = self.rows.iter().enumerate().filter(|(row, _)| is_wanted(*row));
        rows.for_each(|(_, row)| all.add(row));
        // Blocks that lie in such rows alone.
        let row = |slot: usize| slot / ROW_SLOTS;
        let ends = |block: usize| [row(block * HOP_SLOTS), row(block * HOP_SLOTS + BLOCK_SLOTS - 1)];
        let lead_lu = self.lead_to_rest_lu(|block| ends(block).into_iter().all(&is_wanted));
        (all.frames > 0.0).then(|| all.readouts(lufs(all.weighted[0] / all.slots), lead_lu))
    }

    /// Frames of a row of the contour.
    pub fn row_frames(&self) -> usize {
        self.row_frames
    }

    /// Energies of lead and rest in some blocks, while the lead sounds.
    fn lead_to_rest_lu(&self, is_wanted: impl Fn(usize) -> bool) -> Option<f64> {
        let gate_lufs = LEAD_GATE_LUFS.max(self.lead.integrated_lufs() + LEAD_GATE_LU);
        let wanted = self.blocks.iter().enumerate().filter(|(at, _)| is_wanted(*at));
        let sounding = wanted.map(|(_, block)| block).filter(|[lead, _]| lufs(*lead) > gate_lufs);
        let [lead, rest] = sounding.fold([0.0; 2], |[a, b], [lead, rest]| [a + lead, b + rest]);
        Some(lufs(lead) - lufs(rest)).filter(|lu| lu.is_finite())
    }

    /// The contour, a row for every second.
    pub fn rows(&self) -> Vec<Row> {
        let row_s = self.row_frames as f64 / self.sample_rate_hz;
        (0..self.rows.len())
            .map(|at| {
                let mut sums = Sums::default();
                self.rows[(at + 1).saturating_sub(LOOK_BACK_ROWS)..=at].iter().for_each(|row| sums.add(row));
                let [mix, lead, rest] = sums.weighted.map(|sum| lufs(sum / sums.slots));
                let lead_lu = Some(lead - rest).filter(|lu| lu.is_finite() && lead > LEAD_GATE_LUFS);
                Row { time_s: (at + 1) as f64 * row_s, readouts: sums.readouts(mix, lead_lu) }
            })
            .collect()
    }
}
