//! The reader of maps of EDN.

#![no_main]

use lab_history::Format;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| racelab_fuzz::reads("[{:process 0 ", bytes, Format::Edn));
