//! A file of any bytes: as balance, and as stem.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stemwright_fuzz::any_file;
use stemwright_fuzz::support::choose::Bytes;

fuzz_target!(|bytes: &[u8]| {
    any_file::balance(&mut Bytes(bytes));
    any_file::stem(&mut Bytes(bytes));
});
