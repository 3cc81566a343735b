//! A document within a web page: a page that says what a balance is like also holds it, and loads back.

use super::document::{Document, DocumentError, FORMAT, Loaded};

/// A page larger than this is refused, in bytes.
pub const MAX_PAGE_BYTES: usize = 4 << 20;

/// The content of a page's `<script type="application/json" id="stemwright-balance">`: the document as JSON in
/// which nothing is markup, whatever its names are.
pub fn content(document: &Document) -> String {
    // These stand within texts alone, so that escaping them changes no value.
    let marks = ['<', '>', '&', '\u{2028}', '\u{2029}'];
    let json = serde_json::to_string(document).unwrap_or_default();
    marks.into_iter().fold(json, |json, mark| json.replace(mark, &format!("\\u{:04x}", mark as u32)))
}

/// Reads a document, or the one that a page holds.
///
/// # Errors
/// [`DocumentError`] where there is none that this version can read.
pub fn document_in(bytes: &[u8]) -> Result<Loaded, DocumentError> {
    let text = String::from_utf8_lossy(bytes);
    if !text.trim_start_matches('\u{feff}').trim_start().starts_with('<') {
        return Document::from_json(bytes);
    }
    if bytes.len() > MAX_PAGE_BYTES {
        return Err(DocumentError::TooLarge(bytes.len()));
    }
    let found = find(&text);
    let json =
        found.ok_or_else(|| DocumentError::Foreign("it is a page without a balance in it".to_owned()))?;
    Document::from_json(json.as_bytes())
}

/// The content of the first script that is ours, also where a browser has written the page anew.
fn find(page: &str) -> Option<&str> {
    let mut scripts = page.split("<script").skip(1);
    scripts.find_map(|script| {
        let (tag, content) = script.split_once('>')?;
        let end = content.find("</script").unwrap_or(content.len());
        tag.contains(FORMAT).then_some(&content[..end])
    })
}
