//! The editor: what a person sees and does. It knows the model and the meters, never the engine.

pub mod gestures;
pub mod window;
