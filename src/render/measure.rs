//! What stems and their plain sum measure: loudness, peaks, correlation.

use super::balance;
use super::check;
use super::error::RenderError;
use super::session::common_rate;
use super::source::StemFile;
use super::table::lay_out;
use crate::analysis::Sound;
use crate::dsp::loudness::{KWeighting, LoudnessMeter};
use crate::dsp::true_peak::TruePeak;
use crate::dsp::units::gain_to_db;
use crate::engine::{MixEngine, StemBlock};
use serde::Serialize;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::thread;

/// Frames measured at a time: enough that starting the threads costs nothing. Changes no result.
const BLOCK_FRAMES: usize = 32_768;
/// Shorter sound has no loudness.
const SHORTEST_S: f64 = 0.4;

/// A measurement that has been found possible.
pub struct Measure {
    tracks: Vec<Track>,
    rate_hz: u32,
    frames: u64,
}

/// What files measure. As JSON, values that are minus infinity or do not exist are null.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Measurement {
    /// The files, in the order they were given.
    pub stems: Vec<Figures>,
    /// Their plain sum, as the mix engine makes it at its defaults.
    pub mix: Figures,
    /// What is odd about them, one sentence each.
    #[serde(skip)]
    pub notices: Vec<String>,
}

/// What one stereo signal measures. A mono file counts as it sounds: on both sides.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figures {
    /// The file's name without its ending, as a stem in a mix is named after it; "Mix" for the sum.
    pub name: String,
    /// Integrated loudness by ITU-R BS.1770-5; minus infinity for silence and below 0.4 s.
    pub integrated_lufs: f64,
    /// Highest loudness of any 3 s; minus infinity where there are none.
    pub short_term_max_lufs: f64,
    /// Highest loudness of any 400 ms; minus infinity where there are none.
    pub momentary_max_lufs: f64,
    /// Loudness range by EBU Tech 3342; None where no 3 s are louder than -70 LUFS.
    pub range_lu: Option<f64>,
    /// Highest level between the samples and at them, of either side.
    pub true_peak_dbtp: f64,
    /// Highest level of any sample of either side.
    pub sample_peak_dbfs: f64,
    /// How alike left and right are, from -1 to 1; None where a side is silent.
    pub correlation: Option<f64>,
}

impl Measure {
    /// Opens one to sixteen files of the same sample rate.
    ///
    /// # Errors
    /// As [`super::Render::prepare`] for its stems.
    pub fn prepare(files: &[PathBuf]) -> Result<Self, RenderError> {
        balance::check_count(files)?;
        let files = files.iter().map(|path| StemFile::open(path)).collect::<Result<Vec<_>, _>>()?;
        let rate_hz = common_rate(&files)?;
        let frames = files.iter().map(StemFile::frames).max().unwrap_or(0);
        let tracks = files.into_iter().map(|file| Track::new(file, f64::from(rate_hz))).collect();
        Ok(Self { tracks, rate_hz, frames })
    }

    /// The length of the longest file.
    pub fn frames(&self) -> u64 {
        self.frames
    }

    /// Measures, the files side by side. `watch` is told how many frames are done now and then; where it
    /// breaks, the measurement ends with [`RenderError::Interrupted`].
    ///
    /// # Errors
    /// Where a file cannot be read after all.
    pub fn run(mut self, mut watch: impl FnMut(u64) -> ControlFlow<()>) -> Result<Measurement, RenderError> {
        let mut engine = MixEngine::new(Default::default());
        engine.measure_loudness(false);
        engine.prepare(f64::from(self.rate_hz));
        let mut mix = Listener::new(f64::from(self.rate_hz));
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let mut done = 0;
        while done < self.frames {
            let n = BLOCK_FRAMES.min((self.frames - done) as usize);
            advance(&mut self.tracks, n, threads)?;
            let [main, aux @ ..] = &mut self.tracks[..] else { break };
            let of = |stem: usize| aux.get(stem).map_or([&[][..]; 2], |track| track.sound(n));
            let connected = (1 << (1 + aux.len())) - 1;
            let (aux, [left, right]) = (std::array::from_fn(of), &mut main.sound);
            engine.process(&mut StemBlock {
                main: [&mut left[..n], &mut right[..n]],
                aux,
                connected,
                silent: 0,
            });
            mix.listen(main.sound(n));
            done += n as u64;
            if watch(done).is_break() {
                return Err(RenderError::Interrupted);
            }
        }
        let mix = mix.figures("Mix".to_owned());
        let stems = self
            .tracks
            .iter()
            .enumerate()
            .map(|(stem, track)| track.listener.figures(balance::stem_name(stem, track.file.path())));
        Ok(Measurement { stems: stems.collect(), notices: notices(&self.tracks, self.rate_hz, &mix), mix })
    }
}

