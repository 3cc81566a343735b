//! The thread that judges loudness, one for each instance.

use super::shared::Shared;
use crate::balance::Listener;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// How often it looks. A host that plays in real time has 2.5 s of room.
const PACE: Duration = Duration::from_millis(100);
/// How soon it looks again where a host plays faster than anyone listens.
const HURRY: Duration = Duration::from_millis(2);

/// Listens for as long as it lives.
pub struct Listening {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Listening {
    /// None where the system has no thread for it: then there are no loudness readings.
    pub fn start(shared: Arc<Shared>) -> Option<Self> {
        let (stop, stopped) = channel::<()>();
        let work = move || {
            let mut listener = Box::new(Listener::default());
            let loudness = shared.meters.loudness();
            loudness.listen(true);
            let mut pace = PACE;
            while stopped.recv_timeout(pace) == Err(RecvTimeoutError::Timeout) {
                pace = if listener.go(loudness) { HURRY } else { PACE };
                if !loudness.is_learning()
                    && let Some(learned) = listener.take_learned()
                {
                    shared.keep_song(learned.summary());
                    loudness.has_learned();
                }
            }
            loudness.listen(false);
        };
        let thread = thread::Builder::new().name("stemwright loudness".to_owned()).spawn(work).ok()?;
        Some(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            // Code must not run on when the plugin is unloaded; a look takes well under a millisecond.
            let _ = thread.join();
        }
    }
}
