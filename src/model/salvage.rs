//! Reads what is whole of a damaged JSON text: one that was cut off, as a full disk or a crash leaves
//! it, or one with numbers that JSON does not have (`NaN`, `Infinity`, `1e999`).

use serde_json::Value;

/// Deeper nesting than this is not ours.
const MAX_DEPTH: usize = 32;

/// The text with every scalar that is no JSON replaced by `null`, cut back to its last whole value and
/// with every open bracket closed; `None` where nothing whole is left.
pub fn mend(text: &str) -> Option<Value> {
    let mut out = String::with_capacity(text.len());
    let mut open = Vec::new();
    // How much of `out` is whole, and which brackets are open there.
    let mut whole: Option<(usize, Vec<char>)> = None;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let len = match c {
            '"' => match string_len(rest) {
                Some(len) => len,
                None => break,
            },
            '{' | '[' | '}' | ']' | ',' | ':' => 1,
            c if c.is_whitespace() => c.len_utf8(),
            _ => scalar_len(rest),
        };
        let token = &rest[..len];
        rest = &rest[len..];
        match c {
            '{' => open.push('}'),
            '[' => open.push(']'),
            // A comma ends a value, and so does a bracket that closes.
            ',' => whole = Some((out.len(), open.clone())),
            _ => {}
        }
        if open.len() > MAX_DEPTH || (matches!(c, '}' | ']') && open.pop() != Some(c)) {
            return None;
        }
        let is_scalar = !matches!(c, '"' | '{' | '[' | '}' | ']' | ',' | ':') && !c.is_whitespace();
        if is_scalar && serde_json::from_str::<Value>(token).is_err() {
            out.push_str("null");
        } else {
            out.push_str(token);
        }
        if matches!(c, '}' | ']') {
            whole = Some((out.len(), open.clone()));
        }
    }
    let (end, open) = whole?;
    out.truncate(end);
    out.extend(open.iter().rev());
    serde_json::from_str(&out).ok()
}

/// Length of the string that `text` starts with, quotes included; `None` if it does not end.
fn string_len(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// Length of the number or word that `text` starts with.
fn scalar_len(text: &str) -> usize {
    text.find(|c: char| c.is_whitespace() || "\"{}[],:".contains(c)).unwrap_or(text.len())
}
