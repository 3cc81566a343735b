//! Stemwright in hosts: CLAP and VST3, the built bundles and the code linked in here.
#![allow(unsafe_code, reason = "a host speaks to a plugin by raw pointers")]

mod automation;
mod blocks;
mod conduct;
mod crate_hosts;
mod framework;
mod null;
mod recording;
mod scenes;
mod state;

#[path = "../harness/any_calls.rs"]
mod any_calls;
#[path = "../harness/any_document.rs"]
mod any_document;
#[path = "../harness/any_state.rs"]
mod any_state;
mod block;
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
#[path = "../support/child.rs"]
mod child;
#[path = "../../xtask/src/clap_host.rs"]
#[allow(dead_code, reason = "the demo uses the rest of it")]
mod clap_host;
mod format;
mod raw_clap;
mod raw_vst3;
#[path = "../support/mod.rs"]
mod support;

#[global_allocator]
static ALLOCATOR: support::no_alloc::Watched = support::no_alloc::Watched;
