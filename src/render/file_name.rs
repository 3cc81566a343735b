//! Names that every system can give to a file.

/// Signs that some system forbids in a name, besides control characters.
const FORBIDDEN: &str = "/\\:*?\"<>|";
/// Names, with or without an ending, that Windows keeps for devices; the last two with a digit, raised ones too.
const DEVICES: [&str; 8] = ["con", "prn", "aux", "nul", "conin$", "conout$", "com", "lpt"];
const DIGITS: &str = "0123456789\u{b9}\u{b2}\u{b3}";

/// A stem's file name, such as `03 Lead Vox.wav`, that every system takes. The number keeps stems of the same name
/// apart, and in order.
pub fn of_stem(stem: usize, name: &str) -> String {
    let safe = name.replace(is_forbidden, "_");
    format!("{:02} {safe}", stem + 1).trim_end().to_owned() + ".wav"
}

/// Whether some system forbids a sign, or it lets a name be read as another: marks that turn the direction.
pub fn is_forbidden(sign: char) -> bool {
    let turns = matches!(sign, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    sign.is_control() || FORBIDDEN.contains(sign) || turns
}

/// Whether Windows takes a name for a device.
pub fn is_device(name: &str) -> bool {
    let first = name.split('.').next().unwrap_or_default().trim_end().to_lowercase();
    DEVICES.iter().any(|device| {
        first.strip_prefix(device).is_some_and(|rest| match *device {
            "com" | "lpt" => rest.chars().count() == 1 && rest.contains(|sign| DIGITS.contains(sign)),
            _ => rest.is_empty(),
        })
    })
}
