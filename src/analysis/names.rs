//! What stems are called: whether a list of them sorts, and whether a name says anything.

/// Words that say nothing of what a stem plays.
const EMPTY_WORDS: [&str; 34] = [
    "audio",
    "bounce",
    "bounced",
    "bus",
    "channel",
    "clip",
    "consolidated",
    "copy",
    "edit",
    "export",
    "exported",
    "file",
    "final",
    "freeze",
    "frozen",
    "group",
    "l",
    "left",
    "mixdown",
    "mono",
    "new",
    "print",
    "r",
    "rec",
    "recording",
    "region",
    "render",
    "rendered",
    "right",
    "stem",
    "stems",
    "stereo",
    "track",
    "untitled",
];

/// Numbers that do: drum machines.
const DRUM_MACHINES: [&str; 4] = ["606", "707", "808", "909"];

/// A name in words and numbers: `Stem_10b` has `stem`, `10`, `b`.
fn parts(name: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    let mut before = None;
    for c in name.chars() {
        let kind = if c.is_ascii_digit() {
            Some(true)
        } else if c.is_alphanumeric() {
            Some(false)
        } else {
            None
        };
        match (kind, parts.last_mut()) {
            (Some(_), Some(part)) if kind == before => part.extend(c.to_lowercase()),
            (Some(_), _) => parts.push(c.to_lowercase().collect()),
            (None, _) => {}
        }
        before = kind;
    }
    parts
}

fn is_number(part: &str) -> bool {
    part.starts_with(|c: char| c.is_ascii_digit())
}

/// Whether a name says nothing of what is to be heard: numbers, and words such as "Audio" or "bounce".
pub fn says_nothing(name: &str) -> bool {
    let is_empty =
        |part: &str| EMPTY_WORDS.contains(&part) || (is_number(part) && !DRUM_MACHINES.contains(&part));
    parts(name).iter().all(|part| is_empty(part))
}

/// New names for those that would not sort in the order of their numbers, as "Stem 10" comes before "Stem 2":
/// their first number that differs gets zeros before it. None for names that are well as they are.
pub fn sorted(names: &[String]) -> Vec<Option<String>> {
    let mut renamed: Vec<Option<String>> = vec![None; names.len()];
    for at in 0..names.len() {
        let Some((before, _, _)) = numbered(&names[at]) else { continue };
        let family: Vec<usize> = (0..names.len())
            .filter(|other| numbered(&names[*other]).is_some_and(|n| n.0 == before))
            .collect();
        if family[0] != at {
            continue;
        }
        let digits = |at: &usize| numbered(&names[*at]).map_or(0, |(_, digits, _)| digits.len());
        let width = family.iter().map(digits).max().unwrap_or(0);
        let mut by_text: Vec<usize> = family.clone();
        by_text.sort_by_key(|at| names[*at].to_lowercase());
        let value = |at: &usize| numbered(&names[*at]).and_then(|(_, digits, _)| digits.parse::<u64>().ok());
        if by_text.is_sorted_by_key(value) {
            continue;
        }
        for at in family.into_iter().filter(|at| digits(at) < width) {
            if let Some((before, digits, after)) = numbered(&names[at]) {
                renamed[at] = Some(format!("{}{digits:0>width$}{after}", &names[at][..before.len()]));
            }
        }
    }
    renamed
}

/// A name around its first number; what stands before it in small letters.
fn numbered(name: &str) -> Option<(String, &str, &str)> {
    let start = name.find(|c: char| c.is_ascii_digit())?;
    let (before, rest) = name.split_at(start);
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    Some((before.to_ascii_lowercase(), &rest[..end], &rest[end..]))
}
