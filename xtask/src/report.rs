//! What the demo found out, as text.

use crate::demo::{Material, Rendered};
use crate::synth::Sound;
use anyhow::{Result, ensure};
use std::fmt;
use std::path::Path;
use stemwright::dsp::loudness::{KWeighting, LoudnessMeter};
use stemwright::dsp::units::gain_to_db;
use stemwright::model::document::Document;
use stemwright::model::limits::{MixParam, ParamKey, StripParam};
use stemwright::model::text;

/// Level of a sound, both sides together.
#[derive(Clone, Copy)]
struct Level {
    peak_dbfs: f64,
    /// Integrated loudness.
    lufs: f64,
}

impl Level {
    fn of(sound: &Sound, rate_hz: f64) -> Self {
        let [left, right] = &sound.sides;
        let peak = left.iter().chain(right).fold(0.0, |peak: f64, x| peak.max(f64::from(x.abs())));
        let mut loudness = LoudnessMeter::new();
        KWeighting::new(rate_hz).process(left, right, |power| loudness.push(power));
        Self { peak_dbfs: gain_to_db(peak), lufs: loudness.integrated_lufs() }
    }
}

/// Writes a level with one decimal, without a negative zero.
fn db(level: f64) -> String {
    if level.abs() < 0.05 { "0.0".to_owned() } else { format!("{level:.1}") }
}

struct Row {
    name: String,
    before: Level,
    after: Level,
    fader: String,
    pan: String,
    width: String,
}

/// The report of one demo.
pub struct Report {
    rows: Vec<Row>,
    before: Level,
    after: Level,
    output: String,
    difference: f32,
    seconds: f64,
    halfway_s: f64,
    rate_hz: u32,
}

impl Report {
    /// Measures everything.
    ///
    /// # Errors
    /// If the plugin saved another balance than it was played with, or lost a name.
    pub fn new(material: &Material, hosted: &Sound, rendered: &Rendered, saved: &Document) -> Result<Self> {
        for key in ParamKey::all() {
            let spec = key.spec();
            let [wanted, got] =
                [rendered.halfway.get(key), saved.mix.get(key)].map(|v| text::format(&spec, v));
            ensure!(wanted == got, "{} stood at {wanted} and was saved as {got}", key.name());
        }
        ensure!(saved.stems == material.document.stems, "the saved state lost names, roles or colours");
        ensure!(
            hosted.frames() == rendered.mix.frames(),
            "the hosted plugin and the engine differ in length"
        );
        let pairs = hosted.sides.iter().flatten().zip(rendered.mix.sides.iter().flatten());
        // A NaN must count as the largest difference there is.
        let difference =
            pairs.map(|(a, b)| (a - b).abs()).map(|d| if d.is_nan() { f32::INFINITY } else { d });
        let rate = f64::from(material.rate_hz);
        let rows = material.stems.iter().zip(&rendered.stems).enumerate().map(|(stem, (before, after))| {
            let shown = |param: StripParam| text::format(&param.spec(), saved.mix.stems[stem].get(param));
            Row {
                name: material.document.stems[stem].label(stem),
                before: Level::of(before, rate),
                after: Level::of(after, rate),
                fader: shown(StripParam::Fader),
                pan: shown(StripParam::Pan),
                width: shown(StripParam::Width),
            }
        });
        Ok(Self {
            rows: rows.collect(),
            before: Level::of(&material.plain_sum(), rate),
            after: Level::of(hosted, rate),
            output: text::format(&MixParam::Output.spec(), saved.mix.output_db),
            difference: difference.fold(0.0, f32::max),
            seconds: material.frames() as f64 / rate,
            halfway_s: material.halfway as f64 / rate,
            rate_hz: material.rate_hz,
        })
    }

    /// Largest difference between the hosted plugin's mix and the engine's, in dBFS.
    pub fn difference_dbfs(&self) -> f32 {
        gain_to_db(f64::from(self.difference)) as f32
    }

