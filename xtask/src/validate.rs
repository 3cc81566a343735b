//! Runs the formats' validators on the bundles, as far as this machine has them.

use crate::bundle::Bundles;
use anyhow::Result;
use std::env;
use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::Path;
use std::process::{Command, ExitCode};

/// A validator and how to call it.
struct Validator<'a> {
    name: &'static str,
    /// The variable that says where it is.
    variable: &'static str,
    /// What it is called on the path.
    program: &'static str,
    args: Vec<&'static str>,
    bundle: &'a Path,
}

/// What came of one.
enum Outcome {
    Passed,
    Failed,
    NotFound,
}

/// Runs all that are found. The exit code is a failure only where one of them failed.
///
/// # Errors
/// If a validator is there but cannot be run.
pub fn run(bundles: &Bundles) -> Result<ExitCode> {
    let mut pluginval = vec!["--strictness-level", "10", "--validate-in-process"];
    if cfg!(target_os = "linux") && env::var_os("DISPLAY").is_none() {
        pluginval.push("--skip-gui-tests");
    }
    pluginval.push("--validate");
    let validators = [
        Validator {
            name: "clap-validator",
            variable: "CLAP_VALIDATOR",
            program: "clap-validator",
            args: vec!["validate"],
            bundle: &bundles.clap,
        },
        Validator {
            name: "pluginval",
            variable: "PLUGINVAL",
            program: "pluginval",
            args: pluginval,
            bundle: &bundles.vst3,
        },
        Validator {
            name: "Steinberg's validator",
            variable: "VST3_VALIDATOR",
            program: "validator",
            args: Vec::new(),
            bundle: &bundles.vst3,
        },
    ];
    let outcomes = validators.iter().map(Validator::run).collect::<Result<Vec<_>>>()?;
    println!();
    for (validator, outcome) in validators.iter().zip(&outcomes) {
        match outcome {
            Outcome::Passed => println!("{}: passed", validator.name),
            Outcome::Failed => println!("{}: FAILED", validator.name),
            Outcome::NotFound => println!(
                "{}: not found; put {} on the path or name it in {}",
                validator.name, validator.program, validator.variable
            ),
        }
    }
    let failed = outcomes.iter().any(|outcome| matches!(outcome, Outcome::Failed));
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

impl Validator<'_> {
    fn run(&self) -> Result<Outcome> {
        let named = env::var_os(self.variable);
        let program = named.clone().unwrap_or_else(|| OsString::from(self.program));
        println!("\n== {}", self.name);
        match Command::new(&program).args(&self.args).arg(self.bundle).status() {
            Ok(status) if status.success() => Ok(Outcome::Passed),
            Ok(_) => Ok(Outcome::Failed),
            Err(error) if named.is_none() && error.kind() == ErrorKind::NotFound => Ok(Outcome::NotFound),
            Err(error) => {
                Err(anyhow::Error::new(error).context(format!("running {}", program.to_string_lossy())))
            }
        }
    }
}
