//! What a packet says to whoever opens it.

use super::manifest::Manifest;
use super::packet::{CHECKSUMS, MIX, REST};
use super::purpose::Contents;
use crate::render::table::lay_out;

/// The text of `README.txt`.
pub fn readme(manifest: &Manifest, contents: &Contents) -> String {
    let Manifest { title, sample_rate_hz, frames, balance, sheet, .. } = manifest;
    let seconds = *frames as f64 / f64::from(*sample_rate_hz);
    let stems = if contents.raw {
        "as it came, before any setting"
    } else {
        "as it is in the mix, after every setting and the output"
    };
    let mut rows: Vec<[String; 2]> =
        manifest.stems.iter().map(|stem| [stem.file.clone(), format!("{}, {stems}", stem.name)]).collect();
    let mut also = |file: &str, about: &str| rows.push([file.to_owned(), about.to_owned()]);
    if contents.mix {
        also(MIX, "the mix of all stems, also of those that are not in this packet");
    }
    if contents.rest {
        also(REST, "all stems that are not in this packet, as they are in the mix");
    }
    also(sheet, "every setting of these stems, for any web browser");
    also(balance, "the same for Stemwright, to be changed and sent back");
    also(CHECKSUMS, "to see whether a file has arrived whole: sha256sum -c checksums.sha256");
    also("packet.json", "what Stemwright knows of this packet");
    let proof = match manifest.null.residual_db {
        Some(db) => format!("differ from the mix by {db:.1} dB re its peak"),
        None => "are the mix to the last bit".to_owned(),
    };
    let which = match (contents.raw, contents.rest) {
        (true, _) => "These stems, played by this balance, and the rest of the mix",
        (false, true) => "These stems and the rest, added up,",
        (false, false) => "These stems and what is not in this packet, added up,",
    };
    let use_of_balance = if contents.raw {
        format!("Load {balance} with the stems in their order, and they sound as in the mix.")
    } else {
        format!(
            "The stems are processed already: add them up as they are, and do not play them by {balance}."
        )
    };
    let tracks = lay_out(&rows, [false, false]);
    format!(
        "{title}\n\n{about}\n\n{tracks}\n\
         Sound: WAV, stereo, {sample_rate_hz} Hz, 32-bit float, {minutes}:{rest:06.3} long.\n\
         All files begin together and end together.\n\
         {which} {proof}.\n\
         This was measured when the packet was written.\n\n\
         {use_of_balance}\n\n\
         To answer, change settings in {balance} and send back this folder.\n\
         `stem-render merge` lists what was changed before it takes any of it.\n\
         Leave the other files and their names as they are.\n\
         What is new goes beside them under a name of its own.\n\n\
         Written by {written_by}.\n",
        about = contents.about,
        minutes = seconds as u64 / 60,
        rest = seconds % 60.0,
        written_by = manifest.written_by,
    )
}
