//! Which stems a person means.

use super::error::ShareError;
use crate::model::document::StemInfo;
use crate::model::limits::{Role, STEMS};
use crate::model::names;

/// The stems that are meant, each once and in their order: by a name, by a number, else by a role. Several may stand
/// in one text, with commas between them, unless the whole is a name. Only the first `count` can be meant.
///
/// # Errors
/// [`ShareError::NoSuchStem`].
pub fn choose(stems: &[StemInfo; STEMS], count: usize, words: &[String]) -> Result<Vec<usize>, ShareError> {
    let mut chosen = [false; STEMS];
    for word in words {
        let whole = named(stems, count, word);
        let parts: Vec<&str> = if whole.is_empty() { word.split(',').collect() } else { vec![word] };
        for part in parts {
            let found = named(stems, count, part);
            if found.is_empty() {
                let wanted = part.trim().to_owned();
                return Err(ShareError::NoSuchStem { wanted, names: names::listed(stems) });
            }
            found.into_iter().for_each(|stem| chosen[stem] = true);
        }
    }
    Ok((0..count).filter(|stem| chosen[*stem]).collect())
}

fn named(stems: &[StemInfo; STEMS], count: usize, word: &str) -> Vec<usize> {
    let mut found = names::find(stems, word);
    found.retain(|stem| *stem < count);
    let role = Role::from_word(word).filter(|role| *role != Role::Unknown);
    if let (true, Some(role)) = (found.is_empty(), role) {
        found.extend((0..count).filter(|stem| stems[*stem].role == role));
    }
    found
}
