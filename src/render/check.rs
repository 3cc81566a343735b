//! What is odd about stems' files.

use super::source::StemFile;
use crate::analysis::Sound;
use crate::analysis::faults::words;

/// What a person should know of these files, a sentence or two each. `was` is what was done with what is no
/// number; `too_little` says of a stem that sounds, if it must, that this is not enough.
pub fn notices(
    files: &[(&StemFile, &Sound)],
    was: &str,
    too_little: impl Fn(usize) -> Option<String>,
) -> Vec<String> {
    let mut notices = Vec::new();
    for (stem, (file, sound)) in files.iter().enumerate() {
        let mut say = |what: String| notices.push(format!("{}: {what}", file.path().display()));
        let garbage = file.garbage_samples();
        if garbage > 0 {
            say(format!(
                "{garbage} samples are no numbers or absurdly large and were {was} as silence: export it again."
            ));
        }
        if sound.peak() == 0.0 {
            say("it is silent from beginning to end: leave it out, or export it again.".to_owned());
            continue;
        }
        if let Some(words) = too_little(stem) {
            say(words);
        }
        if sound.clips() > 0 {
            say(format!("it {}. Export it again at a lower level.", words::clipped(sound.clips())));
        }
        if let Some((other, _)) = files[..stem].iter().find(|(_, other)| other.is_twin(sound)) {
            say(format!("it is the same as {}, and sounds twice: leave one out.", other.path().display()));
        }
    }
    notices
}
