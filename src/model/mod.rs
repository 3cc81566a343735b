//! What a balance is: plain data, `Copy` where it crosses to the audio thread.

pub mod contrast;
pub mod document;
pub mod layers;
pub mod learned;
pub mod level;
pub mod limits;
mod lines;
pub mod names;
pub mod offsets;
pub mod page;
mod salvage;
pub mod scene;
pub mod settings;
pub mod taper;
pub mod target;
pub mod text;
pub mod tone;
pub mod view;
