//! The tests' harnesses and hosts, for the fuzz targets.
#![allow(dead_code, reason = "the tests use more of it")]

#[path = "../harness/any_calls.rs"]
pub mod any_calls;
#[path = "../harness/any_document.rs"]
mod any_document;
#[path = "../harness/any_file.rs"]
pub mod any_file;
#[path = "../harness/any_packet.rs"]
pub mod any_packet;
#[path = "../harness/any_state.rs"]
pub mod any_state;
#[path = "../host/block.rs"]
mod block;
#[path = "../host/format.rs"]
pub mod format;
#[path = "../host/raw_clap.rs"]
mod raw_clap;
#[path = "../host/raw_vst3.rs"]
mod raw_vst3;
#[path = "../support"]
pub mod support {
    pub mod choose;
    pub mod no_alloc;
    pub mod random;
}

#[global_allocator]
static ALLOCATOR: support::no_alloc::Watched = support::no_alloc::Watched;
