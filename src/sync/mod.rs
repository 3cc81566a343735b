//! All traffic between threads below the plugin.

mod audition;
mod changes;
mod loudness;
mod meters;
mod monitor;
mod newest;
mod patrol;
mod probe;
mod ring;
mod scope;
mod stem_peak;
mod tape;

pub use audition::{Audition, AuditionWish};
pub use changes::Changes;
pub use loudness::{Energies, Loudness, PeakMoment, Reading};
pub use meters::{Meters, Powers};
pub use monitor::{Monitor, MonitorWish};
pub use newest::Newest;
pub use patrol::Patrol;
pub use probe::{Figures, Probe, REPORT_FRAMES, ROW_FRAMES, ROWS, Report};
pub use ring::{Ring, Slot};
pub use scope::Scope;
pub use stem_peak::StemPeak;
pub use tape::{Reel, Room, Stretch, Tape};
