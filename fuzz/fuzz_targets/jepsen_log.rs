//! The reader of lines of Jepsen's log.

#![no_main]

use lab_history::Format;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| racelab_fuzz::reads("- 0 :invoke ", bytes, Format::JepsenLog));
