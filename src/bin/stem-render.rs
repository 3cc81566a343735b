//! The offline renderer's command line.

#[path = "stem-render/merge.rs"]
mod merge;
#[path = "stem-render/packet.rs"]
mod packet;
#[path = "stem-render/sheet.rs"]
mod sheet;

use clap::{Parser, Subcommand, ValueEnum};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::error::Error;
use std::fmt::Display;
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use stemwright::dsp::units::gain_to_db;
use stemwright::model::target::Preset;
use stemwright::render::{
    Balance, BalanceJob, Check, Clash, Describe, DescribeJob, Job, Learn, LearnJob, Measure, Render,
    RenderError, SampleFormat, Targets, write_new_balance,
};
use stemwright::share::ShareError;

/// Why a command ended early.
type Failure = Box<dyn Error>;

/// Set by Ctrl-C and by a request to end.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Mixes stems with a Stemwright balance, sample for sample as the plugin does.
#[derive(Parser)]
#[command(
    version,
    after_help = "Exit status: 0 done, 1 refused or failed, 2 wrong usage, 130 interrupted.\n\
                  Unless it is 0, no output has been left half-written."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Render stems to a mix
    ///
    /// The mix is as long as the longest stem plus the longest delay in the balance; shorter stems are
    /// followed by silence.
    Render {
        /// The stems: one to sixteen WAV, AIFF or FLAC files of the same sample rate, mono or stereo, with
        /// 16, 24 or 32 bits or 32-bit float. The first is stem 1 of the balance, the second stem 2, and so
        /// on
        #[arg(value_name = "STEM", required = true)]
        stems: Vec<PathBuf>,
        /// The balance, as saved by Stemwright or made by `stem-render new`; without it the mix is the
        /// plain sum
        #[arg(long, value_name = "FILE.json")]
        balance: Option<PathBuf>,
        /// The mix to write
        #[arg(long, value_name = "MIX.wav")]
        out: PathBuf,
        /// Also write every stem as it is in the mix (they add up to it) into this folder, as
        /// "01 Name.wav" and so on
        #[arg(long, value_name = "FOLDER")]
        stems_out: Option<PathBuf>,
        /// Samples of the files written: float is exact and never clips, 24 is rounded without dither
        #[arg(long, value_enum, default_value = "float")]
        bits: Bits,
        /// Replace files that exist
        #[arg(long)]
        force: bool,
        /// Show warnings and errors only
        #[arg(long, short)]
        quiet: bool,
    },
    /// Measure stems and their plain sum: loudness, peaks, correlation
    ///
    /// Loudness is that of ITU-R BS.1770-5 and EBU R 128. A mono file counts as it sounds in the mix, on
    /// both sides.
    Measure {
        /// One to sixteen WAV, AIFF or FLAC files of the same sample rate, mono or stereo
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
        /// Print JSON instead of a table; null is minus infinity, or a value that does not exist
        #[arg(long)]
        json: bool,
    },
    /// Check whether stems belong together and are whole: one list, the worst first, each with its cure
    ///
    /// Twins, offsets in time, opposite polarity, clipping, silence, lengths, sample rates, names and more.
    /// Changes nothing.
    Check {
        /// One to sixteen WAV, AIFF or FLAC files
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
        /// A balance of these stems: what it mutes is left out, and what it cures already is not found
        #[arg(long, value_name = "FILE.json")]
        balance: Option<PathBuf>,
        /// Print JSON: the findings, their cures also as changes of a balance, and what each file is like
        #[arg(long)]
        json: bool,
    },
    /// Say which stems cover which in the mix and where, and what would make room
    ///
    /// A ranking by a simple model of the ear: nothing passes or fails. Changes nothing.
    Clash {
        /// The stems, as for `render`
        #[arg(value_name = "STEM", required = true)]
        stems: Vec<PathBuf>,
        /// The balance they are heard in
        #[arg(long, value_name = "FILE.json")]
        balance: Option<PathBuf>,
        /// Print JSON: the grid, the pairs by bands, and the suggestions also as changes of a balance; stems go
        /// by their place in `names`, from 0
        #[arg(long)]
        json: bool,
    },
    /// Say what the mix is like in plain units, as a whole and over the song
    Describe {
        /// The stems, as for `render`
        #[arg(value_name = "STEM", required = true)]
        stems: Vec<PathBuf>,
        /// The balance to describe; without it the plain sum
        #[arg(long, value_name = "FILE.json")]
        balance: Option<PathBuf>,
        /// Another balance of the same stems: its figures, and the differences
        #[arg(long, value_name = "FILE.json")]
        against: Option<PathBuf>,
        /// Write the figures second by second
        #[arg(long, value_name = "OUT.csv")]
        contour: Option<PathBuf>,
        /// Write them as a picture
        #[arg(long, value_name = "OUT.svg")]
        picture: Option<PathBuf>,
        /// Replace files that exist
        #[arg(long)]
        force: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Learn a song: how loud its stems are, alone and in any mix of them
    ///
    /// Plays the stems as the balance sets them up, up to their faders, and writes the balance with what was
    /// learned, for `stem-render balance` and the plugin. Nothing that sounds is changed.
    Learn {
        /// The stems, as for `render`
        #[arg(value_name = "STEM", required = true)]
        stems: Vec<PathBuf>,
        /// The balance that the stems are set up by
        #[arg(long, value_name = "FILE.json")]
        balance: Option<PathBuf>,
        /// The balance to write
        #[arg(long, value_name = "OUT.json")]
        out: PathBuf,
        /// Replace the file if it exists
        #[arg(long)]
        force: bool,
    },
    /// Balance a song that was learned
    ///
    /// Brings every stem to the loudness of its role, the lead to its loudness against the rest, and the mix to
    /// the loudness it had. Roles stand in the balance file.
    Balance {
        /// The balance, as `learn` wrote it
        #[arg(value_name = "IN.json")]
        balance: PathBuf,
        /// The stems: with them the true peak of the new mix is measured, and the output lowered where it
        /// would exceed -1 dBTP
        #[arg(value_name = "STEM")]
        stems: Vec<PathBuf>,
        /// What it is to sound like, such as {"preset": "pop", "loudness_lufs": -16}
        #[arg(long, value_name = "FILE.json", conflicts_with = "preset")]
        targets: Option<PathBuf>,
        /// The same by name: pop, rock, "lead off" or even
        #[arg(long, value_parser = preset)]
        preset: Option<Preset>,
        /// A stem that keeps its gain; may be given several times
        #[arg(long, value_name = "NAME_OR_NUMBER")]
        lock: Vec<String>,
        /// The balance to write
        #[arg(long, value_name = "OUT.json")]
        out: PathBuf,
        /// Replace the file if it exists
        #[arg(long)]
        force: bool,
    },
    /// Write a balance as a recall sheet: one web page, which loads back like a balance file
    Sheet(sheet::Arguments),
    /// Pack stems, their settings and a recall sheet for a collaborator
    ///
    /// All sound begins and ends together. That the stems and the rest are the mix is measured and written down, and so
    /// are checksums.
    Packet(packet::Arguments),
    /// List what was changed in a packet, sheet or balance that came back, and take it
    ///
    /// Stems are matched by name. A change is what became of a setting since it was sent; where you have changed it
    /// too, yours stays.
    Merge(merge::Arguments),
    /// Write a balance file with every setting at its default, to be edited
    New {
        /// The balance file to write
        #[arg(value_name = "FILE.json")]
        balance: PathBuf,
        /// Stems to name in it, in the order they will be rendered
        #[arg(value_name = "STEM")]
        stems: Vec<PathBuf>,
        /// Replace the file if it exists
        #[arg(long)]
        force: bool,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum Bits {
    #[value(name = "24")]
    Int24,
    Float,
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Render { stems, balance, out, stems_out, bits, force, quiet } => {
            let format = match bits {
                Bits::Int24 => SampleFormat::Int24,
                Bits::Float => SampleFormat::Float32,
            };
            render(&Job { stems, balance, mix: out, stems_folder: stems_out, format, replace: force }, quiet)
        }
        Command::Measure { files, json } => measure(&files, json),
        Command::Check { files, balance, json } => check(&files, balance.as_deref(), json),
        Command::Clash { stems, balance, json } => clash(&stems, balance.as_deref(), json),
        Command::Describe { stems, balance, against, contour, picture, force, json } => {
            describe(&DescribeJob { stems, balance, against, contour, picture, replace: force }, json)
        }
        Command::Learn { stems, balance, out, force } => {
            learn(&LearnJob { stems, balance, out, replace: force })
        }
        Command::Balance { balance, stems, targets, preset, lock, out, force } => {
            let targets = targets.map(Targets::File).or(preset.map(Targets::Preset));
            rebalance(&BalanceJob { balance, stems, targets, locks: lock, out, replace: force })
        }
        Command::New { balance, stems, force } => begin(&balance, &stems, force),
        Command::Sheet(arguments) => sheet::run(arguments),
        Command::Packet(arguments) => packet::run(arguments),
        Command::Merge(arguments) => merge::run(arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tell(format_args!("error: {error}"));
            ExitCode::from(if is_interrupt(&*error) { 130 } else { 1 })
        }
    }
}

fn is_interrupt(error: &(dyn Error + 'static)) -> bool {
    matches!(error.downcast_ref(), Some(RenderError::Interrupted))
        || error.downcast_ref().is_some_and(ShareError::is_interrupt)
}

fn preset(word: &str) -> Result<Preset, String> {
    let words = Preset::ALL.map(|(_, word)| format!("\"{word}\"")).join(", ");
    Preset::from_word(word).ok_or_else(|| format!("choose one of {words}"))
}

/// Lets Ctrl-C end what goes on, in order.
fn catch_interrupts() {
    if let Err(error) = ctrlc::set_handler(|| INTERRUPTED.store(true, Ordering::Relaxed)) {
        tell(format_args!("warning: Ctrl-C may leave a hidden .part file behind ({error})."));
    }
}

fn render(job: &Job, quiet: bool) -> Result<(), Failure> {
    catch_interrupts();
    let render = Render::prepare(job)?;
    warn(render.notices());
    if !quiet {
        for (stem, (name, path)) in render.stems().enumerate() {
            tell(format_args!("stem {:02}  {name}  {}", stem + 1, path.display()));
        }
    }
    let (rate_hz, frames) = (render.rate_hz(), render.frames());
    let bar = progress_bar(frames, quiet);
    let report = render.run(watch(&bar));
    bar.finish_and_clear();
    let report = report?;
    warn(&report.notices);
    if !quiet {
        let seconds = frames as f64 / f64::from(rate_hz);
        for file in &report.written {
            let peak_db = gain_to_db(f64::from(file.peak));
            let path = file.path.display();
            say(format_args!("{path}: {seconds:.3} s, {rate_hz} Hz, peak {peak_db:.2} dBFS\n"))?;
        }
    }
    Ok(())
}

fn begin(balance: &Path, stems: &[PathBuf], force: bool) -> Result<(), Failure> {
    let names = write_new_balance(balance, stems, force)?;
    say(format_args!("{}: every setting at its default\n", balance.display()))?;
    for (stem, (name, file)) in names.iter().zip(stems).enumerate() {
        say(format_args!("stem {:02}  {name}  {}\n", stem + 1, file.display()))?;
    }
    Ok(())
}

fn measure(files: &[PathBuf], json: bool) -> Result<(), Failure> {
    catch_interrupts();
    let measure = Measure::prepare(files)?;
    let bar = progress_bar(measure.frames(), false);
    let measurement = measure.run(watch(&bar));
    bar.finish_and_clear();
    let measurement = measurement?;
    say(if json { measurement.to_json() + "\n" } else { measurement.table() })?;
    warn(&measurement.notices);
    Ok(())
}

fn check(files: &[PathBuf], balance: Option<&Path>, json: bool) -> Result<(), Failure> {
    catch_interrupts();
    let check = Check::prepare(files, balance)?;
    warn(check.notices());
    let bar = progress_bar(check.frames(), false);
    let report = check.run(watch(&bar));
    bar.finish_and_clear();
    let report = report?;
    say(if json { report.to_json() + "\n" } else { report.text() })?;
    Ok(())
}

fn clash(stems: &[PathBuf], balance: Option<&Path>, json: bool) -> Result<(), Failure> {
    catch_interrupts();
    let clash = Clash::prepare(stems, balance)?;
    warn(clash.notices());
    let bar = progress_bar(clash.frames(), false);
    let report = clash.run(watch(&bar));
    bar.finish_and_clear();
    let report = report?;
    say(if json { report.to_json() + "\n" } else { report.text() })?;
    Ok(())
}

fn describe(job: &DescribeJob, json: bool) -> Result<(), Failure> {
    catch_interrupts();
    let describe = Describe::prepare(job)?;
    warn(describe.notices());
    let bar = progress_bar(describe.frames(), false);
    let description = describe.run(watch(&bar));
    bar.finish_and_clear();
    let description = description?;
    say(if json { description.to_json() + "\n" } else { description.text() })?;
    Ok(())
}

fn learn(job: &LearnJob) -> Result<(), Failure> {
    catch_interrupts();
    let learn = Learn::prepare(job)?;
    warn(learn.notices());
    let bar = progress_bar(learn.frames(), false);
    let report = learn.run(watch(&bar));
    bar.finish_and_clear();
    let report = report?;
    say(report.table())?;
    say(format_args!("{}: {:.1} s of sound learned\n", job.out.display(), report.seconds))?;
    warn(&report.notices);
    Ok(())
}

fn rebalance(job: &BalanceJob) -> Result<(), Failure> {
    catch_interrupts();
    let balance = Balance::prepare(job)?;
    warn(balance.notices());
    let bar = progress_bar(balance.frames(), balance.frames() == 0);
    let report = balance.run(watch(&bar));
    bar.finish_and_clear();
    say(report?.text())
}

/// Moves the bar, until somebody interrupts.
fn watch(bar: &ProgressBar) -> impl FnMut(u64) -> ControlFlow<()> {
    |done| {
        bar.set_position(done);
        if INTERRUPTED.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

/// Prints an answer. Whoever listens may leave before its end, as `head` does; the work is done all the same.
fn say(answer: impl Display) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(printable(answer).as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(format!("the answer cannot be written ({error}): check the place it is sent to").into())
        }
        _ => Ok(()),
    }
}

/// Says something beside the answer, whether anybody listens or not.
fn tell(remark: impl Display) {
    let _ = writeln!(io::stderr(), "{}", printable(remark));
}

/// Without signs that a terminal obeys, for files that come from others may be called anything: they are spelled as in
/// JSON.
fn printable(text: impl Display) -> String {
    let is_obeyed = |sign: char| sign.is_control() && sign != '\n';
    let spelled =
        |sign| if is_obeyed(sign) { format!("\\u{:04x}", u32::from(sign)) } else { sign.to_string() };
    text.to_string().chars().map(spelled).collect()
}

fn warn<'a>(notices: impl IntoIterator<Item = &'a String>) {
    for notice in notices {
        tell(format_args!("warning: {notice}"));
    }
}

fn progress_bar(frames: u64, quiet: bool) -> ProgressBar {
    // indicatif draws nothing by itself where stderr is no terminal.
    let target = if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
    let style = ProgressStyle::with_template("{wide_bar} {percent:>3} %  {eta} left");
    ProgressBar::with_draw_target(Some(frames), target)
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
