//! Where a fader's cap stands for its level: the taper, for whoever draws or moves one.

pub use crate::dsp::units::{fader_db_to_position, fader_position_to_db};
