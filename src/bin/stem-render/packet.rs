//! `stem-render packet`.

use super::{Failure, catch_interrupts, progress_bar, say, tell, warn, watch};
use std::path::PathBuf;
use stemwright::share::{Packet, PacketJob, Purpose};

#[derive(clap::Args)]
pub struct Arguments {
    /// The stems of the whole mix, as for `render`, and last the folder to write
    // In one list, so that options may stand between them.
    #[arg(value_name = "STEM... PACKET", required = true)]
    files: Vec<PathBuf>,
    /// What the packet is for: mastering, mix, remix or vocalist
    #[arg(long = "for", value_name = "PURPOSE", value_parser = purpose)]
    purpose: Purpose,
    /// The stems to pack, by name, number or role, with commas between them; without it all
    #[arg(long = "stems", value_name = "NAMES")]
    chosen: Vec<String>,
    /// The balance
    #[arg(long, value_name = "FILE.json")]
    balance: PathBuf,
    /// Pack the stems as they came, whatever the packet is for
    #[arg(long)]
    raw: bool,
    /// What the mix is called; without it the balance file's name
    #[arg(long)]
    title: Option<String>,
    /// Replace the packet if it exists and nothing in it is new or was changed
    #[arg(long)]
    force: bool,
}

pub fn run(arguments: Arguments) -> Result<(), Failure> {
    let Arguments { files: mut stems, purpose, chosen, balance, raw, title, force } = arguments;
    catch_interrupts();
    let out = stems.pop().unwrap_or_default();
    let job = PacketJob { purpose, stems, balance, chosen, raw, title, out, replace: force };
    let packet = Packet::prepare(&job)?;
    warn(packet.notices());
    for (number, name) in packet.stems() {
        tell(format_args!("stem {number:02}  {name}"));
    }
    let bar = progress_bar(packet.work(), false);
    let report = packet.run(watch(&bar));
    bar.finish_and_clear();
    let report = report?;
    for file in &report.written {
        say(format_args!("{}\n", file.display()))?;
    }
    match report.null.residual_db {
        Some(db) => say(format_args!("Stems and rest differ from the mix by {db:.1} dB re its peak.\n"))?,
        None => say("Stems and rest are the mix to the last bit.\n")?,
    }
    warn(&report.notices);
    Ok(())
}

fn purpose(word: &str) -> Result<Purpose, String> {
    let words = Purpose::ALL.map(|(_, word)| word).join(", ");
    Purpose::from_word(word).ok_or_else(|| format!("choose one of {words}"))
}
