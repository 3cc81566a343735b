//! A state of any bytes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stemwright_fuzz::any_state;
use stemwright_fuzz::support::choose::Bytes;

fuzz_target!(|bytes: &[u8]| {
    any_state::survives(&mut Bytes(bytes));
});
