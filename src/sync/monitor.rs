//! What whoever listens has asked for, beside the balance.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// Mono and dim while listening. Not a parameter, not saved, not rendered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Monitor {
    /// Both sides are the mean of both.
    pub mono: bool,
    /// Quieter, to talk over it.
    pub dim: bool,
}

/// The wish on its way to the audio thread. The editor writes it, and takes it back when it closes; the
/// audio thread reads it at each block. The two fields stand alone, so every access is relaxed.
#[derive(Debug, Default)]
pub struct MonitorWish {
    mono: AtomicBool,
    dim: AtomicBool,
}

impl MonitorWish {
    /// What is wished.
    pub fn get(&self) -> Monitor {
        Monitor { mono: self.mono.load(Relaxed), dim: self.dim.load(Relaxed) }
    }

    /// Editor: wishes.
    pub fn set(&self, monitor: Monitor) {
        self.mono.store(monitor.mono, Relaxed);
        self.dim.store(monitor.dim, Relaxed);
    }
}
