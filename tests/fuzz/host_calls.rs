//! Calls of a host in any order.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stemwright_fuzz::any_calls;
use stemwright_fuzz::format::{Format, From};
use stemwright_fuzz::support::choose::Bytes;

fuzz_target!(|bytes: &[u8]| {
    any_calls::survive(&[(Format::Clap, From::Linked), (Format::Vst3, From::Linked)], &mut Bytes(bytes));
});
