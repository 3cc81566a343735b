//! The offline renderer's command line.

use clap::{Parser, Subcommand, ValueEnum};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use stemwright::dsp::units::gain_to_db;
use stemwright::render::{Job, Measure, Render, RenderError, SampleFormat, write_new_balance};

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
    /// Write a balance file with every setting at its default, to be edited
    New {
        /// The balance file to write
        #[arg(value_name = "FILE.json")]
        balance: PathBuf,
        /// Stems to name in it, in the order they will be rendered
        #[arg(value_name = "STEM.wav")]
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
        Command::New { balance, stems, force } => write_new_balance(&balance, &stems, force),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(if matches!(error, RenderError::Interrupted) { 130 } else { 1 })
        }
    }
}

fn render(job: &Job, quiet: bool) -> Result<(), RenderError> {
    if let Err(error) = ctrlc::set_handler(|| INTERRUPTED.store(true, Ordering::Relaxed)) {
        eprintln!("warning: Ctrl-C may leave a hidden .part file behind ({error}).");
    }
    let render = Render::prepare(job)?;
    warn(render.notices());
    if !quiet {
        for (stem, (name, path)) in render.stems().enumerate() {
            eprintln!("stem {:02}  {name}  {}", stem + 1, path.display());
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
            println!("{}: {seconds:.3} s, {rate_hz} Hz, peak {peak_db:.2} dBFS", file.path.display());
        }
    }
    Ok(())
}

fn measure(files: &[PathBuf], json: bool) -> Result<(), RenderError> {
    if let Err(error) = ctrlc::set_handler(|| INTERRUPTED.store(true, Ordering::Relaxed)) {
        eprintln!("warning: Ctrl-C ends this without a word ({error}).");
    }
    let measure = Measure::prepare(files)?;
    let bar = progress_bar(measure.frames(), false);
    let measurement = measure.run(watch(&bar));
    bar.finish_and_clear();
    let measurement = measurement?;
    if json {
        println!("{}", measurement.to_json());
    } else {
        print!("{}", measurement.table());
    }
    warn(&measurement.notices);
    Ok(())
}

/// Moves the bar, until somebody interrupts.
fn watch(bar: &ProgressBar) -> impl FnMut(u64) -> ControlFlow<()> {
    |done| {
        bar.set_position(done);
        if INTERRUPTED.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

fn warn(notices: &[String]) {
    for notice in notices {
        eprintln!("warning: {notice}");
    }
}

fn progress_bar(frames: u64, quiet: bool) -> ProgressBar {
    // indicatif draws nothing by itself where stderr is no terminal.
    let target = if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
    let style = ProgressStyle::with_template("{wide_bar} {percent:>3} %  {eta} left");
    ProgressBar::with_draw_target(Some(frames), target)
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
