//! All traffic between threads below the plugin.

mod changes;
mod meters;

pub use changes::Changes;
pub use meters::{Meters, Powers};
