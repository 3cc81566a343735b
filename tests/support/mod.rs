//! What the test programs share. Take it in with `mod support;`.
//!
//! A program that processes audio also declares the allocator that watches it:
//!
//! ```ignore
//! #[global_allocator]
//! static ALLOCATOR: support::no_alloc::Watched = support::no_alloc::Watched;
//! ```
#![allow(dead_code, reason = "every test program uses its own part of this")]

pub mod bench;
pub mod choose;
pub mod clicks;
pub mod files;
pub mod no_alloc;
pub mod oracle;
pub mod random;
pub mod rig;
pub mod signals;
