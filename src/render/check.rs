//! What is odd about stems' files.

use super::source::StemFile;
use crate::dsp::sanitise::sanitise;

/// From the largest sample of 16 bits on, a sample is at full scale.
const FULL_SCALE: f32 = 32_767.0 / 32_768.0;
/// This many of them in a row count as clipped: a peak that just touches full scale has one or two.
const CLIP_RUN: u32 = 3;

/// What tells a good file from an odd one.
pub struct Check {
    frames: u64,
    peaks: [f32; 2],
    /// Samples at full scale in a row so far, and how often there were enough.
    runs: [u32; 2],
    clips: u32,
    /// Equal for equal sound.
    fingerprint: u64,
}

impl Default for Check {
    fn default() -> Self {
        Self { frames: 0, peaks: [0.0; 2], runs: [0; 2], clips: 0, fingerprint: 0xCBF2_9CE4_8422_2325 }
    }
}

impl Check {
    /// Looks at the next frames of a file.
    pub fn look(&mut self, [left, right]: [&[f32]; 2]) {
        for frame in left.iter().zip(right) {
            for (side, x) in [*frame.0, *frame.1].map(sanitise).into_iter().enumerate() {
                self.peaks[side] = self.peaks[side].max(x.abs());
                let run = &mut self.runs[side];
                *run = if x.abs() >= FULL_SCALE { run.saturating_add(1) } else { 0 };
                self.clips = self.clips.saturating_add(u32::from(*run == CLIP_RUN));
                // FNV-1a, a sample at a time.
                self.fingerprint = (self.fingerprint ^ u64::from(x.to_bits())).wrapping_mul(0x100_0000_01B3);
            }
        }
        self.frames += left.len() as u64;
    }

    /// Frames seen.
    pub fn frames(&self) -> u64 {
        self.frames
    }

    /// Largest magnitude of either side.
    pub fn peak(&self) -> f32 {
        self.peaks[0].max(self.peaks[1])
    }

    fn is_twin(&self, other: &Self) -> bool {
        other.fingerprint == self.fingerprint && other.frames == self.frames
    }
}

/// What a person should know of these files, a sentence or two each. `was` is what was done with what is no
/// number; `too_little` says of a stem that sounds, if it must, that this is not enough.
pub fn notices(
    files: &[(&StemFile, &Check)],
    was: &str,
    too_little: impl Fn(usize) -> Option<String>,
) -> Vec<String> {
    let mut notices = Vec::new();
    for (stem, (file, check)) in files.iter().enumerate() {
        let mut say = |what: String| notices.push(format!("{}: {what}", file.path().display()));
        let garbage = file.garbage_samples();
        if garbage > 0 {
            say(format!(
                "{garbage} samples are no numbers or absurdly large and were {was} as silence: export it again."
            ));
        }
        if check.peak() == 0.0 {
            say("it is silent from beginning to end: leave it out, or export it again.".to_owned());
            continue;
        }
        if let Some(words) = too_little(stem) {
            say(words);
        }
        if check.clips > 0 {
            let times = if check.clips == 1 { "once".to_owned() } else { format!("{} times", check.clips) };
            say(format!(
                "it is clipped: {times} it stayed at full scale or above for {CLIP_RUN} samples or more. \
                 Export it again at a lower level."
            ));
        }
        if let Some((other, _)) = files[..stem].iter().find(|(_, other)| other.is_twin(check)) {
            say(format!("it is the same as {}, and sounds twice: leave one out.", other.path().display()));
        }
    }
    notices
}
