//! The editor: what a person sees and does. It knows the model and the meters, never the engine.
//!
//! [`console::Console`] is the whole of it, drawn over any [`gestures::Instance`]. [`window`] opens it in
//! a host; [`picture`] draws it with no window at all.

mod banners;
pub mod console;
mod details;
pub mod gestures;
mod header;
mod master;
pub mod picture;
mod strip;
pub mod theme;
pub mod widgets;
pub mod window;
