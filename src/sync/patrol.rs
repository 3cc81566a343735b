//! A thread that looks now and then.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// A thread of ours that looks after something until this is dropped. Dropping it waits for the end of the look at
/// hand: code must not run on when the plugin is unloaded.
#[derive(Debug)]
pub struct Patrol {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Patrol {
    /// Starts it. `look` is called after `pace`, and says after how long it wants to be called again, or `None` where
    /// all is done; it must wait for nobody. None where the system has no thread for it.
    pub fn start(
        name: &str,
        mut pace: Duration,
        mut look: impl FnMut() -> Option<Duration> + Send + 'static,
    ) -> Option<Self> {
        let (stop, stopped) = channel::<()>();
        let work = move || {
            while stopped.recv_timeout(pace) == Err(RecvTimeoutError::Timeout) {
                match look() {
                    Some(next) => pace = next,
                    None => return,
                }
            }
        };
        let thread = thread::Builder::new().name(name.to_owned()).spawn(work).ok()?;
        Some(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Patrol {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
