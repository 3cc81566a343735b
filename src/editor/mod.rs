//! The editor: what a person sees and does. It knows the model and the meters, never the engine.
//!
//! [`screen::Screen`] is the whole of it, drawn over any [`gestures::Instance`]. [`window`] opens it in
//! a host; [`picture`] draws it with no window at all, and [`still`] is an instance for that.

mod analysis;
mod balance;
mod banners;
mod compare;
mod console;
pub mod dialog;
pub mod gestures;
mod groups;
mod header;
pub mod history;
mod inspector;
mod master;
pub mod picture;
pub mod presets;
mod routing;
mod scene_menu;
mod scenes;
pub mod screen;
pub mod spectrum;
mod stage;
pub mod still;
mod strip;
pub mod theme;
mod tone;
pub mod widgets;
pub mod window;
mod x11;
