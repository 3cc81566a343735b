//! A packet with a manifest or a balance of any bytes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stemwright_fuzz::any_packet;
use stemwright_fuzz::support::choose::Bytes;

fuzz_target!(|bytes: &[u8]| {
    any_packet::survives(&mut Bytes(bytes));
});
