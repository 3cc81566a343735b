//! The project's own commands, run as `cargo xtask <command>`.

mod bench;
mod bundle;
#[allow(dead_code, reason = "the integration tests use more of it")]
mod clap_host;
mod demo;
mod install;
mod kernel;
#[cfg(target_os = "linux")]
mod live;
mod lsp;
mod lv2_host;
mod picture;
mod piece;
mod readme;
mod report;
mod synth;
mod validate;
mod wav;
mod workspace;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use std::env;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use workspace::Workspace;

/// Build, hear, check and install Stemwright.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Args {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Plays stems through the release plugin and leaves sound, a picture and a report to look at.
    Demo(demo::Options),
    /// Builds the bundles and runs every test on them.
    Test {
        /// Passed on to `cargo test`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<OsString>,
    },
    /// Runs the plugin in real hosts (dawdreamer, pedalboard, Ardour) and its editor live.
    E2e {
        /// Passed on to `tests/e2e/run`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<OsString>,
    },
    /// Opens the plugin's editor on the X11 display of the environment; `e2e` does all of this.
    #[cfg(target_os = "linux")]
    #[command(subcommand)]
    Live(live::Check),
    /// Builds the CLAP and VST3 bundles and the renderer.
    Bundle,
    /// Builds the bundles and copies them to where hosts look.
    Install {
        /// Copies them into this folder instead.
        #[arg(long, value_name = "FOLDER")]
        to: Option<PathBuf>,
    },
    /// Measures what the engine costs: by default a race by the clock against a plain one.
    Bench(bench::Options),
    /// Looks whether the machine code of the inner loops calls anything.
    Kernel,
    /// Runs clap-validator, pluginval and Steinberg's validator on the bundles, where they are found.
    Validate,
    /// Writes the parameter table into README.md.
    Readme,
}

fn main() -> ExitCode {
    match run(Args::parse().task) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<ExitCode> {
    let workspace = Workspace::find()?;
    match task {
        Task::Demo(options) => demo::run(&workspace, &options)?,
        Task::Test { args } => {
            let bundles = bundle::bundle(&workspace)?;
            let mut test = Command::new("cargo");
            test.args(["test", "--workspace"]).args(args);
            return pass(test.env("STEMWRIGHT_BUNDLES", bundles.folder));
        }
        Task::E2e { args } => {
            let bundles = bundle::bundle(&workspace)?;
            let mut run = Command::new("bash");
            run.arg(workspace.root.join("tests/e2e/run")).args(args);
            run.env("STEMWRIGHT_BUNDLES", bundles.folder).env("STEM_RENDER", bundles.renderer);
            return pass(run.env("XTASK", env::current_exe().context("finding this program")?));
        }
        #[cfg(target_os = "linux")]
        Task::Live(check) => live::run(&workspace, &check)?,
        Task::Bundle => drop(bundle::bundle(&workspace)?),
        Task::Install { to } => install::run(&bundle::bundle(&workspace)?, to)?,
        Task::Bench(options) => return bench::run(&workspace, &options),
        Task::Kernel => kernel::check(&bundle::bundle(&workspace)?.clap)?,
        Task::Validate => return validate::run(&bundle::bundle(&workspace)?),
        Task::Readme => readme::write(&workspace.root)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Runs a command and passes on how it ended.
pub(crate) fn pass(command: &mut Command) -> Result<ExitCode> {
    let status = command.status().with_context(|| format!("running {command:?}"))?;
    // A command ended by a signal has no code; it failed all the same.
    Ok(ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)))
}