/// Reads and measures the next frames of all tracks.
fn advance(tracks: &mut [Track], frames: usize, threads: usize) -> Result<(), RenderError> {
    let share = tracks.len().div_ceil(threads).max(1);
    thread::scope(|scope| {
        let shares = tracks.chunks_mut(share);
        let workers = shares
            .map(|tracks| scope.spawn(move || tracks.iter_mut().try_for_each(|track| track.advance(frames))));
        let workers: Vec<_> = workers.collect();
        workers
            .into_iter()
            .try_for_each(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })
}

/// A file and what is known of it so far.
struct Track {
    file: StemFile,
    listener: Listener,
    /// The present block; in the first track the mix takes its place.
    sound: [Vec<f32>; 2],
}

impl Track {
    fn new(file: StemFile, sample_rate_hz: f64) -> Self {
        let sound = [vec![0.0; BLOCK_FRAMES], vec![0.0; BLOCK_FRAMES]];
        Self { file, listener: Listener::new(sample_rate_hz), sound }
    }

    fn sound(&self, frames: usize) -> [&[f32]; 2] {
        self.sound.each_ref().map(|side| &side[..frames])
    }

    /// The silence after its end is read for the sum, and is not part of the file.
    fn advance(&mut self, frames: usize) -> Result<(), RenderError> {
        let [left, right] = &mut self.sound;
        self.file.read(&mut left[..frames], &mut right[..frames])?;
        let own = (self.file.frames() - self.listener.sound.frames()).min(frames as u64) as usize;
        self.listener.listen([&left[..own], &right[..own]]);
        Ok(())
    }
}

/// All meters on one stereo signal.
pub struct Listener {
    weighting: KWeighting,
    loudness: LoudnessMeter,
    true_peak: TruePeak,
    sound: Sound,
}

impl Listener {
    /// Meters that have heard nothing yet.
    pub fn new(sample_rate_hz: f64) -> Self {
        Self {
            weighting: KWeighting::new(sample_rate_hz),
            loudness: LoudnessMeter::new(),
            true_peak: TruePeak::new(sample_rate_hz),
            sound: Sound::default(),
        }
    }

    /// Measures the next frames.
    pub fn listen(&mut self, [left, right]: [&[f32]; 2]) {
        self.weighting.process(left, right, |power| self.loudness.push(power));
        self.true_peak.process(left, right);
        self.sound.look([left, right]);
    }

    /// What was measured so far.
    pub fn figures(&self, name: String) -> Figures {
        let [left_true, right_true] = self.true_peak.peaks();
        Figures {
            name,
            integrated_lufs: self.loudness.integrated_lufs(),
            short_term_max_lufs: self.loudness.short_term_max_lufs(),
            momentary_max_lufs: self.loudness.momentary_max_lufs(),
            range_lu: self.loudness.range_lu(),
            true_peak_dbtp: gain_to_db(f64::from(left_true.max(right_true))),
            sample_peak_dbfs: gain_to_db(f64::from(self.sound.peak())),
            correlation: self.sound.levels().correlation(),
        }
    }
}

impl Measurement {
    /// One JSON object, `{"stems": [...], "mix": {...}}`.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// A table for people, a line for each file and, where there are several, one for their sum.
    pub fn table(&self) -> String {
        let number = |value: f64| format!("{value:.1}");
        let or_dash = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
        let mix = Some(&self.mix).filter(|_| self.stems.len() > 1);
        let rows = self.stems.iter().chain(mix).map(|figures| {
            [
                figures.name.clone(),
                number(figures.integrated_lufs),
                number(figures.short_term_max_lufs),
                number(figures.momentary_max_lufs),
                or_dash(figures.range_lu.map(number)),
                number(figures.true_peak_dbtp),
                number(figures.sample_peak_dbfs),
                // Zero is added so that what rounds to nothing has no minus.
                or_dash(
                    figures.correlation.map(|value| format!("{:+.2}", (100.0 * value).round() / 100.0 + 0.0)),
                ),
            ]
        });
        let titles = [
            ["", "Integrated", "Short-term", "Momentary", "Range", "True peak", "Peak", "Correlation"],
            ["", "LUFS", "max LUFS", "max LUFS", "LU", "dBTP", "dBFS", "L/R"],
        ];
        let rows: Vec<_> = titles.map(|row| row.map(str::to_owned)).into_iter().chain(rows).collect();
        lay_out(&rows, [false, true, true, true, true, true, true, true])
    }
}

/// What a person should know of these files, a sentence or two each.
fn notices(tracks: &[Track], rate_hz: u32, mix: &Figures) -> Vec<String> {
    let files: Vec<_> = tracks.iter().map(|track| (&track.file, &track.listener.sound)).collect();
    let too_little = |stem: usize| {
        let listener = &tracks[stem].listener;
        let seconds = listener.sound.frames() as f64 / f64::from(rate_hz);
        if seconds < SHORTEST_S {
            Some(format!("it lasts {seconds:.3} s, and below {SHORTEST_S} s nothing has a loudness."))
        } else if listener.loudness.integrated_lufs() == f64::NEG_INFINITY {
            let words = "it stays below -70 LUFS, which counts as silence: turn it up, or leave it out.";
            Some(words.to_owned())
        } else {
            None
        }
    };
    let mut notices = check::notices(&files, "measured", too_little);
    if mix.sample_peak_dbfs > 0.0 {
        notices.push(format!(
            "Mix: the plain sum is {:.1} dB over full scale. As float it is whole, as 24 bits it would clip.",
            mix.sample_peak_dbfs
        ));
    }
    notices
}
