//! All traffic between threads below the plugin.

mod changes;
mod meters;
mod monitor;
mod scope;

pub use changes::Changes;
pub use meters::{Meters, Powers};
pub use monitor::{Monitor, MonitorWish};
pub use scope::Scope;