    fn difference(&self) -> String {
        match self.difference {
            0.0 => "none: every sample is equal".to_owned(),
            _ => format!("{:.1} dBFS at most", self.difference_dbfs()),
        }
    }

    /// The two lines for the terminal.
    pub fn summary(&self) -> String {
        format!(
            "Plain sum: peak {} dBFS, {} LUFS. Balanced: peak {} dBFS, {} LUFS.\n\
             Difference between the plugin in the host and the engine by itself: {}.",
            db(self.before.peak_dbfs),
            db(self.before.lufs),
            db(self.after.peak_dbfs),
            db(self.after.lufs),
            self.difference()
        )
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        writeln!(f, "# Stemwright demo\n")?;
        writeln!(
            f,
            "{} stems, {:.1} s at {} Hz, through the built CLAP bundle in a host: sixteen stereo inputs, blocks \
             of 512 frames. At {:.1} s the state was saved, the instance dropped, and a fresh one took it over.\n",
            self.rows.len(),
            self.seconds,
            self.rate_hz,
            self.halfway_s
        )?;
        writeln!(f, "| | Peak before | Peak after | Loudness before | Loudness after | Gain |")?;
        writeln!(f, "|---|--:|--:|--:|--:|--:|")?;
        let mix = ("**Mix**".to_owned(), &self.before, &self.after);
        let stems = self.rows.iter().map(|row| (row.name.clone(), &row.before, &row.after));
        for (name, before, after) in stems.chain([mix]) {
            let gain_db = after.lufs - before.lufs;
            let gain = if gain_db.is_finite() { db(gain_db) } else { String::new() };
            writeln!(
                f,
                "| {name} | {} | {} | {} | {} | {} |",
                db(before.peak_dbfs),
                db(after.peak_dbfs),
                db(before.lufs),
                db(after.lufs),
                gain
            )?;
        }
        writeln!(
            f,
            "\nPeaks in dBFS, loudness in LUFS (integrated, BS.1770-5) over the whole length; gain in dB from loudness \
             to loudness. A stem after is its part of the mix, rides included; the mix before is the plain sum.\n"
        )?;
        writeln!(f, "The balance at {:.1} s, in `balance.json` and `console.png`:\n", self.halfway_s)?;
        writeln!(f, "| | Fader | Pan | Width |\n|---|--:|--:|--:|")?;
        for row in &self.rows {
            writeln!(f, "| {} | {} | {} | {} |", row.name, row.fader, row.pan, row.width)?;
        }
        writeln!(f, "| **Output** | {} | | |", self.output)?;
        writeln!(f, "\nChecked:\n")?;
        writeln!(f, "- The plugin has sixteen stereo inputs, one stereo output and no latency.")?;
        writeln!(
            f,
            "- The saved state holds every control where it stood and every stem's name, and brings them back."
        )?;
        writeln!(
            f,
            "- `after.wav` against the engine by itself with the same rides at the same frames, from the same \
             two starts. Difference: {}.",
            self.difference()
        )
    }
}

/// Where everything is and what to listen to.
pub fn guide(out: &Path, is_our_piece: bool) -> String {
    let listen = if is_our_piece {
        "Listen to before.wav, then to after.wav. In the verse the pad makes room for the lead; into the chorus\n\
         (9.6 s) the lead steps forward, pad and choir come up, guitar and keys go wide, and the bells wander\n\
         from left to right. At 12.0 s the plugin was closed and opened again: nothing should be heard of it."
    } else {
        "Listen to before.wav, then to after.wav: your stems summed, and through the plugin. To try a balance,\n\
         edit a copy of balance.json and run this again with --balance."
    };
    format!(
        "\nIn {}\n  before.wav      the plain sum\n  after.wav       the mix from the plugin\n  \
         stems/          every stem as it went in\n  stems-balanced/ every stem's part of the mix\n  \
         balance.json    the plugin's state, saved half-way\n  console.png     that balance in the editor\n  \
         report.md       levels and checks\n\n{listen}",
        out.display()
    )
}
