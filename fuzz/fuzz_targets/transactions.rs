//! The reader of transactions, on the events of JSON lines.

#![no_main]

use lab_order::Values;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    racelab_fuzz::reads_transactions(bytes, Values::Lists);
    racelab_fuzz::reads_transactions(bytes, Values::Registers);
});
