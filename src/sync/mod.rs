//! All traffic between threads below the plugin.

mod meters;

pub use meters::Meters;
