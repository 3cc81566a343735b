//! The thread that judges loudness, one for each instance.

use super::shared::Shared;
use crate::balance::Listener;
use crate::model::limits::STEMS;
use crate::sync::Patrol;
use std::sync::Arc;
use std::time::Duration;

/// How often it looks. A host that plays in real time has 2.5 s of room.
const PACE: Duration = Duration::from_millis(100);
/// How soon it looks again where a host plays faster than anyone listens.
const HURRY: Duration = Duration::from_millis(2);

/// Begins to listen; whoever drops the answer ends it. None where the system has no thread for it: then there are
/// no loudness readings.
pub fn listen(shared: Arc<Shared>) -> Option<Patrol> {
    let mut ears = Ears { listener: Box::default(), revision: shared.revision(), shared };
    ears.shared.meters.loudness().listen(true);
    Patrol::start("stemwright loudness", PACE, move || Some(ears.go()))
}

struct Ears {
    listener: Box<Listener>,
    /// Of the shared state that is listened to.
    revision: u32,
    shared: Arc<Shared>,
}

impl Ears {
    fn go(&mut self) -> Duration {
        let loudness = self.shared.meters.loudness();
        let revision = self.shared.revision();
        if revision != self.revision {
            // A state was loaded: what is on its way and what was learned so far are of another song.
            self.revision = revision;
            loudness.listen(true);
            if self.listener.take_learned().is_some() {
                loudness.set_learned_s(0.0, [0.0; STEMS]);
            }
        }
        let is_behind = self.listener.go(loudness);
        if !loudness.is_learning()
            && let Some(learned) = self.listener.take_learned()
        {
            self.shared.keep_song(learned.summary(), revision);
            loudness.has_learned();
        }
        if is_behind { HURRY } else { PACE }
    }
}

impl Drop for Ears {
    fn drop(&mut self) {
        self.shared.meters.loudness().listen(false);
    }
}
