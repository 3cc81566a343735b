//! Where the host is in its project, and whether it goes on from there.

use atomic_float::{AtomicF32, AtomicF64};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// Nearer than this to where it was to go on, the host is there: its positions are rounded, some of them to
/// musical ones.
pub(super) const TOLERANCE_S: f64 = 0.01;

/// What a host says with a block. What it does not say is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Transport {
    /// It plays, or records.
    pub is_playing: bool,
    /// Beats per minute.
    pub tempo_bpm: Option<f64>,
    /// Seconds from the project's beginning to the block's.
    pub position_s: Option<f64>,
}

/// The transport of the block at hand. Written by the export right before it calls the plugin's `process`, read
/// inside that call, on the same thread.
#[derive(Debug, Default)]
pub struct TransportCell {
    is_new: AtomicBool,
    is_playing: AtomicBool,
    /// NaN where it is not said.
    tempo_bpm: AtomicF32,
    position_s: AtomicF64,
}

impl TransportCell {
    /// Export: a host's block begins.
    pub fn set(&self, transport: &Transport) {
        self.is_playing.store(transport.is_playing, Relaxed);
        self.tempo_bpm.store(transport.tempo_bpm.map_or(f32::NAN, |bpm| bpm as f32), Relaxed);
        self.position_s.store(transport.position_s.unwrap_or(f64::NAN), Relaxed);
        self.is_new.store(true, Relaxed);
    }

    /// Audio thread: the transport, once for each of the host's blocks.
    pub fn take(&self) -> Option<Transport> {
        self.is_new.swap(false, Relaxed).then(|| Transport {
            is_playing: self.is_playing.load(Relaxed),
            tempo_bpm: Some(f64::from(self.tempo_bpm.load(Relaxed))).filter(|bpm| !bpm.is_nan()),
            position_s: Some(self.position_s.load(Relaxed)).filter(|s| !s.is_nan()),
        })
    }
}

/// Follows a host from block to block.
#[derive(Clone, Copy, Debug, Default)]
pub struct Playhead {
    was_playing: bool,
    /// Where the host's next block is to begin, in seconds.
    expected_s: Option<f64>,
}

impl Playhead {
    /// A block begins: answers whether the host begins to play with it, or goes on elsewhere.
    pub fn jumps(&mut self, now: &Transport) -> bool {
        let is_elsewhere = match (now.position_s, self.expected_s) {
            (Some(now_s), Some(expected_s)) => (now_s - expected_s).abs() > TOLERANCE_S,
            _ => false,
        };
        let jumps = now.is_playing && (!self.was_playing || is_elsewhere);
        self.was_playing = now.is_playing;
        self.expected_s = now.position_s;
        jumps
    }

    /// So much time of it has passed.
    pub fn pass(&mut self, seconds: f64) {
        self.expected_s = self.expected_s.map(|s| s + seconds);
    }
}
