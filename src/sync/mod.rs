//! All traffic between threads below the plugin.

mod changes;
mod meters;
mod monitor;

pub use changes::Changes;
pub use meters::{Meters, Powers};
pub use monitor::{Monitor, MonitorWish};
