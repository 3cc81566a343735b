//! A packet of any content: it is refused in words, or nothing outside of it is looked at, and nothing is changed.

use super::any_document;
use super::support::choose::Choose;
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use stemwright::model::document::Document;
use stemwright::share::{Merge, MergeJob, Packet, PacketJob, Purpose};
use tempfile::TempDir;

const STEM: &[u8] = include_bytes!("../fuzz/seeds/stereo_16_bits.wav");
const BALANCE: &str = "mine.json";
const PACKET: &str = "packet";
/// Where a manifest may want to lead, on one system or another.
pub const OUTSIDE: [&str; 20] = [
    "../secret.wav",
    "stems/../../secret.wav",
    "/etc/passwd",
    "C:/secret.wav",
    "C:secret.wav",
    "\\\\server\\share\\secret.wav",
    "stems\\01 A.wav",
    "..\\secret.wav",
    "./stems/01 A.wav",
    "stems//01 A.wav",
    "stems/",
    "",
    "CON",
    "stems/nul.wav",
    "stems/COM1.wav",
    "stems/lpt\u{b2}.wav",
    "CONIN$",
    "stems/01 A.wav:stream",
    "stems/01 A.wav.",
    "stems/\u{202e}vaw.A 10",
];

/// A file by its path in a folder, and its content.
type Files = Vec<(PathBuf, Vec<u8>)>;

/// A small packet, and beside it the balance that it was made of.
static SENT: LazyLock<Files> = LazyLock::new(|| {
    let folder = TempDir::new().expect("a passing folder");
    let path = |name: &str| folder.path().join(name);
    fs::write(path("Stem.wav"), STEM).expect("room on the disk");
    let mut document = Document::default();
    document.stems[0].rename("Stem");
    document.mix.stems[0].fader_db = -3.0;
    fs::write(path(BALANCE), document.to_json()).expect("room on the disk");
    let job = PacketJob {
        purpose: Purpose::Mix,
        stems: vec![path("Stem.wav")],
        balance: path(BALANCE),
        chosen: Vec::new(),
        raw: false,
        title: None,
        out: path(PACKET),
        replace: false,
    };
    let packet = Packet::prepare(&job).expect("a packet that can be made");
    packet.run(|_| ControlFlow::Continue(())).expect("a packet");
    files(folder.path(), Path::new(""))
});

/// Merges a packet with a manifest or a balance of any content; whether it was taken.
pub fn survives(choices: &mut impl Choose) -> bool {
    let folder = TempDir::new().expect("a passing folder");
    let mut sent = SENT.clone();
    let name = choices.one_of(&["packet.json", "packet.json", "packet.json", "balance.json"]);
    let (_, any) = sent.iter_mut().find(|(path, _)| path.ends_with(name)).expect("a packet has it");
    *any = if name == "packet.json" { manifest(choices, any) } else { choices.bytes(&[&*any]) };
    for (path, bytes) in &sent {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("room on the disk");
        fs::write(path, bytes).expect("room on the disk");
    }
    let taken = merge(&folder.path().join(PACKET), &folder.path().join(BALANCE)).is_ok();
    assert!(files(folder.path(), Path::new("")) == sent, "a file was changed");
    taken
}

/// Merges a packet, and says why it was not taken.
pub fn merge(packet: &Path, balance: &Path) -> Result<(), String> {
    let job = MergeJob { returned: packet.to_owned(), balance: balance.to_owned(), ..MergeJob::default() };
    let merged = Merge::prepare(&job).and_then(|merge| merge.run(|_| ControlFlow::Continue(())));
    let changes = merged.map_err(|error| {
        let message = error.to_string();
        assert!((10..600).contains(&message.chars().count()), "{message}");
        message
    })?;
    any_document::assert_sane(&changes.document);
    assert!(changes.text().lines().count() > changes.taken());
    Ok(())
}

/// A manifest of any content, with one of its texts replaced by a way out, or with one part damaged.
fn manifest(choices: &mut impl Choose, good: &[u8]) -> Vec<u8> {
    let kind = choices.below(3);
    if kind == 0 {
        return choices.bytes(&[good]);
    }
    // Every other part stands between quotation marks.
    let parts: Vec<&[u8]> = good.split(|byte| *byte == b'"').collect();
    let (at, part) = if kind == 1 {
        let at = choices.below(parts.len() / 2) * 2 + 1;
        (at, choices.one_of(&OUTSIDE).replace('\\', "\\\\").into_bytes())
    } else {
        let at = choices.below(parts.len());
        (at, choices.bytes(&[parts[at]]))
    };
    let replaced = parts.iter().enumerate().map(|(k, own)| if k == at { &part[..] } else { own });
    replaced.collect::<Vec<_>>().join(&b'"')
}

fn files(root: &Path, folder: &Path) -> Files {
    let mut found = Vec::new();
    for entry in fs::read_dir(root.join(folder)).expect("a folder") {
        let path = folder.join(entry.expect("an entry").file_name());
        if root.join(&path).is_dir() {
            found.extend(files(root, &path));
        } else {
            let bytes = fs::read(root.join(&path)).expect("a file");
            found.push((path, bytes));
        }
    }
    found.sort();
    found
}
