//! `stem-render sheet`.

use super::{Failure, catch_interrupts, progress_bar, warn, watch};
use std::path::PathBuf;
use stemwright::share::{Sheet, SheetJob};

#[derive(clap::Args)]
pub struct Arguments {
    /// The stems, as for `render`: with them the sheet says how loud each is in the mix
    #[arg(value_name = "STEM")]
    stems: Vec<PathBuf>,
    /// The balance
    #[arg(long, value_name = "FILE.json")]
    balance: PathBuf,
    /// What the sheet is headed; without it the balance file's name
    #[arg(long)]
    title: Option<String>,
    /// The page to write
    #[arg(long, value_name = "SHEET.html")]
    out: PathBuf,
    /// Replace the file if it exists
    #[arg(long)]
    force: bool,
}

pub fn run(Arguments { stems, balance, title, out, force }: Arguments) -> Result<(), Failure> {
    catch_interrupts();
    let sheet = Sheet::prepare(&SheetJob { balance, stems, title, out, replace: force })?;
    warn(sheet.notices());
    let bar = progress_bar(sheet.frames(), sheet.frames() == 0);
    let done = sheet.run(watch(&bar));
    bar.finish_and_clear();
    Ok(done?)
}
