//! `stem-render merge`.

use super::{Failure, catch_interrupts, progress_bar, say, warn, watch};
use std::path::PathBuf;
use stemwright::share::{Merge, MergeJob};

#[derive(clap::Args)]
pub struct Arguments {
    /// What came back: a packet's folder, a sheet, or a balance file
    #[arg(value_name = "PACKET")]
    returned: PathBuf,
    /// Your own balance
    #[arg(long, value_name = "MINE.json")]
    balance: PathBuf,
    /// What a sheet or a balance was sent as; without it all that differs from yours counts as changed
    #[arg(long, value_name = "FILE")]
    sent: Option<PathBuf>,
    /// Your stems that may change, by name, number or role, with commas between them; without it all, and the mix
    #[arg(long = "stems", value_name = "NAMES")]
    chosen: Vec<String>,
    /// Where both have changed a setting, take theirs
    #[arg(long)]
    theirs: bool,
    /// Take the changes; without it they are listed only
    #[arg(long, requires = "out")]
    yes: bool,
    /// The balance to write
    #[arg(long, value_name = "NEW.json")]
    out: Option<PathBuf>,
    /// Replace the file if it exists
    #[arg(long)]
    force: bool,
}

pub fn run(arguments: Arguments) -> Result<(), Failure> {
    let Arguments { returned, balance, sent, chosen, theirs, yes, out, force } = arguments;
    catch_interrupts();
    let merge = Merge::prepare(&MergeJob { returned, balance, sent, chosen, theirs })?;
    let bar = progress_bar(merge.bytes(), false);
    let changes = merge.run(watch(&bar));
    bar.finish_and_clear();
    let changes = changes?;
    warn(&changes.notices);
    say(changes.text())?;
    let taken = changes.taken();
    match out.filter(|_| yes) {
        Some(out) => {
            changes.save(&out, force)?;
            say(format_args!("{}: {taken} of {} changes taken\n", out.display(), changes.changes.len()))?;
        }
        None if taken > 0 => {
            say(format_args!("Nothing was written: to take {taken} of these, add --yes --out NEW.json\n"))?
        }
        None => {}
    }
    Ok(())
}
